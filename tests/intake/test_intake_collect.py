import gzip
import io
import os
import stat
import tarfile
import tracemalloc
import unicodedata
import warnings
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import NoSubmissions
from grader.intake import collect, digest, folder, survey
from grader.model import Refusal, Student, Submission

LAB = "lab1_tensors"
CODE = b"def first_row(x):\n    return x[0]\n"


def write(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def zipped(files, path=None, date=(2026, 3, 1, 10, 30, 0)):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name, date), content)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.getvalue())
    return file.getvalue()


def tarred(files):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as made:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size, member.mtime = len(content), 1_772_361_000
            made.addfile(member, io.BytesIO(content))
    return file.getvalue()


def collected(*paths):
    return list(collect(paths, LAB))


def outcome(*paths):
    """Key -> the files taken, or the reason of the refusal."""
    return {
        item.student.key: item.reason if isinstance(item, Refusal) else dict(item.files) for item in collected(*paths)
    }


def refusal(*paths):
    (item,) = collected(*paths)
    assert isinstance(item, Refusal)
    return item.reason


def nothing(*paths):
    with pytest.raises(NoSubmissions) as caught:
        collect(paths, LAB)
    return str(caught.value)


def test_a_single_file_is_a_submission_of_the_student_it_is_named_after(tmp_path):
    write(tmp_path, {"ana.py": CODE})
    os.utime(tmp_path / "ana.py", (1_700_000_000, 1_700_000_000))
    assert collected(tmp_path / "ana.py") == [
        Submission(
            student=Student("ana", "ana"),
            lab=LAB,
            files={"lab1_tensors.py": CODE},
            entry="lab1_tensors.py",
            digest=digest("lab1_tensors.py", {"lab1_tensors.py": CODE}),
            source=str(tmp_path / "ana.py"),
            received_at=datetime.fromtimestamp(1_700_000_000, UTC),
        )
    ]


def test_a_single_file_that_canvas_named_is_its_users(tmp_path):
    write(tmp_path, {"silvaana_1001_55001_lab1_tensors-1.py": CODE})
    (item,) = collected(tmp_path / "silvaana_1001_55001_lab1_tensors-1.py")
    assert item.student == Student("1001", "silvaana")
    assert item.entry == "lab1_tensors.py"


def test_the_same_work_has_the_same_digest_however_it_is_packed(tmp_path):
    files = {"lab1_tensors.py": CODE, "helper.py": b"x = 1\n"}
    write(tmp_path / "class/ana", files)
    write(tmp_path / "class/bo/deeper", files)
    write(tmp_path / "class/cy", {**files, "report.pdf": b"%PDF", ".DS_Store": b"", "__pycache__/helper.pyc": b""})
    zipped(files, tmp_path / "class/di.zip")
    zipped({f"my work/{name}": content for name, content in files.items()}, tmp_path / "class/ed.zip")
    (tmp_path / "class/flo.tar").write_bytes(tarred(files))
    (tmp_path / "class/gus.tar.gz").write_bytes(gzip.compress(tarred(files)))
    items = collected(tmp_path / "class")
    assert [item.student.key for item in items] == ["ana", "bo", "cy", "di", "ed", "flo", "gus"]
    assert len({item.digest for item in items}) == 1


def test_a_class_may_mix_files_folders_and_archives(tmp_path):
    write(tmp_path, {"ana.py": CODE, "bo/lab1_tensors.ipynb": b'{"cells": []}'})
    zipped({"lab1_tensors.py": CODE}, tmp_path / "cy.zip")
    assert outcome(tmp_path) == {
        "ana": {"lab1_tensors.py": CODE},
        "bo": {"lab1_tensors.ipynb": b'{"cells": []}'},
        "cy": {"lab1_tensors.py": CODE},
    }


