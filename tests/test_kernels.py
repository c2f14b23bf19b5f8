"""A forked kernel is an ordinary kernel that came sooner, and leaves nothing behind."""

import asyncio
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import AuthenticationError, forkserver
from pathlib import Path

import nbclient
import nbformat
import papermill
import psutil
import pytest
from jupyter_client.manager import AsyncKernelManager
from kernel_tasks import FORKED, alive, gone, hang, kernel, parents, printed, told, waited

from casestudy import forks
from casestudy.reports.executors import warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
KEYED = sys.version_info >= (3, 14)
FOLDER = {"server", forks.KEY} if KEYED else {"server"}  # what lies in it while no kernel runs
SMALL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "psutil")  # a preload for where its contents do not matter


@pytest.fixture(scope="module")
def batch():
    with forks.server(warm.PRELOAD) as context:
        yield context


@pytest.fixture(params=["warm", "cold"])
def either(request, batch, monkeypatch):
    """Once with a forked kernel and once with an ordinary one."""
    if request.param == "cold":
        monkeypatch.setenv(forks.COLD, "1")


@pytest.fixture
def alone(monkeypatch):
    """A process that no one gave a server, and that starts a small one."""
    for name in (forks.SWITCH, forks.ADDRESS, forks.COLD):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(warm.Provisioner, "preload", SMALL)


def before_others(folder: Path) -> str:
    """A search path that begins with this folder, and goes on as it was."""
    return os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))


def process_of(address: str) -> psutil.Process:
    """The server itself."""
    return next(child for child in psutil.Process().children() if child.environ().get(forks.ADDRESS) == address)


# What a kernel finds

FINDS = """
import json, multiprocessing, os, signal, sys, time, warnings
import matplotlib.pyplot as plt, pandas as pd
[warnings.warn(kind.__name__, kind) for kind in (DeprecationWarning, FutureWarning, ResourceWarning)]
umask = os.umask(0); os.umask(umask)
options = [option for option in pd.core.config_init.cf._registered_options]
print(json.dumps({
    "folder": os.getcwd(), "umask": umask, "zone": time.tzname, "case": os.environ["CASESTUDY_CASE"],
    "environment": sorted(set(os.environ) - {"CASESTUDY_COLD"}), "path": sys.path,
    "arguments": [sys.argv[0], len(sys.argv)], "main": __name__, "leads its group": os.getsid(0) == os.getpid(),
    "tables": {option: repr(pd.get_option(option)).lower() for option in options if option.startswith("display")},
    "figures": {name: repr(value) for name, value in plt.rcParams.items()},
    "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    "process": [multiprocessing.current_process().name, str(multiprocessing.parent_process())],
    "start method": multiprocessing.get_start_method(), "input": sys.stdin.read(),
}))
"""


def test_it_finds_what_an_ordinary_kernel_finds(batch, tmp_path, monkeypatch):
    monkeypatch.setenv("CASESTUDY_CASE", "/elsewhere")
    before = os.umask(0o027)
    try:
        warm = printed(FORKED + FINDS, cwd=str(tmp_path))
        monkeypatch.setenv(forks.COLD, "1")
        cold = printed(FORKED + FINDS, cwd=str(tmp_path))
    finally:
        os.umask(before)
    assert (warm.split()[0], cold.split()[0]) == ("True", "False")
    assert re.sub(r"kernel_\d+|ipykernel_\d+", "", warm[4:]) == re.sub(r"ipykernel_\d+", "", cold[5:])
    assert '"umask": 23' in warm and "/elsewhere" in warm and str(tmp_path) in warm


def test_a_wide_table_is_not_cut_as_in_a_terminal(batch):
    assert printed("import pandas as pd; print(pd.get_option('display.max_columns'))") == "20"


def test_a_notebook_that_asks_for_jsonschema_gets_all_its_checks(either):
    asks = "import nbformat, jsonschema; nbformat.validate(nbformat.v4.new_notebook())\n"
    assert printed(asks + "print('iri' in jsonschema.FormatChecker.checkers)") == "True"


@pytest.mark.parametrize("backend", ["", "agg"])
def test_figures_appear_unless_another_backend_was_asked_for(batch, monkeypatch, backend):
    monkeypatch.setenv("MPLBACKEND", backend)
    shown = printed("import matplotlib.pyplot as plt; plt.plot([1, 2]); None")
    assert ("image/png" in shown) == (backend == "")


