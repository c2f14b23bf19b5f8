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


def test_the_verdicts_figure_counts_what_we_could_not_check():
    verdicts = ["contradicted", "undefined", "stale", "not testable", "agrees within rounding", "agrees"]
    counts = pd.DataFrame({"computed": [0, 0, 1, 1, 2, 3], "judged": [1, 4, 0, 5, 0, 1]}, index=verdicts)
    ax = draw.verdicts(counts)
    assert title(ax) == "We could not check 10 of 18 claims"
    assert [text.get_text() for text in ax.texts][:6] == ["1", "4", "1", "6", "2", "4"]


def test_the_slips_are_counted_without_the_one_that_does_no_harm():
    traps = pd.DataFrame(
        {"printed": ["45%", "2,4", "7"], "taken_for": ["45%", "24", "7000"], "factor": [1.0, 10, 1000]}
    )
    assert title(draw.misread(traps)) == "2 of 3 slips: 10-fold or worse"


def test_the_page_s_answer_names_the_register_s_own_counts():
    """The answer is typed; these are the numbers in it, in order, after the two and the one that are words."""
    register = claims.load()
    assert (register["verdict"] == "contradicted").sum() == 2 and (register["verdict"] == "stale").sum() == 1
    printed = register["printed"].notna()
    unchecked = register["verdict"].isin(["undefined", "not testable"])
    figures = printed & ~register["kind"].isin(["vague", "furniture"])
    wanted = [
        len(register),
        printed.sum(),
        (~printed).sum(),
        unchecked.sum(),
        (figures & unchecked).sum(),
        figures.sum(),
    ]
    first = nbformat.read(open_case().notebooks / "09-the-audit.ipynb", 4).cells[0].source
    assert [int(number) for number in re.findall(r"\d+", first.partition("\n\n")[2])] == wanted
