"""Limits that cannot be passed by: what several processes hold and burn, however they share, part or hide."""

import pytest

from casestudy.classroom.limits import Limits
from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sandbox.sandbox import Sandbox
from casestudy.classroom.sets.answers import Answer

SAID = """
import ctypes, mmap, os, signal, socket, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)

def burn(seconds):
    # a child's CPU seconds, which it says itself before it ends
    while time.process_time() < seconds:
        pass
    said = os.open("/tmp/said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(said, b"%f\\n" % time.process_time())
    os._exit(0)

def said():
    return sum(map(float, open("/tmp/said").read().split()))

def until(least):
    # wait for so many children to have said theirs
    while not os.path.exists("/tmp/said") or open("/tmp/said").read().count("\\n") < least:
        time.sleep(0.02)

def fill(megabytes):
    block = bytearray(megabytes << 20)
    for place in range(0, len(block), 4096):
        block[place] = 1
    return block

def children(number, do):
    for _ in range(number):
        if os.fork() == 0:
            held = do()
            time.sleep(60)
            os._exit(0)
"""


@pytest.fixture(scope="module")
def sandbox(walls):
    with Sandbox() as sandbox:
        sandbox.run([], {})
        yield sandbox


def run(sandbox, trick, **limits):
    limits = Limits(**{"cpu_s": 60, "wall_s": 240, "memory_mb": 400, "reruns": 0} | limits)
    return sandbox.run([JobCell(SAID), JobCell(trick), JobCell("", ("own",))], {"own": Answer("own")}, limits)


HOARDS = {  # each holds more than 400 MB, no process of it more than 200
    "children": "children(4, lambda: fill(150))",
    "children that change pages of the warm process": """
import gc
def change():
    gc.unfreeze()
    return [len(gc.get_objects())], gc.collect(), fill(20)
children(30, change)
""",
    "other programs": """
code = "b = bytearray(b'x') * (60 << 20); import time; time.sleep(60)"
held = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(10)]
""",
    "children that hide": """
def hide():
    libc.prctl(4, 0, 0, 0, 0)
    return fill(150)
children(4, hide)
""",
    "sockets": """
def hold():
    held = [end for _ in range(60) for end in socket.socketpair()]
    for end in held:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        try:
            while True:
                end.send(b"x")
        except BlockingIOError:
            pass
    return held
children(30, hold)
""",
}


@pytest.mark.parametrize("name", HOARDS)
def test_memory_of_many_processes_is_held_together(sandbox, name):
    ran = run(sandbox, HOARDS[name] + "\ntime.sleep(100)\nown = 1.0")
    assert (ran.status, ran.values) == ("memory", {}), ran
    assert ran.errors == {1: "ended with more than 400 MB of memory, and was left out"}


@pytest.mark.parametrize(
    "shared",
    [
        "mmap.mmap(-1, 4096)",
        "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096)",
        "mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)",  # huge pages
        "mmap.mmap(os.memfd_create('x'), 4096)",
        "libc.shmget(0, 4096, 0o1600) > 0 or 1 / 0",
        "libc.msgget(0, 0o1600) > 0 or 1 / 0",
        "libc.semget(0, 30_000, 0o1600) > 0 or 1 / 0",
    ],
)
def test_memory_without_a_process_of_its_own_is_not_to_be_had(sandbox, shared):
    ran = run(sandbox, f"held = {shared}\nown = 1.0")
    assert ran.values == {} and ran.status in ("memory", "cell_error"), ran


def test_what_children_only_read_counts_once_and_so_does_what_is_warm(sandbox):
    trick = """
data = fill(250)
for _ in range(8):
    if os.fork() == 0:
        total = sum(data[::4096])
        time.sleep(0.5)
        os._exit(0)
own = float(sum(os.wait()[1] for _ in range(8)))
"""
    ran = run(sandbox, trick)
    assert (ran.status, ran.values) == ("ok", {"own": 0.0}), ran


