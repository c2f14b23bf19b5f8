"""Rules of formulas, and of the premises and outside figures that a claim is held against."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from casestudy import intervals
from casestudy.check import units
from casestudy.check.fault import Fault
from casestudy.check.figures import empty
from casestudy.check.sheet import Sheet, nearest_of
from casestudy.claims.reading import DEFAULT, bounds
from casestudy.claims.register import DEEPEST
from casestudy.intervals import Interval
from casestudy.refusals import Refusal


@dataclass
class Formulas:
    """The formulas of a register, each read once."""

    claims: Sheet
    doubtful: frozenset[str] = frozenset()  # claims whose own unit or value has a fault
    bounds_of: dict[str, Interval | None] = field(default_factory=dict)
    leaves_of: dict[str, Counter[str] | None] = field(default_factory=dict)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Formulas by id; of an id that stands twice, the first."""
        given = self.claims.text("formula")
        return {id: str(given[line]) for id, line in self.claims.ids.items() if pd.notna(given[line])}

    @cached_property
    def names(self) -> dict[str, list[str] | Refusal]:
        """The ids that each formula names, or why it cannot be read."""
        return {id: _names(text) for id, text in self.texts.items()}

    @cached_property
    def numberless(self) -> set[str]:
        """Ids of claims in which no number stands, not even one that cannot be read."""
        silent = empty(self.claims)
        return {id for id, line in self.claims.ids.items() if silent[line]}

    @cached_property
    def sound(self) -> dict[int, dict]:
        """Rows, by line, whose numbers can be read and whose ends are in order."""
        columns = ["value", "resolution", "low", "high", "relation", "printed"]
        rows = pd.DataFrame({name: self.claims.typed.get(name, self.claims.text(name)) for name in columns})
        wrong = (self.claims.number("low") > self.claims.number("high")) | (self.claims.number("resolution") <= 0)
        return rows[~self.claims.unread(*columns[:4]) & ~wrong].to_dict("index")

    def known(self, id: str) -> bool:
        """Whether there is such a claim, be its row damaged or whole."""
        return id in self.claims.ids or id in self.claims.lost

    def parts(self, id: str) -> list[str]:
        """The ids that a claim's formula names; none where it has none, or one that cannot be read."""
        found = self.names.get(id, [])
        return [] if isinstance(found, Refusal) else found

    @cached_property
    def depth(self) -> dict[str, int]:
        """How many formulas lie one upon the other up to each claim; none for what is in a circle, or rests on one."""
        waiting = {id: {name for name in self.parts(id) if name in self.texts} for id in self.texts}
        found = {id: 0 for id in self.claims.ids if id not in self.texts}
        users: dict[str, list[str]] = {}
        for id, parts in waiting.items():
            for name in parts:
                users.setdefault(name, []).append(id)
        free = [id for id, parts in waiting.items() if not parts]
        while free:
            id = free.pop()
            found[id] = 1 + max((found.get(name, 0) for name in self.parts(id)), default=0)
            for user in users.get(id, []):
                waiting[user].discard(id)
                if not waiting[user]:
                    free.append(user)
        return found

    def circle(self, id: str) -> list[str]:
        """The shortest way on which a formula comes back to its own claim; empty where there is none."""
        ways, seen = [[id]], {id}
        while ways:
            way = ways.pop(0)
            for name in self.parts(way[-1]):
                if name == id:
                    return [*way, id]
                if name not in seen and name not in self.depth:
                    seen.add(name)
                    ways.append([*way, name])
        return []

    def leaves(self, id: str) -> Counter[str] | None:
        """The claims without a formula on which one rests, each as often as it is used; None where that is unknown."""
        if id not in self.leaves_of:
            self.leaves_of[id] = None  # which a circle meets
            below = [self.leaves(part) for part in self.parts(id)]
            if not self.parts(id):
                self.leaves_of[id] = Counter([id])
            elif None not in below:
                self.leaves_of[id] = sum((each for each in below if each), Counter())
        return self.leaves_of[id]

    def bounds(self, id: str) -> Interval | None:
        """What a claim can mean, through its formula where it has one; None where something below it is damaged.

        Raises Refusal where the formula itself cannot be reckoned.
        """
        if id not in self.bounds_of:
            self.bounds_of[id] = None
            self.bounds_of[id] = self._reckoned(id)
        return self.bounds_of[id]

    def _reckoned(self, id: str) -> Interval | None:
        if id not in self.claims.ids:
            return None
        if id not in self.texts:
            row = self.sound.get(self.claims.ids[id])
            try:
                return None if row is None else bounds(pd.Series(row, name=id), DEFAULT)
            except Refusal:
                return None
        values = {}
        for name in set(self.parts(id)):
            try:
                values[name] = self.bounds(name)
            except Refusal:  # told where it stands
                return None
        known = {name: value for name, value in values.items() if value is not None}
        return intervals.evaluate(self.texts[id], known) if known and len(known) == len(values) else None


