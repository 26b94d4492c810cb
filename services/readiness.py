"""Whether alarms of a home reach a person: by a channel beyond this machine, and within the hour."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from fengping.alerts import load_rules, tables
from fengping.alerts.decide import Cause
from fengping.clock import parse_moment
from fengping.delivery import Book, Message, Severity
from fengping.delivery.tables import outbox
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer.search import Lookup
from fengping.state import State

HOUR = timedelta(hours=1)
LATELY = timedelta(days=7)
_ANY_DAY = parse_moment("2026-01-01T12:00")
ON_THIS_MACHINE = frozenset({"stdout", "file"})


@dataclass(frozen=True, slots=True)
class Told:
    """A first alarm that a channel beyond this machine took."""

    at: datetime
    source: str
    """The source of the text that it tells first."""
    seconds: float
    """From the text's publication to the channel's answer."""


def lacking(home: Home) -> dict[str, str]:
    """What keeps a home from waking anybody, by the name of its check, each a sentence with the remedy."""
    found = {}
    if names := _stays_here(home):
        found["reach of alarms"] = (
            f"Alarms stay on this machine: no rule tells anybody but {', '.join(names)}. "
            "Let them reach a phone: fengping deliver add NAME KIND --alarms"
        )
    if not home.config.schedule.heartbeat:
        found["heartbeat"] = (
            "Nobody hears of it when this machine stops. Write the address of a heartbeat into "
            'fengping.toml: schedule.heartbeat = "$HEARTBEAT" (docs/operations.md).'
        )
    if not home.config.backup.folder:
        found["backup"] = (
            'No backup is made. Write a folder into fengping.toml: backup.folder = "backups"; '
            "by hand: fengping backup FOLDER"
        )
    return found


def _stays_here(home: Home) -> list[str]:
    """Names in ``channels`` of enabled rules, where no alarm leaves the machine; none where one does."""
    with suppress(FengpingError):  # a bad file has its own check
        book = Book.load(home)
        named = dict.fromkeys(
            name for rule in load_rules(home.alerts, Lookup(home)) for name in rule.channels
        )
        alarm = Message("alarm", "alarm", severity=Severity.CRITICAL)
        places = {
            place for name in named for place in book.resolve([name], alarm, parse_moment("2026-01-01"))
        }
        if named and {book.channels[channel].kind for channel, _ in places} <= ON_THIS_MACHINE:
            return list(named)
    return []


def told(home: Home, since: datetime) -> list[Told]:
    """First alarms since then that a channel beyond this machine took, oldest first."""
    with suppress(FengpingError):
        book = Book.load(home)
        far = [name for name, one in book.channels.items() if one.kind not in ON_THIS_MACHINE]
        letters = _letters(home, since)
        ids = {Message(letter, letter).id: facts for letter, facts in letters.items()}
        query = (
            select(outbox.c.message, outbox.c.settled_at)
            .where(outbox.c.channel.in_(far), outbox.c.status == "accepted", outbox.c.settled_at >= since)
            .order_by(outbox.c.settled_at)
        )
        with State.open(home).begin() as connection:
            rows = [(id, at) for id, at in connection.execute(query) if id in ids]
        return [
            Told(
                at, str(ids[id]["source"]), (at - parse_moment(str(ids[id]["published_at"]))).total_seconds()
            )
            for id, at in rows
        ]
    return []


def _letters(home: Home, since: datetime) -> dict[str, dict[str, object]]:
    """Facts of first alarms since then, by the key of their message."""
    rows = tables.firings
    query = select(rows.c.letter, rows.c.facts).where(
        rows.c.fired_at >= since, rows.c.cause == Cause.FIRST.value, rows.c.letter != ""
    )
    with State.open(home).begin() as connection:
        return {
            letter: facts for letter, facts in connection.execute(query) if (facts or {}).get("published_at")
        }


def within(home: Home, took: Iterable[timedelta], alarms: Iterable[Told]) -> str:
    """A sentence: how soon an alarm follows a post at the latest, with the schedule as it is.

    The sum of one round of crawling and one of indexing, of what they *took* last, and of what sending takes.
    """
    schedule = home.config.schedule
    rounds = timedelta(minutes=schedule.crawl_every_minutes + schedule.index_every_minutes)
    whole = rounds + sum(took, timedelta())
    last = list(alarms)
    said = f"; the last alarm reached a channel {_minutes(last[-1].seconds)} after its post" if last else ""
    if whole <= HOUR:
        return f"An alarm follows a post within {_minutes(whole.total_seconds())}{said}."
    spare = whole - timedelta(minutes=schedule.crawl_every_minutes)
    every = max(1, int((HOUR - spare).total_seconds() // 60)) if spare < HOUR else 0
    remedy = (
        f"schedule.crawl_every_minutes = {every} holds the hour."
        if every
        else "Rounds themselves take longer: crawl fewer sources a round, or on another machine."
    )
    return f"An alarm may follow a post only after {_minutes(whole.total_seconds())}{said}. {remedy}"


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60)):,} min"
