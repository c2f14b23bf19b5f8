"""`casestudy check`: a sound case has no fault, and each mistake is told with file, line and remedy."""

import csv
import itertools
import json
import random
import re
import subprocess
import sys

import cases
import pandas as pd
import pytest

from casestudy import claims, data, schema
from casestudy.case import Case, built_in
from casestudy.check import Fault, check, columns, counts, package, write
from casestudy.refusals import Refusal


def test_the_built_in_case_has_no_fault():
    assert [str(fault) for fault in check(built_in())] == []


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Case:
    return cases.Draft(30).write(tmp_path_factory.mktemp("sound") / "case")


def test_a_case_of_another_firm_has_none_either(sound):
    assert [str(fault) for fault in check(sound)] == []


@pytest.fixture
def case(sound, tmp_path) -> Case:
    return cases.copy(sound, tmp_path / "case")


def spoil(case: Case, place: str, **cells: str) -> int:
    """Change cells of the row of a table that holds the word; the row's line. `claims.csv c00010`."""
    file, _, word = place.partition(" ")
    path = case.data / file
    with path.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    number = next(number for number, row in enumerate(rows) if word in row.values())
    rows[number] |= cells
    cases.save(path, rows)
    return number + 2


CLAIMS = [  # what a claim's number ends in (see Draft), cells that are wrong, and what is told of which column
    (0, {"value": "0,75"}, "value must be a finite number; got '0,75'; write a point: 0.75"),
    (0, {"value": "75%"}, "value must be a finite number; got '75%'; write a share from 0"),
    (0, {"value": "nan"}, "value must be a finite number; got 'nan'; write digits"),
    (0, {"value": "1_0"}, "value must be a finite number; got '1_0'"),
    (1, {"value": "inf"}, "value must be a finite number; got 'inf'"),
    (0, {"value": "75"}, "value must lie"),
    (
        0,
        {"value": "75", "low": "74.5", "high": "75.5", "resolution": "1", "printed": "75 per cent"},
        "value must lie between 0 and 1, since its unit is share; got '75'; write 0.75",
    ),
    (0, {"unit": "%"}, "unit must be share: a per cent is a hundredth; got '%'; divide"),
    (0, {"unit": "points"}, "unit must fit what is printed"),
    (1, {"unit": "share"}, "value must lie between 0 and 1"),
    (1, {"value": "5"}, "value must be what is printed, '"),
    (1, {"low": "0"}, "low must follow from value, resolution and relation; got '0'; write"),
    (6, {"value": "1", "printed": ""}, "value must lie within its ends"),
    (0, {"resolution": "0.02"}, "low must follow from value, resolution and relation"),
    (0, {"resolution": "0.003"}, "resolution must be the printed step, 0.01"),
    (0, {"resolution": "-0.01"}, "resolution must be at least 0"),
    (1, {"resolution": "0"}, "resolution must be positive; got '0'; leave it empty"),
    (2, {"high": "5000"}, "high must be open, as relation is >; got '5000'; leave it empty"),
    (2, {"relation": "=", "low": "", "high": ""}, "relation must be >, as is printed"),
    (3, {"high": "5"}, "low must be at most high, 5"),
    (3, {"high": "999"}, "value must be the middle of its range"),
    (3, {"high": ""}, "high must not be empty: a range has two ends"),
    (4, {"high": "5"}, "high must be empty where value is empty; got '5'; write the value"),
    (0, {"printed": "99 per cent"}, "value must be what is printed, '99 per cent'"),
    (0, {"plausible": "0.9"}, "plausible must"),
    (0, {"plausible": "0.9..1"}, "plausible must hold what was printed"),
    (0, {"as_of_latest": "2019-01-01"}, "as_of_earliest must not be after as_of_latest; got"),
    (0, {"as_of_latest": "30.6.2020"}, "as_of_latest must be a date as YYYY-MM-DD; got '30."),
    (0, {"as_of_latest": "2020-02-30"}, "as_of_latest must be a date as YYYY-MM-DD"),
    (0, {"as_of_basis": "none"}, "as_of_basis must not be none where a window is given"),
    (4, {"as_of_basis": "printed"}, "as_of_earliest must not be empty where as_of_basis"),
    (0, {"paragraph": "99"}, "paragraph must be at most 60, the paragraphs of 00"),
    (0, {"paragraph": "6.5"}, "paragraph must be a whole number; got '6.5'"),
    (0, {"paragraph": "0"}, "paragraph must be at least 1; got '0'"),
    (0, {"document": "009"}, "document must stand in the column id of documents.csv; got '009'"),
    (0, {"kind": "statistik"}, "kind must be one of statistic"),
    (0, {"relation": "≈"}, "relation must be one of =, >"),
    (0, {"missing": "base base"}, "missing must name each word once; got 'base base'"),
    (0, {"missing": "bases"}, "missing must be of scale, base"),
    (0, {"note": ""}, "note must not be empty; got ''; say why"),
    (0, {"note": "  "}, "note must not be empty"),
    (0, {"unit": "share "}, "unit must not begin or end with a blank; got 'share '"),
    (4, {"id": "C 10"}, "id must match [a-z][a-z0-9_]*"),
    (4, {"id": "c00010"}, "id must be unique: line 12 has it too; got 'c00010'; give one"),
    (0, {"notebook": "07-seven"}, "notebook must name a notebook of the case; got '07-seven'"),
    (5, {"formula": "c00011 / c0001"}, "formula must name claims: c0001 is none; got"),
    (5, {"formula": "__import__('os')"}, "formula must be a formula of ids and numbers"),
    (5, {"formula": "c00011 /"}, "formula must be a formula of ids and numbers"),
    (5, {"formula": "c00011 < c00021"}, "formula must be a formula that gives a number"),
    (5, {"formula": "c00011 / c00011"}, "formula must name each claim once: c00011 stands"),
    (5, {"formula": "c00010 / c00017"}, "formula must rest on each claim once: c00010 is"),
    (5, {"formula": "c00014 / c00011"}, "formula must name claims with a number: c00014 has"),
    (5, {"formula": "1 - SELF"}, "formula must not come back to itself: SELF -> SELF"),
    (5, {"formula": "c00010 / (c00003 - MIDDLE)"}, "formula must not divide by a range that"),
    (5, {"formula": "c00010 + c00011"}, "formula must be of units that fit: share and members"),
    (5, {"formula": "c00010 * c00011"}, "formula must give the claim's unit, share: it gives"),
    (5, {"formula": "1 / 2"}, "formula must name a claim; got '1 / 2'"),
    (5, {"formula": ""}, "formula must not be empty: a derived claim is computed"),
    (4, {"formula": "c00011"}, "formula must be empty where the claim has no number"),
    (5, {"outside": "r00019"}, "outside must be empty beside a formula"),
    (9, {"outside": "r0001"}, "outside must name claims and confirmed reports: r0001 is"),
    (9, {"outside": "visits_reported"}, "outside must name a table of counts: there is no"),
    (9, {"outside": "open('x')"}, "outside must be a table of counts, or a formula"),
    (9, {"outside": "r00019 / (c00003 - MIDDLE)"}, "outside must be something to hold it"),
    (9, {"premise": "stead"}, "premise must name premises of premises.csv: 'stead' is none"),
]


