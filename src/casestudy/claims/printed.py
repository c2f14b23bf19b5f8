"""Read one printed figure, in English or Polish: every part is understood, or the whole is refused; nothing guessed."""

import functools
import itertools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from casestudy.refusals import Refusal

THOUSANDS, DECIMAL = {"en": ",", "pl": "."}, {"en": ".", "pl": ","}
SCALES = {  # full words with their endings; the long scale of Polish: miliard is a billion, bilion a trillion
    "en": {
        r"hundred": 1e2,
        r"thousands?|k": 1e3,
        r"millions?|mn": 1e6,
        r"billions?|bn": 1e9,
        r"trillions?|tn": 1e12,
    },
    "pl": {
        r"tys|tysiąc(?!lec)\w*|tysi[ęe]c\w*": 1e3,
        r"mln|milion(?:a|y|ów|om|ach|ami|ow\w+)?": 1e6,
        r"mld|miliard(?:a|y|ów|om|ach|ami|ow\w+)?": 1e9,
        r"bln|bilion(?:a|y|ów|om|ach|ami|ow\w+)?": 1e12,
    },
}
WORDS = {  # from two up: 'one' and 'jeden' are also articles and pronouns
    "en": {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
    "pl": {"dwa": 2, "dwie": 2, "dwóch": 2, "trzy": 3, "trzech": 3, "cztery": 4, "czterech": 4, "pięć": 5, "pięciu": 5},
}
SHARES = {
    "en": {r"%|per ?cent\b": 0.01, r"‰|per ?mille?\b": 0.001},
    "pl": {r"%|proc\b\.?|procent\w*": 0.01, r"‰|promil\w*": 0.001},
}
BEFORE = {  # the relation that words before a figure give it
    "en": {
        r"exactly|precisely|just|only|merely": "=",
        r"at least|(?:not?|never) (?:less|fewer|lower) than|not (?:under|below)|(?:a )?minimum(?: of)?"
        r"|upwards of": ">=",
        r"at most|(?:not?|never) (?:more|greater|higher) than|not (?:over|above|exceeding)|up to|(?:a )?maximum(?: of)?"
        r"|max\.?": "<=",
        r"(?:(?:just|only just|well|far|slightly|a little) )?(?:over|above)|exceeding|in excess of"
        r"|(?:(?:far|many|much|slightly|a little) )?more than|greater than": ">",
        r"(?:(?:just|well|far|slightly|a little) )?(?:under|below)"
        r"|(?:(?:far|much|slightly|a little) )?(?:less|fewer) than|lower than|nearly|almost|not quite": "<",
        r"about|around|approximately|approx\.?|roughly|circa|ca\.?|some|an estimated": "~",
    },
    "pl": {
        r"dokładnie|równo|tylko|jedynie|zaledwie": "=",
        r"co najmniej|przynajmniej|nie mniej niż|nie (?:poniżej|mniej)|minimum|minimalnie": ">=",
        r"(?:co )?najwyżej|nie więcej niż|nie (?:ponad|powyżej|więcej)|maksymalnie|maksimum|maks\.?|max\.?": "<=",
        r"(?:(?:grubo|znacznie|sporo|nieco|niewiele|trochę|tuż) )?(?:ponad|powyżej|więcej niż)|przeszło|więcej od": ">",
        r"(?:(?:znacznie|sporo|nieco|niewiele|trochę|tuż) )?(?:poniżej|mniej niż)|mniej od|prawie|niemal(?:że)?|blisko"
        r"|niecałe|niecałych|niecały|niecała|niespełna|bez mała": "<",
        r"około|ok\.?|koło|circa|ca\.?|w przybliżeniu|mniej więcej|szacunkowo": "~",
    },
}
MARKS = {r">=|≥": ">=", r"<=|≤": "<=", r">": ">", r"<": "<", r"[~≈]": "~", r"=": "="}
AFTER = {  # and words after it
    "en": {
        r"(?:or|and) (?:more|over|above|up|higher|greater)": ">=",
        r"(?:or|and) (?:less|fewer|under|below|lower)": "<=",
    },
    "pl": {r"(?:lub|albo|bądź|czy|i) więcej": ">=", r"(?:lub|albo|bądź|czy|i) mniej": "<="},
}
POINTS = {"en": r"percentage points?|p\. ?p\.", "pl": r"punkt\w* procentow\w*|pkt\.? proc\b\.?|p\. ?p\."}
NO_UNITS = {  # words that change a figure, or hang on one; `m` is a million to one reader and a metre to the next
    "en": r"m|st|nd|rd|th|half|halves|(?:thir|four|fif|six|seven|eigh|nin|ten|hundred|thousand|million|billion)ths?"
    r"|\w+tieths?|thirds?|quarters?|dozens?|hundreds|scores?|ish|odd|est|a|an|the|and|by|from|in|no|not|or|out|per|to|up"
    r"|down|higher|percentage|minus|negative|plus|max|maximum|minimum|squared|cubed|b|s|ths|pct|mi[lo]|grand|lakhs?|crores?"
    r"|gross|myriads?|\w+illions?|tops|(?:up|down|on)wards?|beyond|exceed\w*|so|ballpark|cap|ceiling|limit|threshold|target|goal"
    r"|barely|hardly|average|mean|median|typically|usually|expected|projected|possibly|perhaps|maybe|probably|supposedly"
    r"|allegedly|short|shy|off|each|apiece|estimates?|(?:ten|hundred|thousand|\w+illion)fold",
    "pl": r"pół|połow\w*|ćwier\w*|trzeci\w*|czwart\w*|piąt\w*|szóst\w*|siódm\w*|ósm\w*|dziewiąt\w*|dziesiąt\w*|setn\w*"
    r"|tuzin\w*|sto|set|setk\w*|setek|albo|do|i|lub|na|nie|od|po|z|minus|plus|ujemn\w*|maks\w*"
    r"|kop[ayę]?|\w*(?:[iy]lion|[iy]liard)(?:a|y|ów|om|ach|ami)?|tysiąclec\w*|wzwyż"
    r"|średnio|przeciętnie|raptem|ledw\w*|może|chyba|podobno|rzekomo"
    r"|wzwyz|powyzej|ponizej|najwyzej|wiecej|okolo|niecale|srednio|przecietnie"  # as typed without Polish letters
    r"|(?:sz|g|c|t|m|st)(?:[yaei]|ego|ej|emu|ym|im|ą)|go",
}
FRACTION = "tysięczn"  # after a space a thousandth part, after a hyphen an adjective of a thousand
T = TypeVar("T")
LONGEST = 200  # characters; no figure has more, and none of so few digits is beyond a float
DASHES, CURRENCIES, LETTER = "-‐‑‒–—", "$€£¥", r"[^\W\d_]"
SIGN = rf"(?<!{LETTER})[{DASHES}+−±∓﹣－]|\b(?:minus|negative|plus|ujemn\w*)\b"


@dataclass(frozen=True)
class Figure:
    """A figure as printed: value, step of its last printed digit, relation, and the word after it, if any."""

    value: float  # shares from 0 to 1; the middle of a printed range
    resolution: float | None  # the finest reading: trailing zeros count as digits; None for a range
    relation: str  # = > >= < <= ~ range
    unit: str | None  # `share` for per cent, a currency's sign, the word that follows as it stands, or None
    ends: tuple[float, float] | None = field(default=None, repr=False)  # of a printed range


def read(text: str, language: str) -> Figure:
    """Value, step, relation and unit of the one figure in a printed text; refused where any part is not understood.

    language: en or pl. The same marks differ: 3,800 is 3800 in English and 3.8 in Polish. One word may follow, and is
    the unit; a scale word of another language is such a word. Signs, fractions, powers and ordinals are refused.

    >>> read("ponad 3,8 mln", "pl")
    Figure(value=3800000.0, resolution=100000.0, relation='>', unit=None)
    >>> read("3,800", "en").value, read("3,800", "pl").value
    (3800.0, 3.8)
    >>> read("5 dozen", "en")
    Traceback (most recent call last):
    casestudy.refusals.Refusal: 'dozen' after a figure is not understood: got '5 dozen'
    """
    if language not in SCALES:
        raise Refusal(f"language must be one of {', '.join(SCALES)}: got {language!r}")
    if len(text) > LONGEST:
        raise Refusal(f"a printed figure has at most {LONGEST} characters: got {len(text)}")
    plain = " ".join(unicodedata.normalize("NFC", text).lower().split())
    if re.search(r"\b\d{4}-\d\d-\d\d\b", plain):
        raise Refusal(f"a date, not a figure: {text!r}")
    found = _numbers(plain, language, text)
    (first, start, _), (last, _, end) = found[0], found[-1]
    ends = [_value(digits, language) for digits in (first, last)]
    relation, currency = _before(plain[:start], language, text)
    scale, unit, later = _after(plain[end:], language, text)
    told = [sign for sign in (relation, later, "range" if len(found) == 2 else None) if sign]
    if len(told) > 1 or (currency and unit):
        raise Refusal(f"one relation and one unit at a time: got {text!r}")
    if len(found) == 2 and ends[0] >= ends[1]:
        raise Refusal(f"a range goes up: got {text!r}")
    step = None if len(found) == 2 else scale * 10.0 ** -len(_decimals(first, language))
    both = (ends[0] * scale, ends[1] * scale) if len(found) == 2 else None
    return Figure(sum(ends) / len(ends) * scale, step, told[0] if told else "=", currency or unit, both)


def _numbers(plain: str, language: str, text: str) -> list[tuple[str, int, int]]:
    """One number with where it begins and ends, or the two ends of a range; number words where there is no digit."""
    mark, point = re.escape(THOUSANDS[language]), re.escape(DECIMAL[language])
    grouped = rf"[0-9]{{1,3}}(?P<mark>[{mark} ])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*(?![0-9])(?:{point}[0-9]+)?"
    digits = rf"{grouped}|[0-9]+(?:{point}[0-9]+)?|{point}[0-9]+"
    found = list(re.finditer(digits, plain)) or list(re.finditer(rf"\b(?:{'|'.join(WORDS[language])})\b", plain))
    if not found:
        raise Refusal(f"no figure in {text!r}")
    if any(re.match(r"[.,][0-9]", plain[number.end() :]) or re.match(rf"0[0-9{mark} ]", number[0]) for number in found):
        raise Refusal(f"the marks do not fit {language!r}: got {text!r}")
    between = [plain[low.end() : high.start()] for low, high in itertools.pairwise(found)]
    shares = plain[found[-1].end() :].startswith(("%", " %"))  # of both ends, or of neither
    gap = rf"(?:{' ?%' if shares else ''})?(?:[{DASHES}]| [{DASHES}] )"
    if odd := [each for each in between if len(found) > 2 or not re.fullmatch(gap, each)]:
        raise Refusal(f"one figure or one range at a time: got {text!r}, with {odd[0]!r} between two")
    return [(number[0], number.start(), number.end()) for number in found]


def _value(digits: str, language: str) -> float:
    if digits in WORDS[language]:
        return float(WORDS[language][digits])
    return float(digits.replace(THOUSANDS[language], "").replace(" ", "").replace(DECIMAL[language], "."))


def _decimals(digits: str, language: str) -> str:
    return digits.partition(DECIMAL[language])[2]


def _before(words: str, language: str, text: str) -> tuple[str | None, str | None]:
    """The relation and the currency that stand before a number; a hash may, as it counts or tags."""
    if re.search(SIGN, words):
        raise Refusal(f"a figure with a sign is not read: {text!r}")
    either = [rf"(?:{pattern}) " for pattern in BEFORE[language]] + [rf"(?:{pattern}) ?" for pattern in MARKS]
    for pattern, sign in zip(["", *either], [None, *BEFORE[language].values(), *MARKS.values()], strict=True):
        if found := re.fullmatch(rf"{pattern}(?:([{CURRENCIES}]) ?|#)?", words):
            return sign, found[1]
    raise Refusal(f"{words.strip()!r} before a figure is not understood: got {text!r}")


def _after(words: str, language: str, text: str) -> tuple[float, str | None, str | None]:
    """What stands after a number: the factor by which it is multiplied, its unit, and a relation."""
    found = _grammar(language).match(words)
    assert found  # it matches nothing, too
    share, scale, unit = found.group("share", "scale", "unit")
    rest = words[found.end() :].strip()
    if rest == "." and (language == "en" or found.end()):  # after bare digits it makes an ordinal in Polish
        rest = ""
    if share and unit:
        rest = f"{unit} {rest}".strip()
    if any(letter.isnumeric() for letter in unit or ""):  # letters that count, as ² and ½
        rest = words.strip()
    if rest:
        raise Refusal(f"{rest!r} after a figure is not understood: got {text!r}")
    relations = [">="] * bool(found["plus"]) + [">="] * bool(found["more"])
    relations += [_sense(found["later"], AFTER[language])] if found["later"] else []
    if len(relations) > 1:
        raise Refusal(f"one relation and one unit at a time: got {text!r}")
    size = _sense(share, SHARES[language]) if share else _sense(scale, SCALES[language]) if scale else 1.0
    return size, "share" if share else unit, relations[0] if relations else None


def _sense(words: str, senses: Mapping[str, T]) -> T:
    """What words mean that one of the patterns fits."""
    return next(sense for pattern, sense in senses.items() if re.fullmatch(pattern, words))


@functools.cache
def _grammar(language: str) -> re.Pattern[str]:
    """What may stand after a number: per cent or a scale, a plus, a unit, words that give a relation."""
    share, scale, later = ("|".join(table[language]) for table in (SHARES, SCALES, AFTER))
    words = re.findall(rf"{LETTER}+", " ".join([*BEFORE[language], *AFTER[language]]))
    taken = "|".join([NO_UNITS[language], scale, share, *WORDS[language], *words])
    word = rf"(?!(?:{taken})(?!{LETTER})){LETTER}+(?:[-/'’]{LETTER}+)*"
    glue = rf"(?: |[{DASHES[:3]}](?={LETTER}))?"
    times = rf"(?:(?! ?{FRACTION}){glue}(?:(?P<share>{share})|(?P<scale>{scale})(?!{LETTER})\.?))?"
    unit = rf"(?:{glue}(?P<unit>{POINTS[language]}|{word}|[{CURRENCIES}]))?"
    return re.compile(rf"(?P<plus>\+)?{times}(?P<more>\+)?{unit}(?: (?P<later>{later})(?!{LETTER}))?")
