"""A refusal: the user's input is at fault, and one line says so. Anything else that is raised is a bug."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Refusal(ValueError):
    """What must hold, what came in, and what to do, in one line; the command line prints it and ends with 2."""


@contextmanager
def file_access(what: str, advice: str = "") -> Iterator[None]:
    """Turn the system's refusal of a file or folder that the user named into ours: `cannot {what}: {why}; {advice}`.

    >>> with file_access("read grades", advice="name another"):
    ...     raise FileNotFoundError(2, "No such file or directory")
    Traceback (most recent call last):
    casestudy.refusals.Refusal: cannot read grades: No such file or directory; name another
    """
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error) or type(error).__name__
        raise Refusal(f"cannot {what}: {why}{f'; {advice}' if advice else ''}") from error


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint for a misspelt name: the nearest one, else all of them.

    >>> nearest("csat_aftr", ["csat_after", "seed"])
    "did you mean 'csat_after'?"
    """
    words = list(words)
    close = difflib.get_close_matches(word, words, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(words)}"
