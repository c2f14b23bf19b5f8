"""Figures of the audit: pairs of claims before the ruling, shares of what, verdicts, and figures read wrongly."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from casestudy.intervals import Interval
from casestudy.layers import LAYERS
from casestudy.plots.language import (
    BAND,
    FAILED,
    IMPLIED,
    INVENTED,
    PRINTED,
    QUIET,
    REPORTED,
    SOFT,
    canvas,
    finish,
    label,
)

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
    ax = canvas(width=WIDTH, height=0.85 * (len(daily) + 2) + 0.9) if ax is None else ax
    rows = [("accounts, as printed", *accounts, PRINTED)]
    rows += [(f"daily users, {row.base}", row.low, row.high, IMPLIED) for row in daily.itertuples()]
    rows += [("accounts reported for 2024", later, later, REPORTED)]
    for height, (words, low, high, colour) in enumerate(rows):
        ax.barh(-height, low, height=0.34, color=colour)
        if np.isfinite(high):
            ax.barh(-height, high - low, left=low, height=0.34, color=colour, alpha=0.45)
        ends = dict.fromkeys(f"{end:.1f}" for end in (low, high) if np.isfinite(end))  # one where both read alike
        told = " to ".join(ends) if np.isfinite(high) else f"{low:.1f} or more"
        ax.vlines(accounts[0], -height - 0.26, -height + 0.2, color=PRINTED, lw=2)  # beside each bar, not through words
        label(ax, 0, -height + 0.35, f"{words}: {told} million", colour, xytext=(0, 0), fontsize=13)
    ax.set_xlim(0, 1.02 * max(daily["high"].max(), accounts[0], later))
    ax.set_ylim(-len(rows) + 0.6, 0.6)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    over = (daily["low"] > accounts[1]).sum()
    title = f"{over} of {len(daily)} bases: more daily users than accounts"
    return finish(ax, title, "Reported", rests_on="share Printed")


def questions(counts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Claims by what came of their arithmetic, split by whether it is clear what is claimed.

    counts: one row an outcome, columns clear, unclear; the first rows are those of a test, as many as `tested` in
    `counts.attrs`.
    """
    ax = canvas(width=WIDTH, height=0.72 * len(counts) + 1.0) if ax is None else ax
    tested = int(counts.attrs["tested"])
    for height, (words, row) in enumerate(counts.iterrows()):
        ax.barh(-height, row["unclear"], height=0.34, color=QUIET)
        ax.barh(-height, row["clear"], left=row["unclear"], height=0.34, color=IMPLIED)
        told = f"{words}: {row['unclear'] + row['clear']}"
        told += f", and {row['unclear']} of them unclear" if row["unclear"] else ""
        weight = "bold" if height < tested else "normal"
        label(ax, 0, -height + 0.34, told, PRINTED, xytext=(0, 0), fontsize=13, fontweight=weight)
    ax.set_xlim(0, 1.02 * counts.sum(axis=1).max())
    ax.set_ylim(-len(counts) + 0.6, 0.6)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    whole, unclear = int(counts.to_numpy().sum()), counts["unclear"].sum()
    title = f"{int(counts.iloc[:tested].to_numpy().sum())} of {whole} claims were tested; {unclear} are unclear (grey)"
    return finish(ax, title, "Implied", rests_on="reports Reported")


