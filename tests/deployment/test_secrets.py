"""Engines behind TLS with an authority of one's own, and behind passwords from the environment or files."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, MutableMapping
from pathlib import Path

import pytest
from tests import certificates, postgres
from tests.certificates import Certificate
from tests.deployment.servers import redis_server
from tests.indexer.test_journal_contract import raw
from tests.kafka_node.launcher import running
from tests.servers import free_ports, needed
from tests.store_samples import SAMPLES

from fengping.errors import ConfigError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.services.home import doctor
from fengping.state import State

pytestmark = [pytest.mark.slow, pytest.mark.long]

WORD = "geheim-8231"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return certificates.make(tmp_path / "certificates")


@pytest.fixture
def stranger(tmp_path: Path) -> Certificate:
    """A certificate of an authority that signed nothing here."""
    return certificates.make(tmp_path / "stranger")


@pytest.fixture
def word(tmp_path: Path) -> str:
    """A file that holds the password."""
    file = tmp_path / "word"
    file.write_text(f"{WORD}\n", encoding="utf-8")
    return str(file)


def home_with(home: Home, config: str) -> Home:
    home.config_file.write_text(config, encoding="utf-8")
    return Home.open(home.root)


def told(home: Home, part: str) -> str:
    """The sentence of ``doctor`` on a part that is at fault; no sentence of it shows the password."""
    found = {one.name: one for one in doctor(home)}
    assert WORD not in "".join(one.found for one in found.values())
    assert not found[part].ok, found[part].found
    return found[part].found


def test_kafka(
    home: Home, tmp_path: Path, certificate: Certificate, stranger: Certificate, word: str,
    environ: MutableMapping[str, str],
) -> None:  # fmt: skip
    (port,) = free_ports(1)
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    further = (
        f"listeners=PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller}},SAFE://127.0.0.1:{port}",
        f"advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},SAFE://127.0.0.1:{port}",
        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SAFE:SASL_SSL",
        "inter.broker.listener.name=PLAINTEXT", "sasl.enabled.mechanisms=PLAIN",
        f'listener.name.safe.plain.sasl.jaas.config={plain} user_me="{WORD}";',
        "ssl.keystore.type=PEM", f"ssl.keystore.location={certificate.both}",
    )  # fmt: skip
    journal = f'journal = "kafka+ssl://127.0.0.1:{port}/posts"\n[kafka]\npatience_seconds = '
    one = home_with(home, f"{journal}4\n")
    folder = tmp_path / "kafka"
    folder.mkdir()
    environ["FENGPING_KAFKA_USERNAME"] = "me"
    assert "FENGPING_KAFKA_PASSWORD is not. Set FENGPING_KAFKA_PASSWORD" in told(one, "journal")
    environ["FENGPING_KAFKA_PASSWORD_FILE"] = word
    environ["FENGPING_KAFKA_MECHANISM"] = "PLAIN"
    with needed(), running(folder, 1, *further):
        environ["FENGPING_KAFKA_CA"] = str(stranger.authority)
        untrusted = told(one, "journal")
        assert f"certificate of Kafka at 127.0.0.1:{port} is not trusted here" in untrusted
        assert "Set FENGPING_KAFKA_CA in the environment" in untrusted
        environ["FENGPING_KAFKA_CA"] = str(certificate.authority)
        patient = home_with(home, f"{journal}60\n")  # a busy machine takes long to make the topic
        with open_journal(patient).writer() as writer:
            writer.append(raw(1, "一"))
        lines = [line for batch in open_journal(patient).read({}, 9) for line in batch.lines]
        assert [line.document.text for line in lines if line.document] == ["一"]
        del environ["FENGPING_KAFKA_PASSWORD_FILE"]
        environ["FENGPING_KAFKA_PASSWORD"] = "other"
        refused = told(one, "journal")
        assert "does not let us in" in refused
        assert "FENGPING_KAFKA_PASSWORD" in refused


def test_postgresql(
    home: Home, certificate: Certificate, stranger: Certificate, word: str, environ: MutableMapping[str, str]
) -> None:
    with needed(), postgres.running(certificate, WORD) as server:
        one = home_with(home, f'state = "{server}postgres"')
        assert "Set FENGPING_STATE_PASSWORD, or FENGPING_STATE_PASSWORD_FILE" in told(one, "state database")
        environ["FENGPING_STATE_PASSWORD_FILE"] = word
        environ["FENGPING_STATE_CA"] = str(stranger.authority)
        untrusted = told(one, "state database")
        assert "certificate of the state database" in untrusted
        assert "is not trusted here" in untrusted
        assert "Set FENGPING_STATE_CA in the environment" in untrusted
        environ["FENGPING_STATE_CA_FILE"] = str(certificate.authority)
        with State.open(one).begin() as connection:
            safe = connection.exec_driver_sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            assert safe.scalar()
        assert WORD not in State.open(one).url
        renamed = server.replace("127.0.0.1", "db.example")
        other = home_with(home, f'state = "{renamed}postgres?hostaddr=127.0.0.1"')
        assert "was made for another name" in told(other, "state database")
        del environ["FENGPING_STATE_CA"]
        del environ["FENGPING_STATE_CA_FILE"]
        lone = home_with(home, f'state = "{server}postgres?sslmode=verify-full"')
        assert "or write &sslrootcert=system for a public one" in told(lone, "state database")
        environ["FENGPING_STATE_CA"] = str(certificate.authority)
        named = home_with(home, f'state = "{server}postgres?sslmode=disable"')
        assert "takes connections by TLS alone" in told(named, "state database")
    with postgres.running() as server:
        bare = home_with(home, f'state = "{server}postgres"')
        assert "speaks no TLS" in told(bare, "state database")


def test_redis(
    home: Home, tmp_path: Path, certificate: Certificate, stranger: Certificate, word: str,
    environ: MutableMapping[str, str],
) -> None:  # fmt: skip
    further = (
        "--port", "0", "--tls-cert-file", str(certificate.chain), "--tls-key-file", str(certificate.key),
        "--tls-ca-cert-file", str(certificate.authority), "--tls-auth-clients", "no",
        "--user", "default", "off", "--user", "me", "on", f">{WORD}", "~*", "&*", "+@all",
    )  # fmt: skip
    with needed(), redis_server(tmp_path, *further, name="tls-port", scheme="rediss") as url:
        one = home_with(home, f'[crawl]\nfrontier = "{url}"')
        place = url.removeprefix("rediss://")
        environ["FENGPING_REDIS_CA"] = str(stranger.authority)
        untrusted = told(one, "frontier")
        assert f"certificate of Redis at {place} is not trusted here" in untrusted
        assert "Set FENGPING_REDIS_CA in the environment" in untrusted
        environ["FENGPING_REDIS_CA"] = str(certificate.authority)
        assert "Set FENGPING_REDIS_USERNAME and FENGPING_REDIS_PASSWORD" in told(one, "frontier")
        environ["FENGPING_REDIS_USERNAME"] = "me"
        environ["FENGPING_REDIS_PASSWORD_FILE"] = word
        [found] = [check for check in doctor(one) if check.name == "frontier"]
        assert (found.ok, found.found) == (True, place)


@contextlib.contextmanager
def behind_tls(port: int, certificate: Certificate) -> Iterator[int]:
    """The port of a door with TLS before a server that has none: nodes' own is no part of their free jars."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        while True:
            try:
                bare, _ = door.accept()
            except OSError:
                return
            try:
                client = certificate.context().wrap_socket(bare, server_side=True)
            except (ssl.SSLError, OSError):
                bare.close()
                continue
            server = socket.create_connection(("127.0.0.1", port))
            for way in ((client, server), (server, client)):
                threading.Thread(target=pump, args=way, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=serve, daemon=True).start()
        yield door.getsockname()[1]


