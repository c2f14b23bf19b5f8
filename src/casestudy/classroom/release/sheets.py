"""A sheet for each student: their own figures and questions with lines to write on, and nothing that answers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import nbformat
import pandas as pd
from nbclient import NotebookClient

from casestudy.case import open_case
from casestudy.classroom.feedback import html
from casestudy.classroom.feedback.parts import without_hints
from casestudy.classroom.release.release import Released, refuse_a_checkout
from casestudy.classroom.release.solutions import one_kernel
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.question import Node, Question, role
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet, headed
from casestudy.staging import private_file, private_folder

ROWS = 30  # of the data; more do not fit on a page
LONG, NARROW = 12, 5  # rows and columns of a table that is better halved
FEW, MANY = 3, 12  # lines to write on, for oneself and for somebody who reads it
ASKS_NOTEBOOK = re.compile(r"^(check|predict|progress|ready)\(")  # cells that only a notebook can answer
STYLE = re.compile(r"<style.*?</style>", re.S)  # of a table, which these pages have their own for


@dataclass
class Section:
    """What stands under one heading: pieces as the template knows them, each with its `kind`."""

    pieces: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, **given: object) -> None:
        """One more piece."""
        self.pieces.append({"kind": kind, **given})


def sheets(
    problem_set: ProblemSet,
    released: Released,
    students: pd.DataFrame,
    out: Path,
    finished: Callable[[str], None] = lambda id: None,
    pdf: Callable[[str], bytes] | None = None,
) -> None:
    """Write `out/<student_id>.html` for everyone, from each student's own copy as it is when nobody has answered.

    pdf: makes a PDF of a page, which is written beside it; without it there is none.
    Refused where the source no longer draws the figures that were released.
    """
    refuse_a_checkout(out)
    solutions = Solutions(problem_set)
    released.refuse_another(solutions)
    private_folder(out)
    client = one_kernel(student_copy(problem_set, ""))
    with client.setup_kernel(cleanup_kc=False):
        for id in students.index:
            code = released.students[id].code
            ran = cast(Node, _run(client, student_copy(problem_set, code)))
            page = sheet(problem_set, ran, students.at[id, "name"] or str(id), code, solutions[code].data)
            private_file(out / f"{id}.html", page)
            if pdf:
                private_file(out / f"{id}.pdf", pdf(page))
            finished(id)


def sheet(problem_set: ProblemSet, ran: Node, name: str, code: str, data: pd.DataFrame) -> str:
    """One student's page, from a copy that ran."""
    return html.rendered(
        "sheet.html.j2",
        "sheet.css",
        title=problem_set.title,
        who=name,
        code=code,
        sections=list(_sections(problem_set, ran, data)),
    )


def _run(client: NotebookClient, copy: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run a copy's cells, but for those that only answer somebody at a computer."""
    client.nb = copy
    for number, cell in enumerate(copy.cells):
        if cell.cell_type == "code" and not ASKS_NOTEBOOK.match(cell.source):
            client.execute_cell(cell, number)
    return copy


def _sections(problem_set: ProblemSet, ran: Node, data: pd.DataFrame) -> Iterator[Section]:
    """What is printed, heading by heading; one that only asks a computer is left out."""
    asked = {question.id: question for question in problem_set.questions}
    show = _shown(problem_set)
    for _, pairs in groupby(headed(ran), key=lambda pair: pair[1]):
        cells = [cell for cell, _ in pairs]
        if any(cell.source.startswith("ready(") for cell in cells) and not any(_asks(cell, asked) for cell in cells):
            continue
        section = Section()
        for number, cell in enumerate(cells):
            _piece(section, cell, asked, _next_check(cells[number:], asked), data, show)
        yield section


def _asks(cell: Node, asked: dict[str, Question]) -> Question | None:
    return asked.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _next_check(cells: list[Node], asked: dict[str, Question]) -> Question | None:
    return next((question for cell in cells if (question := _asks(cell, asked)) and question.answers), None)


def _piece(
    section: Section,
    cell: Node,
    asked: dict[str, Question],
    question: Question | None,
    data: pd.DataFrame,
    show: Callable[[Node], str],
) -> None:
    """What one cell becomes on paper."""
    match role(cell):
        case "data":
            section.add("data", **_table(data.drop(columns="layer", errors="ignore")))
        case "manual":
            section.add("lines", number=MANY)
        case "explain":
            section.add("lines", number=FEW)
        case "solution" if cell.cell_type == "code" and cell.source.startswith("predict("):
            section.add("guess", allowed="give_or_take" in cell.source)
        case "solution" if question:
            section.add("answers", answers=question.answers)
        case "check" | "solution" | "parameters":
            pass
        case _ if shown := show(cell):
            section.add("html", html=shown)


def _table(data: pd.DataFrame) -> dict[str, Any]:
    """The data as far as they fit on paper; a long and narrow table in two halves, side by side."""
    rows = data.iloc[:ROWS]
    cut = -(-len(rows) // 2) if len(rows) > LONG and len(data.columns) <= NARROW else len(rows)
    halves = [half for half in (rows.iloc[:cut], rows.iloc[cut:]) if len(half)]
    return {"tables": [html.head(half, ROWS) for half in halves], "rows": len(rows), "more": len(data) - len(rows)}


def _shown(problem_set: ProblemSet) -> Callable[[Node], str]:
    """How texts and what cells show become HTML."""
    from casestudy.reports.pages import document  # here, since grading knows releases and needs no pages of notebooks
    from casestudy.reports.pages.pictures import Pictures

    cited, pictures = document.citations(open_case()), Pictures(folder=problem_set.path.parent)

    def shown(cell: Node) -> str:
        if cell.cell_type == "markdown":
            text = without_hints(cell.source)
            return html.author(document.markdown(text, cited, pictures.of(cell))) if text.strip() else ""
        if not cell.get("outputs"):
            return ""
        alone = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell | {"source": ""})])
        return html.author(STYLE.sub("", document.body(alone, cited, pictures)))

    return shown
