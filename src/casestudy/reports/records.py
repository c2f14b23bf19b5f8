"""What came of runs, and what they say in numbers: `results.csv` and `run.json`, written one run at a time."""

import csv
import hashlib
import json
import math
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TextIO

import nbformat

from casestudy.comparison import BASES, EVIDENCE, MIME, NUMBERS, RECORDED
from casestudy.refusals import Refusal
from casestudy.reports.parameters import Notebook, Value

COLUMNS = ["run", "notebook", *RECORDED, "default"]
TOLD = ("run", "notebook", "status", "error", "seconds", "parameters", "agreement")  # what run.json says of a run


@dataclass(frozen=True)
class Report:
    """What came of one run: a report, or the error that stopped it."""

    notebook: Notebook
    values: dict[str, Value]  # every parameter, as run
    seconds: float = 0.0
    error: str = ""  # one line; empty when all went well
    answer: str = ""  # the answer in two sentences, as HTML
    alt: str = ""  # what the signature figure shows, in words
    rows: list[dict] = field(default_factory=list)  # the recorded comparisons
    figure: bool = False  # whether it has a signature figure
    copy: bool = False  # whether its executed notebook was kept

    @property
    def changed(self) -> dict[str, Value]:
        """Parameters that differ from the document's."""
        return {name: value for name, value in self.values.items() if value != self.notebook.parameters[name].default}

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that name this notebook with these parameters."""
        content = json.dumps([self.notebook.stem, self.values], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def record(self) -> dict[str, object]:
        """What is kept of it in numbers, fit for JSON."""
        return {
            "run": self.id,
            "notebook": self.notebook.stem,
            "status": "failed" if self.error else "ok",
            "error": self.error or None,
            "seconds": self.seconds,
            "parameters": self.values,
            "default": not self.changed,
            "agreement": {basis: list(counts) for basis, counts in agreement(self).items()},
            "rows": self.rows,
        }


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """All outputs of a notebook's code cells, in order."""
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def recorded(notebook: nbformat.NotebookNode) -> list[dict]:
    """The rows of a notebook's comparisons, checked: what a cell shows under their MIME type could be anything."""
    tables = [output.data[MIME] for output in outputs(notebook) if MIME in output.get("data", {})]
    rows = [row for table in tables for row in (table.get("rows") if isinstance(table, dict) else None) or [table]]
    for row in rows:
        words = isinstance(row, dict) and [row.get(name) for name in ("claim", "printed")]
        right = words and set(row) == set(RECORDED) and all(isinstance(word, str) for word in words)
        right = right and row["basis"] in BASES and row["agrees"] in (True, False, None)
        if not (right and all(_is_number(row[name]) for name in NUMBERS)):
            raise Refusal(f"a recorded comparison must come from claims.compare: got {str(row)[:80]}")
    return rows


def _is_number(value: object) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value))


def agreement(report: Report) -> dict[str, tuple[int, int]]:
    """(agreeing, compared) by basis, for the bases that are evidence; nothing where parameters were changed."""
    if report.changed:
        return {}
    verdicts = {basis: {} for basis in EVIDENCE}
    for row in report.rows:
        if row["agrees"] is not None:  # a claim that stands in two tables counts once, and agrees if it does in both
            found = verdicts[row["basis"]]
            found[row["claim"]] = found.get(row["claim"], True) and row["agrees"]
    return {basis: (sum(found.values()), len(found)) for basis, found in verdicts.items() if found}


def write(table: TextIO, runs: TextIO, records: Iterable[Mapping], changed: Iterable[str]) -> None:
    """`results.csv` and `run.json` in one walk over the records, which come in the order of their `run`.

    The first has a row a compared claim, then one column per parameter that some run changed, empty where the notebook
    has no such parameter; the second says, a line each, how a run went and with which parameters.
    """
    writer = csv.DictWriter(table, [*COLUMNS, *changed], lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    made = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"casestudy": version("casestudy"), "python": platform.python_version(), "made": made}
    runs.write(json.dumps(about, indent=1).removesuffix("\n}") + ',\n "runs": [')
    for number, record in enumerate(records):
        runs.write((",\n  " if number else "\n  ") + json.dumps({name: record[name] for name in TOLD}))
        run = {name: record[name] for name in ("run", "notebook", "default")} | record["parameters"]
        for row in sorted(record["rows"], key=lambda row: row["claim"]):
            writer.writerow({name: cell(value) for name, value in (run | row).items()})
    runs.write("\n ]\n}\n")
    for file in (table, runs):
        file.flush()  # a full disk shows before either is put in place


def cell(value: object) -> object:
    """A value as `results.csv` has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else value
