"""A delivery as it lies there: a folder, or a zip that stays packed; nothing is unpacked to disk, no link followed."""

import contextlib
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

from casestudy.classroom.submissions.cells import LARGEST
from casestudy.classroom.submissions.platforms import is_notebook
from casestudy.refusals import Refusal

MOST_ENTRIES = 100_000
ENCRYPTED, SAYS_UTF8 = 0x1, 0x800  # flags of a zip entry
EARLIEST = (1980, 1, 1, 0, 0, 0)
HIDDEN = ("__MACOSX", ".ipynb_checkpoints")


@dataclass(frozen=True)
class File:
    """A file of a delivery, with its size in bytes; refused: why it is not read."""

    path: PurePosixPath
    size: int
    read: Callable[[], bytes]
    sent: datetime | None = None
    refused: str = ""


def files(delivery: Path) -> list[File]:
    """The files of a folder or zip by their paths, without what systems and editors leave behind."""
    return sorted(_zip(delivery) if delivery.is_file() else _folder(delivery), key=lambda file: str(file.path))


def shown(path: PurePosixPath) -> str:
    """A name as it can be written down, whatever bytes it had."""
    return str(path).encode("utf-8", "replace").decode("utf-8")[:300]


def _hidden(path: PurePosixPath) -> bool:
    """What systems and editors leave behind; a notebook without a name is none of it."""
    nameless = path.name.startswith(".") and not is_notebook(path)
    return any(part in HIDDEN or part.startswith("._") for part in path.parts) or nameless


def _folder(delivery: Path) -> Iterator[File]:
    """The files below a folder; links are not followed, and what is no ordinary file is not opened."""
    if not delivery.is_dir():
        raise Refusal(f"submissions are a folder or a zip: there is neither at {delivery}")
    for folder, below, names in os.walk(delivery):
        for there in [Path(folder) / name for name in [*names, *below]]:
            path, about = PurePosixPath(there.relative_to(delivery).as_posix()), there.lstat()
            if _hidden(path) or stat.S_ISDIR(about.st_mode):
                continue
            why = "a link, or no ordinary file" if not stat.S_ISREG(about.st_mode) else _too_large(about.st_size)
            yield File(path, about.st_size, there.read_bytes, refused=why)


def _zip(delivery: Path) -> Iterator[File]:
    """The files of a zip, which stays packed; each is read when it is asked for."""
    archive = _archive(delivery)
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _hidden(_path(entry))]
    _refuse_unusual(delivery, entries)
    wanted = [entry for entry in entries if is_notebook(_path(entry)) and not _refused(entry)]
    packed = len(wanted) > 2 and len({entry.date_time for entry in wanted}) == 1  # all at once: when it was packed
    for entry in entries:
        sent = None if packed else _dated(entry.date_time)
        yield File(_path(entry), entry.file_size, partial(_unpacked, archive, entry), sent, _refused(entry))


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
    return _too_large(entry.file_size)


def _too_large(size: int) -> str:
    return f"larger than {LARGEST // 1_000_000} MB" if size > LARGEST else ""


def _refuse_unusual(delivery: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        tops = Counter(_path(entry).parts[:1] for entry in entries)
        top, most = shown(PurePosixPath(*tops.most_common(1)[0][0])), tops.most_common(1)[0][1]
        why = f"{len(entries)} entries, {most} of them in {top}: no class sends so many files"
        raise Refusal(f"{delivery.name} has {why}; unpack it yourself, and name the folder without them")
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
