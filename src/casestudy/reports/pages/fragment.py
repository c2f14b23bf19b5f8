"""HTML that a notebook brings along, made fit for a page: by lists of what is allowed, and nothing goes silently.

A fragment is parsed and written anew, so that an element left open in it ends with it. What would ask a network or a
file, or run, is left out, and a sentence says so: in its place, or at the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import tinycss2  # which nbconvert brings, as it does bs4
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from casestudy.reports.pages.pictures import NoPicture, Pictures, data

SCRIPT = (
    "A script was left out, and what it would have drawn or done is missing: a page runs none. Display a picture of it."
)
ELSEWHERE = "What a style or a tag would have fetched from elsewhere was left out: a page fetches nothing."
MISSING = "missing"  # the class of a sentence in the place of what is
LINK = "A link was left out that leads to no address of the web."


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HTML = _words(
    """
    a abbr address article aside audio b bdi bdo big blockquote br button caption center cite code col colgroup
    dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img input
    ins kbd label legend li main mark menu meter nav ol output p picture pre progress q rp rt ruby s samp search
    section small source span strike strong style sub summary sup table tbody td tfoot th thead time tr tt u ul
    var video wbr
    """
)
_SVG = _words(
    """
    svg g path rect circle ellipse line polyline polygon text tspan textpath defs use symbol marker clippath
    mask pattern lineargradient radialgradient stop image filter switch feblend fecolormatrix
    fecomponenttransfer fecomposite feconvolvematrix fediffuselighting fedisplacementmap fedistantlight
    fedropshadow feflood fefunca fefuncb fefuncg fefuncr fegaussianblur feimage femerge femergenode femorphology
    feoffset fepointlight fespecularlighting fespotlight fetile feturbulence
    """
)
_MATH = _words(
    """
    math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom menclose mfenced msub
    msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr maction
    semantics
    """
)
_DRAWN = _SVG | _MATH
_ELEMENTS = _HTML | _DRAWN
_ATTRIBUTES = _words(
    """
    abbr align alt aria autoplay bgcolor border cellpadding cellspacing char charoff checked class color cols
    colspan compact controls datetime dir disabled download face for frame headers height hidden high href
    hreflang id itemprop itemscope itemtype label lang loading loop low max media min muted name nowrap open
    optimum playsinline preload rel reversed role rows rowspan rules scope scoped shape size span src start
    style summary tabindex target title translate type valign value width
    """
)
_WITHOUT_TEXT = _words("script template title desc metadata annotation annotation-xml noembed noframes")
_FRAMES = _words("iframe frame embed object applet canvas portal fencedframe")
_PICTURED = _words("img svg math video audio hr table meter progress input")
_SCHEMES = ("http", "https", "mailto", "tel")
_SCRIPTED = ("javascript", "vbscript", "data")
_FILE = re.compile(r"data:(?:text/(?:csv|plain)|application/(?!xhtml)[\w.+-]+|image/(?:png|jpeg))[;,]")  # to keep
_FETCHING = re.compile(r"url|src|image|cross|import|\\", re.I)  # else a style need not be parsed
_FUNCTIONS = _words("url src image image-set -webkit-image-set cross-fade -webkit-cross-fade")


@dataclass(frozen=True)
class Fragment:
    """HTML that is fit for a page.

    left_out: a sentence for each kind of thing that was left out and has no place of its own; shows: whether a reader
    sees more than what is missing.
    """

    html: str
    left_out: tuple[str, ...] = ()
    shows: bool = True

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.left_out and f'class="{MISSING}"' not in self.html

    def whole(self) -> str:
        """With its sentences at the end."""
        return self.html + "".join(f'\n<p class="failed">{sentence}</p>' for sentence in self.left_out)


def fit(html: str, pictures: Pictures) -> Fragment:
    """What of a fragment of HTML may stand on a page.

    >>> fit("<p onclick='f()'>5 <b>heads", Pictures()).html
    '<p>5 <b>heads</b></p>'
    """
    if "<" not in html:
        return Fragment(escape(unescape(html), quote=False), shows=bool(html.strip()))
    html = re.sub(r"<\?xml.*?\?>", "", html, flags=re.S)  # of a drawing, for which the parser would take the rest
    soup, left_out = BeautifulSoup(html, "html.parser"), dict[str, None]()
    for node in [node for node in soup.descendants if isinstance(node, PreformattedString)]:
        node.extract()  # comments and declarations, which browsers end elsewhere than other readers do
    for tag in soup.find_all(True):
        if not tag.decomposed and tag.parent is not None:
            left_out |= dict.fromkeys(_element(tag, pictures))
    shows = any(_is_seen(node) for node in soup.descendants)
    return Fragment(str(soup), tuple(left_out), shows)


def _of(tag: Tag, attribute: str) -> str:
    """An attribute's text; nothing where it is not there."""
    return str(tag.get(attribute) or "")