BURNERS = {  # three seconds' worth or more; where ends are ignored, the parent itself takes hardly any
    "ends ignored": """
try:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
except OSError:
    pass
for _ in range(100):
    if os.fork() == 0:
        burn(0.03)
    try:
        os.wait()
    except ChildProcessError:
        pass
""",
    "ends ignored by the C library": """
action = (ctypes.c_char * 200)()
ctypes.c_int.from_buffer(action, 136).value = 2  # SA_NOCLDWAIT
libc.signal(17, ctypes.c_void_p(1)), libc.sigaction(17, action, None)
for _ in range(100):
    if os.fork() == 0:
        burn(0.03)
    try:
        os.wait()
    except ChildProcessError:
        pass
""",
    "children of children": """
for _ in range(40):
    if os.fork() == 0:
        if os.fork() == 0:
            burn(0.1)
        os._exit(0)
    os.wait()
until(40)
""",
    "threads": """
import hashlib, threading
for _ in range(100):
    threads = [threading.Thread(target=hashlib.pbkdf2_hmac, args=("sha256", b"a", b"b", 40_000)) for _ in range(4)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]
""",
}


@pytest.mark.parametrize("name", BURNERS)
def test_no_second_of_any_process_is_lost(sandbox, name):
    ran = run(sandbox, BURNERS[name] + "\nown = 1.0", cpu_s=0.7, memory_mb=2048)
    assert (ran.status, ran.values) == ("timeout_cpu", {}), ran
    assert ran.errors == {1: "ended after 0.7 CPU seconds, and was left out"}


def test_what_is_counted_is_no_less_than_what_children_say_themselves(sandbox):
    trick = """
for _ in range(12):
    if os.fork() == 0:
        if os.fork() == 0:
            burn(0.05)
        os._exit(0)
until(12)
time.sleep(0.2)
own = said()
"""
    ran = run(sandbox, trick)
    assert 0.6 <= ran.values["own"] <= ran.cpu_s < 2 * ran.values["own"] + 0.5, ran


def test_programs_that_start_others_work_as_ever(sandbox):
    trick = """
import asyncio, concurrent.futures, multiprocessing
from multiprocessing import shared_memory
square = abs
with multiprocessing.get_context("fork").Pool(2) as pool:
    a = sum(pool.map(square, [-1, 2]))
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    b = sum(pool.map(square, [-1, 2]))
c = multiprocessing.Array("d", [1.0, 2.0])
block = shared_memory.SharedMemory(create=True, size=100_000)
block.close(), block.unlink()
async def echo():
    process = await asyncio.create_subprocess_exec("/bin/echo", "3", stdout=-1)
    return int((await process.communicate())[0])
d = await echo()
e = int(subprocess.run(["sh", "-c", "(exit 3); echo $?"], capture_output=True).stdout)
own = float(a + b + sum(c) + d + e)
"""
    assert run(sandbox, trick).values == {"own": 15.0}


def test_one_clock_runs_for_all_attempts_and_leaves_time_for_other_cells(sandbox):
    sleeping = [JobCell("import time; time.sleep(100)") for _ in range(6)]
    cells = [*sleeping[:1], JobCell("own = 1.0"), JobCell("", ("own",)), *sleeping[1:]]
    ran = sandbox.run(cells, {"own": Answer("own")}, Limits(wall_s=3, reruns=3))
    assert (ran.status, ran.values) == ("timeout_wall", {"own": 1.0})
    assert 2.9 < ran.wall_s < 10, "three seconds, and what it takes to start and end four processes"
    assert ran.errors[0] == "ended after 1.5 seconds, and was left out" and ran.skipped[:2] == (0, 3)


def test_cpu_seconds_are_those_of_all_attempts(sandbox):
    cells = [JobCell("while True: pass") for _ in range(6)]
    ran = sandbox.run(cells, {}, Limits(cpu_s=1, reruns=3))
    assert (ran.status, ran.skipped) == ("timeout_cpu", (0, 1, 2, 3)) and 0.9 < ran.cpu_s < 2