def test_a_class_archive_holds_what_a_class_folder_may(tmp_path):
    zipped(
        {
            "class/ana.py": CODE,
            "class/bo/lab1_tensors.py": CODE,
            "class/cy.zip": zipped({"solution.py": CODE}),
            "__MACOSX/class/._ana.py": b"\0",
        },
        tmp_path / "class.zip",
    )
    assert outcome(tmp_path / "class.zip") == {key: {"lab1_tensors.py": CODE} for key in ("ana", "bo", "cy")}


@pytest.mark.parametrize(("name", "pack"), [("class.tar", bytes), ("class.tar.gz", gzip.compress)])
def test_a_class_may_come_in_a_tar(tmp_path, name, pack):
    files = {
        "class/ana.py": CODE,
        "class/bo/lab1_tensors.py": CODE,
        "class/cy.tgz": gzip.compress(tarred({"x.py": CODE})),
    }
    (tmp_path / name).write_bytes(pack(tarred(files)))
    assert outcome(tmp_path / name) == {key: {"lab1_tensors.py": CODE} for key in ("ana", "bo", "cy")}
    assert {item.received_at for item in collected(tmp_path / name)} == {datetime(2026, 3, 1, 10, 30, tzinfo=UTC)}


@pytest.mark.parametrize("name", ["ana.zip", "ana.tar", "ana.TGZ", "ana.tar.xz", "ana.rar", "ana.7z", "ana.py.gz"])
def test_an_archives_name_is_its_students_whatever_its_kind(tmp_path, name):
    write(tmp_path, {name: b"no archive at all", "bo.py": CODE})
    assert outcome(tmp_path).keys() == {"ana", "bo"}


@pytest.mark.parametrize("name", ["ana.rar", "ana.py.gz"])
def test_an_archive_of_a_kind_that_is_not_read_is_refused_with_what_to_do(tmp_path, name):
    write(tmp_path, {name: b"Rar!", "bo.py": CODE})
    assert outcome(tmp_path)["ana"] == (
        f"{name} is packed in a way which is not read here. Hand in lab1_tensors.py or lab1_tensors.ipynb. "
        "A zip of it will do, too."
    )


@pytest.mark.parametrize(
    "content",
    [zipped({"lab1_tensors.py": CODE}), tarred({"lab1_tensors.py": CODE}), gzip.compress(CODE), b"Rar!\x1a\7\0"],
    ids=["zip", "tar", "gzip", "rar"],
)
def test_an_archive_that_is_called_a_python_file_is_refused_so_that_an_earlier_grade_stands(tmp_path, content):
    write(tmp_path, {"ana.py": content, "bo.py": CODE})
    assert outcome(tmp_path)["ana"] == (
        "ana.py is an archive under the name of a Python file. Hand in what is in it, or call it .zip."
    )


@pytest.mark.parametrize("name", ["lab1_tensors.py.txt", "x.ipynb.json"])
def test_an_ending_that_a_system_put_behind_the_right_one_is_told(tmp_path, name):
    write(tmp_path, {f"ana/{name}": CODE, "ana/notes.txt": b"", "bo.py": CODE})
    assert outcome(tmp_path)["ana"] == (
        f"The last ending of {name} is one too many. Call the file lab1_tensors.py or lab1_tensors.ipynb, "
        "and hand in again."
    )


def test_the_date_of_an_archives_entry_is_when_it_was_received(tmp_path):
    zipped({"ana.py": CODE, "bo.py": CODE}, tmp_path / "class.zip")
    assert {item.received_at for item in collected(tmp_path / "class.zip")} == {
        datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    }


def test_an_archive_of_one_student_is_that_students(tmp_path):
    zipped({"hw/lab1_tensors.py": CODE, "hw/helper.py": b""}, tmp_path / "ana.zip")
    assert outcome(tmp_path / "ana.zip") == {"ana": {"lab1_tensors.py": CODE, "helper.py": b""}}


def test_a_folder_with_the_labs_file_is_one_students(tmp_path):
    write(tmp_path / "ana", {"lab1_tensors.py": CODE, "helper.py": b"", "notes/plan.txt": b"later"})
    assert set(outcome(tmp_path / "ana")["ana"]) == {"lab1_tensors.py", "helper.py", "notes/plan.txt"}


