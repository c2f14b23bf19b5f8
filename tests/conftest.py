"""A copied case to change, and one visible line for what could not run here."""

import json
import os
import shutil
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest

from casestudy.case import Case, open_case

REQUIRED = os.environ.get("CASESTUDY_REQUIRE", "").split(",")

ALONE = {"test_build.py", "test_whatif.py", "test_wrong.py"}  # files whose tests are heavy and share nothing


def scope(nodeid: str) -> str:
    """Tests of one scope share what they make: those of a file, of a file and one planted class, or nobody."""
    file, _, test = nodeid.partition("::")
    name = Path(file).name
    if name in ALONE:
        return nodeid
    return file + "[".join(["", *test.split("[")[1:]]) if name == "test_planted.py" else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadscope` one process runs a scope; xdist's own marks of groups are lost on pytest 9."""
    from xdist.scheduler import LoadScopeScheduling

    class ByScope(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return scope(nodeid)

    return ByScope(config, log) if config.getvalue("dist") == "loadscope" else None


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


@pytest.fixture
def typed(monkeypatch, capsys):
    """Type words after `casestudy`; exit status, output and complaints."""

    from casestudy import cli

    def typed(*words):
        monkeypatch.setattr("sys.argv", ["casestudy", *words])
        try:
            cli.main()
        except SystemExit as ended:
            return ended.code, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return typed


@contextmanager
def alone(path: Path):
    """One test process at a time; where files cannot be locked, each runs by itself."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def reports(tmp_path_factory) -> Path:
    """All notebooks as `make report` runs them, on warm kernels: once, by whichever test process asks first."""
    from casestudy.reports.run import run
    from casestudy.reports.sets import parameters

    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    out, errors = root / "all-reports", root / "all-reports.json"
    with alone(root / "all-reports.lock"), warnings.catch_warnings():
        if sys.platform == "linux":
            warnings.simplefilter("error", RuntimeWarning)  # that kernels start cold
        if not errors.exists():
            outcomes = run(parameters.select([], open_case()), {}, out)
            errors.write_text(json.dumps([f"{one.asked.notebook.stem}: {one.error}" for one in outcomes if one.error]))
    assert json.loads(errors.read_text()) == []
    return out


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


@pytest.fixture(scope="module")
def browser(chromium):
    """A Chromium that asks nobody for anything by itself."""
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=quiet)
        yield browser
        browser.close()
