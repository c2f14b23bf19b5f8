"""What each slip earns in its part, so that the parts together give what the set gives for the whole question."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

EXACT = 1e-6  # share of a question's points: below it, a difference is one of rounding
TOWARDS = 1e-3  # how much less it matters that a share is near a mistake's credit than that the sum is right


@dataclass(frozen=True)
class Sum:
    """One mistake: which slips it makes, what they weigh, and what they are to earn together, in shares of the points.

    credit: the mistake's own; where the sum leaves it open, a slip's share is near it. by_hand: a person gives a part
    of it, and where not every sum can be had, it is this one that misses.
    """

    weights: dict[int, float]
    earns: float
    credit: float
    by_hand: bool = False


def shares(slips: int, sums: Sequence[Sum]) -> tuple[list[float], list[float]]:
    """The share of each slip, and by how much each mistake's sum then misses what it is to earn: 0 where it can be had.

    >>> shares(2, [Sum({0: 0.5, 1: 0.5}, 0.4, 0.4), Sum({1: 0.5}, 0.1, 0.6)])
    ([0.6, 0.2], [0.0, 0.0])
    """
    if not slips:
        return [], [-one.earns if one.earns > EXACT else 0.0 for one in sums]
    count = len(sums)
    near = np.zeros(slips)
    for one in reversed(sums):
        for number in one.weights:
            near[number] = one.credit
    # unknowns: the shares, how far each lies above and below its mistake's credit, how far each sum misses
    sizes = (slips, slips, slips, count, count)
    starts = np.cumsum((0, *sizes))
    rows, right = [], []
    for number, one in enumerate(sums):
        row = np.zeros(starts[-1])
        for slip, weight in one.weights.items():
            row[slip] = weight
        row[starts[3] + number], row[starts[4] + number] = 1, -1
        rows.append(row)
        right.append(one.earns)
    for slip in range(slips):
        row = np.zeros(starts[-1])
        row[slip], row[starts[1] + slip], row[starts[2] + slip] = 1, 1, -1
        rows.append(row)
        right.append(near[slip])
    matters = np.array([0.1 if one.by_hand else 1.0 for one in sums])
    cost = np.concatenate([np.zeros(slips), np.full(2 * slips, TOWARDS), matters, matters])
    bounds = [(0.0, 1.0)] * slips + [(0, None)] * (starts[-1] - slips)
    found = linprog(cost, A_eq=np.array(rows), b_eq=np.array(right), bounds=bounds)
    given = [round(float(share), 9) + 0.0 for share in found.x[:slips]]
    missed = [sum(weight * given[slip] for slip, weight in one.weights.items()) - one.earns for one in sums]
    return given, [miss if abs(miss) > EXACT else 0.0 for miss in missed]
