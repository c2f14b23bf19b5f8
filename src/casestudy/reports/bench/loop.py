"""JOB: papermill's own loop over parameter sets, on ordinary kernels; a program that imports nothing of ours."""

import json
import sys

import papermill


def main(notebook: str, out: str, folder: str, sets: dict[str, dict[str, object]]) -> None:
    """Run a notebook in a folder with each set; what came of it is `out/ID.ipynb`."""
    for name, values in sets.items():
        papermill.execute_notebook(
            notebook, f"{out}/{name}.ipynb", values, kernel_name="python3", cwd=folder, progress_bar=False
        )


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(**json.load(file))
