"""The start of grading: what is loaded once, what is left to those who want it, and how many workers a class needs."""

import subprocess
import sys
import threading
import time
from dataclasses import replace

import nbformat
import pandas as pd
import pytest

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import run as grading
from casestudy.classroom.grading.run import Running, run
from casestudy.classroom.release import Released, release
from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sandbox.sandbox import Ran, Sandbox
from casestudy.classroom.sets import source
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.submissions.collect import Submission

SECRET = b"a secret of the course, long enough"


def loaded_by(code: str, *modules: str) -> set[str]:
    """Which of these modules a fresh Python has loaded after `code`."""
    asked = f"{code}\nimport sys\nprint(*{{{', '.join(map(repr, modules))}}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_grading_loads_no_figures_and_no_reports():
    code = "from casestudy import cli\nfrom casestudy.classroom.grading import grade, results"
    assert not loaded_by(code, "matplotlib", "scipy", "nbconvert", "papermill", "IPython")


def test_commands_and_servers_read_notebooks_without_the_grammar_of_addresses():
    code = "from casestudy.forks import spare_the_grammar\nspare_the_grammar()\nimport nbformat"
    assert loaded_by(code, "jsonschema", "lark") == {"jsonschema"}


def test_practice_needs_no_schema_at_all():
    code = "from casestudy.classroom.practice import desk\nfrom casestudy.classroom.sets import marks, solve, source"
    assert not loaded_by(code, "nbformat", "jsonschema", "matplotlib", "scipy", "IPython")


def test_the_imports_of_a_set_are_warm_but_not_those_of_its_figures():
    lines = source.imports(source.load(source.find("02")))
    assert "import numpy as np" in lines and len(lines) == len(set(lines))
    assert not [line for line in lines if "plots" in line]


def test_what_a_solution_imports_is_not_shown_to_a_submission(tmp_path):
    path = new.new(tmp_path / "01-start")
    words = path.read_text(encoding="utf-8")
    path.write_text(words.replace("### BEGIN SOLUTION", "### BEGIN SOLUTION\\nimport secret_of_the_solution"), "utf-8")
    problem_set = source.load(path)
    assert any("import secret_of_the_solution" in cell.source for cell in problem_set.notebook.cells)
    assert "import pandas as pd" in source.imports(problem_set)
    assert not [line for line in source.imports(problem_set) if "secret" in line]


def test_what_is_warm_is_there_before_a_submission_begins(walls):
    cell = JobCell("import sys\nx = 'xml.dom.minidom' in sys.modules and 7", ("x",))
    for warm, values in (((), {}), (("import xml.dom.minidom",), {"x": 7.0})):
        with Sandbox(warm=warm) as sandbox:
            assert sandbox.run([cell], {"x": Answer("x")}).values == values


def test_what_a_submission_throws_away_is_collected(walls):
    cell = JobCell("import gc\nx = gc.isenabled() and 7", ("x",))
    with Sandbox(warm=()) as sandbox:
        assert sandbox.run([cell], {"x": Answer("x")}).values == {"x": 7.0}


def test_a_student_may_import_what_is_not_warm(walls):
    cell = JobCell("import seaborn\nx = 7", ("x",))
    with Sandbox() as sandbox:
        ran = sandbox.run([cell], {"x": Answer("x")})
    assert (ran.status, ran.values) == ("ok", {"x": 7.0})


def test_a_set_that_imports_what_no_submission_sees_is_refused(walls):
    with (
        pytest.raises(ValueError, match=r"No module named 'not_in_here'.*install that here"),
        Sandbox(warm=("import not_in_here",)) as sandbox,
    ):
        sandbox.run([], {})


@pytest.fixture
def class_of_three(tmp_path):
    """The starting set, released to three who sent it back as it was."""
    problem_set = source.load(new.new(tmp_path / "sets" / "01-start"))
    blank = dict.fromkeys(("name", "email", "group", "due"), "")
    students = pd.DataFrame([blank] * 3, index=pd.Index(["a", "b", "c"], name="student_id"))
    released = Released.read(release(problem_set, students, SECRET, "t", tmp_path / "release"))
    copies = {
        id: nbformat.writes(student_copy(problem_set, assigned.code)) for id, assigned in released.students.items()
    }
    found = [Submission(id, f"{id}.ipynb", words.encode()) for id, words in copies.items()]
    return Solutions(problem_set), released, found, tmp_path / "out"


class Counted:
    """A stand-in for a sandbox that runs nothing and tells which of them were used."""

    used: set
    meeting: threading.Barrier | None = None

    def __init__(self, *given, **more):
        self.walled = True

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def run(self, cells, declared, limits):
        if self.meeting and self not in self.used:
            self.used.add(self)
            self.meeting.wait(30)
        self.used.add(self)
        time.sleep(0.05)  # else one is done before another could begin
        return Ran("ok", {}, {name: "missing" for name in declared}, (), "", 0.0, 0.0)


def test_a_class_that_one_worker_finishes_starts_no_other(class_of_three, monkeypatch):
    monkeypatch.setattr(grading, "Sandbox", Counted)
    monkeypatch.setattr(grading, "LATER_S", 600)
    monkeypatch.setattr(Counted, "used", set(), raising=False)
    assert len(run(*class_of_three, Running(workers=2))) == 3 and len(Counted.used) == 1


def test_further_workers_come_where_work_is_left(class_of_three, monkeypatch):
    monkeypatch.setattr(grading, "Sandbox", Counted)
    monkeypatch.setattr(grading, "LATER_S", 0.01)
    monkeypatch.setattr(Counted, "used", set(), raising=False)
    monkeypatch.setattr(Counted, "meeting", threading.Barrier(2))  # the first one's work lasts until another is there
    assert len(run(*class_of_three, Running(workers=2))) == 3 and len(Counted.used) == 2


def test_what_breaks_grading_off_stops_the_workers_too(class_of_three, monkeypatch):
    begun, broken_off, others = [], threading.Event(), set(threading.enumerate())

    class Noted(grading.Reader):
        def opened(self, *given):
            begun.append(self)
            return super().opened(*given)

    class Held(Counted):
        def run(self, *given):
            if len(begun) > 1:
                broken_off.wait(30)
            return super().run(*given)

    def stop(record):
        raise KeyboardInterrupt

    monkeypatch.setattr(grading, "Reader", Noted)
    monkeypatch.setattr(grading, "Sandbox", Held)
    monkeypatch.setattr(Counted, "used", set(), raising=False)
    with pytest.raises(KeyboardInterrupt):
        run(*class_of_three, Running(workers=1), finished=stop)
    broken_off.set()
    for worker in set(threading.enumerate()) - others:
        worker.join(30)
    assert len(begun) <= 2, "what was begun may end, but nothing else may begin"


def test_a_library_that_more_students_add_than_work_at_a_time_is_warm(class_of_three):
    solutions, _, found, _ = class_of_three
    added = [replace(submission, content=submission.content + b"import seaborn as sns") for submission in found]
    warm = [grading._warm(solutions.problem_set, those, workers=2) for those in (added, [*added[:2], found[2]])]
    assert ["import seaborn" in lines for lines in warm] == [True, False]
