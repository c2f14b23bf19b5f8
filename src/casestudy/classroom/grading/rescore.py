"""Mark reported values again by a corrected source, without running anyone's code."""

from pathlib import Path

import pandas as pd

from casestudy.classroom.grading.results import Results, read_grades, write
from casestudy.classroom.sets import seeds
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal

UNMARKED = ["status", "flags", "late_minutes", "attempts", "out_of", "overridden"]  # columns that no source changes


def rescore(problem_set: ProblemSet, out: Path) -> pd.DataFrame:
    """Mark the results in `out` anew; who changed, by question, from what to what. A confirmation lapses."""
    results, solutions = Results.read(out), Solutions(problem_set)
    if (problem_set.name, problem_set.version) != (results.problem_set, results.version):
        ours = f"{problem_set.name} version {problem_set.version}"
        raise Refusal(f"the results are of {results.problem_set} version {results.version}, the source is {ours}")
    for record in results.records:
        if seeds.fingerprint(solutions[record.code].data) != record.data:
            raise Refusal(f"the source draws other figures than those that {record.id} had: undo that first")
    before, results.confirmed = read_grades(out), ""
    write(solutions, results, out)
    return changes(before, read_grades(out))


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Who changed between two tables of grades: student_id, what, before, after."""
    rows = []
    for id in after.index:
        for column in after.columns.difference(UNMARKED, sort=False):
            old, new = before.at[id, column] if id in before.index and column in before else "", after.at[id, column]
            if str(old) != str(new):
                rows.append({"student_id": id, "what": column, "before": old, "after": new})
    return pd.DataFrame(rows, columns=["student_id", "what", "before", "after"])
