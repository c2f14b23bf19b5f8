"""`datapackage.json` itself: whether it can be read, which tables it describes, and whether their hashes are theirs."""

import json
import re
from pathlib import Path
from typing import Any

from casestudy import data, schema
from casestudy.case import Case
from casestudy.check.fault import Fault
from casestudy.refusals import Refusal, file_access
from casestudy.reports.sets import parameters
from casestudy.staging import replaced

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
Path_ = tuple[str | int, ...]
WRITE = "casestudy check --write puts it there"


def places(text: str) -> dict[Path_, tuple[int, int]]:
    """Where each value of a JSON text stands, by the keys and numbers that lead to it: its first and last character.

    >>> places('{"a": [1, "b"]}')[("a", 1)]
    (10, 13)
    """
    found: dict[Path_, tuple[int, int]] = {}
    path: list[str | int] = []
    opened: list[tuple[Path_, int]] = []
    key = False  # whether the next text is a key
    for token in TOKEN.finditer(text):
        word = token[0]
        if word in "{[":
            opened.append((tuple(path), token.start()))
            key = word == "{"
            path.append("" if key else 0)
        elif word in "}]":
            path.pop()
            where, start = opened.pop()
            found[where] = start, token.end()
        elif word == ",":
            last = path[-1]
            path[-1], key = (last + 1, False) if isinstance(last, int) else ("", True)
        elif word == ":":
            key = False
        elif key:
            path[-1] = json.loads(word)
        else:
            found[tuple(path)] = token.span()
    return found


def faults(case: Case) -> list[Fault]:
    """What is wrong with datapackage.json; a case without one has no fault for that."""
    path = case.data / schema.FILE
    if not path.is_file():
        return [
            Fault(one.name, must="be described", do=f"write a {schema.FILE} beside it with its columns and types")
            for one in tables(case)
            if not schema.standard(one.stem)
        ]
    try:
        listed = schema.resources(case)
        text = path.read_text(encoding="utf-8")
    except (Refusal, OSError, ValueError) as error:
        why = str(error).removeprefix(f"{schema.FILE} must ").removeprefix(f"{schema.FILE}: ")
        return [Fault(schema.FILE, must=why if why.startswith("be ") else f"be in order: {why}")]
    where = places(text)
    found = [*_undescribed(case, set(listed))]
    for number, resource in enumerate(listed.values()):
        line = text.count("\n", 0, where.get(("resources", number), (0, 0))[0]) + 1
        found += _resource(case, resource, line)
    return found + _front(case)


def tables(case: Case) -> list[Path]:
    """The files of a case's tables."""
    return sorted(path for path in case.data.glob("*.csv") if not path.name.startswith("."))


def _undescribed(case: Case, described: set[str]) -> list[Fault]:
    do = f"add it to resources in {schema.FILE}, with its columns and types"
    return [Fault(path.name, must="be described", do=do) for path in tables(case) if path.stem not in described]


def _resource(case: Case, resource: dict[str, Any], line: int) -> list[Fault]:
    named = resource.get("path")
    if not (isinstance(named, str) and re.fullmatch(r"[^/\\]+\.csv", named)):
        got = "" if named is None else str(named)
        return [Fault(schema.FILE, line, "path", must="name a .csv file beside it in data/", got=got)]
    found = []
    path = case.data / named
    if not path.is_file():
        do = "put the file there, or take its description away"
        return [Fault(schema.FILE, line, "path", must="name a file that exists", got=named, do=do)]
    if why := unfit(resource):
        found.append(Fault(schema.FILE, line, "schema", must=f"be a table schema: {named}: {why}"))
    else:
        found += _types(case, path.stem, line)
    if (stands := resource.get("hash")) != schema.hashed(path.read_bytes()):
        got = "" if stands is None else str(stands)
        found.append(Fault(schema.FILE, line, "hash", must=f"be the sha256 of {named}", got=got, do=WRITE))
    return found


def unfit(resource: dict[str, Any]) -> str:
    """Why a table's description cannot be worked with; empty where it can."""
    import frictionless

    try:
        schema.read(resource)
        frictionless.Schema.from_descriptor(resource["schema"])
    except Refusal as refusal:
        return str(refusal).partition(": ")[2]
    except Exception as error:  # Frictionless raises many kinds for what is no schema
        reasons = [each.note for each in getattr(error, "reasons", [])]
        return "; ".join(reasons) or f"{type(error).__name__}: {error}"
    return ""


def _types(case: Case, table: str, line: int) -> list[Fault]:
    """Columns that the package computes with, described as of another type."""
    standard = schema.standard(table) if table in schema.OURS else {}
    return [
        Fault(schema.FILE, line, name, must=f"be of the type {standard[name].type} in {table}.csv", got=one.type)
        for name, one in schema.fields(table, case).items()
        if name in standard and one.type != standard[name].type
    ]


def _front(case: Case) -> list[Fault]:
    """What the front page opens with: ids that exist, and a notebook."""
    try:
        hero = data.front(case).hero
    except Refusal as refusal:
        said = str(refusal)
        own = said.startswith(f"{schema.FILE}: ")  # what else is refused has a fault of its own
        return [Fault(schema.FILE, column="front", must=f"be in order: {said.partition(': ')[2]}")] if own else []
    stems = {path.stem for path in parameters.files(case)}
    if hero and hero not in stems:
        return [Fault(schema.FILE, column="front.hero", must="name a notebook of the case", got=hero)]
    return []


def rehash(case: Case) -> bool:
    """Put the sha256 of each described file into datapackage.json; whether that changed it. Nothing else does."""
    path = case.data / schema.FILE
    if not path.is_file():
        return False
    try:
        listed = schema.resources(case)
    except Refusal:  # which is a fault
        return False
    with file_access(f"read {path}"):
        text = path.read_bytes().decode("utf-8")
    where, changes = places(text), []
    for number, resource in enumerate(listed.values()):
        file = case.data / str(resource.get("path"))
        if not (
            file.is_file()
            and file.suffix == ".csv"
            and resource.get("hash") != (right := schema.hashed(file.read_bytes()))
        ):
            continue
        if span := where.get(("resources", number, "hash")):
            changes.append((*span, f'"{right}"'))
        else:
            start, end = where["resources", number, "path"]
            indent = re.search(r"\s*$", text[: text.rindex('"path"', 0, start)])
            changes.append((end, end, f',{indent[0] if indent else " "}"hash": "{right}"'))
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    if changes:
        replaced(path, text)
    return bool(changes)
