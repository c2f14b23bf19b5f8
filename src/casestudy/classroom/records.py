"""What one submission reported, and what a person gave in place of points: each with its one spelling as JSON."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from casestudy.classroom.shapes import fits, misfit
from casestudy.refusals import Refusal
from casestudy.staging import private_file

RECORDS, HISTORY = "records.jsonl", "history.jsonl"


@dataclass(frozen=True)
class Record:
    """One submission, or that there is none. Nothing in it knows a right answer.

    status: ok, cell_error, timeout_cpu, timeout_wall, memory, died, damaged or missing. values: by answer, as the
    sandbox read them; problems: by answer, why it has no value. texts: by question, None where that could not be seen.
    """

    id: str  # the student's
    status: str
    code: str  # the personal code whose figures it is marked on
    data: str = ""  # fingerprint of these figures
    name: str = ""  # the file's, as found
    sha256: str = ""  # of its bytes
    sent: str | None = None  # ISO date and time, where the delivery tells one
    flags: tuple[str, ...] = ()
    late_minutes: int | Literal["unknown"] | None = None
    late_days: int | None = None  # begun days, by the clock; None where that is not known
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str | None] = field(default_factory=dict)
    guesses: Mapping[str, Any] = field(default_factory=dict)  # by answer: value and give_or_take; never marked
    skipped: int = 0  # cells left out since they ended the run
    errors: tuple[str, ...] = ()  # as its owner sees them
    cpu_s: float = 0.0
    limits: Mapping[str, float | None] = field(default_factory=dict)  # under which it ran; none where nothing did
    attempts: tuple[
        str, ...
    ] = ()  # fingerprints of the different files handed in, as far as known; not all need have run

    @classmethod
    def from_json(cls, entries: Mapping[str, Any]) -> Self:
        """From what `as_json` gave, now or in an earlier version: what is not known is left out, what is missing empty.

        What has another type than it should is a ValueError.

        >>> Record.from_json({"id": "s1", "status": "ok", "code": "GGSJ-P359-Y", "flags": ["late"], "wall_s": 3}).flags
        ('late',)
        """
        if (wrong := misfit(cls, entries)) or not _told(entries):
            raise ValueError(f"a record's {wrong or 'sent or guesses'} has another form")
        names = [entry.name for entry in fields(cls)]
        known = {name: entries[name] for name in names if name in entries}
        return cls(**known | {name: tuple(known.get(name, ())) for name in ("flags", "errors", "attempts")})

    def as_json(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)

    @property
    def other_set(self) -> str:
        """Which other set's copy was handed in, if that is why nothing was marked."""
        return self._named("other_set") if self.status == "damaged" else ""

    @property
    def of_group(self) -> str:
        """Whose file it is, where the student handed in nothing and the group's counts."""
        return self._named("of_group")

    def _named(self, kind: str) -> str:
        """What a flag of this kind names."""
        return next((flag.partition(":")[2] for flag in self.flags if flag.startswith(f"{kind}:")), "")


@dataclass(frozen=True)
class Override:
    """A question's points as a person gives them, and why; they count before a program's and before a marker's.

    before: the points when the person gave others; now: what they would be without the person.

    >>> Override(2, "Right.", before=0, now=0).overtaken, Override(2, "Right.", before=0, now=2).overtaken
    (False, True)
    >>> Override(0, "Copied.", before=2, now=2).overtaken
    False
    """

    points: float
    reason: str
    before: float
    now: float
    sha256: str = ""  # of the file that the person had before them

    @property
    def overtaken(self) -> bool:
        """Whether the points, worked out anew, have come to the person's or gone beyond them."""
        reached = self.now >= self.points if self.points >= self.before else self.now <= self.points
        return reached and self.now != self.before


def _told(entries: Mapping[str, Any]) -> bool:
    """Whether the time of handing in is one, and each guess a value with what was allowed for, or nothing."""
    try:
        datetime.fromisoformat(entries.get("sent") or "2000-01-01")
    except ValueError:
        return False
    guesses = entries.get("guesses", {}).values()
    return all(
        isinstance(guess, dict)
        and fits(guess.get("value"), float | str)
        and fits(guess.get("give_or_take"), float | None)
        for guess in guesses
    )


def read(path: Path) -> list[Record]:
    """The whole lines of a file of records; the last may be torn where a run was killed."""
    if not path.exists():
        return []
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
        try:
            entries = json.loads(line)
        except (ValueError, RecursionError):
            continue
        try:
            records.append(Record.from_json(entries))
        except ValueError as error:
            raise Refusal(f"{path} line {number} is no record as grading wrote it: {error}") from None
    return records


def remember(path: Path, entry: Mapping[str, Any]) -> None:
    """Add a line to a history: what stood before a student was graded again."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    private_file(path, text + json.dumps(entry, ensure_ascii=True) + "\n")


def history(path: Path, student: str) -> list[dict[str, Any]]:
    """What stood before of one student, the oldest first."""
    return [entry for entry in _history(path) if _whose(entry) == student]


def forget(path: Path, student: str) -> None:
    """Take one student out of a history."""
    if path.exists():
        kept = [entry for entry in _history(path) if _whose(entry) != student]
        private_file(path, "".join(json.dumps(entry, ensure_ascii=True) + "\n" for entry in kept))


def _whose(entry: Mapping[str, Any]) -> str:
    record = entry.get("record")
    return str(record.get("id", "")) if isinstance(record, dict) else ""


def _history(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    entries = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entries.append(json.loads(text))
        except (ValueError, RecursionError):
            raise Refusal(f"{path} line {number} is no JSON: it is not as grading wrote it") from None
        if not isinstance(entries[-1], dict):
            raise Refusal(f"{path} line {number} is no object: it is not as grading wrote it")
    return entries


def line(record: Record) -> str:
    """A record as one line of a file of records."""
    return json.dumps(record.as_json(), ensure_ascii=True) + "\n"


def write(path: Path, records: Iterable[Record]) -> None:
    """A file of records, whole."""
    private_file(path, "".join(map(line, records)))


def sha(content: bytes) -> str:
    """A file's fingerprint."""
    return hashlib.sha256(content).hexdigest()
