"""The only module that reads a case's `data/` folder."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from casestudy.case import Case, open_case
from casestudy.refusals import Refusal, file_access

NUMBERS = ("paragraph", "value", "resolution", "low", "high", "share", "members_millions", "paragraphs")
ENDS = ("_earliest", "_latest")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def table(name: str, case: Case | None = None) -> pd.DataFrame:
    """A file of `data/` as a DataFrame, one row as `data/README.md` says.

    name: the file's stem, such as `documents` or `members_reported`. Columns that end in `_earliest` or `_latest` are
    dates, those in NUMBERS numbers, all others text.
    """
    path = (case or open_case()).data / f"{name}.csv"
    if not path.is_file():
        have = ", ".join(sorted(file.stem for file in path.parent.glob("*.csv")))
        raise Refusal(f"no table {name!r} in {path.parent}; it has: {have}")
    frame = _frame(path)
    numbers = {column: _numbers(frame, column, path.name) for column in frame.columns if column in NUMBERS}
    dates = {column: _dates(frame, column, path.name) for column in frame.columns if column.endswith(ENDS)}
    for column in dates:
        last = column.removesuffix(ENDS[0]) + ENDS[1]
        if column != last and last in dates:
            wrong = dates[column] > dates[last]
            refuse(frame, column, wrong, f"{column} must not be after {last}", path.name)
    return frame.assign(**numbers, **dates)


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
    wrong = frame[column].notna() & ~frame[column].map(_is_day, na_action="ignore").eq(True)
    refuse(frame, column, wrong, f"{column} must be a date as YYYY-MM-DD", file)
    return pd.to_datetime(frame[column], format="%Y-%m-%d")


def _is_day(text: str) -> bool:
    """Whether a text is a day from year 1 on; pandas would take days before, which Python has not."""
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
    """The articles, indexed by their three-character id: title, publisher, date window, synopsis."""
    frame = table("documents", case)
    for column in ("id", "date_earliest", "date_latest"):
        if column not in frame.columns:
            raise Refusal(f"documents.csv needs the column {column}; it has: {', '.join(frame.columns)}")
    if (doubled := frame["id"][frame["id"].duplicated()]).size:
        raise Refusal(f"documents.csv: id must be unique; got {doubled.iloc[0]!r} twice")
    return frame.set_index("id")


def members_reported(case: Case | None = None, *, unconfirmed: bool = False, window_days: float = 92) -> pd.DataFrame:
    """Member counts reported outside the documents: `series` of the table `members_reported`."""
    return series("members_reported", case, unconfirmed=unconfirmed, window_days=window_days)


def series(name: str, case: Case | None = None, *, unconfirmed: bool = False, window_days: float = 92) -> pd.DataFrame:
    """A table of counts over time, at the middle of their date window (`date`), in order of time.

    `reported` is the count: the column `share`, `value`, or `members_millions` times a million. Counts only (relation
    `=` or `~`, no floors), never rows marked `reject`, and none whose window is wider than `window_days`: a count dated
    to a year could stand anywhere in it. Unconfirmed rows come when asked for.
    """
    frame = table(name, case)
    needed = ("date_earliest", "date_latest", "relation", "status")
    column = next((column for column in ("share", "value", "members_millions") if column in frame), None)
    if column is None or any(column not in frame for column in needed):
        raise Refusal(f"{name}.csv is no series: it needs the columns {', '.join(needed)}, and share or value")
    window = frame["date_latest"] - frame["date_earliest"]
    keep = frame["relation"].isin(["=", "~"]) & (window <= pd.Timedelta(days=window_days))
    if "confidence" in frame:
        keep &= frame["confidence"] != "reject"
    if not unconfirmed:
        keep &= frame["status"] == "confirmed"
    scale = 1e6 if column == "members_millions" else 1.0
    frame = frame.assign(date=frame["date_earliest"] + window / 2, reported=frame[column] * scale)
    return frame[keep].sort_values("date", kind="stable").reset_index(drop=True)
