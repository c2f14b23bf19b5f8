"""Run what came back behind the wall, and keep what it reported."""

import os
import queue
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from casestudy.classroom import late, records
from casestudy.classroom.grading.attempts import attempts_of, in_order, key, readable, waiting_of
from casestudy.classroom.grading.results import marked
from casestudy.classroom.late import Rule
from casestudy.classroom.limits import Limits
from casestudy.classroom.records import RECORDS, Record
from casestudy.classroom.release.release import Released
from casestudy.classroom.sandbox.job import JobCell
from casestudy.classroom.sandbox.sandbox import Ran, Sandbox
from casestudy.classroom.sets import marks
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet, imports
from casestudy.classroom.submissions.collect import Submission
from casestudy.classroom.submissions.reader import Reader
from casestudy.refusals import Refusal
from casestudy.staging import private_folder

LATER_S = 2  # a further worker's start costs as much CPU as ten ordinary submissions: a few are done without it
ADDED = ("matplotlib.pyplot", "seaborn", "scipy.stats", "statsmodels.api")  # what students may add to a set's imports


@dataclass(frozen=True)
class Running:
    """How submissions are run. limits: None for the set's own. hidden: the lecturer's files that none may see."""

    workers: int = 2
    sandboxed: bool = True
    limits: Limits | None = None
    hidden: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Box:
    """What one thread runs submissions with."""

    sandbox: Sandbox
    reader: Reader
    limits: Limits


def run(
    solutions: Solutions,
    released: Released,
    found: list[Submission],
    out: Path,
    how: Running,
    resume: bool = False,
    finished: Callable[[Record], None] = lambda record: None,
    keep: str = "latest",
    collected: Callable[[int], None] = lambda number: None,
    again: bool = False,
) -> list[Record]:
    """Run what has no record in `out` yet and can count; all records, one a submission, each kept as it comes.

    keep: `best`, and every submission runs, else each student's latest that can be read. collected: called with how
    many that is, before the first runs. again: also what has a record, which the new one takes the place of.
    """
    problem_set = solutions.problem_set
    private = (problem_set.path.parent.parent, out, *how.hidden)
    covered = tuple(path.resolve() for path in private)
    path = out / RECORDS
    if path.exists() and not resume:
        raise Refusal(f"{out} holds results already: --resume goes on with them, or name another folder")
    codes = {id: assigned.code for id, assigned in released.students.items()}
    done = _done(path, codes) if resume else {}
    waiting = waiting_of(found, {} if again else done, keep)
    warm = _warm(problem_set, [first for first, *_ in waiting], how.workers)
    sandboxes = [Sandbox(how.sandboxed, warm, covered) for _ in range(how.workers)]
    private_folder(out)
    records.write(path, in_order(done, found))
    figures = {id: _figures(solutions, codes[id]) for id in dict.fromkeys(first.student for first, *_ in waiting)}
    attempts = attempts_of(done.values(), found)
    collected(len(waiting))
    with path.open("a", encoding="utf-8") as lines:
        for record in _ran(problem_set, released, waiting, figures, sandboxes, how.limits or problem_set.limits):
            record = replace(record, attempts=attempts[record.id])
            lines.write(records.line(record))
            lines.flush()
            os.fsync(lines.fileno())
            done[(record.id, record.sha256)] = record
            finished(record)
    ran = in_order(done, found)
    records.write(path, ran)
    return ran


def _done(path: Path, codes: Mapping[str, str]) -> dict[tuple[str, str], Record]:
    """What was run before, on the figures that still count, by student and fingerprint."""
    return {(record.id, record.sha256): record for record in records.read(path) if record.code == codes.get(record.id)}


def _warm(problem_set: ProblemSet, found: list[Submission], workers: int) -> list[str]:
    """What is imported once a worker: the set's own imports, and what more students add than there are workers."""

    def adding(module: str) -> int:
        line = re.compile(rf"\b(?:import|from) {module.partition('.')[0]}\b".encode())
        return sum(line.search(submission.content) is not None for submission in found)

    return [*imports(problem_set), *(f"import {module}" for module in ADDED if adding(module) > workers)]


