"""Reports appear whole or not at all, and say whose numbers they show. Runs two small notebooks of its own."""

import contextlib
import csv
import json
import re
from pathlib import Path

import nbformat
import pytest

from casestudy import cli
from casestudy.case import open_case
from casestudy.claims.comparison import MIME
from casestudy.reports.pages import document
from casestudy.reports.pages.promises import promises
from casestudy.reports.run import run, strip_volatile
from casestudy.reports.sets import parameters
from casestudy.reports.sets.outcome import Shelf

M, C = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell


def small(case, stem, *extra):
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    given = C("heads = 775  # heads; 1..800; 004 p11", metadata={"tags": ["parameters"]})
    told = M("# How many heads?\n\nAs many as printed [claim: cx_agents]. That is $x^2$ no evidence <3.\n\nMore.")
    lines = [C("from casestudy import claims, plots"), given, M("## Heads · *Printed*")]
    lines += [C("claims.compare(derived={'cx_agents': heads, 'cx_rate_2s': 1.0}, restated=['cx_csat_after'])")]
    lines += [
        C(
            "ax = plots.canvas()\nplots.finish(ax, 'Heads are heads', 'Invented')\n"
            f"plots.show(ax, alt='An empty frame in which heads would stand, were there any', signature='{stem}')"
        )
    ]
    book.cells = [told, *lines, *extra]
    nbformat.write(book, case.notebooks / f"{stem}.ipynb")


@pytest.fixture(scope="module")
def batch(tmp_path_factory, copy_of):
    """A good and a failing notebook, run once with the defaults and once with another headcount."""
    case = copy_of(tmp_path_factory.mktemp("case") / "case")
    small(case, "01-good")
    small(case, "02-bad", C("1 / 0"), C("'never reached'"))
    small(case, "03-dead", C("import os\nos._exit(1)"))
    out = tmp_path_factory.mktemp("out")
    books = parameters.select([], case)
    (out / "02-bad.html").write_text("of an earlier success")
    with contextlib.chdir(out.parent):
        reports = run(books, {}, Path(out.name), case=case)  # a relative folder, as on the command line
    changed = run(books[:1], {"01-good": {"heads": 790}}, out / "changed", case=case)
    return out, reports, changed


def test_a_failing_notebook_leaves_its_traceback_and_the_others_go_on(batch):
    out, (good, bad, dead), _ = batch
    assert dead.error == "cell 5: DeadKernelError: Kernel died" and (out / "03-dead.ipynb").exists()
    assert good.error == "" and "ZeroDivisionError: division by zero" in bad.error
    kept = nbformat.read(out / "02-bad.ipynb", 4)
    assert any(output.output_type == "error" for cell in kept.cells for output in cell.get("outputs", []))
    assert not (out / "02-bad.html").exists(), "the page of an earlier success must not stay beside a failure"
    assert "ZeroDivisionError" in (out / "index.html").read_text()


def test_nothing_half_written_is_left(batch):
    out, _, _ = batch
    left = {path.name for path in out.rglob("*") if path.is_file() and "changed" not in path.parts}
    figures = {f"{stem}.{kind}" for stem in ("01-good", "02-bad", "03-dead") for kind in ("png", "svg", "txt")}
    assert (
        left
        == {"index.html", "claims.html", "results.csv", "run.json"}
        | {"01-good.html", "01-good.ipynb", "02-bad.ipynb", "03-dead.ipynb"}
        | figures
    )


def test_results_hold_what_the_page_shows(batch):
    out, (good, *_), _ = batch
    rows = {row["claim"]: row for row in csv.DictReader((out / "results.csv").open())}
    columns = [
        "run",
        "notebook",
        "claim",
        "printed",
        "low",
        "high",
        "ours",
        "ours_low",
        "ours_high",
        "agrees",
        "basis",
        "severity",
        "test",
        "default",
        "unit",
    ]
    assert list(rows["cx_agents"]) == columns
    assert [rows[id]["agrees"] for id in ("cx_agents", "cx_rate_2s", "cx_csat_after")] == ["true", "false", ""]
    [kept] = [one for one in json.loads((out / "run.json").read_text())["runs"] if one["set"] == good.asked.id]
    assert {row["run"] for row in rows.values()} == {kept["run"]} and rows["cx_agents"]["default"] == "true"


def test_only_rows_that_could_have_failed_are_counted(batch):
    out, _, _ = batch
    runs = json.loads((out / "run.json").read_text())["runs"]
    counts = {run["notebook"]: run["tests"] for run in runs}
    assert counts == {"01-good": {"cx_agents": True, "cx_rate_2s": False}, "02-bad": {}, "03-dead": {}}
    assert "1 of 2" in (out / "index.html").read_text()


