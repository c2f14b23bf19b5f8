"""The front page of a sweep: its sets, how they went, and the evidence that moves."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from casestudy import claims
from casestudy.case import Case
from casestudy.claims.comparison import EVIDENCE
from casestudy.reports.pages.frame import articles, style, template
from casestudy.reports.sets.parameters import Notebook
from casestudy.reports.sets.table import cell
from casestudy.variant import shown

SHOWN_SETS, SHOWN_FIGURES = 1000, 6  # what a browser opens and a reader reads


def index(
    kept: Iterable[Mapping],
    notebooks: Sequence[Notebook],
    changed: Sequence[str],
    count: int,
    failed: int,
    case: Case,
) -> str:
    """The first sets with their parameters, how they went, and the evidence that moves.

    kept: the sets' records, in the grid's order; changed: the parameters that some set changes.
    """
    first = list(islice(kept, SHOWN_SETS))
    evidence = [_evidence(record) for record in first]
    ours = [{claim: _ours(row) for claim, row in rows.items()} for rows in evidence]
    printed = {claim: row["printed"] for rows in evidence for claim, row in rows.items()}
    moving = [claim for claim in printed if _moves(claim, ours)][:SHOWN_FIGURES]
    register = claims.load(case)
    columns = [
        {"claim": claim, "about": f"{row['subject']}: {row['metric']}", "printed": printed[claim]}
        for claim, row in register.reindex(moving).iterrows()
    ]
    cards = [
        {
            "record": record,
            "page": _page(record),
            "values": [_value(record["parameters"].get(name)) for name in changed],
            "figures": [cells.get(claim, "") for claim in moving],
        }
        for record, cells in zip(first, ours, strict=True)
    ]
    about: dict[str, Any] = {"title": f"{count} parameter sets", "count": count, "failed": failed, "changed": changed}
    about |= {"notebooks": notebooks, "columns": columns}
    return template("sweep.html.j2").render(cards=cards, articles=articles(case), style=style(), **about)


def _evidence(record: Mapping) -> dict[str, Mapping]:
    """By claim, the set's comparisons that count as evidence."""
    return {row["claim"]: row for row in record["rows"] if row["basis"] in EVIDENCE}


def _moves(claim: str, ours: Iterable[Mapping[str, str]]) -> bool:
    """Whether our figure for a claim differs between sets."""
    return len({cells[claim] for cells in ours if claim in cells}) > 1


def _page(record: Mapping) -> str:
    """Where a set's page is, else its executed notebook; nothing where neither was kept."""
    names = [f"{record['notebook']}.{kind}" for kind in ("html", "ipynb")]
    return next((f"sets/{record['run']}/{name}" for name in names if name in record["files"]), "")


def _value(value: object) -> str:
    return "" if value is None else shown(cell(value))


def _ours(row: Mapping) -> str:
    ends = (row["ours_low"], row["ours_high"])
    if row["ours"] is None and ends == (None, None):  # not a number
        return ""
    return (
        f"{row['ours']:.5g}" if row["ours"] is not None else " to ".join("" if e is None else f"{e:.5g}" for e in ends)
    )
