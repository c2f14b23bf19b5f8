"""Which cell of a student's notebook is which cell of the untouched copy: by grade_id, tag, id, or text."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from casestudy.classroom.cells import Cell
from casestudy.classroom.copies import student_copy
from casestudy.classroom.source import ProblemSet, Question, role

GRADED = ("check", "solution", "manual")


@dataclass(frozen=True)
class Planned:
    """A cell of the untouched copy; a check also has its question, its work cells and where its section ends."""

    kind: str
    cell: Cell
    question: Question | None = None
    work: frozenset[str] = frozenset()
    end: int = 0


def planned(problem_set: ProblemSet, code: str) -> list[Planned]:
    """The untouched copy, cell by cell."""
    cells = student_copy(problem_set, code).cells
    kinds = [_kind(cell) for cell in cells]
    plan, work = [], []
    for place, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
        id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        one = Planned(kind, Cell(cell.cell_type, cell.source, id, tuple(cell.metadata.get("tags", ())), cell["id"]))
        if kind == "solution" and not cell.source.startswith("predict("):
            work.append(id)
        if kind == "check":
            question = next(question for question in problem_set.questions if question.id == id)
            ends = (k for k in range(place + 1, len(cells)) if kinds[k] in GRADED or cells[k].source.startswith("## "))
            one = replace(one, question=question, work=frozenset(work), end=next(ends, len(cells)))
            work = []
        plan.append(one)
    return plan


def _kind(cell: object) -> str:
    """The role, with `text` for plain words and `idle` for what need not be run: figures, and asking what is open."""
    kind = role(cell)
    if kind == "plain" and cell.cell_type != "code":
        return "text"
    return "idle" if kind == "figure" or (kind == "plain" and cell.source.startswith("ready(")) else kind


def recognised(found: list[Cell], plan: list[Planned], name: str) -> list[int | None]:
    """The place in the plan of each cell; several may claim one grade_id, all else is claimed once."""
    by_grade = {one.cell.grade_id: k for k, one in enumerate(plan) if one.cell.grade_id}
    by_tag = {one.kind: k for k, one in enumerate(plan) if one.kind in ("parameters", "data")}
    places = [by_grade.get(cell.grade_id) for cell in found]
    taken = {place for place in places if place is not None}

    def claim(cell: Cell, wanted: Callable[[Cell], list[int]]) -> int | None:
        place = next((k for k in wanted(cell) if k not in taken), None)
        taken.add(place)
        return place

    numbers = {f"{name}-{number}": number for number in range(len(plan) + 1)}
    sure = [(cell.id, place) for cell, place in zip(found, places, strict=True) if place is not None]
    shifts = Counter(numbers[id] - place for id, place in sure if id in numbers)
    shift = 1 if shifts[1] > shifts[0] else 0  # one notebook for all has one cell more, after the parameters

    def by_id(cell: Cell) -> list[int]:
        number = numbers.get(cell.id, -1)
        return [k for k in [number - shift * (number > by_tag["parameters"])] if 0 <= k < len(plan)]

    by_text: dict[str, list[int]] = {}
    for k, one in enumerate(plan):
        by_text.setdefault(plain(one.cell.source), []).append(k)
    for wanted in (
        lambda cell: [by_tag[tag] for tag in cell.tags if tag in by_tag],
        lambda cell: [k for k in by_id(cell) if plan[k].cell.type == cell.type or plan[k].kind in GRADED],
        lambda cell: by_text.get(plain(cell.source) or None, []),
    ):
        places = [claim(cell, wanted) if place is None else place for cell, place in zip(found, places, strict=True)]
    return places


def plain(text: str) -> str:
    """A text without what an editor may add: spaces at the ends of lines, empty lines around it."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
