"""Whatever one file does, it is that student's alone; and what stands is not dropped by what comes later."""

import json
import subprocess
import sys
import zipfile

import nbformat
import pytest
from handed_in import add_text, answered

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import grade, results
from casestudy.classroom.records import Record, read
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.classroom.submissions.reader import Reader

SECRET = b"a secret of the course, long enough"
GRADE = ["grade", "01", "--sets", "sets", "--release", "release", "--out", "out", "--submissions"]
SMALL = """
import sys
from pathlib import Path
from casestudy.classroom.sets import source
from casestudy.classroom.submissions.reader import Reader
course, code = Path(sys.argv[1]), sys.argv[2]
with Reader(source.load(course / "sets" / "01-start" / "source.ipynb"), memory_mb=8) as small:
    for path in (course / "large.ipynb", course / "back" / "a.ipynb"):
        print(small.opened(path.read_bytes(), code).problem)
"""  # in a process of its own: a test's has memory to spare that no limit counts as new
ODD = {  # one cell each, which nobody foresaw when these were written
    "a heading whose level is no whole number": {"cell_type": "heading", "level": 2.0, "source": "x"},
    "a heading whose level is a list": {"cell_type": "heading", "level": [2], "source": "x"},
    "a heading whose level is true": {"cell_type": "heading", "level": True, "source": "x"},
    "a type that is a list": {"cell_type": ["code"], "source": "x"},
    "a text that is a number": {"cell_type": "code", "source": 5},
    "tags that are numbers": {"cell_type": "code", "source": "1", "metadata": {"tags": [5, None, {}]}},
    "a grade_id that is a list": {"cell_type": "code", "source": "1", "metadata": {"nbgrader": {"grade_id": ["fall"]}}},
}


@pytest.fixture
def course(tmp_path, walls):
    """The starting set with one text, released to three who all answered rightly."""
    return released_to("abc", tmp_path)


def released_to(ids, tmp_path):
    path = new.new(tmp_path / "sets" / "01-start")
    add_text(path)
    (tmp_path / "roster.csv").write_text("\n".join(["student_id", *ids]) + "\n", encoding="utf-8")
    problem_set = source.load(path)
    out = release(problem_set, roster.read(tmp_path / "roster.csv"), SECRET, "t", tmp_path / "release")
    (tmp_path / "back").mkdir()
    for id, assigned in Released.read(out).students.items():
        copy = answered(problem_set, assigned.code, f"Words of {id * 3}.")
        nbformat.write(copy, tmp_path / "back" / f"{id}.ipynb")
    return tmp_path


def grades(course):
    return results.read_grades(course / "out")


@pytest.fixture
def course_with_odd_ones(tmp_path, walls):
    """Two students, and one more for each odd cell, which stands in that one's notebook."""
    course = released_to(["a", "b", *(f"odd{number}" for number in range(len(ODD)))], tmp_path)
    for number, cell in enumerate(ODD.values()):
        path = course / "back" / f"odd{number}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"].append({"metadata": {}} | cell)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return course


def test_an_odd_cell_costs_nobody_else_anything(course_with_odd_ones):
    problem_set = source.load(course_with_odd_ones / "sets" / "01-start" / "source.ipynb")
    folders = (course_with_odd_ones / name for name in ("release", "back", "out"))
    table = grade(problem_set, *folders).grades
    assert table.loc[["a", "b"], "fall"].tolist() == [2.0, 2.0]
    for record in results.Results.read(course_with_odd_ones / "out").records:
        damaged = record.status == "damaged" and record.errors[0].startswith("damaged: ")
        assert damaged or (record.status, table.loc[record.id, "fall"]) == ("ok", 2.0), record.id


def test_what_a_file_makes_the_grader_raise_is_that_file_s(course, command, monkeypatch):
    def stumbles(*given, usual=results.sha):
        raise ZeroDivisionError("over one student")

    monkeypatch.setattr("casestudy.classroom.sandbox.sandbox.Sandbox.run", stumbles)
    assert command(*GRADE, "back")[0] == 0
    assert grades(course)["status"].tolist() == ["damaged"] * 3
    assert (
        "the grader stopped at it (ZeroDivisionError: over one student)" in (course / "out/feedback/a.html").read_text()
    )


