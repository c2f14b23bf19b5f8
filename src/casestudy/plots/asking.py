"""Figures of 06-asking-for-help: a share against n, jars that fill, rules that peek, a trial, windows of dates."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator
from matplotlib.ticker import MaxNLocator, PercentFormatter

from casestudy.plots.language import BAND, IMPLIED, INVENTED, PRINTED, QUIET, REPORTED, SOFT, canvas, finish, label


def share_against_n(curves: pd.DataFrame, share: float, rounding: float, ax: Axes | None = None) -> Axes:
    """Interval of one share against the number asked, once a kind of sample.

    curves: columns n (people), sample (words, two of them), low, high (shares); rounding: half a printed step.
    """
    ax = ax if ax is not None else canvas(height=4.4)
    first, last = curves["n"].min(), curves["n"].max()
    ax.axhspan(100 * (share - rounding), 100 * (share + rounding), color=BAND, linewidth=0)
    (narrow, inner), (wide, outer) = curves.groupby("sample", sort=False)
    ax.plot(inner["n"], 100 * inner[["low", "high"]], color=IMPLIED, linewidth=3)
    ax.plot(outer["n"], 100 * outer[["low", "high"]], "--", color=IMPLIED, linewidth=2)
    label(ax, first, 100 * outer["high"].iloc[0], wide, IMPLIED, xytext=(36, 2), fontsize=13)
    label(ax, first, 100 * (share - rounding), narrow, IMPLIED, xytext=(8, -4), va="top", fontsize=13)
    label(ax, last, 100 * (share + rounding), "rounding", SOFT, ha="right", va="bottom", xytext=(0, 3), fontsize=13)
    ax.set(xscale="log", xlim=(first, last))
    ax.margins(y=0.08)
    ax.set_xticks([100, 1_000, 10_000], ["100", "1,000", "10,000"])
    low, high = 100 * inner.set_index("n").loc[1_000, ["low", "high"]]
    ax.plot([1_000, 1_000], [low, high], "o-", color=PRINTED, linewidth=2, markersize=7)
    label(ax, 1_000, high, f"{high:.0f}%", va="bottom", xytext=(4, 5), fontsize=13, fontweight="bold")
    label(ax, 1_000, low, f"{low:.0f}%", va="top", xytext=(4, -6), fontsize=13, fontweight="bold")
    title = f"{100 * share:g}% of 1,000 people can mean {low:.0f} to {high:.0f}%"
    return finish(
        ax,
        title,
        "Implied",
        x="people asked (printed nowhere), log scale",
        y="per cent who find it hard",
        rests_on="if drawn by chance",
    )


def jars(answers: pd.DataFrame, share: float, room: int, ax: Axes | None = None) -> Axes:
    """One jar a street, five in a row; each answer is a ball, and a jar closes when 'most' is shown.

    answers: columns jar, stranger (from 1), yes, shown; share: of yes in every street; room: balls a jar can hold.
    """
    streets, across = answers["jar"].max(), math.ceil(math.sqrt(room))
    rows, wide, tall = math.ceil(streets / 5), 1.4 * across, 1.6 * across
    ax = ax if ax is not None else canvas(height=1.3 + 1.45 * rows)
    for jar, balls in answers.groupby("jar"):
        left, floor = (jar - 1) % 5 * wide, -((jar - 1) // 5) * tall
        slot = balls["stranger"] - 1
        colours = np.where(balls["yes"], INVENTED, "#C9CED6")
        ax.scatter(left + slot % across, floor + slot // across, s=2400 / across**2, c=colours, linewidths=0)
        shown, top, end = balls["shown"].iloc[0], floor + across, left + across
        colour, width, weight = (INVENTED, 3, "bold") if shown else (SOFT, 1.2, "normal")
        ax.plot([left - 1, left - 1, end, end], [top, floor - 1, floor - 1, top], color=colour, linewidth=width)
        if shown:
            ax.plot([left - 1, end], [top, top], color=INVENTED, linewidth=7)
        middle, below = left + (across - 1) / 2, floor - 1 - 0.06 * across
        words = f"{balls['yes'].sum()} of {len(balls)}"
        ax.text(middle, below, words, ha="center", va="top", color=colour, fontweight=weight, fontsize=13)
    low = -(rows - 1) * tall - 1 - 0.35 * across
    ax.set(xlim=(-1.5, 4 * wide + across + 0.5), ylim=(low, 1.08 * across), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    closed = int(answers.groupby("jar")["shown"].first().sum())
    half = "Half" if share == 0.5 else f"{share:.0%}"
    verb = "shows" if closed == 1 else "show"
    title = f"{half} of each street says yes; {closed or 'none'} of {streets} jars {verb} most"
    return finish(ax, title, "Invented", x="orange: yes; below each jar: yes of asked")


def shown_by(chances: pd.DataFrame, share: float, promise: float, at: int, ax: Axes | None = None) -> Axes:
    """How often each rule has shown 'most' in a street without one, against the strangers asked.

    chances: indexed by strangers asked, one column a rule (each time, from some stranger on, a fair rule); promise:
    what each rule says of itself; at: the number of strangers that the title names, for the first rule.
    """
    ax = ax if ax is not None else canvas(height=4.6)
    looks = [(INVENTED, 4, "-"), (INVENTED, 2.5, "--"), (SOFT, 2.5, "-")]
    for (_, chance), (colour, width, style) in zip(chances.items(), looks, strict=True):
        ax.plot(chances.index, 100 * chance, style, color=colour, linewidth=width)
    each, late, fair = chances.columns
    first, last, top = chances.index[0], chances.index[-1], 100 * chances.iloc[-1]
    for rule, colour, lower in ((each, INVENTED, 0), (late, INVENTED, 0), (fair, SOFT, 8)):
        label(ax, last, top[rule], rule, colour, xytext=(5, -lower), fontsize=13)
    ax.hlines(100 * promise, first, last, color=QUIET, linewidth=2, linestyle=":")
    label(ax, last, 100 * promise, f"promised: {promise:.1%}", SOFT, xytext=(5, 8), fontsize=13)
    told = 100 * chances.at[at, each]
    ax.plot(at, told, "o", color=INVENTED, markersize=10)
    label(ax, at, told, f"{told:.0f}%", INVENTED, xytext=(-8, 8), ha="right", fontsize=14, fontweight="bold")
    ax.set(xscale="log", xlim=(first, 20 * last), ylim=(-0.06 * top[each], 1.1 * top[each]))
    ax.set_xticks([1, 10, 100, 1_000], ["1", "10", "100", "1,000"])
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    title = f"No majority, yet {told:.0f}% of streets show 'most' within {at} strangers"
    return finish(ax, title, "Invented", x="strangers asked, log scale", y=f"streets ({share:.0%} say yes)")


def trials(found: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Difference found by a coin and by choice, with its interval, beside what was put in.

    found: one row a trial, columns by (coin, choice), put_in, difference, low, high (shares); rows of one design stand
    together.
    """
    ax = ax if ax is not None else canvas(height=4.6)
    heads = {"coin": "A coin decides", "choice": "People choose"}
    rows = np.arange(len(found)) + 0.9 * (found["by"] != found["by"].iloc[0]).to_numpy()  # a gap between the designs
    for row, trial in zip(rows, found.itertuples(), strict=True):
        colour, middle = INVENTED if trial.by == "choice" else SOFT, 100 * trial.difference
        ax.vlines(100 * trial.put_in, row - 0.28, row + 0.28, color=PRINTED, linewidth=3, zorder=0)
        ax.plot([100 * trial.low, 100 * trial.high], [row, row], color=colour, linewidth=3)
        ax.plot(middle, row, "o", color=colour, markersize=11)
        ax.text(middle, row - 0.32, f"{round(middle):+d}", ha="center", color=colour, fontsize=13, fontweight="bold")
    ax.set_yticks(
        rows, [f"effect {100 * put_in:+.0f}" if put_in else "no effect" for put_in in found["put_in"]], fontsize=13
    )
    ax.margins(x=0.08)
    for by in found["by"].unique():
        top = rows[(found["by"] == by).to_numpy()].min() - 0.78
        colour, across = INVENTED if by == "choice" else SOFT, ax.get_yaxis_transform()
        ax.text(0.01, top, heads[by], color=colour, transform=across, va="center", fontsize=13, fontweight="bold")
    ax.set_ylim(rows.max() + 0.6, -1.2)
    idle = found[(found["by"] == "choice") & (found["put_in"] == 0)]["difference"].iloc[0]
    title = f"Choice turns no effect into {round(100 * idle):+d} points"
    return finish(ax, title, "Invented", x="points that the prompt seems to add; black: put in")


