"""What grading leaves behind: points, pages, texts to read, and the record that answers an appeal."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from casestudy.classroom import alike, feedback, marks, seeds, texts
from casestudy.classroom.release import Released
from casestudy.classroom.source import ProblemSet
from casestudy.classroom.work import worked_for
from casestudy.refusals import Refusal
from casestudy.staging import private_file, private_folder

GRADING, GRADES = "grading.json", "grades.csv"


@dataclass
class Results:
    """One graded release: whose, from which source, one record a student, and the points that persons gave."""

    problem_set: str
    version: int
    term: str
    source: str  # hash of the source that the points rest on
    seed: str  # of the texts' codes and order
    students: dict[str, dict[str, str]]
    records: list[dict]
    manual: dict[str, dict[str, float]]
    keep: str = "latest"  # of several submissions
    confirmed: str = ""  # who stands for the marks; nobody, once they are worked out again

    @classmethod
    def read(cls, folder: Path) -> "Results":
        """From a folder that `exercises grade` wrote."""
        try:
            told = json.loads((folder / GRADING).read_text(encoding="utf-8"))
            return cls(**{name: told[name] for name in cls.__dataclass_fields__ if name in told})
        except (OSError, ValueError, KeyError, TypeError):
            raise Refusal(f"{folder} holds no results: it needs {GRADING} as `exercises grade` wrote it") from None

    def refuse_another(self, problem_set: ProblemSet, released: Released) -> None:
        """Refuse to go on with another release, or with another source than the one that the points rest on."""
        if (self.problem_set, self.version, self.term) != (released.problem_set, released.version, released.term):
            told = f"these results are of {self.problem_set}, {self.term}"
            raise Refusal(f"{told}: name another folder, or the release that they are of")
        self.refuse_another_source(problem_set)

    def refuse_another_source(self, problem_set: ProblemSet) -> None:
        """Refuse a source other than the one that the points rest on."""
        if self.source != sha(problem_set.path.read_bytes()):
            raise Refusal("the points rest on another source: name it with --sets, or use rescore")

    def roster(self) -> pd.DataFrame:
        """Everyone graded, as the roster had them."""
        frame = pd.DataFrame.from_dict(self.students, orient="index", columns=["name", "email", "group", "due"])
        return frame.rename_axis("student_id")


def finish(
    problem_set: ProblemSet,
    released: Released,
    students: pd.DataFrame,
    records: list[dict],
    out: Path,
    manual: Iterable[Path] = (),
    keep: str = "latest",
) -> pd.DataFrame:
    """Points, pages, texts and the record of it all; what persons gave stays with its text. The table comes back.

    manual: sheets that markers filled in now; where one is refused, nothing is written.
    """
    before = Results.read(out) if (out / GRADING).exists() else None
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
        unchanged = texts.unchanged(problem_set, before.records, records, results.seed)
        for id, given in before.manual.items():
            if kept := {question: points for question, points in given.items() if (id, question) in unchanged}:
                results.manual[id] = kept
    for id, points in texts.merge(problem_set, manual, records, results.seed).items():
        results.manual.setdefault(id, {}).update(points)
    return write(problem_set, results, out, manual)


def write(problem_set: ProblemSet, results: Results, out: Path, manual: Iterable[Path] = ()) -> pd.DataFrame:
    """grades.csv, a feedback page a student, summary.html, the texts to read and grading.json, each file whole."""
    worked = {record["code"]: worked_for(problem_set, record["code"]) for record in results.records}
    flags = alike.flags(alike.same_as(problem_set, results.records, worked))
    records = [
        record | {"flags": sorted({*_own(record["flags"]), *flags.get(record["id"], [])})} for record in results.records
    ]
    results.records, results.source = records, sha(problem_set.path.read_bytes())
    rows = _rows(problem_set, results)
    grades = table(rows)
    # a sheet that cannot be read is refused before anything is replaced
    texts.write(problem_set, records, results.seed, out / "texts", results.manual, manual)
    private_folder(out / "feedback")
    for record, own, given in rows:
        student = {"id": record["id"], "name": results.students[record["id"]]["name"]}
        page = feedback.page(problem_set, student, record, own, given, worked[record["code"]].data, results.confirmed)
        private_file(out / "feedback" / f"{record['id']}.html", page)
    private_file(out / "summary.html", feedback.summary(problem_set, rows, results.confirmed))
    private_file(out / GRADES, grades.to_csv(lineterminator="\n"))
    told = {name: getattr(results, name) for name in Results.__dataclass_fields__} | {"package": version("casestudy")}
    private_file(out / GRADING, json.dumps(told, indent=1) + "\n")
    return grades


def rescore(problem_set: ProblemSet, results: Results, out: Path) -> pd.DataFrame:
    """Mark the reported values anew by a corrected source, without running anyone's code; who changed, and why."""
    if (problem_set.name, problem_set.version) != (results.problem_set, results.version):
        ours = f"{problem_set.name} version {problem_set.version}"
        raise Refusal(f"the results are of {results.problem_set} version {results.version}, the source is {ours}")
    for record in results.records:
        if seeds.fingerprint(worked_for(problem_set, record["code"]).data) != record["data"]:
            raise Refusal(f"the source draws other figures than those that {record['id']} had: undo that first")
    before, results.confirmed = read_grades(out), ""
    write(problem_set, results, out)
    return changes(before, read_grades(out))


