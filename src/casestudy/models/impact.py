"""Purpose and impact: who ties what to the purpose, a rule that matches everything, lives per employee, listings."""

import itertools
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats.inter_rater import cohens_kappa, to_table

PARTS = ("professionals", "connecting", "economic opportunity")  # of the purpose sentence: 000 p18
WEEKS_PER_YEAR = 365.25 / 7

# What is tied to what -------------------------------------------------------------------------------------------------


def coverage(edges: pd.DataFrame, stated: str) -> pd.DataFrame:
    """Which activity is tied to which part of the purpose; one row an activity, one column a part, True where tied.

    edges: columns activity, part, stated (by whom); an empty part names an activity that is tied to nothing. Every
    activity has its row, whoever states it.

    >>> edges = pd.DataFrame({"activity": ["ads", "sales"], "part": ["connecting", None], "stated": "article"})
    >>> coverage(edges, "article").astype(int).values.tolist()
    [[0, 1, 0], [0, 0, 0]]
    """
    if unknown := set(edges["part"].dropna()) - set(PARTS):
        raise ValueError(f"part must be one of {', '.join(PARTS)}: got {min(unknown)!r}")
    own = edges[edges["stated"] == stated]
    if own.empty:
        raise ValueError(f"stated must be one of {', '.join(edges['stated'].unique())}: got {stated!r}")
    rows, columns = edges["activity"].unique(), list(PARTS)
    return pd.crosstab(own["activity"], own["part"]).reindex(index=rows, columns=columns, fill_value=0) > 0


class Agreement(NamedTuple):
    """Agreement of two coders beyond chance, with a 95% interval."""

    kappa: float
    low: float
    high: float


def agreement(first: ArrayLike, second: ArrayLike) -> Agreement:
    """Cohen's kappa of two coders: 1 for full agreement, 0 for what their own frequencies give by chance.

    first, second: one label a cell, same shape. NaN where both use a single label. The interval is for large samples
    and takes the cells as independent. Source: Cohen 1960; Fleiss, Cohen and Everitt 1969 for the error.

    >>> first, second = [1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    >>> round(agreement(first, second).kappa, 6)  # 35 of 50 agree, 25 would by chance
    0.4
    """
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape or not first.size:
        raise ValueError(f"both coders must label the same cells: got shapes {first.shape} and {second.shape}")
    labels = np.column_stack([first.ravel(), second.ravel()]).astype(int)
    if len(np.unique(labels)) < 2:
        return Agreement(math.nan, math.nan, math.nan)
    with np.errstate(invalid="ignore"):  # full agreement has no error
        found = cohens_kappa(to_table(labels)[0])
    ends = (1, 1) if found.kappa == 1 else (found.kappa_low, found.kappa_upp)
    return Agreement(*map(float, (found.kappa, *ends)))


