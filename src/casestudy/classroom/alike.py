"""A reason to look: wrong answers that are right for one other student's figures. Never a verdict."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from casestudy.classroom.answers import Answer, agree
from casestudy.classroom.source import ProblemSet
from casestudy.classroom.work import Worked
from casestudy.refusals import Refusal

LEAST = 3  # answers that match the same other student
MOST_SHARED = 0.1  # share of the class with the same right value, from which an answer tells nobody apart
COLUMNS = ("student", "same_as", "matches", "expected_by_chance")

Asked = list[tuple[str, Answer]]  # question and answer


def same_as(problem_set: ProblemSet, records: Iterable[dict], worked_by_code: dict[str, Worked]) -> pd.DataFrame:
    """One row a student and other student whose right values at least three of the first one's wrong answers match.

    records: one a student with id, code and values, those without a submission too (their figures may be used).
    An answer counts when it is a number or a table, wrong for the student's own figures, not what a named mistake
    gives on them, and right for few others. expected_by_chance: how many classmates would be matched in so many of
    these answers by somebody innocent; the larger of two counts in this class: each answer wrong by itself, or all of
    them right for one wrongly read set of figures (which hits everybody whose figures happen to be those).
    """
    records = list(records)
    holders: dict[str, list[str]] = {}
    for record in records:
        holders.setdefault(record["code"], []).append(record["id"])
    if unknown := next((code for code in holders if code not in worked_by_code), None):
        raise Refusal(f"worked_by_code must have every record's code: {unknown!r} is not in it")
    asked = [
        (question.id, answer)
        for question in problem_set.questions
        for answer in question.answers
        if answer.kind in ("number", "table")
    ]
    codes, rows, twins = list(holders), [], None
    for record in records:
        fitting = _fitting(record, asked, codes, worked_by_code)
        matched = Counter(code for fits in fitting.values() for code in fits)
        if max(matched.values(), default=0) < LEAST:
            continue
        twins = _twins(asked, codes, worked_by_code) if twins is None else twins
        shares = [len(fits) / (len(codes) - 1) for fits in fitting.values()]
        together = twins[list(fitting)].sum(axis=0)
        for code, matches in matched.items():
            if matches >= LEAST:
                singly = (len(codes) - 1) * chance(shares, matches)
                expected = max(singly, (together >= matches).sum() / len(codes))
                rows += [(record["id"], other, matches, expected) for other in holders[code]]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"matches": int, "expected_by_chance": float})
    return frame.sort_values(["student", "matches", "same_as"], ascending=[True, False, True], ignore_index=True)


def flags(found: pd.DataFrame) -> dict[str, list[str]]:
    """Each student's flags: the other student with the most matches, unless chance alone would give one such or more.

    >>> flags(pd.DataFrame([["s1", "s7", 5, 0.01], ["s1", "s9", 3, 0.4], ["s2", "s3", 3, 5.2]], columns=COLUMNS))
    {'s1': ['same_as:s7']}
    """
    most = found.groupby("student")["matches"].transform("max")
    told = found[(found["matches"] == most) & (found["expected_by_chance"] < 1)]
    return {student: [f"same_as:{other}" for other in others] for student, others in told.groupby("student")["same_as"]}


def chance(shares: list[float], at_least: int) -> float:
    """Probability that at least so many of independent events happen, each with its own probability.

    >>> chance([0.5, 0.5], at_least=1)
    0.75
    """
    ways = [1.0]  # probability of 0, 1, ... events so far
    for share in shares:
        ways = [stay * (1 - share) + come * share for stay, come in zip([*ways, 0.0], [0.0, *ways], strict=True)]
    return sum(ways[at_least:])


def _fitting(record: dict, asked: Asked, codes: list[str], worked: dict[str, Worked]) -> dict[int, list[str]]:
    """By the place of each answer that counts: the other codes for which it is right."""
    own, values, fitting = worked[record["code"]], record["values"], {}
    for place, (question, answer) in enumerate(asked):
        if answer.name not in values or _explained(question, answer, values[answer.name], own):
            continue
        others = [code for code in codes if code != record["code"]]
        given = values[answer.name]
        fits = [code for code in others if agree(answer, given, worked[code].right[question][answer.name])]
        if len(fits) - 1 <= MOST_SHARED * len(others):
            fitting[place] = fits
    return fitting


def _explained(question: str, answer: Answer, given: object, own: Worked) -> bool:
    """Whether the student's own figures, or a named mistake on them, give this value."""
    slipped = [values[answer.name] for mistake, values in own.wrong if mistake.question == question]
    return any(agree(answer, given, value) for value in (own.right[question][answer.name], *slipped))


def _twins(asked: Asked, codes: list[str], worked: dict[str, Worked]) -> np.ndarray:
    """Whether one code's right answer is right for another code too: answers x codes x codes."""
    twins = np.zeros((len(asked), len(codes), len(codes)), dtype=np.uint8)
    for place, (question, answer) in enumerate(asked):
        right = [worked[code].right[question][answer.name] for code in codes]
        for row, given in enumerate(right):
            twins[place, row] = [agree(answer, given, value) for value in right]
        np.fill_diagonal(twins[place], 0)
    return twins