COUNTED = """
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from matplotlib.backends.backend_agg import FigureCanvasAgg
drawings, draw = [], FigureCanvasAgg.draw
FigureCanvasAgg.draw = lambda canvas: (drawings.append(1), draw(canvas))"""
FIGURES = {  # and how many drawings less each takes
    "plt.plot([1, 2]); plt.legend(['a']);": 1,
    "for size in (1, 2): plt.figure().add_subplot(aspect=size, adjustable='datalim').scatter([1, 2], [3, 5])": 2,
    "plt.subplots(layout='constrained')[1].set_ylabel('pushes the axes');": 0,
    "shown = FuncAnimation(plt.figure(), lambda frame: plt.plot([frame, 1]), frames=2, cache_frame_data=False)": 0,
    "plt.plot([1, 2]); plt.show()": 0,
    "plt.plot([1, 2]); plt.draw(); print(plt.gcf().canvas.buffer_rgba().shape)": 0,
    "plt.ioff(); plt.plot([1, 2]);": 0,
}


def test_no_figure_is_drawn_only_to_be_thrown_away_and_all_look_alike(batch, monkeypatch):
    cells = [COUNTED, *(cell for figure in FIGURES for cell in (figure, "print(len(drawings)); drawings.clear()"))]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    runs = []
    for cold in ("", "1"):
        monkeypatch.setenv(forks.COLD, cold)
        run = nbclient.execute(book.copy(), coalesce_streams=True)  # a busy machine prints in more pieces
        runs.append([cell.outputs for cell in run.cells[1:]])
    warm, cold = runs
    assert [[output.get("data") for output in cell] for cell in warm[::2]] == [
        [output.get("data") for output in cell] for cell in cold[::2]
    ]
    saved = [int(then[0].text) - int(now[0].text) for now, then in zip(warm[1::2], cold[1::2], strict=True)]
    assert saved == list(FIGURES.values())


@pytest.mark.parametrize(
    "name, code",
    [("PYTHONHASHSEED", "hash('a')"), ("TZ", "time.tzname"), ("XDG_CONFIG_HOME", "matplotlib.get_configdir()")],
)
def test_a_variable_that_counts_at_import_is_heeded(batch, tmp_path, monkeypatch, name, code):
    monkeypatch.setenv(name, "3" if name != "XDG_CONFIG_HOME" else str(tmp_path))
    run = f"import time, matplotlib; print({code})"
    assert printed(run) == subprocess.run([sys.executable, "-c", run], capture_output=True, text=True).stdout.strip()


def test_a_settings_file_of_figures_in_the_folder_is_heeded(batch, tmp_path):
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 7")
    assert printed("import matplotlib; print(matplotlib.rcParams['lines.linewidth'])", cwd=str(tmp_path)) == "7.0"


def test_a_module_in_the_folder_is_found_before_one_that_was_imported_already(batch, tmp_path):
    (tmp_path / "seaborn.py").write_text("answer = 42")
    assert printed("import seaborn; print(seaborn.answer)", cwd=str(tmp_path)) == "42"


def test_a_kernel_finds_the_modules_of_its_caller(batch, tmp_path, monkeypatch):
    (tmp_path / "told.py").write_text("answer = 42")
    monkeypatch.setenv("PYTHONPATH", before_others(tmp_path))
    assert printed("import told; print(told.answer)") == "42"


def test_kernels_share_no_state_and_no_random_numbers(batch):
    code = "import random, numpy; print('mine' in globals(), numpy.random.rand(), random.random()); mine = 1"
    first, second = (printed(code).split() for _ in range(2))
    assert first[0] == second[0] == "False"
    assert first[1] != second[1] and first[2] != second[2]


def test_processes_of_a_cell_work(batch):
    code = "import multiprocessing as m\nwith m.get_context({!r}).Pool(2) as pool: print(pool.map(abs, [-1, -2]))"
    with kernel(now=True) as (_, run):
        assert [run(code.format(method)) for method in ("fork", "spawn", "forkserver")] == ["[1, 2]"] * 3


# How it ends


