"""The files of `data/`: what they promise to a reader who opens nothing else."""

import hashlib
import json
import math
import re

import pandas as pd
import pytest

from casestudy import intervals
from casestudy.case import CHECKOUT, Case
from casestudy.claims import verdicts
from casestudy.data import table

CASE = Case(CHECKOUT)
PACKAGE = json.loads((CASE.data / "datapackage.json").read_text(encoding="utf-8"))
TABLES = [resource["name"] for resource in PACKAGE["resources"]]
OURS = ["subject", "metric", "note", "synopsis", "what"]  # columns in our own words


@pytest.fixture(scope="module")
def claims() -> pd.DataFrame:
    return table("claims", CASE).set_index("id")


def ends_forced_by_print(value: float, step: float, relation: str) -> tuple[float, float]:
    """Ends of a printed figure, NaN where open: half a step each way for = and ~, one end for a floor or a ceiling."""
    if relation in (">", ">="):
        return value, math.nan
    if relation in ("<", "<="):
        return math.nan, value
    if math.isnan(step):
        return (value, value) if relation == "=" else (math.nan, math.nan)
    return value - step / 2, value + step / 2


def test_every_file_follows_its_published_schema():
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(CASE.data / "datapackage.json"))
    assert report.flatten(["name", "rowNumber", "fieldName", "message"]) == []


def test_every_csv_is_described_and_every_description_has_its_csv():
    assert sorted(TABLES) == sorted(path.stem for path in CASE.data.glob("*.csv"))


@pytest.mark.parametrize("resource", PACKAGE["resources"], ids=TABLES)
def test_recorded_hash_is_the_hash_of_the_file(resource):
    content = (CASE.data / resource["path"]).read_bytes()
    assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", TABLES)
def test_files_are_utf8_with_plain_line_ends(name):
    content = (CASE.data / f"{name}.csv").read_bytes()
    assert b"\r" not in content and content.endswith(b"\n") and not content.startswith(b"\xef\xbb\xbf")
    content.decode("utf-8")


def test_ends_follow_from_value_step_and_relation(claims):
    for claim, row in claims[claims["value"].notna() & (claims["relation"] != "range")].iterrows():
        expected = ends_forced_by_print(row["value"], row["resolution"], row["relation"])
        # a step is a decimal fraction: only the last binary digit may differ
        assert (row["low"], row["high"]) == pytest.approx(expected, rel=1e-12, nan_ok=True), claim


def test_value_of_a_range_is_its_middle(claims):
    ranges = claims[claims["relation"] == "range"]
    assert len(ranges) > 0
    assert ((ranges["low"] + ranges["high"]) / 2).tolist() == ranges["value"].tolist()


def test_no_number_has_no_ends_and_no_step(claims):
    wordless = claims[claims["value"].isna()]
    assert wordless[["low", "high", "resolution"]].isna().all(axis=None)


def test_every_number_has_a_unit_and_shares_stay_between_nothing_and_all(claims):
    assert claims["unit"].notna().all()
    assert claims.loc[claims["unit"] == "share", "value"].dropna().between(0, 1).all()


def test_formulas_name_known_claims_with_numbers_and_each_only_once(claims):
    for claim, formula in claims["formula"].dropna().items():
        used = intervals.names(formula)
        assert len(used) == len(set(used)), f"{claim}: write {formula} so that each claim stands in it once"
        assert claims.reindex(used)["value"].notna().all(), claim


def test_claims_stand_in_a_paragraph_that_the_article_has(claims):
    length = table("documents", CASE).set_index("id")["paragraphs"]
    assert set(claims["document"]) == set(length.index)
    assert (claims["paragraph"] <= claims["document"].map(length)).all()


@pytest.mark.parametrize("name", [name for name in TABLES if name.endswith("_reported")] + ["claims", "documents"])
def test_windows_open_before_they_close(name):
    frame = table(name, CASE)
    start, end = ("as_of_earliest", "as_of_latest") if name == "claims" else ("date_earliest", "date_latest")
    assert not (frame[start] > frame[end]).any()


def test_a_window_has_a_basis_and_a_basis_has_a_window(claims):
    dated = claims[["as_of_earliest", "as_of_latest"]].notna().any(axis=1)
    assert (dated == (claims["as_of_basis"] != "none")).all()


def test_printed_figures_are_figures_and_not_sentences(claims):
    printed = claims["printed"].dropna()
    assert (printed.str.len() <= 40).all() and not printed.str.contains(r"[a-z]{2}\. ").any()


def test_what_is_not_printed_is_said_to_be_ours(claims):
    silent = claims[claims["printed"].isna()]
    assert silent["note"].str.contains("Our count|Not printed").all()
    assert (verdicts(CASE).loc[silent.index, "arithmetic"] == "own count").all(), "our own count agrees with itself"


def test_what_is_missing_is_said_in_words_that_the_note_or_the_figure_bears_out(claims):
    told = claims[claims["missing"].notna()]
    assert (claims.loc[told.index, "note"].str.len() > 0).all()
    for words in told["missing"]:
        assert len(set(words.split())) == len(words.split()), words


def test_a_premise_that_a_comparison_needs_is_one_of_the_case(claims):
    known = set(table("premises", CASE)["premise"])
    needed = {name.strip() for names in claims["premise"].dropna() for name in names.split(";")}
    assert needed <= known


def test_an_article_is_dated_by_a_claim_of_its_own(claims):
    documents = table("documents", CASE).set_index("id")
    dated = documents["dated_by"].dropna()
    assert (claims.loc[dated, "document"] == dated.index).all() and (
        documents.loc[dated.index, "date_basis"] == "inferred"
    ).all()


def test_listed_items_stand_in_the_article_of_the_claim_that_counts_them(claims):
    items = table("enumerations", CASE)
    assert (items["document"] == items["claim"].map(claims["document"])).all()
    assert (items["paragraph"] <= items["document"].map(table("documents", CASE).set_index("id")["paragraphs"])).all()
    assert not items.duplicated(["claim", "item"]).any()


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


@pytest.mark.parametrize("name", [name for name in TABLES if name.endswith("_reported")])
def test_outside_figures_say_their_layer_and_confirmed_ones_their_publisher(name):
    frame = table(name, CASE)
    assert (frame["layer"] == "reported").all()
    assert frame.loc[frame["status"] == "confirmed", "publisher"].notna().all()
