"""A page's sentences are held to its numbers, where the numbers are the document's."""

import pytest

from casestudy import variant


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv(variant.FOLDER, str(tmp_path))
    return tmp_path


def test_a_run_with_the_document_s_values_fails_where_a_sentence_no_longer_holds(run):
    variant.hold(six_survive=True)
    with pytest.raises(AssertionError, match="the text says otherwise: six_survive; mend the sentence"):
        variant.hold(seven_tested=True, six_survive=False)


def test_with_changed_parameters_and_in_a_reader_s_hands_other_numbers_are_no_error(run, monkeypatch):
    variant.announce(run, {"csat_after": 8.5})
    variant.hold(six_survive=False)
    monkeypatch.delenv(variant.FOLDER)
    variant.hold(six_survive=False)
