"""Late work: a rule as a lecturer writes it, what it takes off to the minute, and where that is told."""

import json
import shutil
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from handed_in import answered

from casestudy.classroom import late
from casestudy.classroom.authoring import new
from casestudy.classroom.grading import grade, results
from casestudy.classroom.late import LOSS, Rule
from casestudy.classroom.records import Override, Record
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.refusals import Refusal

SECRET = b"a secret of the course, long enough"
KEPT = ["--sets", "sets", "--results", "out"]
RESCORE = ["rescore", "01", *KEPT]
CONFIRM = ["confirm", "01", *KEPT, "--by", "A. Lecturer"]
RULE = "0.5 points a day, grace 30 minutes, at most 1 point, nothing after 7 days"
DUE = "2026-12-01 18:00"


@pytest.fixture
def berlin(monkeypatch):
    """A computer in Berlin, where clocks went back on 25 October 2026 and forward on 29 March."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10% of the maximum a day", "10% of the maximum a day"),
        ("2,5 points per hour", "2.5 points an hour"),
        ("1 point each begun day; nothing after 48 hours", "1 point a day, nothing after 2 days"),
        ("at most 50%, 10 % of the earned points a day", "10% of the earned a day, at most 50% of the earned"),
        ("NOTHING after 0 days, Grace 90 minutes", "grace 90 minutes, nothing after 0 days"),
        (RULE, RULE),
        ("none", "None"),
        ("", "None"),
    ],
)
def test_a_rule_is_read_as_it_is_meant_and_read_again_as_it_is_written(written, read):
    assert str(Rule.read(written)) == read
    assert Rule.read(written) is None or Rule.read(read) == Rule.read(written)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("10% a day", "10% of the maximum a day"),
        ("1 point a day, at most 50%", "50% of the earned"),
        ("1 point a day, 2 points a day", "each part once"),
        ("1 point", "its parts between commas: got '1 point'"),
        ("1 point a week", "got '1 point a week'"),
        ("-1 points a day", "got '-1 points a day'"),
        ("0 points a day", "points above 0"),
        ("110% of the maximum a day", "up to 100"),
        ("grace 30 minutes", "says what a day costs"),
        ("at most 3 points, nothing after 2 days", "says what a day costs"),
        ("1 point a day, nothing after 2026-12-08", "got 'nothing after 2026-12-08'"),
        ("1 point a day, until Friday", "got 'until Friday'"),
    ],
)
def test_a_rule_that_can_be_taken_two_ways_is_refused_with_what_must_hold(written, reason):
    with pytest.raises(Refusal, match="a late rule") as refused:
        Rule.read(written)
    assert reason in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("sent", "minutes", "days", "lost"),
    [
        ("2026-12-01T18:00:00", 0, 0, 0),
        ("2026-12-01T18:30:00", 30, 1, 0),  # at due + grace
        ("2026-12-01T18:30:01", 31, 1, 0.5),
        ("2026-12-02T18:00:00", 1440, 1, 0.5),  # one day to the second
        ("2026-12-02T18:00:01", 1441, 2, 1),
        ("2026-12-08T18:00:00", 10080, 7, 1),  # at most
        ("2026-12-08T18:00:01", 10081, 8, 2),  # nothing after
    ],
)
def test_each_boundary_to_the_second(berlin, sent, minutes, days, lost):
    record = late.dated(Record("s1", "ok", "", sent=sent), DUE)
    assert (record.late_minutes, record.late_days) == (minutes, days)
    assert late.loss(Rule.read(RULE), record, 2.0, 2.0).points == lost


@pytest.mark.parametrize(
    ("sent", "due", "minutes", "days"),
    [
        ("2026-10-25T18:00:00", "2026-10-24 18:00", 1500, 1),  # 25 hours, and one day by the clock
        ("2026-10-25T18:00:01", "2026-10-24 18:00", 1501, 2),
        ("2026-03-29T18:00:00", "2026-03-28 18:00", 1380, 1),  # 23 hours
        ("2026-03-29T18:00:01", "2026-03-28 18:00", 1381, 2),
        ("2026-10-25T01:10:00+00:00", "2026-10-25T00:50Z", 20, 1),  # 02:10 after 02:50, by the clock
        ("2026-10-25T02:30:00", "2026-10-25 02:00", 0, 0),  # doubtful, and the student's
        ("2026-12-02T17:00:00+00:00", "2026-12-01T18:00+01:00", 1440, 1),  # a zone each
    ],
)
def test_where_clocks_change_a_day_is_one_by_the_clock_and_an_hour_has_sixty_minutes(berlin, sent, due, minutes, days):
    record = late.dated(Record("s1", "ok", "", sent=sent), due)
    assert (record.late_minutes, record.late_days) == (minutes, days)


def test_hours_are_begun_ones():
    rule = Rule.read("1 point an hour, nothing after 3 hours")
    lost = [int(rule.points(minutes, 1, Fraction(9), Fraction(9))[0]) for minutes in (1, 60, 61, 180, 181)]
    assert lost == [1, 1, 2, 3, 9]


def test_thirds_are_exact_and_the_parts_add_up():
    """A tenth of 0.3 three times is 0.09 in decimals, and 0.08999... in floats."""
    record = Record("s1", "ok", "", late_minutes=4000, late_days=3)
    lost = late.loss(Rule.read("10% of the earned a day"), record, 0.3, 3.0)
    assert (lost.points, lost.total) == (0.09, 0.21)
    for thousandth in range(0, 7000, 7):
        lost = late.loss(Rule.read("33.3% of the earned a day"), record, thousandth / 1000, 7.0)
        assert Fraction(str(lost.points)) + Fraction(str(lost.total)) == Fraction(thousandth, 1000)
        assert lost.total >= 0


def test_nobody_falls_below_nothing_and_a_person_wins_over_the_rule():
    record = Record("s1", "ok", "", late_minutes=4000, late_days=3)
    rule = Rule.read("2 points a day")
    assert late.loss(rule, record, 4.0, 6.0).sentence(6) == "4 of 6, less 4 for 3 days late (no more was earned) = 0"
    given = late.loss(rule, record, 4.0, 6.0, Override(1, "Ill.", 4, 4))
    assert given.sentence(6) == "4 of 6, less 1 for 3 days late (given by a person: Ill.) = 3"
    assert late.loss(rule, record, 0.5, 6.0, Override(1, "Ill.", 4, 4)).total == 0
    assert late.loss(None, record, 4.0, 6.0) is None


def test_where_no_time_is_known_it_counts_as_in_time_and_is_told():
    record = late.dated(Record("s1", "ok", ""), DUE)
    lost = late.loss(Rule.read(RULE), record, 4.0, 6.0)
    assert (lost.points, record.late_minutes) == (0, "unknown") and "counts as in time" in lost.sentence(6)
    assert "of 1 it is not known when they handed in" in late.told(Rule.read(RULE), [DUE], [record])[0]
    assert "nobody has a date" in late.told(Rule.read(RULE), [""], [replace(record, late_minutes=None)])[0]


SENT = {  # with the due date of 1 December, 18:00
    "a": "2026-12-01-17-59-59",  # in time
    "b": "2026-12-02-18-00-01",  # two begun days
    "c": "2026-12-20-12-00-00",  # too late
    "d": "2026-12-01-18-30-00",  # within the grace
    "e": "",  # nobody knows
    "f": "2026-12-03-10-00-00",  # two begun days, with an extension in time
}


@pytest.fixture(scope="module")
def once(tmp_path_factory, walls):
    """The starting set, graded without a rule: everyone is right but d; g is in f's group and handed in nothing."""
    course = tmp_path_factory.mktemp("late")
    path = new.new(course / "sets" / "01-start")
    lines = [f"{id},{id}@x.org,{'g' if id in 'fg' else ''},{DUE}" for id in "abcdefg"]
    (course / "roster.csv").write_text("\n".join(["student_id,email,group,due", *lines]) + "\n", encoding="utf-8")
    problem_set, students = source.load(path), roster.read(course / "roster.csv")
    release(problem_set, students, SECRET, "t", course / "release")
    for id, sent in SENT.items():
        hand_in(course, id, "1.5" if id == "d" else "{right!r}", sent)
    grade(problem_set, course / "release", course / "back", course / "out", roster=course / "roster.csv")
    return course


