"""Sets on a dask cluster, whose scheduler and workers are processes of this machine."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from sharing import ALWAYS, by_notebook, worth_it

from casestudy import cli
from casestudy.reports.batch import ENDS_ITS_WORKER
from casestudy.reports.executors import cluster as clusters
from casestudy.reports.executors.cluster import Cluster, complaint
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import fingerprint, grid
from casestudy.reports.sets.outcome import Gone
from casestudy.reports.sweep import Plan, sweep

MARK = "CASESTUDY_TEST_MARK"  # in the environment of every process that belongs to a cluster
SETS, KILL_AT = 10, 3
TEN = f'notebook = "01"\n[grid]\nheads = {{from = 1, to = {SETS}, step = 1}}'
HEADS = "heads = 775  # heads; 1..800; 004 p11"
END_WORKER = """
import psutil
above = psutil.Process().parents()
nanny = next(place for place, process in enumerate(above) if "distributed.cli.dask_worker" in process.cmdline())
if heads == 13:
    above[nanny - 1].kill()
"""


def until(holds, seconds=300):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(0.05)


def living(processes):
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def marked(mark):
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found += [process] if process.environ().get(MARK) == mark else []
    return living(found)


@contextmanager
def dask(folder, **environment):
    """A scheduler and a way to start workers; afterwards nothing of either, nor of what they started, is left."""
    mark, started, file = uuid.uuid4().hex, [], folder / "scheduler.json"
    environment = os.environ | {MARK: mark, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"} | environment
    environment.pop("CASESTUDY_COLD", None)

    def start(command, *words):
        words = [sys.executable, "-m", f"distributed.cli.dask_{command}", "--no-dashboard", *words]
        with (folder / f"{command}.log").open("ab") as log:
            started.append(subprocess.Popen(words, env=environment, stdout=log, stderr=log, cwd=folder))
        return started[-1]

    def work(*words):
        own = ("--nthreads", "1", "--memory-limit", "0", "--local-directory", "scratch")
        return start("worker", address, *own, *words)

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    try:
        until(lambda: file.exists() and file.read_text())
        address = json.loads(file.read_text())["address"]
        yield SimpleNamespace(address=address, scheduler=scheduler, work=work)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=300)
    until(lambda: not marked(mark))


def worker_processes(address):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        return [psutil.Process(pid) for pid in client.run(os.getpid).values()]


def planned(folder, case, text):
    (folder / "grid.toml").write_text(text)
    return Plan.of(grid.read(folder / "grid.toml", case))


@pytest.fixture(scope="module")
def case(tmp_path_factory, copy_of, light):
    case = copy_of(tmp_path_factory.mktemp("batch") / "case")
    (case.notebooks / "mine.py").write_text("factor = 1")
    light(case, "01-light", HEADS, "heads * mine.factor", "import mine")
    light(case, "02-deadly", HEADS, "heads", END_WORKER)
    light(case, "04-slow", HEADS, "heads", "import time\nif heads == 13: time.sleep(1000)")
    light(case, "03-warm", HEADS, "heads", "import sys\nassert 'pandas' in sys.modules")
    return case


@pytest.fixture(scope="module")
def cluster(case, tmp_path_factory):
    """A scheduler, no workers yet; those that come have a copy of the case in another place."""
    folder = tmp_path_factory.mktemp("cluster")
    shutil.copytree(case.root, folder / "own")
    with dask(folder, CASESTUDY_CASE=str(folder / "own")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def swept(case, cluster, tmp_path_factory):
    """Ten sets, begun before there was a worker."""
    folder = tmp_path_factory.mktemp("swept")
    plan, told = planned(folder, case, TEN), []

    def tell(line):
        told.append(line)
        cluster.work("--nworkers", "2")

    sweep(plan, folder / "out", Cluster(cluster.address, plan.notebooks, case, tell), case, html=False)
    return SimpleNamespace(plan=plan, out=folder / "out", told=told)


@pytest.fixture
def workers(swept, cluster):
    """For tests that need a cluster with workers: one that an earlier test killed may still be on its way back."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)


def test_sets_that_begin_alike_begin_together_on_each_worker_and_come_out_the_same(
    workers, case, cluster, light, tmp_path, monkeypatch
):
    monkeypatch.setattr(ALWAYS, worth_it)
    plan = planned(tmp_path, case, 'notebook = "01"\n[grid]\nheads = [700, 710, 720, 730, 740, 750]\n')
    shown = []
    for share in (True, False):
        out = tmp_path / str(share)
        executor = Cluster(cluster.address, plan.notebooks, case)
        done = sweep(plan, out, executor, case, html=False, share=share)
        assert (done.ok, done.failed) == (6, 0)
        shown.append(by_notebook(out))
    assert shown[0][0] == shown[1][0]
    assert sum(one["shared"] > 0 for one in shown[0][1]["01-light"].values()) == 5
    until(lambda: not [one for one in worker_processes(cluster.address) if states_of(one)], seconds=60)


