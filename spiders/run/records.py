"""The record of every crawl run, and the counts per source, day and status that health is read from."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    func,
    or_,
    select,
    update,
)

from fengping.clock import day_of, iso, parse_moment
from fengping.spiders.run.statuses import Flag, Status
from fengping.state import Moment, State, insert_into, metadata

crawl_runs = Table(
    "crawl_runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("machine", String(255), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("settled", Boolean, nullable=False, default=False),
    Column("documents", Integer, nullable=False, default=0),
    Column("counts", Text, nullable=False, default="{}"),
    Column("flags", Text, nullable=False, default="{}"),
    Column("signals", Text, nullable=False, default="[]"),
    Column("journal_before", String(32), nullable=False, default=""),
    Index("crawl_runs_source", "source", "started_at"),
)

source_health = Table(
    "source_health",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("status", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
)
"""``status`` holds values of both :class:`Status` (they add up to the URLs met) and :class:`Flag`, and
``run_<outcome>`` for the runs themselves."""

TABLES = (crawl_runs, source_health)


REFUSED = "the site blocks us: "


class Outcome(StrEnum):
    """Outcome of a run as a whole."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    """It could not do its work; the reason says why. What it stored before stays."""
    SKIPPED = "skipped"
    """It did not begin: outside its hours, or the source is being crawled already."""
    KILLED = "killed"
    """Its process died without a word; the next run of the source took over what it had stored."""


@dataclass(frozen=True)
class CrawlResult:
    """Result of one run of one source."""

    source: str
    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    reason: str = ""
    run_id: str = ""
    counts: Mapping[Status, int] = field(default_factory=dict)
    """URLs met, by the one status each ended in."""
    flags: Mapping[Flag, int] = field(default_factory=dict)
    signals: tuple[str, ...] = ()
    """One sentence for each thing an operator should look at."""
    settled: bool = False

    @property
    def is_refused(self) -> bool:
        """True where the site refused so many pages in a row that it was left alone."""
        return self.reason.startswith(REFUSED)

    @property
    def is_kept(self) -> bool:
        """False where this machine could not keep what was read: its disk, journal or state fails."""
        return not self.flags.get(Flag.NOT_KEPT)

    @property
    def urls(self) -> int:
        """URLs met; always the sum of the counts."""
        return sum(self.counts.values())

    @property
    def documents(self) -> int:
        """Lines this run added to the journal."""
        return self.counts.get(Status.STORED, 0) + self.counts.get(Status.UPDATED, 0)

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return {
            "source": self.source,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "run_id": self.run_id,
            "started_at": iso(self.started_at),
            "ended_at": iso(self.ended_at),
            "urls": self.urls,
            "documents": self.documents,
            "counts": {status.value: n for status, n in self.counts.items() if n},
            "flags": {flag.value: n for flag, n in self.flags.items() if n},
            "signals": list(self.signals),
            "settled": self.settled,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> CrawlResult:
        """The inverse of :meth:`to_record`."""
        return cls(
            source=record["source"],
            outcome=Outcome(record["outcome"]),
            started_at=parse_moment(record["started_at"]),
            ended_at=parse_moment(record["ended_at"]),
            reason=record["reason"],
            run_id=record["run_id"],
            counts={Status(name): n for name, n in record["counts"].items()},
            flags={Flag(name): n for name, n in record["flags"].items()},
            signals=tuple(record["signals"]),
            settled=record["settled"],
        )


def recent(connection: Connection, source: str, number: int, until: datetime) -> list[CrawlResult]:
    """The last runs of *source* that ended and were not skipped, begun before *until*, newest first."""
    query = select(crawl_runs).where(
        crawl_runs.c.source == source,
        crawl_runs.c.started_at < until,
        crawl_runs.c.ended_at.is_not(None),
        crawl_runs.c.outcome != Outcome.SKIPPED.value,
    )
    rows = connection.execute(query.order_by(crawl_runs.c.started_at.desc()).limit(number))
    return [_result(row) for row in rows]


def _result(row: Row[Any]) -> CrawlResult:
    return CrawlResult(
        source=row.source,
        outcome=Outcome(row.outcome),
        started_at=row.started_at,
        ended_at=row.ended_at,
        reason=row.reason,
        run_id=row.id,
        counts={Status(name): n for name, n in json.loads(row.counts).items()},
        flags={Flag(name): n for name, n in json.loads(row.flags).items()},
        signals=tuple(json.loads(row.signals)),
        settled=row.settled,
    )


class Runs:
    """Reads and writes the two tables."""

    def __init__(self, state: State) -> None:
        self._state = state

    def begin(self, run_id: str, source: str, now: datetime, journal_before: str) -> None:
        with self._state.begin() as connection:
            connection.execute(
                crawl_runs.insert().values(
                    id=run_id,
                    source=source,
                    machine=platform.node(),
                    started_at=now,
                    outcome=Outcome.RUNNING.value,
                    journal_before=journal_before,
                )
            )

    def end(self, result: CrawlResult, *, saved: bool = False) -> None:
        """Records a run's end and adds its counts to the day it began on.

        *saved*: everything it journaled is marked as seen, so that no later run must recover it.
        """
        values = {
            "source": result.source,
            "machine": platform.node(),
            "started_at": result.started_at,
            "ended_at": result.ended_at,
            "outcome": result.outcome.value,
            "reason": result.reason,
            "settled": result.settled,
            "documents": result.documents,
            "counts": json.dumps(result.to_record()["counts"]),
            "flags": json.dumps(result.to_record()["flags"]),
            "signals": json.dumps(result.signals, ensure_ascii=False),
            **({"journal_before": ""} if saved else {}),
        }
        with self._state.begin() as connection:
            changed = connection.execute(
                update(crawl_runs).where(crawl_runs.c.id == result.run_id).values(values)
            )
            if not changed.rowcount:
                connection.execute(crawl_runs.insert().values(id=result.run_id, **values))
            named: dict[str, int] = {status.value: n for status, n in result.counts.items()}
            named |= {flag.value: n for flag, n in result.flags.items()}
            named[f"run_{result.outcome.value}"] = 1
            self._count(connection, result.source, result.started_at, named)

    def _count(self, connection: Connection, source: str, at: datetime, named: Mapping[str, int]) -> None:
        """Adds to the counts of a source on the Chinese day of *at*."""
        for name, count in named.items():
            statement = insert_into(connection, source_health).values(
                source=source, day=day_of(at), status=name, count=count
            )
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["source", "day", "status"],
                    set_={"count": source_health.c["count"] + statement.excluded["count"]},
                )
            )

    def get(self, run_id: str) -> CrawlResult | None:
        """The result of a run that ended; ``None`` for one that is unknown or never did."""
        with self._state.begin() as connection:
            row = connection.execute(select(crawl_runs).where(crawl_runs.c.id == run_id)).first()
        if row is None or row.ended_at is None:
            return None
        return _result(row)

    def orphans(self, source: str) -> list[str]:
        """``journal_before`` of runs of *source* on this machine whose marks may be missing: those that never
        ended, and those that failed before they had saved what they journaled.

        The caller holds the source's lock, so none of them is alive.
        """
        with self._state.begin() as connection:
            found = connection.execute(select(crawl_runs).where(self._unsaved(source)))
            return [row.journal_before for row in found]

    def bury(self, source: str, now: datetime) -> None:
        """Closes the runs that :meth:`orphans` names, once their documents are recovered."""
        never_ended = crawl_runs.c.outcome == Outcome.RUNNING.value
        killed = {"outcome": Outcome.KILLED.value, "ended_at": now, "reason": "its process died"}
        with self._state.begin() as connection:
            mine = self._unsaved(source)
            buried = connection.execute(update(crawl_runs).where(mine, never_ended).values(killed)).rowcount
            connection.execute(
                update(crawl_runs)
                .where(crawl_runs.c.source == source, crawl_runs.c.machine == platform.node())
                .values(journal_before="")
            )
            if buried:
                self._count(connection, source, now, {f"run_{Outcome.KILLED.value}": buried})

    def _unsaved(self, source: str) -> ColumnElement[bool]:
        return and_(
            crawl_runs.c.source == source,
            crawl_runs.c.machine == platform.node(),
            or_(
                crawl_runs.c.outcome == Outcome.RUNNING.value,
                and_(crawl_runs.c.outcome == Outcome.FAILED.value, crawl_runs.c.journal_before != ""),
            ),
        )

    def newest(self, until: datetime) -> dict[str, CrawlResult]:
        """The last run of each source that ended, of those that began by *until*."""
        latest = select(func.max(crawl_runs.c.started_at)).where(
            crawl_runs.c.ended_at.is_not(None), crawl_runs.c.started_at <= until
        )
        query = select(crawl_runs.c.id, crawl_runs.c.source).where(
            crawl_runs.c.started_at.in_(latest.group_by(crawl_runs.c.source))
        )
        with self._state.begin() as connection:
            ids = [row.id for row in connection.execute(query)]
        results = [result for id in ids if (result := self.get(id))]
        return {result.source: result for result in sorted(results, key=lambda r: r.started_at)}

    def after(self, moment: datetime) -> dict[str, datetime]:
        """The start of the last run of each source that began after *moment*."""
        latest = func.max(crawl_runs.c.started_at)
        query = select(crawl_runs.c.source, latest.label("at")).where(crawl_runs.c.started_at > moment)
        with self._state.begin() as connection:
            return {row.source: row.at for row in connection.execute(query.group_by(crawl_runs.c.source))}

    def worked_at(self) -> datetime | None:
        """The end of the last run of any source that did its work."""
        done = crawl_runs.c.outcome == Outcome.FINISHED.value
        with self._state.begin() as connection:
            at: datetime | None = connection.scalar(select(func.max(crawl_runs.c.ended_at)).where(done))
        return at

    def outcomes(self, until: datetime) -> dict[str, Outcome]:
        """The outcome of the last run of each source that ended, of those that began by *until* and were not
        skipped."""
        done = and_(
            crawl_runs.c.ended_at.is_not(None),
            crawl_runs.c.started_at <= until,
            crawl_runs.c.outcome != Outcome.SKIPPED.value,
        )
        latest = func.max(crawl_runs.c.started_at).label("at")
        newest = select(crawl_runs.c.source, latest).where(done).group_by(crawl_runs.c.source).subquery()
        same = and_(crawl_runs.c.source == newest.c.source, crawl_runs.c.started_at == newest.c.at)
        query = select(crawl_runs.c.source, crawl_runs.c.outcome).join(newest, same).where(done)
        with self._state.begin() as connection:
            return {row.source: Outcome(row.outcome) for row in connection.execute(query)}

    def read_at(self, source: str) -> datetime | None:
        """The start of the newest run that read its lists and left nothing to do."""
        table = crawl_runs.c
        done = table.source == source, table.outcome == Outcome.FINISHED.value, table.settled
        with self._state.begin() as connection:
            at: datetime | None = connection.scalar(select(func.max(table.started_at)).where(*done))
        return at

    def last(self, source: str) -> Outcome | None:
        """Outcome of the newest run that began; a run that left something to do counts as failed."""
        query = (
            select(crawl_runs.c.outcome, crawl_runs.c.settled)
            .where(crawl_runs.c.source == source, crawl_runs.c.outcome != Outcome.SKIPPED.value)
            .order_by(crawl_runs.c.started_at.desc(), crawl_runs.c.id.desc())
            .limit(1)
        )
        with self._state.begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Outcome(row.outcome) if row.settled else Outcome.FAILED
