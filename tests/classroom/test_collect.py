"""What comes back: each file is given to the one student whom it fits, and nothing in it may do harm."""

import os
import stat
import tracemalloc
import zipfile
from datetime import datetime

import pytest
from handed_in import roster

from casestudy.classroom.submissions.collect import Before, told
from casestudy.classroom.submissions.collect import collect as collected
from casestudy.classroom.submissions.unmatched import Answers, answers

MOODLE = "Anna Muster_1234567_assignsubmission_file_"
CLASS = roster(s1="Anna Muster", s2="Zoë O'Brien", s3="Li Wei", s4="Li Wei", s5="")


def collect(delivery, students, **before):
    """The submissions, and in words what belongs to nobody."""
    found, odd = collected(delivery, students, Before(**before))
    return found, told(found, odd)


# ---- whose it is


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("s1/set.ipynb", "s1"),
        ("S1/set.ipynb", "s1"),
        ("students/s1/deep/set.ipynb", "s1"),
        ("s1@uni.example/set.ipynb", "s1"),
        ("Muster, Anna/set.ipynb", "s1"),
        ("s1.ipynb", "s1"),
        ("s1 (2).ipynb", "s1"),
        ("s1_last one.ipynb", "s1"),
        ("02-satisfaction_s1.ipynb", "s1"),
        (f"{MOODLE}/s2.ipynb", "s1"),
        (f"{MOODLE}s2.ipynb", "s1"),
        ("Zoë O'Brien_7_assignsubmission_file_/x.ipynb", "s2"),
        ("Zoe OBrien_7_assignsubmission_file_/x.ipynb", "s2"),
        ("musteranna_12_345_set.ipynb", "s1"),
        ("musteranna_LATE_12_345_s2.ipynb", "s1"),
        ("obrienzoe_12_345_set-1.ipynb", "s2"),
        ("S1.IPYNB", "s1"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_notebook_is_given_to_the_one_student_whom_its_path_names(tmp_path, name, whose, zipped):
    found, unknown = collect(delivered(tmp_path, {name: b"{}"}, zipped), CLASS)
    assert ([(submission.student, submission.name, submission.content) for submission in found], unknown) == (
        [(whose, name, b"{}")],
        [],
    )


@pytest.mark.parametrize("name", ["محمد علي", "שרה כהן", "José 🦄 María", "张伟", "-Lee"])
def test_a_name_in_any_script_is_known_to_a_platform_s_zip(tmp_path, name):
    together = "".join(reversed(name.lower().replace("-", "").replace(" 🦄 ", " ").split()))
    for path in (f"\u200f{name}_7_assignsubmission_file_/x.ipynb", f"{together}_LATE_12_345_x.ipynb"):
        found, unknown = collect(delivered(tmp_path / path[-20], {path: b""}, True), roster(a=name, b="Bo"))
        assert [submission.student for submission in found] == ["a"] and unknown == [], path


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Li Wei_7_assignsubmission_file_/x.ipynb", "fits s3, s4"),
        ("weili_12_345_x.ipynb", "fits s3, s4"),
        ("Participant_7_assignsubmission_file_/s1.ipynb", "fits nobody"),
        ("someoneelse_12_345_s1.ipynb", "fits nobody"),
        ("s1_s2.ipynb", "fits s1, s2"),
        ("s1/s2/x.ipynb", "fits s1, s2"),
        ("notebook.ipynb", "fits nobody"),
        ("as1.ipynb", "fits nobody"),
    ],
)
def test_what_fits_two_or_nobody_is_told_and_never_guessed(tmp_path, name, reason):
    found, unknown = collect(delivered(tmp_path, {name: b"{}"}), CLASS)
    assert found == [] and len(unknown) == 1 and reason in unknown[0] and name in unknown[0]


