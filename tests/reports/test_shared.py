"""What cells need, which sets begin alike, and what a sweep with common cells says of itself."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from sharing import ALWAYS, worth_it

from casestudy import variant
from casestudy.case import open_case
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import grid, parameters, source
from casestudy.reports.sets.outcome import ParameterSet
from casestudy.reports.sets.parameters import Notebook, Parameter
from casestudy.reports.shared import branches
from casestudy.reports.shared.branches import Node, Trunk, difference, grow
from casestudy.reports.shared.needs import Needs, named, needs
from casestudy.reports.shared.state import Begun
from casestudy.reports.sweep import Plan, sweep
from casestudy.reports.together import Together


def cells(*texts):
    """A notebook's cells: the parameters, what changes them, and these."""
    found = [nbformat.v4.new_code_cell(text) for text in ("a = 1\nb = 2", "# Parameters", *texts)]
    for cell, tag in zip(found, (source.PARAMETERS, source.INJECTED), strict=False):
        cell.metadata.tags = [tag]
    return found


# What cells need


@pytest.mark.parametrize(
    "text",
    [
        *("a + 1", "f'{a}'", "frame.query('x > @a')", "ols('y ~ x + a', frame)", "def late():\n    return a"),
        *("lambda x=a: x", "class C:\n    level = a", "[x for x in y if x > a]", "global a", "del a"),
    ],
)
def test_a_cell_that_names_a_parameter_in_any_way_needs_it(text):
    assert needs(cells("1", text, "2"), ["a", "b"]).first == {"a": 3, "b": 5}


@pytest.mark.parametrize(
    "text",
    [
        *("frame.a", "f(a=3)", "'alphabet'", "open('x.csv')", "np.random.default_rng(7)", "frame.eval('x + y')"),
        *("np.random.seed(7); np.random.rand()", "time.sleep(1)", "identity = 3", "import uuids"),
        *(
            "import time",
            "np.absolute(x)",
            "frame['now']",
            "pd.Timestamp('2019')",
            "np.random.Generator(np.random.PCG64(seed=7))",
        ),
    ],
)
def test_what_names_none_may_be_common(text):
    assert needs(cells(text), ["a"]) == Needs({"a": 3}, 3)


@pytest.mark.parametrize(
    "text",
    [
        *("%time 1", "!ls", "await f()", "globals()['a' + 'b']", "eval('a')", "get_ipython()", "In[1]", "_i", "id(x)"),
        *("time.time()", "pd.Timestamp.now()", "import threading", "from time import time", "from x import *"),
        *("np.random.rand()", "random.random()", "np.random.default_rng()", "open('x', 'w')", "open('x', mode=how)"),
        *("clock = time.time", "import time as t", "pd.Timestamp('now')", "timeit.default_timer()", "__import__('x')"),
        *("Path('.').resolve()", "here.absolute()", "os.path.realpath('.')", "os.environ['IPYTHONDIR']"),
        *("np.random.default_rng(None)", "default_rng(seed=None)", "Generator(PCG64())", "random.seed()"),
        *("os.getcwd()", "uuid.uuid4()", "import tempfile", "sqlite3.connect('x')", "os.environ['CASESTUDY_FIGURES']"),
    ],
)
def test_what_no_two_runs_have_in_common_ends_what_is_common_and_says_why(text):
    found = needs(cells("1", text, "a"), ["a"])
    assert (found.first, found.stop) == ({"a": 3}, 3) and found.why


@pytest.mark.parametrize("texts", [["x = b", "y = x", "show(y)"], ["np.random.seed(b)", "1", "show(2)"]])
def test_a_cell_whose_picture_would_name_a_parameter_needs_it(texts):
    code = cells("import numpy as np", *texts)
    for place, names in enumerate(named(code, ["a", "b"])):
        assert all(needs(code, ["a", "b"]).first[name] <= place for name in names)


@pytest.mark.parametrize("book", parameters.select([], open_case()), ids=lambda book: book.stem)
def test_nothing_in_the_built_in_case_s_notebooks_ends_what_is_common(book):
    assert needs(source.glance(book.path)[0].cells, list(book.parameters)).why == ""


