"""The hostile cells for any grader: `python tests/hostile/corpus.py SUBMISSION.ipynb OUT --cell GRADE_ID`.

Needs nothing but Python. Each entry of table.toml goes into a copy of the submission, in place of the cell with that
grade_id (nbgrader's metadata), tag or id; see README.md beside this.
"""

import argparse
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("table.toml")


@dataclass(frozen=True)
class Entry:
    """One hostile cell: its kind (the heading that it stands under), and the answers that may earn points."""

    name: str
    kind: str
    code: str
    counts: frozenset[str]
    may: frozenset[str]

    def aimed(self, right: object, planted: str, port: int) -> str:
        """The code, with the right value of `own` where it looks for it, and the two places where it lies."""
        code = self.code
        for word, value in {"RIGHT": right, "PLANTED_AT": planted, "PORT": port}.items():
            code = code.replace(word, repr(value))
        return code


def entries() -> list[Entry]:
    """Every entry of the table, in its order."""
    text, kind, kinds = TABLE.read_text(encoding="utf-8"), "", {}
    for line in text.splitlines():
        if heading := re.fullmatch(r"# (\w[\w ]+)", line):
            kind = heading[1]
        elif name := re.fullmatch(r"\[(\w+)\]", line):
            kinds[name[1]] = kind
    return [
        Entry(name, kinds[name], told["code"], frozenset(told["counts"]), frozenset(told.get("may", ())))
        for name, told in tomllib.loads(text).items()
    ]


def with_cell(notebook: Mapping[str, Any], name: str, code: str) -> dict[str, Any]:
    """A notebook with one cell's text replaced."""
    cells = [dict(cell) for cell in notebook["cells"]]
    fits = [cell for cell in cells if name in _names(cell)]
    if len(fits) != 1:
        raise SystemExit(f"one cell must have the grade_id, tag or id {name!r}: {len(fits)} have it")
    fits[0]["source"] = code
    return {**notebook, "cells": cells}


def _names(cell: Mapping[str, Any]) -> set[str]:
    metadata = cell.get("metadata", {})
    return {metadata.get("nbgrader", {}).get("grade_id", ""), cell.get("id", ""), *metadata.get("tags", [])}


def main() -> None:
    """Write one notebook an entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("submission", type=Path, nargs="?")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--list", action="store_true", help="only say what there is, and what may earn points")
    parser.add_argument("--cell", help="grade_id, tag or id of the cell that is replaced")
    parser.add_argument("--right", type=float, default=12345.678, help="the right value of `own`")
    parser.add_argument("--planted", default="/home/planted.txt", help="the file that holds it, which no cell may read")
    parser.add_argument("--port", type=int, default=8765, help="of 127.0.0.1, where it is told to whoever asks")
    given = parser.parse_args()
    if given.list:
        for entry in entries():
            print(f"{entry.kind}: {entry.name}: {', '.join(sorted(entry.counts | entry.may))} may earn points")
        return
    if not (given.submission and given.out and given.cell):
        parser.error("name a submission, a folder for the new ones, and --cell")
    notebook = json.loads(given.submission.read_text(encoding="utf-8"))
    given.out.mkdir(parents=True, exist_ok=True)
    for entry in entries():
        code = entry.aimed(given.right, given.planted, given.port)
        path = given.out / f"{entry.name}.ipynb"
        path.write_text(json.dumps(with_cell(notebook, given.cell, code), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
