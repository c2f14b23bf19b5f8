"""What an answer owes to its inputs: one at a time, all together under an invented prior; what shares must be.

The honest first result is the range over the box of inputs (`casestudy.intervals.over`); the rest comes after it.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from casestudy.intervals import Interval


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
    for name, (low, high) in bounds.items():
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
    for name, pair in bounds.items():
        low, high = pair if isinstance(pair, tuple) else (pair, pair)
        if not -np.inf < low <= high < np.inf:
            raise ValueError(f"low <= high, both finite, must hold for {name}: got ({low}, {high})")
        columns[name] = rng.uniform(low, high, size=n).tolist()
    return np.array([function(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)])


# What shares and counts must be ---------------------------------------------------------------------------------------


def inside(**shares: float) -> None:
    """Refuse, by its name, a share that does not lie between 0 and 1, ends excluded."""
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
