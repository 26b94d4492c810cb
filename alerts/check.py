"""The live check: one tick of the loop, its decisions and messages written down in one transaction.

Two checks at once wait for each other, and the second finds everything decided. A process that is killed
leaves either all of a tick or nothing of it; what was written down is sent by whoever delivers next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from fengping.alerts import ledger, message, silences
from fengping.alerts.affairs import Known, joined, matches_of_rule, nothing_known, step
from fengping.alerts.baseline import Reference
from fengping.alerts.decide import ACTIVE, Cause, Firing, Past, Standing, Status, Step
from fengping.alerts.gravity import Gravity
from fengping.alerts.group import Ready
from fengping.alerts.ledger import LastCheck
from fengping.alerts.manners import Manners
from fengping.alerts.match import Match
from fengping.alerts.outbox import Telling
from fengping.alerts.overall import watching
from fengping.alerts.recovery import Over
from fengping.alerts.replay import reference_of
from fengping.alerts.rules.rule import Rule
from fengping.alerts.rules.watch import Watch
from fengping.alerts.silences import Silence
from fengping.delivery import Outbox
from fengping.indexer import Filter, Store, arrivals

JUMP = timedelta(days=3)
"""Time between two checks of a rule from which on the clock may be wrong: calm is what was watched, so that
nothing is resolved until checks have gone on for as long as that takes."""

_INCLUDED = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment judged, and the time by which is indexed and delivered: one, but for ``--at``."""

    now: datetime
    clock: datetime

    @property
    def is_by_hand(self) -> bool:
        return self.now != self.clock


@dataclass
class Checked:
    """The outcome of a check."""

    firings: list[Firing] = field(default_factory=list)
    resolved: list[tuple[str, str]] = field(default_factory=list)
    passed: dict[str, datetime] = field(default_factory=dict)
    """Rules that were not judged, with their last check, which was later than the moment named by hand."""
    unresolved: list[tuple[str, str]] = field(default_factory=list)
    """Affairs that would be over had somebody watched, and of all that there is: the last check was too long
    ago, or the store is being filled again."""
    messages: int = 0
    """Messages that were written down to be sent."""


@dataclass(frozen=True)
class _Read:
    """Everything that the decisions of one rule rest on."""

    rule: Rule
    matches: dict[str, list[Match]]
    reference: Reference
    before: LastCheck | None


def check(
    rules: Sequence[Rule],
    store: Store,
    outbox: Outbox,
    moment: Moment,
    manners: Manners,
    known: Known = nothing_known,
    beside: Sequence[Rule] = (),
) -> Checked:
    """Judges *rules* at a moment. Running it again at once decides nothing.

    *known*: what is known of events; *beside*: rules that are not judged now, and may inhibit these.
    """
    # Before it is read: what comes to its end meanwhile was not all there.
    with outbox.state.begin() as connection:
        filling = arrivals.lacks(connection, empty=not store.count(Filter()))
        before = {rule.name: ledger.last_check(connection, rule.name) for rule in rules}
    reads = [_read(rule, store, moment.now, before[rule.name]) for rule in rules]
    done = Checked()
    with outbox.state.exclusive() as connection:
        holding = [one for one in silences.every(connection) if one.holds(moment.now)]
        telling = Telling(outbox, connection, moment.now, moment.clock, manners, rules, beside, holding)
        for read in reads:
            name = read.rule.name
            if (last := _passed(read, moment, ledger.last_check(connection, name))) is not None:
                done.passed[name] = last
                continue
            _Judging(read, store, connection, moment.now, holding, telling, done, known, filling).run()
            ledger.keep_check(connection, LastCheck(name, moment.clock, moment.now))
        telling.finish()
        done.messages = telling.written
    return done


def _read(rule: Rule, store: Store, now: datetime, before: LastCheck | None) -> _Read:
    until = now + _INCLUDED
    matches = matches_of_rule(rule, store, now - rule.horizon, until)
    return _Read(rule, matches, reference_of(rule, store, now, until), before)


def _passed(read: _Read, moment: Moment, kept: LastCheck | None) -> datetime | None:
    """The last check of a rule where that judged this moment already, or a later one than was read for:
    by hand, or by another process meanwhile."""
    if kept is None:
        return None
    is_over = moment.now <= kept.until and (moment.is_by_hand or kept != read.before)
    return kept.until if is_over else None


