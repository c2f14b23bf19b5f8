"""The printed figures: what they can mean, what follows from them, and what counts as agreement."""

import itertools
import json
import math
import re

import pandas as pd
import pytest

from casestudy import claims, data, schema
from casestudy.case import open_case
from casestudy.claims.comparison import MIME, range_in_words
from casestudy.refusals import Refusal

COLUMNS = list(schema.standard("claims"))


def test_a_rounded_figure_reaches_half_a_step_either_way():
    assert claims.printed_interval("cx_csat_after") == pytest.approx((8.05, 8.15))


def test_more_than_is_open_when_read_strictly_and_ends_at_the_next_step_when_read_as_usual():
    assert claims.printed_interval("cx_rate_2s", "strict") == (2, math.inf)
    assert claims.printed_interval("cx_rate_2s", "conventional") == (2, 3)


def test_nearly_ends_one_step_below():
    assert claims.printed_interval("cx_kb_21") == pytest.approx((0.20, 0.21))


def test_rounding_alone_makes_the_csat_rise_21_to_24_per_cent():
    assert claims.interval("cx_csat_23") == pytest.approx((8.05 / 6.65 - 1, 8.15 / 6.55 - 1))


# Compare


@pytest.mark.parametrize(("figure", "reason"), [("5", ""), ("4", "differs")])
def test_a_row_that_is_restated_says_when_it_is_not_what_it_repeats(edit_claim, figure, reason):
    for column in ("value", "low", "high"):
        case = edit_claim("fp_purposes_again", column, figure)
    assert claims.compare(restated=["fp_purposes_again"], case=case).frame["reason"].tolist() == [reason]


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(0.11435, 0.11445, "11.435% to 11.445%"), (0.55, 0.65, "55% to 65%"), (0.225, 0.235, "22.5% to 23.5%")],
)
def test_the_ends_of_what_a_print_can_mean_are_told_apart(low, high, told):
    assert range_in_words(low, high, "share", high - low) == told


def test_only_derived_and_external_rows_that_could_have_failed_can_agree():
    table = claims.compare(
        derived={"cx_csat_23": (0.21, 0.24), "cx_pillars": 4, "fp_hashtag5": 5},
        external={"cx_members_350": 350e6, "fp_users_575": (660e6, 808e6), "pd_founded": 2002},
        conditional={"cx_deflect_97": (0.84, 0.925)},
        calibrated={"cx_csat_after": 8.1},
        restated=["cx_agents"],
    )
    agrees = {row["claim"]: row["agrees"] for row in table.rows() if row["test"]}
    assert agrees == {"cx_csat_23": True, "fp_users_575": False, "pd_founded": True}
    reasons = dict(zip(table.frame["claim"], table.frame["reason"], strict=True))
    assert reasons["cx_pillars"] == "listed" and reasons["fp_hashtag5"] == "restated"
    assert reasons["cx_members_350"] == "self-dated"


def test_one_equation_solved_for_several_figures_is_one_test():
    both = {"cx_csat_23": (0.2105, 0.2443), "cx_csat_after": (8.02, 8.21), "cx_csat_before": (6.52, 6.65)}
    assert {row["test"] for row in claims.compare(derived=both).rows()} == {"cx_csat_23"}


def test_what_hardly_any_print_would_have_failed_is_no_test():
    row = claims.compare(derived={"cx_csat_23": (0.0, 0.99)}).rows()[0]
    assert (row["agrees"], row["test"]) == (None, None) and row["severity"] < 0.05


@pytest.mark.parametrize(
    ("ours", "agrees"), [(8.05, True), (8.15, True), (8.16, False), ((8.15, 9.0), True), ((8.16, 9), False)]
)
def test_a_value_must_lie_in_what_the_print_can_mean_and_a_range_must_reach_it(ours, agrees):
    assert claims.compare(derived={"cx_csat_after": ours}).rows()[0]["agrees"] is agrees


def test_scaling_a_printed_value_flips_its_derived_row(edit_claim):
    ours = claims.interval("cx_csat_23")
    assert claims.compare(derived={"cx_csat_23": ours}).rows()[0]["agrees"] is True
    for column, value in {"value": 0.46, "low": 0.455, "high": 0.465}.items():
        case = edit_claim("cx_csat_23", column, value)
    assert claims.compare(derived={"cx_csat_23": ours}, case=case).rows()[0]["agrees"] is False


