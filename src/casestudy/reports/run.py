"""Run notebooks with parameters, several at once, each to a report that appears whole or not at all."""

import itertools
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from casestudy import data
from casestudy.case import Case, open_case, refuse_the_installed
from casestudy.refusals import Refusal, file_access
from casestudy.reports.batch import Batch
from casestudy.reports.executors.local import Local, usual
from casestudy.reports.executors.task import FIGURES, one_line
from casestudy.reports.sets import modules, table
from casestudy.reports.sets.fingerprint import Unchanged, ingredients
from casestudy.reports.sets.outcome import LONGEST, Outcome, ParameterSet, Shelf
from casestudy.reports.sets.parameters import Notebook, select
from casestudy.reports.sets.provenance import described, meanwhile, stamped
from casestudy.staging import staging, whole

if TYPE_CHECKING:
    from nbformat import NotebookNode

SUMMARIES = ("index.html", "claims.html", "results.csv", "run.json")


def apart(out: Path, case: Case) -> None:
    """Refuse a folder for results that lies among what the results are made of."""
    if own := next((own for own in (case.notebooks, case.data) if out.resolve().is_relative_to(own.resolve())), None):
        raise Refusal(f"{out} lies in the case's own {own.name}; name another folder with --out")


def run(
    notebooks: list[Notebook],
    values: Mapping[str, Mapping[str, object]],
    out: Path,
    workers: int | None = None,
    case: Case | None = None,
    started: Callable[[str], None] = lambda stem: None,
    finished: Callable[[Outcome], None] = lambda outcome: None,
    seconds: float = LONGEST,
) -> list[Outcome]:
    """Run each notebook with its values and write reports, index, results and figures into `out`.

    values: by notebook stem; all are checked before anything runs or is written. A notebook that fails leaves its
    executed copy with the traceback, and the others go on; one that is unusable fails with its reason.
    seconds: how long the cells of one may take.
    """
    case = case or open_case()
    apart(out, case)
    modules.refuse_shadows(case)
    data.front(case)  # so that it is refused now, if at all
    sets = [ParameterSet(book, book.defaults() | book.check(values.get(book.stem, {}))) for book in notebooks]
    done: dict[str, Outcome] = {}
    names = [name for asked in sets for name in _names(asked)]
    usable = [asked for asked in sets if not asked.notebook.unusable]
    unusable: list[tuple[Outcome, dict[str, bytes]]] = [
        (Outcome(asked, error=asked.notebook.unusable), {}) for asked in sets if asked.notebook.unusable
    ]
    with (
        staging(out, [*SUMMARIES, *names]) as staged,
        Local(min(workers or usual(), len(sets))) as local,
    ):
        books = [asked.notebook for asked in sets]
        unchanged, made = Unchanged(books, case), ingredients(books, case)
        local.expect((asked.notebook for asked in usable), case)
        made_of = described(made, case)
        shelf = Shelf(beside=tuple((asked.notebook.stem, asked.notebook.question) for asked in usable))
        batch = Batch(local, case, shelf, 1, seconds, lambda asked: started(asked.notebook.stem))
        ran = batch.stream(lambda batch: batch.each(usable))
        for outcome, files in itertools.chain(unusable, ran):
            done[outcome.asked.id] = outcome = _put_in(outcome, files, staged, out)
            finished(outcome)
        ordered = [done[asked.id] for asked in sets]
        with file_access(f"write to {out}"):
            _unlink([outcome for outcome in ordered if outcome.error], ordered, staged, out)
        with file_access(f"read {out}"):
            records = [stamped(outcome, made, _files(outcome.asked, out)) for outcome in ordered]
        made_of |= {"changed_meanwhile": meanwhile(unchanged, case)}
        changed = dict.fromkeys(name for asked in sets for name in asked.changed)
        from casestudy.reports.front import index  # here, with nbconvert, which the workers need first

        pages = index.pages(ordered, case, out)
        with file_access(f"write to {out}"):
            with whole(staged, out, "run.json") as runs, whole(staged, out, "results.csv") as results:
                beside = {name: page.encode() for name, page in pages.items()}
                table.write(results, runs, sorted(records, key=lambda one: one["set"]), changed, made_of, beside)
            for name, page in pages.items():
                with whole(staged, out, name) as file:
                    file.write(page)
    return ordered


def _names(asked: ParameterSet) -> list[str]:
    """The files one report may consist of; a PDF is made of it afterwards, so one that is there is an earlier run's."""
    stem = asked.notebook.stem
    return [f"{stem}.ipynb", f"{stem}.html", f"{stem}.pdf", *(f"figures/{stem}.{kind}" for kind in FIGURES)]


def _files(asked: ParameterSet, out: Path) -> dict[str, bytes]:
    """The files of a report as they stand; its PDF is made later."""
    paths = {name: out / name for name in _names(asked) if not name.endswith(".pdf")}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _put_in(outcome: Outcome, files: Mapping[str, bytes], staged: Path, out: Path) -> Outcome:
    """Put one report's files in place, and take away what an earlier run left of those that it does not have."""
    try:
        for name in _names(outcome.asked):
            if name in files:
                (finished := staged / Path(name).name).write_bytes(files[name])
                os.replace(finished, out / name)
            else:
                (out / name).unlink(missing_ok=True)
    except OSError as error:
        return replace(outcome, error=one_line(error), copy=False)
    return outcome


def _unlink(failed: list[Outcome], outcomes: list[Outcome], staged: Path, out: Path) -> None:
    """Take links to pages that failed off those that are there."""
    from casestudy.reports.pages import document  # here, as the index is

    for outcome in outcomes if failed else ():
        page = f"{outcome.asked.notebook.stem}.html"
        if not outcome.error:
            html = (out / page).read_text(encoding="utf-8")
            for other in failed:
                html = document.without(html, other.asked.notebook.stem)
            with whole(staged, out, page) as file:
                file.write(html)


def refresh(
    case: Case | None = None,
    notebooks: list[Notebook] | None = None,
    finished: Callable[[Outcome], None] = lambda outcome: None,
) -> None:
    """Run notebooks as committed, all unless named, and put them back with outputs, without times and versions."""
    import nbformat  # here, since a batch's parent reads no notebook but these

    case = case or open_case()
    refuse_the_installed(case.notebooks)
    with tempfile.TemporaryDirectory() as folder:
        for outcome in run(notebooks or select([], case), {}, Path(folder), case=case, finished=finished):
            path = outcome.asked.notebook.path
            if outcome.error:
                raise Refusal(f"{path.stem} was not refreshed: {outcome.error}")
            notebook = nbformat.read(Path(folder, path.name), as_version=4)
            strip_volatile(notebook)
            staged = path.with_suffix(".tmp")
            nbformat.write(notebook, staged)
            os.replace(staged, path)


def strip_volatile(notebook: "NotebookNode") -> None:
    """Take out, in place, what differs between two runs of the same notebook: times, papermill's notes, versions."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for name in ("papermill", "execution", "collapsed"):
            cell.metadata.pop(name, None)
        if cell.metadata.get("tags") == []:
            del cell.metadata["tags"]
