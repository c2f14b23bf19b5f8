"""What runs say in numbers: the comparisons that a notebook recorded, `results.csv` and `run.json`."""

import csv
import json
import math
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, TextIO

from casestudy.claims.comparison import BASES, MIME, NUMBERS, RECORDED
from casestudy.refusals import Refusal

COLUMNS = ["run", "notebook", *RECORDED, "default"]
IN_RUN_JSON = ("run", "notebook", "status", "error", "seconds", "parameters", "tests")  # of each run


def outputs(notebook: Any) -> list[Any]:
    """All outputs of a notebook's code cells, in order."""
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def recorded(notebook: Any) -> list[dict]:
    """The rows of a notebook's comparisons, checked: what a cell shows under their MIME type could be anything."""
    tables = [output.data[MIME] for output in outputs(notebook) if MIME in output.get("data", {})]
    rows = [row for table in tables for row in (table.get("rows") if isinstance(table, dict) else None) or [table]]
    for row in rows:
        if not _is_comparison(row):
            raise Refusal(f"a recorded comparison must come from claims.compare: got {str(row)[:80]}")
    return rows


def _is_comparison(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and set(row) == set(RECORDED)
        and all(isinstance(row[name], str) for name in ("claim", "printed"))
        and row["basis"] in BASES
        and row["agrees"] in (True, False, None)
        and (row["test"] is None) == (row["agrees"] is None)
        and (row["test"] is None or row["severity"] is not None)
        and isinstance(row["test"], str | None)
        and all(_is_number(row[name]) for name in NUMBERS)
    )


def _is_number(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value))


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
        runs.write((",\n  " if number else "\n  ") + json.dumps({name: record[name] for name in IN_RUN_JSON}))
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
