"""Which files of data a notebook may read: what its code names, and all of them where it may read what it does not."""

import json
import subprocess
import sys

import nbformat
import pytest

from casestudy.case import open_case
from casestudy.reports.sets.modules import Modules
from casestudy.reports.sets.reads import REGISTER, unread

NOTHING = {"claims", "documents"}
MOBILE = NOTHING | REGISTER | {"mobile_traffic_reported"}  # a claim names this series
TABLES = {path.stem for path in open_case().data.glob("*.csv")}
RUNNING = """
import json, os, sys
from IPython.core.interactiveshell import InteractiveShell
opened = set()
sys.addaudithook(lambda event, said: opened.add(str(said[0])) if event == "open" else None)
shell = InteractiveShell.instance(display_page=False)
for code in json.loads(sys.argv[1]):
    shell.run_cell(code, silent=True).raise_error()
print("\\n" + json.dumps(sorted(opened)))
"""


def read(code: str, case=None) -> set[str]:
    case = case or open_case()
    left = {path.removeprefix("data/").removesuffix(".csv") for path in unread(case, [code])}
    return TABLES - left


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("1 + 1", NOTHING),
        ("from casestudy import data\ndata.table('systems')", NOTHING | {"systems"}),
        ("from casestudy import data\ndata.documents()\ndata.members_reported()", NOTHING | {"members_reported"}),
        ("from casestudy import data\ndata.series('members_reported:all')", NOTHING | {"members_reported"}),
        ("from casestudy import data\ndata.table('gloss' 'ary')", NOTHING | {"glossary"}),
        ("from casestudy import claims\nclaims.tally()", MOBILE),
        ("from casestudy.proof import prove", MOBILE),
        ("from casestudy.models import growth\nfrom casestudy.plots import show", NOTHING),
        ("frame = series = None\nfor read in ():\n    read.table\nseries.open", NOTHING),
        # a name that is not there to be read
        ("from casestudy import data\nname = 'systems'\ndata.table(name)", TABLES),
        ("from casestudy import data\ndata.table(f'{kind}_reported')", TABLES),
        ("from casestudy import data\ndata.table(name='systems')", TABLES),
        ("from casestudy import data\nread = data.table", TABLES),
        ("from casestudy import data\nmine(data)", TABLES),
        ("from casestudy import data\ngetattr(data, 'table')", TABLES),
        ("from casestudy import data as d\nd.table(name)", TABLES),
        ("from casestudy.data import table\ntable(name)", TABLES),
        ("from casestudy import *", TABLES),
        ("import casestudy", TABLES),
        ("from casestudy.reports import results", TABLES),
        ("from mine import data as d\nd.table(name)", TABLES),
        ("import mine\nmine.data.table(name)", TABLES),
        # files without the package
        ("import pandas as pd\npd.read_csv(folder / name)", TABLES),
        ("open(name)", TABLES),
        ("from pathlib import Path\nPath(name).open()", TABLES),
        ("from pathlib import Path\nmap(Path.read_text, Path('../data').iterdir())", TABLES),
        ("from casestudy.case import open_case", TABLES),
    ],
)
def test_a_text_reads_what_it_names_and_all_where_it_need_not_name_it(code, found):
    assert read(code) == found


def test_where_more_may_be_run_than_is_named_all_count(copied_case):
    cells = [nbformat.v4.new_code_cell("%run ../data/made.py")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path := copied_case.notebooks / "01-book.ipynb")
    assert Modules.of(copied_case).reached(path)[1] is None and unread(copied_case, None) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(open_case().notebooks.glob("[0-9]*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_opens_no_file_of_data_that_does_not_count_for_it(path):
    case = open_case()
    _, texts = Modules.of(case).reached(path)
    code = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    command = [sys.executable, "-c", RUNNING, json.dumps(code)]
    done = subprocess.run(command, cwd=case.notebooks, capture_output=True, text=True, check=True)
    opened = json.loads(done.stdout.splitlines()[-1])
    assert str(case.claims) in opened
    assert {str(case.root / name) for name in unread(case, texts)}.isdisjoint(opened)
