"""Speaking to brokers: where they are, who we are, and their errors in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException

from fengping.credentials import authority, hosts, login, secret, tls_fault
from fengping.errors import ConfigError, FengpingError, StoreDown, StoreError
from fengping.visible import masked

ASK = 10.0
"""Seconds that a question may take, at most."""

PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds waited before asking again where a topic has no leader."""

_PREFIX = "FENGPING_KAFKA_"
_KEPT = "what was not acknowledged waits here, and nothing is lost"
_CREDENTIALS = f"{_PREFIX}USERNAME and {_PREFIX}PASSWORD"

_ABSENT = {
    KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError._RESOLVE,
    KafkaError._MSG_TIMED_OUT, KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT, KafkaError._WAIT_COORD,
    KafkaError.REQUEST_TIMED_OUT, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.NETWORK_EXCEPTION, KafkaError.BROKER_NOT_AVAILABLE, KafkaError._DESTROY,
    KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.NOT_COORDINATOR, KafkaError.NOT_CONTROLLER,
}  # fmt: skip
"""Errors of brokers that are away or changing places: they pass."""

_FEW = {KafkaError.NOT_ENOUGH_REPLICAS, KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND}

_OLD = {
    KafkaError._UNSUPPORTED_FEATURE, KafkaError.UNSUPPORTED_VERSION, KafkaError.UNSUPPORTED_COMPRESSION_TYPE,
    KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT,
}  # fmt: skip
"""Errors of brokers that lack what a journal is made of: idempotent producers, bounded compaction, zstd."""
OLDEST = "2.4"

LEADERLESS = {
    KafkaError.LEADER_NOT_AVAILABLE, KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError._UNKNOWN_PARTITION,
    KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC,
}  # fmt: skip

_DENIED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
}  # fmt: skip
"""Errors of brokers that know who we are, and let us do less than we need."""
REFUSED = {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL, *_DENIED}


@dataclass(frozen=True, slots=True)
class Address:
    """``kafka://host:9092,host:9092/topic`` taken apart."""

    hosts: str
    topic: str
    encrypted: bool

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises :class:`ConfigError` for an address that cannot be, or that holds a password."""
        found = re.fullmatch(r"kafka(\+ssl)?://([^/]+)/([^/?]+)", url)
        if found is None or not all(found[2].split(",")):
            raise ConfigError(
                f"Unknown journal URL {masked(url)!r}.",
                remedy="Write kafka://host:9092,host:9092/TOPIC, with kafka+ssl:// for TLS.",
            )
        if "@" in found[2]:
            raise ConfigError(
                "The journal's address holds a user name.",
                remedy=f"Put it into the environment: {_CREDENTIALS}.",
            )
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,200}", found[3]):
            raise ConfigError(
                f"{found[3]!r} is no name of a topic.", remedy="Use letters, digits, . _ and -."
            )
        return cls(",".join(hosts(found[2], 9092)), found[3], bool(found[1]))

    def settings(self, **further: Any) -> dict[str, Any]:
        """Settings of a client of these brokers."""
        user, password = login(_PREFIX)
        given: dict[str, Any] = {
            "bootstrap.servers": self.hosts,
            "security.protocol": ("SASL_" if user else "") + ("SSL" if self.encrypted else "PLAINTEXT"),
            "client.id": "fengping",
            "log_level": 0,  # what goes wrong is told by the calls, in our words
            "socket.connection.setup.timeout.ms": 5_000,
            "reconnect.backoff.max.ms": 2_000,
            **further,
        }
        if user:
            given["sasl.mechanism"] = secret(f"{_PREFIX}MECHANISM") or "SCRAM-SHA-512"
            given |= {"sasl.username": user, "sasl.password": password}
        if trusted := authority(f"{_PREFIX}CA", "" if self.encrypted else "kafka+ssl://"):
            given["ssl.ca.location"] = trusted
        return given

    @contextmanager
    def sentences(self) -> Iterator[None]:
        """Errors of the driver in our words."""
        try:
            yield
        except KafkaException as error:
            raise self.explained(error.args[0]) from error

    def explained(self, error: KafkaError) -> FengpingError:
        """The error of ours that tells of *error*."""
        code, said = error.code(), error.str()
        if code in _DENIED:
            return StoreError(
                f"Kafka at {self.hosts} does not let us do this ({said}).",
                remedy="Grant our user Create, Read, Write, Describe and DescribeConfigs of "
                f"{self.topic} and {self.topic}.about, IdempotentWrite of the cluster, and Read of the group "
                "fengping.",
            )
        if code in REFUSED:
            where = f"Kafka at {self.hosts}"
            if fault := tls_fault(where, f"{_PREFIX}CA", said, "kafka:// for kafka+ssl://"):
                return fault
            return StoreError(
                f"Kafka at {self.hosts} does not let us in ({said}).",
                remedy=f"Set {_CREDENTIALS} in the environment, and kafka+ssl:// with {_PREFIX}CA for TLS.",
            )
        if code in {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}:
            return StoreError(
                f"The topic {self.topic} takes no record of that size ({said}).",
                remedy="Raise its max.message.bytes, and kafka.max_document_bytes in fengping.toml.",
            )
        if code in _OLD:
            return ConfigError(
                f"What answers at {self.hosts} is no Kafka of version {OLDEST} or later ({said}).",
                remedy="Upgrade them, or name others under `journal` in fengping.toml: nothing is lost.",
            )
        if code == KafkaError.KAFKA_STORAGE_ERROR:
            return StoreDown(
                f"A disk of Kafka at {self.hosts} is full or broken ({said}).",
                remedy=f"Make room there and start that broker again: {_KEPT}.",
            )
        if code in _FEW:
            return StoreDown(
                f"Fewer brokers of Kafka at {self.hosts} are in step than {self.topic} asks for ({said}).",
                remedy="Start the others, see that their disks are not full, or lower the topic's "
                f"min.insync.replicas: {_KEPT}.",
            )
        if code in _ABSENT or error.retriable():
            return self.down(said)
        return StoreError(
            f"Kafka at {self.hosts} refused: {said}.",
            remedy=f"Its broker's log says why; run again once that is mended: {_KEPT}.",
        )

    def down(self, reason: str) -> StoreDown:
        return StoreDown(
            f"The journal's Kafka at {self.hosts} does not answer ({reason}).",
            remedy="Start it, see that its disk is not full, or mend `journal` in fengping.toml, and run "
            "again: nothing is lost.",
        )


class Closing:
    """A consumer that is closed at the end."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._consumer = Consumer(settings)

    def __enter__(self) -> Consumer:
        return self._consumer

    def __exit__(self, *_: object) -> None:
        self._consumer.close()
