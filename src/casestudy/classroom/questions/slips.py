"""What each named mistake puts into a question's pieces, and what that earns there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casestudy.classroom.questions.pieces import Piece, counts_as
from casestudy.classroom.questions.shares import Sum, shares
from casestudy.classroom.sets.marks import named_mistake
from casestudy.classroom.sets.question import Mistake, Question
from casestudy.classroom.sets.solve import Solved


@dataclass(frozen=True)
class Put:
    """What some mistake puts into a piece, and the share of the piece's points that it earns there."""

    value: Any
    share: float
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Shared:
    """A question's pieces, what slips put into each, and by how much each mistake's points are missed.

    missed: by mistake, in shares of the question's points; 0 where the pieces together give what the set gives.
    """

    pieces: tuple[Piece, ...]
    puts: tuple[tuple[Put, ...], ...]
    missed: tuple[tuple[Mistake, float], ...]

    def told(self) -> list[str]:
        """In sentences, which slips earn something else than in the set."""
        return [
            f"the slip {mistake.hints['en'][0]!r} earns {abs(100 * miss):.3g} per cent of the points "
            f"{'more' if miss > 0 else 'less'} than in the set: no share of the parts gives its credit"
            for mistake, miss in self.missed
            if miss
        ]


def deserved(question: Question, solved: Solved, values: Mapping[str, Any]) -> float:
    """The share of a question's points that a set gives for all its answers."""
    fits = sum(solved.fits(question, answer, values[answer.name]) for answer in question.answers)
    mistake = named_mistake(question, solved, values)
    credit = 0.0 if mistake is None else solved.wrong[mistake][0].credit
    return max(fits / len(question.answers), credit)


def shared(question: Question, solved: Solved, pieces: list[Piece]) -> Shared:
    """The share of each slip in each piece; where they add up to no mistake's points, as near as can be."""
    wrong = [(mistake, slipped) for mistake, slipped in solved.wrong if mistake.question == question.id]
    wrong.sort(key=lambda pair: _changed(question, solved, pair[1]))  # the hint of a slip that stands alone goes first
    known: list[tuple[int, Any, tuple[str, ...]]] = []
    sums = [_sum(question, solved, pieces, mistake, slipped, known) for mistake, slipped in wrong]
    given, missed = shares(len(known), sums)
    puts: list[list[Put]] = [[] for _ in pieces]
    for (number, value, hints), share in zip(known, given, strict=True):
        puts[number].append(Put(value, share, hints))
    mistakes = [mistake for mistake, _ in wrong]
    return Shared(tuple(pieces), tuple(map(tuple, puts)), tuple(zip(mistakes, missed, strict=True)))


def _changed(question: Question, solved: Solved, slipped: Mapping[str, Any]) -> int:
    return sum(not solved.fits(question, answer, slipped[answer.name]) for answer in question.answers)


def _sum(
    question: Question,
    solved: Solved,
    pieces: list[Piece],
    mistake: Mistake,
    slipped: Mapping[str, Any],
    known: list[tuple[int, Any, tuple[str, ...]]],
) -> Sum:
    """One mistake's sum; what it puts into pieces is added to what is known, unless it is there."""
    weights: dict[int, float] = {}
    earned = 0.0
    for number, piece in enumerate(pieces):
        value = piece.of(slipped, solved.right[question.id])
        if piece.fits(question, solved, value):
            earned += piece.weight
        elif value is not None and not (piece.place and type(value) is not float):
            there = (n for n, one in enumerate(known) if one[0] == number and counts_as(piece, value, one[1]))
            slip = next(there, len(known))
            if slip == len(known):
                known.append((number, value, mistake.hints["en"]))
            weights[slip] = piece.weight
    by_hand = any(pieces[known[slip][0]].answer.kind == "construct" for slip in weights)
    return Sum(weights, deserved(question, solved, slipped) - earned, mistake.credit, by_hand)
