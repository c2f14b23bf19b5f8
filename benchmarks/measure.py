"""What a command costs, all that it starts included, and tools' environments of their own.

CPU is counted as `casestudy bench` counts it. Where this user may make a control group, the kernel's account of the
same command stands beside it.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import threading
import venv
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from casestudy.reports.bench import cost

CHECKOUT = Path(__file__).resolve().parents[1]
BUILD = CHECKOUT / "build/bench"
BESIDE = Path(__file__).resolve().parent / "beside"  # what is run in the other tools' environments
OURS = Path(sys.executable).parent


@dataclass(frozen=True)
class Options:
    """How much is run."""

    rounds: int = 3
    sets: int = 20
    largest: int = 10_000


@dataclass(frozen=True)
class Cost(cost.Cost):
    """CPU and wall seconds; `kernel` is the control group's account of the CPU, None where there is none."""

    kernel: float | None = None

    def __add__(self, other: "Cost") -> "Cost":
        kernel = None if self.kernel is None or other.kernel is None else self.kernel + other.kernel
        return Cost(self.cpu + other.cpu, self.wall + other.wall, kernel)


def median(costs: Iterable[Cost]) -> Cost:
    """Each figure's own median."""
    costs = list(costs)
    kernel = None if any(one.kernel is None for one in costs) else statistics.median(one.kernel for one in costs)
    return Cost(statistics.median(one.cpu for one in costs), statistics.median(one.wall for one in costs), kernel)


class Account:
    """A control group for what is measured, of either version; without the right to make one, nothing."""

    def __init__(self) -> None:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        own = next((line[3:].strip("/") for line in lines if line.startswith("0::")), "")
        name, self._folder = f"casestudy-bench-{os.getpid()}", None
        for root, file in (("cpuacct", "cpuacct.usage"), (own, "cpu.stat")):
            folder = Path("/sys/fs/cgroup", root, name)
            with contextlib.suppress(OSError):
                folder.mkdir()
                self._folder, self._file = folder, folder / file
                self.seconds()
                return
            self.close()

    def enter(self) -> None:
        if self._folder:
            (self._folder / "cgroup.procs").write_text("0")

    def seconds(self) -> float | None:
        if not self._folder:
            return None
        words = self._file.read_text().split()
        return int(words[0]) / 1e9 if len(words) == 1 else int(words[words.index("usage_usec") + 1]) / 1e6

    def close(self) -> None:
        if self._folder:
            with contextlib.suppress(OSError):
                self._folder.rmdir()
        self._folder = None


def measured(command: list, cwd: Path, watch: "Watch | None" = None, **variables: str) -> Cost:
    """What one command costs, all that it starts included. One at a time; BLAS on one thread for everyone."""
    command = [str(word) for word in command]
    kept = {key: word for key, word in os.environ.items() if not key.startswith(("PYTHON", "JUPYTER", "MPL", "CASE"))}
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    env = kept | {"PATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"} | variables
    account, looks = Account(), {"watch": watch.on} if watch else {}
    try:
        used = cost.measured(command, BUILD / "last.log", **looks, cwd=cwd, env=env, preexec_fn=account.enter)
        return Cost(used.cpu, used.wall, account.seconds())
    finally:
        account.close()


def in_turn(
    tools: dict[str, Callable[[], Cost]], rounds: int, once_above_s: float = 0
) -> tuple[dict[str, list[dict]], list[str]]:
    """Each tool's costs, the tools taking turns, and what must be told of those that did not run or ran once."""
    costs, told, tools = {}, [], dict(tools)
    for turn in range(rounds):
        for name, run in list(tools.items()):
            if turn and once_above_s and costs[name][0]["wall"] > once_above_s:
                continue
            try:
                costs.setdefault(name, []).append(asdict(run()))
                print(name, turn + 1, costs[name][-1], flush=True)
            except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
                print(name, error, flush=True)
                told.append(f"{name} was not installed or did not run ({type(error).__name__}).")
                tools.pop(name), costs.pop(name)
    if rounds > 1:
        once = [name for name, runs in costs.items() if len(runs) == 1]
        told += [f"{name} was run once: it took more than {once_above_s:g} s." for name in once]
    return costs, told


class Watch:
    """Largest memory, in bytes, while a command runs: proportional of all its processes and of each of its children
    with what runs below it, and resident of the command's own process."""

    def __init__(self, every_s: float = 0.05) -> None:
        self.all, self.own, self.looks, self.children, self._every_s = 0, 0, 0, {}, every_s

    @contextlib.contextmanager
    def on(self, process: int):
        over = threading.Event()

        def look() -> None:
            while not over.wait(self._every_s):
                self._look(process)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _look(self, process: int) -> None:
        below: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
                below.setdefault(parent, []).append(int(stat.parent.name))
        sums = {child: sum(map(_proportional, _tree(child, below))) for child in below.get(process, [])}
        self.own = max(self.own, _kilobytes(f"/proc/{process}/status", "VmHWM:"))
        self.all = max(self.all, _proportional(process) + sum(sums.values()))
        for child, total in sums.items():
            if total:
                self.looks += 1
                self.children[child] = max(total, self.children.get(child, 0))


def _tree(process: int, below: dict[int, list[int]]) -> list[int]:
    return [process, *(one for child in below.get(process, []) for one in _tree(child, below))]


def _proportional(process: int) -> int:
    return _kilobytes(f"/proc/{process}/smaps_rollup", "Pss:")


def _kilobytes(file: str, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(file).read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def environment(name: str, *packages: str, pinned: bool = False) -> Path:
    """The program folder of an environment that holds these packages, made when it is not there or was made for
    another Python or other pins; pinned: to the versions of this project."""
    pins = CHECKOUT / "constraints.txt"
    stamp = hashlib.sha256(pins.read_bytes()).hexdigest() if pinned else "no pins"
    folder, asked = BUILD / name, "\n".join([*packages, sys.version, stamp])
    ready = folder / "ready"
    if not (ready.exists() and ready.read_text() == asked):
        venv.create(folder, clear=True, with_pip=True)
        given = ["--constraint", pins] if pinned else []
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "-qq", *given, *packages], check=True)
        ready.write_text(asked)
    return folder / "bin"


def answer(programs: Path, code: str) -> str:
    """What Python code prints in an environment."""
    return subprocess.run([programs / "python", "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def versions(programs: Path, *names: str) -> str:
    """Versions of packages in an environment, as words."""
    code = f"import importlib.metadata as m, json; print(json.dumps([m.version(name) for name in {names!r}]))"
    return ", ".join(f"{name} {one}" for name, one in zip(names, json.loads(answer(programs, code)), strict=True))


def our_versions(*names: str) -> str:
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
