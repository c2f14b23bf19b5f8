"""A problem set as its author wrote it: one notebook with solutions, checks and the usual mistakes."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casestudy.case import Case, open_case
from casestudy.classroom.limits import Limits
from casestudy.classroom.sets.answers import Answer
from casestudy.refusals import Refusal, file_access, nearest

SOURCE = "source.ipynb"
STEPS = ("Goal", "Predict", "Do", "Hint", "Check", "Explain", "Extend")
RESERVED = frozenset(  # columns of grades.csv, which has one for each question, too
    ("student_id", "status", "flags", "late_minutes", "attempts", "total", "out_of", "overridden", "feedback")
)
NAME = re.compile(r"\d\d-[a-z0-9-]+")
SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION[ \t]*\n(.*?)^[ \t]*### END SOLUTION[ \t]*(?:\n|\Z)", re.M | re.S)
NBGRADER = {"schema_version": int, "grade_id": str, "grade": bool, "solution": bool, "locked": bool, "task": bool}


PUBLIC = "check.json"  # beside a graded copy: what it asks for, without values
YOURS = "*Your answer here.*"  # what stands where a student is to write


class Node(dict[str, Any]):
    """A part of a notebook, its entries also as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"a notebook's part needs {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        self[name] = value


@dataclass(frozen=True)
class Mistake:
    """A usual mistake: code that assigns the answers wrongly, the share of the points it earns, hints that grow."""

    question: str
    credit: float
    hints: dict[str, tuple[str, ...]]  # by language, first the nudge
    code: str


@dataclass(frozen=True)
class Question:
    """One question: its id is the grade_id of its check. A manual one is a text that a person reads."""

    id: str
    points: float
    answers: tuple[Answer, ...] = ()
    manual: bool = False
    rubric: str = ""
    title: str = ""  # the heading that it stands under


@dataclass(frozen=True)
class ProblemSet:
    """A problem set: its name (the folder), version, title, notebook, questions, mistakes and limits of grading."""

    name: str
    path: Path
    version: int
    title: str
    notebook: Node
    questions: tuple[Question, ...]
    mistakes: tuple[Mistake, ...]
    limits: Limits = field(default_factory=Limits)

    def question(self, answers: Iterable[str]) -> Question:
        """The question that declares these answers."""
        wanted = set(answers)
        for question in self.questions:
            if wanted and wanted == {answer.name for answer in question.answers}:
                return question
        known = [answer.name for question in self.questions for answer in question.answers]
        odd = next((name for name in sorted(wanted) if name not in known), "")
        raise Refusal(f"no question asks for {', '.join(sorted(wanted)) or 'nothing'}; {nearest(odd, known)}")


def role(cell: Mapping[str, Any]) -> str:
    """What a cell is for: parameters, data, mistake, figure, check, solution, manual, or plain."""
    tags, grader = cell["metadata"].get("tags", []), cell["metadata"].get("nbgrader", {})
    for tag in ("parameters", "data", "mistake", "figure"):
        if tag in tags:
            return tag
    if grader.get("grade"):
        return "manual" if grader.get("solution") else "check"
    return "solution" if grader.get("solution") else "plain"


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
        if cell.cell_type == "code" and role(cell) not in ("mistake", "figure"):
            lines = [line for line in ast.parse(cell.source).body if isinstance(line, ast.Import | ast.ImportFrom)]
            texts = [text for line in lines if (text := ast.get_source_segment(cell.source, line))]
            copied = blank(cell.source)
            found += [text for text in texts if text in copied]
    return list(dict.fromkeys(found))


def find(name: str, folder: Path | None = None, case: Case | None = None) -> Path:
    """The source of a set, by its name or a unique prefix, in `folder` or among the shipped sets."""
    sources = found(folder, case)
    hits = [path for path in sources if path.parent.name == name] or [
        path for path in sources if name and path.parent.name.startswith(name)
    ]
    if len(hits) != 1:
        have = [path.parent.name for path in sources]
        raise Refusal(f"no problem set {name!r}; {nearest(name, have)}" if not hits else f"{name!r} fits several")
    return hits[0]


def found(folder: Path | None = None, case: Case | None = None) -> list[Path]:
    """Every source in `folder`, or among the shipped sets."""
    folder = folder or (case or open_case()).exercises
    sources = sorted(folder.glob(f"[0-9][0-9]-*/{SOURCE}"))
    if not sources:
        raise Refusal(f"a problem set is a folder NN-name with {SOURCE} in it: there is none in {folder}")
    return sources


def open_set(name: str, folder: Path | None = None) -> ProblemSet:
    """A set by its name or a unique prefix, in `folder` or among the shipped sets."""
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
    questions, mistakes = _questions_and_mistakes(name, notebook)
    _check_together(name, questions, mistakes)
    for tag in ("parameters", "data"):
        if sum(role(cell) == tag for cell in notebook.cells) != 1:
            raise Refusal(f"{name}: exactly one cell is tagged {tag}")
    title = next((c.source.splitlines()[0][2:] for c in notebook.cells if c.source.startswith("# ")), name)
    limits = _limits(f"{name}: casestudy.limits in the notebook's metadata", about.get("limits", {}))
    return ProblemSet(name, path, version, title, notebook, tuple(questions), tuple(mistakes), limits)


def _limits(where: str, given: object) -> Limits:
    if not isinstance(given, dict):
        raise Refusal(f'{where} must be numbers by name, such as {{"cpu_s": 60}}: got {given!r}')
    return Limits().changed(given, where)


