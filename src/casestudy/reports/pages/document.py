"""Executed notebooks to pages a reader can open anywhere: one HTML file each, and an index."""

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from jinja2 import pass_context
from nbconvert import HTMLExporter
from nbconvert.filters import Highlight2HTML, clean_html

from casestudy import claims
from casestudy.case import Case
from casestudy.layers import LAYERS
from casestudy.reports.pages import fragment, notes, tables
from casestudy.reports.pages import markdown as prose
from casestudy.reports.pages.frame import TEMPLATES, style, template
from casestudy.reports.pages.notes import Note
from casestudy.reports.pages.outputs import standing
from casestudy.reports.pages.pictures import Pictures
from casestudy.reports.sets import table
from casestudy.reports.sets.outcome import ParameterSet, Shelf
from casestudy.reports.sets.source import VARIANT
from casestudy.variant import shown

HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.S)
PRE = re.compile(r"<pre>(?=<span></span>)")  # of code
TO_NOTEBOOK = re.compile(r'<a href="(\d\d-[\w-]+)\.ipynb(#[\w-]+)?"[^>]*>(.*?)</a>', re.S)
FILES = {"ipynb": "the notebook, as it ran", "csv": "its numbers: results.csv", "png": "its main figure as PNG"}
FILES |= {"svg": "its main figure as SVG"}


@dataclass(frozen=True)
class Place:
    """Where a page will lie: the stem of its notebook, what lies beside it, and the shelf that it is part of."""

    stem: str
    shelf: Shelf
    files: Collection[str] = ()


class _Exporter(HTMLExporter):
    """nbconvert's HTML with folded code and no anchors, prompts or scripts."""

    def __init__(self) -> None:
        super().__init__(
            template_name="reader",
            extra_template_basedirs=[str(TEMPLATES)],
            exclude_input_prompt=True,
            exclude_output_prompt=True,
        )
        self.cited: Mapping[str, Note] = {}  # replaced for each page, and so is
        self.pictures = Pictures()
        self.parts: list[str] = []

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        yield from super().default_filters()
        of_magics = "magics_language"  # what a preprocessor says of a cell that begins with %%html
        yield ("highlight_code", lambda code, metadata=None: _highlighted(code, (metadata or {}).get(of_magics)))
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
def _highlighted(code: str, language: str | None) -> str:
    """Code in its colours."""
    return str(Highlight2HTML(pygments_lexer="ipython3")(code, language))


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


def markdown(source: str, cited: Mapping[str, Note], pictures: Pictures | None = None) -> str:
    """Markdown as HTML: TeX as MathML, claims as their place in the articles, layers in their colour.

    pictures: where those that it shows lie; what it may not show is named in its place or at the end.
    """
    source = claims.CITATION.sub(lambda match: cited[match[1]].mark if match[1] in cited else match[0], source)
    html = prose.html(source)
    html = fragment.fit(html, pictures).whole() if pictures and "<im" in html.lower() else _fit(html)
    html = tables.tidy(html)
    word = rf"<em>({'|'.join(LAYERS)})(, if [^<]+)?</em>"
    return re.sub(word, lambda m: f'<em class="layer {m[1].lower()}">{m[1]}{m[2] or ""}</em>', html)


def citations(case: Case) -> dict[str, Note]:
    """By claim id, what a citation shows the reader."""
    return notes.load(case)


def mark_variant(notebook: nbformat.NotebookNode, asked: ParameterSet) -> None:
    """Say at the top of the page that changed parameters make the numbers no longer the articles'."""
    if not asked.changed:
        return
    words = (
        f"**These numbers are no longer the articles'.** This page was run with {changes(asked)}. "
        "The sentences were written for the articles' own values. Figures and tables follow the changed ones. "
        "No row of the comparison counts as a test here."
    )
    cell = nbformat.v4.new_markdown_cell(words, metadata={"tags": [VARIANT]})
    cell.id = VARIANT
    notebook.cells.insert(0, cell)


def changes(asked: ParameterSet) -> str:
    """The changed parameters beside the articles', as Markdown."""
    given, items = asked.notebook.defaults(), asked.changed.items()
    return "; ".join(f"`{name} = {shown(value, 72)}` instead of `{shown(given[name], 72)}`" for name, value in items)


def signature_alt(notebook: nbformat.NotebookNode) -> str:
    """The words of the signature figure."""
    figures = [output for output in table.outputs(notebook) if "signature" in output.get("metadata", {})]
    return "".join(output.data.get("text/plain", "") for output in figures)


