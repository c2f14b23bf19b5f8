"""What intervals cannot refute: sums and products of several rules that together say 0 < 0, or 1 < 1.

A linear program in floating point names the rules and roughly their multipliers (Farkas 1902); the multipliers are then
worked out as fractions, and the sum is checked exactly. Products are sums of exponents; no logarithm enters the check.
"""

import itertools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from casestudy.proof.propagation import Box
from casestudy.proof.rules import Facts, Operation, Rule, Tree

SMALL = 1e-7  # a multiplier of the linear program that is below this is none
LARGEST = 1e60  # number in the linear program
HIGHEST = 60  # exponent of a product; a proof with higher ones helps nobody
_STRICT = (operator.lt, operator.gt)


@dataclass(frozen=True)
class _Row:
    """`sum of coefficients times variables, plus constant <= 0` (or == 0), as one fact says it.

    Of a product the coefficients are exponents, and the constant is what their product is multiplied by: `<= 1`.
    """

    fact: str
    coefficients: Mapping[str, Fraction]
    constant: Fraction
    equal: bool
    strict: bool


def by_sum(facts: Facts) -> frozenset[str] | None:
    """Facts whose linear rules add up to a contradiction, or None."""
    rows = [row for name in facts for rule in facts[name] if (row := _linear_row(name, rule))]
    return _contradiction(rows, lambda row: _rough(row.constant), _sum_is_positive)


