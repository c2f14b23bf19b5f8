"""The register of printed figures: load it, find a claim, bound what it can mean."""

from __future__ import annotations  # so that frames are named where pandas is not loaded

import math
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from casestudy import data, intervals, schema
from casestudy.case import Case, open_case
from casestudy.claims.reading import DEFAULT, Claim, Reading, bounds
from casestudy.intervals import Interval
from casestudy.refusals import Refusal, nearest

if TYPE_CHECKING:
    import pandas as pd

MAY_LACK = ("plausible", "outside", "premise", "missing")  # columns that a register without such rows leaves out
CITATION = re.compile(r"\[claim: ([a-z][a-z0-9_]*)\]")  # in a notebook's text
DEEPEST = 20  # formulas one upon the other
Rows = dict[str, Claim]  # of the register, by id
T = TypeVar("T")


# Load -----------------------------------------------------------------------------------------------------------------


def load(case: Case | None = None) -> pd.DataFrame:
    """Every claim of the documents, one row a claim, indexed by id; columns as `data/README.md` says.

    Ends that are open are NaN. Refuses a register that breaks a rule, with file, line and what came.

    >>> load().loc["cx_agents", ["printed", "unit", "relation"]].tolist()
    ['750-800', 'heads', 'range']
    """
    import pandas as pd  # here, since a command's listing does without

    table = _checked(case or open_case())
    frame = data.frame(table)
    frame = frame.assign(**{column: pd.Series(pd.NA, frame.index) for column in MAY_LACK if column not in frame})
    return frame.set_index("id")[list(schema.standard("claims"))[1:]].astype({"paragraph": int})


def rows(case: Case | None = None) -> Rows:
    """`load` as plain values, in its order: what is missing is None, a missing number NaN.

    >>> rows()["cx_agents"]["printed"]
    '750-800'
    """
    return _rows(_checked(case or open_case()))


def _rows(table: data.Table) -> Rows:
    columns = list(schema.standard("claims"))
    return {row["id"]: Claim((name, row.get(name)) for name in columns) for row in table.rows()}


def _checked(case: Case) -> data.Table:
    """The register as a table, with every rule asked of it."""
    columns, fields = list(schema.standard("claims")), schema.fields("claims", case)
    table = data.read("claims", case)
    if missing := [column for column in columns if column not in (*table.cells, *MAY_LACK)]:
        raise Refusal(f"claims.csv needs the columns {', '.join(columns)}: missing {', '.join(missing)}")
    given, known = table.rows(), data.articles(case).cells["id"]
    ids = table.cells["id"]
    rules: list[tuple[str, Iterable[bool], str]] = [
        ("id", (not re.fullmatch("[a-z][a-z0-9_]*", id or "") for id in ids), "match [a-z][a-z0-9_]*"),
        ("id", (id in ids[:number] for number, id in enumerate(ids)), "be unique"),
        *(_choice(table, one) for one in fields.values() if one.words and one.name in table.cells),
        ("paragraph", (not (row["paragraph"] >= 1 and row["paragraph"] % 1 == 0) for row in given),
         "be a whole number from 1"),
        ("resolution", (row["resolution"] <= 0 for row in given), "be positive"),
        ("low", (row["low"] > row["high"] for row in given), "be at most high"),
        ("document", (row["document"] not in known for row in given), f"be one of {', '.join(known)}"),
        ("outside", (bool(row.get("outside") and row["formula"]) for row in given), "be empty beside a formula"),
        ("plausible", (not is_range(row.get("plausible")) for row in given), "be a range lo..hi"),
    ]  # fmt: skip
    for column, wrong, must in rules:
        table.refuse(column, wrong, f"{column} must {must}")
    register = _rows(table)
    followed: set[str] = set()
    for id, row in register.items():
        if not row["formula"]:
            continue
        _follow(register, id, (), followed)
        rests = Counter(_leaves(register, id)) if row["printed"] else {}
        if twice := [name for name, times in rests.items() if times > 1]:
            reason = "so that its range comes out too wide; write it so that each stands once"
            warnings.warn(f"claims.csv: {id}: {twice[0]} stands twice in its formula, {reason}", stacklevel=3)
    return table


