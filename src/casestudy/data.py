"""The only module that reads a case's `data/` folder."""

from pathlib import Path

import pandas as pd

from casestudy.case import Case, open_case

TEXT_COLUMNS = {"id": str, "document": str, "formula": str, "note": str, "printed": str}


def table(name: str, case: Case | None = None) -> pd.DataFrame:
    """A file of `data/` as a DataFrame, one row as `data/README.md` says.

    name: the file's stem, such as `documents` or `members_reported`. Columns whose name begins with `date_` or
    `as_of_e`/`as_of_l` are dates.
    """
    path = (case or open_case()).data / f"{name}.csv"
    if not path.is_file():
        have = ", ".join(sorted(file.stem for file in path.parent.glob("*.csv")))
        raise ValueError(f"no table {name!r} in {path.parent}; it has: {have}")
    frame = pd.read_csv(path, dtype=TEXT_COLUMNS, keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    for column in frame.columns:
        if column.endswith(("_earliest", "_latest")):
            frame[column] = _dates(frame[column], path)
    return frame


def _dates(column: pd.Series, path: Path) -> pd.Series:
    try:
        return pd.to_datetime(column, format="%Y-%m-%d")
    except ValueError as error:
        raise ValueError(f"{path.name}: {column.name} must hold dates as YYYY-MM-DD; {error}") from None


def documents(case: Case | None = None) -> pd.DataFrame:
    """The articles, indexed by their three-character id: title, publisher, date window, synopsis."""
    return table("documents", case).set_index("id")


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
