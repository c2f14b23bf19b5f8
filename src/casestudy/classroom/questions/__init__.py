"""Questions for learning platforms, many variants of each, from the sources of the problem sets."""

from casestudy.classroom.questions import moodle, packed, qti12, qti21
from casestudy.classroom.questions.items import Bank
from casestudy.classroom.questions.variants import bank
from casestudy.refusals import Refusal, nearest

__all__ = ["FORMATS", "bank", "content", "lost"]

FORMATS = {"moodle-xml": ".xml", "qti12": ".zip", "qti21": ".zip"}  # each with the ending of its file


def content(questions: Bank, to: str) -> bytes:
    """The file that a platform imports, in one of FORMATS; the same for the same questions."""
    if to not in FORMATS:
        raise Refusal(f"the format is one of {', '.join(FORMATS)}: got {to!r}; {nearest(to, FORMATS)}")
    if to == "moodle-xml":
        return moodle.written(questions).encode()
    return packed.packed((qti12 if to == "qti12" else qti21).files(questions))


def lost(to: str) -> list[str]:
    """In sentences, what a format cannot carry of any set."""
    return [qti12.LOST] if to == "qti12" else []
