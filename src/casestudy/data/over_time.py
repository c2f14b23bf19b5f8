"""What others report of one thing over time, as plain values: which rows count, when they were so, and in what unit."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from casestudy.case import Case
from casestudy.data.rows import Table, numbers, read
from casestudy.refusals import Refusal, nearest

OF_A_SERIES = ("date_earliest", "date_latest", "relation", "status")
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
SCALED = re.compile(r"(.+)_(thousands|millions|billions)")  # a column that says in its name what it counts
SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_629_800}
SECONDS["year"] = 31_557_600  # of 365.25 days, and a month its twelfth part
QUARTER = timedelta(days=92)


class Reported(NamedTuple):
    """One number that others report, in single units.

    date: the middle of its window, from earliest to latest; url: None where no address is kept; line: of its file.
    """

    date: datetime
    number: float
    unit: str
    earliest: datetime
    latest: datetime
    url: str | None
    line: int


def reported(
    name: str, case: Case, *, unconfirmed: bool = False, window_days: float | None = None
) -> tuple[Table, str, list[Reported]]:
    """The table of a series, the column of its numbers, and those that count in order of time: see `data.series`."""
    stem, colon, wanted = name.partition(":")
    whole = table = read(stem, case)
    column = next((column for column in table.cells if column in ("share", "value") or SCALED.fullmatch(column)), None)
    if column is None or any(needed not in table.cells for needed in OF_A_SERIES):
        raise Refusal(f"{table.file} is no series: it needs the columns {', '.join(OF_A_SERIES)}, and share or value")
    if "series" in table.cells or colon:
        table = _one_of(table, wanted)
    table = table.only(row["relation"] in ("=", "~") and row.get("confidence") != "reject" for row in table.rows())
    if not unconfirmed:
        table = table.only(status == "confirmed" for status in table.cells["status"])
    table = replace(table, cells=table.cells | {column: numbers(table, column)})
    for needed in ("date_earliest", "date_latest", column):
        wrong = (not text for text in table.texts[needed])
        table.refuse(needed, wrong, f"{needed} must be given in a row that counts")
    if column == "share":
        wrong = (not 0 <= share <= 1 for share in table.cells[column])
        table.refuse(column, wrong, "share must lie from 0 to 1; a per cent has a unit")
    units, cells = _units(table, column), table.cells
    found = [
        Reported(first + (last - first) / 2, number * unit.scale, str(unit), first, last, url, line)
        for first, last, number, unit, url, line in zip(
            *(cells["date_earliest"], cells["date_latest"], cells[column], units),
            *(cells.get("url", [""] * len(units)), table.lines),
            strict=True,
        )
    ]
    windows = [each.latest - each.earliest for each in found]
    middle = sorted(windows)[(len(windows) - 1) // 2 : len(windows) // 2 + 1]  # two where they are even in number
    usual = max(QUARTER, 1.1 * sum(middle, timedelta()) / max(1, len(middle)))
    widest = usual if window_days is None else timedelta(days=window_days)
    kept = [each for each, window in zip(found, windows, strict=True) if window <= widest]
    return whole, column, sorted(kept, key=lambda each: each.date)


def _one_of(table: Table, wanted: str) -> Table:
    """The rows of one series of a table that holds several."""
    if "series" not in table.cells:
        raise Refusal(f"{table.file} has no column series, so that nothing stands behind a colon: got {wanted!r}")
    given = table.cells["series"]
    table.refuse("series", (not name for name in given), "series must say which series the row belongs to")
    names = list(dict.fromkeys(given))
    if not wanted and len(names) > 1:
        raise Refusal(f"{table.file} holds several series; name one behind a colon: {', '.join(names)}")
    if wanted and wanted not in names:
        raise Refusal(f"{table.file} has no series {wanted!r}; {nearest(wanted, names)}")
    return table.only(name == wanted for name in given) if wanted else table


def _units(table: Table, column: str) -> "list[Unit]":
    """The unit of each row of a series; they may have several scales but count one thing."""
    if column == "value" and "unit" not in table.cells:
        raise Refusal(
            f"{table.file} must say what its values count, in a column unit such as 'visits' or 'thousand visits'"
        )
    if column == "value":
        table.refuse("unit", (not unit for unit in table.texts["unit"]), "unit must say what the value counts")
    found = SCALED.fullmatch(column)
    told = f"{found[2]} {found[1]}" if found else column
    units = [Unit.read(words) for words in (table.texts["unit"] if column == "value" else [told] * len(table.lines))]
    if units:
        first = units[0]
        other = ((unit.what, unit.per) != (first.what, first.per) for unit in units)
        table.refuse("unit" if column == "value" else column, other, f"a series has one unit, here {first}")
    return units


@dataclass(frozen=True)
class Unit:
    """What a number counts: a scale, the thing, and the time in which it is counted, empty where there is none."""

    scale: float
    what: str
    per: str = ""

    @classmethod
    def read(cls, words: str) -> "Unit":
        """From words; a per cent is a hundredth of a share.

        >>> Unit.read("million members per hour")
        Unit(scale=1000000.0, what='members', per='hour')
        >>> Unit.read("per cent"), Unit.read("users per head").what
        (Unit(scale=0.01, what='share', per=''), 'users per head')
        """
        what = " ".join(str(words).replace("_", " ").replace("/", " per ").split())
        if what.lower() in ("per cent", "percent", "%"):
            return cls(0.01, "share")
        before, _, per = what.rpartition(" per ")
        what, per = (before, per) if per in SECONDS else (what, "")
        first, _, rest = what.partition(" ")
        scale = SCALES.get(first.lower().removesuffix("s"), 1.0) if rest else 1.0
        return cls(scale, rest.removeprefix("of ") if scale > 1 else what, per)

    def __str__(self) -> str:
        return f"{self.what} per {self.per}" if self.per else self.what

    def of(self, other: "Unit") -> float | None:
        """How many of this unit one single unit of another is; None where they do not count the same.

        >>> Unit.read("thousand visits per minute").of(Unit.read("visits per second"))
        0.06
        """
        if self.what.casefold() != other.what.casefold() or bool(self.per) != bool(other.per):
            return None
        times = SECONDS[self.per] / SECONDS[other.per] if self.per else 1.0
        return times / self.scale
