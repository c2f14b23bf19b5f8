"""Before a notebook is handed in: does it run, and has every question an answer of the right form?"""

import json
import re
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sandbox.shell import left_out
from casestudy.classroom.sets import source
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.source import PUBLIC, YOURS
from casestudy.kernels import QUIET_LOG, OwnManager
from casestudy.refusals import Refusal

Questions = dict[str, dict[str, Any]]  # by id: what is declared of each answer, by its name


def validate(path: Path) -> list[str]:
    """What keeps a student's notebook from being graded, as sentences; none when it is ready.

    It runs the notebook, in its folder, as its owner would; then once more as grading does, in an empty folder.
    """
    notebook = _read(path)
    asked = _asked(path, notebook)
    found = _missing(notebook, asked) + _left_out(notebook)
    errors, ready = _run(path, notebook)
    if ready is None:
        return [*found, *errors]
    found += errors + _open(ready)
    return found or _as_graded(path, notebook, asked)


def _run(path: Path, notebook: nbformat.NotebookNode) -> tuple[list[str], nbformat.NotebookNode | None]:
    """What stopped, and the cell `ready()` as it ran below all others: None where the notebook did not get so far."""
    copy, errors = deepcopy(notebook), []
    copy.cells.append(nbformat.v4.new_code_cell("ready()"))

    def note(cell: nbformat.NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
        said = execute_reply["content"]  # an error of a magic is only words among the cell's outputs
        if said["status"] == "error" and cell_index < len(notebook.cells):
            errors.append(f"cell {cell_index + 1} stops with {said['ename']}: {_line(said['evalue'])}")

    folder = {"metadata": {"path": str(path.resolve().parent)}}
    client = NotebookClient(
        copy,
        kernel_name="python3",
        kernel_manager_class=OwnManager,
        timeout=300,
        allow_errors=True,
        resources=folder,
        on_cell_executed=note,
    )
    client.extra_arguments = [QUIET_LOG]
    try:
        client.execute()
    except (DeadKernelError, CellTimeoutError) as error:
        return [f"the notebook does not run to its end: {_line(str(error))}"], None
    return errors, copy.cells[-1]


def _line(words: str) -> str:
    return words.strip().partition("\n")[0][:120]


def _left_out(notebook: nbformat.NotebookNode) -> list[str]:
    """What of the notebook is not run where it is graded."""
    return [
        f"cell {number}: `{_line(what)}` is not run when your work is graded: {why}"
        for number, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "code"
        for what, why in left_out(cell.source)
    ]


def _as_graded(path: Path, notebook: nbformat.NotebookNode, asked: Questions) -> list[str]:
    """The answers that grading would not find, and what may be why; none where this system cannot run it so."""
    try:
        from casestudy.classroom.sandbox.sandbox import Sandbox
    except ImportError:  # on Windows
        return []
    declared = {name: Answer.declared(name, public) for names in asked.values() for name, public in names.items()}
    with tempfile.TemporaryDirectory() as folder:
        if (figures := path.parent / "data.csv").is_file():
            shutil.copy(figures, folder)
        cells = [JobCell(f"import os\nos.chdir({folder!r})\ndel os"), *_jobs(notebook, asked)]
        try:
            with Sandbox(walled=False) as sandbox:
                ran = sandbox.run(cells, declared)
        except Refusal:
            return []
    why = [f"{cells[number].where} stops with {said}" for number, said in ran.errors.items() if number is not None]
    why += [f"{cells[number].where} is too much for it" for number in ran.skipped]
    lost = [f"{name} is not found when your notebook is run as it is graded" for name in ran.problems]
    return [f"{words}: {'; '.join(why)}" if why else words for words in lost]


def _jobs(notebook: nbformat.NotebookNode, asked: Questions) -> list[JobCell]:
    """The notebook's code, with the answers that are read after each check."""
    jobs: list[JobCell] = []
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and cell.source.strip():
            grader = cell.metadata.get("nbgrader")
            names = asked.get(str(grader.get("grade_id")), {}) if isinstance(grader, dict) else {}
            jobs.append(JobCell(cell.source, tuple(names), f"cell {number}", len(jobs) + 1))
    return jobs


def _read(path: Path) -> nbformat.NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises many kinds for a damaged file
        raise Refusal(f"{path} is not a readable notebook: {str(error).partition(chr(10))[0]}") from None


def _missing(notebook: nbformat.NotebookNode, asked: Questions) -> list[str]:
    """Checks that are gone, and a text that nobody wrote."""
    graders = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    kept = {grader.get("grade_id") for grader in graders if isinstance(grader, dict)}
    gone = sorted(asked.keys() - kept)
    found = [f"the check of {id} is gone: copy it back from your first copy" for id in gone]
    if any(cell.source.strip() == YOURS for cell in notebook.cells):
        found.append("a written answer still stands as it was sent to you")
    return found


def _open(cell: nbformat.NotebookNode) -> list[str]:
    """What `ready()` found open, or nothing."""
    said = "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)
    if said.startswith(("✓", "→")):
        return []
    return [said.partition(" ")[2] or "the notebook's first cells do not run"]


def _asked(path: Path, notebook: nbformat.NotebookNode) -> Questions:
    """What a graded copy asks for, from what came with it, else of the shipped set."""
    about = notebook.metadata.get("casestudy")
    name = about.get("problem_set") if isinstance(about, dict) else None
    if not isinstance(name, str):
        raise Refusal(f"{path.name} is no copy of a problem set: its metadata name none")
    beside = path.parent / PUBLIC
    if beside.is_file():
        try:
            return {
                id: dict(names) for id, names in json.loads(beside.read_text(encoding="utf-8"))["questions"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refusal(f"{beside} is damaged: copy it again from what you were sent") from None
    for cell in notebook.cells:
        if declared := re.search(r"declare\(problem_set, '''(.*)'''\)", cell.source):
            return json.loads(declared[1])["questions"]
    questions = source.load(source.find(name)).questions
    return {question.id: {answer.name: answer.public() for answer in question.answers} for question in questions}
