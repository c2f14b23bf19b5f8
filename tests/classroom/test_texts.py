"""Written answers: found where they belong, with all their parts, and never called blank when they may not be."""

import json

import nbformat
import pytest
from handed_in import REPAIRED, at, code, merged, nameless, run_here

from casestudy.classroom.grading.sheets import gather
from casestudy.classroom.records import Record
from casestudy.classroom.sets.answers import CUT, LARGEST
from casestudy.classroom.sets.source import YOURS
from casestudy.classroom.submissions.cells import Cell
from casestudy.classroom.submissions.match import Planned
from casestudy.classroom.submissions.texts import ELSEWHERE, prose


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
    [
        (["It rose.", "And fell."], "It rose.\n\nAnd fell."),
        (["*Your answer here.*"], f"{ELSEWHERE}\n\nA note of mine.\n\nAnother, far below."),
        ([], None),
    ],
)
def test_a_text_without_any_name_is_found_where_it_belongs_and_is_never_called_blank(
    copy, given, opened, written, text, whole
):
    place = at(copy, given.text)
    copy.cells[place : place + 1] = [nbformat.v4.new_markdown_cell(words) for words in written]
    copy.cells[0].source += "\n\nA note of mine."
    copy.cells.append(nbformat.v4.new_markdown_cell("Another, far below."))
    read = opened(nameless(copy if whole else merged(copy)))
    assert read.texts == {given.text: text}
    blank = written == [YOURS]
    assert ("text_elsewhere" in read.flags) == blank and (blank or ("repaired" in read.flags) == bool(text))


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


@pytest.mark.parametrize(
    "words",
    [
        "# Because the base is wrong.",
        '"""It rose, and nobody knows why."""',
        "answer = 'Because the base is wrong.'",
        "print('It rose.')",
        "display(Markdown('It rose.'))",
        "%%markdown\nIt rose.",
        "It rose, and nobody knows why.",
        "for the base is not the same, and f(x) = 2",
        "because = 'The base is not the same any more.'\nlen(because)",
    ],
)
def test_words_in_a_code_cell_below_the_blank_answer_are_the_answer(copy, given, opened, words):
    copy.cells.insert(at(copy, given.text) + 1, code(words))
    read = opened(copy)
    assert read.texts == {given.text: words} and "text_elsewhere" not in read.flags


@pytest.mark.parametrize("what", ["total = 1 + 1", "", "for n in range(3):\n    n", "import math", "x = f(1"])
def test_code_is_no_answer_in_words(copy, given, opened, what):
    copy.cells.insert(at(copy, given.text) + 1, code(what))
    copy.cells.append(code(what))
    read = opened(copy)
    assert read.texts == {given.text: ""} and read.flags <= REPAIRED


@pytest.mark.parametrize(
    ("place", "cell"),
    [
        (None, nbformat.v4.new_markdown_cell("It rose, and nobody knows why.")),
        (None, code("# It rose, and nobody knows why.")),
        (None, code("It rose, and nobody knows why.")),
        (0, nbformat.v4.new_raw_cell("It rose, and nobody knows why.")),
    ],
    ids=["end", "comment", "prose", "top"],
)
def test_words_elsewhere_are_shown_to_a_person_while_the_answer_is_blank(copy, given, opened, place, cell):
    copy.cells.insert(len(copy.cells) if place is None else place, cell)
    read = opened(copy)
    assert read.texts == {given.text: f"{ELSEWHERE}\n\n{cell.source}"} and "text_elsewhere" in read.flags
    copy.cells[at(copy, given.text)].source = "Here."
    read = opened(copy)
    assert read.texts == {given.text: "Here."} and "text_elsewhere" not in read.flags


def test_words_in_a_later_cell_of_the_author_s_are_words_elsewhere(copy, given, opened):
    copy.cells[at(copy, given.text) + 1].source += "\n\nIt rose, and nobody knows why."
    assert opened(copy).texts == {given.text: f"{ELSEWHERE}\n\nIt rose, and nobody knows why."}


def test_another_question_s_words_are_not_words_elsewhere():
    yours, heading = Cell("markdown", YOURS), Cell("markdown", "Why?")
    plan = [Planned("manual", yours), Planned("text", heading), Planned("manual", yours)]
    found = [Cell("markdown", "It fell."), Cell("markdown", "And it fell a lot more."), heading, yours]
    assert prose(found, [0, None, 1, 2], plan, 2) == ("", False)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("![IMG_1.jpg](attachment:IMG_1.jpg)", "[picture: IMG_1.jpg]"),
        ("See ![it](attachment:lost.png)!", "See [picture that is not in the notebook: lost.png]!"),
        ("![](data:image/png;base64,AAAA)", "[picture]"),
        ('![me (1)](attachment:me%20(1).png "me")', "[picture: me (1).png]"),
        ('<img src="photo.jpg" width=90>', "[picture that is not in the notebook: photo.jpg]"),
    ],
)
def test_a_picture_in_a_text_is_named_and_a_person_looks(copy, given, opened, source, text):
    cell = copy.cells[at(copy, given.text)]
    cell.source, cell["attachments"] = source, {name: {"image/jpeg": "AAAA"} for name in ("IMG_1.jpg", "me (1).png")}
    read = opened(copy)
    assert read.texts == {given.text: text} and read.flags == {"picture"}


def test_pictures_of_two_are_two_rows_and_each_says_where_to_look(given):
    two = [
        Record(id, "ok", given.code, sha256=sha * 32, texts={given.text: "[picture: me.png]"})
        for id, sha in (("s1", "aa"), ("s2", "bb"))
    ]
    shown = gather(given.problem_set, two, "a seed of 16 characters")[given.text]["text"]
    assert sorted("aaaaaaaaaaaaaaaa" in text for text in shown) == [False, True]