def test_a_number_of_the_lms_helps_where_it_is_the_id_and_hinders_where_it_contradicts(tmp_path):
    students = roster(**{"77": "Li Wei", "78": "Li Wei", "79": "Anna Muster"})
    files = {"weili_77_1_x.ipynb": b"", "unknown_78_1_x.ipynb": b"", "musteranna_77_1_x.ipynb": b""}
    found, unknown = collect(delivered(tmp_path, files), students)
    assert [(submission.student, submission.name) for submission in found] == [
        ("77", "weili_77_1_x.ipynb"),
        ("78", "unknown_78_1_x.ipynb"),
    ]
    assert unknown == ["musteranna_77_1_x.ipynb: fits 77, 79"]


def test_a_stranger_s_folder_is_not_opened_to_a_name_inside(tmp_path):
    files = {"s1/x.ipynb": b"", "stranger/s2.ipynb": b"", "s3.ipynb": b""}
    found, unknown = collect(delivered(tmp_path, files), CLASS)
    assert [submission.student for submission in found] == ["s1", "s3"] and unknown == [
        "stranger/s2.ipynb: fits nobody in the roster"
    ]


def test_every_notebook_of_a_student_comes_and_other_files_are_told_only_where_none_did(tmp_path):
    files = {"s1/a.ipynb": b"", "s1/b.ipynb": b"", "s1/data.csv": b"", "s2/all.zip": b"PK", "s2/mine.pdf": b""}
    hidden = {"s3/.ipynb_checkpoints/x.ipynb": b"", "__MACOSX/s4/._x.ipynb": b""}
    for zipped in (False, True):
        found, unknown = collect(delivered(tmp_path / str(zipped), files | hidden, zipped), CLASS)
        assert [(submission.student, submission.name) for submission in found] == [
            ("s1", "s1/a.ipynb"),
            ("s1", "s1/b.ipynb"),
        ]
        assert unknown == [
            "s2/all.zip: no notebook, and s2 sent none; it is packed: unpack it yourself, then name the folder"
        ]


@pytest.mark.parametrize("others", [{}, {"s1.ipynb": b""}])
def test_a_zip_within_is_not_opened_and_that_is_said(tmp_path, others):
    delivery = zipped(tmp_path / "a.zip", others | {"class.zip": b"PK"})
    found, unknown = collect(delivery, CLASS)
    assert len(found) == len(others)
    assert unknown == ["class.zip: not opened, and fits nobody: unpack it yourself, then name the folder"]


def test_the_time_comes_from_the_zip_or_from_a_folder_s_name_and_never_from_the_disk(tmp_path):
    times = {"s1/x.ipynb": (2026, 11, 30, 23, 59, 58), "s2/x.ipynb": (1980, 1, 1, 0, 0, 0)}
    found, _ = collect(zipped(tmp_path / "a.zip", dict.fromkeys(times, b""), times), CLASS)
    assert [submission.sent for submission in found] == [datetime(2026, 11, 30, 23, 59, 58), None]
    assert collect(delivered(tmp_path / "d", {"s1/x.ipynb": b""}), CLASS)[0][0].sent is None
    named = {"s1@uni.example/x.ipynb": b"", "s2_2026-01-01-10-00/x.ipynb": b"", "s3.ipynb": b""}
    found, _ = collect(delivered(tmp_path / "e", named), CLASS)
    assert {submission.student: submission.sent for submission in found} == {
        "s1": None,
        "s2": datetime(2026, 1, 1, 10),
        "s3": None,
    }


def test_one_and_the_same_time_for_a_whole_class_is_that_of_the_packing(tmp_path):
    times = dict.fromkeys(["s1.ipynb", "s2.ipynb", "s3.ipynb"], (2026, 12, 5, 8, 0, 0))
    found, _ = collect(zipped(tmp_path / "a.zip", dict.fromkeys(times, b""), times), CLASS)
    assert [submission.sent for submission in found] == [None] * 3


# ---- how platforms name what they hand over

PEOPLE = roster(s1="Anna Muster", s2="Jörg Müller", s3="Li Wei", s4="Li Wei", s5="Zoë Li-Wei")
BLACKBOARD = "Week 4_attempts_s1_attempt_2026-01-31-12-00-05"
BRIGHTSPACE = "39786-640693 - Anna Muster - Oct 10, 2025 1022 AM"


