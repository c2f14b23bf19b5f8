"""Open notebooks and practice sets in JupyterLab: copies in a folder of the reader's, never over their own work."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat

from casestudy.case import VARIABLE, Case, open_case, refuse_the_installed
from casestudy.classroom.practice.glance import EXERCISES, NOTEBOOKS, overview
from casestudy.refusals import Refusal, file_access

START = "start.ipynb"
CALL = "from casestudy.classroom import overview\n\noverview()"
IDS = ["start", "sets"]  # of the start page's cells
NEWS = "@jupyterlab/apputils-extension:announcements"
WORDS = """# Where do you want to begin?

Each row is one notebook to read and one set to practise on. Open a set and go from top to bottom: guess first, fill in
what stands as three dots, and run its check (Shift and Enter run a cell). Hints come one at a time. All of it is your
own copy: change what you like. Nothing leaves this computer, and nothing here is graded.

What you have done stands in the table. Run its cell (click it, Shift and Enter) to bring it up to date."""


def copy_practice(folder: Path, case: Case | None = None) -> list[Path]:
    """Copy notebooks and practice sets, and write a start page; what stands there already is left as it is."""
    opened = case or open_case()
    sets = sorted(opened.exercises.glob("[0-9][0-9]-*/[0-9][0-9]-*.ipynb"))
    if not sets:
        raise Refusal(f"there are no practice copies in {opened.exercises}: write them with exercises build --all")
    refuse_the_installed(folder)
    to = {path: folder / EXERCISES / path.parent.name / path.name for path in sets}
    read = [*opened.notebooks.glob("[0-9][0-9]-*.ipynb"), *(path for path in opened.beside() if path.is_file())]
    to |= {path: folder / NOTEBOOKS / path.relative_to(opened.notebooks) for path in sorted(read)}
    with file_access(f"write to {folder}", "name another folder"):
        for path, copy in to.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.exists():
                shutil.copyfile(path, copy)
        if _is_ours(folder / START):
            nbformat.write(_start(folder), folder / START)
    return [to[path] for path in sets]


def _is_ours(page: Path) -> bool:
    """Whether a start page is missing, or as we wrote it but for its outputs."""
    if not page.exists():
        return True
    try:
        cells = nbformat.read(page, as_version=4).cells
        return [cell.get("id") for cell in cells] == IDS and [cell.source for cell in cells] == [WORDS, CALL]
    except Exception:  # nbformat raises many kinds; whatever it is, it is not ours
        return False


def _start(folder: Path) -> nbformat.NotebookNode:
    """The start page, with how far one has come now below its call."""
    shown = overview(folder)
    data = {"text/markdown": shown._repr_markdown_(), "text/plain": repr(shown)}
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    folded = {"jupyter": {"source_hidden": True}}
    cells = [
        nbformat.v4.new_markdown_cell(WORDS, id=IDS[0]),
        nbformat.v4.new_code_cell(CALL, id=IDS[1], outputs=[output], execution_count=1, metadata=folded),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def command(folder: Path, *further: str) -> list[str]:
    """What starts JupyterLab on the start page."""
    page = f"--LabApp.default_url=/lab/tree/{START}"
    return [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}", page, *further]


def environment() -> tuple[dict[str, str], tempfile.TemporaryDirectory]:
    """The environment with the case whose copies are read and without the news pop-up.

    And the folder that says so, to be kept while the server runs.
    """
    settings = tempfile.TemporaryDirectory(prefix="case-lab-")
    config = Path(settings.name, "labconfig")
    config.mkdir()
    (config / "page_config.json").write_text(json.dumps({"disabledExtensions": {NEWS: True}}), encoding="utf-8")
    path = os.pathsep.join(filter(None, (settings.name, os.environ.get("JUPYTER_CONFIG_PATH"))))
    return os.environ | {"JUPYTER_CONFIG_PATH": path, VARIABLE: str(open_case().root)}, settings
