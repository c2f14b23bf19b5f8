"""Break the code on purpose, one line at a time, and see that the named test notices: `make breaks`.

Each entry of `breaks.toml` names a file, a text that stands in it once, another text to put there, and the test that
must then fail. The checkout is copied for each; nothing is changed in place.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAILED = 1  # pytest's exit status when a test failed; others mean that it could not run


def outcome(entry: dict[str, str]) -> str:
    """Empty when the break was caught, else what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        ignored = shutil.ignore_patterns(".git", ".venv", "build", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, copy, ignore=ignored)
        file = copy / entry["file"]
        text = file.read_text(encoding="utf-8")
        if text.count(entry["old"]) != 1:
            return f"the old text stands {text.count(entry['old'])} times in {entry['file']}; it must stand once"
        file.write_text(text.replace(entry["old"], entry["new"]), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", entry["test"]]
        ran = subprocess.run(
            command, cwd=copy, env=os.environ | {"PYTHONPATH": str(copy / "src")}, capture_output=True, text=True
        )
        if ran.returncode == FAILED:
            return ""
        return f"not caught (pytest ended with {ran.returncode}): {ran.stdout.strip().splitlines()[-1:]}"


def main() -> int:
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["break"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(outcome, entries))
    for entry, problem in zip(entries, outcomes, strict=True):
        print(f"{'caught' if not problem else 'MISSED'}  {entry['file']}: {entry['new'].strip()}  {problem}")
    print(f"{outcomes.count('')} of {len(entries)} breaks caught")
    return int(any(outcomes))


if __name__ == "__main__":
    sys.exit(main())