@pytest.mark.parametrize(
    ("name", "whose", "sent"),
    [
        (f"{BLACKBOARD}_my answer.ipynb", "s1", datetime(2026, 1, 31, 12, 0, 5)),
        (f"{BLACKBOARD}_s2_attempt_2020-01-31-12-00-00_s2.ipynb", "s1", datetime(2026, 1, 31, 12, 0, 5)),
        ("gradebook/Week_4_s2_poging_2026-01-31-12-00-00_x.ipynb", "s2", datetime(2026, 1, 31, 12)),
        (f"{BRIGHTSPACE}/x.ipynb", "s1", datetime(2025, 10, 10, 10, 22)),
        (f"Week 4/{BRIGHTSPACE}/s2.ipynb", "s1", datetime(2025, 10, 10, 10, 22)),
        (f"{BRIGHTSPACE} - s2 - v2.ipynb", "s1", datetime(2025, 10, 10, 10, 22)),
        ("1-2 - s2 - Jörg Müller - 24 September, 2024 9:26 PM - x.ipynb", "s2", datetime(2024, 9, 24, 21, 26)),
        ("1-2 - Anna Muster - Sep 24, 2024 1205 AM/x.ipynb", "s1", datetime(2024, 9, 24, 0, 5)),
        ("1-2 - Anna Muster - 24 sept. 2024/x.ipynb", "s1", None),
        ("Muster_Anna_s1_4711/x.ipynb", "s1", None),
        ("Week 4/Abgaben/Team 7/Mueller_Joerg_jmueller_4712/s1.ipynb", "s2", None),
        ("Week 4/Muster, Anna(s1)/Submission attachment(s)/s2.ipynb", "s1", None),
        ("Muster, Anna(s1)_Submission attachment(s)_s2.ipynb", "s1", None),
        ("Group A-Anna Muster_9_assignsubmission_file_/x.ipynb", "s1", None),
        ("Group-7 b-Zoë Li-Wei_9_assignsubmission_file_x.ipynb", "s5", None),
        ("week-4-submissions/week-4-s1/notebooks/x.ipynb", "s1", None),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_platform_s_form_names_the_student_and_the_time(tmp_path, name, whose, sent, zipped):
    found, unknown = collect(delivered(tmp_path, {name: b"{}"}, zipped), PEOPLE)
    times = [sent or datetime(2026, 12, 1, 12)] if zipped else [sent]
    assert ([each.student for each in found], [each.sent for each in found], unknown) == ([whose], times, [])


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Participant_4711_assignsubmission_file_/s1.ipynb", "4711"),
        ("anon_ab1Cd_345_s1.ipynb", "ab1Cd"),
        ("anon_LATE_12345_345_s1.ipynb", "12345"),
        ("anon_ab1Cd_345_s1.ipynb", "anon_ab1Cd"),
        ("Participant 4711_4711_assignsubmission_file_/s1.ipynb", "Participant 4711"),
        ("liwei_4711_345_x.ipynb", "4711"),
        ("Li Wei_4711_assignsubmission_file_/x.ipynb", "4711"),
        ("Wei_Li_lw_4711/x.ipynb", "4711"),
        ("7-8 - Li Wei - Sep 24, 2024 926 PM/x.ipynb", "7"),
        ("Wei, Li(lw)/Submission attachment(s)/x.ipynb", "lw"),
        ("week-4-submissions/week-4-octocat/x.ipynb", "octocat"),
        ("Week 4_lw_attempt_2026-01-31-12-00-00_x.ipynb", "lw"),
    ],
)
def test_a_number_in_the_roster_tells_who_an_anonymous_or_a_common_name_is(tmp_path, name, number):
    delivery = delivered(tmp_path, {name: b"{}"})
    assert collect(delivery, PEOPLE)[0] == []
    found, unknown = collect(delivery, PEOPLE.assign(lms_id=["", "", "", f"9, {number}", ""]))
    assert ([each.student for each in found], unknown) == (["s4"], [])


