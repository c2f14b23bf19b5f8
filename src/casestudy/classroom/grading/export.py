"""Grades as a learning system's importer or a spreadsheet takes them."""

import csv
import io
import math
import re
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd

from casestudy.classroom.late import LOSS
from casestudy.classroom.spreadsheets import decoded, neutral, table
from casestudy.refusals import Refusal, file_access

LMS = ("moodle", "canvas", "csv")
DIALECTS = ("plain", "excel-eu")  # commas and points; semicolons, decimal commas and a byte-order mark
SETTLED = ("ok", "cell_error")  # other rows wait for a person before they leave the house
ROW = (
    "status",
    "flags",
    "late_minutes",
    "attempts",
    LOSS,
    "total",
    "out_of",
    "overridden",
    "feedback",
)  # else questions
PROPOSAL = "a proposal, which nobody has confirmed"
KEYS = ("SIS User ID", "SIS Login ID", "Integration ID", "ID")  # where Canvas may hold the roster's id
IDENTITY = ("Student", "LastName", "FirstName", *KEYS, "Root Account", "Section")
EXACT = {"student_id", "email", "Email address", "ID number", *KEYS}  # importers look for these letter by letter
POINTS = "Points Possible"  # begins Canvas' row with what each assignment counts
HARMLESS = re.compile(r"[\w.@+-]*")  # a sign may stand first, but nothing in it can call anything


def export(
    grades: pd.DataFrame,
    students: pd.DataFrame,
    lms: str,
    dialect: str = "plain",
    canvas_file: Path | None = None,
    *,
    assignment: str = "",
    everyone: bool = False,
    reasons: Mapping[str, Mapping[str, str]] | None = None,
    proposal: bool = False,
) -> tuple[str, list[str]]:
    """The file's text (UTF-8, newlines as they are), and a sentence for each student who is not in it, and why.

    grades: one row a student, indexed by student_id: status, total, out_of, points by question. Rows with nothing
    handed in, an unsettled status or an unread text stay out of Moodle's and Canvas' files unless `everyone`.
    assignment: the column's name in Moodle; in Canvas which of the export's columns, by name or number. reasons: by
    student and question, why a person gave the points in place of a program; Canvas' file has no room for them, nor
    for the word that all of it is a `proposal`.
    """
    reasons = reasons or {}
    _refuse_misfits(grades, students, lms, dialect, canvas_file)
    left_out = [f"{id}: not in the grades" for id in students.index if id not in grades.index]
    if lms == "csv":
        return written(_whole(grades, students, reasons, proposal), dialect), left_out
    held = {id: why for id in grades.index if (why := waits(grades.loc[id], everyone))}
    left_out += [f"{id}: {why}" for id, why in held.items()]
    grades = grades.drop(index=list(held))
    if canvas_file is None:
        said = {id: _feedback(row, reasons.get(str(id), {}), proposal) for id, row in grades.iterrows()}
        return written(_moodle(grades, students, assignment, said), dialect), left_out
    rows, sentences = _canvas(grades, students, canvas_file, assignment)
    return written(rows, dialect), left_out + sentences


def advice(lms: str, dialect: str) -> list[str]:
    """What whoever imports the file must know.

    >>> advice("moodle", "plain")
    ['in Moodle, choose the separator Comma; a site whose language writes decimal commas reads it as well']
    """
    if lms != "moodle":
        return []
    if dialect == "plain":
        return ["in Moodle, choose the separator Comma; a site whose language writes decimal commas reads it as well"]
    return [
        "in Moodle, choose the separator Semicolon; only a site whose language writes decimal commas reads it, and "
        "an English one says that a grade such as 7,5 is incorrect: take --dialect plain there"
    ]


def _refuse_misfits(
    grades: pd.DataFrame, students: pd.DataFrame, lms: str, dialect: str, canvas_file: Path | None
) -> None:
    if lms not in LMS or dialect not in DIALECTS:
        raise Refusal(f"lms is one of {', '.join(LMS)}, dialect of {', '.join(DIALECTS)}: got {lms!r}, {dialect!r}")
    if (canvas_file is not None) != (lms == "canvas"):
        raise Refusal("Canvas takes its assignment column from the gradebook file you exported there; others take none")
    if stranger := next((id for id in grades.index if id not in students.index), None):
        raise Refusal(f"the grades name {stranger!r}, who is not in the roster")
    if doubled := next(iter(grades.index[grades.index.duplicated()]), None):
        raise Refusal(f"the grades name {doubled!r} twice")


