"""A table as plain values: what a command asks of a register is told before pandas would have been loaded."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import compress
from pathlib import Path
from typing import Any

from casestudy import schema
from casestudy.case import Case
from casestudy.refusals import Refusal, file_access
from casestudy.schema import ENDS

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
TRUTHS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True)
class Table:
    """One file of `data/`, by column.

    lines: of the file, on which each row begins; texts: the cells as they stand; cells: numbers (missing ones NaN),
    days, truth values and texts (missing ones None), by `types`.
    """

    file: str
    lines: list[int]
    texts: dict[str, list[str]]
    cells: dict[str, list[Any]]
    types: dict[str, str]

    def rows(self) -> list[dict[str, Any]]:
        """The cells of each row by column."""
        return [dict(zip(self.cells, row, strict=True)) for row in zip(*self.cells.values(), strict=True)]

    def only(self, keep: Iterable[bool]) -> "Table":
        """The rows for which it is so, in their order."""
        kept = [row for row, told in enumerate(keep) if told]
        texts = {name: [column[row] for row in kept] for name, column in self.texts.items()}
        cells = {name: [column[row] for row in kept] for name, column in self.cells.items()}
        return Table(self.file, [self.lines[row] for row in kept], texts, cells, self.types)

    def refuse(self, column: str, wrong: Iterable[object], rule: str) -> None:
        """Refuse the table at its first wrong row: file, line, id, what must hold, what came in."""
        for row in compress(range(len(self.lines)), wrong):
            id, cell = self.cells.get("id"), self.cells[column][row]
            name = "" if id is None else f" ({_shown(id[row])})"
            raise Refusal(f"{self.file} line {self.lines[row]}{name}: {rule}; got {_shown(cell)!r}")


def _shown(cell: Any) -> Any:
    return math.nan if cell is None else cell


def read(name: str, case: Case, needs: Iterable[str] = ()) -> Table:
    """A file of `data/` as plain values, each of the type that `schema.types` says.

    needs: columns without which it is refused. Refuses a table that is not there, and a cell that is no number or no
    day, with its line.
    """
    path = case.data / f"{name}.csv"
    if not path.is_file():
        have = ", ".join(sorted(file.stem for file in path.parent.glob("*.csv")))
        raise Refusal(f"no table {name!r} in {path.parent}; it has: {have}")
    lines, texts = _texts(path)
    if missing := [column for column in needs if column not in texts]:
        raise Refusal(f"{path.name} needs the column {', '.join(missing)}; it has: {', '.join(texts)}")
    types = schema.types(name, list(texts), case)
    cells: dict[str, list[Any]] = {column: [cell or None for cell in given] for column, given in texts.items()}
    table = Table(path.name, lines, texts, cells, types)
    typed = {column: _KINDS[type](table, column) for column, type in types.items() if type in _KINDS}
    for column in (column for column in typed if types[column] == "date"):
        last = column.removesuffix(ENDS[0]) + ENDS[1]
        if column != last and types.get(last) == "date":
            wrong = (first and end and first > end for first, end in zip(typed[column], typed[last], strict=True))
            table.refuse(column, wrong, f"{column} must not be after {last}")
    return Table(path.name, lines, texts, cells | typed, types)


def _texts(path: Path) -> tuple[list[int], dict[str, list[str]]]:
    """The line on which each row of a comma-separated file begins, and the cells by column; empty lines are none."""
    with file_access(f"read {path}"):
        content = path.read_bytes()
    rows: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(line)
                _refuse_odd(row, rows[0], f"{path.name} line {line}")
            line = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError):
            line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(f"{path.name} must be a comma-separated file in UTF-8: line {line}: {error}") from None
    if not rows:
        raise Refusal(f"{path.name} must name its columns in its first line; it is empty")
    return lines[1:], {name: [row[at] for row in rows[1:]] for at, name in enumerate(rows[0])}


def _refuse_odd(row: list[str], header: list[str], where: str) -> None:
    """Refuse a row that is not as wide as the first, and a first one in which a column has no name of its own."""
    if len(row) != len(header):
        many = "; a cell with a comma stands in quotation marks" if len(row) > len(header) else ""
        raise Refusal(f"{where}: {len(header)} cells must stand here, as in the first line; got {len(row)}{many}")
    if row is header and (odd := [name for name in row if not name.strip() or row.count(name) > 1]):
        raise Refusal(f"{where}: each column must have a name of its own; got {odd[0]!r}")


def numbers(table: Table, column: str) -> list[Any]:
    """A column as numbers, whole ones where all are and none is missing; NaN where a cell is empty."""
    texts = table.texts[column]
    table.refuse(column, (text and not is_number(text) for text in texts), f"{column} must be a finite number")
    kind = int if all(map(WHOLE.fullmatch, texts)) else float
    return [kind(text) if text else math.nan for text in texts]


def is_number(text: str) -> bool:
    """Whether a text is a finite number in figures.

    >>> is_number("-1.5e3"), is_number("1_000"), is_number("1e999")
    (True, False, False)
    """
    return NUMBER.fullmatch(text) is not None and math.isfinite(float(text))


def _dates(table: Table, column: str) -> list[datetime | None]:
    texts = table.texts[column]
    table.refuse(column, (text and not is_day(text) for text in texts), f"{column} must be a date as YYYY-MM-DD")
    return [datetime.fromisoformat(text) if text else None for text in texts]


def _truths(table: Table, column: str) -> list[bool | None]:
    texts = [text.lower() for text in table.texts[column]]
    table.refuse(column, (text and text not in TRUTHS for text in texts), f"{column} must be true or false")
    return [TRUTHS.get(text) for text in texts]


_KINDS: dict[str, Callable[[Table, str], list[Any]]] = {"date": _dates, "boolean": _truths}
_KINDS |= dict.fromkeys(schema.NUMBERS, numbers)


def is_day(text: str) -> bool:
    """Whether a text is a day from year 1 on; pandas would take days before, which Python has not.

    >>> is_day("2015-06-30"), is_day("2015-02-30"), is_day("-0044-03-15")
    (True, False, False)
    """
    try:
        return bool(date.fromisoformat(text)) and DAY.fullmatch(text) is not None
    except ValueError:
        return False
