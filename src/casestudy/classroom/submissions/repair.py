"""What of a student's notebook is run: all of their code in their order, in the frame that their set's author wrote.

Cells are recognised by grade_id, tag, id or text. The author's own cells come from the source, never from the student.
A question's answers are read at its check.
"""

import re
from dataclasses import dataclass, replace

from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.submissions.cells import Cell, claimed_code, claimed_set, read
from casestudy.classroom.submissions.match import GRADED, Planned, Slots, plan_for, recognised
from casestudy.classroom.submissions.order import Step, ordered
from casestudy.classroom.submissions.texts import flags, manual_texts
from casestudy.refusals import Refusal

LONGEST_TARGET = 500  # characters before a sign of equality
TARGETS = re.compile(r"[\w\s,*.:+/|&%\[\]\"'-]*")


@dataclass(frozen=True)
class Opened:
    """A notebook ready to be run.

    cells: for the sandbox; texts: of manual questions by id, empty where nothing was written, None where
    that could not be seen; code: the personal code that the notebook itself claims; flags: "repaired" where anything
    had to be, "other_set:NAME" for a copy of another set, and those of `texts.flags`; problem: why it cannot be run
    ("damaged: ..."), else empty; noted: the answers that a saved check says are there.
    """

    cells: list[JobCell]
    texts: dict[str, str | None]
    code: str
    flags: frozenset[str]
    problem: str
    noted: frozenset[str] = frozenset()


def opened(content: bytes, problem_set: ProblemSet, code: str) -> Opened:
    """Read a notebook strictly, put it in order, and set the figures of `code`, whatever code it claims."""
    try:
        found, name = read(content)
    except Refusal as error:
        return damaged(str(error))
    if (claimed := name or claimed_set(found)) not in ("", problem_set.name):
        other = damaged(f"a copy of {claimed[:40]}, not of {problem_set.name}")
        return replace(other, flags=frozenset({f"other_set:{claimed[:40]}"}))
    plan = plan_for(problem_set, code)
    slots = recognised(found, plan, problem_set.name)
    if not _is_graded(found, slots, plan):
        return damaged(f"no cell of {problem_set.name} in it")
    steps, in_disorder = ordered(found, slots, plan)
    texts, found_again = manual_texts(found, slots, plan)
    moved = _move_checks_below_answers(steps)
    repaired = in_disorder or found_again or moved
    written = (cell.number for cell in found if cell.type == "code" and cell.source.strip())
    numbers = {number: nth for nth, number in enumerate(written, 1)}
    cells = [_job(step, numbers.get(step.number, 0)) for step in steps if step.source.strip() or step.check]
    flagged = frozenset({"repaired"} if repaired else ()) | flags(texts.values())
    return Opened(cells, texts, claimed_code(found), flagged, "", _noted(found, slots, plan))


def _noted(found: list[Cell], slots: Slots, plan: list[Planned]) -> frozenset[str]:
    """The answers of the checks below which it stands that they are noted."""
    of = [slot for cell, slot in zip(found, slots, strict=True) if slot is not None and cell.noted]
    return frozenset(name for slot in of for name in plan[slot].answers)


def damaged(why: str) -> Opened:
    """A notebook that cannot be run, and why."""
    return Opened([], {}, "", frozenset(), f"damaged: {why}")


def _is_graded(found: list[Cell], slots: Slots, plan: list[Planned]) -> bool:
    """Whether any cell belongs to a question, or gives an answer of one."""
    if any(slot is not None and plan[slot].kind in GRADED for slot in slots):
        return True
    names = [name for planned in plan for name in planned.answers]
    return any(_assigns(cell.source, name) for cell in found for name in names)


def _move_checks_below_answers(steps: list[Step]) -> bool:
    """Move each check below what answers it, where that stands after it; whether any had to be moved."""
    moved = False
    for step, check in [(step, step.check) for step in steps if step.check]:
        at = next(n for n, other in enumerate(steps) if other is step)
        if below := _answering_below(steps, at, check):
            steps.insert(below[-1] + 1, step)
            del steps[at]
            moved = True
    return moved


def _answering_below(steps: list[Step], at: int, check: Planned) -> list[int]:
    """The numbers of the steps below a check that are its solutions, or else give an answer that is still open.

    Of the latter those in the check's own section, if there are any.
    """
    later = range(at + 1, len(steps))
    if solutions := [n for n in later if steps[n].solution in check.solutions]:
        return solutions
    still = [name for name in check.answers if not _giving(steps, range(at), [name])]
    giving = _giving(steps, later, still)
    end = next((n for n in later if steps[n].slot >= check.end), len(steps))
    return [n for n in giving if n < end] or giving


def _giving(steps: list[Step], numbers: range, names: list[str]) -> list[int]:
    """Those of the steps that are the student's and give one of these answers."""
    return [n for n in numbers if steps[n].own and any(_assigns(steps[n].source, name) for name in names)]


def _assigns(source: str, name: str) -> bool:
    """Whether code seems to give a name a value; three dots are none.

    >>> [_assigns(code, "x") for code in ("x = 1", "a, x = 1, 2", "x = ...", "check(x=x)", "y = x == 1", "xx = 1")]
    [True, True, False, False, False, False]
    """
    for line in source.splitlines() if name in source else []:
        if name not in line:
            continue
        targets, sign, value = line.partition("=")
        plausible = sign and len(targets) < LONGEST_TARGET and TARGETS.fullmatch(targets)
        given = not value.startswith("=") and not value.lstrip().startswith("...")
        if plausible and given and name in re.findall(r"\w+", targets):
            return True
    return False


def _job(step: Step, number: int) -> JobCell:
    """For the sandbox, where it stands in words: the cell's name and its first line."""
    line = next((line.strip() for line in step.source.splitlines() if line.strip()), "")
    where = step.name + (f", `{line[:60]}`" if line else "")
    return JobCell(step.source, step.check.answers if step.check else (), where, number)