def _figures(solutions: Solutions, code: str) -> JobCell:
    """A cell that puts the student's own data.csv beside the notebook, where the release had it."""
    text = solutions[code].data.to_csv(index=False, lineterminator="\n")
    return JobCell(f"with open('data.csv', 'w') as file:\n    file.write({text!r})\ndel file")


def _ran(
    problem_set: ProblemSet,
    released: Released,
    waiting: list[list[Submission]],
    figures: Mapping[str, JobCell],
    sandboxes: list[Sandbox],
    limits: Limits,
) -> Iterator[Record]:
    """Records as they come, from a thread for each warm sandbox; all but the first start where one is not enough."""
    over, reader = threading.Event(), Reader(problem_set)
    asked: queue.SimpleQueue[list[Submission]] = queue.SimpleQueue()
    ready: queue.SimpleQueue[Record | BaseException | None] = queue.SimpleQueue()  # None: of one list, all
    for own in waiting:
        asked.put(own)

    def serve(number: int, sandbox: Sandbox) -> None:
        try:
            if number and over.wait(LATER_S):
                return
            with sandbox:
                while not over.is_set():
                    try:
                        own = asked.get_nowait()
                    except queue.Empty:
                        return
                    box, given = _Box(sandbox, reader, limits), figures[own[0].student]
                    for record in _in_turn(problem_set, released, own, given, box):
                        ready.put(record)
                    ready.put(None)
        except BaseException as error:  # raised by the one who waits
            ready.put(error)

    try:
        with reader:
            for number, sandbox in enumerate(sandboxes[: len(waiting)]):
                threading.Thread(target=serve, args=(number, sandbox), daemon=True).start()
            for _ in waiting:
                while (record := ready.get()) is not None:
                    if isinstance(record, BaseException):
                        raise record
                    yield record
    finally:
        over.set()


def _in_turn(
    problem_set: ProblemSet, released: Released, own: list[Submission], figures: JobCell, box: _Box
) -> Iterator[Record]:
    """One student's submissions, until one can be read."""
    for submission in own:
        record = _survived(problem_set, _unread(released, submission), submission.content, figures, box)
        yield record
        if readable(record):
            return


def _unread(released: Released, submission: Submission) -> Record:
    """What is known of a submission before anything of it was read."""
    assigned, sent = released.students[submission.student], submission.sent
    about = (submission.name, submission.sha256, sent.isoformat() if sent else None)
    why = (f"damaged: {submission.fault}",) if submission.fault else ()
    return Record(submission.student, "damaged", assigned.code, assigned.data, *about, errors=why)


def _survived(problem_set: ProblemSet, record: Record, content: bytes, figures: JobCell, box: _Box) -> Record:
    """What one submission reported; whatever it made us raise is its own damage, and the others go on."""
    if record.errors:  # it could not be read from the delivery
        return record
    try:
        return _record(problem_set, record, content, figures, box)
    except Refusal:  # of this machine or set, which would meet every submission
        raise
    except Exception as error:
        words = f"damaged: the grader stopped at it ({type(error).__name__}: {str(error)[:200]})"
        return replace(record, errors=(words,))


