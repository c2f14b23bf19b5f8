"""Compare a class's written answers, and its code where the delivery is at hand, and make the page of it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from casestudy.classroom.likeness import work
from casestudy.classroom.likeness.alike import Alike
from casestudy.classroom.likeness.page import page
from casestudy.classroom.records import Record
from casestudy.classroom.sets.source import ProblemSet


def compare(
    problem_set: ProblemSet,
    records: Iterable[Record],
    together: Mapping[str, str] | None = None,
    delivery: Path | None = None,
) -> tuple[str, list[Alike]]:
    """The page, and what came of each comparison: one a text question, and one of the code where there is a delivery.

    records: one a student, as grading keeps them; together: by student, the group that hands in together. delivery:
    the folder or zip that was graded; it is read again, and nothing in it is run.
    """
    records, said = list(records), []
    works = work.texts(problem_set, records)
    if delivery is None:
        said.append("Code was not compared, for it is not kept: name what was graded with --submissions.")
    else:
        works[work.CODE], lost = work.code(problem_set, records, delivery)
        if lost:
            few = ", ".join(lost[:5]) + (", ..." if len(lost) > 5 else "")
            said.append(f"Not in {delivery.name}, the file that was marked of {len(lost)}: {few}.")
    found = work.held_together(works, together)
    return page(problem_set, found, works, said), found


def flags(
    problem_set: ProblemSet, records: Iterable[Record], together: Mapping[str, str] | None = None
) -> dict[str, list[str]]:
    """Each student's flag whose written answer is more like another's than chance makes texts here."""
    return work.flags(work.held_together(work.texts(problem_set, records), together))
