"""The figures of 00-the-case: every claim has its tile, and words follow the register."""

import re
from collections import Counter

import nbformat
import pandas as pd
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
    assert {"1 survived a test; severity 26%", "1 failed a test; severity 86%"} < set(texts(ax))


def test_numbers_on_the_wall_are_at_least_seven_pixels_high_on_a_phone():
    ax = draw.wall(tiles(("000", 48, "survived")), pd.Series({"000": "first"}))
    number = next(text for text in ax.texts if text.get_text() == "48")
    assert number.get_fontsize() / 72 * 350 / ax.figure.get_size_inches()[0] >= 7


def dated(*counts):
    """Two articles, of 2015 and of one printed day in 2019, and their counts: article and year of the count."""
    day = pd.Timestamp
    articles = pd.DataFrame(
        {
            "voice": ["a magazine", "a daily"],
            "date_earliest": [day("2015-01-01"), day("2019-11-29")],
            "date_latest": [day("2015-07-30"), day("2019-11-29")],
            "date_basis": ["inferred", "printed"],
        },
        index=["004", "002"],
    )
    days = [day(year, 3, 1) for _, year in counts]
    columns = {"as_of_earliest": days, "as_of_latest": days, "label": [f"{year} million" for _, year in counts]}
    return articles, pd.DataFrame(columns).assign(document=[document for document, _ in counts])


def test_the_timeline_counts_the_articles_that_print_their_date():
    ax = draw.timeline(*dated(("004", 2015)))
    assert title(ax) == "1 of 2 articles prints its date; 0 of 1 counts were outgrown"
    told = ["a magazine: Jan to Jul 2015, inferred", "a daily: 29 Nov 2019, printed", "2015 million"]
    assert texts(ax) == told
    assert [label.get_text() for label in ax.get_yticklabels()] == ["004", "002"]


def test_a_count_that_ended_before_its_article_began_was_outgrown():
    ax = draw.timeline(*dated(("004", 2015), ("002", 2018)))
    assert title(ax).endswith("1 of 2 counts was outgrown")
    assert texts(ax)[2:] == ["2015 million", "2018 million, outgrown"]
    assert [text.get_color() for text in ax.texts[2:]] == [draw.REPORTED, draw.FAILED]


def test_a_label_stands_beside_its_own_bar_and_not_on_it():
    bar, own = (found := draw.timeline(*dated(("004", 2015)))).patches[0], found.texts[2]
    assert own.get_ha() == "right" and own.xy[0] <= bar.get_x()


def test_one_long_case_moves_the_mean_and_leaves_the_median():
    cases = pd.DataFrame({"before": [10.0, 10, 10, 70], "after": [10.0, 10, 10, 20]})
    ax = draw.one_long_case(cases)
    assert title(ax) == "The mean falls by 50%, the median by 0%"
    assert {"mean: 25 to 12.5", "median: 10 to 10", "3 cases take as long\nas before"} < set(texts(ax))


def test_the_page_names_the_register_s_own_counts():
    """They are typed; the opening tells none that the reader is asked for."""
    register, judged, tally = claims.load(), claims.verdicts(), claims.tally()
    furniture = register["kind"] == "furniture"
    tested = judged["arithmetic"].isin(["holds", "fails", "outdated"])
    missing = (judged["verdict"] == "undefined") & ~tested & ~furniture
    rest = len(register) - tested.sum() - missing.sum() - furniture.sum()
    cells = nbformat.read(open_case().notebooks / "00-the-case.ipynb", 4).cells
    assert re.findall(r"\d+", cells[0].source) == [str(tally.claims)]
    page = "\n".join(cell.source for cell in cells)
    for words in (
        f"Eight claims were tested, and {len(tally.survived)} survived",
        "{} to {} survive.".format(*tally.survivors),
        f"The other {tally.claims - tally.tested} are not tested. {missing.sum()} leave out",
        f"nothing at hand tests {rest} more. The last {furniture.sum()} are page furniture",
    ):
        assert words in page, words
    assert tally.tested == 8 and list(tally.failed) == ["fp_users_575"]
    assert judged.at["fp_users_575", "arithmetic"] == "outdated"


def test_what_is_said_of_the_ticks_is_so_in_the_register():
    tally, register = claims.tally(), claims.load()
    assert {reason: tally.rest[reason] for reason in ("restated", "listed", "self-dated", "conditional")} == {
        "restated": 6,
        "listed": 9,
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
