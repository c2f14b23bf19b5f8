"""All that is told of a class as one tidy table: one row a class, question and measure, with an interval."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from casestudy.classroom.analysis.classes import Class
from casestudy.classroom.feedback.page import HINTS, headings
from casestudy.classroom.feedback.summary import met, points_of
from casestudy.classroom.items import Estimate, difference, share
from casestudy.classroom.sets.question import Question

COLUMNS = (
    *("set", "version", "term", "class", "students", "question", "title"),
    *("measure", "detail", "value", "low", "high", "n", "method"),
)
WILSON, FISHER, NEWCOMBE = "Wilson 95%", "Fisher z 95%", "Newcombe 10, 95%"
THIRDS = ("lower", "middle", "upper")
ANSWERED = {  # by the note of a mark, what it is called here
    "right": "right",
    "partly": "partly right, no named slip",
    "wrong": "wrong, no named slip",
    "unusable": "unreadable form",
    "missing": "not answered",
    "to be read": "not read yet",
    "not found": "not read yet",
}


def measures(classes: Sequence[Class]) -> pd.DataFrame:
    """Every measure of every class, and what each differs by from the first: one row each, columns as COLUMNS.

    Shares lie between 0 and 1, correlations between -1 and 1. Where a measure cannot be told there is no row for it.
    """
    rows: list[dict[str, Any]] = []
    for one in classes:
        titles = headings(one.problem_set)
        about = {"set": one.problem_set.name, "version": one.problem_set.version, "term": one.term, "class": one.name}
        for question in one.problem_set.questions:
            head = about | {"students": one.size, "question": question.id, "title": titles[question.id]}
            for measure, detail, found, method in _measured(classes[0], one, question):
                if found is not None:
                    told = {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
                    rows.append(head | {"measure": measure, "detail": detail, "method": method} | told)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _measured(first: Class, one: Class, question: Question) -> Iterator[tuple[str, str, Estimate | None, str]]:
    """Measure, what of it, the estimate, and by which method its interval is."""
    item = one.items[question.id]
    yield "difficulty", "mean share of the points", item.difficulty, WILSON
    yield "discrimination", "correlation with the rest of the points", item.discrimination, FISHER
    yield "upper less lower", "27 per cent at either end", item.apart, NEWCOMBE
    for third, found in zip(THIRDS, thirds(one, question), strict=True):
        yield "difficulty by third", f"{third} third by the rest of the points", found, WILSON
    for words, found in answered(one, question):
        yield "answered", words, found, WILSON
    for _, hints, found in slips(one, question):
        yield "slip", " ".join(hints), found, WILSON
    yield "guessed first", "students who wrote a first guess down", guessed(one, question), WILSON
    names = headings(one.problem_set)
    for row in one.calibration:
        if row["heading"] == names[question.id] and row["answer"] in {answer.name for answer in question.answers}:
            held = share(row["held"], row["allowed"]) if row.get("allowed") else None
            yield "guess held", f"{row['answer']}: within what was allowed for", held, WILSON
            if "right" in row:
                yield "guess right", row["answer"], share(row["right"], row["guessed"]), WILSON
    if one is not first and (other := first.items.get(question.id)) and item.difficulty and other.difficulty:
        yield (
            "difference",
            f"difficulty less that of {first.name}",
            difference(item.difficulty, other.difficulty),
            (NEWCOMBE),
        )


def thirds(one: Class, question: Question) -> list[Estimate | None]:
    """The mean share of a question's points in each third of the class, by the points of the other questions.

    Students with equal points stay in one third, so that thirds need not be equally large.
    """
    points = points_of(one.problem_set, one.rows)
    whole = [id for id, given in points.items() if id != question.id and None not in given]
    item_points = [
        (math.fsum(points[id][number] or 0 for id in whole), own / question.points)
        for number, own in enumerate(points[question.id])
        if own is not None
    ]
    rests = sorted(rest for rest, _ in item_points)
    if len(set(rests)) < len(THIRDS):
        return [None] * len(THIRDS)
    borders = [rests[len(rests) // 3], rests[2 * len(rests) // 3]]
    parts: list[list[float]] = [[], [], []]
    for rest, own in item_points:
        parts[sum(rest >= border for border in borders)].append(min(1.0, own))
    return [share(sum(part), len(part)) for part in parts]


def answered(one: Class, question: Question) -> list[tuple[str, Estimate | None]]:
    """How the class answered, in shares that sum to one; `a named slip` and points given by a person among them."""
    notes: Counter[str] = Counter()
    for record, marked, given in one.rows:
        mark = next(mark for mark in marked if mark.question == question.id)
        overridden = question.id in one.results.overrides.get(record.id, ())
        if overridden or (question.manual and question.id in (given or {})):
            notes["points given by a person"] += 1
        elif mark.mistake is not None:
            notes["a named slip"] += 1
        else:
            notes[ANSWERED[mark.note]] += 1
    return [(words, share(number, one.size)) for words, number in notes.most_common()]


def slips(one: Class, question: Question) -> list[tuple[int, tuple[str, ...], Estimate | None]]:
    """The question's named slips that somebody made: number in the set, hints, share of the class; commonest first."""
    times = met(one.rows, one.results.overrides)
    own = [number for number, mistake in enumerate(one.problem_set.mistakes) if mistake.question == question.id]
    found = sorted((number for number in own if times[number]), key=lambda number: -times[number])
    return [
        (number, one.problem_set.mistakes[number].hints["en"][:HINTS], share(times[number], one.size))
        for number in found
    ]


def guessed(one: Class, question: Question) -> Estimate | None:
    """The share of students with a first guess at one of the question's answers; None where nobody has one."""
    names = {answer.name for answer in question.answers}
    number = sum(bool(names & record.guesses.keys()) for record, _, _ in one.rows)
    return share(number, one.size) if number else None
