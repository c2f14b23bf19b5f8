"""Build the site: JupyterLite, a copy of each set, this package's wheel, and Pyodide where a folder is at hand."""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from casestudy.case import Case, refuse_the_installed
from casestudy.classroom.browser import compare, pyodide, wheels
from casestudy.classroom.browser.contents import Copy, write_copy, write_reading, written
from casestudy.classroom.release import Released
from casestudy.classroom.sets.copies import PRACTICE
from casestudy.classroom.sets.solve import EXAMPLES
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal, file_access
from casestudy.staging import STAGING

RECORD = "site.json"  # by which an earlier site is known, which may be replaced
KERNEL = "@jupyterlite/pyodide-kernel-extension"
TO_ROOT = "../../../../"  # from the folder of the kernel's worker, which loads them
SAVED_S = 10
TRIED = (PRACTICE, *EXAMPLES, *(f"seed {number}" for number in range(5)))  # codes that are compared for practice
APPS = ("notebooks", "tree")
BUILD = ("--no-sourcemaps", "--no-unused-shared-packages", "--no-libarchive")
AT_START = [name.replace("-", "_") for name in (*pyodide.AT_START, wheels.OURS)]  # as the kernel spells them


UNSAID = {"ssl": "part of CPython: PSF-2.0", "sqlite3": "part of CPython: PSF-2.0; SQLite: public domain"}
OPENSSL = "OpenSSL and SSLeay licences"


@dataclass(frozen=True)
class Site:
    """A finished site: where it is, its copies, its bytes, and on how many codes its figures were compared."""

    folder: Path
    copies: tuple[Copy, ...]
    size: int
    compared: int


def site(
    problem_sets: Sequence[ProblemSet],
    out: Path,
    released: Released | None = None,
    folder: Path | None = None,
    case: Case | None = None,
    step: Callable[[str], None] = lambda words: None,
) -> Site:
    """Write a static site to `out` on which the sets run; all of it appears, or nothing.

    released: the one set is graded work, with the notebook for all who got it; no source comes along. folder: of
    Pyodide, which then becomes part of the site. case: whose notebooks are there to read. step: told what is done next.
    """
    _refuse(problem_sets, out, released)
    runtime = pyodide.read(folder) if folder else None
    tried = _compared(problem_sets, released, runtime, step)
    with file_access(f"write to {out}", "name another folder with --out"):
        out.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f"{STAGING}site-", dir=out.parent))
    try:
        step("the pages")
        copies = _pages(problem_sets, released, case, staged)
        built = staged / "site"
        parts = list(_wheels(problem_sets, released))
        step("JupyterLite")
        _jupyterlite(staged, parts, runtime is not None)
        if runtime:
            step("Pyodide")
            parts += _of_the_kernel(built)
            pyodide.lay_out(runtime, parts, built / "static" / "pyodide")
        (built / "index.html").write_text(_start(copies, released), encoding="utf-8")
        (built / "NOTICE.txt").write_text(_notice(built), encoding="utf-8")
        (built / RECORD).write_text(written(_record(problem_sets, released, runtime, tried)), encoding="utf-8")
        size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
        with file_access(f"write to {out}"):
            if out.exists():
                out.rename(staged / "earlier")
            built.rename(out)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return Site(out, tuple(copies), size, tried)


def _refuse(problem_sets: Sequence[ProblemSet], out: Path, released: Released | None) -> None:
    if any(importlib.util.find_spec(name) is None for name in ("jupyterlite_core", "jupyterlite_pyodide_kernel")):
        raise Refusal("a site needs JupyterLite, which is not installed: run pip install 'casestudy[browser]'")
    refuse_the_installed(out)
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise Refusal(f"--out must name a folder, or a name that is free: got {out}")
    if out.exists() and any(out.iterdir()) and not _is_ours(out):
        raise Refusal(f"{out} holds other files, and no site of ours: name another folder with --out")
    if released:
        for problem_set in problem_sets:
            released.refuse_another_set(problem_set)


