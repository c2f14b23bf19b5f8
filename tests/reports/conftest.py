"""Notebooks that cost next to nothing to run."""

import nbformat
import pytest

from casestudy.claims.comparison import MIME

ROW = "'claim': 'cx_agents', 'printed': '750-800', 'low': 750, 'high': 800, 'ours_low': None, 'ours_high': None"


@pytest.fixture(scope="session")
def light():
    """Write a notebook that imports nothing of ours and records one comparison: `ours` of its parameters."""

    def light(case, stem, parameters, ours, *cells):
        code = nbformat.v4.new_code_cell
        row = f"{{{ROW}, 'ours': {ours}, 'agrees': None, 'basis': 'restated', 'severity': None, 'test': None}}"
        show = f"from IPython.display import display\ndisplay({{{MIME!r}: {{'rows': [{row}]}}}}, raw=True)"
        book = nbformat.v4.new_notebook()
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        given = code(parameters, metadata={"tags": ["parameters"]})
        book.cells = [nbformat.v4.new_markdown_cell("# How many?"), given, *map(code, cells), code(show)]
        nbformat.write(book, case.notebooks / f"{stem}.ipynb")

    return light
