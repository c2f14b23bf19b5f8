"""What a student reads of a question outside the notebook: its text, and the figures and tools that it speaks of."""

import ast
import contextlib
import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd

from casestudy.case import open_case
from casestudy.classroom.feedback.parts import STEP, parts, without_hints
from casestudy.classroom.sets.options import Options
from casestudy.classroom.sets.question import Node, Question, role
from casestudy.classroom.sets.source import SOLUTION, ProblemSet, blank, headed
from casestudy.reports.pages import document
from casestudy.reports.pages.pictures import Pictures

ROWS = 40  # of a table; a longer one is folded away as text to copy
ITEMS = 400  # of a list
KEPT = ("Goal", "Do")  # steps of a question; the others belong to a notebook
ASKS_NOTEBOOK = re.compile(r"^(check|predict|progress|ready)\(")
OF_NOTEBOOKS = re.compile(r"`\.\.\.`|\]\(\.\./\.\./notebooks/|^The next (?:\w+ )?cells? ")
SPOKEN = (  # of typing into a notebook
    (re.compile(r" One (?:letter|word) in quotes\."), ""),
    (re.compile(r",? (?:one|the) (?:letter|word) in quotes|,? as one letter between quotation marks"), ""),
    (re.compile(r"\s*[^.]*what you have done, if you come back later\."), ""),
    (re.compile(r"\s*Guess first, then compute, then check\."), ""),
    (
        re.compile(r"\s*In practice a check names the slip, never the answer; in graded work it knows only the form\."),
        "",
    ),
    (re.compile(r"\s*Run it as often as you like: nothing leaves your machine\."), ""),
    (re.compile(r"\s*Plan \d+ to \d+ minutes[^.]*\."), ""),
    (re.compile(r"\s*After each question, say in a sentence what you believe now\."), ""),
    (re.compile(r",? in quotes(?=[.,;: ])"), ""),
    (re.compile(r"this one is read by a person\. In the cell below, write"), "a person reads this one. Write"),
    (re.compile(r"(?:In the cell below, write|Write in the cell below)"), "Write"),
)
FIGURE = "<p><em>(In the notebook a figure stands here.)</em></p>"


@dataclass(frozen=True)
class Passage:
    """A piece of a question: HTML that is the same for all, or an expression that is shown on each one's figures."""

    html: str = ""
    shown: str = ""


