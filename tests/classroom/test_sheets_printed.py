"""Sheets to print: a student's own figures and questions, and nothing on them that answers one."""

import copy
import json
import re
from dataclasses import replace

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from handed_in import SETS, TRIED

from casestudy.classroom.authoring import new
from casestudy.classroom.release import Released
from casestudy.classroom.release.release import assign
from casestudy.classroom.release.sheets import sheet, sheets
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.options import options
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import Solutions
from casestudy.forks import server
from casestudy.reports.executors.warm import PRELOAD
from casestudy.reports.pages.promises import promises

SECRET = b"a secret of the course, long enough"
WHYS = {"base": "A fall begins where it began.", "hours": "Hours are no share.", "chance": "It is chance."}


def students(*ids):
    return pd.DataFrame("", index=list(ids), columns=["name", "email", "group", "due", "lms_id"])


def released(problem_set, people):
    assigned = {one.id: one for one, _ in assign(problem_set, people, SECRET, "t")}
    return Released(problem_set.name, problem_set.version, "t", assigned)


def printed(problem_set, people, out):
    """Each student's page, with the code that it is for."""
    handed_out = released(problem_set, people)
    sheets(problem_set, handed_out, people, out)
    return {id: ((out / f"{id}.html").read_text(encoding="utf-8"), handed_out.students[id].code) for id in people.index}


def main(html):
    return BeautifulSoup(html, "html.parser").main


def plain(words):
    return " ".join(words.replace("*", "").replace("`", "").split())


@pytest.fixture(scope="module", autouse=True)
def warm():
    """Kernels that need not import everything anew."""
    with server(PRELOAD):
        yield


@pytest.fixture(scope="module", params=TRIED)
def given(request, tmp_path_factory):
    """A shipped set, a student's sheet, and the code that it is for."""
    problem_set = source.load(SETS[request.param])
    return problem_set, *printed(problem_set, students("s1"), tmp_path_factory.mktemp("out"))["s1"]


@pytest.fixture
def starting(tmp_path):
    """The set that authors begin with, with a choice whose options are lettered by code, and so many rows of data."""

    def starting(rows=0):
        path = new.new(tmp_path / "sets" / "01-start")
        notebook = nbformat.read(path, 4)
        at = {one.metadata.get("nbgrader", {}).get("grade_id"): n for n, one in enumerate(notebook.cells)}
        work, check = notebook.cells[at["fall-work"]], notebook.cells[at["fall"]]
        work.source = work.source.replace("### END", 'why = whys["base"]\n### END')
        check.source = "check(fall_pct=fall_pct, why=why)"
        check.metadata["casestudy"]["answers"]["why"] = {"kind": "choice", "choices": ["a", "b", "c"]}
        lettered = nbformat.v4.new_code_cell(
            f"whys = options(problem_set, code, {WHYS})\nwhys", metadata={"tags": ["options"]}
        )
        notebook.cells.insert(at["fall-work"], lettered)
        imports = next(one for one in notebook.cells if "import check" in one.source)
        imports.source = imports.source.replace("individual,", "individual, options,")
        if rows:
            drawn = next(one for one in notebook.cells if role(one) == "data")
            drawn.source += f"\ndata = pd.concat([data] * {rows // 2}, ignore_index=True)"
        nbformat.write(notebook, path)
        return source.load(path)

    return starting


def test_no_sheet_holds_code_a_solution_a_mistake_or_a_hint(given):
    problem_set, html, _ = given
    said = plain(main(html).get_text())
    for cell in problem_set.notebook.cells:
        lines = [words.strip() for words in cell.source.splitlines()] if cell.cell_type == "code" else []
        assert not [words for words in lines if len(words) > 12 and plain(words) in said and "(" in words]
        if "**Hint:**" in cell.source:
            hint = re.search(r"\*\*Hint:\*\*\s*(.{30})", cell.source)[1]
            assert plain(hint) not in said
        if role(cell) in ("explain", "manual"):
            assert plain(cell.source) not in said
    for mistake in problem_set.mistakes:
        assert not [hint for hint in mistake.hints["en"] if plain(hint) in said]
    assert not [
        rule for question in problem_set.questions for rule in question.rubric.splitlines() if plain(rule) in said
    ]


def test_no_sheet_tells_a_right_number(given):
    problem_set, html, code = given
    said, solved = main(html).get_text(), Solutions(problem_set)[code]
    own = solved.data.to_csv(float_format="%.6g")
    for right in (one for given in solved.right.values() for one in given.values() if isinstance(one, float)):
        near = {f"{right:.{digits}f}" for digits in range(1, 7)} | {f"{right:.{digits}g}" for digits in range(4, 8)}
        assert not [
            one for one in near if len(one) > 4 and one not in own and re.search(rf"(?<![\d.]){re.escape(one)}", said)
        ]