def test_identity_never_comes_from_inside_a_file(tmp_path):
    write(tmp_path, {"ana.py": b"# student: bo\n__student__ = 'bo'\n"})
    assert set(outcome(tmp_path)) == {"ana"}


def test_two_submissions_of_one_student_come_in_the_order_they_were_received(tmp_path):
    write(tmp_path, {"old/ana.py": b"old = 1\n", "new/ana.py": b"new = 1\n"})
    os.utime(tmp_path / "old/ana.py", (1_700_000_000, 1_700_000_000))
    os.utime(tmp_path / "new/ana.py", (1_700_000_100, 1_700_000_100))
    for paths in (("old", "new"), ("new", "old")):
        items = collected(*(tmp_path / path for path in paths))
        assert [item.files["lab1_tensors.py"] for item in items] == [b"old = 1\n", b"new = 1\n"]


def test_an_id_with_two_names_is_believed_of_neither_and_told(tmp_path):
    for week, name in (("week 1", "silvaana"), ("week 2", "larsenbo")):
        (tmp_path / week).mkdir()
        (tmp_path / week / f"{name}_1001_5500{week[-1]}_{LAB}.py").write_text("x = 1")
        (tmp_path / week / f"doejane_1002_5501{week[-1]}_{LAB}.py").write_text("x = 1")
    found = survey([tmp_path / "week 1", tmp_path / "week 2"], LAB)
    assert [item.student.key for item in found.found if item.student.key != "1002"] == [
        f"larsenbo_1001_55002_{LAB}",
        f"silvaana_1001_55001_{LAB}",
    ]
    assert found.notes == (
        "Has several names, so that each submission is called as its file or folder is: 1001 (silvaana, larsenbo).",
    )


def test_the_order_does_not_depend_on_the_disk(tmp_path):
    names = ["cy.py", "ana.py", "di.py", "bo.py"]
    write(tmp_path, dict.fromkeys(names, CODE))
    assert [item.student.key for item in collected(tmp_path)] == ["ana", "bo", "cy", "di"]


def test_submissions_are_read_one_by_one(tmp_path):
    write(tmp_path, {"ana.py": CODE, "bo.py": CODE})
    items = collect([tmp_path], LAB)
    assert isinstance(next(items), Submission)
    (tmp_path / "bo.py").unlink()
    second = next(items)
    assert isinstance(second, Refusal)
    assert second.reason == (
        "bo.py could not be read (No such file or directory): give the account that grades the right to read it."
    )


def test_a_class_archive_is_closed_when_its_reader_stops_early(tmp_path):
    zipped({"ana.py": CODE, "bo.py": CODE}, tmp_path / "class.zip")
    items = collect([tmp_path / "class.zip"], LAB)
    next(items)
    assert str(tmp_path / "class.zip") in open_files()
    items.close()
    assert str(tmp_path / "class.zip") not in open_files()


def open_files():
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(descriptor.readlink()))
        except OSError:  # the listing's own descriptor
            continue
    return found


def test_a_hostile_archive_refuses_its_student_alone(tmp_path):
    write(tmp_path, {"ana.py": CODE, "zoe.py": CODE})
    zipped({"../evil.py": CODE}, tmp_path / "mallory.zip")
    found = outcome(tmp_path)
    assert found["ana"] == found["zoe"] == {"lab1_tensors.py": CODE}
    assert found["mallory"] == (
        "evil.py is called ../evil.py in the archive, which points outside of it: "
        "make the archive again with your system's own tool."
    )


def test_archives_named_one_by_one_are_refused_one_by_one(tmp_path):
    zipped({"lab1_tensors.py": CODE}, tmp_path / "ana.zip")
    (tmp_path / "mallory.zip").write_bytes(b"no zip")
    assert outcome(tmp_path / "ana.zip", tmp_path / "mallory.zip") == {
        "ana": {"lab1_tensors.py": CODE},
        "mallory": "The archive is damaged or cut off, or is neither zip nor tar. "
        "Make a zip of the files and hand it in.",
    }