class Prose:
    """The texts of a set, read once; then written for each variant."""

    def __init__(self, problem_set: ProblemSet):
        self.problem_set = problem_set
        self._cited = document.citations(open_case())
        self._pictures = Pictures(folder=problem_set.path.parent)
        self._parts = parts(problem_set)
        self._made = _made(problem_set)
        self._tools = _tools(problem_set)
        self._intro = list(self._passages([cell for cell, title in headed(problem_set.notebook) if not title]))
        self._sections = {question.id: list(self._section(question)) for question in problem_set.questions}
        self._named = {question.id: self._names(question) for question in problem_set.questions}

    def text(self, question: Question, namespace: Mapping[str, Any], asked: str = "") -> str:
        """A question as HTML on the figures that a notebook's names hold. asked: HTML that says what to give."""
        needed = self._needed(question, namespace)
        written = [
            passage.html or _shown(passage.shown, namespace, needed)
            for passage in (*self._intro, *self._sections[question.id])
        ]
        return "\n".join(
            [*filter(None, written), _figures(needed, namespace), _code(needed, self._tools), asked]
        ).strip()

    def model(self, question: Question) -> str:
        """What the author would have written, as HTML."""
        return self._html(self._parts[question.id].model, Node(cell_type="markdown", metadata={}))

    def options(self, question: Question, name: str, namespace: Mapping[str, Any]) -> dict[str, str]:
        """By letter what the options of a choice say, as HTML; nothing where its words are those of the text."""
        found = re.search(rf"^{re.escape(name)}\s*=\s*(\w+)\[", self._parts[question.id].solution, re.M)
        offered = namespace.get(found[1]) if found else None
        shown = re.findall(r"^(\w): (.*)$", repr(offered), re.M) if isinstance(offered, Options) else []
        return {letter: self._html(text, None).removeprefix("<p>").removesuffix("</p>") for letter, text in shown}

    def _html(self, text: str, cell: Node | None) -> str:
        for pattern, words in SPOKEN:
            text = pattern.sub(words, text)
        pictures = self._pictures.of(cell) if cell else None
        return document.markdown(text, self._cited, pictures).strip()

    def _section(self, question: Question) -> Iterator[Passage]:
        """What stands under the question's heading, as far as its check."""
        cells = []
        for cell, title in headed(self.problem_set.notebook):
            if title == question.title:
                cells.append(cell)
            if cell.metadata.get("nbgrader", {}).get("grade_id") == question.id and role(cell) in ("check", "manual"):
                break
        yield from self._passages(cells, ("Explain",) if question.manual else KEPT, offered=question.manual)

    def _passages(self, cells: list[Node], kept: tuple[str, ...] = KEPT, offered: bool = False) -> Iterator[Passage]:
        """What cells tell. offered: a choice's options too, since nobody is asked to choose."""
        shows = {"plain", "data", "folded", *(["options"] if offered else [])}
        for cell in cells:
            kind = role(cell)
            if cell.cell_type == "markdown" and kind == "plain":
                if words := _words(cell.source, kept):
                    yield Passage(self._html(words, cell))
            elif kind == "figure":
                yield Passage(FIGURE)
            elif cell.cell_type == "code" and kind in shows and (last := _last(cell.source)):
                yield Passage(shown=last)

    def _names(self, question: Question) -> list[str]:
        """The names that a question's text or its solution speaks of."""
        part = self._parts[question.id]
        words = re.findall(r"`(\w+)", f"{part.task} {part.explain}")
        for cell, title in headed(self.problem_set.notebook):
            if cell.cell_type == "markdown" and role(cell) == "plain" and title in ("", question.title):
                words += re.findall(r"`(\w+)", cell.source)
        return [*dict.fromkeys([*words, *_loaded(part.solution)])]

    def _needed(self, question: Question, namespace: Mapping[str, Any]) -> list[str]:
        """The names that a student may use, with those that their tools use; none of a solution's."""
        found, open_ = [], list(self._named[question.id])
        while open_:
            name = open_.pop(0)
            if name in found or name in self._made or name not in namespace:
                continue
            found.append(name)
            if name in self._tools:
                open_ += _used(self._tools[name])
        told = [name for name in found if name in self._tools or _told(namespace[name])]
        if all(answer.kind == "choice" for answer in question.answers):  # it looks back on all that went before
            others = dict.fromkeys(name for names in self._named.values() for name in names if name in namespace)
            told += [name for name in others if name not in (*told, *self._made) and _one(namespace[name])]
        return told


def _words(source: str, kept: tuple[str, ...]) -> str:
    """A text without its heading, what belongs to a notebook, and the steps that are not kept."""
    text = re.sub(r"^#{1,2} .*$", "", without_hints(source), count=1, flags=re.M)
    before, *pieces = STEP.split(text)
    paragraphs = [one for one in before.split("\n\n") if not OF_NOTEBOOKS.search(one)]
    steps = [
        f"**{step}:** {words.strip()}" for step, words in zip(pieces[::2], pieces[1::2], strict=True) if step in kept
    ]
    return "\n\n".join([*paragraphs, *steps]).strip()


def _last(source: str) -> str:
    """The expression that a cell shows, if it does; of a head or of rounded figures, all of them as they are."""
    body = ast.parse(blank(source)).body
    if not body or not isinstance(last := body[-1], ast.Expr) or ASKS_NOTEBOOK.match(ast.unparse(last)):
        return ""
    shown = last.value
    while (
        isinstance(shown, ast.Call) and isinstance(shown.func, ast.Attribute) and shown.func.attr in ("head", "round")
    ):
        shown = shown.func.value
    return "" if isinstance(shown, ast.Constant) and shown.value is Ellipsis else ast.unparse(shown)


def _loaded(code: str) -> list[str]:
    return [
        node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]


def _used(code: str) -> list[str]:
    """The names that a function takes from its notebook.

    >>> _used("def twice(count): return step * count")
    ['step']
    """
    nodes = list(ast.walk(ast.parse(code)))
    own = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return [name for name in _loaded(code) if name not in own]


def _made(problem_set: ProblemSet) -> set[str]:
    """The names that solutions make: answers, steps on the way, tools of the author's own."""
    made = set()
    for cell in problem_set.notebook.cells:
        for found in SOLUTION.finditer(cell.source) if cell.cell_type == "code" else ():
            for node in ast.walk(ast.parse(found[1])):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    made.add(node.id)
                elif isinstance(node, ast.FunctionDef):
                    made.add(node.name)
    return made


