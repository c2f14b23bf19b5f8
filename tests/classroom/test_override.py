"""A person has the last word: points with a reason, which outlive later grading and are told where they count."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from handed_in import add_text, answered

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import grade, results
from casestudy.classroom.grading.export import export
from casestudy.classroom.grading.override import read
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.classroom.sets.question import role

SECRET = b"a secret of the course, long enough"
KEPT = ["--sets", "sets", "--results", "out"]
GRADE = ["grade", "01", "--sets", "sets", "--release", "release", "--out", "out", "--submissions", "back"]
EXPORT = ["export", "01", "--results", "out", "--lms", "moodle", "--out", "moodle.csv"]
CONFIRM = ["confirm", "01", *KEPT, "--by", "A. Lecturer"]
RESCORE = ["rescore", "01", *KEPT]
TYPED = {"a": "{right!r}", "b": "'{right!r}'", "c": "1.5", "f": "1.5"}  # right, in quotation marks, wrong
WHY = "Right, but in <b>quotes</b>."


@pytest.fixture(scope="module")
def once(tmp_path_factory, walls):
    """The starting set with one text, graded: a right, b right in quotes, c and f wrong, d damaged, e and g missing."""
    course = tmp_path_factory.mktemp("once")
    path = new.new(course / "sets" / "01-start")
    add_text(path)
    lines = [f"{id},{id}@x.org,{'g' if id in 'fg' else ''}" for id in "abcdefg"]
    (course / "roster.csv").write_text("\n".join(["student_id,E-Mail,group", *lines]) + "\n", encoding="utf-8")
    problem_set, students = source.load(path), roster.read(course / "roster.csv")
    release(problem_set, students, SECRET, "t", course / "release")
    (course / "back").mkdir()
    for id, typed in TYPED.items():
        hand_in(course, id, typed)
    (course / "back" / "d.ipynb").write_bytes(b"{")
    grade(problem_set, course / "release", course / "back", course / "out", roster=course / "roster.csv")
    return course


@pytest.fixture
def graded(once, tmp_path):
    """A course of one's own to change."""
    return Path(shutil.copytree(once, tmp_path / "course"))


@pytest.fixture
def course(graded):
    """Where commands are typed."""
    return graded


def hand_in(course, id, typed, name=""):
    """What a student wrote as their one answer; `{right}` stands for the right value."""
    problem_set = source.load(course / "sets" / "01-start" / "source.ipynb")
    code = Released.read(course / "release").students[id].code
    copy = answered(problem_set, code, f"Words of {id * 3}.", typed)
    nbformat.write(copy, course / "back" / f"{id}{name}.ipynb")


def give(*words, reason=WHY):
    return ["override", "01", *words, *(["--reason", reason] if reason else []), *KEPT]


def points(course, question="fall"):
    return results.read_grades(course / "out")[question].to_dict()


def page(course, id):
    return " ".join((course / "out" / "feedback" / f"{id}.html").read_text(encoding="utf-8").split())


def summary(course):
    return (course / "out" / "summary.html").read_text(encoding="utf-8")


def explained(command, id, question="fall"):
    said = json.loads(command("explain", "01", id, *KEPT)[1])
    return next(one for one in said["questions"] if one["question"] == question)


def test_points_given_by_a_person_count_and_are_told_with_the_reason(graded, command):
    assert command(*give("b", "fall", "1,5")) == (0, "b fall: 1.5 given, 0 before\n", "")
    row = results.read_grades(graded / "out").loc["b"]
    assert (row["fall"], row["total"], row["overridden"]) == (1.5, 1.5, "fall")
    said = '<span class="mark">1.5 of 2</span>: given by a person: <bdi>Right, but in &lt;b&gt;quotes&lt;/b&gt;.</bdi>'
    assert said in page(graded, "b") and "given by a person" not in page(graded, "c")
    assert "<bdi>Right, but in &lt;b&gt;quotes&lt;/b&gt;.</bdi>" in summary(graded)
    about = explained(command, "b")
    assert (about["points"], about["note"], about["override"]["reason"], about["override"]["before"]) == (
        1.5,
        "given",
        WHY,
        0.0,
    )
    command(*EXPORT, "--proposal", "--everyone")
    text = (graded / "moodle.csv").read_text(encoding="utf-8")
    assert f"b@x.org,1.5,A proposal, which nobody has confirmed. fall 1.5 (given by a person: {WHY})" in text.replace(
        '"', ""
    )


def test_a_person_s_points_outlive_resume_rescore_and_confirm(graded, command):
    command(*give("c", "why", "3"))
    command(*give("b", "fall", "2"))
    for again in ([*GRADE, "--resume"], RESCORE, CONFIRM, [*GRADE, "--resume", "--roster", "roster.csv"]):
        assert command(*again)[0] == 0
        assert (points(graded)["b"], points(graded, "why")["c"]) == (2.0, "3.0"), again
    assert "2 of 2</span>: given by a person" in page(graded, "b")


def test_a_person_s_points_come_before_a_marker_s(graded, command):
    sheet = graded / "out" / "texts" / "why.csv"
    filled = sheet.read_text("utf-8-sig").replace("Words of ccc.,", "Words of ccc.,1")
    (graded / "read.csv").write_text(filled, encoding="utf-8")
    command(*give("c", "why", "3"))
    command(*GRADE, "--resume", "--manual", "read.csv")
    assert points(graded, "why")["c"] == "3.0" and "Texts not read yet" in summary(graded)
    assert command("override", "01", "c", "why", "--undo", *KEPT)[1] == "c why: 1 again, 3 before\n"
    assert points(graded, "why")["c"] == "1.0" and "given by a person" not in page(graded, "c")


def test_whoever_has_no_readable_file_may_be_given_points_and_all_of_them_settle_it(graded, command):
    for id, happened in (("d", "could not be read as a notebook"), ("e", "No notebook of yours was found")):
        assert command(*give(id, "fall", "2"))[0] == 0
        assert "2 of 5 points</strong>, for the time being" in page(graded, id) and happened in page(graded, id)
        assert f"{id}: " in command(*EXPORT, "--proposal")[2]
        command(*give(id, "why", "0"))
        assert "Nothing is decided" not in page(graded, id) and words_of_decision(page(graded, id))
        assert f"{id}: " not in command(*EXPORT, "--proposal")[2]
    assert "Not readable as a notebook" not in summary(graded)


def words_of_decision(text):
    return "A person has given the points of every question." in text and "for the time being" not in text


def test_a_correction_that_gives_as_much_says_that_the_override_is_no_longer_needed(graded, command):
    command(*give("c", "fall", "2"))
    command(*give("a", "fall", "0", reason="Copied."))  # which takes points: the source has not come to that
    assert command(*RESCORE)[1] == "nobody changed\n"
    path = graded / "sets" / "01-start" / "source.ipynb"
    notebook = nbformat.read(path, 4)
    check = next(cell for cell in notebook.cells if role(cell) == "check")
    check.metadata["casestudy"]["answers"]["fall_pct"]["atol"] = 1000
    nbformat.write(notebook, path)
    said = command(*RESCORE)[1]
    assert "the override of c fall is no longer needed: it gave 2, and 2 stand without it" in said
    assert "override of a" not in said and points(graded) | {"f": 0, "g": 0} == dict.fromkeys("abcdefg", 0) | {"c": 2.0}
    assert "c (fall: 2 given, 2 without)" in summary(graded) and "a (fall" not in summary(graded)


def test_a_question_that_counts_less_by_now_and_another_file_call_a_person(graded, command):
    command(*give("c", "fall", "2"))
    hand_in(graded, "c", "2.5")
    command(*GRADE, "--resume")
    assert points(graded)["c"] == 2.0 and "Points given by a person for another file than this" in summary(graded)
    path = graded / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace('"points": 2', '"points": 1'), encoding="utf-8")
    command(*RESCORE)
    assert "c (fall: 2 of 1)" in summary(graded)


def test_an_override_ends_a_confirmation_for_it_was_of_other_marks(graded, command):
    command(*CONFIRM)
    assert "the confirmation by A. Lecturer has lapsed" in command(*give("b", "fall", "2"))[1]
    assert results.Results.read(graded / "out").confirmed == "" and "confirmed by" not in summary(graded)
    command(*CONFIRM)
    assert command(*give("b", "fall", "2"))[1] == "nothing was changed\n"
    assert results.Results.read(graded / "out").confirmed == "A. Lecturer"


def test_a_table_of_points_comes_back_with_what_was_changed_in_it(graded, command):
    assert command("override", "01", "--template", "points.csv", *KEPT)[0] == 0
    path = graded / "points.csv"
    text = path.read_text("utf-8-sig")
    assert text.splitlines()[:2] == ["student_id,question,points,out_of,before,reason", "a,fall,2,2,2,"]
    assert command("override", "01", "--from", "points.csv", *KEPT)[1] == "nothing was changed\n"
    changed = text.replace("b,fall,0,2,0,", "b,fall,2,2,0,Plainly right.").replace(
        "d,why,0,3,0,", "d,why,1,3,0,By mail."
    )
    path.write_text(changed.replace(",", ";"), encoding="cp1252")  # as a spreadsheet here and there saves it
    assert command("override", "01", "--from", "points.csv", *KEPT)[1].splitlines() == [
        "b fall: 2 given, 0 before",
        "d why: 1 given, 0 before",
    ]
    assert points(graded)["b"] == 2.0 and command("override", "01", "--from", "points.csv", *KEPT)[1][:7] == "nothing"
    assert "is there already" in command("override", "01", "--template", "points.csv", *KEPT)[2]
    (graded / "short.csv").write_text("ID,Question,Points,Reason\n", encoding="utf-8")
    assert "there is no student_id" in command("override", "01", "--from", "short.csv", *KEPT)[2]
    (graded / "short.csv").write_text("Student ID,Question,Points,Reason\nc,fall,1,Half.\n", encoding="utf-8")
    assert command("override", "01", "--from", "short.csv", *KEPT)[1] == "c fall: 1 given, 0 before\n"


ROWS = "student_id,question,points,reason\nb,fall,2,Right.\n"


REFUSED = [
    (["x", "fall", "1"], WHY, "out has no record of 'x'; there are: a, b, c, d, e, f, g"),
    (["b", "fal", "1"], WHY, "no question 'fal'; did you mean 'fall'?"),
    (["b", "fall", "2.5"], WHY, "points of fall go from 0 to 2: got '2.5'"),
    (["b", "fall", "nan"], WHY, "points of fall go from 0 to 2: got 'nan'"),
    (["b", "fall", "1e0"], WHY, "points of fall go from 0 to 2: got '1e0'"),
    (["b", "fall", "1"], "", "a reason of at most 500 characters is needed, got nothing"),
    (["b", "fall", "1"], " \n", "a reason of at most 500 characters is needed, got nothing"),
    (["b", "fall", "1"], "x" * 501, "a reason of at most 500 characters is needed, got 501 characters"),
    (["b", "fall"], WHY, "override takes one of these"),
    (["b", "fall", "--undo"], "", "b has no override of 'fall'; there are none"),
    (["b", "fall", "1", "--undo"], "", "override takes one of these"),
    (["b", "--template", "points.csv"], "", "override takes one of these"),
    (["--from", "none.csv"], "", "cannot read none.csv"),
    (["--from", "rows.csv"], "", "rows.csv row 3: points of fall go from 0 to 2: got '3'"),
    (["--from", "twice.csv"], "", "twice.csv row 3: b fall stands in two rows"),
    (["--from", "bare.csv"], "", "bare.csv row 3: the student reads why"),
]


def test_what_cannot_be_given_is_refused_and_nothing_is_changed(graded, refused):
    (graded / "rows.csv").write_text(f"{ROWS}c,fall,3,More.\n", encoding="utf-8")
    (graded / "twice.csv").write_text(f"{ROWS}b,fall,1,Half.\n", encoding="utf-8")
    (graded / "bare.csv").write_text(f"{ROWS}c,fall,1,\n", encoding="utf-8")
    before = (graded / "out" / "grading.json").read_bytes()
    for words, reason, refusal in REFUSED:
        refused(give(*words, reason=reason), refusal)
    assert (graded / "out" / "grading.json").read_bytes() == before


def test_withdrawing_a_student_takes_the_points_given_along(graded, command):
    command(*give("b", "fall", "2"))
    assert "1 records and 1 overrides removed" in command("withdraw", "01", "b", *KEPT)[1]
    assert points(graded)["b"] == 0.0 and "quotes" not in (graded / "out" / "grading.json").read_text("utf-8")


# Leaving the house


def test_marks_that_nobody_confirmed_are_exported_as_a_proposal_alone(graded, command, refused):
    refused(EXPORT, "nobody has confirmed the marks in out: confirm them, or export them with --proposal")
    said = command(*EXPORT, "--proposal", "--everyone")[1]
    assert said == "moodle.csv is a proposal, which nobody has confirmed\n"
    assert (graded / "moodle.csv").read_text("utf-8").count("A proposal, which nobody has confirmed. fall") == 7
    command(*CONFIRM)
    assert command(*EXPORT)[:2] == (0, "moodle.csv\n") and "proposal" not in (graded / "moodle.csv").read_text("utf-8")
    command(*GRADE, "--resume")
    refused([*EXPORT[:-1], "again.csv"], "nobody has confirmed the marks in out")


@pytest.mark.parametrize("confirmed", [True, False])
def test_grades_changed_by_hand_do_not_leave_the_house(graded, command, refused, confirmed):
    assert not confirmed or command(*CONFIRM)[0] == 0
    path = graded / "out" / "grades.csv"
    path.write_text(path.read_text("utf-8").replace("c,ok,,,1,0.0,", "c,ok,,,1,2.0,"), encoding="utf-8")
    assert points(graded)["c"] == 2.0
    withdraw = ["withdraw", "01", "b", *KEPT]
    for words in (EXPORT, [*EXPORT, "--proposal"], give("b", "fall", "1"), CONFIRM, withdraw, [*GRADE, "--resume"]):
        refused(words, "out/grades.csv is not what the marks come to now: see first what rescore changes")
    assert command(*RESCORE)[1].split()[-4:] == ["c", "fall", "2.0", "0.0"]
    assert command(*EXPORT, "--proposal")[0] == 0
    saved = path.read_text("utf-8").replace(",", ";").replace("2.0", "2").replace("f;ok;;;1;0.0", "f;ok;;;1;1,5")
    path.write_text(saved, encoding="utf-16")  # as a spreadsheet here and there saves it
    refused([*EXPORT, "--proposal"], "out/grades.csv is not what the marks come to now")
    assert [line.split() for line in command(*RESCORE)[1].splitlines()[1:]] == [["f", "fall", "1,5", "0.0"]]
    path.write_text("no table", encoding="utf-8")
    assert command(*RESCORE)[0] == 0 and command(*EXPORT, "--proposal")[0] == 0
    path.unlink()
    refused([*EXPORT, "--proposal"], "cannot read out/grades.csv: No such file or directory; rescore writes it anew")
    assert command(*RESCORE)[0] == 0 and path.exists()


