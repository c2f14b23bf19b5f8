"""Grade a release: from a delivery to points, pages and a proposal, in one call."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from casestudy.classroom import late
from casestudy.classroom.grading.rescore import changes
from casestudy.classroom.grading.results import GRADES, GRADING, Results, finish, lapsed, locked, read_grades
from casestudy.classroom.grading.run import Running, chosen, run
from casestudy.classroom.late import Rule
from casestudy.classroom.records import HISTORY, RECORDS, Record, remember
from casestudy.classroom.records import read as records_of
from casestudy.classroom.release.release import Released, everyone, refuse_a_checkout
from casestudy.classroom.sets import guessing
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.submissions import unmatched
from casestudy.classroom.submissions.collect import Before, Submission, collect, told
from casestudy.classroom.submissions.unmatched import UNMATCHED, Odd
from casestudy.refusals import Refusal, nearest
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
    said: tuple[str, ...] = ()  # that a confirmation lapsed, and what is to be known of the late rule


@dataclass(frozen=True)
class Regraded:
    """What grading one student again gave. changed: who changed, by question or total, from what to what.

    said: which file ran, how it went before and now, and that a confirmation lapsed.
    """

    changed: pd.DataFrame
    said: list[str]


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
    rule: str | None = None,
) -> Graded:
    """Run what came back behind the wall, and propose points: grades, pages, texts and records go into `out`.

    release: the folder that `release` wrote; submissions: a folder, or the zip of a learning platform. roster: names,
    groups and due dates; without one, those that were known. keep: of several submissions the `latest`, and then no
    other is run unless it cannot be read, or the `best`; None: as before, else the latest. resume: go on with what
    stands in `out`, where no record is dropped: whom this delivery leaves out keeps theirs (`withdraw` removes one).
    manual: sheets with points filled in. collected: called with how many are to be run, finished: with each record.
    rule: what late work costs, as `late.Rule.read` has it; None: as before, else nothing.
    Files that belong to nobody, or to several, stand in `unmatched.csv` in `out`; whose they are is filled in there,
    and read back. Refused, before anything runs, where release, source or folders do not fit together.
    """
    if keep not in (None, *KEEP):
        raise Refusal(f"keep must be latest or best: got {keep!r}")
    asked = None if rule is None else Rule.asked(rule)
    released = _opened(problem_set, release, submissions, out)
    with _held(out):
        before = _standing(out, problem_set, released) if resume else None
        keep = keep or (before.keep if before else KEEP[0])
        costs = before.rule if rule is None and before else asked
        students, not_in_roster = everyone(released, roster, before.roster() if before else None)
        found, odd, rows = _collected(released, students, submissions, out, resume)
        if odd and not found and not before:
            if resume or not (out / RECORDS).exists():
                unmatched.write(out / UNMATCHED, odd, rows, ())
            ask = f"fill in the column id of {out / UNMATCHED}, or see --roster, and grade again"
            raise Refusal(f"none of {len(odd)} files in {submissions} belongs to anyone: {odd[0]}; {ask}")
        solutions = Solutions(problem_set)
        released.refuse_another(solutions)
        how = _hiding(how, release, submissions, roster)
        ran = run(solutions, released, found, out, how, resume, finished, keep, collected)
        unmatched.write(out / UNMATCHED, odd, rows, (submission.name for submission in found))
        counted = {one.id: one.sha256 for one in before.records if not one.of_group} if before else {}
        records = chosen(solutions, released, found, students, ran, keep, costs, counted)
        delivered = {submission.student for submission in found}
        standing = sorted({record.id for record in ran} - delivered)
        guessed = _guessing(solutions, records) if keep == "best" else ""
        grades = finish(solutions, released, students, records, out, manual, keep, guessed, costs)
        said = [lapsed(before.confirmed)] if before and before.confirmed else []
        said += late.told(costs, students["due"], records, before.late if before else None)
        waiting = len(unmatched.left(out))
    return Graded(grades, told(found, odd), standing, not_in_roster, guessed, waiting, tuple(said))


def regrade(
    problem_set: ProblemSet,
    release: Path,
    submissions: Path,
    out: Path,
    student: str,
    *,
    roster: Path | None = None,
    how: Running | None = None,
) -> Regraded:
    """Run one student's newer or same file again, by the rules that stand in `out`; nobody else is touched.

    The one exception: members of the group for whom this student's file counts. What stood before is kept as a line of
    `history.jsonl`, which `explain` shows. roster: another date, group or name of this student. A confirmation lapses.
    """
    released = _opened(problem_set, release, submissions, out)
    if student not in released.students:
        raise Refusal(f"the release has nothing for {student!r}; {nearest(student, released.students)}")
    with locked(out):
        before = _standing(out, problem_set, released) or Results.read(out)
        students, known = everyone(released, roster, before.roster())[0], before.roster()
        others = [id for id in known.index if id != student]
        students.loc[others] = known.loc[others, students.columns]
        found, odd, rows = _collected(released, students, submissions, out, resume=True)
        own = [each for each in found if each.student == student]
        if not own:
            more = f"; {len(odd)} files there fit nobody for sure: {odd[0]}" if odd else ""
            raise Refusal(f"{submissions} has nothing of {student}'s that could be run{more}")
        solutions = Solutions(problem_set)
        released.refuse_another(solutions)
        old = next((one for one in before.records if one.id == student), None)
        earlier = read_grades(out)
        if old:
            _remember(out, before, old, earlier)
        how = _hiding(how, release, submissions, roster)
        ran = run(solutions, released, own, out, how, True, keep=before.keep, again=True)
        unmatched.write(out / UNMATCHED, odd, rows, (each.name for each in own))
        new = {one.id: one for one in chosen(solutions, released, own, students, ran, before.keep, before.rule)}
        with_it = {student, *(one.id for one in before.records if one.of_group == student)}
        records = [new[one.id] if one.id in with_it else one for one in before.records]
        records += [] if old else [new[student]]
        finish(solutions, released, students, records, out, (), before.keep, before.guessing, before.rule)
        said = [_how_it_went(old, new[student]), *([lapsed(before.confirmed)] if before.confirmed else [])]
        said += late.told(before.rule, students["due"], [new[student]])
        return Regraded(changes(earlier, read_grades(out)), said)


def _remember(out: Path, before: Results, old: Record, grades: pd.DataFrame) -> None:
    """Keep what stood of a student, who had confirmed it, and when it was overtaken."""
    points = {str(name): str(cell) for name, cell in grades.loc[old.id].items()}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    remember(out / HISTORY, {"at": now, "confirmed": before.confirmed, "grades": points, "record": old.as_json()})


def _how_it_went(old: Record | None, new: Record) -> str:
    """Which file ran, and how it went before and now."""
    if old is None or not old.sha256:
        return f"{new.id}: ran {new.name}, where nothing was before: {new.status}"
    same = "the same file" if old.sha256 == new.sha256 else f"another file than {old.name}"
    status = new.status if old.status == new.status else f"{new.status}, {old.status} before"
    return f"{new.id}: ran {new.name}, {same}: {status}"


def _opened(problem_set: ProblemSet, release: Path, submissions: Path, out: Path) -> Released:
    """The release; where it is another set's, or the folders do not fit together, it is refused."""
    released = Released.read(release)
    released.refuse_another_set(problem_set)
    _refuse_nested(out, submissions)
    refuse_a_checkout(out)
    return released


@contextmanager
def _held(out: Path) -> Iterator[None]:
    """`out` for this command alone; made where it is not there, and gone again if nothing came into it."""
    made = not out.is_dir()
    private_folder(out)
    try:
        with locked(out):
            yield
    finally:
        if made:
            with suppress(OSError):  # it holds something
                out.rmdir()


def _collected(
    released: Released, students: pd.DataFrame, submissions: Path, out: Path, resume: bool
) -> tuple[list[Submission], list[Odd], list[dict[str, str]]]:
    """What came, read with what was answered before: submissions, files of nobody, and the rows that stood there."""
    rows, earlier = unmatched.read(out / UNMATCHED), records_of(out / RECORDS) if resume else []
    found, odd = collect(submissions, students, _known(released, students, rows, earlier))
    _refuse_given_to_another(found, earlier)
    return found, odd, rows


def _hiding(how: Running | None, *files: Path | None) -> Running:
    """With the lecturer's files hidden from students' code."""
    how = how or Running()
    return replace(how, hidden=(*how.hidden, *filter(None, files)))


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
