"""What is compared: written answers, and the code that a student added to the untouched copy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from casestudy.classroom.likeness import tokens
from casestudy.classroom.likeness.alike import Alike, alike
from casestudy.classroom.likeness.tokens import Sign
from casestudy.classroom.records import Record, sha
from casestudy.classroom.sets.copies import PRACTICE, student_copy
from casestudy.classroom.sets.source import ProblemSet, written
from casestudy.classroom.submissions.delivery import files
from casestudy.classroom.submissions.platforms import is_notebook
from casestudy.classroom.submissions.reader import Reader

WORDS, SIGNS = 20, 60  # of a text, of code: with fewer, two are soon alike
FLAG, CODE = "alike", "code"


@dataclass(frozen=True)
class Work:
    """One student's text or code as written, and its signs with their places in it."""

    text: str
    signs: Sequence[Sign]


Works = dict[str, Work]  # by student


def texts(problem_set: ProblemSet, records: Iterable[Record]) -> dict[str, Works]:
    """Written answers by question, without the lines that stand in everyone's copy; who wrote nothing is not in it."""
    records, given = _own(records), _given(problem_set, PRACTICE)
    found: dict[str, Works] = {}
    for question in (question for question in problem_set.questions if question.manual):
        own = {record.id: added(written(record.texts.get(question.id)), given) for record in records}
        found[question.id] = {id: Work(text, tokens.words(text)) for id, text in own.items() if text}
    return found


def code(problem_set: ProblemSet, records: Iterable[Record], delivery: Path) -> tuple[Works, list[str]]:
    """Each student's own code from the files that were marked, found in a delivery by their fingerprints.

    And the students whose file is not in it. Files are read in a process apart, as grading reads them; nothing is run.
    """
    wanted = {record.sha256: record for record in _own(records) if record.sha256 and record.status != "damaged"}
    known, found = _names(problem_set), Works()
    with Reader(problem_set) as reader:
        for file in files(delivery):
            if file.refused or not is_notebook(file.path):
                continue
            try:
                content = file.read()
            except Exception:  # of many kinds, as a zip can be spoilt in many ways; this one file is, not the delivery
                continue
            record = wanted.get(sha(content))
            if record is not None and record.id not in found:
                read, given = reader.opened(content, record.code), _given(problem_set, record.code)
                text = "\n\n".join(filter(None, (added(cell.source, given) for cell in read.cells)))
                found[record.id] = Work(text, tokens.code(text, known))
    return found, sorted(record.id for record in wanted.values() if record.id not in found)


def held_together(works: Mapping[str, Works], together: Mapping[str, str] | None = None) -> list[Alike]:
    """What came of comparing the class in each of these works. together: groups that hand in together."""
    return [
        alike(what, {id: work.signs for id, work in own.items()}, SIGNS if what == CODE else WORDS, together)
        for what, own in works.items()
    ]


def flags(found: Iterable[Alike]) -> dict[str, list[str]]:
    """Each student's flag: the other one whose work is most like theirs."""
    most: dict[str, tuple[float, str]] = {}
    for one in found:
        for pair in one.pairs:
            for own, other in ((pair.first, pair.second), (pair.second, pair.first)):
                if own not in most or pair.score > most[own][0]:
                    most[own] = pair.score, other
    return {id: [f"{FLAG}:{other}"] for id, (_, other) in most.items()}


def added(text: str, given: frozenset[str]) -> str:
    """A text without the lines that are given, whatever spaces stand around them.

    >>> added("import numpy\\n  rise = 3", frozenset({"import numpy"}))
    '  rise = 3'
    """
    return "\n".join(line for line in text.split("\n") if line.strip() and line.strip() not in given)


def _own(records: Iterable[Record]) -> list[Record]:
    """Without those who are marked on their group's file."""
    return [record for record in records if not record.of_group]


def _given(problem_set: ProblemSet, code: str) -> frozenset[str]:
    """The lines of the untouched copy."""
    cells = student_copy(problem_set, code).cells
    return frozenset(line.strip() for cell in cells for line in cell.source.split("\n"))


def _names(problem_set: ProblemSet) -> frozenset[str]:
    """The names in everyone's copy."""
    cells = student_copy(problem_set, PRACTICE).cells
    return frozenset(name for cell in cells for name in re.findall(r"[^\W\d]\w*", cell.source))
