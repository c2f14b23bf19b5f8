"""What one opens first: the front page of a run, the page of all claims, and the index of a sweep."""

import csv
import html
import json
import re

import pytest
from axe import SIZES, wrong

from casestudy import claims, data
from casestudy.case import open_case
from casestudy.exports.citation import citation
from casestudy.refusals import Refusal
from casestudy.reports.front import index, sweep_index, words
from casestudy.reports.pages.promises import promises
from casestudy.reports.sets import parameters
from casestudy.reports.sets.outcome import Outcome, ParameterSet

LARGEST = 1_000_000  # bytes of the front page with all that it loads


@pytest.fixture(scope="module")
def front(reports):
    return html.unescape((reports / "index.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def register(reports):
    return html.unescape((reports / "claims.html").read_text(encoding="utf-8"))


def notebook(number="03"):
    return parameters.select([number], open_case())[0]


def row(claim, low, high, basis, agrees=None, severity=0.9):
    known = claims.load().loc[claim]
    printed = {"printed": known["printed"], "low": known["low"], "high": known["high"]}
    ours = {"ours": None, "ours_low": low, "ours_high": high}
    test = claim if agrees is not None else None
    return {"claim": claim, **printed, **ours, "basis": basis, "agrees": agrees, "severity": severity, "test": test}


def outcome(changes=None, rows=(), number="03", **more):
    book = notebook(number)
    return Outcome(ParameterSet(book, book.defaults() | (changes or {})), rows=list(rows), **more)


def told(page):
    """A page without its style, its tags as spaces."""
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html.unescape(page), flags=re.S)
    return " ".join(words.split())


# The front page


def test_the_company_the_question_and_the_figure_that_answers_it_come_first(front):
    said = data.front()
    head = front[: front.index('<nav class="jump"')]
    assert re.search(rf"<title>{said.company} in five articles", front) and f"<h1>{said.company}" in head
    assert said.hook in head and f'src="figures/{said.hero}.png"' in head and "not affiliated" in head


def test_the_front_page_with_all_that_it_loads_is_small_and_runs_nothing(reports, front):
    page = (reports / "index.html").read_text(encoding="utf-8")
    loaded = [reports / name for name in re.findall(r'src="(figures/[^"]+)"', page)]
    assert len(page.encode()) + sum(path.stat().st_size for path in loaded) < LARGEST
    assert promises(page, [path.relative_to(reports).as_posix() for path in loaded]) == []


def test_every_link_of_the_front_page_leads_to_a_file_that_is_there(reports, front):
    for link in re.findall(r'<a [^>]*href="([^"#:]+)', front):
        assert (reports / link).is_file(), link


def test_three_claims_open_the_page_with_what_the_results_say(reports, front):
    block = front[front.index('id="printed"') : front.index('id="questions"')]
    rows = {row["claim"]: row for row in csv.DictReader((reports / "results.csv").open(encoding="utf-8"))}
    assert block.count("<dt>Printed</dt>") == 3
    for id in data.front().claims:
        assert f">{rows[id]['printed']}<" in block
        outcome = {"true": "This one survived.", "false": "This one failed.", "": "Not tested"}[rows[id]["agrees"]]
        assert outcome in block


def test_each_card_has_number_minutes_finding_and_one_link(reports, front):
    cards = re.findall(r'<li class="card tile">(.*?)</li>', front, re.S)
    assert len(cards) == 10
    for number, card in enumerate(cards):
        assert len(re.findall("<a ", card)) == 1 and re.search(rf"{number:02} · \d+ minutes", card)
        stem = re.search('href="(.*?).html"', card)[1]
        assert (reports / "figures" / f"{stem}.txt").read_text(encoding="utf-8").strip() in card


def test_each_claim_has_a_tile_that_leads_to_its_row_with_the_verdict_of_the_register(front, register):
    judged = claims.verdicts()
    tiles = dict(re.findall(r'<li><a id="claim-(\w+)" class="([\w-]+)" href="claims.html#claim-\1"', front))
    assert tiles == {id: word.replace(" ", "-") for id, word in judged["verdict"].items()}
    rows = dict(re.findall(r'<li id="claim-(\w+)".*?<span class="mark [\w-]+">(.*?)</span>', register, re.S))
    assert {id: word.rstrip(" ✓✗") for id, word in rows.items()} == judged["verdict"].to_dict()
    tally = claims.tally()
    assert {id for id, word in rows.items() if "✓" in word} == set(tally.survived)
    assert {id for id, word in rows.items() if "✗" in word} == set(tally.failed)


def test_a_title_is_in_its_article_s_language_and_ours_in_english(front):
    for id, article in data.documents().fillna("").iterrows():
        cite = re.search(rf"<dt>{id}: <cite(.*?)>(.*?)</cite>", front)
        assert (f'lang="{article["language"]}"' in cite[1]) is bool(article["title"] and article["language"] != "en")


def test_exercises_and_citation_are_those_of_the_case(front):
    said = told(front)
    assert all(one["title"] in said for one in words.exercises(open_case().exercises))
    assert citation(open_case()).line in said


def test_the_readme_tells_the_minutes_of_the_front_page():
    table = (open_case().root / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"\(notebooks/(\S+)\.ipynb\) \| [^|]+ \| (\d+) \|", table))
    assert told == {path.stem: str(words.minutes(path)) for path in open_case().notebooks.glob("*.ipynb")}


