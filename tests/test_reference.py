"""What a researcher imports: where `help` says to start, and an example with every function."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import casestudy
from casestudy import claims, data

CODE = Path(casestudy.__file__).parent
MODULES = [
    "intervals",
    "granularity",
    *(f"models.{path.stem}" for path in sorted((CODE / "models").glob("[a-z]*.py"))),
]
WITHOUT = {  # tables that are too wide to show, and what only rooms of ours call
    *("data.front", "data.refuse", "data.series", "data.articles", "data.frame", "data.read", "data.reported"),
    *("models.curves.form_of", "models.curves.origin_of", "models.curves.refuse_ceiling"),
    *("claims.largest_reported_before", "claims.reported", "claims.reported_members"),
    *("models.programme.invented_log", "models.programme.invented_waves"),
}


def functions():
    """The functions of these modules, and those of the faces of data and claims, by the name that one imports."""
    faces = {"data": data, "claims": claims}
    found = {f"{name}.{word}": getattr(face, word) for name, face in faces.items() for word in face.__all__}
    for name in MODULES:
        module = importlib.import_module(f"casestudy.{name}")
        found |= {f"{name}.{word}": one for word, one in vars(module).items() if _is_its_own(one, module)}
    return [(name, one) for name, one in found.items() if inspect.isfunction(one)]


def _is_its_own(one, module):
    return inspect.isfunction(one) and one.__module__ == module.__name__ and one.__name__[0] != "_"


@pytest.mark.parametrize(("name", "function"), functions(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_function_has_an_example_that_runs(name, function):
    assert function.__doc__
    assert (">>>" in function.__doc__) is (name not in WITHOUT)  # pytest runs them


def test_help_says_where_to_start_with_names_that_exist():
    lines = [line.strip() for line in casestudy.__doc__.splitlines() if line.startswith("    ")]
    calls = [node for line in lines for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call)]
    assert len(casestudy.__doc__.splitlines()) <= 18 and len(calls) >= 4
    for call in calls:
        assert callable(getattr(importlib.import_module(f"casestudy.{call.func.value.id}"), call.func.attr))
    assert "claims.interval" in casestudy.__doc__ and "data.table" in casestudy.__doc__


def test_importing_the_package_loads_nothing_else():
    code = "import sys; before = set(sys.modules); import casestudy; print(*sorted(set(sys.modules) - before))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split() == ["casestudy"]
