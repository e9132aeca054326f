"""What goes through a broker, and what it does with it."""

import json
import socket
import socketserver
import ssl
import subprocess
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from brokers import RabbitMQ, started
from kombu import Connection

from grader.errors import BrokerUnreachable
from grader.model import Need
from grader.worker.broker import _OPTIONS, TASK, Broker


@pytest.fixture
def carries(broker):
    """The broker under test, with nothing in its queues."""
    made = Broker(broker.url)
    with Connection(broker.url) as connection, connection.channel() as channel:
        for queue in made.app.amqp.queues.values():
            queue(channel).declare()
            queue(channel).purge()
    return made


def messages(broker, need, many):
    """The messages of a queue, in the order in which a worker gets them."""
    found = []
    with broker.app.connection_for_read() as connection, connection.channel() as channel:
        queue = broker.app.amqp.queues[need](channel)
        while len(found) < many and (message := queue.get(no_ack=True)):
            found.append(message)
    return found


def tickets(found):
    return [json.loads(message.body)[0][0] for message in found]


def test_a_message_carries_the_number_of_a_ticket_and_nothing_of_a_student(carries):
    carries.send([7, 8], Need.CPU, 0)
    first, second = messages(carries, "cpu", 3)
    assert json.loads(first.body)[:2] == [[7], {}]
    assert (first.headers["task"], first.content_type) == (TASK, "application/json")
    assert tickets([second]) == [8]


def test_each_need_has_a_queue_of_its_own(carries):
    carries.send([1], Need.CPU, 0)
    carries.send([2], Need.GPU, 0)
    assert (tickets(messages(carries, "cpu", 2)), tickets(messages(carries, "gpu", 2))) == ([1], [2])


def test_what_is_urgent_comes_before_what_was_sent_earlier(carries):
    carries.send([1, 2], Need.CPU, 0)
    carries.send([3, 4], Need.CPU, 9)
    carries.send([5], Need.CPU, 3)
    assert tickets(messages(carries, "cpu", 6)) == [3, 4, 5, 1, 2]


def test_only_json_is_read(carries):
    assert carries.app.conf.accept_content == ["json"]


def test_a_password_is_no_part_of_what_is_told():
    broker = Broker("amqp://grader:se%2Fcret@127.0.0.1:1/vhost")
    assert broker.place == "amqp://127.0.0.1:1/vhost"
    with pytest.raises(BrokerUnreachable) as told:
        broker.send([1], Need.CPU, 0)
    assert "cret" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://host",
        "redis://",
        "redis://host:port",
        "amqp:///vhost",
        "redis://:s3cret@host:6379/grader",
        "redis://:p@s3cret/w#rd@host:6379/0",
        "redis://:p/s3cret@host/0",
        "redis://:p@s3cret/1?@host/0",
        "redis://:p#s3cret@host/0",
        "amqp://grader:p@s3cret/w@host/vhost",
        "amqps://grader:p@s3cret?w@host/vhost",
        "redis://host/0?s3cret=1",
    ],
)
def test_an_address_that_can_be_none_is_a_sentence_without_any_of_it(url):
    with pytest.raises(BrokerUnreachable, match="names no broker") as told:
        Broker(url)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("url", ["redis://host", "redis://host/", "rediss://:p%2Fw@host:1/12", "amqp://a:b@host//"])
def test_what_is_encoded_in_an_address_is_taken(url):
    assert Broker(url).place.startswith(url.partition("://")[0])


def test_a_wrong_password_is_told_as_one(broker):
    scheme, _, place = broker.url.partition("://")
    stranger = f"{scheme}://nobody:wrong@{place.rpartition('@')[2]}"
    with pytest.raises(BrokerUnreachable, match=r"Put the user or the password in its address right \(--broker"):
        Broker(stranger).check()


def test_another_programs_celery_decides_nothing_here(monkeypatch, redis):
    for name in ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL"):
        monkeypatch.setenv(name, "redis://127.0.0.1:1/3")
    Broker(redis.url).check()
    with Broker(redis.url).app.connection_for_read() as connection:
        assert connection.port == urlsplit(redis.url).port


def test_a_broker_that_is_short_of_memory_is_told_of_rather_than_waited_for(monkeypatch):
    monkeypatch.setattr("grader.worker.broker.ANSWER_SECONDS", 2.0)
    for short in started(lambda: RabbitMQ("vm_memory_high_watermark.absolute = 1MB")):
        with pytest.raises(BrokerUnreachable, match="has disk and memory left"):
            Broker(short.url).send(range(1, 301), Need.CPU, 0)


@pytest.fixture
def encrypted(tmp_path):
    """The port of something on 127.0.0.1 that proves to be `localhost`, by an authority of its own; and its file."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
    subprocess.run([*made, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with suppress(OSError), context.wrap_socket(self.request, server_side=True):
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        yield server.server_address[1], certificate
        server.shutdown()


@pytest.mark.parametrize(
    ("scheme", "sentence"),
    [
        ("redis", "is not encrypted (one that is: rediss)"),
        ("rediss", "is encrypted (one that is not: redis)"),
        ("amqp", "is not encrypted (one that is: amqps)"),
        ("amqps", "is encrypted (one that is not: amqp)"),
    ],
)
def test_a_broker_that_waits_for_another_beginning_is_not_tried_again_and_again(scheme, sentence, monkeypatch):
    """It accepts, and then says nothing."""
    monkeypatch.setattr("grader.worker.broker.CONNECT_SECONDS", 0.5)
    monkeypatch.setitem(_OPTIONS["redis"], "socket_timeout", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(BrokerUnreachable) as told:
            Broker(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}").check()
        silent.settimeout(0)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert sentence in str(told.value)


def test_a_broker_that_is_not_encrypted_is_no_encrypted_one(broker, monkeypatch):
    monkeypatch.setitem(_OPTIONS["redis"], "socket_timeout", 0.5)
    scheme, _, place = broker.url.partition(":")
    with pytest.raises(BrokerUnreachable, match=rf"is encrypted \(one that is not: {scheme}\)"):
        Broker(f"{scheme}s:{place}").check()


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_is_encrypted_is_told_of_where_it_was_taken_for_one_that_is_not(scheme, encrypted):
    with pytest.raises(BrokerUnreachable, match=rf"is not encrypted \(one that is: {scheme}s\)"):
        Broker(f"{scheme}://127.0.0.1:{encrypted[0]}").check()


@pytest.mark.parametrize("scheme", ["rediss", "amqps"])
def test_where_it_is_encrypted_the_broker_has_to_prove_who_it_is(scheme, encrypted, monkeypatch):
    port, certificate = encrypted
    with pytest.raises(BrokerUnreachable, match=r"failed: self-signed certificate.* authority's file in SSL_CERT_FILE"):
        Broker(f"{scheme}://localhost:{port}").check()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(BrokerUnreachable, match=r"certificate is not valid for '127\.0\.0\.1'"):
        Broker(f"{scheme}://127.0.0.1:{port}").check()
    with pytest.raises(BrokerUnreachable) as told:  # it is believed, and does not speak as a broker does
        Broker(f"{scheme}://localhost:{port}").check()
    assert "certificate" not in str(told.value)
