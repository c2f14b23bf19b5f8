"""Refuse a problem set that would fail its students: run it on many seeds, and read it as they will."""

import builtins
import keyword
import re
from collections import Counter
from typing import Any

from casestudy.classroom.sets import source
from casestudy.classroom.sets.answers import Answer, differing
from casestudy.classroom.sets.copies import student_copy, write_practice
from casestudy.classroom.sets.seeds import fingerprint
from casestudy.classroom.sets.solve import Solved, blank_answers, solve
from casestudy.classroom.sets.source import STEPS, ProblemSet, Question
from casestudy.refusals import Refusal

SEEDS = 50
MOST_ALIKE = 0.5  # share of seeds that may give one and the same number
LEAST_MISTAKES = 2  # named mistakes of a question that asks for a number
IDENTIFIER = re.compile(r"`([A-Za-z_]\w*)`")
FURTHER = {"code", "problem_set", "data", "check", "predict", "ready", "individual"}


def build(problem_set: ProblemSet) -> list[str]:
    """Write a set's practice copy beside its source; where there are reasons to refuse the set, give these instead."""
    if not (found := problems(problem_set)):
        write_practice(problem_set)
    return found


def problems(problem_set: ProblemSet, seeds: int = SEEDS) -> list[str]:
    """Every reason to refuse the set, as sentences; none for a good one."""
    found = [*_unfit_cells(problem_set), *_unfit_texts(problem_set), *_too_few_mistakes(problem_set)]
    solved = []
    for number in range(seeds):
        try:
            solved.append(solve(problem_set, f"seed {number}"))
        except Refusal as error:
            return [*found, f"seed {number}: {error}"]
    again = solve(problem_set, "seed 0")
    if fingerprint(again.data) != fingerprint(solved[0].data) or again.right != solved[0].right:
        found.append("the figures do not follow from the code alone: draw all of them from individual(...)")
    unfair = Counter(reason for figures in solved for reason in dict.fromkeys(degenerate(problem_set, figures)))
    found += [f"{reason} (on {times} of {len(solved)} seeds)" for reason, times in unfair.items()]
    if "layer" not in solved[0].data or not solved[0].data["layer"].eq("invented").all():
        found.append("`data` needs a column layer that says invented in every row")
    found += [*_alike(problem_set, solved), *_unknown_names(problem_set, solved[0]), *_blank(problem_set)]
    return list(dict.fromkeys(found))


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
    """Cells that a copy needs and has not, and cells that would reach the students and must not."""
    found = []
    code = [cell.source for cell in problem_set.notebook.cells if cell.cell_type == "code"]
    if not any(words.strip() == "ready()" for words in code):
        found.append("the last cell must be ready()")
    if not any(f'problem_set = "{problem_set.name}"' in words for words in code):
        found.append(f'the parameters cell must say problem_set = "{problem_set.name}"')
    for number, cell in enumerate(problem_set.notebook.cells, 1):
        if cell.cell_type == "raw":
            found.append(f"cell {number} is raw: it would reach the students as it is")
        if "### BEGIN SOLUTION" in cell.source and source.role(cell) != "solution":
            found.append(f"cell {number} holds a solution and is not marked as one: it would reach the students")
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


def _alike(problem_set: ProblemSet, solved: list[Solved]) -> list[str]:
    found = []
    for question in problem_set.questions:
        for answer in question.answers:
            if answer.kind not in ("number", "table"):
                continue
            values = Counter(str(figures.right[question.id][answer.name]) for figures in solved)
            value, times = values.most_common(1)[0]
            if times > MOST_ALIKE * len(solved):
                found.append(f"{question.id}: {answer.name} is {value[:40]} for {times} of {len(solved)} seeds")
    return found


def _unknown_names(problem_set: ProblemSet, solved: Solved) -> list[str]:
    known = {*solved.names, *map(str, solved.data.columns), *FURTHER, *dir(builtins), *keyword.kwlist}
    return [
        f"cell {number}: the text names `{word}`, which does not exist"
        for number, cell in enumerate(problem_set.notebook.cells, 1)
        if cell.cell_type == "markdown"
        for word in sorted(set(IDENTIFIER.findall(cell.source)) - known)
    ]


def _blank(problem_set: ProblemSet) -> list[str]:
    """An untouched copy runs to its end and earns nothing."""
    copy = student_copy(problem_set, code="seed 0")
    try:
        given = blank_answers(problem_set, copy)
    except Refusal as error:
        return [f"the untouched copy does not run: {error}"]
    return [f"the untouched copy has an answer for {name}" for name, value in given.items() if value is not None]
