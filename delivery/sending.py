"""Sending what is due: a worker for each channel, a limit for each whole attempt."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TextIO

from fengping.clock import iso, local
from fengping.delivery import overdue
from fengping.delivery.message import EDITION, Message, Severity
from fengping.delivery.outbox import Outbox
from fengping.delivery.pace import Pace
from fengping.delivery.rows import Claim
from fengping.delivery.secrets import SecretMissing
from fengping.delivery.senders import Channel, Office
from fengping.delivery.verdict import Outcome, Parcel, Verdict
from fengping.errors import UsageError
from fengping.home import Home
from fengping.state.lease import ahead

GRACE = 2.0  # seconds beyond its own limit after which an attempt is no longer waited for
LEASE = timedelta(seconds=30)  # beyond the limit of an attempt, before another process may try
TRIED = 6  # failures in a row before what is too old is given up untried: at start there may be no network
OUTAGE = 2  # failures in a row after which a channel that works again gets all that waited, in its order
BELATED = timedelta(minutes=15)  # beyond the time it was to go out, after which a message says so
Workers = dict[str, "_Worker"]
"""Threads at work, by the channel that each sends on."""


@dataclass
class Counts:
    """The outcome of one delivery."""

    accepted: int = 0
    failed: int = 0
    """Attempts that were not accepted; their messages wait, or are dead."""
    dead: int = 0
    """Messages that became dead letters."""
    waiting: int = 0
    """Messages that nobody has taken yet."""
    sentences: list[str] = field(default_factory=list)
    """One for each thing that went wrong, without secrets."""
    notes: list[str] = field(default_factory=list)
    """One for each thing that was put right."""
    resting: list[str] = field(default_factory=list)
    """One for each channel for which messages wait after a failure, and which was not tried this time."""


def deliver_due(
    home: Home,
    now: datetime,
    *,
    within: float = 20.0,
    screen: TextIO | None = None,
    at_work: Workers | None = None,
) -> Counts:
    """Sends what is due, every channel by a worker of its own, and returns after at most *within* seconds
    and one attempt. *now* is the present moment: claims and signatures rest on it.

    Who sends again and again hands the same *at_work* over each time: then no channel waits for another's
    attempt. It returns at once, leaves a channel alone whose worker is still at work, and counts what ended.

    Of machines that share a state all see claims end by its clock, lest one that is ahead take a claim for
    one that has ended, and send the message again. All else goes by *now*.

    Without *screen* the messages of ``stdout`` channels stay for a process that a person looks at.
    Raises :class:`ConfigError` for a bad ``delivery.toml``; nothing is lost by it.
    """
    outbox = Outbox.open(home)
    shift = ahead(outbox.state)
    counts = Counts()
    if amended := overdue.amend(outbox.state, now, shift):
        counts.notes.append(f"{amended} messages waited for a clock that was ahead; they are due now.")
    for letter in overdue.bury_unknown(outbox, now, shift):
        counts.dead += 1
        counts.sentences.append(
            f"{letter.subject!r} waits for the channel {letter.channel!r}, which delivery.toml does not have."
        )
    office = Office(outbox.book.secrets, home.root, home.var / "delivery", screen)
    started = time.monotonic()
    workers: Workers = {} if at_work is None else at_work
    ended = [workers.pop(name) for name, worker in list(workers.items()) if not worker.is_alive()]
    for name in outbox.channels():
        channel = outbox.book.channels.get(name)
        if channel is None or name in workers or (channel.needs_screen and screen is None):
            continue
        workers[name] = _Worker(outbox, name, office, now, shift, started, started + within)
        workers[name].start()
    if at_work is None:
        ended = list(workers.values())
    for worker in ended:
        worker.join()
        counts.accepted += worker.counts.accepted
        counts.failed += worker.counts.failed
        counts.dead += worker.counts.dead
        counts.sentences += [s for s in worker.counts.sentences if s not in counts.sentences]
        counts.resting += worker.counts.resting
    counts.waiting = outbox.count(now)["waiting"]
    for worker in ended:
        if worker.error is not None:
            raise worker.error
    return counts


def send_test(
    home: Home, name: str, now: datetime, *, screen: TextIO | None = None
) -> list[tuple[str, str, Verdict]]:
    """Sends a test message at once to where *name* leads: ``(channel, address, verdict)`` of each.

    It stands in the log and is not tried again. Raises :class:`UsageError` for an unknown name.
    """
    outbox = Outbox.open(home)
    message = Message(
        key=f"test {name} {now.isoformat()}",
        subject="风评：投递测试",
        lines=(f"这是发往 {name} 的测试消息（{iso(now)}）。", "收到即说明地址、签名与关键词有效。"),
    )
    places = outbox.book.resolve([name], message, now)
    if not places:
        raise UsageError(f"{name!r} leads nowhere at this hour.", remedy="Test one of its channels.")
    office = Office(outbox.book.secrets, home.root, home.var / "delivery", screen)
    told = []
    for channel, address in places:
        number = outbox.begin_attempt(message, channel, address, now)
        begun = time.monotonic()
        verdict = attempt(outbox.book.channels[channel], Parcel(message, now, address), office)
        with outbox.state.begin() as connection:
            outbox.note(connection, number, verdict, time.monotonic() - begun)
        told.append((channel, address, verdict))
    return told


def retry(home: Home, letter: int, now: datetime) -> None:
    """Makes a dead or waiting letter due at once, and ends the rest of its robot.

    Raises :class:`UsageError` for a number that is no such letter, or whose channel is gone.
    """
    outbox = Outbox.open(home)
    name = outbox.revive(letter, now)
    office = Office(outbox.book.secrets, home.root, home.var / "delivery")
    with suppress(SecretMissing):  # the attempt will say so
        robot = outbox.book.channels[name].robot(name, office)
        Pace(outbox.state, robot, outbox.book.channels[name].per_minute).worked()


def attempt(channel: Channel, parcel: Parcel, office: Office) -> Verdict:
    """One attempt, ended after the channel's limit whatever its sender does; secrets are masked."""
    future: Future[Verdict] = Future()

    def send() -> None:
        try:
            future.set_result(channel.send(parcel, office))
        except SecretMissing as error:
            future.set_result(Verdict(Outcome.UNREACHED, str(error)))
        except Exception as error:  # noqa: BLE001  a fault of one sender must not keep the others from sending
            future.set_result(Verdict(Outcome.UNKNOWN, f"{type(error).__name__}: {error}"))

    threading.Thread(target=send, daemon=True, name=f"send {channel.kind}").start()
    try:
        verdict = future.result(channel.timeout + GRACE)
    except TimeoutError:
        verdict = Verdict(Outcome.UNKNOWN, f"no end after {channel.timeout + GRACE:g} seconds")
    reply = " ".join(office.secrets.mask(verdict.reply).split())[:500]
    return Verdict(verdict.outcome, reply, verdict.final, verdict.wait, verdict.whole)


