"""A set that would fail its students is refused, with the reason; each way of breaking one is tried."""

import re

import nbformat
import pytest

from casestudy.classroom.feedback import page as feedback
from casestudy.classroom.sets import build, new, source
from casestudy.classroom.sets.source import role


@pytest.fixture
def starting(tmp_path):
    """The starting set, as a path and as its notebook, and a way to save it changed."""
    path = new.new(tmp_path / "01-start")
    notebook = nbformat.read(path, 4)

    def save():
        nbformat.write(notebook, path)
        return source.load(path)

    return notebook, save


def of(notebook, kind, n=0):
    return [cell for cell in notebook.cells if role(cell) == kind][n]


def refused(problem_set):
    return "\n".join(build.problems(problem_set, seeds=12))


def test_the_starting_set_is_good_on_two_hundred_seeds(starting):
    assert build.problems(starting[1](), seeds=200) == []


@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_every_shipped_set_is_good(path):
    assert build.problems(source.load(path)) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "reason"),
    [
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = before / 0", "ZeroDivisionError"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = float('nan')", "not_finite"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = 1e9", "out_of_range"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = 0.0", "is 0, which a guess would find"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = 62.5", "is 62.5 for 12 of 12 seeds"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = ...", "fall_pct is missing"),
        ("solution", "### BEGIN SOLUTION\n", "", "the untouched copy has an answer for fall_pct"),
        ("mistake", "/ after * 100", "/ before * 100.0001", "mistake 1 gives the right answer"),
        ("mistake", "(before - after) / after * 100", "float(before - after)", "mistakes 1 and 2 give the same answer"),
        ("mistake", "(before - after)", "(before - afterwards)", "NameError"),
        ("data", "data\n", "data = data.to_dict()\n", "must make a DataFrame"),
    ],
)
def test_a_set_broken_in_its_code_is_refused_with_the_reason(starting, kind, old, new, reason):
    notebook, save = starting
    cell = of(notebook, kind, {"solution": 1}.get(kind, 0))
    cell.source = (cell.source + "\n").replace(old, new)
    assert reason in refused(save())


@pytest.mark.parametrize("step", source.STEPS)
def test_a_question_without_one_of_its_seven_steps_is_refused(starting, step):
    notebook, save = starting
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(f"**{step}:**", f"{step}:")
    assert f"its text lacks {step}" in refused(save())


def test_of_several_headings_in_one_cell_the_last_is_the_question_s(starting):
    notebook, save = starting
    cell = next(cell for cell in notebook.cells if cell.source.startswith("## 1."))
    cell.source = f"## Before that\n\nSome words.\n\n{cell.source}"
    problem_set = save()
    assert problem_set.questions[0].title == "1. Per cent of what?" and refused(problem_set) == ""
    assert feedback.headings(problem_set) == {"fall": "1. Per cent of what?"}


def test_a_text_that_names_a_variable_that_does_not_exist_is_refused(starting):
    notebook, save = starting
    notebook.cells[4].source += " Use `befor`."
    assert "names `befor`, which does not exist" in refused(save())


def test_a_number_with_one_named_mistake_is_refused(starting):
    notebook, save = starting
    notebook.cells.remove(of(notebook, "mistake"))
    assert "needs at least 2 named mistakes; it has 1" in refused(save())


def test_a_copy_that_stops_on_its_blank_is_refused(starting):
    notebook, save = starting
    notebook.cells.append(nbformat.v4.new_code_cell("round(fall_pct, 1)"))
    assert "the untouched copy does not run" in refused(save())


def test_a_text_for_a_person_needs_a_rubric(starting):
    notebook, save = starting
    grader = of(notebook, "check").metadata["nbgrader"] | {"grade_id": "why", "solution": True, "locked": False}
    words = nbformat.v4.new_markdown_cell("Because.", metadata={"nbgrader": dict(grader)})
    notebook.cells.insert(-2, words)
    assert "why: a text that a person reads needs a rubric" in refused(save())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda cell, nb: cell.metadata["nbgrader"].update(schema_version=2), "schema_version is 3"),
        (lambda cell, nb: cell.metadata["nbgrader"].update(grade_id="../fall"), "grade_id made of letters"),
        (lambda cell, nb: cell.metadata["nbgrader"].update(locked="yes"), "locked must be bool"),
        (lambda cell, nb: cell.metadata["nbgrader"].update(points=-1), "points must be above 0"),
        (lambda cell, nb: cell.metadata.pop("casestudy"), "declares its answers"),
        (lambda cell, nb: cell.metadata["casestudy"].update(answers={"x": {"kind": "essay"}}), "kind is one of number"),
        (lambda cell, nb: nb.cells.append(nbformat.from_dict(cell | {"id": "again"})), "stands in two cells"),
        (lambda cell, nb: nb.metadata.pop("casestudy"), "version in the notebook's metadata"),
        (
            lambda cell, nb: of(nb, "mistake").metadata["casestudy"].update(question="rise"),
            "a mistake belongs to 'rise'",
        ),
        (lambda cell, nb: of(nb, "mistake").metadata["casestudy"].update(credit=1), "credit from 0 to below 1"),
        (lambda cell, nb: of(nb, "parameters").metadata.update(tags=[]), "exactly one cell is tagged parameters"),
    ],
)
def test_damaged_metadata_are_refused_with_the_cell(starting, change, reason):
    notebook, save = starting
    change(of(notebook, "check"), notebook)
    with pytest.raises(ValueError, match=re.escape(reason)):
        save()


def test_a_new_set_does_not_replace_one(tmp_path):
    new.new(tmp_path / "01-start")
    with pytest.raises(ValueError, match="stands there already"):
        new.new(tmp_path / "01-start")
    with pytest.raises(ValueError, match="NN-words"):
        new.new(tmp_path / "start")


@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_nbgrader_would_hand_the_mistakes_out_so_we_release_ourselves(path):
    """It strips solution cells and leaves every cell that is not its own; the mistakes are not its own."""
    slips = [cell for cell in source.load(path).notebook.cells if role(cell) == "mistake"]
    assert slips and not [cell for cell in slips if "nbgrader" in cell.metadata]
