"""Practice: what a notebook's own cells call. Where checks are quiet, nothing more than this file is loaded."""

import sys
from typing import TYPE_CHECKING

from casestudy.classroom.quiet import guessed, quiet

if TYPE_CHECKING:
    from casestudy.classroom.practice.desk import Desk
    from casestudy.classroom.practice.glance import Overview
    from casestudy.classroom.practice.messages import Reply


def declare(problem_set: str, public: str) -> None:
    """Tell `check` what a graded notebook asks for, where no check.json can lie beside it."""
    if not quiet.get():
        from casestudy.classroom.practice import desk

        desk.declare(sys._getframe(1).f_globals, problem_set, public)


def predict(**guesses: object) -> "Reply | None":
    """Keep a guess, to show it beside the result; the first one counts.

    give_or_take: how far off it may be, in the answer's unit.
    """
    if quiet.get():
        guessed.append(guesses)
        return None
    return _desk().predict(guesses)


def progress() -> "Reply | None":
    """What stands done and guessed from earlier; for the top of a notebook."""
    return None if quiet.get() else _desk().progress()


def check(**given: object) -> "Reply | None":
    """Say how an answer stands: in practice with a hint that grows, in graded work only whether its form is fine."""
    return None if quiet.get() else _desk().check(given)


def ready() -> "Reply | None":
    """Whether every question has an answer of the right form; the last cell of a notebook."""
    return None if quiet.get() else _desk().ready()


def overview() -> "Overview":
    """How far one has come with each set; for the start page of `casestudy lab`."""
    from casestudy.classroom.practice.glance import overview

    return overview()


def _desk() -> "Desk":
    """The desk of the notebook that called: it stands among the notebook's own variables."""
    from casestudy.classroom.practice import desk

    return desk.of(sys._getframe(2).f_globals)


__all__ = ["check", "declare", "overview", "predict", "progress", "ready"]
