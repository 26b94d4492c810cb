"""The trial post on its way from the journal to the channels of alarms, and where it was lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from fengping.alerts.route import everyone
from fengping.clock import iso
from fengping.delivery import Message, Outbox, Severity
from fengping.delivery.book import Receivers
from fengping.home import Home
from fengping.indexer import canary
from fengping.services import alert_rules
from fengping.services.readiness import ON_THIS_MACHINE

_LINES = ("这是试发：内容虚构，无须处理。", "收到即表示从采集到通知的各环节都通。")


def write(home: Home, now: datetime) -> list[str]:
    """Writes a trial post where alarms reach a channel beyond this machine; the names of such channels."""
    names = sorted({channel for channel, _ in _receivers(home, Outbox.open(home), now).places})
    if names:
        canary.write(home, now)
    return names


def tell(home: Home, outbox: Outbox, now: datetime) -> None:
    """Sends the message of a trial post that the index has judged, once."""
    with outbox.state.begin() as connection:
        at = canary.last(connection, canary.JUDGED)
    if at is not None and not outbox.of(_key(at)):
        message = Message(_key(at), f"【试发】{iso(at)}的试发信息已送达", _LINES, thread="canary")
        outbox.post(message, _receivers(home, outbox, now), now)


def lost(home: Home, now: datetime) -> tuple[str, Collection[str]]:
    """A sentence on the last trial post where it did not arrive in time, and the channels that lack it."""
    outbox = Outbox.open(home)
    with outbox.state.begin() as connection:
        at, judged = (canary.last(connection, mark) for mark in (canary.WRITTEN, canary.JUDGED))
    limit = timedelta(minutes=home.config.canary.within_minutes)
    if at is None or now < at + limit:
        return "", ()
    letters = [one for one in outbox.of(_key(at)) if one.channel in outbox.book.channels]
    lacking = sorted(
        {one.channel for one in letters if one.status != "accepted" and one.since + limit <= now}
    )
    if lacking:
        return f"The trial post of {iso(at)} has not reached {', '.join(lacking)}.", lacking
    if letters or not _receivers(home, outbox, now).places:
        return "", ()
    where = "is not indexed" if judged is None or judged < at else "was told by no check of the rules"
    return f"The trial post of {iso(at)} {where}: no alarm would have been told.", ()


def others(home: Home, now: datetime) -> list[str]:
    """Channels and addresses of alarms beyond this machine that do not lack the last trial post."""
    _, lacking = lost(home, now)
    places = _receivers(home, Outbox.open(home), now).places
    return [f"{channel}:{to}" if to else channel for channel, to in places if channel not in lacking]


def _receivers(home: Home, outbox: Outbox, now: datetime) -> Receivers:
    rules = [one.rule for one in alert_rules.files(home) if one.rule and one.rule.enabled]
    to, kinds = everyone(outbox.book, rules, Severity.CRITICAL, now), outbox.book.channels
    far = {place: at for place, at in to.places.items() if kinds[place[0]].kind not in ON_THIS_MACHINE}
    return replace(to, places=far)


def _key(at: datetime) -> str:
    return f"canary {iso(at)}"
