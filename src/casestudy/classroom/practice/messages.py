"""What a check says, by language and by what it found; what is wrong with an answer's form is in sets/problems.py."""

from dataclasses import dataclass
from html import escape
from typing import Any

MESSAGES = {
    "en": {
        "one_column": "One column of numbers is asked for, and your table has {got}.",
        "no_column": "Your table has no column called {names}: see the Do for the names.",
        "odd_column": "Your table has a column that is not asked for: {names}.",
        "rows": "Your table has {got} rows; {wanted} are asked for.",
        "in_column": "in the column {name}, ",
        "first_row": 'Not yet: {where}the row "{row}" is the first that is wrong. Work it out by hand.',
        "all_rows": 'Not yet: {where}every row is wrong. Work out the row "{row}" by hand.',
        "hundredfold": "The digits look right, the unit does not: {unit} is asked for.",
        "sign": "The size of {name} is right and its sign is turned: which of the two is subtracted from which?",
        "upside_down": "That is the fraction upside down: what belongs above the line, and what below?",
        "right": "Right.",
        "predicted": "You predicted {guess}; your answer is {got}.",
        "held": "What you allowed for was wide enough.",
        "not_held": "It lies outside what you had allowed for.",
        "several": "Not yet: something in {names} does not fit; a check does not say which. Work on one at a "
        "time, and read its line in the Do again.",
        "test_case": "Not yet. Open the Hint above, and try your line on a case that you can do in your head.",
        "example": "With other figures: {example}",
        "wrong": "Not yet. Read the question's Do again: what is divided by what, and in which unit?",
        "wrong_choice": "Not yet. Read each choice again, and ask of every word in it: does a figure here say so?",
        "graded": "Noted: {name}. Its form is fine; whether it is right comes with the marks.",
        "no_variable": "Your marks come from a variable called {name}, and there is none: write {name} = ... above.",
        "other_variable": "Your marks come from the variable {name}, and it holds something else than this check got.",
        "stands": "Your first guess, {guess}, stands.",
        "near": "{name} is right but for its rounding: keep more digits.",
        "remembered": "Remembered. Now work it out.",
        "nothing": "Nothing to remember yet: put a guess in place of the dots, such as {such}, and run the cell.",
        "too_late": "You had an answer before this guess, so it is not kept; a first guess is one made before.",
        "not_kept": "What you do here cannot be kept in a file in this folder, and is lost when the kernel stops.",
        "progress": "{done} of {all} questions {word}",
        "open": "still open: {names}",
        "begin": "{all} questions{minutes}. What you get done is kept beside this notebook, and shown here.",
        "minutes": ", about {low} to {high} minutes",
        "guessed": "first guesses: {guesses}",
        "data_differs": "Your figures are not the ones that were sent to you: run the notebook from its first cell. "
        "If this line stays, tell your lecturer; it costs nothing.",
        "other_figures": "These figures belong to another code, or were changed: run the notebook from its first cell.",
        "other_code": "This is not the code that came with this notebook: put it back, and run from the first cell.",
        "no_public": "A personal code belongs to a graded notebook, and its check.json is missing here or damaged: "
        "copy it back from what you were sent, beside the notebook.",
        "ready": "Ready to hand in: every question has an answer of the right form. Written answers are not looked at.",
        "all_right": "Every question is right. What would you ask next?",
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
        colours = {"✓": "#008060", "✗": "#D55E00"}  # what is not answered yet is not wrong
        inside = "<br>".join(escape(line) for line in self.lines)
        style = f"border-left:4px solid {colours.get(self.sign, '#5B6472')};padding:.3em .8em;margin:.4em 0"
        page = f'<div role="status" style="{style}"><span aria-hidden="true">{self.sign}</span> {inside}</div>'
        return {"text/html": page, "text/plain": "\n".join((f"{self.sign} {self.lines[0]}", *self.lines[1:]))}
