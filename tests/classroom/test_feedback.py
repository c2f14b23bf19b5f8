"""What students and lecturers read: plain words, no right value, and nothing of a student's that could run."""

import copy
import inspect
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from axe import SIZES, wrong
from handed_in import SETS, TRIED

from casestudy.classroom.feedback import words
from casestudy.classroom.feedback.html import head, light, shown, table
from casestudy.classroom.feedback.page import page as feedback_page
from casestudy.classroom.feedback.summary import MISTAKES, bars, summary
from casestudy.classroom.records import Override, Record
from casestudy.classroom.sets import answers, marks, problems, source
from casestudy.classroom.sets.question import role
from casestudy.classroom.sets.solve import solve
from casestudy.reports.pages.promises import promises

SCRIPT = "<script>document.title = 'planted'; alert(1)</script>"
PLANTED = (
    SCRIPT,
    f"</style></title></textarea></pre></svg>{SCRIPT}",
    "\"'><img src=x onerror=\"document.title = 'planted'\">",
    "<svg onload=\"document.title = 'planted'\"><a href=\"javascript:document.title='planted'\">x</a></svg>",
    "{{ 7 * 7 }}{% raw %}<iframe srcdoc=\"<script>parent.document.title = 'planted'</script>\"></iframe>",
    "<meta http-equiv=refresh content='0; url=http://127.0.0.1:9/planted'><style>body { display: none }</style>",
)


@pytest.fixture(scope="module", params=TRIED)
def problem_set(request):
    return source.load(SETS[request.param])


@pytest.fixture(scope="module")
def second():
    return source.load(source.find("02-satisfaction"))


def record(id="s1", values=None, **more):
    usual = {"status": "ok", "name": f"{id}.ipynb", "sha256": "ab12" * 16}
    return Record(id, code="seed 0", values=values or {}, **usual | more)


def answered(problem_set, solved, mistake=None):
    """The values of somebody who is right throughout, but for one mistake."""
    values = {name: value for given in solved.right.values() for name, value in given.items()}
    return values | (solved.wrong[mistake][1] if mistake is not None else {})


def page(problem_set, record, code="seed 0", manual=None, **more):
    solved = solve(problem_set, code)
    marked = more.pop("marked", None) or marks.mark(problem_set, solved, record.values, record.texts)
    return feedback_page(problem_set, "Ada", record, marked, manual, solved.data, **more)


INLINE = ("em", "code", "strong", "a", "bdi", "span", "summary")


class Words(HTMLParser):
    """The text of a page, without its style sheet, on one line; and every tag with its attributes."""

    def __init__(self, html):
        super().__init__()
        self.text, self.tags = "", []
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.text += "" if tag in INLINE else " "

    def handle_endtag(self, tag):
        self.text += "" if tag in INLINE else " "

    def handle_data(self, data):
        if self.tags[-1:] and self.tags[-1][0] != "style":
            self.text += data


def text(html):
    return Words(html).text


NUMBER = re.compile(r"(?<![\w.,])\d+(?:[ ,\u202f]\d{3})*(?:[.,]\d+)?(?:e[-+]?\d+)?(?!\w)")


def numbers(words):
    """Every number in a text, sign aside, however its thousands and decimals are set."""
    found = set()
    for number in NUMBER.findall(words):
        for read in (re.sub(r"[ ,\u202f]", "", number), number.replace(",", ".")):
            if re.fullmatch(r"\d+(\.\d+)?(e[-+]?\d+)?", read):
                found.add(float(read))
    return found


def roundings(value):
    """A number as it may be printed: to three or more digits, as it is, as a share, in per cent."""
    return {abs(float(f"{value * by:.{digits}g}")) for by in (1, 100, 0.01) for digits in range(3, 13)}


