"""What a set's cells declare: questions with their answers, usual mistakes, and judges of what students build."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from casestudy.classroom.sets.answers import Answer
from casestudy.refusals import Refusal, nearest

TAGS = ("parameters", "data", "mistake", "judge", "figure", "options", "explain")
NBGRADER = {"schema_version": int, "grade_id": str, "grade": bool, "solution": bool, "locked": bool, "task": bool}
ASIDE = ("mistake", "judge")  # cells of the author's that no copy has


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
class Judge:
    """Code that defines `judge(value)`: what does not hold yet of something that a student built, or nothing."""

    question: str
    answer: str
    code: str


@dataclass(frozen=True)
class Question:
    """One question: its id is the grade_id of its check. A manual one is a text that a person reads.

    example: a worked example, the inside of an f-string over the notebook's names under another code. lessons:
    expressions over these names without which a draw would not teach. about: claims and systems; retrieves: the
    earlier set whose idea comes back; not_shown: it asks what the numbers do not show.
    """

    id: str
    points: float
    answers: tuple[Answer, ...] = ()
    manual: bool = False
    rubric: str = ""
    title: str = ""  # the heading that it stands under
    example: str = ""
    lessons: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    retrieves: str = ""
    not_shown: bool = False


@dataclass
class Declared:
    """What all cells of a set declare, in their order."""

    questions: list[Question] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    judges: list[Judge] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def read(self, where: str, cell: Node, title: str) -> None:
        """Take what one cell declares; damaged metadata are refused."""
        check_shape(where, cell)
        grader, metadata = cell.metadata.get("nbgrader"), cell.metadata.get("casestudy") or {}
        if grader is not None:
            _check_grader(where, grader)
            if grader["grade_id"] in self.ids:
                raise Refusal(f"{where}: grade_id {grader['grade_id']!r} stands in two cells")
            self.ids.add(grader["grade_id"])
        match role(cell):
            case "check" | "manual" as kind:
                self.questions.append(_question(where, cell, metadata, title, kind == "manual"))
            case "mistake":
                self.mistakes.append(_mistake(where, cell, metadata))
            case "judge":
                question, answer = str(metadata.get("question")), str(metadata.get("answer"))
                self.judges.append(Judge(question, answer, cell.source))

    def refuse_strangers(self, name: str) -> None:
        """Refuse mistakes and judges of what nobody asks, and what a student builds without one judge of its own."""
        asked = {question.id: question for question in self.questions if not question.manual}
        for kind, question in [("mistake", m.question) for m in self.mistakes] + [
            ("judge", j.question) for j in self.judges
        ]:
            if question not in asked:
                hint = nearest(question, asked)
                raise Refusal(f"{name}: a {kind} belongs to {question!r}, which is no question with answers; {hint}")
        built = [
            (id, one.name) for id, question in asked.items() for one in question.answers if one.kind == "construct"
        ]
        judged = [(judge.question, judge.answer) for judge in self.judges]
        if sorted(built) != sorted(judged):
            odd = next(iter(sorted({*built} ^ {*judged})), judged[0] if judged else ("", ""))
            raise Refusal(
                f"{name}: each answer of the kind construct has one cell tagged judge, which names its question and "
                f"answer: see {odd[0]}, {odd[1]}"
            )


def role(cell: Mapping[str, Any]) -> str:
    """What a cell is for: one of TAGS, or check, solution, manual, or plain."""
    tags, grader = cell["metadata"].get("tags", []), cell["metadata"].get("nbgrader", {})
    for tag in TAGS:
        if tag in tags:
            return tag
    if grader.get("grade"):
        return "manual" if grader.get("solution") else "check"
    return "solution" if grader.get("solution") else "plain"


def check_shape(where: str, cell: Node) -> None:
    """Refuse metadata of another shape than a notebook's."""
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


def _question(where: str, cell: Node, metadata: dict[str, Any], title: str, manual: bool) -> Question:
    answers: tuple[Answer, ...] = ()
    if not manual:
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
    words = {name: metadata.get(name, "") for name in ("rubric", "example", "retrieves")}
    if odd := next((name for name, given in words.items() if not isinstance(given, str)), None):
        raise Refusal(f"{where}: casestudy.{odd} must be text: got {words[odd]!r}")
    return Question(
        grader["grade_id"],
        _points(where, grader),
        answers,
        manual,
        title=title,
        lessons=_list(where, "lesson", metadata),
        about=_list(where, "about", metadata),
        not_shown=metadata.get("not_shown") is True,
        **words,
    )


def _list(where: str, name: str, metadata: dict[str, Any]) -> tuple[str, ...]:
    """Texts in a list, or one alone."""
    given = metadata.get(name, [])
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
        raise Refusal(f"{where}: casestudy.{name} must be a text or a list of texts: got {given!r}")
    return tuple(given)


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
