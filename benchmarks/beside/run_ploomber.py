"""NOTEBOOK OUT SETS: ploomber-engine for each parameter set, all in this process."""

import json
import sys
from pathlib import Path

from ploomber_engine import execute_notebook

if __name__ == "__main__":
    notebook, out, sets = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    Path(out).mkdir(parents=True, exist_ok=True)
    for number, values in enumerate(sets):
        execute_notebook(notebook, f"{out}/{number:02}.ipynb", parameters=values, progress_bar=False)
