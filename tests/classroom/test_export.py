"""Grades for importers and spreadsheets: who is who, nothing computed, nobody silently left out."""

import csv
import io
import random
import re

import pandas as pd
import pytest

from casestudy.classroom.grading.export import DIALECTS, advice, export
from casestudy.classroom.release import roster
from casestudy.classroom.spreadsheets import neutral

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework (77),Exercise 2 (78),Assignments Current Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,10.00,12.00,(read only)\n"
    '"Lovelace, Ada",9001,s1,ada@x.org,"A, B",7,,50\n'
    '"Bohr, Bo",9002,,bo@x.org,A,,3,\n'
    '"Curie, Cy",9003,,,A,,,\n'
    '"Student, Test",9004,,,A,,,\n'
)


@pytest.fixture
def students(tmp_path):
    path = tmp_path / "roster.csv"
    lines = "student_id,name,email,group\ns1,Ada Lovelace,ada@x.org,\ns2,Bo Bohr,bo@x.org,\ns3,Cy Curie,cy@x.org,\n"
    path.write_text(lines, encoding="utf-8")
    return roster.read(path)


@pytest.fixture
def canvas_file(tmp_path):
    def write(text=CANVAS):
        path = tmp_path / "canvas.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return write


def graded(**rows):
    """Rows `id=(status, q1, why)`; their total is the sum."""
    made = {
        id: {"status": status, "flags": "", "late_minutes": "", "q1": q1, "why": why}
        | {"total": q1 + (why or 0), "out_of": 12}
        for id, (status, q1, why) in rows.items()
    }
    return pd.DataFrame.from_dict(made, orient="index").rename_axis("student_id")


ALL = {"s1": ("ok", 8.5, 2.0), "s2": ("ok", 0.0, 1.0), "s3": ("cell_error", 4.0, 0.0)}


def cells(text, delimiter=","):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_moodle_gets_the_identity_the_grade_and_the_feedback(students):
    text, left_out = export(graded(**ALL), students, "moodle", assignment="02-satisfaction")
    header, first, *rest = cells(text)
    assert header == [
        "Email address",
        "Assignment: 02-satisfaction (Real)",
        "Assignment: 02-satisfaction (Feedback)",
    ]
    assert first == ["ada@x.org", "10.5", "q1 8.5; why 2. Together 10.5 of 12."]
    assert len(rest) == 2 and left_out == []


def test_moodle_goes_by_id_where_an_email_is_missing_and_refuses_one_email_for_two(students):
    students.loc["s2", "email"] = ""
    assert [row[0] for row in cells(export(graded(**ALL), students, "moodle")[0])] == [
        "ID number",
        "s1",
        "s2",
        "s3",
    ]
    students.loc["s2", "email"] = "ada@x.org"
    with pytest.raises(ValueError, match="two students have the email 'ada@"):
        export(graded(**ALL), students, "moodle")


def test_canvas_gets_its_own_columns_back_with_one_assignment_filled_in(students, canvas_file):
    text, left_out = export(graded(**ALL), students, "canvas", canvas_file=canvas_file(), assignment="Exercise 2")
    assert cells(text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Exercise 2 (78)"],
        ["", "", "", "", "", ""],
        ["    Points Possible", "", "", "", "", "12.00"],
        ["Lovelace, Ada", "9001", "s1", "ada@x.org", "A, B", "10.5"],
        ["Bohr, Bo", "9002", "", "bo@x.org", "A", "1"],
        ["Curie, Cy", "9003", "", "", "A", "4"],
    ]
    assert left_out == []


def test_canvas_columns_are_named_one_at_a_time_by_name_or_number(students, canvas_file):
    for wanted in ("78", "exercise 2 (78)"):
        text, _ = export(graded(**ALL), students, "canvas", canvas_file=canvas_file(), assignment=wanted)
        assert cells(text)[0][-1] == "Exercise 2 (78)"
    for wanted in ("", "Exercise 3", "Assignments Current Score"):
        with pytest.raises(ValueError, match=r"it has Homework \(77\), Exercise 2 \(78\)"):
            export(graded(**ALL), students, "canvas", canvas_file=canvas_file(), assignment=wanted)


