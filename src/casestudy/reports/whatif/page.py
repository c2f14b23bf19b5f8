"""The page of a sweep, `explore.html`: one file, which needs no server, no network, and at its start no script."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from casestudy.case import Case
from casestudy.refusals import Refusal, file_access
from casestudy.reports.pages import frame
from casestudy.reports.whatif.chart import Chart
from casestudy.reports.whatif.figures import compact
from casestudy.reports.whatif.spec import Explore
from casestudy.reports.whatif.states import State, states
from casestudy.staging import staging, whole

PAGE = "explore.html"
TEMPLATES = Path(__file__).parent / "templates"


@cache
def template(name: str) -> Template:
    """A template of this room."""
    return Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True).get_template(
        name
    )


@cache
def asset(name: str) -> Markup:
    """A style sheet or script of this room, as it stands in its file."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def style() -> Markup:
    """The style of all pages, and of these."""
    return Markup(frame.style()) + asset("explore.css")


def embedded(value: object) -> Markup:
    """JSON as it may stand within a script element."""
    return Markup(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def write(explore: Explore, out: Path, case: Case) -> Path:
    """The page over the sets that a sweep left in `out`; refuses where the articles' own set has no numbers."""
    folders = [out / "sets" / asked.id for asked in explore.sets]
    records = [json.loads((folder / "set.json").read_text(encoding="utf-8")) for folder in folders]
    html = page(explore, records, folders, case)
    with staging(out, [PAGE]) as staged, file_access(f"write to {out}"), whole(staged, out, PAGE) as file:
        file.write(html)
    return out / PAGE


def page(explore: Explore, records: Sequence[Mapping[str, Any]], folders: Sequence[Path], case: Case) -> str:
    """The page as HTML; records and folders: of the sets, in order."""
    shown = states(explore, records, folders, case)
    own = shown[explore.own]
    if own.error:
        raise Refusal(f"no page can begin at the articles' own values: their set has failed: {own.error}")
    stem = explore.notebook.stem
    drawn = (folder / "figures" / f"{stem}.png" for folder in folders)
    pictures, which = compact(None if s.error else path for s, path in zip(shown, drawn, strict=True))
    chart = Chart(explore, shown, _band(explore, records))
    first = pictures[which[explore.own]] if which[explore.own] >= 0 else None
    data = {
        "sizes": [len(control.places) for control in explore.controls],
        "texts": [control.texts for control in explore.controls],
        "own": [control.own for control in explore.controls],
        "lines": chart.lines,
        "marks": chart.marks(),
        "sets": [_set(state, record) for state, record in zip(shown, records, strict=True)],
        "figure": which,
        "figures": [None if p is first else [p.data, p.width, p.height] for p in pictures],
    }
    return template("explore.html.j2").render(
        explore=explore,
        number=stem[:2],
        own=own,
        picture=first,
        chart=Markup(chart.svg()),
        data=embedded(data),
        style=style(),
        script=asset("explore.js"),
        failed=sum(bool(state.error) for state in shown),
    )


def _set(state: State, record: Mapping[str, Any]) -> dict[str, Any]:
    """What the script needs of a set; `rows` are its comparisons as they stand in results.csv."""
    rows = {row["claim"]: [row[name] for name in ("ours", "ours_low", "ours_high")] for row in record["rows"]}
    told = {"run": record["run"], "sentence": state.sentence, "changed": state.changed, "alt": state.alt}
    return told | {"numbers": state.numbers, "failed": bool(state.error), "rows": rows, "estimate": state.estimate}


def _band(explore: Explore, records: Sequence[Mapping[str, Any]]) -> tuple[float, float] | None:
    """What the claim's printed words allow; nothing where no claim is named or it allows everything."""
    rows = [row for record in records for row in record["rows"] if row["claim"] == explore.claim]
    if not rows or rows[0]["low"] is None:
        return None
    return rows[0]["low"], math.inf if rows[0]["high"] is None else rows[0]["high"]
