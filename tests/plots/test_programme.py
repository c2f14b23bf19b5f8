"""The figures of 07-programme-metrics: titles and labels follow the numbers they are given."""

import pandas as pd
import pytest

from casestudy.plots import programme as draw


def words(ax):
    texts = [text.get_text() for text in ax.texts]
    return " ".join([ax.get_title(loc="left"), *texts]).replace("\n", " ")


def arrows(**ratios):
    return pd.DataFrame(ratios, index=["low", "middle", "high"]).T


def test_contacts_and_people_are_told_apart():
    curves = pd.DataFrame({"added up": [0, 2e6], "random contacts": [0, 9e5], "crowded contacts": [0, 7e5]}, [0, 5])
    ax = draw.overlap(curves)
    assert "2 million contacts are 900,000 people" in words(ax) and "crowded: 700,000" in words(ax)


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


def test_the_reward_s_title_counts_what_falls_in_every_pair():
    ratios = arrows(profiles=(0.4, 0.5, 0.6), ssi=(3, 4, 5), activity=(0.8, 0.9, 1.1), conversations=(1.1, 1.2, 1.3))
    ax = draw.one_rewarded(ratios, "ssi")
    assert "Reward SSI: 1 of 2 others fall, conversations rise" in words(ax)
    assert {"×4.0", "×0.50", "×0.90", "×1.2"} <= {text.get_text() for text in ax.texts}


def test_a_purpose_within_chance_is_not_said_to_move():
    ratios = arrows(ssi=(1, 1, 1), profiles=(1, 1, 1), conversations=(0.9, 1, 1.1))
    assert draw.reward_story(ratios, "ssi") == "Reward SSI: 0 of 1 others fall, conversations hardly move"


@pytest.mark.parametrize("first, said", [(0.4, "A reward can help"), (0.0, "no reward helps")])
def test_whether_a_reward_can_help_is_said(first, said):
    lines = pd.DataFrame({1.0: [first, -0.4]}, index=[0.0, 1.0])
    ax = draw.purpose_range(lines, (0.5, -0.2))
    assert said in words(ax) and "arrows above: -20%" in words(ax)
