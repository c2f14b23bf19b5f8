"""Run notebooks with parameters, several at once, each to a report that appears whole or not at all."""

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import nbformat

from casestudy.case import Case, open_case
from casestudy.reports import publish, results
from casestudy.reports.execute import execute, one_line, set_up_worker
from casestudy.reports.parameters import Notebook, select
from casestudy.reports.results import Report

STAGING = ".staging-"  # inside the output folder, so that moving a finished file is one rename
SUMMARIES = ("index.html", "results.csv", "run.json")


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
    case, out = case or open_case(), out.absolute()  # notebooks run in folders of their own
    reports = [Report(book, book.defaults() | book.check(values.get(book.stem, {}))) for book in notebooks]
    with _staging(out, [name for report in reports for name in _names(report)]) as staging:

        def keep(report: Report) -> Report:
            report = _move_in(report, staging, out)
            finished(report)
            return report

        done = _execute_all(reports, staging, workers or os.cpu_count() or 1, case, started, keep)
        for name, content in results.files(done).items() | publish.index(done, case).items():
            (staging / name).write_text(content, encoding="utf-8")
            os.replace(staging / name, out / name)
    return done


def _names(report: Report) -> list[str]:
    """The files one report may consist of."""
    stem = report.notebook.stem
    return [f"{stem}.ipynb", f"{stem}.html", *(f"figures/{stem}.{kind}" for kind in ("png", "svg", "txt"))]


@contextmanager
def _staging(out: Path, names: list[str]) -> Iterator[Path]:
    """A private folder inside `out`, gone afterwards whatever happens; refuses an `out` that cannot take the files."""
    staging = None
    try:
        (out / "figures").mkdir(parents=True, exist_ok=True)
        if taken := [name for name in (*SUMMARIES, *names) if (out / name).is_dir()]:
            raise ValueError(f"{out / taken[0]} is a folder where a file must go; name another folder with --out")
        for left in out.glob(f"{STAGING}*-*"):
            if not alive(left.name.removeprefix(STAGING).partition("-")[0]):
                shutil.rmtree(left, ignore_errors=True)  # a killed run left it
        staging = Path(tempfile.mkdtemp(prefix=f"{STAGING}{os.getpid()}-", dir=out))
        yield staging
    except OSError as error:
        if staging is not None:
            raise
        raise ValueError(f"cannot write to {out}: {error.strerror}; name another folder with --out") from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def alive(process: str) -> bool:
    if sys.platform == "win32":  # where asking would interrupt it
        return True
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


def _execute_all(reports, staging, workers, case, started, keep) -> list[Report]:
    """Keep `workers` notebooks running until all are done; the order of `reports` is kept."""
    waiting, running, done = list(enumerate(reports)), {}, {}
    with tempfile.TemporaryDirectory(prefix="case-") as runtime:

        def new_pool() -> ProcessPoolExecutor:
            setup = (os.getpid(), str(case.root), runtime)
            size = min(workers, len(reports))
            return ProcessPoolExecutor(size, get_context("spawn"), initializer=set_up_worker, initargs=setup)

        def submit(pool: ProcessPoolExecutor, report: Report) -> Future:
            with _interrupts_ignored():  # which the processes that start here inherit
                return pool.submit(execute, report, staging, case)

        pool = new_pool()
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    place, report = waiting.pop(0)
                    started(report.notebook.stem)
                    try:
                        future = submit(pool, report)
                    except BrokenProcessPool:  # a worker was killed: what ran is lost, the rest goes on
                        pool = new_pool()
                        future = submit(pool, report)
                    running[future] = place
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    place = running.pop(future)
                    done[place] = keep(_outcome(future, reports[place]))
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
    return [done[place] for place in range(len(reports))]


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _outcome(future: Future, report: Report) -> Report:
    try:
        return future.result()
    except Exception as error:
        return replace(report, error=one_line(error))


def _move_in(report: Report, staging: Path, out: Path) -> Report:
    """Put one report's files in place, and take away what an earlier run left of those that it does not have."""
    stem = report.notebook.stem
    try:
        for name in _names(report):
            source = staging / name.replace("figures/", f"{stem}/")
            if source.is_file() and not (report.error and name.endswith(".html")):
                os.replace(source, out / name)
            else:
                (out / name).unlink(missing_ok=True)
    except OSError as error:
        return replace(report, error=one_line(error))
    return replace(report, figure=(out / f"figures/{stem}.png").is_file())


def refresh(case: Case | None = None) -> None:
    """Run every notebook as committed and put it back with its outputs, without times and language version."""
    case = case or open_case()
    with tempfile.TemporaryDirectory() as folder:
        for report in run(select([], case), {}, Path(folder), case=case, finished=_tell):
            if report.error:
                raise ValueError(f"{report.notebook.stem} was not refreshed: {report.error}")
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