def test_a_participant_s_number_is_no_id_although_it_looks_like_one(tmp_path):
    files = {"Participant_77_assignsubmission_file_/x.ipynb": b"", "anon_12345_6_x.ipynb": b""}
    found, unknown = collect(delivered(tmp_path, files), roster(**{"77": "Anna", "12345": "Bo"}))
    assert found == []
    whose = ["12345", "77"] if str(unknown[0]).startswith("anon") else ["77", "12345"]
    for one, number in zip(unknown, whose, strict=True):
        assert f"it is anonymous: say here, or in the roster's lms_id, whose {number} is" in str(one)


def test_what_an_address_begins_with_is_a_login_but_where_the_student_chose_it(tmp_path):
    people = roster(**{"4711": "Anna Muster", "4712": "Bo"}).assign(email=["amuster@x.org", "bo@x.org"])
    files = {"Week 4_amuster_attempt_2026-01-31-12-00-00_x.ipynb": b"", "w-submissions/w-bo/x.ipynb": b""}
    found, unknown = collect(delivered(tmp_path, files), people)
    assert [each.student for each in found] == ["4711"] and unknown == [
        "w-submissions/w-bo/x.ipynb: fits nobody in the roster"
    ]


@pytest.mark.parametrize("tops", [("week-4-s1", "week-4-s2"), ("w-submissions/w-s1", "w-submissions/w-s2")])
def test_a_repository_is_its_whole_login_s_and_nobody_s_by_a_part(tmp_path, tops):
    files = {f"{top}/x.ipynb": b"" for top in (*tops, f"{tops[0][:-2]}evil-s1")}
    found, unknown = collect(delivered(tmp_path, files), PEOPLE)
    assert [each.student for each in found] == ["s1", "s2"] and len(unknown) == 1 and "evil-s1" in unknown[0]


@pytest.mark.parametrize(
    "name",
    [
        "Jörg Müller_12_assignsubmission_file_hw_s1_attempt_2026-01-31-12-00-00_x.ipynb",
        "jorgmuller_12_345_hw_s1_attempt_2026-01-31-12-00-00_x.ipynb",
        "jorgmuller_12_345_x-Anna Muster_9_assignsubmission_file_x.ipynb",
        "hw_s2_attempt_2026-01-31-12-00-00_-Anna Muster_9_assignsubmission_file_x.ipynb",
        "1-2 - Jörg Müller - Sep 24, 2024 926 PM - hw_s1_attempt_2026-01-31-12-00-00_x.ipynb",
        "Jörg Müller_12_assignsubmission_file_/Muster_Anna_s1_4711/s1.ipynb",
    ],
)
def test_what_a_student_called_a_file_is_no_platform_s_form(tmp_path, name):
    found, unknown = collect(delivered(tmp_path, {name: b""}), PEOPLE)
    assert [each.student for each in found] == ["s2"] and unknown == []


@pytest.mark.parametrize(
    "name",
    [
        "39786-1 - s1 - Jörg Müller - Sep 24, 2024 926 PM/x.ipynb",
        "Muster_Anna_s1_x_Müller_Jörg_s2_4711/x.ipynb",
        "Muster, Anna(s2)/Submission attachment(s)/x.ipynb",
        "Muster, Anna(s1), Jörg(s2)/Submission attachment(s)/x.ipynb",
    ],
)
def test_a_displayed_name_that_says_another_than_the_rest_is_for_a_person(tmp_path, name):
    found, unknown = collect(delivered(tmp_path, {name: b""}), PEOPLE)
    assert found == [] and len(unknown) == 1


def test_an_answer_for_one_folder_is_none_for_another_that_ends_alike(tmp_path):
    names = ["anna_hw_4_2026/x.ipynb", "ben_hw_4_2026/x.ipynb"]
    delivery = delivered(tmp_path, dict.fromkeys(names, b""))
    row = collected(delivery, PEOPLE)[1][0].row("s3")
    found, unknown = collect(delivery, PEOPLE, answers=answers([row], PEOPLE.index))
    assert [(each.student, each.name) for each in found] == [("s3", names[0])] and len(unknown) == 1


# ---- two numbers, one name

NAMED = ("Anna Muster_11_assignsubmission_file_/x.ipynb", "Anna Muster_99_assignsubmission_file_/x.ipynb")


