"""The agents' figures: dots keep their count, words follow the numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import title
from matplotlib.colors import to_hex

from casestudy.plots import staffing as draw

PRINTED = {"expected": (5_000, 10_000), "without": (21_429, 32_000), "agents": (750, 800)}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def dots(heads, levels=(0.0, 0.7, 0.97)):
    ax = draw.dots_falling(levels, heads, hangs=(0.533, 0.844), **PRINTED)
    return ax, [collection.get_offsets() for collection in ax.collections]


def test_every_row_has_a_dot_for_each_so_many_heads():
    _, rows = dots(heads=(25_833, 12_917, 775))
    assert list(map(len, rows)) == [52, 26, 2]  # of 500 each


def test_the_rows_of_the_expectation_are_told_apart_and_the_printed_one_is_the_last():
    ax, rows = dots(heads=(25_833, 12_917, 775))
    assert [to_hex(row.get_facecolor()[0]).upper() for row in ax.collections] == [draw.IMPLIED, draw.SOFT, draw.PRINTED]
    assert [set(row[:, 1]) for row in rows] == [{0.0}, {0.7}, {0.97}]


def test_the_words_no_longer_say_mid_air_when_no_self_service_would_do():
    title, note = draw.dots_story(expected=(5_000, 10_000), without=(6_000, 7_000), agents=(750, 800))
    assert "Nothing printed" not in title and "no printed" not in note


def test_an_expectation_above_no_self_service_is_said_to_be_above_it():
    figures = {"expected": (5_000, 10_000), "without": (1_852, 2_025), "agents": (750, 800)}
    assert draw.dots_story(**figures)[0] == "More expected than no self-service needs"
    assert "lies above it" in draw.dots_alt(hangs=(-4.4, -1.5), deflection=0.6, **figures)


@pytest.mark.parametrize("ratio", [9.7, 2.0, 1.0])
def test_every_story_ends_at_the_expected_heads(ratio):
    splits = pd.DataFrame({"deflection": [ratio, ratio / 3], "efficiency": [1.0, 3.0]}, index=["one", "other"])
    ax = draw.one_ratio(splits, start=100, end=100 * ratio)
    forth = max(bar.get_x() + bar.get_width() for bar in ax.patches[2:])
    back = [text.xy[0] for text in ax.texts if text.arrow_patch]
    assert min([forth, *back]) == pytest.approx(100 * ratio)


def test_a_factor_without_room_is_named_below_its_bar():
    splits = pd.DataFrame({"deflection": [7.2], "demand": [1.34]}, index=["one"])
    ax = draw.one_ratio(splits, start=775, end=7_500)
    named = {text.get_text(): text.xy[1] for text in ax.texts}
    assert named["deflection\n×7.2"] == 0 and named["demand ×1.34"] < min(bar.get_y() for bar in ax.patches)


def test_the_alternative_text_gives_the_three_ranges_and_the_baseline():
    alt = draw.dots_alt(hangs=(0.533, 0.844), deflection=0.97, **PRINTED)
    assert all(words in alt for words in ("21,000 to 32,000", "5,000-10,000", "750-800", "53% to 84%", "97.0%"))


def test_each_prior_is_drawn_within_its_bound_and_named():
    given = {"low": [0.5, -0.4], "high": [0.9, 0.8], "start": [0.6, 0.1], "middle": [0.7, 0.4], "to": [0.8, 0.7]}
    ax = draw.priors(pd.DataFrame(given, index=["even", "harder"]))
    ends = [tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2]
    assert ends == [(0.5, 0.9), (0.6, 0.8), (0, 0.8), (0.1, 0.7)]  # no baseline is below 0
    assert {"even", "harder", "70%", "40%"} <= {text.get_text() for text in ax.texts}
    assert "from 40% to 70%" in title(ax)


def test_a_prior_that_no_draw_fits_is_left_without_a_middle():
    nowhere = {"low": [-2.0], "high": [-0.1], "start": [np.nan], "middle": [np.nan], "to": [np.nan]}
    ax = draw.priors(pd.DataFrame(nowhere, index=["even"]))
    assert not [text for text in ax.texts if "nan" in text.get_text()] and "no draw fits" in title(ax)


def test_what_rests_on_proportional_heads_says_so_under_the_figure():
    assert dots(heads=(25_833, 12_917, 775))[0].figure.texts[0].get_text() == "Implied, if heads follow contacts"
