"""Rules of one row of claims.csv: its number, ends, unit, print, window and place."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from casestudy import schema
from casestudy.check.fault import Fault
from casestudy.check.sheet import Sheet
from casestudy.claims import printed
from casestudy.claims.register import is_range
from casestudy.refusals import Refusal

PER_CENT = ("%", "percent", "per cent", "pct", "percentage", "procent", "proc.")
NEAR = 1e-9  # relative: closer, two numbers are one
FINER = "taken as"  # in the note of a print whose step was decided to be finer than its last digit


def faults(claims: Sheet, documents: Sheet | None) -> Iterator[Fault]:
    """What is wrong with single rows, whatever the schema allows."""
    yield from _shares(claims)
    if documents is not None:
        yield from _places(claims, documents)
        yield from _prints(claims, documents)
    yield from _ends(claims)
    yield from _words(claims)
    yield from _plausible(claims)
    yield from _windows(claims)


# Numbers --------------------------------------------------------------------------------------------------------------


def _ends(claims: Sheet) -> Iterator[Fault]:
    """`low` and `high` follow from value, resolution and relation; a range's value is its middle."""
    columns = ("value", "resolution", "low", "high")
    if not claims.has(*columns, "relation"):
        return
    yield from claims.faults(
        claims.number("resolution") <= 0, "resolution", "be positive", "leave it empty where it is exact"
    )
    silent = claims.text("value").isna()
    for column in columns[1:]:
        wrong = silent & claims.text(column).notna()
        yield from claims.faults(wrong, column, "be empty where value is empty", "write the value, or take this away")
    sound = ~silent & ~claims.unread(*columns)
    rows = claims.typed.loc[sound, [*columns, "relation"]]
    for line, value, step, low, high, relation in rows.itertuples():
        if isinstance(relation, str) and not step <= 0:
            yield from _of_row(claims, line, (value, step, low, high), relation)


def _of_row(claims: Sheet, line: int, numbers: tuple[float, float, float, float], relation: str) -> Iterator[Fault]:
    value, step, low, high = numbers
    if low > high:
        yield claims.fault(line, "low", f"be at most high, {high:g}", "put the smaller number into low")
        return
    if value < low - NEAR * abs(low) or value > high + NEAR * abs(high):
        yield claims.fault(line, "value", f"lie within its ends, {low:g} to {high:g}", "correct the value, or its ends")
        return
    if relation == "range":
        for column, end in (("low", low), ("high", high)):
            if math.isnan(end):
                yield claims.fault(line, column, "not be empty: a range has two ends", "write the printed end")
        if not math.isnan(low + high) and not _same(value, (low + high) / 2):
            yield claims.fault(line, "value", "be the middle of its range", f"write {(low + high) / 2:.12g}")
        return
    expected = forced(value, step, relation)
    how = "be open, as relation is" if relation[0] in "<>" else "follow from value and half a step of resolution"
    for column, end, right in (("low", low, expected[0]), ("high", high, expected[1])):
        if not _same(end, right):
            must = (
                f"{how} {relation}"
                if math.isnan(right) and relation[0] in "<>"
                else "follow from value, resolution and relation"
            )
            yield claims.fault(line, column, must, "leave it empty" if math.isnan(right) else f"write {right:.12g}")


def forced(value: float, step: float, relation: str) -> tuple[float, float]:
    """The ends of a printed figure, NaN where open: half a step each way for = and ~, one end for a floor or a ceiling.

    >>> forced(8.0, 0.5, "="), forced(2.0, 1.0, ">=")
    ((7.75, 8.25), (2.0, nan))
    """
    if relation[0] == ">":
        return value, math.nan
    if relation[0] == "<":
        return math.nan, value
    if math.isnan(step):
        return (value, value) if relation == "=" else (math.nan, math.nan)
    return value - step / 2, value + step / 2


def _same(one: float, other: float) -> bool:
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=NEAR, abs_tol=1e-15)


def _shares(claims: Sheet) -> Iterator[Fault]:
    """A share lies between nothing and all, and is no per cent."""
    share, value = claims.text("unit").eq("share"), claims.number("value")
    for line in claims.cells.index[share & ((value < 0) | (value > 1))]:
        per_cent = 1 < value[line] <= 100
        do = f"write {value[line] / 100:g}, or name another unit" if per_cent else "name another unit, such as ratio"
        yield claims.fault(line, "value", "lie between 0 and 1, since its unit is share", do)
    wrong = claims.text("unit").str.lower().isin(PER_CENT)
    yield from claims.faults(
        wrong, "unit", "be share: a per cent is a hundredth", "divide value, resolution and ends by 100"
    )


def _plausible(claims: Sheet) -> Iterator[Fault]:
    given, value = claims.text("plausible"), claims.number("value")
    for line in claims.cells.index[given.notna()]:
        if not is_range(given[line]):
            yield claims.fault(line, "plausible", "be a range lo..hi", "write two numbers, such as 5..20")
            continue
        low, _, high = str(given[line]).partition("..")
        if not math.isnan(value[line]) and not float(low) <= value[line] <= float(high):
            must = f"hold what was printed, {value[line]:g}"
            yield claims.fault(line, "plausible", must, "widen it: the print itself could have stood there")


# Words ----------------------------------------------------------------------------------------------------------------


