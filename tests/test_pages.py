"""The pages a class gets, looked at in a browser: nothing from a network, no sideways scrolling on a phone."""

import csv
import html
import re

import pytest
from playwright.sync_api import sync_playwright

from casestudy import claims
from casestudy.case import open_case

NAMES = ["index", *(path.stem for path in sorted(open_case().notebooks.glob("[0-9][0-9]-*.ipynb")))]


@pytest.fixture(scope="module")
def browser(chromium):
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=quiet)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_its_window_and_asks_no_network(reports, browser, name, width):
    page = browser.new_page(viewport={"width": width, "height": 900}, java_script_enabled=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((reports / f"{name}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0 && image.alt.length >= 40)")
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
        assert f'href="{name}.html"' in index and f'src="figures/{name}.png"' in index
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
    assert len(re.findall("<dt>00[0-4]: <cite", index)) == 5 and index.count('<cite lang="pl">') == 2


def test_no_row_put_in_by_construction_or_shown_back_has_a_verdict(reports):
    rows = list(csv.DictReader((reports / "results.csv").open(encoding="utf-8")))
    assert {row["agrees"] for row in rows if row["basis"] in ("calibrated", "restated")} <= {""}
    assert {row["basis"] for row in rows if row["agrees"]} <= {"derived", "external"}
    assert all(bool(row["test"]) == bool(row["agrees"]) for row in rows)
    assert {row["default"] for row in rows} == {"true"}
    assert rows == sorted(rows, key=lambda row: (row["run"], row["notebook"], row["claim"]))
