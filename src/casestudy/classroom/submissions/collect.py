"""What came back: notebooks from folders, or from a zip as learning platforms make them, each given to one student.

Nothing is unpacked to disk and no link is followed. A file that fits two students, or none, is named, never guessed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

import pandas as pd

from casestudy.classroom.records import sha
from casestudy.classroom.submissions import platforms
from casestudy.classroom.submissions.delivery import File, shown
from casestudy.classroom.submissions.delivery import files as delivered
from casestudy.classroom.submissions.names import Known, spelt
from casestudy.classroom.submissions.platforms import Label, is_notebook, labelled, stem
from casestudy.classroom.submissions.unmatched import NOBODY, Answers, Odd, key
from casestudy.refusals import Refusal

LARGEST_OF_ONE = 60_000_000  # bytes of one student's notebooks together
PACKED = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".xz", ".bz2")
WORK = (".py", ".html", ".htm", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".md", ".json", ".r", ".rmd", ".qmd")
BOOKS = ("index.html", "grades.csv")  # what platforms add themselves
NO_LABEL = Label()
DRIVE = re.compile(r"[A-Za-z]:")
CODE = re.compile(rb"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")  # a personal code, which is in every copy


@dataclass(frozen=True)
class Submission:
    """One notebook: whose, its name as found, its bytes, and when it was handed in where the delivery tells.

    content is empty where the file was not read, and fault says why: it is damaged.
    """

    student: str
    name: str
    content: bytes
    sent: datetime | None = None
    fault: str = ""

    @cached_property
    def sha256(self) -> str:
        """Of its bytes, which may be many, and are asked after often."""
        return sha(self.content)


@dataclass(frozen=True)
class Before:
    """What is known when a delivery comes.

    answers: what a person filled in; earlier: the names of files that were handed in before, each with its student;
    codes: whose each personal code is, by which students may be proposed, never chosen.
    """

    answers: Answers = field(default_factory=Answers)
    earlier: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Claim:
    """Whom a file's path fits; label: what a platform wrote there; sure: by more than a name."""

    fits: set[str]
    label: Label = NO_LABEL
    sure: bool = False
    sent: datetime | None = None

    @property
    def number(self) -> str:
        return spelt(self.label.number)


def collect(delivery: Path, students: pd.DataFrame, before: Before | None = None) -> tuple[list[Submission], list[Odd]]:
    """Every notebook in a folder or zip that belongs to one student; and what does not, for a person.

    students: as roster.read gives them. A student may have several notebooks, or none.
    """
    before = before or Before()
    known, files = Known(students, _numbers(before.earlier) | before.answers.numbers), delivered(delivery)
    claims = _claims(files, known)
    held = _contradicting(zip(files, claims, strict=True), known)
    found: list[Submission] = []
    odd: list[Odd] = []
    others: dict[str, Odd] = {}  # the first file of each student's that is no notebook
    told_of: set[str] = set()  # whose own file a person must look at anyway; a code in another's file tells nothing
    sizes: Counter[str] = Counter()  # of the notebooks that were read, by student
    for file, claim in zip(files, claims, strict=True):
        name, answer = shown(file.path), before.answers.numbers.get(claim.number, "") if claim.number else ""
        seen = Odd(name, "", claim.label.name, claim.label.number, tuple(sorted(claim.fits)), key(name, b""))
        if not is_notebook(file.path):
            answer = answer or before.answers.of(seen)
            if len(claim.fits) == 1 and answer != NOBODY:
                others.setdefault(seen.students[0], seen)
            elif answer != NOBODY:
                odd += _unplaced(file.path, seen)
            continue
        content, fault = _content(file, sizes[next(iter(claim.fits))] if len(claim.fits) == 1 else 0)
        seen = seen.of(content)
        answer = before.answers.of(seen) or answer
        why = "" if answer else _why(file.path, seen, held)
        if why:
            told_of |= claim.fits if len(claim.fits) == 1 else set()
            odd.append(_proposed(seen.because(why), content, before.codes))
        elif answer != NOBODY:
            student = answer or next(iter(claim.fits))
            sizes[student] += len(content)
            found.append(Submission(student, name, content, claim.sent or file.sent, fault))
    have = told_of.union(submission.student for submission in found)
    odd += [seen.because(_instead(seen.file, id)) for id, seen in others.items() if id not in have]
    if not found and not odd:
        raise Refusal(f"there is no notebook in {delivery}: name a folder of notebooks, or the zip that the LMS made")
    return sorted(found, key=lambda each: (each.student, each.sent or datetime.min, each.name)), odd


def told(found: Iterable[Submission], odd: Iterable[Odd]) -> list[str]:
    """In words what could not be read, and what belongs to nobody."""
    unread = [f"{' '.join(each.name.split())}: {each.fault}; taken for damaged" for each in found if each.fault]
    return [*unread, *map(str, odd)]


def _numbers(earlier: Mapping[str, str]) -> dict[str, str]:
    """The platform's numbers in the names of earlier files, each with its student."""
    labels = ((labelled(PurePosixPath(name)), id) for name, id in earlier.items())
    return {spelt(label.number): id for label, id in labels if label and label.number}


def _leads_elsewhere(path: PurePosixPath) -> bool:
    return path.is_absolute() or ".." in path.parts or bool(DRIVE.match(str(path)))


