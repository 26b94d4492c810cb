"""Letters that should have gone and have not, in sentences for ``status``, ``doctor`` and the watchman."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengping.clock import iso
from fengping.delivery import Outbox
from fengping.delivery.message import WHOLE
from fengping.delivery.overdue import Waiting, given_up, unsent, waiting
from fengping.delivery.rows import Letter
from fengping.errors import Failed
from fengping.home import Home

ALARM_LATE = timedelta(minutes=10)
LATE = timedelta(hours=1)
"""Time after which a letter that is due and that nobody took is told; of an alarm, and of others."""
TOLD = timedelta(days=1)
"""Time for which it is told that an alarm was given up."""
_ALARM = "alarm "
"""Begin of the key of an alarm's message."""


@dataclass(frozen=True)
class Stuck:
    """Letters that wait for too long, and alarms that were given up within a day."""

    alarms: Sequence[Waiting]
    others: Sequence[Waiting]
    dead: Sequence[Letter] = ()
    reports: Sequence[Letter] = ()
    """Reports and editions that were given up within a day."""

    @property
    def channels(self) -> frozenset[str]:
        """The channels that did not take them."""
        waiting_for = frozenset(one.channel for one in (*self.alarms, *self.others))
        return waiting_for | {one.channel for one in (*self.dead, *self.reports)}

    @property
    def of_alarms(self) -> str:
        """The sentence on alarms; empty where none waits."""
        return _sentence("alarms", self.alarms)

    @property
    def of_others(self) -> str:
        """The sentence on all others."""
        return _sentence("other messages", self.others)

    @property
    def of_dead(self) -> str:
        """The sentence on alarms that were given up; empty where none was."""
        if not self.dead:
            return ""
        return (
            f"{len(self.dead):,} alarms were given up within a day, the last for {self.dead[-1].channel}: "
            "fengping deliver log --dead"
        )


def stuck(home: Home, now: datetime) -> Stuck:
    """The letters of *home* that wait for too long at *now*, but for those that wait for somebody's screen,
    and the alarms that were given up within a day.

    Raises :class:`ConfigError` for a bad ``delivery.toml``.
    """
    outbox = Outbox.open(home)
    channels = outbox.book.channels
    found = [
        one
        for one in waiting(outbox.state, now - ALARM_LATE)
        if one.channel in channels and not channels[one.channel].needs_screen
    ]
    alarms = [one for one in found if one.key.startswith(_ALARM)]
    others = [one for one in found if one not in alarms and one.since < now - LATE]
    gone = given_up(outbox, now - TOLD)
    dead = [one for one in gone if one.key.startswith(_ALARM)]
    reports = [one for one in gone if one.key.startswith(WHOLE)]
    return Stuck(alarms, others, dead, reports)


def told(home: Home, now: datetime) -> str:
    """The numbers of messages that wait and that were given up.

    Raises :class:`Failed` where something waits for too long or an alarm was given up within a day,
    :class:`ConfigError` like :func:`stuck`.
    """
    found = stuck(home, now)
    if said := [sentence for sentence in (found.of_dead, found.of_alarms, found.of_others) if sentence]:
        raise Failed(f"{'. '.join(said)}.", remedy="Mend the channel: fengping deliver test NAME")
    outbox = Outbox.open(home)
    counts = outbox.count(now)
    text = f"{counts['waiting']:,} wait to be sent, {counts['dead']:,} were given up"
    lost = [f"{dead:,} for {channel}" for channel, (_, dead) in unsent(outbox.state).items() if dead]
    return f"{text} ({', '.join(lost)}): fengping deliver log --dead" if lost else text


def _sentence(what: str, letters: Sequence[Waiting]) -> str:
    if not letters:
        return ""
    channels = ", ".join(sorted({one.channel for one in letters}))
    return (
        f"{len(letters):,} {what} wait to be sent to {channels}, the first since {iso(letters[0].since)}: "
        "fengping deliver log --waiting"
    )
