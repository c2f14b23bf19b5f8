"""Something that a student builds, judged by its author's predicate: in practice, in grading, never in a copy."""

import datetime
import json
from dataclasses import replace

import nbformat
import numpy as np
import pandas as pd
import pytest

from casestudy.classroom.authoring import build, new
from casestudy.classroom.grading import grade, results
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.classroom.sets.answers import IMPOSSIBLE, Answer, read
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.problems import Problem
from casestudy.classroom.sets.solve import solve

SECRET = b"a secret of the course, long enough"
STEPS = "**Goal:** g\n\n**Predict:** p\n\n**Do:** build `two`\n\n**Hint:** h\n\n**Check:** c\n\n**Extend:** e"
JUDGE = """def judge(value):
    if value == "impossible":
        return "" if before > 48 else "There are such numbers."
    if before > 48:
        return "Are there any?"
    return "" if abs(sum(value) - before) < 0.01 else "Your two numbers add up to something else."
"""


def cell(kind, text, **metadata):
    made = nbformat.v4.new_code_cell(text) if kind == "code" else nbformat.v4.new_markdown_cell(text)
    made.metadata = nbformat.from_dict(metadata)
    return made


def grader(id, grade):
    locked = {"grade": grade, "solution": not grade, "locked": grade, "task": False, "schema_version": 3}
    return locked | {"grade_id": id} | ({"points": 2} if grade else {})


@pytest.fixture
def building(tmp_path):
    """The starting set with a second question: two numbers with a given sum, or none where the sum is above 48."""
    path = new.new(tmp_path / "sets" / "01-start")
    notebook = nbformat.read(path, 4)
    declared = {"two": {"kind": "construct", "form": "list", "size": 2, "impossible": True}}
    asked = {"answers": declared, "example": "Take {before / 2} twice."}
    notebook.cells[-2:-2] = [
        cell("markdown", f"## 2. Build\n\n{STEPS}"),
        cell(
            "code",
            "### BEGIN SOLUTION\ntwo = 'impossible' if before > 48 else [before, 0.0]\n### END SOLUTION",
            nbgrader=grader("two-work", False),
        ),
        cell("code", "check(two=two)", nbgrader=grader("two", True), casestudy=asked),
        cell("code", JUDGE, tags=["judge"], casestudy={"question": "two", "answer": "two"}),
        cell(
            "code",
            "two = [before, before]",
            tags=["mistake"],
            casestudy={"question": "two", "credit": 0.5, "hint": {"en": ["Twice is too much."]}},
        ),
        cell("markdown", "**Explain:** why?"),
        cell("markdown", "Because.", tags=["explain"]),
    ]
    nbformat.write(notebook, path)
    return path


def code_where(problem_set, built):
    """A code on which two such numbers can be built, or cannot."""
    codes = (f"code {number}" for number in range(50))
    return next(code for code in codes if (solve(problem_set, code).right["two"]["two"] != IMPOSSIBLE) == built)


def said(problem_set, code, call, **more):
    names = {"problem_set": problem_set.name, "code": code, "data": solve(problem_set, code).data, **more}
    exec("from casestudy.classroom import check", names)
    return eval(call, names)._repr_mimebundle_()["text/plain"]


def test_a_set_with_a_judge_is_good_and_no_copy_knows_it(building):
    problem_set = source.load(building)
    assert build.problems(problem_set, seeds=20) == []
    assert "judge" not in nbformat.writes(student_copy(problem_set, "practice"))


def test_in_practice_what_does_not_hold_is_said_and_whatever_holds_is_right(building, monkeypatch):
    monkeypatch.chdir(building.parent)
    problem_set = source.load(building)
    code = code_where(problem_set, True)
    before = solve(problem_set, code).data["hours"][0]
    half = {"half": before / 2}
    assert said(problem_set, code, "check(two=[half, half])", **half).startswith("✓")
    assert said(problem_set, code, "check(two=(2 * half + 1, -1.0))", **half).startswith("✓")
    assert "add up to something else" in said(problem_set, code, "check(two=[half, 1.0])", **half)
    assert "Twice is too much." in said(problem_set, code, "check(two=[2 * half, 2 * half])", **half)
    assert "There are such numbers." in said(problem_set, code, "check(two='Impossible')")
    assert "2 numbers, or the word" in said(problem_set, code, "check(two=[1.0])")
    other = code_where(problem_set, False)
    assert said(problem_set, other, "check(two='impossible')").startswith("✓")
    assert "Are there any?" in said(problem_set, other, "check(two=[1.0, 2.0])")


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        ("def judge(value):\n    return 'No.'", "the judge of two refuses the solution: No."),
        (
            "def judge(value):\n    return '' if value == 'impossible' else '' if 1 / sum(value) else 'No.'",
            "must never raise",
        ),
        ("verdict = 3", "must define judge(value)"),
    ],
)
def test_a_judge_that_would_fail_a_student_is_refused(building, judge, reason):
    notebook = nbformat.read(building, 4)
    next(cell for cell in notebook.cells if "judge" in cell.metadata.get("tags", [])).source = judge
    nbformat.write(notebook, building)
    assert reason in "\n".join(build.problems(source.load(building), seeds=4))


