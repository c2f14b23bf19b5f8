"""What a site for the browser is made of: a slim wheel, a lock that is held, copies, a start page."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from handed_in import SETS, roster

from casestudy.case import open_case
from casestudy.classroom.authoring import new
from casestudy.classroom.browser import compare, contents, draws, pyodide, site, wheels
from casestudy.classroom.practice.desk import Desk
from casestudy.classroom.release import Released, release
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.question import role
from casestudy.refusals import Refusal

SECRET = b"a secret of the course, long enough"
ALLOWED = "numpy pandas dateutil pytz six tzdata casestudy"  # what is there beside Python itself
CHILD = """
import sys
folder, allowed = sys.argv[1], {*sys.argv[2].split(), *sys.stdlib_module_names}

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed and not name.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nothing())
sys.path.insert(0, folder)
import json
for name, cells in json.load(sys.stdin).items():
    names = {}
    for cell in cells[:-1]:
        exec(cell, names)
    print("at last:", name, eval(cells[-1].strip(), names).sign)
import casestudy
assert casestudy.__file__.startswith(folder)
"""


def all_sets():
    return [source.load(path) for path in SETS.values()]


def names(wheel):
    return set(zipfile.ZipFile(io.BytesIO(wheel.content)).namelist())


def first_check(problem_set):
    """The code of the author's cells down to the first check, as a student who is right would have it."""
    found = []
    for cell in problem_set.notebook.cells:
        if cell.cell_type == "code" and role(cell) not in ("mistake", "judge", "figure"):
            found.append(source.SOLUTION.sub(lambda match: match[1], cell.source))
            if role(cell) == "check":
                return found
    raise AssertionError("no check")


def test_numpy_and_pandas_are_all_that_a_check_of_each_set_needs(tmp_path):
    wheel = wheels.practice(all_sets())
    zipfile.ZipFile(io.BytesIO(wheel.content)).extractall(tmp_path / "packages")
    cells = {each.name: first_check(each) for each in all_sets()}
    words = [sys.executable, "-c", CHILD, str(tmp_path / "packages"), ALLOWED]
    settings = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(words, input=json.dumps(cells), capture_output=True, text=True, cwd=tmp_path, env=settings)
    told = [line for line in ran.stdout.splitlines() if line.startswith("at last:")]
    assert ran.stderr == "" and told == [f"at last: {name} ✓" for name in cells]


def test_a_practice_wheel_holds_the_sources_and_a_graded_one_holds_none():
    practice, graded = wheels.practice(all_sets()), wheels.practice()
    sources = {f"casestudy/_case/exercises/{name}/source.ipynb" for name in SETS}
    assert names(practice) - names(graded) >= sources and len(sources) == 10
    assert not [name for name in names(graded) if "_case" in name or "ipynb" in name]
    assert {"casestudy/classroom/practice/desk.py", "casestudy/case.py"} <= names(graded)
    heavy = ("authoring", "release", "grading", "sandbox", "browser", "models", "reports", "plots")
    assert not [name for name in names(practice) if any(f"/{room}/" in name for room in heavy)]


def test_no_source_comes_along_with_graded_work():
    released = Released("02-satisfaction", 2, "t", {})
    for given, count in ((None, 10), (released, 0)):
        found = [name for wheel in site._wheels(all_sets(), given) for name in names(wheel)]
        assert len([name for name in found if name.endswith("source.ipynb")]) == count


def test_a_wheel_is_the_same_each_time_is_called_after_its_content_and_brings_its_licence():
    one, other = wheels.practice(), wheels.practice(all_sets())
    assert one == wheels.practice() and one.file != other.file
    assert re.fullmatch(r"casestudy-[\d.]+-0[0-9a-f]{8}-py3-none-any\.whl", one.file)
    for wheel in (one, wheels.figures(), wheels.installed("comm", ())):
        assert [name for name in names(wheel) if "dist-info/licenses/LICENSE" in name], wheel.file
    assert wheels.opened(one.content)[::2] == ("casestudy", "MIT AND CC-BY-4.0")


def test_figures_come_apart_and_leave_matplotlib_to_them():
    drawn = names(wheels.figures())
    assert {"casestudy/plots/__init__.py", "casestudy/plots/language.py", "casestudy/layers.py"} <= drawn
    assert not [name for name in drawn & names(wheels.practice()) if name.startswith("casestudy/")]
    assert wheels.figures().depends == ("matplotlib", "seaborn")


def test_a_library_that_is_not_installed_is_named():
    with pytest.raises(Refusal, match="nowhere is not installed"):
        wheels.installed("nowhere", ())


# A folder of Pyodide


