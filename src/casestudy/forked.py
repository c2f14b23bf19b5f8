"""What a fork of the server becomes: the kernel that an ordinary command would start."""

import atexit
import os
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker, util
from typing import Any

from casestudy.forks import AT_IMPORT, GRAMMAR, set_by_imports, settle

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
