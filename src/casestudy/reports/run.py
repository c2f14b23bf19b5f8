"""Run notebooks with parameters, several at once, each to a report that appears whole or not at all.

Where notebooks run is an executor's business: `local.Local` for this machine's cores, `cluster` for a dask cluster. An
executor is a context manager that has
  submit(function, *args) -> concurrent.futures.Future   of `execute(report, root, index)`: (Report, files by name);
  workers                                                 how many run at a time; read again before each submission.
It runs no set before the first `submit`; leaving it by an exception (an interrupt) ends or abandons what still runs. A
future that fails with `BrokenExecutor` has lost its worker, which another set may have ended: once all others are done
the set is submitted again, alone. Any other exception is that set's failure. `Gone`, raised by `submit` or set on a
future, ends the batch.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import replace
from pathlib import Path

import nbformat

from casestudy.case import Case, open_case
from casestudy.refusals import Refusal, file_access
from casestudy.reports import front, records
from casestudy.reports.execute import FIGURES, execute, one_line
from casestudy.reports.local import Local, usual
from casestudy.reports.parameters import Notebook, select
from casestudy.reports.records import Report
from casestudy.staging import staging, whole

SUMMARIES = ("index.html", "results.csv", "run.json")
ENDS_ITS_WORKER = "its worker ended while it ran, and ended again when it ran alone"


def apart(out: Path, case: Case) -> None:
    """Refuse a folder for results that lies among what the results are made of."""
    if own := next((own for own in (case.notebooks, case.data) if out.resolve().is_relative_to(own.resolve())), None):
        raise Refusal(f"{out} lies in the case's own {own.name}; name another folder with --out")


class Gone(Exception):
    """No further set can run; says to the user why, in one line."""


def stream(
    reports: Iterable[Report],
    executor,
    case: Case,
    index: str | None = "index.html",
    ahead: int = 2,
    started: Callable[[Report], None] = lambda report: None,
) -> Iterator[tuple[Report, dict[str, bytes]]]:
    """What came of each report and its files, as they finish; at most `ahead` times the workers are on their way."""
    running: dict[Future, Report] = {}
    lost: list[Report] = []  # with their workers

    def submit(report: Report) -> None:
        running[executor.submit(execute, report, str(case.root), index)] = report

    def finished(alone: bool = False) -> Iterator[tuple[Report, dict[str, bytes]]]:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            report = running.pop(future)
            error = future.exception()
            if isinstance(error, Gone):
                raise error
            if not isinstance(error, BrokenExecutor):
                yield future.result() if error is None else (replace(report, error=one_line(error)), {})
            elif alone:
                yield replace(report, error=ENDS_ITS_WORKER), {}
            else:
                lost.append(report)

    for report in reports:
        while len(running) >= ahead * executor.workers:
            yield from finished()
        started(report)
        submit(report)
    while running:
        yield from finished()
    for report in lost:
        submit(report)
        yield from finished(alone=True)


def run(
    notebooks: list[Notebook],
    values: Mapping[str, Mapping[str, object]],
    out: Path,
    workers: int | None = None,
    case: Case | None = None,
    started: Callable[[str], None] = lambda stem: None,
    finished: Callable[[Report], None] = lambda report: None,
) -> list[Report]:
    """Run each notebook with its values and write reports, index, results and figures into `out`.

    values: by notebook stem; all are checked before anything runs or is written. A notebook that fails leaves its
    executed copy with the traceback, and the others go on.
    """
    case = case or open_case()
    apart(out, case)
    reports = [Report(book, book.defaults() | book.check(values.get(book.stem, {}))) for book in notebooks]
    done = {}
    names = [name for report in reports for name in _names(report)]
    with (
        staging(out, [*SUMMARIES, *names]) as staged,
        Local(min(workers or usual(), len(reports))) as local,
    ):
        for report, files in stream(
            reports, local, case, ahead=1, started=lambda report: started(report.notebook.stem)
        ):
            done[report.id] = _put_in(report, files, staged, out)
            finished(done[report.id])
        ordered = [done[report.id] for report in reports]
        found = sorted((report.record() for report in ordered), key=lambda record: record["run"])
        changed = dict.fromkeys(name for report in ordered for name in report.changed)
        page = front.index(ordered, case)
        with file_access(f"write to {out}"):
            with whole(staged, out, "run.json") as runs, whole(staged, out, "results.csv") as table:
                records.write(table, runs, found, changed)
            with whole(staged, out, "index.html") as file:
                file.write(page)
    return ordered


def _names(report: Report) -> list[str]:
    """The files one report may consist of."""
    stem = report.notebook.stem
    return [f"{stem}.ipynb", f"{stem}.html", *(f"figures/{stem}.{kind}" for kind in FIGURES)]


def _put_in(report: Report, files: Mapping[str, bytes], staged: Path, out: Path) -> Report:
    """Put one report's files in place, and take away what an earlier run left of those that it does not have."""
    try:
        for name in _names(report):
            if name in files:
                (finished := staged / Path(name).name).write_bytes(files[name])
                os.replace(finished, out / name)
            else:
                (out / name).unlink(missing_ok=True)
    except OSError as error:
        return replace(report, error=one_line(error), copy=False)
    return report


def refresh(case: Case | None = None) -> None:
    """Run every notebook as committed and put it back with its outputs, without times and language version."""
    case = case or open_case()
    with tempfile.TemporaryDirectory() as folder:
        for report in run(select([], case), {}, Path(folder), case=case, finished=_tell):
            if report.error:
                raise Refusal(f"{report.notebook.stem} was not refreshed: {report.error}")
            notebook = nbformat.read(Path(folder, report.notebook.path.name), as_version=4)
            strip_volatile(notebook)
            staged = report.notebook.path.with_suffix(".tmp")
            nbformat.write(notebook, staged)
            os.replace(staged, report.notebook.path)


def _tell(report: Report) -> None:
    print(f"{report.notebook.stem}  {report.seconds} s  {report.error or 'ok'}")


def strip_volatile(notebook: nbformat.NotebookNode) -> None:
    """Take out, in place, what differs between two runs of the same notebook: times, papermill's notes, versions."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for name in ("papermill", "execution", "collapsed"):
            cell.metadata.pop(name, None)
        if cell.metadata.get("tags") == []:
            del cell.metadata["tags"]
