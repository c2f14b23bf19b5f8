"""Sets on a running dask cluster: the same tasks as on this machine, by workers that hold the same code and case."""

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, CancelledError, Future
from functools import cache, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from casestudy.case import CHECKOUT, VARIABLE, Case, built_in, open_case
from casestudy.kernels import NAME, SWITCH
from casestudy.refusals import Refusal
from casestudy.reports.executors.cells import one_line
from casestudy.reports.executors.worker import set_up
from casestudy.reports.sets.fingerprint import fingerprints, of_code
from casestudy.reports.sets.outcome import Gone, ParameterSet
from casestudy.reports.sets.parameters import Notebook

PATIENCE = 10  # seconds for a scheduler to answer
LOADED = time.time()  # when a worker took its code from the disk
OWN_CASE = os.environ.get(VARIABLE)  # a worker's; read before the first set puts another there


class OtherCopy(Exception):
    """Names, in one line, a worker that joined late and would not give the same results."""


class Cluster:
    """The workers of the dask cluster whose scheduler is at `address`; tell: called with a line while none is there.

    Entering it connects and checks the workers; what it refuses, it refuses before anything runs. Sets of a worker
    that is lost go to the others. Leaving it takes back what waits; a set that runs on a worker ends there, unread.
    """

    def __init__(
        self, address: str, notebooks: Iterable[Notebook], case: Case, tell: Callable[[str], None] = print
    ) -> None:
        self.address, self._notebooks, self._case, self._tell = address, list(notebooks), case, tell

    def __enter__(self) -> "Cluster":
        try:
            from distributed import Client
        except ImportError:
            here = built_in().root == CHECKOUT
            how = "pip install -c constraints.txt -e '.[dask]'" if here else "pip install 'casestudy[dask]'"
            raise Refusal(f"--scheduler needs dask, which cannot be imported; install it with {how}") from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it is said here, in one line
        try:
            self._client: Any = Client(self.address, timeout=PATIENCE, set_as_default=False)
        except Exception as error:  # distributed raises many kinds for a name, a port, a protocol
            what = (
                f"no dask scheduler answers at {self.address!r}; start one or give its address, such as tcp://HOST:8786"
            )
            raise Refusal(f"{what} ({one_line(error)})") from None
        try:
            self._check_workers()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close(timeout=PATIENCE)  # the scheduler drops what only this client wanted

    def _check_workers(self) -> None:
        if not self._threads():
            self._tell(f"no worker has joined {self.address} yet; waiting for one (Ctrl-C stops)")
            self._client.wait_for_workers(1)
        self._marks = fingerprints(self._notebooks, self._case)
        answers = self._client.run(complaint, str(self._case.root), self._marks, on_error="return")
        for worker, answer in answers.items():
            if isinstance(answer, Exception):
                answer = f"worker {worker} cannot run the sets: {one_line(answer)}; install the same casestudy there"
            if answer:
                raise Refusal(answer)

    def _threads(self) -> int:
        self._refuse_without_scheduler()
        return self._client.scheduler_info(n_workers=0)["total_threads"]

    @property
    def workers(self) -> int:
        """How many sets run at a time; one while every worker is away, since others may come."""
        return max(1, self._threads())

    def submit(self, function: Callable[..., Any], asked: ParameterSet, root: str, *rest: Any) -> Future:
        """`function(asked, root, ...)` on some worker, root being that of the worker's own copy of the case."""
        self._refuse_without_scheduler()
        future: Future[Any] = Future()
        mark = self._marks[asked.notebook.stem]
        task = self._client.submit(checked, mark, function, asked, root, *rest, pure=False)
        self._client.loop.add_callback(self._bring, task, future)
        return future

    def _refuse_without_scheduler(self) -> None:
        if self._client.status == "closed":
            raise Gone(f"the scheduler at {self.address} is gone")

    async def _bring(self, task: Any, future: Future) -> None:
        try:
            future.set_result(await self._client.gather(task, asynchronous=True))
        except BaseException as error:  # an asyncio.CancelledError too, when this client is closed
            future.set_exception(self._meaning(error))

    def _meaning(self, error: BaseException) -> BaseException:
        from distributed.scheduler import KilledWorker

        if isinstance(error, KilledWorker):
            return BrokenExecutor(str(error))
        if isinstance(error, OtherCopy):
            return Gone(str(error))
        if isinstance(error, CancelledError | asyncio.CancelledError) or self._client.status != "running":
            return Gone(f"the scheduler at {self.address} is gone")
        return error


def checked(mark: str, function: Callable[..., Any], asked: ParameterSet, root: str, *rest: Any) -> Any:
    """On a worker: run the set on this worker's copy of the case, unless that is not the same as the batch's."""
    here = _checked(root, asked.notebook.stem, mark)
    set_up(_folder())
    os.environ[SWITCH] = NAME  # the first kernel starts this worker's own server; it ends with the worker
    return function(asked, here, *rest)


def complaint(root: str, marks: dict[str, str], dask_worker: Any) -> str:
    """On a worker: why it must not run these notebooks, in one line that names it; empty when it may.

    marks: the fingerprints of the batch, by notebook stem.
    """
    name = f"worker {dask_worker.address}"
    if dask_worker.state.nthreads != 1:  # what a set finds in the environment is the process's
        return f"{name} runs {dask_worker.state.nthreads} sets in one process; start it with --nthreads 1"
    if max(path.stat().st_mtime for path in of_code()) > LOADED:
        return f"{name} has loaded code that was changed since; start it again"
    try:
        case = case_here(root)
        found = fingerprints([Notebook(Path(f"{stem}.ipynb"), "", {}, ()) for stem in marks], case)
    except (OSError, Refusal) as error:
        return f"{name} has not the case of this batch: {one_line(error)}"
    if found != marks:
        other = next(stem for stem in marks if found[stem] != marks[stem])
        same = "give it the same package, versions and case, and start it again"
        return f"{name} has other code, libraries, data or notebook for {other} (case in {case.root}); {same}"
    return ""


def case_here(root: str) -> Case:
    """On a worker: the case its own $CASESTUDY_CASE names, else the one in the batch's folder, else the built-in."""
    if OWN_CASE:
        return open_case(OWN_CASE)
    if (there := Case(Path(root))).claims.is_file():
        return there
    return built_in()


@lru_cache(maxsize=64)
def _checked(root: str, stem: str, mark: str) -> str:
    """The case's root on this worker, which may have joined after the batch began."""
    from distributed import get_worker

    if answer := complaint(root, {stem: mark}, get_worker()):
        raise OtherCopy(answer)
    return str(case_here(root).root)


@cache
def _folder() -> str:
    """For sockets and scratch files; dask clears it away with the worker, or after one that was killed."""
    from distributed import get_worker

    return tempfile.mkdtemp(prefix="case-", dir=get_worker().local_directory)
