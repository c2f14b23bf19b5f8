"""The page of likeness: pairs side by side, the score, and what chance alone would give in this class."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from casestudy.classroom.feedback import html
from casestudy.classroom.feedback.page import headings
from casestudy.classroom.likeness.alike import FEWEST, RARE, Alike, Pair, spelt
from casestudy.classroom.likeness.work import CODE, Work
from casestudy.classroom.sets.source import ProblemSet

SHOWN, LONGEST = 40, 4_000  # pairs of one kind on the page; characters of a text
RUN = 3  # signs in a row that are marked as shared: fewer are shared by any two texts


def page(
    problem_set: ProblemSet, found: Sequence[Alike], works: Mapping[str, Mapping[str, Work]], said: Sequence[str] = ()
) -> str:
    """The whole page. works: by what was compared and student; said: what could not be compared."""
    names = headings(problem_set)
    return html.rendered(
        "likeness.html.j2",
        title=problem_set.title,
        found=[_found(one, names.get(one.what, "Code"), works[one.what]) for one in found],
        said=list(said),
        rare=RARE,
        fewest=FEWEST,
    )


def _found(one: Alike, name: str, works: Mapping[str, Work]) -> dict[str, Any]:
    pairs = one.pairs[:SHOWN]
    return {
        "alike": one,
        "name": name,
        "is_code": one.what == CODE,
        "possible": one.border is not None and one.border <= 1,
        "groups": [group for group in one.groups if len(group) > 2],
        "students": len({id for pair in one.pairs for id in (pair.first, pair.second)}),
        "pairs": [_pair(pair, works[pair.first], works[pair.second]) for pair in pairs],
        "more": len(one.pairs) - len(pairs),
    }


def _pair(pair: Pair, first: Work, second: Work) -> dict[str, Any]:
    texts = marked(first, second)
    return {
        "pair": pair,
        "expected": rarely(pair.expected),
        "texts": list(zip((pair.first, pair.second), texts, strict=True)),
    }


def rarely(expected: float) -> str:
    """How many honest pairs are expected, in words that claim no more than the fit can bear.

    >>> rarely(0.03), rarely(0.0000002)
    ('about 0.03', 'fewer than 0.001')
    """
    return "fewer than 0.001" if expected < 0.001 else f"about {expected:.1g}"


def marked(first: Work, second: Work) -> tuple[Markup, Markup]:
    """Both texts, with what they share in the same order marked where it is a run of several signs."""
    from rapidfuzz.distance import Indel

    blocks = [
        (code.src_start, code.src_end, code.dest_start)
        for code in Indel.opcodes(*spelt([first.signs, second.signs]))
        if code.tag == "equal" and code.src_end - code.src_start >= RUN
    ]
    ours = [(first.signs[start].start, first.signs[end - 1].end) for start, end, _ in blocks]
    theirs = [(second.signs[at].start, second.signs[at + end - start - 1].end) for start, end, at in blocks]
    return _highlighted(first.text, ours), _highlighted(second.text, theirs)


def _highlighted(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    parts, at = [], 0
    for start, end in spans:
        if end > LONGEST:
            break
        parts += [_safe(text[at:start]), Markup("<mark>"), _safe(text[start:end]), Markup("</mark>")]
        at = end
    rest = text[at:LONGEST] + (" … (cut)" if len(text) > LONGEST else "")
    return Markup("").join([*parts, _safe(rest)])


def _safe(text: str) -> Markup:
    """Escaped, and free of what could turn a line round: a mark-up string passes the page's own filter."""
    return escape(html.UNPRINTABLE.sub("\ufffd", html.TURNING.sub("", re.sub(r"\r\n?", "\n", text))))
