"""Interval arithmetic and formulas."""

import math

import pytest

from casestudy import intervals
from casestudy.refusals import Refusal


def test_a_formula_encloses_every_point_of_its_box():
    low, high = intervals.evaluate("-(a - b) / c * 2", {"a": (1, 3), "b": (-1, 2), "c": (0.5, 4)})
    points = [(a - b) / c * -2 for a in (1, 2, 3) for b in (-1, 0.5, 2) for c in (0.5, 1, 4)]
    assert low == min(points) and high == max(points)


def test_a_minus_sign_turns_a_range_round():
    assert intervals.evaluate("-a", {"a": (1, 3)}) == (-3, -1)


def test_a_range_times_an_open_end_stays_open():
    assert intervals.evaluate("a * b", {"a": (0, 1), "b": (2, math.inf)}) == (0, math.inf)


def test_dividing_by_an_open_end_reaches_nothing():
    assert intervals.evaluate("a / b", {"a": (1, 2), "b": (4, math.inf)}) == (0, 0.5)


def test_a_range_over_a_function_is_its_range():
    assert intervals.over(lambda x, y: x / y, x=(1, 2), y=(4, 5)) == (0.2, 0.5)


def test_a_function_that_turns_inside_its_range_is_refused():
    with pytest.raises(ValueError, match="monotone in each of x"):
        intervals.over(lambda x: (x - 1) ** 2, x=(0, 2))


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(ValueError, match=r"low <= high: got agents=\(800, 750\)"):
        intervals.over(lambda agents: agents, agents=(800, 750))


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "a.b",
        "a[0]",
        "a ** 9",
        "a if b else c",
        "f(a)",
        "'text'",
        "a and b",
        "True",
        "1j",
        "a b",
        "",
    ],
)
def test_what_is_no_arithmetic_is_refused(formula):
    with pytest.raises(ValueError, match="formula"):
        intervals.evaluate(formula, {"a": 1, "b": 2, "c": 3})


def test_a_very_long_formula_is_refused_before_it_is_parsed():
    with pytest.raises(ValueError, match="at most 500 characters"):
        intervals.evaluate("(" * 5000 + "1" + ")" * 5000, {})


def test_dividing_by_a_range_that_holds_zero_is_refused():
    with pytest.raises(ValueError, match="divides by a range that holds 0"):
        intervals.evaluate("1 / a", {"a": (-1, 1)})


def test_an_unknown_name_is_named():
    with pytest.raises(ValueError, match="names 'agnets'"):
        intervals.evaluate("agnets + 1", {"agents": 1})


def test_a_comparison_is_no_number_and_a_number_no_rule():
    with pytest.raises(ValueError, match="not a comparison"):
        intervals.evaluate("a < 1", {"a": 0})
    with pytest.raises(ValueError, match="compares two formulas"):
        intervals.holds("a + 1", {"a": 0})


def test_a_chained_rule_needs_every_link():
    assert intervals.holds("0 <= a <= b", {"a": 1, "b": 1})
    assert not intervals.holds("0 <= a < b", {"a": 1, "b": 1})


def test_a_rule_about_a_text_is_refused_and_not_a_bug():
    with pytest.raises(Refusal, match="is of numbers: 'scale < 3' names 'scale', which is the text 'easy'"):
        intervals.holds("scale < 3", {"scale": "easy"})