def test_two_numbers_behind_one_name_wait_for_a_person(tmp_path):
    files = dict.fromkeys([*NAMED, "Jörg Müller_12_assignsubmission_file_/x.ipynb"], b"")
    found, odd = collected(delivered(tmp_path, files), PEOPLE)
    assert [each.student for each in found] == ["s2"]
    assert [(each.number, each.students) for each in odd] == [("11", ("s1",)), ("99", ("s1",))]
    assert odd[0].why == "several numbers go by the name of s1: 11, 99"


@pytest.mark.parametrize(
    ("people", "before"),
    [
        (PEOPLE.assign(lms_id=["11", "", "", "", ""]), {}),
        (PEOPLE, {"earlier": {"Anna Muster_11_assignsubmission_file_x.ipynb": "s1"}}),
        (PEOPLE, {"answers": Answers(numbers={"11": "s1"})}),
    ],
    ids=["roster", "earlier", "answer"],
)
def test_the_number_that_is_known_counts_and_the_other_waits(tmp_path, people, before):
    for n, files in enumerate((NAMED, NAMED[1:])):
        found, unknown = collect(delivered(tmp_path / str(n), dict.fromkeys(files, b"")), people, **before)
        assert [each.name for each in found] == [*files[:-1]]
        assert unknown == [f"{NAMED[1]}: named like s1, whose number is 11, not 99"]


def test_one_number_s_later_files_are_later_versions(tmp_path):
    files = dict.fromkeys(["musteranna_11_1_x.ipynb", "musteranna_LATE_11_2_x-1.ipynb", "s1/mailed.ipynb"], b"")
    found, unknown = collect(delivered(tmp_path, files), PEOPLE)
    assert [each.student for each in found] == ["s1"] * 3 and unknown == []


def test_a_known_number_is_its_student_s_whatever_name_goes_with_it(tmp_path):
    people = PEOPLE.assign(lms_id=["11", "99", "", "", ""])
    found, unknown = collect(delivered(tmp_path, dict.fromkeys(NAMED, b"")), people)
    assert [each.student for each in found] == ["s1", "s2"] and unknown == []


# ---- what a student called it


@pytest.mark.parametrize(
    "name",
    ["s1.ipynb.txt", "s1.ipynb.json", "s1.ipynb (1)", "s1 (1).ipynb", "s1/.ipynb", "s1/x.IPYNB", "s1/a\u202eb.ipynb"],
)
def test_a_notebook_that_a_browser_named_is_one(tmp_path, name):
    found, unknown = collect(delivered(tmp_path, {name: b"{}"}), CLASS)
    assert [each.student for each in found] == ["s1"] and unknown == []


@pytest.mark.parametrize("folder", ["Zoë O'Brien", "Zoe\u0308  O'Brien", "ZOË\u00a0o'brien", "\u200fZoë O\u2019Brien"])
def test_a_name_is_one_however_its_letters_and_spaces_are_put_together(tmp_path, folder):
    assert [each.student for each in collect(delivered(tmp_path, {f"{folder}/x.ipynb": b""}), CLASS)[0]] == ["s2"]


def test_a_file_of_another_kind_is_told_with_what_to_do(tmp_path):
    names = ["s1/work.py", "s2/work.html", "s3/work.zip", "work.pdf", "Anna.zip", "weili_1_2_all.zip", "index.html"]
    _, unknown = collect(delivered(tmp_path, dict.fromkeys(names, b"x")), CLASS)
    assert unknown == [
        "Anna.zip: not opened, and fits nobody: unpack it yourself, then name the folder",
        "weili_1_2_all.zip: not opened, and fits s3, s4: unpack it yourself, then name the folder",
        "work.pdf: no notebook, and fits nobody",
        "s1/work.py: no notebook, and s1 sent none; ask for the .ipynb file",
        "s2/work.html: no notebook, and s2 sent none; ask for the .ipynb file",
        "s3/work.zip: no notebook, and s3 sent none; it is packed: unpack it yourself, then name the folder",
    ]


