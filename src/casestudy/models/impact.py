"""Purpose and impact: who ties what to the purpose, a rule that matches everything, lives per employee, listings."""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import math
import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats import inter_rater

PARTS = ("professionals", "connecting", "economic opportunity")  # of the purpose sentence: 000 p18
WHOLE = "whole"  # tied to that sentence as it stands, to none of its parts singly
WEEKS_PER_YEAR = 365.25 / 7

# What is tied to what -------------------------------------------------------------------------------------------------


def coverage(edges: pd.DataFrame, stated: str, split: Collection[int] = ()) -> pd.DataFrame:
    """Which activity is tied to which part of the purpose; one row an activity, one column a part, True where tied.

    edges: columns activity, part, paragraph, stated (by whom). A part `whole` is a tie to the sentence as it stands: it
    counts for each part where its paragraph is among split, else for none. An empty part names an activity without a
    tie. Every activity has its row, whoever states it.

    >>> edges = pd.DataFrame({"activity": ["ads", "sales"], "part": ["connecting", "whole"], "stated": "article"})
    >>> edges["paragraph"] = 17
    >>> [coverage(edges, "article", split).astype(int).values.tolist() for split in ([], [17])]
    [[[0, 1, 0], [0, 0, 0]], [[0, 1, 0], [1, 1, 1]]]
    """
    if unknown := set(edges["part"].dropna()) - {*PARTS, WHOLE}:
        raise ValueError(f"part must be one of {', '.join(PARTS)}, {WHOLE}: got {min(unknown)!r}")
    own = edges[edges["stated"] == stated]
    if own.empty:
        raise ValueError(f"stated must be one of {', '.join(edges['stated'].unique())}: got {stated!r}")
    rows, columns = edges["activity"].unique(), list(PARTS)
    tied = pd.crosstab(own["activity"], own["part"]).reindex(index=rows, columns=columns, fill_value=0) > 0
    tied.loc[own.loc[(own["part"] == WHOLE) & own["paragraph"].isin(split), "activity"].unique()] = True
    return tied


