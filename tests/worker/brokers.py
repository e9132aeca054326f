"""Redis and RabbitMQ of the tests' own, made of Debian's packages: on free ports, no service of the machine."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from grader.errors import BrokerUnreachable
from grader.worker.broker import Broker

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
PATIENCE = 600.0
"""Seconds after which a broker counts as stuck."""


class NoBroker(Exception):
    """This machine has nothing to start."""


def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        return found.getsockname()[1]


class Server:
    """A running broker, which can be stopped and started again. It ends with the process that started it.

    Attributes:
        url: its address.
    """

    account: str

    def __init__(self):
        self._folder = Path(tempfile.mkdtemp(prefix="grader-broker-"))
        self._port = free_port()
        self._processes = []
        if os.geteuid() == 0:
            shutil.chown(self._folder, self.account, self.account)
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self):
        self._processes = [self._started(command) for command in self.commands()]
        end, ended = time.monotonic() + PATIENCE, False
        while time.monotonic() < end and not ended:
            try:
                return Broker(self.url).check()
            except BrokerUnreachable:
                ended = any(process.poll() is not None for process in self._processes)
                time.sleep(0.1)
        why = "it ended" if ended else f"it is not ready after {PATIENCE:.0f} seconds"
        raise RuntimeError(f"The broker did not start, {why}: {(self._folder / 'log').read_text()}")

    def _started(self, command):
        identity = {"user": self.account, "group": self.account, "extra_groups": []} if os.geteuid() == 0 else {}
        with (self._folder / "log").open("ab") as said:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self._folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder), "LC_ALL": "C.UTF-8", **self.settings()},
                start_new_session=True,
                **identity,
            )

    def stop(self):
        """Kill it with all that it started."""
        for process in self._processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes = []

    def close(self):
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


class Redis(Server):
    """Keeps nothing on disk: started again, it has forgotten all messages."""

    account = "redis"

    @property
    def url(self):
        return f"redis://127.0.0.1:{self._port}/0"

    def commands(self):
        if shutil.which("redis-server") is None:
            raise NoBroker("There is no Redis: apt-get install redis-server")
        return [["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]]

    def settings(self):
        return {}


class RabbitMQ(Server):
    """Keeps messages on disk.

    Args:
        conf: lines of rabbitmq.conf.
    """

    account = "rabbitmq"

    def __init__(self, conf=""):
        self._conf = conf
        super().__init__()

    @property
    def url(self):
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def commands(self):
        if not RABBITMQ.exists():
            raise NoBroker("There is no RabbitMQ: apt-get install rabbitmq-server")
        self._names = free_port()
        return [["epmd", "-port", str(self._names), "-address", "127.0.0.1"], [RABBITMQ]]  # or else it starts a daemon

    def settings(self):
        folder, node = str(self._folder), f"grader-{self._port}@localhost"
        (self._folder / "rabbit.conf").write_text(f"{self._conf}\n")
        (self._folder / "advanced.config").write_text("[{rabbit, [{channel_tick_interval, 1000}]}].\n")
        return {
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": folder,
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbit.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "ERL_EPMD_PORT": str(self._names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }


def started(kind):
    """A broker until the generator is closed; the test is skipped where there is none, unless it may not be."""
    try:
        server = kind()
    except NoBroker as error:
        if os.environ.get("GRADER_REQUIRE_BROKERS") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with closing(server):
        yield server
