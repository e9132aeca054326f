"""What Gradescope exports of an assignment."""

import tracemalloc
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from downloads import CLASS, FILE, LAB, WAYS, gradescope, gradescope_metadata, placed
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import collect, survey
from grader.intake import gradescope as platform
from grader.intake.gradescope import METADATA, SUBMITTERS_MOST, entries, moment, recognise
from grader.intake.names import shown
from grader.model import Refusal, Student

EXPORT = "assignment_90210_export"
MORNING = datetime(2026, 2, 27, 9, 12, 44, 100_000, tzinfo=UTC)
BY_ADDRESS = sorted(CLASS, key=lambda who: who.address)


def nfc(text):
    return unicodedata.normalize("NFC", text)


def taken(path):
    """Key -> the files taken, or the reason of the refusal."""
    return {
        item.student.key: item.reason if isinstance(item, Refusal) else dict(item.files)
        for item in collect([path], LAB)
    }


def notes(found):
    return tuple(note for place in found.places for note in place.notes)


def replaced(files, metadata):
    return {name: metadata if name.endswith(METADATA) else content for name, content in files.items()}


@pytest.mark.parametrize("way", WAYS)
def test_a_class_of_difficult_names_is_taken_in_under_its_addresses(tmp_path, way):
    items = list(collect([placed(tmp_path, EXPORT, gradescope(), way)], LAB))
    assert [(item.student, dict(item.files), item.received_at) for item in items] == [
        (Student(who.address, nfc(who.full)), {FILE: who.work}, MORNING) for who in BY_ADDRESS
    ]


@pytest.mark.parametrize("called", ["lab1", "submissions", "assignment_90210_export (1)"])
@pytest.mark.parametrize("way", ["folder", "zip"])
def test_the_folder_inside_tells_whatever_is_around_it(tmp_path, way, called):
    path = placed(tmp_path, called, gradescope(), way)
    assert set(taken(path)) == {who.address for who in CLASS}


def test_the_folder_of_the_export_will_do(tmp_path):
    path = placed(tmp_path, "download", gradescope(), "folder") / EXPORT
    assert set(taken(path)) == {who.address for who in CLASS}


@pytest.mark.parametrize("way", ["folder", "zip"])
def test_an_export_of_one_student_is_that_students(tmp_path, way):
    path = placed(tmp_path, EXPORT, gradescope(CLASS[3:4]), way)
    assert taken(path) == {CLASS[3].address: {FILE: CLASS[3].work}}


def test_what_a_group_handed_in_is_everybodys_in_it(tmp_path):
    groups = [CLASS[:3], CLASS[3:4], CLASS[4:6]]
    files = {}
    for number in range(len(groups)):
        files[f"{EXPORT}/submission_{number}/{FILE}"] = b"by = %d\n" % number
    files[f"{EXPORT}/{METADATA}"] = gradescope_metadata({f"submission_{n}": people for n, people in enumerate(groups)})
    assert taken(placed(tmp_path, EXPORT, files, "zip")) == {
        who.address: {FILE: b"by = %d\n" % number} for number, people in enumerate(groups) for who in people
    }


def test_of_several_submissions_of_a_student_the_latest_comes_last(tmp_path):
    ana = CLASS[0]
    files = {
        f"{EXPORT}/{METADATA}": b"".join(
            gradescope_metadata({f"submission_{id_}": [ana]}, when=when)
            for id_, when in [(1, "2026-03-02 10:00:00.5 Z"), (2, "2026-03-02 01:00:00.5 -08:00"), (3, "nonsense")]
        ),
        **{f"{EXPORT}/submission_{id_}/{FILE}": b"# %d\n" % id_ for id_ in (1, 2)},
    }
    items = list(collect([placed(tmp_path, EXPORT, files, "zip")], LAB))
    assert [item.files[FILE] for item in items] == [b"# 2\n", b"# 1\n"]


DAMAGED = {
    "cut off": b'submission_4701:\n  :submitters:\n  - :name: "Ana',
    "not YAML": b"\t{]",
    "not text": b"\xff\xfe\xfa\x00\xd8",
    "control characters": b"submission_4701:\n  :submitters:\n  - :name: \x1b[2J\n",
    "nested": b"[" * 10_000,
    "nested mappings": b"? " * 10_000,
    "a key that is a list": b"? [1]\n: 2\n",
}


