"""Rules between tables, and of the tables beside the register: documents, lists, premises, reports, invented data."""

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from casestudy.check.fault import Fault
from casestudy.check.formulas import named
from casestudy.check.sheet import Sheet, nearest_of
from casestudy.claims.evidence import SERIES
from casestudy.proof.rules import rule
from casestudy.refusals import Refusal

Sheets = Mapping[str, Sheet]


def faults(sheets: Sheets, broken: set[str]) -> Iterator[Fault]:
    """What is wrong between tables. broken: names of tables whose cells cannot be told."""
    claims = sheets.get("claims")
    if claims is not None:
        yield from _premises(claims, sheets, broken)
        yield from _outside(claims, sheets, broken)
        yield from _dated(claims, sheets)
        yield from _listed(claims, sheets)
    for name, sheet in sheets.items():
        if name.endswith("_reported"):
            yield from _layer(sheet, "reported")
            yield from _confirmed(sheet)
        if name.endswith("_invented"):
            yield from _layer(sheet, "invented")
            wrong = sheet.text("id").notna() & ~sheet.text("id").astype(str).str.startswith("INV-")
            yield from sheet.faults(wrong, "id", "begin with INV-, as what is made up", "write INV- before it")
    yield from _rules(sheets)


def _layer(sheet: Sheet, layer: str) -> Iterator[Fault]:
    if not sheet.has("layer"):
        yield Fault(sheet.file, 1, "layer", must="be one of the columns", do=f"add it, with {layer} in each row")
        return
    yield from sheet.faults(
        ~sheet.text("layer").eq(layer), "layer", f"be {layer}, as the file's name says", f"write {layer}"
    )


def _confirmed(sheet: Sheet) -> Iterator[Fault]:
    if sheet.has("status", "publisher"):
        wrong = sheet.text("status").eq("confirmed") & sheet.text("publisher").isna()
        do = "say who published it, or mark it unconfirmed"
        yield from sheet.faults(wrong, "publisher", "not be empty where the status is confirmed", do)


# What claims name -----------------------------------------------------------------------------------------------------


def _premises(claims: Sheet, sheets: Sheets, broken: set[str]) -> Iterator[Fault]:
    if "premises" in broken:
        return
    known = set(sheets["premises"].text("premise").dropna()) if "premises" in sheets else set()
    for line, names in claims.text("premise").dropna().items():
        for name in (one.strip() for one in str(names).split(";")):
            if name not in known:
                do = nearest_of(name, known) or "add its rule to premises.csv"
                yield claims.fault(line, "premise", f"name premises of premises.csv: {name!r} is none", do)


def _outside(claims: Sheet, sheets: Sheets, broken: set[str]) -> Iterator[Fault]:
    """Names of a table of counts, of confirmed reports, or of claims."""
    given = claims.text("outside").dropna().astype(str)
    tables = given[given.map(lambda text: SERIES.fullmatch(text) is not None)]
    for line, text in tables.items():
        name = re.split("[: ]", text)[0]
        if name not in sheets and name not in broken:
            do = nearest_of(name, sheets) or "put the table into data/, or name another"
            yield claims.fault(line, "outside", f"name a table of counts: there is no {name}.csv", do)
    if "outside_reported" in broken:
        return
    rest = given.drop(tables.index)
    reports = sheets.get("outside_reported")
    confirmed = reports.text("status").eq("confirmed") if reports else pd.Series(dtype=bool)
    known = {id for id, line in reports.ids.items() if confirmed[line]} | reports.lost if reports else set()
    read = named(rest)
    for line in rest.index:
        if line not in read:
            do = "write ids of outside_reported.csv and of claims, with + - * / ( ), after <= or >= where it is a bound"
            yield claims.fault(line, "outside", "be a table of counts, or a formula of reports", do)
        for name in dict.fromkeys(read.get(line, [])):
            if name not in known and name not in claims.ids and name not in claims.lost:
                there = reports is not None and name in reports.ids
                must = "a report that is not confirmed" if there else "neither a claim nor a report"
                do = "confirm it at its publisher first" if there else nearest_of(name, {*known, *claims.ids})
                yield claims.fault(line, "outside", f"name claims and confirmed reports: {name} is {must}", do)


def _dated(claims: Sheet, sheets: Sheets) -> Iterator[Fault]:
    """An article is dated by a claim of its own, and then its date is inferred."""
    documents = sheets.get("documents")
    if documents is None:
        return
    for line, id in documents.text("dated_by").dropna().items():
        own = id in claims.ids and claims.text("document")[claims.ids[id]] == documents.text("id")[line]
        if not own and id not in claims.lost:
            do = nearest_of(id, claims.ids) or "name a claim that stands in it"
            yield documents.fault(line, "dated_by", "name a claim of this document", do)
    wrong = documents.text("dated_by").notna() & ~documents.text("date_basis").eq("inferred")
    yield from documents.faults(wrong, "date_basis", "be inferred where a claim dated the document", "write inferred")


def _listed(claims: Sheet, sheets: Sheets) -> Iterator[Fault]:
    """Listed items stand in the document of the claim that counts them, each once."""
    items, documents = sheets.get("enumerations"), sheets.get("documents")
    if items is None or not items.has("claim", "document", "item"):
        return
    home = items.text("claim").map(lambda id: claims.text("document").get(claims.ids.get(id)))
    wrong = home.notna() & ~items.text("document").eq(home)
    yield from items.faults(wrong, "document", "be that of the claim", "correct it, or the claim's")
    twice = items.cells.duplicated(["claim", "item"]) & items.text("claim").notna()
    yield from items.faults(twice, "item", "stand once in its list", "take one of the two away")
    if documents is not None:
        length = dict(zip(documents.text("id"), documents.number("paragraphs"), strict=True))
        wrong = items.number("paragraph") > items.text("document").map(length).astype(float)
        yield from items.faults(
            wrong, "paragraph", "be one that the document has", "count the lines that are not empty"
        )


def _rules(sheets: Sheets) -> Iterator[Fault]:
    """Each premise is a rule that can be read."""
    premises = sheets.get("premises")
    if premises is None:
        return
    for line, text in premises.text("rule").dropna().items():
        try:
            rule(str(text))
        except Refusal as refusal:
            yield premises.fault(line, "rule", "be a comparison of two formulas", str(refusal))
