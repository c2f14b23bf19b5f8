"""The figure of a question: bars as long as shares, words beside them, the finding as its title."""

import pandas as pd
import pytest

from casestudy.classroom.analysis import figure
from casestudy.plots import language

THIRDS = pd.DataFrame(
    {"third": ["lower third", "middle third", "upper third"], "value": [0.2, 0.5, 0.9], "low": 0.1, "high": 0.95}
)
WAYS = pd.DataFrame(
    {
        "words": ["right", "You divided by the score that was there. The gap is what was not there yet.", "wrong"],
        "kind": ["right", "slip", "other"],
        "value": [0.225, 0.6, 0.175],
        "low": [0.1, 0.5, 0.1],
        "high": [0.3, 0.7, 0.3],
        "others": [[0.4], [], []],
    }
)


@pytest.fixture
def top():
    axes = figure.question(THIRDS, WAYS, "60% made the same slip; 23% got it right", "40 students")
    yield axes
    language.plt.close(axes.figure)


def test_bars_are_as_long_as_their_shares_and_each_says_it(top):
    below = top.figure.axes[1]
    assert sorted(round(bar.get_width(), 6) for bar in below.patches if bar.get_width() < 100) == [17.5, 22.5, 60]
    assert [text.get_text() for text in below.texts if "%" in text.get_text()] == ["23%", "60%", "18%"]


def test_the_title_is_the_finding_and_the_foot_says_whose_it_is(top):
    assert top.get_title(loc="left") == "60% made the same slip; 23% got it right"
    assert [text.get_text() for text in top.figure.texts] == ["Reported, 40 students"]
    assert "circles: other classes" in top.figure.axes[1].get_xlabel()


def test_it_can_be_drawn_without_thirds_and_becomes_a_png():
    axes = figure.question(THIRDS.iloc[:0], WAYS, "No one slip stands out", "3 students")
    assert language.picture(axes).startswith(b"\x89PNG")
