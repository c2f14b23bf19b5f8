"""What all pages share: templates, the one style sheet, and the articles."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from casestudy import data
from casestudy.case import Case
from casestudy.layers import LAYERS, ON_DARK

TEMPLATES = Path(__file__).parent / "templates"


def articles(case: Case) -> list[dict]:
    """The articles as the foot of a front page names them."""
    return data.documents(case).fillna("").reset_index().to_dict("records")


@cache
def sheet() -> str:
    """The style sheet as it stands in its file."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """The one script of our pages, as it stands in them: the file without its last line end."""
    return (TEMPLATES / "page.js").read_text(encoding="utf-8").removesuffix("\n")


@cache
def style() -> str:
    """The one style sheet, with the layers' colours."""
    light, dark = (
        "\n".join(f".layer.{name.lower()} {{ color: {colour}; }}" for name, colour in on.items())
        for on in (LAYERS, ON_DARK)
    )
    return f"{sheet()}\n{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


@cache
def template(name: str) -> Template:
    """A template of this room."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    environment.filters["tex"] = _formulas
    return environment.get_template(name)


def _formulas(text: str) -> Markup:
    from casestudy.reports.pages import tex  # here, since feedback shows none and starts faster without

    return Markup(tex.in_text(text, escape))
