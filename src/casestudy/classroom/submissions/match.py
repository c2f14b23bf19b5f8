"""Which cell of a student's notebook is which cell of the untouched copy: by grade_id, tag, id, or text."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.submissions.cells import Cell

GRADED = ("check", "solution", "manual")
Slots = list[int | None]  # of each cell of a student's the number of its cell in the plan
Wanted = Callable[[Cell], list[int]]  # the slots that may be a cell's, the likeliest first


@dataclass(frozen=True)
class Planned:
    """A cell of the untouched copy.

    A check also has the names of its answers, the grade_ids of the solutions above it, and where its section ends.
    """

    kind: str
    cell: Cell
    answers: tuple[str, ...] = ()
    solutions: frozenset[str] = frozenset()
    end: int = 0


def plan_for(problem_set: ProblemSet, code: str) -> list[Planned]:
    """The untouched copy, cell by cell; a cell's number in it is its slot."""
    cells = student_copy(problem_set, code).cells
    kinds = [_kind(cell) for cell in cells]
    answers = {question.id: tuple(answer.name for answer in question.answers) for question in problem_set.questions}
    plan: list[Planned] = []
    solutions: set[str] = set()
    for slot, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
        id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        own = Cell(cell.cell_type, cell.source, id, tuple(cell.metadata.get("tags", ())), cell["id"])
        if kind == "check":
            ends = (n for n in range(slot + 1, len(cells)) if kinds[n] in GRADED or cells[n].source.startswith("## "))
            plan.append(Planned(kind, own, answers[id], frozenset(solutions), next(ends, len(cells))))
            solutions = set()
            continue
        if kind == "solution" and not cell.source.startswith("predict("):
            solutions.add(id)
        plan.append(Planned(kind, own))
    return plan


def _kind(cell: Mapping[str, Any]) -> str:
    """The role, with `text` for plain words and `idle` for what need not be run: figures, and asking what is open."""
    kind = role(cell)
    if kind == "plain" and cell["cell_type"] != "code":
        return "text"
    if kind == "figure" or (kind == "plain" and cell["source"].startswith(("ready(", "progress("))):
        return "idle"
    return "plain" if kind == "options" else kind


def recognised(found: list[Cell], plan: list[Planned], name: str) -> Slots:
    """The slot of each cell; several may claim one grade_id, all else is claimed once."""
    by_grade = {planned.cell.grade_id: slot for slot, planned in enumerate(plan) if planned.cell.grade_id}
    slots = [by_grade.get(cell.grade_id) for cell in found]
    for wanted in (_by_tag(plan), _by_id(found, slots, plan, name), _by_text(plan)):
        slots = _claimed(found, slots, wanted)
    return slots


def _claimed(found: list[Cell], slots: Slots, wanted: Wanted) -> Slots:
    """The slots with those of further cells: each takes the first free one that it may have."""
    taken = {slot for slot in slots if slot is not None}
    claimed: Slots = []
    for cell, slot in zip(found, slots, strict=True):
        if slot is None:
            slot = next((free for free in wanted(cell) if free not in taken), None)
            taken.update(() if slot is None else (slot,))
        claimed.append(slot)
    return claimed


def _by_tag(plan: list[Planned]) -> Wanted:
    tagged = {planned.kind: slot for slot, planned in enumerate(plan) if planned.kind in ("parameters", "data")}
    return lambda cell: [tagged[tag] for tag in cell.tags if tag in tagged]


def _by_id(found: list[Cell], slots: Slots, plan: list[Planned], name: str) -> Wanted:
    """By the number in an id; one notebook for all has one cell more, after the parameters."""
    numbers = {f"{name}-{number}": number for number in range(len(plan) + 1)}
    sure = [(cell.id, slot) for cell, slot in zip(found, slots, strict=True) if slot is not None]
    shifts = Counter(numbers[id] - slot for id, slot in sure if id in numbers)
    shift = 1 if shifts[1] > shifts[0] else 0
    parameters = next(slot for slot, planned in enumerate(plan) if planned.kind == "parameters")

    def wanted(cell: Cell) -> list[int]:
        number = numbers.get(cell.id, -1)
        slot = number - shift * (number > parameters)
        fits = 0 <= slot < len(plan) and (plan[slot].cell.type == cell.type or plan[slot].kind in GRADED)
        return [slot] if fits else []

    return wanted


def _by_text(plan: list[Planned]) -> Wanted:
    slots: dict[str, list[int]] = {}
    for slot, planned in enumerate(plan):
        if planned.cell.plain:
            slots.setdefault(planned.cell.plain, []).append(slot)
    return lambda cell: slots.get(cell.plain, [])
