import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from pytest import approx
from scipy.stats import betabinom, dirichlet_multinomial

from casestudy.models import purposes

REFERENCE = json.loads((Path(__file__).parents[1] / "references" / "clr_scikit_bio.json").read_text())
AUTHOR, REDUNDANT = [6, 2, 2, 0, 0], [12, 4, 4, 80, 0]
MEAN = [0.30, 0.15, 0.30, 0.20, 0.05]


def invent(n=40, concentration=4.0, points=10, seed=2015):
    frame = purposes.draw_answers(n, MEAN, concentration, points, np.random.default_rng(seed))
    return frame[purposes.PURPOSES].to_numpy()


# Splits ---------------------------------------------------------------------------------------------------------------


def test_ten_points_over_five_purposes_make_1001_different_splits():
    splits = purposes.all_splits(points=10)
    assert len({tuple(split) for split in splits}) == len(splits) == 1001 == math.comb(14, 4)
    assert (splits.sum(axis=1) == 10).all() and splits.min() == 0


def test_all_splits_are_those_that_trying_every_number_finds():
    tried = {row for row in itertools.product(range(5), repeat=3) if sum(row) == 4}
    assert {tuple(map(int, row)) for row in purposes.all_splits(points=4, parts=3)} == tried


@pytest.mark.parametrize(
    "text",
    [
        "6 2 2 0 0; 0 1 2 3 4",
        "6,2,2,0,0\n0, 1, 2, 3, 4\n",
        " 6\t2 2 , 0 0 ;\r\n;0 1 2 3 4;",
        "6\t2\t2\t0\t0\r0\t1\t2\t3\t4\r",
        "\ufeff6\xa02\xa02\xa00\xa00\xa0\r\n0 1 2 3 4,\r\n,,,,\r\n",
        "business,community,learning,jobs,vanity\n6,2,2,0,0\n0,1,2,3,4",
        "Business driven\tCommunity spirit\tLearning\tJob seeking\tVanity project\r\n6\t2\t2\t0\t0\r\n0 1 2 3 4",
    ],
)
def test_answers_are_read_as_typed_or_as_a_spreadsheet_copies_them(text):
    answers = purposes.read_answers(text)
    assert answers[purposes.PURPOSES].to_numpy().tolist() == [AUTHOR, [0, 1, 2, 3, 4]]
    assert set(answers.layer) == {"reported"} and answers.id.tolist() == ["ANS-001", "ANS-002"]


def test_no_text_is_no_answer():
    assert len(purposes.read_answers("")) == len(purposes.read_answers(" \n ; ")) == 0


@pytest.mark.parametrize(
    "answer",
    ["6 2 2 0", "6 2 2 0 0 0", "6 2 1 0 0", "7 2 2 -1 0", "6.5 1.5 2 0 0", "6 2 two 0 0", "6,,2,2,0", "٦ 2 2 0 0"],
)
def test_an_answer_that_is_no_split_is_refused_by_its_number(answer):
    with pytest.raises(
        ValueError, match=r"^answer 2 must be 5 whole numbers, none below 0, that sum to 10, as in `6 2 2 0 0`: got '"
    ) as refusal:
        purposes.read_answers(f"6 2 2 0 0; {answer}; 1 1 1 1 6")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text, why",
    [
        ("6;2;2;0;0", r"got '6'; semicolons part answers$"),
        ("business;community;learning;jobs;vanity\n6;2;2;0;0", "semicolons part answers$"),
        ("vanity,business,community,learning,jobs\n0,6,2,2,0", "a header names business, community, .* in this order$"),
        ("6 2 2 0; 6 2 2 0 0", r"got '6 2 2 0'$"),
    ],
)
def test_a_refusal_says_what_parts_answers_and_how_a_header_must_run(text, why):
    with pytest.raises(ValueError, match=f"^answer 1 must be .*{why}"):
        purposes.read_answers(text)


def test_points_that_were_asked_for_are_the_points_that_must_come():
    assert len(purposes.read_answers("3 3; 6 0", parts=2, points=6)) == 2
    with pytest.raises(ValueError, match="answer 1 must be 2 whole numbers, none below 0, that sum to 6, as in `5 1`"):
        purposes.read_answers("5 5; 6 0", parts=2, points=6)


def test_a_class_of_one_opinion_is_refused():
    with pytest.raises(ValueError, match="at least two different answers"):
        purposes.read_answers("6 2 2 0 0; 6 2 2 0 0")


# One split, and two ---------------------------------------------------------------------------------------------------


def test_the_author_s_split_is_as_mixed_as_2_59_or_2_27_equal_purposes():
    assert [purposes.hill(AUTHOR, q) for q in (0, 1, 2)] == approx([3, 2.59, 2.27], abs=5e-3)


