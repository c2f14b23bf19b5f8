"""Item analysis: for each question the share of its points that is earned, and how it goes with the other questions."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casestudy.classroom.items.estimates import Estimate, correlation, difference, share

SMALL = 30  # students: with fewer an interval is wide, and says so by itself only to whom intervals are familiar
TAIL = 0.27  # of the class, at either end (Kelley 1939)

Points = Mapping[str, Sequence[float | None]]  # by question, one entry a student; None where nobody has read it yet


@dataclass(frozen=True)
class Item:
    """One question. difficulty: mean share of its points; discrimination: its correlation with the rest of the points.

    apart: the mean share of the upper 27 per cent of the class, by the rest of the points, less that of the lower.
    None where it cannot be told: nobody was marked, or everybody has the same.
    """

    question: str
    n: int
    difficulty: Estimate | None
    discrimination: Estimate | None
    apart: Estimate | None


def items(points: Points, out_of: Mapping[str, float]) -> dict[str, Item]:
    """Every question of a class. points: as they stand; out_of: what each question counts.

    The rest of a question is the sum of the others' points, of those questions that are marked for every student.

    >>> found = items({"a": [1, 1, 0, 0], "b": [2, 2, 0, 1]}, {"a": 1, "b": 2})
    >>> found["a"].difficulty.value, found["b"].difficulty.value
    (0.5, 0.625)
    >>> round(found["a"].discrimination.value, 4)  # distances 1/2, 1/2, -1/2, -1/2 and 3/4, 3/4, -5/4, -1/4
    0.9045
    """
    whole = [question for question, given in points.items() if None not in given]
    found = {}
    for question, given in points.items():
        kept = [number for number, one in enumerate(given) if one is not None]
        shares = [min(1.0, max(0.0, float(given[number] or 0) / out_of[question])) for number in kept]
        others = [other for other in whole if other != question]
        rest = [math.fsum(points[other][number] or 0 for other in others) for number in kept]
        found[question] = Item(
            question,
            len(kept),
            share(math.fsum(shares), len(shares)),
            correlation(shares, rest) if others else None,
            apart(shares, rest) if others else None,
        )
    return found


def apart(shares: Sequence[float], rest: Sequence[float]) -> Estimate | None:
    """The mean share of the upper 27 per cent by the rest less that of the lower; None where the ends would meet.

    Students with equal rests at a border count in equal parts, so that their order does not matter.

    >>> apart([0, 0, 0.5, 0.5, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7]).value
    1.0
    """
    size = round(TAIL * len(rest))
    if size < 1 or len(set(rest)) < 2:
        return None
    low, high = _end(shares, rest, size), _end(shares, [-one for one in rest], size)
    return difference(high, low)


def _end(shares: Sequence[float], rest: Sequence[float], size: int) -> Estimate:
    """The mean share of the students with the lowest rests, so many of them."""
    border = sorted(rest)[size - 1]
    inside = [one for one, score in zip(shares, rest, strict=True) if score < border]
    tied = [one for one, score in zip(shares, rest, strict=True) if score == border]
    earned = math.fsum(inside) + math.fsum(tied) * (size - len(inside)) / len(tied)
    found = share(min(earned, float(size)), size)
    assert found is not None
    return found
