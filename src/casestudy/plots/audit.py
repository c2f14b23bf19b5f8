"""Figures of the audit: pairs of claims before the ruling, shares of what, verdicts, and figures read wrongly."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from casestudy.intervals import Interval
from casestudy.layers import LAYERS
from casestudy.plots.language import FAILED, IMPLIED, INVENTED, PRINTED, QUIET, REPORTED, SOFT, canvas, finish, label

WIDTH = 6.4  # inches; narrow, so that words stay legible on a phone, and wide enough for the words below


def court(cases: pd.DataFrame, axes: NDArray[np.object_] | None = None) -> Axes:
    """Pairs of intervals, each on an axis of its own, without a verdict.

    cases: one row a pair: first, second (what each says), first_low, first_high, second_low, second_high (an open end
    is infinite), layer (of the second), unit.
    """
    axes = canvas(width=WIDTH, height=1.75 * len(cases), rows=len(cases)) if axes is None else axes
    for number, (ax, case) in enumerate(zip(axes, cases.itertuples(), strict=True), start=1):
        ends = [case.first_low, case.first_high, case.second_low, case.second_high]
        known = [end for end in ends if np.isfinite(end)]
        room = 0.1 * (max(known) - min(known)) or 1.0
        ax.set_xlim(min(known) - room, max(known) + room * (3 if np.inf in ends else 1))
        colour = LAYERS[case.layer]
        _bar(ax, 1, (case.first_low, case.first_high), PRINTED)
        _bar(ax, 0, (case.second_low, case.second_high), colour)
        for height, words, shade in ((2.5, f"{number}  {case.first}", PRINTED), (1.7, f"    {case.second}", colour)):
            ax.text(0, height, words, transform=ax.get_yaxis_transform(), color=shade, va="bottom", fontsize=12)
        ax.set_ylim(-0.6, 3.2)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=max(known) - min(known) < 5))
        ax.set_xlabel(case.unit)
    unit = axes[0].get_xlabel()
    rests = "bases Reported" if (cases["layer"] == "Reported").any() else ""
    return finish(axes[0], f"Which of these {len(cases)} pairs cannot both hold?", "Implied", x=unit, rests_on=rests)


def _bar(ax: Axes, height: float, pair: Interval, colour: str) -> None:
    """A bar with its ends marked; a point is one mark, an open end an arrow."""
    low, high = pair
    shut = [end for end in pair if np.isfinite(end)]
    end = ax.get_xlim()[1] if len(shut) == 1 else high
    ax.plot([low, end], [height] * 2, color=colour, lw=8, solid_capstyle="butt")
    ax.plot(shut, [height] * len(shut), "|", color=colour, ms=15, mew=3)
    if len(shut) == 1:
        ax.plot(end, height, ">", color=colour, ms=13, clip_on=False)


def share_of_what(daily: pd.DataFrame, accounts: Interval, later: float, ax: Axes | None = None) -> Axes:
    """People that one printed share makes of several bases, beside the accounts printed in the same sentence.

    daily: one row a base: base (its name), low, high; accounts: what the printed floor allows, its end infinite when
    open; later: accounts reported some years after. All in millions.
    """
    ax = canvas(width=WIDTH, height=3.9) if ax is None else ax
    right = 1.22 * max(daily["high"].max(), accounts[0], later)
    ax.axvspan(accounts[0], min(accounts[1], right), color=PRINTED, alpha=0.3, lw=0)
    ax.axvline(later, color=REPORTED, lw=2, ls="--")
    heights = np.arange(len(daily), 0, -1)
    for height, row in zip(heights, daily.itertuples(), strict=True):
        ax.plot([row.low, row.high], [height] * 2, color=IMPLIED, lw=11, solid_capstyle="butt")
    ax.set_yticks(heights, [textwrap.fill(base, 16) for base in daily["base"]])
    above = {"xytext": (4, 0), "va": "center", "fontweight": "bold"}
    label(ax, accounts[0], 0.42, "accounts\nprinted", PRINTED, **(above | {"ha": "right", "xytext": (-4, 0)}))
    label(ax, later, 0.42, "accounts\n2024", REPORTED, **above)
    ax.set_xlim(0, right)
    ax.set_ylim(0, len(daily) + 0.6)
    over = (daily["low"] > accounts[1]).sum()
    title = f"{over} of {len(daily)} bases: more users than accounts"
    return finish(ax, title, "Reported", "millions: daily users, accounts", rests_on="share Printed")


def questions(counts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Claims by what came of their arithmetic, split by whether it is clear what is claimed.

    counts: one row an outcome, columns clear, unclear; the first rows are those of a test, as many as `tested` in
    `counts.attrs`.
    """
    ax = canvas(width=WIDTH, height=0.42 * len(counts) + 1.5) if ax is None else ax
    heights = np.arange(len(counts))[::-1]
    ax.barh(heights, counts["unclear"], color=QUIET)
    ax.barh(heights, counts["clear"], left=counts["unclear"], color=IMPLIED)
    widest = counts.sum(axis=1).max()
    for height, (_, row) in zip(heights, counts.iterrows(), strict=True):
        told = f"{row['unclear'] + row['clear']}" + (f", {row['unclear']} unclear" if row["unclear"] else "")
        label(ax, row["unclear"] + row["clear"], height, told, PRINTED, fontsize=13)
    ax.set_yticks(heights, counts.index)
    ax.set_xlim(0, 1.45 * widest)
    tested = int(counts.iloc[: counts.attrs["tested"]].to_numpy().sum())
    title = f"Only {tested} of {int(counts.to_numpy().sum())} claims were put to a test"
    return finish(ax, title, "Implied", "claims", rests_on="reports Reported")


