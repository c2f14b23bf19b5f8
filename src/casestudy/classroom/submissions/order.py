"""A student's cells as steps in the order that their set's author meant, with the author's own cells as they were.

Where a student changed a cell of the author's, their version runs just before it.
"""

import ast
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial

from casestudy.classroom.submissions.cells import Cell, without_settings
from casestudy.classroom.submissions.match import Planned, Slots

NOWHERE = -1  # the slot of what stands where the plan has nothing
OWN = Planned("own", Cell("code", ""))  # what a cell that the student added is in the plan
NEEDED = ("parameters", "data", "plain", "check")  # of the author's cells those that a student may not delete
FREE = ("text", "idle", "explain")  # these may stand anywhere, in any shape


@dataclass(frozen=True)
class Placed:
    """A cell, what it is in the plan, and its slot there: NOWHERE if it does not stand where the plan has it."""

    cell: Cell
    planned: Planned
    slot: int


@dataclass(frozen=True)
class Step:
    """Code on its way to be run, with the slot, the name and the number of its cell.

    check: whose answers are read here; own: written, or changed, by the student; solution: the grade_id of one that is
    not blank any more.
    """

    slot: int
    name: str
    source: str
    check: Planned | None = None
    own: bool = True
    solution: str = ""
    number: int = 0


def ordered(found: list[Cell], slots: Slots, plan: list[Planned]) -> tuple[list[Step], bool]:
    """The steps in their order, and whether anything had to be repaired."""
    placed = [
        Placed(cell, OWN, NOWHERE) if slot is None else Placed(cell, plan[slot], slot)
        for cell, slot in zip(found, slots, strict=True)
    ]
    kept = _without_blank_copies(placed)
    staying, moved = _parted(kept)
    steps = [step for each in staying for step in _steps(each)]
    for each in sorted(reversed(moved), key=lambda each: each.slot):
        _insert(steps, each)
    missing = _missing(steps, plan)
    for each in missing:
        _insert(steps, each)
    mended = any(map(_is_mended, staying)) or any(each.planned.kind not in FREE for each in moved)
    return _authors_once(steps), mended or bool(missing) or _has_copies(placed)


def _has_copies(placed: list[Placed]) -> bool:
    slots = [each.slot for each in placed if each.slot != NOWHERE]
    return len(set(slots)) < len(slots)


def _without_blank_copies(placed: list[Placed]) -> list[Placed]:
    """All but the solutions that are blank, or as they came, while there is another in the same slot."""
    copies = Counter(each.slot for each in placed)
    kept = []
    for each in placed:
        blank = each.planned.kind == "solution" and each.cell.plain in ("", each.planned.cell.plain)
        if blank and copies[each.slot] > 1:
            copies[each.slot] -= 1
        else:
            kept.append(each)
    return kept


def _parted(placed: list[Placed]) -> tuple[list[Placed], list[Placed]]:
    """What stays where it stands, and what was moved and goes back to its slot."""
    standing, highest = _standing(placed), NOWHERE
    staying, moved = [], []
    for number, each in enumerate(placed):
        if number in standing:
            highest = each.slot
        elif each.planned.kind == "solution" and each.slot < highest and not _goes_back(number, placed):
            each = replace(each, slot=NOWHERE)
        elif each.slot != NOWHERE:
            moved.append(each)
            continue
        staying.append(each)
    return staying, moved


