"""A forked kernel and an ordinary one show the same: every notebook's text, tables and figures."""

import sys
import warnings

import nbformat
import pytest

from casestudy.case import open_case
from casestudy.reports import parameters
from casestudy.reports.run import run, strip_volatile

STEMS = [path.stem for path in sorted(open_case().notebooks.glob("[0-9][0-9]-*.ipynb"))]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """All notebooks run by forked kernels, and by ordinary ones."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        if sys.platform == "linux":
            warnings.simplefilter("error", RuntimeWarning)  # that kernels start cold
        folders = []
        for cold in ("", "1"):
            patch.setenv("CASESTUDY_COLD", cold)
            folders.append(tmp_path_factory.mktemp("cold" if cold else "warm"))
            reports = run(parameters.select([], open_case()), {}, folders[-1])
            assert {report.notebook.stem: report.error for report in reports if report.error} == {}
    return folders


@pytest.mark.parametrize("stem", STEMS)
def test_a_forked_kernel_shows_what_an_ordinary_one_does(folders, stem):
    warm, cold = (nbformat.read(folder / f"{stem}.ipynb", 4) for folder in folders)
    for notebook in (warm, cold):
        strip_volatile(notebook)  # times of execution
    assert len(warm.cells) == len(cold.cells)
    for forked, ordinary in zip(warm.cells, cold.cells, strict=True):
        assert forked == ordinary, f"{forked.source}\n{forked.get('outputs')}\n{ordinary.get('outputs')}"


def test_signature_figures_are_the_same_to_the_pixel(folders):
    warm, cold = ({path.name: path.read_bytes() for path in (folder / "figures").glob("*.png")} for folder in folders)
    assert len(warm) == len(STEMS) and warm == cold
