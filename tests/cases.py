"""Sound cases of any size, written to a folder, for mistakes to be planted in."""

import csv
import json
import random
import shutil

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from casestudy.case import Case, built_in
from casestudy.check.package import rehash
from casestudy.schema import resources, standard

NOTEBOOKS = ("01-one", "02-two")
TABLES = ("claims", "documents", "enumerations", "outside_reported", "members_reported", "premises", "goals_invented")


def _figure(value):
    return f"{value:.12g}"


def _ends(value, step):
    return {"value": _figure(value), "low": _figure(value - step / 2), "high": _figure(value + step / 2)}


class Draft:
    """Rows of a case's tables as texts, before they are written; what a claim is follows from the end of its number.

    0 a share, 1 a rounded count, 2 a floor, 3 a range, 4 a word, 5 a share of two counts, 6 a difference that we took,
    7 a share said again, 8 a list of three, 9 a share with an outside report.
    """

    def __init__(self, claims, seed=0):
        self.draw = random.Random(seed)
        self.rows = {name: [] for name in TABLES}
        for number in (1, 2, 3):
            window = {"date_earliest": "2020-01-01", "date_latest": "2020-06-30", "date_basis": "inferred"}
            words = {"title": "A title", "author": "an editor", "publisher": "A house", "synopsis": "In our words."}
            self.add(
                "documents", id=f"00{number}", language="en", paragraphs="60", breaks_off="false", **window, **words
            )
        for year, count in ((2018, 400), (2019, 500), (2021, 700)):
            window = {"date": f"{year}-02-15", "date_earliest": f"{year}-02-01", "date_latest": f"{year}-02-28"}
            told = {"kind": "members", "source_title": "a page", "publisher": "A house", "url": "https://example.org"}
            said = {"confidence": "high", "status": "confirmed", "relation": "=", "layer": "reported"}
            self.add("members_reported", members_millions=str(count), **window, **told, **said)
        self.add("premises", premise="steady", rule="c00000 <= 1", layer="implied", note="It stays.")
        self.add(
            "goals_invented", id="INV-01", layer="invented", organisation="INV-firm", kind="unrelated", goal="None."
        )
        for number in range(claims):
            self._claim(number, f"c{number:05}")

    def add(self, table, **cells):
        self.rows[table].append({column: "" for column in standard(table)} | cells)
        return self.rows[table][-1]

    def of(self, kind):
        """Claims of one kind, by the number that they end in."""
        return self.rows["claims"][kind::10]

    def _claim(self, number, id):
        draw = self.draw
        row = self.add(
            "claims", id=id, document=f"00{draw.randint(1, 3)}", paragraph=str(draw.randint(1, 60)), subject="a firm",
            metric="a number", kind="statistic", unit="share", relation="=", as_of_earliest="2020-01-01",
            as_of_latest="2020-06-30", as_of_basis="publication", notebook=draw.choice(NOTEBOOKS), note="As it stands.",
        )  # fmt: skip
        kinds = ("share", "count", "floor", "range", "word", "quotient", "difference", "again", "list", "reported")
        row |= getattr(self, f"_{kinds[number % 10]}")(row)

    def _share(self, row):
        share = self.draw.randint(20, 80)
        return {"printed": f"{share} per cent", "resolution": "0.01"} | _ends(share / 100, 0.01)

    def _count(self, row):
        count = self.draw.randint(10, 99) * 1000
        return {"printed": f"{count:,}", "resolution": "1000", "unit": "members"} | _ends(count, 1000)

    def _floor(self, row):
        count = str(self.draw.randint(100, 999))
        ends = {"value": count, "low": count, "relation": ">", "resolution": "1"}
        return {"printed": f"more than {count}", "unit": "people"} | ends

    def _range(self, row):
        low, high = sorted(self.draw.sample(range(10, 99), 2))
        ends = {"value": _figure((low + high) / 2), "low": str(low), "high": str(high), "relation": "range"}
        return {"printed": f"{low}-{high}", "unit": "cases"} | ends

    def _word(self, row):
        undated = {"as_of_earliest": "", "as_of_latest": "", "as_of_basis": "none"}
        return {
            "kind": "vague",
            "printed": "many",
            "unit": "label",
            "relation": "~",
            "missing": "number base",
        } | undated

    def _quotient(self, row):
        if len(self.of(1)) < 2:
            return self._again(row)
        one, other = sorted(self.draw.sample(self.of(1), 2), key=lambda count: int(count["value"]))
        share = round(100 * int(one["value"]) / int(other["value"]))
        said = {"kind": "derived", "printed": f"{share} per cent", "formula": f"{one['id']} / {other['id']}"}
        return said | {"resolution": "0.01"} | _ends(share / 100, 0.01)

    def _difference(self, row):
        whole, part = self.of(1)[-1], self.of(2)[-1]
        left = str(int(whole["value"]) - int(part["value"]))
        said = {"kind": "derived", "unit": "members", "note": "Our count.", "value": left, "low": left, "high": left}
        return said | {"formula": f"{whole['id']} - {part['id']}"}

    def _again(self, row):
        other = self.of(0)[-1]
        return {name: other[name] for name in ("printed", "resolution", "value", "low", "high")} | {
            "formula": other["id"]
        }

    def _list(self, row):
        for item in ("first", "second", "third"):
            place = {name: row[name] for name in ("document", "paragraph")}
            self.add("enumerations", claim=row["id"], item=f"the {item}", **place)
        three = dict.fromkeys(("value", "low", "high"), "3")
        return {"kind": "enumeration", "printed": "three", "unit": "items"} | three

    def _reported(self, row):
        share, id = self._share(row), f"r{row['id'][1:]}"
        window = {"date_earliest": "2020-01-01", "date_latest": "2020-06-30", "url": "https://example.org"}
        said = {"status": "confirmed", "layer": "reported", "publisher": "A house", "relation": "=", "unit": "share"}
        self.add("outside_reported", id=id, what="the same", value=share["value"], **window, **said)
        return share | {"outside": id, "premise": "steady" if self.draw.random() < 0.5 else ""}

    def write(self, root):
        """The case in a folder, with its hashes and notebooks that treat every claim."""
        data = root / "data"
        data.mkdir(parents=True, exist_ok=True)
        for name, rows in self.rows.items():
            save(data / f"{name}.csv", rows)
        described = json.loads((built_in().data / "datapackage.json").read_text())
        described |= {"front": {}, "resources": [resources(built_in())[name] for name in TABLES]}
        (data / "datapackage.json").write_text(json.dumps(described, indent=2) + "\n")
        (root / "notebooks").mkdir(exist_ok=True)
        first = self.of(0)[0]
        source = f"rate = {first['value']}  # share; 0..1; {first['document']} p{first['paragraph']}"
        for stem in NOTEBOOKS:
            cited = " ".join(f"[claim: {row['id']}]" for row in self.rows["claims"] if row["notebook"] == stem)
            cells = [new_markdown_cell(f"# {stem}?"), new_markdown_cell(cited), new_code_cell(source)]
            cells[-1].metadata["tags"] = ["parameters"]
            nbformat.write(new_notebook(cells=cells), root / "notebooks" / f"{stem}.ipynb")
        case = Case(root)
        rehash(case)
        return case


def save(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def copy(case, root):
    """A case's tables and notebooks again, to be spoilt."""
    for folder in ("data", "notebooks"):
        shutil.copytree(case.root / folder, root / folder)
    return Case(root)
