"""Grade the same ten submissions here, with nbgrader and with otter, then a class of 300; write RESULTS.md beside this.

CPU is that of all processes which a command starts, waited for to the last orphan: bubblewrap leaves its own first
process behind, so this one adopts what is left. Where this user may make a control group, the kernel's account of the
same commands stands beside it.
"""

import contextlib
import copy
import csv
import ctypes
import importlib.metadata
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import threading
import time
import venv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import nbformat
import numpy as np

from casestudy.classroom import feedback, release, results, roster, source
from casestudy.classroom.copies import student_copy
from casestudy.classroom.sandbox import Sandbox
from casestudy.classroom.source import SOLUTION, ProblemSet, role

SET, SEED, TEN, CLASS, WORKERS, ROUNDS, LONG_S = "02-satisfaction", 7, 10, 300, 2, 3, 60
PEERS = {"nbgrader": "nbgrader==0.9.6", "otter": "otter-grader==7.0.0"}
BUILD = Path("build/bench").resolve()
FIGURE = """import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6.4, 3.4))
ax.plot(range(1, 25), months, "o", color="#D55E00", markersize=7)
ax.set_xticks(range(0, 25, 6))
ax.set(title="Nothing was done, and still the months differ", xlabel="month", ylabel="mean score, points")
plt.show()"""
SUBREAPER = 36  # prctl: orphans come to this process, which waits for them


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds; `kernel` is the control group's account of the CPU, NaN where there is none."""

    cpu: float
    wall: float
    kernel: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.cpu + other.cpu, self.wall + other.wall, self.kernel + other.kernel)


class Account:
    """A control group for what is measured, of either version; without the right to make one, nothing."""

    def __init__(self) -> None:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        own = next((line[3:].strip("/") for line in lines if line.startswith("0::")), "")
        name, self._folder = f"casestudy-bench-{os.getpid()}", None
        for root, file in (("cpuacct", "cpuacct.usage"), (own, "cpu.stat")):
            folder = Path("/sys/fs/cgroup", root, name)
            with contextlib.suppress(OSError):
                folder.mkdir()
                self._folder, self._file = folder, folder / file
                self.seconds()
                return
            self.close()

    def enter(self) -> None:
        if self._folder:
            (self._folder / "cgroup.procs").write_text("0")

    def seconds(self) -> float:
        if not self._folder:
            return float("nan")
        words = self._file.read_text().split()
        return int(words[0]) / 1e9 if len(words) == 1 else int(words[words.index("usage_usec") + 1]) / 1e6

    def close(self) -> None:
        if self._folder:
            with contextlib.suppress(OSError):
                self._folder.rmdir()
        self._folder = None


def measured(command: list, cwd: Path, account: Account, watch: "Watch | None" = None) -> Cost:
    """What one command costs, all that it starts included. One at a time."""
    folder = Path(command[0]).parent
    environment = {key: word for key, word in os.environ.items() if not key.startswith(("PYTHON", "JUPYTER", "MPL"))}
    environment["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    before, kernel, begun = _waited_for(), account.seconds(), time.monotonic()
    with open(BUILD / "last.log", "w") as log:
        running = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=log, stderr=log, preexec_fn=account.enter, start_new_session=True
        )
        if watch:
            watch.start(running.pid)
        code = running.wait()
    wall = time.monotonic() - begun
    if watch:
        watch.stop()
    deadline = time.monotonic() + 20
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)
    if code:
        words = (BUILD / "last.log").read_text(errors="replace")[-600:]
        raise RuntimeError(f"{Path(command[0]).name} {command[1]} ended with {code}: {words}")
    return Cost(_waited_for() - before, wall, account.seconds() - kernel)


