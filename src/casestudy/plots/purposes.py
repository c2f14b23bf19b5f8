"""Figures of 05-five-purposes: what a rule for zeros decides, six walls of answers, people or points, pairs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from casestudy.layers import LAYERS
from casestudy.plots.language import BAND, IMPLIED, PRINTED, QUIET, SOFT, canvas, finish, label


def zero_sweep(sweep: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Distance of three changes as the share that stands for a zero grows; one row a change and delta.

    sweep: columns change (words), delta (share), distance, low, high (the band of other ways; NaN where there is
    none). The first change is drawn strongest and is the one with a band.
    """
    ax = ax if ax is not None else canvas(6.4, 4.8)
    sides = [(SOFT, -7, "top"), (PRINTED, 7, "bottom"), (IMPLIED, -21, "top")]  # the lowest start is labelled below
    lines = {change: line for change, line in sweep.groupby("change", sort=False)}
    first = next(iter(lines))
    lowest = sorted(
        (change for change in lines if change != first), key=lambda change: lines[change]["distance"].iloc[0]
    )
    for change, (colour, shift, side) in zip([*lowest, first], sides, strict=True):
        line = lines[change]
        ax.plot(line["delta"], line["distance"], color=colour, linewidth=3)
        style = {"fontsize": 13, "xytext": (4, shift), "va": side, "fontweight": "bold"}
        label(ax, line["delta"].iloc[0], line["distance"].iloc[0], change, colour, **style)
    band, top = lines[first], 1.1 * max(sweep[["high", "distance"]].max().max(), 0.1)
    ax.fill_between(band["delta"], band["low"], band["high"], color=IMPLIED, alpha=0.25, linewidth=0)
    if band["high"].notna().any():
        middle, words = band.iloc[len(band) // 4], "any way of the other points"
        label(ax, middle["delta"], middle["high"], words, IMPLIED, fontsize=13, xytext=(4, 10), va="bottom")
    ends = sweep.groupby("change")["distance"].agg(["first", "last"]).round(9)
    flips = bool((ends["first"].rank() != ends["last"].rank()).any())
    ax.set_xscale("log")
    ticks = [tick for tick in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1) if tick <= 1.001 * sweep["delta"].max()]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}"))
    ax.set(xlim=(sweep["delta"].min(), sweep["delta"].max()), ylim=(0, top))
    moves = bool((ends["first"] != ends["last"]).any())
    still = "The rule for zeros changes distances" if moves else "Nothing hangs on the rule for zeros"
    title = "The rule for zeros decides which change is larger" if flips else still
    return finish(ax, title, "Implied", x="share written for a zero, % (log scale)", y="log-ratio distance")


