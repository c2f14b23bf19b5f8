"""A run with changed parameters: how its figures learn of the change, and how the change reads, here and on pages."""

import json
import os
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FOLDER = "CASESTUDY_FIGURES"  # the variable that names the folder in which a run leaves its figures
CHANGED = "changed.json"  # in that folder: the changed parameters with their values


def announce(folder: Path, changed: Mapping[str, object], named: Sequence[Sequence[str]] = ()) -> None:
    """Leave word of the changed parameters in the folder of a run's figures.

    named: for each cell that runs, in order, the parameters that what it shows can depend on.
    """
    (folder / CHANGED).write_text(json.dumps({"changed": changed, "named": named}), encoding="utf-8")


def changed() -> dict[str, object]:
    """The parameters that the run changed which this notebook is part of; none where it is part of no run."""
    found: dict[str, object] = _told()["changed"]
    return found


def seen() -> dict[str, object]:
    """Those of the changed parameters that what the running cell shows can depend on; all where nobody can tell."""
    from IPython import get_ipython

    told, shell = _told(), get_ipython()
    typed = len(shell.history_manager.input_hist_raw) if shell else 0  # an empty one, and all up to the running cell
    number = typed - 2
    if not 0 <= number < len(told["named"]):
        return changed()
    return {name: value for name, value in told["changed"].items() if name in told["named"][number]}


def _told() -> dict[str, Any]:
    path = Path(os.environ.get(FOLDER, os.devnull)) / CHANGED
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"changed": {}, "named": []}


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
