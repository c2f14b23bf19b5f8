"""Whether the units of a formula fit: a share and a count do not add up, and hours are no minutes.

Not `pint`: it knows metres and seconds, and nothing of people, cases and members, of which registers are made; what has
to be told apart here is pure numbers, times, money, and things that are counted, which may have different names and yet
add up (women and men are people).
"""

import ast
from collections.abc import Mapping

PURE = {"share", "ratio", "times", "factor"}
TIMES = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
MONEY = {"€", "$", "£", "eur", "usd", "gbp", "pln", "zł", "euro", "dollar", "pound"}
NUMBER = "a bare number"  # fits every unit beside + and -
UNKNOWN = ""  # after a step that may have changed the unit


class Misfit(ValueError):
    """Why the units of a formula do not fit."""


def unit_of(formula: str, units: Mapping[str, str]) -> str:
    """The unit of what a formula gives: one of its own, `share` for a pure number, or UNKNOWN.

    >>> unit_of("after / before - 1", {"after": "points", "before": "points"})
    'share'
    >>> unit_of("a + b", {"a": "share", "b": "members"})
    Traceback (most recent call last):
    casestudy.check.units.Misfit: share and members do not add up
    """
    return _of(ast.parse(formula.strip(), mode="eval").body, units)


def fits(unit: str, found: str) -> bool:
    """Whether a claim in this unit can be what a formula gives."""
    if found in (UNKNOWN, NUMBER):
        return True
    return _kind(unit) == _kind(found)


def _of(node: ast.expr, units: Mapping[str, str]) -> str:
    match node:
        case ast.Name():
            unit = units.get(node.id, UNKNOWN)
            return "share" if unit in PURE else unit
        case ast.UnaryOp():
            return _of(node.operand, units)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return _sum(_of(node.left, units), _of(node.right, units))
        case ast.BinOp(op=ast.Mult()):
            return _product(_of(node.left, units), _of(node.right, units))
        case ast.BinOp(op=ast.Div()):
            return _quotient(_of(node.left, units), _of(node.right, units))
    return NUMBER if isinstance(node, ast.Constant) else UNKNOWN


def _sum(left: str, right: str) -> str:
    if NUMBER in (left, right):
        return right if left == NUMBER else left
    if UNKNOWN in (left, right):
        return UNKNOWN
    if _kind(left) != _kind(right):
        raise Misfit(f"{left} and {right} do not add up")
    return left


def _product(left: str, right: str) -> str:
    if NUMBER in (left, right):  # it may turn hours into minutes
        return "share" if left == right == "share" else UNKNOWN if {left, right} != {NUMBER} else NUMBER
    if "share" in (left, right):
        return right if left == "share" else left
    return UNKNOWN


def _quotient(left: str, right: str) -> str:
    if NUMBER in (left, right):
        return NUMBER if left == right else UNKNOWN
    if left == right and left != UNKNOWN:
        return "share"
    return left if right == "share" else UNKNOWN


def _kind(unit: str) -> str:
    """Of which kind a unit is: units of one kind may add up."""
    plain = unit.lower()
    if plain in PURE:
        return "share"
    if plain.removesuffix("s") in TIMES:
        return plain.removesuffix("s")
    words = set(plain.split())
    if money := {word.removesuffix("s") for word in words} & MONEY:
        return f"money: {min(money)}"
    return f"pace: {plain}" if " per " in plain else "things"
