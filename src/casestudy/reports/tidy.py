"""The results of finished runs, for an analysis."""

import json
from pathlib import Path

import pandas as pd

from casestudy.comparison import RECORDED

NUMBERS = ("low", "high", "ours", "ours_low", "ours_high")
TRUTH = {"true": True, "false": False, "": pd.NA}


def results(*folders: str | Path) -> pd.DataFrame:
    """One row a compared claim and run, from the folders that `run` or `sweep` wrote.

    Columns: `run, notebook, claim, printed, low, high, ours, ours_low, ours_high, agrees, basis, default`, then one per
    parameter that some run changed: its value as run, missing where the notebook has no such parameter. With several
    folders a first column, `folder`, says which.
    """
    if not folders:
        raise ValueError("results takes the folder of at least one run")
    frames = {str(folder): _frame(Path(folder)) for folder in folders}
    if len(folders) == 1:
        return next(iter(frames.values()))
    kinds = {name: kind for frame in frames.values() for name, kind in frame.dtypes.items()}
    together = pd.concat(frames, names=["folder"]).reset_index(level="folder").reset_index(drop=True)
    return together.astype({"folder": "str"} | kinds)


def _frame(folder: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(folder / "results.csv", dtype=str, keep_default_na=False)
        runs = json.loads((folder / "run.json").read_text(encoding="utf-8"))["runs"]
    except FileNotFoundError as error:
        raise ValueError(f"{folder} has no {Path(error.filename).name}; a finished run or sweep leaves one") from None
    kinds = {name: type(value) for run in runs for name, value in run["parameters"].items()}
    for name in frame:
        if name in NUMBERS:
            frame[name] = pd.to_numeric(frame[name])
        elif name in ("agrees", "default"):
            frame[name] = frame[name].map(TRUTH).astype("boolean" if name == "agrees" else "bool")
        elif name not in ("run", "notebook", *RECORDED):
            frame[name] = _values(frame[name], kinds[name])
    return frame


def _values(column: pd.Series, kind: type) -> pd.Series:
    """A parameter's column in its own kind; a float's missing value is NaN, any other's pandas' NA."""
    if kind is bool:
        return column.map(TRUTH).astype("boolean")
    if kind is float:
        return pd.to_numeric(column)
    if kind is int:
        return column.map(lambda text: int(text) if text else pd.NA).astype("Int64")
    return column
