"""The outbox: messages and where they go, claimed by one sender at a time, with every attempt written down.

A row is ``waiting`` until its time, ``claimed`` while one process sends it, then ``accepted``, ``waiting``
again, or ``dead``. A claim is a conditional UPDATE, so that two senders never hold one row; it ends by
itself, so that a process that died leaves nothing behind but an attempt whose outcome is unknown: after the
limit of an attempt and :data:`fengping.delivery.sending.LEASE`, later only where senders die of the same row.

Of machines that share a state one writes the end of a claim and another looks at it: both go by the state's
clock, which is *ahead* of their own by so much. All else goes by a machine's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from fengping.delivery import tables
from fengping.delivery.book import Book, Receivers
from fengping.delivery.closing import SEALED
from fengping.delivery.message import Message, Severity
from fengping.delivery.pace import LONGEST_REST, back_off
from fengping.delivery.rows import Attempt, Claim, Letter
from fengping.delivery.verdict import Outcome, Verdict
from fengping.errors import UsageError
from fengping.home import Home
from fengping.state import State, insert_into

OPEN = ("waiting", "claimed")
LONGEST_CRITICAL = timedelta(minutes=5)
"""The longest back-off of a critical message."""
LEVEL = timedelta()
"""The state's clock is this machine's."""


class Outbox:
    """The messages of a home on their way out."""

    def __init__(self, state: State, book: Book) -> None:
        self.state, self.book = state, book

    @classmethod
    def open(cls, home: Home) -> Outbox:
        """The home's outbox; raises :class:`ConfigError` for a bad ``delivery.toml``."""
        return cls(State.open(home), Book.load(home))

    def enqueue(
        self, message: Message, to: Iterable[str], now: datetime, connection: Connection | None = None
    ) -> int:
        """Writes down that *message* goes to the channels, recipients and routes named in *to*.

        Returns the rows it made: none where the same key went to the same places before. With *connection*
        it is part of the caller's transaction, so that a decision and its messages stand or fall together.
        """
        return self.post(message, self.book.receivers(to, message, now), now, connection)

    def post(
        self, message: Message, to: Receivers, now: datetime, connection: Connection | None = None
    ) -> int:
        """The same to receivers that are known; nothing is written down where there are none."""
        if not to.places:
            return 0
        if connection is not None:
            return self._enqueue(connection, message, to, now)
        with self.state.begin() as own:
            return self._enqueue(own, message, to, now)

    def _enqueue(self, connection: Connection, message: Message, to: Receivers, now: datetime) -> int:
        record = message.to_record()
        if _put(connection, tables.messages, {"id": message.id, "at": now, "record": record}):
            for attachment in message.attachments:
                values = {"digest": attachment.digest, "content": attachment.content}
                _put(connection, tables.contents, values)
        made = 0
        for (channel, address), at in to.places.items():
            made += _put(connection, tables.outbox, {
                "message": message.id, "channel": channel, "address": address,
                "urgency": message.severity.urgency, "status": "waiting", "attempts": 0, "since": at,
                "meant_at": at, "due_at": at, "claim": "", "reply": "",
            })  # fmt: skip
        return made

    def channels(self) -> list[str]:
        """Names of the channels for which anything is still open."""
        box = tables.outbox
        with self.state.begin() as connection:
            query = select(box.c.channel).where(box.c.status.in_(OPEN)).distinct().order_by(box.c.channel)
            return list(connection.scalars(query))

    def due(self, channel: str, now: datetime, *, ahead: timedelta = LEVEL) -> Severity | None:
        """Severity of the most urgent message of *channel* that may be sent at *now*; ``None`` for none."""
        with self.state.begin() as connection:
            row = connection.execute(self._due(channel, now, ahead)).one_or_none()
        return list(Severity)[row.urgency] if row else None

    def claim(
        self,
        channel: str,
        now: datetime,
        lease: timedelta,
        *,
        ahead: timedelta = LEVEL,
        trying: bool = False,
        resting: bool = False,
    ) -> Claim | None:
        """The most urgent due row of *channel* for this process alone, or ``None``; of several the first that
        was written down. *trying*: the channel failed last, and the one that has waited longest since its own
        try goes first, so that a letter at which it fails is not in the way of all others: of the most urgent
        where it is *resting*, else of all that were tried, after those that were not.

        The attempt is counted, logged as unknown and backed off at once: whatever happens from here on, a
        process that cannot write any more repeats the message less and less often. Attempts that were
        answered do not lengthen a claim.
        """
        box, token = tables.outbox, secrets.token_hex(16)
        while True:
            with self.state.begin() as connection:
                query = self._due(channel, now, ahead, trying=trying, resting=resting)
                row = connection.execute(query).one_or_none()
            if row is None:
                return None
            with self.state.begin() as connection:
                count = row.attempts + 1
                unanswered = self._unanswered(connection, row)
                pause = max(lease, back_off(f"{row.message} {channel} {row.address}", unanswered + 1))
                same = box.c.id == row.id, box.c.attempts == row.attempts
                won = connection.execute(
                    update(box)
                    .where(*same, *self._is_due(channel, now, ahead))
                    .values(status="claimed", claim=token, attempts=count, due_at=now + ahead + pause)
                ).rowcount
                if not won:
                    continue
                message = self._message(connection, row.message)
                number = self._log(connection, message, channel, row.address, now)
            # Without the moment are rows of an earlier version that still runs on another machine.
            meant_at = row.meant_at or row.since
            return Claim(row.id, token, number, count, row.since, meant_at, channel, row.address, message)

    def settle(self, claim: Claim, verdict: Verdict, now: datetime, seconds: float) -> str:
        """Writes down how the attempt ended and returns what became of the row.

        A claim that ended meanwhile changes nothing but the log.
        """
        box = tables.outbox
        values: dict[str, Any] = {"claim": "", "reply": verdict.reply}
        if verdict.accepted:
            values |= {"status": "accepted", "settled_at": now}
        elif verdict.final or now - claim.since >= self.book.give_up:
            values |= {"status": "dead", "settled_at": now}
        else:
            pause = back_off(f"{claim.message.id} {claim.channel} {claim.address}", claim.count)
            if claim.message.severity is Severity.CRITICAL:
                pause = min(pause, LONGEST_CRITICAL)
            pause = min(max(pause, timedelta(seconds=verdict.wait)), LONGEST_REST)
            values |= {"status": "waiting", "due_at": now + pause}
        with self.state.begin() as connection:
            self.note(connection, claim.attempt, verdict, seconds)
            connection.execute(
                update(box).where(box.c.id == claim.row, box.c.claim == claim.token).values(values)
            )
        return str(values["status"])

    def begin_attempt(self, message: Message, channel: str, address: str, now: datetime) -> int:
        """Logs an attempt without a row, that of a test, and returns its number."""
        with self.state.begin() as connection:
            return self._log(connection, message, channel, address, now)

    def note(self, connection: Connection, attempt: int, verdict: Verdict, seconds: float) -> None:
        """Completes a line of the log."""
        connection.execute(
            update(tables.attempts)
            .where(tables.attempts.c.id == attempt)
            .values(outcome=verdict.outcome.value, reply=verdict.reply, seconds=round(seconds, 3))
        )

    def attempts(
        self, limit: int | None = 50, *, offset: int = 0, channel: str | None = None, key: str | None = None
    ) -> list[Attempt]:
        """The log, newest first; all of it where *limit* is ``None``."""
        log = tables.attempts
        query = select(log).order_by(log.c.id.desc()).limit(limit).offset(offset)
        if channel is not None:
            query = query.where(log.c.channel == channel)
        if key is not None:
            query = query.where(log.c.message == Message(key, "-").id)
        with self.state.begin() as connection:
            return [
                Attempt(row.id, row.at, row.subject, row.channel, row.address, Outcome(row.outcome),
                        row.reply, row.seconds, row.message)
                for row in connection.execute(query)
            ]  # fmt: skip

    def waiting(self) -> list[Letter]:
        """Letters that nobody has taken yet, oldest first."""
        return self.letters(tables.outbox.c.status.in_(OPEN))

    def dead(self) -> list[Letter]:
        """Letters refused for good or given up, until someone retries them."""
        return self.letters(tables.outbox.c.status == "dead")

    def of(self, key: str) -> list[Letter]:
        """Letters of the message of *key*, wherever it goes or went."""
        return self.letters(tables.outbox.c.message == Message(key, "-").id)

    def under(self, key: str) -> list[Letter]:
        """Letters of the messages whose keys are *key* or go on from it."""
        return self.letters(tables.messages.c.record["key"].as_string().startswith(key, autoescape=True))

    def revive(self, row: int, now: datetime, of: Collection[str] = ("dead", "waiting")) -> str:
        """Makes a letter due at *now* and returns its channel.

        Raises :class:`UsageError` for a number that is no letter of a status in *of*, for one whose content
        was forgotten, and for one whose channel is gone.
        """
        box = tables.outbox
        with self.state.begin() as connection:
            found = connection.execute(select(box).where(box.c.id == row)).one_or_none()
            if found and found.reply == SEALED:
                raise UsageError(
                    f"Letter {row} is sealed: something in it was forgotten.",
                    remedy="Send the redacted edition, or make the report again.",
                )
            if found and found.channel not in self.book.channels:
                raise UsageError(
                    f"delivery.toml has no channel {found.channel!r}.", remedy="Add it, then retry."
                )
            done = connection.execute(
                update(box)
                .where(box.c.id == row, box.c.status.in_(of), box.c.reply != SEALED)
                .values(status="waiting", due_at=now, since=now, settled_at=None)
            )
            if not (found and done.rowcount):
                raise UsageError(
                    f"No letter {row} waits or is dead.", remedy="See: fengping deliver log --dead"
                )
            return str(found.channel)

    def forget(self, before: datetime) -> int:
        """Deletes messages, rows and attempts of what ended before then; returns how many messages."""
        box, log = tables.outbox, tables.attempts
        with self.state.begin() as connection:
            gone = list(connection.scalars(select(tables.messages.c.id).where(self._ended(before))))
            connection.execute(delete(box).where(box.c.message.in_(gone)))
            connection.execute(delete(tables.messages).where(tables.messages.c.id.in_(gone)))
            connection.execute(delete(log).where(log.c.at < before))
            records = connection.scalars(select(tables.messages.c.record))
            used = {a["digest"] for record in records for a in record["attachments"]}
            connection.execute(delete(tables.contents).where(tables.contents.c.digest.not_in(used)))
        return len(gone)

    def old(self, before: datetime) -> int:
        """The messages that :meth:`forget` would delete."""
        with self.state.begin() as connection:
            query = select(func.count()).select_from(tables.messages).where(self._ended(before))
            return int(connection.scalar(query) or 0)

    def _ended(self, before: datetime) -> ColumnElement[bool]:
        box = tables.outbox
        kept = select(box.c.message).where(
            or_(box.c.status.in_(OPEN), box.c.settled_at.is_(None), box.c.settled_at >= before)
        )
        return (tables.messages.c.at < before) & tables.messages.c.id.not_in(kept)

    def _is_due(self, channel: str, now: datetime, ahead: timedelta) -> tuple[ColumnElement[bool], ...]:
        box = tables.outbox
        waits = and_(box.c.status == "waiting", box.c.due_at <= now)
        ended = and_(box.c.status == "claimed", box.c.due_at <= now + ahead)
        return box.c.channel == channel, or_(waits, ended)

    def _due(
        self, channel: str, now: datetime, ahead: timedelta, *, trying: bool = False, resting: bool = False
    ) -> Any:
        box = tables.outbox
        urgency: ColumnElement[int] = box.c.urgency
        if trying and not resting:
            urgency = case((box.c.attempts == 0, urgency), else_=-1)
        order = urgency.desc(), *((box.c.due_at,) if trying else ()), box.c.id
        return select(box).where(*self._is_due(channel, now, ahead)).order_by(*order).limit(1)

    def _unanswered(self, connection: Connection, row: Row[Any]) -> int:
        """Attempts at a row whose senders died before they wrote the answer down."""
        log = tables.attempts.c
        place = log.message == row.message, log.channel == row.channel, log.address == row.address
        query = select(func.count()).select_from(tables.attempts).where(*place, log.seconds.is_(None))
        return connection.scalar(query) or 0

    def _message(self, connection: Connection, message: str) -> Message:
        record: Mapping[str, Any] = connection.scalars(
            select(tables.messages.c.record).where(tables.messages.c.id == message)
        ).one()
        digests = [a["digest"] for a in record["attachments"]]
        stored = select(tables.contents).where(tables.contents.c.digest.in_(digests))
        return Message.from_record(
            record, {row.digest: row.content for row in connection.execute(stored)} if digests else {}
        )

    def _log(
        self, connection: Connection, message: Message, channel: str, address: str, now: datetime
    ) -> int:
        key = connection.execute(
            insert(tables.attempts).values(
                message=message.id, subject=message.title, channel=channel, address=address, at=now,
                outcome=Outcome.UNKNOWN.value, reply="no answer was written down",
            )
        ).inserted_primary_key  # fmt: skip
        assert key is not None
        return int(key[0])

    def letters(self, where: ColumnElement[bool]) -> list[Letter]:
        """Letters under a condition on their rows, oldest first."""
        box, messages = tables.outbox, tables.messages
        query = (
            select(box, messages.c.record)
            .join(messages, messages.c.id == box.c.message)
            .where(where)
            .order_by(box.c.id)
        )
        with self.state.begin() as connection:
            return [
                Letter(row.id, row.record["subject"], row.record["key"], row.channel, row.address, row.status,
                       row.attempts, row.since, row.due_at, row.reply)
                for row in connection.execute(query)
            ]  # fmt: skip

    def count(self, now: datetime) -> dict[str, int]:
        """Rows by status, for the one screen of ``status``; ``late`` are waiting since over an hour. What was
        closed for good is none that was given up."""
        box = tables.outbox
        late = select(func.count()).where(box.c.status.in_(OPEN), box.c.since < now - timedelta(hours=1))
        with self.state.begin() as connection:
            query = select(box.c.status, func.count()).where(box.c.reply != SEALED).group_by(box.c.status)
            rows = connection.execute(query)
            counts = {status: int(number) for status, number in rows}
            return {
                "waiting": sum(counts.get(status, 0) for status in OPEN),
                "accepted": counts.get("accepted", 0),
                "dead": counts.get("dead", 0),
                "late": int(connection.scalar(late) or 0),
            }


def _put(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Inserts a row unless one of the same key is there; returns how many rows that made."""
    statement = insert_into(connection, table).values(values).on_conflict_do_nothing()
    # Not rowcount, which PostgreSQL's driver leaves open here.
    return len(connection.execute(statement.returning(*table.primary_key)).all())
