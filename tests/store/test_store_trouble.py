import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import DBAPIError, OperationalError

from grader.errors import DatabaseLocked, DatabaseUnreachable, DiskFull, StoreError
from grader.model import Refusal, Student
from grader.store import Store
from grader.store.backups import back_up, restore
from grader.store.trouble import translated

LAB = "lab1_tensors"


def message(kind, call):
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return str(caught.value)


RESULT_CODES = {
    name: getattr(sqlite3, name)
    for name in dir(sqlite3)
    if name.startswith("SQLITE_") and isinstance(getattr(sqlite3, name), int)
}
OPERATIONAL = [
    "ERROR", "PERM", "ABORT", "BUSY", "LOCKED", "READONLY", "INTERRUPT", "IOERR", "FULL", "CANTOPEN", "PROTOCOL",
    "SCHEMA",
]  # fmt: skip
"""The primary codes for which the driver raises OperationalError."""


def primary(name):
    return RESULT_CODES[f"SQLITE_{name}"]


def extended(code):
    """The names of all result codes whose primary code is `code`."""
    prefix = next(name for name, value in RESULT_CODES.items() if value == code)
    return {value for name, value in RESULT_CODES.items() if name.startswith(prefix) and value & 0xFF == code}


@pytest.mark.parametrize("name", [*OPERATIONAL, "CORRUPT", "NOTADB"])
def test_no_operational_error_of_sqlite_is_left_as_it_is(name):
    for code in extended(primary(name)):
        original = sqlite3.OperationalError("what it says")
        original.sqlite_errorcode = code
        with pytest.raises(StoreError) as caught, translated("/tmp/grades.db"):
            raise OperationalError("SELECT 1", {}, original)
        assert "/tmp/grades.db" in str(caught.value)
        assert str(caught.value).endswith(".")
        assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("55P03", DatabaseLocked),
        ("40001", DatabaseLocked),
        ("40P01", DatabaseLocked),
        ("53100", DiskFull),
        ("28P01", DatabaseUnreachable),
        (None, DatabaseUnreachable),
    ],
)
def test_what_postgresql_says_is_translated_too(sqlstate, kind):
    class ServerError(Exception):
        pass

    original = ServerError("connection to server failed\n\tIs the server running?")
    original.sqlstate = sqlstate
    with pytest.raises(kind) as caught, translated("postgresql://host/grades"):
        raise DBAPIError("SELECT 1", {}, original)
    assert "postgresql://host/grades" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_server_that_answers_none_of_many_threads_is_told(postgresql):
    with Store.open(postgresql) as store:
        store._engine.pool._timeout = 0.01
        many = [store._reading() for _ in range(100)]
        with ExitStack() as held, pytest.raises(DatabaseUnreachable, match="Check that it runs"):
            list(map(held.enter_context, many))


def test_a_locked_database_is_said_with_what_to_do(address, impatient, submission):
    with Store.open(address) as other, Store.open(impatient(address)) as store:
        with other._writing():
            assert message(DatabaseLocked, lambda: store.add(submission())) == (
                f"The database {store._place} is held by another program for longer than this one waits. "
                "Close that program or let it finish. Then run the command again; what is graded already stays."
            )
        assert store.digests([store.add(submission())])


def test_grades_can_be_read_while_another_writes(address, impatient, submission, key, run):
    with Store.open(impatient(address)) as store, Store.open(address) as other:
        store.save([store.add(submission())], key(submission()), run())
        with other._writing() as connection:
            connection.exec_driver_sql("UPDATE runs SET score = 0")
            assert next(iter(store.grades(LAB))).score == 10.5


def test_who_has_no_rights_in_a_server_is_told(postgresql):
    with Store.open(postgresql) as owner:
        with owner._writing() as connection:
            connection.exec_driver_sql("CREATE ROLE guest LOGIN")
        try:
            said = message(DatabaseUnreachable, lambda: Store.open(postgresql.replace("grader@", "guest@")))
        finally:
            with owner._writing() as connection:
                connection.exec_driver_sql("DROP ROLE guest")
    assert "permission denied for table" in said
    assert said.endswith("and that it lets this account in.")


