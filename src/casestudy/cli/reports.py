"""The commands that run notebooks: `run`, `sweep` and `bench`."""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from casestudy.case import open_case
from casestudy.cli.terminal import complaints, console, harmless, progress, say
from casestudy.refusals import Refusal

if TYPE_CHECKING:
    from casestudy.reports.sets.parameters import Notebook
    from casestudy.reports.sweep import Closing

Pdf = Annotated[bool, typer.Option("--pdf", help="A PDF beside each page; needs the extra `pdf`.")]
INTERRUPTED = 130  # the exit status that shells use
MOST_NAMED = 10  # sets of a tool that show something else; the table counts all

Names = Annotated[list[str] | None, typer.Argument(metavar="NOTEBOOK", help="Stem or unique prefix, such as 02.")]
Seconds = Annotated[
    int | None,
    typer.Option("--timeout", min=1, metavar="SECONDS", help="What the cells of one set may take; default: 3600."),
]
Workers = Annotated[int | None, typer.Option(min=1, help="Notebooks at a time; default: one more than cores.")]


def run(
    notebooks: Names = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter, for every notebook that is run."),
    ] = None,
    params: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Parameters from a file.")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the reports go.")] = Path("build/reports"),
    workers: Workers = None,
    timeout: Seconds = None,
    pdf: Pdf = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Put the outputs into the case's own notebooks, and write no report.")
    ] = False,
) -> None:
    """Run notebooks with parameters and write reports, an index, results and figures."""
    if in_place:
        _put_back(notebooks or [], alone=not (settings or params or pdf or workers or timeout))
        return
    from casestudy.reports.pdf import typeset
    from casestudy.reports.pdf.beside import beside
    from casestudy.reports.run import run
    from casestudy.reports.sets import parameters
    from casestudy.reports.sets.outcome import LONGEST, Outcome

    case, failed = open_case(), 0
    if pdf:
        typeset.required()
    books = parameters.select(notebooks or [], case)
    _remarks(books, [] if notebooks else parameters.misnamed(case))
    values = parameters.from_file(params, books, case) if params else {book.stem: {} for book in books}
    given = set()
    for setting in settings or []:
        name, equals, text = setting.partition("=")
        if not equals or name in given:
            raise Refusal(f"--set takes NAME=VALUE, each name once: got {setting!r}")
        given.add(name)
        for book in (book for book in books if not book.unusable):
            values[book.stem][name] = book.parameter(name).read(text, book.stem)

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with progress(*columns) as bar, _stopping("reports that had finished were kept"):
        task, busy = bar.add_task("", total=len(books)), []

        def started(stem: str) -> None:
            busy.append(stem)
            bar.update(task, description="running " + ", ".join(busy))

        def finished(outcome: Outcome) -> None:
            stem = outcome.asked.notebook.stem
            if stem in busy:  # one that is unusable never was
                busy.remove(stem)
            bar.update(task, advance=1, description="running " + ", ".join(busy))
            say(f"{stem}  {outcome.seconds:.1f} s  {outcome.error or 'ok'}", complaints)

        outcomes = run(books, values, out, workers, case, started, finished, timeout or LONGEST)
        for stem, why in beside(outcomes, out, case) if pdf else ():
            bar.update(task, description=f"{stem}.pdf")
            if why:
                failed += 1
                say(f"{stem}: its page is there, and no PDF could be made of it: {why}", complaints)
    say(f"{out / 'index.html'}")
    raise typer.Exit(code=1 if failed or any(outcome.error for outcome in outcomes) else 0)


def _put_back(notebooks: list[str], alone: bool) -> None:
    """Run notebooks as they stand, and put them back with their outputs."""
    from casestudy.reports.run import refresh
    from casestudy.reports.sets import parameters

    if not alone:
        raise Refusal("--in-place runs notebooks as they stand: give it no other option but --case")
    case = open_case()
    books = parameters.select(notebooks, case)
    refresh(case, books, lambda outcome: say(f"{outcome.asked.notebook.stem}  {outcome.seconds:.1f} s", complaints))
    say(f"{len(books)} notebooks in {case.notebooks} hold their outputs")


def verify(
    path: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run or sweep, or its run.json.")],
    crate: Annotated[
        Path | None, typer.Option("--ro-crate", metavar="FILE.zip", help="Archive it; needs the extra `crate`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What has changed, as JSON.")] = False,
) -> None:
    """What has changed since a run: its data, notebooks, code, libraries, commit, and its own files."""
    from casestudy.reports.verify import crate as crates
    from casestudy.reports.verify.verify import verify

    case = open_case()
    found = verify(path, case)
    if crate:
        crates.write(found, case, crate)
    if as_json:
        print(harmless(json.dumps(found.told(), ensure_ascii=False, indent=1)))
    else:
        for line in [change.line for change in found.changes] + found.untold:
            say(line)
        if found.same:
            say(found.headline)
        if crate:
            say(f"{crate}")
    raise typer.Exit(code=0 if found.same else 1)


