import json
import math
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from pytest import approx
from scipy import stats

from casestudy.models import effects

REFERENCES = Path(__file__).parents[1] / "references"
SERIES = np.random.default_rng(7).normal(6.6, 0.3, size=(3, 24)) + np.linspace(0, 1, 24)


# The three designs


def test_before_and_after_is_students_t_test():
    reference = json.loads((REFERENCES / "student_sleep.json").read_text())
    first, second = reference["inputs"]["group_1"], reference["inputs"]["group_2"]
    published, tolerance = reference["published"], reference["tolerance"]
    effect = effects.before_after(second + first, launch=len(second))  # first less second, as printed
    assert effect.estimate == approx(published["mean_1"] - published["mean_2"], abs=tolerance["mean_1"])
    assert effect.low == approx(published["low"], abs=tolerance["low"])
    assert effect.high == approx(published["high"], abs=tolerance["high"])
    assert effect.p == approx(published["p"], abs=tolerance["p"])


def test_the_jump_is_between_two_lines_fitted_apart():
    values = SERIES[0]
    before, after = np.polyfit(np.arange(10), values[:10], 1), np.polyfit(np.arange(10, 24), values[10:], 1)
    jump = np.polyval(after, 10) - np.polyval(before, 10)
    assert effects.interrupted_series(values, launch=10).estimate == approx(jump, rel=1e-9)


def test_differences_equal_the_regression_with_an_effect_for_each_month_and_series():
    treated, control, months = SERIES[0], SERIES[1], 24
    is_treated, after = np.repeat([1.0, 0.0], months), np.tile(np.arange(months) >= 12, 2)
    design = np.column_stack([is_treated * after, is_treated, np.tile(np.eye(months), (2, 1))])
    fit = sm.OLS(np.concatenate([treated, control]), design).fit()
    ours = effects.difference_in_differences(treated, control, launch=12)
    assert ours == approx((fit.params[0], *fit.conf_int()[0], fit.pvalues[0]), rel=1e-9)


def test_a_straight_trend_is_no_jump_and_a_shared_shock_no_difference():
    line = 5 + 0.1 * np.arange(24)
    wobble = 0.01 * np.cos(np.arange(24) * 2.0)
    assert abs(effects.interrupted_series(line + wobble, launch=12).estimate) < 0.01
    assert effects.before_after(line + wobble, launch=12).estimate == approx(1.2, abs=0.01)
    shock = np.random.default_rng(1).normal(size=24)
    alone = effects.difference_in_differences(SERIES[0], SERIES[1], launch=12)
    assert effects.difference_in_differences(SERIES[0] + shock, SERIES[1] + shock, launch=12) == approx(alone, rel=1e-9)


@pytest.mark.parametrize("kind", effects.WORLDS)
def test_an_effect_put_in_moves_each_estimate_by_just_that_much(kind):
    def estimates(effect):
        frame = effects.world(kind, np.random.default_rng(3), effect=effect)
        designs = (
            effects.before_after(frame.treated, launch=12),
            effects.interrupted_series(frame.treated, launch=12),
            effects.difference_in_differences(frame.treated, frame.control, launch=12),
        )
        return np.array([design.estimate for design in designs])

    assert estimates(0.7) - estimates(0.0) == approx(np.full(3, 0.7), abs=1e-9)


def test_too_few_months_are_refused():
    with pytest.raises(ValueError, match="at least 2 months on each side"):
        effects.before_after([1, 2, 3], launch=2)
    with pytest.raises(ValueError, match="at least 3 months on each side"):
        effects.interrupted_series([1, 2, 3, 4, 5], launch=2)


def test_series_of_different_length_are_refused():
    with pytest.raises(ValueError, match="the same months: got 4 and 5"):
        effects.difference_in_differences([1, 2, 3, 4], [1, 2, 3, 4, 5], launch=2)


# The grid


@pytest.mark.parametrize("kind", effects.WORLDS)
def test_the_grid_computes_what_statsmodels_computes(kind):
    frame = effects.world(kind, np.random.default_rng(5), noise=0.5)
    treated, control = frame.treated.to_numpy(), frame.control.to_numpy()
    slow = {
        "before and after": effects.before_after(treated, 12).p,
        "interrupted series": effects.interrupted_series(treated, 12).p,
        "interrupted series, HAC": effects.interrupted_series(treated, 12, hac_lags=2).p,
        "difference in differences": effects.difference_in_differences(treated, control, 12).p,
    }
    fast = {name: method(treated[None], control[None], 12)[0] for name, method in effects.METHODS.items()}
    assert list(slow) == list(fast)
    assert np.array(list(fast.values())) == approx(np.array(list(slow.values())), abs=1e-10)


@pytest.fixture(scope="module")
def grid():
    return effects.false_positive_grid(seed=1, runs=4_000)


def band(runs=4_000, rate=0.05):
    return stats.binom.ppf([0.0005, 0.9995], runs, rate) / runs


