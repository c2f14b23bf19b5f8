"""What every page promises, held against its finished HTML: it asks nobody for anything, and nothing on it is empty.

One script may stand on it, at its end: ours, to the letter.
"""

import re
from collections.abc import Collection
from html.parser import HTMLParser

from casestudy.reports.pages.fragment import style
from casestudy.reports.pages.frame import script
from casestudy.reports.pages.pictures import NoPicture, data

RUNS = frozenset({"iframe", "frame", "object", "embed", "applet", "portal", "base"})
LOADS = frozenset(
    ["src", "srcset", "poster", "data", "background", "action", "formaction", "manifest", "ping", "imagesrcset"]
)
GOES = frozenset({"a", "area", "math", "mrow", "mi", "mo", "mn", "mtext"})  # whose href waits for a reader
SHOWS = frozenset({"img", "svg", "math", "video", "audio", "table", "style", "hr", "input", "meter", "progress"})
VOID = frozenset(["area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
OUTPUT = "output_area"  # the class of what holds one output of a cell


def promises(html: str, files: Collection[str] = ()) -> list[str]:
    """What on a page breaks a promise, each as a clause about the page; nothing on a page that keeps them.

    files: what lies beside the page and may be shown on it.

    >>> promises("<p>5</p>"), promises('<script src="http://x.org/a.js"></script>')
    ([], ['holds a script', 'asks the network for http://x.org/a.js'])
    """
    page = _Page(frozenset(files))
    page.feed(html)
    page.close()
    if page.script is not None:  # it never ends
        page.broken.append("holds a script")
    return list(dict.fromkeys(page.broken))


class _Page(HTMLParser):
    """Reads a page once, and notes what it should not hold."""

    def __init__(self, files: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.files, self.broken = files, list[str]()
        self.open: list[str] = []  # elements, outermost first
        self.script: str | None = None  # what was read of one that may be ours
        self.output = -1  # how many were open where the output began that has shown nothing yet; -1 for none

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in RUNS:
            self.broken.append(f"holds {'an' if tag[0] in 'aeio' else 'a'} {tag}")
        if tag == "script":
            self.script = "" if not attrs and self.open == ["html", "body"] else None
            self.broken += ["holds a script"] if self.script is None else []
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.broken.append("leads elsewhere by itself")
        for name, value in given.items():
            self._attribute(tag, name, value)
        if tag == "image" and "svg" not in self.open:
            tag = "img"  # as browsers read it
        if tag == "img" and not given.get("src"):
            self.broken.append("has lost a picture")
        if tag in SHOWS:
            self.output = -1
        if tag not in VOID:
            self.open.append(tag)
            if OUTPUT in given.get("class", "").split():
                self.output = len(self.open)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self.script is not None:
            self.broken += ["holds a script"] if self.script != script() else []
            self.script = None
        if tag not in self.open:
            return
        while self.open.pop() != tag:
            pass
        if len(self.open) < self.output:
            self.broken.append("has an output that shows nothing")
            self.output = -1

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self._style(data)
        elif self.open and self.open[-1] == "script":
            self.script = None if self.script is None else self.script + data
        elif data.strip():
            self.output = -1

    def _attribute(self, tag: str, name: str, value: str) -> None:
        address = re.sub(r"[\x00-\x20]", "", value)
        if name.startswith("on"):
            self.broken.append(f"holds a script in {name}")
        elif name == "style" or "url(" in value.lower():
            self._style(value)
        elif re.match("(?:javascript|vbscript):", address, re.I):
            self.broken.append("holds a script in a link")
        elif name in LOADS or (name in ("href", "xlink:href") and tag not in GOES):
            self._address(tag, name, address, value)

    def _address(self, tag: str, name: str, address: str, value: str) -> None:
        """What a browser asks for without being told to."""
        if address.startswith("#") or address in self.files or not address:
            return
        if address[:5].lower() != "data:":
            network = re.match(r"[A-Za-z][\w+.-]*:|//", address) and not address.lower().startswith("file:")
            self.broken.append(f"asks {'the network' if network else 'a file'} for {address[:200]}")
        elif tag == "img" and name == "src":
            try:
                data(value)
            except NoPicture:
                self.broken.append("has lost a picture")

    def _style(self, css: str) -> None:
        if style(css) != css:
            self.broken.append("asks for what a style names elsewhere")