def test_an_archive_beside_others_hands_in_for_nobody_else(tmp_path):
    zipped({"lab1_tensors.py": CODE}, tmp_path / "bo.zip")
    zipped({"bo.py": b"junk = 1\n", "mallory.py": CODE}, tmp_path / "mallory.zip", date=(2027, 1, 1, 0, 0, 0))
    assert outcome(tmp_path / "bo.zip", tmp_path / "mallory.zip") == {
        "bo": {"lab1_tensors.py": CODE},
        "mallory": "It holds several files that could be the one to grade: bo.py, mallory.py. "
        "Call the right one lab1_tensors.py or lab1_tensors.ipynb, leave it once, at the top, and hand in again. "
        "If it is a whole class's, name it alone.",
    }


@pytest.mark.parametrize(
    "files",
    [
        {"silvaana_1001_55001_lab1_tensors.py": CODE},
        {"ana/lab1_tensors.py": CODE, "zoe/notes.txt": b""},
        {"ana.py": CODE, "test_public.py": b""},
    ],
    ids=["as Canvas names files", "folders", "with tests"],
)
def test_an_archive_beside_others_is_its_names_whatever_its_files_are_called(tmp_path, files):
    write(tmp_path, {"ana.py": CODE})
    zipped(files, tmp_path / "mallory.zip")
    (mallory,) = (item for item in collected(tmp_path / "ana.py", tmp_path / "mallory.zip") if "zip" in item.source)
    assert isinstance(mallory, Submission)
    assert mallory.student.key == "mallory"


def test_archives_in_an_archive_beside_others_are_nobodys(tmp_path):
    zipped({"ana.zip": zipped({"x.py": CODE}), "bo.zip": zipped({"x.py": CODE})}, tmp_path / "class.zip")
    write(tmp_path, {"cy.py": CODE})
    assert outcome(tmp_path / "class.zip", tmp_path / "cy.py")["class"] == (
        "It holds an archive (ana.zip, bo.zip) where the lab's file should be. "
        "Hand in lab1_tensors.py or lab1_tensors.ipynb. If it is a whole class's, name it alone."
    )


def test_a_folder_beside_a_students_is_a_students_too_whatever_is_in_it(tmp_path):
    write(
        tmp_path, {"bo/lab1_tensors.py": CODE, "mallory/bo.py": b"junk", "mallory/mallory.py": CODE, "cy/work.py": CODE}
    )
    assert outcome(*(tmp_path / name for name in ("bo", "cy", "mallory"))) == {
        "bo": {"lab1_tensors.py": CODE},
        "cy": {"lab1_tensors.py": CODE},
        "mallory": "It holds several files that could be the one to grade: bo.py, mallory.py. "
        "Call the right one lab1_tensors.py or lab1_tensors.ipynb, leave it once, at the top, and hand in again. "
        "If it is a whole class's, name it alone.",
    }


def test_folders_of_classes_may_be_named_together(tmp_path):
    write(tmp_path, {"week3/ana.py": CODE, "week3/bo/lab1_tensors.py": CODE, "late/cy.py": CODE})
    assert outcome(tmp_path / "week3", tmp_path / "late").keys() == {"ana", "bo", "cy"}


