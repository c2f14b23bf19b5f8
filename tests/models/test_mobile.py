import json
import math
from pathlib import Path

import numpy as np
import pytest
from pytest import approx
from statsmodels.stats.proportion import confint_proportions_2indep

from casestudy.intervals import over
from casestudy.models import mobile

REFERENCES = Path(__file__).parents[1] / "references"
BEFORE, AFTER, TRAFFIC = (0.045, 0.055), (0.115, 0.125), (0.495, 0.505)  # printed 5, 12 and 50 per cent


# How large


def test_the_odds_rose_2_6_fold_and_rounding_makes_that_2_2_to_3():
    assert mobile.odds_ratio(before=0.05, after=0.12) == approx(2.59, abs=5e-3)
    assert over(mobile.odds_ratio, before=BEFORE, after=AFTER) == approx((2.23, 3.03), abs=5e-3)


def test_the_odds_ratio_of_the_other_cases_is_the_inverse():
    assert mobile.odds_ratio(0.95, 0.88) == approx(1 / mobile.odds_ratio(0.05, 0.12), rel=1e-12)


def test_newcombe_table_two():
    reference = json.loads((REFERENCES / "newcombe_difference.json").read_text())
    events_1, n_1, events_2, n_2 = np.array(reference["inputs"]["cases"]).T
    low, high = confint_proportions_2indep(events_1, n_1, events_2, n_2, method="newcomb", compare="diff")
    assert low == approx(reference["published"]["low"], abs=reference["tolerance"])
    assert high == approx(reference["published"]["high"], abs=reference["tolerance"])


def test_newcombe_case_of_equal_groups_through_our_own_function():
    ours = mobile.difference_against_n(before=2 / 7, after=6 / 7, n=7)
    assert ours[["low", "high"]].iloc[0].tolist() == approx([0.0582, 0.8062], abs=6e-5)


def test_the_interval_of_the_difference_shrinks_as_n_grows_and_excludes_nought_by_500():
    curve = mobile.difference_against_n(before=0.05, after=0.12, n=[100, 500, 5_000, 500_000])
    assert curve.low.tolist() == approx([-0.010, 0.036, 0.059, 0.069], abs=6e-4)
    assert curve.high.tolist() == approx([0.153, 0.105, 0.081, 0.071], abs=6e-4)
    assert (curve.width.diff().dropna() < 0).all()


def test_a_count_of_nobody_is_refused():
    with pytest.raises(ValueError, match="n must be positive"):
        mobile.difference_against_n(0.05, 0.12, [100, 0])


# Cases and traffic


def test_a_mobile_visit_sends_seven_times_fewer_cases():
    assert mobile.cases_per_visit_ratio(case_share=0.12, traffic_share=0.5) == approx(0.136, abs=5e-4)
    low, high = over(mobile.cases_per_visit_ratio, case_share=AFTER, traffic_share=TRAFFIC)
    assert (1 / high, 1 / low) == approx((6.9, 7.9), abs=0.05)


def test_equal_shares_of_cases_and_traffic_mean_equal_rates():
    assert mobile.cases_per_visit_ratio(case_share=0.3, traffic_share=0.3) == approx(1, rel=1e-12)


def test_at_unchanged_rates_five_per_cent_of_cases_is_28_per_cent_of_traffic():
    ratio = mobile.cases_per_visit_ratio(case_share=0.12, traffic_share=0.5)
    assert mobile.traffic_share_needed(case_share=0.05, rate_ratio=ratio) == approx(0.278, abs=5e-4)


@pytest.mark.parametrize("traffic", [0.01, 0.278, 0.5, 0.99])
@pytest.mark.parametrize("ratio", [0.01, 0.136, 1, 20])
def test_share_ratio_and_traffic_are_inverses_of_one_another(traffic, ratio):
    share = mobile.case_share(traffic, ratio)
    assert mobile.traffic_share_needed(share, ratio) == approx(traffic, rel=1e-9)
    assert mobile.cases_per_visit_ratio(share, traffic) == approx(ratio, rel=1e-9)


def test_cases_are_all_mobile_only_when_traffic_is():
    assert mobile.case_share(0, rate_ratio=0.136) == 0 and mobile.case_share(1, rate_ratio=0.136) == 1


def test_traffic_alone_can_make_the_whole_jump():
    ratio = mobile.cases_per_visit_ratio(case_share=0.12, traffic_share=0.5)
    earlier = mobile.traffic_share_needed(case_share=0.05, rate_ratio=ratio)
    assert mobile.case_share(earlier, ratio) == approx(0.05) and mobile.case_share(0.5, ratio) == approx(0.12)


