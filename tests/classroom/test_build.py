"""A set that would fail its students is refused, with the reason; each way of breaking one is tried."""

import base64
import json
import re

import nbformat
import pytest
from handed_in import roster

from casestudy.classroom.authoring import build, new
from casestudy.classroom.feedback import page as feedback
from casestudy.classroom.release.release import release
from casestudy.classroom.release.solutions import solution_copy
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import solve, worked_examples
from casestudy.classroom.sets.source import YOURS

PICTURE = {"image/png": base64.b64encode(b"a picture").decode()}
WORK = "fall_pct = (before - after) / before * 100"
FALL = "def fall(a, b):\n    return (a - b) / a * 100"


@pytest.fixture
def starting(tmp_path):
    """The starting set, as a path and as its notebook, and a way to save it changed."""
    path = new.new(tmp_path / "01-start")
    notebook = nbformat.read(path, 4)

    def save():
        nbformat.write(notebook, path)
        return source.load(path)

    return notebook, save


def of(notebook, kind, n=0):
    return [cell for cell in notebook.cells if role(cell) == kind][n]


def refused(problem_set):
    return "\n".join(build.problems(problem_set, seeds=12))


def test_the_starting_set_is_good_on_two_hundred_seeds(starting):
    assert build.problems(starting[1](), seeds=200) == []


@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_every_shipped_set_is_good(path):
    assert build.problems(source.load(path), seeds=12) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_every_shipped_set_is_good_on_two_hundred_seeds(path):
    assert build.problems(source.load(path), seeds=200) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "reason"),
    [
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = before / 0", "ZeroDivisionError"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = float('nan')", "not_finite"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = 1e9", "out_of_range"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = 0.0", "is 0, which a guess would find"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = 62.5", "is 62.5 for 12 of 12 seeds"),
        ("solution", "fall_pct = (before - after) / before * 100", "fall_pct = ...", "fall_pct is missing"),
        ("solution", "### BEGIN SOLUTION\n", "", "the untouched copy has an answer for fall_pct"),
        ("mistake", "/ after * 100", "/ before * 100.0001", "mistake 1 gives the right answer"),
        ("mistake", "(before - after) / after * 100", "float(before - after)", "mistakes 1 and 2 give the same answer"),
        ("mistake", "(before - after)", "(before - afterwards)", "NameError"),
        ("data", "data\n", "data = data.to_dict()\n", "must make a DataFrame"),
    ],
)
def test_a_set_broken_in_its_code_is_refused_with_the_reason(starting, kind, old, new, reason):
    notebook, save = starting
    cell = of(notebook, kind, {"solution": 1}.get(kind, 0))
    cell.source = (cell.source + "\n").replace(old, new)
    assert reason in refused(save())


@pytest.mark.parametrize("step", source.STEPS)
def test_a_question_without_one_of_its_seven_steps_is_refused(starting, step):
    notebook, save = starting
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace(f"**{step}:**", f"{step}:")
    assert f"its text lacks {step}" in refused(save())


def test_of_several_headings_in_one_cell_the_last_is_the_question_s(starting):
    notebook, save = starting
    cell = next(cell for cell in notebook.cells if cell.source.startswith("## 1."))
    cell.source = f"## Before that\n\nSome words.\n\n{cell.source}"
    problem_set = save()
    assert problem_set.questions[0].title == "1. Per cent of what?" and refused(problem_set) == ""
    assert feedback.headings(problem_set) == {"fall": "1. Per cent of what?"}


def test_a_text_that_names_a_variable_that_does_not_exist_is_refused(starting):
    notebook, save = starting
    notebook.cells[5].source += " Use `befor`."
    assert "names `befor`, which does not exist" in refused(save())


def test_a_number_with_one_named_mistake_is_refused(starting):
    notebook, save = starting
    notebook.cells.remove(of(notebook, "mistake"))
    assert "needs at least 2 named mistakes; it has 1" in refused(save())


def test_a_copy_that_stops_on_its_blank_is_refused(starting):
    notebook, save = starting
    notebook.cells.append(nbformat.v4.new_code_cell("round(fall_pct, 1)"))
    assert "the untouched copy does not run" in refused(save())


