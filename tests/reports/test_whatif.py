"""What-if pages: a control moved by keyboard brings its own run's figure, numbers and sentence."""

import csv
import json
import re
from pathlib import Path

import pytest
from axe import heard
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from casestudy import claims
from casestudy.case import open_case
from casestudy.refusals import Refusal
from casestudy.reports.executors.local import Local
from casestudy.reports.sets import grid
from casestudy.reports.sweep import Plan, sweep
from casestudy.reports.whatif import chart, figures, index, page, spec

LIGHT = ("00", "06", "09")  # built here; make what-if builds all
GRIDS = sorted((Path(__file__).parents[2] / "docs" / "what-if").glob("*.toml"))
TINY = """
notebook = "01"

[grid]
agents = [700, 800, 900, 1000]
word = ["low", "high"]

[explore]
title = "How many heads?"
claim = "cx_agents"
layer = "Invented"
name = "Heads"
estimate = "ours"
sentence = "With {agents} agents, {kind}, {ours:,.0f} heads; the figure says {lines:.0f}, and {meets} the print."
[explore.controls]
agents = {label = "Agents at work", shown = "{agents} heads"}
word = {label = "Which reading", shown = "{kind}"}
[explore.facts.word]
low = {kind = "read low"}
high = {kind = "read <high>"}
[explore.read]
lines = "finds {} lines"
"""
DRAWS = """import os
from PIL import Image
folder = os.environ["CASESTUDY_FIGURES"]
Image.new("RGB", (640, 300), (agents % 256, 90, 90)).save(f"{folder}/01-light.png")
print("so far", file=open(f"{folder}/01-light.txt", "w"), end="; finds " + str(agents // 100) + " lines")
1 / (agents - 900)  # one place of the slider fails"""


@pytest.fixture(scope="module")
def small(light, copy_of, tmp_path_factory):
    """A case with one light notebook."""
    case = copy_of(tmp_path_factory.mktemp("what-if") / "case")
    parameters = "agents = 800  # heads; 1..5000; ours\nword = 'low'  # reading; low|high; ours"
    light(case, "01-light", parameters, "agents * (1 if word == 'low' else 1.5)", DRAWS)
    return case


def asked(case, text=TINY):
    path = case.root / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return grid.read(path, case)


@pytest.fixture(scope="module")
def swept(small):
    """The folder of a sweep of eight sets, two of which fail, with its page."""
    out = small.root / "out" / "01-light"
    plan = asked(small)
    wanted = spec.read(plan, small)
    sweep(Plan.of(plan), out, Local(2), small, html=False)
    page.write(wanted, out, small)
    return out


@pytest.fixture
def opened(browser, swept):
    """The page in a browser; it must have asked for nothing, and complained of nothing."""
    pages, noises = [], []

    def opened(path=swept / page.PAGE, **options):
        made = browser.new_page(**({"viewport": {"width": 1280, "height": 900}} | options))
        noises.append(heard(made))
        made.goto(path.as_uri())
        pages.append(made)
        return made

    yield opened
    for made in pages:
        made.close()
    assert [noise for made in noises for noise in made] == []


def seen(made):
    """What a reader has before them: sentence, mark, figure's picture, last cell of the table, mark of a change."""
    return {
        "sentence": made.inner_text("#sentence"),
        "mark": made.get_attribute("#mark circle", "cx"),
        "figure": made.get_attribute("#figure", "src"),
        "number": made.inner_text("#numbers tr:first-child td:last-child"),
        "changed": made.is_visible("#changed"),
    }


# What it shows


def test_its_numbers_are_those_of_results_csv(swept):
    html = BeautifulSoup((swept / page.PAGE).read_text(encoding="utf-8"), "html.parser")
    sets = json.loads(html.select_one("#sets").string)["sets"]
    rows = {row["run"]: float(row["ours"]) for row in csv.DictReader((swept / "results.csv").open(encoding="utf-8"))}
    assert {one["run"]: one["rows"]["cx_agents"][0] for one in sets if not one["failed"]} == rows
    assert {one["run"]: one["estimate"][0] for one in sets if not one["failed"]} == rows
    for one in sets:
        if not one["failed"]:
            assert f"{rows[one['run']]:,.0f} heads; the figure says" in one["sentence"]
    assert sum(one["failed"] for one in sets) == 2


