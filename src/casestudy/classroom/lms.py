"""Grades as a learning system's importer or a spreadsheet takes them."""

import csv
import io
import math
import re
from pathlib import Path

import pandas as pd

from casestudy.classroom.spreadsheets import decoded, neutral, table
from casestudy.refusals import Refusal, file_access

LMS = ("moodle", "canvas", "csv")
DIALECTS = ("plain", "excel-eu")  # commas and points; semicolons, decimal commas and a byte-order mark
SETTLED = ("ok", "cell_error")  # other rows wait for a person before they leave the house
ROW = ("status", "flags", "late_minutes", "total", "out_of", "feedback")  # of the grades; the others are questions
KEYS = ("SIS User ID", "SIS Login ID", "Integration ID", "ID")  # where Canvas may hold the roster's id
IDENTITY = ("Student", "LastName", "FirstName", *KEYS, "Root Account", "Section")
EXACT = {"student_id", "email", "Email address", "ID number", *KEYS}  # importers look for these letter by letter
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
) -> tuple[str, list[str]]:
    """The file's text (UTF-8, newlines as they are), and a sentence for each student who is not in it, and why.

    grades: one row a student, indexed by student_id: status, total, out_of, points by question. Rows with nothing
    handed in, an unsettled status or an unread text stay out of Moodle's and Canvas' files unless `everyone`.
    assignment: the column's name in Moodle; in Canvas which of the export's columns, by name or number.
    """
    if lms not in LMS or dialect not in DIALECTS:
        raise Refusal(f"lms is one of {', '.join(LMS)}, dialect of {', '.join(DIALECTS)}: got {lms!r}, {dialect!r}")
    if (canvas_file is not None) != (lms == "canvas"):
        raise Refusal("Canvas takes its assignment column from the gradebook file you exported there; others take none")
    if stranger := next((id for id in grades.index if id not in students.index), None):
        raise Refusal(f"the grades name {stranger!r}, who is not in the roster")
    if doubled := next(iter(grades.index[grades.index.duplicated()]), None):
        raise Refusal(f"the grades name {doubled!r} twice")
    told = [f"{id}: not in the grades" for id in students.index if id not in grades.index]
    if lms == "csv":
        rows = [["student_id", "name", "email", "group", *grades.columns]]
        rows += [
            [id, *students.loc[id, ["name", "email", "group"]], *map(_typed, grades.loc[id])] for id in grades.index
        ]
        return _written(rows, dialect), told
    held = {id: why for id in grades.index if (why := _open(grades.loc[id], everyone))}
    told += [f"{id}: {why}" for id, why in held.items()]
    grades = grades.drop(index=list(held))
    if lms == "moodle":
        return _written(_moodle(grades, students, assignment), dialect), told
    return _written(_canvas(grades, students, canvas_file, assignment, told), dialect), told


def _open(row: pd.Series, everyone: bool) -> str:
    """Why a row stays out, or nothing. Without a total it always does: an empty grade may wipe an older one."""
    if everyone:
        return "" if _number(row["total"]) is not None else "has no total"
    if row["status"] == "missing":
        return "handed nothing in"
    if row["status"] not in SETTLED:
        return f"the status {row['status']} needs a person"
    unread = [str(name) for name in row.index if name not in ROW and _number(row[name]) is None]
    return f"not read yet: {', '.join(unread)}" if unread else _open(row, everyone=True)


def _moodle(grades: pd.DataFrame, students: pd.DataFrame, assignment: str) -> list[list[object]]:
    """By email where every student has one, else by ID number; always the grade beside the feedback."""
    emails = students.loc[grades.index, "email"]
    by_email = bool(len(emails)) and all(emails)
    if by_email and emails.duplicated().any():
        raise Refusal(f"two students have the email {emails[emails.duplicated()].iloc[0]!r}: Moodle needs one each")
    name = f"Assignment: {assignment or 'exercise'}"
    rows = [["Email address" if by_email else "ID number", f"{name} (Real)", f"{name} (Feedback)"]]
    for id, row in grades.iterrows():
        rows.append([emails[id] if by_email else id, _number(row["total"]), _feedback(row)])
    return rows


