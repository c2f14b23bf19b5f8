"""Any reported series: named by a claim, in units that fit, or refused in one line."""

import csv
import shutil
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from casestudy import claims, data, schema
from casestudy.case import open_case
from casestudy.claims.evidence import Evidence
from casestudy.models import growth
from casestudy.refusals import Refusal

HEAD = ["series", "date_earliest", "date_latest", "value", "unit", "relation", "status", "url"]
FIRST = date(2019, 1, 15)
MONTHS = [(FIRST + timedelta(days=30 * month)).isoformat() for month in range(40)]  # counts a month, on one day each


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A case with one document of 2020 and no series."""
    root = tmp_path_factory.mktemp("series") / "case"
    (root / "data").mkdir(parents=True)
    (root / "notebooks").mkdir()
    documents = data.table("documents", open_case())
    with (root / "data" / "documents.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[*documents.columns]])
        row = dict.fromkeys(documents.columns, "") | {"id": "000", "paragraphs": "9", "language": "en"}
        row |= {"date_earliest": "2020-01-10", "date_latest": "2020-03-10"}
        csv.DictWriter(file, documents.columns).writerow(row)
    return root


@pytest.fixture
def world(base, tmp_path):
    """A case of one claim and one series; gives what the claim is held against."""

    def world(rows, outside="visits_reported", unit="visits", value=1000, head=HEAD):
        root = tmp_path / "case"
        if not root.exists():
            shutil.copytree(base, root)
        with (root / "data" / "visits_reported.csv").open("w", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        claim = dict.fromkeys(schema.standard("claims"), "") | {
            **{"id": "visits", "document": "000", "paragraph": 1, "kind": "statistic", "printed": "x", "value": value},
            **{"low": value, "high": value, "unit": unit, "relation": "=", "as_of_basis": "publication"},
            "outside": outside,
        }
        with (root / "data" / "claims.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, [*schema.standard("claims")])
            writer.writeheader()
            writer.writerow(claim)
        return open_case(root)

    return world


def rows(name="poland", start=1000.0, step=100.0, unit="visits", months=MONTHS):
    return [[name, day, day, start + step * at, unit, "=", "confirmed", "https://x"] for at, day in enumerate(months)]


def held(case):
    return Evidence(case).held("visits", claims.Reading()).ours


def test_a_claim_is_held_against_the_series_that_it_names(world):
    both = [*rows("poland"), *rows("france", start=50_000)]
    low, high = held(world(both, "visits_reported:poland"))
    assert 2150 < low < high < 2450  # about 1,000 and a hundred a month, twelve to fourteen months on
    other = held(world(both, "visits_reported:france"))
    assert np.subtract(other, 49_000) == pytest.approx((low, high))


@pytest.mark.parametrize("scale", ["thousand", "thousands of", "million"])
@pytest.mark.parametrize("claimed", ["visits", "thousand visits"])
def test_a_series_in_thousands_says_the_same_as_one_in_single_units(world, scale, claimed):
    by = 1e6 if scale == "million" else 1e3
    plain = held(world(rows(), unit=claimed))
    scaled = held(world([[*row[:3], row[3] / by, f"{scale} visits", *row[5:]] for row in rows()], unit=claimed))
    assert scaled == pytest.approx(plain)


def test_a_column_may_say_its_scale_in_its_name(world):
    head = [name if name != "value" else "visits_thousands" for name in HEAD if name != "unit"]
    case = world([[*row[:3], row[3] / 1e3, *row[5:]] for row in rows()], head=head)
    frame = data.series("visits_reported", case)
    assert frame["reported"].head(2).tolist() == pytest.approx([1000, 1100])
    assert held(case) == pytest.approx(held(world(rows())))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("visits", "Visits"),
        ("million visits", "millions of visits"),
        ("visits/hour", "visits per hour"),
        ("per cent", "percent"),
        ("per cent", "%"),
        ("Thousand visits", "thousand_visits"),
    ],
)
def test_a_unit_may_be_written_in_several_ways(one, other):
    assert data.Unit.read(one).of(data.Unit.read(other)) == pytest.approx(1 / data.Unit.read(other).scale)
    assert data.Unit.read(one).scale == data.Unit.read(other).scale


def test_a_series_whose_name_is_two_words_is_named_as_it_stands(world):
    case = world([*rows("new york"), *rows("france")], "visits_reported:new york per day", "visits per day")
    assert held(case) == pytest.approx((100 / 30, 100 / 30))


@pytest.mark.parametrize(
    ("per", "seconds"), [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400), ("year", 31_557_600)]
)
def test_a_pace_is_told_in_the_time_that_the_claim_names(world, per, seconds):
    pace = held(world(rows(step=2_592_000), f"visits_reported per {per}", f"visits per {per}"))
    assert pace == pytest.approx((seconds, seconds))  # a series that gains one visit a second


def test_a_series_that_is_a_rate_is_converted_to_the_claim_s_time(world):
    case = world(rows(start=3600, step=0, unit="visits per hour"), unit="visits per minute")
    assert held(case) == pytest.approx((60, 60))


def test_a_share_and_a_per_cent_are_told_apart(world):
    by_share = world(rows(start=0.4, step=0, unit="share"), unit="share")
    assert held(by_share) == pytest.approx((0.4, 0.4))
    assert held(world(rows(start=40, step=0, unit="per cent"), unit="share")) == pytest.approx((0.4, 0.4))
    assert held(world(rows(start=0.4, step=0, unit="share"), unit="per cent")) == pytest.approx((40, 40))


@pytest.mark.parametrize(
    ("unit", "outside", "own"),
    [
        ("share", "visits_reported", "visits"),
        ("per cent", "visits_reported", "visits"),
        ("members", "visits_reported", "visits"),
        ("visits per second", "visits_reported", "visits"),
        ("visits", "visits_reported per second", "visits per second"),
        ("visits per hour", "visits_reported per second", "visits per second"),
        ("share", "visits_reported per day", "visits per day"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused_with_both(world, unit, outside, own):
    with pytest.raises(Refusal, match=rf"^claims\.csv: visits: the unit '{unit}' must be that of .*, '{own}'"):
        held(world(rows(), outside, unit))
    with pytest.raises(Refusal, match="the unit"):
        claims.verdicts(open_case(world(rows(), outside, unit).root))


def test_a_rate_has_no_pace(world):
    with pytest.raises(Refusal, match="'visits per hour per hour'"):
        held(world(rows(unit="visits per hour"), "visits_reported per hour", "visits per hour"))


@pytest.mark.parametrize(
    ("outside", "message"),
    [
        ("visits_reported", "holds several series; name one behind a colon: poland, france"),
        ("visits_reported:polnad", "no series 'polnad'; did you mean 'poland'"),
        ("visits_reported:", "outside names a series as TABLE or TABLE:SERIES"),
        ("visits_reported per fortnight", "one of second, minute, hour, day, week, month, year behind: got"),
        ("visits_reported:poland per", "no series 'poland per'; did you mean 'poland'"),
        ("visits_reported:new york", "no series 'new york'; "),
        ("visists_reported:poland", "no table 'visists_reported' in"),
    ],
)
def test_a_name_that_is_none_is_refused_with_the_claim(world, outside, message):
    with pytest.raises(Refusal, match=rf"^claims\.csv: visits: .*{message}"):
        held(world([*rows(), *rows("france")], outside))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "visitors"}, r"line 3: a series has one unit, here visits; got 'visitors'"),
        ({"unit": ""}, "line 3: unit must say what the value counts"),
        ({"value": ""}, "line 3: value must be given in a row that counts"),
        ({"value": "1 000"}, "line 3: value must be a finite number; got '1 000'"),
        ({"date_earliest": ""}, "line 3: date_earliest must be given"),
        ({"series": ""}, "line 3: series must say which series the row belongs to"),
    ],
)
def test_a_faulty_row_is_named_by_its_line(world, change, message):
    faulty = rows()
    for name, text in change.items():
        faulty[1][HEAD.index(name)] = text
    with pytest.raises(Refusal, match=f"visits_reported.csv {message}"):
        data.series("visits_reported", world(faulty))


@pytest.mark.parametrize(
    ("left_out", "message"),
    [("unit", "must say what its values count"), ("value", "is no series: it needs"), ("status", "is no series")],
)
def test_a_table_without_a_needed_column_is_refused(world, left_out, message):
    at = HEAD.index(left_out)
    short = [row[:at] + row[at + 1 :] for row in rows()]
    with pytest.raises(Refusal, match=message):
        data.series("visits_reported", world(short, head=[name for name in HEAD if name != left_out]))


def test_a_share_of_75_is_no_share(world):
    head = ["share" if name == "value" else name for name in HEAD if name != "unit"]
    with pytest.raises(Refusal, match=r"visits_reported.csv line 2: share must lie from 0 to 1"):
        data.series("visits_reported", world([[*row[:3], 75, *row[5:]] for row in rows()], head=head))


def test_a_series_of_whole_years_is_read_as_one_and_a_stray_year_among_days_is_not(world):
    years = [
        ["a", f"{year}-01-01", f"{year}-12-31", 1000 + year, "visits", "=", "confirmed", "x"]
        for year in range(2015, 2025)
    ]
    assert len(data.series("visits_reported", world(years))) == 10
    stray = [*rows(), ["poland", "2018-01-01", "2018-12-31", 5, "visits", "=", "confirmed", "x"]]
    assert len(data.series("visits_reported", world(stray))) == 40
    assert len(data.series("visits_reported", world(years), window_days=92)) == 0


def test_a_printed_number_is_no_witness_of_itself_in_any_scale(world):
    told = [
        *rows(unit="thousand visits"),
        ["poland", "2020-02-01", "2020-02-01", 9, "thousand visits", "=", "confirmed", "x"],
    ]
    assert len(Evidence(world(told, value=9000)).counts("visits_reported", claims.Reading())) == 40
    assert len(Evidence(world(told, value=9001)).counts("visits_reported", claims.Reading())) == 41


def test_a_notebook_asks_for_any_series_in_any_window(world):
    case = world([*rows("poland", step=0), *rows("france", start=50_000)])
    window = pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-01")
    assert claims.reported("visits_reported:poland", *window, case=case) == (1000, 1000)
    with pytest.raises(Refusal, match="the series is reported from 2019-01-15"):
        claims.reported("visits_reported:poland", pd.Timestamp("2010-01-01"), window[1], case=case)


def test_what_was_reported_before_an_article_is_of_the_claim_s_own_series(world):
    case = world([*rows("poland"), *rows("france", start=50_000)], "visits_reported:poland", "thousand visits", value=5)
    assert claims.largest_reported_before(claims.claim("visits", case), case) == pytest.approx(2.2)  # of 2020-01-10


def test_a_series_of_the_case_goes_straight_into_fits_and_forecasts(world):
    frame = data.series("visits_reported:poland", world([*rows("poland"), *rows("france")]))
    table = growth.comparison(growth.decimal_year(frame["date"]), frame["reported"], back=1, ahead=0.5)
    assert table.loc["linear", "holdout_error"] < 1e-6 < table.loc["exponential", "holdout_error"]
    assert frame["reported_unit"].unique().tolist() == ["visits"]


@pytest.mark.parametrize(
    ("status", "url", "reason"), [("unconfirmed", "https://x", "nothing at hand"), ("confirmed", "", "no address")]
)
def test_a_series_with_nothing_to_hold_against_says_why(world, status, url, reason):
    told = [[*row[:6], status, url] for row in rows()]
    assert Evidence(world(told)).held("visits", claims.Reading()).reason == reason
