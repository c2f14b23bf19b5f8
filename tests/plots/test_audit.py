"""The figures of 09-the-audit: no verdict before the ruling, and titles that follow the numbers."""

import math
import re

import nbformat
import pandas as pd
import pytest
from drawn import texts, title

from casestudy import claims
from casestudy.case import open_case
from casestudy.plots import audit as draw


def pairs(*ends, layer="Reported"):
    rows = [("one", *first, "other", *second, layer, "people") for first, second in ends]
    columns = ["first", "first_low", "first_high", "second", "second_low", "second_high", "layer", "unit"]
    return pd.DataFrame(rows, columns=columns)


def test_the_court_shows_the_same_words_whether_the_bars_meet_or_not():
    apart, meeting = (draw.court(pairs(((1, 2), second), ((5, 6), (5, 6)))) for second in ((3, 4), (1.5, 4)))
    shown = [[text.get_text() for ax in drawn.figure.axes for text in ax.texts] for drawn in (apart, meeting)]
    assert shown[0] == shown[1] and title(apart) == title(meeting) == "Which of these 2 pairs cannot both hold?"


def test_an_open_end_and_a_point_can_stand_in_court():
    ax = draw.court(pairs(((1, 1), (2, math.inf)), ((0, 1), (3, 4)))).figure.axes[0]
    arrow = [line for line in ax.lines if line.get_marker() == ">"]
    assert len(arrow) == 1 and arrow[0].get_xdata()[0] == ax.get_xlim()[1]


@pytest.mark.parametrize(("accounts", "over"), [((3.8, 3.9), 2), ((7.5, 7.6), 1), ((3.8, math.inf), 0)])
def test_the_title_counts_the_bases_that_give_more_users_than_accounts(accounts, over):
    daily = pd.DataFrame({"base": ["a", "b", "c"], "low": [7.2, 7.8, 0.9], "high": [7.4, 8.1, 1.0]})
    drawn = draw.share_of_what(daily, accounts, later=6.8)
    assert title(drawn) == f"{over} of 3 bases: more daily users than accounts"
    assert texts(drawn)[1] == "daily users, a: 7.2 to 7.4 million"


def test_the_figure_of_two_questions_counts_what_was_tested():
    counts = pd.DataFrame({"clear": [2, 0, 9], "unclear": [1, 1, 4]}, index=["holds", "fails", "nothing at hand"])
    counts.attrs["tested"] = 2
    ax = draw.questions(counts)
    assert title(ax) == "4 of 17 claims were tested; 6 are unclear (grey)"
    told = ["holds: 3, and 1 of them unclear", "fails: 1, and 1 of them unclear"]
    assert texts(ax) == [*told, "nothing at hand: 13, and 4 of them unclear"]


def test_severity_is_of_tests_and_not_of_what_was_none():
    table = pd.DataFrame(
        [("a", 0.3, "survived", "held"), ("b", 0.95, "no test", "dated itself"), ("c", 0.9, "failed", "too old")],
        columns=["what", "severity", "kind", "why"],
    )
    ax = draw.severities(table)
    assert title(ax) == "2 of 3 are tests; 1 failed"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["c", "a", "b"]
    assert texts(ax) == ["90%, too old", "30%, held", "95%, dated itself", "tests", "no tests"]


def test_the_specification_curve_has_a_mark_for_every_choice_of_every_reading():
    outcomes = pd.DataFrame({"survived": [1, 2, 2], "tests": [3, 3, 2], "floors": ["a", "b", "a"], "steps": ["c"] * 3})
    ax = draw.specification(outcomes)
    assert title(ax) == "1 to 2 survive, however one reads"
    assert sum(len(line.get_xdata()) for line in ax.get_figure().axes[1].lines) == 2 * len(outcomes)
    assert texts(ax) == ["1 of 3", "2 of 2", "2 of 3"]


def test_the_specification_curve_puts_first_the_choices_that_decide():
    rows = [(1, "y", "a"), (1, "z", "a"), (2, "y", "b"), (2, "z", "b")]
    outcomes = pd.DataFrame(rows, columns=["survived", "windows", "floors"]).assign(tests=3)
    lower = draw.specification(outcomes).get_figure().axes[1]
    named = {tick.get_position()[1]: tick.get_text() for tick in lower.get_yticklabels()}
    assert [named[height] for height in sorted(named, reverse=True)] == [
        "floors a",
        "floors b",
        "windows y",
        "windows z",
    ]


def test_the_slips_are_counted_without_the_one_that_does_no_harm():
    traps = pd.DataFrame(
        {"printed": ["45%", "2,4", "7"], "taken_for": ["45%", "24", "7000"], "factor": [1.0, 10, 1000]}
    )
    assert title(draw.misread(traps)) == "2 of 3 are 10-fold wrong or worse"


def test_the_page_s_opening_names_the_register_s_own_counts():
    """The answer and the paragraph below it are typed; these are the numbers in them, in order."""
    tally, printed = claims.tally(), claims.load()["printed"].notna()
    tested = [tally.claims, tally.tested, len(tally.survived), len(tally.failed)]
    wanted = [*tested, tally.claims, printed.sum(), (~printed).sum(), *tally.survivors]
    first, second = nbformat.read(open_case().notebooks / "09-the-audit.ipynb", 4).cells[:2]
    opening = first.source.partition("\n\n")[2] + second.source.partition("\n\n")[0]
    told = opening.replace("Seven survived", "7 survived").replace("one count", "1 count")
    assert [int(number) for number in re.findall(r"\d+", told)] == wanted
