"""What a page shows of an output: what stands still, else a sentence that says what is missing.

An output comes in several forms. One that needs a script or a running notebook gives way to a picture in the same
output, then to what is left of it without; where nothing is, a sentence says how to get a picture.
"""

import re
from collections.abc import Mapping
from copy import copy
from functools import lru_cache
from html import escape
from typing import Any

import nbformat

from casestudy.reports.pages import fragment, markdown, tables, tex
from casestudy.reports.pages.pictures import KINDS, Pictures, base64_bytes, encoded, kind_of

OURS = "application/vnd.casestudy."  # recorded, not shown
LOADS = "_load.v"  # of a library that makes itself ready, and shows nothing yet
PICTURES = ("image/svg+xml", *(kind for kind, _ in KINDS if kind != "image/svg+xml"))
STILL = ("text/html", "text/markdown", PICTURES[0], "text/latex", *PICTURES[1:])  # the first that there is
LIVE = (  # by a word in its MIME type or its HTML: what needs more than a page gives, and how to leave a picture of it
    ("plotly", "A plotly figure", '`fig.show("png")` leaves a picture.'),
    ("widget", "A widget", "Print or display its value, too."),
    ("vega", "An Altair figure", '`alt.renderers.enable("png")` leaves pictures.'),
    ("bokeh|bk-root", "A Bokeh figure", "Export it as a PNG, and display that."),
    ("holoviews", "A HoloViews figure", "Its matplotlib backend leaves pictures."),
    ("leaflet|folium|geo.json", "A map", "Display a picture of it."),
    ("javascript", "What a script draws or does", "Display a picture of it."),
    ("/pdf", "A PDF", "Display a picture of it."),
    ("json", "An output in JSON", "Print it, or display a picture of it."),
    ("image/", "A picture of a kind that browsers do not show", "Display it as a PNG."),
    ("^video/", "A video", "Display a still picture of it."),
)
FIGURE = re.compile(r"\s*<img [^<>]*src=\"data:image/(?:png|svg\+xml);base64,[^<>]*>\s*")  # one, and nothing else
SAYS_NOTHING = re.compile(
    r"<[^<>]*\bobject\b[^<>]*>(?:\s*If you see this message.*)?|<[^<>]* at 0x[0-9a-fA-F]+>"
    r"|[\w.]+\(\.\.\.\)|Figure\(\{.*|\d+%\|.*|",
    re.S,
)  # the text that Python gives an object without one, and a bar that has not moved

REFERS = re.compile(r"<im(?!g [^<>]*src=\"data:)|url\(|href|srcset", re.I)  # HTML that may name a file


def standing(notebook: nbformat.NotebookNode, pictures: Pictures) -> nbformat.NotebookNode:
    """A copy of a notebook whose outputs and raw cells need nothing but the page."""
    notebook = copy(notebook)
    notebook.metadata = nbformat.from_dict({key: value for key, value in notebook.metadata.items() if key != "widgets"})
    notebook.cells = [copy(cell) for cell in notebook.cells]
    for cell in notebook.cells:
        if "tags" in cell.metadata:  # which become classes
            tags = [tag for tag in cell.metadata["tags"] or () if re.fullmatch(r"[^\s\"'<>&]+", str(tag))]
            cell.metadata = nbformat.from_dict({**cell.metadata, "tags": tags})
        if cell.cell_type == "code":
            outputs = [_standing(output, pictures) for output in cell.outputs]
            cell.outputs = [output for output in outputs if output is not None]
        elif cell.cell_type == "raw":
            cell.source = fragment.fit(cell.source, pictures.of(cell)).whole()
    return notebook


def _standing(output: nbformat.NotebookNode, pictures: Pictures) -> nbformat.NotebookNode | None:
    """One output in the form that is shown; None where there is nothing to show."""
    if "data" not in output:
        return output if output.output_type != "stream" or "".join(output.text).strip() else None
    shown = form(output.data, pictures)
    if shown is None:
        return None
    output = copy(output)
    output.data = nbformat.from_dict(shown)
    output.metadata = nbformat.from_dict(_of_pictures(output.get("metadata", {})))
    return output


