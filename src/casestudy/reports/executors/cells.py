"""Run a notebook's cells in a kernel of this interpreter: every wait has an end, and what ran is read back."""

import ast
import asyncio
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from queue import Empty
from types import MappingProxyType
from typing import Any

import psutil
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine as PapermillEngine
from papermill.engines import NotebookExecutionManager
from traitlets import Type, default

from casestudy import forks
from casestudy.kernels import QUIET_LOG, OwnManager, listen_in
from casestudy.reports.executors.printed import in_one_piece
from casestudy.reports.executors.task import ENDED, line, one_line
from casestudy.reports.sets.source import INJECTED, PARAMETERS, tags
from casestudy.reports.shared.state import Begun, Ran
from casestudy.variant import FOLDER

AGAIN = 0.2  # seconds, after which a socket is asked anew
LOST = 30  # seconds after a cell's end, by which its reply is there or never comes
MOST_SHOWN = 100_000_000  # letters that the outputs of a notebook may hold together
PRIVATE = "--IPKernelApp.exec_PYTHONSTARTUP=False"


class _Channel(AsyncZMQSocketChannel):
    """A socket that is asked anew now and then.

    nbclient answers an output widget on the socket on which it waits for a cell's end; that can swallow the sign that
    the end is there, and a wait without an end would last for ever.
    """

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = AGAIN if until is None else max(0.0, min(AGAIN, until - time.monotonic()))
            with suppress(Empty):
                return await super().get_msg(left)
            if until is not None and time.monotonic() >= until:
                raise Empty


class _Client(AsyncKernelClient):
    """Takes a kernel as ready soon after it has answered: the usual one listens 0.2 s for what else it may say."""

    shell_channel_class = Type(_Channel)
    iopub_channel_class = Type(_Channel)
    wanted: Mapping[str, str] = MappingProxyType({})  # what to work out after the next cell, by name

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        channel = self.iopub_channel
        listen = channel.get_msg
        channel.get_msg = lambda timeout: listen(timeout=timeout / 20)
        try:
            await super().wait_for_ready(timeout)
        finally:
            del channel.get_msg

    def execute(self, code: str, *args: Any, **options: Any) -> str:
        wanted, self.wanted = self.wanted, {}
        return super().execute(code, *args, user_expressions=dict(wanted), **options)


class _Manager(OwnManager):
    """Of a kernel whose sockets lie in the batch's private folder, be it warm or not."""

    @default("client_factory")
    def _client(self) -> type[AsyncKernelClient]:
        return _Client

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        listen_in(os.environ["JUPYTER_RUNTIME_DIR"], self)


class Stopped(Exception):
    """One line that says what stopped a notebook."""


