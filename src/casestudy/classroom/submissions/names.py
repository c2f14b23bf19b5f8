"""Whom a label means: ids, names and addresses of a roster, as folders, files and learning systems spell them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

import pandas as pd

from casestudy.classroom.submissions.platforms import Label

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})  # as ILIAS spells them


def letters(text: str) -> str:
    """A name's letters and digits, small and without accents.

    >>> letters("O'Brien-Žižek")
    'obrienzizek'
    """
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def words(name: str) -> tuple[str, ...]:
    """The words of a name.

    >>> words("Muster, Anna  Maria")
    ('muster', 'anna', 'maria')
    """
    return tuple(word for word in map(letters, re.split(r"[\s,]+", name)) if word)


class Known:
    """The students of a roster by each of their labels. Every answer is a set: one student, none, or several.

    numbers: a learning system's numbers that are known already, each with its student; the roster's own column
    `lms_id`, of one or more of them, comes beside.
    """

    def __init__(self, students: pd.DataFrame, numbers: Mapping[str, str] | None = None):
        self._labels: dict[str, set[str]] = {}  # ids and addresses
        self._logins: dict[str, set[str]] = {}  # what an address begins with
        self._names: dict[tuple[str, ...], set[str]] = {}  # words of a name in any order
        self._together: dict[str, set[str]] = {}  # a name in one word, as `musteranna`
        self._numbers = {spelt(number): {id} for number, id in (numbers or {}).items()}
        given = students["lms_id"] if "lms_id" in students else [""] * len(students)
        for id, email, name, own in zip(students.index, students["email"], students["name"], given, strict=True):
            for label in {id, email} - {""}:
                self._labels.setdefault(spelt(label), set()).add(id)
            if login := email.partition("@")[0]:
                self._logins.setdefault(spelt(login), set()).add(id)
            for number in re.split(r"[\s,;]+", own.strip()) if own.strip() else ():
                self._numbers.setdefault(spelt(number.removeprefix("anon_")), set()).add(id)
            for spelling in {name, unicodedata.normalize("NFC", name).translate(UMLAUTS)}:
                self._name(id, words(spelling))
        self._longest = max(map(len, self._labels), default=0) + 8  # letters may fold into more

    def _name(self, id: str, spoken: tuple[str, ...]) -> None:
        if spoken:
            self._names.setdefault(tuple(sorted(spoken)), set()).add(id)
        for first in range(len(spoken)):
            self._together.setdefault("".join(spoken[first:] + spoken[:first]), set()).add(id)

    def folder(self, label: str) -> set[str]:
        """Whom a folder's name means: an id, an address or a full name."""
        return self._labels.get(spelt(label), set()) | self._names.get(tuple(sorted(words(label))), set())

    def file(self, stem: str) -> set[str]:
        """Whom a file's name means: all of it, or the part before a first or after a last `_`, wherever that stands."""
        cuts = [at for at, letter in enumerate(stem) if letter == "_"]
        parts = [stem[:cut] for cut in cuts if cut <= self._longest]
        parts += [stem[cut + 1 :] for cut in cuts if len(stem) - cut <= self._longest + 1]
        return self.folder(stem).union(*(self._labels.get(spelt(part), set()) for part in parts))

    def lms(self, label: Label) -> tuple[set[str], bool]:
        """Whom a learning system means; and whether by more than a name, which a student may have chosen.

        A number that is known decides. Else, where a login or an id as number and a name both mean somebody, they
        must agree.
        """
        if label.number and (known := self._numbers.get(spelt(label.number))):
            return known, True
        tables = (self._numbers, self._labels) if label.chosen else (self._numbers, self._labels, self._logins)
        by_login = _any(table.get(spelt(login)) for login in label.logins for table in tables)
        by_login |= self._labels.get(spelt(label.number), set()) if label.number and not label.drawn else set()
        by_name = next(filter(None, map(self._named, reversed(label.names))), set())
        claimed = _any(self._labels.get(spelt(id)) for id in label.claimed)
        by_name = by_name & claimed or by_name | claimed
        fits = by_name & by_login or by_name | by_login
        stated = _any(self._numbers.get(spelt(login)) for login in label.logins) if label.chosen else by_login
        return fits, bool(stated) and len(fits) == 1

    def numbers_of(self, id: str) -> set[str]:
        """The numbers that are known to be a student's."""
        return {number for number, ids in self._numbers.items() if id in ids}

    def _named(self, name: str) -> set[str]:
        return self.folder(name) | self._together.get(letters(name), set())


def spelt(label: str) -> str:
    """A label in one spelling: composed, small, its spaces folded, without signs that nobody sees.

    >>> spelt(" Jose\u0301  \u200fM") == spelt("jos\u00e9 m")
    True
    """
    seen = "".join(c for c in unicodedata.normalize("NFC", label) if unicodedata.category(c) not in ("Cc", "Cf"))
    return " ".join(unicodedata.normalize("NFC", seen.casefold()).split())


def _any(found: Iterable[set[str] | None]) -> set[str]:
    return set().union(*(some for some in found if some))