def entry(content, *depends):
    sha256 = hashlib.sha256(content).hexdigest()
    return {"file_name": f"{sha256[:6]}.whl", "sha256": sha256, "depends": list(depends), "imports": []}


@pytest.fixture
def folder(tmp_path):
    """A folder like Pyodide's, in which each package is a few bytes."""
    kernel = {name: entry(name.encode()) for name in pyodide.AT_START}
    further = {"numpy": entry(b"np"), "six": entry(b"six"), "pandas": entry(b"pd", "numpy", "py_six")}
    further |= {"py-six": entry(b"py", "six"), "scipy": entry(b"sp"), "matplotlib": entry(b"mpl")}
    lock = {"info": {"version": "0.27.7", "python": "3.12.7"}, "packages": kernel | further}
    folder = tmp_path / "pyodide"
    folder.mkdir()
    for name, told in lock["packages"].items():
        content = {"numpy": b"np", "pandas": b"pd", "py-six": b"py", "scipy": b"sp", "matplotlib": b"mpl"}
        (folder / told["file_name"]).write_bytes(content.get(name, name.encode()))
    for name in pyodide.RUNTIME:
        (folder / name).write_bytes(b"runs")
    (folder / pyodide.LOCK).write_text(json.dumps(lock), encoding="utf-8")
    return folder


def test_a_site_gets_what_it_needs_of_pyodide_and_a_lock_of_its_own(folder, tmp_path):
    ours = [wheels.practice(), wheels.installed("seaborn", ("matplotlib",))]
    pyodide.lay_out(pyodide.read(folder), ours, tmp_path / "out")
    lock = json.loads((tmp_path / "out" / pyodide.LOCK).read_text(encoding="utf-8"))
    assert {"py-six", "six", "matplotlib", "casestudy"} <= lock["packages"].keys()
    assert "scipy" not in lock["packages"]
    for told in lock["packages"].values():
        content = (tmp_path / "out" / told["file_name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == told["sha256"]


def test_a_file_that_is_not_as_the_lock_says_is_refused(folder, tmp_path):
    opened = pyodide.read(folder)
    (folder / opened.lock["packages"]["six"]["file_name"]).write_bytes(b"sixx")
    with pytest.raises(Refusal, match=r"must have the SHA-256 .* got .*get the folder again"):
        pyodide.lay_out(opened, [wheels.practice()], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        ("{", "is no lock of Pyodide"),
        ('{"info": {}, "packages": {}}', "is no lock of Pyodide"),
        ('{"info": {"version": "0.29.3"}, "packages": {}}', "got 0.29.3"),
        (None, "cannot read"),
    ],
)
def test_a_folder_of_another_pyodide_is_refused_with_what_to_take(folder, lock, reason):
    (folder / pyodide.LOCK).unlink()
    if lock is not None:
        (folder / pyodide.LOCK).write_text(lock, encoding="utf-8")
    with pytest.raises(Refusal, match=f"{reason}.*0.27.7"):
        pyodide.read(folder)


def test_a_part_that_is_missing_is_named(folder):
    (folder / "pyodide.asm.wasm").unlink()
    with pytest.raises(Refusal, match=r"lacks pyodide\.asm\.wasm"):
        pyodide.read(folder)


# Figures


def test_letters_stand_for_figures_answers_and_mistakes():
    problem_set = source.load(SETS["02-satisfaction"])
    both = draws.drawn(problem_set, ["a", "b"], whole=2)
    assert len({*both.values()}) == 2 and both == draws.drawn(problem_set, ["a", "b"], whole=2)
    figures = draws.drawn(problem_set, ["a"], whole=0)
    assert figures["a"] not in both.values() and figures == draws.drawn(problem_set, ["a"], whole=0)


def test_a_set_that_draws_otherwise_in_a_browser_is_refused(monkeypatch):
    problem_set = source.load(SETS["02-satisfaction"])
    monkeypatch.setattr(compare, "differing", lambda *given: {"02-satisfaction": ["GGSJ-P359-Y"]})
    with pytest.raises(Refusal, match=r"1 codes differ.*64 bits") as refused:
        compare.refuse_other_figures([problem_set], {}, None)
    assert "GGSJ" not in str(refused.value)


# Copies and pages


def test_a_copy_has_its_version_in_its_name_and_ends_with_how_to_keep_it(tmp_path):
    problem_set = source.load(SETS["02-satisfaction"])
    copy = contents.write_copy(problem_set, False, tmp_path)
    assert copy.name == f"02-satisfaction-v{problem_set.version}.ipynb" and (tmp_path / copy.path).is_file()
    plain = student_copy(problem_set, "practice").cells
    cells = contents.copy_of(problem_set, False).cells
    assert [cell.source for cell in cells[:-1]] == [cell.source for cell in plain]
    assert "Download" in cells[-1].source


def test_a_graded_copy_is_the_one_that_was_released(tmp_path):
    problem_set = source.load(new.new(tmp_path / "sets" / "01-start"))
    released = release(problem_set, roster(a="Ada"), SECRET, "t", tmp_path / "out", codes=True)
    copy = contents.write_copy(problem_set, True, tmp_path / "site")
    assert (tmp_path / "site" / copy.path).read_text() == (released / "01-start.ipynb").read_text()


def test_the_kernel_asks_no_index_and_loads_our_wheels_from_the_site():
    parts = [*site._wheels(all_sets(), None)]
    here, public = site._kernel(parts, True), site._kernel(parts, False)
    assert here["pyodideUrl"] == "./static/pyodide/pyodide.js" and "pyodideUrl" not in public
    assert here["disablePyPIFallback"] is public["disablePyPIFallback"] is True
    assert {"casestudy", "pyodide_kernel", "comm"} <= {*here["loadPyodideOptions"]["packages"]}
    loaded = public["loadPyodideOptions"]["packages"]
    assert {"numpy", "pandas", "matplotlib"} <= {*loaded} and "seaborn" not in loaded
    assert [name for name in loaded if name.endswith(".whl")] == [f"../../../../pypi/{each.file}" for each in parts]


def test_the_start_page_leads_to_each_copy_and_says_where_work_is():
    copies = [contents.Copy("How <much>?", (60, 90), "exercises/02-pay/02-pay-v3.ipynb", "notebooks/02-pay.ipynb")]
    page = site._start(copies, None)
    assert "How &lt;much&gt;?" in page and "notebooks/index.html?path=exercises%2F02-pay%2F02-pay-v3.ipynb" in page
    words = " ".join(page.split())
    assert "half a minute" in words and "in this browser, on this computer" in words and "private window" in words
    assert "personal code" not in page and "Hand in" not in page
    assert '<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">' in page  # it is read
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)


