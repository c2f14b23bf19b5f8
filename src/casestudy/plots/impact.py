"""Figures of 08-purpose-and-impact: the map, the purpose-match machine, its dial, the shrinking 600, listings."""

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


def machine(goals: pd.DataFrame, real: pd.Series, rule: str, ax: Axes | None = None) -> Axes:
    """Each goal a dot over its score, the article's own as dark diamonds.

    goals: columns organisation, kind (unrelated, opposed), score; real: score by name; rule: how loosely it matches.
    """
    ax = ax if ax is not None else canvas(WIDTH, 5.2)
    wide, tallest = 5, 0.0
    for score, group in goals.sort_values("kind", ascending=False, kind="stable").groupby("score"):
        for slot, kind in enumerate(group["kind"]):
            x, y = score + 0.16 * (slot % wide - (wide - 1) / 2), slot // wide
            ax.plot(x, y, "o", ms=13, color=INVENTED, mfc=INVENTED if kind == "unrelated" else "none", mew=2.5)
        tallest = max(tallest, (len(group) - 1) // wide)
        label(ax, score, -1.0, f"{len(group)}", INVENTED, ha="center", xytext=(0, 0), fontsize=15, fontweight="bold")
    for score, group in real.groupby(real):
        top = (int((goals["score"] == score).sum()) - 1) // wide + 1.4
        for step, name in enumerate(group.index):
            ax.plot(score - 0.32, top + step, "D", color=PRINTED, ms=12)
            label(ax, score - 0.32, top + step, name, PRINTED, xytext=(11, 0), fontsize=13.5, fontweight="bold")
        tallest = max(tallest, top + len(group) - 1)
    ax.set(xlim=(-0.5, 2.55), ylim=(-1.5, tallest + 0.9), yticks=[])
    ax.set_xticks([0, 1, 2], ["neither", "one", "both: it 'fits'"], fontsize=13)
    ax.spines["left"].set_visible(False)
    as_high = goals.loc[goals["score"] >= real.mean(), "kind"]
    title = f"{len(as_high)} of {len(goals)} invented goals do as well, {(as_high == 'opposed').sum()} opposed"
    key = "◆ the article's   ● unrelated   ○ opposed"
    return finish(ax, title, "Invented", x=f"does it name people? an opportunity? (rule '{rule}')\n{key}")


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


def shrinking(curves: pd.DataFrame, printed: float, chosen: float, ax: Axes | None = None) -> Axes:
    """People for each employee and year against the years that the total took, one curve a share found anyway.

    curves: index years, one column a share (0-1); printed: people per employee over all years; chosen: the share of
    the parameter, drawn strongly.
    """
    ax = ax if ax is not None else canvas(WIDTH, 4.4)
    for share in curves:
        strong = share == chosen
        ax.plot(curves.index, curves[share], color=IMPLIED, lw=4 if strong else 2)
        style = {"fontsize": 13, "fontweight": "bold" if strong else "normal", "annotation_clip": False}
        label(ax, curves.index[-1], curves[share].iloc[-1], f"{100 * share:.0f}%", IMPLIED, **style)
    last = curves.index[-1]
    words = "share that would have\nfound work anyway:"
    ax.text(0.99, 0.66, words, color=IMPLIED, ha="right", va="center", fontsize=13, transform=ax.transAxes)
    ax.plot(curves.index[0], printed, "s", color=PRINTED, ms=10)
    label(ax, curves.index[0], printed, f"as printed: {printed:,.0f}", PRINTED, xytext=(10, 6), fontsize=13)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.4g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.margins(y=0.1)
    ax.set_xlim(0, last * 1.02)
    ax.set_xticks([1, 5, 10, 15, int(last)])
    low, high = curves.min().min(), curves.max().max()
    title = f"{high:,.0f} a year, or {low:,.2g}: what is missing decides"
    return finish(
        ax, title, "Implied", "years in which the total came together", "people per employee-year", "shares Invented"
    )


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
