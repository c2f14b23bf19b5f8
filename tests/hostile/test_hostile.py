"""What a hostile submission may not do: earn a point, spoil another's, outlive itself, or change a file of ours."""

import hashlib
import inspect
import os
import random
import re
import socket
import threading
import time
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import casestudy
from casestudy.classroom.limits import Limits
from casestudy.classroom.sandbox import report
from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sandbox.sandbox import Sandbox
from casestudy.classroom.sets import agreement, answers, seeds
from casestudy.classroom.sets.answers import Answer

HERE = Path(__file__).parent
TRICKS = tomllib.loads((HERE / "table.toml").read_text(encoding="utf-8"))
LIMITS = Limits(cpu_s=2, wall_s=30, memory_mb=400, disk_mb=16, file_mb=8, processes=40, reruns=1)
DECLARED = {
    "before": Answer("before", rtol=1e-6),
    "own": Answer("own", rtol=1e-6),
    "frame": Answer("frame", kind="table"),
    "word": Answer("word", kind="choice", choices=("yes", "no")),
    "share": Answer("share", kind="allocation"),
    "words": Answer("words", kind="text"),
    "after": Answer("after", rtol=1e-6),
}


def _cells(trick: str, numbers: list[float]) -> list[JobCell]:
    """The grader's data, an honest question, the trick, another honest question."""
    return [
        JobCell(f"import numpy as np\nimport pandas as pd\n\ndata = pd.DataFrame({{'x': {numbers}}})"),
        JobCell("before = float(len(data))"),
        JobCell("", ("before",)),
        JobCell(trick),
        JobCell("", ("own", "frame", "word", "share", "words")),
        JobCell("after = 2.0 + 2"),
        JobCell("", ("after",)),
    ]


class Room:
    """A warm sandbox, a right answer that no trick can know, and the places where it is planted."""

    def __init__(self, folder: Path, sandbox: Sandbox):
        self.sandbox, self.numbers = sandbox, [random.SystemRandom().random() * 1e6 for _ in range(3)]
        table = pd.DataFrame({"x": [1, 2]}, index=["a", "b"])
        right = {"before": 3.0, "own": sum(self.numbers), "frame": table, "word": "yes"}
        right |= {"share": [4, 6], "words": "it rose", "after": 4.0}
        self.right = {name: answers.read(DECLARED[name], value) for name, value in right.items()}
        self.planted = folder / "planted.txt"
        self.planted.write_text(repr(self.right["own"]))
        os.environ["CASESTUDY_PLANTED"] = repr(self.right["own"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            try:
                self.listener.accept()[0].sendall(repr(self.right["own"]).encode())
            except OSError:
                return

    def run(self, trick: str, limits: Limits = LIMITS):
        port = self.listener.getsockname()[1]
        for word, value in {"RIGHT": self.right["own"], "PLANTED_AT": str(self.planted), "PORT": port}.items():
            trick = trick.replace(word, repr(value))
        return self.sandbox.run(_cells(trick, self.numbers), DECLARED, limits)

    def counting(self, ran) -> set[str]:
        """The answers that would earn points."""
        return {name for name, value in ran.values.items() if agreement.agree(DECLARED[name], value, self.right[name])}


@pytest.fixture(scope="module")
def room(walls, tmp_path_factory):
    with Sandbox() as sandbox:
        room = Room(tmp_path_factory.mktemp("lecturer"), sandbox)
        room.run("")
        room.hashes = _hashes()
        yield room
        room.listener.close()
        os.environ.pop("CASESTUDY_PLANTED")


def _hashes() -> dict[str, str]:
    """The grader's own files, and whatever lies where a submission might leave something."""
    package = Path(casestudy.__file__).parent
    ours = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in package.rglob("*.py")}
    places = (Path("/"), Path("/tmp"), Path("/dev/shm"), Path("/dev"), Path.home(), Path.cwd())
    tracks = ("sitecustomize.py", "bomb.py", "large", "small0", "part0", "jail", "disk", "left-behind")
    return ours | {str(place / name): "there" for place in places for name in tracks if (place / name).exists()}


def _below(process: int) -> set[int]:
    """The processes that descend from one, as the machine sees them."""
    parents = {}
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(number)] = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found, more = set(), {process}
    while more:
        found |= more
        more = {child for child, parent in parents.items() if parent in more} - found
    return found


def _open(process: int) -> int:
    """How many files and sockets a process has open; 0 where we may not look."""
    try:
        return len(os.listdir(f"/proc/{process}/fd"))
    except PermissionError:
        return 0


