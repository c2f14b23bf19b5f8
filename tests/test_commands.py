"""What commands print stands as it is, and they take no more of the machine than they may."""

import os

import nbformat
import pytest

from casestudy import cli
from casestudy.staging import cores


def test_a_parameter_s_source_is_listed_whole_brackets_and_all(copied_case, monkeypatch, capsys):
    book = nbformat.v4.new_notebook()
    line = "heads = 775  # [heads]; 1..800; [claim: x] :bee:"
    given = nbformat.v4.new_code_cell(line, metadata={"tags": ["parameters"]})
    book.cells = [nbformat.v4.new_markdown_cell("# How [many]?"), given]
    nbformat.write(book, copied_case.notebooks / "01-heads.ipynb")
    monkeypatch.setenv("CASESTUDY_CASE", str(copied_case.root))
    monkeypatch.setattr("sys.argv", ["casestudy", "list", "01"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().out
    assert ended.value.code == 0 and "01-heads: How [many]?" in said and "[claim: x] :bee:" in said


def test_only_cores_that_this_process_may_use_are_counted(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 3}, raising=False)
    assert cores() == 2
