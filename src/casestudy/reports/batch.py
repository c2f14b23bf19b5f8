"""Sets on their way through an executor: each as it is, or together with others that begin alike."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from casestudy.case import Case
from casestudy.reports.executors.task import one_line
from casestudy.reports.sets.outcome import LONGEST, Executor, Gone, Outcome, ParameterSet, Shelf

if TYPE_CHECKING:
    from casestudy.reports.shared.state import Begun

ENDS_ITS_WORKER = "its worker ended while it ran, and ended again when it ran alone"
Result = tuple[Outcome, dict[str, bytes]]
Work = Coroutine[Any, Any, None]


def execute(*args: Any, **options: Any) -> Result:
    """`worker.execute`, with what a worker has imported already and a batch's parent does without."""
    from casestudy.reports.executors import worker

    return worker.execute(*args, **options)


class Batch:
    """Hands sets to an executor, at most `ahead` times as many as it has workers, and collects what comes of them.

    seconds: how long the cells of one set may take. started: called with each set before it is handed on.
    """

    def __init__(
        self,
        executor: Executor,
        case: Case,
        shelf: Shelf | None,
        ahead: int = 2,
        seconds: float = LONGEST,
        started: Callable[[ParameterSet], None] = lambda asked: None,
    ) -> None:
        self.executor, self.case, self.shelf = executor, case, shelf
        self.ahead, self.seconds, self.started = ahead, seconds, started
        self._running: set[asyncio.Future[Result]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost: list[ParameterSet] = []  # with their workers
        self._found: asyncio.Queue[Result | BaseException | None] = asyncio.Queue()

    def stream(self, work: Callable[["Batch"], Work]) -> Iterator[Result]:
        """What `work` hands out, as it comes; when the caller stops listening, nothing more is handed on."""
        loop = asyncio.new_event_loop()
        main = loop.create_task(self._all(work))
        try:
            while (found := _completed(loop, self._found.get())) is not None:
                if isinstance(found, BaseException):
                    raise found
                yield found
            _completed(loop, main)
        finally:
            if main.done() and not main.cancelled():
                main.exception()  # or asyncio writes of it
            for task in (left := asyncio.all_tasks(loop)):
                task.cancel()
            if left:
                _completed(loop, asyncio.wait(left))
            loop.close()

    async def _all(self, work: Callable[["Batch"], Work]) -> None:
        try:
            await work(self)
            while self._tasks:
                await asyncio.gather(*self._tasks)
            for asked in self._lost:
                await self._collect(asked, await self.submit(asked), alone=True)
        except BaseException as error:
            self._found.put_nowait(error)
            raise
        self._found.put_nowait(None)

    async def each(self, sets: Iterable[ParameterSet]) -> None:
        """Every set as it is, from its first cell on."""
        waiting = iter(sets)
        await self._room()
        while (asked := next(waiting, None)) is not None:
            self.spawn(self._collect(asked, await self.submit(asked)))
            await self._room()

    def spawn(self, work: Work) -> asyncio.Task[None]:
        """Let it go on beside; the batch ends when all of it has, or with the first error."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._found.put_nowait(error)

    async def submit(self, asked: ParameterSet, begun: "Begun | None" = None) -> asyncio.Future[Result]:
        """Hand a set to the executor once there is room for it."""
        await self._room()
        self.started(asked)
        task = partial(execute, seconds=self.seconds, begun=begun)
        future = asyncio.wrap_future(self.executor.submit(task, asked, str(self.case.root), self.shelf))
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    async def _room(self) -> None:
        while len(self._running) + self._found.qsize() >= self.ahead * self.executor.workers:
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # for whoever listens

    def hand_out(self, outcome: Outcome, files: dict[str, bytes]) -> None:
        """Give a result to whoever listens."""
        self._found.put_nowait((outcome, files))

    async def _collect(self, asked: ParameterSet, future: asyncio.Future[Result], alone: bool = False) -> None:
        if (result := await self.result(asked, future, alone)) is not None:
            self.hand_out(*result)

    async def result(self, asked: ParameterSet, future: asyncio.Future[Result], alone: bool = False) -> Result | None:
        """What came of a set; None where its worker was lost, and it is run again, alone, at the end."""
        try:
            return await future
        except Gone:
            raise
        except BrokenExecutor:
            if alone:
                return Outcome(asked, error=ENDS_ITS_WORKER), {}
            self._lost.append(asked)
            return None
        except Exception as error:
            return Outcome(asked, error=one_line(error)), {}


def _completed(loop: asyncio.AbstractEventLoop, work: Any) -> Any:
    """Run a loop until some of its work is done; in another thread where one runs in this, as in a notebook's cell."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return loop.run_until_complete(work)
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(loop.run_until_complete, work).result()
