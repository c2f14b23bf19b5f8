"""The committed notebooks: as run, readable, treating their claims, and running with other parameters."""

import ast
import html
import json
import re

import nbformat
import pytest

from casestudy import claims, data
from casestudy.case import open_case
from casestudy.plots import LAYERS
from casestudy.reports.run import run
from casestudy.reports.sets import parameters, table

PATHS = sorted(open_case().notebooks.glob("*.ipynb"))
BOOKS = [parameters.read(path) for path in PATHS]
MAX_LINES = 15
every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


def outputs(path):
    return table.outputs(nbformat.read(path, 4))


def rows(path):
    return table.recorded(nbformat.read(path, 4))


def alts(path):
    pictures = "".join(
        output.data["text/html"] for output in outputs(path) if "<img" in output.get("data", {}).get("text/html", "")
    )
    return [html.unescape(alt) for alt in re.findall(r'<img alt="([^"]*)"', pictures)]


@every_notebook
def test_committed_as_run_top_to_bottom(path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1)), "nbval compares nothing in a cell without a count: make notebooks"


@every_notebook
def test_no_output_is_an_error_a_warning_or_volatile(path):
    assert not [output for output in outputs(path) if output.output_type in ("error", "stream")]
    assert not re.search(r" at 0x|np\.float64|/tmp/|/home/", path.read_text(encoding="utf-8"))


@every_notebook
def test_code_cells_are_short_hide_nothing_and_infer_nothing_from_exact_data(path):
    sources = [cell.source for cell in cells(path, "code")]
    assert max(len([line for line in source.splitlines() if line.strip()]) for source in sources) <= MAX_LINES
    tree = [node for source in sources for node in ast.walk(ast.parse(source))]
    assert not [node for node in tree if isinstance(node, ast.Try | ast.While | ast.Global | ast.ClassDef)]
    assert not re.search(r"filterwarnings|exact=True|^[!%]", "\n".join(sources), flags=re.M)


@every_notebook
def test_question_then_answer_then_sections_that_name_their_layer(path):
    first = cells(path, "markdown")[0].source.split("\n\n")
    assert first[0].startswith("# ") and first[0].endswith("?") and len(first) == 2
    headings = re.findall(r"^## (.+)$", "\n".join(cell.source for cell in cells(path, "markdown")), flags=re.M)
    layer = rf"\*({'|'.join(LAYERS)})(?:, if [^*]+)?\*"  # `Implied, if rates stay`: an assumption of ours is in it
    layered = [heading for heading in headings if re.search(rf"· {layer}(, [a-z ]+ {layer})?$", heading)]
    assert {name for heading in layered for name in re.findall(layer, heading)} == set(LAYERS)
    plain = [heading for heading in headings if heading not in layered]
    wanted = ["What the case prints, what we get", "What this does not show", "Sources"]
    assert [heading for heading in plain if heading != "Going further"] == wanted


@every_notebook
def test_every_figure_has_words_of_its_own_and_one_is_the_signature(path):
    told = alts(path)
    assert len(told) >= 3 and len(set(told)) == len(told) and min(map(len, told)) >= 40
    assert [output.metadata["signature"] for output in outputs(path) if "signature" in output.get("metadata", {})] == [
        path.stem
    ]


def test_no_two_figures_share_their_words():
    told = [alt for path in PATHS for alt in alts(path)]
    assert len(set(told)) == len(told)


def test_every_system_is_treated_in_the_section_that_the_map_names():
    for system in data.table("systems").to_dict("records"):
        path = open_case().notebooks / f"{system['notebook']}.ipynb"
        words = "\n".join(cell.source for cell in cells(path, "markdown"))
        assert re.search(rf"^##+ {re.escape(system['section'])}( · .+)?$", words, re.M), system["id"]


def test_every_page_counts_the_tests_of_the_register():
    """What the notebooks record as tests, all together, is the register's own tally: same ids, outcomes, severities."""
    recorded = [row for path in PATHS for row in rows(path) if row["test"]]
    tally = claims.tally()
    known = dict.fromkeys(tally.survived, True) | dict.fromkeys(tally.failed, False)
    assert {row["test"]: row["agrees"] for row in recorded} == known
    for row in recorded:
        if row["claim"] == row["test"]:
            assert row["severity"] == pytest.approx((tally.survived | tally.failed)[row["test"]], rel=1e-5), row[
                "claim"
            ]


def test_the_audit_shows_both_questions_as_the_register_answers_them():
    """In the table that a reader sees: one line an outcome of the arithmetic, clear and unclear."""
    counted = claims.load().join(claims.verdicts()).groupby(["arithmetic", claims.load()["missing"].notna()]).size()
    audit = outputs(open_case().notebooks / "09-the-audit.ipynb")
    shown = "\n".join(output.data["text/plain"] for output in audit if "data" in output)
    for word in counted.index.unique(0):
        assert re.search(rf"^{word} +{counted.get((word, False), 0)} +{counted.get((word, True), 0)}$", shown, re.M), (
            word
        )


def test_scaled_prints_flip_the_rows_that_agreed(edit_claim):
    """Nothing on the tests is wired to agree: print twice the figure and the row no longer does."""
    agreeing = [row for path in PATHS for row in rows(path) if row["agrees"]]
    assert agreeing
    for row in agreeing:
        for column in ("value", "low", "high"):
            printed = claims.claim(row["claim"])[column]
            case = edit_claim(row["claim"], column, "" if printed != printed else 2 * printed)
        ours = row["ours"] if row["ours"] is not None else (row["ours_low"], row["ours_high"])
        assert claims.compare(derived={row["claim"]: ours}, case=case).rows()[0]["agrees"] is False, row["claim"]


def corner(book, end):
    """Every parameter at the low (0) or high (1) end of its range; a choice at its first or last word."""
    values = {}
    for parameter in book.parameters.values():
        if "|" in parameter.allowed:
            ends = parameter.allowed.split("|")
        else:
            ends = [parameter.default] if isinstance(parameter.default, str) else parameter.ends
        values[parameter.name] = type(parameter.default)(ends[-end])
    return book.check(values)


@pytest.mark.slow
@pytest.mark.parametrize("end", [0, 1], ids=["low corner", "high corner"])
def test_every_notebook_runs_at_the_corners_of_its_ranges(end, tmp_path):
    outcomes = run(BOOKS, {book.stem: corner(book, end) for book in BOOKS}, tmp_path)
    assert {outcome.asked.notebook.stem: outcome.error for outcome in outcomes if outcome.error} == {}


@every_notebook
def test_no_committed_output_tells_the_time(path):
    assert not re.search(r"\b\d\d:\d\d:\d\d\b", json.dumps(outputs(path)))