def _leaves(register: Rows, id: str) -> list[str]:
    """The claims without a formula on which this one rests in the end, each as often as it is used."""
    if not register[id]["formula"]:
        return [id]
    return [leaf for name in intervals.names(register[id]["formula"]) for leaf in _leaves(register, name)]


def _choice(table: data.Table, field: schema.Field) -> tuple[str, Iterable[bool], str]:
    """The rule of a column that holds one of some words, or several of them with a space between."""
    several = "enum" not in field.constraints
    known = set(field.words)
    wrong = (
        field.required if cell is None or cell != cell else not set(cell.split() if several else [cell]) <= known
        for cell in table.cells[field.name]
    )
    return field.name, wrong, f"be {'of' if several else 'one of'} {', '.join(field.words)}"


def is_range(words: object) -> bool:
    """Whether a text is a range lo..hi; none at all is as good.

    >>> is_range("0..10"), is_range("10..0"), is_range(None)
    (True, False, True)
    """
    if not isinstance(words, str):
        return True
    low, dots, high = words.partition("..")
    try:
        return bool(dots) and float(low) < float(high)
    except ValueError:
        return False


def _follow(register: Rows, id: str, path: tuple[str, ...], followed: set[str]) -> None:
    """Refuse a formula that cannot be read, names an unknown claim, nests too deep or comes back to itself."""
    if id in path or len(path) > DEEPEST:
        problem = "come back to itself" if id in path else f"build on more than {DEEPEST} others"
        raise Refusal(f"claims.csv: a formula must not {problem}: {' -> '.join((*path[-3:], id))}")
    if id not in register:
        raise Refusal(f"claims.csv: the formula of {path[-1]} names {id!r}, which is no claim")
    if id in followed or not register[id]["formula"]:
        return
    try:
        parts = set(intervals.names(register[id]["formula"]))
    except Refusal as error:
        raise Refusal(f"claims.csv: {id}: {error}") from None
    for name in sorted(parts):
        _follow(register, name, (*path, id), followed)
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
    return date.date().isoformat() if date == date else None


# Find -----------------------------------------------------------------------------------------------------------------


def claim(id: str, case: Case | None = None) -> pd.Series:
    """One claim by its id.

    >>> claim("cx_agents")["notebook"]
    '03-agents-avoided'
    >>> claim("cx_agent")
    Traceback (most recent call last):
    casestudy.refusals.Refusal: no claim 'cx_agent'; did you mean 'cx_agents'?
    """
    frame = load(case)
    find(dict.fromkeys(frame.index), id)
    return frame.loc[id]


def find(register: Mapping[str, T], id: str) -> T:
    """One row of a register that is read."""
    if id not in register:
        raise Refusal(f"no claim {id!r}; {nearest(id, register)}")
    return register[id]


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
    return bounds(find(rows(case), id), reading)


def interval(id: str, reading: Reading | str = DEFAULT, case: Case | None = None) -> Interval:
    """What the documents allow for a claim: through its formula where it has one, else as printed.

    Both ends in the claim's `unit`; shares from 0 to 1; an open end is infinite.

    >>> low, high = interval("cx_csat_23")  # from 6.6 to 8.1, each rounded to a tenth
    >>> round(low, 4), round(high, 4)
    (0.2105, 0.2443)
    """
    return interval_in(rows(case), id, reading)


def interval_in(
    register: Rows, id: str, reading: Reading | str = DEFAULT, languages: Mapping[str, str] | None = None
) -> Interval:
    """`interval` in a register that is read. languages: of the documents, by id."""
    row = find(register, id)
    if not row["formula"]:
        return bounds(row, reading, (languages or {}).get(row["document"], "en"))
    parts = {name: interval_in(register, name, reading, languages) for name in set(intervals.names(row["formula"]))}
    return intervals.evaluate(row["formula"], parts)
