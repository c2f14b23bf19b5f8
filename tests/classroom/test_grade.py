"""Grading by the commands: a proposal, an appeal, a correction, texts to read, and a file for the platform."""

import json
import re

import nbformat
import pytest
from handed_in import add_text

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import results
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import solve

SECRET = b"a secret of the course, long enough"
ROSTER = """student_id,name,email,group,due
a,Ada,a@x.org,g1,
b,Bo,b@x.org,g1,
c,'=Cem,c@x.org,,2026-01-01
d,Dee,d@x.org,,
"""


@pytest.fixture
def course(tmp_path, walls):
    """The starting set with one text to write, released to four; three handed in, one for a group."""
    path = new.new(tmp_path / "sets" / "01-start")
    add_text(path)
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    problem_set, students = source.load(path), roster.read(tmp_path / "roster.csv")
    out = release(problem_set, students, SECRET, "t", tmp_path / "release")
    (tmp_path / "back").mkdir()
    for id, number, words in (("a", None, "It fell."), ("c", 1.5, "=HYPERLINK(1)"), ("d", None, "")):
        code = Released.read(out).students[id].code
        value = solve(problem_set, code).right["fall"]["fall_pct"] if number is None else number
        copy = student_copy(problem_set, code)
        for cell in copy.cells:
            if cell.source == "fall_pct = ...":
                cell.source = f"fall_pct = {value!r}"
            elif role(cell) == "manual" and words:
                cell.source = words
        nbformat.write(copy, tmp_path / "back" / f"{id}.ipynb")
    return tmp_path


EXPLAIN = ["explain", "01", "--sets", "sets", "--results", "out"]
GRADE = ["grade", "01", "--sets", "sets", "--release", "release", "--submissions", "back", "--out", "out"]
CONFIRM = ["confirm", "01", "--sets", "sets", "--results", "out", "--by", "A. <b>Lecturer</b>"]
RESCORE = ["rescore", "01", "--sets", "sets", "--results", "out"]


def grades(course):
    return results.read_grades(course / "out")


def naming(course):
    """The pages that say who stands for the marks."""
    pages = [*(course / "out" / "feedback").iterdir(), course / "out" / "summary.html"]
    said = "confirmed by <bdi>A. &lt;b&gt;Lecturer&lt;/b&gt;</bdi>"
    return sorted(path.stem for path in pages if said in path.read_text(encoding="utf-8"))


def test_points_are_proposed_and_a_group_shares_them(course, command):
    code, said, complaints = command(*GRADE, "--roster", "roster.csv")
    assert (code, complaints) == (0, "") and "is a proposal" in said
    table = grades(course)
    assert table["fall"].tolist() == [2.0, 2.0, 0.0, 2.0] and table["status"].tolist() == ["ok"] * 4
    assert table.loc["c", "late_minutes"] == "unknown" and table["why"].tolist() == ["", "", "", "0.0"]
    assert sorted(path.name for path in (course / "out" / "feedback").iterdir()) == [f"{id}.html" for id in "abcd"]


