"""Executed notebooks to pages a reader can open anywhere: one HTML file each, and an index."""

import ast
import re
import textwrap
from collections.abc import Iterator
from functools import cache, lru_cache
from html import escape
from typing import Any

import nbformat
import pandas as pd
from bs4 import BeautifulSoup
from jinja2 import pass_context
from nbconvert import HTMLExporter
from nbconvert.filters import clean_html

from casestudy import claims
from casestudy.case import Case
from casestudy.layers import LAYERS
from casestudy.reports.pages import fragment
from casestudy.reports.pages import markdown as prose
from casestudy.reports.pages.frame import TEMPLATES, style, template
from casestudy.reports.pages.outputs import standing
from casestudy.reports.pages.pictures import Pictures
from casestudy.reports.sets import table
from casestudy.reports.sets.outcome import ParameterSet
from casestudy.reports.sets.source import VARIANT
from casestudy.variant import shown

WORDS = re.compile(r"<td>((?!NaN|None|inf)[^<]*[^\W\d_]{2}[^<]*)</td>")  # a cell of a table that holds no number


class _Exporter(HTMLExporter):
    """nbconvert's HTML with folded code and no anchors, prompts or scripts."""

    def __init__(self) -> None:
        super().__init__(
            template_name="reader",
            extra_template_basedirs=[str(TEMPLATES)],
            exclude_input_prompt=True,
            exclude_output_prompt=True,
        )
        self.cited: dict[str, str] = {}  # replaced for each page, and so is
        self.pictures = Pictures()
        self.parts: list[str] = []

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        yield from super().default_filters()
        yield ("gist", gist)
        yield ("clean_html", lambda html: self.part(_cleaned(html)))

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        return self.part(markdown(source, self.cited, self.pictures.of(context.get("cell", {}))))

    def part(self, html: str) -> str:
        """A sign for HTML that is fit and written as it stays, which nbconvert need not read once more."""
        self.parts.append(html)
        return f"\ue000{len(self.parts) - 1}\ue001"

    def body(self, notebook: nbformat.NotebookNode) -> str:
        """The body of a page."""
        self.parts.clear()
        html, _ = self.from_notebook_node(notebook)
        parts = {str(number): f"\n{part.strip()}\n" for number, part in enumerate(self.parts)}
        return re.sub("\\s*\ue000(\\d+)\ue001\\s*", lambda sign: parts.get(sign[1], sign[0]), html)


@lru_cache(maxsize=512)
def _cleaned(html: str) -> str:
    """Of code, which is the same in the next set's page."""
    return str(BeautifulSoup(clean_html(html), "html.parser"))


@lru_cache(maxsize=512)
def _fit(html: str) -> str:
    """Of Markdown without pictures, for the same reason."""
    return fragment.fit(html, Pictures()).whole()


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


def markdown(source: str, cited: dict[str, str], pictures: Pictures | None = None) -> str:
    """Markdown as HTML: TeX as MathML, claims as their place in the documents, layers in their colour.

    pictures: where those that it shows lie; what it may not show is named in its place or at the end.
    """
    source = claims.CITATION.sub(lambda match: cited.get(match[1], match[0]), source)
    html = prose.html(source)
    html = fragment.fit(html, pictures).whole() if pictures and "<im" in html.lower() else _fit(html)
    layer = rf"<em>({'|'.join(LAYERS)})(, if [^<]+)?</em>"
    return re.sub(layer, lambda m: f'<em class="layer {m[1].lower()}">{m[1]}{m[2] or ""}</em>', html)


def citations(case: Case) -> dict[str, str]:
    """By claim id, what a citation shows the reader: document and paragraph, with the figure as printed."""
    return {id: _cite(row) for id, row in claims.load(case).iterrows()}


def _cite(row: pd.Series) -> str:
    figure = f"{row['subject']}: {row['metric']}" + (f", printed {row['printed']}" if pd.notna(row["printed"]) else "")
    return f'<abbr class="claim" title="{escape(figure)}">{claims.locator(row)}</abbr>'


def mark_variant(notebook: nbformat.NotebookNode, asked: ParameterSet) -> None:
    """Say at the top of the page that changed parameters make the numbers no longer the document's."""
    if not asked.changed:
        return
    words = (
        f"**These numbers are no longer the document's.** This page was run with {changes(asked)}. "
        "The sentences were written for the document's own values; figures and tables follow the changed ones, "
        "and no row of the comparison counts as agreement here."
    )
    cell = nbformat.v4.new_markdown_cell(words, metadata={"tags": [VARIANT]})
    cell.id = VARIANT
    notebook.cells.insert(0, cell)


def changes(asked: ParameterSet) -> str:
    """The changed parameters beside the document's, as Markdown."""
    given, items = asked.notebook.defaults(), asked.changed.items()
    return "; ".join(f"`{name} = {shown(value, 72)}` instead of `{shown(given[name], 72)}`" for name, value in items)


def signature_alt(notebook: nbformat.NotebookNode) -> str:
    """The words of the signature figure."""
    figures = [output for output in table.outputs(notebook) if "signature" in output.get("metadata", {})]
    return "".join(output.data.get("text/plain", "") for output in figures)


def answer(notebook: nbformat.NotebookNode, cited: dict[str, str], pictures: Pictures | None = None) -> str:
    """The paragraph under the title, as HTML; pictures: where those that the notebook names lie."""
    titled = [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.source.startswith("# ")]
    cell = titled[0] if titled else {}
    paragraphs = [part for part in cell.get("source", "").split("\n\n") if part and not part.startswith("#")]
    return markdown(paragraphs[0], cited, (pictures or Pictures()).of(cell)) if paragraphs else ""


def document(
    notebook: nbformat.NotebookNode,
    title: str,
    cited: dict[str, str],
    index: str = "",
    pictures: Pictures | None = None,
) -> str:
    """An executed notebook as one HTML file, which asks neither a network nor a file for anything.

    index: where its way back leads; pictures: where those that the notebook names lie.
    """
    exporter = _exporter()
    exporter.cited, exporter.pictures = cited, pictures or Pictures()
    body = WORDS.sub(r'<td class="words">\1</td>', exporter.body(standing(notebook, exporter.pictures)))
    return template("page.html.j2").render(title=title, body=body, style=style(), index=index)
