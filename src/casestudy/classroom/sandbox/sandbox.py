"""The wall between students' code and the lecturer: bubblewrap around a warm process that forks for each submission."""

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from casestudy.classroom.limits import Limits
from casestudy.classroom.sandbox import bubblewrap
from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sandbox.report import STATUSES, Report
from casestudy.classroom.sets.agreement import Guess
from casestudy.classroom.sets.answers import Answer
from casestudy.refusals import Refusal

LONGEST = 4_000_000  # bytes of one submission's report
START_S = 120  # wall seconds for the warm process to be ready
WARM = ("import numpy", "import pandas")
ADVICE = (
    "grading runs students' code only inside bubblewrap, and there is none here: install the package bubblewrap "
    "(on Windows inside WSL, on a Mac in a virtual machine), or accept the risk with --unsafe-no-sandbox"
)
REFUSED = (
    "the sandbox does not start here ({reason}); see whether `bwrap --unshare-all --ro-bind / / true` works: some "
    "systems refuse namespaces to ordinary users (kernel.apparmor_restrict_unprivileged_userns, max_user_namespaces)"
)
UNSEEN = (
    "a submission sees this Python environment alone, and the set imports what is not in it ({reason}): install that "
    "here, or leave it out of the set"
)


@dataclass(frozen=True)
class Ran:
    """What came out of one submission: every declared answer is in values or in problems.

    status: of the first attempt that was ended, else of the last one: ok; cell_error (some cell raised); timeout_cpu;
    timeout_wall; memory (ended for it, or a cell found none and an answer is missing); died (a cell ended its process,
    or went beyond processes or report). data: what the data hash to; empty if there were none. errors: by the cell that
    raised it, or at which an attempt was ended; None where it was none.
    """

    status: str
    values: dict[str, object]
    problems: dict[str, str]
    skipped: tuple[int, ...]
    error: str
    cpu_s: float
    wall_s: float
    data: str = ""
    errors: dict[int | None, str] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)  # what was predicted, by answer


