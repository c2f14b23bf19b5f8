import numpy as np
import pandas as pd
import pytest
from pytest import approx

from casestudy.data import table
from casestudy.models import programme

SEEDS = range(20)


def log(*events):
    columns = ["event", "staff", "person", "place", "amount"]
    return pd.DataFrame([[*event, *[None] * (5 - len(event))] for event in events], columns=columns)


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
    month = programme.invented_log(rng)
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


# Reach and told successes


@pytest.mark.parametrize("seed", SEEDS)
def test_told_successes_double_where_nothing_changed(seed):
    """Teams of 20, half of the people keep their choice: all tell 1, the tenth that rose most tell 2 and more."""
    idle = programme.invented_programmes(2_000, 20, 0.1, 0.5, np.random.default_rng(seed))
    assert programme.told_ratio(idle, 1) == approx(1, abs=0.08)  # four standard errors
    assert programme.told_ratio(idle, 0.1, by="rise") > 2
    assert programme.told_ratio(idle, 0.1, by="end") > 1.2


@pytest.mark.parametrize("seed", SEEDS)
def test_large_firms_do_not_double_by_chance(seed):
    idle = programme.invented_programmes(2_000, 500, 0.1, 0.5, np.random.default_rng(seed))
    assert 1 < programme.told_ratio(idle, 0.1, by="rise") < 1.5


def test_people_who_never_change_leave_nothing_to_tell():
    idle = programme.invented_programmes(500, 20, 0.1, 1.0, np.random.default_rng(8))
    assert programme.told_ratio(idle, 0.1) == 1


def test_success_is_told_by_place_whatever_the_rows_are_called_and_a_tie_goes_to_the_first():
    idle = pd.DataFrame({"id": list("abcd"), "before": [1, 2, 4, 4], "after": [3, 4, 4, 4]}, index=[7, 7, 0, 0])
    assert [programme.told_ratio(idle, share) for share in (0.25, 0.5, 1)] == [3, 7 / 3, 15 / 11]
    assert programme.told_ratio(idle, 0.25, by="end") == 2  # 4 three times: the first of them began at 2


@pytest.mark.parametrize("told", [0.05, 0.1, 0.5])
@pytest.mark.parametrize("stay", [0.0, 0.5])
def test_what_idle_programmes_tell_is_the_upper_share_of_a_bell_curve(told, stay):
    """Large teams: the pencil and the draws agree; the told rise is half a late rise, half an early dip."""
    idle = programme.invented_programmes(20_000, 2_000, 0.2, stay, np.random.default_rng(5))
    assert programme.told_growth(2_000, 0.2, stay, told) == approx(programme.told_ratio(idle, told), rel=0.01)
    shown = idle.loc[(idle["after"] - idle["before"]).nlargest(int(told * 20_000), keep="first").index]
    assert 400 - shown["before"].mean() == approx(shown["after"].mean() - 400, abs=2)  # 4 standard errors


def test_told_growth_falls_with_size_and_with_the_share_told_and_is_1_where_nothing_moves():
    sizes = [programme.told_growth(people, 0.1, 0.5, 0.1) for people in (50, 100, 1_000, 1e8)]
    shares = [programme.told_growth(200, 0.1, 0.5, told) for told in (0.01, 0.1, 0.5, 1)]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] == approx(1, abs=1e-3)
    assert shares == sorted(shares, reverse=True) and shares[-1] == 1
    assert programme.told_growth(20, 0.1, 1.0, 0.1) == 1 and programme.told_growth(2, 0.1, 0.0, 0.01) == np.inf


@pytest.mark.parametrize("growth", [1.0, 1.5, 2.0])
def test_told_whole_programmes_show_the_growth_that_was_put_in(growth):
    drawn = programme.invented_programmes(20_000, 100, 0.1, 0.5, np.random.default_rng(2), growth)
    assert programme.told_ratio(drawn, 1) == approx(growth, abs=0.02)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"base_rate": 0}, "base_rate in"),
        ({"stay": 1.1}, "stay in 0..1"),
        ({"count": 0}, "count and people >= 1"),
        ({"growth": 6.0}, "growth must lie from stay to 5.5: got 6.0"),
        ({"growth": 0.4}, "growth must lie from stay"),
    ],
)
def test_programmes_that_make_no_sense_are_refused(change, reason):
    given = {"count": 10, "people": 20, "base_rate": 0.1, "stay": 0.5, "growth": 1.0} | change
    with pytest.raises(ValueError, match=reason):
        programme.invented_programmes(rng=np.random.default_rng(1), **given)
    with pytest.raises(ValueError, match="base_rate and told in"):
        programme.told_growth(20, 0.1, 0.5, told=0)


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


def test_one_effect_is_that_of_least_squares_with_all_levels_on_a_panel_with_gaps_too():
    """Frisch, Waugh and Lovell: the treatment less its levels, regressed on; demeaning once is wrong with gaps."""
    panel = programme.invented_waves(np.random.default_rng(4), starts=[3, 5, 0], effect=2.0, growth=1.0)
    gaps = panel.drop(panel.index[(panel["period"] > 5) & (panel.index % 3 == 0)])
    for rows in (panel, gaps):
        treated = ((rows["group"] > 0) & (rows["period"] >= rows["group"])).astype(float)
        levels = pd.get_dummies(rows[["unit", "period"]].astype(str), dtype=float).to_numpy()
        rest = treated - levels @ np.linalg.lstsq(levels, treated, rcond=None)[0]
        assert programme.two_way_fixed_effects(rows) == approx(rest @ rows["outcome"] / (rest @ treated))
