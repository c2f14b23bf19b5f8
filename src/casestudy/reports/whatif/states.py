"""What a page shows of each set: its sentence, its numbers, its figure, and where it stands on the chart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from casestudy import claims, data
from casestudy.case import Case
from casestudy.claims.recording import BASIS, UNIT
from casestudy.refusals import Refusal
from casestudy.reports.pages.document import signature_alt
from casestudy.reports.whatif.sentence import rounded
from casestudy.reports.whatif.spec import MEETS, Explore, reckoned

BASES = {
    "derived": "from other printed numbers",
    "external": "from outside reports",
    "conditional": "under a premise that nobody printed",
    "calibrated": "put in by construction",
    "restated": "shown back",
}


@dataclass(frozen=True)
class State:
    """One set as a page shows it."""

    sentence: str
    changed: str  # what differs from the articles' values, in words
    numbers: tuple[tuple[str, str, str, str], ...]  # what, as printed, in this set; the language of the print
    estimate: tuple[float, float] | None  # both ends; nothing where the set failed
    alt: str  # what its figure shows
    error: str = ""  # why it has no numbers


def states(explore: Explore, records: Sequence[Mapping[str, Any]], folders: Sequence[Path], case: Case) -> list[State]:
    """A state for each set, from the records and folders that the sweep left."""
    register = claims.load(case)
    register = register.assign(language=register["document"].map(data.documents(case)["language"]))
    by_claim = [{row["claim"]: row for row in record["rows"]} for record in records]
    moving = [claim for claim in dict.fromkeys(c for rows in by_claim for c in rows) if _moves(claim, by_claim)]
    named = [explore.claim] if explore.claim and any(explore.claim in rows for rows in by_claim) else []
    told = [name for name in dict.fromkeys([*named, *moving]) if name not in explore.estimate]
    return [
        _state(explore, number, record, rows, told, register, folder)
        for number, (record, rows, folder) in enumerate(zip(records, by_claim, folders, strict=True))
    ]


def _moves(claim: str, by_claim: Sequence[Mapping[str, Any]]) -> bool:
    """Whether our number for a claim differs between sets."""
    ends = {(row["ours"], row["ours_low"], row["ours_high"]) for rows in by_claim if (row := rows.get(claim))}
    return len(ends) > 1


def _state(
    explore: Explore,
    number: int,
    record: Mapping[str, Any],
    rows: Mapping[str, Any],
    told: Sequence[str],
    register: Any,
    folder: Path,
) -> State:
    stem, changed = explore.notebook.stem, _changed(explore, number)
    if record["error"]:
        return _failed(record["error"], changed)
    row = rows.get(explore.claim)
    finding = _text(folder / "figures" / f"{stem}.txt")
    try:
        values = explore.known_values(explore.sets[number], rows, finding)
        ends = sorted(reckoned(formula, values) for formula in explore.estimate)
        estimate = (ends[0], ends[-1])
        if row and row["low"] is not None:
            high = math.inf if row["high"] is None else row["high"]
            values[MEETS] = "meets" if estimate[0] <= high and estimate[1] >= row["low"] else "misses"
        sentence = explore.sentence.fill(values)
    except (KeyError, ValueError, Refusal) as error:
        why = f"it has no number {error}" if isinstance(error, KeyError) else str(error)
        return _failed(why, changed)
    formatted = " to ".join(dict.fromkeys(explore.format.fill({"value": end}) for end in ends))
    numbers = [(explore.name, "not printed", f"{formatted} {explore.unit}".strip(), "en")] if _is_new(explore) else []
    numbers += [line for claim in told if claim in rows and (line := _number(claim, rows[claim], register))]
    return State(sentence, changed, tuple(numbers), estimate, _alt(folder / f"{stem}.ipynb"))


def _number(name: str, row: Mapping[str, Any], register: Any) -> tuple[str, str, str, str] | None:
    """A line of the table of numbers: a claim's, or that of a result; None where there is no number."""
    if row["basis"] == BASIS:
        words = name.replace("_", " ")
        about, printed, language, unit = f"{words[0].upper()}{words[1:]}", "not printed", "en", row[UNIT]
    else:
        claim = register.loc[name]
        about, printed, language, unit = _about(claim, row["basis"]), row["printed"], claim["language"], claim["unit"]
    text = ours(row, unit)
    return (about, printed, text, language) if text else None


def _about(row: Mapping[str, Any], basis: str) -> str:
    """Which claim, and what our number for it comes from."""
    subject = row["subject"]
    return f"{subject[0].upper()}{subject[1:]}: {row['metric']} ({BASES[basis]})"


def _is_new(explore: Explore) -> bool:
    """Whether the estimate is more than a row of the comparison."""
    return explore.estimate != ("ours_low", "ours_high")


def ours(row: Mapping[str, Any], unit: object) -> str:
    """Our number in a comparison, in a reader's words: shares in per cent, at most three digits.

    >>> ours({"ours": None, "ours_low": 0.2105, "ours_high": 0.2443}, "share")
    '21.1% to 24.4%'
    """
    ends = [row["ours"]] if row["ours"] is not None else [row["ours_low"], row["ours_high"]]
    texts = ["" if end is None else f"{rounded(100 * end, 3)}%" if unit == "share" else rounded(end, 3) for end in ends]
    if texts[-1] == "" and len(texts) == 2:
        return f"{texts[0]} or more" if texts[0] else ""
    if texts[0] == "":
        return f"up to {texts[-1]}" if texts[-1] else ""
    words = "" if unit in ("share", "none") or not isinstance(unit, str) else f" {unit}"
    return " to ".join(dict.fromkeys(texts)) + words


def _failed(why: str, changed: str) -> State:
    return State(f"This set failed: {why}.", changed, (), None, "", why)


def _changed(explore: Explore, number: int) -> str:
    """What differs from the articles' values: each control that is moved, beside where it stood."""
    places, left = [], number
    for control in reversed(explore.controls):
        left, place = divmod(left, len(control.places))
        places.append((control, place))
    return "; ".join(
        f"{control.label}: {control.texts[place]} instead of {control.texts[control.own]}"
        for control, place in reversed(places)
        if place != control.own
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _alt(path: Path) -> str:
    return signature_alt(nbformat.v4.reads_json(_text(path))) if path.is_file() else ""
