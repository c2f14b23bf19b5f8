"""The commands as a lecturer and a student type them: one line and exit status 2 where something is refused."""

import random
from datetime import date
from pathlib import Path

import nbformat
import pytest
from planting import plant

from casestudy.classroom.authoring import new
from casestudy.classroom.practice.validate import validate
from casestudy.classroom.release import Released, release, roster, solutions
from casestudy.classroom.release.release import assign, roster_of
from casestudy.classroom.sets import source
from casestudy.classroom.sets.solve import solve

SECRET = b"a secret of the course, long enough"


@pytest.fixture
def course(tmp_path):
    """A folder with a roster, a secret and a set of one's own."""
    (tmp_path / "roster.csv").write_text("student_id,due\ns1,\ns2,2026-12-24\n", encoding="utf-8")
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_bytes(SECRET)
    new.new(tmp_path / "sets" / "01-start")
    return tmp_path


SOLUTIONS = ["solutions", "01", "--sets", "sets", "--release", "sets", "--out", "out"]
RELEASE = ["release", "01", "--roster", "roster.csv", "--secret-file", "secret", "--term", "t", "--sets", "sets"]


def test_build_and_release_and_a_second_time(course, command):
    assert "good on every seed" in command("build", "--all", "--sets", "sets")[1]
    for _ in range(2):
        code, _, complaints = command(*RELEASE, "--out", "out")
        assert (code, complaints) == (0, "")
    assert sorted(path.name for path in (course / "out" / "students").iterdir()) == ["s1", "s2"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([*RELEASE, "--out", "out", "--only", "s9"], "--only names a student of the roster"),
        ([*RELEASE[:1], "07", *RELEASE[2:], "--out", "out"], "no problem set '07'"),
        (["build"], "takes the name of a set, or --all"),
        (["build", "01", "--sets", "nowhere"], "there is none in nowhere"),
        (["validate", "roster.csv"], "is not a readable notebook"),
        ([*SOLUTIONS, "--after", "soon"], "takes a date"),
        ([*SOLUTIONS, "--after", "2999-01-01"], "sets is no release: it needs release.json"),
    ],
)
def test_a_refusal_is_one_line_and_nothing_is_written(refused, words, reason):
    refused(words, reason)


@pytest.mark.parametrize("folder", ["out[a]/04-queues", "out[/x]/04-queues", f"{'long ' * 20}[a] :bee:/04-queues"])
def test_a_folder_is_named_whole_brackets_and_all(command, folder):
    assert command("new", folder) == (0, f"{Path(folder, 'source.ipynb')}\n", "")


def test_build_says_why_and_ends_with_one(course, command):
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("**Goal:**", "Goal:"), encoding="utf-8")
    code, _, complaints = command("build", "01", "--sets", "sets")
    assert code == 1 and "fall: its text lacks Goal" in complaints
    assert not path.with_name("01-start.ipynb").exists()


def test_build_tries_all_sets_and_says_all_at_the_end(course, command):
    """The first cannot be read, the second would fail its students, the third is good."""
    for number, spoil in (("00", lambda text: "{"), ("02", lambda text: text.replace("### END SOLUTION", "### END"))):
        path = new.new(course / "sets" / f"{number}-start")
        path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    code, output, complaints = command("build", "--all", "--sets", "sets")
    assert code == 1 and "01-start: good on every seed" in output
    assert "00-start: " in complaints and "02-start: " in complaints
    assert command("build", "00", "--sets", "sets")[0] == 2


def test_a_hand_in_is_looked_at_from_outside(course):
    problem_set = source.load(course / "sets" / "01-start" / "source.ipynb")
    out = release(problem_set, roster.read(course / "roster.csv"), SECRET, "t", course / "out")
    path = out / "students" / "s1" / "01-start.ipynb"
    assert validate(path) == ["Not ready yet: 1. Per cent of what?"]
    notebook = nbformat.read(path, 4)
    blank = next(cell for cell in notebook.cells if cell.source == "fall_pct = ...")
    blank.source = "fall_pct = 12.5"
    nbformat.write(notebook, path)
    assert validate(path) == []
    blank.source = "fall_pct = 12.5\n1 / 0"
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("check(")]
    nbformat.write(notebook, path)
    gone, stops, *_ = validate(path)
    assert gone.startswith("the check of fall is gone") and "ZeroDivisionError" in stops


def test_solutions_show_each_student_s_own_figures_after_the_day(course):
    problem_set = source.load(course / "sets" / "01-start" / "source.ipynb")
    students, pages = roster.read(course / "roster.csv"), course / "pages"
    released = Released.read(release(problem_set, students, SECRET, "t", course / "out"))
    given = {"released": released, "students": roster_of(released, students)}
    given |= {"out": pages, "after": date(2026, 12, 1)}
    with pytest.raises(ValueError, match="solutions are kept until 2026-12-01 is over"):
        solutions(problem_set, **given, today=date(2026, 12, 1))
    assert solutions(problem_set, **given, today=date(2026, 12, 2)) == ["s2"]
    assert [path.name for path in pages.iterdir()] == ["s1.html"]
    (assigned, solved), *_ = assign(problem_set, students, SECRET, "t")
    page = (pages / "s1.html").read_text(encoding="utf-8")
    assert str(solved.right["fall"]["fall_pct"]) in page and assigned.code in page
    assert not [word for word in ("SOLUTION", "predict(", solve.__name__ + "(") if word in page]


def test_a_class_s_page_its_gradebook_and_its_likeness_are_written_for_the_lecturer_alone(course, command, refused):
    planted = plant(source.load(course / "sets" / "01-start" / "source.ipynb"), random.Random(1), 4)
    planted.graded(course / "grades")
    own = ["--sets", "sets"]
    code, output, _ = command("analysis", "grades", "--out", "shown", *own)
    assert code == 0 and "names no student" in output
    assert sorted(path.name for path in (course / "shown").iterdir()) == ["analysis.html", "items.csv"]
    assert command("likeness", "01", "--results", "grades", "--out", "alike.html", *own)[0] == 0
    code, output, _ = command("gradebook", "grades", "--out", "book.csv", "--proposal", "--weight", "01=2")
    assert (code, (course / "book.csv").stat().st_mode & 0o777) == (0, 0o600) and "nobody has confirmed" in output
    refused(["gradebook", "grades", "--out", "other.csv"], "nobody has confirmed the marks")
    refused(["gradebook", "grades", "--out", "other.csv", "--proposal", "--weight", "01"], "--weight takes SET=NUMBER")
    refused(["gradebook", "grades", "--out", "grades/book.csv", "--proposal"], "no file of the results")
    refused(
        ["likeness", "01", "--results", "grades", "--out", "no/alike.html", *own], "a file in a folder that is there"
    )
    refused(["analysis", "grades", "--out", "grades/shown", *own], "must be no folder of the results")
    zipped = ["export", "01", "--results", "grades", "--lms", "moodle", "--out", "m.csv", "--proposal", "--everyone"]
    refused([*zipped, "--feedback", "f.zip"], "is not named as Moodle names a file")
    refused([*zipped, "--feedback", "m.csv"], "are two files")
