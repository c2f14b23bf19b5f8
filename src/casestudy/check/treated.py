"""What the notebooks say of the register: which claims they treat, which marks name none, which figures they take."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from casestudy.case import Case
from casestudy.check.fault import Fault
from casestudy.check.sheet import Sheet, nearest_of
from casestudy.claims import CITATION
from casestudy.claims.comparison import BASES, MIME
from casestudy.claims.recording import BASIS
from casestudy.refusals import Refusal
from casestudy.reports.sets import parameters

MARK = re.compile(r"\[\s*claims?\s*:?\s*([^\]\s]*)\s*\](?!\()", re.IGNORECASE)  # a citation, or what was meant as one
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)  # in a text: shown as it stands
PLACE = re.compile(r"(\w+) p(\d+)\b")
SHOWN = 5  # printed numbers that are named, nearest first


@dataclass(frozen=True)
class Book:
    """One notebook as it lies there: cells with their kind and text, and what their outputs recorded."""

    path: Path
    cells: list[dict[str, Any]]

    @classmethod
    def open(cls, path: Path) -> "Book":
        """Its cells; none where it cannot be read, which the parameters' reader says."""
        try:
            cells = json.loads(path.read_bytes().decode("utf-8-sig"))["cells"]
            return cls(path, [cell for cell in cells if isinstance(cell, dict)])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return cls(path, [])

    def texts(self, kind: str) -> Iterator[tuple[int, str]]:
        """Number, from 1, and text of each cell of a kind."""
        for number, cell in enumerate(self.cells, 1):
            source = cell.get("source", "")
            if cell.get("cell_type") == kind:
                yield number, "".join(map(str, source)) if isinstance(source, list) else str(source)

    @cached_property
    def cited(self) -> list[tuple[int, str]]:
        """Marks as they stand, with their cells; those within code are examples."""
        return [
            (number, mark[0]) for number, text in self.texts("markdown") for mark in MARK.finditer(CODE.sub("", text))
        ]

    @cached_property
    def recorded(self) -> list[tuple[int, str]]:
        """Claims of the comparisons in the outputs, with their cells."""
        found = []
        for number, cell in enumerate(self.cells, 1):
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else []:
                data = output.get("data") if isinstance(output, dict) else None
                table = data.get(MIME) if isinstance(data, dict) else None
                rows = table.get("rows") if isinstance(table, dict) else None
                for row in rows if isinstance(rows, list) else []:
                    if isinstance(row, dict) and isinstance(row.get("claim"), str) and row.get("basis") != BASIS:
                        found.append((number, row["claim"]))
        return found

    @cached_property
    def compared(self) -> list[tuple[int, str]]:
        """Claims that the code hands to `compare`, with their cells, as far as they are written there."""
        return [(number, id) for number, text in self.texts("code") for id in _compared(text)]


