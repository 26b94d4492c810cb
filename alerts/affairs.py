"""Events against watched parties: their texts read from a store, and the decision on each at a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from fengping.alerts.baseline import HOUR, Counts, Reference, hour_of, moment_of
from fengping.alerts.decide import (
    ACTIVE,
    Cause,
    Firing,
    Past,
    Standing,
    Status,
    Step,
    cool_end,
    decide,
    is_cooling,
)
from fengping.alerts.gravity import Gravity, gravity_of, of_event
from fengping.alerts.match import Match, histogram, match_of, read_matches
from fengping.alerts.rules.rule import Rule, distinct
from fengping.alerts.rules.watch import Watch, key_of, party_of
from fengping.events import Event
from fengping.indexer import Bucket, Filter, Interval, Store
from fengping.models import Act

SEVERAL = 2
"""Complaints of a day that are several, of a party of whom nothing usual is known."""
_COLUMNS = (
    "id", "published_at", "indexed_at", "source", "site", "author_id", "issues", "act", "event", "group",
    "title", "signals", "facets", "tier", "channel", "rank", "consumer", "relevant", "regulators",
    "roles", "accused", "negative_hosts", "negative_brands", "hosts", "brands",
)  # fmt: skip
_AT_ONCE = 500
Found = dict[str, list[Match]]
Known = Callable[[Sequence[str]], Mapping[str, Event]]
"""The events of documents by their ids."""


def nothing_known(_documents: Sequence[str]) -> Mapping[str, Event]:
    """Knowledge of no event at all."""
    return {}


def matches_of_rule(rule: Rule, store: Store, since: datetime, until: datetime) -> Found:
    """Matches published in ``[since, until)`` by key, in time order: of a watch the charges of each event and
    their answers."""
    if not isinstance(rule, Watch):
        return read_matches(rule, store, since, until)
    found: Found = defaultdict(list)
    for party, where in rule.of_parties(since, until, store):
        for row in store.columns(where, _COLUMNS):
            values = dict(zip(_COLUMNS, row, strict=True))
            if values["published_at"] is None:
                continue
            match = replace(
                match_of(rule, values), gravity=int(gravity_of(values)), answers=values["act"] is Act.RESPONSE
            )
            for name in rule.charged(values, party):
                found[key_of(name, match.event or match.group)].append(match)
    _add_answers(rule, store, found, Filter(since=since, until=until, where={"act": (Act.RESPONSE.value,)}))
    for matches in found.values():
        matches.sort()
    return found


def _add_answers(rule: Watch, store: Store, found: Found, where: Filter) -> None:
    """Adds to each event the texts in which its party, by name, answers."""
    known = {key: {match.id for match in matches} for key, matches in found.items()}
    keys: dict[str, list[str]] = defaultdict(list)
    for key, matches in found.items():
        if matches[0].event:
            keys[matches[0].event].append(key)
    events = sorted(keys)
    for start in range(0, len(events), _AT_ONCE):
        some = replace(where, where=where.where | {"event": tuple(events[start : start + _AT_ONCE])})
        for row in store.columns(some, _COLUMNS):
            values = dict(zip(_COLUMNS, row, strict=True))
            for key in keys[values["event"]]:
                named = {*(values["hosts"] or ()), *(values["brands"] or ()), *(values["accused"] or ())}
                if values["id"] not in known[key] and (party_of(key) in named or not rule.key_field):
                    found[key].append(replace(match_of(rule, values), hit=False, answers=True))


def reference_of_watch(rule: Watch, store: Store, since: datetime, until: datetime) -> Reference:
    """The usual charges of each party at moments in ``[since, until)``."""
    first = since - max(rule.reference, rule.max_age) - rule.horizon
    split = rule.key_field or None
    charges = [
        replace(bucket, split=party or bucket.split)
        for party, where in rule.of_parties(first, until, store)
        for bucket in histogram(rule, store, where, Interval.HOUR, split=split)
    ]
    whole: Iterable[Bucket] = store.histogram(Filter(since=first, until=until), Interval.HOUR)
    return Reference(Counts(charges, whole), rule.terms)


def joined(found: Mapping[str, Sequence[Match]], past: Mapping[str, Sequence[Firing]]) -> Found:
    """Matches under the key that an alarm of one of their texts had: an event goes on as what it was told
    as, whatever it was merged with or split from since."""
    told = {
        (party_of(key), id): key
        for key, firings in past.items()
        for firing in sorted(firings, key=lambda one: one.fired_at, reverse=True)
        for id in firing.evidence
    }
    kept: Found = defaultdict(list)
    for key, matches in found.items():
        known = (told.get((party_of(key), match.id)) for match in matches)
        kept[next(filter(None, known), key)] += matches
    for matches in kept.values():
        matches.sort()
    return kept


def step(
    rule: Rule,
    key: str,
    standing: Standing,
    past: Past,
    matches: Sequence[Match],
    reference: Reference,
    now: datetime,
) -> Step:
    """The decision of a rule of any kind on a key, by :func:`.decide.decide` where it counts."""
    if not isinstance(rule, Watch):
        return decide(rule, key, standing, past, matches, reference, now)
    there = [match for match in matches if match.at <= now]
    charges = [match for match in there if match.hit]
    fresh = [one for one in charges if one.id not in past.shown and one.at > now - rule.max_age]
    gravity = _gravity(rule, party_of(key), charges, reference)
    answered = standing.answered or any(match.answers for match in there)
    cause = _cause(rule, standing, fresh, gravity, now, answered=answered)
    if cause is None:
        return _rest(rule, standing, there, fresh, gravity, now)
    need = reference.need(party_of(key), charges[-1].at)
    # What was told already may be read anew, and be graver.
    evidence = tuple(one.id for one in fresh) or (max(charges, key=lambda one: one.gravity).id,)
    is_new = cause is Cause.FIRST
    goes_on = standing.status in ACTIVE
    firing = Firing(
        rule.name, key, now, len(fresh), evidence, cause, need.timeframe, need.usual,
        0 if is_new else standing.shown, standing.began_at or charges[0].at, gravity=int(gravity),
    )  # fmt: skip
    status = standing.status if standing.status is Status.SILENCED else Status.FIRING
    after = Standing(
        status, standing.since if goes_on and standing.status is status else now, now, firing.began_at,
        rule.voices(charges), standing.shown + len(fresh), need.timeframe,
        tuple(sorted({*standing.classes, *(code for one in fresh for code in one.classes)})),
        max(int(gravity), standing.gravity), answered,
    )  # fmt: skip
    return Step(after, firing, due=now)


def _cause(
    rule: Watch,
    standing: Standing,
    fresh: Sequence[Match],
    gravity: Gravity,
    now: datetime,
    *,
    answered: bool,
) -> Cause | None:
    """The reason for an alarm. What is graver waits for nothing; what else follows, for the cool-down, and
    until nobody takes care of it."""
    if standing.fired_at is None:
        return Cause.FIRST if fresh else None
    if gravity > standing.gravity:
        return Cause.GRAVER
    if is_cooling(rule, standing, now):
        return None
    if standing.status not in ACTIVE:
        return Cause.AGAIN if fresh else None
    if answered and not standing.answered:
        return Cause.ANSWERED
    return Cause.DOUBLED if rule.voices(fresh) >= max(SEVERAL, standing.base) else None


def _gravity(rule: Watch, party: str, charges: Sequence[Match], reference: Reference) -> Gravity:
    """Gravity of an event by its charges so far. Of a party of whom nothing is known all count together."""
    if not charges:
        return Gravity.DIGEST
    gravest = max(one.gravity for one in charges)
    most, several = 0, float(SEVERAL)
    last = charges[-1].at
    day = [one for one in charges if last - rule.timeframe < one.at]
    need = reference.need(party, last)
    if need.usual is None:
        hours = max(1, rule.timeframe // HOUR)
        most = int(reference.counts.windows(party, np.array([hour_of(last) + 1]), hours)[0])
    else:
        several = max(several, float(need.timeframe))
    return of_event(gravest, max(rule.voices(day), most), distinct(day), several)


def _rest(
    rule: Watch,
    standing: Standing,
    there: Sequence[Match],
    fresh: Sequence[Match],
    gravity: Gravity,
    now: datetime,
) -> Step:
    """No alarm: over after a while without a new text, else as it was."""
    if standing.status not in ACTIVE:
        return Step(standing)
    times = [one.at for one in there]
    if standing.fired_at and standing.fired_at <= now:
        times.append(standing.fired_at)
    over = max(times, default=now - rule.quiet) + rule.quiet
    if now >= over:
        return Step(replace(standing, status=Status.RESOLVED, since=now))
    dues = [over, cool_end(rule, standing, now) if fresh or not standing.answered else None]
    if gravity is Gravity.DIGEST and standing.fired_at and now < standing.fired_at + timedelta(days=1):
        dues.append(moment_of(hour_of(now) + 1))  # other complaints about the party may come
    return Step(standing, due=min((one for one in dues if one and one > now), default=None))