def test_a_module_that_looks_at_a_clock_leaves_nothing_common():
    assert needs(cells("import own", "a"), ["a"], ["import time\nnow = time.time()"]).stop == 2


# What a picture can depend on


@pytest.mark.parametrize(
    "texts, last",
    [
        (["x = a", "show(x)"], ["a"]),
        (["x = a", "y = x", "show(y)"], ["a"]),
        (["x = a", "show(y)"], []),
        (["x = a", "y.append(x)", "show(y)"], ["a"]),
        (["import numpy as np\nx = np.ones(a)", "show(np.ones(3))"], []),
        (["import numpy as np\nnp.random.seed(a)", "show(1)"], ["a"]),
        (["import matplotlib.pyplot as plt\nplt.rcParams['x'] = a", "show(1)"], ["a"]),
        (["x = a", "show(globals())"], ["a", "b"]),
        (["%config x = a", "show(1)"], ["a", "b"]),
        (["x = a", "show('compile the input')"], []),  # words of a text are not Python's
    ],
)
def test_a_picture_names_what_may_have_come_to_it_and_no_other(texts, last):
    assert named(cells(*texts), ["a", "b"])[-1] == last


def test_the_running_cell_tells_which_of_them_are_named(tmp_path, monkeypatch):
    variant.announce(tmp_path, {"a": 5, "b": 6}, [[], ["b"]])
    monkeypatch.setenv(variant.FOLDER, str(tmp_path))
    shell = SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=["", "first", "second"]))
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert variant.seen() == {"b": 6} and variant.changed() == {"a": 5, "b": 6}
    monkeypatch.setattr("IPython.get_ipython", lambda: None)  # where nobody can tell, all
    assert variant.seen() == {"a": 5, "b": 6}


# The tree


def sets(tmp_path, *values):
    parameters = {name: Parameter(name, 0) for name in "ab"}
    book = Notebook(tmp_path / "01-x.ipynb", "?", parameters, ())
    return [ParameterSet(book, dict(zip("ab", pair, strict=True))) for pair in values]


def tree(tmp_path, seconds, *values):
    """`a` is first needed in cell 3, `b` in cell 5; each cell takes what `seconds` says."""
    trunk = Trunk(cells("1", "a", "2", "b"), ("a", "b"), Needs({"a": 3, "b": 5}, 6))
    return grow(trunk, sets(tmp_path, *values), seconds, sum(seconds.values()))


TWELVE = [(a, b) for a in (1, 2) for b in range(1, 7)]


def test_sets_part_at_the_cell_that_first_needs_what_differs(tmp_path):
    all_dear = {2: 9.0, 3: 9.0, 4: 9.0, 5: 9.0}
    [root] = tree(tmp_path, all_dear, *TWELVE)
    assert (root.start, root.stop, root.sets) == (0, 3, [])
    assert [(node.start, node.stop, [one.values["a"] for one in node.sets]) for node in root.below] == [
        (3, 5, [1] * 6),
        (3, 5, [2] * 6),
    ]


@pytest.mark.parametrize(
    "seconds, expected",
    [
        ({2: 9.0, 5: 9.0}, [(0, 3, 12)]),  # what is dear stands before `a`: no deeper state
        ({3: 9.0, 5: 1.0}, [(0, 5, 6), (0, 5, 6)]),  # or between `a` and `b`: a state for each `a`
        ({2: 0.1, 5: 9.0}, []),  # or after both
        ({}, []),
    ],
)
def test_a_state_is_opened_where_it_saves_more_than_the_set_that_runs_twice(tmp_path, seconds, expected):
    found = tree(tmp_path, seconds, *TWELVE)
    assert [(node.start, node.stop, len(node.sets)) for node in found] == expected


