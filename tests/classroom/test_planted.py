"""Classes with a planted order of difficulty, planted slips and planted guesses: the lecturer's summary tells them.

Margins. The easiest question is missed by 30 of 120 or so. Of those who miss it, 60 in 100 make the slip that is the
commonest by plan, 6 in 100 at most another one: by the binomial, another one is as common in less than one class in a
thousand, also where guessed letters add to both. The order shown is that of one draw; of 400 drawn from each plan, at
most two had a rank correlation below 0.9 with the expected one. Of 120 ranges that hold with probability 0.9, from 96
to 117 do in 999 classes of 1,000; with 0.5, from 42 to 78: the two cannot be taken for each other.
"""

import random
import re
import statistics
from html.parser import HTMLParser
from itertools import count, pairwise
from typing import NamedTuple

import numpy as np
import pytest
from handed_in import SETS, roster
from scipy.stats import binom, spearmanr

from casestudy.classroom.feedback.html import light
from casestudy.classroom.feedback.page import HINTS, headings
from casestudy.classroom.grading import results
from casestudy.classroom.records import Record
from casestudy.classroom.release import Released
from casestudy.classroom.release.release import assign
from casestudy.classroom.sets import source
from casestudy.classroom.sets.solve import Solutions

pytestmark = pytest.mark.slow

SECRET, SIZE = b"a secret of the course, long enough", 120
EASIEST, HARDEST = -1.3, 3.0  # difficulty, on the scale of abilities, whose standard deviation is 1
ORDERS = 2000  # of difficulty, of which the one is planted that can be seen best
COMMONEST, NAMED, AT_MOST, NOTHING = 0.6, 0.12, 0.06, 0.16  # of those who miss a question; the others guess
CORRELATION, OFF = 0.9, 0.155  # of ranks; of a share, 3.3 standard errors at most and half a per cent of rounding
HOLDS = (0.9, 0.5)  # how often the ranges of two questions hold
RARE = 1e-3


class Plan(NamedTuple):
    """Of one question: how hard it is, which slip is the commonest, the share of points expected, what came of it."""

    difficulty: float
    slip: int  # number among the question's own mistakes
    expected: float
    answered: list[str]  # right, slip, other, guess or nothing, by student


class Class(NamedTuple):
    """What was planted, by question, and which numbers were guessed how; and the page that came of it."""

    problem_set: source.ProblemSet
    plans: dict[str, Plan]
    held: dict[str, tuple[int, int]]  # by answer: how many ranges hold, how many guesses were too low
    page: "Page"


class Page(HTMLParser):
    """The rows of a page's tables, cell by cell, and the items of its lists."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.items, self.into = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th", "li"):
            self.into = self.items if tag == "li" else self.rows[-1]
            self.into.append("")
        elif self.into and tag in ("div", "p"):
            self.into[-1] += " "

    def handle_endtag(self, tag):
        if tag in ("td", "th", "li"):
            self.into[-1] = " ".join(self.into[-1].split())
            self.into = None

    def handle_data(self, data):
        if self.into:
            self.into[-1] += data

    def rows_of(self, first, end=""):
        """The rows below a heading that begin with one of these; end: cut from their first cells."""
        return {row[0].removesuffix(end): row[1:] for row in self.rows if row and row[0].removesuffix(end) in first}


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

    best = max(orders, key=lambda order: min(b - a for a, b in pairwise(sorted(expected(order)))))
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


@pytest.fixture(scope="module", params=sorted(SETS))
def planted(request, tmp_path_factory):
    """A class of 120, each with a code and an ability of their own, as grading would have read them; its summary."""
    problem_set, rng = source.load(SETS[request.param]), random.Random(request.param)
    students = roster(**{f"s{number:03}": "" for number in range(SIZE)})
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
            values |= given
        id, code = assigned.id, assigned.code
        records.append(Record(id, "ok", code, assigned.data, f"{id}.ipynb", sha256=id, values=values, guesses={}))
    held = guessed(rng, problem_set, solved, records)
    out = tmp_path_factory.mktemp("planted") / "grades"
    released = Released(problem_set.name, problem_set.version, "t", everyone)
    results.finish(solutions, released, students, records, out)
    return Class(problem_set, plans, held, Page((out / "summary.html").read_text(encoding="utf-8")))


def test_the_summary_orders_questions_as_they_were_planted(planted):
    names = headings(planted.problem_set)
    shown = planted.page.rows_of([names[id] for id in planted.plans])
    place = {heading: number for number, heading in enumerate(shown)}  # the hardest first
    order = [place[names[id]] for id in planted.plans]
    assert len(place) == len(order)
    assert spearmanr(order, [plan.expected for plan in planted.plans.values()])[0] >= CORRELATION - 1e-9
    for id, plan in planted.plans.items():
        earned, _, full, _, _, missing = (cell.rstrip("%") for cell in shown[names[id]])
        assert abs(int(earned) / 100 - plan.expected) < OFF
        assert (int(full), int(missing)) == (plan.answered.count("right"), plan.answered.count("nothing")), id


def overtaken(missing, first, other):
    """Probability that in a class of which this share misses a question another slip is as common as the first."""
    either = np.arange(SIZE + 1)
    tied = binom.sf(np.ceil(either / 2) - 1, either, other / (first + other))
    return float(np.sum(binom.pmf(either, SIZE, missing * (first + other)) * tied))


def test_the_easiest_question_is_missed_by_enough_to_tell_its_slips_apart():
    missing = 1 - right_share(EASIEST, np.random.default_rng(0).normal(size=10_000))
    letters = (1 - COMMONEST - AT_MOST - NOTHING) / 2  # guessed where two are wrong, with one named slip each
    assert 28 < SIZE * missing < 33
    assert max(overtaken(missing, COMMONEST + more, AT_MOST + more) for more in (0, letters)) < RARE


def test_the_summary_tells_the_planted_slip_of_each_question(planted):
    problem_set, names = planted.problem_set, headings(planted.problem_set)
    items = [re.fullmatch(r"\d+ students? in (.*)", item) for item in planted.page.items]
    told = [item[1] for item in items if item]
    for question in problem_set.questions:
        own = [mistake for mistake in problem_set.mistakes if mistake.question == question.id]
        if own:
            plan = planted.plans[question.id]
            hints = " ".join(f"<p>{light(hint)}</p>" for hint in own[plan.slip].hints["en"][:HINTS])
            first = next(item for item in told if item.startswith(f"{names[question.id]} "))
            assert first == Page(f"<li>{names[question.id]} {hints}</li>").items[0]


def test_the_summary_tells_whose_ranges_hold_as_often_as_they_should(planted):
    assert len(planted.held) == len(HOLDS)
    answers = [f"{heading}: {name}" for heading in headings(planted.problem_set).values() for name in planted.held]
    shown = {row.rpartition(" ")[2]: cells for row, cells in planted.page.rows_of(answers).items()}
    for (name, (held, low)), share in zip(planted.held.items(), HOLDS, strict=True):
        assert shown[name][:2] == [str(SIZE), str(low)]
        assert shown[name][3] == f"{held} of {SIZE}"
        least, most = binom.interval(1 - RARE, SIZE, share)
        assert least <= held <= most