def test_a_server_that_is_not_there_is_told(tmp_path):
    address = f"postgresql://ana:secret@/grades?host={tmp_path}"
    said = message(DatabaseUnreachable, lambda: Store.open(address))
    assert "and that it lets this account in." in said
    assert "secret" not in said


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite:///{}?timeout=0"])
def test_a_database_that_must_exist_is_not_made(place, form):
    address = form.format(place)
    assert message(DatabaseUnreachable, lambda: Store.open(address, must_exist=True)) == (
        f"There is no database {place}. Grade something first (`grader batch LAB …`), or name another with --db."
    )
    assert not place.exists()
    Store.open(address).close()
    Store.open(address, must_exist=True).close()


def test_a_missing_folder_is_said(tmp_path):
    place = tmp_path / "nowhere" / "grades.db"
    assert message(DatabaseUnreachable, lambda: Store.open(f"sqlite:///{place}")) == (
        f"The database {place} cannot be used (unable to open database file). "
        "Check that its folder exists and that this account may read and write both, or name another with --db."
    )


def test_a_file_that_is_no_database_is_said(place):
    place.write_bytes(b"x = 1\n" * 1000)
    assert message(DatabaseUnreachable, lambda: Store.open(str(place))) == (
        f"{place} is no database of the grader, or is damaged (file is not a database). "
        "Name another with --db, or restore a backup (grader db restore FILE --replace)."
    )


def test_a_damaged_database_is_said(place, submission, key, run):
    with Store.open(str(place)) as store:
        store.save([store.add(submission())], key(submission()), run())
    data = bytearray(place.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    place.write_bytes(data)

    def look():
        with Store.open(str(place)) as store:
            list(store.grades(LAB))

    assert message(DatabaseUnreachable, look).startswith(f"{place} is no database of the grader, or is damaged (")


def test_the_database_of_another_program_is_left_alone(empty_address):
    engine = create_engine(empty_address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE students (shoe_size INTEGER)")
    said = message(DatabaseUnreachable, lambda: Store.open(empty_address))
    assert said.endswith(" is the database of another program. Name another database with --db.")
    assert inspect(engine).get_table_names() == ["students"]
    engine.dispose()


def test_a_database_of_a_newer_version_is_said(address):
    with Store.open(address) as store, store._writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        place = store._place
    assert message(DatabaseUnreachable, lambda: Store.open(address)) == (
        f"The database {place} was written by a newer version of the grader. "
        "Update this one, or name another database with --db."
    )


def test_an_address_that_is_none_is_said():
    for address in ("://…", "oracle9://x", "sqlite://host/path/x", "postgresql://a/b?timeout=soon"):
        said = message(DatabaseUnreachable, lambda address=address: Store.open(address))
        assert said == f"{address} names no database: write --db sqlite:///FILE or --db postgresql://USER@HOST/NAME."


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://grader:p@s3cret/w#rd@host/grades",
        "postgresql://grader:s3cret@w@host/grades",
        "postgresql://grader:s3cret@w?rd@host/grades",
        "postgresql://grader:s3cret",
        "postgresql://grader:x@host:s3cret/grades",
        "postgresql+nothing://grader:s3cret@host/grades",
        "postgresql://grader@127.0.0.1:1/grades?password=s3cret&sslpassword=s3cret",
    ],
)
def test_no_part_of_a_password_is_said(address):
    said = message(DatabaseUnreachable, lambda: Store.open(address))
    assert "postgresql" in said
    assert "s3cret" not in said
    assert ("%40" in said) == (address.count("@") > 1)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ('FATAL:  password authentication failed for user "grader"', "Put the user or the password in its address"),
        ('root certificate file "/root/.postgresql/root.crt" does not exist', "sslrootcert=FILE."),
        ("SSL error: certificate verify failed", "than sslrootcert names: name that one's."),
        ("Connection refused", "Check that it runs,"),
    ],
)
def test_what_to_do_about_a_server_is_said_by_its_own_words(words, advice):
    def answer():
        with translated("grades"):
            raise OperationalError("SELECT 1", None, psycopg.OperationalError(f"connection failed: {words}"))

    said = message(DatabaseUnreachable, answer)
    assert said.startswith("The database grades does not answer as it should (connection failed: ")
    assert advice in said


