"""What QTI's packages have in common: a zip that is the same each time, names, and HTML that is XML."""

import io
import re
import zipfile
from collections.abc import Mapping
from html.parser import HTMLParser
from xml.sax.saxutils import escape, quoteattr

VOID = {"br", "hr", "img"}
FLAT = {"details": "div", "summary": "p"}  # of HTML 5, which QTI does not know
KEPT = {"alt", "colspan", "height", "href", "rowspan", "src", "width"}  # attributes
OWN = {"p", "div", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "em", "strong"}
OWN |= {"b", "i", "sub", "sup", "blockquote", "a", "img", "br", "hr", "span"}
WHEN = (1980, 1, 1, 0, 0, 0)  # the first day that a zip knows


def packed(files: Mapping[str, str]) -> bytes:
    """Files as a zip."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN), text.encode(), zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def identifier(words: str) -> str:
    """A name as XML wants it.

    >>> identifier("02-satisfaction.mix.bank-1")
    'q02-satisfaction.mix.bank-1'
    """
    return "q" + re.sub(r"[^\w.-]", "_", words, flags=re.A)


def xhtml(text: str) -> str:
    """HTML as well-formed XML of the elements that QTI knows; others leave their words.

    >>> xhtml("<details><summary>a &amp; b<br></summary><mark>c</mark></details>")
    '<div><p>a &amp; b<br/></p>c</div>'
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return "".join(reader.written)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = FLAT.get(tag, tag)
        if name in OWN:
            told = "".join(f" {key}={quoteattr(value or '')}" for key, value in attrs if key in KEPT)
            self.written.append(f"<{name}{told}{'/' * (name in VOID)}>")

    def handle_endtag(self, tag: str) -> None:
        name = FLAT.get(tag, tag)
        if name in OWN and name not in VOID:
            self.written.append(f"</{name}>")

    def handle_data(self, data: str) -> None:
        self.written.append(escape(data))
