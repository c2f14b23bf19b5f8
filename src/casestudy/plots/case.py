"""Figures of 00-the-case: five articles in time, the wall of claims, a mean that nine of ten cases never met."""

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
    "failed": "did not",
    "undefined": "undefined: scale, base or number missing",
    "untested": "that nothing tests",
    "furniture": "page furniture, not the article's",
}
ACROSS = 14  # tiles in a row, so that each can be read on a phone
GAP = 0.05  # left free around a tile, whose side is 1
NEAR = 1  # years; a point with another so close on its left has its label on the right


def timeline(articles: pd.DataFrame, dated: pd.DataFrame, firm: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """When each article can have been written (bars), what its dated claims speak of (points), and the firm's start.

    articles: indexed by id, columns date_earliest, date_latest, date_basis; dated: columns document, as_of_earliest,
    as_of_latest, as_of_basis, label (words, may be empty); firm: columns date_earliest, word.
    """
    ax = ax if ax is not None else canvas(6.4, 1.7 + 0.62 * (len(articles) + 1))
    order = articles.sort_values("date_earliest").index
    for row, article in enumerate(order, start=1):
        begin, end = (_year(articles.at[article, f"date_{side}"]) for side in ("earliest", "latest"))
        seen = articles.at[article, "date_basis"] == "printed"
        ax.barh(row, max(end - begin, 0.12), left=begin, height=0.62, color=PRINTED if seen else "#B9E0D3", zorder=1)
        own = dated[dated["document"] == article]
        windows = zip(own["as_of_earliest"], own["as_of_latest"], strict=True)
        middles = np.array([(_year(earliest) + _year(latest)) / 2 for earliest, latest in windows])
        for claim, middle in zip(own.itertuples(), middles, strict=True):
            colour = PRINTED if claim.as_of_basis == "printed" else REPORTED
            ax.plot(middle, row, "o", color=colour, markersize=8, markeredgecolor="white", zorder=3)
            if claim.label:
                crowded = ((middles < middle) & (middles > middle - NEAR)).any()
                at, side, away = (max(end, middle), "left", 9) if crowded else (min(begin, middle), "right", -9)
                label(ax, at, row, claim.label, colour, ha=side, xytext=(away, 0), fontsize=12.5)
    for day in firm.itertuples():
        ax.plot(_year(day.date_earliest), 0, "D", color=REPORTED, markersize=8)
    words = " and ".join(firm["word"])
    label(ax, _year(firm["date_earliest"].max()), 0, words, REPORTED, xytext=(9, 0), fontsize=12.5)
    ax.set_yticks(range(len(order) + 1), ["the firm", *order])
    ax.set_ylim(len(order) + 0.6, -0.6)
    ax.set_xlim(2001.5, _year(articles["date_latest"].max()) + 0.7)
    ax.set_xticks(range(2003, 2024, 4))
    printed = int((articles["date_basis"] == "printed").sum())
    verb = "prints its date" if printed == 1 else "print their dates"
    title = f"{printed} of {len(articles)} articles {verb}; the rest is inferred"
    return finish(ax, title, "Printed", x="year", rests_on="dates Reported")


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
    label(ax, rows[same - 1, 0], (same - 1) / 2, f"{same} cases: as long as before", SOFT, xytext=(14, 0), fontsize=13)
    ax.set_xscale("log")
    ax.set_xticks([5, 10, 30, 100, 300, 1000], ["5", "10", "30", "100", "300", "1,000"])
    ax.minorticks_off()
    ax.set(yticks=[], ylim=(-3.8, len(rows) - 0.2))
    ax.spines["left"].set_visible(False)
    title = f"The mean falls by {falls['mean']:.0%}, the median by {falls['median']:.0%}"
    return finish(ax, title, "Invented", x="hours to resolution (log scale)")