def _marked(claim: Claim, now: datetime) -> Message:
    """The message of a claim; its first line says so where it goes out late. An edition goes as it was
    signed, and what has a text of its own as that is."""
    message = claim.message
    if now - claim.meant_at <= BELATED or message.key.startswith(EDITION) or message.plain or message.html:
        return message
    why = "因通道不通" if claim.count > 1 else ""
    said = f"（本消息应于{local(claim.meant_at):%m-%d %H:%M}发出，{why}迟发。）"
    return replace(message, lines=(said, *message.lines))


class _Worker(threading.Thread):
    """Sends what is due on one channel, in turn, until nothing is or its time is over."""

    def __init__(
        self,
        outbox: Outbox,
        name: str,
        office: Office,
        now: datetime,
        shift: timedelta,
        started: float,
        deadline: float,
    ) -> None:
        super().__init__(name=f"deliver {name}", daemon=True)
        self.counts = Counts()
        self.error: BaseException | None = None
        self._outbox, self._name, self._office = outbox, name, office
        self._channel = outbox.book.channels[name]
        self._now, self._shift, self._since, self._deadline = now, shift, started, deadline

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001  raised again by deliver_due, after the other channels
            self.error = error

    def _moment(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._since)

    def _work(self) -> None:
        try:
            robot = self._channel.robot(self._name, self._office)
        except SecretMissing as error:
            self.counts.failed += 1
            self.counts.sentences.append(f"{self._name}: {error}")
            self._give_up(str(error))
            return
        pace = Pace(self._outbox.state, robot, self._channel.per_minute)
        while time.monotonic() < self._deadline:
            now = self._moment()
            severity = self._outbox.due(self._name, now, ahead=self._shift)
            if severity is None or not pace.permit(now, critical=severity is Severity.CRITICAL):
                break  # what is left is sent by the next delivery
            self._one(pace)
        self._look_back(pace)

    def _look_back(self, pace: Pace) -> None:
        """Tells what waits after a failure and was not tried this time, and gives up what is too old."""
        now = self._moment()
        if pace.rests(now) and pace.fails() >= TRIED:
            self._give_up(f"the channel failed {pace.fails()} times in a row")
        left = overdue.left(self._outbox.state, self._name, now)
        if left.letters and (left.tried or pace.rests(now)) and not self.counts.failed:
            said = f" It said: {left.reply}." if left.reply else ""
            self.counts.resting.append(f"{left.letters:,} messages wait for {self._name}.{said}")

    def _give_up(self, reply: str) -> None:
        given_up = overdue.give_up(self._outbox, self._name, self._moment(), reply)
        self.counts.dead += len(given_up)

    def _one(self, pace: Pace) -> None:
        lease = timedelta(seconds=self._channel.timeout + GRACE) + LEASE
        now, failed = self._moment(), pace.fails()
        claim = self._outbox.claim(
            self._name, now, lease, ahead=self._shift, trying=failed > 0, resting=pace.rests(now)
        )
        if claim is None:
            return
        begun = time.monotonic()
        parcel = Parcel(_marked(claim, self._moment()), self._moment(), claim.address)
        verdict = attempt(self._channel, parcel, self._office)
        ended = self._moment()
        status = self._outbox.settle(claim, verdict, ended, time.monotonic() - begun)
        if verdict.accepted:
            self.counts.accepted += 1
            pace.worked()
            if failed >= OUTAGE:
                # What was told first is read first, whatever pauses its tries were given.
                overdue.hasten(self._outbox.state, self._name, self._moment())
            return
        self.counts.failed += 1
        self.counts.dead += status == "dead"
        place = f"{self._name}:{claim.address}" if claim.address else self._name
        self.counts.sentences.append(f"{place} {verdict.outcome}: {verdict.reply}.")
        if verdict.whole and not verdict.final:
            pace.failed(ended, verdict.wait)
