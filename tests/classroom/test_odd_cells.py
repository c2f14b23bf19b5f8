"""Odd cells of honest students, by an ordinary kernel and by the grader: the same answers, or both say why not."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sandbox.sandbox import Sandbox
from casestudy.classroom.sandbox.shell import left_out
from casestudy.classroom.sets.answers import Answer
from casestudy.kernels import QUIET_LOG

ENTRIES = tomllib.loads(Path(__file__).with_name("odd_cells.toml").read_text(encoding="utf-8"))
ODD = {name: entry for name, entry in ENTRIES.items() if type(entry) is str}
LEFT_OUT = {name: entry for name, entry in ENTRIES.items() if type(entry) is dict}
Found = dict[str, tuple[str, list[str]]]  # by entry: what x is, and the names of what its cells raised


def cells_of(code: str) -> list[str]:
    return code.split("---\n") if "---\n" in code else [code]


def said(code: str) -> list[str]:
    return [what for cell in cells_of(code) for what, _ in left_out(cell)]


def laid_out(entries: dict[str, str]) -> list[tuple[str, str]]:
    """Every cell with the name of its entry; the last of each keeps what is in x, and takes it away."""
    laid = []
    for name, code in entries.items():
        laid += [(name, cell) for cell in cells_of(code)]
        laid.append((name, f"seen_{name} = repr(globals().pop('x', 'nothing'))"))
    return laid


def by_a_kernel(entries: dict[str, str], folder: Path) -> Found:
    """In one kernel, cell by cell; what an error is called comes with its reply, since some show none."""
    manager, client = start_new_kernel(cwd=str(folder), extra_arguments=[QUIET_LOG])
    try:
        raised: dict[str, list[str]] = {name: [] for name in entries}
        for name, cell in laid_out(entries):
            said = client.execute(cell, reply=True, timeout=60, allow_stdin=False, stop_on_error=False)["content"]
            raised[name] += [said["ename"]] if said["status"] == "error" else []
        asked = {name: f"seen_{name}" for name in entries}
        seen = client.execute("", user_expressions=asked, reply=True, timeout=60)["content"]["user_expressions"]
        return {name: (ast.literal_eval(seen[name]["data"]["text/plain"]), raised[name]) for name in entries}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def by_the_grader(entries: dict[str, str], sandbox: Sandbox) -> Found:
    """In several submissions, since one tells of so many errors only; their cells are numbered as in one notebook."""
    found, number, laid = {}, 0, []
    for name, cell in laid_out(entries):
        number += bool(cell.strip())
        laid.append((name, JobCell(cell, number=number)))
    names = [*entries]
    for those in (names[at : at + 40] for at in range(0, len(names), 40)):
        asked = {f"seen_{name}": Answer(f"seen_{name}", kind="text") for name in those}
        jobs = [(name, job) for name, job in laid if name in those]
        ran = sandbox.run([*(job for _, job in jobs), JobCell("", tuple(asked))], asked)
        raised: dict[str, list[str]] = {name: [] for name in those}
        for nth, words in ran.errors.items():
            raised[jobs[nth][0]].append(re.match(r"(?:line \d+: )?(?:\w+\.)*(\w+)", words)[1])
        found |= {name: (ran.values.get(f"seen_{name}"), raised[name]) for name in those}
    return found


@pytest.fixture(scope="module")
def sandbox(walls):
    with Sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_an_ordinary_kernel_and_the_grader_find_the_same(sandbox, tmp_path, every):
    odd = {name: ODD[name] for name in [*ODD][::every]}
    graded, ran = by_the_grader(odd, sandbox), by_a_kernel(odd, tmp_path)
    assert {name: found for name, found in graded.items() if found != ran[name]} == {}


def test_what_grading_leaves_out_is_said_and_costs_nothing_else(sandbox):
    found = by_the_grader({name: entry["code"] for name, entry in LEFT_OUT.items()}, sandbox)
    assert {name: value for name, (value, _) in found.items()} == {
        name: entry["graded"] for name, entry in LEFT_OUT.items()
    }
    assert [name for name, entry in LEFT_OUT.items() if not said(entry["code"])] == []


def test_nothing_is_said_of_what_grading_runs():
    assert {name: what for name, code in ODD.items() if (what := said(code))} == {}


def test_the_table_is_whole():
    assert len(ODD) > 120 and len(LEFT_OUT) > 15


def test_a_cell_has_the_number_of_a_run_from_the_top_though_some_are_not_run(sandbox):
    cells = [JobCell("'here'", number=7), JobCell("", ()), JobCell("'mine, not theirs'")]
    cells.append(JobCell("x = repr((_, Out, In[7], len(In)))", ("x",), number=9))
    ran = sandbox.run(cells, {"x": Answer("x", kind="text")})
    assert ran.values == {"x": repr(("here", {7: "here"}, "'here'", 10))}
