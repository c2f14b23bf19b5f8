"""What came of a batch of runs, and what it says in numbers: `results.csv` and `run.json`."""

import csv
import hashlib
import io
import json
import math
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

import nbformat

from casestudy.comparison import BASES, EVIDENCE, MIME, RECORDED
from casestudy.reports.parameters import Notebook, Value

COLUMNS = ["run", "notebook", *RECORDED]
NUMBERS = ("low", "high", "ours", "ours_low", "ours_high")


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

    @property
    def changed(self) -> dict[str, Value]:
        """Parameters that differ from the document's."""
        return {name: value for name, value in self.values.items() if value != self.notebook.parameters[name].default}

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that name this notebook with these parameters."""
        content = json.dumps([self.notebook.stem, self.values], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


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
            raise ValueError(f"a recorded comparison must come from claims.compare: got {str(row)[:80]}")
    return rows


def _is_number(value: object) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value))


def table(reports: list[Report]) -> list[dict]:
    """One row a compared claim, sorted by run, notebook, claim; then one column per changed parameter."""
    rows = []
    for report in reports:
        run = {"run": report.id, "notebook": report.notebook.stem, "default": not report.changed}
        rows += [run | {name: row[name] for name in COLUMNS[2:]} | report.changed for row in report.rows]
    return sorted(rows, key=lambda row: (row["run"], row["notebook"], row["claim"]))


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


def files(reports: list[Report]) -> dict[str, str]:
    """Contents of `results.csv` and `run.json` by name."""
    changed = list(dict.fromkeys(name for report in reports for name in report.changed))
    text = io.StringIO()
    writer = csv.DictWriter(text, [*COLUMNS, "default", *changed], lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in table(reports))
    runs = [
        {
            "run": report.id,
            "notebook": report.notebook.stem,
            "status": "failed" if report.error else "ok",
            "error": report.error or None,
            "seconds": report.seconds,
            "parameters": report.values,
            "agreement": {basis: list(counts) for basis, counts in agreement(report).items()},
        }
        for report in reports
    ]
    made = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"casestudy": version("casestudy"), "python": platform.python_version(), "made": made, "runs": runs}
    return {"results.csv": text.getvalue(), "run.json": json.dumps(about, indent=1) + "\n"}


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else value