def test_the_start_page_of_graded_work_asks_for_the_code_and_says_how_to_hand_in(tmp_path):
    copies = [contents.Copy("Pay", None, "exercises/02-pay/02-pay-v3.ipynb")]
    page = " ".join(site._start(copies, Released("02-pay", 3, "t", {})).split())
    assert "personal code that you were sent" in page and "<h2>Hand in</h2>" in page
    assert "02-pay-v3.ipynb" in page and "Nothing here is graded" not in page


def test_a_check_goes_on_where_its_folder_cannot_be_read(monkeypatch):
    def lost(self):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "is_file", lost)
    monkeypatch.setattr(source, "find", lambda name: SETS[name])
    monkeypatch.setattr(source, "load", lambda path: path)
    assert Desk({}, "02-satisfaction", "practice").problem_set == SETS["02-satisfaction"]


# What is refused


def test_a_site_is_for_practice_or_for_one_release(typed, tmp_path):
    for words in ((), ("--practice", "--release", str(tmp_path))):
        code, said, complaints = typed("exercises", "site", *words, "--out", str(tmp_path / "site"))
        assert (code, said) == (2, "") and "--practice or --release DIR" in complaints
    assert not (tmp_path / "site").exists()


def test_without_jupyterlite_a_site_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(site.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Refusal, match=r"pip install 'casestudy\[browser\]'"):
        site.site(all_sets()[:1], tmp_path / "site")
    assert [*tmp_path.iterdir()] == []


def test_other_files_are_never_overwritten(monkeypatch, tmp_path):
    monkeypatch.setattr(site.importlib.util, "find_spec", lambda name: name)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Refusal, match="holds other files, and no site of ours"):
        site.site(all_sets()[:1], tmp_path)
    with pytest.raises(Refusal, match="a name that is free"):
        site.site(all_sets()[:1], tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_release_of_another_version_makes_no_site(monkeypatch, tmp_path):
    monkeypatch.setattr(site.importlib.util, "find_spec", lambda name: name)
    problem_set = source.load(new.new(tmp_path / "sets" / "01-start"))
    out = release(problem_set, roster(a="Ada"), SECRET, "t", tmp_path / "release", codes=True)
    with pytest.raises(Refusal, match="the release is of 01-start"):
        site.site([source.load(SETS["02-satisfaction"])], tmp_path / "site", Released.read(out))
    assert not (tmp_path / "site").exists()


def test_the_notebooks_to_read_are_those_of_the_case(tmp_path):
    problem_set = source.load(SETS["02-satisfaction"])
    assert contents.write_reading(problem_set, open_case(), tmp_path) == "notebooks/02-satisfaction.ipynb"
    assert (tmp_path / "notebooks" / "02-satisfaction.ipynb").is_file()
