"""Texts that a person reads: gathered question by question without names, and the points brought back."""

import csv
import hashlib
import hmac
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from casestudy.classroom.records import Record
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.source import ProblemSet, written
from casestudy.classroom.spreadsheets import column, decoded, neutral, table
from casestudy.classroom.submissions.texts import PICTURE
from casestudy.refusals import Refusal, file_access
from casestudy.staging import private_file, private_folder

COLUMNS = ("code", "text", "points", "second_marker", "comment")
RUBRIC = "RUBRIC"
NOT_FOUND = "[not found: look into the notebook with the fingerprint {}]"
TO_SEE = "[to see it, look into the notebook with the fingerprint {}]"
LETTERS = "BCDFGHJKMNPQRSTVWXZ"  # no vowel, no digit: a spreadsheet makes no number, date or word of a code


@dataclass(frozen=True)
class Text:
    """One text of one question: its code, whose it is (a group's members share one), and what the marker sees."""

    code: str
    question: Question
    students: tuple[str, ...]
    shown: str


def gather(problem_set: ProblemSet, records: Iterable[Record], seed: str) -> dict[str, pd.DataFrame]:
    """By text question: code, text, points, second_marker, comment (the last three empty), one row a text.

    The order is that of the codes, which are random but the same for the same seed; seed: 16 characters or more that
    the markers do not have. A text is the same row as long as neither its author nor its words change. Texts that
    were left blank are not in it; one that was not found is, with the notebook's fingerprint for its words.
    """
    rows: dict[str, list[tuple[str, ...]]] = {question.id: [] for question in _manual(problem_set)}
    for text in sorted(_texts(problem_set, records, seed).values(), key=lambda text: text.code):
        rows[text.question.id].append((text.code, text.shown, "", "", ""))
    return {id: pd.DataFrame(texts, columns=list(COLUMNS)) for id, texts in rows.items()}


def _manual(problem_set: ProblemSet) -> list[Question]:
    return [question for question in problem_set.questions if question.manual]