def sweep(
    grid: Annotated[Path, typer.Argument(metavar="GRID.toml|SETS.csv", help="Parameter sets.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the sets go; default: build/sweeps/ and the file's name.")
    ] = None,
    workers: Workers = None,
    timeout: Seconds = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave alone what is whole and would come out alike.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Run more than 10,000 sets.")] = False,
    no_html: Annotated[bool, typer.Option("--no-html", help="Leave out the page of each set.")] = False,
    explore: Annotated[
        bool, typer.Option("--explore", help="Write explore.html, too: sliders over the sets; see docs/what-if.")
    ] = False,
    no_share: Annotated[
        bool, typer.Option("--no-share", help="Run every cell for every set, also where sets begin alike.")
    ] = False,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on the dask cluster that is there, not on this machine.")
    ] = None,
) -> None:
    """Run notebooks with every parameter set of a grid."""
    from casestudy.reports.executors.local import Local
    from casestudy.reports.sets import grid as grids
    from casestudy.reports.sets.outcome import LONGEST, Executor, Gone, Outcome, ParameterSet
    from casestudy.reports.sweep import Plan, sweep
    from casestudy.variant import assignments

    case, out = open_case(), out or Path("build/sweeps", grid.stem)
    asked = grids.read(grid, case)
    if asked.count > grids.MOST and not yes:
        raise Refusal(f"{grid} asks for {asked.count:,} sets; more than {grids.MOST:,} are run with --yes only")
    if scheduler and workers:
        raise Refusal("--workers counts this machine's; with --scheduler the cluster's workers are what there is")
    plan = Plan.of(asked)
    if explore:
        from casestudy.reports.whatif import spec  # here, with nbformat, which a sweep alone does without

        wanted = spec.read(asked, case)
    _remarks(plan.notebooks)
    if scheduler:
        from casestudy.reports.executors.cluster import Cluster

        executor: Executor = Cluster(scheduler, plan.notebooks, case, _complain)
    else:
        executor = Local(workers)

    columns = (BarColumn(), MofNCompleteColumn(), _Rate(), TimeElapsedColumn(), TimeRemainingColumn())
    kept = f"sets that had finished stay in {out / 'sets'}; go on with --resume"
    with progress(*columns) as bar, _stopping(kept):
        task = bar.add_task("", total=len(plan.ids), ran=0)

        def whole(asked: ParameterSet) -> None:
            bar.update(task, advance=1)

        def finished(outcome: Outcome) -> None:
            if not outcome.again:
                bar.update(task, advance=1, ran=bar.tasks[task].fields["ran"] + 1)
            if outcome.error:
                asked = outcome.asked
                changed = assignments(asked.changed) or "no change"
                say(f"{asked.id}  {asked.notebook.stem} ({changed})  {outcome.error}", complaints)

        def told(line: str) -> None:
            say(line, complaints)

        try:
            share = asked.share and not no_share
            closing = sweep(
                plan, out, executor, case, resume, not no_html, whole, finished, timeout or LONGEST, share, told
            )
        except Gone as error:
            say(f"casestudy: {error}; {kept}", complaints)
            raise typer.Exit(1) from None
    say(f"{_counts(closing)}: {out / 'index.html'}")
    if explore:
        from casestudy.reports.whatif import page

        say(f"{page.write(wanted, out, case)}")
    raise typer.Exit(code=1 if closing.failed else 0)


def _counts(closing: "Closing") -> str:
    counts = [f"{closing.ok} sets ran", f"{closing.failed} failed"]
    if closing.kept:
        counts.append(f"{closing.kept} were whole already")
    if closing.others:
        counts.append(f"{closing.others} of an earlier grid were left alone and are not in results.csv")
    return ", ".join(counts)


def bench(
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Its path, stem or unique prefix, such as 02.")],
    grid: Annotated[Path, typer.Argument(metavar="GRID.toml|SETS.csv", help="Parameter sets of this notebook.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the table as bench.csv, and all that the tools made.")
    ] = None,
) -> None:
    """What the sets of a grid cost with papermill's own loop and with a sweep, and whether outputs are equal."""
    from casestudy.reports.bench import bench as benches
    from casestudy.variant import assignments

    case, book = benches.found(notebook)
    sets = benches.asked_for(book, grid, case)
    sweeps = {"unshared": ["--no-share"], "shared": []}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with progress(*columns) as bar, _stopping("nothing was kept"), tempfile.TemporaryDirectory() as folder:
        task = bar.add_task("", total=None)
        place = out or Path(folder)
        rows = benches.bench(sets, grid, sweeps, place, case, lambda tool: bar.update(task, description=tool))
    shown = Table(title=harmless(f"{book.stem}: {len(sets)} sets"), title_justify="left", box=None, pad_edge=False)
    for column in ("", "CPU, s", "wall, s", "times less CPU", "times less wall", "outputs equal"):
        shown.add_column(column, justify="right" if column else "left")
    for row in rows:
        numbers = (row.cost.cpu, row.cost.wall, *row.less(rows[0].cost))
        equal = f"{len(sets) - len(row.unequal)} of {len(sets)}" if row != rows[0] else ""
        shown.add_row(row.tool, *(f"{number:,.3g}" for number in numbers), equal)
    console.print(shown)
    named = {asked.id: assignments(asked.changed) or "no change" for asked in sets}
    for row in rows:
        for id, cell in [*row.unequal.items()][:MOST_NAMED]:
            _complain(f"{row.tool}: set {id} ({named[id]}) shows something else from code cell {cell} on")
    raise typer.Exit(code=1 if any(row.unequal for row in rows) else 0)


class _Rate(ProgressColumn):
    """Sets a minute, of those that ran."""

    def render(self, task: Task) -> Text:
        rate = 60 * task.fields["ran"] / task.elapsed if task.elapsed else 0
        return Text(f"{rate:.0f} sets/min" if rate else "")


@contextmanager
def _stopping(kept: str) -> Iterator[None]:
    """An interrupt is one line that says what was kept."""
    try:
        yield
    except KeyboardInterrupt:
        print(f"casestudy: stopped; {kept}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


def _remarks(notebooks: "Iterable[Notebook]", misnamed: Iterable[Path] = ()) -> None:
    """Say what is left out of the notebooks that run, and which files are none."""
    for book in notebooks:
        if book.remark:
            _complain(f"{book.stem}: {book.remark}")
    for path in misnamed:
        _complain(f"{path.name} is left out; a notebook is named NN-words.ipynb")


def _complain(line: str) -> None:
    say(f"casestudy: {line}", complaints)
