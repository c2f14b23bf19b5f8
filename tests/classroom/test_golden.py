"""The figures of three codes a set, kept: a library that draws otherwise is noticed before a class is."""

import json
from pathlib import Path

import pytest
from handed_in import SETS

from casestudy.classroom.sets import source
from casestudy.classroom.sets.seeds import fingerprint
from casestudy.classroom.sets.solve import solve

KEPT = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))


def test_every_set_has_three():
    assert {name: len(codes) for name, codes in KEPT.items()} == dict.fromkeys(SETS, 3)


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, codes in KEPT.items() for code in codes])
def test_a_code_gives_the_figures_and_answers_that_it_gave(name, code):
    solved = solve(source.load(SETS[name]), code)
    assert fingerprint(solved.data) == KEPT[name][code]["data"]
    for question, answers in KEPT[name][code]["right"].items():
        for name, answer in answers.items():
            close = pytest.approx(answer, rel=1e-9) if isinstance(answer, float) else answer
            assert solved.right[question][name] == close, name


def test_a_changed_draw_has_another_fingerprint(tmp_path):
    name = min(SETS)
    changed = tmp_path / name / source.SOURCE
    changed.parent.mkdir()
    words = SETS[name].read_text(encoding="utf-8")
    changed.write_text(words.replace("individual(problem_set, code)", "individual(problem_set, code + '2')"), "utf-8")
    code = next(iter(KEPT[name]))
    assert fingerprint(solve(source.load(changed), code).data) != KEPT[name][code]["data"]
