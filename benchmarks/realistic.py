"""A notebook as people have them: 18 cells, 20,000 invented rows, two regressions, three figures, four tables."""

import csv
import io
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat

from casestudy.case import open_case

GIVEN = 2  # the number of the cell that holds the parameters; the imports come before


@dataclass(frozen=True)
class Book:
    """A notebook by its cells, and the values to run it with."""

    stem: str
    told: str  # what it does
    cells: list[str]
    grid: dict[str, list[float]]

    def sets(self) -> list[dict[str, float]]:
        """Every combination; the last parameter moves fastest."""
        return [dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())]


CELLS = [
    """# Does training make agents faster?

In invented data it does, by a tenth. Who waits less is happier, too.""",
    """import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import statsmodels.api as sm
import statsmodels.formula.api as smf""",
    """effect = 0.1  # share; 0..0.9; our choice
spread = 0.5  # standard deviation of log minutes; 0.1..2; our choice""",
    """rng, n = np.random.default_rng(7), 20_000
cases = pd.DataFrame({"channel": rng.choice(["phone", "chat", "mail"], n), "trained": rng.integers(0, 2, n)})
cases["tenure"], cases["month"] = rng.gamma(2, 1.5, n), rng.integers(1, 25, n)""",
    """usual = cases["channel"].map({"phone": 6, "chat": 9, "mail": 14})
cases["minutes"] = usual * (1 - effect * cases["trained"]) * rng.lognormal(0, spread, n)
odds = np.exp(1.2 - 0.08 * cases["minutes"] + 0.1 * cases["tenure"])
cases["satisfied"] = (rng.random(n) < odds / (1 + odds)).astype(int)""",
    "cases.head(10)",
    'cases.groupby(["channel", "trained"])[["minutes", "tenure", "satisfied"]].agg(["mean", "std", "count"]).round(3)',
    """sns.histplot(cases, x="minutes", hue="channel", bins=60, element="step")
plt.title("Mail takes longest");""",
    "## Minutes",
    """linear = smf.ols("np.log(minutes) ~ trained * C(channel) + tenure + C(month)", cases).fit()
pd.DataFrame({"estimate": linear.params, "error": linear.bse, "t": linear.tvalues}).round(4)""",
    'round(float(1 - np.exp(linear.params["trained"])), 4)',
    """sns.lineplot(cases, x="month", y="minutes", hue="trained", marker="o", seed=7)
plt.title("The trained are faster in every month");""",
    "## Satisfaction",
    """model = smf.glm("satisfied ~ minutes + tenure + trained + C(channel)", cases, family=sm.families.Binomial())
binomial = model.fit()""",
    'pd.concat([np.exp(binomial.params).rename("odds ratio"), np.exp(binomial.conf_int())], axis=1).round(4)',
    """cases["chance"] = binomial.predict(cases)
sns.boxplot(cases, x="channel", y="chance", hue="trained")
plt.title("Who waits less is happier");""",
    'round(float(cases["satisfied"].corr(cases["chance"])), 4)',
    "All of this was put in by construction.",
]
REALISTIC = Book(
    "01-realistic",
    "20,000 rows, a linear and a binomial regression, three seaborn figures, four tables",
    CELLS,
    {"effect": [0.0, 0.1, 0.2, 0.3, 0.4], "spread": [0.3, 0.4, 0.6, 0.7]},
)
PLAIN = '''"""The same cells as a plain function, in two processes: what no runner of notebooks can beat."""

import io
import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

import matplotlib

matplotlib.use("agg")
{imports}


def figures():
    """Save and close what was drawn, as the inline backend does."""
    for number in plt.get_fignums():
        plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
    plt.close("all")


def cells({names}):
{body}


if __name__ == "__main__":
    sets = json.loads(sys.argv[1])
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        for done in [pool.submit(cells, **one) for one in sets]:
            done.result()
'''


def case(folder: Path, stem: str, cells: list[str], given: int) -> Path:
    """A case folder with the built-in case's data and one notebook; cell number `given` holds its parameters."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(open_case().data, folder / "data")
    (folder / "notebooks").mkdir()
    nbformat.write(notebook(cells, given), folder / f"notebooks/{stem}.ipynb")
    return folder


def notebook(cells: list[str], given: int) -> nbformat.NotebookNode:
    """Cells as a notebook; those that begin like a heading or end like a sentence are Markdown."""
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, text in enumerate(cells):
        is_text = text.startswith("#") or text.endswith(".")
        cell = (nbformat.v4.new_markdown_cell if is_text else nbformat.v4.new_code_cell)(text)
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({"tags": ["parameters"]} if number == given else {})
        book.cells.append(cell)
    return book


def prepare(folder: Path, book: Book, sets: list[dict]) -> Path:
    """A book's case with its sets; the cells as a function; a notebook a set for tools that take no parameters."""
    case(folder, book.stem, book.cells, GIVEN)
    for name, some in (("sets.csv", sets), ("one.csv", sets[:1])):
        (folder / name).write_text(as_csv(book, some))
    imports, _, *code = [cell.source for cell in notebook(book.cells, GIVEN).cells if cell.cell_type == "code"]
    body = "\n".join(f"    {line}" for line in "\nfigures()\n".join([*code, ""]).strip().splitlines())
    (folder / "plain.py").write_text(PLAIN.format(imports=imports, names=", ".join(book.grid), body=body))
    (folder / "written").mkdir()
    for number, one in enumerate(sets):
        given = "\n".join(f"{name} = {value}" for name, value in one.items())
        cells = [*book.cells[: GIVEN + 1], given, *book.cells[GIVEN + 1 :]]
        nbformat.write(notebook(cells, GIVEN), folder / f"written/{number:02}.ipynb")
    return folder


def as_csv(book: Book, sets: list[dict]) -> str:
    """Parameter sets as `casestudy sweep` reads them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["notebook", *book.grid], lineterminator="\n")
    writer.writeheader()
    writer.writerows({"notebook": book.stem} | one for one in sets)
    return text.getvalue()
