"""What runs inside the sandbox: a warm process that forks once for each submission. It knows no right answer.

It never sees a submission: each comes as an open file that only the fork reads, and is reported on a pipe that only the
fork writes. So nothing of one student is in the memory from which the next one's process is forked.
"""

import contextlib
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
import types

from casestudy.classroom import answers, seeds, walls, work

GLANCE_S = 0.05  # between two looks at what a submission uses


def serve(walled: bool, warm: list[str]) -> None:
    """Warm up by these import statements, say so, then one submission after the other until the channel closes.

    A message is {limits} with two open files: the job, and the pipe for its report. The reply says how it ended.
    """
    channel = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(null, stream)
    for statement in warm:
        exec(statement, {})
    if walled:
        walls.hide()
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
            ended = _supervise(json.loads(message.splitlines()[-1]), files, channel, walled)
            channel.sendall(json.dumps(ended).encode() + b"\n")


def _supervise(limits: dict, files: list[int], channel: socket.socket, walled: bool) -> dict:
    """Fork, watch and end one submission; why it was ended, its exit code, CPU and wall seconds."""
    begun, ours, (virtual, resident) = time.monotonic(), walls.running(), walls.size()
    hear, told = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        walls.keep(limits, virtual, *files, told, lambda: _run(walls.JOB, walls.REPORT), walled)
    for descriptor in (*files, told):
        os.close(descriptor)
    heard, reason, killed, cpu = b"", "", False, 0.0
    while True:
        ready = select.select([hear, channel] if not reason else [hear], [], [], GLANCE_S)[0]
        if hear in ready:
            part = os.read(hear, 100)
            if not part:
                break
            heard += part
        elif channel in ready:
            reason = "stop" if channel.recv(100) else "alone"
        elif not reason:
            used = walls.usage(ours, resident) if walled else (0.0, 0, 0)
            reason, cpu = _excess(limits, begun, used), used[0]
        if reason and b"\n" in heard and not killed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(heard.split()[0]), signal.SIGKILL)  # first in its namespace: all others die with it
            killed = True
    os.close(hear)
    _, _, used = os.wait4(keeper, 0)
    if reason == "alone":  # whoever asked is gone
        os._exit(0)
    code = int(heard.split()[1]) if heard.count(b"\n") == 2 else None
    spent = {"cpu_s": max(cpu, used.ru_utime + used.ru_stime), "wall_s": time.monotonic() - begun}
    return {"reason": reason, "code": code} | spent


def _excess(limits: dict, begun: float, used: tuple[float, int, int]) -> str:
    """Which limit a submission is beyond, all its processes together; nothing if within."""
    cpu, memory, threads = used
    if cpu > limits["cpu_s"]:
        return "timeout_cpu"
    if memory > limits["memory_mb"] * walls.MEGABYTE:
        return "memory"
    if threads > 2 * limits["processes"]:  # an ordinary user's stop at the limit of their own accord
        return "processes"
    return "timeout_wall" if time.monotonic() - begun > limits["wall_s"] else ""


def _run(job: int, report: int) -> None:
    """The student's cells in order; after a check, what its answers are. All of this is in the student's hands."""
    with os.fdopen(job, "rb") as file:
        told = json.load(file)

    def tell(kind: str, value: object) -> None:
        line = json.dumps([kind, value], ensure_ascii=False, allow_nan=False).encode(errors="replace") + b"\n"
        while line:
            line = line[os.write(report, line) :]

    main = sys.modules["__main__"] = types.ModuleType("__main__")  # as a kernel has it: functions can be pickled
    namespace = main.__dict__
    namespace["display"] = lambda *shown, **how: None
    work.quiet.set(True)
    sys.path.insert(0, "")
    figures_told = False
    for number, cell in enumerate(told["cells"]):
        if number in told["skipped"]:
            continue
        tell("cell", number)
        sys.stdout = sys.stderr = _Nowhere()
        try:
            exec(compile(cell["source"], f"<cell {number}>", "exec"), namespace)
        except BaseException as error:
            tell("memory" if isinstance(error, MemoryError) else "error", _words(error))
        if not figures_told and "data" in namespace:
            figures_told = True
            with contextlib.suppress(BaseException):
                tell("data", seeds.fingerprint(namespace["data"]))
        for one in cell["answers"]:
            answer = answers.Answer.declared(one["name"], one["told"])
            try:
                tell("answer", [answer.name, answers.read(answer, namespace.get(answer.name))])
            except answers.Problem as problem:
                tell("problem", [answer.name, problem.key])
            except BaseException:
                tell("problem", [answer.name, "unreadable"])
    tell("done", True)


def _words(error: BaseException) -> str:
    """What Python says of an error, and in which line of its cell."""
    try:
        said = traceback.format_exception_only(error)
        syntax = isinstance(error, SyntaxError)
        line = error.lineno if syntax else error.__traceback__.tb_next.tb_lineno
        return f"line {line}: {said[-1] if syntax else ''.join(said)}".strip()[:300]
    except BaseException:
        return type(error).__name__[:300]


class _Nowhere(io.TextIOBase):
    """Takes any number of words and keeps none."""

    def write(self, words: str) -> int:
        return len(words)
