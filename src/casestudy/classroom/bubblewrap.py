"""The outer wall as a command line: what a warm process behind bubblewrap can see. All of it is read-only."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy

from casestudy.case import open_case
from casestudy.classroom import inside

NOBODY = 65534
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts")
OF_PYTHON = ("bin", "lib", "lib64", "pyvenv.cfg")  # no more of its folder: a lecturer's files may lie in there


def command(warm: Iterable[str], *, walled: bool, nobody: bool = False, hidden: Iterable[Path] = ()) -> list[str]:
    """Start `inside.serve` with these imports done; behind the wall unless walled is false.

    It sees the system's programs, Python, this package and the case's data; not the exercises with their solutions, nor
    what is `hidden`, should it lie within those. nobody: started by root, it becomes a user who owns nothing, instead
    of being root under another name.
    """
    packages = [str(Path(module.__file__).resolve().parents[up]) for module, up in ((inside, 2), (numpy, 1))]
    begin = f"import gc, os, sys\ngc.disable()\nsys.path += {packages!r}\n"  # nothing is garbage yet
    if nobody:
        begin += f"os.setgroups([]); os.setresgid(*[{NOBODY}] * 3); os.setresuid(*[{NOBODY}] * 3)\n"
    begin += f"from casestudy.classroom.inside import serve\nserve({walled!r}, {list(warm)!r})"
    python = [sys.executable, "-I", "-B", "-c", begin]
    if not walled:
        return python
    words = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    if nobody:
        words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-all", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    for place in SYSTEM:
        words += _shown(place)
    words += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    case = open_case()
    pythons = {f"{prefix}/{part}" for prefix in (sys.prefix, sys.base_prefix) for part in OF_PYTHON}
    shown = sorted(place for place in {*packages, *pythons, str(case.data)} if not place.startswith("/usr/"))
    for above in sorted({str(parent) for place in shown for parent in Path(place).parents} - {"/"}):
        words += ["--perms", "0755", "--dir", above]  # else only root may pass
    for place in shown:
        words += _shown(place)
    wheels = [path for place in pythons for path in Path(place).glob("*/site-packages/casestudy/_case/exercises")]
    for path in (case.exercises, *wheels, *hidden):
        path = Path(path).resolve()
        if any(path.is_relative_to(place) for place in (*SYSTEM, *shown)):
            words += ["--tmpfs", str(path)] if path.is_dir() else ["--ro-bind-try", os.devnull, str(path)]
    words += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/tmp"]
    for name, value in environment().items():
        words += ["--setenv", name, value]
    return [*words, *python]


def _shown(place: str) -> list[str]:
    if os.path.islink(place):
        return ["--symlink", os.readlink(place), place]
    return ["--ro-bind-try", place, place]


def environment() -> dict[str, str]:
    """The environment inside: nothing of the lecturer's."""
    few = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "Agg", "MPLCONFIGDIR": "/tmp"}
    return few | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