def _whole(
    grades: pd.DataFrame, students: pd.DataFrame, reasons: Mapping[str, Mapping[str, str]], proposal: bool
) -> list[list[object]]:
    """Every row and column, beside who it is; with a person's reasons, and the word that it is a proposal."""
    who = ["name", "email", "group"]
    rows = [[id, *students.loc[id, who], *map(_typed, grades.loc[id])] for id in grades.index]
    rows = [["student_id", *who, *grades.columns], *rows]
    if any(reasons.values()):
        told = ["; ".join(f"{name}: {why}" for name, why in reasons.get(id, {}).items()) for id in grades.index]
        rows = [[*row, more] for row, more in zip(rows, ["reasons", *told], strict=True)]
    return [[*row, "note" if number == 0 else PROPOSAL] for number, row in enumerate(rows)] if proposal else rows


def held_back(grades: pd.DataFrame) -> dict[str, str]:
    """By student why a row must wait before it leaves the house; nothing of those that need not."""
    return {str(id): why for id, row in grades.iterrows() if (why := waits(row, everyone=False))}


def waits(row: pd.Series, everyone: bool) -> str:
    """Why a row stays out, or nothing. Without a total it always does: an empty grade may wipe an older one."""
    if everyone:
        return "" if _number(row["total"]) is not None else "has no total"
    questions = [str(name) for name in row.index if name not in ROW]
    decided = set(questions) <= set(str(row.get("overridden", "")).split())  # a person gave the points of every one
    if row["status"] == "missing" and not decided:
        return "handed nothing in"
    if row["status"] not in SETTLED and not decided:
        return f"the status {row['status']} needs a person"
    unread = [name for name in questions if _number(row[name]) is None]
    return f"not read yet: {', '.join(unread)}" if unread else waits(row, everyone=True)


def _moodle(
    grades: pd.DataFrame, students: pd.DataFrame, assignment: str, said: Mapping[Any, str]
) -> list[list[object]]:
    """By email where every student has one, else by ID number; always the grade beside what is `said` of it."""
    emails = students.loc[grades.index, "email"]
    by_email = bool(len(emails)) and all(emails)
    if by_email and emails.duplicated().any():
        raise Refusal(f"two students have the email {emails[emails.duplicated()].iloc[0]!r}: Moodle needs one each")
    name = f"Assignment: {assignment or 'exercise'}"
    rows = [[emails[id] if by_email else id, _number(row["total"]), said[id]] for id, row in grades.iterrows()]
    return [["Email address" if by_email else "ID number", f"{name} (Real)", f"{name} (Feedback)"], *rows]


def _feedback(row: pd.Series, reasons: Mapping[str, str], proposal: bool) -> str:
    """Points by question; no flag, for a flag is a reason to look and not the student's to read here."""
    if row.get("feedback"):
        return str(row["feedback"])
    points = []
    for name in (name for name in row.index if name not in ROW):
        why = f" (given by a person: {reasons[name]})" if name in reasons else ""
        points.append(f"{name} {_text(_typed(row[name])) or 'not read yet'}{why}")
    if _number(row.get(LOSS)) or LOSS in reasons:
        why = f" (given by a person: {reasons[LOSS]})" if LOSS in reasons else ""
        points.append(f"less {_text(_typed(row[LOSS]))} for late work{why}")
    first = f"{PROPOSAL.capitalize()}. " if proposal else ""
    return f"{first}{'; '.join(points)}. Together {_text(_typed(row['total']))} of {_text(_typed(row['out_of']))}."


def _canvas(
    grades: pd.DataFrame, students: pd.DataFrame, path: Path, assignment: str
) -> tuple[list[list[object]], list[str]]:
    """The lecturer's own export cut down to who a row is and one assignment, with our totals in it; who is left out."""
    header, rows = _gradebook(path)
    wanted = _assignment(path, header, rows, assignment)
    kept_of = itemgetter(*(number for number, name in enumerate(header) if name in IDENTITY), wanted)
    kept: list[list[object]] = [list(kept_of(header))]
    sentences: list[str] = []
    rows_by_id: dict[str, list[str]] = {}
    for row in rows:
        person = dict(zip(header, row, strict=False))
        if _is_head(row, person):
            kept.append(list(kept_of(row)))
            sentences += _other_total(header, row, wanted, grades)
            continue
        fits = _who(person, students)
        if len(fits) > 1:
            sentences.append(f"{' and '.join(fits)}: one row of {path.name} fits both")
        elif fits and rows_by_id.setdefault(fits[0], row) is not row:
            raise Refusal(f"{path.name}: two rows fit {fits[0]!r}")
    sentences += [f"{id}: not in {path.name}" for id in grades.index if id not in rows_by_id]
    for id, row in rows_by_id.items():
        if id in grades.index:
            kept.append([*kept_of(row)[:-1], _number(grades.at[id, "total"])])
    return kept, sentences


