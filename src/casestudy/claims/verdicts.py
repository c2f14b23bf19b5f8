"""Verdicts by rule: does the arithmetic hold, could it have failed, and is it clear what is claimed?"""

from __future__ import annotations  # so that frames are named where pandas is not loaded

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from casestudy.case import Case, open_case
from casestudy.claims import reading as reading_of
from casestudy.claims.evidence import NO_TEST, Evidence, Held, no_test
from casestudy.claims.reading import CHOICES, DEFAULT, Claim, Reading, told
from casestudy.claims.register import find
from casestudy.claims.severity import shown
from casestudy.intervals import Interval
from casestudy.refusals import Refusal

if TYPE_CHECKING:
    import pandas as pd

TESTED = ("holds", "fails", "outdated")  # what came of a test; NO_TEST says why there was none
VERDICTS = ("contradicted", "undefined", "stale", "not testable", "agrees")  # the first that applies
Judged = dict[str, Any]  # a claim's id and what follows from the register by rule
COMPUTED = ("against", "ours_low", "ours_high", "arithmetic", "severity", "verdict")


def verdict(arithmetic: str, missing: str) -> str:
    """The word that follows from two answers: what came of the arithmetic, and what the sentence leaves out.

    >>> verdict("holds", ""), verdict("holds", "scale n"), verdict("fails", "scale"), verdict("restated", "")
    ('agrees', 'undefined', 'contradicted', 'not testable')
    """
    if arithmetic in ("fails", "differs"):
        return "contradicted"
    if missing:
        return "undefined"
    return {"outdated": "stale", "holds": "agrees"}.get(arithmetic, "not testable")


def verdicts(case: Case | None = None, reading: Reading = DEFAULT) -> pd.DataFrame:
    """What follows from the register by rule, one row a claim: the columns of COMPUTED.

    against: `figures`, `report`, `list` or nothing; ours: what they make of the claim; arithmetic: a word of TESTED,
    or of NO_TEST; severity: from 0 to 1, NaN where it was not held against anything; verdict: a word of VERDICTS.

    >>> verdicts().loc["cx_csat_23", ["against", "arithmetic", "verdict"]].tolist()
    ['figures', 'holds', 'undefined']
    """
    import pandas as pd  # here, since a command's listing does without

    judged = judge(Evidence(case or open_case()), reading).values()
    return pd.DataFrame(judged, columns=["id", *COMPUTED]).set_index("id")


def judge(evidence: Evidence, reading: Reading = DEFAULT) -> dict[str, Judged]:
    """`verdicts` as plain values: a dict with the id and the columns of COMPUTED, by id."""
    return {id: _judged(evidence, id, reading) for id in evidence.rows}


def listed(evidence: Evidence, judged: Mapping[str, Judged], document: str | None = None) -> list[dict[str, Any]]:
    """Claims with what came of them, as plain dicts for JSON, as `records` has them.

    >>> evidence = Evidence()
    >>> listed(evidence, judge(evidence), "004")[0]["verdict"]
    'not testable'
    """
    known = sorted({row["document"] for row in evidence.rows.values()})
    if document is not None and document not in known:
        raise Refusal(f"document must be one of {', '.join(known)}: got {document!r}")
    chosen = [row for row in evidence.rows.values() if document in (None, row["document"])]
    return [{name: _told(cell) for name, cell in (row | judged[row["id"]]).items()} for row in chosen]


def _told(cell: Any) -> Any:
    """A cell as JSON has it."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _judged(evidence: Evidence, id: str, reading: Reading) -> Judged:
    return _weighed(evidence, id, evidence.held(id, reading), reading)


def _weighed(evidence: Evidence, id: str, held: Held, reading: Reading) -> Judged:
    """What follows for a claim from what it is held against, in which a reading's windows and addresses count."""
    row, arithmetic, share = evidence.rows[id], held.reason, math.nan
    met = held.ours and evidence.meets(id, held.ours, reading)
    if held.reason in ("restated", "listed"):
        arithmetic = held.reason if evidence.repeats(id, reading) else "differs"
    elif held.ours:
        share = evidence.severity(id, held.reach or held.ours, reading)
        arithmetic = held.reason or no_test(share) or ("holds" if met else _failed(evidence, row, held.ours))
    low, high = held.ours or (math.nan, math.nan)
    return {
        "id": id,
        "against": held.against or None,
        "ours_low": low,
        "ours_high": high,
        "arithmetic": arithmetic,
        "severity": share,
        "verdict": verdict(arithmetic, told(row["missing"])),
    }


def _failed(evidence: Evidence, row: Claim | pd.Series, ours: tuple[float, float]) -> str:
    """A count of a time before its article fails mildly: it held once."""
    counted, spoken = evidence.is_counted(row), row["as_of_latest"]
    written = evidence.documents[row["document"]]["date_earliest"]
    before = spoken is not None and written is not None and spoken < written
    return "outdated" if counted and before and row["high"] < ours[0] else "fails"


def held_against(id: str, reading: Reading = DEFAULT, case: Case | None = None) -> Interval | None:
    """What others make of a claim: through its formula, or from outside reports; None where there is nothing.

    >>> [round(end, 3) for end in held_against("cx_csat_23")], held_against("cx_agents")
    ([0.211, 0.244], None)
    """
    evidence = Evidence(case or open_case())
    find(evidence.rows, id)
    return evidence.held(id, reading).ours


