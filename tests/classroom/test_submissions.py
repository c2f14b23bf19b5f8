"""What comes back: whose it is, and that moved, copied, split and deleted cells cost nobody a point."""

import json
import os
import stat
import tracemalloc
import zipfile
from collections import Counter
from datetime import datetime

import nbformat
import pandas as pd
import pytest

from casestudy.classroom import answers, cells, prose, release, source, submissions
from casestudy.classroom.answers import Answer
from casestudy.classroom.cells import Cell, without_magics
from casestudy.classroom.copies import YOURS, public, student_copy
from casestudy.classroom.recognise import Planned
from casestudy.classroom.source import SOLUTION
from casestudy.classroom.work import silence, work

SECRET = b"a secret of the course, long enough"
SETS = {path.parent.name: path for path in source.found()}
MOODLE = "Anna Muster_1234567_assignsubmission_file_"


def roster(**names):
    frame = pd.DataFrame("", index=list(names), columns=["name", "email", "group", "due"])
    frame["name"] = list(names.values())
    frame["email"] = [f"{id}@uni.example" for id in names]
    return frame


CLASS = roster(s1="Anna Muster", s2="Zoë O'Brien", s3="Li Wei", s4="Li Wei", s5="")


# ---- whose it is


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("s1/set.ipynb", "s1"),
        ("S1/set.ipynb", "s1"),
        ("students/s1/deep/set.ipynb", "s1"),
        ("s1@uni.example/set.ipynb", "s1"),
        ("Muster, Anna/set.ipynb", "s1"),
        ("s1.ipynb", "s1"),
        ("s1 (2).ipynb", "s1"),
        ("s1_last one.ipynb", "s1"),
        ("02-satisfaction_s1.ipynb", "s1"),
        (f"{MOODLE}/s2.ipynb", "s1"),
        (f"{MOODLE}s2.ipynb", "s1"),
        ("Zoë O'Brien_7_assignsubmission_file_/x.ipynb", "s2"),
        ("Zoe OBrien_7_assignsubmission_file_/x.ipynb", "s2"),
        ("musteranna_12_345_set.ipynb", "s1"),
        ("musteranna_LATE_12_345_s2.ipynb", "s1"),
        ("obrienzoe_12_345_set-1.ipynb", "s2"),
        ("S1.IPYNB", "s1"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_notebook_is_given_to_the_one_student_whom_its_path_names(tmp_path, name, whose, zipped):
    found, told = submissions.collect(delivered(tmp_path, {name: b"{}"}, zipped), CLASS)
    assert ([(one.student, one.name, one.content) for one in found], told) == ([(whose, name, b"{}")], [])


@pytest.mark.parametrize("name", ["محمد علي", "שרה כהן", "José 🦄 María", "张伟", "-Lee"])
def test_a_name_in_any_script_is_known_to_a_platform_s_zip(tmp_path, name):
    together = "".join(reversed(name.lower().replace("-", "").replace(" 🦄 ", " ").split()))
    for path in (f"\u200f{name}_7_assignsubmission_file_/x.ipynb", f"{together}_LATE_12_345_x.ipynb"):
        found, told = submissions.collect(delivered(tmp_path / path[-20], {path: b""}, True), roster(a=name, b="Bo"))
        assert [one.student for one in found] == ["a"] and told == [], path


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Li Wei_7_assignsubmission_file_/x.ipynb", "fits s3, s4"),
        ("weili_12_345_x.ipynb", "fits s3, s4"),
        ("Participant_7_assignsubmission_file_/s1.ipynb", "fits nobody"),
        ("someoneelse_12_345_s1.ipynb", "fits nobody"),
        ("s1_s2.ipynb", "fits s1, s2"),
        ("s1/s2/x.ipynb", "fits s1, s2"),
        ("notebook.ipynb", "fits nobody"),
        ("as1.ipynb", "fits nobody"),
    ],
)
def test_what_fits_two_or_nobody_is_told_and_never_guessed(tmp_path, name, told):
    found, said = submissions.collect(delivered(tmp_path, {name: b"{}"}), CLASS)
    assert found == [] and len(said) == 1 and told in said[0] and name in said[0]