def _is_head(row: list[str], person: dict[str, str]) -> bool:
    """Whether a row below the header is nobody's."""
    return POINTS in row[0] or not any(person.get(name, "").strip() for name in IDENTITY)


def _gradebook(path: Path) -> tuple[list[str], list[list[str]]]:
    """The columns' names and the rows, all of one length."""
    with file_access(f"read Canvas' gradebook {path}"):
        header, *rows = [row for row in table(decoded(path.read_bytes())) if any(row)] or [[]]
    if not {"ID", "Section"} < set(header) or not {"Student", "LastName"} & set(header):
        raise Refusal(f"{path.name} is no gradebook exported from Canvas: it needs Student, ID and Section")
    return header, [row + [""] * (len(header) - len(row)) for row in rows]


def _assignment(path: Path, header: list[str], rows: list[list[str]], wanted: str) -> int:
    """Which column holds the assignment, by its name or number there, or as the only one."""
    found = _assignments(header, rows)
    fits = [column for column, names in found.items() if not wanted or wanted.strip().casefold() in names]
    if len(fits) != 1:
        known = ", ".join(header[column] for column in found) or "none"
        raise Refusal(f"name one assignment of {path.name} by its name or number: got {wanted!r}; it has {known}")
    return fits[0]


def _assignments(header: list[str], rows: list[list[str]]) -> dict[int, set[str]]:
    """Columns named `Name (number)` that Canvas lets in, and how each may be called."""
    closed = {column for row in rows for column, cell in enumerate(row) if "read only" in cell}
    return {
        column: {name.casefold(), parts[1].casefold(), parts[2]}
        for column, name in enumerate(header)
        if column not in closed and (parts := re.fullmatch(r"(.*\S)\s*\((\d+)\)", name))
    }


def _other_total(header: list[str], row: list[str], column: int, grades: pd.DataFrame) -> list[str]:
    """What is to be said where the row of points counts an assignment out of others than the set."""
    possible = row[column].strip()
    most = _number(possible.replace(",", ".")) if POINTS in row[0] else None
    if most is None or all(_number(out_of) in (None, most) for out_of in grades["out_of"]):
        return []
    return [f"Canvas counts {header[column]} out of {possible}, the set out of another total"]


def _who(person: dict[str, str], students: pd.DataFrame) -> list[str]:
    """The roster's students that a row of Canvas fits: by id or email, else by name."""
    keys = {person[key].strip().casefold() for key in KEYS if person.get(key, "").strip()}
    fits = [id for id in students.index if id.casefold() in keys or students.at[id, "email"].casefold() in keys - {""}]
    name = person.get("Student") or f"{person.get('LastName', '')}, {person.get('FirstName', '')}"
    return fits or [id for id in students.index if _words(students.at[id, "name"]) == _words(name) != []]


def _words(name: str) -> list[str]:
    """A name's words, `Last, First` turned round."""
    return " ".join(reversed(name.split(",", 1))).casefold().split()


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str:
    number = None if isinstance(value, str) else _number(value)
    return f"{number:.10g}" if number is not None else "" if value is None or value != value else str(value)


def _typed(cell: object) -> object:
    """A number where a cell of the grades is one, be it read from a column that also holds words.

    >>> _typed("-1.5"), _typed("unknown")
    (-1.5, 'unknown')
    """
    number = _number(cell)
    return cell if number is None else number


def written(rows: list[list[object]], dialect: str) -> str:
    """CSV; text that a spreadsheet would compute begins with an apostrophe, but for what an importer looks up."""
    european = dialect == "excel-eu"
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";" if european else ",", lineterminator="\r\n" if european else "\n")
    exact = [name in EXACT for name in rows[0]]
    for row in rows:
        cells = []
        for cell, looked_up in zip(row, exact, strict=True):
            if isinstance(cell, str):
                cells.append(cell if looked_up and HARMLESS.fullmatch(cell) else neutral(cell))
            else:
                cells.append(_text(cell).replace(".", ",") if european else _text(cell))
        writer.writerow(cells)
    return ("\ufeff" if european else "") + file.getvalue()
