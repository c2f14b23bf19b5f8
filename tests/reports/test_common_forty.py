"""Notebooks written to break a sweep that runs once what is common: each comes out the same, or runs unshared."""

import csv
import re
import shutil
import tempfile
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import nbformat
import pytest
from sharing import ALWAYS, by_notebook, wait_for_none, worth_it

from casestudy.claims.comparison import MIME
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import grid as grids
from casestudy.reports.sweep import Plan, sweep

ODD = tomllib.loads((Path(__file__).parent / "forty.toml").read_text())
STEMS = {name: f"{10 + number % 90}-{name}" for number, name in enumerate(ODD)}
PARAMETERS = 'threshold = 3  # none; 0..9; ours\nlabel = "b"  # none; ; ours'
SETS = [(1, "b"), (2, "b"), (3, "b"), (5, "b")]  # the third is the document's own
TWO = [(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "b"), (2, "c"), (3, "b")]
BESIDE = {
    "beside.csv": "x,y\n1,2\n3,4\n5,6\n",
    "own_peek.py": 'import sys\n\ndef level():\n    return getattr(sys.modules["__main__"], "thr" + "eshold", -1)\n',
    "own_push.py": 'import sys\n\ndef level():\n    sys._getframe(1).f_globals["thr" + "eshold"] = 50\n',
    "own_star.py": "threshold = 50\n",
    "own_chance.py": "import random\n\nDRAWN = random.random()\n",
    "own_state.py": "TOTAL = 0\n\ndef add(x):\n    global TOTAL\n    TOTAL += x\n",
    "own_place.py": 'from pathlib import Path\n\nTEXT = (Path(__file__).parent / "beside.csv").read_text()\n',
}
ROW = '"claim": "cx_agents", "printed": "750-800", "low": 750, "high": 800, "ours_low": None, "ours_high": None'
LONGEST = 60  # seconds that a set may take


def parameter_sets(odd):
    """The values of both parameters, for each set."""
    return [(threshold, "z") for threshold, _ in SETS] if odd.get("fixed") else TWO if odd.get("two") else SETS


def parts(odd):
    """Its own cells, each below what follows the sign that parts them."""
    return re.split(r"^# %%", "# %%\n" + odd["cells"], flags=re.M)[1:]


def write(folder, stem, odd):
    """A notebook of the table."""
    book, code = nbformat.v4.new_notebook(), nbformat.v4.new_code_cell
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.cells = [nbformat.v4.new_markdown_cell("# How many?"), code(PARAMETERS, metadata={"tags": ["parameters"]})]
    for part in parts(odd):
        tagged, _, source = part.replace("STEM", stem).partition("\n")
        book.cells.append(code(source.strip("\n"), metadata={"tags": re.findall(r"\[(.+)\]", tagged)}))
    row = f'{{{ROW}, "ours": {odd.get("ours", "threshold")}, "agrees": None, "basis": "restated"}}'
    shown = f'{{{MIME!r}: {{"rows": [{row} | {{"severity": None, "test": None}}]}}}}'
    book.cells.append(code(f"from IPython.display import display as show_row\nshow_row({shown}, raw=True)"))
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"
    nbformat.write(book, folder / f"{stem}.ipynb")


class Swept:
    """What a sweep over many notebooks left: what its sets show, their records, rows of results, and what was told."""

    def __init__(self, out, told):
        self.told, self.rows = told, defaultdict(list)
        self.sets, self.records = by_notebook(out)
        for row in csv.DictReader((out / "results.csv").open()):
            self.rows[row["notebook"]].append(row)

    def ours(self, stem):
        """What the sets of a notebook have recorded."""
        return [float(row["ours"]) for row in self.rows[stem]]


@pytest.fixture(scope="module")
def swept(copy_of, tmp_path_factory):
    """Sweep over all the notebooks of these names, each with its sets; nothing may be left running, or lying about."""
    root = tmp_path_factory.mktemp("forty")
    case = copy_of(root / "case")
    for name, text in BESIDE.items():
        (case.notebooks / name).write_text(text)
    for name, odd in ODD.items():
        write(case.notebooks, STEMS[name], odd)

    def run(names, out, **options):
        table = root / f"{out}.csv"
        lines = [f"{STEMS[name]},{one},{other}" for name in names for one, other in parameter_sets(ODD[name])]
        table.write_text("notebook,threshold,label\n" + "\n".join(lines) + "\n")
        told = []
        scratch = Path(tempfile.mkdtemp(dir="/tmp"))  # a socket's whole path must be short
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(scratch))
            patch.setenv("TMPDIR", str(scratch))
            patch.setenv("PYTHONHASHSEED", "1")  # or the order of a set were another in each server
            patch.setenv("CASESTUDY_CASE", str(case.root))
            patch.setattr(ALWAYS, worth_it)
            plan = Plan.of(grids.read(table, case))
            sweep(plan, root / out, Local(2), case, html=False, seconds=LONGEST, told=told.append, **options)
            wait_for_none(case)
            assert list(scratch.iterdir()) == []
            found = Swept(root / out, told)
        shutil.rmtree(scratch)
        return found

    return run