def test_a_number_of_the_lms_helps_where_it_is_the_id_and_hinders_where_it_contradicts(tmp_path):
    students = roster(**{"77": "Li Wei", "78": "Li Wei", "79": "Anna Muster"})
    files = {"weili_77_1_x.ipynb": b"", "unknown_78_1_x.ipynb": b"", "musteranna_77_1_x.ipynb": b""}
    found, told = submissions.collect(delivered(tmp_path, files), students)
    assert [(one.student, one.name) for one in found] == [("77", "weili_77_1_x.ipynb"), ("78", "unknown_78_1_x.ipynb")]
    assert told == ["musteranna_77_1_x.ipynb: fits 77, 79"]


def test_a_stranger_s_folder_is_not_opened_to_a_name_inside(tmp_path):
    files = {"s1/x.ipynb": b"", "stranger/s2.ipynb": b"", "s3.ipynb": b""}
    found, told = submissions.collect(delivered(tmp_path, files), CLASS)
    assert [one.student for one in found] == ["s1", "s3"] and told == ["stranger/s2.ipynb: fits nobody in the roster"]


def test_every_notebook_of_a_student_comes_and_other_files_are_told_only_where_none_did(tmp_path):
    files = {"s1/a.ipynb": b"", "s1/b.ipynb": b"", "s1/data.csv": b"", "s2/all.zip": b"PK", "s2/mine.pdf": b""}
    hidden = {"s3/.ipynb_checkpoints/x.ipynb": b"", "__MACOSX/s4/._x.ipynb": b""}
    for zipped in (False, True):
        found, told = submissions.collect(delivered(tmp_path / str(zipped), files | hidden, zipped), CLASS)
        assert [(one.student, one.name) for one in found] == [("s1", "s1/a.ipynb"), ("s1", "s1/b.ipynb")]
        assert told == ["s2/all.zip: no notebook, and s2 sent none"]


@pytest.mark.parametrize("others", [{}, {"s1.ipynb": b""}])
def test_a_zip_within_is_not_opened_and_that_is_said(tmp_path, others):
    place = zipped(tmp_path / "a.zip", others | {"class.zip": b"PK"})
    found, told = submissions.collect(place, CLASS)
    assert len(found) == len(others)
    assert told == ["class.zip: not opened, and fits nobody: unpack it yourself, then name the folder"]


def test_the_time_comes_from_the_zip_or_from_a_folder_s_name_and_never_from_the_disk(tmp_path):
    times = {"s1/x.ipynb": (2026, 11, 30, 23, 59, 58), "s2/x.ipynb": (1980, 1, 1, 0, 0, 0)}
    found, _ = submissions.collect(zipped(tmp_path / "a.zip", dict.fromkeys(times, b""), times), CLASS)
    assert [one.sent for one in found] == [datetime(2026, 11, 30, 23, 59, 58), None]
    assert submissions.collect(delivered(tmp_path / "d", {"s1/x.ipynb": b""}), CLASS)[0][0].sent is None
    named = {"s1@uni.example/x.ipynb": b"", "s2_2026-01-01-10-00/x.ipynb": b"", "s3.ipynb": b""}
    found, _ = submissions.collect(delivered(tmp_path / "e", named), CLASS)
    assert {one.student: one.sent for one in found} == {"s1": None, "s2": datetime(2026, 1, 1, 10), "s3": None}


def test_one_and_the_same_time_for_a_whole_class_is_that_of_the_packing(tmp_path):
    one = dict.fromkeys(["s1.ipynb", "s2.ipynb", "s3.ipynb"], (2026, 12, 5, 8, 0, 0))
    found, _ = submissions.collect(zipped(tmp_path / "a.zip", dict.fromkeys(one, b""), one), CLASS)
    assert [one.sent for one in found] == [None] * 3


# ---- what a delivery may not do


