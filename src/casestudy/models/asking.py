"""Asking for help: what a share of unknown n can mean, when 'most' is shown, and what an experiment would take."""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

from casestudy.intervals import Interval
from casestudy.models.uncertainty import counted, inside

MOST_PEOPLE = 100_000  # that a plan may take: nobody asks more, and the exact search looks at four times as many
RAREST = 1e-12  # chance of a success; below, the looks are no longer counted exactly


def _whole(name: str, counts: ArrayLike, least: int = 1) -> np.ndarray:
    """Whole numbers as an array, even for one; refused by their name where one is none or below the least."""
    array = np.atleast_1d(np.asarray(counts))
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be whole numbers in one row: got {array.dtype}, shape {array.shape}")
    if not (fits := np.isfinite(array) & (array >= least) & (array == np.floor(array))).all():
        raise ValueError(f"{name} must be whole numbers, at least {least}: got {array[~fits][0]}")
    return array.astype(int)


# A share of unknown n ------------------------------------------------------------------------------------------------


def share_against_n(share: float, n: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Wilson interval of one share if n people had been asked; n is printed nowhere, hence a curve.

    One row an n: n, low, high, width, as shares. The count behind a share need not be whole here, nor n: give n / the
    design effect where people were not drawn one by one.

    >>> share_against_n(0.5, [100, 10_000]).width.round(3).tolist()
    [0.192, 0.02]
    """
    inside(share=share, level=level)
    n = counted(n)
    if not np.isfinite(n).all():
        raise ValueError(f"n must be finite: got {n.max()}")
    low, high = proportion_confint(share * n, n, alpha=1 - level, method="wilson")
    return pd.DataFrame({"n": n, "low": low, "high": high, "width": high - low})


def people_for_margin(share: float, margin: float, level: float = 0.95) -> int:
    """Fewest people whose Wilson interval of a share is at most two margins wide; margin as a share.

    About z^2, or four, fewer than by the textbook's z^2 share (1 - share) / margin^2, with z the normal quantile.

    >>> people_for_margin(share=0.5, margin=0.1)  # the textbook: 96.04, hence 97
    93
    """
    inside(share=share, level=level)
    if not 0 < margin < 0.5:
        raise ValueError(f"margin must lie between 0 and one half: got {margin}")
    z = stats.norm.isf((1 - level) / 2)
    b = 2 * z**2 - z**2 * share * (1 - share) / margin**2  # n^2 + b n + c = 0 where the width is two margins
    c = z**4 - z**4 / (4 * margin**2)
    return int(np.ceil((-b + np.sqrt(b**2 - 4 * c)) / 2))


# When is 'most' shown? -----------------------------------------------------------------------------------------------
# Each rule gives the fewest yes among n at which more than half counts as shown; more than n: never, at this n.


def needed_wilson(n: ArrayLike, level: float = 0.95) -> np.ndarray:
    """Fewest yes among n whose Wilson lower bound exceeds one half; for one n that was fixed beforehand.

    The bound exceeds 1/2 where the score test of 1/2 rejects: yes > n/2 + z sqrt(n)/2. Its error is near the promise,
    not always below it: 6.3% of even streets at 4, 2.8% at 100.

    >>> needed_wilson([4, 10, 100]).tolist()
    [4, 9, 60]
    """
    inside(level=level)
    n = _whole("n", n)
    return np.floor(n / 2 + stats.norm.isf((1 - level) / 2) * np.sqrt(n) / 2).astype(int) + 1


def needed_exact(n: ArrayLike, error: float = 0.025) -> np.ndarray:
    """Fewest yes among n that a street split in half reaches with probability at most `error`: the binomial test.

    >>> needed_exact([5, 8], error=0.05).tolist()  # 1/32 and 9/256; 7 of 8 or more
    [5, 7]
    """
    inside(error=error)
    return stats.binom.isf(error, _whole("n", n), 0.5).astype(int) + 1


def needed_anytime(n: ArrayLike, error: float = 0.025) -> np.ndarray:
    """Fewest yes among n at which one may stop although every answer was looked at.

    The likelihood of the answers, averaged over all shares above one half, against that of one half: at or below one
    half this ratio ever reaches 1 / error with probability at most `error` (Ville 1939; Robbins 1970, Annals of
    Mathematical Statistics 41:1397-1409).

    >>> needed_anytime([6, 7], error=0.05).tolist()  # all 7: (2^8 - 1) / 8 = 31.9, at least 20; all 6: 18.1
    [7, 7]
    """
    inside(error=error)
    n = _whole("n", n)
    too_few, enough = n // 2, n + 1  # the ratio grows with the yes among n: halve the gap between the two
    for _ in range(int(n.max()).bit_length()):
        yes = (too_few + enough) // 2
        log_ratio = (n + 1) * np.log(2) + special.betaln(yes + 1, n - yes + 1)
        log_ratio += np.log(special.betaincc(yes + 1, n - yes + 1, 0.5))
        reached = log_ratio >= -np.log(error)
        too_few, enough = np.where(reached, too_few, yes), np.where(reached, yes, enough)
    return enough


def shown_by(share: float, needed: ArrayLike) -> np.ndarray:
    """Probability that the count of yes reached `needed` at or before each stranger; exact, shape of needed.

    share: of yes in the street, 0-1; needed: one count a stranger. Answers are independent. A recursion over the number
    of yes in jars that are still open.

    >>> shown_by(0.5, [2, 2, 2]).tolist()  # two yes: after two 1/4, after three 1/4 + 1/4
    [0.0, 0.25, 0.5]
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be 0-1: got {share}")
    needed = _whole("needed", needed, least=0)
    chance = np.zeros(len(needed) + 1)
    chance[0] = 1.0
    closed = np.empty(len(needed))
    for stranger, count in enumerate(needed):
        chance[1:] = (1 - share) * chance[1:] + share * chance[:-1]
        chance[0] *= 1 - share
        closed[stranger] = chance[count:].sum()
        chance[count:] = 0.0
    return closed.cumsum()


class Plan(NamedTuple):
    """People to ask, all of them, before one looks."""

    approximate: int
    exact_first: int
    exact_always: int


def people_to_show_most(share: float, error: float = 0.05, power: float = 0.8) -> Plan:
    """People to ask if `share` say yes and more than half is to be shown with this power, one-sided.

    approximate: normal approximation; exact_first: fewest at which the binomial test of one half has the power, which
    goes up and down with n; exact_always: from here on it keeps it (looked at up to four times the approximation).

    >>> people_to_show_most(0.65)
    Plan(approximate=67, exact_first=69, exact_always=76)
    """
    inside(share=share, error=error, power=power)
    if share <= 0.5:
        raise ValueError(f"share must exceed one half, or there is no most to show: got {share}")
    if not error < min(power, 0.5):
        raise ValueError(f"error must be below the power and one half: got error={error}, power={power}")
    spread = stats.norm.isf(error) * 0.5 + stats.norm.ppf(power) * np.sqrt(share * (1 - share))
    approximate = int(np.ceil((spread / (share - 0.5)) ** 2))
    if approximate > MOST_PEOPLE:
        raise ValueError(f"share must be further from one half: {share} would take more than {MOST_PEOPLE:,} people")
    n = np.arange(1, 4 * approximate + 50)
    enough = stats.binom.sf(needed_exact(n, error) - 1, n, share) >= power
    return Plan(approximate, int(n[enough][0]), int(n[~enough][-1]) + 1)


def invented_jars(share: float, needed: ArrayLike, jars: int, rng: np.random.Generator) -> pd.DataFrame:
    """Invented streets, one jar each: strangers are asked one by one until `needed` is reached or nobody is left.

    One row an answer: id, layer, jar, stranger (both from 1), yes, shown (whether this jar closed).

    >>> invented_jars(1.0, needed=[2, 2, 2], jars=1, rng=np.random.default_rng(1)).drop(columns="layer").values.tolist()
    [['INV-01-001', 1, 1, True, True], ['INV-01-002', 1, 2, True, True]]
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be 0-1: got {share}")
    needed, jars = _whole("needed", needed, least=0), int(_whole("jars", jars)[0])
    yes = rng.random((jars, len(needed))) < share
    reached = yes.cumsum(axis=1) >= needed
    shown = np.any(reached, axis=1)
    asked = np.where(shown, reached.argmax(axis=1) + 1, len(needed))
    jar, stranger = (index + 1 for index in np.nonzero(np.arange(len(needed)) < asked[:, None]))
    ids = [f"INV-{a:02d}-{b:03d}" for a, b in zip(jar, stranger, strict=True)]
    columns = {"id": ids, "layer": "invented", "jar": jar, "stranger": stranger}
    return pd.DataFrame(columns | {"yes": yes[jar - 1, stranger - 1], "shown": shown[jar - 1]})


# An experiment -------------------------------------------------------------------------------------------------------


def invented_trial(
    people: int, alone: float, lift: float, rng: np.random.Generator, by: str = "coin", gap: float = 0.2
) -> pd.DataFrame:
    """Invented passers-by, some of them prompted to ask for help, and who then asked.

    alone: share who ask without a prompt; lift: what it adds; gap: how much oftener open people ask than the other
    half. by: 'coin' prompts half of everybody; 'choice' lets people step up: three of four who do are open, one of four
    who walk on. One row a person: id, layer, open, prompted, asked.

    >>> invented_trial(2, alone=0.5, lift=0.1, rng=np.random.default_rng(1))[["id", "layer"]].values.tolist()
    [['INV-0001', 'invented'], ['INV-0002', 'invented']]
    """
    if by not in ("coin", "choice"):
        raise ValueError(f"by must be coin or choice: got {by!r}")
    if not (gap >= 0 and alone - gap / 2 >= 0 and lift >= 0 and alone + gap / 2 + lift <= 1):
        raise ValueError(f"alone -+ gap / 2, and that plus lift, must be shares 0-1: got {alone=}, {gap=}, {lift=}")
    people = int(_whole("people", people)[0])
    opened = rng.random(people) < 0.5
    prompted = rng.random(people) < (np.where(opened, 0.75, 0.25) if by == "choice" else 0.5)
    asked = rng.random(people) < alone + gap * (opened - 0.5) + lift * prompted
    ids = [f"INV-{person:04d}" for person in range(1, people + 1)]
    return pd.DataFrame({"id": ids, "layer": "invented", "open": opened, "prompted": prompted, "asked": asked})


# Shares of the same people, stories, dates ---------------------------------------------------------------------------


def frechet_bounds(first: float, second: float) -> Interval:
    """Share of people who are both, if only the two shares are known. Source: Frechet 1935.

    >>> frechet_bounds(0.75, 0.5)
    (0.25, 0.5)
    """
    if not (0 <= first <= 1 and 0 <= second <= 1):
        raise ValueError(f"shares must be 0-1: got {first}, {second}")
    return max(0.0, first + second - 1), min(first, second)


def search(rate: float, successes: int = 3, chance: float = 0.9) -> tuple[float, int]:
    """Lives to look through until `successes` are found: the mean, and how many are enough with this chance.

    rate: probability that a life is a success, 0-1. The negative binomial distribution; lives are taken to be
    independent and looked at as they come.

    >>> search(rate=0.5, successes=1, chance=0.9)  # 1 - 0.5^4 = 0.94
    (2.0, 4)
    """
    inside(rate=rate, chance=chance)
    successes = int(_whole("successes", successes)[0])
    if rate < RAREST:
        raise ValueError(f"rate must be at least {RAREST:g}, or no computer counts the looks: got {rate:g}")
    return successes / rate, int(stats.nbinom.ppf(chance, successes, rate)) + successes


def order(windows: pd.DataFrame) -> pd.DataFrame:
    """Which event came first, as far as windows can tell: 'before', 'after' or 'open', row against column.

    windows: one row an event, columns earliest and latest. Before only where its latest day precedes the other's first.

    >>> order(pd.DataFrame({"earliest": [1, 3, 5], "latest": [2, 6, 7]}, index=["a", "b", "c"])).values.tolist()
    [['', 'before', 'before'], ['after', '', 'open'], ['after', 'open', '']]
    """
    if (open_ended := windows[["earliest", "latest"]].isna().any(axis=1)).any():
        raise ValueError(f"a window needs two dates: {windows.index[open_ended][0]!r} lacks one")
    if (wrong := windows["earliest"] > windows["latest"]).any():
        raise ValueError(f"earliest must be at most latest: not so for {windows.index[wrong][0]!r}")
    earliest, latest = windows["earliest"].to_numpy(), windows["latest"].to_numpy()
    before = latest[:, None] < earliest
    words = np.where(before, "before", np.where(before.T, "after", "open"))
    np.fill_diagonal(words, "")
    return pd.DataFrame(words, index=windows.index, columns=windows.index)
