import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pytest import approx
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from casestudy.intervals import over
from casestudy.models import satisfaction

REFERENCES = Path(__file__).parents[1] / "references"


# Per cent of what


def test_the_printed_change_is_five_numbers_on_0_to_10():
    ways = satisfaction.rise(before=6.6, after=8.1, low=0, high=10)
    assert list(ways.values()) == approx(
        [1.5, 0.150, 0.227, 0.227, 0.441], abs=5e-4
    )  # to the printed tenth of a per cent


def test_the_scale_changes_two_of_the_five():
    ways = satisfaction.rise(before=6.6, after=8.1, low=1, high=10)
    assert list(ways.values()) == approx([1.5, 0.167, 0.227, 0.268, 0.441], abs=5e-4)


def test_rounding_alone_makes_the_per_cent_of_the_score_21_to_24():
    def of_the_score(before, after):
        return satisfaction.rise(before, after, low=0, high=10)["of the score"]

    assert over(of_the_score, before=(6.55, 6.65), after=(8.05, 8.15)) == approx((0.2105, 0.2443), abs=5e-5)


def test_a_fall_is_negative_in_all_five():
    assert max(satisfaction.rise(before=8.1, after=6.6, low=0, high=10).values()) < 0


def test_shares_of_scale_floor_and_headroom_do_not_depend_on_where_the_scale_begins():
    here = satisfaction.rise(before=6.6, after=8.1, low=1, high=10)
    moved = satisfaction.rise(before=5.6, after=7.1, low=0, high=9)
    for share in ("of the scale", "above the floor", "of the headroom"):
        assert here[share] == approx(moved[share], rel=1e-12)


@pytest.mark.parametrize("before, after", [(0, 5), (10, 8), (6.6, 14), (6.6, -1), (math.nan, 5)])
def test_scores_off_the_scale_are_refused(before, after):
    with pytest.raises(ValueError, match="low < before < high"):
        satisfaction.rise(before=before, after=after, low=0, high=10)


# The smallest effect


def test_the_scale_forces_an_effect_of_a_third_of_a_standard_deviation():
    assert satisfaction.smallest_effect(before=6.6, after=8.1, low=0, high=10) == approx(0.321, abs=5e-4)
    assert satisfaction.smallest_effect(before=6.6, after=8.1, low=1, high=10) == approx(0.346, abs=5e-4)
    assert satisfaction.smallest_effect(before=6.6, after=8.1, low=0, high=10, resolution=0) == approx(0.345, abs=5e-4)


def test_about_153_ratings_a_period_find_that_effect():
    effect = satisfaction.smallest_effect(before=6.6, after=8.1, low=0, high=10)
    assert satisfaction.n_per_group(effect) == 154  # the solution is 153.04, and 153 fall just short of 80%


def test_no_ratings_beat_the_smallest_effect():
    """Two-point ratings at the ends attain it; every other distribution with these means has a larger d."""
    before, after = np.repeat([0, 10], [340, 660]), np.repeat([0, 10], [190, 810])
    smallest = satisfaction.smallest_effect(before=6.6, after=8.1, low=0, high=10, resolution=0)
    assert 1.5 / np.sqrt((before.var() + after.var()) / 2) == approx(smallest, rel=1e-12)
    middling = np.repeat([6, 7], [400, 600])  # the same mean of 6.6, less spread
    assert 1.5 / np.sqrt((middling.var() + after.var()) / 2) > smallest


def test_a_rise_and_its_mirror_image_have_the_same_smallest_effect():
    rise = satisfaction.smallest_effect(before=6.6, after=8.1, low=0, high=10)
    assert satisfaction.smallest_effect(before=3.4, after=1.9, low=0, high=10) == approx(rise, rel=1e-12)


def test_a_change_within_rounding_forces_no_effect_and_no_sample_finds_it():
    assert satisfaction.smallest_effect(before=6.6, after=6.7, low=0, high=10) == 0
    assert satisfaction.n_per_group(0) == math.inf


def test_a_change_from_floor_to_ceiling_leaves_no_spread_and_two_ratings_are_enough():
    effect = satisfaction.smallest_effect(before=0, after=10, low=0, high=10, resolution=0)
    assert effect == math.inf
    assert satisfaction.n_per_group(effect) == 2


def test_sample_sizes_of_cohen():
    reference = json.loads((REFERENCES / "power_t.json").read_text())
    sizes = [satisfaction.n_per_group(effect) for effect in reference["inputs"]["effect"]]
    assert sizes == reference["published"]["n_per_group"]


# Ratings behind a mean


