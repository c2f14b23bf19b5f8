"""Which parameter sets a grid file asks for: counted before they are expanded, expanded one at a time."""

import csv
import io
import itertools
import math
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from casestudy.case import Case
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.reports.sets.outcome import ParameterSet
from casestudy.reports.sets.parameters import Notebook, Value, select
from casestudy.reports.sets.steps import Steps

MOST = 10_000  # sets that nobody asks for by a slip
TABLES = ("notebook", "set", "grid", "zip", "explore")
SHARE = "share"  # a line beside `notebook`
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+(?:E[-+]?\d+)?", re.IGNORECASE)
DECIMAL_POINT = re.compile(r"[-+]?\d+\.\d+(?:E[-+]?\d+)?", re.IGNORECASE)
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+")
WHOLE = re.compile(r"([-+]?\d+)\.0*")  # pandas writes 5.0 for 5 once its column has an empty cell
SEPARATOR = re.compile(r'"?sep=([,;\t])"?', re.IGNORECASE)
ROW_NUMBERS = "; pandas leaves its row numbers out with to_csv(..., index=False)"


@dataclass(frozen=True)
class Grid:
    """The parameter sets of a file, with their number before duplicates are left out."""

    path: Path
    count: int
    asked: Callable[[], Iterator[tuple[str, Notebook, dict[str, Any]]]]  # where in the file, notebook, values
    delimiter: str = ""  # of a table, whose values are still texts
    axes: tuple[tuple[str, ...], ...] = ()  # parameters that move by themselves, or in [zip] together; the last fastest
    share: bool = True  # whether what sets have in common may run once
    explore: Mapping[str, Any] = field(default_factory=dict)  # what it says of a page; `reports.whatif` reads it

    def __iter__(self) -> Iterator[ParameterSet]:
        """The sets to run, each once (8 and 8.0 are one), checked by their notebook's own rules."""
        seen = set()
        for where, notebook, values in self.asked():
            try:
                if self.delimiter:
                    values = {name: _read(notebook, name, text, self.delimiter) for name, text in values.items()}
                asked = ParameterSet(notebook, notebook.defaults() | notebook.check(values))
            except Refusal as error:
                raise Refusal(f"{self.path}, {where}: {error}") from None
            if asked.id not in seen:
                seen.add(asked.id)
                yield asked


def read(path: Path, case: Case) -> Grid:
    """A grid from a TOML file, or one row a set from a CSV file; refuses what cannot be meant."""
    readers = {".toml": _from_toml, ".csv": _from_csv}
    if path.suffix.lower() not in readers:
        raise Refusal(f"parameter sets come from a .toml or a .csv file: got {path}")
    with file_access(f"read {path}"):
        content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} must be text in UTF-8: {error}") from None
    return readers[path.suffix.lower()](path, text, case)


def _from_toml(path: Path, text: str, case: Case) -> Grid:
    content = _content(path, text)
    fixed, grid, zipped, explore = (_table(content, name, path) for name in TABLES[1:])
    if not isinstance(share := content.get(SHARE, True), bool):
        raise Refusal(f"{path}: {SHARE} must be true or false: got {share!r}")
    notebooks = _notebooks(content.get("notebook"), path, case)
    _refuse_names([*fixed, *grid, *zipped], notebooks, path)
    fixed = {name: _plain(value) for name, value in fixed.items()}
    axes = {name: _values(value, f"{path}: [grid] {name}") for name, value in grid.items()}
    columns = {name: _values(value, f"{path}: [zip] {name}") for name, value in zipped.items()}
    together = _length(columns, path)
    if not axes and not columns:
        raise Refusal(f"{path} must have a list or a range in [grid] or [zip]; for one set there is `casestudy run`")
    count = len(notebooks) * math.prod(map(len, axes.values())) * together

    def asked() -> Iterator[tuple[str, Notebook, dict[str, Any]]]:
        for number in range(count):  # itertools.product would hold every value of every range
            left, given = divmod(number, together)
            values = {name: column[given] for name, column in columns.items()}
            for name, axis in reversed(axes.items()):
                left, given = divmod(left, len(axis))
                values[name] = axis[given]
            yield f"set {number + 1} of {count}", notebooks[left], fixed | values

    together_last = [tuple(columns)] if columns else []
    return Grid(path, count, asked, axes=(*((name,) for name in axes), *together_last), explore=explore, share=share)


