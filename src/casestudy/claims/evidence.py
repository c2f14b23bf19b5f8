"""What a claim is held against, and why most are held against nothing."""

from __future__ import annotations  # so that rows of frames are named where pandas is not loaded

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casestudy import data, intervals
from casestudy.case import Case, open_case
from casestudy.claims.reading import DEFAULT, Claim, Reading, meaning, told
from casestudy.claims.register import Rows, interval_in, rows
from casestudy.claims.severity import LEAST, severity
from casestudy.claims.windows import Window, between, pace, spans
from casestudy.intervals import Interval
from casestudy.refusals import Refusal, nearest

if TYPE_CHECKING:
    import pandas as pd

SERIES = re.compile(r"(?P<name>[a-z][a-z0-9_]*_reported(:[^:]+?)?)( per (?P<per>[a-z]+))?")
SERIES_AT_ALL = re.compile(r"[a-z][a-z0-9_]*_reported(:| per |$)")  # however it goes on
NO_TEST = {  # why a comparison is no test of the claim
    "restated": "another line of the article says the same",
    "listed": "the items of the list were counted by us",
    "differs": "another line, or the list itself, says otherwise",
    "self-dated": "the time was found from a report of this very number",
    "conditional": "it needs a premise that nobody printed",
    "no address": "the outside report cannot be opened again",
    "own count": "the article prints no number; we counted or subtracted",
    "could not fail": "hardly another print would have failed",
    "no range": "no range of plausible prints is declared",
    "nothing at hand": "there is nothing to hold it against",
}


@dataclass(frozen=True)
class Held:
    """A claim beside what it is held against.

    against: `figures` (of its formula), `report`, `list`, or empty. ours: what they make of it, None where nothing is
    held against it. reason: why this is no test (a key of NO_TEST), or empty. reach: for a self-dated figure, what
    another print, dated by its own report, could have met.
    """

    against: str = ""
    ours: Interval | None = None
    reason: str = ""
    reach: Interval | None = None


