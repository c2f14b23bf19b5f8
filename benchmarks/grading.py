"""Grade the same ten submissions here, with nbgrader and with otter, then a class of 300."""

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

from graders import NEEDED, PEERS, RUNS, TEN, own_class, program, work_cells
from measure import BUILD, OURS, Cost, Options, Watch, in_turn, measured, median, our_versions, versions
from tell import paragraphs, read, table, told_lines, verdict

from casestudy.classroom.grading import results
from casestudy.classroom.sets import source
from casestudy.classroom.sets.source import ProblemSet

SET, CLASS, WORKERS, ONCE_ABOVE_S = "02-satisfaction", 300, 2, 60


def grade(folder: Path, workers: int, watch: Watch | None = None) -> Cost:
    """The whole command."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    command = [OURS / "casestudy", "exercises", "grade", SET, "--release", "release"]
    command += ["--submissions", "submissions", "--out", "out", "--workers", workers]
    return measured(command, folder, watch)


# All of it, and what it says


def grading(options: Options) -> dict:
    """The ten by every tool, and a class of ours."""
    problem_set = source.load(source.find(SET))
    raw = ten(problem_set, options.rounds) | {"class": None}
    try:
        raw["class"] = whole_class(problem_set, options.rounds)
    except Exception as error:  # whatever it is, the ten are done, and they took longest
        print("class", error, flush=True)
        raw["told"].append(f"The class of {CLASS} could not be graded ({type(error).__name__}).")
    used = [f"ours: {our_versions(*NEEDED)}"]
    for name, package in PEERS.items():
        if name in raw["runs"]:
            used.append(versions(Path(program(name)).parent, package.partition("==")[0], *NEEDED))
    wall = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout.strip()
    return raw | {"versions": [*used, wall]}


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
    wrongly = []
    for name in [name for name in runs if name in points]:
        try:
            given = points[name]()
        except (OSError, subprocess.CalledProcessError, RuntimeError, LookupError, ValueError) as error:
            wrongly.append(f"{name}: the points that it gave could not be read ({type(error).__name__}).")
        else:
            if given != planned:
                wrongly.append(f"{name} did not give the points that were planned: {given}, not {planned}.")
    grades = results.read_grades(BUILD / "ten/out")
    for number, row in enumerate(grades.to_dict("records")):
        wrong = work_cells(problem_set, number)[1]
        worth = {one.id: one.points for one in problem_set.questions if not one.manual}
        if {id for id in worth if float(row[id]) < worth[id]} != ({wrong} - {None}):  # a known mistake loses a part
            wrongly.append(f"casestudy did not find submission {number} wrong where it is: {wrong}.")
    right = (
        "The peers gave the points that were planned for each submission; ours took points off at the planned question"
        " and nowhere else."
    )
    right = [] if wrongly else [right]
    return {"runs": runs, "single": single, "told": [*told, *stopped, *wrongly, *right]}


def _planned(problem_set: ProblemSet, number: int) -> float:
    wrong = work_cells(problem_set, number)[1]
    return sum(one.points for one in problem_set.questions if not one.manual and one.id != wrong)


def whole_class(problem_set: ProblemSet, rounds: int) -> dict[str, float | None]:
    """A class on all workers: medians; memory from a run of its own, since looking costs time."""
    folder, watch, runs = BUILD / "class", Watch(), []
    own_class(problem_set, folder, CLASS)
    grade(folder, WORKERS, watch)
    for _ in range(rounds):
        cost = grade(folder, WORKERS)
        records = [json.loads(line) for line in (folder / "out/records.jsonl").read_text().splitlines()]
        if (done := [one["status"] for one in records].count("ok")) != CLASS or len(records) != CLASS:
            raise RuntimeError(f"{done} of {CLASS} graded")
        runs.append(cost)
        print("class", cost, flush=True)
    memory = max(watch.children.values(), default=0) / 1e6
    return asdict(median(runs)) | {"memory": memory, "looks": watch.looks}


def section(raw: dict) -> str:
    """Both tables, and what was reached."""
    costs, single, room = read(raw["runs"]), read({name: [one] for name, one in raw["single"].items()}), raw["class"]
    ours, each = costs["casestudy"], room["cpu"] / CLASS if room else None
    more = {"casestudy": each}
    for name, cost in costs.items():
        if name != "casestudy":
            one_more = (cost.cpu - single[name].cpu) / (TEN - 1)
            more[name] = one_more if name.startswith("nbgrader") else cost.cpu / TEN
    head = ["the ten", "rounds", "CPU, s", "kernel's account, s", "wall, s", "CPU, times ours"]
    rows = []
    for name, cost in costs.items():
        rows.append([name, len(raw["runs"][name]), cost.cpu, cost.kernel, cost.wall, cost.cpu / ours.cpu])
        rows[-1] += [more[name], more[name] / each if room else None]
    verdicts = [
        verdict(f"seconds for {CLASS} on {WORKERS} workers", room["wall"] if room else None, most=60),
        verdict(f"CPU s of each of the {CLASS}, own cells and pages included", each, most=0.15),
    ]
    for name in RUNS:
        least = 40 if name.startswith("nbgrader") else 25
        whole = costs[name].cpu / ours.cpu if name in costs else None
        one = more[name] / each if room and name in costs else None
        verdicts.append(verdict(f"times less CPU than {name}, the ten", whole, least=least))
        verdicts.append(verdict(f"one of our class of {CLASS} against one more at {name}", one, least=least))
    memory = room["memory"] if room and room["looks"] else None  # only root may look at a walled process
    verdicts.append(verdict("proportional memory of a worker, MB", memory, most=600))
    return paragraphs(
        f"Whole commands, imports and start included: `casestudy exercises grade` with one worker, `nbgrader"
        f" autograde` of all ten, `otter run` once a submission. Half of the ten are right, half have one question"
        f" wrong. Ours does not run a set's figure cell, so the peers' first rows have it taken out; their other"
        f" rows keep it, drawn by matplotlib. The last two columns: for us the whole command on {CLASS}, divided"
        f" by {CLASS}; at nbgrader one submission more (all ten less one alone, by nine); at otter a tenth. Ours"
        " import this package and have data of their own; the peers' share one seed and import numpy and pandas"
        " of the same versions. Our own processes leave out jsonschema's optional grammar of addresses; nbgrader"
        " keeps it.",
        table([*head, "CPU a submission, s", "times ours"], rows),
        told_lines(raw["told"]),
        _class_told(room) if room else "",
        "\n".join(verdicts),
        f"Where the ten go: {ours.cpu - TEN * each:.1f} of {ours.cpu:.1f} CPU s are the start, the imports of the"
        " command and of the warm process behind the walls; a class pays that process once a worker."
        if room
        else "",
    )


def _class_told(room: dict) -> str:
    account = "" if room["kernel"] is None else f" (the kernel's account: {room['kernel']:.1f} s)"
    return (
        f"A class of {CLASS} on {WORKERS} workers: wall {room['wall']:.1f} s, CPU {room['cpu']:.1f} s{account}, the"
        f" students' own cells and the feedback pages included. Memory is from a run of its own,"
        f" {room['looks']:,.0f} looks; a worker is bubblewrap and all processes in it."
    )