def test_a_text_for_a_person_needs_a_rubric(starting):
    notebook, save = starting
    grader = of(notebook, "check").metadata["nbgrader"] | {"grade_id": "why", "solution": True, "locked": False}
    words = nbformat.v4.new_markdown_cell("Because.", metadata={"nbgrader": dict(grader)})
    notebook.cells.insert(-2, words)
    assert "why: a text that a person reads needs a rubric" in refused(save())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda cell, nb: cell.metadata["nbgrader"].update(schema_version=2), "schema_version is 3"),
        (lambda cell, nb: cell.metadata["nbgrader"].update(grade_id="../fall"), "grade_id made of letters"),
        (lambda cell, nb: cell.metadata["nbgrader"].update(locked="yes"), "locked must be bool"),
        (lambda cell, nb: cell.metadata["nbgrader"].update(points=-1), "points must be above 0"),
        (lambda cell, nb: cell.metadata.pop("casestudy"), "declares its answers"),
        (lambda cell, nb: cell.metadata["casestudy"].update(answers={"x": {"kind": "essay"}}), "kind is one of number"),
        (lambda cell, nb: nb.cells.append(nbformat.from_dict(cell | {"id": "again"})), "stands in two cells"),
        (lambda cell, nb: nb.metadata.pop("casestudy"), "version in the notebook's metadata"),
        (
            lambda cell, nb: of(nb, "mistake").metadata["casestudy"].update(question="rise"),
            "a mistake belongs to 'rise'",
        ),
        (lambda cell, nb: of(nb, "mistake").metadata["casestudy"].update(credit=1), "credit from 0 to below 1"),
        (lambda cell, nb: of(nb, "parameters").metadata.update(tags=[]), "exactly one cell is tagged parameters"),
    ],
)
def test_damaged_metadata_are_refused_with_the_cell(starting, change, reason):
    notebook, save = starting
    change(of(notebook, "check"), notebook)
    with pytest.raises(ValueError, match=re.escape(reason)):
        save()


def test_a_new_set_does_not_replace_one(tmp_path):
    new.new(tmp_path / "01-start")
    with pytest.raises(ValueError, match="stands there already"):
        new.new(tmp_path / "01-start")
    with pytest.raises(ValueError, match="NN-words"):
        new.new(tmp_path / "start")


@pytest.mark.parametrize("path", source.found(), ids=lambda path: path.parent.name)
def test_nbgrader_would_hand_the_mistakes_out_so_we_release_ourselves(path):
    """It strips solution cells and leaves every cell that is not its own; the mistakes are not its own."""
    slips = [cell for cell in source.load(path).notebook.cells if role(cell) == "mistake"]
    assert slips and not [cell for cell in slips if "nbgrader" in cell.metadata]


def hidden(text):
    return f"### BEGIN SOLUTION\n{text}\n### END SOLUTION"


def code(text, **metadata):
    return nbformat.v4.new_code_cell(text, metadata=metadata)


def words(text, **metadata):
    return nbformat.v4.new_markdown_cell(text, metadata=metadata)


def nbgrader(id, grade=False, **further):
    known = {"schema_version": 3, "grade_id": id, "grade": grade, "solution": True, "locked": False, "task": False}
    return {"nbgrader": known | further}


@pytest.mark.parametrize(
    ("checked", "reason"),
    [
        ("check(fall=fall_pct)", "with check(fall_pct=fall_pct): got check(fall=fall_pct)"),
        ("check(fall_pct=before)", "got check(fall_pct=before)"),
        ("check(fall_pct=round(fall_pct, 1))", "got check(fall_pct=round(fall_pct, 1))"),
        ("check(**{'fall_pct': fall_pct})", "got check(**{'fall_pct': fall_pct})"),
        ("check(fall_pct=fall_pct, before=before)", "got check(fall_pct=fall_pct, before=before)"),
        ("check(fall_pct)", "got check(fall_pct)"),
        ("check()", "got check()"),
        ("fall_pct", "got no check"),
    ],
)
def test_a_check_asks_for_what_its_cell_declares_and_under_that_name(starting, checked, reason):
    notebook, save = starting
    of(notebook, "check").source = checked
    assert f"cell 11 must check what it declares, {'' if reason.startswith('with') else 'with '}" in (
        found := refused(save())
    )
    assert reason in found


