"""Sets that run at once, without a notebook: what a worker hands back, an executor that calls it, and their case."""

from concurrent.futures import Future

import nbformat

from casestudy.reports.sets.outcome import Outcome


def made_up(asked, root, index):
    """What a worker hands back: one recorded row, a notebook, a figure and, where asked for, a page."""
    low = {"claim": "cx_agents", "printed": "800", "low": 750.0, "high": 850.0, "ours": None, "basis": "derived"}
    row = low | {
        "ours_low": 1.0 * asked.values["seed"],
        "ours_high": 9.5,
        "agrees": None,
        "severity": None,
        "test": None,
    }
    stem = asked.notebook.stem
    files = {f"{stem}.ipynb": b"{}" * 50, f"figures/{stem}.png": b"png"}
    error = "cell 1: ValueError: unlucky" if asked.values["seed"] == 13 else ""
    files |= {f"{stem}.html": b"<html>"} if index and not error else {}
    return Outcome(asked, rows=[] if error else [row], error=error), files


class Instant:
    """An executor that is done at once, and notes what ran."""

    workers = 2

    def __init__(self, work=made_up):
        self.ran, self.work = [], work

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        return None

    def expect(self, notebooks, case):
        """It imports nothing for any."""

    def submit(self, function, asked, root, index):
        self.ran.append(asked.values["seed"])
        future = Future()
        try:
            future.set_result(self.work(asked, root, index))
        except Exception as error:
            future.set_exception(error)
        return future


def write_notebook(case, code, stem="02-csat"):
    book = nbformat.v4.new_notebook()
    names = ["seed = 7  # none; 0..", "share = 0.5  # share; 0..1", "word = 'a'  # none; ", "free = True  # none; "]
    cell = "\n".join(f"{name}; ours" for name in names)
    book.cells = [
        nbformat.v4.new_code_cell(cell, metadata={"tags": ["parameters"]}, id="a"),
        nbformat.v4.new_code_cell(code, id="b"),
    ]
    nbformat.write(book, case.notebooks / f"{stem}.ipynb")
