"""How alike all pairs of a class's works are, and how many pairs so alike honest students would give.

The score is the share of signs that two works have in common in the same order (twice the longest common subsequence
over both lengths). How far honest work is alike depends on what was asked, so that it is taken from this class: the
tenth of all pairs that are most alike is taken for the tail of a generalised Pareto distribution, fitted by probability
weighted moments (Hosking and Wallis 1987). Its shape is held between an exponential tail and a slightly shorter one, so
that a few copies cannot bend it, nor a few pairs make chance seem smaller than it is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from casestudy.classroom.likeness.tokens import Sign

FEWEST = 12  # works, of which 66 pairs can be made; with fewer, nothing is said of chance
TAIL = 0.1  # the share of all pairs from which chance is read
SHORTEST, ENOUGH = 0.1, 100  # the shape of the shortest tail that is believed, and from how many pairs one is read
NEAR = 0.9  # works as alike as this count once when chance is read from the class: a hundred copies are no chance
RARE = 0.05  # honest pairs expected in the whole class: fewer is a reason to look
FIRST = 0x10000  # characters that stand for signs


@dataclass(frozen=True)
class Pair:
    """Two students' works: their score from 0 to 1, and how many honest pairs of this class would be as alike."""

    first: str
    second: str
    score: float
    expected: float


@dataclass(frozen=True)
class Alike:
    """What came of comparing a class. pairs: those that are a reason to look, the most alike first.

    compared: works long enough to be compared; short: students whose work is not; middle and high: the score that
    half of all pairs exceed, and one in a hundred; border: the score from which a pair is a reason to look, above 1
    where no pair can be, None where there are too few works to say.
    """

    what: str
    pairs: tuple[Pair, ...]
    compared: int
    short: tuple[str, ...]
    middle: float = 0.0
    high: float = 0.0
    border: float | None = None

    @property
    def groups(self) -> list[list[str]]:
        """Students whom pairs join, directly or through others, the largest group first.

        >>> Alike("", (Pair("a", "b", 1, 0), Pair("b", "c", 1, 0), Pair("x", "y", 1, 0)), 9, ()).groups
        [['a', 'b', 'c'], ['x', 'y']]
        """
        return _joined([(pair.first, pair.second) for pair in self.pairs])


def alike(
    what: str, works: Mapping[str, Sequence[Sign]], least: int, together: Mapping[str, str] | None = None
) -> Alike:
    """Compare each work with each; works of fewer than `least` signs are left out.

    together: by student a group that hands in together; its members are not compared with each other.
    """
    long = {id: signs for id, signs in sorted(works.items()) if len(signs) >= least}
    short = tuple(id for id in sorted(works) if id not in long)
    if len(long) < FEWEST:
        return Alike(what, (), len(long), short)
    ids, table = list(long), scores(list(long.values()))
    kept = _once(table)
    if len(kept) < FEWEST:
        return Alike(what, (), len(long), short)
    honest = table[np.ix_(kept, kept)][np.triu_indices(len(kept), 1)]
    chance = Chance.read(honest, len(ids))
    groups = [(together or {}).get(id, "") for id in ids]
    rows, columns = np.triu_indices(len(ids), 1)
    found = [
        Pair(ids[row], ids[column], float(table[row, column]), chance.expected(float(table[row, column])))
        for row, column in zip(rows, columns, strict=True)
        if table[row, column] >= chance.border and not (groups[row] and groups[row] == groups[column])
    ]
    found.sort(key=lambda pair: (-pair.score, pair.first, pair.second))
    middle, high = np.quantile(honest, [0.5, 0.99])
    return Alike(what, tuple(found), len(long), short, float(middle), float(high), chance.border)


def scores(works: Sequence[Sequence[Sign]]) -> np.ndarray:
    """The score of each work with each, works x works.

    >>> one, other = [Sign(word, 0, 0) for word in "a b c d".split()], [Sign(word, 0, 0) for word in "a c d e".split()]
    >>> scores([one, other]).round(2).tolist()  # a, c and d of four and four
    [[1.0, 0.75], [0.75, 1.0]]
    """
    from rapidfuzz import process  # here, since most commands do without
    from rapidfuzz.distance import Indel

    letters = spelt(works)
    return process.cdist(letters, letters, scorer=Indel.normalized_similarity, dtype=np.float64, workers=1)


def spelt(works: Sequence[Sequence[Sign]]) -> list[str]:
    """Each work with one character for each of its signs, the same for the same."""
    known: dict[str, str] = {}
    return ["".join(known.setdefault(sign.text, chr(FIRST + len(known))) for sign in signs) for signs in works]


@dataclass(frozen=True)
class Chance:
    """How honest scores thin out above `start`: by `scale`, and towards an end for a `shape` above 0."""

    start: float
    scale: float
    shape: float
    beyond: float  # pairs of the whole class that lie above the start

    @classmethod
    def read(cls, honest: np.ndarray, students: int) -> "Chance":
        """From the scores of pairs, for all pairs of so many students.

        >>> chance = Chance.read(np.arange(1, 101) / 100, students=15)  # ten of these 100 scores lie above 0.901
        >>> round(chance.start, 6), round(chance.expected(0.901), 6)  # a tenth of 105 pairs
        (0.901, 10.5)
        """
        start = float(np.quantile(honest, 1 - TAIL))
        above = np.sort(honest[honest > start] - start)
        number = len(above)
        if not number:
            return cls(start, 0.0, 0.0, 0.0)
        mean = float(above.mean())
        weighted = float((above * (1 - (np.arange(1, number + 1) - 0.35) / number)).mean())
        shape = mean / (mean - 2 * weighted) - 2 if number >= ENOUGH and mean > 2 * weighted else 0.0
        shape = min(max(shape, 0.0), SHORTEST)
        return cls(start, mean * (1 + shape), shape, math.comb(students, 2) * number / len(honest))

    def expected(self, score: float) -> float:
        """How many pairs of a class of honest students would be at least so alike.

        >>> round(Chance(start=0.5, scale=0.1, shape=0, beyond=10).expected(0.6), 4)  # 10 / e
        3.6788
        """
        far = max(0.0, score - self.start)
        if not self.scale:
            return self.beyond
        if not self.shape:
            return self.beyond * math.exp(-far / self.scale)
        return self.beyond * max(0.0, 1 - self.shape * far / self.scale) ** (1 / self.shape)

    @property
    def border(self) -> float:
        """The score above which fewer than RARE honest pairs are expected; above 1 where even equal works are none."""
        if not self.scale:
            return math.inf
        ratio = max(1.0, self.beyond / RARE)
        if not self.shape:
            return self.start + self.scale * math.log(ratio)
        return self.start + self.scale / self.shape * (1 - ratio**-self.shape)


def _once(table: np.ndarray) -> list[int]:
    """Works of which each stands for those that are nearly the same."""
    rows, columns = np.nonzero(np.triu(table >= NEAR, 1))
    groups = _joined(list(zip(rows.tolist(), columns.tolist(), strict=True)))
    doubled = {number for group in groups for number in group[1:]}
    return [number for number in range(len(table)) if number not in doubled]


def _joined(pairs: list[tuple]) -> list[list]:
    """What is joined by pairs, directly or through others, the largest group first."""
    of: dict = {}
    for one, other in pairs:
        first, second = of.setdefault(one, {one}), of.setdefault(other, {other})
        if first is not second:
            large, small = sorted((first, second), key=len, reverse=True)
            large |= small
            of.update(dict.fromkeys(small, large))
    groups = {id(group): sorted(group) for group in of.values()}
    return sorted(groups.values(), key=lambda group: (-len(group), group))
