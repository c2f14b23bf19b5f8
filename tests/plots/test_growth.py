"""The figures on members over time say what their numbers say."""

import numpy as np
import pandas as pd
import pytest
from drawn import title

from casestudy.plots import growth as draw

TRACK = np.linspace(2018.5, 2020.25, 36)
DRAG = pd.DataFrame({"line": 20 * (TRACK - 2018.5), "exponential": 20.0}, index=TRACK)  # they cross in mid-2019
BANDS = [(1_500, "up to\n1.5 billion"), (2_000, "1.5 to\n2 billion"), (np.inf, "over\n2 billion")]
YEARS = np.arange(2015, 2027.0)
COUNTS = pd.DataFrame({"year": [2015.3, 2018.7, 2020.5, 2022.2], "count": [350, 575, 690, 810]})


def later(last):
    return pd.DataFrame(
        {"early": [2024.3, 2026.0], "late": [2024.4, 2026.1], "count": [1_000, last], "relation": [">", "="]}
    )


def paths(line, exponential):
    """Two curves with bands: what each adds to the printed counts, and where it is in 2026."""
    at = np.interp(YEARS, COUNTS["year"], COUNTS["count"])
    curves = {"line": line, "exponential": exponential}
    frame = pd.DataFrame({name: at + off for name, (off, _) in curves.items()}, index=YEARS)
    frame.loc[2026] = [end for _, end in curves.values()]
    bands = {f"{name}_{end}": frame[name] + add for name in frame for end, add in (("low", -50), ("high", 50))}
    return frame.assign(**bands)


@pytest.mark.parametrize(
    ("line", "exponential", "last", "words"),
    [
        ((4, 1_100), (15, 1_300), 1_290, "The line fits the past; 2026 fits the exponential"),
        ((4, 1_100), (15, 1_300), 1_110, "The line fits the past; 2026 fits it too"),
        ((15, 1_100), (4, 1_300), 1_290, "The exponential fits the past; 2026 fits it too"),
    ],
)
def test_the_curtain_s_title_names_the_better_fit_and_the_nearer_forecast(line, exponential, last, words):
    assert title(draw.curtain(paths(line, exponential), COUNTS, later(last))) == words


def test_the_swap_is_dated_where_the_curves_cross():
    assert title(draw.dragged(DRAG, (2018.6, 2018.8))).startswith("Dated after July 2019")


def test_draws_without_a_ceiling_are_the_last_part_of_their_bar():
    ax = draw.ceilings_drawn(
        {"narrow": np.array([1e3, 2e3, 3e3, 4e3]), "wide": np.array([1e3, 2e3, 3e3, np.inf])},
        bands=BANDS,
        last="Dated by its article",
    )
    assert title(ax) == "Dated by its article: 25% of draws have no ceiling"
    assert [round(bar.get_width()) for bar in ax.patches] == [25, 25, 50, 0, 25, 25, 25, 25]


def test_a_figure_names_what_its_dates_rest_on():
    counts = COUNTS.assign(middle=COUNTS["year"], early=COUNTS["year"] - 0.1, late=COUNTS["year"] + 0.1, document="000")
    rates = pd.DataFrame({"low": 1.9, "middle": 2.1, "high": 2.3}, index=range(3))
    drawn = {"narrow": np.array([1e3, 2e3]), "wide": np.array([1e3, np.inf])}
    curves = paths((4, 1_100), (15, 1_300))
    axes = [draw.dated_counts(counts, rates), draw.dragged(DRAG, (2018.6, 2018.8)), draw.ceilings_drawn(drawn)]
    axes.append(draw.curtain(curves, COUNTS, later(1_300)))
    words = ["Printed, dates Reported", "Implied, dates Reported", "Invented", "Reported, curves Implied"]
    assert [ax.figure.texts[0].get_text() for ax in axes] == words


def test_an_interval_that_ends_below_the_truth_misses_it():
    worlds = pd.DataFrame({"low": [1.5, 1.5, 2.1, 1.8], "high": [1.9, 2.5, 2.5, 2.2]})
    assert title(draw.covering(worlds, truth=2)) == "2 of 4 invented intervals miss the truth"


def test_a_month_is_counted_from_its_first_day():
    assert [draw.month(year) for year in (2015.0, 2015.99)] == ["Jan 2015", "Dec 2015"]


def test_the_rolling_figure_counts_the_line_s_intervals_that_held_what_came():
    frame = pd.DataFrame({"origin": [2005.0, 2006.0, 2007.0], "low": [1.0, 5, 9], "high": [2.0, 12, 11], "came": 10.0})
    both = pd.concat([frame.assign(curve=curve, forecast=9.0) for curve in ("linear", "exponential")])
    assert title(draw.rolling(both)) == "The line's interval held what came in 2 of 3"


# Series that are not members in millions

SHARE = draw.Counted("share of visits", "{:.0%}", pace="a year", pace_number="{:.2f}")
THOUSANDS = draw.Counted("visits (thousands)", "{:,.0f}", "thousand")
DAYS = 2020 + np.arange(40) / 39  # forty counts in one year
VISITS = 140 / (1 + np.exp(-(DAYS - 2020.4) * 4))


def words(ax):
    """Every word on a figure, ticks too."""
    ax.figure.canvas.draw()
    told = [*ax.texts, *ax.figure.texts, ax.title, ax.xaxis.label, ax.yaxis.label, ax.get_title(loc="left")]
    told += [*ax.get_xticklabels(), *ax.get_yticklabels()]
    return " | ".join(text if isinstance(text, str) else text.get_text() for text in told)