def test_a_class_archive_that_is_hostile_itself_is_the_operators_matter(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.found.CLASS_ENTRIES", 2)
    zipped({"ana.py": CODE, "bo.py": CODE, "cy.py": CODE}, tmp_path / "class.zip")
    assert nothing(tmp_path / "class.zip") == (
        f"{tmp_path / 'class.zip'}: The archive has 3 entries; 2 are allowed. "
        "Leave out data, environments and version control."
    )


READER = b"points = open('points.csv')\ndata = open('data.csv')\n"
LINK = (stat.S_IFLNK | 0o777) << 16


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([("Data.csv", 0), ("data.csv", 0)], "Data.csv and data.csv differ only in capitals"),
        ([("data.csv", LINK)], "data.csv is a link or a special file"),
        ([("points.csv", 0), ("points.csv", 0)], "points.csv is in the archive more than once"),
        ([("../../points.csv", 0)], "points.csv is called class/bo/../../points.csv in the archive"),
    ],
)
def test_a_faulty_entry_of_a_class_archive_refuses_its_student_alone(tmp_path, entries, reason):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a duplicate name is meant
        for name in ("ana", "bo", "cy"):
            made.writestr(f"class/{name}/lab1_tensors.py", READER)
        for name, attributes in entries:
            entry = zipfile.ZipInfo(f"class/bo/{name}")
            entry.external_attr = attributes
            made.writestr(entry, b"1,2\n")
    found = outcome(tmp_path / "class.zip")
    assert found["ana"] == found["cy"] == {"lab1_tensors.py": READER}
    assert found["bo"].startswith(reason)


def test_students_whose_names_differ_only_in_capitals_do_not_collide(tmp_path):
    zipped({"bo.py": CODE, "Bo.py": CODE}, tmp_path / "class.zip")
    assert outcome(tmp_path / "class.zip") == {"bo": {"lab1_tensors.py": CODE}, "Bo": {"lab1_tensors.py": CODE}}


def test_a_link_that_no_submission_needs_is_left_out_of_an_archive_as_of_a_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as made:
        made.writestr("ana/lab1_tensors.py", CODE)
        made.writestr("bo/lab1_tensors.py", CODE)
        link = zipfile.ZipInfo("bo/venv")
        link.external_attr = LINK
        made.writestr(link, b"/usr")
    assert outcome(tmp_path / "class.zip")["bo"] == {"lab1_tensors.py": CODE}


def test_data_that_cannot_be_read_and_that_no_code_speaks_of_are_left_out(tmp_path):
    write(tmp_path, {"ana/lab1_tensors.py": CODE, "bo/lab1_tensors.py": b"import helper\n", "bo/helper.py": READER})
    for name in ("ana", "bo"):
        (tmp_path / name / "data.csv").symlink_to("/etc/passwd")
    assert outcome(tmp_path) == {
        "ana": {"lab1_tensors.py": CODE},
        "bo": "data.csv is a link: put the file itself there.",
    }


def test_a_damaged_entry_of_a_class_archive_refuses_its_student_alone(tmp_path):
    data = zipped({"ana.py": CODE, "bo.py": b"y = 2\n"})
    at = data.index(b"ana.py") + len("ana.py")
    (tmp_path / "class.zip").write_bytes(data[:at] + b"\xff\xff" + data[at + 2 :])
    found = outcome(tmp_path / "class.zip")
    assert found["bo"] == {"lab1_tensors.py": b"y = 2\n"}
    assert found["ana"].startswith("The archive is damaged or cut off")


def test_archives_in_a_students_archive_are_not_followed(tmp_path):
    zipped({"inner.zip": zipped({"lab1_tensors.py": CODE})}, tmp_path / "class/ana.zip")
    assert refusal(tmp_path / "class") == (
        "It holds an archive (inner.zip) where the lab's file should be. Hand in lab1_tensors.py or lab1_tensors.ipynb."
    )


def test_an_archive_too_large_to_look_into_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.intake.found.ARCHIVE_MOST", 10)
    zipped({"lab1_tensors.py": CODE}, tmp_path / "class/ana.zip")
    assert refusal(tmp_path / "class") == "ana.zip is larger than the 0.0 MB that it may have."


def test_a_text_typed_into_canvas_is_refused_and_says_what_to_do(tmp_path):
    write(tmp_path, {"doejane_1002_text.html": b"<p>done</p>"})
    (item,) = collected(tmp_path)
    assert item == Refusal(
        Student("1002", "doejane"),
        LAB,
        str(tmp_path / "doejane_1002_text.html"),
        "No Python file or notebook to grade is at its top or in one folder; it holds text.html. "
        "Hand in lab1_tensors.py or lab1_tensors.ipynb.",
    )


