"""The figures of 05-five-purposes: titles and labels follow the numbers they are given."""

import numpy as np
import pandas as pd
import pytest
from drawn import texts, title

from casestudy.plots import purposes as draw
from casestudy.plots.language import INVENTED, REPORTED


def sweep(*ends):
    rows = [(name, delta, far) for name, *pair in ends for delta, far in zip((0.001, 0.05), pair, strict=True)]
    frame = pd.DataFrame(rows, columns=["change", "delta", "distance"])
    band = frame["change"] == ends[0][0]
    return frame.assign(low=frame["distance"].where(band) - 1, high=frame["distance"].where(band) + 1)


@pytest.mark.parametrize(
    "point, swap, said",
    [
        ((4.2, 0.6), (1.6, 1.6), "The rule for zeros decides which change is larger"),
        ((4.2, 2.6), (1.6, 1.6), "The rule for zeros changes distances"),
    ],
)
def test_the_sweep_s_title_says_whether_the_order_turns(point, swap, said):
    ax = draw.zero_sweep(sweep(("jobs", 7.2, 3.7), ("one", *point), ("swap", *swap)))
    assert title(ax) == said and texts(ax)[:4] == ["jobs", "one", "swap", "whatever box the other points lie in"]
    assert texts(ax)[4:] == (["the order\nturns at 4%"] if point[1] < swap[1] else [])


def test_distances_without_zeros_hang_on_no_rule():
    ax = draw.zero_sweep(sweep(("jobs", 3, 3), ("one", 2, 2), ("swap", 1, 1)))
    assert title(ax) == "Nothing hangs on the rule for zeros"


def test_every_wall_has_its_letter_and_none_is_told_apart_but_by_its_cells():
    walls = [np.array([[10, 0, 0, 0, 0], [0, 0, 0, 0, 10]])] * 6
    ax = draw.walls(walls, "ABCDEF", points=10, layer="Invented")
    assert [text for text in texts(ax) if text in "ADEF"] == list("ADEF") and len(ax.images) == 6 + 1  # and the key
    assert {"0 points", "10 points"} <= set(texts(ax))
    assert len({(image.cmap.name, image.get_clim()) for image in ax.images}) == 1


def test_rows_of_a_wall_stand_in_the_same_order_however_they_came_in():
    rows = np.array([[1, 9, 0, 0, 0], [8, 1, 1, 0, 0], [1, 0, 9, 0, 0]])
    ax = draw.walls([rows, rows[::-1]] * 3, "ABCDEF", points=10, layer="Invented")
    shown = [image.get_array().tolist() for image in ax.images[:6]]
    assert shown[0] == shown[1] == [[8, 1, 1, 0, 0], [1, 9, 0, 0, 0], [1, 0, 9, 0, 0]]


def test_large_classes_are_thinned_evenly_and_no_cell_runs_into_the_next():
    rows = np.column_stack([np.arange(300) % 11, *[np.zeros(300, int)] * 3, 10 - np.arange(300) % 11])
    ax = draw.walls([rows] * 6, "ABCDEF", points=10, layer="Invented")
    shown = ax.images[0].get_array()
    assert shown.shape == (100, 5) and abs(shown.mean(axis=0) - rows.mean(axis=0)).max() < 0.1
    assert "100 of 300 people" in ax.get_xlabel() and ax.images[0].get_interpolation() == "nearest"
    assert draw.walls([rows[:100]] * 6, "ABCDEF", points=10, layer="Invented").get_xlabel().endswith("Vanity")


def found(unchosen=np.nan):
    rows = [(0.5, 0.4, 0.6, 0.45, 0.55), (0.5, 0.4, 0.6, 0.45, 0.55), (0.0, *[unchosen] * 4)]
    columns = ["estimate", "low", "high", "points_low", "points_high"]
    return pd.DataFrame(rows, columns=columns, index=["business", "community", "vanity"])


def test_the_title_is_the_mean_ratio_of_widths_and_an_unchosen_purpose_has_none():
    ax = draw.people_or_points(found(), layer="Invented", put_in=[0.5, 0.4, 0.1])
    assert title(ax) == "If you count people instead of points, intervals are 2.0 times as wide"
    assert "put in" in texts(ax)


def test_a_class_of_one_s_own_has_another_colour_and_nothing_put_in():
    ax = draw.people_or_points(found(), layer="Reported", rests_on="by your class")
    assert "put in" not in texts(ax) and ax.figure.texts[-1].get_text() == "Reported, by your class"
    assert {line.get_color() for line in ax.lines} & {INVENTED, REPORTED} == {REPORTED}


def test_pairs_count_the_dots_on_their_bars():
    table = pd.DataFrame({"found": [-0.3, 0.2], "low": -0.5, "high": 0.1}, index=["one, two", "one, three"])
    assert title(draw.pairs(table, layer="Invented")) == "The form alone allows 1 of 2 pairs"
