"""Releases: whole or not at all, the same again for the same students, and nothing in them that answers a question."""

import importlib
import json
import os
import subprocess

import pytest

from casestudy.classroom.authoring import new
from casestudy.classroom.release import read_secret, release, roster
from casestudy.classroom.release.release import assign, degenerate
from casestudy.classroom.sets import source
from casestudy.classroom.sets.solve import solve

SECRET = b"a secret of the course, long enough"


@pytest.fixture
def starting(tmp_path):
    return source.load(new.new(tmp_path / "sets" / "01-start"))


@pytest.fixture
def class_of(tmp_path):
    def write(n, lines=""):
        path = tmp_path / "roster.csv"
        path.write_text(
            "student_id,name,group\n" + "".join(f"s{i:03},Zoë 🐢 {i},\n" for i in range(n)) + lines, "utf-8"
        )
        return roster.read(path)

    return write


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_students_differ_and_a_second_release_is_identical(starting, class_of, tmp_path):
    students = class_of(20)
    first = files(release(starting, students, SECRET, "t", tmp_path / "one"))
    assert first == files(release(starting, students, SECRET, "t", tmp_path / "two"))
    assert first == files(release(starting, students, SECRET, "t", tmp_path / "one"))
    assert len({first[f"students/s{i:03}/data.csv"] for i in range(20)}) > 15  # small whole numbers may meet


def test_nothing_released_holds_a_solution_a_mistake_or_a_right_value(starting, class_of, tmp_path):
    out = release(starting, class_of(30), SECRET, "t", tmp_path / "one")
    record = {student["id"]: student for student in json.loads((out / "release.json").read_text())["students"]}
    for folder in sorted((out / "students").iterdir()):
        solved = solve(starting, record[folder.name]["code"])
        text = "\n".join(content.decode() for content in files(folder).values())
        assert not [word for word in ("SOLUTION", "(before - after)", "mistake", "rtol", 'hint":') if word in text]
        values = [solved.right["fall"]["fall_pct"], *(slipped["fall_pct"] for _, slipped in solved.wrong[:1])]
        for value in values:
            for digits in range(1, 8):
                assert f"{value:.{digits}f}" not in text


def test_one_notebook_for_all_comes_with_a_code_for_each(starting, class_of, tmp_path):
    out = release(starting, class_of(5), SECRET, "t", tmp_path / "one", codes=True)
    assert sorted(files(out)) == ["01-start.ipynb", "codes.csv", "release.json"]
    codes = (out / "codes.csv").read_text(encoding="utf-8")
    assert "Zoë 🐢 4" in codes and len(set(line.split(",")[-1] for line in codes.splitlines())) == 6
    notebook = (out / "01-start.ipynb").read_text()
    assert not [code for code in codes.split() if code.count("-") == 2 and code in notebook]


def test_a_group_shares_its_figures(starting, class_of, tmp_path):
    out = release(starting, class_of(2, "a,A,g1\nb,B,g1\n"), SECRET, "t", tmp_path / "one")
    record = {student["id"]: student["code"] for student in json.loads((out / "release.json").read_text())["students"]}
    assert record["a"] == record["b"] != record["s000"]


def test_a_late_joiner_is_added_and_the_others_keep_theirs(starting, class_of, tmp_path):
    out = release(starting, class_of(3), SECRET, "t", tmp_path / "one")
    before = files(out)
    release(starting, class_of(4), SECRET, "t", out, only="s003")
    after = files(out)
    assert {name: after[name] for name in before if name != "release.json"} == {
        name: content for name, content in before.items() if name != "release.json"
    }
    assert after == files(release(starting, class_of(4), SECRET, "t", tmp_path / "two"))