def _feedback(row: pd.Series) -> str:
    """Points by question; no flag, for a flag is a reason to look and not the student's to read here."""
    if row.get("feedback"):
        return str(row["feedback"])
    points = [f"{name} {_text(_typed(row[name])) or 'not read yet'}" for name in row.index if name not in ROW]
    return f"{'; '.join(points)}. Together {_text(_typed(row['total']))} of {_text(_typed(row['out_of']))}."


def _canvas(
    grades: pd.DataFrame, students: pd.DataFrame, path: Path, assignment: str, told: list[str]
) -> list[list[object]]:
    """The lecturer's own export cut down to who a row is and one assignment, with our totals in it."""
    with file_access(f"read Canvas' gradebook {path}"):
        header, *rows = [row for row in table(decoded(path.read_bytes())) if any(row)] or [[]]
    if not {"ID", "Section"} < set(header) or not {"Student", "LastName"} & set(header):
        raise Refusal(f"{path.name} is no gradebook exported from Canvas: it needs Student, ID and Section")
    rows = [row + [""] * (len(header) - len(row)) for row in rows]
    wanted = _assignment(path, header, rows, assignment)
    columns = [place for place, name in enumerate(header) if name in IDENTITY] + [wanted]
    kept, seen = [[header[place] for place in columns]], {}
    for row in rows:
        told_by = dict(zip(header, row, strict=False))
        if "Points Possible" in row[0] or not any(told_by.get(name, "").strip() for name in IDENTITY):
            kept.append([row[place] for place in columns])
            if "Points Possible" in row[0] and _differs(row[wanted], grades):
                told.append(
                    f"Canvas counts {header[wanted]} out of {row[wanted].strip()}, the set out of another total"
                )
            continue
        fits = _who(told_by, students)
        if len(fits) > 1:
            told.append(f"{' and '.join(fits)}: one row of {path.name} fits both")
        elif fits and fits[0] in seen:
            raise Refusal(f"{path.name}: two rows fit {fits[0]!r}")
        elif fits:
            seen[fits[0]] = [row[place] for place in columns[:-1]]
    told += [f"{id}: not in {path.name}" for id in grades.index if id not in seen]
    kept += [[*row, _number(grades.at[id, "total"])] for id, row in seen.items() if id in grades.index]
    return kept


def _assignment(path: Path, header: list[str], rows: list[list[str]], wanted: str) -> int:
    """Which column holds the assignment: named `Name (number)`, and one that Canvas lets in."""
    closed = {place for row in rows for place, cell in enumerate(row) if "read only" in cell}
    found = {}
    for place, name in enumerate(header):
        if place not in closed and (told := re.fullmatch(r"(.*\S)\s*\((\d+)\)", name)):
            found[place] = {name.casefold(), told[1].casefold(), told[2]}
    fits = [place for place, names in found.items() if not wanted or wanted.strip().casefold() in names]
    if len(fits) != 1:
        names = ", ".join(header[place] for place in found) or "none"
        raise Refusal(f"name one assignment of {path.name} by its name or number: got {wanted!r}; it has {names}")
    return fits[0]


def _differs(cell: str, grades: pd.DataFrame) -> bool:
    most = _number(cell.strip().replace(",", "."))
    return most is not None and any(_number(out_of) not in (None, most) for out_of in grades["out_of"])


def _who(told: dict[str, str], students: pd.DataFrame) -> list[str]:
    """The roster's students that a row of Canvas fits: by id or email, else by name."""
    keys = {told[key].strip().casefold() for key in KEYS if told.get(key, "").strip()}
    fits = [id for id in students.index if id.casefold() in keys or students.at[id, "email"].casefold() in keys - {""}]
    name = told.get("Student") or f"{told.get('LastName', '')}, {told.get('FirstName', '')}"
    return fits or [id for id in students.index if _words(students.at[id, "name"]) == _words(name) != []]


def _words(name: str) -> list[str]:
    """A name's words, `Last, First` turned round."""
    return " ".join(reversed(name.split(",", 1))).casefold().split()


def _number(value: object) -> float | None:
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


def _written(rows: list[list[object]], dialect: str) -> str:
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
