"""The worked solution on each student's own figures, once the day has come."""

import copy
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import nbformat
import pandas as pd
from nbclient import NotebookClient

from casestudy.case import open_case
from casestudy.classroom.handin import QUIET
from casestudy.classroom.release import Released, refuse_a_checkout
from casestudy.classroom.source import SOLUTION, ProblemSet, role
from casestudy.refusals import Refusal
from casestudy.reports import publish
from casestudy.staging import private_file, private_folder


def solutions(
    problem_set: ProblemSet,
    released: Released,
    students: pd.DataFrame,
    out: Path,
    after: date,
    today: date,
    told: Callable[[str], None] = lambda id: None,
) -> list[str]:
    """Write `out/<student_id>.html` for everyone whose work is due by now; returns those who have to wait.

    Refused until the day `after` is over, and where the source no longer draws the figures that were released. A
    student whose own `due` is later is left out until then.
    """
    if today <= after:
        raise Refusal(f"solutions are kept until {after} is over: today is {today}")
    refuse_a_checkout(out)
    released.refuse_another(problem_set)
    wait = [id for id, due in students["due"].items() if due and datetime.fromisoformat(due).date() >= today]
    private_folder(out)
    template = worked_copy(problem_set)
    client = NotebookClient(template, kernel_name="python3", timeout=120, extra_arguments=QUIET)
    with client.setup_kernel(cleanup_kc=False):
        for id in students.index.drop(wait):
            page = _page(client, problem_set, released.students[id]["code"])
            private_file(out / f"{id}.html", page)
            told(id)
    return wait


def worked_copy(problem_set: ProblemSet) -> nbformat.NotebookNode:
    """The source as a student may read it afterwards: solutions open, the answers shown in place of their checks."""
    notebook = copy.deepcopy(problem_set.notebook)
    kept = []
    for cell in notebook.cells:
        kind, text = role(cell), cell.source
        if kind == "mistake" or text.startswith(("predict(", "ready(")):
            continue
        if kind == "check":
            question = next(q for q in problem_set.questions if q.id == cell.metadata["nbgrader"]["grade_id"])
            names = ", ".join(f"{answer.name!r}: {answer.name}" for answer in question.answers)
            cell.source = f"{{{names}}}"
        elif kind == "solution":
            cell.source = SOLUTION.sub(lambda match: match[1], text).rstrip("\n")
        kept.append(cell)
    notebook.cells = kept
    return notebook


def _page(client: NotebookClient, problem_set: ProblemSet, code: str) -> str:
    cell = next(cell for cell in client.nb.cells if role(cell) == "parameters")
    cell.source = f"problem_set = {problem_set.name!r}\ncode = {code!r}"
    for number, cell in enumerate(client.nb.cells):
        if cell.cell_type == "code":
            client.execute_cell(cell, number)
    return publish.document(client.nb, problem_set.title, publish.citations(open_case()))
