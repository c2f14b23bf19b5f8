"""What a register says of itself although it is computed: columns such as `verdict`, where a case writes them down."""

import csv
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from casestudy import proof, schema
from casestudy.case import Case
from casestudy.check.fault import Fault
from casestudy.check.formulas import named
from casestudy.check.sheet import Sheet
from casestudy.claims.evidence import Evidence
from casestudy.claims.reading import DEFAULT
from casestudy.claims.verdicts import COMPUTED, verdicts
from casestudy.refusals import Refusal

Cells = dict[int, dict[str, str]]  # by line and column
CELL = re.compile(r'("(?:[^"]|"")*"|[^,"\r\n]*)(,|$)')
WRITE = "casestudy check --write computes it"


def faults(sheets: Mapping[str, Sheet], found: list[Fault], case: Case) -> list[Fault]:
    """What the package itself refuses of the rows that are whole, and computed columns that say otherwise.

    found: the faults so far; their rows, and the claims that rest on these, are left out: nothing is told twice.
    """
    judged, more = _judged(sheets, found, case)
    claims = sheets.get("claims")
    if claims is None or judged is None:
        return more
    for line, cells in stale(claims, judged).items():
        for column, right in cells.items():
            must = f"be {right or 'empty'}, as is computed"
            more.append(claims.fault(line, column, must, WRITE))
    return more


def stale(claims: Sheet, judged: pd.DataFrame) -> Cells:
    """Computed cells that are not what the rules give, with what they should be."""
    wrong: Cells = {}
    columns = [column for column in COMPUTED if claims.has(column)]
    for id, line in claims.ids.items():
        if id in judged.index:
            right = {column: _shown(judged.at[id, column]) for column in columns}
            have = {column: claims.cells.at[line, column] for column in columns}
            if cells := {column: right[column] for column in columns if not _agree(have[column], right[column])}:
                wrong[line] = cells
    return wrong


def _shown(value: object) -> str:
    """A computed cell as it is written: words, or six significant digits."""
    if value is None or pd.isna(value):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _agree(have: object, right: str) -> bool:
    text = "" if pd.isna(have) else str(have)
    try:
        return text == right or abs(float(text) - float(right)) <= 1e-5 * abs(float(right))
    except ValueError:
        return False


def judged(sheets: Mapping[str, Sheet], found: list[Fault], case: Case) -> pd.DataFrame | None:
    """Verdicts of the rows without a fault; None where they cannot be had, or no computed column asks for them."""
    return _judged(sheets, found, case)[0]


def _judged(sheets: Mapping[str, Sheet], found: list[Fault], case: Case) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Verdicts of the rows that are whole, where a column asks for them, and what was refused on the way."""
    claims, documents = sheets.get("claims"), sheets.get("documents")
    if claims is None or documents is None:
        return None, []
    whole, gone = _whole(sheets, found)
    if any(fault.line == 1 and fault.column for fault in found):
        return None, []  # a column lacks: first things first
    more: list[Fault] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = _written(Path(folder), sheets, whole, case)
        refused, said = _held(copy, claims)
        more += said
        if refused is None:
            return None, more
        if refused:
            kept = claims.text("id").isin([*refused])
            whole["claims"] = whole["claims"].drop(claims.cells.index[kept], errors="ignore")
            gone |= refused
            copy = _written(Path(folder), sheets, whole, case)
        more += _premises(Path(folder), sheets, whole, gone, case)
        if not any(claims.has(column) for column in COMPUTED) or whole["claims"].empty:
            return None, more
        return verdicts(_written(Path(folder), sheets, whole, case)), more


def _whole(sheets: Mapping[str, Sheet], found: list[Fault]) -> tuple[dict[str, pd.DataFrame], set[str]]:
    """Tables without the rows that have a fault, and without claims that name a row left out; and the ids of those."""
    computed = {("claims.csv", column) for column in (*COMPUTED, "notebook", "note")}
    lines: dict[str, set[int]] = {}
    for fault in found:
        if fault.line and (fault.file, fault.column) not in computed:
            lines.setdefault(fault.file, set()).add(fault.line)
    whole = {name: sheet.cells.drop(list(lines.get(sheet.file, ())), errors="ignore") for name, sheet in sheets.items()}
    gone = {id for name, sheet in sheets.items() for id in {*sheet.text("id").dropna(), *sheet.lost}}
    gone -= {id for frame in whole.values() if "id" in frame for id in frame["id"].dropna()}
    claims = whole["claims"]
    names = [named(claims[column]) for column in ("formula", "outside") if column in claims]
    while True:
        resting = [line for line in claims.index if any(not gone.isdisjoint(each.get(line, ())) for each in names)]
        lost = claims["document"].isin(list(gone)) if "document" in claims else pd.Series(False, claims.index)
        resting += list(claims.index[lost])
        if not resting:
            whole["claims"] = claims
            return whole, gone
        gone |= set(claims.loc[resting, "id"].dropna())
        claims = claims.drop(resting, errors="ignore")


def _written(folder: Path, sheets: Mapping[str, Sheet], whole: Mapping[str, pd.DataFrame], case: Case) -> Case:
    """A case of its own with these rows."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, frame in whole.items():
        frame.to_csv(data / sheets[name].file, index=False, quoting=csv.QUOTE_MINIMAL)
    if (case.data / schema.FILE).is_file():
        shutil.copyfile(case.data / schema.FILE, data / schema.FILE)
    return Case(folder)


