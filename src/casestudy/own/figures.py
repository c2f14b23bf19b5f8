"""What a printed figure says for a row of claims.csv: value, step, ends, unit and relation."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from casestudy.claims import printed
from casestudy.claims.printed import DECIMAL, Figure
from casestudy.refusals import Refusal

EXACT = ("count", "date", "enumeration", "instrument", "vague")  # kinds of claims whose figure has no step
ABOVE, BELOW = (">", ">="), ("<", "<=")
WAY = "give --value, --resolution and --unit; a word without a number is --kind vague"
YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")


def figures(cells: Mapping[str, str], language: str) -> tuple[dict[str, str], str]:
    """The columns that follow from a print, those given left as they are; and what of it somebody has to look at.

    >>> figures({"printed": "12 per cent"}, "en")[0]
    {'value': '0.12', 'resolution': '0.01', 'low': '0.115', 'high': '0.125', 'unit': 'share', 'relation': '='}
    >>> figures({"printed": "over 350 million", "unit": "members"}, "en")[1]
    '; a step of 10000000, since its last zeros may be rounded: another is --resolution'
    """
    kind, words = cells.get("kind", "statistic"), cells.get("printed", "")
    given = {name: _number(name, cells[name]) for name in ("value", "resolution", "low", "high") if cells.get(name)}
    figure = _read(words, language, kind, "value" in given)
    if figure and figure.unit == "share" and cells.get("unit", "share") != "share" and "value" not in given:
        raise Refusal(f"{words!r} is a share from 0 to 1, not {cells['unit']!r}: leave --unit out, or give --value too")
    unit = cells.get("unit") or (figure.unit if figure else "") or {"date": "year", "vague": "label"}.get(kind)
    if not unit:
        raise Refusal(f"{words!r} names no unit: give --unit, such as passengers or minutes")
    relation = cells.get("relation") or (figure.relation if figure else "=" if "value" in given else "~")
    value = given.get("value", _decimal(figure.value) if figure else None)
    times = value / _decimal(figure.value) if figure and figure.value and value is not None else Decimal(1)
    step, remark = given.get("resolution"), ""
    if step is None and figure and figure.resolution and kind not in EXACT:
        step, remark = _step(words, figure, language, times)
    ends = tuple(times * _decimal(end) for end in figure.ends) if figure and figure.ends else None
    found = {"value": value, "resolution": step} | _ends(value, step, relation, ends) | given
    texts = {name: format(number, "f") for name, number in found.items() if number is not None}
    return texts | {"unit": unit, "relation": relation}, remark


def _read(words: str, language: str, kind: str, has_value: bool) -> Figure | None:
    """The figure in a print; none where it is a word, or where a value stands instead."""
    try:
        if not words:
            raise Refusal("nothing is printed")
        if kind == "date" and (year := YEAR.search(words)):
            return Figure(float(year[1]), None, "=", "year")
        return printed.read(words, language)
    except Refusal as refusal:
        if has_value or (kind == "vague" and words):
            return None
        raise Refusal(f"{refusal}; {WAY}") from None


def _step(words: str, figure: Figure, language: str, times: Decimal) -> tuple[Decimal, str]:
    """The printed step: that of the last digit which is no zero before the decimal mark, as the register has it.

    times: by how much the value is larger than the print, in its own unit.
    """
    fine, value = _decimal(figure.resolution or 0.0), _decimal(figure.value)
    if not value or re.search(rf"\d{re.escape(DECIMAL[language])}\d", words):
        return times * fine, ""
    *_, exponent = value.normalize().as_tuple()
    coarse = max(fine, Decimal(1).scaleb(int(exponent)))
    wide = f"; a step of {times * coarse:f}, since its last zeros may be rounded: another is --resolution"
    return times * coarse, wide if coarse > fine else ""


def _ends(
    value: Decimal | None, step: Decimal | None, relation: str, ends: tuple[Decimal, ...] | None
) -> dict[str, Decimal | None]:
    """Lower and upper end, as data/README.md has them; None is open."""
    if value is None:
        return {}
    if ends:
        return {"low": ends[0], "high": ends[1]}
    if relation in ABOVE:
        return {"low": value}
    if relation in BELOW:
        return {"high": value}
    if step is None:
        return {"low": value, "high": value} if relation == "=" else {}
    return {"low": (value - step / 2).normalize(), "high": (value + step / 2).normalize()}


def _decimal(number: float) -> Decimal:
    return Decimal(f"{number:.12g}").normalize()


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise Refusal(f"{name} must be a number with a decimal point: got {text!r}")
    return number
