"""What databases complain about, as sentences for the person who can act."""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Final

from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from grader.errors import DatabaseLocked, DatabaseUnreachable, DiskFull, StoreError

_AGAIN: Final = "Then run the command again; what is graded already stays."

_LOCKED: Final = (
    "The database {place} is held by another program for longer than this one waits. "
    "Close that program or let it finish. " + _AGAIN
)
_FULL: Final = "No space is left for the database {place}. Free some on its disk. " + _AGAIN
_CLOSED: Final = (
    "The database {place} cannot be used ({what}). Check that its folder exists and that this account may read and "
    "write both, or name another with --db."
)
_DAMAGED: Final = (
    "{place} is no database of the grader, or is damaged ({what}). Name another with --db, or restore a backup "
    "(grader db restore FILE --replace)."
)
_SERVER: Final = "The database {place} does not answer as it should ({what}). {advice}"
_CHECK: Final = (
    "Check that it runs, that its address has the right machine, user, password and name of a database, and that it "
    "lets this account in."
)
_ADVICE: Final = {
    "password authentication failed": "Put the user or the password in its address right (--db or GRADER_DB).",
    "no password supplied": "Put the password into its address (--db or GRADER_DB).",
    "root certificate file": "Name the file of the authority that signed its certificate, at the end of its address: "
    "?sslmode=verify-full&sslrootcert=FILE.",
    "certificate verify failed": "Another authority signed its certificate than sslrootcert names: name that one's.",
    "server certificate for": "Its address has to call the machine as the certificate does.",
    "no pg_hba.conf entry": "Ask whoever runs it to let this machine and this user in (pg_hba.conf).",
}
"""What to do about it where the server's or the driver's words tell; in other languages than English they do not."""
_OTHER: Final = "The database {place} refused ({what}). Name another with --db, or report this."

_SQLITE: Final[dict[int, tuple[type[StoreError], str]]] = {
    sqlite3.SQLITE_BUSY: (DatabaseLocked, _LOCKED),
    sqlite3.SQLITE_LOCKED: (DatabaseLocked, _LOCKED),
    sqlite3.SQLITE_PROTOCOL: (DatabaseLocked, _LOCKED),
    sqlite3.SQLITE_FULL: (DiskFull, _FULL),
    sqlite3.SQLITE_CANTOPEN: (DatabaseUnreachable, _CLOSED),
    sqlite3.SQLITE_PERM: (DatabaseUnreachable, _CLOSED),
    sqlite3.SQLITE_READONLY: (DatabaseUnreachable, _CLOSED),
    sqlite3.SQLITE_IOERR: (DatabaseUnreachable, _CLOSED),
    sqlite3.SQLITE_CORRUPT: (DatabaseUnreachable, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (DatabaseUnreachable, _DAMAGED),
}
"""By SQLite's primary result code."""

_POSTGRESQL: Final[dict[str, tuple[type[StoreError], str]]] = {
    "55P03": (DatabaseLocked, _LOCKED),
    "40001": (DatabaseLocked, _LOCKED),
    "40P01": (DatabaseLocked, _LOCKED),
    "53100": (DiskFull, _FULL),
}
"""By SQLSTATE."""
_NO_RIGHTS: Final = "42501"
"""The SQLSTATE of a server's administrator's mistake, which the driver counts among those of this program."""


@contextlib.contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn what the database complains about into a `StoreError`.

    Broken constraints and wrong SQL are mistakes of this program and pass through.
    """
    try:
        yield
    except (IntegrityError, ProgrammingError) as error:
        if getattr(error.orig, "sqlstate", None) != _NO_RIGHTS:
            raise
        raise _said(error.orig, place) from error
    except DBAPIError as error:
        raise _said(error.orig, place) from error
    except NoConnectionLeft as error:  # this program's threads have as many as they may, and none gets an answer
        raise _said(error, place) from error
    except sqlite3.Error as error:  # outside of SQLAlchemy's own statements
        raise _said(error, place) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseUnreachable(
            f"{place} names no database: write --db sqlite:///FILE or --db postgresql://USER@HOST/NAME."
        ) from error
    except ModuleNotFoundError as error:
        raise DatabaseUnreachable(
            f"The database {place} needs the package {error.name}, which is not installed: "
            'for PostgreSQL, run: pip install "torch-lab-grader[postgres]"'
        ) from error


def _said(error: BaseException | None, place: str) -> StoreError:
    kind, sentence = StoreError, _OTHER
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        kind, sentence = _SQLITE.get(code & 0xFF, (StoreError, _OTHER))
    elif error is not None:
        kind, sentence = _POSTGRESQL.get(getattr(error, "sqlstate", None) or "", (DatabaseUnreachable, _SERVER))
    what = str(error).strip().partition("\n")[0].rstrip(".")
    advice = next((advice for words, advice in _ADVICE.items() if words in str(error)), _CHECK)
    return kind(sentence.format(place=place, what=what, advice=advice))