@pytest.mark.parametrize("q", [0, 0.5, 1, 2, 10])
def test_equal_parts_count_fully_in_every_order_and_empty_ones_never(q):
    assert purposes.hill([4, 4, 4], q) == approx(3) and purposes.hill([4, 0, 4, 4, 0], q) == approx(3)


def test_entropy_is_the_limit_between_its_neighbours_and_larger_orders_see_fewer():
    below, at, above = (purposes.hill(AUTHOR, q) for q in (1 - 1e-6, 1, 1 + 1e-6))
    assert below > at > above and below - above < 1e-5


def test_two_points_left_for_four_purposes_leave_ten_ways_and_1_65_to_1_89_purposes():
    ways = [[*rest[:3], 8, rest[3]] for rest in purposes.all_splits(points=2, parts=4)]
    mixed = [purposes.hill(way, 1) for way in ways]
    assert len(ways) == 10 and (min(mixed), max(mixed)) == approx((1.65, 1.89), abs=5e-3)


def test_the_others_keep_their_ratio_when_one_takes_its_share():
    assert purposes.with_share(AUTHOR, part=3, share=0.8) == approx([0.12, 0.04, 0.04, 0.8, 0])
    assert purposes.with_share([0, 0, 10], part=2, share=0.8) == approx([0.1, 0.1, 0.8])


def test_hellinger_of_the_author_and_the_author_out_of_work():
    assert purposes.hellinger(AUTHOR, REDUNDANT) == approx(0.743, abs=5e-4)


def test_hellinger_obeys_the_triangle_and_is_1_only_without_overlap():
    splits = purposes.all_splits(points=3, parts=3)
    apart = np.array([[purposes.hellinger(a, b) for b in splits] for a in splits])
    assert (apart[:, None, :] <= apart[:, :, None] + apart[None, :, :] + 1e-12).all()
    assert (np.isclose(apart, 1) == (splits @ splits.T == 0)).all()


def test_published_log_ratios_and_replaced_zeros():
    given, printed, off = REFERENCE["inputs"], REFERENCE["published"], REFERENCE["tolerance"]
    assert purposes.clr(given["x"]) == approx(printed["clr"], abs=off)
    assert purposes.without_zeros(given["with_zero"], given["delta"]) == approx(printed["replaced"], abs=off)


def test_the_rule_for_zeros_decides_the_distance_in_log_ratios():
    sweep = [purposes.aitchison(AUTHOR, REDUNDANT, delta) for delta in (0.001, 0.005, 0.01, 0.02, 0.05)]
    assert sweep == approx([7.2, 5.8, 5.2, 4.6, 3.7], abs=0.05)


def test_without_zeros_the_rule_decides_nothing():
    apart = [purposes.aitchison([5, 2, 1, 1, 1], [1, 1, 1, 2, 5], delta) for delta in (0.001, 0.05, 0.19)]
    assert np.ptp(apart) == approx(0, abs=1e-12)


def test_a_small_delta_makes_one_point_in_an_empty_purpose_outweigh_four_points_between_full_ones():
    emptied, shifted = [5, 2, 2, 1, 0], [2, 6, 2, 0, 0]
    assert purposes.aitchison(AUTHOR, emptied, 0.001) > purposes.aitchison(AUTHOR, shifted, 0.001)
    assert purposes.aitchison(AUTHOR, emptied, 0.05) < purposes.aitchison(AUTHOR, shifted, 0.05)
    assert purposes.hellinger(AUTHOR, emptied) < purposes.hellinger(AUTHOR, shifted)


def test_distances_in_log_ratios_do_not_change_when_a_part_is_left_out_of_both_in_proportion():
    """What makes 'the others keep their ratio' natural: among the others nothing has moved."""
    before, after = np.array([5.0, 3, 2]), purposes.with_share([5, 3, 2], part=0, share=0.8)
    assert purposes.aitchison(before[1:], after[1:], 0.01) == approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "call, rule",
    [
        (lambda: purposes.clr(AUTHOR), "replace zeros first"),
        (lambda: purposes.without_zeros(AUTHOR, 0.2), "delta must be a share above 0 and below 1/5"),
        (lambda: purposes.hill([0, 0], 1), "not all of them 0"),
        (lambda: purposes.hellinger([1, -1, 3], [1, 1, 1]), "points of 0 or more"),
        (lambda: purposes.fit([[6, 4], [6, 3]]), "of one sum"),
        (lambda: purposes.fit([[6, 4]]), "two or more rows"),
        (lambda: purposes.draw_answers(3, MEAN, 0, 10, np.random.default_rng(1)), "concentration must be above 0"),
    ],
)
def test_what_is_no_split_or_class_is_refused(call, rule):
    with pytest.raises(ValueError, match=rule):
        call()


