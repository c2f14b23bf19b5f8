"""The results of finished runs, for an analysis."""

from __future__ import annotations  # so that frames are named where pandas is not loaded

import json
from pathlib import Path
from typing import TYPE_CHECKING

from casestudy.claims.comparison import NUMBERS, RECORDED
from casestudy.claims.recording import UNIT
from casestudy.refusals import Refusal

if TYPE_CHECKING:
    import pandas as pd

KINDS = {bool: "boolean", int: "Int64", float: "float64", str: "str"}


def results(*folders: str | Path) -> pd.DataFrame:
    """One row a compared claim or recorded result, and run, from the folders that `run` or `sweep` wrote.

    Columns: `run, notebook, claim, printed, low, high, ours, ours_low, ours_high, agrees, basis, severity, test,
    default, unit`, then one per parameter that some run changed: its value as run, missing where the notebook has no
    such parameter. A row of `claims.record` has the result's name as `claim`, the basis `recorded`, and a unit (that of
    a claim stands in the register). `agrees` and `test` are missing where `default` is false: such a run tests nothing.
    With several folders a first column, `folder`, says which.

    `run` names what a row was computed from and with: another value in the data, another code, another run.

    >>> results("nowhere")
    Traceback (most recent call last):
    casestudy.refusals.Refusal: nowhere has no results.csv; a finished run or sweep leaves one
    """
    import pandas as pd  # here, since commands that only list do without

    if not folders:
        raise Refusal("results takes the folder of at least one run")
    frames = {str(folder): _frame(Path(folder)) for folder in folders}
    if len(folders) == 1:
        return next(iter(frames.values()))
    kinds = {name: kind for frame in frames.values() for name, kind in frame.dtypes.items()}
    together = pd.concat(frames, names=["folder"]).reset_index(level="folder").reset_index(drop=True)
    return together.astype({"folder": "str"} | kinds)


def _frame(folder: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        frame = pd.read_csv(folder / "results.csv", dtype=str, keep_default_na=False)
        runs = json.loads((folder / "run.json").read_text(encoding="utf-8"))["runs"]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Refusal(f"{folder} has no {Path(error.filename).name}; a finished run or sweep leaves one") from None
    values = {run["run"]: run["parameters"] for run in runs}
    if not values.keys() >= set(frame["run"]):
        raise Refusal(f"{folder}: results.csv and run.json are of different runs; run again")
    for name in frame:
        if name in NUMBERS:
            frame[name] = pd.to_numeric(frame[name])
        elif name in ("agrees", "default"):
            frame[name] = (
                frame[name]
                .map({"true": True, "false": False, "": pd.NA})
                .astype("boolean" if name == "agrees" else "bool")
            )
        elif name not in ("run", "notebook", *RECORDED, UNIT):
            frame[name] = _column([values[run].get(name) for run in frame["run"]], frame.index)
    return frame


def _column(values: list, index: pd.Index) -> pd.Series:
    """A parameter's values in their own kind; missing where the notebook has no such parameter."""
    import pandas as pd

    found = {type(value) for value in values if value is not None}
    kind = KINDS[found.pop()] if len(found) == 1 else "float64" if found == {int, float} else "object"
    return pd.Series(values, index, dtype=kind)