def test_a_file_larger_than_it_may_be_is_not_read(tmp_path):
    with (write(tmp_path, {"bo.py": CODE}) / "ana.zip").open("wb") as file:
        file.truncate(2**40)
    tracemalloc.start()
    try:
        assert outcome(tmp_path)["ana"] == "ana.zip is larger than the 100.0 MB that it may have."
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_a_source_of_30_megabytes_is_refused_with_the_figures(tmp_path):
    with (tmp_path / "ana.py").open("wb") as file:
        file.truncate(30_000_000)
    assert refusal(tmp_path) == (
        "It takes 30.0 MB in 1 file; at most 20.0 MB in 200 files are allowed. "
        "Leave out data, clear a notebook's outputs, and hand in again."
    )


def test_a_source_that_python_will_not_read_is_left_to_python(tmp_path):
    content = b"# -*- coding: latin-1 -*-\ns = '\xe9'\0\n"
    write(tmp_path, {"ana.py": content})
    assert outcome(tmp_path) == {"ana": {"lab1_tensors.py": content}}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_source_in_another_utf_is_taken_in_utf8_and_is_the_same_work(tmp_path, encoding):
    text = "name = 'Zo\u00eb \U0001f600'\n"
    files = {"lab1_tensors.py": text.encode(), "helper.py": text.encode(), "data.csv": b"\xff\xfe1\0"}
    coded = ("\ufeff" + text).encode(encoding)
    write(tmp_path, {f"ana/{name}": content for name, content in files.items()})
    write(tmp_path, {f"bo/{name}": content for name, content in (files | dict.fromkeys([*files][:2], coded)).items()})
    ana, bo = collected(tmp_path)
    assert bo.files == files
    assert bo.digest == ana.digest


def test_what_is_too_large_in_utf8_stays_as_it_is(tmp_path, monkeypatch):
    content = ("\ufeff#" + "\u4e16" * 100).encode("utf-16-le")
    monkeypatch.setattr("grader.intake.found.BYTES_MOST", len(content))
    write(tmp_path, {"ana.py": content})
    assert outcome(tmp_path) == {"ana": {"lab1_tensors.py": content}}


@pytest.mark.parametrize("content", [b"\xff\xfex", b"\xff\xfe\0\xd8", b"\xff\xfe\0\0\xff\xff\xff\xff"])
def test_what_only_begins_like_another_utf_is_left_to_python(tmp_path, content):
    write(tmp_path, {"ana.py": content})
    assert outcome(tmp_path) == {"ana": {"lab1_tensors.py": content}}


def test_links_in_a_folder_are_not_followed(tmp_path):
    secret = write(tmp_path / "elsewhere", {"secret.py": b"secret = 1\n"})
    write(tmp_path / "class", {"zoe.py": CODE})
    (tmp_path / "class/ana.py").symlink_to(secret / "secret.py")
    (tmp_path / "class/bo").symlink_to(secret, target_is_directory=True)
    (tmp_path / "class/cy").mkdir()
    (tmp_path / "class/cy/lab1_tensors.py").symlink_to("../zoe.py")
    assert outcome(tmp_path / "class") == {
        "ana": "ana.py is a link: put the file itself there.",
        "bo": "bo is a link: put the file itself there.",
        "cy": "lab1_tensors.py is a link: put the file itself there.",
        "zoe": {"lab1_tensors.py": CODE},
    }


def test_a_link_that_the_operator_names_is_followed(tmp_path):
    write(tmp_path, {"real/x.py": CODE})
    (tmp_path / "ana.py").symlink_to(tmp_path / "real/x.py")
    assert outcome(tmp_path / "ana.py") == {"ana": {"lab1_tensors.py": CODE}}


def test_a_fifo_is_refused_without_being_opened(tmp_path):
    write(tmp_path, {"zoe.py": CODE})
    os.mkfifo(tmp_path / "ana.py")
    there = os.open(tmp_path / "ana.py", os.O_RDWR)  # so that nobody who opens it waits for ever
    assert outcome(tmp_path)["ana"] == "ana.py is no ordinary file."
    os.close(there)


