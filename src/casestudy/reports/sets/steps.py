"""The numbers of a range in a grid file: from, to and step."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from casestudy.refusals import Refusal
from casestudy.reports.sets.parameters import LARGEST

LONGEST = 10**9  # values of one range


@dataclass(frozen=True)
class Steps:
    """The numbers of a range, both ends included when hit; decimal, so that they are those one would write.

    >>> list(Steps(Decimal("0.1"), Decimal("0.1"), 3, whole=False))
    [0.1, 0.2, 0.3]
    """

    start: Decimal
    step: Decimal
    number: int
    whole: bool

    @classmethod
    def of(cls, given: Mapping[str, object], where: str) -> "Steps":
        """From what a file says of a range; where: how a refusal names it."""
        start, to, step = _ends(given, where)
        if step == 0:
            raise Refusal(f"{where}: step must not be 0")
        if (to - start) * step < 0:
            raise Refusal(f"{where}: step {step} leads away from {to}; from {start} it must have the other sign")
        try:
            number = int((to - start) // step) + 1
        except InvalidOperation:
            number = LONGEST + 1
        if number > LONGEST:
            raise Refusal(f"{where}: a range must have at most {LONGEST:,} values; take a larger step")
        return cls(start, step, number, whole=all(isinstance(end, int) for end in given.values()))

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, index: int) -> float | int:
        if not 0 <= index < self.number:
            raise IndexError(index)
        value = self.start + index * self.step
        return int(value) if self.whole else float(value)


def _ends(given: Mapping[str, object], where: str) -> tuple[Decimal, Decimal, Decimal]:
    """Where a range starts and ends, and its step, all finite."""
    if set(given) != {"from", "to", "step"}:
        raise Refusal(f"{where}: a range has from, to and step: got {', '.join(given) or 'nothing'}")
    numbers = {
        name: Decimal(end)
        for name, end in given.items()
        if isinstance(end, int | Decimal) and not isinstance(end, bool)
    }
    if len(numbers) < len(given):
        raise Refusal(f"{where}: from, to and step must be numbers: got {list(given.values())}")
    start, to, step = (numbers[name] for name in ("from", "to", "step"))
    if not all(end.is_finite() and abs(end) < LARGEST for end in (start, to, step)):
        raise Refusal(f"{where}: from, to and step must be finite: got {start}, {to}, {step}")
    return start, to, step