class Engine(PapermillEngine):
    """Papermill's record of a run, with cells that are run by `Cells`."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any) -> None:
        cells = Cells(nb_man, options["cwd"], options["begun"])
        if stopped := cells.run(options["values"], options["seconds"]):
            raise Stopped(stopped)


def run(
    notebook: NotebookNode, cwd: str, values: Mapping[str, object], seconds: float, begun: Begun | None = None
) -> str:
    """Run a notebook's cells in place, in the folder cwd; one line that says what stopped them, or nothing.

    values: what page and record will say of the parameters; the kernel must have them once the parameters cell, and
    the one that changes them, have run. What a later cell makes of these names is the author's business. seconds: how
    long all of it may take. begun: the state that has run the first cells, from which the kernel goes on.
    """
    notebook.metadata.setdefault("papermill", NotebookNode())  # where papermill puts its record
    asked = {"cwd": cwd, "values": values, "seconds": seconds, "begun": begun}
    try:
        Engine.execute_notebook(notebook, "python3", progress_bar=False, **asked)
    except Stopped as stopped:
        return str(stopped)
    return ""


class Cells(PapermillNotebookClient):
    """The cells of a notebook, which are run in place."""

    reply: Mapping[str, Any] = MappingProxyType({})  # what the kernel said at the end of the last cell

    def __init__(self, nb_man: NotebookExecutionManager, cwd: str, begun: Begun | None = None) -> None:
        super().__init__(
            nb_man,
            kernel_name="python3",
            kernel_manager_class=_Manager,
            extra_arguments=[QUIET_LOG, PRIVATE],
            startup_timeout=60,
            iopub_timeout=LOST,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": cwd}},
            on_cell_executed=self._keep,
        )
        self.held: dict[int, int] = {}  # letters in the outputs of each cell so far
        self.begun = begun

    def run(self, values: Mapping[str, object], seconds: float) -> str:
        """As `run` beside this class."""
        return asyncio.run(self._within(values, seconds))

    async def _within(self, values: Mapping[str, object], seconds: float) -> str:
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await self._all(values) or self._shown()
        except CellExecutionError as failure:
            told = f"{self._place()}: {line(failure.ename, failure.evalue)}"
            return self._shown() or told if failure.ename == "NoneType" else told  # of what could not be shown
        except Stopped as stopped:
            return f"{self._place()}: {stopped}"
        except Exception as failure:  # a kernel that died or never started
            if limit.expired():
                where = f"{self._place()} was still running" if self.code_cells_executed else "no cell had begun"
                return f"out of time: {where} after {seconds:g} s; --timeout gives a set more"
            began = isinstance(failure, DeadKernelError) and self.code_cells_executed
            return f"{self._place()}: {one_line(failure)}" if began else one_line(failure)
        finally:
            await self._end()

    async def _all(self, values: Mapping[str, object]) -> str:
        self.reset_execution_trackers()
        self.create_kernel_manager()
        resume = {"resume": self.begun.resume(self.nb, values)} if self.begun else {}
        await self.async_start_new_kernel(**resume)
        client: Any = await self.async_start_new_kernel_client()
        about = await self.async_wait_for_reply(client.kernel_info())
        self.nb.metadata["language_info"] = about["content"]["language_info"] if about else {"name": "python"}
        given = [number for number, cell in enumerate(self.nb.cells) if {PARAMETERS, INJECTED} & {*tags(cell)}]
        for number, cell in enumerate(self.nb.cells):
            self.reply = {}
            client.wanted = {name: f"__import__('json').dumps({name})" for name in values if number in given[-1:]}
            await self._one(cell, number)
            if number in given[-1:] and not self.begun and (other := self._other(values)):
                return other
            if any(
                told.get("source") == "ask_exit" and not told.get("keepkernel")
                for told in self.reply.get("payload", [])
            ):
                return f"{self._place()}: exit() {ENDED}"
        self.set_widgets_metadata()
        return ""

    async def _one(self, cell: NotebookNode, number: int) -> None:
        """One cell, with papermill's note of when and how it ran."""
        self.nb_man.cell_start(cell, number)
        try:
            if self.begun and number in self.begun.ran:
                self._show_again(cell, number, self.begun.ran[number])
            else:
                await self.async_execute_cell(cell, number)
            if cell.cell_type == "code":
                cell.outputs = in_one_piece(cell.outputs)
        except CellExecutionError as failure:
            self.nb_man.cell_exception(cell, number, exception=failure)
            raise
        finally:
            self.nb_man.cell_complete(cell, number)

    def _show_again(self, cell: NotebookNode, number: int, ran: Ran) -> None:
        """A cell that a state has run: it shows what that one did."""
        cell.outputs, cell.execution_count, self.clear_before_next_output = [], ran.count, False
        self.code_cells_executed += 1
        for message in ran.sent:
            self.process_message(deepcopy(message), cell, number)

    def _place(self) -> str:
        """The cell that was sent last, counted as the kernel does."""
        return f"cell {self.code_cells_executed}"

    def _keep(self, execute_reply: Mapping[str, Any], **_: Any) -> None:
        self.reply = execute_reply["content"]

    def _other(self, values: Mapping[str, object]) -> str:
        """Says which parameter had another value than page and record would say, if one had."""
        found = self.reply.get("user_expressions", {})
        for name, value in values.items():
            try:
                ran = json.loads(ast.literal_eval(found[name]["data"]["text/plain"]))
            except (LookupError, ValueError, SyntaxError):
                return f"the page would say {name} = {value!r}, but no cell has set it"
            if ran != value or isinstance(ran, bool) != isinstance(value, bool):
                return f"the page would say {name} = {value!r}, but the cell ran with {ran!r}"
        return ""

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """As nbclient does, up to an end: this process holds all that cells show, and a page too."""
        content, kind = msg["content"], msg["msg_type"]
        if kind == "clear_output":
            self.held[cell_index] = 0
        elif kind in ("stream", "display_data", "execute_result"):
            letters = len(content.get("text", "")) + sum(map(len, map(str, content.get("data", {}).values())))
            self.held[cell_index] = self.held.get(cell_index, 0) + letters
        if sum(self.held.values()) > MOST_SHOWN:
            cell.outputs = []
            raise Stopped(f"its outputs must hold less than {MOST_SHOWN // 10**6} MB; show less, or a part")
        return super().process_message(msg, cell, cell_index)

    def _shown(self) -> str:
        """What an error says that some cell showed without raising it, and without the tag that allows it."""
        for cell in self.nb.cells:
            if cell.cell_type == "code" and "raises-exception" not in tags(cell):
                for output in cell.outputs:
                    if output.output_type == "error":
                        return f"cell {cell.execution_count}: {line(output.ename, output.evalue)}"
        return ""

    async def _async_poll_for_reply(self, *args: Any, **options: Any) -> Any:
        """The kernel's reply to a cell; one that has not come long after the cell's end never will."""
        output: asyncio.Future[Any] = args[3]
        reply = asyncio.ensure_future(super()._async_poll_for_reply(*args, **options))
        reply.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # or asyncio writes of it
        try:
            await asyncio.wait({reply, output}, return_when=asyncio.FIRST_COMPLETED)
            if output.done() and (stopped := output.exception()):
                raise stopped
            done, _ = await asyncio.wait({reply}, timeout=LOST if output.done() else None)
            if not done:
                raise DeadKernelError("the kernel ended the cell without a reply")
            return await reply
        finally:
            reply.cancel()

    async def _end(self) -> None:
        """End the kernel, with whatever it started."""
        left = _family(self.km)
        if self.km is not None:
            with suppress(RuntimeError, OSError):
                await self._async_cleanup_kernel()
        for process in left:
            with suppress(psutil.Error):
                process.kill()


def _family(manager: Any) -> list[psutil.Process]:
    """A kernel's processes, also those that left it: what they have in common is the folder for their figures."""
    mark, pid = os.environ.get(FOLDER), getattr(getattr(manager, "provisioner", None), "pid", None)
    found: list[psutil.Process] = []
    with suppress(psutil.Error):
        found += psutil.Process(pid).children(recursive=True) if pid else []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            marked = mark and process.environ().get(FOLDER) == mark
            if marked and forks.__name__ not in " ".join(process.cmdline()):  # the server, which others need
                found.append(process)
    return found
