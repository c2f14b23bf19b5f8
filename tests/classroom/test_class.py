"""A class of 45, or 300, each with a planned outcome: the marks are those planned, killed half-way or not."""

import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter

import nbformat
import pandas as pd
import pytest

from casestudy.classroom.grading import grade
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import solve
from casestudy.classroom.sets.source import SOLUTION

SET = "02-satisfaction"
SECRET = b"a secret of the course, long enough"


def filled(problem_set, code, mistake=None, fatal=False):
    """A student's notebook: every solution filled in, one named mistake made, or a cell that ends the process."""
    notebook = student_copy(problem_set, code)
    solution = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in problem_set.notebook.cells
        if role(cell) == "solution"
    }
    checks = [cell for cell in notebook.cells if role(cell) == "check"]
    for cell in notebook.cells:
        if role(cell) == "solution":
            text = solution[cell.metadata["nbgrader"]["grade_id"]]
            cell.source = SOLUTION.sub(lambda match: match[1], text)
    if mistake is not None:
        at = notebook.cells.index(next(c for c in checks if c.metadata["nbgrader"]["grade_id"] == mistake.question))
        notebook.cells.insert(at, nbformat.v4.new_code_cell(mistake.code, id="slip"))
    if fatal:
        at = notebook.cells.index(checks[-1])
        notebook.cells.insert(at + 1, nbformat.v4.new_code_cell("import os\nos._exit(0)", id="fatal"))
    return nbformat.writes(notebook).encode()


def unchanged(problem_set, code, mistake):
    """The share of its question's answers that a mistake leaves right."""
    solved = solve(problem_set, code)
    slipped = next(values for usual, values in solved.wrong if usual is mistake)
    question = next(question for question in problem_set.questions if question.id == mistake.question)
    kept = [answer for answer in question.answers if solved.fits(question, answer, slipped[answer.name])]
    return len(kept) / len(question.answers)


@pytest.fixture(scope="module", params=[45, pytest.param(300, marks=pytest.mark.slow)])
def course(request, tmp_path_factory):
    """The release, the zip that came back, and what each student's row must say."""
    folder, rng = tmp_path_factory.mktemp("class"), random.Random(300)
    problem_set = source.load(source.find(SET))
    ids = [f"s{number:03}" for number in range(request.param)]
    lines = [f"{id},Zoë {id} 🐢,{id}@example.org,2026-11-20T12:00" for id in ids]
    (folder / "roster.csv").write_text("student_id,name,email,due\n" + "\n".join(lines) + "\n", encoding="utf-8")
    students = roster.read(folder / "roster.csv")
    out = release(problem_set, students, SECRET, "t", folder / "release")
    code = {id: assigned.code for id, assigned in Released.read(out).students.items()}
    points = {question.id: 0.0 if question.manual else question.points for question in problem_set.questions}
    planned = {}
    with zipfile.ZipFile(folder / "came-back.zip", "w", zipfile.ZIP_DEFLATED) as back:

        def send(id, content, minute, name=""):
            sent = (2026, 11, 20, 11 + minute // 60, minute % 60, 2 * (int(id[1:]) % 30))
            back.writestr(zipfile.ZipInfo(f"{id}{name}.ipynb", sent), content)

        for number, id in enumerate(ids):
            plan = ("right", "mistake", "mistake", "blank", "late", "doubled", "fatal", "missing", "damaged")[
                number % 9
            ]
            expected, flags, status = dict(points), "", "ok"
            mistake = rng.choice(problem_set.mistakes)
            if plan == "mistake":
                worth = points[mistake.question]
                expected[mistake.question] = round(
                    max(mistake.credit, unchanged(problem_set, code[id], mistake)) * worth, 3
                )
            if plan in ("blank", "missing", "damaged"):
                expected = dict.fromkeys(points, 0.0)
            minute = 70 if plan == "late" else 2 + number % 48
            if plan == "doubled":
                send(id, nbformat.writes(student_copy(problem_set, code[id])).encode(), 1, "_first")
            if plan == "blank":
                send(id, nbformat.writes(student_copy(problem_set, code[id])).encode(), minute)
            elif plan == "damaged":
                send(id, filled(problem_set, code[id])[:500], minute)
            elif plan != "missing":
                slip = mistake if plan == "mistake" else None
                send(id, filled(problem_set, code[id], slip, plan == "fatal"), minute, "_second" * (plan == "doubled"))
            flags = {"late": "late", "doubled": "doubled"}.get(plan, "")
            status = {"missing": "missing", "damaged": "damaged", "fatal": "died"}.get(plan, "ok")
            planned[id] = {"status": status, "flags": flags, **expected}
    return folder, problem_set, pd.DataFrame.from_dict(planned, orient="index")


@pytest.fixture(scope="module")
def graded(course, walls):
    """Graded without a break."""
    folder, problem_set, _ = course
    given = {"roster": folder / "roster.csv"}
    graded = grade(problem_set, folder / "release", folder / "came-back.zip", folder / "whole", **given)
    assert graded.unknown == graded.not_in_roster == []
    return graded.grades


def test_every_mark_is_the_one_planned(course, graded):
    planned = course[2]
    assert Counter(graded["status"]) == Counter(planned["status"])
    for id, row in planned.iterrows():
        shown = graded.loc[id]
        assert (shown["status"], shown["flags"].replace("repaired", "").strip()) == (row["status"], row["flags"]), id
        given = {name: float(shown[name] or 0) for name in planned.columns.drop(["status", "flags"])}
        assert given == row.drop(["status", "flags"]).to_dict(), id


@pytest.mark.slow
def test_a_run_killed_half_way_and_resumed_gives_the_same_files(course, graded, monkeypatch):
    folder, size = course[0], len(course[2])
    command = [sys.executable, "-c", "from casestudy.cli import main; main()", "exercises", "grade", SET]
    command += ["--release", "release", "--submissions", "came-back.zip", "--roster", "roster.csv", "--out", "broken"]
    running = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, start_new_session=True)
    record = folder / "broken" / "records.jsonl"
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and (not record.exists() or record.read_bytes().count(b"\n") < 0.3 * size):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert 0.2 * size < record.read_bytes().count(b"\n") < 0.8 * size, "it was to be killed half-way"
    assert not (folder / "broken" / "grades.csv").exists()
    subprocess.run([*command, "--resume"], cwd=folder, check=True, capture_output=True, env=dict(os.environ))
    ours = {path.name: path.read_bytes() for path in (folder / "broken" / "feedback").iterdir()}
    assert ours == {path.name: path.read_bytes() for path in (folder / "whole" / "feedback").iterdir()}
    for name in ("grades.csv", "summary.html"):
        assert (folder / "broken" / name).read_bytes() == (folder / "whole" / name).read_bytes()
