"""The front page of a run: what it is about, what was found, where to go on; and the page of its claims."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from casestudy import claims, data
from casestudy.case import Case
from casestudy.claims.severity import shown
from casestudy.exports.citation import citation
from casestudy.reports.front import cards, register, words
from casestudy.reports.pages import frame
from casestudy.reports.pages.document import changes, markdown
from casestudy.reports.sets.outcome import Outcome

NOTICE = "**No longer the article's numbers.** Run with {}."
REGISTER = 15  # minutes in which one looks up a handful of claims


@cache
def style() -> str:
    """The style sheet of all pages, and what front pages add."""
    return frame.style() + (frame.TEMPLATES / "front.css").read_text(encoding="utf-8")


def pages(outcomes: Sequence[Outcome], case: Case, out: Path) -> dict[str, str]:
    """The front page and the page of claims, by file name. out: where the run's files lie."""
    front, ran = data.front(case), [outcome for outcome in outcomes if not outcome.error]
    blocks = register.blocks(case, {outcome.asked.notebook.stem for outcome in ran})
    gallery = [_card(outcome, out) for outcome in outcomes]
    articles, tally = frame.articles(case), claims.tally(case)
    shown: dict[str, Any] = {
        "title": _title(front.company, len(articles)),
        "lead": _lead(front.company, len(articles), tally.claims),
        "company": front.company,
        "cards": gallery,
        "hero": _hero(ran, front, out),
        "opening": cards.opening(ran, front.claims, case),
        "blocks": blocks,
        "legend": register.legend(blocks),
        "tally": tally,
        "paths": _paths([card for card in gallery if not card["outcome"].error], front.hero),
        "kind": f"A teaching case that you can run: {words.count(len(outcomes))} notebook{'s' * (len(outcomes) != 1)}",
        "questions": _questions(gallery),
        "exercises": words.exercises(case.exercises),
        "makefile": (case.root / "Makefile").is_file(),
        "articles": articles,
        "unfolded": True,
        "citation": citation(case),
        "style": style(),
    }
    page = frame.template("index.html.j2").render(**shown)
    return {"index.html": page, "claims.html": register.page(blocks, front.company, style())}


def _title(company: str, articles: int) -> str:
    if not company:
        return "Which of the printed numbers can be checked?"
    return f"{company} in {words.count(articles)} article{'s' * (articles != 1)}: which numbers can be checked?"


def _lead(company: str, articles: int, made: int) -> str:
    many = f"{words.count(articles)} public article{'s' * (articles != 1)}"
    about = f" about {company}" if company else ""
    return words.sentence(f"{many} make{'s' * (articles == 1)} {made} claims{about}.")


def _questions(gallery: Sequence[dict[str, Any]]) -> str:
    minutes = sum(card["minutes"] for card in gallery)
    asked = words.sentence(f"{words.count(len(gallery))} question{'s' * (len(gallery) != 1)}")
    return f"{asked}, {words.lasting(minutes)}" if minutes else asked


def _card(outcome: Outcome, out: Path) -> dict[str, Any]:
    notebook = outcome.asked.notebook
    return {
        "outcome": outcome,
        "notebook": notebook,
        "number": notebook.stem[:2],
        "minutes": words.minutes(notebook.path),
        "tests": outcome.tests(),
        "severities": [shown(share) for share in outcome.severities],
        "finding": cards.finding(outcome, out),
        "picture": cards.small(outcome, out) if outcome.figure else "",
        "notice": markdown(NOTICE.format(changes(outcome.asked)), {}) if outcome.asked.changed else "",
    }


def _hero(ran: Sequence[Outcome], front: data.Front, out: Path) -> dict[str, Any] | None:
    """The figure that a page opens with: the case's choice, else the first one; none of changed parameters."""
    able = [outcome for outcome in ran if outcome.figure and not outcome.asked.changed]
    chosen = next((one for one in able if one.asked.notebook.stem == front.hero), able[0] if able else None)
    if chosen is None:
        return None
    notebook = chosen.asked.notebook
    return {
        "outcome": chosen,
        "notebook": notebook,
        "question": front.hook if notebook.stem == front.hero and front.hook else notebook.question,
        "finding": cards.finding(chosen, out),
        "answer": cards.answer(chosen),
        "minutes": words.minutes(notebook.path),
        "size": cards.size(chosen, out),
    }


def _paths(able: Sequence[dict[str, Any]], hero: str) -> list[dict[str, Any]]:
    """Where three kinds of readers begin, and for how long."""
    if not able:
        return []
    first = able[0]
    telling = next((card for card in able if card["notebook"].stem == hero), first)
    begin = [first] if first is telling else [first, telling]
    return [
        {"who": "Student", "cards": begin, "minutes": sum(card["minutes"] for card in begin)},
        {"who": "Lecturer", "cards": [telling], "minutes": telling["minutes"]},
        {"who": "Researcher", "cards": [], "minutes": REGISTER},
    ]
