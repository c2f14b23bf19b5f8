"""The outer wall as a command line: what a warm process behind bubblewrap can see. All of it is read-only."""

import inspect
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import numpy

from casestudy.case import open_case
from casestudy.classroom.sandbox import worker

T = TypeVar("T")
NOBODY = 65534
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts")
OF_PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg")  # no more of its folder: a lecturer's files may lie in there


def command(warm: Iterable[str], *, walled: bool, nobody: bool = False, hidden: Iterable[Path] = ()) -> list[str]:
    """Start `worker.serve` with these imports done; behind the wall unless walled is false.

    It sees the system's programs, Python, this package and the case's data; not the exercises with their solutions, nor
    what is `hidden`, should it lie within those. nobody: started by root, it becomes a user who owns nothing, instead
    of being root under another name.
    """
    packages = [str(Path(inspect.getfile(module)).resolve().parents[up]) for module, up in ((worker, 3), (numpy, 1))]
    begin = f"import gc, os, sys\ngc.disable()\nsys.path += {packages!r}\n"  # nothing is garbage yet
    if nobody:
        begin += f"os.setgroups([]); os.setresgid(*[{NOBODY}] * 3); os.setresuid(*[{NOBODY}] * 3)\n"
    begin += f"from casestudy.classroom.sandbox.worker import serve\nserve({walled!r}, {list(warm)!r})"
    python = [sys.executable, "-I", "-B", "-c", begin]
    return [*_wall(packages, nobody, hidden), *python] if walled else python


def _wall(packages: list[str], nobody: bool, hidden: Iterable[Path]) -> list[str]:
    """bubblewrap's own part of the command line."""
    case = open_case()
    pythons = {f"{prefix}/{part}" for prefix in (sys.prefix, sys.base_prefix) for part in OF_PYTHON}
    shown = sorted(path for path in {*packages, *pythons, str(case.data)} if not path.startswith("/usr/"))
    above = sorted({str(parent) for path in shown for parent in Path(path).parents} - {"/"})
    words = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", *_user(nobody)]
    words += _each(_shown, SYSTEM)
    words += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    words += _each(lambda path: ["--perms", "0755", "--dir", path], above)  # else only root may pass
    words += _each(_shown, shown)
    words += _each(_covered, _within([case.exercises, *_exercises(pythons), *hidden], [*SYSTEM, *shown]))
    words += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/tmp"]
    return words + _each(lambda pair: ["--setenv", *pair], environment().items())


def _exercises(pythons: Iterable[str]) -> list[Path]:
    """The exercises that are installed with the package."""
    return [path for part in pythons for path in Path(part).glob("*/site-packages/casestudy/_case/exercises")]


def _within(paths: Iterable[Path], folders: list[str]) -> list[Path]:
    """Those of the paths that lie within one of the folders, with links followed."""
    resolved = [Path(path).resolve() for path in paths]
    return [path for path in resolved if any(path.is_relative_to(folder) for folder in folders)]


def _each(words: Callable[[T], list[str]], items: Iterable[T]) -> list[str]:
    return [word for item in items for word in words(item)]


def _user(nobody: bool) -> list[str]:
    """Namespaces, and the user inside."""
    if not nobody:
        return ["--unshare-all", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    words = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    return [*words, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]


def _shown(path: str) -> list[str]:
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind-try", path, path]


def _covered(path: Path) -> list[str]:
    return ["--tmpfs", str(path)] if path.is_dir() else ["--ro-bind-try", os.devnull, str(path)]


def environment() -> dict[str, str]:
    """The environment inside: nothing of the lecturer's."""
    few = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "Agg", "MPLCONFIGDIR": "/tmp"}
    return few | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
