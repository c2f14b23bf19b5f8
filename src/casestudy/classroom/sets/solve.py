"""Solve a problem set: the right answers, and what each usual mistake gives, on one student's own figures."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any

import pandas as pd

from casestudy.classroom.quiet import silence
from casestudy.classroom.sets import agreement, answers, source
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.problems import Problem
from casestudy.classroom.sets.question import ASIDE, Mistake, Question, role
from casestudy.classroom.sets.seeds import fingerprint
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal

EXAMPLES = ("an example", "another example")  # codes whose figures are shown worked out
NOT_YET = "What you built does not hold yet."  # where a judge only says no
Namespace = dict[str, Any]


@dataclass(frozen=True)
class Solved:
    """The data, the right answers by question, what each of the set's mistakes gives, and the names at the end.

    judges: by answer, what does not hold of something that was built. lost: lessons that these figures do not teach.
    """

    data: pd.DataFrame
    right: dict[str, dict[str, Any]]
    wrong: list[tuple[Mistake, dict[str, Any]]]
    names: frozenset[str] = field(repr=False)
    judges: Mapping[str, Callable[[Any], object]] = field(default_factory=dict, repr=False)
    lost: tuple[str, ...] = ()

    def fits(self, question: Question, answer: Answer, given: Any) -> bool:
        """Whether a value that was read is right."""
        if answer.kind == "construct":
            return not self.fault(answer, given)
        return agreement.agree(answer, given, self.right[question.id][answer.name])

    def fault(self, answer: Answer, given: Any) -> str:
        """What does not hold yet of something that was built, in a sentence; nothing where all does."""
        try:
            said = self.judges[answer.name](agreement.judged(answer, given))
        except Exception:  # of a value that its author did not think of
            return NOT_YET
        return "" if said in ("", None, True) else said if isinstance(said, str) else NOT_YET


def solve(
    problem_set: ProblemSet, code: str, at: Callable[[Question, Namespace], None] = lambda question, namespace: None
) -> Solved:
    """Run the author's solution with `code`; a cell that fails is refused with its number.

    at: called at each check with its question and the notebook's names, which it must leave as they are.
    """
    right: dict[str, dict[str, Any]] = {}
    wrong: dict[int, tuple[Mistake, dict[str, Any]]] = {}
    judges: dict[str, Callable[[Any], object]] = {}
    lost: list[str] = []
    namespace: Namespace = {}
    with silence():
        for number, cell in enumerate(problem_set.notebook.cells, 1):
            kind = role(cell)
            if cell.cell_type != "code" or kind in (*ASIDE, "figure"):
                continue
            _run(problem_set, number, cell.source, namespace)
            if kind == "parameters":
                namespace |= {"problem_set": problem_set.name, "code": code}
            elif kind == "check":
                grade_id = cell.metadata["nbgrader"].get("grade_id")
                question = next(question for question in problem_set.questions if question.id == grade_id)
                right[question.id] = _values(problem_set, question, namespace)
                wrong |= _slipped(problem_set, question, namespace)
                judges |= _judges(problem_set, question, namespace)
                lost += [f"{question.id}: {words}" for words in _lost(problem_set, question, namespace)]
                at(question, namespace)
    data = namespace.get("data")
    if not isinstance(data, pd.DataFrame) or data.empty:
        raise Refusal(f"{problem_set.name}: the data cell must make a DataFrame `data` with at least one row")
    slips = [wrong[number] for number in sorted(wrong)]
    return Solved(data, right, slips, frozenset(namespace), judges, tuple(lost))


def worked_examples(problem_set: ProblemSet, code: str) -> dict[str, str]:
    """The worked example of each question that has one, on the figures of another code than this one."""
    told: dict[str, str] = {}

    def tell(question: Question, namespace: Namespace) -> None:
        if question.example:
            where, words = f"{question.id}, example", f"f'''{question.example} '''"
            told[question.id] = _evaluated(problem_set, where, words, namespace).strip()

    solve(problem_set, next(other for other in EXAMPLES if other != code.strip()), tell)
    return told


def outcome(path: Path, code: str = "practice") -> str:
    """What the data and the right answers of a source hash to; another process tells whether it gets the same."""
    solved = solve(source.load(path), code)
    told = f"{fingerprint(solved.data)} {json.dumps(solved.right, sort_keys=True)}"
    return hashlib.sha256(told.encode()).hexdigest()


class Solutions(dict[str, Solved]):
    """Right answers by personal code, each worked out when first asked for: groups and explanations ask again."""

    def __init__(self, problem_set: ProblemSet):
        super().__init__()
        self.problem_set = problem_set

    def __missing__(self, code: str) -> Solved:
        solved = self[code] = solve(self.problem_set, code)
        return solved


def _judges(problem_set: ProblemSet, question: Question, namespace: Namespace) -> dict[str, Callable[[Any], object]]:
    """What judges each thing that a question has built, on this code's figures."""
    found = {}
    for judge in problem_set.judges:
        if judge.question == question.id:
            names = dict(namespace)
            _run(problem_set, f"judge of {judge.answer}", judge.code, names)
            if not callable(names.get("judge")):
                raise Refusal(f"{problem_set.name}: the cell that judges {judge.answer} must define judge(value)")
            found[judge.answer] = names["judge"]
    return found


