"""Sets on a running dask cluster: the same tasks as on this machine, by workers that hold the same code and case."""

import asyncio
import itertools
import logging
import math
import os
import pickle
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any

from casestudy.case import CHECKOUT, VARIABLE, Case, built_in, open_case
from casestudy.forks import NAME, SWITCH
from casestudy.kernels import own_server
from casestudy.refusals import Refusal
from casestudy.reports.executors.opening import Opened, Step, begin
from casestudy.reports.executors.task import one_line, set_up
from casestudy.reports.executors.warm import Provisioner
from casestudy.reports.sets.fingerprint import fingerprints, of_code
from casestudy.reports.sets.outcome import Gone, ParameterSet
from casestudy.reports.sets.parameters import Notebook
from casestudy.reports.shared.state import Begun
from casestudy.reports.shared.watch import Uncommon

PATIENCE = 10  # seconds for a scheduler to answer
LOADED = time.time()  # when a worker took its code from the disk
MOST_OPEN = 4  # states on a worker
IDLE = 120  # seconds, after which a worker closes them
_open: dict[bytes, Opened] = {}  # on a worker
_numbers = itertools.count()
_idle: threading.Timer | None = None
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
        return self._send(checked, self._marks[asked.notebook.stem], function, asked, root, *rest)

    @property
    def shares(self) -> bool:
        """Sets that begin alike begin together on each worker."""
        return True

    def begin(self, step: Step, above: "Recipe | None", seconds: float) -> Future[Opened]:
        """Try on some worker; each opens a state of its own with the first set that goes on from there."""
        recipe = Recipe((*(above.steps if above else ()), step), seconds)
        future: Future[Opened] = Future()

        def tried(done: Future) -> None:
            if error := done.exception():
                future.set_exception(error)
            else:
                future.set_result(Remote(recipe, self._client))

        self._send(try_here, self._marks[step.stem], recipe, step.root).add_done_callback(tried)
        return future

    def _send(self, task_of_worker: Callable[..., Any], *args: Any) -> Future:
        self._refuse_without_scheduler()
        future: Future[Any] = Future()
        task = self._client.submit(task_of_worker, *args, pure=False)
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
    if isinstance(function, partial) and isinstance(recipe := function.keywords.get("begun"), Recipe):
        function = partial(function, begun=recipe.here(here))
    return function(asked, here, *rest)


def try_here(mark: str, recipe: "Recipe", root: str) -> None:
    """On a worker: open a state, which stays for sets that come here."""
    here = _checked(root, recipe.steps[-1].stem, mark)
    set_up(_folder())
    os.environ[SWITCH] = NAME
    recipe.here(here)


@dataclass(frozen=True)
class Recipe:
    """How a worker opens a state of its own: the steps to it, from the first cell on."""

    steps: tuple[Step, ...]
    seconds: float

    @property
    def varied(self) -> tuple[str, ...]:
        """Parameters that a set still has to be given."""
        return self.steps[-1].varied

    def here(self, root: str) -> Begun:
        """On a worker: the state, opened where it is not open yet; `Uncommon` where it cannot be."""
        above = Recipe(self.steps[:-1], self.seconds).here(root) if self.steps[1:] else None
        key = pickle.dumps((root, self.steps))
        if key not in _open:
            if not (server := own_server(Provisioner.preload)):
                raise Uncommon(-1, "kernels are cold here")
            while len(_open) >= MOST_OPEN:
                _open.pop(next(iter(_open))).close()
            folder = Path(server.address).parent / f"s{next(_numbers)}"
            _open[key] = begin(replace(self.steps[-1], root=root), server.address, folder, above, self.seconds)
        _close_when_idle()
        return _open[key].begun


@dataclass(frozen=True)
class Remote:
    """States of a recipe, on whichever workers have opened one."""

    begun: Recipe
    client: Any
    seconds = math.inf  # nobody has asked a worker

    def close(self) -> None:
        """Let the workers close theirs."""
        with suppress(Exception):  # the scheduler may be gone, and with it the workers' reason to keep them
            self.client.run(let_go, self.begun)


def let_go(recipe: Recipe) -> None:
    """On a worker: close what was opened by a recipe."""
    for key in [key for key in _open if pickle.loads(key)[1] == recipe.steps]:
        _open.pop(key).close()


def _close_all() -> None:
    for key in [*_open]:
        _open.pop(key).close()


def _close_when_idle() -> None:
    """After a while in which no set began from one: a batch that was killed could not say that it is over."""
    global _idle
    if _idle:
        _idle.cancel()
    _idle = threading.Timer(IDLE, _close_all)
    _idle.daemon = True
    _idle.start()


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
