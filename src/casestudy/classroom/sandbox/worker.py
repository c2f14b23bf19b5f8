"""What runs inside the sandbox: a warm process that forks once for each submission. It knows no right answer.

It never sees a submission: each comes as an open file that only the fork reads, and is reported on a pipe that only the
fork writes. So nothing of one student is in the memory from which the next one's process is forked.
"""

import contextlib
import errno
import gc
import io
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from casestudy.classroom.quiet import guessed, quiet
from casestudy.classroom.sandbox import namespaces
from casestudy.classroom.sandbox.namespaces import Usage
from casestudy.classroom.sets import answers, seeds
from casestudy.classroom.sets.problems import UNREADABLE, Problem

GLANCE_S, SHORTEST_S = 0.05, 0.002  # between two looks at what a submission uses
FASTEST = 4 << 30  # bytes a second that a core can fill


def serve(walled: bool, warm: list[str]) -> None:
    """Warm up by these import statements, say so, then one submission after the other until the channel closes.

    A message is {limits} with two open files: the job, and the pipe for its report. The reply says how it ended.
    """
    channel = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(null, stream)
    _shell()  # before the imports: some look for one
    for statement in warm:
        exec(statement, {})
    if walled:
        namespaces.hide()
    gc.collect()
    gc.freeze()  # a fork that collects garbage need not copy what is warm
    gc.enable()
    channel.sendall(b"ready\n")
    os.dup2(null, 2)
    while True:
        message, files, _, _ = socket.recv_fds(channel, 65536, 2)
        if not message:
            os._exit(0)
        if len(files) == 2:  # else a 'stop' that came too late
            job, report = files
            ended = _supervise(json.loads(message.splitlines()[-1]), job, report, channel, walled)
            channel.sendall(json.dumps(ended).encode() + b"\n")


def _supervise(
    limits: dict[str, Any], job: int, report: int, channel: socket.socket, walled: bool
) -> dict[str, str | int | float | None]:
    """Fork, watch and end one submission; why it was ended, its exit code, CPU and wall seconds."""
    begun, meter = time.monotonic(), namespaces.Meter()
    hear, outcome = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        run = partial(_run, namespaces.JOB, namespaces.REPORT)
        namespaces.keep(limits, meter.virtual, job, report, outcome, run, walled)
    meter.ours.add(str(keeper))
    for descriptor in (job, report, outcome):
        os.close(descriptor)
    most = limits["memory_mb"] * namespaces.MEGABYTE
    usage = partial(meter.usage, most) if walled else namespaces.Usage
    heard, reason, cpu = _watch(hear, channel, usage, partial(_excess, limits, begun), most)
    os.close(hear)
    spent = os.wait4(keeper, 0)[2]
    if reason == "alone":  # whoever asked is gone
        os._exit(0)
    code = int(heard.split()[1]) if heard.count(b"\n") == 2 else None
    return {"reason": reason, "code": code, "cpu_s": max(cpu, spent.ru_utime + spent.ru_stime)}


def _watch(
    hear: int, channel: socket.socket, usage: Callable[[], Usage], excess: Callable[[Usage], str], most: int
) -> tuple[bytes, str, float]:
    """Until the keeper is silent: what it wrote, why the submission was ended if it was, CPU seconds seen last.

    It is ended where two looks in a row find too much: in one alone, a process that begins or ends may count twice.
    """
    heard, reason, doubt, killed, used, pause = b"", "", "", False, Usage(), _pause(most, 0)
    while True:
        sources: list[int | socket.socket] = [hear] if reason else [hear, channel]
        ready = select.select(sources, [], [], pause)[0]
        if hear in ready:
            part = os.read(hear, 100)
            if not part:
                return heard, reason, used.cpu_s
            heard += part
        elif channel in ready:
            reason = "stop" if channel.recv(100) else "alone"
        elif not reason:
            began, used = time.monotonic(), usage()
            before, doubt = doubt, excess(used)
            reason = doubt if doubt == before else ""
            pause = SHORTEST_S if doubt else _pause(most - used.memory, time.monotonic() - began)
        if reason and b"\n" in heard and not killed:
            _kill(int(heard.split()[0]))
            killed = True


def _pause(left: int, took: float) -> float:
    """Seconds until the next look: none so long that memory could be filled meanwhile; five looks' worth at least.

    >>> _pause(10**15, 0.0001), _pause(0, 0.0001), _pause(0, 0.01)
    (0.05, 0.002, 0.05)
    """
    soon = left / (FASTEST * (os.cpu_count() or 1))
    return max(SHORTEST_S, 5 * took, min(GLANCE_S, soon))


