"""Did it work? Three ways to read an effect from monthly figures, and invented worlds in which each of them is fooled.

A series has one value a month; `launch` counts the months before the programme, so month number `launch` (from 0) is
the first one with it. The document prints a before, an after and the word that joins them (004 p10); none of these
designs.
"""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import ArrayLike
from scipy import stats


class Effect(NamedTuple):
    """An effect in the unit of the series, its confidence interval, and the p value of 'no effect'.

    A series that its design meets without any scatter, such as a constant one, has an estimate and nothing else: the
    rest is NaN, for nothing says how far chance reaches.
    """

    estimate: float
    low: float
    high: float
    p: float


# Three designs -------------------------------------------------------------------------------------------------------


def before_after(values: ArrayLike, launch: int, level: float = 0.95) -> Effect:
    """Mean after less mean before; reads every trend as an effect. t interval, one variance.

    >>> before_after([1, 3, 6, 8], launch=2).estimate.round(6)
    np.float64(5.0)
    """
    return _fitted(values, _two_levels(len(np.asarray(values)), launch), level)


def interrupted_series(values: ArrayLike, launch: int, level: float = 0.95, hac_lags: int | None = None) -> Effect:
    """Jump at the launch between a line fitted before and a line fitted after; reads every bend as a jump.

    t interval from ordinary least squares. hac_lags: allow for autocorrelation up to this lag (Newey and West 1987),
    with the normal reference usual there; in two years of months that rejects too often even where there is none.

    >>> interrupted_series([1, 2, 3, 14, 15, 17], launch=3).estimate.round(2)  # 13.83, due at 4
    np.float64(9.83)
    """
    return _fitted(values, _two_lines(len(np.asarray(values)), launch), level, hac_lags)


def difference_in_differences(treated: ArrayLike, control: ArrayLike, launch: int, level: float = 0.95) -> Effect:
    """Change of the treated series less change of the control; reads every trend of its own as an effect.

    t interval from the monthly differences, which is the regression with an effect for each series and each month.

    >>> difference_in_differences([1, 3, 6, 8], [1, 2, 3, 4], launch=2).estimate.round(6)
    np.float64(3.0)
    """
    treated, control = np.asarray(treated, float), np.asarray(control, float)
    if treated.shape != control.shape:
        raise ValueError(f"treated and control need the same months: got {len(treated)} and {len(control)}")
    return before_after(treated - control, launch, level)


def confounder_needed(rise: ArrayLike, shift: ArrayLike) -> np.ndarray:
    """What an unmeasured change must be worth, in the unit of the outcome, to make the whole of a rise.

    shift: by how much the share of cases in which it is present grew, in (0, 1]. The bias of a difference of means is
    the product of the two: VanderWeele and Arah 2011, Epidemiology 22, 42-52, with one binary confounder whose effect
    is the same in both periods.

    >>> confounder_needed(rise=1.5, shift=[0.25, 0.5, 1.0])
    array([6. , 3. , 1.5])
    """
    rise, shift = np.asarray(rise, float), np.asarray(shift, float)
    if not (np.isfinite(rise).all() and ((shift > 0) & (shift <= 1)).all()):
        raise ValueError(f"a finite rise and a shift in (0, 1] must hold: got {rise.tolist()} and {shift.tolist()}")
    return np.asarray(rise / shift)


def _two_levels(months: int, launch: int) -> np.ndarray:
    """Columns: is it after the launch (the effect), constant; shape (months, 2)."""
    if not (2 <= launch <= months - 2):
        raise ValueError(f"at least 2 months on each side of the launch: got {launch=} in {months} months")
    return np.column_stack([np.arange(months) >= launch, np.ones(months)]).astype(float)


def _two_lines(months: int, launch: int) -> np.ndarray:
    """Columns: after (the jump), constant, months since the launch, the same after it; shape (months, 4)."""
    if not (3 <= launch <= months - 3):
        raise ValueError(f"at least 3 months on each side of the launch: got {launch=} in {months} months")
    since, levels = np.arange(months) - launch, _two_levels(months, launch)
    return np.column_stack([levels, since, since * levels[:, 0]])