def test_elasticsearch(
    home: Home, elasticsearch_url: str, certificate: Certificate, stranger: Certificate,
    environ: MutableMapping[str, str],
) -> None:  # fmt: skip
    bare = int(elasticsearch_url.rpartition(":")[2])
    with behind_tls(bare, certificate) as port:
        one = home_with(home, f'store = "elasticsearch+https://127.0.0.1:{port}/safe"')
        environ["FENGPING_ELASTICSEARCH_CA"] = str(stranger.authority)
        untrusted = told(one, "store")
        assert f"certificate of Elasticsearch at https://127.0.0.1:{port} is not trusted here" in untrusted
        assert "Set FENGPING_ELASTICSEARCH_CA in the environment" in untrusted
        environ["FENGPING_ELASTICSEARCH_CA_FILE"] = str(certificate.authority)
        with contextlib.closing(open_store(one)) as store:
            store.put(SAMPLES)
            assert store.count(Filter()) == len(SAMPLES)
    wrong = home_with(home, f'store = "elasticsearch+https://127.0.0.1:{bare}/safe"')
    assert "There is no TLS at that port of Elasticsearch" in told(wrong, "store")


@pytest.mark.parametrize(
    ("variable", "config", "opened"),
    [
        (
            "FENGPING_KAFKA_CA",
            'journal = "kafka+ssl://127.0.0.1:1/a"',
            lambda home: open_journal(home).mark(),
        ),
        ("FENGPING_STATE_CA", 'state = "postgresql+psycopg://me@127.0.0.1:1/a"', State.open),
        ("FENGPING_ELASTICSEARCH_CA", 'store = "elasticsearch+https://127.0.0.1:1/a"', open_store),
    ],
)
def test_an_authority_that_is_none(
    home: Home, word: str, variable: str, config: str, opened: object, environ: MutableMapping[str, str]
) -> None:
    one = home_with(home, config)
    assert callable(opened)
    for path, sentence in ((word, "holds no certificate"), ("/nowhere.pem", "cannot be read")):
        environ[variable] = path
        with pytest.raises(ConfigError, match=f"{variable} .*{sentence}") as caught:
            opened(one)
        assert WORD not in str(caught.value)
