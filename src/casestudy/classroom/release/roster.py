"""Who takes part: a roster as spreadsheets write it, checked line by line."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from casestudy.classroom.late import deadline
from casestudy.classroom.sets.answers import plain
from casestudy.classroom.spreadsheets import column, decoded
from casestudy.refusals import Refusal, file_access

COLUMNS = ("student_id", "name", "email", "group", "due", "lms_id")
ALIASES = {
    "e_mail": "email",
    "mail": "email",
    "email_address": "email",
    "e_mail_address": "email",
    "due_date": "due",
    "studentid": "student_id",
}
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")  # what may become the name of a folder
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*(\.\.|\.$).*", re.I)  # on some systems
SPOILT = re.compile(r"\d+[.,]\d+E\+?\d+|\d+[.,]0", re.I)  # a long number that a spreadsheet rounded


def read(path: Path) -> pd.DataFrame:
    """One row a student, indexed by student_id; name, email, group, due and lms_id are empty texts where not given.

    lms_id: the number or login by which a learning platform knows the student, or several.
    Commas, semicolons or tabs; UTF-8 with or without a mark, UTF-16 or Windows-1252. due as `late.deadline` reads it.
    """
    lines = _lines(path)
    header = _header(path, lines[0][1] if lines else [])
    students = []
    seen: dict[str, int] = {}
    for number, row in lines[1:]:
        student = _student(header, row)
        id, where = student["student_id"], f"{path.name} line {number}"
        _check_id(where, id)
        if (first := seen.setdefault(id.lower(), number)) != number:
            raise Refusal(f"{where}: student_id {id!r} stands in line {first} already (capitals do not count)")
        _check_due(where, student["due"])
        students.append(student)
    if not students:
        raise Refusal(f"{path.name} names no student: a row a student is needed below the header")
    return pd.DataFrame(students).set_index("student_id")


def unread(path: Path) -> list[str]:
    """The columns of a roster that nobody reads, as they are spelt there."""
    lines = _lines(path)
    names = lines[0][1] if lines else []
    return [name.strip() for name, ours in zip(names, _header(path, names), strict=True) if ours not in (*COLUMNS, "")]


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that hold something, each with its line, a spreadsheet's own note left out."""
    lines = [(number, row) for number, row in _rows(path) if any(cell.strip() for cell in row)]
    return lines[1:] if lines and re.fullmatch(r"sep=.?", lines[0][1][0].strip(), re.I) else lines


def _header(path: Path, row: list[str]) -> list[str]:
    """The columns' names as we spell them; without student_id, or with a column of ours twice, it is refused."""
    header = [ALIASES.get(column(plain(name)), column(plain(name))) for name in row]
    if "student_id" not in header:
        raise Refusal(f"{path.name} needs a column student_id; it has: {', '.join(header) or 'nothing'}")
    if doubled := {name for name in header if name in COLUMNS and header.count(name) > 1}:
        raise Refusal(f"{path.name}: the column {doubled.pop()} stands twice")
    return header


def _student(header: list[str], row: list[str]) -> dict[str, str]:
    """A row's cells by our columns; what it does not give is empty. Names stay as written, all else is compared."""
    given = {name: cell.strip() for name, cell in zip(header, row, strict=False) if name in COLUMNS}
    return dict.fromkeys(COLUMNS, "") | {name: cell if name == "name" else plain(cell) for name, cell in given.items()}


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line that it ends in; a row over several lines hides students, and is refused."""
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    before = 0
    try:
        for row in reader:
            if reader.line_num > before + 1:
                raise Refusal(f"{path.name} line {before + 1}: a quotation mark opens here and ends in another line")
            before = reader.line_num
            yield before, row
    except csv.Error as error:
        raise Refusal(f"{path.name} line {before + 1}: {error}; is a quotation mark left open?") from None


def _text(path: Path) -> str:
    with file_access(f"read the roster {path}"):
        text = decoded(path.read_bytes())
    if "\0" in text:
        raise Refusal(f"{path.name} must be a text file: save the table as CSV, in UTF-8 if you can choose")
    return text


def _delimiter(text: str) -> str:
    head = next((line for line in text.splitlines() if re.search(r"student[\W_]*id", line, re.IGNORECASE)), "")
    return max(",;\t", key=head.count)


def _check_id(where: str, id: str) -> None:
    if not ID.fullmatch(id) or RESERVED.fullmatch(id):
        raise Refusal(f"{where}: student_id must be letters, digits and . _ @ + - (at most 64): got {id!r}")
    if SPOILT.fullmatch(id):
        raise Refusal(f"{where}: a spreadsheet has spoilt student_id {id!r}: export the column as text")


def _check_due(where: str, due: str) -> None:
    if due:
        try:
            deadline(due)
        except Refusal as error:
            raise Refusal(f"{where}: {error}") from None
