"""Printed figures: load them, bound them, judge them, compare them with ours."""

from casestudy.claims.comparison import Comparison, compare
from casestudy.claims.register import CHOICES, CITATION, claim, interval, load, locator, printed_interval, records
from casestudy.claims.verdicts import computed_verdicts, items_listed, largest_reported_before, reported_members

__all__ = [
    "CHOICES",
    "CITATION",
    "Comparison",
    "claim",
    "compare",
    "computed_verdicts",
    "interval",
    "items_listed",
    "largest_reported_before",
    "load",
    "locator",
    "printed_interval",
    "records",
    "reported_members",
]
