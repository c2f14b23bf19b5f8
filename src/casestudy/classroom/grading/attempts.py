"""Of several files that one student handed in: which are run, and how many there were."""

from collections.abc import Iterable, Mapping

from casestudy.classroom.records import Record
from casestudy.classroom.submissions.collect import Submission


def key(submission: Submission) -> tuple[str, str]:
    """By what a submission's record is found: the student, and the file's fingerprint."""
    return submission.student, submission.sha256


def waiting_of(found: list[Submission], done: Mapping[tuple[str, str], Record], keep: str) -> list[list[Submission]]:
    """What is to be run: of each list one after the other, until one can be read. A student's latest comes first."""
    if keep == "best":
        return [[submission] for own, submission in {key(each): each for each in found}.items() if own not in done]
    by_student: dict[str, list[Submission]] = {}
    for submission in reversed(sorted(found, key=_sent)):
        by_student.setdefault(submission.student, []).append(submission)
    waiting = []
    for own in by_student.values():
        before = [done.get(key(submission)) for submission in own]
        counts = next((number for number, record in enumerate(before) if record and readable(record)), len(own))
        waiting.append([submission for submission, record in zip(own[:counts], before, strict=False) if not record])
    return [own for own in waiting if own]


def _sent(submission: Submission) -> str:
    """By what the latest is found, as `chosen` does: of equal ones the later in the delivery."""
    return submission.sent.isoformat() if submission.sent else ""


def readable(record: Record) -> bool:
    """Whether a file was a notebook that could be run."""
    return record.status != "damaged"


def in_order(done: Mapping[tuple[str, str], Record], found: list[Submission]) -> list[Record]:
    """Records as their files came, not as they were run: of what has no date, the later one is the latest."""
    places = {key(submission): place for place, submission in enumerate(found)}
    return [record for _, record in sorted(done.items(), key=lambda item: places.get(item[0], -1))]


def attempts_of(ran: Iterable[Record], found: list[Submission]) -> dict[str, tuple[str, ...]]:
    """Fingerprints of the different files that each student handed in, now and before, as far as known."""
    files: dict[str, set[str]] = {}
    for record in ran:
        files.setdefault(record.id, set()).update((record.sha256, *record.attempts))
    for submission in found:
        files.setdefault(submission.student, set()).add(submission.sha256)
    return {id: tuple(sorted(own)) for id, own in files.items()}
