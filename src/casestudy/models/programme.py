"""A programme on a network: eight measures from one log, told successes, waves.

Document 003 prints hardly a figure: what is computed here is ours. KPIS: its p35-p42 in order, the last being SSI.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import norm

KPIS = ("profiles", "activity", "staff_reach", "page_reach", "engagement", "page_visitors", "site_visitors", "ssi")
ACTIVITY = ("like", "comment", "share", "post")
EVENTS = ("employed", "profile completed", *ACTIVITY, "contact", "follow", "view", "react", "click", "visit", "index")
UNCOUNTED = "conversation"  # in the log, and in none of the eight
PILLARS = ("brand", "people", "insights", "relationships")


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


def invented_log(rng: np.random.Generator, staff: int = 400, people: int = 4_000) -> pd.DataFrame:
    """One invented month at the firm, for `kpis`; one row an event, sizes of our choice.

    Conversations with prospects, which no measure counts, come to two a head on average.
    """
    everybody, audience, followers = np.arange(staff), people // 4, people // 2

    def some(count: float, among: int) -> np.ndarray:
        return rng.integers(among, size=rng.poisson(count))

    acts, talks = rng.poisson(5, staff), rng.poisson(2, staff)
    seen = some(1_600, followers)
    touched = seen[rng.random(seen.size) < 0.13]
    index = np.clip(rng.normal(8, 2, (4, staff)), 0, 25)
    parts = [
        {"event": "employed", "staff": everybody},
        {"event": "profile completed", "staff": everybody[rng.random(staff) < 1 / 3]},
        {"event": rng.choice(ACTIVITY, acts.sum(), p=[0.6, 0.2, 0.1, 0.1]), "staff": everybody.repeat(acts)},
        {"event": "contact", "person": np.arange(audience)},
        {"event": "follow", "person": np.arange(followers)},
        {"event": "view", "person": some(250, audience), "place": "staff post"},
        {"event": "view", "person": seen, "place": "page post"},
        {"event": rng.choice(["react", "click"], touched.size), "person": touched, "place": "page post"},
        {"event": "visit", "person": some(300, people), "place": "page from outside"},
        {"event": "visit", "person": some(200, people), "place": "site from network"},
        *({"event": "index", "staff": everybody, "place": p, "amount": a} for p, a in zip(PILLARS, index, strict=True)),
        {"event": UNCOUNTED, "staff": everybody.repeat(talks)},
    ]
    log = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    log.insert(0, "id", [f"INV-{number:06d}" for number in range(1, len(log) + 1)])
    return log.assign(layer="invented")


def invented_programmes(
    count: int, people: int, base_rate: float, stay: float, rng: np.random.Generator, growth: float = 1.0
) -> pd.DataFrame:
    """Invented programmes: how many of `people` take part before and after; one row a programme.

    Everybody takes part with probability base_rate before and growth * base_rate after; stay: share of people whose
    choice carries over, so that only the others can change; growth 1: nothing happened.

    >>> invented_programmes(1, people=20, base_rate=1, stay=0.5, rng=np.random.default_rng(1)).values.tolist()  # all
    [['INV-00001', 'invented', 20, 20]]
    """
    if not (0 < base_rate <= 1 and 0 <= stay <= 1 and count >= 1 and people >= 1):
        raise ValueError(
            f"base_rate in (0, 1], stay in 0..1, count and people >= 1 must hold: got {base_rate=}, {stay=}, {count=}, "
            f"{people=}"
        )
    joined = (growth - stay) * base_rate  # share of all who take part after, and had not kept to it
    if not 0 <= joined <= 1 - stay:
        raise ValueError(f"growth must lie from stay to {stay + (1 - stay) / base_rate:.4g}: got {growth}")
    before = rng.binomial(people, base_rate, count)
    after = rng.binomial(before, stay + joined) + rng.binomial(people - before, joined)
    names = [f"INV-{number:05d}" for number in range(1, count + 1)]
    return pd.DataFrame({"id": names, "layer": "invented", "before": before, "after": after})


def told_growth(people: float, base_rate: float, stay: float, told: float) -> float:
    """Growth that the told share of idle programmes seems to show, those that rose most: a normal approximation.

    The rise of n people scatters with s = sqrt(2 n p (1 - p) (1 - stay)) about 0; the told share q lies
    m = s phi(z) / q above; half of m is a late rise, half an early dip, so that n p - m / 2 becomes n p + m / 2.
    Infinite where the dip would take all. Good where some ten people take part; below, whole numbers rise less.

    >>> told_growth(100, base_rate=0.5, stay=0.0, told=1.0)
    1.0
    >>> round(told_growth(100, base_rate=0.5, stay=0.0, told=0.5), 4)  # s = 7.071, m = 5.642: from 47.18 to 52.82
    1.1196
    """
    if not (people > 0 and 0 < base_rate <= 1 and 0 <= stay <= 1 and 0 < told <= 1):
        raise ValueError(
            f"people > 0, base_rate and told in (0, 1], stay in 0..1 must hold: got {people=}, {base_rate=}, {told=}, "
            f"{stay=}"
        )
    spread = np.sqrt(2 * people * base_rate * (1 - base_rate) * (1 - stay))
    half = spread * norm.pdf(norm.isf(told)) / told / 2
    middle = people * base_rate
    return float((middle + half) / (middle - half)) if half < middle else np.inf


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

    panel: as in `group_time_effects`, balanced or not. Where effects grow, early starters serve as controls for later
    ones, and their growth is subtracted.

    >>> panel = pd.DataFrame({"unit": [1, 1, 2, 2], "group": [2, 2, 0, 0], "period": [1, 2, 1, 2]})
    >>> round(two_way_fixed_effects(panel.assign(outcome=[1, 6, 1, 3])), 9)  # 5 - 2
    3.0
    """
    treated = ((panel["group"] > 0) & (panel["period"] >= panel["group"])).astype(float)
    levels = pd.get_dummies(panel[["unit", "period"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(levels.assign(treated=treated))
    return float(sm.OLS(panel["outcome"].to_numpy(float), design.to_numpy()).fit().params[-1])
