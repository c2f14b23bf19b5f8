"""The figures of 06-asking-for-help: titles and labels follow the numbers they are given."""

import numpy as np
import pandas as pd
import pytest
from drawn import texts, title

from casestudy.models import asking
from casestudy.plots import asking as draw

TRIALS = pd.DataFrame(
    [("coin", 0.0, 0.01, -0.05, 0.07), ("choice", 0.0, 0.12, 0.06, 0.18), ("choice", 0.1, 0.2, 0.1, 0.3)],
    columns=["by", "put_in", "difference", "low", "high"],
)


def test_the_funnel_s_title_is_the_interval_of_a_thousand_drawn_one_by_one():
    n = np.array([100, 1_000, 10_000])
    curves = [asking.share_against_n(0.65, n / d).assign(n=n, sample=name) for name, d in (("one by one", 1), ("x", 2))]
    ax = draw.share_against_n(pd.concat(curves), share=0.65, rounding=0.005)
    assert title(ax) == "65% of 1,000 people can mean 62 to 68%" and {"62%", "68%"} <= set(texts(ax))


def test_closed_jars_have_a_lid_and_their_count_stands_in_the_title():
    rows = [(1, 1, True, True), (1, 2, True, True), (2, 1, True, False), (2, 2, False, False), (2, 3, False, False)]
    answers = pd.DataFrame(rows, columns=["jar", "stranger", "yes", "shown"])
    ax = draw.jars(answers, share=0.5, room=3)
    assert title(ax) == "Half of each street says yes; 1 of 2 jars shows most"
    assert texts(ax) == ["2 of 2", "1 of 3"] and len(ax.lines) == 3  # two jars and a lid
    ax = draw.jars(answers.assign(shown=False), share=0.45, room=3)
    assert title(ax) == "45% of each street says yes; none of 2 jars show most" and len(ax.lines) == 2


def test_every_answer_is_a_ball():
    needed = asking.needed_wilson(np.arange(1, 41))
    answers = asking.invented_jars(0.5, needed, jars=5, rng=np.random.default_rng(1))
    ax = draw.jars(answers, share=0.5, room=40)
    assert sum(len(balls.get_offsets()) for balls in ax.collections) == len(answers)


def test_the_rules_title_names_the_share_of_streets_at_the_asked_number():
    chances = pd.DataFrame({"each": [0, 0.1, 0.3], "late": [0, 0, 0.2], "fair": [0, 0, 0.01]}, index=[1, 10, 100])
    ax = draw.shown_by(chances, share=0.5, promise=0.025, at=10)
    assert title(ax) == "No majority, yet 10% of streets show 'most' within 10 strangers"
    assert set(texts(ax)) >= {"each", "late", "fair", "promised: 2.5%", "10%"}


def test_the_trials_title_is_what_choice_finds_where_nothing_was_put_in():
    ax = draw.trials(TRIALS)
    assert title(ax) == "Choice turns no effect into +12 points"
    assert texts(ax) == ["+1", "+12", "+20", "A coin decides", "People choose"]


def test_each_trial_says_beside_it_what_was_put_in_and_the_two_designs_stand_apart():
    ax = draw.trials(TRIALS)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["no effect", "no effect", "effect +10"]
    rows = list(ax.get_yticks())
    assert rows[1] - rows[0] > rows[2] - rows[1]


@pytest.mark.parametrize(
    "last, wide, job, words",
    [("2019-10-15", 30, "15 Sep to 15 Oct", "It stays open"), ("2019-09-15", 4, "15 Sep", "The words decide")],
)
def test_bars_reach_from_the_first_possible_day_to_the_last_and_two_of_them_name_their_days(last, wide, job, words):
    days = {"new job": ("2019-09-15", last), "announced": ("2019-09-21", "2019-09-30")}
    days["article"] = ("2019-11-29", "2019-11-29")
    events = pd.DataFrame(days, index=["earliest", "latest"]).T.apply(pd.to_datetime)
    ax = draw.calendar(events, reported=pd.Timestamp(2019, 9, 26), open_pair=wide > 4)
    assert ax.patches[0].get_width() == wide and texts(ax) == [job, "21 Sep to 30 Sep", "reported: 26 Sep"]
    assert words in title(ax)