def confirm(problem_set: ProblemSet, results: Results, out: Path, name: str) -> None:
    """Say on the pages who stands for the marks as they are; where a person must look first, they stay a proposal."""
    if not (name := " ".join(name.split())):
        raise Refusal("a confirmation needs the name of who stands for the marks: got nothing")
    results.refuse_another_source(problem_set)
    if (out / GRADES).read_text(encoding="utf-8") != table(_rows(problem_set, results)).to_csv(lineterminator="\n"):
        raise Refusal(f"{out / GRADES} is not what the marks come to now: see first what rescore changes")
    results.confirmed = name
    write(problem_set, results, out)


def _rows(problem_set: ProblemSet, results: Results) -> list[feedback.Row]:
    return [(record, marked(problem_set, record), results.manual.get(record["id"])) for record in results.records]


def _own(flags: list[str]) -> list[str]:
    return [flag for flag in flags if not flag.startswith("same_as:")]


def marked(problem_set: ProblemSet, record: dict) -> list[marks.Marked]:
    """A record's questions with their points, worked out anew on its code's figures."""
    worked = worked_for(problem_set, record["code"])
    return marks.mark(problem_set, worked, record["values"], record["texts"], record["problems"])


def table(graded: Iterable[feedback.Row]) -> pd.DataFrame:
    """One row a student: status, flags, minutes late, points by question, total. A proposal that a person confirms."""
    rows = []
    for record, own, given in sorted(graded, key=lambda row: row[0]["id"]):
        given = given or {}
        points = {one.question: given.get(one.question, "" if one.note in marks.WAITING else one.points) for one in own}
        row = {"student_id": record["id"], "status": record["status"], "flags": " ".join(record["flags"])}
        row |= {"late_minutes": "" if record["late_minutes"] is None else record["late_minutes"]} | points
        rows.append(row | {"total": marks.total(own, given), "out_of": sum(one.out_of for one in own)})
    return pd.DataFrame(rows).set_index("student_id")


def read_grades(folder: Path) -> pd.DataFrame:
    """grades.csv as it was written: ids are texts, empty cells stay empty."""
    grades = pd.read_csv(folder / GRADES, dtype={"student_id": str}, keep_default_na=False)
    return grades.set_index("student_id")


def explain(problem_set: ProblemSet, record: dict, manual: dict[str, float] | None = None) -> dict:
    """The record for an appeal: what was held against what, and the fingerprints of all that it rests on.

    manual: points that a person gave, by question.
    """
    worked = worked_for(problem_set, record["code"])
    compared = [
        {
            "question": one.question,
            "points": (manual or {}).get(one.question, one.points),
            "out_of": one.out_of,
            "note": "read" if one.question in (manual or {}) else one.note,
            "mistake": None if one.mistake is None else worked.wrong[one.mistake][0].hints["en"][0],
            "answers": {
                answer.name: {
                    "given": record["values"].get(answer.name),
                    "problem": record["problems"].get(answer.name),
                    "right": worked.right[one.question][answer.name],
                    "rtol": answer.rtol,
                    "atol": answer.atol,
                }
                for question in problem_set.questions
                if question.id == one.question
                for answer in question.answers
            },
        }
        for one in marked(problem_set, record)
    ]
    prints = {
        "submission": record["sha256"],
        "source": sha(problem_set.path.read_bytes()),
        "data": seeds.fingerprint(worked.data),
        "package": version("casestudy"),
    }
    kept = {key: record.get(key) for key in ("id", "name", "sent", "status", "flags", "late_minutes", "errors", "code")}
    return kept | {"fingerprints": prints, "questions": compared, "texts": record["texts"]}


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Who changed between two tables of grades, by question, from what to what."""
    rows = []
    for id in after.index:
        for column in after.columns.difference(["status", "flags", "late_minutes", "out_of"], sort=False):
            old, new = before.at[id, column] if id in before.index and column in before else "", after.at[id, column]
            if str(old) != str(new):
                rows.append({"student_id": id, "what": column, "before": old, "after": new})
    return pd.DataFrame(rows, columns=["student_id", "what", "before", "after"])


def sha(content: bytes) -> str:
    """A file's fingerprint."""
    return hashlib.sha256(content).hexdigest()
