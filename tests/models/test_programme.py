import numpy as np
import pandas as pd
import pytest
from pytest import approx

from casestudy.data import table
from casestudy.models import programme

SEEDS = range(20)
FIRMS = pd.DataFrame([[4, 4, 4, 4, 4, 4, 0], [4, 4, 4, 3, 3, 1, 1], [2] * 7], index=["A", "B", "C"])


def best_first(scores):
    return "".join(scores.sort_values(ascending=False).index)


def log(*events):
    columns = ["event", "staff", "person", "place", "amount"]
    return pd.DataFrame([[*event, *[None] * (5 - len(event))] for event in events], columns=columns)


# Readiness and weights


def test_each_rule_puts_another_firm_first():
    orders = [best_first(programme.readiness(FIRMS, [1] * 7, rule)) for rule in ("mean", "geometric mean")]
    assert orders == ["ABC", "BCA"] and best_first(programme.readiness(FIRMS, [1] * 7, "weakest link")) == "CBA"


def test_the_three_rules_agree_on_equal_scores_and_are_ordered_on_others():
    rules = ("weakest link", "geometric mean", "mean")
    scores = pd.concat([programme.readiness(FIRMS, [3, 1, 1, 2, 1, 1, 1], rule) for rule in rules], axis=1)
    assert scores.loc["C"].tolist() == approx([2, 2, 2]) and (scores.diff(axis=1).iloc[:, 1:] > -1e-9).all().all()


@pytest.mark.parametrize("rule", ["mean", "geometric mean", "weakest link"])
def test_a_factor_of_weight_nought_counts_in_no_rule(rule):
    weights = [1, 1, 1, 1, 1, 1, 0]
    assert programme.readiness(FIRMS, weights, rule)["A"] == approx(4)
    assert programme.readiness(FIRMS, np.multiply(9, weights), rule).tolist() == approx(
        programme.readiness(FIRMS, weights, rule).tolist()
    )


@pytest.mark.parametrize("weights", [[0] * 7, [1] * 6, [1] * 6 + [-1]])
def test_weights_that_weigh_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights must be 7 numbers >= 0, not all 0"):
        programme.readiness(FIRMS, weights, "mean")


def test_a_misspelt_rule_is_refused():
    with pytest.raises(ValueError, match="rule must be one of mean"):
        programme.readiness(FIRMS, [1] * 7, "median")


def test_half_of_all_weightings_rank_mirrored_people_each_way():
    people = pd.DataFrame([[20, 10, 5, 5], [5, 5, 10, 19.999]])  # one leads by a hair
    share = programme.ranking_kept(people, np.random.default_rng(3))
    assert share == approx(0.5, abs=0.015)  # four standard errors of 20,000 draws


def test_the_share_of_weightings_is_the_volume_of_the_simplex_on_one_side_of_a_plane():
    """P(w.d > 0) for even weightings: the sum, over d_i > 0, of d_i^3 / prod(d_i - d_j) (four different d)."""
    gap = np.array([9.0, 7, -6, -8])
    exact = sum(d**3 / np.prod(d - gap[gap != d]) for d in gap[gap > 0])
    people = pd.DataFrame([gap + 10, [10.0] * 4])
    assert programme.ranking_kept(people, np.random.default_rng(4)) == approx(exact, abs=0.015)


# Eight measures


def test_eight_measures_of_a_log_of_six_events_by_hand():
    six = log(
        ("employed", 1),
        ("employed", 2),
        ("profile completed", 1),
        ("follow", None, 7),
        ("view", None, 7, "page post"),
        ("click", None, 7, "page post"),
    )
    expected = [1 / 2, 0, np.nan, 1, 1, 0, 0, 0]  # nobody has a contact: nothing to divide by
    assert programme.kpis(six)["value"].tolist() == approx(expected, nan_ok=True)


def test_reach_counts_people_and_engagement_counts_views():
    events = [("employed", 1), ("follow", None, 7), ("follow", None, 8), ("react", None, 7, "page post")]
    events += [("view", None, 7, "page post")] * 4
    assert programme.kpis(log(*events)).loc[["page_reach", "engagement"], "value"].tolist() == [1 / 2, 1 / 4]


def test_the_index_is_the_sum_of_its_pillars_a_head_and_visits_are_of_people():
    events = [("employed", 1), ("employed", 2), *(("index", 1, None, pillar, 10) for pillar in programme.PILLARS)]
    events += [("visit", None, 7, "page from outside")] * 3 + [("visit", None, 8, "site from network")]
    assert programme.kpis(log(*events)).loc[["ssi", "page_visitors", "site_visitors"], "value"].tolist() == [20, 1, 1]


def test_order_of_events_and_conversations_do_not_matter_to_any_measure():
    rng = np.random.default_rng(5)
    month = programme.invented_log(programme.hours_after_reward("activity", 0, 0), rng)
    shuffled = month[month["event"] != programme.UNCOUNTED].sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(programme.kpis(month), programme.kpis(shuffled))
    assert set(month["layer"]) == {"invented"} and month["id"].str.startswith("INV-").all()


