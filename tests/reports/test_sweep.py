"""A sweep's sets appear whole, run once, and are told apart by what they were made of. No notebook runs here."""

import gc
import json
import os
import shutil
import sys
import time
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor

import pandas as pd
import pytest
from instant import Instant, made_up, write_notebook

from casestudy import reports
from casestudy.check import write
from casestudy.reports.batch import Batch
from casestudy.reports.executors.local import Local
from casestudy.reports.run import run
from casestudy.reports.sets import grid, parameters
from casestudy.reports.sets.outcome import Gone
from casestudy.reports.sweep import Plan, sweep


@pytest.fixture
def case(copied_case):
    write_notebook(copied_case, "print(1)")
    return copied_case


@pytest.fixture
def swept(case, tmp_path):
    """Sweep some seeds into `out`: what ran, and how it closed."""

    def run(given="seed = [1, 2, 3]", executor=None, out="out", **options):
        executor = executor or Instant()
        (tmp_path / "grid.toml").write_text(f'notebook = "02"\n[grid]\n{given}\n')
        closing = sweep(Plan.of(grid.read(tmp_path / "grid.toml", case)), tmp_path / out, executor, case, **options)
        return executor.ran, closing

    return run


def folders(out):
    return {path.name for path in (out / "sets").iterdir()}


def test_a_set_is_a_folder_with_its_record_and_nothing_else_is_left(swept, tmp_path):
    swept()
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {"sets", "results.csv", "run.json", "index.html"}
    assert len(folders(out)) == 3
    for place in (out / "sets").iterdir():
        record = json.loads((place / "set.json").read_text())
        files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
        assert files == {*record["files"], "set.json"} and record["set"] == place.name


def test_without_resume_every_set_runs_again(swept):
    swept()
    assert swept() == ([1, 2, 3], swept()[1])


def test_resume_runs_what_is_not_there(swept):
    swept("seed = [1, 3]")
    ran, closing = swept(resume=True)
    assert ran == [2] and (closing.ok, closing.kept) == (1, 2)


@pytest.mark.parametrize("name", ["02-csat.ipynb", "figures/02-csat.png", "02-csat.html", "set.json"])
def test_resume_runs_a_set_again_whose_file_was_cut_changed_or_lost(swept, tmp_path, name):
    swept()
    places = sorted((tmp_path / "out" / "sets").iterdir())
    content = (places[0] / name).read_bytes()
    (places[0] / name).write_bytes(content[:-2])
    (places[1] / name).write_bytes(b"x" + content[1:])
    (places[2] / name).unlink()
    assert sorted(swept(resume=True)[0]) == [1, 2, 3]
    assert swept(resume=True)[0] == []


def test_resume_runs_all_again_when_notebook_data_code_or_a_library_changed(swept, case, tmp_path, monkeypatch):
    swept()
    write_notebook(case, "print(2)")
    assert swept(resume=True)[0] == [1, 2, 3]
    with case.documents.open("a") as file:
        file.write("\n")
    assert swept(resume=True)[0] == [1, 2, 3]
    (case.notebooks / "beside.csv").write_text("a = 1")
    assert swept(resume=True)[0] == [1, 2, 3]
    (case.notebooks / ".hidden").write_text("")
    assert swept(resume=True)[0] == [], "it does not come along"
    from casestudy.reports.sets import fingerprint

    code = tmp_path / "code"
    shutil.copytree(fingerprint.CODE, code, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "CODE", code)
    assert swept(resume=True)[0] == [], "the same code elsewhere is the same code"
    (code / "models" / "queues.py").write_text("pass\n")
    assert swept(resume=True)[0] == [1, 2, 3]
    monkeypatch.setattr(fingerprint, "VERSIONS", ["numpy 9.9"])
    assert swept(resume=True)[0] == [1, 2, 3]


