"""Verdicts by rule: what a claim is held against, how easily that could have failed, and under which reading."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest

from casestudy import claims, data
from casestudy.claims.evidence import Evidence
from casestudy.claims.reading import CHOICES, DEFAULT, Reading, bounds, every, opened, step
from casestudy.claims.severity import plausible, prints, severity
from casestudy.claims.verdicts import TESTED, verdict
from casestudy.claims.windows import between, pace


def row(value, low, high, size=math.nan, unit="members", kind="statistic", relation="=", within=None, printed="x"):
    names = ("value", "low", "high", "resolution", "unit", "kind", "relation", "plausible", "printed")
    return pd.Series(dict(zip(names, (value, low, high, size, unit, kind, relation, within, printed), strict=True)))


# Severity, by hand


@pytest.mark.parametrize(
    ("claim", "ours", "share"),
    [
        # 0, 0.5, 1 are plausible, each for half a step either way; ours meets 0.5 alone
        (row(0.5, 0.25, 0.75, 0.5, unit="share"), (0.4, 0.6), 2 / 3),
        # 2, 3, 4, ... 8 for a printed 4, weighed by the ratio each covers: 4 covers 3.5 to 4.5
        (row(4, 4, 4, kind="count"), (4, 4), 1 - math.log(4.5 / 3.5) / math.log(4)),
        # floors of 100: [500, 600) and [600, 700) reach 588 to 653; as prints they cover 450 to 550 and 550 to 650
        (row(600, 600, math.nan, 100, relation=">"), (588, 653), 1 - math.log(650 / 450) / math.log(4)),
        # no step: a continuous range from 1/2 to 2, of which ours takes 0.8 to 1.25
        (row(1, 1, 1, kind="derived", unit="ratio"), (0.8, 1.25), 1 - math.log(1.25 / 0.8) / math.log(4)),
        # a date within a declared range: one of eleven years agrees
        (row(2010, 2010, 2010, unit="year", kind="date", within="2005..2015"), (2010, 2010), 10 / 11),
    ],
)
def test_severity_is_the_share_of_plausible_prints_that_would_have_failed(claim, ours, share):
    assert severity(claim, ours) == pytest.approx(share, abs=2e-4)


@pytest.mark.parametrize("claim", [row(2010, 2010, 2010, unit="year", kind="date"), row(0, 0, 0, kind="count")])
def test_without_a_plausible_range_there_is_no_severity(claim):
    assert plausible(claim) is None and math.isnan(severity(claim, (0, 1)))


def test_nothing_fails_against_anything_and_everything_against_what_is_far_away():
    claim = row(575e6, 574.5e6, 575.5e6, 1e6)
    assert severity(claim, (-math.inf, math.inf)) == 0 and severity(claim, (1e12, 2e12)) == pytest.approx(1)


@pytest.mark.parametrize("id", ["cx_csat_23", "fp_users_575", "cx_rate_2s", "pd_lives_per_emp", "fp_equal_split"])
def test_a_wider_range_is_never_the_harder_test(id):
    claim = claims.claim(id)
    low, high = claims.held_against(id)
    shares = [severity(claim, (low - grow * (high + 1), high + grow * (high + 1))) for grow in (0, 0.05, 0.2, 1)]
    assert shares == sorted(shares, reverse=True)


def test_prints_weigh_one_in_all_and_stand_at_the_printed_step():
    figures, weights = prints(row(575e6, 574.5e6, 575.5e6, 1e6), 1e6)
    assert weights.sum() == pytest.approx(1) and set(np.diff(figures)) == {1e6}
    assert 287.5e6 <= figures[0] < 288.5e6 and 1149e6 < figures[-1] <= 1150e6


@pytest.mark.parametrize("id", list(claims.tally().survived) + list(claims.tally().failed))
def test_severity_foretells_how_often_a_false_print_is_caught(edit_claim, id):
    """Two hundred figures that could have stood there are printed in its place; the register judges each afresh."""
    claim, rng = claims.claim(id), np.random.default_rng(1)
    size = claim["resolution"] if claim["resolution"] > 0 else math.nan
    figures, weights = prints(claim, size)
    known = claims.tally()
    evidence = Evidence(edit_claim(id, "note", "another print"))
    caught = 0
    for figure in rng.choice(figures, 200, p=weights):
        moved = figure - claim["value"]
        other = claim.copy()
        other[["value", "low", "high"]] += moved
        evidence.rows[id] = other
        held = evidence.held(id, DEFAULT)
        low, high = evidence.bounds(id, DEFAULT)
        caught += not (held.ours[0] <= high * (1 + 1e-9) and low <= held.ours[1] * (1 + 1e-9))
    share = (known.survived | known.failed)[id]
    assert abs(caught / 200 - share) < 4 * math.sqrt(max(share * (1 - share), 0.01) / 200)


# Self-dated


@pytest.mark.parametrize("million", [400, 450, 500, 600, 650, 720, 740])
def test_a_count_that_dated_its_article_is_no_test_whatever_it_says(edit_claim, million):
    """Put another count in place of 690 million, dated as the register would: it agrees, so it tells nothing."""
    for column, value in {"value": million, "low": million}.items():
        edit_claim("pl_members_690", column, value * 1e6)
    reported = data.members_reported()
    reached = reported.loc[reported["reported"] >= million * 1e6, "date"].iloc[0]
    days = [str((reached + pd.Timedelta(days=away)).date()) for away in (-40, 40)]
    for column, value in zip(("as_of_earliest", "as_of_latest"), days, strict=True):
        case = edit_claim("pl_members_690", column, value)
    judged = claims.verdicts(case).loc["pl_members_690"]
    assert judged["arithmetic"] == "self-dated" and judged["severity"] < 0.1
    assert claims.tally(case).tested == claims.tally().tested


def test_a_count_outgrown_before_its_article_was_written_is_stale(edit_claim):
    assert claims.verdicts().loc["fp_users_575", "verdict"] == "stale"
    edit_claim("fp_users_575", "low", 700_000_000)
    edit_claim("fp_users_575", "high", 710_000_000)
    case = edit_claim("fp_users_575", "value", 705_000_000)
    assert claims.verdicts(case).loc["fp_users_575", "arithmetic"] == "holds"


# The rule


def test_a_verdict_follows_from_two_answers():
    assert verdict("fails", "scale") == verdict("differs", "") == "contradicted"
    assert verdict("holds", "scale") == verdict("outdated", "n") == verdict("nothing at hand", "base") == "undefined"
    assert [verdict(word, "") for word in ("holds", "outdated", "listed", "conditional")] == [
        "agrees",
        "stale",
        "not testable",
        "not testable",
    ]


def test_an_announced_number_is_held_against_the_items_listed(copied_case):
    """Four pillars are announced; with one struck from the list the article contradicts itself."""
    assert claims.verdicts(copied_case).loc["cx_pillars", "arithmetic"] == "listed"
    path = copied_case.data / "enumerations.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "prevention" not in line), encoding="utf-8")
    judged = claims.verdicts(copied_case).loc["cx_pillars"]
    assert (judged["arithmetic"], judged["verdict"]) == ("differs", "contradicted")


def test_a_line_that_says_another_again_otherwise_is_contradicted(edit_claim):
    for column in ("value", "low", "high"):
        case = edit_claim("fp_purposes_again", column, 6)
    assert claims.verdicts(case).loc["fp_purposes_again", "verdict"] == "contradicted"


def test_without_an_address_a_report_contradicts_nothing(copied_case):
    path = copied_case.data / "outside_reported.csv"
    text = path.read_text(encoding="utf-8").replace(",date,=,2002-12-28,2002-12-28,", ",date,=,2003-12-28,2003-12-28,")
    path.write_text(text, "utf-8")
    assert claims.verdicts(copied_case).loc["pd_founded", "verdict"] == "contradicted"
    path.write_text(re.sub(r"(?m)^(founded,.*?),http[^,]*,", r"\1,,", text), "utf-8")
    judged = claims.verdicts(copied_case).loc["pd_founded"]
    assert (judged["arithmetic"], judged["verdict"]) == ("no address", "not testable")
    reading = Reading(addresses="not needed")
    assert claims.verdicts(copied_case, reading).loc["pd_founded", "verdict"] == "contradicted"


def test_an_unconfirmed_report_is_none(copied_case):
    path = copied_case.data / "outside_reported.csv"
    path.write_text(re.sub(r"(?m)^(countries_two.*),confirmed,", r"\1,unconfirmed,", path.read_text("utf-8")), "utf-8")
    with pytest.raises(
        ValueError, match="hh_only_country: outside names 'countries_two_offices', no claim and no conf"
    ):
        claims.verdicts(copied_case)


def test_what_needs_a_premise_is_outside_the_tally(edit_claim):
    """Poland's daily users would be a clash, and are none as long as it takes a premise that nobody printed."""
    assert claims.verdicts().loc["pl_daily_26", "arithmetic"] == "conditional"
    case = edit_claim("pl_daily_26", "premise", "")
    judged = claims.verdicts(case, Reading(addresses="not needed")).loc["pl_daily_26"]
    assert (judged["arithmetic"], judged["verdict"]) == ("fails", "contradicted")


