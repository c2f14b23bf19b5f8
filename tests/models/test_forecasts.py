"""Rolling forecasts of any series, how often their intervals held, and curves beside each other."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from casestudy.models import growth

RISE = 40 + 3 * np.arange(24.0) ** 1.3 + np.random.default_rng(5).normal(size=24)
MONTHS = np.arange(24.0)


@pytest.fixture(scope="module")
def nile():
    """Yearly flow of the Nile at Aswan, 1871 to 1970: a series that does not grow."""
    frame = sm.datasets.nile.load_pandas().data
    return frame["year"].to_numpy(), frame["volume"].to_numpy()


@pytest.fixture(scope="module")
def co2():
    """Carbon dioxide at Mauna Loa in January, parts per million: a series that grows."""
    weeks = sm.datasets.co2.load_pandas().data["co2"].dropna()
    years = weeks[weeks.index.month == 1].groupby(lambda day: day.year).mean()
    return years.index.to_numpy(float), years.to_numpy()


@pytest.mark.parametrize("name", ["nile", "co2"])
def test_a_line_foretells_what_ordinary_least_squares_does(name, request):
    time, count = request.getfixturevalue(name)
    frame = growth.rolling(time, count, back=15, ahead=5, curves=["linear"])
    assert len(frame) > 20
    for row in frame.iloc[::7].itertuples():
        known = (time >= row.origin - 15) & (time <= row.origin)
        said = sm.OLS(count[known], sm.add_constant(time[known])).fit().get_prediction([[1, row.origin + 5]])
        said = said.summary_frame(alpha=0.05)
        assert (row.forecast, row.low, row.high) == pytest.approx(
            tuple(said.loc[0, ["mean", "obs_ci_lower", "obs_ci_upper"]]), rel=1e-6
        )
        assert row.came == count[time == row.origin + 5][0] and row.miss == pytest.approx(row.forecast - row.came)


def test_a_series_that_does_not_grow_has_no_logistic_and_says_so(nile):
    table = growth.comparison(*nile, back=30, ahead=10)
    assert table.loc["logistic", "without"] > 20 and table.loc["linear", "without"] == 0
    assert np.isnan(table.loc["logistic", "in_sample_error"]) and 100 < table.loc["linear", "in_sample_error"] < 200


@pytest.mark.parametrize("shift", [0, 2000])
@pytest.mark.parametrize("scale", [1, 1e-9, 1e6])
def test_another_calendar_or_another_unit_changes_nothing_but_the_scale(shift, scale):
    plain = growth.comparison(MONTHS, RISE, back=12, ahead=4)
    moved = growth.comparison(MONTHS + shift, RISE * scale, back=12, ahead=4)
    errors = ["in_sample_error", "holdout_error"]
    assert (moved[errors] / scale).to_numpy() == pytest.approx(plain[errors].to_numpy(), rel=1e-5)
    assert moved["held"].equals(plain["held"]) and (plain["n"] + plain["without"] == 17).all()
    deeper = moved["aicc"] - moved["aicc"].iloc[0]
    assert deeper.to_numpy() == pytest.approx((plain["aicc"] - plain["aicc"].iloc[0]).to_numpy(), abs=1e-4)


@pytest.mark.parametrize(
    ("curve", "count"),
    [
        ("linear", 7 - 3 * MONTHS),
        ("exponential", 100 * 1.1**MONTHS),
        ("logistic", 500 / (1 + np.exp(-(MONTHS - 9) / 3))),
    ],
)
def test_a_perfect_curve_is_foretold_exactly(curve, count):
    frame = growth.rolling(MONTHS, count, back=12, ahead=4, curves=[curve])
    assert len(frame) == 17 and frame["miss"].abs().max() < 1e-5 * np.abs(count).max()


def test_the_share_that_held_has_the_exact_interval_of_statsmodels():
    for n, held in ((30, 8), (30, 0), (12, 12), (500, 473)):
        came = np.where(np.arange(n) < held, 1.0, 5.0)
        row = growth.coverage(pd.DataFrame({"curve": "a", "low": 0.0, "high": 2.0, "came": came}), level=0.9).loc["a"]
        exact = proportion_confint(held, n, alpha=0.1, method="beta")
        assert (row["held"], row["coverage"]) == (held, held / n)
        assert (row["coverage_low"], row["coverage_high"]) == pytest.approx(exact)


def test_the_interval_of_a_line_holds_as_often_as_it_says():
    """One start a history, so that outcomes are independent: 400 of them, at two levels."""
    rng, time = np.random.default_rng(11), np.arange(12.0)
    for level in (0.8, 0.95):
        drawn = [50 + 2 * time + rng.normal(size=12) for _ in range(400)]
        told = [growth.rolling(time, one, 9, 2, curves=["linear"], least=10, level=level) for one in drawn]
        row = growth.coverage(pd.concat(told), level=0.999).loc["linear"]
        assert row["n"] == 400 and row["coverage_low"] < level < row["coverage_high"]


def test_a_forecast_without_an_interval_is_counted_apart():
    frame = growth.rolling([0, 1, 2, 3, 5], [0, 1, 2, 3, 5], back=2, ahead=1, curves=["gompertz", "linear"], least=3)
    table = growth.coverage(frame)
    assert table.loc["gompertz", ["n", "without"]].tolist() == [0, 2] and np.isnan(table.loc["gompertz", "coverage"])
    assert table.loc["gompertz", ["coverage_low", "coverage_high"]].tolist() == [0, 1]


class Mean:
    """The mean of what was seen: a model of somebody's own."""

    def __init__(self, time, count):
        self.mean, self.spread = count.mean(), count.std(ddof=1)

    def predict(self, time):
        return self.mean + 0 * np.asarray(time)

    def interval(self, time, level):
        return self.predict(time) - 2 * self.spread, self.predict(time) + 2 * self.spread


