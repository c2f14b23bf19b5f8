"""The lecturer's page: how points are spread, what was hard, which misconceptions, what needs a person."""

import math
import re
import statistics
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from casestudy.classroom.feedback import html, words
from casestudy.classroom.feedback.page import HINTS, LONGEST_REASON, headings, settled
from casestudy.classroom.items import Item, items
from casestudy.classroom.late import Loss
from casestudy.classroom.records import Override, Record
from casestudy.classroom.sets import marks
from casestudy.classroom.sets.answers import CUT
from casestudy.classroom.sets.marks import Marked
from casestudy.classroom.sets.problems import MISSING, VALUES, told
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.source import ProblemSet, written

Row = tuple[Record, list[Marked], Mapping[str, float] | None]  # the points that a person gave come last
Overrides = Mapping[str, Mapping[str, Override]]  # by student and question
NUMBER = re.compile(r"\s*[-+]?\d+(?:[.,]\d+)?\s*%?\s*")
LIMITS = {"timeout_cpu": "cpu_s", "timeout_wall": "wall_s", "memory": "memory_mb"}  # by the status of who met one
BINS, MISTAKES = 10, 8  # bars of the distribution; misconceptions in the summary, each question's first aside


def summary(
    problem_set: ProblemSet,
    rows: Iterable[Row],
    confirmed: str = "",
    overrides: Overrides | None = None,
    guessing: str = "",
    unmatched: Iterable[Mapping[str, str]] = (),
    calibration: Iterable[Mapping[str, Any]] = (),
    losses: Mapping[str, Loss] | None = None,
) -> str:
    """The lecturer's page: how points are spread, what was hard, which misconceptions, what needs a person.

    guessing: what it earns, where the best of several attempts counts. unmatched: files that belong to nobody, or to
    several: `file`, `why` and `students` of each. calibration: first guesses beside the right values, an answer a row.
    losses: by student what comes off for being late; how points are spread is told before that.
    """
    rows, overrides, losses = list(rows), overrides or {}, losses or {}
    final = standing(rows, overrides)
    read = not any(_unread(problem_set, record, manual) for record, _, manual in final)
    top = sum(question.points for question in problem_set.questions if read or not question.manual)
    texts = {question.id for question in problem_set.questions if question.manual and not read}
    scores = [
        marks.total(marked, {id: points for id, points in (given or {}).items() if id not in texts})
        for _, marked, given in final
    ]
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
        hardest=hardest(problem_set, final),
        mistakes=commonest(problem_set, final, overrides),
        given=[
            {"id": id, "question": question, "reason": html.cut(given.reason, LONGEST_REASON), "override": given}
            for id, own in sorted(overrides.items())
            for question, given in own.items()
        ],
        guessing=guessing,
        calibration=list(calibration),
        person=_person(problem_set, rows, overrides, set(losses)),
        rule=next((lost.rule for lost in losses.values()), "none stands") if losses else "",
        late=[{"id": id, "said": said} for id, said in _late(rows, losses)],
        unmatched=[{name: html.cut(row[name]) for name in ("file", "why", "students")} for row in unmatched],
    )


def standing(rows: Iterable[Row], overrides: Overrides) -> list[Row]:
    """Those whose marks can stand."""
    return [row for row in rows if settled(row[0], row[1], overrides.get(row[0].id, ()))]


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


def hardest(problem_set: ProblemSet, final: list[Row]) -> list[dict[str, Any]]:
    """Questions by their mean share of points, the lowest first; texts as far as they have been read."""
    found, names, told = [], headings(problem_set), analysed(problem_set, final)
    for question in problem_set.questions:
        if earned := _earned(question, final):
            points = [number for number, _ in earned]
            missing = sum(note == "missing" for _, note in earned)
            full, none = sum(p >= question.points for p in points), sum(p == 0 for p in points) - missing
            counts = {"full": full, "part": len(points) - full - none - missing, "none": none, "missing": missing}
            share = statistics.fmean(points) / question.points
            found.append({"heading": names[question.id], "share": share, **counts, "item": told[question.id]})
    return sorted(found, key=lambda row: row["share"])


