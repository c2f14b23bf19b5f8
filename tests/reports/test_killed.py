"""A sweep that is killed at any moment leaves whole sets and no process, and goes on where it was."""

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import cache

import psutil
import pytest

from casestudy.reports.batch import ENDS_ITS_WORKER
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import grid as grids
from casestudy.reports.sweep import Plan, sweep

PATIENCE = 120  # seconds, on a machine that does much else
PARAMETERS = "seed = 7  # none; 0..; ours\nheads = 8.0  # heads; 0..800; ours"
FATAL = (3, 4)  # seeds, at which a notebook kills its worker, or its parent: the server that it was forked from
KILLS = f"""
import os, signal, time
if seed in {FATAL}:
    os.kill(int(os.environ["JPY_PARENT_PID"]) if seed == {FATAL[0]} else os.getppid(), signal.SIGKILL)
time.sleep(1)  # so that others are on the way when it does
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory, copy_of, light):
    """A copied case with a light notebook, and one that kills."""
    case = copy_of(tmp_path_factory.mktemp("case") / "case")
    light(case, "01-light", PARAMETERS, "heads + seed")
    light(case, "02-fatal", PARAMETERS, "heads", KILLS)
    return case


@pytest.fixture(scope="module")
def grid(case):
    """A grid of so many sets, half of them written twice."""

    def write(number):
        path = case.root / f"grid-{number}.toml"
        seeds = f"seed = {{from = 1, to = {number // 2}, step = 1}}"
        path.write_text(f'notebook = "01"\n[grid]\n{seeds}\nheads = [700, 750, 750.0]\n')
        return path

    return write


@pytest.fixture(scope="module")
def start(case):
    """Start a sweep as a user does."""

    def start(path, out, *more):
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # also below `make test &`
        code += "; from casestudy import cli; cli.main()"
        command = [
            sys.executable,
            "-c",
            code,
            "sweep",
            str(path),
            "--out",
            str(out),
            "--no-html",
            "--workers",
            "2",
            *more,
        ]
        environment = os.environ | {"CASESTUDY_CASE": str(case.root)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture(scope="module")
def untouched(grid, start, tmp_path_factory):
    """The results of so many sets that nobody killed."""

    @cache
    def results(number):
        out = tmp_path_factory.mktemp("untouched")
        whole = start(grid(number), out)
        told, errors = whole.communicate(timeout=5 * PATIENCE)
        assert (whole.returncode, errors) == (0, "") and told.startswith(f"{number} sets ran, 0 failed")
        return (out / "results.csv").read_bytes()

    return results


def processes(case):
    """Every process that was started for this case."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("CASESTUDY_CASE") == str(case.root):
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def finished(out):
    return sorted((out / "sets").iterdir()) if (out / "sets").exists() else []


def kill(sweep, out, number, how):
    """Send the signal when so many sets are there."""
    deadline = time.monotonic() + PATIENCE
    while len(finished(out)) < number:
        assert sweep.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    sweep.send_signal(how)
    return sweep.communicate(timeout=PATIENCE)


def wait_for_none(case):
    deadline = time.monotonic() + PATIENCE
    while left := processes(case):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def assert_whole(place):
    record = json.loads((place / "set.json").read_text())
    for name, about in record["files"].items():
        content = (place / name).read_bytes()
        assert len(content) == about["bytes"] and hashlib.sha256(content).hexdigest() == about["sha256"]
    assert "01-light.ipynb" in record["files"] and record["status"] == "ok"


def assert_every_set_once(out, number):
    told = json.loads((out / "run.json").read_text())["runs"]
    runs, sets = (Counter(one[name] for one in told) for name in ("run", "set"))
    table = list(csv.DictReader((out / "results.csv").open()))
    rows = Counter(row["run"] for row in table)
    assert all(float(row["ours"]) == int(row["seed"]) + float(row["heads"]) for row in table)
    assert runs == rows and sets == Counter(place.name for place in finished(out)) and len(runs) == number
    assert not list(out.glob(".staging*"))


@pytest.mark.parametrize(
    ("number", "how"),
    [
        pytest.param(200, signal.SIGKILL, marks=pytest.mark.slow),
        pytest.param(12, signal.SIGTERM, marks=pytest.mark.slow),
        (12, signal.SIGINT),
    ],
)
def test_a_killed_sweep_goes_on_to_the_same_results(case, grid, start, untouched, tmp_path, number, how):
    out = tmp_path / "killed"
    sweep = start(grid(number), out)
    _, errors = kill(sweep, out, number // 4, how)
    wait_for_none(case)
    kept = finished(out)
    assert 0.2 * number <= len(kept) <= 0.6 * number, "else the kill came too late to show anything"
    for place in kept:
        assert_whole(place)
    assert not (out / "results.csv").exists()
    if how != signal.SIGKILL:
        assert sweep.returncode == 130
        assert errors.startswith("casestudy: stopped; sets that had finished stay in") and errors.count("\n") == 1, (
            errors
        )
        assert not list(out.glob(".staging*"))
    made = {place.name: (place / "set.json").stat().st_mtime_ns for place in kept}

    again = start(grid(number), out, "--resume")
    told, errors = again.communicate(timeout=5 * PATIENCE)
    assert (again.returncode, errors) == (0, "")
    assert told.startswith(f"{number - len(kept)} sets ran, 0 failed, {len(kept)} were whole already")
    assert_every_set_once(out, number)
    assert {name: (out / "sets" / name / "set.json").stat().st_mtime_ns for name in made} == made
    assert (out / "results.csv").read_bytes() == untouched(number)
    wait_for_none(case)


@pytest.mark.slow
def test_only_sets_that_kill_their_worker_fail(case, tmp_path):
    seeds = [*range(10, 13), *FATAL, *range(13, 16)]
    (tmp_path / "grid.toml").write_text(f'notebook = "02"\n[grid]\nseed = {seeds}\n')
    plan, done = Plan.of(grids.read(tmp_path / "grid.toml", case)), []
    sweep(plan, tmp_path / "out", Local(4), case, html=False, finished=done.append)
    assert sorted(outcome.asked.values["seed"] for outcome in done) == sorted(seeds)
    assert {outcome.asked.values["seed"]: outcome.error for outcome in done if outcome.error} == {
        seed: ENDS_ITS_WORKER for seed in FATAL
    }
    kept = (tmp_path / "out/index.html").read_text().count('.ipynb">')
    assert kept == len(seeds) - len(FATAL), "of a set that took its worker along nothing is left to open"
