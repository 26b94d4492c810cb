"""The decision: one pure function of a rule, a key's documents, its standing and the clock.

ok → pending → firing ⇄ acknowledged, silenced → resolved. The live check calls it at every tick, a replay at
the ticks at which something can change; a call at which nothing does changes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from fengping.alerts.baseline import Reference, hour_of, moment_of
from fengping.alerts.match import Match, published
from fengping.alerts.rules.rule import Reading, Rule
from fengping.alerts.rules.watch import party_of


class Status(StrEnum):
    """States of a rule's key."""

    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    RESOLVED = "resolved"


ACTIVE = (Status.FIRING, Status.ACKNOWLEDGED, Status.SILENCED)


class Cause(StrEnum):
    """Reasons for an alarm."""

    FIRST = "first"
    AGAIN = "again"
    DOUBLED = "doubled"
    GRAVER = "graver"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Firing:
    """One alarm, with the documents that made it."""

    rule: str
    key: str
    fired_at: datetime
    count: int
    evidence: tuple[str, ...]
    """Ids of documents that no earlier alarm has shown, in time order."""
    cause: Cause = Cause.FIRST
    need: float = 0.0
    usual: float | None = None
    before: int = 0
    """Documents that earlier alarms of the same affair have shown."""
    began_at: datetime | None = None
    """The first document of the affair."""
    passed: tuple[str, ...] = ()
    """Ids of further documents that were there and stand outside of the window: no later alarm's either."""
    hour_need: int | None = None
    """Documents that were enough within its last hour, where the timeframe did not hold ``need``."""
    gravity: int = 0
    """The :class:`~fengping.alerts.gravity.Gravity` of the event; 0 for a rule that counts."""

    @property
    def party(self) -> str:
        """The party of a watched event; of a rule that counts the key."""
        return party_of(self.key)

    @property
    def lead(self) -> str:
        """The document by which an alarm is called: its first; empty for none."""
        return next(iter(self.evidence), "")


@dataclass(frozen=True)
class Past:
    """A key's earlier alarms, in no order."""

    firings: Sequence[Firing] = ()

    @cached_property
    def shown(self) -> frozenset[str]:
        """Ids of the documents that count for no other alarm."""
        return frozenset(id for firing in self.firings for id in (*firing.evidence, *firing.passed))


@dataclass(frozen=True, slots=True)
class Standing:
    """A key's state, and what was said about it since the affair began."""

    status: Status = Status.OK
    since: datetime | None = None
    fired_at: datetime | None = None
    began_at: datetime | None = None
    base: int = 0
    """Documents at the last alarm that was no doubling; twice as many break through."""
    shown: int = 0
    """Documents shown in this affair."""
    need: float = 0.0
    classes: tuple[str, ...] = ()
    gravity: int = 0
    """The gravest that was told of an event."""
    answered: bool = False
    """True where the first answer to an event was told."""


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of a decision."""

    standing: Standing
    firing: Firing | None = None
    due: datetime | None = None
    """Moment at which time alone will change it; ``None`` for never."""
    need: float = 0.0
    """Documents that an alarm needs by now, of an affair that is over by that."""


def decide(
    rule: Rule,
    key: str,
    standing: Standing,
    past: Past,
    matches: Sequence[Match],
    reference: Reference,
    now: datetime,
) -> Step:
    """The standing of *key* at *now* after *standing*, and the alarm that this raises.

    *past* are the key's earlier alarms; *matches* what had come in by now, published within the rule's
    ``horizon``, in time order. What an alarm has shown never counts for another.
    """
    shown, reading = past.shown, None
    if is_cooling(rule, standing, now):
        recent = _recent(rule, matches, shown, now)
        if recent and not rule.every_tick:  # a share that stays too large is told after the cool-down
            cause = worsening(rule, standing, recent, rule.needed_now(key, reference, now))
            strongest = rule.strongest(key, matches, shown, reference, now) if cause else None
            if cause and standing.status in ACTIVE:
                return _worsen(rule, key, standing, recent, cause, strongest, now)
            if strongest and strongest.reached:  # what is over gets no worse: it begins anew
                return _fire(rule, key, standing, strongest, matches, shown, now)
    else:
        reading = rule.strongest(key, matches, shown, reference, now)
        repeated = standing.status in ACTIVE and reading and _is_repeated(reading, matches, shown)
        if reading and reading.reached and not repeated:
            return _fire(rule, key, standing, reading, matches, shown, now)
    usual = rule.usual_by_now(key, reference, now) if standing.status in ACTIVE else 0.0
    return _rest(rule, standing, matches, shown, reading, max(usual, standing.need), now)


def _recent(rule: Rule, matches: Sequence[Match], shown: Collection[str], now: datetime) -> tuple[Match, ...]:
    """Hits that no alarm has shown, young enough for one."""
    first = bisect_right(matches, now - rule.max_age, key=published)
    return tuple(one for one in matches[first:] if one.hit and one.at <= now and one.id not in shown)


def worsening(rule: Rule, standing: Standing, recent: Sequence[Match], needed: float) -> Cause | None:
    """The reason for which *recent* documents break through a cool-down: twice as many.

    *needed* would make an alarm by now: where so many have become usual, twice as many are nothing worse.
    """
    if rule.voices(recent) < max(2, standing.base, needed):
        return None
    # As many as the last alarm told are twice what the affair has shown only where that was all.
    return Cause.DOUBLED if len(recent) >= standing.shown else Cause.AGAIN


def _is_repeated(reading: Reading, matches: Sequence[Match], shown: Collection[str]) -> bool:
    """True where an affair that was told goes on with reposts alone of what was shown."""
    known = {match.group for match in matches if match.id in shown}
    return bool(reading.evidence) and all(match.group and match.group in known for match in reading.evidence)


def is_cooling(rule: Rule, standing: Standing, now: datetime) -> bool:
    """True while somebody takes care of the key, and for the rule's ``realert`` after an alarm."""
    if standing.status is Status.ACKNOWLEDGED:
        return True
    # An alarm of the future was made by a clock that was wrong: it silences nothing.
    last = standing.fired_at
    return last is not None and last <= now < last + rule.realert