def points_of(problem_set: ProblemSet, final: list[Row]) -> dict[str, list[float | None]]:
    """By question everyone's points as they stand; None for a text that nobody has read.

    While some texts of a question are unread, those left blank have no points either: alone they would look like the
    class. Once all are read, they have none of the points.
    """
    found: dict[str, list[float | None]] = {question.id: [] for question in problem_set.questions}
    texts = {question.id for question in problem_set.questions if question.manual}
    open_ = {
        id
        for id in texts
        if any(mark.note in marks.WAITING and id not in (given or {}) for mark, given in _marks(id, final))
        or not any(id in (given or {}) for _, given in _marks(id, final))
    }
    for question, points in found.items():
        for mark, given in _marks(question, final):
            known = question in (given or {}) or question not in open_
            points.append((given or {}).get(question, mark.points) if known else None)
    return found


def _marks(question: str, final: list[Row]) -> list[tuple[Marked, Mapping[str, float] | None]]:
    """Everyone's mark of one question, with the points that a person gave."""
    return [(mark, given) for _, marked, given in final for mark in marked if mark.question == question]


def analysed(problem_set: ProblemSet, final: list[Row]) -> dict[str, Item]:
    """How hard each question was and how it goes with the others, as far as its points stand."""
    out_of = {question.id: question.points for question in problem_set.questions}
    return items(points_of(problem_set, final), out_of)


def _earned(question: Question, final: list[Row]) -> list[tuple[float, str]]:
    """Everyone's points and note in a question; in a text of those only whom a person has read."""
    return [
        (manual[question.id], "given") if manual and question.id in manual else (mark.points, mark.note)
        for _, marked, manual in final
        for mark in marked
        if mark.question == question.id and (not question.manual or question.id in (manual or {}))
    ]


def met(final: list[Row], overrides: Overrides) -> Counter[int]:
    """How many students met each of the set's mistakes, where no person gave the points."""
    return Counter(
        mark.mistake
        for record, marked, _ in final
        for mark in marked
        if mark.mistake is not None and mark.question not in overrides.get(record.id, ())
    )


def commonest(problem_set: ProblemSet, final: list[Row], overrides: Overrides) -> list[dict[str, Any]]:
    """The commonest misconceptions, and of each question the commonest however rare: it is what to talk about there."""
    names = headings(problem_set)
    often = sorted(met(final, overrides).items(), key=lambda item: (-item[1], item[0]))
    first = {problem_set.mistakes[number].question: number for number, _ in reversed(often)}
    told = [pair for place, pair in enumerate(often) if place < MISTAKES or pair[0] in first.values()]
    return [
        {"heading": names[mistake.question], "hints": mistake.hints["en"][:HINTS], "times": times}
        for mistake, times in ((problem_set.mistakes[number], times) for number, times in told)
    ]


def _reasons(problem_set: ProblemSet, row: Row, overrides: Mapping[str, Override]) -> Iterator[tuple[str, str]]:
    """Each reason for a person to look at one student, and what stands beside the student's id."""
    record, marked, given = row
    if not settled(record, marked, overrides) and not record.other_set:
        yield record.status, _why(record)
    right = [mark.question for mark in marked if mark.note == "right"]
    yield from _unanswered([q for q in problem_set.questions if q.id not in (*overrides, *right)], record)
    yield from _flags(record)
    for kind in _unread(problem_set, record, given):
        yield kind, record.sha256[:16] if kind == "texts_lost" else ""
    if cut := [id for id, text in record.texts.items() if id not in overrides and (text or "").endswith(CUT)]:
        yield "texts_cut", ", ".join(cut)
    yield from _overridden(problem_set, record, overrides, given or {})


