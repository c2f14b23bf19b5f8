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
    baseline = intervals.over(staffing.implied_deflection, agents=AGENTS, expected=EXPECTED, deflection=0.97, work=0.32)
    assert baseline == approx((0.872, 0.94), abs=1e-12)
    rounded = {"agents": AGENTS, "expected": EXPECTED, "deflection": DEFLECTION, "work": (1 - 0.685, 1 - 0.675)}
    assert intervals.over(staffing.implied_deflection, **rounded) == approx((0.848, 0.951), abs=5e-4)


def test_no_saving_implies_the_same_deflection():
    assert staffing.implied_deflection(agents=800, expected=800, deflection=0.97) == approx(0.97)


def test_more_deflection_needs_a_larger_baseline_for_the_same_saving():
    baselines = staffing.implied_deflection(agents=800, expected=5_000, deflection=np.array([0.90, 0.95, 0.97]))
    assert np.all(np.diff(baselines) > 0)


@pytest.mark.parametrize("argument", ["agents", "expected", "deflection", "demand", "work", "scale"])
def test_implied_deflection_moves_one_way_in_each_argument(argument):
    direction = {"agents": 1, "expected": -1, "deflection": 1, "demand": 1, "work": -1, "scale": 1}[argument]
    for agents, expected, deflection, demand, work in itertools.product(
        (700, 800), (5_000, 10_000), (0.96, 0.98), (1, 1.3), (0.3, 2)
    ):
        given = dict(agents=agents, expected=expected, deflection=deflection, demand=demand, work=work, scale=0.9)
        moved = given | {argument: 1.01 * given[argument]}
        assert (staffing.implied_deflection(**moved) - staffing.implied_deflection(**given)) * direction > 0


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


CHAIN = dict(
    members=350e6, visits_per_member=2, contacts_per_visit=0.1, deflection=0.97, handle_hours=1, hours_per_head=1_400
)


def test_the_funnel_multiplies_whatever_the_stage_that_improves():
    heads = staffing.funnel(**CHAIN)["heads"]
    assert staffing.funnel(**CHAIN | {"handle_hours": 0.5})["heads"] == approx(heads / 2)
    assert staffing.funnel(**CHAIN | {"contacts_per_visit": 0.05})["heads"] == approx(heads / 2)
    assert staffing.funnel(**CHAIN | {"deflection": 0.985})["heads"] == approx(heads / 2)
    assert list(staffing.funnel(**CHAIN).values())[1:4] == approx([700e6, 70e6, 2.1e6])


def test_devices_that_bring_as_many_contacts_make_the_mix_idle():
    alike = staffing.funnel(**CHAIN, phone_visits=np.array([0.1, 0.9]), rate_ratio=1)
    assert alike["heads"] == approx(staffing.funnel(**CHAIN)["heads"]) and alike["by_phone"] == approx([0.1, 0.9])


def test_deflection_changes_the_heads_and_not_the_share_by_phone():
    much, little = (staffing.funnel(**CHAIN | {"deflection": d}, phone_visits=0.5, rate_ratio=0.2) for d in (0.9, 0.1))
    assert much["by_phone"] == little["by_phone"] and little["heads"] == approx(9 * much["heads"])


def test_the_slope_of_the_funnel_in_logs_is_what_is_deflected_over_what_is_left():
    def heads(deflection):
        return staffing.funnel(**CHAIN | {"deflection": deflection})["heads"]

    slope = np.log(heads(0.97 * 1.0001) / heads(0.97 / 1.0001)) / (2 * np.log(1.0001))
    assert slope == approx(-0.97 / 0.03, rel=1e-4)  # a step of 1e-4, squared, times 1/(1-d)^2


PRINTED = dict(
    agents=AGENTS, expected=EXPECTED, deflection=DEFLECTION,
    case_before=(0.045, 0.055), case_after=(0.115, 0.125), visits_after=(0.495, 0.505),
)  # fmt: skip