def answer(notebook: nbformat.NotebookNode, cited: Mapping[str, Note], pictures: Pictures | None = None) -> str:
    """The paragraph under the title, as HTML; pictures: where those that the notebook names lie."""
    titled = [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.source.startswith("# ")]
    cell = titled[0] if titled else {}
    paragraphs = [part for part in cell.get("source", "").split("\n\n") if part and not part.startswith("#")]
    return markdown(paragraphs[0], cited, (pictures or Pictures()).of(cell)) if paragraphs else ""


def document(
    notebook: nbformat.NotebookNode,
    title: str,
    cited: Mapping[str, Note],
    place: Place | None = None,
    pictures: Pictures | None = None,
) -> str:
    """An executed notebook as one HTML file, which asks neither a network nor a file for anything.

    place: where it will lie, if it has a number and neighbours; pictures: where those that the notebook names lie.
    """
    shelf, stem = (place.shelf, place.stem) if place else (Shelf(index=""), "")
    html, met = notes.linked(body(notebook, cited, pictures), cited)
    html, contents = headed(TO_NOTEBOOK.sub(lambda link: _to_page(link, shelf), html))
    if number := re.match(r"\d\d(?=-)", stem):
        html = html.replace("<h1>", f'<h1><span class="number">{number[0]} ·</span> ', 1)
    before, after = shelf.around(stem)
    return template("page.html.j2").render(
        title=f"{number[0]} · {title}" if number else title,
        body=html,
        style=style(),
        index=shelf.index,
        before=before,
        after=after,
        contents=[*contents, *([("claims", "Claims cited on this page", "")] if met else [])],
        notes=met,
        files=list(_files(place)) if place else [],
    )


def body(notebook: nbformat.NotebookNode, cited: Mapping[str, Note], pictures: Pictures | None = None) -> str:
    """What stands on the page of an executed notebook, or of a part of one."""
    exporter = _exporter()
    exporter.cited, exporter.pictures = cited, pictures or Pictures()
    html = exporter.body(standing(notebook, exporter.pictures))
    return notes.spoken(PRE.sub('<pre tabindex="0" role="group" aria-label="Code">', html), cited)


def headed(html: str) -> tuple[str, list[tuple[str, str, str]]]:
    """A page whose headings can be led to, and its contents: id, words and layer of each larger one.

    >>> headed("<h2>A <em>b</em></h2>")[1]
    [('a-b', 'A b', '')]
    """
    taken, contents = Counter({"claims": 1, "files": 1, "text": 1}), list[tuple[str, str, str]]()

    def heading(found: re.Match[str]) -> str:
        level, inside = found.groups()
        words = re.sub(r"<(button|abbr)\b.*?</\1>", "", inside, flags=re.S)
        words, _, layer = re.sub(r"<(?!/?(?:math|m[a-z]+)\b)[^>]*>", "", words).strip().partition(" · ")
        id = re.sub(r"[^a-z0-9]+", "-", re.sub(r"<[^>]*>|&\w+;", "", words).lower()).strip("-")[:60] or "part"
        taken[id] += 1
        id = f"{id}-{taken[id]}" if taken[id] > 1 else id
        if level == "2":
            contents.append((id, words, next((name for name in LAYERS if layer.startswith(name)), "")))
        anchor = f'<a class="anchor" href="#{id}" aria-label="link to this part">#</a>'
        return f'<h{level} id="{id}">{inside} {anchor}</h{level}>'

    return HEADING.sub(heading, html), contents


def without(html: str, stem: str) -> str:
    """A page without links to the page of a notebook that has none."""
    html = re.sub(rf'<a rel="(?:prev|next)" href="{stem}\.html">.*?</a>', "", html, flags=re.S)
    return re.sub(rf'<a href="{stem}\.html(?:#[\w-]+)?">(.*?)</a>', r"\1", html, flags=re.S)


def _to_page(link: re.Match[str], shelf: Shelf) -> str:
    """A link to another notebook leads to its page, where there is one."""
    if link[1] not in dict(shelf.beside):
        return link[3]
    return f'<a href="{link[1]}.html{link[2] or ""}">{link[3]}</a>'


def _files(place: Place) -> Iterator[tuple[str, str]]:
    """What a reader can take along: addresses, as seen from the page, with what they are called."""
    results = posixpath.join(posixpath.dirname(place.shelf.index), "results.csv")
    for address in sorted({*place.files, results}, key=lambda name: list(FILES).index(name.rpartition(".")[2])):
        yield address, FILES[address.rpartition(".")[2]]