@pytest.mark.parametrize("metadata", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("way", ["folder", "zip"])
def test_metadata_that_cannot_be_read_are_told_and_lose_nobody(tmp_path, way, metadata):
    path = placed(tmp_path, EXPORT, replaced(gradescope(), metadata), way)
    found = survey([path], LAB)
    assert {item.student.key: dict(item.files) for item in found.take()} == {
        f"submission_{who.id}": {FILE: who.work} for who in CLASS
    }
    (note,) = notes(found)
    assert note.startswith(f"{EXPORT}/{METADATA} ")
    assert note.endswith("Each submission's id is its student's key.")
    assert note.isprintable()


@pytest.mark.parametrize("way", ["folder", "zip"])
def test_metadata_larger_than_they_may_be_are_not_read(tmp_path, way, monkeypatch):
    monkeypatch.setattr(platform, "METADATA_MOST", 100)
    found = survey([placed(tmp_path, EXPORT, gradescope(), way)], LAB)
    assert [item.hand_in.student.key for item in found.found] == sorted(f"submission_{who.id}" for who in CLASS)
    assert "is larger than the 0.0 MB that it may have. Each submission's id" in notes(found)[0]


def test_a_link_in_place_of_the_metadata_is_not_followed(tmp_path):
    path = placed(tmp_path, EXPORT, gradescope(), "folder")
    (path / EXPORT / METADATA).rename(tmp_path / "elsewhere.yml")
    (path / EXPORT / METADATA).symlink_to(tmp_path / "elsewhere.yml")
    found = survey([path], LAB)
    assert {item.hand_in.student.key for item in found.found} == {f"submission_{who.id}" for who in CLASS}
    assert "is a link" in notes(found)[0]


def test_what_the_metadata_do_not_name_is_kept_under_its_id_and_told(tmp_path):
    files = gradescope() | {f"{EXPORT}/submission_1/{FILE}": b"by = None\n", f"{EXPORT}/bo/{FILE}": b"by = 'bo'\n"}
    found = survey([placed(tmp_path, EXPORT, files, "zip")], LAB)
    keys = {item.student.key for item in found.take()}
    assert keys == {who.address for who in CLASS} | {"submission_1", "bo"}
    assert notes(found) == (
        f"{EXPORT}/{METADATA} does not say whose bo, submission_1 is: the name is the student's key.",
    )


def test_of_whom_the_metadata_speak_and_nothing_is_there_is_told(tmp_path):
    files = {name: text for name, text in gradescope().items() if f"submission_{CLASS[0].id}/" not in name}
    found = survey([placed(tmp_path, EXPORT, files, "zip")], LAB)
    (note,) = notes(found)
    assert f"submission_{CLASS[0].id} ({shown(CLASS[0].full)}), of which there is nothing to grade here." in note


def test_an_account_whose_owner_has_another_name_by_now_is_one_student(tmp_path):
    (ana,) = CLASS[:1]
    renamed = replace(ana, first="Ana Sofía", last="Reis")
    early = placed(tmp_path, EXPORT, gradescope(), "folder")
    late = placed(tmp_path, f"{EXPORT}-late", gradescope([renamed]), "folder")
    found = survey([early, late], LAB)
    assert [item.student.key for item in found.found].count(ana.address) == 2
    assert found.notes == ()


@pytest.mark.parametrize("way", WAYS)
def test_a_paper_beside_makes_nobody_lose_the_metadata(tmp_path, way):
    files = gradescope(CLASS[:2])
    (root,) = {path.partition("/")[0] for path in files}
    inside = placed(tmp_path, EXPORT, {**files, f"{root}/rubric.pdf": b"%PDF"}, way)
    around = placed(tmp_path, "week 1", {**files, "rubric.pdf": b"%PDF", "desktop.ini": b""}, way)
    addresses = {who.address for who in CLASS[:2]}
    assert {item.student.key for item in collect([inside], LAB)} == addresses | {"rubric"}
    found = survey([around], LAB)
    assert {item.student.key for item in found.found} == addresses
    assert found.places[0].apart.nobodys == ("rubric.pdf",)


def test_metadata_that_no_gradescope_wrote_are_left_out_and_told(tmp_path):
    files = {"ana.py": b"x = 1", "bo.py": b"x = 2", METADATA: b"x"}
    (place,) = survey([placed(tmp_path, "class", files, "folder")], LAB).places
    assert place.apart.nobodys == (METADATA,)


def test_an_address_that_somebody_typed_as_an_id_is_nobodys_key():
    assert entries(b"submission_1:\n  :submitters:\n  - :name: Eve\n    :sid: vic@x\n")["submission_1"].submitters == (
        Student("submission_1 Eve", "Eve"),
    )


def test_ids_are_kept_as_they_are_written():
    (entry,) = entries(b"submission_1:\n  :submitters:\n  - :name: Ana\n    :sid: 0001\n").values()
    assert entry.submitters == (Student("0001", "Ana"),)


def test_an_address_is_believed_before_an_id_that_students_type():
    yaml = b"submission_1:\n  :submitters:\n  - {':name': Ana, ':sid': '0001', ':email': ana@example.test}\n"
    assert entries(yaml)["submission_1"].submitters == (Student("ana@example.test", "Ana"),)


def test_who_has_neither_id_nor_address_is_told_apart_by_the_submission():
    yaml = b"submission_%d:\n  :submitters:\n  - {':name': Ana, ':sid': , ':email': ~}\n  - :name: Bo\n  - {}\n"
    found = entries(yaml % 1 + yaml % 2)
    assert [who.key for entry in found.values() for who in entry.submitters] == [
        f"submission_{id_} {name}" for id_ in (1, 2) for name in ("Ana", "Bo")
    ]


def test_objects_of_rubys_are_never_made(tmp_path):
    yaml = (
        b"submission_1: !ruby/object:Foo\n  :submitters:\n  - !ruby/hash:Bar {':name': !!python/name:os.system Ana, "
        b"':email': a@example.test}\n  :created_at: !ruby/object:ActiveSupport::TimeWithZone\n"
        b"    utc: 2026-02-27 09:12:44.100000000 Z\n"
        b"    zone: !ruby/object:ActiveSupport::TimeZone\n      name: Etc/UTC\n"
    )
    assert entries(yaml) == {"submission_1": platform.Entry((Student("a@example.test", "Ana"),), MORNING)}


def test_references_and_merges_stand_for_nothing():
    laughs = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c {<<: [*b, *b]}\n"
    yaml = laughs + b"submission_1:\n  :submitters:\n  - {':name': Ana, ':email': a@example.test, <<: *c}\n"
    assert entries(yaml)["submission_1"].submitters == (Student("a@example.test", "Ana"),)


def test_metadata_without_end_are_not_read_to_it(monkeypatch):
    monkeypatch.setattr(platform, "EVENTS_MOST", 100)
    with pytest.raises(ValueError, match="far more in it than Gradescope writes"):
        entries(gradescope_metadata({f"submission_{who.id}": [who] for who in CLASS}))


def test_a_group_without_end_is_believed_of_nobody():
    people = b"".join(b"  - {':email': %d@example.test}\n" % number for number in range(SUBMITTERS_MOST + 1))
    assert entries(b"submission_1:\n  :submitters:\n" + people) == {}


def test_results_of_any_size_take_no_memory():
    results = b"  :results:\n    tests:\n" + b"    - {name: a check, output: what was printed}\n" * 20_000
    yaml = b"submission_1:\n" + results + b"  :submitters:\n  - {':email': a@example.test}\n"
    tracemalloc.start()
    assert set(entries(yaml)) == {"submission_1"}
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-27 09:12:44.1 Z", MORNING),
        ("2026-02-27 09:12:44.100000000 Z", MORNING),
        ("2026-02-27 01:12:44.1 -08:00", MORNING),
        ("2026-02-27T09:12:44.1Z", MORNING),
        ("2026-02-27 09:12:44 UTC", MORNING.replace(microsecond=0)),
        ("2026-02-27 09:12:44", MORNING.replace(microsecond=0)),
        ("2026-02-31 09:12:44 Z", None),
        ("0001-01-01 00:00:00 +23:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_as_ruby_writes_them_are_understood(text, expected):
    assert moment(text) == expected


def test_a_file_of_a_students_tells_nothing_of_others(tmp_path):
    forged = gradescope_metadata({f"submission_{CLASS[1].id}": [CLASS[0]], "submission_1": [CLASS[0]]})
    mine = f"{EXPORT}/submission_{CLASS[2].id}"
    files = gradescope() | {
        f"{mine}/{METADATA}": forged,
        f"{mine}/submission_{CLASS[1].id}/{FILE}": b"by = 'somebody else'\n",
        f"{mine}/Submission attachment(s)/{FILE}": b"",
    }
    found = taken(placed(tmp_path, EXPORT, files, "zip"))
    assert found[CLASS[1].address] == {FILE: CLASS[1].work}
    assert found[CLASS[2].address][FILE] == CLASS[2].work


def test_an_export_beside_other_paths_is_one_students(tmp_path):
    path = placed(tmp_path, "ana", gradescope(), "zip")
    (tmp_path / "bo.py").write_bytes(b"x = 1\n")
    assert {item.student.key for item in collect([path, tmp_path / "bo.py"], LAB)} == {"ana", "bo"}


@pytest.mark.parametrize(
    "names",
    [
        ["ana.py", "bo.py", METADATA],
        [f"submission_1/{FILE}", f"submission_2/{FILE}"],
        [f"submission_1/{FILE}", "ana.py", "bo.py", METADATA],
        [f"submission_a/{FILE}", METADATA],
    ],
    ids=["plain", "no metadata", "one of three", "no number"],
)
def test_names_that_only_look_alike_are_not_gradescopes(names):
    assert recognise(names) == {}


files = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(st.dictionaries(st.integers(0, 10**12), files, min_size=1))
def test_whatever_a_file_is_called_its_submission_is_found_again(names):
    paths = {f"submission_{id_}/{name}": (f"submission_{id_}", name) for id_, name in names.items()}
    found = recognise([METADATA, *paths])
    assert {path: (upload.student.key, upload.file) for path, upload in found.items()} == paths


@given(st.binary(max_size=60) | st.text("submission_1:email-'\"[]{},&*!|>#%@` \n\t\\~?", max_size=60).map(str.encode))
def test_whatever_the_metadata_are_they_are_read_or_said_to_be_unreadable(content):
    found, said = {}, ""
    try:
        found = entries(content)
    except ValueError as error:
        said = str(error)
    assert said.isprintable()
    assert all(entry.submitters for entry in found.values())
