"""Letters that wait longer than they should: a clock was wrong, a channel is gone or takes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

from fengping.delivery import tables
from fengping.delivery.book import Book
from fengping.delivery.closing import SEALED
from fengping.delivery.outbox import LEVEL, OPEN, Outbox
from fengping.delivery.pace import LONGEST_REST
from fengping.delivery.rows import Letter
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.state import State

SKEW = timedelta(minutes=1)
"""Time by which clocks of two machines may differ without being wrong."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that nobody has taken though it is due."""

    key: str
    channel: str
    since: datetime
    reply: str
    """The last answer; empty where none came."""


def hasten(state: State, channel: str, now: datetime) -> None:
    """Makes what waits for *channel* after a failed try due: the channel works again."""
    box = tables.outbox.c
    waits = box.channel == channel, box.status == "waiting", box.attempts > 0, box.due_at > now
    with state.begin() as connection:
        connection.execute(update(tables.outbox).where(*waits).values(due_at=now))


def amend(state: State, now: datetime, ahead: timedelta = LEVEL) -> int:
    """Makes letters due that a clock ahead of *now* has put off; returns how many.

    A letter is put off by its back-off at most, or from when it was written until the hours of a route begin.
    A claim ends by the state's clock, which is *ahead* of this machine's by so much.
    """
    box, messages = tables.outbox, tables.messages
    written_ahead = box.c.message.in_(select(messages.c.id).where(messages.c.at > now + SKEW))
    never_tried = box.c.attempts == 0
    claimed, longest = box.c.status == "claimed", now + LONGEST_REST
    put_off = or_(and_(~claimed, box.c.due_at > longest), and_(claimed, box.c.due_at > longest + ahead))
    void = or_(and_(never_tried, written_ahead), and_(~never_tried, put_off))
    old = or_(void, and_(~never_tried, box.c.since > now + SKEW))
    with state.begin() as connection:
        ids = connection.scalars(select(box.c.id).where(box.c.status.in_(OPEN), void)).all()
        late = connection.scalars(select(box.c.id).where(box.c.status.in_(OPEN), old)).all()
        if late:
            # The age at which a letter is given up counts from here.
            connection.execute(update(box).where(box.c.id.in_(late)).values(since=now))
            connection.execute(update(box).where(box.c.id.in_(ids)).values(due_at=min(now, now + ahead)))
            too_late = box.c.id.in_(late), box.c.meant_at > now
            connection.execute(update(box).where(*too_late).values(meant_at=now))
            connection.execute(update(messages).where(messages.c.at > now + SKEW).values(at=now))
    return len(ids)


def bury_unknown(outbox: Outbox, now: datetime, ahead: timedelta = LEVEL) -> list[Letter]:
    """Makes dead letters of what waits for a channel that neither the book has nor the file as it stands,
    which the book may not have taken in yet; of nothing while that file cannot be read."""
    box = tables.outbox
    free = or_(box.c.status == "waiting", box.c.due_at <= now + ahead)
    lost = free & box.c.channel.not_in(outbox.book.channels)
    if not outbox.letters(box.c.status.in_(OPEN) & lost):
        return []
    try:
        written = Book.load(Home(outbox.book.root)).channels
    except ConfigError:
        return []
    return _bury(outbox, lost & box.c.channel.not_in(written), now, "delivery.toml has no such channel")


def give_up(outbox: Outbox, channel: str, now: datetime, reply: str) -> list[Letter]:
    """Makes dead letters of what has waited too long for a *channel* that takes nothing."""
    box = tables.outbox
    old = box.c.since <= now - outbox.book.give_up
    return _bury(outbox, (box.c.status == "waiting") & (box.c.channel == channel) & old, now, reply)


def _bury(outbox: Outbox, which: ColumnElement[bool], now: datetime, reply: str) -> list[Letter]:
    box = tables.outbox
    found = outbox.letters(box.c.status.in_(OPEN) & which)
    if found:
        with outbox.state.begin() as connection:
            connection.execute(
                update(box)
                .where(box.c.id.in_([letter.id for letter in found]), box.c.status.in_(OPEN))
                .values(status="dead", settled_at=now, claim="", reply=reply)
            )
    return found


def waiting(state: State, before: datetime) -> list[Waiting]:
    """Open letters that should have gone *before* then, oldest first."""
    box, messages = tables.outbox, tables.messages
    query = (
        select(box.c.channel, box.c.since, box.c.reply, messages.c.record["key"].as_string().label("key"))
        .join(messages, messages.c.id == box.c.message)
        .where(box.c.status.in_(OPEN), box.c.since < before)
        .order_by(box.c.since, box.c.id)
    )
    with state.begin() as connection:
        return [Waiting(row.key, row.channel, row.since, row.reply) for row in connection.execute(query)]


def given_up(outbox: Outbox, since: datetime) -> list[Letter]:
    """Dead letters that became so from *since* on, and that nobody has taken up again; none of those that
    were closed for good."""
    box = tables.outbox
    return outbox.letters(and_(box.c.status == "dead", box.c.settled_at >= since, box.c.reply != SEALED))


def unsent(state: State) -> dict[str, tuple[int, int]]:
    """Letters that wait and that were given up, by channel; none of channels that have neither. What was
    closed for good is neither."""
    box = tables.outbox
    query = (
        select(box.c.channel, func.count(), func.sum(case((box.c.status == "dead", 1), else_=0)))
        .where(box.c.status.in_((*OPEN, "dead")), box.c.reply != SEALED)
        .group_by(box.c.channel)
        .order_by(box.c.channel)
    )
    with state.begin() as connection:
        rows = connection.execute(query).all()
    return {channel: (letters - int(dead), int(dead)) for channel, letters, dead in rows}


@dataclass(frozen=True, slots=True)
class Left:
    """Letters that wait for one channel."""

    letters: int
    tried: bool
    """True where one of them was sent before and not taken."""
    reply: str
    """The answer to that."""


def left(state: State, channel: str, now: datetime) -> Left:
    """Letters for *channel* that should have gone by *now*."""
    box = tables.outbox
    query = select(func.count(), func.max(box.c.attempts), func.max(box.c.reply)).where(
        box.c.status == "waiting", box.c.channel == channel, box.c.since <= now
    )
    with state.begin() as connection:
        letters, attempts, reply = connection.execute(query).one()
    return Left(letters, bool(attempts), reply or "")
