"""Questions for learning platforms, many variants of each, from the sources of the problem sets."""

from casestudy.classroom.questions import moodle
from casestudy.classroom.questions.bank import bank
from casestudy.classroom.questions.items import Bank
from casestudy.refusals import Refusal, nearest

__all__ = ["FORMATS", "bank", "content"]

FORMATS = {"moodle-xml": ".xml"}  # each with the ending of its file


def content(questions: Bank, to: str) -> bytes:
    """The file that a platform imports, in one of FORMATS; the same for the same questions."""
    if to not in FORMATS:
        raise Refusal(f"--to is one of {', '.join(FORMATS)}; {nearest(to, FORMATS)}")
    return moodle.written(questions).encode()
