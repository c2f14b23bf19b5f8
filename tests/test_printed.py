"""Printed figures in two languages: the register is read as it stands, and nothing is guessed."""

import itertools
import math
import re

import pytest

from casestudy import claims, data
from casestudy.claims import printed
from casestudy.refusals import Refusal

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
        ("just under 5%", "en", "<"),
        ("no fewer than 5", "en", ">="),
        ("fewer than 5", "en", "<"),
        ("up to 5%", "en", "<="),
        ("exactly 5", "en", "="),
        ("<5%", "en", "<"),
        (">5", "en", ">"),
        (">= 5", "en", ">="),
        ("≥5", "en", ">="),
        ("~5", "en", "~"),
        ("≈ $5 million", "en", "~"),
        ("mniej niż 5%", "pl", "<"),
        ("przynajmniej 5", "pl", ">="),
        ("maksymalnie 5 tys. osób", "pl", "<="),
        ("powyżej 5", "pl", ">"),
        ("blisko 5", "pl", "<"),
        ("no more than 5", "en", "<="),
        ("at most 5", "en", "<="),
        ("no less than 5", "en", ">="),
        ("nie więcej niż 5 tys.", "pl", "<="),
        ("nie mniej niż 5 tys.", "pl", ">="),
        ("750–800", "en", "range"),
    ],
)
def test_words_and_marks_before_a_figure_give_its_relation(text, language, relation):
    assert printed.read(text, language).relation == relation


PHRASES = {  # by language, what each relation is called; `refused`: what is not one of them, or not surely
    "en": {
        "=": "exactly 5|precisely 5|just 5|only 5|merely 5",
        "<": "fewer than 5|less than 5|far fewer than 5|under 5|just under 5|a little under 5|below 5"
        "|slightly less than 5|lower than 5|nearly 5|almost 5|not quite 5|fewer than five",
        "<=": "up to 5|at most 5|no more than 5|not more than 5|never more than 5|no greater than 5"
        "|not over 5|not exceeding 5|a maximum of 5|maximum 5|max. 5|5 or fewer|5 or less|5 or lower"
        "|5 and under|up to five",
        ">": "more than 5|over 5|well over 5|just over 5|a little over 5|above 5|in excess of 5|exceeding 5"
        "|greater than 5|slightly more than 5|more than five",
        ">=": "at least 5|no fewer than 5|not fewer than 5|no less than 5|no lower than 5|not under 5"
        "|a minimum of 5|minimum 5|upwards of 5|5 or more|5 and over|5 or higher|5 or greater|5+"
        "|at least five",
        "~": "about 5|around 5|roughly 5|approximately 5|approx. 5|circa 5|ca. 5|some 5|an estimated 5",
        "refused": "as many as 5|as few as 5|close to 5|north of 5|beyond 5|barely 5|hardly 5|a good 5|within 5"
        "|until 5|by 5|between 5 and 7|from 5 to 7|5 or so|5 plus|5 at least|5 at most|5 and counting"
        "|5 upwards|5 downwards|5 onwards|5 max|5 tops|5 barely|5 cap|5 average|5 each"
        "|does not exceed 5|more than or equal to 5|over 5 or more|an average of 5|another 5|double 5"
        "|≲5|=>5|≠5|±5|>~5",
    },
    "pl": {
        "=": "dokładnie 5|równo 5|tylko 5|jedynie 5|zaledwie 5",
        "<": "niecałe 5|niecałych 5|niespełna 5|mniej niż 5|nieco mniej niż 5|mniej od 5|poniżej 5"
        "|tuż poniżej 5|prawie 5|niemal 5|niemalże 5|blisko 5|bez mała 5|niecałe pięć",
        "<=": "co najwyżej 5|najwyżej 5|nie więcej niż 5|nie ponad 5|nie powyżej 5|maksymalnie 5|maks. 5"
        "|5 lub mniej|5 i mniej",
        ">": "ponad 5|grubo ponad 5|nieco ponad 5|przeszło 5|powyżej 5|więcej niż 5|więcej od 5"
        "|znacznie więcej niż 5|powyżej pięciu",
        ">=": "co najmniej 5|przynajmniej 5|nie mniej niż 5|nie poniżej 5|minimum 5|minimalnie 5"
        "|5 lub więcej|5 i więcej|5 bądź więcej|5+|co najmniej pięć",
        "~": "około 5|ok. 5|koło 5|mniej więcej 5|w przybliżeniu 5|szacunkowo 5|circa 5",
        "refused": "do 5|aż 5|aż do 5|od 5|od 5 do 7|między 5 a 7|z górą 5|jakieś 5|ledwie 5|raptem 5|dobre 5"
        "|rzędu 5|sięga 5|przekracza 5|nie przekracza 5|zbliża się do 5|średnio 5|łącznie 5|nawet 5"
        "|omal 5|5 z hakiem|5 z górą|5 wzwyż|5 plus|5 co najmniej|5 najwyżej|5 średnio|5 niecale"
        "|5 powyzej|5 a nawet 6|niecale 5|powyzej 5|ponad 5 lub więcej",
    },
}


