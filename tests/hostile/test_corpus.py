"""The corpus as others run it: every entry once, in a submission that is otherwise as it was."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
from hostile import corpus

HERE = Path(__file__).parent


def test_the_corpus_is_the_table_and_every_kind_is_described():
    told = corpus.entries()
    assert [entry.name for entry in told] == list(tomllib.loads(corpus.TABLE.read_text(encoding="utf-8")))
    page = (HERE / "README.md").read_text(encoding="utf-8")
    assert all(f"| {kind} |" in page for kind in {entry.kind for entry in told})


def test_each_entry_becomes_a_submission_with_one_cell_changed(tmp_path):
    cells = [nbformat.v4.new_code_cell(text, metadata={"nbgrader": {"grade_id": text}}) for text in ("before", "work")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path := tmp_path / "given.ipynb")
    command = [sys.executable, HERE / "corpus.py", path, tmp_path / "out", "--cell", "work", "--right", "2.5"]
    subprocess.run([*command, "--planted", "/planted.txt", "--port", "81"], check=True)
    for entry in corpus.entries():
        first, second = json.loads((tmp_path / "out" / f"{entry.name}.ipynb").read_text(encoding="utf-8"))["cells"]
        assert first == json.loads(path.read_text(encoding="utf-8"))["cells"][0]
        assert second["source"] == entry.aimed(2.5, "/planted.txt", 81) and "RIGHT" not in second["source"]