def _tools(problem_set: ProblemSet) -> dict[str, str]:
    """By name the code of each function that a copy holds."""
    tools = {}
    for cell in problem_set.notebook.cells:
        if cell.cell_type == "code" and role(cell) in ("plain", "data", "folded"):
            for node in ast.parse(blank(cell.source)).body:
                if isinstance(node, ast.FunctionDef):
                    tools[node.name] = ast.get_source_segment(cell.source, node) or ast.unparse(node)
    return tools


def _told(value: Any) -> bool:
    """Whether a value can be written down."""
    if isinstance(value, pd.DataFrame | pd.Series):
        return not value.empty
    if isinstance(value, np.ndarray | list | tuple | range):
        return 0 < len(value) <= ITEMS and all(isinstance(one, float | int | str | np.generic) for one in value)
    return _one(value)


def _one(value: Any) -> bool:
    """Whether a value is one number or word."""
    return isinstance(value, float | int | str | np.number) and not isinstance(value, bool)


def number(value: Any) -> str:
    """A number with as many digits as anybody may compute with; a word as it is.

    >>> number(0.1 + 0.2), number(1350), number("spring")
    ('0.3', '1350', 'spring')
    """
    if isinstance(value, float | np.floating):
        return f"{float(value):.12g}"
    return html.escape(str(value))


def _shown(expression: str, namespace: Mapping[str, Any], needed: list[str]) -> str:
    """What a cell shows: a table, or a sentence; nothing where it stands among the figures anyhow."""
    if expression in needed and expression != "data":
        return ""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            value = eval(expression, dict(namespace))
    except Exception:  # it may need what only a student has made by now
        return ""
    if isinstance(value, pd.DataFrame | pd.Series):
        return "" if len(value) > ROWS and expression == "data" else table(value)
    if isinstance(value, Options):
        return f"<p>{'<br>'.join(html.escape(line) for line in repr(value).splitlines())}</p>"
    words = value if isinstance(value, str) else printed.getvalue().strip()
    return f"<p>{html.escape(words)}</p>" if words else ""


def _figures(needed: list[str], namespace: Mapping[str, Any]) -> str:
    """The figures by their names: numbers in one table, longer things below it."""
    rows, below = [], []
    for name in needed:
        value = namespace.get(name)
        if isinstance(value, pd.DataFrame | pd.Series):
            if name != "data" or len(value) > ROWS:
                below.append(f"<p><code>{name}</code>:</p>{table(value)}")
        elif not isinstance(value, FunctionType):
            listed = isinstance(value, np.ndarray | list | tuple | range)
            rows.append((name, ", ".join(map(number, value)) if listed else number(value)))  # type: ignore[arg-type]
    cells = "".join(f"<tr><td><code>{name}</code></td><td>{value}</td></tr>" for name, value in rows)
    numbers = f"<p>The figures by their names:</p><table><tbody>{cells}</tbody></table>" if cells else ""
    return "\n".join(filter(None, [numbers, *below]))


def _code(needed: list[str], tools: Mapping[str, str]) -> str:
    """The tools that the text speaks of, as Python, folded away."""
    used = [tools[name] for name in needed if name in tools]
    if not used:
        return ""
    code = html.escape("\n\n".join(used), quote=False)
    return f"<details><summary>The tools, in Python</summary><pre>{code}</pre></details>"


def table(value: pd.DataFrame | pd.Series) -> str:
    """A table as HTML, its column `layer` left out; a long one as text to copy into a spreadsheet or a program."""
    frame = value.to_frame(name=value.name or "value") if isinstance(value, pd.Series) else value
    frame = frame.drop(columns="layer", errors="ignore")
    plain = isinstance(frame.index, pd.RangeIndex)
    head = [*([] if plain else [""]), *map(str, frame.columns)]
    rows = [
        [*([] if plain else [label]), *row]
        for label, row in zip(frame.index, frame.itertuples(index=False), strict=True)
    ]
    cells = [[number(cell) for cell in row] for row in rows]
    if len(frame) > ROWS:
        lines = "\n".join([",".join(map(html.escape, head)), *(",".join(row) for row in cells)])
        return f"<details><summary>{len(frame)} rows, to copy</summary><pre>{lines}</pre></details>"
    top = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
