"""Can facts hold at once? A witness, or the few of them that cannot; every answer is checked in exact arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from casestudy.proof import certificates
from casestudy.proof.ends import LINE
from casestudy.proof.propagation import Box, point, propagate
from casestudy.proof.rules import Facts, components, names

HALVINGS = 48  # boxes tried before a question is left undecided


@dataclass(frozen=True)
class Answer:
    """Of some facts: `holds` with a point where they do, `fails` with a core, or `undecided`.

    Core: facts that cannot hold at once whatever else does.
    """

    word: str
    point: Mapping[str, Fraction] = field(default_factory=dict)
    core: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Core:
    """Facts that cannot hold at once.

    minimal: without any one of them the others in it can, each seen by a point. restores: those of them that, left out
    alone, let all hold that has to do with them, other cores included.
    """

    facts: frozenset[str]
    minimal: bool
    restores: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Proof:
    """What became of the facts. word: `holds`, `fails` or `undecided`.

    point: where all hold at once. cores: sets that cannot, not all there are: after each its widest rule is put aside.
    open: facts among which, the cores put aside, it could not be decided.
    """

    word: str
    point: Mapping[str, Fraction]
    cores: tuple[Core, ...]
    open: frozenset[str]


def prove(facts: Facts) -> Proof:
    """Whether all facts can hold at once.

    >>> from casestudy.proof.rules import rule
    >>> said = {"half": "x == 2 * y", "small": "x <= 3", "large": "y >= 2", "other": "z >= 1"}
    >>> proof = prove({name: (rule(text),) for name, text in said.items()})
    >>> proof.word, [sorted(core.facts) for core in proof.cores]
    ('fails', [['half', 'large', 'small']])
    """
    cores: list[Core] = []
    whole: dict[str, Fraction] = {}
    undecided: set[str] = set()
    for group in components(facts):
        own, last = Prover(group).cores()
        cores += own
        whole |= last.point
        undecided |= group.keys() if last.word == "undecided" else set()
    word = "fails" if cores else "undecided" if undecided else "holds"
    return Proof(word, whole if word == "holds" else {}, tuple(cores), frozenset(undecided))


class Prover:
    """Answers about subsets of facts that share variables; each subset is asked about once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: dict[frozenset[str], Answer] = {}

    def ask(self, chosen: Iterable[str]) -> Answer:
        """Whether these can hold at once; a core is one that was proved by itself, too."""
        chosen = frozenset(chosen)
        parts = [self._part(frozenset(group)) for group in components(self._only(chosen))]
        if failing := [part for part in parts if part.word == "fails"]:
            return min(failing, key=lambda part: (len(part.core), sorted(part.core)))
        if any(part.word == "undecided" for part in parts):
            return Answer("undecided")
        return Answer("holds", {name: number for part in parts for name, number in part.point.items()})

    def _part(self, chosen: frozenset[str]) -> Answer:
        if chosen not in self._known:
            answer = _answer(self._only(chosen))
            if answer.core < chosen and answer.word == "fails" and self.ask(answer.core).word != "fails":
                answer = replace(answer, core=chosen)
            self._known[chosen] = answer
        return self._known[chosen]

    def _only(self, chosen: frozenset[str]) -> Facts:
        return {name: rules for name, rules in self.facts.items() if name in chosen}

    def minimal(self, core: Iterable[str]) -> Core:
        """A core that no fact can leave, by deletion; not minimal where that stayed undecided for some fact."""
        core, sure = frozenset(core), True
        for name in sorted(core):
            if name in core:
                answer = self.ask(core - {name})
                core = answer.core if answer.word == "fails" else core
                sure = sure and answer.word != "undecided"
        return Core(core, sure)

    def cores(self) -> tuple[list[Core], Answer]:
        """Cores, each around one formula or premise if there is such a one, and the answer for what then is left."""
        found: list[Core] = []
        left, width = set(self.facts), {name: len(names(rules)) for name, rules in self.facts.items()}
        for hub in sorted((name for name in self.facts if width[name] > 1), key=lambda name: (width[name], name)):
            near = {name for name in left if names(self.facts[name]) <= names(self.facts[hub])}
            if hub in left and (answer := self.ask(near)).word == "fails":
                found.append(self.minimal(answer.core))
                left.discard(self._blamed(found[-1].facts, width))
        while (answer := self.ask(left)).word == "fails":
            found.append(self.minimal(answer.core))
            left.discard(self._blamed(found[-1].facts, width))
        return [replace(core, restores=frozenset(filter(self._restores, core.facts))) for core in found], answer

    @staticmethod
    def _blamed(core: frozenset[str], width: Mapping[str, int]) -> str:
        """What is put aside to look for further cores: the widest rule, a formula or premise rather than a figure."""
        return max(core, key=lambda name: (width[name], name))

    def _restores(self, name: str) -> bool:
        return self.ask(self.facts.keys() - {name}).word == "holds"


def _answer(facts: Facts) -> Answer:
    box, why, core = propagate(facts)
    if core is not None:
        return Answer("fails", core=core)
    if (found := point(facts, box)) is not None:
        return Answer("holds", found)
    core = certificates.by_sum(facts) or certificates.by_product(facts, box, why)
    if core is None and (found := point(facts, box, certificates.near(facts))) is not None:
        return Answer("holds", found)
    core = core or _by_halves(facts, box, why)
    return Answer("undecided") if core is None else Answer("fails", core=core)


def _by_halves(facts: Facts, box: Box, why: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    """Facts that leave nothing in either half of what a variable can be, nor in halves of halves; None if some do.

    why: the facts behind `box`, which belong to the proof.
    """
    left = HALVINGS

    def refuted(box: Box) -> frozenset[str] | None:
        nonlocal left
        wide = {name: _width(box.get(name, LINE)) for name in names(rule for said in facts.values() for rule in said)}
        name = max(wide, key=lambda name: (wide[name], name), default="")
        left -= 2
        if left < 0 or not name or wide[name] <= 0:
            return None
        (low, under), (high, over) = box[name]
        middle = (low + high) / 2
        together: frozenset[str] = frozenset()
        for half in (((low, under), (middle, 0)), ((middle, 0), (high, over))):
            inner, why, core = propagate(facts, box | {name: half}, name)
            if core is None:
                core = refuted(inner)
                if core is None:
                    return None
                together = together.union(*why.values())
            together |= core
        return together

    found = refuted(box)
    return None if found is None else found.union(*why.values())


def _width(ends: tuple) -> float:
    """Relative width, so that people and shares are halved in turn; none where an end is open."""
    (low, _), (high, _) = ends
    if abs(low) == float("inf") or abs(high) == float("inf"):
        return -1.0
    return float((high - low) / max(abs(low), abs(high), 1))
