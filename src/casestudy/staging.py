"""Files that appear whole or not at all: written in a private folder beside their place, then put there by a rename."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

STAGING = ".staging-"  # inside the output folder, so that moving a finished file is one rename


@contextmanager
def staging(out: Path, names: Iterable[str], folder: str = "figures") -> Iterator[Path]:
    """A private folder inside `out`, gone afterwards whatever happens; refuses an `out` that cannot take the files."""
    staged = None
    try:
        (out / folder).mkdir(parents=True, exist_ok=True)
        if taken := [name for name in names if (out / name).is_dir()]:
            raise ValueError(f"{out / taken[0]} is a folder where a file must go; name another folder with --out")
        clear(out)
        staged = private(out)
        yield staged
    except OSError as error:
        if staged is not None:
            raise
        raise ValueError(f"cannot write to {out}: {error.strerror}; name another folder with --out") from None
    finally:
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def whole(staged: Path, out: Path, name: str) -> Iterator[TextIO]:
    """A text file to write, which stands in `out` once it is finished."""
    with (staged / name).open("w", encoding="utf-8", newline="") as file:
        yield file
    os.replace(staged / name, out / name)


def private_file(path: Path, text: str) -> None:
    """Write a file for its owner alone; it appears whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(path)


def private(out: Path) -> Path:
    """A new folder inside `out` for this process alone."""
    return Path(tempfile.mkdtemp(prefix=f"{STAGING}{os.getpid()}-", dir=out))


def clear(out: Path) -> None:
    """Remove the private folders of processes that were killed."""
    for left in out.glob(f"{STAGING}*"):
        if not _alive(left.name.removeprefix(STAGING).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: str) -> bool:
    if sys.platform == "win32":  # where asking would interrupt it
        return True
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True