def test_changed_parameters_are_named_and_nothing_counts_as_a_test(batch):
    out, _, (_changed,) = batch
    page = (out / "changed" / "01-good.html").read_text()
    assert "no longer the articles'" in page and "heads = 790" in page and "instead of <code>775</code>" in page
    assert "no longer the articles'" not in (out / "01-good.html").read_text()
    row = next(csv.DictReader((out / "changed" / "results.csv").open()))
    assert (row["ours"], row["default"], row["heads"]) == ("790", "false", "790")
    assert (row["agrees"], row["test"]) == ("", ""), "the same row agrees where the numbers are the articles'"
    assert json.loads((out / "changed" / "run.json").read_text())["runs"][0]["tests"] == {}
    assert " of 2" not in (out / "changed" / "index.html").read_text()


def test_a_page_needs_no_network_and_reads_without_scripts(batch):
    page = (batch[0] / "01-good.html").read_text()
    assert promises(page) == [] and page.count("<script") == 1
    assert "http" not in page.replace("http://www.w3.org/1998/Math/MathML", "")
    assert "<math" in page and "$x^2$" not in page
    assert '<button type="button" class="claim"' in page and "[claim:" not in page and "004 p11" in page
    assert '<em class="layer printed">Printed</em>' in page


def test_pages_of_a_run_lead_to_each_other_and_to_what_lies_beside_them_but_never_to_a_page_that_failed(batch):
    out, _, _ = batch
    page = (out / "01-good.html").read_text()
    assert '<span class="number">01 ·</span>' in page and "02-bad.html" not in page and "03-dead.html" not in page
    led = ["01-good.ipynb", "results.csv", "figures/01-good.png", "figures/01-good.svg"]
    assert re.findall('<a href="([^"]*)" download>', page) == led and all((out / name).is_file() for name in led)
    shelf = Shelf(beside=(("01-good", "Who?"), ("02-bad", "What?"), ("03-dead", "Why?")))
    book = nbformat.v4.new_notebook(cells=[M("# What?\n\nSee [one](01-good.ipynb) and [nine](09-nine.ipynb).")])
    page = document.document(book, "What?", {}, document.Place("02-bad", shelf))
    assert re.findall('rel="(prev|next)" href="([^"]*)"', page) == 2 * [
        ("prev", "01-good.html"),
        ("next", "03-dead.html"),
    ]
    assert '<a href="01-good.html">one</a> and nine.' in page
    page = document.without(page, "01-good")
    assert "01-good.html" not in page and "See one and nine." in page and "03-dead.html" in page


def test_a_citation_mark_opens_a_note_that_leads_to_the_claim_s_row(batch):
    page = (batch[0] / "01-good.html").read_text()
    opened = re.findall('id="(cite-cx_agents-1)" popovertarget="([^"]*)"', page)
    assert opened == [("cite-cx_agents-1", "note-cx_agents")]
    assert 'id="note-cx_agents" popover' in page and page.count('href="#claim-cx_agents"') == 1
    row = re.search('<li id="claim-cx_agents">(.*?)</li>', page, re.S)[1]
    assert "printed: <strong>750-800</strong>" in row and 'href="#cite-cx_agents-1"' in row


def test_polish_words_are_marked_as_such_and_english_ones_are_not():
    notes = document.citations(open_case())
    polish = next(note for note in notes.values() if note.printed == "grupę")
    untitled = next(note for note in notes.values() if note.place.startswith("003"))
    assert '<strong lang="pl">grupę</strong>' in polish.about and '<cite lang="pl">Ten eksperyment' in polish.source
    assert "<cite>On putting LinkedIn to work" in untitled.source
    book = nbformat.v4.new_notebook(cells=[M("# Who?\n\nThe word is *grupę*, and *group* in English.")])
    page = document.document(book, "Who?", notes)
    assert '<em lang="pl">grupę</em>' in page and "<em>group</em>" in page


def test_a_layer_keeps_its_colour_with_the_premise_beside_it():
    page = document.markdown("## Lost? · *Implied, if drawn by chance*, check *Reported*; *Impliedly*", {})
    assert '<em class="layer implied">Implied, if drawn by chance</em>' in page
    assert '<em class="layer reported">Reported</em>' in page and "<em>Impliedly</em>" in page


def test_a_signature_figure_stands_with_its_finding_for_slides(batch):
    assert (batch[0] / "figures" / "01-good.txt").read_text() == "Heads are heads\n"
    assert (batch[0] / "figures" / "01-good.svg").read_text().lstrip().startswith("<?xml")