def drawn(times, counts, of):
    """Every figure of a series that takes one."""
    at = [0, len(times) // 4, len(times) // 2]
    frame = pd.DataFrame({"year": times[at], "middle": times[at], "count": counts[at], "document": list("abc")})
    frame = frame.assign(early=frame["middle"] - 0.01, late=frame["middle"] + 0.01)
    rate = np.diff(counts[at]) / np.diff(times[at])
    rates = pd.DataFrame({"low": 0.5 * rate, "middle": rate, "high": 1.5 * rate})
    tops = pd.DataFrame({"until": times[[-9, -1]], "ceiling": counts[[-9, -1]], "stderr": counts[0] / 100})
    curves = pd.DataFrame({"a": counts, "b": counts}, index=times)
    path = pd.DataFrame({name: counts for name in ("line", "exponential")}, index=times)
    path = path.assign(**{f"{name}_{end}": counts for name in path for end in ("low", "high")})
    came = pd.DataFrame({"early": times[[-2]], "late": times[[-1]], "count": counts[[-1]], "relation": "="})
    drag = pd.DataFrame({"line": counts, "exponential": counts[::-1]}, index=times)
    yield draw.dated_counts(frame, rates, of=of)
    yield draw.moving_ceilings(curves.assign(year=times, count=counts), curves, tops, of=of)
    yield draw.curtain(path, frame, came, of=of)
    yield draw.dragged(drag, (times[0], times[2]), of=of)
    yield draw.ceilings_drawn({"so": counts, "or so": counts}, of=of)
    yield draw.covering(pd.DataFrame({"low": counts - 1, "high": counts + 1}), float(counts[3]), of=of)


@pytest.mark.parametrize(
    ("of", "counts"), [(SHARE, 0.6 * VISITS / 140), (THOUSANDS, VISITS), (draw.Counted(), VISITS)], ids=["%", "k", ""]
)
def test_a_figure_of_another_series_says_nothing_of_members_and_shows_every_point(of, counts):
    for ax in drawn(DAYS, counts, of):
        told = words(ax)
        assert not any(word in told for word in ("member", "million", "575", "2026", "second", "inf", "nan")), told
        (left, right), bottom, top = ax.get_xlim(), *sorted(ax.get_ylim())
        for dots in ax.collections:
            for x, y in np.ma.compressed(dots.get_offsets()).reshape(-1, 2) if len(dots.get_offsets()) > 1 else []:
                assert left <= x <= right and bottom <= y <= top


def test_one_year_has_months_on_its_axis_and_ten_have_years():
    short, long = (next(drawn(times, VISITS, THOUSANDS)) for times in (DAYS, 2010 + 10 * (DAYS - 2020)))
    assert "July 2020" in words(short) and "July" not in words(long) and "2011" in words(long)
    labels = [text.get_text() for text in short.get_xticklabels()]
    assert len(labels) == len(set(labels)) <= 7


def test_numbers_are_said_in_the_unit_of_the_series():
    counts, ceiling, *_ = map(words, drawn(DAYS, 0.6 * VISITS / 140, SHARE))
    assert (
        "10% (a)" in counts
        and "share of visits" in counts
        and "The ceiling moves: 50%, 55%" in ceiling
        and "0%" in ceiling
    )
    assert "24 thousand (a)" in words(next(drawn(DAYS, VISITS, THOUSANDS)))


def test_a_ceiling_that_stays_within_its_error_does_not_move():
    tops = pd.DataFrame({"until": [2020.5, 2020.9], "ceiling": [100.0, 101.0], "stderr": 1.0})
    curves = pd.DataFrame({"a": VISITS, "b": VISITS}, index=DAYS)
    reported = pd.DataFrame({"year": DAYS, "count": VISITS})
    assert title(draw.moving_ceilings(reported, curves, tops)) == "The ceiling stays: 100, 101"
    assert title(draw.moving_ceilings(reported, curves, tops.assign(stderr=0.1))).startswith("The ceiling moves")


def test_a_date_that_changes_nothing_says_so():
    flat = DRAG.assign(exponential=100.0)
    assert title(draw.dragged(flat, (2018.6, 2018.8))) == "Whatever its date, the line fits better"
    assert title(draw.dragged(flat.assign(line=200.0), (2018.6, 2018.8))).endswith("the exponential fits better")


def test_speeds_that_have_none_in_common_are_on_no_one_line():
    counts = COUNTS.assign(middle=COUNTS["year"], early=COUNTS["year"], late=COUNTS["year"], document="000")
    rates = pd.DataFrame({"low": [1.0, 3], "middle": [1.5, 3.5], "high": [2.0, 4]})
    assert title(draw.dated_counts(counts, rates)) == "Four counts on no one line: 1.5 to 3.5 a year"


def test_near_forecasts_are_told_in_per_cent_and_far_ones_in_times():
    one = {"curve": "linear", "origin": [2020.0, 2020.5], "low": [90.0, 96], "high": [105.0, 104], "came": 100.0}
    near = words(draw.rolling(pd.DataFrame(one | {"forecast": 100.0})))
    far = words(draw.rolling(pd.DataFrame(one | {"low": [20.0, 30], "forecast": 60.0})))
    assert "10% less" in near and "half" not in near and "half" in far and "10% less" not in far
    with pytest.raises(ValueError, match="a ratio needs what came to be positive: got 0"):
        draw.rolling(pd.DataFrame(one | {"forecast": 60.0, "came": 0.0}))
