"""What a command costs: CPU of all processes that it starts, waited for to the last orphan, and wall. Linux only."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

SUBREAPER = 36  # prctl: orphans come to this process, which waits for them
LONGEST = 20  # seconds that what a command left running may still take


class Ended(RuntimeError):
    """A command that did not end well; `said` is the last that it printed."""

    def __init__(self, how: str, said: str) -> None:
        super().__init__(f"{how}: {said}")
        self.said = said


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds."""

    cpu: float
    wall: float


def measured(
    command: Sequence[str],
    log: Path,
    watch: Callable[[int], AbstractContextManager[Any]] = lambda process: nullcontext(),
    **options: Any,
) -> Cost:
    """What one command costs, with all that it starts, whoever waits for that; wall is up to the command's own end.

    log: takes what it prints. watch: is entered with the process's number while it runs. options: as for
    `subprocess.Popen`, such as `cwd` and `env`. Nothing else may start a process meanwhile. Raises `Ended` for a
    command that failed, or left processes that had to be ended.
    """
    before, begun = {child.pid for child in psutil.Process().children()}, time.monotonic()
    system = ctypes.CDLL(None)
    system.prctl(SUBREAPER, 1, 0, 0, 0)
    try:
        with log.open("wb") as words:
            running = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True, **options
            )
        try:
            with watch(running.pid):
                _, status, used = os.wait4(running.pid, 0)
        except BaseException:  # an interrupt too: nothing may run on beside what is measured next
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            _wait_for_orphans(before)
            raise
        wall, running.returncode = time.monotonic() - begun, os.waitstatus_to_exitcode(status)
        cpu, left = _wait_for_orphans(before)
    finally:
        system.prctl(SUBREAPER, 0, 0, 0, 0)
    if running.returncode or left:
        how = f"{Path(command[0]).name} ended with {running.returncode} and left {left} processes"
        raise Ended(how, log.read_text(encoding="utf-8", errors="replace")[-1500:].strip())
    return Cost(used.ru_utime + used.ru_stime + cpu, wall)


def _wait_for_orphans(before: set[int]) -> tuple[float, int]:
    """CPU of what the command left running, and how many of that had to be ended after a while."""
    deadline, cpu, ended = time.monotonic() + LONGEST, 0.0, set()
    while orphans := {child.pid for child in psutil.Process().children()} - before:
        for orphan in orphans:
            if time.monotonic() > deadline:
                ended.add(orphan)
                os.kill(orphan, signal.SIGKILL)
            done, _, used = os.wait4(orphan, os.WNOHANG)
            cpu += used.ru_utime + used.ru_stime if done else 0
        time.sleep(0.05)
    return cpu, len(ended)
