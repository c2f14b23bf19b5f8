"""What a student wrote in words for a question that a person reads, wherever in the notebook it stands."""

import ast
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from urllib.parse import unquote

from casestudy.classroom.sets.answers import CUT, LARGEST
from casestudy.classroom.sets.source import YOURS
from casestudy.classroom.submissions.cells import Cell
from casestudy.classroom.submissions.match import Planned, Slots

ELSEWHERE = "[found elsewhere in the notebook, and maybe not meant for this question]"
MOST_OF_LINK = 1_000  # characters
PICTURE = "[picture"  # how what stands for one begins
LONGEST = 20_000  # characters of code in which words are looked for
WRITTEN = ("manual", "explain")  # where a student is to write: for somebody who reads it, or for nobody
SENTENCE = 4  # words that are more than a label
IMAGE = re.compile(  # no part of it is looked at twice, however many begin and do not end
    r"!\[[^\]\n]{0,300}\]\((?P<link>(?:[^()\n]|\([^()\n]*\))*+)\)|<img\b(?P<tag>[^<>]*+)>", re.I
)
SOURCE = re.compile(r"\bsrc\s*=\s*[\"']?(?P<link>[^\"'\s>]*)", re.I)
TEXT_MAGIC = re.compile(r"\s*%%(markdown|html|latex)\b", re.I)
LIKE_CODE = re.compile(r"\w[(\[]|[\w\])]\s*[+*/-]?=[^=]|^\s*(?:import|from|def|for|if|while|return|class)\b|[{}]", re.M)
MARKED = re.compile(r"[\"'#%]")  # what texts, comments and magics begin with
SHOWING = ("print", "display", "Markdown", "HTML", "Latex")


def manual_texts(found: list[Cell], slots: Slots, plan: list[Planned]) -> tuple[dict[str, str | None], bool]:
    """The text of each manual question by its id, and whether any was found in a cell that had lost its name."""
    texts, found_again = {}, False
    for slot, planned in enumerate(plan):
        if planned.kind == "manual":
            texts[planned.cell.grade_id], lost = prose(found, slots, plan, slot)
            found_again |= lost
    return texts, found_again


def flags(texts: Iterable[str | None]) -> set[str]:
    """Why a person looks at texts: `picture`, of which a text holds only the name; `text_elsewhere`."""
    signs = {"picture": PICTURE, "text_elsewhere": ELSEWHERE}
    return {flag for text in texts if text for flag, sign in signs.items() if sign in text}


def prose(found: list[Cell], slots: Slots, plan: list[Planned], slot: int) -> tuple[str | None, bool]:
    """A manual question's text, and whether its cell had lost its name.

    The text is empty where the cell stands there as it came and no words of the student's are in the notebook that
    could be meant, and None where neither it nor any words are found around its slot: whether anything was written
    only a person can say. A text that is too long is cut, and says so.
    """
    lost = slot not in slots
    found = [_without_answers(cell, plan) if of is None else cell for cell, of in zip(found, slots, strict=True)]
    text = None if lost else _named(found, slots, slot)
    if not text:
        near = _near(found, slots, plan, slot)
        text = near if near or (lost and near is None) else _elsewhere(found, slots, plan, slot)
    cut = text if text is None or len(text) <= LARGEST else text[:LARGEST] + CUT
    return cut, lost and bool(text)


def _without_answers(cell: Cell, plan: list[Planned]) -> Cell:
    """The cell, but for code that gives an answer which is marked: that is no text, whatever it says."""
    names = "|".join(re.escape(name) for planned in plan for name in planned.answers)
    gives = cell.type == "code" and names and re.search(rf"\b(?:{names})\s*=", cell.source)
    return replace(cell, source="pass") if gives else cell


def _named(found: list[Cell], slots: Slots, slot: int) -> str:
    """The last version of the question's own cell, its parts joined where it was split, and what stands right below."""
    written = [n for n, of in enumerate(slots) if of == slot and found[n].plain not in ("", YOURS)]
    first = last = written[-1] if written else slots.index(slot)
    while first - 1 in written and not _share_a_line(found[first - 1], found[last]):
        first -= 1
    numbers = [n for n in written if n >= first] + _words_below(found, slots, last)
    return _joined(pictured(found[n], found[n].source.strip()) for n in numbers)


def _words_below(found: list[Cell], slots: Slots, number: int) -> list[int]:
    """The student's own cells in words right below a cell, other copies of that cell passed over."""
    below = range(number + 1, len(found))
    words = takewhile(lambda n: is_speech(found[n]) and slots[n] in (None, slots[number]), below)
    return [n for n in words if slots[n] is None]


def _share_a_line(cell: Cell, other: Cell) -> bool:
    """Whether two texts have a line in common: then one is a copy of the other, not its second half."""
    return bool(set(cell.plain.splitlines()) & set(other.plain.splitlines()) - {""})


