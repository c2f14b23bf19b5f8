"""Tables on pages are aligned by column, named, and hold nothing that only a program would print."""

import nbformat
import pandas as pd

from casestudy.reports.pages import document
from casestudy.reports.pages.tables import tidy

C, M = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


def shown(frame, **options):
    return tidy(frame.to_html(**options))


def test_numbers_stand_right_under_their_head_and_words_left():
    html = shown(pd.DataFrame({"heads": ["775", "21,000 to 32,000"], "why": ["65%", "większość"]}, index=["a", "b"]))
    assert '<th class="number" scope="col">heads</th>' in html and '<th scope="col">why</th>' in html
    assert '<td class="number">21,000 to 32,000</td>' in html and "<td>65%</td>" in html


def test_a_sentence_keeps_its_width_on_a_phone_and_pandas_brings_no_style_of_its_own():
    with pd.option_context("display.max_colwidth", None):
        html = tidy(pd.DataFrame({"why": ["a word", "word " * 15]})._repr_html_())
    assert "<td>a word</td>" in html and '<td class="long">word word' in html and "<style" not in html


def test_no_head_is_empty_and_the_index_keeps_its_name():
    html = shown(pd.DataFrame({"heads": [1, 2]}, index=pd.Index(["a", "b"], name="team")))
    assert html.count("<tr") == 3 and '<th scope="col">team</th>' in html and "<th></th>" not in html
    assert "<td></td>" in shown(pd.DataFrame({"heads": [1]})) and '<th scope="row">0</th>' in html.replace(">a<", ">0<")


def test_what_only_a_program_prints_is_put_into_words_or_left_out():
    frame = pd.DataFrame({"a": [3_800_000.0, None], "b": [0.123456789, float("inf")], "c": ["(2, inf)", "None"]})
    html = shown(frame.astype(object))
    assert "3,800,000" in html and "0.1235" in html and "∞" in html and "(2, ∞)" in html and "–" in html
    assert not any(word in html for word in ("NaN", "None", "inf)", ">inf<", "0.123456789", ".0<"))


def test_a_year_is_no_amount():
    html = shown(pd.DataFrame({"year": [2015.0, 2019.0], "members": [364_000_000.0, 660_000_000.0]}))
    assert ">2015<" in html and ">364,000,000<" in html


def test_dates_and_places_are_kept_in_one_piece_and_the_box_has_a_name():
    html = shown(pd.DataFrame({"where": ["printed in 004 p11"], "on": ["2019-11-29"], "or": ["29 Nov 2019"]}))
    assert '<span class="whole">004 p11</span>' in html and '<span class="whole">2019-11-29</span>' in html
    assert '<span class="whole">29 Nov 2019</span>' in html
    assert '<div aria-label="Table: where, on, or" class="table" role="group" tabindex="0">' in html


def test_tables_in_markdown_and_in_outputs_are_made_fit_alike():
    frame = pd.DataFrame({"heads": [float("nan")]}).to_html()
    out = nbformat.v4.new_output("display_data", data={"text/html": frame})
    book = nbformat.v4.new_notebook(
        cells=[M("# How many?"), M("| | heads |\n|-|-|\n| a | NaN |"), C("x", outputs=[out])]
    )
    page = document.body(book, {})
    assert page.count('class="table"') == 2 and page.count(">–</td>") == 2 and "NaN" not in page


def test_an_answer_to_guess_waits_in_a_fold_and_code_is_called_so():
    out = nbformat.v4.new_output("stream", text="968")
    cells = [C("n = 1\nprint(n)", outputs=[out], metadata={"tags": ["reveal"]}), C("print(968)", outputs=[out])]
    page = document.body(nbformat.v4.new_notebook(cells=[M("# How many?"), *cells]), {})
    hidden = page.partition('<details class="reveal"><summary>Show the answer</summary>')[2].partition("</details>")[0]
    assert "968" in hidden and page.count('class="reveal"') == 1 and page.count("<summary>Code</summary>") == 2
    assert page.count('<pre tabindex="0" role="group" aria-label="Code">') == 2


def test_headings_can_be_led_to_and_their_ids_differ():
    html, contents = document.headed("<h2>Lost? · <em>Implied, if so</em></h2><h3>Lost?</h3><h2>Claims</h2>")
    assert contents == [("lost", "Lost?", "Implied"), ("claims-2", "Claims", "")]
    assert '<h3 id="lost-2">' in html and 'href="#lost-2"' in html