# A class --------------------------------------------------------------------------------------------------------------


def test_invented_answers_have_the_mean_and_the_spread_that_were_put_in():
    """Variance of a count: n p q (n + A) / (1 + A) = 10 p q 14 / 5. 20,000 people: 4 per cent is four errors."""
    answers = invent(20_000)
    mean = np.array(MEAN)
    assert answers.mean(axis=0) / 10 == approx(mean, abs=0.006)
    assert answers.var(axis=0) == approx(10 * mean * (1 - mean) * 14 / 5, rel=0.04)


def test_no_other_weights_are_more_likely_than_those_found():
    answers = invent()
    found = purposes.fit(answers)["estimate"]
    best = found["concentration"] * found[purposes.PURPOSES].to_numpy()

    def likelihood(weights):
        return dirichlet_multinomial.logpmf(answers, weights, 10).sum()

    rng = np.random.default_rng(3)
    others = best * np.exp(rng.normal(0, 0.02, (200, 5)))
    assert max(map(likelihood, others)) < likelihood(best)


def test_intervals_come_from_the_curvature_of_the_published_likelihood():
    """Two parts are a beta-binomial; its log likelihood, bent numerically in log A, gives the same width."""
    rng = np.random.default_rng(5)
    counts = betabinom.rvs(10, 2, 2, size=60, random_state=rng)
    found = purposes.fit(np.column_stack([counts, 10 - counts]))

    def likelihood(log_a, log_b):
        return betabinom.logpmf(counts, 10, math.exp(log_a), math.exp(log_b)).sum()

    a, b = np.log(found["estimate"].iloc[:2].to_numpy() * found.at["concentration", "estimate"])
    step = 1e-3
    aa, bb = (
        (likelihood(a + step * u, b + step * v) - 2 * likelihood(a, b) + likelihood(a - step * u, b - step * v))
        for u, v in ((1, 0), (0, 1))
    )
    corners = [u * v * likelihood(a + u * step, b + v * step) for u in (-1, 1) for v in (-1, 1)]
    covariance = np.linalg.inv(-np.array([[aa, sum(corners) / 4], [sum(corners) / 4, bb]]) / step**2)
    share = found["estimate"].iloc[:2].to_numpy()
    logit_error = math.sqrt([1, -1] @ covariance @ [1, -1])  # the logit of a share is log a - log b
    total_error = math.sqrt(share @ covariance @ share)  # d log(a + b) = share of a d log a + share of b d log b
    low, high = found.iloc[0][["low", "high"]] / (1 - found.iloc[0][["low", "high"]])
    assert math.log(high / low) == approx(2 * 1.959964 * logit_error, rel=1e-3)
    low, high = found.loc["concentration", ["low", "high"]]
    assert math.log(high / low) == approx(2 * 1.959964 * total_error, rel=1e-3)


@pytest.fixture(scope="module")
def recoveries():
    """200 classes of 40, seeds 0 to 199, fitted: shape (200, 6, 3), estimate, low and high of each parameter."""
    return np.array([purposes.fit(invent(seed=seed)).to_numpy() for seed in range(200)])


@pytest.mark.parametrize("parameter", range(6), ids=[*purposes.PURPOSES, "concentration"])
def test_each_95_per_cent_interval_covers_in_183_to_197_of_200_recoveries(recoveries, parameter):
    """One parameter at a time; 183 to 197 holds 98.6 per cent of what a true 95 per cent gives."""
    truth = [*MEAN, 4.0][parameter]
    low, high = recoveries[:, parameter, 1], recoveries[:, parameter, 2]
    assert 183 <= ((low <= truth) & (truth <= high)).sum() <= 197


def test_all_six_intervals_at_once_cover_less_often_than_each(recoveries):
    covered = (recoveries[:, :, 1] <= [*MEAN, 4.0]) & ([*MEAN, 4.0] <= recoveries[:, :, 2])
    assert covered.all(axis=1).sum() < covered.sum(axis=0).min() - 20


def test_forty_people_are_not_four_hundred_points(recoveries):
    """Binomial intervals of 400 points miss the mean share far more often than one time in twenty."""
    shares = recoveries[:, :5, 0]
    wide = 1.96 * np.sqrt(shares * (1 - shares) / 400)
    assert ((abs(shares - MEAN) <= wide).sum(axis=0) < 183).all()


def uneven(walls):
    """How far from even the column sums of each wall are; shape of all but the last two axes."""
    shares = walls.sum(axis=-2) / walls.sum(axis=(-2, -1))[..., None]
    return ((np.sqrt(shares) - math.sqrt(0.2)) ** 2).sum(axis=-1)


