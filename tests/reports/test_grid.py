"""What a grid asks for, and every refusal: one line, and nothing written."""

import re

import nbformat
import pytest

from casestudy import cli
from casestudy.reports.sets import grid


@pytest.fixture
def case(copied_case, monkeypatch):
    """A case with two notebooks that share `seed`; the command line finds it."""
    monkeypatch.setenv("CASESTUDY_CASE", str(copied_case.root))
    cells = {
        "02-csat": "score = 8.1  # points; 0..10; ours\nseed = 7  # none; 0..; ours\nfree = True  # none; ; ours",
        "03-heads": "heads = 775  # heads; 1..800; ours\nseed = 7  # none; 0..; ours\ntold = 'a'  # none; ; ours",
    }
    for stem, cell in cells.items():
        book = nbformat.v4.new_notebook()
        book.cells = [nbformat.v4.new_code_cell(cell, metadata={"tags": ["parameters"]})]
        book.metadata["casestudy"] = {"require": ["seed < 100"]}
        nbformat.write(book, copied_case.notebooks / f"{stem}.ipynb")
    return copied_case


@pytest.fixture
def asked(case, tmp_path):
    """The sets that a grid of this text asks for, as (notebook, changed parameters)."""

    def read(text, name="grid.toml", encoding="utf-8"):
        (tmp_path / name).write_text(text, encoding=encoding)
        return [(report.notebook.stem, report.changed) for report in grid.read(tmp_path / name, case)]

    return read


def changes(sets):
    return [changed for _, changed in sets]


def test_steps_of_a_tenth_meet_the_numbers_one_would_write(asked):
    sets = asked('notebook = "02"\n[grid]\nscore = {from = 0.1, to = 0.8, step = 0.1}\n')
    assert [repr(each["score"]) for each in changes(sets)] == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]


@pytest.mark.parametrize(
    ("ends", "met"),
    [
        ("from = 1, to = 6, step = 2", [1, 3, 5]),
        ("from = 5, to = 1, step = -2", [5, 3, 1]),
        ("from = 3, to = 3, step = 9", [3]),
    ],
)
def test_a_range_holds_its_ends_when_they_are_met(asked, ends, met):
    assert [each["seed"] for each in changes(asked(f'notebook = "02"\n[grid]\nseed = {{{ends}}}\n'))] == met


def test_lists_are_crossed_and_zipped_ones_walk_together(asked):
    sets = asked('notebook = "02"\n[set]\nfree = false\n[grid]\nseed = [1, 2]\n[zip]\nscore = [3.0, 4.0]\n')
    pairs = [(each["seed"], each["score"], each["free"]) for each in changes(sets)]
    assert pairs == [(1, 3.0, False), (1, 4.0, False), (2, 3.0, False), (2, 4.0, False)]


def test_every_notebook_of_a_list_gets_every_set(asked):
    sets = asked('notebook = ["02", "03"]\n[grid]\nseed = [1, 2]\n')
    assert sets == [
        ("02-csat", {"seed": 1}),
        ("02-csat", {"seed": 2}),
        ("03-heads", {"seed": 1}),
        ("03-heads", {"seed": 2}),
    ]


def test_sets_that_are_the_same_once_checked_run_once(asked):
    assert changes(asked('notebook = "02"\n[grid]\nscore = [8, 8.0, 8.1]\n')) == [{"score": 8.0}, {}]


@pytest.mark.parametrize(("mark", "encoding"), [(",", "utf-8"), (";", "utf-8-sig")])
def test_a_row_is_a_set_and_an_empty_cell_the_default(asked, mark, encoding):
    lines = ["notebook,score,heads,free,told", "02,7.5,,FALSE,", '03,, 700 ,,"a\n b"', ",,,,", "02,,,,"]
    sets = asked("\n".join(lines).replace(",", mark), "sets.csv", encoding)
    heads = {"heads": 700, "told": "a\n b"}
    assert sets == [("02-csat", {"score": 7.5, "free": False}), ("03-heads", heads), ("02-csat", {})]


def test_a_spreadsheet_that_made_2_of_02_still_names_the_notebook(asked):
    assert asked("notebook,seed\n2,1\n", "sets.csv") == [("02-csat", {"seed": 1})]