def test_texts_are_read_without_names_and_their_points_survive(course, command):
    command(*GRADE)
    sheet = course / "out" / "texts" / "why.csv"
    words = sheet.read_text(encoding="utf-8-sig")
    assert "It fell." in words and "'=HYPERLINK(1)" in words and not re.search(r"Ada|a@x|,d,", words)
    lines = [re.sub(r"(It fell\.),", r"\1,2.5", line) for line in words.splitlines()]
    (course / "read.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert command(*GRADE, "--resume", "--manual", "read.csv")[0] == 0
    assert grades(course)["total"].tolist() == [4.5, 4.5, 0.0, 2.0]
    assert command(*GRADE, "--resume")[0] == 0
    assert grades(course)["total"].tolist() == [4.5, 4.5, 0.0, 2.0]


def test_a_text_handed_in_anew_loses_the_old_text_s_points_and_waits(course, command):
    command(*GRADE)
    sheet = course / "out" / "texts" / "why.csv"
    words = sheet.read_text(encoding="utf-8-sig")
    words = re.sub(r"((?:It fell\.)|(?:HYPERLINK\(1\))),", r"\1,2", words)
    (course / "read.csv").write_text(words, encoding="utf-8")
    command(*GRADE, "--resume", "--manual", "read.csv")
    assert grades(course)["why"].tolist() == [2.0, 2.0, 2.0, 0.0]
    path = course / "back" / "a.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("It fell.", "It rose."), encoding="utf-8")
    assert command(*GRADE, "--resume")[0] == 0
    assert grades(course)["why"].tolist() == ["", "", "2.0", "0.0"]
    assert "It rose.,,," in sheet.read_text(encoding="utf-8-sig")
    assert results.Results.read(course / "out").manual == {"c": {"why": 2.0}}


def test_results_without_a_word_on_which_submission_counts_are_read(course, command):
    command(*GRADE)
    path = course / "out" / "grading.json"
    written = json.loads(path.read_text(encoding="utf-8"))
    del written["keep"]
    path.write_text(json.dumps(written), encoding="utf-8")
    assert results.Results.read(course / "out").keep == "latest"
    del written["seed"]
    path.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(ValueError, match="holds no results"):
        results.Results.read(course / "out")


def test_a_spoilt_sheet_is_refused_before_any_page_is_replaced(course, command):
    command(*GRADE)
    (course / "out" / "texts" / "why.csv").write_text("name,mark\n", encoding="utf-8")
    path = course / "back" / "d.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("fall_pct = ", "fall_pct = 7 + "), encoding="utf-8")
    before = {path: path.read_bytes() for path in (course / "out").rglob("*.*") if path.suffix != ".jsonl"}
    assert "why.csv needs the columns" in command(*GRADE, "--resume")[2]
    assert before == {path: path.read_bytes() for path in before}


def test_points_that_were_brought_in_stay_in_the_sheet_with_the_second_marker_s(course, command):
    command(*GRADE)
    words = (course / "out" / "texts" / "why.csv").read_text(encoding="utf-8-sig")
    (course / "read.csv").write_text(re.sub(r"(It fell\.),,,", r"\1,2.5,3,fine", words), encoding="utf-8")
    for manual in (["--manual", "read.csv"], [], ["--manual", "out/texts/why.csv"]):
        assert command(*GRADE, "--resume", *manual)[0] == 0
        assert "It fell.,2.5,3,fine" in (course / "out" / "texts" / "why.csv").read_text(encoding="utf-8-sig")
    assert [path.name for path in (course / "out" / "texts").iterdir()] == ["why.csv"]
    (course / "read.csv").write_text(words.replace("It fell.,", "It fell.,99"), encoding="utf-8")
    before = {path: path.read_bytes() for path in (course / "out").rglob("*.*") if path.suffix != ".jsonl"}
    assert "points of why go from 0 to 3" in command(*GRADE, "--resume", "--manual", "read.csv")[2]
    assert before == {path: path.read_bytes() for path in before}


def test_a_text_that_cannot_be_found_stays_open_until_a_person_gives_its_points(course, command):
    path = course / "back" / "a.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells = [cell for cell in notebook.cells if role(cell) != "manual"]
    nbformat.write(notebook, path)
    command(*GRADE, "--roster", "roster.csv")
    assert grades(course)["why"].tolist() == ["", "", "", "0.0"]
    export = ["export", "01", "--results", "out", "--lms", "moodle", "--out", "moodle.csv", "--proposal"]
    assert "a: not read yet: why" in command(*export)[2]
    sheet = course / "out" / "texts" / "why.csv"
    lines = [re.sub(r"(not found.*\]),", r"\1,1", line) for line in sheet.read_text("utf-8-sig").splitlines()]
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command(*GRADE, "--resume", "--manual", "out/texts/why.csv")
    assert grades(course)["why"].tolist() == ["1.0", "1.0", "", "0.0"]


def test_going_on_keeps_the_best_where_that_was_asked_for(course, command):
    (course / "back" / "d_2.ipynb").write_bytes((course / "back" / "c.ipynb").read_bytes())  # which is wrong
    for more, points in ((["--keep", "best"], 2.0), (["--resume"], 2.0), (["--resume", "--keep", "latest"], 0.0)):
        command(*GRADE, *more)
        assert grades(course).loc["d", "fall"] == points, more


def test_who_is_not_in_the_roster_is_told_in_one_line_and_graded(course, command):
    command(*GRADE, "--roster", "roster.csv")
    (course / "short.csv").write_text("student_id,name\na,Ada B.\n", encoding="utf-8")
    code, _, complaints = command(*GRADE, "--roster", "short.csv", "--resume")
    assert (code, complaints) == (0, "3 of the release are not in short.csv, and stay in: b, c, d\n")
    assert grades(course)["status"].tolist() == ["ok"] * 4
    people = results.Results.read(course / "out").students
    assert (people["a"]["name"], people["c"]["name"]) == ("Ada B.", "'=Cem")


def test_every_error_is_named_by_its_cell_in_the_notebook_that_came(course, command):
    path = course / "back" / "d.ipynb"
    notebook = nbformat.read(path, 4)
    work_cell = next(cell for cell in notebook.cells if cell.source.startswith("fall_pct = "))
    work_cell.source = "\nhalf = 1 / 2\nfall_pct = hlaf"
    notebook.cells.insert(0, nbformat.v4.new_code_cell("x = = 1", id="first"))
    notebook.cells.append(nbformat.v4.new_code_cell("import os\nos._exit(1)", id="last"))
    nbformat.write(notebook, path)
    command(*GRADE)
    errors = json.loads(command(*EXPLAIN, "d")[1])["errors"]
    number = notebook.cells.index(work_cell) + 1
    assert errors == [
        "cell 1, `x = = 1`: line 1: SyntaxError: invalid syntax",
        f"cell {number} (fall-work), `half = 1 / 2`: line 3: NameError: name 'hlaf' is not defined",
        f"cell {len(notebook.cells)}, `import os`: ended or blocked the whole run, and was left out",
    ]
    page = (course / "out" / "feedback" / "d.html").read_text("utf-8")
    assert "cell 1, `x = = 1`" in page and f"cell {number} (fall-work)" in page


def test_a_corrected_tolerance_is_applied_without_running_anyone_s_code(course, command):
    command(*GRADE)
    assert command(*RESCORE)[1] == "nobody changed\n"
    path = course / "sets" / "01-start" / "source.ipynb"
    notebook = nbformat.read(path, 4)
    check = next(cell for cell in notebook.cells if role(cell) == "check")
    check.metadata["casestudy"]["answers"]["fall_pct"]["atol"] = 1000
    nbformat.write(notebook, path)
    for back in (course / "back").iterdir():
        back.unlink()
    code, said, _ = command(*RESCORE)
    assert code == 0 and [line.split() for line in said.splitlines()[1:]] == [
        ["c", "fall", "0.0", "2.0"],
        ["c", "total", "0.0", "2.0"],
    ]


def test_a_source_that_draws_other_figures_rescores_nobody(course, command):
    command(*GRADE)
    before = (course / "out" / "grades.csv").read_bytes()
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("rng.uniform(36, 60)", "rng.uniform(37, 61)"), "utf-8")
    code, _, complaints = command(*RESCORE)
    assert code == 2 and "draws other figures" in complaints and (course / "out" / "grades.csv").read_bytes() == before


