"""One line of plain words a question: what to teach again, and what the numbers cannot say."""

from dataclasses import dataclass

from casestudy.classroom.analysis.classes import Class
from casestudy.classroom.analysis.measures import answered, slips
from casestudy.classroom.feedback.html import percent
from casestudy.classroom.items import Estimate
from casestudy.classroom.items.items import SMALL
from casestudy.classroom.sets.question import Question

OFTEN, EASY, OPEN = 0.2, 0.85, 0.25  # shares of the class: a slip to talk about, little to teach again, left open
AGAIN, WELL, MIXED = "Teach this again", "Goes well", "Mixed"


@dataclass(frozen=True)
class Told:
    """What is said of one question. verdict: one of three words; slip: the commonest named slip, if there is one."""

    verdict: str
    line: str
    title: str
    asides: tuple[str, ...]
    slip: str = ""


def between(found: Estimate) -> str:
    """A share with the ends of its interval, in words.

    >>> between(Estimate(0.5, 0.3, 0.7, 20))
    '50% (30 to 70%)'
    """
    return f"{percent(found.value)} ({percent(found.low).removesuffix('%')} to {percent(found.high)})"


def told(one: Class, question: Question) -> Told | None:
    """What one class shows of one question; None where nobody's points stand yet."""
    item = one.items[question.id]
    if item.difficulty is None:
        return None
    ways = {words: found for words, found in answered(one, question) if found}
    named = [(hints, found) for _, hints, found in slips(one, question) if found]
    often = [(hints, found) for hints, found in named if found.value >= OFTEN]
    right, missing = ways.get("right"), ways.get("not answered")
    earned = item.difficulty
    if often:
        hints, found = often[0]
        verdict, line = AGAIN, f"{between(found)} made one slip here: {hints[-1]}"
        title = f"{percent(found.value)} made the same slip; {percent(right.value) if right else 'nobody'} got it right"
        title = title.replace("nobody got", "none got")
    elif earned.value >= EASY:
        verdict, line = WELL, f"{between(earned)} of the points were earned, and no slip stands out."
        title = f"{percent(earned.value)} of the points earned; no slip stands out"
    elif missing and missing.value >= OPEN:
        verdict, line = AGAIN, f"{between(missing)} gave no answer: ask where they stopped."
        title = f"{percent(missing.value)} gave no answer"
    elif earned.value < 0.5:
        verdict = AGAIN
        line = f"{between(earned)} of the points were earned, and no one slip stands out: read a few of the answers."
        title = f"{percent(earned.value)} of the points earned; no one slip stands out"
    else:
        verdict, line = MIXED, f"{between(earned)} of the points were earned, and no one slip stands out."
        title = f"{percent(earned.value)} of the points earned; no one slip stands out"
    return Told(verdict, line, title, _asides(one, question), " ".join(named[0][0]) if named else "")


def _asides(one: Class, question: Question) -> tuple[str, ...]:
    """What else should be known before one acts on it."""
    item, said = one.items[question.id], []
    if item.n < SMALL:
        said.append(
            f"A small class: {item.n} counted here. One more or less moves a share by {100 / item.n:.0f} points."
        )
    if item.n < one.size:
        said.append(f"Of {one.size - item.n} students nobody has read this text yet; they are left out.")
    if (r := item.discrimination) is None:
        said.append(
            "How it goes with the other questions cannot be told: too few students, or all have the same points."
        )
    elif r.high < 0.2:
        said.append(
            "Who does well elsewhere hardly does better here. Look at the question itself: is it read as meant?"
        )
    elif r.low < 0:
        said.append("Whether it goes with the other questions is open: the interval holds zero.")
    return tuple(said)
