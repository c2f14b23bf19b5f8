"""Late work: when it is due, how late it came, and what that costs by the rule that a lecturer wrote."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal, Self

from casestudy.classroom.records import Override, Record
from casestudy.refusals import Refusal

LOSS = "late_loss"  # the column of grades.csv, and the word by which `override` gives it: points that come off
NONE = "none"  # in place of a rule
LIKE = '"10% of the maximum a day, grace 30 minutes, at most 50% of the maximum, nothing after 7 days"'
DUE = re.compile(  # ISO 8601, with or without its marks; a space for its T, and one digit of an hour
    r"(?P<day>\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d-\d|\d{4}W\d{3})"
    r"(?:[T ](?P<hour>\d\d|\d(?=:))(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?)?"
    r"(?P<zone> ?(?:Z|[+\u2212-]\d\d(?::?\d\d)?))?)?",
    re.ASCII | re.IGNORECASE,
)
NUMBER = r"(?P<number>\d{1,4}(?:[.,]\d{1,3})?)"
AMOUNT = NUMBER + r"(?: (?P<points>points?)| ?%(?: of the (?P<of>maximum|earned)(?: points)?)?)"
TIME = r"(?P<number>\d{1,5}) (?P<unit>minute|hour|day)s?"
PARTS = {
    "rate": re.compile(AMOUNT + r" (?:a|an|per|each|each begun) (?P<unit>day|hour)", re.I),
    "grace": re.compile(rf"grace(?: of)? {TIME}", re.I),
    "most": re.compile(rf"at most {AMOUNT}", re.I),
    "last": re.compile(rf"nothing after {TIME}", re.I),
}
MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}


def deadline(due: str) -> datetime:
    """The last moment that is in time, of a date (its last second) or a time of day; the one reading of `due`.

    A time without a zone is of this computer's; where clocks go back, it is the later of the two that it may be.

    >>> deadline("2026-12-01 18:00+02:00") == deadline("20261201T1600Z") == deadline("2026-W49-2t16:00:00+00")
    True
    >>> deadline("2026-12-01T24:00Z").isoformat()
    '2026-12-02T00:00:00+00:00'
    """
    found = DUE.fullmatch(" ".join(due.split()))
    try:
        if not found:
            raise ValueError("another form")
        day = datetime.fromisoformat(found["day"].upper())
        if not 2000 <= day.year < 2200:
            raise ValueError("a year that no class has")
        if found["hour"] is None:
            return _local(day.replace(hour=23, minute=59, second=59))
        hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
        if over := (hour, minute, second) == (24, 0, 0):
            hour = 0
        moment = day.replace(hour=hour, minute=minute, second=second) + timedelta(days=over)
        if not found["zone"]:
            return _local(moment)
        zone = found["zone"].strip().replace("\u2212", "-").upper()
        return moment.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo)
    except ValueError:
        like = "2026-12-01, 2026-12-01 18:00 or 2026-12-01T18:00+01:00"
        raise Refusal(f"due must be like {like}: got {due!r}") from None


def _local(moment: datetime) -> datetime:
    return max((moment.replace(fold=fold).astimezone() for fold in (0, 1)), key=datetime.timestamp)


def minutes_late(sent: str, due: str) -> int:
    """Whole minutes, begun ones too, from `due` to when work was sent; 0 where it was in time.

    sent: as a record has it, an ISO time. Without a zone it is of this computer's, and the earlier one where clocks
    go back: platforms and zips write local times. Two zones are compared as moments, never one given the other's.

    >>> minutes_late("2026-12-01T18:00:30+01:00", "2026-12-01 17:00Z")
    1
    """
    late = datetime.fromisoformat(sent).astimezone() - deadline(due)
    return max(0, -(-int(late.total_seconds()) // 60))


def days_late(sent: str, due: str) -> int:
    """Begun days from `due` to when work was sent; 0 where it was in time.

    A day goes from a time of day to the same on the next, by this computer's clock: on the day on which clocks go
    back it has 25 hours.

    >>> days_late("2026-12-02T18:00Z", "2026-12-01 18:00Z"), days_late("2026-12-02T18:00:01Z", "2026-12-01 18:00Z")
    (1, 2)
    """
    came, end = datetime.fromisoformat(sent).astimezone().replace(microsecond=0), deadline(due).astimezone()
    if came <= end:
        return 0
    by_the_clock = came.replace(tzinfo=None) - end.replace(tzinfo=None)
    return max(1, -(-by_the_clock // timedelta(days=1)))


def dated(record: Record, due: str) -> Record:
    """A record with how late it is: `unknown` where a date was due and the delivery tells none, None without a date."""
    flags = {flag for flag in record.flags if flag != "late"}
    minutes: int | Literal["unknown"] | None = None
    if due and record.status != "missing":
        minutes = "unknown" if record.sent is None else minutes_late(record.sent, due)
    late = isinstance(minutes, int) and minutes > 0
    days = days_late(record.sent, due) if record.sent and isinstance(minutes, int) else None
    flags |= {"late"} if late else set()
    return replace(record, late_minutes=minutes, late_days=days, flags=tuple(sorted(flags)))


@dataclass(frozen=True)
class Amount:
    """So many points, or so many per cent of the `maximum` or of the points `earned`."""

    number: Fraction
    of: str  # points, maximum or earned

    def points(self, earned: Fraction, maximum: Fraction) -> Fraction:
        """In points, of a student who earned so many of so many."""
        return self.number if self.of == "points" else self.number / 100 * (maximum if self.of == "maximum" else earned)

    def __str__(self) -> str:
        if self.of == "points":
            return f"{float(self.number):g} point{'' if self.number == 1 else 's'}"
        return f"{float(self.number):g}% of the {self.of}"


@dataclass(frozen=True)
class Rule:
    """What late work costs. rate: for each begun `each` (day or hour); nothing where none was given.

    grace: minutes within which work is not late; days and hours count from when it was due all the same. most: what
    is lost at most. last: minutes after which nothing counts; of whole days by the clock, as `days_late` has them.
    """

    rate: Amount | None = None
    each: str = "day"
    grace: int = 0
    most: Amount | None = None
    last: int | None = None

    @classmethod
    def asked(cls, text: str) -> Self | None:
        """A rule that somebody asks for: no rule has to be said as `none`, since nothing may be an oversight."""
        if not text.strip():
            raise Refusal(f"a late rule is like {LIKE}, or the word {NONE}: got nothing")
        return cls.read(text)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """A rule as a lecturer writes it, its parts in any order; None for `none` and for nothing.

        >>> print(Rule.read("10 % of the maximum per day, at most 50%, grace 1 hour"))
        10% of the maximum a day, grace 1 hour, at most 50% of the maximum
        >>> Rule.read("10% a day")
        Traceback (most recent call last):
        casestudy.refusals.Refusal: a late rule says of what: '10% of the maximum a day' or '10% of the earned a day', \
