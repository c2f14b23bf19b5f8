"""A parameter set, what came of it, and where sets run: asked for, outcome and executor, each a type of its own."""

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from casestudy.reports.sets.parameters import Notebook, Value

LONGEST = 3600  # seconds that the cells of one set may take, unless more or less is asked for


@dataclass(frozen=True)
class ParameterSet:
    """One notebook with a value for every parameter."""

    notebook: Notebook
    values: dict[str, Value]

    @cached_property
    def changed(self) -> dict[str, Value]:
        """Parameters that differ from the document's."""
        return {name: value for name, value in self.values.items() if value != self.notebook.parameters[name].default}

    @cached_property
    def id(self) -> str:
        """Twelve hexadecimal digits that name this notebook with these parameters."""
        return set_id(self.notebook.stem, self.values)


def set_id(stem: str, values: Mapping[str, Value]) -> str:
    """The name of a notebook's parameter set: the same on every machine, whatever the data and the code."""
    return hashlib.sha256(json.dumps([stem, values], sort_keys=True).encode()).hexdigest()[:12]


Link = tuple[str, str]  # a notebook's stem and its question


@dataclass(frozen=True)
class Shelf:
    """Where pages lie: what their way back leads to, and the notebooks whose pages lie beside each other, in order.

    >>> Shelf(beside=(("01-a", "Who?"), ("02-b", "What?"))).around("02-b")
    (('01-a', 'Who?'), None)
    """

    index: str = "index.html"
    beside: tuple[Link, ...] = ()

    def around(self, stem: str) -> tuple[Link | None, Link | None]:
        """The notebooks before and after one."""
        at = next((at for at, (name, _) in enumerate(self.beside) if name == stem), None)
        if at is None:
            return None, None
        return self.beside[at - 1] if at else None, self.beside[at + 1] if at + 1 < len(self.beside) else None


@dataclass(frozen=True)
class Outcome:
    """What came of a parameter set that ran: a report, or the error that stopped it."""

    asked: ParameterSet
    seconds: float = 0.0
    error: str = ""  # one line; empty when all went well
    answer: str = ""  # the answer in two sentences, as HTML
    alt: str = ""  # what the signature figure shows, in words
    rows: list[dict] = field(default_factory=list)  # the recorded comparisons
    figure: bool = False  # whether it has a signature figure
    copy: bool = False  # whether its executed notebook was kept
    shared: int = 0  # cells that ran once, for it and others
    again: bool = False  # whether it takes the place of an outcome that was handed out before

    def tests(self) -> dict[str, bool]:
        """Whether each relation that was put to a test survived it; nothing where parameters were changed."""
        if self.asked.changed:
            return {}
        found: dict[str, bool] = {}
        for row in self.rows:
            if row["test"] is not None:  # told by several rows it counts once, and survives if it does in all
                found[row["test"]] = found.get(row["test"], True) and row["agrees"]
        return found

    @property
    def severities(self) -> list[float]:
        """How easily each of its tests could have failed, ascending; of several rows of a test the highest."""
        found: dict[str, float] = {}
        for row in self.rows:
            if row["test"] is not None:
                found[row["test"]] = max(found.get(row["test"], 0.0), row["severity"])
        return sorted(found.values())

    def record(self) -> dict[str, Any]:
        """What is kept of it in numbers, fit for JSON."""
        return {
            "set": self.asked.id,
            "notebook": self.asked.notebook.stem,
            "status": "failed" if self.error else "ok",
            "error": self.error or None,
            "seconds": self.seconds,
            "parameters": self.asked.values,
            "default": not self.asked.changed,
            "tests": self.tests(),
            "rows": self.rows,
        }


class Gone(Exception):
    """No further set can run; says to the user why, in one line."""


class Executor(Protocol):
    """Where sets run: `local.Local` for this machine's cores, `cluster.Cluster` for a dask cluster.

    It runs no set before the first `submit`; leaving it by an exception (an interrupt) ends or abandons what runs. A
    future that fails with `BrokenExecutor` has lost its worker, which another set may have ended: once all others are
    done the set is submitted again, alone. Any other exception is that set's failure. `Gone`, raised by `submit` or set
    on a future, ends the batch.
    """

    @property
    def workers(self) -> int:
        """How many sets run at a time; read again before each submission."""

    def submit(self, function: Callable[..., Any], asked: ParameterSet, root: str, *rest: Any) -> Future:
        """`function(asked, root, ...)`, which gives an Outcome and its files by name; root: the case's folder."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class Sharing(Executor, Protocol):
    """An executor where sets that begin alike can begin together."""

    @property
    def shares(self) -> bool:
        """Whether they can on this system."""

    def begin(self, step: Any, above: Any, seconds: float) -> Future:
        """Open a state (`executors.opening`), from the one above it if any, for sets that go on from there."""
