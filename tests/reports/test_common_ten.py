"""The built-in case's notebooks over grids: what is common once or for each set, warm or cold, all is the same."""

import csv
import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from sharing import ALWAYS, by_notebook, wait_for_none, worth_it

from casestudy.case import open_case
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import grid as grids
from casestudy.reports.sets import parameters
from casestudy.reports.sweep import Plan, sweep

pytestmark = pytest.mark.slow
SETS, COLD = 12, 2  # of each notebook; by cold kernels
GRIDS = {
    "00-the-case": {"document": ["000", "002", "003", "004"], "paragraph": [2, 5, 10]},
    "01-users-over-time": {"drag_575": [0, 100], "seed": [1, 2015], "ceiling": [1500.0, 2000.0, 3000.0]},
    "02-satisfaction": {"csat_after": [7.5, 8.1, 8.5], "seed": [1, 2015], "deflected": ["easy", "hard"]},
    "03-agents-avoided": {"deflection": [0.9, 0.97], "agents_low": [700, 750], "seed": [1, 2, 2015]},
    "04-mobile-cases": {"seed": [1, 2, 2014], "behaviour_trend": [-0.1, 0.0, 0.05, 0.1]},
    "05-five-purposes": {"concentration": [2.0, 4.0], "seed": [1, 2015], "class_size": [30, 40, 50]},
    "06-asking-for-help": {"seed": [1, 2015], "end_days": [5, 10], "job_days": [7, 14, 21]},
    "07-programme-metrics": {"base_rate": [0.1, 0.2], "people": [50, 100], "stay": [0.3, 0.5, 0.7]},
    "08-purpose-and-impact": {"found_anyway": [0.5, 0.7], "weeks_open": [4, 8, 12], "listings": [14000, 20000]},
    "09-the-audit": {
        "poland_accounts": [3.8e6, 5e6],
        "poland_daily": [0.2, 0.26, 0.3],
        "reading": ["conventional", "strict"],
    },
}


def table(path, number):
    """So many sets of each notebook, one a row; every second set of a grid where there are fewer than it has."""
    names = dict.fromkeys(name for axes in GRIDS.values() for name in axes)
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, ["notebook", *names], restval="")
        rows.writeheader()
        for stem, axes in GRIDS.items():
            sets = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
            rows.writerows({"notebook": stem} | one for one in sets[:: len(sets) // number])
    return path


@pytest.fixture(scope="module")
def swept(copy_of, tmp_path_factory):
    """Sweep over all notebooks: what their sets show, their records, the table, and what was told."""
    root = tmp_path_factory.mktemp("ten")
    case = copy_of(root / "case")  # whose processes no other test has started
    shutil.copytree(open_case().notebooks, case.notebooks, dirs_exist_ok=True)

    def run(name, number, share):
        scratch, told, out = Path(tempfile.mkdtemp(dir="/tmp")), [], root / name
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(scratch))
            patch.setenv("TMPDIR", str(scratch))
            patch.setenv("CASESTUDY_CASE", str(case.root))
            patch.setattr(ALWAYS, worth_it)
            plan = Plan.of(grids.read(table(root / f"{name}.csv", number), case))
            sweep(plan, out, Local(2), case, share=share, told=told.append)
            wait_for_none(case)
            assert list(scratch.iterdir()) == []
            shows, records = by_notebook(out)
        shutil.rmtree(scratch)
        return shows, records, (out / "results.csv").read_bytes(), told

    return run


@pytest.fixture(scope="module")
def whole(swept):
    """Each set by a warm kernel of its own."""
    return swept("whole", SETS, share=False)


@pytest.fixture(scope="module")
def shared(swept):
    return swept("shared", SETS, share=True)


@pytest.fixture(scope="module")
def cold(swept):
    """A few sets, each by an ordinary kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASESTUDY_COLD", "1")
        return swept("cold", COLD, share=False)


def test_each_notebook_has_its_grid():
    assert list(GRIDS) == [notebook.stem for notebook in parameters.select([], open_case())]


@pytest.mark.parametrize("stem", GRIDS)
def test_sets_show_the_same_where_what_is_common_runs_once(whole, shared, stem):
    assert len(whole[0][stem]) == SETS and {record["error"] for record in whole[1][stem].values()} == {None}
    assert shared[0][stem].keys() == whole[0][stem].keys()
    for values, shows in whole[0][stem].items():
        assert shared[0][stem][values] == shows, values
    print(stem, "cells run once:", sorted(record["shared"] for record in shared[1][stem].values()))


@pytest.mark.parametrize("stem", GRIDS)
def test_sets_show_the_same_on_cold_kernels(shared, cold, stem):
    assert len(cold[0][stem]) == COLD
    for values, shows in cold[0][stem].items():
        assert shared[0][stem][values] == shows, values


def test_the_table_of_results_is_the_same_to_the_byte(whole, shared):
    assert whole[2] == shared[2]


def test_cells_run_once_in_some_and_where_not_it_is_told(shared):
    _, records, _, told = shared
    counts = {stem: [record["shared"] for record in of_notebook.values()] for stem, of_notebook in records.items()}
    assert sum(max(of_notebook) > 0 for of_notebook in counts.values()) >= 3, counts
    for stem, of_notebook in counts.items():
        assert max(of_notebook) > 0 or any(stem in line for line in told), stem