def _words(claims: Sheet) -> Iterator[Fault]:
    missing = claims.text("missing").fillna("").str.split()
    twice = missing.map(lambda words: len(set(words)) < len(words))
    yield from claims.faults(twice, "missing", "name each word once", "take one away")
    relation = schema.standard("claims")["relation"].words
    unknown = claims.text("relation").notna() & ~claims.text("relation").isin(relation)
    if claims.types.get("relation"):  # a case's own schema may allow words that nothing here can compute with
        yield from claims.faults(unknown, "relation", f"be one of {', '.join(relation)}")


def _prints(claims: Sheet, documents: Sheet) -> Iterator[Fault]:
    """What is printed, where it can be read as a number, is what value, unit, relation and resolution say."""
    if not claims.has("printed", "value", "document"):
        return
    ids, languages = documents.text("id"), documents.text("language").fillna("en")
    language = dict(zip(ids, languages, strict=True))
    read = claims.text("printed").notna() & claims.number("value").notna()
    rows = claims.typed.assign(**{name: claims.number(name) for name in ("value", "resolution")})[read]
    for line, row in zip(rows.index, rows.to_dict("records"), strict=True):
        try:
            figure = printed.read(row["printed"], language.get(row["document"], "en"))
        except Refusal:  # words, dates, other languages: what cannot be read is not judged
            continue
        yield from _print(claims, line, row, figure)


def _print(claims: Sheet, line: int, row: dict, figure: printed.Figure) -> Iterator[Fault]:
    share, value = row.get("unit") == "share", row["value"]
    bare = figure.unit is None and share and _same(figure.value / 100, value)  # a per cent without its sign
    if not (bare or _same(figure.value, value)):
        yield claims.fault(line, "value", f"be what is printed, {row['printed']!r}", f"write {figure.value:.12g}")
        return
    if (figure.unit == "share") != share and not bare:
        do = "write share" if figure.unit == "share" else "name what is counted"
        yield claims.fault(line, "unit", f"fit what is printed, {row['printed']!r}", do)
    if figure.relation not in ("=", row.get("relation")):
        must = f"be {figure.relation}, as is printed: {row['printed']!r}"
        yield claims.fault(line, "relation", must, f"write {figure.relation}, and the ends that follow")
    step = row["resolution"]
    if figure.resolution and step > 0:
        zeros = len(str(row["printed"])) if _ends_in_zero(row["printed"]) else 0
        tens = math.log10(step / (figure.resolution / 100 if bare else figure.resolution))
        finest = -math.inf if FINER in str(row.get("note")) else -1e-6
        if abs(tens - round(tens)) > 1e-6 or not finest <= tens <= zeros + 1e-6:
            must = f"be the printed step, {figure.resolution:g}, or larger by a power of ten where zeros end the print"
            do = f"look at the last digit that is printed; where a finer step is meant, say {FINER!r} in the note"
            yield claims.fault(line, "resolution", must, do)


def _ends_in_zero(text: str) -> bool:
    digits = [mark for mark in text if mark.isdigit()]
    return bool(digits) and digits[-1] == "0"


# When and where -------------------------------------------------------------------------------------------------------


def _windows(claims: Sheet) -> Iterator[Fault]:
    """A window has a basis, and a basis a window; a printed one has two ends."""
    if not claims.has("as_of_earliest", "as_of_latest", "as_of_basis"):
        return
    first, last, basis = (claims.text(name) for name in ("as_of_earliest", "as_of_latest", "as_of_basis"))
    dated = first.notna() | last.notna()
    yield from claims.faults(
        dated & basis.eq("none"),
        "as_of_basis",
        "not be none where a window is given",
        "say where the window comes from",
    )
    empty = ~dated & basis.notna() & ~basis.eq("none")
    yield from claims.faults(
        empty, "as_of_earliest", "not be empty where as_of_basis names one", "date it, or write none"
    )


def _places(claims: Sheet, documents: Sheet) -> Iterator[Fault]:
    """A claim stands in a paragraph that its document has."""
    length = dict(zip(documents.text("id"), documents.number("paragraphs"), strict=True))
    last = claims.text("document").map(length).astype(float)
    for line in claims.cells.index[claims.number("paragraph") > last]:
        must = f"be at most {last[line]:g}, the paragraphs of {claims.cells.at[line, 'document']}"
        yield claims.fault(line, "paragraph", must, "count the lines that are not empty, from 1")


def windows(sheet: Sheet) -> Iterator[Fault]:
    """Of any table: what begins does not end before."""
    days = [name for name, type in sheet.types.items() if type == "date"]
    for column in days:
        last = column.removesuffix(schema.ENDS[0]) + schema.ENDS[1]
        if column.endswith(schema.ENDS[0]) and last in days:
            wrong = sheet.typed[column] > sheet.typed[last]
            yield from sheet.faults(wrong, column, f"not be after {last}", "exchange the two dates, or correct one")


def blanks(sheet: Sheet) -> Iterator[Fault]:
    """Of any table: no cell begins or ends with a blank, which nobody sees."""
    for column in sheet.cells.columns:
        texts = sheet.text(column).dropna().astype(str)
        wrong = texts.ne(texts.str.strip()).reindex(sheet.cells.index, fill_value=False)
        yield from sheet.faults(wrong, column, "not begin or end with a blank", "take the blank away")


def empty(claims: Sheet) -> pd.Series:
    """Claims that print no number: nothing in value, low and high."""
    texts = [claims.text(name).isna() for name in ("value", "low", "high")]
    return pd.Series(np.logical_and.reduce(texts), claims.cells.index)