def _waited_for() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median(costs: list[Cost]) -> Cost:
    """Each figure's own median."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu", "wall", "kernel")))


class Watch:
    """The largest proportional memory of each worker: bubblewrap and all that runs in it, the submission included."""

    def __init__(self) -> None:
        self.peak, self.looks, self._over = {}, 0, threading.Event()

    def start(self, process: int) -> None:
        self._thread = threading.Thread(target=self._look, args=(process,))
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self, process: int) -> None:
        while not self._over.wait(0.05):
            below: dict[int, list[int]] = {}
            for stat in Path("/proc").glob("[0-9]*/stat"):
                with contextlib.suppress(OSError):
                    below.setdefault(int(stat.read_bytes().rpartition(b")")[2].split()[1]), []).append(
                        int(stat.parent.name)
                    )
            for worker in below.get(process, []):
                total = sum(_proportional(one) for one in _tree(worker, below))
                if total:
                    self.looks += 1
                    self.peak[worker] = max(total, self.peak.get(worker, 0))


def _tree(process: int, below: dict[int, list[int]]) -> list[int]:
    return [process, *(one for child in below.get(process, []) for one in _tree(child, below))]


def _proportional(process: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


# Submissions: right, and every other one with one mistake, cell by cell the same for all three.


def work_cells(problem_set: ProblemSet, number: int) -> tuple[dict[str, str], str | None]:
    """The text of each answered cell in submission `number`, and the question that it has wrong."""
    asked = [question for question in problem_set.questions if not question.manual]
    wrong = asked[number // 2 % len(asked)].id if number % 2 else None
    texts = {}
    for cell in problem_set.notebook.cells:
        if role(cell) == "solution" and "BEGIN SOLUTION" in cell.source:
            id = cell.metadata["nbgrader"]["grade_id"]
            texts[id] = SOLUTION.sub(lambda match: match[1], cell.source)
            if wrong and id == f"{wrong}-work":
                texts[id] += "\n" + next(one.code for one in problem_set.mistakes if one.question == wrong)
    return texts, wrong


def own_class(problem_set: ProblemSet, folder: Path, size: int) -> None:
    """A release of ours, and what its students send."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "submissions").mkdir(parents=True)
    ids = [f"s{number:03}" for number in range(size)]
    (folder / "roster.csv").write_text("student_id\n" + "\n".join(ids) + "\n")
    students = roster.read(folder / "roster.csv")
    out = release.release(problem_set, students, b"a secret for a benchmark", "bench", folder / "release")
    for number, (id, one) in enumerate(release.Released.read(out).students.items()):
        notebook, texts = student_copy(problem_set, one["code"]), work_cells(problem_set, number)[0]
        for cell in notebook.cells:
            id_of = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = texts.get(id_of, cell.source)
        nbformat.write(notebook, folder / "submissions" / f"{id}.ipynb")


def plain(problem_set: ProblemSet, figure: bool) -> tuple[nbformat.NotebookNode, dict[str, str]]:
    """The set without this package, one figure for all students, and each question's test as assertions."""
    notebook, tests, names = copy.deepcopy(problem_set.notebook), {}, {}
    asked, kept = {question.id: question for question in problem_set.questions}, []
    for cell in notebook.cells:
        kind, id = role(cell), cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if (
            kind in ("mistake", "parameters", *(() if figure else ("figure",)))
            or cell.source == "ready()"
            or id.endswith("-guess")
        ):
            continue
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if not line.startswith("from casestudy")]
            cell.source = "\n".join(lines).replace("individual(problem_set, code)", f"np.random.default_rng({SEED})")
            cell.source = FIGURE if kind == "figure" else cell.source
            if kind == "check":
                cell.source = tests[id] = "\n".join(_assertion(one, names[one.name]) for one in asked[id].answers)
            elif kind != "figure":
                exec(cell.source, names)
            cell.outputs, cell.execution_count = [], None
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in ("nbgrader",) if key in cell.metadata})
        kept.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.cells, notebook.metadata = kept, nbformat.from_dict({"kernelspec": kernel})
    return notebook, tests


def _assertion(answer, right) -> str:
    if isinstance(right, str):
        return f"assert {answer.name} == {right!r}"
    right = np.asarray(right, float).tolist()
    return f"assert np.allclose({answer.name}, {right!r}, rtol={answer.rtol or 0}, atol={answer.atol or 0})"


# The peers, each in an environment of its own


