"""What a notebook records beside its comparisons goes where they go: tables, sweeps, pages with sliders."""

import json

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from casestudy import reports
from casestudy.refusals import Refusal
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import grid, table
from casestudy.reports.sweep import Plan, sweep
from casestudy.reports.whatif import page, spec, states

RECORDS = """from casestudy.claims import record
record("miss", agents / 10, "heads", low=agents / 20, high=agents / 5)
record("rate", agents / 1000, "share")"""
ASKED = """
notebook = "01"

[grid]
agents = [700, 800, 900]

[explore]
title = "How large is the miss?"
layer = "Invented"
name = "Miss"
unit = "heads"
estimate = {estimate}
sentence = "With {{agents}} agents, a miss of {{miss:,.0f}} heads, {{miss_low:,.0f}} at least: {{part:.0%}} of all."
[explore.numbers]
part = "miss / agents"
"""


@pytest.fixture(scope="module")
def case(light, copy_of, tmp_path_factory):
    """A case with one light notebook that records two results beside its comparison."""
    case = copy_of(tmp_path_factory.mktemp("recorded") / "case")
    light(case, "01-light", "agents = 800  # heads; 1..5000; ours", "agents", RECORDS)
    return case


def plan(case, estimate='["miss_low", "miss_high"]'):
    path = case.root / "tiny.toml"
    path.write_text(ASKED.format(estimate=estimate), encoding="utf-8")
    return grid.read(path, case)


@pytest.fixture(scope="module")
def swept(case):
    """The folder of a sweep of three sets, with its page."""
    out = case.root / "out" / "01-light"
    asked = plan(case)
    wanted = spec.read(asked, case)
    sweep(Plan.of(asked), out, Local(2), case, html=False)
    page.write(wanted, out, case)
    return out


def test_a_result_is_a_row_with_its_unit_and_no_test(swept):
    frame = reports.results(swept).set_index(["agents", "claim"])
    row = frame.loc[(700, "miss")]
    assert (row["ours"], row["ours_low"], row["ours_high"], row["unit"], row["basis"]) == (
        70,
        35,
        140,
        "heads",
        "recorded",
    )
    assert row[["low", "high", "severity", "agrees"]].isna().all() and row["printed"] == row["test"] == ""
    assert frame.loc[(900, "rate"), "ours"] == 0.9 and pd.isna(frame.loc[(900, "rate"), "ours_low"])
    assert (frame.xs("cx_agents", level="claim")["unit"] == "").all()


def test_a_sweep_s_index_shows_the_results_that_moved(swept):
    html = BeautifulSoup((swept / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert {"Miss", "Rate"} <= {heading.get_text() for heading in html.select(".charts h3")}
    alt = html.select_one(".charts svg")["aria-label"]
    assert alt == "Miss: we get 70 to 90 over agents from 700 to 900; nothing is printed"


def test_a_page_with_sliders_takes_an_estimate_and_words_from_results(swept):
    html = BeautifulSoup((swept / page.PAGE).read_text(encoding="utf-8"), "html.parser")
    sets = json.loads(html.select_one("#sets").string)["sets"]
    assert [one["estimate"] for one in sets] == [[35, 140], [40, 160], [45, 180]]
    assert sets[0]["sentence"] == "With 700 agents, a miss of 70 heads, 35 at least: 10% of all."
    assert ["Rate", "not printed", "70%", "en"] in sets[0]["numbers"]


@pytest.mark.parametrize(
    ("estimate", "message"),
    [('"mis"', "nothing is called 'mis'; did you mean 'miss'"), ('"ours"', "nothing is called 'ours'")],
)
def test_a_page_names_only_what_is_recorded(case, estimate, message):
    with pytest.raises(Refusal, match=message):
        spec.read(plan(case, estimate), case)


def test_a_result_is_no_claim_of_a_page(case):
    asked = plan(case, '"miss"')
    asked.path.write_text(asked.path.read_text().replace('title = "', 'claim = "miss"\ntitle = "'), encoding="utf-8")
    with pytest.raises(Refusal, match='miss is no claim but a recorded result: write estimate = "miss"'):
        spec.read(grid.read(asked.path, case), case)


def test_a_set_without_the_result_says_so_in_its_place(case, swept):
    explore = spec.read(plan(case), case)
    folders = [swept / "sets" / asked.id for asked in explore.sets]
    records = [json.loads((folder / "set.json").read_text()) for folder in folders]
    records[2]["rows"] = [row for row in records[2]["rows"] if row["claim"] != "miss"]
    errors = [state.error for state in states.states(explore, records, folders, case)]
    assert errors == ["", "", "it has no number 'miss_low'"]


GOOD = dict.fromkeys(table.RECORDED) | {
    "claim": "miss",
    "printed": "",
    "basis": "recorded",
    "unit": "heads",
    "ours": 1.0,
}


def book(*rows):
    outputs = [nbformat.v4.new_output("display_data", {table.MIME: {"rows": [row]}}) for row in rows]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=outputs)])


def test_a_name_stands_once_in_a_notebook():
    with pytest.raises(Refusal, match="a result is recorded once in a notebook: got miss twice"):
        table.recorded(book(GOOD, GOOD | {"claim": "rate"}, GOOD))


@pytest.mark.parametrize(
    "forged",
    [
        {"ours": None},
        {"ours": "1"},
        {"unit": ""},
        {"unit": None},
        {"agrees": True, "test": "miss"},
        {"low": 1.0},
        *[{"claim": ""}, {"printed": "3"}, {"basis": "derived"}, {"more": 1}, {"severity": 0.9}],
    ],
    ids=str,
)
def test_a_forged_result_is_refused(forged):
    assert table.recorded(book(GOOD)) == [GOOD]
    with pytest.raises(Refusal, match=r"must come from claims.compare or claims.record"):
        table.recorded(book(GOOD | forged))


def test_results_of_runs_before_there_were_units_can_still_be_read(swept, tmp_path):
    old = pd.read_csv(swept / "results.csv", dtype=str, keep_default_na=False).query("basis != 'recorded'")
    old.drop(columns="unit").to_csv(tmp_path / "results.csv", index=False)
    (tmp_path / "run.json").write_bytes((swept / "run.json").read_bytes())
    frame = reports.results(tmp_path)
    assert "unit" not in frame and sorted(frame["ours"]) == [700, 800, 900]
    assert len(reports.results(tmp_path, swept)) == 12
