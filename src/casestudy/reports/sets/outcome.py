"""A parameter set, what came of it, and where sets run: asked for, outcome and executor, each a type of its own."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any, Protocol, Self

from casestudy.claims.comparison import EVIDENCE
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
        content = json.dumps([self.notebook.stem, self.values], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


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

    def agreement(self) -> dict[str, tuple[int, int]]:
        """(agreeing, compared) by basis, for the bases that are evidence; nothing where parameters were changed."""
        if self.asked.changed:
            return {}
        verdicts: dict[str, dict[str, bool]] = {basis: {} for basis in EVIDENCE}
        for row in self.rows:
            if row["agrees"] is not None:  # in two tables it counts once, and agrees if it does in both
                found = verdicts[row["basis"]]
                found[row["claim"]] = found.get(row["claim"], True) and row["agrees"]
        return {basis: (sum(found.values()), len(found)) for basis, found in verdicts.items() if found}

    def record(self) -> dict[str, Any]:
        """What is kept of it in numbers, fit for JSON."""
        return {
            "run": self.asked.id,
            "notebook": self.asked.notebook.stem,
            "status": "failed" if self.error else "ok",
            "error": self.error or None,
            "seconds": self.seconds,
            "parameters": self.asked.values,
            "default": not self.asked.changed,
            "agreement": {basis: list(counts) for basis, counts in self.agreement().items()},
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
