"""The tables of 0.1, made where they are missing."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

_tables = MetaData()
_COUNTS = ("likes", "comments", "reposts", "views")
_LISTS = ("add_hosts", "remove_hosts", "add_targets", "remove_targets", "add_issues", "remove_issues")

Table(
    "job_runs",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("job", String(64), nullable=False, index=True),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime),
    Column("status", String(16), nullable=False),
    Column("detail", Text, nullable=False),
)
Table(
    "crawl_runs",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("machine", String(255), nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    Column("flags", Text, nullable=False),
    Column("signals", Text, nullable=False),
    Column("journal_before", String(32), nullable=False),
    Index("crawl_runs_source", "source", "started_at"),
)
Table(
    "source_health",
    _tables,
    Column("source", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("status", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
)
Table(
    "source_states",
    _tables,
    Column("source", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", DateTime, nullable=False),
)
Table(
    "source_notices",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("told_at", DateTime),
)
Table(
    "plan_searches",
    _tables,
    Column("source", String(64), primary_key=True),
    Column("keyword", String(128), primary_key=True),
    Column("since", DateTime, primary_key=True),
    Column("until", DateTime, primary_key=True),
    Column("documents", Integer, nullable=False),
    Column("cut_off", Boolean, nullable=False),
)
Table(
    "seen_urls",
    _tables,
    Column("key", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("first_at", DateTime, nullable=False),
    Column("checked_at", DateTime, nullable=False),
    Column("content", String(32), nullable=False),
    *(Column(name, Integer) for name in _COUNTS),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("next_visit", DateTime),
    Index("seen_urls_due", "source", "next_visit"),
)
Table(
    "engagement_readings",
    _tables,
    Column("document_id", String(32), primary_key=True),
    Column("read_at", DateTime, primary_key=True),
    *(Column(name, Integer) for name in _COUNTS),
)
Table(
    "index_positions",
    _tables,
    Column("store", String(255), primary_key=True),
    Column("file", String(16), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
)
Table(
    "index_regroups",
    _tables,
    Column("store", String(255), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("group", String(32), nullable=False),
    Column("first_in_group", Boolean, nullable=False),
)
Table(
    "index_grouped",
    _tables,
    Column("log", String(32), primary_key=True),
    Column("documents", Integer, nullable=False),
)
Table(
    "imported",
    _tables,
    Column("id", LargeBinary(16), primary_key=True),
    Column("fingerprint", LargeBinary(8), primary_key=True),
    sqlite_with_rowid=False,
)
Table(
    "corrections",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("document_id", String(32), nullable=False, index=True),
    Column("made_at", DateTime, nullable=False),
    Column("by", String(128), nullable=False),
    Column("note", Text, nullable=False),
    Column("polarity", String(8)),
    Column("relevant", Boolean),
    *(Column(name, Text, nullable=False) for name in _LISTS),
    Column("undone_at", DateTime),
    Column("undone_by", String(128)),
    Column("pending", Boolean, nullable=False, index=True),
)
Table(
    "alert_firings",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("rule", String(128), nullable=False),
    Column("key", String(128), nullable=False),
    Column("fired_at", DateTime, nullable=False),
    Column("count", Integer, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("message", Text, nullable=False),
    Column("acknowledged_by", String(128), nullable=False),
    Column("acknowledged_at", DateTime),
    UniqueConstraint("rule", "key", "fired_at"),
)
Table(
    "alert_outbox",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("firing", Integer, nullable=False, index=True),
    Column("channel", String(512), nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("sent_at", DateTime),
)


def up(connection: Connection) -> None:
    """Makes every table of 0.1 that is not there yet."""
    _tables.create_all(connection)
