"""Hand a problem set out: figures of their own for each student, and the lecturer's record of who got which."""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from casestudy.classroom.authoring.build import degenerate, problems
from casestudy.classroom.release import roster
from casestudy.classroom.sets import seeds
from casestudy.classroom.sets.copies import public, student_copy, write_notebook
from casestudy.classroom.sets.solve import Solutions, Solved, solve
from casestudy.classroom.sets.source import PUBLIC, ProblemSet
from casestudy.classroom.shapes import fits, misfit
from casestudy.classroom.spreadsheets import neutral
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.staging import STAGING, clear, private, private_file, private_folder

RECORD = "release.json"
LETTER = """{name}

You need Python 3.11 or newer and the package casestudy, as your lecturer says. Keep these files in one folder.
Open {name}.ipynb in JupyterLab (`jupyter lab`) and go from top to bottom. The figures are yours alone.
Before you hand the notebook in{by}: casestudy exercises validate {name}.ipynb
"""
ATTEMPTS = 20


@dataclass(frozen=True)
class Assigned:
    """What one student got: the code and its seed, at which attempt, and the fingerprint of the data."""

    id: str
    group: str
    code: str
    seed: int
    attempt: int
    data: str


@dataclass(frozen=True)
class Released:
    """What release.json says: the set's name and version, the term, and each student's code and data."""

    problem_set: str
    version: int
    term: str
    students: dict[str, Assigned]

    @classmethod
    def read(cls, folder: Path) -> "Released":
        """From a release's folder."""
        try:
            return _released(json.loads((folder / RECORD).read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            raise Refusal(f"{folder} is no release: it needs {RECORD} as `exercises release` wrote it") from None

    def refuse_another(self, solutions: Solutions) -> None:
        """Refuse a source that is not the one released, or that no longer draws the figures it drew."""
        self.refuse_another_set(solutions.problem_set)
        for assigned in {assigned.code: assigned for assigned in self.students.values()}.values():
            refuse_other_figures(solutions, assigned)

    def refuse_another_set(self, problem_set: ProblemSet) -> None:
        """Refuse another set than the one released, or another version of it."""
        if (problem_set.name, problem_set.version) != (self.problem_set, self.version):
            ours = f"{problem_set.name} version {problem_set.version}"
            raise Refusal(f"the release is of {self.problem_set} version {self.version}, the source is {ours}")


def roster_of(released: Released, *rosters: pd.DataFrame | None) -> pd.DataFrame:
    """Everyone who got the release, with names, groups and dates from the rosters that are given, the last one first.

    A column that a roster does not fill for anybody is taken from what was known before.
    """
    blank = pd.DataFrame("", index=sorted(released.students), columns=list(roster.COLUMNS[1:]))
    blank["group"] = [released.students[id].group for id in blank.index]
    for people in (people for people in rosters if people is not None):
        if stranger := next((id for id in people.index if id not in released.students), None):
            raise Refusal(f"{stranger!r} is in the roster and has no release: add it with release --only {stranger}")
        blank.update(people.loc[:, (people != "").any()])
    return blank


def everyone(
    released: Released, path: Path | None, before: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Everyone who got the release, as the roster at `path` names them, else as before; and whom it leaves out."""
    people = roster.read(path) if path else None
    students = roster_of(released, before, people)
    return students, [] if people is None else students.index.difference(people.index).tolist()


def read_secret(path: Path) -> bytes:
    """The course's secret: at least 16 bytes in a file that only its owner can read."""
    advice = (
        f'make one with: python -c "import secrets; print(secrets.token_hex(32))" > {path.name}; chmod 600 {path.name}'
    )
    if not path.is_file():
        raise Refusal(f"there is no secret in {path}; {advice}")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise Refusal(f"others can read the secret in {path}: run chmod 600 on it")
    with file_access(f"read the secret {path}"):
        secret = path.read_bytes().strip()
    if len(secret) < 16:
        raise Refusal(f"the secret in {path} must have at least 16 characters: got {len(secret)}; {advice}")
    return secret


def assign(
    problem_set: ProblemSet, students: pd.DataFrame, secret: bytes, term: str
) -> Iterator[tuple[Assigned, Solved]]:
    """Each student's code and solved figures; a group shares one. Degenerate figures are drawn again."""
    taken: dict[str, str] = {}  # by code, whose it is
    groups: dict[str, tuple[str, int, Solved]] = {}
    for id, student in students.iterrows():
        whose = f"group {student['group']}" if student["group"] else f"student {id}"
        if whose not in groups:
            groups[whose] = _draw(problem_set, whose, secret, term, taken)
        code, attempt, solved = groups[whose]
        number = seeds.seed(problem_set.name, code)
        yield Assigned(str(id), student["group"], code, number, attempt, seeds.fingerprint(solved.data)), solved


def _draw(
    problem_set: ProblemSet, whose: str, secret: bytes, term: str, taken: dict[str, str]
) -> tuple[str, int, Solved]:
    """A code with figures that are not degenerate, at which attempt, and these figures solved; the code is taken."""
    faults: list[str] = []
    for attempt in range(ATTEMPTS):
        code = seeds.personal_code(secret, term, problem_set.name, problem_set.version, whose, attempt)
        try:
            solved = solve(problem_set, code)
            faults = degenerate(problem_set, solved)
        except Refusal as error:
            faults = [str(error)]
        if not faults and taken.setdefault(code, whose) == whose:
            return code, attempt, solved
    raise Refusal(f"{problem_set.name}: {ATTEMPTS} draws for one student were all degenerate: {faults[0]}")


def release(
    problem_set: ProblemSet,
    students: pd.DataFrame,
    secret: bytes,
    term: str,
    out: Path,
    codes: bool = False,
    only: str | None = None,
    finished: Callable[[str], None] = lambda id: None,
) -> Path:
    """Write a folder a student, or (codes) one notebook and codes.csv, with release.json for the lecturer.

    only: one student, added to a release that stands in `out`. All of it appears, or nothing.
    """
    if faults := problems(problem_set):
        raise Refusal(f"{problem_set.name} is not ready: {faults[0]} ({len(faults)} in all; see exercises build)")
    if not term.strip():
        raise Refusal("term must name the course and year, such as stats-2026: got nothing")
    if only is not None and only not in students.index:
        hint = nearest(only, students.index)
        raise Refusal(f"--only names a student of the roster: {only!r} is not in it; {hint}")
    refuse_a_checkout(out)
    record = _record(problem_set, secret, term, codes)
    assigned_to = _standing(out, problem_set, record, only)
    private_folder(out)
    with file_access(f"write to {out}", "name another folder"):
        staging = private(out)
    try:
        chosen = students if only is None else students.loc[[only]]
        for assigned, solved in assign(problem_set, chosen, secret, term):
            id = assigned.id
            assigned_to[id] = assigned
            if not codes:
                _folder(staging / "students" / id, problem_set, assigned, solved, students.at[id, "due"])
            finished(id)
        if codes:
            write_notebook(student_copy(problem_set, "", public(problem_set)), staging / f"{problem_set.name}.ipynb")
            released = Released(problem_set.name, problem_set.version, term, assigned_to)
            private_file(staging / "codes.csv", _codes(released, students, out / "codes.csv"))
        record["students"] = [asdict(assigned_to[id]) for id in sorted(assigned_to)]
        private_file(staging / RECORD, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        with file_access(f"write to {out}"):
            _move_in(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not any(out.iterdir()):
            out.rmdir()
    return out


def _record(problem_set: ProblemSet, secret: bytes, term: str, codes: bool) -> dict[str, Any]:
    """What release.json says of a release, before the students."""
    return {
        "problem_set": problem_set.name,
        "version": problem_set.version,
        "term": term,
        "route": "codes" if codes else "folders",
        "secret": hmac.new(secret, b"casestudy", hashlib.sha256).hexdigest()[:16],
        "source": hashlib.sha256(problem_set.path.read_bytes()).hexdigest(),
        "package": version("casestudy"),
    }


def _released(record: Any) -> Released:
    """What release.json says; a ValueError where it has another form."""
    entries: Any = record.get("students") if isinstance(record, dict) else None
    if not fits(entries, list[Assigned]) or misfit(Released, {**record, "students": {}}):
        raise ValueError("another form")
    known = [entry.name for entry in fields(Assigned)]
    students = {entry["id"]: Assigned(**{name: entry[name] for name in known}) for entry in entries}
    return Released(record["problem_set"], record["version"], record["term"], students)


def _folder(folder: Path, problem_set: ProblemSet, assigned: Assigned, solved: Solved, due: str) -> None:
    asked, by = public(problem_set, {assigned.code: assigned.data}), f" by {due}" if due else ""
    private_folder(folder)
    write_notebook(student_copy(problem_set, assigned.code), folder / f"{problem_set.name}.ipynb")
    with file_access(f"write to {folder}"):
        (folder / PUBLIC).write_text(json.dumps(asked, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        solved.data.to_csv(folder / "data.csv", index=False, lineterminator="\n")
        (folder / "README.txt").write_text(LETTER.format(name=problem_set.name, by=by), encoding="utf-8")


def _codes(released: Released, students: pd.DataFrame, earlier: Path) -> str:
    """A row a student of the release; who is not in this roster keeps what the `earlier` file says."""
    known = [roster.read(earlier), students] if earlier.exists() else [students]
    ours = [people[people.index.isin(released.students)] for people in known]
    frame = roster_of(released, *ours)[["name", "email", "group"]].map(neutral)
    codes = [released.students[id].code for id in frame.index]
    return frame.assign(code=codes).to_csv(index_label="student_id", lineterminator="\n")


def _standing(
    out: Path, problem_set: ProblemSet, record: Mapping[str, object], only: str | None
) -> dict[str, Assigned]:
    """The students of the release that stands in `out`; anything else there is refused."""
    if (out.exists() or out.is_symlink()) and not out.is_dir():
        raise Refusal(f"{out} must be a folder, or a name that is free")
    if _is_new(out, problem_set):
        if only is not None:
            raise Refusal(f"--only adds to a release, and there is none in {out}")
        return {}
    try:
        old = json.loads((out / RECORD).read_text(encoding="utf-8"))
        same = {key: old[key] for key in ("problem_set", "version", "term", "route", "secret")}
        students = _released(old).students
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise Refusal(f"{out} holds other files and no {RECORD}: name a folder of its own") from None
    for key, value in same.items():
        if value != record[key]:
            raise Refusal(f"{out} holds another release: its {key} is {value!r}, not {record[key]!r}")
    solutions = Solutions(problem_set)
    for assigned in students.values():
        refuse_other_figures(solutions, assigned)
    return students


def _is_new(out: Path, problem_set: ProblemSet) -> bool:
    """Whether nothing stands in `out` but what a release left that was killed before its record."""
    ours = {"students", "codes.csv", f"{problem_set.name}.ipynb"}
    found = {path.name for path in out.iterdir()} if out.exists() else set()
    killed = {name for name in found if name.startswith(STAGING)}
    return not found or (bool(killed) and found - killed <= ours)


def refuse_other_figures(solutions: Solutions, assigned: Assigned) -> None:
    """Refuse a source that no longer draws the figures that were handed out."""
    if seeds.fingerprint(solutions[assigned.code].data) != assigned.data:
        raise Refusal(
            f"{solutions.problem_set.name} no longer draws the figures that were released (code {assigned.code}): "
            "undo the change of its data cell, or raise its version and release to a new folder"
        )


def refuse_a_checkout(out: Path) -> None:
    """Rosters and codes do not belong into a repository that would take them along."""
    existing = next(folder for folder in (out.resolve(), *out.resolve().parents) if folder.is_dir())
    if not any((folder / ".git").exists() for folder in (existing, *existing.parents)):
        return
    asked = ["git", "-C", str(existing), "check-ignore", "-q", f"{out.resolve()}/"]
    if shutil.which("git") is None or subprocess.run(asked, capture_output=True).returncode != 0:
        raise Refusal(f"{out} lies in a git checkout that does not ignore it: name a folder outside")


def _move_in(staging: Path, out: Path) -> None:
    """Each file comes whole, the record last; what a killed release left behind goes."""
    for path in sorted(staging.rglob("*")):
        target = out / path.relative_to(staging)
        if path.is_dir():
            target.mkdir(mode=0o700, exist_ok=True)
        elif path.name != RECORD:
            path.replace(target)
    (staging / RECORD).replace(out / RECORD)
    clear(out)
