"""The command line: parse, call, print."""

import json
import multiprocessing
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from casestudy.case import open_case
from casestudy.cli_exercises import exercises

app = typer.Typer(
    help="An executable teaching case.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
console, complaints = Console(), Console(stderr=True)

Names = Annotated[list[str] | None, typer.Argument(metavar="NOTEBOOK", help="Stem or unique prefix, such as 02.")]


@app.command("list")
def list_(notebook: Annotated[str | None, typer.Argument(help="Stem or unique prefix, such as 02.")] = None) -> None:
    """Notebooks and their parameters: default, unit, allowed values, source."""
    from casestudy.reports import parameters

    for book in parameters.select([notebook] if notebook else [], open_case()):
        table = Table(title=f"{book.stem}: {book.question}", title_justify="left", box=None, pad_edge=False)
        for column in ("parameter", "default", "unit", "allowed", "source"):
            table.add_column(column, overflow="fold")
        for one in book.parameters.values():
            table.add_row(one.name, str(one.default), one.unit, one.allowed, one.source)
        console.print(table)
        for rule in book.require:
            console.print(f"must hold: {rule}", markup=False, highlight=False)
        console.print()


@app.command()
def claims(
    document: Annotated[str | None, typer.Option(help="Only this document, such as 004.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All columns, as JSON.")] = False,
) -> None:
    """Every claim of the documents with its verdict."""
    from casestudy import claims

    rows = claims.records(document=document)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("claim", "place", "printed", "unit", "verdict", "by"):
        table.add_column(column, overflow="fold", no_wrap=column in ("claim", "place"))
    for row in rows:
        place = claims.place(row)
        table.add_row(row["id"], place, row["printed"] or "", row["unit"] or "", row["verdict"], row["verdict_by"])
    console.print(table)


@app.command()
def run(
    notebooks: Names = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="One parameter.")] = None,
    params: Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Parameters from a file.")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the reports go.")] = Path("build/reports"),
    workers: Annotated[int | None, typer.Option(min=1, help="Notebooks at a time; default: one a core.")] = None,
) -> None:
    """Run notebooks with parameters and write reports, an index, results and figures."""
    from casestudy.reports import parameters
    from casestudy.reports.results import Report
    from casestudy.reports.run import run

    case = open_case()
    books = parameters.select(notebooks or [], case)
    values = parameters.from_file(params, books, case) if params else {book.stem: {} for book in books}
    given = set()
    for setting in settings or []:
        name, equals, text = setting.partition("=")
        if not equals or name in given:
            raise ValueError(f"--set takes NAME=VALUE, each name once: got {setting!r}")
        given.add(name)
        for book in books:
            values[book.stem][name] = book.parameter(name).read(text, book.stem)

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints, disable=not complaints.is_terminal, transient=True) as progress:
        task, busy = progress.add_task("", total=len(books)), []

        def started(stem: str) -> None:
            busy.append(stem)
            progress.update(task, description="running " + ", ".join(busy))

        def finished(report: Report) -> None:
            busy.remove(report.notebook.stem)
            progress.update(task, advance=1, description="running " + ", ".join(busy))
            line = f"{report.notebook.stem}  {report.seconds:.1f} s  {report.error or 'ok'}"
            complaints.print(line, markup=False, highlight=False, soft_wrap=True)

        try:
            reports = run(books, values, out, workers, case, started, finished)
        except KeyboardInterrupt:
            for worker in multiprocessing.active_children():
                worker.terminate()
            print("casestudy: stopped; reports that had finished were kept", file=sys.stderr)
            raise typer.Exit(130) from None
    console.print(f"{out / 'index.html'}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code=1 if any(report.error for report in reports) else 0)


app.add_typer(exercises, name="exercises")


@app.command("lab", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where your copies go.")] = Path("casestudy-exercises"),
) -> None:
    """Copy the practice sets to a folder and open JupyterLab there; further options go to JupyterLab."""
    from casestudy.classroom import lab

    lab.copy_practice(folder)
    environment, kept = lab.environment()
    with kept:
        raise typer.Exit(subprocess.run(lab.command(folder, *context.args), env=environment).returncode)


def main() -> None:
    """The `casestudy` command: a refusal is one line and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # claims hold letters that some consoles lack
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # being ended is being interrupted
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"casestudy: {' '.join(str(error).split())}", file=sys.stderr)
        raise SystemExit(2) from None
