"""What a student gets from a source: no solution, no mistake, no value."""

import ast
import json
import re
from collections.abc import Container
from pathlib import Path
from typing import Any

import nbformat

from casestudy.classroom.sets import pictures
from casestudy.classroom.sets.question import ASIDE, NBGRADER, role
from casestudy.classroom.sets.source import FOR_YOURSELF, YOURS, ProblemSet, blank
from casestudy.refusals import file_access

PRACTICE = "practice"
FOLDED = {"data", "options", "figure", "folded"}  # tags of cells of which only what they show matters
TO_NOTEBOOK = re.compile(r"\[([^\]]+)\]\(\.\./\.\./notebooks/[^)]+\)")  # a graded copy has no notebook near it
PARTS = {"cell_type", "id", "metadata", "source", "attachments", "outputs", "execution_count"}
OF_NBGRADER = (
    *NBGRADER,
    "points",
    "cell_type",
    "checksum",
)  # what is handed out
PERSONAL = "the personal code that you were sent, between the quotation marks"


def public(problem_set: ProblemSet, prints: dict[str, str] | None = None) -> dict[str, Any]:
    """What a graded copy may know: kinds, units, ranges and choices of its answers, and what its data hash to.

    prints: the data's fingerprint by personal code.
    """
    questions = {
        question.id: {answer.name: answer.public() for answer in question.answers} for question in problem_set.checked
    }
    titles = {question.id: question.title for question in problem_set.questions}
    asked = {"problem_set": problem_set.name, "version": problem_set.version, "questions": questions, "titles": titles}
    return asked | ({"data": prints} if prints else {})


def student_copy(problem_set: ProblemSet, code: str, declared: dict[str, Any] | None = None) -> nbformat.NotebookNode:
    """The notebook for one student, or for practice; `declared` is written into it where no file can lie beside it."""
    notebook = nbformat.from_dict(problem_set.notebook)
    for part in notebook.keys() - {"cells", "metadata", "nbformat", "nbformat_minor"}:
        del notebook[part]
    asked = _asked(problem_set)
    notebook.cells = [_cell(cell, problem_set, code, asked) for cell in notebook.cells if role(cell) not in ASIDE]
    if declared is not None:
        slot = next(n for n, cell in enumerate(notebook.cells) if role(cell) == "parameters") + 1
        words = f"from casestudy.classroom import declare\n\ndeclare(problem_set, '''{json.dumps(declared)}''')"
        cell = nbformat.v4.new_code_cell(words, metadata={"editable": False, "deletable": False})
        notebook.cells.insert(slot, cell)
    known = {key: value for key, value in notebook.metadata.items() if key in ("kernelspec", "language_info")}
    notebook.metadata = nbformat.from_dict(known)
    notebook.metadata["casestudy"] = {"problem_set": problem_set.name, "version": problem_set.version}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{problem_set.name}-{number}"  # the same copy each time
    return notebook


def write_practice(problem_set: ProblemSet) -> Path:
    """The practice copy, beside its source."""
    path = problem_set.path.with_name(f"{problem_set.name}.ipynb")
    write_notebook(student_copy(problem_set, PRACTICE), path)
    return path


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook to a file."""
    with file_access(f"write {path}"):
        nbformat.write(notebook, path)


def _asked(problem_set: ProblemSet) -> set[str]:
    """The names that a copy leaves open: answers, what its texts speak of, and what other cells use and do not make."""
    names = {answer.name for question in problem_set.questions for answer in question.answers}
    for cell in problem_set.notebook.cells:
        if cell.cell_type == "markdown":
            names.update(re.findall(r"`(\w+)", cell.source))
        elif role(cell) not in (*ASIDE, "solution"):
            names |= _needed(cell.source)
    return names


def _needed(source: str) -> set[str]:
    """The names that a cell uses and does not make; none where it is no Python.

    >>> sorted(_needed("total = price * count\\ntotal"))
    ['count', 'price']
    """
    try:
        nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    except (SyntaxError, ValueError):
        return set()
    made = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    return {node.id for node in nodes if isinstance(node.ctx, ast.Load)} - made


def _cell(
    cell: nbformat.NotebookNode, problem_set: ProblemSet, code: str, asked: Container[str]
) -> nbformat.NotebookNode:
    kind = role(cell)
    for part in cell.keys() - PARTS:
        del cell[part]
    if kind == "manual":
        cell.source = YOURS
    elif kind == "explain":
        cell.source = FOR_YOURSELF
    elif kind == "solution":
        cell.source = blank(cell.source, asked=asked).rstrip("\n")
    elif kind == "parameters":
        about = PERSONAL if code != PRACTICE else "any word: another word gives other figures"
        cell.source = f'problem_set = "{problem_set.name}"\ncode = "{code}"  # {about}'
    elif kind == "plain" and cell.cell_type == "markdown" and code != PRACTICE:
        cell.source = TO_NOTEBOOK.sub(r"\1", cell.source)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    cell.metadata = nbformat.from_dict(
        {key: cell.metadata[key] for key in ("nbgrader", "tags") if key in cell.metadata}
    )
    if FOLDED & set(cell.metadata.get("tags", ())):
        cell.metadata["jupyter"] = {"source_hidden": True}
    if "nbgrader" in cell.metadata:
        known = {key: value for key, value in cell.metadata["nbgrader"].items() if key in OF_NBGRADER}
        cell.metadata["nbgrader"] = nbformat.from_dict(known)
    if shown := pictures.attached(cell):
        cell["attachments"] = nbformat.from_dict(shown)
    else:
        cell.pop("attachments", None)
    if kind in ("check", "data", "parameters"):
        cell.metadata |= {"deletable": False} | ({} if kind == "parameters" else {"editable": False})
    return cell
