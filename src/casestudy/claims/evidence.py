"""What a claim is held against, and why most are held against nothing."""

import math
import re
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from casestudy import data, intervals
from casestudy.case import Case, open_case
from casestudy.claims.reading import DEFAULT, Reading, meaning
from casestudy.claims.register import interval_in, load
from casestudy.claims.severity import LEAST, severity
from casestudy.intervals import Interval
from casestudy.refusals import Refusal, nearest

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
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)  # reported series, by name, as they are asked for

    @cached_property
    def register(self) -> pd.DataFrame:
        return load(self.case)

    @cached_property
    def rows(self) -> dict[str, pd.Series]:
        return {str(id): row for id, row in self.register.iterrows()}

    @cached_property
    def documents(self) -> pd.DataFrame:
        return data.documents(self.case)

    @cached_property
    def languages(self) -> dict[str, str]:
        return dict(self.documents["language"]) if "language" in self.documents else {}

    @cached_property
    def listed(self) -> dict[str, int]:
        """How many items the articles list, by the claim that announces their number."""
        if not (self.case.data / "enumerations.csv").is_file():
            return {}
        return data.table("enumerations", self.case, needs=["claim"])["claim"].value_counts().to_dict()

    @cached_property
    def reports(self) -> pd.DataFrame:
        """Single outside figures that were confirmed, by id."""
        needs = ("id", "value", "relation", "status", "url", "date_earliest", "date_latest")
        frame = data.table("outside_reported", self.case, needs)
        return frame[frame["status"] == "confirmed"].set_index("id")

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
        formula, outside = ("" if pd.isna(row[name]) else str(row[name]) for name in ("formula", "outside"))
        if pd.isna(row["printed"]):
            return Held(reason="own count")
        if pd.isna(row["low"]) and pd.isna(row["high"]):
            own = bool(outside) and row["as_of_basis"] == "outside"
            return Held("report" if own else "", reason="self-dated" if own else "nothing at hand")
        if formula:
            ours = interval_in(self.register, id, reading, self.languages)
            return self._weighed(row, Held("figures", ours, "restated" if formula.isidentifier() else ""))
        if id in self.listed:
            return Held("list", (float(self.listed[id]),) * 2, "listed")
        if named := Named.read(outside, id):
            return self._weighed(row, self._series(row, named, reading))
        return self._weighed(row, self._report(id, outside, reading)) if outside else Held(reason="nothing at hand")

    @staticmethod
    def is_counted(row: pd.Series) -> bool:
        """Whether others report the same count over time."""
        return pd.notna(row["outside"]) and SERIES_AT_ALL.match(row["outside"]) is not None

    @staticmethod
    def _weighed(row: pd.Series, held: Held) -> Held:
        """A comparison, conditional where it needs a premise."""
        needs = held.reason in ("", "no address") and pd.notna(row["premise"])
        return Held(held.against, held.ours, "conditional", held.reach) if needs else held

    # Counts over time ------------------------------------------------------------------------------------------------

    def counts(self, name: str, reading: Reading) -> pd.DataFrame:
        """A reported series without the counts that the documents themselves print."""
        if name not in self.tables:
            frame = data.series(name, self.case)
            rows = self.register[self.register["outside"].eq(name).fillna(False)]
            own = rows["value"] * rows["unit"].map(lambda unit: data.Unit.read(unit).scale).astype(float)
            known = np.isclose(frame["reported"].to_numpy()[:, None], own.to_numpy(), rtol=1e-9, atol=0).any(axis=1)
            self.tables[name] = frame[~known]
        frame = self.tables[name]
        return frame[frame["url"].notna()] if reading.addresses == "needed" and "url" in frame else frame

    def _window(self, row: pd.Series, reading: Reading) -> tuple[pd.Timestamp, pd.Timestamp]:
        """When the sentence speaks: the time that it prints, else that of its article."""
        if row["as_of_basis"] == "printed":
            ends = row["as_of_earliest"], row["as_of_latest"]
        else:
            ends = tuple(self.documents.loc[row["document"], ["date_earliest", "date_latest"]])
        middle = ends[0] + (ends[1] - ends[0]) / 2
        return ends if reading.windows == "wide" else (middle, middle)

    def _series(self, row: pd.Series, named: "Named", reading: Reading) -> Held:
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
        counts = counts.assign(reported=counts["reported"] * scale)
        if named.per:
            return Held("report", pace(counts, window))
        ours = between(counts, window)
        dated = self.documents.get("dated_by", pd.Series(dtype=object)).get(row["document"])
        if dated == row.name:
            return Held("report", ours, "self-dated", (counts["reported"].min(), counts["reported"].max()))
        return Held("report", ours)

    # Single reports --------------------------------------------------------------------------------------------------

    def _report(self, id: str, outside: str, reading: Reading) -> Held:
        sign, formula = ("", outside) if outside[0] not in "<>" else (outside[:2], outside[2:])
        values: dict[str, Interval] = {}
        address = True
        for name in set(intervals.names(formula)):
            if name in self.register.index:
                values[name] = interval_in(self.register, name, reading, self.languages)
                continue
            if name not in self.reports.index:
                known = [*self.register.index, *self.reports.index]
                raise Refusal(f"claims.csv: {id}: outside names {name!r}, no claim and no confirmed report; "
                              f"{nearest(name, known)}")  # fmt: skip
            report = self.reports.loc[name]
            values[name] = _reported(report)
            address &= pd.notna(report["url"])
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
    def read(cls, outside: str, id: str) -> "Named | None":
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

    def scale(self, unit: str, frame: pd.DataFrame) -> float:
        """By what a number of the series is multiplied to be one of the claim's; refused where they count other things.

        unit: the claim's; frame: the series. A pace comes a second.
        """
        if frame.empty:
            return 1.0
        claims, own = data.Unit.read(unit), data.Unit.read(frame["reported_unit"].iloc[0])
        told = f"{own} per {self.per}" if self.per else str(own)
        if self.per and (own.per or claims.per != self.per):
            scale = None
        else:
            scale = claims.of(replace(own, per="second") if self.per else own)
        if scale is None:
            raise Refusal(f"the unit {unit!r} must be that of {self.name}, {told!r}, or a thousand, million or billion "
                          "of it; mend one of the two, or name another series")  # fmt: skip
        return scale


