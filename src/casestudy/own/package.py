"""A case's datapackage.json as it is written: descriptions of tables, taken from the built-in case, and hashes."""

import copy
import json
from typing import Any

from casestudy.case import Case, built_in
from casestudy.refusals import Refusal, file_access
from casestudy.schema import FILE, hashed

Described = dict[str, Any]


def read(case: Case) -> Described:
    """What a case's datapackage.json says."""
    path = case.data / FILE
    with file_access(f"read {path}"):
        content = path.read_bytes()
    try:
        said = json.loads(content)
        names = [resource["name"] for resource in said["resources"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        why = f"got {type(error).__name__}: {error}"
        raise Refusal(f"{path} must be a JSON object with `resources`, each with a name; {why}") from None
    if len(set(names)) != len(names):
        raise Refusal(f"{path}: each resource must have a name of its own; got {', '.join(map(str, names))}")
    return dict(said)


def written(said: Described) -> str:
    """As it stands in the file."""
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def described(own: Described, content: bytes, like: str = "") -> Described:
    """A table's description: its own words, the rest as the built-in case describes it, and its content's hash.

    own: `name`, `title`, `sources`. like: the table of the built-in case that has these columns, where the name is
    another. A column of the built-in case that names its own notebooks may name any.
    """
    taken = copy.deepcopy(standard(like or own["name"])) | own
    for field in taken["schema"]["fields"]:
        if field["name"] == "notebook":
            field["constraints"].pop("enum", None)
    return taken | {"path": f"{own['name']}.csv", "hash": hashed(content)}


def standard(name: str) -> Described:
    """How the built-in case describes a table; refused where it has none of that name."""
    known = {resource["name"]: resource for resource in read(built_in())["resources"]}
    if name not in known:
        raise Refusal(f"the built-in case describes no table {name!r}; it has: {', '.join(known)}")
    return dict(known[name])


def renewed(text: str, table: str, content: bytes) -> str:
    """The file's text with the new hash of one table; every other letter stays, where the old one stands once."""
    said = json.loads(text)
    for resource in said["resources"]:
        if resource["name"] == table:
            old, resource["hash"] = resource.get("hash"), hashed(content)
            return text.replace(old, resource["hash"]) if old and text.count(old) == 1 else written(said)
    return text