def test_an_unknown_event_is_refused():
    with pytest.raises(ValueError, match="got 'poke'"):
        programme.kpis(log(("poke", 1)))


def test_the_dictionary_holds_the_eight_items_of_the_list_in_its_order():
    listed = table("enumerations").query("claim == 'pl_kpi_items'")
    words = table("kpi_dictionary")
    assert words["item"].tolist() == listed["item"].tolist() and len(words) == len(programme.KPIS)
    assert words["paragraph"].tolist() == listed["paragraph"].tolist() and words.notna().all().all()


# Rewards


@pytest.mark.parametrize("rewarded", programme.KPIS)
def test_rewarding_any_measure_lifts_it_and_sinks_the_other_seven_and_the_purpose(rewarded):
    """Half of the fixed hours moved, half of them faked: in each of 20 pairs of months."""
    before, after = (programme.hours_after_reward(rewarded, moved=moved, faked=0.5) for moved in (0, 0.5))
    ratios = programme.reward_ratios(before, after, np.random.default_rng(2015), runs=len(SEEDS))
    assert ratios.loc[rewarded, "low"] > 1.4
    assert (ratios.drop(index=rewarded)["high"] < 1).all()


@pytest.mark.parametrize("rewarded", ["profiles", "site_visitors"])
def test_the_purpose_rises_where_honest_hours_are_worth_more_or_new(rewarded):
    before = programme.hours_after_reward(rewarded, moved=0, faked=0, worth=3)
    better = programme.hours_after_reward(rewarded, moved=0.5, faked=0, worth=3)
    added = programme.hours_after_reward(rewarded, moved=0, faked=0.5, worth=3, extra=4)
    for after in (better, added):
        ratios = programme.reward_ratios(before, after, np.random.default_rng(1), runs=8)
        assert ratios.loc["conversations", "low"] > 1
    others = ratios.drop(index=[rewarded, "conversations"])["middle"]
    assert others.to_numpy() == approx(1, abs=0.1)  # nothing moved: only chance is left


def test_hours_are_conserved_unless_new_ones_come():
    assert programme.hours_after_reward("ssi", moved=0.3, faked=0.2)["spent"].sum() == approx(8)
    assert programme.hours_after_reward("ssi", moved=0.3, faked=0.2, extra=2)["spent"].sum() == approx(10)


@pytest.mark.parametrize("worth", [1, 2, 4])
def test_moving_hours_breaks_even_where_the_unfaked_part_times_its_worth_is_one(worth):
    useful = [programme.hours_after_reward("ssi", moved, 1 - 1 / worth, worth)["useful"].sum() for moved in (0, 0.7)]
    assert useful[1] == approx(useful[0])


@pytest.mark.parametrize("change", [{"rewarded": "likes"}, {"moved": 1.1}, {"faked": -0.1}, {"extra": -1}])
def test_rewards_that_make_no_sense_are_refused(change):
    with pytest.raises(ValueError, match=r"rewarded must be one of|shares in 0\.\.1"):
        programme.hours_after_reward(**{"rewarded": "ssi", "moved": 0.5, "faked": 0.5} | change)


# Reach and told successes


def test_five_thousand_with_five_hundred_contacts_do_not_reach_two_and_a_half_million():
    unions = [programme.reach([1_000_000], [[500]], [staff]) for staff in (1, 100, 1_000, 5_000)]
    assert unions == approx([500, 48_800, 394_000, 918_000], rel=2e-3)


def test_reach_is_what_random_contacts_reach():
    rng = np.random.default_rng(6)
    runs = [len({p for _ in range(8) for p in rng.choice(50, 10, replace=False)}) for _ in range(2_000)]
    assert np.mean(runs) == approx(programme.reach([50], [[10]], [8]), abs=0.25)  # s.d. 2.4: five standard errors


@pytest.mark.parametrize("inside", [0.05, 0.2, 0.5, 0.95])
def test_contacts_crowded_into_one_circle_reach_at_most_as_many_as_scattered_ones(inside):
    crowded = programme.reach([50_000, 950_000], [[500 * inside, 500 * (1 - inside)]], [1_000])
    scattered = programme.reach([1_000_000], [[500]], [1_000])
    assert crowded == approx(scattered) if inside == 0.05 else crowded < scattered


def test_teams_that_each_know_a_circle_of_their_own_reach_more_than_scattered_ones():
    apart = programme.reach([100_000] * 10, np.eye(10) * 500, [100] * 10)
    assert apart > programme.reach([1_000_000], [[500]], [1_000])


def test_more_contacts_than_people_are_refused():
    with pytest.raises(ValueError, match="from 0 to the people there"):
        programme.reach([100], [[500]], [1])


