"""PDFs beside the reports of a run: one for each page that is there, and none lost for another's sake."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from casestudy.case import Case
from casestudy.reports.pdf.typeset import Front, typeset
from casestudy.reports.sets.outcome import Outcome
from casestudy.variant import assignments

NAME = "An executable teaching case: printed claims held against each other and against reports"


def beside(outcomes: Iterable[Outcome], out: Path, case: Case) -> Iterator[tuple[str, str]]:
    """Write `out/NN-name.pdf` from `out/NN-name.html`, one after another; which it was, and why there is none.

    A report that failed has no page and gets no PDF. What goes wrong with one PDF leaves its page and the others alone.
    """
    moment = made()
    for outcome in outcomes:
        stem = outcome.asked.notebook.stem
        page, part = out / f"{stem}.html", out / f".{stem}.pdf.part"
        if outcome.error or not page.is_file():
            continue
        try:
            part.write_bytes(typeset(page.read_text("utf-8"), front(outcome, case, moment), moment))
            os.replace(part, out / f"{stem}.pdf")
        except Exception as error:  # of pandoc or typst, whatever a notebook brought along; its page is there
            yield stem, " ".join(str(error).split())[:300] or type(error).__name__
        else:
            yield stem, ""


def made() -> datetime:
    """The moment that PDFs carry: $SOURCE_DATE_EPOCH where it is set, else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)


def front(outcome: Outcome, case: Case, moment: datetime) -> Front:
    """What stands around a report on paper: the case, the notebook, day and versions, and what was changed."""
    changed, number = assignments(outcome.asked.changed), outcome.asked.notebook.stem
    told = f"Run on {moment.day} {moment:%B %Y} with casestudy {version('casestudy')}"
    return Front(
        lines=(
            f"{NAME} · notebook {number}",
            f"{told}; claims.csv {_mark(case.claims)}",
            *([f"Changed: {changed}"] if changed else []),
        ),
        running=number,
        changed=changed,
    )


def _mark(path: Path) -> str:
    """A file in eight signs: another content, other signs."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def guide(page: str) -> bytes:
    """The PDF of a guide to a set."""
    return typeset(page, Front(running="For lecturers: this holds the solutions"), made())


def sheet(page: str) -> bytes:
    """The PDF of one student's sheet, with the student's name at its top."""
    return typeset(page, Front(contents=False), made())
