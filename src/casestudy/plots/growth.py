"""Figures of a count over time: date windows, a dragged date, ceilings, the future behind a curtain.

Each takes what is counted as `of`, and limits and ticks of its axes; what is not given follows from the data. Times are
decimal years; a series of a few years has months on its axis.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import FuncFormatter, NullLocator

from casestudy.plots.language import IMPLIED, INVENTED, PRINTED, QUIET, REPORTED, SOFT, canvas, finish, label
from casestudy.plots.series import COUNT, FEW_YEARS, Counted, Ends, apart, framed, in_words, month, room

SMALL = 12  # points; still read on a phone
CURVES = ("line", "exponential")
TIMES = {0.1: "a tenth", 0.2: "a fifth", 0.5: "half", 1: "what came", 2: "twice", 5: "5 times"}
NEAR = (0.6, 1.6)  # where all ratios lie between these, they are told in per cent
PER_CENTS = {0.7: "30% less", 0.8: "20% less", 0.9: "10% less", 1: "what came", 1.1: "10% more", 1.25: "25% more"}


def dated_counts(
    counts: pd.DataFrame,
    rates: pd.DataFrame,
    ax: Axes | None = None,
    *,
    of: Counted = COUNT,
    xlim: Ends | None = None,
    ylim: Ends | None = None,
    ticks: Sequence[float] | None = None,
) -> Axes:
    """Printed counts as bars as wide as their date windows, with the rate between neighbours.

    counts: one row a count; count, early, middle, late (years), document. rates: one row a pair of neighbours; low,
    middle, high (in the pace of `of`).
    """
    ax = canvas() if ax is None else ax
    ax.plot(counts["middle"], counts["count"], color=QUIET, linewidth=1.5, zorder=1)
    ax.hlines(counts["count"], counts["early"], counts["late"], color=PRINTED, linewidth=9)
    for early, count, document in zip(counts["early"], counts["count"], counts["document"], strict=True):
        label(ax, early, count, f"{of.said(count)} ({document})", ha="right", xytext=(-8, 6))
    at, height = (counts[name].to_numpy() for name in ("middle", "count"))
    for i, rate in enumerate(rates.itertuples()):
        words = f"{of.paced(rate.middle)} {of.pace} ({of.paced(rate.low)} to {of.paced(rate.high)})"
        label(ax, at[i : i + 2].mean(), height[i : i + 2].mean(), words, SOFT, xytext=(12, -8), fontsize=SMALL)
    times = np.concatenate([counts["early"], counts["late"]])
    framed(ax, xlim or room(times, 0.75, 0.55), ylim or room(counts["count"], 0.13, 0.13), ticks, of)
    low, high = rates["middle"].min(), rates["middle"].max()
    near = "near one line" if rates["low"].max() <= rates["high"].min() else "on no one line"
    number = in_words(len(counts))
    title = f"{number.capitalize()} counts {near}: {of.paced(low)} to {of.paced(high)} {of.pace}"
    x = "year (bar: when it can have been counted)"
    return finish(ax, title, "Printed", x=x, y=of.axis, rests_on="dates Reported")


def ceilings_drawn(
    ceilings: Mapping[str, np.ndarray],
    ax: Axes | None = None,
    *,
    of: Counted = COUNT,
    bands: Sequence[tuple[float, str]] | None = None,
    last: str = "",
) -> Axes:
    """Share of date draws by their best logistic ceiling, a bar for each way to date; the last part has no ceiling.

    ceilings: one a draw, inf where there is none; by the name of the date windows. bands: how the bar is cut, each up
    to a ceiling, with its words; else in thirds of all draws. last: the last way to date, in words for the title.
    """
    ax = canvas(height=3.9) if ax is None else ax
    cut = _bands(np.concatenate(list(ceilings.values())), of) if bands is None else list(bands)
    floors = [-np.inf, *(top for top, _ in cut[:-1])]
    missing = 0.0
    for row, (name, tops) in enumerate(ceilings.items()):
        label(ax, 0, row - 0.36, name, xytext=(0, 0), va="bottom", fontsize=SMALL + 1, fontweight="bold")
        missing = 100 * float(np.isinf(tops).mean())
        told = [
            100 * float(np.mean((tops > low) & (tops <= top) & np.isfinite(tops)))
            for low, (top, _) in zip(floors, cut, strict=True)
        ]
        parts = [*zip(told, (words for _, words in cut), np.linspace(0.85, 0.22, len(cut)), strict=True)]
        left = 0.0
        for share, words, shade in [*parts, (missing, "no ceiling", None)]:
            ink, colour = ("white", PRINTED) if shade is None else (PRINTED, (*to_rgb(INVENTED), shade))
            ax.barh(row, share, left=left, height=0.62, color=colour, edgecolor="white", linewidth=2)
            if share > 12:
                words = f"{share:.0f}%\n{words}"
                label(ax, left + share / 2, row, words, ink, ha="center", xytext=(0, 0), fontsize=SMALL)
            left += share
    ax.set(xlim=(0, 100), ylim=(len(ceilings) - 0.6, -0.75), yticks=[])
    ax.spines["left"].set_visible(False)
    title = f"{last or list(ceilings)[-1]}: {missing:.0f}% of draws have no ceiling"
    x = "best ceiling of the logistic curve, share of date draws (%)"
    return finish(ax, title, "Invented", x=f"{of.unit}s: {x}" if bands is None and of.unit else x)


def _bands(tops: np.ndarray, of: Counted) -> list[tuple[float, str]]:
    """Thirds of the ceilings that there are."""
    some = tops[np.isfinite(tops)]
    low, high = np.quantile(some, [1 / 3, 2 / 3]) if some.size else (0.0, 0.0)
    first, second = of.number.format(low), of.number.format(high)
    return [(low, f"up to\n{first}"), (high, f"{first} to\n{second}"), (np.inf, f"over\n{second}")]


def moving_ceilings(
    reported: pd.DataFrame,
    curves: pd.DataFrame,
    tops: pd.DataFrame,
    ax: Axes | None = None,
    *,
    of: Counted = COUNT,
    xlim: Ends | None = None,
    ylim: Ends | None = None,
    ticks: Sequence[float] | None = None,
) -> Axes:
    """Logistic curves fitted up to several dates, each with its ceiling and the error that it states.

    reported: year, count. curves: years as index, one column a fit. tops: one row a fit, in the order of the columns;
    until (year of the last count used), ceiling, stderr. All counts in one unit.
    """
    ax = canvas(height=4.6) if ax is None else ax
    end, span = curves.index[-1], float(np.ptp(curves.index))
    x, y = (
        room(curves.index, 0, 0.58),
        room([0, *reported["count"], *(tops["ceiling"] + 1.96 * tops["stderr"])], 0, 0.1),
    )
    framed(ax, xlim or x, ylim or y, ticks, of)
    heights = apart(tops["ceiling"].to_numpy(), 0.05 * float(np.ptp(ax.get_ylim())))
    for name, fit, height in zip(curves.columns, tops.itertuples(), heights, strict=True):
        ax.plot(curves.index, curves[name], color=QUIET, linewidth=1.8)
        at = end + 0.022 * span
        ax.errorbar(at, fit.ceiling, 1.96 * fit.stderr, color=PRINTED, capsize=4, marker="_", linewidth=2)
        words = f"{of.number.format(fit.ceiling)} (seen to {month(fit.until)})"
        label(ax, end + 0.044 * span, height, words, fontsize=SMALL)
    ax.scatter(reported["year"], reported["count"], color=REPORTED, s=26, zorder=3)
    last, count = reported["year"].iloc[-1], reported["count"].iloc[-1]
    label(ax, last, count, "reported", REPORTED, ha="right", xytext=(-8, 4))
    moved = tops["ceiling"].diff().abs()[1:].to_numpy() > 1.96 * tops["stderr"][:-1].to_numpy()
    told = ", ".join(map(of.number.format, tops["ceiling"]))
    title = f"The ceiling {'moves' if moved.any() else 'stays'}: {told} {of.unit}".strip()
    return finish(ax, title, "Reported", x="year", y=of.axis)


def dragged(
    drag: pd.DataFrame,
    narrow: Ends,
    ax: Axes | None = None,
    *,
    of: Counted = COUNT,
    what: str = "date given to the count",
    xlim: Ends | None = None,
    ticks: Sequence[float] | None = None,
) -> Axes:
    """How far two curves miss the printed counts, as one date is dragged.

    drag: date of the dragged count as index; line, exponential (typical miss, in the unit of `of`). narrow: its own
    window. what: the dragged date, in words.
    """
    ax = canvas(height=3.6) if ax is None else ax
    better = (drag["exponential"] < drag["line"]).to_numpy()
    top = drag.to_numpy().max()
    ax.axvspan(*narrow, color=QUIET, alpha=0.35, linewidth=0)
    label(ax, narrow[0], top, "its own\nwindow", SOFT, va="top", xytext=(3, 0), fontsize=SMALL)
    for name, style in (("line", "-"), ("exponential", "--")):
        ax.plot(drag.index, drag[name], color=IMPLIED, linestyle=style, linewidth=3)
        label(ax, drag.index[-1], drag[name].iloc[-1], name, IMPLIED, fontweight="bold")
    title = f"Whatever its date, the {'exponential' if better.any() else 'line'} fits better"
    if better.any() and not better.all():
        swap = drag.index[np.argmax(better)]
        ax.axvline(swap, color=PRINTED, linewidth=1.2)
        label(ax, swap, 0.06 * top, "from here on the exponential misses by less", fontsize=SMALL)
        title = f"Dated after {month(swap)}, the exponential fits better"
    framed(ax, xlim or room(drag.index, 0.02, 0.25), (0, 1.05 * top), ticks, of)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: month(year + 0.01)))
    y = f"typical miss ({of.unit}s)" if of.unit else "typical miss"
    return finish(ax, title, "Implied", x=what, y=y, rests_on="dates Reported")


def curtain(
    paths: pd.DataFrame,
    counts: pd.DataFrame,
    later: pd.DataFrame,
    ax: Axes | None = None,
    *,
    of: Counted = COUNT,
    xlim: Ends | None = None,
    ylim: Ends | None = None,
    ticks: Sequence[float] | None = None,
) -> Axes:
    """Two curves through the printed counts, where they lead, and the counts that came.

    paths: year as index; line, exponential, and each with _low, _high. counts: year, count. later: early, late (years),
    count, relation (= or >), in order of time. All counts in one unit.
    """
    ax = canvas(height=5.0) if ax is None else ax
    last, end = counts["year"].iloc[-1], paths.index[-1]
    span = end - paths.index[0]
    low, high = ylim or room([*paths.to_numpy().ravel(), *counts["count"], *later["count"]], 0.05, 0.12)
    framed(ax, xlim or room(paths.index, 0.04, 0.26), (low, high), ticks, of)
    ax.axvspan(last + 0.017 * span, end, color=QUIET, alpha=0.16, linewidth=0)
    label(
        ax,
        last + 0.03 * span,
        high - 0.03 * (high - low),
        "after the last printed count",
        SOFT,
        va="top",
        xytext=(0, 0),
        fontsize=SMALL,
    )
    for name, style, shade in (("exponential", "--", 0.12), ("line", "-", 0.28)):
        band = [paths[f"{name}_{side}"] for side in ("low", "high")]
        ax.fill_between(paths.index, *band, color=IMPLIED, alpha=shade, linewidth=0)
        ax.plot(paths.index, paths[name], color=IMPLIED, linestyle=style, linewidth=2.5)
        label(ax, end, paths[name].iloc[-1], name, IMPLIED, fontweight="bold")
    ax.scatter(counts["year"], counts["count"], marker="s", color=PRINTED, s=55, zorder=4)
    second, words = min(1, len(counts) - 1), f"{in_words(len(counts))} printed counts"
    label(ax, counts["year"].iloc[second], counts["count"].iloc[second], words, xytext=(10, -16))
    middle = (later["early"] + later["late"]) / 2
    ax.hlines(later["count"], later["early"], later["late"], color=REPORTED, linewidth=4, zorder=3)
    for marker, here in (("o", later["relation"] != ">"), ("^", later["relation"] == ">")):
        ax.scatter(middle[here], later["count"][here], color=REPORTED, marker=marker, s=80, zorder=5)
    truth = later["count"].iloc[-1]
    words = f"reported later: {of.number.format(truth)}" + (
        "\n(▲: at least)" if (later["relation"] == ">").any() else ""
    )
    label(ax, middle.iloc[-1], truth, words, REPORTED, ha="right", fontweight="bold", xytext=(-12, 14), fontsize=SMALL)
    best, nearest = _best(paths, counts), _nearest(paths, middle.iloc[-1], truth)
    when = month(middle.iloc[-1]) if span <= FEW_YEARS else int(middle.iloc[-1])
    title = f"The {best} fits the past; {when} fits {'it too' if nearest == best else f'the {nearest}'}"
    return finish(ax, title, "Reported", x="year", y=of.axis, rests_on="curves Implied")


def _best(paths: pd.DataFrame, counts: pd.DataFrame) -> str:
    """The curve that misses the printed counts by less."""
    at = {name: np.interp(counts["year"], paths.index, paths[name]) - counts["count"] for name in CURVES}
    miss = {name: float((off**2).sum()) for name, off in at.items()}
    return min(miss, key=miss.__getitem__)


def _nearest(paths: pd.DataFrame, year: float, truth: float) -> str:
    """The curve that comes nearer to what came."""
    return min(CURVES, key=lambda name: abs(float(np.interp(year, paths.index, paths[name])) - truth))


def covering(
    worlds: pd.DataFrame, truth: float, ax: Axes | None = None, *, of: Counted = COUNT, what: str = "95% interval"
) -> Axes:
    """Intervals from invented histories, the longest below; those that miss the truth in colour.

    worlds: low, high; truth in the same unit, the pace of `of`. what: the intervals, in words.
    """
    ax = canvas(height=4.4) if ax is None else ax
    worlds = worlds.iloc[np.argsort(-(worlds["high"] - worlds["low"]).to_numpy(), kind="stable")]
    rows, hit = np.arange(len(worlds)), worlds["low"].le(truth) & worlds["high"].ge(truth)
    for kept, colour, width in ((hit, QUIET, 1.4), (~hit, INVENTED, 2.4)):
        ax.hlines(rows[kept], worlds["low"][kept], worlds["high"][kept], color=colour, linewidth=width)
    ax.axvline(truth, color=PRINTED, linewidth=1.2)
    label(ax, truth, len(worlds), f"put in: {truth:g} {of.pace}", PRINTED, xytext=(75, -6))
    ax.set(yticks=[], ylim=(-1, len(worlds) + 4))
    title = f"{(~hit).sum()} of {len(worlds)} invented intervals miss the truth"
    return finish(ax, title, "Invented", x=what, y="one bar a history")


def rolling(forecasts: pd.DataFrame, ax: Axes | None = None, *, ticks: Mapping[float, str] | None = None) -> Axes:
    """Forecasts from one start after another, each divided by what came: the line's intervals, the exponential's dots.

    forecasts: as from `models.growth.rolling`, of the curves linear and, where it is there, exponential; of a series
    above zero. ticks: ratios on the axis, with their words.
    """
    if not (forecasts["came"] > 0).all():
        raise ValueError(f"a ratio needs what came to be positive: got {forecasts['came'].min():g}")
    ax = canvas(height=4.8) if ax is None else ax
    line, growing = (forecasts[forecasts["curve"] == curve] for curve in ("linear", "exponential"))
    place = np.arange(len(line))
    ratios = np.concatenate(
        [line["low"] / line["came"], line["high"] / line["came"], growing["forecast"] / growing["came"]]
    )
    near = NEAR[0] <= np.nanmin(ratios) and np.nanmax(ratios) <= NEAR[1]
    words = ticks or (PER_CENTS if near else TIMES)
    low, high = (np.maximum(line[end] / line["came"], min(words)).to_numpy() for end in ("low", "high"))
    held = ((line["low"] <= line["came"]) & (line["came"] <= line["high"])).to_numpy()
    for inside, colour in ((held, REPORTED), (~held, QUIET)):
        ax.vlines(place[inside], low[inside], high[inside], color=colour, linewidth=7)
    ax.axhline(1, color=PRINTED, linewidth=1.5)
    ax.set_yscale("log")
    if ticks is None:
        least, most, above = (0.9, 1.1, 1.04) if near else (0.5, 2, 1.2)
        ax.set_ylim(bottom := min(np.nanmin(low), least) / 1.03, top := max(np.nanmax(ratios), most) * above)
        words = {at: word for at, word in words.items() if bottom <= at <= top}
    ax.set_yticks(list(words), list(words.values()))
    ax.yaxis.set_minor_locator(NullLocator())
    some = np.unique(np.linspace(0, len(line) - 1, 5).round().astype(int))
    starts = line["origin"].to_numpy()[some]
    ax.set_xticks(place[some], [month(year) if np.ptp(starts) <= FEW_YEARS else f"{int(year)}" for year in starts])
    at = len(line) // 3
    if len(growing):
        told = (growing["forecast"] / growing["came"]).to_numpy()
        ax.plot(place, told, "o", color=PRINTED, markersize=6)
        rises = np.log(np.nanmax(told[at : at + 9]) / told[at]) > 0.02 * np.ptp(np.log(ax.get_ylim()))
        at = int(np.nanargmax(told)) if rises else at
        side = "right" if at > 0.7 * len(line) else "left"
        label(ax, place[at], told[at], "exponential", ha=side, va="bottom", xytext=(0, 9), fontsize=SMALL)
    _told(ax, place, held, low)
    ax.set_xlim(-0.8, len(line) - 0.2)
    title = f"The line's interval held what came in {held.sum()} of {len(line)}"
    return finish(ax, title, "Reported", "start of the forecast", "forecast, beside what came (log scale)")


def _told(ax: Axes, place: np.ndarray, held: np.ndarray, low: np.ndarray) -> None:
    """Words under a bar that held what came, near the middle, and under one that did not, clear of the first."""
    at, here = len(place) // 3, -1
    if held.any():
        here = int(place[held][np.argmin(np.abs(place[held] - len(place) / 2))])
        words = f"{held.sum()} that hold\nwhat came"
        label(ax, here, low[here], words, REPORTED, va="top", xytext=(4, -10), fontsize=SMALL, fontweight="bold")
    if (missed := place[~held]).size:
        near = here >= 0 and abs(np.log(low[at] / low[here])) < 0.1 * np.ptp(np.log(ax.get_ylim()))
        there = missed[0] if near or at not in missed else at
        label(ax, there, low[there], "line: its 95% interval misses", SOFT, xytext=(8, -14), fontsize=SMALL)