@pytest.mark.parametrize("low, high", [(0, 10), (1, 10), (1, 5), (-2, 2)])
@pytest.mark.parametrize("height", [0.01, 0.25, 0.66, 0.81, 0.99])
@pytest.mark.parametrize("width", [0.01, 0.5, 0.99])
def test_rating_shares_have_the_mean_and_spread_asked_for(low, high, height, width):
    mean = low + height * (high - low)
    part = mean - math.floor(mean)
    narrow, wide = math.sqrt(part * (1 - part)), satisfaction.widest_sd(mean, low, high)
    sd = narrow + width * (wide - narrow)
    shares, ratings = satisfaction.rating_shares(mean, sd, low, high), np.arange(low, high + 1)
    assert shares.min() >= 0 and shares.sum() == approx(1, rel=1e-12)
    assert shares @ ratings == approx(mean, abs=1e-6)  # the solver's own acceptance
    assert math.sqrt(shares @ (ratings - mean) ** 2) == approx(sd, abs=1e-5)


def test_the_widest_spread_is_everybody_at_one_end():
    shares = satisfaction.rating_shares(mean=6.6, sd=satisfaction.widest_sd(6.6, 0, 10), low=0, high=10)
    assert shares[[0, 10]] == approx([0.34, 0.66]) and shares[1:10].max() == 0


def test_the_narrowest_spread_is_the_two_neighbours_of_the_mean():
    shares = satisfaction.rating_shares(mean=6.6, sd=math.sqrt(0.24), low=0, high=10)
    assert shares[[6, 7]] == approx([0.4, 0.6]) and shares.sum() == approx(1)


@pytest.mark.parametrize("sd", [0.48, 4.74, -1, math.nan])  # possible are 0.4899 to 4.7371
def test_a_spread_that_no_ratings_have_is_refused(sd):
    with pytest.raises(ValueError, match="have sd from"):
        satisfaction.rating_shares(mean=6.6, sd=sd, low=0, high=10)


def test_a_scale_between_whole_numbers_is_needed():
    with pytest.raises(ValueError, match="two whole numbers"):
        satisfaction.rating_shares(mean=3, sd=1, low=0.5, high=10)


@pytest.mark.parametrize("n", [5, 50, 10_000])
def test_repaired_ratings_hit_the_mean_as_whole_numbers(n):
    ratings = satisfaction.calibrated_ratings(6.6, n, 2.3, 0, 10, np.random.default_rng(1), exact=True)
    assert len(ratings) == n and ratings.sum() * 5 == 33 * n and ratings.min() >= 0 and ratings.max() <= 10


def test_a_mean_that_integers_cannot_have_is_refused():
    with pytest.raises(ValueError, match="must be whole"):
        satisfaction.calibrated_ratings(6.6, 7, 2.3, 0, 10, np.random.default_rng(1), exact=True)


def test_drawn_means_vary_as_sampling_says_and_repaired_ones_not_at_all():
    rng = np.random.default_rng(2)
    means = [satisfaction.calibrated_ratings(6.6, 50, 2.3, 0, 10, rng).mean() for _ in range(200)]
    fixed = [satisfaction.calibrated_ratings(6.6, 50, 2.3, 0, 10, rng, exact=True).mean() for _ in range(20)]
    low, high = stats.chi2.ppf([0.0005, 0.9995], 199)
    assert low < sum((np.array(means) - 6.6) ** 2) / (2.3**2 / 50) < high
    assert np.ptp(fixed) == 0


# Mix


def test_nines_must_go_from_40_to_77_and_a_half_per_cent():
    shares = [satisfaction.mix_share(score, easy=9, hard=5) for score in (6.6, 8.1)]
    assert shares == approx([0.4, 0.775], rel=1e-12)


def test_deflecting_easy_cases_lowers_the_score_and_preventing_hard_ones_raises_it():
    mix = {"share_easy": 0.4, "csat_easy": 9, "csat_hard": 5, "deflected_share": 0.1}
    easy, hard = (satisfaction.csat_after_deflection(**mix, deflected=kind) for kind in ("easy", "hard"))
    assert easy == approx((0.3 * 9 + 0.6 * 5) / 0.9) and hard == approx((0.4 * 9 + 0.5 * 5) / 0.9)
    assert easy < 6.6 < hard


def test_preventing_half_of_all_cases_makes_the_whole_printed_rise():
    prevented = 1 - 0.4 / 0.775  # all of them hard; the easy 40% then are 77.5% of what is left
    score = satisfaction.csat_after_deflection(0.4, 9, 5, deflected_share=prevented, deflected="hard")
    assert prevented == approx(0.484, abs=5e-4) and score == approx(8.1)


def test_deflected_and_remaining_cases_average_to_the_score_before():
    left = satisfaction.csat_after_deflection(0.4, 9, 5, deflected_share=0.25, deflected="easy")
    assert 0.75 * left + 0.25 * 9 == approx(0.4 * 9 + 0.6 * 5)


