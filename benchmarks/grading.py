"""Grade the same ten submissions here, with nbgrader and with otter, then a class of 300."""

import json
import shutil
import statistics
import subprocess
import time
from dataclasses import asdict
from pathlib import Path

from graders import PEERS, RUNS, TEN, own_class, work_cells
from measure import BUILD, OURS, Cost, Options, Watch, in_turn, measured, median, our_versions
from tell import paragraphs, read, table, told_lines, verdict

from casestudy.classroom import feedback, results, source
from casestudy.classroom.sandbox import Sandbox
from casestudy.classroom.source import ProblemSet

SET, CLASS, WORKERS, ONCE_ABOVE_S = "02-satisfaction", 300, 2, 60


def grade(folder: Path, workers: int, watch: Watch | None = None) -> Cost:
    """The whole command."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    command = [OURS / "casestudy", "exercises", "grade", SET, "--release", "release"]
    command += ["--submissions", "submissions", "--out", "out", "--workers", workers]
    return measured(command, folder, watch)


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


def grading(options: Options) -> dict:
    """The ten by every tool, and a class of ours."""
    problem_set = source.load(source.find(SET))
    raw = ten(problem_set, options.rounds) | {"class": whole_class(problem_set, options.rounds)}
    wall = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout.strip()
    return raw | {"versions": [our_versions("numpy", "pandas", "matplotlib"), *PEERS.values(), wall]}


def ten(problem_set: ProblemSet, rounds: int) -> dict:
    """Costs of the ten by tool, of a single one at a peer, and what must be told."""
    own_class(problem_set, BUILD / "ten", TEN)
    tools, told, single = {"casestudy": lambda: grade(BUILD / "ten", 1)}, [], {}
    points, planned = {}, [_planned(problem_set, number) for number in range(TEN)]
    for name, (prepare, figure) in RUNS.items():
        try:
            run, one, points[name] = prepare(problem_set, figure)
            single[name], tools[name] = asdict(one()), run
        except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
            print(name, error, flush=True)
            told.append(
                f"{name} ({PEERS[prepare.__name__]}) was not installed or did not run ({type(error).__name__})."
            )
    runs, stopped = in_turn(tools, rounds, ONCE_ABOVE_S)
    wrongly = [
        f"{name} did not give the points that were planned: {points[name]()}, not {planned}."
        for name in runs
        if name in points and points[name]() != planned
    ]
    grades = results.read_grades(BUILD / "ten/out")
    for number, row in enumerate(grades.to_dict("records")):
        wrong = work_cells(problem_set, number)[1]
        worth = {one.id: one.points for one in problem_set.questions if not one.manual}
        if {id for id in worth if float(row[id]) < worth[id]} != ({wrong} - {None}):
            wrongly.append(f"casestudy did not find submission {number} wrong where it is: {wrong}.")
    right = [] if wrongly else [f"Each of {', '.join(runs)} found every submission right or wrong where it is."]
    return {"runs": runs, "single": single, "told": [*told, *stopped, *wrongly, *right]}


def _planned(problem_set: ProblemSet, number: int) -> float:
    wrong = work_cells(problem_set, number)[1]
    return sum(one.points for one in problem_set.questions if not one.manual and one.id != wrong)


def whole_class(problem_set: ProblemSet, rounds: int) -> dict[str, float]:
    """A class on all workers: medians; memory from a run of its own, since looking costs time."""
    folder, watch, runs = BUILD / "class", Watch(), []
    own_class(problem_set, folder, CLASS)
    grade(folder, WORKERS, watch)
    for _ in range(rounds):
        cost = grade(folder, WORKERS)
        records = [json.loads(line) for line in (folder / "out/records.jsonl").read_text().splitlines()]
        assert len(records) == CLASS and {one["status"] for one in records} == {"ok"}
        runs.append((cost, sum(one["cpu_s"] for one in records)))
        print("class", runs[-1], flush=True)
    told = asdict(median(run[0] for run in runs)) | {"recorded": statistics.median(run[1] for run in runs)}
    told |= {"empty": empty_cpu() * CLASS, "pages": pages_cpu(problem_set, folder / "out")}
    told |= {"cells": told["recorded"] - told["empty"]}
    told |= {"memory": max(watch.children.values(), default=0) / 1e6, "looks": watch.looks}
    return told | {"beyond": (told["cpu"] - told["cells"] - told["pages"]) / CLASS}


def section(raw: dict) -> str:
    """Both tables, and what was reached."""
    costs, single, room = read(raw["runs"]), read({name: [one] for name, one in raw["single"].items()}), raw["class"]
    ours, each = costs["casestudy"], room["cpu"] / CLASS
    more = {"casestudy": each}
    for name, cost in costs.items():
        if name != "casestudy":
            one_more = (cost.cpu - single[name].cpu) / (TEN - 1)
            more[name] = one_more if name.startswith("nbgrader") else cost.cpu / TEN
    head = ["the ten", "rounds", "CPU, s", "kernel's account, s", "wall, s", "CPU, times ours"]
    rows = []
    for name, cost in costs.items():
        rows.append([name, len(raw["runs"][name]), cost.cpu, cost.kernel, cost.wall, cost.cpu / ours.cpu])
        rows[-1] += [more[name], more[name] / each]
    verdicts = [
        verdict(f"seconds for {CLASS} on {WORKERS} workers", room["wall"], most=60),
        verdict("CPU s beyond the student's own cells, each", room["beyond"], most=0.15),
    ]
    for name in RUNS:
        least = 40 if name.startswith("nbgrader") else 25
        whole, one = (costs[name].cpu / ours.cpu, more[name] / each) if name in costs else (None, None)
        verdicts.append(verdict(f"times less CPU than {name}, the ten", whole, least=least))
        verdicts.append(verdict(f"one of our class of {CLASS} against one more at {name}", one, least=least))
    memory = room["memory"] if room["looks"] else None  # only root may look at a walled process
    verdicts.append(verdict("proportional memory of a worker, MB", memory, most=600))
    account = "" if room["kernel"] is None else f" (the kernel's account: {room['kernel']:.1f} s)"
    return paragraphs(
        f"Whole commands, imports and start included: `casestudy exercises grade` with one worker, `nbgrader"
        f" autograde` of all ten, `otter run` once a submission. Half of the ten are right, half have one question"
        f" wrong. Ours does not run a set's figure cell, so the peers' first rows have it taken out; their other"
        f" rows keep it, drawn by matplotlib. The last two columns: for us the whole command on {CLASS}, divided"
        f" by {CLASS}; at nbgrader one submission more (all ten less one alone, by nine); at otter a tenth. Ours"
        " import this package and have data of their own; the peers' share one seed and import numpy and pandas,"
        " borrowed from our environment where theirs has none.",
        table([*head, "CPU a submission, s", "times ours"], rows),
        told_lines(raw["told"]),
        f"A class of {CLASS} on {WORKERS} workers: wall {room['wall']:.1f} s, CPU {room['cpu']:.1f} s{account}:"
        f" the students' own cells {room['cells']:.1f} s, feedback pages {room['pages']:.1f} s, all else"
        f" {room['beyond'] * CLASS:.1f} s. Own cells are what the records say ({room['recorded']:.1f} s) less what"
        f" an empty submission is recorded with ({room['empty']:.1f} s for all: its fork and walls). Memory is from"
        f" a run of its own, {room['looks']:,.0f} looks; a worker is bubblewrap and all processes in it.",
        "\n".join(verdicts),
        f"Where the ten go: {ours.cpu - TEN * each:.1f} of {ours.cpu:.1f} CPU s are the start, the imports of the"
        " command and of the warm process behind the walls; a class pays it once.",
    )
