"""Repositories as `gh classroom clone student-repos` leaves them."""

import pytest
from downloads import FILE, LAB, github, placed
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import collect
from grader.intake.github import recognise
from grader.model import Student

USERS = ["ana", "ana-silva", "ana-silva-2", "Bo", "de-la-cruz", "lab", "tensors-fan", "x1", "team_a", "7", "li-xl", "z"]
CALLED = "lab-1-tensors-submissions"


@pytest.mark.parametrize("way", ["folder", "zip"])
def test_a_class_is_taken_in_under_its_usernames(tmp_path, way):
    items = list(collect([placed(tmp_path, CALLED, github(USERS), way)], LAB))
    assert [(item.student, dict(item.files)) for item in items] == [
        (Student(user, user), {FILE: f"by = '{user}'\n".encode()}) for user in sorted(USERS)
    ]


@pytest.mark.parametrize("way", ["folder", "zip"])
def test_a_folder_around_it_is_looked_through(tmp_path, way):
    files = {f"{CALLED}/{name}": content for name, content in github(USERS).items()}
    items = list(collect([placed(tmp_path, "cloned", files, way)], LAB))
    assert [item.student.key for item in items] == sorted(USERS)


@pytest.mark.parametrize("users", [USERS, USERS[:1]])
@pytest.mark.parametrize("archive", [CALLED, f"{CALLED} (1)"])
def test_an_archive_with_the_folder_in_it_that_it_was_made_of_is_looked_through(tmp_path, archive, users):
    files = {f"{CALLED}/{name}": content for name, content in github(users).items()}
    items = list(collect([placed(tmp_path, archive, files, "zip")], LAB))
    assert [item.student.key for item in items] == sorted(users)


@pytest.mark.parametrize("way", ["folder", "zip"])
def test_one_repository_is_one_students(tmp_path, way):
    (item,) = collect([placed(tmp_path, CALLED, github(["ana-silva"]), way)], LAB)
    assert item.student.key == "ana-silva"


def test_usernames_that_begin_alike_are_kept_whole():
    uploads = recognise(["lab1-ana-b/lab.py", "lab1-ana-c/lab.py"], "lab1-submissions")
    assert {upload.student.key for upload in uploads.values()} == {"ana-b", "ana-c"}


@pytest.mark.parametrize(
    ("called", "names"),
    [
        ("submissions", ["lab1-ana/lab.py", "lab1-bo/lab.py"]),
        ("lab2-submissions", ["lab1-ana/lab.py", "lab1-bo/lab.py"]),
        ("lab1-submissions", ["lab1-ana.py", "lab1-bo.py"]),
        ("lab1-submissions", ["ana/lab.py", "bo/lab.py", "lab1-cy/lab.py"]),
        ("lab1-submissions", ["lab1-/lab.py", "lab1-ana maria/lab.py"]),
    ],
    ids=["no slug", "another slug", "files", "one of three", "no usernames"],
)
def test_folders_that_only_look_alike_are_no_clones(called, names):
    assert recognise(names, called) == {}


slugs = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True)
usernames = st.from_regex(r"[A-Za-z0-9]+(-[A-Za-z0-9]+){0,3}", fullmatch=True)


@given(slugs, st.sets(usernames, min_size=1))
def test_whatever_slug_and_username_are_the_username_is_found_again(slug, users):
    uploads = recognise([f"{slug}-{user}/lab.py" for user in users], f"{slug}-submissions")
    assert {upload.student.key for upload in uploads.values()} == users
