"""Run notebooks with parameters, several at once, each to a report that appears whole or not at all."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import nbformat

from casestudy.case import Case, open_case
from casestudy.comparison import MIME
from casestudy.reports import publish, results
from casestudy.reports.parameters import Notebook
from casestudy.reports.results import Report

STAGING = ".staging"  # inside the output folder, so that moving a finished file is one rename


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
    case, out = case or open_case(), out.absolute()  # notebooks run in a folder of their own
    reports = [Report(book, book.defaults() | book.check(values.get(book.stem, {}))) for book in notebooks]
    with _staging(out) as staging:

        def keep(report: Report) -> None:
            _move_in(report, staging, out)
            finished(report)

        done = _execute_all(reports, staging, workers or os.cpu_count() or 1, case, started, keep)
        for name, content in results.files(done).items() | publish.index(done, out).items():
            (staging / name).write_text(content, encoding="utf-8")
            os.replace(staging / name, out / name)
    return done


@contextmanager
def _staging(out: Path) -> Iterator[Path]:
    """A private folder inside `out`, gone afterwards whatever happens."""
    staging = out / STAGING
    try:
        staging.mkdir(parents=True, exist_ok=True)
        (out / "figures").mkdir(exist_ok=True)
        shutil.rmtree(staging)  # what a killed run may have left
        (staging / "figures").mkdir(parents=True)
    except OSError as error:
        raise ValueError(f"cannot write to {out}: {error.strerror}; name another folder with --out") from None
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _execute_all(reports, staging, workers, case, started, finished) -> list[Report]:
    """Keep `workers` notebooks running until all are done; the order of `reports` is kept."""
    waiting, running, done = list(enumerate(reports)), {}, {}
    with tempfile.TemporaryDirectory(prefix="case-") as runtime:
        context, setup = get_context("spawn"), (os.getpid(), str(case.root), str(staging / "figures"), runtime)

        def new_pool() -> ProcessPoolExecutor:
            return ProcessPoolExecutor(min(workers, len(reports)), context, initializer=_set_up_worker, initargs=setup)

        pool = new_pool()
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    place, report = waiting.pop(0)
                    started(report.notebook.stem)
                    try:
                        future = pool.submit(execute, report, staging, case)
                    except BrokenProcessPool:  # a worker was killed: what it ran is lost, the rest goes on
                        pool = new_pool()
                        future = pool.submit(execute, report, staging, case)
                    running[future] = place
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    place = running.pop(future)
                    done[place] = _outcome(future, reports[place])
                    finished(done[place])
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
    return [done[place] for place in range(len(reports))]


def _outcome(future: Future, report: Report) -> Report:
    try:
        return future.result()
    except Exception as error:
        return Report(report.notebook, report.values, error=_one_line(error))


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def _set_up_worker(parent: int, case: str, figures: str, runtime: str) -> None:
    """Quiet, single-threaded kernels that find the case, and a worker that ends when its parent does."""
    os.environ |= {"CASESTUDY_CASE": case, "CASESTUDY_FIGURES": figures, "JUPYTER_RUNTIME_DIR": runtime}
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    if sys.platform == "win32":
        import asyncio

        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def execute(report: Report, staging: Path, case: Case) -> Report:
    """Run one notebook into `staging` as `NN-name.ipynb` and, where it went well, `NN-name.html`."""
    import papermill
    from jupyter_client.manager import AsyncKernelManager

    class KernelManager(AsyncKernelManager):
        """Sockets in the batch's private folder: a port can be taken by another worker in between."""

        if sys.platform != "win32":
            transport, ip = "ipc", str(Path(os.environ["JUPYTER_RUNTIME_DIR"], report.id))

    executed, begin, error = staging / report.notebook.path.name, time.monotonic(), ""
    try:
        papermill.execute_notebook(
            report.notebook.path,
            executed,
            parameters=report.changed,
            kernel_name="python3",
            kernel_manager_class=KernelManager,
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],  # it calls its own shutdown an error
            progress_bar=False,
            cwd=staging,
        )
    except papermill.PapermillExecutionError as failure:
        error = f"cell {failure.exec_count}: {failure.ename}: {(failure.evalue or '').partition(chr(10))[0]}"
    except Exception as failure:  # a kernel that died or never started
        error = _one_line(failure)
    if not executed.exists():
        return Report(report.notebook, report.values, error=error)
    notebook = nbformat.read(executed, as_version=4)
    publish.mark_variant(notebook, report)
    nbformat.write(notebook, executed)
    seconds = round(time.monotonic() - begin, 1)
    if error:
        return Report(report.notebook, report.values, seconds, error)
    executed.with_suffix(".html").write_text(publish.page(notebook, report, case), encoding="utf-8")
    rows = [row for output in _outputs(notebook) if MIME in output.get("data", {}) for row in output.data[MIME]["rows"]]
    alt = "".join(
        output.data["text/plain"] for output in _outputs(notebook) if "signature" in output.get("metadata", {})
    )
    return Report(report.notebook, report.values, seconds, "", publish.answer(notebook, case), alt, rows)


def _outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def _move_in(report: Report, staging: Path, out: Path) -> None:
    """Put one report's files in place; a failed one loses the page of an earlier success."""
    stem = report.notebook.stem
    if report.error:
        (out / f"{stem}.html").unlink(missing_ok=True)
    for source in [*staging.glob(f"{stem}.*"), *staging.glob(f"figures/{stem}.*")]:
        os.replace(source, out / source.relative_to(staging))


def refresh(case: Case | None = None) -> None:
    """Run every notebook as committed and put it back with its outputs, without times and language version."""
    from casestudy.reports.parameters import select

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
