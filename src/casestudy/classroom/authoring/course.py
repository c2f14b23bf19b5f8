"""What the sets of a course hold, as two tables in the README beside them: a plan by weeks, and every question."""

import re
from collections.abc import Iterable
from pathlib import Path

from casestudy.case import refuse_the_installed
from casestudy.classroom.sets import source
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal, file_access

README = "README.md"
GOAL = re.compile(r"\*\*Goal:?\*\*:?\s*(.+?[.?!])(?:\s|$)", re.S)  # its first sentence
Cells = tuple[str, ...]


def refresh(folder: Path | None = None) -> Path:
    """Write both tables anew into the README beside the sets in `folder`, or beside the shipped ones."""
    paths = source.found(folder)
    refuse_the_installed(paths[0])
    readme = paths[0].parents[1] / README
    with file_access(f"read {readme}"):
        before = readme.read_text(encoding="utf-8")
    after = renewed(before, [source.load(path) for path in paths])
    if after != before:
        with file_access(f"write {readme}"):
            readme.write_text(after, encoding="utf-8", newline="\n")
    return readme


def renewed(text: str, sets: Iterable[ProblemSet]) -> str:
    """A README with both tables as the sets are now, each between its two comments.

    >>> renewed("<!-- plan -->\\n<!-- end of plan -->", [])
    Traceback (most recent call last):
    ...
    casestudy.refusals.Refusal: README.md needs the lines <!-- questions --> and <!-- end of questions -->
    """
    sets = list(sets)
    for table in (plan, questions):
        begin, end = (f"<!-- {words}{table.__name__} -->" for words in ("", "end of "))
        head, found, rest = text.partition(f"{begin}\n")
        _, closed, tail = rest.partition(end)
        if not (found and closed):
            raise Refusal(f"{README} needs the lines {begin} and {end}")
        text = f"{head}{begin}\n{table(sets)}{end}{tail}"
    return text


def plan(sets: Iterable[ProblemSet]) -> str:
    """One row a set: its week, the notebook to read, minutes, what one can do afterwards, which sets it needs."""
    rows: list[Cells] = [("week", "notebook", "set", "minutes", "able to do afterwards", "needs")]
    for week, one in enumerate(sets, 1):
        notebook = f"[{_words(one.name)}](../notebooks/{one.name}.ipynb)"
        copy = f"[{one.title}]({one.name}/{one.name}.ipynb)"
        minutes = "-".join(map(str, one.minutes or ()))
        able, needs = str(one.about.get("able", "")), ", ".join(map(_number, one.about.get("needs", [])))
        rows.append((str(week), notebook, copy, minutes, able, needs))
    return _table(rows)


def questions(sets: Iterable[ProblemSet]) -> str:
    """One row a question: what it trains, the claims and systems that it is about, which set comes back, points."""
    rows: list[Cells] = [("set", "question", "goal", "about", "back from", "points")]
    for one in sets:
        goals = goals_of(one)
        for question in one.checked:
            about = ", ".join(f"`{id}`" for id in question.about)
            back, goal = _number(question.retrieves), goals.get(question.title, "")
            rows.append((_number(one.name), question.title, goal, about, back, _points(one, question)))
    return _table(rows)


def goals_of(problem_set: ProblemSet) -> dict[str, str]:
    """The first sentence of the Goal under each heading."""
    found: dict[str, str] = {}
    for cell, heading in source.headed(problem_set.notebook):
        if cell.cell_type == "markdown" and (goal := GOAL.search(cell.source)):
            found.setdefault(heading, " ".join(goal[1].split()))
    return found


def _points(problem_set: ProblemSet, question: Question) -> str:
    """A question's points, and those of the text under the same heading."""
    texts = sum(one.points for one in problem_set.questions if one.manual and one.title == question.title)
    return f"{question.points:g}" + (f" + {texts:g} for the text" if texts else "")


def _number(name: str) -> str:
    return name.partition("-")[0]


def _words(name: str) -> str:
    """A name as it is read.

    >>> _words("03-agents-avoided")
    '03 agents avoided'
    """
    return name.replace("-", " ")


def _table(rows: list[Cells]) -> str:
    """Rows as Markdown, the first one as its head.

    >>> print(_table([("set", "points"), ("a|b", "2")]), end="")
    | set | points |
    |---|---|
    | a\\|b | 2 |
    """
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]) + "\n"
