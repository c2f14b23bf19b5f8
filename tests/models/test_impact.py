import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from pytest import approx

from casestudy import data
from casestudy.intervals import over
from casestudy.models import impact

REAL = [  # words of the article's two goals, in the order of the alphabet: 000 p25, p31
    "access employees employers equitable green job seekers opportunities upskilling",
    "barriers build careers connecting meaningful networks professionals resources",
]
POOL = data.table("goals_invented")
EDGES = data.table("purpose_map")


def scores(goals, rule):
    return impact.match(goals, rule)[impact.NEEDED].sum(axis=1)


# What is tied to what


def test_every_listed_activity_of_the_article_is_in_the_map():
    listed = data.table("enumerations").query("claim in ['pd_b2b_solutions', 'pd_env_initiatives', 'pd_csr_examples']")
    named = set(EDGES["activity"])
    assert set(listed["item"]) <= named and EDGES.groupby("activity")["type"].nunique().max() == 1


def test_nobody_ties_an_activity_to_the_same_part_twice():
    parts = EDGES[EDGES["part"] != impact.WHOLE]
    assert not parts.duplicated(["activity", "part", "stated"]).any() and not EDGES.duplicated().any()
    assert set(EDGES["stated"]) == {"article", "ours"} and EDGES["paragraph"].between(8, 37).all()


def test_the_article_ties_eight_of_36_cells_and_none_to_connecting():
    article = impact.coverage(EDGES, "article")
    assert article.shape == (12, 3) and article.to_numpy().sum() == 8 and not article["connecting"].any()
    assert (~article.any(axis=1)).sum() == 6


@pytest.mark.parametrize("split, ties, connecting", [([21], 12, 2), ([17], 22, 6), ([17, 30], 31, 9)])
def test_ties_to_the_whole_sentence_reach_connecting_only_when_split(split, ties, connecting):
    """By hand: p21 adds two parts to two services, p17 18 less 4 that stand, p30 three parts to three initiatives."""
    article = impact.coverage(EDGES, "article", split)
    assert (article.to_numpy().sum(), article["connecting"].sum()) == (ties, connecting)


def test_a_tie_to_the_whole_sentence_is_the_article_s_never_ours():
    whole = EDGES[EDGES["part"] == impact.WHOLE]
    assert set(whole["stated"]) == {"article"} and set(whole["paragraph"]) == {17, 21, 30}
    assert set(EDGES.loc[EDGES["type"].str.startswith("service"), "activity"]) == set(
        whole.loc[whole["paragraph"] == 17, "activity"]
    )


def test_an_activity_tied_to_nothing_keeps_its_row():
    assert not impact.coverage(EDGES, "article").loc["sales"].any()


def test_a_part_that_is_not_in_the_sentence_is_refused():
    with pytest.raises(ValueError, match="part must be one of"):
        impact.coverage(EDGES.assign(part="moon"), "article")
    with pytest.raises(ValueError, match="stated must be one of article, ours"):
        impact.coverage(EDGES, "theirs")


# Two coders


def test_kappa_is_one_for_the_same_labels_and_nought_for_independent_ones():
    labels = np.array([1, 1, 0, 0])
    assert impact.cohens_kappa(labels, labels) == approx(1)
    assert impact.cohens_kappa(labels, [1, 0, 1, 0]) == approx(0, abs=1e-12)


def test_kappa_of_the_map_by_hand():
    """Both 8, ours only 16, neither 12 of 36: agreement 20/36; by chance 8/36 x 24/36 + 28/36 x 12/36 = 528/1296."""
    found = impact.cohens_kappa(impact.coverage(EDGES, "article"), impact.coverage(EDGES, "ours"))
    assert found == approx((20 / 36 - 528 / 1296) / (1 - 528 / 1296))


def test_words_serve_as_labels_too():
    """4 of 6 agree, by chance 12 of 36: (2/3 - 1/3) / (1 - 1/3)."""
    first, second = ["people", "jobs", "none"] * 2, ["people", "jobs", "none", "people", "none", "jobs"]
    assert impact.cohens_kappa(first, second) == approx(0.5)
    assert impact.cohens_kappa(pd.Series(first), pd.Series(second)) == approx(0.5)


def test_coders_of_one_word_have_no_kappa():
    assert math.isnan(impact.cohens_kappa([1, 1], [1, 1]))


def test_coders_of_different_cells_are_refused():
    with pytest.raises(ValueError, match="same cells"):
        impact.cohens_kappa([1, 0, 1], [1, 0])


# The purpose-match machine


def test_the_pool_is_invented_and_marked():
    assert len(POOL) == 40 and POOL["id"].is_unique and POOL["id"].str.startswith("INV-").all()
    assert set(POOL["layer"]) == {"invented"} and (POOL["kind"] == "opposed").sum() == 6
    assert not POOL["goal"].str.contains("LinkedIn").any()


def test_a_stricter_rule_finds_nothing_that_a_looser_one_misses():
    found = [impact.match([*REAL, *POOL["goal"]], rule) for rule in ("free", "any", "word", "phrase")]
    for looser, stricter in pairwise(found):
        assert (stricter <= looser).all(axis=None)


