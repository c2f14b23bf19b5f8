"""Printed figures beside ours: what the reader sees is what is recorded."""

from __future__ import annotations  # so that frames are named where pandas is not loaded

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from casestudy import intervals
from casestudy.case import Case, open_case
from casestudy.claims.evidence import Evidence, no_test
from casestudy.claims.reading import DEFAULT
from casestudy.claims.register import Rows, find, locator
from casestudy.claims.severity import shown
from casestudy.intervals import Interval
from casestudy.refusals import Refusal

if TYPE_CHECKING:
    import pandas as pd

BASES = ("derived", "external", "conditional", "calibrated", "restated")
EVIDENCE = ("derived", "external")  # the only bases that can agree
MIME = "application/vnd.casestudy.comparison+json"
RECORDED = ("claim", "printed", "low", "high", "ours", "ours_low", "ours_high", "agrees", "basis", "severity", "test")
NUMBERS = ("low", "high", "ours", "ours_low", "ours_high", "severity")  # those of them that are numbers
SHOWN = ("printed", "can mean", "ours", "agreement", "severity", "basis")


@dataclass(frozen=True)
class Comparison:
    """Printed figures beside ours; `frame` has one row a claim. Shown as a table, recorded as JSON."""

    frame: pd.DataFrame

    def rows(self) -> list[dict]:
        """One plain dict a claim, numbers to six significant digits, None for what is not a number."""
        return [{name: plain(row[name]) for name in RECORDED} for row in self.frame.to_dict("records")]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        return {"text/html": self._html(), "text/plain": self._text(), MIME: {"rows": self.rows()}}

    def _shown(self) -> list[list[str]]:
        table = []
        for row in self.frame.to_dict("records"):
            unit, width = row["unit"], row["high"] - row["low"]
            can_mean = range_in_words(row["low"], row["high"], unit, width)
            ours = number_in_words(row["ours"], unit, width)
            ours = ours or range_in_words(row["ours_low"], row["ours_high"], unit, width)
            word = {True: "agrees", False: "does not agree"}.get(row["agrees"], "no test")
            basis = f"{row['basis']}: {row['reason']}" if row["reason"] else row["basis"]
            severity = "" if math.isnan(row["severity"]) else shown(row["severity"])
            table.append([row["printed"] or "nothing", can_mean, ours, word, severity, basis])
        return table

    def _html(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in ("figure", *SHOWN))
        lines = []
        for row, cells in zip(self.frame.to_dict("records"), self._shown(), strict=True):
            figure = f"{escape(row['metric'])} <small>{escape(row['locator'])}</small>"
            rest = "".join(
                f'<td data-label="{name}">{escape(cell)}</td>' for name, cell in zip(SHOWN, cells, strict=True)
            )
            lines.append(f'<tr><th scope="row" title="{row["claim"]}">{figure}</th>{rest}</tr>')
        return f'<table class="comparison"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'

    def _text(self) -> str:
        table = [["claim", *SHOWN]]
        table += [[claim, *cells] for claim, cells in zip(self.frame["claim"], self._shown(), strict=True)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
        return "\n".join(line.rstrip() for line in lines)


def plain(value: str | bool | float | None) -> str | bool | float | None:
    """A value as it is recorded: numbers to six significant digits, None for what is not a number or not finite."""
    if value is None or isinstance(value, str | bool):
        return value
    return float(f"{value:.6g}") if math.isfinite(value) else None


def number_in_words(value: float | None, unit: str, width: float = math.inf) -> str:
    """A figure as a reader wants it: at most four digits, shares in per cent with three, millions in words.

    width: of the range that a print can mean: its ends are told apart, with more digits where that needs them.

    >>> number_in_words(0.11438, "share"), number_in_words(0.11438, "share", width=0.001)
    ('11.4%', '11.44%')
    """
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "open"
    if unit == "share":
        return f"{_digits(100 * value, 3, 100 * width)}%"
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(value) >= size:
            return f"{_digits(value / size, 4, width / size)} {word}"
    if unit == "year":
        return f"{value:.2f}".removesuffix(".00")
    return f"{value:,.0f}" if abs(value) >= 1000 else _digits(value, 4, width)


def _digits(value: float, digits: int, width: float) -> str:
    """A number to so many digits, or to a tenth of the width where that is finer."""
    text = f"{value:.{digits}g}"
    needed = 1 - math.floor(math.log10(width) + 1e-9) if 0 < width < math.inf else 0
    return text if math.isclose(float(text), value) or needed <= len(text.partition(".")[2]) else f"{value:.{needed}f}"


def range_in_words(low: float, high: float, unit: str, width: float = math.inf) -> str:
    """Two ends as a reader wants them; one where both read alike."""
    first, last = number_in_words(low, unit, width), number_in_words(high, unit, width)
    if first == last:
        return first
    word = last.rpartition(" ")[2]
    return f"{first.removesuffix(f' {word}')} to {last}"  # a unit that both share is said once


def compare(
    derived: Mapping[str, float | Interval] | None = None,
    external: Mapping[str, float | Interval] | None = None,
    calibrated: Mapping[str, float | Interval] | None = None,
    restated: Iterable[str] = (),
    conditional: Mapping[str, float | Interval] | None = None,
    case: Case | None = None,
) -> Comparison:
    """Hold our figures against the printed ones; each keyword names what our figure rests on.

    derived: recomputed from other printed figures; external: from reported data; calibrated: put in by
    construction; restated: ids shown back; conditional: holds only under a premise that nobody printed. Ours is
    a value, which must lie in the printed interval, or a (low, high) pair, which must share a point with it.

    Only derived and external rows can agree, and of them those that could have failed: not what the register knows
    to be restated, listed, self-dated or without an address, and nothing whose `severity`, the share of plausible
    prints that would not have agreed, is below a twentieth. `test` names the relation, so that one equation solved
    for several of its figures counts once.

    >>> [row] = compare(derived={"cx_csat_23": (0.21, 0.24)}).rows()
    >>> row["printed"], row["agrees"], row["severity"]
    ('23 percent', True, 0.960396)
    """
    if isinstance(restated, str):
        raise Refusal(f"restated takes a list of ids: got the text {restated!r}")
    import pandas as pd  # here, since whoever asks for the names alone does without

    evidence = Evidence(case or open_case())
    given = {"derived": derived or {}, "external": external or {}, "conditional": conditional or {}}
    given["calibrated"] = calibrated or {}
    if odd := [name for name, figures in given.items() if not isinstance(figures, Mapping)]:
        raise Refusal(f"{odd[0]} takes figures by claim, {{id: ours}}: got {given[odd[0]]!r}")
    given["restated"] = {id: float(find(evidence.rows, id)["value"]) for id in restated}
    rows = [_compared(evidence, id, ours, basis) for basis, figures in given.items() for id, ours in figures.items()]
    if not rows:
        raise Refusal("compare needs at least one figure")
    table = pd.DataFrame(rows).astype({"agrees": object, "test": object})
    if doubled := sorted(set(table["claim"][table["claim"].duplicated()])):
        raise Refusal(f"a claim is compared once in a table: {', '.join(doubled)} came under two bases")
    return Comparison(table)


def _compared(evidence: Evidence, id: str, ours: float | Interval, basis: str) -> dict:
    row = find(evidence.rows, id)
    low, high = map(float, intervals.pair(ours, f"{id}: ours"))
    if low > high:
        raise Refusal(f"{id}: ours is a number or a pair (low, high) with low <= high: got {ours!r}")
    printed = evidence.bounds(id, DEFAULT)
    number, ours_low, ours_high = (None, low, high) if hasattr(ours, "__len__") else (low, None, None)
    compared = not (math.isnan(low) or math.isnan(high)) and basis in (*EVIDENCE, "conditional")
    share = evidence.severity(id, (low, high), DEFAULT) if compared else math.nan
    reason, agrees = "", None
    if compared and basis in EVIDENCE:
        known = evidence.held(id, DEFAULT).reason
        reason = no_test(share) if known in ("", "nothing at hand") else known
        agrees = None if reason else evidence.meets(id, (low, high), DEFAULT)
    elif basis == "restated" and not evidence.repeats(id, DEFAULT):
        reason = "differs"
    return {
        "claim": id,
        "printed": row["printed"] or "",
        "low": printed[0],
        "high": printed[1],
        "ours": number,
        "ours_low": ours_low,
        "ours_high": ours_high,
        "agrees": agrees,
        "basis": basis,
        "severity": share,
        "test": _relation(evidence.rows, id) if agrees is not None else None,
        "reason": reason,
        "unit": row["unit"],
        "metric": row["metric"],
        "locator": locator(row),
    }


def _relation(register: Rows, id: str) -> str:
    """The claim whose formula ties this one to others, else itself: one relation is one test."""
    if not register[id]["formula"] and not register[id]["outside"]:
        formulas = ((other, row["formula"]) for other, row in register.items() if row["printed"] and row["formula"])
        return next((other for other, formula in formulas if id in intervals.names(formula)), id)
    return id
