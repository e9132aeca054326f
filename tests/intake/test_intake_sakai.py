"""What Sakai's "Download All" gives."""

import unicodedata
from datetime import UTC, datetime

import pytest
from downloads import CLASS, FILE, LAB, WAYS, placed, sakai, sakai_flat, sakai_name
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import collect
from grader.intake.sakai import moment, recognise
from grader.model import Refusal, Student

LAYOUTS = [sakai, sakai_flat]
MORNING = datetime(2026, 2, 27, 9, 12, 44, 123_000, tzinfo=UTC)
CLASS_BY_USER = sorted(CLASS, key=lambda who: who.user)


def shown(who):
    return unicodedata.normalize("NFC", f"{who.last}, {who.first}")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("made", LAYOUTS)
def test_a_class_of_difficult_names_is_taken_in_under_its_eids(tmp_path, made, way):
    items = list(collect([placed(tmp_path, "bulk_download", made(), way)], LAB))
    assert [(item.student, dict(item.files)) for item in items] == [
        (Student(who.user, shown(who)), {FILE: who.work}) for who in CLASS_BY_USER
    ]


@pytest.mark.parametrize("made", LAYOUTS)
def test_the_folder_of_the_assignment_will_do(tmp_path, made):
    path = placed(tmp_path, "bulk_download", made(), "folder") / "HW 1 (spring)"
    assert [item.student.key for item in collect([path], LAB)] == [who.user for who in CLASS_BY_USER]


@pytest.mark.parametrize("way", ["folder", "zip"])
@pytest.mark.parametrize("made", LAYOUTS)
def test_a_download_of_one_student_is_that_students(tmp_path, made, way):
    (item,) = collect([placed(tmp_path, "bulk_download", made(CLASS[3:4]), way)], LAB)
    assert (item.student, item.files) == (Student("de_la_cruz", "de_la_Cruz, Jo"), {FILE: CLASS[3].work})


@pytest.mark.parametrize("made", LAYOUTS)
def test_an_anonymous_students_id_is_the_whole_name(tmp_path, made):
    items = list(collect([placed(tmp_path, "bulk_download", made(anonymous=True), "zip")], LAB))
    assert [item.student.key for item in items] == [sakai_name(who, anonymous=True) for who in CLASS]


@pytest.mark.parametrize("way", ["folder", "zip"])
def test_the_time_of_receipt_is_what_the_receipt_says(tmp_path, way):
    items = list(collect([placed(tmp_path, "bulk_download", sakai(), way)], LAB))
    assert {item.received_at for item in items} == {item.told_at for item in items} == {MORNING}


@pytest.mark.parametrize("content", [b"yesterday", b"2026-02-27T09:12:44Z" + b" " * 200])
def test_where_the_receipt_says_nothing_the_files_date_counts(tmp_path, content):
    files = {name: content if name.endswith("timestamp.txt") else data for name, data in sakai().items()}
    items = list(collect([placed(tmp_path, "bulk_download", files, "zip")], LAB))
    assert {item.received_at for item in items} == {datetime(2026, 3, 1, 10, 30, tzinfo=UTC)}


def test_of_two_downloads_the_one_with_the_later_receipts_comes_last(tmp_path):
    early = placed(tmp_path / "early", "a", sakai(CLASS[:2]), "folder")
    late = {
        name: b"2026-02-28T00:00:00Z" if name.endswith("timestamp.txt") else b"again = 1\n" + content
        for name, content in sakai(CLASS[:2]).items()
    }
    items = list(collect([placed(tmp_path / "late", "b", late, "folder"), early], LAB))
    assert [(item.student.key, b"again" in item.files[FILE]) for item in items] == [
        (who.user, again) for who in sorted(CLASS[:2], key=lambda who: who.user) for again in (False, True)
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"2026-02-27T09:12:44.123Z\n", MORNING),
        (b"20260227091244123", MORNING),
        (b"2026-02-27T10:12:44.123+01:00", MORNING),
        (b"2026-02-27T09:12:44.123", MORNING),
        (b"0001-01-01T00:00:00+23:00", None),
        (b"27 Feb 2026", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_times_of_both_eras_are_understood(content, expected):
    assert moment(content) == expected


def test_a_group_hands_in_under_its_id():
    (upload, _) = recognise(["Team A (a1-b2)/Submission attachment(s)/lab.py", "Team A (a1-b2)/members.txt"]).values()
    assert (upload.student, upload.file) == (Student("a1-b2", "Team A"), "lab.py")


def test_who_handed_in_a_text_alone_is_refused_with_what_is_there(tmp_path):
    folder = "HW 1 (spring)/Abe, Zoe(zoe)"
    files = sakai() | {f"{folder}/timestamp.txt": b"", f"{folder}/Abe, Zoe(zoe)_submissionText.html": b"x"}
    items = {item.student.key: item for item in collect([placed(tmp_path, "download", files, "zip")], LAB)}
    assert isinstance(items["zoe"], Refusal)
    assert "it holds Abe, Zoe(zoe)_submissionText.html, timestamp.txt" in items["zoe"].reason


def test_what_a_student_calls_as_sakai_calls_its_own_is_the_students(tmp_path):
    attachments = "HW 1 (spring)/Silva, Ana(asilva)/Submission attachment(s)"
    files = sakai(CLASS[5:6]) | {f"{attachments}/timestamp.txt": b"1999-01-01", f"{attachments}/comments.txt": b""}
    (item,) = collect([placed(tmp_path, "download", files, "zip")], LAB)
    assert set(item.files) == {FILE, "timestamp.txt", "comments.txt"}
    assert item.received_at == MORNING


@pytest.mark.parametrize(
    "names",
    [
        ["ana.py", "bo.py"],
        ["Silva, Ana(asilva)/lab.py"],
        ["Silva, Ana(asilva)/timestamp.txt"],
        ["A(x)/Submission attachment(s)/lab.py", "B(x)/Submission attachment(s)/lab.py"],
        ["A(x)/Submission attachment(s)/lab.py", "bo.py", "cy.py"],
        ["ana_comments.txt"],
    ],
    ids=["plain", "no attachments", "a time alone", "one id of two", "one of three", "comments alone"],
)
def test_names_that_only_look_alike_are_not_sakai_s(names):
    assert recognise(names) == {}


users = st.text("abé李._-@ 12", min_size=1, max_size=12).filter(lambda user: user == user.strip())
names = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=20)
files = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=20)


@given(st.dictionaries(users, names, min_size=1), files, st.sampled_from("/_"))
def test_whatever_a_student_is_called_the_eid_is_found_again(people, file, between):
    paths = {f"{name}({user}){between}Submission attachment(s){between}{file}" for user, name in people.items()}
    found = recognise(paths)
    assert {upload.student.key for upload in found.values()} == set(people)
    assert {upload.file for upload in found.values()} == {file}