def test_a_cell_out_of_time_is_interrupted(either):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("while True: pass")])
    with pytest.raises(nbclient.exceptions.CellTimeoutError):
        nbclient.NotebookClient(notebook, timeout=1).execute()


def test_an_interrupted_kernel_goes_on_and_a_restarted_one_has_forgotten(either):
    soon = "import threading, os, signal; threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start(); a = 1"
    with kernel() as (manager, run):
        assert run(f"{soon}\nwhile True: pass") == "KeyboardInterrupt"
        assert run("print(a)") == "1"
        manager.restart_kernel()
        assert run("print('a' in globals())", restarted=True) == "False"


def test_a_crash_has_its_exit_code(either):
    with kernel() as (manager, run):
        for end, code in (("os._exit, [3]", 3), ("os.kill, [os.getpid(), 9]", -9)):
            run(f"import os, threading; threading.Timer(0.2, {end}).start()", restarted=True)
            ended = manager.provisioner.process
            assert waited(lambda ended=ended: ended.poll() is not None) and ended.poll() == code
            manager.restart_kernel(now=True)
        assert run("print(1)", restarted=True) == "1"


def test_a_crash_is_noticed_by_who_runs_the_notebook(batch):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; os._exit(3)")])
    with pytest.raises(nbclient.exceptions.DeadKernelError):
        nbclient.NotebookClient(notebook).execute()


def test_what_a_cell_left_for_the_end_is_done(either, tmp_path):
    with kernel(cwd=str(tmp_path)) as (_, run):
        run("import atexit, pathlib; atexit.register(pathlib.Path('ended').touch); print('done')")
    assert (tmp_path / "ended").exists()


SLEEPS = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)"


def test_what_runs_in_the_background_ends_with_its_kernel(batch):
    with kernel(now=True) as (_, run):
        left = psutil.Process(int(run(SLEEPS)))
    assert gone([left])


def test_what_runs_in_the_background_ends_with_a_kernel_that_crashed(batch):
    cells = [nbformat.v4.new_code_cell(cell) for cell in (SLEEPS, "import os; os._exit(1)")]
    client = nbclient.NotebookClient(nbformat.v4.new_notebook(cells=cells))
    with pytest.raises(nbclient.exceptions.DeadKernelError):
        client.execute()
    assert gone([psutil.Process(int(client.nb.cells[0].outputs[0].text))])


# The server


def test_workers_and_their_kernels_come_from_one_server(batch):
    with ProcessPoolExecutor(2, batch) as pool:
        found = {parent for pair in pool.map(parents, range(4)) for parent in pair}
    assert found == {process_of(os.environ[forks.ADDRESS]).pid}


def test_a_daemonic_process_has_kernels_too(batch):
    queue = batch.SimpleQueue()
    process = batch.Process(target=told, args=(queue,), daemon=True)
    process.start()
    assert queue.get() == "True"
    process.join()


def test_no_one_else_can_reach_a_kernel(batch):
    folder = Path(os.environ[forks.ADDRESS]).parent
    with kernel(now=True) as (manager, _):
        assert (manager.transport, Path(manager.ip).parent) == ("ipc", folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert Path(os.environ[forks.ADDRESS]).stat().st_mode & 0o777 == 0o600
    assert set(os.listdir(folder)) == FOLDER


def test_the_key_lies_where_no_one_else_can_read_it_and_in_no_process_for_all_to_see(alone, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 14))  # whichever it is: the server's own decides whether it asks
    with forks.running(("psutil",), {}) as address:
        key, server = Path(address).with_name(forks.KEY), process_of(address)
        assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) == 32
        seen = f"{server.cmdline()}{server.environ()}{os.environ}"
        assert not any(how(key.read_bytes()) in seen for how in (repr, bytes.hex, lambda key: key.decode("latin-1")))
        with forks.running(("psutil",), {}) as other:
            assert Path(other).with_name(forks.KEY).read_bytes() != key.read_bytes()
    assert not key.exists()


def test_server_and_asker_read_the_key_beside_the_socket(monkeypatch, tmp_path):
    given = []

    def main(listener, alive, preload, *, authkey_r=None):
        with open(authkey_r, "rb") as pipe:
            given.append(pipe.read())

    monkeypatch.setattr(forkserver, "main", main)
    monkeypatch.setattr(sys, "version_info", (3, 14))
    monkeypatch.chdir(tmp_path)
    Path(forks.KEY).write_bytes(b"k" * 32)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("server")
        forks.listen(listener.fileno(), 0)
        assert listener.getsockname() == "server"  # it is still open
    asks = forks.Server("server")
    asks.ensure_running()
    assert given == [asks._forkserver_authkey] == [b"k" * 32]


