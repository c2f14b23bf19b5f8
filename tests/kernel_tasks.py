"""What the tests of the warm kernel have other processes do."""

import contextlib
import os
import time
from collections.abc import Callable

import psutil
from jupyter_client.manager import start_new_kernel

FORKED = "import sys; print('import serve' in ' '.join(sys.orig_argv))\n"  # printed by a cell: whether the kernel was


@contextlib.contextmanager
def kernel(now=False, **options):
    """A kernel's manager, and a function that runs a cell and returns what it printed or raised."""
    manager, client = start_new_kernel(**options)

    def run(code: str, timeout: float = 60, restarted: bool = False) -> str:
        told = []
        if restarted:
            client.wait_for_ready(timeout)

        def keep(message):
            content = message["content"]
            told.append(content.get("text") or content.get("ename") or "".join(content.get("data", {})))

        client.execute_interactive(code, output_hook=keep, timeout=timeout)
        return "".join(told).strip()

    try:
        yield manager, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=now)


def printed(code: str, **options) -> str:
    with kernel(now=True, **options) as (_, run):
        return run(code)


def parents(_) -> tuple[int, int]:
    """The parent of this process, and of a kernel started in it."""
    return os.getppid(), int(printed("import os; print(os.getppid())"))


def hang(_) -> None:
    """A kernel that a signal handler in Python cannot end, with a process of its own in the background."""
    with kernel() as (_, run):
        run("import subprocess; left = subprocess.Popen(['sleep', '1000']); max(range(10**13))", timeout=1000)


def told(queue) -> None:
    queue.put(printed(FORKED))


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended, given time."""
    return waited(lambda: not alive(processes))


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [process] if process.is_running() and process.status() != psutil.STATUS_ZOMBIE else []
    return found


def waited(for_what: Callable[[], bool]) -> bool:
    """Whether it came true, given a minute."""
    until = time.monotonic() + 60
    while not for_what() and time.monotonic() < until:
        time.sleep(0.05)
    return for_what()