def states_of(worker):
    """States that a worker still has: forks of its server with one thread."""
    forks = [one for one in worker.children(recursive=True) if one.ppid() != worker.pid]
    return [one for one in forks if one.num_threads() == 1 and "serve" in " ".join(one.cmdline())]


@pytest.mark.slow
def test_every_set_finishes_once_though_a_worker_is_killed_and_nothing_that_it_had_started_lives_on(
    workers, swept, cluster, case, tmp_path
):
    plan, done, lost = planned(tmp_path, case, TEN), [], []

    def finished(outcome):
        done.append(outcome.asked.id)
        if len(done) == KILL_AT:
            victim = worker_processes(cluster.address)[0]
            lost.extend(victim.children(recursive=True))
            victim.kill()

    there = Cluster(cluster.address, plan.notebooks, case)
    closing = sweep(plan, tmp_path / "out", there, case, html=False, finished=finished)
    assert sorted(done) == plan.ids and (closing.ok, closing.failed) == (SETS, 0)
    assert sorted(path.name for path in (tmp_path / "out/sets").iterdir()) == plan.ids
    assert (tmp_path / "out/results.csv").read_bytes() == (swept.out / "results.csv").read_bytes()
    assert lost, "it had a kernel"
    until(lambda: not living(lost))


def test_a_cluster_and_this_machine_give_the_same_results(swept, case):
    sweep(swept.plan, swept.out.parent / "local", Local(2), case, html=False)
    here, there = (swept.out.parent / name / "results.csv" for name in ("local", "out"))
    assert here.read_bytes() == there.read_bytes() and len(there.read_text().splitlines()) == 1 + SETS


def test_a_batch_without_workers_says_that_it_waits_for_one(swept, cluster):
    assert len(swept.told) == 1 and swept.told[0].startswith(f"no worker has joined {cluster.address}")


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_kernels_of_a_worker_are_warm(workers, cluster, case, tmp_path):
    plan = planned(tmp_path, case, 'notebook = "03"\n[grid]\nheads = [1]')
    closing = sweep(plan, tmp_path / "out", Cluster(cluster.address, plan.notebooks, case), case, html=False)
    assert closing.ok == 1, "a fresh kernel has imported pandas before its first cell"


@pytest.mark.slow
def test_a_set_out_of_time_fails_on_its_worker_which_goes_on(workers, cluster, case, tmp_path):
    plan, errors = planned(tmp_path, case, 'notebook = "04"\n[grid]\nheads = [12, 13, 14]'), {}

    def finished(outcome):
        errors[outcome.asked.values["heads"]] = outcome.error

    there = Cluster(cluster.address, plan.notebooks, case)
    sweep(plan, tmp_path / "out", there, case, html=False, finished=finished, seconds=8)
    assert errors.pop(13).startswith("out of time: cell 3 was still running") and errors == {12: "", 14: ""}


@pytest.mark.slow
def test_a_set_that_ends_its_worker_again_and_again_fails_alone(workers, cluster, case, tmp_path):
    plan = planned(tmp_path, case, 'notebook = "02"\n[grid]\nheads = [12, 13, 14]')
    failed = []

    def finished(outcome):
        failed.extend([outcome] if outcome.error else [])

    closing = sweep(
        plan, tmp_path / "out", Cluster(cluster.address, plan.notebooks, case), case, html=False, finished=finished
    )
    assert [outcome.asked.values["heads"] for outcome in failed] == [13] and closing.ok == 2
    assert failed[0].error == ENDS_ITS_WORKER


