"""The second case, in `examples/`: it says what its README tells, its notebook runs, its set teaches."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

from casestudy import claims, variant
from casestudy.case import VARIABLE, open_case
from casestudy.check import check
from casestudy.claims.reading import Reading
from casestudy.classroom.authoring import build
from casestudy.classroom.sets import source

ROOT = Path(__file__).parents[1] / "examples" / "childbed-fever"


@pytest.fixture(autouse=True)
def childbed_fever(monkeypatch):
    monkeypatch.setenv(VARIABLE, str(ROOT))


def test_nothing_is_wrong_with_the_second_case():
    assert [str(fault) for fault in check(open_case())] == []


def test_the_readme_of_the_second_case_tells_its_verdicts():
    told = re.findall(r"^\| ([a-z ]+) \| (\d+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    assert {word: int(count) for word, count in told} == claims.verdicts()["verdict"].value_counts().to_dict()


def test_the_readme_tells_how_many_tests_are_survived_if_rounded_and_if_cut():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    words = [claims.verdicts(reading=Reading(rounding=kind))["arithmetic"] for kind in ("nearest", "cut")]
    survived, failed = ([int((each == word).sum()) for each in words] for word in ("holds", "fails"))
    assert f"Of {len(words[0])} claims {survived[0] + failed[0]} were put to a test" in text
    assert f"rounded, {survived[0]} survive. If all were cut, {survived[1]} do." in text


def test_the_printed_total_fails_and_the_sums_of_the_years_hold():
    judged = claims.verdicts()["arithmetic"]
    assert judged["si_second_total"] == "fails"
    assert set(judged.filter(regex="total_(cases|deaths)")) == {"holds"}


def test_its_notebook_runs_and_its_sentences_hold(tmp_path, monkeypatch):
    monkeypatch.setenv(variant.FOLDER, str(tmp_path))  # a run, in which sentences are held to their numbers
    monkeypatch.syspath_prepend(str(ROOT / "notebooks"))
    cells = nbformat.read(ROOT / "notebooks" / "01-printed-rates.ipynb", 4).cells
    names: dict = {}
    for cell in cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert (tmp_path / "01-printed-rates.txt").read_text(encoding="utf-8").startswith("Printed 3.38, counted 3.88")
    sys.modules.pop("rates", None)


def test_its_notebook_is_committed_as_it_ran():
    cells = nbformat.read(ROOT / "notebooks" / "01-printed-rates.ipynb", 4).cells
    counts = [cell.execution_count for cell in cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_its_set_is_good_on_five_seeds():
    assert build.problems(source.open_set("01"), seeds=5) == []
