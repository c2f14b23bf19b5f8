"""The command that says how to cite: parse, call, print."""

from typing import Annotated

import typer

from casestudy.case import open_case
from casestudy.cli.terminal import harmless


def cite(
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text, bibtex or cff.")] = "text",
) -> None:
    """How to cite the package and the case: as text, for BibTeX, or as a CITATION.cff."""
    from casestudy.exports.citation import cite

    print(harmless(cite(open_case(), form)))
