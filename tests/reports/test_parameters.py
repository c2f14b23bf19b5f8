"""What a notebook can be asked, and every refusal."""

import json
import re

import nbformat
import pytest

from casestudy import cli
from casestudy.case import built_in
from casestudy.reports.sets import parameters, source
from casestudy.reports.sets.parameters import Parameter
from casestudy.reports.sets.plain import read_plain


def notebook(case, stem, cell, require=(), tags=("parameters",)):
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_markdown_cell("# Why?"), nbformat.v4.new_code_cell(cell)]
    book.cells[1].metadata["tags"] = list(tags)
    book.metadata["casestudy"] = {"require": list(require)}
    nbformat.write(book, case.notebooks / f"{stem}.ipynb")
    return case.notebooks / f"{stem}.ipynb"


@pytest.fixture
def csat(copied_case):
    cell = "least = 0.0  # points; 0..1; ours\ncsat_after = 8.1  # points; 0..10; 004 p10\nseed = 7  # none; 0..; ours"
    return parameters.read(notebook(copied_case, "02-csat", cell, ["least < csat_after"]))


def test_the_trailing_comment_gives_unit_range_and_source(csat):
    assert csat.parameters["csat_after"] == Parameter("csat_after", 8.1, "points", "0..10", "004 p10")
    assert csat.question == "Why?"


