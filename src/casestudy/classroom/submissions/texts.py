"""What a student wrote in words for a question that a person reads, wherever in the notebook it stands."""

from collections.abc import Iterable
from itertools import takewhile

from casestudy.classroom.sets.answers import CUT, LARGEST
from casestudy.classroom.sets.source import YOURS
from casestudy.classroom.submissions.cells import Cell
from casestudy.classroom.submissions.match import Planned, Slots


def manual_texts(found: list[Cell], slots: Slots, plan: list[Planned]) -> tuple[dict[str, str | None], bool]:
    """The text of each manual question by its id, and whether any was found in a cell that had lost its name."""
    texts, found_again = {}, False
    for slot, planned in enumerate(plan):
        if planned.kind == "manual":
            texts[planned.cell.grade_id], lost = prose(found, slots, plan, slot)
            found_again |= lost
    return texts, found_again


def prose(found: list[Cell], slots: Slots, plan: list[Planned], slot: int) -> tuple[str | None, bool]:
    """A manual question's text, and whether its cell had lost its name.

    The text is empty where the cell stands there as it came, and None where neither it nor any words of the student's
    are found around its slot: whether anything was written only a person can say.
    """
    lost = slot not in slots
    text = None if lost else _named(found, slots, slot)
    if not text:
        near = _near(found, slots, plan, slot)
        text = near if near or lost else ""
    cut = text if text is None or len(text) <= LARGEST else text[:LARGEST] + CUT
    return cut, lost and bool(text)


def _named(found: list[Cell], slots: Slots, slot: int) -> str:
    """The last version of the question's own cell, its parts joined where it was split, and what stands right below."""
    written = [n for n, of in enumerate(slots) if of == slot and found[n].plain not in ("", YOURS)]
    first = last = written[-1] if written else slots.index(slot)
    while first - 1 in written and not _share_a_line(found[first - 1], found[last]):
        first -= 1
    numbers = [n for n in written if n >= first] + _words_below(found, slots, last)
    return _joined(found[n].source.strip() for n in numbers)


def _words_below(found: list[Cell], slots: Slots, number: int) -> list[int]:
    """The student's own cells in words right below a cell, other copies of that cell passed over."""
    below = range(number + 1, len(found))
    words = takewhile(lambda n: found[n].type != "code" and slots[n] in (None, slots[number]), below)
    return [n for n in words if slots[n] is None]


def _share_a_line(cell: Cell, other: Cell) -> bool:
    """Whether two texts have a line in common: then one is a copy of the other, not its second half."""
    return bool(set(cell.plain.splitlines()) & set(other.plain.splitlines()) - {""})


def _near(found: list[Cell], slots: Slots, plan: list[Planned], slot: int) -> str | None:
    """The student's own lines between the cells that the plan has before and after it, the question's among them.

    Empty where only the untouched answer is there, None where not even that.
    """
    authors = {line for planned in plan for line in planned.cell.plain.splitlines()}
    near = _words_around(found, slots, plan, slot)
    text = _joined(_without(cell, authors) for cell in near)
    return text or ("" if any(YOURS in cell.plain.splitlines() for cell in near) else None)


def _words_around(found: list[Cell], slots: Slots, plan: list[Planned], slot: int) -> list[Cell]:
    """The cells in words around a slot, without those of the other manual questions."""
    others = {n for n, planned in enumerate(plan) if planned.kind == "manual" and n != slot}
    return [found[n] for n in _around(slots, slot) if found[n].type != "code" and slots[n] not in others]


def _without(cell: Cell, lines: set[str]) -> str:
    """A cell's text without these lines."""
    return "\n".join(line for line in cell.plain.splitlines() if not line or line not in lines).strip()


def _around(slots: Slots, slot: int) -> range:
    """The numbers of the cells from the one that the plan has before a slot to the one it has after."""
    numbers = {of: number for number, of in enumerate(slots) if of is not None}
    before = max((of for of in numbers if of < slot), default=None)
    after = min((of for of in numbers if of > slot), default=None)
    return range(0 if before is None else numbers[before], len(slots) if after is None else numbers[after])


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)
