"""One cell that the sandbox is to run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JobCell:
    """Code to run, the names of the answers that are read after it, and where it stands for its owner, in words.

    number: of the cell where its notebook is run from the top, as in `In` and `Out`; 0 where it is not the student's.
    """

    source: str
    answers: tuple[str, ...] = ()
    where: str = ""
    number: int = 0