def test_resume_runs_again_what_imports_a_module_that_changed_and_nothing_else(case, tmp_path):
    write_notebook(case, "import mine", "02-imports")
    write_notebook(case, "print(1)", "03-does-not")
    (case.notebooks / "pack").mkdir()
    (case.notebooks / "mine.py").write_text("from pack.deep import factor")
    (case.notebooks / "pack" / "deep.py").write_text("factor = 2")
    (case.notebooks / "other.py").write_text("factor = 2")
    (tmp_path / "sets.csv").write_text("notebook,seed\n02-imports,1\n02-imports,2\n03-does-not,3\n")

    def ran():
        executor = Instant()
        sweep(Plan.of(grid.read(tmp_path / "sets.csv", case)), tmp_path / "out", executor, case, resume=True)
        return executor.ran

    assert ran() == [1, 2, 3] and ran() == []
    (case.notebooks / "pack" / "deep.py").write_text("factor = 3")
    assert ran() == [1, 2] and ran() == []
    (case.notebooks / "other.py").write_text("factor = 3")
    assert ran() == []
    write_notebook(case, "name = 'other'\n__import__(name[:5])", "03-does-not")
    assert ran() == [3]
    (case.notebooks / "pack" / "deep.py").write_text("factor = 4")
    assert ran() == [1, 2, 3], "what may import anything may import this"


def test_resume_runs_again_what_reads_a_table_in_which_a_value_changed_and_nothing_else(case, tmp_path):
    write_notebook(case, "from casestudy import data\ndata.table('systems')", "02-reads")
    write_notebook(case, "print(1)", "03-does-not")
    write_notebook(case, "from casestudy import claims\nclaims.tally()", "04-judges")
    (tmp_path / "sets.csv").write_text("notebook,seed\n02-reads,1\n03-does-not,2\n04-judges,3\n")

    def ran():
        executor = Instant()
        sweep(Plan.of(grid.read(tmp_path / "sets.csv", case)), tmp_path / "out", executor, case, resume=True)
        return executor.ran

    def edit(table):
        path = case.data / f"{table}.csv"
        path.write_text(path.read_text() + "\n")
        write(case)  # the file's hash in datapackage.json

    assert ran() == [1, 2, 3] and ran() == []
    edit("systems")
    assert ran() == [1] and ran() == []
    edit("premises")
    assert ran() == [3]
    edit("glossary")
    assert ran() == []
    edit("claims")
    assert ran() == [1, 2, 3], "every page may cite a claim"
    described = case.data / "datapackage.json"
    described.write_text(described.read_text().replace('"type": "number"', '"type": "string"', 1))
    assert ran() == [1, 2, 3], "a type is how a value is read"


def test_resume_makes_the_pages_that_are_asked_for_now(swept):
    swept(html=False)
    assert swept(resume=True, html=False)[0] == [] and swept(resume=True)[0] == [1, 2, 3]


def test_a_failed_set_is_kept_with_its_error_and_runs_again(swept, tmp_path):
    _, closing = swept("seed = [12, 13]", html=False)
    assert (closing.ok, closing.failed) == (1, 1) and len(folders(tmp_path / "out")) == 2
    runs = json.loads((tmp_path / "out" / "run.json").read_text())["runs"]
    assert {run["error"] for run in runs} == {None, "cell 1: ValueError: unlucky"}
    assert "unlucky" in (tmp_path / "out" / "index.html").read_text()
    assert swept("seed = [12, 13]", resume=True, html=False)[0] == [13]


def test_sets_of_an_earlier_grid_stay_and_are_not_in_the_results(swept, tmp_path):
    swept("seed = [1, 2]")
    _, closing = swept("seed = [2, 3]", resume=True)
    assert closing.others == 1 and len(folders(tmp_path / "out")) == 3
    assert sorted(reports.results(tmp_path / "out")["seed"]) == [2, 3]


def test_results_are_the_same_to_the_byte_after_a_resume(swept, tmp_path):
    given = "share = [0.1, 0.5]\nseed = [3, 7, 1]"
    swept(given)
    swept("share = [0.5]\nseed = [1]", out="other")
    swept(given, out="other", resume=True)
    first, second = ((tmp_path / out / "results.csv").read_bytes() for out in ("out", "other"))
    assert first == second and first.count(b"\n") == 7
    runs = [line.split(b",")[0] for line in first.splitlines()[1:]]
    told = json.loads((tmp_path / "out" / "run.json").read_text())["runs"]
    assert [run.decode() for run in runs] == [one["run"] for one in told]
    assert [one["set"] for one in told] == sorted(one["set"] for one in told)


