"""What a student's notebook calls: `predict`, `check`, `ready`. Only practice knows the usual mistakes."""

import inspect
import json
import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from pathlib import Path

import pandas as pd

from casestudy.classroom import answers, source
from casestudy.classroom.answers import Answer, Problem
from casestudy.classroom.marks import named_mistake
from casestudy.classroom.messages import say, sentence
from casestudy.classroom.seeds import fingerprint, read_code
from casestudy.classroom.work import Worked, quiet, work
from casestudy.refusals import Refusal, nearest

PUBLIC = "check.json"
EVERYWHERE = (-math.inf, math.inf)


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
    name, _, progress, _ = _place()
    declared = _declared_answers(name)
    if odd := next((one for one in guesses if one not in declared), None):
        raise Refusal(f"no question asks for {odd}; {nearest(odd, declared)}")
    given, trouble = _read(tuple(replace(declared[one], range=EVERYWHERE) for one in guesses), guesses)
    stands = [say("stands", guess=progress.predictions[one]) for one in given if one in progress.predictions]
    progress.predictions = given | progress.predictions
    return Reply("…", tuple(trouble)) if trouble else Reply("→", tuple(stands) or (say("remembered"),))


def check(**given: object) -> Reply | None:
    """Say how an answer stands: in practice with a hint that grows, in graded work only whether its form is fine."""
    if quiet.get():
        return None
    name, code, progress, data = _place()
    public = _public(name)
    if public is not None:
        return _graded(public, code, given, progress, data)
    if _is_personal(code):
        return Reply("…", (say("no_public"),))
    problem_set = _source(name)
    question = problem_set.question(given)
    read, trouble = _read(tuple(sorted(question.answers, key=lambda one: list(given).index(one.name))), given)
    worked = _worked(name, code)
    if not _same(data, fingerprint(worked.data)):
        trouble.append(say("other_figures"))
    if trouble:
        progress.done.pop(question.id, None)
        return Reply("…", (*trouble, _line(progress, len(_asked(problem_set)), "right")))
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
    if public is not None:
        titles = {id: public.get("titles", {}).get(id, id) for id in public["questions"]}
    else:
        titles = {question.id: question.title for question in _asked(_source(name))}
    if open_ := [title for id, title in titles.items() if id not in progress.done]:
        return Reply("…", (sentence(say("not_ready", names="; ".join(open_))),))
    if public is not None:
        return Reply("✓", (say("ready"),))
    wrong = [title for id, title in titles.items() if not progress.done[id]]
    return (
        Reply("→", (sentence(say("try_again", names="; ".join(wrong))),)) if wrong else Reply("✓", (say("all_right"),))
    )


def _place() -> tuple[str, str, Progress, object]:
    """Problem set, code, progress and data of the notebook that called."""
    cells = inspect.currentframe().f_back.f_back.f_globals
    name, code = cells.get("problem_set"), cells.get("code")
    if not isinstance(name, str) or not isinstance(code, str):
        raise Refusal("run the notebook's first cells before this one: problem_set and code are not set")
    return name, code, _progress.setdefault((name, code), Progress()), cells.get("data")


def _public(name: str) -> dict | None:
    """What a graded notebook may know: kinds, units and ranges; None in practice."""
    if name in _declared:
        return _declared[name]
    beside = Path(PUBLIC)
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))
        return told if told["problem_set"] == name and told["questions"].items() else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _declared_answers(name: str) -> dict[str, Answer]:
    """Every answer that the notebook asks for, by name."""
    public = _public(name)
    if public is None:
        return {answer.name: answer for question in _source(name).questions for answer in question.answers}
    told = {one: kind for question in public["questions"].values() for one, kind in question.items()}
    return {one: Answer.declared(one, kind) for one, kind in told.items()}


def _is_personal(code: str) -> bool:
    try:
        return bool(read_code(code))
    except Refusal:
        return False


def _same(data: object, print_: str) -> bool:
    return isinstance(data, pd.DataFrame) and fingerprint(data) == print_


@lru_cache(maxsize=8)
def _source(name: str) -> source.ProblemSet:
    """The set's source: beside the notebook where its author tries it, else among the shipped ones."""
    beside = Path(source.SOURCE).resolve()
    return source.load(beside if beside.is_file() and beside.parent.name == name else source.find(name))


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
    place = named_mistake(question, worked, read)
    if place is None:
        place = named_mistake(question, worked, read, whatever_choice=True)
    if place is not None:
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
    if any(answer.kind == "number" and _near(read[answer.name], right[answer.name]) for answer in wrong):
        return say("near")
    if any(fits.values()):
        names = [", ".join(name for name, fit in fits.items() if fit is side) for side in (True, False)]
        return say("half", right=names[0], other=names[1])
    return say("wrong_choice" if {answer.kind for answer in wrong} == {"choice"} else "wrong")


def _near(mine: float, right: float) -> bool:
    """Whether a number is so close that it was probably rounded on the way."""
    return abs(mine - right) <= 0.03 * abs(right)


def _shape(mine: dict, wanted: dict) -> str:
    if set(mine["columns"]) == set(wanted["columns"]) and len(mine["index"]) == len(wanted["index"]):
        return ""
    told = [f"{len(one['index'])} rows and the columns {', '.join(one['columns'])}" for one in (wanted, mine)]
    return say("shape", wanted=told[0], got=told[1])


def _beside(read: dict, progress: Progress) -> list[str]:
    """The prediction beside the result."""
    lines = []
    for name, got in read.items():
        if name in progress.predictions and isinstance(got, float | str):
            key = "predicted" if isinstance(got, float) else "predicted_word"
            lines.append(say(key, guess=progress.predictions[name], got=got))
    return lines


def _line(progress: Progress, total: int, word: str) -> str:
    return say("progress", done=sum(progress.done.values()), all=total, word=word)


def _graded(public: dict, code: str, given: dict, progress: Progress, data: object) -> Reply:
    """Presence, kind, unit and plausible range; nothing here knows a right value."""
    read_code(code)
    wanted = next((id for id, told in public["questions"].items() if set(told) == set(given)), None)
    if wanted is None:
        known = [name for told in public["questions"].values() for name in told]
        asked = ", ".join(given) or "nothing"
        raise Refusal(f"no question asks for {asked}; {nearest(asked, known)}")
    declared = tuple(Answer.declared(name, told) for name, told in public["questions"][wanted].items())
    _, trouble = _read(declared, given)
    progress.done.pop(wanted, None)
    if not trouble:
        progress.done[wanted] = True
    told = trouble or [say("graded", name=", ".join(given))]
    prints = public.get("data", {})
    if prints and read_code(code) not in prints:
        told = [*told, say("other_code")]
    elif prints and not _same(data, prints[read_code(code)]):
        told = [*told, say("data_differs")]
    return Reply("…" if trouble else "→", (*told, _line(progress, len(public["questions"]), "answered")))