def test_a_slider_moved_by_key_brings_its_own_sentence_figure_mark_and_number(opened):
    made = opened()
    before = seen(made)
    assert before["sentence"] == "With 800 agents, read low, 800 heads; the figure says 8, and meets the print."
    assert not before["changed"]
    made.keyboard.press("Tab")
    made.keyboard.press("ArrowLeft")
    after = seen(made)
    assert after["sentence"] == "With 700 agents, read low, 700 heads; the figure says 7, and misses the print."
    assert after["changed"] and made.inner_text("#changed").endswith("Agents at work: 700 heads instead of 800 heads.")
    assert all(after[name] != before[name] for name in ("sentence", "mark", "figure", "number"))
    assert made.get_attribute("#c0", "aria-valuetext") == made.inner_text("#o0") == "700 heads"


def test_a_choice_moved_by_key_and_the_reset_bring_back_the_start(opened):
    made = opened()
    before = seen(made)
    for key in ("Tab", "Tab", "ArrowDown"):
        made.keyboard.press(key)
    assert seen(made)["sentence"].startswith("With 800 agents, read <high>, 1,200 heads")
    assert made.get_attribute("g.line.here", "data-line") == "1"
    for key in ("Tab", "Enter"):
        made.keyboard.press(key)
    assert seen(made) == before and made.input_value("#c0") == "1" and made.is_checked("[name=c1][value='0']")


def test_a_set_that_failed_is_shown_as_such(opened):
    made = opened()
    made.focus("#c0")
    made.keyboard.press("ArrowRight")
    assert re.match("This set failed: cell.*ZeroDivisionError", made.inner_text("#sentence"))
    assert made.is_visible("#missing") and not made.is_visible("#figure") and not made.is_visible("#mark")
    assert made.locator(".chart text.failed").count() == 2
    made.keyboard.press("ArrowRight")
    assert made.is_visible("#figure") and made.is_visible("#mark") and "1,000 heads" in seen(made)["sentence"]


def test_without_a_script_it_shows_the_notebook_s_own_set(opened):
    made = opened(java_script_enabled=False)
    assert "With 800 agents, read low, 800 heads" in made.content() and not made.is_visible("#controls")
    assert made.is_visible("#figure") and made.is_visible("#sentence") and made.is_visible("#numbers tr")
    assert "agents at work: 800 heads" in made.inner_text(".noscript")
    assert made.get_attribute("#mark circle", "cx") == made.locator("g.line.here circle").nth(1).get_attribute("cx")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_its_window_and_nobody_is_kept_out(opened, width, scheme):
    made = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    made.focus("#c0")
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight"):  # changed, at its start, failed
        made.keyboard.press(key)
        assert made.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(made).response["violations"] == []


def test_a_page_may_ask_nobody_for_anything(swept):
    html = (swept / page.PAGE).read_text(encoding="utf-8")
    assert "default-src 'none'" in html and not re.search(r"""(?:src|href)=["']?(?!data:)[\w/]""", html)


def test_an_index_leads_to_the_pages(opened, swept):
    made = opened(index.collect(swept.parent))
    assert made.get_attribute("h2 a", "href") == "01-light/explore.html"
    assert "With 800 agents" in made.inner_text(".cards li")
    assert Axe().run(made).response["violations"] == []


