"""A source's day, read from the counts that every run leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from fengping.spiders.run import source_health
from fengping.spiders.run.causes import BROKEN
from fengping.spiders.run.records import Outcome
from fengping.spiders.run.statuses import Flag, Status


@dataclass(frozen=True)
class Day:
    """The counts of one source on one Chinese day.

    ``counts``: URLs by :class:`Status`, remarks by :class:`Flag`, runs by ``run_<outcome>``.
    """

    day: date
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, *names: Status | Flag) -> int:
        return sum(self.counts.get(name.value, 0) for name in names)

    def _runs(self, *outcomes: Outcome) -> int:
        return sum(self.counts.get(f"run_{outcome.value}", 0) for outcome in outcomes)

    @property
    def requests(self) -> int:
        return self.of(Flag.REQUESTS)

    @property
    def pages(self) -> int:
        """Responses that came."""
        return self.of(Flag.PAGES)

    @property
    def items(self) -> int:
        """Entries met on lists, known ones included."""
        return self.of(Flag.ITEMS)

    @property
    def documents(self) -> int:
        """New documents and new versions."""
        return self.of(Status.STORED, Status.UPDATED)

    @property
    def empty(self) -> int:
        return self.of(Status.EMPTY_BODY)

    @property
    def undated(self) -> int:
        return self.of(Flag.NO_DATE)

    @property
    def blocked(self) -> int:
        return self.of(Status.BLOCKED)

    @property
    def robots_denied(self) -> int:
        return self.of(Status.ROBOTS_DENIED)

    @property
    def broken(self) -> int:
        """URLs that ended in an error of the server, the network or the reading."""
        return self.of(*BROKEN)

    @property
    def unfinished(self) -> int:
        """URLs that runs met and did not come to, those of each run."""
        return self.of(Status.UNFINISHED)

    @property
    def asked(self) -> int:
        """URLs that were fetched, or would have been: without those known, skipped or out of the window."""
        unasked = (Status.KNOWN, Status.SKIPPED, Status.OUT_OF_RANGE, Status.OFFSITE, Status.UNFINISHED)
        return self.of(*(status for status in Status if status not in unasked))

    @property
    def finished(self) -> int:
        return self._runs(Outcome.FINISHED)

    @property
    def failed(self) -> int:
        """Runs that failed or died."""
        return self._runs(Outcome.FAILED, Outcome.KILLED)

    @property
    def runs(self) -> int:
        return self.finished + self.failed


def history(connection: Connection, since: date, until: date) -> dict[str, list[Day]]:
    """The days of each source in ``[since, until]`` on which anything was counted, oldest first."""
    rows = connection.execute(
        select(
            source_health.c.source,
            source_health.c.day,
            source_health.c.status,
            source_health.c["count"].label("number"),
        )
        .where(source_health.c.day >= since, source_health.c.day <= until)
        .order_by(source_health.c.source, source_health.c.day)
    )
    counts: dict[str, dict[date, dict[str, int]]] = {}
    for row in rows:
        counts.setdefault(row.source, {}).setdefault(row.day, {})[row.status] = row.number
    return {source: [Day(day, named) for day, named in days.items()] for source, days in counts.items()}


def run_days(connection: Connection, until: date, sources: Collection[str] = ()) -> dict[date, bool]:
    """Days up to *until* on which a source ran (one of *sources*, where any are given), each with ``True``
    where one of the runs finished."""
    table, finished = source_health.c, f"run_{Outcome.FINISHED.value}"
    outcomes = (finished, f"run_{Outcome.FAILED.value}", f"run_{Outcome.KILLED.value}")
    asked = select(table.day, table.status).where(table.day <= until, table.status.in_(outcomes)).distinct()
    if sources:
        asked = asked.where(table.source.in_(sources))
    found: dict[date, bool] = {}
    for day, status in connection.execute(asked):
        found[day] = found.get(day, False) or status == finished
    return found


def ran(days: Iterable[Day]) -> list[Day]:
    """Those on which a run began and was not merely skipped."""
    return [day for day in days if day.runs]
