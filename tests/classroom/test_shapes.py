"""Files of ours that somebody changed: what has another form is refused in one line, whatever stands where."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from handed_in import add_text, answered

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import confirm, explain, grade, override, rescore, withdraw
from casestudy.classroom.grading.override import Wanted
from casestudy.classroom.grading.results import Results
from casestudy.classroom.purge import purge
from casestudy.classroom.records import Record
from casestudy.classroom.records import read as records_of
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets import source
from casestudy.refusals import Refusal

SECRET = b"a secret of the course, long enough"
OTHERS = [None, True, 7, -1.5, 1e400, "", "x", [], [1], [[]], {}, {"a": []}]


@pytest.fixture(scope="module")
def once(tmp_path_factory, walls):
    """The starting set with a text, one student graded, with an override and a history."""
    course = tmp_path_factory.mktemp("shapes")
    path = new.new(course / "sets" / "01-start")
    add_text(path)
    (course / "roster.csv").write_text("student_id,due\na,2026-12-01\n", encoding="utf-8")
    problem_set = source.load(path)
    release(problem_set, roster.read(course / "roster.csv"), SECRET, "t", course / "release")
    (course / "back").mkdir()
    code = Released.read(course / "release").students["a"].code
    nbformat.write(answered(problem_set, code, "Words."), course / "back" / "a.ipynb")
    grade(problem_set, course / "release", course / "back", course / "out", rule="1 point a day")
    override(problem_set, course / "out", [Wanted("a", "fall", "1", "Why."), Wanted("a", "late_loss", "1", "Late.")])
    (course / "out" / "history.jsonl").write_text('{"at": "x", "record": {"id": "a"}, "grades": {}}\n')
    return course


def places(value, where=()):
    """Every place in a JSON value, the whole first."""
    yield where
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in items:
        yield from places(below, (*where, name))


def put(value, where, other):
    """The value with another in one place."""
    if not where:
        return other
    first, *rest = where
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = put(copy[first], rest, other)
    return copy


def changed(text):
    """The file's text with each value replaced by values of other kinds, one at a time."""
    kept = json.loads(text)
    for where in places(kept):
        for other in OTHERS:
            yield where, json.dumps(put(kept, where, other))


def one_line(act):
    """Whether an act is refused in one line; all that it raises otherwise is a bug."""
    try:
        act()
    except Refusal as refusal:
        assert "\n" not in str(refusal).strip() and str(refusal)
        return True
    return False


def test_a_release_of_another_form_is_refused(once, tmp_path):
    path = tmp_path / "release.json"
    for where, text in changed((once / "release" / "release.json").read_text(encoding="utf-8")):
        path.write_text(text, encoding="utf-8")
        refused = one_line(lambda: Released.read(tmp_path))
        assert refused or where[:1] not in ((), ("students",)) or isinstance(Released.read(tmp_path).students, dict)
        one_line(lambda: purge(tmp_path, "another term"))


def test_a_record_of_another_form_is_refused_with_its_line(once, tmp_path):
    path, seen = tmp_path / "records.jsonl", set()
    for where, text in changed((once / "out" / "records.jsonl").read_text(encoding="utf-8")):
        path.write_text(text + "\n", encoding="utf-8")
        if one_line(lambda: records_of(path)):
            seen.add(where[0] if where else "")
    assert {"", "id", "status", "values", "texts", "flags", "sent", "limits", "attempts", "cpu_s"} <= seen
    path.write_text('{"id": 5}\n', encoding="utf-8")
    with pytest.raises(Refusal, match=r"records.jsonl line 1 is no record as grading wrote it: a record's id"):
        records_of(path)
    path.write_text('{"id": "a", "sta', encoding="utf-8")  # torn
    assert records_of(path) == []


def test_results_of_another_form_are_refused(once, tmp_path):
    path, seen = tmp_path / "grading.json", set()
    for where, text in changed((once / "out" / "grading.json").read_text(encoding="utf-8")):
        path.write_text(text, encoding="utf-8")
        if one_line(lambda: Results.read(tmp_path)):
            seen.add(where[0] if where else "")
    assert {"", "problem_set", "students", "records", "manual", "overrides", "late", "seed", "keep"} <= seen


@pytest.mark.slow
@pytest.mark.parametrize("name", ["grading.json", "records.jsonl", "history.jsonl"])
def test_no_command_on_results_ends_in_anything_but_a_refusal(once, tmp_path, name):
    """Also where the form is right and the values are not: codes, fingerprints, answers of another kind."""
    problem_set = source.load(once / "sets" / "01-start" / "source.ipynb")
    out = Path(shutil.copytree(once / "out", tmp_path / "out"))
    kept = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    commands = [
        lambda: explain(problem_set, out, "a"),
        lambda: withdraw(problem_set, out, "a"),
        lambda: confirm(problem_set, out, "A."),
        lambda: rescore(problem_set, out, "1 point a day"),
        lambda: override(problem_set, out, [Wanted("a", "fall", "2", "Why.")]),
    ]
    for number, (_, text) in enumerate(changed(kept[name].decode())):
        for file, content in kept.items():
            (out / file).write_bytes(content)
        (out / name).write_text(text + "\n", encoding="utf-8")
        one_line(commands[number % len(commands)])
        one_line(commands[0])


def test_what_no_answer_of_its_kind_can_be_is_refused_by_name(once, tmp_path):
    out = Path(shutil.copytree(once / "out", tmp_path / "out"))
    path = out / "grading.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept["records"][0]["values"]["fall_pct"] = ["7"]
    path.write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(Refusal, match="the record of a holds for fall_pct what no number can be"):
        rescore(source.load(once / "sets" / "01-start" / "source.ipynb"), out)


def test_earlier_records_are_read_as_they_were():
    """Without what later versions added, and with what they no longer know."""
    record = Record.from_json(
        {"id": "a", "status": "ok", "code": "", "late_minutes": "unknown", "wall_s": [], "cpu_s": 1}
    )
    assert (record.late_days, record.cpu_s, record.limits) == (None, 1, {})
