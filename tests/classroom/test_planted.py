"""Classes with a planted order of difficulty, planted slips and planted guesses: the lecturer's summary tells them.

Margins. The easiest question is missed by 30 of 120 or so. Of those who miss it, 60 in 100 make the slip that is the
commonest by plan, 6 in 100 at most another one: by the binomial, another one is as common in less than one class in a
thousand, also where guessed letters add to both. The order shown is that of one draw; of 400 drawn from each plan, at
most two had a rank correlation below 0.9 with the expected one. Of 120 ranges that hold with probability 0.9, from 96
to 117 do in 999 classes of 1,000; with 0.5, from 42 to 78: the two cannot be taken for each other.
"""

import random
import re
from html.parser import HTMLParser
from typing import NamedTuple

import numpy as np
import pytest
from handed_in import SETS
from planting import AT_MOST, COMMONEST, EASIEST, HOLDS, NOTHING, Plan, plant, right_share
from scipy.stats import binom, spearmanr

from casestudy.classroom.feedback.html import light
from casestudy.classroom.feedback.page import HINTS, headings
from casestudy.classroom.sets import source

pytestmark = pytest.mark.slow

SIZE = 120
CORRELATION, OFF = 0.9, 0.155  # of ranks; of a share, 3.3 standard errors at most and half a per cent of rounding
RARE = 1e-3


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


@pytest.fixture(scope="module", params=sorted(SETS))
def planted(request, tmp_path_factory):
    """A class of 120, each with a code and an ability of their own, as grading would have read them; its summary."""
    problem_set = source.load(SETS[request.param])
    planted = plant(problem_set, random.Random(request.param), SIZE)
    out = tmp_path_factory.mktemp("planted") / "grades"
    planted.graded(out)
    return Class(problem_set, planted.plans, planted.held, Page((out / "summary.html").read_text(encoding="utf-8")))


def test_the_summary_orders_questions_as_they_were_planted(planted):
    names = headings(planted.problem_set)
    shown = planted.page.rows_of([names[id] for id in planted.plans])
    place = {heading: number for number, heading in enumerate(shown)}  # the hardest first
    order = [place[names[id]] for id in planted.plans]
    assert len(place) == len(order)
    assert spearmanr(order, [plan.expected for plan in planted.plans.values()])[0] >= CORRELATION - 1e-9
    for id, plan in planted.plans.items():
        earned, _, full, _, _, missing, _ = (cell.rstrip("%") for cell in shown[names[id]])
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