def _compared(code: str) -> Iterator[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # magics of IPython, or what a run will tell
        return
    for node in ast.walk(tree):
        called = getattr(node, "func", None)
        if "compare" in (getattr(called, "attr", ""), getattr(called, "id", "")) and isinstance(node, ast.Call):
            for given in node.keywords:
                listed = given.value if given.arg in BASES else None
                each = listed.keys if isinstance(listed, ast.Dict) else getattr(listed, "elts", [])
                yield from (one.value for one in each if isinstance(one, ast.Constant) and isinstance(one.value, str))


def faults(case: Case, claims: Sheet | None, documents: Sheet | None) -> list[Fault]:
    """What is wrong with the notebooks, and with what other tables say of them."""
    paths = sorted(parameters.files(case))
    books = [Book.open(path) for path in paths]
    found = [fault for book in books for fault in _parameters(book, claims, documents)]
    if claims is None or not claims.has("id"):
        return found
    for book in books:
        found += _unknown(book, claims)
    return found + list(_untreated(claims, books))


def named(sheets: dict[str, Sheet], case: Case) -> Iterator[Fault]:
    """Of any table with a column `notebook`: it names one that is there, and that is named as a notebook is."""
    stems = {path.stem for path in parameters.files(case)}
    odd = {path.stem for path in parameters.misnamed(case)}
    for sheet in sheets.values():
        for line, stem in sheet.text("notebook").dropna().items():
            if stem in odd:
                yield sheet.fault(line, "notebook", "be named NN-words, as 01-growth", "rename the notebook, and this")
            elif stem not in stems:
                do = nearest_of(str(stem), stems) or f"put {stem}.ipynb into notebooks/, or name another"
                yield sheet.fault(line, "notebook", "name a notebook of the case", do)


def _unknown(book: Book, claims: Sheet) -> Iterator[Fault]:
    """Citations and comparisons that name no claim."""
    known = {*claims.ids, *claims.lost}
    for number, mark in dict.fromkeys(book.cited):
        exact = CITATION.fullmatch(mark)
        id = exact[1] if exact else MARK.fullmatch(mark)[1]  # type: ignore[index]
        if exact and id in known:
            continue
        must = "name a claim" if exact else "cite as [claim: id], with one blank and small letters"
        near = id if id in known else nearest_of(id, known)
        yield Fault(
            book.path.name, None, "citation", "", number, must, mark, f"write [claim: {id}]" if near == id else near
        )
    for number, id in dict.fromkeys([*book.recorded, *book.compared]):
        if id not in known:
            do = nearest_of(id, known) or "run it again, if its outputs are old"
            yield Fault(book.path.name, None, "compare", "", number, "compare claims of claims.csv", id, do)


def _untreated(claims: Sheet, books: list[Book]) -> Iterator[Fault]:
    """Each claim that is no furniture is cited or compared in the notebook that it names."""
    treated: dict[str, set[str]] = {}
    for book in books:
        cited = {found[1] for _, mark in book.cited if (found := CITATION.fullmatch(mark))}
        treated[book.path.stem] = cited | {id for _, id in (*book.recorded, *book.compared)}
    for id, line in claims.ids.items():
        stem = claims.text("notebook")[line]
        if stem in treated and id not in treated[stem] and claims.text("kind")[line] != "furniture":
            do = f"write [claim: {id}] into its text, or compare it there"
            yield claims.fault(line, "notebook", f"treat {id}", do)


def _parameters(book: Book, claims: Sheet | None, documents: Sheet | None) -> Iterator[Fault]:
    """The parameters cell can be read, and a default with a place as its source stands there."""
    name = book.path.name
    try:
        read = parameters.read(book.path)
    except Refusal as refusal:
        told = str(refusal).removeprefix(f"{book.path.stem}: ")
        number = next((number for number, cell in enumerate(book.cells, 1) if _is_tagged(cell)), None)
        do = "casestudy list says the same; mend it in Jupyter"
        yield Fault(
            name, None, "parameters" if number else "", "", number, f"be a notebook that can be run: {told}", None, do
        )
        return
    if claims is None or documents is None:
        return
    number = next((number for number, cell in enumerate(book.cells, 1) if _is_tagged(cell)), None)
    for each in read.parameters.values():
        place = PLACE.match(each.source)
        if not place or place[1] not in set(documents.text("id")) | documents.lost:
            if place and re.fullmatch(r"\d{3}", place[1]):
                must = f"come from a document: {place[1]} is none"
                yield Fault(name, None, each.name, "", number, must, each.source, "correct its source")
            continue
        there = claims.text("document").eq(place[1]) & claims.number("paragraph").eq(int(place[2]))
        columns = ("value", "low", "high")
        figures = {figure for column in columns for figure in claims.number(column)[there] if figure == figure}
        if "per cent" in each.unit:  # of a share
            figures |= {float(f"{100 * figure:.12g}") for figure in figures}
        if claims.unread(*columns)[there].any() or each.default in figures:
            continue
        near = sorted(figures, key=lambda figure: _distance(figure, each.default))[:SHOWN]
        shown = ", ".join(f"{figure:g}" for figure in sorted(near)) or "no number"
        must = f"have as default what is printed in {place[0]}: {'such as ' * (len(figures) > SHOWN)}{shown}"
        yield Fault(name, None, each.name, "", number, must, str(each.default), "correct it, or its source")


def _distance(figure: float, default: object) -> float:
    return abs(figure - default) if isinstance(default, int | float) else 0.0


def _is_tagged(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return "parameters" in (tags if isinstance(tags, list | str) else [])
