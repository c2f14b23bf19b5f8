"""What one submission reported, and what a person gave in place of points: each with its one spelling as JSON."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Self

from casestudy.staging import private_file

RECORDS = "records.jsonl"


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
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str | None] = field(default_factory=dict)
    guesses: Mapping[str, Any] = field(default_factory=dict)  # by answer: value and give_or_take; never marked
    skipped: int = 0  # cells left out since they ended the run
    errors: tuple[str, ...] = ()  # as its owner sees them
    cpu_s: float = 0.0
    limits: Mapping[str, float] = field(default_factory=dict)  # under which it ran; none where nothing did
    attempts: tuple[
        str, ...
    ] = ()  # fingerprints of the different files handed in, as far as known; not all need have run

    @classmethod
    def from_json(cls, entries: Mapping[str, Any]) -> Self:
        """From what `as_json` gave, now or in an earlier version: what is not known is left out, what is missing empty.

        >>> Record.from_json({"id": "s1", "status": "ok", "code": "GGSJ-P359-Y", "flags": ["late"], "wall_s": 3}).flags
        ('late',)
        """
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


def read(path: Path) -> list[Record]:
    """The whole lines of a file of records; the last may be torn where a run was killed."""
    if not path.exists():
        return []
    records = []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            entries = json.loads(line)
        except ValueError:
            continue
        if isinstance(entries, dict) and "sha256" in entries:
            records.append(Record.from_json(entries))
    return records


def line(record: Record) -> str:
    """A record as one line of a file of records."""
    return json.dumps(record.as_json(), ensure_ascii=True) + "\n"


def write(path: Path, records: Iterable[Record]) -> None:
    """A file of records, whole."""
    private_file(path, "".join(map(line, records)))


def sha(content: bytes) -> str:
    """A file's fingerprint."""
    return hashlib.sha256(content).hexdigest()
