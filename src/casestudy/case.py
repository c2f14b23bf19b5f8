"""Where a case's files are: the built-in case, or a researcher's own."""

import os
from dataclasses import dataclass
from pathlib import Path

from casestudy.refusals import Refusal

CHECKOUT = Path(__file__).resolve().parents[2]
IN_WHEEL = Path(__file__).resolve().parent / "_case"


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
