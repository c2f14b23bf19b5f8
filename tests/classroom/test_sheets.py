"""Texts that a person reads: nobody's name on them, and points that find their way back or are refused."""

import csv
import io
from dataclasses import replace

import pytest

from casestudy.classroom.grading import sheets
from casestudy.classroom.records import Record
from casestudy.classroom.sets import source
from casestudy.classroom.sets.source import YOURS

SEED = "0123456789abcdef"
HOSTILE = '=HYPERLINK("http://x"); "quoted"\n- point\nzürich → 🐢'


@pytest.fixture(scope="module")
def problem_set():
    return source.load(source.find("03"))


@pytest.fixture(scope="module")
def question(problem_set):
    return next(question for question in problem_set.questions if question.manual)


@pytest.fixture
def records(question):
    def record(id, text):
        return Record(id, "ok", f"code of {id}", texts={question.id: text})

    return [record(f"s{n}", f"What student {n} thinks, at length.") for n in range(40)] + [record("odd", HOSTILE)]


@pytest.fixture
def filled(problem_set, question, records, tmp_path):
    """Write the sheet, let `change` edit its rows as a marker would, and save it as `encoding` with `delimiter`."""

    def fill(change=lambda rows: None, encoding="utf-8-sig", delimiter=","):
        [path] = sheets.write(problem_set, records, SEED, tmp_path / "texts")
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        change(rows)
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, sheets.COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(file.getvalue().encode(encoding, "replace"))
        return path

    return fill


def points_by_text(rows, points="2"):
    for row in rows[1:]:
        row["points"] = points


def test_the_order_is_the_same_again_and_another_for_another_seed(problem_set, question, records):
    first = sheets.gather(problem_set, records, SEED)[question.id]
    assert first.equals(sheets.gather(problem_set, reversed(records), SEED)[question.id])
    other = sheets.gather(problem_set, records, SEED[::-1])[question.id]
    assert sorted(first["text"]) == sorted(other["text"]) and first["text"].tolist() != other["text"].tolist()
    assert first["text"].tolist() != sorted(first["text"])
    assert not set(first["code"]) & set(other["code"])


def test_a_newcomer_moves_nobody(problem_set, question, records):
    before = sheets.gather(problem_set, records[:-1], SEED)[question.id]["code"].tolist()
    after = sheets.gather(problem_set, records, SEED)[question.id]["code"].tolist()
    assert [code for code in after if code in before] == before and len(after) == len(before) + 1


def test_nothing_in_a_sheet_names_a_student(problem_set, question, records):
    named = [
        replace(record, id=f"u{n}1234", texts={question.id: f"I, U{n}1234, think"}) for n, record in enumerate(records)
    ]
    sheet = sheets.sheet(question, sheets.gather(problem_set, named, SEED)[question.id])
    assert "[id], think" in sheet and not [record for record in named if record.id.lower() in sheet.lower()]
    assert "code of" not in sheet


def test_the_rubric_stands_on_top(problem_set, question, records):
    rows = list(csv.reader(io.StringIO(sheets.sheet(question, sheets.gather(problem_set, records, SEED)[question.id]))))
    assert rows[0] == ["\ufeffcode", *sheets.COLUMNS[1:]]
    assert rows[1][:3] == ["RUBRIC", question.rubric, f"0 to {question.points:g}"]


def test_what_was_left_blank_is_not_read_and_not_zero(problem_set, question, records, filled):
    records += [Record("b0", "ok", "b0"), Record("b1", "ok", "b1", texts={question.id: f" {YOURS}\n"})]
    assert len(sheets.gather(problem_set, records, SEED)[question.id]) == 41
    merged = sheets.merge(problem_set, [filled(points_by_text)], records, SEED)
    assert set(merged) == {record.id for record in records} - {"b0", "b1"}


def test_points_come_back_to_who_wrote_and_unread_rows_are_not_zero(problem_set, question, records, filled):
    def mark(rows):
        for row in rows[1:]:
            if "student 7 " in row["text"] or "zürich" in row["text"]:
                row["points"], row["second_marker"] = "1.5", "2"
            if "student 8 " in row["text"]:
                row["points"] = "0"

    merged = sheets.merge(problem_set, [filled(mark)], records, SEED)
    assert merged == {"s7": {question.id: 1.5}, "odd": {question.id: 1.5}, "s8": {question.id: 0.0}}


@pytest.mark.parametrize(("encoding", "delimiter"), [("cp1252", ";"), ("utf-16", "\t"), ("utf-8", ",")])
def test_points_come_back_however_a_spreadsheet_saves(problem_set, records, filled, encoding, delimiter):
    path = filled(lambda rows: points_by_text(rows, "1,5"), encoding, delimiter)
    merged = sheets.merge(problem_set, [path], records, SEED)
    assert len(merged) == 41 and {points for given in merged.values() for points in given.values()} == {1.5}


def test_a_group_s_text_is_read_once_and_counts_for_all(problem_set, question, records, filled):
    records[1] = replace(records[1], code=records[0].code, texts=records[0].texts)
    records[2] = replace(records[2], texts=records[0].texts)  # the same words, another's figures
    assert len(sheets.gather(problem_set, records, SEED)[question.id]) == 40

    def mark(rows):
        code = sheets._code(SEED, question.id, records[0].code, "What student 0 thinks, at length.")
        next(row for row in rows if row["code"] == code)["points"] = "1"

    merged = sheets.merge(problem_set, [filled(mark)], records, SEED)
    assert merged == {"s0": {question.id: 1.0}, "s1": {question.id: 1.0}}


