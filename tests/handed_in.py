"""What may happen to a student's copy on its way back, and what its cells give when they are run here."""

import contextlib
import json
from pathlib import Path
from typing import NamedTuple

import nbformat
import pandas as pd
import pytest

from casestudy.classroom.quiet import silence
from casestudy.classroom.sets import agreement, answers, source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.problems import Problem
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import Solved, solve
from casestudy.classroom.sets.source import ProblemSet

REPAIRED = frozenset({"repaired"})
SETS = {path.parent.name: path for path in source.found()}
ALWAYS = ("02-satisfaction", "03-agents-avoided")  # what happens to a copy is tried with these;
SLOWLY = ("04-mobile-cases", "09-the-audit")  # and, where a test takes longer, with two in which things are built
TRIED = [*ALWAYS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOWLY)]


class Given(NamedTuple):
    """A shipped set as released to one student: the set, the personal code, its solved figures, the copy's path."""

    problem_set: ProblemSet
    code: str
    solved: Solved
    path: Path

    @property
    def text(self):
        """The id of the question that is answered in words."""
        (question,) = [question.id for question in self.problem_set.questions if question.manual]
        return question


def roster(**names):
    frame = pd.DataFrame("", index=list(names), columns=["name", "email", "group", "due"])
    frame["name"] = list(names.values())
    frame["email"] = [f"{id}@uni.example" for id in names]
    return frame


def run_here(problem_set, cells):
    """Values by name, the first that counts, and every error."""
    declared = {answer.name: answer for question in problem_set.questions for answer in question.answers}
    namespace, values, seen, errors = {}, {}, set(), []
    with silence():
        for cell in cells:
            try:
                exec(cell.source, namespace)
            except Exception as error:
                errors.append(error)
            for name in cell.answers:
                if name not in seen:
                    seen.add(name)
                    with contextlib.suppress(Problem):
                        values[name] = answers.read(declared[name], namespace.get(name))
    return values, errors


def share(given, cells):
    """The share of all answers that are right when these cells are run."""
    values, _ = run_here(given.problem_set, cells)
    asked = [(question.id, answer) for question in given.problem_set.questions for answer in question.answers]
    right = [
        answer.name in values and agreement.agree(answer, values[answer.name], given.solved.right[id][answer.name])
        for id, answer in asked
    ]
    return sum(right) / len(right)


def at(notebook, id):
    return next(n for n, cell in enumerate(notebook.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == id)


def tagged(notebook, tag):
    return next(n for n, cell in enumerate(notebook.cells) if tag in cell.metadata.get("tags", []))


def works(notebook):
    """The solution cells, without the guesses."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells]
    return [id for id in ids if id.endswith("-work")]


def checks(notebook):
    return [id.removesuffix("-work") for id in works(notebook)]


def move(notebook, id, to):
    notebook.cells.insert(to, notebook.cells.pop(at(notebook, id)))


def code(text, **metadata):
    return nbformat.v4.new_code_cell(text, metadata=metadata)


def again(cell, text=None):
    """A copy of a cell, as an editor makes it."""
    return code(cell.source if text is None else text, **cell.metadata)


def nameless(notebook):
    """The notebook as it comes out of a converter: no metadata, no ids."""
    for cell in notebook.cells:
        cell.metadata.clear()
        cell.pop("id", None)
    return json.dumps(notebook | {"metadata": {}}).encode()


def merged(notebook):
    """As some converters leave it: text cells that follow each other are one."""
    cells = []
    for cell in notebook.cells:
        if cells and cell.cell_type == cells[-1].cell_type == "markdown":
            cells[-1].source += "\n\n" + cell.source
        else:
            cells.append(cell)
    notebook.cells = cells
    return notebook


def answered(problem_set, code, words, typed="{right}"):
    """A copy of the starting set with one answer, in which `{right}` stands for the right value, and words."""
    copy = student_copy(problem_set, code)
    for cell in copy.cells:
        if cell.source == "fall_pct = ...":
            cell.source = f"fall_pct = {typed.format(right=solve(problem_set, code).right['fall']['fall_pct'])}"
        elif role(cell) == "manual":
            cell.source = words
    return copy


def add_text(path: Path) -> None:
    """Give the starting set one more question, `why`, that is answered in words."""
    notebook = nbformat.read(path, 4)
    grader = next(cell for cell in notebook.cells if role(cell) == "check").metadata["nbgrader"]
    text = nbformat.v4.new_markdown_cell("Because.", id="why")
    text.metadata |= {
        "nbgrader": grader | {"grade_id": "why", "points": 3, "solution": True, "locked": False},
        "casestudy": {"rubric": "One point for each reason."},
    }
    notebook.cells.insert(-2, text)
    nbformat.write(notebook, path)
