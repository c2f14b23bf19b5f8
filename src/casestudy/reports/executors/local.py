"""Sets in processes of this machine."""

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any

import psutil

from casestudy import forks
from casestudy.case import Case
from casestudy.forks import ADDRESS, COLD
from casestudy.reports.executors.opening import Opened, Step, begin
from casestudy.reports.executors.task import PRELOAD, QUIET, preload, set_up_worker
from casestudy.reports.sets.modules import Modules
from casestudy.reports.sets.parameters import Notebook
from casestudy.staging import cores

if TYPE_CHECKING:
    from casestudy.reports.shared.state import Begun


def usual() -> int:
    """How many sets to run at a time: one more than this process may use cores, since each waits for its kernel."""
    return 1 + cores()


class Local:
    """A pool of processes, and a new one where a worker was killed."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or usual()
        self._preload = PRELOAD
        self._pool: ProcessPoolExecutor | None = None
        self._kept = ExitStack()
        self._opened: list[Opened] = []
        self._numbers = itertools.count()

    def __enter__(self) -> "Local":
        return self

    def submit(self, function: Callable[..., Any], *args: Any) -> Future:
        pool = self._pool or self._start()
        with nullcontext() if self._forked else _interrupts_ignored():  # which a process that starts here inherits
            try:
                return pool.submit(function, *args)
            except BrokenProcessPool:  # what ended the worker may have ended the server too
                pool.shutdown()
                self._kept.close()
                return self._start().submit(function, *args)

    def expect(self, notebooks: Iterable[Notebook], case: Case) -> None:
        """Which notebooks' sets will come, so that no more is imported beforehand than these name."""
        modules = Modules.of(case)
        self._preload = preload(modules.reached(case.notebooks / book.path.name)[1] for book in notebooks)

    def aside(self, function: Callable[..., Any], *args: Any) -> Any:
        """What a function gives, from a worker where there is one: it has imported what a batch's parent has not."""
        if self._pool:
            with suppress(BrokenProcessPool):
                return self._pool.submit(function, *args).result()
        return function(*args)

    @property
    def shares(self) -> bool:
        """Whether sets that begin alike can begin together here."""
        return forks.possible() and not os.environ.get(COLD)

    def begin(self, step: Step, above: "Begun | None", seconds: float) -> Future[Opened]:
        """Open a state; the future fails with `Uncommon` where that cannot be."""
        if not self._pool:
            self._start()
        future: Future[Opened] = Future()
        server = os.environ.get(ADDRESS, "")
        folder = Path(server).parent / f"s{next(self._numbers)}"

        def opening() -> None:
            try:
                state = begin(step, server, folder, above, seconds)
            except BaseException as error:
                future.set_exception(error)
            else:
                self._opened.append(state)
                future.set_result(state)

        threading.Thread(target=opening, daemon=True).start()
        return future

    def _close_states(self) -> None:
        while self._opened:
            self._opened.pop().close()

    def _start(self) -> ProcessPoolExecutor:
        # with the workers' own variables: kernels with others would not be forked
        context = self._kept.enter_context(forks.server(self._preload, **QUIET))
        self._kept.callback(self._close_states)
        server = os.environ.get(ADDRESS)  # its folder goes even where this process is killed
        self._forked = server is not None  # into a session of their own, out of reach of the terminal's Ctrl-C
        scratch = TemporaryDirectory(prefix="case-", dir=server and Path(server).parent, ignore_cleanup_errors=True)
        folder = self._kept.enter_context(scratch)
        self._pool = ProcessPoolExecutor(self.workers, context, initializer=set_up_worker, initargs=(folder,))
        return self._pool

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._kept:
            if self._pool is None:
                return
            if kind is not None:
                for worker in (self._pool._processes or {}).values():  # kill_workers(), from Python 3.14
                    if worker.pid is not None:
                        _kill(worker.pid)
                results: Any = self._pool._result_queue
                if results:
                    results._writer.close()  # or the rest of a report cut short would be waited for
            self._pool.shutdown(cancel_futures=True)


def _kill(worker: int) -> None:
    """A worker, and its kernels where they are its children: ordinary ones."""
    with suppress(psutil.NoSuchProcess):
        for process in [*psutil.Process(worker).children(recursive=True), psutil.Process(worker)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()


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
