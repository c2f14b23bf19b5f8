"""Copied answers: three that are right for one other student, and how often that happens by chance."""

from dataclasses import replace

import numpy as np
import pytest

from casestudy.classroom.grading import similarity
from casestudy.classroom.records import Record
from casestudy.classroom.sets import source
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.question import Mistake, Question
from casestudy.classroom.sets.solve import Solutions, Solved
from casestudy.classroom.sets.source import ProblemSet


@pytest.fixture(scope="module")
def problem_set():
    return source.load(source.find("02"))


@pytest.fixture(scope="module")
def solutions(problem_set):
    return Solutions(problem_set)


def right(solutions, code):
    return {name: value for given in solutions[code].right.values() for name, value in given.items()}


@pytest.fixture
def records(solutions):
    return [Record(f"s{n:02}", "ok", f"code {n}", values=right(solutions, f"code {n}")) for n in range(25)]


SPECIFIC = ("headroom_pct", "rises_pct", "lowest_pct", "best_pct", "easy_share_pct")


def copy(records, solutions, to, of, names):
    theirs = right(solutions, records[of].code)
    records[to] = replace(records[to], values=records[to].values | {name: theirs[name] for name in names})


def test_a_class_that_works_for_itself_gives_no_reason_to_look(solutions, records):
    assert similarity.same_as(solutions, records).empty


def test_three_answers_of_another_student_are_a_reason_to_look(solutions, records):
    copy(records, solutions, 3, 11, SPECIFIC)
    found = similarity.same_as(solutions, records)
    assert found.columns.tolist() == ["student", "same_as", "matches", "expected_by_chance"]
    assert found.values.tolist()[0][:3] == ["s03", "s11", 5] and found["expected_by_chance"][0] < 0.001
    assert similarity.flags(found) == {"s03": ["same_as:s11"]}


def test_who_shares_the_lender_s_figures_in_part_is_listed_with_chance_and_not_flagged():
    values = np.random.default_rng(7).normal(25, 5, (21, 5))
    values[8, :3] = values[5, :3]
    given = values.copy()
    given[3] = values[5]
    found = similarity.same_as(*invented(values, given, rtol=0))
    assert found[["student", "same_as", "matches"]].values.tolist() == [["s3", "s5", 5], ["s3", "s8", 3]]
    assert found["expected_by_chance"][1] > 0.05 > 0.001 > found["expected_by_chance"][0]
    assert similarity.flags(found) == {"s3": ["same_as:s5"]}


def test_two_answers_are_none(solutions, records):
    copy(records, solutions, 3, 11, SPECIFIC[:2])
    assert similarity.same_as(solutions, records).empty


def test_three_answers_of_three_students_are_none(solutions, records):
    for name, of in zip(("rises_pct", "lowest_pct", "best_pct"), (11, 12, 13), strict=True):
        copy(records, solutions, 3, of, [name])
    assert similarity.same_as(solutions, records).empty


def test_answers_that_a_usual_mistake_explains_do_not_count():
    values = np.arange(20.0).reshape(5, 4) + 100
    given = values.copy()
    given[0] = values[3]
    solutions, records = invented(values, given, rtol=0)
    assert similarity.flags(similarity.same_as(solutions, records)) == {"s0": ["same_as:s3"]}
    for number in (0, 1):  # on the first student's own figures, mistakes in two questions give just these
        slip = Mistake(f"of a{number}", 0.0, {"en": ("Of what?",)}, "")
        solutions["c0"].wrong.append((slip, {f"a{number}": float(values[3, number])}))
    assert similarity.same_as(solutions, records).empty


def test_members_of_one_group_are_no_copies_and_are_both_named_as_the_other_side(solutions, records):
    records.append(replace(records[11], id="s11b"))
    assert similarity.same_as(solutions, records).empty
    copy(records, solutions, 3, 11, SPECIFIC)
    found = similarity.same_as(solutions, records)
    assert similarity.flags(found) == {"s03": ["same_as:s11", "same_as:s11b"]}


def test_who_handed_nothing_in_may_have_lent_the_figures(solutions, records):
    copy(records, solutions, 3, 11, SPECIFIC)
    records[11] = replace(records[11], values={})
    assert similarity.flags(similarity.same_as(solutions, records)) == {"s03": ["same_as:s11"]}


def test_one_student_alone_matches_nobody(solutions, records):
    values = dict.fromkeys(records[0].values, 1.0) | {"rises_pct": {"index": [], "columns": {}}}
    assert similarity.same_as(solutions, [replace(records[0], values=values)]).empty


def test_a_code_that_nobody_has_solved_yet_is_solved_and_compared(problem_set, solutions, records):
    copy(records, solutions, 0, 1, SPECIFIC)
    fresh = Solutions(problem_set)
    assert similarity.same_as(fresh, records[:2]).values.tolist()[0][:3] == ["s00", "s01", 5]
    assert set(fresh) == {"code 0", "code 1"}


def invented(values, given, rtol=0.005):
    """A set of as many numbers as there are columns: a row of right values and of given ones a student."""
    names = [f"a{n}" for n in range(values.shape[1])]
    asked = tuple(Question(f"of {name}", 1.0, (Answer(name, rtol=rtol),)) for name in names)
    solutions = Solutions(ProblemSet("00-invented", None, 1, "", None, asked, ()))
    for student, row in enumerate(values):
        right = {f"of {name}": {name: float(x)} for name, x in zip(names, row, strict=True)}
        solutions[f"c{student}"] = Solved(None, right, [], frozenset())
    records = [
        Record(f"s{student}", "ok", f"c{student}", values=dict(zip(names, map(float, row), strict=True)))
        for student, row in enumerate(given)
    ]
    return solutions, records


def test_answers_wrong_one_by_one_meet_as_many_classmates_as_is_expected():
    rng = np.random.default_rng(1)
    values, given = rng.normal(25, 2, (2, 300, 8))
    found = similarity.same_as(*invented(values, given))
    shares = (abs(given[:, None] - values[None]) <= 0.005 * abs(values[None])).mean(axis=1)
    expected = sum(299 * similarity.chance(list(own), 3) for own in shares)
    assert expected > 100 and abs(len(found) - expected) < 4 * expected**0.5  # four standard deviations of a count
    assert found.groupby("student")["expected_by_chance"].max().median() > 0.3  # each row says: nothing unusual


def test_one_figure_misread_meets_as_many_classmates_as_is_expected():
    """All answers follow from one of 60 figures, as in many sets: independence would expect a thousandth of these."""
    rng = np.random.default_rng(2)
    factors = np.array([1, 3, 7, 11])
    values, given = (rng.integers(100, 160, (300, 1)) * factors for _ in range(2))
    found = similarity.same_as(*invented(values, given, rtol=0))
    each = found.groupby("student")["same_as"].count().sum() / 300
    assert found["expected_by_chance"].nunique() == 1
    assert each > 4 and abs(found["expected_by_chance"][0] / each - 1) < 0.2  # four standard deviations of both counts
    assert similarity.flags(found) == {}