@pytest.mark.skipif(not KEYED, reason="up to Python 3.13 the fork server asks for no key")
def test_a_stranger_gets_no_fork(batch, monkeypatch):
    server, stranger = (forks.Server(os.environ[forks.ADDRESS]) for _ in range(2))
    monkeypatch.setattr(stranger, "ensure_running", lambda: None)
    stranger._forkserver_authkey = bytes(32)
    before = len(process_of(server.address).children())
    with pytest.raises(AuthenticationError):
        stranger.connect_to_new_process([])
    assert len(process_of(server.address).children()) == before
    assert printed(FORKED) == "True"


def test_two_batches_at_once_do_not_touch(alone):
    with forks.server(SMALL):
        with kernel(now=True) as (_, run):
            with forks.server(SMALL):
                assert printed(FORKED) == "True"
            assert run(FORKED) == "True"
        assert printed(FORKED) == "True"


@pytest.mark.parametrize("number", [24, pytest.param(200, marks=pytest.mark.slow)])
def test_many_kernels_leave_nothing_behind(alone, monkeypatch, tmp_path, number):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))

    async def one():
        manager = AsyncKernelManager()
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready()
        await client.execute_interactive("1", timeout=60)
        client.stop_channels()
        await manager.shutdown_kernel(now=True)

    async def some(kernels_at_once: int):
        await asyncio.gather(*(one() for _ in range(kernels_at_once)))

    def left():
        gc.collect()  # what earlier tests left in cycles closes its sockets now, not between the two counts
        server = process_of(address)
        return server.num_fds(), psutil.Process().num_fds(), len(server.children()), len(list(tmp_path.iterdir()))

    with forks.server(SMALL):
        address = os.environ[forks.ADDRESS]
        asyncio.run(some(4))
        before = left()
        for _ in range(number // 4 - 1):
            asyncio.run(some(4))
        assert all(now <= then for now, then in zip(left(), before, strict=True)) and before[2:] == (0, 0)
        assert set(os.listdir(Path(address).parent)) == FOLDER
    assert not Path(address).parent.exists()


SCRIPT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver
from casestudy import forks, kernels
from kernel_tasks import hang
with forks.server(("ipykernel.kernelapp", "ipykernel.ipkernel", "psutil")) as context:
    pool = ProcessPoolExecutor(2, context)
    work = [pool.submit(hang, number) for number in range(2)]
    print(os.environ[forks.ADDRESS], flush=True)
    [task.result() for task in work]
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_batch_however_it_ends(how, tmp_path):
    (tmp_path / "batch.py").write_text(SCRIPT)
    env = os.environ | {"PYTHONPATH": before_others(Path(__file__).parent)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    batch = subprocess.Popen([sys.executable, "batch.py"], cwd=tmp_path, env=env, **streams)
    folder = Path(batch.stdout.readline().strip()).parent
    started = psutil.Process(batch.pid)
    assert waited(lambda: sum(child.name() == "sleep" for child in started.children(recursive=True)) == 2)
    family = started.children(recursive=True)
    assert len(family) >= 7  # the server, two workers, two kernels, two left in the background
    batch.send_signal(how)
    batch.wait()
    assert gone(family) and waited(lambda: not folder.exists())


def test_a_kernel_ends_with_the_process_that_asked_for_it(alone):
    with forks.server(SMALL) as context:
        server = process_of(os.environ[forks.ADDRESS])
        worker = context.Process(target=hang, args=(0,))
        worker.start()
        assert waited(lambda: any(child.name() == "sleep" for child in server.children(recursive=True)))
        family = server.children(recursive=True)
        worker.kill()
        assert len(family) == 3 and gone(family)


@pytest.mark.parametrize("said", [b"", b"\x80\x05\x95"])
def test_a_fork_whose_caller_ended_before_it_said_what_for_ends_without_a_word(alone, capfd, said):
    with forks.server(SMALL):
        life, held = os.pipe()
        sentinel, data = forks.Server(os.environ[forks.ADDRESS]).connect_to_new_process([life])
        forked = psutil.Process(forkserver.read_signed(sentinel))
        os.write(data, said)
        os.close(data)
        assert gone([forked])
        for end in (life, held, sentinel):
            os.close(end)
    assert capfd.readouterr().err == ""


def test_an_error_in_a_batch_ends_its_processes(alone):
    with pytest.raises(ZeroDivisionError), forks.server(SMALL) as context:
        address, worker = os.environ[forks.ADDRESS], context.Process(target=time.sleep, args=(1000,))
        worker.start()
        family = [process_of(address), *process_of(address).children()]
        raise ZeroDivisionError
    assert len(family) == 2 and not alive(family) and not Path(address).parent.exists()
    assert forks.ADDRESS not in os.environ


BROKEN = {
    "raises": ("raise ZeroDivisionError('no')", "ZeroDivisionError: no"),
    "exits": ("raise SystemExit('no')", "SystemExit: no"),
    "dies": ("import os; os._exit(1)", "killed"),
    "draws": ("import matplotlib.pyplot as plt; plt.plot([1, 2])", "draw"),
    "starts a thread": (
        "import threading, time; threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        "thread",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_server_that_cannot_import_is_told_once_and_kernels_are_ordinary(alone, what, tmp_path, monkeypatch):
    code, words = BROKEN[what]
    (tmp_path / "broken.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", before_others(tmp_path))
    with pytest.warns(RuntimeWarning, match=words) as told, forks.server((*SMALL, "broken")) as context:
        assert context.get_start_method() == "spawn"
        if what == "draws":
            monkeypatch.setenv(forks.SWITCH, forks.NAME)
            assert "image/png" in printed("import matplotlib.pyplot as plt; plt.plot([1, 2]); None")
    assert len(told) == 1 and not {forks.ADDRESS, forks.COLD} & set(os.environ)


def test_a_server_that_was_killed_is_told_once_and_kernels_are_ordinary(alone):
    with pytest.warns(RuntimeWarning, match="gone") as told, forks.server(SMALL):
        killed = process_of(os.environ[forks.ADDRESS])
        killed.kill()
        assert gone([killed])
        assert [printed(FORKED) for _ in range(2)] == ["False", "False"]
    assert len(told) == 1


def test_told_to_stay_cold_it_sets_nothing(alone, monkeypatch):
    monkeypatch.setenv(forks.COLD, "1")
    with forks.server(SMALL) as context:
        assert context.get_start_method() == "spawn" and forks.SWITCH not in os.environ


# Who uses it


def test_papermill_needs_no_change(batch, tmp_path):
    cell = nbformat.v4.new_code_cell(FORKED)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "in.ipynb")
    done = papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", kernel_name="python3", progress_bar=False
    )
    assert done.cells[0].outputs[0].text == "True\n"


def test_nbval_needs_no_change(batch, tmp_path):
    cell = nbformat.v4.new_code_cell(FORKED, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="True\n")]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=spec), tmp_path / "one.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "one.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 passed" in done.stdout, done.stdout


def test_a_process_that_finds_no_server_starts_one_and_leaves_nothing(alone, tmp_path):
    code = f"""
from casestudy.reports.executors.warm import Provisioner
from kernel_tasks import printed
Provisioner.preload = {SMALL}
print(*(printed("import os; print(os.getppid())") for _ in range(2)))
"""
    env = {forks.SWITCH: forks.NAME, "TMPDIR": str(tmp_path), "PYTHONPATH": before_others(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True)
    first, second = done.stdout.split()
    assert first == second and not psutil.pid_exists(int(first))
    assert not list(tmp_path.glob("kernels-*"))


def test_a_cell_cannot_read_what_is_typed_for_its_caller(alone):
    code = f"""
from casestudy.reports.executors.warm import Provisioner
from kernel_tasks import FORKED, printed
Provisioner.preload = {SMALL}
print(printed(FORKED + "import os; print(os.read(0, 9))"))
"""
    env = {forks.SWITCH: forks.NAME, "PYTHONPATH": before_others(Path(__file__).parent)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=os.environ | env, input="theirs", capture_output=True, text=True)
    assert done.stdout.split() == ["True", "b''"]
