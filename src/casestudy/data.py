"""The only module that reads a case's `data/` folder."""

import numpy as np
import pandas as pd

from casestudy.case import Case, open_case
from casestudy.refusals import Refusal, file_access

NUMBERS = ("paragraph", "value", "resolution", "low", "high", "share", "members_millions", "paragraphs")


def table(name: str, case: Case | None = None) -> pd.DataFrame:
    """A file of `data/` as a DataFrame, one row as `data/README.md` says.

    name: the file's stem, such as `documents` or `members_reported`. Columns that end in `_earliest` or `_latest` are
    dates, those in NUMBERS numbers, all others text.
    """
    path = (case or open_case()).data / f"{name}.csv"
    if not path.is_file():
        have = ", ".join(sorted(file.stem for file in path.parent.glob("*.csv")))
        raise Refusal(f"no table {name!r} in {path.parent}; it has: {have}")
    try:
        with file_access(f"read {path}"):
            frame = pd.read_csv(
                path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8-sig", index_col=False
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise Refusal(f"{path.name} must be a comma-separated file in UTF-8: {error}") from None
    for column in frame.columns:
        if column in NUMBERS:
            numbers = pd.to_numeric(frame[column], errors="coerce")
            wrong = frame[column].notna() & ~np.isfinite(numbers)
            refuse(frame, column, wrong, f"{column} must be a finite number", path.name)
            frame[column] = numbers
        elif column.endswith(("_earliest", "_latest")):
            dates = pd.to_datetime(frame[column], format="%Y-%m-%d", errors="coerce")
            wrong = frame[column].notna() & dates.isna()
            refuse(frame, column, wrong, f"{column} must be a date as YYYY-MM-DD", path.name)
            frame[column] = dates
    return frame


def refuse(frame: pd.DataFrame, column: str, wrong: pd.Series, rule: str, file: str) -> None:
    """Refuse a table at its first wrong row: file, line, id, what must hold, what came in."""
    if wrong.any():
        row = int(np.argmax(wrong))
        name = f" ({frame['id'].iloc[row]})" if "id" in frame else ""
        raise Refusal(f"{file} line {row + 2}{name}: {rule}; got {frame[column].tolist()[row]!r}")


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
    """Member counts reported outside the documents, at the middle of their date window (`date`), in order of time.

    Counts only (relation `=` or `~`, no floors), never rows marked `reject`, and none whose window is wider than
    `window_days`: a count dated to a year could stand anywhere in it. Unconfirmed rows come when asked for.
    """
    frame = table("members_reported", case)
    window = frame["date_latest"] - frame["date_earliest"]
    keep = frame["relation"].isin(["=", "~"]) & (frame["confidence"] != "reject")
    keep &= window <= pd.Timedelta(days=window_days)
    if not unconfirmed:
        keep &= frame["status"] == "confirmed"
    frame = frame.assign(date=frame["date_earliest"] + window / 2)
    return frame[keep].sort_values("date", kind="stable").reset_index(drop=True)
