"""What came back: notebooks from folders, or from a zip as Moodle and Canvas make them, each given to one student.

Nothing is unpacked to disk and no link is followed. A file that fits two students, or none, is named, never guessed.
"""

import contextlib
import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

import pandas as pd

from casestudy.classroom.submissions.cells import LARGEST
from casestudy.classroom.submissions.names import Known
from casestudy.refusals import Refusal

LARGEST_OF_ONE = 60_000_000  # bytes of one student's notebooks together
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
    """A file of a delivery, with its size in bytes; refused: why it is not read."""

    path: PurePosixPath
    size: int
    read: Callable[[], bytes]
    sent: datetime | None = None
    refused: str = ""


def collect(delivery: Path, students: pd.DataFrame) -> tuple[list[Submission], list[str]]:
    """Every notebook in a folder or zip that belongs to one student; and, as sentences, what does not.

    students: as roster.read gives them. A student may have several notebooks, or none.
    """
    known, files = Known(students), _files(delivery)
    folders = _some_in_students_folders(files, known)
    found: list[Submission] = []
    sentences: list[str] = []
    others: dict[str, str] = {}  # the first file of each student's that is no notebook
    sizes: Counter[str] = Counter()  # of the notebooks that were read, by student
    for file in files:
        name = _shown(file.path)
        fits, sent = _whose(file.path, known, folders)
        if len(fits) != 1:
            sentences += _unplaced(file.path, name, fits)
            continue
        (student,) = fits
        if not _is_notebook(file.path):
            others.setdefault(student, name)
            continue
        content, why = _content(file, sizes[student])
        sizes[student] += len(content)
        sentences += [f"{name}: {why}; taken for damaged"] if why else []
        found.append(Submission(student, name, content, sent or file.sent))
    have = {submission.student for submission in found}
    sentences += [f"{name}: no notebook, and {id} sent none" for id, name in others.items() if id not in have]
    if not found and not sentences:
        raise Refusal(f"there is no notebook in {delivery}: name a folder of notebooks, or the zip that the LMS made")
    return sorted(found, key=lambda each: (each.student, each.sent or datetime.min, each.name)), sentences


def _files(delivery: Path) -> list[_File]:
    return sorted(_zip(delivery) if delivery.is_file() else _folder(delivery), key=lambda file: str(file.path))


def _some_in_students_folders(files: list[_File], known: Known) -> bool:
    """Whether any of the files is in a folder that is named for a student."""
    return any(known.folder(_label(part)) for file in files for part in file.path.parts[:-1])


def _is_notebook(path: PurePosixPath) -> bool:
    return path.suffix.lower() == ".ipynb"


def _leads_elsewhere(path: PurePosixPath) -> bool:
    return path.is_absolute() or ".." in path.parts or bool(DRIVE.match(str(path)))


def _unplaced(path: PurePosixPath, name: str, fits: set[str]) -> list[str]:
    """What is said of a file that belongs to no one student; nothing where it does not matter."""
    if _leads_elsewhere(path):
        return [f"{name}: left out, its path leads elsewhere"]
    if _is_notebook(path):
        return [f"{name}: fits {', '.join(sorted(fits)) or 'nobody in the roster'}"]
    if path.suffix.lower() in PACKED:
        return [f"{name}: not opened, and fits nobody: unpack it yourself, then name the folder"]
    return []


def _whose(path: PurePosixPath, known: Known, folders: bool) -> tuple[set[str], datetime | None]:
    """The students whom a path fits, and the time that a folder's name tells.

    What an LMS wrote counts before what a student wrote, and a folder before a file's name. Once some folders are
    named for students (`folders`), a folder that is not belongs to nobody. A path that leads elsewhere fits nobody.
    """
    if _leads_elsewhere(path):
        return set(), None
    for depth, part in enumerate(path.parts[:-1]):
        if by_lms := MOODLE.fullmatch(part):
            return known.lms(by_lms["name"], by_lms["number"]), _date(part)
        if fits := known.folder(_label(part)):
            return fits.union(*map(known.folder, path.parts[depth + 1 : -1])), _date(part)
    stem = AGAIN.sub("", path.stem)
    if by_lms := MOODLE.fullmatch(path.name) or CANVAS.fullmatch(stem):
        return known.lms(by_lms["name"], by_lms["number"]), None
    return (set() if folders and len(path.parts) > 1 else known.file(stem)), None


