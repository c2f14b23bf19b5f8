"""What came of a batch of runs, and what it says in numbers: `results.csv` and `run.json`."""

import csv
import hashlib
import io
import json
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from casestudy.comparison import EVIDENCE
from casestudy.reports.parameters import Notebook, Value

COLUMNS = ["run", "notebook", "claim", "printed", "low", "high", "ours", "ours_low", "ours_high", "agrees", "basis"]


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

    @property
    def changed(self) -> dict[str, Value]:
        """Parameters that differ from the document's."""
        return {name: value for name, value in self.values.items() if value != self.notebook.parameters[name].default}

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits that name this notebook with these parameters."""
        content = json.dumps([self.notebook.stem, self.values], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


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
    verdicts = {basis: [row["agrees"] for row in report.rows if row["basis"] == basis] for basis in EVIDENCE}
    return {basis: (sum(map(bool, found)), len(found)) for basis, found in verdicts.items() if found}


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
