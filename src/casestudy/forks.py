"""Processes forked from a server that has already imported what they need.

The server is the standard library's. It ends when the process that started it does, and takes along what was forked
from it; each fork ends with the process that asked for it.
"""

import contextlib
import gc
import importlib
import io
import os
import pickle
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from multiprocessing import context, forkserver, get_context, popen_forkserver, process, reduction, spawn, util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

SWITCH, NAME = "JUPYTER_DEFAULT_PROVISIONER_NAME", "casestudy-warm"
COLD = "CASESTUDY_COLD"  # the variable that asks for ordinary kernels
ADDRESS = "CASESTUDY_KERNELS"  # the variable by which processes find the server
KEY = "key"  # a file beside the socket, from Python 3.14 on; in a variable, any cell that lists them would print it
AT_IMPORT = (  # variables, by how they begin, that count when a module is imported; a kernel with others starts cold
    *("PYTHON", "MATPLOTLIBRC", "MPLCONFIGDIR", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_"),
    *("LANG", "LC_", "TZ", "HOME", "XDG_"),
)
_threading: Any = threading  # these two for what they keep to themselves, of which no types are known
_util: Any = util
GRAMMAR = "rfc3987_syntax"  # of addresses; no notebook is held to it
LONGEST_FOLDER = 60  # bytes; the system allows some 107 for the whole path of a socket


def possible() -> bool:
    """Whether this system can fork as is needed here."""
    return sys.platform == "linux"


@contextlib.contextmanager
def running(preload: Sequence[str], also: dict[str, str]) -> Iterator[str]:
    """A server's address; it ends with all that was forked from it, on leaving or however this process ends.

    preload: modules that it imports first; none may draw, start a thread or read the case. also: its own variables.
    """
    if not possible():
        raise OSError("they are forked on Linux only")
    short = len(os.fsencode(tempfile.gettempdir())) <= LONGEST_FOLDER
    folder = tempfile.mkdtemp(prefix="kernels-", dir=None if short else "/tmp")  # which no one else may enter
    address, (alive, life), (report, reporting) = f"{folder}/server", os.pipe(), os.pipe()
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        for end in (life, report):
            undo.callback(os.close, end)
        try:
            child = _spawn(address, (alive, reporting), preload, also)
        finally:
            os.close(alive)
            os.close(reporting)
        undo.pop_all()
    state = ""
    try:
        with open(report) as pipe:
            state = pipe.read()
        if state != "ready":
            raise OSError(state or "the server was killed")
        yield address
    finally:
        os.close(life)
        if state != "ready":
            child.kill()
        if child.wait():  # otherwise it has
            shutil.rmtree(folder, ignore_errors=True)


def _spawn(address: str, pipes: tuple[int, int], preload: Sequence[str], also: dict[str, str]) -> subprocess.Popen:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        os.chmod(address, 0o600)
        listener.listen()
        write_key(address)
        passed = (listener.fileno(), *pipes)
        run = "import sys; sys.path[:] = filter(None, sys.path); from casestudy.forks import serve; serve"
        env = os.environ | also | {ADDRESS: address, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # a quiet debugger
        env.pop("MPLBACKEND", None)  # each kernel has its own
        command = [sys.executable, "-c", f"{run}{(*passed, tuple(preload))}"]
        stdin = subprocess.DEVNULL  # or a cell could read what is typed for the caller
        return subprocess.Popen(command, env=env, pass_fds=passed, stdin=stdin, start_new_session=True)


def write_key(address: str) -> None:
    """Beside a socket: what the standard library's server asks for, from Python 3.14 on."""
    if sys.version_info >= (3, 14):
        Path(address).with_name(KEY).touch(0o600)
        Path(address).with_name(KEY).write_bytes(os.urandom(32))


def spare_the_grammar() -> None:
    """Keep jsonschema, which nbformat imports, from spending a second on a grammar; in processes of our own only."""
    sys.modules.setdefault(GRAMMAR, None)  # type: ignore[arg-type]


def serve(listener: int, alive: int, reporting: int, modules: Iterable[str]) -> None:
    """What the server does: import, then fork whenever asked, until the process that started it is gone."""
    import psutil

    try:
        with open(reporting, "w") as report:
            try:
                spare_the_grammar()
                _preload(modules)
                report.write("ready")
            except BaseException as error:
                report.write(traceback.format_exception_only(error)[-1].strip())
                raise SystemExit from None
        sys.excepthook = _quiet_without_a_caller
        listen(listener, alive)
    except (SystemExit, ConnectionError, EOFError):
        pass  # its ordinary end; or who started it, or was asking it for a fork, was killed
    finally:
        for child in psutil.Process().children():
            for end in (os.killpg, os.kill):  # the second for one that has no group of its own yet
                with contextlib.suppress(ProcessLookupError):
                    end(child.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        shutil.rmtree(Path(os.environ[ADDRESS]).parent, ignore_errors=True)
    os._exit(0)  # to take down all that was imported would cost more than it is worth


def listen(listener: int, alive: int) -> None:
    """Fork whenever asked through a socket in the server's folder, until `alive` is closed at its other end."""
    known: Any = {}
    if sys.version_info >= (3, 14):
        with socket.socket(fileno=os.dup(listener)) as bound:
            known["authkey_r"] = os.open(Path(bound.getsockname()).with_name(KEY), os.O_RDONLY)
    forkserver.main(listener, alive, [], **known)


def _quiet_without_a_caller(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """In a fork that was asked for, while whoever asked ended before saying what it is to do: nothing is wrong."""
    if not isinstance(error, EOFError | pickle.UnpicklingError):
        sys.__excepthook__(kind, error, trace)


set_by_imports: dict[str, str] = {}  # variables, which a kernel has too once it has imported the same


def _preload(modules: Iterable[str]) -> None:
    """Import as a kernel would, and refuse what would be broken or missing in a fork."""
    everywhere: Any = sys.modules["builtins"]
    everywhere.get_ipython = lambda: SimpleNamespace(kernel=True)  # pandas asks, and cuts tables short in a terminal
    before = dict(os.environ)
    gc.disable()  # what is imported stays
    for module in modules:
        importlib.import_module(module)
    del everywhere.get_ipython
    set_by_imports.update({name: value for name, value in os.environ.items() if name not in before})
    matplotlib = sys.modules.get("matplotlib")
    if threading.active_count() > 1 or (matplotlib and matplotlib.get_backend(auto_select=False)):
        raise RuntimeError("no module that is imported beforehand may start a thread or draw")
    gc.freeze()  # or a kernel's first collection would copy everything
    gc.enable()  # not before, since what a collection frees leaves holes that forks fill with copies


class Server(forkserver.ForkServer):
    """A running server as any process asks it for forks."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = self._forkserver_address = address
        self._forkserver_alive_fd = 2  # any: no child may hold the pipe by which the server knows that it is needed

    def __reduce__(self) -> tuple[type["Server"], tuple[str]]:
        return Server, (self.address,)

    def ensure_running(self) -> None:  # it runs, or it is gone and refuses the connection
        if sys.version_info >= (3, 14):
            self._forkserver_authkey = Path(self.address).with_name(KEY).read_bytes()


class Fork(popen_forkserver.Popen):
    """A process forked by the server, which can be asked what one from subprocess can."""

    stdin = stdout = stderr = None
    send_signal = popen_forkserver.Popen._send_signal  # type: ignore[attr-defined]  # inherited

    def __init__(self, server: Server, task: Any, prepared: dict[str, Any], streams: Sequence[int] = ()) -> None:
        self._server, self._prepared, self._streams = server, prepared, streams
        super().__init__(task)

    def _launch(self, task: Any) -> None:
        life, held = os.pipe()  # nobody writes to it: the fork lives as long as the other end is open
        self._fds, content = [*self._streams, life], io.BytesIO()
        context.set_spawning_popen(self)
        try:
            reduction.dump(self._prepared, content)
            reduction.dump(task, content)
            self.sentinel, data = self._server.connect_to_new_process(self._fds)
        except BaseException:
            os.close(held)
            raise
        finally:
            context.set_spawning_popen(None)
            os.close(life)
        # the second is the sentinel that multiprocessing gives its processes
        self.finalizer = util.Finalize(self, _util.close_fds, (held, os.dup(data), self.sentinel))
        with open(data, "wb") as pipe:
            pipe.write(content.getbuffer())
        self.pid = forkserver.read_signed(self.sentinel)


def settle(life: int) -> None:
    """A group of its own, which the system kills once `life` is closed at the other end; fresh random numbers."""
    import fcntl

    os.setsid()
    fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpid())
    fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life, fcntl.F_SETFL, os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:  # it was closed before
        os.killpg(0, signal.SIGKILL)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


class Context(context.BaseContext):
    """multiprocessing's context for forks of one server."""

    _name = "forkserver"

    def __init__(self, server: Server) -> None:
        self._server = server

    def Process(self, *args: Any, **options: Any) -> "_Worker":
        worker = _Worker(*args, **options)
        worker._Popen = partial(_start_worker, self._server)
        return worker


class _Worker(process.BaseProcess):
    _start_method = "forkserver"
    _Popen: Callable[["_Worker"], Fork]

    def _bootstrap(self, parent_sentinel: int) -> int:
        settle((forkserver.get_inherited_fds() or [])[0])
        return super()._bootstrap(parent_sentinel)  # type: ignore[misc]


def _start_worker(server: Server, worker: _Worker) -> Fork:
    prepared = spawn.get_preparation_data(worker.name).items()  # but never run the caller's script again:
    return Fork(server, worker, {name: value for name, value in prepared if not name.startswith("init_main")})


# One for all that is started within


@contextlib.contextmanager
def server(preload: Sequence[str], **also: str) -> Iterator[context.BaseContext]:
    """Share one warm server with everything started within; yields multiprocessing's context for forks of it.

    preload: modules that the server imports before anything is forked. also: variables for the server alone, such as
    OPENBLAS_NUM_THREADS, which is read at import. Where there can be no server, the context is spawn's and kernels are
    ordinary. On leaving, the server is gone with all that was forked from it.
    """
    before = {name: os.environ.get(name) for name in (SWITCH, ADDRESS, COLD)}
    with contextlib.ExitStack() as stack:
        stack.callback(_set, before)
        _set({ADDRESS: None} | ({} if os.environ.get(COLD) else {SWITCH: NAME}))  # the server hands it on to its forks
        address = start(stack, preload, also)
        os.environ |= {ADDRESS: address} if address else {}
        yield Context(Server(address)) if address else get_context("spawn")


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        os.environ.pop(name, None)
        os.environ |= {name: value} if value else {}
    if factory := sys.modules.get("jupyter_client.provisioning.factory"):
        factory.KernelProvisionerFactory.clear_instance()  # it keeps the name it has found first


def start(stack: contextlib.ExitStack, preload: Sequence[str], also: dict[str, str]) -> str | None:
    """Start a server that ends with the stack; its address, or None where kernels are to be cold."""
    if os.environ.get(COLD):
        return None
    try:
        return stack.enter_context(running(preload, also))
    except OSError as error:
        go_cold(str(error))
        return None


def go_cold(reason: str) -> None:
    """Say once why, and use ordinary kernels from here on in this process and what it starts."""
    os.environ[COLD] = "1"
    warnings.warn(f"kernels start cold from here on: {reason}", RuntimeWarning, stacklevel=2)
