"""Delete what is kept about one term: its releases and its results, and nothing else."""

import json
import os
import shutil
from pathlib import Path

from casestudy.classroom.grading.results import GRADES, GRADING
from casestudy.classroom.records import HISTORY, RECORDS
from casestudy.classroom.release.release import RECORD
from casestudy.classroom.submissions.unmatched import UNMATCHED
from casestudy.refusals import Refusal, file_access
from casestudy.staging import STAGING

RESULTS = (RECORDS, HISTORY, GRADES, UNMATCHED, "summary.html", "feedback", "texts")
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
    ours, unreadable = _of_term(folder, term.strip())
    if not ours:
        raise Refusal(f"nothing in {folder} is a release or results of {term!r}: no {RECORD} or {GRADING} names it")
    with file_access(f"remove all of {term.strip()!r} from {folder}"):
        removed = [sentence for path in ours for sentence in _remove(path)]
    return removed + [f"{path}: left, for its record cannot be read: look yourself" for path in unreadable]


def _of_term(folder: Path, term: str) -> tuple[list[Path], list[Path]]:
    """The folders of this term, and those whose record cannot be read; `folder` itself must not name another term."""
    found, unreadable = [], []
    for name, folders, files in os.walk(folder):
        path = Path(name)
        terms = _terms(path, files)
        if set(terms.values()) == {term}:
            found.append(path)
        elif terms and (path == folder or term in terms.values()):
            named = ", ".join(f"{record} names {other or 'none'}" for record, other in terms.items())
            raise Refusal(f"{path} is not only {term!r}: {named}")
        elif None in terms.values():
            unreadable.append(path)
        deep = len(path.relative_to(folder).parts) == DEPTH
        folders[:] = [] if terms or deep else sorted(folders)
    return found, unreadable


def _terms(folder: Path, files: list[str]) -> dict[str, str | None]:
    """The terms that a folder's records name, by the record's file."""
    return {name: _term(folder / name) for name in (RECORD, GRADING) if name in files}


def _term(record: Path) -> str | None:
    """The term that a record names; None where it cannot be read."""
    try:
        entries = json.loads(record.read_text(encoding="utf-8")) if not record.is_symlink() else None
    except (OSError, ValueError, RecursionError):
        return None
    term = entries.get("term") if isinstance(entries, dict) else None
    return term if isinstance(term, str) else None


def _remove(folder: Path) -> list[str]:
    """Remove what was written here, the records last, and the folder itself when nothing is left in it."""
    ours = set()
    if (folder / GRADING).exists():
        ours |= {*RESULTS, GRADING}
    if (folder / RECORD).exists():
        name = json.loads((folder / RECORD).read_text(encoding="utf-8")).get("problem_set")
        ours |= {"students", "codes.csv", f"{name}.ipynb", RECORD}
    contents = sorted(folder.iterdir(), key=lambda path: (path.name in (RECORD, GRADING), path.name))
    gone, left, files = [], [], 0
    for path in contents:
        unfinished = path.name.startswith(STAGING) or (path.name.startswith(".") and path.name.endswith(".part"))
        if path.name not in ours and not unfinished:
            left.append(path.name)
            continue
        files += _delete(path)
        gone.append(path.name)
    if not left:
        folder.rmdir()
    sentences = [f"{folder}: removed {', '.join(gone)} ({files} files)"]
    return sentences + ([f"{folder}: left {', '.join(left)}, which these commands did not write"] if left else [])


def _delete(path: Path) -> int:
    """Remove a file, a link or a folder; the number of files."""
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return 1
    files = sum(len(names) for _, _, names in os.walk(path))
    shutil.rmtree(path)
    return files
