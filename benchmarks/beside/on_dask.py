"""GRID OUT: the same command on a scheduler and two workers of its own, on this machine."""

import json
import subprocess
import sys
import time
from pathlib import Path

PROGRAMS = Path(sys.executable).parent


def start(*words: str) -> subprocess.Popen:
    return subprocess.Popen([PROGRAMS / "dask", *words, "--host", "127.0.0.1", "--no-dashboard"])


def address_of(scheduler: subprocess.Popen, told: Path) -> str:
    """Where the scheduler listens, once it has written all of its file."""
    while scheduler.poll() is None:
        try:
            return json.loads(told.read_text())["address"]
        except (FileNotFoundError, ValueError):  # not there yet, or half of it
            time.sleep(0.1)
    raise SystemExit(f"the scheduler ended with {scheduler.returncode}")


if __name__ == "__main__":
    grid, out = sys.argv[1:]
    told = Path("scheduler.json")
    told.unlink(missing_ok=True)
    started = [start("scheduler", "--port", "0", "--scheduler-file", str(told))]
    try:
        address = address_of(started[0], told)
        started.append(start("worker", address, "--nworkers", "2", "--nthreads", "1"))
        sweep = [PROGRAMS / "casestudy", "sweep", grid, "--out", out, "--no-html", "--scheduler", address]
        code = subprocess.run(sweep).returncode
    finally:
        for one in reversed(started):
            one.terminate()
            one.wait()
    sys.exit(code)
