"""The figures of 02-satisfaction: titles and labels follow the numbers they are given."""

import pandas as pd
import pytest
from drawn import texts, title

from casestudy.plots import satisfaction as draw

PERIODS = ("periods kept apart", "periods pooled")


def bases(before, after, high=10):
    ends = [("of the whole scale", 0, high), ("of the score above 0", 0, before), ("of the room above", before, high)]
    frame = pd.DataFrame(ends, columns=["of", "start", "end"])
    return frame.assign(share=(after - before) / (frame["end"] - frame["start"]))


def test_one_bar_is_headed_once_in_points_and_once_by_every_base():
    ax = draw.per_cent_of_what(bases(6.6, 8.1), before=6.6, after=8.1, high=10)
    assert [text for text in texts(ax) if text[-1] == "%" or text[0] == "+"] == ["+1.5", "15%", "23%", "44%"]
    assert title(ax) == "The same 1.5 points: a rise of 15%, or of 44%"


def test_the_same_dark_bar_stands_in_every_row():
    ax = draw.per_cent_of_what(bases(6.6, 8.1), before=6.6, after=8.1, high=10)
    dark = [bar for bar in ax.patches if bar.get_height() < 0.3]
    assert {(round(bar.get_x(), 9), round(bar.get_width(), 9)) for bar in dark} == {(6.6, 1.5)} and len(dark) == 4


def test_a_lower_score_is_called_a_fall():
    ax = draw.per_cent_of_what(bases(5, 4), before=5, after=4, high=10)
    assert title(ax) == "The same 1 points: a fall of 10%, or of 20%" and "-1" in texts(ax)


def test_the_trend_s_title_is_the_difference_of_its_means():
    months = pd.DataFrame({"month": [1, 2, 3, 4], "after": [False, False, True, True], "treated": [6.0, 7, 8, 9]})
    ax = draw.trend_world(months, months.groupby("after")["treated"].mean())
    assert title(ax).endswith("+2.0") and texts(ax) == ["mean 6.5", "mean 8.5"]


@pytest.mark.parametrize("worst, start", [(0.24, "Every"), (0.06, "Not every")])
def test_the_grid_says_whether_every_method_is_fooled(worst, start):
    rates = pd.DataFrame({"one": [0.05, 1.0], "two": [0.05, worst]}, index=["still", "trend"])
    ax = draw.fooled(rates)
    assert title(ax) == f"{start} method is fooled somewhere"
    assert texts(ax)[:4] == ["5%", "5%", "100%", f"{worst:.0%}"]


def test_the_kind_that_is_deflected_is_drawn_strongest():
    rows = [("easy", 0, 6.6), ("easy", 0.4, 5), ("hard", 0, 6.6), ("hard", 0.6, 9)]
    paths = pd.DataFrame(rows, columns=["kind", "share", "score"])
    for chosen, widest in (("easy", 0), ("hard", 1)):
        ax = draw.mix_paths(paths, chosen, after=8.1)
        widths = [line.get_linewidth() for line in ax.lines[:2]]
        assert widths.index(max(widths)) == widest
        assert title(ax) == "Score falls without easy cases, rises without hard"


def test_slopes_count_the_intervals_that_miss():
    rows = [(PERIODS[0], 0.0, 0.0, -0.1, 0.1), (PERIODS[1], 0.0, -0.4, -0.5, -0.3)]
    found = pd.DataFrame(rows, columns=["fit", "put_in", "slope", "low", "high"])
    assert title(draw.slopes(found)) == "With the periods pooled, 1 of 1 intervals miss the truth; kept apart, 0"


def test_the_hidden_change_is_read_where_it_reaches_half_of_the_cases():
    curve = pd.DataFrame({"shift": [0.25, 0.5, 1.0], "low": [5.6, 2.8, 1.4], "high": [6.4, 3.2, 1.6]})
    ax = draw.hidden_change(curve, (0.375, 4.0), 10)
    assert title(ax) == "A change worth 3 points in half of the cases makes the whole rise"
    assert "half: 3 points" in texts(ax)


def test_a_hidden_change_that_explains_a_fall_is_drawn_by_its_size():
    curve = pd.DataFrame({"shift": [0.25, 0.5, 1.0], "low": [-6.4, -3.2, -1.6], "high": [-5.6, -2.8, -1.4]})
    ax = draw.hidden_change(curve, (-0.375, 4.0), 10)
    assert title(ax) == "A change worth 3 points in half of the cases makes the whole fall"
    assert ax.collections[0].get_paths()[0].get_extents().y0 > 0
