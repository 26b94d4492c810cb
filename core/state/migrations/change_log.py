"""One log of what changed, with an offset for each consumer, in the place of a list and a key for each."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
    update,
)

_tables = MetaData()

_log = Table(
    "changes",
    _tables,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("document", String(32), nullable=False),
    Column("what", String(16), nullable=False),
    Column("source", String(32), nullable=False),
    Column("pending", Boolean, nullable=False, index=True),
    sqlite_autoincrement=True,
)
_offsets = Table(
    "change_offsets",
    _tables,
    Column("consumer", String(32), primary_key=True),
    Column("sequence", BigInteger),
    Column("reading", Boolean, nullable=False),
)

_checks = Table(
    "alert_arrivals",
    MetaData(),
    Column("rule", String(128), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
_HELD = "the store held something"
_KEYS = (
    "indexed since events read",
    "last run of the indexer",
    "last run of the indexer that ended",
    "run of the indexer that events have whole",
    "all indexed anew",
    "all indexed anew that events saw",
    "refill of an emptied store",
    "events changed by hand",
    "events changed by hand that an update saw",
    "events to be read",
)


def up(connection: Connection) -> None:
    """Makes the tables, and takes over what the old ones hold that was not dealt with."""
    _tables.create_all(connection)
    connection.execute(text("ALTER TABLE alert_arrivals ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0"))
    if inspect(connection).has_table("meta"):  # a new database is compared without one
        _take_over(connection)
    for change in (
        "DROP TABLE judged_anew",
        "DROP TABLE tags_waiting",
        "DROP INDEX IF EXISTS ix_corrections_pending",
        "ALTER TABLE corrections DROP COLUMN pending",
        "ALTER TABLE event_progress DROP COLUMN since",
        *(f"ALTER TABLE alert_arrivals DROP COLUMN {name}" for name in ("digest", "late", "undated")),
    ):
        connection.execute(text(change))


def _take_over(connection: Connection) -> None:
    known = {row.key: row.value for row in connection.execute(text("SELECT key, value FROM meta"))}
    earliest, latest, over, whole, came, seen, refill, by_hand, saw, unread = map(known.get, _KEYS)
    ended = latest if over == latest else None
    # First, for whoever has read it: nothing is asked for again.
    rows = [_row("run", source=ended)] if ended else []
    rows += _waiting(connection)
    if came not in (None, seen) or refill == "goes on":
        source = "emptied" if refill == "goes on" else ""
        rows.append(_row("all", source=source, pending=bool(source) or not ended))
    if (by_hand or "") != (saw or ""):
        rows.append(_row("by hand"))
    if earliest and whole != ended and earliest != ended:
        rows.append(_row("run", source=earliest))
    if latest and not ended:
        rows.append(_row("run", source=latest, pending=True))
    if rows:
        connection.execute(insert(_log), rows)
    _begin_events(connection, 1 if ended and whole == ended else 0, died=unread == "1")
    _begin_alarms(connection, ended, len(rows))
    # Where nothing was noted of what an early version put, the store held it.
    if _HELD not in known and latest:
        connection.execute(text("INSERT INTO meta VALUES (:key, '1')"), {"key": _HELD})
    for key in _KEYS:
        connection.execute(text("DELETE FROM meta WHERE key = :key"), {"key": key})


def _begin_events(connection: Connection, until: int, *, died: bool) -> None:
    """Notes that events have read the log up to a row; where their last update *died*, that they read on."""
    progress = connection.execute(text("SELECT since FROM event_progress ORDER BY since IS NULL")).first()
    if progress is not None:
        reached = None if progress.since is None else until
        values = {"consumer": "events", "sequence": reached, "reading": died or reached is None}
        connection.execute(insert(_offsets).values(values))


def _begin_alarms(connection: Connection, ended: str | None, last: int) -> None:
    """Notes that rules have read the log up to its *last* row, but for those checked before a run *ended*."""
    read = update(_checks).values(sequence=last)
    if ended:
        at = datetime.fromisoformat(ended).astimezone(UTC).replace(tzinfo=None)
        read = read.where(_checks.c.at >= at)
    connection.execute(read)
    if connection.execute(select(_checks.c.rule)).first() is not None:
        connection.execute(insert(_offsets).values(consumer="alarms", sequence=0, reading=False))


def _waiting(connection: Connection) -> list[dict[str, object]]:
    """Rows of documents: judged otherwise, corrected, tagged."""
    judged = connection.execute(text("SELECT document_id FROM judged_anew ORDER BY document_id"))
    rows = [_row("judged", row.document_id) for row in judged]
    asked = "SELECT document_id, undone_at FROM corrections WHERE pending ORDER BY number"
    for row in connection.execute(text(asked)):
        what = "corrected" if row.undone_at is None else "undone"
        rows.append(_row(what, row.document_id, pending=True))
    tagged = connection.execute(text("SELECT document_id FROM tags_waiting ORDER BY document_id"))
    return rows + [_row("tags", row.document_id, pending=True) for row in tagged]


def _row(what: str, document: str = "", source: str = "", *, pending: bool = False) -> dict[str, object]:
    return {"document": document, "what": what, "source": source, "pending": pending}
