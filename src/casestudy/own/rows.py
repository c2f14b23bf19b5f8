"""Rows put below a table: every other byte stays, and files appear once the case can be read with them."""

import csv
import io
import os
import shutil
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from casestudy import claims
from casestudy.case import Case
from casestudy.own import package
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.schema import FILE
from casestudy.staging import staging

Cells = Mapping[str, str]


def appended(content: bytes, cells: Cells, name: str) -> bytes:
    """A table with one more row, in its own line ends; a column of which nothing is known stays empty.

    >>> appended(b"id,note\\n", {"note": "a, b"}, "t.csv")
    b'id,note\\n,"a, b"\\n'
    """
    header = columns(content, name)
    if odd := next((column for column in cells if column not in header), None):
        raise Refusal(f"{name} has no column {odd!r}; {nearest(odd, header)}")
    for column, text in cells.items():
        on_one_line(column, text)
    end = "\r\n" if b"\r\n" in content else "\n"
    row = io.StringIO(newline="")
    csv.writer(row, lineterminator=end).writerow([cells.get(column, "") for column in header])
    missing = b"" if content.endswith((b"\n", b"\r")) else end.encode()
    return content + missing + row.getvalue().encode()


def on_one_line(what: str, text: str) -> None:
    """Refuse a text that a file of one line a row cannot hold, or no file in UTF-8."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise Refusal(f"{what} must be text on one line, without control characters: got {text!r}")


def columns(content: bytes, name: str) -> list[str]:
    """The names in a table's first line."""
    try:
        header = next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True), [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refusal(f"{name} must be a comma-separated file in UTF-8: {error}") from None
    if not header:
        raise Refusal(f"{name} must name its columns in its first line; it is empty")
    return header


def read(case: Case, table: str) -> bytes:
    """A table's bytes."""
    with file_access(f"read {case.data / f'{table}.csv'}"):
        return (case.data / f"{table}.csv").read_bytes()


def put(
    case: Case,
    table: str,
    content: bytes,
    described: package.Described | None = None,
    tried: Callable[[Case], object] = lambda copy: None,
) -> None:
    """Write a table with its hash; refused, with nothing written, where the case's claims could no longer be read.

    described: of a table that is new, what datapackage.json is to say of it. tried: what else must go well on a copy
    of the case's data with the change in it.
    """
    said, path = package.read(case), case.data / FILE
    if described:
        text = package.written(said | {"resources": [*said["resources"], described]})
    else:
        text = package.renewed(path.read_text(encoding="utf-8"), table, content)
    files = {path: text.encode(), case.data / f"{table}.csv": content}
    with staging(case.root, (), "data") as staged:
        copy = Case(staged / "tried")
        copy.data.mkdir(parents=True)
        for there in case.data.glob("*.csv"):  # what else lies there may be large
            shutil.copyfile(there, copy.data / there.name)
        for place, new in files.items():
            (copy.data / place.name).write_bytes(new)
        try:
            claims.load(copy)
            tried(copy)
        except Refusal as refusal:
            raise Refusal(str(refusal).replace(str(copy.data), str(case.data))) from None
        for place in reversed(files):  # the table first: a hash that is late is seen
            with file_access(f"write {place}"):
                os.replace(copy.data / place.name, place)


def file(case: Case, path: Path, content: str) -> None:
    """Write one file that is not there yet; it appears whole or not at all."""
    if path.exists():
        raise Refusal(f"{path} is there already: give the new one another name")
    with staging(case.root, (), path.parent.relative_to(case.root).as_posix()) as staged:
        (staged / "new").write_text(content, encoding="utf-8", newline="\n")
        os.replace(staged / "new", path)