def _settled(files: dict[int, int]) -> bool:
    """Whether no process has more open than it had; other tests' threads may open something for a moment."""
    until = time.monotonic() + 5
    while any(_open(process) > before for process, before in files.items()):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_earns_nothing_and_leaves_nothing(room, name):
    trick = TRICKS[name]
    processes = _below(room.sandbox._process.pid)
    files = {process: _open(process) for process in processes | {os.getpid()}}
    limits = Limits(**{**vars(LIMITS), "wall_s": trick.get("wall", LIMITS.wall_s)})
    ran = room.run(trick["code"], limits)
    assert ran.status in ([trick["status"]] if isinstance(trick["status"], str) else trick["status"]), ran
    counted = room.counting(ran)
    assert set(trick["counts"]) <= counted <= set(trick["counts"]) | set(trick.get("may", ())), ran
    assert set(ran.values) | set(ran.problems) == set(DECLARED)
    assert len(ran.error) <= 300
    assert _below(room.sandbox._process.pid) == processes, "a process outlived its submission"
    assert _settled(files), "a file or socket outlived its submission"


@pytest.fixture(autouse=True)
def honest_neighbour(request):
    """After each trick the next student's work is read as ever, by the same warm process."""
    yield
    if "room" in request.fixturenames:
        room = request.getfixturevalue("room")
        warm = room.sandbox._process
        ran = room.run("own = float(data['x'].sum())")
        assert (ran.status, room.counting(ran)) == ("ok", {"before", "own", "after"})
        assert room.sandbox._process is warm, "the warm process had to be started again"


def test_no_trick_is_lost_from_the_table():
    assert len(TRICKS) == 112


def test_nothing_passes_to_the_next_submission(room):
    places = ["/", "/dev", "/tmp", "/dev/shm", "/proc", "/dev/pts", "/run", "/var/tmp", "/usr", "/etc"]
    leave = f"""
import os, socket, ctypes, sys
for place in {places} + sys.path:
    try:
        open(os.path.join(place, "left-behind"), "w").write("x")
    except OSError:
        pass
os.environ["LEFT_BEHIND"] = "x"
np.left_behind = True
listener = socket.socket(socket.AF_UNIX); listener.bind("\\0left-behind"); listener.listen()
own = float(data["x"].sum())
"""
    find = f"""
import os, socket, sys
found = [place for place in {places} + sys.path if os.path.exists(os.path.join(place, "left-behind"))]
found += [name for name in ("LEFT_BEHIND",) if name in os.environ] + [1] * hasattr(np, "left_behind")
try:
    socket.socket(socket.AF_UNIX).connect("\\0left-behind"); found.append("socket")
except OSError:
    pass
own = float(len(found))
"""
    assert room.counting(room.run(leave)) == {"before", "own", "after"}
    assert room.run(find).values["own"] == 0


def test_the_warm_process_holds_nothing_of_a_submission(room):
    mark = "MARK" + "".join(random.SystemRandom().choices("ABCDEFGH", k=24))
    room.run(f"words = '{mark}'")
    warm = max(_below(room.sandbox._process.pid))
    try:
        held, searched = _holds(warm, mark.encode())
    except PermissionError:
        pytest.skip("only root may look into the warm process")
    assert searched > 10_000_000
    assert not held


def _holds(process: int, mark: bytes) -> tuple[bool, int]:
    searched = 0
    with open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            span, modes = line.split()[:2]
            low, high = (int(end, 16) for end in span.split("-"))
            if modes.startswith("rw"):
                try:
                    memory.seek(low)
                    text = memory.read(high - low)
                except (OSError, OverflowError):
                    continue
                searched += len(text)
                if mark in text:
                    return True, searched
    return False, searched


def test_four_cells_that_kill_cost_only_themselves(room):
    killing = [JobCell("import os; os._exit(1)") for _ in range(4)]
    cells = [
        JobCell("before = 3.0"),
        JobCell("", ("before",)),
        *killing,
        JobCell("after = 4.0"),
        JobCell("", ("after",)),
    ]
    ran = room.sandbox.run(cells, DECLARED, Limits(**{**vars(LIMITS), "reruns": 4}))
    assert (ran.status, ran.skipped, room.counting(ran)) == ("died", (2, 3, 4, 5), {"before", "after"})


def test_what_was_read_before_the_last_rerun_still_counts(room):
    killing = [JobCell("import os; os._exit(1)") for _ in range(3)]
    ran = room.sandbox.run([JobCell("before = 3.0"), JobCell("", ("before",)), *killing], DECLARED, LIMITS)
    assert (ran.status, room.counting(ran)) == ("died", {"before"})


def test_cpu_is_counted_over_all_attempts_and_without_the_warm_process(room):
    ran = room.run("while True: pass")
    assert 1 <= ran.cpu_s < 2
    assert room.run("").cpu_s < 0.5


