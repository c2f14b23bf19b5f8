"""Before a notebook is handed in: does it run, and has every question an answer of the right form?"""

import json
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from casestudy.classroom.sets import source
from casestudy.classroom.sets.source import PUBLIC, YOURS
from casestudy.kernels import QUIET_LOG
from casestudy.refusals import Refusal


def validate(path: Path) -> list[str]:
    """What keeps a student's notebook from being graded, as sentences; none when it is ready.

    It runs the notebook, in its folder, as its owner would.
    """
    notebook = _read(path)
    found = _missing(path, notebook)
    notebook.cells.append(nbformat.v4.new_code_cell("ready()"))
    folder = {"metadata": {"path": str(path.resolve().parent)}}
    client = NotebookClient(notebook, kernel_name="python3", timeout=300, allow_errors=True, resources=folder)
    client.extra_arguments = [QUIET_LOG]
    try:
        client.execute()
    except (DeadKernelError, CellTimeoutError) as error:
        return [*found, f"the notebook does not run to its end: {str(error).partition(chr(10))[0]}"]
    return found + _errors(notebook.cells[:-1]) + _open(notebook.cells[-1])


def _read(path: Path) -> nbformat.NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises many kinds for a damaged file
        raise Refusal(f"{path} is not a readable notebook: {str(error).partition(chr(10))[0]}") from None


def _missing(path: Path, notebook: nbformat.NotebookNode) -> list[str]:
    """Checks that are gone, and a text that nobody wrote."""
    about = notebook.metadata.get("casestudy")
    name = about.get("problem_set") if isinstance(about, dict) else None
    if not isinstance(name, str):
        raise Refusal(f"{path.name} is no copy of a problem set: its metadata name none")
    graders = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    kept = {grader.get("grade_id") for grader in graders if isinstance(grader, dict)}
    gone = sorted(_asked(path, name, notebook) - kept)
    found = [f"the check of {id} is gone: copy it back from your first copy" for id in gone]
    if any(cell.source.strip() == YOURS for cell in notebook.cells):
        found.append("a written answer still stands as it was sent to you")
    return found


def _errors(cells: list[nbformat.NotebookNode]) -> list[str]:
    return [
        f"cell {number} stops with {output.ename}: {output.evalue.partition(chr(10))[0][:120]}"
        for number, cell in enumerate(cells, 1)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def _open(cell: nbformat.NotebookNode) -> list[str]:
    """What `ready()` found open, or nothing."""
    said = "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)
    if said.startswith(("✓", "→")):
        return []
    return [said.partition(" ")[2] or "the notebook's first cells do not run"]


def _asked(path: Path, name: str, notebook: nbformat.NotebookNode) -> set[str]:
    """The questions of a graded copy from what came with it, else of the shipped set."""
    beside = path.parent / PUBLIC
    if beside.is_file():
        try:
            return set(json.loads(beside.read_text(encoding="utf-8"))["questions"])
        except (ValueError, KeyError, TypeError):
            raise Refusal(f"{beside} is damaged: copy it again from what you were sent") from None
    for cell in notebook.cells:
        if declared := re.search(r"declare\(problem_set, '''(.*)'''\)", cell.source):
            return set(json.loads(declared[1])["questions"])
    return {question.id for question in source.load(source.find(name)).questions}
