"""The growth curves themselves and the search for their least squares; `growth` is what one calls."""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from scipy.optimize import leastsq

CURVES = ("linear", "exponential", "logistic", "gompertz", "bass")
NO_CEILING = 1e6  # times the largest count: a best ceiling above this is none
Values = float | np.ndarray
Curve = Callable[..., np.ndarray]  # how many numbers it takes differs from curve to curve


class Form(NamedTuple):
    """A curve twice: `value` in the parameters people know, first * `shape` in numbers that a search settles on.

    The shapes are smooth where the ceiling runs to infinity, so that 'no ceiling' is an inner point of the search:
    there logistic and Gompertz are exponentials and Bass has imitation only. first = ceiling * `fold`; `enter` makes
    the shape's numbers from a rate and a midpoint, `leave` makes the known parameters from the shape's numbers.
    """

    names: tuple[str, ...]
    value: Curve
    shape: Curve | None = None
    fold: Curve | None = None
    enter: Callable[..., tuple[np.ndarray, ...]] = lambda rate, midpoint: (rate,)
    leave: Callable[..., tuple[np.ndarray, ...]] = lambda *numbers: numbers

    def first(self, ceiling: float, numbers: Iterable[np.ndarray]) -> np.ndarray:
        """What a fixed ceiling makes of the first number."""
        if self.fold is None:
            raise ValueError(f"a curve of {' and '.join(self.names)} has no ceiling: got ceiling={ceiling}")
        return ceiling * self.fold(*numbers)


def _exp(power: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(power, 300))  # far enough for any curve, and no overflow in what follows


def _bass_share(since: np.ndarray, innovation: Values, imitation: Values) -> np.ndarray:
    decay = _exp(-(innovation + imitation) * since)
    return (1 - decay) / (innovation + imitation * decay)


def _bass_density(since: np.ndarray, innovation: Values, imitation: Values) -> np.ndarray:
    decay = _exp(-(innovation + imitation) * since)
    return (innovation + imitation) ** 2 * decay / (innovation + imitation * decay) ** 2


def _bass(shape: Curve) -> Form:
    return Form(
        names=("market", "innovation", "imitation"),
        value=lambda since, market, innovation, imitation: market * innovation * shape(since, innovation, imitation),
        shape=shape,
        fold=lambda innovation, imitation: innovation,
        enter=lambda rate, midpoint: (rate / (1 + np.exp(rate * midpoint)), rate / (1 + np.exp(-rate * midpoint))),
    )


FORMS = {
    "linear": Form(("intercept", "slope"), lambda since, intercept, slope: intercept + slope * since),
    "exponential": Form(
        names=("initial", "rate"),
        value=lambda since, initial, rate: initial * _exp(rate * since),
        shape=lambda since, rate: _exp(rate * since),
    ),
    "logistic": Form(
        names=("ceiling", "rate", "midpoint"),
        value=lambda time, ceiling, rate, midpoint: ceiling / (1 + _exp(-rate * (time - midpoint))),
        shape=lambda time, bend, rate: 1 / (bend + _exp(-rate * time)),
        fold=lambda bend, rate: bend,
        enter=lambda rate, midpoint: (np.exp(-rate * midpoint), rate),
        leave=lambda bend, rate: (rate, -np.log(bend) / rate),
    ),
    "gompertz": Form(
        names=("ceiling", "rate", "midpoint"),
        value=lambda time, ceiling, rate, midpoint: ceiling * _exp(-_exp(-rate * (time - midpoint))),
        shape=lambda time, growth, rate: _exp(-growth / rate * np.expm1(np.minimum(-rate * time, 300))),
        fold=lambda growth, rate: np.where(np.real(rate) > 0, _exp(-growth / rate), 0),
        enter=lambda rate, midpoint: (rate * np.exp(rate * midpoint), rate),
        leave=lambda growth, rate: (rate, np.log(growth / rate) / rate),
    ),
    "bass": _bass(_bass_share),
    "bass increments": _bass(_bass_density),
}
# Where the search starts: rates per span of the times; rate * (last time - midpoint), from far off to full.
_RATES = np.geomspace(0.1, 50, 16)[:, None, None]
_REACHED = np.array([-22, -18, -15, -12, -9, -7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8])[:, None]


def derivatives(function: Callable, values: Iterable[float]) -> np.ndarray:
    """Derivatives by each value, one column each, by a complex step: right to the last digits, without differences.

    >>> derivatives(lambda a, b: a * b * np.ones(1), [2.0, 3.0]).tolist()  # of a times b, by a and by b
    [[3.0, 2.0]]
    """
    values = np.array(list(values), dtype=complex)
    return function(*(values[:, None] + 1e-50j * np.eye(len(values)))[:, :, None]).imag.T / 1e-50


