"""One thing that is wrong in a case's files, for whoever mends it."""

from dataclasses import asdict, dataclass
from typing import Any

LONGEST = 80  # characters of what came in


@dataclass(frozen=True)
class Fault:
    """Where it is, what must hold there, what came in, and what to do; printed, one line.

    file: its name; line, from 1: of a table or of datapackage.json; cell, from 1: of a notebook; column: of a table, or
    the key or parameter that is meant; row: the id of the row. got: None where nothing came that could be shown.

    >>> print(Fault("claims.csv", 4, "value", "bl_growth", must="be a finite number", got="0,75", do="write a point"))
    claims.csv line 4, value (bl_growth): must be a finite number; got '0,75'; write a point
    """

    file: str
    line: int | None = None
    column: str = ""
    row: str = ""
    cell: int | None = None
    must: str = ""
    got: str | None = None
    do: str = ""

    def __str__(self) -> str:
        place = f" line {self.line}" if self.line else f" cell {self.cell}" if self.cell else ""
        where = f"{self.file}{place}{f', {self.column}' if self.column else ''}{f' ({self.row})' if self.row else ''}"
        got = "" if self.got is None else f"; got {_cut(self.got)!r}"
        return " ".join(f"{where}: must {self.must}{got}{f'; {self.do}' if self.do else ''}".split())

    @property
    def place(self) -> tuple[str, int, str, str]:
        """By which faults are sorted."""
        return self.file, self.line or self.cell or 0, self.column, self.must

    def record(self) -> dict[str, Any]:
        """A plain dict for JSON, and with `told` the whole line."""
        return asdict(self) | {"got": None if self.got is None else _cut(self.got), "told": str(self)}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
