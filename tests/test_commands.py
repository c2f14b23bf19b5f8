"""What commands print stands as it is, and they take no more of the machine than they may."""

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib.metadata import version

import nbformat
import numpy as np
import pytest

from casestudy import claims, cli
from casestudy.case import open_case
from casestudy.claims.evidence import Evidence
from casestudy.claims.verdicts import judge, listed, tallied
from casestudy.staging import cores


@pytest.fixture
def typed(copied_case, monkeypatch, capsys):
    """Type words after `casestudy` on the copied case; exit status, output and complaints."""

    def typed(*words):
        monkeypatch.setenv("CASESTUDY_CASE", str(copied_case.root))
        monkeypatch.setattr("sys.argv", ["casestudy", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return typed


def test_a_bug_shows_its_traceback_and_names_the_version(typed, monkeypatch):
    monkeypatch.setattr(claims, "load", lambda case=None: np.ones(2) + np.ones(3))
    code, output, complaints = typed("claims", "--readings")
    assert (code, output) == (1, "")
    assert complaints.startswith("Traceback") and "could not be broadcast" in complaints
    assert complaints.splitlines()[-1].startswith(f"casestudy {version('casestudy')}: this is a bug")


def test_a_formula_that_cannot_be_read_is_refused_in_one_line(typed, edit_claim):
    edit_claim("cx_deflect_97", "formula", "__import__('os')")
    code, output, complaints = typed("claims")
    assert (code, output, complaints.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    "words",
    [("exercises", "new"), ("lab",)],
    ids=lambda words: words[-1],
)
def test_a_place_that_cannot_be_written_to_is_refused_in_one_line(typed, tmp_path, words):
    (tmp_path / "file").touch()
    shutil.copytree(open_case().exercises, tmp_path / "case" / "exercises")
    code, output, complaints = typed(*words, f"{tmp_path / 'file'}/01-set")
    assert (code, output, complaints.count("\n")) == (2, "", 1) and "cannot write to" in complaints


def test_a_parameter_s_source_is_listed_whole_brackets_and_all(copied_case, typed):
    book = nbformat.v4.new_notebook()
    line = "heads = 775  # [heads]; 1..800; [claim: x] :bee:"
    given = nbformat.v4.new_code_cell(line, metadata={"tags": ["parameters"]})
    book.cells = [nbformat.v4.new_markdown_cell("# How [many]?"), given]
    nbformat.write(book, copied_case.notebooks / "01-heads.ipynb")
    code, said, _ = typed("list", "01")
    assert code == 0 and "01-heads: How [many]?" in said and "[claim: x] :bee:" in said


def test_only_cores_that_this_process_may_use_are_counted(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 3}, raising=False)
    assert cores() == 2


HEAVY = ("pandas", "scipy", "matplotlib", "frictionless", "nbformat", "jsonschema", "nbconvert", "papermill", "IPython")


@pytest.mark.parametrize(
    ("words", "also"),
    [
        ("list", ["numpy"]),
        ("list 02", ["numpy"]),
        ("claims", []),  # whose severities are sums over thousands of prints
        ("claims --json", []),
        ("cite", ["numpy"]),
        ("--help", ["numpy", "pydantic"]),
        ("check --help", ["numpy"]),
        ("exercises --help", ["numpy"]),
    ],
)
def test_a_listing_loads_nothing_that_takes_longer_than_the_listing(words, also):
    code = "import atexit, sys; sys.argv[0] = 'casestudy'\n"
    code += f"atexit.register(lambda: print(*sorted({{*{[*HEAVY, *also]}}} & sys.modules.keys()), file=sys.stderr))\n"
    code += "from casestudy.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *words.split()], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "\n") and done.stdout


def test_what_lists_claims_without_pandas_says_what_the_frames_say():
    evidence = Evidence()
    judged = judge(evidence)
    assert listed(evidence, judged) == claims.records(claims.load().join(claims.verdicts()))
    assert tallied(evidence, judged) == claims.tally()


def test_the_version_is_the_package_s_however_it_is_started(typed):
    said = f"casestudy {version('casestudy')}\n"
    assert typed("--version") == (0, said, "")
    done = subprocess.run([sys.executable, "-m", "casestudy", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, said)


def test_what_a_file_is_called_cannot_steer_the_terminal(typed):
    code, output, complaints = typed("exercises", "validate", "x\x1b[2J\u202e.ipynb")
    assert (code, output) == (2, "") and "is not a readable notebook" in complaints
    assert "\x1b" not in complaints and "\u202e" not in complaints


def test_claims_as_json_stay_json_whatever_stands_in_them(typed, edit_claim):
    edit_claim("cx_agents", "note", "a\x9bb\U000e0001c\u00a0d")
    rows = json.loads(typed("claims", "--json")[1])
    assert next(row["note"] for row in rows if row["id"] == "cx_agents") == "a\x9bb\U000e0001c\u00a0d"


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no hang-up")
@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_terminal_that_closes_interrupts_unless_it_is_to_be_ignored(monkeypatch, before):
    monkeypatch.setattr("sys.argv", ["casestudy", "--version"])
    kept = signal.signal(signal.SIGHUP, before)
    try:
        with pytest.raises(SystemExit):
            cli.main()
        now = signal.signal(signal.SIGHUP, kept)
    finally:
        signal.signal(signal.SIGHUP, kept)
    assert now is (before if before is signal.SIG_IGN else signal.default_int_handler)