def test_a_canvas_row_that_fits_two_students_is_told_and_not_guessed(students, canvas_file):
    path = canvas_file(CANVAS.replace("9001,s1,ada@x.org", "9001,s1,bo@x.org"))
    text, left_out = export(graded(**ALL), students, "canvas", canvas_file=path, assignment="78")
    assert "Ada" not in text
    assert left_out == ["s1 and s2: one row of canvas.csv fits both", "s1: not in canvas.csv"]
    twins = students.assign(name="Cy Curie")
    text, left_out = export(graded(**ALL), twins, "canvas", canvas_file=canvas_file(), assignment="78")
    assert "Curie" not in text and left_out[-1] == "s3: not in canvas.csv"
    with pytest.raises(ValueError, match="two rows fit 's2'"):
        path = canvas_file(CANVAS + '"Bohr, Bo",9009,s2,,A,,,\n')
        export(graded(**ALL), students, "canvas", canvas_file=path, assignment="78")


def test_another_maximum_in_canvas_is_told(students, canvas_file):
    _, said = export(graded(**ALL), students, "canvas", canvas_file=canvas_file(), assignment="77")
    assert said == ["Canvas counts Homework (77) out of 10.00, the set out of another total"]


def test_a_canvas_file_with_semicolons_is_read(students, canvas_file):
    path = canvas_file(CANVAS.replace('"A, B"', "A").replace(", ", "| ").replace(",", ";").replace("| ", ", "))
    text, left_out = export(graded(**ALL), students, "canvas", canvas_file=path, assignment="78")
    assert cells(text)[3][0] == "Lovelace, Ada" and left_out == []


def test_what_waits_for_a_person_stays_at_home_and_is_told(students, canvas_file):
    rows = graded(s1=("timeout_cpu", 2.0, 1.0), s2=("ok", 3.0, ""), s3=("missing", 0.0, ""))
    text, left_out = export(rows, students, "moodle")
    assert len(cells(text)) == 1
    assert left_out == ["s1: the status timeout_cpu needs a person", "s2: not read yet: why", "s3: handed nothing in"]
    text, left_out = export(rows, students, "moodle", everyone=True)
    assert [row[:2] for row in cells(text)[1:]] == [["ada@x.org", "3"], ["bo@x.org", "3"], ["cy@x.org", "0"]]
    assert "why not read yet" in text and left_out == []


def test_nobody_is_sent_an_empty_grade_even_when_all_are_sent(students):
    rows = graded(s1=("ok", 8.0, 1.0), s2=("ok", 8.0, 1.0)).astype(object)
    rows.loc["s2", "total"] = ""
    text, left_out = export(rows, students, "moodle", everyone=True)
    assert len(cells(text)) == 2 and left_out == ["s3: not in the grades", "s2: has no total"]


def test_a_european_spreadsheet_gets_semicolons_commas_and_a_mark(students):
    text, _ = export(graded(**ALL), students, "csv", "excel-eu")
    assert text.startswith("\ufeffstudent_id;name;") and "\r\n" in text
    assert cells(text, ";")[1][-4:] == ["8,5", "2", "10,5", "12"]
    assert cells(text, ";")[1][2] == "ada@x.org"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "\x00="])
def test_no_cell_begins_like_a_formula_whatever_separates(students, begins):
    hostile = begins + 'HYPERLINK("http://x")'
    students.loc["s1", "name"] = f'Ada;{hostile}\n{hostile},{hostile}"{hostile}'
    students.loc["s2", "name"] = hostile
    grades = graded(**ALL).assign(feedback=hostile)
    for kind in ("csv", "moodle"):
        for dialect in DIALECTS:
            text, _ = export(grades, students, kind, dialect)
            for delimiter in ",;\t":
                for row in cells(text, delimiter):
                    assert not [cell for cell in row if cell.strip().startswith(("=", "+", "-", "@", "＝", "\x00"))]


