"""What a worker does: run one notebook and hand back its finished files. It writes nothing that lasts."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import replace
from functools import lru_cache
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from casestudy import variant
from casestudy.case import Case
from casestudy.kernels import QUIET_LOG, listen_in
from casestudy.reports.sets import table
from casestudy.reports.sets.outcome import Outcome, ParameterSet

INJECTED = "injected-parameters"  # the tag papermill gives
FIGURES = ("png", "svg", "txt")
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def set_up(folder: str) -> None:
    """Quiet, single-threaded kernels; whatever a worker needs for a while is put into `folder`."""
    os.environ |= QUIET | {"JUPYTER_RUNTIME_DIR": folder, "TMPDIR": folder}
    tempfile.tempdir = folder
    if sys.platform == "win32":
        import asyncio

        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())


def set_up_worker(folder: str) -> None:
    """A worker of a local pool: leaves interrupts to the batch, and ends with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_up(folder)

    def end_with(batch: BaseProcess) -> None:
        batch.join()
        shutil.rmtree(folder, ignore_errors=True)  # a batch that was killed could not
        os._exit(1)

    if batch := parent_process():
        threading.Thread(target=end_with, args=(batch,), daemon=True).start()


def execute(asked: ParameterSet, root: str, index: str | None) -> tuple[Outcome, dict[str, bytes]]:
    """Run one notebook of the case in `root`: what came of it, and its files by name.

    `NN-name.ipynb` (with the traceback where a cell failed), `figures/NN-name.png`, `.svg` and `.txt` where it has a
    signature figure and, where all went well, `NN-name.html`, whose way back leads to `index`; without one, no page.
    """
    from casestudy.reports.pages import document  # here, since a batch's parent only names this function
    from casestudy.reports.pages.pictures import Pictures, written
    from casestudy.reports.pages.promises import promises

    case, stem, begin = Case(Path(root)), asked.notebook.stem, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="case-", ignore_cleanup_errors=True) as folder:
        cwd, drawn, scratch = (Path(folder, name) for name in ("work", "figures", "tmp"))
        for own in (cwd, drawn, scratch):
            own.mkdir()
        variant.announce(drawn, asked.changed)
        os.environ |= {"CASESTUDY_CASE": root, variant.FOLDER: str(drawn)}
        os.environ["TMPDIR"] = str(scratch)  # a notebook that clears it away clears nobody else's
        notebook, error = _run_cells(asked, case, cwd)
        figures = [path for kind in FIGURES if (path := drawn / f"{stem}.{kind}").is_file()]
        files = {f"figures/{path.name}": path.read_bytes() for path in figures}
        pictures = Pictures(folder=case.notebooks, written=written(notebook, cwd))
    if notebook is None:
        return Outcome(asked, error=error), {}
    document.mark_variant(notebook, asked)
    files[f"{stem}.ipynb"] = nbformat.writes(notebook).encode() + b"\n"
    seconds, figure = round(time.monotonic() - begin, 1), f"figures/{stem}.png" in files
    outcome = Outcome(asked, seconds=seconds, error=error, figure=figure, copy=True)
    if error:
        return outcome, files
    try:
        cited = _citations(case, case.claims.stat().st_mtime_ns)
        rows, alt = table.recorded(notebook), document.signature_alt(notebook)
        found = replace(outcome, rows=rows, alt=alt, answer=document.answer(notebook, cited, pictures))
        if index is not None:
            page = document.document(notebook, asked.notebook.question, cited, index, pictures)
            if broken := promises(page):
                return replace(outcome, error=f"ran, but its page {broken[0]}"), files
            files[f"{stem}.html"] = page.encode()
    except Exception as failure:
        return replace(outcome, error=f"ran, but no page could be made: {one_line(failure)}"), files
    return found, files


@lru_cache(maxsize=1)
def _citations(case: Case, written: int) -> dict[str, str]:
    """Worked out once a worker; written: when the claims were, since a cluster's worker outlives a batch."""
    from casestudy.reports.pages import document

    return document.citations(case)


class _Client(AsyncKernelClient):
    """Takes a kernel as ready soon after it has answered: the usual one listens 0.2 s for what else it may say."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        channel = self.iopub_channel
        listen = channel.get_msg
        channel.get_msg = lambda timeout: listen(timeout=timeout / 20)
        try:
            await super().wait_for_ready(timeout)
        finally:
            del channel.get_msg


class _Manager(AsyncKernelManager):
    """Of a kernel whose sockets lie in the batch's private folder, be it warm or not."""

    @default("client_factory")
    def _client(self) -> type[AsyncKernelClient]:
        return _Client

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        listen_in(os.environ["JUPYTER_RUNTIME_DIR"], self)


def _run_cells(asked: ParameterSet, case: Case, cwd: Path) -> tuple[nbformat.NotebookNode | None, str]:
    """The executed notebook, and one line that says what stopped it, or nothing.

    As `papermill.execute_notebook` does it, but without a file: that one keeps nothing of a notebook whose kernel died
    unless it saves after each cell.
    """
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = None
    try:
        notebook = load_notebook_node(str(case.notebooks / asked.notebook.path.name))
        if asked.changed:
            notebook = parameterize_notebook(notebook, asked.changed, kernel_name="python3", language="python")
            injected = next(cell for cell in notebook.cells if INJECTED in cell.metadata.tags)
            injected.id = INJECTED  # not a new one for each run
        papermill_engines.execute_notebook_with_engine(
            None,
            notebook,
            "python3",
            kernel_manager_class=_Manager,
            extra_arguments=[QUIET_LOG],
            shutdown_kernel="immediate",
            progress_bar=False,
            resources={"metadata": {"path": str(cwd)}},
        )
        raise_for_execution_errors(notebook, None)
    except PapermillExecutionError as failure:
        return notebook, f"cell {failure.exec_count}: {failure.ename}: {(failure.evalue or '').partition(chr(10))[0]}"
    except Exception as failure:  # a kernel that died or never started
        return notebook, one_line(failure)
    return notebook, ""


def one_line(error: BaseException) -> str:
    """An exception's kind and the first line of what it says."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
