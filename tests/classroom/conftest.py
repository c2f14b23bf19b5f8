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
