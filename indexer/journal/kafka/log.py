"""The journal in a topic of Kafka: read from an offset, verified by checksums, erased from by tombstones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Message

from fengping.clock import iso
from fengping.config import KafkaConfig
from fengping.indexer.journal.kafka.about import About
from fengping.indexer.journal.kafka.client import Address
from fengping.indexer.journal.kafka.keeping import LAG
from fengping.indexer.journal.kafka.records import BY, MARK
from fengping.indexer.journal.kafka.spool import Spool
from fengping.indexer.journal.kafka.topic import Topic
from fengping.indexer.journal.kafka.writer import KafkaWriter
from fengping.indexer.journal.lines import Fault, Line, decode
from fengping.indexer.journal.protocol import Aside, Batch, Cursor, Position
from fengping.models import RawDocument

NAME = "kafka"
"""Name of the one file that a cursor knows."""

BEGUN = "kafka begun"
"""Name under which it knows where the topic began when an index was built with what was left."""

_ID = 32
_APART = timedelta(minutes=1)
"""Time by which a collector's clock may be ahead of the broker's."""


class KafkaJournal:
    """See :class:`~fengping.indexer.journal.protocol.JournalProtocol`."""

    unit = "records"
    small = 12_000
    shared = True

    def __init__(self, url: str, owner: str, config: KafkaConfig, spool: Path) -> None:
        self.url = url
        self._unchecked = Topic(Address.parse(url), owner, config)
        self._spool = Spool(spool)

    @property
    def _topic(self) -> Topic:
        assert self._unchecked.checked
        return self._unchecked

    def read(self, cursor: Cursor, size: int, *, salvage: bool = False) -> Iterator[Batch]:
        start = cursor.get(NAME, Position())
        low, high = self._topic.ends(self._topic.address.topic)
        lines: list[Line] = []
        moved: dict[str, Position] = {}
        at = start.offset
        if reason := self._another(start, low, high):
            yield Batch([Line(NAME, at + 1, None, Fault.DAMAGED, reason)], {NAME: start})
            return
        missed = max(at, cursor.get(BEGUN, Position()).offset)
        if missed < low:
            begins = f"the topic {self._topic.address.topic} begins at record {low:,}"
            gone = f"{begins}: {low - missed:,} unread ones were deleted"
            lines.append(Line(NAME, at + 1, None, Fault.DAMAGED, gone))
            moved[NAME] = start
        at = max(at, low)
        about = self._topic.about()
        for message in self._topic.consume(self._topic.address.topic, at) if at < high else ():
            line = _line(message, about)
            reached = (message.offset() or 0) + 1
            moved[NAME] = Position(reached, reached, arrived=_arrived(message))
            if line is not None:
                lines.append(line)
            if len(lines) >= size:
                yield Batch(lines, moved)
                lines, moved = [], {}
        if missed >= low and moved.get(NAME, start).offset < high:
            # The last records may have been compacted away.
            moved[NAME] = Position(high, high)
        if moved:
            yield Batch(lines, moved)

    def _another(self, reached: Position, low: int, high: int) -> str:
        """The reason for which the topic is not the one of which *reached* tells; empty where it may be.

        One that was made anew, or lost its last records, may have grown beyond that position meanwhile: the
        record before it is then another than the one that was read.
        """
        topic, offset = self._topic.address.topic, reached.offset
        why = "it was made anew, or a broker lost records"
        if offset > high:
            return f"the topic {topic} ends at record {high:,}, but {offset:,} were read: {why}"
        if reached.arrived and offset > low:
            for message in self._topic.consume(topic, offset - 1):
                if message.offset() == offset - 1 and _arrived(message) != reached.arrived:
                    return f"record {offset:,} of the topic {topic} is not the one that was read: {why}"
                break
        return ""

    def pending(self, cursor: Cursor) -> int:
        _, high = self._topic.ends(self._topic.address.topic)
        return max(high - cursor.get(NAME, Position()).offset, 0)

    def damaged(
        self, *, whole: bool = False, unread: Cursor | None = None, among: Cursor | None = None
    ) -> dict[str, str]:
        if among is not None and NAME not in among:
            return {}
        topic, read_on = self._topic.address.topic, (unread or {}).get(NAME, Position())
        low, high = self._topic.ends(topic)
        reached = max(read_on, (among or {}).get(NAME, Position()), key=lambda one: one.offset)
        reason = self._another(reached, low, high)
        begun = (among or unread or {}).get(BEGUN, Position())
        if not reason and max(read_on.offset, begun.offset) < low:
            reason = f"the topic {topic} begins at record {low:,}: those before it were deleted"
        return {NAME: reason} if reason else {}

    def outlived(self) -> str:
        erased, lag = self._topic.about().erased, self._topic.lag
        if lag is None:
            return ""  # they promise nothing, as facts() says
        most, newest, ages = 2_000 * lag.total_seconds(), 0, list[int]()
        for message in self._topic.consume(self._topic.address.topic, OFFSET_BEGINNING):
            newest = max(newest, message.timestamp()[1])
            if message.value() is not None and (one := erased.get(message.key() or b"")):
                ages.append(one.stored)
        left = sum(newest - stored > most for stored in ages)
        return (
            f"{left:,} erased versions still stand in the topic {self._topic.address.topic}: the brokers "
            "do not compact it."
            if left
            else ""
        )

    def versions(self, document_id: str) -> list[RawDocument]:
        wanted = document_id.encode()
        found = [
            line.document
            for line in self._lines(lambda message: (message.key() or b"")[:_ID] == wanted)
            if line.document
        ]
        return sorted(found, key=lambda document: document.fetched_at)

    def written(self, names: Collection[str]) -> Iterator[RawDocument]:
        wanted = {name.encode() for name in names}

        def ours(message: Message) -> bool:
            return any(one[0] == BY and one[1] in wanted for one in message.headers() or ())

        sent = (line.document for line in self._lines(ours) if line.document)
        return chain(sent, self._spool.written(names))

    def _lines(self, wanted: Callable[[Message], bool]) -> Iterator[Line]:
        about = self._topic.about()
        for message in self._topic.consume(self._topic.address.topic, OFFSET_BEGINNING):
            if wanted(message) and (line := _line(message, about)) is not None:
                yield line

    def mark(self) -> str:
        return f"{self._topic.ends(self._topic.address.topic)[1]:016d}"

    def since(self, mark: str) -> dict[str, Position]:
        return {NAME: Position(int(mark or 0), int(mark or 0))}

    def beginning(self, before: Cursor, *, allow_loss: bool) -> dict[str, Position]:
        if allow_loss:
            low, _ = self._topic.ends(self._topic.address.topic)
            return {BEGUN: Position(low, low)}
        return {BEGUN: before[BEGUN]} if BEGUN in before else {}

    def settle(self) -> int:
        """Sends on what this machine's spool holds; lets segments end that hold erased versions."""
        about = self._topic.about()
        sent = self._spool.drain(self._topic, about)
        if about.erased:
            # A segment is compacted only once another follows it, and that begins with a record.
            self._topic.produce(self._topic.address.topic, [(MARK, b" ")])
        return sent

    def erase(
        self,
        doomed: Callable[[RawDocument], bool],
        broken: Callable[[bytes], bool] = lambda line: False,
        *,
        at: datetime,
        forgotten: bool = True,
    ) -> set[str]:
        erased: set[str] = set()
        keys: dict[bytes, None] = {}
        standing: set[bytes] = set()
        about = self._topic.about()
        for message in self._topic.consume(self._topic.address.topic, OFFSET_BEGINNING):
            key, line = message.key() or b"", _line(message, about)
            if line is None:
                continue
            if line.fault is Fault.ERASED:
                standing.add(key)
            elif line.document is not None and doomed(line.document):
                erased.add(line.document.id)
                keys[key] = None
            elif line.document is None and broken(line.data):
                keys[key] = None
        if keys:
            self._topic.produce(self._topic.address.topic, [(key, None) for key in keys])
            self._topic.note_erased(keys, at, forgotten=forgotten, standing=standing)
        return erased | self._spool.erase(doomed, broken)

    def make_void(self, names: Collection[str]) -> None:
        self._topic.make_void(names)

    def erased_ids(self) -> Collection[str]:
        return {key[:_ID].decode() for key in self._topic.about().erased}

    def lasting(self) -> Sequence[str]:
        times = [one.at for one in self._topic.about().erased.values()]
        if not times:
            return ()
        lag = self._topic.lag
        until = (
            "for which the topic sets no limit" if lag is None else f"at the latest {iso(max(times) + lag)}"
        )
        return (
            f"The brokers keep it in the files of the topic {self._topic.address.topic} until their next "
            f"compaction, {until}; nothing of fengping reads it.",
            *([] if lag else [f"Set a limit ({LAG}): fengping doctor says how."]),
        )

    def clock(self) -> float:
        return self._topic.clock()

    def aside(self) -> Aside:
        return self._spool.aside()

    def facts(self) -> str:
        low, high = self._topic.ends(self._topic.address.topic)
        waiting = self._spool.waiting()
        said = f"topic {self._topic.address.topic} at {self._topic.address.hosts}, {high - low:,} records"
        said = "; ".join([said, *self._topic.keeping().sentences()])
        return f"{said}; {waiting}" if waiting else said

    def writer(self) -> KafkaWriter:
        return KafkaWriter(self._unchecked, self._spool)


def _line(message: Message, about: About) -> Line | None:
    """The line that a record is; ``None`` for a tombstone and for marks."""
    key, value, number = message.key() or b"", message.value(), (message.offset() or 0) + 1
    if value is None or key == MARK:
        return None
    if key in about.erased:
        return Line(NAME, number, None, Fault.ERASED)
    line = decode(NAME, number, value)
    arrived = datetime.fromtimestamp(_arrived(message) / 1000, UTC)
    if line.document is not None and line.document.fetched_at > arrived + _APART:
        # A collector's clock is ahead: it would make later versions of others older ones.
        line = replace(line, document=replace(line.document, fetched_at=arrived))
    return line


def _arrived(message: Message) -> int:
    """Moment in milliseconds, by the broker's clock."""
    return message.timestamp()[1]
