"""The commands for exercises, as one types them; and a copy that one student was sent."""

import json

import nbformat
import pytest
from handed_in import SETS, TRIED, Given, roster, share

from casestudy import cli
from casestudy.classroom.release import release
from casestudy.classroom.sets import source
from casestudy.classroom.sets.solve import solve
from casestudy.classroom.sets.source import SOLUTION
from casestudy.classroom.submissions import repair

SECRET = b"a secret of the course, long enough"


@pytest.fixture
def command(course, monkeypatch, capsys):
    """Type words after `casestudy exercises` in the course's folder; exit status, output and complaints."""

    def command(*words):
        monkeypatch.chdir(course)
        monkeypatch.setattr("sys.argv", ["casestudy", "exercises", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return command


@pytest.fixture
def refused(course, command):
    """Type words that must be refused in one line which says so much, with nothing written in the course's folder."""

    def refused(words, reason):
        before = sorted(str(path) for path in course.rglob("*"))
        code, output, complaints = command(*words)
        assert (code, output) == (2, "")
        assert reason in complaints and complaints.count("\n") == 1
        assert sorted(str(path) for path in course.rglob("*")) == before

    return refused


@pytest.fixture(scope="session", params=TRIED)
def given(request, tmp_path_factory):
    """A shipped set as released to one student."""
    problem_set = source.load(SETS[request.param])
    out = release(problem_set, roster(s1="Anna Muster"), SECRET, "t", tmp_path_factory.mktemp("set") / "out")
    code = json.loads((out / "release.json").read_text())["students"][0]["code"]
    path = out / "students" / "s1" / f"{problem_set.name}.ipynb"
    return Given(problem_set, code, solve(problem_set, code), path)


@pytest.fixture
def copy(given):
    """The student's copy with a right answer to every question but the one in words."""
    notebook = nbformat.read(given.path, 4)
    solved = {
        cell.metadata["nbgrader"]["grade_id"]: SOLUTION.sub(lambda match: match[1], cell.source)
        for cell in given.problem_set.notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
    }
    for cell in notebook.cells:
        id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = solved.get(id, cell.source)
    return notebook


@pytest.fixture
def opened(given):
    """Open a notebook, or its bytes, as grading does."""

    def opened(notebook):
        content = notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode()
        return repair.opened(content, given.problem_set, given.code)

    return opened


@pytest.fixture
def earned(given, opened):
    """Open a notebook, run its cells here, and give its flags and the share of right answers."""

    def earned(notebook):
        read = opened(notebook)
        assert read.problem == ""
        return read.flags, share(given, read.cells)

    return earned
