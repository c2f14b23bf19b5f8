import itertools

import numpy as np
import pytest
from pytest import approx

from casestudy import intervals
from casestudy.models import staffing

AGENTS, EXPECTED, DEFLECTION = (750, 800), (5_000, 10_000), (0.965, 0.975)  # document 004, paragraph 11


def test_no_self_service_needs_twenty_one_to_thirty_two_thousand():
    assert staffing.heads_without_deflection(agents=np.array([750, 800]), deflection=0.97) == approx(
        [25_000, 26_666.67]
    )
    heads = intervals.over(staffing.heads_without_deflection, agents=AGENTS, deflection=DEFLECTION)
    assert heads == approx((21_429, 32_000), abs=0.5)


def test_the_expected_headcount_assumes_a_deflection_of_fifty_three_to_eighty_four_per_cent():
    printed = intervals.over(staffing.implied_deflection, agents=AGENTS, expected=EXPECTED, deflection=0.97)
    rounded = intervals.over(staffing.implied_deflection, agents=AGENTS, expected=EXPECTED, deflection=DEFLECTION)
    assert printed == approx((0.60, 0.8125), abs=1e-12)
    assert rounded == approx((1 - 0.035 * 10_000 / 750, 1 - 0.025 * 5_000 / 800), abs=1e-12)  # 53% and 84%


def test_if_resolution_time_were_handle_time_the_case_would_count_one_saving_twice():
    baseline = intervals.over(
        staffing.implied_deflection, agents=AGENTS, expected=EXPECTED, deflection=0.97, work=1 - 0.68
    )
    assert baseline == approx((0.872, 0.94), abs=1e-12)


def test_no_saving_implies_the_same_deflection():
    assert staffing.implied_deflection(agents=800, expected=800, deflection=0.97) == approx(0.97)


def test_more_deflection_needs_a_larger_baseline_for_the_same_saving():
    baselines = staffing.implied_deflection(agents=800, expected=5_000, deflection=np.array([0.90, 0.95, 0.97]))
    assert np.all(np.diff(baselines) > 0)


def test_implied_deflection_moves_one_way_in_each_argument():
    grid = itertools.product((700, 750, 800), (5_000, 7_500, 10_000), (0.96, 0.97, 0.98), (0.32, 0.7, 1.0))
    directions = np.array([1, -1, 1, -1])  # agents, expected, deflection, work
    for point in grid:
        before = staffing.implied_deflection(*point)
        for argument, direction in enumerate(directions):
            moved = [*point]
            moved[argument] *= 1.01
            assert (staffing.implied_deflection(*moved) - before) * direction > 0


def test_baseline_and_no_deflection_tell_one_story():
    heads = staffing.heads_without_deflection(agents=800, deflection=0.97)
    baseline = staffing.implied_deflection(agents=800, expected=5_000, deflection=0.97)
    assert heads * (1 - baseline) == approx(5_000)
    assert staffing.implied_deflection(agents=800, expected=heads, deflection=0.97) == approx(0, abs=1e-12)
    assert staffing.implied_deflection(agents=800, expected=2 * heads, deflection=0.97) < 0  # figures that do not fit


def test_agents_avoided_are_the_difference_of_the_two_ranges():
    assert intervals.over(staffing.agents_avoided, agents=AGENTS, expected=EXPECTED) == (4_200, 9_250)


def test_browsers_among_the_visitors_flatter_deflection():
    assert staffing.deflection_among_issues(deflection=0.97, browsing_share=0.21) == approx(1 - 3 / 79)
    assert staffing.deflection_among_issues(deflection=0.97, browsing_share=0) == approx(0.97)


def test_six_heads_fill_one_seat_around_the_clock():
    assert staffing.seats(heads=775, shrinkage=0.3) == approx(129.17, abs=0.005)
    assert staffing.seats(heads=775, shrinkage=0, open_hours_per_week=40) == 775


def test_the_funnel_multiplies_whatever_the_stage_that_improves():
    start = dict(
        members=350e6, issues_per_member=0.2, prevention=0.5, deflection=0.97, handle_hours=1, hours_per_head=1_400
    )
    heads = staffing.funnel(**start)["heads"]
    assert staffing.funnel(**start | {"handle_hours": 0.5})["heads"] == approx(heads / 2)
    assert staffing.funnel(**start | {"prevention": 0.75})["heads"] == approx(heads / 2)
    assert staffing.funnel(**start | {"deflection": 0.985})["heads"] == approx(heads / 2)
    assert list(staffing.funnel(**start).values())[1:4] == approx([70e6, 35e6, 1.05e6])


