"""Seen URLs in the state database, so that a crawl goes on where the last one stopped.

The journal comes first: a mark is saved after the document's line is in the journal, in batches. When a
process dies in between, :func:`recover` reads the lost marks back out of the journal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    select,
    update,
)

from fengping.indexer.journal import JournalProtocol
from fengping.models import Engagement, RawDocument, document_id
from fengping.spiders.run.statuses import UNSETTLED, Status
from fengping.spiders.seen.stated import NOTHING, Stated
from fengping.spiders.seen.visits import Seen, content_hash, is_due, next_visit
from fengping.state import Moment, State, insert_into, metadata

COUNTS = ("likes", "comments", "reposts", "views")

seen_urls = Table(
    "seen_urls",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("checked_at", Moment, nullable=False),
    Column("content", String(32), nullable=False),
    *(Column(name, BigInteger) for name in COUNTS),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("next_visit", Moment),
    Column("stated", Text),
    Index("seen_urls_due", "source", "next_visit"),
)

engagement_readings = Table(
    "engagement_readings",
    metadata,
    Column("document_id", String(32), primary_key=True),
    Column("read_at", Moment, primary_key=True),
    *(Column(name, BigInteger) for name in COUNTS),
)

TABLES = (seen_urls, engagement_readings)


class Memory:
    """The seen URLs of all sources of a home, written to by one crawl."""

    def __init__(self, state: State, source: str) -> None:
        self._state = state
        self._source = source
        self._known: dict[str, Seen] = {}
        self._absent: set[str] = set()
        self._marks: dict[str, Seen] = {}
        self._readings: list[dict[str, Any]] = []
        self._upserts: dict[str, Any] = {}

    def get(self, keys: Iterable[str]) -> dict[str, Seen]:
        """Return the records of *keys*, marks not yet saved included. Asked keys are kept in memory."""
        wanted = list(dict.fromkeys(keys))
        missing = [key for key in wanted if key not in self._known and key not in self._absent]
        if missing:
            found = self._read(missing)
            self._known |= found
            self._absent.update(key for key in missing if key not in found)
        return {key: self._known[key] for key in wanted if key in self._known}

    def _read(self, keys: list[str]) -> dict[str, Seen]:
        """The records of *keys* as they are saved at this moment."""
        found = {}
        with self._state.begin() as connection:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                for row in connection.execute(select(seen_urls).where(seen_urls.c.key.in_(part))):
                    found[row.key] = _from_row(row)
        return found

    def find(self, key: str) -> Seen | None:
        return self.get([key]).get(key)

    def is_forgotten(self, *keys: str) -> bool:
        """True if one of *keys* was forgotten, be it a moment ago: what is kept in memory is not asked."""
        found = self._read(list(keys)).values()
        forgotten = {seen.key: seen for seen in found if seen.status is Status.FORGOTTEN}
        for key in forgotten:
            self._marks.pop(key, None)
        self._known |= forgotten
        return bool(forgotten)

    def due(self, now: datetime, limit: int) -> list[Seen]:
        """Documents of this source whose next visit has come, longest overdue first."""
        query = (
            select(seen_urls)
            .where(seen_urls.c.source == self._source, seen_urls.c.next_visit <= now)
            .where(seen_urls.c.content != "", seen_urls.c.url != "")
            .order_by(seen_urls.c.next_visit)
            .limit(limit)
        )
        while True:
            with self._state.begin() as connection:
                found = [_from_row(row) for row in connection.execute(query)]
            due = [seen for seen in found if is_due(seen, now)]
            if len(due) == len(found):
                return due
            # Comments of earlier versions bear their post's address; left there, they would be all that is
            # ever found.
            others = [seen.key for seen in found if not is_due(seen, now)]
            with self._state.begin() as connection:
                connection.execute(update(seen_urls).where(seen_urls.c.key.in_(others)).values(url=""))

    def owed(self, now: datetime, limit: int) -> list[Seen]:
        """Entries of this source that were met, could not be fetched and are to be tried now; the first met
        first."""
        statuses = [status.value for status in UNSETTLED]
        query = (
            select(seen_urls)
            .where(seen_urls.c.source == self._source, seen_urls.c.next_visit <= now)
            .where(seen_urls.c.content == "", seen_urls.c.url != "", seen_urls.c.status.in_(statuses))
            .order_by(seen_urls.c.first_at)
            .limit(limit)
        )
        with self._state.begin() as connection:
            return [_from_row(row) for row in connection.execute(query)]

    def mark(self, seen: Seen) -> None:
        """Remembers *seen*; durable after :meth:`save`."""
        self._known[seen.key] = self._marks[seen.key] = seen
        self._absent.discard(seen.key)

    def read_engagement(self, document: RawDocument) -> None:
        """Keeps one reading of a document's counts, where it shows any."""
        counts = {name: getattr(document.engagement, name) for name in COUNTS}
        if any(value is not None for value in counts.values()):
            self._readings.append({"document_id": document.id, "read_at": document.fetched_at} | counts)

    @property
    def unsaved(self) -> int:
        return len(self._marks)

    def save(self) -> None:
        """Writes what was marked since the last call. The journal must be durable before."""
        with self._state.begin() as connection:
            if self._marks:
                self._save_marks(connection, list(self._marks.values()))
            if self._readings:
                connection.execute(self._upsert(engagement_readings), self._readings)
        self._marks.clear()
        self._readings.clear()

    def _save_marks(self, connection: Connection, marks: list[Seen]) -> None:
        connection.execute(self._upsert(seen_urls), [_to_row(seen, self._source) for seen in marks])

    def _upsert(self, table: Table) -> Any:
        if table.name not in self._upserts:  # a new statement would be compiled anew at each save
            self._upserts[table.name] = self._make_upsert(table)
        return self._upserts[table.name]

    def _make_upsert(self, table: Table) -> Any:
        statement = insert_into(self._state.engine, table)
        keys = [column.name for column in table.primary_key.columns]
        fresh = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
        # Whoever forgets a document while it is crawled comes before the crawl's own mark of it.
        where = table.c.status != Status.FORGOTTEN.value if table is seen_urls else None
        return statement.on_conflict_do_update(index_elements=keys, set_=fresh, where=where)


