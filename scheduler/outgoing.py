"""Checks of what goes out: letters that wait or were given up, alarms that reach nobody, rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from fengping.clock import iso
from fengping.delivery import Book, Message, Outbox, Severity
from fengping.delivery.book import BUILT_IN
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.scheduler.troubles import Look, Trouble, register
from fengping.services import alert_rules, canary, letters, unheard

ALARMS, OTHERS = "alarms wait", "messages wait"
GIVEN_UP = "letter "
"""Begin of the key of an alarm that was given up: told each for itself, and never over."""
CANARY = "canary"
_DAY = timedelta(days=1)


@register
def _letters(look: Look) -> Iterator[Trouble]:
    with suppress(ConfigError):  # a delivery.toml that cannot be used is told of by itself
        counts = Outbox.open(look.home).count(look.now)
        if counts["dead"]:
            yield Trouble(
                "letters", f"{counts['dead']:,} messages were given up: fengping deliver log --dead"
            )
        found = letters.stuck(look.home, look.now)
        for one in (*found.dead, *found.reports):
            # One that is taken up again and dies once more is told once more.
            yield Trouble(
                f"{GIVEN_UP}{one.id} {iso(one.since)}",
                f"{one.subject!r} was given up for {one.channel}: {one.reply}",
                one in found.dead,
            )
        if found.alarms:
            # Whoever watches the heartbeat may be the only one who can be told.
            yield Trouble(ALARMS, found.of_alarms, True)
        if found.others:
            yield Trouble(OTHERS, found.of_others)


@register
def _canary(look: Look) -> Iterator[Trouble]:
    with suppress(ConfigError):
        if sentence := canary.lost(look.home, look.now)[0]:
            yield Trouble(CANARY, sentence, True)


def is_of_letters(key: str) -> bool:
    """True for troubles with letters that nobody takes, by their key: their notices may need other ways."""
    return key in (ALARMS, OTHERS) or key.startswith(GIVEN_UP)


def other_ways(home: Home, now: datetime) -> list[str]:
    """Channels and addresses for the notice of such letters, where ``schedule.notify`` takes nothing either:
    those to which the alarms of other rules and the notices of sources go."""
    book, stuck = Book.load(home), letters.stuck(home, now).channels
    silent = stuck | set(BUILT_IN)
    notice = Message("notice", "notice", severity=Severity.CRITICAL, labels=unheard.OPERATION)
    told = {channel for channel, _ in book.receivers(home.config.schedule.notify, notice, now).places}
    if not told & stuck or told - silent:
        return []
    rules = [one.rule for one in alert_rules.files(home) if one.rule and one.rule.enabled]
    names = dict.fromkeys([*home.config.crawl.notify, *(name for rule in rules for name in rule.channels)])
    found = book.receivers(names, notice, now).places
    return [f"{channel}:{to}" if to else channel for channel, to in found if channel not in silent]


@register
def _rules(look: Look) -> Iterator[Trouble]:
    with suppress(ConfigError):  # a bad delivery.toml is told by itself
        for name, sentence in alert_rules.left_out(look.home).items():
            yield Trouble(f"rule {name}", sentence)


@register
def _unheard(look: Look) -> Iterator[Trouble]:
    with suppress(ConfigError):
        for one in unheard.rules(look.home):
            yield Trouble(f"unheard {one.rule}", one.sentence)
        for key, sentence in unheard.notices(look.home).items():
            # Of the schedule's own only what is critical may get through.
            yield Trouble(f"unheard {key}", sentence, urgent=key == "schedule.notify")
        for number, sentence in enumerate(unheard.mistyped(look.home)):
            yield Trouble(f"route {number}", sentence)


@register
def _told_to_nobody(look: Look) -> Iterator[Trouble]:
    for rule, found in unheard.alarms(look.home, look.now - _DAY).items():
        last = found[-1]
        yield Trouble(
            f"told to nobody {rule}",
            f"{len(found):,} alarms of the rule {rule!r} reached nobody within a day, the last about "
            f"{last.firing.key!r} at {iso(last.firing.fired_at)}: fengping alerts show {last.id}",
        )
