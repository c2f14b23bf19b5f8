"""A text or code as the row of signs that is compared, each with its place; spaces and own names make no difference."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import NamedTuple

MOST = 3_000  # signs of one student's work that are compared: more is cut, so that no one's work takes long
LONGEST = 60_000  # characters of it
WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
CODE = re.compile(r"#[^\n]*|\d[\w.]*|[^\W\d]\w*|[-+*/%=<>!|&^@]+|[^\s\w]")
PYTHON = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))
NUMBER, NAME = "0", "name"


class Sign(NamedTuple):
    """One word, number, name or operator: what it is compared as, and where it stands."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Sign]:
    """The words of a text in small letters; a number is like any other, since everyone's are their own.

    >>> [sign.text for sign in words("It rose by 22.7 per cent.")]
    ['it', 'rose', 'by', '0', 'per', 'cent']
    """
    return _signs((_word(found) for found in WORD.finditer(text[:LONGEST])), MOST)


def code(text: str, known: Collection[str] = ()) -> list[Sign]:
    """The signs of Python code: a name of the student's own is like any other, and so is a number.

    known: names that stand in everyone's copy, and so keep theirs; a name after a dot keeps its own as well. Of a
    comment its words count.

    >>> [sign.text for sign in code("rise = sum(parts) / 2  # half", known={"rise"})]
    ['rise', '=', 'sum', '(', 'name', ')', '/', '0', 'half']
    """
    found: list[Sign] = []
    before = ""
    for match in CODE.finditer(text[:LONGEST]):
        if match[0].startswith("#"):
            found += (_word(word, match.start()) for word in WORD.finditer(match[0]))
        else:
            found.append(Sign(_of_code(match[0], before == ".", known), match.start(), match.end()))
        before = match[0]
        if len(found) >= MOST:
            break
    return found[:MOST]


def _of_code(text: str, after_a_dot: bool, known: Collection[str]) -> str:
    if text[0].isdigit():
        return NUMBER
    own = text[0].isidentifier() and not after_a_dot and text not in PYTHON and text not in known
    return NAME if own else text


def _word(match: re.Match[str], offset: int = 0) -> Sign:
    text = NUMBER if match[0][0].isdigit() else unicodedata.normalize("NFKC", match[0]).casefold().replace("’", "'")
    return Sign(text, match.start() + offset, match.end() + offset)


def _signs(found: Iterator[Sign], most: int) -> list[Sign]:
    return [sign for _, sign in zip(range(most), found, strict=False)]
