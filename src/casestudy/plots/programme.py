"""Figures of 07-programme-metrics: overlapping reach, a missing base, told successes, one measure rewarded."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from casestudy.intervals import Interval
from casestudy.plots.language import BAND, IMPLIED, INVENTED, PRINTED, QUIET, SOFT, canvas, finish, label

WIDTH = 5.8  # inches; narrow, so that words stay legible on a phone


def _many(people: float) -> str:
    """People in as few letters as a figure has room for.

    >>> _many(48_782), _many(2_500_000), _many(700)
    ('49,000', '2.5 million', '700')
    """
    return f"{people / 1e6:.2g} million" if people >= 1e6 else f"{float(f'{people:.2g}'):,.0f}"


def overlap(curves: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """People reached against staff who post: contacts added up, and people met at least once.

    curves: index staff; columns `added up`, `random contacts`, `crowded contacts`, in people.
    """
    ax = canvas(WIDTH, 4.2) if ax is None else ax
    staff, last = curves.index, curves.iloc[-1]
    for name, style in {"added up": "--", "random contacts": "-", "crowded contacts": ":"}.items():
        colour, width = (QUIET, 2.5) if name == "added up" else (INVENTED, 3)
        ax.plot(staff, curves[name], style, color=colour, linewidth=width)
    beside = {"ha": "right", "fontsize": 13.5}
    label(ax, 0.84 * staff[-1], last["added up"], f"added up: {_many(last['added up'])}", SOFT, **beside)
    for name, offset in {"random contacts": (-4, 10), "crowded contacts": (-4, -27)}.items():
        label(ax, staff[-1], last[name], f"{name.split()[0]}: {_many(last[name])}", INVENTED, xytext=offset, **beside)
    ax.set(xlim=(0, staff[-1]), ylim=(0, 1.08 * last["added up"]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda people, _: _many(people) if people else "0"))
    title = f"{_many(last['added up'])} contacts are {_many(last['random contacts'])} people"
    return finish(ax, title, "Invented", x="employees who post", y="people")


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


def one_rewarded(ratios: pd.DataFrame, rewarded: str, ax: Axes | None = None) -> Axes:
    """Eight measures and the purpose after one is rewarded, as arrows from where they stood.

    ratios: one row a measure, then `conversations`; low, middle, high, after over before.
    """
    ax = canvas(WIDTH, 5.6) if ax is None else ax
    ax.axvline(1, color=QUIET, linewidth=1.5)
    heights = [*range(len(ratios) - 1), len(ratios) - 0.3]
    for y, (name, row) in zip(heights, ratios.iterrows(), strict=True):
        _measure_arrow(ax, y, name, row, mine=name == rewarded)
    ax.axhline(len(ratios) - 1.15, color=QUIET, linewidth=1, linestyle="--")
    low, high = max(min(0.4, ratios["low"].min()), 0.02), max(2.0, ratios["high"].max())
    ax.set(
        xscale="log",
        xlim=(low / (high / low) ** 0.9, high * (high / low) ** 0.25),
        yticks=[],
        ylim=(len(ratios) + 0.3, -0.6),
    )
    step = 2 if high / low < 14 else 4
    ticks = [step**power for power in range(-4, 5) if low <= step**power <= 1.3 * high]
    ax.set_xticks(ticks, ["as before" if tick == 1 else f"×{tick:g}" for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(low, high)
    return finish(ax, reward_story(ratios, rewarded), "Invented", x="after the reward, over before (log scale)")


def _measure_arrow(ax: Axes, y: float, name: str, row: pd.Series, mine: bool) -> None:
    """A measure's name at the left and its arrow from where it stood; mine: whether it is the rewarded one."""
    colour, weight = (INVENTED, "bold") if mine or name == "conversations" else (PRINTED, "normal")
    at_the_left = ax.get_yaxis_transform()
    ax.text(0, y, _name(name), transform=at_the_left, color=colour, fontweight=weight, va="center", fontsize=14)
    arrow = {"arrowstyle": "-|>", "color": colour, "lw": 5 if mine else 3, "shrinkA": 0, "shrinkB": 0}
    low, end = max(row["low"], 0.02), max(row["middle"], 0.02)
    ax.annotate("", (end, y), (1, y), arrowprops=arrow | {"mutation_scale": 18})
    ax.plot([low, row["high"]], [y, y], color=colour, linewidth=1, zorder=1)
    words = f"×{end:.1f}" if end >= 1.05 else f"×{end:.2f}"
    edge, side, offset = (row["high"], "left", 7) if end >= 1 else (low, "right", -7)
    label(ax, edge, y, words, colour, ha=side, xytext=(offset, 0), fontsize=14)


def _name(measure: str) -> str:
    return {"ssi": "SSI", "conversations": "conversations\n(not measured)"}.get(measure, measure.replace("_", " "))


def reward_story(ratios: pd.DataFrame, rewarded: str) -> str:
    """What the arrows say: how many of the other measures fall in every pair of months, and what the purpose does.

    >>> ratios = pd.DataFrame({"low": [3, 0.4, 0.7], "high": [4, 0.6, 0.9]}, ["ssi", "reach", "conversations"])
    >>> reward_story(ratios, rewarded="ssi")
    'Reward SSI: 1 of 1 others fall, conversations fall'
    """
    others = ratios.drop(index=[rewarded, "conversations"])
    purpose = ratios.loc["conversations"]
    word = "fall" if purpose["high"] < 1 else "rise" if purpose["low"] > 1 else "hardly move"
    fallen = (others["high"] < 1).sum()
    return f"Reward {_name(rewarded)}: {fallen} of {len(others)} others fall, conversations {word}"


def purpose_range(lines: pd.DataFrame, chosen: tuple[float, float], ax: Axes | None = None) -> Axes:
    """Change of the purpose against the share of new hours that is faked, one line a worth of the rewarded hours.

    lines: index share faked, one column a worth, values are changes as shares; chosen: the page's faked and change.
    """
    ax = canvas(WIDTH, 4.4) if ax is None else ax
    ax.axhline(0, color=QUIET, linewidth=1.5)
    span = max(100 * (lines.to_numpy().max() - lines.to_numpy().min()), 20)
    apart = np.ptp(lines.iloc[0]) > 0.001
    for worth in lines if apart else lines.columns[:1]:
        ax.plot(100 * lines.index, 100 * lines[worth], color=INVENTED, linewidth=2)
        first = 100 * lines[worth].iloc[0]
        label(
            ax,
            0,
            first,
            f"worth ×{worth:g}" if apart else "any worth",
            INVENTED,
            ha="right",
            xytext=(-6, 0),
            fontsize=13,
            annotation_clip=False,
        )
    ax.plot(100 * chosen[0], 100 * chosen[1], "o", color=PRINTED, markersize=10)
    lowest = 100 * lines.to_numpy().min()
    label(ax, 2, lowest - 0.09 * span, f"● the arrows above: {100 * chosen[1]:+.0f}%", xytext=(0, 0), fontsize=13)
    ax.yaxis.tick_right()
    ax.yaxis.set_label_position("right")
    ax.spines["left"].set_visible(False)
    ax.set(xlim=(0, 100), ylim=(lowest - 0.18 * span, 100 * lines.to_numpy().max() + 0.05 * span))
    ax.xaxis.set_major_formatter(PercentFormatter(decimals=0))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda change, _: f"{change:+.0f}%" if change else "0"))
    helped = (lines > 1e-12).any()
    title = "A reward can help, until too much is faked" if helped.any() else "Here no reward helps, faked or not"
    return finish(ax, title, "Invented", x="new hours that are faked", y="useful hours")
