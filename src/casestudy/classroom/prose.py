"""What a student wrote in words for a question that a person reads, wherever in the notebook it stands."""

from casestudy.classroom.answers import LARGEST
from casestudy.classroom.cells import Cell
from casestudy.classroom.copies import YOURS
from casestudy.classroom.recognise import Planned, plain


def prose(found: list[Cell], places: list[int | None], plan: list[Planned], place: int) -> tuple[str | None, bool]:
    """A manual question's text, and whether its cell had lost its name.

    The text is empty where the cell stands there as it came, and None where neither it nor any words of the student's
    are found around its place: whether anything was written only a person can say.
    """
    lost = place not in places
    text = None if lost else _named(found, places, place)
    if not text:
        near = _near(found, places, plan, place)
        text = near if near or lost else ""
    return (text if text is None else text[:LARGEST]), lost and bool(text)


def _named(found: list[Cell], places: list[int | None], place: int) -> str:
    """The last version of the question's own cell, its parts joined where it was split, and what stands right below."""
    untouched = ("", plain(YOURS))
    last = [n for n, k in enumerate(places) if k == place and plain(found[n].source) not in untouched]
    at = last[-1] if last else places.index(place)
    parts = [found[at].source.strip()] if last else []
    above = at - 1
    while last and above in last and not _shared(found[above].source, parts[-1]):
        parts.insert(0, found[above].source.strip())
        above -= 1
    below = at + 1
    while below < len(found) and found[below].type != "code" and (places[below] is None or places[below] == place):
        if places[below] is None:
            parts.append(found[below].source.strip())
        below += 1
    return "\n\n".join(part for part in parts if part)


def _shared(one: str, other: str) -> bool:
    """Whether two texts have a line in common: then one is a copy of the other, not its second half."""
    return bool(set(plain(one).splitlines()) & set(plain(other).splitlines()) - {""})


def _near(found: list[Cell], places: list[int | None], plan: list[Planned], place: int) -> str | None:
    """The student's own lines between the cells that the plan has before and after it, the question's among them.

    Empty where only the untouched answer is there, None where not even that.
    """
    seen = {k: n for n, k in enumerate(places) if k is not None}
    before = max((k for k in seen if k < place), default=None)
    after = min((k for k in seen if k > place), default=None)
    first = 0 if before is None else seen[before]
    others = {k for k, one in enumerate(plan) if one.kind == "manual" and k != place}  # their words are not this one's
    near = range(first, len(found) if after is None else seen[after])
    cells = [found[n] for n in near if found[n].type != "code" and places[n] not in others]
    authors = {line for one in plan for line in plain(one.cell.source).splitlines()}
    parts = [
        "\n".join(line for line in plain(cell.source).splitlines() if not line or line not in authors).strip()
        for cell in cells
    ]
    untouched = any(plain(YOURS) in plain(cell.source).splitlines() for cell in cells)
    return "\n\n".join(part for part in parts if part) or ("" if untouched else None)
