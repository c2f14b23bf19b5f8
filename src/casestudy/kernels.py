"""The warm kernel: forked from a server that has already imported what notebooks need.

JUPYTER_DEFAULT_PROVISIONER_NAME=casestudy-warm turns it on for papermill, nbclient, nbconvert and nbval. What starts
within `server()` shares one server; a process that finds none starts its own with its first kernel. A kernel gets the
caller's folder, environment, umask and streams; limits and priority are the server's, and so is the code as it was when
the server started; it keeps no history. A submodule that a notebook forgot to import may be there all the same.
CASESTUDY_COLD=1 gives ordinary kernels, as does any system but Linux.
"""

import asyncio
import atexit
import contextlib
import os
import signal
import sys
import threading
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker, util
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.localinterfaces import localhost
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from casestudy.forks import (
    ADDRESS,
    AT_IMPORT,
    COLD,
    GRAMMAR,
    Fork,
    Server,
    go_cold,
    set_by_imports,
    settle,
    start,
)

QUIET_LOG = "--IPKernelApp.log_level=CRITICAL"  # it calls its own shutdown an error
LONGEST_SOCKET = 80  # bytes of a folder; the system allows some 107 for the whole path


def listen_in(folder: Path | str, manager: KernelManager) -> None:
    """Sockets in a private folder: a port could be another worker's by the time that the kernel takes it."""
    if sys.platform != "win32" and len(os.fsencode(folder)) <= LONGEST_SOCKET:
        manager.transport, manager.ip = "ipc", f"{folder}/{uuid.uuid4().hex[:12]}"


@dataclass(frozen=True)
class Resume:
    """Given to `start_kernel(resume=...)`: what is forked from another server, and nothing in its place if it is gone.

    address: of that server; become: takes what `Kernel` takes.
    """

    address: str
    become: Callable[..., "Kernel"]


class OwnManager(AsyncKernelManager):
    """Of a kernel of this very interpreter, whatever else is called python3 on this machine."""

    def __init__(self, **options: Any) -> None:
        from ipykernel.kernelspec import get_kernel_dict

        super().__init__(**options)
        self._kernel_spec = KernelSpec(**get_kernel_dict())


class WarmProvisioner(LocalProvisioner):
    """Gives jupyter_client a forked kernel where it would start an ordinary one."""

    preload: ClassVar[Sequence[str]] = ("ipykernel.kernelapp", "ipykernel.ipkernel", __name__)  # by a server of its own
    _server: Server | None = None

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        manager: Any = self.parent
        self._server = own_server(self.preload) if _ours(self.kernel_spec.argv) else None
        if self._server and manager.transport == "tcp" and manager.ip == localhost():
            listen_in(Path(self._server.address).parent, manager)
        return await super().pre_launch(**options)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        resumed: Resume | None = options.pop("resume", None)
        streams = [options.get(name) or number for number, name in ((1, "stdout"), (2, "stderr"))]
        streams = [stream if isinstance(stream, int) else stream.fileno() for stream in streams]
        if resumed and self._server:
            self._server = Server(resumed.address)
        elif resumed:
            raise OSError("kernels are cold, and none can go on from a state")
        if self._server is None or options.keys() - {"cwd", "env", "stdout", "stderr"} or min(streams) < 0:
            return await super().launch_kernel(cmd, **options)
        umask = os.umask(0o077)
        os.umask(umask)
        self.cwd = str(options.get("cwd") or os.getcwd())
        become = resumed.become if resumed else Kernel
        kernel = become(cmd, options["env"] | {"JPY_PARENT_PID": str(os.getpid())}, self.cwd, umask)
        fork: Any  # which can be asked what a process from subprocess can
        try:
            fork = Fork(self._server, kernel, {}, streams)
        except (OSError, EOFError):
            if resumed:
                raise
            go_cold("the server is gone")
            return await super().launch_kernel(cmd, **options)
        self.process = fork
        self.pid = self.pgid = fork.pid
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        await self._ended()

    async def kill(self, restart: bool = False) -> None:
        await super().kill(restart=restart)
        await self._ended()

    async def cleanup(self, restart: bool = False) -> None:
        if self._server and self.pgid:
            with contextlib.suppress(OSError):  # there is nobody left, as a rule
                os.killpg(self.pgid, signal.SIGKILL)  # what a kernel that crashed had in the background
            self.pgid = None
        await super().cleanup(restart=restart)

    async def _ended(self) -> None:
        """Wait a second at most: a manager that finds the kernel alive looks again only after a tenth."""
        for _ in range(200):
            if await self.poll() is not None:
                return
            await asyncio.sleep(0.005)