def install(name: str) -> str:
    """The peer's program folder. It borrows numpy, pandas and matplotlib from this environment if it has none."""
    folder = BUILD / name
    if not (folder / "ready").exists():
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", PEERS[name]], check=True)
        asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
        place = subprocess.run([folder / "bin/python", "-c", asked], check=True, capture_output=True, text=True).stdout
        Path(place.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (folder / "ready").touch()
    return str(folder / "bin")


def nbgrader(problem_set: ProblemSet, account: Account, figure: bool) -> tuple:
    """Runs of all ten and of one, and the points that it gave."""
    program, course = f"{install('nbgrader')}/nbgrader", BUILD / f"nbgrader-course-{figure:d}"
    shutil.rmtree(course, ignore_errors=True)
    for name in ("source/bench", "submitted"):
        (course / name).mkdir(parents=True)
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "bench"\n')
    notebook, _ = plain(problem_set, figure)
    nbformat.write(notebook, course / "source/bench/bench.ipynb")
    measured([program, "generate_assignment", "bench"], course, account)
    for number in range(TEN):
        own = nbformat.read(course / "release/bench/bench.ipynb", 4)
        folder = course / f"submitted/s{number:03}/bench"
        folder.mkdir(parents=True)
        nbformat.write(_filled(own, work_cells(problem_set, number)[0]), folder / "bench.ipynb")

    def points() -> list[float]:
        measured([program, "export", "--to", "grades.csv"], course, account)
        with open(course / "grades.csv") as file:
            rows = {row["student_id"]: float(row["raw_score"] or 0) for row in csv.DictReader(file)}
        return [rows[id] for id in sorted(rows)]

    def run(*only: str) -> Cost:
        return measured([program, "autograde", "bench", "--force", *only], course, account)

    return run, lambda: run("--student", "s000"), points


def otter(problem_set: ProblemSet, account: Account, figure: bool) -> tuple:
    """Runs of all ten and of one, and the points that it gave."""
    program, course = f"{install('otter')}/otter", BUILD / f"otter-course-{figure:d}"
    shutil.rmtree(course, ignore_errors=True)
    (course / "tests").mkdir(parents=True)
    notebook, tests = plain(problem_set, figure)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import otter\n\ngrader = otter.Notebook()"))
    worth = {question.id: question.points for question in problem_set.questions}
    for id, text in tests.items():
        code = "".join(f">>> {line}\n" for line in text.splitlines())
        suite = {"cases": [{"code": code, "hidden": False, "locked": False}], "scored": True, "type": "doctest"}
        told = {"name": id, "points": worth[id], "suites": [suite]}
        (course / f"tests/{id}.py").write_text(f"OK_FORMAT = True\n\ntest = {told!r}\n")
    for cell in notebook.cells:
        if (id := cell.metadata.get("nbgrader", {}).get("grade_id")) in tests:
            cell.source = f'grader.check("{id}")'
    for number in range(TEN):
        filled = _filled(copy.deepcopy(notebook), work_cells(problem_set, number)[0])
        nbformat.write(filled, course / f"s{number:03}.ipynb")
    measured([program, "generate", "-t", "tests", "-o", "autograder.zip"], course, account)

    def one(number: int = 0) -> Cost:
        (course / f"out/{number}").mkdir(parents=True, exist_ok=True)
        command = [program, "run", "-a", "autograder.zip", "-o", f"out/{number}", f"s{number:03}.ipynb"]
        return measured(command, course, account)

    def points() -> list[float]:
        told = [json.loads((course / f"out/{number}/results.json").read_text())["tests"] for number in range(TEN)]
        return [sum(test.get("score") or 0 for test in one) for one in told]

    return lambda: sum((one(number) for number in range(TEN)), Cost(0, 0, 0)), one, points


def _filled(notebook: nbformat.NotebookNode, texts: dict[str, str]) -> nbformat.NotebookNode:
    for cell in notebook.cells:
        cell.source = texts.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


RUNS = {
    "nbgrader": (nbgrader, False),
    "otter": (otter, False),
    "nbgrader, with the figure": (nbgrader, True),
    "otter, with the figure": (otter, True),
}

# Ours


def grade(folder: Path, workers: int, account: Account, watch: Watch | None = None) -> Cost:
    """The whole command."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    command = [str(Path(sys.executable).parent / "casestudy"), "exercises", "grade", SET, "--release", "release"]
    command += ["--submissions", "submissions", "--out", "out", "--workers", str(workers)]
    return measured(command, folder, account, watch)


def pages_cpu(problem_set: ProblemSet, out: Path) -> float:
    """CPU s of the feedback pages alone; the first, which also loads what they need, is not counted as theirs."""
    kept = results.Results.read(out)
    given = [
        (
            {"id": one["id"], "name": ""},
            one,
            results.marked(problem_set, one),
            None,
            results.worked_for(problem_set, one["code"]).data,
        )
        for one in kept.records
    ]
    feedback.page(problem_set, *given[0])
    begun = time.process_time()
    for one in given:
        feedback.page(problem_set, *one)
    return time.process_time() - begun


def empty_cpu() -> float:
    """CPU s that a submission without any cell is recorded with: its fork and its walls, not the student's."""
    with Sandbox() as sandbox:
        return statistics.median(sandbox.run([], {}).cpu_s for _ in range(40))


# All of it, and what it says


def ten(problem_set: ProblemSet, account: Account) -> tuple[dict[str, list[Cost]], dict[str, Cost], list[str]]:
    """Costs of the ten by tool, of a single one at a peer, and what must be told."""
    own_class(problem_set, BUILD / "ten", TEN)
    tools, told, single, costs = {"casestudy": lambda: grade(BUILD / "ten", 1, account)}, [], {}, {}
    points, planned = {}, [_planned(problem_set, number) for number in range(TEN)]
    for name, (prepare, figure) in RUNS.items():
        try:
            tools[name], one, points[name] = prepare(problem_set, account, figure)
            single[name] = one()
        except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
            print(error, flush=True)
            tools.pop(name, None)
            told.append(
                f"{name} ({PEERS[prepare.__name__]}) was not installed or did not run ({type(error).__name__})."
            )
    for turn in range(ROUNDS):
        for name, run in tools.items():
            if turn and costs[name][0].wall > LONG_S:
                continue
            costs.setdefault(name, []).append(run())
            print(name, turn + 1, costs[name][-1], flush=True)
    told += [f"{name} was run once: the ten took more than {LONG_S} s." for name in costs if len(costs[name]) == 1]
    for name in single:
        if points[name]() != planned:
            told.append(f"{name} did not give the points that were planned: {points[name]()}, not {planned}.")
    grades = results.read_grades(BUILD / "ten/out")
    for number, row in enumerate(grades.to_dict("records")):
        wrong = work_cells(problem_set, number)[1]
        worth = {one.id: one.points for one in problem_set.questions if not one.manual}
        if {id for id in worth if float(row[id]) < worth[id]} != ({wrong} - {None}):
            told.append(f"casestudy did not find submission {number} wrong where it is: {wrong}.")
    wrongly = any("did not" in line for line in told)
    told += [] if wrongly else [f"Each of {', '.join(costs)} found every submission right or wrong where it is."]
    return costs, single, told


def _planned(problem_set: ProblemSet, number: int) -> float:
    wrong = work_cells(problem_set, number)[1]
    return sum(one.points for one in problem_set.questions if not one.manual and one.id != wrong)


def whole_class(problem_set: ProblemSet, account: Account) -> dict[str, float]:
    """A class on all workers: medians; memory from a run of its own, since looking costs time."""
    folder, watch, runs = BUILD / "class", Watch(), []
    own_class(problem_set, folder, CLASS)
    grade(folder, WORKERS, account, watch)
    for _ in range(ROUNDS):
        cost = grade(folder, WORKERS, account)
        records = [json.loads(line) for line in (folder / "out/records.jsonl").read_text().splitlines()]
        assert len(records) == CLASS and {one["status"] for one in records} == {"ok"}
        runs.append((cost, sum(one["cpu_s"] for one in records)))
        print("class", runs[-1], flush=True)
    cost, told = median([run[0] for run in runs]), {"recorded": statistics.median(run[1] for run in runs)}
    told |= {"cpu": cost.cpu, "wall": cost.wall, "kernel": cost.kernel, "empty": empty_cpu() * CLASS}
    told |= {"pages": pages_cpu(problem_set, folder / "out"), "cells": told["recorded"] - told["empty"]}
    told |= {"memory": max(watch.peak.values(), default=0) / 1e6, "looks": watch.looks}
    return told | {"beyond": (told["cpu"] - told["cells"] - told["pages"]) / CLASS}


def report(costs: dict[str, list[Cost]], single: dict[str, Cost], told: list[str], room: dict[str, float]) -> str:
    """RESULTS.md."""
    ours, each = median(costs["casestudy"]), room["cpu"] / CLASS
    rows, ratios, more = [], {}, {}
    for name, runs in costs.items():
        cost = median(runs)
        ratios[name] = cost.cpu / ours.cpu
        line = f"| {name} | {len(runs)} | {cost.cpu:.1f} | {cost.kernel:.1f} | {cost.wall:.1f} | {ratios[name]:.1f} |"
        if name == "casestudy":
            rows.append(f"{line} {each:.3f} | 1.0 |")
        else:
            more[name] = (cost.cpu - single[name].cpu) / (TEN - 1) if name.startswith("nbgrader") else cost.cpu / TEN
            rows.append(f"{line} {more[name]:.2f} | {more[name] / each:.1f} |")

    def verdict(what: str, least: bool, value: float, bound: float, unit: str) -> str:
        reached = value >= bound if least else value < bound
        return f"- {what}: {value:.3g} {unit}. {'Reached' if reached else '**Not reached**'}."

    sentences = [
        verdict(f"{CLASS} on {WORKERS} workers under 60 s", False, room["wall"], 60, "s"),
        verdict("CPU beyond the student's own cells at most 0.15 s each", False, room["beyond"], 0.1500001, "s"),
    ]
    for name in RUNS:
        least = 40 if name.startswith("nbgrader") else 25
        if name in ratios:
            sentences.append(
                verdict(f"{least} times less CPU than {name}, the ten", True, ratios[name], least, "times")
            )
            label = f"the same, a submission in a class of {CLASS} against one more at {name}"
            sentences.append(verdict(label, True, more[name] / each, least, "times"))
        else:
            sentences.append(f"- {least} times less CPU than {name}: not measured.")
    if room["looks"]:
        sentences.append(verdict("peak proportional memory of a worker under 600 MB", False, room["memory"], 600, "MB"))
    else:
        sentences.append(
            "- Peak proportional memory of a worker: not measured; only root may look at a walled process."
        )
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("casestudy", "numpy", "pandas", "matplotlib")
    )
    wall = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout.strip()
    kernel = ""
    if not np.isnan(ours.kernel):
        kernel = (
            f" The kernel's account of the class is {room['kernel']:.1f} s, the sum over processes {room['cpu']:.1f} s."
        )
    notes = "".join(f"- {line}\n" for line in told)
    rest, load = room["beyond"] * CLASS, os.getloadavg()[2]
    return f"""# Grading: what was measured

Written by `make bench` on {date.today()}; do not edit. {os.cpu_count()} cores, {platform.machine()}, Python
{platform.python_version()}, {versions}; peers {", ".join(PEERS.values())}; {wall}.
The machine did other work too (load {load:.1f} over the last quarter of an hour), so the tools took turns, ours first
in each; medians of as many runs as the table says.

## The same {TEN} submissions

| tool | runs | CPU, s | kernel's account, s | wall, s | CPU, times ours | CPU of a submission, s | times ours |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

Whole commands, imports and start included: `casestudy exercises grade` with one worker, `nbgrader autograde` of all
ten, `otter run` once a submission. The last two columns: for us the whole command on {CLASS}, divided by {CLASS}; at
nbgrader one submission more (all ten less one alone, by nine); at otter a tenth, since each is a command. Half of the
ten are right, half have one question wrong. `exercises grade` does not run a set's figure cell, so the peers' first
rows have it taken out: the same questions, data and answers are run by all. Their other rows keep it, drawn by
matplotlib in the notebook: what they do with a submission as sent. Ours import this package and have figures of their
own; the peers' share one seed and import numpy and pandas. What a peer's environment lacks of these and matplotlib is
borrowed from this one. Our warm process loads matplotlib in any case.
{notes}
## A class of {CLASS} on {WORKERS} workers

Wall {room["wall"]:.1f} s, CPU {room["cpu"]:.1f} s: the students' own cells {room["cells"]:.1f} s, feedback pages
{room["pages"]:.1f} s, all else {rest:.1f} s. Own cells are what the records say ({room["recorded"]:.1f} s)
less what an empty submission is recorded with ({room["empty"]:.1f} s for all: its fork and walls).{kernel}
Memory is from a run of its own, {room["looks"]:.0f} looks; a worker is bubblewrap and all processes in it.

## Reached or not

{chr(10).join(sentences)}
"""


def main() -> None:
    """Run everything; one line a run, then the report."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    BUILD.mkdir(parents=True, exist_ok=True)
    problem_set, account = source.load(source.find(SET)), Account()
    try:
        costs, single, told = ten(problem_set, account)
        room = whole_class(problem_set, account)
    finally:
        account.close()
    written = Path(__file__).with_name("RESULTS.md")
    written.write_text(report(costs, single, told, room), encoding="utf-8")
    print(written.read_text())


if __name__ == "__main__":
    main()
