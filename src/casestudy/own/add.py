"""What is added to a case: a document, a claim, a reported series, a notebook, a problem set."""

import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from casestudy import claims, data, schema
from casestudy.case import VARIABLE, Case, around, open_case, refuse_the_installed
from casestudy.classroom.authoring import new as problem_set
from casestudy.own import package, rows
from casestudy.own.figures import figures
from casestudy.own.new import TEMPLATE
from casestudy.refusals import Refusal, nearest

ID = re.compile(r"[a-z][a-z0-9_]*")
NOTEBOOK = re.compile(r"\d\d-[\w-]+")
ASKED = {"subject": "whom it is about", "metric": "what is counted", "note": "why it stands as it does"}
DOCUMENTED = ("author", "date_earliest", "date_latest", "paragraphs", "synopsis")
FIGURE = ("value", "resolution", "low", "high", "unit", "relation")
REPORTED = "outside_reported"  # the table of the built-in case with the columns of any reported figure


def mine() -> Case:
    """The case that is added to: the one that was named, else the one in whose folder one stands."""
    if not (os.environ.get(VARIABLE) or around(Path.cwd())):
        raise Refusal(
            "add needs a case of your own: go to its folder or give --case DIR; `casestudy new DIR` begins one"
        )
    case = open_case()
    refuse_the_installed(case.data)
    return case


def document(case: Case, id: str, cells: Mapping[str, str]) -> str:
    """Append a document to documents.csv; one line that says what it wrote.

    cells: by column; `date_earliest` and `date_latest` are the first and the last day on which it can have appeared. A
    day that is the only one counts as printed, unless `date_basis` says otherwise.
    """
    known = data.documents(case).index
    must = schema.fields("documents", case)["id"].constraints.get("pattern", ".+")
    if not re.fullmatch(str(must), id) or id in known:
        has = f"; it has {', '.join(known)}" if len(known) else ""
        raise Refusal(f"a document's id must match {must} and be new{has}: got {id!r}")
    whole = {"id": id, "language": "en", "breaks_off": "false"} | dict(cells)
    if lacking := [name for name in DOCUMENTED if not whole.get(name)]:
        raise Refusal(f"a document says {', '.join(DOCUMENTED)}: give {', '.join(lacking)}")
    once = whole["date_earliest"] == whole["date_latest"]
    whole.setdefault("date_basis", "printed" if once else "inferred")
    for name, field in schema.fields("documents", case).items():
        if whole.get(name) and field.words and whole[name] not in field.words:
            raise Refusal(f"{name} must be one of {', '.join(field.words)}: got {whole[name]!r}")
    if not whole["paragraphs"].isdecimal() or int(whole["paragraphs"]) < 1:
        raise Refusal(
            f"paragraphs are its lines that are not empty, a whole number from 1: got {whole['paragraphs']!r}"
        )
    rows.put(case, "documents", rows.appended(rows.read(case, "documents"), whole, "documents.csv"))
    when = whole["date_earliest"] if once else f"{whole['date_earliest']} to {whole['date_latest']}"
    return f"{id}: {whole['paragraphs']} paragraphs, {when} ({whole['date_basis']}); claims cite it as {id} p1"


def claim(case: Case, id: str, document: str, paragraph: int, cells: Mapping[str, str]) -> str:
    """Append a claim to claims.csv; one line that says what was read from its print, and what nobody could know.

    cells: by column. `printed` gives value, step, ends, unit and relation, as far as they are not given.
    """
    register = data.table("claims", case)
    if not ID.fullmatch(id):
        raise Refusal(f"a claim's id is small letters, digits and underscores, a letter first: got {id!r}")
    if id in set(register["id"]):
        raise Refusal(f"claims.csv has a claim {id!r} already: give the new one another id")
    documents = data.documents(case)
    if document not in documents.index:
        raise Refusal(f"documents.csv has no document {document!r}; {nearest(document, documents.index)}")
    row = documents.loc[document]
    last = row["paragraphs"] if pd.notna(row.get("paragraphs")) else math.inf
    if not 1 <= paragraph <= last:
        raise Refusal(f"document {document} has paragraphs 1 to {last:.0f}: got {paragraph}")
    if lacking := [f"{name} ({words})" for name, words in ASKED.items() if not cells.get(name)]:
        raise Refusal(f"a claim says {', '.join(ASKED)}: give {', '.join(lacking)}")
    read, remark = figures(cells, row["language"] if pd.notna(row.get("language")) else "en")
    window = {"as_of_earliest": row["date_earliest"], "as_of_latest": row["date_latest"]}
    known = {name: day.date().isoformat() for name, day in window.items()} | {"as_of_basis": "publication"}
    if "as_of_earliest" in cells or "as_of_latest" in cells:
        known = {"as_of_basis": "printed"}
    whole = {"id": id, "document": document, "paragraph": str(paragraph), "notebook": _treats(case, cells), **known}
    whole |= {**read, **cells}
    rows.put(
        case,
        "claims",
        rows.appended(rows.read(case, "claims"), whole, "claims.csv"),
        tried=lambda copy: claims.held_against(id, case=copy),
    )
    told = [f"{name} {whole[name]}" for name in FIGURE if whole.get(name)]
    unknown = [word for word in ("formula", "outside", "missing") if not whole.get(word)]
    said = f"{id}: {', '.join(told)}{remark}"
    said += "" if "as_of_basis" in cells or "as_of_earliest" in cells else "; holds for the document's own dates"
    said += f"; not known: {', '.join(unknown)}" if unknown else ""
    return f"{said}; cite it in {whole['notebook']} as [claim: {id}]"


