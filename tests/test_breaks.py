"""The list of deliberate mistakes fits the code as it stands; `make breaks` makes them."""

import ast
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BREAKS = tomllib.loads((ROOT / "tests" / "breaks.toml").read_text(encoding="utf-8"))["break"]


@cache
def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("entry", BREAKS, ids=lambda entry: f"{Path(entry['file']).stem}: {entry['new'].strip()[:40]}")
def test_a_mistake_can_be_made_in_one_place_and_names_a_test_that_exists(entry):
    assert (ROOT / entry["file"]).read_text(encoding="utf-8").count(entry["old"]) == 1
    path, _, name = entry["test"].partition("::")
    assert name.partition("[")[0] in functions(ROOT / path)


def test_no_mistake_is_made_twice():
    made = Counter((entry["file"], entry["old"], entry["new"]) for entry in BREAKS)
    assert max(made.values()) == 1
