"""`unmatched.csv`: files that belong to nobody, or to several, with a column in which a person says whose they are."""

import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from casestudy.classroom.spreadsheets import decoded, neutral, table
from casestudy.classroom.submissions.names import spelt
from casestudy.classroom.submissions.platforms import labelled
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.staging import private_file

UNMATCHED = "unmatched.csv"
COLUMNS = ("file", "name", "number", "students", "why", "key", "id")
NOBODY = "-"  # the answer that a file is nobody's
NOBODYS = (NOBODY, "nobody")


@dataclass(frozen=True)
class Odd:
    """A file that a person must look at.

    name, number: what the platform wrote; students: whom it may belong to; key: stands for its path and bytes.
    """

    file: str
    why: str
    name: str = ""
    number: str = ""
    students: tuple[str, ...] = ()
    key: str = ""

    def __str__(self) -> str:
        return f"{' '.join(self.file.split())}: {self.why}"  # a name over several lines would forge some

    @property
    def anonymous(self) -> bool:
        """Whether a platform that hides names wrote a number in their place."""
        return bool(self.number) and (self.name == "anon" or self.name.startswith("Participant"))

    def of(self, content: bytes) -> "Odd":
        """With the key of these bytes."""
        return replace(self, key=key(self.file, content))

    def because(self, why: str, students: tuple[str, ...] | None = None) -> "Odd":
        """With this reason."""
        return replace(self, why=why, students=self.students if students is None else students)

    def row(self, id: str = "") -> dict[str, str]:
        """As it stands in the file."""
        cells = (self.file, self.name, self.number, " ".join(self.students), self.why, self.key, id)
        return {column: _cell(cell) for column, cell in zip(COLUMNS, cells, strict=True)}


@dataclass(frozen=True)
class Answers:
    """Whose files are, as a person filled in: by key, by a platform's number, and by path. NOBODY: nobody's."""

    keys: Mapping[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)

    def of(self, seen: Odd) -> str:
        """Whose a file is; empty where nobody said."""
        return self.keys.get(seen.key, "") or self.paths.get(_cell(seen.file), "")


def key(name: str, content: bytes) -> str:
    """What stands for a file: it is another one where its path or its bytes are.

    A spreadsheet keeps it as it is: no number, no date, no formula.
    """
    path = unicodedata.normalize("NFC", name).encode("utf-8", "replace")
    return "f:" + hashlib.sha256(path + b"\0" + content).hexdigest()[:16]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file that may have been filled in; none where there is no such file."""
    if not path.exists():
        return []
    with file_access(f"read {path}"):
        lines = [line for line in table(decoded(path.read_bytes())) if any(cell.strip() for cell in line)]
    header = [name.strip().lower() for name in lines[0]] if lines else []
    if "id" not in header or not {"key", "number", "file"} & set(header):
        has = ", ".join(header) or "nothing"
        raise Refusal(f"{path.name} needs the column id, and key, number or file beside it; it has: {has}")
    named = (dict(zip(header, map(str.strip, line), strict=False)) for line in lines[1:])
    return [{column: row.get(column, "") for column in COLUMNS} for row in named]


def answers(rows: Iterable[Mapping[str, str]], students: Iterable[str], where: str = UNMATCHED) -> Answers:
    """What the rows say of whose each file is: by key, else by path; and by the platform's number, where there is one.

    An id that no student has, and two ids for one file or number, are refused.
    """
    ids = {id.casefold(): id for id in students}
    found: tuple[dict[str, str], dict[str, str], dict[str, str]] = ({}, {}, {})
    for row in rows:
        if not (said := row["id"].casefold()):
            continue
        named = row["file"] or row["number"] or row["key"]
        if not (id := ids.get(said, NOBODY if said in NOBODYS else "")):
            hint = nearest(row["id"], ids.values())
            raise Refusal(f"{where}: {named}: no student has the id {row['id']!r}; {hint}")
        path = "" if row["key"] or row["number"] else _cell(row["file"])
        for known, of in zip(found, (row["key"], _number(row), path), strict=True):
            if of and known.setdefault(of, id) != id:
                raise Refusal(f"{where}: {named} is given to {known[of]} and to {id}: leave one of them")
    return Answers(*found)


def _number(row: Mapping[str, str]) -> str:
    """The platform's number as the file's name has it: a spreadsheet spoils a long one in a cell of its own."""
    label = labelled(PurePosixPath(row["file"]))
    return spelt(label.number if label and label.number else row["number"])


def write(path: Path, odd: Iterable[Odd], before: Iterable[Mapping[str, str]], came: Iterable[str]) -> None:
    """What is to be looked at now, with the answers given so far, none of which is lost.

    before: the rows that stood there; of those without an answer the ones go whose file `came` and found its student.
    """
    odd, before, placed = list(odd), list(before), set(map(_cell, came))
    given = {row["key"]: row["id"] for row in before if row["id"] and row["key"]}
    rows = [each.row(given.get(each.key, "")) for each in odd]
    now = {row["key"] for row in rows}
    rows += [dict(row) for row in before if row["key"] not in now and (row["id"] or row["file"] not in placed)]
    if rows or path.exists():
        private_file(path, _csv(rows))


def left(folder: Path) -> list[dict[str, str]]:
    """The rows of a results folder that nobody has answered yet."""
    return [row for row in read(folder / UNMATCHED) if not row["id"]]


def _cell(text: str) -> str:
    """A text as it stands in the file: in one line, composed, and nothing that a spreadsheet computes."""
    return neutral(unicodedata.normalize("NFC", " ".join(text.split())))


def _csv(rows: Iterable[Mapping[str, str]]) -> str:
    """For a spreadsheet: UTF-8 with its mark."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + file.getvalue()
