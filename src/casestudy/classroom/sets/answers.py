"""What an answer must be, reading one from whatever stands in a notebook, and holding two against each other."""

import datetime
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from casestudy.classroom.sets.problems import MISSING, Problem
from casestudy.refusals import Refusal

KINDS = ("number", "table", "choice", "allocation", "text", "construct")
FORMS = ("list", "table", "number", "date")  # of what a student builds
IMPOSSIBLE = "impossible"
LARGEST_NUMBER = 1e300
LARGEST = 10_000  # cells of a table, characters of a text
CUT = f" [cut after {LARGEST:,} characters: the rest stands in the notebook]"  # ends a longer text
TOTAL = 10  # points of an allocation
EXACT = (Decimal, Fraction)  # numbers that numpy does not know
IGNORED = "\u034f" + "".join(map(chr, range(0xFE00, 0xFE10)))  # what chooses how a letter is drawn
TYPED = str.maketrans("\u2010\u2011\u2018\u2019\u02bc", "--'''")  # what text programs put in place of typed marks
AROUND = " .:()[]'\"\u201c\u201d\u201e\u00ab\u00bb"


def plain(text: str) -> str:
    """A text as it is compared: accents joined to their letters (NFC), spaces of any kind one, nothing unseen in it.

    >>> plain(" gro\\u0308\\u00dfer\\u00a0 \\u202fals\\u200b") == "gr\\u00f6\\u00dfer als"
    True
    """
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in IGNORED)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def _word(text: str) -> str:
    """A choice as it is compared: whatever its capitals, its typographic marks and what stands around it."""
    return unicodedata.normalize("NFC", plain(text).translate(TYPED).casefold().strip(AROUND))


DECLARED = {"kind", "unit", "rtol", "atol", "range", "choices", "same_for_all", "verdict", "form", "size", "impossible"}


@dataclass(frozen=True)
class Answer:
    """One declared answer. rtol, atol: the larger of the two distances from the right value is still right.

    same_for_all: why the right value may be the same for every student, where that is the lesson. verdict: which of the
    choices is right follows from the figures, and no outcome is rare. Of the kind construct, form: one of FORMS; size:
    how many numbers a list has, the least and the most; impossible: that nothing fits may be the answer.
    """

    name: str
    kind: str = "number"
    unit: str = ""
    rtol: float = 0.0
    atol: float = 0.0
    range: tuple[float, float] = (-math.inf, math.inf)
    choices: tuple[str, ...] = field(default=())
    same_for_all: str = ""
    verdict: bool = False
    form: str = ""
    size: tuple[int, int] = (1, LARGEST)
    impossible: bool = False

    @classmethod
    def declared(cls, name: str, metadata: dict[str, Any]) -> "Answer":
        """From a cell's metadata; what is not understood is refused."""
        unknown = set(metadata) - DECLARED
        if unknown or metadata.get("kind", "number") not in KINDS:
            raise Refusal(f"{name}: kind is one of {', '.join(KINDS)}, with {', '.join(sorted(DECLARED))}: {metadata}")
        for end in ("rtol", "atol"):
            if not _is_number(metadata.get(end, 0)) or not 0 <= metadata.get(end, 0) < math.inf:
                raise Refusal(f"{name}: {end} must be a number from 0: got {metadata[end]!r}")
        for words in ("unit", "same_for_all"):
            if not isinstance(metadata.get(words, ""), str):
                raise Refusal(f"{name}: {words} must be text: got {metadata[words]!r}")
        choices = metadata.get("choices", [])
        if not isinstance(choices, list | tuple) or not all(isinstance(choice, str) for choice in choices):
            raise Refusal(f"{name}: choices must be a list of texts: got {choices!r}")
        answer = cls(
            name,
            metadata.get("kind", "number"),
            metadata.get("unit", ""),
            float(metadata.get("rtol", 0)),
            float(metadata.get("atol", 0)),
            _limits(name, metadata.get("range")),
            tuple(choices),
            metadata.get("same_for_all", "").strip(),
            metadata.get("verdict") is True,
            metadata.get("form", ""),
            _size(name, metadata.get("size")),
            metadata.get("impossible") is True,
        )
        if (answer.form in FORMS) != (answer.kind == "construct") or (answer.verdict and not answer.choices):
            forms = ", ".join(FORMS)
            raise Refusal(f"{name}: a construct has a form, one of {forms}; a verdict is a choice: got {metadata}")
        if (answer.kind == "choice") != bool(answer.choices):
            raise Refusal(f"{name}: choices belong to an answer of the kind choice, which needs them: got {metadata}")
        compared = {_word(choice) for choice in answer.choices}
        if "" in compared or len(compared) < len(answer.choices):
            raise Refusal(f"{name}: choices are words, and differ in more than capitals and spaces: got {metadata}")
        return answer

    def boundless(self) -> "Answer":
        """The same, whatever is plausible: a guess may be wild."""
        return replace(self, range=(-math.inf, math.inf))

    def public(self) -> dict[str, Any]:
        """What a student's copy may know: no value, no tolerance."""
        limits = [None if math.isinf(end) else end for end in self.range]
        metadata: dict[str, Any] = {
            "kind": self.kind,
            "unit": self.unit,
            "range": limits,
            "choices": list(self.choices),
        }
        if self.kind == "construct":
            metadata |= {"form": self.form, "size": list(self.size), "impossible": self.impossible}
        return {name: value for name, value in metadata.items() if value not in ("", [], [None, None])}


