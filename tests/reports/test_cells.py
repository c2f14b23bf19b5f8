"""Pages name the values that ran, failures say why, and no wait is without an end."""

import json
import sys
import time

import nbformat
import psutil
import pytest

from casestudy import cli, forks
from casestudy.reports.executors import cells, warm
from casestudy.reports.run import run
from casestudy.reports.sets import parameters

X = "x = 1.0  # u; 0..9; ours"
C, M = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


def tagged(code, *tags):
    return C(code, metadata={"tags": list(tags)})


def book(*cells):
    return nbformat.v4.new_notebook(
        cells=[M("# Why?"), *(C(cell) if isinstance(cell, str) else cell for cell in cells)]
    )


GIVEN = tagged(X, "parameters")
RAISES = "get_ipython().ast_transformers.append(Twice())"
TWICE = """
import ast
class Twice(ast.NodeTransformer):
    def visit_Constant(self, found):
        return ast.copy_location(ast.Constant(2.0), found) if found.value == 7.0 else found
"""
FINDS = """
import matplotlib, os, pandas as pd, helper, deep.inside
print(pd.read_csv("beside.csv").a.sum(), helper.answer, deep.inside.answer)
print(sorted({*os.listdir()} - {"__pycache__"}), "personal" in globals(), matplotlib.rcParams["lines.linewidth"])
"""
WARNS = "import warnings\nwarnings.warn('odd')\nhelper.warn()"
FILES = {
    "beside.csv": "a\n1\n2\n",
    "helper.py": "import warnings\nanswer = 5\ndef warn(): warnings.warn('odder')",
    "deep/inside.py": "answer = 7",
    ".hidden": "",
    "__pycache__/helper.pyc": "",
}
BOOKS = {
    "01-twice": book(TWICE + RAISES, GIVEN, "print(x)"),
    "02-skipped": book(tagged(X, "parameters", "skip-execution"), "print(1)"),
    "03-left-over": book(tagged("# Parameters\nx = 9.0", "injected-parameters"), GIVEN, "print('X', x)"),
    "04-rebinds": book(GIVEN, "x = x + 1\nprint(x)"),
    "10-exits": book("import sys\nsys.exit(0)", "print('never')"),
    "11-quits": book("quit()", "print('sometimes')"),
    "12-says-why": book("import sys\nsys.exit('\\nenough')"),
    "13-magic": book("%nosuchmagic 1"),
    "14-cell-magic": book("%%nosuch\n1"),
    "15-begins-empty": book("raise ValueError('\\n\\r\\n\\x1b[31m real reason\\nand more')"),
    "16-says-nothing": book("raise KeyError"),
    "17-may-raise": book(tagged("1 / 0", "raises-exception"), "print('END')"),
    "18-exits-but-may": book(tagged("raise SystemExit(3)", "raises-exception"), "print('END')"),
    "19-shows-an-error": book("try:\n    1 / 0\nexcept Exception:\n    get_ipython().showtraceback()"),
    "22-cannot-be-shown": book("class A:\n    def __repr__(self): raise ValueError('no')\nA()"),
    "23-links": book(r"raise ValueError('\x1b]8;;http://x.org\x07here\x1b]8;;\x07')"),
    "20-finds": book(FINDS, WARNS, "open('beside.csv', 'w').write('gone')\nopen('new.csv', 'w')"),
    "21-finds-again": book(FINDS),
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory, copy_of):
    """All of them, where another python3 stands first and a person has settings and start-up files."""
    folder = tmp_path_factory.mktemp("ran")
    case = copy_of(folder / "case")
    for stem, notebook in BOOKS.items():
        nbformat.write(notebook, case.notebooks / f"{stem}.ipynb")
    for name, content in FILES.items():
        (case.notebooks / name).parent.mkdir(exist_ok=True)
        (case.notebooks / name).write_text(content)
    (startup := folder / "ipython/profile_default/startup").mkdir(parents=True)
    (startup / "mine.py").write_text("personal = 1")
    (folder / "matplotlibrc").write_text("lines.linewidth: 9")
    (foreign := folder / "jupyter/kernels/python3").mkdir(parents=True)
    spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "Other", "language": "python"}
    (foreign / "kernel.json").write_text(json.dumps(spec))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("PYTHONSTARTUP", str(startup / "mine.py"))
        patch.setenv("MATPLOTLIBRC", str(folder / "matplotlibrc"))
        patch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        values = {"01-twice": {"x": 7.0}, "03-left-over": {"x": 3.0}, "04-rebinds": {"x": 3.0}}
        outcomes = run(parameters.select([], case), values, folder / "out", case=case)
    return case, folder / "out", {outcome.asked.notebook.stem: outcome.error for outcome in outcomes}


