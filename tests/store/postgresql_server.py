"""A PostgreSQL server of the tests' own, made of Debian's package: no port, no cluster of the machine, nothing left."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import create_engine, make_url

BINARIES = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"
"""Whom the package makes; the server refuses to run as root."""
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "50",
    "shared_buffers": "32MB",
}
TRIES = 600
"""How often the server is asked whether it is ready, with a tenth of a second in between."""


class NoServer(Exception):
    """This machine has nothing to start."""


class PostgresqlServer:
    """A running server. It ends with the process that started it, however that ends; `close` also removes its files.

    Attributes:
        template: the URL of a database to copy others from.
    """

    def __init__(self) -> None:
        self._programs = _programs()
        self._folder = Path(tempfile.mkdtemp(prefix="grader-pg-"))  # a short path, for a socket
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._make()
            self._serve()
            self.template = self.database()
        except BaseException:
            self.close()
            raise

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, ACCOUNT, ACCOUNT)
        make = ["initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=grader"]
        with (self._folder / "log").open("wb") as said:
            subprocess.run([self._programs / make[0], *make[1:], self._folder / "data"], check=True, **_how(said))

    def _serve(self) -> None:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        serve = [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *settings]
        log = self._folder / "log"
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "QUIT", *serve],
                start_new_session=True,  # Ctrl-C is the tests' to hear
                **_how(said),
            )
        if not self._answers(self._process):
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")

    def stop(self) -> None:
        """End it as a crash does."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()

    def start(self) -> None:
        """Start it again; what was committed is there."""
        self._serve()

    def _answers(self, process: "subprocess.Popen[bytes]") -> bool:
        for _ in range(TRIES):
            if subprocess.run([self._programs / "pg_isready", "-q", "-h", self._folder], check=False).returncode == 0:
                return True
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
                return False
        return False

    def database(self, template: str | None = None) -> str:
        """The URL of a new database, empty unless it is a copy of another one, which nobody may use meanwhile."""
        name = f"grades_{next(self._numbers)}"
        self._ask(f"CREATE DATABASE {name} TEMPLATE {make_url(template).database if template else 'template1'}")
        return f"postgresql://grader@/{name}?host={self._folder}"

    def drop(self, url: str) -> None:
        """Remove a database, whoever still uses it."""
        self._ask(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _ask(self, sql: str) -> None:
        address = f"postgresql+psycopg://grader@/postgres?host={self._folder}"
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(sql)
        finally:
            engine.dispose()

    def close(self) -> None:
        """End it at once, and remove what it wrote."""
        self.stop()
        shutil.rmtree(self._folder)


def _how(said: BinaryIO) -> dict[str, Any]:
    """How its programs are run."""
    identity = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    return {"stdin": subprocess.DEVNULL, "stdout": said, "stderr": said, "cwd": "/", **identity}


def _programs() -> Path:
    """The folder of the newest server's programs."""
    found = sorted(BINARIES.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise NoServer(f"There is no PostgreSQL server below {BINARIES}: apt-get install postgresql")
    if shutil.which("setpriv") is None:
        raise NoServer("There is no setpriv to start PostgreSQL with: apt-get install util-linux")
    if find_spec("psycopg") is None:
        raise NoServer("Python cannot speak to PostgreSQL: pip install 'psycopg[binary]'")
    return found[-1].parent
