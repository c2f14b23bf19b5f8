"""What grading leaves behind: points, pages, texts to read, and the record that answers an appeal."""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from casestudy.classroom import late, likeness
from casestudy.classroom.feedback import page as feedback
from casestudy.classroom.feedback import summary
from casestudy.classroom.feedback.calibration import calibration
from casestudy.classroom.feedback.summary import Row
from casestudy.classroom.grading import sheets, similarity
from casestudy.classroom.late import LOSS, Loss, Rule
from casestudy.classroom.records import Override, Record, sha
from casestudy.classroom.release.release import Released
from casestudy.classroom.release.roster import COLUMNS
from casestudy.classroom.sets import marks
from casestudy.classroom.sets.agreement import comparable
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.classroom.shapes import misfit
from casestudy.classroom.submissions import unmatched
from casestudy.refusals import Refusal, file_access, nearest
from casestudy.staging import alone, private_file, private_folder

GRADING, GRADES = "grading.json", "grades.csv"
EDITED = "is not what the marks come to now: see first what rescore changes; points of your own go in by override"


@dataclass
class Results:
    """One graded release: whose, from which source, one record a student, and the points that persons gave."""

    problem_set: str
    version: int
    term: str
    source: str  # hash of the source that the points rest on
    seed: str  # of the texts' codes and order
    students: dict[str, dict[str, str]]
    records: list[Record]
    manual: dict[str, dict[str, float]]  # of texts, by student and question
    keep: str = "latest"  # of several submissions
    confirmed: str = ""  # who stands for the marks; nobody, once they are worked out again
    grades: str = ""  # fingerprint of grades.csv as it was written
    overrides: dict[str, dict[str, Override]] = field(default_factory=dict)  # by student and question
    guessing: str = ""  # what it earns, where the best attempt counts
    late: str = ""  # what late work costs: the rule's words, or nothing

    @property
    def rule(self) -> Rule | None:
        """What late work costs."""
        return Rule.read(self.late)

    @classmethod
    def read(cls, folder: Path) -> "Results":
        """From a folder that `exercises grade` wrote."""
        try:
            kept = json.loads((folder / GRADING).read_text(encoding="utf-8"))
            if wrong := misfit(cls, kept) or _astray(kept):
                raise ValueError(f"at {wrong}")
            kept["records"] = [Record.from_json(record) for record in kept["records"]]
            overrides = kept.get("overrides", {})
            kept["overrides"] = {
                id: {question: Override(**given) for question, given in own.items()} for id, own in overrides.items()
            }
            Rule.read(kept.get("late", ""))
            return cls(**{entry.name: kept[entry.name] for entry in fields(cls) if entry.name in kept})
        except OSError:
            raise Refusal(f"{folder} holds no results: it needs {GRADING} as `exercises grade` wrote it") from None
        except (ValueError, RecursionError) as error:
            why = f"{GRADING} is not as `exercises grade` wrote it"
            raise Refusal(f"{folder} holds no results that can be read: {why} ({error})") from None

    def refuse_another(self, problem_set: ProblemSet, released: Released) -> None:
        """Refuse to go on with another release, or with another source than the one that the points rest on."""
        if (self.problem_set, self.version, self.term) != (released.problem_set, released.version, released.term):
            ours = f"these results are of {self.problem_set}, {self.term}"
            raise Refusal(f"{ours}: name another folder, or the release that they are of")
        self.refuse_another_source(problem_set)

    def refuse_another_source(self, problem_set: ProblemSet) -> None:
        """Refuse a source other than the one that the points rest on."""
        if self.source != sha(problem_set.path.read_bytes()):
            raise Refusal("the points rest on another source: name it with --sets, or use rescore")

    def refuse_edited(self, folder: Path) -> None:
        """Refuse a grades.csv in `folder` that is not the one written with these results."""
        with file_access(f"read {folder / GRADES}", "rescore writes it anew"):
            standing = (folder / GRADES).read_bytes()
        if self.grades != sha(standing):
            raise Refusal(f"{folder / GRADES} {EDITED}")

    def record(self, student: str, folder: Path) -> Record:
        """One student's record; who has none in `folder` is refused with the nearest id."""
        known = {record.id: record for record in self.records}
        if student not in known:
            raise Refusal(f"{folder} has no record of {student!r}; {nearest(student, known)}")
        return known[student]

    def reasons(self) -> dict[str, dict[str, str]]:
        """Why a person gave points in place of others, by student and question."""
        return {id: {question: given.reason for question, given in own.items()} for id, own in self.overrides.items()}

    def groups(self) -> dict[str, str]:
        """The group that each student hands in with, where there is one."""
        return {id: group for id, student in self.students.items() if (group := student.get("group", ""))}

    def roster(self) -> pd.DataFrame:
        """Everyone graded, as the roster had them."""
        frame = pd.DataFrame.from_dict(self.students, orient="index", columns=list(COLUMNS[1:]))
        return frame.fillna("").rename_axis("student_id")


