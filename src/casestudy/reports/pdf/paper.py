"""A finished page made fit for paper: what only a screen can use is gone, folds are open, pictures are files."""

import re
from io import BytesIO
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from casestudy.layers import LAYERS
from casestudy.reports.pages.pictures import NoPicture, data, kind_of

SCREEN = frozenset(  # what needs a screen, a pointer or a script
    [
        "nav",
        "footer",
        "script",
        "style",
        "template",
        "dialog",
        "form",
        "button",
        "input",
        "select",
        "textarea",
        "source",
    ]
)
HIDDEN = frozenset(["noprint", "cell_tags", "contents"])  # a page marks what else it has for screens with the first
CODE = re.compile(r'<details\b[^<>]*\bclass="[^"]*\bcode\b.*?</details>', re.S)  # nine tenths of a page's elements
ON_PAPER = {  # kinds of pictures that typst reads, and what their files are called
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}
SMALL = 220  # pixels; a narrower picture stays in its line
KEPT = ("line", "own", "choice", "who", "label")  # classes of paragraphs that look their own way
SIZES = (("9.5pt", 88), ("8.5pt", 100), ("7.5pt", 114))  # of a table's letters, and how many fit on a line
GAP, SHORT = 4, 14  # letters between two columns; a cell of so many stays on one line
TOGETHER = 14  # rows of a table that stays on one page
_NUMBER = re.compile(r"[<>~≈±+\-−–]?\s?[$€]?\d[\d,. ]*(?:e[+-]?\d+)?\s?(?:%|‰|[A-Za-z]{1,12}(?:/[a-z]+)?)?", re.I)
_RANGE = re.compile(rf"{_NUMBER.pattern}(?:\s*(?:to|-|–|\.\.)\s*{_NUMBER.pattern})?", re.I)
UNSAID = ("NaN", "NaT", "None", "nan")  # what a table of pandas shows where it has nothing
_NOTHING = (*map(str.lower, UNSAID), "", "...", "-", "–", "—", "none", "nothing", "open")


def fit(page: str, folder: Path) -> Tag:
    """What of a page stands on paper, as HTML that pandoc reads whole; its pictures are written into `folder`."""
    whole = BeautifulSoup(CODE.sub("", page), "html.parser")
    main = whole.find("main") or whole.find("body")
    if not isinstance(main, Tag):
        main = whole
    for tag in main.find_all(class_="claim"):  # first, since a citation may be a button or hold a note
        _cite(tag)
    for tag in main.find_all(_is_for_screens):
        if not tag.decomposed:
            tag.decompose()
    for fold in main.find_all("details"):
        _unfold(fold)
    for number, drawn in enumerate(main.find_all(["svg", "img"])):
        _picture(drawn, folder / f"picture-{number}")
    for table in main.find_all("table"):
        _align(table)
    _words(main)
    return main


def heading(main: Tag) -> str:
    """The page's first heading, which is taken out, since the title block shows it."""
    first = main.find("h1")
    if not isinstance(first, Tag):
        return ""
    text = " ".join(first.get_text().split())
    first.decompose()
    return text


def owner(main: Tag) -> str:
    """Whose sheet it is, as its head says; nothing where it is nobody's own."""
    own = main.find("div", class_="own")
    return " · ".join(line.get_text().strip() for line in own.find_all("p")) if isinstance(own, Tag) else ""


def is_number(text: str) -> bool:
    """Whether a cell's text is a number with its unit, or a range of two: such cells stand at the right.

    >>> [is_number(text) for text in ("21.1% to 24.4%", "-0.4", "1,297,000", "810 million", "agrees", "two of 40")]
    [True, True, True, True, False, False]
    """
    return _RANGE.fullmatch(text.strip()) is not None


def _is_for_screens(tag: Tag) -> bool:
    hidden = "popover" in tag.attrs or "hidden" in tag.attrs or tag.get("aria-hidden") == "true"
    return tag.name in SCREEN or hidden or not HIDDEN.isdisjoint(tag.get("class") or ())


def _cite(tag: Tag) -> None:
    """A citation as plain text in brackets, without the note that it opens."""
    text = next((text for text in tag.stripped_strings), "")
    plain = Tag(name="span", attrs={"class": "claim"})
    plain.append(NavigableString(f"[{text}]"))
    tag.replace_with(plain)


def _unfold(fold: Tag) -> None:
    """The inside of a fold; its label stays, unless it only asks for a click."""
    label = fold.find("summary")
    if isinstance(label, Tag):
        if "reveal" in (fold.get("class") or ()):
            label.decompose()
        else:
            label.name, label.attrs = "p", {}
            label.wrap(Tag(name="div", attrs={"class": "label"}))
    fold.name, fold.attrs = "div", {"class": "fold"}


