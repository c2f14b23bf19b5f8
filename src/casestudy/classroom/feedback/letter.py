"""A reply to an appeal: what was answered, what was right and how near counts, what was taken off, and who says so."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from casestudy.classroom.feedback import html, words
from casestudy.classroom.feedback.page import LONGEST_REASON, LONGEST_TEXT, headings
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.problems import MISSING, sentence, told
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.source import ProblemSet, written


def letter(problem_set: ProblemSet, about: Mapping[str, Any], who: str) -> str:
    """A plain text that a lecturer can send: points by question with the record and the reason for each.

    about: what `explain` gives of the student; who: their name, or nothing. It has the right values for the student's
    own figures; of others it has nothing, and no code, seed or likeness to anybody's answers.
    """
    lines = [
        f"To: {_line(who)} ({_line(about['id'])})" if who else f"To: {_line(about['id'])}",
        f"About: {_line(problem_set.title)}, version {problem_set.version} of the set",
        "",
        f"Your points: {_number(about['total'])} of {_number(about['out_of'])}.",
        *_late(about["late"]),
        f"Confirmed by {_line(about['confirmed'])}."
        if about["confirmed"]
        else "Nobody has confirmed these points yet.",
        "",
        *_file(about),
    ]
    names, asked = headings(problem_set), {question.id: question for question in problem_set.questions}
    for one in about["questions"]:
        lines += ["", *_question(asked[one["question"]], names[one["question"]], one, about["texts"])]
    lines += ["", "The program held values against values and read no code. If something here is wrong, say what."]
    return "\n".join(lines) + "\n"


def _late(lost: Mapping[str, Any] | None) -> list[str]:
    """What late work cost, with the rule and a person's word."""
    if not lost or not lost["said"]:
        return []
    rule = f" The rule: {_line(lost['rule'])}; each begun day or hour counts." if lost["rule"] else ""
    return [f"Late work: {_line(lost['said'])}.{rule}"]


def _file(about: Mapping[str, Any]) -> list[str]:
    """Which file was marked, and how its run went; a group's file goes by no other member's name."""
    if not about["fingerprints"]["submission"]:
        return ["No notebook of yours was found."]
    ours = any(flag.startswith("of_group:") for flag in about["flags"])
    name = "the notebook that your group handed in" if ours else _line(about["name"])
    sent = f", handed in {_line(about['sent'])}" if about["sent"] and not ours else ""
    happened = words.STATUSES.get(about["status"], words.STATUSES["died"])[0]
    return [f"Marked: {name}{sent}, fingerprint {about['fingerprints']['submission'][:16]}.", happened]


def _question(
    question: Question, heading: str, one: Mapping[str, Any], texts: Mapping[str, str | None]
) -> Iterator[str]:
    """One question: its points, each answer beside the right one, and why it is this many."""
    waits = one["note"] in ("to be read", "not found")
    points = "not read yet" if waits else f"{_number(one['points'])} of {_number(one['out_of'])} points"
    yield f"{_line(heading)}: {points}"
    for answer in question.answers:
        yield from _answer(answer, one["answers"][answer.name])
    if question.manual and (text := written(texts.get(question.id))):
        yield "  You wrote:"
        yield from (f"  > {_line(line)}" for line in html.cut(text, LONGEST_TEXT).splitlines())
    if given := one["override"]:
        before = f"instead of {_number(given['before'])}"
        reason = _line(html.cut(given["reason"], LONGEST_REASON))
        yield f"  A person gave {_counted(given['points'])} {before}: {reason}"
    elif one["mistake"]:
        credit = f"It earns {_counted(one['credit'])}." if one["credit"] else "It earns no points by itself."
        yield f"  Your answer is the one that a usual mistake gives: {_line(one['mistake'])} {credit}"
    elif one["note"] == "partly":
        yield "  Each right answer of the question earns an equal part of its points."
    elif one["note"] in words.NOTES and not waits:
        yield f"  {words.NOTES[one['note']]}"


def _answer(answer: Answer, held: Mapping[str, Any]) -> Iterator[str]:
    """An answer as it was recorded, and the right one with how near counts."""
    given, problem, unit = held["given"], held["problem"], f" {answer.unit}" if answer.unit else ""
    if given is None or problem:
        yield f"  {answer.name}: {_line(sentence(told(str(problem or MISSING), answer.choices)))}"
    else:
        yield f"  {answer.name}: you answered {_shown(given)}{unit}"
    if answer.kind == "construct":
        yield f"    One that holds: {_shown(held['right'])}; others count as well, if they do what was asked."
    elif answer.kind != "text":
        yield f"    Right on your figures: {_shown(held['right'])}{unit}{_nearness(answer, held['right'])}"


def _nearness(answer: Answer, right: Any) -> str:
    """How far off an answer may be and still count, in its own unit where it is one number.

    >>> _nearness(Answer("x", rtol=0.01, atol=0.05), 20.0), _nearness(Answer("x", kind="choice"), "falls")
    ('; up to 0.2 off counts as right', '')
    """
    if answer.kind == "number" and isinstance(right, int | float):
        return f"; up to {max(answer.atol, answer.rtol * abs(right)):.4g} off counts as right"
    if answer.kind == "table":
        return (
            f"; a number in it may be off by {answer.atol:.4g} or {100 * answer.rtol:.4g} per cent, whichever is more"
        )
    return ""


def _shown(value: Any) -> str:
    """A value on one line, a table row by row."""
    if not isinstance(value, dict) or (table := html.table(value)) is None:
        return _line(html.shown(value))
    rows = [", ".join(cell for cell in row if cell) for row in (table["head"], *table["rows"])]
    more = "; ..." if table["of"] > len(table["rows"]) else ""
    return _line("; ".join(rows) + more)


def _number(value: float) -> str:
    return f"{round(value, 3):g}"


def _counted(points: float) -> str:
    return f"{_number(points)} point{'' if points == 1 else 's'}"


def _line(text: object) -> str:
    """Text on one line; what steers a terminal or turns a line round is spelt out, as JSON spells it.

    >>> print(_line("a\\x1b[2J\\u202eb\\nTo: c"))
    a\\u001b[2J\\u202eb To: c
    """
    joined = " ".join(str(text).split())
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in joined)
