"""A number from a class and how far chance may have moved it: 95 per cent intervals by published methods."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)  # of a 95 per cent interval


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95 per cent interval; n: of how many students.

    >>> Estimate(0.5, 0.3, 0.7, 20).clear_of(0.2)
    True
    """

    value: float
    low: float
    high: float
    n: int

    def clear_of(self, value: float) -> bool:
        """Whether a value lies outside the interval."""
        return not self.low <= value <= self.high


def share(counted: float, n: int) -> Estimate | None:
    """A share by Wilson's score interval (Wilson 1927); None of nobody.

    counted: how many of n, or the sum of n shares between 0 and 1. Part points scatter less than all or nothing, so
    that for them the interval is somewhat too wide and never too narrow.

    >>> half = share(10, 20)
    >>> f"{half.value:.2f}, from {half.low:.2f} to {half.high:.2f}"
    '0.50, from 0.30 to 0.70'
    """
    if not n:
        return None
    p, shrink = counted / n, 1 + Z * Z / n
    middle, reach = (p + Z * Z / (2 * n)) / shrink, Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / shrink
    return Estimate(p, max(0.0, min(p, middle - reach)), min(1.0, max(p, middle + reach)), n)


def difference(first: Estimate, other: Estimate) -> Estimate:
    """The first share less the other of a separate class, by Newcombe's hybrid score interval (1998, method 10).

    >>> round(difference(share(3, 4), share(1, 4)).value, 6)
    0.5
    """
    value = first.value - other.value
    down = math.hypot(first.value - first.low, other.high - other.value)
    up = math.hypot(first.high - first.value, other.value - other.low)
    return Estimate(value, value - down, value + up, first.n + other.n)


def correlation(xs: Sequence[float], ys: Sequence[float]) -> Estimate | None:
    """Pearson's correlation with Fisher's interval (1921); None where fewer than four pairs,
    a side that never varies, or a perfect line, of which Fisher's interval says nothing.

    Fisher's interval is for scores that are normal; for right-or-wrong questions it is near, not exact.

    >>> found = correlation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])  # products of distances 8, squares 10 and 10
    >>> round(found.value, 6), round(found.low, 2), round(found.high, 2)
    (0.8, -0.28, 0.99)
    """
    n = len(xs)
    if n < 4:
        return None
    mean_x, mean_y = math.fsum(xs) / n, math.fsum(ys) / n
    squares_x, squares_y = (math.fsum((v - m) ** 2 for v in vs) for vs, m in ((xs, mean_x), (ys, mean_y)))
    if squares_x < 1e-12 or squares_y < 1e-12:
        return None
    products = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    r = max(-1.0, min(1.0, products / math.sqrt(squares_x * squares_y)))
    if abs(r) > 1 - 1e-12:
        return None
    middle, reach = math.atanh(r), Z / math.sqrt(n - 3)
    return Estimate(r, math.tanh(middle - reach), math.tanh(middle + reach), n)
