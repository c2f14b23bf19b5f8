"""Where a case's files are: the built-in case, or a researcher's own."""

import os
from dataclasses import dataclass
from pathlib import Path

from casestudy.refusals import Refusal

CHECKOUT = Path(__file__).resolve().parents[2]
IN_WHEEL = Path(__file__).resolve().parent / "_case"

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


def open_case(path: str | os.PathLike[str] | None = None) -> Case:
    """The case at `path`, else at $CASESTUDY_CASE, else the checkout, else the copy inside the installed package."""
    if path is None and not (path := os.environ.get("CASESTUDY_CASE")):
        path = CHECKOUT if Case(CHECKOUT).claims.is_file() else IN_WHEEL
    case = Case(Path(path).resolve())
    if not case.claims.is_file():
        raise Refusal(f"a case is a folder with data/claims.csv in it: there is none in {case.root}")
    return case
