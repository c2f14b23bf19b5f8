"""The estimate across the grid as inline SVG: a line for each choice of the other controls, and a mark."""

import itertools
import math
import textwrap
from collections.abc import Iterable, Sequence
from html import escape

from casestudy.reports.whatif.spec import Explore
from casestudy.reports.whatif.states import State

WIDTH, HEIGHT = 360, 268
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 42, 44  # margins
TITLE = 44  # letters on a line
LETTER = 7.2  # pixels that one takes, at 12


class Chart:
    """Places and words of the chart for all sets of a page."""

    def __init__(self, explore: Explore, states: Sequence[State], band: tuple[float, float] | None) -> None:
        self.explore, self.states = explore, states
        self.first = explore.controls[0]
        self.across = len(self.first.places)
        self.lines = len(states) // self.across  # the first control moves slowest
        self.low, self.high = self._ends(band)
        self.band = band
        self.base = HEIGHT - BOTTOM - (16 if band else 0)  # room for the key

    def _ends(self, band: tuple[float, float] | None) -> tuple[float, float]:
        """The lowest and highest value on the axis."""
        shown = [end for state in self.states if state.estimate for end in state.estimate]
        shown += [end for end in band or () if math.isfinite(end)]
        low, high = min(shown, default=0.0), max(shown, default=1.0)
        if self.explore.log and low > 0:
            return low / 1.15, high * 1.15
        if 0 <= low < high / 2 or low == high:
            low = min(0.0, low)
        return low, high + (high - low or 1) * 0.06

    def x(self, place: int) -> float:
        """Where a place of the first control stands."""
        inner = WIDTH - LEFT - RIGHT - 16
        if not self.first.slides:
            return LEFT + 8 + inner * (place + 0.5) / self.across
        values = [float(self._across[at]) for at in (0, place, -1)]
        low, here, high = map(math.log, values) if self._spread else values
        return LEFT + 8 + inner * (here - low) / (high - low)

    @property
    def _across(self) -> list[float]:
        return [float(place[self.first.names[0]]) for place in self.first.places]

    @property
    def _spread(self) -> bool:
        """Whether places crowd at the low end, which a log scale parts."""
        gaps = [high - low for low, high in itertools.pairwise(self._across)]
        return self._across[0] > 0 and min(gaps) < 0.3 * sum(gaps) / len(gaps)

    def y(self, value: float) -> float:
        """Where a value stands; never outside the frame."""
        ends = (self.low, min(max(value, self.low), self.high), self.high)
        low, value, high = map(math.log, ends) if self._is_log else ends
        return TOP + (self.base - TOP) * (high - value) / (high - low or 1)

    @property
    def _is_log(self) -> bool:
        return self.explore.log and self.low > 0

    def marks(self) -> list[list[float] | None]:
        """Per set: x, y of the lower end and of the upper; nothing where it failed."""
        return [
            None if s.estimate is None else [round(v, 1) for v in (self.x(n // self.lines), *map(self.y, s.estimate))]
            for n, s in enumerate(self.states)
        ]

    def svg(self) -> str:
        """The picture, with the articles' own set marked; a script may move the mark and the line that is in front."""
        own = self.explore.own
        name = self._name
        words = f"Chart of {escape(name)}, against {escape(self.first.label)}. A mark shows the set that is chosen."
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">',
            *self._printed(),
            *self._axis(),
            *(
                f'<text class="what" x="2" y="{14 + 15 * number}">{escape(line)}</text>'
                for number, line in enumerate(textwrap.wrap(name, TITLE)[:2])
            ),
        ]
        for line in sorted(range(self.lines), key=lambda line: line == own % self.lines):
            parts.append(f'<g class="line{" here" if line == own % self.lines else ""}" data-line="{line}">')
            parts += [*self._line(line), "</g>"]
        x, low, high = self.marks()[own] or (0, 0, 0)
        parts.append(f'<g id="mark"><line x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="5.5"/>' for y in (low, high)]
        return "\n".join([*parts, "</g></svg>"])

    def _line(self, line: int) -> Iterable[str]:
        """The estimates of one choice of the other controls; gaps where a set failed."""
        here = [(place, self.states[place * self.lines + line].estimate) for place in range(self.across)]
        for there, run in itertools.groupby(here, key=lambda one: one[1] is not None):
            points = [(self.x(place), *map(self.y, ends)) for place, ends in run if ends]
            if not there:
                continue
            if self.first.slides and len(points) > 1:
                low, high = ([f"{p[0]:.1f},{p[end]:.1f}" for p in points] for end in (1, 2))
                if low != high:
                    yield f'<polygon points="{" ".join(low + high[::-1])}"/>'
                    yield f'<polyline points="{" ".join(low)}"/>'
                yield f'<polyline points="{" ".join(high)}"/>'
            for x, low_y, high_y in points:
                yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low_y:.1f}" y2="{high_y:.1f}"/>'
                yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2"/>' for y in dict.fromkeys((low_y, high_y)))
        for place, ends in here:
            if ends is None:
                yield f'<text class="failed" x="{self.x(place):.1f}" y="{self.base - 4}">×</text>'

    def _printed(self) -> Iterable[str]:
        """What the claim's printed words allow, as a band."""
        if self.band:
            top, bottom = self.y(self.band[1]), self.y(self.band[0])
            height = max(2.0, bottom - top)
            size = f'width="{WIDTH - LEFT - RIGHT}" height="{height:.1f}"'
            yield f'<rect class="printed" x="{LEFT}" y="{top:.1f}" {size}/>'
            end = WIDTH - RIGHT
            yield f'<rect class="printed" x="{end - 96}" y="{HEIGHT - 14}" width="16" height="10"/>'
            yield f'<text class="printed" x="{end}" y="{HEIGHT - 5}">as printed</text>'

    def _axis(self) -> Iterable[str]:
        base = self.base
        for value in self._ticks():
            y, text = self.y(value), escape(self.explore.format.fill({"value": value}))
            yield f'<line class="tick" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text class="value" x="{LEFT - 6}" y="{y + 4:.1f}">{text}</text>'
        free = -math.inf
        for place in self._named():
            text, x = self.first.texts[place], self.x(place)
            half = len(text) * LETTER / 2
            x = min(max(x, half + 2), WIDTH - half - 2)
            if x - half > free:
                free = x + half + 6
                yield f'<text class="place" x="{x:.1f}" y="{base + 18}">{escape(text)}</text>'
        yield f'<text class="place" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{base + 37}">{escape(self._label)}</text>'

    @property
    def _name(self) -> str:
        """What the chart shows, with its unit unless that stands in the name."""
        about, unit = self.explore.name, self.explore.unit
        more = [unit] if unit and unit.lower() not in about.lower() else []
        return ", ".join([about, *more, *(["log scale"] if self._is_log else [])])

    @property
    def _label(self) -> str:
        return f"{self.first.label} (log scale)" if self.first.slides and self._spread else self.first.label

    def _named(self) -> list[int]:
        """Places that are named, as far as there is room: all of a choice; of a slider the ends and the articles'."""
        if not self.first.slides:
            return list(range(self.across))
        ends = [0, self.first.own, self.across - 1]
        widths = [len(self.first.texts[place]) * LETTER + 8 for place in ends]
        near = self.x(ends[2]) - self.x(ends[1]) < (widths[1] + widths[2]) / 2
        return sorted({ends[0], ends[1 if near else 2], *([] if near else [ends[1]])})

    def _ticks(self) -> list[float]:
        """Three to six round numbers within the axis."""
        if self._is_log:
            tens = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            found = [m * 10.0**ten for ten in tens for m in (1, 2, 5)]
            found = [value for value in found if self.low <= value <= self.high]
            return found if len(found) <= 6 else [value for value in found if f"{value:e}"[0] == "1"]
        rough = (self.high - self.low) / 4
        ten = 10 ** math.floor(math.log10(rough))
        step = next(m * ten for m in (1, 2, 2.5, 5, 10) if m * ten >= rough * 0.9)
        first = math.ceil(self.low / step)
        return [round(step * n, 12) for n in range(first, math.floor(self.high / step) + 1)]
