"""Slips that nobody declares: of a number, and of the lines that compute it; no check may take one for right."""

import ast
import contextlib
import copy
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any, TypeGuard

import numpy as np
import pandas as pd

from casestudy.classroom.sets import answers
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.problems import Problem
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Namespace
from casestudy.classroom.sets.source import SOLUTION, ProblemSet

REDUCED = {"max": ("min", "mean"), "min": ("max", "mean"), "sum": ("mean",), "mean": ("sum", "median")}
OPPOSITE = {"max": "min", "min": "max"}
MODULES = ("np", "pd", "math")
CHANGED = (pd.DataFrame, pd.Series, np.ndarray, list, dict)  # what a line may change in place
LONGEST_S = 1.0  # of a slip: the lines themselves take a moment
NEIGHBOURS = ("one more", "one less")
SMALL = 0.5  # constants up to here are half-steps
NEXT_TO = 100.0  # numbers below are counted in ones: one more or less is a slip
SAME = 1e-9  # of a value: an other way to compute it, and no slip


def of_number(answer: Answer, right: float) -> dict[str, float]:
    """What slips make of a right number, by their names.

    >>> of_number(Answer("rise", unit="per cent"), 25.0)["of the later value"]
    20.0
    """
    found = {"the sign turned": -right, "a hundredth": right / 100, "a hundred times": 100 * right}
    if abs(right) < NEXT_TO:
        found |= dict(zip(NEIGHBOURS, (right + 1, right - 1), strict=True))
    if right:
        found["upside down"] = 1 / right
    if answer.unit.startswith(("per cent", "%")):
        found |= {
            "the rest of 100": 100 - right,
            "as large, not larger": 100 + right,
            "larger, not as large": right - 100,
        }
        if abs(right) != 100:
            found |= {"of the later value": 100 * right / (100 + right), "of the earlier": 100 * right / (100 - right)}
    if answer.unit.startswith("share"):
        found["the rest of 1"] = 1 - right
    return found


@dataclass(frozen=True)
class Line:
    """A statement of a solution: as it stands, and with one slip in it and all that follows."""

    code: CodeType
    slipped: dict[str, CodeType]  # by what slips


def of_lines(problem_set: ProblemSet, question: Question) -> list[Line]:
    """The statements that compute a question's numbers, each with the ways to write it with one slip."""
    names = {answer.name for answer in question.answers if answer.kind == "number"}
    found: list[Line] = []
    for cell in problem_set.notebook.cells:
        lines = "\n".join(match[1] for match in SOLUTION.finditer(cell.source)) if cell.cell_type == "code" else ""
        try:
            body = ast.parse(lines).body
        except SyntaxError:  # told where it is run
            continue
        if names & {name for statement in body for name in _assigned(statement)}:
            found += [_line(body, number) for number in range(len(body))]
    return found


def _line(body: list[ast.stmt], number: int) -> Line:
    statement, slipped = body[number], dict[str, CodeType]()
    if isinstance(statement, ast.Assign):
        said = ast.unparse(statement)[:80]
        for count, (words, value) in enumerate(_slipped(statement.value), 1):
            changed = [ast.Assign(statement.targets, value), *body[number + 1 :]]
            slipped[f"{words} in `{said}` ({number + 1}.{count})"] = _compiled(changed)
    return Line(_compiled([statement]), slipped)


def _compiled(statements: list[ast.stmt]) -> CodeType:
    return compile(ast.fix_missing_locations(ast.Module(statements, [])), "<slip>", "exec")


