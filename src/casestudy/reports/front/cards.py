"""What a front page shows of each notebook, and the claims that it opens with."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from PIL import Image  # which matplotlib brings

from casestudy import claims
from casestudy.case import Case
from casestudy.claims.comparison import EVIDENCE
from casestudy.claims.severity import shown
from casestudy.reports.front import words
from casestudy.reports.pages import pictures
from casestudy.reports.sets.outcome import Outcome

OPENING = 3  # claims that a page opens with
WIDE, COLOURS = 560, 48  # of a small picture: twice its width on a page; colours of a drawing


def finding(outcome: Outcome, out: Path) -> str:
    """What a notebook found, in the words of its main figure; nothing where it has none."""
    path = out / "figures" / f"{outcome.asked.notebook.stem}.txt"
    return path.read_text(encoding="utf-8").strip() if outcome.figure and path.is_file() else ""


def answer(outcome: Outcome) -> str:
    """The bold answer of a page, as HTML; nothing where it has none."""
    bold = re.match(r"\s*<p>\s*(<strong>.*?</strong>)", outcome.answer, re.S)
    return bold[1] if bold else ""


def small(outcome: Outcome, out: Path) -> str:
    """A notebook's main figure, small enough to stand in the front page ten times; its address where that cannot be."""
    address = f"figures/{outcome.asked.notebook.stem}.png"
    try:
        with Image.open(out / address) as whole:
            picture = whole.convert("RGB")
        picture.thumbnail((WIDE, 4 * WIDE))
        held = io.BytesIO()
        picture.quantize(COLOURS).save(held, "PNG", optimize=True)
        return pictures.encoded(held.getvalue())
    except (OSError, ValueError):
        return address


def size(outcome: Outcome, out: Path) -> tuple[int, int]:
    """Width and height of a notebook's main figure in pixels, so that a page need not jump; zeros where unknown."""
    try:
        with Image.open(out / "figures" / f"{outcome.asked.notebook.stem}.png") as whole:
            return whole.size
    except (OSError, ValueError):
        return 0, 0


def opening(outcomes: Sequence[Outcome], first: Sequence[str], case: Case) -> list[dict]:
    """The claims that a page opens with: printed, ours, and whether it could have failed.

    first: the case's own choice. Others come by rule: what failed, what survived the hardest test, what holds only if
    something is granted. What ran with changed parameters shows none.
    """
    rows = {
        row["claim"]: (row, outcome)
        for outcome in reversed(outcomes)
        if not outcome.asked.changed and not outcome.error
        for row in outcome.rows
        if row["basis"] in (*EVIDENCE, "conditional") and row["severity"] is not None
    }
    chosen = [id for id in first if id in rows]
    chosen += sorted(rows.keys() - set(chosen), key=lambda id: _rank(rows[id][0], id))
    register = claims.load(case)
    return [_told(*rows[id], register.loc[id]) for id in chosen[:OPENING] if id in register.index]


def _rank(row: dict, id: str) -> tuple:
    order = {False: 0, True: 1, None: 2}
    return order[row["agrees"]], -row["severity"], id


def _told(row: dict, outcome: Outcome, claim: pd.Series) -> dict:
    low, high = (row["ours"],) * 2 if row["ours"] is not None else (row["ours_low"], row["ours_high"])
    return {
        "about": words.sentence(f"{claim['subject']}: {claim['metric']}"),
        "printed": row["printed"],
        "ours": words.spread(low, high, claim["unit"], claim["resolution"]),
        "could": _could(row),
        "notebook": outcome.asked.notebook,
    }


def _could(row: dict) -> str:
    """Whether a claim could have failed, and what came of it."""
    if row["agrees"] is None:
        return "Not tested: our number needs an assumption that no article prints."
    came = "This one survived." if row["agrees"] else "This one failed."
    return f"Yes: {shown(row['severity'])} of the numbers that could stand there would fail. {came}"
