"""Plausible wrong answers to each shipped set, on many codes: none is accepted, none is taken for what it is not."""

import contextlib
import tomllib
import warnings
from pathlib import Path

import pytest
from handed_in import SETS

from casestudy.classroom.practice.hints import hint
from casestudy.classroom.sets import answers, source
from casestudy.classroom.sets.marks import named_mistake
from casestudy.classroom.sets.problems import Problem
from casestudy.classroom.sets.solve import solve

FOLDER = Path(__file__).parent / "wrong"
LEAST = 100  # wrong answers a set
CODES = [f"student {number}" for number in range(60)]
BY_CHANCE = 2  # codes of which a wrong number may happen to be a named slip's


def told(problem_set, entries, code):
    """What each entry meets on one code: accepted, the mistake that it is taken for, or nothing."""
    given = {}

    def at(question, namespace):
        for number, entry in enumerate(entries):
            if entry["question"] == question.id:
                own = dict(namespace)
                with (
                    contextlib.suppress(Exception),
                    warnings.catch_warnings(),
                ):
                    warnings.simplefilter("ignore")
                    exec(compile(entry["given"], "<wrong>", "exec"), own)
                given[number] = read(question, own)

    solved = solve(problem_set, code, at)
    questions = {question.id: question for question in problem_set.questions}
    found = {}
    for number, values in given.items():
        question = questions[entries[number]["question"]]
        if values is None:  # refused for its form
            found[number] = None
        elif all(solved.fits(question, answer, values[answer.name]) for answer in question.answers):
            found[number] = "accepted"
        else:
            named = named_mistake(question, solved, values)
            if named is None:
                named = named_mistake(question, solved, values, whatever_choice=True)
            own = [n for n, mistake in enumerate(problem_set.mistakes) if mistake.question == question.id]
            found[number] = None if named is None else own.index(named) + 1
            assert hint(question, values, solved, {}, True)[0]
    return found


def read(question, namespace):
    try:
        return {answer.name: answers.read(answer, namespace.get(answer.name)) for answer in question.answers}
    except Problem:
        return None


def faults(name, codes):
    """Entries that are accepted, and those that are named as what they are not, with how often."""
    problem_set = source.load(SETS[name])
    entries = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["wrong"]
    met = [told(problem_set, entries, code) for code in codes]
    found = []
    for number, entry in enumerate(entries):
        seen = [one.get(number) for one in met]
        accepted = seen.count("accepted")
        accused = sum(one not in (None, "accepted", entry.get("named", 0)) for one in seen)
        if accepted or accused > BY_CHANCE:
            found.append(f"{entry['question']}: {entry['slip']}: accepted {accepted}, accused {accused}")
    return found


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_hundred_wrong_answers_are_at_hand_for_each_set_and_ask_for_what_exists(name):
    problem_set = source.load(SETS[name])
    entries = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["wrong"]
    assert len(entries) >= LEAST
    asked = {question.id for question in problem_set.questions if question.answers}
    assert {entry["question"] for entry in entries} == asked


@pytest.mark.parametrize("name", sorted(SETS))
def test_no_wrong_answer_is_accepted_or_accused_wrongly_on_a_few_codes(name):
    assert faults(name, CODES[:4]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SETS))
def test_no_wrong_answer_is_accepted_or_accused_wrongly(name):
    assert faults(name, CODES) == []
