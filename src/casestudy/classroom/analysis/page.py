"""The page of an analysis: first what to teach again, then a figure and a line a question, then other classes."""

import base64
from collections.abc import Sequence
from typing import Any

import pandas as pd

from casestudy.classroom.analysis.classes import Class
from casestudy.classroom.analysis.measures import THIRDS, answered, guessed, slips, thirds
from casestudy.classroom.analysis.told import AGAIN, Told, between, told
from casestudy.classroom.feedback import html
from casestudy.classroom.feedback.page import headings
from casestudy.classroom.items import Estimate, difference, share
from casestudy.classroom.items.items import SMALL
from casestudy.classroom.sets.question import Question

BARS, SEEN = 3, 0.05  # named slips in a figure at most, and the share of the class from which a second one is in it
ORDERED = 3  # questions whose order is talked about
WIDE = 736  # pixels of a figure on the page


def page(classes: Sequence[Class]) -> str:
    """The whole page; the first class is the one that is taught, the others stand beside it."""
    one, others = classes[0], classes[1:]
    names = headings(one.problem_set)
    said = {question.id: told(one, question) for question in one.problem_set.questions}
    order = sorted((id for id, line in said.items() if line), key=lambda id: _earned(one, id))
    return html.rendered(
        "analysis.html.j2",
        title=one.problem_set.title,
        name=one.problem_set.name,
        classes=[_class(each) for each in classes],
        small=SMALL,
        confirmed=one.results.confirmed,
        again=[(names[id], line) for id in order if (line := said[id]) and line.verdict == AGAIN],
        order=_order(one, order, names),
        questions=[
            _question(one, others, question, names[question.id], line)
            for question in one.problem_set.questions
            if (line := said[question.id])
        ],
        unread=[names[id] for id, line in said.items() if not line],
        first=one.name,
        compared=_compared(classes),
        shared=_shared(classes),
        guessed=any(row.get("allowed") for row in one.calibration),
    )


def _earned(one: Class, id: str) -> float:
    found = one.items[id].difficulty
    return found.value if found else 1.0


def _class(one: Class) -> dict[str, Any]:
    about = {"name": one.name, "version": one.problem_set.version, "students": one.students, "size": one.size}
    return about | {"small": one.size < SMALL, "confirmed": bool(one.results.confirmed)}


def _order(one: Class, order: Sequence[str], names: dict[str, str]) -> str:
    """Whether the hardest question is surely the hardest, in a sentence."""
    found = [(names[id], item) for id in order if (item := one.items[id].difficulty)]
    if len(found) < 2:
        return ""
    (hardest, lowest), *rest = found
    near = [name for name, item in rest if item.low <= lowest.high]
    counted = f"{len(found)} questions are compared here, and the lowest of so many looks lower than it is."
    if not near:
        return f"\u201c{hardest}\u201d has the smallest share, with no other interval reaching into its own. {counted}"
    listed = ", ".join(f"\u201c{name}\u201d" for name in near[:ORDERED]) + (
        f" and {len(near) - ORDERED} more" if len(near) > ORDERED else ""
    )
    return (
        f"\u201c{hardest}\u201d has the smallest share, but intervals overlap: it could as well be {listed}. {counted}"
    )


def _question(one: Class, others: Sequence[Class], question: Question, name: str, line: Told) -> dict[str, Any]:
    item, ways = one.items[question.id], _ways(one, others, question)
    return {
        "name": name,
        "told": line,
        "item": item,
        "earned": between(item.difficulty) if item.difficulty else "",
        "with_rest": _correlation(item.discrimination),
        "apart": _difference(item.apart),
        "slips": [
            {"share": between(found), "times": round(found.value * found.n), "hints": hints}
            for _, hints, found in slips(one, question)
            if found
        ],
        "answered": [(words, between(found)) for words, found in answered(one, question) if found],
        "guessed": between(found) if (found := guessed(one, question)) else "",
        "held": [
            {"answer": row["answer"], "held": row["held"], "allowed": row["allowed"], "share": between(found)}
            for row in one.calibration
            if row["heading"] == name and (found := share(row.get("held", 0), row.get("allowed", 0)))
        ],
        "alt": _alt(one, question, line, ways),
        "picture": _picture(one, question, line, ways),
    }