got '10% a day'
        """
        if text.strip().lower() in ("", NONE):
            return None
        found: dict[str, re.Match[str]] = {}
        for part in re.split(r"\s*(?:,\s+|;)\s*", " ".join(text.split())):
            name, match = next(((n, m) for n, form in PARTS.items() if (m := form.fullmatch(part))), ("", None))
            if match is None:
                raise Refusal(f"a late rule is like {LIKE}, its parts between commas: got {part!r}")
            if name in found:
                raise Refusal(f"a late rule has each part once: got {found[name][0]!r} and {part!r}")
            found[name] = match
        if "rate" not in found and ("last" not in found or "most" in found):
            raise Refusal(f"a late rule says what a day costs, such as {LIKE}: got {text!r}")
        rate = _amount(found["rate"], "") if "rate" in found else None
        most = _amount(found["most"], rate.of if rate else "") if "most" in found else None
        grace = _minutes(found["grace"]) if "grace" in found else 0
        last = _minutes(found["last"]) if "last" in found else None
        return cls(rate, found["rate"]["unit"].lower() if "rate" in found else "day", grace, most, last)

    def __str__(self) -> str:
        rate = f"{self.rate} {'an hour' if self.each == 'hour' else 'a day'}" if self.rate else ""
        grace = f"grace {_time(self.grace)}" if self.grace else ""
        most = f"at most {self.most}" if self.most else ""
        last = f"nothing after {_time(self.last)}" if self.last is not None else ""
        return ", ".join(filter(None, (rate, grace, most, last)))

    def points(self, minutes: int, days: int, earned: Fraction, maximum: Fraction) -> tuple[Fraction, str]:
        """What comes off of work so many begun minutes and days late, and why it is this and no other number.

        >>> rule = Rule.read("1 point a day, grace 10 minutes, nothing after 3 days")
        >>> [int(rule.points(minutes, days, Fraction(6), Fraction(8))[0]) for minutes, days in
        ...     ((10, 1), (11, 1), (1440, 1), (1441, 2), (4320, 3), (4321, 4))]
        [0, 1, 1, 2, 3, 6]
        """
        if minutes <= self.grace:
            return Fraction(0), f"within the grace of {_time(self.grace)}" if minutes else ""
        whole_days = self.last is not None and self.last % MINUTES["day"] == 0
        if self.last is not None and (days * MINUTES["day"] if whole_days else minutes) > self.last:
            return earned, f"nothing counts after {_time(self.last)}"
        if self.rate is None:
            return Fraction(0), ""
        steps = days if self.each == "day" else -(-minutes // 60)
        lost = steps * self.rate.points(earned, maximum)
        most = self.most.points(earned, maximum) if self.most else None
        why = f"at most {self.most}" if most is not None and lost > most else ""
        lost = lost if most is None else min(lost, most)
        return min(lost, earned), "no more was earned" if lost > earned else why


@dataclass(frozen=True)
class Loss:
    """What came off one student's points. late: how late it was, in words; why: what else to know; reason: a person's.

    earned and total are points before and after; earned = points + total.
    """

    points: float
    earned: float
    total: float
    late: str = ""
    why: str = ""
    reason: str = ""
    rule: str = ""

    def sentence(self, out_of: float) -> str:
        """The sum in one line; nothing where it was in time, or no date was due.

        >>> Loss(1, 4, 3, "2 days late").sentence(out_of=6)
        '4 of 6, less 1 for 2 days late = 3'
        """
        if not (self.late or self.why or self.reason):
            return ""
        more = f"given by a person: {self.reason}" if self.reason else self.why
        earned, most, points, total = (
            f"{round(number, 3):g}" for number in (self.earned, out_of, self.points, self.total)
        )
        beside, late = f" ({more})" if more else "", f" for {self.late}" if self.late else ""
        return f"{earned} of {most}, less {points}{late}{beside} = {total}"


def loss(rule: Rule | None, record: Record, earned: float, out_of: float, given: Override | None = None) -> Loss | None:
    """What comes off one student's points; None where no rule stands and no person gave a number.

    Exact in fractions; the total is rounded once, to a thousandth as all points are, and never below 0. given: what
    a person lets come off, which counts before any rule.
    """
    if rule is None and given is None:
        return None
    whole, minutes, off, why = Fraction(str(earned)), record.late_minutes, Fraction(0), ""
    late = ""
    if minutes == "unknown":
        why = "when it was handed in is not known: it counts as in time"
    elif isinstance(minutes, int) and minutes > 0:
        days = record.late_days or -(-minutes // MINUTES["day"])
        each = rule.each if rule else "day"
        off, why = rule.points(minutes, days, whole, Fraction(str(out_of))) if rule else (off, "")
        if rule is None or minutes > rule.grace:
            late = f"{_counted(days, 'day') if each == 'day' else _counted(-(-minutes // 60), 'hour')} late"
    if given is not None:
        off, why = min(Fraction(str(given.points)), whole), ""
    total = round(whole - off, 3)
    told = str(rule) if rule else ""
    return Loss(float(whole - total), earned, float(total), late, why, given.reason if given else "", told)


def told(rule: Rule | None, dues: Iterable[str], records: Iterable[Record], before: str | None = None) -> list[str]:
    """What a lecturer should know of a rule: that it is another than `before`, and of whom nothing can come off."""
    said = []
    if before is not None and before != str(rule or ""):
        said.append(f"late work: {rule or 'no rule'} now, {before or 'no rule'} before")
    if rule and not any(dues):
        said.append("late work: nobody has a date in the roster's column due, so nothing comes off")
    if rule and (unknown := [record.id for record in records if record.late_minutes == "unknown"]):
        few = f"{', '.join(unknown[:5])}{', ...' if len(unknown) > 5 else ''}"
        said.append(f"late work: of {len(unknown)} it is not known when they handed in; they count as in time: {few}")
    return said


def _amount(match: re.Match[str], otherwise: str) -> Amount:
    """The amount of a part; a per cent without `of the ...` is of what another part's is, or refused."""
    number = Fraction(match["number"].replace(",", "."))
    of = "points" if match["points"] else (match["of"] or "").lower() or otherwise.replace("points", "")
    if not of:
        first, sign, rest = match[0].partition("%")
        ways = " or ".join(repr(f"{first.rstrip()}{sign} of the {base}{rest}") for base in ("maximum", "earned"))
        raise Refusal(f"a late rule says of what: {ways}, got {match[0]!r}")
    if not 0 < number <= (9999 if of == "points" else 100):
        raise Refusal(f"a late rule takes points above 0, and per cents above 0 up to 100: got {match[0]!r}")
    return Amount(number, of)


def _minutes(match: re.Match[str]) -> int:
    return int(match["number"]) * MINUTES[match["unit"].lower()]


def _time(minutes: int) -> str:
    """Minutes in the largest unit that leaves no rest.

    >>> _time(90), _time(120), _time(2880), _time(0)
    ('90 minutes', '2 hours', '2 days', '0 days')
    """
    unit = next(name for name in ("day", "hour", "minute") if minutes % MINUTES[name] == 0)
    return _counted(minutes // MINUTES[unit], unit)


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