def _treats(case: Case, cells: Mapping[str, str]) -> str:
    """The notebook that treats a claim: the one that is named, else that of a case which has only one."""
    found = [path.stem for path in case.notebooks.glob("*.ipynb") if NOTEBOOK.fullmatch(path.stem)]
    if (given := cells.get("notebook", found[0] if len(found) == 1 else "")) in found:
        return given
    raise Refusal(f"a claim names the notebook that treats it: give --set notebook=NN-name; {nearest(given, found)}")


def series(case: Case, name: str, unit: str, first: Mapping[str, str]) -> str:
    """Write the table of a reported series, `NAME_reported.csv`, and describe it; first: its first row, by column."""
    stem = name.removesuffix("_reported")
    rows.on_one_line("--unit", unit)
    if not ID.fullmatch(stem):
        raise Refusal(f"a series is named in small letters, digits and underscores, a letter first: got {name!r}")
    table = f"{stem}_reported"
    if (case.data / f"{table}.csv").exists() or table in {one["name"] for one in package.read(case)["resources"]}:
        raise Refusal(f"{table}.csv is there already: give the new series another name")
    header = [field["name"] for field in package.standard(REPORTED)["schema"]["fields"]]
    content = (",".join(header) + "\n").encode()
    given = {"unit": unit, "layer": "reported", "relation": "=", "status": "unconfirmed"} | dict(first)
    if first:
        content = rows.appended(content, given, f"{table}.csv")
    words = {"name": table, "title": f"Reported {stem.replace('_', ' ')}, in {unit}"}
    said = package.described(
        words | {"sources": [{"title": "The publisher and address in each row"}]}, content, REPORTED
    )
    rows.put(case, table, content, said)
    many = "its first row" if first else "no row yet"
    return f"{case.data / f'{table}.csv'}: {many}; a claim names it as outside={table}, and only confirmed rows count"


def notebook(case: Case, name: str, question: str) -> str:
    """Write a notebook that runs, with its question on top and what is to be filled in below."""
    stem = name.removesuffix(".ipynb")
    if not NOTEBOOK.fullmatch(stem):
        raise Refusal(f"a notebook is named NN-words, with letters, digits and hyphens: got {name!r}")
    rows.on_one_line("the question", question := " ".join(question.split()))
    if not question.endswith("?") or len(question) < 2:
        raise Refusal(f"a notebook asks one question, with a question mark: got {question!r}")
    if other := next((path for path in case.notebooks.glob(f"{stem[:2]}-*.ipynb")), None):
        raise Refusal(f"{other.name} has the number {stem[:2]} already: give the new notebook another")
    content = json.loads((TEMPLATE / "skeleton.ipynb").read_text(encoding="utf-8"))
    first = content["cells"][0]["source"]
    first[0] = f"# {question}\n"
    rows.file(case, path := case.notebooks / f"{stem}.ipynb", json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return f"{path}: it runs; write its answer, parameters and sections"


def set_(case: Case, name: str) -> str:
    """Write a small complete problem set among the case's exercises."""
    folder = case.exercises / name
    if other := next((path for path in case.exercises.glob(f"{name[:2]}-*") if path != folder), None):
        raise Refusal(f"{other.name} has the number {name[:2]} already: give the new set another")
    return f"{problem_set.new(folder)}: try it with exercises build {name}"
