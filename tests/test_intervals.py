"""Interval arithmetic and formulas."""

import itertools
import math
import random
import sys
from fractions import Fraction

import numpy as np
import pytest

from casestudy import intervals
from casestudy.refusals import Refusal


def test_a_formula_encloses_every_point_of_its_box():
    low, high = intervals.evaluate("-(a - b) / c * 2", {"a": (1, 3), "b": (-1, 2), "c": (0.5, 4)})
    points = [(a - b) / c * -2 for a in (1, 2, 3) for b in (-1, 0.5, 2) for c in (0.5, 1, 4)]
    assert low == min(points) and high == max(points)


FORMULAS = ["a + b", "a - b - a", "a * b - c", "(a - b) / c", "a / c / c", "-(a + 0.1) * (b - 0.2)", "0.1 + 0.2 * a"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_an_enclosure_is_never_too_small_and_a_range_never_too_large(formula):
    rng = random.Random(formula)
    for _ in range(50):
        pairs = {name: tuple(sorted(round(rng.uniform(-9, 9), 1) for _ in range(2))) for name in "ab"}
        pairs["c"] = tuple(sorted(round(rng.uniform(0.1, 9), 1) for _ in range(2)))
        low, high = (Fraction(repr(end)) for end in intervals.evaluate(formula, pairs))
        parts = {name: [Fraction(str(end)) for end in pair] for name, pair in pairs.items()}
        corners = [truth(formula, dict(zip(parts, point, strict=True))) for point in itertools.product(*parts.values())]
        inside = [{name: x + (y - x) * Fraction(rng.random()) for name, (x, y) in parts.items()} for _ in range(9)]
        assert all(low <= value <= high for value in [*corners, *(truth(formula, point) for point in inside)])
        if intervals.exact(formula):
            assert float(min(corners)) == pytest.approx(float(low), rel=1e-15)
            assert float(max(corners)) == pytest.approx(float(high), rel=1e-15)


def truth(formula: str, point: dict[str, Fraction]) -> Fraction:
    """A formula in exact fractions, its own decimals included."""
    exact = formula.replace("0.1", "Fraction('0.1')").replace("0.2", "Fraction('0.2')")
    return eval(exact, {"Fraction": Fraction, **point})


def test_decimals_are_what_they_print():
    assert intervals.evaluate("0.1 + 0.2", {}) == (0.3, 0.3)
    assert intervals.evaluate("a - b", {"a": 8.1, "b": 6.6}) == (1.5, 1.5)
    assert intervals.holds("a + b <= 0.3", {"a": 0.1, "b": 0.2})


def test_an_end_that_no_float_prints_is_rounded_outwards():
    low, high = intervals.evaluate("1 / 3", {})
    assert Fraction(repr(low)) < Fraction(1, 3) < Fraction(repr(high)) and high == math.nextafter(low, 1)
    assert intervals.evaluate("a * a", {"a": (1e-300, 1e300)}) == (0, math.inf)
    assert intervals.evaluate("-a * a", {"a": 1e-300}) == (-5e-324, 0)


@pytest.mark.parametrize("pair", [(3, 1), (math.nan, 1), math.nan, math.inf, (math.inf, math.inf)])
def test_what_is_no_range_is_refused(pair):
    with pytest.raises(Refusal, match=r"low <= high, open outwards at most: 'a' in 'a [+] 1' is"):
        intervals.evaluate("a + 1", {"a": pair})


def test_a_number_beyond_any_float_is_refused():
    with pytest.raises(Refusal, match="the number inf in"):
        intervals.evaluate("1e999", {})
    assert intervals.evaluate("1" + "0" * 400, {}) == (sys.float_info.max, math.inf)


def test_a_name_that_stands_twice_can_make_an_enclosure_too_wide():
    once, twice = "1 / (1 + other / part)", "part / (part + other)"
    assert intervals.exact(once) and not intervals.exact(twice)
    ends = {"part": (1, 2), "other": (2, 3)}
    assert intervals.evaluate(once, ends) == (0.25, 0.5)
    assert intervals.evaluate(twice, ends) == (0.2, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    "first, second, open, shared",
    [
        ((1, 2), (2, 3), (False, False), True),
        ((1, 2), (2, 3), (True, False), False),
        ((1, 2), (2, 3), (False, True), True),
        ((3, 4), (2, 3), (False, False), True),
        ((3, 4), (2, 3), (False, True), False),
        ((1, 2), (2.000001, 3), (False, False), False),
        ((0.1 + 0.2, 1), (0, 0.3), (False, False), True),  # above it by rounding alone
        ((0, 2 + 1e-12), (2, 3), (True, False), False),  # past an open end by rounding alone
        ((0, 2 + 1e-6), (2, 3), (True, False), True),
        ((5, 5), (-math.inf, math.inf), (True, True), True),
        ((-math.inf, math.inf), (5, 5), (False, False), True),
        ((math.nan, math.nan), (0, 1), (False, False), False),
        ((0, 0), (0, 0), (False, False), True),
        ((-2, -1), (-1 - 1e-12, 0), (False, False), True),
    ],
)
def test_one_slack_decides_whether_ranges_share_a_point(first, second, open, shared):
    assert intervals.overlap(first, second, open) is shared


def test_a_minus_sign_turns_a_range_round():
    assert intervals.evaluate("-a", {"a": (1, 3)}) == (-3, -1)


def test_a_range_times_an_open_end_stays_open():
    assert intervals.evaluate("a * b", {"a": (0, 1), "b": (2, math.inf)}) == (0, math.inf)


def test_dividing_by_an_open_end_reaches_nothing():
    assert intervals.evaluate("a / b", {"a": (1, 2), "b": (4, math.inf)}) == (0, 0.5)


def test_a_range_over_a_function_is_its_range():
    assert intervals.over(lambda x, y: x / y, x=(1, 2), y=(4, 5)) == (0.2, 0.5)


TURNING = {  # a function, its range, its least and greatest value
    "once": (lambda x: (x - 1) ** 2, (0, 2), (0, 1)),
    "twice, past the middle": (lambda x: x**3 - x, (-1.1, 1.1), (-2 / 27**0.5, 2 / 27**0.5)),
    "without a slope": (lambda x: abs(x - 0.123456), (0, 1), (0, 0.876544)),
    "often": (math.sin, (0, 10), (-1, 1)),
}


@pytest.mark.parametrize("name", TURNING)
def test_a_function_that_leaves_its_corners_is_refused_and_searched_on_demand(name):
    function, ends, truth = TURNING[name]
    with pytest.raises(Refusal, match="monotone in each of x, or turns=True: it turns along x and leaves its corners"):
        intervals.over(lambda x: function(x), x=ends)
    low, high = found = intervals.over(lambda x: function(x), turns=True, x=ends)
    assert found == pytest.approx(truth, abs=1e-6)
    assert truth[0] - 1e-12 <= low and high <= truth[1] + 1e-12  # an estimate from within


def test_a_function_of_two_that_turns_along_a_valley_is_found():
    valley = {"x": (-2, 2), "y": (-1, 3)}  # Rosenbrock's: 0 at (1, 1), 2509 at (-2, -1)
    found = intervals.over(lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, turns=True, **valley)
    assert found == pytest.approx((0, 2509), abs=1e-6)


def test_turns_that_stay_within_the_corners_are_no_reason_to_refuse():
    assert intervals.over(lambda x: x**3 - x, x=(-2, 2)) == (-6, 6)


def test_a_function_may_rise_here_and_fall_there():
    assert intervals.over(lambda x, y: x * y, x=(-1, 2), y=(-3, 4)) == (-6, 8)


def test_a_function_without_a_value_or_a_range_without_an_end_is_refused():
    with pytest.raises(Refusal, match=r"a number everywhere in its ranges: it gives none at \{'x': 0.5\}"):
        intervals.over(lambda x: math.nan if x == 0.5 else x, x=(0, 1))
    with pytest.raises(Refusal, match=r"finite low <= high: got x=\(0, inf\)"):
        intervals.over(lambda x: x, x=(0, math.inf))


def test_a_range_the_wrong_way_round_is_refused():
    with pytest.raises(ValueError, match=r"finite low <= high: got agents=\(800, 750\)"):
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


@pytest.mark.parametrize("pair", [(1, 2), [1, 2], np.array([1, 2]), (np.float64(1), 2)])
def test_a_pair_may_be_a_tuple_a_list_or_an_array(pair):
    assert intervals.evaluate("a + 1", {"a": pair}) == (2, 3)
    assert intervals.over(lambda a: a + 1, a=pair) == (2, 3)


@pytest.mark.parametrize("odd", [(1, 2, 3), [], None, [[1], [2, 3]], {"low": 1}, (None, 2), "1..2"])
def test_what_is_neither_a_number_nor_a_pair_is_refused_by_its_name(odd):
    with pytest.raises(Refusal, match=r"'?a'?.* (?:is a number or a pair|is the text)"):
        intervals.evaluate("a + 1", {"a": odd})
    with pytest.raises(Refusal, match="a is a number or a pair"):
        intervals.over(lambda a: a + 1, a=odd)