def test_a_series_says_nothing_of_the_time_before_and_after_it(copied_case):
    day = pd.Timestamp
    for window in ((day("1990-01-01"), day("1990-12-31")), (day("2029-01-01"), day("2030-01-01"))):
        with pytest.raises(ValueError, match=re.escape("the series is reported from 2003-06")):
            claims.reported_members(*window)
    path = copied_case.data / "documents.csv"
    path.write_text(path.read_text("utf-8").replace("2020-01-01,2021-12-31", "2029-01-01,2030-12-31"), "utf-8")
    assert claims.verdicts(copied_case).loc["fp_users_575", "arithmetic"] == "nothing at hand"


def test_between_counts_runs_a_straight_line_and_a_peak_inside_the_window_counts():
    day = pd.Timestamp
    dates = [day(f"2020-01-{n:02}") for n in (1, 11, 21)]
    counts = [data.Reported(at, number, "", at, at, "", 2) for at, number in zip(dates, (0.0, 100.0, 0.0), strict=True)]
    assert between(counts, (day("2020-01-06"), day("2020-01-06"))) == (50, 50)
    assert between(counts, (day("2020-01-06"), day("2020-01-19"))) == (pytest.approx(20), 100)


def test_a_pace_reaches_over_the_windows_of_both_counts():
    day = pd.Timestamp
    ends = [(day("2020-01-01"), day("2020-01-03")), (day("2020-01-11"), day("2020-01-13"))]
    counts = [
        data.Reported(first + (last - first) / 2, number, "", first, last, "", 2)
        for (first, last), number in zip(ends, (0.0, 96.0 * 86400), strict=True)
    ]
    assert pace(counts, (day("2020-01-05"), day("2020-01-06"))) == (pytest.approx(8), pytest.approx(12))


