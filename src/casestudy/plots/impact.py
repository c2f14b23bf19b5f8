"""Figures of 08-purpose-and-impact: the map, what is left of the 600, listings, and the dial of a matching rule."""

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from casestudy.plots.language import BAND, IMPLIED, INVENTED, PRINTED, QUIET, SOFT, canvas, finish, label

WIDTH = 6.0  # inches; narrow, so that words stay legible on a phone


def about(value: float) -> str:
    """A number with two digits that count, written out.

    >>> about(91_312), about(1.58), about(10_435_714)
    ('91,000', '1.6', '10 million')
    """
    short = float(f"{value:.2g}")
    if short >= 1e6:
        return f"{short / 1e6:g} million"
    return f"{short:,.0f}" if short >= 10 else f"{short:g}"


def purpose_map(article: pd.DataFrame, ours: pd.DataFrame, types: pd.Series, ax: Axes | None = None) -> Axes:
    """Who ties which activity to which part of the purpose: dark squares the article, rings our reading only.

    article, ours: one row an activity, one column a part, True where tied; types: what sort each activity is. Above
    each part stands how often the article ties something to it; a part without a tie is shaded.
    """
    ax = ax if ax is not None else canvas(5.8, 8.6)
    y, before = 0.0, None
    for activity in article.index:
        if types[activity] != before:
            y += 0.85 if before else 0
            ax.text(-0.55, y - 0.85, types[activity], ha="right", va="center", color=SOFT, fontsize=13, style="italic")
            before = types[activity]
        for x, part in enumerate(article.columns):
            if article.loc[activity, part]:
                ax.plot(x, y, "s", color=PRINTED, ms=17)
            elif ours.loc[activity, part]:
                ax.plot(x, y, "o", color=IMPLIED, ms=13, mfc="none", mew=1.5)
            else:
                ax.plot(x, y, ".", color=QUIET, ms=4)
        ax.text(-0.5, y, textwrap.fill(activity, 18), ha="right", va="center", fontsize=13, linespacing=1)
        y += 1
    counts = article.sum()
    for x, count in enumerate(counts):
        words = f"{count} tie{'' if count == 1 else 's'}"
        ax.text(x, -1.0, words, ha="center", va="center", color=PRINTED, fontsize=13, fontweight="bold")
        if not count:
            ax.axvspan(x - 0.42, x + 0.42, color=BAND, lw=0, zorder=0)
    empty = list(counts.index[counts == 0])
    ax.set(xlim=(-2.7, 2.45), ylim=(y - 0.3, -1.5), yticks=[])
    ax.set_xticks(range(3), ["profes-\nsionals", "connect-\ning", "economic\nopportunity"], fontsize=13)
    ax.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    ax.spines[:].set_visible(False)
    ending = "has no tie of its own" if len(empty) == 1 else "have no ties of their own"
    title = f"{' and '.join(empty).capitalize()} {ending}" if empty else "Each part is tied to something"
    return finish(ax, title, "Printed", x="■ the article   ○ only our reading", rests_on="rings Implied")