def test_a_member_that_is_spoilt_is_its_student_s_and_not_the_zip_s(course, command):
    delivery = course / "back.zip"
    with zipfile.ZipFile(delivery, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((course / "back").iterdir()):
            archive.write(path, path.name)
    with zipfile.ZipFile(delivery) as archive:
        entry = archive.getinfo("b.ipynb")
        begins = entry.header_offset + 30 + len("b.ipynb")
    content = bytearray(delivery.read_bytes())
    content[begins + 40 : begins + 80] = b"\xff" * 40
    delivery.write_bytes(content)
    code, _, complaints = command(*GRADE, "back.zip")
    assert code == 0 and "b.ipynb: cannot be read" in complaints
    assert grades(course)["status"].tolist() == ["ok", "damaged", "ok"]


def test_a_file_that_takes_too_long_or_too_much_is_damaged_and_the_next_is_read(course):
    problem_set = source.load(course / "sets" / "01-start" / "source.ipynb")
    code = Released.read(course / "release").students["a"].code
    fine = (course / "back" / "a.ipynb").read_bytes()
    with Reader(problem_set, seconds=0.0) as hasty:
        assert "takes longer than 0 seconds" in hasty.opened(fine, code).problem
    notebook = json.loads(fine)
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "x" * 15_000_000})
    large = json.dumps(notebook).encode()
    with Reader(problem_set) as ordinary:
        assert ordinary.opened(large, code).problem == ""
    (course / "large.ipynb").write_bytes(large)
    said = subprocess.run(
        [sys.executable, "-c", SMALL, course, code], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["damaged: ended the process that read it", ""]


def test_one_student_s_slow_files_together_have_an_end_and_the_others_are_read(course, monkeypatch):
    problem_set = source.load(course / "sets" / "01-start" / "source.ipynb")
    codes = {id: assigned.code for id, assigned in Released.read(course / "release").students.items()}
    monkeypatch.setattr("casestudy.classroom.submissions.reader.TOGETHER", 0.0)
    fine = {id: (course / "back" / f"{id}.ipynb").read_bytes() for id in "ab"}
    with Reader(problem_set) as reader:
        assert reader.opened(fine["a"], codes["a"]).problem == ""
        assert "other files of the same student" in reader.opened(fine["a"], codes["a"]).problem
        assert reader.opened(fine["b"], codes["b"]).problem == ""


# What stands


def test_records_torn_within_a_letter_are_read_up_to_there(course, command):
    command(*GRADE, "back")
    before = grades(course)
    with (course / "out" / "records.jsonl").open("ab") as lines:
        lines.write(b'{"id": "a\xc3')
    assert command(*GRADE, "back", "--resume")[0] == 0
    assert grades(course).equals(before)


def test_a_smaller_delivery_keeps_everybody_else_s_marks_and_texts(course, command):
    command(*GRADE, "back")
    sheet = course / "out" / "texts" / "why.csv"
    sheet.write_text(sheet.read_text("utf-8-sig").replace("Words of aaa.,", "Words of aaa.,2"), encoding="utf-8")
    command(*GRADE, "back", "--resume", "--manual", "out/texts/why.csv")
    before = grades(course)
    assert before["total"].tolist() == [4.0, 2.0, 2.0]
    (course / "late").mkdir()
    (course / "late" / "c.ipynb").write_bytes((course / "back" / "c.ipynb").read_bytes() + b" ")
    code, _, complaints = command(*GRADE, "late", "--resume")
    assert (code, complaints) == (0, "2 of whom nothing came this time keep what stands: a, b\n")
    assert grades(course).equals(before.assign(attempts=[1, 1, 2]))
    page = (course / "out" / "feedback" / "a.html").read_text(encoding="utf-8")
    assert "No notebook of yours was found" not in page


def test_of_several_earlier_ones_the_last_stands(course, command):
    command(*GRADE, "back")
    path = course / "back" / "a.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("fall_pct = ", "fall_pct = 1 + "), encoding="utf-8")
    command(*GRADE, "back", "--resume")
    assert grades(course).loc["a", "fall"] == 0.0
    path.unlink()
    command(*GRADE, "back", "--resume")
    assert grades(course).loc["a", "fall"] == 0.0


def test_a_later_file_that_cannot_be_read_does_not_undo_one_that_could(course, command):
    command(*GRADE, "back")
    (course / "back" / "b.ipynb").write_bytes(b"{")
    command(*GRADE, "back", "--resume")
    assert grades(course).loc["b", ["status", "fall"]].tolist() == ["ok", 2.0]


def test_only_a_command_that_says_so_removes_what_was_handed_in(course, command):
    command(*GRADE, "back")
    assert command("withdraw", "01", "b", "--sets", "sets", "--results", "out")[1].startswith("b: 1 records removed")
    assert grades(course)["status"].tolist() == ["ok", "missing", "ok"]
    assert {record.id for record in read(course / "out" / "records.jsonl")} == {"a", "c"}
    (course / "back" / "b.ipynb").unlink()
    command(*GRADE, "back", "--resume")
    assert grades(course)["status"].tolist() == ["ok", "missing", "ok"]
    assert (
        "no record of 'x'; there are: a, b, c"
        in command("withdraw", "01", "x", "--sets", "sets", "--results", "out")[2]
    )


def test_a_question_that_was_answered_in_words_cannot_be_lost_with_a_corrected_source(course, command, refused):
    command(*GRADE, "back")
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace('"why"', '"reason"'), encoding="utf-8")
    words = ["rescore", "01", "--sets", "sets", "--results", "out"]
    refused(words, "got points from a person: why is gone; put it back under that id")


def test_points_of_a_marker_beyond_what_a_corrected_question_counts_are_looked_at(course, command):
    command(*GRADE, "back")
    sheet = course / "out" / "texts" / "why.csv"
    sheet.write_text(sheet.read_text("utf-8-sig").replace("Words of aaa.,", "Words of aaa.,2"), encoding="utf-8")
    command(*GRADE, "back", "--resume", "--manual", "out/texts/why.csv")
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace('"points": 3', '"points": 1'), encoding="utf-8")
    assert command("rescore", "01", "--sets", "sets", "--results", "out")[0] == 0
    assert "a (why: 2 of 1)" in (course / "out" / "summary.html").read_text(encoding="utf-8")


def test_a_record_of_an_earlier_version_is_read():
    old = {"id": "s1", "sha256": "ab", "code": "GGSJ-P359-Y", "status": "ok", "values": {"x": 1.0}, "wall_s": 2.0}
    assert Record.from_json(old) == Record("s1", "ok", "GGSJ-P359-Y", sha256="ab", values={"x": 1.0})
