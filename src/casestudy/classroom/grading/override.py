"""Give a question's points in place of a program or a marker, with a reason: a person has the last word."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from casestudy.classroom.grading.results import Results, lapsed, locked, losses_of, rows_of, write
from casestudy.classroom.grading.sheets import points_of
from casestudy.classroom.late import LOSS
from casestudy.classroom.records import Override, Record
from casestudy.classroom.sets.marks import WAITING
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.spreadsheets import column, decoded, neutral, table
from casestudy.refusals import Refusal, file_access, nearest

COLUMNS = ("student_id", "question", "points", "out_of", "before", "reason")
NEEDED = ("student_id", "question", "points", "reason")
LONGEST = 500  # characters of a reason


@dataclass(frozen=True)
class Wanted:
    """Points that a person wants to give, as they were typed. where: what a refusal begins with."""

    student: str
    question: str
    points: str
    reason: str
    where: str = ""


def override(problem_set: ProblemSet, out: Path, wanted: Iterable[Wanted]) -> list[str]:
    """Give points in `out` that count before all others, whatever is graded or rescored later; a sentence each.

    All of it or nothing; what stands so already is left out. A confirmation lapses, for it was of other marks. Beside
    questions, LOSS is what comes off for being late.
    """
    with locked(out):
        return _overridden(problem_set, out, wanted)


def _overridden(problem_set: ProblemSet, out: Path, wanted: Iterable[Wanted]) -> list[str]:
    results, solutions = _opened(problem_set, out), Solutions(problem_set)
    standing, sentences = _points(solutions, results), []
    seen: set[tuple[str, str]] = set()
    still_late: dict[str, str] = {}  # by student
    for one in wanted:
        record, points, reason = _checked(problem_set, results, out, one)
        own, key = results.overrides.get(one.student, {}), (one.student, one.question)
        if key in seen:
            raise Refusal(f"{one.where}{one.student} {one.question} stands in two rows")
        seen.add(key)
        earlier, was = own.get(one.question), standing.get(key)
        if earlier and (earlier.points, neutral(earlier.reason)) == (points, neutral(reason)):
            continue
        before = earlier.now if earlier else was or 0.0
        given = Override(points, reason, before, before, record.sha256)
        results.overrides[one.student] = own | {one.question: given}
        sentences.append(f"{one.student} {one.question}: {points:g} given, {_shown(was) or 'not read'} before")
        if one.question != LOSS and standing.get((one.student, LOSS)) and LOSS not in own:
            still_late[one.student] = (
                f"{one.student} was late: that still costs points; override {one.student} {LOSS} 0 undoes it"
            )
    sentences += still_late.values()
    return [*sentences, *_written(solutions, results, out)] if sentences else ["nothing was changed"]


def undo(problem_set: ProblemSet, out: Path, student: str, question: str) -> list[str]:
    """Take an override back: the points are again those of a program or a marker."""
    with locked(out):
        return _undone(problem_set, out, student, question)


def _undone(problem_set: ProblemSet, out: Path, student: str, question: str) -> list[str]:
    results, solutions = _opened(problem_set, out), Solutions(problem_set)
    results.record(student, out)
    own = results.overrides.get(student, {})
    if question not in own:
        known = nearest(question, own) if own else "there are none"
        raise Refusal(f"{student} has no override of {question!r}; {known}")
    taken = own.pop(question)
    if not own:
        del results.overrides[student]
    nothing = 0.0 if question == LOSS else None
    again = _shown(_points(solutions, results).get((student, question), nothing)) or "not read"
    sentence = f"{student} {question}: {again} again, {taken.points:g} before"
    return [sentence, *_written(solutions, results, out)]


def template(problem_set: ProblemSet, out: Path) -> str:
    """Everybody's points by question as CSV for a spreadsheet, to be changed where a reason is given."""
    results = _opened(problem_set, out)
    out_of = {question.id: question.points for question in problem_set.questions}
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    out_of[LOSS] = sum(out_of.values())
    for (student, question), points in _points(Solutions(problem_set), results).items():
        if question == LOSS and not points and LOSS not in results.overrides.get(student, {}):
            continue
        earlier = results.overrides.get(student, {}).get(question)
        reason, shown = neutral(earlier.reason) if earlier else "", _shown(points)
        writer.writerow([student, question, shown, f"{out_of[question]:g}", shown, reason])
    return "\ufeff" + file.getvalue()


