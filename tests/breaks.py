"""Break the code on purpose, one line at a time, and see that the named test notices: `make breaks`.

Each entry of `breaks.toml` names a file, a text that stands in it once, another text to put there, and the test that
must then fail. The checkout is copied for each; nothing is changed in place. Each test runs in a fork of this process,
which has imported what takes long and nothing of ours.
"""

import importlib
import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ["IPython", "jupyter_client", "matplotlib.pyplot", "nbconvert", "pandas", "seaborn", "statsmodels.api"]
FAILED = 1  # pytest's exit status when a test failed; others mean that it could not run


def broken(entry: dict[str, str], folder: Path) -> str:
    """Copy the checkout and break it; empty, or what is wrong with the entry."""
    ignored = shutil.ignore_patterns(".git", ".venv", "build", ".*_cache")
    shutil.copytree(ROOT, folder, ignore=ignored)
    file = folder / entry["file"]
    text = file.read_text(encoding="utf-8")
    if text.count(entry["old"]) != 1:
        return f"the old text stands {text.count(entry['old'])} times in {entry['file']}; it must stand once"
    file.write_text(text.replace(entry["old"], entry["new"]), encoding="utf-8")
    return ""


def fork(folder: Path, test: str) -> int:
    """Run one test of a copy in a process of its own, which writes to told.txt there; the process's id."""
    if child := os.fork():
        return child
    status = 2
    try:
        os.chdir(folder)
        sys.path.insert(0, str(folder / "src"))  # an editable install stands behind it
        os.environ["PYTHONPATH"] = str(folder / "src")
        with open("told.txt", "w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        status = pytest.main(["-q", "-x", "-p", "no:cacheprovider", test])
        sys.stdout.flush()
    finally:
        os._exit(status)


def main() -> int:
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["break"]
    for name in HEAVY:
        importlib.import_module(name)
    waiting, running, missed = list(entries), {}, 0
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                entry, copy = waiting.pop(0), Path(folder, str(len(waiting)))
                if problem := broken(entry, copy):
                    missed += told(entry, problem)
                else:
                    running[fork(copy, entry["test"])] = entry, copy
            child, ended = os.wait()
            entry, copy = running.pop(child)
            status = os.waitstatus_to_exitcode(ended)
            last = (copy / "told.txt").read_text(errors="replace").strip().splitlines()[-1:]
            missed += told(entry, "" if status == FAILED else f"not caught (pytest ended with {status}): {last}")
            shutil.rmtree(copy, ignore_errors=True)
    print(f"{len(entries) - missed} of {len(entries)} breaks caught")
    return int(missed > 0)


def told(entry: dict[str, str], problem: str) -> bool:
    """Say what came of a break; whether it was missed."""
    word = "MISSED" if problem else "caught"
    print(f"{word}  {entry['file']}: {entry['new'].strip()}  {problem}", flush=True)
    return bool(problem)


if __name__ == "__main__":
    sys.exit(main())