def solve(curve: str, form: Form, since: np.ndarray, counts: np.ndarray, ceiling: float | None = None) -> np.ndarray:
    """Parameters of least squares, a ceiling inf where none is best; since: time from the curve's origin.

    Levenberg-Marquardt from the best point of a grid of rates and midpoints.

    >>> solve("linear", FORMS["linear"], np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0])).tolist()
    [1.0, 2.0]
    """
    n, free = len(since), len(form.names) - (ceiling is not None)
    if len(np.unique(since)) < free:
        raise ValueError(f"{curve} needs at least {free} different times, one a free parameter: got {n} points")
    shape = form.shape
    if shape is None:
        return _line(since, counts)
    last = since.max() if form.names[-1] == "midpoint" else 0.0
    since = since - last

    def model(*values: np.ndarray) -> np.ndarray:
        first, *numbers = values if ceiling is None else (form.first(ceiling, values), *values)
        return first * shape(since, *numbers)

    with np.errstate(all="ignore"):  # the search may pass through values that no curve has
        start = _start(form, shape, since, counts, ceiling)[-free:]
        errors, slopes = (lambda values: model(*values) - counts), (lambda values: derivatives(model, values))
        found, *_, code = leastsq(errors, start, Dfun=slopes, full_output=True, ftol=1e-15, xtol=1e-15, gtol=0)
        known = _known(form, found, NO_CEILING * counts.max(), ceiling)
        known[2:] += last  # the midpoint; nothing is added to the others
        pull = np.linalg.norm(found[-1] * slopes(found)[:, -1]) / np.linalg.norm(counts)
    loose = form.names[-1] == "midpoint" and pull < 1e-6  # any steeper curve fits as well
    right = _rises(curve, form, known) and not loose and np.isfinite(known).all()
    if code == 5 or not (math.isinf(known[0]) or right):
        raise ValueError(
            f"no single {curve} curve is best for these {n} points: they fall, jump or lie flat; try linear"
        )
    return known


def _line(since: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Intercept and slope of the straight line of least squares, which needs no search."""
    centred = since - since.mean()
    slope = centred @ counts / (centred @ centred)
    return np.array([counts.mean() - slope * since.mean(), slope])


def _start(form: Form, shape: Curve, since: np.ndarray, counts: np.ndarray, ceiling: float | None) -> list[float]:
    """The first number and those of the shape, at the best point of a grid of rates and midpoints."""
    rates = (_RATES if form.fold else np.concatenate([-_RATES, _RATES])) / np.ptp(since)
    grids = np.broadcast_arrays(*form.enter(rates, since.max() - _REACHED / rates))
    shapes = shape(since, *grids)
    tops = (shapes @ counts / (shapes**2).sum(-1))[..., None] if ceiling is None else form.first(ceiling, grids)
    rss = ((counts - tops * shapes) ** 2).sum(-1)
    best = np.unravel_index(np.argmin(np.where(np.isfinite(rss), rss, np.inf)), rss.shape)
    return [grid[best].item() for grid in (tops, *grids)]


def _known(form: Form, found: np.ndarray, highest: float, ceiling: float | None) -> np.ndarray:
    """The parameters people know, from the numbers that were found; a ceiling above the highest is inf."""
    first, *numbers = found if ceiling is None else (ceiling, *found)
    if form.fold and ceiling is None:
        fold = form.fold(*numbers)
        first = first / fold if fold > 0 and first / fold <= highest else math.inf
    return np.array([first, *form.leave(*numbers)])


def _rises(curve: str, form: Form, known: np.ndarray) -> bool:
    """Whether a curve that has a ceiling grows towards it."""
    return not form.fold or (known[1] > 0 and (curve != "bass" or known[1] + known[2] > 0))


def inverse(curve: str, slopes: np.ndarray) -> np.ndarray:
    """Inverse of the cross products of slopes; refuses points that leave a parameter free to move.

    >>> inverse("linear", np.array([[1.0, 0.0], [0.0, 2.0]])).tolist()
    [[1.0, 0.0], [0.0, 0.25]]
    """
    size = np.sqrt((slopes**2).sum(axis=0))
    if not (np.isfinite(size).all() and size.all() and np.linalg.cond(slopes / size) < 1e10):
        raise ValueError(f"these {len(slopes)} points do not determine the {curve} curve: a parameter moves freely")
    root = np.linalg.inv(np.linalg.qr(slopes / size, mode="r")) / size[:, None]
    return root @ root.T


# What is asked for ----------------------------------------------------------------------------------------------------


def form_of(curve: str, of: str) -> Form:
    """The form of a curve by its name, and by what it counts."""
    if curve not in CURVES:
        raise ValueError(f"curve must be one of {', '.join(CURVES)}: got {curve!r}")
    if of not in ("cumulative", "increments") or (of == "increments" and curve != "bass"):
        raise ValueError(f"of must be 'cumulative', or 'increments' with bass: got {of!r} with {curve}")
    return FORMS["bass increments" if of == "increments" else curve]


def origin_of(curve: str, of: str, launch: float | None, times: np.ndarray, counts: np.ndarray) -> float:
    """The time from which a curve counts; refuses a launch where it has no meaning."""
    first = float(times.min())
    if curve != "bass":
        if launch is not None:
            raise ValueError(f"launch is for bass only: got launch={launch} for {curve}")
        return first if curve in ("linear", "exponential") else 0.0
    if launch is None and of == "increments":
        return first - float(np.ptp(times)) / (len(times) - 1)
    if launch is None and (counts[times == first] != 0).any():
        raise ValueError(f"bass needs launch=, when the count was 0: at the first time, {first}, it is not 0")
    if launch is not None and not -math.inf < launch <= first:
        raise ValueError(f"launch must be finite and not after the first time, {first}: got {launch}")
    return first if launch is None else float(launch)


def refuse_ceiling(curve: str, of: str, ceiling: float, counts: np.ndarray) -> None:
    """Refuse a fixed ceiling that a curve cannot have, or that lies below all counts."""
    if curve in ("linear", "exponential"):
        raise ValueError(f"{curve} has no ceiling: got ceiling={ceiling}")
    floor = 0.0 if of == "increments" else max(0.0, float(counts.min()))
    if not floor < ceiling < math.inf:
        raise ValueError(f"ceiling must be finite and above the smallest count, {floor:g}: got {ceiling}")
