"""Rosters as spreadsheets and people write them."""

import pytest

from casestudy.classroom.release import roster

PLAIN = "student_id,name\ns1,Ada\ns2,Bo\n"


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "roster.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return roster.read(path)

    return read


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace("\n", "\r\n") + "\r\n,\r\n",
        "sep=;\n" + PLAIN.replace(",", ";"),
        PLAIN.encode("utf-16"),
        PLAIN.replace("student_id", " Student_ID "),
        'student_id,name\n" s1 ","Ada"\ns2,Bo\n',
    ],
)
def test_every_spreadsheet_s_way_of_writing_gives_the_same_students(read, content):
    students = read(content)
    assert students.index.tolist() == ["s1", "s2"] and students["name"].tolist() == ["Ada", "Bo"]


@pytest.mark.parametrize("name", ["E-Mail", "e-mail", "EMAIL", "Email address", "Mail", " E_Mail "])
@pytest.mark.parametrize("id", ["student_id", "Student ID", "student-id"])
def test_a_column_is_known_however_it_is_spelt(read, id, name):
    assert read(f"{id};{name};Due-Date\ns1;a@x.org;2026-01-02\n").loc["s1", ["email", "due"]].tolist() == [
        "a@x.org",
        "2026-01-02",
    ]


def test_a_column_stands_once_however_it_is_spelt(read):
    with pytest.raises(ValueError, match="the column email stands twice"):
        read("student_id,email,E-Mail\ns1,a@x.org,b@x.org\n")


def test_columns_that_nobody_reads_are_told(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("sep=,\nstudent_id,Vorname,E-Mail,E-Mial,\ns1,Ada,a@x.org,,\n", encoding="utf-8")
    assert roster.unread(path) == ["Vorname", "E-Mial"]


def test_names_may_hold_anything(read):
    assert read("student_id,name\ns1,Żółw 🐢\n")["name"].tolist() == ["Żółw 🐢"]
    assert read("student_id,name\ns1,Müller\n".encode("cp1252"))["name"].tolist() == ["Müller"]


@pytest.mark.parametrize("id", ["../s1", "a/b", "a\\b", "🐢", "a b", ".s1", "", "con", "s1.", "a..b", "x" * 65, "=1+1"])
def test_an_id_that_is_no_plain_name_is_refused_with_its_line(read, id):
    with pytest.raises(ValueError, match=r"roster.csv line 3: student_id must be letters"):
        read(f"student_id,name\ns1,Ada\n{id},Bo\n")


def test_an_id_stands_once_and_capitals_do_not_count(read):
    with pytest.raises(ValueError, match="line 4: student_id 'S1' stands in line 2 already"):
        read("student_id\ns1\ns2\nS1\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "needs a column student_id; it has: nothing"),
        ("id,name\n1,Ada\n", "needs a column student_id; it has: id, name"),
        ("student_id,name\n", "names no student"),
        ("student_id,student_id\n1,2\n", "stands twice"),
        ("student_id,due\ns1,tomorrow\n", "line 2: due must be like 2026-12-01"),
        (b"PK\x03\x04\x00\x00student_id", "must be a text file: save the table as CSV"),
    ],
)
def test_a_roster_that_is_none_is_refused(read, content, reason):
    with pytest.raises(ValueError, match=reason):
        read(content)


def test_a_roster_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="cannot read the roster"):
        roster.read(tmp_path / "none.csv")


def test_ten_thousand_students_are_read(read):
    assert len(read("student_id\n" + "".join(f"s{i}\n" for i in range(10_000)))) == 10_000
