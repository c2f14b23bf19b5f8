"""Questions for learning platforms: the points, slips and hints of a set, as each format's own rules mark its file."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import platforms
import pytest
from handed_in import SETS

from casestudy.classroom import questions
from casestudy.classroom.questions import packed
from casestudy.classroom.questions.items import Item
from casestudy.classroom.questions.pieces import pieces
from casestudy.classroom.questions.shares import Sum, shares
from casestudy.classroom.questions.slips import shared
from casestudy.classroom.questions.trial import earned, responses, strange
from casestudy.classroom.sets import source
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.marks import mark
from casestudy.classroom.sets.solve import solve
from casestudy.refusals import Refusal

NEAR = 2e-3  # points: a set's marks have three decimals
QUICK = ("02-satisfaction", "03-agents-avoided")
SETS_TRIED = [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SETS if name not in QUICK)]


@pytest.fixture(scope="module", params=SETS_TRIED)
def drawn(request):
    """A set, one variant of its questions, and this variant solved."""
    problem_set = source.load(SETS[request.param])
    found = questions.bank(problem_set, 1)
    return problem_set, found, solve(problem_set, found.groups[0].items[0].code)


@pytest.fixture(scope="module")
def small():
    """One set, two variants."""
    return questions.bank(source.load(SETS["02-satisfaction"]), 2)


@pytest.fixture
def course(tmp_path):
    return tmp_path


def students(problem_set, solved):
    """Each question that a platform judges, and answers: right, each slip, a wrong number, nothing."""
    for question in problem_set.checked:
        right = solved.right[question.id]
        yield question, right, ""
        for mistake, slipped in solved.wrong:
            if mistake.question == question.id:
                yield (
                    question,
                    {answer.name: slipped[answer.name] for answer in question.answers},
                    mistake.hints["en"][0],
                )
        numbers = {answer.name: strange(right[answer.name]) for answer in question.answers if answer.kind == "number"}
        yield question, {**right, **numbers}, ""
        yield question, {}, ""


def typed(found, problem_set, solved):
    """Each student's answers by parts, with the item that they answer and the points that the set gives for them.

    Of a question in which things are built, a person's points are taken off.
    """
    items = {item.question: item for group in found.groups for item in group.items if item.parts}
    said = [note for note in found.notes if "per cent of the points" in note]
    cuts = {one.id: shared(one, solved, pieces(one, solved)) for one in problem_set.checked}
    for question, values, hint in students(problem_set, solved):
        if (item := items.get(question.id)) is None or any(repr(hint) in note for note in said if hint):
            continue
        cut = cuts[question.id]
        ours = next(one.points for one in mark(problem_set, solved, values) if one.question == question.id)
        by_hand = earned(question, solved, cut, None, values)
        given = responses(cut, question, solved, values)
        yield item, [given[part.name] for part in item.parts], ours - by_hand, hint


def is_right(part, answer):
    return answer == part.right if part.options else platforms.within(answer, part.right, part.tolerance)


def test_moodles_file_gives_the_points_of_the_set_to_every_student(drawn):
    problem_set, found, solved = drawn
    marks = platforms.moodle(questions.content(found, "moodle-xml"))
    tried = 0
    for item, given, ours, _ in typed(found, problem_set, solved):
        places = [
            list(part.options).index(answer) if part.options and answer is not None else answer
            for part, answer in zip(item.parts, given, strict=True)
        ]
        points, _ = marks[item.id](places)
        assert points == pytest.approx(ours, abs=NEAR), (item.id, given)
        tried += 1
    assert tried > 40


def test_the_items_of_qti_2_give_the_points_of_the_set_to_every_student(drawn):
    problem_set, found, solved = drawn
    marks = platforms.qti21(questions.content(found, "qti21"))
    for item, given, ours, _ in typed(found, problem_set, solved):
        points, _ = marks[packed.identifier(item.id)](given)
        assert points == pytest.approx(ours, abs=NEAR), (item.id, given)


def test_canvas_counts_what_is_right_and_nothing_else(drawn):
    problem_set, found, solved = drawn
    marks = platforms.qti12(questions.content(found, "qti12"))
    for item, given, _, _ in typed(found, problem_set, solved):
        points = sum(marks[packed.identifier(f"{item.id}.{n}")](answer) for n, answer in enumerate(given, 1))
        fits = sum(part.weight for part, answer in zip(item.parts, given, strict=True) if is_right(part, answer))
        assert points == pytest.approx(item.points * fits, abs=NEAR), (item.id, given)


def test_whatever_variants_canvas_draws_their_points_add_up(small):
    """Here one variant of question 2 asks for fewer cells of its table than the other."""
    bases = next(group for group in small.groups if group.name == "bases")
    one, other = bases.items
    cells = [part for part in other.parts if "[" in part.name]
    fewer = replace(other, parts=(replace(cells[0], weight=0.5), *(p for p in other.parts if p not in cells)))
    odd = replace(small, groups=(replace(bases, items=(one, fewer)),))
    tree = ElementTree.fromstring(
        next(
            text for text in platforms.unpacked(questions.content(odd, "qti12")).values() if "<questestinterop" in text
        )
    )
    drawn = [float(points.text) for points in tree.iter(f"{platforms.Q12}points_per_item")]
    assert len(cells) > 1 and drawn == [1.5, 1.5]
    assert [len(list(section)) for section in tree.iter(f"{platforms.Q12}section")][1:] == [3, 3]


@pytest.mark.parametrize("to", ["moodle-xml", "qti21"])
def test_a_slip_is_named_where_it_alone_explains_a_part(small, to):
    """Of the numbers of question 1 that the set knows as slips, each has its own hint in the file."""
    problem_set = source.load(SETS["02-satisfaction"])
    solved = solve(problem_set, "bank 1")
    file = questions.content(small, to)
    marks = platforms.moodle(file) if to == "moodle-xml" else platforms.qti21(file)
    id = "02-satisfaction.headroom.bank-1"
    for mistake, slipped in solved.wrong:
        if mistake.question == "headroom":
            points, (said,) = marks[id if to == "moodle-xml" else packed.identifier(id)]([slipped["headroom_pct"]])
            words = re.sub(r"<[^>]+>|[*`]", "", said)
            assert re.sub(r"[*`]", "", mistake.hints["en"][0]) in words.replace("&#x27;", "'").replace("&#39;", "'")
            assert points == pytest.approx(2 * mistake.credit)


def test_no_right_value_stands_in_a_text(drawn):
    """A right number with digits of its own is in a question's keys, never in what a student reads."""
    _, found, _ = drawn
    for item in (item for group in found.groups for item in group.items):
        for part in item.parts:
            digits = "" if part.options else f"{part.right:.10g}"
            assert len(digits) < 8 or digits not in item.text, item.id


