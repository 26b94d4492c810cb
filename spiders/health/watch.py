"""States of the sources as they were last judged, and a notice for each change, new cause and recovery."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    Text,
    delete,
    select,
    update,
)

from fengping.clock import USUAL_DAYS, day_of, iso
from fengping.home import Home
from fengping.spiders.health.days import Day, history
from fengping.spiders.health.verdict import NOT_YET, Health, Streak, Verdict, decide
from fengping.spiders.run.records import Outcome, recent
from fengping.spiders.sources import Catalogue
from fengping.state import Moment, State, metadata

source_states = Table(
    "source_states",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

source_notices = Table(
    "source_notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("told_at", Moment),
)
"""``told_at`` stays empty until every channel took the notice."""


_NUMBER = re.compile(r"[\d,.]*\d%?")


@dataclass(frozen=True)
class Standing:
    """Current health of one source, with the days the verdict rests on."""

    source: str
    verdict: Verdict
    since: datetime
    """Start of this state, as far as it was watched."""
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A source came into another state, or is still not well for another cause. ``before`` is empty for one
    never judged before."""

    source: str
    at: datetime
    before: str
    after: Health
    reason: str

    @property
    def recovery(self) -> bool:
        return self.after is Health.OK

    @property
    def sentence(self) -> str:
        if self.recovery:
            return f"{self.source} is ok again, it was {self.before}."
        was = f", it was {self.before}" if self.before not in ("", self.after.value) else ""
        return f"{self.source} is {self.after.value}{was}: {self.reason}."

    def to_record(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "at": iso(self.at),
            "before": self.before,
            "after": self.after.value,
            "reason": self.reason,
            "recovery": self.recovery,
            "sentence": self.sentence,
        }


def standings(home: Home, now: datetime, names: Sequence[str] = ()) -> list[Standing]:
    """Return the health of the enabled sources (or *names*) at *now*, by name. Writes nothing.

    Raises :class:`UsageError` for a name that is no source.
    """
    active = Catalogue.load(home).active(names)
    with State.open(home).begin() as connection:
        return _standings(connection, active, now)


def _standings(connection: Connection, names: Sequence[str], now: datetime) -> list[Standing]:
    today = day_of(now)
    days = history(connection, _first_day(today), today)
    known = {row.source: row for row in connection.execute(select(source_states))}
    made = []
    for name in sorted(names):
        mine = days.get(name, ())
        verdict = decide(mine, today, _streak(connection, name, now) if mine and mine[-1].failed else None)
        before = known.get(name)
        since = before.since if before is not None and before.state == verdict.state.value else now
        made.append(Standing(name, verdict, since, tuple(days.get(name, ()))))
    return made


_LOOKED_AT = 50
"""Runs that are looked at, newest first, for how long the source has failed or been well again."""


def _streak(connection: Connection, source: str, now: datetime) -> Streak | None:
    """The last runs in a row that ended alike; of those that did not fail, the ones of the last day alone."""
    runs = recent(connection, source, _LOOKED_AT, now + timedelta(days=1))
    if not runs:
        return None
    failed = runs[0].outcome is not Outcome.FINISHED
    same = [*takewhile(lambda run: (run.outcome is not Outcome.FINISHED) is failed, runs)]
    if not failed:
        same = [run for run in same if day_of(run.started_at) == day_of(runs[0].started_at)]
    counts = Counter[str]()
    for run in same:
        counts.update({status.value: n for status, n in run.counts.items()})
        counts.update({flag.value: n for flag, n in run.flags.items()})
        counts[f"run_{run.outcome.value}"] += 1
    return Streak(failed, len(same), same[-1].started_at, counts)


def _first_day(today: date) -> date:
    # Twice the baseline: a dry spell is compared with what was usual before it began.
    return today - timedelta(days=2 * USUAL_DAYS)


def check(home: Home, now: datetime) -> list[Notice]:
    """Judges every enabled source, remembers the states and returns a notice for each that changed, or is
    still not well, and for another cause.

    A source that was never judged before gives one only when it ran and is not ok. Called after each
    crawl by the scheduler; called twice, the second call gives nothing.
    """
    active = Catalogue.load(home).there
    with State.open(home).begin() as connection:
        # One that is taken out and put back later is told of again.
        connection.execute(delete(source_states).where(source_states.c.source.not_in(list(active))))
        # One that had not run yet was not ill: what it is after its first run is its first state.
        known = {
            row.source: "" if row.reason == NOT_YET else row.state
            for row in connection.execute(select(source_states))
        }
        made = []
        for standing in _standings(connection, active, now):
            before, verdict = known.get(standing.source, ""), standing.verdict
            connection.execute(delete(source_states).where(source_states.c.source == standing.source))
            connection.execute(
                source_states.insert().values(
                    source=standing.source,
                    state=verdict.state.value,
                    reason=verdict.reason,
                    since=standing.since,
                )
            )
            changed = before != verdict.state.value and (before or _worth_telling(standing))
            if changed or (before == verdict.state.value and _has_new_cause(connection, standing)):
                made.append(Notice(standing.source, now, before, verdict.state, verdict.reason))
        for notice in made:
            connection.execute(
                source_notices.insert().values(
                    source=notice.source,
                    at=notice.at,
                    before=notice.before,
                    after=notice.after.value,
                    reason=notice.reason,
                )
            )
    return made


def _has_new_cause(connection: Connection, standing: Standing) -> bool:
    """True for a source that is still not well, of a cause that no notice has told since it was."""
    if standing.verdict.state is Health.OK:
        return False
    mine = source_notices.c.source == standing.source
    reasons = connection.scalars(
        select(source_notices.c.reason).where(mine, source_notices.c.at >= standing.since)
    ).all()
    told = {kind for reason in reasons for kind in _kinds(reason)}
    return bool(told) and not _kinds(standing.verdict.reason) <= told


def _kinds(reason: str) -> set[str]:
    """The causes that a reason lists, whatever their numbers."""
    return {_NUMBER.sub("#", part) for part in re.split(r"[:,;] ", reason)}


def _worth_telling(standing: Standing) -> bool:
    return standing.verdict.state is not Health.OK and bool(standing.days)


def notices(home: Home, since: datetime) -> list[Notice]:
    """The notices given since then, oldest first."""
    return list(_read(home, source_notices.c.at >= since).values())


def untold(home: Home) -> dict[int, Notice]:
    """The notices that no channel took yet, by number, oldest first."""
    return _read(home, source_notices.c.told_at.is_(None))


def told(home: Home, number: int, now: datetime) -> None:
    """Writes down that a notice reached its channels."""
    with State.open(home).begin() as connection:
        connection.execute(update(source_notices).where(source_notices.c.id == number).values(told_at=now))


def _read(home: Home, where: ColumnElement[bool]) -> dict[int, Notice]:
    query = select(source_notices).where(where).order_by(source_notices.c.id)
    with State.open(home).begin() as connection:
        return {
            row.id: Notice(row.source, row.at, row.before, Health(row.after), row.reason)
            for row in connection.execute(query)
        }
