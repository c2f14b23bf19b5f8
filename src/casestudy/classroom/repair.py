"""What of a student's notebook is run: all of their code in their order, in the frame that their set's author wrote.

Cells are recognised by grade_id, tag, id or text. The author's own cells come from the source, never from the student;
where a student changed one, their version runs just before it. A question's answers are read at its check.
"""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from casestudy.classroom.cells import Cell, read, told_code, told_set, without_magics, without_settings
from casestudy.classroom.prose import prose
from casestudy.classroom.recognise import GRADED, Planned, plain, planned, recognised
from casestudy.classroom.source import ProblemSet
from casestudy.refusals import Refusal

LONGEST_TARGET = 500  # characters before a sign of equality
TARGETS = re.compile(r"[\w\s,*.:+/|&%\[\]\"'-]*")


@dataclass(frozen=True)
class Opened:
    """A notebook ready to be run.

    cells: for the sandbox, each {source, answers: [{name, told}], data: true after the data cell}, and `where` it is
    in the notebook that came, in words; texts: of manual questions by id, empty where nothing was written, None where
    that could not be seen; code: the personal code that the notebook itself claims; flags: "repaired" where anything
    had to be, "other_set:NAME" for a copy of another set; problem: why it cannot be run ("damaged: ..."), else empty.
    """

    cells: list[dict]
    texts: dict[str, str | None]
    code: str
    flags: frozenset[str]
    problem: str


@dataclass
class Step:
    """A cell on its way to be run. place: in the plan, if it stands where the plan has it; where: in words."""

    place: int | None
    source: str
    check: Planned | None = None
    data: bool = False
    own: bool = True  # written, or changed, by the student
    work: str = ""  # grade_id of a solution that is not blank any more
    where: str = ""


def opened(content: bytes, problem_set: ProblemSet, code: str) -> Opened:
    """Read a notebook strictly, put it in order, and set the figures of `code`, whatever code it claims."""
    try:
        found, name = read(content)
    except Refusal as error:
        return _damaged(error)
    if (told := name or told_set(found)) not in ("", problem_set.name):
        why = f"damaged: a copy of {told[:40]}, not of {problem_set.name}"
        return Opened([], {}, "", frozenset({f"other_set:{told[:40]}"}), why)
    plan = planned(problem_set, code)
    places = recognised(found, plan, problem_set.name)
    names = [answer.name for question in problem_set.questions for answer in question.answers]
    known = any(place is not None and plan[place].kind in GRADED for place in places)
    if not known and not any(_assigns(cell.source, name) for cell in found for name in names):
        return _damaged(f"no cell of {problem_set.name} in it")
    steps, repaired = _ordered(found, places, plan)
    texts = {}
    for place, one in enumerate(plan):
        if one.kind == "manual":
            texts[one.cell.grade_id], found_again = prose(found, places, plan, place)
            repaired |= found_again
    for step in [step for step in steps if step.check]:
        repaired |= _read_late(steps, step)
    cells = [_job(step) for step in steps if step.source.strip() or step.check]
    return Opened(cells, texts, told_code(found), frozenset({"repaired"} if repaired else ()), "")


def _damaged(why: object) -> Opened:
    return Opened([], {}, "", frozenset(), f"damaged: {why}")


def _ordered(found: list[Cell], places: list[int | None], plan: list[Planned]) -> tuple[list[Step], bool]:
    """The steps in their order, and whether anything had to be repaired."""
    repaired = False
    numbers, seen = [], Counter(place for place in places if place is not None)
    for number, (cell, place) in enumerate(zip(found, places, strict=True)):
        if place is not None and seen[place] > 1:  # copied, or split
            repaired = True
            blank = not cell.source.strip() or plain(cell.source) == plain(plan[place].cell.source)
            if blank and plan[place].kind == "solution":
                seen[place] -= 1
                continue
        numbers.append(number)
    standing = _standing([(number, places[number]) for number in numbers if places[number] is not None])
    steps, back, highest = [], [], -1
    for number in numbers:
        cell, place = found[number], places[number]
        if number in standing:
            highest = place
        elif place is not None:
            repaired |= plan[place].kind not in ("text", "idle")
            if plan[place].kind != "solution" or place > highest:  # a solution that went down may need what is there
                back.append((place, cell))
                continue
            place = None
        made, mended = _steps(cell, place, plan[places[number]] if places[number] is not None else None)
        steps += made
        repaired |= mended
    for place, cell in sorted(reversed(back), key=lambda one: one[0]):
        made, _ = _steps(cell, place, plan[place])
        _insert(steps, made, place, plan[place].kind)
    there = {step.place for step in steps}
    for place, one in enumerate(plan):
        if place not in there and one.kind in ("parameters", "data", "plain", "check"):
            _insert(steps, _steps(one.cell, place, one)[0], place, one.kind)
            repaired = True
    once = {step.place: step for step in reversed(steps) if not step.own}  # the author's cells, the first of each
    return [step for step in steps if step.own or step is once[step.place]], repaired


