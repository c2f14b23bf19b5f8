"""The figures of 07-programme-metrics: titles and labels follow the numbers they are given."""

import numpy as np
import pandas as pd
import pytest

from casestudy.plots import programme as draw


def words(ax):
    texts = [text.get_text() for text in ax.texts]
    return " ".join([ax.get_title(loc="left"), *texts]).replace("\n", " ")


def test_each_factor_is_possible_up_to_the_base_at_which_everybody_takes_part():
    ax = draw.missing_base((2, 4), chosen=0.1)
    assert [bar.get_width() for bar in ax.patches] == [100, 50, 100, 25]
    assert "Above 25% before, no programme grows 4-fold" in words(ax) and "our base: 10%" in words(ax)
    assert "Above 33% before, no programme triples" in words(draw.missing_base((2, 3), chosen=0.1))


def told(share, rise):
    kinds = {"all": 1, "end": 1 + 4 * share if share < 1 else 1, "rise": rise}
    rows = [(size, by, middle, middle, middle) for by, middle in kinds.items() for size in (20, 500)]
    return pd.DataFrame(rows, columns=["people", "told", "low", "middle", "high"])


@pytest.mark.parametrize(
    "share, rise, names",
    [
        (0.1, 2.9, ["all", "ended highest", "best 10%"]),
        (0.1, 1.6, ["all", "best 10%"]),
        (0.1, 1.2, ["all"]),
        (1, 1, ["all"]),
    ],
)
def test_told_stories_name_what_is_told_where_there_is_room_and_the_largest_growth(share, rise, names):
    ax = draw.told_stories(told(share, rise), (2, 3), share)
    assert f"teams of 20 tell of ×{rise:.1f}" in words(ax) and "printed: 2 to 3 times" in words(ax)
    assert [text.get_text() for text in ax.texts if "×" not in text.get_text()][:-1] == names


def test_told_stories_that_began_with_nobody_are_drawn_as_far_as_they_can_be():
    ax = draw.told_stories(told(0.1, 2.9).replace({"high": {2.9: np.inf}}), (2, 3), 0.1)
    ax.figure.draw_without_rendering()
    assert ax.get_xlim()[1] < 5


def test_told_and_true_says_what_no_growth_looks_like_when_told_by_the_fewest():
    lines = pd.DataFrame({1.0: [2.6, 1.0], 2.0: [4.5, 2.0]}, index=[0.02, 1.0])
    ax = draw.told_and_true(lines, (2, 3), people=50)
    assert "Tell only the best 2%: no growth looks like ×2.6" in words(ax)
    assert "truth: no growth truth: ×2" in words(ax)
    assert [line.get_ydata()[-1] for line in ax.lines][:2] == [1.0, 2.0]
