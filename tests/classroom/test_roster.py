"""Rosters as spreadsheets and people write them."""

import time

import pandas as pd
import pytest

from casestudy.classroom import late
from casestudy.classroom.grading.run import chosen
from casestudy.classroom.records import Record
from casestudy.classroom.release import roster
from casestudy.classroom.release.release import Assigned, Released

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
        PLAIN.replace("student_id", "Student\u00a0ID").replace(",", ";"),
        PLAIN.replace("s1", "\u200es1\u00a0"),
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


def test_a_group_is_one_however_its_spaces_and_accents_are_written_and_a_name_stays_as_it_is(read):
    students = read(
        "student_id,name,group\ns1,می\u200cخواهم,Größe 1\ns2,Bo,Gro\u0308ße\u00a01\ns3,Cy, Größe  1\u200b\n"
    )
    assert set(students["group"]) == {"Größe 1"} and students["name"].iloc[0] == "می\u200cخواهم"


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


# Due


@pytest.fixture
def zone(monkeypatch):
    """Set this computer's zone, by a rule that needs no table: Berlin's clocks."""

    def zone(name):
        monkeypatch.setenv("TZ", {"Berlin": "CET-1CEST,M3.5.0,M10.5.0/3"}.get(name, name))
        time.tzset()

    yield zone
    monkeypatch.undo()
    time.tzset()


IN_TIME_AT_SIX = ["2026-12-01T18:00", "2026-12-01t18:00", "2026-12-01 18:00:00", "20261201T1800", "2026-W49-2T18"]
IN_TIME_AT_SIX += [
    "2026-12-01\u00a018:00",
    "2026-12-01 18:00+01:00",
    "2026-12-01T17:00Z",
    "2026-12-01T13:00:00.0\u22120400",
]
AT_NIGHT = ["2026-12-01", "20261201", "2026-W49-2", "2026w492", "2026-12-01 24:00", "2026-12-01T24:00:00+0100"]


@pytest.mark.parametrize("due", IN_TIME_AT_SIX)
def test_what_the_roster_takes_for_a_time_grading_takes_for_the_same(read, zone, due):
    zone("Berlin")
    (kept,) = read(f"student_id,due\ns1,{due}\n")["due"]
    assert late.minutes_late("2026-12-01T18:00:00", kept) == 0 and late.minutes_late("2026-12-01T18:00:02", kept) == 1


def test_grading_counts_the_minutes_of_what_the_roster_says_and_the_delivery_tells(zone):
    zone("Berlin")
    students = pd.DataFrame({"group": [""], "due": ["2026-12-01t18:00"]}, index=["s1"])
    released = Released("01", 1, "t", {"s1": Assigned("s1", "", "", 1, 1, "")})
    ran = [Record("s1", "ok", "", sha256="a", sent="2026-12-01T18:31:00")]
    (record,) = chosen(None, released, [], students, ran)
    assert (record.late_minutes, record.flags) == (31, ("late",))


@pytest.mark.parametrize("due", AT_NIGHT)
def test_a_day_lasts_to_its_end(read, zone, due):
    zone("Berlin")
    (kept,) = read(f"student_id,due\ns1,{due}\n")["due"]
    assert late.minutes_late("2026-12-01T23:59:58", kept) == 0 and late.minutes_late("2026-12-02T00:01:02", kept) == 2


@pytest.mark.parametrize(
    ("sent", "due", "here", "minutes"),
    [
        ("2026-12-01T18:30:00", "2026-12-01T18:00+00:00", "Berlin", 0),
        ("2026-12-01T19:30:00", "2026-12-01T18:00+00:00", "Berlin", 30),
        ("2026-12-01T18:30:00", "2026-12-01T18:00+00:00", "UTC", 30),
        ("2026-07-01T18:30:00", "2026-07-01T17:00Z", "Berlin", 0),
        ("2026-12-01T17:30:00+00:00", "2026-12-01T18:00", "Berlin", 30),
        ("2026-10-25T02:30:00", "2026-10-25T02:00", "Berlin", 0),
        ("2026-10-25T03:30:00", "2026-10-25T01:30", "Berlin", 180),
        ("2026-03-29T03:15:00", "2026-03-29T02:30", "Berlin", 0),
        ("2026-03-29T04:00:00", "2026-03-29T01:30", "Berlin", 90),
    ],
)
def test_two_zones_are_compared_as_moments_and_a_doubtful_hour_is_the_student_s(zone, sent, due, here, minutes):
    zone(here)
    assert late.minutes_late(sent, due) == minutes


NO_TIMES = [
    "2026/12/01",
    "01.12.2026",
    "12/01/2026 18:00",
    "2026-12-01 6:00 PM",
    "2026-12-01T25:00",
    "2026-12-01T24:01",
]
NO_TIMES += [
    "2026-02-30",
    "2026-12",
    "2026-W49",
    "2026-W54-1",
    "2026-12-01T",
    "2026-12-01T18:00 CET",
    "46357",
    "1899-12-30",
]
NO_TIMES += ["2026-12-01T18:00+24:00", "2026-1-2", "9999-12-31", "\uff12\uff10\uff12\uff16-12-01"]


@pytest.mark.parametrize("due", NO_TIMES)
def test_a_due_that_is_no_day_or_time_is_refused_with_its_line(read, due):
    with pytest.raises(
        ValueError, match=r"roster.csv line 2: due must be like 2026-12-01, 2026-12-01 18:00 or"
    ) as refused:
        read(f"student_id,due\ns1,{due}\n")
    assert str(refused.value).endswith(f"got {due!r}")
