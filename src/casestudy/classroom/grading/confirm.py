"""Confirm marks: say on the pages who stands for them."""

from pathlib import Path

from casestudy.classroom.grading.results import GRADES, Results, rows_of, table, write
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal, file_access


def confirm(problem_set: ProblemSet, out: Path, by: str) -> None:
    """Name who stands for the marks in `out` as they are; where a person must look first, they stay a proposal."""
    if not (name := " ".join(by.split())):
        raise Refusal("a confirmation needs the name of who stands for the marks: got nothing")
    results, solutions = Results.read(out), Solutions(problem_set)
    results.refuse_another_source(problem_set)
    with file_access(f"read {out / GRADES}"):
        standing = (out / GRADES).read_text(encoding="utf-8")
    if standing != table(rows_of(solutions, results)).to_csv(lineterminator="\n"):
        raise Refusal(f"{out / GRADES} is not what the marks come to now: see first what rescore changes")
    results.confirmed = name
    write(solutions, results, out)
