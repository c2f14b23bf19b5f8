"""The command line: parse, call, print."""

import json
import signal
import subprocess
import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from casestudy import cli_reports
from casestudy.case import open_case
from casestudy.cli_exercises import exercises
from casestudy.refusals import Refusal
from casestudy.terminal import console, say

app = typer.Typer(
    help="An executable teaching case.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


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
            say(f"must hold: {rule}")
        say("")


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


app.command()(cli_reports.run)
app.command()(cli_reports.sweep)
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
    """The `casestudy` command: a refusal is one line and exit status 2, a bug its traceback and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # claims hold letters that some consoles lack
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # being ended is being interrupted
    try:
        app()
    except Refusal as refusal:
        print(f"casestudy: {' '.join(str(refusal).split())}", file=sys.stderr)
        raise SystemExit(2) from None
    except Exception:
        traceback.print_exc()
        words = "this is a bug, not something that you did: please report it with the lines above"
        print(f"casestudy {version('casestudy')}: {words}", file=sys.stderr)
        raise SystemExit(1) from None