# Readings


def test_readings_move_the_ends_and_say_which_are_left_out():
    even, odd = (row(value, value - 0.05, value + 0.05, 0.1, unit="points") for value in (6.6, 8.1))
    assert bounds(even, Reading(rounding="cut")) == (6.6, pytest.approx(6.7))
    assert opened(even, Reading(rounding="half up")) == (False, True)
    assert opened(even, Reading(rounding="half even")) == (False, False)
    assert opened(odd, Reading(rounding="half even")) == (True, True)
    assert bounds(row(2, 2, math.nan, 1, relation=">"), "strict") == (2, math.inf)


@pytest.mark.parametrize(
    ("printed", "value", "size", "language", "fine"),
    [("350 million", 350e6, 1e7, "en", 1e6), ("60%", 0.6, 0.1, "en", 0.01), ("3,8 mln", 3.8e6, 1e5, "pl", 1e5)],
)
def test_the_step_of_the_last_digit_counts_trailing_zeros(printed, value, size, language, fine):
    claim = row(value, value - size / 2, value + size / 2, size, printed=printed)
    assert step(claim, Reading(steps="last digit"), language) == pytest.approx(fine)
    low, high = bounds(claim, Reading(steps="last digit"), language)
    assert (low, high) == (pytest.approx(value - fine / 2), pytest.approx(value + fine / 2))


def test_an_edge_meets_when_rounded_to_the_even_digit_and_not_when_cut_open(edit_claim):
    """8.25 is printed 8.2 to the even digit and 8.3 where halves go up: one print in 101 either way, but which?"""
    claim = row(8.2, 8.15, 8.25, 0.1, unit="points", within="0..10")
    met = {word: severity(claim, (8.25, 8.25), Reading(rounding=word)) for word in ("half even", "half up")}
    assert met["half even"] == pytest.approx(1 - 1 / 101) and met["half up"] == pytest.approx(1 - 1 / 101)
    ends = opened(claim, Reading(rounding="half even")), opened(claim, Reading(rounding="half up"))
    assert ends == ((False, False), (False, True))


def test_the_default_reading_is_the_register_s_own():
    assert every()[0] == DEFAULT and len(every()) == len(set(every())) == 64
    whole, judged = claims.readings(ids=["cx_csat_23", "fp_users_575"], whole=True), claims.verdicts()
    first = whole[whole["reading"] == 0].set_index("claim")
    assert (first["arithmetic"] == judged.loc[first.index, "arithmetic"]).all()