def by_product(facts: Facts, box: Box, why: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    """Facts whose products of positive variables multiply to a contradiction, or None.

    box, why: what propagation knows: which variables are positive, and because of which facts.
    """
    positive = {name for name, ends in box.items() if ends[0] > (0, 0)}
    rows = [row for name in facts for rule in facts[name] if (row := _product_row(name, rule, positive))]
    core = _contradiction(rows, _log, _product_exceeds_one)
    if core is None:
        return None
    used = {variable for name in core for rule in facts[name] for variable in rule.names}  # also what cancels
    return core.union(*(why.get(variable, frozenset()) for variable in used))


def near(facts: Facts) -> dict[str, Fraction]:
    """Where the linear rules hold with room to spare, roughly; nothing where that could not be seen. Proves nothing."""
    from scipy.optimize import linprog

    rows = [row for name in facts for rule in facts[name] if (row := _linear_row(name, rule)) and row.coefficients]
    names = sorted({name for row in rows for name in row.coefficients})
    if not names:
        return {}
    matrix = np.array([[_rough(row.coefficients.get(name, 0)) for name in names] for row in rows])
    scale = np.maximum(np.abs(matrix).max(axis=1), 1 / LARGEST)
    matrix, right = matrix / scale[:, None], np.array([-_rough(row.constant) for row in rows]) / scale
    equal = np.array([row.equal for row in rows])
    room = np.append(matrix, np.where(equal, 0, 1)[:, None], axis=1)  # the last column: the room
    solved = linprog(
        np.append(np.zeros(len(names)), -1), room[~equal], right[~equal], room[equal], right[equal],
        bounds=[*[(None, None)] * len(names), (0, 1)],
    )  # fmt: skip
    if solved.x is None:
        return {}
    return {
        name: Fraction(float(number)).limit_denominator(10**6)
        for name, number in zip(names, solved.x, strict=False)
        if abs(number) < LARGEST
    }


def _rough(number: Fraction | int) -> float:
    """A float for the linear program: what is beyond its reach it need not find."""
    return float(max(min(number, LARGEST), -LARGEST))


def _log(row: _Row) -> float:
    return math.log(row.constant.numerator) - math.log(row.constant.denominator)  # a float may hold neither the whole


# Rows ----------------------------------------------------------------------------------------------------------------


def _linear_row(fact: str, rule: Rule) -> _Row | None:
    left, right = _linear(rule.left), _linear(rule.right)
    if left is None or right is None:
        return None
    if rule.sign in (operator.ge, operator.gt):
        left, right = right, left
    total = _merged(operator.sub, left, right)
    constant = total.pop("", Fraction(0))
    some = {name: number for name, number in total.items() if number}
    return _Row(fact, some, constant, rule.sign is operator.eq, rule.sign in _STRICT)


def _linear(tree: Tree) -> dict[str, Fraction] | None:
    """Coefficients by variable, the constant under ''; None where the formula is not linear."""
    if isinstance(tree, str):
        return {tree: Fraction(1)}
    if not isinstance(tree, tuple):
        return {"": tree}
    operation, left, right = tree[0], _linear(tree[1]), _linear(tree[2])
    if left is None or right is None:
        return None
    if operation in (operator.add, operator.sub):
        return {
            name: operation(left.get(name, Fraction(0)), right.get(name, Fraction(0))) for name in {**left, **right}
        }
    if operation is operator.mul and set(left) == {""}:
        left, right = right, left
    if set(right) != {""} or (operation is operator.truediv and not right[""]):
        return None
    return {name: operation(number, right[""]) for name, number in left.items()}


def _product_row(fact: str, rule: Rule, positive: set[str]) -> _Row | None:
    left, right = _product(rule.left), _product(rule.right)
    if left is None or right is None or not {*left[1], *right[1]} <= positive or min(left[0], right[0]) <= 0:
        return None
    if rule.sign in (operator.ge, operator.gt):
        left, right = right, left
    exponents = _merged(operator.sub, left[1], right[1])
    some = {name: number for name, number in exponents.items() if number}
    return _Row(fact, some, left[0] / right[0], rule.sign is operator.eq, rule.sign in _STRICT)


def _product(tree: Tree) -> tuple[Fraction, dict[str, Fraction]] | None:
    """A number and exponents by variable; None where the formula is no product."""
    if isinstance(tree, str):
        return Fraction(1), {tree: Fraction(1)}
    if not isinstance(tree, tuple):
        return tree, {}
    if tree[0] in (operator.add, operator.sub):
        linear = _linear(tree)  # of numbers alone
        return (linear[""], {}) if linear and set(linear) == {""} else None
    left, right = _product(tree[1]), _product(tree[2])
    if left is None or right is None or (tree[0] is operator.truediv and not right[0]):
        return None
    together = _merged(operator.add if tree[0] is operator.mul else operator.sub, left[1], right[1])
    operation: Operation = tree[0]
    return operation(left[0], right[0]), together


def _merged(operation: Operation, left: Mapping[str, Fraction], right: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """A sum or difference name by name; what is not there is 0."""
    return {name: operation(left.get(name, Fraction(0)), right.get(name, Fraction(0))) for name in {**left, **right}}


# Multipliers ---------------------------------------------------------------------------------------------------------


def _contradiction(
    rows: Sequence[_Row], weight: Callable[[_Row], float], proves: Callable[[Sequence[_Row], Sequence[Fraction]], bool]
) -> frozenset[str] | None:
    """Facts whose rows, each times a multiplier, cancel all variables and leave something that cannot be."""
    signs = (Fraction(1), Fraction(-1))
    alone = (
        row for row in rows if not row.coefficients and any(proves([row], [sign]) for sign in signs[: 1 + row.equal])
    )
    chosen = list(itertools.islice(alone, 1)) or _support(rows, weight)
    if not chosen:
        return None
    multipliers = _cancelling(chosen)
    for sign in (1, -1) if multipliers else ():
        signed = [sign * number for number in multipliers or ()]
        fits = all(number >= 0 or row.equal for row, number in zip(chosen, signed, strict=True))
        if fits and proves(chosen, signed):
            return frozenset(row.fact for row, number in zip(chosen, signed, strict=True) if number)
    return None


def _support(rows: Sequence[_Row], weight: Callable[[_Row], float]) -> list[_Row]:
    """The rows that a linear program uses, each an equation or an inequality once."""
    from scipy.optimize import linprog  # a third of a second, which most registers need not pay

    names = sorted({name for row in rows for name in row.coefficients})
    if not names:
        return []
    place = {name: number for number, name in enumerate(names)}
    columns = [(row, sign) for row in rows for sign in ((1, -1) if row.equal else (1,))]
    matrix, gain = np.zeros((len(names) + 1, len(columns))), np.zeros(len(columns))
    for number, (row, sign) in enumerate(columns):
        for name, coefficient in row.coefficients.items():
            matrix[place[name], number] = sign * _rough(coefficient)
        gain[number] = sign * weight(row)
    typical = np.abs(matrix[:-1]).max(axis=1, initial=0)
    matrix[:-1] /= np.where(typical > 0, typical, 1)[:, None]
    largest = np.maximum(np.abs(matrix[:-1]).max(axis=0, initial=0), 1 / LARGEST)
    matrix[:-1], gain = matrix[:-1] / largest, gain / largest
    gain = gain / max(np.abs(gain).max(initial=0), 1 / LARGEST) + 1e-9 * np.array([row.strict for row, _ in columns])
    matrix[-1] = 1
    right = np.append(np.zeros(len(names)), 1)
    solved = linprog(-gain, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs-ds")
    if solved.x is None or solved.fun > 0:
        return []
    used = {id(row): row for (row, _), number in zip(columns, solved.x, strict=True) if number > SMALL}
    return list(used.values())


def _cancelling(rows: Sequence[_Row]) -> list[Fraction] | None:
    """The multipliers, but for a common factor, under which all variables cancel; None where they are not unique."""
    names = sorted({name for row in rows for name in row.coefficients})
    matrix = [[row.coefficients.get(name, Fraction(0)) for row in rows] for name in names]
    pivots: list[int] = []
    for column in range(len(rows)):
        at = len(pivots)
        best = next((number for number in range(at, len(matrix)) if matrix[number][column]), None)
        if best is None:
            continue
        matrix[at], matrix[best] = matrix[best], matrix[at]
        matrix[at] = [number / matrix[at][column] for number in matrix[at]]
        for other in range(len(matrix)):
            if other != at and (factor := matrix[other][column]):
                matrix[other] = [x - factor * y for x, y in zip(matrix[other], matrix[at], strict=True)]
        pivots.append(column)
    free = [column for column in range(len(rows)) if column not in pivots]
    if len(free) != 1:
        return None
    solution = [Fraction(0)] * len(rows)
    solution[free[0]] = Fraction(1)
    for number, column in enumerate(pivots):
        solution[column] = -matrix[number][free[0]]
    return solution


def _sum_is_positive(rows: Sequence[_Row], multipliers: Sequence[Fraction]) -> bool:
    total = sum((number * row.constant for row, number in zip(rows, multipliers, strict=True)), Fraction(0))
    return total > 0 or (total == 0 and _uses_a_strict_one(rows, multipliers))


def _product_exceeds_one(rows: Sequence[_Row], multipliers: Sequence[Fraction]) -> bool:
    scale = math.lcm(*(number.denominator for number in multipliers))
    exponents = [int(number * scale) for number in multipliers]
    if max(map(abs, exponents)) > HIGHEST:
        return False
    total = math.prod((row.constant**number for row, number in zip(rows, exponents, strict=True)), start=Fraction(1))
    return total > 1 or (total == 1 and _uses_a_strict_one(rows, multipliers))


def _uses_a_strict_one(rows: Sequence[_Row], multipliers: Sequence[Fraction]) -> bool:
    return any(row.strict and number for row, number in zip(rows, multipliers, strict=True))
