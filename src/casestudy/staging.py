"""Files that appear whole or not at all: written in a private folder beside their place, then put there by a rename.

And how many cores there are for the work on them.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from casestudy.case import refuse_the_installed
from casestudy.refusals import Refusal, file_access

STAGING = ".staging-"  # inside the output folder, so that moving a finished file is one rename


@contextmanager
def staging(out: Path, names: Iterable[str], folder: str = "figures") -> Iterator[Path]:
    """A private folder inside `out`, gone afterwards whatever happens; refuses an `out` that cannot take the files."""
    refuse_the_installed(out)
    with ExitStack() as stack:
        with file_access(f"write to {out}", "name another folder with --out"):
            if taken := [name for name in names if (out / name).is_dir()]:
                raise Refusal(f"{out / taken[0]} is a folder where a file must go; name another folder with --out")
            (out / folder).mkdir(parents=True, exist_ok=True)
            advice = "wait for it, or name another folder with --out"
            stack.enter_context(alone(out, "another batch is writing to", advice))
            clear(out)
            staged = private(out)
        stack.callback(shutil.rmtree, staged, ignore_errors=True)
        yield staged


@contextmanager
def alone(out: Path, who: str, advice: str) -> Iterator[None]:
    """Keep others out of the folder `out`; the system lets them in again however this process ends.

    The second one is refused: `{who} {out}: {advice}`. Nobody is kept out on Windows and on file systems without locks.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    held = os.open(out, os.O_RDONLY)
    try:
        with suppress(OSError):  # of a file system that knows no locks
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refusal(f"{who} {out}: {advice}") from None
        yield
    finally:
        os.close(held)


@contextmanager
def whole(staged: Path, out: Path, name: str) -> Iterator[TextIO]:
    """A text file to write, which stands in `out` once it is finished."""
    with (staged / name).open("w", encoding="utf-8", newline="") as file:
        yield file
    os.replace(staged / name, out / name)


def private_file(path: Path, content: str | bytes) -> None:
    """Write a file for its owner alone; it appears whole or not at all."""
    refuse_the_installed(path)
    part = path.with_name(f".{path.name}.part")
    with file_access(f"write {path}"):
        part.touch(mode=0o600)
        part.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        part.replace(path)


def replaced(path: Path, content: str) -> None:
    """Write a text file anew, with the rights that it had: at any moment it is the old one or the new one."""
    path = path.resolve()  # a link stays one
    part = path.with_name(f".{path.name}.part")
    with file_access(f"write {path}"):
        try:
            part.write_bytes(content.encode("utf-8"))
            shutil.copymode(path, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def private_folder(path: Path) -> Path:
    """A folder for its owner alone, with those above it where they are missing; one that is there stays as it is."""
    refuse_the_installed(path)
    with file_access(f"write to {path}", "name another folder"):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def private(out: Path) -> Path:
    """A new folder inside `out` for this process alone."""
    return Path(tempfile.mkdtemp(prefix=f"{STAGING}{os.getpid()}-", dir=out))


def clear(out: Path) -> None:
    """Remove the private folders of processes that were killed."""
    from psutil import pid_exists  # here, since most commands do without

    for left in out.glob(f"{STAGING}*"):
        process = left.name.removeprefix(STAGING).partition("-")[0]
        if not (process.isdecimal() and pid_exists(int(process))):
            shutil.rmtree(left, ignore_errors=True)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