def _fire(
    rule: Rule,
    key: str,
    standing: Standing,
    reading: Reading,
    matches: Sequence[Match],
    shown: Collection[str],
    now: datetime,
) -> Step:
    goes_on = standing.status in ACTIVE
    evidence = reading.evidence
    began = standing.began_at if goes_on else evidence[0].at if evidence else now
    before = standing.shown if goes_on else 0
    ids = tuple(match.id for match in evidence)
    known = {*shown, *ids}
    passed = tuple(match.id for match in matches if match.at <= now and match.id not in known)
    kept = standing if goes_on else Standing(standing.status, standing.since)
    firing = Firing(
        rule.name, key, now, reading.count, ids,
        Cause.AGAIN if goes_on else Cause.FIRST, reading.need, reading.usual, before, began, passed,
        reading.hour_need,
    )  # fmt: skip
    return Step(_after(kept, firing, evidence, reading.count, reading.need, now), firing, due=now)


def _worsen(
    rule: Rule,
    key: str,
    standing: Standing,
    recent: tuple[Match, ...],
    cause: Cause,
    reading: Reading | None,
    now: datetime,
) -> Step:
    usual = reading.usual if reading else None
    firing = Firing(
        rule.name, key, now, len(recent), tuple(match.id for match in recent), cause, standing.need, usual,
        standing.shown, standing.began_at,
    )  # fmt: skip
    base = standing.shown + len(recent)
    return Step(_after(standing, firing, recent, base, standing.need, now), firing, due=now)


def _after(
    standing: Standing, firing: Firing, evidence: Sequence[Match], base: int, need: float, now: datetime
) -> Standing:
    status = standing.status if standing.status is Status.SILENCED else Status.FIRING
    return Standing(
        status=status,
        since=standing.since if standing.status is status else now,
        fired_at=now,
        began_at=firing.began_at,
        base=base,
        shown=standing.shown + len(evidence),
        need=need,
        classes=_joined(standing.classes, (code for match in evidence for code in match.classes)),
    )


def _joined(before: tuple[str, ...], further: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*before, *further}))


def _rest(
    rule: Rule,
    standing: Standing,
    matches: Sequence[Match],
    shown: Collection[str],
    reading: Reading | None,
    need: float,
    now: datetime,
) -> Step:
    """No alarm: resolved after calm, pending while publishers are missing, else as it was."""
    if standing.status not in ACTIVE:
        status = standing.status
        if reading and not reading.reached:
            status = Status.PENDING
        elif status is Status.PENDING:
            status = Status.OK
        due = cool_end(rule, standing, now)
        has_fresh = due and any(match.at <= now and match.id not in shown for match in reversed(matches))
        return Step(_changed(standing, status, now), due=due if has_fresh else None)
    moments = [rule.high_until(matches, need, now)]
    if standing.fired_at and standing.fired_at <= now:
        moments.append(standing.fired_at)
    calm = max((moment for moment in moments if moment), default=None)
    resolved_at = calm + rule.recover_after * rule.timeframe if calm else now
    if now >= resolved_at:
        # What the affair held back as reposts counts again from the next tick on.
        return Step(_changed(standing, Status.RESOLVED, now), due=now, need=need)
    dues = [moment for moment in (resolved_at, cool_end(rule, standing, now)) if moment and moment > now]
    if rule.needs_history:
        dues.append(moment_of(hour_of(now) + 1))  # what is usual is known by the hour
    return Step(standing, due=min(dues, default=None))


def _changed(standing: Standing, status: Status, now: datetime) -> Standing:
    return standing if standing.status is status else replace(standing, status=status, since=now)


def cool_end(rule: Rule, standing: Standing, now: datetime) -> datetime | None:
    """The end of a cool-down that holds at *now*."""
    if standing.fired_at is None or standing.fired_at > now:
        return None
    end = standing.fired_at + rule.realert
    return end if end > now else None
