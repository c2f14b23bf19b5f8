"""What the feedback and the summary say about a run, an answer and a question, in plain words."""

FINAL = ("ok", "cell_error")  # statuses after which the marks can stand without anybody looking
UNREAD = ("damaged", "missing")  # statuses without a notebook that ran

_LOOKED_AT = "Nothing is decided: a person looks at it before any mark stands."
STATUSES = {  # to the student: what happened, what to do
    "ok": ("Your notebook ran to its end.", ""),
    "cell_error": (
        "At least one of your cells stopped with an error; the cells after it ran all the same.",
        "If an answer is missing below, look at that cell first.",
    ),
    "timeout_cpu": ("A cell computed for longer than is allowed.", f"{_LOOKED_AT} Look for a loop without an end."),
    "timeout_wall": ("A cell waited for longer than is allowed.", f"{_LOOKED_AT} Look for a cell that waits."),
    "memory": (
        "A cell asked for more memory than is allowed.",
        f"{_LOOKED_AT} Look for a table or a list that grows without an end.",
    ),
    "died": ("A cell ended the run before its time.", f"{_LOOKED_AT} Look for a cell that ends Python itself."),
    "damaged": (
        "Your file could not be read as a notebook, so nothing was marked.",
        f"{_LOOKED_AT} Open it in JupyterLab: if it opens, save it and hand it in again; if not, tell your lecturer.",
    ),
    "missing": (
        "No notebook of yours was found, so nothing was marked.",
        f"{_LOOKED_AT} If you did hand one in, tell your lecturer the file's name and the day.",
    ),
}
DECIDED = "A person has given the points of every question."
OTHER_SET = (  # in place of what is said of a damaged file
    "Your notebook is a copy of {found}; {expected} was asked for, so nothing was marked.",
    f"{_LOOKED_AT} Hand in your copy of {{expected}}; if this is the right one, tell your lecturer.",
)
FLAGS = {
    "other_code": (
        "Your notebook names another code than yours; it was marked on your own figures.",
        "If you worked on the figures of somebody else's copy, tell your lecturer.",
    ),
    "late": ("Your notebook came {late} after it was due.", "No points were taken off on this page."),
    "doubled": (
        "More than one notebook of yours was found.",
        "The one named at the end of this page was marked. If it is the wrong one, tell your lecturer.",
    ),
    "of_group": (
        "No notebook of your own was found; the one that your group handed in was marked.",
        "If you did hand one in, tell your lecturer the file's name and the day.",
    ),
    "repaired": (
        "Cells had been moved, copied, split or deleted; they were put back before your notebook was run.",
        "If an answer of yours is shown wrongly below, tell your lecturer.",
    ),
    "text_elsewhere": (
        "A text of yours stood where none was asked for.",
        "A person sees it below the question that you left as it was. If it is not meant for that, say so.",
    ),
    "picture": ("There is a picture in a text of yours; only its name is shown here.", "A person looks at it."),
    "not_sandboxed": ("Your notebook was run without the usual walls around it.", "You need do nothing."),
    "data_differs": (
        "While your notebook ran, its figures were not the ones drawn for you. The latter count, and stand below.",
        "If yours were others, tell your lecturer; asking costs nothing.",
    ),
    "noted_without_answer": (
        "A check in your notebook had noted an answer that was not there when your notebook was run.",
        _LOOKED_AT,
    ),
}
NOTHING_OFF, POINTS_OFF = "Nothing was taken off for that.", "What that costs stands below the points."
LATE_UNKNOWN = ("When your notebook was handed in could not be seen.", "If it was due already, your lecturer will ask.")
NOTES = {  # how a question stands
    "right": "Right.",
    "mistake": "Not right.",
    "credit": "Not right, but part of the way.",
    "partly": "Partly right.",
    "wrong": "Not right, and none of the usual mistakes. Read the question's Do again: which base, which unit?",
    "missing": "Not answered, so there is nothing to mark.",
    "unusable": "Answered in a form that could not be read; what was wrong with it stands below.",
    "to be read": "Not read yet: a person reads this text, and its points come then.",
    "not found": "The cell for this text was not found in your notebook: a person looks, and its points come then.",
    "read": "Read by a person.",
    "given": "given by a person:",  # and the reason
    "empty": "You left this one as it was: there is no text to read.",
}
STATES = {  # the colour of a note; what is not answered, or not read, is neither right nor wrong and has none
    "right": "right",
    "read": "right",
    "given": "right",
    "credit": "wrong",
    "mistake": "wrong",
    "partly": "wrong",
    "wrong": "wrong",
}
_RUN = "run it by hand where nothing can be harmed, or ask the student."
_HIGHER = "If it is honest, grade it again with a higher --limit,"
PERSON = {  # to the lecturer: why a person looks, what to do
    "missing": ("No notebook found", "Look among the files that fit nobody; else ask."),
    "damaged": ("Not readable as a notebook", "Ask for it once more."),
    "other_set": ("A copy of another set", "Ask for the right one: nothing was run."),
    "timeout_cpu": ("Computed too long", f"{_HIGHER} into a new folder; else {_RUN}"),
    "timeout_wall": ("Waited too long", f"{_HIGHER} on a quiet machine, into a new folder; else {_RUN}"),
    "memory": ("Needed too much memory", f"{_HIGHER} into a new folder; else {_RUN}"),
    "died": ("Ended its own run", _RUN.capitalize()),
    "cell_error": ("A cell stopped, and an answer is missing", "Is the answer there, and only never reached?"),
    "noted_without_answer": (
        "Noted by the notebook's own check, and not found in grading",
        "Run it by hand where nothing can be harmed: what did it need that was not there? The words can be forged.",
    ),
    "data_differs": ("Other figures than those drawn for them", "Was it their own copy and code?"),
    "other_code": ("Another code in the notebook", "Was it their own copy? If it is many: is it the right release?"),
    "same_as": (
        "Wrong answers that are right for somebody else",
        "A reason to look and to talk, never a verdict: chance does this too, and so does honest help.",
    ),
    "alike": (
        "A text more like another's than chance makes texts here",
        "A reason to look and to talk, never a verdict: read both, side by side, with `exercises likeness`.",
    ),
    "late": ("Late", "Decide whether it counts; nothing was taken off."),
    "late_unknown": ("Time of handing in unknown", "Decide whether it was in time."),
    "doubled": ("More than one notebook", "Was the right one marked?"),
    "of_group": ("Nothing of their own, the group's marks", "Did they take part? Else give the points by override."),
    "repaired": ("Cells put back", "Look if the student says that an answer is missing."),
    "texts": ("Texts not read yet", "Read the tables in texts/ and bring the points in."),
    "texts_lost": (
        "Texts not found where they belong",
        "Look into the notebook; in texts/ each has a row, by the fingerprint that stands here.",
    ),
    "texts_cut": ("Texts longer than a table holds", "Read the rest in the notebook."),
    "form": (
        "Answers in a form that could not be read",
        "They earned nothing. Where one is plainly meant and right, give the points by override.",
    ),
    "overtaken": (
        "Points given by a person that the marks have come to by now",
        "The override is no longer needed: withdraw it, if you agree.",
    ),
    "other_file": ("Points given by a person for another file than this", "Do they still hold?"),
    "beyond": ("Points given by a person beyond what the question counts now", "Give them anew."),
    "text_elsewhere": (
        "A question left blank, and words elsewhere",
        "Its row in texts/ has them: are they meant for it?",
    ),
    "picture": ("A picture in a text", "Look into the notebook; in texts/ the row names its fingerprint."),
    "not_sandboxed": (
        "Run without walls",
        "These notebooks could read and change this computer: do not run them so again.",
    ),
}


def duration(minutes: float) -> str:
    """Minutes in words.

    >>> duration(1), duration(90), duration(1500)
    ('1 minute', '1 hour 30 minutes', '1 day 1 hour')
    """
    days, rest = divmod(int(minutes), 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (left, "minute")]
    named = [f"{number} {name}{'s' if number != 1 else ''}" for number, name in parts if number]
    return " ".join(named[:2]) or "less than a minute"
