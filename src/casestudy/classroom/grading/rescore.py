"""Mark reported values again by a corrected source, without running anyone's code."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from casestudy.classroom import late
from casestudy.classroom.grading.results import GRADES, Results, lapsed, locked, read_grades, write
from casestudy.classroom.grading.sheets import points_of
from casestudy.classroom.late import LOSS, Rule
from casestudy.classroom.release import roster as rosters
from casestudy.classroom.sets import seeds
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.spreadsheets import decoded, table
from casestudy.refusals import Refusal, file_access, nearest

UNMARKED = ["status", "flags", "late_minutes", "attempts", "out_of", "overridden"]  # columns that no source changes


def rescore(
    problem_set: ProblemSet,
    out: Path,
    rule: str | None = None,
    roster: Path | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> pd.DataFrame:
    """Mark the results in `out` anew; who changed, by question, from what to what.

    rule: another late rule, as `Rule.read` has it; None: the one that stands. roster: other dates in its column `due`.
    tell: called with what else is to be said: a confirmation lapses, the rule is another.
    """
    with locked(out):
        changed, said = _rescored(problem_set, out, rule, roster)
    for sentence in said:
        tell(sentence)
    return changed


def _rescored(
    problem_set: ProblemSet, out: Path, rule: str | None, roster: Path | None
) -> tuple[pd.DataFrame, list[str]]:
    results, solutions = Results.read(out), Solutions(problem_set)
    if (problem_set.name, problem_set.version) != (results.problem_set, results.version):
        ours = f"{problem_set.name} version {problem_set.version}"
        raise Refusal(f"the results are of {results.problem_set} version {results.version}, the source is {ours}")
    for record in results.records:
        if seeds.fingerprint(solutions[record.code].data) != record.data:
            raise Refusal(f"the source draws other figures than those that {record.id} had: undo that first")
    _refuse_lost(problem_set, results)
    said = [lapsed(results.confirmed)] if results.confirmed else []
    if rule is not None or roster:
        earlier, results.late = results.late, results.late if rule is None else str(Rule.asked(rule) or "")
        if roster:
            _extend(results, roster)
        dues = {id: student.get("due", "") for id, student in results.students.items()}
        results.records = [late.dated(record, dues[record.id]) for record in results.records]
        said += late.told(results.rule, dues.values(), results.records, earlier)
    before, results.confirmed = _standing(out), ""
    write(solutions, results, out)
    return changes(before, read_grades(out)), said


def _extend(results: Results, path: Path) -> None:
    """Take the dates of a roster over; who is not in it keeps theirs, and a roster without any changes none."""
    people = rosters.read(path)
    if stranger := next((id for id in people.index if id not in results.students), None):
        hint = nearest(stranger, results.students)
        raise Refusal(f"{path.name}: {stranger!r} is in no row of these results; {hint}")
    for id, due in people["due"].items() if people["due"].any() else ():
        results.students[str(id)]["due"] = due


def _refuse_lost(problem_set: ProblemSet, results: Results) -> None:
    """Refuse a source without a question for which students wrote, or a person gave, something."""
    held = {question for record in results.records for question, text in record.texts.items() if text}
    held |= {question for given in results.manual.values() for question in given}
    held |= {question for given in results.overrides.values() for question in given if question != LOSS}
    if gone := sorted(held - {question.id for question in problem_set.questions}):
        raise Refusal(
            f"the source must have each question that was answered in words or got points from a person: "
            f"{', '.join(gone)} is gone; put it back under that id"
        )


def _standing(out: Path) -> pd.DataFrame:
    """grades.csv as it stands, whoever changed or saved it meanwhile; empty where it is gone or no table of grades."""
    path = out / GRADES
    if not path.exists():
        return pd.DataFrame()
    with file_access(f"read {path}"):
        lines = [line for line in table(decoded(path.read_bytes())) if line]
    header = lines[0] if lines else []
    if "student_id" not in header:
        return pd.DataFrame()
    rows = [dict(zip(header, line, strict=False)) for line in lines[1:]]
    standing = pd.DataFrame(rows, columns=header).fillna("").drop_duplicates("student_id")
    return standing.set_index("student_id")


def _same(old: str, new: object) -> bool:
    """Whether two cells say the same, be it with a decimal comma."""
    number = points_of(old.strip())
    return old.strip() == str(new) or (number is not None and number == points_of(str(new)))


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Who changed between two tables of grades: student_id, what, before, after."""
    rows = []
    for id in after.index:
        for column in after.columns.difference(UNMARKED, sort=False):
            old, new = before.at[id, column] if id in before.index and column in before else "", after.at[id, column]
            if not _same(str(old), new):
                rows.append({"student_id": id, "what": column, "before": old, "after": new})
    return pd.DataFrame(rows, columns=["student_id", "what", "before", "after"])
