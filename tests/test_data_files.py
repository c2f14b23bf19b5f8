"""The files of `data/`: what this case promises beyond the rules of `casestudy check`, which test_check.py asks."""

import re

import pandas as pd
import pytest

from casestudy import intervals
from casestudy.case import CHECKOUT, Case
from casestudy.claims import verdicts
from casestudy.data import table
from casestudy.schema import resources

CASE = Case(CHECKOUT)
TABLES = sorted(resources(CASE))
OURS = ["subject", "metric", "note", "synopsis", "what"]  # columns in our own words


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    return table("claims", CASE).set_index("id")


def test_every_article_has_claims(claims):
    assert set(claims["document"]) == set(table("documents", CASE)["id"])


def test_printed_figures_are_figures_and_not_sentences(claims):
    printed = claims["printed"].dropna()
    assert (printed.str.len() <= 40).all() and not printed.str.contains(r"[a-z]{2}\. ").any()


def test_what_is_not_printed_is_said_to_be_ours(claims):
    silent = claims[claims["printed"].isna()]
    assert silent["note"].str.contains("Our count|Not printed").all()
    assert (verdicts(CASE).loc[silent.index, "arithmetic"] == "own count").all(), "our own count agrees with itself"


def test_every_announced_number_is_held_against_its_list(claims):
    """A figure in words or digits can be held against its list; `several` and our own counts cannot."""
    listed = claims.loc[sorted(set(table("enumerations", CASE)["claim"]))]
    announced = listed[listed["printed"].notna() & ~listed["printed"].eq("kilka")]
    assert verdicts(CASE).loc[announced.index, "arithmetic"].isin(["listed", "restated"]).all()


def test_every_system_of_the_articles_has_one_place():
    systems = table("systems", CASE)
    assert systems["id"].tolist() == [f"s{number:02}" for number in range(1, 44)]


def test_nothing_is_contradicted_by_a_report_that_cannot_be_opened_again(claims):
    reports = table("outside_reported", CASE).set_index("id")
    judged = verdicts(CASE)
    for id in judged.index[(judged["verdict"] == "contradicted") & (judged["against"] == "report")]:
        assert all(
            pd.notna(reports.at[name, "url"]) for name in intervals.names(claims.at[id, "outside"].lstrip("<>="))
        ), id


@pytest.mark.parametrize("name", TABLES)
def test_sentences_are_judged_and_nobody_is_accused(name):
    frame = table(name, CASE)
    words = " ".join(frame[[column for column in OURS if column in frame]].fillna("").to_numpy().ravel())
    assert not re.search(r"\b(false|falsely|debunk\w*|lie|lies|lying|liar|fraud\w*|cheat\w*)\b", words, re.IGNORECASE)
