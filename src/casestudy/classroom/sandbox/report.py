"""Reading a report that a student's process may have forged: strict, bounded; the first value of an answer counts."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from casestudy.classroom.sets import answers
from casestudy.classroom.sets.agreement import Guess
from casestudy.classroom.sets.answers import GIVE_OR_TAKE, Answer
from casestudy.classroom.sets.problems import KINDS, MISSING, UNREADABLE, Problem

STATUSES = ("ok", "cell_error", "timeout_cpu", "timeout_wall", "memory", "died")
MOST_LINES = 5_000
MOST_ERRORS = 40
LONGEST_PLAIN = 100_000  # characters of a line with an answer that is no table
UNUSABLE = (ValueError, TypeError, KeyError, RecursionError, OverflowError, AttributeError)


@dataclass
class Report:
    """What the attempts at one submission have said so far."""

    declared: Mapping[str, Answer]
    values: dict[str, object] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)
    data: str = ""
    error: str = ""  # the first
    errors: dict[int | None, str] = field(default_factory=dict)  # by the cell that raised it
    raised: str = ""  # "memory" or "cell_error" where a cell of the last attempt raised
    cell: int | None = None  # the one begun last
    done: bool = False

    def read(self, content: bytes) -> None:
        """Add what one attempt said; lines that are not exactly as they should be are left out.

        >>> report = Report({"x": Answer("x")})
        >>> report.read(b'["answer", ["x", 2]]\\n["answer", ["x", 3]]\\n["answer", ["y", 1]]\\n["done", true]\\n')
        >>> report.values, report.status()
        ({'x': 2.0}, 'ok')
        """
        self.raised, self.cell, self.done = "", None, False
        for line in content.split(b"\n", MOST_LINES)[:MOST_LINES]:
            if not line.startswith(b'["'):
                continue
            with contextlib.suppress(*UNUSABLE):
                kind, value = json.loads(line.decode(), parse_constant=_refused)
                json.dumps(
                    value, ensure_ascii=False
                ).encode()  # half a character is refused here, not when it is written
                self._take(kind, value, len(line))

    def all_problems(self) -> dict[str, str]:
        """Why each answer without a value has none."""
        lost = {name: MISSING for name in self.declared if name not in self.values}
        return lost | self.problems

    def status(self) -> str:
        """Of an attempt that came to its end: want of memory is the reason only where an answer is missing."""
        if self.raised == "memory" and MISSING not in self.all_problems().values():
            return "cell_error"
        return self.raised or "ok"

    def _take(self, kind: str, value: Any, length: int) -> None:
        if kind == "cell" and type(value) is int and value >= 0:
            self.cell = value
        elif kind in ("error", "memory", "failed") and type(value) is str:
            self._take_error(kind, value[:300])
        elif kind == "data" and type(value) is str:
            self.data = self.data or value[:16]
        elif kind == "done":
            self.done = True
        elif kind == "guess":
            self._take_guess(value, length)
        elif kind in ("answer", "problem"):
            self._take_answer(kind, value, length)

    def _take_error(self, kind: str, words: str) -> None:
        self.error = self.error or words
        if len(self.errors) < MOST_ERRORS:
            self.errors.setdefault(self.cell, words)
        self.raised = "memory" if "memory" in (kind, self.raised) else "cell_error"

    def _take_guess(self, value: Any, length: int) -> None:
        """The first guess of a number or a choice."""
        name, guess, width = value
        if name in self.guesses or name not in self.declared or self.declared[name].kind not in ("number", "choice"):
            return
        with contextlib.suppress(Problem, *UNUSABLE):
            answer = self.declared[name].boundless()
            wide = None if width is None else _again(GIVE_OR_TAKE, width, length)
            self.guesses[name] = Guess(_again(answer, guess, length), wide if answer.kind == "number" else None)

    def _take_answer(self, kind: str, value: Any, length: int) -> None:
        name, given = value
        if name not in self.declared or name in self.values or name in self.problems:
            return
        if kind == "problem":
            self.problems[name] = given if given in KINDS else UNREADABLE
            return
        try:
            self.values[name] = _again(self.declared[name], given, length)
        except Problem as problem:
            self.problems[name] = problem.kind
        except UNUSABLE:
            self.problems[name] = UNREADABLE


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _again(answer: Answer, value: Any, length: int) -> Any:
    """A value in its plain form, held to what was declared as if a student had just given it.

    >>> _again(Answer("x", range=(0, 10)), 2.5, 3)
    2.5
    """
    if answer.kind == "table":
        return answers.read(answer, _table(value["columns"], value["index"]))
    if length > LONGEST_PLAIN:
        raise Problem("too_large")
    return answers.read(answer, value)


def _table(columns: Any, index: Any) -> pd.DataFrame:
    if type(columns) is not dict or type(index) is not list or {type(label) for label in index} - {str}:
        raise ValueError("a table is columns and an index of words")
    if max(len(columns), len(index), len(columns) * len(index)) > answers.LARGEST:
        raise Problem("too_large")
    if any(type(column) is not list or len(column) != len(index) for column in columns.values()):
        raise ValueError("columns of different lengths")
    if {type(cell) for column in columns.values() for cell in column} - {int, float, str}:
        raise Problem("not_a_table")
    return pd.DataFrame(columns, index=pd.Index(index, dtype=object), dtype=object)