def hand_in(course, id, typed, sent="", folder="back"):
    """One student's file, in a folder of theirs that says when it came."""
    problem_set = source.load(course / "sets" / "01-start" / "source.ipynb")
    code = Released.read(course / "release").students[id].code
    there = course / folder / (f"{id} {sent}" if sent else id)
    there.mkdir(parents=True, exist_ok=True)
    nbformat.write(answered(problem_set, code, "", typed), there / "01-start.ipynb")


@pytest.fixture
def course(once, tmp_path):
    return Path(shutil.copytree(once, tmp_path / "course"))


def totals(course):
    return results.read_grades(course / "out")["total"].to_dict()


def page(course, id):
    return " ".join((course / "out" / "feedback" / f"{id}.html").read_text(encoding="utf-8").split())


def test_a_rule_is_applied_without_running_anybody_and_told_everywhere(course, command):
    assert totals(course) == {"a": 2, "b": 2, "c": 2, "d": 0, "e": 2, "f": 2, "g": 2}
    code, said, _ = command(*RESCORE, "--late", RULE)
    assert code == 0 and f"late work: {RULE} now, no rule before" in said
    assert "of 1 it is not known when they handed in; they count as in time: e" in said
    assert totals(course) == {"a": 2, "b": 1, "c": 0, "d": 0, "e": 2, "f": 1, "g": 1}
    assert results.read_grades(course / "out")[LOSS].to_dict() == {
        "a": 0,
        "b": 1,
        "c": 2,
        "d": 0,
        "e": 0,
        "f": 1,
        "g": 1,
    }
    assert "1 of 2 points" in page(course, "b") and "2 of 2, less 1 for 2 days late = 1" in page(course, "b")
    assert "nothing counts after 7 days" in page(course, "c") and "within the grace of 30 minutes" in page(course, "d")
    assert "Late work" not in page(course, "a") and "counts as in time" in page(course, "e")
    summary = (course / "out" / "summary.html").read_text(encoding="utf-8")
    assert RULE in summary and "2 of 2, less 1 for 2 days late = 1" in summary
    about = json.loads(command("explain", "01", "b", *KEPT)[1])
    assert (about["late"]["points"], about["total"], about["late"]["rule"]) == (1.0, 1.0, RULE)
    command("export", "01", "--results", "out", "--lms", "moodle", "--out", "m.csv", "--proposal")
    assert "fall 2; less 1 for late work. Together 1 of 2." in (course / "m.csv").read_text(encoding="utf-8")


