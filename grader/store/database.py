"""Opening a database: engine, pragmas, and the schema brought up to date."""

import contextlib
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError

from grader.errors import DatabaseUnreachable, QueueUnavailable
from grader.store.trouble import translated

BUSY_SECONDS: Final = 30
"""How long a process waits for another that writes; `?timeout=SECONDS` in a URL overrides it."""
_IDLE_SECONDS: Final = 20
"""How long a server lets a program hold what others wait for without asking anything."""
_PAUSE_SECONDS: Final = 0.02
_UNWRITABLE: Final = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL}
_WRITERS: Final = 0x6772616465
"""PostgreSQL's advisory lock of this program."""
_UNSAID: Final = ("password", "ssl")
"""How what is secret, or long and says nothing of where a database is, begins in an address' query."""
_ALIVE: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""A server whose machine or network is gone is missed within a minute; TCP by itself would wait for hours."""


def connect(address: str | Path, *, must_exist: bool = False, called: str = "") -> tuple[Engine, str]:
    """An engine for the database at `address`, its schema up to date, and what to call it in a sentence.

    Args:
        address: a URL, or the path of an SQLite file.
        must_exist: do not make an SQLite file that is not there.
        called: what to call it, if not by its address.

    Raises:
        StoreError: it cannot be opened, or is not this program's.
    """
    url = _url(str(address))
    place = called or _place(url)
    if must_exist and (file := _file(url)) and not file.exists():
        raise DatabaseUnreachable(
            f"There is no database {place}. Grade something first (`grader batch LAB …`), or name another with --db."
        )
    with translated(place):
        engine = _engine(url)
        try:
            _open(engine, place)
        except BaseException:
            engine.dispose()
            raise
    return engine, place


def file_of(address: str | Path) -> Path | None:
    """The file that an address means; None for a server's database."""
    return _file(_url(str(address)))


def check_shared(address: str | Path | URL) -> None:
    """See that workers on other machines can reach a database; it is not opened, nor made.

    Raises:
        QueueUnavailable: it is a file.
        DatabaseUnreachable: the address is none.
    """
    url = address if isinstance(address, URL) else _url(str(address))
    if url.get_backend_name() != "postgresql":
        raise QueueUnavailable(
            f"Workers on other machines cannot reach the database {_place(url)}. Put it on a PostgreSQL server "
            "(grader db backup, then grader db restore) and name that with --db postgresql://USER@HOST/NAME."
        )


def writing(engine: Engine) -> Engine:
    """`engine`, whose transactions write: one at a time, so what one has read stays true until it commits."""
    return engine.execution_options(write=True)


def locking_rows(engine: Engine) -> Engine:
    """`engine`, whose transactions write beside those that queue: what others may change they lock, row by row."""
    return engine.execution_options(lock_rows=True)


def identity(engine: Engine) -> tuple[int, int] | None:
    """Which file has the name of the database; None if there is none, or the database is no file."""
    file = _file(engine.url)
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def check_there(engine: Engine, opened: tuple[int, int] | None) -> None:
    """Look whether an open database still has its name: SQLite would go on writing into a file that has none.

    Args:
        opened: its identity when it was opened.

    Raises:
        DatabaseUnreachable: it was moved, removed or replaced.
    """
    if identity(engine) != opened:
        raise DatabaseUnreachable(
            f"The database {_file(engine.url)} is no longer there: it was moved, removed or replaced. Put it back, and "
            "the files beside it whose names begin alike. Then run the command again."
        )


