"""A question as any learning platform may take it: text, parts, and what is right and what slips earn in each part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Given = float | str  # what a student types into a part, or the key of the option that is chosen


@dataclass(frozen=True)
class Slip:
    """What a named mistake gives in a part: the share of the part's points that it earns, and hints that grow.

    tolerance: how far from the value, in its unit, an answer may lie and still be this slip's.
    """

    value: Given
    tolerance: float
    share: float
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One thing to type or to choose. weight: its share of the question's points; the parts' weights add up to 1.

    options: by key the text of each, as HTML, where one is chosen; then `right` is a key.
    """

    name: str
    label: str
    weight: float
    right: Given
    tolerance: float = 0.0
    slips: tuple[Slip, ...] = ()
    options: Mapping[str, str] | None = None

    def share(self, given: Given | None) -> float:
        """What an answer earns of the part's points: the right one all, a slip its share, any other nothing.

        >>> part = Part("pct", "pct", 1.0, 25.0, 0.05, (Slip(20.0, 0.005, 0.5, ("Per cent of what?",)),))
        >>> part.share(25.03), part.share(20.0), part.share(20.03), part.share(None)
        (1.0, 0.5, 0.0, 0.0)
        """
        if given is None:
            return 0.0
        if _within(given, self.right, self.tolerance):
            return 1.0
        return next((slip.share for slip in self.slips if _within(given, slip.value, slip.tolerance)), 0.0)


def _within(given: Given, value: Given, tolerance: float) -> bool:
    if isinstance(given, str) or isinstance(value, str):
        return given == value
    return abs(given - value) <= tolerance + 1e-14 * max(1.0, abs(value))


@dataclass(frozen=True)
class Item:
    """One variant of one question. Without parts a person reads the answer, by the guide.

    id: the same for the same source and code; code: the variant's, with which a notebook draws the same figures.
    text, guide: HTML. points: what all its parts earn.
    """

    id: str
    title: str
    question: str
    code: str
    text: str
    points: float
    parts: tuple[Part, ...] = ()
    guide: str = ""

    def earned(self, given: Mapping[str, Given | None]) -> float:
        """Points that answers earn, by the names of parts."""
        return self.points * sum(part.weight * part.share(given.get(part.name)) for part in self.parts)


@dataclass(frozen=True)
class Group:
    """All variants of one question, or of what a person reads of it: a random-question quiz draws one of them."""

    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Bank:
    """All groups of a set; notes: in sentences, what a platform cannot do as a notebook does it."""

    problem_set: str
    title: str
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()


def plain_number(value: Any) -> str:
    """A number in decimal digits, all of them, without an exponent.

    >>> plain_number(1e-7), plain_number(0.051), plain_number(120.0)
    ('0.0000001', '0.051', '120')
    """
    from decimal import Decimal

    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
