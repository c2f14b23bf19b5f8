"""What is said of a wrong answer: the misconception, else the unit, else which half is right, else a nudge."""

from collections.abc import Mapping
from itertools import starmap
from typing import Any

from casestudy.classroom.practice.messages import say
from casestudy.classroom.sets.answers import Answer, agree
from casestudy.classroom.sets.marks import named_mistake
from casestudy.classroom.sets.solve import Solved
from casestudy.classroom.sets.source import Question

NEAR = 0.03  # of the right value


def hint(
    question: Question, read: Mapping[str, Any], solved: Solved, fits: Mapping[str, bool], tries: dict[int, int]
) -> str:
    """One sentence or two. tries: how often each mistake was met, by its number; a mistake met here is counted."""
    number = named_mistake(question, solved, read)
    if number is None:
        number = named_mistake(question, solved, read, whatever_choice=True)
    if number is not None:
        tries[number] = tries.get(number, 0) + 1
        hints = solved.wrong[number][0].hints["en"]
        return f"Not yet. {hints[min(tries[number], len(hints)) - 1]}"
    return _nudge(question, read, solved.right[question.id], fits)


def _nudge(question: Question, read: Mapping[str, Any], right: Mapping[str, Any], fits: Mapping[str, bool]) -> str:
    """What is said where no named mistake explains an answer."""
    wrong = [(answer, read[answer.name], right[answer.name]) for answer in question.answers if not fits[answer.name]]
    if misfit := next(filter(None, starmap(_misfit, wrong)), ""):
        return misfit
    if any(starmap(_near, wrong)):
        return say("near")
    if any(fits.values()):
        names = [", ".join(name for name, fit in fits.items() if fit is side) for side in (True, False)]
        return say("half", right=names[0], other=names[1])
    return say("wrong_choice" if {answer.kind for answer, _, _ in wrong} == {"choice"} else "wrong")


def _misfit(answer: Answer, given: Any, right: Any) -> str:
    """What unit or shape has to do with it, or nothing."""
    if answer.kind == "number" and any(agree(answer, given * factor, right) for factor in (100, 0.01)):
        return say("hundredfold", unit=answer.unit)
    return _shape(given, right) if answer.kind == "table" else ""


def _near(answer: Answer, given: Any, right: Any) -> bool:
    """Whether a number is so close that it was probably rounded on the way."""
    return answer.kind == "number" and bool(abs(given - right) <= NEAR * abs(right))


def _shape(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    if set(given["columns"]) == set(wanted["columns"]) and len(given["index"]) == len(wanted["index"]):
        return ""
    sizes = [f"{len(table['index'])} rows and the columns {', '.join(table['columns'])}" for table in (wanted, given)]
    return say("shape", wanted=sizes[0], got=sizes[1])