def _held(copy: Case, claims: Sheet) -> tuple[set[str] | None, list[Fault]]:
    """Claims that cannot be held against what they name; None where the register itself is refused."""
    evidence = Evidence(copy)
    try:
        rows = evidence.rows
    except Refusal as refusal:
        return None, [_refused(refusal, "claims.csv")]
    refused: set[str] = set()
    found = []
    for id, row in rows.items():
        if pd.isna(row["outside"]):
            continue
        try:
            evidence.held(id, DEFAULT)
        except Refusal as refusal:
            told = str(refusal).removeprefix(f"claims.csv: {id}: ")
            refused.add(id)
            found.append(claims.fault(claims.ids[id], "outside", f"be something to hold it against: {told}"))
    return refused, found


def _premises(
    folder: Path, sheets: Mapping[str, Sheet], whole: Mapping[str, pd.DataFrame], gone: set[str], case: Case
) -> list[Fault]:
    """What `prove` would refuse of the premises, where they name nothing that was left out."""
    premises = sheets.get("premises")
    if premises is None or not premises.has("premise", "rule", "layer", "note"):
        return []
    words = set(re.findall(r"\w+", " ".join(premises.text("rule").dropna().astype(str))))
    if not words.isdisjoint(gone):
        return []
    claims = whole[
        "claims"
    ]  # of which those count that a premise names, that rest on one of these, or on which they rest
    names = dict(zip(claims["id"], named(claims["formula"].fillna("0")).values(), strict=True))
    near = {id for id, parts in names.items() if id in words or not words.isdisjoint(parts)}
    while below := {part for id in near for part in names.get(id, [])} - near:
        near |= below
    try:
        proof.facts(_written(folder, sheets, {**whole, "claims": claims[claims["id"].isin(list(near))]}, case))
    except Refusal as refusal:
        return [_refused(refusal, premises.file)]
    return []


def _refused(refusal: Refusal, file: str) -> Fault:
    """A refusal as a fault of the file that it names."""
    found = re.match(r"(\S+\.csv)(?: line \d+)?(?: \([^)]*\))?: (.*)", str(refusal), re.DOTALL)
    name, told = (found[1], found[2]) if found else (file, str(refusal))
    return Fault(name, must=f"be taken by the package: {told}")


def rewritten(text: str, claims: Sheet, wrong: Cells) -> str:
    """The file's text with these cells changed, and every other character as it was."""
    lines = text.splitlines(keepends=True)
    ends = [*claims.cells.index[1:], len(lines) + 1]
    columns = list(claims.cells.columns)
    for line, last in zip(claims.cells.index, ends, strict=True):
        if line in wrong:
            record = "".join(lines[line - 1 : last - 1])
            body, tail = record.rstrip("\r\n"), record[len(record.rstrip("\r\n")) :]
            cells = [found[1] for found in CELL.finditer(body)][: len(columns)]
            for column, right in wrong[line].items():
                cells[columns.index(column)] = right
            lines[line - 1 : last - 1] = [",".join(cells) + tail, *[""] * (last - line - 1)]
    return "".join(lines)