def _is_seen(node: Any) -> bool:
    if isinstance(node, Tag):
        return node.name in _PICTURED
    hidden = (one.name == "style" or MISSING in one.get("class", ()) for one in node.parents)
    return bool(node.strip()) and not any(hidden)


def _element(tag: Tag, pictures: Pictures) -> Iterator[str]:
    """Make one element fit; gives what was left out of it."""
    if tag.name == "image" and not tag.find_parent("svg"):
        tag.name = "img"  # as browsers read it
    name = tag.name
    if name in _FRAMES:
        yield from _instead(tag, _frame(tag))
    elif name in _WITHOUT_TEXT:
        if name == "script":
            yield SCRIPT
        tag.decompose()
    elif name in ("link", "meta", "base"):
        if (_of(tag, "href") and name != "base") or _of(tag, "http-equiv").lower() == "refresh":
            yield ELSEWHERE
        tag.decompose()
    elif name not in _ELEMENTS or (name == "input" and _of(tag, "type").lower() not in ("checkbox", "radio")):
        yield from (SCRIPT for attribute in tag.attrs if attribute.lower().startswith("on"))
        tag.unwrap()
    else:
        yield from _content(tag, pictures)
        if not tag.decomposed:
            yield from _attributes(tag)


def _content(tag: Tag, pictures: Pictures) -> Iterator[str]:
    """What an element that is allowed shows or holds."""
    if tag.name == "style":
        text = re.sub(r"<!\[CDATA\[|\]\]>|<!--|-->", "", tag.get_text())
        styled = style(text)
        if styled != text:
            yield ELSEWHERE
        if styled != tag.get_text() or "<" in styled:
            tag.string = styled.replace("<", r"\3c ")  # which no reader takes for a tag
    elif tag.name == "img":
        try:
            tag["src"] = pictures.within(_of(tag, "src"))
            tag.attrs.setdefault("alt", "No description has been provided for this image")
        except NoPicture as reason:
            yield from _instead(tag, _named("picture", _of(tag, "alt"), f"is missing: {reason}"))
    elif tag.name in ("video", "audio"):
        held = [one for one in (tag, *tag.find_all("source")) if _DATA[tag.name].match(_of(one, "src"))]
        if not held:
            address = next((one["src"] for one in (tag, *tag.find_all("source")) if _of(one, "src")), "")
            yield from _instead(
                tag, _named(tag.name, address, "is missing: a page fetches nothing; embed it, or show a picture of it")
            )
    elif tag.name == "source" and not (tag.parent and tag.parent.name in _DATA and _of(tag, "src").startswith("data:")):
        tag.decompose()  # a browser takes it for a picture, or asks for it


_DATA = {kind: re.compile(rf"data:{kind}/", re.I) for kind in ("video", "audio")}


def _attributes(tag: Tag) -> Iterator[str]:
    """Take away the attributes that run, fetch, or are not known; gives what was left out."""
    for attribute, value in list(tag.attrs.items()):
        name, text = attribute.lower(), value if isinstance(value, str) else " ".join(value)
        reason = _refused(tag.name, name, text)
        if reason is not None:
            del tag[attribute]
            if reason:
                yield reason
        elif name == "style" and (styled := style(text)) != text:
            tag[attribute] = styled
            yield ELSEWHERE