@pytest.mark.parametrize(
    "texts, seconds, so_far, waits",
    [
        (["1", "a", "b"], 0.05, 1.0, False),  # eleven times that is less than a set takes
        (["1", "a", "b"], 1.0, 1.0, True),
        (["1", "a", "2", "b"], 0.05, 1.0, True),  # what stands between them may be dear
        (["a", "b"], 0.0, 1.0, False),
    ],
)
def test_others_wait_for_the_first_set_only_while_a_state_may_pay(tmp_path, texts, seconds, so_far, waits):
    first = {"a": 1 + texts.index("a"), "b": 1 + texts.index("b" if "2" in texts else "a")}
    trunk = Trunk(cells(*texts), ("a", "b"), Needs({name: cell + 1 for name, cell in first.items()}, 9))
    together = Together(None, trunk, sets(tmp_path, *TWELVE), print)
    assert together._may_pay(SimpleNamespace(seconds=seconds), so_far) is waits


def test_what_the_first_cell_needs_parts_sets_where_nothing_runs_before_it(tmp_path):
    trunk = Trunk(cells("a", "2", "b"), ("a", "b"), Needs({"a": 2, "b": 4}, 5))
    found = grow(trunk, sets(tmp_path, *TWELVE), {3: 9.0}, 9.0)
    assert [(node.start, node.stop, {one.values["a"] for one in node.sets}) for node in found] == [
        (0, 4, {1}),
        (0, 4, {2}),
    ]


def test_a_set_cannot_begin_where_a_parameter_has_another_value():
    begun = Begun("", {}, "", ("b",), {"a": 1})
    with pytest.raises(ValueError, match="a set with another a cannot begin from here"):
        begun.resume(nbformat.v4.new_notebook(), {"a": 2, "b": 1})


def test_two_sets_have_nothing_to_gain(tmp_path):
    assert tree(tmp_path, {2: 99.0}, (1, 1), (2, 1)) == []


def test_any_set_below_a_node_is_one_of_it(tmp_path):
    one, other = sets(tmp_path, (1, 1), (2, 2))
    assert Node(0, 3, [], [Node(3, 5, [one]), Node(3, 5, [other])]).some() is one


def ran(*outputs):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", execution_count=n + 1) for n in range(2)])
    for cell, text in zip(book.cells, outputs, strict=True):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    return {"x.ipynb": nbformat.writes(book).encode(), "figures/x.png": b"dots"}


def test_two_runs_differ_in_what_they_show_not_in_where_objects_lie():
    assert difference(ran("1", "<A at 0x7f0012345678>"), ran("1", "<A at 0x7fffffffffff>"), "x") == ""
    assert difference(ran("1", "2"), ran("1", "3"), "x") == "cell 2"
    assert difference(ran("1", "2"), ran("1", "2") | {"figures/x.png": b"others"}, "x") == "the file figures/x.png"


# A sweep

NAMES = "from casestudy import variant\n", "print(sorted(variant.seen()))"
OF_WORKERS = {"numpy", "pandas", "matplotlib", "jinja2", "nbformat", "jsonschema", "nbconvert", "papermill", "zmq"}
COMMON, OWN = "heavy = sum(range(10))\nprint(heavy)", "print(heads)"


@pytest.fixture
def swept(copy_of, light, tmp_path, monkeypatch):
    """Sweep over one notebook: what was told, and how many cells each set shared."""
    case = copy_of(tmp_path / "case")
    monkeypatch.setattr(ALWAYS, worth_it)

    def run(*texts, line="", **options):
        light(case, "01-x", "heads = 8.0  # heads; 0..800; ours", "heads", *texts)
        (tmp_path / "grid.toml").write_text(f'notebook = "01"\n{line}\n[grid]\nheads = [1, 2, 3, 4]\n')
        told = []
        given = grid.read(tmp_path / "grid.toml", case)
        options = {"share": given.share, "told": told.append, "html": False} | options
        done = sweep(Plan.of(given), tmp_path / "out", Local(2), case, **options)
        records = [json.loads(path.read_text()) for path in (tmp_path / "out" / "sets").glob("*/set.json")]
        return done, told, sorted(record["shared"] for record in records)

    return run


def test_a_record_says_how_many_cells_ran_once(swept):
    done, told, shared = swept(COMMON, OWN)
    assert (done.ok, told) == (4, [])
    assert shared[0] == 0 < shared[1] == shared[3]  # the first is the one that ran whole


