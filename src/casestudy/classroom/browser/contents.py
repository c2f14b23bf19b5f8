"""The notebooks of a site: a copy of each set, and those to read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import nbformat

from casestudy.case import Case
from casestudy.classroom.sets.copies import PRACTICE, public, student_copy, write_notebook
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import file_access

EXERCISES, NOTEBOOKS = "exercises", "notebooks"
KEEP = """**Keep a copy.** Save (Ctrl and S), then choose *Download* in the menu *File*. Your work is kept in this
browser alone; what you download stays yours."""


@dataclass(frozen=True)
class Copy:
    """A set on the start page: its title and minutes, and where its copy and its notebook to read lie in the site."""

    title: str
    minutes: tuple[int, int] | None
    path: str
    read: str = ""

    @property
    def name(self) -> str:
        """The file's name, as it is downloaded."""
        return PurePosixPath(self.path).name

    @property
    def address(self) -> str:
        return _address(self.path)

    @property
    def reading(self) -> str:
        return _address(self.read) if self.read else ""


def _address(path: str) -> str:
    """Where a notebook opens, seen from the start page.

    >>> _address("exercises/02-pay/02-pay-v1.ipynb")
    'notebooks/index.html?path=exercises%2F02-pay%2F02-pay-v1.ipynb'
    """
    return f"notebooks/index.html?path={quote(path, safe='')}"


def copy_of(problem_set: ProblemSet, graded: bool) -> nbformat.NotebookNode:
    """A student's copy; in practice with a last cell that says how to get it out of the browser.

    graded: as released with codes, without a cell of ours, since a text that was not handed out is read as a student's.
    """
    notebook = student_copy(problem_set, "", public(problem_set)) if graded else student_copy(problem_set, PRACTICE)
    if not graded:
        notebook.cells.append(nbformat.v4.new_markdown_cell(KEEP, id=f"{problem_set.name}-keep"))
    return notebook


def write_copy(problem_set: ProblemSet, graded: bool, out: Path) -> Copy:
    """Write the copy below `out`; its name has the set's version, since a browser shows what it saved by that name."""
    path = PurePosixPath(EXERCISES, problem_set.name, f"{problem_set.name}-v{problem_set.version}.ipynb")
    with file_access(f"write to {out}"):
        (out / path).parent.mkdir(parents=True)
    write_notebook(copy_of(problem_set, graded), out / path)
    return Copy(problem_set.title, problem_set.minutes, str(path))


def write_reading(problem_set: ProblemSet, case: Case, out: Path) -> str:
    """Copy the notebook of the same name below `out`, as it was run; where it lies, or nothing where there is none."""
    source = case.notebooks / f"{problem_set.name}.ipynb"
    if not source.is_file():
        return ""
    path = PurePosixPath(NOTEBOOKS, source.name)
    with file_access(f"write to {out}"):
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(source.read_bytes())
    return str(path)


def written(value: Mapping[str, Any]) -> str:
    """JSON as it stands in a site's files."""
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