@pytest.mark.parametrize(
    "method, world",
    [
        ("before and after", "nothing else happens"),
        ("before and after", "control on its own trend"),
        ("interrupted series", "nothing else happens"),
        ("interrupted series", "linear trend"),
        ("difference in differences", "nothing else happens"),
        ("difference in differences", "linear trend"),
        ("difference in differences", "curved trend"),
    ],
)
def test_a_method_is_right_19_times_in_20_where_its_assumptions_hold(grid, method, world):
    low, high = band()
    assert low <= grid.loc[method, world] <= high


def test_every_method_fails_somewhere(grid):
    assert (grid.max(axis=1) > 0.15).all()  # three times the 5% that it promises


@pytest.mark.parametrize(
    "method, world",
    [
        ("before and after", "linear trend"),
        ("before and after", "launched at a low point"),
        ("interrupted series", "curved trend"),
        ("interrupted series", "autocorrelated"),
        ("interrupted series", "launched at a low point"),
        ("interrupted series, HAC", "nothing else happens"),
        ("difference in differences", "autocorrelated"),
        ("difference in differences", "control on its own trend"),
    ],
)
def test_a_broken_assumption_costs_more_false_alarms(grid, method, world):
    assert grid.loc[method, world] > band()[1]


def test_the_autocorrelation_remedy_rejects_more_often_than_what_it_should_cure(grid):
    assert (grid.loc["interrupted series, HAC"] > grid.loc["interrupted series"]).all()


def test_the_unit_of_the_score_does_not_matter(grid):
    assert effects.false_positive_grid(seed=1, runs=400, rise=1.5, noise=0.25).equals(
        effects.false_positive_grid(seed=1, runs=400, rise=150, noise=25)
    )


def test_a_column_does_not_depend_on_which_others_are_asked_for(grid):
    alone = effects.false_positive_grid(seed=1, runs=4_000, worlds=["autocorrelated"])
    assert alone["autocorrelated"].equals(grid["autocorrelated"])


# The worlds


@pytest.mark.parametrize("kind", ["linear trend", "curved trend"])
@pytest.mark.parametrize("rise", [1.5, -1.5])
def test_a_trend_alone_makes_the_printed_rise(kind, rise):
    means = effects.world(kind, np.random.default_rng(1), rise=rise, noise=0).groupby("after").treated.mean()
    assert means.tolist() == approx([6.6, 6.6 + rise])


def test_months_remember_as_much_as_stated():
    treated, _ = effects.WORLDS["autocorrelated"](np.random.default_rng(1), 1, 50_000, 0.0, 1.0)
    assert np.corrcoef(treated[0, :-1], treated[0, 1:])[0, 1] == approx(0.4, abs=0.02)  # 4.9 standard errors
    assert treated.std() == approx(1, abs=0.03)


def test_the_quarter_before_a_launch_at_a_low_point_is_low_and_the_control_is_not():
    treated, control = effects.WORLDS["launched at a low point"](np.random.default_rng(1), 2_000, 24, 0.0, 1.0)
    assert treated[:, 9:12].mean() < -1 and abs(control[:, 9:12].mean()) < 0.05  # 0.013 is one standard error


def test_invented_months_say_so_in_every_row():
    frame = effects.world("curved trend", np.random.default_rng(1))
    assert (frame.layer == "invented").all() and frame.id.str.startswith("INV-").all() and frame.id.is_unique


def test_an_unknown_world_is_refused_with_the_list():
    with pytest.raises(ValueError, match="no world 'mars'; there is: nothing else happens"):
        effects.world("mars", np.random.default_rng(1))
    with pytest.raises(ValueError, match="no method or world 'magic'"):
        effects.false_positive_grid(seed=1, methods=["magic"])


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_series_with_a_gap_is_refused_by_every_design(wrong):
    series, other = [1.0, 2.0, wrong, 4.0, 5.0, 7.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    for ask in (
        lambda: effects.before_after(series, 3),
        lambda: effects.interrupted_series(series, 3),
        lambda: effects.difference_in_differences(other, series, 3),
    ):
        with pytest.raises(ValueError, match="a series is one row of finite numbers"):
            ask()


@pytest.mark.parametrize("design", [effects.before_after, effects.interrupted_series])
def test_a_series_without_scatter_has_an_estimate_and_no_standard_error(design):
    still = design([3.0] * 8, 4)
    assert abs(still.estimate) < 1e-9 and math.isnan(still.p) and math.isnan(still.low) and math.isnan(still.high)
    step = design([3.0] * 4 + [5.0] * 4, 4)
    assert step.estimate == pytest.approx(2) and math.isnan(step.p)


@pytest.mark.parametrize("level", [0, 1, math.nan])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        effects.before_after([1, 3, 6, 8], 2, level)


def test_a_hidden_change_of_the_size_that_is_needed_makes_the_whole_rise():
    """Two kinds of case, no effect of the programme: the share of one grows by 0.375, and it is worth 4 points."""
    rng = np.random.default_rng(6)
    worth = float(effects.confounder_needed(1.5, 0.375))
    before, after = (rng.normal(5, 1, 200_000) + worth * (rng.random(200_000) < share) for share in (0.4, 0.775))
    assert after.mean() - before.mean() == pytest.approx(1.5, abs=0.02)
    for shift in (0.0, -0.2, 1.1, math.nan):
        with pytest.raises(ValueError, match="a shift in"):
            effects.confounder_needed(1.5, shift)
