"""Which parameter sets a grid file asks for: counted before they are expanded, expanded one at a time."""

import csv
import io
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from casestudy.case import Case
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.reports.parameters import LARGEST, Notebook, Value, select
from casestudy.reports.records import Report

MOST = 10_000  # sets that nobody asks for by a slip
TABLES = ("notebook", "set", "grid", "zip")
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
LONGEST = 10**9  # values of one range


@dataclass(frozen=True)
class Grid:
    """The parameter sets of a file, with their number before duplicates are left out."""

    path: Path
    count: int
    asked: Callable[[], Iterator[tuple[str, Notebook, dict[str, object]]]]  # place in the file, notebook, values
    texts: bool = False  # whether the values are still texts

    def __iter__(self) -> Iterator[Report]:
        """The sets to run, each once (8 and 8.0 are one), checked by their notebook's own rules."""
        seen = set()
        for place, notebook, values in self.asked():
            try:
                if self.texts:
                    values = {name: _read(notebook, name, text) for name, text in values.items()}
                report = Report(notebook, notebook.defaults() | notebook.check(values))
            except Refusal as error:
                raise Refusal(f"{self.path}, {place}: {error}") from None
            if report.id not in seen:
                seen.add(report.id)
                yield report


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
    try:
        content = tomllib.loads(text, parse_float=Decimal)  # so that steps of 0.1 meet 0.3
    except (ValueError, RecursionError, InvalidOperation) as error:
        why = "a number in it is too large" if isinstance(error, InvalidOperation) else error
        raise Refusal(f"{path} is not a TOML file: {why}") from None
    for name in content:
        if name not in TABLES:
            raise Refusal(f"{path} has no place for {name!r}; {nearest(name, TABLES)}")
    fixed, grid, zipped = (_table(content, name, path) for name in TABLES[1:])
    notebooks = _notebooks(content.get("notebook"), path, case)
    names = [*fixed, *grid, *zipped]
    if doubled := [name for name in names if names.count(name) > 1]:
        raise Refusal(f"{path}: {doubled[0]} stands in two tables; give it in one")
    for notebook in notebooks:
        for name in names:
            notebook.parameter(name)
    fixed = {name: _plain(value) for name, value in fixed.items()}
    axes = {name: _values(value, f"{path}: [grid] {name}") for name, value in grid.items()}
    columns = {name: _values(value, f"{path}: [zip] {name}") for name, value in zipped.items()}
    if len(set(map(len, columns.values()))) > 1:
        lengths = ", ".join(f"{name} has {len(column)}" for name, column in columns.items())
        raise Refusal(f"{path}: the lists in [zip] are walked together and must be of one length: {lengths}")
    if not axes and not columns:
        raise Refusal(f"{path} must have a list or a range in [grid] or [zip]; for one set there is `casestudy run`")
    together = len(next(iter(columns.values()))) if columns else 1
    count = len(notebooks) * math.prod(map(len, axes.values())) * together

    def asked() -> Iterator[tuple[str, Notebook, dict[str, object]]]:
        for number in range(count):  # itertools.product would hold every value of every range
            left, given = divmod(number, together)
            values = {name: column[given] for name, column in columns.items()}
            for name, axis in reversed(axes.items()):
                left, given = divmod(left, len(axis))
                values[name] = axis[given]
            yield f"set {number + 1} of {count}", notebooks[left], fixed | values

    return Grid(path, count, asked)


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


