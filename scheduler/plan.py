"""Plan of each job: the moment that is due next, how often it was tried, when it may begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Integer, String, Table, delete, insert, select, update

from fengping.scheduler.jobs import Job
from fengping.state import Moment, State, metadata

standings = Table(
    "schedule_jobs",
    metadata,
    Column("job", String(64), primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("begin_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("planned", String(128), nullable=False),
)


@dataclass(frozen=True)
class Place:
    """One job's place in time."""

    due_at: datetime
    """The moment that it stands for; its dates follow from it."""
    begin_at: datetime
    """The moment at which it may begin: the same, or later where it is tried again."""
    tries: int
    planned: str
    """The times it was planned by, to notice a change of the configuration."""


GONE = timedelta(days=7)
"""Time after which a machine whose jobs have not begun is no longer waited for; it may come back."""


def places(state: State) -> dict[str, Place]:
    """Every job's place."""
    with state.begin() as connection:
        rows = connection.execute(select(standings)).fetchall()
    return {row.job: Place(row.due_at, row.begin_at, row.tries, row.planned) for row in rows}


def settle_in(
    state: State, jobs: Mapping[str, Job], now: datetime, owns: Callable[[str], bool] = lambda name: True
) -> dict[str, Place]:
    """Gives new jobs a place, moves those whose times were changed, removes those that are gone, those of
    machines that are for :data:`GONE` too.

    *owns*: names that are looked after; the others are another service's.
    """
    known = {name: place for name, place in places(state).items() if owns(name)}
    with state.begin() as connection:
        for name, job in jobs.items():
            times = str(job.times)
            if name not in known:
                due = job.times.after(now)
                connection.execute(
                    insert(standings).values(job=name, due_at=due, begin_at=due, tries=0, planned=times)
                )
            elif known[name].planned != times:
                # What is overdue stays due; what was still to come goes by the new times.
                overdue = known[name].due_at <= now
                due = known[name].due_at if overdue else job.times.after(now)
                _move(connection, name, Place(due, due, 0, times))
        gone = known.keys() - jobs.keys()
        if gone:
            connection.execute(delete(standings).where(standings.c.job.in_(gone)))
        of_machines = standings.c.job.contains("@")
        connection.execute(delete(standings).where(of_machines, standings.c.begin_at < now - GONE))
    return places(state)


def bring_back(
    state: State, jobs: Mapping[str, Job], places: Mapping[str, Place], now: datetime
) -> dict[str, Place]:
    """Brings back those *places* of *jobs* that a clock ahead of *now* has set, and returns them as they are.

    A place lies a period ahead at most, and a further one where the clock was put back a little after a run.
    """
    moved = {}
    with state.begin() as connection:
        for name, job in jobs.items():
            place = _brought_back(job, places[name], now)
            if place != places[name]:
                _move(connection, name, place)
                moved[name] = place
    return moved


def _brought_back(job: Job, place: Place, now: datetime) -> Place:
    following = job.times.after(now)
    if place.due_at > job.times.after(following):
        return Place(following, following, 0, place.planned)
    if place.begin_at > max(place.due_at, now + 2 * max((pause(job, 0), *job.waits))):
        return Place(place.due_at, max(place.due_at, now), place.tries, place.planned)
    return place


def at_once(state: State, names: list[str], now: datetime) -> None:
    """Makes jobs due now; one that waits to be tried again keeps the moment that it stands for."""
    with state.begin() as connection:
        change = update(standings).where(standings.c.job.in_(names))
        connection.execute(change.where(standings.c.due_at > now).values(due_at=now, begin_at=now))
        connection.execute(change.where(standings.c.begin_at > now).values(begin_at=now))


def tried(connection: Connection, job: Job, place: Place, now: datetime) -> Place:
    """Notes a start: should this process die, the moment stays due and is tried again after a pause."""
    place = Place(place.due_at, now + pause(job, place.tries), place.tries + 1, place.planned)
    _move(connection, job.name, place)
    return place


def ended(connection: Connection, job: Job, place: Place, now: datetime, *, well: bool) -> Place:
    """Moves a job on after a run: to its next moment, or to another try of the same one."""
    again = None if well or place.tries > len(job.waits) else now + pause(job, place.tries - 1)
    following = job.times.after(place.due_at if job.each else max(place.due_at, now))
    if again is not None and (job.each or again < following):
        place = Place(place.due_at, again, place.tries, place.planned)
    else:
        place = Place(following, following, 0, place.planned)
    _move(connection, job.name, place)
    return place


def put_back(connection: Connection, job: Job, place: Place) -> None:
    """Undoes a start that was broken off by the end of the service, unless another has gone on with it."""
    ours = standings.c.due_at == place.due_at, standings.c.tries == place.tries
    change = update(standings).where(standings.c.job == job.name, *ours)
    connection.execute(change.values(begin_at=place.due_at, tries=place.tries - 1))


def pause(job: Job, tries: int) -> timedelta:
    """Time between a failed try and the next."""
    return job.waits[min(tries, len(job.waits) - 1)] if job.waits else timedelta(minutes=1)


def _move(connection: Connection, name: str, place: Place) -> None:
    connection.execute(
        update(standings)
        .where(standings.c.job == name)
        .values(due_at=place.due_at, begin_at=place.begin_at, tries=place.tries, planned=place.planned)
    )
