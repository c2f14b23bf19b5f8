"""Interval arithmetic and formulas: a printed figure is an interval before it is a number."""

from __future__ import annotations  # so that help() prints names of types, not all that they stand for

import ast
import functools
import itertools
import math
import operator
import sys
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any

from casestudy.refusals import Refusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

Interval = tuple[float, float]
Exact = Fraction | float  # a float only where an end is open
SLACK = 1e-9  # of the smaller of two numbers: closer, they are one, for verdicts and comparisons alike
HOLLOWS = 4  # of a grid, each followed downhill


def pair(given: Any, what: str) -> Interval:
    """Both ends of a number, or of a pair (low, high): a tuple, list, array or series. what: how a refusal names it.

    >>> pair(3, "x"), pair([1, 2], "x")
    ((3, 3), (1, 2))
    """
    if isinstance(given, Real):
        return given, given  # type: ignore[return-value]  # the types of numbers do not know each other
    if type(given) is tuple and len(given) == 2 and all(isinstance(end, Real) for end in given):
        return given
    import numpy as np  # here, since numbers and tuples do without

    try:
        ends = (given, given) if np.ndim(given) == 0 else tuple(given)
    except (TypeError, ValueError):  # a list of lists
        ends = ()
    if len(ends) != 2 or not all(isinstance(end, Real) for end in ends):
        raise Refusal(f"{what} is a number or a pair (low, high): got {given!r}")
    return ends[0], ends[1]