def test_paths_that_lead_elsewhere_and_links_in_a_zip_are_left_alone(tmp_path):
    files = dict.fromkeys(["../s1.ipynb", "/s1.ipynb", "a/../../s1.ipynb", "..\\s1.ipynb", "C:/s1.ipynb"], b"x")
    place = zipped(tmp_path / "a.zip", files)
    link = zipfile.ZipInfo("s2.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(place, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("s3.ipynb", b"fine")
    before = sorted(tmp_path.rglob("*"))
    found, told = submissions.collect(place, CLASS)
    assert [(one.student, one.content) for one in found] == [("s2", b""), ("s3", b"fine")]
    assert sum("its path leads elsewhere" in line for line in told) == 5 and "s2.ipynb: a link; taken" in told[-1]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX")
def test_links_and_pipes_in_a_folder_are_not_opened(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    place = delivered(tmp_path, {"s1.ipynb": b"fine"})
    (place / "s2.ipynb").symlink_to(tmp_path / "secret.txt")
    (place / "s3").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(place / "s4.ipynb")
    found, told = submissions.collect(place, CLASS)
    assert [(one.student, one.content) for one in found] == [("s1", b"fine"), ("s2", b""), ("s4", b"")]
    assert len(told) == 3 and "s3: no notebook" in told[-1]


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    place = zipped(tmp_path / "a.zip", {"s1.ipynb": bytes(30_000_000), "s2.ipynb": bytes(5_000_000), "s3.ipynb": b"x"})
    found, told = submissions.collect(place, CLASS)
    assert [one.content for one in found] == [b"", b"", b"x"]
    assert [line.split(":")[0] for line in told] == ["s1.ipynb", "s2.ipynb"] and "200 times larger" in told[1]
    monkeypatch.setattr(submissions, "LARGEST_ALL", 1_000_000)
    noise = {f"s{n}.ipynb": os.urandom(600_000) for n in (1, 2)}
    for place in (zipped(tmp_path / "b.zip", noise), delivered(tmp_path, noise)):
        with pytest.raises(ValueError, match="GB together"):
            submissions.collect(place, CLASS)


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_said(tmp_path):
    place = zipped(tmp_path / "a.zip", {"s1.ipynb": bytes(50_000_000), "s2.ipynb": b"fine"})
    lying = place.read_bytes().replace((50_000_000).to_bytes(4, "little"), (700_000).to_bytes(4, "little"))
    place.write_bytes(lying)
    tracemalloc.start()
    found, told = submissions.collect(place, CLASS)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.content for one in found] == [b"", b"fine"] and "cannot be read" in told[0]
    assert most < 10_000_000  # bytes, of the 50 million in it


def test_an_encrypted_zip_and_what_is_no_zip_are_refused(tmp_path):
    place = zipped(tmp_path / "a.zip", {"s1.ipynb": b"x"})
    content = bytearray(place.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    place.write_bytes(content)
    with pytest.raises(ValueError, match="encrypted"):
        submissions.collect(place, CLASS)
    place.write_bytes(b"PK\3\4 no zip")
    with pytest.raises(ValueError, match="not a readable zip"):
        submissions.collect(place, CLASS)
    with pytest.raises(ValueError, match="there is neither at"):
        submissions.collect(tmp_path / "nowhere", CLASS)
    with pytest.raises(ValueError, match="no notebook in"):
        submissions.collect(delivered(tmp_path, {"read me.txt": b""}), CLASS)


def test_names_in_utf_8_that_do_not_say_so_are_read(tmp_path):
    name = "Zoë O'Brien_7_assignsubmission_file_/x.ipynb"
    place = zipped(tmp_path / "a.zip", {name.replace("ë", "_e"): b""})
    place.write_bytes(place.read_bytes().replace(name.replace("ë", "_e").encode(), name.encode()))
    assert [one.student for one in submissions.collect(place, CLASS)[0]] == ["s2"]


def test_a_notebook_too_large_on_disk_is_damaged(tmp_path):
    place = delivered(tmp_path, {"s1.ipynb": b"x"})
    with (place / "s1.ipynb").open("wb") as file:
        file.truncate(50_000_000)
    found, told = submissions.collect(place, CLASS)
    assert found[0].content == b"" and "larger than 20 MB" in told[0]


# ---- what is in it


@pytest.fixture(scope="module", params=sorted(SETS))
def given(request, tmp_path_factory):
    """A shipped set as released to one student: the set, its worked figures, and the copy they got."""
    problem_set = source.load(SETS[request.param])
    out = release.release(problem_set, CLASS.loc[["s1"]], SECRET, "t", tmp_path_factory.mktemp("set") / "out")
    code = json.loads((out / "release.json").read_text())["students"][0]["code"]
    return problem_set, code, work(problem_set, code), out / "students" / "s1" / f"{problem_set.name}.ipynb"


@pytest.fixture
def copy(given):
    """The student's copy with every question answered rightly, the text too."""
    problem_set, _, _, path = given
    notebook = nbformat.read(path, 4)
    solved = {
        cell.metadata["nbgrader"]["grade_id"]: SOLUTION.sub(lambda match: match[1], cell.source)
        for cell in problem_set.notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
    }
    for cell in notebook.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = solved.get(id, cell.source)
    return notebook


@pytest.fixture
def graded(given):
    """Open a notebook, run its cells here, and give its flags and the share of right answers."""
    problem_set, code, worked, _ = given

    def graded(notebook):
        opened = submissions.opened(nbformat.writes(notebook).encode(), problem_set, code)
        assert opened.problem == ""
        return opened.flags, share(problem_set, worked, ran(opened.cells)[0])

    return graded


def share(problem_set, worked, values):
    """The share of all answers that are right."""
    asked = [(question, one) for question in problem_set.questions for one in question.answers]
    right = [
        one.name in values and answers.agree(one, values[one.name], worked.right[q.id][one.name]) for q, one in asked
    ]
    return sum(right) / len(right)


def ran(steps):
    """Values by name, the first that counts, and every error."""
    namespace, values, seen, errors = {}, {}, set(), []
    with silence():
        for step in steps:
            try:
                exec(step["source"], namespace)
            except Exception as error:
                errors.append(error)
            for one in step["answers"]:
                if one["name"] not in seen:
                    seen.add(one["name"])
                    try:
                        answer = Answer.declared(one["name"], one["told"])
                        values[one["name"]] = answers.read(answer, namespace.get(one["name"]))
                    except answers.Problem:
                        pass
    return values, errors


def at(notebook, id):
    return next(n for n, cell in enumerate(notebook.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == id)


def tagged(notebook, tag):
    return next(n for n, cell in enumerate(notebook.cells) if tag in cell.metadata.get("tags", []))


def works(notebook):
    """The solution cells, without the guesses."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells]
    return [id for id in ids if id.endswith("-work")]


def checks(notebook):
    return [id.removesuffix("-work") for id in works(notebook)]


def move(notebook, id, to):
    notebook.cells.insert(to, notebook.cells.pop(at(notebook, id)))


def code(text, **metadata):
    return nbformat.v4.new_code_cell(text, metadata=metadata)


def again(cell, text=None):
    """A copy of a cell, as an editor makes it."""
    return code(cell.source if text is None else text, **cell.metadata)


REPAIRED = frozenset({"repaired"})


def test_a_copy_as_sent_out_runs_without_an_error_and_earns_nothing(given, graded):
    problem_set, personal, _, path = given
    opened = submissions.opened(path.read_bytes(), problem_set, personal)
    values, errors = ran(opened.cells)
    assert (values, errors, opened.flags, opened.code) == ({}, [], frozenset(), personal)
    assert set(opened.texts.values()) == {""} and len(opened.texts) == 1


def test_a_right_copy_earns_all_and_needs_no_repair(copy, graded):
    assert graded(copy) == (frozenset(), 1)


@pytest.mark.parametrize("copied", [False, True])
def test_answers_are_asked_for_once_each_without_tolerance_or_value(copy, given, copied):
    problem_set, personal, _, _ = given
    for n in [tagged(copy, "data"), *(at(copy, id) for id in checks(copy))] if copied else []:
        copy.cells.append(again(copy.cells[n]))
    opened = submissions.opened(nbformat.writes(copy).encode(), problem_set, personal)
    asked = Counter(one["name"] for cell in opened.cells for one in cell["answers"])
    assert asked == Counter(answer.name for question in problem_set.questions for answer in question.answers)
    assert not [word for word in ("rtol", "atol", "hint", "SOLUTION") if word in json.dumps(opened.cells)]
    assert sum(cell.get("data", False) for cell in opened.cells) == 1


@pytest.mark.parametrize("trial", range(8))
def test_whatever_cell_is_moved_wherever_all_points_stay(copy, graded, trial):
    places = [n for n, cell in enumerate(copy.cells) if cell.cell_type == "code" and "figure" not in str(cell.metadata)]
    for n in places[trial::8]:
        for to in (0, 3, len(copy.cells) // 2, len(copy.cells) - 1):
            notebook = nbformat.from_dict(copy)
            notebook.cells = list(copy.cells)
            cell = notebook.cells.pop(n)
            notebook.cells.insert(to, cell)
            assert graded(notebook)[1] == 1, (cell.source, to)


def test_a_solution_moved_to_the_top_or_the_end_is_said_to_be_repaired(copy, graded):
    for id in works(copy):
        for to in (0, len(copy.cells) - 1):
            notebook = nbformat.from_dict(copy)
            notebook.cells = list(copy.cells)
            move(notebook, id, to)
            assert graded(notebook) == (REPAIRED, 1), (id, to)


def test_all_cells_upside_down_still_earn_all(copy, graded):
    copy.cells = copy.cells[::-1]
    assert graded(copy)[0] == REPAIRED


@pytest.mark.parametrize("kind", ["check", "parameters", "data", "plain"])
def test_a_deleted_cell_of_the_author_s_is_put_back(copy, graded, kind):
    lost = [n for n, cell in enumerate(copy.cells) if cell.cell_type == "code" and source.role(cell) == kind]
    for n in [n for n in lost if not copy.cells[n].source.startswith("ready(")]:
        notebook = nbformat.from_dict(copy)
        notebook.cells = [cell for m, cell in enumerate(copy.cells) if m != n]
        assert graded(notebook) == (REPAIRED, 1), copy.cells[n].source


def test_without_any_check_heading_or_text_the_answers_are_found(copy, graded):
    copy.cells = [cell for cell in copy.cells if cell.cell_type == "code" and source.role(cell) != "check"]
    assert graded(copy) == (REPAIRED, 1)


def test_a_notebook_without_metadata_or_ids_is_recognised_by_its_text(copy, graded):
    for cell in copy.cells:
        cell.metadata.clear()
        cell.pop("id")
    copy.nbformat_minor = 4
    assert graded(copy) == (frozenset(), 1)


def test_an_untouched_copy_of_a_cell_below_the_answer_does_not_undo_it(copy, given, graded):
    blank = nbformat.read(given[3], 4)
    for id in works(copy):
        copy.cells.insert(at(copy, id) + 1, again(blank.cells[at(blank, id)]))
    assert graded(copy) == (REPAIRED, 1)


def test_of_two_tries_in_two_copies_the_last_counts(copy, graded):
    for id in works(copy):
        place = at(copy, id)
        names = [line.split("=")[0].strip() for line in copy.cells[place].source.splitlines() if " = " in line]
        copy.cells.insert(place, again(copy.cells[place], "\n".join(f"{name} = 12345" for name in names)))
    assert graded(copy) == (REPAIRED, 1)
    for id in works(copy)[::2]:
        copy.cells.append(again(copy.cells[at(copy, id)]))  # the wrong try
    assert graded(copy)[1] < 0.8


@pytest.mark.parametrize("keeps_its_name", [True, False])
def test_a_solution_split_into_its_lines_is_one_solution(copy, graded, keeps_its_name):
    for id in works(copy):
        place = at(copy, id)
        whole = copy.cells.pop(place)
        lines = whole.source.splitlines()
        if any(line.startswith((" ", ")")) for line in lines):
            lines = [whole.source]
        for n, line in enumerate(lines):
            metadata = whole.metadata if keeps_its_name or n == 0 else {}
            copy.cells.insert(place + n, code(line, **metadata))
    assert graded(copy)[1] == 1


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_solutions_and_checks_made_into_words_are_code_again(copy, graded, kind):
    for n, cell in enumerate(copy.cells):
        if source.role(cell) in ("solution", "check"):
            copy.cells[n] = nbformat.from_dict(
                {"cell_type": kind, "source": cell.source, "metadata": cell.metadata, "id": cell.id}
            )
    assert graded(copy) == (REPAIRED, 1)


def test_a_text_made_into_code_is_read_and_not_run(copy, given):
    problem_set, personal, _, _ = given
    (question,) = [question.id for question in problem_set.questions if question.manual]
    place = at(copy, question)
    copy.cells[place] = code("These are words.", **copy.cells[place].metadata)
    opened = submissions.opened(nbformat.writes(copy).encode(), problem_set, personal)
    assert opened.texts == {question: "These are words."} and opened.flags == REPAIRED
    assert not ran(opened.cells)[1]


def test_work_in_cells_of_their_own_above_or_below_the_check_counts(copy, graded):
    for below in (0, 1):
        notebook = nbformat.from_dict(copy)
        notebook.cells = list(copy.cells)
        for id in works(copy):
            cell = notebook.cells.pop(at(notebook, id))
            notebook.cells.insert(at(notebook, id.removesuffix("-work")) + below, code(cell.source))
        assert graded(notebook)[1] == 1, below


def test_all_answers_in_one_cell_at_the_end_count(copy, graded):
    words = [copy.cells.pop(at(copy, id)).source for id in works(copy)]
    copy.cells.append(code("\n".join(words)))
    assert graded(copy) == (REPAIRED, 1)


def test_what_is_tried_out_below_a_check_changes_no_answer(copy, graded):
    for id in checks(copy):
        work_cell = copy.cells[at(copy, f"{id}-work")]
        names = [line.split("=")[0].strip() for line in work_cell.source.splitlines() if " = " in line]
        again = "\n".join(f"{name} = 0" for name in names if name.isidentifier())
        copy.cells.insert(at(copy, id) + 2, code(again))
    assert graded(copy) == (frozenset(), 1)


def test_another_code_other_figures_and_changed_cells_of_the_author_s_do_not_count(copy, given, graded):
    problem_set, personal, _, _ = given
    copy.cells[
        tagged(copy, "parameters")
    ].source = f'problem_set = "{problem_set.name}"\ncode = "practice"\nimport math'
    assert submissions.opened(nbformat.writes(copy).encode(), problem_set, personal).code == "practice"
    assert graded(copy) == (frozenset(), 1)
    copy.cells[tagged(copy, "data")].source += "\ndata = data * 0\nbefore = after = agents = 1"
    copy.cells[at(copy, checks(copy)[0])].source = "check = print"
    assert graded(copy) == (REPAIRED, 1)


def test_a_code_without_quotes_stops_nothing_even_where_cells_have_no_ids(copy, given):
    problem_set, personal, worked, _ = given
    copy.cells[tagged(copy, "parameters")].source = f'problem_set = "{problem_set.name}"\ncode = {personal}\nhalf = 0.5'
    for cell in copy.cells:
        cell.pop("id")
    opened = submissions.opened(json.dumps(copy).encode(), problem_set, personal)
    values, errors = ran(opened.cells)
    assert (errors, opened.flags) == ([], frozenset()) and "half = 0.5" in [cell["source"] for cell in opened.cells]
    assert share(problem_set, worked, values) == 1


def test_a_changed_check_still_runs_what_stands_in_it(copy, graded):
    for id in checks(copy):
        own = copy.cells.pop(at(copy, f"{id}-work")).source
        copy.cells[at(copy, id)].source = own + "\n" + copy.cells[at(copy, id)].source
    assert graded(copy) == (REPAIRED, 1)


def test_more_imports_in_the_first_cell_are_no_repair(copy, graded):
    copy.cells[1].source += "\nimport math"
    assert graded(copy) == (frozenset(), 1)


def test_one_notebook_for_all_is_opened_with_a_student_s_code(given, copy):
    problem_set, personal, worked, _ = given
    mine = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in copy.cells}
    everybody = student_copy(problem_set, "", public(problem_set))
    for cell in everybody.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = mine[cell.metadata["nbgrader"]["grade_id"]]
    told = f'problem_set = "{problem_set.name}"\ncode = "{personal.lower()}"'
    everybody.cells[tagged(everybody, "parameters")].source = told
    for cell in everybody.cells[:20]:  # by id, though one cell more stands in it
        cell.metadata.pop("nbgrader", None)
    opened = submissions.opened(nbformat.writes(everybody).encode(), problem_set, personal)
    assert (opened.flags, opened.code) == (frozenset(), personal)
    assert share(problem_set, worked, ran(opened.cells)[0]) == 1


@pytest.mark.parametrize(
    ("written", "read"),
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
def test_a_text_is_its_last_version_with_all_its_parts(copy, given, written, read):
    problem_set, personal, _, _ = given
    (id,) = [question.id for question in problem_set.questions if question.manual]
    place = at(copy, id)
    first = copy.cells.pop(place)
    for n, text in enumerate(written):
        copy.cells.insert(place + n, nbformat.v4.new_markdown_cell(text, metadata=first.metadata))
    opened = submissions.opened(json.dumps(copy).encode(), problem_set, personal)
    assert opened.texts == {id: read}


def nameless(notebook):
    """The notebook as it comes out of a converter: no metadata, no ids."""
    for cell in notebook.cells:
        cell.metadata.clear()
        cell.pop("id", None)
    return json.dumps(notebook | {"metadata": {}}).encode()


def merged(notebook):
    """As some converters leave it: text cells that follow each other are one."""
    cells = []
    for cell in notebook.cells:
        if cells and cell.cell_type == cells[-1].cell_type == "markdown":
            cells[-1].source += "\n\n" + cell.source
        else:
            cells.append(cell)
    notebook.cells = cells
    return notebook


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("written", "read"),
    [(["It rose.", "And fell."], "It rose.\n\nAnd fell."), (["*Your answer here.*"], ""), ([], None)],
)
def test_a_text_without_any_name_is_found_where_it_belongs_and_is_never_called_blank(copy, given, written, read, whole):
    problem_set, personal, _, _ = given
    (id,) = [question.id for question in problem_set.questions if question.manual]
    place = at(copy, id)
    copy.cells[place : place + 1] = [nbformat.v4.new_markdown_cell(text) for text in written]
    copy.cells[0].source += "\n\nA note of mine."
    copy.cells.append(nbformat.v4.new_markdown_cell("Another, far below."))
    opened = submissions.opened(nameless(copy if whole else merged(copy)), problem_set, personal)
    assert opened.texts == {id: read} and ("repaired" in opened.flags) == bool(read)


def test_a_text_typed_below_the_question_in_its_own_cell_is_read(copy, given):
    problem_set, personal, _, _ = given
    (id,) = [question.id for question in problem_set.questions if question.manual]
    copy.cells[at(copy, id) - 1].source += "\n\nIt rose."
    assert submissions.opened(nbformat.writes(copy).encode(), problem_set, personal).texts == {id: "It rose."}


def test_a_blank_text_does_not_get_the_words_of_the_one_above_it():
    heading, first, second = (Cell("markdown", text) for text in ("Why?", YOURS, YOURS))
    plan = [Planned("manual", first), Planned("text", heading), Planned("manual", second)]
    found = [Cell("markdown", "It fell."), Cell("markdown", YOURS)]  # the heading between them is gone
    assert prose.prose(found, [0, 2], plan, 0) == ("It fell.", False)
    assert prose.prose(found, [0, 2], plan, 2) == ("", False)
    assert prose.prose(found[:1], [0], plan, 2) == (None, False)


def test_a_text_in_a_notebook_typed_anew_is_not_called_blank(copy, given):
    problem_set, personal, _, _ = given
    (id,) = [question.id for question in problem_set.questions if question.manual]
    copy.cells = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert submissions.opened(nameless(copy), problem_set, personal).texts == {id: None}


def test_each_cell_that_is_run_is_named_as_its_owner_sees_it(copy, given):
    problem_set, personal, _, _ = given
    first = works(copy)[0]
    copy.cells.insert(0, code("\n# mine\nx = 1"))
    opened = submissions.opened(nbformat.writes(copy).encode(), problem_set, personal)
    named = [cell["where"] for cell in opened.cells]
    place = at(copy, first)
    assert named[0] == "cell 1, `# mine`"
    line = copy.cells[place].source.splitlines()[0]
    assert f"cell {place + 1} ({first}), `{line[:60]}`" in named
    assert next(cell["where"] for cell in opened.cells if cell.get("data")).startswith(
        f"cell {tagged(copy, 'data') + 1} (data), "
    )


def test_a_text_below_its_untouched_cell_is_read(copy, given):
    problem_set, personal, _, _ = given
    (id,) = [question.id for question in problem_set.questions if question.manual]
    copy.cells.insert(at(copy, id) + 1, nbformat.v4.new_markdown_cell("Here it is."))
    assert submissions.opened(nbformat.writes(copy).encode(), problem_set, personal).texts == {id: "Here it is."}


# ---- what is none


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing in it"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("é".encode("latin-1"), "not UTF-8"),
        (b'{"cells": [', "not whole JSON"),
        (b"[" * 100_000, "not whole JSON"),
        (b"[]", "not a notebook"),
        (b"null", "not a notebook"),
        (b'{"nbformat": 2, "cells": []}', "not a notebook"),
        (b'{"nbformat": 4}', "without cells"),
        (b'{"nbformat": 3, "worksheets": 7}', "without cells"),
        (b'{"nbformat": 4, "cells": [7]}', "a cell that is none"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": {"a": 1}}]}', "without type or text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1"}]}', "no cell of"),
        (b'{"nbformat": 4, "cells": [' + b",".join([b"{}"] * 3000) + b"]}", "more than 2000 cells"),
        (b'{"nbformat": 4, "cells": [' + b"[]," * 1_000_000 + b"[]]}", "more parts than"),
        (b'{"nbformat": ' + b"4" * 5000 + b"}", "not whole JSON"),
        (b" " * (cells.LARGEST + 1), "larger than 20 MB"),
    ],
)
def test_what_is_no_notebook_is_damaged_and_says_why(given, content, why):
    opened = submissions.opened(content, given[0], given[1])
    assert opened.problem.startswith("damaged: ") and why in opened.problem
    assert (opened.cells, opened.texts, opened.flags) == ([], {}, frozenset())


def test_a_truncated_notebook_and_one_of_another_set_are_damaged(given, copy):
    problem_set, personal, _, _ = given
    content = nbformat.writes(copy).encode()
    assert "not whole" in submissions.opened(content[: len(content) // 2], problem_set, personal).problem
    other = source.load(SETS[next(name for name in SETS if name != problem_set.name)])
    opened = submissions.opened(content, other, personal)
    assert opened.problem == f"damaged: a copy of {problem_set.name}, not of {other.name}"
    assert opened.flags == {f"other_set:{problem_set.name}"}
    content = nameless(copy)  # then its own cell says which set it is
    assert submissions.opened(content, other, personal).flags == {f"other_set:{problem_set.name}"}


def test_metadata_of_any_kind_are_survived(given, copy):
    problem_set, personal, _, _ = given
    for n, odd in enumerate([None, 7, "x", [], {"nbgrader": 7}, {"nbgrader": {"grade_id": []}}, {"tags": 7}]):
        copy.cells[4 + n]["metadata"] = odd
        copy.cells[4 + n]["id"] = odd
    assert submissions.opened(json.dumps(copy).encode(), problem_set, personal).problem == ""


def test_a_mark_before_the_text_and_format_3_are_read(given, copy):
    problem_set, personal, worked, _ = given
    old = [
        {"cell_type": cell.cell_type, "metadata": cell.metadata}
        | ({"input": cell.source, "language": "python"} if cell.cell_type == "code" else {"source": cell.source})
        for cell in copy.cells
    ]
    content = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": old[:20]}, {"cells": old[20:]}]})
    opened = submissions.opened(b"\xef\xbb\xbf" + content.encode(), problem_set, personal)
    assert share(problem_set, worked, ran(opened.cells)[0]) == 1


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("x = 1", "x = 1"),
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install pandas\nx = 1", "pass\nx = 1"),
        ("if True:\n    %time\nx = 1", "if True:\n    pass\nx = 1"),
        ("x = (7\n% 3)", "x = (7\n% 3)"),
        ("x = 7 \\\n% 3", "x = 7 \\\n% 3"),
        ("t = '''\n%d\n!'''\n%time", "t = '''\n%d\n!'''\npass"),
        ("t = 'it''s ('\n%time", "t = 'it''s ('\npass"),
        ("t = '''a\\'''\n%d'''\n%time", "t = '''a\\'''\n%d'''\npass"),
        ("# don't (\n%time", "# don't (\npass"),
        ("!echo it's (\nx = 1", "pass\nx = 1"),
        ("files = !ls\nx = 1", "pass\nx = 1"),
        ("pd.DataFrame?\nx = 1", "pass\nx = 1"),
        ("?pd\nx = 1", "pass\nx = 1"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("\n%%time\n%cd\nx = 1", "pass\npass\nx = 1"),
        ("%%bash\nrm -rf x", ""),
        ("%%", ""),
        ("x = a % b", "x = a % b"),
    ],
)
def test_lines_that_only_a_notebook_understands_are_passed_over(written, run):
    assert without_magics(written) == run


@pytest.mark.parametrize(
    "hostile",
    ["(" * 100_000, '"""' * 60_000, "\\" * 199_000, " " * 199_000, "x" * 199_000, '\\"""' * 40_000, "'" * 199_000],
)
def test_odd_code_is_looked_at_in_a_moment(given, hostile):
    begun = datetime.now()
    cell = {"cell_type": "code", "metadata": {}, "source": f"%time\n{hostile}\n%time\nbest_pct x x{hostile}"}
    notebook = {"nbformat": 4, "cells": [cell, cell | {"source": "headroom_pct = fall_pct = 1"}]}
    submissions.opened(json.dumps(notebook).encode(), given[0], given[1])
    assert (datetime.now() - begun).total_seconds() < 2


def delivered(folder, files, zip=False):
    """Files by path, in a folder or in a zip."""
    if zip:
        return zipped(folder / "delivery.zip", files)
    for name, content in files.items():
        path = folder / "delivery" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "delivery"


def zipped(place, files, times=None):
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (times or {}).get(name, (2026, 12, 1, 12, 0, 0))), content,
                             zipfile.ZIP_DEFLATED)  # fmt: skip
    return place
