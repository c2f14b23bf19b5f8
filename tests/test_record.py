"""A number that is no claim is recorded with its unit, or refused in one line."""

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from casestudy import claims
from casestudy.claims.comparison import MIME
from casestudy.claims.recording import Result
from casestudy.refusals import Refusal


@pytest.fixture
def shown(monkeypatch):
    """What `record` shows, as a notebook's outputs would have it."""
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda result: seen.append(result._repr_mimebundle_()))
    return seen


def test_a_result_shows_one_line_and_records_the_same_number(shown):
    claims.record("holdout_miss", 0.1614, "share", low=0.12, high=0.21)
    bundle = json.loads(json.dumps(shown[0], allow_nan=False))
    assert bundle["text/plain"] == "holdout_miss: 16.1% (12% to 21%)"
    assert "holdout miss: <strong>16.1% (12% to 21%)</strong>" in bundle["text/html"]
    row = bundle[MIME]["rows"][0]
    assert (row["claim"], row["ours"], row["ours_low"], row["ours_high"], row["unit"]) == (
        *("holdout_miss", 0.1614, 0.12, 0.21),
        "share",
    )
    assert row["basis"] == "recorded" and row["agrees"] is row["test"] is row["severity"] is None


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1_300_000_000, "members", "x: 1.3 billion members"),
        (2.034, "members per second", "x: 2.034 members per second"),
        (0.5, "share", "x: 50%"),
        (2026.0, "year", "x: 2026"),
    ],
)
def test_a_number_is_said_with_its_unit(value, unit, words):
    assert repr(Result("x", value, unit)) == words


@pytest.mark.parametrize(
    "value", [3, 3.0, np.float32(3), np.float64(3), np.int64(3), Fraction(3), pd.Series([3.0]).iloc[0]]
)
def test_numbers_of_every_library_are_taken_as_what_they_are(shown, value):
    claims.record("heads", value, "heads")
    assert shown[0][MIME]["rows"][0]["ours"] == 3.0


@pytest.mark.parametrize(
    "value",
    [
        *(float("nan"), float("inf"), -np.inf, 10**400, None, pd.NA, pd.NaT, True, np.bool_(True), "3", b"3", 3 + 0j),
        *(np.array(3.0), np.array([3.0]), [3.0], (1, 2), pd.Series([3.0]), np.timedelta64(3, "D"), pd.Timedelta("3D")),
        *(pd.Timestamp("2026-01-01"), Decimal("NaN"), {}),
    ],
    ids=repr,
)
def test_what_is_not_one_finite_number_is_refused(shown, value):
    with pytest.raises(Refusal, match=r"^heads: value must be one finite number: got "):
        claims.record("heads", value, "heads")
    with pytest.raises(Refusal, match=r"^heads: (high must be one finite number|low and high come together)"):
        claims.record("heads", 3, "heads", low=2, high=value)
    assert shown == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "Miss"}, r"name must match \[a-z\]"),
        ({"name": "a b"}, "name must match"),
        ({"name": "_a"}, "name must match"),
        ({"name": "miss\n"}, "name must match"),
        ({"name": ""}, "name must match"),
        ({"name": 3}, "name must match"),
        ({"name": "lambda"}, "no word of Python: got 'lambda'"),
        ({"name": "cx_agents"}, "^cx_agents is a claim's id: .* compare"),
        ({"unit": ""}, "^miss: unit must say in a word .*: got ''"),
        ({"unit": "  "}, "unit must say"),
        ({"unit": None}, "unit must say"),
        ({"unit": 3}, "unit must say"),
        ({"unit": "a\nb"}, "unit must say"),
        ({"low": 1}, "low and high come together"),
        ({"high": 1}, "low and high come together"),
        ({"low": 3, "high": 4}, "low <= value <= high must hold: got 3, 2 and 4"),
        ({"low": 1, "high": 1.5}, "low <= value <= high must hold"),
        ({"low": 4, "high": 1}, "low <= value <= high must hold"),
    ],
    ids=str,
)
def test_bad_names_units_and_intervals_are_refused(shown, given, message):
    with pytest.raises(Refusal, match=message):
        claims.record(**({"name": "miss", "value": 2, "unit": "heads"} | given))
    assert shown == []


def test_a_word_that_is_html_stays_a_word():
    assert "<b>" not in Result("x", 1.0, "<b>heads</b>")._repr_mimebundle_()["text/html"]
