"""From reported values to points: the one place where right answers and a student's answers meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casestudy.classroom.sets.agreement import matches
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Solved
from casestudy.classroom.sets.source import ProblemSet, written

WAITING = ("to be read", "not found")  # for a person
BESIDE = {"choice", "construct"}  # kinds beside which a slip in a number is named whatever they are
NOTES = ("right", "mistake", "partly", "wrong", "missing", "unusable", *WAITING)


@dataclass(frozen=True)
class Marked:
    """One question of one student. mistake: which of the set's mistakes explains it; note: one of NOTES.

    fault: what does not hold of something that was built.
    """

    question: str
    points: float
    out_of: float
    mistake: int | None
    note: str
    fault: str = ""


def mark(
    problem_set: ProblemSet,
    solved: Solved,
    values: Mapping[str, Any],
    texts: Mapping[str, str | None] | None = None,
    problems: Mapping[str, str] | None = None,
) -> list[Marked]:
    """Points by question: each right answer its equal part, or a named mistake's credit where that is more.

    texts: what was written, by question; a text that was left blank waits for nobody, one that was not found (None)
    for a person. problems: why an answer could not be read.
    """
    return [
        _text(question, (texts or {}).get(question.id, ""))
        if question.manual
        else _marked(question, solved, values, problems or {})
        for question in problem_set.questions
    ]


def named_mistake(
    question: Question, solved: Solved, values: Mapping[str, Any], whatever_choice: bool = False
) -> int | None:
    """Which mistake gives all these answers: its number in the set's mistakes, from 0, or None.

    whatever_choice: a slip in a number is named also where what is chosen or built beside it is wrong for another
    reason.
    """
    if not all(answer.name in values for answer in question.answers):
        return None
    for number, (mistake, slipped) in enumerate(solved.wrong):
        if mistake.question == question.id:
            apart = {a.kind for a in question.answers if not _explains(question, solved, slipped, a, values[a.name])}
            if not apart or (whatever_choice and apart <= BESIDE and _beyond_choice(question, solved, slipped)):
                return number
    return None


def _explains(question: Question, solved: Solved, slipped: Mapping[str, Any], answer: Answer, given: Any) -> bool:
    """Whether a mistake gives this answer; where it leaves the right one as it is, whether that was given."""
    if slipped[answer.name] == solved.right[question.id][answer.name]:
        return solved.fits(question, answer, given)
    return matches(answer, given, slipped[answer.name])


def _beyond_choice(question: Question, solved: Solved, slipped: Mapping[str, Any]) -> bool:
    """Whether a mistake changes an answer that is neither chosen nor built."""
    right = solved.right[question.id]
    return any(answer.kind not in BESIDE and slipped[answer.name] != right[answer.name] for answer in question.answers)


def _text(question: Question, text: str | None) -> Marked:
    """A text as it stands before a person has read it."""
    note = "not found" if text is None else "to be read" if written(text) else "missing"
    return Marked(question.id, 0.0, question.points, None, note)


def _marked(question: Question, solved: Solved, values: Mapping[str, Any], problems: Mapping[str, str]) -> Marked:
    given = [answer for answer in question.answers if answer.name in values]
    fits = [answer for answer in given if solved.fits(question, answer, values[answer.name])]
    if len(fits) == len(question.answers):
        return Marked(question.id, question.points, question.points, None, "right")
    if not given:
        unusable = any(problems.get(answer.name, "missing") != "missing" for answer in question.answers)
        return Marked(question.id, 0.0, question.points, None, "unusable" if unusable else "missing")
    points = question.points * len(fits) / len(question.answers)
    mistake = named_mistake(question, solved, values)
    if mistake is not None:
        points = max(points, solved.wrong[mistake][0].credit * question.points)
    else:
        mistake = named_mistake(question, solved, values, whatever_choice=True)
    note = "mistake" if mistake is not None else "partly" if fits else "wrong"
    built = [answer for answer in given if answer.kind == "construct"]
    fault = next(filter(None, (solved.fault(answer, values[answer.name]) for answer in built)), "")
    return Marked(question.id, round(points, 3), question.points, mistake, note, fault)


def total(marked: list[Marked], manual: Mapping[str, float] | None = None) -> float:
    """Points in all; texts count with what a person gave.

    >>> total([Marked("a", 1.5, 2, None, "partly"), Marked("why", 0, 4, None, "to be read")], {"why": 3})
    4.5
    """
    return round(sum((manual or {}).get(mark.question, mark.points) for mark in marked), 3)
