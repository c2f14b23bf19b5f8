"""All that is wrong with a case, at once."""

from collections.abc import Iterator
from pathlib import Path

from casestudy import schema
from casestudy.case import Case, open_case
from casestudy.check import columns, computed, figures, formulas, package, tables, treated
from casestudy.check.fault import Fault
from casestudy.check.sheet import Sheet, read
from casestudy.refusals import Refusal, file_access
from casestudy.reports.sets import parameters
from casestudy.staging import replaced

SEVERAL = ("formula", "outside", "premise", "citation", "compare")  # in which several names stand


def check(case: Case | None = None) -> list[Fault]:
    """Every fault of a case's tables, datapackage.json and notebooks, in the order of files and lines.

    Nothing is changed, and no file makes it fail: what cannot be read is a fault. Raises Refusal where the folder is no
    case at all.
    """
    case = case or open_case()
    sheets, found = _read(case)
    found += _rules(case, sheets)
    found += computed.faults(sheets, found, case)
    return sorted(_once(found), key=lambda fault: fault.place)


def _once(found: list[Fault]) -> Iterator[Fault]:
    """At most one fault a cell, the first, since the others mostly follow from it; of formulas and the like, all."""
    seen = set()
    for fault in dict.fromkeys(found):
        cell = (fault.file, fault.line, fault.column)
        if not fault.line or not fault.column or fault.column in SEVERAL or cell not in seen:
            seen.add(cell)
            yield fault


def write(case: Case | None = None) -> list[Path]:
    """Bring computed columns and recorded hashes up to date; the files that were changed.

    Every other character of them stays. Rows that have a fault of their own keep what they say.
    """
    case = case or open_case()
    changed = []
    sheets, found = _read(case)
    if (claims := sheets.get("claims")) is not None:
        judged = computed.judged(sheets, found + _rules(case, sheets), case)
        if judged is not None and (wrong := computed.stale(claims, judged)):
            with file_access(f"read {case.claims}"):
                text = case.claims.read_bytes().decode("utf-8")
            replaced(case.claims, computed.rewritten(text, claims, wrong))
            changed.append(case.claims)
    if package.rehash(case):
        changed.append(case.data / schema.FILE)
    return changed


def counts(case: Case | None = None) -> tuple[int, int, int]:
    """How many claims, tables and notebooks were looked at."""
    case = case or open_case()
    sheets, _ = _read(case)
    claims = sheets.get("claims")
    return 0 if claims is None else len(claims.cells), len(package.tables(case)), len(parameters.files(case))


def _read(case: Case) -> tuple[dict[str, Sheet], list[Fault]]:
    """Every table that can be told, with its types, and what is wrong with the files."""
    sheets: dict[str, Sheet] = {}
    found = []
    for path in package.tables(case):
        sheet, faults = read(path)
        found += faults
        if sheet is not None:
            sheets[path.stem] = Sheet(sheet.file, sheet.cells, _types(case, path.stem, sheet), sheet.lost)
    for name in schema.OURS:
        if not (case.data / f"{name}.csv").is_file():
            found.append(Fault(f"{name}.csv", must="be in data/", do="see data/README.md for its columns"))
    return sheets, found


def _types(case: Case, name: str, sheet: Sheet) -> dict[str, str]:
    have = list(sheet.cells.columns)
    try:
        return schema.types(name, have, case)
    except Refusal:  # told of datapackage.json itself
        return {column: one.type for column, one in schema.standard(name).items() if column in have}


def _rules(case: Case, sheets: dict[str, Sheet]) -> list[Fault]:
    """What is wrong with what the tables and notebooks say."""
    claims, documents = sheets.get("claims"), sheets.get("documents")
    broken = {path.stem for path in package.tables(case)} - sheets.keys()
    found = [*package.faults(case), *columns.faults(sheets, case)]
    for sheet in sheets.values():
        found += [*figures.windows(sheet), *figures.blanks(sheet)]
    if claims is not None:
        found += figures.faults(claims, documents)
        found += formulas.faults(claims, found)
    found += tables.faults(sheets, broken)
    return [*found, *treated.named(sheets, case), *treated.faults(case, claims, documents)]