def _ours(command: list[str]) -> bool:
    """Whether a kernel's command starts this interpreter's own."""
    options = [part for part in command[1:] if part != "-Xfrozen_modules=off"]  # which only serves the debugger
    return command[0] in (sys.executable, "python", "python3") and options[:2] == ["-m", "ipykernel_launcher"]


def own_server(preload: Sequence[str]) -> Server | None:
    """The server whose address this process was given, else one of its own until it ends."""
    address = os.environ.get(ADDRESS, "")
    if not os.path.exists(address):
        address = start(_until_the_end, preload, {}) or ""
        os.environ[ADDRESS] = address
    return Server(address) if address and not os.environ.get(COLD) else None


_until_the_end = contextlib.ExitStack()
atexit.register(_until_the_end.close)


# What a fork becomes


_threading: Any = threading  # these two for what they keep to themselves, of which no types are known
_util: Any = util


@dataclass(frozen=True)
class Kernel:
    """What a fork needs to become the kernel that `command` would start; `_bootstrap` is called there."""

    command: list[str]
    env: dict[str, str]
    cwd: str
    umask: int

    def _bootstrap(self, parent_sentinel: int) -> int:
        *streams, life = forkserver.get_inherited_fds() or []  # the caller's, if any, and what it holds open
        settle(life)
        self._take_over(streams)
        if self.differs():
            os.set_inheritable(life, True)
            os.execve(self.command[0], self.command, self.env)
        self.settle_environment()
        for name in [name for name in sys.modules if name.partition(".")[0] in (GRAMMAR, "jsonschema")]:
            del sys.modules[name]  # a notebook that asks for jsonschema gets all its checks
        code = 0
        try:
            self._run()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)  # a kernel that never started shows nothing
            code = 1
        _threading._shutdown()  # what a program does at its end, and a fork does not
        atexit._run_exitfuncs()
        _util._flush_std_streams()
        return code

    def differs(self) -> bool:
        """Whether an ordinary kernel would import something else, or otherwise, than the server has."""
        now, wanted = ({k: v for k, v in env.items() if k.startswith(AT_IMPORT)} for env in (os.environ, self.env))
        here = (name for name in os.listdir() if name[-3:] == ".py" or os.path.exists(f"{name}/__init__.py"))
        beside = {name.removesuffix(".py") for name in here}  # which it finds before what is imported
        return now != wanted or os.path.exists("matplotlibrc") or not beside.isdisjoint(sys.modules)

    def settle_environment(self) -> None:
        """The variables that an ordinary kernel would have."""
        os.environ.clear()
        os.environ.update(set_by_imports | self.env)

    def _take_over(self, streams: Sequence[int]) -> None:
        """The caller's streams, folder and umask; nothing else of the caller's stays open."""
        tracker: Any = resource_tracker._resource_tracker
        server: Any = forkserver._forkserver
        for target, stream in enumerate(streams, 1):
            os.dup2(stream, target)
        for received in (*streams, tracker._fd, server._forkserver_alive_fd):
            os.close(received)
        tracker._fd = None  # it starts one of its own when it needs one
        os.chdir(self.cwd)
        os.umask(self.umask)

    def _run(self) -> None:
        import ipykernel_launcher  # type: ignore[import-untyped]  # it has no types
        from ipykernel.kernelapp import IPKernelApp

        arguments = self.command[self.command.index("ipykernel_launcher") + 1 :]
        sys.argv = [ipykernel_launcher.__file__, *arguments]
        quiet = ["--IPKernelApp.parent_handle=1", "--HistoryManager.enabled=False"]  # 1: no thread that polls for it
        app: Any = IPKernelApp.instance()
        self.start(app, [*quiet, *arguments])
        app.start()
        app.control_thread.stop()
        app.control_thread.join()  # before the thread that its last words go through ends

    def start(self, app: Any, arguments: Sequence[str]) -> None:
        """Set up the kernel's application, up to its loop."""
        use_inline_figures(self.env)
        app.initialize(arguments)
        app.shell.events.register("post_execute", show_figures)


def use_inline_figures(env: Mapping[str, str]) -> None:
    """The backend that these variables name, else the one of notebooks."""
    if matplotlib := sys.modules.get("matplotlib"):
        matplotlib.rcParams["backend"] = env.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"


def show_figures() -> None:
    """Show a cell's figures before pyplot draws them for a window that inline figures do not have.

    That picture would be thrown away. Where a drawing leaves something behind, a layout or what was to wait for it,
    figures keep their usual turn, or they would not come out as in an ordinary kernel.
    """
    inline: Any = sys.modules.get("matplotlib_inline.backend_inline")
    canvases = [manager.canvas for manager in inline.Gcf.get_all_fig_managers()] if inline else []
    if canvases and not any(
        canvas.figure.get_layout_engine() or canvas.callbacks.callbacks.get("draw_event") for canvas in canvases
    ):
        inline.flush_figures()