def test_a_declared_answer_that_no_check_hands_over_is_refused(starting):
    notebook, save = starting
    of(notebook, "check").metadata["casestudy"]["answers"]["share"] = {"rtol": 0.01}
    of(notebook, "solution", 1).source = hidden(f"{WORK}\nshare = after / before")
    assert "with check(fall_pct=fall_pct, share=share): got check(fall_pct=fall_pct)" in refused(save())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("check(rise=before)", "cell 17 checks what no question asks for: check(rise=before)"),
        ("predict(fall=3)", "cell 17 predicts what no question asks for: predict(fall=3)"),
    ],
)
def test_a_name_that_nobody_asks_for_is_refused_in_every_cell(starting, text, reason):
    notebook, save = starting
    notebook.cells.insert(-2, code(text))
    assert reason in refused(save())


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({}, "is not whole, such as"),
        ({"rtol": 1e-17}, "has no tolerance: declare rtol or atol"),
        ({"rtol": 1.5}, "has a tolerance so wide that 0 is right on 12 of 12 seeds"),
        ({"atol": 30}, "within its tolerance for 12 of 12 seeds"),
    ],
)
def test_a_tolerance_that_nobody_could_keep_or_miss_is_refused(starting, declared, reason):
    notebook, save = starting
    of(notebook, "check").metadata["casestudy"]["answers"]["fall_pct"] = declared
    assert reason in refused(save())


def test_a_whole_number_needs_no_tolerance_and_a_table_of_others_does(starting):
    notebook, save = starting
    answers = of(notebook, "check").metadata["casestudy"]["answers"]
    answers |= {"hours": {}, "shares": {"kind": "table"}}
    of(notebook, "solution", 1).source = hidden(
        f"{WORK}\nhours = round(before - after)\nshares = data['hours'] / before"
    )
    of(notebook, "check").source = "check(fall_pct=fall_pct, hours=hours, shares=shares)"
    found = refused(save())
    assert "hours" not in found and "fall: shares is not whole" in found


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"range": [100, 0]}, "range is two numbers, the lower one first"),
        ({"range": [0, 50, 100]}, "range is two numbers"),
        ({"range": "0..100"}, "range is two numbers"),
        ({"rtol": "1%"}, "rtol must be a number from 0: got '1%'"),
        ({"rtol": True}, "rtol must be a number from 0: got True"),
        ({"kind": "choice", "choices": "abc"}, "choices must be a list of texts: got 'abc'"),
        ({"kind": "choice", "choices": [1, 2]}, "choices must be a list of texts: got [1, 2]"),
        ({"same_for_all": True}, "same_for_all must be text: got True"),
    ],
)
def test_a_declaration_that_is_not_understood_is_refused_with_the_cell(starting, declared, reason):
    notebook, save = starting
    of(notebook, "check").metadata["casestudy"]["answers"]["fall_pct"] = declared
    with pytest.raises(ValueError, match=f"cell 11: fall_pct: {re.escape(reason)}"):
        save()


def choice(notebook, work, **declared):
    """Ask a choice, `way`, beside the number."""
    answers = of(notebook, "check").metadata["casestudy"]["answers"]
    answers["way"] = {"kind": "choice", "choices": ["up", "down"]} | declared
    of(notebook, "solution", 1).source = hidden(f"{WORK}\n{work}")
    of(notebook, "check").source = "check(way=way, fall_pct=fall_pct)"


@pytest.mark.parametrize("reason", ["", "which way it went is the lesson"])
def test_a_choice_that_is_the_same_for_nearly_everybody_is_refused_whatever_its_author_says(starting, reason):
    notebook, save = starting
    choice(notebook, "way = 'down'", same_for_all=reason)
    assert "way is down for 12 of 12 seeds: let it follow from the figures" in refused(save())


def test_a_choice_needs_two_options(starting):
    notebook, save = starting
    choice(notebook, "way = 'down'", choices=["down"])
    assert "way needs two choices or more" in refused(save())


