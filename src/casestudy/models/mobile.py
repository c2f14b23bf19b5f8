"""Support cases sent from mobile devices: how large the jump is, what traffic alone makes of it, where it leads."""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.stats.proportion import confint_proportions_2indep

from casestudy.models.uncertainty import counted, inside

# How large -----------------------------------------------------------------------------------------------------------


def odds_ratio(before: float, after: float) -> float:
    """Factor by which the odds of a share rose; shares 0-1. Source of the two shares: 004 p12.

    >>> round(odds_ratio(before=0.2, after=0.5), 6)  # from 1:4 to 1:1
    4.0
    """
    inside(before=before, after=after)
    return (after / (1 - after)) / (before / (1 - before))


def difference_against_n(before: float, after: float, n: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Interval of after - before if n cases had been counted in each period: Newcombe 1998, method 10.

    One row an n: n, low, high, width, as shares. The counts behind the shares need not be whole here. The interval
    covers sampling only; rounding of the two shares comes on top and does not shrink with n.

    >>> difference_against_n(before=0.3, after=0.9, n=[10]).round(4).values.tolist()  # 3 of 10, 9 of 10
    [[10.0, 0.1705, 0.809, 0.6385]]
    """
    inside(before=before, after=after, level=level)
    n = counted(n)
    low, high = confint_proportions_2indep(
        after * n, n, before * n, n, method="newcomb", compare="diff", alpha=1 - level
    )
    return pd.DataFrame({"n": n, "low": low, "high": high, "width": high - low})


# Cases and traffic ---------------------------------------------------------------------------------------------------


def cases_per_visit_ratio(case_share: float, traffic_share: float) -> float:
    """Cases per mobile visit for one case per desktop visit; below 1, mobile visitors send fewer.

    case_share and traffic_share: the mobile share of cases and of visits, 0-1. Visits are to the whole site, since 004
    p12 prints no share for the Help Center; fewer needs, or a form that is harder on a phone, the ratio cannot tell.

    >>> round(cases_per_visit_ratio(case_share=0.2, traffic_share=0.5), 6)
    0.25
    """
    inside(case_share=case_share, traffic_share=traffic_share)
    return odds_ratio(before=traffic_share, after=case_share)


def case_share(traffic_share: float, rate_ratio: float) -> float:
    """Mobile share of cases that a mobile share of visits gives.

    rate_ratio: cases per mobile visit for one case per desktop visit. By Bayes' rule: the share is the chance that a
    case came by mobile, and its odds are those of a visit times the rate ratio.

    >>> round(case_share(traffic_share=0.5, rate_ratio=0.25), 6)
    0.2
    """
    if not (0 <= traffic_share <= 1 and 0 < rate_ratio < math.inf):
        raise ValueError(
            f"0 <= traffic_share <= 1 and a finite rate_ratio > 0 must hold: got {traffic_share=}, {rate_ratio=}"
        )
    mobile, desktop = rate_ratio * traffic_share, 1 - traffic_share
    return mobile / (mobile + desktop)


def traffic_share_needed(case_share: float, rate_ratio: float) -> float:
    """Mobile share of visits that gives this mobile share of cases: the inverse of `case_share`.

    >>> round(traffic_share_needed(case_share=0.2, rate_ratio=0.25), 6)
    0.5
    """
    inside(case_share=case_share)
    if not 0 < rate_ratio < math.inf:
        raise ValueError(f"rate_ratio must be positive, and finite: got {rate_ratio}")
    return case_share / (case_share + rate_ratio * (1 - case_share))


def cases_per_visit_change(case_before: float, case_after: float, traffic_after: float) -> float:
    """Factor on cases per visit, all devices together, when visits move and the rate of each device stays.

    Cases per visit are a weighted average of the two rates, the shares of visits being the weights; so their change
    follows from the mobile share of cases before and after and that of visits after, all 0-1. The share of visits
    before is then the one of `traffic_share_needed`. Source: 004 p12.

    >>> round(cases_per_visit_change(case_before=1 / 17, case_after=0.2, traffic_after=0.5), 4)  # 0.625 after 0.85
    0.7353
    """
    inside(case_before=case_before, case_after=case_after, traffic_after=traffic_after)
    return traffic_after * case_before / case_after + (1 - traffic_after) * (1 - case_before) / (1 - case_after)


# Where it leads ------------------------------------------------------------------------------------------------------


def crossing(before: float, after: float, step_years: float, ceiling: float, target: float = 0.5) -> float:
    """Years after the second point at which a logistic through two points reaches the target share.

    before, after, target: shares 0-1; step_years: years between the two points and ceiling: where growth ends, both
    assumed, for 004 p12 prints neither. Infinite when the ceiling is not above the target. Two points leave no degree
    of freedom: the curve has no error estimate.

    >>> round(crossing(before=0.2, after=0.5, step_years=2, ceiling=1, target=0.8), 6)  # odds 1:4, 1:1, 4:1
    2.0
    """
    if not (0 < before < after < ceiling <= 1 and 0 < target < 1 and 0 < step_years < math.inf):
        raise ValueError(
            "0 < before < after < ceiling <= 1, 0 < target < 1 and a finite step_years > 0 must hold: "
            f"got {before=}, {after=}, {ceiling=}, {target=}, {step_years=}"
        )
    if ceiling <= target:
        return math.inf

    def logit(share: float) -> float:
        return math.log(share / (ceiling - share))

    return step_years * (logit(target) - logit(after)) / (logit(after) - logit(before))


# Invented months ------------------------------------------------------------------------------------------------------


def invented_months(
    traffic_shares: ArrayLike, rate_ratio: float, cases: int, rng: np.random.Generator, trend: float = 0.0
) -> pd.DataFrame:
    """Invented cases of 'the firm': each is mobile with the chance that the month's traffic and `rate_ratio` give.

    traffic_shares: the mobile share of visits, 0-1, one a month; rate_ratio: cases per mobile visit for one case per
    desktop visit in the first month; trend: its growth in a year (0: nobody files more or less often); cases: a month.
    One row a month: id, layer, year (0 in the first month), traffic_share, cases, mobile_cases.

    >>> months = invented_months([0.5, 0.5], rate_ratio=1, cases=10_000, rng=np.random.default_rng(1))
    >>> months.columns.tolist(), months.id.tolist(), (months.mobile_cases / months.cases).round(1).tolist()
    (['id', 'layer', 'year', 'traffic_share', 'cases', 'mobile_cases'], ['INV-001', 'INV-002'], [0.5, 0.5])
    """
    traffic = np.asarray(traffic_shares, float)
    counts = 0 < rate_ratio < math.inf and 1 <= cases < math.inf and -1 < trend < math.inf
    if not (traffic.size and ((traffic > 0) & (traffic < 1)).all() and counts):
        raise ValueError(
            "a month at least, 0 < traffic_shares < 1, rate_ratio > 0, cases >= 1 and trend > -1, all finite, must "
            f"hold: got {np.min(traffic, initial=np.inf)} to {np.max(traffic, initial=-np.inf)}, "
            f"{rate_ratio=}, {cases=}, {trend=}"
        )
    year = np.arange(len(traffic)) / 12
    odds = traffic / (1 - traffic) * rate_ratio * (1 + trend) ** year
    return pd.DataFrame(
        {
            "id": [f"INV-{month:03d}" for month in range(1, len(traffic) + 1)],
            "layer": "invented",
            "year": year,
            "traffic_share": traffic,
            "cases": cases,
            "mobile_cases": rng.binomial(cases, odds / (1 + odds)),
        }
    )
