"""Sentences with blanks: read once, filled from plain names, and never run as code."""

import math
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from casestudy.refusals import Refusal, nearest

Fact = bool | int | float | str
FORMAT = re.compile(r"\+?,?(?:\.\d)?[fg%]?|~[1-6]")  # `~2` is ours: two significant digits
EXAMPLES = "{name}, {name:,.0f}, {name:.0%} or {name:~2}"


@dataclass(frozen=True)
class Template:
    """A sentence and its blanks: (words before, name, format), the name empty after the last words."""

    text: str
    parts: tuple[tuple[str, str, str], ...]

    @classmethod
    def read(cls, text: object, where: str) -> "Template":
        """From a file; where: how a refusal names it.

        >>> Template.read("{heads:,.0f} heads", "here").fill({"heads": 21000})
        '21,000 heads'
        """
        if not isinstance(text, str) or not text.strip():
            raise Refusal(f"{where} must be a text such as 'about {{ours_low:,.0f}} heads': got {text!r}")
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError as error:
            raise Refusal(f"{where}: {error}; a brace that is meant as such is doubled") from None
        for _, name, form, conversion in parts:
            if name is not None and (not name.isidentifier() or conversion or not FORMAT.fullmatch(form or "")):
                got = f"{{{name}{'!' + conversion if conversion else ''}{':' + form if form else ''}}}"
                raise Refusal(f"{where}: a blank is {EXAMPLES}, nothing more: got {got}")
        return cls(text, tuple((words, name or "", form or "") for words, name, form, _ in parts))

    @property
    def names(self) -> list[str]:
        """The names of its blanks, each once."""
        return list(dict.fromkeys(name for _, name, _ in self.parts if name))

    def known(self, names: Iterable[str], where: str) -> "Template":
        """Itself, if every blank has one of these names."""
        names = list(names)
        for name in self.names:
            if name not in names:
                raise Refusal(f"{where}: nothing is called {name!r}; {nearest(name, names)}")
        return self

    def fill(self, values: Mapping[str, Fact]) -> str:
        """The sentence for one set."""
        return "".join(words + (shown(values[name], form) if name else "") for words, name, form in self.parts)


def shown(value: Fact, form: str = "") -> str:
    """A value as a reader reads it.

    >>> shown(21428.6, "~2"), shown(-0.2, "+.0%"), shown(0.97, ".0%"), shown(1500)
    ('21,000', '−20%', '97%', '1,500')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if form.startswith("~"):
        return rounded(value, int(form[1:]))
    if not math.isfinite(value):
        raise ValueError("a number is missing")
    if not form:
        return f"{value:,d}".replace("-", "−") if isinstance(value, int) else rounded(value, 6)
    return format(value, form).replace("-", "−")


def rounded(value: float, digits: int) -> str:
    """A number with so many significant digits.

    >>> rounded(91312, 2), rounded(0.8333, 2), rounded(3, 2), rounded(0, 2)
    ('91,000', '0.83', '3', '0')
    """
    if not math.isfinite(value):
        raise ValueError("a number is missing")
    places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    text = f"{round(value, places):,.{max(0, places)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
