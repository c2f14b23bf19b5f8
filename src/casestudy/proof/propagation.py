"""Narrow what each variable can be until nothing moves: proves what cannot hold, and finds points where all does.

Hull consistency (HC4: Benhamou, Goualard, Granvilliers and Puget 1999), with a note of the facts behind each bound.
"""

import math
import operator
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from casestudy.proof.ends import EMPTY, LINE, End, Ends, combine, meet, other_factor, outward
from casestudy.proof.rules import TURNED, Facts, Rule, Tree, names, value

Box = dict[str, Ends]
NOUGHT: Ends = ((Fraction(0), 0), (Fraction(0), 0))
GAIN = Fraction(1, 1000)  # of a width; less is not worth another round
ROUNDS = 40  # of one rule: `x == y + 1, y >= x` would creep for ever
LONGEST = 10_000  # bits of a number in a point; each square doubles them
SHARES = (8, 4, 12, 1, 15)  # sixteenths of a width at which a point is tried


def propagate(
    facts: Facts, box: Box | None = None, moved: str | None = None
) -> tuple[Box, dict[str, frozenset[str]], frozenset[str] | None]:
    """The narrowed variables, the facts behind each, and those that leave one empty, or None.

    moved: the only variable that is narrower in `box` than it was. Sound, not complete: what it refutes cannot hold.
    """
    box = dict(box or {})
    why: dict[str, frozenset[str]] = {}
    left: dict[tuple[str, Rule], int] = {}
    keys = tuple((name, rule) for name in facts for rule in facts[name])
    uses: dict[str, list[tuple[str, Rule]]] = {}
    for key in keys:
        for variable in key[1].names:
            uses.setdefault(variable, []).append(key)
    queue = dict.fromkeys(keys if moved is None else uses[moved])
    while queue:
        name, rule = key = next(iter(queue))
        del queue[key]
        left[key] = left.get(key, ROUNDS) - 1
        because = frozenset({name}).union(*(why.get(variable, ()) for variable in rule.names))
        for variable, ends in _narrowed(rule, box).items():
            old = box.get(variable, LINE)
            new = meet(old, outward(ends))
            if new[0] > new[1]:
                return box, why, because
            if new != old and _worth(old, new):
                box[variable], why[variable] = new, why.get(variable, frozenset()) | because
                queue.update((use, None) for use in uses[variable] if left.get(use, 1) > 0)
    return box, why, None


def _worth(old: Ends, new: Ends) -> bool:
    gains: list[Any] = [abs(a[0] - b[0]) if a[0] != b[0] else 0 for a, b in zip(old, new, strict=True)]
    gain, width = max(gains), old[1][0] - old[0][0]
    if width == math.inf:  # an end that is open hides no gain at the other
        width = max([0.0, *(abs(float(end)) for end, _ in old if abs(float(end)) < math.inf)])
    return gain in (0, math.inf) or bool(gain > GAIN * width)  # 0: an end opened


def _narrowed(rule: Rule, box: Box) -> Box:
    """What one rule leaves of its variables; the name '' where it leaves nothing."""
    one, two = _up(rule.left, box), _up(rule.right, box)
    found: Box = {}
    for told, (low, high), way in ((one, two[1], rule.sign), (two, one[1], TURNED[rule.sign])):
        least: End = (low[0], low[1] or int(way is operator.gt)) if way not in (operator.lt, operator.le) else LINE[0]
        most: End = (high[0], high[1] or -int(way is operator.lt)) if way not in (operator.gt, operator.ge) else LINE[1]
        _down(told, (least, most), found)
    return found


def _up(tree: Tree, box: Box) -> tuple:
    if isinstance(tree, tuple):
        operation, first, second = tree
        left, right = _up(first, box), _up(second, box)
        return (operation, left, right), combine(operation, left[1], right[1])
    return tree, box.get(tree, LINE) if isinstance(tree, str) else ((tree, 0), (tree, 0))


def _down(told: tuple, target: Ends, found: Box) -> None:
    tree, ends = told[0], meet(told[1], target)
    if ends[0] > ends[1]:
        found[""] = EMPTY  # go no deeper: the least and the most of its corners would turn it over
    elif isinstance(tree, str):
        found[tree] = meet(found.get(tree, LINE), ends)
    elif isinstance(tree, tuple):
        operation, left, right = tree
        first, second = _parts(operation, ends, left[1], right[1])
        _down(left, first, found)
        _down(right, second, found)


def _parts(operation: object, whole: Ends, a: Ends, b: Ends) -> tuple[Ends, Ends]:
    """What either side of an operation can be, from what the whole and the other side are; nothing, divided by 0."""
    if operation is operator.truediv and b == NOUGHT:
        return EMPTY, EMPTY
    if operation is operator.add:
        return combine(operator.sub, whole, b), combine(operator.sub, whole, a)
    if operation is operator.sub:
        return combine(operator.add, whole, b), combine(operator.sub, a, whole)
    if operation is operator.mul:
        return other_factor(whole, b), other_factor(whole, a)
    return combine(operator.mul, whole, b), other_factor(a, whole)


def point(facts: Facts, box: Box, near: Mapping[str, Fraction] | None = None) -> dict[str, Fraction] | None:
    """A point where all facts hold, checked exactly; None where none was found, which says nothing.

    What no formula defines is fixed first, the busiest of it, at short decimals, narrowing the rest each time. near:
    where to try first.
    """
    rules = [rule for said in facts.values() for rule in said]
    told = [rule for rule in rules if rule.sign is operator.eq and isinstance(rule.left, str)]
    defined = {rule.left for rule in told}
    busy = {name: (name in defined, -sum(name in rule.names for rule in rules), name) for name in names(rules)}
    found: dict[str, Fraction] = {}
    for name in sorted(busy, key=busy.__getitem__):
        try:
            while ready := [rule for rule in told if rule.left not in found and _parts_of(rule) <= found.keys()]:
                found |= {str(rule.left): value(rule.right, found) for rule in ready}
                if any(_bits(found[str(rule.left)]) > LONGEST for rule in ready):
                    return None
        except ZeroDivisionError:
            return None
        if name not in found:
            fixed = _fixed(facts, box, name, (near or {}).get(name))
            if fixed is None:
                return None
            box, found[name] = fixed
    return found if all(rule.holds(found) for rule in rules) else None


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def _parts_of(rule: Rule) -> frozenset[str]:
    """The variables on the right of a definition; of `x == x * y` also x, so that it defines nothing."""
    return _variables(rule.right)


def _variables(tree: Tree) -> frozenset[str]:
    if isinstance(tree, tuple):
        return _variables(tree[1]) | _variables(tree[2])
    return frozenset({tree} if isinstance(tree, str) else ())


def _fixed(facts: Facts, box: Box, name: str, first: Fraction | None) -> tuple[Box, Fraction] | None:
    """One variable at a short decimal that nothing refutes, and what is left of the others."""
    least, most = (end[0] for end in box.get(name, LINE))
    low = Fraction(least if least > -math.inf else min(0, most - 1))
    high = Fraction(most) if most < math.inf else low + max(Fraction(1), abs(low))
    unit = Fraction(10) ** math.floor(math.log10((high - low) / 32)) if high > low else Fraction(1)
    shares = (
        [low] if low == high else [round((low + (high - low) * Fraction(share, 16)) / unit) * unit for share in SHARES]
    )
    for at in shares if first is None else [first, *shares]:
        trial, _, core = propagate(facts, box | {name: ((at, 0), (at, 0))}, name)
        if core is None:
            return trial, at
    return None
