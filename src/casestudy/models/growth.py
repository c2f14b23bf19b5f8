"""Growth curves by least squares on the counts, and what uncertain dates do to them.

Every curve, the exponential too, minimises the squared errors of the counts themselves (not of their logarithms), so
that the residual sums of squares of one series can be compared.
"""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import t as student

from casestudy.models.curves import CURVES, FORMS, derivatives, form_of, inverse, origin_of, refuse_ceiling, solve
from casestudy.models.uncertainty import coverage, interval_score

DAYS_PER_YEAR = 365.25
SECONDS_PER_YEAR = DAYS_PER_YEAR * 86_400
Curves = Sequence[str] | Mapping[str, Callable[[np.ndarray, np.ndarray], Any]]  # by name, or what fits them


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted growth curve: parameters with standard errors, and predictions with intervals.

    params and stderr by name, rates per unit of time; a fixed ceiling has stderr 0, and stderr is NaN when df is 0.
    cov: of the free parameters, in the order of params. rss in squared counts. aicc: from the full normal likelihood
    with sigma counted as a parameter; NaN when n - k - 1 <= 0. df = n - free parameters. origin: the time from which
    the curve counts (the first time, the launch, or 0).
    """

    curve: str
    of: str
    origin: float
    params: dict[str, float]
    stderr: dict[str, float]
    cov: np.ndarray
    rss: float
    aicc: float
    n: int
    df: int

    def predict(self, time: ArrayLike) -> np.ndarray:
        """Counts on the curve, one a time."""
        return form_of(self.curve, self.of).value(np.asarray(time, dtype=float) - self.origin, *self.params.values())

    def interval(self, time: ArrayLike, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Prediction interval (low, high) for one new count at each time: Student's t, delta method for curves.

        It takes the dates as exact and the curve as true. NaN when df is 0.
        """
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1: got {level}")
        centre = self.predict(time)
        if self.df == 0:
            return centre * math.nan, centre * math.nan
        since = np.asarray(time, dtype=float) - self.origin
        slopes = derivatives(partial(form_of(self.curve, self.of).value, since.ravel()), self.params.values())
        slopes = slopes[:, -len(self.cov) :]  # a fixed ceiling stands first and does not vary
        variance = self.rss / self.df + ((slopes @ self.cov) * slopes).sum(axis=1).reshape(since.shape)
        half = student.ppf((1 + level) / 2, self.df) * np.sqrt(variance)
        return centre - half, centre + half


def fit(
    time: ArrayLike,
    count: ArrayLike,
    curve: str = "linear",
    ceiling: float | None = None,
    launch: float | None = None,
    of: str = "cumulative",
) -> Fit:
    """Least-squares fit of one growth curve to counts at given times; needs no starting values.

    time in any unit, in any order; count one a time. The curves:
    linear: intercept + slope * (t - first time); exponential: initial * exp(rate * (t - first time));
    logistic: ceiling / (1 + exp(-rate * (t - midpoint))); gompertz: ceiling * exp(-exp(-rate * (t - midpoint)));
    bass: cumulative adopters market * (1 - e) / (1 + imitation / innovation * e), where
    e = exp(-(innovation + imitation) * (t - launch)); of="increments" fits its density to adopters per unit of time.
    ceiling: fixes the ceiling (the market of bass). It may lie below the largest count, as a free one may, since
    counts scatter around the curve, but not below all of them. launch (bass only): when the cumulative count was 0;
    if not given, the first time if its count is 0, and one mean step before it for increments.
    Source of bass: Bass 1969, Management Science 15, 215-227.

    >>> line = fit(time=[0, 1, 2, 3], count=[1, 3, 5, 7])
    >>> round(line.params["intercept"], 6), round(line.params["slope"], 6), line.df
    (1.0, 2.0, 2)
    >>> doubling = fit(time=[2020, 2021, 2022], count=[100, 200, 400], curve="exponential")
    >>> round(doubling.params["initial"], 6), round(float(doubling.predict(2023)), 6)
    (100.0, 800.0)
    """
    form = form_of(curve, of)
    times, counts = _points(time, count)
    origin = origin_of(curve, of, launch, times, counts)
    if ceiling is not None:
        refuse_ceiling(curve, of, ceiling, counts)
    values = solve(curve, form, times - origin, counts, ceiling)
    if math.isinf(values[0]):
        raise ValueError(f"no {curve} ceiling is best for these {len(times)} points: give ceiling=, or use exponential")
    fixed = int(ceiling is not None)
    n, free = len(times), len(values) - fixed
    df, k = n - free, free + 1
    rss = float(((counts - form.value(times - origin, *values)) ** 2).sum())
    cov = inverse(curve, derivatives(partial(form.value, times - origin), values)[:, fixed:])
    cov *= rss / df if df else math.nan
    stderr = [0.0] * fixed + np.sqrt(np.diag(cov)).tolist()
    deviance = n * (math.log(2 * math.pi * rss / n) + 1) if rss else -math.inf
    return Fit(
        curve=curve,
        of=of,
        origin=origin,
        params=dict(zip(form.names, map(float, values), strict=True)),
        stderr=dict(zip(form.names, stderr, strict=True)),
        cov=cov,
        rss=rss,
        aicc=deviance + 2 * k * n / (n - k - 1) if n - k - 1 > 0 else math.nan,
        n=n,
        df=df,
    )


