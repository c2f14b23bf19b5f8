"""The figure of one question in one class: who earns its points, and how it was answered."""

import math
import re
import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from casestudy.plots.language import BAND, FAILED, IMPLIED, PRINTED, QUIET, canvas, finish, label

LETTERS = 42  # on a line of a bar's words
LINES = 3


def question(thirds: pd.DataFrame, ways: pd.DataFrame, title: str, who: str) -> Axes:
    """Above, the share of the points that each third of the class earns; below, how often each answer was given.

    thirds: columns third (words), value, low, high (shares), empty where they cannot be told; ways: columns words, kind
    (right, slip or other), value, low, high, and others, a list of the same share in other classes. title: the finding.
    """
    tall = 0.6 + 0.29 * _lines(ways["words"])
    room = float(tall.sum()) + 0.4
    said = "of the class; lines: 95% intervals" + ("; circles: other classes" if any(ways["others"].map(len)) else "")
    if not len(thirds):
        ax = canvas(6.4, 1.2 + room)
        _ways(ways, tall, ax)
        return finish(ax, title, "Reported", x=said, rests_on=who)
    top, ax = canvas(6.4, 4.0 + room, rows=2, gridspec_kw={"height_ratios": [2.5, room]})
    _thirds(thirds, top)
    _ways(ways, tall, ax)
    ax.set_xlabel(said)
    x = "of the class, by the points of the other questions"
    return finish(top, title, "Reported", x=x, y="points earned here", rests_on=who)


def _lines(words: pd.Series) -> np.ndarray:
    return words.map(lambda text: len(_wrapped(text).split("\n"))).to_numpy(float)


def _wrapped(text: str) -> str:
    """An author's sentence on a few lines, without the signs that stress words on a page, and no formula in it.

    >>> _wrapped("*Times* costs $5")
    'Times costs \\\\$5'
    """
    lines = textwrap.wrap(re.sub(r"[*`]", "", text).replace("$", r"\$"), LETTERS)
    return "\n".join(lines if len(lines) <= LINES else [*lines[: LINES - 1], f"{lines[LINES - 1][: LETTERS - 2]} …"])


def _per_cent(value: float) -> str:
    """Whole per cent, a half upwards, as the page beside the figure rounds it."""
    return f"{math.floor(value + 0.5)}%"


def _thirds(thirds: pd.DataFrame, ax: Axes) -> None:
    places = np.arange(len(thirds))
    value, low, high = (100 * thirds[name].to_numpy(float) for name in ("value", "low", "high"))
    ax.plot(places, value, color=QUIET, linewidth=1.5, zorder=1)
    ax.vlines(places, low, high, color=IMPLIED, linewidth=3)
    ax.plot(places, value, "o", color=IMPLIED, markersize=10)
    for place, share in enumerate(value):
        label(ax, place, share, _per_cent(share), IMPLIED, xytext=(9, 11), fontsize=14, fontweight="bold")
    ax.set_xticks(places, thirds["third"].tolist(), fontsize=13.5)
    ax.set(xlim=(-0.4, len(thirds) - 0.4), ylim=(-4, 104), yticks=[0, 50, 100])
    ax.set_yticks([0, 50, 100], ["0", "50", "100%"])


def _ways(ways: pd.DataFrame, tall: np.ndarray, ax: Axes) -> None:
    colours = {"right": IMPLIED, "slip": FAILED, "other": QUIET}
    floor = 0.0
    for way, height in zip(ways.itertuples(), tall, strict=True):
        floor -= height
        share, low, high = 100 * way.value, 100 * way.low, 100 * way.high
        colour = colours[way.kind]
        ax.barh(floor + 0.14, 100, height=0.24, color=BAND, alpha=0.45, zorder=0)
        ax.barh(floor + 0.14, share, height=0.24, color=colour, zorder=1)
        ax.plot([low, high], [floor + 0.14] * 2, color=PRINTED, linewidth=1.6, zorder=2)
        for other in way.others:
            ax.plot(100 * other, floor + 0.14, "o", color="white", markeredgecolor=PRINTED, markersize=8, zorder=3)
        weight = "bold" if way.kind == "slip" else "normal"
        ax.text(0, floor + 0.31, _wrapped(way.words), ha="left", va="bottom", fontsize=13.5, fontweight=weight)
        ax.text(102, floor + 0.14, _per_cent(share), ha="left", va="center", fontsize=13, fontweight="bold")
    ax.set(xlim=(0, 114), ylim=(floor - 0.2, 0.1), yticks=[])
    ax.set_xticks([0, 25, 50, 75, 100], ["0", "25", "50", "75", "100%"])
    ax.spines["left"].set_visible(False)
