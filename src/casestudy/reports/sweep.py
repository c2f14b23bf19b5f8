"""Run every set of a grid, each to a folder of its own that appears whole or not at all."""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from casestudy.case import Case, open_case
from casestudy.reports import front, records
from casestudy.reports.fingerprint import Unchanged, fingerprints
from casestudy.reports.grid import Grid
from casestudy.reports.parameters import Notebook
from casestudy.reports.records import Report
from casestudy.reports.run import SUMMARIES, Gone, apart, stream
from casestudy.staging import staging, whole

SETS, RECORD = "sets", "set.json"
INDEX = "../../index.html"  # from a set's folder


@dataclass(frozen=True)
class Plan:
    """What a grid comes to when it is gone through once: every set is checked, and nothing is written."""

    grid: Grid
    ids: list[str]  # of the sets, each once, sorted
    notebooks: list[Notebook]
    changed: list[str]  # parameters that some set changes

    @classmethod
    def of(cls, grid: Grid) -> "Plan":
        ids, notebooks, changed = [], {}, set()
        for report in grid:
            ids.append(report.id)
            notebooks[report.notebook.stem] = report.notebook
            changed |= report.changed.keys()
        names = dict.fromkeys(name for notebook in notebooks.values() for name in notebook.parameters)
        return cls(grid, sorted(ids), list(notebooks.values()), [name for name in names if name in changed])


@dataclass(frozen=True)
class Closing:
    """How many sets went well, failed, had been finished before, and lie in the folder from another grid."""

    ok: int
    failed: int
    kept: int
    others: int


def sweep(
    plan: Plan,
    out: Path,
    executor: AbstractContextManager,
    case: Case | None = None,
    resume: bool = False,
    html: bool = True,
    finished: Callable[[Report, bool], None] = lambda report, ran: None,
) -> Closing:
    """Run the sets of a plan into `out/sets/<id>/`, then write results, `run.json` and an index over all of them.

    resume: leave alone what is whole and was made from the same notebook, parameters, code and data. finished is called
    with each report and whether it ran now. Nothing is held for a set that is done: its record is read from its folder.
    """
    case, tally = case or open_case(), Counter()
    apart(out, case)
    unchanged, marks = Unchanged(plan.notebooks, case), fingerprints(plan.notebooks, case)

    def waiting() -> Iterator[Report]:
        for report in plan.grid:
            if resume and _is_whole(out / SETS / report.id, report, _mark(report, marks), html):
                tally["kept"] += 1
                finished(report, False)
            else:
                yield report

    with executor, staging(out, SUMMARIES, SETS) as staged:
        for report, files in stream(waiting(), executor, case, index=INDEX if html else None):
            if path := unchanged.other():
                raise Gone(f"{path} was changed while sets ran")
            _put_in(report, files, _mark(report, marks), staged, out)
            tally["failed" if report.error else "ok"] += 1
            finished(report, True)
        try:
            with whole(staged, out, "run.json") as runs, whole(staged, out, "results.csv") as table:
                records.write(table, runs, (_record(out / SETS / id) for id in plan.ids), plan.changed)
            in_order = (_record(out / SETS / report.id) for report in plan.grid)
            page = front.sweep_index(in_order, plan.notebooks, plan.changed, len(plan.ids), tally["failed"], case)
            with whole(staged, out, "index.html") as file:
                file.write(page)
        except OSError as error:
            raise _stuck(out, error) from None
    there = sum(1 for folder in (out / SETS).iterdir())
    return Closing(tally["ok"], tally["failed"], tally["kept"], there - len(plan.ids))


def _mark(report: Report, marks: Mapping[str, str]) -> str:
    return hashlib.sha256(f"{marks[report.notebook.stem]} {report.id}".encode()).hexdigest()


def _put_in(report: Report, files: Mapping[str, bytes], mark: str, staged: Path, out: Path) -> None:
    """Write a set's files and their record, then put the folder in place of what an earlier run left."""
    folder, place = staged / report.id, out / SETS / report.id
    kept = {name: {"bytes": len(content), "sha256": _sha256(content)} for name, content in files.items()}
    record = report.record() | {"fingerprint": mark, "files": kept}
    try:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        (folder / RECORD).write_text(json.dumps(record) + "\n", encoding="utf-8")
        if place.exists():
            os.replace(place, staged / f"{report.id}-before")
        os.replace(folder, place)
        shutil.rmtree(staged / f"{report.id}-before", ignore_errors=True)
    except OSError as error:
        raise _stuck(out, error) from None


def _stuck(out: Path, error: OSError) -> Gone:
    """Such as by a full disk, on which no further set would fit either."""
    return Gone(f"cannot write to {out}: {error.strerror}")


def _is_whole(place: Path, report: Report, mark: str, html: bool) -> bool:
    """Whether a set is there, went well, has the same fingerprint, and no byte of it is missing or changed."""
    try:
        record = _record(place)
        went = record["status"] == "ok" and record["fingerprint"] == mark
        return (
            went
            and (not html or f"{report.notebook.stem}.html" in record["files"])
            and all(_is_file(place / name, about) for name, about in record["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_file(path: Path, about: Mapping[str, object]) -> bool:
    return path.stat().st_size == about["bytes"] and _sha256(path.read_bytes()) == about["sha256"]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _record(place: Path) -> dict:
    return json.loads((place / RECORD).read_text(encoding="utf-8"))
