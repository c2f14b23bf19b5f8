"""Whom a label means: ids, names and addresses of a roster, as folders, files and learning systems spell them."""

import re
import unicodedata

import pandas as pd


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
    """The students of a roster by each of their labels. Every answer is a set: one student, none, or several."""

    def __init__(self, students: pd.DataFrame):
        self._labels: dict[str, set[str]] = {}  # ids and addresses
        self._names: dict[tuple[str, ...], set[str]] = {}  # words of a name in any order
        self._together: dict[str, set[str]] = {}  # a name in one word, as `musteranna`
        for id, email, name in zip(students.index, students["email"], students["name"], strict=True):
            for label in {id, email} - {""}:
                self._labels.setdefault(_spelt(label), set()).add(id)
            if spoken := words(name):
                self._names.setdefault(tuple(sorted(spoken)), set()).add(id)
                for first in range(len(spoken)):
                    self._together.setdefault("".join(spoken[first:] + spoken[:first]), set()).add(id)

    def folder(self, label: str) -> set[str]:
        """Whom a folder's name means: an id, an address or a full name."""
        return self._labels.get(_spelt(label), set()) | self._names.get(tuple(sorted(words(label))), set())

    def file(self, stem: str) -> set[str]:
        """Whom a file's name means: all of it, or the part before a first or after a last `_`, wherever that stands."""
        cuts = [at for at, letter in enumerate(stem) if letter == "_"]
        parts = [stem, *(stem[:cut] for cut in cuts), *(stem[cut + 1 :] for cut in cuts)]
        return self.folder(stem).union(*(self._labels.get(_spelt(part), set()) for part in parts))

    def lms(self, name: str, number: str) -> set[str]:
        """Whom a learning system means by a name and a number of its own, which may be the roster's id.

        Where both mean somebody they must agree.
        """
        by_name = self.folder(name) | self._together.get(letters(name), set())
        by_number = self._labels.get(number, set())
        return by_name & by_number or by_name | by_number


def _spelt(label: str) -> str:
    return unicodedata.normalize("NFC", label).strip().casefold()