def dial(counts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How many goals fit, from the loosest rule to the strictest.

    counts: one row a rule, columns unrelated, opposed (goals that fit), pool (all of them), real, reals.
    """
    ax = ax if ax is not None else canvas(WIDTH, 5.0)
    for row, (rule, fit) in enumerate(counts.iterrows()):
        both = fit["unrelated"] + fit["opposed"]
        ax.barh(-row, fit["pool"], height=0.3, color=BAND)
        ax.barh(-row, both, height=0.3, color=INVENTED)
        against = f", {fit['opposed']:.0f} of them against the purpose" if fit["opposed"] else ""
        told = f"{both:.0f} of {fit['pool']:.0f} invented goals fit{against}"
        real = f"{str(rule).capitalize()}: {fit['real']:.0f} of {fit['reals']:.0f} real goals fit"
        label(ax, 0, -row + 0.3, real, PRINTED, xytext=(0, 0), fontsize=13, fontweight="bold")
        label(ax, 0, -row - 0.29, told, INVENTED, xytext=(0, 0), fontsize=13)
    ax.set_xlim(0, 1.02 * counts["pool"].max())
    ax.set_ylim(-len(counts) + 0.5, 0.5)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    fits = counts["unrelated"] + counts["opposed"]
    title = f"The rule decides: {fits.min():.0f} to {fits.max():.0f} of {counts['pool'].max():.0f} invented goals fit"
    return finish(ax, title, "Invented")


def found_anyway(left: pd.DataFrame, chosen: tuple[float, float, float], ax: Axes | None = None) -> Axes:
    """People helped for each employee and year, over the years counted and the share who would have found work anyway.

    left: index years, one column a share (0-1), values people per employee-year; chosen: years, share and value of the
    parameters.
    """
    ax = ax if ax is not None else canvas(WIDTH, 4.8)
    years, shares = left.index.to_numpy(float), 100 * left.columns.to_numpy(float)
    highest, lowest = left.max(axis=None), left.min(axis=None)
    steps = [level for power in range(-2, 6) for level in (10**power, 3 * 10**power)]
    levels = [level for level in steps if 2.5 * lowest < level < 0.9 * highest]
    lines = ax.contour(years, shares, left.T.to_numpy(), levels=levels, colors=IMPLIED, linewidths=2.5)
    ax.clabel(lines, fmt=lambda level: f"{level:,g}", fontsize=13, inline_spacing=3)
    ax.plot(1, 0, "s", color=PRINTED, ms=12, clip_on=False)
    over: dict[str, Any] = {"fontweight": "bold", "bbox": {"fc": "white", "ec": "none", "pad": 1}}
    label(ax, 1, 0, f"as printed: {about(highest)}", PRINTED, xytext=(12, 10), fontsize=13, **over)
    at, share, value = chosen
    ax.plot(at, 100 * share, "o", color=INVENTED, ms=11, clip_on=False)
    beside: dict[str, Any] = {
        "ha": "right" if at > 12 else "left",
        "xytext": (-11 if at > 12 else 11, -13 if share > 0.8 else 13),
    }
    words = f"{about(value)} a head and year"
    label(ax, at, 100 * share, words, INVENTED, fontsize=13.5, **over, **beside)
    ax.set(xlim=(1, years[-1]), ylim=(0, shares[-1]), xticks=[1, 5, 10, 15, years[-1]], yticks=[0, 25, 50, 75, 95])
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:.0f}%"))
    title = f"{about(highest)} lives a head are {about(value)} a year, if half would have found work anyway"
    title = title if share == 0.5 else f"{about(highest)} lives a head are {about(value)} a year at the dot"
    words = "would have found work anyway"
    return finish(ax, title, "Implied", "years in which the total came together", words, "if some found work anyway")


def listings(curve: pd.DataFrame, weeks: float, closed: float, ax: Axes | None = None) -> Axes:
    """Listings that close in a year against the weeks one stays open, for a fixed number open at a time.

    curve: columns weeks, low, high (listings a year); weeks and closed: the parameter's point.
    """
    ax = ax if ax is not None else canvas(WIDTH, 4.4)
    ax.fill_between(curve["weeks"], curve["low"], curve["high"], color=IMPLIED, lw=2)
    first, last = curve.iloc[0], curve.iloc[-1]
    right: dict[str, Any] = {"ha": "left", "xytext": (11, 10)}
    left: dict[str, Any] = {"ha": "right", "va": "top", "xytext": (-9, -5)}
    for words, end, beside in (("a week each", first, right), ("a year each", last, left)):
        if not 0.35 < weeks / end["weeks"] < 3:  # there the parameter's own label stands
            label(ax, end["weeks"], end["low"], f"{words}:\n{about(end['low'])}", IMPLIED, fontsize=13, **beside)
    ax.plot(weeks, closed, "o", color=INVENTED, ms=11)
    words = f"{weeks:g} week{'' if weeks == 1 else 's'} each:\n{about(closed)} a year"
    beside = right if weeks < 7 else left
    label(ax, weeks, closed, words, INVENTED, fontsize=13.5, fontweight="bold", **beside)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks([1, 2, 4, 8, 13, 26, 52], ["1", "2", "4", "8", "13", "26", "52"])
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    ax.margins(y=0.35)
    title = f"{about(last['low'])} to {about(first['low'])} listings close a year"
    return finish(ax, title, "Implied", "weeks a listing stays open", "listings closed a year", "weeks Invented")