def test_the_slope_of_the_funnel_in_logs_is_what_is_deflected_over_what_is_left():
    def heads(deflection):
        return staffing.funnel(1e6, 1, 0.5, deflection, 1, 1_000)["heads"]

    slope = np.log(heads(0.97 * 1.0001) / heads(0.97 / 1.0001)) / (2 * np.log(1.0001))
    assert slope == approx(-0.97 / 0.03, rel=1e-4)  # a step of 1e-4, squared, times 1/(1-d)^2


def test_shares_of_the_saving_add_up_and_a_lost_factor_counts_against():
    shares = staffing.log_shares({"demand": 0.5, "deflection": 0.19 / 0.03, "efficiency": 3})
    assert sum(shares.values()) == approx(1)
    assert shares["demand"] < 0 < shares["efficiency"] < shares["deflection"]
    doubled = staffing.log_shares({"demand": 0.25, "deflection": (0.19 / 0.03) ** 2, "efficiency": 9})
    assert doubled == approx(shares)  # every ratio squared: the same story


def test_a_backlog_needs_its_load_and_the_slack():
    assert staffing.agents_for_backlog(cases_per_hour=120, handle_hours=0.5, occupancy=1) == 60
    assert staffing.agents_for_backlog(cases_per_hour=120, handle_hours=0.5, occupancy=0.8) == approx(75)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: staffing.implied_deflection(agents=6_000, expected=5_000, deflection=0.97),
            "agents must be positive and at most expected: got agents=6000, expected=5000",
        ),
        (lambda: staffing.agents_avoided(agents=0, expected=5_000), "agents must be positive and at most expected"),
        (
            lambda: staffing.implied_deflection(np.array([700, 900]), np.array([800, 850]), 0.97),
            "got agents=900, expected=850",
        ),
        (
            lambda: staffing.heads_without_deflection(800, 1),
            "deflection is a share: at least 0, below 1: got deflection=1",
        ),
        (lambda: staffing.heads_without_deflection(800, 97), "deflection is a share"),
        (lambda: staffing.heads_without_deflection(float("nan"), 0.9), "agents must be positive: got agents=nan"),
        (lambda: staffing.implied_deflection(800, 5_000, 0.97, work=0), "work must be positive"),
        (lambda: staffing.deflection_among_issues(0.97, -0.1), "browsing_share is a share"),
        (lambda: staffing.seats(775, 0.3, hours_per_week=200), "hours_per_week must be positive, at most 168"),
        (lambda: staffing.funnel(-1, 1, 0, 0, 1, 1), "members must be at least 0"),
        (lambda: staffing.log_shares({"demand": 0}), "a ratio must be positive and finite: got demand=0"),
        (lambda: staffing.log_shares({"demand": 2, "efficiency": 0.5}), "must not multiply to 1"),
        (lambda: staffing.agents_for_backlog(1, 1, 1.2), "occupancy must be above 0 and at most 1"),
    ],
)
def test_refused_with_what_must_hold_and_what_came_in(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_heads_that_lag_behind_contacts_imply_a_lower_baseline_and_in_proportion_is_exponent_one():
    assert staffing.implied_deflection(800, 5_000, 0.97, exponent=1.0) == staffing.implied_deflection(800, 5_000, 0.97)
    lagging = staffing.implied_deflection(800, 5_000, 0.97, exponent=0.9)
    assert (1 - lagging) / 0.03 == approx((5_000 / 800) ** (1 / 0.9))  # contacts, of which heads are the power 0.9


def test_issues_of_a_visitor_put_through_the_funnel_give_the_heads_back():
    rate = staffing.issues_per_visitor(350e6, 0.25, 0.97, agents=775, handle_hours=1 / 6, hours_per_head=105)
    stages = staffing.funnel(350e6 * 0.25, rate, 0.0, 0.97, handle_hours=1 / 6, hours_per_head=105)
    assert stages["heads"] == approx(775)
    with pytest.raises(ValueError, match="visiting must be positive"):
        staffing.issues_per_visitor(350e6, 0.0, 0.97, 775, 1 / 6, 105)
