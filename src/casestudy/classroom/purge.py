"""Delete what is kept about one term: its releases and its results, and nothing else."""

import json
import os
import shutil
from pathlib import Path

from casestudy.classroom.grade import RECORDS
from casestudy.classroom.release import RECORD
from casestudy.classroom.results import GRADES, GRADING
from casestudy.refusals import Refusal, file_access
from casestudy.staging import STAGING

RESULTS = (RECORDS, GRADES, "summary.html", "feedback", "texts")
DEPTH = 3  # folders below the one named


def purge(folder: Path, term: str) -> list[str]:
    """Remove the term's releases and results in `folder` and the folders in it; says what went and what was left.

    Only a folder whose release.json or grading.json names the term is touched, and in it only what these commands
    wrote; links are removed, never followed. The record goes last, so that a stopped purge can be run again.
    """
    if not term.strip():
        raise Refusal("term must name the course and year, such as stats-2026: got nothing")
    if folder.is_symlink() or not folder.is_dir():
        raise Refusal(f"{folder} is no folder")
    places, unreadable = _places(folder, term.strip())
    if not places:
        raise Refusal(f"nothing in {folder} is a release or results of {term!r}: no {RECORD} or {GRADING} names it")
    with file_access(f"remove all of {term.strip()!r} from {folder}"):
        told = [sentence for place in places for sentence in _remove(place)]
    return told + [f"{place}: left, for its record cannot be read: look yourself" for place in unreadable]


def _places(folder: Path, term: str) -> tuple[list[Path], list[Path]]:
    """The folders of this term, and those whose record cannot be read; `folder` itself must not name another term."""
    found, unreadable = [], []
    for where, folders, files in os.walk(folder):
        place = Path(where)
        depth = len(place.relative_to(folder).parts)
        named = {name: _term(place / name) for name in (RECORD, GRADING) if name in files}
        if named and set(named.values()) == {term}:
            found.append(place)
        elif named and (place == folder or term in named.values()):
            told = ", ".join(f"{name} names {of or 'none'}" for name, of in named.items())
            raise Refusal(f"{place} is not only {term!r}: {told}")
        elif None in named.values():
            unreadable.append(place)
        folders[:] = [] if named or depth == DEPTH else sorted(folders)
    return found, unreadable


def _term(record: Path) -> str | None:
    """The term that a record names; None where it cannot be read."""
    try:
        told = json.loads(record.read_text(encoding="utf-8")) if not record.is_symlink() else None
    except (OSError, ValueError, RecursionError):
        return None
    term = told.get("term") if isinstance(told, dict) else None
    return term if isinstance(term, str) else None


def _remove(place: Path) -> list[str]:
    """Remove what was written here, the records last, and the folder itself when nothing is left in it."""
    ours = set()
    if (place / GRADING).exists():
        ours |= {*RESULTS, GRADING}
    if (place / RECORD).exists():
        name = json.loads((place / RECORD).read_text(encoding="utf-8")).get("problem_set")
        ours |= {"students", "codes.csv", f"{name}.ipynb", RECORD}
    there = sorted(place.iterdir(), key=lambda path: (path.name in (RECORD, GRADING), path.name))
    gone, left, files = [], [], 0
    for path in there:
        unfinished = path.name.startswith(STAGING) or (path.name.startswith(".") and path.name.endswith(".part"))
        if path.name not in ours and not unfinished:
            left.append(path.name)
            continue
        files += _delete(path)
        gone.append(path.name)
    if not left:
        place.rmdir()
    told = [f"{place}: removed {', '.join(gone)} ({files} files)"]
    return told + ([f"{place}: left {', '.join(left)}, which these commands did not write"] if left else [])


def _delete(path: Path) -> int:
    """Remove a file, a link or a folder; the number of files."""
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return 1
    files = sum(len(names) for _, _, names in os.walk(path))
    shutil.rmtree(path)
    return files