def walls(
    answers: Sequence[np.ndarray],
    names: Sequence[str],
    points: int,
    layer: str,
    rests_on: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Classes side by side, one row a person, one column a purpose, the darker the more points.

    answers: six arrays of points, each of shape (people, 5), drawn in the same order of rows; names: their letters.
    Of more than 100 people, 100 are drawn, evenly along that order.
    """
    ax = ax if ax is not None else canvas(6.4, 7.0)
    ramp = LinearSegmentedColormap.from_list("points", ["#FFFFFF", LAYERS[layer], "#000000"])
    across, wide, tall = 3, 6.0, 1.32
    for slot, (wall, name) in enumerate(zip(answers, names, strict=True)):
        left, top = wide * (slot % across), -tall * (slot // across)
        rows = wall[np.lexsort(wall.T[::-1])[::-1]]  # most business first, then most community, and so on
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), 100)).round().astype(int)]
        extent = (left, left + 5, top - 1, top)
        ax.imshow(rows, cmap=ramp, vmin=0, vmax=points, extent=extent, aspect="auto", interpolation="nearest")
        ax.plot(left + np.array([0, 5, 5, 0, 0]), top - np.array([0, 0, 1, 1, 0]), color=QUIET, linewidth=1)
        ax.text(left, top + 0.02, name, fontsize=20, fontweight="bold", va="bottom")
        for column, letter in enumerate("BCLJV"):
            ax.text(left + column + 0.5, top - 1.02, letter, fontsize=13, ha="center", va="top", color=SOFT)
    ax.set(xlim=(-0.1, across * wide - 0.9), ylim=(-2 * tall + 0.2, 0.17), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    people = f"100 of {len(answers[0])} people in each wall" if len(answers[0]) > 100 else ""
    return finish(ax, "One of six walls was answered, five were shuffled", layer, x=people, rests_on=rests_on)


def people_or_points(
    found: pd.DataFrame, layer: str, rests_on: str = "", put_in: Sequence[float] | None = None, ax: Axes | None = None
) -> Axes:
    """Mean shares with two intervals each, and the shares that were put in where the class is invented.

    found: one row a purpose, columns estimate, low, high (people), points_low, points_high (as if every point were
    a person), shares 0-1.
    """
    ax = ax if ax is not None else canvas(6.4, 4.8)
    spans = found[["estimate", "low", "high", "points_low", "points_high"]] * 100
    for row, span in enumerate(spans.itertuples()):
        ax.plot([span.low, span.high], [row, row], color=LAYERS[layer], linewidth=4, solid_capstyle="butt")
        ax.plot(span.estimate, row, "o", color=LAYERS[layer], markersize=10)
        ax.plot([span.points_low, span.points_high], [row + 0.28] * 2, color=QUIET, linewidth=4, solid_capstyle="butt")
        if put_in is not None:
            ax.vlines(100 * put_in[row], row - 0.28, row + 0.4, color=PRINTED, linewidth=2, linestyle=":")
    first = spans.iloc[0]
    beside: dict[str, Any] = {"fontsize": 13, "fontweight": "bold", "xytext": (8, 0)}
    right = np.nanmax([first["high"], first["points_high"], first["estimate"]])
    label(ax, right, 0, "by people", LAYERS[layer], **beside)
    label(ax, right, 0.28, "by points", SOFT, **beside)
    if put_in is not None:
        label(ax, 100 * put_in[0], -0.36, "put in", PRINTED, fontsize=13, xytext=(0, 0), ha="center", va="bottom")
    ax.set_yticks(range(len(spans)), spans.index, fontsize=13)
    ax.set(ylim=(len(spans) - 0.4, -0.75), xlim=(0, 1.3 * max(np.nanmax(spans.to_numpy()), right)))
    widths = (found["high"] - found["low"]) / (found["points_high"] - found["points_low"])
    title = f"By people, intervals are {widths.mean():.1f} times as wide"
    return finish(ax, title, layer, x="mean share of the points, %", rests_on=rests_on)


def pairs(table: pd.DataFrame, layer: str, rests_on: str = "", ax: Axes | None = None) -> Axes:
    """Correlation of each pair of purposes over what the constant sum alone brings.

    table: one row a pair (the index), columns found, low, high (95% range of classes with no other link).
    """
    ax = ax if ax is not None else canvas(6.4, 5.8)
    for row, pair in enumerate(table.itertuples()):
        ax.plot([pair.low, pair.high], [row, row], color=BAND, linewidth=13, solid_capstyle="butt", zorder=1)
        ax.plot(pair.found, row, "o", color=LAYERS[layer], markersize=10, zorder=3)
    ax.axvline(0, color=QUIET, linewidth=1.5, linestyle="--", zorder=0)
    ax.set_yticks(range(len(table)), table.index, fontsize=12.5)
    first = table.iloc[0]
    above = {"fontsize": 13, "fontweight": "bold", "xytext": (0, 12), "va": "bottom"}
    label(ax, first["low"], 0, "the form alone, 95%", SOFT, **above)
    ax.set_ylim(len(table) - 0.5, -1.15)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlim(min(table[["low", "found"]].min()) - 0.05, max(table[["high", "found"]].max()) + 0.05)
    inside = int(table["found"].between(table["low"], table["high"]).sum())
    title = f"The form alone allows {inside} of {len(table)} pairs"
    return finish(ax, title, layer, x="correlation between people's points", rests_on=rests_on)
