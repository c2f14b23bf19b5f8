"""A sweep that runs once what is common, killed at any moment in any part, goes on to the same and leaves nothing."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest
from sharing import by_notebook, running, wait_for_none

pytestmark = pytest.mark.slow
PATIENCE = 240  # seconds, on a machine that does much else
SETS = 24
PARAMETERS = "seed = 7  # none; 0..; ours\nheads = 8.0  # heads; 0..800; ours"
COMMON = "total = sum(n * n % 7 for n in range(2_000_000))\nprint(total)"
SLOW = "import time\ntime.sleep(0.6)"  # so that there is time to be killed in
SWEEP = """
import sys
from pathlib import Path
from casestudy.case import open_case
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import grid
from casestudy.reports.shared import branches
from casestudy.reports.sweep import Plan, sweep
branches.pays = lambda count, *_: count >= branches.FEWEST  # as `sharing.worth_it`
given, out, share, resume = Path(sys.argv[1]), Path(sys.argv[2]), "share" in sys.argv, "resume" in sys.argv
case, told = open_case(), lambda line: print(line, flush=True)
done = sweep(Plan.of(grid.read(given, case)), out, Local(2), case, resume=resume, html=False, share=share, told=told)
sys.exit(1 if done.failed else 0)
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory, copy_of, light):
    """A copied case with two notebooks: of one, sets are alike up to the last cells; of the other, by threes."""
    case = copy_of(tmp_path_factory.mktemp("case") / "case")
    light(case, "01-late", PARAMETERS, "heads + seed", COMMON, f"{SLOW}\nprint(seed, heads)")
    threes = COMMON, "by_seed = total + seed\nprint(by_seed)", f"{SLOW}\nprint(by_seed * heads)"
    light(case, "02-by-threes", PARAMETERS, "heads + seed", *threes)
    (case.root / "grid.toml").write_text(
        'notebook = ["01", "02"]\n[grid]\nseed = {from = 1, to = 4, step = 1}\nheads = [700, 725, 750]\n'
    )
    return case


@pytest.fixture
def start(case, tmp_path):
    """Start a sweep in a process of its own; all that it keeps for a while lies in one folder."""
    (tmp_path / "scratch").mkdir()
    code = [sys.executable, "-c", SWEEP, str(case.root / "grid.toml")]
    environment = os.environ | {"CASESTUDY_CASE": str(case.root), "TMPDIR": str(tmp_path / "scratch")}

    def start(out, *words):
        return subprocess.Popen([*code, str(out), *words], env=environment, stdout=subprocess.PIPE, text=True)

    yield start
    for process in running(case):
        process.kill()


@pytest.fixture(scope="module")
def undisturbed(case, tmp_path_factory):
    """What a sweep shows that shared nothing and that nobody killed."""
    out = tmp_path_factory.mktemp("undisturbed")
    environment = os.environ | {"CASESTUDY_CASE": str(case.root)}
    words = [str(case.root / "grid.toml"), str(out)]
    subprocess.run([sys.executable, "-c", SWEEP, *words], env=environment, check=True, timeout=PATIENCE)
    return by_notebook(out)[0], (out / "results.csv").read_bytes()


def parts(sweep, kind):
    """Processes of one kind: the sweep, the server that it has started, and of its forks those with so many threads.

    A state has one, since it could not be forked with more; a worker some; a kernel, with its sockets, many.
    """
    if kind == "sweep":
        return [psutil.Process(sweep.pid)]
    servers = [child for child in psutil.Process(sweep.pid).children() if "import serve" in " ".join(child.cmdline())]
    if kind == "server":
        return servers
    least, most = {"state": (1, 1), "worker": (2, 4), "kernel": (5, 99)}[kind]
    forks = [fork for server in servers for fork in server.children(recursive=True)]
    settled = [fork for fork in forks if time.time() - fork.create_time() > 0.3]  # one that begins has one thread, too
    return [fork for fork in settled if least <= fork.num_threads() <= most]


def finished(out):
    return len(list((out / "sets").iterdir())) if (out / "sets").exists() else 0


def kill_one(sweep, kind, draw):
    """Kill a process of this kind, once there is one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and sweep.poll() is None:
        try:
            if found := parts(sweep, kind):
                draw.choice(sorted(found, key=lambda process: process.pid)).kill()
                return
        except psutil.Error:  # it ended meanwhile
            continue
        time.sleep(0.01)
    raise AssertionError(f"the sweep came to its end, and had no {kind}")


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kind", ["sweep", "server", "state", "worker", "kernel"])
def test_killed_in_any_part_it_goes_on_to_the_same(case, start, undisturbed, tmp_path, kind, seed):
    draw, out = random.Random(f"{kind} {seed}"), tmp_path / "out"
    sweep = start(out, "share")
    enough = draw.randrange(0, SETS // 2)
    while finished(out) < enough and sweep.poll() is None:
        time.sleep(0.01)
    time.sleep(draw.random())
    kill_one(sweep, kind, draw)
    sweep.communicate(timeout=PATIENCE)
    assert kind != "sweep" or sweep.returncode == -signal.SIGKILL
    wait_for_none(case)
    kept = {path: path.stat().st_mtime_ns for path in out.glob("sets/*/set.json") if is_ok(path)}

    again = start(out, "share", "resume")
    again.communicate(timeout=PATIENCE)
    assert again.returncode == 0
    wait_for_none(case)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept, "what was whole did not run again"
    shows, records = by_notebook(out)
    assert (shows, (out / "results.csv").read_bytes()) == undisturbed
    assert len(list((out / "sets").iterdir())) == SETS and not list(out.glob(".staging*"))
    assert list((tmp_path / "scratch").iterdir()) == []
    assert kind == "sweep" or any(one["shared"] for stem in records for one in records[stem].values())


def is_ok(path):
    return json.loads(path.read_text())["status"] == "ok"


def test_a_sweep_with_what_is_common_run_once_is_the_same_undisturbed(case, start, undisturbed, tmp_path):
    sweep = start(tmp_path / "out", "share")
    told, _ = sweep.communicate(timeout=PATIENCE)
    assert (sweep.returncode, told) == (0, "")
    wait_for_none(case)
    shows, records = by_notebook(tmp_path / "out")
    assert (shows, (tmp_path / "out" / "results.csv").read_bytes()) == undisturbed
    for stem, of_notebook in records.items():
        assert sum(one["shared"] > 0 for one in of_notebook.values()) >= len(of_notebook) // 2, stem


def test_interrupted_it_leaves_nothing(case, start, tmp_path):
    sweep = start(tmp_path / "out", "share")
    while finished(tmp_path / "out") < 3 and sweep.poll() is None:
        time.sleep(0.01)
    sweep.send_signal(signal.SIGINT)
    sweep.communicate(timeout=PATIENCE)
    wait_for_none(case)
    assert not list((tmp_path / "out").glob(".staging*")) and list((tmp_path / "scratch").iterdir()) == []