def sheet(question: Question, frame: pd.DataFrame) -> str:
    """A question's texts as CSV for a spreadsheet (UTF-8 with its mark), the rubric on top."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerow([RUBRIC, neutral(question.rubric), f"0 to {question.points:g}", "", ""])
    writer.writerows([neutral(str(cell)) for cell in row] for row in frame[list(COLUMNS)].itertuples(index=False))
    return "\ufeff" + file.getvalue()


def write(
    problem_set: ProblemSet,
    records: Iterable[Record],
    seed: str,
    folder: Path,
    manual: dict[str, dict[str, float]] | None = None,
    files: Iterable[Path] = (),
) -> list[Path]:
    """Write `folder/<question>.csv` with the points given so far; what stands in an earlier one stays with its text.

    manual: points that were brought in, by student and question. files: what markers filled in elsewhere; it comes
    after, and with it the second marker's column and comments. Where an earlier file holds points for a text that is
    there no more, it is kept as `<question>-earlier-<n>.csv`.
    """
    private_folder(folder)
    known, frames = _texts(problem_set, records, seed), gather(problem_set, records, seed)
    filled = [row for path in files for row in rows_of(path)]
    written = []
    for question in _manual(problem_set):
        frame, path = frames[question.id], folder / f"{question.id}.csv"
        frame["points"] = [_given(known[code], manual or {}) for code in frame["code"]]
        lost = path.exists() and _carry(frame, rows_of(path))
        _carry(frame, filled)
        if lost:
            earlier = (folder / f"{question.id}-earlier-{n}.csv" for n in range(1, 10_000))
            path.rename(next(free for free in earlier if not free.exists()))
        private_file(path, sheet(question, frame))
        written.append(path)
    return written


def merge(
    problem_set: ProblemSet, files: Iterable[Path], records: Iterable[Record], seed: str
) -> dict[str, dict[str, float]]:
    """Points by student and question from what markers filled in; rows without points are not read yet.

    All of it or nothing: a code that no text has, a text that is not the code's, points beyond the question's and a
    code twice are refused. `points` counts; `second_marker` is for the markers' own comparison.
    """
    known = _texts(problem_set, records, seed)
    faults = []
    merged: dict[str, dict[str, float]] = {}
    seen: set[str] = set()
    for where, row in (row for path in files for row in rows_of(path)):
        text, number = known.get(row["code"]), points_of(row["points"])
        if fault := _fault(text, row, number, row["code"] in seen):
            faults.append(f"{where}: {fault}")
        elif text is not None and number is not None:
            for student in text.students:
                merged.setdefault(student, {})[text.question.id] = number
        seen.add(row["code"])
    if faults:
        raise Refusal(f"{faults[0]} ({len(faults)} such rows in all; nothing was taken over)")
    return merged


def _fault(text: Text | None, row: dict[str, str], number: float | None, seen: bool) -> str:
    """Why a filled-in row cannot be taken over, or nothing. text: the one of its code; number: its points."""
    if text is None:
        return f"no text has the code {row['code']!r}: another class', or changed since"
    if seen:
        return f"the code {row['code']!r} stands twice"
    if not _same(text.shown, row["text"]):
        return f"the text is not the one of {row['code']!r}: was a column sorted by itself?"
    if row["points"] and (number is None or not 0 <= number <= text.question.points):
        return f"points of {text.question.id} go from 0 to {text.question.points:g}: got {row['points']!r}"
    return ""


def unchanged(
    problem_set: ProblemSet, before: Iterable[Record], now: Iterable[Record], seed: str
) -> set[tuple[str, str]]:
    """Each student and question whose text is still the one it was: points for another text are not theirs."""
    old, new = (_texts(problem_set, some, seed) for some in (before, now))
    return {
        (student, new[code].question.id)
        for code in old.keys() & new.keys()
        for student in new[code].students
        if student in old[code].students
    }


def rows_of(path: Path) -> list[tuple[str, dict[str, str]]]:
    """The filled-in rows of a sheet, each with where it stands, the rubric and empty lines left out."""
    with file_access(f"read {path}"):
        lines = table(decoded(path.read_bytes()))
    header = [column(name) for name in lines[0]] if lines else []
    if not {"code", "text", "points"} <= set(header):
        raise Refusal(f"{path.name} needs the columns code, text and points; it has: {', '.join(header) or 'nothing'}")
    rows = []
    for number, line in enumerate(lines[1:], 2):
        row = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(header, line, strict=False)}
        if any(line) and row["code"] not in (RUBRIC, "code"):
            rows.append((f"{path.name} row {number}", row))
    return rows


def _texts(problem_set: ProblemSet, records: Iterable[Record], seed: str) -> dict[str, Text]:
    """Every text that was written, by its code."""
    if len(seed) < 16:
        raise Refusal(f"seed must have at least 16 characters, or a marker could work the codes out: got {len(seed)}")
    found: dict[str, Text] = {}
    of: dict[str, tuple[str, str, str]] = {}
    for record in sorted(records, key=lambda record: record.id):
        for question in _manual(problem_set):
            text = record.texts.get(question.id, "")
            if not (text := NOT_FOUND.format(record.sha256[:16]) if text is None else written(text)):
                continue
            if PICTURE in text:
                text += f"\n\n{TO_SEE.format(record.sha256[:16])}"
            identity = (question.id, record.code, _plain(text))
            code = _code(seed, *identity)
            if of.setdefault(code, identity) != identity:
                raise Refusal("two texts have the same code by chance: gather with another seed")
            students = (*(found[code].students if code in found else ()), record.id)
            found[code] = Text(code, question, students, _shown(text, students))
    return found


def _given(text: Text, manual: dict[str, dict[str, float]]) -> str:
    """The points that a text has, where everyone who wrote it has the same."""
    given = {manual.get(student, {}).get(text.question.id) for student in text.students}
    return f"{given.pop():g}" if len(given) == 1 and None not in given else ""


def _code(seed: str, *identity: str) -> str:
    words = "\n".join(identity).encode("utf-8", "replace")
    number = int.from_bytes(hmac.new(seed.encode(), words, hashlib.sha256).digest()[:8], "big")
    body = "".join(LETTERS[number // len(LETTERS) ** position % len(LETTERS)] for position in range(8))
    return f"{body[:4]}-{body[4:]}"


def _shown(text: str, students: tuple[str, ...]) -> str:
    """What the marker sees: without the students' own ids."""
    for id in students:
        if len(id) >= 4 and any(letter.isdigit() for letter in id):  # others may be plain words
            text = re.sub(rf"(?<!\w){re.escape(id)}(?!\w)", "[id]", text, flags=re.I)
    return neutral(text)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _same(shown: str, given: str) -> bool:
    """Whether a spreadsheet gave a text back; one that saves Windows-1252 loses the letters this does not have."""
    if _plain(shown).lstrip("'") == _plain(given).lstrip("'"):
        return True

    def lossy(text: str) -> str:
        return re.sub(r"[?\s]+", " ", text.encode("cp1252", "replace").decode("cp1252")).lstrip("' ").rstrip()

    saved_as_1252 = given == given.encode("cp1252", "replace").decode("cp1252")
    return saved_as_1252 and bool(re.search(r"\w", lossy(given))) and lossy(shown) == lossy(given)


def points_of(cell: str) -> float | None:
    """A number with a decimal point or comma.

    >>> points_of("1,5"), points_of("1/2")
    (1.5, None)
    """
    return float(cell.replace(",", ".")) if re.fullmatch(r"\d{1,4}([.,]\d{1,3})?", cell) else None


def _carry(frame: pd.DataFrame, rows: list[tuple[str, dict[str, str]]]) -> bool:
    """Put earlier entries into a new frame; whether one of them has no row in it."""
    lost = False
    for _, row in rows:
        entered = {name: row[name] for name in ("points", "second_marker", "comment") if row[name]}
        fits = frame.index[frame["code"] == row["code"]]
        if entered and len(fits) == 1 and _same(frame.at[fits[0], "text"], row["text"]):
            frame.loc[fits[0], list(entered)] = list(entered.values())
        else:
            lost |= bool(entered)
    return lost