def test_of_a_servers_address_only_what_tells_where_it_is_is_said():
    address = "postgresql://grader@127.0.0.1:1/grades?sslmode=verify-full&sslrootcert=/etc/ssl/our-ca.pem"
    said = message(DatabaseUnreachable, lambda: Store.open(address))
    assert said.startswith("The database postgresql://grader@127.0.0.1:1/grades does not answer")


def test_a_missing_driver_is_said_and_the_password_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    said = message(DatabaseUnreachable, lambda: Store.open("postgresql://ana:secret@localhost/grades"))
    assert 'pip install "torch-lab-grader[postgres]"' in said
    assert "secret" not in said


def test_a_database_that_may_not_be_written_is_said():
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "grades.db"
        Store.open(str(place)).close()
        place.chmod(0o444)
        Path(folder).chmod(0o555)
        said = as_nobody(lambda: message(DatabaseUnreachable, lambda: write_to(place)))
        Path(folder).chmod(0o755)
    assert said.startswith(f"The database {place} cannot be used (")
    assert "that this account may read and write both" in said


def test_a_backup_that_may_not_be_written_can_be_read(submission):
    with tempfile.TemporaryDirectory() as folder:
        place, file = Path(folder) / "grades.db", Path(folder) / "backup.db"
        with Store.open(place) as store:
            store.add(submission())
        back_up(place, file)
        file.chmod(0o444)
        Path(folder).chmod(0o555)
        said = as_nobody(lambda: students(file))
        Path(folder).chmod(0o755)
    assert said == "ana"


def students(place):
    with Store.open(place) as store:
        return " ".join(student.key for student in store.students())


def write_to(place):
    with Store.open(str(place)) as store:
        store.refuse(Refusal(Student("ana", "Ana"), LAB, "a.py", "why"))


def as_nobody(call):
    """What `call` returns in a process that has no special rights: root may write everywhere."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            os.write(writing, call().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def small_disk(tmp_path):
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_nothing_is_lost(small_disk, submission, key, run):
    place = small_disk / "grades.db"
    with Store.open(str(place)) as store:
        store.save([store.add(submission())], key(submission()), run())
        (small_disk / "ballast").write_bytes(bytes(free(small_disk)))
        said = message(DiskFull, lambda: store.add(submission("bo", os.urandom(200_000))))
        assert said == (
            f"No space is left for the database {place}. Free some on its disk. "
            "Then run the command again; what is graded already stays."
        )
        (small_disk / "ballast").unlink()
        assert [grade.score for grade in store.grades(LAB)] == [10.5]
        store.add(submission("bo", os.urandom(50_000)))


def test_a_disk_that_is_full_from_the_start_is_said(small_disk):
    (small_disk / "ballast").write_bytes(bytes(free(small_disk)))
    with pytest.raises(DiskFull):
        Store.open(str(small_disk / "grades.db"))


def test_a_disk_that_fills_up_while_a_backup_is_restored_leaves_the_database_as_it_was(
    small_disk, tmp_path, submission
):
    """There is space for the log of what is restored, and none for what is in the log."""
    with Store.open(tmp_path / "large.db") as store:
        store.add(submission("bo", os.urandom(350_000)))
    back_up(tmp_path / "large.db", tmp_path / "backup.db")
    place = small_disk / "grades.db"
    with Store.open(place) as store:
        store.add(submission())
    said = message(DiskFull, lambda: restore(tmp_path / "backup.db", place, replace=True))
    assert said.startswith(f"No space is left for the database {place}.")
    assert list(small_disk.iterdir()) == [place]
    with Store.open(place) as store:
        assert [student.key for student in store.students()] == ["ana"]
        assert store.check().troubles == ()


def free(folder):
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize
