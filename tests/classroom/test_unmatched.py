"""A file that belongs to nobody waits in `unmatched.csv`; a person fills in whose it is, and grading reads that."""

import csv
import io

import nbformat
import pytest

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import results
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.submissions import unmatched
from casestudy.classroom.submissions.unmatched import NOBODY, Odd

SECRET = b"a secret of the course, long enough"
GRADE = ["grade", "01", "--sets", "sets", "--release", "release", "--out", "out", "--submissions"]
ROSTER = "Student ID;Name;E-Mail\na;Li Wei;a@x.org\nb;Li Wei;b@x.org\nc;Cem;c@x.org\n"
OF_A, OF_B = (f"Li Wei_{number}_assignsubmission_file_/x.ipynb" for number in (11, 12))
IDS = ["a", "b", "c"]


@pytest.fixture
def course(tmp_path, walls):
    """The starting set, released to three, of whom two have one name; each handed in."""
    path = new.new(tmp_path / "sets" / "01-start")
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    problem_set = source.load(path)
    out = release(problem_set, roster.read(tmp_path / "roster.csv"), SECRET, "t", tmp_path / "release")
    for id, name in zip(IDS, (OF_A, OF_B, "c.ipynb"), strict=True):
        (tmp_path / "back" / name).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(student_copy(problem_set, Released.read(out).students[id].code), tmp_path / "back" / name)
    return tmp_path


def rows(course):
    return unmatched.read(course / "out" / "unmatched.csv")


def fill_in(course, answers, encoding="utf-8-sig", delimiter=","):
    """Save the file as a spreadsheet does, with these ids by row."""
    filled = [row | {"id": answers.get(n, row["id"])} for n, row in enumerate(rows(course))]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, filled[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(filled)
    (course / "out" / "unmatched.csv").write_bytes(text.getvalue().encode(encoding, "replace"))


def statuses(course):
    return results.read_grades(course / "out")["status"].to_dict()


def test_students_of_one_name_are_told_apart_by_a_person_once(course, command):
    code, _, complaints = command(*GRADE, "back", "--roster", "roster.csv")
    assert code == 0 and "files that count for nobody: 2; say whose in out/unmatched.csv" in complaints
    assert statuses(course) == {"a": "missing", "b": "missing", "c": "ok"}
    seen = [(row["file"], row["number"], row["students"], row["id"]) for row in rows(course)]
    assert seen == [(OF_A, "11", "a", ""), (OF_B, "12", "b", "")], "the code in each says whose it may be"
    page = (course / "out" / "summary.html").read_text(encoding="utf-8")
    assert "What came and counts for nobody: 2" in page and OF_A in page and "fits a, b" in page
    fill_in(course, {0: "A", 1: "b"}, "cp1252", ";")
    code, _, complaints = command(*GRADE, "back", "--resume")
    assert (code, complaints) == (0, "") and set(statuses(course).values()) == {"ok"}
    assert "counts for nobody" not in (course / "out" / "summary.html").read_text(encoding="utf-8")
    (course / "back" / OF_B).rename(course / "back" / OF_B.replace("x.ipynb", "better.ipynb"))
    assert command(*GRADE, "back", "--resume")[2] == "", "the number is known by now"


def test_what_is_nobody_s_and_what_another_delivery_left_open_are_kept(course, command):
    assert command(*GRADE, "back", "--roster", "roster.csv")[0] == 0
    fill_in(course, {0: "-"})
    (course / "late").mkdir()
    (course / "back" / "c.ipynb").rename(course / "late" / "c.ipynb")
    code, _, complaints = command(*GRADE, "late", "--resume")
    assert code == 0 and "files that count for nobody: 1" in complaints
    assert [(row["file"], row["id"]) for row in rows(course)] == [(OF_A, "-"), (OF_B, "")]
    assert statuses(course)["a"] == "missing"


def test_where_nothing_fits_the_file_is_written_and_grading_goes_on_from_it(course, command):
    (course / "back" / "c.ipynb").unlink()
    code, _, complaints = command(*GRADE, "back", "--roster", "roster.csv")
    assert code == 2 and "fill in the column id of out/unmatched.csv" in complaints and complaints.count("\n") == 1
    fill_in(course, {0: "a", 1: "b"})
    assert command(*GRADE, "back", "--roster", "roster.csv")[0] == 0
    assert statuses(course) == {"a": "ok", "b": "ok", "c": "missing"}


def test_a_file_that_was_one_student_s_is_not_another_s_before_the_first_gives_it_back(course, command):
    assert command(*GRADE, "back", "--roster", "roster.csv")[0] == 0
    for answers in ({0: "a", 1: "b"}, {0: "b", 1: "a"}):
        fill_in(course, answers)
        code, _, complaints = command(*GRADE, "back", "--resume")
    assert code == 2 and f"{OF_B} is a's now, and b has a record of it: withdraw b first" in complaints
    for id in "ab":
        assert command("withdraw", "01", id, "--sets", "sets", "--results", "out")[0] == 0
    assert command(*GRADE, "back", "--resume")[0] == 0 and set(statuses(course).values()) == {"ok"}


def test_a_roster_s_number_needs_no_answer(course, command):
    (course / "roster.csv").write_text("student_id,name,LMS-ID\na,Li Wei,11\nb,Li Wei,12\nc,Cem,\n", encoding="utf-8")
    assert command(*GRADE, "back", "--roster", "roster.csv")[2] == ""
    assert set(statuses(course).values()) == {"ok"} and not (course / "out" / "unmatched.csv").exists()


def test_a_file_that_cannot_be_read_is_told_to_the_lecturer_with_the_reason(course, command):
    with (course / "back" / "c.ipynb").open("wb") as file:
        file.truncate(50_000_000)
    assert "c.ipynb: larger than 20 MB" in command(*GRADE, "back", "--roster", "roster.csv")[2]
    for page in ("summary.html", "feedback/c.html"):
        assert "larger than 20 MB" in (course / "out" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([("f:1", "aa")], "no student has the id 'aa'; did you mean 'a'?"),
        ([("f:1", "a"), ("f:1", "b")], "is given to a and to b: leave one of them"),
        ([("f:1", "a"), ("f:1", "-")], "is given to a and to -: leave one of them"),
    ],
)
def test_an_answer_that_cannot_hold_is_refused(given, reason):
    with pytest.raises(ValueError, match=reason.replace("?", r"\?")):
        unmatched.answers(({"file": "x.ipynb", "number": "", "key": key, "id": id} for key, id in given), IDS)


