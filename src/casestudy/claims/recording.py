"""A notebook's own results: numbers that are no claims, with their units and intervals."""

import keyword
import math
import numbers
import re
from dataclasses import dataclass
from html import escape

from casestudy.case import Case
from casestudy.claims.comparison import MIME, RECORDED, number_in_words, plain, range_in_words
from casestudy.claims.register import rows
from casestudy.refusals import Refusal

BASIS = "recorded"  # of its row in results.csv
UNIT = "unit"  # the column in which a result says what its numbers count
NAME = re.compile(r"[a-z][a-z0-9_]*")
LONGEST_UNIT = 40  # characters


@dataclass(frozen=True, repr=False)
class Result:
    """A number under a name of its own. Shown as one line, recorded as JSON under the type of comparisons."""

    name: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    def row(self) -> dict:
        """As a row of `results.csv`: a comparison's columns, with nothing printed and no test, and the unit."""
        own = {"claim": self.name, "printed": "", "basis": BASIS, UNIT: self.unit}
        ours = {"ours": self.value, "ours_low": self.low, "ours_high": self.high}
        return dict.fromkeys(RECORDED) | own | {name: plain(number) for name, number in ours.items()}

    def _said(self) -> str:
        """The number with its unit and interval, in words."""
        words = "" if self.unit in ("share", "year", "none") else f" {self.unit}"
        said = f"{number_in_words(self.value, self.unit)}{words}"
        if self.low is None or self.high is None:
            return said
        return f"{said} ({range_in_words(self.low, self.high, self.unit)})"

    def __repr__(self) -> str:
        return f"{self.name}: {self._said()}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        about = escape(self.name.replace("_", " "))
        html = f'<p class="result" title="{self.name}">{about}: <strong>{escape(self._said())}</strong></p>'
        return {"text/html": html, "text/plain": repr(self), MIME: {"rows": [self.row()]}}


def record(
    name: str,
    value: float,
    unit: str,
    *,
    low: float | None = None,
    high: float | None = None,
    case: Case | None = None,
) -> None:
    """Put a number that is no claim into `results.csv`, and show it as one line of the page.

    name: lower-case letters, digits and _, no claim's id, once in a notebook. unit: what the value counts, such as
    `share` (0 to 1), `members` or `members per second`; low, high: the ends of its interval, in the same unit, both or
    neither. From there it goes the way of comparisons: into sweeps, `casestudy.reports.results` (`claim` is the name,
    `ours`, `ours_low` and `ours_high` the numbers, to six significant digits, `basis` is `recorded`), and pages with
    sliders, whose formulas may name it, and its ends as NAME_low and NAME_high. It is never a test.

    >>> record("holdout_miss", 0.16, "share", low=0.12, high=0.21)
    holdout_miss: 16% (12% to 21%)
    """
    from IPython.display import display

    if not isinstance(name, str) or not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Refusal(f"a result's name must match {NAME.pattern}, and be no word of Python: got {name!r}")
    if name in rows(case):
        raise Refusal(
            f"{name} is a claim's id: give the result another name, or hold it against the print with compare"
        )
    if not isinstance(unit, str) or not unit.strip() or len(unit) > LONGEST_UNIT or not unit.isprintable():
        raise Refusal(f"{name}: unit must say in a word what the value counts, such as 'members': got {unit!r}")
    if (low is None) != (high is None):
        raise Refusal(f"{name}: low and high come together, or not at all: got low={low!r}, high={high!r}")
    number = _number(name, "value", value)
    ends = (None, None) if low is None else (_number(name, "low", low), _number(name, "high", high))
    if ends[0] is not None and ends[1] is not None and not ends[0] <= number <= ends[1]:
        raise Refusal(f"{name}: low <= value <= high must hold: got {ends[0]:g}, {number:g} and {ends[1]:g}")
    display(Result(name, number, unit.strip(), *ends))


def _number(name: str, what: str, given: object) -> float:
    """A finite number; an array of one is none, nor is what only looks like one."""
    problem = f"{name}: {what} must be one finite number: got {str(given)[:80]!r}"
    import numpy as np  # here, since whoever asks for the names alone does without

    if isinstance(given, bool | np.timedelta64) or not isinstance(given, numbers.Real):
        raise Refusal(
            f"{problem}, which is of type {type(given).__name__}; float(...) makes a number of an array of one"
        )
    try:
        number = float(given)
    except OverflowError:
        raise Refusal(problem) from None
    if not math.isfinite(number):
        raise Refusal(problem)
    return number
