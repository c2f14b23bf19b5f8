"""The lecturer's guide to a set: everything that its author wrote for those who teach it, and a class's figures."""

import json
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from handed_in import SETS, TRIED

from casestudy.classroom.authoring import new
from casestudy.classroom.feedback.guide import guide, line
from casestudy.classroom.grading import results
from casestudy.classroom.records import Record
from casestudy.classroom.release import Released
from casestudy.classroom.release.release import assign
from casestudy.classroom.sets import marks, source
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import Solutions, solve, worked_examples
from casestudy.reports.pages.promises import promises

SECRET = b"a secret of the course, long enough"
FIRST = "You divided by the later figure."


def text(html):
    return plain(BeautifulSoup(html, "html.parser").main.get_text())


def plain(words):
    """As it stands on a page: without marks of stress, on one line."""
    return " ".join(words.replace("*", "").replace("`", "").split())


@pytest.fixture(scope="module", params=TRIED)
def shipped(request):
    return source.load(SETS[request.param])


@pytest.fixture(scope="module")
def page(shipped):
    return guide(shipped, codes=2)


@pytest.fixture
def starting(tmp_path):
    """The set that authors begin with, with something changed in its notebook."""

    def starting(change=lambda notebook: None):
        path = new.new(tmp_path / "sets" / "01-start")
        notebook = json.loads(path.read_text(encoding="utf-8"))
        change(notebook)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return source.load(path)

    return starting


def cell(notebook, id):
    return next(one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == id)


def with_a_verdict(notebook):
    work, check = cell(notebook, "fall-work"), cell(notebook, "fall")
    words = 'size = "large" if fall_pct > 78 else "middle" if fall_pct > 72 else "small"\n### END SOLUTION'
    work["source"] = "".join(work["source"]).replace("### END SOLUTION", words)
    check["source"] = "check(fall_pct=fall_pct, size=size)"
    declared = {"kind": "choice", "choices": ["small", "middle", "large"], "verdict": True}
    check["metadata"]["casestudy"]["answers"]["size"] = declared


def the_class(problem_set):
    """Three students: one right, one who divided by the later figure, one of whom nothing came."""
    rows = []
    for number, status in enumerate(["ok", "ok", "missing"]):
        solved = solve(problem_set, f"seed {number}")
        values = [solved.right["fall"], solved.wrong[0][1], {}][number]
        record = Record(f"anna{number}", status, f"seed {number}", values=values)
        rows.append((record, marks.mark(problem_set, solved, values), None))
    return rows


def test_every_mistake_stands_there_with_its_code_what_it_earns_and_all_that_it_reveals(shipped, page):
    said, soup = text(page), BeautifulSoup(page, "html.parser")
    slips = soup.select("dl.slips > dt")
    assert [slip.get_text().strip() for slip in slips] == [line(mistake.code) for mistake in shipped.mistakes]
    for mistake, told in zip(shipped.mistakes, soup.select("dl.slips > dd"), strict=True):
        assert all(plain(hint) in plain(told.get_text()) for hint in mistake.hints["en"])
        of = next(question.points for question in shipped.questions if question.id == mistake.question)
        assert f"arns {round(mistake.credit * of, 2):g} of {of:g}." in told.get_text()
    assert all(question.title in said for question in shipped.questions)


def test_solutions_right_values_model_answers_and_rubrics_stand_there(shipped, page):
    said, solved, worked = text(page), solve(shipped, "practice"), worked_examples(shipped, "practice")
    for one in shipped.notebook.cells:
        if role(one) == "solution" and "### BEGIN SOLUTION" in one.source:
            lines = [plain(words) for words in one.source.splitlines() if not words.startswith("###")]
            assert all(words in said for words in lines)
        elif role(one) in ("explain", "manual"):
            assert plain(one.source)[:60] in said
    for question in shipped.questions:
        assert all(plain(rule) in said for rule in question.rubric.splitlines())
        assert not question.example or plain(worked[question.id]) in said
        for answer in question.answers:
            right = solved.right[question.id][answer.name]
            assert not isinstance(right, float) or f"{answer.name}: {right:.6g}"[:12] in said


def test_what_the_author_says_of_the_set_stands_there_for_lecturers(starting):
    about = {"able": "take a share", "minutes": [20, 30], "needs": ["00-the-case"], "next_term": ["Draw wider."]}
    about |= {"oral": ["Why *that* base?"], "discussion": ["Whose hours?"]}
    page = guide(starting(lambda notebook: notebook["metadata"]["casestudy"].update(about)))
    said = text(page)
    assert promises(page) == [] and "<title>For lecturers: By how much" in page
    assert "not for students" in said and "20 to 30 minutes" in said and "Afterwards students can take a share." in said
    assert all(words in said for words in ("00-the-case", "Why that base?", "Whose hours?", "Draw wider."))


