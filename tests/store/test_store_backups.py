"""Backups: whole, of one moment, into either kind of database, and never in the way of what is there."""

import contextlib
import errno
import os
import resource
import sqlite3
import stat

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import IntegrityError

from grader.errors import BackupRefused, DatabaseLocked, DatabaseUnreachable, StoreError
from grader.model import Refusal, Student
from grader.store import Store
from grader.store.backups import back_up, restore
from grader.store.database import config

LAB = "lab1_tensors"


@pytest.fixture
def fill(submission, key, run, broken):
    """Records a class: attempts, a broken run, a refusal, texts of all kinds."""

    def fill(address, *names):
        with Store.open(address) as store:
            for name in names:
                for content in (b"first", name.encode()):
                    found = submission(name, content)
                    store.save([store.add(found)], key(found), run(output="Łódź \0 \ud83d"))
            store.save([store.add(submission("zoe", b"z"))], key(submission("zoe", b"z")), broken)
            store.refuse(Refusal(Student("kim", "Kim"), LAB, "kim.rar", "RAR is not read."))

    return fill


@pytest.fixture
def backup(tmp_path):
    return tmp_path / "backup.db"


def records(address):
    with Store.open(address) as store:
        return [(table.name, dict(row)) for table, block in store.rows() for row in block]


def test_a_backup_holds_everything_and_restores_into_either_kind(address, empty_address, backup, fill, submission):
    fill(address, "ana", "bo")
    found = back_up(address, backup)
    assert (found.rows["students"], found.rows["runs"], found.troubles) == (4, 4, ())
    restored, aside = restore(backup, empty_address)
    assert (restored.rows, aside) == (found.rows, None)
    assert records(empty_address) == records(backup) == records(address)
    with Store.open(address) as one, Store.open(empty_address) as other:
        assert list(one.grades(LAB)) == list(other.grades(LAB))


def test_grading_goes_on_in_what_was_restored(address, empty_address, backup, fill, submission, key, run):
    fill(address, "ana", "bo")
    back_up(address, backup)
    restore(backup, empty_address)
    with Store.open(empty_address) as store:
        new = submission("new", b"new", lab="lab2_regression")
        store.save([store.add(new)], key(new), run())
        assert [grade.student.key for grade in store.grades("lab2_regression")] == ["new"]
        assert len(store.grades(LAB)) == 4
        assert store.check().troubles == ()


def test_what_is_saved_while_a_backup_is_made_is_all_in_it_or_not_at_all(address, tmp_path, fill):
    fill(address, "ana")
    before = records(address)
    with Store.open(address) as store, Store.open(tmp_path / "copy.db") as copy:
        rows = store.rows()
        first = next(rows)
        fill(address, "bo", "cem")
        copy.fill(block for part in ([first], rows) for block in part)
    assert records(tmp_path / "copy.db") == before
    assert len(records(address)) > len(before)


