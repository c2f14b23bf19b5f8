"""Alike texts and code: a copy stands out, honest work about the same thing does not, and chance is told."""

import io
import random
import re
import zipfile

import nbformat
import numpy as np
import pytest
from essays import copied, essay, program

from casestudy.classroom import likeness
from casestudy.classroom.likeness import tokens
from casestudy.classroom.likeness.alike import FEWEST, Chance, alike, scores
from casestudy.classroom.likeness.page import marked
from casestudy.classroom.likeness.tokens import words
from casestudy.classroom.likeness.work import SIGNS, WORDS, Work, code
from casestudy.classroom.likeness.work import texts as written
from casestudy.classroom.records import Record, sha
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy

TEXT = "sentence-text"


@pytest.fixture(scope="module")
def problem_set():
    return source.load(source.find("02"))


def essays(number, seed):
    rng = random.Random(seed)
    return {f"s{n:03}": essay(rng) for n in range(number)}


def held(texts, together=None):
    return alike("why", {id: words(text) for id, text in texts.items()}, WORDS, together)


def flagged(found):
    return {id for pair in found.pairs for id in (pair.first, pair.second)}


def recorded(texts):
    return [Record(id, "ok", "c", sha256=id, texts={TEXT: text}) for id, text in texts.items()]


def test_the_score_is_twice_what_stands_in_both_in_order_over_both_lengths():
    """`the score rose by 0` is in both, five words; the texts have seven and six: 10 of 13."""
    one, other = words("The mean score rose by 23 only"), words("So the score rose by 12")
    assert scores([one, other])[0, 1] == pytest.approx(10 / 13)


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_with_a_tenth_of_its_words_changed_stands_out_among_a_hundred(seed):
    texts = essays(100, seed)
    texts["s041"] = copied(random.Random(seed), texts["s007"], 0.1)
    pair = held(texts).pairs[0]
    assert (pair.first, pair.second) == ("s007", "s041")
    assert pair.expected < 0.05


@pytest.mark.parametrize("seed", range(100, 104))
def test_of_a_hundred_who_write_alone_hardly_anybody_is_flagged(seed):
    assert len(flagged(held(essays(100, seed)))) <= 2


def test_a_hundred_and_twenty_equal_texts_are_all_flagged_and_told_as_one_group():
    texts = essays(180, 5)
    texts |= {f"x{n:03}": "Rounding " + essay(random.Random(9)) for n in range(120)}
    found = held(texts)
    assert {id for id in texts if id[0] == "x"} <= flagged(found)
    assert len(found.groups[0]) >= 120


def test_where_one_sentence_is_the_only_answer_nobody_is_flagged():
    rng = random.Random(6)
    same = (
        "The mean of those who answered rose by at least {} per cent and nothing here shows that waiting less was why"
    )
    found = held(
        {f"s{n:02}": f"{same.format(rng.randint(1, 30))} {essay(rng)[: rng.randint(0, 60)]}" for n in range(60)}
    )
    assert found.pairs == () and found.border > 1


def test_a_group_that_hands_in_together_is_not_held_against_itself():
    texts = essays(40, 7)
    texts["s002"] = texts["s001"]
    assert flagged(held(texts)) == {"s001", "s002"}
    assert held(texts, {"s001": "g", "s002": "g"}).pairs == ()


def test_short_texts_and_few_ones_are_not_judged():
    texts = essays(FEWEST, 8)
    assert held(texts | {"short": "Nothing follows."}).short == ("short",)
    few = held(dict(list(texts.items())[1:]))
    assert (few.border, few.pairs) == (None, ())


def test_what_chance_gives_falls_as_scores_rise_and_the_border_is_where_it_is_rare():
    rng = np.random.default_rng(1)
    chance = Chance.read(np.clip(rng.normal(0.3, 0.08, 4950), 0, 1), 100)
    expected = [chance.expected(score) for score in np.linspace(0.3, 1, 50)]
    assert expected == sorted(expected, reverse=True)
    assert chance.expected(chance.border) == pytest.approx(0.05)
    assert expected[0] == pytest.approx(495, rel=0.01)


def test_chance_is_not_made_smaller_than_it_is_for_scores_that_scatter_normally():
    """Of 44,850 normal scores some 0.14 lie beyond 4.5 standard deviations: as many are expected, or more."""
    rng = np.random.default_rng(2)
    chance = Chance.read(rng.normal(0.5, 0.05, 44_850), 300)
    assert chance.expected(0.5 + 4.5 * 0.05) >= 44_850 * 3.4e-6


