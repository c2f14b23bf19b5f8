"""Refuse a problem set that would fail its students: run it on many seeds, and read it as they will."""

import builtins
import contextlib
import keyword
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import nbformat

from casestudy.case import VARIABLE, refuse_the_installed
from casestudy.classroom.authoring import proofread, spread
from casestudy.classroom.authoring.spread import ALL_SEEDS
from casestudy.classroom.authoring.trial import Slips
from casestudy.classroom.sets import source
from casestudy.classroom.sets.agreement import judged, matches
from casestudy.classroom.sets.answers import IMPOSSIBLE, Answer
from casestudy.classroom.sets.copies import student_copy, write_practice
from casestudy.classroom.sets.question import Node, Question, role
from casestudy.classroom.sets.seeds import fingerprint
from casestudy.classroom.sets.solve import EXAMPLES, Solved, blank_answers, outcome, solve, worked_examples
from casestudy.classroom.sets.source import STEPS, ProblemSet
from casestudy.refusals import Refusal

SEEDS = 50
LONGEST = 60.0  # seconds that one student's figures and answers may take
AGAIN = 8  # seeds worked out twice; chance that is rounded off may agree with itself once
OTHER_ORDERS = (1, 2)  # of sets, each in a process of its own
LARGEST_COPY = 10_000_000  # bytes; twice as much is no longer graded
LEAST_MISTAKES = 2  # named mistakes of a question that asks for a number
IDENTIFIER = re.compile(r"`([A-Za-z_]\w*)`")
FURTHER = {"code", "problem_set", "data", "check", "predict", "progress", "ready", "individual", "options"}
FURTHER |= {"impossible", "give_or_take"}


def build(problem_set: ProblemSet, seeds: int = ALL_SEEDS) -> list[str]:
    """Write a set's practice copy beside its source; where there are reasons to refuse the set, give these instead."""
    refuse_the_installed(problem_set.path)
    if not (found := problems(problem_set, seeds) or _elsewhere(problem_set)):
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
    solved, slips = [], Slips(problem_set)
    for number in range(seeds):
        try:
            with _within(LONGEST):
                solved.append(solve(problem_set, f"seed {number}", slips.at))
            slips.hold(solved[-1])
        except Refusal as error:
            return [f"seed {number}: {error}"]
    found = _examples(problem_set)
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
        *slips.faults(),
        *spread.alike(problem_set, solved),
        *spread.outcomes(problem_set, solved),
        *_unfit_judges(problem_set, solved[0]),
        *spread.unfit_tolerances(problem_set, solved),
        *_blank(problem_set, solved[0]),
    ]


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Stop what computes for so long, with an error in the cell that did; elsewhere than on Unix it goes on."""

    def late(*_: object) -> None:
        raise TimeoutError(f"it was still computing after {seconds:g} s: does a loop that draws ever end?")

    if not hasattr(signal, "SIGVTALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """An empty folder to run in, as a copy may find itself in: what lies beside the source is not handed out."""
    if case := os.environ.get(VARIABLE):
        os.environ[VARIABLE] = os.path.abspath(case)
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
    """Why one student's figures would be unfair: a lost lesson, an answer of 0 or 1, a mistake like another answer."""
    guessed = [
        f"{question.id}: {answer.name} is {right:g}, which a guess would find"
        for question in problem_set.questions
        for answer in question.answers
        if answer.kind == "number" and (right := solved.right[question.id][answer.name]) in (0.0, 1.0)
    ]
    lost = [f"these figures do not teach: {words}" for words in solved.lost]
    return (
        lost
        + guessed
        + [reason for question in problem_set.questions for reason in _unclear_mistakes(question, solved)]
    )


def _unclear_mistakes(question: Question, solved: Solved) -> list[str]:
    """Mistakes of a question that give the right answer, or the same wrong ones as an earlier mistake."""
    found = []
    slips = [slipped for mistake, slipped in solved.wrong if mistake.question == question.id]
    seen: dict[tuple[Answer, ...], list[tuple[int, dict[str, Any]]]] = {}  # by which answers a mistake changes
    for number, slipped in enumerate(slips, 1):
        changed = tuple(one for one in question.answers if not solved.fits(question, one, slipped[one.name]))
        if not changed:
            found.append(f"{question.id}: mistake {number} gives the right answer")
            continue
        for other, earlier in seen.get(changed, []):
            if all(matches(one, slipped[one.name], earlier[one.name]) for one in changed):
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
    for call in ("progress()", "ready()"):
        if not any(words.strip() == call for words in code):
            found.append(f"{call} needs a cell of its own: progress() below the data, ready() as the last one")
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
    return found + _nowhere_to_write(problem_set)


def _nowhere_to_write(problem_set: ProblemSet) -> list[str]:
    """An Explain without a cell below in which a student writes."""
    cells = problem_set.notebook.cells
    return [
        f"cell {number}: its Explain needs a place to write: a Markdown cell below it, tagged explain or graded by hand"
        for number, (cell, below) in enumerate(pairwise([*cells, Node(cell_type="", metadata={})]), 1)
        if cell.cell_type == "markdown" and re.search(r"\*\*Explain", cell.source)
        if role(below) not in ("explain", "manual")
    ]


def _examples(problem_set: ProblemSet) -> list[str]:
    """Worked examples that are missing, or cannot be told."""
    found = [
        f"{question.id}: its hints end nowhere: casestudy.example is to be worked out on other figures"
        for question in problem_set.questions
        if question.answers and not question.example
    ]
    for code in EXAMPLES:
        try:
            worked_examples(problem_set, code)
        except Refusal as error:
            found.append(str(error))
    return found


def _unfit_judges(problem_set: ProblemSet, solved: Solved) -> list[str]:
    """Judges that refuse their author's own solution, or raise at what a student may build."""
    found = []
    for question, answer in spread.asked(problem_set, "construct"):
        right = solved.right[question.id][answer.name]
        if fault := solved.fault(answer, right):
            found.append(f"{question.id}: the judge of {answer.name} refuses the solution: {fault}")
        for odd in _odd(answer, right):
            try:
                solved.judges[answer.name](judged(answer, odd))
            except Exception as error:
                said = f"{type(error).__name__} at {str(odd)[:60]}"
                found.append(f"{question.id}: the judge of {answer.name} must never raise: {said}")
                break
    return found


def _odd(answer: Answer, right: Any) -> Iterator[Any]:
    """Things that a student may build, of the form that is asked for."""
    if answer.impossible:
        yield IMPOSSIBLE
    if answer.form == "date":
        yield from ("0001-01-01", "9999-12-31")
    for number in (0.0, -1.0, 0.5, 1e9, -1e300):
        if answer.form == "number":
            yield number
        elif answer.form == "list":
            yield from ([number] * length for length in {min(end, 1000) for end in answer.size})
        elif answer.form == "table":
            yield {"index": ["0"], "columns": {"value": [number]}}
            yield {"index": ["a", "b"], "columns": {"a": [number, number], "b": ["word", "word"]}}
            if right != IMPOSSIBLE:
                yield right | {"columns": {name: [number] * len(right["index"]) for name in right["columns"]}}


def _unknown_names(problem_set: ProblemSet, solved: Solved, names: frozenset[str]) -> list[str]:
    known = {*names, *map(str, solved.data.columns), *FURTHER, *dir(builtins), *keyword.kwlist}
    return [
        f"cell {number}: the text names `{word}`, which does not exist" + " in a copy" * (word in solved.names)
        for number, cell in enumerate(problem_set.notebook.cells, 1)
        if cell.cell_type == "markdown" and role(cell) != "manual"
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