def printed(out, stem):
    read = nbformat.read(out / f"{stem}.ipynb", 4)
    outputs = [output for cell in read.cells if cell.cell_type == "code" for output in cell.outputs]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_a_page_names_no_value_that_did_not_run(ran):
    _, out, errors = ran
    assert errors["01-twice"] == "the page would say x = 7.0, but the cell ran with 2.0"
    assert errors["02-skipped"] == "the page would say x = 1.0, but no cell has set it"
    assert not (out / "01-twice.html").exists()


def test_a_left_over_cell_changes_nothing(ran):
    _, out, errors = ran
    assert errors["03-left-over"] == "" and printed(out, "03-left-over") == "X 3.0\n"


def test_a_name_that_a_later_cell_computes_anew_is_its_authors_business(ran):
    _, out, errors = ran
    assert errors["04-rebinds"] == "" and printed(out, "04-rebinds") == "4.0\n"


def test_reading_back_leaves_no_trace(ran):
    read = nbformat.read(ran[1] / "04-rebinds.ipynb", 4)
    code = [cell for cell in read.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3] and "json" not in nbformat.writes(read)
    assert [cell.source for cell in code] == [X, "# Parameters\nx = 3.0\n", "x = x + 1\nprint(x)"]


@pytest.mark.parametrize(
    ("stem", "error"),
    [
        ("10-exits", "cell 1: SystemExit: 0: it ended the notebook; what follows it did not run"),
        ("11-quits", "cell 1: exit() ended the notebook; what follows it did not run"),
        ("12-says-why", "cell 1: SystemExit: enough: it ended the notebook; what follows it did not run"),
        ("13-magic", "cell 1: UsageError: Line magic function `%nosuchmagic` not found."),
        ("14-cell-magic", "cell 1: UsageError: Cell magic `%%nosuch` not found."),
        ("15-begins-empty", "cell 1: ValueError: real reason"),
        ("16-says-nothing", "cell 1: KeyError"),
        ("17-may-raise", ""),
        ("18-exits-but-may", ""),
        ("22-cannot-be-shown", "cell 1: ValueError: no"),
        ("23-links", "cell 1: ValueError: here"),
        ("19-shows-an-error", "cell 1: ZeroDivisionError: division by zero"),
    ],
)
def test_what_failed_says_why_in_one_line(ran, stem, error):
    assert ran[2][stem] == error
    if "may" in stem:
        assert printed(ran[1], stem).endswith("END\n")


def test_what_lies_beside_a_notebook_is_read_and_imported_and_stays_as_it_is(ran):
    case, out, errors = ran
    found = "3 5 7\n['beside.csv', 'deep', 'helper.py']"
    assert errors["20-finds"] == errors["21-finds-again"] == ""
    for stem in ("20-finds", "21-finds-again"):
        assert printed(out, stem).startswith(found)
    assert {name: (case.notebooks / name).read_text() for name in FILES} == FILES


def test_a_persons_own_settings_reach_no_kernel_of_a_run(ran):
    assert "False 1.5\n" in printed(ran[1], "20-finds")


def test_warnings_carry_no_path_that_changes_with_each_run(ran):
    told = printed(ran[1], "20-finds")
    assert "<cell>:2: UserWarning: odd\n" in told and "\nhelper.py:3: UserWarning: odder" in told


def test_a_link_that_leads_back_ends(copied_case):
    (copied_case.notebooks / "loop").symlink_to(copied_case.notebooks)
    (copied_case.notebooks / "one.csv").write_text("1")
    assert [path.name for path in copied_case.beside()] == ["loop", "one.csv"]


# Waits have an end


@pytest.fixture(scope="module")
def server():
    with forks.server(warm.PRELOAD):
        yield


@pytest.fixture
def execute(server, tmp_path, monkeypatch):
    """Run cells in this process, on a warm kernel; the line that says what stopped them."""
    (folder := tmp_path / "s").mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("CASESTUDY_FIGURES", str(folder))

    def execute(notebook, seconds=60.0):
        return cells.run(notebook, str(tmp_path), {}, seconds)

    return execute


