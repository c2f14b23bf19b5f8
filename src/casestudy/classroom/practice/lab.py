"""Open the practice sets in JupyterLab: copies in a folder of the reader's, never over their own work."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat

from casestudy.case import Case, open_case
from casestudy.refusals import Refusal, file_access

START = "start.ipynb"
NEWS = "@jupyterlab/apputils-extension:announcements"


def copy_practice(folder: Path, case: Case | None = None) -> list[Path]:
    """Copy the practice sets and a start page; a file that stands there already is left as it is."""
    sets = sorted((case or open_case()).exercises.glob("[0-9][0-9]-*/[0-9][0-9]-*.ipynb"))
    if not sets:
        raise Refusal("there are no practice copies: run make exercises first")
    with file_access(f"write to {folder}", "name another folder"):
        folder.mkdir(parents=True, exist_ok=True)
        for path in sets:
            if not (folder / path.name).exists():
                shutil.copyfile(path, folder / path.name)
        if not (folder / START).exists():
            nbformat.write(_start(sets), folder / START)
    return [folder / path.name for path in sets]


def _start(sets: list[Path]) -> nbformat.NotebookNode:
    titles = []
    for path in sets:
        first = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].lstrip("# ")
        titles.append(f"- [{first}]({path.name})")
    words = (
        "# Where do you want to begin?\n\n"
        + "\n".join(titles)
        + "\n\nOpen one and go from top to bottom: guess first, fill in what stands as three dots, and run its check "
        "(Shift and Enter run a cell). Hints come one at a time. Nothing leaves this computer; nothing here is graded."
    )
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    cell = nbformat.v4.new_markdown_cell(words)
    cell["id"] = "start"
    return nbformat.v4.new_notebook(cells=[cell], metadata=metadata)


def command(folder: Path, *further: str) -> list[str]:
    """What starts JupyterLab on the start page."""
    page = f"--LabApp.default_url=/lab/tree/{START}"
    return [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}", page, *further]


def environment() -> tuple[dict[str, str], tempfile.TemporaryDirectory]:
    """The environment without the news pop-up, and the folder that says so, to be kept while the server runs."""
    settings = tempfile.TemporaryDirectory(prefix="case-lab-")
    config = Path(settings.name, "labconfig")
    config.mkdir()
    (config / "page_config.json").write_text(json.dumps({"disabledExtensions": {NEWS: True}}), encoding="utf-8")
    path = os.pathsep.join(filter(None, (settings.name, os.environ.get("JUPYTER_CONFIG_PATH"))))
    return os.environ | {"JUPYTER_CONFIG_PATH": path}, settings
