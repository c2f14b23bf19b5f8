"""Hand a problem set out: figures of their own for each student, and the lecturer's record of who got which."""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from casestudy.classroom import roster, seeds
from casestudy.classroom.build import degenerate, problems
from casestudy.classroom.copies import public, student_copy, write_notebook
from casestudy.classroom.practice import PUBLIC
from casestudy.classroom.source import ProblemSet
from casestudy.classroom.spreadsheets import neutral
from casestudy.classroom.work import Worked, work, worked_for
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
    students: dict[str, dict]

    @classmethod
    def read(cls, folder: Path) -> "Released":
        """From a release's folder."""
        try:
            told = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            students = {one["id"]: one for one in told["students"]}
            return cls(told["problem_set"], told["version"], told["term"], students)
        except (OSError, ValueError, KeyError, TypeError):
            raise Refusal(f"{folder} is no release: it needs {RECORD} as `exercises release` wrote it") from None

    def refuse_another(self, problem_set: ProblemSet) -> None:
        """Refuse a source that is not the one released, or that no longer draws the figures it drew."""
        self.refuse_another_set(problem_set)
        for one in {one["code"]: one for one in self.students.values()}.values():
            same_figures(problem_set, one)

    def refuse_another_set(self, problem_set: ProblemSet) -> None:
        """Refuse another set than the one released, or another version of it."""
        if (problem_set.name, problem_set.version) != (self.problem_set, self.version):
            ours = f"{problem_set.name} version {problem_set.version}"
            raise Refusal(f"the release is of {self.problem_set} version {self.version}, the source is {ours}")


def roster_of(released: Released, *rosters: pd.DataFrame | None) -> pd.DataFrame:
    """Everyone who got the release, with names, groups and dates from the rosters that are given, the last one first.

    A column that a roster does not fill for anybody is taken from what was known before.
    """
    blank = pd.DataFrame("", index=sorted(released.students), columns=["name", "email", "group", "due"])
    blank["group"] = [released.students[id]["group"] for id in blank.index]
    for people in (one for one in rosters if one is not None):
        if stranger := next((id for id in people.index if id not in released.students), None):
            raise Refusal(f"{stranger!r} is in the roster and has no release: add it with release --only {stranger}")
        blank.update(people.loc[:, (people != "").any()])
    return blank


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
) -> Iterator[tuple[Assigned, Worked]]:
    """Each student's code and worked figures; a group shares one. Degenerate figures are drawn again."""
    taken, groups = {}, {}
    for id, student in students.iterrows():
        whose = f"group {student['group']}" if student["group"] else f"student {id}"
        if whose not in groups:
            groups[whose] = _draw(problem_set, whose, secret, term, taken)
        code, attempt, worked = groups[whose]
        number = seeds.seed(problem_set.name, code)
        yield Assigned(str(id), student["group"], code, number, attempt, seeds.fingerprint(worked.data)), worked


def _draw(problem_set: ProblemSet, whose: str, secret: bytes, term: str, taken: dict) -> tuple[str, int, Worked]:
    told = []
    for attempt in range(ATTEMPTS):
        code = seeds.personal_code(secret, term, problem_set.name, problem_set.version, whose, attempt)
        try:
            worked = work(problem_set, code)
            told = degenerate(problem_set, worked)
        except Refusal as error:
            told = [str(error)]
        if not told and taken.setdefault(code, whose) == whose:
            return code, attempt, worked
    raise Refusal(f"{problem_set.name}: {ATTEMPTS} draws for one student were all degenerate: {told[0]}")


