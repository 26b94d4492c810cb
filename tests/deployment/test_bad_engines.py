"""Engines that are too old, full or out of step: one sentence with the remedy each, and nothing lost."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil
import pytest
from confluent_kafka import KafkaError
from sqlalchemy import make_url, text
from tests import postgres
from tests.deployment.servers import redis_server
from tests.deployment.stubs import OldKafka, OldPostgres, OldRedis, answering
from tests.indexer.test_journal_contract import kafka, raw, read, topic
from tests.kafka_node.launcher import Cluster, running
from tests.meanwhile import clock_ahead
from tests.servers import needed

from fengping.config import KafkaConfig
from fengping.errors import ConfigError, StoreDown, StoreError
from fengping.home import Home
from fengping.indexer.journal import Address, Topic
from fengping.services.deployment import check_frontier
from fengping.services.home import doctor
from fengping.state import State

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[str]:
    with needed(), redis_server(tmp_path) as url:
        yield url


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "kafka"
    folder.mkdir()
    with needed(), running(folder) as cluster:
        yield cluster


def home_with(home: Home, config: str) -> Home:
    home.config_file.write_text(config, encoding="utf-8")
    return Home.open(home.root)


class TestOld:
    def test_a_broker_without_what_a_journal_needs(self, tmp_path: Path) -> None:
        with answering(OldKafka) as place:
            journal = kafka(f"kafka://{place}/topic", tmp_path / "spool")
            sentence = rf"at {place} is no Kafka of version 2\.4 .*Upgrade them.*nothing is lost"
            with pytest.raises(ConfigError, match=sentence):
                read(journal, {})
            with pytest.raises(ConfigError, match=sentence), journal.writer() as writer:
                writer.append(raw(1))

    def test_a_database(self, home: Home) -> None:
        with answering(OldPostgres) as place:
            url = f"postgresql+psycopg://me:geheim@{place}/one?sslpassword=geheim2"
            with pytest.raises(ConfigError, match=r"on PostgreSQL 9; .*14 or later.*nothing is lost") as told:
                State.open(home_with(home, f'state = "{url}"'))
            assert place in str(told.value)
            assert "geheim" not in str(told.value)

    def test_a_frontier(self, home: Home) -> None:
        with answering(OldRedis) as place:
            one = home_with(home, f'[crawl]\nfrontier = "redis://me:geheim@{place}/0"')
            with pytest.raises(
                ConfigError, match=rf"at {place}/0 is no Redis of version 6\.0.*Upgrade"
            ) as told:
                check_frontier(one)
            assert "geheim" not in str(told.value)


class TestFull:
    def test_a_broker_whose_disk_is_full(self, broker: Cluster, tmp_path: Path) -> None:
        url, spool = topic(broker), tmp_path / "spool"
        large = [secrets.token_hex(100_000) for _ in range(3)]
        with kafka(url, spool).writer() as writer:
            writer.append(raw(1, "一"))
        # No file of it may grow beyond this: it ends as it does where a disk is full.
        psutil.Process(broker.processes[0].pid).rlimit(psutil.RLIMIT_FSIZE, (100_000, 100_000))
        with kafka(url, spool).writer() as writer:
            writer.append(*(raw(number, said) for number, said in enumerate(large, 2)))
            writer.sync()  # returns: they stand on this machine's disk
        broker.processes[0].wait(60)
        with pytest.raises(
            StoreDown, match=r"does not answer.*see that its disk is not full.*nothing is lost"
        ):
            kafka(url, spool).settle()
        broker.start(0)
        journal = kafka(url, spool)
        journal.settle()
        found = read(journal, {})
        assert sorted({line.document.text for line in found if line.document}) == sorted(["一", *large])
        assert "wait in" not in journal.facts()

    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            (
                KafkaError.KAFKA_STORAGE_ERROR,
                r"disk of Kafka at host:9092 is full.*Make room.*nothing is lost",
            ),
            (KafkaError.NOT_ENOUGH_REPLICAS, r"in step than posts asks for.*min\.insync\.replicas.*is lost"),
            (KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND, r"Start the others.*nothing is lost"),
        ],
    )
    def test_what_brokers_answer_passes(self, code: int, sentence: str) -> None:
        with pytest.raises(StoreDown, match=sentence):
            raise Address.parse("kafka://host/posts").explained(KafkaError(code))

    def test_a_record_that_brokers_refuse(self) -> None:
        refused = KafkaError(KafkaError.INVALID_RECORD)
        with pytest.raises(StoreError, match=r"refused: .*log says why.*nothing is lost"):
            raise Address.parse("kafka://host/posts").explained(refused)

    @pytest.mark.parametrize("part", ["user", "database"])
    def test_a_database_or_a_user_that_is_not_made_yet(
        self, home: Home, postgres_server: str, part: str
    ) -> None:
        made = make_url(postgres.database(postgres_server))
        url = made.set(username="nobody") if part == "user" else made.set(database="nothing")
        made_home = home_with(home, f'state = "{url.render_as_string(hide_password=False)}"')
        with pytest.raises(StoreError, match=r"does not know us: .*createuser NAME.*createdb"):
            State.open(made_home)

    def test_the_disk_of_the_database(self, home: Home, postgres_server: str) -> None:
        state = State.open(home_with(home, f'state = "{postgres.database(postgres_server)}"'))
        said = 'could not extend file "base/1/2": No space left on device'
        full = f"DO $$ BEGIN RAISE disk_full USING MESSAGE = '{said}'; END $$"
        sentence = r"disk of the state database .* is full.*nothing is lost"
        with pytest.raises(StoreDown, match=sentence), state.begin() as connection:
            connection.execute(text("INSERT INTO meta VALUES ('half', 'x')"))
            connection.execute(text(full))
        with state.begin() as connection:
            assert not connection.scalar(text("SELECT count(*) FROM meta WHERE key = 'half'"))

    def test_the_memory_of_the_frontier(self, frontier: str) -> None:
        from fengping.spiders.cluster import connect

        server = connect(frontier)
        server.config_set("maxmemory", "1")
        with pytest.raises(StoreDown, match=r"takes nothing more.*Make room there.*nothing is lost"):
            server.set("a", "b")


class _Silent:
    """An administrator whose brokers die between a question and its answer."""

    def describe_configs(self, asked: list[Any]) -> dict[Any, Future[Any]]:
        return {one: Future() for one in asked}


def test_a_question_that_a_dying_broker_leaves_open_is_a_sentence() -> None:
    topic = Topic(Address.parse("kafka://127.0.0.1:9/posts"), "home", KafkaConfig(patience_seconds=0.2))
    vars(topic)["admin"] = _Silent()
    with pytest.raises(StoreDown, match=r"does not answer \(no answer in 0\.2 seconds\)"):
        topic.settings()


def test_clocks_an_hour_apart_are_named(
    home: Home, postgres_server: str, kafka_cluster: Cluster, frontier: str
) -> None:
    journal = f'journal = "{topic(kafka_cluster)}"\n'
    state = f'state = "{postgres.database(postgres_server)}"\n{journal}'
    shared = home_with(home, f'{state}[crawl]\nfrontier = "{frontier}"\n')
    assert clocks(shared) == (True, "as the state database, the journal's broker, Redis say")
    for one, name in (
        (shared, "the state database"),
        (home_with(home, journal), "the journal's broker"),
        (home_with(home, f'[crawl]\nfrontier="{frontier}"'), "Redis"),
    ):
        with clock_ahead(3600):
            ok, said = clocks(one)
        assert not ok
        assert said.startswith(f"This machine's clock is 1:00:00 ahead of that of {name}. Set both by NTP")
    with clock_ahead(-3600):
        assert "1:00:00 behind" in clocks(shared)[1]


def clocks(home: Home) -> tuple[bool, str]:
    [found] = [one for one in doctor(home) if one.name == "clocks"]
    return found.ok, found.found
