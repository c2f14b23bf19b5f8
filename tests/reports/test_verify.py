"""What run.json says of where numbers come from, and what `casestudy verify` makes of it later. No notebook runs."""

import csv
import json
import shutil
import subprocess
import zipfile
from importlib.metadata import version

import pytest
from instant import Instant, made_up, write_notebook

from casestudy import reports
from casestudy.refusals import Refusal
from casestudy.reports import run as running
from casestudy.reports.sets import fingerprint, grid, parameters
from casestudy.reports.sweep import Plan, sweep
from casestudy.reports.verify import crate
from casestudy.reports.verify.verify import verify


@pytest.fixture
def case(copied_case):
    write_notebook(copied_case, "print(1)")
    return copied_case


@pytest.fixture
def swept(case, tmp_path):
    """Sweep some seeds into `out`."""

    def run(given, resume=False):
        (tmp_path / "grid.toml").write_text(f'notebook = "02"\n[grid]\n{given}\n')
        plan = Plan.of(grid.read(tmp_path / "grid.toml", case))
        return sweep(plan, tmp_path / "out", Instant(), case, resume)

    return run


@pytest.fixture
def ran(case, tmp_path, monkeypatch):
    """Run the small notebook into a folder with values of its own; its run.json."""
    monkeypatch.setattr(running, "Local", lambda workers: Instant())
    monkeypatch.setattr("casestudy.reports.front.index.pages", lambda *rest: {"index.html": "<p>"})

    def ran(out="run", **values):
        running.run(parameters.select(["02"], case), {"02-csat": values}, tmp_path / out, case=case)
        return json.loads((tmp_path / out / "run.json").read_text())

    return ran


def lines(path, case):
    found = verify(path, case)
    return [change.line for change in found.changes] + found.untold


def edit(case, file="documents.csv", old="SMO", new="SMOG"):
    path = case.data / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


# Recorded


def test_the_same_run_twice_leaves_the_same_word_of_where_it_comes_from(ran):
    first, second = ran("one"), ran("two")
    assert first["provenance"] == second["provenance"] and first["files"] == second["files"]
    assert [one["run"] for one in first["runs"]] == [one["run"] for one in second["runs"]]


def test_one_value_in_one_file_another_parameter_code_or_library_gives_another_id(ran, case, monkeypatch, tmp_path):
    def id(**values):
        return ran("again", **values)["runs"][0]["run"]

    ids = [id(), id(seed=8)]
    edit(case)
    ids.append(id())
    (case.notebooks / "beside.csv").write_text("a\n1\n")
    ids.append(id())
    monkeypatch.setattr(fingerprint, "VERSIONS", {"numpy": "9.9"})
    ids.append(id())
    shutil.copytree(fingerprint.CODE, tmp_path / "code", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "code" / "layers.py").write_text("pass\n")
    monkeypatch.setattr(fingerprint, "CODE", tmp_path / "code")
    ids.append(id())
    assert len(set(ids)) == len(ids)


def test_results_join_run_json_by_run_and_a_set_keeps_its_folder_when_data_change(swept, case, tmp_path):
    swept("seed = [1, 2]")
    before = {path.name for path in (tmp_path / "out" / "sets").iterdir()}
    old = json.loads((tmp_path / "out" / "run.json").read_text())["runs"]
    edit(case)
    swept("seed = [1, 2]", resume=True)
    new = json.loads((tmp_path / "out" / "run.json").read_text())["runs"]
    rows = list(csv.DictReader((tmp_path / "out" / "results.csv").open()))
    assert [run["set"] for run in old] == [run["set"] for run in new] == sorted(before)
    assert {run["run"] for run in old}.isdisjoint(run["run"] for run in new)
    assert {row["run"] for row in rows} == {run["run"] for run in new}


def test_nothing_of_the_machine_is_in_it(ran, case, tmp_path):
    text = json.dumps(ran())
    assert str(tmp_path) not in text and str(case.root) not in text and str(fingerprint.CODE) not in text


