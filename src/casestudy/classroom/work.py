"""Work a problem set out: the right answers, and what each usual mistake gives, on one student's own figures."""

import contextlib
import io
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache

import nbformat
import pandas as pd

from casestudy.classroom import answers, source
from casestudy.classroom.source import Mistake, ProblemSet
from casestudy.refusals import Refusal

quiet: ContextVar[bool] = ContextVar("quiet", default=False)  # while a source is worked out, its checks say nothing


@dataclass(frozen=True)
class Worked:
    """The data, the right answers by question, what each of the set's mistakes gives, and the names at the end."""

    data: pd.DataFrame
    right: dict[str, dict[str, object]]
    wrong: list[tuple[Mistake, dict[str, object]]]
    names: frozenset[str] = field(repr=False)


def work(problem_set: ProblemSet, code: str) -> Worked:
    """Run the author's solution with `code`; a cell that fails is refused with its number."""
    right, wrong, namespace = {}, {}, {}
    with silence():
        for number, kind, text, grade_id in _cells(problem_set):
            _run(problem_set, number, text, namespace)
            if kind == "parameters":
                namespace |= {"problem_set": problem_set.name, "code": code}
            if kind != "check":
                continue
            question = next(q for q in problem_set.questions if q.id == grade_id)
            right[question.id] = _values(problem_set, question, namespace)
            for place, mistake in enumerate(problem_set.mistakes, 1):
                if mistake.question == question.id:
                    slipped = dict(namespace)
                    _run(problem_set, f"mistake {place}", mistake.code, slipped)
                    wrong[place - 1] = (mistake, _values(problem_set, question, slipped))
    data = namespace.get("data")
    if not isinstance(data, pd.DataFrame) or data.empty:
        raise Refusal(f"{problem_set.name}: the data cell must make a DataFrame `data` with at least one row")
    return Worked(data, right, [wrong[place] for place in sorted(wrong)], frozenset(namespace))


def worked_for(problem_set: ProblemSet, code: str) -> Worked:
    """The right answers on one code's figures; kept, since groups and explanations ask again."""
    key = (id(problem_set), code)
    if key not in _kept:
        _kept[key] = (problem_set, work(problem_set, code))
    return _kept[key][1]


_kept: dict[tuple[int, str], tuple[ProblemSet, Worked]] = {}


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Nothing that the source prints or checks is shown."""
    token = quiet.set(True)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        quiet.reset(token)


def _cells(problem_set: ProblemSet) -> Iterator[tuple]:
    for number, cell in enumerate(problem_set.notebook.cells, 1):
        kind = source.role(cell)
        if cell.cell_type == "code" and kind not in ("mistake", "figure"):
            yield number, kind, cell.source, cell.metadata.get("nbgrader", {}).get("grade_id")


@lru_cache(maxsize=512)
def _compiled(text: str) -> object:
    return compile(text, "<problem set>", "exec")


def _run(problem_set: ProblemSet, number: int | str, text: str, namespace: dict) -> None:
    try:
        exec(_compiled(text), namespace)
    except (Exception, SystemExit) as error:
        where = f"{problem_set.name}, cell {number}"
        raise Refusal(f"{where}: {type(error).__name__}: {str(error).partition(chr(10))[0]}") from None


def _values(problem_set: ProblemSet, question: source.Question, namespace: dict) -> dict[str, object]:
    values = {}
    for answer in question.answers:
        try:
            values[answer.name] = answers.read(answer, namespace.get(answer.name))
        except answers.Problem as problem:
            told = ", ".join(f"{name}={value}" for name, value in problem.told.items())
            raise Refusal(f"{problem_set.name}: {question.id}: {answer.name} is {problem.key} ({told})") from None
    return values


def blank_answers(problem_set: ProblemSet, copy: nbformat.NotebookNode) -> dict[str, object]:
    """Run a student's copy as it stands, checks silent; its answers, None where there is none."""
    namespace = {}
    with silence():
        for number, cell in enumerate(copy.cells, 1):
            if cell.cell_type == "code":
                _run(problem_set, number, cell.source, namespace)
    given = {}
    for question in problem_set.questions:
        for answer in question.answers:
            with contextlib.suppress(answers.Problem):
                given[answer.name] = answers.read(answer, namespace.get(answer.name))
    return {answer.name: given.get(answer.name) for q in problem_set.questions for answer in q.answers}