def test_a_whole_number_becomes_the_number_with_a_point_that_the_default_is(csat):
    assert repr(csat.check({"csat_after": 9})["csat_after"]) == "9.0"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("14", "02-csat: csat_after must be in 0..10 (points): got 14.0"),
        ("-0.1", "csat_after must be in 0..10"),
        ("nan", "must be a finite number"),
        ("9" * 400, "must be a finite number in 0..10: got 9999"),
        ("-" * 3000 + "1", "must be a finite number"),
        ("1e999", "must be a finite number in 0..10: got inf"),
        ("8,5", "must be a finite number in 0..10: got (8, 5)"),
        ("'8'", "must be a finite number"),
        ("True", "must be a finite number"),
        ("__import__('os')", "must be a finite number"),
        ("", "must be a finite number"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(csat, text, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        csat.parameters["csat_after"].read(text, csat.stem)


def test_a_whole_number_refuses_a_fraction_and_an_open_end_has_no_limit(csat):
    assert csat.parameters["seed"].read("99999999999", "02") == 99999999999
    with pytest.raises(ValueError, match=re.escape("seed must be a whole number in 0..: got 1.5")):
        csat.parameters["seed"].read("1.5", "02")


def test_a_choice_takes_only_its_words():
    choice = Parameter("deflected", "easy", "cases", "easy|hard", "")
    assert choice.read("hard", "02") == "hard"
    with pytest.raises(ValueError, match=re.escape("deflected must be in easy|hard (cases): got 'har'")):
        choice.read("har", "02")


@pytest.mark.parametrize("allowed", ["0-10", "004 p10"])
def test_what_is_neither_a_range_nor_a_choice_is_refused_instead_of_ignored(allowed):
    with pytest.raises(ValueError, match=f"nothing between two semicolons: got '{allowed}'"):
        Parameter.parse("csat", "8.1", f"points; {allowed}; 004 p10", "02-csat")


def test_a_title_is_text_and_not_a_comment(copied_case):
    path = notebook(copied_case, "02-csat", "a = 1  # ; 0..1; ours")
    book = nbformat.read(path, 4)
    book.cells.insert(0, nbformat.v4.new_code_cell("# only a remark"))
    nbformat.write(book, path)
    assert parameters.read(path).question == "Why?"


WRITTEN = [
    "東京\u3000大阪",
    "می\u200cخواهم",
    "👩\u200d🔬",
    "\u200fשלום",
    "a\u202fb",
    "x\u2060y",
    "\ue000",
    "one\u2028two",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_text_of_any_script_is_taken_as_it_stands(text):
    assert Parameter("word", "a", "", "", "").read(text, "03") == text


def test_a_choice_is_taken_however_its_accents_and_spaces_are_written():
    choice = Parameter("way", "größer", "", "größer|gar nicht", "")
    assert choice.read("gro\u0308ßer", "02") == "größer" and choice.read("gar\u202f nicht", "02") == "gar nicht"
    choice = Parameter("way", "gro\u0308ßer", "", "gro\u0308ßer|b", "")
    assert choice.read("größer", "02") == "gro\u0308ßer"


def test_text_has_no_control_characters_and_may_have_lines():
    free = Parameter("title", "CSAT", "", "", "")
    assert free.read("żółw 🐢", "02") == "żółw 🐢"
    assert free.read("6 2 2 0 0\n5 5 0 0 0", "05") == "6 2 2 0 0\n5 5 0 0 0"
    for text in ("a bell\a", "\udcff", "\x1b[31m", "nul\0", "next\x85line", "del\x7f"):
        with pytest.raises(ValueError, match="title must be text without control characters"):
            free.read(text, "02")


def test_minus_nothing_is_nothing(csat):
    assert str(csat.check({"least": -0.0})["least"]) == "0.0"


def test_an_unknown_name_gets_the_nearest(csat):
    with pytest.raises(ValueError, match="02-csat has no parameter 'csat_aftr'; did you mean 'csat_after'"):
        csat.check({"csat_aftr": 8.5})


def test_a_rule_across_parameters_is_checked_with_the_defaults_of_the_rest(csat):
    with pytest.raises(ValueError, match="least < csat_after must hold; got csat_after="):
        csat.check({"csat_after": 0.5, "least": 1})


@pytest.mark.parametrize(
    "cell", ["a = b", "a = 1 + 1", "a = [1]", "a = None", "a, b = 1, 2", "import os", "a = 1; b = 2"]
)
def test_a_parameters_cell_with_anything_but_literals_is_refused(copied_case, cell):
    with pytest.raises(ValueError, match="name = literal"):
        parameters.read(notebook(copied_case, "01-x", cell))


def test_defaults_that_break_their_own_range_or_rule_are_refused(copied_case):
    with pytest.raises(ValueError, match=re.escape("a must be in 0..1")):
        parameters.read(notebook(copied_case, "01-x", "a = 2  # heads; 0..1; 004 p11"))
    with pytest.raises(ValueError, match="a < 1 must hold; got a=2"):
        parameters.read(notebook(copied_case, "01-x", "a = 2  # heads; 0..9; 004 p11", ["a < 1"]))


def test_a_damaged_notebook_is_named(copied_case):
    (copied_case.notebooks / "01-x.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="01-x: not a readable notebook: Notebook does not appear to be JSON"):
        parameters.select(["01"], copied_case)


def test_a_prefix_selects_when_it_fits_one(copied_case):
    for stem in ("01-growth", "02-csat", "02-more"):
        notebook(copied_case, stem, "seed = 1  # none; 0..9; ours")
    assert [book.stem for book in parameters.select(["02-m", "01"], copied_case)] == ["01-growth", "02-more"]
    with pytest.raises(ValueError, match="'02' fits 02-csat, 02-more: name one"):
        parameters.select(["02"], copied_case)
    with pytest.raises(ValueError, match="no notebook '02-mroe'; did you mean '02-more'"):
        parameters.select(["02-mroe"], copied_case)


def test_a_parameter_file_gives_common_values_and_tables(copied_case, tmp_path):
    for stem in ("01-growth", "02-csat"):
        notebook(copied_case, stem, "seed = 1  # none; 0..9; ours")
    books = parameters.select([], copied_case)
    file = tmp_path / "mine.toml"
    file.write_text("seed = 3\n[02-csat]\nseed = 4\n", encoding="utf-8-sig")  # as an editor on Windows saves it
    assert parameters.from_file(file, books, copied_case) == {"01-growth": {"seed": 3}, "02-csat": {"seed": 4}}


def test_a_table_is_checked_even_where_its_notebook_does_not_run(copied_case, tmp_path):
    for stem in ("01-growth", "02-csat"):
        notebook(copied_case, stem, "seed = 1  # none; 0..9; ours")
    (file := tmp_path / "mine.toml").write_text("[02-csat]\nsed = 4\n", encoding="utf-8")
    with pytest.raises(ValueError, match="02-csat has no parameter 'sed'; did you mean 'seed'"):
        parameters.from_file(file, parameters.select(["01"], copied_case), copied_case)


@pytest.mark.parametrize("require", [None, "a < 1", [1]])
def test_rules_are_a_list_of_texts(copied_case, require):
    path = notebook(copied_case, "01-x", "a = 1  # heads; 0..9; 004 p11")
    book = nbformat.read(path, 4)
    book.metadata["casestudy"]["require"] = require
    nbformat.write(book, path)
    with pytest.raises(ValueError, match="must be a list of rules"):
        parameters.read(path)


def test_a_doubled_line_is_refused(copied_case):
    with pytest.raises(ValueError, match="each parameter has one line"):
        parameters.read(notebook(copied_case, "01-x", "a = 1\na = 2"))


@pytest.mark.parametrize("stem", ["02-[ab]", "3-three", "my analysis"])
def test_a_file_whose_name_is_odd_is_named_where_it_is_asked_for_and_hinders_no_other(copied_case, stem):
    notebook(copied_case, stem, "a = 1")
    with pytest.raises(ValueError, match=f"there are no notebooks .*; {re.escape(stem)}.ipynb is not named NN-words"):
        parameters.select([], copied_case)
    notebook(copied_case, "01-x", "a = 1")
    assert [book.stem for book in parameters.select([], copied_case)] == ["01-x"]
    assert [path.stem for path in parameters.misnamed(copied_case)] == [stem]
    with pytest.raises(ValueError, match="a notebook is named NN-words"):
        parameters.select([stem[:2]], copied_case)


LINES = [  # a line, and the default, unit, range and source that it gives
    ('where = "kind=web"  # label; ; our choice', "kind=web", "label", "", "our choice"),
    ("rate = 0.5  # share; 0..1; https://example.org/?page=2", 0.5, "share", "0..1", "https://example.org/?page=2"),
    ("n = 1  # count, where 1 = all; ; >= 3 == good", 1, "count, where 1 = all", "", ">= 3 == good"),
    ("x: float = 2  # points; 0..10; link?page=2", 2.0, "points", "0..10", "link?page=2"),
    ("x: float | None = 2  # points; 0..10; ours", 2.0, "points", "0..10", "ours"),
    ("x: 'a = 1  # b' = -2.5", -2.5, "", "", ""),
    ("text = 'a # b; c'  # label; ; # ours", "a # b; c", "label", "", "# ours"),
    ("text = '''a = 1\n# b\n'''  # lines", "a = 1\n# b\n", "lines", "", ""),
    ("text = 'a' \\\n  '=b'  # label", "a=b", "label", "", ""),
    ("x = (  # share; 0..1; ours\n    0.5\n)", 0.5, "share", "0..1", "ours"),
    ("yes:bool=True#none; ;ours", True, "none", "", "ours"),
    ("# a = 2\nx = +1_000  # heads\n\n# = the end", 1000, "heads", "", ""),
]


@pytest.mark.parametrize("line", LINES, ids=[line[0][:20] for line in LINES])
def test_strings_and_comments_may_hold_anything(copied_case, line):
    found = parameters.read(notebook(copied_case, "01-x", line[0])).parameters.values()
    assert [(each.default, each.unit, each.allowed, each.source) for each in found] == [line[1:]]
    assert [type(each.default) for each in found] == [type(line[1])]


def with_cells(case, *cells):
    book = nbformat.v4.new_notebook()
    for kind, tags, code in cells:
        book.cells.append(getattr(nbformat.v4, f"new_{kind}_cell")(code, metadata={"tags": tags}))
    nbformat.write(book, case.notebooks / "01-x.ipynb")
    return case.notebooks / "01-x.ipynb"


LOWER, UPPER = ("code", ["parameters"], "lower = 1.0"), ("code", ["parameters"], "upper = 2.0")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([LOWER, UPPER], "one cell is tagged parameters, and 2 are"),
        ([LOWER, LOWER], "one cell is tagged parameters, and 2 are"),
        ([("raw", ["parameters"], "x = 1.0")], "must be a code cell: got a raw cell"),
        ([("markdown", ["parameters"], "x = 1.0")], "must be a code cell: got a markdown cell"),
        ([LOWER, ("code", [], "1"), ("code", [], "# Parameters\nlower = 9.0")], "got lower = 9.0"),
        ([LOWER, ("code", [], "%time 1"), ("code", [], "lower: float = -9")], "got lower: float = -9"),
        ([("code", ["parameters"], "%matplotlib inline\nx = 1")], "is not Python: invalid syntax: %matplotlib inline"),
        ([("code", ["parameters"], "x: float")], "and nothing else: got x: float"),
        ([("code", ["parameters"], "x = y = 1")], "and nothing else: got x = y = 1"),
        ([("code", ["parameters"], "x = " + "(" * 9999)], "the parameters cell is not Python"),
        ([("code", ["parameters"], "x = '\0'")], "the parameters cell is not Python"),
    ],
)
def test_a_notebook_whose_parameters_could_be_another_thing_than_what_runs_is_refused(copied_case, cells, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        parameters.read(with_cells(copied_case, *cells))


SET_AGAIN = [  # a later cell, and what is said of it
    ("lower, y = 2.0, 3", "lower, y = (2.0, 3)"),
    ("y = lower = 2.0", "y = lower = 2.0"),
    ("if 1:\n    with f():\n        lower = None", "lower = None"),
    ("for lower in (1, 2): pass", "for lower in (1, 2)"),
    ("for i, (lower, _) in [(1, (2, 3))]: pass", "for (i, (lower, _)) in [(1, (2, 3))]"),
    ("print(lower := 60 * 60)", "(lower := (60 * 60))"),
    ("globals()['lower'] = -2", "globals()['lower'] = -2"),
    ("lower = float('2')", "lower = float('2')"),
    ("%matplotlib inline\nlower = 2.0", "lower = 2.0"),
    ("files = !ls\nhelp?\n  \nlower = [2]", "lower = [2]"),
    ("%%time\nlower = 2.0", "lower = 2.0"),
    ("%time lower = 2.0", "lower = 2.0"),
]


@pytest.mark.parametrize(("later", "told"), SET_AGAIN)
def test_a_later_cell_that_sets_a_parameter_is_refused_however_it_does(copied_case, later, told):
    with pytest.raises(ValueError, match=re.escape(f"would not say what ran: got {told}")):
        parameters.read(with_cells(copied_case, LOWER, ("code", [], later)))


GOES_ON = ["lower += 1", "lower = 2.0 if lower > 5 else lower", "[lower for lower in (1, 2)]", "f(lower=2.0)"]


@pytest.mark.parametrize("later", [*GOES_ON, "%%bash\nlower=2", "%%writefile a.py\nlower = 2", "x = lower = f()"])
def test_a_later_cell_that_computes_or_sets_nothing_is_its_authors_business(copied_case, later):
    assert list(parameters.read(with_cells(copied_case, LOWER, ("code", [], later))).parameters) == ["lower"]


def test_a_parameter_may_be_computed_anew_and_set_within_a_function(copied_case):
    later = [("code", [], "lower = lower * 2"), ("code", [], "def f():\n    lower = 3"), ("code", [], "lower2 = 1")]
    assert list(parameters.read(with_cells(copied_case, LOWER, *later)).parameters) == ["lower"]


def test_what_an_earlier_run_had_put_in_is_left_out(copied_case):
    path = with_cells(copied_case, ("code", ["injected-parameters"], "lower = 9.0"), LOWER, ("code", [], "lower"))
    book = nbformat.read(path, 4)
    book.cells.append(nbformat.v4.new_markdown_cell("run with 9", id="variant", metadata={"tags": ["variant"]}))
    nbformat.write(book, path)
    read = parameters.read(path)
    assert read.left_over == 2 and read.remark == "2 cells that an earlier run had put in, left out"
    assert read.defaults() == {"lower": 1.0}


ODD = {  # what may stand in a cell's metadata, and how many parameters there are then; None where it is no notebook
    '"tags": null': 0,
    '"tags": "parameters"': 1,
    '"tags": [null, 3, {}, "parameters"]': 1,
    '"tags": {"parameters": 1}': 0,
    '"tags": "other, parameters"': 1,
    '"tags": ["parameters", "parameters"]': 1,
    '"collapsed": "maybe"': None,
}


@pytest.mark.parametrize("metadata", ODD)
def test_odd_tags_are_none_and_other_oddities_a_reason(copied_case, metadata):
    path = notebook(copied_case, "01-x", "a = 1")
    content = json.loads(path.read_text())
    content["cells"][1]["metadata"] = json.loads(f"{{{metadata}}}")
    path.write_text(json.dumps(content))
    book = parameters.select([], copied_case)[0]
    assert bool(book.unusable) == (ODD[metadata] is None) and len(book.parameters) == (ODD[metadata] or 0)


@pytest.mark.parametrize("top", ["{}", '{"kernelspec": null, "casestudy": [1]}'])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_odd_metadata_and_a_byte_order_mark_are_no_hindrance(copied_case, top, mark):
    cell = '{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["a = 1"]}'
    content = f'{mark}{{"cells": [{cell}], "metadata": {top}, "nbformat": 4, "nbformat_minor": 5}}'
    (copied_case.notebooks / "01-x.ipynb").write_text(content, encoding="utf-8")
    assert parameters.select(["01"], copied_case)[0].defaults() == {"a": 1}


@pytest.mark.parametrize(
    "about", ['{"kernelspec": {"name": "ir", "language": "R"}}', '{"language_info": {"name": "julia"}}']
)
def test_a_notebook_in_another_language_is_refused(copied_case, about):
    content = f'{{"cells": [], "metadata": {about}, "nbformat": 4, "nbformat_minor": 5}}'
    (copied_case.notebooks / "01-x.ipynb").write_text(content)
    with pytest.raises(ValueError, match=r"01-x: a notebook here must be in Python: its metadata say (R|julia)$"):
        parameters.select(["01"], copied_case)


@pytest.mark.parametrize("id", ["a b/ü", "", "a" * 65, None, 3])
def test_a_cell_whose_id_is_none_gets_another(copied_case, id):
    path = notebook(copied_case, "01-x", "a = 1")
    content = json.loads(path.read_text())
    content["cells"][1]["id"] = id
    path.write_text(json.dumps(content))
    assert parameters.read(path).defaults() == {"a": 1}


def test_a_notebook_of_version_3_is_read(copied_case):
    title = {"cell_type": "heading", "level": 1, "source": ["How many?"], "metadata": {}}
    given = {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python", "outputs": []}
    sheet = {"cells": [title, given | {"metadata": {"tags": ["parameters"]}}]}
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}
    (copied_case.notebooks / "01-x.ipynb").write_text(json.dumps(content))
    read = parameters.read(copied_case.notebooks / "01-x.ipynb")
    assert read.question == "How many?" and read.defaults() == {"a": 1, "b": 2}


@pytest.mark.parametrize("cell", ["if 1:\n    a = 1", "a = [" + "1, " * 5000 + "]", "x = " + "(" * 9999])
def test_a_refusal_of_a_parameters_cell_is_one_short_line(copied_case, cell):
    book = parameters._read_or_why(notebook(copied_case, "01-x", cell))
    assert book.unusable and "\n" not in book.unusable and len(book.unusable) < 200


NONE = b'{"cells": [], "metadata": null, "nbformat": 4, "nbformat_minor": 5}'


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"nbformat": 4, "cells": [1]}', b"[" * 99999, NONE]
)
def test_one_notebook_that_cannot_be_read_hinders_no_other(copied_case, content, monkeypatch, capsys):
    notebook(copied_case, "01-good", "seed = 1  # none; 0..9; ours")
    (copied_case.notebooks / "02-bad.ipynb").write_bytes(content)
    monkeypatch.setenv("CASESTUDY_CASE", str(copied_case.root))
    monkeypatch.setattr("sys.argv", ["casestudy", "list"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr().out
    assert ended.value.code == 0 and "seed" in out and "02-bad cannot be run: not a readable notebook" in out
    with pytest.raises(ValueError, match=r"02-bad: not a readable notebook: .+") as told:
        parameters.select(["02"], copied_case)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[01-growth]\nseed = 2\n[01]\nseed = 3", "two tables for 01-growth"),
        (b"['']\na = 1", "must not be empty"),
        (b"k = " + b"[" * 3000, "is not a TOML file"),
        (b"seed = ", "is not a TOML file"),
        (b"\xff\xfe", "is not a TOML file"),
        (b"[07-x]\na=1", "no notebook '07-x'"),
    ],
)
def test_a_parameter_file_that_cannot_be_used_is_refused(copied_case, tmp_path, content, told):
    notebook(copied_case, "01-growth", "seed = 1  # none; 0..9; ours")
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=told):
        parameters.from_file(file, parameters.select([], copied_case), copied_case)


