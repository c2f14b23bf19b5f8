import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pytest import approx
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from casestudy.models import asking

REFERENCES = Path(__file__).parents[1] / "references"
PEOPLE = np.arange(1, 1001)
RNG = np.random.default_rng(1)


# A share of unknown n


def test_newcombe_table_one():
    reference = json.loads((REFERENCES / "newcombe_single.json").read_text())
    events, n = np.array(reference["inputs"]["cases"]).T
    low, high = proportion_confint(events, n, method="wilson")
    assert low == approx(reference["published"]["low"], abs=reference["tolerance"])
    assert high == approx(reference["published"]["high"], abs=reference["tolerance"])


def test_newcombe_case_through_our_own_function():
    ours = asking.share_against_n(81 / 263, n=263)
    assert ours[["low", "high"]].iloc[0].tolist() == approx([0.2553, 0.3662], abs=6e-5)


def test_sixty_five_per_cent_of_a_thousand_is_62_to_68():
    curve = asking.share_against_n(0.65, [500, 1_000, 2_000])
    assert curve.low.tolist() == approx([0.607, 0.620, 0.629], abs=5e-4)
    assert curve.high.tolist() == approx([0.691, 0.679, 0.671], abs=5e-4)


def test_a_hundredfold_n_narrows_the_interval_tenfold():
    narrow = asking.share_against_n(0.12, [10_000, 1_000_000]).width
    assert narrow[0] / narrow[1] == approx(10, rel=1e-3)  # Wilson differs from that law by 1/n


@pytest.mark.parametrize("margin", [0.03, 0.02, 0.01])
@pytest.mark.parametrize("share", [0.5, 0.65, 0.9])
def test_one_person_fewer_would_miss_the_margin(share, margin):
    n = asking.people_for_margin(share, margin)
    widths = asking.share_against_n(share, [n - 1, n]).width
    assert widths[0] > 2 * margin >= widths[1]


def test_wilson_needs_four_people_fewer_than_the_textbook():
    textbook = {0.03: 972, 0.02: 2185, 0.01: 8740}  # 1.96^2 * 0.65 * 0.35 / margin^2, up to a whole person
    assert all(n - asking.people_for_margin(0.65, margin) in (3, 4) for margin, n in textbook.items())


def test_a_count_of_nobody_is_refused():
    with pytest.raises(ValueError, match="n must be positive"):
        asking.share_against_n(0.65, [100, 0])


@pytest.mark.parametrize("share", [0, 1, 65])
def test_a_share_is_no_per_cent_and_excludes_the_ends(share):
    with pytest.raises(ValueError, match="share between 0 and 1"):
        asking.people_for_margin(share, 0.03)


@pytest.mark.parametrize("margin", [0, 0.5, 0.6])
def test_a_margin_that_leaves_the_shares_is_refused_as_it_came(margin):
    with pytest.raises(ValueError, match=f"margin must lie between 0 and one half: got {margin}$"):
        asking.people_for_margin(0.65, margin)


# When is most shown?


def test_the_count_that_shows_most_is_where_wilson_s_lower_bound_passes_one_half():
    needed = asking.needed_wilson(PEOPLE)
    possible = needed <= PEOPLE
    low = proportion_confint(needed[possible], PEOPLE[possible], method="wilson")[0]
    below = proportion_confint(needed[possible] - 1, PEOPLE[possible], method="wilson")[0]
    assert (low > 0.5).all() and (below <= 0.5).all() and PEOPLE[~possible].tolist() == [1, 2, 3]


def test_four_of_four_or_nine_of_eleven_show_most():
    assert asking.needed_wilson(range(4, 12)).tolist() == [4, 5, 6, 7, 7, 8, 9, 9]


def test_the_exact_count_is_the_fewest_with_a_tail_below_the_error():
    needed = asking.needed_exact(PEOPLE, error=0.05)
    assert (stats.binom.sf(needed - 1, PEOPLE, 0.5) <= 0.05).all()
    assert (stats.binom.sf(needed - 2, PEOPLE, 0.5) > 0.05).all()


@pytest.mark.parametrize("share", [0.45, 0.5, 0.65])
@pytest.mark.parametrize("rule", [asking.needed_wilson, asking.needed_exact])
def test_the_recursion_counts_what_writing_out_every_street_counts(share, rule):
    """All 1,024 streets of ten strangers, each with its probability."""
    needed = rule(np.arange(1, 11))
    streets = np.array(list(product([0, 1], repeat=10)))
    chance = (share**streets * (1 - share) ** (1 - streets)).prod(axis=1)
    ever = np.maximum.accumulate(streets.cumsum(axis=1) >= needed, axis=1)
    assert asking.shown_by(share, needed) == approx(chance @ ever, rel=1e-12)


def test_stopping_when_most_is_shown_fools_one_even_street_in_five_or_six_by_a_hundred():
    shown = asking.shown_by(0.5, asking.needed_wilson(PEOPLE))
    assert shown[[19, 99, 999]].tolist() == approx([0.112, 0.184, 0.275], abs=5e-4)


