"""What guessing earns where the best of several attempts counts."""

import math
from collections import Counter
from collections.abc import Iterable

from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.solve import Solved
from casestudy.classroom.sets.source import ProblemSet

Guess = tuple[float, int]  # the points that one answer is worth, and how many guesses cover it


def guesses(problem_set: ProblemSet, solved: Iterable[Solved]) -> list[Guess]:
    """What can be guessed: choices, and numbers that declare a range, in steps as wide as their tolerance.

    solved: on the figures of those who guess; where tolerances differ between them, the widest counts. A number that is
    whole for everybody is guessed in whole steps.
    """
    solved, found = list(solved), []
    for question in problem_set.questions:
        for answer in question.answers:
            if number := _number_of_guesses(answer, [one.right[question.id][answer.name] for one in solved]):
                found.append((question.points / len(question.answers), number))
    return found


def _number_of_guesses(answer: Answer, right: list[float]) -> int:
    """How many guesses are sure to hit an answer, 0 where that is not known."""
    if answer.kind == "choice":
        return len(answer.choices)
    width = answer.range[1] - answer.range[0]
    if answer.kind != "number" or not math.isfinite(width) or not right:
        return 0
    step = 2 * max(max(answer.atol, answer.rtol * abs(value)) for value in right)
    whole = all(value.is_integer() for value in right)
    if whole and step < 1:
        return math.floor(width) + 1
    return max(1, math.ceil(width / step)) if step else 0


def expected(guessed: Iterable[Guess], attempts: int) -> float:
    """Points that the best of so many attempts earns on average, each guessed at random and no two alike.

    >>> [expected([(1.0, 4)], attempts) for attempts in (1, 2, 4)]
    [0.25, 0.5, 1.0]
    >>> expected([(1.0, 2), (1.0, 2)], attempts=1), expected([(1.0, 2), (1.0, 2)], attempts=4)
    (1.0, 2.0)
    """
    ways = Counter({0.0: 1})  # in how many ways all answers together earn so many points
    for points, number in guessed:
        more: Counter[float] = Counter()
        for total, count in ways.items():
            more[round(total + points, 6)] += count
            more[total] += count * (number - 1)
        ways = more
    all_ways, above, earned, reached = sum(ways.values()), sum(ways.values()), 0.0, 0.0
    for total, count in sorted(ways.items()):
        earned += (total - reached) * (1 - _none(all_ways, above, attempts))
        reached, above = total, above - count
    return earned


def _none(ways: int, good: int, attempts: int) -> float:
    """Probability that so many different ways out of all are none of the good ones.

    >>> _none(4, 1, attempts=2)
    0.5
    """
    if attempts > ways - good:
        return 0.0
    return math.prod((ways - good - taken) / (ways - taken) for taken in range(attempts))


def least(guessed: Iterable[Guess], attempts: int) -> float:
    """Points that guessing earns at least on average: whoever goes through all ways in the easiest answers earns them.

    >>> least([(1.0, 100), (2.0, 4)], attempts=4)
    2.0
    """
    easiest = sorted(guessed, key=lambda guess: guess[1])
    return max(expected(easiest[:most], attempts) for most in range(len(easiest) + 1))


def told(problem_set: ProblemSet, guessed: list[Guess], attempts: int) -> str:
    """The figure in a sentence: what guessing earns with one attempt and with so many, and what it leaves out."""
    points = sum(question.points for question in problem_set.questions)
    asked = sum(len(question.answers) or 1 for question in problem_set.questions)
    return (
        f"guessing earns on average {least(guessed, 1):.1f} of {points:g} points with 1 attempt and "
        f"{least(guessed, attempts):.1f} with {attempts}, no two alike; this counts {len(guessed)} of {asked} answers "
        "(choices, and numbers with a declared range), and what is guessed at the others comes on top"
    )