def test_what_differs_between_two_runs_is_taken_out(batch):
    book = nbformat.read(batch[0] / "01-good.ipynb", 4)
    strip_volatile(book)
    text = nbformat.writes(book)
    assert "papermill" not in text and "iopub" not in text and '"version"' not in text
    assert [cell.execution_count for cell in book.cells if cell.cell_type == "code"] == [1, 2, 3, 4]


def test_a_refused_run_writes_nothing(batch, tmp_path):
    good = batch[1][0].asked.notebook
    with pytest.raises(ValueError, match=r"heads must be in 1\.\.800"):
        run([good], {good.stem: {"heads": 801}}, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_a_file_is_refused(batch, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match=r"cannot write to .*; name another folder with --out"):
        run([batch[1][0].asked.notebook], {}, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, copy_of):
    """Notebooks that misbehave, run into a folder with braces in its name and what other runs left in it."""
    case = copy_of(tmp_path_factory.mktemp("hostile") / "case")
    small(case, "10-good")
    small(case, "11-saws-off-its-branch", C("import os, shutil\nshutil.rmtree(os.getcwd())"))
    small(case, "12-forges", C(f"display({{{MIME!r}: {{'rows': [{{'claim': 'cx_agents'}}]}}}}, raw=True)"))
    small(case, "13-magic", C("%time 1 + 1"), M("Money: $5 and then $10; and a slip: $\\frac$."))
    small(case, "14-strays", C("plots.show(plots.canvas(), alt='x' * 40, signature='../../../evil')"))
    out = tmp_path_factory.mktemp("out") / "of {x} ł"
    books = parameters.select([], case)
    (out / ".staging-1-mine").mkdir(parents=True)
    (out / ".staging-999999999-left").mkdir()
    return out, {outcome.asked.notebook.stem: outcome for outcome in run(books, {}, out, case=case)}


def test_one_notebook_cannot_take_the_batch_down(hostile):
    out, reports = hostile
    assert [stem for stem, report in reports.items() if report.error] == ["12-forges", "14-strays"]
    well = {"10-good", "11-saws-off-its-branch", "13-magic"}
    assert {row["notebook"] for row in csv.DictReader((out / "results.csv").open())} == well
    assert (out / "index.html").exists() and not list(out.parent.rglob("evil*"))


def test_a_forged_comparison_is_refused_with_its_notebook_only(hostile):
    out, reports = hostile
    assert "must come from claims.compare" in reports["12-forges"].error
    assert not (out / "12-forges.html").exists() and (out / "12-forges.ipynb").exists()


def test_what_only_notebooks_know_and_what_is_no_formula_still_makes_a_page(hostile):
    page = (hostile[0] / "13-magic.html").read_text()
    assert "$5 and then $10" in page and "<summary>Code</summary>" in page
    assert '<code class="tex">\\frac</code>' in page


def test_only_the_folders_of_dead_runs_are_cleared(hostile):
    assert {path.name for path in hostile[0].glob(".staging*")} == {".staging-1-mine"}


# The command line


def casestudy(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["casestudy", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "01", "--set", "sed=1"], "01-users-over-time has no parameter 'sed'; did you mean 'seed'?"),
        (["run", "02", "--set", "csat_after"], "--set takes NAME=VALUE, each name once: got 'csat_after'"),
        (
            ["run", "03", "--set", "agents_high=6000"],
            "03-agents-avoided: agents_high <= expected_low must hold; got agents_high=6000, expected_low=5000",
        ),
        (["run", "05", "--set", "business=7"], "05-five-purposes: business + community + learning + jobs + vanity == "),
        (["run", "--params", "nothing.toml"], "cannot read the parameter file nothing.toml: No such file or directory"),
        (["claims", "--document", "04"], "document must be one of 000, 001, 002, 003, 004: got '04'"),
    ],
)
def test_a_refusal_is_one_line_with_exit_status_2(monkeypatch, capsys, tmp_path, words, told):
    where = ["--out", tmp_path / "out"] if words[0] == "run" else []
    code, streams = casestudy(monkeypatch, capsys, *words, *where)
    assert code == 2 and streams.out == ""
    assert streams.err.startswith(f"casestudy: {told}") and streams.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_register_comes_as_json(monkeypatch, capsys):
    code, streams = casestudy(monkeypatch, capsys, "claims", "--document", "004", "--json")
    assert code == 0 and {row["document"] for row in json.loads(streams.out)} == {"004"}
