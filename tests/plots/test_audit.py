"""The figures of 09-the-audit: no verdict before the ruling, and titles that follow the numbers."""

import math
import re

import nbformat
import pandas as pd
import pytest
from drawn import title

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
    assert title(draw.share_of_what(daily, accounts, later=6.8)) == f"{over} of 3 bases: more users than accounts"


def test_the_figure_of_two_questions_counts_what_was_tested():
    counts = pd.DataFrame({"clear": [2, 0, 9], "unclear": [1, 1, 4]}, index=["holds", "fails", "nothing at hand"])
    counts.attrs["tested"] = 2
    ax = draw.questions(counts)
    assert title(ax) == "Only 4 of 17 claims were put to a test"
    assert [text.get_text() for text in ax.texts] == ["3, 1 unclear", "1, 1 unclear", "13, 4 unclear"]


def test_severity_is_of_tests_and_not_of_what_was_none():
    table = pd.DataFrame(
        {"what": ["a", "b", "c"], "severity": [0.3, 0.02, 0.9], "kind": ["survived", "no test", "failed"]}
    )
    ax = draw.severities(table)
    assert title(ax) == "Severity of a test: 30% to 90%"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["c", "a", "b"]


def test_the_specification_curve_has_a_mark_for_every_choice_of_every_reading():
    outcomes = pd.DataFrame({"survived": [1, 2, 2], "tests": [3, 3, 2], "floors": ["a", "b", "a"], "steps": ["c"] * 3})
    ax = draw.specification(outcomes)
    assert title(ax) == "1 to 2 claims survive, as one reads"
    assert sum(len(line.get_xdata()) for line in ax.get_figure().axes[1].lines) == 2 * len(outcomes)


def test_the_slips_are_counted_without_the_one_that_does_no_harm():
    traps = pd.DataFrame(
        {"printed": ["45%", "2,4", "7"], "taken_for": ["45%", "24", "7000"], "factor": [1.0, 10, 1000]}
    )
    assert title(draw.misread(traps)) == "2 of 3 slips: 10-fold or worse"


def test_the_page_s_answer_names_the_register_s_own_counts():
    """The answer is typed; these are the numbers in it, in order, after the one that is a word."""
    tally, printed = claims.tally(), claims.load()["printed"].notna()
    wanted = [tally.claims, printed.sum(), (~printed).sum(), tally.tested, len(tally.survived), *tally.survivors]
    first = nbformat.read(open_case().notebooks / "09-the-audit.ipynb", 4).cells[0].source
    assert [int(number) for number in re.findall(r"\d+", first.partition("\n\n")[2])] == wanted
    assert len(tally.failed) == 1
