"""What a lecturer learns from a class: the planted worst question, its slip, and the pair that wrote one text."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from axe import SIZES, wrong
from essays import copied, essay
from planting import plant

from casestudy.classroom import likeness
from casestudy.classroom.analysis import COLUMNS, analyse, read
from casestudy.classroom.analysis.measures import thirds
from casestudy.classroom.feedback.page import HINTS
from casestudy.classroom.grading import override
from casestudy.classroom.grading.override import Wanted
from casestudy.classroom.grading.results import Results, read_grades
from casestudy.classroom.records import Record
from casestudy.classroom.sets import source
from casestudy.refusals import Refusal

TEXT = "sentence-text"


def with_texts(planted, rng):
    return [replace(record, texts={TEXT: essay(rng)}) for record in planted.records]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Two planted classes of eight and ten in one folder, of two terms."""
    folder, problem_set = tmp_path_factory.mktemp("two"), source.load(source.find("02"))
    for name, size in (("first", 8), ("second", 10)):
        planted = plant(problem_set, random.Random(name), size)
        planted = planted._replace(released=replace(planted.released, term=f"t-{name}"))
        planted.graded(folder / name)
    return folder


@pytest.fixture(scope="module")
def table(small):
    return analyse([small / "first", small / "second"], small / "out")


def test_the_table_is_tidy_and_on_file_as_it_comes_back(table, small):
    assert list(table.columns) == list(COLUMNS)
    assert not table.duplicated(["class", "question", "measure", "detail"]).any()
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    kept = pd.read_csv(small / "out" / "items.csv")
    assert kept.shape == table.shape and kept["value"].to_numpy() == pytest.approx(table["value"].to_numpy(), rel=1e-5)


def test_difficulty_is_the_mean_share_of_points_in_grades_csv(table, small):
    grades = read_grades(small / "first")
    own = table[(table["class"] == "t-first") & (table["measure"] == "difficulty")].set_index("question")["value"]
    out_of = {question.id: question.points for question in source.load(source.find("02")).questions}
    for question in own.index:
        assert own[question] == pytest.approx(grades[question].astype(float).mean() / out_of[question], abs=1e-4)


def test_the_ways_in_which_a_question_was_answered_are_the_whole_class(table):
    shares = table[table["measure"] == "answered"].groupby(["class", "question"])["value"].sum()
    assert shares.to_numpy() == pytest.approx(1)
    named = table[(table["measure"] == "answered") & (table["detail"] == "a named slip")]
    named = named.set_index(["class", "question"])["value"]
    slips = table[table["measure"] == "slip"].groupby(["class", "question"])["value"].sum()
    assert slips.to_dict() == pytest.approx(named.to_dict())


def test_a_difference_is_of_the_second_class_from_the_first(table):
    wide = table[table["measure"] == "difficulty"].pivot(index="question", columns="class", values="value")
    told = table[table["measure"] == "difference"].set_index("question")
    assert set(told["class"]) == {"t-second"}
    assert told["value"].to_dict() == pytest.approx((wide["t-second"] - wide["t-first"]).to_dict())


def test_the_page_says_that_a_class_is_small_and_how_much_is_compared(small, table):
    page = (small / "out" / "analysis.html").read_text(encoding="utf-8")
    assert page.count("A small class.</strong>") == 2 and "t-first has 8 students" in page
    assert "7 questions are compared here" in page and "7 differences are compared" in page
    assert "8 students stand in more than one of these classes" in page


def test_the_page_names_no_student_and_no_cause(small, table):
    page = (small / "out" / "analysis.html").read_text(encoding="utf-8")
    words = re.sub(r'src="[^"]*"|<style>.*?</style>', "", page, flags=re.S)
    assert not re.search(r"\bs0\d\d\b", words)
    assert not re.search(r"\b(because|due to|leads to|caused by|thanks to|significant)\b", re.sub(r"<.*?>", " ", words))
    assert "Who read a hint" in words and oct((small / "out").stat().st_mode)[-3:] == "700"


def test_results_of_two_sets_or_of_a_lost_source_are_refused(small, tmp_path):
    other = plant(source.load(source.find("00")), random.Random(1), 4)
    other.graded(tmp_path / "other")
    with pytest.raises(Refusal, match="an analysis is of one set"):
        read([small / "first", tmp_path / "other"])
    changed = Results.read(small / "first")
    text = (small / "first" / "grading.json").read_text(encoding="utf-8")
    (tmp_path / "lost").mkdir()
    (tmp_path / "lost" / "grading.json").write_text(text.replace(changed.source, "0" * 64), encoding="utf-8")
    (tmp_path / "lost" / "grades.csv").write_bytes((small / "first" / "grades.csv").read_bytes())
    with pytest.raises(Refusal, match="not at hand: name the folder of its set with --sets"):
        read([tmp_path / "lost"])
    with pytest.raises(Refusal, match="must be no folder of the results"):
        analyse([small / "first"], small / "first" / "out")


