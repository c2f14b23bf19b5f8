"""The page that leads to all what-if pages of a folder."""

from pathlib import Path

from bs4 import BeautifulSoup, Tag

from casestudy.refusals import Refusal, file_access
from casestudy.reports.whatif.page import PAGE, style, template
from casestudy.staging import staging, whole


def collect(folder: str | Path) -> Path:
    """`index.html` over the pages that lie in folders of this one: title, sentence, question and figure of each."""
    folder = Path(folder)
    pages = sorted(folder.glob(f"*/{PAGE}"))
    if not pages:
        raise Refusal(f"{folder} must hold folders with an {PAGE}; `casestudy sweep GRID.toml --explore` makes one")
    cards = [_card(path) for path in pages]
    html = template("index.html.j2").render(cards=cards, style=style())
    with (
        staging(folder, ["index.html"]) as staged,
        file_access(f"write to {folder}"),
        whole(staged, folder, "index.html") as file,
    ):
        file.write(html)
    return folder / "index.html"


def _card(path: Path) -> dict[str, str]:
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    texts = {name: page.select_one(place) for name, place in (("title", "h1"), ("sentence", "#sentence"))}
    picture, question = page.select_one("#figure"), page.select_one(".about em")
    return {
        "href": f"{path.parent.name}/{PAGE}",
        "number": path.parent.name[:2],
        "title": _words(texts["title"]),
        "sentence": _words(texts["sentence"]),
        "question": _words(question),
        "picture": str(picture["src"]) if picture else "",
    }


def _words(found: Tag | None) -> str:
    return found.get_text(" ", strip=True) if found else ""
