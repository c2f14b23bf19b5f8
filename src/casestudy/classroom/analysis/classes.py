"""Classes as they were graded: one folder of results each, with the source that its points rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from casestudy.classroom.feedback.calibration import calibration
from casestudy.classroom.feedback.summary import Row, analysed, standing
from casestudy.classroom.grading.results import Results, rows_of
from casestudy.classroom.items import Item
from casestudy.classroom.records import sha
from casestudy.classroom.sets import source
from casestudy.classroom.sets.solve import Solutions
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal


@dataclass(frozen=True)
class Class:
    """One graded class. students: everyone in its roster; rows: those whose marks can stand, as they stand."""

    name: str
    term: str
    problem_set: ProblemSet
    students: int
    rows: list[Row]
    results: Results
    calibration: list[dict]

    @property
    def size(self) -> int:
        """How many students' marks can stand."""
        return len(self.rows)

    @cached_property
    def items(self) -> dict[str, Item]:
        """Each question's difficulty and discrimination."""
        return analysed(self.problem_set, self.rows)

    @property
    def ids(self) -> set[str]:
        """The students whose marks can stand."""
        return {record.id for record, _, _ in self.rows}


def read(folders: Sequence[Path], sets: Iterable[Path] = ()) -> list[Class]:
    """Results folders of one problem set, groups and terms; the first is what the others are held against.

    sets: folders of sets of one's own in which the source of each is looked for, by its hash; those of the case too.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise Refusal("each folder of results is named once: two of them are the same")
    kept = [Results.read(folder) for folder in folders]
    if len(names := sorted({results.problem_set for results in kept})) > 1:
        raise Refusal(f"an analysis is of one set, several times: got {', '.join(names)}; name those of one")
    looked_in = list(sets)
    classes = [
        _class(name, folder, results, looked_in)
        for name, folder, results in zip(_names(folders, kept), folders, kept, strict=True)
    ]
    if nobody := next((one for one in classes if not one.rows), None):
        raise Refusal(f"{nobody.name} has no marks that can stand: nothing can be told of it; leave it out")
    return classes


def _class(name: str, folder: Path, results: Results, sets: list[Path]) -> Class:
    results.refuse_edited(folder)
    problem_set = _source(folder, results, sets)
    solutions = Solutions(problem_set)
    rows = rows_of(solutions, results)
    final = standing(rows, results.overrides)
    guessed = calibration(solutions, [record for record, _, _ in final])
    return Class(name, results.term, problem_set, len(rows), final, results, guessed)


def _source(folder: Path, results: Results, sets: list[Path]) -> ProblemSet:
    """The source that the points of these results rest on."""
    for looked_in in (*sets, None):
        for path in source.found(looked_in):
            if path.parent.name == results.problem_set and sha(path.read_bytes()) == results.source:
                return source.load(path)
    raise Refusal(
        f"{folder} rests on a source of {results.problem_set} that is not at hand: name the folder of its set with "
        "--sets (once for each), or use rescore"
    )


def _names(folders: Sequence[Path], kept: Sequence[Results]) -> list[str]:
    """What each class is called: its term, and its folder where terms are alike."""
    terms = [results.term for results in kept]
    return [
        term if terms.count(term) == 1 else f"{term}, {folder.resolve().name}"
        for term, folder in zip(terms, folders, strict=True)
    ]
