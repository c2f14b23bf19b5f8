"""Tables as a reader meets them: words left, numbers right, no empty head, nothing that only a program would print."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

_ONE = r"[-−+±≈~<>≤≥]*\s?[$€£]?\d[\d,. \u202f]*(?:e[-+]?\d+)?\s?%?"
_NUMBER = re.compile(
    rf"\(?{_ONE}(?:(?:to|and|of|in|or|×|/|±|–|-|,|;)\s?{_ONE})?(?:\s?[^\W\d_]{{1,7}}\.?)?(?:\s?cent)?\)?"
)
_NO_NUMBER = re.compile(r"\d{4}-\d\d(?:-\d\d)?|0\d+")  # a date; the id of an article
_PLAIN = re.compile(r"-?\d+(?:\.(\d+))?(?:e[-+]?\d+)?")  # as a program prints it
_NOTHING = frozenset({"", "NaN", "nan", "None", "<NA>", "NaT", "–", "—", "-", "∞", "−∞"})
_WHOLE = re.compile(  # what no line end may cut: dates, places in articles, ids
    r"(?<!\w)(?:\d{4}-\d\d(?:-\d\d)?|\d{1,2} [A-Z][a-z]{2} \d{4}|\d{3} p\d+|[A-Z]{2,5}-\w+)(?!\w)"
)
NOISE, DIGITS = 5, 4  # decimals that nobody chose; digits that are left of them
LABEL = 70  # characters of a table's name
LONG = 60  # characters of a cell that is a sentence, and needs its width on a phone


@lru_cache(maxsize=512)  # the next set's page holds the same
def tidy(html: str) -> str:
    """HTML with its tables aligned by column, named, and in a box that scrolls.

    >>> print(tidy("<table><tr><th></th><th>heads</th></tr><tr><th>low</th><td>NaN</td></tr></table>"))
    <div aria-label="Table: heads" class="table" role="group" tabindex="0"><table><tr><td></td><th scope="col">heads</th></tr><tr><th scope="row">low</th><td>–</td></tr></table></div>
    """  # noqa: E501
    if "<table" not in html.lower():
        return html
    soup = BeautifulSoup(html, "html.parser")
    for style in soup.find_all("style", scoped=True):  # pandas's own, which puts words at the right
        style.decompose()
    for table in soup.find_all("table"):
        if not table.find_parent("table"):
            _tidy(table)
            name = _name(table)
            table.wrap(
                soup.new_tag("div", attrs={"aria-label": name, "class": "table", "role": "group", "tabindex": "0"})
            )
    return str(soup)


def _tidy(table: Tag) -> None:
    _join_heads(table)
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    heads = [row for row in rows if row.parent and row.parent.name == "thead"] or _first_row_of_heads(rows)
    columns: dict[int, list[Tag]] = {}
    spans: list[tuple[Tag, range]] = []
    for row, cell, span in _placed(rows):
        if row not in heads:
            columns.setdefault(span.start, []).append(cell)
        elif cell.name == "th":
            spans.append((cell, span))
        if cell.name == "th" and cell.get_text(strip=True) and not cell.get("scope"):
            cell["scope"] = "col" if row in heads else "row"
        elif cell.name == "th" and not cell.get_text(strip=True) and not cell.find(["img", "math"]):
            cell.name = "td"
            del cell["scope"]
    large = any(_is_large(cell) for cells in columns.values() for cell in cells)
    numbers = {at for at, cells in columns.items() if _column(cells, large)}
    for cell, span in spans:
        if numbers.issuperset(span):
            _mark(cell, "number")
    for cell in (cell for cells in columns.values() for cell in cells if len(cell.get_text(" ", strip=True)) > LONG):
        _mark(cell, "long")
    _keep_whole(table)


def _mark(cell: Tag, kind: str) -> None:
    cell["class"] = " ".join([*map(str, cell.get_attribute_list("class")), kind]).replace("None", "").strip()


def _first_row_of_heads(rows: list[Tag]) -> list[Tag]:
    """Of a table that does not say which rows are its head: the first, if it holds heads only."""
    return rows[:1] if rows and not rows[0].find("td") else []


def _join_heads(table: Tag) -> None:
    """The name of an index into the row of the columns' names, which pandas writes above it."""
    head = table.find("thead")
    rows = head.find_all("tr") if head else []
    if len(rows) < 2:
        return
    above, below = (row.find_all(["th", "td"]) for row in rows[-2:])
    named = [cell.get_text(strip=True) for cell in below]
    count = next((at for at, name in enumerate(named) if not name), len(named))
    corner = above[:count] if count and len(above) == len(below) and not any(named[count:]) else []
    if corner and not any(cell.get_text(strip=True) for cell in corner):
        for cell, name in zip(corner, named, strict=False):
            cell.string = name
        rows[-1].decompose()


