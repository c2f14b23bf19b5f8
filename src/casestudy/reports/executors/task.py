"""What a batch says to its workers, and what it needs to start them: nothing here imports what only they need."""

import os
import pkgutil
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterable
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path

import casestudy
from casestudy import variant
from casestudy.case import VARIABLE, Case
from casestudy.reports.sets.modules import imported

FIGURES = ("png", "svg", "txt")
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
QUIET |= {"MATPLOTLIBRC": os.devnull}  # a person's own settings are in no fingerprint
LONGEST_LINE = 300  # letters of an error that are shown
ESCAPES = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")  # colours and links of terminals
ENDED = "ended the notebook; what follows it did not run"
OURS = [
    module.name
    for room in ("models", "plots")
    for module in pkgutil.iter_modules([str(Path(casestudy.__file__).parent / room)], f"casestudy.{room}.")
]
OF_SOME = {  # by what a notebook names, what it needs beforehand
    "scipy": ("scipy.stats",),
    "casestudy.intervals": ("scipy.optimize",),
    "seaborn": ("seaborn",),
    "statsmodels": ("statsmodels.api", "statsmodels.formula.api", "statsmodels.miscmodels.ordinal_model"),
    "casestudy.plots": ("casestudy.plots",),
    **{module: (module,) for module in OURS},
}
OF_ALL = (
    *(f"ipykernel.{name}" for name in ("kernelapp", "ipkernel", "zmqshell", "debugger")),
    *(f"IPython.core.{name}" for name in ("pylabtools", "debugger", "completerlib", "oinspect", "logger")),
    *("IPython.extensions.storemagic", "tornado.platform.asyncio", "psutil"),
    *("numpy", "pandas", "pandas.io.formats.html", "pandas.io.formats.string"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
    *(f"PIL.{name}ImagePlugin" for name in ("Bmp", "Gif", "Jpeg", "Png", "Ppm")),
    *("casestudy.claims", "casestudy.claims.printed"),
    *("papermill", "nbformat", "nbconvert"),  # these, and the next, for workers
    *("casestudy.reports.executors.worker", "casestudy.reports.pages.document", "casestudy.reports.executors.ready"),
)
PRELOAD = (*OF_ALL, *(module for modules in OF_SOME.values() for module in modules))


def preload(codes: Iterable[list[str] | None]) -> tuple[str, ...]:
    """What a server imports before it forks kernels of notebooks with these codes; None: of one that may name anything.

    >>> set(preload([["import pandas"], ["from scipy import stats"]])) - set(OF_ALL)
    {'scipy.stats'}
    """
    named: set[str] = set()
    for texts in codes:
        if texts is None:
            return PRELOAD
        named.update(*map(imported, texts))
    return (*OF_ALL, *(module for name, modules in OF_SOME.items() if name in named for module in modules))


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


def lay_out(folder: Path, case: Case) -> tuple[Path, Path, Path]:
    """Folders for what a notebook finds beside it, its figures and its scratch files, within `folder`."""
    cwd, drawn, scratch = (folder / name for name in ("work", "figures", "tmp"))
    for own in (cwd, drawn, scratch):
        own.mkdir()
    for path in case.beside():  # copies: what one run writes, neither the case nor another run sees
        there = cwd / path.relative_to(case.notebooks)
        if path.is_dir():
            there.mkdir()
        else:
            shutil.copy(path, there)
    return cwd, drawn, scratch


def variables(folder: Path, root: str) -> dict[str, str]:
    """What a kernel's environment says of the run, whose folders lie in `folder`."""
    return {
        **{VARIABLE: root, variant.FOLDER: str(folder / "figures")},
        "IPYTHONDIR": str(folder / "ipython"),  # not a person's own start-up files and settings
        "TMPDIR": str(folder / "tmp"),  # a notebook that clears it away clears nobody else's
    }


def one_line(error: BaseException) -> str:
    """An exception's kind and the first line of what it says."""
    return line(type(error).__name__, str(error))


def line(kind: str, said: str) -> str:
    """
    >>> line("ValueError", "\\n\\nreal reason\\nand more")
    'ValueError: real reason'
    """
    lines = (line.strip() for line in ESCAPES.sub("", said).splitlines())
    first = next(filter(None, lines), "")
    told = f"{kind}: {first}" if first else kind
    told = told if len(told) <= LONGEST_LINE else f"{told[:LONGEST_LINE]}..."
    return f"{told}: it {ENDED}" if kind == "SystemExit" else told
