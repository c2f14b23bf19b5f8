"""Figures on agents and self-service: dots that fall, a tornado, one ratio told three ways, a prior, a queue."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from casestudy.intervals import Interval
from casestudy.plots.language import LAYERS, QUIET, canvas, finish, label

PRINTED, IMPLIED, INVENTED = (LAYERS[name] for name in ("Printed", "Implied", "Invented"))
WIDEST = 270  # dots in the widest row: more would run together
TINTS = {"deflection": (IMPLIED, "white"), "efficiency": ("#8EC1E3", PRINTED), "demand": ("#DDE1E7", PRINTED)}


def heads_per_dot(heads: float) -> int:
    """Heads that one dot stands for, so that so many heads fit into one row: 1, 2 or 5 times a power of ten.

    >>> heads_per_dot(25_833), heads_per_dot(200)
    (100, 1)
    """
    steps = [step * 10**power for power in range(9) for step in (1, 2, 5)]
    return next(step for step in steps if heads / step <= WIDEST)


def dots_falling(
    levels: Sequence[float],
    heads: Sequence[float],
    agents: Interval,
    expected: Interval,
    hangs: Interval,
    without: Interval,
    seed: int,
    ax: Axes | None = None,
) -> Axes:
    """Heads that are needed while a growing share of contacts is deflected, a row of dots for each level.

    levels: shares deflected, from 0 down to what is printed; heads: needed at each; agents, expected: as printed;
    hangs: the deflection that `expected` assumes; without: heads with no deflection. The seed only shakes the dots.
    """
    ax = canvas(5.4, 6.2) if ax is None else ax
    rng, levels, dot = np.random.default_rng(seed), np.asarray(levels), heads_per_dot(heads[0])
    gap, bottom, edge = np.diff(levels).mean(), levels[-1], 0.58 * heads[0]
    band = [float(np.clip(end, -0.27 * bottom, bottom)) for end in hangs]
    ax.axhspan(*band, color=QUIET, alpha=0.25, lw=0)
    for end in band:
        ax.axhline(end, color=PRINTED, lw=1.3, dashes=(5, 3))
    for level, number, following in zip(levels, heads, [*heads[1:], heads[-1]], strict=True):
        count = max(1, round(number / dot))
        x = (np.arange(count) - (count - 1) / 2 + rng.uniform(-0.4, 0.4, count)) * dot
        y = level + gap * rng.uniform(-0.5, 0.5, count)
        leaves = np.abs(x) > following / 2
        ax.scatter(x[~leaves], y[~leaves], s=2.6, color=IMPLIED, lw=0)
        fling, fall = rng.exponential(0.022 * heads[0], (2, leaves.sum()))
        ax.scatter(x[leaves] + np.sign(x[leaves]) * fling, y[leaves] + fall / heads[0], s=2.6, color=QUIET, lw=0)
    spread = np.linspace(-1, 1, count) * max(heads[-1] / 2, min(0.01 * heads[0] * (count - 1), 0.25 * heads[0]))
    ax.scatter(spread, [1.04 * bottom] * count, s=12, color=PRINTED, lw=0)
    big = {"fontsize": 13.5, "xytext": (0, 0), "linespacing": 1.25}
    _, note = dots_story(expected, without, agents)
    beside = min(0.35 * band[0] + 0.65 * band[1], 0.93 * bottom) if band[1] > 0 else -0.17 * bottom
    label(ax, -0.98 * edge, beside, f"“expected”\n{_heads(expected)}", **big, fontweight="bold")
    label(ax, 0.98 * edge, beside, note, **big, ha="right")
    label(ax, 0, 1.1 * bottom, f"agents: {_heads(agents)}", **big, ha="center", fontweight="bold")
    top = f"no self-service: {_heads(without)}"
    label(ax, 0, -0.055 * bottom, top, IMPLIED, **big, ha="center", fontweight="bold")
    label(ax, -0.98 * edge, 1.1 * bottom, f"1 dot:\n{dot:,} head{'s' * (dot > 1)}", **big)
    ax.set(xlim=(-edge, edge), ylim=(1.17 * bottom, (-0.1 if band[0] > 0 else -0.28) * bottom), xticks=[])
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.set_yticks([0, *(tick for tick in (0.25, 0.5, 0.75) if tick < bottom - 0.1), bottom])
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return finish(ax, dots_story(expected, without, agents)[0], "Implied", y="contacts deflected")


def dots_story(expected: Interval, without: Interval, agents: Interval) -> tuple[str, str]:
    """What the dots show, in words that follow the numbers: the title, and the note in the band.

    >>> dots_story(expected=(5_000, 10_000), without=(21_429, 32_000), agents=(750, 800))
    ('No printed step leads to 5,000-10,000', 'no printed\\nstep here')
    >>> dots_story(expected=(100, 100), without=(198, 202), agents=(100, 100))
    ('The expected heads are the employed ones', 'the printed\\nend')
    """
    if expected == agents:
        return "The expected heads are the employed ones", "the printed\nend"
    if expected[1] > without[0]:
        return f"{_heads(expected)} may need no self-service", "up to, or\nabove, the top"
    return f"No printed step leads to {_heads(expected)}", "no printed\nstep here"


def dots_alt(expected: Interval, without: Interval, agents: Interval, hangs: Interval, deflection: float) -> str:
    """The dots in words, for those who cannot see them."""
    return (
        f"Rows of dots narrow like a funnel, from {_heads(without)} heads without self-service to {_heads(agents)} "
        f"agents at {deflection:.1%} deflected. A grey band marked expected, {_heads(expected)}, lies across it "
        f"at {_percent(hangs)} deflected, marked: {' '.join(dots_story(expected, without, agents)[1].split())}"
    )


def tornado(table: pd.DataFrame, whole: Interval, names: Mapping[str, str], ax: Axes | None = None) -> Axes:
    """How far each input alone moves the assumed baseline, widest on top, under the range of all together.

    table: one row an input, as from `uncertainty.tornado`; whole: the range over the box; names: what readers call it.
    """
    ax = canvas(5.4, 3.7) if ax is None else ax
    rows = [("all together", *whole), *((names[row.Index], row.at_low, row.at_high) for row in table.itertuples())]
    for place, (name, start, end) in enumerate(rows):
        low, high = sorted((start, end))
        ax.barh(-place, high - low, left=low, height=0.5, color=IMPLIED, alpha=1 if place == 0 else 0.45)
        label(ax, high, -place, _percent((low, high)), fontsize=13)
        ax.annotate(name, (0, -place), (0, 18), ("axes fraction", "data"), textcoords="offset points", fontsize=13)
    span = whole[1] - whole[0]
    ax.set(yticks=[], xlim=(whole[0] - 0.1 * span, whole[1] + 0.42 * span), ylim=(-len(rows) + 0.55, 0.85))
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0 if whole[1] - whole[0] > 0.1 else 1))
    ax.locator_params(axis="x", nbins=5)
    widest = names[table.index[0]]
    title = f"What moves it most: {widest}"
    return finish(ax, title, "Implied", x="deflection that the expectation assumes")


def one_ratio(splits: pd.DataFrame, start: float, end: float, ax: Axes | None = None) -> Axes:
    """Steps from the agents employed to those expected, on a log axis: factors of one product, split as stated.

    splits: one row a story (its name the index), one column a factor (expected over actual).
    """
    ax = canvas(5.4, 4.0) if ax is None else ax
    for place, (story, factors) in enumerate(splits.iterrows()):
        at = start
        for name, factor in factors.items():
            colour, ink = TINTS[name]
            height = 0.46 if factor >= 1 else 0.16  # a thin bar goes back
            ax.barh(-place, at * factor - at, left=at, height=height, color=colour, edgecolor="white")
            if factors.min() >= 1 and np.log(factor) > 0.15 * np.log(end / start):
                middle = at * np.sqrt(factor)
                label(ax, middle, -place, f"{name}\n×{factor:.1f}", ink, ha="center", xytext=(0, 0), fontsize=12)
            at *= factor
        ax.annotate(story, (start, -place), (0, 27), textcoords="offset points", fontsize=13, fontweight="bold")
    reach = start * splits.cumprod(axis=1).to_numpy()
    ends = 0.97 * min(start, reach.min()), 1.03 * max(end, reach.max())
    ax.set(xscale="log", yticks=[], ylim=(-len(splits) + 0.6, 0.75), xlim=ends)
    ax.spines["left"].set_visible(False)
    ax.set_xticks([start, end], [f"{start:,.0f} employed", f"{end:,.0f} expected" if end > start else ""])
    ax.minorticks_off()
    ax.get_xticklabels()[0].set_ha("left"), ax.get_xticklabels()[1].set_ha("right")
    title = (
        f"One ratio of {end / start:.1f} fits several stories"
        if end > start
        else "No ratio to explain: nothing was avoided"
    )
    return finish(ax, title, "Implied", x="heads, log scale")


def prior(draws: np.ndarray, whole: Interval, middle: Interval, ax: Axes | None = None) -> Axes:
    """What an invented prior makes of the assumed baseline: a histogram under the range it was drawn within.

    draws: baseline deflections; whole: their possible range; middle: the middle 95% of the draws.
    """
    ax = canvas(5.4, 3.7) if ax is None else ax
    heights, _, _ = ax.hist(draws, bins=40, range=whole, color=INVENTED, alpha=0.75)
    for height, (low, high), colour, words in (
        (1.42, whole, IMPLIED, "possible"),
        (1.16, middle, INVENTED, "95% of the draws"),
    ):
        ax.plot([low, high], [height * heights.max()] * 2, color=colour, lw=5, solid_capstyle="butt")
        text = f"{words}: {_percent((low, high))}"
        label(ax, (low + high) / 2, height * heights.max(), text, colour, ha="center", xytext=(0, 12), fontsize=13)
    ax.set(yticks=[], ylim=(0, 1.65 * heights.max()))
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0 if whole[1] - whole[0] > 0.1 else 1))
    ax.locator_params(axis="x", nbins=4)
    return finish(ax, "The hump is ours, not the document's", "Invented", x="deflection assumed")


def busy(loads: np.ndarray, alone: np.ndarray, capped: np.ndarray, cap: float, ax: Axes | None = None) -> Axes:
    """Share of their time that agents of a live channel are busy, as the load grows: a speed target alone, and a cap.

    loads in erlang; alone, capped: occupancies at each load.
    """
    ax = canvas(5.4, 4.0) if ax is None else ax
    ax.plot(loads, alone, "o-", color=INVENTED, lw=3)
    ax.plot(loads, capped, "o--", color=PRINTED, lw=2, markersize=5)
    ax.set(xscale="log", xlim=(0.85 * loads[0], 1.1 * loads[-1]), ylim=(min(alone) - 0.03, 1.03))
    label(ax, loads[-1], alone[-1] - 0.035, "80% within 20 s", INVENTED, ha="right", xytext=(0, 0), fontsize=13)
    label(ax, loads[-1], cap - 0.035, f"and busy at most {cap:.0%}", ha="right", xytext=(0, 0), fontsize=13)
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
