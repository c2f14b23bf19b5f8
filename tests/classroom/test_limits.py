"""Limits by name: in the set, on the command line, in the records; and which of several files are run."""

import json

import nbformat
import pandas as pd
import pytest

from casestudy.classroom import records
from casestudy.classroom.authoring import new
from casestudy.classroom.grading.attempts import waiting_of
from casestudy.classroom.grading.results import Results
from casestudy.classroom.limits import Limits
from casestudy.classroom.records import Record, sha
from casestudy.classroom.release import Released, release
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.submissions.collect import Submission

GRADE = ["grade", "01", "--sets", "sets", "--release", "release", "--submissions", "back", "--out", "out"]
EXPLAIN = ["explain", "01", "--sets", "sets", "--results", "out"]


def declare(path, limits):
    """Write limits into a set's metadata."""
    notebook = nbformat.read(path, 4)
    notebook.metadata["casestudy"]["limits"] = limits
    nbformat.write(notebook, path)


@pytest.fixture
def course(tmp_path, walls):
    """The starting set with a limit of its own, released to two; one of them sent a loop."""
    path = new.new(tmp_path / "sets" / "01-start")
    declare(path, {"cpu_s": 1, "reruns": 1})
    problem_set = source.load(path)
    blank = dict.fromkeys(("name", "email", "group", "due"), "")
    students = pd.DataFrame([blank] * 2, index=pd.Index(["a", "b"], name="student_id"))
    out = release(problem_set, students, b"a secret of the course, long enough", "t", tmp_path / "release")
    (tmp_path / "back").mkdir()
    for id in "ab":
        copy = student_copy(problem_set, Released.read(out).students[id].code)
        if id == "b":
            copy.cells.append(nbformat.v4.new_code_cell("while True: pass"))
        nbformat.write(copy, tmp_path / "back" / f"{id}.ipynb")
    return tmp_path


def test_the_set_s_limits_hold_where_none_are_named_and_named_ones_before_them(course, command):
    assert command(*GRADE)[0] == 0
    told = json.loads(command(*EXPLAIN, "b")[1])
    assert told["status"] == "timeout_cpu" and told["errors"][0].endswith(
        "ended after 0.5 CPU seconds, and was left out"
    )
    assert told["limits"] == {**vars(Limits()), "cpu_s": 1.0, "reruns": 1} and told["cpu_s"] >= 0.5
    assert "ended after 0.5 CPU seconds" in (course / "out" / "feedback" / "b.html").read_text(encoding="utf-8")
    assert "b (cpu_s=1)" in (course / "out" / "summary.html").read_text(encoding="utf-8")
    named = [*GRADE[:-1], "other", "--limit", "cpu_s=0.8", "--limit", "memory_mb=1024"]
    assert command(*named)[0] == 0
    (limits,) = {json.dumps(record.limits) for record in Results.read(course / "other").records}
    assert json.loads(limits) == {**vars(Limits()), "cpu_s": 0.8, "memory_mb": 1024, "reruns": 1}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("cpu=60", "--limit: no limit 'cpu'; did you mean 'cpu_s'?"),
        ("time=60", "--limit: no limit 'time'; there are: cpu_s, wall_s, memory_mb"),
        ("cpu_s=0", "--limit: cpu_s is a number, above 0 to 86400: got 0.0"),
        ("wall_s=-5", "--limit: wall_s is a number, above 0 to 86400: got -5.0"),
        ("cpu_s=nan", "got nan"),
        ("wall_s=inf", "got inf"),
        ("memory_mb=0.5", "--limit: memory_mb is a whole number, 1 to 1000000: got 0.5"),
        ("memory_mb=1e30", "to 1000000: got 1e+30"),
        ("reruns=-1", "--limit: reruns is a whole number, 0 to 100: got -1.0"),
        ("cpu_s=fast", "--limit takes NAME=NUMBER, such as cpu_s=60: got 'cpu_s=fast'"),
        ("cpu_s", "--limit takes NAME=NUMBER, such as cpu_s=60: got 'cpu_s'"),
        ("60", "--limit takes NAME=NUMBER"),
    ],
)
def test_what_is_no_limit_is_refused(course, refused, typed, reason):
    refused([*GRADE, "--limit", typed], reason)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"memory": 5}, "01-start: casestudy.limits in the notebook's metadata: no limit 'memory'; did you mean"),
        ({"cpu_s": "60"}, "cpu_s is a number, above 0 to 86400: got '60'"),
        ({"cpu_s": True}, "got True"),
        ({"processes": 2.5}, "processes is a whole number, 1 to 4000: got 2.5"),
        ([60], "must be numbers by name"),
        (None, "must be numbers by name"),
    ],
)
def test_a_set_whose_limits_are_none_is_refused_by_every_command(course, refused, limits, reason):
    declare(course / "sets" / "01-start" / "source.ipynb", limits)
    refused(GRADE, reason)
    refused(["build", "01", "--sets", "sets"], reason)


def ran(course):
    return [record.name for record in records.read(course / "out" / "records.jsonl")]


def test_only_the_latest_is_run_until_the_best_is_asked_for_and_no_file_is_forgotten(course, command):
    back, path = course / "back", course / "back" / "a.ipynb"
    (back / "b.ipynb").unlink()
    (back / "a_2.ipynb").write_text(path.read_text(encoding="utf-8").replace("fall_pct = ...", "fall_pct = 1"))
    command(*GRADE)
    assert ran(course) == ["a_2.ipynb"]
    told = json.loads(command(*EXPLAIN, "a")[1])
    assert (told["name"], len(told["attempts"]), told["flags"]) == ("a_2.ipynb", 2, ["doubled"])
    command(*GRADE, "--resume", "--keep", "best")
    assert ran(course) == ["a.ipynb", "a_2.ipynb"], "as they came"
    for name in ("a.ipynb", "a_2.ipynb"):
        (back / name).unlink()
    (back / "a_3.ipynb").write_text(path.name)  # no notebook: what stands goes on to count
    command(*GRADE, "--resume", "--keep", "latest")
    told = json.loads(command(*EXPLAIN, "a")[1])
    assert (told["name"], len(told["attempts"]), "doubled" in told["flags"]) == ("a_2.ipynb", 3, True)


def test_where_the_latest_cannot_be_read_the_one_before_it_is_run(course, command):
    (course / "back" / "b.ipynb").unlink()
    for name in ("a_2", "a_3"):
        (course / "back" / f"{name}.ipynb").write_text(f"{name} is no notebook")
    command(*GRADE)
    assert ran(course) == ["a.ipynb", "a_2.ipynb", "a_3.ipynb"]
    assert json.loads(command(*EXPLAIN, "a")[1])["status"] == "ok"
    before = (course / "out" / "records.jsonl").read_bytes()
    command(*GRADE, "--resume")
    assert (course / "out" / "records.jsonl").read_bytes() == before, "nothing was left to run"


def test_the_time_a_file_was_sent_counts_before_its_place_in_the_delivery():
    files = [Submission("a", f"{name}.ipynb", name.encode()) for name in ("old", "new", "undated")]
    times = dict(zip(("old", "new"), pd.date_range("2026-01-01", periods=2), strict=True))
    old, new, undated = (Submission("a", each.name, each.content, times.get(each.content.decode())) for each in files)
    assert waiting_of([new, old, undated], {}, "latest") == [[new, old, undated]]
    assert waiting_of([new, old, undated], {}, "best") == [[new], [old], [undated]]
    done = {("a", sha(b"old")): Record("a", "ok", "")}
    assert waiting_of([old, new, undated], done, "latest") == [[new]]
    assert waiting_of([old, undated], done, "latest") == []
