"""A problem set as its author wrote it: one notebook with solutions, checks and the usual mistakes."""

import ast
import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casestudy.case import Case, open_case
from casestudy.classroom.limits import Limits
from casestudy.classroom.sets.question import ASIDE, Declared, Judge, Mistake, Node, Question, role
from casestudy.refusals import Refusal, file_access, nearest

SOURCE = "source.ipynb"
STEPS = ("Goal", "Predict", "Do", "Hint", "Check", "Explain", "Extend")
RESERVED = frozenset(  # columns of grades.csv, which has one for each question, too
    ("student_id", "status", "flags", "late_minutes", "attempts", "total", "out_of", "overridden", "feedback")
)
NAME = re.compile(r"\d\d-[a-z0-9-]+")
SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION[ \t]*\n(.*?)^[ \t]*### END SOLUTION[ \t]*(?:\n|\Z)", re.M | re.S)


PUBLIC = "check.json"  # beside a graded copy: what it asks for, without values
YOURS = "*Your answer here.*"  # what stands where a student is to write, for somebody who reads it
FOR_YOURSELF = "*Write here, for yourself.*"  # and where nobody does


@dataclass(frozen=True)
class ProblemSet:
    """A problem set: its name (the folder), version, title, notebook, and what its cells declare; limits of grading.

    about: what its metadata say for a course, such as the minutes it takes.
    """

    name: str
    path: Path
    version: int
    title: str
    notebook: Node
    questions: tuple[Question, ...]
    mistakes: tuple[Mistake, ...]
    limits: Limits = field(default_factory=Limits)
    judges: tuple[Judge, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def checked(self) -> tuple[Question, ...]:
        """The questions that a check answers; the others are texts that a person reads."""
        return tuple(question for question in self.questions if not question.manual)

    @property
    def minutes(self) -> tuple[int, int] | None:
        """How many minutes a student needs, the quick and the slow; None where the author does not say."""
        given = self.about.get("minutes")
        if not isinstance(given, list) or len(given) != 2 or not all(type(end) is int and end > 0 for end in given):
            return None
        return given[0], given[1]

    def question(self, answers: Iterable[str]) -> Question:
        """The question that declares these answers."""
        wanted = set(answers)
        for question in self.questions:
            if wanted and wanted == {answer.name for answer in question.answers}:
                return question
        known = [answer.name for question in self.questions for answer in question.answers]
        odd = next((name for name in sorted(wanted) if name not in known), "")
        raise Refusal(f"no question asks for {', '.join(sorted(wanted)) or 'nothing'}; {nearest(odd, known)}")


def headed(notebook: Node) -> Iterator[tuple[Node, str]]:
    """Each cell with the heading that it stands under, empty before the first; of several in one cell, the last."""
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (headings := re.findall(r"^## (.+)$", cell.source, re.M)):
            heading = headings[-1].strip()
        yield cell, heading


def imports(problem_set: ProblemSet) -> list[str]:
    """What a student's copy imports at the margin, each statement once; figures, which are not graded, are left out."""
    found: list[str] = []
    for cell in problem_set.notebook.cells:
        if cell.cell_type == "code" and role(cell) not in (*ASIDE, "figure"):
            lines = [line for line in ast.parse(cell.source).body if isinstance(line, ast.Import | ast.ImportFrom)]
            texts = [text for line in lines if (text := ast.get_source_segment(cell.source, line))]
            copied = blank(cell.source)
            found += [text for text in texts if text in copied]
    return list(dict.fromkeys(found))


def find(name: str, folder: Path | None = None, case: Case | None = None) -> Path:
    """The source of a set, by its name or a unique prefix, in `folder` or among those of the case."""
    sources = found(folder, case)
    hits = [path for path in sources if path.parent.name == name] or [
        path for path in sources if name and path.parent.name.startswith(name)
    ]
    if len(hits) != 1:
        have = [path.parent.name for path in sources]
        raise Refusal(f"no problem set {name!r}; {nearest(name, have)}" if not hits else f"{name!r} fits several")
    return hits[0]


def found(folder: Path | None = None, case: Case | None = None) -> list[Path]:
    """Every source in `folder`, or among those of the case."""
    folder = folder or (case or open_case()).exercises
    sources = sorted(folder.glob(f"[0-9][0-9]-*/{SOURCE}"))
    if not sources:
        raise Refusal(f"a problem set is a folder NN-name with {SOURCE} in it: there is none in {folder}")
    return sources


def open_set(name: str, folder: Path | None = None) -> ProblemSet:
    """A set by its name or a unique prefix, in `folder` or among those of the case."""
    return load(find(name, folder))


def load(path: Path) -> ProblemSet:
    """Read a source; damaged metadata are refused with the cell."""
    name = path.parent.name
    if not NAME.fullmatch(name):
        raise Refusal(f"a problem set's folder is named NN-words in small letters: got {name!r}")
    notebook = read_notebook(path)
    about = notebook.metadata.get("casestudy")
    version = about.get("version") if isinstance(about, dict) else None
    if type(version) is not int or not 1 <= version < 1_000_000:
        raise Refusal(f"{name}: casestudy.version in the notebook's metadata must be a whole number from 1")
    declared = Declared()
    for number, (cell, heading) in enumerate(headed(notebook), 1):
        declared.read(f"{name}, cell {number}", cell, heading)
    _check_together(name, declared)
    for tag in ("parameters", "data"):
        if sum(role(cell) == tag for cell in notebook.cells) != 1:
            raise Refusal(f"{name}: exactly one cell is tagged {tag}")
    title = next((c.source.splitlines()[0][2:] for c in notebook.cells if c.source.startswith("# ")), name)
    limits = _limits(f"{name}: casestudy.limits in the notebook's metadata", about.get("limits", {}))
    parts = tuple(declared.questions), tuple(declared.mistakes), limits, tuple(declared.judges)
    return ProblemSet(name, path, version, title, notebook, *parts, about)


def _limits(where: str, given: object) -> Limits:
    if not isinstance(given, dict):
        raise Refusal(f'{where} must be numbers by name, such as {{"cpu_s": 60}}: got {given!r}')
    return Limits().changed(given, where)


def _check_together(name: str, declared: Declared) -> None:
    questions = declared.questions
    if taken := next((question.id for question in questions if question.id in RESERVED), None):
        raise Refusal(f"{name}: grades.csv has a column {taken!r} of its own: call the question otherwise")
    declared.refuse_strangers(name)
    names = [answer.name for question in questions for answer in question.answers]
    if doubled := {answer for answer in names if names.count(answer) > 1}:
        raise Refusal(f"{name}: an answer is declared once: {', '.join(sorted(doubled))} stands in two questions")


def read_notebook(path: Path) -> Node:
    """A notebook of format 4; what is none is refused with the reason. Without nbformat: nobody waits for a schema."""
    with file_access(f"read the notebook {path}"):
        content = path.read_bytes()
    try:
        notebook = json.loads(content.decode("utf-8-sig"), object_hook=Node)
        if notebook.nbformat != 4:
            raise ValueError(f"of format {notebook.nbformat}, and 4 is needed")
        for cell in notebook.cells:
            cell.source = "".join(cell.source)
            if not (isinstance(cell.cell_type, str) and isinstance(cell.metadata, Node)):
                raise ValueError("a cell without type or metadata")
        return notebook
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        raise Refusal(f"{path} is not a readable notebook: {str(error).partition(chr(10))[0]}") from None


def blank(source: str, stand_in: str = "...", asked: Container[str] | None = None) -> str:
    """A solution cell as a student gets it: each name that the solution assigns at its margin, still open.

    asked: only these names, where they are known: steps on the way are the student's own.

    >>> blank("### BEGIN SOLUTION\\nstep = after - before\\nrise = step / before\\n### END SOLUTION\\n")
    'step = ...\\nrise = ...\\n'
    """

    def opened(match: re.Match[str]) -> str:
        names = dict.fromkeys(re.findall(r"^([A-Za-z_]\w*)\s*=(?!=)", match[1], re.M))
        return "".join(f"{name} = {stand_in}\n" for name in names if asked is None or name in asked)

    return SOLUTION.sub(opened, source)


def written(text: str | None) -> str:
    """What somebody wrote in a text's place; nothing when it was left as it came, and then nobody needs to read it.

    >>> written(" Because. "), written(YOURS), written(None)
    ('Because.', '', '')
    """
    text = str(text or "").strip()
    return "" if text == YOURS else text
