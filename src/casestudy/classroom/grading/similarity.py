"""A reason to look: wrong answers that are right for one other student's figures. Never a verdict."""

from collections import Counter
from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from casestudy.classroom.records import Record
from casestudy.classroom.sets.agreement import agree
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.solve import Solutions, Solved

LEAST = 3  # answers that match the same other student
MOST_SHARED = 0.1  # share of the class with the same right value, from which an answer tells nobody apart
COLUMNS = ("student", "same_as", "matches", "expected_by_chance")

Asked = list[tuple[str, Answer]]  # question and answer


def same_as(solutions: Solutions, records: Iterable[Record]) -> pd.DataFrame:
    """One row a student and other student whose right values at least three of the first one's wrong answers match.

    records: one a student, those without a submission too (their figures may be used).
    An answer counts when it is a number or a table, wrong for the student's own figures, not what a named mistake
    gives on them, and right for few others. expected_by_chance: how many classmates would be matched in so many of
    these answers by somebody innocent; the larger of two counts in this class: each answer wrong by itself, or all of
    them right for one wrongly read set of figures (which hits everybody whose figures happen to be those).
    """
    records = list(records)
    holders: dict[str, list[str]] = {}
    for record in records:
        holders.setdefault(record.code, []).append(record.id)
    asked = [
        (question.id, answer)
        for question in solutions.problem_set.questions
        for answer in question.answers
        if answer.kind in ("number", "table")
    ]
    codes = list(holders)
    twins = cache(lambda: _twins(asked, codes, solutions))  # not needed in most classes
    rows: list[tuple[str, str, int, float]] = []
    for record in records:
        fitting = _fitting(record, asked, codes, solutions)
        matched = Counter(code for fits in fitting.values() for code in fits)
        for code, matches in matched.items():
            if matches >= LEAST:
                expected = _expected(fitting, matches, len(codes), twins())
                rows += [(record.id, other, matches, expected) for other in holders[code]]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"matches": int, "expected_by_chance": float})
    return frame.sort_values(["student", "matches", "same_as"], ascending=[True, False, True], ignore_index=True)


def _expected(fitting: dict[int, list[str]], matches: int, codes: int, twins: np.ndarray) -> float:
    """How many classmates somebody innocent would match so often, by the larger of the two counts."""
    shares = [len(fits) / (codes - 1) for fits in fitting.values()]
    singly = (codes - 1) * chance(shares, matches)
    together = twins[list(fitting)].sum(axis=0)
    return float(max(singly, (together >= matches).sum() / codes))


def flags(found: pd.DataFrame) -> dict[str, list[str]]:
    """Each student's flags: the other student with the most matches, unless chance alone would give one such or more.

    >>> flags(pd.DataFrame([["s1", "s7", 5, 0.01], ["s1", "s9", 3, 0.4], ["s2", "s3", 3, 5.2]], columns=COLUMNS))
    {'s1': ['same_as:s7']}
    """
    most = found.groupby("student")["matches"].transform("max")
    kept = found[(found["matches"] == most) & (found["expected_by_chance"] < 1)]
    return {student: [f"same_as:{other}" for other in others] for student, others in kept.groupby("student")["same_as"]}


def chance(shares: list[float], at_least: int) -> float:
    """Probability that at least so many of independent events happen, each with its own probability.

    >>> chance([0.5, 0.5], at_least=1)
    0.75
    """
    ways = [1.0]  # probability of 0, 1, ... events so far
    for share in shares:
        ways = [stay * (1 - share) + come * share for stay, come in zip([*ways, 0.0], [0.0, *ways], strict=True)]
    return sum(ways[at_least:])


def _fitting(record: Record, asked: Asked, codes: list[str], solutions: Solutions) -> dict[int, list[str]]:
    """By the number of each answer that counts: the other codes for which it is right."""
    own, values = solutions[record.code], record.values
    fitting: dict[int, list[str]] = {}
    for number, (question, answer) in enumerate(asked):
        if answer.name not in values or _explained(question, answer, values[answer.name], own):
            continue
        others = [code for code in codes if code != record.code]
        given = values[answer.name]
        fits = [code for code in others if agree(answer, given, solutions[code].right[question][answer.name])]
        if len(fits) - 1 <= MOST_SHARED * len(others):
            fitting[number] = fits
    return fitting


def _explained(question: str, answer: Answer, given: object, own: Solved) -> bool:
    """Whether the student's own figures, or a named mistake on them, give this value."""
    slipped = [values[answer.name] for mistake, values in own.wrong if mistake.question == question]
    return any(agree(answer, given, value) for value in (own.right[question][answer.name], *slipped))


def _twins(asked: Asked, codes: list[str], solutions: Solutions) -> np.ndarray:
    """Whether one code's right answer is right for another code too: answers x codes x codes."""
    twins = np.zeros((len(asked), len(codes), len(codes)), dtype=np.uint8)
    for number, (question, answer) in enumerate(asked):
        right = [solutions[code].right[question][answer.name] for code in codes]
        for row, given in enumerate(right):
            twins[number, row] = [agree(answer, given, value) for value in right]
        np.fill_diagonal(twins[number], 0)
    return twins
