"""A class as grading would have read it, with planted orders of difficulty, slips and guesses."""

import json
import random
import statistics
from itertools import count, pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from handed_in import roster

from casestudy.classroom.grading import results
from casestudy.classroom.records import Record
from casestudy.classroom.release import Released
from casestudy.classroom.release.release import assign
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet

SECRET = b"a secret of the course, long enough"
EASIEST, HARDEST = -1.3, 3.0  # difficulty, on the scale of abilities, whose standard deviation is 1
ORDERS = 2000  # of difficulty, of which the one is planted that can be seen best
COMMONEST, NAMED, AT_MOST, NOTHING = 0.6, 0.12, 0.06, 0.16  # of those who miss a question; the others guess
HOLDS = (0.9, 0.5)  # how often the ranges of two questions hold


class Plan(NamedTuple):
    """Of one question: how hard it is, which slip is the commonest, the share of points expected, what came of it."""

    difficulty: float
    slip: int  # number among the question's own mistakes
    expected: float
    answered: list[str]  # right, slip, other, guess or nothing, by student


def right_share(difficulty, abilities):
    """The share of a class that is to answer a question rightly."""
    return float(np.mean(1 / (1 + np.exp(difficulty - abilities))))


def own_mistakes(solved, question):
    """What each of a question's mistakes gives on one student's figures."""
    return [(mistake, values) for mistake, values in solved.wrong if mistake.question == question.id]


def guess(rng, question, solved):
    """Letters and numbers that are not right. Nobody guesses a table, or what is to be built."""
    values, right = {}, solved.right[question.id]
    for answer in question.answers:
        if answer.kind == "choice":
            values[answer.name] = rng.choice([choice for choice in answer.choices if choice != right[answer.name]])
        if answer.kind == "number":
            low, high = np.clip(answer.range, -1e6, 1e6)
            tried = (rng.uniform(low, high) for _ in count())
            values[answer.name] = next(one for one in tried if not solved.fits(question, answer, one))
    return values


def worth(question, solved, values):
    """The share of a question's points that values must earn: of the answers that are right, or a slip's credit."""
    given = [answer for answer in question.answers if answer.name in values]
    fits = sum(solved.fits(question, answer, values[answer.name]) for answer in given)
    credits = [mistake.credit for mistake, slipped in own_mistakes(solved, question) if slipped == values]
    return max([fits / len(question.answers), *credits])


def ways(rng, question, solved, slip):
    """How a question may be missed: the kind, its probability, the values. Unequal, and `slip` before all."""
    mistakes = [values for _, values in own_mistakes(solved, question)]
    others = [number for number in range(len(mistakes)) if number != slip]
    weights = np.array([1 / (place + 1) for place in range(len(others))])
    share = dict(zip(others, np.minimum(AT_MOST, NAMED * weights / weights.sum()), strict=True))
    share |= {slip: COMMONEST} if mistakes else {}
    values = guess(rng, question, solved)
    return [
        *(("slip" if number == slip else "other", share[number], mistakes[number]) for number in share),
        ("nothing", NOTHING, {}),
        ("guess" if values else "nothing", 1 - NOTHING - sum(share.values()), values),
    ]


def missed(rng, *asked):
    """What is answered where a question is missed, and of which kind that is."""
    kinds, shares, values = zip(*ways(rng, *asked), strict=True)
    (number,) = rng.choices(range(len(kinds)), shares)
    return kinds[number], values[number]


def expected_of_miss(rng, question, solved, slip):
    """The share of points that is expected where a question is missed."""
    return sum(share * worth(question, solved, values) for _, share, values in ways(rng, question, solved, slip))


def planned(rng, problem_set, solved, abilities):
    """A plan a question: of many orders of difficulty the one whose expected points lie furthest apart."""
    asked = [question for question in problem_set.questions if question.answers]
    slips = [rng.randrange(max(1, len(own_mistakes(solved[0], question)))) for question in asked]
    missing = [
        statistics.fmean(expected_of_miss(rng, question, one, slip) for one in solved)
        for question, slip in zip(asked, slips, strict=True)
    ]
    steps = np.linspace(EASIEST, HARDEST, len(asked))
    right = [right_share(step, abilities) for step in steps]
    orders = [rng.sample(range(len(asked)), len(asked)) for _ in range(ORDERS)]

    def expected(order):
        return [right[place] + (1 - right[place]) * part for place, part in zip(order, missing, strict=True)]

    best = max(orders, key=lambda order: min((b - a for a, b in pairwise(sorted(expected(order)))), default=0))
    parts = zip(asked, best, slips, expected(best), strict=True)
    return {question.id: Plan(steps[place], slip, share, []) for question, place, slip, share in parts}


def guessed(rng, problem_set, solved, records):
    """Predict two numbers with a range that holds as often as planned; how many did, and how many were too low."""
    held = {}
    numbers = [
        (question.id, next(answer.name for answer in question.answers if answer.kind == "number"))
        for question in problem_set.questions
        if any(answer.kind == "number" for answer in question.answers)
    ]
    for (question, name), share in zip(numbers, HOLDS, strict=False):
        hits = low = 0
        for one, record in zip(solved, records, strict=True):
            right, holds = one.right[question][name], rng.random() < share
            allowed = 0.1 * abs(right)
            off = rng.choice((-1, 1)) * allowed * (rng.uniform(0, 0.95) if holds else rng.uniform(1.05, 4))
            record.guesses[name] = {"value": right + off, "give_or_take": allowed}
            hits, low = hits + holds, low + (off < 0)
        held[name] = hits, low
    return held


class Planted(NamedTuple):
    """Everyone's record, what was planted of each question, and how many guesses hold and are too low."""

    solutions: Solutions
    released: Released
    students: pd.DataFrame
    records: list[Record]
    plans: dict[str, Plan]
    held: dict[str, tuple[int, int]]

    def graded(self, out, records=None):
        """Write the results of it, as grading does."""
        return results.finish(self.solutions, self.released, self.students, records or self.records, out)


def plant(problem_set: ProblemSet, rng: random.Random, size: int) -> Planted:
    """A class of so many, each with a code and an ability of their own."""
    students = roster(**{f"s{number:03}": "" for number in range(size)})
    solutions, everyone = Solutions(problem_set), {}
    for assigned, one in assign(problem_set, students, SECRET, "t"):
        everyone[assigned.id], solutions[assigned.code] = assigned, one
    solved = [solutions[assigned.code] for assigned in everyone.values()]
    abilities = np.array([rng.gauss(0, 1) for _ in everyone])
    plans = planned(rng, problem_set, solved, abilities)
    records = []
    for assigned, one, ability in zip(everyone.values(), solved, abilities, strict=True):
        values = {}
        for question in (question for question in problem_set.questions if question.answers):
            plan = plans[question.id]
            kind, given = "right", one.right[question.id]
            if rng.random() >= right_share(plan.difficulty, ability):
                kind, given = missed(rng, question, one, plan.slip)
            plan.answered.append(kind)
            values |= json.loads(json.dumps(given, default=lambda number: number.item()))  # as a record holds them
        id, code = assigned.id, assigned.code
        records.append(Record(id, "ok", code, assigned.data, f"{id}.ipynb", sha256=id, values=values, guesses={}))
    held = guessed(rng, problem_set, solved, records)
    released = Released(problem_set.name, problem_set.version, "t", everyone)
    return Planted(solutions, released, students, records, plans, held)