def test_the_rule_stays_with_the_results_and_another_one_is_said(course, command):
    command(*RESCORE, "--late", RULE)
    assert command(*CONFIRM)[0] == 0 and command(*RESCORE)[1].count("late work") == 0
    assert totals(course)["b"] == 1
    command(*CONFIRM)
    said = command(*RESCORE, "--late", "1 point a day, nothing after 7 days")[1]
    assert f"1 point a day, nothing after 7 days now, {RULE} before" in said
    assert "the confirmation by A. Lecturer has lapsed" in said and totals(course)["b"] == 0
    assert command(*RESCORE, "--late", "none")[0] == 0
    assert totals(course)["c"] == 2 and LOSS not in results.read_grades(course / "out")


def test_a_rule_that_somebody_writes_into_the_record_cannot_be_confirmed(course, command):
    command(*RESCORE, "--late", RULE)
    path = course / "out" / "grading.json"
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace("at most 1 point,", "at most 2 points,")
        .replace("0.5 points a", "1 point a"),
        encoding="utf-8",
    )
    code, _, complaints = command(*CONFIRM)
    assert code == 2 and "is not what the marks come to now" in complaints


def test_no_rule_is_said_and_never_an_oversight(course, command):
    command(*RESCORE, "--late", RULE)
    assert command(*RESCORE, "--late", " ")[0] == 2 and totals(course)["b"] == 1


