"""Reading an answer from whatever stands in a notebook."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from casestudy.classroom.sets.agreement import agree, is_rounded
from casestudy.classroom.sets.answers import Answer, read
from casestudy.classroom.sets.problems import Problem

SHARE = Answer("share", "number", "per cent", rtol=0.01, range=(-200.0, 200.0))
TABLE = Answer("table", "table", rtol=0.01)


@pytest.mark.parametrize(
    "value",
    [
        22.7,
        np.float64(22.7),
        np.array(22.7),
        np.float32(22.7),
        np.longdouble("22.7"),
        np.array([22.7]),
        np.array([[22.7]]),
        np.array([Decimal("22.7")]),
        pd.Series([22.7]),
        pd.Series([Fraction(227, 10)]),
        pd.Index([22.7]),
        pd.DataFrame({"share": [22.7]}),
        pd.DataFrame({"share": [Decimal("22.7")]}),
        Decimal("22.7"),
        Fraction(227, 10),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'dtype', '')}",
)
def test_a_number_is_a_number_of_whatever_library(value):
    assert read(SHARE, value) == pytest.approx(22.7, rel=1e-6)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (..., "missing"),
        (None, "missing"),
        ((22, 7), "comma"),
        ("22.7", "quoted"),
        ((1, 234, 567), "commas"),
        (True, "not_a_number"),
        ([22.7], "not_a_number"),
        (np.array([1.0, 2.0]), "not_a_number"),
        (22 + 1j, "not_a_number"),
        (pd.Series(["22.7"]), "quoted"),
        (pd.DataFrame({"share": ["22.7"]}), "quoted"),
        (pd.DataFrame({"share": [22.7, 22.7]}), "not_a_number"),
        (pd.DataFrame(), "not_a_number"),
        (pd.DataFrame({"share": [True]}), "not_a_number"),
        (pd.NA, "not_a_number"),
        (type("Mine", (Decimal,), {})("22.7"), "not_a_number"),
        (Decimal("nan"), "not_finite"),
        (Decimal("sNaN"), "not_finite"),
        (Decimal("1e400"), "not_finite"),
        (Fraction(10**400), "not_finite"),
        (Decimal("2270"), "out_of_range"),
        (float("nan"), "not_finite"),
        (float("inf"), "not_finite"),
        (2270, "out_of_range"),
        (10**400, "not_finite"),
    ],
)
def test_what_is_no_answer_is_told_apart(value, kind):
    with pytest.raises(Problem) as problem:
        read(SHARE, value)
    assert problem.value.kind == kind


def test_exact_numbers_in_a_table_are_numbers():
    exact = pd.DataFrame({"share": [Decimal("0.25"), Fraction(1, 2)]})
    assert read(TABLE, exact) == read(TABLE, pd.DataFrame({"share": [0.25, 0.5]}))
    assert read(Answer("parts", "allocation"), [Decimal(4), Fraction(6)]) == [4.0, 6.0]


def test_a_decimal_comma_is_answered_with_the_decimal_point():
    with pytest.raises(Problem) as problem:
        read(SHARE, (22, 7))
    assert problem.value.details == {"got": "22,7", "point": "22.7", "whole": "22007"}


def test_an_answer_is_right_within_its_tolerance_and_not_beyond():
    assert agree(SHARE, 22.92, 22.7) and not agree(SHARE, 22.94, 22.7)


def test_a_table_is_the_same_in_any_order_of_columns_and_of_labelled_rows():
    right = pd.DataFrame({"points": [1.5, 2.5], "share": [0.2, 0.3]}, index=["a", "b"])
    mine = right.loc[["b", "a"], ["share", "points"]]
    assert agree(TABLE, read(TABLE, mine), read(TABLE, right))
    assert not agree(TABLE, read(TABLE, mine * 1.1), read(TABLE, right))
    assert not agree(TABLE, read(TABLE, mine.reset_index()), read(TABLE, right))


def test_a_series_and_a_table_of_one_column_are_the_same_answer():
    series = pd.Series([1.5, 2.5], index=["a", "b"])
    assert agree(TABLE, read(TABLE, series.to_frame()), read(TABLE, series.rename("rise")))


def test_points_must_add_up():
    points = Answer("points", "allocation")
    assert read(points, [6, 4]) == [6.0, 4.0]
    assert agree(points, read(points, {"b": 4, "a": 6}), read(points, {"a": 6, "b": 4}))
    assert not agree(points, read(points, [4, 6]), read(points, {"a": 6, "b": 4}))
    for wrong in ([6, 5], [12, -2]):
        with pytest.raises(Problem, match="wrong_sum"):
            read(points, wrong)
    with pytest.raises(Problem, match="not_an_allocation"):
        read(points, "6 4")


def test_a_choice_is_one_of_the_words_however_it_is_spelt():
    choice = Answer("claim", "choice", choices=("a", "b"))
    assert {read(choice, word) for word in (" B ", "b.", "(b)", np.str_("b"))} == {"b"}
    with pytest.raises(Problem, match="not_a_choice"):
        read(choice, "c")


SAME = [
    "größer als",
    "GRÖSSER ALS",
    "gro\u0308ßer als",
    "größer\u00a0als",
    " größer \u202f als\u3000",
    "größer\u200b als",
]
SAME += ["\ufeffgröß\u00ader als", "„größer als“", "größer\nals."]


@pytest.mark.parametrize("word", SAME)
@pytest.mark.parametrize("declared", ["größer als", "gro\u0308ßer\u00a0als"])
def test_a_choice_that_looks_the_same_is_the_same_and_comes_back_as_declared(word, declared):
    choice = Answer("way", "choice", choices=(declared, "gleich"))
    assert read(choice, word) == declared


def test_typographic_marks_stand_for_typed_ones():
    choice = Answer("why", "choice", choices=("can't tell", "e-mail"))
    assert [read(choice, word) for word in ("Can\u2019t tell", "e\u2011mail")] == ["can't tell", "e-mail"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("\u0430nd", "'\u0430nd', with CYRILLIC SMALL LETTER A (U+0430) in place of 'a'"),
        ("\u0441\u0430t", "'\u0441\u0430t', with CYRILLIC SMALL LETTER ES (U+0441) in place of 'c'"),
        ("zaden", "'zaden', with LATIN SMALL LETTER Z (U+007A) in place of 'ż'"),
        ("ant", "'ant'"),
        ("\u0434\u0430", "'\u0434\u0430'"),
    ],
)
def test_a_word_that_only_looks_like_a_choice_is_told_by_its_letter(word, told):
    with pytest.raises(Problem) as problem:
        read(Answer("claim", "choice", choices=("and", "cat", "żaden")), word)
    assert problem.value.details["got"] == told


@pytest.mark.parametrize("choices", [["up", "UP"], ["up", "up\u00a0"], ["é", "e\u0301"], ["up", "."]])
def test_choices_that_nobody_could_tell_apart_are_refused(choices):
    with pytest.raises(ValueError, match="way: choices are words, and differ in more than capitals and spaces"):
        Answer.declared("way", {"kind": "choice", "choices": choices})


def test_choices_are_texts():
    with pytest.raises(ValueError, match=r"way: choices must be a list of texts: got \['up', 1\]"):
        Answer.declared("way", {"kind": "choice", "choices": ["up", 1]})


def test_a_text_is_compared_as_it_looks_and_kept_as_it_was_written():
    text = Answer("words", "text")
    assert read(text, " gro\u0308ßer\u00a0als ") == "gro\u0308ßer\u00a0als"
    assert agree(text, "gro\u0308ßer\u00a0als", "größer als") and not agree(text, "grosser als", "größer als")
    with pytest.raises(Problem, match="missing"):
        read(text, "\u200b \u2060")


def test_words_in_a_table_are_compared_as_they_look():
    right = pd.DataFrame({"größe": [1.5, 2.5], "art": ["e-mail", "café"]}, index=["süd", "nord"])
    mine = pd.DataFrame(
        {"gro\u0308ße\u00a0": [2.5, 1.5], "art": ["cafe\u0301", "e-mail\u200b"]}, index=["nord ", "su\u0308d"]
    )
    assert agree(TABLE, read(TABLE, mine), read(TABLE, right))
    two = pd.DataFrame({"a": [1.0], "a\u00a0": [2.0]})
    assert agree(TABLE, read(TABLE, two), read(TABLE, two)) and not agree(TABLE, read(TABLE, two + 1), read(TABLE, two))
    points = Answer("points", "allocation")
    assert agree(points, read(points, {"su\u0308d": 6, "nord": 4}), read(points, {"süd": 6, "nord\u00a0": 4}))


def test_objects_with_methods_of_their_own_are_not_asked():
    class Hostile(float):
        def __float__(self):
            raise RuntimeError

        def __eq__(self, other):
            return True

    with pytest.raises(Problem):
        read(Answer("claim", "choice", choices=("a",)), Hostile())


@pytest.mark.parametrize("declared", [{"kind": "essay"}, {"tolerance": 1}, {"kind": "choice"}, {"choices": ["a"]}])
def test_a_declaration_that_is_not_understood_is_refused(declared):
    with pytest.raises(ValueError, match="share"):
        Answer.declared("share", declared)


@pytest.mark.parametrize("value", [Decimal("22.7"), Fraction(227, 10), pd.DataFrame([[22.7]])])
def test_an_exact_number_and_a_table_of_one_cell_are_numbers(value):
    assert read(SHARE, value) == pytest.approx(22.7)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("sNaN"), Decimal("1e999"), Fraction(10**400)])
def test_an_exact_number_beyond_all_bounds_is_none(value):
    with pytest.raises(Problem) as problem:
        read(SHARE, value)
    assert problem.value.kind == "not_finite"


@pytest.mark.parametrize(("given", "exact"), [(100.0, 98.7), (0.0, 0.3), (20.0, 22.7)])
def test_a_round_number_is_no_rounding_of_a_small_one(given, exact):
    assert not is_rounded(given, exact) and is_rounded(500.0, 498.4) and is_rounded(22.7, 22.7272)