def calendar(events: pd.DataFrame, reported: pd.Timestamp, open_pair: bool, ax: Axes | None = None) -> Axes:
    """Windows of events as bars, in the order of the rows; the last row is the printed date.

    events: indexed by words, columns earliest, latest (dates), among them `announced` and `new job`, whose order is
    the question; reported: the day that an outside page names for the announcement; open_pair: whether the windows
    leave that order open.
    """
    ax = ax if ax is not None else canvas(height=4.4)
    ax.axvline(reported, color=REPORTED, linewidth=2.5, linestyle="--", zorder=0)
    for row, event in enumerate(events.itertuples()):
        days, asked = max((event.latest - event.earliest).days, 4), event.Index in ("announced", "new job")
        colour = IMPLIED if asked else PRINTED if row == len(events) - 1 else QUIET
        ax.barh(row, days, left=event.earliest, height=0.5, color=colour, linewidth=0)
        if asked:
            words = " to ".join(dict.fromkeys([_day(event.earliest), _day(event.latest)]))  # one day is named once
            after = event.earliest + pd.Timedelta(days=days)
            label(ax, after, row, words, IMPLIED, xytext=(6, 0), fontsize=13, fontweight="bold")
    label(ax, reported, -0.75, f"reported: {_day(reported)}", REPORTED, xytext=(-6, 0), ha="right", fontsize=13)
    ax.set_yticks(np.arange(len(events)), events.index, fontsize=13)
    ax.set_ylim(len(events) - 0.5, -1.15)
    ax.set_xlim(pd.Timestamp(reported.year, 5, 1), pd.Timestamp(reported.year, 12, 31))
    ax.xaxis.set_major_locator(MonthLocator([5, 7, 9, 11]))
    ax.xaxis.set_major_formatter(DateFormatter("%b %Y"))
    title = f"Job or announcement first? {'It stays open' if open_pair else 'The words decide'}"
    return finish(ax, title, "Implied", rests_on="if our windows hold; check Reported")


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {day:%b}"
