"""Refuse a problem set that would fail its students: run it on many seeds, and read it as they will."""

import builtins
import keyword
import re
from collections import Counter

from casestudy.classroom import source
from casestudy.classroom.answers import agree
from casestudy.classroom.copies import student_copy
from casestudy.classroom.seeds import fingerprint
from casestudy.classroom.source import STEPS, ProblemSet
from casestudy.classroom.work import Worked, blank_answers, work
from casestudy.refusals import Refusal

SEEDS = 50
MOST_ALIKE = 0.5  # share of seeds that may give one and the same number
LEAST_MISTAKES = 2  # named mistakes of a question that asks for a number
IDENTIFIER = re.compile(r"`([A-Za-z_]\w*)`")
FURTHER = {"code", "problem_set", "data", "check", "predict", "ready", "individual"}


def problems(problem_set: ProblemSet, seeds: int = SEEDS) -> list[str]:
    """Every reason to refuse the set, as sentences; none for a good one."""
    found = [*_text(problem_set), *_mistakes(problem_set)]
    worked = []
    for number in range(seeds):
        try:
            worked.append(work(problem_set, f"seed {number}"))
        except Refusal as error:
            return [*found, f"seed {number}: {error}"]
    again = work(problem_set, "seed 0")
    if fingerprint(again.data) != fingerprint(worked[0].data) or again.right != worked[0].right:
        found.append("the figures do not follow from the code alone: draw all of them from individual(...)")
    unfair = Counter(told for one in worked for told in dict.fromkeys(degenerate(problem_set, one)))
    found += [f"{told} (on {times} of {len(worked)} seeds)" for told, times in unfair.items()]
    if "layer" not in worked[0].data or not worked[0].data["layer"].eq("invented").all():
        found.append("`data` needs a column layer that says invented in every row")
    found += [*_alike(problem_set, worked), *_unknown_names(problem_set, worked[0]), *_blank(problem_set)]
    return list(dict.fromkeys(found))


def degenerate(problem_set: ProblemSet, worked: Worked) -> list[str]:
    """Why one student's figures would be unfair: an answer of 0 or 1, or a mistake that looks like another answer."""
    found = []
    for question in problem_set.questions:
        for answer in question.answers:
            right = worked.right[question.id][answer.name]
            if answer.kind == "number" and right in (0.0, 1.0):
                found.append(f"{question.id}: {answer.name} is {right:g}, which a guess would find")
    for question in problem_set.questions:
        right, seen = worked.right.get(question.id, {}), {}
        slips = [slipped for mistake, slipped in worked.wrong if mistake.question == question.id]
        for place, slipped in enumerate(slips, 1):
            changed = tuple(one for one in question.answers if not agree(one, slipped[one.name], right[one.name]))
            if not changed:
                found.append(f"{question.id}: mistake {place} gives the right answer")
            for other, earlier in seen.get(changed, []):
                if changed and all(agree(one, slipped[one.name], earlier[one.name]) for one in changed):
                    found.append(f"{question.id}: mistakes {other} and {place} give the same answer")
            seen.setdefault(changed, []).append((place, slipped))
    return found


def _mistakes(problem_set: ProblemSet) -> list[str]:
    named = Counter(mistake.question for mistake in problem_set.mistakes)
    return [
        f"{question.id}: a number needs at least {LEAST_MISTAKES} named mistakes; it has {named[question.id]}"
        for question in problem_set.questions
        if any(answer.kind == "number" for answer in question.answers) and named[question.id] < LEAST_MISTAKES
    ]


def _text(problem_set: ProblemSet) -> list[str]:
    """Each question has its seven steps, in bold, between its heading and the next."""
    found, sections = [], {}
    for cell, heading in source.headed(problem_set.notebook):
        if cell.cell_type == "markdown":
            sections[heading] = f"{sections.get(heading, '')}\n{cell.source}"
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
    for question in problem_set.questions:
        words = sections.get(question.title, "")
        missing = [step for step in STEPS if not re.search(rf"\*\*{step}", words)]
        if missing:
            found.append(f"{question.id}: its text lacks {', '.join(missing)}")
        if question.manual and not question.rubric:
            found.append(f"{question.id}: a text that a person reads needs a rubric")
    return found


def _alike(problem_set: ProblemSet, worked: list[Worked]) -> list[str]:
    found = []
    for question in problem_set.questions:
        for answer in question.answers:
            if answer.kind not in ("number", "table"):
                continue
            values = Counter(str(one.right[question.id][answer.name]) for one in worked)
            value, times = values.most_common(1)[0]
            if times > MOST_ALIKE * len(worked):
                found.append(f"{question.id}: {answer.name} is {value[:40]} for {times} of {len(worked)} seeds")
    return found


def _unknown_names(problem_set: ProblemSet, worked: Worked) -> list[str]:
    known = {*worked.names, *map(str, worked.data.columns), *FURTHER, *dir(builtins), *keyword.kwlist}
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