def _ways(one: Class, others: Sequence[Class], question: Question) -> pd.DataFrame:
    """How a question was answered, as the figure shows it: right, the commonest slips, and the rest."""
    found = [
        (words, "right" if words == "right" else "other", share)
        for words, share in answered(one, question)
        if share and words != "a named slip"
    ]
    right = [way for way in found if way[1] == "right"]
    named = slips(one, question)
    many = [
        one for place, one in enumerate(named) if place < BARS and (place == 0 or (one[2] and one[2].value >= SEEN))
    ]
    rest = [share for _, _, share in named[len(many) :] if share]
    slipped = [(hints[-1], "slip", share) for _, hints, share in many if share]
    ways = [*right, *slipped, *(way for way in found if way[1] != "right")]
    if rest:
        ways.insert(len(right) + len(slipped), ("other named slips", "slip", _sum(rest)))
    beside = [dict(_shares(other, question)) for other in others]
    return pd.DataFrame(
        [
            {
                "words": words,
                "kind": kind,
                "value": share.value,
                "low": share.low,
                "high": share.high,
                "others": [shares[words] for shares in beside if words in shares],
            }
            for words, kind, share in ways
        ]
    )


def _sum(shares: Sequence[Estimate]) -> Estimate:
    """Shares of one class that exclude each other, together."""
    n = shares[0].n
    found = share(sum(round(one.value * n) for one in shares), n)
    assert found is not None
    return found


def _shares(other: Class, question: Question) -> list[tuple[str, float]]:
    """The same shares in another class, where it has the question."""
    theirs = next((asked for asked in other.problem_set.questions if asked.id == question.id), None)
    if theirs is None:
        return []
    found = [(words, share.value) for words, share in answered(other, theirs) if share]
    return found + [(hints[-1], share.value) for _, hints, share in slips(other, theirs) if share]


def _picture(one: Class, question: Question, line: Told, ways: pd.DataFrame) -> str:
    from casestudy.classroom.analysis import figure
    from casestudy.plots import language

    parts = [found for found in thirds(one, question) if found]
    frame = pd.DataFrame(
        [
            {"third": f"{third} third", "value": found.value, "low": found.low, "high": found.high}
            for third, found in zip(THIRDS, parts, strict=False)
        ]
        if len(parts) == len(THIRDS)
        else []
    )
    who = f"{one.size} student{'s' if one.size != 1 else ''}"
    drawn = language.picture(figure.question(frame, ways, line.title, who))
    return base64.b64encode(drawn).decode()


def _alt(one: Class, question: Question, line: Told, ways: pd.DataFrame) -> str:
    parts = [found for found in thirds(one, question) if found]
    curve = ", ".join(f"{third} third {between(found)}" for third, found in zip(THIRDS, parts, strict=False))
    bars = "; ".join(f"{way.words} {html.percent(way.value)}" for way in ways.itertuples())
    return f"{line.title}. Points earned by points elsewhere: {curve or 'cannot be told'}. How it was answered: {bars}."


def _correlation(found: Estimate | None) -> str:
    return (
        f"{html.signed(found.value)} ({html.signed(found.low)} to {html.signed(found.high)})" if found else "not known"
    )


def _difference(found: Estimate | None) -> str:
    if found is None:
        return "not known"
    value, low, high = (f"{100 * one:+.0f}" for one in (found.value, found.low, found.high))
    return f"{value} points of a hundred ({low} to {high})"


def _compared(classes: Sequence[Class]) -> dict[str, Any] | None:
    """Each question's difficulty in each class, and its difference from the first."""
    if len(classes) < 2:
        return None
    first, names, rows = classes[0], headings(classes[0].problem_set), []
    for id in first.items:
        for other in classes[1:]:
            mine, theirs = first.items[id].difficulty, other.items[id].difficulty if id in other.items else None
            if mine and theirs:
                found = difference(theirs, mine)
                cells = [between(mine), between(theirs), _difference(found)]
                rows.append({"name": names[id], "class": other.name, "cells": cells})
    strangers = sorted({id for other in classes[1:] for id in other.items.keys() ^ first.items.keys()})
    return {"rows": rows, "number": len(rows), "strangers": strangers}


def _shared(classes: Sequence[Class]) -> int:
    """Students who stand in more than one class."""
    everyone = [id for one in classes for id in one.ids]
    return len(everyone) - len(set(everyone))
