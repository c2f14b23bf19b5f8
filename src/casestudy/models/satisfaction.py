"""A satisfaction score: what its change is a per cent of, how small its effect can be, invented ratings behind it."""

import math
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize
from scipy.special import expit, logsumexp
from statsmodels.stats.power import TTestIndPower

# Per cent of what? ---------------------------------------------------------------------------------------------------


def rise(before: float, after: float, low: float, high: float) -> dict[str, float]:
    """One change of a score, told in five ways; all but the first are shares (0-1), negative for a fall.

    before, after: mean scores; low, high: the ends of the scale, which the document does not print. 'of the score'
    takes nothing to be 0, 'above the floor' takes nothing to be `low`: they coincide when low is 0, and the first is
    NaN on a scale that reaches below 0. Source: 004 p10.

    >>> {name: round(share, 3) for name, share in rise(before=6, after=8, low=1, high=11).items()}
    {'points': 2, 'of the scale': 0.2, 'of the score': 0.333, 'above the floor': 0.4, 'of the headroom': 0.4}
    """
    if not (low < before < high and low <= after <= high):
        raise ValueError(
            f"low < before < high and low <= after <= high must hold: got {before=}, {after=}, {low=}, {high=}"
        )
    points = after - before
    return {
        "points": points,
        "of the scale": points / (high - low),
        "of the score": points / before if low >= 0 else math.nan,
        "above the floor": points / (before - low),
        "of the headroom": points / (high - before),
    }


def smallest_effect(before: float, after: float, low: float, high: float, resolution: float = 0.1) -> float:
    """Smallest Cohen's d (change / pooled standard deviation) that two means on a bounded scale allow.

    No set of scores with mean m spreads wider than sqrt((m - low)(high - m)) (Bhatia and Davis 2000, American
    Mathematical Monthly 107:353-357). The means are taken at the ends of their rounding that lie closest together;
    resolution is the printed step, 0 for exact means. 0 where rounding alone explains the change.

    >>> round(smallest_effect(before=5, after=8, low=0, high=10, resolution=0), 3)  # 3 / sqrt((25 + 16) / 2)
    0.663
    """
    if not (low <= before <= high and low <= after <= high and low < high and resolution >= 0):
        raise ValueError(
            f"scores lie on the scale, resolution >= 0: got {before=}, {after=}, {low=}, {high=}, {resolution=}"
        )
    change = abs(after - before) - resolution
    if change <= 1e-12 * (high - low):  # two decimals printed apart by one step differ by a little more or less
        return 0.0
    half = math.copysign(resolution / 2, after - before)
    variances = [(mean - low) * (high - mean) for mean in (before + half, after - half)]
    return math.inf if sum(variances) == 0 else change / math.sqrt(sum(variances) / 2)