def test_the_solution_is_in_no_text_and_what_was_built_only_in_the_guide(small):
    built = next(group for group in small.groups if group.name == "lower-built").items[0]
    assert "mix" in built.guide and "points" in built.guide
    assert "BEGIN SOLUTION" not in built.text and "Hint" not in built.text and "Predict" not in built.text


def test_whatever_a_text_speaks_of_stands_in_it(small):
    """`top`, `before` and `after` have their values; another variant has others."""
    one, other = next(group for group in small.groups if group.name == "headroom").items
    assert re.search(r"<code>top</code></td><td>\d+</td>", one.text)
    assert one.text != other.text and one.parts[0].right != other.parts[0].right


def test_the_same_words_give_the_same_file_and_others_do_not(small):
    problem_set = source.load(SETS["02-satisfaction"])
    for to in questions.FORMATS:
        again = questions.content(questions.bank(problem_set, 2), to)
        assert again == questions.content(small, to)
    assert questions.content(questions.bank(problem_set, 2, "other"), "moodle-xml") != questions.content(
        small, "moodle-xml"
    )


def test_each_question_is_a_category_of_its_variants(small):
    tree = ElementTree.fromstring(questions.content(small, "moodle-xml"))
    kinds = [question.get("type") == "category" for question in tree.iter("question")]
    assert sum(kinds) == len(small.groups) == 9 and len(kinds) == 3 * 9
    ids = [question.findtext("idnumber") for question in tree.iter("question")]
    assert len(set(ids)) == len(ids)


def test_the_package_draws_one_variant_of_each_question(small):
    files = platforms.unpacked(questions.content(small, "qti21"))
    test = ElementTree.fromstring(files["test.xml"])
    assert [one.get("select") for one in test.iter(f"{platforms.Q21}selection")] == ["1"] * 9
    named = {one.get("href") for one in test.iter(f"{platforms.Q21}assessmentItemRef")}
    assert named == {name for name in files if name.startswith("items/")}


def test_what_a_platform_cannot_do_is_said(small):
    assert any("mix" in note and "a person reads it" in note for note in small.notes)
    assert any("sentence-text" in note for note in small.notes)
    assert b"a person reads it" in questions.content(small, "moodle-xml")
    assert "no points for a slip" in questions.lost("qti12")[0]


