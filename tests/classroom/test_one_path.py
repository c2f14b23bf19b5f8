"""`validate`, a check and grading find the same answers; where they cannot, a student or a person is told."""

import nbformat
import pytest

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import results
from casestudy.classroom.practice.validate import validate
from casestudy.classroom.release import release, roster
from casestudy.classroom.sets import source
from casestudy.classroom.submissions.cells import NOTED

SECRET = b"a secret of the course, long enough"
GRADE = ["grade", "01", "--sets", "sets", "--release", "release", "--submissions", "back", "--out", "out"]
RIGHT = "(before - after) / before * 100"
IMPORTED = "from helper import f\nfall_pct = f(before, after)"
WAYS = {  # to give the answer, cell by cell; each is graded as it runs
    "quickly": [f"%time fall_pct = {RIGHT}"],
    "timed_first": ["%time fall = before - after\nfall_pct = fall / before * 100"],
    "whole_cell": [f"%%time\nfall_pct = {RIGHT}"],
    "waiting": [f"import asyncio\nawait asyncio.sleep(0)\nfall_pct = {RIGHT}"],
    "through_the_shell": [f"get_ipython().run_line_magic('matplotlib', 'inline')\nfall_pct = {RIGHT}"],
    "above_imports": [f"%matplotlib inline\nimport math\nfall_pct = math.fsum([{RIGHT}])"],
    "a_module": ["%%writefile helper.py\ndef f(b, a):\n    return (b - a) / b * 100", IMPORTED],
    "the_last_value": [RIGHT, "fall_pct = _"],
    "the_value_of_a_number": [RIGHT, "fall_pct = Out[6]"],
    "indented": [f"    share = {RIGHT}\n    fall_pct = share"],
    "captured": [f"%%capture words\nprint({RIGHT})", "fall_pct = float(words.stdout)"],
    "autoreload": [f"%load_ext autoreload\n%autoreload 2\nfall_pct = {RIGHT}"],
    "installed": [f"!pip install no-such-package\nfall_pct = {RIGHT}"],
    "listed": [f"files = !ls\nfall_pct = {RIGHT}"],
    "an_extension": [f"%load_ext no_such_extension\n%of_its_own\nfall_pct = {RIGHT}"],
}


@pytest.fixture
def course(tmp_path, walls):
    """The starting set, released to one student for each way, and to two more."""
    path = new.new(tmp_path / "sets" / "01-start")
    ids = [*WAYS, "elsewhere", "blank"]
    (tmp_path / "roster.csv").write_text("\n".join(["student_id", *ids]) + "\n", encoding="utf-8")
    release(source.load(path), roster.read(tmp_path / "roster.csv"), SECRET, "t", tmp_path / "release")
    (tmp_path / "back").mkdir()
    return tmp_path


def hand_in(course, id, cells, check="check(fall_pct=fall_pct)", said=""):
    """A student's copy with these cells for the work, this check and what is saved below it; its path."""
    path = course / "release" / "students" / id / "01-start.ipynb"
    notebook = nbformat.read(path, 4)
    at = next(n for n, cell in enumerate(notebook.cells) if cell.source == "fall_pct = ...")
    notebook.cells[at].source = cells[-1]
    notebook.cells[at:at] = [nbformat.v4.new_code_cell(cell) for cell in cells[:-1]]
    graded = next(cell for cell in notebook.cells if cell.source == "check(fall_pct=fall_pct)")
    graded.source = check
    if said:
        graded.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": said}, execution_count=9)]
    nbformat.write(notebook, path)
    nbformat.write(notebook, course / "back" / f"{id}.ipynb")
    return path


def test_every_way_to_an_answer_that_a_notebook_has_is_graded(course, command):
    for id, cells in WAYS.items():
        hand_in(course, id, cells)
    assert command(*GRADE)[0] == 0
    rows = results.read_grades(course / "out").loc[[*WAYS]]
    short = rows[(rows["status"] != "ok") | (rows["fall"] != rows["fall"].max()) | (rows["fall"].astype(float) == 0)]
    assert short.to_dict("index") == {}


def test_validate_says_ready_where_grading_finds_the_answer(course):
    cells = [*WAYS["a_module"], *WAYS["quickly"], *WAYS["waiting"], *WAYS["captured"]]
    assert validate(hand_in(course, "a_module", cells)) == []


def test_validate_says_what_is_not_run_and_what_nobody_knows(course):
    cells = ["x = 1\n%no_such_magic", f"if False:\n    !pip install no-such-package\nfall_pct = {RIGHT}"]
    left, unknown, *more = validate(hand_in(course, "installed", cells))
    assert "`!pip install no-such-package` is not run when your work is graded" in left
    assert "stops with UsageError: Line magic function `%no_such_magic` not found." in unknown and not more


def test_validate_runs_a_notebook_once_more_as_grading_does(course):
    path = hand_in(course, "elsewhere", ["fall_pct = float(open('mine.txt').read())"])
    path.with_name("mine.txt").write_text("12.5")
    (said,) = validate(path)
    assert said.startswith("fall_pct is not found when your notebook is run as it is graded: cell ")
    assert "No such file or directory: 'mine.txt'" in said
    path.with_name("data.csv").rename(path.with_name("mine.txt"))
    (said,) = validate(hand_in(course, "blank", ["mine = 12.5"], "check(fall_pct=mine)"))
    assert said.startswith("Not ready yet")


def test_a_check_that_noted_what_grading_does_not_find_calls_a_person(course, command):
    noted = f"{NOTED}fall_pct. Its form is fine; whether it is right comes with the marks.\n1 of 1 questions answered"
    hand_in(course, "quickly", WAYS["quickly"], said=noted)
    hand_in(course, "elsewhere", ["mine = 12.5"], "check(fall_pct=mine)", said=noted)
    hand_in(course, "blank", ["fall_pct = ..."])
    assert command(*GRADE)[0] == 0
    rows = results.read_grades(course / "out")
    flags = rows["flags"].fillna("")
    assert "noted_without_answer:fall_pct" in flags["elsewhere"] and float(rows.loc["elsewhere", "fall"]) == 0
    assert not [id for id in ("quickly", "blank") if "noted" in flags[id]]
    summary = (course / "out" / "summary.html").read_text(encoding="utf-8")
    assert "not found in grading" in summary and "elsewhere (fall_pct)" in summary
    page = (course / "out" / "feedback" / "elsewhere.html").read_text(encoding="utf-8")
    assert "had noted an answer that was not there" in page
