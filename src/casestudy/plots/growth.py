"""Figures on members over time: date windows, a dragged date, ceilings, the future behind a curtain."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from casestudy.plots.language import IMPLIED, INVENTED, PRINTED, QUIET, REPORTED, SOFT, canvas, finish, label

SMALL = 12  # points; still read on a phone
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"]


def month(year: float) -> str:
    """A decimal year as month and year.

    >>> month(2018.7)
    'Sept 2018'
    """
    return f"{MONTHS[int(year % 1 * 12)]} {int(year)}"


def dated_counts(counts: pd.DataFrame, rates: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Printed counts as bars as wide as their date windows, with the rate between neighbours.

    counts: one row a count; members_m (millions), early, middle, late (years), document. rates: one row a pair of
    neighbours; low, middle, high (members a second).
    """
    ax = canvas() if ax is None else ax
    ax.plot(counts["middle"], counts["members_m"], color=QUIET, linewidth=1.5, zorder=1)
    ax.hlines(counts["members_m"], counts["early"], counts["late"], color=PRINTED, linewidth=9)
    for row in counts.itertuples():
        label(ax, row.early, row.members_m, f"{row.members_m:.0f} million ({row.document})", ha="right", xytext=(-8, 6))
    at, height = (counts[name].to_numpy() for name in ("middle", "members_m"))
    for i, rate in enumerate(rates.itertuples()):
        words = f"{rate.middle:.1f} a second ({rate.low:.1f} to {rate.high:.1f})"
        label(ax, at[i : i + 2].mean(), height[i : i + 2].mean(), words, SOFT, xytext=(12, -8), fontsize=SMALL)
    ax.set(xlim=(2009.2, 2026), ylim=(290, 870))
    ax.xaxis.set_major_locator(FixedLocator(range(2010, 2026, 3)))
    low, high = rates["middle"].min(), rates["middle"].max()
    title = f"Between the counts: {low:.1f} to {high:.1f} members a second"
    x = "year (bar: when it can have been counted)"
    return finish(ax, title, "Printed", x=x, y="members (millions)", rests_on="dates Reported")


