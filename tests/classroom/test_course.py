"""Ten sets make one course: the tables in exercises/README.md are theirs, and each set has what the form asks for."""

import pytest

from casestudy.case import open_case
from casestudy.classroom.authoring.course import README, goals_of, renewed
from casestudy.classroom.sets import source
from casestudy.data import table

NOTEBOOKS = [path.stem for path in sorted(open_case().notebooks.glob("[0-9][0-9]-*.ipynb"))]
SETS = {path.parent.name: source.load(path) for path in source.found()}
LEAST, MOST = 5, 7  # questions with checks; one more where something is built


def asked(one):
    return [question for question in one.questions if question.answers]


def answers(one):
    return [answer for question in asked(one) for answer in question.answers]


def test_every_notebook_has_a_set_and_every_set_a_notebook():
    apart = ", ".join(sorted(set(NOTEBOOKS) ^ set(SETS)))
    assert len(NOTEBOOKS) == 10 and not apart, apart


def test_the_tables_of_the_readme_are_those_that_the_sets_give():
    text = (open_case().exercises / README).read_text(encoding="utf-8")
    assert renewed(text, SETS.values()) == text, "run make exercises"


@pytest.mark.parametrize("name", sorted(SETS))
def test_a_notebook_tells_the_minutes_of_its_set(name):
    low, high = SETS[name].minutes
    assert f"{low} to {high} minutes" in (open_case().notebooks / f"{name}.ipynb").read_text(encoding="utf-8")


def test_every_question_names_claims_or_systems_that_exist():
    known = {*table("claims")["id"], *table("systems")["id"]}
    odd = [
        f"{name}: {question.id}: {', '.join(set(question.about) - known) or 'names none'}"
        for name, one in SETS.items()
        for question in asked(one)
        if not question.about or set(question.about) - known
    ]
    assert not odd, "; ".join(odd)


def test_what_comes_back_or_is_needed_is_an_earlier_set():
    odd = {
        f"{name}: {other}"
        for name, one in SETS.items()
        for other in (*one.about.get("needs", []), *(question.retrieves for question in one.questions))
        if other and not (other in NOTEBOOKS and other < name)
    }
    assert odd == set()


def lacking(name, one):
    """What the form asks of a set, and it has not."""
    back = sum(bool(question.retrieves) for question in one.questions)
    texts = [question for question in one.questions if question.manual]
    built = any(answer.kind == "construct" for answer in answers(one))
    told = {word: len(one.about.get(word, [])) for word in ("oral", "next_term")}
    goals = goals_of(one)
    needed = {
        "minutes": one.minutes is not None,
        "able": bool(one.about.get("able")),
        "needs": isinstance(one.about.get("needs"), list),
        "three oral questions": told["oral"] == 3,
        "two knobs for the next term": told["next_term"] == 2,
        f"{LEAST} to {MOST} questions, {MOST + 1} where one builds": LEAST <= len(asked(one)) <= MOST + built,
        "questions that come back from earlier sets": back >= {"00": 0, "01": 1}.get(name[:2], 2),
        "a verdict": any(answer.verdict for answer in answers(one)),
        "a question on what is not shown": any(question.not_shown for question in one.questions),
        "a text whose rubric names a misconception": any("misconception" in text.rubric for text in texts),
        "a goal for each question": all(goals.get(question.title) for question in asked(one)),
    }
    return [words for words, there in needed.items() if not there]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_set_has_what_its_form_asks_for(name):
    assert name in list(SETS), f"there is no set {name}"
    missing = ", ".join(lacking(name, SETS[name]))
    assert not missing, f"{name} lacks {missing}"