def config() -> Config:
    """Alembic's configuration, for the migrations that lie here."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return found


def _url(address: str) -> URL:
    """An address taken apart. One that cannot be for sure is not repeated: any part may be some of a password.

    Raises:
        DatabaseUnreachable: it is none.
    """
    if "://" not in address:
        return URL.create("sqlite", database=address)
    scheme, _, rest = address.partition("://")
    is_file = scheme.startswith("sqlite")
    if rest.count("@") > 1 and not is_file:
        raise DatabaseUnreachable(
            f"The address of the database, {scheme}://…, has more than one @. In a user's name or a password write %40 "
            "for it, and %25 for %."
        )
    with translated(address if is_file else f"{scheme}://…"):
        try:
            return make_url(address)
        except ValueError as error:  # a port that is no number
            raise ArgumentError(scheme) from error


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _server_engine(url)
    wait = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
    engine = create_engine(url, connect_args=wait, json_serializer=_json, json_deserializer=msgspec.json.decode)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _server_engine(url: URL) -> Engine:
    wait = str(url.query.get("timeout", BUSY_SECONDS))
    if not wait.replace(".", "", 1).isdecimal():
        raise ArgumentError(wait)
    server = url.difference_update_query(["timeout"])
    server = server.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else server
    engine = create_engine(
        server,
        connect_args={name: value for name, value in _ALIVE.items() if name not in server.query},
        pool_pre_ping=True,  # a server that was restarted costs those alone who were at something
        json_serializer=_json,
        json_deserializer=msgspec.json.decode,
    )
    event.listen(engine, "begin", partial(_queue_up, most=f"{max(1, round(float(wait) * 1000))}ms"))  # 0 is for ever
    return engine


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin(connection: Connection) -> None:
    """A transaction that will write takes its place in the queue at once: one that reads first could not wait later."""
    writes = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _queue_up(connection: Connection, most: str) -> None:
    """Writers wait for each other; who reads sees the database as it was at the first statement, as in SQLite.

    What a program holds that was stopped, or whose machine is gone, is freed before others give up waiting for it.
    """
    options = connection.get_execution_options()
    writes = options.get("write", False)
    if not writes and not options.get("lock_rows", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return
    limits = {"lock_timeout": most, "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s"}
    local = ", ".join(f"set_config('{name}', '{of}', true)" for name, of in limits.items())
    connection.exec_driver_sql(f"SELECT {local}")
    if writes:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def _open(engine: Engine, place: str) -> None:
    before = identity(engine)
    _bring_up_to_date(engine, place)
    if before not in (None, identity(engine)):  # this waited for a file that has lost its name meanwhile
        engine.dispose()
        _open(engine, place)


def _bring_up_to_date(engine: Engine, place: str) -> None:
    script = ScriptDirectory.from_config(config())
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        tables = inspect(connection).get_table_names()
        if revision not in (None, script.get_current_head()) and engine.dialect.name == "sqlite":
            _check_undamaged(connection, place)
    if revision is None and tables:
        raise DatabaseUnreachable(f"{place} is the database of another program. Name another database with --db.")
    if revision is not None and revision not in {known.revision for known in script.walk_revisions()}:
        raise DatabaseUnreachable(
            f"The database {place} was written by a newer version of the grader. "
            "Update this one, or name another database with --db."
        )
    if engine.dialect.name == "sqlite":
        _let_readers_and_writer_coexist(engine)
    if revision == script.get_current_head():
        return
    with writing(engine).begin() as connection:
        how = config()
        how.attributes["connection"] = connection
        command.upgrade(how, "head")


def _check_undamaged(connection: Connection, place: str) -> None:
    """Look through a file before its schema is changed: that would read it wrong and write it over.

    Raises:
        DatabaseUnreachable: it is damaged.
    """
    said = " ".join(str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()).split())
    if said != "ok":
        raise DatabaseUnreachable(
            f"{place} is damaged ({said}), and stays as it is. Name another with --db, or restore a backup "
            "(grader db restore FILE --replace)."
        )


def _let_readers_and_writer_coexist(engine: Engine) -> None:
    """Switch to a write-ahead log; the file remembers it, but a backup has none, nor what a killed restore leaves.

    Where nothing can be written it stays as it is: who only reads can do so. Not possible inside a transaction. SQLite
    does not wait here for another that writes, as it does elsewhere, but refuses at once: so this waits.
    """
    with contextlib.closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        most = cursor.execute("PRAGMA busy_timeout").fetchone()[0] / 1000
        until = time.monotonic() + most
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF in _UNWRITABLE:
                    return
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return


def _place(url: URL) -> str:
    query = {name: value for name, value in url.query.items() if not name.startswith(_UNSAID)}
    return str(_file(url) or url.set(query=query).render_as_string(hide_password=True))


def _file(url: URL) -> Path | None:
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:" and not url.host:
        return Path(url.database).absolute()
    return None
