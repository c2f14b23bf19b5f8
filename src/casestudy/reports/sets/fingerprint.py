"""What a finished set depends on, in one short text: it need not run again while that stays the same."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import casestudy
from casestudy.case import Case
from casestudy.refusals import file_access
from casestudy.reports.sets.parameters import Notebook

CODE = Path(casestudy.__file__).parent
OF_CODE = {".py", ".j2", ".css", ".json"}
LIBRARIES = ("matplotlib", "numpy", "pandas", "scipy", "seaborn", "statsmodels")  # with which numbers and pictures move
VERSIONS = [f"{name} {version(name)}" for name in LIBRARIES]  # of this process: the disk's may change while it runs
VERSIONS.append("python {}.{}".format(*sys.version_info))


def fingerprints(notebooks: Iterable[Notebook], case: Case) -> dict[str, str]:
    """By notebook stem, 64 hexadecimal digits of code, libraries, the case's data, what lies beside notebooks, and it.

    Two machines that run the same code and versions on the same case give the same; parameters are not in it.
    """
    shared = hashlib.sha256()
    for library in VERSIONS:
        shared.update(_framed(library.encode()))
    for root, path in _shared(case):
        kind = b"" if root == CODE else os.fsencode(root.name)  # the same code may lie elsewhere
        shared.update(_framed(kind) + _framed(os.fsencode(path.relative_to(root).as_posix())))
        with file_access(f"read {path}"):
            shared.update(_framed(path.read_bytes()))
    marks = {}
    for notebook in notebooks:
        own = shared.copy()
        own.update(_framed((case.notebooks / notebook.path.name).read_bytes()))
        marks[notebook.stem] = own.hexdigest()
    return marks


class Unchanged:
    """Tells whether the files that fingerprints were made of are still as they were."""

    def __init__(self, notebooks: Iterable[Notebook], case: Case) -> None:
        paths = [path for _, path in _shared(case)] + [case.notebooks / notebook.path.name for notebook in notebooks]
        self._states = {path: _state(path) for path in paths}

    def other(self) -> Path | None:
        """The first file that was written or removed since, if any."""
        return next((path for path, state in self._states.items() if _state(path) != state), None)


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def of_code() -> list[Path]:
    """The package's files that pages and numbers come from."""
    return [path for path in CODE.rglob("*") if path.suffix in OF_CODE and "_case" not in path.relative_to(CODE).parts]


def _shared(case: Case) -> Iterator[tuple[Path, Path]]:
    """Each file that all notebooks depend on, after the folder that it is named from."""
    for root, paths in ((CODE, of_code()), (case.data, case.data.rglob("*"))):
        yield from ((root, path) for path in sorted(paths) if path.is_file() and not path.name.startswith("."))
    yield from ((case.notebooks, path) for path in case.beside() if path.is_file())


def _framed(content: bytes) -> bytes:
    """The content after its length, so that two files are not one."""
    return len(content).to_bytes(8, "big") + content
