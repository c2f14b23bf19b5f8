"""Reading a report that a student's process may have forged: strict, bounded; the first value of an answer counts."""

import json
from dataclasses import dataclass, field

import pandas as pd

from casestudy.classroom import answers
from casestudy.classroom.answers import Answer

STATUSES = ("ok", "cell_error", "timeout_cpu", "timeout_wall", "memory", "died")
KEYS = {"missing", "comma", "not_a_number", "not_finite", "out_of_range", "not_a_table", "too_large", "not_a_choice"}
KEYS |= {"not_an_allocation", "wrong_sum", "quoted", "commas", "unreadable"}
MOST_LINES = 5_000
MOST_ERRORS = 40
LONGEST_PLAIN = 100_000  # characters of a line with an answer that is no table


@dataclass
class Told:
    """What the attempts at one submission have said so far."""

    declared: dict[str, Answer]
    values: dict[str, object] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    data: str = ""
    error: str = ""  # the first
    errors: dict[int | None, str] = field(default_factory=dict)  # by the cell that raised it
    raised: str = ""  # "memory" or "cell_error" where a cell of the last attempt raised
    cell: int | None = None  # the one begun last
    done: bool = False

    def all_problems(self) -> dict[str, str]:
        """Why each answer without a value has none."""
        lost = {name: "missing" for name in self.declared if name not in self.values}
        return lost | self.problems

    def status(self) -> str:
        """Of an attempt that came to its end: want of memory is the reason only where an answer is missing."""
        if self.raised == "memory" and "missing" not in self.all_problems().values():
            return "cell_error"
        return self.raised or "ok"


def read_report(report: bytes, told: Told) -> None:
    """Add one attempt's report to what was told; lines that are not exactly as they should be are left out.

    >>> told = Told({"x": Answer("x")})
    >>> read_report(b'["answer", ["x", 2]]\\n["answer", ["x", 3]]\\n["answer", ["y", 1]]\\n["done", true]\\n', told)
    >>> told.values, told.status()
    ({'x': 2.0}, 'ok')
    """
    told.raised, told.cell, told.done = "", None, False
    for line in report.split(b"\n", MOST_LINES)[:MOST_LINES]:
        if not line.startswith(b'["'):
            continue
        try:
            kind, value = json.loads(line.decode(), parse_constant=_refused)
            json.dumps(value, ensure_ascii=False).encode()  # half a character is refused here, not when it is written
            _take(kind, value, len(line), told)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError, AttributeError):
            continue


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _take(kind: str, value: object, length: int, told: Told) -> None:
    if kind == "cell" and type(value) is int and value >= 0:
        told.cell = value
    elif kind in ("error", "memory", "failed") and type(value) is str:
        told.error = told.error or value[:300]
        if len(told.errors) < MOST_ERRORS:
            told.errors.setdefault(told.cell, value[:300])
        told.raised = "memory" if "memory" in (kind, told.raised) else "cell_error"
    elif kind == "data" and type(value) is str:
        told.data = told.data or value[:16]
    elif kind == "done":
        told.done = True
    elif kind in ("answer", "problem"):
        name, given = value
        if name not in told.declared or name in told.values or name in told.problems:
            return
        if kind == "problem":
            told.problems[name] = given if given in KEYS else "unreadable"
            return
        try:
            told.values[name] = _again(told.declared[name], given, length)
        except answers.Problem as problem:
            told.problems[name] = problem.key
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError, AttributeError):
            told.problems[name] = "unreadable"


def _again(answer: Answer, value: object, length: int) -> object:
    """A value in its plain form, held to what was declared as if a student had just given it.

    >>> _again(Answer("x", range=(0, 10)), 2.5, 3)
    2.5
    """
    if answer.kind != "table":
        if length > LONGEST_PLAIN:
            raise answers.Problem("too_large")
        return answers.read(answer, value)
    columns, index = value["columns"], value["index"]
    if type(columns) is not dict or type(index) is not list or {type(label) for label in index} - {str}:
        raise ValueError("a table is columns and an index of words")
    if max(len(columns), len(index), len(columns) * len(index)) > answers.LARGEST:
        raise answers.Problem("too_large")
    if any(type(column) is not list or len(column) != len(index) for column in columns.values()):
        raise ValueError("columns of different lengths")
    if {type(cell) for column in columns.values() for cell in column} - {int, float, str}:
        raise answers.Problem("not_a_table")
    return answers.read(answer, pd.DataFrame(columns, index=pd.Index(index, dtype=object), dtype=object))