def test_a_commit_is_named_where_git_keeps_the_case_and_says_whether_files_differ(ran, case):
    def git(*words):
        subprocess.run(["git", "-C", case.root, "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True)

    assert ran()["provenance"]["commits"]["case"] is None
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    clean = ran()["provenance"]["commits"]["case"]
    (case.root / "notes.txt").write_text("git does not keep this")
    assert len(clean["commit"]) == 40 and not clean["dirty"] and ran()["provenance"]["commits"]["case"] == clean
    edit(case)
    assert ran()["provenance"]["commits"]["case"] == clean | {"dirty": True}


def test_a_record_of_an_earlier_version_is_still_read_for_an_analysis(swept, tmp_path):
    swept("seed = [1, 2]")
    path = tmp_path / "out" / "run.json"
    said = json.loads(path.read_text())
    old = {name: said[name] for name in ("casestudy", "python", "made")}
    old["runs"] = [{name: run[name] for name in run if name not in ("set", "files")} for run in said["runs"]]
    path.write_text(json.dumps(old))
    assert sorted(reports.results(tmp_path / "out")["seed"]) == [1, 2]
    with pytest.raises(
        Refusal, match="kept no word of data and code: what has changed since cannot be told; run again"
    ):
        verify(tmp_path / "out")


# Verified


def test_of_a_run_that_is_as_it_was_one_line_says_so(ran, case, tmp_path, typed, monkeypatch):
    ran()
    monkeypatch.setenv("CASESTUDY_CASE", str(case.root))
    status, said, _ = typed("verify", str(tmp_path / "run"))
    assert status == 0 and said.startswith("nothing has changed since 20") and said.count("\n") == 1
    assert typed("verify", str(tmp_path / "run" / "run.json"))[:2] == (0, said)


def test_each_change_is_a_line_of_its_own_that_names_it(ran, case, tmp_path, monkeypatch, typed):
    ran()
    edit(case)
    (case.data / "glossary.csv").unlink()
    (case.notebooks / "new.py").write_text("a = 1\n")
    book = case.notebooks / "02-csat.ipynb"
    book.write_text(book.read_text() + " ")
    monkeypatch.setattr(fingerprint, "VERSIONS", fingerprint.VERSIONS | {"numpy": "1.0"})
    (tmp_path / "run" / "02-csat.html").write_text("edited")
    (tmp_path / "run" / "figures" / "02-csat.png").unlink()
    told = lines(tmp_path / "run", case)
    assert [line.split(" (sha256")[0] for line in told] == [
        "data/documents.csv: another since",
        "data/glossary.csv: no longer there",
        "notebooks/new.py: not there when it ran",
        "notebooks/02-csat.ipynb: another since",
        f"numpy: {version('numpy')} -> 1.0",
        "02-csat.html: not what the run wrote",
        "figures/02-csat.png: no longer there",
    ]
    monkeypatch.setenv("CASESTUDY_CASE", str(case.root))
    status, said, _ = typed("verify", str(tmp_path / "run"), "--json")
    assert status == 1 and json.loads(said)["changed"][0]["what"] == "data/documents.csv"


def test_another_code_version_name_and_commit_are_told(ran, case, tmp_path, monkeypatch):
    ran()
    path = tmp_path / "run" / "run.json"
    said = json.loads(path.read_text())
    said["casestudy"], said["provenance"]["case"]["version"] = "0.0.1", "0.0.9"
    said["provenance"]["commits"]["package"] = {"commit": "0" * 40, "dirty": True}
    path.write_text(json.dumps(said))
    told = lines(path, case)
    assert f"casestudy: 0.0.1 -> {version('casestudy')}" in told and "version of the case: 0.0.9 -> 0.1.0" in told
    assert any(line.startswith("commit of the package: 000000000000 with uncommitted changes -> ") for line in told)


def test_a_set_of_a_sweep_whose_file_or_record_was_edited_is_named(swept, case, tmp_path):
    swept("seed = [1, 2]")
    assert lines(tmp_path / "out", case) == []
    first, second = sorted((tmp_path / "out" / "sets").iterdir())
    (first / "02-csat.html").write_text("edited")
    (second / "set.json").write_text((second / "set.json").read_text().replace("1.0", "1.1").replace("2.0", "2.1"))
    told = [line.split(":")[0] for line in lines(tmp_path / "out", case)]
    assert told == [f"sets/{first.name}/02-csat.html", f"sets/{second.name}/set.json"]


def test_values_that_were_edited_in_run_json_do_not_fit_their_run(ran, case, tmp_path):
    ran()
    path = tmp_path / "run" / "run.json"
    path.write_text(path.read_text().replace('"seed": 7', '"seed": 8'))
    assert [line for line in lines(path, case) if "somebody changed run.json" in line]


def test_what_was_changed_while_notebooks_ran_cannot_be_told(ran, case, tmp_path, monkeypatch):
    def slow(asked, root, index):
        edit(case)
        return made_up(asked, root, index)

    monkeypatch.setattr(running, "Local", lambda workers: Instant(slow))
    running.run(parameters.select(["02"], case), {}, tmp_path / "run", case=case)
    told = lines(tmp_path / "run", case)
    assert "data/documents.csv: changed while notebooks ran, so which state they read cannot be told" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[1]", "is damaged"),
        ("[" * 100_000, "is damaged"),
        ('{"runs": 5, "provenance": {}}', "is damaged"),
        ('{"runs": []}', "kept no word"),
    ],
)
def test_what_is_no_record_is_refused_in_one_line(tmp_path, typed, text, words):
    (tmp_path / "run.json").write_text(text)
    status, said, complaint = typed("verify", str(tmp_path))
    assert (status, said) == (2, "") and words in complaint and complaint.count("\n") == 1


def test_a_folder_without_a_run_is_refused(tmp_path, typed):
    status, _, complaint = typed("verify", str(tmp_path / "nowhere"))
    assert status == 2 and "holds no run.json; name the folder of a finished run or sweep" in complaint