@dataclass
class Evidence:
    """A case's tables, read once, from which every claim is held against what there is."""

    case: Case = field(default_factory=open_case)
    tables: dict[str, list[data.Reported]] = field(default_factory=dict)  # series, by name, as they are asked for

    @cached_property
    def rows(self) -> Rows:
        return rows(self.case)

    @cached_property
    def documents(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in data.articles(self.case).rows()}

    @cached_property
    def languages(self) -> dict[str, str]:
        return {id: row.get("language") or "" for id, row in self.documents.items()}

    @cached_property
    def listed(self) -> dict[str, int]:
        """How many items the articles list, by the claim that announces their number."""
        if not (self.case.data / "enumerations.csv").is_file():
            return {}
        return Counter(filter(None, data.read("enumerations", self.case, needs=["claim"]).cells["claim"]))

    @cached_property
    def reports(self) -> dict[str, dict[str, Any]]:
        """Single outside figures that were confirmed, by id."""
        needs = ("id", "value", "relation", "status", "url", "date_earliest", "date_latest")
        found = data.read("outside_reported", self.case, needs).rows()
        return {row["id"]: row for row in found if row["status"] == "confirmed"}

    # The printed side ------------------------------------------------------------------------------------------------

    def _language(self, id: str) -> str:
        return self.languages.get(self.rows[id]["document"], "en")

    def bounds(self, id: str, reading: Reading) -> Interval:
        return meaning(self.rows[id], reading, self._language(id))[0]

    def meets(self, id: str, ours: Interval, reading: Reading) -> bool:
        """Whether what the print can mean and ours have a point in common."""
        return bool(intervals.overlap(ours, *meaning(self.rows[id], reading, self._language(id))))

    def repeats(self, id: str, reading: Reading) -> bool:
        """Whether a claim is what it repeats or lists, where it does either."""
        held = self.held(id, reading)
        return not held.ours or held.reason not in ("restated", "listed") or self.meets(id, held.ours, reading)

    def severity(self, id: str, ours: Interval, reading: Reading) -> float:
        """Of a claim held against ours: the share of plausible prints that would not have agreed."""
        return severity(self.rows[id], ours, reading, self._language(id))

    # The other side --------------------------------------------------------------------------------------------------

    def held(self, id: str, reading: Reading) -> Held:
        """What a claim is held against under a reading."""
        row = self.rows[id]
        formula, outside = told(row["formula"]), told(row["outside"])
        if not told(row["printed"]):
            return Held(reason="own count")
        if math.isnan(row["low"]) and math.isnan(row["high"]):
            own = bool(outside) and row["as_of_basis"] == "outside"
            return Held("report" if own else "", reason="self-dated" if own else "nothing at hand")
        if formula:
            ours = interval_in(self.rows, id, reading, self.languages)
            return self._weighed(row, Held("figures", ours, "restated" if formula.isidentifier() else ""))
        if id in self.listed:
            return Held("list", (float(self.listed[id]),) * 2, "listed")
        if named := Named.read(outside, id):
            return self._weighed(row, self._series(row, named, reading))
        return self._weighed(row, self._report(id, outside, reading)) if outside else Held(reason="nothing at hand")

    @staticmethod
    def is_counted(row: Claim | pd.Series) -> bool:
        """Whether others report the same count over time."""
        return SERIES_AT_ALL.match(told(row["outside"])) is not None

    @staticmethod
    def _weighed(row: Claim | pd.Series, held: Held) -> Held:
        """A comparison, conditional where it needs a premise."""
        needs = held.reason in ("", "no address") and told(row["premise"])
        return Held(held.against, held.ours, "conditional", held.reach) if needs else held

    # Counts over time ------------------------------------------------------------------------------------------------

    def counts(self, name: str, reading: Reading) -> list[data.Reported]:
        """A reported series without the counts that the documents themselves print."""
        if name not in self.tables:
            _, _, counts = data.reported(name, self.case)
            said = [row for row in self.rows.values() if row["outside"] == name]
            own = [row["value"] * data.Unit.read(row["unit"]).scale for row in said]
            self.tables[name] = [
                each for each in counts if not any(abs(each.number - value) <= 1e-9 * abs(value) for value in own)
            ]
        counts = self.tables[name]
        return [each for each in counts if each.url is not None] if reading.addresses == "needed" else counts

    def _window(self, row: Claim | pd.Series, reading: Reading) -> Window:
        """When the sentence speaks: the time that it prints, else that of its article."""
        if row["as_of_basis"] == "printed":
            first, last = row["as_of_earliest"], row["as_of_latest"]
        else:
            first, last = (self.documents[row["document"]][name] for name in ("date_earliest", "date_latest"))
        if reading.windows == "wide" or first is None or last is None:
            return first, last
        middle = first + (last - first) / 2
        return middle, middle

    def _series(self, row: Claim | pd.Series, named: Named, reading: Reading) -> Held:
        try:
            counts = self.counts(named.name, reading)
            scale = named.scale(str(row["unit"]), self.tables[named.name])
        except Refusal as error:
            raise Refusal(f"claims.csv: {row.name}: {error}") from None
        if len(counts) < 2:
            known = len(self.tables[named.name]) > 1
            return Held("report", reason="no address") if known else Held(reason="nothing at hand")
        window = self._window(row, reading)
        if not spans(counts, window):
            return Held(reason="nothing at hand")  # a series says nothing of the time before and after it
        if scale != 1:
            counts = [each._replace(number=each.number * scale) for each in counts]
        if named.per:
            return Held("report", pace(counts, window))
        ours = between(counts, window)
        if self.documents[row["document"]].get("dated_by") == row.name:
            numbers = [each.number for each in counts]
            return Held("report", ours, "self-dated", (min(numbers), max(numbers)))
        return Held("report", ours)

    # Single reports --------------------------------------------------------------------------------------------------

    def _report(self, id: str, outside: str, reading: Reading) -> Held:
        sign, formula = ("", outside) if outside[0] not in "<>" else (outside[:2], outside[2:])
        values: dict[str, Interval] = {}
        address = True
        for name in set(intervals.names(formula)):
            if name in self.rows:
                values[name] = interval_in(self.rows, name, reading, self.languages)
                continue
            if name not in self.reports:
                known = [*self.rows, *self.reports]
                raise Refusal(f"claims.csv: {id}: outside names {name!r}, no claim and no confirmed report; "
                              f"{nearest(name, known)}")  # fmt: skip
            report = self.reports[name]
            values[name] = _reported(report)
            address &= report["url"] is not None
        low, high = intervals.evaluate(formula, values)
        ours = {"<=": (-math.inf, high), ">=": (low, math.inf)}.get(sign, (low, high))
        missing = reading.addresses == "needed" and not address
        return Held("report", ours, "no address" if missing else "")


