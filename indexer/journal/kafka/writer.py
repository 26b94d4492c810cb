"""The way into a topic: records go out as they come, and :meth:`KafkaWriter.sync` waits for all of them.

What the brokers do not acknowledge within ``kafka.patience_seconds`` goes into this machine's spool, which is
synced to disk like a journal in files. Either way a document is durable once ``sync`` returns, and only then
its URL counts as seen.
"""

from __future__ import annotations

import secrets
import time
from types import TracebackType

import structlog

from fengping.errors import StoreDown
from fengping.indexer.journal.kafka.records import Sending
from fengping.indexer.journal.kafka.spool import Spool
from fengping.indexer.journal.kafka.topic import Topic
from fengping.indexer.journal.log import JournalWriter
from fengping.models import RawDocument

log = structlog.get_logger()

AGAIN = 15.0
"""Seconds for which an absent broker is not asked again."""
MOST = 20_000
"""Documents that may wait for their acknowledgement."""


class KafkaWriter:
    """See :class:`~fengping.indexer.journal.protocol.WriterProtocol`."""

    def __init__(self, topic: Topic, spool: Spool) -> None:
        self.begun: list[str] = []
        self._topic, self._spool = topic, spool
        self._name = f"kafka:{secrets.token_hex(6)}"
        self._sending = Sending(topic, self._name)
        self._aside: JournalWriter | None = None
        """Into the spool, while the broker is away."""
        self._ask_at = 0.0
        self._known = False

    def append(self, *documents: RawDocument) -> None:
        if not documents:
            return
        if not self.begun:
            self.begun.append(self._name)
        if not self._there():
            self._set_aside(documents)
            return
        for document in documents:
            self._sending.put(document)
        if self._sending.waiting > MOST or self._sending.failed:
            self._settle()

    def sync(self) -> None:
        self._settle()
        if self._aside is not None:
            self._aside.sync()

    def _settle(self) -> None:
        """Waits for the brokers; what they leave unacknowledged is set aside."""
        left = self._sending.flush()
        large, self._sending.large = self._sending.large, []
        if large:
            log.warning(
                "documents are too large for the journal's topic; they wait in the spool",
                count=len(large), remedy="raise max.message.bytes of the topic and kafka.max_document_bytes",
            )  # fmt: skip
            self._spool.set_aside_large(large, self._name)
        if left:
            reason = str(self._sending.failed or "no acknowledgement")
            self._sending.failed = None
            self._away(reason)
            self._set_aside(tuple(left))

    def _away(self, reason: str) -> None:
        self._known, self._ask_at = False, time.monotonic() + AGAIN
        log.warning("the journal's broker is away; documents go into the spool", reason=reason)

    def _there(self) -> bool:
        """True if records may go to the brokers; asks them at the beginning, and again a while after they
        left. Raises :class:`ForeignHome` and others for a topic that is not ours."""
        if self._known:
            return True
        if time.monotonic() < self._ask_at:
            return False
        try:
            self._known = self._topic.checked
            if self._aside is not None:
                self._aside.close()
                self._aside = None
            self._spool.drain(self._topic, self._topic.about())
        except StoreDown as error:
            self._away(error.message)
        return self._known

    def _set_aside(self, documents: tuple[RawDocument, ...]) -> None:
        self._aside = self._aside or self._spool.writer(self._name)
        self._aside.append(*documents)

    def close(self) -> None:
        self.sync()
        if self._aside is not None:
            self._aside.close()
            self._aside = None

    def __enter__(self) -> KafkaWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
