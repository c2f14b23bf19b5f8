"""Read one printed figure, in English or Polish: marks, scale words and per cent, and nothing guessed."""

import itertools
import re
import unicodedata
from dataclasses import dataclass

from casestudy.refusals import Refusal

THOUSANDS, DECIMAL = {"en": ",", "pl": "."}, {"en": ".", "pl": ","}
SCALES = {  # full words with their endings; the long scale of Polish: miliard is a billion, bilion a trillion
    "en": {r"thousands?": 1e3, r"millions?": 1e6, r"billions?": 1e9, r"trillions?": 1e12},
    "pl": {
        r"tys|tysiąc\w*|tysi[ęe]c\w*": 1e3,
        r"mln|milion(?:a|y|ów|om|ow\w+)?": 1e6,
        r"mld|miliard(?:a|y|ów|om|ow\w+)?": 1e9,
        r"bln|bilion(?:a|y|ów|om|ow\w+)?": 1e12,
    },
}
WORDS = {  # from two up: 'one' and 'jeden' are also articles and pronouns
    "en": {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
    "pl": {"dwa": 2, "dwie": 2, "dwóch": 2, "trzy": 3, "trzech": 3, "cztery": 4, "czterech": 4, "pięć": 5, "pięciu": 5},
}
PER_CENT = {"en": r"%|per ?cent\b", "pl": r"%|proc\b|procent\w*"}
RELATIONS = {  # the first that fits: 'no more than' comes before 'more than'
    "en": {
        r"at least|not? less than": ">=",
        r"at most|not? more than": "<=",
        r"more than|over": ">",
        r"less than|nearly|almost|under": "<",
        r"about|around": "~",
    },
    "pl": {
        r"co najmniej|nie mniej niż": ">=",
        r"co najwyżej|nie więcej niż": "<=",
        r"ponad|przeszło": ">",
        r"mniej niż|prawie|niemal(?:że)?": "<",
        r"około|ok": "~",
    },
}


@dataclass(frozen=True)
class Figure:
    """A figure as printed: value, step of its last printed digit, relation, and the word after it, if any."""

    value: float  # shares from 0 to 1; the middle of a printed range
    resolution: float | None  # the finest reading: trailing zeros count as digits; None for a range
    relation: str  # = > >= < <= ~ range
    unit: str | None  # `share` for per cent, else the word that follows as it stands; None where none does


def read(text: str, language: str) -> Figure:
    """Value, step, relation and unit of the one figure in a printed text; refused where the marks do not fit.

    language: en or pl. The same marks differ: 3,800 is 3800 in English and 3.8 in Polish. A scale word of another
    language is not known here: it is handed back as the unit.

    >>> read("ponad 3,8 mln", "pl")
    Figure(value=3800000.0, resolution=100000.0, relation='>', unit=None)
    >>> read("3,800", "en").value, read("3,800", "pl").value
    (3800.0, 3.8)
    """
    if language not in SCALES:
        raise Refusal(f"language must be one of {', '.join(SCALES)}: got {language!r}")
    plain = re.sub(r"\s", " ", unicodedata.normalize("NFC", text)).strip().lower()
    if re.search(r"\b\d{4}-\d\d-\d\d\b", plain):
        raise Refusal(f"a date, not a figure: {text!r}")
    if re.search(r"(?<!\S)[-−]\d", plain):
        raise Refusal(f"a figure with a sign is not read: {text!r}")
    found = _numbers(plain, language, text)
    (first, start, _), (last, _, end) = found[0], found[-1]
    ends = [_value(digits, language) for digits in (first, last)]
    if ends[0] > ends[1]:
        raise Refusal(f"a range goes up: got {text!r}")
    scale, unit = _scale(plain[end:], language)
    step = None if len(found) == 2 else scale * 10.0 ** -len(_decimals(first, language))
    relation = "range" if len(found) == 2 else _relation(plain[:start], language)
    return Figure(sum(ends) / 2 * scale, step, relation, unit)


def _numbers(plain: str, language: str, text: str) -> list[tuple[str, int, int]]:
    """One number with where it begins and ends, or the two ends of a range; number words where there is no digit."""
    mark, point = re.escape(THOUSANDS[language]), re.escape(DECIMAL[language])
    digits = rf"[0-9]{{1,3}}(?:[{mark} ][0-9]{{3}})+(?![0-9])(?:{point}[0-9]+)?|[0-9]+(?:{point}[0-9]+)?"
    found = list(re.finditer(digits, plain)) or list(re.finditer(rf"\b(?:{'|'.join(WORDS[language])})\b", plain))
    if not found:
        raise Refusal(f"no figure in {text!r}")
    if any(re.match(r"[.,][0-9]", plain[number.end() :]) for number in found):
        raise Refusal(f"the marks do not fit {language!r}: got {text!r}")
    between = [plain[low.end() : high.start()] for low, high in itertools.pairwise(found)]
    if len(found) > 2 or not all(re.fullmatch(r" ?[-–] ?", gap) for gap in between):
        raise Refusal(f"one figure or one range at a time: got {text!r}")
    return [(number[0], number.start(), number.end()) for number in found]


def _value(digits: str, language: str) -> float:
    if digits in WORDS[language]:
        return float(WORDS[language][digits])
    return float(digits.replace(THOUSANDS[language], "").replace(" ", "").replace(DECIMAL[language], "."))


def _decimals(digits: str, language: str) -> str:
    return digits.partition(DECIMAL[language])[2]


def _scale(rest: str, language: str) -> tuple[float, str | None]:
    """What the words after a number multiply it by, and its unit."""
    if re.match(rf" ?(?:{PER_CENT[language]})", rest):
        return 0.01, "share"
    words = re.findall(r"[^\W_]+", rest)
    for pattern, size in SCALES[language].items():
        if words and re.fullmatch(pattern, words[0]):
            return size, words[1] if len(words) > 1 else None
    return 1.0, words[0] if words else None


def _relation(before: str, language: str) -> str:
    for pattern, sign in RELATIONS[language].items():
        if re.search(rf"\b(?:{pattern})\b", before):
            return sign
    return "="
