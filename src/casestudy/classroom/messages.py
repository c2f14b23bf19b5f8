"""What a check says, by language and by what it found."""

MESSAGES = {
    "en": {
        "missing": "Not answered yet: put your own value in place of the three dots.",
        "comma": "{got} is two numbers to Python. If its comma is a decimal comma, write {point}; if it parts "
        "thousands, write {whole}.",
        "commas": "{got} is several numbers to Python. Write it without commas: {whole}.",
        "quoted": "This is text: take the quotation marks away, and use a decimal point.",
        "not_a_number": "A number is wanted here; this is of the kind {got}.",
        "not_finite": "The number must be finite; this is {got}. Was something divided by zero?",
        "out_of_range": "{got} is not plausible: {plausible} is expected. Look at unit and sign.",
        "not_a_table": "A table (DataFrame or Series) is wanted here; this is of the kind {got}.",
        "too_large": "The table has {got} cells; at most {most} can be checked. Did you mean a summary of it?",
        "not_a_choice": "Choose one of these, alone and in quotation marks: {choices}. This is {got}.",
        "not_an_allocation": "A list of points is wanted here; this is of the kind {got}.",
        "wrong_sum": "The points must be 0 or more and add up to {total}; yours add up to {got}.",
        "shape": "The table has other rows or columns than asked for: wanted {wanted}; yours has {got}.",
        "hundredfold": "The digits look right, the unit does not: {unit} is asked for.",
        "right": "Right.",
        "predicted": "You predicted {guess:g}; your answer is {got:g}.",
        "predicted_word": "You predicted {guess}; your answer is {got}.",
        "half": "{right} is right, {other} is not yet.",
        "wrong": "Not yet. Read the question's Do again: which figure is the base, and in which unit?",
        "wrong_choice": "Not yet. Read each choice again, and ask of every word in it: does a figure here say so?",
        "graded": "Noted: {name}. Its form is fine; whether it is right comes with the marks.",
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


def say(key: str, language: str = "en", **told) -> str:
    """One message, filled in.

    >>> say("wrong_sum", total=10, got=9)
    'The points must be 0 or more and add up to 10; yours add up to 9.'
    """
    return MESSAGES[language][key].format(**told)


def sentence(words: str) -> str:
    """Words with one mark at their end.

    >>> sentence("Not ready yet: 2. Where?"), sentence("Not ready yet: words")
    ('Not ready yet: 2. Where?', 'Not ready yet: words.')
    """
    return words if words.endswith((".", "?", "!")) else f"{words}."