def no_test(share: float) -> str:
    """Why a comparison of this severity is no test; empty where it is one."""
    return "no range" if math.isnan(share) else "could not fail" if share < LEAST else ""


def _reported(report: pd.Series) -> Interval:
    """What one report says: its figure, open where it is a floor or a ceiling; the year, where it is a date."""
    if pd.isna(report["value"]):
        return float(report["date_earliest"].year), float(report["date_latest"].year)
    value = float(report["value"])
    return {">": (value, math.inf), "<": (-math.inf, value)}.get(report["relation"], (value, value))


def spans(counts: pd.DataFrame, window: tuple[pd.Timestamp, pd.Timestamp]) -> bool:
    """Whether a window lies between the first and the last of a series' counts."""
    return bool(counts["date"].iloc[0] <= window[0] <= window[1] <= counts["date"].iloc[-1])


def between(counts: pd.DataFrame, window: tuple[pd.Timestamp, pd.Timestamp]) -> Interval:
    """The least and the most that a series was in a window, by straight lines between its counts.

    counts: columns date, in order, and reported. The window must lie within them.
    """
    if not spans(counts, window):
        first, last = (str(counts["date"].iloc[end].date()) for end in (0, -1))
        raise Refusal(f"the series is reported from {first} to {last}: got {window[0].date()} to {window[1].date()}")
    at = [day.timestamp() for day in counts["date"]]
    ends = np.interp([day.timestamp() for day in window], at, counts["reported"])
    inside = counts.loc[counts["date"].between(*window), "reported"]
    return min(*ends, *inside), max(*ends, *inside)


def pace(counts: pd.DataFrame, window: tuple[pd.Timestamp, pd.Timestamp]) -> Interval:
    """The change a second from the last count before a window to the first after it, their own windows included."""
    before = counts[counts["date"] <= window[0]].iloc[-1]
    after = counts[counts["date"] >= window[1]].iloc[0]
    gained = float(after["reported"] - before["reported"])
    days = (after["date_earliest"] - before["date_latest"], after["date_latest"] - before["date_earliest"])
    times = [day.total_seconds() for day in days]
    if times[0] <= 0:
        return -math.inf, math.inf
    return min(gained / time for time in times), max(gained / time for time in times)


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


def largest_reported_before(row: pd.Series, case: Case | None = None) -> float:
    """The largest number of the claim's series reported before its article can have been written; NaN where none was.

    row: a claim whose `outside` names a series; in the claim's unit.
    """
    named = None if pd.isna(row["outside"]) else Named.read(str(row["outside"]), str(row.name))
    if named is None or named.per:
        raise Refusal(f"{row.name}: outside must name a reported series: got {row['outside']!r}")
    written = data.documents(case).at[row["document"], "date_earliest"]
    frame = data.series(named.name, case)
    before = frame.loc[frame["date_latest"] <= written, "reported"]
    return float(before.max()) * named.scale(str(row["unit"]), frame)