WRITTEN = {
    "pandas, with an empty cell in each column": "notebook,seed,score,free\n2.0,5.0,7.0,True\n2.0,,,\n",
    "pandas, all quoted": '"notebook","seed","score","free"\n"02","5","7.0","True"\n"02","","",""\n',
    "Excel": "\ufeffnotebook,seed,score,free\r\n2,5,7,TRUE\r\n2,,,\r\n,,,\r\n",
    "Excel where the comma is decimal": "\ufeffnotebook;seed;score;free;;\r\n2;5,0;7,0;true;;\r\n2;;;;;\r\n;;;;;\r\n",
    "Excel with its own note": "sep=;\r\nnotebook;seed;score;free\r\n2;5;7,00;TRUE\r\n2;;;\r\n",
    "tabs, and the lines of an old Mac": "notebook\tseed\tscore\tfree\r02\t5\t7\tTrue\r02\t\t\t\r",
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_table_is_read_as_pandas_and_spreadsheets_write_it(asked, text):
    assert asked(text, "sets.csv") == [("02-csat", {"seed": 5, "score": 7.0}), ("02-csat", {})]
    assert {type(value) for value in asked(text, "sets.csv")[0][1].values()} == {int, float}


def test_words_of_any_script_are_asked_for_as_they_stand(asked):
    words = ["東京\u3000大阪", "می\u200cخواهم", "👩\u200d🔬"]
    sets = asked('notebook = "03"\n[grid]\ntold = ["東京\\u3000大阪", "می\\u200Cخواهم", "👩\\u200D🔬"]\n')
    assert [each["told"] for each in changes(sets)] == words


def test_a_comma_is_decimal_where_semicolons_part_the_cells(asked):
    sets = asked("notebook;score\n02;8,5\n02;0,125\n02;1,2E-01\n02;9\n", "sets.csv")
    assert [each["score"] for each in changes(sets)] == [8.5, 0.125, 0.12, 9.0]


TOML = [
    ('notebook = "22"\n[grid]\nseed = [1]', "no notebook '22'; there are: 02-csat, 03-heads"),
    ('notebook = ["02", "03"]\n[grid]\nscore = [1]', "casestudy: 03-heads has no parameter 'score'"),
    ('notebook = "02"\n[gird]\nseed = [1]', "has no place for 'gird'; did you mean 'grid'?"),
    ("[grid]\nseed = [1]", 'must begin with notebook = "02"'),
    ("notebook = []\n[grid]\nseed = [1]", 'must begin with notebook = "02"'),
    ('notebook = "02"\n[grid]\nseed = []', "[grid] seed is an empty list"),
    ('notebook = "02"\n[grid]\n', "[grid] is empty"),
    ('notebook = "02"\n[set]\nseed = 1', "must have a list or a range in [grid] or [zip]"),
    ('notebook = "02"\ngrid = 3', "grid must be a table"),
    ('notebook = "02"\n[grid]\nseed = 3', "must be a list or {from, to, step}: got 3; one value goes to [set]"),
    ('notebook = "02"\n[grid]\nseed = {from = 1, to = 3, step = 0}', "step must not be 0"),
    ('notebook = "02"\n[grid]\nseed = {from = 1, to = 3, step = -1}', "must have the other sign"),
    ('notebook = "02"\n[grid]\nseed = {from = 1, to = 3}', "a range has from, to and step: got from, to"),
    ('notebook = "02"\n[grid]\nseed = {from = 1, to = "3", step = 1}', "must be numbers"),
    ('notebook = "02"\n[grid]\nscore = {from = 1, to = inf, step = 1}', "must be finite"),
    ('notebook = "02"\n[grid]\nscore = {from = 0, to = 1, step = 1e-290}', "at most 1,000,000,000 values"),
    ('notebook = "02"\n[zip]\nseed = [1, 2]\nscore = [1]', "must be of one length: seed has 2, score has 1"),
    ('notebook = "02"\n[set]\nseed = 1\n[grid]\nseed = [1]', "seed stands in two tables"),
    ('notebook = "02"\n[grid\nseed = [1]', "is not a TOML file"),
    ('notebook = "02"\n[grid]\nseed = [1, 200]', "set 2 of 2: 02-csat: seed < 100 must hold; got seed=200"),
    ('notebook = "02"\n[grid]\nscore = [[8.5]]', "score must be a finite number in 0..10: got [8.5]"),
    ('notebook = "02"\n[grid]\nscore = [1e99999999999999999999]', "a number in it is too large"),
]
CSV = [
    ("seed\n1\n", "must have a column notebook: got seed"),
    ("", "must have a column notebook: got nothing"),
    ("notebook,seed\n", "must have a row under its first line"),
    ("notebook,sed\n02,1\n", "no notebook in it has a parameter 'sed'; did you mean 'seed'?"),
    ("notebook,heads\n03,1\n02,1\n", "line 3: 02-csat has no parameter 'heads'"),
    ("notebook,seed\n22,1\n", "line 2: no notebook '22'"),
    ("notebook,seed,\n02,1,9\n", "line 2: 2 cells must stand here, as in the first: got 3"),
    (",notebook,seed\n0,02,1\n", "each column has a name of its own: got ''; pandas leaves its row numbers out with"),
    ("Unnamed: 0,notebook,seed\n0,02,1\n", "has a parameter 'Unnamed: 0'; pandas leaves its row numbers out with"),
    ("notebook,seed,seed\n02,1,2\n", "each column has a name of its own: got 'seed'"),
    ("notebook,seed\n02,1\n02,1,2\n", "line 3: 2 cells must stand here, as in the first: got 3"),
    ('notebook,seed\n02,"1"2\n', "line 2: not a comma-separated file"),
    ('notebook,score\n02,"8,5"\n', "line 2: 02-csat: score must be a number with a decimal point"),
    (
        "notebook;score\n02;1,234\n",
        "score must be a number with a decimal point, and no mark between thousands: got 1,234",
    ),
    (
        'notebook,heads\n03,"1,000"\n',
        "heads must be a number with a decimal point, and no mark between thousands: got 1,000",
    ),
    ("notebook;score\n02;1.234,5\n", "no mark between thousands: got 1.234,5"),
    ("notebook;score\n02;8,5\n02;1.234\n", "with one decimal mark: got 8,5 in line 2 and 1.234 in line 3"),
    ("notebook,seed\n02,5.5\n", "line 2: 02-csat: seed must be a whole number in 0..: got 5.5"),
    ("notebook,seed\n02,1E+05\n", "seed must be a whole number in 0..: got 100000.0"),
    ("notebook,free\n02,PRAWDA\n", "free must be True or False: got 'Prawda'"),
    ("notebook,score\n02,NaN\n", "score must be a finite number in 0..10: got 'NaN'"),
    ("notebook,seed\n" + "02,1\n" * 10_001, "asks for 10,001 sets; more than 10,000 are run with --yes only"),
]


@pytest.mark.parametrize(
    ("name", "text", "told"), [("g.toml", *each) for each in TOML] + [("s.csv", *each) for each in CSV]
)
def test_a_refused_grid_is_one_line_and_writes_nothing(case, tmp_path, monkeypatch, capsys, name, text, told):
    (tmp_path / name).write_text(text)
    before = sorted(tmp_path.iterdir())
    code, errors = refused(monkeypatch, capsys, tmp_path / name, "--out", tmp_path / "out")
    assert code == 2 and told in errors and errors.startswith("casestudy: ") and errors.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("missing.toml", None, "cannot read "),
        ("grid.txt", b"", "parameter sets come from a .toml or a .csv file"),
        ("grid.csv", b"notebook\n\xff\n", "must be text in UTF-8"),
    ],
)
def test_a_file_or_folder_that_cannot_be_used_is_refused(case, tmp_path, monkeypatch, capsys, name, content, told):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "out").write_text("mine")
    code, errors = refused(monkeypatch, capsys, tmp_path / name, "--out", tmp_path / "out")
    assert code == 2 and told in errors and errors.count("\n") == 1
    assert (tmp_path / "out").read_text() == "mine"


def refused(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["casestudy", "sweep", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    streams = capsys.readouterr()
    assert streams.out == ""
    return ended.value.code, streams.err


def test_ten_thousand_sets_are_counted_before_they_are_expanded(case, tmp_path):
    (tmp_path / "g.toml").write_text('notebook = "02"\n[grid]\nseed = {from = 0, to = 999999999, step = 1}\n')
    asked = grid.read(tmp_path / "g.toml", case)
    assert asked.count == 10**9
    with pytest.raises(ValueError, match=re.escape("set 101 of 1000000000: 02-csat: seed < 100 must hold")):
        list(asked)
