"""The figures of 07-programme-metrics: titles and labels follow the numbers they are given."""

import pandas as pd
import pytest

from casestudy.plots import programme as draw


def words(ax):
    texts = [text.get_text() for text in ax.texts]
    return " ".join([ax.get_title(loc="left"), *texts]).replace("\n", " ")


def test_each_factor_ends_where_everybody_takes_part():
    ax = draw.missing_base((2, 4), chosen=0.1)
    ends = sorted(line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o")
    assert ends == [25, 50] and "Above a base of 25%, nothing grows 4-fold" in words(ax)


@pytest.mark.parametrize("share, labels", [(0.1, 3), (1, 1)])
def test_told_stories_name_what_is_told_and_the_largest_growth(share, labels):
    rows = [(size, by, 1, 1 + share, 2) for by in ("all", "end", "rise") for size in (20, 500)]
    ax = draw.told_stories(pd.DataFrame(rows, columns=["people", "told", "low", "middle", "high"]), (2, 3), share)
    assert f"teams of 20 tell of ×{1 + share:.1f}" in words(ax) and "printed: 2 to 3 times" in words(ax)
    assert sum(text.get_color() == draw.INVENTED for text in ax.texts) == labels


def test_told_and_true_says_what_no_growth_looks_like_when_told_by_the_fewest():
    lines = pd.DataFrame({1.0: [2.6, 1.0], 2.0: [4.5, 2.0]}, index=[0.02, 1.0])
    ax = draw.told_and_true(lines, (2, 3), people=50)
    assert "Told by a fiftieth, ×1 looks like ×2.6" in words(ax)
    assert [line.get_ydata()[-1] for line in ax.lines] == [1.0, 2.0]