def _questions_and_mistakes(name: str, notebook: Node) -> tuple[list[Question], list[Mistake]]:
    """What the cells of a source declare, in their order."""
    questions: list[Question] = []
    mistakes: list[Mistake] = []
    seen: set[str] = set()
    for number, (cell, title) in enumerate(headed(notebook), 1):
        where = f"{name}, cell {number}"
        _check_shape(where, cell)
        grader, metadata = cell.metadata.get("nbgrader"), cell.metadata.get("casestudy") or {}
        if grader is not None:
            _check_grader(where, grader)
            if grader["grade_id"] in seen:
                raise Refusal(f"{where}: grade_id {grader['grade_id']!r} stands in two cells")
            seen.add(grader["grade_id"])
        match role(cell):
            case "check":
                questions.append(_question(where, cell, metadata, title))
            case "manual":
                points, rubric = _points(where, grader), str(metadata.get("rubric", ""))
                questions.append(Question(grader["grade_id"], points, (), True, rubric, title))
            case "mistake":
                mistakes.append(_mistake(where, cell, metadata))
    return questions, mistakes


def _check_together(name: str, questions: list[Question], mistakes: list[Mistake]) -> None:
    if taken := next((question.id for question in questions if question.id in RESERVED), None):
        raise Refusal(f"{name}: grades.csv has a column {taken!r} of its own: call the question otherwise")
    known = {question.id for question in questions if not question.manual}
    if odd := next((mistake.question for mistake in mistakes if mistake.question not in known), None):
        raise Refusal(f"{name}: a mistake belongs to {odd!r}, which is no question with answers; {nearest(odd, known)}")
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


def _check_shape(where: str, cell: Node) -> None:
    for key, kind in (("nbgrader", dict), ("casestudy", dict), ("tags", list)):
        if key in cell.metadata and not isinstance(cell.metadata[key], kind):
            raise Refusal(f"{where}: {key} in the metadata must be a {kind.__name__}: got {cell.metadata[key]!r}")


def _check_grader(where: str, grader: dict[str, Any]) -> None:
    for key, kind in NBGRADER.items():
        if type(grader.get(key, False)) is not kind:
            raise Refusal(f"{where}: nbgrader.{key} must be {kind.__name__}: got {grader.get(key)!r}")
    if grader["schema_version"] != 3 or not re.fullmatch(r"[A-Za-z0-9_-]+", grader["grade_id"]):
        raise Refusal(f"{where}: nbgrader's schema_version is 3 and grade_id made of letters, digits, _ and -")


def _points(where: str, grader: dict[str, Any]) -> float:
    points = grader.get("points")
    if isinstance(points, bool) or not isinstance(points, int | float) or not 0 < points <= 1000:
        raise Refusal(f"{where}: a question's points must be above 0: got {points!r}")
    return float(points)


def _question(where: str, cell: Node, metadata: dict[str, Any], title: str) -> Question:
    declared = metadata.get("answers")
    if cell.cell_type != "code":
        raise Refusal(f"{where}: a check is a code cell, and this one is {cell.cell_type}")
    if not isinstance(declared, dict) or not declared:
        raise Refusal(f"{where}: a check declares its answers in casestudy.answers of the cell's metadata")
    try:
        answers = tuple(Answer.declared(name, answer) for name, answer in declared.items())
    except (ValueError, TypeError, AttributeError) as error:
        raise Refusal(f"{where}: {error}") from None
    grader = cell.metadata["nbgrader"]
    return Question(grader["grade_id"], _points(where, grader), answers, title=title)


def _mistake(where: str, cell: Node, metadata: dict[str, Any]) -> Mistake:
    hints, credit = _hints(where, metadata), metadata.get("credit", 0)
    if not hints.get("en") or isinstance(credit, bool) or not isinstance(credit, int | float) or not 0 <= credit < 1:
        raise Refusal(f"{where}: a mistake names its question, a credit from 0 to below 1 and a hint: got {metadata}")
    return Mistake(str(metadata.get("question")), float(credit), hints, cell.source)


def _hints(where: str, metadata: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """A mistake's hints by language; a lone sentence is an English one."""
    hints = metadata.get("hint") or {}
    if isinstance(hints, str):
        hints = {"en": [hints]}
    if not isinstance(hints, dict) or not all(_are_sentences(steps) for steps in hints.values()):
        raise Refusal(f"{where}: a mistake's hint is a list of sentences by language, {{en: [...]}}: got {hints!r}")
    return {language: tuple(steps) for language, steps in hints.items()}


def _are_sentences(steps: object) -> bool:
    return isinstance(steps, list) and bool(steps) and all(isinstance(step, str) for step in steps)


def blank(source: str, stand_in: str = "...") -> str:
    """A solution cell as a student gets it: each name that the solution assigns at its margin, still open.

    >>> blank("### BEGIN SOLUTION\\nstep = after - before\\nrise = step / before\\n### END SOLUTION\\n")
    'step = ...\\nrise = ...\\n'
    """

    def opened(match: re.Match[str]) -> str:
        names = dict.fromkeys(re.findall(r"^([A-Za-z_]\w*)\s*=(?!=)", match[1], re.M))
        return "".join(f"{name} = {stand_in}\n" for name in names)

    return SOLUTION.sub(opened, source)


def written(text: str | None) -> str:
    """What somebody wrote in a text's place; nothing when it was left as it came, and then nobody needs to read it.

    >>> written(" Because. "), written(YOURS), written(None)
    ('Because.', '', '')
    """
    text = str(text or "").strip()
    return "" if text == YOURS else text
