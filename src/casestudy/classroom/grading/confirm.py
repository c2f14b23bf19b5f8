"""Confirm marks: say on the pages who stands for them; what nobody has confirmed leaves the house as a proposal."""

from pathlib import Path

import pandas as pd

from casestudy.classroom.grading.results import EDITED, GRADES, Results, graded, locked, read_grades, write
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal, file_access


def confirm(problem_set: ProblemSet, out: Path, by: str) -> None:
    """Name who stands for the marks in `out` as they are; where a person must look first, they stay a proposal."""
    if not (name := " ".join(by.split())):
        raise Refusal("a confirmation needs the name of who stands for the marks: got nothing")
    with locked(out):
        results, solutions = Results.read(out), Solutions(problem_set)
        results.refuse_another_source(problem_set)
        with file_access(f"read {out / GRADES}"):
            standing = (out / GRADES).read_bytes()
        if standing != graded(solutions, results).to_csv(lineterminator="\n").encode():
            raise Refusal(f"{out / GRADES} {EDITED}")
        results.confirmed = name
        write(solutions, results, out)


def standing(results: Results, folder: Path, proposal: bool) -> pd.DataFrame:
    """The grades in `folder` as somebody confirmed them, or with `proposal` as nobody did yet; changed ones never."""
    results.refuse_edited(folder)
    if not results.confirmed and not proposal:
        raise Refusal(f"nobody has confirmed the marks in {folder}: confirm them, or export them with --proposal")
    return read_grades(folder)