def test_going_on_keeps_the_roster_and_refuses_another_source(course, command):
    command(*GRADE, "--roster", "roster.csv")
    before = (course / "out" / "grades.csv").read_bytes()
    assert command(*GRADE, "--resume")[0] == 0 and (course / "out" / "grades.csv").read_bytes() == before
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("0.005", "0.5"), encoding="utf-8")
    code, _, complaints = command(*GRADE, "--resume")
    assert code == 2 and "rest on another source" in complaints


def test_who_confirms_stands_on_the_pages_that_wait_for_nobody_and_filled_in_sheets_stay(course, command):
    command(*GRADE)
    before, sheet = (course / "out" / "grades.csv").read_bytes(), course / "out" / "texts" / "why.csv"
    words = re.sub(r"(It fell\.),,,", r"\1,2.5,3,fine", sheet.read_text(encoding="utf-8-sig"))
    sheet.write_text(words, encoding="utf-8-sig")
    assert command(*CONFIRM) == (0, "out/summary.html\n", "")
    assert naming(course) == ["d", "summary"], "the others have a text that nobody has read"
    assert "It fell.,2.5,3,fine" in sheet.read_text(encoding="utf-8-sig")
    assert (course / "out" / "grades.csv").read_bytes() == before


def test_a_confirmation_lapses_when_the_marks_are_worked_out_again(course, command):
    command(*GRADE)
    for again in (RESCORE, [*GRADE, "--resume"]):
        assert command(*CONFIRM)[0] == 0 and "summary" in naming(course)
        assert command(*again)[0] == 0 and naming(course) == []
        assert results.Results.read(course / "out").confirmed == ""


def test_nobody_confirms_marks_that_would_come_out_otherwise(course, command, refused, monkeypatch):
    command(*GRADE)
    monkeypatch.setattr(results, "marked", lambda *given, usual=results.marked: usual(*given)[:1])
    refused(CONFIRM, "out/grades.csv is not what the marks come to now")
    assert naming(course) == []


def test_nobody_confirms_without_a_name_or_by_another_source(course, command, refused):
    command(*GRADE)
    refused([*CONFIRM[:-1], " "], "a confirmation needs the name of who stands for the marks: got nothing")
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("0.005", "0.5"), encoding="utf-8")
    refused(CONFIRM, "rest on another source")
    assert naming(course) == []