def test_a_sign_is_made_harmless_where_some_separator_begins_a_cell_and_nowhere_else():
    rng = random.Random(7)
    for _ in range(3000):
        text, harmless = "".join(rng.choice(' \t\r\n,;|"=-a') for _ in range(rng.randrange(12))), ""
        for at, letter in enumerate(text):
            before = text[:at].rstrip()
            begins = not before or before[-1] in ',;|"' or re.search(r"[\t\r\n]", text[len(before) : at])
            harmless += f"'{letter}" if letter in "=-" and begins else letter
        assert neutral(text) == harmless


def test_what_an_importer_looks_up_stays_letter_by_letter_and_nothing_in_it_calls(students, canvas_file):
    students.loc["s1", "email"], students.loc["s2", "email"] = "-lee+x@x.org", "+cmd|' /c'!A1"
    rows = cells(export(graded(**ALL), students, "moodle")[0])
    assert [row[0] for row in rows[1:]] == ["-lee+x@x.org", "'+cmd|' /c'!A1", "cy@x.org"]
    path = canvas_file(CANVAS.replace("ada@x.org", "-lee@x.org").replace('"Lovelace, Ada"', '"-Lee, Ann"'))
    rows = cells(export(graded(**ALL), students, "canvas", canvas_file=path, assignment="78")[0])
    assert rows[3][:4] == ["'-Lee, Ann", "9001", "s1", "-lee@x.org"]


def test_a_number_stays_a_number_beside_words_and_below_zero(students):
    rows = graded(**ALL).astype(object)
    rows.loc["s1", ["q1", "why", "late_minutes"]] = ["-1.5", "", "unknown"]  # as grades.csv is read again
    row = cells(export(rows, students, "csv", "excel-eu")[0], ";")[1]
    assert row[6:9] == ["unknown", "-1,5", ""]
    rows.loc["s1", "q1"] = "8.0"
    assert "q1 8; why not read yet" in export(rows, students, "moodle", everyone=True)[0]


def test_ids_keep_their_zeros_and_lone_surrogates_do_not_stop_the_writing(students):
    students = students.rename(index={"s1": "0012"})
    students.loc["s2", "name"] = "Bo \ud800"
    text, _ = export(graded(**{"0012": ("ok", 1.0, 1.0)}), students, "csv", "excel-eu")
    assert cells(text, ";")[1][0] == "0012" and text.encode("utf-8")


def test_a_stranger_a_doubled_row_and_an_unknown_format_are_refused(students, canvas_file):
    with pytest.raises(ValueError, match="'s9', who is not in the roster"):
        export(graded(s9=("ok", 1.0, 1.0)), students, "csv")
    with pytest.raises(ValueError, match="the grades name 's1' twice"):
        export(pd.concat([graded(**ALL)] * 2), students, "csv")
    with pytest.raises(ValueError, match="lms is one of moodle, canvas, csv"):
        export(graded(**ALL), students, "blackboard")
    with pytest.raises(ValueError, match="Canvas takes its assignment column"):
        export(graded(**ALL), students, "canvas")
    with pytest.raises(ValueError, match="is no gradebook exported from Canvas"):
        export(graded(**ALL), students, "canvas", canvas_file=canvas_file("Name,Mark\n"))


def test_what_to_choose_in_moodle_is_said_and_where_decimal_commas_are_refused():
    (plain,), (european,) = advice("moodle", "plain"), advice("moodle", "excel-eu")
    assert "Comma" in plain and "Semicolon" in european and "--dialect plain" in european
    assert advice("canvas", "plain") == advice("csv", "excel-eu") == []
