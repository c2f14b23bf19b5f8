"""Printed figures: load them, bound them, judge them, compare them with ours."""

from casestudy.claims.comparison import Comparison, compare
from casestudy.claims.evidence import NO_TEST, items_listed, largest_reported_before, reported, reported_members
from casestudy.claims.reading import Reading
from casestudy.claims.recording import record
from casestudy.claims.register import (
    CITATION,
    claim,
    interval,
    load,
    locator,
    printed_interval,
    records,
)
from casestudy.claims.verdicts import VERDICTS, Tally, held_against, outcomes, readings, tally, verdicts

__all__ = [
    "CITATION",
    "NO_TEST",
    "VERDICTS",
    "Comparison",
    "Reading",
    "Tally",
    "claim",
    "compare",
    "held_against",
    "interval",
    "items_listed",
    "largest_reported_before",
    "load",
    "locator",
    "outcomes",
    "printed_interval",
    "readings",
    "record",
    "records",
    "reported",
    "reported_members",
    "tally",
    "verdicts",
]
