"""The live check: one tick of the loop, its decisions and messages written down in one transaction.

Two checks at once wait for each other, and the second finds everything decided. A process that is killed
leaves either all of a tick or nothing of it; what was written down is sent by whoever delivers next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection

from fengping.alerts import event_lines, late, ledger, merging, message, silences
from fengping.alerts.baseline import Reference
from fengping.alerts.decide import ACTIVE, Cause, Firing, Past, Standing, Status, Step, decide
from fengping.alerts.late import Late, Looked
from fengping.alerts.manners import Manners
from fengping.alerts.matches import Match, read_matches
from fengping.alerts.overall import watching
from fengping.alerts.recovery import Over
from fengping.alerts.replay import Ticks, reference_of
from fengping.alerts.rules.rule import Rule
from fengping.alerts.silences import Silence
from fengping.alerts.telling import Ready, Telling
from fengping.delivery import Outbox
from fengping.indexer import Filter, Store, arrivals, changes
from fengping.indexer.changes import Reading

JUMP = timedelta(days=3)
"""Time between two checks of a rule from which on the clock may be wrong: calm is what was watched, so that
nothing is resolved until checks have gone on for as long as that takes."""

_CONSUMER = "alarms"
"""Name in the change log."""
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
    late: list[Late] = field(default_factory=list)
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
    late: Late
    came: frozenset[str]
    """Ids of those that came late and have a time."""
    looked: Looked
    before: Looked | None

    @property
    def last(self) -> datetime | None:
        """The moment that the last check of the rule judged."""
        return self.before.until + self.rule.max_age if self.before else None


def check(
    rules: Sequence[Rule],
    store: Store,
    outbox: Outbox,
    moment: Moment,
    manners: Manners,
    ticks: Ticks,
    known: event_lines.Known = event_lines.nothing_known,
    beside: Sequence[Rule] = (),
) -> Checked:
    """Judges *rules* at a moment. Running it again at once decides nothing.

    *beside*: rules that are not judged now, and may inhibit these.
    """
    # Before it is read: what comes to its end meanwhile was not all there.
    with outbox.state.begin() as connection:
        filling = arrivals.lacks(connection, empty=not store.count(Filter()))
    log = changes.read(outbox.state, _CONSUMER)
    if filling:  # what comes then came before
        log = replace(log, changes=())
    reads = [_read(rule, store, outbox, moment, ticks, log) for rule in rules]
    done = Checked()
    with outbox.state.exclusive() as connection:
        holding = [one for one in silences.every(connection) if one.holds(moment.now)]
        telling = Telling(outbox, connection, moment.now, moment.clock, manners, rules, beside, holding)
        for read in reads:
            if (last := _passed(read, moment, late.load(connection, read.rule.name))) is not None:
                done.passed[read.rule.name] = last
                continue
            _Judging(read, store, connection, moment.now, holding, telling, done, known, filling).run()
            _tell_late(read, store, connection, telling, done)
        _pass(connection, [*rules, *beside])
        telling.finish()
        done.messages = telling.written
    return done


def _read(rule: Rule, store: Store, outbox: Outbox, moment: Moment, ticks: Ticks, log: Reading) -> _Read:
    with outbox.state.begin() as connection:
        before = late.load(connection, rule.name)
    looked = Looked(rule.name, moment.clock, moment.now - rule.max_age, log.until)
    further = [one for one in log.changes if before and one.sequence > before.sequence]
    runs = () if arrivals.refilled(further) else arrivals.stamps(further)
    told = late.Told(outbox.state, rule.name)
    arrived, came = late.look(rule, store, before, looked.until, runs, ticks, told)
    matches = read_matches(rule, store, moment.now - rule.horizon, moment.now + _INCLUDED)
    reference = reference_of(rule, store, moment.now, moment.now + _INCLUDED)
    return _Read(rule, matches, reference, arrived, came, looked, before)


def _pass(connection: Connection, rules: Sequence[Rule]) -> None:
    """Notes up to where all rules have read the change log."""
    looks = [looked for rule in rules if (looked := late.load(connection, rule.name))]
    if looks:
        changes.passed(connection, _CONSUMER, min(looked.sequence for looked in looks))
    else:
        changes.leave(connection, _CONSUMER)


def _passed(read: _Read, moment: Moment, kept: Looked | None) -> datetime | None:
    """The last check of a rule where that judged this moment already, or a later one than was read for:
    by hand, or by another process meanwhile."""
    if kept is None:
        return None
    last = kept.until + read.rule.max_age
    is_over = moment.now <= last and (moment.is_by_hand or kept != read.before)
    return last if is_over else None


def _tell_late(read: _Read, store: Store, connection: Connection, telling: Telling, done: Checked) -> None:
    if late.load(connection, read.rule.name) != read.before:
        return  # another check told it meanwhile
    late.keep(connection, read.looked)
    came = len(read.came - _told_now(read, connection, telling.now))
    arrived = replace(read.late, late=came, would=read.late.would if came else ())
    if arrived.late or arrived.undated:
        done.late.append(arrived)
        telling.late(read.rule, arrived, message.names(read.rule, arrived.would, store))


def _told_now(read: _Read, connection: Connection, now: datetime) -> set[str]:
    """Those that an alarm of this check shows, beside others that came in time."""
    past = chain.from_iterable(ledger.past(connection, read.rule.name, now).values()) if read.came else ()
    # Others were made by a clock that was wrong.
    made = (firing for firing in past if firing.fired_at <= now)
    return {id for firing in made for id in (*firing.evidence, *firing.passed)}


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
    known: event_lines.Known
    filling: bool
    """True while the store lacks what it held: what is not there again yet is neither over nor silent."""

    def run(self) -> None:
        """Decides for every key that has documents, something due, or silence where there is none usually."""
        rule = self.read.rule
        past = self._past()
        standings = ledger.standings(self.connection, rule.name)
        watched, gap = self._is_watched()
        live = {key for key, standing in standings.items() if standing.status is not Status.OK}
        keys: Collection[str] = {
            *self.read.matches, *live, *rule.live_keys(self.read.reference, self.now)
        }  # fmt: skip
        unresolved: list[str] = []
        for key in sorted(keys):
            before = standings.get(key, Standing())
            matches = self.read.matches.get(key, [])
            step = decide(rule, key, before, Past(past.get(key, ())), matches, self.read.reference, self.now)
            if before.status in ACTIVE and step.standing.status is Status.RESOLVED and not watched:
                unresolved.append(key)
                step = Step(before)
            elif step.firing and rule.by_silence and self.filling:
                step = Step(before)
            self._keep(key, before, step)
        self.done.unresolved += [(rule.name, key) for key in unresolved]
        if unresolved and gap:
            affairs = [ledger.affair(self.connection, rule.name, key)[:1] for key in unresolved]
            told = zip(unresolved, affairs, strict=True)
            names = [str(kept[0].facts.get("name", key)) if kept else key for key, kept in told]
            self.telling.gap(rule, gap, names)

    def _past(self) -> dict[str, list[Firing]]:
        """Alarms by key; those of an event that another took over are the other's, and so is what fires."""
        rule = self.read.rule
        past = ledger.past(self.connection, rule.name, self.now - rule.horizon)
        if rule.key_field != message.EVENT:
            return past
        standings = ledger.standings(self.connection, rule.name)
        active = {key for key, standing in standings.items() if standing.status in ACTIVE}
        # An id that documents bear is an event's own, whatever once took it over.
        gone = merging.taken_over(self.connection, {*past, *active} - set(self.read.matches))
        for old, new in gone.items():
            past.setdefault(new, []).extend(past.pop(old, ()))
            if old in active:
                merging.go_on(self.connection, rule.name, old, new)
        return past

    def _is_watched(self) -> tuple[bool, timedelta | None]:
        """True where checks of a whole store have gone on long enough to know what is over, and the gap that
        ends now."""
        rule, last = self.read.rule, self.read.last
        if last and self.now < last:
            return False, None  # the clock went back
        name = f"jump {hashlib.sha256(rule.name.encode()).hexdigest()[:32]}"
        gap = self.now - last if last and self.now - last > JUMP else None
        if gap:
            ledger.set_mark(self.connection, name, self.now)
        jumped = ledger.mark(self.connection, name)
        went_on = jumped is None or not jumped <= self.now < jumped + watching(rule)
        return went_on and not self.filling, gap

    def _keep(self, key: str, before: Standing, step: Step) -> None:
        rule = self.read.rule
        after, number = step.standing, None
        if step.firing:
            after, number = self._fire(step.firing, after)
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

    def _fire(self, firing: Firing, standing: Standing) -> tuple[Standing, int]:
        rule = self.read.rule
        window, listed = _window(rule, firing, self.read.matches.get(firing.key, []))
        text = message.describe(
            rule,
            firing,
            standing,
            window,
            listed,
            self.store,
            self.now,
            self.known,
            self.telling.manners.link,
            self._untold(firing),
        )
        classes = text.labels.get("class", ())
        self._end_outgrown(firing, standing.shown, classes)
        silence = self._silences(firing.key, classes)
        status = Status.SILENCED if silence else Status.FIRING
        if standing.status is not status:
            standing = replace(standing, status=status, since=self.now)
        told = "silenced" if silence else ""
        number = ledger.keep_firing(self.connection, firing, text.plain, dict(text.facts), told)
        if not silence:
            self.telling.alarm(Ready(number, rule, firing, text))
        return standing, number

    def _untold(self, firing: Firing) -> int:
        """Documents of earlier alarms of the same affair of which nobody was told."""
        if not firing.before:
            return 0
        earlier = ledger.affair(self.connection, firing.rule, firing.key)
        return sum(len(kept.firing.evidence) for kept in earlier if kept.told in ledger.SAID_TO_NOBODY)

    def _end_outgrown(self, firing: Firing, shown: int, classes: Sequence[str]) -> None:
        """Ends silences until the count doubles where the affair has twice what it had as they began, or
        where a regulator or central medium joins: who waits for twice as many has not waived that. One of
        several keys ends it for itself."""
        rule = self.read.rule.name
        for silence in self._silences(firing.key, classes):
            if not silence.until_doubled:
                continue
            before = ledger.shown_at(self.connection, rule, firing.key, silence.begins_at)
            outgrown = firing.cause is Cause.DOUBLED or (before and shown >= 2 * before)
            if outgrown or firing.official:
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

    def _silences(self, key: str, classes: Sequence[str]) -> list[Silence]:
        labels = silences.labels_of(self.read.rule, key, classes)
        return [silence for silence in self.holding if silence.matches(labels)]


def _window(rule: Rule, firing: Firing, matches: Sequence[Match]) -> tuple[list[Match], list[Match]]:
    """Matches of the timeframe that ends with the latest document, also what was told before: no second alarm
    counts fewer; and those from the first of these or of the new ones on."""
    new, end = set(firing.evidence), firing.fired_at
    hits = [match for match in matches if match.hit]
    shown = [match.at for match in hits if match.id in new]
    if not rule.every_tick:
        end = max((match.at for match in hits if match.at <= end), default=end)
    window = [match for match in hits if end - rule.timeframe < match.at <= end]
    times = [*shown, *(match.at for match in window)]
    return window, [match for match in hits if times and min(times) <= match.at <= max(times)]