def severities(tests: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How easily each comparison could have failed: tests first, then what was none; most easily first.

    tests: one row a comparison: what (words), severity (0 to 1), kind: `survived`, `failed`, or `no test`; why (words).
    """
    ax = canvas(width=WIDTH, height=0.5 * len(tests) + 2.2) if ax is None else ax
    tests = tests.assign(last=tests["kind"] == "no test")
    tests = tests.sort_values(["last", "severity"], ascending=[True, False], kind="stable")
    real = int((~tests["last"]).sum())
    heights = -np.arange(len(tests)) - 1.2 * tests["last"].to_numpy()
    looks = {"survived": (IMPLIED, "o"), "failed": (FAILED, "X"), "no test": (QUIET, "o")}
    for height, row in zip(heights, tests.itertuples(), strict=True):
        colour, mark = looks[row.kind]
        ax.hlines(height, 0, row.severity, color=colour, lw=2)
        ax.plot(row.severity, height, mark, color=colour, ms=11, clip_on=False)
        label(ax, row.severity, height, f"{row.severity:.0%}, {row.why}", PRINTED, xytext=(10, 0), fontsize=12.5)
    heading = {"xytext": (0, 0), "fontsize": 13, "fontweight": "bold"}
    label(ax, 0, 0.9, "tests", IMPLIED, **heading)
    label(ax, 0, -real - 0.3, "no tests", SOFT, **heading)
    ax.set_yticks(heights, [textwrap.fill(what, 22) for what in tests["what"]])
    ax.set(xlim=(0, 2.05), ylim=(heights.min() - 0.6, 1.4))
    ax.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    ax.spines["left"].set_visible(False)
    failed = (tests["kind"] == "failed").sum()
    title = f"{real} of {len(tests)} are tests; {failed} failed"
    return finish(ax, title, "Implied", "prints that would not have agreed", rests_on="reports Reported")


READ = {  # a choice of a reading in few words
    "floors conventional": "'more than' has an end",
    "floors strict": "'more than' is open",
    "rounding nearest": "rounded to nearest",
    "rounding half up": "half rounded up",
    "rounding half even": "half rounded to even",
    "rounding cut": "digits cut off",
    "steps as registered": "steps as registered",
    "steps last digit": "every zero counts",
    "windows wide": "dated anywhere in window",
    "windows narrow": "dated in mid-window",
    "addresses needed": "address needed",
    "addresses not needed": "no address needed",
}


def specification(outcomes: pd.DataFrame, axes: NDArray[np.object_] | None = None) -> Axes:
    """Specification curve (Simonsohn, Simmons, Nelson 2020): tests and survivors under every reading, and its choices.

    outcomes: one row a reading: survived, tests (counts), and one column a choice, its words.
    """
    names = [name for name in outcomes if name not in ("survived", "tests")]
    decides = {name: _decides(outcomes, names, name) for name in names}
    names.sort(key=lambda name: not decides[name])
    choices = [(name, word) for name in names for word in outcomes[name].unique()]
    if axes is None:
        axes = canvas(width=WIDTH, height=6.6, rows=2, gridspec_kw={"height_ratios": [2, 3]})
    upper, lower = axes
    ordered = outcomes.sort_values(["survived", "tests", *names], kind="stable").reset_index(drop=True)
    at = np.arange(len(ordered))
    upper.bar(at, ordered["tests"], width=1, color=BAND)
    upper.bar(at, ordered["survived"], width=1, color=IMPLIED)
    for (survived, tests), group in ordered.groupby(["survived", "tests"]):
        middle = {"ha": "center", "va": "bottom", "fontsize": 12.5, "fontweight": "bold", "color": IMPLIED}
        upper.text(group.index.to_numpy().mean(), tests + 0.3, f"{survived} of {tests}", **middle)
    upper.set_ylim(0, ordered["tests"].max() + 1.8)
    upper.set(xticks=[], yticks=[])
    upper.spines["left"].set_visible(False)
    heights = np.arange(len(choices))[::-1]
    for height, (name, word) in zip(heights, choices, strict=True):
        on = at[ordered[name] == word]
        colour = PRINTED if decides[name] else QUIET
        lower.plot(on, np.full(len(on), height), "|", color=colour, ms=9, mew=2.2 if decides[name] else 1)
    lower.set_yticks(heights, [READ.get(f"{name} {word}", f"{name} {word}") for name, word in choices])
    lower.tick_params(axis="y", labelsize=12)
    lower.set_xticks([])
    lower.set_ylim(-0.7, len(choices) - 0.3)
    low, high = int(ordered["survived"].min()), int(ordered["survived"].max())
    span = f"{low} to {high}" if low < high else f"{low}"
    title = f"{span} survive, however one reads"
    return finish(upper, title, "Implied", rests_on="reports Reported")


def _decides(outcomes: pd.DataFrame, names: list[str], name: str) -> bool:
    """Whether another word for this choice, and the same for all others, changes the number of survivors."""
    others = [other for other in names if other != name]
    return bool((outcomes.groupby(others)["survived"].nunique() > 1).any())


def misread(traps: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How many times too large or too small a hasty reading comes out, on a log axis.

    traps: one row a figure: printed, taken_for, factor (1 or more).
    """
    ax = canvas(width=WIDTH, height=0.52 * len(traps) + 1.5) if ax is None else ax
    heights = np.arange(len(traps))[::-1]
    ax.hlines(heights, 1, traps["factor"], color=INVENTED, lw=2)
    ax.plot(traps["factor"], heights, "o", color=INVENTED, ms=9)
    ax.set_xscale("log")
    ax.set_xlim(0.75, 3000 * traps["factor"].max())
    for height, row in zip(heights, traps.itertuples(), strict=True):
        label(
            ax,
            row.factor,
            height,
            f"{row.factor:,.0f}-fold" if row.factor > 1.001 else "right",
            INVENTED,
            xytext=(9, 0),
        )
    ax.set_yticks(heights, [f"{row.printed} read as {row.taken_for}" for row in traps.itertuples()])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda times, _: f"{times:,.0f}"))
    ax.set_xticks([1, 1e3, 1e6], minor=False)
    ax.minorticks_off()
    wrong = traps.loc[traps["factor"] > 1.001, "factor"]
    title = f"{len(wrong)} of {len(traps)} are {wrong.min():.0f}-fold wrong or worse"
    return finish(ax, title, "Invented", "times too large or too small")
