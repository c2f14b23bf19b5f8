"""A notebook that a student sent, read as plain cells; nothing in it is believed and nothing of it is run here."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from casestudy.classroom.sets.seeds import read_code
from casestudy.classroom.sets.source import NAME
from casestudy.refusals import Refusal

LARGEST = 20_000_000  # bytes of a notebook
MOST_CELLS = 2_000
MOST_PARTS = 1_000_000  # brackets: each could become a list of its own
LONGEST_CODE = 64  # characters of a code as a student may have typed it
NOTED = "→ Noted: "  # how a check that finds an answer's form fine begins
SETTING = re.compile(r"^[ \t]*(?:problem_set|code)[ \t]*=[^\n]*$\n?", re.M)
SET = re.compile(rf"^[ \t]*problem_set[ \t]*=[ \t]*[\"']({NAME.pattern})[\"']", re.M)
CODE = re.compile(r"^[ \t]*code[ \t]*=[ \t]*([\"'])([^\"'\n]*)\1", re.M)


@dataclass(frozen=True)
class Cell:
    """One cell as found: its type (code, markdown, raw), its text, what it says it is, and its number.

    noted: whether a check's words that an answer is noted are saved below it; anybody can write them there.
    """

    type: str
    source: str
    grade_id: str = ""
    tags: tuple[str, ...] = ()
    id: str = ""
    number: int = 0
    attachments: tuple[str, ...] = ()  # names of pictures that are in it
    noted: bool = False

    @cached_property
    def plain(self) -> str:
        """The text without what an editor may add: spaces at the ends of lines, empty lines around it."""
        return "\n".join(line.rstrip() for line in self.source.strip().splitlines())


def read(content: bytes) -> tuple[list[Cell], str]:
    """The cells of a notebook of format 3 or 4, and the problem set whose copy it says it is, empty where none.

    What is no notebook is refused with the reason.
    """
    notebook = _notebook(content)
    cells = [_cell(cell, number) for number, cell in enumerate(_cells(notebook), 1)]
    name = _mapping(_mapping(notebook.get("metadata")).get("casestudy")).get("problem_set")
    return cells, name if isinstance(name, str) and NAME.fullmatch(name) else ""


def _notebook(content: bytes) -> dict[str, Any]:
    """The JSON of a notebook that is neither too large nor of another format."""
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
    return notebook


def _cells(notebook: dict[str, Any]) -> list[object]:
    """All cells as they came; format 3 has them in worksheets."""
    holders = [notebook]
    if notebook["nbformat"] == 3:
        sheets = notebook.get("worksheets")
        holders = [sheet for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    lists = [cells for holder in holders if isinstance(cells := holder.get("cells"), list)]
    if not holders or len(lists) < len(holders):
        raise Refusal("a notebook without cells")
    if sum(map(len, lists)) > MOST_CELLS:
        raise Refusal(f"more than {MOST_CELLS} cells")
    return [cell for cells in lists for cell in cells]


def _cell(cell: object, number: int) -> Cell:
    if not isinstance(cell, dict):
        raise Refusal("a cell that is none")
    kind, text = cell.get("cell_type"), _source(cell)
    if not isinstance(kind, str) or text is None:
        raise Refusal("a cell without type or text")
    if kind == "heading":  # of format 3
        level = cell.get("level")
        text = f"{'#' * (level if level in (1, 2, 3, 4, 5, 6) else 1)} {text}"
    metadata = _mapping(cell.get("metadata"))
    tags = metadata.get("tags")
    return Cell(
        kind if kind in ("code", "raw") else "markdown",
        _printable(text),
        _word(_mapping(metadata.get("nbgrader")).get("grade_id")),
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        _word(cell.get("id")),
        number,
        tuple(_mapping(cell.get("attachments"))),
        _noted(cell.get("outputs")),
    )


def _source(cell: dict[str, Any]) -> str | None:
    """A cell's text, which may be a list of lines; None where it is neither."""
    text = cell.get("source", cell.get("input", ""))  # format 3 has the code in `input`
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "".join(text)
    return text if isinstance(text, str) else None


def _noted(outputs: object) -> bool:
    """Whether among a cell's saved outputs is a check's that had found an answer's form fine."""
    for output in map(_mapping, outputs if isinstance(outputs, list) else []):
        words = _mapping(output.get("data", output)).get("text/plain", output.get("text"))  # the latter of format 3
        if isinstance(words, list) and words:
            words = words[0]
        if isinstance(words, str) and words.startswith(NOTED):
            return True
    return False


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _printable(text: str) -> str:
    """Half characters, which JSON can hold and UTF-8 cannot, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")


def claimed_set(cells: list[Cell]) -> str:
    """The problem set that a notebook's own first code names; empty where it names none.

    >>> claimed_set([Cell("code", 'problem_set = "02-satisfaction"')])
    '02-satisfaction'
    """
    found = (SET.search(cell.source) for cell in cells if cell.type == "code")
    return next((match[1] for match in found if match), "")


def claimed_code(cells: list[Cell]) -> str:
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
