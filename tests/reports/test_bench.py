"""What a sweep costs beside papermill's loop: who is counted, and whether the two show the same."""

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from casestudy.reports.bench.cost import Ended, measured
from casestudy.reports.bench.outputs import differing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bench counts CPU by what only Linux keeps")
BUSY = "import time\nwhile time.process_time() < 0.3: pass"


def python(code, *words):
    return [sys.executable, "-c", code, *words]


# What is counted


@pytest.mark.parametrize(
    "how",
    ["subprocess.run(busy)", "subprocess.Popen(busy)", "subprocess.Popen(busy, start_new_session=True)"],
    ids=["waited for", "orphaned", "in a session of its own"],
)
def test_cpu_of_a_child_that_ended_is_counted_whoever_waited_for_it(tmp_path, how):
    child = f"import subprocess, sys\nbusy = [sys.executable, '-c', {BUSY!r}]\n{how}"
    cost = measured(
        python(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"), tmp_path / "log"
    )
    assert cost.cpu >= 0.3


def test_a_process_that_was_there_before_is_neither_counted_nor_ended(tmp_path):
    with subprocess.Popen(
        python(f"{BUSY}\nprint(flush=True)\ninput()"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as own:
        own.stdout.readline()
        cost = measured(["true"], tmp_path / "log")
        assert own.poll() is None and cost.cpu < 0.3
        own.communicate(b"\n")


def test_a_command_that_fails_says_what_it_said(tmp_path):
    with pytest.raises(Ended, match="ended with 3") as ended:
        measured(python("print('no disk'); raise SystemExit(3)"), tmp_path / "log")
    assert ended.value.said == "no disk"


def test_an_interrupt_leaves_nothing_running(tmp_path):
    code = "import signal, sys\nfrom pathlib import Path\nfrom casestudy.reports.bench.cost import measured\n"
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # also below `make test &`
    code += f"measured(['sh', '-c', 'echo; sleep 600 & sleep 600'], Path({str(tmp_path / 'log')!r}))"
    with subprocess.Popen(python(code), stderr=subprocess.PIPE) as own:
        while not ((tmp_path / "log").exists() and (tmp_path / "log").read_text()):
            time.sleep(0.05)
        below = psutil.Process(own.pid).children(recursive=True)
        own.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in own.communicate()[1]
    assert below and not any(process.is_running() for process in below)


# What counts as equal


@pytest.fixture
def shows(tmp_path):
    """Write a notebook of which each cell shows some outputs."""

    def shows(name, *cells):
        book = new_notebook(cells=[new_code_cell("show()", outputs=list(outputs)) for outputs in cells])
        nbformat.write(book, tmp_path / f"{name}.ipynb")
        return tmp_path / f"{name}.ipynb"

    return shows


def printed(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def picture(pixels):
    return new_output("display_data", {"text/html": f'<img alt="a" src="data:image/png;base64,{pixels}">'})


@pytest.mark.parametrize(
    "one, other",
    [
        ([printed("ab")], [printed("a"), printed("b")]),
        ([printed("a"), printed("!", "stderr"), printed("b")], [printed("ab"), printed("!", "stderr")]),
        ([printed("<f at 0x7f01aa02bb03>")], [printed("<f at 0x7e99aa02bb03>")]),
        ([printed("<svg><dc:date>2026</dc:date>")], [printed("<svg><dc:date>2027</dc:date>")]),
        ([printed("/a/run/x.py:1: Warning")], [printed("x.py:1: Warning")]),
    ],
    ids=["pieces", "turns", "addresses", "dates of pictures", "folders"],
)
def test_what_differs_between_any_two_runs_makes_no_difference(shows, one, other):
    assert differing(shows("one", [], one), shows("other", [], other), (Path("/a/run"),)) is None


@pytest.mark.parametrize(
    "one, other",
    [
        ([printed("0.1")], [printed("0.10")]),
        ([printed("a")], [printed("a", "stderr")]),
        ([printed("a")], []),
        ([new_output("display_data", {"image/png": "AA"})], [new_output("display_data", {"image/png": "AB"})]),
        ([new_output("error", ename="E", evalue="1")], [new_output("error", ename="E", evalue="2")]),
    ],
    ids=["a letter", "a stream", "nothing", "a pixel", "an error"],
)
def test_any_other_difference_is_told_with_its_cell(shows, one, other):
    assert differing(shows("one", [], one), shows("other", [], other), drawn=False) == 2


def test_a_cell_more_is_a_difference(shows):
    assert differing(shows("one", []), shows("other", [], [])) == 2


def test_pictures_that_name_the_changed_parameters_are_held_to_their_words_alone_where_asked(shows):
    one, other = shows("one", [picture("AA")]), shows("other", [picture("AB")])
    assert differing(one, other) == 1 and differing(one, other, drawn=False) is None


# The command


@pytest.fixture
def case(copied_case, light, monkeypatch, tmp_path):
    """A case whose notebook shows another thing in a run of ours, for one of its two sets."""
    other = "import os\nn, n == 2 and 'CASESTUDY_FIGURES' in os.environ"
    light(copied_case, "01-light", "n = 1  # heads; 1..9; our choice", "n", other)
    light(copied_case, "02-other", "n = 1  # heads; 1..9; our choice", "n")
    monkeypatch.setenv("CASESTUDY_CASE", str(copied_case.root))
    (tmp_path / "grid.toml").write_text('notebook = "01"\n[grid]\nn = [1, 2]\n')
    return copied_case


def test_costs_stand_side_by_side_and_a_set_that_shows_something_else_is_named(case, typed, tmp_path):
    before = {path: path.read_bytes() for path in case.root.rglob("*") if path.is_file()}
    out = tmp_path / "out"
    code, output, complaints = typed("bench", "01", str(tmp_path / "grid.toml"), "--out", str(out))
    assert code == 1 and "1 of 2" in output
    with (out / "bench.csv").open() as file:
        theirs, *ours = csv.DictReader(file)
    assert theirs["tool"] == "papermill, loop" and theirs["sets_equal"] == "2" and float(theirs["times_less_cpu"]) == 1
    assert {row["sets_equal"] for row in ours} == {"1"} and all(float(row["cpu_s"]) > 0 for row in ours)
    assert complaints.count("(n = 2) shows something else from code cell 3 on") == len(ours)
    assert len(list(out.glob("papermill/*.ipynb"))) == 2 and not list(out.glob(".*"))
    assert before == {path: path.read_bytes() for path in case.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "notebook, grid, told",
    [
        ("03", "n = [1]", "no notebook '03'"),
        ("nowhere/01-light.ipynb", "n = [1]", "there is no file nowhere/01-light.ipynb"),
        ("stray/01-light.ipynb", "n = [1]", "stray/01-light.ipynb lies not in"),
        ("02", "n = [1]", "must ask for sets of 02-other alone: it asks for 01-light, too"),
        ("01", "m = [1]", "01-light has no parameter 'm'"),
        ("01", "n = {from = 1, to = 9, step = 0.0001}", "bench runs 10,000 at most"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(case, typed, tmp_path, monkeypatch, notebook, grid, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stray").mkdir()
    (tmp_path / "stray/01-light.ipynb").write_bytes((case.notebooks / "01-light.ipynb").read_bytes())
    (tmp_path / "grid.toml").write_text(f'notebook = "01"\n[grid]\n{grid}\n')
    code, output, complaints = typed("bench", notebook, "grid.toml")
    assert (code, output, complaints.count("\n")) == (2, "", 1) and told in complaints


def test_a_notebook_in_no_case_is_refused_with_what_to_do(case, typed, tmp_path, monkeypatch):
    monkeypatch.delenv("CASESTUDY_CASE")
    (tmp_path / "01-light.ipynb").write_bytes((case.notebooks / "01-light.ipynb").read_bytes())
    code, _, complaints = typed("bench", str(tmp_path / "01-light.ipynb"), str(tmp_path / "grid.toml"))
    assert code == 2 and "lies in no case" in complaints and "casestudy new DIR --empty" in complaints


def test_sets_that_fail_are_refused_with_what_failed(case, light, typed, tmp_path):
    light(case, "01-light", "n = 1  # heads; 1..9; our choice", "n", "1 / (n - 2)")
    code, _, complaints = typed("bench", "01", str(tmp_path / "grid.toml"))
    assert (code, complaints.count("\n")) == (2, 1)
    assert "casestudy sweep --no-share did not run them all" in complaints and "ZeroDivisionError" in complaints