def test_an_extension_is_another_date_in_the_roster(course, command):
    command(*RESCORE, "--late", RULE)
    (course / "more.csv").write_text("student_id,due\nf,2026-12-03 10:00\n", encoding="utf-8")
    said = command(*RESCORE, "--roster", "more.csv")[1]
    assert totals(course) == {"a": 2, "b": 1, "c": 0, "d": 0, "e": 2, "f": 2, "g": 1} and "f" in said
    (course / "more.csv").write_text("student_id,due\nzz,2026-12-03\n", encoding="utf-8")
    assert "'zz' is in no row" in command(*RESCORE, "--roster", "more.csv")[2]


def test_a_person_wins_over_the_rule_with_a_reason_and_can_take_it_back(course, command):
    give = ["override", "01", "b", LOSS, "0", "--reason", "Was ill.", *KEPT]
    assert "none stands" in command(*give)[2]
    command(*RESCORE, "--late", RULE)
    assert command(*give)[1] == f"b {LOSS}: 0 given, 1 before\n"
    assert totals(course)["b"] == 2 and "given by a person: Was ill." in page(course, "b")
    command(*RESCORE, "--late", "2 points a day")
    assert totals(course)["b"] == 2 and results.read_grades(course / "out").at["b", "overridden"] == LOSS
    assert command("override", "01", "--template", "t.csv", *KEPT)[0] == 0
    assert f"b,{LOSS},0,2,0,Was ill." in (course / "t.csv").read_text("utf-8-sig")
    assert f"b {LOSS}: 2 again, 0 before" in command("override", "01", "b", LOSS, "--undo", *KEPT)[1]
    assert "that still costs points" in command("override", "01", "c", "fall", "1", "--reason", "x", *KEPT)[1]
    assert totals(course)["b"] == 0


def test_the_best_of_several_is_the_one_worth_most_after_the_deduction(once):
    """Of two right ones the later counts, but where it is a day late and that costs a point."""
    from casestudy.classroom.grading.run import chosen
    from casestudy.classroom.sets.solve import Solutions

    problem_set = source.load(once / "sets" / "01-start" / "source.ipynb")
    solutions, released = Solutions(problem_set), Released.read(once / "release")
    code = released.students["a"].code
    right = solutions[code].right["fall"]["fall_pct"]
    students = pd.DataFrame({"group": [""], "due": [DUE]}, index=["a"])
    late_one = Record("a", "ok", code, sha256="1", sent="2026-12-02T10:00:00", values={"fall_pct": right})
    early = replace(late_one, sha256="2", sent="2026-12-01T10:00:00")
    for rule, sha in (("1 point a day", "2"), (None, "1")):
        (record,) = chosen(solutions, released, [], students, [early, late_one], "best", Rule.read(rule or ""))
        assert record.sha256 == sha


def test_one_student_is_run_again_and_nobody_else_is_touched(course, command):
    hand_in(course, "a", "1.5", folder="second")  # in the delivery that counts for a, and older by its name
    back = ["--release", "release", "--submissions", "second"]
    command("grade", "01", "--sets", "sets", *back, "--out", "out", "--resume")
    assert totals(course)["a"] == 0
    command(*RESCORE, "--late", RULE)
    command(*CONFIRM)
    before = json.loads((course / "out" / "grading.json").read_text(encoding="utf-8"))["records"]
    hand_in(course, "d", "{right!r}", "2026-12-01-10-00-00", "newer")
    hand_in(course, "a", "1.5", "2026-12-01-10-00-00", "newer")  # lies there, and nobody asked for it
    again = ["regrade", "01", "d", "--release", "release", "--submissions", "newer", *KEPT]
    code, said, complaints = command(*again)
    assert (code, complaints) == (0, "")
    assert "another file than" in said and "the confirmation by A. Lecturer has lapsed" in said
    assert [line.split() for line in said.splitlines()[-2:]] == [
        ["d", "fall", "0.0", "2.0"],
        ["d", "total", "0.0", "2.0"],
    ]
    after = json.loads((course / "out" / "grading.json").read_text(encoding="utf-8"))["records"]
    assert [one for one in before if one["id"] != "d"] == [one for one in after if one["id"] != "d"]
    about = json.loads(command("explain", "01", "d", *KEPT)[1])
    assert about["total"] == 2 and len(about["attempts"]) == 2
    assert [(one["confirmed"], one["grades"]["total"]) for one in about["earlier"]] == [("A. Lecturer", "0.0")]
    assert "the same file" in command(*again)[1]
    assert command(*again)[1].endswith("no points changed\n")
    assert "nothing of b's" in command("regrade", "01", "b", *again[3:])[2]
    command("withdraw", "01", "d", *KEPT)
    assert "d" not in (course / "out" / "history.jsonl").read_text(encoding="utf-8")


