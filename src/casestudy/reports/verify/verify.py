"""Whether a run is still what it was, and what has changed of all that it was made of."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from casestudy.case import Case, open_case
from casestudy.refusals import file_access
from casestudy.reports.sets.fingerprint import SHOWN, Ingredients, fingerprint, ingredients
from casestudy.reports.sets.outcome import set_id
from casestudy.reports.sets.parameters import Notebook
from casestudy.reports.sets.provenance import described
from casestudy.reports.verify.recorded import Recorded, read

SHORT = 12  # digits of a sha256 on a line


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was; kind: case, file, notebook, code, library, commit, output or record."""

    kind: str
    what: str
    was: str | None  # None: it was not there
    now: str | None  # None: it is not there

    @property
    def line(self) -> str:
        """As it is told.

        >>> print(Change("library", "numpy", "2.3.0", "2.4.6").line)
        numpy: 2.3.0 -> 2.4.6
        >>> print(Change("file", "data/claims.csv", "ab" * 32, None).line)
        data/claims.csv: no longer there
        """
        if self.kind == "record":
            return f"{self.what}: its id does not follow from what is written of it; somebody changed run.json"
        if self.kind in ("library", "case", "commit"):
            return f"{self.what}: {self.was or 'none'} -> {self.now or 'none'}"
        if self.now is None:
            return f"{self.what}: no longer there"
        if self.was is None:
            return f"{self.what}: not there when it ran"
        another = "not what the run wrote" if self.kind == "output" else "another since"
        return f"{self.what}: {another} (sha256 {self.was[:SHORT]} -> {self.now[:SHORT]})"


@dataclass(frozen=True)
class Verified:
    """What came of it: what has changed, what cannot be told, and how much was looked at."""

    recorded: Recorded
    changes: list[Change]
    untold: list[str]

    @property
    def same(self) -> bool:
        """Whether all is as it was, as far as everything could be told."""
        return not self.changes and not self.untold

    @property
    def headline(self) -> str:
        """The one line for a run of which nothing has changed."""
        one, many = self.recorded, len(self.recorded.outputs)
        of_case = len(one.files or ()) + len(one.notebooks or ())
        return f"nothing has changed since {one.made}: {of_case} files of the case, {many} of the run, code, libraries"

    def told(self) -> dict[str, Any]:
        """The same, fit for JSON."""
        one = self.recorded
        runs = [{"run": run.id, "notebook": run.notebook, "parameters": run.parameters} for run in one.runs]
        changed = [vars(change) for change in self.changes]
        return {"casestudy": one.version, "made": one.made, "runs": runs, "changed": changed, "untold": self.untold}


def verify(path: Path, case: Case | None = None) -> Verified:
    """Hold a run's folder, or its run.json, against the case, code and libraries of today and against its own files.

    Refuses a folder without a run, and a record that cannot be read; a part of it that is damaged is named in `untold`.
    """
    recorded, case = read(path), case or open_case()
    books = [stem for stem in recorded.notebooks or () if os.path.isfile(case.notebooks / _file(stem))]
    made = ingredients([Notebook(Path(_file(stem)), "", {}, ()) for stem in books], case)
    changes = [*_of_case(recorded, made, case), *_of_code(recorded, made), *_of_record(recorded), *_outputs(recorded)]
    unsure = [f"{name}: changed while notebooks ran, so which state they read" for name in recorded.meanwhile]
    return Verified(recorded, changes, [f"{line} cannot be told" for line in unsure] + recorded.untold)


def _file(stem: str) -> str:
    return Path(f"{stem}.ipynb").name


def _differing(kind: str, was: Mapping[str, Any], now: Mapping[str, Any], named: str = "{}") -> Iterator[Change]:
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield Change(kind, named.format(name), was.get(name), now.get(name))


def _of_case(recorded: Recorded, made: Ingredients, case: Case) -> Iterator[Change]:
    today = described(made, case)
    if recorded.case is not None:
        yield from _differing("case", _said(recorded.case), _said(today["case"]), "{} of the case")
    if recorded.files is not None:
        yield from _differing("file", recorded.files, made.files)
    if recorded.notebooks is not None:
        yield from _differing("notebook", recorded.notebooks, made.notebooks, "notebooks/{}.ipynb")
    if recorded.commits is not None:
        was, now = _commits(recorded.commits), _commits(today["commits"])
        commits = list(_differing("commit", was, now, "commit of the {}"))
        alike = len({(change.was, change.now) for change in commits}) == 1  # the built-in case, in its checkout
        yield from commits[: 1 if alike else None]


def _said(case: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(case[name]) for name in ("name", "version") if case.get(name) is not None}


def _commits(said: Mapping[str, Any]) -> dict[str, str]:
    """By whose they are, commits in words; what is damaged counts as none."""
    found = {}
    for whose, one in said.items():
        if isinstance(one, dict) and isinstance(one.get("commit"), str):
            found[whose] = one["commit"][:SHORT] + (" with uncommitted changes" if one.get("dirty") else "")
    return found


def _of_code(recorded: Recorded, made: Ingredients) -> Iterator[Change]:
    if recorded.version != (now := version("casestudy")):
        yield Change("library", "casestudy", recorded.version, now)
    if recorded.code is not None and recorded.code != made.code:
        yield Change("code", "code of casestudy", recorded.code, made.code)
    if recorded.libraries is not None:
        yield from _differing("library", recorded.libraries, made.libraries)


def _of_record(recorded: Recorded) -> Iterator[Change]:
    """Runs whose id does not follow from what run.json says that they were made of."""
    one = recorded
    made = one.ingredients
    if made is None:
        return
    for run in one.runs:
        known = run.notebook in made.notebooks and set_id(run.notebook, run.parameters) == run.set
        if not known or fingerprint(made.mark(run.notebook), run.set)[:SHOWN] != run.id:
            yield Change("record", f"run {run.id} of {run.notebook}", run.id, None)


def _outputs(recorded: Recorded) -> Iterator[Change]:
    """Files of the run that are not what it wrote."""
    for name, sha in recorded.outputs.items():
        path, now = recorded.folder / name, None
        if os.path.isfile(path):
            with file_access(f"read {path}"), path.open("rb") as file:
                now = hashlib.file_digest(file, "sha256").hexdigest()
        if now != sha:
            yield Change("output", name, sha, now)
