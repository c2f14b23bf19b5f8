"""Interval arithmetic with exact, open or closed ends.

An end is (value, side): side 1 is just above the value, -1 just below, 0 the value itself, so that ends compare as they
stand. An interval is (low, high); it is empty where low > high.
"""

import math
import operator
from fractions import Fraction

from casestudy.proof.rules import Operation

End = tuple[Fraction | float, int]
Ends = tuple[End, End]
LINE: Ends = ((-math.inf, 0), (math.inf, 0))
EMPTY: Ends = (LINE[1], LINE[0])
BITS = 192  # of a denominator; a longer one is rounded outward
LARGEST = 2**256  # beyond, an end is as good as open: squares of squares would fill the memory


def meet(a: Ends, b: Ends) -> Ends:
    """What lies in both."""
    return max(a[0], b[0]), min(a[1], b[1])


def combine(operation: Operation, a: Ends, b: Ends) -> Ends:
    """All that an operation can give; a divisor on both sides of 0 says nothing.

    >>> combine(operator.sub, ((Fraction(1), 0), (Fraction(2), -1)), ((Fraction(1), 0), (Fraction(1), 0)))
    ((Fraction(0, 1), 0), (Fraction(1, 1), -1))
    """
    (low, under), (high, over) = b
    if operation is operator.sub:
        return combine(operator.add, a, ((-high, -over), (-low, -under)))
    if operation is operator.add:
        return outward(((a[0][0] + low, max(a[0][1], under)), (a[1][0] + high, min(a[1][1], over))))
    if operation is operator.truediv:
        if low < 0 < high or low == high == 0:
            return LINE
        bottom: End = (-math.inf, 0) if high == 0 else (Fraction(0), 1) if high == math.inf else (1 / high, abs(over))
        top: End = (math.inf, 0) if low == 0 else (Fraction(0), -1) if low == -math.inf else (1 / low, -abs(under))
        b = bottom, top
    corners = [(_product(x, y), int(bool(p or q) and not (x == 0 == p or y == 0 == q))) for x, p in a for y, q in b]
    least, most = min(corners), max((number, -side) for number, side in corners)
    return outward((least, most))


def _product(x: Fraction | float, y: Fraction | float) -> Fraction | float:
    return x * y if x and y else Fraction(0)  # nothing times an open end is nothing


def other_factor(product: Ends, factor: Ends) -> Ends:
    """What the other factor can be: anything where both hold 0."""
    if all(low <= (0, 0) <= high for low, high in (product, factor)):
        return LINE
    return combine(operator.truediv, product, factor)


def outward(ends: Ends) -> Ends:
    """Ends that have grown too long, as shorter fractions a little further out."""
    return _short(ends[0], 0), _short(ends[1], 1)


def _short(end: End, up: int) -> End:
    number = end[0]
    if not isinstance(number, Fraction):
        return end
    if number.numerator.bit_length() - number.denominator.bit_length() > LARGEST.bit_length():
        nearer = Fraction(LARGEST if number > 0 else -LARGEST)
        return ((math.inf if up else -math.inf) if up == (number > 0) else nearer), 0
    if number.denominator.bit_length() <= BITS:
        return end
    return Fraction(number.numerator * 2**BITS // number.denominator + up, 2**BITS), 0