def test_minutes_grow_with_words_and_guesses(tmp_path):
    def written(words, guesses):
        cells = [{"cell_type": "markdown", "source": "word " * words, "metadata": {}}]
        cells += [{"cell_type": "code", "source": "1", "metadata": {"tags": ["reveal"]}}] * guesses
        (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
        return tmp_path / "a.ipynb"

    found = [words.minutes(written(*n)) for n in ((1500, 0), (3000, 0), (3000, 5))]
    assert found == [10, 20, 25] and words.minutes(tmp_path / "none.ipynb") == 0


# Runs of another kind


def test_a_changed_run_has_no_hero_and_shows_no_claim_first(tmp_path):
    rows = [row("cx_exp_agents", 100.0, 200.0, "conditional")]
    usual, changed = outcome(rows=rows, figure=True), outcome({"deflection": 0.9}, rows, figure=True)
    page = index.pages([changed], open_case(), tmp_path)["index.html"]
    assert 'class="hero"' not in page and "<dt>Printed</dt>" not in page and "nothing counts as a test" in page
    page = index.pages([usual], open_case(), tmp_path)["index.html"]
    assert 'class="hero"' in page and "5,000-10,000" in page and data.front().hook not in html.unescape(page)


def test_a_notebook_that_stopped_is_told_and_opens_nothing(tmp_path):
    page = index.pages([outcome(error="cell 3: ValueError: no", copy=True)], open_case(), tmp_path)["index.html"]
    assert "cell 3: ValueError: no" in page and 'href="03-agents-avoided.ipynb"' in page
    assert 'href="03-agents-avoided.html"' not in page and 'class="hero"' not in page


def test_a_case_that_says_nothing_of_itself_has_a_front_page_too(copied_case, tmp_path):
    (copied_case.data / "datapackage.json").unlink()
    rows = [row("fp_users_575", 6.7e8, 8.1e8, "external", agrees=False)]
    page = told(index.pages([outcome(rows=rows, number="01")], copied_case, tmp_path)["index.html"])
    assert "Which of the printed numbers can be checked?" in page and "not affiliated" not in page
    assert "575 million We get 670 to 810 million" in page and "Cite this case" not in page


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"hook": "From {cx_agens}?"}, "names no claim of claims.csv: got 'cx_agens'; did you mean 'cx_agents'"),
        ({"claims": ["none_such"]}, "names no claim of claims.csv: got 'none_such'"),
        ({"claims": "cx_agents"}, "front.claims must be a list of ids"),
        ({"compny": "LinkedIn"}, "did you mean 'company'"),
        ("LinkedIn", "front must be an object"),
    ],
)
def test_a_front_that_names_what_is_not_there_is_refused(copied_case, said, complaint):
    (copied_case.data / "datapackage.json").write_text(json.dumps({"front": said}), encoding="utf-8")
    with pytest.raises(Refusal, match=complaint):
        data.front(copied_case)


# A sweep


def swept(values=(0.8, 0.9, 0.97)):
    """Records of a sweep over one parameter, without running it."""
    for share in values:
        low = 750 / (1 - share + 0.005)
        found = outcome({"deflection": share}, [row("cx_exp_agents", low, 1.3 * low, "conditional")])
        yield found.record() | {"files": ["03-agents-avoided.html"]}


def test_a_sweep_s_index_names_sets_by_what_they_change_and_draws_what_moved():
    page = sweep_index.index(swept(), [notebook()], ["deflection"], 3, 0, open_case())
    assert re.findall(r'<a href="sets/\w{12}/03-agents-avoided.html">(.*?)</a>', page) == [
        "deflection 80%",
        "deflection 90%",
        "deflection 97%",
    ]
    alt = re.search(r'role="img" aria-label="(.*?)"', page)[1]
    assert "agents expected: we get" in alt and "deflection from 80% to 97%" in alt and "printed 5,000-10,000" in alt
    assert page.count('<rect class="bar') == 3 and page.count('<rect class="bar own"') == 1
    assert "cx_exp_agents" not in told(page) and '<details id="articles">' in page


def test_a_sweep_in_which_nothing_moves_has_no_chart():
    page = sweep_index.index(swept([0.9, 0.9]), [notebook()], [], 2, 0, open_case())
    assert "<svg" not in page and page.count("as printed") >= 2


# In a browser


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_front_pages_have_nothing_that_axe_finds_wrong(reports, browser, tmp_path, width, scheme):
    (tmp_path / "sweep.html").write_text(
        sweep_index.index(swept(), [notebook()], ["deflection"], 3, 0, open_case()), encoding="utf-8"
    )
    for path in (reports / "index.html", reports / "claims.html", tmp_path / "sweep.html"):
        assert wrong(browser, path, width, scheme) == [], path.name


def test_a_tile_leads_to_its_row_by_keyboard(reports, browser):
    tab = browser.new_page()
    tab.goto((reports / "index.html").as_uri())
    tab.focus(".skip a")
    tab.keyboard.press("Tab")
    first = tab.evaluate("document.activeElement.id")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/claims.html#{first}")
    assert tab.evaluate(f"document.getElementById('{first}').getBoundingClientRect().top") < 200
    tab.close()
