"""NOTEBOOK OUT WORKERS SETS: papermill for each parameter set, in this process or in a pool."""

import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import papermill


def run(notebook: str, out: str, number: int, values: dict) -> None:
    papermill.execute_notebook(notebook, f"{out}/{number:02}.ipynb", parameters=values, progress_bar=False)


if __name__ == "__main__":
    notebook, out, workers, sets = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
    Path(out).mkdir(parents=True, exist_ok=True)
    if workers == 1:
        for number, values in enumerate(sets):
            run(notebook, out, number, values)
    else:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            running = [pool.submit(run, notebook, out, number, values) for number, values in enumerate(sets)]
            for one in running:
                one.result()
