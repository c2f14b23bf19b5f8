"""The register of printed figures: load it, find a claim, bound what it can mean."""

import math
import re
import warnings
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from casestudy import data, intervals, schema
from casestudy.case import Case, open_case
from casestudy.claims.reading import DEFAULT, Reading, bounds
from casestudy.intervals import Interval
from casestudy.refusals import Refusal, nearest

MAY_LACK = ("plausible", "outside", "premise", "missing")  # columns that a register without such rows leaves out
CITATION = re.compile(r"\[claim: ([a-z][a-z0-9_]*)\]")  # in a notebook's text
DEEPEST = 20  # formulas one upon the other


# Load -----------------------------------------------------------------------------------------------------------------


def load(case: Case | None = None) -> pd.DataFrame:
    """Every claim of the documents, one row a claim, indexed by id; columns as `data/README.md` says.

    Ends that are open are NaN. Refuses a register that breaks a rule, with file, line and what came.

    >>> load().loc["cx_agents", ["printed", "unit", "relation"]].tolist()
    ['750-800', 'heads', 'range']
    """
    case = case or open_case()
    columns, fields = list(schema.standard("claims")), schema.fields("claims", case)
    frame = data.table("claims", case)
    frame = frame.assign(**{column: pd.Series(pd.NA, frame.index) for column in MAY_LACK if column not in frame})
    if missing := [column for column in columns if column not in frame.columns]:
        raise Refusal(f"claims.csv needs the columns {', '.join(columns)}: missing {', '.join(missing)}")
    whole = (frame["paragraph"] >= 1) & (frame["paragraph"] % 1 == 0)
    known = data.documents(case).index
    rules = [
        ("id", ~frame["id"].fillna("").str.fullmatch("[a-z][a-z0-9_]*"), "match [a-z][a-z0-9_]*"),
        ("id", frame["id"].duplicated(), "be unique"),
        *(_choice(frame, one) for one in fields.values() if one.words and one.name in frame),
        ("paragraph", ~whole, "be a whole number from 1"),
        ("resolution", frame["resolution"] <= 0, "be positive"),
        ("low", frame["low"] > frame["high"], "be at most high"),
        ("document", ~frame["document"].isin(known), f"be one of {', '.join(known)}"),
        ("outside", frame["outside"].notna() & frame["formula"].notna(), "be empty beside a formula"),
        ("plausible", ~frame["plausible"].map(is_range).astype(bool), "be a range lo..hi"),
    ]
    for column, wrong, must in rules:
        data.refuse(frame, column, wrong, f"{column} must {must}", "claims.csv")
    frame = frame.set_index("id")[columns[1:]].astype({"paragraph": int})
    followed: set[str] = set()
    for id in frame.index[frame["formula"].notna()]:
        _follow(frame, id, (), followed)
        rests = Counter(_leaves(frame, id)) if pd.notna(frame.at[id, "printed"]) else {}
        if twice := [name for name, times in rests.items() if times > 1]:
            reason = "so that its range comes out too wide; write it so that each stands once"
            warnings.warn(f"claims.csv: {id}: {twice[0]} stands twice in its formula, {reason}", stacklevel=2)
    return frame


def _leaves(frame: pd.DataFrame, id: str) -> list[str]:
    """The claims without a formula on which this one rests in the end, each as often as it is used."""
    if pd.isna(frame.at[id, "formula"]):
        return [id]
    return [leaf for name in intervals.names(frame.at[id, "formula"]) for leaf in _leaves(frame, name)]


def _choice(frame: pd.DataFrame, field: schema.Field) -> tuple[str, pd.Series, str]:
    """The rule of a column that holds one of some words, or several of them with a space between."""
    several = "enum" not in field.constraints
    known, given = set(field.words), frame[field.name]
    fits = given.map(lambda cell: set(cell.split() if several else [cell]) <= known, na_action="ignore")
    wrong = ~fits.astype("boolean").fillna(not field.required).astype(bool)
    return field.name, wrong, f"be {'of' if several else 'one of'} {', '.join(field.words)}"


def is_range(words: str) -> bool:
    if pd.isna(words):
        return True
    low, dots, high = words.partition("..")
    try:
        return bool(dots) and float(low) < float(high)
    except ValueError:
        return False


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


def records(frame: pd.DataFrame, document: str | None = None) -> list[dict]:
    """Claims as plain dicts in the order of the columns, for JSON; what is missing, or open, is None.

    >>> records(load(), "004")[0]["id"]
    'cx_title_boost'
    """
    frame = frame.reset_index()
    if document is not None:
        known = sorted(frame["document"].unique())
        if document not in known:
            raise Refusal(f"document must be one of {', '.join(known)}: got {document!r}")
        frame = frame[frame["document"] == document]
    frame[["as_of_earliest", "as_of_latest"]] = frame[["as_of_earliest", "as_of_latest"]].map(_iso)
    return plain(frame)


def plain(frame: pd.DataFrame) -> list[dict]:
    """Rows as dicts for JSON; what is missing, or open, is None."""
    frame = frame.replace([math.inf, -math.inf], math.nan)
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def _iso(date: pd.Timestamp) -> str | None:
    return None if pd.isna(date) else date.date().isoformat()


# Find -----------------------------------------------------------------------------------------------------------------


def claim(id: str, case: Case | None = None) -> pd.Series:
    """One claim by its id.

    >>> claim("cx_agents")["notebook"]
    '03-agents-avoided'
    >>> claim("cx_agent")
    Traceback (most recent call last):
    casestudy.refusals.Refusal: no claim 'cx_agent'; did you mean 'cx_agents'?
    """
    return find(load(case), id)


def find(frame: pd.DataFrame, id: str) -> pd.Series:
    """One row of a register that is loaded."""
    if id not in frame.index:
        raise Refusal(f"no claim {id!r}; {nearest(id, frame.index)}")
    return frame.loc[id]


def locator(row: Mapping) -> str:
    """Where a claim stands: document and paragraph.

    >>> locator({"document": "004", "paragraph": 10})
    '004 p10'
    """
    return f"{row['document']} p{row['paragraph']}"


# Bound ----------------------------------------------------------------------------------------------------------------


def printed_interval(id: str, reading: Reading | str = DEFAULT, case: Case | None = None) -> Interval:
    """What the printed figure allows: half a printed step either way, or the ends of a printed range.

    reading: a `Reading`, or the word for its floors alone, `conventional` or `strict`.

    >>> printed_interval("cx_csat_23"), printed_interval("cx_rate_2s", "strict")
    ((0.225, 0.235), (2.0, inf))
    """
    return bounds(find(load(case), id), reading)


def interval(id: str, reading: Reading | str = DEFAULT, case: Case | None = None) -> Interval:
    """What the documents allow for a claim: through its formula where it has one, else as printed.

    Both ends in the claim's `unit`; shares from 0 to 1; an open end is infinite.

    >>> low, high = interval("cx_csat_23")  # from 6.6 to 8.1, each rounded to a tenth
    >>> round(low, 4), round(high, 4)
    (0.2105, 0.2443)
    """
    return interval_in(load(case), id, reading)


def interval_in(
    frame: pd.DataFrame, id: str, reading: Reading | str = DEFAULT, languages: Mapping[str, str] | None = None
) -> Interval:
    """`interval` in a register that is loaded. languages: of the documents, by id."""
    row = find(frame, id)
    if pd.isna(row["formula"]):
        return bounds(row, reading, (languages or {}).get(row["document"], "en"))
    parts = {name: interval_in(frame, name, reading, languages) for name in set(intervals.names(row["formula"]))}
    return intervals.evaluate(row["formula"], parts)
