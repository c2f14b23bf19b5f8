"""HTML that students have a part in: what they wrote is escaped, cut and freed of control characters; nothing runs."""

import base64
import hashlib
import math
import re
from functools import cache
from importlib.resources import files
from numbers import Real
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from casestudy.reports.pages import frame

LONGEST = 200  # characters of an answer
ROWS, COLUMNS = 8, 12  # of a table
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # reorder the line they stand in
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def rendered(template: str, sheet: str = "", **values: object) -> str:
    """A page from a template of this package; sheet: a style sheet beside the one of all these pages."""
    page = _environment().get_template(template)
    return page.render(style=Markup(_style(sheet)), policy=Markup(_policy(sheet)), **values) + "\n"


def cut(text: object, most: int = LONGEST) -> str:
    """At most so many characters.

    >>> cut("satisfaction", most=4)
    'sati … (cut)'
    """
    text = str(text)
    return text if len(text) <= most else f"{text[:most].rstrip()} … (cut)"


def shown(value: Any) -> str:
    """A value on one line, whatever it is.

    >>> shown(29.411764705), shown(1_297_000.0), shown({"help": 3.0, "talk": 7.0}), shown("falls")
    ('29.4118', '1297000', 'help: 3, talk: 7', 'falls')
    """
    if isinstance(value, Real):
        return _number(value)
    if isinstance(value, dict):
        value = [f"{name}: {shown(part)}" for name, part in list(value.items())[:20] if isinstance(part, Real | str)]
    if isinstance(value, list):
        return cut(", ".join(shown(part) for part in value[:20] if not isinstance(part, list | dict)))
    return cut(value) if isinstance(value, str) else ""


def _number(value: Any) -> str:
    if not abs(value) < 1e300:
        return "not finite" if isinstance(value, float) and not math.isfinite(value) else "beyond all bounds"
    return f"{float(value):.6g}" if abs(value) < 1e6 or abs(value) >= 1e15 else f"{float(value):.0f}"


def table(value: dict[str, Any]) -> dict[str, Any] | None:
    """The head of a table as answers.read makes them; None for what is none."""
    index, columns = value.get("index"), value.get("columns")
    if not isinstance(index, list) or not isinstance(columns, dict):
        return None
    kept = {name: column for name, column in list(columns.items())[:COLUMNS] if isinstance(column, list)}
    rows = [
        [shown(label), *(shown(column[row]) if row < len(column) else "" for column in kept.values())]
        for row, label in enumerate(index[:ROWS])
    ]
    return {"head": ["", *map(cut, kept)], "rows": rows, "of": len(index)}


def head(data: pd.DataFrame, most: int = ROWS) -> dict[str, Any]:
    """The head of a table of figures, at most so many rows of it."""
    first = data.iloc[:most, :COLUMNS]
    rows = [[shown(cell) or cut(cell) for cell in row] for row in first.itertuples(index=False, name=None)]
    return {"head": [cut(name) for name in first.columns], "rows": rows, "of": len(data)}


def light(text: str) -> Markup:
    """An author's sentence with its *stress* and its `code`, all else escaped.

    >>> print(light("*Times* is not `a - b` < 1"))
    <em>Times</em> is not <code>a - b</code> &lt; 1
    """
    coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\*([^*\s](?:[^*]*[^*\s])?)\*", r"<em>\1</em>", coded))


def author(html: str) -> Markup:
    """HTML made of what a set's author wrote, by `reports.pages`; never of anything that a student wrote."""
    return Markup(html)


def _printable(value: object) -> object:
    """No control characters, no half characters, nothing that turns a line round; every variable goes through here."""
    if not isinstance(value, str):
        return value
    return type(value)(TURNING.sub("", UNPRINTABLE.sub("\ufffd", value)))


@cache
def _style(sheet: str) -> str:
    """The reports' style sheet, and the little that these pages add."""
    own = [files(__package__) / "templates" / name for name in ("feedback.css", sheet) if name]
    return "\n" + frame.sheet() + "".join(file.read_text(encoding="utf-8") for file in own)


@cache
def _policy(sheet: str) -> str:
    """No script, no network, no frame, no form; no style but this very sheet."""
    digest = base64.b64encode(hashlib.sha256(_style(sheet).encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'" + (
        "; style-src-attr 'unsafe-inline'" if sheet else ""  # of authors' figures; nothing of a student's stands there
    )


@cache
def _environment() -> Environment:
    loader = PackageLoader(__package__)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, finalize=_printable, trim_blocks=True
    )
    environment.filters |= {"light": light, "points": _points, "percent": percent, "signed": signed}
    return environment


def percent(share: float) -> str:
    """A share as whole per cent.

    >>> percent(0.615), percent(-0.004)
    ('62%', '0%')
    """
    return f"{math.floor(100 * share + 0.5)}%"


def signed(value: float) -> str:
    """A number around zero, with its sign and two decimals.

    >>> signed(0.4), signed(-0.001)
    ('+0.40', '0.00')
    """
    return f"{round(value, 2):+.2f}" if round(value, 2) else "0.00"


def _points(value: float) -> str:
    return f"{round(value, 2):g}"
