"""Citation marks: each opens a note on its claim, and leads to the claim's row at the foot of its page."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from casestudy import claims, data
from casestudy.case import Case

MARK = re.compile(r"""<abbr class="claim" data-claim="(\w+)" (title=(?:"[^"]*"|'[^']*'))>(.*?)</abbr>""")
ALONE = re.compile(r"<(td|th|em)((?: class=\"[^\"]*\")?)>([^<]+)</\1>")  # words that fill an element


@dataclass(frozen=True)
class Note:
    """One claim as a reader meets it: what it is about, what is printed, and where.

    printed: nothing where no number is; language: of the article that prints it; title: the article's, or our
    translation where the file has none, and title_language: its own.
    """

    id: str
    place: str  # 004 p10
    about_words: str
    printed: str
    language: str
    title: str
    title_language: str

    @property
    def mark(self) -> str:
        """What stands in running text; on a page with notes it becomes a button."""
        words = self.about_words + (f", printed {self.printed}" if self.printed else "")
        return f'<abbr class="claim" data-claim="{self.id}" title="{escape(words)}">{self.place}</abbr>'

    @property
    def about(self) -> Markup:
        """Subject, metric and what is printed, as HTML."""
        foreign = self.language if re.search(r"[^\W\d_]", self.printed) else "en"
        printed = f"; printed: {_in(foreign, self.printed, 'strong')}" if self.printed else "; no number is printed"
        return Markup(f"{escape(self.about_words)}{printed}.")

    @property
    def source(self) -> Markup:
        """The article and the paragraph, as HTML."""
        article, _, paragraph = self.place.partition(" p")
        return Markup(f"Article {article}, paragraph {paragraph}: {_in(self.title_language, self.title, 'cite')}.")


def _in(language: str, words: str, element: str) -> str:
    lang = "" if language == "en" else f' lang="{escape(language)}"'
    return f"<{element}{lang}>{escape(words)}</{element}>"


def load(case: Case) -> dict[str, Note]:
    """A note for each claim, by its id."""
    articles = data.documents(case).fillna("").to_dict("index")
    rows = claims.load(case)[["document", "paragraph", "subject", "metric", "printed"]].fillna({"printed": ""})
    return {id: _note(id, row, articles[row["document"]]) for id, row in rows.iterrows()}


def _note(id: str, row: Mapping, article: Mapping) -> Note:
    titled = (article["title"], article["language"]) if article["title"] else (article["title_en"], "en")
    about = f"{row['subject']}: {row['metric']}"
    return Note(id, claims.locator(row), about, str(row["printed"]), article["language"], *titled)


def linked(html: str, cited: Mapping[str, Note]) -> tuple[str, list[tuple[Note, int]]]:
    """A page with its marks as buttons, and the notes that they open in the articles' order, each with its marks."""
    met: Counter[str] = Counter()

    def button(mark: re.Match[str]) -> str:
        id = mark[1]
        if id not in cited:
            return mark[0]
        met[id] += 1
        return (
            f'<button type="button" class="claim" id="cite-{id}-{met[id]}" popovertarget="note-{id}"'
            f' data-row="claim-{id}"><span {mark[2]}>{mark[3]}</span></button>'
        )

    html = MARK.sub(button, html)
    return html, sorted(((cited[id], count) for id, count in met.items()), key=_in_order)


def _in_order(entry: tuple[Note, int]) -> tuple[str, int, str]:
    article, _, paragraph = entry[0].place.partition(" p")
    return article, int(paragraph), entry[0].id


def spoken(html: str, cited: Mapping[str, Note]) -> str:
    """A page on which words and titles of articles in another language than English say which it is."""
    foreign = {note.printed: note.language for note in cited.values() if re.search(r"[^\W\d_]", note.printed)}
    foreign |= {note.title: note.title_language for note in cited.values()}
    foreign = {escape(words, quote=False): language for words, language in foreign.items() if language != "en"}

    def marked(found: re.Match[str]) -> str:
        language = foreign.get(found[3].strip())
        return f'<{found[1]}{found[2]} lang="{language}">{found[3]}</{found[1]}>' if language else found[0]

    return ALONE.sub(marked, html) if foreign else html
