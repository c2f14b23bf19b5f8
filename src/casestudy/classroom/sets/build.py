"""Refuse a problem set that would fail its students: run it on many seeds, and read it as they will."""

import builtins
import contextlib
import keyword
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import nbformat

from casestudy.classroom.sets import proofread, source
from casestudy.classroom.sets.answers import KINDS, Answer, agree, differing
from casestudy.classroom.sets.copies import student_copy, write_practice
from casestudy.classroom.sets.seeds import fingerprint
from casestudy.classroom.sets.solve import Solved, blank_answers, outcome, solve
from casestudy.classroom.sets.source import STEPS, ProblemSet, Question
from casestudy.refusals import Refusal

SEEDS = 50
AGAIN = 8  # seeds worked out twice; chance that is rounded off may agree with itself once
MOST_ALIKE = 0.5  # share of seeds that may give one and the same number or table
MOST_CHOSEN = 0.9  # share of seeds on which one choice, or one text, may be right
LEAST_TOLERANCE = 1e-12  # of a value that is not whole: another order of the same steps is as far away as that
OTHER_ORDERS = (1, 2)  # of sets, each in a process of its own
LARGEST_COPY = 10_000_000  # bytes; twice as much is no longer graded
LEAST_MISTAKES = 2  # named mistakes of a question that asks for a number
IDENTIFIER = re.compile(r"`([A-Za-z_]\w*)`")
FURTHER = {"code", "problem_set", "data", "check", "predict", "ready", "individual"}


def build(problem_set: ProblemSet) -> list[str]:
    """Write a set's practice copy beside its source; where there are reasons to refuse the set, give these instead."""
    if not (found := problems(problem_set) or _elsewhere(problem_set)):
        write_practice(problem_set)
    return found


def problems(problem_set: ProblemSet, seeds: int = SEEDS) -> list[str]:
    """Every reason to refuse the set, as sentences; none for a good one."""
    found = [*proofread.faults(problem_set), *_unfit_cells(problem_set), *_unfit_texts(problem_set)]
    found += _too_few_mistakes(problem_set)
    with _alone():
        found += _tried(problem_set, seeds)
    return list(dict.fromkeys(found))


def _tried(problem_set: ProblemSet, seeds: int) -> list[str]:
    """What comes out where the set is run, with the solutions and without."""
    solved = []
    for number in range(seeds):
        try:
            solved.append(solve(problem_set, f"seed {number}"))
        except Refusal as error:
            return [f"seed {number}: {error}"]
    found = []
    again = [solve(problem_set, f"seed {number}") for number in range(min(seeds, AGAIN))]
    pairs = list(zip(again, solved, strict=False))
    if any(fingerprint(a.data) != fingerprint(b.data) or a.right != b.right for a, b in pairs):
        found.append("the figures do not follow from the code alone: draw all of them from individual(...)")
    unfair = Counter(reason for figures in solved for reason in dict.fromkeys(degenerate(problem_set, figures)))
    found += [f"{reason} (on {times} of {len(solved)} seeds)" for reason, times in unfair.items()]
    if "layer" not in solved[0].data or not solved[0].data["layer"].eq("invented").all():
        found.append("`data` needs a column layer that says invented in every row")
    return [
        *found,
        *_alike(problem_set, solved),
        *_unfit_tolerances(problem_set, solved),
        *_blank(problem_set, solved[0]),
    ]


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """An empty folder to run in, as a copy may find itself in: what lies beside the source is not handed out."""
    if case := os.environ.get("CASESTUDY_CASE"):
        os.environ["CASESTUDY_CASE"] = os.path.abspath(case)
    with tempfile.TemporaryDirectory(prefix="case-build-") as folder, contextlib.chdir(folder):
        yield