@pytest.mark.parametrize("seed", SEEDS)
def test_told_successes_double_where_nothing_changed(seed):
    """Teams of 20, half of the people keep their choice: all tell 1, the tenth that rose most tell 2 and more."""
    idle = programme.idle_programmes(2_000, 20, 0.1, 0.5, np.random.default_rng(seed))
    assert programme.told_ratio(idle, 1) == approx(1, abs=0.08)  # four standard errors
    assert programme.told_ratio(idle, 0.1, by="rise") > 2
    assert programme.told_ratio(idle, 0.1, by="end") > 1.2


@pytest.mark.parametrize("seed", SEEDS)
def test_large_firms_do_not_double_by_chance(seed):
    idle = programme.idle_programmes(2_000, 500, 0.1, 0.5, np.random.default_rng(seed))
    assert 1 < programme.told_ratio(idle, 0.1, by="rise") < 1.5


def test_people_who_never_change_leave_nothing_to_tell():
    idle = programme.idle_programmes(500, 20, 0.1, 1.0, np.random.default_rng(8))
    assert programme.told_ratio(idle, 0.1) == 1


def test_success_is_told_by_place_whatever_the_rows_are_called_and_a_tie_goes_to_the_first():
    idle = pd.DataFrame({"id": list("abcd"), "before": [1, 2, 4, 4], "after": [3, 4, 4, 4]}, index=[7, 7, 0, 0])
    assert [programme.told_ratio(idle, share) for share in (0.25, 0.5, 1)] == [3, 7 / 3, 15 / 11]
    assert programme.told_ratio(idle, 0.25, by="end") == 2  # 4 three times: the first of them began at 2


# Waves


def test_two_by_two_by_hand():
    """Treated 1 to 6, never treated 1 to 3: 5 - 2."""
    panel = pd.DataFrame({"unit": [1, 1, 2, 2], "group": [2, 2, 0, 0], "period": [1, 2] * 2, "outcome": [1, 6, 1, 3]})
    assert programme.group_time_effects(panel)["effect"].tolist() == [3]
    assert programme.two_way_fixed_effects(panel) == approx(3)


def test_a_wave_without_a_period_before_it_is_left_out():
    """Two waves from before the panel and at its first period, one after it, one never: only the third has a base."""
    panel = pd.DataFrame({"unit": np.repeat(range(4), 2), "group": np.repeat([1, 2, 3, 0], 2), "period": [2, 3] * 4})
    panel["outcome"] = [0, 9, 0, 9, 1, 6, 1, 3]
    for control in ("never", "not yet"):
        assert programme.group_time_effects(panel, control).values.tolist() == [[3, 3, 3]]  # 5 - 2


def test_a_misspelt_control_is_refused():
    panel = programme.invented_waves(np.random.default_rng(1), starts=[3, 0], effect=1, growth=0)
    with pytest.raises(ValueError, match="control must be 'never' or 'not yet': got 'not_yet'"):
        programme.group_time_effects(panel, control="not_yet")


@pytest.mark.parametrize("control", ["never", "not yet"])
def test_each_wave_and_period_gets_back_what_was_put_in(control):
    """20 seeds; a cell's standard error is sqrt(2 x 2 / 40) = 0.32 for one seed, 0.07 for their mean."""
    found = []
    for seed in SEEDS:
        panel = programme.invented_waves(np.random.default_rng(seed), starts=[3, 5, 7, 0], effect=2, growth=1)
        put_in = panel.groupby(["group", "period"], as_index=False)["put_in"].first()
        effects = programme.group_time_effects(panel, control).merge(put_in)
        found.append(effects["effect"] - effects["put_in"])
    assert np.mean(found, axis=0) == approx(0, abs=0.3)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_effect_for_all_waves_understates_effects_that_grow(seed):
    panel = programme.invented_waves(np.random.default_rng(seed), starts=[3, 5, 7], effect=2, growth=1)
    average = panel.loc[panel["put_in"] > 0, "put_in"].mean()
    assert programme.two_way_fixed_effects(panel) < 0.7 * average


def test_one_effect_for_all_waves_is_right_when_effects_neither_differ_nor_grow():
    found = [
        programme.two_way_fixed_effects(programme.invented_waves(np.random.default_rng(seed), [3, 5, 7, 0], 2, 0))
        for seed in SEEDS
    ]
    assert np.mean(found) == approx(2, abs=0.15)


def test_without_an_effect_both_find_none():
    panels = [programme.invented_waves(np.random.default_rng(seed), [3, 5, 0], effect=0, growth=0) for seed in SEEDS]
    effects = [programme.group_time_effects(panel)["effect"] for panel in panels]
    assert np.mean(effects, axis=0) == approx(0, abs=0.3)
    assert np.mean([programme.two_way_fixed_effects(panel) for panel in panels]) == approx(0, abs=0.15)


def test_a_common_trend_and_a_unit_s_level_change_no_effect():
    panel = programme.invented_waves(np.random.default_rng(9), starts=[3, 6, 0], effect=1, growth=1)
    moved = panel.assign(outcome=panel["outcome"] + panel["period"] ** 2 + panel["unit"].str[-3:].astype(float))
    before, after = (programme.group_time_effects(each)["effect"].to_numpy() for each in (panel, moved))
    assert after == approx(before) and len(before) == 14
