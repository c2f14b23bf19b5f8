"""What a printed figure can mean: the readings of floors, rounding, steps, windows and addresses, each by name."""

from __future__ import annotations  # so that arrays are named where numpy is not loaded

import itertools
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from casestudy.claims import printed
from casestudy.intervals import Interval
from casestudy.refusals import Refusal

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

Floors = Literal["conventional", "strict"]
FLOORS = ("conventional", "strict")
ROUNDINGS = ("nearest", "half up", "half even", "cut")
CHOICES = {
    "floors": FLOORS,
    "rounding": ROUNDINGS,
    "steps": ("as registered", "last digit"),
    "windows": ("wide", "narrow"),
    "addresses": ("needed", "not needed"),
}
Open = tuple[bool, bool]  # whether the lower and the upper end are left out


class Claim(dict[str, Any]):
    """A row of the register as plain values by column; whatever takes one takes a row of the frame, too."""

    @property
    def name(self) -> str:
        """Its id, as a row of the frame has it."""
        return str(self["id"])


def told(cell: object) -> str:
    """The text of a cell; none where it is empty."""
    return cell if isinstance(cell, str) else ""


@dataclass(frozen=True)
class Reading:
    """One way to read all that is printed; the defaults are those of the register.

    floors: 'more than' ends before the next printed step (`conventional`) or is open above (`strict`). rounding: a
    figure may stand for half a step either way, with both ends (`nearest`), without the upper end (`half up`), with
    both ends where its last digit is even and without them where it is odd (`half even`), or for all that is cut down
    to it (`cut`). steps: the printed step `as registered`, or that of the `last digit`, so that the zero of 350 million
    counts. windows: an article was written at any time of its window (`wide`) or in the middle of it (`narrow`).
    addresses: an outside report counts where its address is kept (`needed`), or without (`not needed`).
    """

    floors: str = "conventional"
    rounding: str = "nearest"
    steps: str = "as registered"
    windows: str = "wide"
    addresses: str = "needed"

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if (word := getattr(self, name)) not in known:
                raise Refusal(f"a reading of {name} is one of {', '.join(known)}: got {word!r}")


DEFAULT = Reading()


def every() -> list[Reading]:
    """All readings, the default first."""
    return [Reading(*words) for words in itertools.product(*CHOICES.values())]


def named(reading: Reading | str) -> Reading:
    """A reading; a word alone names that of the floors."""
    if isinstance(reading, Reading):
        return reading
    if reading not in FLOORS:
        raise Refusal(f"reading must be one of {', '.join(FLOORS)}: got {reading!r}")
    return Reading(floors=reading)


def words(reading: Reading) -> str:
    """What differs from the default, for a reader.

    >>> words(Reading(floors="strict", windows="narrow"))
    'floors strict, windows narrow'
    """
    changed = [f.name for f in fields(reading) if getattr(reading, f.name) != getattr(DEFAULT, f.name)]
    return ", ".join(f"{name} {getattr(reading, name)}" for name in changed) or "as registered"


def step(row: Claim | pd.Series, reading: Reading, language: str = "en") -> float:
    """The printed step of a claim, in its unit; NaN where it has none."""
    registered = float(row["resolution"])
    if reading.steps == "as registered" or math.isnan(registered):
        return registered
    try:
        figure = printed.read(str(row["printed"]), language)
    except Refusal:
        return registered
    fine = math.nan if figure.resolution is None else figure.resolution * float(row["value"]) / figure.value
    return registered if math.isnan(fine) else float(f"{fine:.12g}")


def bounds(row: Claim | pd.Series, reading: Reading | str = DEFAULT, language: str = "en") -> Interval:
    """What a printed figure can mean; an end that the words leave open is infinite."""
    return meaning(row, named(reading), language)[0]


def opened(row: Claim | pd.Series, reading: Reading, language: str = "en") -> Open:
    """Which ends of `bounds` are themselves left out."""
    return meaning(row, reading, language)[1]


def left_out(figures: ArrayLike, size: float, rounding: str) -> tuple[ArrayLike, ArrayLike]:
    """Which ends of what rounded figures can mean are left out, the lower and the upper. size: their printed step."""
    if rounding != "half even":
        return False, rounding in ("half up", "cut")
    import numpy as np  # here, since a single claim mostly does without

    odd = np.round(np.asarray(figures) / size) % 2 == 1
    return odd, odd


def meaning(row: Claim | pd.Series, reading: Reading, language: str = "en") -> tuple[Interval, Open]:
    """`bounds` and `opened` of a claim at once."""
    low, high, size = float(row["low"]), float(row["high"]), step(row, reading, language)
    if math.isnan(low) and math.isnan(high):
        raise Refusal(f"{row.name} prints no number; it can be cited but not compared")
    if math.isnan(low) or math.isnan(high):
        room = size if reading.floors == "conventional" and not math.isnan(size) else math.inf
        low, high = (high - room if math.isnan(low) else low), (low + room if math.isnan(high) else high)
        return (low, high), (False, False)
    if row["relation"] not in ("=", "~") or math.isnan(size) or low == high:
        return (low, high), (False, False)
    value = float(row["value"])
    if reading.rounding == "cut":
        low, high = value, value + size
    elif size != float(row["resolution"]):
        low, high = value - size / 2, value + size / 2
    lower, upper = left_out(value, size, reading.rounding)
    return (low, high), (bool(lower), bool(upper))
