"""What the right answers of many seeds have in common: too alike, too rare, or hit by one way of computing alone."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from casestudy.classroom.sets.agreement import agree
from casestudy.classroom.sets.answers import KINDS, Answer
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Solved
from casestudy.classroom.sets.source import ProblemSet

ALL_SEEDS = 200  # with so many, a verdict's outcomes are counted exactly
MOST_ALIKE = 0.5  # share of seeds that may give one and the same number or table
MOST_CHOSEN = 0.8  # share of seeds on which one choice, or one text, may be right
OUTCOMES, LEAST_OUTCOME, MOST_OUTCOME = 3, 0.2, 0.5  # of a verdict, and the share of seeds on which one may be right
LEAST_TOLERANCE = 1e-12  # of a value that is not whole: another order of the same steps is as far away as that


def asked(problem_set: ProblemSet, *kinds: str) -> Iterator[tuple[Question, Answer]]:
    return ((one, answer) for one in problem_set.questions for answer in one.answers if answer.kind in kinds)


def outcomes(problem_set: ProblemSet, solved: list[Solved]) -> list[str]:
    """Verdicts of which an outcome is rare, or too common; with few seeds as far as chance allows one to say so."""
    slack = 0.0 if len(solved) >= ALL_SEEDS else 1.5 / len(solved) ** 0.5
    found = []
    for question, answer in asked(problem_set, "choice"):
        shares = Counter(figures.right[question.id][answer.name] for figures in solved)
        for choice in answer.choices if answer.verdict else ():
            shares[choice] += 0
        odd = [n for n in shares.values() if not LEAST_OUTCOME - slack <= n / len(solved) <= MOST_OUTCOME + slack]
        if answer.verdict and (odd or len(shares) < OUTCOMES):
            told = ", ".join(f"{choice} {n}" for choice, n in shares.items())
            found.append(
                f"{question.id}: {answer.name} is a verdict, with at least {OUTCOMES} outcomes, each right on "
                f"{LEAST_OUTCOME:.0%} to {MOST_OUTCOME:.0%} of seeds: got {told} of {len(solved)}"
            )
    return found


def alike(problem_set: ProblemSet, solved: list[Solved]) -> list[str]:
    """Answers that one student could take from another, unless their author says why that is meant."""
    found = []
    for question, answer in asked(problem_set, *KINDS):
        if answer.kind == "construct" or (answer.same_for_all and answer.kind != "choice"):
            continue
        most = MOST_ALIKE if answer.kind in ("number", "table") else MOST_CHOSEN
        rights = [figures.right[question.id][answer.name] for figures in solved]
        value, times = Counter(map(str, rights)).most_common(1)[0]
        near, like = max((sum(agree(answer, one, other) for other in rights), str(one)) for one in rights)
        if times <= most * len(rights) < near:
            value, times = f"{like} within its tolerance", near
        if times > most * len(rights):
            todo = "let it follow from the figures, or letter its options with options(...)"
            if answer.kind != "choice":
                todo = "let it follow from the figures, or say in its same_for_all why everybody may have the same"
            found.append(f"{question.id}: {answer.name} is {value:.60} for {times} of {len(rights)} seeds: {todo}")
    return found


def unfit_tolerances(problem_set: ProblemSet, solved: list[Solved]) -> list[str]:
    """Numbers that only one way of computing them would hit, and numbers that nobody could miss."""
    found = []
    for question, answer in asked(problem_set, "number", "table"):
        rights = [figures.right[question.id][answer.name] for figures in solved]
        numbers = [[right] if answer.kind == "number" else _numbers(right) for right in rights]
        uneven = [one for many in numbers for one in many if one % 1 and _distance(answer, one) < LEAST_TOLERANCE]
        if uneven:
            reason = f"is not whole, such as {uneven[0]:g}, and has no tolerance: declare rtol or atol"
            found.append(f"{question.id}: {answer.name} {reason}")
        hit = sum(bool(many) and all(agree(_number(answer), 0.0, one) for one in many) for many in numbers)
        if hit > MOST_ALIKE * len(numbers):
            reason = f"has a tolerance so wide that 0 is right on {hit} of {len(rights)} seeds"
            found.append(f"{question.id}: {answer.name} {reason}")
    return found


def _numbers(table: dict[str, Any]) -> list[float]:
    return [cell for column in table["columns"].values() for cell in column if isinstance(cell, float)]


def _number(answer: Answer) -> Answer:
    return replace(answer, kind="number")


def _distance(answer: Answer, right: float) -> float:
    """How far from a right value is still right, as a share of it."""
    return max(answer.rtol, answer.atol / abs(right))