def _kill(first: int) -> None:
    """End a submission by the first process in its namespace: all others die with it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGKILL)


def _excess(limits: dict[str, Any], begun: float, used: Usage) -> str:
    """Which limit a submission is beyond, all its processes together; nothing if within."""
    if used.cpu_s > limits["cpu_s"]:
        return "timeout_cpu"
    if used.memory > limits["memory_mb"] * namespaces.MEGABYTE:
        return "memory"
    if used.threads > 2 * limits["processes"]:  # an ordinary user's stop at the limit of their own accord
        return "processes"
    return "timeout_wall" if time.monotonic() - begun > limits["wall_s"] else ""


def _shell() -> Any:
    """The one shell of this process; not imported above, since the grader's own process imports this module, too."""
    from casestudy.classroom.sandbox.shell import Shell

    return Shell.instance()


def _run(job: int, report: int) -> None:
    """The student's cells in order; after a check, what its answers are. All of this is in the student's hands."""
    with os.fdopen(job, "rb") as file:
        attempt = json.load(file)

    def tell(kind: str, value: object) -> None:
        line = json.dumps([kind, value], ensure_ascii=False, allow_nan=False).encode(errors="replace") + b"\n"
        while line:
            line = line[os.write(report, line) :]

    shell = _shell()
    namespace = shell.user_ns
    quiet.set(True)
    sys.path.insert(0, "")
    fingerprinted = False
    declared = {asked["name"]: asked["declared"] for cell in attempt["cells"] for asked in cell["answers"]}
    for number, cell in enumerate(attempt["cells"]):
        if number in attempt["skipped"]:
            continue
        tell("cell", number)
        sys.stdout = sys.stderr = _Nowhere()
        try:
            error = shell.run(cell["source"], cell["number"])
        except BaseException as broken:  # whatever a cell did to the shell itself
            error = broken
        if error is not None:
            tell("memory" if _is_want_of_memory(error) else "error", _words(error, namespace, cell["source"]))
        if not fingerprinted and "data" in namespace:
            fingerprinted = True
            with contextlib.suppress(BaseException):
                tell("data", seeds.fingerprint(namespace["data"]))
        while guessed:
            _tell_guesses(tell, guessed.popleft(), declared)
        for asked in cell["answers"]:
            answer = answers.Answer.declared(asked["name"], asked["declared"])
            try:
                tell("answer", [answer.name, answers.read(answer, namespace.get(answer.name))])
            except Problem as problem:
                tell("problem", [answer.name, problem.kind])
            except BaseException:
                tell("problem", [answer.name, UNREADABLE])
    tell("done", True)


def _tell_guesses(tell: Callable[[str, object], None], guesses: Any, declared: dict[str, Any]) -> None:
    """What was predicted, as far as it can be read as the answers that it is of."""
    with contextlib.suppress(BaseException):
        width = guesses.pop("give_or_take", None)
        for name, guess in guesses.items():
            answer = answers.Answer.declared(name, declared[name]).boundless()
            with contextlib.suppress(Problem):
                tell("guess", [name, answers.read(answer, guess), _width(width)])


def _width(width: object) -> float | None:
    with contextlib.suppress(Problem):
        return float(answers.read(answers.GIVE_OR_TAKE, width))
    return None


def _is_want_of_memory(error: BaseException) -> bool:
    """Whether Python, or the system when it was asked for some, found no memory."""
    with contextlib.suppress(BaseException):
        return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    return False


def _words(error: BaseException, namespace: dict[str, Any], source: str) -> str:
    """What Python says of an error, and in which line of its cell; its code is what sees the cells' own variables."""
    above = source[: len(source) - len(source.lstrip())].count("\n")  # empty lines, which IPython does not count
    try:
        said = traceback.format_exception_only(error)
        if isinstance(error, SyntaxError):
            return (f"line {error.lineno + above}: {said[-1]}" if error.lineno else said[-1]).strip()[:300]
        frames = traceback.walk_tb(error.__traceback__)
        lines = [f"line {line + above}: " for frame, line in frames if frame.f_globals is namespace]
        return f"{lines[0] if lines else ''}{''.join(said)}".strip()[:300]
    except BaseException:
        return type(error).__name__[:300]


class _Nowhere(io.TextIOBase):
    """Takes any number of words and keeps none."""

    encoding = "UTF-8"

    def fileno(self) -> int:
        return 1  # the null device

    def write(self, words: str) -> int:
        return len(words)
