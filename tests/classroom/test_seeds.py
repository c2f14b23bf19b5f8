"""Personal codes: nobody guesses another's, a slip of the pen is noticed, the figures follow from the code alone."""

import contextlib

import pandas as pd
import pytest

from casestudy.classroom.sets.seeds import ALPHABET, fingerprint, individual, personal_code, read_code, seed

SECRET = b"0123456789abcdef"


def codes(n, **changed):
    given = {"secret": SECRET, "term": "t", "problem_set": "01-start", "version": 1} | changed
    return [personal_code(**given, student=f"s{number}") for number in range(n)]


def test_codes_differ_between_students_terms_sets_versions_and_secrets():
    ours = set(codes(2000))
    assert len(ours) == 2000
    for changed in ({"term": "u"}, {"problem_set": "02-x"}, {"version": 2}, {"secret": b"another secret, long"}):
        assert not ours & set(codes(2000, **changed))


@pytest.mark.parametrize("code", codes(5))
def test_one_wrong_character_is_noticed(code):
    for position, letter in enumerate(code):
        for other in ALPHABET.replace(letter, "") if letter != "-" else "":
            with pytest.raises(ValueError, match="a personal code is like"):
                read_code(code[:position] + other + code[position + 1 :])


def test_nearly_every_swap_of_neighbours_is_noticed():
    swapped = missed = 0
    for code in codes(200):
        body = code.replace("-", "")
        for position in range(len(body) - 1):
            if body[position] != body[position + 1]:
                swap = body[:position] + body[position + 1] + body[position] + body[position + 2 :]
                swapped += 1
                with contextlib.suppress(ValueError):
                    missed += read_code(swap) != ""
    assert missed <= 0.01 * swapped  # two of the 992 pairs of letters look alike to the check


def test_a_code_gives_the_same_figures_however_it_is_spelt():
    code = codes(1)[0]
    assert seed("01-start", code) == seed("01-start", code.replace("-", "").lower())
    assert seed("01-start", code) != seed("02-other", code)


def test_no_code_is_refused():
    with pytest.raises(ValueError, match="code must be your personal code"):
        individual("01-start", " ")


def test_a_changed_draw_changes_the_fingerprint():
    table = pd.DataFrame({"x": [1.5, 2.5], "id": ["INV-1", "INV-2"]})
    assert fingerprint(table) != fingerprint(table.assign(x=table["x"] + 0.001))
