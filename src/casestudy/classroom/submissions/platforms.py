"""How learning platforms name what they hand over: whose a file is by name, login and number, and when it came.

The forms are those that exercises/README.md lists, with where each is documented.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

# in each form `end` is the last that the platform itself wrote of whose the file is
MOODLE = re.compile(r"(?P<name>.+?)_(?P<end>\d+)_assignsubmission_[a-z]+(?:_.*)?", re.S)  # 4.1 on, a folder ends there
CANVAS = re.compile(r"(?P<name>[^_]+)(?:_LATE)?_(?P<end>\d+)_\d+_.+", re.S)
CANVAS_ANONYMOUS = re.compile(r"anon(?:_LATE)?_(?P<end>[A-Za-z0-9]{5})(?:_LATE)?_\d+_.+", re.S)
BLACKBOARD = re.compile(r"(?P<end>.+?)_(?:attempt|poging)_(?P<date>20\d\d(?:-\d\d){5})(?:_.*)?", re.S)
BRIGHTSPACE = re.compile(r"(?P<end>\d+)-\d+ - (?P<rest>.+)", re.S)
SAKAI = re.compile(r"(?P<name>[^(),]+, ?[^(),]*)(?<=\S)\((?P<end>[^()]+)\)(?:_Submission attachment\(s\)_.+)?", re.S)
ILIAS = re.compile(r"(?P<before>[^_]+(?:_[^_]+){2,9})_(?P<number>\d+)", re.S)
DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)[-_ T](\d\d)[-:.h]?(\d\d)(?:[-:.]?(\d\d))?(?!\d)")
SPOKEN = re.compile(  # `Sep 24, 2024 926 PM`, `24 September, 2024 9:26 PM`
    r"(?:(?P<month>[A-Z][a-z]{2,8})\.? (?P<day>\d{1,2})|(?P<day_>\d{1,2}) (?P<month_>[A-Z][a-z]{2,8})\.?),? "
    r"(?P<year>20\d\d),? (?P<hour>\d{1,2}):?(?P<minute>\d\d)(?: ?(?P<half>[AP])\.?M\.?)?"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NOTEBOOK = re.compile(r"(?P<stem>.*?)(?: ?\(\d+\))?\.ipynb(?: ?\(\d+\))?(?:\.(?:txt|json))?", re.I | re.S)
AGAIN = re.compile(r" ?\(\d+\)$")  # what a browser adds to the second download
SUBMISSIONS = "-submissions"  # how GitHub Classroom ends the name of the folder above the repositories
LONGEST = 1_000  # characters of a name in which a platform's form is looked for


@dataclass(frozen=True)
class Label:
    """What a platform wrote of whose a file is.

    names: as displayed, which a student may have chosen; several where the form leaves open where the name begins or
    ends, the longest last. claimed: ids within such a name. logins: likewise several, the shortest first; chosen:
    whether they are the student's own choice. number: the platform's own for this student, which no student can
    choose, a login where there is no other; drawn: anew for each assignment, so that it is no id of the roster's.
    sent: in the platform's local time.
    """

    names: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    number: str = ""
    claimed: tuple[str, ...] = ()
    sent: datetime | None = None
    drawn: bool = False
    chosen: bool = False

    @property
    def name(self) -> str:
        """The name as a person reads it."""
        return self.names[-1] if self.names else self.logins[0] if self.logins else ""


def is_notebook(path: PurePosixPath) -> bool:
    """Whether a file is a notebook by its name, also where a browser added to that.

    >>> [is_notebook(PurePosixPath(name)) for name in ("x.ipynb", "x.ipynb (1)", "x.ipynb.txt", "x.py")]
    [True, True, True, False]
    """
    return bool(NOTEBOOK.fullmatch(path.name))


def stem(path: PurePosixPath) -> str:
    """A file's name without its ending and without what a browser added."""
    notebook = NOTEBOOK.fullmatch(path.name)
    return notebook["stem"] if notebook else AGAIN.sub("", path.stem)


def labelled(path: PurePosixPath) -> Label | None:
    """What a path tells in a form that only a platform uses, a folder's name before the file's."""
    stated = (folder(part) for part in path.parts[:-1])
    return next(filter(None, stated), None) or file(stem(path))


def folder(part: str) -> Label | None:
    """What the name of a folder tells in a form that only a platform uses.

    >>> [folder(f"Anna Muster_1234_assignsubmission_file{end}").number for end in ("_", "")]
    ['1234', '1234']
    >>> folder("39786-640693 - Anna Muster - Oct 10, 2025 1022 AM").sent.isoformat()
    '2025-10-10T10:22:00'
    """
    if len(part) > LONGEST:
        return None
    return next((_read(match) for form in (MOODLE, BRIGHTSPACE, SAKAI) if (match := form.fullmatch(part))), None)


