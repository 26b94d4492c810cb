"""The live loop over stored history: the same decisions at the ticks of the schedule; nothing is sent."""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain

from fengping.alerts.affairs import matches_of_rule, reference_of_watch, step
from fengping.alerts.baseline import HOUR, Counts, Ints, Reference, hour_of, moment_of
from fengping.alerts.decide import ACTIVE, Firing, Past, Standing, Status
from fengping.alerts.match import ALL, Documents, Match, histogram, published
from fengping.alerts.rules.rule import Rule, hours_between
from fengping.alerts.rules.watch import Watch
from fengping.clock import SHANGHAI
from fengping.indexer import Bucket, Filter, Interval, Store

TICK = timedelta(minutes=30)
DAY = timedelta(days=1)
AHEAD = timedelta(days=28)
"""Time for which the usual numbers are reckoned at once, where one span of a key is looked at."""
_EPOCH = datetime(1970, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Ticks:
    """The moments of the schedule: every *step* from midnight, Chinese time."""

    step: timedelta = TICK
    now: datetime | None = None
    """One moment more, between two others: what has come since the last of them is looked at as well."""

    def at_or_after(self, moment: datetime) -> datetime:
        """The first tick that is not before *moment*."""
        tick = _EPOCH + -((_EPOCH - moment) // self.step) * self.step
        return self.now if self.now is not None and moment <= self.now < tick else tick

    def after(self, tick: datetime) -> datetime:
        """The tick that follows one."""
        return self.at_or_after(tick + timedelta(microseconds=1))

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """Every tick in ``[since, until)``, in order."""
        found, tick = [], self.at_or_after(since)
        while tick < until:
            found.append(tick)
            tick = self.after(tick)
        return found


def replay(
    rules: Sequence[Rule], store: Store, since: datetime, until: datetime, ticks: Ticks | None = None
) -> Iterator[Firing]:
    """Alarms that the loop would have raised in ``[since, until)``, in time order.

    It begins early enough to know at *since* what was cooling then. A document arrived when it was indexed;
    one that came later than the rule's ``max_age`` (a backfill, an import) counts as come in time.
    """
    found = chain.from_iterable(of_rules(rules, store, since, until, ticks or Ticks()))
    yield from sorted(found, key=_moment)


def of_rules(
    rules: Sequence[Rule], store: Store, since: datetime, until: datetime, ticks: Ticks
) -> list[list[Firing]]:
    """Alarms of each of *rules* in time order; counts and documents are read once for those that differ in
    their judgement alone, such as the presets of one rule."""
    found: list[list[Firing]] = [[] for _ in rules]
    for group in alike(rules):
        alarms = _of_alike([rules[place] for place in group], store, since, until, ticks)
        for place, firings in zip(group, alarms, strict=True):
            found[place] = sorted(firings, key=_moment)
    return found


def alike(rules: Sequence[Rule]) -> list[list[int]]:
    """Places of those of *rules* that read the same."""
    groups: list[list[int]] = []
    for place, rule in enumerate(rules):
        of_same = next((group for group in groups if rules[group[0]].reads_like(rule)), None)
        if of_same is None:
            groups.append([place])
        else:
            of_same.append(place)
    return groups


def of_rule(
    rule: Rule, store: Store, since: datetime, until: datetime, ticks: Ticks, keys: Sequence[str] = ()
) -> list[Firing]:
    """Alarms of one rule, by key; only *keys* where given."""
    [found] = _of_alike([rule], store, since, until, ticks, keys)
    return found


def _of_alike(
    rules: Sequence[Rule],
    store: Store,
    since: datetime,
    until: datetime,
    ticks: Ticks,
    keys: Sequence[str] = (),
) -> list[list[Firing]]:
    """Alarms of each of some rules that read alike, key by key."""
    begin = since - rules[0].realert - rules[0].horizon
    first = reference_of(rules[0], store, begin, until)
    references = [first, *(Reference(first.counts, rule.terms, first.usual) for rule in rules[1:])]
    found: list[list[Firing]] = [[] for _ in rules]
    every = matches_of_rule(rules[0], store, begin, until) if isinstance(rules[0], Watch) else {}
    for key in sorted(every or keys or first.counts.keys):
        documents = Documents(rules[0], store, key, every.get(key))
        for rule, reference, firings in zip(rules, references, found, strict=True):
            run = _Run(rule, key, documents, reference, ticks, begin, until, begin, begin)
            firings += [firing for firing in run.firings() if firing.fired_at >= since]
    return found


def _moment(firing: Firing) -> tuple[datetime, str, str]:
    return firing.fired_at, firing.rule, firing.key


def reference_of(rule: Rule, store: Store, since: datetime, until: datetime) -> Reference:
    """The usual counts of the keys of *rule* at moments in ``[since, until)``, from hourly counts."""
    if isinstance(rule, Watch):
        return reference_of_watch(rule, store, since, until)
    history = max(rule.reference, rule.max_age, rule.timeframe) if rule.needs_history else timedelta(0)
    first = since - history - rule.horizon
    where = rule.selection(first, until)
    split = rule.key_field or None
    by_key: Iterable[Bucket] = histogram(rule, store, where, Interval.HOUR, split=split)
    if split is None:
        by_key = [Bucket(bucket.start, bucket.count, ALL) for bucket in by_key]
    elif rule.keys:
        by_key = [bucket for bucket in by_key if bucket.split in rule.keys]
    documents = store.histogram(Filter(since=first, until=until), Interval.HOUR) if rule.needs_history else []
    return Reference(Counts(by_key, documents), rule.terms)


def possible_hours(rule: Rule, key: str, reference: Reference, hours: Ints) -> Ints:
    """Those of *hours* in which, by the counts of *key*, an alarm may be raised."""
    counts = reference.counts
    busy = hours[counts.windows(key, hours + 1, -(-rule.timeframe // HOUR) + 1) > 0]
    return rule.candidates(key, counts, reference, busy)


def stride_of(rule: Rule) -> timedelta:
    """Time for which documents are read at once."""
    return max(rule.realert, rule.timeframe, DAY)


@dataclass
class _Run:
    """The loop for one key: it reads documents only around hours whose counts do not rule an alarm out."""

    rule: Rule
    key: str
    documents: Documents
    reference: Reference
    ticks: Ticks
    begin: datetime
    until: datetime
    prepared: datetime
    coming: datetime
    """The earliest publication of what was read and had not come in by the end of that: windows that end
    before it hold nothing undecided."""
    standing: Standing = field(default_factory=Standing)
    past: list[Firing] = field(default_factory=list)
    recent: Past = field(default_factory=Past)
    """Those of the past that may have shown a document of the horizon, the oldest first."""

    def firings(self) -> list[Firing]:
        """All alarms of the key."""
        if self.rule.every_tick:
            self._simulate(self.begin, self.until)
            return self.past
        last = min(hour_of(self.until), self.reference.counts.last)
        hours = hours_between(hour_of(self.begin), last)
        possible = possible_hours(self.rule, self.key, self.reference, hours)
        self.reference.rule_out(self.key, hour_of(self.begin), possible)
        candidates = possible.tolist()
        at, place = self.begin, 0
        while at < self.until:
            if not self._goes_on(at):
                place = bisect_left(candidates, hour_of(min(at, self.coming)), place)
                if place == len(candidates):
                    break
                at = max(at, moment_of(candidates[place]))
            at = self._simulate(at, self._stretch(at, candidates))
        return self.past

    def _stretch(self, at: datetime, candidates: Sequence[int]) -> datetime:
        """The end of what is read at once: a stride, and more while each further stride holds a candidate."""
        stride = stride_of(self.rule)
        stop = at + stride
        while stop < at + self.rule.horizon:
            place = bisect_left(candidates, hour_of(stop))
            if place == len(candidates) or moment_of(candidates[place]) >= stop + stride:
                break
            stop += stride
        return min(self.until, stop)

    def _goes_on(self, at: datetime) -> bool:
        """True while an affair lasts, or cools and may still get worse."""
        last = self.standing.fired_at
        return self.standing.status in ACTIVE or (last is not None and at < last + self.rule.realert)

    def _simulate(self, start: datetime, stop: datetime) -> datetime:
        """Decides at the ticks of ``[start, stop)`` at which something comes in or is due."""
        read = self.documents.between(start - self.rule.horizon, stop)
        if stop > self.prepared:
            self.prepared = min(self.until, stop + AHEAD)
            hours = hours_between(hour_of(start - self.rule.horizon), hour_of(self.prepared))
            self.rule.prepare(self.key, self.reference, hours)
        coming = sorted((self._arrival(match), match) for match in read)
        first = self.ticks.at_or_after(start)
        due = self.ticks.between(start, stop) if self.rule.by_silence else [first]
        there: list[Match] = []
        place = 0
        while due or place < len(coming):
            tick = due[0] if due else stop
            if place < len(coming):
                tick = min(tick, max(first, self.ticks.at_or_after(coming[place][0])))
            if tick >= stop:
                break
            while due and due[0] <= tick:
                heapq.heappop(due)
            while place < len(coming) and coming[place][0] <= tick:
                insort(there, coming[place][1])
                place += 1
            moments = self._decide(there, tick), self.rule.leaves(there, tick)
            later = min(filter(None, moments), default=None)
            if later is not None and not self.rule.by_silence:
                heapq.heappush(due, max(self.ticks.at_or_after(later), self.ticks.after(tick)))
        self.coming = min((match.at for _, match in coming[place:]), default=stop)
        ended = self.standing.since if self.standing.status is Status.RESOLVED else None
        if ended and ended >= start:  # what the affair held back counts again
            self.coming = min(self.coming, stop - self.rule.max_age)
        return stop

    def _arrival(self, match: Match) -> datetime:
        in_time = match.at <= match.arrived <= match.at + self.rule.max_age
        return match.arrived if in_time else match.at

    def _decide(self, there: list[Match], tick: datetime) -> datetime | None:
        oldest = tick - self.rule.horizon
        del there[: bisect_left(there, oldest, key=published)]
        if self.recent.firings and self.recent.firings[0].fired_at < oldest:
            self.recent = Past([firing for firing in self.recent.firings if firing.fired_at >= oldest])
        after = step(self.rule, self.key, self.standing, self.recent, there, self.reference, tick)
        self.standing = after.standing
        if after.firing:
            self.past.append(after.firing)
            self.recent = Past([*self.recent.firings, after.firing])
        return after.due
