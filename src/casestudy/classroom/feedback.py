"""What comes back: a page for each student, and one for the lecturer. Neither knows a right value."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable

import pandas as pd

from casestudy.classroom import marks, pages, words
from casestudy.classroom.answers import Answer
from casestudy.classroom.marks import Marked
from casestudy.classroom.messages import sentence
from casestudy.classroom.source import ProblemSet, Question
from casestudy.classroom.texts import written

Row = tuple[dict, list[Marked], dict[str, float] | None]  # a record, its marks, the points that a person gave to texts
LONGEST_TEXT, LONGEST_ERROR, ERRORS = 5_000, 300, 20  # characters; lines
HINTS = 2  # of a mistake's: the nudge, and what was done; not the way out
BINS, MISTAKES = 10, 8  # bars of the distribution, misconceptions in the summary


def page(
    problem_set: ProblemSet,
    student: dict[str, str],
    record: dict,
    marked: list[Marked],
    manual: dict[str, float] | None,
    data: pd.DataFrame,
    confirmed: str = "",
) -> str:
    """One student's feedback as an HTML page: points, misconceptions, their own figures and answers.

    student: id and name. manual: points of texts that a person has read. confirmed: who stands for the marks, if any.
    """
    status, manual = record.get("status", "missing"), manual or {}
    names = headings(problem_set)
    asked = {question.id: question for question in problem_set.questions}
    questions = [
        _question(problem_set, asked[one.question], one, names[one.question], record, manual)
        for one in marked
        if status not in words.UNREAD
    ]
    waiting = sum(one["out_of"] for one in questions if one["waits"])
    return pages.rendered(
        "feedback.html.j2",
        title=problem_set.title,
        version=problem_set.version,
        who=student.get("name") or student.get("id", ""),
        id=student.get("id", ""),
        confirmed=confirmed,
        told=_told(problem_set, record, status),
        final=status in words.FINAL,
        notes=_notes(record),
        errors=[pages.cut(error, LONGEST_ERROR) for error in _errors(record)[:ERRORS]],
        skipped=record.get("skipped") or 0,
        questions=questions,
        points=marks.total(marked, manual),
        out_of=sum(one["out_of"] for one in questions),
        waiting=waiting,
        data=pages.frame(data),
        file=pages.cut(record.get("name") or ""),
        sha=str(record.get("sha256") or "")[:16],
    )


def summary(problem_set: ProblemSet, rows: Iterable[Row], confirmed: str = "") -> str:
    """The lecturer's page: how points are spread, what was hard, which misconceptions, what needs a person."""
    rows = list(rows)
    final = [row for row in rows if row[0]["status"] in words.FINAL]
    read = not any(_unread(problem_set, record, manual) for record, _, manual in final)
    top = sum(question.points for question in problem_set.questions if read or not question.manual)
    scores = [marks.total(marked, manual if read else None) for _, marked, manual in final]
    return pages.rendered(
        "summary.html.j2",
        title=problem_set.title,
        name=problem_set.name,
        version=problem_set.version,
        confirmed=confirmed,
        students=len(rows),
        final=len(final),
        read=read,
        top=top,
        middle=statistics.quantiles(scores, n=4, method="inclusive") if len(scores) > 1 else None,
        bars=(spread := bars(scores, top)),
        most=max(number for _, number in spread) or 1,
        hardest=_hardest(problem_set, final),
        mistakes=_mistakes(problem_set, final),
        person=_person(problem_set, rows),
    )


def headings(problem_set: ProblemSet) -> dict[str, str]:
    """Under which heading of the notebook each question stands; its id where there is none."""
    return {
        one.id: f"{one.title}: your text" if one.title and one.manual else one.title or one.id
        for one in problem_set.questions
    }