def cohens_kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Cohen's kappa of two coders: 1 for full agreement, 0 for what their own frequencies give by chance.

    first, second: one label a cell, same shape. NaN where both use a single label. Source: Cohen 1960.

    >>> first, second = [1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    >>> round(cohens_kappa(first, second), 6)  # 35 of 50 agree, 25 would by chance
    0.4
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or not first.size:
        raise ValueError(f"both coders must label the same cells: got shapes {first.shape} and {second.shape}")
    labels = np.column_stack([first.ravel(), second.ravel()])
    if len(np.unique(labels)) < 2:
        return math.nan
    return float(inter_rater.cohens_kappa(inter_rater.to_table(labels)[0], return_results=False))


# The purpose-match machine --------------------------------------------------------------------------------------------

# How loosely a goal may name a part: beginnings of words. 'phrase' wants the purpose's own, 'word' words of working
# life, 'any' takes any group of people and any gain; with 'free' every goal is a gain to somebody. What 000 p30 and p35
# pair are words of working life.
RULES = {
    "any": {
        "professionals": "everyone everybody people person child famil fan pupil singer guest patient visitor "
        "traveller household beginner master customer student writer brother worker employ staff professional "
        "job.seeker member newcomer youth young adult public audience citizen neighbour friend reader player team "
        "community workforce colleague",
        "connecting": "connect link network together bring meet reach share join match partner between access open",
        "economic opportunity": "opportunit chance access new\\b more\\b better fresh free fair clean safe win\\b help "
        "teach learn skill upskill grow save less fewer shorter cheap improve job career income earn price place home "
        "room",
    },
    "word": {
        "professionals": "professional worker employ staff job.seeker workforce colleague",
        "connecting": "connect network link",
        "economic opportunity": "opportunit job\\b jobs\\b career income",
    },
    "phrase": {"professionals": "professional", "connecting": "connect", "economic opportunity": "economic.opportunit"},
}
RULES = {"free": RULES["any"] | {"economic opportunity": ""}} | RULES
NEEDED = ["professionals", "economic opportunity"]  # the two parts that the article asks of a goal: 000 p30, p35


def match(goals: Sequence[str], rule: str) -> pd.DataFrame:
    """Which parts of the purpose each goal names; one row a goal, one column a part.

    rule: free, any, word or phrase, from loose to strict.

    >>> match(["warm bread for every family", "better jobs"], "any").sum(axis=1).tolist()
    [1, 1]
    >>> match(["warm bread for every family", "better jobs"], "word").sum(axis=1).tolist()
    [0, 1]
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}: got {rule!r}")
    found = {
        part: [bool(re.search(rf"\b({'|'.join(words.split())})", goal.lower())) for goal in goals]
        for part, words in RULES[rule].items()
    }
    return pd.DataFrame(found, columns=list(PARTS))


def passes(matched: pd.DataFrame) -> pd.Series:
    """Whether a goal 'fits' as the article judges it: some people and some opportunity, connecting not needed.

    >>> passes(match(["help for anxious people", "more room for elephants"], "any")).tolist()
    [True, False]
    """
    return matched[NEEDED].all(axis=1)


def per_employee_year(
    helped: float, staff: float, years: float, staff_at_start: float | None = None, found_anyway: float = 0.0
) -> float:
    """People helped for each year that one employee worked, less those who would have found work anyway.

    helped: people over all years; staff: heads at the end; staff_at_start: heads when counting began, with a straight
    line between (default: as many as at the end); found_anyway: share of those helped, 0-1. An average over a whole
    team, not what one more employee would add. Source of 1.5 million and 2,500: 000 p21, which prints no years.

    >>> per_employee_year(helped=1_200, staff=10, years=4), per_employee_year(1_200, 10, 4, 0, found_anyway=0.75)
    (30.0, 15.0)
    """
    start = staff if staff_at_start is None else staff_at_start
    if not (helped >= 0 and staff > 0 and start >= 0 and years > 0 and 0 <= found_anyway <= 1):
        raise ValueError(
            "helped >= 0, staff > 0, staff_at_start >= 0, years > 0 and 0 <= found_anyway <= 1 must hold: "
            f"got {helped=}, {staff=}, staff_at_start={start}, {years=}, {found_anyway=}"
        )
    return helped * (1 - found_anyway) / (years * (start + staff) / 2)


# Listings -------------------------------------------------------------------------------------------------------------


def closed_per_year(listings: ArrayLike, weeks_open: ArrayLike) -> float | np.ndarray:
    """Listings that close in a year, filled or withdrawn, when so many are open at a time: Little's law, L = lambda W.

    listings: open on an average day; weeks_open: how long one stays, on average over all that were ever posted. Holds
    whatever the order and the spread, if as many are posted as close. Source: Little 1961, Operations Research 9:383.

    >>> round(closed_per_year(listings=100, weeks_open=365.25 / 7))  # each open for a year
    100
    """
    stock, weeks = np.asarray(listings), np.asarray(weeks_open)
    if not (np.all(stock >= 0) and np.all(weeks > 0)):
        raise ValueError(f"listings >= 0 and weeks_open > 0 must hold: got {stock.tolist()}, {weeks.tolist()}")
    return stock * WEEKS_PER_YEAR / weeks


SPREADS = {  # how long listings stay open, in units of their mean
    "all alike": lambda rng, n: np.ones(n),
    "exponential": lambda rng, n: rng.exponential(1, n),
    "a few very long": lambda rng, n: rng.lognormal(-0.5, 1, n),
}


def invented_listings(
    per_week: float, weeks_open: float, spread: str, rng: np.random.Generator, weeks: float
) -> dict[str, float]:
    """An invented marketplace: listings posted at random, each open for a while, watched for `weeks`.

    per_week: posted, on average; weeks_open: mean, with a spread of SPREADS. It runs in for 20 means of weeks_open
    first. Returns listings open on an average day; weeks open on average over all, and over those seen on one day; and
    how old those are on that day, which is all that a visitor sees.

    >>> invented_listings(10, 2, "all alike", np.random.default_rng(1), weeks=50)["weeks, of all"]
    2.0
    """
    if spread not in SPREADS or not (per_week > 0 and weeks_open > 0 and weeks > 0):
        raise ValueError(
            f"spread must be one of {', '.join(SPREADS)}, and per_week, weeks_open, weeks positive: "
            f"got {spread!r}, {per_week}, {weeks_open}, {weeks}"
        )
    posted = rng.uniform(-20 * weeks_open, weeks, rng.poisson(per_week * (20 * weeks_open + weeks)))
    stay = weeks_open * SPREADS[spread](rng, len(posted))
    closed = posted + stay
    inside = np.clip(np.minimum(closed, weeks) - np.maximum(posted, 0), 0, None)
    today = weeks / 2
    seen = (posted <= today) & (closed > today)
    return {
        "open": float(inside.sum() / weeks),
        "weeks, of all": float(stay.mean()),
        "weeks, of those seen": float(stay[seen].mean()) if seen.any() else math.nan,
        "age, of those seen": float((today - posted)[seen].mean()) if seen.any() else math.nan,
    }
