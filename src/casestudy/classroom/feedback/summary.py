"""The lecturer's page: how points are spread, what was hard, which misconceptions, what needs a person."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from casestudy.classroom.feedback import html, words
from casestudy.classroom.feedback.page import HINTS, headings
from casestudy.classroom.records import Record
from casestudy.classroom.sets import marks
from casestudy.classroom.sets.marks import Marked
from casestudy.classroom.sets.problems import MISSING
from casestudy.classroom.sets.source import ProblemSet, Question, written

Row = tuple[Record, list[Marked], Mapping[str, float] | None]  # the points that a person gave to texts come last
BINS, MISTAKES = 10, 8  # bars of the distribution, misconceptions in the summary


def summary(
    problem_set: ProblemSet, rows: Iterable[Row], confirmed: str = "", unmatched: Iterable[Mapping[str, str]] = ()
) -> str:
    """The lecturer's page: how points are spread, what was hard, which misconceptions, what needs a person.

    unmatched: files that belong to nobody, or to several: `file`, `why` and `students` of each.
    """
    rows = list(rows)
    final = [row for row in rows if row[0].status in words.FINAL]
    read = not any(_unread(problem_set, record, manual) for record, _, manual in final)
    top = sum(question.points for question in problem_set.questions if read or not question.manual)
    scores = [marks.total(marked, manual if read else None) for _, marked, manual in final]
    return html.rendered(
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
        unmatched=[{name: html.cut(row[name]) for name in ("file", "why", "students")} for row in unmatched],
    )


def bars(scores: list[float], top: float) -> list[tuple[str, int]]:
    """How many scores fall into each of at most ten equal steps from 0 to `top` points.

    >>> bars([0, 1.5, 4], top=4)
    [('0 to below 1', 1), ('1 to below 2', 1), ('2 to below 3', 0), ('3 to 4', 1)]
    """
    step = max(1, math.ceil(top / BINS))
    number = max(1, math.ceil(top / step))
    counts = Counter(min(int(score // step), number - 1) for score in scores)
    ends = [(low * step, min((low + 1) * step, top)) for low in range(number)]
    names = [f"{low:g} to {'below ' if high < top else ''}{high:g}" for low, high in ends]
    return [(name, counts[step]) for step, name in enumerate(names)]


def _unread(problem_set: ProblemSet, record: Record, manual: Mapping[str, float] | None) -> set[str]:
    """Why a person has to read: `texts` that stand there, or `texts_lost`, of which that could not be seen."""
    asked = [question.id for question in problem_set.questions if question.manual and question.id not in (manual or {})]
    found = [record.texts.get(id, "") for id in asked]
    return {"texts_lost" if text is None else "texts" for text in found if text is None or written(text)}


def _hardest(problem_set: ProblemSet, final: list[Row]) -> list[dict[str, Any]]:
    """Questions by their mean share of points, the lowest first; texts as far as they have been read."""
    found, names = [], headings(problem_set)
    for question in problem_set.questions:
        if earned := _earned(question, final):
            points = [number for number, _ in earned]
            missing = sum(note == "missing" for _, note in earned)
            full, none = sum(p >= question.points for p in points), sum(p == 0 for p in points) - missing
            counts = {"full": full, "part": len(points) - full - none - missing, "none": none, "missing": missing}
            share = statistics.fmean(points) / question.points
            found.append({"heading": names[question.id], "share": share, **counts})
    return sorted(found, key=lambda row: row["share"])


def _earned(question: Question, final: list[Row]) -> list[tuple[float, str]]:
    """Everyone's points and note in a question; in a text of those only whom a person has read."""
    return [
        ((manual or {}).get(question.id, mark.points), mark.note)
        for _, marked, manual in final
        for mark in marked
        if mark.question == question.id and (not question.manual or question.id in (manual or {}))
    ]


def _mistakes(problem_set: ProblemSet, final: list[Row]) -> list[dict[str, Any]]:
    names = headings(problem_set)
    met = Counter(mark.mistake for _, marked, _ in final for mark in marked if mark.mistake is not None)
    commonest = sorted(met.items(), key=lambda item: (-item[1], item[0]))[:MISTAKES]
    return [
        {"heading": names[mistake.question], "hints": mistake.hints["en"][:HINTS], "times": times}
        for mistake, times in ((problem_set.mistakes[number], times) for number, times in commonest)
    ]


def _reasons(problem_set: ProblemSet, record: Record, manual: Mapping[str, float] | None) -> Iterator[tuple[str, str]]:
    """Each reason for a person to look at one student, and what stands beside the student's id."""
    if record.status not in words.FINAL and not record.other_set:
        yield record.status, html.cut(record.errors[0].removeprefix("damaged: "), 100) if record.errors else ""
    if record.status == "cell_error" and MISSING in record.problems.values():
        yield "cell_error", ", ".join(name for name, kind in record.problems.items() if kind == MISSING)
    if unread := [name for name, kind in record.problems.items() if kind in words.FORMS]:
        yield "unreadable", ", ".join(unread)
    yield from _flags(record)
    for kind in _unread(problem_set, record, manual):
        yield kind, record.sha256[:16] if kind == "texts_lost" else ""


def _flags(record: Record) -> Iterator[tuple[str, str]]:
    if record.late_minutes == "unknown":
        yield "late_unknown", ""
    for flag in record.flags:
        kind, _, other = flag.partition(":")
        if kind != "late":
            yield kind, f"like {other}" if kind == "same_as" else other
        elif record.late_minutes != "unknown":
            yield kind, words.duration(record.late_minutes) if record.late_minutes else ""


def _person(problem_set: ProblemSet, rows: list[Row]) -> list[dict[str, Any]]:
    """Why a person has to look, what to do, and at whom."""
    whom: dict[str, list[str]] = {}
    for record, _, manual in rows:
        for kind, more in _reasons(problem_set, record, manual):
            whom.setdefault(kind, []).append(f"{record.id} ({more})" if more else record.id)
    order = [*words.PERSON, *sorted(set(whom) - set(words.PERSON))]
    person = [(words.PERSON.get(kind, (kind, "")), sorted(whom[kind])) for kind in order if kind in whom]
    return [{"why": why, "todo": todo, "ids": ids} for (why, todo), ids in person]
