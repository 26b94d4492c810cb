"""The run ledger: every start of a job, with its end, its outcome and what it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, String, Table, Text, func, insert, select, update

from fengping.state import Moment, State, metadata

runs = Table(
    "job_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", String(64), nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("status", String(16), nullable=False),  # running, ok, failed, stopped, lost
    Column("detail", Text, nullable=False, default=""),
)


@dataclass(frozen=True, slots=True)
class Run:
    job: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    """``running``, ``ok``, ``failed``, ``stopped`` (by SIGTERM) or ``lost`` (the service died meanwhile)."""
    detail: str


def begin(state: State, job: str, at: datetime) -> int:
    """Writes down a start; the number it returns names the run to :func:`finish`."""
    with state.begin() as connection:
        key = connection.execute(
            insert(runs).values(job=job, started_at=at, status="running")
        ).inserted_primary_key
    assert key is not None
    return int(key[0])


def finish(state: State, run: int, at: datetime, status: str, detail: str) -> None:
    with state.begin() as connection:
        connection.execute(
            update(runs).where(runs.c.id == run).values(finished_at=at, status=status, detail=detail)
        )


def mark_lost(state: State, at: datetime) -> int:
    """Runs that a dead service left as running. Called by the next one, which holds the lock."""
    with state.begin() as connection:
        return connection.execute(
            update(runs)
            .where(runs.c.status == "running")
            .values(status="lost", finished_at=at, detail="The service ended before this run did.")
        ).rowcount


def latest(state: State) -> dict[str, Run]:
    """The last run of each job."""
    newest = select(func.max(runs.c.id)).group_by(runs.c.job)
    with state.begin() as connection:
        rows = connection.execute(select(runs).where(runs.c.id.in_(newest))).fetchall()
    return {r.job: Run(r.job, r.started_at, r.finished_at, r.status, r.detail) for r in rows}