def lapsed(name: str) -> str:
    """What is said where marks change that somebody had confirmed."""
    return f"the confirmation by {name} has lapsed: confirm these marks anew"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other commands out of a results folder, so that none loses what another one wrote."""
    if not folder.is_dir():  # whoever reads it says so
        yield
        return
    with alone(folder, "another command is at work on", "wait until it is done"):
        yield


def finish(
    solutions: Solutions,
    released: Released,
    students: pd.DataFrame,
    records: list[Record],
    out: Path,
    manual: Iterable[Path] = (),
    keep: str = "latest",
    guessing: str = "",
    rule: Rule | None = None,
) -> pd.DataFrame:
    """Points, pages, texts and the record of it all; what persons gave stays with its text. The table comes back.

    manual: sheets that markers filled in now; where one is refused, nothing is written. guessing: what it earns.
    rule: what late work costs.
    """
    before = Results.read(out) if (out / GRADING).exists() else None
    problem_set = solutions.problem_set
    results = Results(
        problem_set.name,
        problem_set.version,
        released.term,
        "",
        before.seed if before else secrets.token_hex(16),
        {str(id): dict(student) for id, student in students.iterrows()},
        records,
        {},
        keep,
    )
    if before:
        unchanged = sheets.unchanged(problem_set, before.records, records, results.seed)
        for id, given in before.manual.items():
            if kept := {question: points for question, points in given.items() if (id, question) in unchanged}:
                results.manual[id] = kept
    for id, points in sheets.merge(problem_set, manual, records, results.seed).items():
        results.manual.setdefault(id, {}).update(points)
    results.overrides = before.overrides if before else {}
    results.guessing, results.late = guessing, str(rule) if rule else ""
    return write(solutions, results, out, manual)


def write(solutions: Solutions, results: Results, out: Path, manual: Iterable[Path] = ()) -> pd.DataFrame:
    """grades.csv, a feedback page a student, summary.html, the texts to read and grading.json, each file whole."""
    problem_set, waiting = solutions.problem_set, unmatched.left(out)
    for record in results.records:
        refuse_another_form(solutions, record)
    flags = similarity.flags(similarity.same_as(solutions, results.records))
    alike = likeness.flags(problem_set, results.records, results.groups())
    records = [
        replace(
            record,
            flags=tuple(sorted({*_own(record.flags), *flags.get(record.id, []), *alike.get(record.id, [])})),
        )
        for record in results.records
    ]
    results.records, results.source = records, sha(problem_set.path.read_bytes())
    results.overrides = _overrides_now(solutions, results)
    rows = rows_of(solutions, results)
    losses = losses_of(rows, results)
    grades = table(rows, results.overrides, losses)
    text = grades.to_csv(lineterminator="\n")
    results.grades = sha(text.encode())
    # a sheet that cannot be read is refused before anything is replaced
    sheets.write(problem_set, records, results.seed, out / "texts", results.manual, manual)
    private_folder(out / "feedback")
    for record, own, given in rows:
        name, data = results.students[record.id]["name"], solutions[record.code].data
        overrides = results.overrides.get(record.id, {})
        lost = losses.get(record.id)
        page = feedback.page(problem_set, name, record, own, given, data, results.confirmed, overrides, lost)
        private_file(out / "feedback" / f"{record.id}.html", page)
    guessed = calibration(solutions, records)
    page = summary.summary(
        problem_set, rows, results.confirmed, results.overrides, results.guessing, waiting, guessed, losses
    )
    private_file(out / "summary.html", page)
    private_file(out / GRADES, text)
    kept = {entry.name: getattr(results, entry.name) for entry in fields(Results)} | {"package": version("casestudy")}
    kept["records"] = [record.as_json() for record in records]
    kept["overrides"] = {
        id: {question: asdict(given) for question, given in own.items()} for id, own in results.overrides.items()
    }
    private_file(out / GRADING, json.dumps(kept, indent=1) + "\n")
    return grades


def rows_of(solutions: Solutions, results: Results) -> list[Row]:
    """Each record with its marks and the points that a person gave, to texts or in place of others."""
    rows: list[Row] = []
    for record in results.records:
        own = results.overrides.get(record.id, {})
        overrides = {question: given.points for question, given in own.items() if question != LOSS}
        rows.append((record, marked(solutions, record), results.manual.get(record.id, {}) | overrides))
    return rows


def _overrides_now(solutions: Solutions, results: Results) -> dict[str, dict[str, Override]]:
    """The overrides, each with what the points would be without it."""
    now = dict(results.overrides)
    by_rule = losses_of(rows_of(solutions, results), results, by_person=False)
    for record in results.records:
        if own := now.get(record.id):
            points = {mark.question: mark.points for mark in marked(solutions, record)}
            points |= results.manual.get(record.id, {})
            points[LOSS] = by_rule[record.id].points if record.id in by_rule else 0.0
            now[record.id] = {
                question: replace(given, now=points.get(question, given.now)) for question, given in own.items()
            }
    return now


def _astray(kept: Mapping[str, Any]) -> str:
    """Whose record has no student of the roster, or whose student no name; empty where all do."""
    if not kept["records"]:
        return "records"
    astray = (record["id"] for record in kept["records"] if "name" not in kept["students"].get(record["id"], {}))
    return next((f"{id!r} stands in records and not in students" for id in astray), "")


def losses_of(rows: Iterable[Row], results: Results, by_person: bool = True) -> dict[str, Loss]:
    """What comes off for being late, by student; nobody stands in it where no rule does and no person gave a number."""
    rule, losses = results.rule, {}
    for record, own, given in rows:
        one = results.overrides.get(record.id, {}).get(LOSS) if by_person else None
        earned, out_of = marks.total(own, given), sum(mark.out_of for mark in own)
        if lost := late.loss(rule, record, earned, out_of, one):
            losses[record.id] = lost
    return losses


def _own(flags: Iterable[str]) -> list[str]:
    """Without those that hold one student's work against another's, which are worked out anew."""
    return [flag for flag in flags if not flag.startswith(("same_as:", f"{likeness.FLAG}:"))]


def refuse_another_form(solutions: Solutions, record: Record) -> None:
    """Refuse values that cannot be held against right ones, since somebody changed the record or the answer's kind."""
    declared = {answer.name: answer for question in solutions.problem_set.questions for answer in question.answers}
    for name, value in record.values.items():
        if name in declared and not comparable(declared[name], value):
            raise Refusal(f"the record of {record.id} holds for {name} what no {declared[name].kind} can be")