@pytest.mark.parametrize("name", ["case", "commits", "code", "libraries", "files", "notebooks"])
@pytest.mark.parametrize("value", [None, 5, [], {"a": 1}])
def test_a_part_that_is_damaged_is_named_and_the_rest_is_told(ran, case, tmp_path, name, value):
    ran()
    path = tmp_path / "run" / "run.json"
    said = json.loads(path.read_text())
    said["provenance"][name] = value
    path.write_text(json.dumps(said))
    (tmp_path / "run" / "02-csat.html").write_text("edited")
    told = lines(path, case)
    assert any(line.startswith("02-csat.html") for line in told)
    if not (name in ("case", "commits") and isinstance(value, dict)):
        assert any(line.startswith(f"{name}: ") for line in told)


@pytest.mark.parametrize(
    "files", [None, [], {"../../case/data/claims.csv": {"sha256": "0"}}, {"/etc/hostname": {"sha256": "0"}}]
)
def test_files_that_are_damaged_or_lead_out_of_the_folder_are_not_read(ran, case, tmp_path, files):
    ran()
    path = tmp_path / "run" / "run.json"
    said = json.loads(path.read_text())
    said["runs"][0]["files"] = files
    path.write_text(json.dumps(said))
    assert lines(path, case) == ["1 of 1 runs: what run.json or set.json says of them is damaged"]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "\ud800", "02-csat.html/below", "figures"])
def test_a_name_that_no_file_can_have_is_one_that_is_not_there(ran, case, tmp_path, name):
    ran()
    path = tmp_path / "run" / "run.json"
    said = json.loads(path.read_text())
    said["runs"][0]["files"] = {name: {"bytes": 1, "sha256": "0"}}
    said["provenance"]["notebooks"][name] = "0"
    path.write_text(json.dumps(said))
    assert {line for line in lines(path, case)} == {
        f"{name}: no longer there",
        f"notebooks/{name}.ipynb: no longer there",
    }


# Archived


@pytest.fixture
def crated(ran, case, tmp_path):
    """The metadata of a crate of a run with a changed parameter, by the ids of its entities; and the zip's names."""
    ran(seed=8)
    crate.write(verify(tmp_path / "run", case), case, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
        return {one["@id"]: one for one in graph}, set(archive.namelist())


def ids(value):
    return [one["@id"] for one in (value if isinstance(value, list) else [value])]


def test_a_crate_holds_what_the_profile_of_workflow_runs_must_have(crated):
    """The REQUIRED checks of Workflow Run Crate 0.5 and of the profiles it rests on, read from the JSON-LD."""
    found, names = crated
    root, flow = found["./"], found["notebooks/02-csat.ipynb"]
    assert ids(found["ro-crate-metadata.json"]["about"]) == ["./"] and root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "datePublished", "license"))
    profiles = ids(root["conformsTo"])
    assert "https://w3id.org/ro/wfrun/workflow/0.5" in profiles and "https://w3id.org/ro/wfrun/process/0.5" in profiles
    assert all(found[id]["@type"] == "CreativeWork" for id in profiles)
    assert ids(root["mainEntity"]) == [flow["@id"]] and flow["@id"] in ids(root["hasPart"])
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= set(flow["@type"])
    assert found[ids(flow["programmingLanguage"])[0]]["@type"] == "ComputerLanguage"
    for slot in ids(flow["input"]) + ids(flow["output"]):
        assert found[slot]["@type"] == "FormalParameter" and found[slot]["additionalType"]
        assert all(slot in ids(found[example]["exampleOfWork"]) for example in ids(found[slot]["workExample"]))
    files = {id for id, one in found.items() if "File" in one["@type"]} - {"ro-crate-metadata.json"}
    assert files <= names and files == {*ids(root["hasPart"])}


def test_an_action_of_a_crate_has_the_values_of_the_run_and_leads_from_data_to_pages(crated, tmp_path):
    found, _ = crated
    [action] = [one for one in found.values() if one["@type"] == "CreateAction"]
    run = json.loads((tmp_path / "run" / "run.json").read_text())["runs"][0]
    assert action["@id"] == f"#{run['run']}" and ids(action["instrument"]) == ["notebooks/02-csat.ipynb"]
    values = {found[id]["name"]: found[id]["value"] for id in ids(action["object"]) if "value" in found[id]}
    assert values == run["parameters"] and values["seed"] == 8
    assert "data/claims.csv" in ids(found["#data"]["hasPart"]) and "#data" in ids(action["object"])
    assert set(ids(action["result"])) == {f"run/{name}" for name in run["files"]}
    assert action["@id"] in ids(found["./"]["mentions"])


def test_a_run_that_is_not_what_it_was_is_not_archived(ran, case, tmp_path, typed, monkeypatch):
    ran()
    edit(case)
    monkeypatch.setenv("CASESTUDY_CASE", str(case.root))
    status, _, complaint = typed("verify", str(tmp_path / "run"), "--ro-crate", str(tmp_path / "run.zip"))
    assert status == 2 and "would hold other files than the run's (data/documents.csv)" in complaint
    status, _, complaint = typed("verify", str(tmp_path / "run"), "--ro-crate", str(tmp_path / "run.tar"))
    assert status == 2 and "names a zip to write" in complaint
    assert not list(tmp_path.glob("*.zip")) and not list(tmp_path.glob(".*.part"))
