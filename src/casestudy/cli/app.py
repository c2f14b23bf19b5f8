"""The command line: parse, call, print."""

import signal
import subprocess
import sys
import traceback
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from casestudy.case import open_case
from casestudy.cli import anywhere, marks, override, own, teaching  # noqa: F401 - add their commands
from casestudy.cli import check as cli_check
from casestudy.cli import cite as cli_cite
from casestudy.cli import claims as cli_claims
from casestudy.cli import exercises as exercise_commands
from casestudy.cli import reports as cli_reports
from casestudy.cli.exercises import exercises
from casestudy.cli.terminal import console, harmless, say
from casestudy.forks import spare_the_grammar
from casestudy.refusals import Refusal

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    from importlib.metadata import version  # here, since it takes as long as all of a listing's own work

    if wanted:
        say(f"casestudy {version('casestudy')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="The package's version.")
    ] = False,
    case: own.Case = None,
) -> None:
    """An executable teaching case."""


@app.command("list")
def list_(notebook: Annotated[str | None, typer.Argument(help="Stem or unique prefix, such as 02.")] = None) -> None:
    """Notebooks and their parameters: default, unit, allowed values, source."""
    from casestudy.reports.sets import parameters

    case = open_case()
    for book in parameters.select([notebook] if notebook else [], case):
        if book.unusable:
            say(f"{book.stem} cannot be run: {book.unusable}\n")
            continue
        table = Table(title=harmless(f"{book.stem}: {book.question}"), title_justify="left", box=None, pad_edge=False)
        for column in ("parameter", "default", "unit", "allowed", "source"):
            table.add_column(column, overflow="fold")
        for parameter in book.parameters.values():
            cells = (parameter.name, parameter.default, parameter.unit, parameter.allowed, parameter.source)
            table.add_row(*map(harmless, cells))
        console.print(table)
        for rule in book.require:
            say(f"must hold: {rule}")
        if book.remark:
            say(book.remark)
        say("")
    for path in [] if notebook else parameters.misnamed(case):
        say(f"{path.name} is left out; a notebook is named NN-words.ipynb")


app.command()(cli_claims.claims)
app.command()(cli_claims.prove)
app.command()(cli_check.check)
app.command()(cli_cite.cite)
app.command()(cli_reports.run)
app.command()(cli_reports.sweep)
app.command()(cli_reports.bench)
app.command()(cli_reports.verify)
app.add_typer(exercises, name="exercises")
app.command()(own.new)
app.add_typer(own.add, name="add")


@app.command("lab", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where your copies go.")] = Path("casestudy-exercises"),
) -> None:
    """Copy notebooks and practice sets to a folder and open JupyterLab there; further options go to JupyterLab."""
    from casestudy.classroom.practice import lab

    lab.copy_practice(folder)
    environment, kept = lab.environment()
    with kept:
        raise typer.Exit(subprocess.run(lab.command(folder, *context.args), env=environment).returncode)


WITHOUT_A_CASE = (own.new, exercise_commands.new, exercise_commands.purge)
for command in (*app.registered_commands, *exercises.registered_commands, *own.add.registered_commands):
    if command.callback and command.callback not in WITHOUT_A_CASE:
        command.callback = own.reading(command.callback)


def main() -> None:
    """The `casestudy` command: a refusal is one line and exit status 2, a bug its traceback and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # for letters that some consoles lack
    spare_the_grammar()
    for name in ("SIGTERM", "SIGHUP"):  # being ended is being interrupted
        number = getattr(signal, name, None)  # Windows has only one
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup asks
            signal.signal(number, signal.default_int_handler)
    try:
        app()
    except Refusal as refusal:
        print(harmless(f"casestudy: {' '.join(str(refusal).split())}"), file=sys.stderr)
        raise SystemExit(2) from None
    except Exception:
        from importlib.metadata import version

        traceback.print_exc()
        words = "this is a bug, not something that you did: please report it with the lines above"
        print(f"casestudy {version('casestudy')}: {words}", file=sys.stderr)
        raise SystemExit(1) from None
