"""What a case's tables say, as facts: printed figures, formulas, and premises that nobody printed."""

import difflib
from collections import Counter
from fractions import Fraction

import pandas as pd

from casestudy import data
from casestudy.case import Case, open_case
from casestudy.claims.reading import FLOORS, ROUNDINGS
from casestudy.claims.register import load, locator
from casestudy.proof.rules import Rule, components, names, rule
from casestudy.refusals import Refusal, nearest

LAYERS = ("printed", "implied", "reported", "invented")
PREMISES, FILE = "premises", "premises.csv"
Said = dict[str, tuple[Rule, ...]]


def printed(case: Case | None = None, floors: str = "conventional", rounding: str = "nearest") -> Said:
    """The printed figures by claim id, and the formulas as `id = formula`; what prints no number binds nothing.

    floors: `conventional` takes 'more than' to end before the next printed step, `strict` leaves it open. rounding: a
    figure may stand for half a step either way (`nearest`: both ends in; `half up`: without the upper end; `half even`:
    without both where its last digit is odd), or for all that is cut down to it (`cut`).
    """
    return _printed(load(case), floors, rounding)


def _printed(register: pd.DataFrame, floors: str, rounding: str) -> Said:
    for word, known in ((floors, FLOORS), (rounding, ROUNDINGS)):
        if word not in known:
            raise Refusal(f"a reading is one of {', '.join(known)}: got {word!r}")
    facts: Said = {}
    for id, row in register.iterrows():
        try:
            if pd.notna(row["formula"]):
                facts[f"{id} = {row['formula']}"] = (rule(f"{id} == {row['formula']}"),)
            if pd.notna(row["printed"]) and (said := _figure(str(id), row, floors, rounding)):
                facts[str(id)] = said
        except Refusal as refusal:
            raise Refusal(f"claims.csv: {id}: {refusal}") from None
    return facts


def _figure(id: str, row: pd.Series, floors: str, rounding: str) -> tuple[Rule, ...]:
    low, high, step = (_exact(row[name]) for name in ("low", "high", "resolution"))
    relation = row["relation"]
    below, above = (">" if relation == ">" else ">="), ("<" if relation == "<" else "<=")
    if floors == "conventional" and step and (low is None) != (high is None):
        low, below = (high - step, ">") if low is None and high is not None else (low, below)
        high, above = (low + step, "<") if high is None and low is not None else (high, above)
    if relation in ("=", "~") and step and low is not None and high is not None and low < high:
        below, above, shift = _rounded(_exact(row["value"]) or Fraction(0), step, rounding)
        low, high = low + shift, high + shift
    ends = ((below, low), (above, high))
    return tuple(rule(f"{id} {sign} {_text(end)}") for sign, end in ends if end is not None)


def _rounded(value: Fraction, step: Fraction, rounding: str) -> tuple[str, str, Fraction]:
    """The signs at both ends of a rounded figure, and how far its range is moved."""
    odd = rounding == "half even" and round(value / step) % 2 == 1
    above = "<" if odd or rounding in ("half up", "cut") else "<="
    return (">" if odd else ">="), above, (step / 2 if rounding == "cut" else Fraction(0))


def _exact(number: float) -> Fraction | None:
    """A number of a table as its text says it: 0.1 is a tenth."""
    return None if pd.isna(number) else Fraction(repr(float(number)))


def _text(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{number.numerator} / {number.denominator}"


def premises(case: Case | None = None) -> Said:
    """What `premises.csv` assumes or takes from outside, by name; a case without that file has none."""
    case = case or open_case()
    return _by_name(_premises(case, load(case)))


def _by_name(assumed: list[tuple[str, str, Rule]]) -> Said:
    found: Said = {}
    for _, name, read in assumed:
        found[name] = (*found.get(name, ()), read)
    return found


def _premises(case: Case, register: pd.DataFrame) -> list[tuple[str, str, Rule]]:
    """Where each rule of a premise stands, the premise, and the rule."""
    if not (case.data / FILE).is_file():
        return []
    frame = data.table(PREMISES, case)
    if missing := [column for column in ("premise", "rule", "layer") if column not in frame]:
        raise Refusal(f"{FILE} needs the columns premise, rule, layer: missing {', '.join(missing)}")
    for column in ("premise", "rule"):
        data.refuse(frame, column, frame[column].fillna("").str.strip() == "", f"{column} must not be empty", FILE)
    data.refuse(frame, "layer", ~frame["layer"].isin(LAYERS), f"layer must be one of {', '.join(LAYERS)}", FILE)
    found = []
    for line, name, text in zip(frame.index + 2, frame["premise"], frame["rule"], strict=True):
        name = " ".join(name.split())
        where = f"{FILE} line {line} ({name})"
        if name.partition(" = ")[0] in register.index:
            raise Refusal(f"{where}: a premise must not be called like a claim or its formula; name it otherwise")
        try:
            found.append((where, name, rule(text)))
        except Refusal as refusal:
            raise Refusal(f"{where}: {refusal}") from None
    return found


def _refuse_slips(said: Said, assumed: list[tuple[str, str, Rule]], claims: list[str]) -> None:
    """Refuse a name that nothing binds: it stands in no other rule, or is nearly a claim's and leads to none."""
    rules = [rule for group in said.values() for rule in group]
    uses = Counter(name for rule in (*rules, *(rule for _, _, rule in assumed)) for name in rule.names)
    for where, _, read in assumed:
        for name in sorted(name for name in read.names if uses[name] == 1):
            close = difflib.get_close_matches(name.lower(), claims, 1)
            hint = (
                "it prints no number"
                if name in claims
                else f"did you mean {close[0]!r}?"
                if close
                else "add a rule that does"
            )
            raise Refusal(f"{where}: {name!r} stands in no other rule, so that nothing binds it; {hint}")
    for group in components({where: (read,) for where, _, read in assumed}):
        own = names(rule for said in group.values() for rule in said)
        for name in sorted(own) if own.isdisjoint(claims) else ():
            if close := difflib.get_close_matches(name.lower(), claims, 1, 0.9):
                where = next(where for where, (read,) in group.items() if name in read.names)
                raise Refusal(f"{where}: {name!r} is no claim, and leads to none; did you mean {close[0]!r}?")


def facts(
    case: Case | None = None, floors: str = "conventional", rounding: str = "nearest", without: tuple[str, ...] = ()
) -> Said:
    """All that a case says and assumes under one reading, less the facts that are named.

    A premise may name claims, and variables of its own that another premise binds.
    """
    case = case or open_case()
    register = load(case)
    said, assumed = _printed(register, floors, rounding), _premises(case, register)
    _refuse_slips(said, assumed, [str(id) for id in register.index])
    together = said | _by_name(assumed)
    for name in without:
        if name not in together:
            raise Refusal(f"no fact {name!r}; {nearest(name, together)}")
    return {name: rules for name, rules in together.items() if name not in without}


def described(name: str, register: pd.DataFrame) -> str:
    """A fact for a reader: a printed figure with its place, a formula as it stands, a premise by its name."""
    id = name.partition(" = ")[0]
    if name in register.index:
        return f"{locator(register.loc[name])}: {register.at[name, 'printed']} ({name})"
    return f"{locator(register.loc[id])}: {name}" if id in register.index else f"premise: {name}"
