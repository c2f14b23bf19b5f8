"""GRID OUT: the same command on a scheduler and two workers of its own, on this machine."""

import json
import subprocess
import sys
import time
from pathlib import Path

PROGRAMS = Path(sys.executable).parent


def start(*words: str) -> subprocess.Popen:
    return subprocess.Popen([PROGRAMS / "dask", *words, "--host", "127.0.0.1", "--no-dashboard"])


if __name__ == "__main__":
    grid, out = sys.argv[1:]
    told = Path("scheduler.json")
    told.unlink(missing_ok=True)
    started = [start("scheduler", "--port", "0", "--scheduler-file", str(told))]
    while not told.exists():
        time.sleep(0.1)
    address = json.loads(told.read_text())["address"]
    started.append(start("worker", address, "--nworkers", "2", "--nthreads", "1"))
    try:
        sweep = [PROGRAMS / "casestudy", "sweep", grid, "--out", out, "--no-html", "--scheduler", address]
        code = subprocess.run(sweep).returncode
    finally:
        for one in reversed(started):
            one.terminate()
            one.wait()
    sys.exit(code)