def test_a_shuffle_keeps_everybody_s_piles():
    answers = invent()
    walls = purposes.shuffled(answers, 50, np.random.default_rng(1))
    assert walls.shape == (50, 40, 5) and (np.sort(walls) == np.sort(answers)).all()


@pytest.mark.parametrize("seed", range(20))
def test_a_class_with_a_preference_is_the_most_uneven_of_six_walls(seed):
    """What the line-up hides can be found, at the notebook's size, under every one of 20 seeds."""
    answers = invent(seed=seed)
    assert uneven(purposes.shuffled(answers, 5, np.random.default_rng([7, seed]))).max() < uneven(answers)


@pytest.mark.parametrize("concentration", [0.5, 5, 20])
def test_a_class_without_a_preference_is_picked_once_in_six_however_mixed_its_people(concentration):
    """600 line-ups of six alike: 100 picks of the class, and 73 to 127 is three standard errors either way."""
    rng = np.random.default_rng(8)
    people = purposes.draw_answers(600 * 40, [1] * 5, concentration, 10, rng)[purposes.PURPOSES].to_numpy()
    classes = people.reshape(600, 40, 5)
    drawn = [uneven(purposes.shuffled(answers, 5, rng)).max() for answers in classes]
    assert 73 <= (uneven(classes) > drawn).sum() <= 127


def test_order_of_people_and_of_purposes_does_not_matter():
    answers = invent()
    found = purposes.fit(answers)
    turned = purposes.fit(answers[::-1, ::-1])
    assert turned.to_numpy()[:5] == approx(found.to_numpy()[4::-1], rel=1e-6)
    assert turned.loc["concentration"].to_numpy() == approx(found.loc["concentration"].to_numpy(), rel=1e-6)


def test_of_people_who_hardly_differ_the_likeness_may_have_no_upper_end():
    rows = "10180 10090 60130 40060 21070 20260 30070 20260 30070 50050 "
    rows += "10090 20170 30070 20170 20080 30151 40060 41050 000A0 40060"
    found = purposes.fit([[int(points, 16) for points in row] for row in rows.split()]).loc["concentration"]
    assert 1000 < found["estimate"] < math.inf and found["low"] < 1 and found["high"] == math.inf


def test_people_who_differ_no_more_than_dice_are_infinitely_alike_and_those_of_one_purpose_not_at_all():
    same = purposes.fit([[5, 5], [5, 5], [5, 5]])
    apart = purposes.fit([[10, 0], [0, 10], [10, 0], [0, 10]])
    assert same.estimate.tolist() == [0.5, 0.5, math.inf] and apart.estimate.tolist() == [0.5, 0.5, 0]
    assert apart.high.iloc[0] > same.high.iloc[0]  # four people know less than thirty points


def test_one_point_each_cannot_tell_how_alike_people_are():
    assert math.isnan(purposes.fit([[1, 0], [0, 1], [1, 0]]).at["concentration", "estimate"])


def test_a_purpose_that_nobody_chose_changes_nothing_for_the_others():
    answers = invent()[:, :4]
    answers = answers[answers.sum(axis=1) == 10]
    without = purposes.fit(answers)
    with_it = purposes.fit(np.column_stack([answers, np.zeros(len(answers), int)]))
    assert with_it.to_numpy()[[0, 1, 2, 3, 5]] == approx(without.to_numpy(), rel=1e-6)
    assert with_it.loc["vanity", "estimate"] == 0 and with_it.loc["vanity", ["low", "high"]].isna().all()


# What the form does ---------------------------------------------------------------------------------------------------


def test_all_1001_splits_together_correlate_at_exactly_minus_a_quarter():
    assert np.corrcoef(purposes.all_splits(points=10).T) == approx(purposes.form_correlations([0.2] * 5), abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_people_without_any_link_between_purposes_correlate_as_the_form_says(seed):
    """20,000 people: 0.04 is five standard errors of a correlation and more."""
    assert np.corrcoef(invent(20_000, seed=seed).T) == approx(purposes.form_correlations(MEAN), abs=0.04)


def test_whoever_takes_from_one_gives_to_the_others():
    """The covariances of a row sum to nothing, for any class: a law of the constant sum, not of people."""
    assert np.cov(invent(seed=9).T).sum(axis=1) == approx(np.zeros(5), abs=1e-12)
    spread = np.sqrt(np.array(MEAN) * (1 - np.array(MEAN)))
    assert (purposes.form_correlations(MEAN) * spread).sum(axis=1) * spread == approx(np.zeros(5), abs=1e-12)
