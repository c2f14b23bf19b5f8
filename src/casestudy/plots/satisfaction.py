"""Figures of 02-satisfaction: per cent of what, a trend read as an effect, methods by worlds, mix, slopes."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MultipleLocator

from casestudy.plots.language import BAND, IMPLIED, INVENTED, PRINTED, QUIET, SOFT, canvas, finish, label


def _per_cent(share: float) -> str:
    return f"{100 * share:.0f}%"


def per_cent_of_what(bases: pd.DataFrame, before: float, after: float, high: float, ax: Axes | None = None) -> Axes:
    """The same bar once a base: in points, then as a per cent of each base, which is the grey band behind it.

    bases: one row a base, columns of (words), start, end (points), share (0-1).
    """
    ax = ax if ax is not None else canvas(6.4, 1.4 + 0.78 * (len(bases) + 1))
    rows = bases.sort_values("share", key=abs, kind="stable")
    kind = "rise" if after >= before else "fall"
    headlines = [f"{round(after - before, 2):+g}", *map(_per_cent, rows["share"])]
    words = ["points, on any scale", *rows["of"]]
    spans = [(0.0, 0.0), *zip(rows["start"], rows["end"], strict=True)]
    for row, (headline, base, (start, end)) in enumerate(zip(headlines, words, spans, strict=True)):
        y = -row
        ax.plot([0, high], [y, y], color=QUIET, linewidth=1, zorder=1)
        ax.barh(y, end - start, left=start, height=0.36, color=BAND, zorder=2)
        ax.barh(y, after - before, left=before, height=0.2, color=PRINTED, zorder=3)
        ax.text(-0.03 * high, y, headline, ha="right", va="center", fontsize=20, fontweight="bold")
        ax.text(0, y + 0.23, base, ha="left", va="bottom", fontsize=13.5)
    ax.set(xlim=(-0.3 * high, 1.03 * high), ylim=(-len(rows) - 0.45, 0.75), yticks=[])
    scores = sorted({before, after})
    ticks = [end for end in (0, high) if min(abs(end - score) for score in scores) > 0.06 * high] + scores
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    if abs(after - before) < 0.08 * high:  # neighbours step apart
        for tick, side in zip(ax.get_xticklabels()[-len(scores) :], ("right", "left"), strict=False):
            tick.set(horizontalalignment=side)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(0, high)
    low_share, high_share = (_per_cent(abs(share)) for share in rows["share"].iloc[[0, -1]])
    title = f"The same {round(abs(after - before), 2):g} points: a {kind} of {low_share}, or of {high_share}"
    return finish(ax, title, "Printed", x="satisfaction score, points", rests_on="ends of the scale Invented")


def trend_world(months: pd.DataFrame, means: pd.Series, ax: Axes | None = None) -> Axes:
    """Invented monthly scores along a trend, and the two means that before-and-after compares.

    months: columns month, after, treated; means: mean score indexed by after (False, True).
    """
    ax = ax if ax is not None else canvas(6.4, 3.9)
    ax.plot(months["month"], months["treated"], "o", color=INVENTED, markersize=7)
    for after, side in months.groupby("after"):
        ax.hlines(means[after], side["month"].min() - 0.4, side["month"].max() + 0.4, color=PRINTED, lw=2.5)
        left, words = side["month"].min() - 0.4, f"mean {means[after]:.1f}"
        label(ax, left, means[after], words, xytext=(0, 7), ha="left", va="bottom", fontsize=13)
    ax.axvline(months.loc[months["after"], "month"].min() - 0.5, color=QUIET, linewidth=1.5, linestyle="--")
    ax.set_xlim(0, months["month"].max() + 1)
    ax.xaxis.set_major_locator(MultipleLocator(6))
    title = f"No programme, yet the mean score changes by {means[True] - means[False]:+.1f}"
    return finish(ax, title, "Invented", x="month", y="mean score, points")


def fooled(rates: pd.DataFrame, alpha: float = 0.05, ax: Axes | None = None) -> Axes:
    """How often each method sees an effect that is not there; one row a world, one column a method, shares 0-1."""
    ax = ax if ax is not None else canvas(6.4, 1.9 + 0.55 * len(rates))
    ramp = LinearSegmentedColormap.from_list("invented", ["#FFFFFF", INVENTED])
    ax.imshow(rates.to_numpy(), cmap=ramp, vmin=0.0, vmax=1.0, aspect="auto")
    for row, values in enumerate(rates.to_numpy()):
        for column, rate in enumerate(values):
            fooled_often = rate > 2 * alpha
            weight, colour = ("bold", "#111111") if fooled_often else ("normal", PRINTED)
            ax.text(
                column,
                row,
                f"{100 * rate:.0f}%",
                ha="center",
                va="center",
                fontsize=16,
                fontweight=weight,
                color=colour,
            )
    ax.set_xticks(range(rates.shape[1]), [textwrap.fill(name, 13) for name in rates.columns], fontsize=13)
    ax.set_yticks(range(len(rates)), [textwrap.fill(name, 16) for name in rates.index], fontsize=13)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    every = (rates > 2 * alpha).any().all()
    title = f"{'Every' if every else 'Not every'} method is fooled somewhere"
    return finish(ax, title, "Invented", x="runs that report an effect, %")


def mix_paths(paths: pd.DataFrame, chosen: str, after: float, ax: Axes | None = None) -> Axes:
    """Score of the cases that are left, as ever more easy, or ever more hard ones, never arrive.

    paths: columns kind (easy, hard), share (of all cases, 0-1), score (points), in order of share; chosen: the kind
    that is drawn strongly; after: the printed score.
    """
    ax = ax if ax is not None else canvas(6.4, 4.2)
    word, ways = {-1: "falls", 0: "stays", 1: "rises"}, {}
    for kind, line in paths.groupby("kind"):
        strong, end = kind == chosen, line.iloc[-1]
        change = end["score"] - line["score"].iloc[0]
        ways[kind] = word[int(change > 1e-9) - int(change < -1e-9)]
        colour, weight = (INVENTED, "bold") if strong else (PRINTED, "normal")
        ax.plot(100 * line["share"], line["score"], color=colour, linewidth=4 if strong else 2)
        words = f"{kind} cases\nnever arrive"
        label(ax, 100 * end["share"], end["score"], words, colour, fontsize=13, va="center", fontweight=weight)
    ax.axhline(after, color=QUIET, linewidth=1.5, linestyle="--")
    right = 145 * paths["share"].max()
    label(ax, right, after, f"score after: {after:g}", SOFT, xytext=(0, -5), va="top", ha="right", fontsize=13)
    ax.set(xlim=(0, right), xticks=[tick for tick in range(0, 101, 20) if tick < right])
    ax.margins(y=0.14)
    title = f"Score {ways['easy']} without easy cases, {ways['hard']} without hard"
    return finish(ax, title, "Invented", x="cases that never arrive, % of all", y="mean score, points")


def hidden_change(curve: pd.DataFrame, known: tuple[float, float], longest: float, ax: Axes | None = None) -> Axes:
    """What a change that nobody measured must be worth to make the whole rise, against the share of cases it reaches.

    curve: columns shift (0-1), low, high (points, with the rounding of the rise; below zero for a fall); known: shift
    and points of one such change; longest: points from end to end of the scale, beyond which no change can go.
    """
    ax = ax if ax is not None else canvas(6.4, 4.2)
    middle = float(np.interp(0.5, curve["shift"], curve[["low", "high"]].mean(axis=1)))
    kind, half = "rise" if middle >= 0 else "fall", round(abs(middle), 1)
    worth = curve[["low", "high"]].abs()
    shown = worth.min(axis=1) <= longest
    ends = worth[shown].min(axis=1), worth[shown].max(axis=1)
    ax.fill_between(100 * curve["shift"][shown], *ends, color=IMPLIED, lw=2)
    reached, points = 100 * abs(known[0]), known[1]
    marks = {"easy for hard cases": (reached, points, INVENTED), f"half: {half:g} points": (50, half, PRINTED)}
    for words, (x, y, colour) in marks.items():
        ax.plot(x, y, "o", color=colour, markersize=11, zorder=3)
        label(ax, x, y, words, colour, xytext=(11, 8), fontsize=13, fontweight="bold")
    above = f"above the curve: more than the {kind},\nso faster replies did {'harm' if kind == 'rise' else 'good'}"
    ax.text(98, 0.86 * longest, above, ha="right", va="center", color=SOFT, fontsize=13)
    if half > 0.12 * longest:  # else there is no room below the curve
        ax.text(12, 0.06 * longest, f"below it: a part of the {kind}", va="center", color=SOFT, fontsize=13)
    ax.set(xlim=(10, 100), ylim=(0, longest), xticks=[10, 25, 50, 75, 100])
    ax.xaxis.set_major_formatter(lambda share, _: f"{share:g}%")
    title = f"A change worth {half:g} points in half of the cases makes the whole {kind}"
    words = "share of cases that the hidden change reaches"
    return finish(ax, title, "Implied", x=words, y="what it is worth, points", rests_on="if the bias is a product")


def slopes(found: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Slopes found on invented cases with their intervals, beside the slopes put in.

    found: one row a fit, columns put_in, fit ('periods kept apart' or 'periods pooled'), slope, low, high.
    """
    ax = ax if ax is not None else canvas(6.4, 4.4)
    put_in = found["put_in"].unique()
    look = {"periods kept apart": (-0.13, INVENTED, "o"), "periods pooled": (0.17, PRINTED, "s")}
    for name, (offset, colour, marker) in look.items():
        rows = found[found["fit"] == name]
        y = [list(put_in).index(value) + offset for value in rows["put_in"]]
        spans = [rows["slope"] - rows["low"], rows["high"] - rows["slope"]]
        ax.errorbar(rows["slope"], y, xerr=spans, fmt=marker, color=colour, markersize=9, elinewidth=2.5)
        label(ax, rows["low"].iloc[0], y[0], name, colour, xytext=(-8, 0), ha="right", fontsize=13)
    for row, value in enumerate(put_in):
        ax.vlines(value, row - 0.42, row + 0.42, color=QUIET, linewidth=2, linestyle="--", zorder=0)
    label(ax, put_in[0], -0.4, "truth", SOFT, fontsize=13)
    names = ["speed does nothing" if value == 0 else f"slope {value:g}" for value in put_in]
    ax.set_yticks(range(len(put_in)), [textwrap.fill(name, 10) for name in names])
    ax.set_ylim(len(put_in) - 0.45, -0.55)
    ax.margins(x=0.12)
    missed = found[~found["put_in"].between(found["low"], found["high"])]["fit"].value_counts()
    pooled, apart = (missed.get(f"periods {way}", 0) for way in ("pooled", "kept apart"))
    title = f"With the periods pooled, {pooled} of {len(put_in)} intervals miss the truth; kept apart, {apart}"
    return finish(ax, title, "Invented", x="slope found, log odds per log hour")
