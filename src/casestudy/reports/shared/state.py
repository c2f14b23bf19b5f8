"""A state: a process that has run the cells which sets have in common, and forks kernels that go on from there.

It is a fork of the warm server, or of another state, that has run cells in the shell which its kernels will have. What
these cells sent is kept and handed to whoever runs the rest. It then serves forks as the server does, until its owner
lets go of it. A fork of a state that is gone is refused, never replaced by a kernel without those cells.
"""

import gc
import json
import os
import pickle
import random
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbformat import NotebookNode

from casestudy import forks, kernels
from casestudy.reports.sets.source import INJECTED, assignments, tags
from casestudy.reports.shared.watch import Messages, Stream, Uncommon, chances, recorder, surroundings

_kept: dict[str, Any] = {}  # in a state and its forks: shell, session, streams, environment, random states


@dataclass(frozen=True)
class Ran:
    """What a cell of a state left behind: its execution count, what it sent, and the seconds that it took."""

    count: int
    sent: Messages
    seconds: float


@dataclass(frozen=True)
class Prefix(kernels.Kernel):
    """What a fork needs to become a state; the first of its streams is told how that went."""

    address: str = ""
    cells: tuple[tuple[int, str, bool], ...] = ()  # place, text, whether chance was seeded so far
    given: str = ""  # assignments, run unseen before the first cell
    injected: int = -1  # the cell after which `varied` are taken away, and `fixed` must have these values
    varied: tuple[str, ...] = ()
    fixed: Mapping[str, object] = field(default_factory=dict)

    def _bootstrap(self, parent_sentinel: int) -> int:
        told, life = forkserver.get_inherited_fds() or []
        forks.settle(life)
        shown = os.dup(told)
        self._take_over([os.memfd_create("out"), os.memfd_create("err")])
        os.close(told)
        listener = None
        with open(shown, "wb") as answer:
            found: object
            try:
                if not _kept and self.differs():
                    raise Uncommon(-1, "its kernels have other variables or modules at import")
                self.settle_environment()
                found = self._cells()
                os.umask(self.umask)
                forks.write_key(self.address)
                listener = socket.socket(socket.AF_UNIX)
                listener.bind(self.address)
                listener.listen()
                gc.collect()
                gc.freeze()
            except BaseException as error:
                found = error if isinstance(error, Uncommon) else Uncommon(-1, f"{type(error).__name__}: {error}")
                listener = None
            pickle.dump(found, answer)
        if listener is not None:
            forks.listen(listener.detach(), life)
        os._exit(0)

    def settle_environment(self) -> None:
        carry(self.env) if _kept else super().settle_environment()

    def _start(self) -> None:
        """As a kernel starts, but without threads and sockets."""
        from ipykernel.compiler import XCachingCompiler
        from ipykernel.kernelapp import IPKernelApp
        from ipykernel.zmqshell import ZMQInteractiveShell
        from traitlets.config import Config

        path: Any = IPKernelApp
        path.init_path(SimpleNamespace(ignore_cwd=False))
        kernels.use_inline_figures(self.env)
        quiet = Config({"HistoryManager": {"enabled": False}})
        shell: Any = ZMQInteractiveShell.instance(
            config=quiet, compiler_class=XCachingCompiler
        )  # a kernel will find it
        shell.user_ns_hidden.update(shell.user_ns)
        session = recorder()
        shell.displayhook.session = shell.display_pub.session = session
        shell.events.register("post_execute", kernels.show_figures)
        sys.stdout, sys.stderr = streams = Stream("stdout", session), Stream("stderr", session)
        _kept.update(shell=shell, session=session, streams=streams, random={}, changed={})

    def _cells(self) -> dict[int, Ran]:
        if _kept:
            restore_chance()
        else:
            self._start()
        shell, ran, before = _kept["shell"], {}, surroundings()
        variables = dict(os.environ)
        chance = at_the_start = chances()
        exec(self.given, shell.user_ns)
        for place, text, seeded in self.cells:
            _kept["session"].kept.clear()
            count, begin = shell.execution_count, time.monotonic()
            went = shell.run_cell(text, store_history=True).success
            for stream in _kept["streams"]:
                stream.flush()
            sent, took = [*_kept["session"].kept], time.monotonic() - begin
            if not went or shell.payload_manager.read_payload():
                raise Uncommon(place, "fails or ends the notebook" if not went else "asks something of its page")
            if odd := [name for name, now in surroundings().items() if now != before[name]]:
                raise Uncommon(place, f"leaves {' and '.join(odd)}")
            before_it, chance = chance, chances()
            if not seeded and chance != before_it:
                raise Uncommon(place, "draws by chance that nobody seeded")
            if place == self.injected:
                for name in self.varied:
                    shell.user_ns.pop(name, None)
                for name, value in self.fixed.items():
                    if json.dumps(shell.user_ns.get(name)) != json.dumps(value):
                        raise Uncommon(place, f"sets {name} to another value")
            ran[place] = Ran(count, sent, took)
        _kept["random"] |= {name: state for name, state in chances().items() if state != at_the_start[name]}
        names = variables.keys() | os.environ.keys()
        _kept["changed"] |= {
            name: os.environ.get(name) for name in names if os.environ.get(name) != variables.get(name)
        }
        _kept["hidden"] = dict(shell.user_ns_hidden)
        return ran


