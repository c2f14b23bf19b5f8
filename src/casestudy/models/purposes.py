"""Ten points over five purposes: how many splits there are, how far apart two are, and what a class of them tells.

A split is a row of points (whole numbers) or shares (0-1) over the purposes, in the article's order (001 p14-p18).
"""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import itertools
import math
import re
import reprlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln, logit, polygamma
from scipy.stats import norm

PURPOSES = ["business", "community", "learning", "jobs", "vanity"]


def all_splits(points: int, parts: int = 5) -> np.ndarray:
    """Every way to give out whole points, one row each: parts - 1 of points + parts - 1 places hold a bar.

    >>> all_splits(points=2, parts=2).tolist()
    [[0, 2], [1, 1], [2, 0]]
    """
    bars = itertools.chain.from_iterable(itertools.combinations(range(points + parts - 1), parts - 1))
    places = np.fromiter(bars, int, math.comb(points + parts - 1, parts - 1) * (parts - 1))
    walls = np.pad(places.reshape(-1, parts - 1), ((0, 0), (1, 1)), constant_values=((0, 0), (-1, points + parts - 1)))
    return np.diff(walls, axis=1) - 1


def shuffled(answers: ArrayLike, cohorts: int, rng: np.random.Generator) -> np.ndarray:
    """Cohorts of the same people without a shared preference: everybody's piles go to purposes by lot.

    Shape (cohorts, people, purposes). If no purpose is preferred, the class is as likely as any of its cohorts,
    however mixed its people are: a share of cohorts, the class counted in, is an exact p-value.

    >>> shuffled([[2, 2], [3, 1]], cohorts=1, rng=np.random.default_rng(2)).tolist()
    [[[2, 2], [1, 3]]]
    """
    return rng.permuted(np.repeat(np.asarray(answers, int)[None], cohorts, axis=0), axis=2)


def read_answers(text: str, parts: int = 5, points: int = 10) -> pd.DataFrame:
    """A class's own answers, split by `;` or line breaks, each of whole numbers with spaces, tabs or commas between.

    One row an answer: id, layer, then the points of each purpose; none if the text is empty. A header is passed over.

    >>> read_answers("6 2 2 0 0; 0, 1, 2, 3, 4")[PURPOSES].to_numpy().tolist()
    [[6, 2, 2, 0, 0], [0, 1, 2, 3, 4]]
    """
    rows = []
    for number, answer in enumerate(_without_header(text, parts), start=1):
        words = re.split(r"\s*,\s*|\s+", answer)
        row = [int(word) if re.fullmatch("[0-9]{1,4}", word) else -1 for word in words]
        if len(row) != parts or min(row) < 0 or sum(row) != points:
            rule = (
                f"must be {parts} whole numbers, none below 0, that sum to {points}, as in `{_example(parts, points)}`"
            )
            why = _likely_slip(answer, parted=";" in text and len(words) == 1)
            raise ValueError(f"answer {number} {rule}: got {reprlib.repr(answer)}{why and f'; {why}'}")
        rows.append(row)
    if rows and all(row == rows[0] for row in rows):
        raise ValueError(f"at least two different answers must come: got {len(rows)}, all alike")
    return _frame(np.array(rows, int).reshape(-1, parts), "ANS", "reported")


def _without_header(text: str, parts: int) -> list[str]:
    """The answers that are not empty, as they stand."""
    answers = [answer for line in re.split(r"[;\n\r]", text) if (answer := line.strip("\ufeff, \t\xa0\u202f"))]
    stems = [name.rstrip("s") for name in PURPOSES]  # busine, community, learning, job, vanity
    headed = parts == len(stems) and answers and re.findall("|".join(stems), answers[0].lower()) == stems
    return answers[1:] if headed else answers