def test_names_numbers_and_spaces_make_no_difference_to_code():
    first = "rise = 3.5\nfor month in table:\n    total = total + month"
    second = "r=12\nfor m in  table:\n  t = t + m"
    one, other = (tokens.code(text, {"table"}) for text in (first, second))
    assert [sign.text for sign in one] == [sign.text for sign in other]
    assert [sign.text for sign in tokens.code("x.mean()  # my way")] == ["name", ".", "mean", "(", ")", "my", "way"]


def test_what_stands_in_every_copy_is_left_out(problem_set):
    given = [cell.source for cell in student_copy(problem_set, "practice").cells if cell.cell_type == "markdown"]
    texts = {id: f"{given[0]}\n\n{text}" for id, text in essays(3, 11).items()}
    assert written(problem_set, recorded(texts)) == written(problem_set, recorded(essays(3, 11)))


def test_the_page_escapes_what_students_wrote_and_marks_what_is_shared(problem_set):
    evil = "<script>alert(1)</script> \u202e"
    texts = essays(30, 12)
    texts["s001"] = texts["s000"] = f"{evil} {texts['s000']}"
    page, (found,) = likeness.compare(problem_set, recorded(texts))
    assert flagged(found) == {"s000", "s001"}
    assert "<script" not in page and "script&gt;alert(1)" in page and "\u202e" not in page
    assert page.count("<mark>") >= 2 and "never a verdict" in page


def test_only_runs_are_marked():
    first, second = "one two three four stop", "one two three x stop"
    told = marked(*(Work(text, words(text)) for text in (first, second)))
    assert [str(text) for text in told] == ["<mark>one two three</mark> four stop", "<mark>one two three</mark> x stop"]


def test_a_student_is_flagged_with_whom_they_are_most_alike(problem_set):
    texts = essays(40, 13)
    texts["s010"] = texts["s020"]
    texts["s030"] = copied(random.Random(1), texts["s020"], 0.05)
    flags = likeness.flags(problem_set, recorded(texts))
    assert flags["s010"] == ["alike:s020"] and flags["s020"] == ["alike:s010"] and "s030" in flags


def test_who_is_marked_on_the_group_s_file_is_not_compared(problem_set):
    texts = essays(40, 14)
    own = recorded(texts)
    other = Record("s999", "ok", "c", sha256="s000", texts={TEXT: texts["s000"]}, flags=("of_group:s000",))
    assert likeness.flags(problem_set, [*own, other]) == likeness.flags(problem_set, own)


def submissions(problem_set, programs):
    """A zip of copies with this code below each, and the records that grading would have kept of them."""
    packed, records = io.BytesIO(), []
    with zipfile.ZipFile(packed, "w") as archive:
        for id, text in programs.items():
            copy = student_copy(problem_set, f"code {id}")
            copy.cells.append(nbformat.v4.new_code_cell(text, id="mine"))
            content = nbformat.writes(copy).encode()
            archive.writestr(f"{id}.ipynb", content)
            records.append(Record(id, "ok", f"code {id}", sha256=sha(content), texts={TEXT: ""}))
    return packed.getvalue(), records


def test_code_is_found_by_its_fingerprint_without_what_stands_in_every_copy(problem_set, tmp_path):
    rng = random.Random(20)
    programs = {f"s{n:03}": program(rng) for n in range(24)}
    programs["s009"] = re.sub(r"\b([a-g](?:_1|_pct|x|val|2)?)\b", r"my_\1", programs["s004"]).replace("    ", "  ")
    packed, records = submissions(problem_set, programs)
    (tmp_path / "back.zip").write_bytes(packed)
    gone = Record("s999", "ok", "code s999", sha256="0" * 64)
    page, (_, found) = likeness.compare(problem_set, [*records, gone], delivery=tmp_path / "back.zip")
    assert (found.what, found.compared + len(found.short)) == ("code", 24)
    assert [(pair.first, pair.second) for pair in found.pairs] == [("s004", "s009")]
    assert "Not in back.zip, the file that was marked of 1: s999" in page
    own, _ = code(problem_set, records[:1], tmp_path / "back.zip")
    assert own["s000"].text.replace("\n", "") == programs["s000"].replace("\n\n", "\n").replace("\n", "")


@pytest.mark.parametrize("seed", range(3))
def test_of_a_hundred_who_program_alone_hardly_anybody_is_flagged(seed):
    rng = random.Random(seed)
    works = {f"s{n:03}": tokens.code(program(rng), {"data", "before", "after"}) for n in range(100)}
    assert len(flagged(alike("code", works, SIGNS))) <= 2