def _near(found: list[Cell], slots: Slots, plan: list[Planned], slot: int) -> str | None:
    """The student's own lines between the cells that the plan has before and after it, the question's among them.

    Empty where only the untouched answer is there, None where not even that.
    """
    near = [found[n] for n in _words_around(found, slots, plan, slot)]
    text = _joined(_without(cell, _authors(plan)) for cell in near)
    return text or ("" if any(YOURS in cell.plain.splitlines() for cell in near) else None)


def _words_around(found: list[Cell], slots: Slots, plan: list[Planned], slot: int) -> list[int]:
    """The cells in words around a slot, and own code in which there are some; none of the other manual questions."""
    others = {n for n, planned in enumerate(plan) if planned.kind in WRITTEN and n != slot}
    around = [n for n in _around(slots, slot) if slots[n] not in others]
    return [n for n in around if found[n].type != "code" or (slots[n] is None and speaks(found[n]))]


def _elsewhere(found: list[Cell], slots: Slots, plan: list[Planned], slot: int) -> str:
    """The student's own words anywhere that are not another question's: whom they answer, a person sees."""
    taken = {n for n, of in enumerate(slots) if of is not None and plan[of].kind in WRITTEN}
    for of in {slots[n] for n in taken} - {slot, None}:
        taken.update(_words_below(found, slots, max(n for n in taken if slots[n] == of)))
    free = [found[n] for n, of in enumerate(slots) if n not in taken and (of is None or plan[of].kind == "text")]
    words = _joined(_without(cell, _authors(plan)) for cell in free if is_speech(cell))
    return f"{ELSEWHERE}\n\n{words}" if len(words.split()) >= SENTENCE else ""


def _authors(plan: list[Planned]) -> set[str]:
    return {line for planned in plan for line in planned.cell.plain.splitlines()}


def _without(cell: Cell, lines: set[str]) -> str:
    """A cell's text without these lines."""
    kept = "\n".join(line for line in cell.plain.splitlines() if not line or line not in lines)
    return pictured(cell, kept).strip()


def _around(slots: Slots, slot: int) -> range:
    """The numbers of the cells from the one that the plan has before a slot to the one it has after."""
    numbers = {of: number for number, of in enumerate(slots) if of is not None}
    before = max((of for of in numbers if of < slot), default=None)
    after = min((of for of in numbers if of > slot), default=None)
    return range(0 if before is None else numbers[before], len(slots) if after is None else numbers[after])


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def is_speech(cell: Cell) -> bool:
    """Whether a cell holds words and nothing to run: in code, only comments and texts, or a sentence that is none.

    >>> [is_speech(Cell("code", code)) for code in ("# It rose.", "answer = 'It rose.'", "It rose a lot.", "x = 7")]
    [True, True, True, False]
    """
    if cell.type != "code":
        return True
    if len(cell.source) > LONGEST or (LIKE_CODE.search(cell.source) and not MARKED.search(cell.source)):
        return False
    tree = _parsed(cell)
    if tree is None:
        sentence = len(cell.source.split()) >= SENTENCE and not LIKE_CODE.search(cell.source)
        return sentence or bool(TEXT_MAGIC.match(cell.source))
    return bool(cell.plain) and all(map(_says, tree.body))


def speaks(cell: Cell) -> bool:
    """Whether a cell has words in it, maybe beside code that runs.

    >>> speaks(Cell("code", "why = 'The base is not the same.'\\nlen(why)")), speaks(Cell("code", "x = 'a b'; x + x"))
    (True, False)
    """
    if is_speech(cell):
        return True
    tree = _parsed(cell)
    if tree is None:
        return len(cell.source) <= LONGEST and len(cell.source.split()) >= SENTENCE
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    comments = re.findall(r"^[ \t]*#(.*)$", cell.source[:LONGEST], re.M)
    return any(len(str(text).split()) >= SENTENCE for text in [*texts, *comments])


def pictured(cell: Cell, text: str) -> str:
    """A cell's text with a few words in place of each picture.

    >>> pictured(Cell("markdown", "", attachments=("me.png",)), "See ![me.png](attachment:me.png).")
    'See [picture: me.png].'
    """

    def named(found: re.Match[str]) -> str:
        link = found["link"] if found["tag"] is None else (SOURCE.search(found["tag"]) or {"link": ""})["link"]
        link = unquote(link.partition(' "')[0].strip().strip("<>")[:MOST_OF_LINK])
        if link.lower().startswith("data:"):
            return f"{PICTURE}]"
        name = link.removeprefix("attachment:")
        there = link != name and name in cell.attachments
        return f"{PICTURE}{'' if there else ' that is not in the notebook'}: {name[:100]}]"

    return IMAGE.sub(named, text)


def _parsed(cell: Cell) -> ast.Module | None:
    """A cell's code; None where it is no Python, or too long to be an answer in words."""
    try:
        return ast.parse(cell.source) if len(cell.source) <= LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _says(statement: ast.stmt) -> bool:
    """Whether a statement only holds or shows a text."""
    return isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) and _is_text(statement.value)


def _is_text(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", "") in SHOWING and all(map(_is_text, value.args))
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
