"""What a run or sweep left word of in its `run.json`, read strictly: a damaged part is named and left out."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from casestudy.refusals import Refusal, file_access
from casestudy.reports.sets.fingerprint import Ingredients

FILE = "run.json"
RECORD = "set.json"  # of one set of a sweep
Files = dict[str, str]  # sha256 by name


@dataclass(frozen=True)
class Run:
    """One notebook with its parameters, as a run left word of it; files: sha256 by path in the run's folder."""

    id: str
    set: str
    notebook: str
    status: str
    parameters: dict[str, Any]
    files: Files


@dataclass
class Recorded:
    """A run's or a sweep's own word of what it was made of; None for a part that cannot be read, which `untold` names.

    files: sha256 of each file of the case by its path there; notebooks: by stem; pages: of the files beside run.json.
    """

    folder: Path
    version: str = "unknown"
    made: str = ""
    case: dict[str, Any] | None = None
    commits: dict[str, Any] | None = None
    code: str | None = None
    libraries: dict[str, str] | None = None
    files: Files | None = None
    notebooks: Files | None = None
    unread: dict[str, list[str]] | None = None
    described: str | None = None
    pages: Files | None = None
    runs: list[Run] = field(default_factory=list)
    meanwhile: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    @property
    def ingredients(self) -> Ingredients | None:
        """What runs were made of; None where a part of it is untold."""
        if self.code is None or self.libraries is None or self.files is None or self.notebooks is None:
            return None
        if self.unread is None or self.described is None:
            return None
        return Ingredients(self.code, self.libraries, self.files, self.notebooks, self.unread, self.described)

    @property
    def outputs(self) -> Files:
        """sha256 of every file of the run by its path in the folder."""
        parts = (self.pages or {}, *(run.files for run in self.runs))
        return {name: sha for part in parts for name, sha in part.items()}


def read(path: Path) -> Recorded:
    """The record in a folder, or in its run.json; refuses what is none, and what was written before there was one."""
    file = path / FILE if os.path.isdir(path) else path
    if not os.path.isfile(file):  # which no odd name can raise
        raise Refusal(f"{path} holds no {FILE}; name the folder of a finished run or sweep")
    said = _object(file)
    if said is None or not isinstance(said.get("runs"), list):
        raise Refusal(f"{file} is damaged: it must be a JSON object with a list of runs; run again")
    found = Recorded(file.parent, str(said.get("casestudy", "unknown")), str(said.get("made", "")))
    made_of = said.get("provenance")
    if made_of is None:
        raise Refusal(
            f"{file} is of casestudy {found.version}, which kept no word of data and code: "
            "what has changed since cannot be told; run again"
        )
    if not isinstance(made_of, dict):
        made_of = {}
    parts: dict[str, Callable[[Any], bool]] = {"case": _is_object, "commits": _is_object}
    parts |= dict.fromkeys(("code", "described"), _is_text)
    parts |= dict.fromkeys(("libraries", "files", "notebooks"), _are_texts) | {"unread": _are_lists}
    for name, fits in parts.items():
        if fits(made_of.get(name)):
            setattr(found, name, made_of[name])
        else:
            found.untold.append(f"{name}: {FILE} does not say, or what it says is damaged")
    found.meanwhile = list(filter(_is_text, made_of.get("changed_meanwhile") or ()))
    found.pages = _files(said.get("files"))
    if found.pages is None:
        found.untold.append(f"results.csv and pages: {FILE} does not say, or what it says is damaged")
    runs = [_run(one, found.folder) for one in said["runs"]]
    found.runs = [run for run in runs if run]
    if lost := runs.count(None):
        found.untold.append(f"{lost} of {len(runs)} runs: what {FILE} or {RECORD} says of them is damaged")
    return found


def _object(file: Path) -> dict[str, Any] | None:
    """A JSON object; None where the file holds something else."""
    with file_access(f"read {file}"):
        content = file.read_bytes()
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _run(said: Any, folder: Path) -> Run | None:
    """One run; of a sweep's the files stand in the record of the set."""
    words = ("run", "set", "notebook", "status")
    if not isinstance(said, dict) or not all(_is_text(said.get(name)) for name in words):
        return None
    parameters, files = said.get("parameters"), _files(said.get("files"))
    if not isinstance(parameters, dict) or files is None:
        return None
    for name in [name for name in files if PurePosixPath(name).name == RECORD]:
        inner = (
            _object(folder / name) if os.path.isfile(folder / name) else {"files": {}}
        )  # one that is lost is told later
        below = _files((inner or {}).get("files"))
        if below is None:
            return None
        files |= {str(PurePosixPath(name).parent / other): sha for other, sha in below.items()}
    return Run(said["run"], said["set"], said["notebook"], said["status"], parameters, files)


def _files(said: Any) -> Files | None:
    """sha256 by name; None where something else stands there, or a name leads out of the folder."""
    if not isinstance(said, dict):
        return None
    found: dict[str, Any] = {name: about.get("sha256") for name, about in said.items() if isinstance(about, dict)}
    inside = all(not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts for name in said)
    return found if inside and len(found) == len(said) and _are_texts(found) else None


def _are_lists(said: Any) -> bool:
    return isinstance(said, dict) and all(isinstance(one, list) and all(map(_is_text, one)) for one in said.values())


def _is_object(said: Any) -> bool:
    return isinstance(said, dict)


def _is_text(said: Any) -> bool:
    return isinstance(said, str)


def _are_texts(said: Any) -> bool:
    return isinstance(said, Mapping) and all(isinstance(value, str) for value in said.values())
