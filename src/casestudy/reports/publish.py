"""Executed notebooks to pages a reader can open anywhere: one HTML file each, and an index."""

import ast
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from html import escape
from itertools import islice
from pathlib import Path
from typing import ClassVar

import latex2mathml.converter
import nbformat
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from nbconvert import HTMLExporter
from nbconvert.filters import clean_html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from casestudy import claims, data
from casestudy.case import Case
from casestudy.comparison import EVIDENCE
from casestudy.plots.language import LAYERS
from casestudy.reports import records
from casestudy.reports.records import Report

TEMPLATES = Path(__file__).parent / "templates"
WORDS = re.compile(r"<td>((?!NaN|None|inf)[^<]*[^\W\d_]{2}[^<]*)</td>")  # a cell of a table that holds no number
SHOWN_SETS, SHOWN_FIGURES = 1000, 6  # of a sweep, on its front page: what a browser opens and a reader reads
VARIANT = "variant"  # tag of the cell that says the numbers are no longer the document's


class _Renderer(IPythonRenderer):
    """Markdown whose TeX comes out as MathML, which needs no script."""

    def inline_math(self, body: str) -> str:
        return escape(f"${body}$") if body != body.strip() else _mathml(body, "inline")  # else it is money

    def block_math(self, body: str) -> str:
        return _mathml(body, "block")


def _mathml(tex: str, display: str) -> str:
    try:
        return latex2mathml.converter.convert(tex, display=display)
    except Exception:  # of many kinds; the reader gets the TeX
        return f'<code class="tex">{escape(tex)}</code>'


class _Exporter(HTMLExporter):
    """nbconvert's HTML with folded code and no anchors, prompts or scripts."""

    cited: ClassVar[dict[str, str]] = {}  # replaced for each page

    def __init__(self):
        super().__init__(
            template_name="reader",
            extra_template_basedirs=[str(TEMPLATES)],
            exclude_input_prompt=True,
            exclude_output_prompt=True,
        )

    def default_filters(self):
        yield from super().default_filters()
        yield ("gist", gist)
        yield ("clean_html", _cleaned)

    @pass_context
    def markdown2html(self, context, source):
        return markdown(source, self.cited)


_cleaned = lru_cache(maxsize=512)(clean_html)  # of code, mostly, which is the same in the next set's page


@cache
def _exporter() -> _Exporter:
    """One a process: to make it costs more than most pages do."""
    return _Exporter()


def gist(source: str) -> str:
    """What a folded cell is called: its last statement on one line, cut to fit.

    >>> gist("low = 1\\nshow(\\n    draw(low),\\n)")
    'show(draw(low))'
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a line that only notebooks know
        return "Code"
    if statements and isinstance(statements[-1], ast.Import | ast.ImportFrom):
        return "imports"
    return textwrap.shorten(ast.unparse(statements[-1]), 72, placeholder=" ...") if statements else "Code"


def markdown(source: str, cited: dict[str, str]) -> str:
    """Markdown as HTML: TeX as MathML, claims as their place in the documents, layers in their colour."""
    source = claims.CITATION.sub(lambda match: cited.get(match[1], match[0]), source)
    html = MarkdownWithMath(renderer=_Renderer(escape=False, exclude_anchor_links=True)).render(source)
    return re.sub(rf"<em>({'|'.join(LAYERS)})</em>", lambda m: f'<em class="layer {m[1].lower()}">{m[1]}</em>', html)


def citations(case: Case) -> dict[str, str]:
    """By claim id, what a citation shows the reader: document and paragraph, with the figure as printed."""
    return {id: _cite(row) for id, row in claims.load(case).iterrows()}


def _cite(row: pd.Series) -> str:
    told = f"{row['subject']}: {row['metric']}" + (f", printed {row['printed']}" if pd.notna(row["printed"]) else "")
    return f'<abbr class="claim" title="{escape(told)}">{claims.place(row)}</abbr>'


def mark_variant(notebook: nbformat.NotebookNode, report: Report) -> None:
    """Say at the top of the page that changed parameters make the numbers no longer the document's."""
    if not report.changed:
        return
    words = (
        f"**These numbers are no longer the document's.** This page was run with {changes(report)}. "
        "The sentences were written for the document's own values; figures and tables follow the changed ones, "
        "and no row of the comparison counts as agreement here."
    )
    cell = nbformat.v4.new_markdown_cell(words, metadata={"tags": [VARIANT]})
    cell.id = VARIANT
    notebook.cells.insert(0, cell)