def test_options_lettered_by_code_make_one_key_many(starting):
    notebook, save = starting
    choice(notebook, "way = ways['fell']", choices=["a", "b", "c"])
    words = "{'fell': 'It fell.', 'rose': 'It rose.', 'neither': 'Neither.'}"
    cell = code(f"ways = options(problem_set, code, {words})\nways")
    cell.metadata["tags"] = ["options"]
    notebook.cells.insert(5, cell)
    notebook.cells[1].source = notebook.cells[1].source.replace("individual,", "individual, options,")
    problem_set = save()
    assert build.problems(problem_set) == []
    copied = student_copy(problem_set, "practice").cells[5]
    assert copied.metadata["jupyter"] == {"source_hidden": True}


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("'up' if before > 60.5 else 'down' if before > 48 else 'even'", "up 0"),
        ("'up' if before > 58 else 'down' if before > 47 else 'even'", "each right on 20% to 50% of seeds: got"),
        ("'up' if before > 52 else 'down' if before > 44 else 'even'", ""),
    ],
)
def test_a_verdict_has_three_outcomes_and_none_is_rare(starting, verdict, told):
    notebook, save = starting
    choice(notebook, f"way = {verdict}", choices=["up", "down", "even"], verdict=True)
    found = build.problems(save(), seeds=200)
    assert (found == []) if not told else told in "\n".join(found)


def test_a_slip_that_no_author_named_and_a_check_takes_for_right_is_refused(starting):
    """The largest of the late over the smallest of the early is no rise of any row, and often the same number."""
    notebook, save = starting
    drawn = "pd.DataFrame({'early': [5.0, 6.0], 'late': rng.uniform(5, 9, 2)})"
    of(notebook, "data").source += f"\nrows = {drawn}"
    of(notebook, "solution", 1).source = hidden("fall_pct = (100 * (rows['late'] / rows['early'] - 1)).max()")
    found = refused(save())
    assert "is taken for right with max of one part and min of the other" in found


@pytest.mark.parametrize(
    ("work", "tolerance", "slip"),
    [
        ("fall_pct = before - 0.05", {"atol": 0.06}, "a half-step left out"),
        ("fall_pct = (before + after) / 2", {"rtol": 0.9}, "one more"),
        ("fall_pct = 100 * after / before", {"rtol": 0.005}, ""),
        ("fall_pct = 50 + 3.0 * (before > 48)", {"atol": 0.1}, "the rest of 100"),
    ],
)
def test_generic_slips_are_tried_on_every_number(starting, work, tolerance, slip):
    notebook, save = starting
    of(notebook, "check").metadata["casestudy"]["answers"]["fall_pct"] = {"unit": "per cent"} | tolerance
    of(notebook, "solution", 1).source = hidden(work)
    found = refused(save())
    assert f"taken for right with {slip}" in found if slip else "taken for right" not in found


def test_a_slip_that_is_sometimes_another_one_s_number_is_refused(starting):
    notebook, save = starting
    of(notebook, "mistake", 1).source = "fall_pct = -fall_pct if before > 48 else fall_pct / 3"
    assert "with the sign turned is taken for another slip" in refused(save())
    of(notebook, "mistake", 1).source = "fall_pct = -fall_pct"
    assert refused(save()) == ""


def test_figures_that_do_not_teach_are_refused_and_drawn_again_in_a_release(starting):
    notebook, save = starting
    of(notebook, "check").metadata["casestudy"]["lesson"] = "before > 48"
    assert "these figures do not teach: fall: before > 48" in refused(problem_set := save())
    assert solve(problem_set, "seed 0").lost == () or build.degenerate(problem_set, solve(problem_set, "seed 0"))


def test_the_ladder_ends_with_a_worked_example_on_other_figures(starting):
    notebook, save = starting
    question = save().questions[0]
    told = [worked_examples(save(), one)[question.id] for one in ("practice", "an example")]
    assert all(re.fullmatch(r"From [\d.]+ to [\d.]+ hours .* that is [\d.]+ per cent\.", words) for words in told)
    assert told[0] != told[1]
    of(notebook, "check").metadata["casestudy"]["example"] = "From {befor} on."
    assert "fall, example: NameError" in refused(save())
    del of(notebook, "check").metadata["casestudy"]["example"]
    assert "its hints end nowhere" in refused(save())