def _standing(placed: list[tuple[int, int]]) -> set[int]:
    """The most cells that stand in the plan's order; the others were moved."""
    tails, ends, before = [], [], {}
    for number, place in placed:
        at = bisect_right(tails, place)
        before[number] = ends[at - 1] if at else None
        tails[at : at + 1], ends[at : at + 1] = [place], [number]
    standing, number = set(), ends[-1] if ends else None
    while number is not None:
        standing.add(number)
        number = before[number]
    return standing


def _insert(steps: list[Step], made: list[Step], place: int, kind: str) -> None:
    """Put steps where the plan has them: work and checks as late as that allows, the author's code as early."""
    if kind in ("solution", "check"):
        at = next((k for k, step in enumerate(steps) if step.place is not None and step.place >= place), len(steps))
    else:
        at = max((k + 1 for k, step in enumerate(steps) if step.place is not None and step.place < place), default=0)
    steps[at:at] = made


def _steps(cell: Cell, place: int | None, one: Planned | None) -> tuple[list[Step], bool]:
    """What is run for one cell of the student's, and whether that is a repair."""
    made, repaired = _parts(cell, place, one)
    for step in made:
        step.where = _where(cell, one, step.source)
    return made, repaired


def _where(cell: Cell, one: Planned | None, source: str) -> str:
    """A cell as its owner sees it: its number from the top, its name if it has one, its first line."""
    number = f"cell {cell.number}" if cell.number else "a cell that was put back"
    id = cell.grade_id or (one.cell.grade_id or (one.kind if one.kind in ("parameters", "data") else "") if one else "")
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return number + (f" ({id[:40]})" if id else "") + (f", `{line[:60]}`" if line else "")


def _parts(cell: Cell, place: int | None, one: Planned | None) -> tuple[list[Step], bool]:
    text = without_magics(cell.source)
    if one is None:
        return [Step(place, text if cell.type == "code" else "")], False
    if one.kind == "solution":
        done = one.cell.grade_id if plain(cell.source) != plain(one.cell.source) else ""
        return [Step(place, text, work=done)], cell.type != "code"
    if one.kind in ("text", "manual"):
        return [Step(place, "", own=False)], one.kind == "manual" and cell.type != one.cell.type
    theirs = "" if cell.type != "code" or plain(cell.source) == plain(one.cell.source) else text
    if one.kind == "idle":
        return [Step(place, theirs)], False
    if one.kind == "parameters":
        theirs = without_settings(theirs)
        ours = Step(place, one.cell.source, own=False)
        return [Step(place, theirs), ours], cell.type != "code"
    ours = Step(
        place, "" if one.question else one.cell.source, one if one.question else None, one.kind == "data", False
    )
    kept = set(plain(one.cell.source).splitlines()) <= set(plain(cell.source).splitlines())
    changed = not kept if one.kind == "plain" else plain(cell.source) != plain(one.cell.source)
    return [Step(place, theirs), ours], changed or cell.type != "code"


def _read_late(steps: list[Step], check: Step) -> bool:
    """Move a check below the work it belongs to, where that stands after it; whether it had to be moved."""
    one, at = check.check, next(k for k, step in enumerate(steps) if step is check)
    after = [k for k in range(at + 1, len(steps)) if steps[k].work in one.work]
    if not after:
        names = [answer.name for answer in one.question.answers]
        open_ = [name for name in names if not any(s.own and _assigns(s.source, name) for s in steps[:at])]
        after = [
            k for k in range(at + 1, len(steps)) if steps[k].own and any(_assigns(steps[k].source, n) for n in open_)
        ]
        end = next((k for k in range(at + 1, len(steps)) if (steps[k].place or 0) >= one.end), len(steps))
        after = [k for k in after if k < end] or after
    if after:
        steps.insert(after[-1] + 1, check)
        del steps[at]
    return bool(after)


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


def _job(step: Step) -> dict:
    told = [{"name": one.name, "told": one.public()} for one in step.check.question.answers] if step.check else []
    return {"source": step.source, "answers": told, "where": step.where} | ({"data": True} if step.data else {})