def test_a_construct_without_a_judge_is_refused(building):
    notebook = nbformat.read(building, 4)
    notebook.cells = [cell for cell in notebook.cells if "judge" not in cell.metadata.get("tags", [])]
    nbformat.write(notebook, building)
    with pytest.raises(ValueError, match="has one cell tagged judge"):
        source.load(building)


def test_grading_judges_outside_the_wall_and_takes_guesses_along(building, tmp_path, walls):
    problem_set = source.load(building)
    ids = [f"s{number}" for number in range(8)]
    (tmp_path / "roster.csv").write_text("student_id\n" + "\n".join(ids) + "\n", encoding="utf-8")
    out = release(
        problem_set, roster.read(tmp_path / "roster.csv"), b"a secret of the course", "t", tmp_path / "release"
    )
    back, expected = tmp_path / "back", {}
    back.mkdir()
    for number, id in enumerate(ids):
        code = Released.read(out).students[id].code
        solved = solve(problem_set, code)
        before = float(solved.data["hours"][0])
        possible = solved.right["two"]["two"] != IMPOSSIBLE
        two = [before / 2, before / 2] if possible else "impossible"
        work = (two, [before, before], [1.0, 2.0], "impossible" if possible else [before, 0.0])[number % 4]
        expected[id] = (2.0, 1.0, 0.0, 0.0)[number % 4]
        copy = student_copy(problem_set, code)
        for one in copy.cells:
            if one.source == "two = ...":
                one.source = f"two = {work!r}"
            elif one.source.startswith("predict("):
                one.source = (
                    "predict(fall_pct=60, give_or_take=100)" if number else "predict(fall_pct='x', give_or_take=2)"
                )
            elif one.source == "fall_pct = ...":
                one.source = f"fall_pct = {solved.right['fall']['fall_pct']!r}"
        nbformat.write(copy, back / f"{id}.ipynb")
    graded = grade(problem_set, out, back, tmp_path / "out")
    assert graded.grades["two"].to_dict() == expected
    page = (tmp_path / "out" / "feedback" / "s2.html").read_text(encoding="utf-8")
    assert "add up to something else" in page or "Are there any?" in page
    records = {record.id: record for record in results.Results.read(tmp_path / "out").records}
    assert records["s0"].guesses == {}
    assert records["s1"].guesses == {"fall_pct": {"value": 60.0, "give_or_take": 100.0}}
    summary = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert "What the class had guessed" in summary and "7 of 7" in summary
    assert json.loads((tmp_path / "out" / "grading.json").read_text())["problem_set"] == "01-start"


DAY = Answer("day", kind="construct", form="date")
LIST = Answer("list", kind="construct", form="list", size=(2, 3), range=(0, 10))


@pytest.mark.parametrize(
    "day",
    [
        "2015-06-30",
        datetime.date(2015, 6, 30),
        datetime.datetime(2015, 6, 30, 12),
        pd.Timestamp("2015-06-30"),
        np.datetime64("2015-06-30"),
    ],
)
def test_a_day_is_read_in_every_usual_form(day):
    assert read(DAY, day) == "2015-06-30"


COUNT = Answer("count", kind="construct", form="number", impossible=True)


@pytest.mark.parametrize(
    ("answer", "given", "kind"),
    [
        (DAY, "30 June", "not_a_date"),
        (DAY, pd.NaT, "not_a_date"),
        (DAY, 2015.5, "not_a_date"),
        (LIST, [1.0], "wrong_length"),
        (LIST, 3.0, "not_a_list"),
        (LIST, [1.0, 11.0], "out_of_range"),
        (LIST, [1.0, None], "not_a_number"),
        (LIST, "impossible", "not_a_list"),
        (replace(LIST, impossible=True), "none", "another_word"),
        (COUNT, "Not possible!", "another_word"),
        (COUNT, "1,234", "quoted"),
    ],
)
def test_what_is_not_of_the_form_is_no_answer(answer, given, kind):
    with pytest.raises(Problem) as problem:
        read(answer, given)
    assert problem.value.kind == kind


@pytest.mark.parametrize("numbers", [(1, 2.5), [1, 2.5], np.array([1, 2.5]), pd.Series([1, 2.5])])
def test_a_list_of_numbers_is_read_in_every_usual_form(numbers):
    assert read(LIST, numbers) == [1.0, 2.5]
