import math

import numpy as np
import pytest
from pytest import approx
from scipy import stats

from casestudy.intervals import over
from casestudy.models import uncertainty


def baseline(agents, expected, deflection):
    return 1 - (1 - deflection) * expected / agents


BASE = {"agents": 775, "expected": 7_500, "deflection": 0.97}
BOUNDS = {"agents": (750, 800), "expected": (5_000, 10_000), "deflection": (0.965, 0.975)}


def test_the_widest_printed_range_moves_the_answer_most():
    table = uncertainty.tornado(baseline, BASE, BOUNDS)
    assert table.index.tolist() == ["expected", "deflection", "agents"]
    assert table.at_low["expected"] == approx(1 - 0.03 * 5_000 / 775)
    assert table.swing.is_monotonic_decreasing


def test_one_input_alone_never_leaves_the_range_over_the_box():
    low, high = over(baseline, **BOUNDS)
    table = uncertainty.tornado(baseline, BASE, BOUNDS)
    assert (table[["at_low", "at_high"]].to_numpy() > low).all()
    assert (table[["at_low", "at_high"]].to_numpy() < high).all()


def test_swings_of_a_sum_add_up_to_the_width_of_the_box():
    def total(a, b, c):
        return a + 2 * b - c

    bounds = {"a": (0, 1), "b": (0, 3), "c": (-1, 1)}
    table = uncertainty.tornado(total, {"a": 0.2, "b": 1, "c": 0}, bounds)
    low, high = over(total, **bounds)
    assert table.swing.sum() == approx(high - low)


def test_a_point_without_width_has_no_swing():
    assert uncertainty.tornado(baseline, BASE, {"agents": (775, 775)}).swing.tolist() == [0]


def test_draws_stay_within_the_box():
    answers = uncertainty.draws(baseline, BOUNDS, np.random.default_rng(1), n=2_000)
    low, high = over(baseline, **BOUNDS)
    assert len(answers) == 2_000 and low < answers.min() and answers.max() < high


def test_draws_are_uniform_and_independent():
    """The sum of two uniforms on 0..1 is triangular on 0..2."""
    answers = uncertainty.draws(lambda a, b: a + b, {"a": (0, 1), "b": (0, 1)}, np.random.default_rng(1), n=5_000)
    assert stats.kstest(answers, stats.triang(c=0.5, loc=0, scale=2).cdf).pvalue > 0.001


def test_a_number_is_held_and_a_seed_repeats():
    runs = [uncertainty.draws(baseline, BOUNDS | {"agents": 775}, np.random.default_rng(4), n=50) for _ in range(2)]
    assert np.array_equal(*runs)
    still = uncertainty.draws(baseline, BASE, np.random.default_rng(4), n=5)
    assert still == approx(np.full(5, baseline(**BASE)))


def test_a_base_outside_its_bounds_is_refused():
    with pytest.raises(ValueError, match="low <= base <= high must hold for agents"):
        uncertainty.tornado(baseline, BASE, {"agents": (800, 900)})


def test_a_bound_for_an_input_without_base_is_refused_by_name():
    with pytest.raises(ValueError, match="no base value for 'agent'; there is: agents"):
        uncertainty.tornado(baseline, BASE, {"agent": (750, 800)})


def test_an_open_range_has_no_uniform_prior():
    with pytest.raises(ValueError, match="both finite"):
        uncertainty.draws(baseline, BOUNDS | {"expected": (5_000, math.inf)}, np.random.default_rng(1), n=5)