def test_a_backup_is_one_file_that_needs_nothing_beside_it(address, backup, fill, tmp_path):
    fill(address, "ana")
    there = set(tmp_path.iterdir())
    back_up(address, backup)
    assert set(tmp_path.iterdir()) - there == {backup}
    with contextlib.closing(sqlite3.connect(f"{backup.as_uri()}?immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM students").fetchone() == (3,)


def test_no_file_is_overwritten_unless_that_is_asked_for(address, backup, fill):
    fill(address, "ana")
    backup.write_text("precious")
    with pytest.raises(BackupRefused, match="is there already"):
        back_up(address, backup)
    assert backup.read_text() == "precious"
    back_up(address, backup, force=True)
    assert records(backup) == records(address)


def test_no_database_is_overwritten_with_its_own_backup(place, fill):
    fill(place, "ana")
    before = records(place)
    with pytest.raises(BackupRefused, match="is the database itself"):
        back_up(place, place, force=True)
    assert records(place) == before


def test_a_file_that_some_program_uses_is_not_overwritten(place, backup, fill):
    fill(place, "ana")
    with Store.open(backup), pytest.raises(BackupRefused, match="some program uses"):
        back_up(place, backup, force=True)


def test_a_backup_that_fails_leaves_the_earlier_one_and_nothing_else(address, backup, fill, tmp_path):
    fill(address, "ana")
    back_up(address, backup)
    before = backup.read_bytes()
    with Store.open(address) as store, store._writing() as connection:
        connection.exec_driver_sql("DROP TABLE figures")
    there = {path for path in tmp_path.iterdir() if not path.name.startswith("grades.db-")}
    with pytest.raises(Exception, match="figures"):
        back_up(address, backup, force=True)
    assert backup.read_bytes() == before
    assert {path for path in tmp_path.iterdir() if not path.name.startswith("grades.db-")} == there


def test_a_database_that_is_not_there_is_not_backed_up(place, backup):
    with pytest.raises(DatabaseUnreachable, match="There is no database"):
        back_up(place, backup)
    assert not backup.exists()


def test_nothing_is_restored_over_records(address, backup, fill):
    fill(address, "ana")
    back_up(address, backup)
    fill(address, "bo")
    before = records(address)
    with pytest.raises(BackupRefused, match="There are records in"):
        restore(backup, address)
    assert records(address) == before


def test_a_database_of_a_server_is_not_replaced(postgresql, backup, fill):
    fill(postgresql, "ana")
    back_up(postgresql, backup)
    with pytest.raises(BackupRefused, match="make a new database for it"):
        restore(backup, postgresql, replace=True)


def test_what_is_replaced_is_kept_under_another_name(place, backup, fill):
    fill(place, "ana")
    back_up(place, backup)
    fill(place, "bo")
    later = records(place)
    _, aside = restore(backup, place, replace=True)
    assert aside.name.startswith("grades.db.before-")
    assert records(place) == records(backup)
    assert records(aside) == later
    assert mode(place) == "wal"


def test_a_link_stays_one_and_what_it_points_to_is_backed_up_and_replaced(place, backup, fill, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place.symlink_to(elsewhere / "real.db")
    backup.symlink_to(elsewhere / "backup.db")
    fill(place, "ana")
    back_up(place, backup)
    back_up(place, backup, force=True)
    before = records(place)
    fill(place, "bo")
    _, aside = restore(backup, place, replace=True)
    assert (place.is_symlink(), backup.is_symlink()) == (True, True)
    assert aside.parent == elsewhere
    assert records(elsewhere / "real.db") == records(elsewhere / "backup.db") == before


def test_a_backup_is_nobody_elses_to_read(address, backup, fill):
    fill(address, "ana")
    backup.touch(0o644)
    back_up(address, backup, force=True)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_who_may_use_a_database_may_use_what_replaces_it(place, backup, fill):
    fill(place, "ana")
    back_up(place, backup)
    place.chmod(0o660)
    if os.getuid() == 0:
        os.chown(place, 65534, 65533)
    before = place.stat()
    restore(backup, place, replace=True)
    now = place.stat()
    assert now.st_ino != before.st_ino
    assert (now.st_mode, now.st_uid, now.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_a_database_can_be_replaced_again_at_once(place, backup, fill):
    fill(place, "ana")
    back_up(place, backup)
    asides = {restore(backup, place, replace=True)[1] for _ in range(3)}
    assert len(asides) == 3
    assert all(records(aside) == records(backup) for aside in asides)


def test_a_second_name_that_a_killed_restore_left_is_forgotten(place, backup, fill):
    fill(place, "ana")
    back_up(place, backup)
    _, earlier = restore(backup, place, replace=True)
    second = place.with_name("grades.db.before-20261001-120000-000000")
    second.hardlink_to(place)
    _, aside = restore(backup, place, replace=True)
    assert {path for path in place.parent.iterdir() if ".before-" in path.name} == {earlier, aside}
    assert {path.stat().st_nlink for path in (place, earlier, aside)} == {1}


def test_a_file_system_without_second_names_is_told_and_nothing_changes(place, backup, fill, monkeypatch):
    fill(place, "ana")
    back_up(place, backup)
    fill(place, "bo")
    there, before = set(place.parent.iterdir()), records(place)

    def refuse(*_names, **_options):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)  # as exFAT does
    with pytest.raises(BackupRefused, match="cannot be put aside"):
        restore(backup, place, replace=True)
    assert (set(place.parent.iterdir()), records(place)) == (there, before)


def test_a_database_that_is_in_use_is_not_replaced(place, backup, fill):
    fill(place, "ana")
    back_up(place, backup)
    fill(place, "bo")
    before = records(place)
    with Store.open(place) as store:
        len(store.grades(LAB))
        with pytest.raises(DatabaseLocked, match="is held by another program"):
            restore(backup, place, replace=True)
    assert records(place) == before
    assert mode(place) == "wal"


def test_a_restoring_that_fails_leaves_an_empty_database(address, empty_address, backup, fill):
    fill(address, "ana")
    back_up(address, backup)
    with Store.open(empty_address) as store, store._writing() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX a_whim ON figures (title)")
    with pytest.raises(IntegrityError):
        restore(backup, empty_address)
    assert records(empty_address) == []


def test_a_replacing_that_fails_leaves_everything_as_it_was(place, backup, fill, tmp_path):
    fill(place, *(f"student-{number}" for number in range(20)))
    back_up(place, backup)
    there, before = set(tmp_path.iterdir()), records(place)
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (backup.stat().st_size + 8192, most[1]))  # a log is larger than that
    try:
        with pytest.raises(StoreError):
            restore(backup, place, replace=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert set(tmp_path.iterdir()) == there
    assert (records(place), mode(place)) == (before, "wal")


@pytest.mark.parametrize("at", [0, 4096])
def test_a_damaged_database_is_replaced(place, backup, fill, at):
    fill(place, "ana")
    back_up(place, backup)
    with place.open("r+b") as file:
        file.seek(at)
        file.write(b"damage" * 200)
    _, aside = restore(backup, place, replace=True)
    assert records(place) == records(backup)
    assert b"damagedamage" in aside.read_bytes()


def test_the_database_of_another_program_is_not_replaced(place, backup, fill, tmp_path):
    fill(place, "ana")
    back_up(place, backup)
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    before = other.read_bytes()
    with pytest.raises(BackupRefused, match="the database of another program"):
        restore(backup, other, replace=True)
    assert other.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database at all, " * 300])
def test_what_is_no_backup_is_refused(empty_address, backup, content):
    backup.write_bytes(content)
    with pytest.raises(StoreError, match=r"backup\.db is no (backup|database) of "):
        restore(backup, empty_address)
    engine = create_engine(empty_address.replace("postgresql:", "postgresql+psycopg:"))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_backup_that_is_not_whole_is_refused(backup, empty_address, fill):
    fill(backup, "ana")
    with contextlib.closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute("DELETE FROM runs WHERE id = 2")  # SQLite's own default is not to look
    with pytest.raises(BackupRefused, match=r"is not whole, and nothing was restored\. 3 of check_results belong to"):
        restore(backup, empty_address)
    assert records(empty_address) == []


@pytest.mark.parametrize("replace", [False, True])
def test_what_is_wrong_with_a_grade_is_said_and_restored_with_all_the_others(place, backup, tmp_path, fill, replace):
    fill(place, "ana")
    with Store.open(place) as store, store._writing() as connection:
        connection.exec_driver_sql("DELETE FROM check_results WHERE run_id = 1 AND position = 1")
    found = back_up(place, backup)
    said = [f"A run of {LAB} lacks check results. It grades ana."]
    assert [trouble.sentence for trouble in found.troubles] == said
    new = tmp_path / "new.db"
    if replace:
        fill(new, "bo")
    restored, aside = restore(backup, new, replace=replace)
    assert [trouble.sentence for trouble in restored.troubles] == said
    assert (aside is not None) == replace
    assert records(new) == records(place)


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(backup, empty_address):
    engine = create_engine(f"sqlite:///{backup}")
    with engine.begin() as connection:
        how = config()
        how.attributes["connection"] = connection
        command.upgrade(how, "0001")
        connection.exec_driver_sql("INSERT INTO students (key, name) VALUES ('ana', 'Ana')")
    engine.dispose()
    before = backup.read_bytes()
    found, _ = restore(backup, empty_address)
    assert found.rows["students"] == 1
    assert backup.read_bytes() == before


def mode(place):
    with contextlib.closing(sqlite3.connect(place)) as connection:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]