def _content(file: _File, before: int) -> tuple[bytes, str]:
    """A file's bytes, or none of them and why; before: bytes of the same student's that were read already."""
    if file.refused:
        return b"", file.refused
    if before + file.size > LARGEST_OF_ONE:
        return b"", f"more than {LARGEST_OF_ONE // 1_000_000} MB of one student's together"
    try:
        return file.read(), ""
    except Exception as error:  # of many kinds, as a zip can be spoilt in many ways; this one file is, not the delivery
        return b"", f"cannot be read ({type(error).__name__})"


def _label(part: str) -> str:
    """A folder's name without the time in it."""
    return DATE.sub("", part).strip(" _-")


def _date(part: str) -> datetime | None:
    if not (found := DATE.search(part)):
        return None
    year, month, day, hour, minute, second = (int(number or 0) for number in found.groups())
    return _dated((year, month, day, hour, minute, second))


def _shown(path: PurePosixPath) -> str:
    """A name as it can be written down, whatever bytes it had."""
    return str(path).encode("utf-8", "replace").decode("utf-8")[:300]


def _hidden(path: PurePosixPath) -> bool:
    return any(part in HIDDEN or part.startswith("._") for part in path.parts) or path.name.startswith(".")


def _folder(delivery: Path) -> Iterator[_File]:
    """The files below a folder; links are not followed, and what is no ordinary file is not opened."""
    if not delivery.is_dir():
        raise Refusal(f"submissions are a folder or a zip: there is neither at {delivery}")
    for folder, below, names in os.walk(delivery):
        for there in [Path(folder) / name for name in [*names, *below]]:
            path, about = PurePosixPath(there.relative_to(delivery).as_posix()), there.lstat()
            if _hidden(path) or stat.S_ISDIR(about.st_mode):
                continue
            why = "a link, or no ordinary file" if not stat.S_ISREG(about.st_mode) else _too_large(about.st_size)
            yield _File(path, about.st_size, there.read_bytes, refused=why)


def _zip(delivery: Path) -> Iterator[_File]:
    """The files of a zip, which stays packed; each is read when it is asked for."""
    archive = _archive(delivery)
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _hidden(_path(entry))]
    _refuse_unusual(delivery, entries)
    wanted = [entry for entry in entries if entry.filename.lower().endswith(".ipynb") and not _refused(entry)]
    packed = len(wanted) > 2 and len({entry.date_time for entry in wanted}) == 1  # all at once: when it was packed
    for entry in entries:
        sent = None if packed else _dated(entry.date_time)
        yield _File(_path(entry), entry.file_size, partial(_unpacked, archive, entry), sent, _refused(entry))


def _archive(delivery: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(delivery)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Refusal(f"{delivery.name} is not a readable zip: name the zip that the LMS made, or a folder") from None


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """At most as many bytes as the entry says that it has, however many are in it."""
    with archive.open(entry) as stream:
        return stream.read(entry.file_size)


def _refused(entry: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link"
    if entry.flag_bits & ENCRYPTED:
        return "encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "packed in an unusual way"
    if entry.file_size > ABSURD_FROM and entry.file_size > ABSURD * entry.compress_size:
        return f"more than {ABSURD} times larger than packed"
    return _too_large(entry.file_size)


def _too_large(size: int) -> str:
    return f"larger than {LARGEST // 1_000_000} MB" if size > LARGEST else ""


def _refuse_unusual(delivery: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Refusal(f"{delivery.name} has {len(entries)} entries: no class sends so many files")
    if entries and all(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Refusal(f"{delivery.name} is encrypted: unpack it yourself, then name the folder")


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """An entry's path; some systems write UTF-8 and do not say so."""
    name = entry.filename
    if not entry.flag_bits & SAYS_UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return PurePosixPath(name.replace("\\", "/"))


def _dated(parts: tuple[int, int, int, int, int, int]) -> datetime | None:
    """A zip entry's date; its earliest one means that there is none."""
    with contextlib.suppress(ValueError):
        return datetime(*parts) if parts > EARLIEST else None
    return None