def release(
    problem_set: ProblemSet,
    students: pd.DataFrame,
    secret: bytes,
    term: str,
    out: Path,
    codes: bool = False,
    only: str | None = None,
    told: Callable[[str], None] = lambda id: None,
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
    record = {
        "problem_set": problem_set.name,
        "version": problem_set.version,
        "term": term,
        "route": "codes" if codes else "folders",
        "secret": hmac.new(secret, b"casestudy", hashlib.sha256).hexdigest()[:16],
        "source": hashlib.sha256(problem_set.path.read_bytes()).hexdigest(),
        "package": version("casestudy"),
    }
    before = _standing(out, problem_set, record, only)
    private_folder(out)
    with file_access(f"write to {out}", "name another folder"):
        staging = private(out)
    try:
        chosen = students if only is None else students.loc[[only]]
        assigned = {}
        for one, worked in assign(problem_set, chosen, secret, term):
            assigned[one.id] = asdict(one)
            if not codes:
                _folder(staging / "students" / one.id, problem_set, one, worked, students.at[one.id, "due"])
            told(one.id)
        everyone = {one["id"]: one for one in before} | assigned
        if codes:
            write_notebook(student_copy(problem_set, "", public(problem_set)), staging / f"{problem_set.name}.ipynb")
            released = Released(problem_set.name, problem_set.version, term, everyone)
            private_file(staging / "codes.csv", _codes(released, students, out / "codes.csv"))
        record["students"] = [everyone[id] for id in sorted(everyone)]
        private_file(staging / RECORD, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        with file_access(f"write to {out}"):
            _move_in(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not any(out.iterdir()):
            out.rmdir()
    return out


def _folder(folder: Path, problem_set: ProblemSet, one: Assigned, worked: Worked, due: str) -> None:
    told, by = public(problem_set, {one.code: one.data}), f" by {due}" if due else ""
    private_folder(folder)
    write_notebook(student_copy(problem_set, one.code), folder / f"{problem_set.name}.ipynb")
    with file_access(f"write to {folder}"):
        (folder / PUBLIC).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        worked.data.to_csv(folder / "data.csv", index=False, lineterminator="\n")
        (folder / "README.txt").write_text(LETTER.format(name=problem_set.name, by=by), encoding="utf-8")


def _codes(released: Released, students: pd.DataFrame, earlier: Path) -> str:
    """A row a student of the release; who is not in this roster keeps what the `earlier` file says."""
    known = [roster.read(earlier), students] if earlier.exists() else [students]
    ours = [people[people.index.isin(released.students)] for people in known]
    frame = roster_of(released, *ours)[["name", "email", "group"]].map(neutral)
    codes = [released.students[id]["code"] for id in frame.index]
    return frame.assign(code=codes).to_csv(index_label="student_id", lineterminator="\n")


def _standing(out: Path, problem_set: ProblemSet, record: dict, only: str | None) -> list[dict]:
    """The students of the release that stands in `out`; anything else there is refused."""
    if (out.exists() or out.is_symlink()) and not out.is_dir():
        raise Refusal(f"{out} must be a folder, or a name that is free")
    ours = {"students", "codes.csv", f"{problem_set.name}.ipynb"}
    found = {path.name for path in out.iterdir()} if out.exists() else set()
    killed = {name for name in found if name.startswith(STAGING)}
    if not found or (killed and found - killed <= ours):  # new, or a release that was killed before its record
        if only is not None:
            raise Refusal(f"--only adds to a release, and there is none in {out}")
        return []
    try:
        old = json.loads((out / RECORD).read_text(encoding="utf-8"))
        same = {key: old[key] for key in ("problem_set", "version", "term", "route", "secret")}
        students = old["students"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Refusal(f"{out} holds other files and no {RECORD}: name a folder of its own") from None
    for key, value in same.items():
        if value != record[key]:
            raise Refusal(f"{out} holds another release: its {key} is {value!r}, not {record[key]!r}")
    for one in students:
        same_figures(problem_set, one)
    return students


def same_figures(problem_set: ProblemSet, one: dict) -> Worked:
    """What a released code gives; refused where the source no longer draws the figures that were handed out."""
    worked = worked_for(problem_set, one["code"])
    if seeds.fingerprint(worked.data) != one["data"]:
        raise Refusal(
            f"{problem_set.name} no longer draws the figures that were released (code {one['code']}): "
            "undo the change of its data cell, or raise its version and release to a new folder"
        )
    return worked


def refuse_a_checkout(out: Path) -> None:
    """Rosters and codes do not belong into a repository that would take them along."""
    there = next(folder for folder in (out.resolve(), *out.resolve().parents) if folder.is_dir())
    if not any((folder / ".git").exists() for folder in (there, *there.parents)):
        return
    asked = ["git", "-C", str(there), "check-ignore", "-q", f"{out.resolve()}/"]
    if shutil.which("git") is None or subprocess.run(asked, capture_output=True).returncode != 0:
        raise Refusal(f"{out} lies in a git checkout that does not ignore it: name a folder outside")


def _move_in(staging: Path, out: Path) -> None:
    """Each file comes whole, the record last; what a killed release left behind goes."""
    for path in sorted(staging.rglob("*")):
        there = out / path.relative_to(staging)
        if path.is_dir():
            there.mkdir(mode=0o700, exist_ok=True)
        elif path.name != RECORD:
            path.replace(there)
    (staging / RECORD).replace(out / RECORD)
    clear(out)