def _picture(drawn: Tag, path: Path) -> None:
    """A picture as a file beside the page; one that paper cannot show leaves its words."""
    if drawn.find_parent("svg"):
        return
    words = str(drawn.get("alt") or drawn.get("aria-label") or "A picture without a description")
    try:
        if drawn.name == "svg":
            title = drawn.find("title")
            words = title.get_text() if isinstance(title, Tag) and not drawn.get("aria-label") else words
            drawn.attrs.setdefault("xmlns", "http://www.w3.org/2000/svg")
            content = _cased(str(drawn)).encode()
        else:
            content = data(str(drawn.get("src", "")))
        kind = ON_PAPER[kind_of(content)]
    except (NoPicture, KeyError):
        drawn.replace_with(NavigableString(f"[A picture that paper does not show: {words}]"))
        return
    file = path.with_suffix(f".{kind}")
    file.write_bytes(content)
    size = "small" if kind != "svg" and _width(content) < SMALL else "wide"
    drawn.replace_with(Tag(name="img", attrs={"src": file.name, "alt": words, "class": size}))


def _cased(svg: str) -> str:
    """A drawing whose names have their capitals again, which a reader of HTML has taken away."""
    for name in ("viewBox", "clipPath", "linearGradient", "preserveAspectRatio", "clipPathUnits", "gradientUnits"):
        svg = re.sub(rf"(?<=[\s<\/]){name.lower()}(?=[\s=>])", name, svg)
    return svg


def _width(content: bytes) -> int:
    from PIL import Image  # matplotlib's

    with Image.open(BytesIO(content)) as picture:
        return int(picture.width)


def _align(table: Tag) -> None:
    """Numbers to the right, words to the left, column by column; widths in which no word is cut."""
    rows = [row.find_all(["th", "td"], recursive=False) for row in table.find_all("tr")]
    spans = any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row)
    body = [row for row in rows if row and not row[0].find_parent("thead")]
    columns = range(max(map(len, rows), default=0))
    for number in columns:
        told = [row[number].get_text().strip() for row in body if number < len(row)]
        told = [text for text in told if text.lower() not in _NOTHING]
        side = "right" if told and not spans and all(map(is_number, told)) else "left"
        for cell in (row[number] for row in rows if number < len(row)):
            cell["style"] = f"text-align: {side}"
            if side == "right" and cell.string:
                cell.string = cell.string.strip().replace(" ", "\xa0")
    for cell in (cell for row in rows for cell in row if cell.get_text().strip() in UNSAID):
        cell.string = "–"
    texts = [[row[number].get_text().strip() for row in rows if number < len(row)] for number in columns]
    longest = [max(map(len, column), default=0) + GAP for column in texts]
    size, fits = next(each for each in SIZES if sum(longest) <= each[1] or each is SIZES[-1])
    table.attrs = {"data-size": size, "data-whole": "true" if len(rows) <= TOGETHER else "false"}
    if sum(longest) > SIZES[0][1] and not spans:
        table.insert(0, _widths(texts, longest, fits))


def _widths(texts: list[list[str]], longest: list[int], fits: int) -> Tag:
    """Columns as wide as their longest word; what is left goes to those that hold more."""
    words = [max((len(word) for text in column for word in _words_of(text)), default=0) + GAP for column in texts]
    told = [
        sum(map(len, column)) if most > word else 0 for column, most, word in zip(texts, longest, words, strict=True)
    ]
    left = max(fits - sum(words), 0)
    parts = [word + left * much / max(sum(told), 1) for word, much in zip(words, told, strict=True)]
    group = Tag(name="colgroup")
    for part in parts:
        group.append(Tag(name="col", attrs={"style": f"width: {100 * part / sum(parts):.1f}%"}))
    return group


def _words_of(text: str) -> list[str]:
    return [text] if len(text) <= SHORT else text.split(" ")


def _words(main: Tag) -> None:
    """What pandoc would lose: colours of layers, classes of paragraphs, binomials; and what it would stumble over."""
    for tag in main.find_all("em", class_="layer"):
        name = next((name for name in LAYERS if name.lower() in (tag.get("class") or ())), "")
        tag.name, tag.attrs = "span", {"class": "layer", "data-colour": LAYERS.get(name, "#000000")}
    for tag in main.find_all(["p", "header"], class_=list(KEPT)):
        kept = [name for name in tag.get("class") or () if name in KEPT]
        for blank in tag.find_all("span", recursive=False) if "line" in kept else ():
            blank["class"] = "blank"
        tag.attrs = {}
        tag.wrap(Tag(name="div", attrs={"class": " ".join(kept)}))
    for tag in main.find_all("mfrac", linethickness=re.compile("^0")):
        _stacked(tag)
    for tag in main.find_all(True):
        tag.attrs.pop("id", None)
        if tag.name == "a" and not str(tag.get("href", "")).startswith(("http:", "https:", "mailto:")):
            tag.unwrap()  # it leads to a place that the paper has not


def _stacked(fraction: Tag) -> None:
    """A fraction without a line, which is one of a binomial, as two rows."""
    parts = [part.extract() for part in fraction.find_all(True, recursive=False)]
    fraction.name, fraction.attrs = "mtable", {}
    for part in parts:
        row, cell = Tag(name="mtr"), Tag(name="mtd")
        cell.append(part)
        row.append(cell)
        fraction.append(row)
