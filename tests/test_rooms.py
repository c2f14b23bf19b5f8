"""The rooms and what they may know of each other, as docs/architecture.md draws them."""

import ast
import importlib
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import casestudy

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "src" / "casestudy"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_MODULES, MOST_LINES = 12, 330  # in a folder; in a module
INSIDE = "casestudy.classroom.sandbox.worker"  # runs beside students' code, in
SHELL = "casestudy.classroom.sandbox.shell"  # which it loads where that code runs
WORKER_KNOWS = {  # what draws figures and reports values, and nothing else of ours
    "casestudy",
    "casestudy.classroom",
    "casestudy.classroom.practice",  # its face, which loads the rest only where checks speak
    "casestudy.classroom.quiet",
    "casestudy.classroom.sandbox",
    "casestudy.classroom.sandbox.namespaces",
    "casestudy.classroom.sandbox.shell",
    "casestudy.classroom.sandbox.worker",
    "casestudy.classroom.sets",
    "casestudy.classroom.sets.answers",
    "casestudy.classroom.sets.problems",
    "casestudy.classroom.sets.options",
    "casestudy.classroom.sets.seeds",
    "casestudy.refusals",
}


def named(path: Path) -> str:
    parts = ("casestudy", *path.relative_to(CODE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {named(path): path for path in sorted(CODE.rglob("*.py"))}


@cache
def imports(module: str, everywhere: bool = True) -> frozenset[str]:
    """Modules of ours that one imports; everywhere: within functions and for type checking, too."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = {f"{node.module}.{name.name}" for name in node.names}
            found |= below & MODULES.keys() or {node.module}
    return frozenset(found & MODULES.keys())


def room(module: str) -> str:
    """The folder that a module lies in, or the module itself where it lies in a folder with others below it."""
    parts = module.split(".")[1:]
    for depth in range(len(parts), 0, -1):
        folder = CODE.joinpath(*parts[:depth])
        if folder.is_dir() and not any(
            below.is_dir() and (below / "__init__.py").exists() for below in folder.iterdir()
        ):
            return ".".join(parts[:depth])
    return ".".join(parts)


def arrows() -> dict[str, set[str]]:
    """Which rooms each room imports from."""
    found: dict[str, set[str]] = {}
    for module in MODULES:
        known = {room(other) for other in imports(module)} - {room(module), ""}
        found.setdefault(room(module), set()).update(known)
    return found


def drawn() -> dict[str, set[str]]:
    """The arrows of the architecture page: `room <- a, b` lines in its first code block."""
    block = re.search(r"```\n(.*?)```", PAGE, re.S)[1]
    lines = [line.partition("<-") for line in block.splitlines() if "<-" in line]
    return {name.strip(): set(re.findall(r"[\w.]+", known)) for name, _, known in lines}


def test_every_arrow_is_one_of_the_architecture_page_and_every_one_there_exists():
    assert {name: sorted(known) for name, known in arrows().items() if name} == {
        name: sorted(known) for name, known in drawn().items()
    }


@pytest.mark.parametrize(
    "graph", [arrows(), {module: set(imports(module)) for module in MODULES}], ids=["rooms", "modules"]
)
def test_there_is_no_circle(graph):
    left = {name: set(known) & graph.keys() for name, known in graph.items()}
    while free := [name for name, known in left.items() if not known]:
        for name in free:
            del left[name]
        for known in left.values():
            known.difference_update(free)
    assert not left


def test_a_folder_holds_at_most_a_dozen_modules_and_a_module_what_one_reads_at_a_sitting():
    folders = [path.parent for name, path in MODULES.items() if path.name != "__init__.py"]
    assert {folder.name: count for folder in folders if (count := folders.count(folder)) > MOST_MODULES} == {}
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def texts(path: Path) -> list[str]:
    """Every text in a module's code, its docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in found if id(node) not in words]


def test_no_module_is_named_in_a_text_but_where_a_process_is_started():
    """An arrow that no import shows is a hidden one."""
    rooms = "|".join(sorted({name.split(".")[1] for name in MODULES if "." in name}))
    name = re.compile(rf"\bcasestudy\.({rooms})\b")
    naming = {module for module, path in MODULES.items() if any(map(name.search, texts(path)))}
    starting = {"casestudy.forks", "casestudy.reports.executors.task", "casestudy.classroom.sandbox.bubblewrap"}
    writing = {"casestudy.classroom.sets.copies", "casestudy.classroom.practice.lab"}  # cells of a student's
    assert naming <= starting | writing


# The wall


def test_what_runs_beside_students_code_imports_nothing_that_could_know_an_answer():
    seen, waiting = set(), [INSIDE, SHELL]
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        parents = {module.rpartition(".")[0]} - {""}
        waiting += (imports(module, everywhere=False) | parents) - seen
    assert seen <= WORKER_KNOWS


def test_a_graded_notebook_s_own_imports_load_nothing_more():
    code = (
        f"import sys, {INSIDE}\nfrom casestudy.classroom.quiet import quiet\nquiet.set(True)\n"
        "from casestudy.classroom import check, individual, predict, ready\n"
        "problem_set, code = '02-satisfaction', 'seed 1'\nindividual(problem_set, code)\n"
        "assert check(x=1) is predict(x=1) is ready() is None\n"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] == 'casestudy'))"
    )
    assert set(run(code).split()) <= WORKER_KNOWS


# Importing


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_any_module_changes_nothing_in_the_process():
    names = [name for name in MODULES if name != "casestudy.__main__"]
    code = f"""
import importlib, os, signal, sys, threading, warnings
state = lambda: (dict(os.environ), os.getcwd(), sys.path[:], sys.stdout, sys.excepthook, threading.active_count(),
                 [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)])
before = state()
for name in {names!r}:
    importlib.import_module(name)
assert state() == before
print(*[name for name, module in sys.modules.items() if module is None])
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CASESTUDY")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_package_says_that_it_is_typed():
    assert Path(casestudy.__file__).with_name("py.typed").exists()


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").rglob("*.py")), ids=lambda path: path.stem)
def test_what_a_benchmark_imports_of_ours_is_there(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "casestudy":
            module = importlib.import_module(node.module)
            assert all(hasattr(module, name.name) or f"{node.module}.{name.name}" in MODULES for name in node.names)
