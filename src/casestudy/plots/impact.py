"""Figures of 08-purpose-and-impact: the map, what is left of the 600, listings, and the dial of a matching rule."""

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from casestudy.plots.language import IMPLIED, INVENTED, PRINTED, QUIET, SOFT, canvas, finish, label

WIDTH = 6.0  # inches; narrow, so that words stay legible on a phone


def purpose_map(article: pd.DataFrame, ours: pd.DataFrame, types: pd.Series, ax: Axes | None = None) -> Axes:
    """Who ties which activity to which part of the purpose: dark squares the article, rings our reading only.

    article, ours: one row an activity, one column a part, True where tied; types: what sort each activity is.
    """
    ax = ax if ax is not None else canvas(5.8, 8.4)
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
                ax.plot(x, y, "o", color=IMPLIED, ms=15, mfc="none", mew=2)
            else:
                ax.plot(x, y, ".", color=QUIET, ms=4)
        ax.text(-0.5, y, textwrap.fill(activity, 18), ha="right", va="center", fontsize=13, linespacing=1)
        y += 1
    empty = [part for part in article.columns if not article[part].any()]
    ax.set(xlim=(-2.7, 2.45), ylim=(y - 0.3, -1.3), yticks=[])
    ax.set_xticks(range(3), ["profes-\nsionals", "connect-\ning", "economic\nopportunity"], fontsize=13)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ending = "has no tie of its own" if len(empty) == 1 else "have no ties of their own"
    title = f"{' and '.join(empty).capitalize()} {ending}" if empty else "Each part is tied to something"
    return finish(ax, title, "Printed", x="■ the article   ○ only our reading", rests_on="rings Implied")


def dial(counts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How many goals fit, from the loosest rule to the strictest.

    counts: one row a rule, columns unrelated, opposed (goals that fit), pool (all of them), real, reals.
    """
    ax = ax if ax is not None else canvas(WIDTH, 3.9)
    for row, (_, fit) in enumerate(counts.iterrows()):
        both = fit["unrelated"] + fit["opposed"]
        ax.barh(-row, fit["unrelated"], height=0.55, color=INVENTED)
        ax.barh(-row, fit["opposed"], left=fit["unrelated"], height=0.55, fc="white", ec=INVENTED, lw=2, hatch="///")
        words = f"{both:.0f} of {fit['pool']:.0f};  real: {fit['real']:.0f} of {fit['reals']:.0f}"
        label(ax, both, -row, words, PRINTED, xytext=(7, 0), fontsize=14)
    ax.set_yticks([-row for row in range(len(counts))], [f"'{rule}'" for rule in counts.index], fontsize=14)
    ax.set_xlim(0, 1.45 * counts["pool"].max())
    ax.set_xticks(range(0, int(counts["pool"].max()) + 1, 10))
    fits = counts["unrelated"] + counts["opposed"]
    title = f"The rule decides: {fits.min():.0f} to {fits.max():.0f} of {counts['pool'].max():.0f} invented goals fit"
    return finish(ax, title, "Invented", x="invented goals that fit (hatched: opposed)")


def found_anyway(left: pd.DataFrame, chosen: tuple[float, float, float], ax: Axes | None = None) -> Axes:
    """People helped for each employee and year, over the years counted and the share who would have found work anyway.

    left: index years, one column a share (0-1), values people per employee-year; chosen: years, share and value of the
    parameters.
    """
    ax = ax if ax is not None else canvas(WIDTH, 4.8)
    years, shares = left.index.to_numpy(float), 100 * left.columns.to_numpy(float)
    highest, lowest = left.max(axis=None), left.min(axis=None)
    levels = [level for power in range(-2, 6) for level in (10**power, 3 * 10**power) if lowest < level < highest]
    lines = ax.contour(years, shares, left.T.to_numpy(), levels=levels, colors=IMPLIED, linewidths=2.5)
    ax.clabel(lines, fmt=lambda level: f"{level:g}", fontsize=13, inline_spacing=3)
    ax.plot(1, 0, "s", color=PRINTED, ms=12, clip_on=False)
    label(ax, 1, 0, f"as printed: {highest:,.0f}", PRINTED, xytext=(12, 9), fontsize=13, fontweight="bold")
    at, share, value = chosen
    ax.plot(at, 100 * share, "o", color=INVENTED, ms=11)
    label(ax, at, 100 * share, f"{value:,.2g}", INVENTED, xytext=(9, 9), fontsize=13.5, fontweight="bold")
    ax.set(xlim=(1, years[-1]), ylim=(0, shares[-1]), xticks=[1, 5, 10, 15, years[-1]], yticks=[0, 25, 50, 75, 95])
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:.0f}%"))
    title = f"{highest:,.0f} lives a head; {value:,.2g} a year, if half would have found work anyway"
    title = title if share == 0.5 else f"{highest:,.0f} lives a head; {value:,.2g} a year at the dot"
    words = "would have found work anyway"
    return finish(ax, title, "Implied", "years in which the total came together", words, "if some found work anyway")


def listings(curve: pd.DataFrame, weeks: float, closed: float, ax: Axes | None = None) -> Axes:
    """Listings that close in a year against the weeks one stays open, for a fixed number open at a time.

    curve: columns weeks, low, high (listings a year); weeks and closed: the parameter's point.
    """
    ax = ax if ax is not None else canvas(WIDTH, 4.2)
    ax.fill_between(curve["weeks"], curve["low"], curve["high"], color=IMPLIED, lw=2)
    ax.plot(weeks, closed, "o", color=INVENTED, ms=11)
    words = f"{weeks:g} weeks: {closed:,.0f} a year"
    beside: dict[str, Any] = {"ha": "left", "xytext": (9, 10)}
    if weeks > 15:
        beside = {"ha": "right", "va": "top", "xytext": (-6, -6)}
    label(ax, weeks, closed, words, INVENTED, fontsize=13.5, **beside)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks([1, 2, 4, 8, 13, 26, 52], ["1", "2", "4", "8", "13", "26", "52"])
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    ax.margins(y=0.2)
    ratio = curve["low"].max() / curve["low"].min()
    title = f"One stock; its flows differ {ratio:.0f}-fold"
    return finish(ax, title, "Implied", "weeks a listing stays open", "listings closed a year", "weeks Invented")
