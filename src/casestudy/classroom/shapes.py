"""Whether what a JSON file holds has the types that a class declares, however deep."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def misfit(cls: type, entries: object) -> str:
    """Which entry of a JSON object does not fit the dataclass that is made of it; empty where all do.

    Entries that the class does not know do not matter; those that it needs must be there.

    >>> from casestudy.classroom.records import Override
    >>> misfit(Override, {"points": 1, "reason": "Right.", "before": 0, "now": None}), misfit(Override, [])
    ('now', 'no object')
    """
    if not isinstance(entries, dict):
        return "no object"
    for entry in fields(cls):
        needed = entry.default is MISSING and entry.default_factory is MISSING
        if entry.name in entries:
            if not fits(entries[entry.name], _hints(cls)[entry.name]):
                return entry.name
        elif needed:
            return entry.name
    return ""


def fits(value: object, kind: Any) -> bool:
    """Whether a JSON value has a type: a list for each sequence, an object for each mapping and dataclass.

    >>> fits({"s1": {"why": 2}}, dict[str, dict[str, float]]), fits([True], list[float]), fits(None, str | None)
    (True, False, True)
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, UnionType):
        return any(fits(value, each) for each in inner)
    if origin is Literal:
        return value in inner
    if origin in (list, tuple):
        return isinstance(value, list | tuple) and all(fits(each, inner[0]) for each in value)
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return isinstance(value, dict) and all(fits(name, inner[0]) and fits(v, inner[1]) for name, v in value.items())
    if is_dataclass(kind) and isinstance(kind, type):
        return not misfit(kind, value)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return value is None if kind in (None, NoneType) else type(value) is kind