def test_a_parameter_cannot_take_the_place_of_a_column_of_the_results(copied_case):
    path = notebook(copied_case, "01-x", "ours = 1.0  # heads; 0..9; 004 p11")
    with pytest.raises(ValueError, match=r"results\.csv has a column 'ours' already"):
        parameters.read(path)


def test_a_glance_at_a_notebook_sees_what_the_whole_reading_sees():
    for path in parameters.files(built_in()):
        assert read_plain(path.read_bytes()) is not None
        (seen, left_over), (whole, whole_left_over) = source.glance(path), source.load(path)
        cells = [[(cell.cell_type, cell.source, source.tags(cell)) for cell in each.cells] for each in (seen, whole)]
        assert cells[0] == cells[1] and left_over == whole_left_over
        assert seen.metadata.get("casestudy") == whole.metadata.get("casestudy")


CELL = {"cell_type": "code", "id": "a", "metadata": {}, "source": ["x", "\n"], "outputs": [], "execution_count": None}
TODAY = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize(
    "notebook",
    [
        TODAY | {"nbformat_minor": 4},
        TODAY | {"nbformat": 4.0},
        TODAY | {"worksheets": []},
        TODAY | {"metadata": {"authors": 3}},
        TODAY | {"metadata": {"kernelspec": {"name": 3}}},
        TODAY | {"cells": [CELL, CELL]},
        TODAY | {"cells": [CELL | {"source": [3]}]},
        TODAY | {"cells": [CELL | {"metadata": {"collapsed": 3}}]},
        TODAY | {"cells": [CELL | {"outputs": [{"output_type": "stream", "text": [3]}]}]},
        TODAY | {"cells": [CELL | {"cell_type": "heading"}]},
        [TODAY],
    ],
)
def test_what_is_not_plainly_a_notebook_of_today_is_left_to_the_library(notebook):
    assert read_plain(json.dumps(TODAY).encode()).cells[0].source == "x\n"
    assert read_plain(json.dumps(notebook).encode()) is None
