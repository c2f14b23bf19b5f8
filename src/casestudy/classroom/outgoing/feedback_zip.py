"""Feedback pages in a zip that a learning platform takes back: each under the name by which it handed the work out.

Moodle's importer (mod/assign/feedback/file/importziplib.php) reads `NAME_NUMBER_assignsubmission_file_/FILE`, in which
the name has no `_` and the number is the participant's. Canvas (app/models/assignment.rb) splits a file's name at each
`_` and takes the first two parts that are numbers for the user's and the submitted file's.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from casestudy.classroom.records import Record
from casestudy.refusals import Refusal, file_access

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_(?P<plugin>assignsubmission_[a-z]+)(?:_(?P<rest>.*))?", re.S)
CANVAS = re.compile(r"(?P<before>[^_]+(?:_LATE)?_\d+_\d+)_.+", re.S)
DAY = (1980, 1, 1, 0, 0, 0)  # of the files in the zip, so that the same pages give the same zip
PLATFORMS = ("moodle", "canvas")


def feedback_zip(
    results: Path, records: Iterable[Record], lms: str, name: str, leave_out: Mapping[str, str] | None = None
) -> tuple[bytes, list[str]]:
    """The zip, and a sentence for each student whose page is not in it, and why.

    results: the folder that `grade` wrote; records: one a student, with the names of their files as they were
    delivered. name: of the set, for the page's file. leave_out: by student, why a page must wait.
    """
    if lms not in PLATFORMS:
        raise Refusal(f"a feedback zip is for {' or '.join(PLATFORMS)}: got {lms!r}")
    placed: dict[str, str] = {}
    left_out: list[str] = []
    for record in sorted(records, key=lambda record: record.id):
        place, why = _place(record, lms, name)
        if why := (leave_out or {}).get(record.id, "") or why:
            left_out.append(f"{record.id}: {why}")
        elif place in placed:
            left_out.append(f"{record.id}: {place} is {placed[place]}'s already")
        else:
            placed[place] = record.id
    if not placed:
        first = f"; {left_out[0]}" if left_out else ""
        raise Refusal(f"no feedback page can be placed for {lms}{first} ({len(left_out)} such students in all)")
    return _packed({place: results / "feedback" / f"{id}.html" for place, id in placed.items()}), left_out


def _place(record: Record, lms: str, name: str) -> tuple[str, str]:
    """Where a student's page goes in the zip; or why it goes nowhere."""
    if record.of_group:
        return "", f"handed in nothing; the page of {record.of_group}, of the same group, is in the zip"
    if not record.name:
        return "", "handed nothing in, so that the platform has no name for it"
    place = _of_moodle(record.name, name) if lms == "moodle" else _of_canvas(record.name, name)
    return place, "" if place else f"{' '.join(record.name.split())} is not named as {lms.capitalize()} names a file"


def _of_moodle(path: str, name: str) -> str:
    """The folder as Moodle named it, with the page in it; a name in which Moodle itself would stumble is mended.

    >>> _of_moodle("Anna Muster_4711_assignsubmission_file_/02.ipynb", "02-satisfaction")
    'Anna Muster_4711_assignsubmission_file_/02-satisfaction-feedback.html'
    """
    for part in PurePosixPath(path).parts:
        if found := MOODLE.fullmatch(part):
            folder = f"{_plain(found['name'].replace('_', ' '))}_{found['number']}_{found['plugin']}_"
            return f"{folder}/{name}-feedback.html"
    return ""


def _of_canvas(path: str, name: str) -> str:
    """The file as Canvas named it, up to its second number.

    >>> _of_canvas("download/musteranna_LATE_311_902_02.ipynb", "02-satisfaction")
    'musteranna_LATE_311_902_02-satisfaction-feedback.html'
    """
    found = CANVAS.fullmatch(PurePosixPath(path).name)
    return f"{_plain(found['before'])}_{name}-feedback.html" if found else ""


def _plain(text: str) -> str:
    """Without what no name in a zip may hold."""
    return re.sub(r"[\x00-\x1f/\\:]", " ", text).lstrip(".~") or "student"


def _packed(pages: Mapping[str, Path]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, path in pages.items():
            with file_access(f"read {path}", "rescore writes it anew"):
                archive.writestr(zipfile.ZipInfo(place, DAY), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
