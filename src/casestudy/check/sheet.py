"""A table as it stands in its file, however damaged: texts with their lines, and what they say where it can be read."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from casestudy.check.fault import Fault
from casestudy.data import is_day
from casestudy.schema import NUMBERS

OTHER_MARKS = {";": "semicolons", "\t": "tabs", "|": "upright strokes"}


@dataclass(frozen=True)
class Sheet:
    """A table's cells as texts, by line of the file; empty ones are missing.

    types: of its columns, as `schema.types` says. lost: first cells of rows that are not as wide as the first line; no
    rule is asked of them, but other rows may name them.
    """

    file: str
    cells: pd.DataFrame
    types: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()

    def has(self, *columns: str) -> bool:
        """Whether all these columns are there."""
        return set(columns) <= set(self.cells.columns)

    def text(self, column: str) -> pd.Series:
        """A column's texts; all missing where there is no such column."""
        if column in self.cells:
            return self.cells[column]
        return pd.Series(None, self.cells.index, dtype=object)

    @cached_property
    def typed(self) -> pd.DataFrame:
        """Numbers and dates in place of their texts; missing where a text is none."""
        return self.cells.assign(
            **{name: _numbers(self.cells[name]) for name, type in self.types.items() if type in NUMBERS},
            **{name: _days(self.cells[name]) for name, type in self.types.items() if type == "date"},
        )

    def number(self, column: str) -> pd.Series:
        """A column's numbers, NaN where a text is none."""
        return _numbers(self.text(column))

    def unread(self, *columns: str) -> pd.Series:
        """Rows in which one of these columns holds a text that is not what its type says."""
        wrong = [self.cells[name].notna() & self.typed[name].isna() for name in columns if name in self.cells]
        return pd.concat(wrong, axis=1).any(axis=1) if wrong else pd.Series(False, self.cells.index)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The line of each id, that of the first where several have it."""
        ids = self.text("id").dropna()
        return dict(reversed([*zip(ids, map(int, ids.index), strict=True)]))

    def fault(self, line: int, column: str, must: str, do: str = "") -> Fault:
        """A fault of one cell."""
        row, got = (self.cells.at[line, name] if name in self.cells else None for name in ("id", column))
        row, got = ("" if pd.isna(text) else str(text) for text in (row, got))
        return Fault(self.file, int(line), column, row, None, must, got, do)

    def faults(self, wrong: pd.Series, column: str, must: str, do: str = "") -> Iterator[Fault]:
        """The same fault of each row that is wrong."""
        lines = self.cells.index[wrong.fillna(False).astype(bool)]
        return (self.fault(line, column, must, do) for line in lines)


def _numbers(texts: pd.Series) -> pd.Series:
    """Numbers as `data.table` reads them, NaN for what is none or not finite."""
    return pd.to_numeric(texts, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)


def _days(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts.where(texts.map(is_day, na_action="ignore").eq(True)), format="%Y-%m-%d")


def read(path: Path) -> tuple[Sheet | None, list[Fault]]:
    """A table, and what is wrong with the file; no table where its cells cannot be told."""
    name = path.name
    try:
        content = path.read_bytes()
    except OSError as error:
        return None, [Fault(name, must=f"be a file that can be read: {error.strerror or error}")]
    found = [Fault(name, *fault) for fault in _bytes(content)]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, got = content.count(b"\n", 0, error.start) + 1, f"byte 0x{content[error.start]:02x}"
        return None, [*found, Fault(name, line, must="be in UTF-8", got=got, do="save it as CSV UTF-8")]
    first = text.partition("\n")[0]
    if mark := next((mark for mark in OTHER_MARKS if mark in first and "," not in first), ""):
        do = "save it comma-separated, with points in its numbers"
        return None, [*found, Fault(name, 1, must=f"be separated by commas, not {OTHER_MARKS[mark]}", got=first, do=do)]
    sheet, more = _cells(name, text)
    return sheet, [*found, *more]


def _bytes(content: bytes) -> Iterator[tuple[int, str, str, None, str, str | None, str]]:
    """What is wrong with a file's bytes, each once, as the further fields of a fault."""
    if content.startswith(b"\xef\xbb\xbf"):
        yield 1, "", "", None, "begin without a byte order mark", None, "save it as UTF-8, not as UTF-8 with BOM"
    if b"\r" in content:
        line = content.count(b"\n", 0, content.index(b"\r")) + 1
        yield line, "", "", None, "end its lines with a line feed alone", None, "save it with line ends of Unix (LF)"
    if content.strip() and not content.endswith(b"\n"):
        yield content.count(b"\n") + 1, "", "", None, "end with a line feed", None, "put an end to its last line"


def _cells(name: str, text: str) -> tuple[Sheet | None, list[Fault]]:
    """Rows as wide as the first line, and a fault for each that is not."""
    rows: dict[int, list[str]] = {}
    found: list[Fault] = []
    lost, line = set(), 1
    header: list[str] | None = None
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        for row in reader:
            if any(cell.strip() for cell in row):
                if header is None:
                    header = row
                elif len(row) == len(header):
                    rows[line] = row
                else:
                    found.append(_odd(name, line, row, len(header)))
                    lost.add(row[0])
            line = reader.line_num + 1
    except csv.Error as error:
        do = 'a cell with a comma or a quotation mark stands in "..."; a mark within it is doubled'
        return None, [Fault(name, line, must=f"be comma-separated: {error}", do=do)]
    if header is None:
        return None, [Fault(name, 1, must="name its columns in its first line", got="", do="write the columns there")]
    if odd := [one for one in header if not one.strip() or header.count(one) > 1 or one != one.strip()]:
        return None, [Fault(name, 1, must="give each column a name of its own, without blanks around it", got=odd[0])]
    frame = pd.DataFrame(list(rows.values()), index=list(rows), columns=header, dtype=object)
    return Sheet(name, frame.mask(frame.map(str.strip) == "", None), lost=frozenset(lost)), found


def _odd(name: str, line: int, row: list[str], width: int) -> Fault:
    many = 'put a cell with a comma into "..."' if len(row) > width else "write all commas, of empty cells too"
    return Fault(name, line, "", row[0], None, f"have {width} cells, as the first line", f"{len(row)} cells", many)


def nearest_of(word: str, words: Iterable[str]) -> str:
    """A short hint for a misspelt name."""
    close = get_close_matches(word, list(words), n=1)
    return f"did you mean {close[0]!r}?" if close else ""
