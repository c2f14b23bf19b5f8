"""Each variant tried before it is written: what a platform would give, held against what the set gives."""

from collections.abc import Iterator, Mapping
from typing import Any

from casestudy.classroom.questions.items import Given, Item
from casestudy.classroom.questions.pieces import counts_as
from casestudy.classroom.questions.slips import Shared
from casestudy.classroom.sets.marks import mark
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Solved
from casestudy.classroom.sets.source import ProblemSet

ROUNDED = 1e-3  # points: marks of a set have three decimals


def faults(problem_set: ProblemSet, question: Question, solved: Solved, shared: Shared, item: Item | None) -> list[str]:
    """Where an item's points, with those that the guide gives for what is built, are not the set's.

    A slip that cannot earn what it does in the set must miss that by just as much as is said.
    """
    missed = dict(zip((id(mistake) for mistake, _ in shared.missed), (miss for _, miss in shared.missed), strict=True))
    found = []
    for what, values, known in cases(question, solved, missed):
        ours = next(one.points for one in mark(problem_set, solved, values) if one.question == question.id)
        theirs = earned(question, solved, shared, item, values)
        if abs(theirs - known * question.points - ours) > ROUNDED:
            found.append(f"{question.id}: {what} earns {ours:g} points in the set, and {theirs:g} as a question")
    return found


def cases(
    question: Question, solved: Solved, missed: Mapping[int, float]
) -> Iterator[tuple[str, dict[str, Any], float]]:
    """Students: right, with each named slip, with a number that nobody knows, blank; and what is known to be missed."""
    right = solved.right[question.id]
    yield "the right answer", dict(right), 0.0
    for mistake, slipped in solved.wrong:
        if mistake.question == question.id:
            yield (
                f"the slip {mistake.hints['en'][0]!r}",
                {a.name: slipped[a.name] for a in question.answers},
                missed[id(mistake)],
            )
    yield "nothing", {}, 0.0
    if wild := {answer.name: strange(right[answer.name]) for answer in question.answers if answer.kind == "number"}:
        yield "a wrong number", {**right, **wild}, 0.0


def strange(value: float) -> float:
    """A number that no slip gives."""
    return -3.07 * value - 17.31


def responses(shared: Shared, question: Question, solved: Solved, values: Mapping[str, Any]) -> dict[str, Given | None]:
    """What a student with these answers types into each part."""
    typed: dict[str, Given | None] = {}
    for piece in shared.pieces:
        if piece.answer.kind != "construct":
            typed[piece.name] = piece.of(values, solved.right[question.id]) if piece.answer.name in values else None
    return typed


def earned(question: Question, solved: Solved, shared: Shared, item: Item | None, values: Mapping[str, Any]) -> float:
    """Points of an item, and with them those of what is built, as the guide gives them."""
    points = item.earned(responses(shared, question, solved, values)) if item else 0.0
    for piece, puts in zip(shared.pieces, shared.puts, strict=True):
        if piece.answer.kind == "construct" and (value := values.get(piece.answer.name)) is not None:
            share = next((put.share for put in puts if counts_as(piece, value, put.value)), 0.0)
            points += question.points * piece.weight * (1.0 if piece.fits(question, solved, value) else share)
    return points
