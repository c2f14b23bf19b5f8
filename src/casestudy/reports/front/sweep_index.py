"""The front page of a sweep: what moved, its sets by what they change, and how they went."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from casestudy import claims
from casestudy.case import Case
from casestudy.claims.comparison import EVIDENCE
from casestudy.claims.recording import BASIS, UNIT
from casestudy.reports.front import sweep_chart, words
from casestudy.reports.pages import frame
from casestudy.reports.sets.parameters import Notebook
from casestudy.reports.sets.table import cell
from casestudy.variant import shown

SHOWN_SETS, SHOWN_FIGURES = 1000, 6  # what a browser opens and a reader reads
MOVING = (*EVIDENCE, "conditional", BASIS)  # bases of ours that follow from something else than the print


def index(
    kept: Iterable[Mapping],
    notebooks: Sequence[Notebook],
    changed: Sequence[str],
    count: int,
    failed: int,
    case: Case,
) -> str:
    """What moved over the first sets, each set by what it changes, and how it went.

    kept: the sets' records, in the grid's order; changed: the parameters that some set changes.
    """
    first = list(islice(kept, SHOWN_SETS))
    rows = [{row["claim"]: row for row in record["rows"] if row["basis"] in MOVING} for record in first]
    columns = _columns(rows, case)
    books = {notebook.stem: notebook for notebook in notebooks}
    cards = [
        {
            "record": record,
            "page": _page(record),
            "name": _name(record, books, changed),
            "ours": [_ours(own.get(column["claim"]), column["unit"]) for column in columns],
        }
        for record, own in zip(first, rows, strict=True)
    ]
    return frame.template("sweep.html.j2").render(
        title=f"{count} parameter sets",
        count=count,
        failed=failed,
        notebooks=notebooks,
        parameters=[_parameter(name, notebooks) for name in changed],
        columns=columns,
        charts=_charts(first, rows, columns, notebooks, changed),
        cards=cards,
        articles=frame.articles(case),
        unfolded=False,
        style=frame.style() + (frame.TEMPLATES / "front.css").read_text(encoding="utf-8"),
    )


def _columns(rows: Sequence[Mapping[str, Mapping]], case: Case) -> list[dict]:
    """The claims and results for which our number differs between sets, in words."""
    seen: dict[str, set] = {}
    units: dict[str, str] = {}  # of results
    for own in rows:
        for claim, row in own.items():
            seen.setdefault(claim, set()).add(sweep_chart.ends(row))
            if row["basis"] == BASIS:
                units[claim] = row[UNIT]
    register = claims.load(case)
    moved = [name for name, values in seen.items() if len(values) > 1]
    moving = [claim for claim in moved if claim in register.index and claim not in units]
    results = [
        {"claim": name, "about": words.sentence(words.plain(name)), "printed": "", "unit": units[name]}
        for name in moved
        if name in units
    ]
    return [
        {
            "claim": claim,
            "about": words.sentence(f"{row['subject']}: {row['metric']}"),
            "printed": "" if row["printed"] != row["printed"] else row["printed"],
            "unit": row["unit"],
        }
        for claim, row in register.loc[moving[:SHOWN_FIGURES]].iterrows()
    ] + results[: max(0, SHOWN_FIGURES - len(moving))]


def _charts(
    first: Sequence[Mapping],
    rows: Sequence[Mapping[str, Mapping]],
    columns: Sequence[Mapping],
    notebooks: Sequence[Notebook],
    changed: Sequence[str],
) -> list[sweep_chart.Chart]:
    drawn = []
    for column in columns:
        own = [
            (record, row[column["claim"]]) for record, row in zip(first, rows, strict=True) if column["claim"] in row
        ]
        name = sweep_chart.axis([record for record, _ in own], changed)
        known = [notebook.parameters[name] for notebook in notebooks if name in notebook.parameters]
        drawn.append(sweep_chart.chart(column, own, name, known[0] if known else None))
    return [chart for chart in drawn if chart]


def _parameter(name: str, notebooks: Sequence[Notebook]) -> dict[str, Any]:
    """A parameter as the page explains it once."""
    known = next(notebook.parameters[name] for notebook in notebooks if name in notebook.parameters)
    return {
        "name": name,
        "words": words.plain(name),
        "unit": known.unit,
        "default": words.value(known.default, known.unit),
    }


def _name(record: Mapping, books: Mapping[str, Notebook], changed: Sequence[str]) -> str:
    """A set by the values of the parameters that the sweep changes."""
    book = books.get(record["notebook"])
    said = []
    for name in changed:
        if name in record["parameters"]:
            unit = book.parameters[name].unit if book and name in book.parameters else ""
            said.append(f"{words.plain(name)} {_value(record['parameters'][name], unit)}")
    number = f"{record['notebook'][:2]}: " if len(books) > 1 else ""
    return number + (", ".join(said) or "as printed")


def _page(record: Mapping) -> str:
    """Where a set's page is, else its executed notebook; nothing where neither was kept."""
    names = [f"{record['notebook']}.{kind}" for kind in ("html", "ipynb")]
    return next((f"sets/{record['set']}/{name}" for name in names if name in record["files"]), "")


def _value(value: object, unit: str) -> str:
    return words.value(value, unit) if isinstance(value, int | float) else shown(cell(value))


def _ours(row: Mapping | None, unit: str) -> str:
    if row is None or sweep_chart.ends(row) == (None, None):  # not a number
        return ""
    return words.spread(*sweep_chart.ends(row), unit)