def severities(tests: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How easily each comparison could have failed, most easily first.

    tests: one row a comparison: what (words), severity (0 to 1), kind: `survived`, `failed`, or `no test`.
    """
    ax = canvas(width=WIDTH, height=0.5 * len(tests) + 1.5) if ax is None else ax
    tests = tests.sort_values("severity", ascending=False, kind="stable")
    heights = np.arange(len(tests))[::-1]
    looks = {"survived": (IMPLIED, "o"), "failed": (FAILED, "X"), "no test": (QUIET, "o")}
    for height, row in zip(heights, tests.itertuples(), strict=True):
        colour, mark = looks[row.kind]
        ax.hlines(height, 0, row.severity, color=colour, lw=2)
        ax.plot(row.severity, height, mark, color=colour, ms=11, clip_on=False)
        label(ax, row.severity, height, f"{row.severity:.0%}", PRINTED, xytext=(10, 0), fontsize=12.5)
    ax.set_yticks(heights, [textwrap.fill(what, 24) for what in tests["what"]])
    ax.set_xlim(0, 1.12)
    ax.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    real = tests.loc[tests["kind"] != "no test", "severity"]
    title = f"Severity of a test: {real.min():.0%} to {real.max():.0%}"
    return finish(ax, title, "Implied", "plausible prints that would not have agreed", rests_on="reports Reported")


def specification(outcomes: pd.DataFrame, axes: NDArray[np.object_] | None = None) -> Axes:
    """Specification curve (Simonsohn, Simmons, Nelson 2020): tests and survivors under every reading, and its choices.

    outcomes: one row a reading: survived, tests (counts), and one column a choice, its words.
    """
    names = [name for name in outcomes if name not in ("survived", "tests")]
    choices = [(name, word) for name in names for word in outcomes[name].unique()]
    if axes is None:
        axes = canvas(width=WIDTH, height=6.6, rows=2, gridspec_kw={"height_ratios": [2, 3]})
    upper, lower = axes
    ordered = outcomes.sort_values(["survived", "tests", *names], kind="stable").reset_index(drop=True)
    at = np.arange(len(ordered))
    upper.bar(at, ordered["tests"], width=1, color=QUIET)
    upper.bar(at, ordered["survived"], width=0.9, color=IMPLIED)
    upper.set_ylim(0, ordered["tests"].max() + 1.6)
    label(upper, 0, ordered["tests"].max() + 0.7, "grey: tested; blue: survived", SOFT, xytext=(0, 0), fontsize=12.5)
    upper.set_xticks([])
    heights = np.arange(len(choices))[::-1]
    for height, (name, word) in zip(heights, choices, strict=True):
        on = at[ordered[name] == word]
        lower.plot(on, np.full(len(on), height), "|", color=PRINTED, ms=9, mew=1.6)
    lower.set_yticks(heights, [f"{name} {word}" for name, word in choices])
    lower.tick_params(axis="y", labelsize=12)
    lower.set_xticks([])
    lower.set_ylim(-0.7, len(choices) - 0.3)
    low, high = int(ordered["survived"].min()), int(ordered["survived"].max())
    span = f"{low} to {high}" if low < high else f"{low}"
    title = f"{span} claims survive, as one reads"
    return finish(upper, title, "Implied", y="claims", rests_on="reports Reported")


def misread(traps: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How many times too large or too small a hasty reading comes out, on a log axis.

    traps: one row a figure: printed, taken_for, factor (1 or more).
    """
    ax = canvas(width=WIDTH, height=0.52 * len(traps) + 1.5) if ax is None else ax
    heights = np.arange(len(traps))[::-1]
    ax.hlines(heights, 1, traps["factor"], color=INVENTED, lw=2)
    ax.plot(traps["factor"], heights, "o", color=INVENTED, ms=9)
    ax.set_xscale("log")
    ax.set_xlim(0.75, 400 * traps["factor"].max())
    for height, row in zip(heights, traps.itertuples(), strict=True):
        label(ax, row.factor, height, f"{row.factor:,.0f}", INVENTED, xytext=(9, 0))
    ax.set_yticks(heights, [f"{row.printed} → {row.taken_for}" for row in traps.itertuples()])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda times, _: f"{times:,.0f}"))
    ax.set_xticks([1, 1e3, 1e6], minor=False)
    ax.minorticks_off()
    wrong = traps.loc[traps["factor"] > 1.001, "factor"]
    title = f"{len(wrong)} of {len(traps)} slips: {wrong.min():.0f}-fold or worse"
    return finish(ax, title, "Invented", "times too large or too small")