def test_the_loose_rule_passes_both_real_goals_and_14_of_40_it_should_reject():
    assert impact.passes(impact.match(REAL, "any")).all()
    assert impact.passes(impact.match(POOL["goal"], "any")).sum() == 14


def test_words_of_working_life_pass_both_real_goals_and_two_of_40_that_run_against_the_purpose():
    passed = POOL[impact.passes(impact.match(POOL["goal"], "word"))]
    assert impact.passes(impact.match(REAL, "word")).all()
    assert passed["kind"].tolist() == ["opposed"] * 2


@pytest.mark.parametrize("goal", ["dry storage for all drawings by winter", "every village in any weather"])
def test_a_word_inside_another_and_a_bare_all_are_no_match(goal):
    assert not impact.passes(impact.match([goal], "any")).any() and impact.match([goal], "any").sum(axis=1)[0] == 0


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule must be one of free, any, word, phrase"):
        impact.match(["a"], "loose")


# Per employee, per year


def test_rounding_leaves_588_to_653_for_each_employee():
    low, high = over(impact.per_employee_year, helped=(1.5e6, 1.6e6), staff=(2450, 2550), years=1)
    assert (low, high) == approx((588.2, 653.1), abs=0.05)


def test_twice_the_years_halve_the_ratio_and_a_team_that_grew_from_nothing_doubles_it():
    ratio = impact.per_employee_year(1.5e6, 2_500, years=1)
    assert impact.per_employee_year(1.5e6, 2_500, years=2) == approx(ratio / 2)
    assert impact.per_employee_year(1.5e6, 2_500, years=1, staff_at_start=0) == approx(2 * ratio)


def test_nobody_is_helped_who_would_have_found_work_anyway():
    assert impact.per_employee_year(1.5e6, 2_500, years=3, found_anyway=1) == 0


@pytest.mark.parametrize("change", [{"staff": 0}, {"years": 0}, {"found_anyway": 1.1}, {"helped": math.nan}])
def test_a_ratio_without_a_base_is_refused(change):
    with pytest.raises(ValueError, match="must hold"):
        impact.per_employee_year(**{"helped": 1.5e6, "staff": 2_500, "years": 1} | change)


# Listings


@pytest.mark.parametrize("spread", impact.SPREADS)
def test_little_s_law_holds_whatever_the_spread(spread):
    """50,000 listings: the stock scatters by 1% or less about rate times mean stay, and 3% is three of that."""
    found = impact.invented_listings(250, 4, spread, np.random.default_rng(7), weeks=120)
    assert found["open"] == approx(250 * 4, rel=0.03)
    assert found["weeks, of all"] == approx(4, rel=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_the_listings_seen_on_a_day_are_the_long_ones(seed):
    """Exponential stays, seen by their length: twice the mean, within four standard errors of 1,000 listings."""
    found = impact.invented_listings(250, 4, "exponential", np.random.default_rng(seed), weeks=40)
    assert found["weeks, of those seen"] == approx(8, rel=0.1)


@pytest.mark.parametrize("spread, age", [("all alike", 2.0), ("exponential", 4.0), ("a few very long", 2 * math.e)])
def test_the_age_of_a_listing_seen_is_half_the_mean_of_its_squared_stay_over_the_mean(spread, age):
    """Renewal theory, mean stay 4: E(S^2) / 2 E(S). Ten worlds of 1,000 seen: 2% or less, and 0.06 is three of that."""
    rng = np.random.default_rng(9)
    found = [impact.invented_listings(250, 4, spread, rng, weeks=40)["age, of those seen"] for _ in range(10)]
    assert np.mean(found) == approx(age, rel=0.06)


def test_closed_in_a_year_is_stock_over_stay_and_gives_the_stock_back():
    weeks = np.array([1.0, 4, 26])
    closed = impact.closed_per_year(14_000, weeks)
    assert (closed * weeks / impact.WEEKS_PER_YEAR).tolist() == approx([14_000] * 3)
    assert (np.diff(closed) < 0).all()
    assert impact.closed_per_year(14_000, weeks.tolist()).tolist() == closed.tolist()


@pytest.mark.parametrize("change", [{"spread": "odd"}, {"per_week": 0}, {"weeks_open": math.nan}])
def test_a_marketplace_that_cannot_run_is_refused(change):
    given = {"per_week": 10, "weeks_open": 2, "spread": "exponential", "weeks": 50} | change
    with pytest.raises(ValueError, match="spread must be one of"):
        impact.invented_listings(**given, rng=np.random.default_rng(8))


def test_listings_that_never_stay_are_refused():
    with pytest.raises(ValueError, match="weeks_open > 0 must hold"):
        impact.closed_per_year(14_000, [4, 0])


def test_no_column_of_the_map_is_forgotten():
    assert list(EDGES) == ["activity", "type", "part", "document", "paragraph", "stated"]
    assert isinstance(EDGES, pd.DataFrame) and set(EDGES["part"].dropna()) == {*impact.PARTS, impact.WHOLE}
