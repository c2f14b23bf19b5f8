"""The printed figures: load them, bound them, compare them with ours."""

import math
import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from casestudy import data, intervals
from casestudy.case import Case, open_case
from casestudy.comparison import EVIDENCE, Comparison
from casestudy.intervals import Interval
from casestudy.refusals import Refusal, nearest

COLUMNS = [
    *("id", "document", "paragraph", "subject", "metric", "kind", "printed", "value", "resolution", "low", "high"),
    *("unit", "relation", "as_of_earliest", "as_of_latest", "as_of_basis", "geography", "formula", "notebook"),
    *("verdict", "verdict_by", "note"),
]
CHOICES = {
    "kind": ["statistic", "derived", "count", "enumeration", "instrument", "date", "vague", "furniture"],
    "relation": ["=", ">", ">=", "<", "<=", "~", "range"],
    "verdict": ["contradicted", "undefined", "stale", "not testable", "agrees within rounding", "agrees"],
    "verdict_by": ["computed", "judged"],
}
CITATION = re.compile(r"\[claim: ([a-z][a-z0-9_]*)\]")  # in a notebook's text
DEEPEST = 20  # formulas one upon the other
READINGS = ("conventional", "strict")


# Load -----------------------------------------------------------------------------------------------------------------


def load(case: Case | None = None) -> pd.DataFrame:
    """Every claim of the documents, one row a claim, indexed by id; columns as `data/README.md` says."""
    case = case or open_case()
    frame = data.table("claims", case)
    if missing := [column for column in COLUMNS if column not in frame.columns]:
        raise Refusal(f"claims.csv needs the columns {', '.join(COLUMNS)}: missing {', '.join(missing)}")
    whole = (frame["paragraph"] >= 1) & (frame["paragraph"] % 1 == 0)
    known = data.documents(case).index
    rules = [
        ("id", ~frame["id"].fillna("").str.fullmatch("[a-z][a-z0-9_]*"), "match [a-z][a-z0-9_]*"),
        ("id", frame["id"].duplicated(), "be unique"),
        *((column, ~frame[column].isin(words), f"be one of {', '.join(words)}") for column, words in CHOICES.items()),
        ("paragraph", ~whole, "be a whole number from 1"),
        ("resolution", frame["resolution"] <= 0, "be positive"),
        ("low", frame["low"] > frame["high"], "be at most high"),
        ("document", ~frame["document"].isin(known), f"be one of {', '.join(known)}"),
    ]
    for column, wrong, must in rules:
        data.refuse(frame, column, wrong, f"{column} must {must}", "claims.csv")
    frame = frame.set_index("id")[COLUMNS[1:]].astype({"paragraph": int})
    followed = set()
    for id in frame.index[frame["formula"].notna()]:
        _follow(frame, id, (), followed)
    return frame


def _follow(frame: pd.DataFrame, id: str, path: tuple[str, ...], followed: set[str]) -> None:
    """Refuse a formula that cannot be read, names an unknown claim, nests too deep or comes back to itself."""
    if id in path or len(path) > DEEPEST:
        problem = "come back to itself" if id in path else f"build on more than {DEEPEST} others"
        raise Refusal(f"claims.csv: a formula must not {problem}: {' -> '.join((*path[-3:], id))}")
    if id not in frame.index:
        raise Refusal(f"claims.csv: the formula of {path[-1]} names {id!r}, which is no claim")
    if id in followed or pd.isna(frame.at[id, "formula"]):
        return
    try:
        parts = set(intervals.names(frame.at[id, "formula"]))
    except Refusal as error:
        raise Refusal(f"claims.csv: {id}: {error}") from None
    for name in sorted(parts):
        _follow(frame, name, (*path, id), followed)
    followed.add(id)


def records(case: Case | None = None, document: str | None = None) -> list[dict]:
    """Claims as plain dicts in the order of COLUMNS, for JSON; what is missing is None."""
    frame = load(case).reset_index()
    if document is not None:
        known = data.documents(case).index
        if document not in known:
            raise Refusal(f"document must be one of {', '.join(known)}: got {document!r}")
        frame = frame[frame["document"] == document]
    frame[["as_of_earliest", "as_of_latest"]] = frame[["as_of_earliest", "as_of_latest"]].map(_iso)
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def _iso(date: pd.Timestamp) -> str | None:
    return None if pd.isna(date) else date.date().isoformat()


