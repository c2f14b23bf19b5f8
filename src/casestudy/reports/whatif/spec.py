"""What a grid file says of its page: `[explore]`, checked before anything runs."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import nbformat

from casestudy import claims, intervals
from casestudy.case import Case
from casestudy.claims.recording import BASIS
from casestudy.layers import LAYERS
from casestudy.refusals import Refusal, nearest
from casestudy.reports.sets import table
from casestudy.reports.sets.grid import Grid
from casestudy.reports.sets.outcome import ParameterSet
from casestudy.reports.sets.parameters import Notebook, Value
from casestudy.reports.whatif.sentence import Fact, Template

TEXTS = ("title", "claim", "name", "unit", "format", "layer", "sentence", "note")
TABLES = ("controls", "numbers", "facts", "read")
KEYS = (*TEXTS, "estimate", "log", *TABLES)
COLUMNS = ("ours", "ours_low", "ours_high", "low", "high")  # of the claim's comparison
MEETS = "meets"  # 'meets' or 'misses', where a claim is named
MOST_CONTROLS, MOST_SETS = 3, 500  # what a reader can hold in mind; what a page can


@dataclass(frozen=True)
class Control:
    """One slider or choice: the parameters that it moves, and what they are at each of its places."""

    names: tuple[str, ...]
    places: tuple[dict[str, Value], ...]
    label: str
    texts: tuple[str, ...]  # what a reader is shown at each place
    own: int  # the place of the articles' values

    @property
    def slides(self) -> bool:
        """Whether it is a slider: numbers in order, three at least."""
        values = [place[self.names[0]] for place in self.places]
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        return len(numbers) == len(values) > 2 and numbers == sorted(set(numbers))


@dataclass(frozen=True)
class Explore:
    """A page that is asked for: its controls, and how a set's number and sentence are made."""

    notebook: Notebook
    title: str
    layer: str  # of the notebook's figure
    sentence: Template
    controls: tuple[Control, ...]
    sets: tuple[ParameterSet, ...]  # in the controls' order, the last one fastest
    claim: str  # whose comparison it shows; may be empty
    estimate: tuple[str, ...]  # one formula, or those of two ends
    name: str  # of the estimate
    unit: str
    format: Template  # of the estimate; its blank is called value
    log: bool
    note: str
    numbers: dict[str, str]  # formulas by name
    facts: dict[str, dict[str, dict[str, Fact]]]  # by parameter, its value as text, and name
    read: dict[str, str]  # patterns for numbers in the figure's finding, by name
    printed: dict[str, float]  # values of claims that formulas name
    results: frozenset[str]  # names under which the notebook records what is no claim, and those of their ends

    @property
    def own(self) -> int:
        """Which of the sets has the articles' values."""
        return next(number for number, asked in enumerate(self.sets) if not asked.changed)

    def known_values(self, asked: ParameterSet, rows: Mapping[str, Any], finding: str) -> dict[str, Fact]:
        """All that a sentence may name, for one set; a number that it has not is left out.

        rows: what the set recorded, by claim or name; finding: the title of its figure.
        """
        row = rows.get(self.claim)
        values: dict[str, Fact] = {**self.printed, **asked.values}
        for name, by_value in self.facts.items():
            values |= by_value[_key(asked.values[name])]
        values |= {name: row[name] for name in COLUMNS if row and row[name] is not None}
        values |= {name: number for name, number in _results(rows).items() if name in self.results}
        for name, pattern in self.read.items():
            if found := re.search(pattern, finding):
                values[name] = float(found[1].replace(",", ""))
        for name, formula in self.numbers.items():
            if all(part in values for part in intervals.names(formula)):
                values[name] = reckoned(formula, values)
        return values


def _results(rows: Mapping[str, Any]) -> dict[str, float]:
    """The numbers that a set recorded under names of their own, and their ends as NAME_low and NAME_high."""
    own = {name: row for name, row in rows.items() if row["basis"] == BASIS}
    ends = {f"{name}_{end}": row[f"ours_{end}"] for name, row in own.items() for end in ("low", "high")}
    found = ends | {name: row["ours"] for name, row in own.items()}
    return {name: number for name, number in found.items() if number is not None}