def _unplaced(path: PurePosixPath, seen: Odd) -> list[Odd]:
    """What is said of a file that is no notebook and belongs to no one student; nothing where it does not matter."""
    fits = f"fits {', '.join(seen.students) or 'nobody'}"
    if _leads_elsewhere(path):
        return [seen.because("left out, its path leads elsewhere")]
    if path.suffix.lower() in PACKED:
        return [seen.because(f"not opened, and {fits}: unpack it yourself, then name the folder")]
    if path.suffix.lower() in WORK and path.name.lower() not in BOOKS:
        return [seen.because(f"no notebook, and {fits}")]
    return []


def _instead(name: str, id: str) -> str:
    """Why a file stands for nothing that a student handed in."""
    suffix = PurePosixPath(name).suffix.lower()
    packed = "; it is packed: unpack it yourself, then name the folder" if suffix in PACKED else ""
    return f"no notebook, and {id} sent none{packed or '; ask for the .ipynb file'}"


def _why(path: PurePosixPath, seen: Odd, held: Mapping[str, str]) -> str:
    """Why nobody gets a notebook before a person has decided; nothing where somebody does."""
    if _leads_elsewhere(path):
        return "left out, its path leads elsewhere"
    if len(seen.students) != 1:
        ask = f"; it is anonymous: say here, or in the roster's lms_id, whose {seen.number} is"
        return f"fits {', '.join(seen.students) or 'nobody in the roster'}{ask if seen.anonymous else ''}"
    return held.get(spelt(seen.number), "") if seen.number else ""


def _proposed(seen: Odd, content: bytes, codes: Mapping[str, tuple[str, ...]]) -> Odd:
    """With whom the personal code in the notebook means, which a person may believe or not."""
    said = {id for code in set(CODE.findall(content)) for id in codes.get(code.decode(), ())}
    if not said or seen.why.startswith("left out"):
        return seen
    both = said & set(seen.students) or said | set(seen.students)
    return seen.because(f"{seen.why}; the code in it is of {', '.join(sorted(said))}", tuple(sorted(both)))


def _claims(files: list[File], known: Known) -> list[_Claim]:
    """Whom each file's path fits."""
    prefix = platforms.repositories(file.path.parts[:-1] for file in files)
    folders = any(_by_folder(part, known, prefix).fits for file in files for part in file.path.parts[:-1])
    return [_claim(file.path, known, folders, prefix) for file in files]


def _claim(path: PurePosixPath, known: Known, folders: bool, prefix: str) -> _Claim:
    """Whom a path fits.

    What an LMS wrote counts before what a student wrote, and a folder before a file's name. Once some folders are
    named for students (`folders`), a folder that is not belongs to nobody. A path that leads elsewhere fits nobody.
    """
    if _leads_elsewhere(path):
        return _Claim(set())
    maybe = _Claim(set())
    for depth, part in enumerate(path.parts[:-1]):
        if label := platforms.folder(part):
            fits, sure = known.lms(label)
            return _Claim(fits, label, sure, label.sent)
        claim = _by_folder(part, known, prefix)
        if claim.fits:
            below = path.parts[depth + 1 : -1] if not claim.label.number else ()
            return _Claim(claim.fits.union(*map(known.folder, below)), claim.label, claim.sure, claim.sent)
        maybe = claim if claim.label.number and not maybe.label.number else maybe
    if label := platforms.file(stem(path)):
        fits, sure = known.lms(label)
        return _Claim(fits, label, sure, label.sent)
    if folders and len(path.parts) > 1:
        return maybe
    return _Claim(known.file(stem(path)), maybe.label)


def _by_folder(part: str, known: Known, prefix: str) -> _Claim:
    """Whom a folder's name means, where it has no form that only a platform uses."""
    sent = platforms.dated(part)
    if fits := known.folder(platforms.DATE.sub("", part).strip(" _-")):
        return _Claim(fits, sent=sent)
    if label := platforms.folder(part):
        return _Claim(known.lms(label)[0])
    if label := platforms.loose(part, prefix):
        fits, sure = known.lms(label)
        return _Claim(fits, label, sure, sent)
    return _Claim(set())


def _contradicting(claims: Iterable[tuple[File, _Claim]], known: Known) -> dict[str, str]:
    """Why a number does not count: another one goes by the same student, and only a person knows whose it is.

    A number that is known to be the student's counts all the same.
    """
    sure: dict[str, set[str]] = {}
    by_name: dict[str, set[str]] = {}
    written: dict[str, str] = {}
    for file, claim in claims:
        if is_notebook(file.path) and len(claim.fits) == 1 and claim.number:
            (id,) = claim.fits
            (sure if claim.sure else by_name).setdefault(id, set()).add(claim.number)
            written[claim.number] = claim.label.number
    held: dict[str, str] = {}
    for id, numbers in by_name.items():
        theirs = sure.get(id, set()) | known.numbers_of(id)
        both = ", ".join(sorted(written[number] for number in numbers))
        if theirs:
            named = ", ".join(sorted(written.get(number, number) for number in theirs))
            held |= {n: f"named like {id}, whose number is {named}, not {written[n]}" for n in numbers - theirs}
        elif len(numbers) > 1:
            held |= dict.fromkeys(numbers, f"several numbers go by the name of {id}: {both}")
    return held


def _content(file: File, before: int) -> tuple[bytes, str]:
    """A file's bytes, or none of them and why; before: bytes of the same student's that were read already."""
    if file.refused:
        return b"", file.refused
    if before + file.size > LARGEST_OF_ONE:
        return b"", f"more than {LARGEST_OF_ONE // 1_000_000} MB of one student's together"
    try:
        return file.read(), ""
    except Exception as error:  # of many kinds, as a zip can be spoilt in many ways; this one file is, not the delivery
        return b"", f"cannot be read ({type(error).__name__})"