@pytest.mark.parametrize(
    ("language", "relation", "text"),
    [
        (language, relation, text)
        for language, phrases in PHRASES.items()
        for relation, texts in phrases.items()
        for text in texts.split("|")
    ],
)
def test_a_phrase_gives_its_relation_or_is_refused_and_never_passes_for_equal(language, relation, text):
    if relation == "refused":
        with pytest.raises(Refusal):
            pytest.fail(f"{text!r} is read as {printed.read(text, language)}")
    else:
        figure = printed.read(text, language)
        assert (figure.relation, figure.value, figure.unit) == (relation, 5, None)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("10+", "en", printed.Figure(10, 1, ">=", None)),
        ("5+ million", "en", printed.Figure(5e6, 1e6, ">=", None)),
        ("5 users or fewer", "en", printed.Figure(5, 1, "<=", "users")),
        ("5 osób lub więcej", "pl", printed.Figure(5, 1, ">=", "osób")),
        (".5", "en", printed.Figure(0.5, 0.1, "=", None)),
        (",5", "pl", printed.Figure(0.5, 0.1, "=", None)),
        ("$5 million", "en", printed.Figure(5e6, 1e6, "=", "$")),
        ("5bn €", "en", printed.Figure(5e9, 1e9, "=", "€")),
        ("2k", "en", printed.Figure(2000, 1000, "=", None)),
        ("five hundred", "en", printed.Figure(500, 100, "=", None)),
        ("5‰", "en", printed.Figure(0.005, 0.001, "=", "share")),
        ("80-tysięczny", "pl", printed.Figure(80_000, 1000, "=", None)),
        ("3 months", "en", printed.Figure(3, 1, "=", "months")),
        ("5-procentowy", "pl", printed.Figure(0.05, 0.01, "=", "share")),
        ("5 percentage points", "en", printed.Figure(5, 1, "=", "percentage points")),
        ("5 pkt proc.", "pl", printed.Figure(5, 1, "=", "pkt proc.")),
        ("5%-10%", "en", printed.Figure(0.075, None, "range", "share")),
        ("12 km/h.", "en", printed.Figure(12, 1, "=", "km/h")),
        ("#5purposes", "en", printed.Figure(5, 1, "=", "purposes")),
    ],
)
def test_what_surrounds_a_figure_is_part_of_it(text, language, expected):
    figure = printed.read(text, language)
    assert (figure.value, figure.resolution) == (pytest.approx(expected.value), pytest.approx(expected.resolution))
    assert (figure.relation, figure.unit) == (expected.relation, expected.unit)


