"""A page as a PDF: pandoc reads its HTML, typst sets it. Both are wheels of the extra `pdf`; nothing else is needed."""

import importlib.util
import json
import subprocess
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from casestudy.refusals import Refusal
from casestudy.reports.pdf import paper

HERE = Path(__file__).parent
NEEDED = ("pypandoc", "typst")
SECONDS = 600  # for pandoc, on one page: a bound for what hangs, not for a busy machine
FOOT = "Not affiliated with any company named; names are trademarks of their owners."


@dataclass(frozen=True)
class Front:
    """What stands around a page on paper.

    title: where empty, the page's own heading; lines: below it; running: at the top of each further page, where empty,
    whose sheet it is; changed: the parameters that a run changed, beside it; contents: whether sections are listed.
    """

    title: str = ""
    lines: tuple[str, ...] = ()
    running: str = ""
    changed: str = ""
    contents: bool = True
    author: str = "The casestudy authors"
    foot: str = FOOT


def required() -> None:
    """Refuse a PDF where pandoc or typst is missing, before anything runs."""
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise Refusal(
            f"--pdf needs pandoc and typst, and {' and '.join(missing)} cannot be imported; install them with"
            " pip install 'casestudy[pdf]', or in a checkout with make .venv/pdf"
        )


def typeset(page: str, front: Front, moment: datetime) -> bytes:
    """A finished HTML page as a tagged PDF, the same bytes for the same page and moment.

    moment: the date that the PDF carries.
    """
    with tempfile.TemporaryDirectory(prefix="case-pdf-") as name:
        folder = Path(name)
        fit = paper.fit(page, folder)
        heading = paper.heading(fit)
        front = replace(front, title=front.title or heading, running=front.running or paper.owner(fit))
        (folder / "page.typ").write_text(_look() + _written(str(fit)), encoding="utf-8")
        return _compiled(folder, front, int(moment.timestamp()))


def _compiled(folder: Path, front: Front, seconds: int) -> bytes:
    """PDF/UA, which every reader reads aloud; a page that breaks one of its rules is tagged all the same."""
    import typst

    compiled: Any = partial(
        typst.compile,
        folder / "page.typ",
        root=folder,
        font_paths=[_fonts()],
        ignore_system_fonts=True,
        sys_inputs={"front": json.dumps(asdict(front))},
        timestamp=seconds,
    )
    try:
        return bytes(compiled(pdf_standards=["ua-1"]))
    except typst.TypstError:
        return bytes(compiled())


def _written(html: str) -> str:
    """HTML as typst's markup."""
    command = [_pandoc(), "-f", "html", "-t", "typst", "--wrap=none", f"--lua-filter={HERE / 'paper.lua'}"]
    done = subprocess.run(command, input=html.encode(), capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"pandoc: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


@cache
def _look() -> str:
    return (HERE / "page.typ").read_text(encoding="utf-8")


@cache
def _pandoc() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())


@cache
def _fonts() -> Path:
    """matplotlib's fonts, for the words of drawings."""
    import matplotlib

    return Path(matplotlib.get_data_path(), "fonts", "ttf")
