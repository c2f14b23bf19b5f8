"""Figures of 07-programme-metrics: a missing base, told successes, and what may have been true."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import NullLocator, PercentFormatter

from casestudy.intervals import Interval
from casestudy.plots.language import BAND, IMPLIED, INVENTED, PRINTED, canvas, finish, label

RISES = {2.0: "doubles", 3.0: "triples"}


def missing_base(factors: Interval, chosen: float, ax: Axes | None = None) -> Axes:
    """Shares of staff from which a rise by each factor is possible at all; the true share before is not printed.

    factors: the printed range of the rise; chosen: the base that the page goes on with, 0-1.
    """
    ax = canvas(height=3.6) if ax is None else ax
    names = [RISES.get(factor, f"grows {factor:g}-fold") for factor in factors]
    for row, factor in enumerate(factors):
        most = 100 / factor
        ax.barh(row, 100, height=0.55, color=BAND, linewidth=0)
        ax.barh(row, most, height=0.55, color=IMPLIED, linewidth=0)
        ax.text(most + 2, row, f"impossible above {most:.0f}%", color=PRINTED, va="center", fontsize=13)
    ax.plot([100 * chosen] * 2, [-0.5, len(factors) - 0.5], "--", color=PRINTED, linewidth=2)
    label(ax, 100 * chosen, -0.62, f"our base: {chosen:.0%}", PRINTED, xytext=(0, 0), fontsize=13)
    ax.set_yticks(range(len(factors)), names, fontsize=13)
    ax.set(xlim=(0, 100), ylim=(len(factors) - 0.5, -0.85))
    ax.xaxis.set_major_formatter(PercentFormatter(decimals=0))
    high = max(factors)
    title = f"Above {100 / high:.0f}% before, no programme {names[factors.index(high)]}"
    return finish(ax, title, "Implied", x="staff taking part before (printed nowhere)")


def told_stories(ratios: pd.DataFrame, printed: Interval, share: float, ax: Axes | None = None) -> Axes:
    """Growth that idle programmes report, by their size and by which of them are told; lines span several draws.

    ratios: columns people, told (`all`, `end`, `rise`), low, middle, high (times); share: told, 0-1.
    """
    ax = canvas(height=4.6) if ax is None else ax
    ax.axvspan(*printed, color=BAND, linewidth=0)
    sizes = sorted(ratios["people"].unique())
    kinds = {by: ratios[ratios["told"] == by].set_index("people").loc[sizes] for by in ("all", "end", "rise")}
    rows, rise = np.arange(len(sizes)), kinds["rise"]
    ax.hlines(rows, kinds["all"]["middle"], rise["middle"], color=INVENTED, linewidth=2)
    ax.hlines(rows, rise["low"], rise["high"], color=INVENTED, alpha=0.35, linewidth=9)
    ax.plot(kinds["all"]["middle"], rows, "o", color=PRINTED, markersize=8)
    if share < 1:
        ax.plot(kinds["end"]["middle"], rows, "o", color="white", markeredgecolor=INVENTED, markersize=8)
        ax.plot(rise["middle"], rows, "o", color=INVENTED, markersize=11)
    for row, middle, high in zip(rows, rise["middle"], rise["high"], strict=True):
        label(ax, high, float(row), f"×{middle:.1f}", INVENTED, xytext=(8, 0), fontsize=13, fontweight="bold")
    top = max(ratios.loc[np.isfinite(ratios["high"]), "high"].max(), printed[1])
    _name_the_dots(ax, {by: frame["middle"].iloc[0] for by, frame in kinds.items()}, share, top)
    ax.text(np.sqrt(np.prod(printed)), rows[-1] + 0.75, "printed:\n2 to 3 times", ha="center", va="center", fontsize=13)
    ax.set_yticks(rows, [f"{size:,} people" for size in sizes], fontsize=13)
    ax.set(xscale="log", xlim=(0.7, 1.12 * top), ylim=(rows[-1] + 1.3, -1))
    _times(ax.xaxis, top)
    seems = rise["middle"].iloc[0]
    title = f"Nothing changed, {'yet' if seems > 1.1 else 'and'} teams of {sizes[0]} tell of ×{seems:.1f}"
    return finish(ax, title, "Invented", x="people taking part, after over before (log scale)")


def _name_the_dots(ax: Axes, first: dict[str, float], share: float, top: float) -> None:
    """Names above the first row's dots; only those that have room, as parts of the axis between them."""
    all_, end, rise = np.log([first["all"], first["end"], first["rise"]]) / np.log(1.6 * top)
    style = {"ha": "center", "fontsize": 13, "xytext": (0, 0)}
    label(ax, first["all"], -0.55, "all", PRINTED, **style)
    if share == 1:
        return
    if rise - end > 0.35 and end - all_ > 0.09:
        label(ax, first["end"], -0.55, "ended highest", INVENTED, **style | {"ha": "left", "xytext": (-14, 0)})
    if rise - all_ > 0.2:
        label(ax, first["rise"], -0.55, f"best {share:.0%}", INVENTED, **style, fontweight="bold")


def _times(axis: Axis, top: float) -> None:
    """Ticks of a growth on a logarithmic axis: ×1, ×2, ×3 and on."""
    ticks = [times for times in (1, 2, 3, 5, 10, 20, 50, 100) if times <= top]
    axis.set_ticks(ticks, [f"×{times}" for times in ticks])
    axis.set_minor_locator(NullLocator())


def told_and_true(lines: pd.DataFrame, printed: Interval, people: int, ax: Axes | None = None) -> Axes:
    """Growth that the told programmes seem to show, against how many are told, one line a true growth.

    lines: index the share told, 0-1; one column a true growth (times); printed: the range of the article.
    """
    ax = canvas(height=4.4) if ax is None else ax
    ax.axhspan(*printed, color=BAND, linewidth=0)
    fewest = 100 * lines.index[0]
    for growth in lines:
        ax.plot(100 * lines.index, lines[growth], color=INVENTED, linewidth=3)
        words = "truth: no growth" if growth == 1 else f"truth: ×{growth:g}"
        label(ax, 100, lines[growth].iloc[-1], words, INVENTED, xytext=(6, 0), fontsize=13, fontweight="bold")
    ax.plot(fewest, lines.iloc[0, 0], "o", color=INVENTED, markersize=10, clip_on=False)
    label(ax, 100, printed[0], "printed:\n2 to 3 times", va="bottom", xytext=(6, 12), fontsize=13)
    told = lines.to_numpy()
    top = max(1.08 * told[np.isfinite(told)].max(), 1.08 * printed[1])
    ax.set(xscale="log", yscale="log", xlim=(fewest, 100), ylim=(0.8, top))
    _times(ax.yaxis, top)
    ax.set_xticks([2, 5, 10, 20, 50, 100], ["best\n2%", "5%", "10%", "20%", "50%", "all"])
    ax.xaxis.set_minor_locator(NullLocator())
    title = f"Tell only the best {fewest:.0f}%: no growth looks like ×{lines.iloc[0, 0]:.1f}"
    return finish(
        ax, title, "Invented", x=f"programmes of {people:,} people that are told", y="growth that is told (log scale)"
    )
