"""A case's tables as frames, and what the case says of itself."""

from __future__ import annotations  # so that frames are named where pandas is not loaded

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casestudy import schema
from casestudy.case import Case, open_case
from casestudy.data.over_time import reported
from casestudy.data.rows import TRUTHS, Table, read
from casestudy.refusals import Refusal, nearest

if TYPE_CHECKING:
    import pandas as pd


def table(name: str, case: Case | None = None, needs: Iterable[str] = ()) -> pd.DataFrame:
    """A file of `data/` as a DataFrame, one row as `data/README.md` says.

    name: the file's stem, such as `documents` or `members_reported`. Columns are numbers, dates or truth values where
    the case's datapackage.json says so, texts otherwise; what it does not describe has the type of `schema.types`.
    needs: columns without which it is refused.

    Refuses a table that is not there, and a cell that is no number or no day, with its line.

    >>> table("members_reported")["date_earliest"].min().date().isoformat()
    '2003-01-01'
    """
    return frame(read(name, case or open_case(), needs))


def frame(plain: Table) -> pd.DataFrame:
    """A table that was read, as a DataFrame; the index counts the lines below the first, empty ones too."""
    import pandas as pd  # here, since a command's listing does without

    index = pd.Index([line - 2 for line in plain.lines], dtype="int64")
    whole = pd.DataFrame(plain.texts, index=index, dtype=str)
    whole = whole.mask(whole == "")
    typed = {}
    for column, type in plain.types.items():
        if type == "date":
            typed[column] = pd.to_datetime(whole[column], format="%Y-%m-%d")
        elif type == "boolean":
            typed[column] = whole[column].str.lower().map(TRUTHS).astype("boolean")
        elif type in schema.NUMBERS:
            typed[column] = pd.to_numeric(whole[column], errors="coerce")
    whole = whole.assign(**typed)
    return whole.reset_index(drop=True) if index.equals(pd.RangeIndex(len(index))) else whole


def refuse(frame: pd.DataFrame, column: str, wrong: pd.Series, rule: str, file: str) -> None:
    """Refuse a table at its first wrong row: file, line, id, what must hold, what came in."""
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        name = f" ({frame['id'].iloc[row]})" if "id" in frame else ""
        raise Refusal(f"{file} line {frame.index[row] + 2}{name}: {rule}; got {frame[column].tolist()[row]!r}")


def documents(case: Case | None = None) -> pd.DataFrame:
    """The articles, indexed by their three-character id: title, publisher, date window, synopsis.

    >>> documents().at["004", "publisher"], documents().index.tolist()
    ('1to1 Media', ['000', '001', '002', '003', '004'])
    """
    import pandas as pd

    plain = articles(case or open_case())
    whole = frame(plain)
    lacking = {name: pd.Series(pd.NA, whole.index, dtype=object) for name in schema.standard("documents")}
    return whole.assign(**{name: none for name, none in lacking.items() if name not in whole}).set_index("id")


def articles(case: Case) -> Table:
    """The table of the articles as plain values; refused where an id stands twice."""
    required = [name for name, one in schema.standard("documents").items() if one.required]
    plain = read("documents", case, needs=required)
    ids = plain.cells["id"]
    if doubled := [id for number, id in enumerate(ids) if id in ids[:number]]:
        raise Refusal(f"documents.csv: id must be unique; got {doubled[0] or math.nan!r} twice")
    return plain


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
    plain, column, found = reported(name, case or open_case(), unconfirmed=unconfirmed, window_days=window_days)
    import pandas as pd

    at = {line: row for row, line in enumerate(plain.lines)}
    kept = frame(plain).iloc[[at[each.line] for each in found]].reset_index(drop=True)
    told = {
        column: pd.to_numeric(kept[column]),
        "reported": pd.Series([each.number for each in found], dtype=float),
        "reported_unit": pd.Series([each.unit for each in found], dtype="str"),
        "date": kept["date_earliest"] + (kept["date_latest"] - kept["date_earliest"]) / 2,
    }
    return kept.assign(**told)


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
