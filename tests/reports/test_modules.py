"""A case's own modules: which notebook reaches which, and that none is taken for another's."""

import nbformat
import pytest

from casestudy.refusals import Refusal
from casestudy.reports.run import run
from casestudy.reports.sets import parameters, table
from casestudy.reports.sets.modules import Modules, refuse_shadows

FILES = {
    "mine.py": "from pack import inside\n",
    "pack/__init__.py": "",
    "pack/inside.py": "from . import more\nimport deepest\n",
    "pack/more.py": "",
    "deepest.py": "import mine, math\n",
    "aside.py": "a = 1\n",
    "broken.py": "if\n",
    "pack/table.csv": "a\n",
}
ALL = {"mine", "pack", "deepest", "aside", "broken"}


@pytest.fixture
def case(copied_case):
    for name, content in FILES.items():
        (copied_case.notebooks / name).parent.mkdir(exist_ok=True)
        (copied_case.notebooks / name).write_text(content)
    return copied_case


def book(case, *code, stem="01-book"):
    cells = [nbformat.v4.new_code_cell(each) for each in code]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path := case.notebooks / f"{stem}.ipynb")
    return path


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import numpy as np, statistics", set()),
        ("import aside", {"aside"}),
        ("def f():\n    from aside import a", {"aside"}),
        ("import mine", {"mine", "pack", "deepest"}),
        ("import pack.more as m", {"mine", "pack", "deepest"}),
        ("open('aside.py').read()", {"aside"}),
        ("import re\nre.compile('x').split('y')\nframe = None\nframe.eval('x')", set()),
        ("import broken", ALL),
        ("name = 1\n__import__(name)", ALL),
        ("import importlib as i", ALL),
        ("from importlib import import_module", ALL),
        ("import sys\nsys.path.insert(0, folder)", ALL),
        ("from sys import path", ALL),
        ("exec(text)", ALL),
        ("files = folder.glob('*.py')", ALL),
        ("open(f'{name}.py')", ALL),
        ("%run aside.py", ALL),
        ("!python aside.py", ALL),
        ("this is no python", ALL),
    ],
)
def test_a_notebook_reaches_what_it_names_and_all_where_that_cannot_be_told(case, code, reached):
    assert Modules.of(case).reached(book(case, "x = 1", code))[0] == reached


@pytest.mark.parametrize("name", ["statistics.py", "json/inner.py", "casestudy.py", "pandas.py"])
def test_a_module_with_a_library_s_name_is_refused_before_anything_runs(case, tmp_path, name):
    (case.notebooks / name).parent.mkdir(exist_ok=True)
    (case.notebooks / name).write_text("")
    with pytest.raises(Refusal, match=f"notebooks/{name} has a library's name"):
        refuse_shadows(case)
    book(case, "1")
    with pytest.raises(Refusal, match="a library's name"):
        run(parameters.select([], case), {}, tmp_path / "out", case=case)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_tables_may_be_called_like_a_library(case):
    (case.notebooks / "json").mkdir()
    (case.notebooks / "json" / "a.csv").write_text("a\n1\n")
    refuse_shadows(case)


def test_modules_of_two_cases_with_one_name_do_not_meet(copy_of, tmp_path):
    said = []
    for word in ("first", "second"):
        case = copy_of(tmp_path / word)
        (case.notebooks / "mine.py").write_text(f"word = {word!r}")
        book(case, "import mine\nprint(mine.word)")
        outcomes = run(parameters.select([], case), {}, tmp_path / f"{word}-out", case=case)
        assert [outcome.error for outcome in outcomes] == [""]
        said += [output.text for output in table.outputs(nbformat.read(tmp_path / f"{word}-out" / "01-book.ipynb", 4))]
    assert said == ["first\n", "second\n"]
