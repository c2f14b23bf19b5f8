"""What came back: notebooks from folders, or from a zip as Moodle and Canvas make them, each given to one student.

Nothing is unpacked to disk and no link is followed. A file that fits two students, or none, is told, never guessed.
"""

import contextlib
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

import pandas as pd

from casestudy.classroom.cells import LARGEST
from casestudy.classroom.names import Known
from casestudy.classroom.repair import Opened, opened
from casestudy.refusals import Refusal

__all__ = ["Opened", "Submission", "collect", "opened"]

LARGEST_ALL = 2_000_000_000  # bytes of all notebooks together
MOST_ENTRIES = 100_000
ABSURD = 200  # times larger unpacked than packed: no notebook is
ABSURD_FROM = 1_000_000  # bytes
ENCRYPTED, SAYS_UTF8 = 0x1, 0x800  # flags of a zip entry
EARLIEST = (1980, 1, 1, 0, 0, 0)
PACKED = (".zip", ".7z", ".rar", ".gz", ".tar")
HIDDEN = ("__MACOSX", ".ipynb_checkpoints")
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_(?P<file>.*)", re.S)
CANVAS = re.compile(r"(?P<name>[^_]+)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<file>.+)", re.S)
AGAIN = re.compile(r" ?\(\d+\)$")  # what a browser adds to the second download
DRIVE = re.compile(r"[A-Za-z]:")
DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)[-_ T](\d\d)[-:.h]?(\d\d)(?:[-:.]?(\d\d))?(?!\d)")


@dataclass(frozen=True)
class Submission:
    """One notebook: whose, its name as found, its bytes, and when it was handed in where the delivery tells.

    content is empty where a file is too large to be a notebook: it opens as damaged.
    """

    student: str
    name: str
    content: bytes
    sent: datetime | None = None


@dataclass(frozen=True)
class _File:
    """A file of a delivery; refused: why it is not read."""

    path: PurePosixPath
    read: Callable[[], bytes]
    sent: datetime | None = None
    refused: str = ""


def collect(place: Path, students: pd.DataFrame) -> tuple[list[Submission], list[str]]:
    """Every notebook in a folder or zip that belongs to one student; and, as sentences, what does not.

    students: as roster.read gives them. A student may have several notebooks, or none.
    """
    known = Known(students)
    files = sorted(_zip(place) if place.is_file() else _folder(place), key=lambda file: str(file.path))
    folders = any(known.folder(_label(part)) for file in files for part in file.path.parts[:-1])
    found, told, others = [], [], {}
    for file in files:
        name, notebook = _shown(file.path), file.path.suffix.lower() == ".ipynb"
        if file.path.is_absolute() or ".." in file.path.parts or DRIVE.match(str(file.path)):
            told.append(f"{name}: left out, its path leads elsewhere")
            continue
        fits, sent = _whose(file.path, known, folders)
        if len(fits) == 1 and notebook:
            content, why = _content(file)
            told += [f"{name}: {why}; taken for damaged"] if why else []
            found.append(Submission(*fits, name, content, sent or file.sent))
        elif notebook:
            told.append(f"{name}: fits {', '.join(sorted(fits)) or 'nobody in the roster'}")
        elif len(fits) == 1:
            others.setdefault(*fits, name)
        elif file.path.suffix.lower() in PACKED:
            told.append(f"{name}: not opened, and fits nobody: unpack it yourself, then name the folder")
    have = {one.student for one in found}
    told += [f"{name}: no notebook, and {id} sent none" for id, name in others.items() if id not in have]
    if not found and not told:
        raise Refusal(f"there is no notebook in {place}: name a folder of notebooks, or the zip that the LMS made")
    return sorted(found, key=lambda one: (one.student, one.sent or datetime.min, one.name)), told


def _whose(path: PurePosixPath, known: Known, folders: bool) -> tuple[set[str], datetime | None]:
    """The students whom a path fits, and the time that a folder's name tells.

    What an LMS wrote counts before what a student wrote, and a folder before a file's name. Once some folders are
    named for students (`folders`), a folder that is not belongs to nobody.
    """
    for depth, part in enumerate(path.parts[:-1]):
        if by_lms := MOODLE.fullmatch(part):
            return known.lms(by_lms["name"], by_lms["number"]), _date(part)
        if fits := known.folder(_label(part)):
            return fits.union(*map(known.folder, path.parts[depth + 1 : -1])), _date(part)
    stem = AGAIN.sub("", path.stem)
    if by_lms := MOODLE.fullmatch(path.name) or CANVAS.fullmatch(stem):
        return known.lms(by_lms["name"], by_lms["number"]), None
    return (set() if folders and len(path.parts) > 1 else known.file(stem)), None


