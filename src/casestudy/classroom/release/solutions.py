"""The worked solution on each student's own figures, once the day has come."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
from nbclient import NotebookClient

from casestudy.case import open_case
from casestudy.classroom.late import deadline
from casestudy.classroom.release.release import Released, refuse_a_checkout
from casestudy.classroom.sets.question import ASIDE, role
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import SOLUTION, ProblemSet
from casestudy.kernels import QUIET_LOG, OwnManager
from casestudy.refusals import Refusal
from casestudy.staging import private_file, private_folder


def solutions(
    problem_set: ProblemSet,
    released: Released,
    students: pd.DataFrame,
    out: Path,
    after: date,
    today: date,
    finished: Callable[[str], None] = lambda id: None,
) -> list[str]:
    """Write `out/<student_id>.html` for everyone whose notebook is due by now; returns those who have to wait.

    Refused until the day `after` is over, and where the source no longer draws the figures that were released. A
    student whose own `due` is later is left out until then.
    """
    if today <= after:
        raise Refusal(f"solutions are kept until {after} is over: today is {today}")
    refuse_a_checkout(out)
    released.refuse_another(Solutions(problem_set))
    wait = [id for id, due in students["due"].items() if due and deadline(due).astimezone().date() >= today]
    private_folder(out)
    template = solution_copy(problem_set)
    client = one_kernel(template)
    with client.setup_kernel(cleanup_kc=False):
        for id in students.index.drop(wait):
            page = _page(client, problem_set, released.students[id].code)
            private_file(out / f"{id}.html", page)
            finished(id)
    return wait


def one_kernel(notebook: nbformat.NotebookNode) -> NotebookClient:
    """What runs the copies of all students in turn, in one kernel."""
    return NotebookClient(
        notebook, kernel_name="python3", kernel_manager_class=OwnManager, timeout=120, extra_arguments=[QUIET_LOG]
    )


def solution_copy(problem_set: ProblemSet) -> nbformat.NotebookNode:
    """The source as a student may read it afterwards: solutions open, the answers shown in place of their checks."""
    notebook = nbformat.from_dict(problem_set.notebook)
    kept = []
    for cell in notebook.cells:
        kind, text = role(cell), cell.source
        if kind in ASIDE or text.startswith(("predict(", "progress(", "ready(")):
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
    from casestudy.reports.pages import document  # here, since grading knows releases and needs no pages of notebooks
    from casestudy.reports.pages.pictures import Pictures

    pictures = Pictures(folder=problem_set.path.parent)
    return document.document(client.nb, problem_set.title, document.citations(open_case()), pictures=pictures)