def _lost(problem_set: ProblemSet, question: Question, namespace: Namespace) -> list[str]:
    """The lessons of a question that these figures do not teach."""
    where = f"{question.id}, lesson"
    return [words for words in question.lessons if not _evaluated(problem_set, where, words, namespace)]


def _evaluated(problem_set: ProblemSet, where: str, words: str, namespace: Namespace) -> Any:
    try:
        return eval(words, dict(namespace))
    except Exception as error:
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise Refusal(f"{problem_set.name}: {where}: {said}") from None


def _slipped(
    problem_set: ProblemSet, question: Question, namespace: dict[str, Any]
) -> dict[int, tuple[Mistake, dict[str, Any]]]:
    """What each mistake of a question gives in its answers' stead, by the mistake's number in the set."""
    found = {}
    for number, mistake in enumerate(problem_set.mistakes, 1):
        if mistake.question == question.id:
            slipped = dict(namespace)
            _run(problem_set, f"mistake {number}", mistake.code, slipped)
            found[number] = (mistake, _values(problem_set, question, slipped))
    return found


@lru_cache(maxsize=512)
def _compiled(text: str) -> CodeType:
    return compile(text, "<problem set>", "exec")


def _run(problem_set: ProblemSet, number: int | str, text: str, namespace: dict[str, Any]) -> None:
    try:
        exec(_compiled(text), namespace)
    except (Exception, SystemExit) as error:
        where = f"{problem_set.name}, cell {number}"
        raise Refusal(f"{where}: {type(error).__name__}: {str(error).partition(chr(10))[0]}") from None


def _values(problem_set: ProblemSet, question: Question, namespace: dict[str, Any]) -> dict[str, Any]:
    values = {}
    for answer in question.answers:
        try:
            values[answer.name] = answers.read(answer, namespace.get(answer.name))
        except Problem as problem:
            details = ", ".join(f"{name}={value}" for name, value in problem.details.items())
            raise Refusal(f"{problem_set.name}: {question.id}: {answer.name} is {problem.kind} ({details})") from None
    return values


def blank_answers(problem_set: ProblemSet, copy: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Run a student's copy as it stands, checks silent: its answers, None where there is none, and its names."""
    namespace: dict[str, Any] = {}
    asked = {question.id: question.answers for question in problem_set.questions}
    given: dict[str, Any] = {answer.name: None for asks in asked.values() for answer in asks}
    with silence():
        for number, cell in enumerate(copy["cells"], 1):
            if cell["cell_type"] == "code":
                _run(problem_set, number, cell["source"], namespace)
            if role(cell) == "check":
                for answer in asked[cell["metadata"]["nbgrader"]["grade_id"]]:
                    with contextlib.suppress(Problem):
                        given[answer.name] = answers.read(answer, namespace.get(answer.name))
    return given, frozenset(namespace)
