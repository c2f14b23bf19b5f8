"""What guessing earns, held against a count of all ways to guess."""

from dataclasses import replace
from itertools import combinations, product
from statistics import fmean

import pytest

from casestudy.classroom.sets import guessing, source
from casestudy.classroom.sets.solve import solve


@pytest.mark.parametrize("attempts", [1, 2, 3, 5, 12])
def test_the_best_of_several_guesses_is_what_counting_every_choice_of_them_gives(attempts):
    guessed = [(1.5, 3), (2.0, 2), (1.0, 2)]
    totals = [
        sum(points for (points, _), right in zip(guessed, way, strict=True) if right == 0)
        for way in product(*(range(number) for _, number in guessed))
    ]
    counted = fmean(max(some) for some in combinations(totals, attempts))
    assert guessing.expected(guessed, attempts) == pytest.approx(counted, rel=1e-12)


def test_whoever_goes_through_all_choices_has_them_right():
    problem_set = source.open_set("03")
    guessed = guessing.guesses(problem_set, [solve(problem_set, f"seed {n}") for n in range(3)])
    letters = [(points, number) for points, number in guessed if number == 4]
    assert [points for points, _ in letters] == [1.5, 2.0]
    assert guessing.least(letters, 15) < guessing.least(letters, 16) == pytest.approx(3.5)
    assert guessing.expected(guessed, 16) < guessing.least(guessed, 16)


def test_a_number_is_guessed_in_steps_of_its_tolerance_within_its_range():
    problem_set = source.open_set("02")
    (question,) = [question for question in problem_set.questions if question.id == "mix"]
    share, sign = question.answers
    assert (share.atol, share.range) == (0.051, (-10_000.0, 10_000.0))
    solved = solve(problem_set, "seed 0")
    only = replace(problem_set, questions=(question,))
    assert guessing.guesses(only, [solved]) == [(1.5, 196_079), (1.5, len(sign.choices))]
    endless = replace(question, answers=(replace(share, range=(0.0, float("inf"))), sign))
    assert guessing.guesses(replace(problem_set, questions=(endless,)), [solved]) == [(1.5, len(sign.choices))]