def leaks(html, problem_set, solved, values):
    """Right numbers on a page, its student's own figures, answers and points and the hints' words aside.

    Numbers of two digits are left out: they stand everywhere.
    """
    own = head(solved.data)["rows"]
    for value in values.values():
        own = [*own, *(table(value)["rows"] if isinstance(value, dict) else [[shown(value)]])]
    said = numbers(" ; ".join(" ; ".join(row) for row in own))
    said |= numbers(" ; ".join(hint for mistake in problem_set.mistakes for hint in mistake.hints["en"]))
    marked = marks.mark(problem_set, solved, values)
    said |= {marks.total(marked), *(one.points for one in marked), *(one.out_of for one in marked)}
    seen, found = {n for n in numbers(text(html)) - said if float(f"{n:.2g}") != n}, set()
    for given in solved.right.values():
        for right in given.values():
            cells = [c for column in right["columns"].values() for c in column] if isinstance(right, dict) else [right]
            for cell in cells:
                if isinstance(cell, float) and float(f"{cell:.2g}") != cell:
                    found |= roundings(cell) & seen
    return found


def test_no_page_tells_a_right_value_that_its_student_did_not_find(problem_set):
    for seed in range(5):
        code = f"seed {seed}"
        solved, wrong = solve(problem_set, code), {}
        for _, slipped in solved.wrong:  # somebody who makes a mistake everywhere
            wrong = slipped | wrong
        for values in ({}, wrong):
            for status in words.STATUSES:
                html = page(problem_set, record(values=values, status=status), code)
                assert leaks(html, problem_set, solved, values) == set()
            floats = [v for given in solved.right.values() for v in given.values() if isinstance(v, float)]
            right = max(v for v in floats if float(f"{v:.2g}") != float(f"{v:.4g}"))
            html = page(problem_set, record(errors=(f"expected {right:,.4g}",)), code)
            assert leaks(html, problem_set, solved, {}), "the search itself must find one"


def test_no_page_tells_which_choice_is_right(second):
    """Two sources that differ in nothing but the right letters give the same page."""
    solved = solve(second, "seed 0")
    given = record(values={"strongest": "d", "rounding_reason": "b"}, problems={"windows_reason": "not_a_choice"})
    marked = all_wrong(second)
    other = replace(second, notebook=copy.deepcopy(second.notebook))
    for cell in other.notebook.cells:
        if role(cell) == "solution":
            cell.source = "### BEGIN SOLUTION\n### END SOLUTION\n"
    page, of_other = (feedback_page(s, "", given, marked, None, solved.data) for s in (second, other))
    assert page == of_other and "not one of a, b, c, d" in page


def test_a_misconception_is_told_in_words_but_not_the_way_out(problem_set):
    solved = solve(problem_set, "seed 0")
    for made, (mistake, _) in enumerate(solved.wrong):
        html = page(problem_set, record(values=answered(problem_set, solved, made)))
        said = text(html)
        for number, hint in enumerate(mistake.hints["en"]):
            assert (re.sub("[*`]", "", hint) in said) is (number < 2)


def test_points_are_told_by_question_and_in_all(second):
    solved = solve(second, "seed 0")
    given = record(values=answered(second, solved, 0), texts={"sentence-text": "It rose by 0.9 to 1.1 points."})
    said = text(page(second, given))
    assert (
        "20.5 of 22 points so far, 4 still to be read" in said and "4 points are for text that nobody has read" in said
    )
    assert "0.5 of 2. Not right, but part of the way." in said and "1. Per cent of what?" in said
    said = text(page(second, given, manual={"sentence-text": 3.0}))
    assert "23.5 of 26 points" in said and "nobody has read" not in said and "3 of 4. Read by a person." in said


def test_a_text_that_was_not_written_waits_for_nobody(second):
    for left in ({}, {"sentence-text": " "}, {"sentence-text": "*Your answer here.*"}):
        said = text(page(second, record(texts=left)))
        assert "there is no text to read" in said and "nobody has read" not in said


@pytest.mark.parametrize("status", words.STATUSES)
def test_every_status_is_told_in_words_and_only_final_ones_give_final_points(second, status):
    said = text(page(second, record(status=status, values={"times": 2.9})))
    assert words.STATUSES[status][0] in said and status.replace("cell_error", "cell_") + "_" not in said
    assert ("a person looks at it" in said) is (status not in words.FINAL)
    assert ("No points yet" in said) is (status in words.UNREAD)
    assert ("for the time being" in said) is (status not in (*words.FINAL, *words.UNREAD))