def test_what_is_shown_is_what_is_recorded():
    bundle = claims.compare(derived={"cx_rate_2s": (2.1, math.inf)}, restated=["cx_agents"])._repr_mimebundle_()
    rows = json.loads(json.dumps(bundle[MIME], allow_nan=False))["rows"]
    assert [(row["claim"], row["ours_low"], row["ours_high"]) for row in rows] == [
        ("cx_rate_2s", 2.1, None),
        ("cx_agents", None, None),
    ]
    assert "more than" not in bundle["text/plain"] and "2.1 to open" in bundle["text/plain"]
    assert bundle["text/html"].count("<tr>") == 3


def test_recorded_numbers_have_six_digits():
    assert claims.compare(derived={"cx_csat_23": 0.2272727272727}).rows()[0]["ours"] == 0.227273


def test_a_claim_under_two_bases_is_refused():
    with pytest.raises(ValueError, match="cx_agents came under two bases"):
        claims.compare(derived={"cx_agents": 775}, restated=["cx_agents"])


def test_a_misspelt_claim_gets_the_nearest_name():
    with pytest.raises(ValueError, match="did you mean 'cx_csat_after'"):
        claims.compare(derived={"cx_csat_aftr": 8.1})


def test_a_claim_without_a_number_can_be_cited_but_not_compared():
    with pytest.raises(ValueError, match="cited but not compared"):
        claims.compare(derived={"cx_explosive": 1.0})


# Records and refusals


def test_records_have_the_contract_s_columns_and_null_for_what_is_missing():
    rows = json.loads(json.dumps(claims.records(claims.load()), allow_nan=False))
    assert list(rows[0]) == COLUMNS
    assert {type(row["paragraph"]) for row in rows} == {int} and {len(row["document"]) for row in rows} == {3}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["as_of_latest"]) for row in rows if row["as_of_latest"])


def test_records_of_one_document_are_all_of_them_and_only_those():
    assert {row["document"] for row in claims.records(claims.load(), document="002")} == {"002"}
    assert sum(len(claims.records(claims.load(), document=id)) for id in ("000", "001", "002", "003", "004")) == len(
        claims.load()
    )


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("formula", "cx_csat_23 + 1", "must not come back to itself: cx_csat_23 -> cx_csat_after -> cx_csat_23"),
        ("formula", "nobody + 1", "names 'nobody', which is no claim"),
        ("formula", "exec(1)", "claims.csv: cx_csat_after: Call is not allowed in a formula: 'exec(1)'"),
        ("id", "CX after", "id must match [a-z][a-z0-9_]*; got 'CX after'"),
        ("document", "7", "document must be one of 000, 001, 002, 003, 004; got '7'"),
        ("kind", "fact", "kind must be one of statistic"),
        ("value", "eight", "value must be a finite number; got 'eight'"),
        ("value", "inf", "value must be a finite number"),
        ("paragraph", "6.5", "paragraph must be a whole number from 1; got 6.5"),
        ("paragraph", "", "paragraph must be a whole number from 1"),
        ("resolution", "-1", "resolution must be positive"),
        ("low", "9", "low must be at most high"),
        ("as_of_latest", "2015", "as_of_latest must be a date as YYYY-MM-DD; got '2015'"),
        ("as_of_latest", "-0044-03-15", "as_of_latest must be a date as YYYY-MM-DD; got '-0044-03-15'"),
        ("as_of_earliest", "0000-01-01", "as_of_earliest must be a date as YYYY-MM-DD; got '0000-01-01'"),
        ("as_of_latest", "2015-02-30", "must be a date as YYYY-MM-DD"),
        ("as_of_earliest", "2031-01-01", "as_of_earliest must not be after as_of_latest; got '2031-01-01'"),
    ],
)
def test_a_damaged_register_is_refused_with_its_place(edit_claim, column, value, told):
    case = edit_claim("cx_csat_after", column, value)
    with pytest.raises(ValueError, match=re.escape(told)):
        claims.load(case)


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ("(cx_csat_after - cx_csat_before) / cx_csat_before", "cx_csat_before"),
        ("cx_agents_avoided / cx_agents", "cx_agents"),  # in which the heads stand already
    ],
)
def test_a_figure_that_stands_twice_in_a_formula_is_warned_of(edit_claim, formula, name):
    case = edit_claim("cx_csat_23", "formula", formula)
    with pytest.warns(UserWarning, match=f"cx_csat_23: {name} stands twice in its formula, so that its range"):
        claims.load(case)


def test_a_doubled_id_is_refused(edit_claim):
    case = edit_claim("cx_csat_before", "id", "cx_csat_after")
    with pytest.raises(ValueError, match="id must be unique; got 'cx_csat_after'"):
        claims.load(case)


def test_formulas_that_nest_without_end_are_refused_and_shared_parts_are_read_once(edit_claim):
    free = claims.load()[["formula", "outside"]].isna().all(axis=1)  # each a sum of a figure and itself
    ids = free.index[free][:30]
    for id, other in itertools.pairwise(ids):
        case = edit_claim(id, "formula", f"{other} + {other}")
    with pytest.raises(ValueError, match="must not build on more than 20 others"):
        claims.load(case)