def _placed(rows: list[Tag]) -> Iterator[tuple[Tag, Tag, range]]:
    """Each cell with its row and the columns over which it stands."""
    taken: set[tuple[int, int]] = set()
    for down, row in enumerate(rows):
        at = 0
        for cell in row.find_all(["th", "td"], recursive=False):
            while (down, at) in taken:
                at += 1
            wide, high = (_span(cell, name) for name in ("colspan", "rowspan"))
            taken |= {(down + below, at + right) for below in range(high) for right in range(wide)}
            yield row, cell, range(at, at + wide)


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1")
    return min(int(value), 100) if value.isdecimal() and int(value) else 1


def _is_large(cell: Tag) -> bool:
    text = str(cell.string or "").strip()
    return bool(_PLAIN.fullmatch(text)) and abs(float(text)) >= 10_000


def _column(cells: list[Tag], large: bool) -> bool:
    """Make the cells of a column fit to read; gives whether it holds numbers."""
    alone = [cell for cell in cells if cell.string is not None]
    texts = [str(cell.string).strip() for cell in alone]
    for cell, old, new in zip(alone, texts, readable(texts, large), strict=True):
        if new != old:
            cell.string = new
    told = [text for cell in cells if (text := cell.get_text(" ", strip=True)) not in _NOTHING]
    numbers = bool(told) and all(_NUMBER.fullmatch(text) and not _NO_NUMBER.fullmatch(text) for text in told)
    for cell in cells:
        if cell.name == "td" and numbers:
            _mark(cell, "number")
    return numbers and any(cell.name == "td" for cell in cells)


def readable(texts: list[str], large: bool = False) -> list[str]:
    """A column's cells without what only programs print: no NaN, no inf, no digits that nobody chose.

    large: whether its table holds ten thousand or more, so that thousands are set apart, except in years.

    >>> readable(["13104.0", "968.0", "NaN", "inf"], large=True), readable(["0.533333", "0.250000"])
    (['13,104', '968', '–', '∞'], ['0.5333', '0.25'])
    >>> readable(["2015.0"], large=True), readable(["1452"], large=True)
    (['2015'], ['1,452'])
    """
    texts = [_told(text) for text in texts]
    decimals = {len(found[1] or "") for text in texts if (found := _PLAIN.fullmatch(text))}
    noisy = any(count >= NOISE for count in decimals)
    shortened = [_shortened(text, noisy) if _PLAIN.fullmatch(text) else text for text in texts]
    if len(decimals) == 1 and not noisy and any(float(text) % 1 for text in shortened if _PLAIN.fullmatch(text)):
        shortened = texts  # 1.0 beside 1.5
    plain = [text for text in shortened if _PLAIN.fullmatch(text)]
    years = all(re.fullmatch(r"(?:19|20)\d\d", text) for text in plain)
    return [_grouped(text) if large and not years and _PLAIN.fullmatch(text) else text for text in shortened]


def _told(text: str) -> str:
    if text in _NOTHING:
        return "–" if text not in ("", "∞", "−∞") else text
    return re.sub(r"(?<![\w.])(-?)inf(?![\w.])", lambda found: "−∞" if found[1] else "∞", text)


def _shortened(text: str, noisy: bool) -> str:
    value = float(text)
    if noisy and value % 1:
        rounded = float(f"{value:.{DIGITS}g}")
        return f"{rounded:.12f}".rstrip("0").rstrip(".") if abs(rounded) >= 1e-9 else f"{rounded:g}"
    return f"{int(value)}" if value % 1 == 0 and abs(value) < 1e15 and "." in text else text


def _grouped(text: str) -> str:
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}" if re.fullmatch(r"-?\d+", whole) else text


def _keep_whole(table: Tag) -> None:
    """Dates, places in articles and ids in one piece."""
    for text in list(table.find_all(string=_WHOLE)):
        if isinstance(text, NavigableString) and type(text) is NavigableString:
            kept = _WHOLE.sub(lambda found: f'<span class="whole">{found[0]}</span>', escape(str(text), quote=False))
            text.replace_with(BeautifulSoup(kept, "html.parser"))


def _name(table: Tag) -> str:
    """What a table is called where a reader comes to its box: its caption, else its columns."""
    caption = table.find("caption")
    heads = [cell.get_text(" ", strip=True) for cell in (table.find("tr") or table).find_all("th")]
    words = caption.get_text(" ", strip=True) if caption else ", ".join(head for head in heads if head)
    words = words if len(words) <= LABEL else words[:LABEL].rsplit(" ", 1)[0].rstrip(",") + " …"
    return f"Table: {words}" if words else "Table"
