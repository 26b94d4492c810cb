"""The run ledger: every start of a job, with its end, its outcome, what it counted and what it said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from fengping.state import Moment, State, metadata

runs = Table(
    "job_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", String(64), nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("status", String(16), nullable=False),  # running, ok, failed, hung, stopped, lost
    Column("detail", Text, nullable=False, default=""),
    Column("due_at", Moment),
    Column("counts", Text, nullable=False, default="{}"),
    Column("tail", Text, nullable=False, default=""),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run."""

    status: str
    detail: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    tail: str = ""
    """The last lines of its output."""


@dataclass(frozen=True, slots=True)
class Run:
    """One row."""

    job: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    """``running``, ``ok``, ``failed``, ``hung`` (ended at its limit), ``stopped`` (by SIGTERM) or ``lost``
    (the service died meanwhile)."""
    detail: str
    due_at: datetime | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    tail: str = ""

    @property
    def seconds(self) -> float | None:
        """Duration of the run."""
        if self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds(), 1)

    @property
    def late(self) -> timedelta:
        """Time between the moment it was due and its start."""
        return self.started_at - (self.due_at or self.started_at)


def begin(connection: Connection, job: str, at: datetime, due: datetime | None = None) -> int:
    """Writes down a start; the number it returns names the run to :func:`finish`."""
    key = connection.execute(
        insert(runs).values(job=job, started_at=at, status="running", due_at=due)
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def finish(connection: Connection, run: int, at: datetime, outcome: Outcome) -> None:
    """Completes a row."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run)
        .values(
            finished_at=at, status=outcome.status, detail=outcome.detail, tail=outcome.tail,
            counts=json.dumps(dict(outcome.counts), ensure_ascii=False),
        )
    )  # fmt: skip


def mark_lost(state: State, at: datetime, own: ColumnElement[bool] | None = None) -> int:
    """Runs that a dead service left as running. Called by the next one, which holds the lease.

    *own*: condition of the jobs that it runs.
    """
    with state.begin() as connection:
        return connection.execute(
            update(runs)
            .where(runs.c.status == "running", true() if own is None else own)
            .values(status="lost", finished_at=at, detail="The service ended before this run did.")
        ).rowcount


def latest(state: State, *, status: str | None = None, ended: bool = False) -> dict[str, Run]:
    """The last run of each job, or the last of that status, or the last that *ended*."""
    newest = select(func.max(runs.c.id)).group_by(runs.c.job)
    if status is not None:
        newest = newest.where(runs.c.status == status)
    if ended:
        newest = newest.where(runs.c.status != "running")
    with state.begin() as connection:
        rows = connection.execute(select(runs).where(runs.c.id.in_(newest))).fetchall()
    return {row.job: _run(row) for row in rows}


def history(state: State, limit: int, job: str | None = None) -> list[Run]:
    """The last runs, newest first."""
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    with state.begin() as connection:
        return [
            _run(row) for row in connection.execute(query if job is None else query.where(runs.c.job == job))
        ]


def forget(state: State, before: datetime) -> int:
    """Deletes runs that ended before then, but for the last of each job."""
    with state.begin() as connection:
        return connection.execute(delete(runs).where(_old(before))).rowcount


def old(state: State, before: datetime) -> int:
    """The runs that :func:`forget` would delete."""
    with state.begin() as connection:
        return int(connection.scalar(select(func.count()).select_from(runs).where(_old(before))) or 0)


def _old(before: datetime) -> ColumnElement[bool]:
    newest = select(func.max(runs.c.id)).group_by(runs.c.job)
    return (runs.c.finished_at < before) & runs.c.id.not_in(newest)


def _run(row: Row[Any]) -> Run:
    return Run(
        row.job, row.started_at, row.finished_at, row.status, row.detail, row.due_at,
        json.loads(row.counts), row.tail,
    )  # fmt: skip
