"""A programme on a network: readiness, eight measures from one log, rewards, reach, told successes, waves.

Document 003 prints hardly a figure: what is computed here is ours. KPIS: its p35-p42 in order, the last being SSI.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

KPIS = ("profiles", "activity", "staff_reach", "page_reach", "engagement", "page_visitors", "site_visitors", "ssi")
ACTIVITY = ("like", "comment", "share", "post")
EVENTS = ("employed", "profile completed", *ACTIVITY, "contact", "follow", "view", "react", "click", "visit", "index")
UNCOUNTED = "conversation"  # in the log, and in none of the eight
PILLARS = ("brand", "people", "insights", "relationships")


def readiness(scores: pd.DataFrame, weights: ArrayLike, rule: str) -> pd.Series:
    """One score a firm from its scores on several factors, in the scores' own points.

    scores: one row a firm, one column a factor, not negative; weights: one a factor, any total; rule: mean, geometric
    mean or weakest link. Factors of weight 0 count in none of them. The factors: 003 p14-p44.

    >>> firm = pd.DataFrame({"leader": [4], "team": [1]})
    >>> [float(readiness(firm, [1, 1], rule).round(6).iloc[0]) for rule in ("mean", "geometric mean", "weakest link")]
    [2.5, 2.0, 1.0]
    """
    values, weights = scores.to_numpy(float), np.asarray(weights, float)
    if weights.shape != values.shape[1:] or not ((weights >= 0).all() and weights.sum() > 0):
        raise ValueError(f"weights must be {values.shape[1]} numbers >= 0, not all 0: got {weights.tolist()}")
    if not (values >= 0).all():
        raise ValueError(f"scores must not be negative: got {values.min()}")
    values, weights = values[:, weights > 0], weights[weights > 0] / weights.sum()
    rules = {
        "mean": values @ weights,
        "geometric mean": np.prod(values**weights, axis=1),
        "weakest link": values.min(1),
    }
    if rule not in rules:
        raise ValueError(f"rule must be one of {', '.join(rules)}: got {rule!r}")
    return pd.Series(rules[rule], scores.index)


def ranking_kept(scores: pd.DataFrame, rng: np.random.Generator, draws: int = 20_000) -> float:
    """Share of all weightings (0-1) under which weighted sums rank the rows as equal weights do, without a tie.

    scores: one row a person or firm, one column a component. Weightings are drawn evenly over the simplex (Dirichlet
    of ones); the standard error is at most 0.5 / sqrt(draws).

    >>> ranking_kept(pd.DataFrame({"a": [3, 2], "b": [2, 1]}), np.random.default_rng(1))  # better in both
    1.0
    """
    order = scores.mean(axis=1).to_numpy().argsort(kind="stable")
    sums = rng.dirichlet(np.ones(scores.shape[1]), draws) @ scores.to_numpy(float)[order].T
    return float((np.diff(sums, axis=1) > 0).all(axis=1).mean())


def kpis(log: pd.DataFrame) -> pd.DataFrame:
    """The eight measures of 003 p35-p42 from one period's log: numerator, denominator (1 for a count) and value.

    log: one row an event: event (EVENTS, UNCOUNTED), staff, person (who saw, followed, visited), place (`staff post`,
    `page post`, `page from outside`, `site from network`, or a pillar), amount (points of the index). Shares are not
    capped at 1: viewers need not be contacts. NaN where there is nothing to divide by. The definitions are ours.

    >>> log = pd.DataFrame({"event": ["employed", "employed", "like"], "staff": ["a", "b", "a"]})
    >>> kpis(log.assign(person=None, place=None, amount=0.0)).loc["activity"].tolist()  # one like, two people
    [1.0, 2.0, 0.5]
    """
    if unknown := set(log["event"].unique()) - {*EVENTS, UNCOUNTED}:
        raise ValueError(f"event must be one of {', '.join(EVENTS)}, {UNCOUNTED}: got {min(map(str, unknown))!r}")
    event, location = (log[column].astype("category") for column in ("event", "place"))

    def distinct(column: str, name: str, where: str | None = None) -> int:
        return log[column][(event == name) & (location == where if where else True)].nunique()

    on_page, staff = location == "page post", distinct("staff", "employed")
    parts = [
        (distinct("staff", "profile completed"), staff),
        (event.isin(ACTIVITY).sum(), staff),
        (distinct("person", "view", "staff post"), distinct("person", "contact")),
        (distinct("person", "view", "page post"), distinct("person", "follow")),
        ((event.isin(["react", "click"]) & on_page).sum(), ((event == "view") & on_page).sum()),
        (distinct("person", "visit", "page from outside"), 1),
        (distinct("person", "visit", "site from network"), 1),
        (log.loc[event == "index", "amount"].sum(), staff),
    ]
    table = pd.DataFrame(parts, index=KPIS, columns=["numerator", "denominator"], dtype=float)
    return table.assign(value=table["numerator"] / table["denominator"].where(table["denominator"] > 0))


def hours_after_reward(rewarded: str, moved: float, faked: float, worth: float = 1, extra: float = 0) -> pd.DataFrame:
    """Hours on each measure once one is rewarded, from one hour on each before; one row a measure.

    moved: share of the hours of the other seven that goes to the rewarded one; extra: hours that nobody worked before;
    faked: share of all these new hours that only shows in the count; worth: what an honest hour there does for the
    purpose, next to 1 elsewhere. Columns: spent (what the measure sees) and useful (what the purpose sees).

    >>> hours_after_reward("activity", moved=0.5, faked=1.0).loc[["profiles", "activity"]].values.tolist()
    [[0.5, 0.5], [4.5, 1.0]]
    """
    if rewarded not in KPIS:
        raise ValueError(f"rewarded must be one of {', '.join(KPIS)}: got {rewarded!r}")
    if not (0 <= moved <= 1 and 0 <= faked <= 1 and worth >= 0 and extra >= 0):
        raise ValueError(f"shares in 0..1, worth, extra >= 0 must hold: got {moved=}, {faked=}, {worth=}, {extra=}")
    hours = pd.DataFrame(1.0 - moved, index=KPIS, columns=["spent", "useful"])
    gained = (len(KPIS) - 1) * moved + extra
    hours.loc[rewarded] = 1 + gained, worth * (1 + (1 - faked) * gained)
    return hours


def invented_log(hours: pd.DataFrame, rng: np.random.Generator, staff: int = 400, people: int = 4_000) -> pd.DataFrame:
    """One invented month at the firm, for `kpis`: more hours on a measure bring more of its events.

    hours: as from `hours_after_reward`. Shares level off, counts follow the hours. Conversations with prospects, which
    no measure counts, follow the useful hours: on average one a head for every four.
    """
    spent, everybody, audience, followers = hours["spent"], np.arange(staff), people // 4, people // 2
    effort = 1 - np.exp(-0.4 * spent)  # a third of what can be had, at one hour

    def some(count: float, among: int) -> np.ndarray:
        return rng.integers(among, size=rng.poisson(count))

    acts, talks = rng.poisson(5 * spent["activity"], staff), rng.poisson(hours["useful"].sum() / 4, staff)
    seen = some(1_600 * spent["page_reach"], followers)
    touched = seen[rng.random(seen.size) < 0.4 * effort["engagement"]]
    index = np.clip(rng.normal(25 * effort["ssi"], 2, (4, staff)), 0, 25)
    parts = [
        {"event": "employed", "staff": everybody},
        {"event": "profile completed", "staff": everybody[rng.random(staff) < effort["profiles"]]},
        {"event": rng.choice(ACTIVITY, acts.sum(), p=[0.6, 0.2, 0.1, 0.1]), "staff": everybody.repeat(acts)},
        {"event": "contact", "person": np.arange(audience)},
        {"event": "follow", "person": np.arange(followers)},
        {"event": "view", "person": some(250 * spent["staff_reach"], audience), "place": "staff post"},
        {"event": "view", "person": seen, "place": "page post"},
        {"event": rng.choice(["react", "click"], touched.size), "person": touched, "place": "page post"},
        {"event": "visit", "person": some(300 * spent["page_visitors"], people), "place": "page from outside"},
        {"event": "visit", "person": some(200 * spent["site_visitors"], people), "place": "site from network"},
        *({"event": "index", "staff": everybody, "place": p, "amount": a} for p, a in zip(PILLARS, index, strict=True)),
        {"event": UNCOUNTED, "staff": everybody.repeat(talks)},
    ]
    log = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    log.insert(0, "id", [f"INV-{number:06d}" for number in range(1, len(log) + 1)])
    return log.assign(layer="invented")


def reward_ratios(before: pd.DataFrame, after: pd.DataFrame, rng: np.random.Generator, runs: int = 10) -> pd.DataFrame:
    """Measures and conversations after a reward over before (1 = as before), in `runs` pairs of invented months.

    before, after: hours. One row a measure, then `conversations`: smallest, median and largest ratio of the pairs.
    """

    def measured(hours: pd.DataFrame) -> pd.Series:
        log = invented_log(hours, rng)
        return pd.concat([kpis(log)["value"], pd.Series({"conversations": (log["event"] == UNCOUNTED).sum()})])

    ratios = pd.concat([measured(after) / measured(before) for _ in range(runs)], axis=1)
    return pd.DataFrame({"low": ratios.min(axis=1), "middle": ratios.median(axis=1), "high": ratios.max(axis=1)})


def reach(people: ArrayLike, contacts: ArrayLike, staff: ArrayLike) -> float:
    """People whom at least one employee knows, on average, when contacts are random people of a circle.

    people: in each circle (C); contacts: of one employee of each group in each circle (G x C); staff: employees in
    each group (G). One circle and one group: N (1 - (1 - k / N)^n).

    >>> reach(people=[4], contacts=[[2]], staff=[2])  # of four, each employee misses half
    3.0
    """
    people, contacts, staff = np.asarray(people, float), np.asarray(contacts, float), np.asarray(staff, float)
    if contacts.shape != (staff.size, people.size) or not ((contacts >= 0) & (contacts <= people)).all():
        raise ValueError(f"contacts must be groups x circles, each from 0 to the people there: got {contacts.tolist()}")
    return float(people @ (1 - np.prod((1 - contacts / people) ** staff[:, None], axis=0)))


def idle_programmes(count: int, people: int, base_rate: float, stay: float, rng: np.random.Generator) -> pd.DataFrame:
    """Invented programmes that change nothing: how many of `people` take part before and after; one row a programme.

    Everybody takes part with probability base_rate, before and after; stay: share of people whose choice carries over.

    >>> idle_programmes(1, people=20, base_rate=1, stay=0.5, rng=np.random.default_rng(1)).values.tolist()  # all
    [['INV-00001', 'invented', 20, 20]]
    """
    if not (0 < base_rate <= 1 and 0 <= stay <= 1):
        raise ValueError(f"base_rate in (0, 1] and stay in 0..1 must hold: got {base_rate=}, {stay=}")
    before, joined = rng.binomial(people, base_rate, count), (1 - stay) * base_rate
    after = rng.binomial(before, stay + joined) + rng.binomial(people - before, joined)
    names = [f"INV-{number:05d}" for number in range(1, count + 1)]
    return pd.DataFrame({"id": names, "layer": "invented", "before": before, "after": after})


def told_ratio(programmes: pd.DataFrame, share: float, by: str = "rise") -> float:
    """Participants after over before, summed over the told share of programmes: those with the highest end or rise.

    by: end or rise. Infinite where nobody took part before.

    >>> told_ratio(pd.DataFrame({"before": [1, 3], "after": [3, 1]}), share=0.5)
    3.0
    """
    if not (0 < share <= 1 and by in ("end", "rise")):
        raise ValueError(f"share in (0, 1] and by end or rise must hold: got {share=}, {by=}")
    merit = programmes["after"] - (programmes["before"] if by == "rise" else 0)
    order = np.argsort(-merit.to_numpy(), kind="stable")[: max(1, round(share * len(merit)))]
    shown = programmes[["before", "after"]].iloc[order].sum()
    return float(shown["after"] / shown["before"]) if shown["before"] else np.inf


def invented_waves(rng: np.random.Generator, starts: Sequence[int], effect: float, growth: float) -> pd.DataFrame:
    """Invented teams that start in waves, 40 a wave over 8 periods: unit, layer, group, period, outcome, put_in.

    starts: first period of each wave, 0 for never; put_in: the true effect, which begins with `effect` and grows by
    `growth` a period. Teams and periods have levels of their own.
    """
    unit, period = np.divmod(np.arange(len(starts) * 40 * 8), 8)
    group, period = np.repeat(starts, 40)[unit], period + 1
    put_in = np.where((group > 0) & (period >= group), effect + growth * (period - group), 0.0)
    level, common = rng.normal(10, 2, unit[-1] + 1), rng.normal(0.5, 0.5, 8).cumsum()
    outcome = level[unit] + common[period - 1] + put_in + rng.normal(0, 1, unit.size)
    panel = pd.DataFrame({"unit": unit, "group": group, "period": period, "outcome": outcome, "put_in": put_in})
    return panel.assign(unit=[f"INV-{number + 1:03d}" for number in unit], layer="invented")


def group_time_effects(panel: pd.DataFrame, control: str = "never") -> pd.DataFrame:
    """Effect on each wave in each period, as differences of means: Callaway and Sant'Anna (2021), no covariates.

    panel: one row a unit and period, balanced: unit, group (first treated period, 0 for never), period, outcome.
    control: units `never` treated, or `not yet`. Base: the last period before the wave; for earlier periods, which
    should show 0, the period before; a wave without a period before it is left out. One row a wave and period: group,
    period, effect.

    >>> panel = pd.DataFrame({"unit": [1, 1, 2, 2], "group": [2, 2, 0, 0], "period": [1, 2, 1, 2]})
    >>> group_time_effects(panel.assign(outcome=[1, 6, 1, 3])).values.tolist()  # 5 - 2
    [[2.0, 2.0, 3.0]]
    """
    if control not in ("never", "not yet"):
        raise ValueError(f"control must be 'never' or 'not yet': got {control!r}")
    wide, rows = panel.pivot(index="unit", columns="period", values="outcome"), []
    start = panel.groupby("unit")["group"].first().replace(0, np.inf)
    for group in sorted(g for g in set(start) if min(wide) < g < np.inf):  # with no period before it, there is no base
        for previous, period in pairwise(sorted(wide)):
            change = wide[period] - wide[max(p for p in wide if p < group) if period >= group else previous]
            others = (start == np.inf) | ((control == "not yet") & (start > period) & (start != group))
            if others.any():
                rows.append((group, period, change[start == group].mean() - change[others].mean()))
    return pd.DataFrame(rows, columns=["group", "period", "effect"])


def two_way_fixed_effects(panel: pd.DataFrame) -> float:
    """One effect for all waves, in the outcome's unit: least squares with a level for each unit and each period.

    panel: as in `group_time_effects`. Where effects grow, early starters serve as controls for later ones, and their
    growth is subtracted.

    >>> panel = pd.DataFrame({"unit": [1, 1, 2, 2], "group": [2, 2, 0, 0], "period": [1, 2, 1, 2]})
    >>> two_way_fixed_effects(panel.assign(outcome=[1, 6, 1, 3]))  # 5 - 2
    3.0
    """
    treated = ((panel["group"] > 0) & (panel["period"] >= panel["group"])).astype(float)
    means = [treated.groupby(panel[side]).transform("mean") for side in ("unit", "period")]
    rest = treated - means[0] - means[1] + treated.mean()
    return float((rest * panel["outcome"]).sum() / (rest * treated).sum())
