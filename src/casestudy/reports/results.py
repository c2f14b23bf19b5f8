"""What a batch of runs says in numbers: `results.csv` and `run.json`."""

import csv
import io
import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from casestudy.comparison import EVIDENCE

if TYPE_CHECKING:
    from casestudy.reports.run import Report

COLUMNS = ["run", "notebook", "claim", "printed", "low", "high", "ours", "ours_low", "ours_high", "agrees", "basis"]


def table(reports: "list[Report]") -> list[dict]:
    """One row a compared claim, sorted by run, notebook, claim; then one column per changed parameter."""
    rows = []
    for report in reports:
        run = {"run": report.id, "notebook": report.notebook.stem, "default": not report.changed}
        rows += [run | {name: row[name] for name in COLUMNS[2:]} | report.changed for row in report.rows]
    return sorted(rows, key=lambda row: (row["run"], row["notebook"], row["claim"]))


def agreement(report: "Report") -> dict[str, tuple[int, int]]:
    """(agreeing, compared) by basis, for the bases that are evidence; nothing where parameters were changed."""
    if report.changed:
        return {}
    verdicts = {basis: [row["agrees"] for row in report.rows if row["basis"] == basis] for basis in EVIDENCE}
    return {basis: (sum(map(bool, found)), len(found)) for basis, found in verdicts.items() if found}


def files(reports: "list[Report]") -> dict[str, str]:
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