@dataclass(frozen=True)
class Named:
    """A reported series as a claim names it: a table, or one of its series; per: the time in which its pace is told."""

    name: str
    per: str = ""

    @classmethod
    def read(cls, outside: str, id: str) -> Named | None:
        """From a claim's `outside`; None where that is a formula.

        >>> Named.read("visits_reported:poland per hour", "a")
        Named(name='visits_reported:poland', per='hour')
        """
        if not SERIES_AT_ALL.match(outside):
            return None
        found = SERIES.fullmatch(outside)
        if found is None or (found["per"] or "second") not in data.SECONDS:
            raise Refusal(f"claims.csv: {id}: outside names a series as TABLE or TABLE:SERIES, and its pace with 'per' "
                          f"and one of {', '.join(data.SECONDS)} behind: got {outside!r}")  # fmt: skip
        return cls(found["name"], found["per"] or "")

    def scale(self, unit: str, counts: Sequence[data.Reported]) -> float:
        """By what a number of the series is multiplied to be one of the claim's; refused where they count other things.

        unit: the claim's; counts: the series. A pace comes a second.
        """
        if not counts:
            return 1.0
        claims, own = data.Unit.read(unit), data.Unit.read(counts[0].unit)
        words = f"{own} per {self.per}" if self.per else str(own)
        if self.per and (own.per or claims.per != self.per):
            scale = None
        else:
            scale = claims.of(replace(own, per="second") if self.per else own)
        if scale is None:
            raise Refusal(f"the unit {unit!r} must be that of {self.name}, {words!r}, or a thousand, million or "
                          "billion of it; mend one of the two, or name another series")  # fmt: skip
        return scale


def no_test(share: float) -> str:
    """Why a comparison of this severity is no test; empty where it is one."""
    return "no range" if math.isnan(share) else "could not fail" if share < LEAST else ""


def _reported(report: Mapping[str, Any]) -> Interval:
    """What one report says: its figure, open where it is a floor or a ceiling; the year, where it is a date."""
    if report["value"] is None or report["value"] != report["value"]:
        return float(report["date_earliest"].year), float(report["date_latest"].year)
    value = float(report["value"])
    return {">": (value, math.inf), "<": (-math.inf, value)}.get(report["relation"], (value, value))


# For a notebook -------------------------------------------------------------------------------------------------------


def items_listed(id: str, case: Case | None = None) -> int:
    """How many items the article lists where it announces a number of them; refused where `enumerations.csv` has none.

    >>> items_listed("pl_kpi_items")
    8
    """
    if not (listed := Evidence(case or open_case()).listed.get(id)):  # what nobody wrote down is no list of none
        raise Refusal(f"enumerations.csv must hold the items of {id!r}, one a row; it has none")
    return listed


def reported(name: str, earliest: pd.Timestamp, latest: pd.Timestamp, case: Case | None = None) -> Interval:
    """The least and the most of a reported series in a window, by straight lines between its confirmed numbers.

    name: as in a claim's `outside`, `visits_reported` or `visits_reported:poland`; in single units, as from
    `data.series`. The numbers that the documents print are left out, so that they can be held against the rest. A
    window that reaches beyond the series is refused: it says nothing of the time before and after it.
    """
    return between(Evidence(case or open_case()).counts(name, DEFAULT), (earliest, latest))


def reported_members(earliest: pd.Timestamp, latest: pd.Timestamp, case: Case | None = None) -> Interval:
    """`reported` of `members_reported`, the member counts."""
    return reported("members_reported", earliest, latest, case)


def largest_reported_before(row: Claim | pd.Series, case: Case | None = None) -> float:
    """The largest number of the claim's series reported before its article can have been written; NaN where none was.

    row: a claim whose `outside` names a series; in the claim's unit.
    """
    named = Named.read(told(row["outside"]), str(row.name))
    if named is None or named.per:
        raise Refusal(f"{row.name}: outside must name a reported series: got {row['outside']!r}")
    evidence = Evidence(case or open_case())
    written = evidence.documents[row["document"]]["date_earliest"]
    _, _, counts = data.reported(named.name, evidence.case)
    before = [each.number for each in counts if written is not None and each.latest <= written]
    return max(before, default=math.nan) * named.scale(str(row["unit"]), counts)
