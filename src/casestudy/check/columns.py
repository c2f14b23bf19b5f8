"""What datapackage.json says of the tables' cells, held against them by Frictionless."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import pandas as pd

from casestudy import schema
from casestudy.case import Case, built_in
from casestudy.check.fault import Fault
from casestudy.check.package import unfit
from casestudy.check.sheet import Sheet, nearest_of
from casestudy.claims.register import MAY_LACK
from casestudy.refusals import Refusal

KINDS = {
    **dict.fromkeys(("number", "year"), ("be a finite number", "write digits, with a point before decimals")),
    "integer": ("be a whole number", "write digits alone"),
    "date": ("be a date as YYYY-MM-DD", "write year, month and day with hyphens, such as 2015-03-31"),
    "boolean": ("be true or false", ""),
}
READ = ("documents", "enumerations", "outside_reported", "premises")  # what the package reads beside the claims
Resource = dict[str, Any]


def _own(case: Case) -> dict[str, Resource]:
    """How the case describes its tables; nothing where that cannot be read, which is told elsewhere."""
    try:
        return schema.resources(case)
    except Refusal:
        return {}


def faults(sheets: Mapping[str, Sheet], case: Case) -> list[Fault]:
    """Columns that lack or are too many, and cells that are not of their type or break a constraint or a key."""
    resources = {
        name: one
        for name, one in (schema.resources(built_in()) | _own(case)).items()
        if name in sheets and not unfit(one)
    }
    own = _own(case)
    found = [
        fault for name, sheet in sheets.items() for fault in _header(sheet, name, resources.get(name), name in own)
    ]
    for sheet in sheets.values():
        found += _unread(sheet)
    return [*found, *_constrained(sheets, resources)]


def _header(sheet: Sheet, name: str, resource: Resource | None, own: bool) -> Iterator[Fault]:
    """Columns that lack, that nobody describes, or that stand elsewhere. own: whether the case describes the table."""
    have = list(sheet.cells.columns)
    said = [field["name"] for field in resource["schema"]["fields"]] if resource and own else []
    for column in dict.fromkeys([*said, *_needed(name)]):
        if column not in have:
            near = get_close_matches(column, sorted(set(have) - {*said, *_needed(name)}), n=1)
            do = f"rename {near[0]!r}" if near else "add it to the first line, and a cell to each row"
            yield Fault(sheet.file, 1, column, must="be one of the columns", do=do)
    if not said:
        return
    for column in have:
        if column not in said:
            do = "describe it there, or take it away"
            yield Fault(sheet.file, 1, column, must=f"be a column that {schema.FILE} describes", do=do)
    kept, both = ([column for column in one if column in other] for one, other in ((have, said), (said, have)))
    if moved := [column for column, other in zip(kept, both, strict=True) if column != other]:
        do = f"put it where it stands there: {', '.join(said)}"
        yield Fault(sheet.file, 1, moved[0], must=f"stand in the order of {schema.FILE}", do=do)


def _needed(name: str) -> list[str]:
    """Columns of a standard table that the package itself reads."""
    standard = schema.standard(name)
    if name == "claims":
        return [column for column in standard if column not in MAY_LACK]
    return [column for column, one in standard.items() if one.required] if name in READ else []


def _unread(sheet: Sheet) -> Iterator[Fault]:
    """Cells that the package could not read as the number or date that they should be."""
    for column, type in sheet.types.items():
        if type in schema.NUMBERS or type == "date":
            must, do = KINDS[type]
            for line in sheet.cells.index[sheet.unread(column)]:
                yield sheet.fault(line, column, must, _rewritten(str(sheet.cells.at[line, column]), type) or do)


def _rewritten(text: str, type: str) -> str:
    """What a number with a comma or a per cent sign should be."""
    if type == "date":
        return ""
    if found := re.fullmatch(r"\s*(-?[0-9]+),([0-9]+)\s*", text):
        return f"write a point: {found[1]}.{found[2]}"
    if found := re.fullmatch(r"\s*([0-9.]+) ?%\s*", text):
        return "write a share from 0 to 1, without the sign"
    return ""


def _constrained(sheets: Mapping[str, Sheet], resources: Mapping[str, Resource]) -> Iterator[Fault]:
    """Constraints and keys. Frictionless is given the cells, not the files: their shape was looked at before."""
    import frictionless

    try:
        said = {name: _known(one, sheets) for name, one in resources.items()}
        listed = [
            frictionless.Resource(
                name=name, data=_data(sheets[name], one), schema=frictionless.Schema.from_descriptor(one)
            )
            for name, one in said.items()
        ]
        tasks = frictionless.Package(resources=listed).validate(limit_errors=10**9).tasks
    except Exception as raised:  # of many kinds, where a constraint or a key is not what its kind asks for
        why = f"{type(raised).__name__}: {raised}"
        yield Fault(schema.FILE, must=f"have constraints and keys that can be applied: {why}")
        return
    for task in tasks:
        sheet = sheets[task.name]
        fields = {field["name"]: field for field in resources[task.name]["schema"]["fields"]}
        unique: set[int] = set()
        for error in task.errors:
            row = getattr(error, "row_number", None)
            if row is None:
                yield Fault(sheet.file, must=f"follow its schema: {error.note or error.message}")
                continue
            line = int(sheet.cells.index[row - 2])
            if error.type == "unique-error":
                unique.add(line)
            if error.type == "primary-key" and line in unique:
                continue
            if fault := _told(sheet, line, error, fields, sheets):
                yield fault


def _known(resource: Resource, sheets: Mapping[str, Sheet]) -> Resource:
    """The schema of a table without columns that are not there, and keys that need them or another table."""
    said = resource["schema"]
    sheet = sheets[str(resource["path"]).removesuffix(".csv")]
    listed = [field for field in said["fields"] if sheet.has(field["name"])]
    keys = [
        key
        for key in said.get("foreignKeys", [])
        if _has(sheet, key["fields"])
        and (other := sheets.get(key["reference"]["resource"], sheet if not key["reference"]["resource"] else None))
        and _has(other, key["reference"]["fields"])
    ]
    primary = (
        {"primaryKey": said["primaryKey"]} if _has(sheet, said.get("primaryKey", [])) and "primaryKey" in said else {}
    )
    return {"fields": listed, "missingValues": [""], "foreignKeys": keys} | primary


def _has(sheet: Sheet, columns: str | list[str]) -> bool:
    return sheet.has(*([columns] if isinstance(columns, str) else columns))


def _data(sheet: Sheet, said: Resource) -> list[list[str]]:
    names = [field["name"] for field in said["fields"]]
    return [names, *sheet.cells[names].fillna("").to_numpy().tolist()]


def _told(sheet: Sheet, line: int, error: Any, fields: Mapping[str, Any], sheets: Mapping[str, Sheet]) -> Fault | None:
    """What Frictionless found, in our words; nothing where the package has said so already."""
    column = str(getattr(error, "field_name", ""))
    if error.type == "type-error":
        type = fields[column].get("type", "string")
        if column in sheet.types and bool(sheet.unread(column)[line]):
            return None
        return sheet.fault(line, column, *KINDS.get(type, (f"be of the type {type}", "")))
    if error.type == "constraint-error":
        return _constraint(sheet, line, column, error.note, fields[column].get("constraints", {}))
    if error.type == "unique-error":
        first = sheet.cells.index[sheet.text(column).eq(sheet.text(column)[line])][0]
        return sheet.fault(line, column, f"be unique: line {first} has it too", "give one of them another")
    if error.type == "primary-key":
        return Fault(sheet.file, line, must=f"have a key of its own: {error.note}", do="change one of them")
    if error.type == "foreign-key":
        column, other = error.field_names[0], error.reference_name or sheet.file.removesuffix(".csv")
        if error.field_cells[0] in sheets[other].lost:
            return None
        known = sheets[other].text(error.reference_field_names[0]).dropna()
        must = f"stand in the column {error.reference_field_names[0]} of {other}.csv"
        return sheet.fault(line, column, must, nearest_of(str(error.field_cells[0]), known) or _some(known))
    return Fault(sheet.file, line, column, must=f"follow its schema: {error.note or error.message}")


def _some(known: pd.Series) -> str:
    return f"there are: {', '.join(known)}" if len(known) <= 12 else ""


def _constraint(sheet: Sheet, line: int, column: str, note: str, constraints: Mapping[str, Any]) -> Fault:
    kind = next(iter(re.findall(r'constraint "(\w+)"', note)), "")
    bound = constraints.get(kind)
    cell = sheet.cells.at[line, column] if column in sheet.cells else None
    if kind == "enum":
        words = [str(word) for word in bound or ()]
        return sheet.fault(line, column, f"be one of {', '.join(words)}", nearest_of(str(cell), words))
    several = schema.Field(column, "string", constraints).words if kind == "pattern" else ()
    must, do = {
        "required": ("not be empty", "say why, in a sentence" if column == "note" else "fill it in"),
        "pattern": (f"match {bound}", ""),
        "minimum": (f"be at least {bound}", ""),
        "maximum": (f"be at most {bound}", ""),
        "maxLength": (f"have at most {bound} characters", "shorten it"),
        "minLength": (f"have at least {bound} characters", ""),
    }.get(kind, (f"follow its schema: {note}", ""))
    return sheet.fault(line, column, f"be of {', '.join(several)}" if several else must, do)
