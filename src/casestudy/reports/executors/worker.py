"""What a worker does: run one notebook and hand back its finished files. It writes nothing that lasts."""

import os
import re
import shutil
import tempfile
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from casestudy import variant
from casestudy.case import Case
from casestudy.reports.executors import cells
from casestudy.reports.executors.task import FIGURES, lay_out, one_line, variables
from casestudy.reports.sets import source, table
from casestudy.reports.sets.outcome import LONGEST, Outcome, ParameterSet, Shelf
from casestudy.reports.shared.needs import named
from casestudy.reports.shared.state import Begun

if TYPE_CHECKING:
    from casestudy.reports.pages.notes import Note


def execute(
    asked: ParameterSet, root: str, shelf: Shelf | None, seconds: float = LONGEST, begun: Begun | None = None
) -> tuple[Outcome, dict[str, bytes]]:
    """Run one notebook of the case in `root`: what came of it, and its files by name.

    `NN-name.ipynb` (with the traceback where a cell failed), `figures/NN-name.png`, `.svg` and `.txt` where it has a
    signature figure and, where all went well, `NN-name.html`, which lies on `shelf`; without one, no page.
    seconds: how long its cells may take; then the kernel is ended with all that it started. begun: the state that has
    run the first cells.
    """
    from casestudy.reports.pages import document  # here, since a batch's parent only names this function
    from casestudy.reports.pages.pictures import Pictures, written
    from casestudy.reports.pages.promises import promises

    case, stem, begin = Case(Path(root)), asked.notebook.stem, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="case-", ignore_cleanup_errors=True) as folder:
        cwd, drawn, _ = lay_out(Path(folder), case)
        os.environ |= variables(Path(folder), root)
        notebook, error = _run_cells(asked, case, cwd, seconds, begun)
        figures = [path for kind in FIGURES if (path := drawn / f"{stem}.{kind}").is_file()]
        files = {f"figures/{path.name}": path.read_bytes() for path in figures}
        pictures = Pictures(folder=case.notebooks, written=written(notebook, cwd))
    if notebook is None:
        return Outcome(asked, error=error), {}
    document.mark_variant(notebook, asked)
    files[f"{stem}.ipynb"] = nbformat.writes(notebook).encode() + b"\n"
    seconds, figure = round(time.monotonic() - begin, 1), f"figures/{stem}.png" in files
    shared = len(begun.ran) if begun else 0
    outcome = Outcome(asked, seconds=seconds, error=error, figure=figure, copy=True, shared=shared)
    if error:
        return outcome, files
    try:
        cited = _citations(case, case.claims.stat().st_mtime_ns)
        rows, alt = table.recorded(notebook), document.signature_alt(notebook)
        found = replace(outcome, rows=rows, alt=alt, answer=document.answer(notebook, cited, pictures))
        if shelf is not None:
            beside = [name for name in files if not name.endswith(".txt")]
            place = document.Place(stem, shelf, beside)
            page = document.document(notebook, asked.notebook.question, cited, place, pictures)
            if broken := promises(page):
                return replace(outcome, error=f"ran, but its page {broken[0]}"), files
            files[f"{stem}.html"] = page.encode()
    except Exception as failure:
        return replace(outcome, error=f"ran, but no page could be made: {one_line(failure)}"), files
    return found, files


def _forget(notebook: nbformat.NotebookNode, folders: list[str]) -> None:
    """Take out of warnings and tracebacks, in place, where this run's files lay: no two runs have the same folder."""
    places = "|".join(map(re.escape, folders))
    ours = re.compile(rf"(?:{places})" + r"[/\\](work[/\\]|tmp[/\\]ipykernel_\d+[/\\]\d+\.py)")

    def forgotten(text: str) -> str:
        return ours.sub(lambda match: "" if match[1].startswith("work") else "<cell>", text)

    for output in table.outputs(notebook):
        if output.output_type == "error":
            output.traceback = [forgotten(line) for line in output.traceback]
        elif output.output_type == "stream" and output.name == "stderr":
            output.text = forgotten(output.text)


@lru_cache(maxsize=1)
def _citations(case: Case, written: int) -> "dict[str, Note]":
    """Worked out once a worker; written: when the claims were, since a cluster's worker outlives a batch."""
    from casestudy.reports.pages import document

    return document.citations(case)


def _run_cells(
    asked: ParameterSet, case: Case, cwd: Path, seconds: float, begun: Begun | None
) -> tuple[nbformat.NotebookNode | None, str]:
    """The executed notebook, and one line that says what stopped it, or nothing."""
    try:
        notebook, _ = source.load(case.notebooks / asked.notebook.path.name)
        if asked.changed:
            notebook = source.put_in(notebook, asked.changed)
    except source.Unreadable as why:
        return None, str(why)
    drawn = cwd.parent / "figures"
    if begun:
        shutil.copytree(begun.figures, drawn, dirs_exist_ok=True)
    variant.announce(drawn, asked.changed, named(notebook.cells, list(asked.changed)))
    error = cells.run(notebook, str(cwd), asked.values, seconds, begun)
    _forget(notebook, [str(cwd.parent), *([begun.folder] if begun else [])])
    return notebook, error
