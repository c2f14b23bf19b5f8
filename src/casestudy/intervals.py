"""Interval arithmetic and formulas: a printed figure is an interval before it is a number."""

import ast
import itertools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from casestudy.refusals import Refusal

Interval = tuple[float, float]


def over(function: Callable[..., float], **bounds: float | Interval) -> Interval:
    """Range of a function while each argument moves between its ends.

    bounds: a pair (low, high) moves, a number stays. Taken at the corners of the box, which is exact when the
    function is monotone in each argument; a midpoint outside the corners shows that it is not, and is refused.

    >>> over(lambda length, width: length * width, length=(2, 3), width=(10, 20))
    (20.0, 60.0)
    >>> over(lambda rate: 1 / (1 - rate), rate=(0.5, 0.75))
    (2.0, 4.0)
    """
    ends = {name: pair if isinstance(pair, tuple) else (pair, pair) for name, pair in bounds.items()}
    for name, (low, high) in ends.items():
        if not low <= high:
            raise Refusal(f"an interval needs low <= high: got {name}=({low}, {high})")

    def values(points: Callable[[float, float], tuple[float, ...]]) -> list[float]:
        grid = itertools.product(*(points(*pair) for pair in ends.values()))
        return [float(function(**dict(zip(ends, point, strict=True)))) for point in grid]

    corners = values(lambda low, high: (low,) if low == high else (low, high))
    inside = values(lambda low, high: (low,) if low == high else (low, (low + high) / 2, high))
    low, high = min(corners), max(corners)
    slack = 1e-12 * max(abs(low), abs(high))
    if min(inside) < low - slack or max(inside) > high + slack:
        raise Refusal(f"the function must be monotone in each of {', '.join(ends)}: a midpoint leaves the corners")
    return low, high


SLACK = 1e-9  # relative; what reckoning in floats may cost, for verdicts and comparisons alike


def overlap(
    first: Interval, second: tuple[ArrayLike, ArrayLike], open: tuple[ArrayLike, ArrayLike] = (False, False)
) -> Any:
    """Whether two intervals share a point, within SLACK; of many second intervals at once where they are arrays.

    open: whether the lower and the upper end of the second are left out; meeting there is not enough.

    >>> overlap((1, 2), (2, 3)), overlap((1, 2), (2, 3), open=(True, False)), overlap((1, 2), (2.5, 3))
    (True, False, False)
    >>> overlap((0.1 + 0.2, 1), (0, 0.3))
    True
    """
    met = _reaches(first[0], second[1], open[1]) & _reaches(second[0], first[1], open[0])
    return bool(met) if np.ndim(met) == 0 else met


def _reaches(low: ArrayLike, high: ArrayLike, strictly: ArrayLike) -> NDArray[np.bool_]:
    """Whether low <= high within SLACK, or low < high beyond it."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    slack = SLACK * np.minimum(np.abs(low), np.abs(high))
    slack = np.where(np.isfinite(slack), slack, 0.0)
    return np.where(strictly, low < high - slack, low <= high + slack)


# Formulas are parsed, never evaluated as Python. ---------------------------------------------------------------------

_ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARISONS = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
MAX_FORMULA = 500  # characters; nobody reads a longer one, and the parser recurses


def _parse(formula: str) -> ast.expr:
    if len(formula) > MAX_FORMULA:
        raise Refusal(f"a formula has at most {MAX_FORMULA} characters: got {len(formula)}")
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refusal(f"not a formula: {formula!r}; write + - * / ( ), numbers and names") from error
    for node in ast.walk(tree):
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        allowed = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.USub, ast.Compare, *_ARITHMETIC, *_COMPARISONS)
        if not (number or isinstance(node, allowed)):
            raise Refusal(f"{type(node).__name__} is not allowed in a formula: {formula!r}; write + - * / ( ) only")
    return tree


def names(formula: str) -> list[str]:
    """Names that a formula uses, each as often as it stands there.

    >>> names("(after - before) / before")
    ['after', 'before', 'before']
    """
    return sorted(node.id for node in ast.walk(_parse(formula)) if isinstance(node, ast.Name))


def evaluate(formula: str, values: Mapping[str, float | Interval]) -> Interval:
    """Enclosure of a formula by interval arithmetic, exact when each name stands in it once.

    values: numbers or (low, high) pairs; an open end is infinite.

    >>> evaluate("after / before - 1", {"after": (8, 9), "before": (4, 5)})
    (0.6000000000000001, 1.25)
    >>> evaluate("floor * 2", {"floor": (3, float("inf"))})
    (6.0, inf)
    """
    return _value(_parse(formula), values, formula)


def _value(node: ast.expr, values: Mapping[str, float | str | Interval], formula: str) -> Interval:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number), float(number)
        case ast.Name():
            if node.id not in values:
                raise Refusal(f"the formula {formula!r} names {node.id!r}, which is not known")
            pair = values[node.id]
            if isinstance(pair, str):
                raise Refusal(f"a formula is of numbers: {formula!r} names {node.id!r}, which is the text {pair!r}")
            low, high = pair if isinstance(pair, tuple) else (pair, pair)
            return float(low), float(high)
        case ast.UnaryOp():
            low, high = _value(node.operand, values, formula)
            return -high, -low
        case ast.BinOp():
            left, right = _value(node.left, values, formula), _value(node.right, values, formula)
            return _combine(_ARITHMETIC[type(node.op)], left, right, formula)
    raise Refusal(f"a formula gives a number, not a comparison: {formula!r}")


def _combine(operation: Callable[[float, float], float], left: Interval, right: Interval, formula: str) -> Interval:
    if operation is operator.truediv and right[0] <= 0 <= right[1]:
        raise Refusal(f"the formula {formula!r} divides by a range that holds 0: {right}")
    if operation is operator.sub:
        operation, right = operator.add, (-right[1], -right[0])
    if operation is operator.add:
        return left[0] + right[0], left[1] + right[1]
    ends = [operation(x, y) if x else 0.0 for x in left for y in right]  # nothing times an open end is nothing
    ends = [0.0 if math.isnan(end) else end for end in ends]
    return min(ends), max(ends)


def holds(rule: str, values: Mapping[str, float | str]) -> bool:
    """Whether a comparison between numbers is true; comparisons may be chained.

    values: numbers, or texts that read as one.

    >>> holds("low <= score <= high", {"low": 0, "score": 8.1, "high": 10})
    True
    """
    tree = _parse(rule)
    if not isinstance(tree, ast.Compare):
        raise Refusal(f"a rule compares two formulas: got {rule!r}")
    sides = [_value(side, values, rule)[0] for side in (tree.left, *tree.comparators)]
    return all(
        _COMPARISONS[type(sign)](left, right) for sign, left, right in zip(tree.ops, sides, sides[1:], strict=False)
    )