@pytest.mark.parametrize("traffic", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(("before", "after"), [(0.05, 0.12), (0.12, 0.05), (0.3, 0.31), (0.6, 0.9)])
def test_cases_per_visit_change_as_the_weighted_average_of_frozen_rates_does(before, after, traffic):
    ratio = mobile.cases_per_visit_ratio(case_share=after, traffic_share=traffic)
    earlier = mobile.traffic_share_needed(case_share=before, rate_ratio=ratio)
    averages = [np.average([1, ratio], weights=[1 - share, share]) for share in (earlier, traffic)]
    assert mobile.cases_per_visit_change(before, after, traffic) == approx(averages[1] / averages[0], rel=1e-12)


def test_at_frozen_rates_a_quarter_of_the_cases_of_a_visit_is_gone():
    assert mobile.cases_per_visit_change(0.05, 0.12, 0.5) == approx(0.748, abs=5e-4)
    printed = {"case_before": BEFORE, "case_after": AFTER, "traffic_after": TRAFFIC}
    assert over(mobile.cases_per_visit_change, **printed) == approx(
        (0.505 * 0.045 / 0.125 + 0.495 * 0.955 / 0.875, 0.495 * 0.055 / 0.115 + 0.505 * 0.945 / 0.885)
    )  # falls by 22 to 28%


def test_cases_per_visit_stay_where_no_share_of_cases_moves():
    assert mobile.cases_per_visit_change(0.12, 0.12, 0.5) == approx(1, rel=1e-12)


def test_in_odds_traffic_and_behaviour_multiply_without_an_order():
    cases, traffic = mobile.odds_ratio(0.05, 0.12), mobile.odds_ratio(0.2, 0.5)
    behaviour = mobile.cases_per_visit_ratio(0.12, 0.5) / mobile.cases_per_visit_ratio(0.05, 0.2)
    assert cases == approx(traffic * behaviour, rel=1e-12)


# Where it leads


def test_half_of_all_cases_is_two_more_steps_away_when_growth_ends_at_one():
    assert mobile.crossing(before=0.05, after=0.12, step_years=1, ceiling=1) == approx(2.09, abs=5e-3)


def test_years_to_the_crossing_are_proportional_to_the_unknown_step():
    fast, slow = (mobile.crossing(0.05, 0.12, step_years=years, ceiling=0.75) for years in (1, 3))
    assert slow == approx(3 * fast, rel=1e-12)


def test_the_curve_passes_the_points_it_was_given():
    assert mobile.crossing(0.05, 0.12, step_years=2, ceiling=0.75, target=0.12) == approx(0, abs=1e-12)
    assert mobile.crossing(0.05, 0.12, step_years=2, ceiling=0.75, target=0.05) == approx(-2)


def test_odds_are_counted_against_the_ceiling():
    """With a ceiling of a half: 10 to 40, 25 to 25, 40 to 10 are odds of 1:4, 1:1 and 4:1, one step apart."""
    assert mobile.crossing(before=0.1, after=0.25, step_years=3, ceiling=0.5, target=0.4) == approx(3)


def test_a_lower_ceiling_comes_later_and_one_at_the_target_never():
    years = [mobile.crossing(0.05, 0.12, step_years=2, ceiling=ceiling) for ceiling in (1, 0.75, 0.51, 0.5)]
    assert (np.diff(years[:3]) > 0).all() and years[2] < years[3] == math.inf


@pytest.mark.parametrize(
    "change", [{"after": 0.05}, {"ceiling": 0.12}, {"ceiling": 1.2}, {"step_years": 0}, {"step_years": math.inf}]
)
def test_a_curve_that_does_not_exist_is_refused(change):
    with pytest.raises(ValueError, match="before < after < ceiling"):
        mobile.crossing(**{"before": 0.05, "after": 0.12, "step_years": 2, "ceiling": 1} | change)


@pytest.mark.parametrize("share", [0, 1, 12, math.nan])
def test_shares_are_not_per_cents_and_exclude_the_ends(share):
    with pytest.raises(ValueError, match="share between 0 and 1"):
        mobile.odds_ratio(before=0.05, after=share)


# Invented months ------------------------------------------------------------------------------------------------------


def test_frozen_rates_bring_the_invented_cases_that_the_traffic_gives():
    """A million cases a month: the share scatters by at most 0.0005, and 0.002 is four of its standard errors."""
    months = mobile.invented_months([0.2, 0.5, 0.8], 0.25, cases=1_000_000, rng=np.random.default_rng(4))
    expected = [mobile.case_share(traffic_share=share, rate_ratio=0.25) for share in (0.2, 0.5, 0.8)]
    assert (months.mobile_cases / months.cases).to_numpy() == approx(expected, abs=0.002)
    assert set(months.layer) == {"invented"} and months.id.str.startswith("INV-").all()


def test_an_invented_trend_doubles_the_rate_in_the_years_it_says():
    """At 100% a year and even traffic, odds of 1:4 become 1:1 in two years; 0.002 as above."""
    months = mobile.invented_months([0.5] * 25, 0.25, cases=1_000_000, rng=np.random.default_rng(5), trend=1.0)
    assert (months.mobile_cases / months.cases)[[0, 12, 24]].to_list() == approx([1 / 5, 1 / 3, 1 / 2], abs=0.002)


@pytest.mark.parametrize(
    "call", [lambda ratio: mobile.case_share(0.5, ratio), lambda ratio: mobile.traffic_share_needed(0.5, ratio)]
)
@pytest.mark.parametrize("ratio", [0, -1, math.nan, math.inf])
def test_a_ratio_that_is_none_is_refused(call, ratio):
    with pytest.raises(ValueError, match="rate_ratio"):
        call(ratio)


@pytest.mark.parametrize(
    "change",
    [
        {"traffic_shares": [0.5, 1.0]}, {"traffic_shares": []}, {"traffic_shares": [math.nan]}, {"rate_ratio": 0},
        {"cases": 0}, {"trend": -1}, {"trend": math.inf},
    ],
)  # fmt: skip
def test_invented_months_without_odds_are_refused(change):
    given = {"traffic_shares": [0.5], "rate_ratio": 0.2, "cases": 10, "trend": 0.0} | change
    with pytest.raises(ValueError, match="must hold"):
        mobile.invented_months(**given, rng=np.random.default_rng(6))