def _elsewhere(problem_set: ProblemSet) -> list[str]:
    """Whether other processes work out the same: there, words hash to other numbers, and sets have another order."""
    path = problem_set.path.resolve()
    words = f"from pathlib import Path; from {outcome.__module__} import outcome; print(outcome(Path({str(path)!r})))"
    with _alone():
        ours = outcome(path)
        others = [
            subprocess.Popen(
                [sys.executable, "-c", words],
                env=os.environ | {"PYTHONHASHSEED": str(seed)},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for seed in OTHER_ORDERS
        ]
        told = {other.communicate()[0].strip() for other in others}
    return [] if told == {ours} else ["the figures do not follow from the code alone: another process gets others"]


def degenerate(problem_set: ProblemSet, solved: Solved) -> list[str]:
    """Why one student's figures would be unfair: an answer of 0 or 1, or a mistake that looks like another answer."""
    guessed = [
        f"{question.id}: {answer.name} is {right:g}, which a guess would find"
        for question in problem_set.questions
        for answer in question.answers
        if answer.kind == "number" and (right := solved.right[question.id][answer.name]) in (0.0, 1.0)
    ]
    return guessed + [reason for question in problem_set.questions for reason in _unclear_mistakes(question, solved)]


def _unclear_mistakes(question: Question, solved: Solved) -> list[str]:
    """Mistakes of a question that give the right answer, or the same wrong ones as an earlier mistake."""
    found = []
    right = solved.right.get(question.id, {})
    slips = [slipped for mistake, slipped in solved.wrong if mistake.question == question.id]
    seen: dict[tuple[Answer, ...], list[tuple[int, dict[str, Any]]]] = {}  # by which answers a mistake changes
    for number, slipped in enumerate(slips, 1):
        changed = differing(question.answers, slipped, right)
        if not changed:
            found.append(f"{question.id}: mistake {number} gives the right answer")
            continue
        for other, earlier in seen.get(changed, []):
            if not differing(changed, slipped, earlier):
                found.append(f"{question.id}: mistakes {other} and {number} give the same answer")
        seen.setdefault(changed, []).append((number, slipped))
    return found


def _too_few_mistakes(problem_set: ProblemSet) -> list[str]:
    named = Counter(mistake.question for mistake in problem_set.mistakes)
    return [
        f"{question.id}: a number needs at least {LEAST_MISTAKES} named mistakes; it has {named[question.id]}"
        for question in problem_set.questions
        if any(answer.kind == "number" for answer in question.answers) and named[question.id] < LEAST_MISTAKES
    ]


def _unfit_cells(problem_set: ProblemSet) -> list[str]:
    """Cells that a copy needs and has not."""
    found = [] if problem_set.questions else ["the set asks nothing: a check that is graded makes a question"]
    code = [cell.source for cell in problem_set.notebook.cells if cell.cell_type == "code"]
    if not any(words.strip() == "ready()" for words in code):
        found.append("the last cell must be ready()")
    if not any(f'problem_set = "{problem_set.name}"' in words for words in code):
        found.append(f'the parameters cell must say problem_set = "{problem_set.name}"')
    return found


def _unfit_texts(problem_set: ProblemSet) -> list[str]:
    """Each question has its seven steps, in bold, between its heading and the next."""
    found = []
    sections: dict[str, str] = {}
    for cell, heading in source.headed(problem_set.notebook):
        if cell.cell_type == "markdown":
            sections[heading] = f"{sections.get(heading, '')}\n{cell.source}"
    for question in problem_set.questions:
        words = sections.get(question.title, "")
        missing = [step for step in STEPS if not re.search(rf"\*\*{step}", words)]
        if missing:
            found.append(f"{question.id}: its text lacks {', '.join(missing)}")
        if question.manual and not question.rubric:
            found.append(f"{question.id}: a text that a person reads needs a rubric")
    return found


def _asked(problem_set: ProblemSet, *kinds: str) -> Iterator[tuple[Question, Answer]]:
    return ((one, answer) for one in problem_set.questions for answer in one.answers if answer.kind in kinds)


def _alike(problem_set: ProblemSet, solved: list[Solved]) -> list[str]:
    """Answers that one student could take from another, unless their author says why that is meant."""
    found = []
    for question, answer in _asked(problem_set, *KINDS):
        if answer.same_for_all:
            continue
        most = MOST_ALIKE if answer.kind in ("number", "table") else MOST_CHOSEN
        rights = [figures.right[question.id][answer.name] for figures in solved]
        value, times = Counter(map(str, rights)).most_common(1)[0]
        near, like = max((sum(agree(answer, one, other) for other in rights), str(one)) for one in rights)
        if times <= most * len(rights) < near:
            value, times = f"{like} within its tolerance", near
        if times > most * len(rights):
            found.append(
                f"{question.id}: {answer.name} is {value:.60} for {times} of {len(rights)} seeds: let it follow from "
                "the figures, or say in its same_for_all why everybody may have the same"
            )
    return found


def _unfit_tolerances(problem_set: ProblemSet, solved: list[Solved]) -> list[str]:
    """Numbers that only one way of computing them would hit, and numbers that nobody could miss."""
    found = []
    for question, answer in _asked(problem_set, "number", "table"):
        rights = [figures.right[question.id][answer.name] for figures in solved]
        numbers = [[right] if answer.kind == "number" else _numbers(right) for right in rights]
        uneven = [one for many in numbers for one in many if one % 1 and _distance(answer, one) < LEAST_TOLERANCE]
        if uneven:
            reason = f"is not whole, such as {uneven[0]:g}, and has no tolerance: declare rtol or atol"
            found.append(f"{question.id}: {answer.name} {reason}")
        hit = sum(bool(many) and all(agree(_number(answer), 0.0, one) for one in many) for many in numbers)
        if hit > MOST_ALIKE * len(numbers):
            reason = f"has a tolerance so wide that 0 is right on {hit} of {len(rights)} seeds"
            found.append(f"{question.id}: {answer.name} {reason}")
    return found


def _numbers(table: dict[str, Any]) -> list[float]:
    return [cell for column in table["columns"].values() for cell in column if isinstance(cell, float)]


def _number(answer: Answer) -> Answer:
    return replace(answer, kind="number")


def _distance(answer: Answer, right: float) -> float:
    """How far from a right value is still right, as a share of it."""
    return max(answer.rtol, answer.atol / abs(right))


def _unknown_names(problem_set: ProblemSet, solved: Solved, names: frozenset[str]) -> list[str]:
    known = {*names, *map(str, solved.data.columns), *FURTHER, *dir(builtins), *keyword.kwlist}
    return [
        f"cell {number}: the text names `{word}`, which does not exist" + " in a copy" * (word in solved.names)
        for number, cell in enumerate(problem_set.notebook.cells, 1)
        if cell.cell_type == "markdown" and source.role(cell) != "manual"
        for word in sorted(set(IDENTIFIER.findall(cell.source)) - known)
    ]


def _blank(problem_set: ProblemSet, solved: Solved) -> list[str]:
    """An untouched copy runs to its end, earns nothing, and can be sent."""
    copy = student_copy(problem_set, code="seed 0")
    found = []
    if (size := len(nbformat.writes(copy).encode())) > LARGEST_COPY:
        found.append(f"a copy has {size / 1e6:.0f} MB, and may have {LARGEST_COPY / 1e6:.0f}: use smaller pictures")
    try:
        given, names = blank_answers(problem_set, copy)
    except Refusal as error:
        return [*found, f"the untouched copy does not run: {error}", *_unknown_names(problem_set, solved, solved.names)]
    found += [f"the untouched copy has an answer for {name}" for name, value in given.items() if value is not None]
    return [*found, *_unknown_names(problem_set, solved, names)]