def test_a_minimum_of_thirty_does_not_repair_it():
    needed = asking.needed_wilson(PEOPLE)
    needed[:29] = 1_001
    assert asking.shown_by(0.5, needed)[99] == approx(0.102, abs=5e-4)


@pytest.mark.parametrize("n", [20, 76, 200])
def test_one_look_at_a_number_fixed_beforehand_keeps_its_promise(n):
    needed = np.full(n, n + 1)
    needed[-1] = asking.needed_exact(n, error=0.025)[0]
    assert asking.shown_by(0.5, needed)[-1] <= 0.025


def test_wilson_breaks_its_promise_at_about_half_of_the_sizes_and_the_exact_test_at_none():
    n = np.arange(4, 101)
    wilson, exact = (stats.binom.sf(rule(n) - 1, n, 0.5) for rule in (asking.needed_wilson, asking.needed_exact))
    assert (wilson > 0.025).sum() == 47 and (exact <= 0.025).all()
    assert wilson[[0, -1]] == approx([1 / 16, 0.0284], abs=5e-5)


@pytest.mark.parametrize("error", [0.025, 0.05])
@pytest.mark.parametrize("share", [0.3, 0.45, 0.5])
def test_the_anytime_rule_keeps_its_promise_at_every_look(error, share):
    assert asking.shown_by(share, asking.needed_anytime(PEOPLE, error))[-1] < error


def test_the_anytime_ratio_is_the_mean_likelihood_over_shares_above_one_half():
    shares = np.linspace(0.5, 1, 100_001)
    for n in (12, 60):
        yes = np.arange(n + 1)
        likelihood = [float(np.mean((2 * shares) ** s * (2 - 2 * shares) ** (n - s))) for s in yes]
        first = int(np.argmax(np.array(likelihood) >= 40))
        assert asking.needed_anytime(n, error=0.025).tolist() == [first]


def test_the_anytime_rule_pays_with_power():
    shown = [asking.shown_by(0.65, rule(PEOPLE))[99] for rule in (asking.needed_wilson, asking.needed_anytime)]
    assert shown == approx([0.938, 0.581], abs=5e-4)


def test_a_plan_is_the_audited_one():
    assert asking.people_to_show_most(0.65, error=0.05) == (67, 69, 76)
    n = np.arange(69, 250)
    power = stats.binom.sf(asking.needed_exact(n, 0.05) - 1, n, 0.65)
    assert power[0] >= 0.8 and (power[76 - 69 :] >= 0.8).all() and power[75 - 69] < 0.8


def test_no_n_shows_most_where_there_is_none():
    with pytest.raises(ValueError, match="exceed one half"):
        asking.people_to_show_most(0.5)


@pytest.mark.parametrize("seed", range(20))
def test_invented_jars_close_as_often_as_the_recursion_says(seed):
    """1,000 jars: four standard errors of 0.0123 at 0.184."""
    needed = asking.needed_wilson(np.arange(1, 101))
    answers = asking.invented_jars(0.5, needed, jars=1_000, rng=np.random.default_rng(seed))
    assert answers.groupby("jar")["shown"].first().mean() == approx(0.184, abs=0.049)


def test_a_jar_closes_at_the_first_count_that_suffices_and_not_before():
    needed = asking.needed_wilson(np.arange(1, 101))
    answers = asking.invented_jars(0.5, needed, jars=50, rng=np.random.default_rng(3))
    enough = answers.groupby("jar")["yes"].cumsum() >= needed[answers["stranger"] - 1]
    last = answers["stranger"] == answers.groupby("jar")["stranger"].transform("max")
    assert (enough == (last & answers["shown"])).all()
    assert set(answers.loc[last & ~answers["shown"], "stranger"]) == {100}


# An experiment


@pytest.mark.parametrize("seed", range(20))
def test_a_coin_finds_no_effect_where_there_is_none_and_choice_finds_ten_points(seed):
    """20,000 people: four standard errors of a difference are 0.026."""
    gaps = []
    for by in ("coin", "choice"):
        trial = asking.invented_trial(20_000, alone=0.3, lift=0.0, rng=np.random.default_rng(seed), by=by)
        asked = trial.groupby("prompted")["asked"].mean()
        gaps.append(asked[True] - asked[False])
    assert gaps == approx([0.0, 0.1], abs=0.026)


def test_the_lift_that_was_put_in_is_there():
    trial = asking.invented_trial(100_000, alone=0.3, lift=0.2, rng=np.random.default_rng(1))
    assert trial.groupby("prompted")["asked"].mean().tolist() == approx([0.3, 0.5], abs=0.009)
    assert set(trial["layer"]) == {"invented"} and trial["id"].str.startswith("INV-").all()


@pytest.mark.parametrize("change", [{"alone": 0.05}, {"lift": 0.7}, {"by": "camera"}])
def test_a_trial_outside_of_shares_is_refused(change):
    with pytest.raises(ValueError, match="must be"):
        asking.invented_trial(**{"people": 10, "alone": 0.3, "lift": 0.1} | change, rng=np.random.default_rng(1))


# Shares of the same people, stories, dates