def _content(path: Path, text: str) -> dict[str, Any]:
    try:
        content = tomllib.loads(text, parse_float=Decimal)  # so that steps of 0.1 meet 0.3
    except (ValueError, RecursionError, InvalidOperation) as error:
        why = "a number in it is too large" if isinstance(error, InvalidOperation) else error
        raise Refusal(f"{path} is not a TOML file: {why}") from None
    for name in content:
        if name not in (*TABLES, SHARE):
            raise Refusal(f"{path} has no place for {name!r}; {nearest(name, TABLES)}")
    return content


def _refuse_names(names: list[str], notebooks: list[Notebook], path: Path) -> None:
    """Refuse a parameter that stands in two tables, or that some notebook has not."""
    if doubled := [name for name in names if names.count(name) > 1]:
        raise Refusal(f"{path}: {doubled[0]} stands in two tables; give it in one")
    for notebook in notebooks:
        for name in names:
            notebook.parameter(name)


def _length(columns: Mapping[str, list[object] | Steps], path: Path) -> int:
    """Of the lists that are walked together; 1 where there are none."""
    if len(set(map(len, columns.values()))) > 1:
        lengths = ", ".join(f"{name} has {len(column)}" for name, column in columns.items())
        raise Refusal(f"{path}: the lists in [zip] are walked together and must be of one length: {lengths}")
    return len(next(iter(columns.values()))) if columns else 1


def _table(content: Mapping[str, object], name: str, path: Path) -> dict[str, object]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise Refusal(f"{path}: {name} must be a table, [{name}] with `name = value` lines: got {table!r}")
    if name in content and not table:
        raise Refusal(f"{path}: [{name}] is empty; fill it or leave it out")
    return table


def _notebooks(named: object, path: Path, case: Case) -> list[Notebook]:
    words = [named] if isinstance(named, str) else named
    if not (isinstance(words, list) and words and all(isinstance(word, str) for word in words)):
        raise Refusal(f'{path} must begin with notebook = "02" or notebook = ["02", "03"]: got {named!r}')
    return select(words, case)


def _values(given: object, where: str) -> list[object] | Steps:
    """A list as it stands, or the numbers of a range."""
    if isinstance(given, dict):
        return Steps.of(given, where)
    if not isinstance(given, list):
        raise Refusal(f"{where} must be a list or {{from, to, step}}: got {_plain(given)!r}; one value goes to [set]")
    if not given:
        raise Refusal(f"{where} is an empty list; give at least one value")
    return [_plain(value) for value in given]


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def _from_csv(path: Path, text: str, case: Case) -> Grid:
    """A column `notebook`; every other column a parameter, where an empty cell is the default."""
    (delimiter, _), rows = _delimiter(text), _rows(path, text)
    header = _header(rows, path)
    known: dict[str, Notebook] = {}
    count = 0
    for line, row in rows:
        count += 1
        row = _within(row, header)
        if len(row) != len(header):
            raise Refusal(f"{path}, line {line}: {len(header)} cells must stand here, as in the first: got {len(row)}")
        word = _notebook(row, header)
        if word not in known:
            try:
                known[word] = select([word], case)[0]
            except Refusal as error:
                raise Refusal(f"{path}, line {line}: {error}") from None
    if not count:
        raise Refusal(f"{path} must have a row under its first line; it has none")
    _refuse_unknown(header, known.values(), path)

    def asked() -> Iterator[tuple[str, Notebook, dict[str, Any]]]:
        for line, row in itertools.islice(_rows(path, text), 1, None):
            cells = dict(zip(header, _within(row, header), strict=True))
            notebook = known[_notebook(row, header)]
            del cells["notebook"]
            yield f"line {line}", notebook, {name: cell for name, cell in cells.items() if cell.strip()}

    if delimiter != ",":
        _refuse_both_marks(path, asked())
    return Grid(path, count, asked, delimiter)


