"""A case's tables described for tools that read CSV on the Web (W3C), from what its datapackage.json says of them."""

import re
from collections.abc import Mapping
from typing import Any

from casestudy import schema
from casestudy.case import Case, open_case
from casestudy.refusals import Refusal

CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "en"}]
BASES = {
    **{"string": "string", "integer": "integer", "number": "number", "date": "date", "boolean": "boolean"},
    **{"datetime": "dateTime", "time": "time", "year": "gYear", "yearmonth": "gYearMonth", "duration": "duration"},
}
FORMATS = {"date": "yyyy-MM-dd", "boolean": "true|false"}
SPECIAL = re.compile(r"([\\^$.|?*+()\[\]{}])")


def csvw(case: Case | None = None) -> dict[str, Any]:
    """Metadata of every table of a case, to lie beside them as `claims.csv-metadata.json`.

    Types, keys, what may be empty and what stands for nothing are those of datapackage.json; a value that must only be
    unique has no word in CSV on the Web and is left out. Refuses a case without such a description.
    """
    said = schema.package(case or open_case())
    resources = said.get("resources")
    if not isinstance(resources, list) or not resources:
        raise Refusal("datapackage.json must list the case's tables under resources: there are none to describe")
    paths = {one.get("name"): one.get("path") for one in resources if isinstance(one, dict)}
    about = {"dc:title": said.get("title"), "dc:description": said.get("description")}
    about["dc:license"] = next(iter(_texts(said.get("licenses"), "path")), None)
    group = {"@context": CONTEXT, "@type": "TableGroup"} | {name: text for name, text in about.items() if text}
    return group | {"tables": [_table(one, paths) for one in resources]}


def _table(resource: Any, paths: Mapping[Any, Any]) -> dict[str, Any]:
    try:
        columns, path = resource["schema"], str(resource["path"])
        fields = [(field["name"], field) for field in columns["fields"]]
        nothing = columns.get("missingValues", [""])
        found: dict[str, Any] = {"columns": [_column(name, field, nothing) for name, field in fields]}
        if key := columns.get("primaryKey"):
            found["primaryKey"] = _references(key)
        if keys := columns.get("foreignKeys"):
            found["foreignKeys"] = [_foreign(one, path, paths) for one in keys]
    except (KeyError, TypeError, AttributeError) as error:
        name = resource.get("name") if isinstance(resource, dict) else resource
        must = "must have a path and a schema with fields, each with a name"
        raise Refusal(f"datapackage.json: resource {name!r} {must}: {error!r}") from None
    title = {"dc:title": resource["title"]} if resource.get("title") else {}
    return {"url": path} | title | {"tableSchema": found}


def _column(title: str, field: Mapping[str, Any], nothing: list[str]) -> dict[str, Any]:
    held = field.get("constraints", {})
    kind = _datatype(field.get("type", "string"), held)
    found: dict[str, Any] = {"name": _name(title), "titles": title, "datatype": kind}
    if field.get("description"):
        found["dc:description"] = field["description"]
    found["null"] = nothing[0] if len(nothing) == 1 else nothing
    return found | ({"required": True} if held.get("required") else {})


def _datatype(kind: str, held: Mapping[str, Any]) -> str | dict[str, Any]:
    base = BASES.get(kind, "string")
    found: dict[str, Any] = {"base": base}
    if base in FORMATS:
        found["format"] = FORMATS[base]
    if base == "string":
        words = [SPECIAL.sub(r"\\\1", str(word)) for word in held.get("enum", ())]
        if pattern := "|".join(words) or held.get("pattern"):
            found["format"] = f"^({pattern})$"
    names = ("minLength", "maxLength") if base == "string" else ("minimum", "maximum")
    found |= {name: held[name] for name in names if name in held}
    return base if len(found) == 1 else found


def _name(title: str) -> str:
    """A column's name, in which only some signs may stand as they are.

    >>> _name("as_of"), _name("per cent")
    ('as_of', 'per%20cent')
    """
    return re.sub(r"[^A-Za-z0-9_.]", lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), title)


def _references(names: str | list[str]) -> list[str]:
    return [_name(name) for name in ([names] if isinstance(names, str) else names)]


def _foreign(key: Mapping[str, Any], path: str, paths: Mapping[Any, Any]) -> dict[str, Any]:
    there = key["reference"]
    resource = paths[there["resource"]] if there.get("resource") else path  # nothing: the same table
    return {
        "columnReference": _references(key["fields"]),
        "reference": {"resource": resource, "columnReference": _references(there["fields"])},
    }


def _texts(said: object, name: str) -> list[str]:
    parts = said if isinstance(said, list) else []
    return [one[name] for one in parts if isinstance(one, dict) and isinstance(one.get(name), str)]
