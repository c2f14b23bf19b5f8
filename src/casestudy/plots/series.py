"""How a figure says what a series counts, and frames it in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

FEW_YEARS = 4  # so many, or fewer, have months on their axis
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"]


Ends = tuple[float, float]


@dataclass(frozen=True)
class Counted:
    """What a series counts, as a figure says it: `axis` beside the axis, a number in its format with its unit.

    >>> Counted("members (millions)", "{:,.0f}", "million").said(1300)
    '1,300 million'
    >>> Counted("share of visits", "{:.0%}").said(0.41)
    '41%'
    """

    axis: str = "count"
    number: str = "{:,.4g}"
    unit: str = ""  # behind a number
    pace: str = "a year"  # behind a change in a time
    pace_number: str = "{:,.3g}"

    def said(self, number: float) -> str:
        """A number with its unit."""
        return f"{self.number.format(number)} {self.unit}".strip()

    def paced(self, number: float) -> str:
        """A change in a time, without its words."""
        return self.pace_number.format(number)


COUNT = Counted()


def month(year: float) -> str:
    """A decimal year as month and year.

    >>> month(2018.7)
    'Sept 2018'
    """
    return f"{MONTHS[int(year % 1 * 12)]} {int(year)}"


def framed(ax: Axes, x: Ends, y: Ends, ticks: Sequence[float] | None, of: Counted = COUNT) -> None:
    """Limits; years on the axis, or months where it spans few; per cents on the other where shares are told so."""
    ax.set(xlim=x, ylim=y)
    if "%" in of.number:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: of.number.format(share)))
    if ticks is None and x[1] - x[0] > FEW_YEARS:
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    elif ticks is None:
        step = next((step for step in (1, 2, 3, 6) if 12 * (x[1] - x[0]) / step <= 6), 12)
        first, last = np.ceil(12 * x[0] / step), np.floor(12 * x[1] / step)
        ax.xaxis.set_major_locator(FixedLocator((step * np.arange(first, last + 1) / 12).tolist()))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: month(year + 0.01)))
    else:
        ax.xaxis.set_major_locator(FixedLocator(list(ticks)))


def room(values: Sequence[float] | np.ndarray | pd.Series, before: float, after: float) -> Ends:
    """From the least to the most, with so many parts of that distance free before and after."""
    least, most = float(np.min(values)), float(np.max(values))
    span = (most - least) or abs(most) or 1.0
    return least - before * span, most + after * span


def in_words(number: int) -> str:
    """A small number in words.

    >>> in_words(4), in_words(40)
    ('four', '40')
    """
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def apart(heights: np.ndarray, gap: float) -> np.ndarray:
    """Heights for words, each at least so far above the one below it; the lowest stays.

    >>> apart(np.array([3.0, 1.0, 1.5]), gap=1).tolist()
    [3.0, 1.0, 2.0]
    """
    moved = heights.astype(float)
    order = np.argsort(moved, kind="stable")
    for below, here in pairwise(order):
        moved[here] = max(moved[here], moved[below] + gap)
    return moved