def test_names_with_escapes_and_of_great_length_can_be_shown_and_stay_apart(tmp_path):
    write(tmp_path, {"eve\x1b[31m\n.py": CODE, "eve\x1b[32m\n.py": CODE, "a" * 250 + ".py": CODE})
    items = collected(tmp_path)
    assert len({item.student.key for item in items}) == 3
    for item in items:
        assert item.student.key.isprintable()
        assert item.student.name.isprintable()
        assert item.source.isprintable()
        assert len(item.student.key) <= 200


def test_a_name_that_is_no_utf8_can_be_shown(tmp_path):
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/jos\xe9.py"))).write_bytes(CODE)
    (item,) = collected(tmp_path)
    assert item.student.key.isprintable()
    assert item.files == {"lab1_tensors.py": CODE}


def test_a_path_that_does_not_exist_is_told_from_one_with_nothing_in_it(tmp_path):
    write(tmp_path, {"empty/roster.csv": b"", "note.pdf": b""})
    assert nothing(tmp_path / "nowhere") == (
        f"There is no file or folder {tmp_path / 'nowhere'}. Check how it is spelt."
    )
    assert nothing(tmp_path / "empty") == (
        f"Nothing to grade in {tmp_path / 'empty'}. Name .py, .ipynb, .zip or .tar files, or a folder of them."
    )
    assert nothing(tmp_path / "note.pdf") == (
        f"{tmp_path / 'note.pdf'} is no .py, .ipynb, .zip or .tar file, so it cannot be graded."
    )
    write(tmp_path, {"ana.py.txt": CODE})
    assert nothing(tmp_path / "ana.py.txt") == (
        f"{tmp_path / 'ana.py.txt'} is no .py, .ipynb, .zip or .tar file, so it cannot be graded. Rename it to ana.py."
    )
    write(tmp_path, {"ana.py.gz": gzip.compress(CODE)})
    assert nothing(tmp_path / "ana.py.gz").endswith("so it cannot be graded.")
    assert nothing() == "Nothing to grade in no path. Name .py, .ipynb, .zip or .tar files, or a folder of them."


def test_an_empty_archive_alone_is_nothing_to_grade(tmp_path):
    zipped({}, tmp_path / "class.zip")
    assert nothing(tmp_path / "class.zip") == (
        f"{tmp_path / 'class.zip'}: It is empty. Hand in lab1_tensors.py or lab1_tensors.ipynb."
    )


def test_a_path_that_cannot_be_looked_at_is_said(tmp_path):
    assert nothing(tmp_path / ("x" * 300)).endswith("Check its name and rights.")


def test_a_folder_that_is_no_class_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "FILES_MOST", 2)
    write(tmp_path, {f"{n}.py": b"" for n in range(3)})
    assert nothing(tmp_path) == f"{tmp_path} holds more than 2 files. Name the folder with the submissions."


def test_a_folder_of_another_account_is_refused_and_says_who_has_to_act(tmp_path, monkeypatch):
    write(tmp_path, {"ana/lab1_tensors.py": CODE, "zoe.py": CODE})
    scandir = os.scandir

    def guarded(path):
        if Path(path).name == "ana":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)  # the test may run as root, whom no right is denied
    assert outcome(tmp_path) == {
        "ana": "ana could not be read (Permission denied): give the account that grades the right to read it.",
        "zoe": {"lab1_tensors.py": CODE},
    }


file_names = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20).filter(
    lambda name: not name.startswith(".") and len(name.encode()) < 200
)


@settings(deadline=None, max_examples=50)
@given(st.sets(file_names, min_size=1, max_size=5))
def test_every_file_of_a_class_is_somebodys_and_nobody_is_merged(tmp_path_factory, names):
    root = write(tmp_path_factory.mktemp("class"), {f"{name}.py": name.encode() for name in names})
    items = collected(root)
    assert {item.files["lab1_tensors.py"].decode() for item in items} == names
    assert len({item.student.key for item in items}) == len({unicodedata.normalize("NFC", name) for name in names})