def n_per_group(effect: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """Ratings that each of two groups needs for a two-sided t test to find an effect of Cohen's d; infinite for none.

    Source: Cohen 1988, Statistical Power Analysis for the Behavioral Sciences; solved by statsmodels.

    >>> n_per_group(0.5)
    64
    """
    if not effect >= 0:
        raise ValueError(f"effect must be 0 or more: got {effect}")
    if not 0 < alpha < power < 1:
        raise ValueError(f"0 < alpha < power < 1 must hold, for no number of ratings is sure: got {alpha=}, {power=}")
    if effect < 1e-8:
        return math.inf  # beyond the solver, and beyond anybody's ratings
    test = TTestIndPower()
    if test.power(effect_size=min(effect, 10), nobs1=2, alpha=alpha) >= power:
        return 2  # the solver finds nothing below two
    return math.ceil(test.solve_power(effect_size=effect, power=power, alpha=alpha))


# Ratings behind a mean -----------------------------------------------------------------------------------------------


def widest_sd(mean: float, low: float, high: float) -> float:
    """Largest standard deviation that scores with this mean can have: everybody at one end or the other.

    >>> widest_sd(mean=5, low=0, high=10)
    5.0
    """
    if not low <= mean <= high:
        raise ValueError(f"low <= mean <= high must hold: got {mean=}, {low=}, {high=}")
    return math.sqrt((mean - low) * (high - mean))


def rating_shares(mean: float, sd: float, low: int, high: int) -> np.ndarray:
    """Share of each integer rating low..high, the smoothest with this mean and standard deviation.

    Of all such shares these have the largest entropy: proportional to exp(a k + b k^2). Shape (high - low + 1,).

    >>> rating_shares(mean=2, sd=(2 / 3) ** 0.5, low=1, high=3).round(6)
    array([0.333333, 0.333333, 0.333333])
    """
    ratings, part = _ratings(low, high), mean - math.floor(mean)
    narrow, wide = math.sqrt(part * (1 - part)), widest_sd(mean, low, high)
    if not narrow - 1e-12 <= sd <= wide + 1e-12:
        raise ValueError(f"integers {low}..{high} with {mean=} have sd from {narrow:.4g} to {wide:.4g}: got {sd=}")
    if wide - sd < 1e-9:
        return np.where(ratings == low, high - mean, np.where(ratings == high, mean - low, 0.0)) / (high - low)
    if sd - narrow < 1e-9:
        return np.maximum(0.0, 1 - np.abs(ratings - mean))
    powers = np.stack([(ratings - mean) / sd, ((ratings - mean) / sd) ** 2 - 1])  # both have expectation 0

    def shares(weights: np.ndarray) -> np.ndarray:
        return np.exp(weights @ powers - logsumexp(weights @ powers))

    solved = minimize(
        lambda weights: logsumexp(weights @ powers),
        x0=(0.0, -0.5),
        jac=lambda weights: powers @ shares(weights),
        hess=lambda weights: np.cov(powers, aweights=shares(weights), bias=True),
        method="trust-exact",
        options={"gtol": 1e-11, "maxiter": 1_000},
    )
    if np.abs(powers @ shares(solved.x)).max() > 1e-6:
        raise ValueError(f"sd must lie further inside {narrow:.4g} to {wide:.4g} for {mean=}: got {sd=}")
    return shares(solved.x)


def calibrated_ratings(
    mean: float, n: int, sd: float, low: int, high: int, rng: np.random.Generator, exact: bool = False
) -> np.ndarray:
    """Invented integer ratings drawn from `rating_shares`; shape (n,).

    exact=True then moves randomly chosen ratings by one until the sample has this very mean. That is for display only:
    a mean that cannot vary has no sampling error, so no test, interval or power study may use it.

    >>> calibrated_ratings(mean=6.5, n=4, sd=2, low=0, high=10, rng=np.random.default_rng(1), exact=True).mean()
    np.float64(6.5)
    """
    ratings = rng.choice(_ratings(low, high), size=n, p=rating_shares(mean, sd, low, high))
    if not exact:
        return ratings
    if abs(n * mean - round(n * mean)) > 1e-9 * max(1, n):
        raise ValueError(f"n * mean must be whole for integer ratings: got {n=}, {mean=}")
    while missing := round(n * mean) - int(ratings.sum()):
        movable = np.flatnonzero(ratings < high if missing > 0 else ratings > low)
        ratings[rng.permutation(movable)[: abs(missing)]] += 1 if missing > 0 else -1
    return ratings


def _ratings(low: int, high: int) -> np.ndarray:
    if not (low == int(low) and high == int(high) and low < high):
        raise ValueError(f"a rating scale runs between two whole numbers, low < high: got {low=}, {high=}")
    return np.arange(int(low), int(high) + 1)


# A score that moves because the cases do -----------------------------------------------------------------------------


def mix_share(score: float, easy: float, hard: float) -> float:
    """Share of easy cases at which two kinds of case, each with its own fixed score, average to this score.

    >>> round(mix_share(score=6.6, easy=9, hard=5), 3)
    0.4
    """
    if not hard <= score <= easy or hard == easy:
        raise ValueError(f"hard <= score <= easy and hard < easy must hold: got {hard=}, {score=}, {easy=}")
    return (score - hard) / (easy - hard)


def csat_after_deflection(
    share_easy: float, csat_easy: float, csat_hard: float, deflected_share: float, deflected: Literal["easy", "hard"]
) -> float:
    """Score of the cases that are left when a share of all cases, of one kind only, is deflected.

    Nobody's service changes. Deflecting easy cases lowers the score, preventing hard ones raises it; which of the two
    happened no document says, so the direction is an argument.

    >>> csat_after_deflection(share_easy=0.5, csat_easy=9, csat_hard=5, deflected_share=0.25, deflected="hard")
    7.666666666666667
    """
    if deflected not in ("easy", "hard"):
        raise ValueError(f"deflected must be 'easy' or 'hard': got {deflected!r}")
    if not 0 <= share_easy <= 1:
        raise ValueError(f"share_easy must be a share, 0-1: got {share_easy}")
    left = {"easy": share_easy, "hard": 1 - share_easy}
    if not (0 <= deflected_share < 1 and deflected_share <= left[deflected] + 1e-12):  # 1 - 0.8 is a little below 0.2
        most = f"at least 0, at most the share of {deflected} cases, {left[deflected]:g}, and not all cases"
        raise ValueError(f"deflected_share must be {most}: got {deflected_share}")
    left[deflected] = max(0.0, left[deflected] - deflected_share)
    return (left["easy"] * csat_easy + left["hard"] * csat_hard) / sum(left.values())


# Invented cases for an ordinal model ---------------------------------------------------------------------------------


def invented_cases(
    n: int,
    rng: np.random.Generator,
    slope: float = -0.4,
    before: float = 6.6,
    after: float = 8.1,
    low: int = 0,
    high: int = 10,
    sd: float | None = None,
    hours: float = 24.0,
    cut: float = 0.85,
    spread: float = 1.0,
) -> pd.DataFrame:
    """Invented support cases, n before and n after, whose CSAT follows a proportional-odds model with a known slope.

    One row a case: case, layer, period, response_hours, csat. Response hours are log-normal around `hours`, in the
    second period shorter by the share `cut` (004 p10); `spread` is the standard deviation of their logarithm. Within
    a period the log odds of a rating above any k move by `slope` per unit of log response hours. Everything else that
    changed between the periods is one shift, solved so that the expected means are `before` and `after` (sample means
    vary). So the same two means arise at any slope: they say nothing about it. sd: spread of the ratings before, half
    the widest by default.

    >>> invented_cases(n=2, rng=np.random.default_rng(1))[["case", "layer", "period"]].iloc[-1].tolist()
    ['INV-000004', 'invented', 'after']
    """
    if not (n >= 1 and low <= after <= high and hours > 0 and 0 <= cut < 1 and spread >= 0):
        raise ValueError(
            "n >= 1, low <= after <= high, hours > 0, 0 <= cut < 1 and spread >= 0 must hold: "
            f"got {n=}, {after=}, {low=}, {high=}, {hours=}, {cut=}, {spread=}"
        )
    shares = rating_shares(before, sd if sd is not None else widest_sd(before, low, high) / 2, low, high)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)  # averages over a standard normal
    weights, faster = weights / weights.sum(), slope * math.log(1 - cut)
    pull = slope * spread * nodes

    def expected(lift: float | np.ndarray) -> np.ndarray:
        return expit(np.add.outer(lift, pull)) @ weights

    levels = np.array([brentq(lambda lift, tail=tail: expected(lift) - tail, -500, 500) for tail in _tails(shares)])
    if low < after < high:
        shift = brentq(lambda shift: low + expected(levels + faster + shift).sum() - after, -500, 500)
    else:
        shift = math.inf if after == high else -math.inf
    log_time = spread * rng.standard_normal(2 * n)  # log hours, from the period's own median
    later = np.repeat([False, True], n)
    latent = slope * log_time + np.where(later, faster + shift, 0.0) + rng.logistic(size=2 * n)
    return pd.DataFrame(
        {
            "case": [f"INV-{number:06d}" for number in range(1, 2 * n + 1)],
            "layer": "invented",
            "period": np.where(later, "after", "before"),
            "response_hours": hours * np.where(later, 1 - cut, 1.0) * np.exp(log_time),
            "csat": int(low) + (np.add.outer(latent, levels) > 0).sum(axis=1),
        }
    )


def _tails(shares: np.ndarray) -> np.ndarray:
    """Share of ratings at or above each step but the lowest, kept away from 0 and 1, where log odds end."""
    return np.clip(shares[::-1].cumsum()[::-1][1:], 1e-12, 1 - 1e-12)
