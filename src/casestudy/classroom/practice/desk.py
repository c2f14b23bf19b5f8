"""The desk at which a notebook's checks are answered: it stands among the notebook's own variables."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from casestudy.classroom.practice.hints import hint
from casestudy.classroom.practice.messages import Reply, say
from casestudy.classroom.sets import answers, source
from casestudy.classroom.sets.answers import Answer
from casestudy.classroom.sets.problems import Problem, sentence
from casestudy.classroom.sets.seeds import fingerprint, read_code
from casestudy.classroom.sets.solve import Solved, solve
from casestudy.classroom.sets.source import PUBLIC
from casestudy.refusals import Refusal, nearest

DESKS, DECLARED = "_casestudy_desks", "_casestudy_declared"  # variables of the notebook
EVERYWHERE = (-math.inf, math.inf)


def declare(namespace: dict[str, Any], problem_set: str, public: str) -> None:
    """Keep in a notebook's namespace what one of its sets asks for."""
    namespace.setdefault(DECLARED, {})[problem_set] = json.loads(public)


def of(namespace: dict[str, Any]) -> "Desk":
    """The desk for the problem set and code that a notebook's namespace names."""
    name, code = namespace.get("problem_set"), namespace.get("code")
    if not isinstance(name, str) or not isinstance(code, str):
        raise Refusal("run the notebook's first cells before this one: problem_set and code are not set")
    desks = namespace.setdefault(DESKS, {})
    return desks.setdefault((name, code), Desk(namespace, name, code))


