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

WIDTH = 5.4  # inches; narrow, so that words stay legible on a phone


def zero_sweep(sweep: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Distance of three changes as the share that stands for a zero grows; one row a change and delta.

    sweep: columns change (words), delta (share), distance, low, high (the band of other ways; NaN where there is
    none). The first change is drawn strongest and is the one with a band.
    """
    ax = ax if ax is not None else canvas(WIDTH, 4.8)
    lines = {change: line.set_index("delta") for change, line in sweep.groupby("change", sort=False)}
    top = 1.1 * max(sweep[["high", "distance"]].max().max(), 0.1)
    places = _places({change: line["distance"].iloc[0] / top for change, line in lines.items()})
    for (change, line), colour in zip(lines.items(), (IMPLIED, PRINTED, SOFT), strict=True):
        ax.plot(line.index, line["distance"], color=colour, linewidth=3)
        beside = {"xytext": (5, places[change]), "va": "bottom" if places[change] > 0 else "top"}
        label(ax, line.index[0], line["distance"].iloc[0], change, colour, fontsize=13, fontweight="bold", **beside)
    (_, band), (_, one), (_, swap) = lines.items()
    ax.fill_between(band.index, band["low"], band["high"], color=IMPLIED, alpha=0.25, linewidth=0)
    if band["high"].notna().any():
        middle, words = band.iloc[len(band) // 4], "whatever box the other points lie in"
        label(ax, middle.name, middle["high"], words, IMPLIED, fontsize=12, xytext=(-14, 10), va="bottom")
    for delta in _crossing(one["distance"] - swap["distance"]):
        height = np.interp(delta, swap.index, swap["distance"])
        ax.plot(delta, height, "o", color=PRINTED, markersize=11)
        words = f"the order\nturns at {100 * delta:.1g}%"
        label(ax, delta, height, words, PRINTED, fontsize=13, xytext=(7, 5), va="bottom", linespacing=1.05)
    ends = sweep.groupby("change")["distance"].agg(["first", "last"]).round(9)
    flips = bool((ends["first"].rank() != ends["last"].rank()).any())
    ax.set_xscale("log")
    ticks = [tick for tick in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1) if tick <= 1.001 * sweep["delta"].max()]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}"))
    ax.set(xlim=(sweep["delta"].min(), 1.5 * sweep["delta"].max()), ylim=(0, top))
    moves = bool((ends["first"] != ends["last"]).any())
    still = "The rule for zeros changes distances" if moves else "Nothing hangs on the rule for zeros"
    title = "The rule for zeros decides which change is larger" if flips else still
    return finish(ax, title, "Implied", x="share written for a zero, % (log scale)", y="log-ratio distance")


def _places(starts: dict[str, float]) -> dict[str, int]:
    """How many points above its line's start each name is written; starts: heights as shares of the axis.

    The lowest goes below where there is room, since the line above would cross it; no name is written over another.

    >>> _places({"far": 0.5, "near": 0.3, "same": 0.3})
    {'near': -6, 'same': 6, 'far': 6}
    """
    places: dict[str, int] = {}
    last, lift = -1.0, 0
    for name in sorted(starts, key=starts.__getitem__):
        below = not places and starts[name] > 0.1
        lift = -6 if below else lift + 17 if places and lift > 0 and starts[name] - last < 0.07 else 6
        places[name], last = lift, starts[name]
    return places


def _crossing(apart: pd.Series) -> list[float]:
    """Where one line crosses another: index values between which their distance changes its sign.

    >>> _crossing(pd.Series([3.0, 1.0, -1.0], index=[0.0, 2.0, 4.0]))
    [3.0]
    """
    turns = np.flatnonzero(np.sign(apart.to_numpy()[:-1]) * np.sign(apart.to_numpy()[1:]) < 0)
    pairs = [apart.iloc[[at, at + 1]].sort_values() for at in turns]
    return [float(np.interp(0, pair, pair.index)) for pair in pairs]


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
    ax = ax if ax is not None else canvas(WIDTH, 6.8)
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
    _key(ax, ramp, points, left=wide, top=0.12 - 2 * tall)
    ax.set(xlim=(-0.1, across * wide - 0.9), ylim=(0.03 - 2 * tall, 0.17), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    words = "Business, Community, Learning, Jobs, Vanity"
    if len(answers[0]) > 100:
        words += f"\n100 of {len(answers[0])} people in each wall"
    return finish(ax, "One wall was answered, five were shuffled", layer, x=words, rests_on=rests_on)


def _key(ax: Axes, ramp: LinearSegmentedColormap, points: int, left: float, top: float) -> None:
    """What the colours of a wall stand for: from no point to all of them."""
    steps = np.linspace(0, points, 6)[None]
    ax.imshow(steps, cmap=ramp, vmin=0, vmax=points, extent=(left, left + 5, top - 0.06, top), aspect="auto")
    ax.plot(left + np.array([0, 5, 5, 0, 0]), top - 0.06 * np.array([0, 0, 1, 1, 0]), color=QUIET, linewidth=1)
    label(ax, left, top - 0.03, "0 points", SOFT, fontsize=13, xytext=(-6, 0), ha="right")
    label(ax, left + 5, top - 0.03, f"{points} points", SOFT, fontsize=13, xytext=(6, 0))


def people_or_points(
    found: pd.DataFrame, layer: str, rests_on: str = "", put_in: Sequence[float] | None = None, ax: Axes | None = None
) -> Axes:
    """Mean shares with two intervals each, and the shares that were put in where the class is invented.

    found: one row a purpose, columns estimate, low, high (people), points_low, points_high (as if every point were
    a person), shares 0-1.
    """
    ax = ax if ax is not None else canvas(WIDTH, 4.8)
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
    title = f"If you count people instead of points, intervals are {widths.mean():.1f} times as wide"
    return finish(ax, title, layer, x="mean share of the points, %", rests_on=rests_on)


def pairs(table: pd.DataFrame, layer: str, rests_on: str = "", ax: Axes | None = None) -> Axes:
    """Correlation of each pair of purposes over what the constant sum alone brings.

    table: one row a pair (the index), columns found, low, high (95% range of classes with no other link).
    """
    ax = ax if ax is not None else canvas(WIDTH, 6.4)
    for row, pair in enumerate(table.itertuples()):
        ax.plot([pair.low, pair.high], [row, row], color=BAND, linewidth=13, solid_capstyle="butt", zorder=1)
        ax.plot(pair.found, row, "o", color=LAYERS[layer], markersize=10, zorder=3)
    ax.axvline(0, color=QUIET, linewidth=1.5, linestyle="--", zorder=0)
    ax.set_yticks(range(len(table)), table.index.str.replace(", ", ",\n"), fontsize=12.5, linespacing=0.95)
    first = table.iloc[0]
    above = {"fontsize": 13, "fontweight": "bold", "xytext": (0, 12), "va": "bottom"}
    label(ax, first["low"], 0, "form alone, 95%", SOFT, **above)
    ax.set_ylim(len(table) - 0.5, -1.15)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlim(min(table[["low", "found"]].min()) - 0.05, max(table[["high", "found"]].max()) + 0.05)
    inside = int(table["found"].between(table["low"], table["high"]).sum())
    title = f"The form alone allows {inside} of {len(table)} pairs"
    return finish(ax, title, layer, x="correlation between people's points", rests_on=rests_on)
