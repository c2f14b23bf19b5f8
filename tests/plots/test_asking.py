"""The figures of 06-asking-for-help: titles and labels follow the numbers they are given."""

import numpy as np
import pandas as pd
from drawn import texts, title

from casestudy.models import asking
from casestudy.plots import asking as draw


def test_the_funnel_s_title_is_the_interval_of_a_thousand_drawn_one_by_one():
    n = np.array([100, 1_000, 10_000])
    curves = [asking.share_against_n(0.65, n / d).assign(n=n, sample=name) for name, d in (("one by one", 1), ("x", 2))]
    ax = draw.share_against_n(pd.concat(curves), share=0.65, rounding=0.005)
    assert title(ax) == "65% of 1,000 people drawn at random: 62 to 68%"


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
    assert title(ax) == "After 10 strangers, 'each' has shown most in 10% of streets"
    assert set(texts(ax)) >= {"each", "late", "fair", "promised"}


def test_the_trials_title_is_what_choice_finds_where_nothing_was_put_in():
    rows = [("coin", 0.0, 0.01, -0.05, 0.07), ("choice", 0.0, 0.12, 0.06, 0.18), ("choice", 0.1, 0.2, 0.1, 0.3)]
    ax = draw.trials(pd.DataFrame(rows, columns=["by", "put_in", "difference", "low", "high"]))
    assert title(ax) == "Without a coin, nothing looks like +12 points"
    assert texts(ax)[:3] == ["+1", "+12", "+20"]


def test_bars_reach_from_the_first_possible_day_to_the_last():
    days = pd.to_datetime(["2019-09-15", "2019-10-15", "2019-11-29", "2019-11-29"])
    events = pd.DataFrame({"earliest": days[[0, 2]], "latest": days[[1, 3]]}, index=["new job", "article"])
    ax = draw.calendar(events, reported=pd.Timestamp(2019, 9, 26), open_pair=True)
    assert ax.patches[0].get_width() == 30 and "reported: 26 Sep" in texts(ax)
    assert title(ax).endswith("It stays open")