def test_a_model_of_one_s_own_stands_beside_the_curves(nile):
    table = growth.comparison(*nile, back=20, ahead=5, curves={"mean": Mean, "line": growth.fit})
    assert table.index.tolist() == ["mean", "line"] and np.isnan(table.loc["mean", "aicc"])
    assert table.loc["mean", "holdout_error"] < table.loc["line", "holdout_error"], "a trend in noise foretells worse"
    own = growth.rolling(*nile, back=20, ahead=5, curves={"mean": Mean})
    assert table.loc["mean", "holdout_error"] == pytest.approx(own["miss"].abs().mean())
    assert table.loc["mean", "in_sample_error"] == pytest.approx(nile[1].std())


def test_bass_is_given_with_its_launch():
    curves = {"bass": partial(growth.fit, curve="bass", launch=-1.0)}
    count = 900 * (1 - np.exp(-0.3 * (MONTHS + 1))) / (1 + 5 * np.exp(-0.3 * (MONTHS + 1)))
    assert growth.rolling(MONTHS, count, back=30, ahead=3, curves=curves)["miss"].abs().min() < 1e-3


@pytest.mark.parametrize("curves", [["linaer"], "linear", ["bass"], [3]])
def test_a_curve_that_is_none_is_refused_and_not_taken_for_one_that_does_not_fit(curves):
    with pytest.raises(ValueError, match="curves must be a list of linear, exponential, logistic, gompertz"):
        growth.rolling(MONTHS, RISE, back=12, ahead=4, curves=curves)


def test_coverage_refuses_what_it_cannot_read():
    with pytest.raises(ValueError, match="low, came missing"):
        growth.coverage(pd.DataFrame({"curve": ["a"], "high": [1]}))
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        growth.coverage(pd.DataFrame({"curve": ["a"], "low": [0], "high": [1], "came": [1]}), level=95)


def test_help_on_a_model_shows_names_of_types():
    import inspect

    assert str(inspect.signature(growth.fit)).startswith("(time: 'ArrayLike', count: 'ArrayLike', curve: 'str'")
