"""A case of one's own: which one a command reads, and the commands that begin one and add to it."""

import inspect
import os
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from casestudy.case import VARIABLE, open_case
from casestudy.cli.terminal import say
from casestudy.refusals import Refusal

HELP = "A case of your own; default: the one in whose folder you are, else the built-in one."


def _take(context: typer.Context, value: Path | None) -> Path | None:
    """Make it the case of this command and of the kernels that it starts, and of nothing afterwards."""
    if value is not None:
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = str(open_case(value).root)
        context.call_on_close(partial(_back, before))
    return value


def _back(before: str | None) -> None:
    os.environ.pop(VARIABLE, None)
    os.environ |= {} if before is None else {VARIABLE: before}


Case = Annotated[Path | None, typer.Option("--case", metavar="DIR", callback=_take, help=HELP)]


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """A command that takes --case beside its own options."""
    signature = inspect.signature(command)
    if "case" in signature.parameters:
        return command

    @wraps(command)
    def told(*args: Any, case: Path | None = None, **options: Any) -> None:
        command(*args, **options)

    last = inspect.Parameter("case", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Case)
    changed: Any = told  # whose options typer reads from these two
    changed.__signature__ = signature.replace(parameters=[*signature.parameters.values(), last])
    changed.__annotations__ = command.__annotations__ | {"case": Case}
    return told


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there, or empty.")],
    empty: Annotated[bool, typer.Option("--empty", help="Without the example: tables without a row.")] = False,
) -> None:
    """Write a small complete case of a firm that does not exist, to be made your own."""
    from casestudy.own.new import new

    say(f"{new(folder, empty)}: read its README.md first")


add = typer.Typer(
    help="Write the next document, claim, series, notebook or set into a case of yours.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="COLUMN=TEXT", help="Any other column; may stand often.")
]
Name = Annotated[str, typer.Argument(metavar="NN-name", help="Two digits and words, such as 02-wait.")]


def _columns(settings: list[str] | None, **named: object) -> dict[str, str]:
    """What was given for each column, in one place each."""
    cells = {name: str(value) for name, value in named.items() if value is not None}
    for setting in settings or []:
        name, equals, text = setting.partition("=")
        if not equals or name in cells:
            raise Refusal(f"--set takes COLUMN=TEXT, each column once and none that has an option: got {setting!r}")
        cells[name] = text
    return cells


@add.command()
def document(
    id: Annotated[str, typer.Option(help="Three digits, such as 003.")],
    author: Annotated[str, typer.Option(help="Who wrote it: a role, such as a journalist.")],
    earliest: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The first day on which it can have appeared.")],
    paragraphs: Annotated[int, typer.Option(help="How many lines it has that are not empty.")],
    synopsis: Annotated[str, typer.Option(help="What it says, in your words.")],
    latest: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The last such day; default: it was the only one.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="As printed.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Where it appeared.")] = None,
    address: Annotated[str | None, typer.Option(help="Where it can be read.")] = None,
    language: Annotated[str, typer.Option(help="en or pl: how its numbers are written.")] = "en",
    settings: Settings = None,
) -> None:
    """Append a document, of which claims can then be added."""
    from casestudy.own import add

    cells = _columns(
        settings,
        author=author,
        date_earliest=earliest,
        date_latest=latest or earliest,
        paragraphs=paragraphs,
        synopsis=synopsis,
        title=title,
        publisher=publisher,
        address=address,
        language=language,
    )
    say(add.document(add.mine(), id, cells))


@add.command()
def claim(
    id: Annotated[str, typer.Option(help="Its name, such as fx_rise.")],
    document: Annotated[str, typer.Option(help="Its id in documents.csv.")],
    paragraph: Annotated[int, typer.Option(help="The line that is not empty, from 1.")],
    printed: Annotated[str | None, typer.Option(help="The bare figure as it stands there.")] = None,
    subject: Annotated[str | None, typer.Option(help="Whom it is about.")] = None,
    metric: Annotated[str | None, typer.Option(help="What is counted.")] = None,
    note: Annotated[str | None, typer.Option(help="Why the row is as it is.")] = None,
    kind: Annotated[str | None, typer.Option(help="statistic, unless told; derived, date, enumeration, ...")] = None,
    value: Annotated[str | None, typer.Option(help="In its unit, where the print is not understood.")] = None,
    resolution: Annotated[str | None, typer.Option(help="The printed step, in its unit.")] = None,
    unit: Annotated[str | None, typer.Option(help="What it is counted in, where the print does not say.")] = None,
    settings: Settings = None,
) -> None:
    """Append a claim: value, step, ends, unit and relation are read from the print."""
    from casestudy.own import add

    cells = _columns(
        settings,
        printed=printed,
        subject=subject,
        metric=metric,
        note=note,
        kind=kind or "statistic",
        value=value,
        resolution=resolution,
        unit=unit,
    )
    say(add.claim(add.mine(), id, document, paragraph, cells))


@add.command()
def series(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as passengers, for passengers_reported.csv.")],
    unit: Annotated[str, typer.Option(help="What it counts, such as passengers.")],
    settings: Settings = None,
) -> None:
    """Write the table of a series that others reported, and describe it."""
    from casestudy.own import add

    say(add.series(add.mine(), name, unit, _columns(settings)))


@add.command()
def notebook(name: Name, question: Annotated[str, typer.Option(help="What it asks, with a question mark.")]) -> None:
    """Write a notebook that runs, to be filled in."""
    from casestudy.own import add

    say(add.notebook(add.mine(), name, question))


@add.command("set")
def set_(name: Name) -> None:
    """Write a small complete problem set."""
    from casestudy.own import add

    say(add.set_(add.mine(), name))
