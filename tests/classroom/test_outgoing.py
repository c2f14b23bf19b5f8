"""What leaves for other systems: a gradebook in which nothing is zero by itself, and feedback under delivered names."""

import csv
import io
import json
import random
import zipfile
from dataclasses import replace

import pytest
from planting import plant

from casestudy.classroom.grading import confirm
from casestudy.classroom.grading.results import Results
from casestudy.classroom.outgoing import feedback_zip, gradebook
from casestudy.classroom.sets import source
from casestudy.refusals import Refusal


@pytest.fixture(scope="module")
def planted():
    """Five students each in two sets; in the second nobody's text is asked for, so that totals stand."""
    return {name: plant(source.load(source.find(name)), random.Random(name), 5) for name in ("02", "03")}


@pytest.fixture
def graded(planted, tmp_path):
    """Write results folders: by set's number, with the records as `change` makes them, confirmed."""

    def graded(which, folder="", change=lambda records: records, term="t", by="A. Lecturer", **students):
        one = planted[which]
        one = one._replace(released=replace(one.released, term=term), students=one.students.assign(**students))
        one.graded(tmp_path / (folder or which), change(one.records))
        if by:
            confirm(one.solutions.problem_set, tmp_path / (folder or which), by)
        return tmp_path / (folder or which)

    return graded


def missing(*ids):
    return lambda records: [
        replace(record, status="missing", name="", values={}) if record.id in ids else record for record in records
    ]


def totals(folder):
    from casestudy.classroom.grading.results import read_grades

    return read_grades(folder)["total"].astype(float)


def test_totals_of_two_sets_are_summed_and_weighed(graded):
    first, second = graded("02"), graded("03")
    table = gradebook([first, second], {"02": 2}).table
    assert table["total"].to_dict() == pytest.approx((2 * totals(first) + totals(second)).to_dict())
    assert set(table["maximum"]) == {2 * 26 + 22} and "note" not in table


def test_who_handed_nothing_in_has_no_points_and_no_total_and_is_named(graded):
    book = gradebook([graded("02", change=missing("s001")), graded("03")])
    row = book.table.loc["s001"]
    assert row["02-satisfaction"] != row["02-satisfaction"] and row["total"] != row["total"]
    assert row["missing"] == "02-satisfaction: handed nothing in"
    assert book.told() == ["02-satisfaction, 1 student handed nothing in: s001"]
    line = next(line for line in csv.reader(io.StringIO(book.text())) if line[0] == "s001")
    assert "0" not in line and "" in line


def test_only_if_one_says_so_what_is_missing_counts_as_zero(graded):
    first, second = graded("02", change=missing("s001")), graded("03")
    book = gradebook([first, second], missing_as_zero=True)
    assert book.table.loc["s001", "total"] == totals(second)["s001"] and book.table.loc["s001", "missing"]


def test_the_lowest_set_is_left_out_by_its_share_and_a_missing_one_before_it(graded):
    first, second = graded("02", change=missing("s001")), graded("03")
    table = gradebook([first, second], drop=1).table
    assert table.loc["s001", "dropped"] == "02-satisfaction" and table.loc["s001", "total"] == totals(second)["s001"]
    for id in ("s000", "s002"):
        shares = {"02-satisfaction": totals(first)[id] / 26, "03-agents-avoided": totals(second)[id] / 22}
        assert table.loc[id, "dropped"] == min(shares, key=shares.get)
        assert table.loc[id, "maximum"] == (22 if table.loc[id, "dropped"] == "02-satisfaction" else 26)


def test_marks_that_nobody_confirmed_are_refused_or_named(graded):
    first, second = graded("02", by=""), graded("03")
    with pytest.raises(Refusal, match="nobody has confirmed the marks"):
        gradebook([first, second])
    book = gradebook([first, second], proposal=True)
    assert (
        book.unconfirmed == ("02-satisfaction",)
        and "nobody has confirmed: 02-satisfaction" in book.table["note"].iloc[0]
    )


@pytest.mark.parametrize(
    ("first", "other", "reason"),
    [
        ({"name": "Ada", "email": ""}, {"name": "Bo", "email": ""}, "one id must be one person"),
        ({"name": "", "email": ""}, {"name": "", "email": ""}, "no name or email says whether that is one person"),
    ],
)
def test_an_id_that_may_be_two_persons_in_two_terms_is_refused(graded, first, other, reason):
    with pytest.raises(Refusal, match=reason):
        gradebook([graded("02", term="a", **first), graded("03", term="b", **other)])


