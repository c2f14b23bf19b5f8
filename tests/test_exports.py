"""What a case gives to other tools: how it is cited, its claims as reviews, its tables described."""

import csv
import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import yaml

from casestudy import claims, data, schema
from casestudy.case import open_case
from casestudy.exports import citation as citing
from casestudy.exports.claimreview import claim_reviews
from casestudy.exports.csvw import csvw

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CFF = json.loads((ROOT / "tests" / "references" / "cff_1.2.0_schema.json").read_text(encoding="utf-8"))


def as_json(value):
    """A CITATION.cff as its schema takes it: days are texts there."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        made = {key: as_json(each) for key, each in pairs}
        return made if isinstance(value, dict) else list(made.values())
    return value.isoformat() if hasattr(value, "isoformat") else value


# Cited


@pytest.fixture(scope="module")
def cff():
    return as_json(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")))


def test_the_citation_file_is_valid_and_is_of_this_version(cff):
    jsonschema.validate(cff, CFF)
    [(version, day)] = re.findall(r"^## (\S+) \((\S+)\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)[
        :1
    ]
    assert (cff["version"], cff["date-released"]) == (version, day) and cff["version"] == PROJECT["version"]


def test_code_and_text_have_a_licence_each_whose_text_comes_with_the_package(cff):
    assert PROJECT["license"] == "MIT AND CC-BY-4.0" == " AND ".join(cff["license"])
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in PROJECT["license-files"]]
    assert "MIT License" in texts[0] and "Attribution 4.0 International Public License" in texts[1]
    assert "Section 8 -- Interpretation." in texts[1]


def test_it_names_the_articles_as_the_case_has_them(cff):
    articles = data.documents().fillna("")
    assert len(cff["references"]) == len(articles)
    for (id, article), said in zip(articles.iterrows(), cff["references"], strict=True):
        assert f"Article {id} of the case." in said["notes"] and said["authors"] == [{"name": article["author"]}]
        assert said["title"] in (article["title"], article["title_en"])
        assert said.get("publisher", {}).get("name", "") == article["publisher"]
        assert said.get("url", "").removeprefix("https://") == article["address"]
        printed = article["date_basis"] == "printed"
        assert said.get("date-published", "") == (article["date_latest"].date().isoformat() if printed else "")


def test_every_article_has_an_address_or_says_how_to_look_for_it():
    articles = data.documents().fillna("")
    for (id, article), source in zip(articles.iterrows(), schema.package(open_case())["sources"], strict=True):
        assert source["title"].startswith(f"{id}: ") and source["accessed"] == "not recorded"
        assert bool(article["address"]) == ("path" in source) and source["note"]


def test_a_citation_of_the_package_and_of_the_case_is_ready_to_paste(typed):
    status, said, _ = typed("cite")
    package, case = said.strip().split("\n\n")
    assert status == 0 and package.startswith(
        "The casestudy authors. (2026). casestudy: an executable teaching case (V"
    )
    assert package.endswith("[Computer software].") and case.endswith("[Data set].")
    entries = re.findall(r"^@misc\{([\w.-]+),\n(.*?)\n\}$", typed("cite", "--format", "bibtex")[1], re.M | re.S)
    assert entries[0][0] == f"casestudy-{PROJECT['version']}" and len(entries) == 2
    for _, body in entries:
        assert body.count("{") == body.count("}") and "author = {{The casestudy authors}}" in body
    assert yaml.safe_load(typed("cite", "--format", "cff")[1])["title"] == "casestudy: an executable teaching case"
    status, _, complaint = typed("cite", "--format", "ris")
    assert status == 2 and "--format takes text, bibtex, cff: got 'ris'" in complaint


def test_a_case_of_one_s_own_is_cited_by_what_it_says_and_names_the_package(copied_case):
    path = copied_case.data / "datapackage.json"
    said = {"title": "Figures of a firm", "contributors": [{"title": "A. Author"}, {"title": "B. Author"}]}
    path.write_text(
        json.dumps(said | {"version": "2", "created": "2025-03-01T00:00:00Z", "licenses": [{"name": "MIT"}]})
    )
    own = citing.of_case(copied_case)
    assert own.text == "A. Author; B. Author. (2025). Figures of a firm (Version 2) [Data set]."
    made = as_json(yaml.safe_load(citing.cite(copied_case, "cff")))
    jsonschema.validate(made, CFF)
    assert made["type"] == "dataset" and made["references"][0]["title"] == "casestudy: an executable teaching case"
    copied_case.citation.write_text("cff-version: 1.2.0\nmessage: m\ntitle: Mine\nauthors: [{family-names: Author}]\n")
    assert citing.of_case(copied_case).title == "Mine"
    jsonschema.validate(as_json(yaml.safe_load(citing.cite(copied_case, "cff"))), CFF)


@pytest.mark.parametrize("cff", ["", "title: x", "authors: 5\ntitle: x", "- a", "\t: {"])
def test_a_citation_file_that_cannot_be_read_and_a_case_that_says_nothing_are_refused(copied_case, cff):
    copied_case.citation.write_text(cff)
    with pytest.raises(ValueError, match="it needs a title and a list of authors"):
        citing.of_case(copied_case)
    copied_case.citation.unlink()
    (copied_case.data / "datapackage.json").write_text("{}")
    with pytest.raises(ValueError, match=r"does not say how it is cited: its datapackage\.json needs a title"):
        citing.of_case(copied_case)


# Reviewed


@pytest.fixture(scope="module")
def reviews():
    return claim_reviews()


def test_every_claim_is_a_review_with_what_schema_org_s_readers_require(reviews):
    judged, graph = claims.verdicts(), reviews["@graph"]
    assert reviews["@context"] == "https://schema.org" and len(graph) == len(judged)
    for one, (id, row) in zip(graph, judged.iterrows(), strict=True):
        assert one["@type"] == "ClaimReview" and one["url"] == f"claims.html#claim-{id}" and one["claimReviewed"]
        assert one["reviewRating"]["alternateName"] == row["verdict"] and one["reviewRating"]["@type"] == "Rating"
        assert "concerns the sentence" in one["reviewRating"]["ratingExplanation"]
        assert one["itemReviewed"]["@type"] == "Claim" and one["itemReviewed"]["appearance"]["@type"] == "Article"
    json.dumps(reviews, allow_nan=False)


def test_a_review_tells_a_claim_in_our_words_and_dates_only_what_is_dated(reviews):
    rows = claims.load()
    for one, (_, row) in zip(reviews["@graph"], rows.iterrows(), strict=True):
        figure = "no number is printed" if pd.isna(row["printed"]) else row["printed"]
        assert one["claimReviewed"] == f"{row['subject']}, {row['metric']}: {figure}"
        dated = one["itemReviewed"].get("datePublished")
        assert dated == ("2019-11-29" if row["document"] == "002" else None)


def test_an_export_is_asked_for_by_name(typed):
    status, said, _ = typed("claims", "--as", "claimreview", "--document", "004")
    assert status == 0 and {one["itemReviewed"]["name"][:3] for one in json.loads(said)["@graph"]} == {"004"}
    assert typed("claims", "--as", "rdf")[2] == "casestudy: --as takes claimreview or csvw: got 'rdf'\n"
    assert typed("claims", "--as", "csvw", "--readings")[0] == 2


# Described


@pytest.fixture(scope="module")
def tables():
    return csvw(open_case())["tables"]


def test_the_metadata_use_the_words_of_the_vocabulary(tables):
    whole = csvw(open_case())
    assert whole["@context"][0] == "http://www.w3.org/ns/csvw" and whole["@type"] == "TableGroup"
    bases = {"string", "integer", "number", "date", "boolean"}
    for table in tables:
        names = [column["name"] for column in table["tableSchema"]["columns"]]
        assert len(set(names)) == len(names) and all(
            re.fullmatch(r"(?!_)([\w.]|%[0-9A-F]{2})+", name) for name in names
        )
        for column in table["tableSchema"]["columns"]:
            kind = column["datatype"]
            assert set(column) <= {"name", "titles", "datatype", "dc:description", "null", "required"}
            assert (kind if isinstance(kind, str) else kind["base"]) in bases
            if isinstance(kind, dict):
                assert set(kind) <= {"base", "format", "minimum", "maximum", "minLength", "maxLength"}
        assert set(table["tableSchema"].get("primaryKey", [])) <= set(names)
        for key in table["tableSchema"].get("foreignKeys", []):
            assert set(key["columnReference"]) <= set(names)
            [there] = [one for one in tables if one["url"] == key["reference"]["resource"]]
            known = {column["name"] for column in there["tableSchema"]["columns"]}
            assert set(key["reference"]["columnReference"]) <= known


def test_every_cell_of_every_table_is_what_the_metadata_say(tables):
    shapes = {
        "integer": r"-?\d+",
        "number": r"-?\d+(\.\d+)?([eE]-?\d+)?",
        "date": r"\d{4}-\d\d-\d\d",
        "boolean": "true|false",
    }
    for table in tables:
        with (open_case().data / table["url"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        schema = table["tableSchema"]
        assert list(rows[0]) == [column["titles"] for column in schema["columns"]]
        for column in schema["columns"]:
            kind = column["datatype"] if isinstance(column["datatype"], dict) else {"base": column["datatype"]}
            told = [row[column["titles"]] for row in rows if row[column["titles"]] != column["null"]]
            shape = shapes.get(kind["base"], kind.get("format", ".*"))
            assert all(re.fullmatch(shape, value, re.S) for value in told), (table["url"], column["name"])
            assert len(told) == len(rows) or not column.get("required")
        keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows] if "primaryKey" in schema else []
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "said",
    ["{}", '{"resources": []}', '{"resources": [5]}', '{"resources": [{"name": "claims", "path": "claims.csv"}]}'],
)
def test_a_case_that_describes_no_tables_is_refused_in_one_line(copied_case, said):
    (copied_case.data / "datapackage.json").write_text(said)
    with pytest.raises(ValueError, match=r"datapackage\.json"):
        csvw(copied_case)