def _unanswered(questions: list[Question], record: Record) -> Iterator[tuple[str, str]]:
    """Answers that an error may have cost, and those whose form could not be read or held against anything."""
    asked = [answer for question in questions for answer in question.answers]
    problems = [(answer, record.problems[answer.name]) for answer in asked if answer.name in record.problems]
    missing = [answer.name for answer, kind in problems if kind == MISSING]
    if record.status == "cell_error" and missing:
        yield "cell_error", ", ".join(missing)
    odd = [
        f"{answer.name}: {told(kind, answer.choices)}" for answer, kind in problems if kind not in (MISSING, *VALUES)
    ]
    odd += [f"{answer.name}: its numbers are text" for answer in asked if _typed(record.values.get(answer.name))]
    if odd:
        yield "form", "; ".join(odd)


def _typed(value: Any) -> bool:
    """Whether a column of a table holds numbers as text, and nothing else.

    >>> _typed({"index": ["0"], "columns": {"share": ["0,5"]}}), _typed({"index": ["0"], "columns": {"share": [0.5]}})
    (True, False)
    """
    columns = value.get("columns") if isinstance(value, dict) else None
    return isinstance(columns, dict) and any(
        isinstance(column, list) and column and all(isinstance(cell, str) and NUMBER.fullmatch(cell) for cell in column)
        for column in columns.values()
    )


def _overridden(
    problem_set: ProblemSet, record: Record, overrides: Mapping[str, Override], given: Mapping[str, float]
) -> Iterator[tuple[str, str]]:
    """Why a person may want to look again at points that a person gave, in place of others or to texts."""
    counts = {question.id: question.points for question in problem_set.questions}
    found: dict[str, list[str]] = {}
    for question, one in overrides.items():
        if one.overtaken:
            found.setdefault("overtaken", []).append(f"{question}: {one.points:g} given, {one.now:g} without")
        if one.sha256 != record.sha256:
            found.setdefault("other_file", []).append(question)
    for question, points in given.items():  # overrides among them
        if points > (most := counts.get(question, 0.0)):
            found.setdefault("beyond", []).append(f"{question}: {points:g} of {most:g}")
    yield from ((kind, "; ".join(questions)) for kind, questions in found.items())


def _why(record: Record) -> str:
    """The limit that ended a run, as it is set, or what is wrong with a file."""
    if (name := LIMITS.get(record.status, "")) in record.limits:
        return f"{name}={record.limits[name]:g}"
    return html.cut(record.errors[0].removeprefix("damaged: "), 100) if record.errors else ""


def _flags(record: Record) -> Iterator[tuple[str, str]]:
    if record.late_minutes == "unknown":
        yield "late_unknown", ""
    for flag in record.flags:
        kind, _, other = flag.partition(":")
        if kind == "doubled":
            yield kind, f"{len(record.attempts)} files" if record.attempts else ""
        elif kind != "late":
            yield kind, f"like {other}" if kind in ("same_as", "alike") else other
        elif record.late_minutes != "unknown":
            yield kind, words.duration(record.late_minutes) if record.late_minutes else ""


def _late(rows: list[Row], losses: Mapping[str, Loss]) -> Iterator[tuple[str, str]]:
    """Who was late, or may have been, and what that comes to."""
    for record, marked, _ in rows:
        if record.id in losses and (said := losses[record.id].sentence(sum(mark.out_of for mark in marked))):
            yield record.id, said


def _person(
    problem_set: ProblemSet, rows: list[Row], overrides: Overrides, ruled: Container[str]
) -> list[dict[str, Any]]:
    """Why a person has to look, what to do, and at whom. ruled: of whom a rule says what being late costs."""
    whom: dict[str, list[str]] = {}
    for row in rows:
        id = row[0].id
        for kind, more in _reasons(problem_set, row, overrides.get(id, {})):
            if kind == "late" and id in ruled:
                continue
            whom.setdefault(kind, []).append(f"{id} ({more})" if more else id)
    order = [*words.PERSON, *sorted(set(whom) - set(words.PERSON))]
    person = [(words.PERSON.get(kind, (kind, "")), sorted(whom[kind])) for kind in order if kind in whom]
    return [{"why": why, "todo": todo, "ids": ids} for (why, todo), ids in person]
