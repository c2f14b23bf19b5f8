"""What runs say in numbers: the comparisons that a notebook recorded, `results.csv` and `run.json`."""

import csv
import json
import math
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from casestudy.claims.comparison import BASES, MIME, NUMBERS, RECORDED
from casestudy.claims.recording import BASIS, UNIT
from casestudy.refusals import Refusal
from casestudy.reports.sets.provenance import hashes

RESULTS = "results.csv"
COLUMNS = ["run", "notebook", *RECORDED, "default", UNIT]
UNTESTED = {"agrees": None, "test": None}  # of a run with changed parameters
IN_RUN_JSON = ("run", "set", "notebook", "status", "error", "seconds", "parameters", "tests", "files")  # of each run


def outputs(notebook: Any) -> list[Any]:
    """All outputs of a notebook's code cells, in order."""
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def recorded(notebook: Any) -> list[dict]:
    """The rows of a notebook's comparisons and results, checked: a cell can show anything under their MIME type."""
    tables = [output.data[MIME] for output in outputs(notebook) if MIME in output.get("data", {})]
    rows = [row for table in tables for row in (table.get("rows") if isinstance(table, dict) else None) or [table]]
    for row in rows:
        if not (_is_comparison(row) or _is_result(row)):
            raise Refusal(f"a recorded row must come from claims.compare or claims.record: got {str(row)[:80]}")
    names = [row["claim"] for row in rows if row["basis"] == BASIS]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refusal(f"a result is recorded once in a notebook: got {twice[0]} twice; give each a name of its own")
    return [dict(row) for row in rows]  # which whoever reads them can do without nbformat


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


def _is_result(row: Any) -> bool:
    """Whether a row is a number under its own name, as `claims.record` leaves it."""
    if not (isinstance(row, dict) and set(row) == {*RECORDED, UNIT} and all(_is_number(row[name]) for name in NUMBERS)):
        return False
    empty = ("low", "high", "agrees", "severity", "test")
    said = all(isinstance(row[name], str) and row[name] for name in ("claim", UNIT)) and row["printed"] == ""
    return said and row["basis"] == BASIS and row["ours"] is not None and all(row[name] is None for name in empty)


def _is_number(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value))


def write(
    table: TextIO,
    runs: TextIO,
    records: Iterable[Mapping],
    changed: Iterable[str],
    made_of: Mapping[str, Any],
    beside: Mapping[str, bytes],
) -> None:
    """`results.csv` and `run.json` in one walk over the records, which come in the order of their `set`.

    The first has a row a compared claim or recorded result, then one column per parameter that some run changed, empty
    where the notebook has no such parameter; the second says, a line each, how a run went and with which parameters. A
    run with changed parameters tests nothing, so that `agrees` and `test` are empty in its rows.
    made_of: their provenance; beside: the pages that stand beside the table, by name.
    """
    writer = csv.DictWriter(table, [*COLUMNS, *changed], lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    made = datetime.now(UTC).isoformat(timespec="seconds")
    about = {
        "casestudy": version("casestudy"),
        "python": platform.python_version(),
        "made": made,
        "provenance": made_of,
    }
    runs.write(json.dumps(about, indent=1).removesuffix("\n}") + ',\n "runs": [')
    for number, record in enumerate(records):
        runs.write((",\n  " if number else "\n  ") + json.dumps({name: record[name] for name in IN_RUN_JSON}))
        run = {name: record[name] for name in ("run", "notebook", "default")} | record["parameters"]
        for row in sorted(record["rows"], key=lambda row: row["claim"]):
            told = run | row if record["default"] else run | row | UNTESTED
            writer.writerow({name: cell(value) for name, value in told.items()})
    table.flush()  # a full disk shows before either is put in place
    files = hashes({**beside, RESULTS: Path(table.name).read_bytes()})
    runs.write(f'\n ],\n "files": {json.dumps(files)}\n}}\n')
    runs.flush()


def cell(value: object) -> object:
    """A value as `results.csv` has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else value
