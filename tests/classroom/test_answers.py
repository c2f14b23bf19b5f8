"""Reading an answer from whatever stands in a notebook."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from casestudy.classroom.sets.answers import Answer, agree, read
from casestudy.classroom.sets.problems import Problem

SHARE = Answer("share", "number", "per cent", rtol=0.01, range=(-200.0, 200.0))
TABLE = Answer("table", "table", rtol=0.01)


@pytest.mark.parametrize(
    "value", [22.7, np.float64(22.7), np.array(22.7), np.float32(22.7), np.array([22.7]), pd.Series([22.7])]
)
def test_a_number_is_a_number_of_whatever_library(value):
    assert read(SHARE, value) == pytest.approx(22.7, rel=1e-6)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (..., "missing"),
        (None, "missing"),
        ((22, 7), "comma"),
        ("22.7", "quoted"),
        ((1, 234, 567), "commas"),
        (True, "not_a_number"),
        ([22.7], "not_a_number"),
        (np.array([1.0, 2.0]), "not_a_number"),
        (22 + 1j, "not_a_number"),
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
        (2270, "out_of_range"),
        (10**400, "not_finite"),
    ],
)
def test_what_is_no_answer_is_told_apart(value, kind):
    with pytest.raises(Problem) as problem:
        read(SHARE, value)
    assert problem.value.kind == kind


def test_a_decimal_comma_is_answered_with_the_decimal_point():
    with pytest.raises(Problem) as problem:
        read(SHARE, (22, 7))
    assert problem.value.details == {"got": "22,7", "point": "22.7", "whole": "22007"}


def test_an_answer_is_right_within_its_tolerance_and_not_beyond():
    assert agree(SHARE, 22.92, 22.7) and not agree(SHARE, 22.94, 22.7)


def test_a_table_is_the_same_in_any_order_of_columns_and_of_labelled_rows():
    right = pd.DataFrame({"points": [1.5, 2.5], "share": [0.2, 0.3]}, index=["a", "b"])
    mine = right.loc[["b", "a"], ["share", "points"]]
    assert agree(TABLE, read(TABLE, mine), read(TABLE, right))
    assert not agree(TABLE, read(TABLE, mine * 1.1), read(TABLE, right))
    assert not agree(TABLE, read(TABLE, mine.reset_index()), read(TABLE, right))


def test_a_series_and_a_table_of_one_column_are_the_same_answer():
    series = pd.Series([1.5, 2.5], index=["a", "b"])
    assert agree(TABLE, read(TABLE, series.to_frame()), read(TABLE, series.rename("rise")))


def test_points_must_add_up():
    points = Answer("points", "allocation")
    assert read(points, [6, 4]) == [6.0, 4.0]
    assert agree(points, read(points, {"b": 4, "a": 6}), read(points, {"a": 6, "b": 4}))
    assert not agree(points, read(points, [4, 6]), read(points, {"a": 6, "b": 4}))
    for wrong in ([6, 5], [12, -2]):
        with pytest.raises(Problem, match="wrong_sum"):
            read(points, wrong)
    with pytest.raises(Problem, match="not_an_allocation"):
        read(points, "6 4")


def test_a_choice_is_one_of_the_words_however_it_is_spelt():
    choice = Answer("claim", "choice", choices=("a", "b"))
    assert {read(choice, word) for word in (" B ", "b.", "(b)", np.str_("b"))} == {"b"}
    with pytest.raises(Problem, match="not_a_choice"):
        read(choice, "c")


def test_objects_with_methods_of_their_own_are_not_asked():
    class Hostile(float):
        def __float__(self):
            raise RuntimeError

        def __eq__(self, other):
            return True

    with pytest.raises(Problem):
        read(Answer("claim", "choice", choices=("a",)), Hostile())


@pytest.mark.parametrize("declared", [{"kind": "essay"}, {"tolerance": 1}, {"kind": "choice"}, {"choices": ["a"]}])
def test_a_declaration_that_is_not_understood_is_refused(declared):
    with pytest.raises(ValueError, match="share"):
        Answer.declared("share", declared)


@pytest.mark.parametrize("value", [Decimal("22.7"), Fraction(227, 10), pd.DataFrame([[22.7]])])
def test_an_exact_number_and_a_table_of_one_cell_are_numbers(value):
    assert read(SHARE, value) == pytest.approx(22.7)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), Decimal("1e999"), Fraction(10**400)])
def test_an_exact_number_beyond_all_bounds_is_none(value):
    with pytest.raises(Problem) as problem:
        read(SHARE, value)
    assert problem.value.kind == "not_finite"
