"""An evening in the browser, with every name but this computer's unknown; and what a browser's Python draws."""

import io
import json
import re
import zipfile
from pathlib import Path

import nbformat
import pytest
from handed_in import SETS, roster
from lite import Notebook, checked, exposed, folder_of_pyodide, only_this_computer, served

from casestudy.case import open_case
from casestudy.classroom.browser import compare
from casestudy.classroom.browser import pyodide as runtime
from casestudy.classroom.browser.site import site
from casestudy.classroom.grading import grade
from casestudy.classroom.release import Released, release
from casestudy.classroom.sets import source
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import solve

pytestmark = pytest.mark.slow
SECRET = b"a secret of the course, long enough"
NAME = "02-satisfaction"
DEAR = {"01-users-over-time": 12, "05-five-purposes": 4, "06-asking-for-help": 20}  # codes of sets that draw long


@pytest.fixture(scope="module")
def pyodide():
    """A folder of Pyodide, each package as its lock says; skipped aloud where there can be none."""
    return folder_of_pyodide()


@pytest.fixture(scope="module")
def problem_set():
    return source.load(SETS[NAME])


@pytest.fixture(scope="module")
def practice(pyodide, problem_set, tmp_path_factory):
    pytest.importorskip("jupyterlite_core", reason="no JupyterLite: run pip install 'casestudy[browser]'")
    built = site([problem_set], tmp_path_factory.mktemp("practice") / "site", folder=pyodide, case=open_case())
    exposed(built.folder)
    return built


@pytest.fixture(scope="module")
def graded(pyodide, problem_set, tmp_path_factory):
    """A release with personal codes, its site, and the code of one student."""
    pytest.importorskip("jupyterlite_core", reason="no JupyterLite: run pip install 'casestudy[browser]'")
    folder = tmp_path_factory.mktemp("graded")
    out = release(problem_set, roster(s1="Ada", s2="Bo"), SECRET, "t", folder / "release", codes=True)
    released = Released.read(out)
    built = site([problem_set], folder / "site", released, pyodide)
    exposed(built.folder)
    return out, built, released.students["s1"].code


def solutions(problem_set):
    """The author's solution of each work cell, by its grade_id, and the mistakes of each question, in order."""
    right, wrong = {}, {}
    for cell in problem_set.notebook.cells:
        if source.SOLUTION.search(cell.source):
            right[cell.metadata["nbgrader"]["grade_id"]] = source.SOLUTION.sub(lambda match: match[1], cell.source)
        elif role(cell) == "mistake":
            wrong.setdefault(cell.metadata["casestudy"]["question"], []).append(cell.source)
    return right, wrong


def test_an_evening_of_practice(chromium, practice, problem_set):
    right, wrong = solutions(problem_set)
    [copy] = practice.copies
    with served(practice.folder) as at, only_this_computer(chromium) as (context, elsewhere):
        notebook = Notebook(context.new_page(), at + copy.address)
        check = notebook.place("check(")
        question = notebook.cells[check]["id"]
        work = next(n for n, cell in enumerate(notebook.cells) if cell["id"] == f"{question}-work")
        for number, cell in enumerate(notebook.cells[:check]):
            if cell["kind"] == "code":
                notebook.run(number)
        assert "Not answered yet" in notebook.run(check)
        notebook.run(work, wrong[question][0])
        hints = [notebook.run(check)]
        notebook.run(work, wrong[question][0] + "\n" + re.sub(r"= .*", "= 0.5", right[f"{question}-work"].strip()))
        hints.append(notebook.run(check))
        notebook.run(work, wrong[question][1])
        hints.append(notebook.run(check))
        assert all(hint.startswith("✗ Not yet.") for hint in hints) and len({*hints}) == 3
        notebook.run(work, right[f"{question}-work"])
        assert notebook.run(check).startswith("✓ Right.\n1 of 7 questions right")
        notebook.do("docmanager:save")
        notebook.page.close()

        again = Notebook(context.new_page(), at + copy.address)
        assert again.cells[work]["source"].strip() == right[f"{question}-work"].strip()
        for number, cell in enumerate(again.cells[: again.place("progress(")]):
            if cell["kind"] == "code":
                again.run(number)
        assert "1 of 7 questions right" in again.run(again.place("progress("))
        plain = again.run(again.place("from casestudy.plots"))
        assert "ModuleNotFound" not in plain and "No module" not in plain  # matplotlib came at the figure
        assert elsewhere == []