@pytest.mark.slow
def test_in_a_class_of_three_hundred_the_planted_worst_question_its_slip_and_the_copied_text_are_found(tmp_path):
    problem_set, rng = source.load(source.find("02")), random.Random(300)
    planted = plant(problem_set, rng, 300)
    records = with_texts(planted, rng)
    records[250] = replace(records[250], texts={TEXT: copied(rng, records[17].texts[TEXT], 0.1)})
    grades = planted.graded(tmp_path / "grades", records)
    table = analyse([tmp_path / "grades"], tmp_path / "out").set_index("question")
    worst = min(planted.plans, key=lambda id: planted.plans[id].expected)
    difficulty = table[table["measure"] == "difficulty"]["value"]
    assert difficulty.idxmin() == worst
    slips = table[table["measure"] == "slip"].loc[worst]
    own = [mistake for mistake in problem_set.mistakes if mistake.question == worst]
    planned = own[planted.plans[worst].slip].hints["en"][:HINTS]
    assert slips.loc[slips["value"].idxmax() if slips.index.is_unique else worst].iloc[0]["detail"] == " ".join(planned)
    page = (tmp_path / "out" / "analysis.html").read_text(encoding="utf-8")
    again = page[page.index("<h2>Teach this again") : page.index("</ul>")]
    first = re.search(r"<li><strong>(.*?)</strong>: (\d+)%", again)
    share = planted.plans[worst].answered.count("slip") / 300
    assert first[1] == next(question.title for question in problem_set.questions if question.id == worst)
    assert abs(int(first[2]) / 100 - share) < 0.08
    flagged = grades.index[grades["flags"].str.contains("alike:")]
    assert grades.loc["s017", "flags"] == "alike:s250" and grades.loc["s250", "flags"] == "alike:s017"
    assert len(flagged) <= 2 + 3


def test_a_text_that_nobody_has_read_is_not_told_and_blank_ones_wait_with_the_others(tmp_path):
    problem_set, rng = source.load(source.find("02")), random.Random(2)
    planted = plant(problem_set, rng, 3)
    records = with_texts(planted, rng)
    records[0] = replace(records[0], texts={TEXT: ""})
    planted.graded(tmp_path / "grades", records)
    (one,) = read([tmp_path / "grades"])
    assert one.items[TEXT].difficulty is None
    for number, id in enumerate(("s001", "s002")):
        override(problem_set, tmp_path / "grades", [Wanted(id, TEXT, "4", "Read in class.")])
        (one,) = read([tmp_path / "grades"])
        assert one.items[TEXT].n == (1, 3)[number]
    assert one.items[TEXT].difficulty.value == pytest.approx(2 / 3)


def test_thirds_are_by_the_points_elsewhere_and_hold_the_whole_class(small):
    one = read([small / "second"])[0]
    for question in one.problem_set.checked:
        parts = thirds(one, question)
        assert sum(part.n for part in parts) == one.size
        assert parts[2].n >= one.size / 3 - 1e-9
        whole = sum(part.value * part.n for part in parts) / one.size
        assert whole == pytest.approx(one.items[question.id].difficulty.value)


def test_grading_flags_an_alike_text_and_takes_the_flag_back(tmp_path):
    problem_set, rng = source.load(source.find("02")), random.Random(3)
    planted = plant(problem_set, rng, 16)
    own = with_texts(planted, rng)
    alike = [*own[:7], replace(own[7], texts=own[3].texts), *own[8:]]
    flags = planted.graded(tmp_path / "grades", alike)["flags"]
    assert flags[flags != ""].to_dict() == {"s003": "alike:s007", "s007": "alike:s003"}
    page = (tmp_path / "grades" / "summary.html").read_text(encoding="utf-8")
    assert "s003 (like s007)" in page and "alike" not in (tmp_path / "grades" / "feedback" / "s003.html").read_text()
    assert not planted.graded(tmp_path / "grades", own)["flags"].any()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_pages_can_be_read_on_a_phone_and_by_a_screen_reader(browser, small, table, tmp_path, width, scheme):
    rng = random.Random(4)
    texts = {f"s{n:03}": essay(rng) for n in range(15)}
    texts["s007"] = texts["s002"]
    records = [Record(id, "ok", "c", sha256=id, texts={TEXT: text}) for id, text in texts.items()]
    page, (found,) = likeness.compare(source.load(source.find("02")), records)
    (tmp_path / "alike.html").write_text(page, encoding="utf-8")
    assert len(found.pairs) == 1
    for path in (small / "out" / "analysis.html", tmp_path / "alike.html"):
        assert wrong(browser, path, width, scheme) == []


def test_every_column_measure_and_method_stands_on_the_page_for_lecturers(table):
    page = (Path(__file__).parents[2] / "docs" / "what-a-class-tells.md").read_text(encoding="utf-8")
    for word in (*COLUMNS, *table["measure"].unique(), *table["method"].unique()):
        assert f"`{word}`" in page, word
