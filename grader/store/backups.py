"""A backup is an SQLite file with every row of a database, whichever kind that is; it restores into either."""

import contextlib
import glob
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from grader.errors import BackupRefused
from grader.store.database import connect, file_of
from grader.store.soundness import Soundness
from grader.store.store import Store
from grader.store.trouble import translated

_BESIDE: Final = ("-wal", "-shm", "-journal")
"""How the names of files end that SQLite has beside one in use, or left by a program that was killed."""
_PRIVATE: Final = 0o600
"""Grades are nobody else's business, wherever a backup is put."""
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def back_up(address: str | Path, file: Path, *, force: bool = False) -> Soundness:
    """Copy a database as it is at one moment, whoever writes meanwhile. The file is there when it is complete.

    Args:
        force: the file may take another one's place.

    Returns:
        How the copy is: what is wrong with it is wrong with the database.

    Raises:
        BackupRefused: there is something under that name that stays.
    """
    file = file.resolve()  # a link stays one
    with Store.open(address, must_exist=True) as store:
        _check_free(file, file_of(address), force=force)
        with _copied(store, file) as (part, found):
            part.chmod(_PRIVATE)
            _sync(part)
            part.replace(file)
            _sync(file.parent)
    return found


def restore(file: Path, address: str | Path, *, replace: bool = False) -> tuple[Soundness, Path | None]:
    """Put everything in a backup into a database without records: all of it, or nothing.

    Args:
        replace: an SQLite file that has records is put aside first.

    Returns:
        How the backup is, what is wrong with its records included, and where the file lies that was there before.

    Raises:
        BackupRefused: the backup cannot be read as a whole, or there are records already.
    """
    place = file_of(address)
    with _opened(file) as backup:
        found = backup.check()
        if found.bar:
            raise BackupRefused(
                f"{file} is not whole, and nothing was restored. {found.bar.sentence} "
                f"“grader db check --db {file}” says all about it."
            )
        if replace and place and place.exists() and place.stat().st_size:
            return found, _replace(backup, found, place.resolve())
        with Store.open(address) as store:
            store.fill(backup.rows())
    return found, None


def _check_free(file: Path, database: Path | None, *, force: bool) -> None:
    if database and file.exists() and file.samefile(database):
        raise BackupRefused(f"{file} is the database itself. Name another file for the backup.")
    if file.exists() and not force:
        raise BackupRefused(f"{file} is there already. Name another file, or overwrite this one with --force.")
    if left := next((other for other in map(Path, _beside(file)) if other.exists()), None):
        raise BackupRefused(f"{left} is there: some program uses {file}, or was killed. Name another file.")


def _beside(file: Path) -> list[str]:
    return [f"{file}{end}" for end in _BESIDE]


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[Store]:
    """A backup, brought up to date in a copy of it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "backup.db")
        address = f"{file.absolute().as_uri()}?mode=ro"
        with translated(str(file)), contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            if not _is_ours(connection):
                raise BackupRefused(f"{file} is no backup of a grader's database.")
            connection.execute("VACUUM INTO ?", (str(copy),))
        with Store(*connect(copy, called=str(file))) as store:
            yield store


def _is_ours(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone())


@contextlib.contextmanager
def _copied(store: Store, file: Path) -> Iterator[tuple[Path, Soundness]]:
    """All rows of a store in one new file beside the one whose name it shall have, and how the copy is."""
    with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
        part = Path(folder, file.name)
        with Store(*connect(part, called=str(file))) as copy:
            copy.fill(store.rows())
        _end_log(part, file)
        with Store(*connect(part, called=str(file))) as copy:
            found = copy.check()
        _end_log(part, file)
        yield part, found


def _end_log(part: Path, file: Path) -> None:
    """Bring all that is in a file's log into it: whoever closes the file is not told that there was no space for it.

    From then on the file can be read where nothing may be written beside it.
    """
    with translated(str(file)), contextlib.closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _replace(backup: Store, found: Soundness, old: Path) -> Path:
    """Put a backup into the place of a file, and that one aside: the name is one of the two at every moment."""
    aside = old.with_name(f"{old.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    with translated(str(old)), _alone(old), _copied(backup, old) as (new, copied):
        if copied.bar or copied.rows != found.rows:
            raise BackupRefused(f"What was written is not what is in {found.place}; {old} is as it was. Try again.")
        _hand_over(old, new)
        _sync(new)
        _sync(old.parent)
        _forget_second_names(old)
        _link(old, aside)  # nothing that takes time from here on: a second name for a file in use would harm it
        for log, name in zip(_beside(old), _beside(aside), strict=True):  # of a damaged one; else there is none
            with contextlib.suppress(FileNotFoundError):
                Path(log).rename(name)
        new.replace(old)
        _sync(old.parent)
    return aside


def _forget_second_names(old: Path) -> None:
    """Remove what a restore that was killed at its last step left: programs that use two names of a file ruin it."""
    for other in old.parent.glob(f"{glob.escape(old.name)}.before-*"):
        if other.samefile(old):
            other.unlink()


def _link(old: Path, aside: Path) -> None:
    try:
        aside.hardlink_to(old)
    except OSError as error:
        raise BackupRefused(
            f"{old} cannot be put aside ({error.strerror}). Rename it yourself, then restore without --replace."
        ) from error


def _hand_over(old: Path, new: Path) -> None:
    """Let those use the new file who may use the old one, as far as this account may decide that."""
    facts = old.stat()
    for user, group in ((-1, facts.st_gid), (facts.st_uid, -1)):
        with contextlib.suppress(PermissionError):
            os.chown(new, user, group)
    new.chmod(stat.S_IMODE(facts.st_mode))


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Nobody else uses the file, and all that is in its log is in it: a log beside it would be read as the next one's.

    Raises:
        BackupRefused: it belongs to another program.
    """
    with contextlib.closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        try:
            if not _is_ours(connection):
                raise BackupRefused(f"{file} is the database of another program. Name another database with --db.")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in _DAMAGED:
                raise
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.DatabaseError):
                connection.rollback()
                connection.execute("PRAGMA journal_mode = WAL")
            raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
