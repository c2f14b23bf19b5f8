"""A forked kernel and an ordinary one show the same: every notebook's text, tables and figures."""

import nbformat
import pytest

from casestudy.case import open_case
from casestudy.reports.run import run, strip_volatile
from casestudy.reports.sets import parameters

pytestmark = pytest.mark.slow
STEMS = [path.stem for path in sorted(open_case().notebooks.glob("[0-9][0-9]-*.ipynb"))]


@pytest.fixture(scope="module")
def folders(reports, tmp_path_factory):
    """All notebooks run by forked kernels, and by ordinary ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASESTUDY_COLD", "1")
        cold = tmp_path_factory.mktemp("cold")
        outcomes = run(parameters.select([], open_case()), {}, cold)
    assert {outcome.asked.notebook.stem: outcome.error for outcome in outcomes if outcome.error} == {}
    return reports, cold


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