def _read(match: re.Match[str]) -> Label:
    """What a form that matched tells."""
    if match.re is BLACKBOARD:
        before = match["end"]
        return Label(logins=tuple(_tails(before, "_")), number=before, sent=dated(match["date"]))
    if match.re is BRIGHTSPACE:
        return _brightspace(match["end"], match["rest"].split(" - "))
    if match.re is SAKAI:
        return Label((match["name"],), (match["end"],), match["end"])
    if match.re is MOODLE:  # a group's name may come before the student's, joined by a hyphen
        return Label(tuple(_tails(match["name"], "-")), number=match["end"], sent=dated(match[0]), drawn=True)
    anonymous = match.re is CANVAS_ANONYMOUS
    return Label(("anon" if anonymous else match["name"],), number=match["end"], drawn=anonymous)


def file(name: str) -> Label | None:
    """What the name of a file tells, without its ending, in a form that only a platform uses.

    >>> file("Week 4_anna01_attempt_2026-01-31-12-00-00_answer").logins[0]
    'anna01'
    """
    if len(name) > LONGEST:
        return None
    forms = (BRIGHTSPACE, MOODLE, SAKAI, CANVAS_ANONYMOUS, CANVAS, BLACKBOARD)
    found = [match for form in forms if (match := form.fullmatch(name))]
    # what a student wrote comes last, and may look like any form: the platform's is the one that ends its part first
    first = min(found, key=lambda match: match.end("end"), default=None)
    return _read(first) if first else None


def loose(part: str, prefix: str) -> Label | None:
    """What a folder's name would tell as one of ILIAS or GitHub Classroom; other folders may look the same.

    prefix: what the folders beside it begin with, too, as `repositories` finds it.

    >>> loose("Muster_Anna_amuster_4711", "").logins
    ('amuster', 'Anna_amuster', 'Muster_Anna_amuster', '4711')
    >>> loose("week-4-octocat", "week-4-").logins
    ('octocat', '4-octocat')
    """
    if len(part) > LONGEST:
        return None
    if found := ILIAS.fullmatch(part):
        words = found["before"].split("_")
        names = (" ".join(words[:end]) for end in range(len(words) - 1, 0, -1))
        return Label(tuple(names)[::-1], (*_tails(found["before"], "_"), found["number"]), part)
    cut = len(prefix)
    logins = tuple(login for login in _tails(part, "-") if len(part) - len(login) <= cut and login != part)
    return Label(logins=logins, number=part, chosen=True) if logins else None


def repositories(folders: Iterable[tuple[str, ...]]) -> str:
    """What all repositories of a GitHub Classroom assignment begin with; empty where none is to be seen.

    folders: those of each file, the uppermost first.

    >>> repositories([("week-4-anna",), ("week-4-ben",)]), repositories([("w-submissions", "w-anna")])
    ('week-4-', 'w-')
    """
    folders = [parts for parts in folders if parts]
    tops = {parts[0] for parts in folders}
    if len(tops) == 1 and (top := next(iter(tops))).endswith(SUBMISSIONS):
        return top.removesuffix(SUBMISSIONS) + "-"
    first, last = min(tops, default=""), max(tops, default="")  # what these two share all share
    same = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), 0)
    return first[: first.rfind("-", 0, same) + 1] if len(tops) > 1 else ""


def dated(text: str) -> datetime | None:
    """The first time in a text, as platforms put it into names."""
    if found := DATE.search(text):
        numbers = [int(number or 0) for number in found.groups()]
    elif found := SPOKEN.search(text):
        word = (found["month"] or found["month_"])[:3].lower()
        month = MONTHS.index(word) + 1 if word in MONTHS else 0
        hour = int(found["hour"])
        if found["half"]:
            hour = hour % 12 + 12 * (found["half"] == "P")
        numbers = [int(found["year"]), month, int(found["day"] or found["day_"]), hour, int(found["minute"])]
    else:
        return None
    with suppress(ValueError):
        return datetime(*numbers)  # type: ignore[arg-type]  # five numbers or six
    return None


def _brightspace(number: str, parts: list[str]) -> Label:
    """The name, maybe with the organisation's own id before it, the time, and a file's name where it is flat."""
    at = next((n for n, part in enumerate(parts) if n and SPOKEN.fullmatch(part.strip())), len(parts) - 1)
    told = parts[: max(1, at)]
    return Label((told[-1],), number=number, sent=dated(parts[at]), claimed=tuple(told[:-1]))


def _tails(text: str, sign: str) -> Iterator[str]:
    """What stands after each sign, the shortest first, and at last the whole text."""
    at = len(text)
    for _ in range(20):
        at = text.rfind(sign, 0, at)
        if at < 0:
            break
        yield text[at + 1 :]
    yield text
