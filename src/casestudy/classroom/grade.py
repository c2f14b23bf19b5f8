"""Grade a release: run what came back behind the wall, keep what it reported, and mark it on this side."""

import json
import os
import queue
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd

from casestudy.classroom import marks, submissions
from casestudy.classroom.release import Released
from casestudy.classroom.results import marked, sha
from casestudy.classroom.sandbox import Limits, Ran, Sandbox
from casestudy.classroom.source import ProblemSet, imports
from casestudy.classroom.submissions import Submission
from casestudy.classroom.work import worked_for
from casestudy.refusals import Refusal
from casestudy.staging import private_file, private_folder

RECORDS = "records.jsonl"
LATER_S = 2  # a further worker's start costs as much CPU as ten ordinary submissions: a few are done without it
ADDED = ("matplotlib.pyplot", "seaborn", "scipy.stats", "statsmodels.api")  # what students may add to a set's imports


def grade(
    problem_set: ProblemSet,
    released: Released,
    found: list[Submission],
    students: pd.DataFrame,
    out: Path,
    *,
    keep: str = "latest",
    workers: int = 2,
    walled: bool = True,
    resume: bool = False,
    limits: Limits | None = None,
    hidden: tuple[Path, ...] = (),
    told: Callable[[str], None] = lambda id: None,
) -> list[dict]:
    """Run every submission and record what it reported, one JSON line each; one record a student comes back.

    keep: which of several submissions counts, the `latest` or the `best`. hidden: the lecturer's other files, which no
    submission may see. Nothing in the records knows a right answer.
    """
    released.refuse_another(problem_set)
    private = (problem_set.path.parent.parent, out, *hidden)
    warm, covered = _warm(problem_set, found, workers), tuple(path.resolve() for path in private)
    sandboxes = [Sandbox(walled, warm, covered) for _ in range(workers)]
    private_folder(out)
    path = out / RECORDS
    if path.exists() and not resume:
        raise Refusal(f"{out} holds results already: --resume goes on with them, or name another folder")
    code = {id: one["code"] for id, one in released.students.items()}
    kept = [one for one in read_records(path) if one["code"] == code.get(one["id"])] if resume else []
    done = {(one["id"], one["sha256"]): one for one in kept}
    _rewrite(path, done.values())
    tasks = [one for one in found if (one.student, sha(one.content)) not in done]
    figures = {one.student: _figures(problem_set, code[one.student]) for one in tasks}
    with path.open("a", encoding="utf-8") as lines:
        for record in _ran(problem_set, released, tasks, figures, sandboxes, limits or Limits()):
            lines.write(json.dumps(record, ensure_ascii=True) + "\n")
            lines.flush()
            os.fsync(lines.fileno())
            done[(record["id"], record["sha256"])] = record
            told(record["id"])
    return chosen(problem_set, released, found, students, list(done.values()), keep)


def _warm(problem_set: ProblemSet, found: list[Submission], workers: int) -> list[str]:
    """What is imported once a worker: the set's own imports, and what more students add than there are workers."""

    def adding(module: str) -> int:
        line = re.compile(rf"\b(?:import|from) {module.partition('.')[0]}\b".encode())
        return sum(line.search(one.content) is not None for one in found)

    return [*imports(problem_set), *(f"import {module}" for module in ADDED if adding(module) > workers)]


def _figures(problem_set: ProblemSet, code: str) -> dict:
    """A cell that puts the student's own data.csv beside the notebook, where the release had it."""
    text = worked_for(problem_set, code).data.to_csv(index=False, lineterminator="\n")
    return {"source": f"with open('data.csv', 'w') as file:\n    file.write({text!r})\ndel file", "answers": []}


def _ran(
    problem_set: ProblemSet,
    released: Released,
    tasks: list[Submission],
    figures: dict[str, dict],
    sandboxes: list[Sandbox],
    limits: Limits,
) -> Iterator[dict]:
    """Records as they come, from a thread for each warm sandbox; all but the first start where one is not enough."""
    over = threading.Event()
    waiting: queue.SimpleQueue = queue.SimpleQueue()
    ready: queue.SimpleQueue = queue.SimpleQueue()
    for one in tasks:
        waiting.put(one)

    def serve(place: int, sandbox: Sandbox) -> None:
        try:
            if place and over.wait(LATER_S):
                return
            with sandbox:
                while not over.is_set():
                    try:
                        one = waiting.get_nowait()
                    except queue.Empty:
                        return
                    ready.put(_record(problem_set, released, one, figures[one.student], sandbox, limits))
        except BaseException as error:  # told to the one who waits
            ready.put(error)

    for place, sandbox in enumerate(sandboxes[: len(tasks)]):
        threading.Thread(target=serve, args=(place, sandbox), daemon=True).start()
    try:
        for _ in tasks:
            record = ready.get()
            if isinstance(record, BaseException):
                raise record
            yield record
    finally:
        over.set()


