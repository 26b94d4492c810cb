"""The topic of a journal and the small one beside it that says whose it is and what was erased from it.

    TOPIC         one partition, so that arrival is one order; key = version id, compacted, kept without end
    TOPIC.about   key ``journal`` = version and home; key ``erased:VERSION`` = when it was erased; key
                  ``void:WRITER`` = nothing of it is to come; key ``clock`` = nothing, to ask for the time

A version is erased by a record without a value (a tombstone) under its key. The broker takes both out of its
files at its next compaction, which ``max.compaction.lag.ms`` bounds; until then readers skip what the small
topic names.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import orjson
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ClusterMetadata,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from fengping.clock import iso
from fengping.config import KafkaConfig
from fengping.erasure.noted import KEPT
from fengping.errors import UPGRADE, ConfigError, Damaged, ForeignHome, SchemaTooNew, StoreError
from fengping.indexer.journal.files import SCHEMA_VERSION
from fengping.indexer.journal.kafka.about import ERASED, VOID, About, about_of
from fengping.indexer.journal.kafka.client import ASK, LEADERLESS, PAUSES, REFUSED, Address, Closing
from fengping.indexer.journal.kafka.keeping import (
    COPIES,
    LEAST,
    Keeping,
    check_settings,
    lag_of,
    settings_of_new,
)

T = TypeVar("T")

REMEMBERED = KEPT
"""Time for which an erasure is remembered beyond the compaction: a machine may hold a spool or repost groups
that long without being at work."""

_ABOUT = b"journal"
_CLOCK = b"clock"


@dataclass(frozen=True)
class Topic:
    """A journal's topic on its brokers."""

    address: Address
    owner: str
    config: KafkaConfig

    @property
    def about_name(self) -> str:
        return f"{self.address.topic}.about"

    @property
    def wanted(self) -> timedelta:
        """Time within which what was erased is to be gone from the brokers' disks."""
        return timedelta(hours=self.config.erase_within_hours)

    @property
    def lag(self) -> timedelta | None:
        """Time within which it is, by the topic's own settings; ``None`` where nothing bounds it."""
        return lag_of(self.settings())

    def keeping(self) -> Keeping:
        """Copies and settings of the topic as they are now."""
        settings = self.settings()
        with self.address.sentences():
            place = self._cluster().topics[self.address.topic].partitions[0]
        counts = len(place.replicas), len(place.isrs), int(settings[LEAST])
        return Keeping(self.address.topic, *counts, lag_of(settings), self.wanted)

    @property
    def ask(self) -> float:
        """Seconds that a question may take."""
        return min(ASK, self.config.patience_seconds)

    @functools.cached_property
    def admin(self) -> AdminClient:
        return AdminClient(self.address.settings(error_cb=self._heard.append))

    @functools.cached_property
    def _heard(self) -> list[KafkaError]:
        """Errors on the way to the brokers, which are told aside."""
        return []

    def _cluster(self) -> ClusterMetadata:
        try:
            return self.admin.list_topics(timeout=self.ask)
        except KafkaException as error:
            self.admin.poll(0)  # a certificate or password that was refused is told only now
            told = [one for one in self._heard if one.code() in REFUSED]
            if told:
                raise KafkaException(told[-1]) from error
            raise

    @property
    def checked(self) -> bool:
        """True once the topics are there and ours; made where they are missing. Raises as :attr:`claimed`."""
        return self.claimed > 0

    @functools.cached_property
    def claimed(self) -> int:
        """Moment in milliseconds at which it was said whose the journal is: by us, where nobody had.

        Raises :class:`StoreDown`, :class:`ForeignHome`, :class:`SchemaTooNew`, and :class:`ConfigError` for a
        topic that no journal can be.
        """
        with self.address.sentences():
            cluster = self._cluster()
            found, name = cluster.topics, self.address.topic
            there, described = name in found, self.about_name in found
            if described and not there:
                raise Damaged(
                    f"The topic {name} of the journal is gone, although {self.about_name} describes it.",
                    remedy="Put it back, or name another topic in fengping.toml to begin anew.",
                )
            self._make(
                [one for one, is_there in ((name, there), (self.about_name, described)) if not is_there],
                self.config.replicas or min(COPIES, len(cluster.brokers)),
            )
            if there and len(found[name].partitions) != 1:
                raise ConfigError(
                    f"The topic {name} has {len(found[name].partitions)} partitions; a journal is of one.",
                    remedy="Let fengping make the topic, or make it with one partition.",
                )
            check_settings(name, self.settings())
            return self._claim(held=there and not described and self._holds_records())

    def _make(self, names: Collection[str], copies: int) -> None:
        settings = settings_of_new(copies, self.wanted, self.config.max_document_bytes)
        new = [NewTopic(name, 1, replication_factor=copies, config=settings) for name in names]
        for made in (self.admin.create_topics(new) if new else {}).values():
            try:
                made.result()
            except KafkaException as error:
                # Another machine may have been faster.
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise

    def settings(self) -> dict[str, str]:
        """Settings of the topic as the brokers have them."""
        resource = ConfigResource(ResourceType.TOPIC, self.address.topic)
        with self.address.sentences():
            found = self._patiently(
                lambda: self.admin.describe_configs([resource])[resource].result(timeout=self.ask)
            )
            return {name: entry.value for name, entry in found.items()}

    def _holds_records(self) -> bool:
        low, high = self.ends(self.address.topic)
        return high > low

    def _claim(self, *, held: bool) -> int:
        home, version, moment = self._described()
        if not home:
            if held:
                raise StoreError(
                    f"The topic {self.address.topic} holds records that {self.about_name} says nothing of.",
                    remedy="Name a topic of this home's own in fengping.toml.",
                )
            record = {"journal": SCHEMA_VERSION, "home": self.owner}
            self.produce(self.about_name, [(_ABOUT, orjson.dumps(record))])
            home, version, moment = self._described()
        if version > SCHEMA_VERSION:
            raise SchemaTooNew(
                f"The topic {self.address.topic} was written by a newer fengping "
                f"(journal {version}, known {SCHEMA_VERSION}).",
                remedy=UPGRADE,
            )
        if home != self.owner:
            raise ForeignHome(f"The topic {self.address.topic}", home, self.owner)
        return moment

    def _described(self) -> tuple[str, int, int]:
        """Home of the journal, its version and the moment, as the first to say so wrote them; ``"", 0, 0``
        where nobody has. Erasures come behind it and are not read."""
        for message in self.consume(self.about_name, OFFSET_BEGINNING):
            if message.key() == _ABOUT and (value := message.value()):
                record = orjson.loads(value)
                return record["home"], record["journal"], message.timestamp()[1]
        return "", 0, 0

    def about(self) -> About:
        """Erasures that the small topic tells of as it stands now."""
        known = about_of(self.address.hosts, self.address.topic, self.claimed)
        with known.lock:
            low, high = self.ends(self.about_name)
            at = low if known.read > high else max(known.read, low)
            if at < high:
                known.read_on(self.consume(self.about_name, at))
        return known

    def note_erased(
        self, keys: Collection[bytes], at: datetime, *, forgotten: bool, standing: Collection[bytes] = ()
    ) -> None:
        """Remembers that versions were erased; lets go of what was erased long ago, but for those *standing*
        in the brokers' files all the same."""
        record = orjson.dumps({"at": iso(at), "forgotten": forgotten})
        gone: list[bytes] = []
        if (lag := self.lag) is not None:
            old, erased = at - lag - REMEMBERED, self.about().erased
            gone = [key for key, one in erased.items() if one.at < old and key not in standing]
        rows: list[tuple[bytes, bytes | None]] = [(ERASED + key, record) for key in keys]
        self.produce(self.about_name, [*rows, *((ERASED + key, None) for key in gone)])

    def clock(self) -> float:
        """Seconds since 1970 by the broker that dates what arrives: of a record for nobody, which one of the
        next takes the place of."""
        return self.produce(self.about_name, [(_CLOCK, b" ")]) / 1000

    def produce(self, name: str, rows: Collection[tuple[bytes, bytes | None]]) -> int:
        """Writes records; returns once all are acknowledged, with the moment in milliseconds at which the
        broker took the last, and raises where one is not."""
        failed: list[KafkaError] = []
        taken = [0]

        def told(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                failed.append(error)
            else:
                taken.append(message.timestamp()[1])

        patience = self.config.patience_seconds
        producer = self.producer()
        with self.address.sentences():
            for key, value in rows:
                while True:
                    try:
                        producer.produce(name, value, key, on_delivery=told)
                        break
                    except BufferError:
                        producer.poll(0.5)
                producer.poll(0)
            left = producer.flush(patience + self.ask)
        if failed:
            raise self.address.explained(failed[0])
        if left:
            raise self.address.down(f"{left} records are not acknowledged")
        return taken[-1]

    def make_void(self, names: Collection[str]) -> None:
        """Has what machines still hold of these writers be dropped where it waits."""
        self.produce(self.about_name, [(VOID + name.encode(), b" ") for name in names])

    def producer(self) -> Producer:
        """A producer whose retries double nothing and whose acknowledgements are of all replicas in sync."""
        return Producer(
            self.address.settings(
                **{
                    "enable.idempotence": True,
                    "acks": "all",
                    "compression.type": "zstd",
                    "linger.ms": 5,
                    "message.max.bytes": self.config.max_document_bytes,
                    "queue.buffering.max.kbytes": 64 * 1024,
                    "message.timeout.ms": max(int(self.config.patience_seconds * 1000), 1000),
                }
            )
        )

    def ends(self, name: str) -> tuple[int, int]:
        """First offset of a topic, and the one behind its last."""
        with self._consumer() as consumer:
            return self._ends(consumer, name)

    def _ends(self, consumer: Consumer, name: str) -> tuple[int, int]:
        place = TopicPartition(name, 0)
        low, high = self._patiently(lambda: consumer.get_watermark_offsets(place, timeout=self.ask))
        return low, high

    def _patiently(self, question: Callable[[], T]) -> T:
        for pause in (*PAUSES, None):
            try:
                return question()
            except KafkaException as error:
                # A topic just made, or a broker just gone, has no leader for a moment.
                if pause is None or error.args[0].code() not in LEADERLESS:
                    raise self.address.explained(error.args[0]) from error
            except TimeoutError as error:  # a future's: it tells no code
                raise self.address.down(f"no answer in {self.ask:g} seconds") from error
            time.sleep(pause)
        raise AssertionError("the last pause is None")

    def consume(self, name: str, start: int, stop: Callable[[], bool] = lambda: False) -> Iterator[Message]:
        """Records from *start* up to the end as it stands now, each verified by its checksum."""
        with self._consumer() as consumer, self.address.sentences():
            low, high = self._ends(consumer, name)
            at = low if start == OFFSET_BEGINNING else start
            if at >= high:
                return
            consumer.assign([TopicPartition(name, 0, at)])
            silent = 0.0
            while at < high and not stop():
                first = consumer.poll(1.0)
                # Of many it would wait for all: what is here already is taken along.
                messages = [first, *consumer.consume(2_000, timeout=0.0)] if first is not None else []
                silent = 0.0 if messages else silent + 1.0
                if silent > self.config.patience_seconds:
                    raise self.address.down(f"no record for {silent:.0f} seconds")
                for message in messages:
                    if (error := message.error()) is not None:
                        if error.code() == KafkaError._PARTITION_EOF:
                            at = high
                            continue
                        raise KafkaException(error)
                    at = (message.offset() or 0) + 1
                    yield message
                    if at >= high:
                        return

    @functools.cached_property
    def _settings_of_consumers(self) -> dict[str, Any]:
        return self.address.settings(
            **{
                "group.id": "fengping",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "check.crcs": True,
                "fetch.message.max.bytes": max(self.config.max_document_bytes, 2**20),
                "queued.max.messages.kbytes": 32 * 1024,
            }
        )

    def _consumer(self) -> Closing:
        return Closing(self._settings_of_consumers)
