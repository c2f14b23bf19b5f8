"""Heads and deflection: what a headcount and a deflection rate say together, and what they leave out.

One assumption carries the module: heads are proportional to the cases that reach an agent, and to the time each takes.
Numbers or numpy arrays; a function of ranges is `intervals.over` one of these, each being monotone in each argument.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Values = float | NDArray[np.float64]
HOURS_A_WEEK = 24 * 7


def heads_without_deflection(agents: Values, deflection: Values) -> Values:
    """Heads needed if no contact were deflected.

    agents in heads, deflection a share of contacts. Source: document 004, paragraph 11.

    >>> round(heads_without_deflection(agents=30, deflection=0.97), 6)
    1000.0
    """
    _need(np.greater(agents, 0), "agents must be positive", agents=agents)
    return agents / (1 - _share("deflection", deflection))


def implied_deflection(
    agents: Values, expected: Values, deflection: Values, work: Values = 1.0, exponent: Values = 1.0
) -> Values:
    """Deflection that the expected headcount corresponds to, given the deflection of the actual one.

    agents and expected in heads, deflection a share of contacts; work: hours of work that what reaches an agent brings
    now, over what it would have brought when the expectation was made (0.32 after a fall by 68%, 3 where only hard
    cases are left); exponent: heads go with contacts to this power, 1 in proportion. Below 0: expected is more than no
    deflection at all would need, so that the figures do not fit together. Source: document 004, paragraphs 10 and 11.

    >>> round(implied_deflection(agents=800, expected=5_000, deflection=0.97), 4)  # 6.25 x 3% reached an agent
    0.8125
    >>> round(implied_deflection(agents=800, expected=5_000, deflection=0.97, work=0.32), 4)
    0.94
    """
    _agents_and_expected(agents, expected)
    _need(np.greater(work, 0), "work must be positive", work=work)
    _need(np.greater(exponent, 0), "exponent must be positive", exponent=exponent)
    return 1 - (1 - _share("deflection", deflection)) * work * (expected / agents) ** (1 / exponent)


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
    issues_per_member: Values,
    prevention: Values,
    deflection: Values,
    handle_hours: Values,
    hours_per_head: Values,
) -> dict[str, Values]:
    """What is left after each stage from members to agents; stages multiply.

    issues_per_member and hours_per_head (at work on cases) in the same period; prevention a share of issues that never
    arise, deflection a share of contacts; handle_hours of an agent's time per case. The pillars are those of document
    004, paragraph 9; it prints none of the rates but deflection.

    >>> funnel(members=1_000, issues_per_member=2, prevention=0.5, deflection=0.75, handle_hours=3, hours_per_head=30)
    {'members': 1000, 'issues': 2000, 'contacts': 1000.0, 'cases': 250.0, 'heads': 25.0}
    """
    for name, value in {
        "members": members,
        "issues_per_member": issues_per_member,
        "handle_hours": handle_hours,
    }.items():
        _need(np.greater_equal(value, 0), f"{name} must be at least 0", **{name: value})
    _need(np.greater(hours_per_head, 0), "hours_per_head must be positive", hours_per_head=hours_per_head)
    issues = members * issues_per_member
    contacts = issues * (1 - _share("prevention", prevention))
    cases = contacts * (1 - _share("deflection", deflection))
    heads = cases * handle_hours / hours_per_head
    return {"members": members, "issues": issues, "contacts": contacts, "cases": cases, "heads": heads}


def issues_per_visitor(
    members: Values, visiting: Values, deflection: Values, agents: Values, handle_hours: Values, hours_per_head: Values
) -> Values:
    """How often a visiting member must need help for so many agents: `funnel` solved for its one free rate.

    visiting: share of members who come by in a period; hours_per_head: at work on cases in the same period;
    handle_hours of an agent's time per case. Whatever the other figures are, some rate fits.

    >>> issues_per_visitor(1_000, visiting=0.5, deflection=0.75, agents=25, handle_hours=3, hours_per_head=30)
    2.0
    """
    for name, value in {"members": members, "agents": agents, "handle_hours": handle_hours}.items():
        _need(np.greater(value, 0), f"{name} must be positive", **{name: value})
    _need(np.greater(hours_per_head, 0), "hours_per_head must be positive", hours_per_head=hours_per_head)
    visitors = members * visiting
    _need(np.greater(visitors, 0), "visiting must be positive", visiting=visiting)
    return agents * hours_per_head / (visitors * (1 - _share("deflection", deflection)) * handle_hours)


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
    _need(np.greater_equal(heads, 0), "heads must be at least 0", heads=heads)
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
    _need(np.greater_equal(cases_per_hour, 0), "cases_per_hour must be at least 0", cases_per_hour=cases_per_hour)
    _need(np.greater(handle_hours, 0), "handle_hours must be positive", handle_hours=handle_hours)
    right = np.greater(occupancy, 0) & np.less_equal(occupancy, 1)
    _need(right, "occupancy must be above 0 and at most 1", occupancy=occupancy)
    return cases_per_hour * handle_hours / occupancy


def _agents_and_expected(agents: Values, expected: Values) -> None:
    right = np.greater(agents, 0) & np.less_equal(agents, expected) & np.isfinite(expected)
    _need(right, "agents must be positive and at most expected", agents=agents, expected=expected)


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
