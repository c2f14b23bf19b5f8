"""Slips that nobody declares, tried on many seeds: none may count as right, none may be taken for another."""

from collections import Counter
from dataclasses import replace
from typing import Any

from casestudy.classroom.authoring import slips
from casestudy.classroom.authoring.spread import ALL_SEEDS
from casestudy.classroom.sets.agreement import agree
from casestudy.classroom.sets.marks import named_mistake
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Namespace, Solved
from casestudy.classroom.sets.source import ProblemSet

FOLLOWED = 25  # seeds on which every slip is tried; from then on those that came near
NEAR = 100  # tolerances
SILENT = 5  # seeds on which a slip may give no number before it is let go
MOST_BY_CHANCE = 0.02  # share of seeds on which a slip may happen to be another's number
Slip = tuple[str, str, str]  # question, answer, and what slips


class Slips:
    """What slips give on each seed, counted: give it to `solve` as `at`, and hold each solved seed against it."""

    def __init__(self, problem_set: ProblemSet):
        self._problem_set = problem_set
        asked = [question for question in problem_set.questions if question.answers]
        self._lines = {question.id: slips.of_lines(problem_set, question) for question in asked}
        self._given: dict[Slip, float] = {}
        self._seeds = 0
        self._silent: Counter[tuple[str, str]] = Counter()  # how often it gave no number
        self._near: set[tuple[str, str]] = set()
        self._gave: Counter[Slip] = Counter()  # a number at all: some stop on some seeds
        self._accepted: Counter[Slip] = Counter()
        self._same: Counter[Slip] = Counter()
        self._named: dict[Slip, Counter[int]] = {}

    def at(self, question: Question, namespace: Namespace) -> None:
        """Run each slip in the lines of a question's solution."""
        lines = self._lines.get(question.id, [])
        for words, numbers in slips.values(lines, question, namespace, lambda words: self._is_near(question, words)):
            self._silent[question.id, words] += not numbers
            for name, value in numbers.items():
                self._given[question.id, name, words] = value

    def _is_near(self, question: Question, words: str) -> bool:
        """Whether a slip in the lines came anywhere near the right value, or a named one, on the first seeds."""
        if self._silent[question.id, words] >= SILENT:
            return False
        return self._seeds < FOLLOWED or (question.id, words) in self._near

    def hold(self, solved: Solved) -> None:
        """Count which slips one seed's checks take for right, or for a named mistake."""
        self._seeds += 1
        for question in self._problem_set.questions:
            right = solved.right.get(question.id, {})
            for answer in question.answers:
                if answer.kind == "number":
                    for words, value in slips.of_number(answer, right[answer.name]).items():
                        self._given[question.id, answer.name, words] = value
        for slip, value in self._given.items():
            self._count(slip, value, solved)
        self._given = {}

    def _count(self, slip: Slip, value: float, solved: Solved) -> None:
        question = next(one for one in self._problem_set.questions if one.id == slip[0])
        answer = next(one for one in question.answers if one.name == slip[1])
        right = solved.right[question.id]
        self._gave[slip] += 1
        near = replace(answer, rtol=NEAR * answer.rtol, atol=NEAR * answer.atol)
        if agree(near, value, right[answer.name]):
            self._near.add((question.id, slip[2]))
        if abs(value - right[answer.name]) <= slips.SAME * abs(right[answer.name]):
            self._same[slip] += 1
        elif agree(answer, value, right[answer.name]):
            self._accepted[slip] += 1
        elif slip[2] not in slips.NEIGHBOURS or right[answer.name].is_integer():  # of decimals nobody is one off
            values: dict[str, Any] = right | {answer.name: value}
            number = named_mistake(question, solved, values)
            if number is not None:
                self._named.setdefault(slip, Counter())[number] += 1
                self._near.add((question.id, slip[2]))

    def _by_chance(self, slip: Slip) -> float:
        """How often a slip may be another's number; with few seeds as far as chance allows one to say so."""
        often = MOST_BY_CHANCE * self._gave[slip]
        return often if self._seeds >= ALL_SEEDS else often + 3 * often**0.5

    def faults(self) -> list[str]:
        """Why the set would be unfair, as sentences."""
        found = []
        for slip in {**self._accepted, **self._same}:
            times = self._accepted[slip] + self._same[slip]
            if self._same[slip] < self._gave[slip]:
                question, name, words = slip
                found.append(f"{question}: {name} is taken for right with {words} (on {times} of {self._seeds} seeds)")
        for slip, named in self._named.items():
            question, name, words = slip
            for number, times in named.items():
                if self._by_chance(slip) < times < self._gave[slip] - self._by_chance(slip):
                    hint = self._problem_set.mistakes[number].hints["en"][0]
                    found.append(
                        f"{question}: {name} with {words} is taken for another slip ({hint!r}) on {times} of "
                        f"{self._seeds} seeds: draw the two apart, or make them one mistake"
                    )
        return found