def test_an_explain_needs_a_place_to_write(starting):
    notebook, save = starting
    notebook.cells.remove(of(notebook, "explain"))
    assert "its Explain needs a place to write" in refused(save())


def test_what_a_student_writes_for_himself_comes_without_the_author_s_words(starting):
    notebook, save = starting
    own = [cell.source for cell in student_copy(save(), "practice").cells if role(cell) == "explain"]
    assert own == ["*Write here, for yourself.*"] and of(notebook, "explain").source not in own


@pytest.mark.parametrize(
    ("work", "before", "reason"),
    [
        (f"{FALL}\n{hidden('fall_pct = fall(before, after)')}", "", "the solution uses `fall`, which stands outside"),
        (f"HUNDRED = 100\n{hidden(WORK.replace('100', 'HUNDRED'))}", "", "the solution uses `HUNDRED`"),
        (f"import math\n{hidden('fall_pct = math.fsum([before, -after]) / before * 100')}", "", "solution uses `math`"),
        (hidden("fall_pct = fall(before, after)"), FALL, "cell 5: only solutions use `fall`"),
        (hidden("fall_pct = 100 * part"), "part = 1 - after / before", "cell 5: only solutions use `part`"),
        (f"{hidden(FALL)}\nfall_pct = fall(before, after)", "", "cell 9 uses `fall`, which nothing in a copy makes"),
        (hidden(f"import math\n{WORK}"), "def down(x):\n    return math.floor(x)", "cell 5 uses `math`"),
    ],
)
def test_a_helper_is_either_the_student_s_or_the_solution_s(starting, work, before, reason):
    notebook, save = starting
    of(notebook, "solution", 1).source = work
    if before:
        notebook.cells.insert(4, code(before))
    assert reason in refused(save())


def test_a_helper_that_the_text_hands_to_the_students_is_fine(starting):
    notebook, save = starting
    of(notebook, "solution", 1).source = hidden("fall_pct = fall(before, after)")
    of(notebook, "plain", 4).source += " Use `fall`."
    notebook.cells.insert(4, code(FALL))
    assert refused(save()) == ""


def test_a_text_names_nothing_that_only_the_solution_has(starting):
    notebook, save = starting
    of(notebook, "solution", 1).source = hidden(f"{FALL}\nfall_pct = fall(before, after)")
    notebook.cells[5].source += " Use `fall`."
    assert "cell 6: the text names `fall`, which does not exist in a copy" in refused(save())


