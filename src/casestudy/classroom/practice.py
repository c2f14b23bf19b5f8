"""What a student's notebook calls: `predict`, `check`, `ready`. Only practice knows the usual mistakes."""

import inspect
import json
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path

from casestudy.classroom import answers, source
from casestudy.classroom.answers import Answer, Problem
from casestudy.classroom.marks import named_mistake
from casestudy.classroom.messages import say
from casestudy.classroom.seeds import fingerprint, read_code
from casestudy.classroom.work import Worked, quiet, work

PUBLIC = "check.json"


@dataclass(frozen=True)
class Reply:
    """One sentence or more, with a sign that needs no colour; shown as quiet HTML and as text."""

    sign: str
    lines: tuple[str, ...]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        colours = {"✓": "#008060", "→": "#5B6472"}
        inside = "<br>".join(escape(line) for line in self.lines)
        style = f"border-left:4px solid {colours.get(self.sign, '#D55E00')};padding:.3em .8em;margin:.4em 0"
        page = f'<div role="status" style="{style}"><span aria-hidden="true">{self.sign}</span> {inside}</div>'
        return {"text/html": page, "text/plain": "\n".join((f"{self.sign} {self.lines[0]}", *self.lines[1:]))}


@dataclass
class Progress:
    """What this kernel has seen of one problem set: predictions, tries of each mistake, which questions are done."""

    predictions: dict[str, object] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    done: dict[str, bool] = field(default_factory=dict)


_progress: dict[tuple[str, str], Progress] = {}
_declared: dict[str, dict] = {}  # graded sets whose checks stand in the notebook itself


def declare(problem_set: str, public: str) -> None:
    """Tell `check` what a graded notebook asks for, where no check.json can lie beside it."""
    _declared[problem_set] = json.loads(public)


def predict(**guesses: object) -> Reply | None:
    """Remember a guess, to show it beside the result; the first one counts."""
    if quiet.get():
        return None
    progress = _place()[2]
    given = {name: guess for name, guess in guesses.items() if guess is not ...}
    if not given:
        return Reply("…", (say("missing"),))
    progress.predictions = given | progress.predictions
    return Reply("→", (say("remembered"),))


def check(**given: object) -> Reply | None:
    """Say how an answer stands: in practice with a hint that grows, in graded work only whether its form is fine."""
    if quiet.get():
        return None
    name, code, progress, data = _place()
    public = _public(name)
    if public is not None:
        return _graded(public, code, given, progress, data)
    problem_set = _source(name)
    question = problem_set.question(given)
    read, trouble = _read(question.answers, given)
    if trouble:
        return Reply("…", (*trouble, _line(progress, len(_asked(problem_set)), "right")))
    worked = _worked(name, code)
    right = worked.right[question.id]
    fits = {answer.name: answers.agree(answer, read[answer.name], right[answer.name]) for answer in question.answers}
    progress.done[question.id] = all(fits.values())
    told = [say("right")] if all(fits.values()) else [_hint(question, read, worked, fits, progress)]
    told += _beside(read, progress)
    return Reply("✓" if all(fits.values()) else "✗", (*told, _line(progress, len(_asked(problem_set)), "right")))


def ready() -> Reply | None:
    """Whether every question has an answer of the right form; the last cell of a notebook."""
    if quiet.get():
        return None
    name, _, progress, _ = _place()
    public = _public(name)
    wanted = list(public["questions"]) if public else [question.id for question in _asked(_source(name))]
    open_ = [id for id in wanted if id not in progress.done]
    return Reply("…", (say("not_ready", names=", ".join(open_)),)) if open_ else Reply("✓", (say("ready"),))


def _place() -> tuple[str, str, Progress, object]:
    """Problem set, code, progress and data of the notebook that called."""
    cells = inspect.currentframe().f_back.f_back.f_globals
    name, code = cells.get("problem_set"), cells.get("code")
    if not isinstance(name, str) or not isinstance(code, str):
        raise ValueError("run the notebook's first cells before this one: problem_set and code are not set")
    return name, code, _progress.setdefault((name, code), Progress()), cells.get("data")


