"""What a student reads: never the right value, always what to do next."""

import contextlib
import io
import json
import re

import nbformat
import pandas as pd
import pytest

from casestudy.classroom.authoring import new
from casestudy.classroom.practice.hints import hint
from casestudy.classroom.sets import copies, source
from casestudy.classroom.sets.answers import Answer, read
from casestudy.classroom.sets.problems import Problem
from casestudy.classroom.sets.question import Mistake, Question, role
from casestudy.classroom.sets.seeds import fingerprint, personal_code
from casestudy.classroom.sets.solve import Solved, solve
from casestudy.classroom.submissions.cells import NOTED

CODE = personal_code(b"0123456789abcdef", "t", "01-start", 1, "s1")


@pytest.fixture
def started(tmp_path, monkeypatch):
    """The starting set as if it were shipped, worked out for `practice`, and a notebook's names to call from."""
    path, found = new.new(tmp_path / "sets" / "01-start"), source.find
    problem_set = source.load(path)
    monkeypatch.setattr(source, "find", lambda name: path if name == "01-start" else found(name))
    monkeypatch.chdir(tmp_path)
    return problem_set


def notebook(code="practice", problem_set="01-start", **more):
    data = solve(source.load(source.find(problem_set)), code).data if problem_set else None
    names = {"problem_set": problem_set, "code": code, "data": data} | more
    exec("from casestudy.classroom import check, predict, progress, ready", names)
    return names


def said(names, call):
    reply = eval(call, names)
    assert 'role="status"' in reply._repr_mimebundle_()["text/html"]
    return reply._repr_mimebundle_()["text/plain"]


def right(problem_set, code="practice"):
    return solve(problem_set, code).right["fall"]["fall_pct"]


def test_an_untouched_blank_is_not_answered_yet(started):
    assert "Not answered yet" in said(notebook(), "check(fall_pct=...)")


def test_the_right_answer_is_praised_and_counted(started):
    text = said(notebook(), f"check(fall_pct={right(started)!r})")
    assert text.startswith("✓ Right.") and "1 of 1 questions right" in text


def test_a_decimal_comma_is_met_with_the_decimal_point(started):
    assert "a decimal comma, write 22.7;" in said(notebook(), "check(fall_pct=(22, 7))")


def test_a_share_where_per_cent_is_asked_is_told_the_unit(started):
    assert "per cent is asked for" in said(notebook(), f"check(fall_pct={right(started) / 100!r})")


def test_which_questions_are_open_in_this_kernel_is_the_notebook_s_own(started):
    first, second = notebook(), notebook()
    assert "1 of 1" in said(first, f"check(fall_pct={right(started)!r})")
    assert "0 of 1" in said(second, "check(fall_pct=...)") and said(first, "ready()").startswith("✓")


def test_a_named_mistake_gets_a_hint_that_grows_and_ends_with_an_example_on_other_figures(started):
    (mistake, slipped), *_ = solve(started, "practice").wrong
    names, value = notebook(), slipped["fall_pct"]
    steps = [*mistake.hints["en"], mistake.hints["en"][-1]]
    for number, step in enumerate(steps):
        said_now = said(names, f"check(fall_pct={value + number * 1e-9!r})")
        assert step in said_now and ("With other figures: From " in said_now) == (number == len(mistake.hints["en"]))


def test_an_answer_that_nothing_explains_climbs_a_ladder_too(started):
    names = notebook()
    first, second, third = (said(names, f"check(fall_pct={value})") for value in (12.3, 12.4, 12.5))
    assert "Read the question's Do again" in first and "a case that you can do in your head" in second
    assert "With other figures" in third and "With other figures" not in first + second


def test_a_cell_run_again_unchanged_climbs_nothing(started):
    names = notebook()
    assert len({said(names, "check(fall_pct=12.3)") for _ in range(4)}) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("-right", "its sign is turned"),
        ("right / 100", "per cent is asked for"),
        ("100 * right", "per cent is asked for"),
        ("1 / right", "upside down"),
        ("5000", "is not plausible"),
        ("'62.5'", "take the quotation marks away"),
        ("...", "and run that cell"),
    ],
)
def test_slips_that_any_number_can_have_are_named_in_general(started, given, words):
    assert words in said(notebook(right=right(started)), f"check(fall_pct={given})")


@pytest.mark.parametrize(
    ("given", "rounded"), [("round(right)", True), ("right * 1.02", False), ("right + 0.06", False)]
)
def test_a_number_near_the_right_one_is_called_rounded_only_where_it_is(started, given, rounded):
    words = started.path.read_text(encoding="utf-8").replace('"rtol": 0.005', '"rtol": 0.0001')
    started.path.write_text(words, encoding="utf-8")
    assert ("but for its rounding" in said(notebook(right=right(started)), f"check(fall_pct={given})")) == rounded