def _goes_back(number: int, placed: list[Placed]) -> bool:
    """Whether a solution that went down goes back to its slot, since later questions may build on it.

    Not where there are two, for the last counts, nor where it reads a name that is given between its slot and where it
    stands now, or code there that is no Python may give one.
    """
    moved = placed[number]
    if sum(each.slot == moved.slot for each in placed) > 1:
        return False
    start = next(n for n, each in enumerate(placed) if each.slot > moved.slot)
    passed = [each.cell.source for each in placed[start:number] if each.cell.type == "code"]
    try:
        reads, _ = _names(moved.cell.source)
        return not any(reads & _names(source)[1] for source in passed)
    except (SyntaxError, ValueError, RecursionError):
        return False


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that code reads from elsewhere, and those that it gives or changes.

    >>> reads, gives = _names("half = whole / 2\\nmeans['b'] = sum(n * half for n in means)")
    >>> sorted(reads), sorted(gives)
    (['means', 'sum', 'whole'], ['half', 'means'])
    """
    reads: set[str] = set()
    gives: set[str] = set()
    for statement in ast.parse(source).body:
        inner: set[str] = set()  # names of functions and comprehensions alone
        given: set[str] = set()
        loaded: set[str] = set()
        for node in ast.walk(statement):
            match node:
                case ast.arg():
                    inner.add(node.arg)
                case ast.comprehension():
                    inner |= _stored(node.target)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    given.add(node.name)
                    inner |= _stored(node)
                case ast.alias():
                    given.add((node.asname or node.name).split(".")[0])
                case ast.Subscript() | ast.Attribute() if not isinstance(node.ctx, ast.Load):
                    given |= {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
                case ast.Name() if isinstance(node.ctx, ast.Load):
                    loaded.add(node.id)
                case ast.Name():
                    given.add(node.id)
                case ast.AugAssign(target=ast.Name(id=name)):
                    loaded.add(name)
        reads |= loaded - gives - inner
        gives |= given - inner
    return reads, gives


def _stored(within: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(within) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _standing(placed: list[Placed]) -> set[int]:
    """The numbers of the most cells that stand in the plan's order; the others were moved."""
    lowest: list[int] = []  # where runs of 1, 2, ... cells in order end: the slot
    ends: list[int] = []  # and the cell's number
    before: dict[int, int | None] = {}
    for number, each in enumerate(placed):
        if each.slot != NOWHERE:
            length = bisect_right(lowest, each.slot)
            before[number] = ends[length - 1] if length else None
            lowest[length : length + 1], ends[length : length + 1] = [each.slot], [number]
    standing: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        standing.add(last)
        last = before[last]
    return standing


def _insert(steps: list[Step], placed: Placed) -> None:
    """Put a cell's steps where the plan has them: work and checks as late as that allows, the author's as early."""
    slot = placed.slot
    if placed.planned.kind in ("solution", "check"):
        at = next((n for n, step in enumerate(steps) if step.slot >= slot), len(steps))
    else:
        at = max((n + 1 for n, step in enumerate(steps) if NOWHERE < step.slot < slot), default=0)
    steps[at:at] = _steps(placed)


def _missing(steps: list[Step], plan: list[Planned]) -> list[Placed]:
    """The author's cells that are needed and have no step."""
    there = {step.slot for step in steps}
    return [
        Placed(planned.cell, planned, slot)
        for slot, planned in enumerate(plan)
        if slot not in there and planned.kind in NEEDED
    ]


def _authors_once(steps: list[Step]) -> list[Step]:
    """The steps with the first of each cell of the author's."""
    first = {step.slot: step for step in reversed(steps) if not step.own}
    return [step for step in steps if step.own or step is first[step.slot]]


def _steps(placed: Placed) -> list[Step]:
    """What is run for a cell: the student's code, then the author's own."""
    cell, planned, kind = placed.cell, placed.planned, placed.planned.kind
    step = partial(Step, placed.slot, _name(cell, planned), number=cell.number)
    if kind in ("text", "manual", "explain"):
        return [step("", own=False)]
    text, same = cell.source, cell.plain == planned.cell.plain
    if kind == "solution":
        return [step(text, solution="" if same else planned.cell.grade_id)]
    text = "" if same or cell.type != "code" else text
    if kind in ("own", "idle"):
        return [step(text)]
    theirs = step(without_settings(text) if kind == "parameters" else text)
    if kind == "check":
        return [theirs, step("", check=planned, own=False)]
    return [theirs, step(planned.cell.source, own=False)]


def _is_mended(placed: Placed) -> bool:
    """Whether a cell that stays is not as the plan has it, beyond what it is for."""
    cell, planned = placed.cell, placed.planned
    if placed.slot == NOWHERE:
        return planned is not OWN
    if planned.kind in FREE:
        return False
    match planned.kind:
        case "manual":
            return cell.type != planned.cell.type
        case "solution" | "parameters":
            return cell.type != "code"
        case "plain":  # more lines are no change
            return cell.type != "code" or not set(planned.cell.plain.splitlines()) <= set(cell.plain.splitlines())
    return cell.type != "code" or cell.plain != planned.cell.plain


def _name(cell: Cell, planned: Planned) -> str:
    """A cell as its owner sees it: its number from the top, its name if it has one."""
    number = f"cell {cell.number}" if cell.number else "a cell that was put back"
    id = cell.grade_id or planned.cell.grade_id or (planned.kind if planned.kind in ("parameters", "data") else "")
    return number + (f" ({id[:40]})" if id else "")
