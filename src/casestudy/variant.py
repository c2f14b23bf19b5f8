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
