"""How easily a comparison could have failed: the share of plausible prints that would not have agreed."""

from __future__ import annotations  # so that arrays are named where numpy is not loaded

import math
from typing import TYPE_CHECKING

from casestudy import intervals
from casestudy.claims.reading import Claim, Reading, left_out, meaning, step, told
from casestudy.intervals import Interval

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

WHOLE = ("count", "enumeration", "instrument", "date")  # kinds whose exact figures go up by one
MOST = 10_000  # alternatives; beyond, so many of them, evenly spread
LEAST = 0.05  # a comparison that one print in twenty at most would have failed is no test


def shown(share: float) -> str:
    """A severity as it is told: in whole per cents, and never all of them where one print would have passed.

    >>> shown(0.734), shown(0.9995), shown(1.0), shown(0.001)
    ('73%', 'over 99%', '100%', 'under 1%')
    """
    said = f"{share:.0%}"
    return {"100%": "100%" if share == 1 else "over 99%", "0%": "0%" if share == 0 else "under 1%"}.get(said, said)


def plausible(row: Claim | pd.Series) -> tuple[float, float, bool] | None:
    """The range of prints that could have stood there, and whether it is spread by ratio; None where none is known.

    As declared (`lo..hi`); else a share from 0 to 1, and any other figure from half to double, on a log scale. A date
    has no ratio, so that it needs a declared range.
    """
    if declared := told(row["plausible"]):
        low, _, high = declared.partition("..")
        return float(low), float(high), False
    if row["unit"] == "share":
        return 0.0, 1.0, False
    if row["kind"] == "date" or not row["value"] > 0:
        return None
    return float(row["value"]) / 2, float(row["value"]) * 2, True


def prints(row: Claim | pd.Series, size: float) -> tuple[np.ndarray, np.ndarray] | None:
    """The figures that could have been printed, at the printed step, and the weight of each; weights sum to 1.

    size: the printed step; NaN for none, when the figures stand for a continuous range. On a log scale a figure weighs
    as much as the ratio that its step covers.
    """
    import numpy as np  # here, since whoever asks for no severity does without

    if (known := plausible(row)) is None:
        return None
    low, high, by_ratio = known
    value = float(row["value"])
    first, last = (
        (math.ceil((low - value) / size - 1e-9), math.floor((high - value) / size + 1e-9)) if size > 0 else (0, MOST)
    )
    if last - first < MOST and size > 0:
        figures = value + size * np.arange(first, last + 1)
        half = size / 2
        cells = np.clip([figures - half, figures + half], low, high)
    else:
        edges = np.geomspace(low, high, MOST + 1) if by_ratio else np.linspace(low, high, MOST + 1)
        cells = np.array([edges[:-1], edges[1:]])
        figures = np.sqrt(cells[0] * cells[1]) if by_ratio else cells.mean(axis=0)
        if size > 0:
            figures = value + size * np.round((figures - value) / size)
    weights = np.log(cells[1] / cells[0]) if by_ratio else np.ones(len(figures))
    return figures, weights / weights.sum()


def severity(row: Claim | pd.Series, ours: Interval, reading: Reading | None = None, language: str = "en") -> float:
    """Share of the plausible prints that would not have agreed with ours, from 0 (nothing could fail) to 1; or NaN.

    row: a claim; every alternative is read as the printed figure is. ours: what each is held against; a value is a
    pair of equal ends. NaN where no range of plausible prints is known.

    >>> share = Claim({"kind": "statistic", "unit": "share", "value": 0.2, "resolution": 0.1, "low": 0.15,
    ...     "high": 0.25, "relation": "=", "plausible": None})
    >>> round(severity(share, (0.34, 0.52)), 3)  # 3 of the 11 prints 0, 0.1, ... 1 agree: 0.3, 0.4 and 0.5
    0.727
    """
    reading = reading or Reading()
    size = step(row, reading, language)
    if math.isnan(size) and row["kind"] in WHOLE:
        size = 1.0
    if (found := prints(row, size)) is None:
        return math.nan
    figures, weights = found
    moved = figures - float(row["value"])
    (low, high), printed = meaning(row, reading, language)
    rounded = row["relation"] in ("=", "~") and size > 0 and low < high  # then each print has ends of its own
    ends = left_out(figures, size, reading.rounding) if rounded else printed
    met = intervals.overlap(ours, (low + moved, high + moved), ends)
    some = met.any() or intervals.overlap(ours, (low, high), printed)  # the print itself may lie between those tried
    if met.all() or not some:
        return float(not some)  # whatever a sum of weights makes of it
    return min(math.fsum(weights[~met]), math.nextafter(1, 0))
