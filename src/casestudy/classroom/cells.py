"""A notebook that a student sent, read as plain cells; nothing in it is believed and nothing of it is run here."""

import json
import re
from dataclasses import dataclass

from casestudy.classroom.seeds import read_code
from casestudy.classroom.source import NAME
from casestudy.refusals import Refusal

LARGEST = 20_000_000  # bytes of a notebook
MOST_CELLS = 2_000
MOST_PARTS = 1_000_000  # brackets: each could become a list of its own
FILTERED = 200_000  # characters of a cell in which magics are looked for
LONGEST_CODE = 64  # characters of a code as a student may have typed it
MAGIC = re.compile(r"^[ \t]*(?:[%!?]|[\w.]+\?{1,2}[ \t]*$|\w+[ \t]*=[ \t]*[%!])", re.M)
PYTHON_MAGICS = ("capture", "prun", "time", "timeit")  # cell magics below which Python stands
STEP = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|#[^\n]*|[\[({]|[\])}]|\\\n|\n", re.S)
SETTING = re.compile(r"^[ \t]*(?:problem_set|code)[ \t]*=[^\n]*$\n?", re.M)
SET = re.compile(rf"^[ \t]*problem_set[ \t]*=[ \t]*[\"']({NAME.pattern})[\"']", re.M)
CODE = re.compile(r"^[ \t]*code[ \t]*=[ \t]*([\"'])([^\"'\n]*)\1", re.M)


@dataclass(frozen=True)
class Cell:
    """One cell as found: its type (code, markdown, raw), its text, what it says it is, and its number."""

    type: str
    source: str
    grade_id: str = ""
    tags: tuple[str, ...] = ()
    id: str = ""
    number: int = 0


def read(content: bytes) -> tuple[list[Cell], str]:
    """The cells of a notebook of format 3 or 4, and the problem set whose copy it says it is, empty where none.

    What is no notebook is refused with the reason.
    """
    if len(content) > LARGEST:
        raise Refusal(f"larger than {LARGEST // 1_000_000} MB")
    if not content.strip():
        raise Refusal("nothing in it")
    if content.count(b"[") + content.count(b"{") > MOST_PARTS:
        raise Refusal("more parts than a notebook has")
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refusal("not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise Refusal("not whole JSON") from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") not in (3, 4):
        raise Refusal("not a notebook of format 3 or 4")
    lists = [notebook.get("cells")]
    if notebook["nbformat"] == 3:
        sheets = notebook.get("worksheets")
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    if not lists or not all(isinstance(cells, list) for cells in lists):
        raise Refusal("a notebook without cells")
    if sum(map(len, lists)) > MOST_CELLS:
        raise Refusal(f"more than {MOST_CELLS} cells")
    every = [cell for cells in lists for cell in cells]
    return [_cell(cell, number) for number, cell in enumerate(every, 1)], _set(notebook)


def _set(notebook: dict) -> str:
    told: object = notebook
    for key in ("metadata", "casestudy", "problem_set"):
        told = told.get(key) if isinstance(told, dict) else None
    return told if isinstance(told, str) and NAME.fullmatch(told) else ""


def _cell(told: object, number: int) -> Cell:
    if not isinstance(told, dict):
        raise Refusal("a cell that is none")
    kind = told.get("cell_type")
    text = told.get("source", told.get("input", ""))  # format 3 has the code in `input`
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(text)
    if not isinstance(kind, str) or not isinstance(text, str):
        raise Refusal("a cell without type or text")
    if kind == "heading":  # of format 3
        level = told.get("level")
        text = f"{'#' * (level if level in (1, 2, 3, 4, 5, 6) else 1)} {text}"
    metadata = told.get("metadata") if isinstance(told.get("metadata"), dict) else {}
    grader = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    tags = metadata.get("tags") if isinstance(metadata.get("tags"), list) else []
    return Cell(
        kind if kind in ("code", "raw") else "markdown",
        _printable(text),
        grader["grade_id"] if isinstance(grader.get("grade_id"), str) else "",
        tuple(tag for tag in tags if isinstance(tag, str)),
        told["id"] if isinstance(told.get("id"), str) else "",
        number,
    )


def _printable(text: str) -> str:
    """Half characters, which JSON can hold and UTF-8 cannot, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")


def told_set(cells: list[Cell]) -> str:
    """The problem set that a notebook's own first code names; empty where it names none.

    >>> told_set([Cell("code", 'problem_set = "02-satisfaction"')])
    '02-satisfaction'
    """
    found = (SET.search(cell.source) for cell in cells if cell.type == "code")
    return next((match[1] for match in found if match), "")


def told_code(cells: list[Cell]) -> str:
    """The personal code that a notebook says it is for, in its one spelling; empty where it says none."""
    for cell in cells:
        if cell.type == "code" and ("parameters" in cell.tags or cell.source.lstrip().startswith("problem_set")):
            found = CODE.findall(cell.source)
            word = found[-1][1].strip()[:LONGEST_CODE] if found else ""
            try:
                return read_code(word)
            except Refusal:
                return word
    return ""


def without_settings(text: str) -> str:
    """What stands beside `problem_set` and `code` in the cell of these two.

    >>> without_settings('problem_set = "a"\\ncode = "b"  # yours\\nimport math\\n')
    'import math\\n'
    """
    return SETTING.sub("", text)


def without_magics(text: str) -> str:
    """Code with `pass` in place of each line that only a notebook understands; lines of a text are left alone.

    >>> without_magics("%matplotlib inline\\nx = 7\\nif x:\\n    !ls\\ny = x \\\\\\n% 4")
    'pass\\nx = 7\\nif x:\\n    pass\\ny = x \\\\\\n% 4'
    """
    if len(text) > FILTERED or not MAGIC.search(text):
        return text
    head = text.lstrip()
    if head.startswith("%%"):
        first, _, rest = head.partition("\n")
        known = first[2:].split()[:1]
        return f"pass\n{without_magics(rest)}" if known and known[0] in PYTHON_MAGICS else ""
    kept, place = [], 0
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        if MAGIC.match(text, place, end):
            line = text[place:end]
            kept.append(line[: len(line) - len(line.lstrip())] + "pass" + text[end : end + 1])
            place = end + 1
        else:
            after = _statement(text, place)
            kept.append(text[place:after])
            place = after
    return "".join(kept)


def _statement(text: str, place: int) -> int:
    """Where the logical line that begins at `place` ends."""
    depth = 0
    while found := STEP.search(text, place):
        word, place = found[0], found.end()
        if word in ('"""', "'''"):
            end = text.find(word, place)
            while end > 0 and _escaped(text, end):
                end = text.find(word, end + 1)
            place = len(text) if end < 0 else end + 3
        elif word in "([{":
            depth += 1
        elif word in ")]}":
            depth = max(0, depth - 1)
        elif word == "\n" and not depth:
            return place
    return len(text)


def _escaped(text: str, place: int) -> bool:
    """Whether an odd number of backslashes stands before `place`."""
    before = place
    while before and text[before - 1] == "\\":
        before -= 1
    return (place - before) % 2 == 1