def test_parameters_are_rewritten_in_a_copy_and_hold_nothing_else(starting):
    notebook, save = starting
    of(notebook, "parameters").source += "\nHUNDRED = 100"
    assert "cell 3 makes HUNDRED: a copy's parameters are problem_set and code alone" in refused(save())


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (WORK, "cell 9 is a solution without the lines"),
        (hidden(WORK).replace("###", "#"), "cell 9: '# BEGIN SOLUTION' hides nothing"),
        (hidden(WORK).replace("SOLUTION", "SOLUTON", 1), "cell 9: '### BEGIN SOLUTON' hides nothing"),
        (hidden(WORK).lower(), "cell 9: '### begin solution' hides nothing"),
        (hidden(WORK).replace("### END SOLUTION", "### END SOLUTION."), "'### END SOLUTION.' hides nothing"),
        (f"{WORK}  # SOLUTION", "hides nothing"),
        (hidden(hidden(WORK)), "none stands within another"),
        (hidden(f"### BEGIN SOLUTION\n{WORK}"), "none stands within another"),
        (hidden(WORK).removesuffix("### END SOLUTION"), "each ### BEGIN SOLUTION needs its ### END SOLUTION"),
        (f"{hidden(WORK)}\n### BEGIN HIDDEN TESTS\nassert before\n### END HIDDEN TESTS", "hides nothing"),
        (hidden(f"data = data.dropna()\n{WORK}"), "a copy has `data = ...` here, which cell 4 gives"),
        (hidden(WORK.replace("=", ", more =", 1) + ", 1"), "a copy would not have `fall_pct = ...`"),
        (hidden(f"if True:\n    {WORK}"), "a copy would not have `fall_pct = ...`"),
    ],
)
def test_lines_around_a_solution_hold_it_and_leave_its_answers_open(starting, work, reason):
    notebook, save = starting
    of(notebook, "solution", 1).source = work
    assert reason in refused(save())


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (words(hidden("It is 3.")), "cell 17 holds a solution and is not marked as one"),
        (words("It is 3.", **nbgrader("w")), "cell 17 is a solution in Markdown, which nothing strips"),
        (words(hidden("It is 3."), **nbgrader("w")), "cell 17 is a solution in Markdown"),
        (words("**Solution:** it is 3."), "cell 17 tells a solution ('**Solution:')"),
        (words("<details><summary>Model answer</summary>\n\nIt is 3.</details>"), "cell 17 tells a solution"),
        (words("#### Lösung\n\nEs ist 3."), "cell 17 tells a solution ('#### Lösung')"),
        (words("Think.\n\n<!-- the answer\nis 3 -->"), "cell 17 tells a solution"),
        (nbformat.v4.new_raw_cell("It is 3."), "cell 17 is raw"),
        (
            code("'It is 3.'", **nbgrader("w", grade=True, points=1)),
            "cell 17 is graded by a person, and must be Markdown",
        ),
        (
            code("fall_pct", casestudy={"hint": "No."}),
            "cell 17 holds casestudy.hint in its metadata, and must be tagged",
        ),
        (code("check(fall_pct=fall_pct)", casestudy={"answers": {"x": {}}}), "and must be a check"),
    ],
)
def test_a_solution_that_would_reach_the_students_is_refused(starting, cell, reason):
    notebook, save = starting
    notebook.cells.insert(-2, cell)
    assert reason in refused(save())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("rng.uniform(36, 60)", "rng.uniform(36, 60) + __import__('random').random() * 9", "draw all of them from"),
        ("rng.uniform(36, 60)", "rng.uniform(36, 60) + pd.Timestamp.now().day", "cell 4 calls pd.Timestamp.now()"),
        ("rng.uniform(36, 60)", "rng.uniform(36, 60) + hash('a') % 9", "cell 4 calls hash()"),
        ("rng.uniform(36, 60)", "rng.integers(int(open('beside.txt').read()), 60)", "FileNotFoundError"),
    ],
)
def test_figures_follow_from_the_code_and_nothing_else(starting, monkeypatch, tmp_path, old, new, reason):
    notebook, save = starting
    (tmp_path / "beside.txt").write_text("30")
    monkeypatch.chdir(tmp_path)
    cell = of(notebook, "data")
    cell.source = cell.source.replace(old, new)
    assert reason in refused(save())


def test_figures_that_another_process_would_draw_otherwise_are_refused(starting):
    notebook, save = starting
    cell = of(notebook, "data")
    order = "[*{'a', 'bc', 'def', 'ghij', 'klmno', 'pqrstu'}]"  # of a set, which each process has its own way
    cell.source = cell.source.replace('hours": [before, after]', f'hours": [before, after], "order": str({order})')
    (fault,) = build.build(problem_set := save())
    assert "another process gets others" in fault
    assert not problem_set.path.with_name("01-start.ipynb").exists()


@pytest.mark.parametrize("name", ["data", "sum", "check", "class", "fall-pct", "before"])
def test_an_answer_has_a_name_of_its_own(starting, name):
    notebook, save = starting
    for cell in notebook.cells:
        cell.source = cell.source.replace("fall_pct", name)
    answers = of(notebook, "check").metadata["casestudy"]["answers"]
    answers[name] = answers.pop("fall_pct")
    assert (
        f"got '{name}'" in (found := refused(save())) or "a copy has `before = ...` here, which cell 4 gives" in found
    )


def test_a_set_that_asks_nothing_is_refused(starting):
    notebook, save = starting
    notebook.cells = [cell for cell in notebook.cells if role(cell) not in ("check", "mistake", "solution")]
    assert "the set asks nothing" in refused(save())