OUTPUT_WIDGET = """
import comm
state = {"_model_name": "OutputModel", "_model_module": "@jupyter-widgets/output", "outputs": [], "msg_id": ""}
out = comm.create_comm(target_name="jupyter.widget", data={"state": state})
"""
WITHIN = """
mine = get_ipython().kernel.get_parent()["header"]["msg_id"]
out.send({"method": "update", "state": {"msg_id": mine}})
print("inside", flush=True)
out.send({"method": "update", "state": {"msg_id": ""}})
"""


@pytest.mark.parametrize("number", [1, pytest.param(200, marks=pytest.mark.slow)])
def test_output_widgets_never_swallow_the_end_of_a_cell(execute, number):
    for _ in range(number):
        notebook = book(OUTPUT_WIDGET, *[WITHIN] * (300 if number == 1 else 10), "print('END')")
        assert execute(notebook, 240) == "" and notebook.cells[-1].outputs[0].text == "END\n"


DROPS = """
kernel = get_ipython().kernel
send = kernel.session.send
kernel.session.send = lambda stream, what, *a, **k: None if what == "execute_reply" else send(stream, what, *a, **k)
"""


def test_a_reply_that_is_lost_is_not_waited_for(execute, monkeypatch):
    monkeypatch.setattr(cells, "LOST", 1)
    assert execute(book(DROPS)) == "cell 1: DeadKernelError: the kernel ended the cell without a reply"


def test_a_kernel_that_is_busy_after_the_last_cell_is_not_waited_for(execute):
    assert execute(book("import asyncio, time\nasyncio.get_running_loop().call_soon(time.sleep, 1000)")) == ""


STARTS = """
import subprocess, sys
print(subprocess.Popen(["sleep", "1000"], start_new_session=True).pid)
"""


@pytest.mark.parametrize(("cold", "seconds"), [("", 5), ("1", 7)])
@pytest.mark.skipif(sys.platform != "linux", reason="the processes are looked up as Linux shows them")
def test_a_set_out_of_time_says_so_and_leaves_no_process(execute, monkeypatch, cold, seconds):
    monkeypatch.setenv(forks.COLD, cold)
    notebook, before = book(STARTS, "while True: pass"), time.monotonic()
    told = f"out of time: cell 2 was still running after {seconds} s; --timeout gives a set more"
    assert execute(notebook, seconds) == told
    assert time.monotonic() - before < 60
    gone(int(notebook.cells[1].outputs[0].text))


def gone(left):
    until = time.monotonic() + 60
    while psutil.pid_exists(left) and psutil.Process(left).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="the processes are looked up as Linux shows them")
def test_a_notebook_that_ends_well_leaves_no_process_either(execute):
    notebook = book(STARTS)
    assert execute(notebook) == ""
    gone(int(notebook.cells[1].outputs[0].text))


@pytest.mark.parametrize("endless", ["while True: print('x' * 1000)", "print('x' * 3_000_000)\nwhile True: pass"])
def test_outputs_without_an_end_have_one(execute, monkeypatch, endless):
    monkeypatch.setattr(cells, "MOST_SHOWN", 2_000_000)
    notebook = book(endless)
    assert execute(notebook) == "cell 1: its outputs must hold less than 2 MB; show less, or a part"
    assert notebook.cells[1].outputs == []


def test_what_a_cell_takes_back_does_not_count(execute, monkeypatch):
    monkeypatch.setattr(cells, "MOST_SHOWN", 2_000_000)
    again = "from IPython.display import clear_output\nfor _ in range(30):\n    clear_output(); print('x' * 100_000)"
    assert execute(book(again)) == ""


def test_time_is_given_on_the_command_line(copied_case, tmp_path, monkeypatch, capsys):
    nbformat.write(book(GIVEN, "if x > 1: import time; time.sleep(1000)"), copied_case.notebooks / "01-x.ipynb")
    (tmp_path / "grid.toml").write_text('notebook = "01"\n[grid]\nx = [1.0, 2.0]\n')
    monkeypatch.setenv("CASESTUDY_CASE", str(copied_case.root))
    words = ["sweep", tmp_path / "grid.toml", "--out", tmp_path / "out", "--timeout", 7, "--workers", 2]
    monkeypatch.setattr("sys.argv", ["casestudy", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    streams = capsys.readouterr()
    assert ended.value.code == 1 and "1 sets ran, 1 failed" in streams.out
    assert "out of time: cell 3 was still running after 7 s" in streams.err