def ceilings(times: ArrayLike, count: ArrayLike, curve: str = "logistic") -> np.ndarray:
    """Best free ceiling for each set of times, one a row; inf where the best curve has none.

    times: shape (draws, n), as from date_draws; count: n counts. inf means that the residual sum of squares falls
    on and on as the ceiling rises (tried to a million times the largest count). curve: logistic or gompertz.

    >>> ceilings([[0, 1, 2], [0, 1, 2]], count=[100, 200, 300]).round(6)
    array([400., 400.])
    >>> ceilings([[0, 1, 2]], count=[100, 200, 400])
    array([inf])
    """
    if curve not in ("logistic", "gompertz"):
        raise ValueError(f"curve must be logistic or gompertz: got {curve!r}")
    rows = [_points(row, count) for row in np.asarray(times, dtype=float)]
    return np.array([solve(curve, FORMS[curve], *row)[0] for row in rows])


def profile(time: ArrayLike, count: ArrayLike, curve: str, ceilings: ArrayLike) -> np.ndarray:
    """Residual sum of squares of the best curve at each fixed ceiling: how much the data care where it lies.

    >>> profile([0, 1, 2], [100, 200, 300], "logistic", ceilings=[400, 1000]).round(3)
    array([  0.   , 246.605])
    """
    return np.array([fit(time, count, curve, ceiling=float(level)).rss for level in np.asarray(ceilings)])


