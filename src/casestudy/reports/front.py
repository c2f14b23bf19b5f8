"""The first page of a batch, and what all pages share: their templates and one style sheet."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pygments.formatters import HtmlFormatter

from casestudy import claims, data
from casestudy.case import Case
from casestudy.comparison import EVIDENCE
from casestudy.layers import LAYERS
from casestudy.reports import records
from casestudy.reports.parameters import Notebook
from casestudy.reports.records import Report, cell

TEMPLATES = Path(__file__).parent / "templates"
SHOWN_SETS, SHOWN_FIGURES = 1000, 6  # of a sweep: what a browser opens and a reader reads


def index(reports: list[Report], case: Case) -> str:
    """The page one hands to a class: questions, answers, main figures, agreement by basis, articles."""
    from casestudy.reports.publish import changes, markdown  # with nbconvert, which a sweep's front page does without

    notice = (
        "**No longer the document's figures.** Run with {}. The answer below was written for the document's values; "
        "the figure follows the changed ones."
    )
    cards = [
        {
            "report": report,
            "agreement": records.agreement(report),
            "notice": markdown(notice.format(changes(report)), {}) if report.changed else "",
        }
        for report in reports
    ]
    return template("index.html.j2").render(
        title="The case in figures", cards=cards, articles=_articles(case), claims=len(claims.load(case)), style=style()
    )


def _articles(case: Case) -> list[dict]:
    return data.documents(case).fillna("").reset_index().to_dict("records")


def sweep_index(
    kept: Iterable[Mapping],
    notebooks: Sequence[Notebook],
    changed: Sequence[str],
    count: int,
    failed: int,
    case: Case,
) -> str:
    """A sweep's front page: the first sets with their parameters, how they went, and the evidence that moves.

    kept: the sets' records, in the grid's order; changed: the parameters that some set changes.
    """
    first = list(islice(kept, SHOWN_SETS))
    figures = [{row["claim"]: row for row in record["rows"] if row["basis"] in EVIDENCE} for record in first]
    ours = [{claim: _ours(row) for claim, row in rows.items()} for rows in figures]
    printed = {claim: row["printed"] for rows in figures for claim, row in rows.items()}
    moving = [claim for claim in printed if len({cells[claim] for cells in ours if claim in cells}) > 1][:SHOWN_FIGURES]
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
    about = {"title": f"{count} parameter sets", "count": count, "failed": failed, "changed": changed}
    about |= {"notebooks": notebooks, "columns": columns}
    return template("sweep.html.j2").render(cards=cards, articles=_articles(case), style=style(), **about)


def _page(record: Mapping) -> str:
    """Where a set's page is, else its executed notebook; nothing where neither was kept."""
    names = [f"{record['notebook']}.{kind}" for kind in ("html", "ipynb")]
    return next((f"sets/{record['run']}/{name}" for name in names if name in record["files"]), "")


def _value(value: object) -> str:
    return "" if value is None else shown(cell(value), 40)


def _ours(row: Mapping) -> str:
    ends = (row["ours_low"], row["ours_high"])
    if row["ours"] is None and ends == (None, None):  # not a number
        return ""
    return (
        f"{row['ours']:.5g}" if row["ours"] is not None else " to ".join("" if e is None else f"{e:.5g}" for e in ends)
    )


def shown(value: object, width: int = 72) -> str:
    """A parameter's value in few words, on one line, fit for a code span.

    >>> shown("")
    'nothing'
    """
    return textwrap.shorten(str(value).replace("`", "'"), width, placeholder=" ...") or "nothing"


@cache
def style() -> str:
    """The one style sheet, with the layers' colours and those of the code."""
    colours = "\n".join(f".layer.{name.lower()} {{ color: {colour}; }}" for name, colour in LAYERS.items())
    code = HtmlFormatter(style="friendly", nobackground=True).get_style_defs(".highlight")
    return "\n".join([(TEMPLATES / "page.css").read_text(encoding="utf-8"), colours, code])


@cache
def template(name: str):
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    return environment.get_template(name)
