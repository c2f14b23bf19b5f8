"""A copied case to change, and one visible line for what could not run here."""

import os
import shutil
from pathlib import Path

import pytest

from casestudy.case import Case, open_case

REQUIRED = os.environ.get("CASESTUDY_REQUIRE", "").split(",")


@pytest.fixture(scope="session")
def copy_of():
    """Copy the built-in case's data into a folder of its own, with no notebooks."""

    def copy(root: Path) -> Case:
        shutil.copytree(open_case().data, root / "data")
        (root / "notebooks").mkdir()
        return open_case(root)

    return copy


@pytest.fixture
def copied_case(copy_of, tmp_path) -> Case:
    """A copy for one test."""
    return copy_of(tmp_path / "case")


@pytest.fixture
def edit_claim(copied_case):
    """Change one cell of the copied case's claims.csv."""
    import pandas as pd

    def edit(id: str, column: str, value: object) -> Case:
        frame = pd.read_csv(copied_case.claims, dtype=str, keep_default_na=False)
        frame.loc[frame["id"] == id, column] = str(value)
        frame.to_csv(copied_case.claims, index=False)
        return copied_case

    return edit


@pytest.fixture(scope="session")
def walls() -> None:
    """Bubblewrap to run students' code in; where a sandbox is required, its absence is a failure."""
    if shutil.which("bwrap") is None and "sandbox" in REQUIRED:
        pytest.fail("CASESTUDY_REQUIRE names sandbox, and bubblewrap is not on the PATH")
    if shutil.which("bwrap") is None:
        pytest.skip("no bubblewrap on the PATH: no student's code was run")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium to look at pages with; where one is required, its absence is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and "browser" in REQUIRED:
        pytest.fail("CASESTUDY_REQUIRE names browser, and no Chromium is on the PATH")
    if found is None:
        pytest.skip("no Chromium on the PATH: pages were not looked at")
    return str(Path(found))