@pytest.fixture
def command(case, tmp_path, monkeypatch, capsys):
    """Sweep a notebook as one types it, in a folder of its own; exit status and complaints."""
    (tmp_path / "grid.toml").write_text('notebook = "01"\n[grid]\nheads = {from = 1, to = 6, step = 1}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASESTUDY_CASE", str(case.root))

    def command(*words):
        monkeypatch.setattr("sys.argv", ["casestudy", "sweep", "grid.toml", "--no-html", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return command


def refused(command, *words):
    """The one line of a refusal that wrote nothing."""
    code, _, complaints = command(*words)
    assert code == 2 and complaints.count("\n") == 1 and complaints.startswith("casestudy: ")
    assert [path.name for path in Path().iterdir()] == ["grid.toml"]
    return complaints


def test_a_worker_with_other_data_is_named_and_refused(workers, command, cluster, case, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other") / "case"
    shutil.copytree(case.root, other)
    with (other / "data" / "claims.csv").open("a") as file:
        file.write("\n")
    monkeypatch.setenv("CASESTUDY_CASE", str(other))
    line = refused(command, "--scheduler", cluster.address)
    assert any(f"worker {address} has other" in line for address in addresses(cluster)) and "01-light" in line


def test_a_worker_with_other_code_is_named_and_refused(workers, command, cluster, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other") / "casestudy"
    shutil.copytree(fingerprint.CODE, other, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "intervals.py").write_text("'''Of another version.'''")
    monkeypatch.setattr(fingerprint, "CODE", other)
    line = refused(command, "--scheduler", cluster.address)
    assert any(f"worker {address} has other code" in line for address in addresses(cluster))


def addresses(cluster):
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        return list(client.scheduler_info()["workers"])


def test_a_worker_that_joins_late_with_another_copy_ends_the_batch(workers, cluster, swept, case):
    with Cluster(cluster.address, swept.plan.notebooks, case) as entered:
        entered._marks = {"01-light": "of another copy"}
        error = entered.submit(print, next(iter(swept.plan.grid)), str(case.root)).exception()
    assert isinstance(error, Gone) and "has other code, libraries, data or notebook for 01-light" in str(error)


def test_leaving_takes_back_what_waits(workers, cluster, swept, case, tmp_path):
    from distributed import Client

    def tasks():
        return watching.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))

    def hold(report, root):
        while not stop.exists():
            time.sleep(0.05)

    stop = tmp_path / "stop"
    with Client(cluster.address, set_as_default=False) as watching:
        with pytest.raises(KeyboardInterrupt), Cluster(cluster.address, swept.plan.notebooks, case) as entered:
            waiting = [entered.submit(hold, report, str(case.root)) for report in swept.plan.grid]
            until(lambda: tasks() == SETS)
            raise KeyboardInterrupt
        until(lambda: tasks() == 0)
    assert all(isinstance(future.exception(timeout=300), Gone) for future in waiting)
    stop.touch()


@pytest.fixture
def stand_in():
    return SimpleNamespace(address="tcp://here:1", state=SimpleNamespace(nthreads=1))


def test_a_worker_that_runs_several_sets_in_one_process_is_refused(case, stand_in):
    stand_in.state.nthreads = 4
    assert complaint(str(case.root), {}, stand_in) == (
        "worker tcp://here:1 runs 4 sets in one process; start it with --nthreads 1"
    )


def test_a_worker_that_was_not_started_again_after_its_code_changed_is_refused(case, stand_in, monkeypatch):
    monkeypatch.setattr(clusters, "LOADED", 0)
    assert complaint(str(case.root), {}, stand_in) == (
        "worker tcp://here:1 has loaded code that was changed since; start it again"
    )


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", 0.5)


def test_an_address_without_a_scheduler_is_refused(command, impatient):
    assert "no dask scheduler answers at 'tcp://127.0.0.1:1'" in refused(command, "--scheduler", "tcp://127.0.0.1:1")


def test_an_address_that_cannot_be_one_is_refused(command, impatient):
    assert "no dask scheduler answers at 'over there'" in refused(command, "--scheduler", "over there")


def test_without_dask_the_line_says_what_to_install(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install -c constraints.txt -e '.[dask]'" in refused(command, "--scheduler", "tcp://127.0.0.1:1")
    monkeypatch.setattr(clusters, "CHECKOUT", Path("elsewhere"))
    assert "pip install 'casestudy[dask]'" in refused(command, "--scheduler", "tcp://127.0.0.1:1")


def test_workers_are_not_counted_for_a_cluster(command):
    assert "--workers" in refused(command, "--scheduler", "tcp://127.0.0.1:1", "--workers", "2")


@pytest.mark.slow
def test_when_the_scheduler_is_lost_what_had_finished_stays_whole(command, tmp_path_factory):
    sets = Path("build/sweeps/grid/sets").absolute()
    with dask(tmp_path_factory.mktemp("lost")) as lost:
        lost.work("--no-nanny")

        def end_scheduler():
            until(lambda: sets.is_dir() and any(sets.iterdir()))
            lost.scheduler.send_signal(signal.SIGKILL)

        (watcher := threading.Thread(target=end_scheduler)).start()
        code, _, complaints = command("--scheduler", lost.address)
        watcher.join()
    assert code == 1 and complaints.count("\n") <= 2
    assert f"the scheduler at {lost.address} is gone" in complaints and "--resume" in complaints.splitlines()[-1]
    statuses = [json.loads((path / "set.json").read_text())["status"] for path in sets.iterdir()]
    assert statuses and set(statuses) == {"ok"}
    assert not list(sets.parent.glob(".staging-*"))
