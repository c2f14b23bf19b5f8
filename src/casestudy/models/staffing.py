"""Heads and deflection: what a headcount and a deflection rate say together, and what they leave out.

One assumption carries the module: heads are proportional to the cases that reach an agent, and to the time each takes.
`funnel` is the chain from members to agents, and `joint` what the figures of one article fix when it has to give all.
Numbers or numpy arrays; a function of ranges is `intervals.over` one of these, each being monotone in each argument.
"""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from casestudy.models import mobile

Values = float | NDArray[np.float64]
HOURS_A_WEEK = 24 * 7


def heads_without_deflection(agents: Values, deflection: Values) -> Values:
    """Heads needed if no contact were deflected.

    agents in heads, deflection a share of contacts. Source: document 004, paragraph 11.

    >>> round(heads_without_deflection(agents=30, deflection=0.97), 6)
    1000.0
    """
    _positive(agents=agents)
    return agents / (1 - _share("deflection", deflection))


def implied_deflection(
    agents: Values,
    expected: Values,
    deflection: Values,
    demand: Values = 1.0,
    work: Values = 1.0,
    scale: Values = 1.0,
) -> Values:
    """Deflection that the expected headcount corresponds to, given the deflection of the actual one.

    agents and expected in heads, deflection a share of contacts. demand: contacts reckoned with, over those that came;
    work: time that a case takes, over the time reckoned with; scale: heads go with the load to this power. Below 0:
    expected is more than no deflection at all would need, so that the figures do not fit together. Source: document
    004, paragraphs 10 and 11.

    >>> round(implied_deflection(agents=800, expected=5_000, deflection=0.97), 4)  # 6.25 x 3% reached an agent
    0.8125
    >>> round(implied_deflection(agents=800, expected=5_000, deflection=0.97, demand=2, work=0.4), 4)  # a fifth of that
    0.9625
    """
    _agents_and_expected(agents, expected)
    _positive(demand=demand, work=work, scale=scale)
    return 1 - (1 - _share("deflection", deflection)) * work / demand * (expected / agents) ** (1 / scale)


def agents_avoided(agents: Values, expected: Values) -> Values:
    """Heads expected and not employed. Source: document 004, paragraph 11.

    >>> agents_avoided(agents=800, expected=5_000)
    4200
    """
    _agents_and_expected(agents, expected)
    return expected - agents


def deflection_among_issues(deflection: Values, browsing_share: Values) -> Values:
    """Deflection among visitors with an issue, if the rate counts all visitors and some only came to read.

    Both are shares of visitors; below 0: more cases than visitors with an issue. Source: document 004, paragraph 11.

    >>> round(deflection_among_issues(deflection=0.97, browsing_share=0.21), 3)  # 3 cases from 79 visitors
    0.962
    """
    return 1 - (1 - _share("deflection", deflection)) / (1 - _share("browsing_share", browsing_share))


def funnel(
    members: Values,
    visits_per_member: Values,
    contacts_per_visit: Values,
    deflection: Values,
    handle_hours: Values,
    hours_per_head: Values,
    phone_visits: Values = 0.0,
    rate_ratio: Values = 1.0,
) -> dict[str, Values]:
    """What is left after each stage from members to agents, and the share of it by phone; stages multiply.

    visits_per_member and hours_per_head (at work on cases) in the same period; contacts_per_visit from elsewhere,
    rate_ratio: those of a phone visit for one of them; phone_visits a share of visits; deflection a share of contacts,
    the same by phone and elsewhere; handle_hours of an agent's time per case. Document 004, paragraphs 9 to 12, prints
    members, deflection, agents, and of the phone the shares of visits and of cases.

    >>> stages = funnel(members=1_000, visits_per_member=2, contacts_per_visit=0.8, deflection=0.75, handle_hours=3,
    ...                 hours_per_head=30, phone_visits=0.5, rate_ratio=0.25)
    >>> stages  # of 1000 visits each, 800 contacts from elsewhere and 200 by phone
    {'members': 1000, 'visits': 2000, 'contacts': 1000.0, 'cases': 250.0, 'heads': 25.0, 'by_phone': 0.2}
    """
    sizes = {"members": members, "visits_per_member": visits_per_member, "contacts_per_visit": contacts_per_visit}
    for name, value in (sizes | {"handle_hours": handle_hours}).items():
        _need(
            np.greater_equal(value, 0) & np.isfinite(value), f"{name} must be at least 0, and finite", **{name: value}
        )
    _positive(hours_per_head=hours_per_head, rate_ratio=rate_ratio)
    phone, elsewhere = rate_ratio * _share("phone_visits", phone_visits), 1 - phone_visits
    visits = members * visits_per_member
    contacts = visits * contacts_per_visit * (phone + elsewhere)
    cases = contacts * (1 - _share("deflection", deflection))
    heads = cases * handle_hours / hours_per_head
    by_phone = phone / (phone + elsewhere)
    stages = {"members": members, "visits": visits, "contacts": contacts, "cases": cases}
    return stages | {"heads": heads, "by_phone": by_phone}