def test_a_verdict_s_outcomes_are_counted_on_so_many_codes(starting):
    problem_set = starting(with_a_verdict)
    soup = BeautifulSoup(guide(problem_set, codes=9), "html.parser")
    rows = [row for row in soup.select("tr") if row.th and row.th.get_text() in ("small", "middle", "large")]
    counted = Counter(solve(problem_set, f"seed {number}").right["fall"]["size"] for number in range(9))
    assert {row.th.get_text(): int(row.select("td")[-1].get_text()) for row in rows} == {
        name: counted[name] for name in ("small", "middle", "large")
    }


def test_what_a_construct_is_held_to_stands_there(starting):
    def change(notebook):
        work, check = cell(notebook, "fall-work"), cell(notebook, "fall")
        work["source"] = "".join(work["source"]).replace("### END", "pair = [1.0, 2.0]\n### END")
        check["source"] = "check(fall_pct=fall_pct, pair=pair)"
        answers = check["metadata"]["casestudy"]["answers"]
        answers["pair"] = {"kind": "construct", "form": "list", "size": 2}
        metadata = {"tags": ["judge"], "casestudy": {"question": "fall", "answer": "pair"}}
        code = "def judge(value):\n    return '' if value[0] < value[1] else 'It must rise.'"
        one = {"cell_type": "code", "metadata": metadata, "source": code, "outputs": [], "execution_count": None}
        notebook["cells"].insert(notebook["cells"].index(check) + 1, {**one, "id": "judge"})

    said = text(guide(starting(change)))
    assert "'' if value[0] < value[1] else 'It must rise.'" in said and "pair: 1, 2" in said


def test_claims_and_systems_are_told_as_the_case_knows_them(starting):
    from casestudy import claims, data
    from casestudy.case import open_case

    about = ["cx_title_boost", "s13", "of_my_own"]
    said = text(guide(starting(lambda notebook: cell(notebook, "fall")["metadata"]["casestudy"].update(about=about))))
    known = claims.load(open_case()).loc["cx_title_boost"]
    assert f"{claims.locator(known)}, {known['subject']}: {known['metric']}, printed {known['printed']}" in said
    systems = data.table("systems").set_index("id")
    assert f"{systems.at['s13', 'name']} (s13)" in said and "of_my_own" in said


def test_a_class_s_shares_and_slips_stand_there_and_nobody_s_name(starting):
    problem_set = starting()
    rows = the_class(problem_set)
    said = text(guide(problem_set, rows))
    assert "3 students, 2 with marks that can stand" in said
    points = [sum(mark.points for mark in marked) for record, marked, _ in rows if record.status == "ok"]
    assert f"Per cent of what?{100 * sum(points) / 2 / problem_set.questions[0].points:.0f}%" in said
    told = BeautifulSoup(guide(problem_set, rows), "html.parser").select("dl.slips > dd")
    assert [("of 2 students" in one.get_text(), FIRST in one.get_text()) for one in told] == [
        (True, True),
        (False, False),
    ]
    assert "1 of 2 students." in said and "anna" not in said and "Your class" not in text(guide(problem_set))


@pytest.fixture
def course(starting, tmp_path):
    """A graded class of three in a folder of its own."""
    problem_set = starting()
    students = pd.DataFrame("", index=["s1", "s2", "s3"], columns=["name", "email", "group", "due", "lms_id"])
    assigned = {one.id: one for one, _ in assign(problem_set, students, SECRET, "t")}
    released = Released(problem_set.name, problem_set.version, "t", assigned)
    records = [
        replace(record, id=id, code=assigned[id].code)
        for id, (record, _, _) in zip(assigned, the_class(problem_set), strict=True)
    ]
    (tmp_path / "grades").mkdir()
    results.finish(Solutions(problem_set), released, students, records, tmp_path / "grades")
    return tmp_path


GUIDE = ["guide", "01", "--sets", "sets", "--out"]


def test_the_command_writes_one_page_for_its_lecturer_alone(course, command):
    code, output, _ = command(*GUIDE, "guide.html", "--results", "grades")
    assert (code, output) == (0, "guide.html holds the solutions: it is for lecturers\n")
    assert "3 students, 2 with marks" in text((course / "guide.html").read_text(encoding="utf-8"))
    assert (course / "guide.html").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([*GUIDE, "guide.html", "--results", "sets"], "sets holds no results: it needs grading.json"),
        ([*GUIDE, "grades/summary.html", "--results", "grades"], "--out must be no file of the results"),
        ([*GUIDE, "nowhere/guide.html"], "--out names a file in a folder that is there"),
        (["guide", "02", "--out", "guide.html", "--results", "grades"], "the points rest on another source"),
    ],
)
def test_a_guide_is_refused_in_one_line(refused, words, reason):
    refused(words, reason)


def test_a_class_s_figures_stay_out_of_a_checkout(course, refused):
    (course / ".git").mkdir()
    refused([*GUIDE, "guide.html", "--results", "grades"], "lies in a git checkout that does not ignore it")


def test_the_page_is_no_wider_than_a_phone(page, browser, tmp_path):
    (tmp_path / "guide.html").write_text(page, encoding="utf-8")
    tab = browser.new_page(viewport={"width": 390, "height": 900})
    tab.goto((tmp_path / "guide.html").as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.close()