def test_somebody_else_s_copy_is_marked_on_one_s_own_figures_and_flagged(course, command):
    (course / "back" / "d.ipynb").write_bytes((course / "back" / "a.ipynb").read_bytes())
    command(*GRADE)
    row = grades(course).loc["d"]
    assert "other_code" in row["flags"] and row["fall"] < 2.0


def test_a_right_answer_in_an_unreadable_form_is_not_called_missing(course, command):
    path = course / "back" / "d.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("fall_pct = ", "fall_pct = str, "), encoding="utf-8")
    command(*GRADE)
    assert "Answered in a form that could not be read" in (course / "out" / "feedback" / "d.html").read_text("utf-8")


def test_the_student_s_own_data_file_lies_beside_the_notebook(course, command):
    path = course / "back" / "d.ipynb"
    words = "fall_pct = (lambda h: (h[0] - h[1]) / h[0] * 100)(pd.read_csv('data.csv')['hours'])"
    notebook = nbformat.read(path, 4)
    next(cell for cell in notebook.cells if cell.source.startswith("fall_pct = ")).source = words
    nbformat.write(notebook, path)
    command(*GRADE)
    assert grades(course).loc["d", "fall"] == 2.0


def test_an_appeal_gets_the_record(course, command):
    command(*GRADE)
    explained = json.loads(command(*EXPLAIN, "c")[1])
    (fall,) = [question for question in explained["questions"] if question["question"] == "fall"]
    answer = fall["answers"]["fall_pct"]
    assert (answer["given"], fall["points"], fall["out_of"]) == (1.5, 0.0, 2.0) and answer["right"] > 10
    assert set(explained["fingerprints"]) == {"submission", "source", "data", "package"}


def test_no_one_is_explained_who_has_no_record_or_by_another_source(course, command, refused):
    command(*GRADE)
    refused([*EXPLAIN, "z"], "out has no record of 'z'; there are: a, b, c, d")
    path = course / "sets" / "01-start" / "source.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("0.005", "0.5"), encoding="utf-8")
    refused([*EXPLAIN, "a"], "rest on another source")


def test_a_file_for_the_platform_names_who_is_left_out(course, command):
    command(*GRADE, "--roster", "roster.csv")
    words = ["export", "01", "--results", "out", "--lms", "moodle", "--out", "moodle.csv", "--proposal"]
    code, _, complaints = command(*words)
    text = (course / "moodle.csv").read_text(encoding="utf-8")
    assert code == 0 and "d@x.org,2" in text and "a@x.org" not in text
    assert complaints.count("not read yet: why\n") == 3 and "choose the separator Comma" in complaints


def test_results_of_a_term_are_purged_and_nothing_else(course, command):
    command(*GRADE)
    (course / "out" / "mine.txt").write_text("kept")
    assert command("purge", "--term", "u", "--dir", "out")[0] == 2 and (course / "out" / "grades.csv").exists()
    assert command("purge", "--term", "t", "--dir", "out")[0] == 0
    assert [path.name for path in (course / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ([*EXPLAIN, "a"], "out holds no results: it needs grading.json"),
        (
            ["grade", "02", "--release", *GRADE[5:]],
            "the release is of 01-start version 1, the source is 02-satisfaction",
        ),
        ([*GRADE, "--keep", "worst"], "keep must be latest or best: got 'worst'"),
        ([*GRADE[:9], "back/out"], "results and submissions must lie apart"),
        ([*GRADE[:7], "out/back", *GRADE[8:]], "results and submissions must lie apart"),
        ([*GRADE[:9], "back"], "results and submissions must lie apart"),
    ],
)
def test_a_refusal_is_one_line_and_nothing_is_written(refused, words, refusal):
    refused(words, refusal)


def test_results_are_not_written_over(course, command):
    command(*GRADE)
    before = (course / "out" / "grades.csv").read_bytes()
    code, _, complaints = command(*GRADE)
    assert code == 2 and "--resume goes on with them" in complaints
    assert (course / "out" / "grades.csv").read_bytes() == before


def test_without_a_wall_grading_is_refused_and_the_way_out_flags_every_row(course, command, monkeypatch):
    import shutil

    found = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, *more, **kept: None if name == "bwrap" else found(name, *more, **kept)
    )
    code, _, complaints = command(*GRADE)
    assert code == 2 and "bubblewrap" in complaints and "--unsafe-no-sandbox" in complaints
    assert command(*GRADE, "--resume", "--unsafe-no-sandbox")[0] == 0
    assert grades(course)["flags"].str.contains("not_sandboxed").all()
