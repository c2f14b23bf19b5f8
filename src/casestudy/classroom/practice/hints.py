"""What is said of a wrong answer: the misconception, else a slip that any number can have, else a ladder of nudges."""

import math
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from casestudy.classroom.practice.messages import say
from casestudy.classroom.sets.agreement import cells, is_rounded, matches
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.marks import named_mistake
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Solved

GENERAL = "nudge"  # the ladder of a question's answers that nothing explains
STEPS = 2  # of that ladder, before the worked example


def hint(
    question: Question,
    read: Mapping[str, Any],
    solved: Solved,
    tries: dict[str, int],
    changed: bool,
    implausible: Iterable[str] = (),
) -> tuple[str, bool]:
    """What is said, and whether the ladder has come to its end, where a worked example stands.

    tries: how often each slip was met; this time counts if the answer is a changed one. implausible: what is said of
    numbers outside their range, where nothing says more.
    """
    number = named_mistake(question, solved, read)
    if number is None:
        number = named_mistake(question, solved, read, whatever_choice=True)
    slip = f"{question.id} {GENERAL if number is None else number}"
    tries[slip] = tries.get(slip, 0) + (changed or slip not in tries)
    step = tries[slip]
    if number is not None:
        hints = solved.wrong[number][0].hints["en"]
        return f"Not yet. {hints[min(step, len(hints)) - 1]}", step > len(hints)
    if slip := _general_slip(question, read, solved):
        return slip, step > STEPS
    return next(iter(implausible), "") or _nudge(question, step), step > STEPS


def _nudge(question: Question, step: int) -> str:
    """What is said where nothing explains an answer; it does not tell which half of a pair is right."""
    if step > 1:
        return say("test_case")
    if len(question.answers) > 1:
        return say("several", names=" and ".join(answer.name for answer in question.answers))
    return say("wrong_choice" if question.answers[0].kind == "choice" else "wrong")


def _general_slip(question: Question, read: Mapping[str, Any], solved: Solved) -> str:
    """What does not hold of something that was built, or a slip that any number or table can have, or nothing."""
    wrong = [answer for answer in question.answers if not solved.fits(question, answer, read[answer.name])]
    for answer in wrong:
        if answer.kind == "construct":
            return f"Not yet. {solved.fault(answer, read[answer.name])}"
    right = solved.right[question.id]
    return next(filter(None, (_general(answer, read[answer.name], right[answer.name]) for answer in wrong)), "")


def _general(answer: Answer, given: Any, right: Any) -> str:
    """A slip that any number or table can have, or nothing."""
    if answer.kind == "table":
        return _first_wrong(answer, given, right)
    if answer.kind != "number" or right == 0:
        return ""
    if matches(answer, -given, right):
        return say("sign", name=answer.name)
    if any(matches(answer, given * factor, right) for factor in (100, 0.01)):
        return say("hundredfold", unit=answer.unit or "another unit")
    if given and matches(answer, 1 / given, right) and not math.isclose(given, 1 / given):
        return say("upside_down")
    return say("near", name=answer.name) if is_rounded(given, right) else ""


def _first_wrong(answer: Answer, given: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Which column or row of a table is the first that is wrong."""
    missing = [name for name in wanted["columns"] if name not in given["columns"]]
    further = [name for name in given["columns"] if name not in wanted["columns"]]
    one = set(wanted["columns"]) == {"value"}
    if one and further:
        return say("one_column", got=len(given["columns"]))
    if missing or further:
        parts = [say("no_column", names=", ".join(missing))] * bool(missing)
        return " ".join(parts or [say("odd_column", names=", ".join(further))])
    if len(given["index"]) != len(wanted["index"]):
        return say("rows", wanted=len(wanted["index"]), got=len(given["index"]))
    for name, column in groupby(cells(answer, given, wanted), key=lambda cell: cell[0]):
        rows = [(row, fits) for _, row, fits in column]
        if wrong := [row for row, fits in rows if not fits]:
            where = "" if one else say("in_column", name=name)
            return say("all_rows" if len(wrong) == len(rows) else "first_row", where=where, row=wrong[0])
    return ""
