"""What moved in a sweep, as small drawings: our number for a claim in each set, over the parameter that varies most."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from casestudy.reports.front import words
from casestudy.reports.sets.parameters import Parameter

WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 340, 210, 62, 12, 12, 34  # of a drawing, in units that a phone shows as pixels
APART = 7  # of two bars with one value on the axis
LOGARITHMIC = 30  # so many times the least is the most: then equal steps are equal factors


@dataclass(frozen=True)
class Point:
    """Our number for a claim in one set; None is an open end. at: the parameter's value, or the set's place."""

    at: float
    low: float | None
    high: float | None
    default: bool


@dataclass(frozen=True)
class Chart:
    """One claim's drawing. printed: what the claim allows, with None for an open end; unit: of the claim."""

    about: str
    said: str
    printed: tuple[float | None, float | None]
    unit: str
    axis: str
    axis_unit: str
    points: Sequence[Point]

    @property
    def alt(self) -> str:
        """What a sighted reader sees."""
        at = [point.at for point in self.points]
        over = f"{self.axis} from {words.value(min(at), self.axis_unit)} to {words.value(max(at), self.axis_unit)}"
        lows, highs = self._finite("low"), self._finite("high")
        ours = words.spread(min(lows, default=None), max(highs, default=None), self.unit)
        if self.printed == (None, None):
            return f"{self.about}: we get {ours} over {over}; nothing is printed"
        beside = sum(not self._meets(point) for point in self.points)
        told = (
            f"{beside} of {len(self.points)} sets lie beside what is printed" if beside else "all sets meet the print"
        )
        return f"{self.about}: we get {ours} over {over}; printed {self.said or 'nothing'}; {told}"

    def svg(self) -> dict:
        """Places for the template: bars, the printed band, and the ends of both axes."""
        ends = [*self._finite("low"), *self._finite("high"), *(end for end in self.printed if end is not None)]
        least, most = min(ends), max(ends)
        log = least > 0 and most > LOGARITHMIC * least
        first, last = min(point.at for point in self.points), max(point.at for point in self.points)

        def x(at: float) -> float:
            share = (at - first) / (last - first) if last > first else 0.5
            return round(LEFT + 8 + share * (WIDE - LEFT - RIGHT - 16), 1)

        def y(number: float | None, otherwise: int) -> float:
            if number is None:
                return otherwise
            low, high, at = (math.log(n) if log else n for n in (least, most, number))
            share = (at - low) / (high - low) if high > low else 0.5
            return round(HIGH - BOTTOM - 6 - share * (HIGH - TOP - BOTTOM - 12), 1)

        floor, roof = HIGH - BOTTOM, TOP
        bars = [(x(p.at) + aside, y(p.high, roof), y(p.low, floor), p.default) for p, aside in self._apart()]
        band = (
            (y(self.printed[1], roof), y(self.printed[0], floor)) if any(e is not None for e in self.printed) else None
        )
        return {
            "bars": [
                {"x": round(at, 1), "top": top, "high": max(low - top, 3), "default": own} for at, top, low, own in bars
            ],
            "band": band and {"top": band[0], "high": max(band[1] - band[0], 2)},
            "y": [(words.value(n, self.unit), y(n, floor)) for n in dict.fromkeys((least, most))],
            "x": [(words.value(n, self.axis_unit), x(n)) for n in dict.fromkeys((first, last))],
            "log": log,
        }

    def _apart(self) -> Iterator[tuple[Point, float]]:
        """Each point and how far it stands aside, so that sets with one value on the axis do not hide each other."""
        beside = Counter(point.at for point in self.points)
        step = min(APART, 0.8 * (WIDE - LEFT - RIGHT) / len(self.points))
        placed: Counter[float] = Counter()
        for point in self.points:
            yield point, step * (placed[point.at] - (beside[point.at] - 1) / 2)
            placed[point.at] += 1

    def _finite(self, end: str) -> list[float]:
        return [number for point in self.points if (number := getattr(point, end)) is not None]

    def _meets(self, point: Point) -> bool:
        """Whether ours and the print share a number."""
        low, high = self.printed
        above = point.low is not None and high is not None and point.low > high
        below = point.high is not None and low is not None and point.high < low
        return not (above or below)


def ends(row: Mapping) -> tuple[float | None, float | None]:
    """The least and the most that we get; None where open."""
    return (row["ours"], row["ours"]) if row["ours"] is not None else (row["ours_low"], row["ours_high"])


def axis(records: Sequence[Mapping], changed: Sequence[str]) -> str:
    """The parameter with most values among those that are numbers; nothing where there is none."""

    def values(name: str) -> set[float]:
        given = [record["parameters"].get(name) for record in records]
        numbers = {float(one) for one in given if isinstance(one, int | float) and not isinstance(one, bool)}
        return numbers if len(numbers) == len(set(map(str, given))) else set()

    name = max(changed, key=lambda name: len(values(name)), default="")
    return name if name and len(values(name)) > 1 else ""


def chart(
    about: Mapping, rows: Sequence[tuple[Mapping, Mapping]], name: str, parameter: Parameter | None
) -> Chart | None:
    """The drawing of one claim; None where no set has a number for it.

    about: the claim's words, unit and print; rows: each set's record and its row for the claim; name: of the parameter
    along the axis, nothing where the sets stand in their order.
    """
    points = []
    for place, (record, row) in enumerate(rows, start=1):
        low, high = ends(row)
        if low is not None or high is not None:
            points.append(Point(record["parameters"][name] if name else place, low, high, record["default"]))
    if not points:
        return None
    return Chart(
        about["about"],
        about["printed"],
        (rows[0][1]["low"], rows[0][1]["high"]),
        about["unit"],
        words.plain(name) if name else "set",
        parameter.unit if parameter else "",
        points,
    )
