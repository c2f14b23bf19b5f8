"""The command that asks every rule of a case at once."""

import json
from typing import Annotated

import typer

from casestudy.case import open_case
from casestudy.cli.terminal import complaints, console, harmless, say


def check(
    as_json: Annotated[bool, typer.Option("--json", help="A list of all faults, as JSON.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="First bring recorded hashes and computed columns up to date.")
    ] = False,
) -> None:
    """All that is wrong with a case's tables and notebooks: one line each, with its place and what to do."""
    from casestudy import check as room

    case = open_case()
    for path in room.write(case) if write else []:
        say(f"{path.name} is brought up to date", to=complaints if as_json else console)
    faults = room.check(case)
    if as_json:
        print(harmless(json.dumps([fault.record() for fault in faults], ensure_ascii=False, indent=1)))
    else:
        for fault in faults:
            say(str(fault))
        claims, tables, notebooks = room.counts(case)
        found = {0: "nothing is wrong", 1: "1 fault"}.get(len(faults), f"{len(faults)} faults")
        say(f"{claims} claims, {tables} tables and {notebooks} notebooks were checked: {found}")
    raise typer.Exit(1 if faults else 0)
