"""A page in a browser, asked what axe-core finds wrong with it, and what else a reader would meet."""

from functools import cache
from pathlib import Path

import axe_playwright_python
import pytest

SLOWLY = [(390, "light"), (1280, "dark"), (1280, "light")]
SIZES = [(390, "dark"), *(pytest.param(*size, marks=pytest.mark.slow) for size in SLOWLY)]


@cache
def script() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def heard(tab) -> list[str]:
    """What a page goes on to ask for, and complain of; not what lies beside it or within it."""
    noises: list[str] = []

    def hear(noise: str) -> None:
        if not noise.startswith(("file:", "data:")):
            noises.append(noise)

    tab.on("request", lambda request: hear(request.url))
    tab.on("console", lambda message: hear(message.text))
    tab.on("pageerror", lambda error: hear(str(error)))
    return noises


def wrong(browser, path: Path, width: int, scheme: str) -> list[str]:
    """What is wrong with a page: axe's violations, what `heard` tells, sideways scroll."""
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = heard(tab)
    tab.goto(path.as_uri())
    if (wide := tab.evaluate("document.documentElement.scrollWidth")) > width:
        found.append(f"{wide} pixels wide")
    tab.evaluate(script())
    for violation in tab.evaluate("axe.run()")["violations"]:
        nodes = [f"{node['target']} {node['failureSummary'][:200]}" for node in violation["nodes"][:3]]
        found.append(f"{violation['id']}: {nodes}")
    tab.close()
    return found
