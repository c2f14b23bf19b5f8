import json
from fractions import Fraction
from itertools import product
from math import ceil, floor, sqrt
from pathlib import Path

import pytest

from casestudy.granularity import Grain, debit, grim
from casestudy.refusals import Refusal

REFERENCES = Path(__file__).parent / "references"
PUBLISHED = json.loads((REFERENCES / "grim_debit.json").read_text(encoding="utf-8"))


def decimals(printed: str) -> int:
    return len(printed.partition(".")[2])


# GRIM


@pytest.mark.parametrize("mean, n, items, possible", PUBLISHED["grim"])
def test_means_are_judged_as_published(mean, n, items, possible):
    assert grim(float(mean), n, decimals(mean), items).possible is possible


@pytest.mark.parametrize("per_cent, n, possible", PUBLISHED["grim_per_cent"])
def test_a_per_cent_is_a_mean_with_two_more_digits(per_cent, n, possible):
    share = float(Fraction(per_cent) / 100)
    assert grim(share, n, decimals(per_cent) + 2).possible is possible


def ways(value: Fraction, digits: int) -> set[Fraction]:
    """How a number can be printed: half up, or half to even."""
    scaled = value * 10**digits
    up = floor(scaled + Fraction(1, 2))
    even = up - 1 if scaled + Fraction(1, 2) == up and up % 2 else up
    return {Fraction(up, 10**digits), Fraction(even, 10**digits)}


@pytest.mark.parametrize("n", [1, 3, 7, 8, 9, 16, 40, 80])
@pytest.mark.parametrize("digits", [1, 2])
def test_what_whole_numbers_print_is_never_called_impossible(n, digits):
    for total in range(3 * n):
        for shown in ways(Fraction(total, n), digits):
            assert grim(float(shown), n, digits).possible


@pytest.mark.parametrize("n", [1, 3, 7, 8, 9, 13, 40])
def test_the_passing_share_is_what_one_counts(n):
    counted = [grim(k / 100, n, 2).possible for k in range(500, 600)]
    assert grim(5.0, n, 2).passing == sum(counted) / 100


def test_from_ten_to_the_digits_on_no_mean_can_fail():
    for digits, n in ((1, 10), (1, 11), (2, 100), (2, 333)):
        assert all(grim(k / 10**digits, n, digits) == Grain(True, 1.0) for k in range(10**digits))
        assert not grim(0, 10**digits - 1, digits).vacuous
    assert grim(5.19, n=28, digits=2, items=4).vacuous and grim(5.19, n=28, digits=2, items=4).possible


def test_the_printed_satisfaction_is_tested_by_no_n_from_ten_on():
    below = {n: (grim(6.6, n, 1).possible, grim(8.1, n, 1).possible) for n in range(1, 10)}
    assert [n for n, (before, after) in below.items() if before] == [5, 7, 8, 9]
    assert [n for n, (before, after) in below.items() if after] == [7, 8, 9]
    assert all(grim(score, n, 1).vacuous for score in (6.6, 8.1) for n in (10, 11, 97, 10_000))


# DEBIT


@pytest.mark.parametrize("mean, sd, n, possible", PUBLISHED["debit"])
def test_standard_deviations_are_judged_as_published(mean, sd, n, possible):
    assert debit(float(mean), float(sd), n, decimals(mean), decimals(sd)).possible is possible


@pytest.mark.parametrize("digits", [1, 2])
@pytest.mark.parametrize("n", [2, 5, 9, 20])
def test_what_zeros_and_ones_print_passes_and_nothing_else(n, digits):
    step, printed = 10**digits, set()
    for ones in range(n + 1):
        spread = step * sqrt(ones * (n - ones) / (n * (n - 1)))
        means = {ceil(Fraction(ones * step, n) - Fraction(1, 2)), floor(Fraction(ones * step, n) + Fraction(1, 2))}
        spreads = [sd for sd in range(step) if abs(sd - spread) <= 0.5 + 1e-9]
        printed |= set(product(means, spreads))
    passed = {
        (mean, sd)
        for mean, sd in product(range(step + 1), range(step))
        if debit(mean / step, sd / step, n, digits).possible
    }
    assert passed == printed


def test_the_mean_alone_fixes_the_spread_so_few_pass():
    assert debit(0.26, 0.44, n=1_000, digits=2).passing == pytest.approx(1 / 51)
    assert debit(0.05, 0.21, n=20, digits=2) == Grain(False, pytest.approx(1 / 52))  # 1 of 20: 0.2236
    assert debit(0.5, 0.503, n=100, digits=2, sd_digits=3).possible  # the largest spread lies inside, at one half


def test_a_tie_may_have_gone_either_way():
    assert [sd for sd in range(10) if debit(0.06, sd / 10, n=16, digits=2, sd_digits=1).possible] == [2, 3]  # 0.25
    assert [mean for mean in range(100) if grim(mean / 100, n=8, digits=2).possible][:4] == [0, 12, 13, 25]


def test_a_mean_that_no_count_has_lets_no_spread_pass():
    assert debit(0.07, 0.25, n=10, digits=2) == Grain(False, 0.0)


def test_all_alike_have_no_spread():
    assert debit(0, 0, n=50, digits=2).possible and debit(1, 0, n=50, digits=2).possible
    assert not debit(1, 0.5, n=50, digits=2).possible


@pytest.mark.parametrize(
    "call, refused",
    [
        (lambda: grim(float("nan"), 10, 1), "mean must be a number: got nan"),
        (lambda: grim(5.193, 28, 2), "mean has more decimals than are printed: got 5.193 with 2"),
        (lambda: grim(5.1, 0, 1), "n must be a whole number, at least 1: got 0"),
        (lambda: grim(5.1, 2.5, 1), "n must be a whole number, at least 1: got 2.5"),
        (lambda: grim(5.1, float("nan"), 1), "n must be a whole number, at least 1: got nan"),
        (lambda: grim(5.1, 2, 1, items=0), "items must be a whole number, at least 1: got 0"),
        (lambda: grim(5, 2, -1), "digits must be a whole number, at least 0: got -1"),
        (lambda: debit(1.2, 0.1, 10, 1), "mean must be 0-1 and sd not negative: got mean=1.2, sd=0.1"),
        (lambda: debit(0.2, -0.1, 10, 1), "mean must be 0-1 and sd not negative: got mean=0.2, sd=-0.1"),
        (lambda: debit(0.2, 0.1, 1, 1), "n must be a whole number, at least 2: got 1"),
        (lambda: debit(0.2, 0.123, 10, 1), "sd has more decimals than are printed: got 0.123 with 1"),
    ],
)
def test_what_no_table_prints_is_refused(call, refused):
    with pytest.raises(Refusal, match=refused):
        call()