def test_two_rows_of_one_number_must_name_one_student():
    both = [{"file": OF_A.replace("x", x), "number": "1,1E+01", "key": f"f:{x}", "id": x} for x in "ab"]
    with pytest.raises(ValueError, match="is given to a and to b"):
        unmatched.answers(both, IDS)
    assert unmatched.answers(both[:1], IDS).numbers == {"11": "a"}, "whatever a spreadsheet made of the cell"


@pytest.mark.parametrize("text", ["file,why\nx,y\n", "", "id\na\n"])
def test_a_file_without_what_it_takes_is_refused(tmp_path, text):
    (tmp_path / "unmatched.csv").write_text(text)
    with pytest.raises(ValueError, match="needs the column id, and key, number or file"):
        unmatched.read(tmp_path / "unmatched.csv")


def test_a_mapping_written_by_hand_is_read(tmp_path):
    (tmp_path / "unmatched.csv").write_text("number\tid\n11\ta\n12\tnobody\n")
    assert unmatched.answers(unmatched.read(tmp_path / "unmatched.csv"), IDS).numbers == {"11": "a", "12": NOBODY}


def test_a_name_is_no_formula_no_second_line_and_the_same_file_again(tmp_path):
    odd = Odd('=HYPERLINK("x")\r\n\x1b[2Ja,;\t.ipynb', "fits nobody").of(b"x")
    unmatched.write(tmp_path / "u.csv", [odd], [], [])
    (row,) = unmatched.read(tmp_path / "u.csv")
    assert row["file"].startswith("'=HYPERLINK") and not set("\r\n\t\x1b") & set(row["file"])
    assert unmatched.answers([row | {"id": "a"}], IDS).of(odd) == "a"
    assert unmatched.answers([row | {"id": "a"}], IDS).of(odd.of(b"another")) == ""
    assert unmatched.answers([row | {"id": "a", "key": ""}], IDS).of(odd) == "a"


def test_a_member_of_a_group_who_sent_nothing_has_the_group_s_points_and_a_flag(course, command):
    (course / "roster.csv").write_text("student_id,name,group\na,Ada,\nb,Bo,g\nc,Cem,g\n", encoding="utf-8")
    (course / "back" / "mine.txt").write_text("no work")
    assert command(*GRADE, "back", "--roster", "roster.csv")[0] == 0
    flags = results.read_grades(course / "out")["flags"].to_dict()
    assert flags == {"a": "", "b": "of_group:c", "c": ""}
    assert "b (c)" in (course / "out" / "summary.html").read_text(encoding="utf-8")
