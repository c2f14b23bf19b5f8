"""The pages a class gets, looked at in a browser: nothing from a network, nothing sideways, nobody shut out."""

import csv
import html
import json
import re

import nbformat
import pytest
from axe import heard, script

from casestudy import claims
from casestudy.case import open_case
from casestudy.reports.pages import document

NAMES = ["index", *(path.stem for path in sorted(open_case().notebooks.glob("[0-9][0-9]-*.ipynb")))]


BROKEN = """axe.run(document, {resultTypes: ["violations"]}).then(
  found => found.violations.map(one => `${one.id}: ${one.nodes.length}, ${one.nodes[0].html.slice(0, 200)}`))"""
OPEN = "for (const fold of document.querySelectorAll('details')) fold.open = true"
MOST = 1_500_000  # bytes of a page


@pytest.fixture
def opened(reports, browser):
    """Open a page; at the end it must have asked for nothing and complained of nothing."""
    noises = []

    def opened(name, **options):
        page = browser.new_page(**options)
        noises.append(heard(page))
        page.goto((reports / f"{name}.html").as_uri())
        return page

    yield opened
    assert [noise for page in noises for noise in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_its_window_and_asks_no_network(opened, name):
    page = opened(name, viewport={"width": 390, "height": 900})
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0 && image.alt.length >= 40)")
    page.close()


@pytest.mark.parametrize(
    "name", [name if name[:2] in ("03", "06") else pytest.param(name, marks=pytest.mark.slow) for name in NAMES[1:]]
)
def test_everybody_can_read_a_page_with_its_folds_open_in_the_dark(opened, reports, name):
    assert (reports / f"{name}.html").stat().st_size < MOST
    page = opened(name, viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page.evaluate(script())
    page.evaluate(OPEN)
    assert page.evaluate(BROKEN) == []
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", NAMES[1:])
def test_everybody_can_read_a_page_in_any_light_at_any_width(opened, name, width):
    page = opened(name, viewport={"width": width, "height": 900})
    page.evaluate(script())
    assert page.evaluate(BROKEN) == []
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(BROKEN) == []
    page.close()


def test_contents_and_citation_marks_work_by_key_and_answers_are_guessed_first(browser, tmp_path):
    """On a small page of its own, so that no notebook's text matters."""
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    out = nbformat.v4.new_output("stream", text="968")
    parts = [text(f"## Part {number}\n\nSo [claim: cx_agents]." + 40 * "\n\nMore.") for number in range(3)]
    answer = code("print(n)", outputs=[out], metadata={"tags": ["reveal"]})
    book = nbformat.v4.new_notebook(cells=[text("# How many?\n\nSome. Guess."), answer, *parts])
    html = document.document(book, "How many?", document.citations(open_case()))
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((tmp_path / "page.html").as_uri())
    page.get_by_label("Your guess").fill("a thousand")
    assert not page.get_by_text("968").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.get_by_text("968").is_visible() and page.get_by_label("Your guess").input_value() == "a thousand"
    page.locator("button.claim").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#note-cx_agents").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#claim-cx_agents") and not page.locator("#note-cx_agents").is_visible()
    page.locator(".contents summary").focus()
    for key in ("Enter", "Tab", "Enter"):
        page.keyboard.press(key)
    assert page.url.endswith("#part-0")
    page.close()
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "page.html").as_uri())
    page.locator("details.reveal > summary").focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("968").is_visible()
    page.locator("button.claim").first.click()
    assert page.locator("#note-cx_agents").is_visible()
    page.emulate_media(media="print")
    assert page.locator("details.code pre").is_visible() and not page.locator(".contents").is_visible()
    page.close()


@pytest.mark.parametrize("name", NAMES[1:])
def test_code_is_folded_and_no_tex_is_left(reports, name):
    page = (reports / f"{name}.html").read_text(encoding="utf-8")
    assert page.count('<details class="code"') == page.count('class="input"') > 8
    words = re.sub(r"<(pre|code|style|math).*?</\1>", "", page, flags=re.S)
    assert not re.search(r"\$[^$\n]+\$|\[claim:", words)


def test_the_index_shows_every_question_with_its_figure_and_counts(reports):
    index = (reports / "index.html").read_text(encoding="utf-8")
    for name in NAMES[1:]:
        assert f'href="{name}.html"' in index and f'href="figures/{name}.png"' in index
    assert len(re.findall('<img src="data:image/png', index)) == len(NAMES[1:])
    assert index.count('<p class="counts">') == len(NAMES[1:])


def test_the_front_page_the_results_and_the_register_count_the_same_tests(reports):
    tally = claims.tally()
    index = html.unescape((reports / "index.html").read_text(encoding="utf-8"))
    assert tally.headline in index
    rows = list(csv.DictReader((reports / "results.csv").open(encoding="utf-8")))
    assert {row["test"]: row["agrees"] == "true" for row in rows if row["test"]} == dict.fromkeys(
        tally.survived, True
    ) | dict.fromkeys(tally.failed, False)
    told = re.findall(r"<strong>(\d+) of (\d+)</strong> tests? survived", index)
    by_page = {}
    for row in rows:
        if row["test"]:
            by_page.setdefault(row["notebook"], {})[row["test"]] = row["agrees"] == "true"
    assert told == [(str(sum(found.values())), str(len(found))) for _, found in sorted(by_page.items())]


def test_the_index_names_the_five_articles_in_their_language(reports):
    index = (reports / "index.html").read_text(encoding="utf-8")
    assert (
        len(re.findall("<dt>00[0-4]: <cite", index)) == 5 and index.count('<cite lang="pl">') == 2
    )  # 002, as a source and over its tiles; the title of 003 is ours


def test_no_row_put_in_by_construction_or_shown_back_has_a_verdict(reports):
    rows = list(csv.DictReader((reports / "results.csv").open(encoding="utf-8")))
    assert {row["agrees"] for row in rows if row["basis"] in ("calibrated", "restated")} <= {""}
    assert {row["basis"] for row in rows if row["agrees"]} <= {"derived", "external"}
    assert all(bool(row["test"]) == bool(row["agrees"]) for row in rows)
    assert {row["default"] for row in rows} == {"true"}
    runs = [run["run"] for run in json.loads((reports / "run.json").read_text(encoding="utf-8"))["runs"]]
    assert rows == sorted(rows, key=lambda row: (runs.index(row["run"]), row["claim"]))
