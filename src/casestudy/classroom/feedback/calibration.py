"""How well a class knew what it did not know yet: first guesses beside the right values. Never part of the marks."""

import statistics
from collections.abc import Iterable
from typing import Any

from casestudy.classroom.feedback.page import headings
from casestudy.classroom.records import Record
from casestudy.classroom.sets.agreement import Guess
from casestudy.classroom.sets.solve import Solutions


def calibration(solutions: Solutions, records: Iterable[Record]) -> list[dict[str, Any]]:
    """One row an answer that somebody predicted, in the set's order.

    guessed: how many did; too_low: how many of these guessed a number below the right one; ratio: the middle guess as a
    share of the right value; allowed: how many said how far off they might be, and held: of how many of these that was
    wide enough. right: of a choice, how many knew it.
    """
    names, found = headings(solutions.problem_set), []
    guesses = [(record.code, {name: Guess(**one) for name, one in record.guesses.items()}) for record in records]
    for question in solutions.problem_set.questions:
        for answer in question.answers:
            pairs = [
                (own[answer.name], solutions[code].right[question.id][answer.name])
                for code, own in guesses
                if answer.name in own
            ]
            if pairs:
                told = _of_numbers(pairs) if answer.kind == "number" else _of_words(pairs)
                found.append({"heading": names[question.id], "answer": answer.name, "guessed": len(pairs), **told})
    return found


def _of_numbers(pairs: list[tuple[Guess, Any]]) -> dict[str, Any]:
    held = [guess.holds(right) for guess, right in pairs if guess.give_or_take is not None]
    ratios = [guess.value / right for guess, right in pairs if right and not isinstance(guess.value, str)]
    return {
        "too_low": sum(guess.value < right for guess, right in pairs),
        "allowed": len(held),
        "held": sum(map(bool, held)),
        "ratio": statistics.median(ratios) if ratios else None,
    }


def _of_words(pairs: list[tuple[Guess, Any]]) -> dict[str, Any]:
    return {"right": sum(guess.value == right for guess, right in pairs)}