def test_a_whole_table_tells_reasons_and_that_it_is_a_proposal(graded):
    kept = results.Results.read(graded / "out")
    text, _ = export(
        results.read_grades(graded / "out"),
        kept.roster(),
        "csv",
        reasons={"b": {"fall": "=1+1", "why": "Said so."}},
        proposal=True,
    )
    lines = text.splitlines()
    assert (
        lines[0].endswith(",overridden,reasons,note") and lines[1].endswith(",,,'a proposal, which nobody has") is False
    )
    assert "fall: =1+1; why: Said so." in lines[2] and all("which nobody has confirmed" in line for line in lines[1:])


# Who is to be looked at


def test_a_right_answer_in_quotation_marks_is_on_the_list_until_a_person_gives_points(graded, command):
    assert "b (fall_pct: text, not a number: take the quotation marks away)" in summary(graded)
    command(*give("b", "fall", "2"))
    assert "Answers in a form that could not be read" not in summary(graded)


def test_a_member_who_handed_in_nothing_has_the_group_s_marks_with_a_flag(graded):
    table = results.read_grades(graded / "out")
    assert table.loc[["f", "g"], "flags"].tolist() == ["", "of_group:f"] and table["attempts"].tolist()[-2:] == [1, 1]
    assert "g (f)" in summary(graded) and "the one that your group handed in was marked" in page(graded, "g")


def test_a_column_of_the_roster_that_nobody_reads_is_told(course, command):
    (course / "more.csv").write_text("student_id,E-Mail,Vorname\na,a@y.org,Ada\n", encoding="utf-8")
    assert "more.csv: not read: 'Vorname'\n" in command(*GRADE, "--resume", "--roster", "more.csv")[2]
    assert results.Results.read(course / "out").students["a"]["email"] == "a@y.org"


def test_attempts_are_counted_and_the_best_of_several_says_what_guessing_earns(course, command):
    shutil.rmtree(course / "out")
    for number in range(3):
        hand_in(course, "c", f"{number}.5", f"_{number}")
    (course / "back" / "c_again.ipynb").write_bytes((course / "back" / "c_1.ipynb").read_bytes())
    said = command(*GRADE, "--keep", "best")[2]
    assert "the best attempt counts: 1 of 7 students have more than one attempt, c the most, 3; guessing earns" in said
    assert said.count("guessing earns") == 1 and "guessing earns on average" in summary(course)
    assert results.read_grades(course / "out")["attempts"].to_dict() == dict.fromkeys("abdfg", 1) | {"c": 3, "e": 0}
    assert (
        "c (3 files)" in summary(course) and len(json.loads(command("explain", "01", "c", *KEPT)[1])["attempts"]) == 3
    )
    assert "guessing" not in command(*GRADE, "--resume", "--keep", "latest")[2] + summary(course)
    assert results.read_grades(course / "out").loc["c", "attempts"] == 3


@pytest.mark.parametrize("taken", ["attempts", "overridden", "total", "status"])
def test_a_question_is_not_called_as_a_column_of_the_grades_is(course, taken):
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text("utf-8").replace('"grade_id": "why"', f'"grade_id": "{taken}"'), encoding="utf-8")
    with pytest.raises(ValueError, match=f"grades.csv has a column '{taken}' of its own"):
        source.load(path)


def test_a_number_that_a_spreadsheet_spells_otherwise_was_not_changed(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("student_id;question;points;before;reason\na;fall;2,0;2;\nb;fall;2;;\n", encoding="utf-8")
    assert [(one.student, one.points) for one in read(table)] == [("b", "2")]


def test_an_export_never_takes_the_place_of_the_results_or_of_the_gradebook(graded, refused):
    gradebook = graded / "canvas.csv"
    gradebook.write_text("Student,ID,Section,Week 4 (77)\nx,1,A,3\n", encoding="utf-8")
    of_canvas = ["--lms", "canvas", "--canvas", "canvas.csv", "--assignment", "77"]
    for out, more in (("out/grades.csv", ["--lms", "csv"]), ("canvas.csv", of_canvas)):
        before = (graded / out).read_bytes()
        refused([*EXPORT[:4], "--proposal", "--out", out, *more], "--out must be no file of the results")
        assert (graded / out).read_bytes() == before
