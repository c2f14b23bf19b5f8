"""The figures of 00-the-case: every claim has its tile, and words follow the register."""

import re
from collections import Counter

import nbformat
import pandas as pd
import pytest
from drawn import texts, title

from casestudy import claims, data
from casestudy.case import open_case
from casestudy.plots import case as draw

KINDS = list(draw.EVIDENCE)


def tiles(*rows):
    return pd.DataFrame(rows, columns=["document", "paragraph", "evidence"]).assign(severity=0.5)


def test_a_claim_has_one_tile_with_its_paragraph_whichever_article_it_is_from():
    rows = tiles(*[("000", 10 + number, "untested") for number in range(20)], ("004", 7, "survived"))
    ax = draw.wall(rows, pd.Series({"000": "first", "004": "last"}))
    assert len(ax.patches) == 21 + len(KINDS)  # one tile a kind stands beside its count
    assert [text for text in texts(ax) if text.isdigit()] == [*map(str, range(10, 30)), "7"]


def test_kinds_of_evidence_can_be_told_apart_without_colour():
    marks = [mark for _, _, mark in draw.EVIDENCE.values()]
    assert len(set(marks)) == len(marks)
    rows = tiles(*[("000", 3, kind) for kind in KINDS])
    ax = draw.wall(rows, pd.Series({"000": "first"}))
    assert Counter(texts(ax))["✓"] == Counter(texts(ax))["✕"] == 2  # beside the count, and on the tile


def test_the_wall_is_headed_by_what_was_tested_and_says_how_severely():
    rows = tiles(("000", 1, "survived"), ("000", 2, "failed"), ("000", 3, "undefined"), ("000", 4, "furniture"))
    ax = draw.wall(rows.assign(severity=[0.26, 0.86, None, None]), pd.Series({"000": "first"}))
    assert title(ax) == "2 of 4 claims were tested; 1 survived"
    assert {"1 survived a test; severity 26%", "1 did not; severity 86%"} < set(texts(ax))


def test_numbers_on_the_wall_are_at_least_seven_pixels_high_on_a_phone():
    ax = draw.wall(tiles(("000", 48, "survived")), pd.Series({"000": "first"}))
    number = next(text for text in ax.texts if text.get_text() == "48")
    assert number.get_fontsize() / 72 * 350 / ax.figure.get_size_inches()[0] >= 7


def test_the_timeline_counts_the_articles_that_print_their_date():
    day = pd.Timestamp
    articles = pd.DataFrame(
        {
            "date_earliest": [day("2015-01-01"), day("2019-11-29")],
            "date_latest": [day("2015-07-30"), day("2019-11-29")],
        },
        index=["004", "002"],
    )
    columns = ["document", "as_of_earliest", "as_of_latest", "as_of_basis", "label"]
    dated = pd.DataFrame([("004", day("2014-01-01"), day("2014-12-31"), "printed", "a year")], columns=columns)
    firm = pd.DataFrame({"date_earliest": [day("2002-12-28")], "word": ["founded"]})
    ax = draw.timeline(articles.assign(date_basis=["inferred", "printed"]), dated, firm)
    assert title(ax) == "1 of 2 articles prints its date; the rest is inferred"
    assert texts(ax) == ["a year", "founded"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["the firm", "004", "002"]


@pytest.mark.parametrize(("others", "side"), [((2014.2, 2014.6), "left"), ((2010.5,), "right")])
def test_a_label_stands_beside_its_own_point_and_not_beside_another(others, side):
    day = pd.Timestamp
    bar = {"date_earliest": [day("2015-01-01")], "date_latest": [day("2015-07-30")], "date_basis": ["inferred"]}
    days = [day(int(year), 1 + int(12 * (year % 1)), 15) for year in (*others, 2015.2)]
    columns = {"as_of_earliest": days, "as_of_latest": days, "label": [""] * len(others) + ["350 million"]}
    dated = pd.DataFrame(columns).assign(document="004", as_of_basis="printed")
    firm = pd.DataFrame({"date_earliest": [day("2002-12-28")], "word": ["founded"]})
    own = draw.timeline(pd.DataFrame(bar, index=["004"]), dated, firm).texts[0]
    assert own.get_text() == "350 million" and own.get_ha() == side
    assert own.xy[0] > 2015.5 if side == "left" else 2014.9 < own.xy[0] < 2015.1


def test_one_long_case_moves_the_mean_and_leaves_the_median():
    cases = pd.DataFrame({"before": [10.0, 10, 10, 70], "after": [10.0, 10, 10, 20]})
    ax = draw.one_long_case(cases)
    assert title(ax) == "The mean falls by 50%, the median by 0%"
    assert {"mean: 25 to 12.5", "median: 10 to 10", "3 cases: as long as before"} < set(texts(ax))


def test_the_page_s_answer_names_the_register_s_own_counts():
    """The answer is typed; these are the numbers in it, in order, and the one test that failed is a word."""
    register, judged, tally = claims.load(), claims.verdicts(), claims.tally()
    furniture = register["kind"] == "furniture"
    tested = judged["arithmetic"].isin(["holds", "fails", "outdated"])
    missing = (judged["verdict"] == "undefined") & ~tested & ~furniture
    rest = len(register) - tested.sum() - missing.sum() - furniture.sum()
    wanted = [tally.claims, tally.tested, len(tally.survived), *tally.survivors, missing.sum(), rest, furniture.sum()]
    first = nbformat.read(open_case().notebooks / "00-the-case.ipynb", 4).cells[0].source
    assert [int(number) for number in re.findall(r"\d+", first.partition("\n\n")[2])] == wanted
    assert list(tally.failed) == ["fp_users_575"] and judged.at["fp_users_575", "arithmetic"] == "outdated"


def test_what_is_said_of_the_ticks_is_so_in_the_register():
    tally, register = claims.tally(), claims.load()
    assert {reason: tally.rest[reason] for reason in ("restated", "self-dated", "conditional")} == {
        "restated": 6,
        "self-dated": 4,
        "conditional": 3,
    }  # these are words on the page
    assert set(tally.survived) == {
        "pd_founded",
        "cx_csat_23",
        "pd_lives_per_emp",
        "fp_split_business",
        "fp_equal_split",
        "cx_rate_2s",
        "cx_mobile_traffic",
    }
    assert register.loc[list(tally.survived), "missing"].notna().sum() == 3
    page = "\n".join(cell.source for cell in nbformat.read(open_case().notebooks / "00-the-case.ipynb", 4).cells)
    for words in (
        f"behind {register['printed'].isna().sum()} of these tiles nothing is printed",
        f"do not read {len(tally.survived)} of {tally.claims} as a mark",
        f"how many of the {tally.claims} were put to a *test*",
    ):
        assert words in page, words


def test_every_system_is_on_a_page_that_exists_in_the_register():
    systems = data.table("systems")
    assert set(systems["notebook"]) <= set(claims.load()["notebook"])