def test_every_flag_is_told_in_words_with_what_to_do_and_nobody_else_is_named(second):
    flags = ("data_differs", "doubled", "late", "noted_without_answer:x", "not_sandboxed", "of_group:s2", "other_code")
    flags += ("picture", "repaired", "same_as:s2", "text_elsewhere")
    html = page(second, record(flags=flags, late_minutes=1500))
    for flag in words.FLAGS:
        assert words.FLAGS[flag][0].format(late="1 day 1 hour") in text(html) and words.FLAGS[flag][1] in text(html)
    assert "s2" not in html and "same_as" not in html
    assert words.LATE_UNKNOWN[0] in text(page(second, record(late_minutes="unknown")))
    assert "late" not in text(page(second, record(late_minutes=0))).split("Points")[0]


def test_a_page_is_a_proposal_until_somebody_confirms_it_by_name(second):
    assert "A program proposes these points" in text(page(second, record()))
    assert "confirmed by Dr. A. Person." in text(page(second, record(), confirmed="Dr. A. Person"))
    unsettled = text(page(second, record(status="died"), confirmed="Dr. A. Person"))
    assert "Nothing is decided" in unsettled and "confirmed by Dr." not in unsettled
    rows = [(record(), marks.mark(second, solve(second, "seed 0"), {}), None)]
    assert "confirmed by Dr. A. Person." in text(summary(second, rows, confirmed="Dr. A. Person"))


@pytest.mark.parametrize("problem", [*problems.KINDS, "forged {low.__class__} <b>", "{0}"])
def test_a_value_that_is_no_answer_is_told_in_words(second, problem):
    said = text(page(second, record(problems={"times": problem})))
    assert problems.KINDS.get(problem, problems.KINDS[problems.UNREADABLE]).page.partition("{")[0] in said
    assert "__class__" not in said and "{" not in said


def test_long_and_strange_output_is_cut_and_made_harmless(second):
    strange = {"times": float("inf"), "headroom_pct": 10**5000, "lowest_pct": [[1]], "rises_pct": {"index": 3}}
    strange["best_pct"] = {"a": {"b": 10**5000}, "c": [1]}
    error = "\ud800\x00\x1b[31m\u202e" + "x" * 9999
    given = record(values=strange, errors=(error,), texts={"sentence-text": "y" * 99999})
    marked = [*all_wrong(second)[:-1], marks.Marked("sentence-text", 0.0, 4.0, None, "to be read")]
    html = page(second, given, marked=marked)
    html.encode("utf-8")
    assert not re.search("[\x00\x1b\u202e]|x{500}|y{6000}", html) and "y" * 4000 in html
    wide = {"index": ["z" * 999] * 9999, "columns": {f"c{n}" * 99: ["w" * 200] * 9999 for n in range(99)}}
    assert len(page(second, record(values={"rises_pct": wide}), marked=marked)) < 100_000


def all_wrong(problem_set):
    return [marks.Marked(q.id, 0.0, q.points, None, "wrong") for q in problem_set.questions]


def planted(second, n):
    """A page and a summary with something planted wherever a student's words can come."""
    solved, bad = solve(second, "seed 0"), PLANTED[n]
    values = dict.fromkeys(answered(second, solved), bad)
    values["rises_pct"] = {"index": [bad, "1"], "columns": {bad: [bad, 1.0], "value": [bad, bad]}}
    given = record(
        bad, values, name=bad, sha256=bad, errors=(bad,), flags=("late", f"same_as:{bad}", bad), late_minutes=5
    )
    given = replace(given, texts={"sentence-text": bad}, problems={"times": bad})
    marked = all_wrong(second)
    data = solved.data.assign(**{bad: bad})
    rows = [(given, marked, None), (replace(given, status=bad), marked, None)]
    overrides = {question.id: Override(1, bad, 0, 0, bad) for question in second.questions[:1]}
    html = feedback_page(second, bad, given, marked, None, data, confirmed=bad, overrides=overrides)
    return html, summary(second, rows, confirmed=bad, overrides={bad: overrides}, guessing=bad)


@pytest.mark.parametrize("n", range(len(PLANTED)))
def test_what_a_student_planted_stands_there_as_text(second, n):
    for html in planted(second, n):
        assert promises(html) == []
        tags = Words(html).tags
        assert {tag for tag, _ in tags} & {"script", "iframe", "img", "textarea", "form", "object", "base"} == set()
        assert not any(name.startswith("on") or name == "style" for _, given in tags for name in given)
        assert all(given["href"].startswith(("#", "data:,")) for _, given in tags if "href" in given)
        assert sum(tag == "style" for tag, _ in tags) == 1 and sum(tag == "meta" for tag, _ in tags) == 5
        assert " ".join(PLANTED[n][:60].split()) in text(html) and "49" not in text(html)


