"""Moodle XML: a category for each question with all its variants, so that a random question draws one of them.

A question with one part is Moodle's own numerical or multiple-choice one. Several parts are one embedded-answers
(cloze) question: Moodle adds up its parts by weight, takes any per cent for a slip where the other types know twenty,
and says a hint beside the part that it belongs to.
"""

import html
from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from xml.sax.saxutils import escape

from casestudy.classroom.feedback.html import light
from casestudy.classroom.questions.items import Bank, Item, Part, Slip, plain_number

FRACTIONS: tuple[float, ...] = (
    1,
    0.9,
    5 / 6,
    0.8,
    0.75,
    0.7,
    2 / 3,
    0.6,
    0.5,
    0.4,
    1 / 3,
    0.3,
    0.25,
    0.2,
    1 / 6,
    1 / 7,
    1 / 8,
    1 / 9,
    0.1,
)
FRACTIONS += (0.05, 0)  # that Moodle knows outside cloze questions, and the same below 0
NEAR = 1e-6
LINES = 12  # to write on


def written(bank: Bank) -> str:
    """The whole file."""
    body = "\n".join(line for group in bank.groups for line in _group(bank, group.name, group.items))
    said = escape("; ".join(bank.notes)).replace("--", "- -")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {said} -->\n<quiz>\n{body}\n</quiz>\n'


def _group(bank: Bank, name: str, items: tuple[Item, ...]) -> Iterator[str]:
    path = "/".join(part.replace("/", "//") for part in ("top", bank.problem_set, name))
    points = plain_number(round(items[0].points, 5))
    told = [
        f"Maximum mark in a quiz: {points}.",
        *(note for note in bank.notes if note.startswith((f"{name}:", f"{name},"))),
    ]
    info = "".join(f"<p>{light(words)}</p>" for words in told)
    yield (
        f'<question type="category"><category>{_text(path)}</category><info format="html">{_text(info)}</info>'
        f"<idnumber>{escape(f'{bank.problem_set}.{name}')}</idnumber></question>"
    )
    yield from map(_question, items)


def _question(item: Item) -> str:
    if not item.parts:
        return _essay(item)
    if len(item.parts) > 1 or not all(_known(slip.share) for slip in item.parts[0].slips):
        return _cloze(item)
    return _numerical(item, item.parts[0]) if item.parts[0].options is None else _choice(item, item.parts[0])


def _known(share: float) -> bool:
    """Whether Moodle knows a per cent outside cloze questions.

    >>> _known(0.4), _known(0.666667), _known(0.45)
    (True, True, False)
    """
    return any(abs(abs(share) - known) < NEAR for known in FRACTIONS)


def _text(text: str) -> str:
    return f"<text>{escape(text)}</text>"


def _head(item: Item, kind: str, text: str) -> str:
    points = plain_number(round(item.points, 7))
    return (
        f'<question type="{kind}"><name>{_text(item.title)}</name>'
        f'<questiontext format="html">{_text(text)}</questiontext>'
        f'<generalfeedback format="html"><text></text></generalfeedback><defaultgrade>{points}</defaultgrade>'
        f"<penalty>0</penalty><hidden>0</hidden><idnumber>{escape(item.id)}</idnumber>"
    )


def _percent(share: float) -> str:
    return plain_number(round(100 * share, 7))


def hint(slip: Slip) -> str:
    """A slip's hints as HTML: the nudge, and what says more below it."""
    return "<br>".join(str(light(words)) for words in slip.hints)


def _answer(fraction: float, text: str, feedback: str = "", more: str = "", form: str = "moodle_auto_format") -> str:
    told = f'<feedback format="html">{_text(feedback)}</feedback>'
    return f'<answer fraction="{_percent(fraction)}" format="{form}">{_text(text)}{told}{more}</answer>'


def _numerical(item: Item, part: Part) -> str:
    assert not isinstance(part.right, str)
    keys = [(1.0, part.right, part.tolerance, "")]
    keys += [(slip.share, slip.value, slip.tolerance, hint(slip)) for slip in part.slips]  # type: ignore[misc]
    answers = [
        _answer(share, plain_number(value), told, f"<tolerance>{plain_number(near)}</tolerance>")
        for share, value, near, told in keys
    ]
    units = "<unitgradingtype>0</unitgradingtype><unitpenalty>0</unitpenalty><showunits>3</showunits>"
    return f"{_head(item, 'numerical', _asked(item, part))}{''.join(answers)}{units}</question>"


