"""The tables of the schedule: where each job stands, who holds the lease, what the watchman told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, DateTime, Integer, MetaData, String, Table, Text, text

_tables = MetaData()

Table(
    "schedule_jobs",
    _tables,
    Column("job", String(64), primary_key=True),
    Column("due_at", DateTime, nullable=False),
    Column("begin_at", DateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("planned", String(128), nullable=False),
)
Table(
    "schedule_lease",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("holder", String(255), nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("at", DateTime, nullable=False),
)
Table(
    "schedule_troubles",
    _tables,
    Column("key", String(128), primary_key=True),
    Column("since", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("sentence", Text, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the tables, widens the ledger, and drops the job store of earlier versions."""
    _tables.create_all(connection)
    connection.execute(text("ALTER TABLE job_runs ADD COLUMN due_at TIMESTAMP"))
    connection.execute(text("ALTER TABLE job_runs ADD COLUMN counts TEXT NOT NULL DEFAULT '{}'"))
    connection.execute(text("ALTER TABLE job_runs ADD COLUMN tail TEXT NOT NULL DEFAULT ''"))
    connection.execute(text("DROP TABLE IF EXISTS apscheduler_jobs"))
