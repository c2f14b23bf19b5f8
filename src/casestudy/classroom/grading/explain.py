"""Explain one student's marks for an appeal: what was held against what, and the fingerprints of all it rests on."""

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from casestudy.classroom.grading.results import Results, losses_of, marked, rows_of
from casestudy.classroom.records import HISTORY, history, sha
from casestudy.classroom.sets import seeds
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet

KEPT = (
    "id",
    "name",
    "sent",
    "status",
    "flags",
    "late_minutes",
    "late_days",
    "attempts",
    "errors",
    "code",
    "cpu_s",
    "limits",
)


def explain(problem_set: ProblemSet, folder: Path, student: str) -> dict[str, Any]:
    """One student's record in `folder`, which grading wrote, with the right answers beside it, fit for JSON."""
    results = Results.read(folder)
    results.refuse_another_source(problem_set)
    record = results.record(student, folder)
    solutions, manual, overrides = (
        Solutions(problem_set),
        results.manual.get(student, {}),
        results.overrides.get(student, {}),
    )
    solved, questions = solutions[record.code], {question.id: question for question in problem_set.questions}
    compared: list[dict[str, Any]] = [
        {
            "question": mark.question,
            "points": manual.get(mark.question, mark.points) if given is None else given.points,
            "out_of": mark.out_of,
            "override": None if given is None else asdict(given),
            "note": "given" if given else "read" if mark.question in manual else mark.note,
            "credit": 0.0 if mark.mistake is None else round(solved.wrong[mark.mistake][0].credit * mark.out_of, 3),
            "mistake": None if mark.mistake is None else solved.wrong[mark.mistake][0].hints["en"][0],
            "answers": {
                answer.name: {
                    "given": record.values.get(answer.name),
                    "problem": record.problems.get(answer.name),
                    "right": solved.right[mark.question][answer.name],
                    "rtol": answer.rtol,
                    "atol": answer.atol,
                }
                for answer in questions[mark.question].answers
            },
        }
        for mark in marked(solutions, record)
        for given in [overrides.get(mark.question)]
    ]
    prints = {
        "submission": record.sha256,
        "source": sha(problem_set.path.read_bytes()),
        "data": seeds.fingerprint(solved.data),
        "package": version("casestudy"),
    }
    kept = record.as_json()
    about = {name: kept[name] for name in KEPT}
    lost = losses_of([row for row in rows_of(solutions, results) if row[0].id == student], results).get(student)
    out_of = sum(one["out_of"] for one in compared)
    earned = sum(one["points"] for one in compared)
    about |= {"late": asdict(lost) | {"said": lost.sentence(out_of)} if lost else None}
    about |= {"total": lost.total if lost else round(earned, 3), "out_of": out_of, "confirmed": results.confirmed}
    past = history(folder / HISTORY, student)
    earlier = [{name: entry.get(name) for name in ("at", "confirmed", "grades")} for entry in past]
    return about | {"fingerprints": prints, "questions": compared, "texts": kept["texts"], "earlier": earlier}
