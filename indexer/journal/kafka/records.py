"""Documents as records of a topic, and sending them with one acknowledgement for each."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from fengping.indexer.journal.kafka.topic import Topic
from fengping.indexer.journal.lines import encode
from fengping.models import RawDocument

BY = "by"
"""Header that names the writer."""
MARK = b"mark"
"""Key of records without a document, which begin a segment."""

_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}


def record_of(document: RawDocument) -> tuple[bytes, bytes]:
    """Version id and content. The id is that of the document and a hash of all its version holds, so that a
    version sent twice stands once after the next compaction."""
    data = encode(document).rstrip(b"\n")
    return document.id.encode() + hashlib.blake2b(data, digest_size=8).hexdigest().encode(), data


class Sending:
    """Records on their way: each stays here until it is acknowledged."""

    def __init__(self, topic: Topic, by: str) -> None:
        self.large: list[RawDocument] = []
        """Documents that the topic takes none of, for their size."""
        self.failed: KafkaError | None = None
        """The last error of another kind."""
        self._topic, self._by = topic, by.encode()
        self._open: dict[int, RawDocument] = {}
        self._number = 0
        self._producer: Producer | None = None

    def put(self, document: RawDocument, record: tuple[bytes, bytes] | None = None) -> None:
        """Hands a document on; returns before it is acknowledged."""
        key, data = record or record_of(document)
        self._number += 1
        number = self._number

        def told(error: KafkaError | None, _message: Message) -> None:
            if error is None:
                del self._open[number]
            elif error.code() in _TOO_LARGE:
                self.large.append(self._open.pop(number))
            else:
                self.failed = error

        self._open[number] = document
        self._producer = self._producer or self._topic.producer()
        try:
            self._hand_on(self._producer, key, data, told)
        except KafkaException as error:
            told(error.args[0], None)  # type: ignore[arg-type]

    def _hand_on(self, producer: Producer, key: bytes, data: bytes, told: object) -> None:
        deadline = time.monotonic() + self._topic.config.patience_seconds
        while True:
            try:
                producer.produce(
                    self._topic.address.topic,
                    data,
                    key,
                    headers={BY: self._by},
                    on_delivery=told,  # type: ignore[arg-type]
                )
                producer.poll(0)
                return
            except BufferError:
                producer.poll(0.2)
                if time.monotonic() > deadline:
                    raise KafkaException(KafkaError(KafkaError._MSG_TIMED_OUT)) from None

    def flush(self) -> list[RawDocument]:
        """Waits for the acknowledgements; documents without one, which are forgotten here."""
        if self._producer is not None and self._open:
            self._producer.flush(self._topic.config.patience_seconds + 1)
            if self._open:
                # The producer would go on trying beside whoever takes them over now.
                self._producer.purge()
                self._producer.flush(1)
                self._producer = None
        left = list(self._open.values())
        self._open.clear()
        return left

    @property
    def waiting(self) -> int:
        """Documents that are not acknowledged."""
        return len(self._open)


def send(topic: Topic, rows: Mapping[bytes, RawDocument], by: str) -> list[RawDocument]:
    """Sends versions and waits; those too large for the topic. Raises where another is not acknowledged."""
    sending = Sending(topic, by)
    for document in rows.values():
        sending.put(document)
    if sending.flush():
        failed = sending.failed or KafkaError(KafkaError._MSG_TIMED_OUT)
        raise topic.address.explained(failed)
    return sending.large