def test_members_that_differ_by_case_alone_or_not_at_all_are_each_read(tmp_path):
    delivery = zipped(tmp_path / "a.zip", {"s1/x.ipynb": b"1", "S1/X.ipynb": b"2"})
    with zipfile.ZipFile(delivery, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("s1/x.ipynb", b"3")
    found, unknown = collect(delivery, CLASS)
    assert sorted(each.content for each in found) == [b"1", b"2", b"3"] and unknown == []


@pytest.mark.parametrize(
    "name",
    ["_" * 60_000, "a_" * 30_000, "_1" * 30_000, "a/" * 30_000 + "x", "1-2 - " * 10_000, "(" * 60_000, "x-" * 30_000],
    ids=["_", "a_", "_1", "a/", "1-2", "(", "x-"],
)
def test_a_name_of_any_length_is_read_to_its_end(tmp_path, name):
    delivery = zipped(tmp_path / "a.zip", {f"{name}.ipynb": b"", f"{name}/x.ipynb": b"", "s1.ipynb": b"fine"})
    found, unknown = collect(delivery, CLASS)  # every part of it tried in turn would take for ever
    assert [each.student for each in found] == ["s1"] and len(unknown) == 2


def test_what_has_too_many_entries_is_refused_with_whose_most_are(tmp_path, monkeypatch):
    monkeypatch.setattr("casestudy.classroom.submissions.delivery.MOST_ENTRIES", 3)
    delivery = zipped(tmp_path / "a.zip", dict.fromkeys(["s1/a", "s2/a", "s2/b", "s2/c"], b""))
    with pytest.raises(ValueError, match="4 entries, 3 of them in s2"):
        collect(delivery, CLASS)


# ---- what a delivery may not do


def test_paths_that_lead_elsewhere_and_links_in_a_zip_are_left_alone(tmp_path):
    files = dict.fromkeys(["../s1.ipynb", "/s1.ipynb", "a/../../s1.ipynb", "..\\s1.ipynb", "C:/s1.ipynb"], b"x")
    delivery = zipped(tmp_path / "a.zip", files)
    link = zipfile.ZipInfo("s2.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(delivery, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("s3.ipynb", b"fine")
    before = sorted(tmp_path.rglob("*"))
    found, unknown = collect(delivery, CLASS)
    assert [(submission.student, submission.content) for submission in found] == [("s2", b""), ("s3", b"fine")]
    assert sum("its path leads elsewhere" in line for line in unknown) == 5 and "s2.ipynb: a link; taken" in unknown[0]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX")
def test_links_and_pipes_in_a_folder_are_not_opened(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    delivery = delivered(tmp_path, {"s1.ipynb": b"fine"})
    (delivery / "s2.ipynb").symlink_to(tmp_path / "secret.txt")
    (delivery / "s3").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(delivery / "s4.ipynb")
    found, unknown = collect(delivery, CLASS)
    assert [(submission.student, submission.content) for submission in found] == [
        ("s1", b"fine"),
        ("s2", b""),
        ("s4", b""),
    ]
    assert len(unknown) == 3 and "s3: no notebook" in unknown[-1]


def test_a_bomb_is_not_unpacked_and_what_repeats_itself_is_none(tmp_path):
    delivery = zipped(
        tmp_path / "a.zip", {"s1.ipynb": bytes(30_000_000), "s2.ipynb": bytes(5_000_000), "s3.ipynb": b"x"}
    )
    found, unknown = collect(delivery, CLASS)
    assert [submission.content for submission in found] == [b"", bytes(5_000_000), b"x"]
    assert [line.split(":")[0] for line in unknown] == ["s1.ipynb"] and "larger than 20 MB" in unknown[0]


def test_one_student_s_many_files_cost_the_others_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("casestudy.classroom.submissions.collect.LARGEST_OF_ONE", 1_000_000)
    noise = {f"s1_{n}.ipynb": os.urandom(600_000) for n in (1, 2)} | {"s2.ipynb": b"fine"}
    for delivery in (zipped(tmp_path / "b.zip", noise), delivered(tmp_path, noise)):
        found, unknown = collect(delivery, CLASS)
        assert [len(submission.content) for submission in found] == [600_000, 0, 4]
        assert unknown == ["s1_2.ipynb: more than 1 MB of one student's together; taken for damaged"]


def test_an_encrypted_entry_is_its_student_s(tmp_path):
    delivery = zipped(tmp_path / "a.zip", {"s1.ipynb": b"x", "s2.ipynb": b"fine"})
    content = bytearray(delivery.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    delivery.write_bytes(content)
    found, unknown = collect(delivery, CLASS)
    assert [submission.content for submission in found] == [b"", b"fine"]
    assert unknown == ["s1.ipynb: encrypted; taken for damaged"]


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_said(tmp_path):
    delivery = zipped(tmp_path / "a.zip", {"s1.ipynb": bytes(50_000_000), "s2.ipynb": b"fine"})
    lying = delivery.read_bytes().replace((50_000_000).to_bytes(4, "little"), (700_000).to_bytes(4, "little"))
    delivery.write_bytes(lying)
    tracemalloc.start()
    found, unknown = collect(delivery, CLASS)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [submission.content for submission in found] == [b"", b"fine"] and "cannot be read" in unknown[0]
    assert most < 10_000_000  # bytes, of the 50 million in it


def test_an_encrypted_zip_and_what_is_no_zip_are_refused(tmp_path):
    delivery = zipped(tmp_path / "a.zip", {"s1.ipynb": b"x"})
    content = bytearray(delivery.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    delivery.write_bytes(content)
    with pytest.raises(ValueError, match="encrypted"):
        collect(delivery, CLASS)
    delivery.write_bytes(b"PK\3\4 no zip")
    with pytest.raises(ValueError, match="not a readable zip"):
        collect(delivery, CLASS)
    with pytest.raises(ValueError, match="there is neither at"):
        collect(tmp_path / "nowhere", CLASS)
    with pytest.raises(ValueError, match="no notebook in"):
        collect(delivered(tmp_path, {"read me.txt": b""}), CLASS)


def test_names_in_utf_8_that_do_not_say_so_are_read(tmp_path):
    name = "Zoë O'Brien_7_assignsubmission_file_/x.ipynb"
    delivery = zipped(tmp_path / "a.zip", {name.replace("ë", "_e"): b""})
    delivery.write_bytes(delivery.read_bytes().replace(name.replace("ë", "_e").encode(), name.encode()))
    assert [submission.student for submission in collect(delivery, CLASS)[0]] == ["s2"]


def test_a_notebook_too_large_on_disk_is_damaged(tmp_path):
    delivery = delivered(tmp_path, {"s1.ipynb": b"x"})
    with (delivery / "s1.ipynb").open("wb") as file:
        file.truncate(50_000_000)
    found, unknown = collect(delivery, CLASS)
    assert found[0].content == b"" and "larger than 20 MB" in unknown[0]


def delivered(folder, files, zip=False):
    """Files by path, in a folder or in a zip."""
    if zip:
        return zipped(folder / "delivery.zip", files)
    for name, content in files.items():
        path = folder / "delivery" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "delivery"


def zipped(path, files, times=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (times or {}).get(name, (2026, 12, 1, 12, 0, 0))), content,
                             zipfile.ZIP_DEFLATED)  # fmt: skip
    return path


def test_a_name_over_several_lines_is_told_in_one(tmp_path):
    _, told_of = collect(delivered(tmp_path, {"who\n s1: all is well.ipynb": b"{}", "s2.ipynb": b"{}"}, True), CLASS)
    assert told_of == ["who s1: all is well.ipynb: fits nobody in the roster"]


def test_a_code_in_a_strangers_file_does_not_hide_that_a_student_sent_no_notebook(tmp_path):
    code = "1BEC-HKEQ-E"
    delivery = delivered(tmp_path, {"x/stranger.ipynb": code.encode(), f"{MOODLE}/work.zip": b"PK"}, True)
    _, told_of = collect(delivery, CLASS, codes={code: ("s1",)})
    assert any("work.zip: no notebook, and s1 sent none" in line for line in told_of)