def rolling(
    time: ArrayLike,
    count: ArrayLike,
    back: float,
    ahead: float,
    curves: Curves = ("linear", "exponential", "logistic"),
    least: int = 4,
    level: float = 0.95,
) -> pd.DataFrame:
    """Forecasts of a series by itself: at each count, curves fitted to what was known, held against what came.

    At every origin (a time of the series) each curve is fitted to the counts of the last `back`, if there are at least
    `least`, and asked for `ahead` later, where the series must still run; what came is on a straight line between its
    counts. Neighbouring origins share most of their counts, so that their outcomes are not independent. curves: names
    of `fit`, or, by names of your own, functions of times and counts that give something with `predict` and `interval`,
    as `fit` does: `{"bass": partial(fit, curve="bass", launch=2003.3)}`.

    One row an origin and curve: origin, curve, n, rss, forecast, low, high (prediction interval), came, miss (forecast
    less what came), score (`interval_score`). A curve that has no best fit there, such as one without a best ceiling,
    has NaN in them. time and ahead in one unit, counts and misses in another.

    >>> steady = rolling(range(8), [10 * year for year in range(8)], back=3, ahead=2, curves=["linear"])
    >>> steady[["origin", "n", "forecast", "came"]].round(6).to_numpy().tolist()
    [[3.0, 4.0, 50.0, 50.0], [4.0, 4.0, 60.0, 60.0], [5.0, 4.0, 70.0, 70.0]]
    """
    times, counts = _points(time, count)
    _refuse_unordered(times)
    if not (0 < back < math.inf and 0 < ahead < math.inf and least >= 3):
        raise ValueError(f"back and ahead must be positive, least at least 3: got {back}, {ahead} and {least}")
    rows = []
    for origin in times[times + ahead <= times[-1]]:
        known = (times >= origin - back) & (times <= origin)
        if known.sum() < least:
            continue
        came = float(np.interp(origin + ahead, times, counts))
        for curve, fitting in _fitting(curves).items():
            row = {"origin": float(origin), "curve": curve, "n": int(known.sum()), "came": came}
            try:
                fitted = fitting(times[known], counts[known])
            except ValueError:  # no ceiling is best, or no single curve
                rows.append(row)
                continue
            forecast = float(fitted.predict(origin + ahead))
            low, high = (float(end) for end in fitted.interval(origin + ahead, level))
            rss = float(((counts[known] - fitted.predict(times[known])) ** 2).sum())
            row |= {"rss": rss, "forecast": forecast, "low": low, "high": high, "miss": forecast - came}
            rows.append(row | {"score": float(interval_score(low, high, came, level))} if low <= high else row)
    columns = ["origin", "curve", "n", "rss", "forecast", "low", "high", "came", "miss", "score"]
    return pd.DataFrame(rows, columns=columns)


def comparison(
    time: ArrayLike,
    count: ArrayLike,
    back: float,
    ahead: float,
    curves: Curves = ("linear", "exponential", "logistic"),
    least: int = 4,
    level: float = 0.95,
) -> pd.DataFrame:
    """How curves fit a whole series beside how they foretold it: one row a curve, in the order given.

    in_sample_error: root mean square miss of the fit to all counts; aicc: of that fit, NaN where it has none;
    holdout_error: mean absolute miss of the forecasts of `rolling`, from the same arguments; n, held, coverage,
    coverage_low, coverage_high, without: of their intervals, as from `coverage`. Errors in the unit of the counts.

    >>> table = comparison(range(9), [10 * year for year in range(9)], back=4, ahead=2, curves=["linear"])
    >>> table[["in_sample_error", "holdout_error", "n"]].abs().round(6).to_numpy().tolist()
    [[0.0, 0.0, 4.0]]
    """
    times, counts = _points(time, count)
    forecasts = rolling(times, counts, back, ahead, curves, least, level)
    rows = {}
    for curve, fitting in _fitting(curves).items():
        try:
            fitted = fitting(times, counts)
        except ValueError:
            rows[curve] = (math.nan, math.nan)
            continue
        error = float(np.sqrt(np.mean((counts - fitted.predict(times)) ** 2)))
        rows[curve] = (error, float(getattr(fitted, "aicc", math.nan)))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["in_sample_error", "aicc"]).rename_axis("curve")
    table["holdout_error"] = forecasts["miss"].abs().groupby(forecasts["curve"]).mean()
    return table.join(coverage(forecasts))


