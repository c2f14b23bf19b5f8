"""The only module that reads a case's `data/` folder."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from casestudy import schema
from casestudy.case import Case, open_case
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.schema import ENDS

OF_A_SERIES = ("date_earliest", "date_latest", "relation", "status")
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
SCALED = re.compile(r"(.+)_(thousands|millions|billions)")  # a column that says in its name what it counts
SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_629_800}
SECONDS["year"] = 31_557_600  # of 365.25 days, and a month its twelfth part
QUARTER = 92  # days
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def table(name: str, case: Case | None = None, needs: Iterable[str] = ()) -> pd.DataFrame:
    """A file of `data/` as a DataFrame, one row as `data/README.md` says.

    name: the file's stem, such as `documents` or `members_reported`. Columns are numbers, dates or truth values where
    the case's datapackage.json says so, texts otherwise; what it does not describe has the type of `schema.types`.
    needs: columns without which it is refused.

    Refuses a table that is not there, and a cell that is no number or no day, with its line.

    >>> table("members_reported")["date_earliest"].min().date().isoformat()
    '2003-01-01'
    """
    case = case or open_case()
    path = case.data / f"{name}.csv"
    if not path.is_file():
        have = ", ".join(sorted(file.stem for file in path.parent.glob("*.csv")))
        raise Refusal(f"no table {name!r} in {path.parent}; it has: {have}")
    frame = _frame(path)
    if missing := [column for column in needs if column not in frame.columns]:
        raise Refusal(f"{path.name} needs the column {', '.join(missing)}; it has: {', '.join(frame.columns)}")
    types = schema.types(name, list(frame.columns), case)
    kinds = {column: _KINDS[type] for column, type in types.items() if type in _KINDS}
    typed = {column: read(frame, column, path.name) for column, read in kinds.items()}
    dates = {column: typed[column] for column in typed if types[column] == "date"}
    for column in dates:
        last = column.removesuffix(ENDS[0]) + ENDS[1]
        if column != last and last in dates:
            wrong = dates[column] > dates[last]
            refuse(frame, column, wrong, f"{column} must not be after {last}", path.name)
    return frame.assign(**typed)


def _frame(path: Path) -> pd.DataFrame:
    """A comma-separated file as texts; the index counts the lines below the first, empty ones too."""
    with file_access(f"read {path}"):
        content = path.read_bytes()
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(line)
                _refuse_odd(row, rows[0], f"{path.name} line {line}")
            line = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError):
            line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(f"{path.name} must be a comma-separated file in UTF-8: line {line}: {error}") from None
    if not rows:
        raise Refusal(f"{path.name} must name its columns in its first line; it is empty")
    index = pd.Index(np.array(lines[1:], dtype=int) - 2)
    frame = pd.DataFrame(rows[1:], index=index, columns=rows[0], dtype=str)
    frame = frame.mask(frame == "")
    return frame.reset_index(drop=True) if index.equals(pd.RangeIndex(len(index))) else frame


def _refuse_odd(row: list[str], header: list[str], where: str) -> None:
    """Refuse a row that is not as wide as the first, and a first one in which a column has no name of its own."""
    if len(row) != len(header):
        many = "; a cell with a comma stands in quotation marks" if len(row) > len(header) else ""
        raise Refusal(f"{where}: {len(header)} cells must stand here, as in the first line; got {len(row)}{many}")
    if row is header and (odd := [name for name in row if not name.strip() or row.count(name) > 1]):
        raise Refusal(f"{where}: each column must have a name of its own; got {odd[0]!r}")


def _numbers(frame: pd.DataFrame, column: str, file: str) -> pd.Series:
    numbers = pd.to_numeric(frame[column], errors="coerce")
    wrong = frame[column].notna() & ~np.isfinite(numbers)
    refuse(frame, column, wrong, f"{column} must be a finite number", file)
    return numbers


def _dates(frame: pd.DataFrame, column: str, file: str) -> pd.Series:
    wrong = frame[column].notna() & ~frame[column].map(is_day, na_action="ignore").eq(True)
    refuse(frame, column, wrong, f"{column} must be a date as YYYY-MM-DD", file)
    return pd.to_datetime(frame[column], format="%Y-%m-%d")


def _truths(frame: pd.DataFrame, column: str, file: str) -> pd.Series:
    words = {"true": True, "false": False, "1": True, "0": False}
    refuse(frame, column, ~frame[column].str.lower().isin([*words, pd.NA]), f"{column} must be true or false", file)
    return frame[column].str.lower().map(words).astype("boolean")


_KINDS = {"date": _dates, "boolean": _truths} | dict.fromkeys(schema.NUMBERS, _numbers)


def is_day(text: str) -> bool:
    """Whether a text is a day from year 1 on; pandas would take days before, which Python has not.

    >>> is_day("2015-06-30"), is_day("2015-02-30"), is_day("-0044-03-15")
    (True, False, False)
    """
    try:
        return bool(date.fromisoformat(text)) and DAY.fullmatch(text) is not None
    except ValueError:
        return False


def refuse(frame: pd.DataFrame, column: str, wrong: pd.Series, rule: str, file: str) -> None:
    """Refuse a table at its first wrong row: file, line, id, what must hold, what came in."""
    if wrong.any():
        row = int(np.argmax(wrong))
        name = f" ({frame['id'].iloc[row]})" if "id" in frame else ""
        raise Refusal(f"{file} line {frame.index[row] + 2}{name}: {rule}; got {frame[column].tolist()[row]!r}")


def documents(case: Case | None = None) -> pd.DataFrame:
    """The articles, indexed by their three-character id: title, publisher, date window, synopsis.

    >>> documents().at["004", "publisher"], documents().index.tolist()
    ('1to1 Media', ['000', '001', '002', '003', '004'])
    """
    known = schema.standard("documents")
    frame = table("documents", case, needs=[name for name, one in known.items() if one.required])
    frame = frame.assign(**{name: pd.Series(pd.NA, frame.index, dtype=object) for name in known if name not in frame})
    if (doubled := frame["id"][frame["id"].duplicated()]).size:
        raise Refusal(f"documents.csv: id must be unique; got {doubled.iloc[0]!r} twice")
    return frame.set_index("id")


def members_reported(
    case: Case | None = None, *, unconfirmed: bool = False, window_days: float | None = None
) -> pd.DataFrame:
    """Member counts reported outside the documents: `series` of the table `members_reported`.

    >>> members_reported()["reported"].iloc[:2].astype(int).tolist()  # in the order of time
    [4500, 500000]
    """
    return series("members_reported", case, unconfirmed=unconfirmed, window_days=window_days)


def series(
    name: str, case: Case | None = None, *, unconfirmed: bool = False, window_days: float | None = None
) -> pd.DataFrame:
    """What others report of one thing over time, at the middle of its date window (`date`), in order of time.

    name: a table, or `TABLE:SERIES` where its column `series` holds several. Columns date_earliest, date_latest,
    relation and status, and the number: `value` with a `unit` in words (`visits`, `thousand visits`, `per cent`),
    `share` (0 to 1), or a name such as `members_millions`. `reported` is the number in single units, which
    `reported_unit` names. No floors (relation `=` or `~` only), never rows marked `reject`, and none whose window is
    wider than `window_days`: a count dated to a year could stand anywhere in it. Unless told, that is a quarter, or a
    tenth more than the usual (median) window of the series, so that a series of whole years is read as one. Unconfirmed
    rows come when asked for.
    """
    stem, colon, wanted = name.partition(":")
    frame, file = table(stem, case), f"{stem}.csv"
    column = next((column for column in frame if column in ("share", "value") or SCALED.fullmatch(column)), None)
    if column is None or any(needed not in frame for needed in OF_A_SERIES):
        raise Refusal(f"{file} is no series: it needs the columns {', '.join(OF_A_SERIES)}, and share or value")
    if "series" in frame or colon:
        frame = _one_of(frame, wanted, file)
    keep = frame["relation"].isin(["=", "~"])
    if "confidence" in frame:
        keep &= frame["confidence"] != "reject"
    if not unconfirmed:
        keep &= frame["status"] == "confirmed"
    frame = frame[keep]
    frame = frame.assign(**{column: _numbers(frame, column, file)})
    for needed in ("date_earliest", "date_latest", column):
        refuse(frame, needed, frame[needed].isna(), f"{needed} must be given in a row that counts", file)
    if column == "share":
        refuse(frame, column, ~frame[column].between(0, 1), "share must lie from 0 to 1; a per cent has a unit", file)
    frame = frame.assign(**_in_single_units(frame, column, file))
    window = frame["date_latest"] - frame["date_earliest"]
    quarter = pd.Timedelta(days=QUARTER)
    widest = max(quarter, 1.1 * window.median()) if window_days is None else pd.Timedelta(days=window_days)
    frame = frame.assign(date=frame["date_earliest"] + window / 2)[window <= widest]
    return frame.sort_values("date", kind="stable").reset_index(drop=True)


def _one_of(frame: pd.DataFrame, wanted: str, file: str) -> pd.DataFrame:
    """The rows of one series of a table that holds several."""
    if "series" not in frame:
        raise Refusal(f"{file} has no column series, so that nothing stands behind a colon: got {wanted!r}")
    refuse(frame, "series", frame["series"].isna(), "series must say which series the row belongs to", file)
    names = frame["series"].unique().tolist()
    if not wanted and len(names) > 1:
        raise Refusal(f"{file} holds several series; name one behind a colon: {', '.join(names)}")
    if wanted and wanted not in names:
        raise Refusal(f"{file} has no series {wanted!r}; {nearest(wanted, names)}")
    return frame[frame["series"] == wanted] if wanted else frame


def _in_single_units(frame: pd.DataFrame, column: str, file: str) -> dict[str, pd.Series]:
    """`reported` and `reported_unit` of a series, whose rows may have several scales but count one thing."""
    if column == "value" and "unit" not in frame:
        raise Refusal(f"{file} must say what its values count, in a column unit such as 'visits' or 'thousand visits'")
    if column == "value":
        refuse(frame, "unit", frame["unit"].isna(), "unit must say what the value counts", file)
    found = SCALED.fullmatch(column)
    words = (
        frame["unit"] if column == "value" else pd.Series(f"{found[2]} {found[1]}" if found else column, frame.index)
    )
    units = words.map(Unit.read)
    if units.size:
        first = units.iloc[0]
        other = units.map(lambda unit: (unit.what, unit.per) != (first.what, first.per))
        refuse(frame, "unit" if column == "value" else column, other, f"a series has one unit, here {first}", file)
    scale = units.map(lambda unit: unit.scale).astype(float)
    return {"reported": frame[column] * scale, "reported_unit": units.map(str).astype("str")}


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


# What a case says of itself -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Front:
    """What the front page of a case opens with: `front` in its datapackage.json; all of it may be missing.

    company: whom the articles are about; hook: a question that makes one read on; hero: the notebook whose figure
    answers it; claims: the ids of those that are shown first, as far as a run compares them.
    """

    company: str = ""
    hook: str = ""
    hero: str = ""
    claims: tuple[str, ...] = ()


def front(case: Case | None = None) -> Front:
    """What the case's front page opens with; an id in braces in the hook is what that claim prints."""
    case = case or open_case()
    said = schema.package(case).get("front", {})
    kinds: dict[str, type] = {"company": str, "hook": str, "hero": str, "claims": list}
    if not isinstance(said, dict):
        raise Refusal(f"{schema.FILE}: front must be an object with {', '.join(kinds)}; got {said!r}")
    for name, value in said.items():
        if name not in kinds:
            raise Refusal(f"{schema.FILE}: front has no {name!r}; {nearest(name, kinds)}")
        if not isinstance(value, kinds[name]):
            raise Refusal(
                f"{schema.FILE}: front.{name} must be a {'list of ids' if name == 'claims' else 'text'}; got {value!r}"
            )
    printed = table("claims", case, needs=("id", "printed")).set_index("id")["printed"]
    hook, ids = said.get("hook", ""), said.get("claims", [])
    for id in map(str, [*re.findall(r"\{(.*?)\}", hook), *ids]):
        if id not in printed.index:
            raise Refusal(
                f"{schema.FILE}: front names no claim of claims.csv: got {id!r}; {nearest(id, printed.index)}"
            )
    hook = re.sub(r"\{(.*?)\}", lambda match: str(printed[match[1]]), hook)
    return Front(said.get("company", ""), hook, said.get("hero", ""), tuple(ids))