def test_points_survive_another_run(problem_set, records, filled, tmp_path):
    path = filled(points_by_text)
    again = [replace(record, status="cell_error", values={"x": 1.0}) for record in reversed(records)]
    assert len(sheets.merge(problem_set, [path], again, SEED)) == 41
    [path] = sheets.write(problem_set, again, SEED, tmp_path / "texts")
    assert len(sheets.merge(problem_set, [path], again, SEED)) == 41
    assert len(list(path.parent.iterdir())) == 1


def test_points_brought_in_are_shown_in_a_sheet_written_again(problem_set, question, records, tmp_path):
    [path] = sheets.write(problem_set, records, SEED, tmp_path / "texts")
    rows = sheets.rows_of(path)
    (first, second, third), elsewhere = [row for _, row in rows[:3]], tmp_path / "filled.csv"
    first |= {"points": "1,5", "second_marker": "2", "comment": "=well"}
    second |= {"second_marker": "1"}
    frame = sheets.gather(problem_set, records, SEED)[question.id]
    for number, row in enumerate((first, second)):
        frame.loc[number] = [row[name] for name in sheets.COLUMNS]
    elsewhere.write_text(sheets.sheet(question, frame), encoding="utf-8")
    manual = sheets.merge(problem_set, [elsewhere], records, SEED)
    third_s = next(record.id for record in records if record.texts[question.id] == third["text"])
    manual[third_s] = {question.id: 3.0}  # brought in once, from a sheet that is gone
    for _ in range(2):
        sheets.write(problem_set, records, SEED, tmp_path / "texts", manual, [elsewhere])
        again = [row for _, row in sheets.rows_of(path)]
        assert [again[0][name] for name in sheets.COLUMNS[2:]] == ["1,5", "2", "'=well"]
        assert (again[1]["points"], again[1]["second_marker"]) == ("", "1")
        assert again[2]["points"] == "3" and not any(row["points"] for row in again[3:])
    assert sheets.merge(problem_set, [path], records, SEED) == manual


def test_a_text_that_was_not_found_has_a_row_of_its_own_by_the_file_s_fingerprint(problem_set, question, records):
    records += [Record(f"l{n}", "ok", f"l{n}", sha256=f"{n}abc" * 16, texts={question.id: None}) for n in (1, 2)]
    frame = sheets.gather(problem_set, records, SEED)[question.id]
    lost = frame[frame["text"].str.contains("not found")]
    assert len(lost) == 2 and sorted(text[-17:-1] for text in lost["text"]) == ["1abc" * 4, "2abc" * 4]


def test_a_text_handed_in_anew_is_read_anew_and_no_entry_is_lost(problem_set, question, records, filled, tmp_path):
    filled(points_by_text)
    records[3] = replace(records[3], texts={question.id: "Something else."})
    [path] = sheets.write(problem_set, records, SEED, tmp_path / "texts")
    merged = sheets.merge(problem_set, [path], records, SEED)
    assert len(merged) == 40 and "s3" not in merged
    earlier = path.with_name(f"{question.id}-earlier-1.csv")
    with pytest.raises(ValueError, match=r"no text has the code .* or changed since"):
        sheets.merge(problem_set, [earlier], records, SEED)


def test_points_belong_to_the_text_and_its_author_together(problem_set, question, records):
    def other(text, **more):
        return replace(records[0], texts={question.id: text}, **more)

    mate = replace(records[1], code=records[0].code)
    lost = [other(None, sha256=f"{n}" * 64) for n in (1, 2)]

    def kept(before, now):
        return {id for id, _ in sheets.unchanged(problem_set, before, now, SEED)}

    assert kept(records[:3], [other("Anew."), *records[1:3]]) == {"s1", "s2"}
    assert kept([records[0], mate], [records[0], replace(mate, texts=records[0].texts)]) == {"s0"}
    assert kept(lost[:1], lost[1:]) == set() and kept(lost[:1], lost[:1]) == {"s0"}


def edit(**change):
    def apply(rows):
        rows[5] |= {"points": "1"} | change

    return apply


def swap_texts(rows):
    rows[5]["text"], rows[6]["text"] = rows[6]["text"], rows[5]["text"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (edit(points="3.5"), r"row 7: points of words go from 0 to 3: got '3.5'"),
        (edit(points="-1"), "points of words go from 0 to 3"),
        (edit(points="nan"), "points of words go from 0 to 3"),
        (edit(points="=1+1"), "points of words go from 0 to 3"),
        (edit(code="BCDF-BCDF"), "row 7: no text has the code 'BCDF-BCDF'"),
        (edit(text="Something else."), "row 7: the text is not the one of"),
        (swap_texts, r"row 7: the text is not the one of .*\(2 such rows in all"),
        (lambda rows: rows.append(dict(rows[5])), "row 44: the code .* stands twice"),
    ],
)
def test_what_a_marker_may_have_spoilt_is_refused_as_a_whole(problem_set, records, filled, change, refusal):
    with pytest.raises(ValueError, match=refusal):
        sheets.merge(problem_set, [filled(change)], records, SEED)


def test_a_file_that_is_no_sheet_and_a_short_seed_are_refused(problem_set, records, tmp_path):
    (tmp_path / "x.csv").write_text("name,mark\nAda,2\n")
    with pytest.raises(ValueError, match=r"x.csv needs the columns code, text and points; it has: name, mark"):
        sheets.merge(problem_set, [tmp_path / "x.csv"], records, SEED)
    with pytest.raises(ValueError, match="cannot read"):
        sheets.merge(problem_set, [tmp_path / "none.csv"], records, SEED)
    with pytest.raises(ValueError, match="seed must have at least 16 characters"):
        sheets.gather(problem_set, records, "7")


def test_sheets_are_for_their_owner_alone(problem_set, records, tmp_path):
    [path] = sheets.write(problem_set, records, SEED, tmp_path / "texts")
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
