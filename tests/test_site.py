"""The course as a site: what it is made of, and how its pages behave in a browser without a network."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from casestudy import claims, intervals
from casestudy.case import open_case
from casestudy.models import growth

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "index",
    "notebooks/02-satisfaction",
    "notebooks/09-the-audit",
    "exercises/03-agents-avoided/03-agents-avoided",
    "docs/over-a-grid",
    "docs/architecture",
    "data/dictionary",
    "api/index",
    "api/intervals",
    "glossary",
]


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("site_build", ROOT / "docs" / "site" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def code(source, *tags):
    shown = nbformat.v4.new_output("execute_result", {"text/plain": "5 heads"}, execution_count=1)
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}, outputs=[shown])


def test_an_output_to_be_guessed_is_folded_apart_from_its_code(build):
    plain, guessed = (build.readable(notebook(code("n = 5", *tags)), {}).cells for tags in ([], ["reveal"]))
    assert [cell.metadata.tags for cell in plain] == [["hide-input"], ["remove-input"]]
    assert [cell.metadata.tags for cell in guessed] == [["hide-input"], ["remove-input", "hide-output", "reveal"]]
    assert [len(cell.outputs) for cell in guessed] == [0, 1]


def test_a_citation_is_a_place_and_a_title_has_its_number(build):
    text = nbformat.v4.new_markdown_cell("# How many?\n\nSome 750 [claim: cx_agents], *Implied, if so*.")
    [cell] = build.readable(notebook(text), {"cx_agents": "004 p11"}, "03 · ").cells
    assert cell.source.startswith("# 03 · How many?") and "750 004 p11" in cell.source
    assert '<em class="layer implied">Implied, if so</em>' in cell.source


def test_the_glossary_holds_every_term_of_the_architecture_page(build):
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = page.partition("## Glossary")[2].count("\n| ") - 1
    assert build.glossary(page).count("\n: ") == rows > 10


def test_the_dictionary_names_every_column_of_the_data_package(build):
    package = json.loads((open_case().data / "datapackage.json").read_text(encoding="utf-8"))
    columns = [field["name"] for one in package["resources"] for field in one["schema"]["fields"]]
    page = build.dictionary(package)
    assert page.count("Day of access: not recorded.") == 5
    assert page.count("\n| `") == len(columns) and all(f"| `{name}` |" in page for name in columns)


def test_every_room_that_offers_something_has_a_page_of_functions(build):
    pages = dict(build.functions(ROOT / "src" / "casestudy"))
    assert {"claims", "intervals", "models", "plots", "reports.run", "classroom.grading"} <= pages.keys()
    assert "automodule:: casestudy.models.staffing" in pages["models"] and "cli" not in pages
    assert all(f"\n{name}\n" in pages["index"] for name in pages.keys() - {"index"})
    assert pages["claims"].startswith("# claims\n\n## casestudy.claims\n")  # what one imports goes first


def test_a_signature_is_as_its_code_spells_it(build):
    parameters, given = build.spelling(growth.fit)
    assert "ArrayLike" in parameters and len(parameters) < 200 and given == "Fit"
    assert build.spelling(intervals.over)[0].startswith("(function: Callable")
    assert build.spelling(claims.Comparison.rows, method=True) == ("()", "list[dict]")


# Built: make test-slow sets up what this needs


@pytest.fixture(scope="module")
def site():
    done = subprocess.run([sys.executable, "docs/site/build.py"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return ROOT / "build" / "site"


@pytest.mark.slow
def test_every_page_is_there_and_a_formula_needs_no_script(site):
    stems = [path.stem for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]
    assert all((site / "notebooks" / f"{stem}.html").is_file() for stem in stems)
    assert all((site / "exercises" / stem / f"{stem}.html").is_file() for stem in stems)
    page = (site / "notebooks" / "03-agents-avoided.html").read_text(encoding="utf-8")
    assert page.count("<math") > 3 and not re.search("<script[^>]*mathjax", page, re.I)
    assert page.count("<img") >= 4 and "data:image/png" in page  # its outputs are there, without running it
    assert not re.search(r"\[claim:", page)
    assert "&gt;&gt;&gt;" in (site / "api" / "intervals.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_pages_ask_no_network_and_fit_a_phone(site, browser):
    for width in (390, 1280):
        for name in PAGES:
            page, asked = browser.new_page(viewport={"width": width, "height": 900}), []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("requestfailed", lambda request, asked=asked: asked.append(f"failed: {request.url}"))
            page.goto((site / f"{name}.html").as_uri())
            assert [url for url in asked if not url.startswith(("file:", "data:"))] == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            page.close()


@pytest.mark.slow
def test_search_by_keyboard_finds_a_word(site, browser):
    page = browser.new_page()
    page.goto((site / "index.html").as_uri())
    page.locator("input[name=q]").first.focus()
    page.keyboard.type("deflection")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for(timeout=60_000)
    assert "agents" in page.locator("#search-results").inner_text()
    page.close()
