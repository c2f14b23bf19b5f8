"""The desk at which a notebook's checks are answered: it stands among the notebook's own variables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from casestudy.classroom.practice import kept
from casestudy.classroom.practice.hints import hint
from casestudy.classroom.practice.kept import Kept
from casestudy.classroom.practice.messages import Reply, say
from casestudy.classroom.sets import answers, source
from casestudy.classroom.sets.agreement import Guess
from casestudy.classroom.sets.answers import GIVE_OR_TAKE, Answer
from casestudy.classroom.sets.problems import Problem, sentence
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.seeds import fingerprint, read_code
from casestudy.classroom.sets.solve import Solved, solve, worked_examples
from casestudy.classroom.sets.source import PUBLIC
from casestudy.refusals import Refusal, nearest

DESKS, DECLARED = "_casestudy_desks", "_casestudy_declared"  # variables of the notebook


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
    """What has been seen of one problem set: in this kernel, which questions are done; in a file, what is kept."""

    namespace: dict[str, Any] = field(repr=False)
    name: str
    code: str
    done: dict[str, bool] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)  # asked anew in this kernel, and left without an answer

    @cached_property
    def kept(self) -> Kept:
        """What was done and guessed before, in this kernel or an earlier one."""
        return kept.read(kept.beside(self.name), self.code)

    @cached_property
    def problem_set(self) -> source.ProblemSet:
        """The set's source: beside the notebook where its author tries it, else among the shipped ones."""
        beside = Path(source.SOURCE).resolve()
        own = _is_file(beside) and beside.parent.name == self.name
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
        """Keep guesses; the first one of each answer counts, and only one that was made before an answer."""
        declared, width = self._declared(), guesses.get(GIVE_OR_TAKE.name)
        guesses = {name: guess for name, guess in guesses.items() if name != GIVE_OR_TAKE.name}
        if not guesses:
            return Reply("…", (say("nothing", such=f"predict({next(iter(declared), 'x')}=10)"),))
        if unknown := next((name for name in guesses if name not in declared), None):
            raise Refusal(f"no question asks for {unknown}; {nearest(unknown, declared)}")
        given, trouble = _read(tuple(declared[name].boundless() for name in guesses), guesses)
        allowed: dict[str, Any] = {}
        if width is not None and width is not ...:
            allowed, further = _read((GIVE_OR_TAKE,), {GIVE_OR_TAKE.name: width})
            trouble += further
        known, stands = self.kept.predictions, [name for name in given if name in self.kept.predictions]
        if stands or trouble:
            lines = [say("stands", guess=known[name]) for name in stands]
            return Reply("→" if stands else "…", tuple(lines or trouble))
        if any(name in self._answered() for name in given):
            return Reply("→", (say("too_late"),))
        for name, guess in given.items():
            known[name] = Guess(guess, allowed.get(GIVE_OR_TAKE.name) if isinstance(guess, float) else None)
        return Reply("→", (say("remembered"), *self._keep()))

    def progress(self) -> Reply:
        """What stands done and guessed from earlier, for the top of a notebook."""
        titles, word = self._titles()
        done = [id for id in titles if id in self.kept.done]
        if not done and not self.kept.predictions:
            minutes = None if self.public() is not None else self.problem_set.minutes
            about = say("minutes", low=minutes[0], high=minutes[1]) if minutes else ""
            return Reply("→", (say("begin", all=len(titles), minutes=about),))
        lines = [say("progress", done=len(done), all=len(titles), word=word)]
        if left := [title for id, title in titles.items() if id not in done]:
            lines.append(sentence(say("open", names="; ".join(left))))
        if self.kept.predictions:
            guesses = "; ".join(f"{name} {guess}" for name, guess in self.kept.predictions.items())
            lines.append(sentence(say("guessed", guesses=guesses)))
        return Reply("→" if left else "✓", tuple(lines))

    def check(self, given: Mapping[str, object]) -> Reply:
        """How an answer stands."""
        if (public := self.public()) is not None:
            return self._graded(public, given)
        if _is_personal(self.code):
            return Reply("…", (say("no_public"),))
        question = self.problem_set.question(given)
        declared = tuple(sorted(question.answers, key=lambda answer: list(given).index(answer.name)))
        wide = tuple(one.boundless() if one.kind == "number" else one for one in declared)
        read, trouble = _read(wide, given)
        if not self._has_data(fingerprint(self.solved.data)):
            trouble.append(say("other_figures"))
        if trouble:
            self.done.pop(question.id, None)
            self.open.add(question.id)
            return Reply("…", (*trouble, self._progress(len(self.problem_set.checked), "right")))
        right = all(self.solved.fits(question, answer, read[answer.name]) for answer in question.answers)
        lines = [say("right")] if right else self._hints(question, read, _read(declared, given)[1])
        lines += self._beside(read, right)
        self._note(question.id, read, right)
        return Reply(
            "✓" if right else "✗", (*lines, *self._keep(), self._progress(len(self.problem_set.checked), "right"))
        )

    def ready(self) -> Reply:
        """What is still open."""
        (titles, _), done = self._titles(), self._standing()
        if missing := [title for id, title in titles.items() if id not in done]:
            return Reply("…", (sentence(say("not_ready", names="; ".join(missing))),))
        if self.public() is not None:
            return Reply("✓", (say("ready"),))
        if wrong := [title for id, title in titles.items() if not done[id]]:
            return Reply("→", (sentence(say("try_again", names="; ".join(wrong))),))
        return Reply("✓", (say("all_right"),))

    def _hints(self, question: Question, read: Mapping[str, Any], implausible: list[str]) -> list[str]:
        """A hint, and at the end of its ladder a worked example."""
        changed = self.kept.seen.get(question.id) != read
        said, at_end = hint(question, read, self.solved, self.kept.tries, changed, implausible)
        worked = worked_examples(self.problem_set, self.code).get(question.id) if at_end else ""
        return [said, say("example", example=worked)] if worked else [said]

    def _note(self, id: str, read: Mapping[str, Any], right: bool) -> None:
        """Take down how a question stands, here and for later."""
        self.done[id] = right
        self.open.discard(id)
        self.kept.seen[id] = dict(read)
        if right and id not in self.kept.done:
            self.kept.done.append(id)

    def _keep(self) -> list[str]:
        """Write what is kept; what is to be said where that cannot be."""
        return [] if kept.write(kept.beside(self.name), self.code, self.kept) else [say("not_kept")]

    def _answered(self) -> set[str]:
        """The answers of questions that had some before now."""
        asked = self._asked_by_id()
        return {name for id in self.kept.seen if id in asked for name in asked[id]}

    def _graded(self, public: Mapping[str, Any], given: Mapping[str, object]) -> Reply:
        """Presence, kind, unit and plausible range; nothing here knows a right value."""
        code, questions = read_code(self.code), public["questions"]
        id = _asked(questions, given)
        declared = tuple(Answer.declared(name, metadata) for name, metadata in questions[id].items())
        read, trouble = _read(declared, given)
        trouble += self._not_found(declared, read)
        self.done.pop(id, None)
        if not trouble:
            self._note(id, read, True)
        lines = trouble or [say("graded", name=", ".join(given)), *self._keep()]
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

    def _asked_by_id(self) -> dict[str, list[str]]:
        """The names of the answers of each question."""
        if (public := self.public()) is not None:
            return {id: list(asked) for id, asked in public["questions"].items()}
        return {question.id: [answer.name for answer in question.answers] for question in self.problem_set.checked}

    def _titles(self) -> tuple[dict[str, str], str]:
        """The heading of each question that is checked, and the word for one that is done."""
        if (public := self.public()) is not None:
            return {id: public.get("titles", {}).get(id, id) for id in public["questions"]}, "answered"
        return {question.id: question.title for question in self.problem_set.checked}, "right"

    def _standing(self) -> dict[str, bool]:
        """How each question stands; in practice what was right in an earlier kernel counts until it is asked anew."""
        if self.public() is not None:
            return self.done
        return {id: True for id in self.kept.done if id not in self.open} | self.done

    def _has_data(self, wanted: str) -> bool:
        data = self.namespace.get("data")
        return isinstance(data, pd.DataFrame) and fingerprint(data) == wanted

    def _beside(self, read: Mapping[str, Any], right: bool) -> list[str]:
        """The prediction beside the result, and beside a right one whether it lies within what was allowed for."""
        lines = []
        for name, got in read.items():
            if name in self.kept.predictions and isinstance(got, float | str):
                guess = self.kept.predictions[name]
                held = guess.holds(got) if right else None
                within = "" if held is None else " " + say("held" if held else "not_held")
                lines.append(say("predicted", guess=guess, got=got if isinstance(got, str) else f"{got:g}") + within)
        return lines

    def _progress(self, total: int, word: str) -> str:
        return say("progress", done=sum(self._standing().values()), all=total, word=word)


def _is_file(path: Path) -> bool:
    """Whether a file is there; not where the folder cannot be read, as in a browser that lends none."""
    try:
        return path.is_file()
    except OSError:
        return False


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
