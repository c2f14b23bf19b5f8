"""Figures of 07-programme-metrics: a missing base, told successes, and what may have been true."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator, PercentFormatter

from casestudy.intervals import Interval
from casestudy.plots.language import BAND, IMPLIED, INVENTED, QUIET, SOFT, canvas, finish, label

WIDTH = 5.8  # inches; narrow, so that words stay legible on a phone


def missing_base(factors: Interval, chosen: float, ax: Axes | None = None) -> Axes:
    """Share of staff after a rise by two factors, against the share before, which is not printed.

    factors: the printed range of the rise; chosen: the base that the page goes on with, 0-1.
    """
    ax = canvas(WIDTH, 4.2) if ax is None else ax
    ax.axhspan(100, 132, color=BAND, lw=0)
    label(ax, 98, 116, "more than everybody", SOFT, ha="right", xytext=(0, 0), fontsize=13.5)
    for factor in factors:
        ends = np.array([0, 100 / factor])
        ax.plot(ends, factor * ends, color=IMPLIED, linewidth=3)
        ax.plot(ends[-1], 100, "o", color=IMPLIED, markersize=9)
        words, left = f"times {factor:g}:\nup to {100 / factor:.0f}%", factor == max(factors)
        beside = {"xytext": (-16, -2), "ha": "right"} if left else {"xytext": (12, -2)}
        label(ax, ends[-1], 100, words, IMPLIED, va="top", fontsize=13.5, fontweight="bold", **beside)
    ax.plot([100 * chosen] * 2, [0, 66], "--", color=QUIET, linewidth=1.5)
    label(ax, 100 * chosen, 4, f"our base: {chosen:.0%}", SOFT, fontsize=13)
    ax.set(xlim=(0, 100), ylim=(0, 132), yticks=[0, 50, 100])
    ax.xaxis.set_major_formatter(PercentFormatter(decimals=0))
    ax.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    high = max(factors)
    title = f"Above a base of {100 / high:.0f}%, nothing grows {high:g}-fold"
    return finish(ax, title, "Implied", x="staff taking part before (printed nowhere)", y="staff taking part after")


def told_stories(ratios: pd.DataFrame, printed: Interval, share: float, ax: Axes | None = None) -> Axes:
    """Growth that idle programmes report, against their size, by which of them are told; bands from several draws.

    ratios: columns people, told (`all`, `end`, `rise`), low, middle, high (times); share: told, 0-1.
    """
    ax = canvas(WIDTH, 4.4) if ax is None else ax
    ax.axhspan(*printed, color=BAND, lw=0)
    names = {
        "rise": f"told: the {share:.0%} that rose most",
        "end": f"the {share:.0%} that ended highest",
        "all": "all",
    }
    top = max(ratios["high"].max(), printed[1])
    first = ratios[ratios["people"] == ratios["people"].min()].set_index("told")["middle"]
    if first["rise"] - first["end"] < 0.1 * top:  # two lines, one label
        names = {"rise": "told, either way", "end": "", "all": "all"}
    for by, name in names.items():
        rows = ratios[ratios["told"] == by]
        ax.fill_between(rows["people"], rows["low"], rows["high"], color=INVENTED, alpha=0.3, lw=0)
        ax.plot(rows["people"], rows["middle"], color=INVENTED, linewidth={"rise": 3.5, "end": 2, "all": 1.2}[by])
        if by == "all" or share < 1:
            start = rows.iloc[0]
            drop = {"rise": (10, 8), "end": (6, 12), "all": (6, -10)}[by]
            label(ax, start["people"], start["middle"], name, INVENTED, xytext=drop, fontsize=13)
    sizes = sorted(ratios["people"].unique())
    label(ax, sizes[-1], sum(printed) / 2, "printed:\n2 to 3 times", ha="right", xytext=(-4, 0), fontsize=13)
    ax.set(xscale="log", xlim=(sizes[0], sizes[-1]), ylim=(0.6, 1.08 * top))
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())
    most = ratios.loc[ratios["told"] == "rise", "middle"].iloc[0]
    title = f"Nothing changed, and teams of {sizes[0]} tell of ×{most:.1f}"
    return finish(ax, title, "Invented", x="people a programme, log scale", y="taking part, after over before")


def told_and_true(lines: pd.DataFrame, printed: Interval, people: int, ax: Axes | None = None) -> Axes:
    """Growth that the told programmes seem to show, against how many are told, one line a true growth.

    lines: index the share told, 0-1; one column a true growth (times); printed: the range of the article.
    """
    ax = canvas(WIDTH, 4.4) if ax is None else ax
    ax.axhspan(*printed, color=BAND, lw=0)
    for growth in lines:
        ax.plot(100 * lines.index, lines[growth], color=INVENTED, linewidth=3)
        label(ax, 100, lines[growth].iloc[-1], f"×{growth:g}", INVENTED, xytext=(8, 0), fontsize=13, fontweight="bold")
    label(ax, 100 * lines.index[0], printed[0], "printed: 2 to 3 times", va="bottom", xytext=(5, 3), fontsize=13)
    ax.set(xscale="log", xlim=(100 * lines.index[0], 100), ylim=(0.8, 1.08 * lines.to_numpy().max()))
    ax.set_xticks([2, 5, 10, 20, 50, 100], ["2%", "5%", "10%", "20%", "50%", "all"])
    ax.xaxis.set_minor_locator(NullLocator())
    title = f"Told by a fiftieth, ×{lines.columns[0]:g} looks like ×{lines.iloc[0, 0]:.1f}"
    return finish(
        ax,
        title,
        "Invented",
        x=f"programmes of {people:,} that are told (log)",
        y="told growth; the truth is at the right",
    )