def agreement_by_row(first: ArrayLike, second: ArrayLike, rng: np.random.Generator, runs: int = 1_000) -> Agreement:
    """Cohen's kappa with a 95% interval from whole rows drawn again, since the cells of a row belong together.

    first, second: yes or no, one row an activity, one column a part; runs: how often the rows are drawn.

    >>> same = np.eye(4, dtype=int)
    >>> agreement_by_row(same, same, np.random.default_rng(1), runs=50)
    Agreement(kappa=1.0, low=1.0, high=1.0)
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    rows = rng.integers(len(first), size=(runs, len(first)))
    both, yes, also = (labels.mean(axis=1)[rows].mean(axis=1) for labels in (first & second, first, second))
    chance = yes * also + (1 - yes) * (1 - also)
    with np.errstate(invalid="ignore"):  # a draw in which both use one label has no kappa
        drawn = (1 - yes - also + 2 * both - chance) / (1 - chance)
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Agreement(agreement(first, second).kappa, float(low), float(high))


def with_slips(labels: ArrayLike, slip: float, rng: np.random.Generator) -> np.ndarray:
    """An invented coder who follows a rule but slips: each yes or no is turned round with chance `slip`.

    >>> with_slips([True, False], slip=0, rng=np.random.default_rng(1)).tolist()
    [True, False]
    """
    if not 0 <= slip <= 1:
        raise ValueError(f"slip must be a share between 0 and 1: got {slip}")
    labels = np.asarray(labels, bool)
    return labels ^ (rng.random(labels.shape) < slip)


# The purpose-match machine --------------------------------------------------------------------------------------------

# Goals of organisations that have nothing to do with the purpose; the last six run against it. Written by us.
GOALS = """
bakery: fresh bread for every family in the street before seven; halve the flour that is thrown away each week
football club: win the cup and fill the stadium with fans again
football club: a place in a youth team for every child who wants to play
bus company: connect every village with the market town once an hour; no more than one late bus in twenty
museum: open the collection to visitors who cannot come in person; dry and dark storage for all drawings by next winter
swimming pool: teach all pupils of the town to swim | choir: bring singers of all ages together for one concert a year
brewery: a beer without alcohol that guests ask for twice; use a third less water for each barrel
hospital: shorter waiting for patients with pain; no infection that clean hands could have prevented
zoo: more room for the elephants; let children meet animals they only know from books
library: free access to books for everyone in the county; quiet after eight in the evening
fire brigade: reach any fire within nine minutes | dentist: help anxious people to come back every year
garden centre: roses that survive the winter without poison
cinema: show each film once in its own language; cheap seats so that families can share an evening out
airline: bring travellers and their luggage to the same airport; burn less fuel for each seat
dairy farm: a fair price from shops that buy our milk
toy maker: toys that children hand on to their younger brothers and sisters
theatre: discover new writers and give them a stage | water works: clean water for all households at any hour
chess club: link beginners with masters for a game a month | animal shelter: a new home for each dog within a season
ferry: sail in any weather that is safe | insurer: pay honest claims to customers within a week
orchestra: a first job as a musician for gifted students
wage cartel: agree with other employers that no employee is hired away to a better job
closed guild: keep the trade for families of members and newcomers out
blacklist: a list of workers who complained, shared between all employers of the valley
licence lobby: fewer licences, so that professionals already in the market earn more
fee trap: charge job seekers for opportunities that do not exist
company store: pay staff in vouchers that only our own shops accept
"""
OPPOSED = 6

# How loosely a goal may name a part: beginnings of words. 'any' takes any group of people and any gain, as 000 p30 and
# p35 do; 'word' wants words of working life, 'phrase' the purpose's own. With 'free' every goal is a gain to somebody.
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


def invented_goals() -> pd.DataFrame:
    """The pool: one row a goal, columns id, layer, organisation, kind (unrelated, opposed), goal.

    >>> invented_goals()[["id", "organisation"]].values.tolist()[0]
    ['INV-01', 'bakery']
    """
    told = [part.partition(": ") for part in re.split(r" \| |\n", GOALS.strip())]
    goals = [(organisation, goal) for organisation, _, goals in told for goal in goals.split("; ")]
    frame = pd.DataFrame(goals, columns=["organisation", "goal"])
    frame.insert(0, "id", [f"INV-{row:02d}" for row in range(1, len(frame) + 1)])
    frame.insert(1, "layer", "invented")
    frame.insert(3, "kind", np.where(frame.index < len(frame) - OPPOSED, "unrelated", "opposed"))
    return frame


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


def permutation_p(real: ArrayLike, others: ArrayLike) -> float:
    """Chance that as many goals, picked blindly from all, score at least as high on average as the real ones.

    real, others: one score a goal. Every choice is counted, the actual one included, so the least is 1 / choices.

    >>> permutation_p(real=[3], others=[3, 1, 0])  # one of four, or its equal
    0.5
    """
    real, scores = np.asarray(real, float), np.concatenate([real, others]).astype(float)
    choices = math.comb(len(scores), len(real))
    if not 1 <= choices <= 200_000 or not len(real):
        raise ValueError(f"at least one real goal and at most 200,000 choices are needed: got {len(real)}, {choices}")
    sums = np.array([sum(choice) for choice in itertools.combinations(scores, len(real))])
    return float((sums >= real.sum() - 1e-9).mean())


def dealt_again(goals: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Nonsense goals: the words of all goals in one hat, dealt out again in the same lengths.

    >>> sorted(" ".join(dealt_again(["new bread", "late bus"], np.random.default_rng(1))).split())
    ['bread', 'bus', 'late', 'new']
    """
    words = rng.permutation([word for goal in goals for word in goal.split()])
    ends = np.cumsum([len(goal.split()) for goal in goals])
    return [" ".join(part) for part in np.split(words, ends[:-1])]


# Per employee, per year -----------------------------------------------------------------------------------------------


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


def closed_per_year(listings: ArrayLike, weeks_open: ArrayLike) -> ArrayLike:
    """Listings that close in a year, filled or withdrawn, when so many are open at a time: Little's law, L = lambda W.

    listings: open on an average day; weeks_open: how long one stays, on average over all that were ever posted. Holds
    whatever the order and the spread, if as many are posted as close. Source: Little 1961, Operations Research 9:383.

    >>> round(closed_per_year(listings=100, weeks_open=365.25 / 7))  # each open for a year
    100
    """
    if not (np.all(np.asarray(listings) >= 0) and np.all(np.asarray(weeks_open) > 0)):
        raise ValueError(f"listings >= 0 and weeks_open > 0 must hold: got {listings}, {weeks_open}")
    return listings * WEEKS_PER_YEAR / weeks_open


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
    first. Returns listings open on an average day, weeks open on average over all, and over those seen on one day.

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
    seen = (posted <= weeks / 2) & (closed > weeks / 2)
    return {
        "open": float(inside.sum() / weeks),
        "weeks, of all": float(stay.mean()),
        "weeks, of those seen": float(stay[seen].mean()) if seen.any() else math.nan,
    }
