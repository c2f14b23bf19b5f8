"""A question's answers as pieces that a platform can ask for one by one, and what each named mistake puts into them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from casestudy.classroom.sets.agreement import NAMED, agree, in_order, is_rounded, matches
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Solved

DIGITS = range(-9, 10)  # to which a slip's value may have been rounded by whoever typed it
FEW = 2  # cells of a table at which every slip shows


@dataclass(frozen=True)
class Piece:
    """One number, choice or cell of a table, or one thing to build, with its share of the question's points.

    place: column and row of a cell, as they are named in the right answer.
    """

    answer: Answer
    weight: float
    right: Any
    place: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """The answer's name, of a cell with its place."""
        return self.answer.name if self.place is None else f"{self.answer.name}[{', '.join(self.place)}]"

    @property
    def said(self) -> str:
        """A cell's place for a reader, nothing for what is no cell."""
        column, row = self.place or ("", "")
        row = f"row {int(row) + 1}" if row.isdecimal() and column != "value" else row
        return row if column == "value" else ", ".join(filter(None, (column, row)))

    @property
    def kind(self) -> Answer:
        """What the piece must be; a cell is a number."""
        return self.answer if self.place is None else replace(self.answer, kind="number")

    def of(self, values: Mapping[str, Any], right: Mapping[str, Any]) -> Any:
        """What answers hold in this piece; None where a table has another shape than the right one."""
        value = values[self.answer.name]
        if self.place is None:
            return value
        wanted = right[self.answer.name]
        if set(value["columns"]) != set(wanted["columns"]) or len(value["index"]) != len(wanted["index"]):
            return None
        row = in_order(value["index"], wanted["index"])[wanted["index"].index(self.place[1])]
        return value["columns"][self.place[0]][row]

    def fits(self, question: Question, solved: Solved, value: Any) -> bool:
        """Whether a value is right in this piece."""
        if value is None:
            return False
        if self.place is None:
            return solved.fits(question, self.answer, value)
        return type(value) is float and agree(self.kind, value, self.right)


def pieces(question: Question, solved: Solved) -> list[Piece]:
    """A question's pieces, each answer with an equal part of the points, and each cell asked for of a table's."""
    right, found = solved.right[question.id], []
    for answer in question.answers:
        value, weight = right[answer.name], 1 / len(question.answers)
        if answer.kind == "table":
            places = _telling(question, answer, solved)
            found += [Piece(answer, weight / len(places), _cell(value, place), place) for place in places]
        else:
            found.append(Piece(answer, weight, value))
    return found


def _cell(table: Mapping[str, Any], place: tuple[str, str]) -> Any:
    return table["columns"][place[0]][table["index"].index(place[1])]


def _telling(question: Question, answer: Answer, solved: Solved) -> list[tuple[str, str]]:
    """The cells at which every slip in a table shows; where these are too few, equally many for each group of slips.

    A cell that is right by accident would earn its part, and the table as a whole earns nothing in the set.
    """
    right = solved.right[question.id]
    every = [(column, row) for column in right[answer.name]["columns"] for row in right[answer.name]["index"]]
    slips = [slipped for mistake, slipped in solved.wrong if mistake.question == question.id]
    slips = [slipped for slipped in slips if not solved.fits(question, answer, slipped[answer.name])]
    shown: dict[tuple[bool, ...], list[tuple[str, str]]] = {}  # by which slips show there
    for place in every:
        piece = Piece(answer, 0, _cell(right[answer.name], place), place)
        shows = tuple(not piece.fits(question, solved, piece.of(slipped, right)) for slipped in slips)
        shown.setdefault(shows, []).append(place)
    telling = next((places for shows, places in shown.items() if all(shows)), [])
    if len(telling) >= FEW or not slips:
        return telling or every
    groups = [places for shows, places in shown.items() if any(shows)]
    few = min(map(len, groups), default=0)
    kept = {place for places in groups for place in places[-few:]}
    return [place for place in every if place in kept] or every


def refused(question: Question, solved: Solved) -> str:
    """Why a question cannot be asked on a platform, or nothing."""
    right = solved.right[question.id]
    for answer in question.answers:
        if answer.kind in ("allocation", "text"):
            return f"{answer.name} is of the kind {answer.kind}, which is judged as a whole"
        if answer.kind == "table":
            table = right[answer.name]
            if any(type(cell) is not float for column in table["columns"].values() for cell in column):
                return f"the table {answer.name} holds words"
            if len(set(table["index"])) < len(table["index"]):
                return f"the table {answer.name} has two rows of one name"
    return ""


def counts_as(piece: Piece, given: Any, slipped: Any) -> bool:
    """Whether what is given in a piece counts as what a slip puts there: the same, or rounded from it.

    >>> rule = Piece(Answer("pct", atol=0.5), 1.0, 24.8)
    >>> counts_as(rule, 25.0, 25.1), counts_as(rule, 25.1, 25.0)
    (True, False)
    """
    return matches(piece.kind, given, slipped)


def tolerance(answer: Answer, value: float) -> float:
    """How far a right answer may lie from a right value, in its unit."""
    return max(answer.atol, answer.rtol * abs(value))


def typed(answer: Answer, value: float) -> list[tuple[float, float]]:
    """What counts as a slip's value, each with how far off one may be: itself, and as it may have been rounded.

    >>> typed(Answer("pct", atol=0.05), 22.7272)
    [(22.7272, 0.005), (22.7, 0.0)]
    """
    near = round(NAMED * tolerance(answer, value), 15)
    rounded = dict.fromkeys(round(value, digits) for digits in DIGITS)
    return [(value, near)] + [
        (one, 0.0)
        for one in rounded
        if abs(one - value) > near and agree(answer, one, value) and is_rounded(one, value)
    ]