def _assigned(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def values(
    lines: list[Line], question: Question, namespace: Namespace, followed: Callable[[str], bool] = lambda words: True
) -> Iterator[tuple[str, dict[str, float]]]:
    """What each slip in the lines gives for each number of the question; nothing where it gives none.

    followed: whether a slip is to be tried at all.
    """
    base = dict(namespace)
    for line in lines:
        for words, code in line.slipped.items():
            if followed(words):
                own = {name: copy.copy(value) if isinstance(value, CHANGED) else value for name, value in base.items()}
                yield words, _numbers(question, own) if _runs(code, own) else {}
        if not _runs(line.code, base):
            return


def _runs(code: CodeType, namespace: Namespace) -> bool:
    """Whether code comes to its end, and soon: a slip that stops, or goes on for ever, shows itself."""

    def end(*_: object) -> None:
        raise TimeoutError

    timed = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    before = signal.signal(signal.SIGALRM, end) if timed else None
    if timed:
        signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(code, namespace)
        return True
    except Exception:
        return False
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _numbers(question: Question, namespace: Namespace) -> dict[str, float]:
    found = {}
    for answer in question.answers:
        if answer.kind == "number":
            with contextlib.suppress(Problem):
                found[answer.name] = answers.read(answer, namespace.get(answer.name))
    return found


def _slipped(expression: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """An expression with one slip in it, in each way."""
    nodes = [node for node in ast.walk(expression) if isinstance(node, ast.expr)]
    called = [node.func if isinstance(node, ast.Call) else node.value for node in nodes if _leads(node)]
    figures = [
        node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in called
    ]
    names = list(dict.fromkeys(node.id for node in figures))
    for node in nodes:
        for words, change in _changes(node, names if node in figures else []):
            yield words, _replaced(expression, node, change)


def _leads(node: ast.expr) -> TypeGuard[ast.Call | ast.Attribute]:
    """Whether a node calls a name, or looks into a module: such a name is no figure."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name)
    return (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("np", "pd", "math")
    )


def _replaced(whole: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return new if node is old else super().visit(node)

    # a copy with the node marked, since a transformer changes what it walks
    marked: dict[int, Any] = {id(old): old}
    return Replace().visit(copy.deepcopy(whole, marked))


def _changes(node: ast.expr, names: list[str]) -> Iterator[tuple[str, ast.expr]]:
    """What can slip at one place of an expression, and what stands there then."""
    if isinstance(node, ast.Name):
        yield from (
            (f"{other} in place of {node.id}", ast.Name(other, ast.Load())) for other in names if other != node.id
        )
    elif isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        yield from _of_reduction(node.func) if node.func.attr in REDUCED else ()


def _of_operation(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    left, right = node.left, node.right
    if isinstance(node.op, ast.Div):
        yield "upside down", ast.BinOp(right, node.op, left)
    if not isinstance(node.op, ast.Add | ast.Sub):
        return
    yield "plus and minus exchanged", ast.BinOp(left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), right)
    if isinstance(right, ast.Constant) and isinstance(right.value, float) and abs(right.value) <= SMALL:
        yield "a half-step left out", left
        yield "a whole step", ast.BinOp(left, node.op, ast.Constant(2 * right.value))
    if isinstance(left, ast.Constant) and left.value in (1, 100) and isinstance(node.op, ast.Sub):
        yield "the rest not taken", right


def _of_reduction(reduced: ast.Attribute) -> Iterator[tuple[str, ast.expr]]:
    """Another reduction, or the same one of each part, where extremes of different rows meet."""
    what, how = reduced.value, reduced.attr
    yield from ((f"{other} in place of {how}", _call(what, other)) for other in REDUCED[how])
    if how in OPPOSITE:
        absolute = ast.Call(ast.Name("abs", ast.Load()), [what], [])
        yield "the largest whatever its sign", _call(absolute, "max")
    for ratio in (node for node in ast.walk(what) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        if _varies(ratio.left) and _varies(ratio.right):
            for other in filter(None, (how, OPPOSITE.get(how))):
                apart = ast.BinOp(_call(ratio.left, how), ratio.op, _call(ratio.right, other))
                yield f"{how} of one part and {other} of the other", _replaced(what, ratio, apart)


def _varies(part: ast.expr) -> bool:
    """Whether a part of a ratio is a column, as far as one can read."""
    return any(isinstance(node, ast.Subscript | ast.Name) for node in ast.walk(part))


def _call(what: ast.expr, how: str) -> ast.Call:
    return ast.Call(ast.Attribute(what, how, ast.Load()), [], [])
