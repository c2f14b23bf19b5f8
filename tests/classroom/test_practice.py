"""What a student reads: never the right value, always what to do next."""

import contextlib
import io
import json
import re

import nbformat
import pytest

from casestudy.classroom.practice import desk
from casestudy.classroom.sets import copies, new, source
from casestudy.classroom.sets.seeds import fingerprint, personal_code
from casestudy.classroom.sets.solve import solve
from casestudy.classroom.sets.source import role
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
    exec("from casestudy.classroom import check, predict, ready", names)
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


def test_what_a_notebook_has_seen_stays_among_its_own_variables(started):
    first, second = notebook(), notebook()
    assert "1 of 1" in said(first, f"check(fall_pct={right(started)!r})")
    assert "0 of 1" in said(second, "check(fall_pct=...)") and said(first, "ready()").startswith("✓")


def test_a_named_mistake_gets_a_hint_that_grows_with_each_try(started):
    (mistake, slipped), *_ = solve(started, "practice").wrong
    names = notebook()
    for hint in (*mistake.hints["en"], mistake.hints["en"][-1]):
        assert hint in said(names, f"check(fall_pct={slipped['fall_pct']!r})")


def test_no_reply_holds_the_right_value(started):
    values = [slipped["fall_pct"] for _, slipped in solve(started, "practice").wrong]
    names, value = notebook(), right(started)
    said(names, "predict(fall_pct=30)")
    replies = "".join(said(names, f"check(fall_pct={guess!r})") for guess in (*values, 12.3, value / 100, value * 1.02))
    for digits in range(4):
        assert f"{value:.{digits}f}" not in re.findall(r"\d+(?:\.\d+)?", replies)


def test_the_first_prediction_is_remembered_and_shown_beside_the_result(started):
    names = notebook()
    assert "Not answered yet" in said(names, "predict(fall_pct=...)")
    assert "finite" in said(names, "predict(fall_pct=10**400)")
    with pytest.raises(ValueError, match="did you mean 'fall_pct'"):
        eval("predict(fal_pct=1)", names)
    said(names, "predict(fall_pct=30)")
    assert "Your first guess, 30.0, stands." in said(names, "predict(fall_pct=99)")
    assert "You predicted 30" in said(names, f"check(fall_pct={right(started)!r})")


def test_ready_names_what_is_open(started):
    names = notebook()
    assert "Not ready yet: 1. Per cent of what?" in said(names, "ready()")
    said(names, "check(fall_pct=10.0)")
    assert "not right yet: 1. Per cent of what?" in said(names, "ready()")
    said(names, f"check(fall_pct={right(started)!r})")
    assert "Every question is right" in said(names, "ready()")
    said(names, "check(fall_pct=...)")
    assert "Not ready yet" in said(names, "ready()")


def test_an_answer_that_was_rounded_on_the_way_is_told_apart(started):
    assert "rounded on the way" in said(notebook(), f"check(fall_pct={right(started) * 1.02!r})")


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
    for question in (question for question in problem_set.questions if not question.manual):
        names = notebook(problem_set=problem_set.name, **{f"v_{a.name}": None for a in question.answers})
        call = "check(" + ", ".join(f"{answer.name}=given[{answer.name!r}]" for answer in question.answers) + ")"
        assert said(names | {"given": native(solved.right[question.id])}, call).startswith("✓"), question.id
        for mistake, slipped in solved.wrong:
            if mistake.question == question.id:
                names.pop(desk.DESKS, None)
                assert mistake.hints["en"][0] in said(names | {"given": native(slipped)}, call), question.id


def native(values):
    """Read values back in a form that a student would have."""
    import pandas as pd

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
