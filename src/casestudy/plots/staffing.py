"""Figures on agents and self-service: dots that fall, a tornado, one ratio told three ways, priors, a queue."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, PercentFormatter
from numpy.typing import ArrayLike

from casestudy.intervals import Interval
from casestudy.plots.language import IMPLIED, INVENTED, PRINTED, QUIET, SOFT, canvas, finish, label

PROPORTIONAL = "if heads follow contacts"  # what the implied figures rest on
BASELINE = "deflection already in the expectation"
NARROW = 0.22  # share of the axis below which a bar has no room for its name
WIDEST = 60  # dots in the widest row: more would run together
TINTS = {"deflection": (INVENTED, "white"), "efficiency": ("#F3B88B", PRINTED), "demand": ("#D5DAE1", PRINTED)}


def heads_per_dot(heads: float) -> int:
    """Heads that one dot stands for, so that so many heads fit into one row: 1, 2 or 5 times a power of ten.

    >>> heads_per_dot(25_833), heads_per_dot(50)
    (500, 1)
    """
    steps = [step * 10**power for power in range(9) for step in (1, 2, 5)]
    return next(step for step in steps if heads / step <= WIDEST)


def dots_falling(
    levels: ArrayLike,
    heads: Sequence[float] | np.ndarray,
    agents: Interval,
    expected: Interval,
    hangs: Interval,
    without: Interval,
    ax: Axes | None = None,
) -> Axes:
    """Heads that are needed while a growing share of contacts is deflected, a row of dots for each level.

    levels: shares deflected, from 0 down to what is printed; heads: needed at each; agents, expected: as printed;
    hangs: the deflection that explains `expected`, its rows in grey; without: heads with no deflection.
    """
    ax = canvas(5.4, 6.0) if ax is None else ax
    levels, dot = np.asarray(levels), heads_per_dot(heads[0])
    bottom, edge = levels[-1], 0.6 * heads[0]
    band = [float(np.clip(end, -0.27 * bottom, bottom)) for end in hangs]
    ax.axhspan(*band, color=QUIET, alpha=0.18, lw=0)
    for level, number in zip(levels, heads, strict=True):
        count = max(1, round(number / dot))
        colour = PRINTED if level == bottom else SOFT if band[0] <= level <= band[1] else IMPLIED
        ax.scatter((np.arange(count) - (count - 1) / 2) * dot, [level] * count, s=20, color=colour, lw=0)
    big: dict[str, Any] = {"fontsize": 14, "xytext": (0, 0), "linespacing": 1.25}
    big["path_effects"] = [withStroke(linewidth=3, foreground="white")]  # no dot runs into a letter
    _, note = dots_story(expected, without, agents)
    beside = min(0.35 * band[0] + 0.65 * band[1], 0.93 * bottom) if band[1] > 0 else -0.2 * bottom
    if band[1] > 0 and band[1] - band[0] < 0.13 * bottom:
        beside = band[0] - 0.075 * bottom  # a narrow band is named above it
    label(ax, -0.98 * edge, beside, f"“expected”\n{_heads(expected)}", **big, fontweight="bold")
    label(ax, 0.98 * edge, beside, note, **big, ha="right")
    label(ax, 0, 1.09 * bottom, f"printed: {_heads(agents)} agents", **big, ha="center", fontweight="bold")
    label(ax, 0, -0.07 * bottom, f"no self-service: {roughly(without)}", IMPLIED, **big, ha="center", fontweight="bold")
    people = "1 person" if dot == 1 else f"{dot:,} people"
    label(ax, 0.98 * edge, 1.19 * bottom, f"one dot: {people}", SOFT, **big | {"fontsize": 12.5}, ha="right")
    ax.set(xlim=(-edge, edge), ylim=(1.24 * bottom, (-0.12 if band[0] > 0 else -0.3) * bottom), xticks=[])
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.set_yticks([0, *(tick for tick in (0.25, 0.5, 0.75) if tick < bottom - 0.1), bottom])
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.tick_params(axis="y", labelsize=12.5)
    title = dots_story(expected, without, agents)[0]
    return finish(ax, title, "Implied", y="contacts deflected", rests_on=PROPORTIONAL)


def dots_story(expected: Interval, without: Interval, agents: Interval) -> tuple[str, str]:
    """What the dots show, in words that follow the numbers: the title, and the note in the band.

    >>> dots_story(expected=(5_000, 10_000), without=(21_429, 32_000), agents=(750, 800))
    ('5,000-10,000 expected: nothing printed explains it', 'no printed\\nnumber here')
    >>> dots_story(expected=(100, 100), without=(198, 202), agents=(100, 100))
    ('The expected heads are the employed ones', 'the printed\\nend')
    """
    if expected == agents:
        return "The expected heads are the employed ones", "the printed\nend"
    if expected[0] > without[1]:
        return "More expected than no self-service needs", "above\nthe top"
    if expected[1] > without[0]:
        return f"{_heads(expected)} may need no self-service", "up to, or\nabove, the top"
    return f"{_heads(expected)} expected: nothing printed explains it", "no printed\nnumber here"


def dots_alt(expected: Interval, without: Interval, agents: Interval, hangs: Interval, deflection: float) -> str:
    """The dots in words, for those who cannot see them."""
    where = f"lies across it at {_percent(hangs)} deflected" if hangs[1] > 0 else "lies above it"
    return (
        f"Rows of dots narrow like a funnel, from {roughly(without)} people without self-service to {_heads(agents)} "
        f"agents at {deflection:.1%} deflected. A grey band marked expected, {_heads(expected)}, {where}, "
        f"marked: {' '.join(dots_story(expected, without, agents)[1].split())}"
    )


def roughly(pair: Interval) -> str:
    """A worked-out range of heads, to the two digits that it can bear.

    >>> roughly((21_429, 32_000)), roughly((4.6, 4.6))
    ('21,000 to 32,000', '4.6')
    """
    low, high = (f"{float(f'{end:.2g}'):,.12g}" for end in pair)
    return low if low == high else f"{low} to {high}"


def tornado(table: pd.DataFrame, whole: Interval, names: Mapping[str, str], ax: Axes | None = None) -> Axes:
    """How far each input alone moves the baseline behind `expected`, widest on top, under the range of all together.

    table: one row an input, as from `uncertainty.tornado`; whole: the range over the box; names: what readers call it.
    """
    ax = canvas(5.4, 3.7) if ax is None else ax
    rows = [("all three at once", *whole), *((names[bar.Index], bar.at_low, bar.at_high) for bar in table.itertuples())]
    for row, (name, start, end) in enumerate(rows):
        low, high = sorted((start, end))
        ax.barh(-row, high - low, left=low, height=0.5, color=IMPLIED, alpha=1 if row == 0 else 0.45)
        label(ax, high, -row, _percent((low, high)), fontsize=13)
        ax.annotate(name, (0, -row), (0, 18), ("axes fraction", "data"), textcoords="offset points", fontsize=13)
    span = whole[1] - whole[0]
    ax.set(yticks=[], xlim=(whole[0] - 0.1 * span, whole[1] + 0.42 * span), ylim=(-len(rows) + 0.55, 0.85))
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0 if whole[1] - whole[0] > 0.1 else 1))
    ax.locator_params(axis="x", nbins=5)
    widest = names[table.index[0]]
    title = f"What moves it most: {widest}"
    return finish(ax, title, "Implied", x=BASELINE, rests_on=PROPORTIONAL)


def one_ratio(splits: pd.DataFrame, start: float, end: float, ax: Axes | None = None) -> Axes:
    """Steps from the agents employed to those expected, on a log axis: factors of one product, split as stated.

    splits: one row a story (its name the index), one column a factor (expected over actual). Factors below 1 come last,
    as arrows back to `end`.
    """
    ax = canvas(5.4, 4.7) if ax is None else ax
    far = start * splits.clip(lower=1).prod(axis=1).max()
    for row, (story, factors) in enumerate(splits.iterrows()):
        at = start
        for name, factor in factors.sort_values(key=lambda values: values < 1, kind="stable").items():
            begins, ends = np.log([at / start, at * factor / start]) / np.log(far / start)
            (_bar if factor >= 1 else _arrow_back)(ax, row, at, name, factor, (begins, ends))
            at *= factor
        ax.annotate(story, (start, -row), (0, 26), textcoords="offset points", fontsize=13, fontweight="bold")
        if np.allclose(factors, 1):
            label(ax, start, -row, "nothing to explain", fontsize=12)
    ax.set(xscale="log", yticks=[], ylim=(-len(splits) + 0.5, 0.75), xlim=(0.97 * start, 1.03 * far))
    ax.spines["left"].set_visible(False)
    if end > start:
        room = far <= 1.01 * end
        ax.set_xticks([start, end], [f"{start:,.0f} employed", ("" if room else "\n") + f"{end:,.0f} expected"])
        ax.get_xticklabels()[1].set_horizontalalignment("right" if room else "left")
    else:
        ax.set_xticks([start], [f"{start:,.0f} employed and expected"])
    ax.minorticks_off()
    ax.get_xticklabels()[0].set_horizontalalignment("left")
    fits = f"One ratio of {end / start:.1f}, told in {len(splits)} ways"
    title = fits if end > start else "Nothing avoided: the factors cancel"
    return finish(ax, title, "Invented", x="heads, log scale")


def _bar(ax: Axes, row: int, at: float, name: str, factor: float, span: Interval) -> None:
    """A factor from 1 as a bar that begins at so many heads; span: where it begins and ends, in shares of the axis."""
    colour, ink = TINTS[name]
    ax.barh(-row, at * factor - at, left=at, height=0.42, color=colour, edgecolor="white")
    words = {"fontsize": 13, "xytext": (0, 0), "linespacing": 1.1}
    if span[1] - span[0] > NARROW:
        label(ax, at * np.sqrt(factor), -row, f"{name}\n{_times(factor)}", ink, ha="center", **words)
    elif factor > 1:  # no room inside: under its far end, or under its near one where it comes first
        where, side = (at, "left") if span[0] == 0 else (at * factor, "right")
        label(ax, where, -row - 0.24, f"{name} {_times(factor)}", PRINTED, ha=side, va="top", **words)


def _arrow_back(ax: Axes, row: int, at: float, name: str, factor: float, span: Interval) -> None:
    """A factor below 1 as an arrow under the bars; span: where it begins and ends, in shares of the axis."""
    colour, _ = TINTS[name]
    y, end = -row - 0.33, at * factor
    arrow = {"arrowstyle": "->", "color": colour, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (end, y), (at, y), arrowprops=arrow)
    x, side = (at * np.sqrt(factor), "center") if span[0] - span[1] > 0.33 else (end, "right")
    box = {"fc": "white", "ec": "none", "pad": 1}
    label(ax, x, y, f"{name} {_times(factor)} ", colour, ha=side, bbox=box, xytext=(0, 0), fontsize=12)


def _times(factor: float) -> str:
    return f"×{round(factor, 2 if factor < 2 else 1):g}"


def priors(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What invented priors make of the baseline, each under the bound that it was drawn within.

    table: one row a prior (its name the index): low and high, the bound; start, middle and to, the middle 95% of the
    draws and their median; shares, NaN where no draw fits.
    """
    ax = canvas(5.4, 5.6) if ax is None else ax
    for row, prior in enumerate(table.itertuples()):
        ax.annotate(prior.Index, (0, -row), (0, 19), ("axes fraction", "data"), textcoords="offset points", fontsize=13)
        ax.plot([max(prior.low, 0), prior.high], [0.14 - row] * 2, color=IMPLIED, lw=3, solid_capstyle="butt")
        ax.plot([prior.start, prior.to], [-row] * 2, color=INVENTED, lw=8, alpha=0.6, solid_capstyle="butt")
        ax.plot(prior.middle, -row, "o", color=INVENTED, ms=9)
        if np.isfinite(prior.middle):
            words = {"ha": "center", "va": "top", "xytext": (0, -7), "fontsize": 14, "fontweight": "bold"}
            label(ax, prior.middle, -row, f"{prior.middle:.0%}", INVENTED, **words)
    first = table.iloc[0]
    label(ax, first["high"], 0.16, "what is possible", IMPLIED, fontsize=12, va="bottom", ha="right", xytext=(0, 3))
    label(ax, first["to"], -0.02, "95% of draws", INVENTED, fontsize=12, va="center", xytext=(5, 0))
    ax.set(yticks=[], ylim=(-len(table) + 0.5, 0.75), xlim=(0, 1.12))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    least, most = table["middle"].min(), table["middle"].max()
    found = f"middles from {least:.0%} to {most:.0%}" if np.isfinite(least) else "no draw fits"
    title = f"{len(table)} priors for the same printed numbers: {found}"
    return finish(ax, title, "Invented", x=BASELINE, rests_on="what is possible Implied")