def _asked(item: Item, part: Part) -> str:
    return f"{item.text}\n<p>{part.label}:</p>"


def _keys(part: Part) -> Iterator[tuple[str, float, str, str]]:
    """Of a choice each option: its key, what it earns, its text and what is said to it."""
    slips = {slip.value: slip for slip in part.slips}
    for key, text in (part.options or {}).items():
        share = 1.0 if key == part.right else slips[key].share if key in slips else 0.0
        yield key, share, text, hint(slips[key]) if key in slips else ""


def _choice(item: Item, part: Part) -> str:
    answers = [_answer(share, text, told, form="html") for _, share, text, told in _keys(part)]
    form = "<single>true</single><shuffleanswers>true</shuffleanswers><answernumbering>none</answernumbering>"
    return f"{_head(item, 'multichoice', _asked(item, part))}{form}{''.join(answers)}</question>"


def _cloze(item: Item) -> str:
    parts = [
        f"<p>{part.label}: {{{weight}:{_gap(part)}}}</p>"
        for part, weight in zip(item.parts, weights(item), strict=True)
    ]
    text = "\n".join([item.text, *parts])
    return f"{_head(item, 'cloze', text)}</question>"


def weights(item: Item) -> list[int]:
    """The parts' weights as whole numbers, which is all that Moodle knows; together the points where that can be.

    >>> half = Part("a", "a", 0.5, 1.0)
    >>> [weights(Item("", "", "", "", "", points, (half, half))) for points in (3.0, 4.0)]
    [[1, 1], [2, 2]]
    """
    exact = [Fraction(part.weight).limit_denominator(10_000) for part in item.parts]
    scale = lcm(*(one.denominator for one in exact))
    whole = [int(one * scale) for one in exact]
    points = Fraction(item.points).limit_denominator(10_000)
    times = points / sum(whole)
    return [one * int(times) for one in whole] if times.denominator == 1 and times else whole


def _gap(part: Part) -> str:
    """One part in the syntax of an embedded answer."""
    if part.options is not None:
        keys = [(share, _within(text), told) for _, share, text, told in _keys(part)]
        return "MULTICHOICE_VS:" + "~".join(_alternative(*key) for key in keys)
    keys = [(1.0, _number(part.right, part.tolerance), "")]
    keys += [(slip.share, _number(slip.value, slip.tolerance), hint(slip)) for slip in part.slips]
    return "NUMERICAL:" + "~".join(_alternative(*key) for key in keys)


def _alternative(share: float, text: str, told: str) -> str:
    return f"{'=' if share == 1 else f'%{_percent(share)}%'}{text}{f'#{_within(told)}' if told else ''}"


def _number(value: object, tolerance: float) -> str:
    assert isinstance(value, float)
    return f"{plain_number(value)}:{plain_number(tolerance)}"


def _within(text: str) -> str:
    """HTML as it stands in an embedded answer, where a few signs have a meaning of their own.

    >>> _within("<em>a ~ b</em>")
    '&lt;em&gt;a &#126; b&lt;/em&gt;'
    """
    for sign, code in (("~", "&#126;"), ("}", "&#125;"), ("{", "&#123;"), ("\\", "&#92;")):
        text = text.replace(sign, code)
    return html.escape(text, quote=False).replace("&amp;#", "&#").replace("\n", " ")


def _essay(item: Item) -> str:
    form = (
        "<responseformat>editor</responseformat><responserequired>1</responserequired>"
        f"<responsefieldlines>{LINES}</responsefieldlines><attachments>0</attachments>"
        "<attachmentsrequired>0</attachmentsrequired>"
    )
    guide = f'<graderinfo format="html">{_text(item.guide)}</graderinfo>'
    guide += '<responsetemplate format="html"><text></text></responsetemplate>'
    return f"{_head(item, 'essay', item.text)}{form}{guide}</question>"