class Sandbox:
    """One warm process behind the wall, started when first used, for many submissions. Use it in a `with`.

    walled=False: the same without bubblewrap, namespaces and filter. A student's code can then do what you can.
    warm: import statements that are run once, before the first submission. hidden: folders and files of the lecturer's;
    they are covered where they lie within Python's or the package's own folders, which a submission sees. All else it
    does not see.
    """

    def __init__(self, walled: bool = True, warm: Iterable[str] = WARM, hidden: tuple[Path, ...] = ()):
        if walled and shutil.which("bwrap") is None:
            raise Refusal(ADVICE)
        if not hasattr(os, "fork"):
            raise Refusal("grading needs a system with fork: on Windows, run it inside WSL")
        self.walled, self._warm, self._hidden = walled, tuple(warm), hidden
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def run(self, cells: Sequence[JobCell], declared: Mapping[str, Answer], limits: Limits | None = None) -> Ran:
        """Run a student's cells and read their answers: of several values of one answer, the first counts.

        What is declared of the answers is sent without tolerances; right values are not known here.
        """
        limits, report = limits or Limits(), Report(declared)
        skipped: list[int] = []
        fatal: list[str] = []
        job = [{"source": cell.source, "answers": _public(cell, declared), "number": cell.number} for cell in cells]
        cpu = wall = 0.0
        for left in reversed(range(limits.reruns + 1)):
            allowed = limits.share(cpu, wall, last=not left)
            if min(allowed.cpu_s, allowed.wall_s) <= 0:
                break
            content, ended = self._attempt({"cells": job, "skipped": skipped}, allowed)
            report.read(content)
            cpu, wall = cpu + ended["cpu_s"], wall + ended["wall_s"]
            if not (status := _fatal(ended, report, allowed)):
                break
            fatal.append(status)
            if report.cell is None or report.cell in skipped or report.cell >= len(job):
                break
            skipped.append(report.cell)
        status = fatal[0] if fatal else report.status()
        problems, told = report.all_problems(), (report.data, report.errors, report.guesses)
        return Ran(status, report.values, problems, tuple(skipped), report.error, cpu, wall, *told)

    def _attempt(self, job: dict[str, Any], limits: Limits) -> tuple[bytes, dict[str, Any]]:
        """One fork: its report as it came, and how it ended as the warm process says."""
        channel = self._channel or self._start()
        begun = time.monotonic()
        reading, writing = os.pipe()
        try:
            with tempfile.TemporaryFile() as file:
                file.write(json.dumps(job).encode())
                file.seek(0)
                with contextlib.suppress(OSError):
                    socket.send_fds(channel, [json.dumps(asdict(limits)).encode()], [file.fileno(), writing])
            os.close(writing)
            content, ended = self._listen(channel, reading, begun + limits.wall_s + 30)
            return content, ended | {"wall_s": time.monotonic() - begun}
        finally:
            os.close(reading)

    def _listen(self, channel: socket.socket, reading: int, deadline: float) -> tuple[bytes, dict[str, Any]]:
        """Until the warm process says that all is over; what is said beyond LONGEST ends it."""
        report, said = b"", b""
        sources: list[int | socket.socket] = [reading, channel]
        os.set_blocking(reading, False)
        while not said.endswith(b"\n"):
            ready = select.select(sources, [], [], max(0, deadline - time.monotonic()))[0]
            if not ready:
                return report, self._gone()
            if reading in ready:
                part = _read(reading)
                report += part
                if not part or len(report) > LONGEST:
                    sources.remove(reading)
                if len(report) > LONGEST:
                    with contextlib.suppress(OSError):
                        channel.sendall(b"stop\n")
            if channel in ready:
                part = _received(channel)
                if not part:
                    return report, self._gone()
                said += part
        while reading in sources and (part := _read(reading)) and len(report) <= LONGEST:
            report += part
        return report[:LONGEST], json.loads(said)

    def _gone(self) -> dict[str, Any]:
        """The warm process ended or is silent: the next submission gets a new one."""
        self._stop()
        return {"reason": "gone", "code": None, "cpu_s": 0.0}

    def _start(self) -> socket.socket:
        """Start the warm process, and see that a submission can be run; the channel to it."""
        as_root = self.walled and os.geteuid() == 0
        reason = ""
        for nobody in (True, False) if as_root else (False,):
            channel, reason = self._try(nobody)
            if not reason:
                return channel
            self._stop()
        unseen = reason.startswith(("ModuleNotFoundError", "ImportError"))
        raise Refusal((UNSEEN if unseen else REFUSED).format(reason=reason))

    def _try(self, nobody: bool) -> tuple[socket.socket, str]:
        """The channel to a warm process started this way, and why it does not work; nothing if it does."""
        command = bubblewrap.command(self._warm, walled=self.walled, nobody=nobody, hidden=self._hidden)
        few = None if self.walled else bubblewrap.environment()
        ours, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile() as words:
            self._process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=words, env=few
            )
            self._channel = ours
            theirs.close()
            if not select.select([ours], [], [], START_S)[0] or ours.recv(100) != b"ready\n":
                words.seek(0)
                lines = words.read()[-2000:].decode(errors="replace").strip().splitlines()
                return ours, lines[-1] if lines else "it says nothing"
        report = Report({})
        report.read(self._attempt({"cells": [], "skipped": []}, Limits())[0])
        return ours, "" if report.done else report.error or "it runs nothing"

    def _stop(self) -> None:
        if self._process is not None and self._channel is not None:
            self._channel.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)  # it ends itself, and with it all that it runs
            self._process.kill()
            self._process.wait()
            self._process = self._channel = None


def _public(cell: JobCell, declared: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """What the sandbox may know of the answers after a cell: kind, unit, range, choices."""
    return [{"name": name, "declared": declared[name].public()} for name in cell.answers]


def _read(pipe: int) -> bytes:
    try:
        return os.read(pipe, 1 << 20)
    except BlockingIOError:
        return b""


def _received(channel: socket.socket) -> bytes:
    try:
        return channel.recv(4096)
    except OSError:
        return b""


def _fatal(ended: dict[str, Any], report: Report, limits: Limits) -> str:
    """The status of an attempt that did not come to its end by itself, else nothing; the report gets the reason."""
    status, reason = "died", ended["reason"]
    if reason in STATUSES:
        status = reason
    elif reason == "" and report.done and ended["code"] == 0:
        return ""
    elif ended["code"] == -9 and not reason and ended["cpu_s"] >= 0.9 * limits.cpu_s:  # two clocks, two counts
        status = "timeout_cpu"
    words = {
        "timeout_cpu": f"ended after {round(limits.cpu_s, 1):g} CPU seconds",
        "timeout_wall": f"ended after {round(limits.wall_s, 1):g} seconds",
        "memory": f"ended with more than {limits.memory_mb} MB of memory",
        **{"processes": "ended with too many processes", "stop": "ended with too long a report"},
    }
    said = words.get(reason if status == "died" else status, "ended or blocked the whole run")
    report.errors[report.cell] = f"{said}, and was left out"
    if reason:
        report.error = report.error or said
    return status