def test_a_full_disk_ends_the_sweep_with_the_finished_sets_whole(swept, tmp_path, monkeypatch):
    written, real = [], json.dumps

    def dumps(*args, **options):
        if isinstance(args[0], dict) and "fingerprint" in args[0]:
            written.append(1)
            if len(written) == 2:
                raise OSError(28, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr("json.dumps", dumps)
    with pytest.raises(Gone, match="No space left on device"):
        swept()
    assert len(folders(tmp_path / "out")) == 1 and not list((tmp_path / "out").glob(".staging*"))


def test_a_full_disk_at_the_summaries_leaves_those_of_before(swept, tmp_path, monkeypatch):
    swept("seed = [1]")
    names = ("results.csv", "run.json", "index.html")
    before = [(tmp_path / "out" / name).read_bytes() for name in names]

    def write(table, *rest):
        table.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("casestudy.reports.sets.table.write", write)
    with pytest.raises(Gone, match="No space left on device"):
        swept()
    assert [(tmp_path / "out" / name).read_bytes() for name in names] == before and len(folders(tmp_path / "out")) == 3


def test_a_notebook_changed_while_sets_run_ends_the_sweep_and_no_set_of_it_is_kept(swept, case, tmp_path):
    def work(asked, root, index):
        if asked.values["seed"] == 2:
            write_notebook(case, "print(2)")
        return made_up(asked, root, index)

    with pytest.raises(Gone, match=r"02-csat\.ipynb was changed while sets ran"):
        swept(executor=Instant(work))
    assert len(folders(tmp_path / "out")) < 2 and not (tmp_path / "out/results.csv").exists()
    assert swept(resume=True)[0] == [1, 2, 3]


@pytest.mark.parametrize("own", ["notebooks", "data/mine"])
def test_results_never_go_among_what_they_are_made_of(swept, case, own):
    files = sorted(case.root.rglob("*"))
    with pytest.raises(ValueError, match="lies in the case's own"):
        swept(out=case.root / own)
    with pytest.raises(ValueError, match="lies in the case's own"):
        run(parameters.select([], case), {}, case.root / own, case=case)
    assert sorted(case.root.rglob("*")) == files


@pytest.mark.skipif(sys.platform == "win32", reason="folders are locked on POSIX systems only")
def test_a_second_batch_in_the_same_folder_is_refused(swept, tmp_path):
    def work(asked, root, index):
        with pytest.raises(ValueError, match="another batch is writing to"):
            swept()
        return made_up(asked, root, index)

    assert swept("seed = [1]", executor=Instant(work))[1].ok == 1


def test_a_lost_worker_costs_a_set_one_more_try_and_a_fault_of_its_own_none(swept):
    tries = []

    def work(asked, root, index):
        tries.append(seed := asked.values["seed"])
        if seed == 1:
            raise RuntimeError("a fault of its own")
        if seed == 2 or tries.count(3) == 1:
            raise BrokenExecutor("killed")
        return made_up(asked, root, index)

    _, closing = swept(executor=Instant(work))
    assert (closing.ok, closing.failed) == (1, 2) and sorted(tries) == [1, 2, 2, 3, 3]


def test_an_executor_that_is_gone_ends_the_sweep(swept):
    def work(asked, root, index):
        raise Gone("no scheduler")

    with pytest.raises(Gone, match="no scheduler"):
        swept(executor=Instant(work))


def test_however_many_the_sets_few_are_on_their_way(case, tmp_path):
    class Threads(ThreadPoolExecutor):
        workers = 2

        def submit(self, function, *args):
            return super().submit(made_up, *args)

    (tmp_path / "grid.toml").write_text('notebook = "02"\n[grid]\nseed = {from = 100, to = 399, step = 1}\n')
    taken, before = [], futures()
    asked = (taken.append(1) or one for one in grid.read(tmp_path / "grid.toml", case))
    with Threads(2) as executor:
        for done, _ in enumerate(Batch(executor, case, None).stream(lambda batch: batch.each(asked)), 1):
            assert len(taken) - done <= 2 * executor.workers
            if done % 50 == 0:
                assert futures() - before <= 3 * executor.workers
    assert done == 300


def futures():
    gc.collect()
    return sum(type(each) is Future for each in gc.get_objects())


def test_a_killed_worker_is_replaced():
    with Local(1) as local:
        with pytest.raises(BrokenExecutor):
            local.submit(os._exit, 1).result(60)
        assert local.submit(os.getpid).result(60) != os.getpid()


def test_an_interrupt_does_not_wait_for_what_runs():
    with pytest.raises(KeyboardInterrupt), Local(1) as local:
        assert local.submit(os.getpid).result(60)
        sleeping = local.submit(time.sleep, 60)
        while not sleeping.running():  # else it would be taken back
            time.sleep(0.01)
        raise KeyboardInterrupt
    assert isinstance(sleeping.exception(), BrokenExecutor)


def test_a_sweeps_page_shows_the_first_sets_with_the_figures_that_move(swept, tmp_path, monkeypatch):
    monkeypatch.setattr("casestudy.reports.front.sweep_index.SHOWN_SETS", 2)
    swept("seed = [1, 2, 3]\nshare = [0.25, 0.5]")
    page = (tmp_path / "out" / "index.html").read_text()
    assert "Only the first 2 are shown" in page and "<code>seed</code>" in page and "6 parameter sets" in page
    assert page.count("<tr>") == 3 and page.count('/02-csat.html">') == 2 and "results.csv" in page


# results()


def test_results_have_the_notebooks_own_kinds_and_no_hole_at_a_default(swept, tmp_path):
    swept("seed = [1, 7]\nshare = [0.5, 1]\nword = ['a', '12']\nfree = [true, false]")
    frame = reports.results(tmp_path / "out")
    assert len(frame) == 16 and frame.dtypes[["seed", "share", "word", "free"]].astype(str).tolist() == [
        "Int64",
        "float64",
        "str",
        "boolean",
    ]
    assert set(frame["seed"]) == {1, 7} and set(frame["share"]) == {0.5, 1.0} and set(frame["word"]) == {"a", "12"}
    assert frame["default"].sum() == 1 and frame["default"].dtype == bool
    written = pd.read_csv(tmp_path / "out" / "results.csv", dtype=str, keep_default_na=False)
    assert set(written["seed"]) == {"1", "7"} and set(written["free"]) == {"true", "false"}
    assert frame["ours"].isna().all() and frame["agrees"].isna().all() and set(frame["ours_low"]) == {1.0, 7.0}


def test_results_of_several_folders_say_which_and_have_all_parameters(swept, tmp_path):
    swept("seed = [1, 2]", out="one")
    swept("share = [0.1]", out="two")
    frame = reports.results(tmp_path / "one", tmp_path / "two")
    assert list(frame.columns[:2]) == ["folder", "run"] and frame["folder"].value_counts().to_dict() == {
        str(tmp_path / "one"): 2,
        str(tmp_path / "two"): 1,
    }
    assert frame["seed"].dtype == "Int64" and frame["seed"].tolist()[:2] in ([1, 2], [2, 1])
    assert pd.isna(frame["share"].iloc[0]) and frame["share"].iloc[2] == 0.1


def test_results_and_record_of_different_runs_are_refused(swept, tmp_path):
    swept("seed = [1]")
    (kept := tmp_path / "out/run.json").write_text(kept.read_text().replace('"run": "', '"run": "0'))
    with pytest.raises(ValueError, match="are of different runs"):
        reports.results(tmp_path / "out")


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"has no results\.csv; a finished run or sweep leaves one"):
        reports.results(tmp_path)