GIVE_OR_TAKE = Answer("give_or_take", range=(0, math.inf))  # how far off a guess may be, whatever it is of


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _size(name: str, given: Any) -> tuple[int, int]:
    """The fewest and the most numbers of a list; one number stands for both."""
    ends = [1, LARGEST] if given is None else [given, given] if type(given) is int else given
    if isinstance(ends, list | tuple) and len(ends) == 2 and all(type(end) is int for end in ends):
        low, high = ends
        if 1 <= low <= high <= LARGEST:
            return low, high
    raise Refusal(f"{name}: size is a whole number, or the least and the most: got {given!r}")


def _limits(name: str, given: Any) -> tuple[float, float]:
    """The lowest and the highest plausible value; null stands for none."""
    ends = given or [None, None]
    if isinstance(ends, list | tuple) and len(ends) == 2 and all(end is None or _is_number(end) for end in ends):
        low, high = (
            default if end is None else float(end) for end, default in zip(ends, (-math.inf, math.inf), strict=True)
        )
        if low < high:
            return low, high
    raise Refusal(f"{name}: range is two numbers, the lower one first, or null for no end: got {given!r}")


def read(answer: Answer, value: Any) -> Any:
    """A value as plain JSON, shaped by the answer's kind, or the Problem that says why it cannot be this answer."""
    if value is None or value is Ellipsis:
        raise Problem(MISSING)
    readers = {"number": _number, "table": _table, "choice": _choice, "allocation": _allocation, "text": _text}
    return (readers | {"construct": _construct})[answer.kind](answer, value)


def _number(answer: Answer, value: Any) -> float:
    value = _plain(value)
    if type(value) is tuple:
        _refuse_commas(value)
    if type(value) is str:
        raise Problem("quoted", got=value[:20])
    if type(value) not in (int, float):  # a subclass may do anything when asked
        raise Problem("not_a_number", got=type(value).__name__)
    if not -LARGEST_NUMBER < value < LARGEST_NUMBER:
        raise Problem("not_finite", got=value if value != value else "beyond all bounds")
    number = float(value)
    if not answer.range[0] <= number <= answer.range[1]:
        raise Problem("out_of_range", plausible=_between(answer), got=f"{number:g}")
    return number


def _plain(value: Any) -> Any:
    """A number as Python's own where it plainly is one: alone in a table, of numpy's kinds, or an exact one.

    >>> _plain(pd.DataFrame({"share": [Fraction(1, 4)]})), _plain(np.float32(0.5)), _plain("0.5")
    (0.25, 0.5, '0.5')
    """
    if type(value) is pd.DataFrame and value.size == 1:
        value = value.iat[0, 0]
    elif type(value) in (np.ndarray, pd.Series, pd.Index) and value.size == 1:
        value = value.item()
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.generic):
        return value.item()
    if type(value) not in EXACT:
        return value
    try:
        return float(value)
    except (OverflowError, ValueError):  # beyond all bounds, or a signal that it is no number
        return math.nan


def _refuse_commas(parts: tuple[Any, ...]) -> None:
    """Whole numbers in a row come from commas within one number; other tuples are no number anyhow."""
    if len(parts) > 1 and all(type(part) is int for part in parts):
        got, point = ",".join(map(str, parts)), ".".join(map(str, parts[:2]))
        whole = str(parts[0]) + "".join(f"{part:03}" for part in parts[1:])
        raise Problem("comma" if len(parts) == 2 else "commas", got=got, point=point, whole=whole)


def _between(answer: Answer) -> str:
    low, high = answer.range
    ends = [f"at least {low:g}"] * math.isfinite(low) + [f"at most {high:g}"] * math.isfinite(high)
    return " and ".join(ends) + (f" {answer.unit}" if answer.unit else "")


def _table(answer: Answer, value: Any) -> dict[str, Any]:
    if isinstance(value, pd.Series):
        value = value.to_frame(name="value")
    if type(value) in (list, tuple, dict, np.ndarray):
        raise Problem("list_for_table", got={"ndarray": "array"}.get(type(value).__name__, type(value).__name__))
    if not isinstance(value, pd.DataFrame):
        raise Problem("not_a_table", got=f"of the kind {type(value).__name__}")
    if value.size > LARGEST:
        raise Problem("too_large", got=value.size, most=LARGEST)
    if not value.columns.is_unique:
        raise Problem("not_a_table", got="a table with a column twice")
    columns = {str(name): [_cell(cell) for cell in value[name]] for name in value.columns}
    if len(columns) == 1:  # a Series and a table of one column are the same answer
        columns = {"value": next(iter(columns.values()))}
    return {"index": [str(label) for label in value.index], "columns": columns}