# The tally ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How many claims were put to a test that they could have failed, and what came of it.

    claims: all; survived, failed: ids with the severity of their test; rest: how many were not tested, by reason;
    survivors, tests: the least and the most of them under all readings.
    """

    claims: int
    survived: dict[str, float]
    failed: dict[str, float]
    rest: dict[str, int]
    survivors: tuple[int, int]
    tests: tuple[int, int]

    @property
    def tested(self) -> int:
        return len(self.survived) + len(self.failed)

    @property
    def headline(self) -> str:
        """The one sentence that every page shows."""
        shares = [*self.survived.values(), *self.failed.values()]
        told = f"{self.tested} of {self.claims} claims were put to a test that they could have failed"
        if not shares:
            return f"{told}."
        low, high = shown(min(shares)), shown(max(shares))
        least, most = self.survivors
        span = f"{least} to {most}" if least < most else f"{least}"
        return (
            f"{told}; {len(self.survived)} survived. A test would have failed {low} to {high} of the prints that could "
            f"have stood in the same place. Over all readings, {span} survive."
        )


def tally(case: Case | None = None, reading: Reading = DEFAULT) -> Tally:
    """The count of tests and survivors, the same on every page.

    >>> found = tally()
    >>> len(found.survived), found.tested, found.claims
    (7, 8, 140)
    """
    evidence = Evidence(case or open_case())
    return tallied(evidence, judge(evidence, reading))


def tallied(evidence: Evidence, judged: Mapping[str, Judged]) -> Tally:
    """`tally` of claims that are judged."""
    tested = {id: each for id, each in judged.items() if each["arithmetic"] in TESTED}
    reasons = Counter(each["arithmetic"] for each in judged.values())
    every = _outcomes(evidence, judged)
    survived, tests = ([each[name] for each in every] for name in ("survived", "tests"))
    return Tally(
        len(judged),
        {id: each["severity"] for id, each in tested.items() if each["arithmetic"] == "holds"},
        {id: each["severity"] for id, each in tested.items() if each["arithmetic"] != "holds"},
        {reason: reasons[reason] for reason in NO_TEST if reasons[reason]},
        (min(survived), max(survived)),
        (min(tests), max(tests)),
    )


def outcomes(case: Case | None = None) -> pd.DataFrame:
    """One row a reading, the default first: how many claims survived, how many were tested, and the choices by name.

    >>> outcomes()["survived"].agg(["min", "max"]).tolist()
    [5, 7]
    """
    import pandas as pd

    evidence = Evidence(case or open_case())
    return pd.DataFrame(_outcomes(evidence, judge(evidence)))


def _outcomes(evidence: Evidence, judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    never = ("restated", "listed", "conditional")  # in no reading a test
    weighed = [id for id, each in judged.items() if not (math.isnan(each["ours_low"]) or each["arithmetic"] in never)]
    weigh = cache(partial(_weighed, evidence))  # since most readings differ in nothing that touches a claim
    rows = []
    for read in reading_of.every():
        figures = replace(read, windows=DEFAULT.windows, addresses=DEFAULT.addresses)
        words = [weigh(id, evidence.held(id, read), figures)["arithmetic"] for id in weighed]
        counts: dict[str, Any] = {"survived": words.count("holds"), "tests": sum(word in TESTED for word in words)}
        rows.append(counts | {name: getattr(read, name) for name in CHOICES})
    return rows


# Readings -------------------------------------------------------------------------------------------------------------


def readings(case: Case | None = None, ids: Iterable[str] = (), *, whole: bool = False) -> pd.DataFrame:
    """Every claim that prints a number, under every reading that touches it.

    ids: only these claims. whole: under every reading, touched or not, numbered in the column `reading`. A reading
    touches a claim where some choice in it changes a bound, the severity or the outcome; the other choices stand at the
    default. Columns: claim, the choices by name, low, high, ours_low, ours_high, arithmetic, severity.

    >>> sorted(set(readings(ids=["cx_rate_2s"])["floors"]))
    ['conventional', 'strict']
    """
    import pandas as pd

    evidence = Evidence(case or open_case())
    numbered = [id for id, row in evidence.rows.items() if not (math.isnan(row["low"]) and math.isnan(row["high"]))]
    chosen = [find(evidence.rows, id).name for id in ids] or numbered
    rows = [row for id in chosen for row in _read(evidence, id)]
    columns = ["claim", "reading", *CHOICES, "low", "high", "ours_low", "ours_high", "arithmetic", "severity"]
    frame = pd.DataFrame(rows, columns=columns)
    if whole or frame.empty:
        return frame if whole else frame.drop(columns="reading")
    kept = [_touched(group) for _, group in frame.groupby("claim", sort=False)]
    return pd.concat(kept, ignore_index=True).drop(columns="reading")


def _read(evidence: Evidence, id: str) -> list[dict]:
    rows = []
    for number, reading in enumerate(reading_of.every()):
        low, high = evidence.bounds(id, reading)
        words = {name: getattr(reading, name) for name in CHOICES}
        rows.append(
            {"claim": id, "reading": number, **words, "low": low, "high": high} | _judged(evidence, id, reading)
        )
    return rows


def _touched(group: pd.DataFrame) -> pd.DataFrame:
    """A claim's rows without the choices that change nothing."""
    found = ["low", "high", "ours_low", "ours_high", "arithmetic", "severity"]
    for name in CHOICES:
        others = [other for other in CHOICES if other != name]
        if (group.groupby(others)[found].nunique(dropna=False) == 1).all(axis=None):
            group = group[group[name] == getattr(DEFAULT, name)]
    return group
