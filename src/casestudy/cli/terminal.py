"""Where commands write: what was asked for to standard output, all else beside it, every line as it stands."""

from functools import partial

from rich.console import Console
from rich.progress import Progress, ProgressColumn

_plain = partial(Console, markup=False, emoji=False, highlight=False)  # a path may hold brackets
console, complaints = _plain(), _plain(stderr=True)


def say(line: str, to: Console = console) -> None:
    """One line, however long."""
    to.print(line, soft_wrap=True)


def progress(*columns: ProgressColumn) -> Progress:
    """A bar beside the output, gone when it is done; none where nobody looks on."""
    return Progress(*columns, console=complaints, disable=not complaints.is_terminal, transient=True)
