"""A gradebook over several sets: points as they stand, what is missing named, and nothing counted as zero by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from casestudy.classroom.grading.confirm import standing
from casestudy.classroom.grading.export import PROPOSAL, waits, written
from casestudy.classroom.grading.results import Results
from casestudy.refusals import Refusal, nearest


@dataclass(frozen=True)
class Gradebook:
    """One row a student. unconfirmed: the sets whose marks nobody has confirmed; missing: by student, set and why."""

    table: pd.DataFrame
    unconfirmed: tuple[str, ...]
    missing: dict[str, dict[str, str]]

    def told(self) -> list[str]:
        """What is missing in sentences, one a set and reason; the table has it for each student."""
        whom: dict[tuple[str, str], list[str]] = {}
        for id, own in self.missing.items():
            for name, why in own.items():
                whom.setdefault((name, why), []).append(id)
        return [
            f"{name}, {len(ids)} {'students' if len(ids) > 1 else 'student'} {why}: {', '.join(ids[:5])}"
            f"{', ...' if len(ids) > 5 else ''}"
            for (name, why), ids in whom.items()
        ]

    def text(self, dialect: str = "plain") -> str:
        """As a spreadsheet reads it; dialects as those of `export`."""
        header = ["student_id", *self.table.columns]
        rows = [[id, *(None if value != value else value for value in row)] for id, *row in self.table.itertuples()]
        return written([header, *rows], dialect)


@dataclass
class _Set:
    """One set of the gradebook: everyone's points out of so many, or why there are none."""

    out_of: float
    points: dict[str, float] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)


def gradebook(
    folders: Sequence[Path],
    weights: Mapping[str, float] | None = None,
    drop: int = 0,
    *,
    proposal: bool = False,
    missing_as_zero: bool = False,
) -> Gradebook:
    """The points of several results folders together: sets, and groups of one set, of one term or more.

    weights: by set, what its points are multiplied by, else 1. drop: of each student's sets so many are left out, those
    with the smallest share of their points; a missing one is the smallest. total and maximum are of the sets that are
    left; where one of them is missing, total is empty unless missing ones count as zero. Refused: marks that nobody
    confirmed, but as a `proposal`, and an id that stands for two persons.
    """
    kept = [Results.read(folder) for folder in folders]
    everyone = _everyone(folders, kept)
    sets: dict[str, _Set] = {}
    unconfirmed: set[str] = set()
    for folder, results in zip(folders, kept, strict=True):
        grades = standing(results, folder, proposal)
        unconfirmed |= set() if results.confirmed else {results.problem_set}
        _add(sets, folder, results, grades)
    factors = _factors(weights or {}, sets)
    if not 0 <= drop < len(sets):
        raise Refusal(f"drop must leave a set over: got {drop} of {len(sets)}")
    rows: dict[str, dict[str, object]] = {}
    missing: dict[str, dict[str, str]] = {}
    for id, who in sorted(everyone.items()):
        if why := _missing(id, sets):
            missing[id] = why
        rows[id] = {**who, **_row(id, sets, factors, drop, missing_as_zero)}
        rows[id] |= {"note": f"{PROPOSAL}: {', '.join(sorted(unconfirmed))}"} if unconfirmed else {}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("student_id")
    return Gradebook(table, tuple(sorted(unconfirmed)), missing)


def _everyone(folders: Sequence[Path], kept: Sequence[Results]) -> dict[str, dict[str, str]]:
    """Name and email by id; an id that stands for two persons is refused."""
    found: dict[str, dict[str, str]] = {}
    first: dict[str, tuple[Path, Results]] = {}
    for folder, results in zip(folders, kept, strict=True):
        for id, student in results.students.items():
            who = {"name": student.get("name", ""), "email": student.get("email", "")}
            if id in found:
                before, theirs = first[id]
                _refuse_another(id, (found[id], theirs.term, before), (who, results.term, folder))
                who = {key: found[id][key] or value for key, value in who.items()}
            else:
                first[id] = folder, results
            found[id] = who
    return found


def _refuse_another(id: str, first: tuple[dict[str, str], str, Path], other: tuple[dict[str, str], str, Path]) -> None:
    """Refuse one id of two persons: told by email, else by name; ids of two terms need one of them."""
    (who, term, folder), (also, later, there) = first, other
    for key in ("email", "name"):
        if who[key] and also[key]:
            if who[key].casefold().split() != also[key].casefold().split():
                raise Refusal(
                    f"{id!r} is {who[key]!r} in {folder} and {also[key]!r} in {there}: one id must be one person; "
                    "mend the roster and grade again with --resume"
                )
            return
    if term != later:
        raise Refusal(
            f"{id!r} stands in {folder} ({term}) and in {there} ({later}), and no name or email says whether that is "
            "one person: name the folders of one term"
        )


def _add(sets: dict[str, _Set], folder: Path, results: Results, grades: pd.DataFrame) -> None:
    """Take one folder's points to those of its set."""
    out_of = float(grades["out_of"].max()) if len(grades) else 0.0
    one = sets.setdefault(results.problem_set, _Set(out_of))
    if one.out_of != out_of:
        raise Refusal(
            f"{results.problem_set} counts {out_of:g} points in {folder} and {one.out_of:g} in another: totals of the "
            "two cannot stand in one column"
        )
    for id, row in grades.iterrows():
        if str(id) in one.points or str(id) in one.why:
            raise Refusal(f"{id!r} has marks for {results.problem_set} twice, once in {folder}: name one of the two")
        if why := waits(row, everyone=False):
            one.why[str(id)] = why
        else:
            one.points[str(id)] = float(row["total"])


def _factors(weights: Mapping[str, float], sets: Mapping[str, _Set]) -> dict[str, float]:
    """By set what its points are multiplied by; a set may be named by what its name begins with."""
    factors = dict.fromkeys(sets, 1.0)
    for name, weight in weights.items():
        fits = [each for each in sets if each == name or each.startswith(name)]
        if len(fits) != 1 or not 0 <= weight < float("inf"):
            raise Refusal(
                f"a weight is SET=NUMBER, 0 or more, of one set: got {name}={weight:g}; {nearest(name, sets)}"
            )
        factors[fits[0]] = weight
    return factors


def _row(
    id: str, sets: Mapping[str, _Set], factors: Mapping[str, float], drop: int, missing_as_zero: bool
) -> dict[str, object]:
    """Points by set, what is dropped, total and maximum of the rest, and what is missing of it."""
    shares = {name: one.points.get(id, -1.0) / (one.out_of or 1.0) for name, one in sets.items()}
    dropped = sorted(sets, key=lambda name: shares[name])[:drop]
    counted = [name for name in sets if name not in dropped]
    missing = [name for name in counted if id not in sets[name].points]
    total: float | None = round(sum(factors[name] * sets[name].points.get(id, 0.0) for name in counted), 3)
    row: dict[str, object] = {}
    for name, one in sets.items():
        row |= {name: one.points.get(id), f"{name} of": one.out_of}
    row |= {"dropped": " ".join(dropped)} if drop else {}
    row |= {"total": total if missing_as_zero or not missing else None}
    row |= {"maximum": round(sum(factors[name] * sets[name].out_of for name in counted), 3)}
    return row | {"missing": "; ".join(f"{name}: {why}" for name, why in _missing(id, sets).items())}


def _missing(id: str, sets: Mapping[str, _Set]) -> dict[str, str]:
    """The sets of which a student has no points that can stand, and why."""
    return {name: one.why.get(id, "in no results of it") for name, one in sets.items() if id not in one.points}