def _record(problem_set: ProblemSet, record: Record, content: bytes, figures: JobCell, box: _Box) -> Record:
    notebook = box.reader.opened(content, record.code)
    flags = set(notebook.flags) | ({"other_code"} if notebook.code not in ("", record.code) else set())
    flags |= set() if box.sandbox.walled else {"not_sandboxed"}
    if notebook.problem:
        return replace(record, flags=tuple(sorted(flags)), errors=(notebook.problem,))
    declared = {answer.name: answer for question in problem_set.questions for answer in question.answers}
    cells = [figures, *notebook.cells]
    ran = box.sandbox.run(cells, declared, box.limits)
    if ran.data and ran.data != record.data:
        flags.add("data_differs")
    if lost := sorted(notebook.noted - ran.values.keys()):
        flags.add(f"noted_without_answer:{','.join(lost)}")
    return replace(
        record,
        status=ran.status,
        flags=tuple(sorted(flags)),
        values=ran.values,
        problems=ran.problems,
        texts=notebook.texts,
        guesses={name: asdict(guess) for name, guess in ran.guesses.items()},
        skipped=len(ran.skipped),
        errors=tuple(_errors(cells, ran)),
        cpu_s=round(ran.cpu_s, 3),
        limits=asdict(box.limits),
    )


def _errors(cells: list[JobCell], ran: Ran) -> list[str]:
    """What went wrong in which cell, as its owner sees it."""
    said = ran.errors
    if not said and ran.error:
        return [ran.error]
    numbers = sorted(said, key=lambda number: -1 if number is None else number)
    where = [cells[number].where if number is not None and number < len(cells) else "" for number in numbers]
    return [f"{name or 'before the first cell'}: {said[number]}" for name, number in zip(where, numbers, strict=True)]


def chosen(
    solutions: Solutions,
    released: Released,
    found: list[Submission],
    students: pd.DataFrame,
    ran: list[Record],
    keep: str = "latest",
    rule: Rule | None = None,
    standing: Mapping[str, str] | None = None,
) -> list[Record]:
    """One record a student: of several the latest or the best, of a group the member's own or else the group's.

    A student of whom this delivery has nothing, or nothing that can be read, keeps what stands from an earlier one.
    rule: what late work costs; the best is the one that is worth most after that. standing: the fingerprint of the file
    that counts so far, by student.
    """
    order = {(record.id, record.sha256): number - len(ran) for number, record in enumerate(ran)}  # of earlier ones
    order |= {key(submission): number for number, submission in enumerate(found)}
    attempts, files = attempts_of(ran, found), attempts_of([], found)
    by_student: dict[str, list[Record]] = {}
    for record in ran:
        by_student.setdefault(record.id, []).append(record)
    for id, own in by_student.items():
        delivered = [record for record in own if order[(record.id, record.sha256)] >= 0]
        if any(map(readable, delivered)):
            own[:] = delivered
        elif not delivered and keep == "latest":  # an older file may have come in a later delivery
            own[:] = [record for record in own if record.sha256 == (standing or {}).get(id)] or own

    def rank(record: Record) -> tuple[Any, ...]:
        latest = (readable(record), record.sent or "", order[(record.id, record.sha256)])
        return (worth(record), *latest) if keep == "best" else latest

    def worth(record: Record) -> float:
        own = marked(solutions, record)
        earned, most = marks.total(own), sum(mark.out_of for mark in own)
        lost = late.loss(rule, late.dated(record, students.at[record.id, "due"]), earned, most)
        return lost.total if lost else earned

    def best(own: list[Record]) -> Record:
        first = max(own, key=rank)
        several = {record.sha256 for record in own}.union(files.get(first.id, attempts[first.id]))
        flags = {"doubled"} if len(several) > 1 else set()
        return replace(first, flags=tuple(sorted({*first.flags, *flags})), attempts=attempts[first.id])

    def of_group(id: str, group: str) -> Record:
        others = [kept[other] for other in students.index[students["group"] == group] if group and other in kept]
        assigned = released.students[id]
        missing = Record(id, "missing", assigned.code, assigned.data)
        if not others:
            return missing
        first = max(others, key=rank)
        return replace(first, id=id, flags=tuple(sorted({*first.flags, f"of_group:{first.id}"})))

    kept = {id: best(own) for id, own in by_student.items()}
    return [
        late.dated(kept.get(str(id)) or of_group(str(id), student["group"]), student["due"])
        for id, student in students.iterrows()
    ]
