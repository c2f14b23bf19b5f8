"""What the figures on mobile cases say follows the numbers they are given."""

import numpy as np
import pandas as pd
import pytest

from casestudy.plots import canvas
from casestudy.plots import mobile as draw


def words(ax):
    return " ".join([ax.get_title(loc="left"), *(text.get_text() for text in ax.texts)]).replace("\n", " ")


def bars(ax):
    return [bar.get_height() for bar in ax.patches]


def test_the_bars_stand_at_the_middle_of_the_shares():
    ax = draw.mix_effect({"visits": ((0.2, 0.3), (0.5, 0.5)), "cases": ((0.04, 0.06), (0.1, 0.12))}, fewer=8.04)
    assert bars(ax) == pytest.approx([25, 50, 5, 11])
    assert "5% can become 11%" in words(ax) and "8.0 elsewhere" in words(ax) and "visits by phone" in words(ax)


def test_rounding_takes_over_where_the_funnel_is_narrower_than_the_band():
    curve = pd.DataFrame({"n": [100, 900, 8000], "low": [0.0, 0.05, 0.07], "high": [0.2, 0.1, 0.08]})
    ax = draw.sampling_and_rounding(curve.assign(width=curve.high - curve.low), rounding=(0.04, 0.1))
    assert "about 900 cases" in words(ax) and "rounding: 4 to 10 points" in words(ax)


def test_only_ceilings_above_half_get_a_crossing_point():
    curves = pd.DataFrame({0.5: [0.1, 0.3], 0.75: [0.1, 0.5], 1.0: [0.1, 0.6]}, index=[0.0, 4.0])
    ax = draw.scenarios(curves, points={0.0: 0.1}, years={0.5: np.inf, 0.75: 4.0, 1.0: 3.0})
    crossings = [line for line in ax.lines if list(line.get_ydata()) == [50]]
    assert [line.get_xdata()[0] for line in crossings] == [4.0, 3.0] and "3 futures" in words(ax)
    assert "after 3.0 to 4.0 years" in words(ax)


def test_every_metric_is_named_and_the_title_gives_the_dates():
    reports = pd.DataFrame(
        {"year": [2012.0, 2013.0, 2015.5], "share": [0.1, 0.3, 0.6], "metric": ["visits", "unique visitors", "traffic"]}
    )
    ax = draw.traffic_over_time(
        reports, needed=(0.2, 0.3), crossing={"needed": (2012.5, 2013.0), "half": (2014.2, 2015)}
    )
    assert {"visits", "unique visitors", "traffic"} <= {text.get_text() for text in ax.texts}
    assert "between Mar 2014 and Jan 2015" in words(ax)


def test_what_rests_on_an_assumption_of_ours_says_so_under_the_figure():
    shares = {"visits": ((0.2, 0.3), (0.5, 0.5)), "cases": ((0.04, 0.06), (0.1, 0.12))}
    assert draw.mix_effect(shares, fewer=8.04).figure.texts[0].get_text() == "Implied, if rates stay"


@pytest.mark.parametrize(("trend", "said"), [(0.0, "nobody changes"), (0.1, "Habits move by +10% a year")])
def test_an_invented_trend_is_said(trend, said):
    months = pd.DataFrame({"year": [0, 1], "cases": 10, "mobile_cases": [1, 2], "per_visit": 0.1, "put_in": 0.1})
    axes = canvas(rows=2)
    assert said in words(draw.invented_trend(months, trend=trend, axes=axes))
    assert axes[0].figure.texts[0].get_text() == "Invented"
