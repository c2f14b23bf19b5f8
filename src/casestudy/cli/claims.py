"""The commands about what the documents say: `claims` and `prove`."""

import json
import math
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from casestudy.case import open_case
from casestudy.cli.terminal import console, harmless, say
from casestudy.refusals import Refusal

if TYPE_CHECKING:
    import pandas as pd

    from casestudy.proof import Core, Proof
    from casestudy.proof.rules import Facts


def claims(
    document: Annotated[str | None, typer.Option(help="Only this document, such as 004.")] = None,
    readings: Annotated[bool, typer.Option("--readings", help="Each under every reading that touches it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All columns, as JSON.")] = False,
    form: Annotated[
        str | None, typer.Option("--as", metavar="FORM", help="claimreview (JSON-LD) or csvw, for other tools.")
    ] = None,
) -> None:
    """Every claim: what came of its arithmetic, how easily that could have failed, and what the sentence leaves out."""
    from casestudy import claims
    from casestudy.claims.evidence import Evidence
    from casestudy.claims.severity import shown
    from casestudy.claims.verdicts import judge, listed, tallied

    if form is not None:
        print(harmless(json.dumps(_exported(form, document, readings), ensure_ascii=False, indent=1)))
        return
    if readings:
        frame = claims.load()
        rows = claims.records(frame, document)
        ids = [row["id"] for row in rows if row["low"] is not None or row["high"] is not None]
        _readings(claims.readings(ids=ids) if ids else frame.iloc[:0], as_json)
        return
    evidence = Evidence(open_case())
    judged = judge(evidence)
    rows = listed(evidence, judged, document)
    if as_json:
        print(harmless(json.dumps(rows, ensure_ascii=False, indent=1)))
        return
    table = Table(box=None, pad_edge=False)
    widths = {"arithmetic": 8, "severity": 8, "missing": 10, "verdict": 9}
    for column in ("claim", "place", "printed", *widths):
        table.add_column(column, overflow="fold", no_wrap=column == "place", min_width=widths.get(column, 7))
    for row in rows:
        share = "" if row["severity"] is None else shown(row["severity"])
        cells = [row["id"], claims.locator(row), row["printed"], row["arithmetic"], share]
        table.add_row(*(harmless(cell or "") for cell in (*cells, row["missing"], row["verdict"])))
    console.print(table)
    if document is None:
        say(tallied(evidence, judged).headline)


def _exported(form: str, document: str | None, readings: bool) -> dict:
    """The register in a form that other tools read."""
    from casestudy.exports.claimreview import claim_reviews
    from casestudy.exports.csvw import csvw

    if form not in ("claimreview", "csvw"):
        raise Refusal(f"--as takes claimreview or csvw: got {form!r}")
    if readings or (document and form == "csvw"):
        raise Refusal(f"--as {form} tells of all claims, as registered: leave out --readings and --document")
    return csvw(open_case()) if form == "csvw" else claim_reviews(open_case(), document)


def _readings(frame: "pd.DataFrame", as_json: bool) -> None:
    """Claims under the readings that touch them; shown are those that are held against something."""
    from casestudy.claims import Reading
    from casestudy.claims import reading as of
    from casestudy.claims.register import plain
    from casestudy.claims.severity import shown

    if as_json:
        print(harmless(json.dumps(plain(frame), ensure_ascii=False, indent=1)))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("claim", "reading", "can mean", "held against", "arithmetic", "severity"):
        table.add_column(column, overflow="fold", no_wrap=column == "claim")
    for row in frame[frame["ours_low"].notna()].to_dict("records"):
        words = of.words(Reading(**{name: row[name] for name in of.CHOICES}))
        pairs = [_pair(row[f"{side}low"], row[f"{side}high"]) for side in ("", "ours_")]
        share = "" if row["severity"] != row["severity"] else shown(row["severity"])
        table.add_row(*(harmless(cell) for cell in (row["claim"], words, *pairs, row["arithmetic"], share)))
    console.print(table)


def _pair(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{low:.6g} to {high:.6g}"


def prove(
    floors: Annotated[str, typer.Option(help="What 'more than' allows: conventional or strict.")] = "conventional",
    rounding: Annotated[
        str, typer.Option(help="How figures were rounded: nearest, half up, half even or cut.")
    ] = "nearest",
    without: Annotated[
        list[str] | None, typer.Option(metavar="FACT", help="Leave out a claim's id, or a premise; may stand often.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Facts, witness and cores, as JSON.")] = False,
) -> None:
    """Whether all printed figures, formulas and premises can hold at once; if not, which few of them cannot."""
    from casestudy import claims, proof

    case, out = open_case(), tuple(without or ())
    together = proof.facts(case, floors, rounding, out)
    assumed = [name for name in proof.premises(case) if name in together]
    alone = proof.prove({name: rules for name, rules in together.items() if name not in assumed})
    whole, register = proof.prove(together), claims.load(case)
    if as_json:
        print(harmless(json.dumps(_as_json(alone, whole, together), ensure_ascii=False, indent=1)))
        return
    say(f"{len(together) - len(assumed)} facts as printed, figures and formulas: {WORDS[alone.word]}.")
    if assumed:
        many = f"{len(assumed)} premises" if len(assumed) > 1 else "1 premise"
        say(f"With {many} that no document prints: {WORDS[whole.word]}.")
    for number, core in enumerate(whole.cores, 1):
        say(f"\n{number}. These cannot hold together:")
        for name in sorted(core.facts, key=lambda name: (name in assumed, name)):
            say(f"   {proof.described(name, register)}")
        say(f"   {_way_out(core)}")
    if whole.open:
        some = ", ".join(sorted(whole.open)[:8]) + (" ..." if len(whole.open) > 8 else "")
        say(f"\nNot decided among {len(whole.open)} facts: {some}")


WORDS = {"holds": "they can all hold at once", "fails": "they cannot all hold", "undecided": "not decided"}


def _way_out(core: "Core") -> str:
    if not core.minimal:
        return "Whether fewer of them would do was not decided."
    if core.restores == core.facts:
        return "Without any one of them the others can."
    if not core.restores:
        return "No single one of them, left out, sets all right."
    return f"Left out alone, each of these sets all right: {', '.join(sorted(core.restores))}."


def _as_json(alone: "Proof", whole: "Proof", facts: "Facts") -> dict:
    return {
        "facts": {name: [rule.text for rule in rules] for name, rules in facts.items()},
        "printed": alone.word,
        "all": whole.word,
        "witness": {name: str(number) for name, number in sorted((whole.point or alone.point).items())},
        "cores": [
            {"facts": sorted(core.facts), "minimal": core.minimal, "restores": sorted(core.restores)}
            for core in whole.cores
        ],
        "undecided": sorted(whole.open),
    }