def busy(loads: np.ndarray, alone: np.ndarray, capped: np.ndarray, cap: float, ax: Axes | None = None) -> Axes:
    """Share of their time that agents of a live channel are busy, as the load grows: a speed target alone, and a cap.

    loads in erlang; alone, capped: occupancies at each load.
    """
    ax = canvas(5.4, 4.0) if ax is None else ax
    ax.plot(loads, alone, "o-", color=INVENTED, lw=3)
    ax.plot(loads, capped, "o--", color=PRINTED, lw=2, markersize=5)
    ax.set(xscale="log", xlim=(0.85 * loads[0], 1.1 * loads[-1]), ylim=(min(alone) - 0.03, 1.03))
    label(ax, loads[-1], alone[-1] - 0.045, "80% answered in 20 s", INVENTED, ha="right", xytext=(0, 0), fontsize=13)
    label(ax, loads[-1], cap - 0.035, f"the same, and busy at most {cap:.0%}", ha="right", xytext=(0, 0), fontsize=13)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda load, _: f"{load:,.0f}"))
    title = f"On speed alone, agents end up {alone[-1]:.1%} busy"
    return finish(ax, title, "Invented", x="load: talks going on at once", y="time busy")


def _heads(pair: Interval) -> str:
    low, high = (f"{end:,.0f}" for end in pair)
    return low if low == high else f"{low}-{high}"


def _percent(pair: Interval) -> str:
    """Two shares as per cents, with a decimal where the whole ones would hide how narrow they are.

    >>> _percent((0.533, 0.844)), _percent((0.495, 0.505)), _percent((0.5, 0.5))
    ('53% to 84%', '49.5% to 50.5%', '50%')
    """
    low, high = pair
    if low == high:
        return f"{low:.0%}"
    decimals = 0 if high - low > 0.015 else 1
    return f"{low:.{decimals}%} to {high:.{decimals}%}"