def shared_and_whole(swept, slow):
    names = [name for name, odd in ODD.items() if odd.get("slow", False) == slow]
    alike = [name for name in names if "differs" not in ODD[name]]
    return swept(names, f"shared-{slow}", share=True), swept(alike, f"whole-{slow}", share=False)


@pytest.fixture(scope="module")
def usual(swept):
    """What the notebooks that are not slow show where common cells run once, and where nothing is shared."""
    return shared_and_whole(swept, slow=False)


@pytest.fixture(scope="module")
def slow(swept):
    """The same of the others."""
    return shared_and_whole(swept, slow=True)


@pytest.fixture
def both(request):
    """The half of the table that a notebook belongs to."""
    return lambda name: request.getfixturevalue("slow" if ODD[name].get("slow") else "usual")


def each(wanted=lambda odd: True):
    return [
        pytest.param(name, marks=pytest.mark.slow if odd.get("slow") else ())
        for name, odd in ODD.items()
        if wanted(odd)
    ]


def test_there_are_enough_of_each_kind():
    """Else a sweep that shares nothing, or refuses nothing, could pass."""
    kinds = Counter(odd["expect"] for odd in ODD.values())
    assert kinds.keys() == {"shared", "refused", "either", "whole"} and kinds.total() >= 40
    assert kinds["shared"] >= 15 and kinds["refused"] >= 10


@pytest.mark.parametrize("name", each(lambda odd: "differs" not in odd))
def test_a_set_shows_the_same_whether_or_not_something_is_shared(name, both):
    shared, whole = both(name)
    assert_same(shared, whole, name)


def assert_same(one, other, name):
    stem = STEMS[name]
    assert one.sets[stem].keys() == other.sets[stem].keys() == set(parameter_sets(ODD[name]))
    for values, shows in other.sets[stem].items():
        assert one.sets[stem][values] == shows, values
    assert one.rows[stem] == other.rows[stem]


@pytest.mark.parametrize("name", each())
def test_cells_run_once_where_they_may_and_else_it_is_told(name, both):
    expect, stem, shared = ODD[name]["expect"], STEMS[name], both(name)[0]
    records = shared.records[stem].values()
    counts = [record["shared"] for record in records]
    told = [line for line in shared.told if stem in line]
    named = re.search(r"\bthreshold\b", parts(ODD[name])[0])  # then nothing is common, nor refused
    assert told or max(counts) > 0 or named or all(record["error"] for record in records)
    assert min(counts) >= 0 and max(counts) <= len(parts(ODD[name])) + 3, "there are no more cells"
    if expect == "shared":
        assert sum(count > 0 for count in counts) >= 2, told
    elif expect in ("refused", "whole"):
        assert set(counts) == {0}
        assert expect == "whole" or re.search(r"cell \d+", " ".join(told))


def test_all_that_is_told_names_a_notebook_and_is_one_line(both):
    for line in both("plain")[0].told:
        assert "\n" not in line and any(stem in line for stem in STEMS.values())


@pytest.mark.parametrize("name", each(lambda odd: odd.get("differs") == "sets"))
def test_no_two_sets_have_chance_or_time_in_common(name, both):
    ours = both(name)[0].ours(STEMS[name])
    assert len(set(ours)) == len(ours) == len(parameter_sets(ODD[name]))


def test_where_nothing_is_asked_for_nothing_is_shared_or_told(both):
    whole = both("plain")[1]
    assert whole.told == []
    assert {one["shared"] for stem in whole.records for one in whole.records[stem].values()} == {0}


@pytest.mark.slow
def test_without_sharing_each_is_the_same_twice_unless_the_table_says_otherwise(both, swept):
    again = swept(list(ODD), "again", share=False)
    for name, odd in ODD.items():
        shared, whole = both(name)
        if "differs" in odd:
            assert shared.sets[STEMS[name]] != again.sets[STEMS[name]], name
        else:
            assert_same(whole, again, name)


@pytest.mark.slow
def test_cold_kernels_share_nothing_say_so_and_show_the_same(both, swept, monkeypatch):
    names = ["plain", "two-parameters", "figure-across", "class-state", "warned-once"]
    monkeypatch.setenv("CASESTUDY_COLD", "1")
    cold = swept(names, "cold", share=True)
    assert cold.told
    for name in names:
        assert {one["shared"] for one in cold.records[STEMS[name]].values()} == {0}
        assert_same(cold, both(name)[0], name)
