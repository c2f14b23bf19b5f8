"""What a reported series was in the time of which a sentence speaks: between its counts, and how fast it went."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from casestudy.data import Reported
from casestudy.intervals import Interval
from casestudy.refusals import Refusal

Window = tuple[datetime, datetime]  # its first and last day; None for one that is not known


def spans(counts: Sequence[Reported], window: Window) -> bool:
    """Whether a window lies between the first and the last of a series' counts."""
    return None not in window and counts[0].date <= window[0] <= window[1] <= counts[-1].date


def between(counts: Sequence[Reported], window: Window) -> Interval:
    """The least and the most that a series was in a window, by straight lines between its counts.

    counts: in order of time. The window must lie within them.
    """
    if not spans(counts, window):
        first, last = counts[0].date.date(), counts[-1].date.date()
        raise Refusal(f"the series is reported from {first} to {last}: got {window[0].date()} to {window[1].date()}")
    ends = [_at(counts, day) for day in window]
    inside = [each.number for each in counts if window[0] <= each.date <= window[1]]
    return min(*ends, *inside), max(*ends, *inside)


def _at(counts: Sequence[Reported], day: datetime) -> float:
    """A series on one day within it, on the straight line between the counts before and after."""
    after = bisect_right(counts, day, key=lambda each: each.date)
    before = counts[after - 1]
    if after == len(counts) or before.date == day:
        return before.number
    slope = (counts[after].number - before.number) / (counts[after].date - before.date).total_seconds()
    return slope * (day - before.date).total_seconds() + before.number


def pace(counts: Sequence[Reported], window: Window) -> Interval:
    """The change a second from the last count before a window to the first after it, their own windows included."""
    before = next(each for each in reversed(counts) if each.date <= window[0])
    after = next(each for each in counts if each.date >= window[1])
    gained = after.number - before.number
    times = [(after.earliest - before.latest).total_seconds(), (after.latest - before.earliest).total_seconds()]
    if times[0] <= 0:
        return -math.inf, math.inf
    return min(gained / time for time in times), max(gained / time for time in times)