@pytest.mark.parametrize(
    "share_easy, gone, kind, left", [(0.8, 0.2, "hard", 9), (0.7, 0.3, "hard", 9), (0.2, 0.2, "easy", 5)]
)
def test_all_cases_of_one_kind_can_be_deflected_and_the_others_keep_their_score(share_easy, gone, kind, left):
    """1 - 0.8 is a little below 0.2, and 1 - 0.7 a little above 0.3."""
    assert satisfaction.csat_after_deflection(share_easy, 9, 5, deflected_share=gone, deflected=kind) == approx(left)


@pytest.mark.parametrize("kind, share_easy, gone", [("easy", 0.4, 0.5), ("hard", 0.8, 0.21), ("easy", 1, 1)])
def test_more_cannot_be_deflected_than_there_is_nor_everything(kind, share_easy, gone):
    with pytest.raises(ValueError, match=f"deflected_share must be .*at most the share of {kind} cases"):
        satisfaction.csat_after_deflection(share_easy, 9, 5, deflected_share=gone, deflected=kind)


@pytest.mark.parametrize("share_easy", [1.2, -0.1, math.nan])
def test_a_share_of_easy_cases_that_is_no_share_is_named(share_easy):
    with pytest.raises(ValueError, match="share_easy must be a share, 0-1"):
        satisfaction.csat_after_deflection(share_easy, 9, 5, deflected_share=0.1, deflected="hard")


def test_a_kind_of_case_that_is_neither_easy_nor_hard_is_refused():
    with pytest.raises(ValueError, match="deflected must be 'easy' or 'hard': got 'odd'"):
        satisfaction.csat_after_deflection(0.4, 9, 5, deflected_share=0.1, deflected="odd")


# Invented cases


def ordinal_fit(cases: pd.DataFrame, period: bool = True):
    design = pd.DataFrame({"log_hours": np.log(cases.response_hours / 24)})
    if period:
        design["later"] = (cases.period == "after").astype(float)
    return OrderedModel(cases.csat, design, distr="logit").fit(method="bfgs", disp=0, maxiter=500)


def test_the_ordinal_fit_recovers_the_slope_that_was_put_in():
    runs, low, high = 100, *stats.binom.ppf([0.001, 0.999], 100, 0.95)  # 87 to 100 of 100
    covered = 0
    for seed in range(runs):
        cases = satisfaction.invented_cases(
            n=150, rng=np.random.default_rng(seed), slope=-0.4, before=3, after=4, low=1, high=5
        )
        fit = ordinal_fit(cases)
        covered += abs(fit.params["log_hours"] + 0.4) < 1.96 * fit.bse["log_hours"]
    assert low <= covered <= high


@pytest.mark.parametrize("slope", [0.0, -0.4])
def test_a_large_sample_pins_the_slope_at_the_printed_scores(slope):
    fit = ordinal_fit(satisfaction.invented_cases(n=1_500, rng=np.random.default_rng(1), slope=slope))
    assert abs(fit.params["log_hours"] - slope) < 4 * fit.bse["log_hours"] < 0.16


def test_without_the_period_the_fit_credits_response_time_with_everything_else():
    cases = satisfaction.invented_cases(n=1_500, rng=np.random.default_rng(1), slope=0.0)
    fit = ordinal_fit(cases, period=False)
    assert fit.params["log_hours"] < -10 * fit.bse["log_hours"]


@pytest.mark.parametrize("slope, low, before, after", [(0, 0, 6.6, 8.1), (-1, 1, 6.6, 8.1), (-0.4, 0, 8.1, 6.6)])
def test_the_same_means_arise_at_any_slope(slope, low, before, after):
    cases = satisfaction.invented_cases(
        n=40_000, rng=np.random.default_rng(1), slope=slope, before=before, after=after, low=low
    )
    means = cases.groupby("period").csat.mean()
    assert means[["before", "after"]].tolist() == approx([before, after], abs=4 * 2.5 / math.sqrt(40_000))


def test_response_times_fall_by_the_printed_share():
    hours = (
        satisfaction.invented_cases(n=40_000, rng=np.random.default_rng(1)).groupby("period").response_hours.median()
    )
    assert 1 - hours["after"] / hours["before"] == approx(0.85, abs=0.01)  # medians of 40,000 vary by 0.6%


def test_invented_cases_say_so_in_every_row():
    cases = satisfaction.invented_cases(n=10, rng=np.random.default_rng(1))
    assert (cases.layer == "invented").all() and cases.case.str.startswith("INV-").all() and cases.case.is_unique


@pytest.mark.parametrize("change", [{"power": 1.0}, {"power": 0.05}, {"alpha": 0.0}, {"power": math.nan}])
def test_no_number_of_ratings_is_sure(change):
    with pytest.raises(ValueError, match="0 < alpha < power < 1 must hold"):
        satisfaction.n_per_group(0.3, **change)
    for effect in (-0.1, math.nan):
        with pytest.raises(ValueError, match="effect must be 0 or more"):
            satisfaction.n_per_group(effect)
