"""Before a notebook is handed in: does it run, and has every question an answer of the right form?"""

import json
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from casestudy.classroom import source
from casestudy.classroom.copies import YOURS
from casestudy.classroom.practice import PUBLIC
from casestudy.refusals import Refusal

QUIET = ["--IPKernelApp.log_level=CRITICAL"]  # a kernel on this machine warns that others could listen


def faults(path: Path) -> list[str]:
    """What keeps a student's notebook from being graded, as sentences; none when it is ready.

    It runs the notebook, in its folder, as its owner would.
    """
    notebook = source.read_notebook(path)
    told = notebook.metadata.get("casestudy")
    name = told.get("problem_set") if isinstance(told, dict) else None
    if not isinstance(name, str):
        raise Refusal(f"{path.name} is no copy of a problem set: its metadata name none")
    graders = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    there = {grader.get("grade_id") for grader in graders if isinstance(grader, dict)}
    found = [
        f"the check of {id} is gone: copy it back from your first copy"
        for id in sorted(_asked(path, name, notebook) - there)
    ]
    if any(cell.source.strip() == YOURS for cell in notebook.cells):
        found.append("a written answer still stands as it was sent to you")
    notebook.cells.append(nbformat.v4.new_code_cell("ready()"))
    client = NotebookClient(notebook, kernel_name="python3", timeout=300, allow_errors=True, resources=_beside(path))
    client.extra_arguments = QUIET
    try:
        client.execute()
    except (DeadKernelError, CellTimeoutError) as error:
        return [*found, f"the notebook does not run to its end: {str(error).partition(chr(10))[0]}"]
    for number, cell in enumerate(notebook.cells[:-1], 1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.append(f"cell {number} stops with {output.ename}: {output.evalue.partition(chr(10))[0][:120]}")
    said = "".join(output.get("data", {}).get("text/plain", "") for output in notebook.cells[-1].outputs)
    return found + (
        [] if said.startswith(("✓", "→")) else [said.partition(" ")[2] or "the notebook's first cells do not run"]
    )


def _beside(path: Path) -> dict:
    return {"metadata": {"path": str(path.resolve().parent)}}


def _asked(path: Path, name: str, notebook: nbformat.NotebookNode) -> set[str]:
    """The questions of a graded copy from what came with it, else of the shipped set."""
    beside = path.parent / PUBLIC
    if beside.is_file():
        try:
            return set(json.loads(beside.read_text(encoding="utf-8"))["questions"])
        except (ValueError, KeyError, TypeError):
            raise Refusal(f"{beside} is damaged: copy it again from what you were sent") from None
    for cell in notebook.cells:
        if told := re.search(r"declare\(problem_set, '''(.*)'''\)", cell.source):
            return set(json.loads(told[1])["questions"])
    return {question.id for question in source.load(source.find(name)).questions}
