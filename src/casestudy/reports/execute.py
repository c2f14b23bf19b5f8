"""What a worker does: run one notebook in a folder of its own and make its page."""

import os
import signal
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager

from casestudy.case import Case
from casestudy.reports import publish, results
from casestudy.reports.results import Report

LONGEST_SOCKET = 80  # characters of a folder; the system allows some 107 for the whole path


def set_up_worker(parent: int, case: str, runtime: str) -> None:
    """Quiet, single-threaded kernels that find the case, and a worker that ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    os.environ |= {"CASESTUDY_CASE": case, "JUPYTER_RUNTIME_DIR": runtime}
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
    """Run one notebook into `staging`: `NN-name.ipynb`, its figures and, where all went well, `NN-name.html`."""
    executed, begin = staging / report.notebook.path.name, time.monotonic()
    (staging / report.notebook.stem).mkdir()
    os.environ["CASESTUDY_FIGURES"] = str(staging / report.notebook.stem)
    os.environ["CASESTUDY_CHANGED"] = ", ".join(
        f"{name} = {publish.shown(value, 40)}" for name, value in report.changed.items()
    )
    error = _run_cells(report, executed)
    if not executed.exists():
        return replace(report, error=error)
    notebook = nbformat.read(executed, as_version=4)
    publish.mark_variant(notebook, report)
    nbformat.write(notebook, executed)
    report = replace(report, seconds=round(time.monotonic() - begin, 1), error=error)
    if error:
        return report
    try:
        cited = publish.citations(case)
        found = replace(
            report,
            rows=results.recorded(notebook),
            alt=publish.signature_alt(notebook),
            answer=publish.answer(notebook, cited),
        )
        executed.with_suffix(".html").write_text(publish.page(notebook, found, cited), encoding="utf-8")
    except Exception as failure:
        return replace(report, error=f"ran, but no page could be made: {one_line(failure)}")
    return found


def _run_cells(report: Report, executed: Path) -> str:
    """Execute with papermill; empty, or one line that says what stopped it."""

    class KernelManager(AsyncKernelManager):
        """Sockets in the batch's private folder: a port can be taken by another worker in between."""

        if sys.platform != "win32" and len(os.environ["JUPYTER_RUNTIME_DIR"]) <= LONGEST_SOCKET:
            transport, ip = "ipc", str(Path(os.environ["JUPYTER_RUNTIME_DIR"], report.id))

    with tempfile.TemporaryDirectory(prefix="case-", ignore_cleanup_errors=True) as folder:
        try:
            papermill.execute_notebook(
                _literal(report.notebook.path),
                _literal(executed),
                parameters=report.changed,
                kernel_name="python3",
                kernel_manager_class=KernelManager,
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],  # it calls its own shutdown an error
                progress_bar=False,
                cwd=folder,
            )
        except papermill.PapermillExecutionError as failure:
            return f"cell {failure.exec_count}: {failure.ename}: {(failure.evalue or '').partition(chr(10))[0]}"
        except Exception as failure:  # a kernel that died or never started
            return one_line(failure)
    return ""


def _literal(path: Path) -> str:
    """A path that papermill does not take for a template."""
    return str(path).replace("{", "{{").replace("}", "}}")


def one_line(error: Exception) -> str:
    """An exception's kind and the first line of what it says."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
