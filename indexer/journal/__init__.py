"""The journal, system of record: every raw document ever seen, in JSON Lines files."""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.indexer.journal.kafka.client import Address
    from fengping.indexer.journal.kafka.keeping import Keeping
    from fengping.indexer.journal.kafka.log import KafkaJournal
    from fengping.indexer.journal.kafka.spool import Spool
    from fengping.indexer.journal.kafka.topic import Topic
    from fengping.indexer.journal.lines import Fault, Line, fingerprint
    from fengping.indexer.journal.log import Journal, JournalWriter
    from fengping.indexer.journal.protocol import Batch, Cursor, JournalProtocol, Position
else:
    __getattr__ = front_door(__name__)
