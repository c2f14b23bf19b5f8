"""Remove what one student handed in from the results."""

from pathlib import Path

from casestudy.classroom import records
from casestudy.classroom.grading.results import Results, locked, write
from casestudy.classroom.records import HISTORY, RECORDS, Record
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet


def withdraw(problem_set: ProblemSet, out: Path, student: str) -> str:
    """Remove a student's records and points from `out`, and say what went; members of a group keep their copies."""
    with locked(out):
        return _withdrawn(problem_set, out, student)


def _withdrawn(problem_set: ProblemSet, out: Path, student: str) -> str:
    results = Results.read(out)
    results.refuse_another_source(problem_set)
    results.refuse_edited(out)
    before = results.record(student, out)
    kept = records.read(out / RECORDS)
    records.write(out / RECORDS, [record for record in kept if record.id != student])
    gone = sum(record.id == student for record in kept)
    records.forget(out / HISTORY, student)
    missing = Record(student, "missing", before.code, before.data)
    results.records = [missing if record.id == student else record for record in results.records]
    results.manual.pop(student, None)
    given = results.overrides.pop(student, {})
    results.confirmed = ""
    write(Solutions(problem_set), results, out)
    went = f"{gone} records{f' and {len(given)} overrides' if given else ''} removed"
    return f"{student}: {went}; the row says missing until something is handed in again"
