"""What an answer owes to its inputs, under an invented prior too; how stated intervals held; what shares must be.

The honest first result is the range over the box of inputs (`casestudy.intervals.over`); the rest comes after it.
"""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binomtest

from casestudy.intervals import Interval, pair


def tornado(function: Callable[..., float], base: Mapping[str, float], bounds: Mapping[str, Interval]) -> pd.DataFrame:
    """How far each input alone moves the answer, the others held at base; widest first.

    One row an input: low and high (its bounds), at_low and at_high (the answer there), swing (their distance). Only the
    ends are tried, and no two inputs move together: the range over the whole box is wider than any one bar.

    >>> tornado(lambda length, width: length * width, base={"length": 3, "width": 10},
    ...         bounds={"length": (2, 4), "width": (9, 11)})
            low  high  at_low  at_high  swing
    input
    length  2.0   4.0    20.0     40.0   20.0
    width   9.0  11.0    27.0     33.0    6.0
    """
    if unknown := sorted(set(bounds) - set(base)):
        raise ValueError(f"no base value for {unknown[0]!r}; there is: {', '.join(base)}")
    rows = []
    for name, given in bounds.items():
        low, high = pair(given, name)
        if not low <= base[name] <= high:
            raise ValueError(f"low <= base <= high must hold for {name}: got {low}, {base[name]}, {high}")
        ends = [float(function(**{**base, name: end})) for end in (low, high)]
        rows.append((name, float(low), float(high), *ends, abs(ends[1] - ends[0])))
    table = pd.DataFrame(rows, columns=["input", "low", "high", "at_low", "at_high", "swing"]).set_index("input")
    return table.sort_values("swing", ascending=False, kind="stable")


def draws(
    function: Callable[..., float], bounds: Mapping[str, float | Interval], rng: np.random.Generator, n: int
) -> np.ndarray:
    """Answers for n draws of the inputs, each uniform between its bounds and independent of the others; shape (n,).

    A printed range is not a distribution: uniform and independent is an invented prior and has to be called so where
    the result is shown. A pair (low, high) is drawn, a number stays.

    >>> areas = draws(lambda long, wide: long * wide, {"long": (2, 4), "wide": 10}, np.random.default_rng(1), n=100)
    >>> areas.shape, bool((areas >= 20).all() and (areas <= 40).all())
    ((100,), True)
    """
    if n < 1:
        raise ValueError(f"n must be at least 1: got {n}")
    columns = {}
    for name, given in bounds.items():
        low, high = pair(given, name)
        if not -np.inf < low <= high < np.inf:
            raise ValueError(f"low <= high, both finite, must hold for {name}: got ({low}, {high})")
        columns[name] = rng.uniform(low, high, size=n).tolist()
    return np.array([function(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)])


# Intervals that were stated, and what came ----------------------------------------------------------------------------


def interval_score(low: ArrayLike, high: ArrayLike, came: ArrayLike, level: float = 0.95) -> np.ndarray:
    """Score of a prediction interval, in the unit of the counts; less is better, and a narrow interval that lies pays.

    Its width, and for what came outside it the miss times 2 / (1 - level). Source: Gneiting and Raftery 2007, Journal
    of the American Statistical Association 102, 359-378, section 6.2.

    >>> interval_score(low=[10, 10], high=[20, 20], came=[15, 21], level=0.95).round(6)
    array([10., 50.])
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1: got {level}")
    ends = np.asarray(low, float), np.asarray(high, float)
    if not (ends[0] <= ends[1]).all():
        raise ValueError(f"an interval needs low <= high: got {ends[0]} and {ends[1]}")
    miss = np.maximum(ends[0] - came, 0) + np.maximum(np.asarray(came, float) - ends[1], 0)
    return ends[1] - ends[0] + 2 / (1 - level) * miss


def coverage(forecasts: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """How often intervals held what came, one row a curve, with how well so many outcomes can tell.

    forecasts: columns curve, low, high, came, as from `growth.rolling`. n: forecasts with an interval; held: those
    whose interval has what came in it, ends included; coverage: their share, NaN where n is 0; coverage_low,
    coverage_high: its exact interval (Clopper and Pearson 1934, Biometrika 26, 404-413) of this level; without:
    forecasts that have no interval. It takes outcomes as independent. Neighbouring starts are not: the truth is wider.

    >>> four = pd.DataFrame({"curve": "line", "low": [0, 0, 0, None], "high": [9, 9, 9, None], "came": [1, 2, 10, 3]})
    >>> coverage(four).round(3).loc["line"].tolist()
    [3.0, 2.0, 0.667, 0.094, 0.992, 1.0]
    """
    if missing := [name for name in ("curve", "low", "high", "came") if name not in forecasts]:
        raise ValueError(f"forecasts need the columns curve, low, high and came: {', '.join(missing)} missing")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1: got {level}")
    rows = {}
    for curve, own in forecasts.groupby("curve", sort=False):
        told = own.dropna(subset=["low", "high", "came"])
        n, held = len(told), int(((told["low"] <= told["came"]) & (told["came"] <= told["high"])).sum())
        low, high = binomtest(held, n).proportion_ci(level, method="exact") if n else (0.0, 1.0)
        rows[curve] = (n, held, held / n if n else np.nan, float(low), float(high), len(own) - n)
    columns = ["n", "held", "coverage", "coverage_low", "coverage_high", "without"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("curve")


# What shares and counts must be ---------------------------------------------------------------------------------------


def inside(**shares: float) -> None:
    """Refuse, by its name, a share that does not lie between 0 and 1, ends excluded.

    >>> inside(share=1.2)
    Traceback (most recent call last):
    ValueError: share must be a share between 0 and 1, ends excluded: got 1.2
    """
    for name, share in shares.items():
        if not 0 < share < 1:
            raise ValueError(f"{name} must be a share between 0 and 1, ends excluded: got {share}")


def counted(n: ArrayLike) -> np.ndarray:
    """How many were counted, as an array even for one number; refused unless positive.

    >>> counted(10).tolist(), counted([10, 20]).tolist()
    ([10], [10, 20])
    """
    counts = np.atleast_1d(np.asarray(n))
    if not (counts > 0).all():
        raise ValueError(f"n must be positive: got {counts.min()}")
    return counts
