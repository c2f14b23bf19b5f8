"""Pyodide from a folder: what of it a site needs, each file held to the hash in its lock, with our wheels added."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casestudy.classroom.browser.wheels import Wheel
from casestudy.refusals import Refusal, file_access

LOCK = "pyodide-lock.json"
RUNTIME = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
FITS = "0.27."  # which the kernel that is pinned runs on
AT_START = ("micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython")
ADVICE = "take the one of Pyodide 0.27.7 that holds the packages too"


@dataclass(frozen=True)
class Pyodide:
    """A folder of Pyodide: its runtime, and packages by the name in its lock."""

    folder: Path
    lock: dict[str, Any]

    def needed(self, wheels: Iterable[Wheel], names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The lock's entries for these packages and all that they depend on, ours among them."""
        packages = self.lock["packages"] | {wheel.name: _entry(wheel) for wheel in wheels}
        found: dict[str, dict[str, Any]] = {}
        waiting = [*names]
        while waiting:
            name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()  # as the lock spells its keys
            if name in found:
                continue
            if name not in packages:
                raise Refusal(f"{self.folder / LOCK} knows no package {name}: {ADVICE}")
            found[name] = packages[name]
            waiting += packages[name]["depends"]
        return dict(sorted(found.items()))

    def files(self, names: Iterable[str]) -> Iterator[Path]:
        """The files of packages of the lock; one that is missing or has another hash is refused."""
        for name in names:
            entry = self.lock["packages"][name]
            path = self.folder / entry["file_name"]
            with file_access(f"read {path}", ADVICE):
                got = hashlib.sha256(path.read_bytes()).hexdigest()
            if got != entry["sha256"]:
                advice = "the file is damaged or another: get the folder again"
                raise Refusal(f"{path} must have the SHA-256 {entry['sha256']} of {LOCK}: got {got}; {advice}")
            yield path


def read(folder: Path) -> Pyodide:
    """Open a folder of Pyodide; another version than the kernel runs on, or a missing part of it, is refused."""
    with file_access(f"read {folder / LOCK}", ADVICE):
        text = (folder / LOCK).read_text(encoding="utf-8")
    try:
        lock = json.loads(text)
        version, packages = str(lock["info"]["version"]), lock["packages"]
        whole = all({"file_name", "sha256", "depends"} <= entry.keys() for entry in packages.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        whole, version = False, ""
    if not whole:
        raise Refusal(f"{folder / LOCK} is no lock of Pyodide: {ADVICE}")
    if not version.startswith(FITS):
        raise Refusal(f"--pyodide must be a folder of Pyodide {FITS}x: got {version}; {ADVICE}")
    if missing := next((name for name in RUNTIME if not (folder / name).is_file()), None):
        raise Refusal(f"{folder} lacks {missing}: {ADVICE}")
    return Pyodide(folder, lock)


def lay_out(pyodide: Pyodide, wheels: Iterable[Wheel], out: Path) -> None:
    """Write to `out` the runtime, the packages that these wheels and the kernel need, the wheels, and their lock."""
    wheels = list(wheels)
    ours = {wheel.name: wheel for wheel in wheels}
    entries = pyodide.needed(wheels, [*AT_START, *ours])
    paths = [pyodide.folder / name for name in RUNTIME]
    paths += pyodide.files(name for name in entries if name not in ours)
    with file_access(f"write to {out}"):
        out.mkdir(parents=True)
        for path in paths:
            (out / path.name).write_bytes(path.read_bytes())
        for wheel in wheels:
            (out / wheel.file).write_bytes(wheel.content)
        lock = {"info": pyodide.lock["info"], "packages": entries}
        (out / LOCK).write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _entry(wheel: Wheel) -> dict[str, Any]:
    """How a wheel of ours stands in a lock."""
    return {
        "name": wheel.name,
        "version": wheel.version,
        "file_name": wheel.file,
        "install_dir": "site",
        "sha256": wheel.sha256,
        "package_type": "package",
        "imports": list(wheel.imports),
        "depends": list(wheel.depends),
        "unvendored_tests": False,
    }
