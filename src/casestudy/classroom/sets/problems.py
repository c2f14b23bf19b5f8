"""What can be wrong with an answer: each kind once, in the words of a live check and in those of a page afterwards."""

from collections.abc import Iterable
from typing import NamedTuple


class Wording(NamedTuple):
    """live: a sentence in the notebook, its {fields} filled in by the details; page: after 'your answer:' on a page."""

    live: str
    page: str


MISSING, UNREADABLE = "missing", "unreadable"
KINDS = {
    MISSING: Wording(
        "Not answered yet: put your own value in place of the three dots, and run that cell.", "no answer"
    ),
    "comma": Wording(
        "{got} is two numbers to Python. If its comma is a decimal comma, write {point}; if it parts thousands, write "
        "{whole}.",
        "two numbers to Python: write a decimal point, not a comma",
    ),
    "commas": Wording(
        "{got} is several numbers to Python. Write it without commas: {whole}.",
        "several numbers to Python: write it without commas",
    ),
    "quoted": Wording(
        "This is text: take the quotation marks away, and use a decimal point.",
        "text, not a number: take the quotation marks away",
    ),
    "another_word": Wording(
        'The only word that can stand here is "impossible"; this is {got}. Else give what was asked for.',
        'a word that is not "impossible"',
    ),
    "not_a_number": Wording("A number is wanted here; this is of the kind {got}.", "not a number"),
    "not_finite": Wording(
        "The number must be finite; this is {got}. Was something divided by zero?",
        "not a finite number: was something divided by zero?",
    ),
    "out_of_range": Wording(
        "{got} is not plausible: {plausible} is expected. Look at unit and sign.",
        "outside what is plausible: look at unit and sign",
    ),
    "not_a_table": Wording(
        "A table (DataFrame or Series) is wanted here; this is {got}.", "not a table of numbers and words"
    ),
    "list_for_table": Wording(
        "A table is wanted here; this is of the kind {got}. pd.Series(yours) makes a table of one column, "
        "pd.DataFrame(...) one of several; index=[...] names the rows.",
        "a list where a table was asked for: pd.Series or pd.DataFrame makes one",
    ),
    "not_a_list": Wording("A list is wanted here, of {wanted}; this is of the kind {got}.", "not a list of numbers"),
    "wrong_length": Wording("Your list has {got} numbers; wanted are {wanted}.", "a list of another length"),
    "not_a_date": Wording('A day is wanted here, such as "2015-06-30"; this is {got}.', "not a day"),
    "too_large": Wording(
        "The table has {got} cells; at most {most} can be checked. Did you mean a summary of it?",
        "a table too large to be an answer",
    ),
    "not_a_choice": Wording(
        "Choose one of these, alone and in quotation marks: {choices}. This is {got}.", "not one of {choices}"
    ),
    "not_an_allocation": Wording("A list of points is wanted here; this is of the kind {got}.", "not a list of points"),
    "wrong_sum": Wording(
        "The points must be 0 or more and add up to {total}; yours add up to {got}.",
        "points that are below 0 or have another sum than asked for",
    ),
    UNREADABLE: Wording("This could not be read as an answer.", "could not be read as an answer"),
}


VALUES = ("not_finite", "out_of_range", "wrong_sum")  # of a form that can be read, and wrong whatever was meant


class Problem(Exception):
    """Why something is no answer: one of KINDS, and what its live sentence is filled in with."""

    def __init__(self, kind: str, **details: object):
        super().__init__(kind)
        self.kind, self.details = kind, details

    def sentence(self) -> str:
        """What a check says.

        >>> Problem("wrong_sum", total=10, got=9).sentence()
        'The points must be 0 or more and add up to 10; yours add up to 9.'
        """
        return KINDS[self.kind].live.format(**self.details)


def told(kind: str, choices: Iterable[str] = ()) -> str:
    """Why a value is no answer, as a page says it; a kind that nobody knows is one that could not be read.

    >>> told("not_a_choice", ["a", "b"])
    'not one of a, b'
    """
    return KINDS.get(kind, KINDS[UNREADABLE]).page.format(choices=", ".join(choices))


def sentence(words: str) -> str:
    """Words with one mark at their end.

    >>> sentence("Not ready yet: 2. Where?"), sentence("Not ready yet: words")
    ('Not ready yet: 2. Where?', 'Not ready yet: words.')
    """
    return words if words.endswith((".", "?", "!")) else f"{words}."
