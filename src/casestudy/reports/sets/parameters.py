"""What a notebook can be asked: its parameters, their ranges, and the rules between them."""

import ast
import math
import re
import reprlib
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from casestudy import intervals
from casestudy.case import Case
from casestudy.claims.comparison import RECORDED
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.reports.sets import source
from casestudy.reports.sets.source import Unreadable

if TYPE_CHECKING:
    from nbformat import NotebookNode

Value = bool | int | float | str
LARGEST = 1e300  # of a number; a larger one is a slip, and arithmetic on it overflows
TAKEN = ("run", "notebook", "default", "folder", "unit")  # beside the columns of a comparison, those of a run's results
UNFIT = ("Cc", "Cs")  # control characters, and halves of one that no file can hold; joiners and wide spaces are text
NAME = re.compile(r"\d\d-[\w-]+")


@dataclass(frozen=True)
class Parameter:
    """One line of a notebook's parameters cell: `csat_after = 8.1  # points; 0..10; 004 p10`."""

    name: str
    default: Value
    unit: str = ""
    allowed: str = ""  # `lo..hi` with either end open, or `a|b|c`
    source: str = ""

    @classmethod
    def parse(cls, name: str, default: str, help: str, notebook: str) -> "Parameter":
        """From a line's parts: the literal gives the type, the comment unit, range and source.

        >>> Parameter.parse("csat_after", "8.1", "points; 0..10; 004 p10", "02-satisfaction").allowed
        '0..10'
        """
        try:
            value = ast.literal_eval(default)
        except (ValueError, SyntaxError):
            value = None
        if not isinstance(value, Value):
            got = f"{name} = {source.short(default)}"
            raise Refusal(f"{notebook}: a parameter is `name = literal  # unit; range; source`: got {got}")
        unit, allowed, origin = ([part.strip() for part in help.split(";", 2)] + ["", "", ""])[:3]
        if allowed and ".." not in allowed and "|" not in allowed:
            forms = "`lo..hi`, `a|b|c`, or nothing between two semicolons"
            raise Refusal(f"{notebook}: {name}: allowed values are {forms}: got {allowed!r}")
        return cls(name, value, unit, allowed, origin)

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest allowed number; infinite where open."""
        low, _, high = self.allowed.partition("..")
        try:
            return float(low or "-inf"), float(high or "inf")
        except ValueError:
            raise Refusal(f"{self.name}: allowed values are `lo..hi` or `a|b|c`: got {self.allowed!r}") from None

    def read(self, text: str, notebook: str) -> Value:
        """A value from the command line, checked."""
        if isinstance(self.default, str):
            return self.check(text, notebook)
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            value = text
        return self.check(value, notebook)

    def check(self, value: object, notebook: str) -> Value:
        """The value in the default's type, or one line that says what is allowed."""
        value = self._adapted(value)
        if not self._is_of_kind(value):
            raise Refusal(f"{notebook}: {self.name} must be {self._kind()}: got {reprlib.repr(value)}")
        if not self._allows(value):
            got = reprlib.repr(value)
            raise Refusal(f"{notebook}: {self.name} must be in {self.allowed} ({self.unit}): got {got}")
        return value + 0.0 if isinstance(value, float) else value  # minus nothing is nothing

    def _adapted(self, value: object) -> object:
        """A float where a whole number will do, and a text without what copying from another system puts into it."""
        if isinstance(self.default, float) and type(value) is int and abs(value) < LARGEST:
            return float(value)
        if isinstance(self.default, str) and type(value) is str:
            text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\xa0", " ")
            words = self.allowed.split("|") if "|" in self.allowed else []
            return next((word for word in words if _compared(word) == _compared(text)), text)
        return value

    def _is_of_kind(self, value: object) -> TypeGuard[Value]:
        if type(value) is not type(self.default):
            return False
        if isinstance(value, str):
            return {unicodedata.category(letter) for letter in value if letter != "\n"}.isdisjoint(UNFIT)
        return isinstance(value, int | float) and abs(value) < LARGEST  # which not-a-number is not, either

    def _allows(self, value: Value) -> bool:
        low, high = self.ends if ".." in self.allowed else (-math.inf, math.inf)
        if "|" in self.allowed and str(value) not in self.allowed.split("|"):
            return False
        return isinstance(value, bool | str) or low <= value <= high

    def _kind(self) -> str:
        kinds = {
            bool: "True or False",
            int: "a whole number",
            float: "a finite number",
            str: "text without control characters",
        }
        kind = kinds[type(self.default)]
        return f"{kind} in {self.allowed}" if self.allowed else kind


def _compared(word: str) -> str:
    """A word as it is compared: accents joined to their letters, spaces of any kind one."""
    return " ".join(unicodedata.normalize("NFC", word).split())


@dataclass(frozen=True)
class Notebook:
    """A notebook's file, its parameters by name, and the rules between them."""

    path: Path
    question: str
    parameters: dict[str, Parameter]
    require: tuple[str, ...]
    left_over: int = 0  # cells that an earlier run had put in, and that are left out
    unusable: str = ""  # why it cannot run; empty when it can

    @property
    def stem(self) -> str:
        return self.path.stem

    @property
    def remark(self) -> str:
        """What is left out of it; nothing as a rule."""
        cells = "a cell" if self.left_over == 1 else f"{self.left_over} cells"
        return f"{cells} that an earlier run had put in, left out" if self.left_over else ""

    def defaults(self) -> dict[str, Value]:
        return {name: parameter.default for name, parameter in self.parameters.items()}

    def parameter(self, name: str) -> Parameter:
        """One parameter; an unknown name is refused with the nearest."""
        if name not in self.parameters:
            raise Refusal(f"{self.stem} has no parameter {name!r}; {nearest(name, self.parameters)}")
        return self.parameters[name]

    def check(self, values: Mapping[str, object]) -> dict[str, Value]:
        """The checked values, in the notebook's types; refuses unknown names, wrong types, ranges and broken rules."""
        known = {name: self.parameter(name) for name in values}
        checked = {name: parameter.check(values[name], self.stem) for name, parameter in known.items()}
        together = self.defaults() | checked
        for rule in self.require:
            if not intervals.holds(rule, together):
                got = ", ".join(f"{name}={together[name]}" for name in dict.fromkeys(intervals.names(rule)))
                raise Refusal(f"{self.stem}: {rule} must hold; got {got}")
        return checked


