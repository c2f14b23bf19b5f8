"""Comparisons between formulas, read exactly: every number is the fraction that its text says."""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from casestudy.refusals import Refusal

Operation = Callable[[Any, Any], Any]
Tree = Fraction | str | tuple[Operation, Any, Any]  # a number, a variable, or (operation, left, right)
_WORDS: dict[type, Operation] = {
    **{ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv},
    **{ast.Lt: operator.lt, ast.LtE: operator.le, ast.Eq: operator.eq, ast.GtE: operator.ge, ast.Gt: operator.gt},
}
TURNED = {operator.lt: operator.gt, operator.le: operator.ge, operator.eq: operator.eq}
TURNED |= {after: before for before, after in TURNED.items()}
LONGEST = 500  # characters
SIZES = (1e-50, 1e50)  # of a number that is not 0; beyond lie slips, and fractions too long to reckon with


@dataclass(frozen=True)
class Rule:
    """One comparison, `left sign right`. names: the variables in it."""

    text: str
    sign: Operation
    left: Tree
    right: Tree
    names: frozenset[str]

    def holds(self, point: Mapping[str, Fraction]) -> bool:
        """Whether it is true at a point, exactly; a division by zero is no number, and so not true."""
        try:
            return bool(self.sign(value(self.left, point), value(self.right, point)))
        except ZeroDivisionError:
            return False


Facts = Mapping[str, tuple[Rule, ...]]  # by name, what each says: all of its comparisons


@cache
def rule(text: str) -> Rule:
    """Read a comparison of two formulas with + - * / ( ), numbers and names.

    >>> rule("0.1 + x == 0.3").holds({"x": Fraction(1, 5)})
    True
    """
    if len(text) > LONGEST:
        raise Refusal(f"a rule has at most {LONGEST} characters: got {len(text)}")
    try:
        compared = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refusal(f"not a rule: {text!r}; write two formulas with one of < <= == >= > between them") from None
    if not isinstance(compared, ast.Compare) or len(compared.ops) != 1 or type(compared.ops[0]) not in _WORDS:
        raise Refusal(f"a rule compares two formulas by one of < <= == >= >: got {text!r}")
    left, right = (_tree(side, text.strip()) for side in (compared.left, compared.comparators[0]))
    names = frozenset(node.id for node in ast.walk(compared) if isinstance(node, ast.Name))
    return Rule(text, _WORDS[type(compared.ops[0])], left, right, names)


def _tree(node: ast.expr, text: str) -> Tree:
    match node:
        case ast.Constant(value=int() | float() as rough) if type(rough) is not bool:
            return _number((ast.get_source_segment(text, node) or "").replace("_", ""), rough)
        case ast.Name():
            return node.id
        case ast.UnaryOp(op=ast.USub()):
            return operator.sub, Fraction(0), _tree(node.operand, text)
        case ast.BinOp() if type(node.op) in _WORDS:
            return _WORDS[type(node.op)], _tree(node.left, text), _tree(node.right, text)
    raise Refusal(f"{type(node).__name__} is not allowed in a rule: {text!r}; write + - * / ( ), numbers and names")


def _number(text: str, rough: float) -> Fraction:
    """The fraction that a text says; Python's own reading is a float, good for the size alone."""
    if not re.fullmatch(r"[0-9.]+([eE][-+]?[0-9]+)?", text):
        raise Refusal(f"a number in a rule is decimal: got {text!r}; write it with digits")
    if not SIZES[0] <= rough <= SIZES[1] and re.search("[1-9]", re.split("[eE]", text)[0]):
        raise Refusal(f"a number in a rule is 0 or from {SIZES[0]:g} to {SIZES[1]:g}: got {text[:20]!r}")
    return Fraction(text if rough else 0)


def value(tree: Tree, point: Mapping[str, Fraction]) -> Fraction:
    """A formula's value at a point."""
    if isinstance(tree, tuple):
        operation, left, right = tree
        result: Fraction = operation(value(left, point), value(right, point))
        return result
    return point[tree] if isinstance(tree, str) else tree


def names(rules: Iterable[Rule]) -> frozenset[str]:
    """The variables of several rules."""
    return frozenset().union(*(rule.names for rule in rules))


def components(facts: Facts) -> list[dict[str, tuple[Rule, ...]]]:
    """Groups of facts that share variables; one group cannot contradict another."""
    groups: list[tuple[frozenset[str], dict[str, tuple[Rule, ...]]]] = []
    for name, rules in facts.items():
        variables, group = names(rules), {name: rules}
        for old in [old for old in groups if old[0] & variables]:
            groups.remove(old)
            variables, group = variables | old[0], old[1] | group
        groups.append((variables, group))
    return [group for _, group in groups]


def decimal(number: Fraction) -> str:
    """A number for a reader: exact where four digits after the point will do, else about so much.

    >>> decimal(Fraction(7, 2)), decimal(Fraction(1, 3)), decimal(Fraction(690000000))
    ('3.5', '≈ 0.3333', '690,000,000')
    """
    short = re.sub(r"\.?0+$", "", f"{float(round(number, 4)):,.4f}")
    return short if Fraction(short.replace(",", "")) == number else f"≈ {short}"