def test_a_late_joiner_s_own_roster_leaves_the_others_in_the_mail_merge(starting, class_of, tmp_path):
    others, late = "a,=Ann,g1\nb,Bo,g1\n", "s003,Zoë 🐢 3,\n"
    whole = files(release(starting, class_of(4, others), SECRET, "t", tmp_path / "two", codes=True))
    out = release(starting, class_of(3, others), SECRET, "t", tmp_path / "one", codes=True)
    release(starting, class_of(0, late), SECRET, "t", out, codes=True, only="s003")
    assert files(out) == whole
    (out / "codes.csv").unlink()  # then nobody knows their names
    release(starting, class_of(0, late), SECRET, "t", out, codes=True, only="s003")
    rows = [line.split(",") for line in (out / "codes.csv").read_text("utf-8").splitlines()]
    assert [row[-1] for row in rows] == [line.split(",")[-1] for line in whole["codes.csv"].decode().splitlines()]
    assert rows[1][:-1] == ["a", "", "", "g1"] and rows[-1][:-1] == ["s003", "Zoë 🐢 3", "", ""]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"term": "u"}, "its term is 't'"),
        ({"secret": b"another secret, long"}, "its secret is"),
        ({"codes": True}, "route"),
    ],
)
def test_a_folder_with_another_release_is_left_alone(starting, class_of, tmp_path, change, reason):
    students, given = class_of(2), {"secret": SECRET, "term": "t"}
    out = release(starting, students, **given, out=tmp_path / "one")
    before = files(out)
    with pytest.raises(ValueError, match=reason):
        release(starting, students, **(given | change), out=out)
    assert files(out) == before


def test_a_folder_with_other_files_and_a_lone_late_joiner_are_refused(starting, class_of, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    with pytest.raises(ValueError, match="holds other files"):
        release(starting, class_of(2), SECRET, "t", tmp_path / "mine")
    with pytest.raises(ValueError, match="there is none in"):
        release(starting, class_of(2), SECRET, "t", tmp_path / "new", only="s000")
    assert not (tmp_path / "new").exists()


def test_a_checkout_that_does_not_ignore_the_folder_is_refused(starting, class_of, tmp_path):
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    with pytest.raises(ValueError, match="git checkout that does not ignore it"):
        release(starting, class_of(2), SECRET, "t", repository / "out")
    assert [path.name for path in repository.iterdir()] == [".git"]
    (repository / ".gitignore").write_text("out/\n")
    assert release(starting, class_of(2), SECRET, "t", repository / "out").is_dir()


def test_a_failure_half_way_leaves_nothing(starting, class_of, tmp_path, monkeypatch):
    def fails(id):
        if id == "s002":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        release(starting, class_of(5), SECRET, "t", tmp_path / "deep" / "one", finished=fails)
    assert list((tmp_path / "deep").iterdir()) == []


def test_what_a_killed_release_left_does_not_stop_the_next(starting, class_of, tmp_path):
    (tmp_path / "one" / ".staging-killed").mkdir(parents=True)
    out = release(starting, class_of(2), SECRET, "t", tmp_path / "one")
    assert sorted(path.name for path in out.iterdir()) == ["release.json", "students"]


def test_degenerate_figures_are_drawn_again(starting, class_of, monkeypatch):
    tried = []

    def first_is_bad(problem_set, solved):
        tried.append(solved)
        return ["a guess would find it"] if len(tried) == 1 else degenerate(problem_set, solved)

    monkeypatch.setattr(importlib.import_module("casestudy.classroom.release.release"), "degenerate", first_is_bad)
    (assigned, _), *_ = assign(starting, class_of(1), SECRET, "t")
    assert assigned.attempt == 1


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_what_is_the_lecturer_s_only_the_lecturer_reads(starting, class_of, tmp_path):
    out = release(starting, class_of(1), SECRET, "t", tmp_path / "one", codes=True)
    assert (out.stat().st_mode & 0o777, (out / "codes.csv").stat().st_mode & 0o777) == (0o700, 0o600)
    assert (out / "release.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_secret_is_long_and_ones_own(tmp_path):
    path = tmp_path / "secret"
    with pytest.raises(ValueError, match="there is no secret"):
        read_secret(path)
    path.touch(mode=0o600)
    with pytest.raises(ValueError, match="at least 16 characters: got 0"):
        read_secret(path)
    path.write_bytes(SECRET + b"\n")
    assert read_secret(path) == SECRET
    path.chmod(0o644)
    with pytest.raises(ValueError, match="others can read"):
        read_secret(path)
