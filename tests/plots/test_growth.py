"""The figures on members over time say what their numbers say."""

import numpy as np
import pandas as pd
import pytest
from drawn import title

from casestudy.plots import growth as draw

TRACK = np.linspace(2018.5, 2020.25, 36)
DRAG = pd.DataFrame({"line": 20 * (TRACK - 2018.5), "exponential": 20.0}, index=TRACK)  # they cross in mid-2019
YEARS = np.arange(2015, 2027.0)
COUNTS = pd.DataFrame({"year": [2015.3, 2018.7, 2020.5, 2022.2], "members_m": [350, 575, 690, 810]})


def later(last):
    return pd.DataFrame(
        {"early": [2024.3, 2026.0], "late": [2024.4, 2026.1], "members_m": [1_000, last], "relation": [">", "="]}
    )


def paths(line, exponential):
    """Two flat curves with bands."""
    frame = pd.DataFrame({"line": float(line), "exponential": float(exponential)}, index=YEARS)
    bands = {f"{name}_{end}": frame[name] + add for name in frame for end, add in (("low", -50), ("high", 50))}
    return frame.assign(**bands)


@pytest.mark.parametrize(
    ("at", "last", "words"),
    [
        (2018.7, 1_290, "The line fits the past; 2026 fits the exponential."),
        (2018.7, 1_110, "The line fits the past; 2026 fits it too."),
        (2020.0, 1_290, "The exponential fits the past; 2026 fits it too."),
    ],
)
def test_the_curtain_s_title_names_the_better_fit_and_the_nearer_forecast(at, last, words):
    counts = COUNTS.assign(year=[2015.3, at, 2020.5, 2022.2])
    assert title(draw.drag_and_curtain(DRAG, (2018.6, 2018.8), paths(1_100, 1_300), counts, later(last))) == words


def test_the_swap_is_dated_where_the_curves_cross():
    below = draw.drag_and_curtain(DRAG, (2018.6, 2018.8), paths(1_100, 1_300), COUNTS, later(1_300))
    assert title(below.figure.axes[0]).startswith("Dated after July 2019")


def test_both_layers_of_the_signature_stand_in_the_figure():
    below = draw.drag_and_curtain(DRAG, (2018.6, 2018.8), paths(1_100, 1_300), COUNTS, later(1_300))
    assert [text.get_text() for text in below.figure.texts] == ["Implied, dates Reported", "Reported"]


def test_draws_without_a_ceiling_are_the_gap_above_the_last_step():
    ax = draw.ceilings_drawn({"narrow": np.array([1e3, 2e3, 3e3, 4e3]), "wide": np.array([1e3, 2e3, 3e3, np.inf])})
    assert title(ax) == "Dated by its article: 25% of draws have no ceiling"
    assert [line.get_ydata()[-1] for line in ax.lines[:2]] == [100, 75]


def test_a_figure_names_what_its_dates_rest_on():
    counts = COUNTS.assign(middle=COUNTS["year"], early=COUNTS["year"] - 0.1, late=COUNTS["year"] + 0.1, document="000")
    rates = pd.DataFrame({"low": 1.9, "middle": 2.1, "high": 2.3}, index=range(3))
    drawn = {"narrow": np.array([1e3, 2e3]), "wide": np.array([1e3, np.inf])}
    figures = [draw.dated_counts(counts, rates).figure, draw.ceilings_drawn(drawn).figure]
    assert [figure.texts[0].get_text() for figure in figures] == ["Printed, dates Reported", "Invented"]


def test_an_interval_that_ends_below_the_truth_misses_it():
    worlds = pd.DataFrame({"low": [1.5, 1.5, 2.1, 1.8], "high": [1.9, 2.5, 2.5, 2.2]})
    assert title(draw.covering(worlds, truth=2)) == "2 of 4 invented intervals miss the truth"


def test_a_month_is_counted_from_its_first_day():
    assert [draw.month(year) for year in (2015.0, 2015.99)] == ["Jan 2015", "Dec 2015"]


def test_the_rolling_figure_counts_the_line_s_intervals_that_held_what_came():
    frame = pd.DataFrame({"origin": [2005.0, 2006.0, 2007.0], "low": [1.0, 5, 9], "high": [2.0, 12, 11], "came": 10.0})
    both = pd.concat([frame.assign(curve=curve, forecast=9.0) for curve in ("linear", "exponential")])
    assert title(draw.rolling(both)) == "The line's 95% interval held what came in 2 of 3"