@dataclass
class _Judging:
    """The decisions of one rule at one moment."""

    read: _Read
    store: Store
    connection: Connection
    now: datetime
    holding: list[Silence]
    telling: Telling
    done: Checked
    known: Known
    filling: bool
    """True while the store lacks what it held: what is not there again yet is neither over nor silent."""

    def run(self) -> None:
        """Decides for every key that has documents, something due, or silence where there is none usually."""
        rule = self.read.rule
        past = ledger.past(self.connection, rule.name, self.now - rule.horizon)
        found = joined(self.read.matches, past) if isinstance(rule, Watch) else self.read.matches
        standings = ledger.standings(self.connection, rule.name)
        watched, gap = self._is_watched()
        live = {key for key, standing in standings.items() if standing.status is not Status.OK}
        keys: Collection[str] = {
            *found, *live, *rule.live_keys(self.read.reference, self.now)
        }  # fmt: skip
        unresolved: list[str] = []
        for key in sorted(keys):
            before = standings.get(key, Standing())
            matches = found.get(key, [])
            shown = Past(past.get(key, ()))
            after = step(rule, key, before, shown, matches, self.read.reference, self.now)
            if before.status in ACTIVE and after.standing.status is Status.RESOLVED and not watched:
                unresolved.append(key)
                after = Step(before)
            elif after.firing and rule.by_silence and self.filling:
                after = Step(before)
            self._keep(key, before, after, matches)
        self.done.unresolved += [(rule.name, key) for key in unresolved]
        if unresolved and gap:
            affairs = [ledger.affair(self.connection, rule.name, key)[:1] for key in unresolved]
            told = zip(unresolved, affairs, strict=True)
            names = [str(kept[0].facts.get("name", key)) if kept else key for key, kept in told]
            self.telling.gap(rule, gap, names)

    def _is_watched(self) -> tuple[bool, timedelta | None]:
        """True where checks of a whole store have gone on long enough to know what is over, and the gap that
        ends now."""
        rule, last = self.read.rule, self.read.before and self.read.before.until
        if last and self.now < last:
            return False, None  # the clock went back
        name = f"jump {hashlib.sha256(rule.name.encode()).hexdigest()[:32]}"
        gap = self.now - last if last and self.now - last > JUMP else None
        if gap:
            ledger.set_mark(self.connection, name, self.now)
        jumped = ledger.mark(self.connection, name)
        went_on = jumped is None or not jumped <= self.now < jumped + watching(rule)
        return went_on and not self.filling, gap

    def _keep(self, key: str, before: Standing, step: Step, matches: Sequence[Match]) -> None:
        rule = self.read.rule
        after, number = step.standing, None
        if step.firing:
            after, number = self._fire(step.firing, after, matches)
            self.done.firings.append(step.firing)
        elif after.status in (Status.FIRING, Status.SILENCED):
            after = self._silenced_or_not(key, after)
        if after != before:
            ledger.keep_standing(self.connection, rule.name, key, after)
        if after.status is not before.status or number is not None:
            reason = step.firing.cause.value if step.firing else ""
            ledger.keep_change(
                self.connection, rule.name, key, before.status, after.status, reason, self.now, number
            )
        if before.status in ACTIVE and after.status is Status.RESOLVED:
            self.done.resolved.append((rule.name, key))
            alarms = ledger.affair(self.connection, rule.name, key)
            self.telling.resolved(Over(rule, key, before, alarms, step.need))

    def _fire(self, firing: Firing, standing: Standing, matches: Sequence[Match]) -> tuple[Standing, int]:
        rule = self.read.rule
        window = _window(rule, firing, matches)
        text = message.describe(
            rule, firing, window, self.store, self.now, self.known, self.telling.manners.link,
            answered=standing.answered, is_first=not self._was_told(firing),
        )  # fmt: skip
        labels = silences.labels_of(rule, firing.key, text.labels.get("class", ()))
        self._end_outgrown(firing, standing.shown, labels)
        breaks = _breaks(firing)
        silence = not breaks and any(one.matches(labels) for one in self.holding)
        status = Status.SILENCED if silence else Status.FIRING
        if standing.status is not status:
            standing = replace(standing, status=status, since=self.now)
        told = "silenced" if silence else ""
        number = ledger.keep_firing(self.connection, firing, text.plain, dict(text.facts), told)
        if not silence:
            self.telling.alarm(Ready(number, rule, firing, text))
        return standing, number

    def _was_told(self, firing: Firing) -> bool:
        """True where an alarm of the same affair did not only wait for the day's digest."""
        if not firing.before:
            return False
        earlier = ledger.affair(self.connection, firing.rule, firing.key)
        return any(kept.told != ledger.DIGEST for kept in earlier)

    def _end_outgrown(self, firing: Firing, shown: int, labels: Mapping[str, Sequence[str]]) -> None:
        """Ends silences until the count doubles where the affair has twice what it had as they began. One of
        several keys ends it for itself."""
        rule = self.read.rule.name
        for silence in [one for one in self.holding if one.until_doubled and one.matches(labels)]:
            before = ledger.shown_at(self.connection, rule, firing.key, silence.begins_at)
            if firing.cause is Cause.DOUBLED or (before and shown >= 2 * before):
                self.holding.remove(silence)
                if silence.is_of_one_key:
                    silences.end(self.connection, silence.id, self.now)
                else:
                    self.holding.append(silences.leave_out(self.connection, silence, firing.key))

    def _silenced_or_not(self, key: str, standing: Standing) -> Standing:
        labels = silences.labels_of(self.read.rule, key, standing.classes)
        # What is silenced already stays so by less than it takes to silence it.
        holds = Silence.touches if standing.status is Status.SILENCED else Silence.matches
        silenced = any(holds(one, labels) for one in self.holding)
        status = Status.SILENCED if silenced else Status.FIRING
        return standing if standing.status is status else replace(standing, status=status, since=self.now)


def _breaks(firing: Firing) -> bool:
    """True for an alarm that no silence keeps back: an event that got graver, and a critical new one."""
    is_critical = firing.gravity == Gravity.CRITICAL
    return firing.cause is Cause.GRAVER or (firing.cause is Cause.FIRST and is_critical)


def _window(rule: Rule, firing: Firing, matches: Sequence[Match]) -> list[Match]:
    """Hits of the timeframe that ends with the latest document, also what was told before: no second alarm
    counts fewer. Of an event all."""
    end = firing.fired_at
    hits = [match for match in matches if match.hit and match.at <= end]
    if firing.gravity:
        return hits
    if not rule.every_tick:
        end = max((match.at for match in hits), default=end)
    return [match for match in hits if end - rule.timeframe < match.at <= end]