def read(path: Path) -> list[Wanted]:
    """The rows of a filled-in CSV that ask for other points; those that nobody changed are left out."""
    with file_access(f"read {path}"):
        lines = table(decoded(path.read_bytes()))
    header = [column(name) for name in lines[0]] if lines else []
    if missing := [name for name in NEEDED if name not in header]:
        raise Refusal(f"{path.name} needs the columns {', '.join(NEEDED)}: there is no {missing[0]}")
    wanted = []
    for number, line in enumerate(lines[1:], 2):
        row = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(header, line, strict=False)}
        points, before = points_of(row["points"]), points_of(row["before"])  # `2,0` is no other number than `2`
        if row["reason"] or (row["points"] != row["before"] if None in (points, before) else points != before):
            student, question, given, reason = (row[name] for name in NEEDED)
            wanted.append(Wanted(student, question, given, reason, f"{path.name} row {number}: "))
    return wanted


def unneeded(out: Path) -> list[str]:
    """A sentence for each override in `out` that the marks have come to by now."""
    results, sentences = Results.read(out), []
    for student, own in sorted(results.overrides.items()):
        for question, given in own.items():
            if given.overtaken:
                without = f"it gave {given.points:g}, and {given.now:g} stand without it"
                sentences.append(f"the override of {student} {question} is no longer needed: {without}")
    return sentences


def _opened(problem_set: ProblemSet, out: Path) -> Results:
    results = Results.read(out)
    results.refuse_another_source(problem_set)
    results.refuse_edited(out)
    return results


def _checked(problem_set: ProblemSet, results: Results, out: Path, one: Wanted) -> tuple[Record, float, str]:
    """The student's record, the points and the reason; what cannot be given is refused."""
    asked = {question.id: question for question in problem_set.questions}
    points, reason = points_of(one.points.strip()), " ".join(one.reason.split())
    try:
        record = results.record(one.student, out)
    except Refusal as refusal:
        raise Refusal(f"{one.where}{refusal}") from None
    if one.question == LOSS and not results.late and LOSS not in results.overrides.get(one.student, {}):
        raise Refusal(f"{one.where}{LOSS} is what comes off by a late rule, and none stands: see rescore --late")
    if one.question not in (*asked, LOSS):
        raise Refusal(f"{one.where}no question {one.question!r}; {nearest(one.question, (*asked, LOSS))}")
    most = sum(q.points for q in asked.values()) if one.question == LOSS else asked[one.question].points
    if points is None or points > most:
        raise Refusal(f"{one.where}points of {one.question} go from 0 to {most:g}: got {one.points!r}")
    if not reason or len(reason) > LONGEST:
        came = f"{len(reason)} characters" if reason else "nothing"
        what = f"the student reads why a person gave points: a reason of at most {LONGEST} characters is needed"
        raise Refusal(f"{one.where}{what}, got {came}")
    return record, points, reason


def _points(solutions: Solutions, results: Results) -> dict[tuple[str, str], float | None]:
    """The points that stand, by student and question, None where a text was not read yet; and what comes off."""
    rows, points = rows_of(solutions, results), {}
    losses = losses_of(rows, results)
    for record, marked, given in rows:
        for mark in marked:
            waits = None if mark.note in WAITING else mark.points
            points[record.id, mark.question] = (given or {}).get(mark.question, waits)
        if record.id in losses:
            points[record.id, LOSS] = losses[record.id].points
    return points


def _shown(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def _written(solutions: Solutions, results: Results, out: Path) -> list[str]:
    """Write the results, which nobody has confirmed as they are now; a sentence where somebody had."""
    name, results.confirmed = results.confirmed, ""
    write(solutions, results, out)
    return [lapsed(name)] if name else []
