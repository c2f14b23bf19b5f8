"""What a finished set depends on, hashed: it need not run again, and is the same run, while that stays the same."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import casestudy
from casestudy import schema
from casestudy.case import Case
from casestudy.refusals import file_access
from casestudy.reports.sets import reads
from casestudy.reports.sets.modules import Modules
from casestudy.reports.sets.parameters import Notebook

CODE = Path(casestudy.__file__).parent
OF_CODE = {".py", ".j2", ".css", ".json"}
LIBRARIES = (  # with which numbers, pictures and pages move
    *("matplotlib", "nbconvert", "numpy", "pandas", "papermill", "scipy", "seaborn", "statsmodels"),
)
VERSIONS = {name: version(name) for name in LIBRARIES}  # of this process: the disk's may change while it runs
VERSIONS["python"] = "{}.{}".format(*sys.version_info)
SHOWN = 12  # hexadecimal digits of a fingerprint by which a run is named


@dataclass(frozen=True)
class Ingredients:
    """What runs are made of, so that a reader can tell what has changed since; nothing of the machine is in it.

    code: sha256 over the package's files; libraries: their versions by name; files: sha256 of each file of the case's
    data and of what lies beside its notebooks, by its path in the case; notebooks: sha256 by stem; unread: by stem,
    own modules that the notebook does not import and files of data that it cannot read, so that they do not count for
    it; described: sha256 of what datapackage.json says, but for the hashes of files in it, which count in its place.
    """

    code: str
    libraries: dict[str, str]
    files: dict[str, str]
    notebooks: dict[str, str]
    unread: dict[str, list[str]] = field(default_factory=dict)
    described: str = ""

    def mark(self, stem: str) -> str:
        """64 hexadecimal digits over all that a notebook's result depends on, except its parameters.

        >>> made = Ingredients("c0de", {"numpy": "2.4"}, {"data/claims.csv": "aa"}, {"01-a": "11", "02-b": "22"})
        >>> other = Ingredients("c0de", {"numpy": "2.4"}, {"data/claims.csv": "ab"}, {"01-a": "11", "02-b": "22"})
        >>> made.mark("01-a") == made.mark("01-a"), made.mark("01-a") == made.mark("02-b"), made == other
        (True, False, False)
        """
        left_out = {f"data/{schema.FILE}", *self.unread.get(stem, ())}
        files = {name: sha for name, sha in self.files.items() if name not in left_out}
        made = [self.code, self.libraries, files, self.described, self.notebooks[stem]]
        return sha256(json.dumps(made, sort_keys=True))


def ingredients(notebooks: Iterable[Notebook], case: Case) -> Ingredients:
    """What runs of these notebooks are made of, as it is now.

    Of the case's own modules only those count that a notebook imports, and that these import; of its data what these
    can read. Two machines that run the same code and versions on the same case give the same; parameters are not in it.
    """
    code, files, notebooks = hashlib.sha256(), {}, list(notebooks)
    for root, path in _shared(case):
        content, name = _read(path), path.relative_to(root).as_posix()
        if root == CODE:
            code.update(_framed(os.fsencode(name)) + _framed(content))
        else:
            files[f"{root.name}/{name}"] = sha256(content)
    books = {book.stem: sha256(_read(case.notebooks / book.path.name)) for book in notebooks}
    modules = Modules.of(case)
    unread = {book.stem: _unread(modules, case, case.notebooks / book.path.name) for book in notebooks}
    said = sha256(json.dumps(schema.unhashed(schema.package(case)), sort_keys=True))
    return Ingredients(code.hexdigest(), VERSIONS, files, books, unread, said)


def _unread(modules: Modules, case: Case, notebook: Path) -> list[str]:
    """Own modules that a notebook does not import, and files of data that it cannot read, by their path in the case."""
    names, texts = modules.reached(notebook)
    own = [
        path.relative_to(case.root).as_posix() for name in modules.files.keys() - names for path in modules.files[name]
    ]
    return sorted([*own, *reads.unread(case, texts)])


def fingerprints(notebooks: Iterable[Notebook], case: Case) -> dict[str, str]:
    """By notebook stem, 64 hexadecimal digits over what it is made of: `Ingredients.mark`."""
    made = ingredients(notebooks, case)
    return {stem: made.mark(stem) for stem in made.notebooks}


def fingerprint(mark: str, set_id: str) -> str:
    """64 hexadecimal digits over all that one parameter set's result depends on; a run is named by the first twelve."""
    return sha256(f"{mark} {set_id}")


class Unchanged:
    """Tells whether the files that fingerprints were made of are still as they were."""

    def __init__(self, notebooks: Iterable[Notebook], case: Case) -> None:
        paths = [path for _, path in _shared(case)] + [case.notebooks / notebook.path.name for notebook in notebooks]
        self._states = {path: _state(path) for path in paths}

    def other(self) -> Path | None:
        """The first file that was written or removed since, if any."""
        return next(self.others(), None)

    def others(self) -> Iterator[Path]:
        """Every such file."""
        return (path for path, state in self._states.items() if _state(path) != state)


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


def sha256(content: bytes | str) -> str:
    """The sha256 of bytes, or of a text in UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def _read(path: Path) -> bytes:
    with file_access(f"read {path}"):
        return path.read_bytes()


def _framed(content: bytes) -> bytes:
    """The content after its length, so that two files are not one."""
    return len(content).to_bytes(8, "big") + content