def opened(browser, path, width=1000):
    """The page in a browser, with the addresses it asked for and the dialogs that came up."""
    tab, asked = browser.new_page(viewport={"width": width, "height": 900}), []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("dialog", lambda dialog: (asked.append("dialog"), dialog.dismiss()))
    tab.goto(path.as_uri())
    tab.wait_for_timeout(100)
    return tab, [url for url in asked if url not in (path.as_uri(), "data:,")]


@pytest.mark.parametrize("width", [390, 1000])
def test_nothing_planted_runs_or_widens_a_page(second, browser, tmp_path, width):
    for n in range(len(PLANTED)):
        for name, html in zip(("page", "summary"), planted(second, n), strict=True):
            (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
            tab, asked = opened(browser, tmp_path / f"{name}.html", width)
            assert asked == [] and tab.title().startswith(("Feedback: How large", "Summary: How large"))
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.evaluate("getComputedStyle(document.querySelector('.who')).color") == "rgb(89, 97, 112)"
            tab.close()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_axe_finds_nothing_wrong_with_a_feedback_page_and_a_summary(second, browser, tmp_path, width, scheme):
    given = record(values=answered(second, solve(second, "seed 0"), 0), texts={"sentence-text": "It rose."})
    rows = [
        (replace(given, texts={"sentence-text": "It rose."}), marked, None) for given, marked, _ in the_class(second)
    ]
    held = {"heading": "1. Rise", "answer": "times", "guessed": 9, "too_low": 4, "ratio": 0.8, "held": 2, "allowed": 5}
    for name, html in (("page", page(second, given)), ("summary", summary(second, rows, calibration=[held]))):
        (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
        assert wrong(browser, tmp_path / f"{name}.html", width, scheme) == [], name


def test_what_is_not_answered_or_not_read_has_no_colour_of_wrong(second):
    html = page(second, record(values={"times": 99.0}, texts={"sentence-text": "It rose."}))
    states = re.findall(r'<p class="state (\w+)">(.*?)</p>', html)
    assert {state for state, said in states if "Not answered" in said or "Not read yet" in said} == {"open"}
    assert {state for state, said in states if said.startswith('<span class="mark">0 of') and "Not right" in said} <= {
        "wrong"
    }


@pytest.mark.parametrize("bad", PLANTED[:4], ids=range(4))
def test_even_a_script_that_were_not_escaped_would_not_run(second, browser, tmp_path, bad):
    path = tmp_path / "page.html"
    html = page(second, record())
    for policy, ran in (("default-src", False), ("x", True)):  # without the policy it does, so the test can see it
        path.write_text(html.replace("default-src", policy).replace("<h1>", f"{bad}<h1>"), encoding="utf-8")
        tab, asked = opened(browser, path)
        assert (tab.title() == "planted" or "dialog" in asked) is ran
        tab.close()


def the_class(second):
    """Twelve students: four right, five with one mistake each, one blank, one whose run died, one missing."""
    rows = []
    for n in range(12):
        solved = solve(second, f"seed {n}")
        mistake = [None] * 4 + [0, 0, 0, 1, 9]
        values = answered(second, solved, mistake[n]) if n < 9 else {}
        given = record(f"s{n:02}", values, status={10: "died", 11: "missing"}.get(n, "ok"))
        rows.append((given, marks.mark(second, solved, values), None))
    return rows


def test_the_summary_names_what_was_hard_and_the_commonest_misconception(second):
    said = text(summary(second, the_class(second)))
    assert "12 students, 10 with marks that can stand" in said
    assert "Hardest: 1. Per cent of what? (" in said
    first = second.mistakes[0].hints["en"][1]
    assert said.index("3 students in 1. Per cent") < said.index(first) < said.index("1 student in")


def test_the_commonest_misconception_of_a_question_is_told_however_many_are_commoner(second):
    solved = solve(second, "seed 0")
    asked = [mistake.question for mistake, _ in solved.wrong]
    (most, number), *_ = Counter(asked).most_common()
    rare = next(n for n, question in enumerate(asked) if question != most)
    met = [n for n, question in enumerate(asked) if question == most] * 2 + [rare]
    rows = [
        (record(f"s{n}", given := answered(second, solved, m)), marks.mark(second, solved, given), None)
        for n, m in enumerate(met)
    ]
    said = text(summary(second, rows))
    assert number > MISTAKES == said.count("2 students in")
    assert said.count("1 student in") == 1 and text(light(second.mistakes[rare].hints["en"][0])).strip() in said


def test_the_distribution_counts_everyone_with_marks_that_can_stand(second):
    rows = the_class(second)
    spread = bars([marks.total(marked) for _, marked, _ in rows[:10]], top=26)
    assert [number for _, number in spread] == [1, 0, 0, 0, 0, 0, 5, 4, 0]  # blank; 20.5; 22 of 26
    said = text(summary(second, rows))
    assert all(re.search(rf"{name}\s+{number}\b", said) for name, number in spread)


def test_texts_count_once_all_of_them_were_read(second):
    texts = {"sentence-text": "It rose."}
    rows = [(replace(given, texts=texts), marked, None) for given, marked, _ in the_class(second)]
    assert "without the texts that nobody has read yet; 22 points in all" in text(summary(second, rows))
    read = [(given, marked, {"sentence-text": 2.0}) for given, marked, _ in rows]
    said = text(summary(second, read))
    assert "stand; 26 points in all" in said and "Texts not read yet" not in said


def test_the_summary_names_a_student_only_where_a_person_is_needed(second):
    (first, *others), (then, *more), *rest = the_class(second)
    late = replace(first, flags=("late", "same_as:s03"), late_minutes=90)
    said = text(summary(second, [(late, *others), (replace(then, late_minutes="unknown"), *more), *rest]))
    assert set(re.findall(r"\bs\d\d\b", said)) == {"s00", "s01", "s03", "s10", "s11"}
    assert "s00 (1 hour 30 minutes)" in said and "s00 (like s03)" in said and "never a verdict" in said
    assert words.PERSON["died"][0] in said and words.PERSON["missing"][0] in said


def test_an_answer_that_an_error_may_have_cost_is_looked_at_by_a_person(second):
    blank = marks.mark(second, solve(second, "seed 0"), {})
    stopped = record(status="cell_error", problems={"rises_pct": "missing", "best_pct": "quoted"})
    said = text(summary(second, [(stopped, blank, None)]))
    assert "A cell stopped, and an answer is missing: 1" in said and "s1 (rises_pct)" in said
    unharmed = record(status="cell_error", problems={"best_pct": "quoted"})
    said = text(summary(second, [(unharmed, blank, None)]))
    assert words.PERSON["cell_error"][0] not in said
    assert f"{words.PERSON['form'][0]}: 1" in said and "s1 (best_pct: " in said


def test_what_is_wrong_with_a_file_and_what_belongs_to_nobody_stand_on_the_lecturer_s_page(second):
    blank = marks.mark(second, solve(second, "seed 0"), {})
    waiting = [{"file": "<b>x</b>.ipynb", "why": "fits s1, s2", "students": "s1 s2", "id": ""}]
    torn = record(status="damaged", errors=("damaged: not whole JSON",))
    said = text(summary(second, [(torn, blank, None)], unmatched=waiting))
    assert "s1 (not whole JSON)" in said and "What came and counts for nobody: 1" in said and "<b>x</b>.ipynb" in said


def test_a_table_whose_numbers_are_text_is_looked_at_by_a_person_unless_it_is_right(second):
    table = {"index": ["0", "1"], "columns": {"value": ["29.4", "31,0 %"]}}
    typed = record(values={"rises_pct": table}, problems={"times": "quoted", "headroom_pct": "out_of_range"})
    blank = marks.mark(second, solve(second, "seed 0"), {})
    said = text(summary(second, [(typed, blank, None)]))
    assert "s1 (times: text, not a number: take the quotation marks away; rises_pct: its numbers are text)" in said
    right = [replace(mark, note="right") for mark in blank]
    assert "its numbers are text" not in text(summary(second, [(typed, right, None)]))
    table["columns"]["value"][0] = "n/a"
    assert "its numbers are text" not in text(summary(second, [(typed, blank, None)]))


def test_points_given_in_place_of_others_are_in_every_count(second):
    solved = solve(second, "seed 0")
    marked = marks.mark(second, solved, {}, {"sentence-text": "It rose."})
    given = {question.id: Override(question.points, "Said so.", 0, 0) for question in second.questions[:7]}
    row = (record("s1", texts={"sentence-text": "It rose."}), marked, {id: one.points for id, one in given.items()})
    said = text(summary(second, [row], overrides={"s1": given}))
    assert "22 points in all" in said and "21 to 22 1" in said
    assert "1. Per cent of what? 100% 1 0 0 0" in said


def test_a_class_without_a_single_notebook_has_a_summary(second):
    blank = marks.mark(second, solve(second, "seed 0"), {})
    for rows in ([], [(record(status="missing"), blank, None)], [(record(), blank, None)]):
        assert "<h1>" in summary(second, rows)


def test_another_set_s_copy_is_called_that_and_not_a_damaged_file(second):
    other = record(status="damaged", flags=("other_set:03-agents-avoided",), errors=("damaged: a copy of another",))
    blank = marks.mark(second, solve(second, "seed 0"), {})
    said = text(page(second, other))
    assert "a copy of 03-agents-avoided; 02-satisfaction was asked for" in said and "Open it in JupyterLab" not in said
    assert "What is wrong with it" not in said and "Marked:" not in said
    said = text(summary(second, [(other, blank, None)]))
    assert "A copy of another set: 1" in said and "s1 (03-agents-avoided)" in said
    assert words.PERSON["damaged"][0] not in said


def test_a_text_that_was_not_found_is_never_called_blank_and_waits_for_a_person(second):
    lost, solved = record(texts={"sentence-text": None}), solve(second, "seed 0")
    marked = marks.mark(second, solved, {}, lost.texts)
    said = text(page(second, lost))
    assert "was not found in your notebook: a person looks" in said and "there is no text to read" not in said
    assert "so far, 4 still to be read" in said and "text that nobody has read yet" in said
    said = text(summary(second, [(lost, marked, None)]))
    assert f"s1 ({'ab12' * 4})" in said and words.PERSON["texts_lost"][0] in said
    said = text(summary(second, [(lost, marked, {"sentence-text": 1.0})]))
    assert words.PERSON["texts_lost"][0] not in said


def test_every_error_is_told_with_its_cell(second):
    errors = ("cell 7 (windows-work), `x = 1 / 0`: line 1: ZeroDivisionError", "cell 9: y")
    said = text(page(second, record(errors=errors)))
    assert "cell 7 (windows-work), `x = 1 / 0`: line 1: ZeroDivisionError cell 9: y" in said


def test_no_sentence_ends_in_two_marks(second):
    answers_ = [answer.name for question in second.questions for answer in question.answers]
    for problem in problems.KINDS:
        said = text(page(second, record(problems=dict.fromkeys(answers_, problem)), marked=all_wrong(second)))
        said += text(summary(second, the_class(second)))
        assert not re.search(r"[?.!:,][.,]", said.replace("…", "")), problem


def test_a_class_that_has_all_points_has_no_hardest_question(second):
    solved = solve(second, "seed 0")
    given = record(values=answered(second, solved))
    said = text(summary(second, [(given, marks.mark(second, solved, given.values), None)] * 3))
    assert "Hardest" not in said and "everybody has all points" in said and "middle half" not in said


def test_points_that_were_shared_out_are_shown_by_name(second):
    shared = {"times": {"help": 3.0, "talk": 7.0}}
    assert "times: help: 3, talk: 7" in text(page(second, record(values=shared), marked=all_wrong(second)))


def test_every_reason_a_check_can_give_has_its_words_here():
    found = re.findall(r'Problem\(\s*(?:"(\w+)"|([A-Z]+)\b)', inspect.getsource(answers))
    kinds = {kind or getattr(problems, constant) for kind, constant in found} | {"comma", "commas"}
    assert {"missing", "wrong_sum"} <= kinds <= set(problems.KINDS)
    assert all(problems.KINDS[kind].live and problems.KINDS[kind].page for kind in kinds)