def read(path: Path) -> Notebook:
    """A notebook's question, parameters and rules."""
    try:
        notebook, left_over = source.glance(path)
        given = source.parameters_cell(notebook)
        parameters = [_parameter(*line, path.stem) for line in source.lines(given.source)] if given else []
        by_name = {parameter.name: parameter for parameter in parameters}
        if given and (again := source.set_again(notebook, given, set(by_name))):
            raise Unreadable(f"a parameter is set in its own cell alone, or pages would not say what ran: got {again}")
    except Unreadable as error:
        raise Refusal(f"{path.stem}: {error}") from None
    own = notebook.metadata.get("casestudy")
    require = own.get("require", []) if isinstance(own, dict) else []
    if not (isinstance(require, list) and all(isinstance(rule, str) for rule in require)):
        raise Refusal(f"{path.stem}: casestudy.require in the metadata must be a list of rules: got {require!r}")
    if taken := [name for name in by_name if name in RECORDED or name in TAKEN]:
        raise Refusal(f"{path.stem}: results.csv has a column {taken[0]!r} already; give the parameter another name")
    if len(by_name) != len(parameters):
        raise Refusal(f"{path.stem}: each parameter has one line; some name stands in two")
    read = Notebook(path, _title(notebook, path.stem), by_name, tuple(require), left_over=left_over)
    read.check(read.defaults())
    return read


def _parameter(name: str, annotation: str, literal: str, comment: str, stem: str) -> Parameter:
    """A line of the parameters cell; `rate: float = 2` is a number with a point."""
    parameter = Parameter.parse(name, literal, comment, stem)
    if re.search(r"\bfloat\b", annotation) and type(parameter.default) is int:
        return replace(parameter, default=float(parameter.default))
    return parameter


def _title(notebook: "NotebookNode", stem: str) -> str:
    """The first heading, which is the notebook's question; the stem where there is none."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), stem)


def select(wanted: Iterable[str], case: Case) -> list[Notebook]:
    """The notebooks named by stem or unique prefix, in order; all of them when none is named.

    One that cannot be read is refused where it is named; among all it comes with its reason, as `unusable`.
    """
    paths, words = sorted(path for path in files(case) if NAME.fullmatch(path.stem)), list(wanted)
    if not paths:
        odd = "".join(f"; {path.name} is not named NN-words.ipynb" for path in misnamed(case)[:1])
        raise Refusal(f"there are no notebooks in {case.notebooks}{odd}")
    if words:
        return [read(path) for path in sorted({_named(word, paths, case) for word in words})]
    return [_read_or_why(path) for path in paths]


def files(case: Case) -> list[Path]:
    """Every notebook of a case, whatever its name."""
    return [path for path in case.notebooks.glob("*.ipynb") if not path.name.startswith(".")]


def misnamed(case: Case) -> list[Path]:
    """Files that are left out, since a notebook is named NN-words.ipynb."""
    return sorted(path for path in files(case) if not NAME.fullmatch(path.stem))


def _read_or_why(path: Path) -> Notebook:
    try:
        return read(path)
    except Refusal as refusal:
        return Notebook(path, path.stem, {}, (), unusable=str(refusal).removeprefix(f"{path.stem}: "))


def _named(word: str, paths: list[Path], case: Case) -> Path:
    """The notebook whose stem a word is, or begins."""
    if not word:
        raise Refusal("a notebook's name must not be empty")
    hits = [path for path in paths if path.stem == word] or [path for path in paths if path.stem.startswith(word)]
    if not hits:
        if odd := next((path for path in misnamed(case) if path.stem.startswith(word)), None):
            raise Refusal(f"a notebook is named NN-words.ipynb, with letters, digits and hyphens: got {odd.name!r}")
        raise Refusal(f"no notebook {word!r}; {nearest(word, [path.stem for path in paths])}")
    if len(hits) > 1:
        raise Refusal(f"{word!r} fits {', '.join(path.stem for path in hits)}: name one")
    return hits[0]


def from_file(path: Path, notebooks: list[Notebook], case: Case) -> dict[str, dict[str, object]]:
    """Values by notebook from a TOML file: top-level values for all selected, `[02-satisfaction]` tables for one."""
    with file_access(f"read the parameter file {path}"):
        text = path.read_bytes()
    try:
        content = tomllib.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{path} is not a TOML file: {error}") from None
    tables = {name: value for name, value in content.items() if isinstance(value, dict)}
    common = {name: value for name, value in content.items() if name not in tables}
    own = {}
    for name, table in tables.items():
        notebook = select([name], case)[0]
        if notebook.stem in own:
            raise Refusal(f"{path} has two tables for {notebook.stem}")
        notebook.check(table)  # also where it is not among those to run
        own[notebook.stem] = table
    return {notebook.stem: common | own.get(notebook.stem, {}) for notebook in notebooks}