def test_shares_of_the_same_people_meet_the_bounds_in_extreme_populations():
    people = np.arange(100)
    for first, second in product([10, 35, 65, 100], repeat=2):
        nested = np.mean((people < first) & (people < second))
        apart = np.mean((people < first) & (people >= 100 - second))
        assert asking.frechet_bounds(first / 100, second / 100) == approx((apart, nested))


@pytest.mark.parametrize("rate", [1e-6, 0.01, 0.3])
def test_a_search_is_long_enough_when_it_finds_three_nine_times_in_ten(rate):
    mean, enough = asking.search(rate, successes=3, chance=0.9)
    assert mean == approx(3 / rate)
    assert stats.binom.sf(2, enough, rate) >= 0.9 > stats.binom.sf(2, enough - 1, rate)


def test_windows_order_events_only_where_they_do_not_touch():
    dates = pd.DataFrame({"earliest": [1, 5, 5], "latest": [5, 9, 5]}, index=["a", "b", "c"])
    assert (asking.order(dates).to_numpy()[np.triu_indices(3, 1)] == "open").all()
    apart = asking.order(dates.assign(earliest=[1, 6, 6], latest=[5, 9, 6]))
    assert apart.at["a", "b"] == "before" and apart.at["b", "a"] == "after" and apart.at["b", "c"] == "open"


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="earliest must be at most latest: not so for 'b'"):
        asking.order(pd.DataFrame({"earliest": [1, 3], "latest": [1, 2]}, index=["a", "b"]))


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        (lambda: asking.share_against_n(0.65, [100, NAN]), "n must be positive: got nan"),
        (lambda: asking.share_against_n(0.65, [INF]), "n must be finite: got inf"),
        (lambda: asking.share_against_n(0.65, 100, level=95), "level must be a share between 0 and 1"),
        (lambda: asking.people_for_margin(0.65, 0.03, level=NAN), "level must be a share between 0 and 1"),
        (lambda: asking.people_for_margin(0.65, NAN), "margin must lie between 0 and one half: got nan"),
        (lambda: asking.needed_wilson([4, 0]), "n must be whole numbers, at least 1: got 0"),
        (lambda: asking.needed_wilson([4.5]), "n must be whole numbers, at least 1: got 4.5"),
        (lambda: asking.needed_wilson(10, level=1), "level must be a share between 0 and 1"),
        (lambda: asking.needed_exact([NAN]), "n must be whole numbers, at least 1: got nan"),
        (lambda: asking.needed_exact(10, error=0), "error must be a share between 0 and 1"),
        (lambda: asking.needed_anytime([INF]), "n must be whole numbers, at least 1: got inf"),
        (lambda: asking.needed_anytime([[1, 2]]), "n must be whole numbers in one row"),
        (lambda: asking.shown_by(NAN, [1]), "share must be 0-1: got nan"),
        (lambda: asking.shown_by(0.5, [1, NAN]), "needed must be whole numbers, at least 0: got nan"),
        (lambda: asking.shown_by(0.5, []), "needed must be whole numbers in one row"),
        (lambda: asking.shown_by(0.5, ["two"]), "needed must be whole numbers in one row"),
        (lambda: asking.people_to_show_most(NAN), "share must be a share between 0 and 1"),
        (lambda: asking.people_to_show_most(0.65, error=0.6), "error must be below the power and one half"),
        (lambda: asking.people_to_show_most(0.65, error=0.3, power=0.2), "error must be below the power and one half"),
        (lambda: asking.people_to_show_most(0.502), "0.502 would take more than 100,000 people"),
        (lambda: asking.invented_jars(0.5, [1], 0, RNG), "jars must be whole numbers, at least 1: got 0"),
        (lambda: asking.invented_jars(0.5, [1], NAN, RNG), "jars must be whole numbers, at least 1: got nan"),
        (lambda: asking.invented_jars(1.5, [1], 1, RNG), "share must be 0-1: got 1.5"),
        (lambda: asking.invented_trial(0, 0.3, 0.1, RNG), "people must be whole numbers, at least 1: got 0"),
        (lambda: asking.invented_trial(10, NAN, 0.1, RNG), "must be shares 0-1"),
        (lambda: asking.frechet_bounds(NAN, 0.5), "shares must be 0-1"),
        (lambda: asking.search(0), "rate must be a share between 0 and 1"),
        (lambda: asking.search(1e-300), "rate must be at least 1e-12"),
        (lambda: asking.search(0.1, successes=2.5), "successes must be whole numbers, at least 1: got 2.5"),
        (lambda: asking.search(0.1, chance=1), "chance must be a share between 0 and 1"),
        (lambda: asking.order(pd.DataFrame({"earliest": [1], "latest": [NAN]}, index=["a"])), "'a' lacks one"),
    ],
)
def test_what_is_no_count_and_no_share_is_refused_in_one_line(call, refused):
    with pytest.raises(ValueError, match=refused) as told:
        call()
    assert "\n" not in str(told.value)


def test_a_line_that_nobody_reaches_closes_no_jar():
    assert asking.shown_by(0.5, [9, 9, 9]).tolist() == [0, 0, 0]
    assert asking.shown_by(0.5, [0, 9]).tolist() == [1, 1]  # no yes is needed: every jar closes at once