def claim(id: str, case: Case | None = None) -> pd.Series:
    """One claim by its id."""
    return _row(load(case), id)


def _row(frame: pd.DataFrame, id: str) -> pd.Series:
    if id not in frame.index:
        raise Refusal(f"no claim {id!r}; {nearest(id, frame.index)}")
    return frame.loc[id]


def place(row: Mapping) -> str:
    """Where a claim stands: document and paragraph.

    >>> place({"document": "004", "paragraph": 10})
    '004 p10'
    """
    return f"{row['document']} p{row['paragraph']}"


# Bound ----------------------------------------------------------------------------------------------------------------


def printed_interval(id: str, reading: str = "conventional", case: Case | None = None) -> Interval:
    """What the printed figure allows: half a printed step either way, or the ends of a printed range.

    'More than' has two readings: `strict` is open above, `conventional` ends at the next printed step.
    """
    return _printed(_row(load(case), id), reading)


def _printed(row: pd.Series, reading: str = "conventional") -> Interval:
    if reading not in READINGS:
        raise Refusal(f"reading must be one of {', '.join(READINGS)}: got {reading!r}")
    if pd.isna(row["low"]) and pd.isna(row["high"]):
        raise Refusal(f"{row.name} prints no number; it can be cited but not compared")
    step = row["resolution"] if reading == "conventional" and pd.notna(row["resolution"]) else math.inf
    low = row["high"] - step if pd.isna(row["low"]) else row["low"]
    high = row["low"] + step if pd.isna(row["high"]) else row["high"]
    return float(low), float(high)


def interval(id: str, reading: str = "conventional", case: Case | None = None) -> Interval:
    """What the documents allow for a claim: through its formula where it has one, else as printed."""
    return _interval(load(case), id, reading)


def _interval(frame: pd.DataFrame, id: str, reading: str = "conventional") -> Interval:
    row = _row(frame, id)
    if pd.isna(row["formula"]):
        return _printed(row, reading)
    parts = {name: _interval(frame, name, reading) for name in set(intervals.names(row["formula"]))}
    return intervals.evaluate(row["formula"], parts)


# Judge ----------------------------------------------------------------------------------------------------------------


def computed_verdicts(case: Case | None = None) -> pd.Series:
    """Verdicts that follow from figures alone, by claim id, for the rows whose `verdict_by` is `computed`.

    A claim with a formula is held against the other printed figures; a number announced, against the items that the
    article then lists; a count of members against the confirmed reported series (the documents' own four counts left
    out), conventional reading.
    """
    frame = load(case)
    ids = frame.index[frame["verdict_by"] == "computed"]
    return pd.Series({id: _verdict(frame, id, case) for id in ids}, dtype="str")


def _verdict(frame: pd.DataFrame, id: str, case: Case | None) -> str:
    row, printed = frame.loc[id], _printed(frame.loc[id])
    if pd.isna(row["printed"]):
        return "not testable"  # our own arithmetic cannot agree with itself
    if pd.notna(row["formula"]):
        points = frame.loc[sorted(set(intervals.names(row["formula"]))), "value"].to_dict()
        exact = intervals.evaluate(row["formula"], points)[0]
        if math.isclose(exact, row["value"], rel_tol=1e-9, abs_tol=1e-12):
            return "agrees"
        ours = _interval(frame, id)
    elif items := items_listed(id, case):
        return "agrees" if printed[0] <= items <= printed[1] else "contradicted"
    else:
        if largest_reported_before(row, case) > printed[1]:
            return "stale"
        ours = reported_members(row["as_of_earliest"], row["as_of_latest"], case)
    return "agrees within rounding" if intervals.overlap(ours, printed) else "contradicted"