# What it refuses


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{agents} agents", "{agent} agents", "nothing is called 'agent'; did you mean 'agents'?"),
        ("{agents} agents", "{agents.real} agents", "a blank is {name}"),
        ("{agents} agents", "{agents!r} agents", "a blank is {name}"),
        ("{agents} agents", "{agents:{word}} agents", "a blank is {name}"),
        ("{agents} agents", "{agents agents", "a brace that is meant as such is doubled"),
        ("700, 800, ", "700, ", "add agents = 800"),
        ("800, 900", "800, 800", "each value must stand once"),
        ('"ours"', '"ours + heads"', "nothing is called 'heads'"),
        ('"ours"', '"ours.real"', "ours.real"),
        ('"cx_agents"', '"cx_agent"', "no claim 'cx_agent'; did you mean 'cx_agents'?"),
        ('"Invented"', '"Made up"', "layer must be one of Printed, Implied, Reported, Invented"),
        ('low = {kind = "read low"}\n', "", "must have every value of the grid: add 'low'"),
        ("finds {} lines", "finds lines", "words with one {}"),
        ("sentence =", "sentense =", "did you mean 'sentence'?"),
        ("[explore.read]\n", "[explore.read]\nours = '{} lines'\n", "a word that is not taken: got 'ours'"),
        (TINY[TINY.index("[explore]") :], "", "must have a table [explore]"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(small, old, new, told):
    assert old in TINY
    with pytest.raises(Refusal) as refusal:
        spec.read(asked(small, TINY.replace(old, new, 1)), small)
    assert told in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_refusal_at_the_command_line_leaves_nothing(small, typed, monkeypatch):
    monkeypatch.setenv("CASESTUDY_CASE", str(small.root))
    path, out = small.root / "wrong.toml", small.root / "nothing"
    path.write_text(TINY.replace("{ours:,.0f}", "{hours}"), encoding="utf-8")
    code, _, complaint = typed("sweep", str(path), "--explore", "--out", str(out))
    assert code == 2 and "nothing is called 'hours'; did you mean 'ours'?" in complaint and not out.exists()


def test_lists_that_are_walked_together_are_one_control(small):
    zipped = TINY.replace("[grid]", "[zip]").replace('["low", "high"]', '["high", "low", "low", "low"]')
    (control,) = spec.read(asked(small, zipped), small).controls
    assert control.names == ("agents", "word") and control.own == 1 and control.slides


# How it is drawn


def test_a_place_that_is_higher_stands_higher(small, swept):
    wanted = spec.read(asked(small), small)
    folders = [swept / "sets" / one.id for one in wanted.sets]
    records = [json.loads((folder / "set.json").read_text(encoding="utf-8")) for folder in folders]
    drawn = chart.Chart(wanted, page.states(wanted, records, folders, small), (750.0, 800.0))
    marks = [mark for mark in drawn.marks() if mark]
    lows = [mark[1] for mark in marks]
    assert drawn.marks()[4] is None and drawn.y(750.0) > drawn.y(800.0)
    assert max(lows) == marks[0][1] and min(lows) == marks[-1][1]  # 700 heads, the fewest, and 1,500
    assert [mark[0] for mark in marks] == sorted(mark[0] for mark in marks)


def test_the_same_picture_is_held_once_and_a_large_one_drawn_smaller(tmp_path, monkeypatch):
    from PIL import Image

    paths = [tmp_path / f"{name}.png" for name in "abc"]
    for path, colour in zip(paths, ((9, 9, 9), (9, 9, 9), (80, 9, 9)), strict=True):
        Image.new("RGB", (2000, 100), colour).save(path)
    found, which = figures.compact([*paths, None])
    assert (len(found), which) == (2, [0, 0, 1, -1]) and {one.width for one in found} == {1440}
    monkeypatch.setattr(figures, "ROOM", 1)
    assert {one.width for one in figures.compact(paths)[0]} == {480}


# The shipped pages


def test_there_is_a_grid_for_each_notebook_and_together_they_take_minutes():
    stems = [path.stem for path in sorted(open_case().notebooks.glob("[0-9][0-9]-*.ipynb"))]
    assert [path.stem for path in GRIDS] == stems
    assert sum(grid.read(path, open_case()).count for path in GRIDS) <= 250


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: path.stem)
def test_a_shipped_grid_is_valid(path):
    wanted = spec.read(grid.read(path, open_case()), open_case())
    assert wanted.notebook.stem == path.stem and 5 <= len(wanted.sets) <= 100
    for sentence in re.split(r"(?<=[.?!]) ", wanted.sentence.text):
        assert len(sentence.split()) <= 32


def test_the_counts_of_the_first_grid_are_those_of_the_register():
    tally, register = claims.tally(), claims.load()
    told = spec.read(grid.read(GRIDS[0], open_case()), open_case()).facts["document"]
    for document, facts in told.items():
        survived = sum(register.at[id, "document"] == document for id in tally.survived)
        failed = sum(register.at[id, "document"] == document for id in tally.failed)
        made = int((register["document"] == document).sum())
        assert (facts["made"], facts["tested"], facts["survived"]) == (made, survived + failed, survived)


def test_the_days_of_the_second_grid_are_those_between_the_counts():
    register = claims.load().loc[["cx_members_350", "fp_users_575", "pl_members_690"]]
    middles = register["as_of_earliest"] + (register["as_of_latest"] - register["as_of_earliest"]) / 2
    text = GRIDS[1].read_text(encoding="utf-8")
    assert all(f"({gap.days} " in text for gap in middles.diff().dropna())


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in GRIDS if path.stem[:2] in LIGHT], ids=lambda path: path.stem)
def test_a_shipped_page_can_be_built_and_kept_small(path, tmp_path, browser):
    case = open_case()
    plan = grid.read(path, case)
    closing = sweep(Plan.of(plan), tmp_path, Local(2), case, html=False)
    written = page.write(spec.read(plan, case), tmp_path, case)
    html = written.read_text(encoding="utf-8")
    assert closing.failed == 0 and "This set failed" not in html and written.stat().st_size < 5_000_000
    for width in (390, 1280):
        made = browser.new_page(viewport={"width": width, "height": 900})
        made.goto(written.as_uri())
        assert made.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(made).response["violations"] == []
        made.close()