def date_draws(windows: Sequence[tuple[float, float]], rng: np.random.Generator, draws: int) -> np.ndarray:
    """Random dates, uniform in their windows (low, high), given that they come in the order of the windows.

    Rows out of order are thrown away and drawn again (rejection). Shape (draws, windows), every row strictly rising.

    >>> dates = date_draws([(2015, 2016), (2018, 2018)], np.random.default_rng(1), draws=1_000)
    >>> dates.shape, bool((dates[:, 0] < 2016).all()), set(dates[:, 1].tolist())
    ((1000, 2), True, {2018.0})
    """
    low, high = np.asarray(windows, dtype=float).reshape(-1, 2).T
    if not (np.isfinite(low) & np.isfinite(high) & (low <= high)).all():
        raise ValueError(f"each window must be finite, low <= high: got {list(windows)}")
    if (np.maximum.accumulate(low)[:-1] >= high[1:]).any():
        raise ValueError(f"the windows must leave room for dates in their order: got {list(windows)}")
    kept = np.empty((0, len(low)))
    for _ in range(1_000):
        block = rng.uniform(low, high, size=(draws, len(low)))
        kept = np.vstack([kept, block[(np.diff(block) > 0).all(axis=1)]])
        if len(kept) >= draws:
            return kept[:draws]
    raise ValueError(f"the windows overlap too much: {len(kept)} of {1_000 * draws} draws came in order")


def rate_per_second(time: ArrayLike, count: ArrayLike) -> np.ndarray:
    """Mean growth per second between neighbouring counts; time in years of 365.25 days.

    >>> rate_per_second(time=[2015, 2016, 2018], count=[0, 31_557_600, 157_788_000])
    array([1., 2.])
    """
    times, counts = _points(time, count)
    _refuse_unordered(times)
    return np.diff(counts) / (np.diff(times) * SECONDS_PER_YEAR)


def decimal_year(dates: str | pd.Timestamp | Iterable) -> float | np.ndarray:
    """Dates as years: 2000 plus the days since 2000-01-01 over 365.25. A missing date is NaN.

    dates: one ISO date or timestamp, or many; within a day of the calendar's own fraction of the year.

    >>> decimal_year("2004-01-01")
    2004.0
    >>> decimal_year(["2008-01-01", "2012-01-01"])
    array([2008., 2012.])
    """
    single = isinstance(dates, str) or not isinstance(dates, Iterable)
    listed = [dates] if single else list(dates)
    if any(isinstance(date, (int, float)) and date == date for date in listed):  # NaN is a missing date
        raise ValueError(f"dates must be ISO dates such as 2015-01-17, or timestamps: got {dates!r}")
    try:
        stamps = pd.DatetimeIndex(pd.to_datetime(listed, format="ISO8601", utc=True))
    except (TypeError, ValueError) as error:
        raise ValueError(f"dates must be ISO dates such as 2015-01-17, or timestamps: got {dates!r}") from error
    years = 2000 + np.asarray((stamps - pd.Timestamp("2000-01-01", tz="UTC")) / pd.Timedelta(days=DAYS_PER_YEAR))
    return float(years[0]) if single else years


# What is refused. ---------------------------------------------------------------------------------------------------


def _refuse_unordered(times: np.ndarray) -> None:
    if (back := np.flatnonzero(np.diff(times) <= 0)).size:
        first, then = times[back[0] : back[0] + 2]
        raise ValueError(f"times must rise strictly, one count a time: got {then:.10g} after {first:.10g}")


def _fitting(curves: Curves) -> Mapping[str, Callable[[np.ndarray, np.ndarray], Any]]:
    """What fits each curve, by its name."""
    if isinstance(curves, Mapping):
        return curves
    if isinstance(curves, str) or not all(curve in CURVES and curve != "bass" for curve in curves):
        known = ", ".join(curve for curve in CURVES if curve != "bass")
        raise ValueError(
            f"curves must be a list of {known}, or functions by name (bass needs a launch): got {curves!r}"
        )
    return {curve: partial(fit, curve=curve) for curve in curves}


def _points(time: ArrayLike, count: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    times, counts = np.asarray(time), np.asarray(count)
    for name, values in (("time", times), ("count", counts)):
        if values.ndim != 1 or values.dtype.kind not in "iuf" or not np.isfinite(values).all():
            raise ValueError(f"{name} must be a row of finite numbers (dates: see decimal_year): got {values.tolist()}")
    if len(times) != len(counts):
        raise ValueError(f"time and count must be equally long: got {len(times)} and {len(counts)}")
    return times.astype(float), counts.astype(float)
