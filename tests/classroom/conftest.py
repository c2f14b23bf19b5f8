"""The commands for exercises, as one types them."""

import pytest

from casestudy import cli


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

    def refused(words, told):
        before = sorted(str(path) for path in course.rglob("*"))
        code, output, complaints = command(*words)
        assert (code, output) == (2, "")
        assert told in complaints and complaints.count("\n") == 1
        assert sorted(str(path) for path in course.rglob("*")) == before

    return refused