def _record(
    problem_set: ProblemSet, released: Released, one: Submission, figures: dict, sandbox: Sandbox, limits: Limits
) -> dict:
    """What one submission reported."""
    assigned = released.students[one.student]
    record = {"id": one.student, "name": one.name, "sha256": sha(one.content), "code": assigned["code"]}
    record["sent"] = one.sent.isoformat() if one.sent else None
    opened = submissions.opened(one.content, problem_set, assigned["code"])
    record["data"] = assigned["data"]
    flags = set(opened.flags) | ({"other_code"} if opened.code not in ("", assigned["code"]) else set())
    flags |= set() if sandbox.walled else {"not_sandboxed"}
    if opened.problem:
        empty = {"values": {}, "problems": {}, "texts": {}, "skipped": 0, "errors": [opened.problem], "cpu_s": 0.0}
        return record | empty | {"status": "damaged", "flags": sorted(flags)}
    declared = {answer.name: answer for question in problem_set.questions for answer in question.answers}
    ran = sandbox.run([figures, *opened.cells], declared, limits)
    if ran.data and ran.data != assigned["data"]:
        flags.add("data_differs")
    return record | {
        "status": ran.status,
        "flags": sorted(flags),
        "values": ran.values,
        "problems": ran.problems,
        "texts": opened.texts,
        "skipped": len(ran.skipped),
        "errors": _errors([figures, *opened.cells], ran),
        "cpu_s": round(ran.cpu_s, 3),
    }


def _errors(cells: list[dict], ran: Ran) -> list[str]:
    """What went wrong in which cell, as its owner sees it."""
    said = ran.errors | dict.fromkeys(ran.skipped, "ended or blocked the whole run, and was left out")
    if not said and ran.error:
        return [ran.error]
    places = sorted(said, key=lambda place: -1 if place is None else place)
    named = [cells[place].get("where") if place is not None and place < len(cells) else None for place in places]
    return [f"{name or 'before the first cell'}: {said[place]}" for name, place in zip(named, places, strict=True)]


def chosen(
    problem_set: ProblemSet,
    released: Released,
    found: list[Submission],
    students: pd.DataFrame,
    records: list[dict],
    keep: str = "latest",
) -> list[dict]:
    """One record a student: of several the latest or the best, of a group the member's own or else the group's."""
    order = {(one.student, sha(one.content)): place for place, one in enumerate(found)}
    by_student: dict[str, list[dict]] = {}
    for record in records:
        if (record["id"], record["sha256"]) in order:
            by_student.setdefault(record["id"], []).append(record)

    def rank(record: dict) -> tuple:
        latest = (record["status"] != "damaged", record["sent"] or "", order[(record["id"], record["sha256"])])
        return (marks.total(marked(problem_set, record)), *latest) if keep == "best" else latest

    def best(own: list[dict]) -> dict:
        flags = {"doubled"} if len({record["sha256"] for record in own}) > 1 else set()
        return max(own, key=rank) | {"flags": sorted({*max(own, key=rank)["flags"], *flags})}

    kept = {id: best(own) for id, own in by_student.items()}
    taken = []
    for id, student in students.iterrows():
        record = kept.get(id)
        if record is None and student["group"]:
            others = [kept[other] for other in students.index[students["group"] == student["group"]] if other in kept]
            record = max(others, key=rank) | {"id": id} if others else None
        taken.append(_dated(record or _missing(id, released), student["due"]))
    return taken


def _missing(id: str, released: Released) -> dict:
    assigned = released.students[id]
    nothing = {"name": "", "sha256": "", "sent": None, "flags": [], "values": {}, "problems": {}, "texts": {}}
    mine = {"id": id, "status": "missing", "code": assigned["code"], "data": assigned["data"]}
    return mine | nothing | {"skipped": 0, "errors": [], "cpu_s": 0.0}


def _dated(record: dict, due: str) -> dict:
    """Minutes late, or `unknown` where a date was due and the delivery tells none."""
    if not due or record["status"] == "missing":
        return record | {"late_minutes": None}
    if record["sent"] is None:
        return record | {"late_minutes": "unknown"}
    last = datetime.fromisoformat(due if "T" in due or " " in due else f"{due}T23:59:59")
    sent = datetime.fromisoformat(record["sent"]).replace(tzinfo=last.tzinfo)
    minutes = max(0, -(-int((sent - last).total_seconds()) // 60))
    flags = sorted({*record["flags"], "late"}) if minutes else record["flags"]
    return record | {"late_minutes": minutes, "flags": flags}


def read_records(path: Path) -> list[dict]:
    """The whole lines of a record; the last may be torn where a run was killed."""
    if not path.exists():
        return []
    records = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    return [record for record in records if isinstance(record, dict) and "sha256" in record]


def _rewrite(path: Path, records: Iterable[dict]) -> None:
    private_file(path, "".join(json.dumps(record, ensure_ascii=True) + "\n" for record in records))
