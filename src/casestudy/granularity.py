"""Which means, and which standard deviations of yes and no, n whole numbers can have at all: GRIM and DEBIT."""

import math
from fractions import Fraction
from typing import NamedTuple

from casestudy.refusals import Refusal


class Grain(NamedTuple):
    """Whether some whole numbers give a printed figure, and how easily another figure would have passed too.

    possible: some do. passing: share (0-1) of the figures with as many decimals that pass with this n; a test is as
    severe as 1 - passing, and with 1 it is vacuous: it could not have failed.
    """

    possible: bool
    passing: float

    @property
    def vacuous(self) -> bool:
        return self.passing == 1


def grim(mean: float, n: int, digits: int, items: int = 1) -> Grain:
    """Whether a mean printed with so many decimals can be one of n whole numbers, or of n people with `items` each.

    digits: decimals. A sum of whole numbers over n * items, rounded; a tie may have gone up or down. A per cent with d
    decimals is a mean of 0 and 1 with d + 2. Vacuous from n * items = 10 ** digits on: no figure lies in a gap between
    two means. Source: Brown and Heathers 2017, Social Psychological and Personality Science 8:363-369.

    >>> grim(5.19, n=28, digits=2)  # 145 / 28 is 5.18 and 146 / 28 is 5.21
    Grain(possible=False, passing=0.28)
    >>> grim(3.45, n=20, digits=2)  # 69 / 20
    Grain(possible=True, passing=0.2)
    >>> grim(8.1, n=1_000, digits=1).vacuous
    True
    """
    printed = _printed("mean", mean, digits)
    for name, count in (("n", n), ("items", items)):
        if not (count >= 1 and count == int(count)):
            raise Refusal(f"{name} must be a whole number, at least 1: got {count}")
    grains, step = int(n) * int(items), 10**digits
    least, most = _whole(printed * grains, Fraction(grains, 2 * step))
    return Grain(least <= most, 1.0 if grains >= step else len(_shown(range(grains), grains, step)) / step)


def debit(mean: float, sd: float, n: int, digits: int, sd_digits: int | None = None) -> Grain:
    """Whether a mean and a sample standard deviation can be those of n answers that are 0 or 1.

    With k ones the mean is k / n and the variance k (n - k) / (n (n - 1)): the mean fixes the rest. digits: printed of
    the mean, and of sd where sd_digits is not given; a tie may have gone up or down. passing: the share that goes with
    this mean, of the standard deviations that can be printed up to the largest. Source: Heathers and Brown 2019, DEBIT,
    https://osf.io/5vb3u.

    >>> debit(0.35, sd=0.18, n=20, digits=2).possible  # 7 of 20: 0.489
    False
    >>> debit(0.35, sd=0.49, n=20, digits=2).possible
    True
    """
    printed, places = _printed("mean", mean, digits), digits if sd_digits is None else sd_digits
    spread = _printed("sd", sd, places)
    if not (0 <= printed <= 1 and spread >= 0):
        raise Refusal(f"mean must be 0-1 and sd not negative: got mean={mean}, sd={sd}")
    if not (n >= 2 and n == int(n)):
        raise Refusal(f"n must be a whole number, at least 2: got {n}")
    n, step = int(n), 10**places
    least, most = _whole(printed * n, Fraction(n, 2 * 10**digits))
    with_this_mean = {
        shown
        for ones in range(max(least, 0), min(most, n) + 1)
        for shown in _roots(ones * (n - ones), n * (n - 1), step)
    }
    largest = max(_roots((n // 2) * (n - n // 2), n * (n - 1), step))
    return Grain(int(spread * step) in with_this_mean, len(with_this_mean) / (largest + 1))


def _printed(name: str, figure: float, digits: int) -> Fraction:
    if not (digits >= 0 and digits == int(digits)):
        raise Refusal(f"digits must be a whole number, at least 0: got {digits}")
    if not math.isfinite(figure):
        raise Refusal(f"{name} must be a number: got {figure}")
    printed = Fraction(str(figure))
    if (printed * 10**digits).denominator != 1:
        raise Refusal(f"{name} has more decimals than are printed: got {figure} with {digits}")
    return printed


def _whole(middle: Fraction, reach: Fraction) -> tuple[int, int]:
    """First and last whole number at most so far from the middle."""
    return math.ceil(middle - reach), math.floor(middle + reach)


def _shown(sums: range, grains: int, step: int) -> set[int]:
    """Last digits under which sums over `grains` can be printed, in steps of 1 / step; a tie under two."""
    each = (_whole(Fraction(whole * step, grains), Fraction(1, 2)) for whole in sums)
    return {shown % step for pair in each for shown in pair}


def _roots(above: int, below: int, step: int) -> set[int]:
    """How the square root of a fraction can be printed, in steps of 1 / step: two ways where it is a tie."""
    twice = math.isqrt(4 * step**2 * above // below)  # the root in half steps, rounded down
    tie = twice % 2 == 1 and twice**2 * below == 4 * step**2 * above
    return {twice // 2, twice // 2 + 1} if tie else {(twice + 1) // 2}