def _is_ours(out: Path) -> bool:
    try:
        return "casestudy" in json.loads((out / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _compared(
    problem_sets: Sequence[ProblemSet],
    released: Released | None,
    runtime: pyodide.Pyodide | None,
    step: Callable[[str], None],
) -> int:
    """Hold the figures of a browser against those of here, on each student's own code; on how many codes of a set."""
    if runtime is None or compare.node() is None:
        return 0
    step("figures in a browser against those of here")
    codes = sorted({each.code for each in released.students.values()}) if released else list(TRIED)
    compare.refuse_other_figures(problem_sets, {each.name: codes for each in problem_sets}, runtime)
    return len(codes)


def _pages(
    problem_sets: Sequence[ProblemSet], released: Released | None, case: Case | None, staged: Path
) -> list[Copy]:
    """Write the notebooks below the staging folder; what the start page says of them."""
    contents, copies = staged / "contents", []
    for problem_set in problem_sets:
        copy = write_copy(problem_set, released is not None, contents)
        read = write_reading(problem_set, case, contents) if case and not released else ""
        copies.append(Copy(copy.title, copy.minutes, copy.path, read))
    return copies


def _wheels(problem_sets: Sequence[ProblemSet], released: Released | None) -> Iterator[wheels.Wheel]:
    """What a copy needs beside Pyodide; sources only where nothing is graded."""
    yield wheels.practice(() if released else problem_sets)
    yield wheels.figures()
    yield wheels.installed("comm", ("traitlets",))
    yield wheels.installed("seaborn", ("numpy", "pandas", "matplotlib"))


def _jupyterlite(staged: Path, parts: Sequence[wheels.Wheel], locked: bool) -> None:
    """Let JupyterLite build its part into `site`, from nothing but what is written here."""
    lite = staged / "lite"
    lite.mkdir()
    if not locked:
        (lite / "pypi").mkdir()
        for wheel in parts:
            (lite / "pypi" / wheel.file).write_bytes(wheel.content)
    config = {"appName": "Exercises", "litePluginSettings": {f"{KERNEL}:kernel": _kernel(parts, locked)}}
    extension = str(Path(sys.prefix, "share", "jupyter", "labextensions", *KERNEL.split("/")))
    files: dict[str, dict[str, Any]] = {
        "jupyter-lite.json": {"jupyter-lite-schema-version": 0, "jupyter-config-data": config},
        "overrides.json": {"@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": SAVED_S}},
        "jupyter_lite_config.json": {  # nothing else that happens to be installed here
            "LiteBuildConfig": {"ignore_sys_prefix": ["federated_extensions"], "federated_extensions": [extension]}
        },
    }
    for name, content in files.items():
        (lite / name).write_text(written(content), encoding="utf-8")
    words = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", str(lite), *BUILD]
    words += ["--contents", str(staged / "contents"), "--output-dir", str(staged / "site")]
    words += [word for app in APPS for word in ("--apps", app)]
    ran = subprocess.run(words, cwd=lite, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(f"JupyterLite did not build:\n{ran.stdout}\n{ran.stderr}")


def _kernel(parts: Sequence[wheels.Wheel], locked: bool) -> dict[str, Any]:
    """The kernel's settings: which Pyodide, and what it loads when it starts; it asks no index for a package."""
    if locked:
        loaded = {"pyodideUrl": "./static/pyodide/pyodide.js", "loadPyodideOptions": {"packages": AT_START}}
    else:  # Pyodide's own lock knows nothing of ours, and only packages by name bring along what they depend on
        needed = sorted({name for wheel in parts for name in wheel.depends} - {wheel.name for wheel in parts})
        ours = [f"{TO_ROOT}pypi/{wheel.file}" for wheel in parts]
        loaded = {"loadPyodideOptions": {"packages": [*needed, *ours]}}
    return {"disablePyPIFallback": True} | loaded


def _of_the_kernel(built: Path) -> Iterator[wheels.Wheel]:
    """The wheels that the kernel brings along, to stand in the lock with the others."""
    for name, needs in (("piplite", ("micropip",)), ("pyodide-kernel", ("ipython",)), ("ipykernel", ())):
        spelt = name.replace("-", "_")
        path = next((built / "extensions" / KERNEL / "static" / "pypi").glob(f"{spelt}-*.whl"))
        number = path.name.split("-")[1]
        yield wheels.Wheel(path.name, path.read_bytes(), name, number, (spelt,), needs)


def _start(copies: Sequence[Copy], released: Released | None) -> str:
    """The start page."""
    template = Path(__file__).with_name("start.html").read_text(encoding="utf-8")
    page = jinja2.Environment(autoescape=True, trim_blocks=False).from_string(template)
    title = copies[0].title if released else "Practise in your browser"
    return page.render(title=title, copies=copies, graded=released is not None) + "\n"


def _notice(built: Path) -> str:
    """Who wrote what runs on the site, and under which licence, as each wheel says."""
    lines = [
        "What runs on this site, with its licence as each part says.",
        "",
        f"casestudy {version('casestudy')}: code MIT, text CC-BY-4.0; the texts of both lie in its wheel.",
        f"JupyterLite {version('jupyterlite-core')}: BSD-3-Clause; what it contains: *.LICENSE.txt beside its scripts.",
        "Pyodide: MPL-2.0, with CPython: PSF-2.0; they come with the site, or from where Pyodide is published.",
    ]
    for path in sorted([*built.glob("static/pyodide/*.whl"), *built.glob("pypi/*.whl")]):
        name, number, licence = wheels.opened(path.read_bytes())
        licence = UNSAID.get(name, licence) or "no licence in its metadata"
        lines.append(f"{name or path.name} {number}: {' '.join(licence.split())[:90]}")
    lines += [f"{path.stem}: {OPENSSL}" for path in built.glob("static/pyodide/openssl-*.zip")]
    return "\n".join(lines) + "\n"


def _record(
    problem_sets: Sequence[ProblemSet], released: Released | None, runtime: pyodide.Pyodide | None, tried: int
) -> dict[str, Any]:
    """What a site says of itself; no student, no code."""
    return {
        "casestudy": version("casestudy"),
        "sets": {problem_set.name: problem_set.version for problem_set in problem_sets},
        "graded": released is not None,
        "pyodide": runtime.lock["info"]["version"] if runtime else None,
        "compared": tried,
    }