def _fitted(values: ArrayLike, design: np.ndarray, level: float, hac_lags: int | None = None) -> Effect:
    values = np.asarray(values, float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(f"a series is one row of finite numbers: got {values.tolist()}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1: got {level}")
    model = sm.OLS(values, design)
    fit = model.fit() if hac_lags is None else model.fit(cov_type="HAC", cov_kwds={"maxlags": hac_lags})
    if fit.ssr <= 1e-20 * max((values**2).sum(), 1e-300):  # no scatter is left, and so no standard error
        return Effect(fit.params[0], math.nan, math.nan, math.nan)
    low, high = fit.conf_int(alpha=1 - level)[0]
    return Effect(fit.params[0], low, high, fit.pvalues[0])


# Invented worlds -----------------------------------------------------------------------------------------------------

Series = tuple[np.ndarray, np.ndarray]  # treated, control: one row a run, one column a month


def _errors(rng: np.random.Generator, runs: int, months: int, noise: float, memory: float = 0.0) -> Series:
    """Months around 0 with standard deviation `noise`, each remembering a share of the last, in the long run."""
    fresh = rng.standard_normal((2, runs, months))
    for month in range(1, months):
        fresh[:, :, month] = memory * fresh[:, :, month - 1] + np.sqrt(1 - memory**2) * fresh[:, :, month]
    return noise * fresh[0], noise * fresh[1]


def _path(shape: Callable[[np.ndarray], np.ndarray], months: int) -> np.ndarray:
    """A path whose mean is 0 over the first half of the months and 1 over the second."""
    path, half = shape(np.arange(months) / (months - 1)), months // 2
    return (path - path[:half].mean()) / (path[half:].mean() - path[:half].mean())


def _still(rng: np.random.Generator, runs: int, months: int, rise: float, noise: float) -> Series:
    return _errors(rng, runs, months, noise)


def _linear(rng: np.random.Generator, runs: int, months: int, rise: float, noise: float) -> Series:
    trend, (treated, control) = rise * _path(lambda time: time, months), _errors(rng, runs, months, noise)
    return treated + trend, control + trend


def _curved(rng: np.random.Generator, runs: int, months: int, rise: float, noise: float) -> Series:
    """A learning curve, 95% of its way by the last month, shared by both groups."""
    trend, (treated, control) = rise * _path(lambda time: -np.exp(-3 * time), months), _errors(rng, runs, months, noise)
    return treated + trend, control + trend


def _autocorrelated(rng: np.random.Generator, runs: int, months: int, rise: float, noise: float) -> Series:
    return _errors(rng, runs, months, noise, memory=0.4)


def _low_point(rng: np.random.Generator, runs: int, months: int, rise: float, noise: float) -> Series:
    """The launch follows the worst quarter in two years: chance alone then looks like a recovery."""
    half = months // 2
    treated, control = _errors(rng, runs, months + 24, noise)
    quarters = np.lib.stride_tricks.sliding_window_view(treated, 3, axis=1).mean(axis=2)
    worst = quarters[:, half - 3 : half + 22].argmin(axis=1)  # 25 candidates: launched at month half ... half + 24
    window = worst[:, None] + np.arange(months)
    return np.take_along_axis(treated, window, axis=1), np.take_along_axis(control, window, axis=1)


def _own_trend(rng: np.random.Generator, runs: int, months: int, rise: float, noise: float) -> Series:
    treated, control = _errors(rng, runs, months, noise)
    return treated, control + rise * _path(lambda time: time, months)


WORLDS = {
    "nothing else happens": _still,
    "linear trend": _linear,
    "curved trend": _curved,
    "autocorrelated": _autocorrelated,
    "launched at a low point": _low_point,
    "control on its own trend": _own_trend,
}


def world(
    kind: str,
    rng: np.random.Generator,
    effect: float = 0.0,
    months: int = 24,
    before: float = 6.6,
    rise: float = 1.5,
    noise: float = 0.25,
) -> pd.DataFrame:
    """Invented monthly scores of a treated and a control group, launched half-way; the true effect is `effect`.

    One row a month: id, layer, month, after, treated, control. Where the kind has a trend, the trend alone lifts the
    mean of the second half above that of the first by `rise` (004 p10: 6.6 to 8.1). noise: standard deviation of a
    month.

    >>> world("linear trend", np.random.default_rng(1), noise=0).groupby("after").treated.mean().round(3).tolist()
    [6.6, 8.1]
    """
    if kind not in WORLDS:
        raise ValueError(f"no world {kind!r}; there is: {', '.join(WORLDS)}")
    if not (months >= 6 and noise >= 0):
        raise ValueError(f"months >= 6 and noise >= 0 must hold: got {months=}, {noise=}")
    treated, control = (before + series[0] for series in WORLDS[kind](rng, 1, months, rise, noise))
    after = np.arange(months) >= months // 2
    return pd.DataFrame(
        {
            "id": [f"INV-M{month:02d}" for month in range(1, months + 1)],
            "layer": "invented",
            "month": np.arange(1, months + 1),
            "after": after,
            "treated": treated + effect * after,
            "control": control,
        }
    )


# How often each design sees an effect that is not there --------------------------------------------------------------


def p_values(values: np.ndarray, design: np.ndarray, hac_lags: int | None = None) -> np.ndarray:
    """p value of the first coefficient for many series on one design at once: statsmodels OLS, vectorised.

    values: one row a series, one column a month; design: one row a month. hac_lags as in `interrupted_series`.

    >>> p_values(np.array([[1.0, 3.0, 6.0, 8.0]]), np.array([[0, 1], [0, 1], [1, 1], [1, 1]])).round(4)  # t = 3.54
    array([0.0715])
    """
    inverse = np.linalg.pinv(design)
    coefficients = values @ inverse.T
    residuals, spare = values - coefficients @ design.T, design.shape[0] - design.shape[1]
    if hac_lags is None:
        variance = (residuals**2).sum(axis=1) / spare * (inverse[0] ** 2).sum()
        return 2 * stats.t.sf(np.abs(coefficients[:, 0]) / np.sqrt(variance), spare)
    scores = residuals * inverse[0]
    variance = (scores**2).sum(axis=1)
    for lag in range(1, hac_lags + 1):
        variance = variance + 2 * (1 - lag / (hac_lags + 1)) * (scores[:, lag:] * scores[:, :-lag]).sum(axis=1)
    return 2 * stats.norm.sf(np.abs(coefficients[:, 0]) / np.sqrt(variance))


METHODS: dict[str, Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = {
    "before and after": lambda treated, control, launch: p_values(treated, _two_levels(treated.shape[1], launch)),
    "interrupted series": lambda treated, control, launch: p_values(treated, _two_lines(treated.shape[1], launch)),
    "interrupted series, HAC": lambda treated, control, launch: p_values(
        treated, _two_lines(treated.shape[1], launch), hac_lags=2
    ),
    "difference in differences": lambda treated, control, launch: p_values(
        treated - control, _two_levels(treated.shape[1], launch)
    ),
}


def false_positive_grid(
    seed: int,
    methods: Iterable[str] = tuple(METHODS),
    worlds: Iterable[str] = tuple(WORLDS),
    runs: int = 400,
    months: int = 24,
    rise: float = 1.5,
    noise: float = 0.25,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Share of runs in which a method reports an effect at level alpha in a world that has none; methods by worlds.

    The Monte Carlo standard error of a rate p is sqrt(p (1 - p) / runs): 1.1 points at 5% and 400 runs. All methods
    of a column see the same runs, and a column does not depend on which others are asked for.

    >>> false_positive_grid(seed=1, methods=["before and after"], worlds=["linear trend"])
                      linear trend
    before and after           1.0
    """
    methods, worlds = list(methods), list(worlds)
    if unknown := [*(set(methods) - set(METHODS)), *(set(worlds) - set(WORLDS))]:
        raise ValueError(f"no method or world {unknown[0]!r}; there is: {', '.join([*METHODS, *WORLDS])}")
    if not (runs >= 1 and noise > 0):
        raise ValueError(f"runs >= 1 and noise > 0 must hold: got {runs=}, {noise=}")
    rates = {}
    for name in worlds:
        rng = np.random.default_rng([seed, list(WORLDS).index(name)])
        treated, control = WORLDS[name](rng, runs, months, rise, noise)
        rates[name] = [(METHODS[method](treated, control, months // 2) < alpha).mean() for method in methods]
    return pd.DataFrame(rates, index=methods)