def test_a_mistake_is_named_at_a_tenth_of_the_tolerance(started):
    (mistake, slipped), *_ = solve(started, "practice").wrong
    tolerance = 0.005 * slipped["fall_pct"]
    nudges = [
        any(
            map(
                said(notebook(), f"check(fall_pct={slipped['fall_pct'] + part * tolerance!r})").count,
                mistake.hints["en"],
            )
        )
        for part in (0.09, 0.3)
    ]
    assert nudges == [True, False]


def test_no_reply_holds_the_right_value(started):
    values = [slipped["fall_pct"] for _, slipped in solve(started, "practice").wrong]
    names, value = notebook(), right(started)
    said(names, "predict(fall_pct=30)")
    replies = "".join(said(names, f"check(fall_pct={guess!r})") for guess in (*values, 12.3, value / 100, value * 1.02))
    for digits in range(4):
        assert f"{value:.{digits}f}" not in re.findall(r"\d+(?:\.\d+)?", replies)


def test_the_first_prediction_is_kept_and_shown_beside_the_result(started):
    names = notebook()
    assert "Not answered yet" in said(names, "predict(fall_pct=...)")
    assert "finite" in said(names, "predict(fall_pct=10**400)")
    assert "Nothing to remember yet" in said(names, "predict()")
    assert "at least 0" in said(names, "predict(fall_pct=30, give_or_take=-1)")
    with pytest.raises(ValueError, match="did you mean 'fall_pct'"):
        eval("predict(fal_pct=1)", names)
    assert "Remembered" in said(names, "predict(fall_pct=30, give_or_take=5)")
    assert "Your first guess, 30, give or take 5, stands." in said(names, "predict(fall_pct=99)")
    shown = said(names, f"check(fall_pct={right(started)!r})")
    assert "You predicted 30, give or take 5" in shown and "lies outside what you had allowed for" in shown


@pytest.mark.parametrize(("width", "words"), [(1, "outside"), (99, "wide enough")])
def test_a_confidence_meets_the_right_answer_and_no_wrong_one(started, width, words):
    names = notebook()
    said(names, f"predict(fall_pct=40, give_or_take={width})")
    assert "wide enough" not in (wrong := said(names, "check(fall_pct=41.0)")) and "outside" not in wrong
    assert words in said(names, f"check(fall_pct={right(started)!r})")


def test_a_guess_after_an_answer_is_none(started):
    names = notebook()
    said(names, "check(fall_pct=10.0)")
    assert "before this guess, so it is not kept" in said(names, f"predict(fall_pct={right(started)!r})")
    assert "predicted" not in said(names, f"check(fall_pct={right(started)!r})")


def test_what_is_done_and_guessed_outlives_the_kernel_and_stands_at_the_top(started):
    before = notebook()
    assert "1 questions" in said(before, "progress()")
    said(before, "predict(fall_pct=30, give_or_take=5)")
    said(before, f"check(fall_pct={right(started)!r})")
    after = notebook()
    top = said(after, "progress()")
    assert "1 of 1 questions right" in top and "fall_pct 30, give or take 5" in top
    assert said(after, "ready()").startswith("✓")
    assert "1 questions" in said(notebook("another code"), "progress()")


def test_a_damaged_file_of_progress_is_put_aside_and_one_that_cannot_be_written_stops_no_check(started, tmp_path):
    path = tmp_path / "01-start.progress.json"
    path.write_text("{ torn")
    assert "Remembered" in said(notebook(), "predict(fall_pct=30)")
    assert path.with_suffix(".damaged").read_text() == "{ torn" and "practice" in path.read_text()
    path.unlink()
    path.mkdir()
    assert "cannot be kept in a file" in said(notebook(), f"check(fall_pct={right(started)!r})")


def test_ready_names_what_is_open(started):
    names = notebook()
    assert "Not ready yet: 1. Per cent of what?" in said(names, "ready()")
    said(names, "check(fall_pct=10.0)")
    assert "not right yet: 1. Per cent of what?" in said(names, "ready()")
    said(names, f"check(fall_pct={right(started)!r})")
    assert "Every question is right" in said(names, "ready()")
    said(names, "check(fall_pct=...)")
    assert "Not ready yet" in said(names, "ready()")


def test_figures_of_another_code_are_not_marked_wrong(started):
    value = right(started)
    other = notebook(data=solve(started, "other").data)
    assert "belong to another code" in said(other, f"check(fall_pct={value!r})")


