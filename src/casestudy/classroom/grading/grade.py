"""Grade a release: from a delivery to points, pages and a proposal, in one call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from casestudy.classroom.grading.results import GRADES, GRADING, Results, finish
from casestudy.classroom.grading.run import Running, chosen, run
from casestudy.classroom.records import RECORDS, Record
from casestudy.classroom.records import read as records_of
from casestudy.classroom.release.release import Released, everyone, refuse_a_checkout
from casestudy.classroom.sets import guessing
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.submissions import unmatched
from casestudy.classroom.submissions.collect import Before, Submission, collect, told
from casestudy.classroom.submissions.unmatched import UNMATCHED
from casestudy.refusals import Refusal
from casestudy.staging import private_folder

KEEP = ("latest", "best")


@dataclass(frozen=True)
class Graded:
    """What grading gave. grades: one row a student; unknown: as sentences, files that belong to nobody or are damaged.

    standing: students of whom this delivery had nothing, and who keep what an earlier one gave.
    """

    grades: pd.DataFrame
    unknown: list[str]
    standing: list[str]
    not_in_roster: list[str]  # students of the release whom the roster does not name; they stay in
    guessing: str = ""  # where the best attempt counts: how often students tried, and what guessing earns
    waiting: int = 0  # rows of unmatched.csv that nobody has answered


def grade(
    problem_set: ProblemSet,
    release: Path,
    submissions: Path,
    out: Path,
    *,
    roster: Path | None = None,
    keep: str | None = None,
    resume: bool = False,
    manual: Iterable[Path] = (),
    how: Running | None = None,
    collected: Callable[[int], None] = lambda number: None,
    finished: Callable[[Record], None] = lambda record: None,
) -> Graded:
    """Run what came back behind the wall, and propose points: grades, pages, texts and records go into `out`.

    release: the folder that `release` wrote; submissions: a folder, or the zip of a learning platform. roster: names,
    groups and due dates; without one, those that were known. keep: of several submissions the `latest`, and then no
    other is run unless it cannot be read, or the `best`; None: as before, else the latest. resume: go on with what
    stands in `out`, where no record is dropped: whom this delivery leaves out keeps theirs (`withdraw` removes one).
    manual: sheets with points filled in. collected: called with how many are to be run, finished: with each record.
    Files that belong to nobody, or to several, stand in `unmatched.csv` in `out`; whose they are is filled in there,
    and read back. Refused, before anything runs, where release, source or folders do not fit together.
    """
    released = Released.read(release)
    released.refuse_another_set(problem_set)
    if keep not in (None, *KEEP):
        raise Refusal(f"keep must be latest or best: got {keep!r}")
    _refuse_nested(out, submissions)
    refuse_a_checkout(out)
    before = _standing(out, problem_set, released) if resume else None
    keep = keep or (before.keep if before else KEEP[0])
    students, not_in_roster = everyone(released, roster, before.roster() if before else None)
    rows, earlier = unmatched.read(out / UNMATCHED), records_of(out / RECORDS) if resume else []
    found, odd = collect(submissions, students, _known(released, students, rows, earlier))
    _refuse_given_to_another(found, earlier)
    if odd and not found and not before:
        if resume or not (out / RECORDS).exists():
            unmatched.write(private_folder(out) / UNMATCHED, odd, rows, ())
        ask = f"fill in the column id of {out / UNMATCHED}, or see --roster, and grade again"
        raise Refusal(f"none of {len(odd)} files in {submissions} belongs to anyone: {odd[0]}; {ask}")
    solutions = Solutions(problem_set)
    released.refuse_another(solutions)
    how = how or Running()
    how = replace(how, hidden=(*how.hidden, *filter(None, (release, submissions, roster))))
    ran = run(solutions, released, found, out, how, resume, finished, keep, collected)
    unmatched.write(out / UNMATCHED, odd, rows, (submission.name for submission in found))
    records = chosen(solutions, released, found, students, ran, keep)
    delivered = {submission.student for submission in found}
    standing = sorted({record.id for record in ran} - delivered)
    guessed = _guessing(solutions, records) if keep == "best" else ""
    grades = finish(solutions, released, students, records, out, manual, keep, guessed)
    return Graded(grades, told(found, odd), standing, not_in_roster, guessed, len(unmatched.left(out)))


def _guessing(solutions: Solutions, records: list[Record]) -> str:
    """How often students tried, and what they would earn by guessing, in a sentence."""
    often = [record for record in records if len(record.attempts) > 1]
    most = max(records, key=lambda record: len(record.attempts))
    guessed = guessing.guesses(solutions.problem_set, [solutions[record.code] for record in records])
    earned = guessing.told(solutions.problem_set, guessed, max(2, len(most.attempts)))
    students = f"{len(often)} of {len(records)} students have more than one attempt"
    return f"the best attempt counts: {students}, {most.id} the most, {len(most.attempts)}; {earned}"


def _known(released: Released, students: pd.DataFrame, rows: list[dict[str, str]], earlier: list[Record]) -> Before:
    """What a delivery is read with: answers of a person, earlier files, and whose each code is."""
    codes: dict[str, tuple[str, ...]] = {}
    for id, assigned in released.students.items():
        codes[assigned.code] = (*codes.get(assigned.code, ()), id)
    return Before(unmatched.answers(rows, students.index), {record.name: record.id for record in earlier}, codes)


def _refuse_given_to_another(found: list[Submission], earlier: list[Record]) -> None:
    """A file that was one student's and now is another's: what it gave the first must go by a command that says so."""
    owners = {(record.name, record.sha256): record.id for record in earlier if record.name}
    for each in found:
        if (first := owners.get((each.name, each.sha256), each.student)) != each.student:
            raise Refusal(
                f"{each.name} is {each.student}'s now, and {first} has a record of it: withdraw {first} first"
            )


def _standing(out: Path, problem_set: ProblemSet, released: Released) -> Results | None:
    """What stands in `out`, if anything does; results of another release or source are refused."""
    if not (out / GRADING).exists():
        return None
    before = Results.read(out)
    before.refuse_another(problem_set, released)
    if before.grades and (out / GRADES).exists():
        before.refuse_edited(out)
    return before


def _refuse_nested(out: Path, submissions: Path) -> None:
    first, second = out.resolve(), submissions.resolve()
    if first.is_relative_to(second) or second.is_relative_to(first):
        raise Refusal(f"results and submissions must lie apart, neither in the other: got {out} and {submissions}")