def _cell(cell: Any) -> float | str:
    cell = _plain(cell)
    if type(cell) in (int, float):
        return _number(Answer("cell"), cell)
    if type(cell) is not str:
        raise Problem("not_a_table", got=f"a table that holds values of the kind {type(cell).__name__}")
    return cell[:200]


def _choice(answer: Answer, value: Any) -> str:
    value = value.item() if isinstance(value, np.generic) else value
    word = _word(value[:LARGEST]) if type(value) is str else ""
    for choice in answer.choices:
        if word and word == _word(choice):
            return choice
    got = repr(word[:40]) + _look_alike(word, answer.choices) if word else type(value).__name__
    raise Problem("not_a_choice", choices=", ".join(answer.choices), got=got)


def _look_alike(word: str, choices: Iterable[str]) -> str:
    """Which letter of a word stands for another of a choice, where the eye may not tell them apart.

    >>> _look_alike("\\u0430nd", ["or", "and"])
    ", with CYRILLIC SMALL LETTER A (U+0430) in place of 'a'"
    """
    for choice in map(_word, choices):
        apart = [(mine, theirs) for mine, theirs in zip(word, choice, strict=False) if mine != theirs]
        if apart and len(word) == len(choice) and all(_alike(*pair) for pair in apart):
            mine, theirs = apart[0]
            return f", with {unicodedata.name(mine, 'a letter')} (U+{ord(mine):04X}) in place of {theirs!r}"
    return ""


def _alike(mine: str, theirs: str) -> bool:
    """Whether two letters may look alike: of two scripts, or one with an accent."""
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in (mine, theirs)}
    bases = {unicodedata.normalize("NFKD", letter)[0] for letter in (mine, theirs)}
    return not (mine + theirs).isascii() and (len(scripts) > 1 or len(bases) == 1)


def _allocation(answer: Answer, value: Any) -> list[float] | dict[str, float]:
    value = value.to_dict() if type(value) is pd.Series else value
    if type(value) not in (dict, list, tuple, np.ndarray):
        raise Problem("not_an_allocation", got=type(value).__name__)
    parts = list(value.values()) if type(value) is dict else list(value)
    points = [_number(Answer(answer.name), part) for part in parts[:LARGEST]]
    if min(points, default=0) < 0 or abs(sum(points) - TOTAL) > 1e-9:
        raise Problem("wrong_sum", total=TOTAL, got=f"{sum(points):g}")
    return dict(zip(map(str, value), points, strict=True)) if type(value) is dict else points


def _text(answer: Answer, value: Any) -> str:
    if not isinstance(value, str) or not plain(value[:LARGEST]):
        raise Problem(MISSING)
    return value.strip()[:LARGEST]


def _construct(answer: Answer, value: Any) -> Any:
    """What a student built, of the form that was asked for, or the word that nothing fits."""
    if type(value) is str and answer.impossible and not any(map(str.isdigit, value)):
        if _word(value) == IMPOSSIBLE:
            return IMPOSSIBLE
        raise Problem("another_word", got=repr(value[:20]))
    if answer.form == "date":
        return _date(answer, value)
    if answer.form == "table":
        return _table(answer, value)
    if answer.form == "number":
        return _number(answer, value)
    if type(value) not in (list, tuple, np.ndarray, pd.Series):
        raise Problem("not_a_list", got=type(value).__name__, wanted=_wanted(answer))
    if not answer.size[0] <= len(value) <= answer.size[1]:
        raise Problem("wrong_length", got=len(value), wanted=_wanted(answer))
    return [_number(replace(answer, kind="number"), part) for part in list(value)]


def _wanted(answer: Answer) -> str:
    low, high = answer.size
    many = f"{low}" if low == high else f"at least {low}" if high == LARGEST else f"{low} to {high}"
    return f"{many} numbers" + (f', or the word "{IMPOSSIBLE}"' if answer.impossible else "")


def _date(answer: Answer, value: Any) -> str:
    """A day as ISO text.

    >>> _date(Answer("day"), pd.Timestamp("2015-06-30")), _date(Answer("day"), " 2015-06-30 ")
    ('2015-06-30', '2015-06-30')
    """
    if isinstance(value, np.datetime64 | datetime.date):
        value = str(pd.Timestamp(value).date())
    try:
        return datetime.date.fromisoformat(value.strip() if type(value) is str else "").isoformat()
    except ValueError:
        got = repr(value[:40]) if type(value) is str else type(value).__name__
        raise Problem("not_a_date", got=got) from None