def bars(scores: list[float], top: float) -> list[tuple[str, int]]:
    """How many scores fall into each of at most ten equal steps from 0 to `top` points.

    >>> bars([0, 1.5, 4], top=4)
    [('0 to below 1', 1), ('1 to below 2', 1), ('2 to below 3', 0), ('3 to 4', 1)]
    """
    step = max(1, math.ceil(top / BINS))
    number = max(1, math.ceil(top / step))
    counts = Counter(min(int(score // step), number - 1) for score in scores)
    ends = [(place * step, min((place + 1) * step, top)) for place in range(number)]
    names = [f"{low:g} to {'below ' if high < top else ''}{high:g}" for low, high in ends]
    return [(name, counts[place]) for place, name in enumerate(names)]


def _question(
    problem_set: ProblemSet, question: Question, one: Marked, heading: str, record: dict, manual: dict
) -> dict:
    note = "read" if question.id in manual else one.note
    points = manual.get(question.id, one.points)
    if note == "mistake" and points > 0:
        note = "credit"
    if question.manual and note == "missing":
        note = "empty"
    return {
        "id": question.id,
        "heading": heading,
        "points": points,
        "out_of": one.out_of,
        "waits": note in marks.WAITING,
        "told": words.NOTES[note],
        "hints": _hints(problem_set, one),
        "answers": [_answer(answer, record) for answer in question.answers],
        "manual": question.manual,
        "text": pages.cut(written(record["texts"].get(question.id)), LONGEST_TEXT),
    }


def _hints(problem_set: ProblemSet, one: Marked) -> tuple[str, ...]:
    return () if one.mistake is None else problem_set.mistakes[one.mistake].hints["en"][:HINTS]


def _answer(answer: Answer, record: dict) -> dict:
    """One answer as it came: a table, or one line; and what was wrong with its form."""
    value, problem = (record.get(part, {}).get(answer.name) for part in ("values", "problems"))
    told, table = "", None
    if problem is not None or value is None:
        told = words.PROBLEMS.get(str(problem or "missing"), words.PROBLEMS["unreadable"])
        told = told.format(choices=", ".join(answer.choices))
    elif answer.kind == "table" and isinstance(value, dict):
        table = pages.table(value)
    return {
        "name": answer.name,
        "unit": answer.unit,
        "value": pages.shown(value),
        "table": table,
        "told": told and sentence(told),
    }


def _notes(record: dict) -> list[tuple[str, str]]:
    """The flags in words; a likeness to somebody else's answers is not for this page."""
    told = [words.FLAGS[flag] for flag in record.get("flags", []) if flag in words.FLAGS and flag != "late"]
    late = record.get("late_minutes")
    if late == "unknown":
        told.append(words.LATE_UNKNOWN)
    elif isinstance(late, int) and late > 0:
        told.append((words.FLAGS["late"][0].format(late=words.duration(late)), words.FLAGS["late"][1]))
    return told


def _told(problem_set: ProblemSet, record: dict, status: str) -> tuple[str, str]:
    """What happened, and what to do."""
    if other := _other_set(record):
        return tuple(part.format(found=other, expected=problem_set.name) for part in words.OTHER_SET)
    return words.STATUSES.get(status, words.STATUSES["died"])


def _errors(record: dict) -> list[str]:
    """What went wrong beyond what is told anyhow."""
    return [] if _other_set(record) else [error.removeprefix("damaged: ") for error in record.get("errors", [])]


def _other_set(record: dict) -> str:
    """Which other set's copy was handed in, if that is why nothing was marked."""
    found = (flag.partition(":")[2] for flag in record.get("flags", []) if flag.startswith("other_set:"))
    return next(found, "") if record.get("status") == "damaged" else ""


def _unread(problem_set: ProblemSet, record: dict, manual: dict | None) -> set[str]:
    """Why a person has to read: `texts` that stand there, or `texts_lost`, of which that could not be seen."""
    asked = [question.id for question in problem_set.questions if question.manual and question.id not in (manual or {})]
    found = [record["texts"].get(id, "") for id in asked]
    return {"texts_lost" if text is None else "texts" for text in found if text is None or written(text)}


def _hardest(problem_set: ProblemSet, final: list[Row]) -> list[dict]:
    """Questions by their mean share of points, the lowest first; texts as far as they have been read."""
    found, names = [], headings(problem_set)
    for question in problem_set.questions:
        given = [(one, manual or {}) for _, marked, manual in final for one in marked if one.question == question.id]
        if question.manual:
            given = [(one, manual) for one, manual in given if question.id in manual]
        if not given:
            continue
        points = [manual.get(question.id, one.points) for one, manual in given]
        missing = sum(one.note == "missing" for one, _ in given)
        full, none = sum(p >= question.points for p in points), sum(p == 0 for p in points) - missing
        counts = {"full": full, "part": len(points) - full - none - missing, "none": none, "missing": missing}
        share = statistics.fmean(points) / question.points
        found.append({"heading": names[question.id], "share": share, **counts})
    return sorted(found, key=lambda one: one["share"])


def _mistakes(problem_set: ProblemSet, final: list[Row]) -> list[dict]:
    names = headings(problem_set)
    fell = Counter(one.mistake for _, marked, _ in final for one in marked if one.mistake is not None)
    return [
        {"heading": names[mistake.question], "hints": mistake.hints["en"][:HINTS], "times": times}
        for place, times in sorted(fell.items(), key=lambda one: (-one[1], one[0]))[:MISTAKES]
        if (mistake := problem_set.mistakes[place])
    ]


def _person(problem_set: ProblemSet, rows: list[Row]) -> list[dict]:
    """Why a person has to look, what to do, and at whom."""
    whom: dict[str, list[str]] = {}
    for record, _, manual in rows:
        id, late = record["id"], record.get("late_minutes")
        if record["status"] not in words.FINAL and not _other_set(record):
            whom.setdefault(record["status"], []).append(id)
        for flag in record.get("flags", []):
            kind, _, other = flag.partition(":")
            more = f" (like {other})" if kind == "same_as" else f" ({other})" if other else ""
            more = f" ({words.duration(late)})" if kind == "late" and late else more
            if (kind, late) != ("late", "unknown"):
                whom.setdefault(kind, []).append(f"{id}{more}")
        if late == "unknown":
            whom.setdefault("late_unknown", []).append(id)
        for kind in _unread(problem_set, record, manual):
            more = f" ({record['sha256'][:16]})" if kind == "texts_lost" else ""
            whom.setdefault(kind, []).append(f"{id}{more}")
    order = [*words.PERSON, *sorted(set(whom) - set(words.PERSON))]
    person = [(words.PERSON.get(kind, (kind, "")), sorted(whom[kind])) for kind in order if kind in whom]
    return [{"why": why, "todo": todo, "ids": ids} for (why, todo), ids in person]
