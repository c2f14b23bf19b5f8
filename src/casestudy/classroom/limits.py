"""What one submission may use: settable by name, in a set's metadata or by whoever grades."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from casestudy.refusals import Refusal, nearest

# The most that can be asked for. At least is 1 of what is counted, and more than 0 s of what is measured.
MOST = {
    **{"cpu_s": 86_400, "wall_s": 86_400, "memory_mb": 1_000_000, "disk_mb": 100_000, "file_mb": 100_000},
    **{"processes": 4_000, "reruns": 100},
}


@dataclass(frozen=True)
class Limits:
    """For one submission: CPU s, wall s, memory, disk and file size, processes, reruns.

    All are those of all its processes together; the warm process' own does not count. An attempt is ended at a limit
    and repeated without the cell that was running, `reruns` times. CPU and wall seconds are of all attempts together:
    each may take half of what is left, the last one all, so that a loop without an end leaves time for other cells.
    The defaults: an exercise computes for a second; a first attempt may take 30 times that, on a machine with twice as
    much to do as it has cores, and one who sleeps holds a grader up for no more than two minutes.
    """

    cpu_s: float = 60.0
    wall_s: float = 120.0
    memory_mb: int = 2048
    disk_mb: int = 64
    file_mb: int = 32
    processes: int = 64
    reruns: int = 3

    def changed(self, given: Mapping[str, Any], where: str) -> "Limits":
        """With what is `given` by name; what is no limit, or no number that can be one, is refused.

        >>> Limits().changed({"cpu_s": 10, "memory_mb": 512}, "--limit").cpu_s
        10.0
        >>> Limits().changed({"memory": 512}, "--limit")
        Traceback (most recent call last):
        casestudy.refusals.Refusal: --limit: no limit 'memory'; did you mean 'memory_mb'?
        """
        known = {entry.name: type(getattr(self, entry.name)) for entry in fields(self)}
        for name, number in given.items():
            if name not in known:
                raise Refusal(f"{where}: no limit {name!r}; {nearest(str(name), known)}")
            if not _fits(name, number, known[name]):
                least = "0" if name == "reruns" else "1" if known[name] is int else "above 0"
                kind = "whole number" if known[name] is int else "number"
                raise Refusal(f"{where}: {name} is a {kind}, {least} to {MOST[name]}: got {number!r}")
        return replace(self, **{name: known[name](number) for name, number in given.items()})

    def share(self, cpu_s: float, wall_s: float, last: bool) -> "Limits":
        """Of an attempt, after earlier ones have taken so many CPU and wall seconds.

        >>> attempt = Limits(cpu_s=60, wall_s=120).share(30, 100, last=False)
        >>> attempt.cpu_s, attempt.wall_s
        (15.0, 10.0)
        """
        part = 1 if last else 0.5
        return replace(self, cpu_s=part * (self.cpu_s - cpu_s), wall_s=part * (self.wall_s - wall_s))


def _fits(name: str, number: object, kind: type) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        return False
    if kind is int and number != int(number):
        return False
    return (number >= 0 if name == "reruns" else number >= 1 if kind is int else number > 0) and number <= MOST[name]


def spelt(words: Iterable[str], where: str) -> dict[str, float]:
    """Limits as one types them, `name=number` each; the last of several of one name counts.

    >>> spelt(["cpu_s=60", "memory_mb = 512"], "--limit")
    {'cpu_s': 60.0, 'memory_mb': 512.0}
    """
    given = {}
    for word in words:
        name, equals, number = (part.strip() for part in word.partition("="))
        try:
            given[name] = float(number)
        except ValueError:
            raise Refusal(f"{where} takes NAME=NUMBER, such as cpu_s=60: got {word!r}") from None
        if not equals:
            raise Refusal(f"{where} takes NAME=NUMBER, such as cpu_s=60: got {word!r}")
    return given
