"""Figures of 00-the-case: five articles in time, the wall of claims, a mean that most support cases never met."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from casestudy.plots.language import FAILED, INVENTED, PRINTED, QUIET, REPORTED, SOFT, canvas, finish, label

EVIDENCE = {  # what is known of a claim: colour of the tile, of what is written in it, and its mark
    "survived": ("#332288", "white", "✓"),
    "failed": (FAILED, "white", "✕"),
    "undefined": ("#EBCB6B", PRINTED, "?"),
    "untested": ("#DCE1E8", PRINTED, "–"),
    "furniture": ("white", SOFT, " "),
}
MEANING = {
    "survived": "survived a test",
    "failed": "failed a test",
    "undefined": "lack a scale, a base or a number",
    "untested": "for which we have no test",
    "furniture": "on the page, but not the article's",
}
ACROSS = 14  # tiles in a row, so that each can be read on a phone
GAP = 0.05  # left free around a tile, whose side is 1
LATE = 2018  # a bar that ends later has its words end with it, so that they stay inside


def timeline(articles: pd.DataFrame, counts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """When each article can have been written (bars), and when the number of members in it was true (dots).

    articles: indexed by id, columns voice, date_earliest, date_latest, date_basis; counts: at most one row an article,
    columns document, as_of_earliest, as_of_latest, label (words). A count that ended before its article began is red.
    """
    ax = ax if ax is not None else canvas(6.4, 1.3 + 0.86 * len(articles))
    order = articles.sort_values("date_earliest").index
    for row, article in enumerate(articles.loc[order].itertuples()):
        seen = article.date_basis == "printed"
        begin, end = _year(article.date_earliest), _year(article.date_latest)
        ax.barh(row, max(end - begin, 0.08), left=begin, height=0.4, color=PRINTED if seen else "#B9E0D3", zorder=1)
        words = f"{article.voice}: {_window(article.date_earliest, article.date_latest)}, {article.date_basis}"
        at, side, weight = (*((end, "right") if end > LATE else (begin, "left")), "bold" if seen else "normal")
        label(ax, at, row - 0.27, words, ha=side, va="bottom", xytext=(0, 0), fontsize=12, fontweight=weight)
    begins = articles["date_earliest"]
    for count in counts.itertuples():
        row, begin = order.get_loc(count.document), _year(begins[count.document])
        middle = (_year(count.as_of_earliest) + _year(count.as_of_latest)) / 2
        stale = count.as_of_latest < begins[count.document]
        colour, words = (FAILED, f"{count.label}, outgrown") if stale else (REPORTED, count.label)
        ax.plot([middle, max(middle, begin)], [row, row], color=colour, linewidth=2, linestyle=":")
        ax.plot(middle, row, "o", color=colour, markersize=9, markeredgecolor="white", zorder=3)
        at = min(middle, begin)
        label(ax, at, row, words, colour, ha="right", xytext=(-10, 0), fontsize=12.5, fontweight="bold")
    ax.set_yticks(range(len(order)), order)
    ax.set(ylim=(len(order) - 0.45, -0.75), xlim=(2012.6, _year(articles["date_latest"].max()) + 0.2))
    ax.set_xticks(range(2014, 2023, 2))
    printed = int((articles["date_basis"] == "printed").sum())
    outgrown = int((counts["as_of_latest"] < counts["document"].map(begins)).sum())
    title = f"{printed} of {len(articles)} articles {'prints its date' if printed == 1 else 'print their dates'}; "
    title += f"{outgrown} of {len(counts)} counts {'was' if outgrown == 1 else 'were'} outgrown"
    x = "bar: when it was written; dot: when its count was true"
    return finish(ax, title, "Printed", x=x, rests_on="dates Reported")


def _window(begin: pd.Timestamp, end: pd.Timestamp) -> str:
    """Two days in words, to the month; one day in full."""
    if begin == end:
        return f"{begin.day} {begin:%b %Y}"
    return f"{begin:%b} to {end:%b %Y}" if begin.year == end.year else f"{begin:%b %Y} to {end:%b %Y}"


def _year(day: pd.Timestamp) -> float:
    return day.year + (day.day_of_year - 0.5) / 365.25


def wall(tiles: pd.DataFrame, headings: pd.Series, ax: Axes | None = None) -> Axes:
    """One tile a claim, article by article in the order of its paragraphs: number of the paragraph, colour and mark.

    tiles: one row a claim, columns document, paragraph, evidence (a key of EVIDENCE), severity (of a test, 0 to 1);
    headings: words for each document, in order.
    """
    counts = tiles["evidence"].value_counts().reindex(EVIDENCE, fill_value=0)
    blocks = [tiles[tiles["document"] == document] for document in headings.index]
    deep = sum(0.78 + -(-len(block) // ACROSS) for block in blocks)
    top = 1.02 * len(EVIDENCE) + 0.2
    ax = ax if ax is not None else canvas(6.4, 0.45 * (deep + top) + 0.95)
    for row, (kind, count) in enumerate(counts.items()):
        _tile(ax, 0, 1.02 * row, EVIDENCE[kind], None)
        shares = tiles.loc[tiles["evidence"] == kind, "severity"] if kind in ("survived", "failed") else []
        told = f"; severity {_between(shares)}" if len(shares) else ""
        ax.text(1.2, 1.02 * row + 0.5, f"{count} {MEANING[kind]}{told}", va="center", fontsize=13.5)
    y = top
    for heading, block in zip(headings, blocks, strict=True):
        ax.text(0.05, y + 0.45, heading, va="center", fontsize=13, fontweight="bold")
        y += 0.78
        for slot, tile in enumerate(block.itertuples()):
            _tile(ax, slot % ACROSS, y + slot // ACROSS, EVIDENCE[tile.evidence], tile.paragraph)
        y += -(-len(block) // ACROSS)
    ax.set(xlim=(0, ACROSS), ylim=(y, -0.1), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    tested = counts["survived"] + counts["failed"]
    title = f"{tested} of {len(tiles)} claims were tested; {counts['survived']} survived"
    return finish(ax, title, "Printed", rests_on="some marks Reported")


def _between(shares: pd.Series) -> str:
    low, high = (f"{round(100 * share)}" for share in (shares.min(), shares.max()))
    return f"{low}%" if low == high else f"{low} to {high}%"


def _tile(ax: Axes, x: float, y: float, look: tuple[str, str, str], number: int | None) -> None:
    colour, ink, mark = look
    edge = QUIET if colour == "white" else colour
    ax.add_patch(Rectangle((x + GAP, y + GAP), 1 - 2 * GAP, 1 - 2 * GAP, facecolor=colour, edgecolor=edge))
    centred: dict[str, Any] = {"ha": "center", "va": "center", "color": ink, "fontweight": "bold"}
    if number is None:
        ax.text(x + 0.5, y + 0.5, mark, fontsize=14, **centred)
        return
    ax.text(x + (0.36 if mark.strip() else 0.5), y + 0.53, str(number), fontsize=12.5, **centred)
    ax.text(x + 0.77, y + 0.5, mark, fontsize=11.5, **centred)


def one_long_case(cases: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Hours before and after, case by case on a log axis, and what their mean and median make of it.

    cases: one row an invented case, columns before, after (hours).
    """
    ax = ax if ax is not None else canvas(6.4, 4.6)
    rows = cases[["before", "after"]].sort_values("before", kind="stable").to_numpy()
    summaries = {"median": cases[["before", "after"]].median(), "mean": cases[["before", "after"]].mean()}
    for row, (before, after) in enumerate(rows):
        ax.plot([before, after], [row, row], color=QUIET, linewidth=2, zorder=1)
        ax.plot(before, row, "o", color="white", markeredgecolor=INVENTED, markersize=10, markeredgewidth=2)
        ax.plot(after, row, "o", color=INVENTED, markersize=6)
    falls = {}
    for y, (name, hours) in zip((-1.7, -3.1), summaries.items(), strict=True):
        ax.plot(hours, [y, y], color=PRINTED, linewidth=2.5, zorder=1)
        ax.plot(hours["before"], y, "s", color="white", markeredgecolor=PRINTED, markersize=11, markeredgewidth=2)
        ax.plot(hours["after"], y, "s", color=PRINTED, markersize=7)
        words = f"{name}: {hours['before']:g} to {hours['after']:g}"
        label(ax, hours.max(), y, words, xytext=(12, 0), fontsize=13, fontweight="bold")
        falls[name] = 1 - hours["after"] / hours["before"]
    last = rows[-1]
    label(ax, last[0], len(rows) - 1, "before", INVENTED, xytext=(0, -11), va="top", ha="center", fontsize=13)
    label(ax, last[1], len(rows) - 1, "after", INVENTED, xytext=(0, -11), va="top", ha="center", fontsize=13)
    same = int((np.abs(rows[:, 0] - rows[:, 1]) < 1e-9).sum())
    label(
        ax,
        rows[same - 1, 0],
        (same - 1) / 2,
        f"{same} cases take as long\nas before",
        SOFT,
        xytext=(14, 0),
        fontsize=13,
    )
    ax.set_xscale("log")
    ax.set_xticks([5, 10, 30, 100, 300, 1000], ["5", "10", "30", "100", "300", "1,000"])
    ax.minorticks_off()
    ax.set(yticks=[], ylim=(-3.8, len(rows) - 0.2))
    ax.spines["left"].set_visible(False)
    title = f"The mean falls by {falls['mean']:.0%}, the median by {falls['median']:.0%}"
    return finish(ax, title, "Invented", x="hours to resolution (log scale)")
