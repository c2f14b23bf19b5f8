"""Deleting a term: all of it, and nothing else."""

import json
import os

import pytest

from casestudy.classroom.authoring import new
from casestudy.classroom.purge import purge
from casestudy.classroom.release import release, roster
from casestudy.classroom.sets import source
from casestudy.refusals import Refusal

SECRET = b"a secret of the course, long enough"


@pytest.fixture
def released(tmp_path):
    def write(folder, term="t1", codes=False):
        problem_set = source.load(
            path if (path := tmp_path / "sets" / "01-start" / "source.ipynb").exists() else new.new(path.parent)
        )
        (tmp_path / "roster.csv").write_text("student_id\ns1\ns2\n")
        return release(problem_set, roster.read(tmp_path / "roster.csv"), SECRET, term, folder, codes=codes)

    return write


@pytest.fixture
def graded(tmp_path):
    def write(folder, term="t1"):
        (folder / "feedback").mkdir(parents=True)
        (folder / "texts").mkdir()
        for name in ("records.jsonl", "grades.csv", "summary.html", "feedback/s1.html", "texts/words.csv", ".x.part"):
            (folder / name).write_text("s1")
        (folder / "grading.json").write_text(json.dumps({"term": term, "problem_set": "01-start"}))
        return folder

    return write


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("codes", [False, True])
def test_a_release_goes_with_its_folder(released, tmp_path, codes):
    out = released(tmp_path / "term" / "02", codes=codes)
    (out / ".staging-x").mkdir()
    [removed] = purge(out, "t1")
    assert not out.exists() and out.parent.exists()
    assert "release.json" in removed and "s1" not in removed


def test_results_go_and_what_the_lecturer_put_beside_them_is_named(graded, tmp_path):
    out = graded(tmp_path / "results")
    (out / "moodle.csv").write_text("s1,9")
    removed, left = purge(out, "t1")
    assert tree(out) == ["moodle.csv"]
    assert "(7 files)" in removed and left.endswith("left moodle.csv, which these commands did not write")


def test_a_term_s_folders_go_together_and_another_term_stays(released, graded, tmp_path):
    released(tmp_path / "all" / "a" / "release")
    graded(tmp_path / "all" / "a" / "results")
    kept = tree(released(tmp_path / "all" / "b", term="t2"))
    assert len(purge(tmp_path / "all", "t1")) == 2
    assert tree(tmp_path / "all") == sorted(["a", "b", *(f"b/{name}" for name in kept)])


def test_what_is_not_of_the_term_is_refused_and_stays(released, graded, tmp_path):
    out = released(tmp_path / "one", term="t2")
    before = tree(tmp_path)
    with pytest.raises(ValueError, match=r"is not only 't1': release.json names t2"):
        purge(out, "t1")
    with pytest.raises(ValueError, match=r"nothing in .* is a release or results of 't1'"):
        purge(tmp_path, "t1")
    with pytest.raises(ValueError, match="term must name"):
        purge(out, " ")
    with pytest.raises(ValueError, match="is no folder"):
        purge(tmp_path / "none", "t1")
    assert tree(tmp_path) == before


def test_two_terms_in_one_folder_stop_the_purge_before_it_begins(released, graded, tmp_path):
    released(tmp_path / "all" / "a")
    mixed = graded(tmp_path / "all" / "b", term="t2")
    (mixed / "release.json").write_text('{"term": "t1"}')
    before = tree(tmp_path)
    with pytest.raises(ValueError, match="is not only 't1'"):
        purge(tmp_path / "all", "t1")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("content", ["", "[]", '{"term": 1}', "\udcff", "[" * 100_000])
def test_a_record_that_cannot_be_read_is_left_and_named(released, graded, tmp_path, content):
    released(tmp_path / "all" / "a")
    odd = graded(tmp_path / "all" / "b")
    (odd / "grading.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    before = tree(odd)
    assert "its record cannot be read" in purge(tmp_path / "all", "t1")[1] and tree(odd) == before
    with pytest.raises(ValueError, match=r"grading.json names none"):
        purge(odd, "t1")


def test_links_are_removed_and_never_followed(graded, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years")
    graded(precious / "deep")
    out = graded(tmp_path / "results")
    (out / "texts" / "words.csv").unlink()
    (out / "texts").rmdir()
    (out / "texts").symlink_to(precious)
    (out / "feedback" / "link").symlink_to(precious)
    purge(out, "t1")
    assert not out.exists() and (precious / "thesis.txt").read_text() == "years"
    (tmp_path / "by-link").symlink_to(precious / "deep")
    with pytest.raises(ValueError, match="is no folder"):
        purge(tmp_path / "by-link", "t1")


def test_a_stopped_purge_can_be_run_again(graded, tmp_path, monkeypatch):
    out = graded(tmp_path / "results")
    real, calls = os.unlink, []

    def stops(path, *args, **kwargs):
        calls.append(path)
        if len(calls) == 5:
            raise OSError("stopped")
        real(path, *args, **kwargs)

    monkeypatch.setattr(os, "unlink", stops)
    with pytest.raises(Refusal, match=r"cannot remove .*: stopped"):
        purge(out, "t1")
    monkeypatch.undo()
    assert (out / "grading.json").exists()
    purge(out, "t1")
    assert not out.exists()