def ceilings_drawn(ceilings: Mapping[str, np.ndarray], ax: Axes | None = None) -> Axes:
    """Share of date draws whose best logistic ceiling lies below a value; what is missing at the right has none.

    ceilings: millions, one a draw, inf where there is none; by the name of the date windows (two, the article's last).
    """
    ax = canvas() if ax is None else ax
    corners = ((2_000, 91), (2_400, 36))
    for (name, tops), style, corner in zip(ceilings.items(), ("-", "--"), corners, strict=True):
        found = np.sort(tops[np.isfinite(tops)])
        share = 100 * np.arange(1, len(found) + 1) / len(tops)
        ax.step([*found, 1e6], [*share, share[-1]], where="post", color=INVENTED, linestyle=style, linewidth=2.5)
        missing = 100 - share[-1]
        if missing > 3:
            ax.annotate("", (2.5e5, share[-1]), (2.5e5, 100), arrowprops={"arrowstyle": "<->", "color": PRINTED})
            label(ax, 2e5, 100 - missing / 2, f"{missing:.0f}% of draws:\nno ceiling", ha="right", xytext=(0, 0))
        label(ax, *corner, name, INVENTED, xytext=(0, 0), fontsize=SMALL)
    ax.set(xscale="log", xlim=(800, 4e5), ylim=(0, 102))
    ax.xaxis.set_major_locator(FixedLocator([1e3, 1e4, 1e5]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1e3:g} billion"))
    title = f"Dated by its article: {missing:.0f}% of draws have no ceiling"
    return finish(ax, title, "Invented", x="best logistic ceiling at most (members)", y="share of date draws (%)")


def moving_ceilings(reported: pd.DataFrame, curves: pd.DataFrame, tops: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Logistic curves fitted up to several dates, each with its ceiling and the error that it states.

    reported: year, members_m. curves: years as index, one column a fit (millions). tops: one row a fit, in the order
    of the columns; until (year of the last count used), ceiling, stderr (millions).
    """
    ax = canvas(height=4.6) if ax is None else ax
    end = curves.index[-1]
    for name, fit in zip(curves.columns, tops.itertuples(), strict=True):
        ax.plot(curves.index, curves[name], color=QUIET, linewidth=1.8)
        ax.errorbar(end + 0.6, fit.ceiling, 1.96 * fit.stderr, color=PRINTED, capsize=4, marker="_", linewidth=2)
        label(ax, end + 1.2, fit.ceiling, f"{fit.ceiling:,.0f} (seen to {month(fit.until)})", fontsize=SMALL)
    ax.scatter(reported["year"], reported["members_m"], color=REPORTED, s=26, zorder=3)
    label(ax, 2025.6, 1_330, "reported", REPORTED, ha="right", xytext=(-2, 2))
    ax.set(xlim=(2008.5, end + 16), ylim=(0, 2_200))
    ax.xaxis.set_major_locator(FixedLocator(range(2010, 2040, 10)))
    title = f"The ceiling moves: {', '.join(f'{top:,.0f}' for top in tops['ceiling'])} million"
    return finish(ax, title, "Reported", x="year", y="members (millions)")


def drag_and_curtain(
    drag: pd.DataFrame, narrow: tuple[float, float], paths: pd.DataFrame, counts: pd.DataFrame, later: pd.DataFrame
) -> Axes:
    """Above: how well two curves fit as one date is dragged. Below: where they lead, and what came.

    drag: date of the dragged count as index; line, exponential (typical miss, millions). narrow: its own window.
    paths: year as index; line, exponential, and each with _low, _high (millions). counts: year, members_m, the
    dragged one second. later: early, late (years), members_m, relation (= or >), in order of time.
    """
    above, below = canvas(height=7.8, rows=2, gridspec_kw={"height_ratios": [2, 3]})
    best, nearest = _dragged(above, drag, narrow, counts["year"].iloc[1]), _revealed(below, paths, counts, later)
    swap = drag.index[np.argmax((drag["exponential"] < drag["line"]).to_numpy())]
    title = f"Dated after {month(swap)}, the exponential fits better."
    x = "date given to the 575 million\n\n"  # room for the layer of this panel
    finish(above, title, "Implied", x=x, y="typical miss (millions)", rests_on="dates Reported")
    above.figure.texts[-1].set(transform=above.transAxes, position=(1, -0.37))
    title = f"The {best} fits the past; 2026 fits {'it too' if nearest == best else f'the {nearest}'}."
    return finish(below, title, "Reported", x="year", y="members (millions)")


def _dragged(ax: Axes, drag: pd.DataFrame, narrow: tuple[float, float], at: float) -> str:
    """Two misses over the dragged date; the name of the better curve at the date that the page uses."""
    ax.axvspan(*narrow, color=QUIET, alpha=0.35, linewidth=0)
    label(ax, narrow[0], drag.to_numpy().max(), "when\ncounted", SOFT, va="top", fontsize=SMALL)
    for name, style in (("line", "-"), ("exponential", "--")):
        ax.plot(drag.index, drag[name], color=IMPLIED, linestyle=style, linewidth=2.5)
    label(ax, drag.index[-1], drag["line"].iloc[-1], "line", IMPLIED, ha="right", xytext=(-34, 0))
    label(ax, drag.index[-1], drag["exponential"].iloc[-1], "exponential", IMPLIED, ha="right", xytext=(0, -50))
    here = {name: float(np.interp(at, drag.index, drag[name])) for name in drag.columns}
    best = min(here, key=here.__getitem__)
    ax.plot(at, here[best], marker="o", color=PRINTED, markersize=9)
    ax.set(xlim=(drag.index[0] - 0.03, drag.index[-1]), ylim=(0, None))
    ax.xaxis.set_major_locator(FixedLocator([2019, 2019.5, 2020]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: month(year + 0.01)))
    return best


def _revealed(ax: Axes, paths: pd.DataFrame, counts: pd.DataFrame, later: pd.DataFrame) -> str:
    """Two curves past the last count, and the counts that came; the name of the curve nearer to the last of them."""
    last, end = counts["year"].iloc[-1], paths.index[-1]
    ax.axvspan(last + 0.2, end, color=QUIET, alpha=0.18, linewidth=0)
    for name, style, shade in (("line", "-", 0.30), ("exponential", "--", 0.15)):
        ax.fill_between(
            paths.index, paths[f"{name}_low"], paths[f"{name}_high"], color=IMPLIED, alpha=shade, linewidth=0
        )
        ax.plot(paths.index, paths[name], color=IMPLIED, linestyle=style, linewidth=2.5)
    ax.scatter(counts["year"], counts["members_m"], marker="s", color=PRINTED, s=55, zorder=4)
    label(ax, counts["year"].iloc[1], counts["members_m"].iloc[1], "four printed counts", xytext=(8, -14))
    middle = (later["early"] + later["late"]) / 2
    floor = later["relation"] == ">"
    ax.hlines(later["members_m"], later["early"], later["late"], color=REPORTED, linewidth=4, zorder=3)
    ax.scatter(middle[~floor], later["members_m"][~floor], color=REPORTED, s=70, zorder=5)
    ax.scatter(middle[floor], later["members_m"][floor], color=REPORTED, marker="^", s=70, zorder=5)
    truth = later["members_m"].iloc[-1]
    label(ax, middle.iloc[-1], truth, f"{truth:,.0f}", REPORTED, ha="right", fontweight="bold", xytext=(-9, 6))
    at_end = {name: float(np.interp(middle.iloc[-1], paths.index, paths[name])) for name in ("line", "exponential")}
    label(
        ax,
        2022.55,
        1_590,
        "reported later\n(▲: at least)",
        REPORTED,
        va="top",
        xytext=(0, 0),
        fontsize=SMALL,
    )
    label(ax, end, paths["line"].iloc[-1], "line", IMPLIED)
    label(ax, end, paths["exponential"].iloc[-1], "exponential", IMPLIED)
    ax.set(xlim=(2014.5, end + 2.7), ylim=(200, 1_600))
    ax.xaxis.set_major_locator(FixedLocator(range(2015, 2028, 3)))
    return min(at_end, key=lambda name: abs(at_end[name] - truth))


def covering(worlds: pd.DataFrame, truth: float, ax: Axes | None = None) -> Axes:
    """Intervals from invented histories, the longest below; those that miss the truth in colour.

    worlds: low, high; truth in the same unit.
    """
    ax = canvas(height=4.4) if ax is None else ax
    worlds = worlds.iloc[np.argsort(-(worlds["high"] - worlds["low"]).to_numpy(), kind="stable")]
    rows, hit = np.arange(len(worlds)), worlds["low"].le(truth) & worlds["high"].ge(truth)
    for kept, colour, width in ((hit, QUIET, 1.4), (~hit, INVENTED, 2.4)):
        ax.hlines(rows[kept], worlds["low"][kept], worlds["high"][kept], color=colour, linewidth=width)
    ax.axvline(truth, color=PRINTED, linewidth=1.2)
    label(ax, truth, len(worlds), f"put in: {truth:g} a second", PRINTED, xytext=(75, -6))
    ax.set(yticks=[], ylim=(-1, len(worlds) + 4))
    title = f"{(~hit).sum()} of {len(worlds)} invented intervals miss the truth"
    return finish(ax, title, "Invented", x="members a second (95% interval of the line)", y="one bar a history")


def rolling(forecasts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Forecasts from one start after another, each divided by what came: the line's intervals, the exponential's dots.

    forecasts: as from `models.growth.rolling_origins`.
    """
    ax = canvas(height=4.8) if ax is None else ax
    line, growing = (forecasts[forecasts["curve"] == curve] for curve in ("linear", "exponential"))
    place = np.arange(len(line))
    low, high = (np.maximum(line[end] / line["came"], 0.1).to_numpy() for end in ("low", "high"))
    held = (low <= 1) & (high >= 1)
    for inside, colour in ((held, REPORTED), (~held, QUIET)):
        ax.vlines(place[inside], low[inside], high[inside], color=colour, linewidth=7)
    ax.plot(place, growing["forecast"] / growing["came"], "o", color=PRINTED, markersize=6)
    ax.axhline(1, color=PRINTED, linewidth=1.5)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda times, _: f"{times:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
    some = np.linspace(0, len(line) - 1, 5).round().astype(int)
    ax.set_xticks(place[some], [f"{int(year)}" for year in line["origin"].to_numpy()[some]])
    label(ax, place[0], 1, "what came", PRINTED, va="bottom", xytext=(0, 3), fontsize=SMALL)
    at = len(line) // 3
    top = float((growing["forecast"] / growing["came"]).iloc[at])
    label(ax, place[at], top, "exponential", PRINTED, va="bottom", xytext=(0, 9), fontsize=SMALL)
    label(ax, place[at], low[at], "line, its 95% interval", SOFT, xytext=(8, -12), fontsize=SMALL)
    ax.set_xlim(-0.8, len(line) - 0.2)
    title = f"The line's 95% interval held what came in {held.sum()} of {len(line)}"
    return finish(ax, title, "Reported", "start of the forecast", "forecast / what came (log scale)")