def _content(file: _File) -> tuple[bytes, str]:
    """A file's bytes, or none of them and why."""
    if file.refused:
        return b"", file.refused
    try:
        return file.read(), ""
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return b"", "cannot be read"


def _label(part: str) -> str:
    """A folder's name without the time in it."""
    return DATE.sub("", part).strip(" _-")


def _date(part: str) -> datetime | None:
    found = DATE.search(part)
    return _dated(tuple(int(number or 0) for number in found.groups())) if found else None


def _shown(path: PurePosixPath) -> str:
    """A name as it can be written down, whatever bytes it had."""
    return str(path).encode("utf-8", "replace").decode("utf-8")[:300]


def _hidden(path: PurePosixPath) -> bool:
    return any(part in HIDDEN or part.startswith("._") for part in path.parts) or path.name.startswith(".")


def _folder(place: Path) -> Iterator[_File]:
    """The files below a folder; links are not followed, and what is no ordinary file is not opened."""
    if not place.is_dir():
        raise Refusal(f"submissions are a folder or a zip: there is neither at {place}")
    total = 0
    for folder, below, names in os.walk(place):
        for there in [Path(folder) / name for name in [*names, *below]]:
            path, about = PurePosixPath(there.relative_to(place).as_posix()), there.lstat()
            if _hidden(path) or stat.S_ISDIR(about.st_mode):
                continue
            why = "a link, or no ordinary file" if not stat.S_ISREG(about.st_mode) else _too_large(about.st_size)
            total += about.st_size if path.suffix.lower() == ".ipynb" and not why else 0
            _refuse_too_much(place, total)
            yield _File(path, there.read_bytes, refused=why)


def _zip(place: Path) -> Iterator[_File]:
    """The files of a zip, which stays packed; each is read when it is asked for."""
    try:
        archive = zipfile.ZipFile(place)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Refusal(f"{place.name} is not a readable zip: name the zip that the LMS made, or a folder") from None
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _hidden(_path(entry))]
    if len(entries) > MOST_ENTRIES:
        raise Refusal(f"{place.name} has {len(entries)} entries: no class sends so many files")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Refusal(f"{place.name} is encrypted: unpack it yourself, then name the folder")
    wanted = [entry for entry in entries if entry.filename.lower().endswith(".ipynb") and not _refused(entry)]
    _refuse_too_much(place, sum(entry.file_size for entry in wanted))
    packed = len(wanted) > 2 and len({entry.date_time for entry in wanted}) == 1  # all at once: when it was packed
    for entry in entries:
        sent = None if packed else _dated(entry.date_time)
        yield _File(_path(entry), partial(_unpacked, archive, entry), sent, _refused(entry))


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """At most as many bytes as the entry says that it has, however many are in it."""
    with archive.open(entry) as stream:
        return stream.read(entry.file_size)


def _refused(entry: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in an unusual way"
    if entry.file_size > ABSURD_FROM and entry.file_size > ABSURD * entry.compress_size:
        return f"more than {ABSURD} times larger than packed"
    return _too_large(entry.file_size)


def _too_large(size: int) -> str:
    return f"larger than {LARGEST // 1_000_000} MB" if size > LARGEST else ""


def _refuse_too_much(place: Path, total: int) -> None:
    if total > LARGEST_ALL:
        raise Refusal(f"the notebooks in {place.name} have more than {LARGEST_ALL // 1_000_000_000} GB together")


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """An entry's path; some systems write UTF-8 and do not say so."""
    name = entry.filename
    if not entry.flag_bits & SAYS_UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return PurePosixPath(name.replace("\\", "/"))


def _dated(told: tuple[int, ...]) -> datetime | None:
    """A zip entry's date; its earliest one means that there is none."""
    with contextlib.suppress(ValueError):
        return datetime(*told) if told > EARLIEST else None
    return None