@pytest.mark.parametrize("share", [True, False])
def test_each_cell_sees_the_changed_parameters_that_it_depends_on(swept, tmp_path, share):
    before, after = "".join(NAMES), f"heads\n{NAMES[1]}"
    swept(before, after, "1", NAMES[1], share=share)
    for path in (tmp_path / "out" / "sets").glob("*/01-x.ipynb"):
        shown = [cell.outputs[0].text for cell in nbformat.read(path, 4).cells if "seen()" in cell.source]
        assert shown == ["[]\n", "['heads']\n", "[]\n"]


def test_a_sweep_runs_where_an_event_loop_does_as_in_a_cell_of_a_notebook(swept):
    async def cell():
        return swept(COMMON, OWN)

    done, told, shared = asyncio.run(cell())
    assert (done.ok, told, sum(count > 0 for count in shared)) == (4, [], 3)


@pytest.mark.parametrize("how", [{"share": False}, {"line": "share = false"}])
def test_it_is_turned_off_by_option_or_in_the_grid(swept, how):
    assert swept(COMMON, OWN, **how)[2] == [0, 0, 0, 0]


def test_where_a_set_comes_out_otherwise_all_run_whole_and_the_cell_is_named(swept, monkeypatch):
    places = iter(["cell 3"])
    monkeypatch.setattr(branches, "difference", lambda *_: next(places))
    done, told, shared = swept(COMMON, OWN)
    assert (done.ok, done.failed, shared) == (4, 0, [0, 0, 0, 0])
    assert told == ["01-x: cell 3 came out otherwise where sets began together; all of its sets run whole"]


def test_the_front_page_is_made_by_a_worker_while_there_is_one():
    with Local(1) as local:
        assert local.aside(os.getpid) == os.getpid()  # no set has run
        worker = local.submit(os.getpid).result()
        assert local.aside(os.getpid) == worker != os.getpid()
        os.kill(worker, signal.SIGKILL)
        assert local.aside(os.getpid) == os.getpid()


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("import pandas", []),
        ("from casestudy.plots import show", ["scipy.stats", "seaborn"]),
        (
            "def late():\n    import statsmodels.api as sm",
            ["scipy.stats", "statsmodels.api", "statsmodels.stats.inter_rater"],
        ),
        ("from casestudy.models import impact", ["scipy.stats", "statsmodels.stats.inter_rater"]),
        ("%time 1", ["scipy.stats", "seaborn", "statsmodels.api", "statsmodels.stats.inter_rater"]),  # may be any
    ],
)
def test_what_a_notebook_does_not_name_is_not_imported_for_it(copy_of, light, tmp_path, text, there):
    light(case := copy_of(tmp_path / "case"), "01-x", "heads = 8.0  # heads; 0..800; ours", "heads", text)
    names = ["scipy.stats", "seaborn", "statsmodels.api", "statsmodels.stats.inter_rater"]
    with Local(1) as local:
        local.expect(parameters.select(["01"], case), case)
        found = local.submit(eval, f"[name for name in {names} if name in __import__('sys').modules]").result()
    assert found == there


def test_a_sweep_s_own_process_imports_no_more_than_it_needs(copy_of, light, tmp_path):
    light(case := copy_of(tmp_path / "case"), "01-x", "heads = 8.0  # heads; 0..800; ours", "heads")
    (tmp_path / "grid.toml").write_text('notebook = "01"\n[grid]\nheads = [1, 2]\n')
    code = f"import atexit, sys\natexit.register(lambda: print({OF_WORKERS} & {{*sys.modules}}, file=sys.stderr))\n"
    code += "sys.argv[0] = 'casestudy'\nfrom casestudy.cli import main\nmain()"
    command = [sys.executable, "-c", code, "sweep", "grid.toml", "--out", "out"]
    env = os.environ | {"CASESTUDY_CASE": str(case.root)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "set()\n") and "2 sets ran, 0 failed" in done.stdout


def test_share_is_true_or_false(copy_of, tmp_path):
    (tmp_path / "grid.toml").write_text('notebook = "02"\nshare = "no"\n[grid]\nseed = [1, 2]\n')
    with pytest.raises(ValueError, match="share must be true or false: got 'no'"):
        grid.read(tmp_path / "grid.toml", copy_of(tmp_path / "case"))
