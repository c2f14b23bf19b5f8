"""Figures speak one language and come with words."""

import pytest

from casestudy import variant
from casestudy.plots import canvas, finish, show

ALT = "A flat line at one stretches from the left edge to the right"


def test_a_figure_s_words_stand_in_the_page_and_in_the_text(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: shown.append((data, options)))
    show(finish(canvas(), "Nothing moves", "Printed"), alt=ALT)
    data, options = shown[0]
    assert data["text/plain"] == ALT and f'alt="{ALT}"' in data["text/html"] and options["metadata"] == {}


def test_the_signature_is_written_only_where_a_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda *data, **options: None)
    show(finish(canvas(), "Nothing moves", "Printed"), alt=ALT, signature="01-x")
    monkeypatch.setenv("CASESTUDY_FIGURES", str(tmp_path))
    show(finish(canvas(), "Nothing moves", "Printed"), alt=ALT, signature="01-x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01-x.png", "01-x.svg", "01-x.txt"]


def test_a_figure_without_enough_words_is_refused():
    with pytest.raises(ValueError, match="at least 40 characters"):
        show(canvas(), alt="A figure")


def test_a_layer_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="layer must be one of Printed, Implied, Reported, Invented: got 'Guessed'"):
        finish(canvas(), "Nothing moves", "Guessed")


def test_a_figure_with_changed_parameters_cannot_pass_for_the_document_s(tmp_path, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda *data, **options: None)
    variant.announce(tmp_path, {"csat_after": 8.5})
    monkeypatch.setenv(variant.FOLDER, str(tmp_path))
    ax = finish(canvas(), "Nothing moves", "Printed")
    show(ax, alt=ALT, signature="02-x")
    assert "changed: csat_after = 8.5" in [text.get_text() for text in ax.figure.texts]
    assert (tmp_path / "02-x.txt").read_text() == "Nothing moves (Run with changed parameters: csat_after = 8.5.)\n"


def test_a_signature_names_a_notebook_and_no_place():
    with pytest.raises(ValueError, match="signature must be the notebook's name"):
        show(canvas(), alt=ALT, signature="../evil")