def _example(parts: int, points: int) -> str:
    rest = [*[points // 5] * 2, *[0] * parts][: parts - 1]
    return " ".join(map(str, [points - sum(rest), *rest]))


def _likely_slip(answer: str, parted: bool) -> str:
    """Why an answer is none, in a few words, or nothing; parted: whether semicolons stand between its numbers."""
    if parted:
        return "semicolons part answers"
    return "" if re.search("[0-9]", answer) else f"a header names {', '.join(PURPOSES)} in this order"


def _frame(answers: np.ndarray, id: str, layer: str) -> pd.DataFrame:
    ids = [f"{id}-{number:03d}" for number in range(1, len(answers) + 1)]
    columns = _names(answers.shape[1])
    return pd.DataFrame(answers, columns=columns).assign(id=ids, layer=layer)[["id", "layer", *columns]]


def _names(parts: int) -> list[str]:
    return PURPOSES if parts == len(PURPOSES) else [f"part {number}" for number in range(1, parts + 1)]


# One split, and two ---------------------------------------------------------------------------------------------------


def hill(split: ArrayLike, q: float) -> float:
    """Effective number of purposes: so many equal ones are as mixed as this split (Hill 1973, Ecology 54:427-432).

    q: 0 counts every purpose that has a point, 1 weighs each by its share (exp of the entropy), 2 favours large ones.

    >>> [round(hill([6, 2, 2, 0, 0], q), 2) for q in (0, 1, 2)]  # 2: 1 / (0.36 + 0.04 + 0.04)
    [3.0, 2.59, 2.27]
    """
    shares = _shares(split)
    shares = shares[shares > 0]
    return float(math.exp(-(shares * np.log(shares)).sum()) if q == 1 else (shares**q).sum() ** (1 / (1 - q)))


def with_share(split: ArrayLike, part: int, share: float) -> np.ndarray:
    """Shares once one part takes a given share and the others keep their ratio (an assumption), or are even if all 0.

    >>> with_share([6, 2, 2, 0, 0], part=3, share=0.8).round(2).tolist()
    [0.12, 0.04, 0.04, 0.8, 0.0]
    """
    points = np.asarray(split)
    given = np.arange(len(points)) == part
    others = np.where(given, 0.0, points)
    others = others if others.any() else 1.0 - given
    return np.where(given, share, (1 - share) * others / others.sum())


def hellinger(first: ArrayLike, second: ArrayLike) -> float:
    """Distance from 0 (the same) to 1 (nothing in common), on square roots of shares; needs no rule for zeros.

    >>> hellinger([1, 0], [0, 1]), round(hellinger([1, 0], [1, 1]), 3)  # sqrt(1 - sqrt(1/2))
    (1.0, 0.541)
    """
    return math.sqrt(((np.sqrt(_shares(first)) - np.sqrt(_shares(second))) ** 2).sum() / 2)


def without_zeros(split: ArrayLike, delta: float) -> np.ndarray:
    """Shares with delta in place of each 0, the others shrunk in proportion (multiplicative replacement).

    Source: Martin-Fernandez, Barcelo-Vidal and Pawlowsky-Glahn (2003), Mathematical Geology 35:253-278.

    >>> without_zeros([6, 2, 2, 0, 0], delta=0.05).round(2).tolist()
    [0.54, 0.18, 0.18, 0.05, 0.05]
    """
    shares = _shares(split)
    if not 0 < delta < 1 / len(shares):
        raise ValueError(f"delta must be a share above 0 and below 1/{len(shares)}: got {delta}")
    return np.where(shares == 0, delta, shares * (1 - delta * (shares == 0).sum()))


def clr(split: ArrayLike) -> np.ndarray:
    """Centred log-ratios: each log share less the mean of the logs (Aitchison 1982, JRSS B 44:139-177).

    >>> clr([1, 1, 1]).tolist()
    [0.0, 0.0, 0.0]
    """
    shares = _shares(split)
    if not shares.all():
        raise ValueError(f"a log-ratio needs shares above 0, so replace zeros first: got {np.asarray(split).tolist()}")
    return np.log(shares) - np.log(shares).mean()


def aitchison(first: ArrayLike, second: ArrayLike, delta: float) -> float:
    """Distance of two splits in log-ratios, each zero replaced by the share delta.

    >>> round(aitchison([1, 1], [1, 4], delta=0.01), 3)  # ln 4 / sqrt 2
    0.98
    """
    return float(np.linalg.norm(clr(without_zeros(first, delta)) - clr(without_zeros(second, delta))))


def _shares(split: ArrayLike) -> np.ndarray:
    values = np.asarray(split, float)
    if not (values >= 0).all() or not 0 < values.sum() < math.inf:
        raise ValueError(f"a split has points of 0 or more, not all of them 0: got {values.tolist()}")
    return values / values.sum()


# A class --------------------------------------------------------------------------------------------------------------


def draw_answers(
    n: int, shares: ArrayLike, concentration: float, points: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Invented answers: each person draws shares of their own (Dirichlet) and gives out the points by them.

    shares: the class's mean; concentration: how alike its people are, from near 0 (one purpose each) upwards. Columns
    as `read_answers`.

    >>> draw_answers(2, [0.5, 0.5], concentration=4, points=3, rng=np.random.default_rng(1)).id.tolist()
    ['INV-001', 'INV-002']
    """
    if not 0 < concentration < math.inf:
        raise ValueError(f"concentration must be above 0 and finite: got {concentration}")
    mean = _shares(shares)
    own = np.zeros((n, len(mean)))
    own[:, mean > 0] = rng.dirichlet(concentration * mean[mean > 0], size=n)
    return _frame(rng.multinomial(points, own), "INV", "invented")


def fit(answers: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Mean shares and concentration of a class by maximum likelihood (Dirichlet-multinomial), with intervals.

    answers: points, one row a person, every row with the same sum. One row a parameter, the concentration last;
    columns estimate, low, high. Intervals from the observed information, on the logit scale for shares, the log scale
    for the concentration. That is infinite where people differ no more than dice, 0 where each has one purpose (then
    shares are intervals of independent points, or people, and it has none), NaN for one point each. A purpose that
    nobody chose has no interval.

    >>> fit([[2, 0], [0, 2]] * 3 + [[1, 1]] * 2).estimate.round(3).tolist()  # mixed: A / (2 (A + 1)) = 2 of 8
    [0.5, 0.5, 1.0]
    """
    answers = np.asarray(answers, int)
    n, sums = len(answers), answers.sum(axis=1)
    if n < 2 or answers.min() < 0 or sums[0] < 1 or (sums != sums[0]).any():
        raise ValueError(f"answers must be two or more rows, none below 0, of one sum: got {reprlib.repr(answers)}")
    points, shares = int(sums[0]), answers.mean(axis=0) / sums[0]
    error, bounds = np.full(len(shares), math.nan), (math.nan, math.nan)
    used = (shares > 0) & (shares < 1)
    pairs = ((answers * (answers - 1)).mean(axis=0)[used] / shares[used]).sum()  # dice make it points (points - 1)
    alike, apart = pairs <= points * (points - 1) * (1 + 1e-6), (answers == points).any(axis=1).all()
    if alike or apart:
        concentration = math.nan if points == 1 else math.inf if alike else 0.0
        error[used] = (n * (points if alike else 1) * (shares * (1 - shares))[used]) ** -0.5
    else:
        weights, covariance = _most_likely(answers[:, used])
        concentration = weights.sum()
        shares[used] = mean = weights / concentration
        slopes = (np.eye(len(mean)) - mean) / (1 - mean)[:, None]  # of each logit share in the logs of the weights
        error[used] = np.sqrt(np.diag(slopes @ covariance @ slopes.T))
        wide = norm.ppf(0.5 + level / 2) * math.sqrt(mean @ covariance @ mean)
        with np.errstate(over="ignore"):  # people who hardly differ: no upper end
            bounds = float(concentration * np.exp(-wide)), float(concentration * np.exp(wide))
    low, high = (expit(logit(shares) + side * norm.ppf(0.5 + level / 2) * error) for side in (-1, 1))
    rows = {"estimate": [*shares, concentration], "low": [*low, bounds[0]], "high": [*high, bounds[1]]}
    return pd.DataFrame(rows, index=[*_names(len(shares)), "concentration"])


def _most_likely(answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dirichlet weights of greatest likelihood, and the covariance of their logs."""
    n, points = len(answers), answers[0].sum()
    seen = np.arange(points + 1)
    tally = (answers[:, :, None] == seen).sum(axis=0)  # how often each purpose was given each number of points

    def sums(function: Callable[[ArrayLike], Any], weights: np.ndarray) -> tuple[float, np.ndarray]:
        total = weights.sum()
        gains = (tally * (function(weights[:, None] + seen) - function(weights)[:, None])).sum(axis=1)
        return n * (function(total + points) - function(total)), gains

    def loss(logs: np.ndarray) -> float:
        whole, gains = sums(gammaln, np.exp(logs))
        return whole - gains.sum()

    def slope(logs: np.ndarray) -> np.ndarray:
        whole, gains = sums(digamma, np.exp(logs))
        return np.exp(logs) * (whole - gains)

    def bend(logs: np.ndarray) -> np.ndarray:
        whole, gains = sums(lambda weights: polygamma(1, weights), np.exp(logs))
        return np.diag(slope(logs) - np.exp(2 * logs) * gains) + whole * np.exp(np.add.outer(logs, logs))

    start = np.log(4 * answers.mean(axis=0) / points)
    found = minimize(loss, start, jac=slope, hess=bend, method="trust-exact", options={"gtol": 1e-6})
    return np.exp(found.x), np.linalg.inv(bend(found.x))


def form_correlations(shares: ArrayLike) -> np.ndarray:
    """Correlations that the constant sum alone brings to people who differ as in `draw_answers`, from mean shares.

    -sqrt(a b / ((1 - a)(1 - b))), which is -1 / (parts - 1) where all are equal. Shape (parts, parts).

    >>> form_correlations([0.2] * 5)[0].round(2).tolist()
    [1.0, -0.25, -0.25, -0.25, -0.25]
    """
    odds = np.sqrt(_shares(shares) / (1 - _shares(shares)))
    return np.where(np.eye(len(odds)) == 1, 1.0, -np.outer(odds, odds))
