"""Which sets of a notebook begin alike, and up to which cell: a tree whose leaves are groups of sets."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casestudy.reports.sets.outcome import ParameterSet
from casestudy.reports.sets.source import INJECTED, VARIANT, tags
from casestudy.reports.shared.needs import SEEDS, Needs

DEARER = 0.3, 0.03  # seconds of CPU that a state takes beside its cells, and a set that begins from one
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")  # of an object in memory
FEWEST = 3  # sets: one runs whole, and one more for nothing but to be compared with it


@dataclass(frozen=True)
class Node:
    """A state to open at the cell `stop`, from the state above it, whose cells end before `start`.

    sets: those that begin there; below: nodes whose sets have still more in common.
    """

    start: int
    stop: int
    sets: list[ParameterSet]
    below: list["Node"] = field(default_factory=list)

    def some(self) -> ParameterSet:
        """Any set of it or below it."""
        return self.sets[0] if self.sets else self.below[0].some()


@dataclass(frozen=True)
class Trunk:
    """A notebook whose sets differ in some parameters; cells: with the one that changes parameters."""

    cells: Sequence[Any]
    varied: tuple[str, ...]
    needs: Needs

    @property
    def injected(self) -> int:
        """The cell that changes parameters."""
        return next(number for number, cell in enumerate(self.cells) if INJECTED in tags(cell))

    def until(self, place: int, why: str) -> "Trunk":
        """The same, with a cell found out that cannot be common."""
        first = {name: min(cell, place) for name, cell in self.needs.first.items()}
        return Trunk(self.cells, self.varied, Needs(first, place, why))

    def levels(self) -> list[int]:
        """Cells at which some parameter is first needed."""
        return sorted({self.needs.first[name] for name in self.varied})

    def runs_before(self, level: int) -> bool:
        """Whether any cell runs between the one that changes parameters and this one."""
        return bool(self.code(self.injected + 1, level))

    def begins(self) -> bool:
        """Whether something can run once for all sets."""
        return bool(self.varied) and self.runs_before(self.levels()[0])

    def parts(self) -> bool:
        """Whether something can run once for several sets."""
        return bool(self.varied) and self.runs_before(self.levels()[-1])

    def code(self, start: int, stop: int) -> list[int]:
        """Code cells that run, from start up to stop."""
        cells = enumerate(self.cells[:stop])
        return [n for n, cell in cells if n >= start and cell.cell_type == "code" and cell.source.strip()]

    def number(self, place: int) -> int:
        """A cell as the kernel counts it."""
        return len(self.code(0, place)) + 1

    def open(self, level: int) -> tuple[str, ...]:
        """Parameters that a set which begins at a cell has still to be given."""
        return tuple(name for name in self.varied if self.needs.first[name] >= level)

    def seeded(self, place: int) -> bool:
        """Whether some cell up to this one has seeded the random numbers that all modules share."""
        return any(SEEDS.search(cell.source) for cell in self.cells[: place + 1] if cell.cell_type == "code")


def pays(count: int, seconds: float, whole: float) -> bool:
    """Whether a state whose cells take so long is worth opening for some sets, of which each takes `whole` in all."""
    return count >= FEWEST and (count - 1) * seconds > whole + DEARER[0] + DEARER[1] * count


def grow(trunk: Trunk, sets: Sequence[ParameterSet], seconds: Mapping[int, float], whole: float) -> list[Node]:
    """The states worth opening; a set that stands in none of them runs whole.

    seconds: what each cell took; whole: what a set took in all. In each group one set runs whole as well, to be
    compared, so a state must save more than that.
    """

    def cost(start: int, stop: int) -> float:
        return sum(seconds.get(cell, 0.0) for cell in trunk.code(start, stop))

    def split(some: list[ParameterSet], levels: list[int], start: int) -> tuple[list[ParameterSet], list[Node]]:
        """Sets that begin at `start`, and nodes for those that begin later."""
        if not levels:
            return some, []
        level, *later = levels
        opened = trunk.runs_before(level) and pays(len(some), cost(start, level), whole)
        here: list[ParameterSet] = []
        nodes: list[Node] = []
        names = [name for name in trunk.varied if trunk.needs.first[name] <= level]
        for group in alike(some, names):
            own, below = split(group, later, level if opened else start)
            here += own
            nodes += below
        return ([], [Node(start, level, here, nodes)]) if opened else (here, nodes)

    return split(list(sets), trunk.levels(), 0)[1]


def alike(sets: Sequence[ParameterSet], names: Sequence[str]) -> Iterator[list[ParameterSet]]:
    """Sets with the same values of some parameters, in the order in which each group begins."""
    groups: dict[str, list[ParameterSet]] = {}
    for one in sets:
        groups.setdefault(json.dumps([one.values[name] for name in names]), []).append(one)
    yield from groups.values()


def took(files: Mapping[str, bytes], stem: str) -> dict[int, float]:
    """Seconds that each cell of a notebook took, from its record."""
    records = [cell["metadata"].get("papermill", {}) for cell in _cells(files, stem)]
    return {number: float(record.get("duration") or 0.0) for number, record in enumerate(records)}


def difference(one: Mapping[str, bytes], other: Mapping[str, bytes], stem: str) -> str:
    """Where two runs of a set came out otherwise, in two or three words; empty where they did not."""
    for left, right in zip(_cells(one, stem), _cells(other, stem), strict=False):
        if left["cell_type"] == "code" and _shown(left) != _shown(right):
            return f"cell {left['execution_count']}"
    names = sorted(name for name in one.keys() | other.keys() if not name.endswith((".ipynb", ".html", ".svg")))
    return next((f"the file {name}" for name in names if one.get(name) != other.get(name)), "")


def _shown(cell: dict[str, Any]) -> str:
    shown = [cell[name] for name in ("source", "execution_count", "outputs")]
    return ADDRESS.sub("0x", json.dumps(shown, sort_keys=True))


def _cells(files: Mapping[str, bytes], stem: str) -> list[dict[str, Any]]:
    cells = json.loads(files[f"{stem}.ipynb"])["cells"]
    return [cell for cell in cells if VARIANT not in cell["metadata"].get("tags", ())]  # which the page adds