def _called(source: str) -> set[str]:
    """The names that a cell records: its calls of `record` with a plain name."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
    except SyntaxError:  # a magic, or what does not run
        return set()
    first = [(ast.unparse(call.func).rpartition(".")[2], call.args[0]) for call in calls]
    return {
        arg.value
        for called, arg in first
        if called == "record" and isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    }


def reckoned(formula: str, values: Mapping[str, Fact]) -> float:
    """A formula over plain numbers, by the one parser of formulas."""
    plain = {name: values[name] for name in intervals.names(formula)}
    if words := [name for name, value in plain.items() if isinstance(value, str)]:
        raise Refusal(f"{formula}: {words[0]} is a word; a formula needs numbers")
    low, high = intervals.evaluate(formula, {name: float(value) for name, value in plain.items()})
    return (low + high) / 2


def read(grid: Grid, case: Case) -> Explore:
    """The page that a grid file asks for, or one line that says what is wrong with it."""
    return _Reader(grid, case).explore()


class _Reader:
    """Reads `[explore]` once, and refuses what cannot be meant."""

    def __init__(self, grid: Grid, case: Case) -> None:
        self.grid, self.case, self.where = grid, case, f"{grid.path}, [explore]"
        if not grid.explore:
            raise Refusal(f"{grid.path} must have a table [explore] with a title and a sentence; see docs/what-if")
        for key in grid.explore:
            if key not in KEYS:
                raise Refusal(f"{self.where} has no place for {key!r}; {nearest(key, KEYS)}")
        self.given = _plain(grid.explore)
        self.sets = tuple(grid)
        notebooks = {asked.notebook.stem: asked.notebook for asked in self.sets}
        if len(notebooks) > 1:
            raise Refusal(f"{grid.path}: a page shows one notebook: got {', '.join(notebooks)}")
        self.notebook = next(iter(notebooks.values()))
        self.register = claims.load(case)
        self.committed = nbformat.read(self.notebook.path, as_version=4)
        self.rows = table.recorded(self.committed)
        self.recorded = self._recorded()

    def explore(self) -> Explore:
        self._refuse_gaps()
        facts, read = self._facts(), self._read()
        claim, layer = self._text("claim", ""), self._text("layer")
        if claim:
            self._refuse_claim(claim)
        if layer not in LAYERS:
            raise Refusal(f"{self.where}: layer must be one of {', '.join(LAYERS)}: got {layer!r}")
        plain = [*self.notebook.parameters, *(name for by in facts.values() for made in by.values() for name in made)]
        names = [*plain, *read, *sorted(self.recorded), *(COLUMNS if claim else ())]
        printed: dict[str, float] = {}
        numbers = {}
        for name, formula in self._table("numbers").items():
            numbers[name] = self._formula(formula, names, printed, f"{self.where}, numbers, {name}")
            names.append(name)
        estimate = self._estimate(claim, names, printed)
        controls = tuple(self._control(axis, facts, plain) for axis in self.grid.axes)
        sentence = Template.read(self.given.get("sentence"), f"{self.where}: sentence")
        return Explore(
            notebook=self.notebook,
            title=self._text("title"),
            layer=layer,
            sentence=sentence.known([*names, *([MEETS] if claim else [])], f"{self.where}: sentence"),
            controls=controls,
            sets=self.sets,
            claim=claim,
            estimate=estimate,
            name=self._text("name"),
            unit=self._text("unit", ""),
            format=Template.read(f"{{value:{self._text('format', '~2')}}}", f"{self.where}: format"),
            log=self.given.get("log", False) is True,
            note=self._text("note", ""),
            numbers=numbers,
            facts=facts,
            read=read,
            printed=printed,
            results=self.recorded,
        )

    def _refuse_gaps(self) -> None:
        """Every place of every control must have a set, and one set the articles' values."""
        if not 1 <= len(self.grid.axes) <= MOST_CONTROLS:
            raise Refusal(f"{self.grid.path}: a page has one to three controls: got {len(self.grid.axes)}")
        if len(self.sets) != self.grid.count:
            raise Refusal(
                f"{self.grid.path}: each value must stand once: {self.grid.count} sets, {len(self.sets)} apart"
            )
        if len(self.sets) > MOST_SETS:
            raise Refusal(f"{self.grid.path}: a page holds at most {MOST_SETS} sets: got {len(self.sets):,}")
        if all(asked.changed for asked in self.sets):
            nearest_set = min(self.sets, key=lambda asked: len(asked.changed))
            own = self.notebook.defaults()
            missing = ", ".join(f"{name} = {own[name]}" for name in nearest_set.changed)
            raise Refusal(
                f"{self.grid.path}: the articles' own values must be among the sets, for reset: add {missing}"
            )

    def _refuse_claim(self, claim: str) -> None:
        if claim in self.recorded:
            raise Refusal(f'{self.where}: {claim} is no claim but a recorded result: write estimate = "{claim}"')
        if claim not in self.register.index:
            raise Refusal(f"{self.where}: no claim {claim!r}; {nearest(claim, self.register.index)}")
        compared = [row["claim"] for row in self.rows if row["basis"] != BASIS]
        if compared and claim not in compared:
            raise Refusal(f"{self.where}: {self.notebook.stem} does not compare {claim}; {nearest(claim, compared)}")

    def _recorded(self) -> frozenset[str]:
        """What the notebook records under names of its own, by its outputs or, where it has none, by its code."""
        names, taken = (
            {row["claim"] for row in self.rows if row["basis"] == BASIS},
            {*self.notebook.parameters, *COLUMNS, MEETS},
        )
        for cell in self.committed.cells:
            names |= _called(cell.source) if cell.cell_type == "code" else set()
        if doubled := sorted(names.intersection(taken)):
            raise Refusal(f"{self.where}: {self.notebook.stem} records {doubled[0]!r}, and a parameter or a column has "
                          "that name; record it under another")  # fmt: skip
        return frozenset(names | {f"{name}_{end}" for name in names for end in ("low", "high")} - set(taken))

    def _text(self, key: str, default: str | None = None) -> str:
        value = self.given.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise Refusal(f'{self.where} must have {key} = "...": got {value!r}')
        return value

    def _table(self, key: str) -> dict[str, Any]:
        value = self.given.get(key, {})
        if not isinstance(value, dict):
            raise Refusal(f"{self.where}: {key} must be a table, [explore.{key}]: got {value!r}")
        for name in value if key in ("numbers", "read") else ():
            if (
                not name.isidentifier()
                or name in self.notebook.parameters
                or name in (*COLUMNS, MEETS)
                or name in self.recorded
            ):
                raise Refusal(f"{self.where}, {key}: a new name must be a word that is not taken: got {name!r}")
        return value

    def _formula(self, formula: object, names: Iterable[str], printed: dict[str, float], where: str) -> str:
        """A checked formula; a name may also be a claim's, whose printed value is noted."""
        if not isinstance(formula, str):
            raise Refusal(f'{where} must be a formula such as "1 - deflection": got {formula!r}')
        names = list(names)
        for name in intervals.names(formula):
            if name in self.register.index and name not in names:
                printed[name] = float(self.register.at[name, "value"])
            elif name not in names:
                raise Refusal(f"{where}: nothing is called {name!r}; {nearest(name, names)}")
        return formula

    def _estimate(self, claim: str, names: Sequence[str], printed: dict[str, float]) -> tuple[str, ...]:
        given = self.given.get("estimate", ["ours_low", "ours_high"] if claim else None)
        formulas = given if isinstance(given, list) else [given]
        if given is None or len(formulas) not in (1, 2):
            raise Refusal(f"{self.where} must have a claim, or estimate = a formula or a list of two: got {given!r}")
        return tuple(self._formula(formula, names, printed, f"{self.where}: estimate") for formula in formulas)

    def _facts(self) -> dict[str, dict[str, dict[str, Fact]]]:
        facts = self._table("facts")
        for name, by_value in facts.items():
            self.notebook.parameter(name)
            wanted = {_key(asked.values[name]) for asked in self.sets}
            if not isinstance(by_value, dict) or not all(isinstance(made, dict) for made in by_value.values()):
                raise Refusal(f"{self.where}: facts, {name} must be `value = {{name = fact}}` lines: got {by_value!r}")
            if missing := sorted(wanted - by_value.keys()):
                raise Refusal(f"{self.where}: facts, {name} must have every value of the grid: add {missing[0]!r}")
            if len({tuple(sorted(made)) for made in by_value.values()}) > 1:
                raise Refusal(f"{self.where}: facts, {name} must give every value the same names")
        return facts

    def _read(self) -> dict[str, str]:
        read = self._table("read")
        for name, pattern in read.items():
            if not isinstance(pattern, str) or pattern.count("{}") != 1:
                raise Refusal(f"{self.where}: read, {name} must be words with one {{}}, for a number: got {pattern!r}")
        number = r"([-+]?\d[\d,]*(?:\.\d+)?)"
        return {name: number.join(map(re.escape, pattern.split("{}"))) for name, pattern in read.items()}

    def _control(self, axis: Sequence[str], facts: Mapping[str, Any], names: Sequence[str]) -> Control:
        """A slider or a choice for the parameters that move together."""
        first = axis[0]
        places = list(dict.fromkeys(tuple(asked.values[name] for name in axis) for asked in self.sets))
        by_place = {tuple(asked.values[name] for name in axis): asked for asked in self.sets}
        about = self._table("controls").get(first, {})
        if not isinstance(about, dict) or not about.keys() <= {"label", "shown"}:
            raise Refusal(f"{self.where}: controls, {first} takes label and shown: got {about!r}")
        where = f"{self.where}: controls, {first}"
        unit = self.notebook.parameters[first].unit
        usual = f"{{{first}}} {unit}" if unit not in ("", "none") else f"{{{first}}}"
        shown = Template.read(about.get("shown", usual.strip()), where).known(names, where)
        texts = []
        for place in places:
            asked = by_place[place]
            told = {name: fact for key, by in facts.items() for name, fact in by[_key(asked.values[key])].items()}
            texts.append(shown.fill({**asked.values, **told}))
        own = tuple(self.notebook.parameters[name].default for name in axis)
        values = tuple(dict(zip(axis, place, strict=True)) for place in places)
        label = str(about.get("label", first.replace("_", " ").capitalize()))
        return Control(tuple(axis), values, label, tuple(texts), places.index(own))


def _key(value: Value) -> str:
    """A value as a key of a table of facts."""
    return str(value)


def _plain(given: Any) -> Any:
    """What a TOML file gives, its decimals as floats."""
    if isinstance(given, dict):
        return {name: _plain(value) for name, value in given.items()}
    if isinstance(given, list):
        return [_plain(value) for value in given]
    return float(given) if isinstance(given, Decimal) else given