def test_a_check_that_is_no_code_is_refused_with_the_cell(starting):
    notebook, save = starting
    cell = of(notebook, "check")
    notebook.cells[notebook.cells.index(cell)] = words(cell.source, **cell.metadata)
    with pytest.raises(ValueError, match="cell 11: a check is a code cell, and this one is markdown"):
        save()


@pytest.mark.parametrize(
    ("shows", "attached", "reason"),
    [
        ("![a](attachment:a.png)", {}, "cell 6: the picture attachment:a.png is not in this cell"),
        ("![a](attachment:a.png)", {"a.png": {}}, "cell 6: the picture attachment:a.png is not in this cell"),
        ("![a](attachment:a.png)", {"b.png": PICTURE}, "cell 6: the picture attachment:a.png is not in this cell"),
        ("![a](pictures/a.png)", {}, "cell 6: the picture pictures/a.png does not travel with a copy"),
        ("![a][one]\n\n[one]: a.png", {}, "cell 6: the picture a.png does not travel with a copy"),
        ("<img alt='a' width=30 src=a.png>", {}, "cell 6: the picture a.png does not travel with a copy"),
        ("<img\nsrc='../a b.png'>", {}, "cell 6: the picture ../a b.png does not travel with a copy"),
        (
            "![a](https://example.org/a.png)",
            {},
            "cell 6: the picture https://example.org/a.png would come from a network",
        ),
    ],
)
def test_a_picture_that_a_copy_would_lose_is_refused(starting, shows, attached, reason):
    notebook, save = starting
    notebook.cells[5].source += f"\n\n{shows}"
    notebook.cells[5].attachments = attached
    assert reason in refused(save())


def test_a_copy_with_pictures_too_large_to_come_back_is_refused(starting):
    notebook, save = starting
    notebook.cells[5].source += "\n\n![a](attachment:a.png)"
    notebook.cells[5].attachments = {"a.png": {"image/png": "A" * 12_000_000}}
    assert "a copy has 12 MB, and may have 10" in refused(save())


def test_every_copy_keeps_the_pictures_that_its_texts_show_and_no_others(starting, tmp_path):
    notebook, save = starting
    shown = "\n\n![a](attachment:a.png) <img src='attachment:b%20c.png'> and not `![d](d.png)`"
    notebook.cells[5].source += shown
    notebook.cells[5].attachments = {"a.png": PICTURE, "b c.png": PICTURE, "the-solution.png": PICTURE}
    model = words("See ![e](attachment:e.png).", **nbgrader("why", grade=True, points=1), casestudy={"rubric": "One."})
    model.attachments = {"e.png": PICTURE}
    notebook.cells.insert(12, model)
    problem_set = save()
    assert build.build(problem_set) == []
    out = release(problem_set, roster(s1="Anna"), b"a secret of sixteen", "t", tmp_path / "folders")
    codes = release(problem_set, roster(s1="Anna"), b"a secret of sixteen", "t", tmp_path / "codes", codes=True)
    for path in (problem_set.path.parent, out / "students" / "s1", codes):
        copy = nbformat.read(path / "01-start.ipynb", 4)
        nbformat.validate(copy)
        assert [cell.attachments for cell in copy.cells if "attachments" in cell] == [
            {"a.png": PICTURE, "b c.png": PICTURE}
        ]
        assert YOURS in [cell.source for cell in copy.cells]
    kept = [set(cell.attachments) for cell in solution_copy(problem_set).cells if "attachments" in cell]
    assert kept == [{"a.png", "b c.png", "the-solution.png"}, {"e.png"}]


def test_nothing_of_the_author_s_own_travels_with_a_copy(starting):
    notebook, save = starting
    secret = "forty-two and a half"
    notebook["author"] = notebook.metadata["solution"] = secret
    for cell in notebook.cells:
        cell["note"] = cell.metadata["note"] = secret
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["answer"] = secret
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text=secret)]
    problem_set = save()
    assert secret not in json.dumps(student_copy(problem_set, "practice"))


def test_a_draw_that_never_ends_is_stopped_and_its_cell_named(starting, monkeypatch):
    notebook, save = starting
    of(notebook, "data").source += "\nwhile True:\n    pass"
    monkeypatch.setattr(build, "LONGEST", 0.3)
    assert "TimeoutError: it was still computing after 0.3 s" in refused(save())
