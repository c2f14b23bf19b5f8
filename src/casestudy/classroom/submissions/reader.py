"""Read submissions in a process apart, bounded in time and memory: whatever a file does, only that one is damaged."""

import contextlib
import resource
import signal
import threading
import time
from collections import defaultdict
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Self

from casestudy.classroom.sandbox import namespaces
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.submissions.repair import Opened, damaged, opened

SECONDS = 5.0  # for one notebook; an ordinary one takes three thousandths
TOGETHER = 20.0  # seconds for all of one student's: with hundreds of slow ones the others would wait for hours
MEMORY_MB = 1024  # beyond what the process has before it reads one


class Reader:
    """One process that reads notebooks for all threads. Use it in a `with`, before any thread starts.

    seconds, memory_mb: for one notebook; one that takes more is damaged, and a new process reads the next.
    """

    def __init__(self, problem_set: ProblemSet, seconds: float = SECONDS, memory_mb: int = MEMORY_MB):
        self._problem_set, self._seconds, self._memory_mb = problem_set, seconds, memory_mb
        self._turn, self._over = threading.Lock(), False
        self._spent: dict[str, float] = defaultdict(float)  # seconds, by code

    def __enter__(self) -> Self:
        self._process, self._channel = self._start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self._over = True
            self._stop()

    def opened(self, content: bytes, code: str) -> Opened:
        """`repair.opened` on the figures of `code`; damaged, with the reason, where the file was too much for it."""
        with self._turn:
            if self._over:
                return damaged("not read: grading was broken off")
            if self._spent[code] > TOGETHER:
                return damaged(f"not read: other files of the same student took {TOGETHER:g} seconds to read")
            begun = time.monotonic()
            try:
                return self._ask(content, code)
            finally:
                self._spent[code] += time.monotonic() - begun

    def _ask(self, content: bytes, code: str) -> Opened:
        try:
            self._channel.send((content, code))
            if self._channel.poll(self._seconds):
                return self._channel.recv()
            why = f"takes longer than {self._seconds:g} seconds to read"
        except (EOFError, OSError):
            why = "ended the process that read it"
        self._stop()
        self._process, self._channel = self._start()
        return damaged(why)

    def _start(self) -> tuple[BaseProcess, Connection]:
        """Forked, since what it needs is imported here already."""
        context = get_context("fork")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(ours, theirs, self._problem_set, self._memory_mb), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def _stop(self) -> None:
        self._channel.close()
        self._process.kill()
        self._process.join()


def _serve(ours: Connection, channel: Connection, problem_set: ProblemSet, memory_mb: int) -> None:
    """What the process does: read one notebook after the other until nobody asks any more."""
    ours.close()  # or it would never see that its owner is gone
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(memory_mb)
    with contextlib.suppress(EOFError, OSError, MemoryError):
        while True:
            content, code = channel.recv()
            try:
                channel.send(opened(content, problem_set, code))
            except Exception as error:  # of any kind: what one file can make us do must not reach the others
                channel.send(damaged(f"cannot be read ({type(error).__name__})"))


def _limit(memory_mb: int) -> None:
    """This process may take so much more memory than it has."""
    virtual, _ = namespaces.size()
    if virtual:  # which is known on Linux only
        most = virtual + memory_mb * namespaces.MEGABYTE
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