def _header(rows: Iterator[tuple[int, list[str]]], path: Path) -> list[str]:
    """The columns' names, but for empty ones at the end, which a spreadsheet leaves."""
    _, header = next(rows, (1, []))
    while header and not header[-1]:
        header = header[:-1]
    if "notebook" not in header:
        raise Refusal(f"{path} must have a column notebook: got {', '.join(header) or 'nothing'}")
    if odd := [name for name in header if not name or header.count(name) > 1]:
        advice = "" if odd[0] else ROW_NUMBERS
        raise Refusal(f"{path}: each column has a name of its own: got {odd[0]!r}{advice}")
    return header


def _within(row: list[str], header: list[str]) -> list[str]:
    """A row without empty cells beyond the last column."""
    return row if any(cell.strip() for cell in row[len(header) :]) else row[: len(header)]


def _refuse_unknown(header: list[str], notebooks: Iterable[Notebook], path: Path) -> None:
    """Refuse a column that is a parameter of no notebook in the file."""
    names = dict.fromkeys(name for notebook in notebooks for name in notebook.parameters)
    if unknown := [name for name in header if name != "notebook" and name not in names]:
        advice = ROW_NUMBERS if unknown[0].startswith("Unnamed: ") else f"; {nearest(unknown[0], names)}"
        raise Refusal(f"{path}: no notebook in it has a parameter {unknown[0]!r}{advice}")


def _refuse_both_marks(path: Path, asked: Iterable[tuple[str, Notebook, Mapping[str, str]]]) -> None:
    """Refuse a table with decimal commas and points in its numbers: 1.234 would be a thousand beside 8,5."""
    seen: dict[str, str] = {}
    for where, notebook, values in asked:
        for name, cell in values.items():
            text = cell.strip()
            if name in notebook.parameters and not isinstance(notebook.parameters[name].default, str):
                for mark, pattern in ((",", DECIMAL_COMMA), (".", DECIMAL_POINT)):
                    if pattern.fullmatch(text):
                        seen.setdefault(mark, f"{text} in {where}")
    if len(seen) > 1:
        raise Refusal(f"{path} must write all numbers with one decimal mark: got {' and '.join(seen.values())}")


def _notebook(row: list[str], header: list[str]) -> str:
    """The notebook that a row names; a spreadsheet makes 2 of 02, and pandas 2.0."""
    word = row[header.index("notebook")].strip()
    number = re.fullmatch(r"([0-9]+)(?:[.,]0+)?", word)
    return number[1].zfill(2) if number else word


def _delimiter(text: str) -> tuple[str, bool]:
    """What parts the cells, and whether the first line is a spreadsheet's own note that says so."""
    first = text.partition("\n")[0]
    if note := SEPARATOR.fullmatch(first.strip(" \r")):
        return note[1], True
    return max(",;\t", key=first.count), False


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row that holds something begins, and its cells; first the columns' names."""
    delimiter, noted = _delimiter(text)
    rows, line = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1
    header = True
    try:
        for row in rows:
            if any(cell.strip() for cell in row) and not (noted and line == 1):
                yield line, [unicodedata.normalize("NFKC", name).strip() for name in row] if header else row
                header = False
            line = rows.line_num + 1
    except csv.Error as error:
        raise Refusal(f"{path}, line {line}: not a comma-separated file: {error}") from None


def _read(notebook: Notebook, name: str, text: str, delimiter: str) -> Value:
    """A cell as its parameter reads it; a spreadsheet writes TRUE, and spaces round numbers."""
    parameter = notebook.parameter(name)
    if isinstance(parameter.default, str):
        return parameter.read(text, notebook.stem)
    text = text.strip()
    if isinstance(parameter.default, bool):
        return parameter.read(text.capitalize(), notebook.stem)
    if "," in text:
        if delimiter == "," or THOUSANDS.fullmatch(text) or not DECIMAL_COMMA.fullmatch(text):
            must = "must be a number with a decimal point, and no mark between thousands"
            raise Refusal(f"{notebook.stem}: {name} {must}: got {text}")
        text = text.replace(",", ".")
    if isinstance(parameter.default, int) and (whole := WHOLE.fullmatch(text)):
        text = whole[1]
    return parameter.read(text, notebook.stem)