def _refused(element: str, name: str, value: str) -> str | None:
    """Why an attribute cannot stay: a sentence, or nothing where a reader misses nothing; None where it can."""
    if name.startswith("on"):
        return SCRIPT
    if name in ("href", "xlink:href"):
        return _link(element, value)
    if name == "src":
        return None if element in ("img", "video", "audio", "source") and _held(element, value) else ""
    if name in _ATTRIBUTES or name.startswith(("data-", "aria-")):
        return None
    if element not in _DRAWN or not re.fullmatch(r"[a-z][a-z0-9:_-]*", name) or name in ("srcset", "poster", "data"):
        return ELSEWHERE if name in ("srcset", "background", "poster", "ping") and "data:" not in value else ""
    return None if style(value) == value else ELSEWHERE


def _held(element: str, value: str) -> bool:
    return element == "img" or value[:5].lower() == "data:"


def _link(element: str, value: str) -> str | None:
    """As `_refused`, for an address: a drawing's own parts, a picture's bytes, or a place that a reader may go to."""
    address = re.sub(r"[\x00-\x20]", "", value)  # as browsers read it
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
    if element in ("image", "feimage"):
        try:
            return None if data(address) else ELSEWHERE
        except NoPicture:
            return ELSEWHERE
    if element in _DRAWN and element not in _MATH:
        return None if address.startswith("#") else ELSEWHERE
    if scheme and scheme[1].lower() not in _SCHEMES and not _FILE.match(address):
        return SCRIPT if scheme[1].lower() in _SCRIPTED else LINK
    return None


def _frame(tag: Tag) -> str:
    address = next((tag[name] for name in ("src", "data", "title") if tag.get(name)), "")
    if tag.name == "canvas" or _of(tag, "srcdoc") or not re.match("https?:|//", str(address)):
        return "[A frame is missing: a page shows what it holds itself, and runs no script. Show a picture of it.]"
    return f"[What {address} shows is missing: a page fetches nothing. Show a picture of it.]"


def _named(kind: str, name: Any, rest: str) -> str:
    return f"[The {kind} “{name}” {rest}.]" if name else f"[A {kind} {rest}.]".replace("A a", "An a")


def _instead(tag: Tag, sentence: str) -> Iterator[str]:
    """Put a sentence in an element's place; within a drawing there is none, so it is given back."""
    if tag.find_parent("svg"):
        yield sentence.strip("[]")
        tag.decompose()
        return
    note = Tag(name="em", attrs={"class": MISSING})
    note.append(NavigableString(sentence))
    tag.replace_with(note)
    tag.decompose()


def style(css: str) -> str:
    """A style that fetches nothing; the same text where it did not.

    >>> style("color: red"), style("background: url(http://x.org/a.png)")
    ('color: red', 'background: url(data:,)')
    """
    if not _FETCHING.search(css):
        return css
    tokens = tinycss2.parse_component_value_list(css)
    return tinycss2.serialize(tokens) if _disarm(tokens) else css


def _disarm(tokens: list[Any], within: str = "") -> bool:
    """Whether something was taken out of a list of CSS tokens; within: the function whose arguments they are."""
    found, skipping, kept = False, "", list[Any]()
    for token in tokens:
        if token.type == "at-keyword" and token.lower_value in ("import", "namespace"):
            skipping = token.lower_value
        if skipping == "import" or (token.type == "error" and token.kind == "bad-url"):
            found = True
        elif not skipping and (token.type == "url" or (token.type == "string" and within in _FUNCTIONS)):
            remote = not token.value.strip().lower().startswith(("#", "data:")) and bool(token.value.strip())
            kept += (
                tinycss2.parse_component_value_list("url(data:,)" if within == "" else '"data:,"')
                if remote
                else [token]
            )
            found |= remote
        else:
            inner = token.arguments if token.type == "function" else getattr(token, "content", None)
            if isinstance(inner, list):
                found |= _disarm(inner, token.lower_name if token.type == "function" else "")
            kept.append(token)
        if token.type == "literal" and token.value == ";":
            skipping = ""
    tokens[:] = kept
    return found