def over(function: Callable[..., float], /, *, turns: bool = False, **bounds: float | Interval) -> Interval:
    """Range of a function while each argument moves between its ends.

    bounds: a pair (low, high) moves, a number stays. Taken at the corners of the box, which is exact where the function
    is monotone in each argument. A grid looks for turns (one that fits between its points goes unseen); where it sees
    one, the box is searched, and what leaves the corners is refused. turns: return what the search finds instead. That
    lies within the range and can miss its ends: an estimate from inside, no proof that nothing lies outside.

    >>> over(lambda length, width: length * width, length=(2, 3), width=(10, 20))
    (20.0, 60.0)
    >>> over(lambda rate: 1 / (1 - rate), rate=(0.5, 0.75))
    (2.0, 4.0)
    >>> over(lambda x: x * x, turns=True, x=(-1, 2))
    (0.0, 4.0)
    """
    import numpy as np  # here, since formulas do without

    ends = {name: pair(given, name) for name, given in bounds.items()}
    for name, (low, high) in ends.items():
        if not -math.inf < low <= high < math.inf:
            raise Refusal(f"an interval needs finite low <= high: got {name}=({low}, {high})")
    moving = {name: pair for name, pair in ends.items() if pair[0] < pair[1]}
    fixed = {name: pair[0] for name, pair in ends.items() if name not in moving}

    def at(point: Iterable[float]) -> float:
        moved = dict(zip(moving, point, strict=True))
        if math.isnan(value := float(function(**fixed, **moved))):
            raise Refusal(f"the function must give a number everywhere in its ranges: it gives none at {moved}")
        return value

    steps = 2 ** max(1, min(7, 9 // max(1, len(moving))))  # 128 along one argument, 16 along each of two, at least 2
    axes = [np.linspace(low, high, steps + 1) for low, high in moving.values()]
    values = np.array([at(map(float, point)) for point in itertools.product(*axes)])
    values = values.reshape([len(axis) for axis in axes])
    corners = values[np.ix_(*[[0, -1]] * len(axes))] if axes else values
    low, high = float(corners.min()), float(corners.max())
    turning = [name for axis, name in enumerate(moving) if not _monotone(values, axis)]
    if not turning:
        return low, high
    least, most = _searched(at, axes, values), 0.0 - _searched(lambda point: -at(point), axes, -values)
    slack = 1e-12 * max(abs(low), abs(high))
    if not turns and not low - slack <= least <= most <= high + slack:
        raise Refusal(
            f"the function must be monotone in each of {', '.join(moving)}, or turns=True: it turns along "
            f"{', '.join(turning)} and leaves its corners"
        )
    return (least, most) if turns else (low, high)


def _monotone(values: np.ndarray, axis: int) -> bool:
    """Whether values only rise or only fall along each line of a grid in this direction."""
    import numpy as np

    values = np.moveaxis(values, axis, 0)
    slack = 1e-12 * np.max(np.abs(values), where=np.isfinite(values), initial=0.0)
    rises = (values[1:] >= values[:-1] - slack).all(axis=0)
    return bool((rises | (values[1:] <= values[:-1] + slack).all(axis=0)).all())


def _searched(at: Callable[[Iterable[float]], float], axes: list[np.ndarray], values: np.ndarray) -> float:
    """Least value of a function on a grid, and downhill from the lowest hollows that the grid shows."""
    import numpy as np
    from scipy import optimize  # here, since most ranges do without

    hollow = np.ones(values.shape, dtype=bool)
    for axis in range(values.ndim):
        along, lower = np.moveaxis(values, axis, 0), np.moveaxis(hollow, axis, 0)
        lower[:-1] &= along[:-1] <= along[1:]
        lower[1:] &= along[1:] <= along[:-1]
    starts = sorted(np.argwhere(hollow & np.isfinite(values)).tolist(), key=lambda at: values[tuple(at)])[:HOLLOWS]
    box = [(axis[0], axis[-1]) for axis in axes]
    found = [float(values.min())]
    for start in starts:
        point = [axis[step] for axis, step in zip(axes, start, strict=True)]
        found.append(float(optimize.minimize(at, point, method="Powell", bounds=box, tol=1e-10).fun))
    return min(found) + 0.0  # no -0.0


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
    return bool(met) if getattr(met, "ndim", 0) == 0 else met


def _reaches(low: Any, high: Any, strictly: Any) -> Any:
    """Whether low <= high within SLACK, or low < high beyond it."""
    if isinstance(low, float | int) and isinstance(high, float | int) and isinstance(strictly, bool):
        slack = SLACK * min(abs(low), abs(high))
        slack = slack if math.isfinite(slack) else 0.0
        return low < high - slack if strictly else low <= high + slack
    import numpy as np  # here, since two numbers do without

    low, high = np.asarray(low, float), np.asarray(high, float)
    room = SLACK * np.minimum(np.abs(low), np.abs(high))
    room = np.where(np.isfinite(room), room, 0.0)
    return np.where(strictly, low < high - room, low <= high + room)


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


@functools.lru_cache(1_000)  # each stands in a register or a notebook, and is asked for often
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


def exact(formula: str) -> bool:
    """Whether each name stands in a formula once, so that `evaluate` gives its range; else only an enclosure.

    >>> exact("after / before - 1"), exact("(after - before) / before")
    (True, False)
    """
    found = names(formula)
    return len(found) == len(set(found))


def evaluate(formula: str, values: Mapping[str, float | Interval]) -> Interval:
    """Enclosure of a formula by interval arithmetic: never too narrow; the range itself where it is `exact`.

    values: numbers or (low, high) pairs; an open end is infinite. Numbers are read as they print, 0.1 as one tenth, and
    reckoned as fractions; an end that no float prints is rounded outwards.

    >>> evaluate("after / before - 1", {"after": (8, 9), "before": (4, 5)})
    (0.6, 1.25)
    >>> evaluate("floor * 2", {"floor": (3, float("inf"))})
    (6.0, inf)
    """
    low, high = _value(_parse(formula), values, formula)
    return _below(low), 0.0 - _below(-high)


def _value(node: ast.expr, values: Mapping[str, float | str | Interval], formula: str) -> tuple[Exact, Exact]:
    match node:
        case ast.Constant(value=int() | float() as number):
            return _range(number, formula, f"the number {number}")
        case ast.Name():
            if node.id not in values:
                raise Refusal(f"the formula {formula!r} names {node.id!r}, which is not known")
            given = values[node.id]
            if isinstance(given, str):
                raise Refusal(f"a formula is of numbers: {formula!r} names {node.id!r}, which is the text {given!r}")
            return _range(given, formula, repr(node.id))
        case ast.UnaryOp():
            low, high = _value(node.operand, values, formula)
            return -high, -low
        case ast.BinOp():
            left, right = _value(node.left, values, formula), _value(node.right, values, formula)
            return _combine(_ARITHMETIC[type(node.op)], left, right, formula)
    raise Refusal(f"a formula gives a number, not a comparison: {formula!r}")


def _range(given: float | Interval, formula: str, what: str) -> tuple[Exact, Exact]:
    low, high = pair(given, f"{what} in {formula!r}")
    if not (low <= high and low < math.inf and high > -math.inf):
        raise Refusal(f"a range needs low <= high, open outwards at most: {what} in {formula!r} is ({low}, {high})")
    return _exact(low), _exact(high)


def _exact(number: float) -> Exact:
    """A number as it prints: 0.1 is one tenth."""
    if isinstance(number, int):
        return Fraction(number)
    number = float(number)
    return number if math.isinf(number) else Fraction(repr(number))


def _below(end: Exact) -> float:
    """The largest float that does not print more than this."""
    if isinstance(end, float):
        return end
    try:
        near = float(end)
    except OverflowError:
        return -math.inf if end < 0 else sys.float_info.max
    return near if Fraction(repr(near)) <= end else math.nextafter(near, -math.inf)


def _combine(
    operation: Callable, left: tuple[Exact, Exact], right: tuple[Exact, Exact], formula: str
) -> tuple[Exact, Exact]:
    if operation is operator.truediv and right[0] <= 0 <= right[1]:
        shown = _below(right[0]), 0.0 - _below(-right[1])
        raise Refusal(f"the formula {formula!r} divides by a range that holds 0: {shown}")
    if operation is operator.sub:
        operation, right = operator.add, (-right[1], -right[0])
    if operation is operator.add:
        return _apply(operation, left[0], right[0]), _apply(operation, left[1], right[1])
    ends = [_apply(operation, x, y) for x in left for y in right]
    return min(ends), max(ends)


def _apply(operation: Callable, x: Exact, y: Exact) -> Exact:
    """One operation on two ends; beside an open end only signs count, and nothing times an open end is nothing."""
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return operation(x, y)
    first, second = (float((end > 0) - (end < 0)) if isinstance(end, Fraction) else end for end in (x, y))
    end = operation(first, second)
    return end if math.isinf(end) else Fraction(0)


def holds(rule: str, values: Mapping[str, float | str]) -> bool:
    """Whether a comparison between numbers is true; comparisons may be chained.

    values: numbers, read as they print: 0.1 + 0.2 <= 0.3 holds.

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