def test_a_reading_that_touches_nothing_is_left_out():
    frame = claims.readings(ids=["fp_hashtag5", "cx_csat_23", "pd_lives_per_emp"])
    counts = frame.groupby("claim").size()
    assert counts["fp_hashtag5"] == 1  # an exact count, said again
    assert counts["cx_csat_23"] == 4  # the four roundings
    assert set(frame.loc[frame["claim"] == "pd_lives_per_emp", "arithmetic"]) == {"holds", "could not fail"}
    assert (frame.loc[frame["claim"] == "cx_csat_23", "floors"] == "conventional").all()


@pytest.mark.parametrize("count", [3, 4])
def test_an_exact_count_has_no_ends_to_leave_out_however_figures_are_rounded(count):
    claim = row(count, count, count, kind="count")
    shares = {severity(claim, (count, count), Reading(rounding=word)) for word in CHOICES["rounding"]}
    assert len(shares) == 1 and shares.pop() < 1


def test_the_outcomes_count_what_every_reading_says_of_every_claim():
    by_reading = claims.readings(whole=True).groupby("reading")["arithmetic"]
    counted = claims.outcomes()
    assert counted["survived"].tolist() == by_reading.agg(lambda words: (words == "holds").sum()).tolist()
    assert counted["tests"].tolist() == by_reading.agg(lambda words: words.isin(TESTED).sum()).tolist()
    assert [Reading(**words) for words in counted[list(CHOICES)].to_dict("records")] == every()


def test_an_unknown_word_of_a_reading_is_refused():
    with pytest.raises(ValueError, match="a reading of rounding is one of nearest, half up, half even, cut: got 'up'"):
        Reading(rounding="up")


def test_every_claim_with_a_number_is_given_and_none_without():
    register, frame = claims.load(), claims.readings()
    assert set(frame["claim"]) == set(register.index[register[["low", "high"]].notna().any(axis=1)])
    assert not frame.duplicated(["claim", *CHOICES]).any()


# The tally


def test_the_tally_counts_each_claim_once_and_its_range_holds_the_default():
    tally = claims.tally()
    assert tally.tested + sum(tally.rest.values()) == tally.claims == len(claims.load())
    assert tally.survivors[0] <= len(tally.survived) <= tally.survivors[1]
    assert tally.tests[0] <= tally.tested <= tally.tests[1]
    assert tally.headline.startswith(f"{tally.tested} of {tally.claims} claims were put to a test")


def test_the_command_gives_the_same_numbers(typed):
    tally = claims.tally()
    _, said, _ = typed("claims", "--json")
    rows = json.loads(said)
    assert {row["id"] for row in rows if row["arithmetic"] in TESTED} == {*tally.survived, *tally.failed}
    assert all(row["severity"] == tally.survived[row["id"]] for row in rows if row["arithmetic"] == "holds")
    _, said, _ = typed("claims")
    assert " ".join(tally.headline.split()) in " ".join(said.split())
    _, said, _ = typed("claims", "--readings", "--json", "--document", "004")
    assert {row["claim"] for row in json.loads(said)} >= {"cx_csat_23", "cx_mobile_traffic"}
    _, said, _ = typed("claims", "--readings", "--document", "004")
    assert "rounding cut" in said.replace("\n", " ") and "cx_rt_85" not in said


def test_a_case_without_reports_lists_and_premises_is_judged_by_its_formulas(copied_case):
    frame = pd.read_csv(copied_case.claims, dtype=str, keep_default_na=False)
    kept = frame[frame["id"].isin(["cx_csat_23", "cx_csat_before", "cx_csat_after"])]
    kept.drop(columns=["outside", "premise", "missing", "plausible"]).to_csv(copied_case.claims, index=False)
    for name in ("outside_reported", "members_reported", "enumerations", "premises", "mobile_traffic_reported"):
        (copied_case.data / f"{name}.csv").unlink()
    tally = claims.tally(copied_case)
    assert list(tally.survived) == ["cx_csat_23"] and tally.rest == {"nothing at hand": 2}
    assert set(claims.verdicts(copied_case)["verdict"]) == {"agrees", "not testable"}


def test_a_case_in_which_nothing_is_tested_says_so(copied_case):
    frame = pd.read_csv(copied_case.claims, dtype=str, keep_default_na=False)
    frame[frame["id"] == "cx_thereby"].to_csv(copied_case.claims, index=False)
    tally = claims.tally(copied_case)
    assert tally.headline == "0 of 1 claims were put to a test that they could have failed." and tally.survivors == (
        0,
        0,
    )
    assert claims.readings(copied_case).empty


def test_a_severity_is_one_only_where_no_print_would_have_passed():
    deaths = row(17791, 17791, 17791, 1, kind="count")
    assert severity(deaths, (17791, 17791)) < 1 == severity(deaths, (1, 1))
