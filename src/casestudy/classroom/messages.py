"""What a check says, by language and by what it found."""

LANGUAGES = ("en",)
MESSAGES = {
    "en": {
        "missing": "Not answered yet: put your own value in place of the three dots.",
        "comma": "{got} is two numbers to Python. Use a decimal point: {point}.",
        "not_a_number": "A number is wanted here; this is of the kind {got}.",
        "not_finite": "The number must be finite; this is {got}. Was something divided by zero?",
        "out_of_range": "{got} lies outside what is plausible, {low:g} to {high:g} {unit}. Look at unit and sign.",
        "not_a_table": "A table (DataFrame or Series) is wanted here; this is of the kind {got}.",
        "too_large": "The table has {got} cells; at most {most} can be checked. Did you mean a summary of it?",
        "not_a_choice": "Choose one of: {choices}. This is {got}.",
        "not_an_allocation": "A list of points is wanted here; this is of the kind {got}.",
        "wrong_sum": "The points must be 0 or more and add up to {total}; yours add up to {got}.",
        "shape": "The table has other rows or columns than asked for: wanted {wanted}; yours has {got}.",
        "hundredfold": "The digits look right, the unit does not: {unit} is asked for.",
        "right": "Right.",
        "predicted": "You predicted {guess:g}; you got {got:g}.",
        "predicted_word": "You predicted {guess}; you got {got}.",
        "half": "{right} is right, {other} is not yet.",
        "wrong": "Not yet. Read the question's Do again: which figure is the base, and in which unit?",
        "wrong_choice": "Not yet. Read each choice again, and ask of every word in it: does a figure here say so?",
        "graded": "Noted: {name}. Its form is fine; whether it is right comes with the marks.",
        "remembered": "Remembered. Now work it out.",
        "progress": "{done} of {all} questions {word}",
        "data_differs": "Your figures are not the ones that were sent to you. Tell your lecturer; it costs nothing.",
        "ready": "Ready to hand in: every question has an answer of the right form.",
        "not_ready": "Not ready yet: {names}.",
    }
}


def say(key: str, language: str = "en", **told) -> str:
    """One message, filled in.

    >>> say("wrong_sum", total=10, got=9)
    'The points must be 0 or more and add up to 10; yours add up to 9.'
    """
    return MESSAGES[language][key].format(**told)
