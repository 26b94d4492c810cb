"""Documents that a replay reads, by hour: those round hours whose counts do not rule an alarm out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from fengping.alerts.baseline import HOUR, Ints, Reference, hour_of
from fengping.alerts.replay import alike, possible_hours, reference_of, stride_of
from fengping.alerts.rules.rule import Rule, hours_between
from fengping.clock import day_of, day_start
from fengping.indexer import Store

WEEK = timedelta(weeks=1)


def fitting(
    rules: Sequence[Rule], store: Store, since: datetime, until: datetime, most: int
) -> tuple[datetime, int]:
    """The first day of as many whole weeks to the day of *until* as *rules* read at most *most* documents of,
    of one week at least, and how many they read from *since* on. Where these are no more, or no day is left
    out, *since* itself and 0.
    """
    hours, counts = _by_hour(rules, store, since, until)
    whole = int(counts.sum())
    begin = day_start(day_of(until)) - WEEK
    if whole <= most or begin <= since:
        return since, 0
    while begin - WEEK > since and counts[hours >= hour_of(begin - WEEK)].sum() <= most:
        begin -= WEEK
    return begin, whole


def _by_hour(rules: Sequence[Rule], store: Store, since: datetime, until: datetime) -> tuple[Ints, Ints]:
    """Hours of ``[since, until)``, and how many documents published in each are read."""
    hours = hours_between(hour_of(since), hour_of(until))
    read = np.zeros(len(hours), dtype=np.int64)
    for group in alike(rules):
        rule, *others = (rules[place] for place in group)
        reference = reference_of(rule, store, since, until)
        # Each document is read once for all of them.
        beside = [(one, Reference(reference.counts, one.terms, reference.usual)) for one in others]
        for key in reference.counts.keys:
            own = reference.counts.windows(key, hours + 1, 1)
            if not rule.every_tick:
                near = sum(_near(one, key, known, hours) for one, known in [(rule, reference), *beside])
                own = np.where(near, own, 0)
            read += own
    return hours, read


def _near(rule: Rule, key: str, reference: Reference, hours: Ints) -> Ints:
    """Above 0 for hours that a decision near a possible one looks at."""
    possible = possible_hours(rule, key, reference, hours)
    before, after = -(-rule.horizon // HOUR), -(-stride_of(rule) // HOUR)
    edges = np.zeros(len(hours) + 1, dtype=np.int64)
    places = possible - hours[0] if len(hours) else possible
    np.add.at(edges, np.maximum(places - before, 0), 1)
    np.add.at(edges, np.minimum(places + after, len(hours)), -1)
    found: Ints = np.cumsum(edges)[:-1]
    return found