def test_one_person_may_stand_in_two_terms_and_a_set_twice_may_not(graded):
    first = graded("02", term="a")
    assert len(gradebook([first, graded("03", term="b")]).table) == 5
    with pytest.raises(Refusal, match="has marks for 02-satisfaction twice"):
        gradebook([first, graded("02", folder="again", term="a")])


def test_a_weight_of_no_set_is_refused_with_the_nearest(graded):
    with pytest.raises(Refusal, match="a weight is SET=NUMBER, 0 or more, of one set: got 05=2"):
        gradebook([graded("02")], {"05": 2})


NAMES = {
    "s000": "Anna Muster_4711_assignsubmission_file_/02.ipynb",
    "s001": "all/Bo_Berg_4712_assignsubmission_file_/work/x.ipynb",
    "s002": "Cy Curie_4713_assignsubmission_file_02.ipynb",
    "s003": "s003.ipynb",
    "s004": "",
}
CANVAS = {
    "s000": "musteranna_311_902_02.ipynb",
    "s001": "bergbo_LATE_312_903_02.ipynb",
    "s002": "x/curie_313_904_a_7.ipynb",
}


def named(names):
    return lambda records: [replace(record, name=names.get(record.id, "")) for record in records]


def zipped(graded, names, lms, **more):
    folder = graded("02", change=named(names))
    packed, left_out = feedback_zip(folder, Results.read(folder).records, lms, "02-satisfaction", **more)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return folder, {name: archive.read(name) for name in archive.namelist()}, left_out


def as_moodle_reads(path):
    """Whom Moodle's importer takes a file for, cut at four underscores: number, plugin and the file's name."""
    _, number, kind, plugin, rest = path.split("/")[0].split("_", 4)
    return int(number), f"{kind}_{plugin}", "/".join([rest, *path.split("/")[1:]]).lstrip("/")


def as_canvas_reads(name):
    """Whom Canvas takes a file for: the first two parts that are numbers."""
    return tuple(int(part) for part in name.split("_") if part.isdigit())[:2]


def test_moodle_finds_each_page_s_participant(graded):
    folder, pages, left_out = zipped(graded, NAMES, "moodle")
    found = {as_moodle_reads(path): content for path, content in pages.items()}
    assert set(found) == {(n, "assignsubmission_file", "02-satisfaction-feedback.html") for n in (4711, 4712, 4713)}
    assert (
        found[4712, "assignsubmission_file", "02-satisfaction-feedback.html"]
        == (folder / "feedback" / "s001.html").read_bytes()
    )
    assert left_out == [
        "s003: s003.ipynb is not named as Moodle names a file",
        "s004: handed nothing in, so that the platform has no name for it",
    ]


def test_canvas_finds_each_page_s_user_and_file(graded):
    _, pages, left_out = zipped(graded, CANVAS, "canvas")
    assert {as_canvas_reads(name) for name in pages} == {(311, 902), (312, 903), (313, 904)} and len(left_out) == 2


def test_who_must_wait_and_who_shares_a_group_s_file_is_not_in_it(graded):
    def of_group(records):
        first, second, *others = named(NAMES)(records)
        return [first, replace(second, name=first.name, flags=("of_group:s000",)), *others]

    folder = graded("02", change=of_group)
    records = Results.read(folder).records
    packed, left_out = feedback_zip(folder, records, "moodle", "02", {"s002": "not read yet: why"})
    assert len(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == 1
    assert "s001: handed in nothing; the page of s000, of the same group, is in the zip" in left_out
    assert "s002: not read yet: why" in left_out


def test_the_same_pages_give_the_same_zip_and_no_place_is_taken_twice(graded):
    twice = NAMES | {"s003": NAMES["s000"]}
    folder, pages, left_out = zipped(graded, twice, "moodle")
    records = Results.read(folder).records
    assert feedback_zip(folder, records, "moodle", "02") == feedback_zip(folder, records, "moodle", "02")
    assert len(pages) == 3 and any("is s000's already" in sentence for sentence in left_out)


def test_where_no_page_can_be_placed_it_is_refused(graded):
    folder = graded("02", change=named({"s000": "s000.ipynb"}))
    with pytest.raises(Refusal, match="no feedback page can be placed for moodle"):
        feedback_zip(folder, Results.read(folder).records, "moodle", "02")
    assert json.loads((folder / "grading.json").read_text())["confirmed"] == "A. Lecturer"
