"""Moved, copied, split and deleted cells cost nobody a point; what is run is named as its owner sees it."""

import json
import re
from collections import Counter

import nbformat
import pytest
from handed_in import REPAIRED, again, at, checks, code, move, nameless, run_here, share, tagged, works

from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import public, student_copy
from casestudy.classroom.sets.question import role
from casestudy.classroom.submissions import repair


def test_a_copy_as_sent_out_runs_without_an_error_and_earns_nothing(given, opened):
    read = opened(given.path.read_bytes())
    values, errors = run_here(given.problem_set, read.cells)
    assert (values, errors, read.flags, read.code) == ({}, [], frozenset(), given.code)
    assert set(read.texts.values()) == {""} and len(read.texts) == 1


def test_a_right_copy_earns_all_and_needs_no_repair(copy, earned):
    assert earned(copy) == (frozenset(), 1)


@pytest.mark.parametrize("copied", [False, True])
def test_answers_are_asked_for_once_each_without_tolerance_or_value(copy, given, opened, copied):
    data = copy.cells[tagged(copy, "data")].source
    for n in [tagged(copy, "data"), *(at(copy, id) for id in checks(copy))] if copied else []:
        copy.cells.append(again(copy.cells[n]))
    read = opened(copy)
    asked = Counter(name for cell in read.cells for name in cell.answers)
    assert asked == Counter(answer.name for question in given.problem_set.questions for answer in question.answers)
    assert not [word for word in ("rtol", "atol", "hint", "SOLUTION") if word in str(read.cells)]
    assert [cell.source for cell in read.cells if "(data)" in cell.where] == [data]