@dataclass(frozen=True)
class Resumed(kernels.Kernel):
    """A kernel that goes on where its state has stopped."""

    given: str = ""  # assignments of what differs from set to set
    typed: Mapping[int, str] = field(default_factory=dict)  # what `In` shall say, by execution count

    def differs(self) -> bool:
        return False  # its state was looked at; another process in its place would have run no cells

    def settle_environment(self) -> None:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # whose files the kernel takes over
        carry(self.env)

    def start(self, app: Any, arguments: Sequence[str]) -> None:
        shell = _kept["shell"]
        app.initialize(arguments)
        shell.kernel = shell.parent = app.kernel  # which has found this shell
        shell.user_ns_hidden.clear()  # or all that there is would be hidden, `_` included
        shell.user_ns_hidden.update(_kept["hidden"])
        for stream, now in zip(_kept["streams"], (sys.stdout, sys.stderr), strict=True):
            stream.target = now
        exec(self.given, shell.user_ns)
        for count, text in self.typed.items():
            _retype(shell, count, text)

        def first() -> None:  # as late as can be: a kernel that starts draws from `random` itself
            shell.events.unregister("pre_execute", first)
            restore_chance()

        shell.events.register("pre_execute", first)


def _retype(shell: Any, count: int, text: str) -> None:
    """Let the history say of a cell what this set's own says."""
    history = shell.history_manager
    before = history.input_hist_raw[count]
    history.input_hist_raw[count] = history.input_hist_parsed[count] = shell.user_ns[f"_i{count}"] = text
    for name in ("_i00", "_i", "_ii", "_iii"):  # those of the cells before the next one
        if getattr(history, name) == before:
            setattr(history, name, text)
        if shell.user_ns.get(name) == before:
            shell.user_ns[name] = text


def carry(env: dict[str, str]) -> None:
    """A kernel's own variables, with what common cells have changed."""
    os.environ.clear()
    os.environ.update(forks.set_by_imports | env)
    for name, value in _kept["changed"].items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    tempfile.tempdir = None  # it may have been asked for in the state, which has another


def restore_chance() -> None:
    """A fork is given fresh random numbers, by `random` itself and when it settles; here, those that cells left."""
    for name, state in _kept["random"].items():
        if name == "random":
            random.setstate(pickle.loads(state))
        else:
            sys.modules["numpy.random"].set_state(pickle.loads(state))


@dataclass(frozen=True)
class Begun:
    """Where sets begin: a state's address, what its cells left, and where their figures lie; picklable."""

    address: str
    ran: Mapping[int, Ran]
    folder: str  # the state's; texts of its cells may name it
    varied: tuple[str, ...]  # parameters that a set still has to be given
    fixed: Mapping[str, object]  # the others, which it must have in common

    @property
    def figures(self) -> Path:
        """What these cells have drawn into files."""
        return Path(self.folder, "figures")

    def resume(self, notebook: NotebookNode, values: Mapping[str, object]) -> kernels.Resume:
        """How a set's kernel starts; notebook: the set's own."""
        if other := [name for name, value in self.fixed.items() if values[name] != value]:
            raise ValueError(f"a set with another {other[0]} cannot begin from here")
        given = assignments({name: values[name] for name in self.varied})
        texts = {n: cell.source for n, cell in enumerate(notebook.cells) if n in self.ran and INJECTED in tags(cell)}
        typed = {self.ran[number].count: text.rstrip("\n") for number, text in texts.items()}
        return kernels.Resume(self.address, partial(Resumed, given=given, typed=typed))


class State:
    """A state as its owner sees it, alive until closed.

    server: whose fork it is; folder: a short path for it alone. Raises `Uncommon` where some cell cannot be common.
    """

    def __init__(self, server: str, folder: Path, prefix: Prefix, before: Begun | None, seconds: float) -> None:
        self.folder, self.process = folder, None
        told, telling = os.pipe()
        try:
            try:
                self.process = forks.Fork(forks.Server(server), prefix, {}, [telling])
            finally:
                os.close(telling)
            found = _answer(told, seconds)
        except TimeoutError:
            found = Uncommon(-1, f"what its sets have in common took more than {seconds:g} s")
        except (OSError, EOFError) as error:
            found = Uncommon(-1, f"the process that ran what its sets have in common is gone ({type(error).__name__})")
        finally:
            os.close(told)
        if isinstance(found, Uncommon):
            self.close()
            raise found
        ran = {**(before.ran if before else {}), **found}
        self.begun = Begun(prefix.address, ran, str(folder), prefix.varied, prefix.fixed)

    @property
    def seconds(self) -> float:
        """How long its cells took, with those of the states above it."""
        return sum(ran.seconds for ran in self.begun.ran.values())

    def close(self) -> None:
        """End it; what was forked from it goes on."""
        if self.process:
            self.process.finalizer()
        shutil.rmtree(self.folder, ignore_errors=True)


def _answer(told: int, seconds: float) -> Any:
    import select

    content, until = b"", time.monotonic() + seconds
    while select.select([told], [], [], max(0.0, until - time.monotonic()))[0]:
        if not (part := os.read(told, 1 << 20)):
            if not content:
                raise EOFError
            return pickle.loads(content)
        content += part
    raise TimeoutError