@dataclass
class Desk:
    """What has been seen of one problem set: predictions, tries of each mistake, which questions are done."""

    namespace: dict[str, Any] = field(repr=False)
    name: str
    code: str
    predictions: dict[str, object] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    done: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def problem_set(self) -> source.ProblemSet:
        """The set's source: beside the notebook where its author tries it, else among the shipped ones."""
        beside = Path(source.SOURCE).resolve()
        own = beside.is_file() and beside.parent.name == self.name
        return source.load(beside if own else source.find(self.name))

    @cached_property
    def solved(self) -> Solved:
        return solve(self.problem_set, self.code)

    def public(self) -> dict[str, Any] | None:
        """What a graded notebook may know: kinds, units and ranges; None in practice."""
        if known := self.namespace.get(DECLARED, {}).get(self.name):
            return known
        try:
            public = json.loads(Path(PUBLIC).read_text(encoding="utf-8"))
            return public if public["problem_set"] == self.name and public["questions"].items() else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def predict(self, guesses: Mapping[str, object]) -> Reply:
        """Remember guesses; the first one of each answer counts."""
        declared = self._declared()
        if unknown := next((name for name in guesses if name not in declared), None):
            raise Refusal(f"no question asks for {unknown}; {nearest(unknown, declared)}")
        given, trouble = _read(tuple(replace(declared[name], range=EVERYWHERE) for name in guesses), guesses)
        stands = [say("stands", guess=self.predictions[name]) for name in given if name in self.predictions]
        self.predictions = given | self.predictions
        return Reply("…", tuple(trouble)) if trouble else Reply("→", tuple(stands) or (say("remembered"),))

    def check(self, given: Mapping[str, object]) -> Reply:
        """How an answer stands."""
        if (public := self.public()) is not None:
            return self._graded(public, given)
        if _is_personal(self.code):
            return Reply("…", (say("no_public"),))
        question = self.problem_set.question(given)
        declared = tuple(sorted(question.answers, key=lambda answer: list(given).index(answer.name)))
        read, trouble = _read(declared, given)
        if not self._has_data(fingerprint(self.solved.data)):
            trouble.append(say("other_figures"))
        if trouble:
            self.done.pop(question.id, None)
            return Reply("…", (*trouble, self._progress(len(self._questions()), "right")))
        right = self.solved.right[question.id]
        fits = {
            answer.name: answers.agree(answer, read[answer.name], right[answer.name]) for answer in question.answers
        }
        self.done[question.id] = all(fits.values())
        lines = [say("right") if all(fits.values()) else hint(question, read, self.solved, fits, self.tries)]
        lines += self._beside(read)
        progress = self._progress(len(self._questions()), "right")
        return Reply("✓" if all(fits.values()) else "✗", (*lines, progress))

    def ready(self) -> Reply:
        """What is still open."""
        if (public := self.public()) is not None:
            titles = {id: public.get("titles", {}).get(id, id) for id in public["questions"]}
        else:
            titles = {question.id: question.title for question in self._questions()}
        if missing := [title for id, title in titles.items() if id not in self.done]:
            return Reply("…", (sentence(say("not_ready", names="; ".join(missing))),))
        if public is not None:
            return Reply("✓", (say("ready"),))
        if wrong := [title for id, title in titles.items() if not self.done[id]]:
            return Reply("→", (sentence(say("try_again", names="; ".join(wrong))),))
        return Reply("✓", (say("all_right"),))

    def _graded(self, public: Mapping[str, Any], given: Mapping[str, object]) -> Reply:
        """Presence, kind, unit and plausible range; nothing here knows a right value."""
        code, questions = read_code(self.code), public["questions"]
        id = _asked(questions, given)
        declared = tuple(Answer.declared(name, metadata) for name, metadata in questions[id].items())
        read, trouble = _read(declared, given)
        trouble += self._not_found(declared, read)
        self.done.pop(id, None)
        if not trouble:
            self.done[id] = True
        lines = trouble or [say("graded", name=", ".join(given))]
        foreign = self._foreign(code, public.get("data", {}))
        return Reply("…" if trouble else "→", (*lines, *foreign, self._progress(len(questions), "answered")))

    def _not_found(self, declared: tuple[Answer, ...], read: Mapping[str, object]) -> list[str]:
        """What is said of an answer that grading would not find: it reads the variable of that name."""
        found = []
        for answer in (answer for answer in declared if answer.name in read):
            if answer.name not in self.namespace:
                found.append(say("no_variable", name=answer.name))
            elif _read((answer,), self.namespace)[0] != {answer.name: read[answer.name]}:
                found.append(say("other_variable", name=answer.name))
        return found

    def _foreign(self, code: str, prints: Mapping[str, str]) -> list[str]:
        """What is said where code or figures are not the ones handed out. prints: the data's fingerprint by code."""
        if prints and code not in prints:
            return [say("other_code")]
        return [say("data_differs")] if prints and not self._has_data(prints[code]) else []

    def _declared(self) -> dict[str, Answer]:
        """Every answer that the notebook asks for, by name."""
        if (public := self.public()) is None:
            return {answer.name: answer for question in self.problem_set.questions for answer in question.answers}
        asked = [answer for question in public["questions"].values() for answer in question.items()]
        return {name: Answer.declared(name, metadata) for name, metadata in asked}

    def _questions(self) -> list[source.Question]:
        return [question for question in self.problem_set.questions if not question.manual]

    def _has_data(self, wanted: str) -> bool:
        data = self.namespace.get("data")
        return isinstance(data, pd.DataFrame) and fingerprint(data) == wanted

    def _beside(self, read: Mapping[str, object]) -> list[str]:
        """The prediction beside the result."""
        lines = []
        for name, got in read.items():
            if name in self.predictions and isinstance(got, float | str):
                key = "predicted" if isinstance(got, float) else "predicted_word"
                lines.append(say(key, guess=self.predictions[name], got=got))
        return lines

    def _progress(self, total: int, word: str) -> str:
        return say("progress", done=sum(self.done.values()), all=total, word=word)


def _is_personal(code: str) -> bool:
    try:
        return bool(read_code(code))
    except Refusal:
        return False


def _asked(questions: Mapping[str, Any], given: Mapping[str, object]) -> str:
    """The id of the question that asks for just these answers."""
    for id, asked in questions.items():
        if set(asked) == set(given):
            return id
    known = [name for asked in questions.values() for name in asked]
    names = ", ".join(given) or "nothing"
    raise Refusal(f"no question asks for {names}; {nearest(names, known)}")


def _read(declared: tuple[Answer, ...], given: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """The answers as plain values, and what is wrong with those that are none."""
    read, trouble = {}, []
    for answer in declared:
        try:
            read[answer.name] = answers.read(answer, given[answer.name])
        except Problem as problem:
            trouble.append(f"{answer.name}: {problem.sentence()}" if len(declared) > 1 else problem.sentence())
    return read, trouble
