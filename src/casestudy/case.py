"""Where a case's files are: the built-in case, or a researcher's own."""

import os
from dataclasses import dataclass
from pathlib import Path

from casestudy.refusals import Refusal

CHECKOUT = Path(__file__).resolve().parents[2]
IN_WHEEL = Path(__file__).resolve().parent / "_case"

VARIABLE = "CASESTUDY_CASE"  # names the case, for a command and for the kernels that it starts
PARTS = ("data/claims.csv", "data/documents.csv", "notebooks")  # what no case does without
LEFT_OUT, NOT_BESIDE = (".", "__pycache__"), (".ipynb", ".pyc")


@dataclass(frozen=True)
class Case:
    """One case: a folder with `data/`, `notebooks/` and `exercises/` in it."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def documents(self) -> Path:
        return self.data / "documents.csv"

    @property
    def claims(self) -> Path:
        return self.data / "claims.csv"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    def beside(self) -> list[Path]:
        """Folders and files beside the notebooks, at any depth, which come along where one runs.

        Not what is hidden or compiled, and no notebook; a link counts as what it leads to.
        """
        found, seen = [], set()
        for name, folders, files in os.walk(self.notebooks, followlinks=True):
            if (place := os.path.realpath(name)) in seen:  # a link has led back
                folders.clear()
                continue
            seen.add(place)
            folders[:] = sorted(folder for folder in folders if not folder.startswith(LEFT_OUT))
            files = [file for file in files if not file.startswith(LEFT_OUT) and not file.endswith(NOT_BESIDE)]
            found += [Path(name, each) for each in (*folders, *sorted(files))]
        return [path for path in found if path.is_dir() or path.is_file()]

    @property
    def exercises(self) -> Path:
        return self.root / "exercises"

    @property
    def citation(self) -> Path:
        return self.root / "CITATION.cff"


def built_in() -> Case:
    """The case that comes with the package: the checkout's, else the copy inside the installed package."""
    return Case(CHECKOUT if Case(CHECKOUT).claims.is_file() else IN_WHEEL)


def open_case(path: str | os.PathLike[str] | None = None) -> Case:
    """The case at `path`, else at $CASESTUDY_CASE, else the one in which one stands, else the built-in one.

    >>> open_case("/nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    casestudy.refusals.Refusal: a case is a folder with data/claims.csv, ... in it: /nowhere lacks data/claims.csv, ...
    """
    if path is None and not (path := os.environ.get(VARIABLE)):
        return around(Path.cwd()) or built_in()
    case = Case(Path(path).resolve())
    if not case.claims.is_file():
        lacks = [name for name in PARTS if not (case.root / name).exists()] or [PARTS[0]]
        raise Refusal(f"a case is a folder with {', '.join(PARTS)} in it: {case.root} lacks {', '.join(lacks)}")
    return case


def around(folder: Path) -> Case | None:
    """The case that a folder is, or lies in: the nearest one upwards with claims and documents; None where none is."""
    folder = folder.resolve()
    cases = (Case(each) for each in (folder, *folder.parents))
    return next((case for case in cases if case.claims.is_file() and case.documents.is_file()), None)


def refuse_the_installed(path: Path) -> None:
    """Refuse to write into the installed package: an update would take it away, and others may share it."""
    if IN_WHEEL.is_dir() and path.resolve().is_relative_to(IN_WHEEL.resolve().parent):
        way = "begin one of your own with `casestudy new DIR`, or name yours with --case DIR"
        raise Refusal(f"nothing is written into the installed package, where the built-in case lies: {way}")
