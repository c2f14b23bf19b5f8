"""Tables as spreadsheets save them, and texts that no spreadsheet computes."""

import csv
import io
import re

from casestudy.refusals import Refusal

SIGNS = r"[=+\-@\u2212\uff1d\uff0b\uff0d\uff20]"
# a run of spaces is looked at once, from its first: students' texts may be nothing but thousands of empty lines
FORMULA = re.compile(r'((?:^|[,;|"])\s*+|(?<!\s)(?=\s*?[\t\r\n])\s++)(?=' + SIGNS + ")")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def decoded(content: bytes) -> str:
    """Text as spreadsheets save it: UTF-8, UTF-16 with its mark, or Windows-1252."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def table(text: str) -> list[list[str]]:
    """The rows of a spreadsheet's file, by commas, semicolons or tabs, as its first line uses them."""
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))
    except csv.Error as error:
        raise Refusal(f"a table as a spreadsheet saves it is needed: {error}") from None


def column(name: str) -> str:
    """A column's name in small letters, its words joined by `_`, whoever spelt it.

    >>> column(" Student-ID "), column("E-Mail")
    ('student_id', 'e_mail')
    """
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


def neutral(text: str) -> str:
    """A text that no spreadsheet computes, whatever it takes for a separator; control characters are replaced.

    >>> print(neutral("=1+1"), neutral("Ann; @SUM(1)"), neutral("2026-01-02"))
    '=1+1 Ann; '@SUM(1) 2026-01-02
    """
    text = CONTROL.sub("\ufffd", text.encode("utf-8", "replace").decode("utf-8"))
    return FORMULA.sub(r"\1'", text)