@pytest.mark.parametrize("ends", list(itertools.product((0, 1), repeat=6)))
@pytest.mark.parametrize("visits", [0.5, 30.0])
def test_one_funnel_run_before_and_after_gives_every_printed_figure(ends, visits):
    """At each corner of the prints, however many visits: their number is free, and hours follow from it."""
    given = {name: pair[end] for (name, pair), end in zip(PRINTED.items(), ends, strict=True)}
    known = staffing.joint(**given)
    chain = dict(members=350e6, visits_per_member=visits, contacts_per_visit=0.1, rate_ratio=known["rate_ratio"])
    now = dict(deflection=given["deflection"], phone_visits=given["visits_after"], **chain)
    hours = 1 / staffing.funnel(handle_hours=1, hours_per_head=given["agents"], **now)["heads"]
    after = staffing.funnel(handle_hours=hours, hours_per_head=1, **now)
    then = dict(deflection=known["deflection_before"], phone_visits=known["visits_before"], **chain)
    before = staffing.funnel(handle_hours=hours, hours_per_head=1, **then)
    assert before["heads"] / after["heads"] == approx(given["expected"] / given["agents"], rel=1e-9)
    assert (before["by_phone"], after["by_phone"]) == approx((given["case_before"], given["case_after"]), rel=1e-9)
    assert after["contacts"] / before["contacts"] == approx(known["contacts"], rel=1e-9)


def test_the_move_to_phones_lifts_the_baseline_to_sixty_four_to_eighty_nine_per_cent():
    def before(**given):
        return staffing.joint(**given)["deflection_before"]

    assert intervals.over(before, **PRINTED) == approx((0.638, 0.887), abs=5e-4)


def test_a_share_of_cases_that_does_not_move_leaves_only_deflection_to_explain():
    known = staffing.joint(800, 5_000, 0.97, case_before=0.12, case_after=0.12, visits_after=0.5)
    assert known["contacts"] == approx(1) and known["visits_before"] == approx(0.5)
    assert known["deflection_before"] == approx(staffing.implied_deflection(800, 5_000, 0.97))


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
        (
            lambda: staffing.heads_without_deflection(float("nan"), 0.9),
            "agents must be positive, and finite: got agents=nan",
        ),
        (lambda: staffing.heads_without_deflection(float("inf"), 0.9), "agents must be positive, and finite"),
        (lambda: staffing.implied_deflection(800, 5_000, 0.97, scale=float("nan")), "scale must be positive"),
        (lambda: staffing.joint(800, 5_000, 0.97, 0.05, 1.2, 0.5), "case_share must be a share between 0 and 1"),
        (lambda: staffing.joint(800, 5_000, 0.97, 5, 0.12, 0.5), "case_before must be a share between 0 and 1"),
        (lambda: staffing.funnel(**CHAIN, phone_visits=1.5), "phone_visits is a share"),
        (
            lambda: staffing.implied_deflection(800, 5_000, 0.97, work=0),
            "work must be positive, and finite: got work=0",
        ),
        (lambda: staffing.deflection_among_issues(0.97, -0.1), "browsing_share is a share"),
        (lambda: staffing.seats(775, 0.3, hours_per_week=200), "hours_per_week must be positive, at most 168"),
        (lambda: staffing.funnel(-1, 1, 0, 0, 1, 1), "members must be at least 0, and finite: got members=-1"),
        (lambda: staffing.log_shares({"demand": 0}), "a ratio must be positive and finite: got demand=0"),
        (lambda: staffing.log_shares({"demand": 2, "efficiency": 0.5}), "must not multiply to 1"),
        (lambda: staffing.agents_for_backlog(1, 1, 1.2), "occupancy must be above 0 and at most 1"),
    ],
)
def test_refused_with_what_must_hold_and_what_came_in(call, message):
    with pytest.raises(ValueError, match=message):
        call()