def recover(
    memory: Memory,
    journal: JournalProtocol,
    source: str,
    before: str,
    revisits: Iterable[float],
    *,
    names: bool = True,
) -> int:
    """Marks documents of *source* that a killed run journaled but did not mark; their number.

    *before* is the journal's end when that run began: all it wrote stands behind it. *names* as of
    :func:`seen_of`.
    """
    hours = tuple(revisits)
    count = 0
    for batch in journal.read(journal.since(before), 1000):
        documents = [line.document for line in batch.lines if line.document is not None]
        found = [document for document in documents if document.source == source]
        for document in found:
            old = memory.find(document.id)
            mark = seen_of(document, old, Status.STORED, hours, names=names)
            if old is None or (old.content, old.engagement) != (mark.content, mark.engagement):
                memory.mark(mark)
                memory.read_engagement(document)
                count += 1
    memory.save()
    return count


def seen_of(
    document: RawDocument,
    old: Seen | None,
    status: Status,
    revisits: tuple[float, ...],
    *,
    etag: str = "",
    last_modified: str = "",
    names: bool = True,
) -> Seen:
    """The memory of a document fetched at its ``fetched_at``, after what was remembered before.

    *names*: False to keep no names of people who post.
    """
    now = document.fetched_at
    first_at = old.first_at if old else now
    return Seen(
        key=document.id,
        url="" if document.parent_id else document.url,
        status=status,
        first_at=first_at,
        checked_at=now,
        content=content_hash(document),
        engagement=document.engagement,
        etag=etag,
        last_modified=last_modified,
        visits=(old.visits if old else 0) + 1,
        next_visit=next_visit(first_at, now, revisits),
        stated=Stated.of(document, names=names),
    )


def list_key(source: str, url: str) -> str:
    """Key under which the validators of a list page are kept."""
    return document_id("list", source, url)


def seen_list(source: str, url: str, now: datetime, etag: str, last_modified: str) -> Seen:
    """The memory of a list page: its validators."""
    return Seen(list_key(source, url), url, Status.LISTED, now, now, etag=etag, last_modified=last_modified)


def to_keep(seen: Seen) -> dict[str, Any]:
    """The fields of its last version as JSON; empty once no visit is to come that could need them."""
    return seen.stated.to_record() if seen.next_visit is not None else {}


def _to_row(seen: Seen, source: str) -> dict[str, Any]:
    counts = seen.engagement or Engagement()
    stated = to_keep(seen)
    return {
        "key": seen.key,
        "source": source,
        "url": seen.url,
        "status": seen.status.value,
        "first_at": seen.first_at,
        "checked_at": seen.checked_at,
        "content": seen.content,
        **{name: getattr(counts, name) for name in COUNTS},
        "etag": seen.etag,
        "last_modified": seen.last_modified,
        "visits": seen.visits,
        "next_visit": seen.next_visit,
        "stated": json.dumps(stated) if stated else None,
    }


def _from_row(row: Row[Any]) -> Seen:
    return Seen(
        key=row.key,
        url=row.url,
        status=Status(row.status),
        first_at=row.first_at,
        checked_at=row.checked_at,
        content=row.content,
        engagement=Engagement(*(getattr(row, name) for name in COUNTS)),
        etag=row.etag,
        last_modified=row.last_modified,
        visits=row.visits,
        next_visit=row.next_visit,
        stated=Stated.from_record(json.loads(row.stated)) if row.stated else NOTHING,
    )
