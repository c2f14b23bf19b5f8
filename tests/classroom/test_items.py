"""Item statistics: worked by hand, held to published intervals, and to what must hold of any class."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from casestudy.classroom.items import correlation, difference, items, share
from casestudy.classroom.items.items import apart

REFERENCES = Path(__file__).parents[1] / "references"


def reference(name):
    return json.loads((REFERENCES / f"{name}.json").read_text(encoding="utf-8"))


def test_the_interval_of_a_share_is_the_published_one():
    told = reference("newcombe_single")
    found = [share(*case) for case in told["inputs"]["cases"]]
    for end in ("low", "high"):
        assert [getattr(one, end) for one in found] == pytest.approx(told["published"][end], abs=told["tolerance"])


def test_the_interval_of_a_difference_is_the_published_one():
    told = reference("newcombe_difference")
    found = [difference(share(a, m), share(b, n)) for a, m, b, n in told["inputs"]["cases"]]
    for end in ("low", "high"):
        assert [getattr(one, end) for one in found] == pytest.approx(told["published"][end], abs=told["tolerance"])


def test_a_correlation_and_its_interval_are_scipy_s():
    xs, ys = np.random.default_rng(1).normal(size=(2, 40))
    ours, theirs = correlation(list(xs), list(xs + ys)), stats.pearsonr(xs, xs + ys)
    low, high = theirs.confidence_interval(0.95)
    assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.statistic, low, high), abs=1e-12)


def test_the_item_rest_correlation_leaves_the_item_out():
    """Five students, three questions of 1, 1 and 2 points. For the first the rest is 3, 2, 2, 0, 0, mean 1.4.

    Its own distances are 0.4, 0.4, 0.4, -0.6, -0.6. Products: 0.4 (1.6 + 0.6 + 0.6) + 0.6 (1.4 + 1.4) = 2.8; squares
    1.2 and 7.2; so r = 2.8 / sqrt(8.64).
    """
    points = {"a": [1, 1, 1, 0, 0], "b": [1, 0, 1, 0, 0], "c": [2, 2, 1, 0, 0]}
    found = items(points, {"a": 1, "b": 1, "c": 2})
    assert found["a"].discrimination.value == pytest.approx(2.8 / math.sqrt(8.64))
    assert found["c"].difficulty.value == pytest.approx(0.5) and found["a"].difficulty.value == pytest.approx(0.6)


def test_a_text_that_is_not_read_yet_is_no_zero_and_stays_out_of_everyone_s_rest():
    points = {"a": [1, 1, 0, 0, 1], "b": [1, 1, 0, 0, 0], "why": [4, None, 0, 0, 4]}
    found = items(points, {"a": 1, "b": 1, "why": 4})
    assert (found["why"].n, found["why"].difficulty.value) == (4, 0.5)
    assert found["a"] == items({name: points[name] for name in "ab"}, {"a": 1, "b": 1})["a"]


@pytest.mark.parametrize("given", [[1, 1, 1, 1, 1], [0, 0, 0, 0, 0]])
def test_what_everybody_has_tells_nobody_apart(given):
    found = items({"a": given, "b": [0, 1, 0, 1, 1]}, {"a": 1, "b": 1})
    assert found["a"].discrimination is None and found["b"].discrimination is None


def test_nothing_is_told_of_nobody():
    found = items({"a": [], "b": []}, {"a": 1, "b": 1})["a"]
    assert (found.difficulty, found.discrimination, found.apart) == (None, None, None)


def test_upper_less_lower_does_not_depend_on_the_order_of_equal_students():
    shares, rest = [1, 0, 1, 0, 1, 0, 1, 1, 0, 0], [5, 5, 5, 5, 5, 1, 1, 1, 1, 1]
    found = apart(shares, rest)
    assert found.value == pytest.approx(3 / 5 - 2 / 5)
    order = np.random.default_rng(2).permutation(len(rest))
    assert apart([shares[n] for n in order], [rest[n] for n in order]).value == pytest.approx(found.value)


def test_the_interval_of_a_discrimination_holds_as_often_as_it_says():
    """Right or wrong by ability, forty students: 95 of 100 intervals hold what a large class shows, to three points."""
    rng = np.random.default_rng(3)

    def drawn(n):
        ability = rng.normal(size=n)
        return [(rng.random(n) < 1 / (1 + np.exp(hard - 1.5 * ability))).astype(int) for hard in (-1, -0.5, 0, 0.5, 1)]

    large = drawn(200_000)
    true = np.corrcoef(large[0], sum(large[1:]))[0, 1]
    held = []
    for _ in range(600):
        first, *others = drawn(40)
        if found := correlation(first.tolist(), sum(others).tolist()):
            held.append(not found.clear_of(true))
    assert 0.92 < np.mean(held) < 0.98
