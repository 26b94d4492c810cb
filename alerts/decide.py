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
from fengping.alerts.matches import Match, published
from fengping.alerts.rules.rule import Reading, Rule


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
    CLASS = "class"
    OFFICIAL = "official"
    EVENT = "event"


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
    official: bool = False
    """True where a regulator or central medium joins by it, for the first time in the affair."""
    joined: tuple[str, ...] = ()
    """Ids of the documents by which that is so."""

    @property
    def lead(self) -> str:
        """The document by which an alarm is called: the one that joins, else its first; empty for none."""
        return next(iter(self.joined or self.evidence), "")


@dataclass(frozen=True)
class Past:
    """A key's earlier alarms, in no order."""

    firings: Sequence[Firing] = ()

    @cached_property
    def shown(self) -> frozenset[str]:
        """Ids of the documents that count for no other alarm."""
        return frozenset(id for firing in self.firings for id in (*firing.evidence, *firing.passed))

    @cached_property
    def affair(self) -> frozenset[str]:
        """Ids of the documents on which the alarms of the latest affair rest."""
        found: set[str] = set()
        for firing in sorted(self.firings, key=lambda firing: firing.fired_at, reverse=True):
            found.update(firing.evidence)
            if firing.cause is Cause.FIRST:
                break
        return frozenset(found)


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
    events: tuple[str, ...] = ()
    official: bool = False


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
    shown = past.shown
    reading, is_cooling, is_told = None, _is_cooling(rule, standing, now), False
    if is_cooling or standing.status in ACTIVE:
        standing, is_told = _with_events(rule, standing, past, matches)
    if is_cooling:
        recent = _recent(rule, matches, shown, now)
        needed = rule.needed_now(key, reference, now) if recent else 0.0
        cause = worsening(rule, standing, recent, needed, is_told=is_told)
        if rule.by_silence or (rule.every_tick and cause is not Cause.OFFICIAL):
            cause = None  # a share that stays too large is told after the cool-down
        if cause:
            strongest = rule.strongest(key, matches, shown, reference, now)
            if standing.status in ACTIVE:
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


def worsening(
    rule: Rule, standing: Standing, recent: Sequence[Match], needed: float, *, is_told: bool
) -> Cause | None:
    """The reason for which *recent* documents break through a cool-down, the gravest of several.

    *needed* would make an alarm by now: where so many have become usual, twice as many are nothing worse.
    *is_told*: it is known which events the affair's documents have; one that stands alone has none.
    """
    if not recent:
        return None
    if _joins(standing, recent):
        return Cause.OFFICIAL
    begun = {match.event for match in recent if match.event} - set(standing.events)
    if rule.is_of_parties and begun and is_told:
        return Cause.EVENT
    if rule.voices(recent) >= max(2, standing.base, needed):
        # As many as the last alarm told are twice what the affair has shown only where that was all.
        return Cause.DOUBLED if len(recent) >= standing.shown else Cause.AGAIN
    classes = {code for match in recent for code in match.classes}
    if not rule.is_of_classes and standing.classes and classes - set(standing.classes):
        return Cause.CLASS
    return None


def _with_events(
    rule: Rule, standing: Standing, past: Past, matches: Sequence[Match]
) -> tuple[Standing, bool]:
    """The standing with the events that its documents have got since, and whether these are known.

    A document bears no event while it stands alone in it: what an alarm rests on may have got one later.
    """
    if not rule.is_of_parties:
        return standing, False
    affair = past.affair
    events = {match.event for match in matches if match.id in affair}
    known = events - {""}
    if not known.issubset(standing.events):
        standing = replace(standing, events=_joined(standing.events, known))
    return standing, bool(events or standing.events)


def _is_repeated(reading: Reading, matches: Sequence[Match], shown: Collection[str]) -> bool:
    """True where an affair that was told goes on with reposts alone of what was shown."""
    known = {match.group for match in matches if match.id in shown}
    return bool(reading.evidence) and all(match.group and match.group in known for match in reading.evidence)


def _is_cooling(rule: Rule, standing: Standing, now: datetime) -> bool:
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
        reading.hour_need, _joins(kept, evidence), _joined_by(kept, evidence),
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
        standing.shown, standing.began_at, official=_joins(standing, recent),
        joined=_joined_by(standing, recent),
    )  # fmt: skip
    base = standing.shown + len(recent)
    return Step(_after(standing, firing, recent, base, standing.need, now), firing, due=now)


def _joins(standing: Standing, evidence: Iterable[Match]) -> bool:
    return bool(_joined_by(standing, evidence))


def _joined_by(standing: Standing, evidence: Iterable[Match]) -> tuple[str, ...]:
    return () if standing.official else tuple(match.id for match in evidence if match.official)


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
        events=_joined(standing.events, (match.event for match in evidence if match.event)),
        official=standing.official or any(match.official for match in evidence),
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
        due = _cool_end(rule, standing, now)
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
    dues = [moment for moment in (resolved_at, _cool_end(rule, standing, now)) if moment and moment > now]
    if rule.needs_history:
        dues.append(moment_of(hour_of(now) + 1))  # what is usual is known by the hour
    return Step(standing, due=min(dues, default=None))


def _changed(standing: Standing, status: Status, now: datetime) -> Standing:
    return standing if standing.status is status else replace(standing, status=status, since=now)


def _cool_end(rule: Rule, standing: Standing, now: datetime) -> datetime | None:
    if standing.fired_at is None or standing.fired_at > now:
        return None
    end = standing.fired_at + rule.realert
    return end if end > now else None