def _values(given: object, place: str) -> Sequence[object]:
    """A list as it stands, or the numbers of a range."""
    if isinstance(given, dict):
        return _range(given, place)
    if not isinstance(given, list):
        raise Refusal(f"{place} must be a list or {{from, to, step}}: got {_plain(given)!r}; one value goes to [set]")
    if not given:
        raise Refusal(f"{place} is an empty list; give at least one value")
    return [_plain(value) for value in given]


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _range(given: Mapping[str, object], place: str) -> "Steps":
    if set(given) != {"from", "to", "step"}:
        raise Refusal(f"{place}: a range has from, to and step: got {', '.join(given) or 'nothing'}")
    if not all(isinstance(end, int | Decimal) and not isinstance(end, bool) for end in given.values()):
        raise Refusal(f"{place}: from, to and step must be numbers: got {list(given.values())}")
    start, to, step = (Decimal(given[name]) for name in ("from", "to", "step"))
    if not all(end.is_finite() and abs(end) < LARGEST for end in (start, to, step)):
        raise Refusal(f"{place}: from, to and step must be finite: got {start}, {to}, {step}")
    if step == 0:
        raise Refusal(f"{place}: step must not be 0")
    if (to - start) * step < 0:
        raise Refusal(f"{place}: step {step} leads away from {to}; from {start} it must have the other sign")
    try:
        number = int((to - start) // step) + 1
    except InvalidOperation:
        number = LONGEST + 1
    if number > LONGEST:
        raise Refusal(f"{place}: a range must have at most {LONGEST:,} values; take a larger step")
    return Steps(start, step, number, whole=all(isinstance(end, int) for end in given.values()))


@dataclass(frozen=True)
class Steps(Sequence):
    """The numbers of a range, both ends included when hit; decimal, so that they are those one would write.

    >>> list(Steps(Decimal("0.1"), Decimal("0.1"), 3, whole=False))
    [0.1, 0.2, 0.3]
    """

    start: Decimal
    step: Decimal
    number: int
    whole: bool

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, place: int) -> float | int:
        if not 0 <= place < self.number:
            raise IndexError(place)
        value = self.start + place * self.step
        return int(value) if self.whole else float(value)


def _from_csv(path: Path, text: str, case: Case) -> Grid:
    """A column `notebook`; every other column a parameter, where an empty cell is the default."""
    rows, known = _rows(path, text), {}
    _, header = next(rows, (1, []))
    if "notebook" not in header:
        raise Refusal(f"{path} must have a column notebook: got {', '.join(header) or 'nothing'}")
    if odd := [name for name in header if not name or header.count(name) > 1]:
        raise Refusal(f"{path}: each column has a name of its own: got {odd[0]!r}")
    count = 0
    for line, row in rows:
        count += 1
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
    names = dict.fromkeys(name for notebook in known.values() for name in notebook.parameters)
    if unknown := [name for name in header if name != "notebook" and name not in names]:
        raise Refusal(f"{path}: no notebook in it has a parameter {unknown[0]!r}; {nearest(unknown[0], names)}")

    def asked() -> Iterator[tuple[str, Notebook, dict[str, object]]]:
        rows = _rows(path, text)
        next(rows)
        for line, row in rows:
            cells = dict(zip(header, row, strict=True))
            notebook = known[_notebook(row, header)]
            del cells["notebook"]
            yield f"line {line}", notebook, {name: cell for name, cell in cells.items() if cell.strip()}

    return Grid(path, count, asked, texts=True)


def _notebook(row: list[str], header: list[str]) -> str:
    """The notebook that a row names; a spreadsheet makes 2 of 02."""
    word = row[header.index("notebook")].strip()
    return word.zfill(2) if word.isdecimal() else word


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each row that holds something begins, and its cells."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows, line = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1
    try:
        for number, row in enumerate(rows):
            if any(cell.strip() for cell in row):
                yield line, row if number else [name.strip() for name in row]
            line = rows.line_num + 1
    except csv.Error as error:
        raise Refusal(f"{path}, line {line}: not a comma-separated file: {error}") from None


def _read(notebook: Notebook, name: str, text: str) -> Value:
    """A cell as its parameter reads it; a spreadsheet writes TRUE, and spaces round numbers."""
    parameter = notebook.parameter(name)
    if isinstance(parameter.default, bool):
        text = text.strip().capitalize()
    if isinstance(parameter.default, float) and DECIMAL_COMMA.fullmatch(text.strip()):
        raise Refusal(f"{notebook.stem}: {name} must be a number with a decimal point: got {text.strip()}")
    return parameter.read(text if isinstance(parameter.default, str) else text.strip(), notebook.stem)