def items_listed(id: str, case: Case | None = None) -> int:
    """How many items the article lists where it announces a number of them; 0 where `enumerations.csv` has none."""
    return int((data.table("enumerations", case)["claim"] == id).sum())


def _independent(case: Case | None) -> pd.DataFrame:
    """The confirmed reported counts without those that the documents themselves print."""
    frame, reported = load(case), data.members_reported(case)
    own = frame.loc[frame["metric"].eq("members") & frame["geography"].eq("world"), "value"]
    return reported[~reported["members_millions"].mul(1e6).isin(own)]


def reported_members(earliest: pd.Timestamp, latest: pd.Timestamp, case: Case | None = None) -> Interval:
    """Members at either end of a window, by straight lines between the confirmed reported counts.

    The counts that the documents print are left out, so that they can be held against the rest.
    """
    series = _independent(case)
    seconds = series["date"].astype("datetime64[s]").astype("int64")
    ends = [pd.Timestamp(end).timestamp() for end in (earliest, latest)]
    low, high = np.interp(ends, seconds, series["members_millions"] * 1e6)
    return float(low), float(high)


def largest_reported_before(row: pd.Series, case: Case | None = None) -> float:
    """The largest count reported before the claim's article can have been written; NaN where none was."""
    written = data.documents(case).at[row["document"], "date_earliest"]
    reported = data.members_reported(case)
    return float(reported.loc[reported["date_latest"] <= written, "members_millions"].max() * 1e6)


# Compare --------------------------------------------------------------------------------------------------------------


def compare(
    derived: Mapping[str, float | Interval] | None = None,
    external: Mapping[str, float | Interval] | None = None,
    calibrated: Mapping[str, float | Interval] | None = None,
    restated: Iterable[str] = (),
    case: Case | None = None,
) -> Comparison:
    """Hold our figures against the printed ones; each keyword names what our figure rests on.

    derived: recomputed from other printed figures; external: from reported data; calibrated: put in by
    construction; restated: ids shown back. Ours is a value, which must lie in the printed interval, or a
    (low, high) pair, which must share a point with it. Only derived and external rows can agree.
    """
    if isinstance(restated, str):
        raise Refusal(f"restated takes a list of ids: got the text {restated!r}")
    frame = load(case)
    given = {"derived": derived or {}, "external": external or {}, "calibrated": calibrated or {}}
    given["restated"] = {id: float(_row(frame, id)["value"]) for id in restated}
    rows = [_compared(_row(frame, id), ours, basis) for basis, figures in given.items() for id, ours in figures.items()]
    if not rows:
        raise Refusal("compare needs at least one figure")
    doubled = {row["claim"] for row in rows if sum(row["claim"] == other["claim"] for other in rows) > 1}
    if doubled:
        raise Refusal(f"a claim is compared once in a table: {', '.join(sorted(doubled))} came under two bases")
    return Comparison(pd.DataFrame(rows))


def _compared(row: pd.Series, ours: float | Interval, basis: str) -> dict:
    pair = np.ndim(ours) == 1
    ends = tuple(float(end) for end in (ours if pair else (ours, ours)))
    if len(ends) != 2 or ends[0] > ends[1]:
        raise Refusal(f"{row.name}: ours is a number or a pair (low, high) with low <= high: got {ours}")
    printed = _printed(row)
    slack = 1e-9 * max(abs(row["value"]) if pd.notna(row["value"]) else 0.0, 1e-9)
    agrees = None
    if basis in EVIDENCE and not any(math.isnan(end) for end in ends):
        agrees = intervals.overlap((ends[0] - slack, ends[1] + slack), printed)
    shown = {"ours": None, "ours_low": ends[0], "ours_high": ends[1]} if pair else {"ours": ends[0]}
    columns = {
        "claim": row.name,
        "printed": row["printed"] if pd.notna(row["printed"]) else "",
        "low": printed[0],
        "high": printed[1],
    }
    columns |= {"ours": None, "ours_low": None, "ours_high": None} | shown
    told = {"unit": row["unit"], "metric": row["metric"], "place": place(row)}
    return columns | {"agrees": agrees, "basis": basis} | told
