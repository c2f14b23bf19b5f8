"""Printed figures in two languages: the register is read as it stands, and nothing is guessed."""

import math

import pytest

from casestudy import claims, data
from casestudy.claims import printed

LANGUAGES = data.documents()["language"]
REGISTER = claims.load().query("printed == printed and value == value")
DIGITS = REGISTER[REGISTER["printed"].str.contains(r"\d")]
GUESSED = {
    "cx_res_68"
}  # printed without its per cent: the register supplies it from an outside page, a reader must not


def figures(rows):
    return {row.Index: printed.read(row.printed, LANGUAGES[row.document]) for row in rows.itertuples()}


def test_every_printed_figure_with_digits_is_read_as_its_value_but_the_one_without_a_unit():
    read = figures(DIGITS)
    wrong = {id for id, figure in read.items() if not math.isclose(figure.value, REGISTER.at[id, "value"])}
    assert len(read) == 47 and wrong == GUESSED


def test_its_step_is_the_registers_up_to_trailing_zeros():
    """The register may call zeros rounded, so its step is the same, or larger by a power of ten where a zero ends."""
    for id, figure in figures(DIGITS.drop(GUESSED)).items():
        stated = REGISTER.at[id, "resolution"]
        if math.isnan(stated):
            continue
        tens = math.log10(stated / figure.resolution)
        ends_in_zero = [mark for mark in REGISTER.at[id, "printed"] if mark.isdigit()][-1] == "0"
        assert tens == pytest.approx(round(tens), abs=1e-9), id
        assert tens > -1e-9 if ends_in_zero else abs(tens) < 1e-9, id


def test_shares_are_read_as_shares_and_only_ranges_as_ranges():
    for id, figure in figures(DIGITS.drop(GUESSED)).items():
        assert (figure.unit == "share") == (REGISTER.at[id, "unit"] == "share"), id
        assert (figure.relation == "range") == (REGISTER.at[id, "relation"] == "range"), id


def test_number_words_give_the_counts_that_the_articles_announce():
    ids = ["pd_b2b_solutions", "pd_csr_examples", "hh_grimsby_people", "hh_offices", "cx_pillars", "cx_rate_2s"]
    assert {id: figure.value for id, figure in figures(REGISTER.loc[ids]).items()} == REGISTER.loc[
        ids, "value"
    ].to_dict()


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
def test_thousands_may_be_set_apart_by_any_space(space):
    assert printed.read(f"90{space}000", "pl").value == 90_000


def test_the_same_marks_differ_a_thousandfold_between_the_languages():
    for text in ("3,800", "2.500"):
        english, polish = (printed.read(text, language).value for language in ("en", "pl"))
        assert max(english / polish, polish / english) == pytest.approx(1000)


def test_a_polish_bilion_is_a_thousand_english_billions():
    assert printed.read("2 biliony", "pl").value == 1000 * printed.read("2 billion", "en").value
    assert printed.read("5 miliardów", "pl").value == printed.read("5 mld", "pl").value == 5e9


def test_a_scale_word_of_the_other_language_is_handed_back_as_the_unit():
    assert printed.read("350 million", "pl") == printed.Figure(350, 1, "=", "million")


@pytest.mark.parametrize(
    ("text", "language", "relation"),
    [
        ("more than 350 million", "en", ">"),
        ("nearly 21 percent", "en", "<"),
        ("at least 3", "en", ">="),
        ("ponad 690 milionów", "pl", ">"),
        ("około 5 tys.", "pl", "~"),
        ("ok. 5 tys.", "pl", "~"),
        ("niemalże 5 tys.", "pl", "<"),
        ("overall 80%", "en", "="),
        ("underlying 5%", "en", "="),
        ("ponadto 5 tys.", "pl", "="),
        ("no more than 5", "en", "<="),
        ("at most 5", "en", "<="),
        ("no less than 5", "en", ">="),
        ("nie więcej niż 5 tys.", "pl", "<="),
        ("nie mniej niż 5 tys.", "pl", ">="),
        ("750–800", "en", "range"),
    ],
)
def test_words_before_a_figure_give_its_relation(text, language, relation):
    assert printed.read(text, language).relation == relation


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("większość", "pl", "no figure in 'większość'"),
        ("one category", "en", "no figure"),
        ("3,8 mln", "en", "the marks do not fit 'en'"),
        ("1.5 million", "pl", "the marks do not fit 'pl'"),
        ("6.6 to 8.1", "en", "one figure or one range"),
        ("800-750", "en", "a range goes up"),
        ("2019-11-29", "pl", "a date, not a figure"),
        ("-5%", "en", "with a sign"),
        ("26%", "de", "language must be one of en, pl"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(text, language, reason):
    with pytest.raises(ValueError, match=reason):
        printed.read(text, language)


def test_the_glossary_holds_short_terms_each_with_a_place_that_exists():
    terms = data.table("glossary")
    assert list(terms) == ["polish", "english", "meaning", "place", "caution"]
    assert 20 <= len(terms) <= 30 and terms["polish"].is_unique
    assert terms[["polish", "english", "meaning", "place"]].notna().all(axis=None)
    assert terms["polish"].str.split().str.len().max() <= 3
    for place in terms["place"]:
        document, paragraph = place.split(" p")
        assert LANGUAGES[document] == "pl" and 1 <= int(paragraph) <= data.documents().at[document, "paragraphs"]