def joint(
    agents: float, expected: float, deflection: float, case_before: float, case_after: float, visits_after: float
) -> dict[str, float]:
    """What one `funnel`, run before and after, must be to give every printed figure of document 004.

    agents and expected in heads, the rest shares: deflection, the phone's part of cases before and after, and of
    visits after. Before stands for what was expected. Only the phone's part of visits and deflection differ between
    the two; the same visits, contacts of a visit by device, and hours. Source: document 004, paragraphs 10 to 12.

    rate_ratio: contacts of a phone visit for one from elsewhere; visits_before: the phone's part of visits; contacts:
    factor on contacts from before to after; deflection_before: share of contacts, below 0 where nothing fits.

    >>> known = joint(agents=30, expected=136, deflection=0.9, case_before=1 / 17, case_after=0.2, visits_after=0.5)
    >>> {name: round(value, 4) for name, value in known.items()}  # 8.5 contacts became 6.25: a third, not 45%, got by
    {'rate_ratio': 0.25, 'visits_before': 0.2, 'contacts': 0.7353, 'deflection_before': 0.6667}
    """
    ratio = mobile.cases_per_visit_ratio(case_share=case_after, traffic_share=visits_after)
    factor = mobile.cases_per_visit_change(case_before, case_after, visits_after)
    return {
        "rate_ratio": ratio,
        "visits_before": mobile.traffic_share_needed(case_share=case_before, rate_ratio=ratio),
        "contacts": factor,
        "deflection_before": float(implied_deflection(agents, expected, deflection, demand=1 / factor)),
    }


def log_shares(ratios: Mapping[str, float]) -> dict[str, float]:
    """Share of each factor in a product, in logs: shares add up to 1, whatever the order of the factors.

    ratios: expected over actual, by factor (demand, deflection, efficiency); a factor that worked against the product
    has a negative share.

    >>> {name: round(share, 2) for name, share in log_shares({"demand": 1, "deflection": 4, "efficiency": 2}).items()}
    {'demand': 0.0, 'deflection': 0.67, 'efficiency': 0.33}
    """
    for name, ratio in ratios.items():
        _need(np.greater(ratio, 0) & np.isfinite(ratio), "a ratio must be positive and finite", **{name: ratio})
    logs = {name: math.log(ratio) for name, ratio in ratios.items()}
    total = math.fsum(logs.values())
    if abs(total) < 1e-12:
        raise ValueError(f"the ratios must not multiply to 1, for then there is nothing to share: got {dict(ratios)}")
    return {name: part / total for name, part in logs.items()}


def seats(
    heads: Values, shrinkage: Values, hours_per_week: Values = 40, open_hours_per_week: Values = HOURS_A_WEEK
) -> Values:
    """Seats filled at the same time by so many heads, on average over the opening hours.

    shrinkage: the share of paid hours away from the desk (leave, training, breaks); hours_per_week paid to each head.

    >>> round(seats(heads=6, shrinkage=0.3), 9)  # 6 x 40 h x 0.7 = 168 h = 24 x 7
    1.0
    """
    _need(np.greater_equal(heads, 0) & np.isfinite(heads), "heads must be at least 0, and finite", heads=heads)
    for name, hours in {"hours_per_week": hours_per_week, "open_hours_per_week": open_hours_per_week}.items():
        _need(
            np.greater(hours, 0) & np.less_equal(hours, HOURS_A_WEEK),
            f"{name} must be positive, at most 168",
            **{name: hours},
        )
    return heads * hours_per_week * (1 - _share("shrinkage", shrinkage)) / open_hours_per_week


def agents_for_backlog(cases_per_hour: Values, handle_hours: Values, occupancy: Values) -> Values:
    """Agents at work that keep a backlog from growing: the load over the occupancy, as for a fluid.

    For cases answered in hours or days, where nobody waits on a line; a live channel is `queues.agents_needed`.

    >>> agents_for_backlog(cases_per_hour=60, handle_hours=0.5, occupancy=0.75)
    40.0
    """
    right = np.greater_equal(cases_per_hour, 0) & np.isfinite(cases_per_hour)
    _need(right, "cases_per_hour must be at least 0, and finite", cases_per_hour=cases_per_hour)
    _positive(handle_hours=handle_hours)
    right = np.greater(occupancy, 0) & np.less_equal(occupancy, 1)
    _need(right, "occupancy must be above 0 and at most 1", occupancy=occupancy)
    return cases_per_hour * handle_hours / occupancy


def _agents_and_expected(agents: Values, expected: Values) -> None:
    right = np.greater(agents, 0) & np.less_equal(agents, expected) & np.isfinite(expected)
    _need(right, "agents must be positive and at most expected", agents=agents, expected=expected)


def _positive(**values: Values) -> None:
    for name, value in values.items():
        _need(np.greater(value, 0) & np.isfinite(value), f"{name} must be positive, and finite", **{name: value})


def _share(name: str, value: Values) -> Values:
    _need(np.greater_equal(value, 0) & np.less(value, 1), f"{name} is a share: at least 0, below 1", **{name: value})
    return value


def _need(holds: bool | NDArray[np.bool_], rule: str, **values: Values) -> None:
    """Refuse the first case in which a rule does not hold."""
    if not np.all(holds):
        first = int(np.argmin(holds))
        got = (
            f"{name}={np.broadcast_to(value, np.shape(holds)).flat[first].item():g}" for name, value in values.items()
        )
        raise ValueError(f"{rule}: got {', '.join(got)}")