def _names(text: str) -> list[str] | Refusal:
    try:
        return intervals.names(text)
    except Refusal as refusal:
        return refusal


def faults(claims: Sheet, earlier: list[Fault]) -> list[Fault]:
    """What is wrong with the formulas of a register. earlier: faults of its rows, from which others would follow."""
    if not claims.has("id", "formula"):
        return []
    doubtful = {one.row for one in earlier if one.file == claims.file and one.column in ("unit", "value")}
    formulas = Formulas(claims, frozenset(doubtful))
    found = []
    for id, line in claims.ids.items():
        if id in formulas.texts:
            found += [claims.fault(line, "formula", *told) for told in _formula(formulas, id)]
        elif claims.text("kind")[line] == "derived":
            must = "not be empty: a derived claim is computed from others"
            found.append(claims.fault(line, "formula", must, "write it, or name another kind"))
    beside = claims.text("formula").notna() & claims.text("outside").notna()
    do = "a claim is held against its formula or against a report, not both"
    return [*found, *claims.faults(beside, "outside", "be empty beside a formula", do)]


def _formula(formulas: Formulas, id: str) -> Iterator[tuple[str, str]]:
    """What must hold of one formula and does not, and what to do; what follows from another fault is not told."""
    names = formulas.names[id]
    if isinstance(names, Refusal):
        yield "be a formula of ids and numbers, with + - * / ( )", str(names).partition(": ")[0]
        return
    if id in formulas.numberless:
        yield "be empty where the claim has no number", "write value, low and high, or take the formula away"
        return
    if not names:
        yield "name a claim", "a number alone is no formula"
        return
    known = formulas.claims.ids
    for name in dict.fromkeys(names):
        if not formulas.known(name):
            yield f"name claims: {name} is none", nearest_of(name, known) or "write the id of a claim"
        elif name in formulas.numberless:
            yield f"name claims with a number: {name} has none", "give that one its value and ends, or name another"
    if id not in formulas.depth:
        if way := formulas.circle(id):
            shown = way if len(way) <= 6 else [*way[:3], "...", *way[-2:]]
            yield f"not come back to itself: {' -> '.join(shown)}", "break the chain: one of them needs no formula"
        return
    if formulas.depth[id] > DEEPEST:
        yield f"not build on more than {DEEPEST} others", "shorten the chain: one of them needs no formula"
        return
    yield from _twice(formulas, id, names)
    try:
        formulas.bounds(id)
    except Refusal as refusal:
        if "divides by" in str(refusal):
            yield (
                f"not divide by a range that holds 0: {str(refusal).rpartition(': ')[2]}",
                "no range follows from that",
            )
        else:
            yield "be a formula that gives a number", str(refusal)
    yield from _units(formulas, id)


def _twice(formulas: Formulas, id: str, names: list[str]) -> Iterator[tuple[str, str]]:
    do = "write it so that each stands once, or its range comes out too wide"
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        yield f"name each claim once: {twice[0]} stands there twice", do
        return
    printed = pd.notna(formulas.claims.text("printed")[formulas.claims.ids[id]])
    leaves = formulas.leaves(id) or Counter()
    if printed and (twice := [name for name, times in leaves.items() if times > 1]):
        yield f"rest on each claim once: {twice[0]} is used twice, through other formulas", do


def _units(formulas: Formulas, id: str) -> Iterator[tuple[str, str]]:
    claims = formulas.claims
    sure = [name for name in (id, *formulas.parts(id)) if name in claims.ids and name not in formulas.doubtful]
    by_id = claims.text("unit")[[claims.ids[name] for name in sure]].fillna(units.UNKNOWN)
    known = dict(zip(sure, map(str, by_id), strict=True))
    unit = known.get(id, units.UNKNOWN)
    try:
        found = units.unit_of(formulas.texts[id], known)
    except units.Misfit as misfit:
        yield f"be of units that fit: {misfit}", "turn one into the other first, or correct its unit"
        return
    if unit and not units.fits(unit, found):
        yield f"give the claim's unit, {unit}: it gives {found}", "correct the formula, or the unit"


def named(texts: pd.Series) -> dict[int, list[str]]:
    """The ids that formulas name, by line, where they can be read."""
    found = {int(line): _names(str(text).lstrip("<>=")) for line, text in texts.dropna().items()}
    return {line: names for line, names in found.items() if not isinstance(names, Refusal)}
