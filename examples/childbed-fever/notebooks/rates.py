"""A printed rate beside its own counts: was it rounded, cut, or neither? And the two figures of the notebook."""

from collections.abc import Sequence
from math import floor

import pandas as pd
from matplotlib.axes import Axes

from casestudy.plots import LAYERS, canvas, label

ROWS = [str(year) for year in range(1841, 1847)] + ["total"]
BAND, SOFT, FAILED = "#D5DAE1", "#5B6472", "#B3331A"


def table(register: pd.DataFrame, **given: tuple[float, float]) -> pd.DataFrame:
    """The printed table, one row a division and year: women, deaths, the printed rate and its step, in per cent.

    register: the case's claims. given: by division, another printed total rate and another total of deaths.
    """
    rows = {}
    for division in ("first", "second"):
        for year in ROWS:
            id = f"si_{division}_{year}"
            women, deaths = (register.at[f"{id}_{count}", "value"] for count in ("cases", "deaths"))
            printed, step = 100 * register.loc[id, ["value", "resolution"]].astype(float)
            if year == "total" and division in given:
                printed, deaths = given[division]
            rows[division, year] = {"id": id, "women": women, "deaths": deaths, "printed": printed, "step": step}
    frame = pd.DataFrame(rows).T.rename_axis(["division", "year"]).infer_objects()
    return frame.assign(counted=100 * frame["deaths"] / frame["women"])


def beyond(printed: float, counted: float, step: float) -> float:
    """How many printed steps the counts' rate lies above the printed one.

    >>> round(beyond(printed=7.5, counted=7.6, step=0.1), 6)
    1.0
    """
    return (counted - printed) / step


def reading(steps: float) -> str:
    """How a rate that lies so many steps above its print can have been printed.

    >>> [reading(steps) for steps in (0.2, 0.7, -0.4, 5)]
    ['rounded or cut', 'only cut', 'only rounded', 'neither']
    """
    rounded, cut = -0.5 <= steps <= 0.5, 0 <= steps < 1
    return {(True, True): "rounded or cut", (True, False): "only rounded", (False, True): "only cut"}.get(
        (rounded, cut), "neither"
    )


def beside_counts(frame: pd.DataFrame) -> Axes:
    """Every printed rate as a dot, so many points from what its counts give; bars: what cutting and rounding allow."""
    ax = canvas(5.6, 5.6)
    places = [-place - (place > 6) * 1.6 for place in range(len(frame))]
    for place, (_, row) in zip(places, frame.iterrows(), strict=True):
        off, step, odd = row["printed"] - row["counted"], row["step"], reading(row["steps"]) == "neither"
        ax.barh(place, step, left=-step, height=0.72, color=BAND)
        ax.plot([-step / 2, step / 2], [place, place], color=LAYERS["Implied"], lw=2, solid_capstyle="butt")
        ax.plot(off, place, "o", color=FAILED if odd else LAYERS["Printed"], ms=8 if odd else 6, zorder=3)
        if odd:
            digits = 1 if step > 0.05 else 2
            words = f"{row['printed']:.{digits}f} printed, {row['counted']:.{digits}f} counted"
            right = off < -0.25
            label(
                ax,
                off,
                place,
                words,
                FAILED,
                ha="left" if right else "right",
                xytext=(9 if right else -9, 0),
                fontsize=12,
            )
    ax.axvline(0, color=LAYERS["Implied"], lw=1, zorder=0)
    label(ax, 0, -7.3, "grey: cut   ", SOFT, ha="right", xytext=(0, 0), fontsize=12)
    label(ax, 0, -7.3, " line: rounded", LAYERS["Implied"], ha="left", xytext=(0, 0), fontsize=12)
    off = frame["printed"] - frame["counted"]
    ax.set_xlim(min(-0.54, 1.05 * off.min()), max(0.16, 1.05 * off.max()))
    ax.set_yticks(places, [f"{division} {year}" for division, year in frame.index])
    ax.tick_params(axis="y", labelsize=11)
    return ax


def ratios(frame: pd.DataFrame, said: float) -> Axes:
    """First rate over second by the counts, a dot a year and one for all; a line where the text says three."""
    ax = canvas(6.4, 3.6)
    by = frame["counted"].unstack("division").loc[ROWS]
    times = (by["first"] / by["second"]).tolist()
    ax.axhline(said, color=LAYERS["Printed"], lw=2)
    ax.plot(range(6), times[:6], "o", color=LAYERS["Implied"], ms=9)
    ax.plot(6.4, times[6], "D", color=LAYERS["Implied"], ms=10)
    for place, value in zip([*range(6), 6.4], times, strict=True):
        label(ax, place, value, f"{value:.1f}", LAYERS["Implied"], ha="center", xytext=(0, -15 if value < said else 14))
    label(ax, 6.9, said, "three times", ha="right", va="bottom", xytext=(0, 4))
    ax.set(xlim=(-0.5, 6.9), ylim=(0, max(5, 1.15 * max(times))))
    ax.set_xticks([*range(6), 6.4], [*ROWS[:6], "all six"])
    return ax


def spread(steps: Sequence[float]) -> Axes:
    """How far each rate lies above its print, in printed steps; what lies beyond two steps is counted at the edge."""
    ax = canvas(6.4, 2.6)
    ax.axvspan(0, 1, color=BAND, lw=0)
    for end in (-0.5, 0.5):
        ax.axvline(end, color=LAYERS["Implied"], lw=1.5, ls="--")
    stacked: dict[float, int] = {}
    for value in sorted(min(max(step, -2), 1.95) for step in steps):
        place = floor(value * 10) / 10 + 0.05
        stacked[place] = stacked.get(place, 0) + 1
        odd = reading(value) == "neither"
        ax.plot(place, stacked[place], "o", color=FAILED if odd else LAYERS["Printed"], ms=7)
    ax.set(xlim=(-2.2, 2.2), ylim=(0, max(stacked.values()) + 2.4), yticks=[])
    ax.text(0.75, ax.get_ylim()[1] - 0.2, "cut", ha="center", va="top", color=SOFT)
    ax.text(-2.1, ax.get_ylim()[1] - 0.2, "rounded: between dashes", va="top", color=LAYERS["Implied"])
    return ax