@pytest.mark.parametrize("trial", range(8))
def test_whatever_cell_is_moved_wherever_all_points_stay(copy, earned, trial):
    places = [n for n, cell in enumerate(copy.cells) if cell.cell_type == "code" and "figure" not in str(cell.metadata)]
    for n in places[trial::8]:
        for to in (0, 3, len(copy.cells) // 2, len(copy.cells) - 1):
            notebook = nbformat.from_dict(copy)
            notebook.cells = list(copy.cells)
            cell = notebook.cells.pop(n)
            notebook.cells.insert(to, cell)
            assert earned(notebook)[1] == 1, (cell.source, to)


def test_a_solution_moved_to_the_top_or_the_end_is_said_to_be_repaired(copy, earned):
    for id in works(copy):
        for to in (0, len(copy.cells) - 1):
            notebook = nbformat.from_dict(copy)
            notebook.cells = list(copy.cells)
            move(notebook, id, to)
            assert earned(notebook) == (REPAIRED, 1), (id, to)


@pytest.mark.parametrize(("first", "needs"), [("half = 0.5", False), ("half = whole / 2", True)])
def test_a_solution_moved_down_goes_back_unless_it_needs_what_it_passed(copy, opened, first, needs):
    one, other = works(copy)[:2]
    copy.cells[at(copy, one)].source = first
    copy.cells[at(copy, other)].source = "whole = 2"
    move(copy, one, len(copy.cells) - 1)
    sources = [cell.source for cell in opened(copy).cells]
    assert (sources.index(first) > sources.index("whole = 2")) == needs


def test_all_cells_upside_down_still_earn_all(copy, earned):
    copy.cells = copy.cells[::-1]
    assert earned(copy)[0] == REPAIRED


@pytest.mark.parametrize("kind", ["check", "parameters", "data", "plain"])
def test_a_deleted_cell_of_the_author_s_is_put_back(copy, earned, kind):
    lost = [n for n, cell in enumerate(copy.cells) if cell.cell_type == "code" and role(cell) == kind]
    for n in [n for n in lost if not copy.cells[n].source.startswith(("ready(", "progress("))]:
        notebook = nbformat.from_dict(copy)
        notebook.cells = [cell for m, cell in enumerate(copy.cells) if m != n]
        assert earned(notebook) == (REPAIRED, 1), copy.cells[n].source


def test_without_any_check_heading_or_text_the_answers_are_found(copy, earned):
    copy.cells = [cell for cell in copy.cells if cell.cell_type == "code" and role(cell) != "check"]
    assert earned(copy) == (REPAIRED, 1)


def test_a_notebook_without_metadata_or_ids_is_recognised_by_its_text(copy, earned):
    for cell in copy.cells:
        cell.metadata.clear()
        cell.pop("id")
    copy.nbformat_minor = 4
    assert earned(copy) == (frozenset(), 1)


def test_an_untouched_copy_of_a_cell_below_the_answer_does_not_undo_it(copy, given, earned):
    blank = nbformat.read(given.path, 4)
    for id in works(copy):
        copy.cells.insert(at(copy, id) + 1, again(blank.cells[at(blank, id)]))
    assert earned(copy) == (REPAIRED, 1)


def test_of_two_tries_in_two_copies_the_last_counts(copy, earned):
    for id in works(copy):
        place = at(copy, id)
        names = [line.split("=")[0].strip() for line in copy.cells[place].source.splitlines() if " = " in line]
        copy.cells.insert(place, again(copy.cells[place], "\n".join(f"{name} = 12345" for name in names)))
    assert earned(copy) == (REPAIRED, 1)
    for id in works(copy)[::2]:
        copy.cells.append(again(copy.cells[at(copy, id)]))  # the wrong try
    assert earned(copy)[1] < 0.8


@pytest.mark.parametrize("keeps_its_name", [True, False])
def test_a_solution_split_into_its_lines_is_one_solution(copy, earned, keeps_its_name):
    for id in works(copy):
        place = at(copy, id)
        whole = copy.cells.pop(place)
        lines = whole.source.splitlines()
        if any(line.startswith((" ", ")")) for line in lines):
            lines = [whole.source]
        for n, line in enumerate(lines):
            metadata = whole.metadata if keeps_its_name or n == 0 else {}
            copy.cells.insert(place + n, code(line, **metadata))
    assert earned(copy)[1] == 1


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_solutions_and_checks_made_into_words_are_code_again(copy, earned, kind):
    for n, cell in enumerate(copy.cells):
        if role(cell) in ("solution", "check"):
            copy.cells[n] = nbformat.from_dict(
                {"cell_type": kind, "source": cell.source, "metadata": cell.metadata, "id": cell.id}
            )
    assert earned(copy) == (REPAIRED, 1)


def test_work_in_cells_of_their_own_above_or_below_the_check_counts(copy, earned):
    for below in (0, 1):
        notebook = nbformat.from_dict(copy)
        notebook.cells = list(copy.cells)
        for id in works(copy):
            cell = notebook.cells.pop(at(notebook, id))
            notebook.cells.insert(at(notebook, id.removesuffix("-work")) + below, code(cell.source))
        assert earned(notebook)[1] == 1, below


def test_all_answers_in_one_cell_at_the_end_count(copy, earned):
    words = [copy.cells.pop(at(copy, id)).source for id in works(copy)]
    copy.cells.append(code("\n".join(words)))
    assert earned(copy) == (REPAIRED, 1)


def test_what_is_tried_out_below_a_check_changes_no_answer(copy, earned):
    for id in checks(copy):
        work_cell = copy.cells[at(copy, f"{id}-work")]
        later = "".join(copy.cells[at(copy, other)].source for other in works(copy) if at(copy, other) > at(copy, id))
        names = [line.split("=")[0].strip() for line in work_cell.source.splitlines() if " = " in line]
        again = [f"{name} = 0" for name in names if name.isidentifier() and not re.search(rf"\b{name}\b", later)]
        copy.cells.insert(at(copy, id) + 2, code("\n".join(again)))
    assert earned(copy) == (frozenset(), 1)


def test_another_code_other_figures_and_changed_cells_of_the_author_s_do_not_count(copy, given, opened, earned):
    parameters = copy.cells[tagged(copy, "parameters")]
    parameters.source = f'problem_set = "{given.problem_set.name}"\ncode = "practice"\nimport math'
    assert opened(copy).code == "practice"
    assert earned(copy) == (frozenset(), 1)
    copy.cells[tagged(copy, "data")].source += "\ndata = data * 0\nbefore = after = agents = 1"
    copy.cells[at(copy, checks(copy)[0])].source = "check = print"
    assert earned(copy) == (REPAIRED, 1)


def test_a_code_without_quotes_stops_nothing_even_where_cells_have_no_ids(copy, given, opened):
    parameters = copy.cells[tagged(copy, "parameters")]
    parameters.source = f'problem_set = "{given.problem_set.name}"\ncode = {given.code}\nhalf = 0.5'
    for cell in copy.cells:
        cell.pop("id")
    read = opened(json.dumps(copy).encode())
    assert (run_here(given.problem_set, read.cells)[1], read.flags) == ([], frozenset())
    assert "half = 0.5" in [cell.source for cell in read.cells]
    assert share(given, read.cells) == 1


def test_a_changed_check_still_runs_what_stands_in_it(copy, earned):
    for id in checks(copy):
        own = copy.cells.pop(at(copy, f"{id}-work")).source
        copy.cells[at(copy, id)].source = own + "\n" + copy.cells[at(copy, id)].source
    assert earned(copy) == (REPAIRED, 1)


def test_more_imports_in_the_first_cell_are_no_repair(copy, earned):
    copy.cells[1].source += "\nimport math"
    assert earned(copy) == (frozenset(), 1)


def test_one_notebook_for_all_is_opened_with_a_student_s_code(copy, given, opened):
    mine = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in copy.cells}
    everybody = student_copy(given.problem_set, "", public(given.problem_set))
    for cell in everybody.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = mine[cell.metadata["nbgrader"]["grade_id"]]
    parameters = everybody.cells[tagged(everybody, "parameters")]
    parameters.source = f'problem_set = "{given.problem_set.name}"\ncode = "{given.code.lower()}"'
    for cell in everybody.cells[:20]:  # by id, though one cell more stands in it
        cell.metadata.pop("nbgrader", None)
    read = opened(everybody)
    assert (read.flags, read.code) == (frozenset(), given.code)
    assert share(given, read.cells) == 1


def test_each_cell_that_is_run_is_named_as_its_owner_sees_it(copy, opened):
    first = works(copy)[0]
    copy.cells.insert(0, code("\n# mine\nx = 1"))
    cells = opened(copy).cells
    named = [cell.where for cell in cells]
    place = at(copy, first)
    assert named[0] == "cell 1, `# mine`"
    line = copy.cells[place].source.splitlines()[0]
    assert f"cell {place + 1} ({first}), `{line[:60]}`" in named
    place = tagged(copy, "data")
    data = next(cell for cell in cells if cell.source == copy.cells[place].source)
    assert data.where.startswith(f"cell {place + 1} (data), ")


def test_a_truncated_notebook_and_one_of_another_set_are_damaged(copy, given, opened):
    content = nbformat.writes(copy).encode()
    assert "not whole" in opened(content[: len(content) // 2]).problem
    other = source.load(next(path for path in source.found() if path.parent.name != given.problem_set.name))
    read = repair.opened(content, other, given.code)
    assert read.problem == f"damaged: a copy of {given.problem_set.name}, not of {other.name}"
    assert read.flags == {f"other_set:{given.problem_set.name}"}
    content = nameless(copy)  # then its own cell says which set it is
    assert repair.opened(content, other, given.code).flags == {f"other_set:{given.problem_set.name}"}
