"""What is compared: written answers, and the code that a student added to the untouched copy."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from casestudy.classroom.likeness import tokens
from casestudy.classroom.likeness.alike import Alike, alike
from casestudy.classroom.likeness.tokens import Sign
from casestudy.classroom.records import Record, sha
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.source import ProblemSet, written
from casestudy.classroom.submissions.delivery import files
from casestudy.classroom.submissions.platforms import is_notebook
from casestudy.classroom.submissions.reader import Reader

WORDS, SIGNS = 20, 60  # of a text, of code: with fewer, two are soon alike
FLAG = "alike"


def texts(problem_set: ProblemSet, records: Iterable[Record], together: Mapping[str, str] | None = None) -> list[Alike]:
    """By question that is answered in words, what came of comparing the class."""
    records = _own(records)
    return [
        alike(question.id, own_words(problem_set, question, records), WORDS, together)
        for question in problem_set.questions
        if question.manual
    ]


def own_words(problem_set: ProblemSet, question: Question, records: Iterable[Record]) -> dict[str, list[Sign]]:
    """Each student's text as it is compared, without the lines that stand in everyone's copy."""
    given = _lines(problem_set, "practice")
    found = {record.id: tokens.words(added(written(record.texts.get(question.id)), given)) for record in records}
    return {id: signs for id, signs in found.items() if signs}


def codes(problem_set: ProblemSet, sources: Mapping[str, str], together: Mapping[str, str] | None = None) -> Alike:
    """What came of comparing the code of a class, as `delivered` found it."""
    known = _names(problem_set)
    return alike("code", {id: tokens.code(text, known) for id, text in sources.items()}, SIGNS, together)


def delivered(problem_set: ProblemSet, records: Iterable[Record], delivery: Path) -> tuple[dict[str, str], list[str]]:
    """Each student's own code from the files that were marked, found in a delivery by their fingerprints.

    And whose file is not in it. The files are read in a process apart, as grading reads them; nothing is run.
    """
    wanted = {record.sha256: record for record in _own(records) if record.sha256 and record.status != "damaged"}
    found: dict[str, str] = {}
    with Reader(problem_set) as reader:
        for file in files(delivery):
            if file.refused or not is_notebook(file.path):
                continue
            content = file.read()
            record = wanted.get(sha(content))
            if record is None or record.id in found:
                continue
            read, given = reader.opened(content, record.code), _lines(problem_set, record.code)
            found[record.id] = "\n\n".join(filter(None, (added(cell.source, given) for cell in read.cells)))
    return found, sorted(record.id for record in wanted.values() if record.id not in found)


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


def _lines(problem_set: ProblemSet, code: str) -> frozenset[str]:
    cells = student_copy(problem_set, code).cells
    return frozenset(line.strip() for cell in cells for line in cell.source.split("\n"))


def _names(problem_set: ProblemSet) -> frozenset[str]:
    """The names in everyone's copy."""
    cells = student_copy(problem_set, "practice").cells
    return frozenset(name for cell in cells for name in re.findall(r"[^\W\d]\w*", cell.source))