def test_a_graded_copy_without_its_file_does_not_turn_to_practice(started):
    assert "check.json is missing" in said(notebook(CODE), f"check(fall_pct={right(started, CODE)!r})")


def test_a_set_is_tried_where_its_author_wrote_it(started, tmp_path, monkeypatch):
    path = new.new(tmp_path / "mine" / "07-own")
    monkeypatch.chdir(path.parent)
    own = solve(source.load(path), "practice")
    names = notebook(problem_set=None) | {"problem_set": "07-own", "data": own.data}
    assert said(names, f"check(fall_pct={own.right['fall']['fall_pct']!r})").startswith("✓")


def test_a_wrong_number_beside_a_named_choice_is_not_called_right(monkeypatch, tmp_path):
    """A choice slip may say that the number is right, so it is told only where the number is."""
    monkeypatch.chdir(tmp_path)
    names = notebook(problem_set="02-satisfaction")
    text = said(names, "check(lowest_pct=99.0, rounding_reason='a')")
    assert "right" not in text.splitlines()[0]


def test_a_check_of_an_unknown_answer_and_one_before_the_first_cells_say_what_to_do(started):
    with pytest.raises(ValueError, match="did you mean 'fall_pct'"):
        eval("check(fall_pc=1)", notebook())
    with pytest.raises(ValueError, match="run the notebook's first cells"):
        eval("check(fall_pct=1)", notebook(problem_set=None))


@pytest.fixture
def graded(started, tmp_path):
    solved = solve(started, CODE)
    public = copies.public(started, {CODE: fingerprint(solved.data)})
    (tmp_path / "check.json").write_text(json.dumps(public), encoding="utf-8")
    return started, solved


def test_graded_checks_tell_form_and_never_right_from_wrong(graded):
    _, solved = graded
    names, value = notebook(CODE, data=solved.data), solved.right["fall"]["fall_pct"]
    given = (value, value + 5, solved.wrong[0][1]["fall_pct"])
    replies = {said(names | {"fall_pct": own}, "check(fall_pct=fall_pct)") for own in given}
    assert len(replies) == 1 and "comes with the marks" in replies.pop()
    assert "Look at unit and sign" in said(names | {"fall_pct": 99999.0}, "check(fall_pct=fall_pct)")


def test_a_graded_check_finds_an_answer_only_where_grading_will(graded):
    _, solved = graded
    names = notebook(CODE, data=solved.data, other=10.0)
    assert "a variable called fall_pct, and there is none" in said(names, "check(fall_pct=other)")
    assert "Not ready yet" in said(names, "ready()")
    names["fall_pct"] = 11.0
    assert "holds something else" in said(names, "check(fall_pct=other)")
    assert "holds something else" in said(names, "check(fall_pct=round(fall_pct / 3, 1))")
    assert "Noted" in said(names, "check(fall_pct=fall_pct)") and said(names, "ready()").startswith("✓")


def test_a_saved_check_is_known_by_how_a_check_speaks(graded):
    _, solved = graded
    assert said(notebook(CODE, data=solved.data, fall_pct=10.0), "check(fall_pct=fall_pct)").startswith(NOTED)


def test_figures_that_were_not_sent_are_flagged_and_cost_nothing(graded):
    _, solved = graded
    changed = solved.data.assign(hours=solved.data["hours"] + 1)
    assert "not the ones that were sent" in said(notebook(CODE, data=5), "check(fall_pct=10.0)")
    assert "not the ones that were sent" in said(notebook(CODE, data=changed), "check(fall_pct=10.0)")
    assert "not the ones that were sent" not in said(notebook(CODE, data=solved.data), "check(fall_pct=10.0)")


def test_a_mistyped_personal_code_is_noticed(graded):
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    with pytest.raises(ValueError, match="a personal code is like"):
        eval("check(fall_pct=10.0)", notebook(wrong))


def test_one_notebook_for_all_knows_its_form_without_a_file(started):
    copy = copies.student_copy(started, "", copies.public(started))
    cells = [cell.source for cell in copy.cells if cell.cell_type == "code"]
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in (*cells[:3], f"code = {CODE!r}", cells[3]):
            exec(cell, names)
    assert "comes with the marks" in said(names | {"fall_pct": 10.0}, "check(fall_pct=fall_pct)")