def changes(report: Report) -> str:
    """The changed parameters beside the document's, as Markdown."""
    given, items = report.notebook.defaults(), report.changed.items()
    return "; ".join(f"`{name} = {shown(value)}` instead of `{shown(given[name])}`" for name, value in items)


def shown(value: object, width: int = 72) -> str:
    """A parameter's value in few words, on one line, fit for a code span.

    >>> shown("")
    'nothing'
    """
    return textwrap.shorten(str(value).replace("`", "'"), width, placeholder=" ...") or "nothing"


def signature_alt(notebook: nbformat.NotebookNode) -> str:
    """The words of the signature figure."""
    shown = [output for output in records.outputs(notebook) if "signature" in output.get("metadata", {})]
    return "".join(output.data.get("text/plain", "") for output in shown)


def answer(notebook: nbformat.NotebookNode, cited: dict[str, str]) -> str:
    """The paragraph under the title, as HTML."""
    titled = [cell.source for cell in notebook.cells if cell.cell_type == "markdown" and cell.source.startswith("# ")]
    paragraphs = [part for part in "".join(titled[:1]).split("\n\n") if part and not part.startswith("#")]
    return markdown(paragraphs[0], cited) if paragraphs else ""


def document(notebook: nbformat.NotebookNode, title: str, cited: dict[str, str], index: str = "") -> str:
    """An executed notebook as one HTML file; nothing on it comes from a network. index: where its way back leads."""
    exporter = _exporter()
    exporter.cited = cited
    body, _ = exporter.from_notebook_node(notebook)
    body = WORDS.sub(r'<td class="words">\1</td>', body)
    return _template("page.html.j2").render(title=title, body=body, style=style(), index=index)


def index(reports: list[Report], case: Case) -> str:
    """The page one hands to a class: questions, answers, main figures, agreement by basis, articles."""
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
    return _template("index.html.j2").render(
        title="The case in figures", cards=cards, articles=_articles(case), claims=len(claims.load(case)), style=style()
    )


def _articles(case: Case) -> list[dict]:
    return data.documents(case).fillna("").reset_index().to_dict("records")


def sweep_index(records: Iterable[Mapping], changed: Sequence[str], ran: int, failed: int, case: Case) -> str:
    """A sweep's front page: the first sets with their parameters, how they went, and the evidence that moves.

    records: as kept with the sets, in the grid's order; changed: the parameters that some set changes.
    """
    first = list(islice(records, SHOWN_SETS))
    figures = [{row["claim"]: row for row in record["rows"] if row["basis"] in EVIDENCE} for record in first]
    ours = [{claim: _ours(row) for claim, row in rows.items()} for rows in figures]
    every = dict.fromkeys(claim for cells in ours for claim in cells)
    moving = [claim for claim in every if len({cells[claim] for cells in ours if claim in cells}) > 1][:SHOWN_FIGURES]
    several = len({record["notebook"] for record in first}) > 1
    cards = [
        {
            "record": record,
            "page": f"sets/{record['run']}/{record['notebook']}"
            + (".html" if f"{record['notebook']}.html" in record["files"] else ".ipynb"),
            "values": [_value(record["parameters"].get(name)) for name in changed],
            "figures": [cells.get(claim, "") for claim in moving],
        }
        for record, cells in zip(first, ours, strict=True)
    ]
    about = {"changed": changed, "moving": moving, "several": several, "ran": ran, "failed": failed}
    return _template("sweep.html.j2").render(cards=cards, articles=_articles(case), style=style(), **about)


def _value(value: object) -> str:
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else shown(value, 40)


def _ours(row: Mapping) -> str:
    ends = (row["ours_low"], row["ours_high"])
    return (
        f"{row['ours']:.5g}" if row["ours"] is not None else " to ".join("" if e is None else f"{e:.5g}" for e in ends)
    )


@cache
def style() -> str:
    """The one style sheet, with the layers' colours and those of the code."""
    colours = "\n".join(f".layer.{name.lower()} {{ color: {colour}; }}" for name, colour in LAYERS.items())
    code = HtmlFormatter(style="friendly", nobackground=True).get_style_defs(".highlight")
    return "\n".join([(TEMPLATES / "page.css").read_text(encoding="utf-8"), colours, code])


@cache
def _template(name: str):
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    return environment.get_template(name)