ROW = "rate_up,001,2,trial,rise,derived,12 per cent,0.12,0.01,0.115,0.125,share,=,,2020-01-01,2020-12-31,printed,,,,,,"
ROW += "01-one,"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            ["", ROW + "read on paper, not online, and lost"],
            "line 3: 24 cells must stand here, as in the first line; got 26",
        ),
        ([ROW + "whole", ROW.replace("trial", "trial, second") + "x"], "line 3: 24 cells must stand here"),
        (
            [ROW + '"a note\nof two lines"', "", "short,001"],
            "line 5: 24 cells must stand here, as in the first line; got 2",
        ),
        ([ROW + '"never closed'], "must be a comma-separated file in UTF-8: line 2"),
        (["", ROW.replace("12-31", "02-30")], "line 3 (rate_up): as_of_latest must be a date as YYYY-MM-DD"),
        ([ROW.replace("2020-01-01", "2021-01-01")], "line 2 (rate_up): as_of_earliest must not be after as_of_latest"),
    ],
)
def test_a_row_that_lost_its_shape_is_named_with_its_line(copied_case, lines, told):
    copied_case.claims.write_text("\n".join([",".join(COLUMNS), *lines, ",,,", ""]))
    with pytest.raises(ValueError, match=re.escape(f"claims.csv {told}")):
        claims.load(copied_case)


@pytest.mark.parametrize(("first", "told"), [(",id", "''"), ("id,id", "'id'")])
def test_a_column_without_a_name_of_its_own_is_refused(copied_case, first, told):
    (copied_case.data / "glossary.csv").write_text(f"{first}\n0,a\n")
    with pytest.raises(
        ValueError, match=re.escape(f"glossary.csv line 1: each column must have a name of its own; got {told}")
    ):
        data.table("glossary", copied_case)


def test_every_table_with_a_window_is_held_to_it(copied_case):
    path = copied_case.data / "documents.csv"
    first = data.documents(copied_case).iloc[0]
    late, early = (str(first[column].date()) for column in ("date_latest", "date_earliest"))
    path.write_text(path.read_text().replace(f"{early},{late}", f"{late},{early}", 1))
    with pytest.raises(ValueError, match=r"documents.csv line 2 .*: date_earliest must not be after date_latest"):
        claims.load(copied_case)


@pytest.mark.parametrize("content", ["", "id;document\na;b\n1;2;3;4\n", "id,document\n"])
def test_a_file_that_is_no_register_is_named(copied_case, content):
    copied_case.claims.write_text(content)
    with pytest.raises(ValueError, match=re.escape("claims.csv")):
        claims.load(copied_case)


def test_a_latin_1_file_is_named(copied_case):
    copied_case.claims.write_bytes("id,note\na,ł".encode("cp1250"))
    with pytest.raises(ValueError, match=re.escape("claims.csv must be a comma-separated file in UTF-8")):
        claims.load(copied_case)


@pytest.mark.parametrize("ours", [(2, 1), (1, 2, 3), []])
def test_ours_is_a_number_or_a_pair(ours):
    with pytest.raises(ValueError, match="ours is a number or a pair"):
        claims.compare(derived={"cx_agents": ours})


def test_an_empty_comparison_and_a_text_of_ids_are_refused():
    with pytest.raises(ValueError, match="at least one figure"):
        claims.compare()
    with pytest.raises(ValueError, match="restated takes a list of ids"):
        claims.compare(restated="cx_agents")


def test_a_folder_without_claims_is_no_case(tmp_path):
    with pytest.raises(ValueError, match="a case is a folder with"):
        open_case(tmp_path)


def test_unconfirmed_and_rejected_counts_stay_out_unless_asked_for():
    confirmed, more = data.members_reported(), data.members_reported(unconfirmed=True)
    assert set(confirmed["status"]) == {"confirmed"} and len(more) > len(confirmed)
    assert "reject" not in set(more["confidence"]) and set(more["relation"]) <= {"=", "~"}
    assert (more["date_latest"] - more["date_earliest"]).max() <= pd.Timedelta(days=92)


def test_a_list_that_nobody_wrote_down_is_refused_and_not_one_of_no_items(copied_case):
    with pytest.raises(Refusal, match="must hold the items of 'cx_agents', one a row"):
        claims.items_listed("cx_agents", copied_case)
    (copied_case.data / "enumerations.csv").unlink()
    with pytest.raises(Refusal, match="must hold the items of 'cx_pillars'"):
        claims.items_listed("cx_pillars", copied_case)