def test_want_of_memory_is_the_reason_only_where_an_answer_is_missing(room):
    cells = [JobCell("own = 1.0\nhoard = bytearray(10**12)"), JobCell("", ("own",))]
    assert room.sandbox.run(cells, {"own": DECLARED["own"]}, LIMITS).status == "cell_error"
    cells[0] = JobCell("hoard = bytearray(10**12)\nown = 1.0")
    assert room.sandbox.run(cells, {"own": DECLARED["own"]}, LIMITS).status == "memory"


def test_the_data_are_reported_by_what_they_hash_to(room):
    assert room.run("").data == seeds.fingerprint(pd.DataFrame({"x": room.numbers}))


def test_what_is_hidden_is_not_seen_even_within_the_package(walls):
    package = Path(casestudy.__file__).parent / "classroom"
    folder, file = package / "feedback" / "templates", package / "authoring" / "start.ipynb"
    assert folder.is_dir() and file.is_file()
    cells = [JobCell(f"import os\nown = float(len(os.listdir({str(folder)!r})))"), JobCell("", ("own",))]
    cells += [JobCell(f"after = float(len(open({str(file)!r}).read()))"), JobCell("", ("after",))]
    with Sandbox(warm=(), hidden=(folder, file)) as sandbox:
        assert sandbox.run(cells, DECLARED, LIMITS).values == {"own": 0.0}  # none in the folder; no file


def test_a_killed_warm_process_is_replaced(walls):
    with Sandbox(warm=()) as sandbox:
        cells = [JobCell("own = 1.0"), JobCell("", ("own",))]
        assert sandbox.run(cells, {"own": DECLARED["own"]}, LIMITS).status == "ok"
        sandbox._process.kill()
        sandbox._process.wait()
        assert sandbox.run(cells, {"own": DECLARED["own"]}, LIMITS).status == "died"
        assert sandbox.run(cells, {"own": DECLARED["own"]}, LIMITS).values == {"own": 1.0}


def test_nothing_runs_on_when_the_grader_ends(walls):
    with Sandbox(warm=()) as sandbox:
        sandbox.run([], {}, LIMITS)
        processes = _below(sandbox._process.pid)
    assert len(processes) >= 2
    patience = time.monotonic() + 10  # a namespace ends a moment after its first process
    while (
        left := [number for number in processes if Path(f"/proc/{number}").exists()]
    ) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not left


def test_without_bubblewrap_grading_is_refused_with_advice(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="install the package bubblewrap"):
        Sandbox()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *[("right", "ok"), ("infinite_loop", "timeout_cpu"), ("exits_without_a_word", "died")],
        *[("fifty_gigabytes", "memory"), ("forged_depth", "ok"), ("child_holds_the_report_open", "ok")],
        *[
            ("closes_the_report_and_sleeps", "timeout_wall"),
            ("segmentation_fault", "died"),
            ("system_exit", "cell_error"),
        ],
    ],
)
def test_unwalled_the_same_is_read(bare, name, status):
    limits = Limits(**{**vars(LIMITS), "wall_s": TRICKS[name].get("wall", LIMITS.wall_s)})
    ran = bare.run(TRICKS[name]["code"], limits)
    assert (ran.status, bare.counting(ran)) == (status, set(TRICKS[name]["counts"]))


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    with Sandbox(walled=False, warm=()) as sandbox:
        yield Room(tmp_path_factory.mktemp("unwalled"), sandbox)


def test_every_problem_an_answer_can_have_is_known_to_the_reader():
    raised = set(re.findall(r'Problem\("(\w+)"', inspect.getsource(answers)))
    assert raised <= report.KINDS.keys()
    assert len(raised) > 5


@pytest.mark.parametrize("line", [b"", b"[", b'["answer"]', b'["answer", 1]', b'["cell", []]', b'["a"' + b"[" * 10**6])
def test_any_line_can_be_read(line):
    heard = report.Report(DECLARED)
    heard.read(line + b'\n["answer", ["own", 1]]\n["done", true]')
    assert (heard.values, heard.status()) == ({"own": 1.0}, "ok")


def test_half_a_character_is_refused_before_it_spoils_a_file():
    heard = report.Report(DECLARED)
    heard.read(b'["error", "\\ud800"]\n["answer", ["words", "\\ud800"]]\n["answer", ["words", "\\ud83d\\ude00"]]')
    assert (heard.error, heard.values) == ("", {"words": "\N{GRINNING FACE}"})


def test_no_file_of_the_grader_changed(room):
    """The last test here: after all tricks."""
    now = _hashes()
    assert {path for path in now | room.hashes if now.get(path) != room.hashes.get(path)} == set()