def test_a_sum_that_cannot_be_had_is_missed_by_as_much_as_is_said():
    """Two slips earn nothing alone, and are to earn a half together: no shares do that."""
    given, missed = shares(2, [Sum({0: 0.5}, 0, 0.5), Sum({1: 0.5}, 0, 0.5), Sum({0: 0.5, 1: 0.5}, 0.4, 0.4)])
    assert sum(abs(miss) for miss in missed) == pytest.approx(0.4) and all(0 <= share <= 1 for share in given)
    given, missed = shares(2, [Sum({0: 0.5}, 0.1, 0.6), Sum({0: 0.5, 1: 0.5}, 0.9, 0.9)])
    assert sum(map(abs, missed)) == pytest.approx(0.3) and max(given) == 1  # no part earns 1.6 of itself


def test_a_slip_that_rounds_to_another_keeps_its_own_credit():
    """As if one slip gave 25 and a later one 25.1, where a half counts as right: nobody who types 25.1 rounded 25."""
    problem_set = source.load(SETS["02-satisfaction"])
    question = replace(problem_set.question(["headroom_pct"]), answers=(Answer("headroom_pct", atol=0.5),))
    solved = solve(problem_set, "bank 1")
    one, other = [mistake for mistake, _ in solved.wrong if mistake.question == question.id][:2]
    right = {**solved.right, question.id: {"headroom_pct": 40.0}}
    slipped = [(one, {"headroom_pct": 25.0}), (other, {"headroom_pct": 25.1})]
    for wrong, known in ((slipped, [25.0, 25.1]), (slipped[::-1], [25.1])):
        figures = replace(solved, right=right, wrong=wrong)
        found = shared(question, figures, pieces(question, figures))
        assert [put.value for put in found.puts[0]] == known
        assert not any(miss for _, miss in found.missed)


def test_a_right_number_may_be_as_far_off_as_the_set_allows():
    """The funnel of set 03 allows half a per cent."""
    problem_set = source.load(SETS["03-agents-avoided"])
    item = next(g for g in questions.bank(problem_set, 1).groups if g.name == "funnel").items[0]
    cell = item.parts[0]
    assert cell.share(cell.right * 1.0049) == 1 and cell.share(cell.right * 1.0051) < 1


def test_a_variant_with_other_points_than_the_set_is_not_written(monkeypatch):
    """As if Moodle gave a tenth less for each part."""
    monkeypatch.setattr(Item, "earned", lambda item, given: 0.9 * sum(p.share(given.get(p.name)) for p in item.parts))
    with pytest.raises(Refusal, match=r"the right answer earns 2 points in the set, and 0\.9 as"):
        questions.bank(source.load(SETS["02-satisfaction"]), 1)


def test_no_answer_stands_among_the_figures(small):
    """Neither an answer nor a step of the solution is told by its name."""
    for item in (item for group in small.groups for item in group.items):
        told = re.findall(r"<td><code>(\w+)</code></td>", item.text)
        assert not {"headroom_pct", "times", "rises_pct", "best_pct", "mix", "needed_pct", "still"} & set(told), item.id


def test_a_table_is_asked_for_at_cells_that_are_never_right_by_accident():
    problem_set = source.load(SETS["03-agents-avoided"])
    solved = solve(problem_set, "bank 1")
    question = problem_set.question(["funnel", "heads_without"])
    asked = [piece for piece in pieces(question, solved) if piece.place]
    assert {piece.place[0] for piece in asked} == {"issues", "heads"} and len(asked) == 8
    assert sum(piece.weight for piece in asked) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--to", "moodel", "--out", "q.xml"), "did you mean 'moodle-xml'"),
        (("--to", "qti12", "--out", "q.xml"), "ends in .zip"),
        (("--to", "moodle-xml", "--out", "none/q.xml"), "a folder that is there"),
        (("--to", "moodle-xml", "--out", "q.xml", "--variants", "0"), "from 1 to 1000: got 0"),
        (("--to", "moodle-xml", "--out", "q.xml", "--seed", " "), "the seed must be a word"),
    ],
)
def test_what_cannot_be_done_is_refused(refused, words, reason):
    refused(("questions", "02", *words), reason)


def test_the_command_writes_the_file_and_says_what_it_leaves_to_a_person(command, course):
    code, output, complaints = command("questions", "02", "--to", "moodle-xml", "--variants", "1", "--out", "q.xml")
    assert code == 0 and "1 variants of 9 questions" in output and "a person reads it" in complaints
    assert (course / "q.xml").read_bytes().startswith(b"<?xml")
