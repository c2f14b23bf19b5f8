"""Written answers: found where they belong, with all their parts, and never called blank when they may not be."""

import json

import nbformat
import pytest
from handed_in import REPAIRED, at, code, merged, nameless, run_here

from casestudy.classroom.sets.answers import CUT, LARGEST
from casestudy.classroom.sets.source import YOURS
from casestudy.classroom.submissions.cells import Cell
from casestudy.classroom.submissions.match import Planned
from casestudy.classroom.submissions.texts import prose


def test_a_text_made_into_code_is_read_and_not_run(copy, given, opened):
    place = at(copy, given.text)
    copy.cells[place] = code("These are words.", **copy.cells[place].metadata)
    read = opened(copy)
    assert read.texts == {given.text: "These are words."} and read.flags == REPAIRED
    assert not run_here(given.problem_set, read.cells)[1]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (["One text."], "One text."),
        (["First half.", "Second half."], "First half.\n\nSecond half."),
        (["A text.\nIts end.", "A text.\nA better end."], "A text.\nA better end."),
        (["Written.", "*Your answer here.*"], "Written."),
        (["*Your answer here.*", "Written."], "Written."),
        (["*Your answer here.*"], ""),
        ([], None),
        (["half \ud800 a letter"], "half ? a letter"),
    ],
)
def test_a_text_is_its_last_version_with_all_its_parts(copy, given, opened, written, text):
    place = at(copy, given.text)
    first = copy.cells.pop(place)
    for n, words in enumerate(written):
        copy.cells.insert(place + n, nbformat.v4.new_markdown_cell(words, metadata=first.metadata))
    read = opened(json.dumps(copy).encode())
    assert read.texts == {given.text: text}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("written", "text"),
    [(["It rose.", "And fell."], "It rose.\n\nAnd fell."), (["*Your answer here.*"], ""), ([], None)],
)
def test_a_text_without_any_name_is_found_where_it_belongs_and_is_never_called_blank(
    copy, given, opened, written, text, whole
):
    place = at(copy, given.text)
    copy.cells[place : place + 1] = [nbformat.v4.new_markdown_cell(words) for words in written]
    copy.cells[0].source += "\n\nA note of mine."
    copy.cells.append(nbformat.v4.new_markdown_cell("Another, far below."))
    read = opened(nameless(copy if whole else merged(copy)))
    assert read.texts == {given.text: text} and ("repaired" in read.flags) == bool(text)


def test_a_text_typed_below_the_question_in_its_own_cell_is_read(copy, given, opened):
    copy.cells[at(copy, given.text) - 1].source += "\n\nIt rose."
    assert opened(copy).texts == {given.text: "It rose."}


def test_a_blank_text_does_not_get_the_words_of_the_one_above_it():
    heading, first, second = (Cell("markdown", text) for text in ("Why?", YOURS, YOURS))
    plan = [Planned("manual", first), Planned("text", heading), Planned("manual", second)]
    found = [Cell("markdown", "It fell."), Cell("markdown", YOURS)]  # the heading between them is gone
    assert prose(found, [0, 2], plan, 0) == ("It fell.", False)
    assert prose(found, [0, 2], plan, 2) == ("", False)
    assert prose(found[:1], [0], plan, 2) == (None, False)


def test_a_text_in_a_notebook_typed_anew_is_not_called_blank(copy, given, opened):
    copy.cells = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert opened(nameless(copy)).texts == {given.text: None}


def test_a_text_below_its_untouched_cell_is_read(copy, given, opened):
    copy.cells.insert(at(copy, given.text) + 1, nbformat.v4.new_markdown_cell("Here it is."))
    assert opened(copy).texts == {given.text: "Here it is."}


@pytest.mark.parametrize("more", [0, 1, 50_000])
def test_a_text_that_is_cut_says_so_to_its_reader(copy, given, opened, more):
    copy.cells[at(copy, given.text)].source = "y" * (LARGEST + more)
    assert opened(copy).texts == {given.text: "y" * LARGEST + (CUT if more else "")}
