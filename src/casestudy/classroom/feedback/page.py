"""A page for each student; it knows no right value."""

from collections.abc import Container, Mapping
from typing import Any

import pandas as pd

from casestudy.classroom.feedback import html, words
from casestudy.classroom.late import Loss
from casestudy.classroom.records import Override, Record
from casestudy.classroom.sets import marks
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.marks import Marked
from casestudy.classroom.sets.problems import MISSING, sentence, told
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.source import ProblemSet, written

LONGEST_TEXT, LONGEST_ERROR, LONGEST_REASON, ERRORS = 5_000, 300, 500, 20  # characters; lines
HINTS = 2  # of a mistake's: the nudge, and what was done; not the way out


def page(
    problem_set: ProblemSet,
    name: str,
    record: Record,
    marked: list[Marked],
    manual: Mapping[str, float] | None,
    data: pd.DataFrame,
    confirmed: str = "",
    overrides: Mapping[str, Override] | None = None,
    lost: Loss | None = None,
) -> str:
    """One student's feedback as an HTML page: points, misconceptions, their own figures and answers.

    name: the student's, or nothing. manual: points that a person gave, by question; overrides: those of them that a
    person put in place of others. confirmed: who stands for the marks, if any. lost: what came off for being late.
    """
    status, manual, overrides = record.status, manual or {}, overrides or {}
    names = headings(problem_set)
    asked = {question.id: question for question in problem_set.questions}
    questions = [
        _question(problem_set, asked[mark.question], mark, names[mark.question], record, manual, overrides)
        for mark in marked
        if status not in words.UNREAD or overrides
    ]
    waiting = sum(question["out_of"] for question in questions if question["waits"])
    final = settled(record, marked, overrides)
    return html.rendered(
        "feedback.html.j2",
        title=problem_set.title,
        version=problem_set.version,
        who=name or record.id,
        id=record.id,
        confirmed=confirmed,
        happened=_happened(problem_set, record, decided=final),
        final=final,
        notes=_notes(record, lost),
        errors=[html.cut(error, LONGEST_ERROR) for error in _errors(record)[:ERRORS]],
        skipped=record.skipped,
        questions=questions,
        points=lost.total if lost else marks.total(marked, manual),
        out_of=sum(question["out_of"] for question in questions) - waiting,
        late=lost.sentence(sum(one["out_of"] for one in questions) - waiting) if lost else "",
        lost=lost,
        waiting=waiting,
        data=html.head(data),
        file=html.cut(record.name),
        sha=record.sha256[:16],
    )


def settled(record: Record, marked: list[Marked], overrides: Container[str]) -> bool:
    """Whether the marks can stand: the run is no reason to look, or a person gave the points of every question."""
    return record.status in words.FINAL or all(mark.question in overrides for mark in marked)


def headings(problem_set: ProblemSet) -> dict[str, str]:
    """Under which heading of the notebook each question stands; its id where there is none."""
    return {
        question.id: f"{question.title}: your text"
        if question.title and question.manual
        else question.title or question.id
        for question in problem_set.questions
    }


def _question(
    problem_set: ProblemSet,
    question: Question,
    mark: Marked,
    heading: str,
    record: Record,
    manual: Mapping[str, float],
    overrides: Mapping[str, Override],
) -> dict[str, Any]:
    override = overrides.get(question.id)
    note = "given" if override else "read" if question.id in manual else mark.note
    points = manual.get(question.id, mark.points)
    if note == "mistake" and points > 0:
        note = "credit"
    if question.manual and note == "missing":
        note = "empty"
    return {
        "id": question.id,
        "heading": heading,
        "points": points,
        "out_of": mark.out_of,
        "waits": note in marks.WAITING,
        "note": words.NOTES[note],
        "state": words.STATES.get(note, "open"),
        "reason": html.cut(override.reason, LONGEST_REASON) if override else "",
        "hints": () if override else _hints(problem_set, mark),
        "answers": [_answer(answer, record) for answer in question.answers],
        "manual": question.manual,
        "text": html.cut(written(record.texts.get(question.id)), LONGEST_TEXT),
    }


def _hints(problem_set: ProblemSet, mark: Marked) -> tuple[str, ...]:
    if mark.mistake is None:
        return (mark.fault,) if mark.fault else ()
    return problem_set.mistakes[mark.mistake].hints["en"][:HINTS]


def _answer(answer: Answer, record: Record) -> dict[str, Any]:
    """One answer as it came: a table, or one line; and what was wrong with its form."""
    value, problem = (part.get(answer.name) for part in (record.values, record.problems))
    fault, table = "", None
    if problem is not None or value is None:
        fault = sentence(told(str(problem or MISSING), answer.choices))
    elif isinstance(value, dict) and "columns" in value:
        table = html.table(value)
    return {
        "name": answer.name,
        "unit": answer.unit,
        "value": html.shown(value),
        "table": table,
        "fault": fault,
    }


def _notes(record: Record, lost: Loss | None) -> list[tuple[str, str]]:
    """The flags in words; a likeness to somebody else's answers is not for this page."""
    kinds = [flag.partition(":")[0] for flag in record.flags]
    notes = [words.FLAGS[kind] for kind in kinds if kind in words.FLAGS and kind != "late"]
    late = record.late_minutes
    if late == "unknown":
        what, todo = words.LATE_UNKNOWN
        notes.append((what, todo if lost is None else words.NOTHING_OFF))
    elif isinstance(late, int) and late > 0:
        what, todo = words.FLAGS["late"]
        off = (words.POINTS_OFF if lost.points else words.NOTHING_OFF) if lost else todo
        notes.append((what.format(late=words.duration(late)), off))
    return notes


def _happened(problem_set: ProblemSet, record: Record, decided: bool) -> tuple[str, str]:
    """What happened, and what to do; decided: whether the marks can stand."""
    what, todo = words.STATUSES.get(record.status, words.STATUSES["died"])
    if other := record.other_set:
        what, todo = (part.format(found=other, expected=problem_set.name) for part in words.OTHER_SET)
    return what, words.DECIDED if decided and record.status not in words.FINAL else todo


def _errors(record: Record) -> list[str]:
    """What went wrong beyond what the page says anyhow."""
    return [] if record.other_set else [error.removeprefix("damaged: ") for error in record.errors]