def marked(solutions: Solutions, record: Record) -> list[marks.Marked]:
    """A record's questions with their points, worked out anew on its code's figures."""
    refuse_another_form(solutions, record)
    solved = solutions[record.code]
    return marks.mark(solutions.problem_set, solved, record.values, record.texts, record.problems)


def graded(solutions: Solutions, results: Results) -> pd.DataFrame:
    """The table of grades that these results come to now."""
    rows = rows_of(solutions, results)
    return table(rows, results.overrides, losses_of(rows, results))


def table(
    graded: Iterable[Row], overrides: Mapping[str, Iterable[str]], losses: Mapping[str, Loss] | None = None
) -> pd.DataFrame:
    """One row a student: status, flags, minutes late, points by question, total. A proposal that a person confirms.

    overrides: by student, the questions of which a person gave the points in place of a program or a marker. losses:
    what comes off for being late; then the total is without it, and it has a column of its own.
    """
    rows, losses = [], losses or {}
    for record, own, given in sorted(graded, key=lambda row: row[0].id):
        given = given or {}
        row: dict[str, object] = {"student_id": record.id, "status": record.status, "flags": " ".join(record.flags)}
        row["late_minutes"] = "" if record.late_minutes is None else record.late_minutes
        row["attempts"] = len(record.attempts)
        for mark in own:
            row[mark.question] = given.get(mark.question, "" if mark.note in marks.WAITING else mark.points)
        lost, by_person = losses.get(record.id), overrides.get(record.id, ())
        row |= {LOSS: lost.points if lost else 0.0} if losses else {}
        total = lost.total if lost else marks.total(own, given)
        row |= {"total": total, "out_of": sum(mark.out_of for mark in own)}
        known = [*(mark.question for mark in own), LOSS]
        rows.append(row | {"overridden": " ".join(question for question in known if question in by_person)})
    return pd.DataFrame(rows).set_index("student_id")


def read_grades(folder: Path) -> pd.DataFrame:
    """grades.csv as it was written: ids are texts, empty cells stay empty."""
    grades = pd.read_csv(folder / GRADES, dtype={"student_id": str}, keep_default_na=False)
    return grades.set_index("student_id")
