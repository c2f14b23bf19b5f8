"""Holding two values of an answer against each other: the same, a slip's, the same but for rounding."""

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from casestudy.classroom.sets.answers import IMPOSSIBLE, Answer, plain

COARSE = 0.05  # of a number: a digit that is worth more is no rounding of it
NAMED = 0.1  # of an answer's tolerance: within so little, a value is a named slip's


@dataclass(frozen=True)
class Guess:
    """A prediction of one answer; give_or_take: how far off it may be, in the answer's unit, where that was said."""

    value: float | str
    give_or_take: float | None = None

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return self.value
        return f"{self.value:g}" + ("" if self.give_or_take is None else f", give or take {self.give_or_take:g}")

    def holds(self, right: object) -> bool | None:
        """Whether a number lies within what was allowed for; None where nothing was.

        >>> Guess(30, 5).holds(34), Guess(30, 5).holds(36), Guess(30).holds(30)
        (True, False, None)
        """
        if self.give_or_take is None or isinstance(self.value, str) or not isinstance(right, int | float):
            return None
        return abs(right - self.value) <= self.give_or_take


def judged(answer: Answer, value: Any) -> Any:
    """What was built as its author's judge takes it: numbers, a DataFrame, a date, or the word that nothing fits."""
    if value == IMPOSSIBLE or answer.form in ("list", "number"):
        return value
    if answer.form == "date":
        return datetime.date.fromisoformat(value)
    return pd.DataFrame(value["columns"], index=value["index"])


def matches(answer: Answer, given: Any, slipped: Any) -> bool:
    """Whether a value is what a slip gives: at a tenth of the tolerance, or rounded to the few digits that were typed.

    >>> pct = Answer("pct", atol=0.05)
    >>> [matches(pct, given, 22.7272) for given in (22.7273, 22.7, 22.74)]
    [True, True, False]
    """
    if answer.kind not in ("number", "table"):
        return agree(answer, given, slipped)
    if agree(replace(answer, rtol=answer.rtol * NAMED, atol=answer.atol * NAMED + 1e-12), given, slipped):
        return True
    return answer.kind == "number" and agree(answer, given, slipped) and is_rounded(given, slipped)


def is_rounded(given: float, exact: float) -> bool:
    """Whether one number is the other, rounded to some digit that is small beside it.

    >>> is_rounded(22.7, 22.7272), is_rounded(22.8, 22.7272), is_rounded(500, 498.4), is_rounded(100, 98.7)
    (True, False, True, False)
    """
    fine = [digits for digits in range(-9, 10) if 10.0**-digits <= COARSE * abs(exact)]
    return given != exact and any(math.isclose(given, round(exact, digits), rel_tol=1e-12) for digits in fine)


def agree(answer: Answer, given: Any, right: Any) -> bool:
    """Whether two values that were read are the same answer. What was built is right by its judge alone."""
    if answer.kind == "number":
        return bool(abs(given - right) <= max(answer.atol, answer.rtol * abs(right)))
    if answer.kind == "table":
        return _same_table(answer, given, right)
    if answer.kind == "allocation":
        return _same_allocation(given, right)
    if answer.kind == "construct":
        return _same_construct(answer, given, right)
    return plain(given) == plain(right)


def comparable(answer: Answer, value: Any) -> bool:
    """Whether a value has the form that a read value of this answer's kind has, so that it can be held against one.

    >>> comparable(Answer("x"), 2.5), comparable(Answer("x"), "2.5"), comparable(Answer("x", kind="table"), [])
    (True, False, False)
    """
    kind = answer.form if answer.kind == "construct" else answer.kind
    if answer.kind == "construct" and value == IMPOSSIBLE:
        return True
    if kind == "date":
        return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))
    if kind == "number":
        return _is_number(value)
    if kind in ("allocation", "list"):
        parts = list(value.values()) if type(value) is dict and kind == "allocation" else value
        return isinstance(parts, list) and all(map(_is_number, parts))
    if kind != "table":
        return isinstance(value, str)
    columns, index = (value.get("columns"), value.get("index")) if isinstance(value, dict) else (None, None)
    if not isinstance(columns, dict) or not isinstance(index, list) or {type(label) for label in index} - {str}:
        return False
    return all(isinstance(column, list) and len(column) == len(index) for column in columns.values()) and all(
        isinstance(cell, str) or _is_number(cell) for column in columns.values() for cell in column
    )


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _same_construct(answer: Answer, given: Any, other: Any) -> bool:
    """Whether two things that were built are the same to the digits of a float."""
    if IMPOSSIBLE in (given, other) or answer.form == "date":
        return bool(given == other)
    exact = replace(answer, kind=answer.form, rtol=1e-9, atol=1e-12)
    if answer.form == "list":
        same = replace(exact, kind="number")
        return len(given) == len(other) and all(agree(same, *pair) for pair in zip(given, other, strict=True))
    return agree(exact, given, other)


def _same_allocation(given: Any, right: Any) -> bool:
    """Points by name where both have names, else in order."""
    if type(given) is dict and type(right) is dict:
        given, right = ({plain(name): points for name, points in each.items()} for each in (given, right))
        return given.keys() == right.keys() and all(abs(given[name] - right[name]) <= 1e-9 for name in right)
    pair = [list(points.values()) if type(points) is dict else points for points in (given, right)]
    return len(pair[0]) == len(pair[1]) and all(abs(x - y) <= 1e-9 for x, y in zip(*pair, strict=True))


def _same_table(answer: Answer, given: dict[str, Any], right: dict[str, Any]) -> bool:
    """Columns in any order; rows by their labels where these are the same, else in order."""
    given, right = _folded(given), _folded(right)
    if set(given["columns"]) != set(right["columns"]) or len(given["index"]) != len(right["index"]):
        return False
    return all(fits for _, _, fits in cells(answer, given, right))


def cells(answer: Answer, given: dict[str, Any], right: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Each cell of the right table, by its column and row, and whether it fits; both tables are of one shape."""
    order = in_order(given["index"], right["index"])
    number = Answer(answer.name, rtol=answer.rtol, atol=answer.atol)
    for name, column in right["columns"].items():
        for row, label, cell in zip(order, right["index"], column, strict=True):
            mine = given["columns"][name][row]
            same = agree(number, mine, cell) if type(mine) is type(cell) is float else mine == cell
            yield name, label, type(mine) is type(cell) and same


def in_order(given: list[str], wanted: list[str]) -> list[int]:
    """Which of the given rows stands for each wanted one: by label where these are the same, else in order.

    >>> in_order(["b", "a"], ["a", "b"]), in_order(["0", "1"], ["a", "b"])
    ([1, 0], [0, 1])
    """
    named = len(set(wanted)) == len(wanted) and set(wanted) == set(given)
    return [given.index(label) for label in wanted] if named else list(range(len(wanted)))


def _folded(table: dict[str, Any]) -> dict[str, Any]:
    """A table with all its texts as they are compared."""
    columns = {
        plain(name): [plain(cell) if type(cell) is str else cell for cell in column]
        for name, column in table["columns"].items()
    }
    if len(columns) < len(table["columns"]):  # columns that differ in spaces only stay apart
        return table
    return {"index": [plain(label) for label in table["index"]], "columns": columns}