@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_every_right_answer_is_praised_and_every_mistake_gets_its_own_hint(path, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    problem_set, solved = source.load(path), solve(source.load(path), "practice")
    names = notebook(problem_set=problem_set.name)
    for question in (question for question in problem_set.questions if not question.manual):
        call = "check(" + ", ".join(f"{answer.name}=given[{answer.name!r}]" for answer in question.answers) + ")"
        names["given"] = native(solved.right[question.id])
        assert said(names, call).startswith("✓"), question.id
        for mistake, slipped in solved.wrong:
            if mistake.question == question.id:
                names["given"] = native(slipped)
                assert mistake.hints["en"][0] in said(names, call), question.id


def native(values):
    """Read values back in a form that a student would have."""
    return {
        name: pd.DataFrame(value["columns"], index=value["index"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }


@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_practice_copies_are_those_of_their_sources(path):
    problem_set = source.load(path)
    made = copies.student_copy(problem_set, "practice")
    assert nbformat.read(path.with_name(f"{problem_set.name}.ipynb"), 4) == made, "run make exercises"
    assert not [cell for cell in made.cells if role(cell) == "mistake" or "SOLUTION" in cell.source]


TABLE = pd.DataFrame({"hours": [1.0, 2.0, 3.0], "heads": [4.0, 5.0, 6.0]}, index=["a", "b", "c"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (TABLE.assign(heads=[4.0, 9.0, 6.0]), 'in the column heads, the row "b" is the first that is wrong'),
        (TABLE.assign(hours=0.5), "in the column hours, every row is wrong"),
        (TABLE[["hours"]].assign(people=1.0), "no column called heads"),
        (TABLE.assign(more=1.0), "a column that is not asked for: more"),
        (TABLE.iloc[:2], "has 2 rows; 3 are asked for"),
        (TABLE.iloc[[2, 0, 1]].assign(heads=[6.0, 4.0, 0.0]), 'the row "b" is the first'),
    ],
)
def test_of_a_wrong_table_the_first_wrong_column_or_row_is_named(given, words):
    answer = Answer("funnel", kind="table", rtol=0.01)
    question = Question("funnel", 2, (answer,))
    solved = Solved(TABLE, {"funnel": {"funnel": read(answer, TABLE)}}, [], frozenset())
    assert words in hint(question, {"funnel": read(answer, given)}, solved, {}, True)[0]


def test_a_series_has_rows_and_no_column_to_name():
    answer = Answer("rises", kind="table", rtol=0.01)
    question = Question("rises", 2, (answer,))
    solved = Solved(TABLE, {"rises": {"rises": read(answer, TABLE["hours"])}}, [], frozenset())
    said = hint(question, {"rises": read(answer, TABLE["hours"] + [0, 0, 1])}, solved, {}, True)[0]
    assert 'the row "c" is the first' in said and "column" not in said


def test_a_list_in_place_of_a_table_is_told_how_to_become_one():
    with pytest.raises(Problem) as problem:
        read(Answer("rises", kind="table"), [1.0, 2.0])
    assert "pd.Series(yours)" in problem.value.sentence()


def test_which_half_of_a_pair_is_right_is_told_only_beside_a_named_number():
    number, choice = Answer("n", rtol=0.01), Answer("why", kind="choice", choices=("a", "b", "c"))
    question = Question("pair", 2, (number, choice))
    slip = Mistake("pair", 0.2, {"en": ("A hint.",)}, "")
    solved = Solved(TABLE, {"pair": {"n": 50.0, "why": "b"}}, [(slip, {"n": 30.0, "why": "b"})], frozenset())
    told = {
        (n, why): hint(question, {"n": n, "why": why}, solved, {}, True)[0] for n in (12.0, 30.0, 50.0) for why in "abc"
    }
    assert told[12.0, "a"] == told[12.0, "b"] == told[12.0, "c"] == told[50.0, "a"] == told[50.0, "c"]
    assert told[30.0, "a"] == told[30.0, "b"] == "Not yet. A hint."


def test_a_practice_copy_leads_to_its_notebook_and_a_graded_one_has_none_beside_it():
    problem_set = source.open_set("08")
    link = "](../../notebooks/08-purpose-and-impact.ipynb)"
    assert link in nbformat.writes(copies.student_copy(problem_set, "practice"))
    assert "../../notebooks" not in nbformat.writes(copies.student_copy(problem_set, CODE))


@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_every_notebook_leads_to_its_set_and_back(path):
    name = path.parent.name
    beside = path.parents[2] / "notebooks" / f"{name}.ipynb"
    assert f"](../exercises/{name}/{name}.ipynb)" in beside.read_text(encoding="utf-8")
    assert f"](../../notebooks/{name}.ipynb)" in path.with_name(f"{name}.ipynb").read_text(encoding="utf-8")