def _of_pictures(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes and words of pictures in an output's metadata; not a file's name, nor that HTML wants a frame."""
    kept = {key: _of_pictures(value) for key, value in metadata.items() if key.startswith("image/") and value}
    sizes = {key: metadata[key] for key in ("width", "height") if re.fullmatch(r"[\d.]+", str(metadata.get(key)))}
    return kept | sizes | {key: metadata[key] for key in ("alt", "unconfined") if key in metadata}


def form(data: Mapping[str, Any], pictures: Pictures) -> dict[str, str] | None:
    """The form of an output that a page shows, by its MIME type; None where there is nothing to show.

    >>> form({"application/vnd.plotly.v1+json": {}, "image/svg+xml": "<svg></svg>"}, Pictures())
    {'image/svg+xml': '<svg></svg>'}
    >>> form({"text/plain": "5 heads"}, Pictures())
    {'text/plain': '5 heads'}
    """
    data = {kind: value for kind, value in data.items() if not kind.startswith(OURS)}
    live = [kind for kind in data if kind not in (*STILL, "text/plain")]
    if any(LOADS in kind for kind in live):
        return None
    html = _text(data.get("text/html", ""))
    fit = fragment.fit(tex.in_html(html), pictures) if REFERS.search(html) else _fit(html)
    whole = not live and fit.complete
    for kind in STILL if whole else (*PICTURES, *STILL):
        if kind in data and (shown := _shown(kind, data, fit, pictures)):
            return shown
    plain, missing = _text(data.get("text/plain", "")), _missing(live, html, fit, data)
    says = SAYS_NOTHING.fullmatch(plain.strip()) is None
    if missing:
        return {"text/html": missing + (f"\n<pre>{escape(plain)}</pre>" if says else "")}
    return {"text/plain": plain} if says or (plain.strip() and len(data) == 1) else None


@lru_cache(maxsize=128)
def _fit(html: str) -> fragment.Fragment:
    """Of HTML that refers to no file: often the same in the next set's page."""
    return fragment.fit(tex.in_html(html), Pictures())


def _shown(kind: str, data: Mapping[str, Any], fit: fragment.Fragment, pictures: Pictures) -> dict[str, str] | None:
    """One form of an output, as a page shows it; None where it shows nothing. fit: of its HTML."""
    text = _text(data[kind])
    if kind == "text/html":
        return {kind: _laid_out(fit.whole())} if fit.shows or (fit.complete and "<style" in fit.html) else None
    if kind == "text/latex":
        return _latex(text, drawn=any(other in PICTURES for other in data))
    if kind == "text/markdown":
        fit = fragment.fit(markdown.html(text), pictures)
        return {kind: text} if fit.shows or not fit.complete else None
    content = text.encode() if kind == PICTURES[0] and text.lstrip()[:1] == "<" else base64_bytes(text)
    if not kind_of(content):
        return None
    if kind in ("image/png", "image/jpeg"):
        return {kind: text}
    return (
        {kind: content.decode(errors="replace")}
        if kind == PICTURES[0]
        else {"text/html": f'<img src="{encoded(content)}">'}
    )


def _laid_out(html: str) -> str:
    """Tables made fit to read, and a figure in a box of the page's width, which shows it in full size on a phone."""
    if FIGURE.fullmatch(html):
        full = '<label class="full"><input type="checkbox"> Full size</label>'
        return f'<div class="figure"><div class="scroll">{html.strip()}</div>{full}</div>'
    return tables.tidy(html)


def _latex(source: str, drawn: bool) -> dict[str, str] | None:
    """TeX as a page shows it; None where it holds nothing, or is drawn and cannot be converted."""
    try:
        return {"text/html": tex.latex(source)} if source.strip() else None
    except tex.NotTeX:
        return None if drawn else {"text/html": f'<pre><code class="tex">{escape(source.strip())}</code></pre>'}


def _missing(live: list[str], html: str, fit: fragment.Fragment, data: Mapping[str, Any]) -> str:
    """A sentence on an output of which nothing stands still; nothing where nothing is missing."""
    known = ((what, how) for where in (*live, html) for word, what, how in LIVE if re.search(word, where, re.I))
    if live or not fit.complete:
        what, how = next(known, ("", ""))
        if not what and not live and (fit.left_out != (fragment.SCRIPT,) or fragment.MISSING in fit.html):
            return fit.whole()
        what = what or (f"An output of the kind {escape(live[0])}" if live else "What a script draws or does")
        how = re.sub("`(.*?)`", r"<code>\1</code>", how or "Display a picture of it.")
        return f'<p class="failed">{what} is missing here: a page holds only text and pictures. {how}</p>'
    if any(kind in data for kind in PICTURES):
        return '<p class="failed">A picture is missing here: its data are damaged.</p>'
    return ""


def _text(value: Any) -> str:
    """Text that a notebook may keep as a list of lines."""
    return value if isinstance(value, str) else "".join(value) if isinstance(value, list) else str(value)
