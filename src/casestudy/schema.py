"""What `datapackage.json` says of a case's tables: the one source of their columns, types, choices and keys."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from casestudy.case import Case, built_in
from casestudy.refusals import Refusal, file_access

FILE = "datapackage.json"
NUMBERS = ("number", "integer", "year")  # types that arrive as numbers
OURS = ("claims", "documents")  # tables that the package itself computes with
ENDS = ("_earliest", "_latest")  # of a window: dates, whoever describes the table


@dataclass(frozen=True)
class Field:
    """A column: its type by the name that Frictionless gives it, and what its cells must satisfy."""

    name: str
    type: str = "string"
    constraints: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Whether no cell of it may be empty."""
        return bool(self.constraints.get("required"))

    @property
    def words(self) -> tuple[str, ...]:
        """What may stand in it, where that is a list of words; or one or more of them, by a pattern of that form.

        >>> Field("missing", constraints={"pattern": "(base|n)( (base|n))*"}).words
        ('base', 'n')
        """
        if isinstance(words := self.constraints.get("enum"), list):
            return tuple(map(str, words))
        several = re.fullmatch(r"\(([\w|]+)\)\( \(\1\)\)\*", str(self.constraints.get("pattern", "")))
        return tuple(several[1].split("|")) if several else ()


def package(case: Case) -> dict[str, Any]:
    """What a case's datapackage.json holds; nothing where it has none."""
    path = case.data / FILE
    if not path.is_file():
        return {}
    with file_access(f"read {path}"):
        state = path.stat()
        return _parsed(path, (state.st_mtime_ns, state.st_size))


@cache
def _parsed(path: Path, stamp: tuple[int, int]) -> dict[str, Any]:
    """The file's object, read once for each time that it was changed."""
    try:
        said = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{FILE} must be a JSON object in UTF-8: {error}") from None
    if not isinstance(said, dict):
        raise Refusal(f"{FILE} must be a JSON object in UTF-8: got {type(said).__name__}")
    return said


def hashed(content: bytes) -> str:
    """What stands in a table's `hash`: the algorithm and the digest of its file's bytes.

    >>> hashed(b"")
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def unhashed(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a datapackage.json says, but for the hashes and sizes of the files of which it speaks.

    >>> unhashed({"name": "mine", "resources": [{"path": "claims.csv", "hash": "sha256:00", "bytes": 1}]})
    {'name': 'mine', 'resources': [{'path': 'claims.csv'}]}
    """
    listed = said.get("resources", [])
    if not isinstance(listed, list):
        return dict(said)
    cut = [
        {key: value for key, value in one.items() if key not in ("hash", "bytes")} if isinstance(one, dict) else one
        for one in listed
    ]
    return {**said, "resources": cut}


def resources(case: Case) -> dict[str, dict[str, Any]]:
    """What is said of each table, by its file's stem, as it stands in datapackage.json."""
    listed = package(case).get("resources", [])
    if not (isinstance(listed, list) and all(isinstance(one, dict) for one in listed)):
        raise Refusal(f"{FILE}: resources must be a list of objects with name, path and schema; got {listed!r:.80}")
    return {str(one.get("path", "")).removesuffix(".csv"): one for one in listed}


def fields(table: str, case: Case) -> dict[str, Field]:
    """The columns of a table, in order, as the case describes it; else as the built-in case describes its own."""
    own = resources(case)
    return read(own[table]) if table in own else standard(table)


def standard(table: str) -> dict[str, Field]:
    """The columns of a table as the built-in case describes it; none where it has no such table."""
    known = resources(built_in())
    return read(known[table]) if table in known else {}


def types(table: str, columns: list[str], case: Case) -> dict[str, str]:
    """The type of each column: as described; else a date where its name is that of a window's end; else a number where
    a standard table has a number of that name; else a text. What the package itself computes with is of standard type.
    """
    said = fields(table, case)
    known = {name: one.type for resource in resources(built_in()).values() for name, one in read(resource).items()}
    numbers = {name for name, type in known.items() if type in NUMBERS}
    guessed = {name: "date" if name.endswith(ENDS) else "number" if name in numbers else "string" for name in columns}
    fixed = standard(table) if table in OURS else {}
    return guessed | {name: one.type for name, one in (said | fixed).items() if name in columns}


def read(resource: Mapping[str, Any]) -> dict[str, Field]:
    """The columns that the description of one table names."""
    schema = resource.get("schema")
    listed = schema.get("fields") if isinstance(schema, dict) else None
    if not (
        isinstance(listed, list) and all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in listed)
    ):
        where = f"{FILE}: {resource.get('path')}"
        raise Refusal(f"{where}: schema.fields must be a list of objects with a name; got {listed!r:.80}")
    found = [
        Field(
            one["name"],
            str(one.get("type", "string")),
            said if isinstance(said := one.get("constraints"), dict) else {},
        )
        for one in listed
    ]
    return {one.name: one for one in found}