def _public(name: str) -> dict | None:
    """What a graded notebook may know: kinds, units and ranges; None in practice."""
    if name in _declared:
        return _declared[name]
    beside = Path(PUBLIC)
    told = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    return told if told.get("problem_set") == name else None


@lru_cache(maxsize=8)
def _source(name: str) -> source.ProblemSet:
    return source.load(source.find(name))


@lru_cache(maxsize=64)
def _worked(name: str, code: str) -> Worked:
    return work(_source(name), code)


def _asked(problem_set: source.ProblemSet) -> list[source.Question]:
    return [question for question in problem_set.questions if not question.manual]


def _read(declared: tuple[Answer, ...], given: dict) -> tuple[dict, list[str]]:
    """The answers as plain values, and what is wrong with those that are none."""
    read, trouble = {}, []
    for answer in declared:
        try:
            read[answer.name] = answers.read(answer, given[answer.name])
        except Problem as problem:
            sentence = say(problem.key, **problem.told)
            trouble.append(f"{answer.name}: {sentence}" if len(declared) > 1 else sentence)
    return read, trouble


def _hint(question: source.Question, read: dict, worked: Worked, fits: dict, progress: Progress) -> str:
    """The misconception by its hint, else the unit, else which half is right, else a nudge."""
    right = worked.right[question.id]
    if (place := named_mistake(question, worked, read)) is not None:
        tried = progress.tries[place] = progress.tries.get(place, 0) + 1
        hints = worked.wrong[place][0].hints["en"]
        return f"Not yet. {hints[min(tried, len(hints)) - 1]}"
    wrong = [answer for answer in question.answers if not fits[answer.name]]
    for answer in wrong:
        given = read[answer.name]
        if answer.kind == "number" and any(answers.agree(answer, given * by, right[answer.name]) for by in (100, 0.01)):
            return say("hundredfold", unit=answer.unit)
        if answer.kind == "table" and (shape := _shape(given, right[answer.name])):
            return shape
    if any(fits.values()):
        names = [", ".join(name for name, fit in fits.items() if fit is side) for side in (True, False)]
        return say("half", right=names[0], other=names[1])
    return say("wrong_choice" if {answer.kind for answer in wrong} == {"choice"} else "wrong")


def _shape(mine: dict, wanted: dict) -> str:
    if set(mine["columns"]) == set(wanted["columns"]) and len(mine["index"]) == len(wanted["index"]):
        return ""
    told = [f"{len(one['index'])} rows and the columns {', '.join(one['columns'])}" for one in (wanted, mine)]
    return say("shape", wanted=told[0], got=told[1])


def _beside(read: dict, progress: Progress) -> list[str]:
    """The prediction beside the result."""
    lines = []
    for name, got in read.items():
        guess = progress.predictions.get(name)
        if isinstance(got, float) and type(guess) in (int, float):
            lines.append(say("predicted", guess=guess, got=got))
        elif isinstance(got, str) and guess is not None:
            lines.append(say("predicted_word", guess=guess, got=got))
    return lines


def _line(progress: Progress, total: int, word: str) -> str:
    return say("progress", done=sum(progress.done.values()), all=total, word=word)


def _graded(public: dict, code: str, given: dict, progress: Progress, data: object) -> Reply:
    """Presence, kind, unit and plausible range; nothing here knows a right value."""
    read_code(code)
    wanted = next((id for id, told in public["questions"].items() if set(told) == set(given)), None)
    if wanted is None:
        raise ValueError(f"no question asks for {', '.join(given)}")
    declared = tuple(Answer.declared(name, told) for name, told in public["questions"][wanted].items())
    _, trouble = _read(declared, given)
    if not trouble:
        progress.done[wanted] = True
    told = trouble or [say("graded", name=", ".join(given))]
    prints = public.get("data", {})
    if code in prints and (data is None or fingerprint(data) != prints[code]):
        told = [*told, say("data_differs")]
    return Reply("…" if trouble else "→", (*told, _line(progress, len(public["questions"]), "answered")))