def test_a_source_that_differs_in_its_solutions_alone_gives_the_same_sheet(starting, tmp_path):
    """So nothing on it can follow from what is right."""
    problem_set, people = starting(), students("s1")
    other = replace(problem_set, notebook=copy.deepcopy(problem_set.notebook))
    for cell in other.notebook.cells:
        if role(cell) == "solution":
            cell.source = cell.source.replace("(before - after) / before * 100", "50").replace('whys["base"]', '"a"')
    pages = [printed(one, people, tmp_path / f"out{n}")["s1"] for n, one in enumerate((problem_set, other))]
    assert pages[0] == pages[1]
    assert len({str(Solutions(one)[pages[0][1]].right) for one in (problem_set, other)}) == 2


def test_every_question_is_asked_with_room_to_answer_it(given):
    problem_set, html, code = given
    said = plain(main(html).get_text())
    assert promises(html) == [] and "s1" in said and code in said
    answers = {label.get_text() for label in main(html).select(".answers code")}
    for question in problem_set.questions:
        assert question.title in said and {answer.name for answer in question.answers} <= answers
        assert all(choice in said for answer in question.answers for choice in answer.choices)
    assert len(main(html).select("section")) == len({question.title for question in problem_set.questions}) + 1
    manual = sum(question.manual for question in problem_set.questions)
    assert len(main(html).select(".lines .line")) >= 8 * manual


def test_options_have_the_letters_of_that_student_s_code(starting, tmp_path):
    pages = printed(starting(), students("s1", "s2", "s3", "s4"), tmp_path / "out")
    orders = set()
    for html, code in pages.values():
        shown = [one.get_text() for one in main(html).select("li") if one.get_text()[1:2] == ":"]
        expected = sorted((letter, WHYS[key]) for key, letter in options("01-start", code, WHYS).items())
        assert shown == [f"{letter}: {words}" for letter, words in expected]
        orders.add(tuple(shown))
    assert len(orders) > 1  # else it would not show


@pytest.mark.parametrize("rows", [2, 30, 80])
def test_the_data_stand_there_as_far_as_they_fit_and_else_it_is_said(starting, rows):
    problem_set = starting(rows)
    data = Solutions(problem_set)["seed 0"].data
    html = sheet(problem_set, student_copy(problem_set, "seed 0"), "s1", "seed 0", data)
    told = [[cell.get_text() for cell in row.select("td")] for row in main(html).select(".data tbody tr")]
    assert told == [[row.id, row.period, f"{row.hours:.6g}"] for row in data.head(30).itertuples()]
    assert ("The first 30 of 80 rows" in main(html).get_text()) is (rows == 80)


def test_a_name_stands_there_as_text(starting):
    problem_set = starting()
    html = sheet(problem_set, student_copy(problem_set, "x"), "<b>Ada</b> & Co", "x", Solutions(problem_set)["x"].data)
    assert "Name: <b>Ada</b> & Co" in main(html).get_text() and "<b>Ada" not in html


@pytest.fixture
def course(starting, tmp_path):
    """A folder with a set, its release to two students, and a roster."""
    problem_set, people = starting(), students("s1", "s2")
    folder = tmp_path / "release"
    folder.mkdir()
    handed_out = released(problem_set, people)
    record = {"problem_set": problem_set.name, "version": problem_set.version, "term": "t"}
    record["students"] = [vars(one) for one in handed_out.students.values()]
    (folder / "release.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "roster.csv").write_text("student_id,name\ns1,Ada\n", encoding="utf-8")
    return tmp_path


SHEETS = ["sheets", "01", "--sets", "sets", "--release", "release", "--out", "out"]


def test_the_command_writes_a_page_each_for_the_lecturer_alone(course, command):
    code, output, complaints = command(*SHEETS, "--roster", "roster.csv")
    assert (code, output) == (0, "out\n") and "1 of the release are not in roster.csv, and stay in: s2" in complaints
    assert sorted(path.name for path in (course / "out").iterdir()) == ["s1.html", "s2.html"]
    assert (course / "out").stat().st_mode & 0o777 == 0o700
    assert "Name: Ada" in main((course / "out" / "s1.html").read_text(encoding="utf-8")).get_text()


def edited(course, *change):
    path = course / "sets" / "01-start" / "source.ipynb"
    words = path.read_text(encoding="utf-8")
    assert words.count(change[0]) == 1
    path.write_text(words.replace(*change), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('"version": 1', '"version": 2'), "the release is of 01-start version 1, the source is 01-start version 2"),
        (("rng.uniform(36, 60)", "rng.uniform(36, 61)"), "no longer draws the figures that were released"),
    ],
)
def test_another_source_than_the_one_released_is_refused(course, refused, change, reason):
    edited(course, *change)
    refused(SHEETS, reason)


def test_no_release_no_such_student_and_a_checkout_are_refused(course, refused):
    refused([*SHEETS[:5], "sets", *SHEETS[6:]], "sets is no release: it needs release.json")
    (course / "roster.csv").write_text("student_id\ns9\n", encoding="utf-8")
    refused([*SHEETS, "--roster", "roster.csv"], "'s9' is in the roster and has no release")
    (course / ".git").mkdir()
    refused(SHEETS, "lies in a git checkout that does not ignore it")