SIGNED = [
    "-5%",
    "−5 %",
    "–5 %",
    "‑5%",
    "- 5%",
    "-$5 million",
    "$ -5",
    "minus 5 per cent",
    "about -5",
    "+5",
    "±5",
    "-.5",
]
FRACTIONS = ["½", "2½", "5½ million", "1/2", "2 1/2", "two thirds", "three quarters", "half a million", "1:3", "24/7"]
FRACTIONS += ["one in five", "9 out of ten", "two dozen", "three twentieths", "5 thousandths"]
POWERS = ["10²", "5×10³", "5 x 10^3", "5e3", "1e6", "5₂", "10 m²"]
ORDINALS = ["5th", "21st", "2nd", "No. 1", "G7", "v2.0", "COVID-19", "007", "20-odd"]
MARKED = [
    "0,500",
    "1,0000",
    "1.234.567",
    "12,34,567",
    "1,000 000",
    "1'234",
    "5,",
    ",5",
    "5\u200b000",
    "٣",
    "5٣",
    "１２３",
]
UNKNOWN = ["overall 80%", "underlying 5%", "closer than 5", "not 5", "never 5", "up 5%", "twenty five", "twenty-five"]
UNKNOWN += [
    "(5%)",
    "[5]",
    "5?",
    "5*",
    "~ about 5",
    "rund 5",
    "weniger als 5",
    "5 more",
    "5 at most",
    "5 % points",
    "3.5m",
]
UNKNOWN += ["5% of users", "5 thousand million", "over 10+", "more than 5-10", "5 -10%", "5--10", "5 - -10", "$5 users"]
POLISH = ["ponadto 5 tys.", "nie 5", "od 5", "5. miejsce", "5-ty", "2-go", "dwie trzecie", "pięć set", "minus 5%", ".5"]
POLISH += [
    "dwie tysięczne",
    "pięć setnych",
    "dwie siódme",
    "dwadzieścia dwa",
    "dwa i pół",
    "5 tys. mln",
    "pół miliona",
    "500 plus",
    "−5 mln",
    "(5%)",
    "0.500",
]


@pytest.mark.parametrize("text", [*SIGNED, *FRACTIONS, *POWERS, *ORDINALS, *MARKED, *UNKNOWN])
def test_what_is_not_understood_is_refused_in_english(text):
    with pytest.raises(Refusal) as refused:
        printed.read(text, "en")
    assert repr(text) in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("text", POLISH)
def test_what_is_not_understood_is_refused_in_polish(text):
    with pytest.raises(Refusal):
        printed.read(text, "pl")


PARTS = {
    "en": (["", "more than ", "nearly ", "≤"], ["5", "2,500", "8.1", ".5", "750-800"], ["", "%", " million", "bn"]),
    "pl": (["", "ponad ", "co najwyżej ", "~"], ["5", "2.500", "90 000", "8,1", "10–12"], ["", "%", " mln", " tys."]),
}
STRANGE = ["?", "*", "(", "x2", "/", "^", "²", "½", "−", "_", "…", "\u200b", "🐢", "minus"]
STRANGE_WORDS = {"en": ["unheard of", "half", "th", "2nd"], "pl": ["pół", "razy po", "-ty", "setki"]}


@pytest.mark.parametrize("language", PARTS)
def test_whatever_is_built_of_known_parts_is_read_and_one_strange_part_beside_the_digits_is_refused(language):
    for before, digits, after in itertools.product(*PARTS[language]):
        ranged = re.search(r"\d[-–]", digits)
        if ranged and before:
            continue  # a range is its own relation
        whole = before + digits + after
        assert printed.read(whole, language).value > 0, whole
        for strange in STRANGE + STRANGE_WORDS[language]:
            for text in (
                f"{before}{strange} {digits}{after}",
                f"{before}{digits} {strange} {after.strip()}",
                f"{before}{digits}{strange} {after.strip()}",
                f"{whole} {strange}",
            ):
                with pytest.raises(Refusal):
                    pytest.fail(f"{text!r} is read as {printed.read(text, language)}")


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("overall 80%", "en", "'overall' before a figure is not understood"),
        ("10²", "en", "'²' after a figure is not understood"),
        ("24/7", "en", "with '/' between two"),
        ("9" * 400, "en", "at most 200 characters: got 400"),
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


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(
            ("en", text)
            for text in ("5 crore", "5 lakh", "5 grand", "5 gross", "5 quadrillion", "5 mio", "5 mil", "5 b")
        ),
        *(("en", text) for text in ("3 tenfold", "3 millionfold", "1990s", "5 pct", "5ths", "5 upwards")),
        *(("pl", text) for text in ("2 tysiąclecia", "2 kopy", "5 biliardów", "5 trylionów", "5 wzwyż")),
    ],
)
def test_a_word_that_changes_a_figure_is_no_unit(language, text):
    with pytest.raises(ValueError, match="is not understood"):
        printed.read(text, language)


def test_a_scale_may_stand_in_any_case():
    assert [printed.read(f"5 {word}", "pl").value for word in ("miliardach", "milionami", "tysiącach")] == [
        5e9,
        5e6,
        5e3,
    ]
