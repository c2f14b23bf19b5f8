"""What a check says, by language and by what it found; what is wrong with an answer's form is in sets/problems.py."""

from dataclasses import dataclass
from html import escape
from typing import Any

MESSAGES = {
    "en": {
        "shape": "The table has other rows or columns than asked for: wanted {wanted}; yours has {got}.",
        "hundredfold": "The digits look right, the unit does not: {unit} is asked for.",
        "right": "Right.",
        "predicted": "You predicted {guess:g}; your answer is {got:g}.",
        "predicted_word": "You predicted {guess}; your answer is {got}.",
        "half": "{right} is right, {other} is not yet.",
        "wrong": "Not yet. Read the question's Do again: which figure is the base, and in which unit?",
        "wrong_choice": "Not yet. Read each choice again, and ask of every word in it: does a figure here say so?",
        "graded": "Noted: {name}. Its form is fine; whether it is right comes with the marks.",
        "no_variable": "Your marks come from a variable called {name}, and there is none: write {name} = ... above.",
        "other_variable": "Your marks come from the variable {name}, and it holds something else than this check got.",
        "stands": "Your first guess, {guess}, stands.",
        "near": "Very near, and not quite: was something rounded on the way?",
        "remembered": "Remembered. Now work it out.",
        "progress": "{done} of {all} questions {word}",
        "data_differs": "Your figures are not the ones that were sent to you: run the notebook from its first cell. "
        "If this line stays, tell your lecturer; it costs nothing.",
        "other_figures": "These figures belong to another code, or were changed: run the notebook from its first cell.",
        "other_code": "This is not the code that came with this notebook: put it back, and run from the first cell.",
        "no_public": "A personal code belongs to a graded notebook, and its check.json is missing here or damaged: "
        "copy it back from what you were sent, beside the notebook.",
        "ready": "Ready to hand in: every question has an answer of the right form. Written answers are not looked at.",
        "all_right": "Every question is right. What would you ask the firm next?",
        "try_again": "Every question has an answer; these are not right yet: {names}",
        "not_ready": "Not ready yet: {names}",
    }
}


def say(key: str, language: str = "en", **details: object) -> str:
    """One message, filled in.

    >>> say("progress", done=2, all=6, word="right")
    '2 of 6 questions right'
    """
    return MESSAGES[language][key].format(**details)


@dataclass(frozen=True)
class Reply:
    """One sentence or more, with a sign that needs no colour; shown as quiet HTML and as text."""

    sign: str
    lines: tuple[str, ...]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        colours = {"✓": "#008060", "→": "#5B6472"}
        inside = "<br>".join(escape(line) for line in self.lines)
        style = f"border-left:4px solid {colours.get(self.sign, '#D55E00')};padding:.3em .8em;margin:.4em 0"
        page = f'<div role="status" style="{style}"><span aria-hidden="true">{self.sign}</span> {inside}</div>'
        return {"text/html": page, "text/plain": "\n".join((f"{self.sign} {self.lines[0]}", *self.lines[1:]))}
