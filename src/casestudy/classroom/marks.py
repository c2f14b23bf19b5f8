"""From reported values to points: the one place where right answers and a student's answers meet."""

from dataclasses import dataclass

from casestudy.classroom.answers import agree
from casestudy.classroom.source import ProblemSet, Question
from casestudy.classroom.texts import written
from casestudy.classroom.work import Worked

WAITING = ("to be read", "not found")  # for a person
NOTES = ("right", "mistake", "partly", "wrong", "missing", "unusable", *WAITING)


@dataclass(frozen=True)
class Marked:
    """One question of one student. mistake: which of the set's mistakes explains it; note: one of NOTES."""

    question: str
    points: float
    out_of: float
    mistake: int | None
    note: str


def mark(
    problem_set: ProblemSet,
    worked: Worked,
    values: dict[str, object],
    texts: dict[str, str | None] | None = None,
    problems: dict[str, str] | None = None,
) -> list[Marked]:
    """Points by question: each right answer its equal part, or a named mistake's credit where that is more.

    texts: what was written, by question; a text that was left blank waits for nobody, one that was not found (None)
    for a person. problems: why an answer could not be read.
    """
    return [_marked(question, worked, values, texts or {}, problems or {}) for question in problem_set.questions]


def named_mistake(
    question: Question, worked: Worked, values: dict[str, object], whatever_choice: bool = False
) -> int | None:
    """Which mistake gives all these answers; the place in the set's mistakes, or None.

    whatever_choice: a slip in a number is told also where the choice beside it is wrong for another reason.
    """
    for place, (mistake, slipped) in enumerate(worked.wrong):
        if mistake.question == question.id and all(one.name in values for one in question.answers):
            apart = [one for one in question.answers if not agree(one, values[one.name], slipped[one.name])]
            right = worked.right[question.id]
            number_slip = any(one.kind != "choice" and slipped[one.name] != right[one.name] for one in question.answers)
            if not apart or (whatever_choice and number_slip and all(one.kind == "choice" for one in apart)):
                return place
    return None


def _marked(
    question: Question, worked: Worked, values: dict[str, object], texts: dict, problems: dict[str, str]
) -> Marked:
    if question.manual:
        text = texts.get(question.id, "")
        note = "not found" if text is None else "to be read" if written(text) else "missing"
        return Marked(question.id, 0.0, question.points, None, note)
    given = [one for one in question.answers if one.name in values]
    fits = [one for one in given if agree(one, values[one.name], worked.right[question.id][one.name])]
    if len(fits) == len(question.answers):
        return Marked(question.id, question.points, question.points, None, "right")
    if not given:
        unusable = any(problems.get(one.name, "missing") != "missing" for one in question.answers)
        return Marked(question.id, 0.0, question.points, None, "unusable" if unusable else "missing")
    points = question.points * len(fits) / len(question.answers)
    place = named_mistake(question, worked, values)
    if place is not None:
        points = max(points, worked.wrong[place][0].credit * question.points)
    else:
        place = named_mistake(question, worked, values, whatever_choice=True)
    note = "mistake" if place is not None else "partly" if fits else "wrong"
    return Marked(question.id, round(points, 3), question.points, place, note)


def total(marked: list[Marked], manual: dict[str, float] | None = None) -> float:
    """Points in all; texts count with what a person gave.

    >>> total([Marked("a", 1.5, 2, None, "partly"), Marked("why", 0, 4, None, "to be read")], {"why": 3})
    4.5
    """
    return round(sum((manual or {}).get(one.question, one.points) for one in marked), 3)
