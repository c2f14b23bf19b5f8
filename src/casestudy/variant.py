"""A run with changed parameters: how its figures learn of the change, and how the change reads, here and on pages."""

import json
import os
import textwrap
from collections.abc import Mapping
from pathlib import Path

FOLDER = "CASESTUDY_FIGURES"  # the variable that names the folder in which a run leaves its figures
CHANGED = "changed.json"  # in that folder: the changed parameters with their values


def announce(folder: Path, changed: Mapping[str, object]) -> None:
    """Leave word of the changed parameters in the folder of a run's figures."""
    (folder / CHANGED).write_text(json.dumps(changed), encoding="utf-8")


def changed() -> dict[str, object]:
    """The parameters that the run changed which this notebook is part of; none where it is part of no run."""
    path = Path(os.environ.get(FOLDER, os.devnull)) / CHANGED
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def shown(value: object, width: int = 40) -> str:
    """A parameter's value in few words, on one line, fit for a code span.

    >>> shown("")
    'nothing'
    """
    return textwrap.shorten(str(value).replace("`", "'"), width, placeholder=" ...") or "nothing"


def assignments(changed: Mapping[str, object]) -> str:
    """Changed parameters on one line.

    >>> assignments({"csat_after": 8.5, "scale": "easy"})
    'csat_after = 8.5, scale = easy'
    """
    return ", ".join(f"{name} = {shown(value)}" for name, value in changed.items())


def hold(**sentences: bool) -> None:
    """Hold a page's sentences to its numbers: a run with the document's own values fails where one no longer holds.

    sentences: what is told, in a word, and whether it is so. A run with changed parameters, and a reader who works in
    the notebook, may find other numbers; there nothing is held.
    """
    wrong = [word for word, holds in sentences.items() if not holds]
    if wrong and FOLDER in os.environ and not changed():
        raise AssertionError(f"the text says otherwise: {', '.join(wrong)}; mend the sentence, or the figure it names")