def test_whom_a_delivery_leaves_out_keeps_the_file_that_counted(course, command):
    """The second delivery has an older file of a's, which counts, and so it does after a third without any of a's."""
    hand_in(course, "a", "1.5", folder="second")
    hand_in(course, "b", "1.5", folder="third")
    for folder in ("second", "third"):
        back = ["--release", "release", "--submissions", folder]
        assert command("grade", "01", "--sets", "sets", *back, "--out", "out", "--resume")[0] == 0
        assert totals(course)["a"] == 0
    assert totals(course)["b"] == 0


def test_members_for_whom_the_file_counts_follow_it(course, command):
    hand_in(course, "f", "1.5", "2026-12-01-10-00-00", "newer")
    command("regrade", "01", "f", "--release", "release", "--submissions", "newer", *KEPT)
    assert totals(course) == {"a": 2, "b": 2, "c": 2, "d": 0, "e": 2, "f": 0, "g": 0}


def test_a_reply_quotes_the_record_and_names_nobody_else(course, command):
    command(*RESCORE, "--late", RULE)
    command("override", "01", "d", "fall", "1", "--reason", "Half\x1b[2J right.", *KEPT)
    command(*CONFIRM)
    assert command("explain", "01", "d", *KEPT, "--reply", "letter.txt")[0] == 0
    text = (course / "letter.txt").read_text(encoding="utf-8")
    for part in (
        "To: d\n",
        "Your points: 1 of 2.",
        "you answered 1.5",
        "Right on your figures:",
        "off counts as right",
    ):
        assert part in text, part
    assert "A person gave 1 point instead of 0: Half\\u001b[2J right." in text
    assert "Confirmed by A. Lecturer." in text and "\x1b" not in text
    command("explain", "01", "g", *KEPT, "--reply", "letter.txt")
    text = (course / "letter.txt").read_text(encoding="utf-8")
    assert "the notebook that your group handed in" in text and "2 of 2, less 1 for 2 days late = 1" in text
    code = Released.read(course / "release").students["g"].code
    assert code not in text and "of_group" not in text and "f 2026" not in text and "same_as" not in text
    assert "must be no file of the results" in command("explain", "01", "d", *KEPT, "--reply", "out/x.txt")[2]


def test_a_second_command_on_the_same_results_is_refused_in_one_line(course, command):
    waiting = [
        RESCORE,
        CONFIRM,
        ["withdraw", "01", "a", *KEPT],
        ["override", "01", "a", "fall", "1", "--reason", "x", *KEPT],
    ]
    waiting += [["regrade", "01", "a", "--release", "release", "--submissions", "back", *KEPT]]
    back = ["--release", "release", "--submissions", "back"]
    waiting += [["grade", "01", "--sets", "sets", *back, "--out", "out", "--resume"]]
    with results.locked(course / "out"):
        for words in waiting:
            code, output, complaints = command(*words)
            assert (code, output, complaints.count("\n")) == (2, "", 1), words
            assert "another command is at work on out: wait until it is done" in complaints
    assert command(*RESCORE)[0] == 0


def test_a_same_file_is_really_run_again(course, command):
    """What a record has lost comes back, since the notebook runs and is not read from the record."""
    path = course / "out" / "records.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"status": "ok"', '"status": "died"'), encoding="utf-8")
    code, said, _ = command("regrade", "01", "a", "--release", "release", "--submissions", "back", *KEPT)
    assert code == 0 and "the same file: ok" in said
