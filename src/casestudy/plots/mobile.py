"""Figures on the mobile share of support cases: what the move of visits does alone, and what two points cannot tell."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import NDArray

from casestudy.intervals import Interval
from casestudy.plots.language import IMPLIED, INVENTED, PRINTED, QUIET, REPORTED, SOFT, canvas, finish, label

WIDTH = 5.4  # inches; narrow, so that words stay legible on a phone


def sampling_and_rounding(curve: pd.DataFrame, rounding: Interval, ax: Axes | None = None) -> Axes:
    """Interval of the change against the number of cases, over the band that rounding leaves.

    curve: one row an n: n, low, high, width; rounding: (low, high); all in points of share (0-1).
    """
    ax = canvas(width=WIDTH) if ax is None else ax
    low, high = (100 * end for end in rounding)
    ax.axhspan(low, high, color=IMPLIED, alpha=0.25, lw=0)
    ax.plot(curve["n"], 100 * curve["low"], color=PRINTED)
    ax.plot(curve["n"], 100 * curve["high"], color=PRINTED)
    ax.axhline(0, color=QUIET, lw=1)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    crossing = curve[curve["width"] < rounding[1] - rounding[0]].iloc[0]
    about = f"about {_round(crossing['n']):,.0f} cases"
    ax.plot(crossing["n"], 100 * crossing["high"], "o", color=PRINTED, ms=9)
    label(ax, crossing["n"], 100 * crossing["high"], about, fontsize=13, ha="center", va="bottom", xytext=(8, 12))
    first = curve.iloc[0]
    label(ax, first["n"], (low + high) / 2, f"rounding: {low:.0f} to {high:.0f} points", IMPLIED, fontsize=13)
    label(ax, first["n"] * 2.2, 100 * first["high"] - 2, "chance: 95% of samples", PRINTED, fontsize=13)
    title = f"From {about} on, chance matters less than rounding"
    axes = {"x": "cases a period (printed nowhere)", "y": "rise, percentage points"}
    return finish(ax, title, "Implied", **axes, rests_on="if cases come by chance")


def _round(n: float) -> float:
    """To one significant digit, as 'about' wants it."""
    size = 10 ** np.floor(np.log10(n))
    return float(np.round(n / size) * size)


def mix_effect(shares: Mapping[str, tuple[Interval, Interval]], fewer: float, ax: Axes | None = None) -> Axes:
    """Two pairs of bars: visits move to phones, cases per visit of each device stay, the share of cases follows.

    shares: for 'visits' and 'cases' the (low, high) range before and after, 0-1; fewer: how many times fewer cases a
    phone visit brings, the same before and after.
    """
    ax = canvas(width=WIDTH, height=4.4) if ax is None else ax
    for left, (name, pair) in zip((0, 2.6), shares.items(), strict=True):
        for side, (low, high) in enumerate(pair):
            middle, colour = 50 * (low + high), (QUIET, IMPLIED)[side]
            ax.bar(left + side, middle, width=0.86, color=colour)
            ax.plot([left + side] * 2, [100 * low, 100 * high], color=PRINTED, lw=2)
            style = {"ha": "center", "va": "bottom", "xytext": (0, 4), "fontsize": 16, "fontweight": "bold"}
            label(ax, left + side, 100 * high, f"{middle:.0f}%", PRINTED, **style)
        style = {"ha": "center", "va": "top", "xytext": (0, -42), "annotation_clip": False, "fontweight": "bold"}
        label(ax, left + 0.5, 0, f"{name} by phone", PRINTED, **style)
    rates = f"cases per visit frozen:\n1 by phone,\n{fewer:.1f} elsewhere"
    label(ax, 3.1, 100 * shares["visits"][1][1] + 1, rates, IMPLIED, ha="center", va="top", xytext=(0, 0), fontsize=13)
    ax.set_xticks([0, 1, 2.6, 3.6], ["before\n(needed)", "after", "before", "after"])
    ax.set_ylim(0, 116 * shares["visits"][1][1])
    ax.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    first, last = (50 * sum(pair) for pair in shares["cases"])
    title = f"{first:.0f}% can become {last:.0f}% with nobody filing more"
    return finish(ax, title, "Implied", x="\n", y="share by phone", rests_on="if rates stay")


def traffic_over_time(
    reported: pd.DataFrame, needed: Interval, crossing: Mapping[str, Interval], ax: Axes | None = None
) -> Axes:
    """Reported mobile shares of traffic, each with its metric; the shares that matter, and when they were passed.

    reported: one row a report: year, share, metric; needed: shares that traffic alone would have to start from;
    crossing: for 'needed' and 'half' the earliest and latest year at which a line through the points gets there.
    """
    ax = canvas(width=WIDTH, height=4.4) if ax is None else ax
    ax.axvspan(2014, 2015, color=QUIET, alpha=0.25, lw=0)
    words = {"xytext": (0, 0), "fontsize": 12.5}
    label(ax, 2014.5, 7, "2014: the\nprinted year", PRINTED, ha="center", **words)
    ax.axhspan(100 * needed[0], 100 * needed[1], color=IMPLIED, alpha=0.25, lw=0)
    ax.axhline(50, color=IMPLIED, lw=1)
    for name, height, said in (("needed", 50 * sum(needed), "start needed"), ("half", 50, "half")):
        label(ax, 2011.1, height, said, IMPLIED, **words | {"xytext": (0, 0 if name == "needed" else 10)})
        ax.plot(crossing[name], [height] * 2, color=REPORTED, lw=8, alpha=0.6, solid_capstyle="butt")
        first, last = (month(year) for year in crossing[name])
        beside = {"xytext": (0, -10), "va": "top", "ha": "right"} if name == "half" else {"xytext": (6, 0)}
        x = 2016.35 if name == "half" else crossing[name][1]
        label(ax, x, height, f"reached {first}\nto {last}", REPORTED, **words | beside, fontweight="bold")
    for metric, mark in zip(dict.fromkeys(reported["metric"]), "sDo", strict=True):
        rows = reported[reported["metric"] == metric]
        ax.plot(rows["year"], 100 * rows["share"], mark, color=REPORTED, ms=9, mfc="white", mew=2.5)
        first = rows.iloc[0]
        beside = {"ha": "right", "xytext": (-10, 0)} if metric == "unique visitors" else {"xytext": (10, -4)}
        if metric == "traffic":
            first, beside = rows.iloc[-1], {"ha": "right", "xytext": (-10, 8)}
        label(ax, first["year"], 100 * first["share"], metric, REPORTED, fontsize=12.5, **beside)
    ax.set_xlim(2011, 2016.4)
    ax.set_ylim(0, 62)
    ax.set_xticks(range(2011, 2017))
    ax.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    between = " and ".join(map(month, crossing["half"]))
    title = f"Half of traffic came by phone some time between {between}"
    axes = {"x": "start of the year", "y": "reported mobile share"}
    return finish(ax, title, "Reported", **axes, rests_on="if the measures are one; start needed Implied")


def month(year: float) -> str:
    """The month of a decimal year, in words.

    >>> month(2014.66), month(2015.0)
    ('Aug 2014', 'Jan 2015')
    """
    whole = int(year)
    day = pd.Timestamp(year=whole, month=1, day=1) + pd.Timedelta(days=365 * (year - whole))
    return f"{day.month_name()[:3]} {day.year}"


def scenarios(
    curves: pd.DataFrame, points: Mapping[float, float], years: Mapping[float, float], ax: Axes | None = None
) -> Axes:
    """Logistic curves through the same two points, one a ceiling, to where they reach half.

    curves: index in years since the second point, one column a ceiling, shares 0-1; points: share by year; years: for
    each ceiling the year at which half is reached, infinite where never.
    """
    ax = canvas(width=WIDTH) if ax is None else ax
    ax.axhline(50, color=QUIET, lw=1)
    for ceiling, style in zip(curves, (":", "--", "-"), strict=True):
        ax.plot(curves.index, 100 * curves[ceiling], style, color=IMPLIED)
        outside = {"fontsize": 12.5, "annotation_clip": False}
        label(ax, curves.index[-1], 100 * curves[ceiling].iloc[-1], f"ends at {ceiling:.0%}", IMPLIED, **outside)
        ax.plot(years[ceiling], 50, "o", color=IMPLIED, ms=8) if np.isfinite(years[ceiling]) else None
    reached = sorted(year for year in years.values() if np.isfinite(year))
    when = f"after {reached[0]:.1f} to {reached[-1]:.1f} years" if reached else "never"
    label(ax, curves.index[0] - 1, 50, f"half of all cases\n{when}", IMPLIED, xytext=(2, 6), va="bottom", fontsize=13)
    ax.plot(list(points), [100 * share for share in points.values()], "o", color=PRINTED, ms=9)
    for year, share in points.items():
        label(ax, year, 100 * share, f"{100 * share:.0f}%", PRINTED, ha="center", xytext=(0, 14))
    ax.set_ylim(0, 100)
    ax.set_xlim(curves.index[0] - 1, curves.index[-1])
    ax.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    title = f"{len(points)} points fit {len(curves.columns)} futures exactly"
    axes = {"x": "years since the second share", "y": "cases by phone"}
    return finish(ax, title, "Implied", **axes, rests_on="if growth is an S-curve")


def invented_trend(months: pd.DataFrame, trend: float, axes: NDArray[np.object_] | None = None) -> Axes:
    """Invented months twice: the mobile share of cases, and what is left of it once traffic is taken away.

    months: one row a month: year, cases, mobile_cases, per_visit (cases per mobile visit for one per other visit) and
    put_in (the same, as it was put in); trend: the yearly growth of put_in.
    """
    axes = canvas(width=WIDTH, height=5.0, rows=2, sharex=True) if axes is None else axes
    share = 100 * months["mobile_cases"] / months["cases"]
    axes[0].plot(months["year"], share, "o", color=INVENTED, ms=5)
    axes[1].plot(months["year"], months["put_in"], color=QUIET, lw=3)
    axes[1].plot(months["year"], months["per_visit"], "o", color=INVENTED, ms=5)
    axes[0].set_ylim(0, 1.1 * share.max())
    axes[1].set_ylim(0, 1.6 * months["per_visit"].max())
    label(axes[0], 0, share.max(), "share of cases by phone", INVENTED, fontsize=13)
    label(axes[1], 0, 1.4 * months["per_visit"].max(), "cases per phone visit (elsewhere: 1)", INVENTED, fontsize=13)
    label(axes[1], 4, months["put_in"].iloc[-1], "put in", SOFT, fontsize=13, annotation_clip=False)
    axes[0].yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    axes[0].yaxis.set_major_formatter(PercentFormatter(decimals=0))
    axes[1].xaxis.set_major_locator(MultipleLocator(1))
    axes[1].set_xlabel("years since the first invented month")
    words = "The share of cases climbs; nobody changes" if trend == 0 else f"Habits move by {100 * trend:+.0f}% a year"
    return finish(axes[0], words, "Invented")