def test_what_is_handed_in_from_a_browser_is_graded_like_any_other(chromium, walls, graded, problem_set, tmp_path):
    out, built, code = graded
    right, _ = solutions(problem_set)
    first = next(iter(right))
    typed = right | {first: re.sub(r"= .*", "= 0.5", right[first].strip())}  # one is wrong
    [copy] = built.copies
    with served(built.folder) as at, only_this_computer(chromium) as (context, elsewhere):
        notebook = Notebook(context.new_page(), at + copy.address)
        for number, cell in enumerate(notebook.cells):
            text = typed.get(cell["id"])
            if cell["source"].startswith("problem_set ="):
                text = cell["source"].replace('code = ""', f'code = "{code}"')
            if cell["kind"] == "code" and "figure" not in cell["tags"]:
                said = notebook.run(number, text)
            if cell["source"].startswith("check("):
                assert said.startswith("→ Noted"), said
        assert said.startswith("✓ Ready to hand in")
        notebook.do("docmanager:save")
        start = context.new_page()
        start.goto(at)
        with start.expect_download() as waiting:
            start.get_by_role("button", name=f"Download {copy.name}").click()
        (tmp_path / "browser").mkdir()
        waiting.value.save_as(tmp_path / "browser" / f"s1_{waiting.value.suggested_filename}")
        assert elsewhere == []
    natively = nbformat.read(out / f"{NAME}.ipynb", 4)
    for cell in natively.cells:
        cell.source = typed.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        cell.source = cell.source.replace('code = ""', f'code = "{code}"')
    (tmp_path / "natively").mkdir()
    nbformat.write(natively, tmp_path / "natively" / f"s1_{NAME}.ipynb")
    rows = [
        grade(problem_set, out, tmp_path / where, tmp_path / f"{where}-out").grades.loc["s1"].fillna("").to_dict()
        for where in ("browser", "natively")
    ]
    assert rows[0] == rows[1]
    points = [rows[0][question.id] for question in problem_set.checked]
    assert points[0] == 0 and sum(points) == sum(question.points for question in problem_set.checked[1:])


def test_a_site_of_graded_work_holds_no_solution_no_hint_and_no_code(graded, problem_set):
    out, built, _ = graded
    hidden = [cell.source for cell in problem_set.notebook.cells if role(cell) in ("mistake", "judge")]
    hidden += [
        match[1].strip() for cell in problem_set.notebook.cells for match in source.SOLUTION.finditer(cell.source)
    ]
    hidden += [hint for mistake in problem_set.mistakes for hint in mistake.hints["en"]]
    hidden += [student["code"] for student in json.loads((out / "release.json").read_text())["students"]]
    assert len(hidden) > 30
    texts = []
    for path in built.folder.rglob("*"):
        if path.suffix == ".ipynb" and path.name.startswith(NAME):
            texts += [cell.source for cell in nbformat.read(path, 4).cells]
        elif path.suffix in (".ipynb", ".json", ".html", ".txt"):
            texts.append(path.read_text(encoding="utf-8"))
        elif path.suffix == ".whl" and path.name.startswith("casestudy"):
            packed = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
            texts += [packed.read(name).decode("utf-8") for name in packed.namelist()]
    whole = "\n".join(texts)
    assert "declare(problem_set" in whole and "def check(" in whole  # it was read
    assert [text for text in hidden if len(text) > 8 and text in whole] == []


def wide(folder):
    """A set whose figures need whole numbers of 64 bits, which numpy has not in a browser."""
    notebook = nbformat.read(SETS[NAME], 4)
    cell = next(cell for cell in notebook.cells if role(cell) == "data")
    cell.source = cell.source.rstrip() + "\ndata['rows'] = np.array([70_000] * len(data)) * 70_000\ndata"
    path = folder / "98-wide" / "source.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    return source.load(path)


def test_a_browser_draws_what_is_drawn_here_and_a_set_that_needs_64_bits_is_found_out(pyodide, tmp_path):
    if compare.node() is None:
        pytest.skip("no node on the PATH: figures were not compared")
    sets = [source.load(path) for path in SETS.values()]
    codes = {each.name: [f"seed {number}" for number in range(DEAR.get(each.name, 200))] for each in sets}
    odd = wide(tmp_path)
    assert solve(odd, "practice").data["rows"].iloc[0] == 4_900_000_000
    found = compare.differing([*sets, odd], codes | {"98-wide": ["practice"]}, runtime.read(pyodide))
    assert found == {"98-wide": ["practice"]}


def test_a_package_that_was_changed_is_found_out(pyodide, tmp_path):
    for path in Path(pyodide).iterdir():
        (tmp_path / path.name).symlink_to(path)
    assert checked(tmp_path) == tmp_path
    six = next(tmp_path.glob("six-*.whl"))
    content = six.read_bytes()
    six.unlink()
    six.write_bytes(content + b" ")
    with pytest.raises(AssertionError, match="six-"):
        checked(tmp_path)