TABLES = [  # a table, cells that are wrong in a copy of its first row, and what is told of which column
    ("documents", {"id": "101", "paragraphs": "many"}, "paragraphs must be a whole number; got 'many'"),
    ("documents", {"id": "102", "dated_by": "nobody"}, "dated_by must name a claim of this document; got 'nobody'"),
    ("documents", {"id": "103", "date_latest": "2001-01-01"}, "date_earliest must not be after date_latest"),
    ("documents", {"id": "104", "language": "latin"}, "language must be one of en, pl; got 'latin'"),
    ("documents", {"id": "105", "breaks_off": "perhaps"}, "breaks_off must be true or false; got 'perhaps'"),
    ("documents", {"id": "106", "synopsis": ""}, "synopsis must not be empty"),
    ("outside_reported", {"id": "r1", "layer": "printed"}, "layer must be one of reported; got 'printed'"),
    ("outside_reported", {"id": "r2", "publisher": ""}, "publisher must not be empty"),
    ("outside_reported", {"id": "r3", "relation": "range"}, "relation must be one of =, >, <, ~; got 'range'"),
    ("members_reported", {"date": "2020-01-01", "date_latest": "2018-01-01"}, "date_earliest must not be after"),
    ("members_reported", {"members_millions": "1,5"}, "members_millions must be a finite number; got '1,5'; write"),
    ("enumerations", {"item": "a", "paragraph": "77"}, "paragraph must be one that the document has; got '77'"),
    ("enumerations", {"claim": "c0008"}, "claim must stand in the column id of claims.csv; got 'c0008'; did you mean"),
    ("enumerations", {}, "item must stand once in its list; got 'the first'"),
    ("enumerations", {"item": "b", "document": "102"}, "document must be that of the claim; got '102'"),
    ("premises", {"rule": "c00000 is 1"}, "rule must be a comparison of two formulas; got 'c00000 is 1'"),
    ("premises", {"rule": "c00000 <= 2", "layer": "known"}, "layer must be one of printed, implied"),
    ("goals_invented", {"id": "g1"}, "id must begin with INV-, as what is made up; got 'g1'"),
    ("goals_invented", {"id": "INV-02", "layer": "reported"}, "layer must be invented, as the file's name says"),
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[dict, list[str], dict]:
    """Every mistake of the two lists in a row of its own: the place of each, and what one check tells."""
    draft = cases.Draft(400)
    middle = draft.of(3)[0]["value"]
    free = {kind: iter(draft.of(kind)[3:]) for kind in range(10)}
    places, words = {}, {}
    for number, (kind, cells, _) in enumerate(CLAIMS):
        row = next(free[kind])
        words[number] = row["id"]
        row |= {name: text.replace("MIDDLE", middle).replace("SELF", row["id"]) for name, text in cells.items()}
        line = draft.rows["claims"].index(row) + 2
        places["claims", number] = f"claims.csv line {line}, ", f" ({row['id']})"
    for number, (table, cells, _) in enumerate(TABLES):
        row = draft.add(table, **draft.rows[table][0] | cells)
        places["tables", number] = (
            f"{table}.csv line {len(draft.rows[table]) + 1}, ",
            f" ({row['id']})" if "id" in row else "",
        )
    case = draft.write(tmp_path_factory.mktemp("planted") / "case")
    return places, [str(fault) for fault in check(case)], words


def told_of(planted, key: tuple[str, int], told: str) -> bool:
    places, found, words = planted
    (before, row), (column, rest) = places[key], told.split(" ", 1)
    line = f"{before}{column}{row}: {rest.replace('SELF', words[key[1]]) if key[0] == 'claims' else rest}"
    return any(fault.startswith(line) for fault in found)


@pytest.mark.parametrize("number", range(len(CLAIMS)), ids=lambda number: CLAIMS[number][2])
def test_a_mistake_in_a_claim_is_one_line_with_its_place_and_what_to_do(planted, number):
    assert told_of(planted, ("claims", number), CLAIMS[number][2]), "\n".join(planted[1])


@pytest.mark.parametrize("number", range(len(TABLES)), ids=lambda number: TABLES[number][2])
def test_a_mistake_in_another_table_is_one_line_too(planted, number):
    assert told_of(planted, ("tables", number), TABLES[number][2]), "\n".join(planted[1])


def test_nothing_is_told_of_rows_without_a_mistake(planted):
    places, found, _ = planted
    before = tuple(place for place, _ in places.values())
    assert [fault for fault in found if not fault.startswith(before)] == []
    assert all("\n" not in fault and ": must " in fault for fault in found)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("data/claims.csv", b",", b";", "claims.csv line 1: must be separated by commas, not semicolons"),
        ("data/claims.csv", b",", b"\t", "claims.csv line 1: must be separated by commas, not tabs"),
        ("data/claims.csv", b"\n", b"\r\n", "claims.csv line 1: must end its lines with a line feed alone; save"),
        ("data/claims.csv", b"id,document", b"\xef\xbb\xbfid,document", "claims.csv line 1: must begin without a byte"),
        ("data/claims.csv", b"As it stands.", b"\xe0", "claims.csv line 2: must be in UTF-8; got 'byte 0xe0'"),
        ("data/claims.csv", b"As it stands.", b"As it, stands.", "claims.csv line 2 (c00000): must have 24 cells"),
        ("data/claims.csv", b"As it stands.", b'"As it stands.', "claims.csv line 2: must be comma-separated"),
        ("data/claims.csv", b"As it stands.", b"x" * 200_000, "claims.csv line 2"),
        ("data/claims.csv", b",relation,", b",relations,", "claims.csv line 1, relation: must be one of the columns; "),
        ("data/claims.csv", b",subject,", b",id,", "claims.csv line 1: must give each column a name of its own"),
        ("data/documents.csv", b",synopsis", b",summary", "documents.csv line 1, synopsis: must be one of the columns"),
        ("data/datapackage.json", b"{", b"[", "datapackage.json: must be a JSON object in UTF-8"),
        ("data/datapackage.json", b'"resources"', b'"resource"', "claims.csv: must be described; add it to resources"),
        ("data/datapackage.json", b'"claims.csv"', b'"claim.csv"', "path: must name a file that exists; got 'claim.cs"),
        ("data/datapackage.json", b'"claims.csv"', b'"../claims.csv"', "path: must name a .csv file beside it in data"),
        ("data/datapackage.json", b"sha256:", b"sha256:0", "hash: must be the sha256 of claims.csv; got 'sha256:0"),
        ("data/datapackage.json", b'"number"', b'"figure"', "schema: must be a table schema: claims.csv"),
        ("data/datapackage.json", b'"resource": "doc', b'"source": "doc', "must have constraints and keys that can"),
        ("data/datapackage.json", b'"front": {}', b'"front": {"hero": "9"}', "front.hero: must name a notebook of the"),
        ("data/datapackage.json", b'"front": {}', b'"front": {"claims": ["x"]}', "front: must be in order: front name"),
        ("notebooks/01-one.ipynb", b"[claim: ", b"[claim:", "01-one.ipynb cell 2, citation: must cite as [claim: id]"),
        ("notebooks/01-one.ipynb", b"[claim: c", b"[claim: d", "01-one.ipynb cell 2, citation: must name a claim; got"),
        ("notebooks/01-one.ipynb", b"[claim: c", b"c", "notebook (c00"),
        ("notebooks/01-one.ipynb", b"0..1", b"zero to one", "01-one.ipynb cell 3, parameters: must be a notebook that"),
        ("notebooks/01-one.ipynb", b"rate = 0.", b"rate = 0.1", "01-one.ipynb cell 3, rate: must have as default what"),
        ("notebooks/01-one.ipynb", b"0..1; 00", b"0..1; 99", "01-one.ipynb cell 3, rate: must come from a document"),
        ("notebooks/01-one.ipynb", b"{", b"", "01-one.ipynb: must be a notebook that can be run"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_and_never_a_traceback(case, file, old, new, told):
    path = case.root / file
    once = old in (b"As it stands.", b"id,document", b"{", b'"number"', b"sha256:", b'"claims.csv"')
    path.write_bytes(path.read_bytes().replace(old, new, 1 if once else -1))
    if file.endswith(".csv"):
        package.rehash(case)
    found = [str(fault) for fault in check(case)]
    assert any(told in fault for fault in found), found


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\xff\x00", b'{"a": [', b"a,b\n1\n", bytes(range(256)) * 40])
def test_whatever_files_hold_there_is_a_line_about_each(case, content):
    paths = [*case.data.iterdir(), *case.notebooks.iterdir()]
    for path in paths:
        path.write_bytes(content)
    assert {fault.file for fault in check(case)} == {path.name for path in paths}


def test_tables_that_are_gone_are_missed(case):
    gone = {"documents.csv", "premises.csv", "enumerations.csv", "outside_reported.csv"}
    for name in gone:
        (case.data / name).unlink()
    assert {fault.got for fault in check(case) if fault.must == "name a file that exists"} == gone


def test_a_case_without_a_description_is_held_to_the_standard_one(case):
    (case.data / "datapackage.json").unlink()
    assert check(case) == []
    spoil(case, "claims.csv c00010", kind="fact")
    (case.data / "mine.csv").write_text("a,b\n1,2\n")
    assert [(fault.file, fault.column) for fault in check(case)] == [("claims.csv", "kind"), ("mine.csv", "")]


def test_formulas_without_end_and_of_a_thousand_steps_are_told(case):
    draft = cases.Draft(1300)
    shares = [row for row in draft.rows["claims"] if row["unit"] == "share" and row["value"]]
    for row, below in itertools.pairwise(shares):
        row |= {"formula": below["id"], "outside": "", "premise": ""}
    long = draft.write(case.root / "long")
    told = {fault.row: fault.must for fault in check(long)}
    assert "not build on more than 20 others" in told[shares[0]["id"]]


def test_a_comparison_of_no_claim_is_told_with_its_cell(case):
    path = case.notebooks / "02-two.ipynb"
    book = json.loads(path.read_text())
    book["cells"].append(
        {**book["cells"][-1], "id": "z", "metadata": {}, "source": "claims.compare(derived={'c1': 1})"}
    )
    path.write_text(json.dumps(book))
    assert next(str(fault) for fault in check(case)).startswith("02-two.ipynb cell 4, compare: must compare claims")


def test_a_report_that_is_not_confirmed_is_none(case):
    spoil(case, "outside_reported.csv r00019", status="unconfirmed")
    write(case)
    (fault,) = check(case)
    assert str(fault).startswith(
        "claims.csv line 21, outside (c00019): must name claims and confirmed reports: r00019 is a"
    )
    assert fault.do == "confirm it at its publisher first"


def test_a_mark_within_code_is_an_example(case):
    path = case.notebooks / "02-two.ipynb"
    path.write_text(path.read_text().replace("# 02-two?", "# 02-two? Write `[claim: id]`."))
    assert check(case) == []


def test_lines_are_those_of_the_file_even_where_some_are_empty(case):
    lines = case.claims.read_text().splitlines(keepends=True)
    case.claims.write_text("".join([*lines[:5], "\n", "\n", *lines[5:]]).replace("c00010,", '"c0\n0010",', 1))
    write(case)
    spot = next(fault for fault in check(case) if fault.column == "id")
    assert (spot.line, spot.must) == (14, "match [a-z][a-z0-9_]*")


# Columns that are computed, and --write


@pytest.fixture
def judged(case) -> Case:
    """A case that writes its verdicts down, each still empty."""
    path = case.data / "datapackage.json"
    said = json.loads(path.read_text())
    said["resources"][0]["schema"]["fields"] += [{"name": name, "type": "string"} for name in ("verdict", "severity")]
    path.write_text(json.dumps(said, indent=2))
    text = case.claims.read_text().replace("\n", ",,\n").replace(",note,,\n", ",note,verdict,severity\n")
    case.claims.write_text(text)
    return case


def test_write_brings_hashes_and_computed_columns_up_to_date_and_touches_nothing_else(judged):
    before, described = judged.claims.read_text(), (judged.data / "datapackage.json").read_text()
    assert {fault.column for fault in check(judged)} == {"verdict", "severity", "hash"}
    assert [path.name for path in write(judged)] == ["claims.csv", "datapackage.json"]
    assert check(judged) == [] and write(judged) == []
    after = judged.claims.read_text()
    assert [line.rsplit(",", 2)[0] for line in after.splitlines()] == [line[:-2] for line in before.splitlines()][
        0:0
    ] + [line.rsplit(",", 2)[0] for line in before.splitlines()]
    hashes = re.compile(r'"sha256:\w*"')
    assert hashes.sub("", (judged.data / "datapackage.json").read_text()) == hashes.sub("", described)


def test_a_verdict_that_does_not_follow_is_told_and_its_neighbours_are_not(judged):
    write(judged)
    line = spoil(judged, "claims.csv c00025", verdict="contradicted")
    other = spoil(judged, "claims.csv c00011", value="1", printed="1")  # on which c00025 may rest: then nothing is said
    package.rehash(judged)
    told = {(fault.line, fault.column) for fault in check(judged)}
    assert (other, "value") in told and {line for line, _ in told} <= {line, other}


def test_a_hash_that_is_missing_is_put_beside_its_file(case):
    path = case.data / "datapackage.json"
    path.write_text(re.sub(r'\n *"hash": "[^"]*",', "", path.read_text()))
    assert {fault.column for fault in check(case)} == {"hash"}
    assert write(case) == [path] and check(case) == []


# The command


def test_the_command_says_how_much_it_checked_and_ends_with_what_it_found(case, typed):
    assert typed("check", "--case", str(case.root)) == (
        0, "30 claims, 7 tables and 2 notebooks were checked: nothing is wrong\n", "",
    )  # fmt: skip
    spoil(case, "claims.csv c00010", value="0,75")
    code, out, _ = typed("check", "--case", str(case.root), "--json")
    assert code == 1 and {"file", "line", "column", "row", "must", "got", "do", "told"} <= json.loads(out)[0].keys()
    code, out, _ = typed("check", "--case", str(case.root), "--write")
    assert code == 1 and "datapackage.json is brought up to date" in out and out.endswith("checked: 1 fault\n")


def test_a_folder_that_is_no_case_is_refused_with_what_it_lacks(tmp_path, typed):
    (tmp_path / "notebooks").mkdir()
    code, out, told = typed("check", "--case", str(tmp_path))
    assert (code, out) == (2, "") and told.endswith("lacks data/claims.csv, data/documents.csv\n")


# An audit


PLANTS = {  # by what a claim's number ends in: cells that are wrong, and the column in which that shows
    0: [({"value": "0,5"}, "value"), ({"value": "50"}, "value"), ({"low": "0"}, "low"), ({"note": " "}, "note"),
        ({"paragraph": "99"}, "paragraph"), ({"kind": "fact"}, "kind"), ({"plausible": "2..1"}, "plausible"),
        ({"missing": "n n"}, "missing"), ({"notebook": "05-none"}, "notebook"), ({"unit": "per cent"}, "unit")],
    1: [({"value": "3"}, "value"), ({"resolution": "7"}, "resolution"),
        ({"as_of_latest": "2011-01-01"}, "as_of_earliest"),
        ({"document": "7"}, "document"), ({"as_of_basis": "none"}, "as_of_basis"), ({"printed": "17"}, "value")],
    2: [({"high": "9"}, "low"), ({"relation": "="}, "relation"), ({"high": "5000"}, "high")],
    3: [({"value": "9.9"}, "value"), ({"low": ""}, "low"), ({"relation": "between"}, "relation")],
    4: [({"low": "3"}, "low"), ({"formula": "c00001"}, "formula"), ({"missing": "much"}, "missing"),
        ({"id": "A"}, "id")],
    5: [({"formula": ""}, "formula"), ({"formula": "c00001 / c00001"}, "formula"), ({"formula": "x + 1"}, "formula"),
        ({"formula": "c00000 + c00001"}, "formula"), ({"formula": "exec('1')"}, "formula"),
        ({"formula": "c00000 / (c00003 - MIDDLE)"}, "formula"), ({"outside": "r00009"}, "outside")],
    6: [({"unit": "share", "value": ".5", "low": ".5", "high": ".5"}, "formula"),
        ({"formula": "c00004 + 1"}, "formula")],
    7: [({"formula": "c00001"}, "formula"), ({"value": "1.5"}, "value")],
    8: [({"value": "4"}, "value"), ({"printed": "four"}, "value"), ({"unit": ""}, "unit")],
    9: [({"outside": "r1"}, "outside"), ({"outside": "no_reported"}, "outside"), ({"premise": "p"}, "premise")],
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_an_audit_of_500_claims_finds_what_was_planted_and_nothing_else(seed, tmp_path):
    draw = random.Random(seed)
    draft = cases.Draft(500, seed)
    middle = draft.of(3)[0]["value"]
    used = {f"c{number:05}" for number in range(20)}  # which the planted formulas name
    planted = {}
    kinds = [(kind, plant) for kind, plants in PLANTS.items() for plant in plants]
    for kind, (cells, column) in kinds + draw.sample(kinds, 18):
        row = draw.choice([row for row in draft.of(kind) if row["id"] not in used])
        used.add(row["id"])
        row |= {name: text.replace("MIDDLE", middle) for name, text in cells.items()}
        planted[draft.rows["claims"].index(row) + 2] = column
    draft.rows["outside_reported"][5]["publisher"] = ""
    case = draft.write(tmp_path / "case")
    found = check(case)
    for line, column in planted.items():
        told = {(fault.line, fault.column) for fault in found if fault.file == "claims.csv"}
        assert (line, column) in told, draft.rows["claims"][line - 2]
    marks = {fault.got for fault in found if fault.cell} - {"[claim: A]"}  # as the planted id stands in the notebooks
    stray = {str(fault) for fault in found if fault.file == "claims.csv" and fault.line not in planted}
    assert (len(planted), stray, marks) == (len(kinds) + 18, set(), set())
    assert {fault.file for fault in found if not fault.cell} == {"claims.csv", "outside_reported.csv"}


def test_counts_are_of_what_lies_there(sound):
    assert counts(sound) == (30, 7, 2)


def test_every_kind_of_fault_of_a_schema_has_words_of_ours():
    assert columns.KINDS.keys() >= {"number", "integer", "date", "boolean"}
    assert str(Fault("a.csv", 3, "b", must="hold", got="x" * 200)).endswith("x...'")


# The schema, read on every path


def describe(case: Case, name: str, fields: dict[str, str], text: str) -> None:
    """Put a table into a case, with its columns and types."""
    (case.data / f"{name}.csv").write_text(text)
    path = case.data / "datapackage.json"
    said = json.loads(path.read_text())
    listed = [{"name": column, "type": type} for column, type in fields.items()]
    said["resources"].append({"name": name, "path": f"{name}.csv", "schema": {"fields": listed}})
    path.write_text(json.dumps(said))


def test_columns_arrive_as_the_case_describes_them(case):
    fields = {"revenue_musd": "number", "day": "date", "audited": "boolean", "value": "string", "n": "integer"}
    describe(
        case, "revenue", fields, "revenue_musd,day,audited,value,n\n1.5,2020-01-02,true,12a,3\n,,,,\n,2020-01-03,,,\n"
    )
    frame = data.table("revenue", case)
    assert frame["revenue_musd"].sum() == 1.5 and frame["n"].sum() == 3 and frame["value"].iloc[0] == "12a"
    assert frame["day"].iloc[-1] == pd.Timestamp("2020-01-03") and frame["audited"].iloc[0]


@pytest.mark.parametrize(
    ("type", "cell", "told"),
    [
        ("number", "1,5", "each must be a finite number; got '1,5'"),
        ("date", "2020", "each must be a date as YYYY-MM-DD; got '2020'"),
        ("boolean", "maybe", "each must be true or false; got 'maybe'"),
    ],
)
def test_a_cell_that_is_not_of_its_type_is_refused_where_it_is_read_and_told_by_check(case, type, cell, told):
    describe(case, "own", {"each": type}, f'each\n"{cell}"\n')
    with pytest.raises(Refusal, match=re.escape(f"own.csv line 2: {told}")):
        data.table("own", case)
    write(case)
    (fault,) = check(case)
    assert str(fault).startswith(f"own.csv line 2, each: {told.partition(' ')[2]}")


def test_what_the_package_computes_with_keeps_its_type_and_a_case_s_own_words_count(case):
    path = case.data / "datapackage.json"
    said = json.loads(path.read_text())
    fields = {field["name"]: field for field in said["resources"][0]["schema"]["fields"]}
    fields["value"]["type"] = "string"
    fields["kind"]["constraints"]["enum"].append("slogan")
    path.write_text(json.dumps(said))
    spoil(case, "claims.csv c00014", kind="slogan")
    assert claims.load(case)["value"].dtype == float and "slogan" in set(claims.load(case)["kind"])
    write(case)
    assert [fault.column for fault in check(case)] == ["value"]


def test_a_documents_table_with_fewer_columns_is_refused_before_anything_runs(case):
    path = case.data / "documents.csv"
    path.write_text("".join(line.rsplit(",", 3)[0] + "\n" for line in path.read_text().splitlines()))
    with pytest.raises(Refusal, match=r"documents.csv needs the column breaks_off, synopsis; it has: id"):
        claims.load(case)


def test_a_documents_table_may_lack_what_no_page_needs(case):
    rows = list(csv.DictReader((case.data / "documents.csv").open()))
    kept = [name for name, field in schema.standard("documents").items() if field.required]
    cases.save(case.data / "documents.csv", [{name: row[name] for name in kept} for row in rows])
    assert data.documents(case)["address"].isna().all()


def test_float_noise_decides_no_verdict(case):
    """0.1 + 0.2 reaches a printed 0.3, for the verdict as for a notebook's comparison."""
    draft = cases.Draft(30)
    first, second, total = draft.of(0)
    for row, low, high in ((first, "0.1", "0.2"), (second, "0.2", "0.3"), (total, "0.2", "0.3")):
        row |= {"printed": f"{low}-{high}", "low": low, "high": high, "resolution": "", "relation": "range"}
        row |= {"value": f"{(float(low) + float(high)) / 2:.12g}"}
    total |= {"formula": f"{first['id']} + {second['id']}", "plausible": "0..1"}
    case = draft.write(case.root / "noise")
    ours = claims.interval(total["id"], case=case)
    assert claims.verdicts(case).at[total["id"], "arithmetic"] != "fails"
    assert claims.compare(derived={total["id"]: ours}, case=case).rows()[0]["agrees"] is True


def test_other_commands_do_without_the_schema_library():
    code = "import sys, casestudy.cli, casestudy.claims as c; c.load(); print('frictionless' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
