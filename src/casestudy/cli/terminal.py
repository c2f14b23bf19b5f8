"""Where commands write: what was asked for to standard output, all else beside it, every line as it stands."""

import json
from functools import partial

from rich.console import Console
from rich.progress import Progress, ProgressColumn

_plain = partial(Console, markup=False, emoji=False, highlight=False)  # a path may hold brackets
console, complaints = _plain(), _plain(stderr=True)


JOINING = "\n\u200d\ufe0f\u00a0\u2009\u202f"  # not printable by itself, and harmless: within emoji, between digits


def harmless(text: object) -> str:
    """A text in which nothing steers a terminal or turns a line round: that is spelt out, as JSON spells it.

    >>> print(harmless("s1\x1b[2J\u202egpj.ipynb"), harmless("Zoë 🐢"))
    s1\\u001b[2J\\u202egpj.ipynb Zoë 🐢
    """
    return "".join(
        letter if letter.isprintable() or letter in JOINING else json.dumps(letter)[1:-1] for letter in str(text)
    )


def say(line: str, to: Console = console) -> None:
    """One line, however long."""
    to.print(harmless(line), soft_wrap=True)


def progress(*columns: ProgressColumn) -> Progress:
    """A bar beside the output, gone when it is done; none where nobody looks on."""
    return Progress(*columns, console=complaints, disable=not complaints.is_terminal, transient=True)
