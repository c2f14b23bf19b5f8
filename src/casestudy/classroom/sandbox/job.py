"""One cell that the sandbox is to run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class JobCell:
    """Code to run, the names of the answers that are read after it, and where it stands for its owner, in words."""

    source: str
    answers: tuple[str, ...] = ()
    where: str = ""
