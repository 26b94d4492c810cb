"""Counts of the documents that a rule counts, as a store gives them.

No store adds likes, comments and reposts up: of a rule with ``min_engagement`` the documents that may have as
much are read and counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fengping.alerts.baseline import hour_of, moment_of
from fengping.clock import day_of, day_start
from fengping.indexer import Bucket, Filter, Interval, Store
from fengping.models import FIELDS

if TYPE_CHECKING:
    from fengping.alerts.rules.rule import Rule

ENGAGEMENT = ("likes", "comments", "reposts")


def is_engaged(rule: Rule, values: dict[str, Any]) -> bool:
    """True where a document has the engagement that *rule* asks, by its fields."""
    return not rule.min_engagement or sum(values[n] or 0 for n in ENGAGEMENT) >= rule.min_engagement


def count(rule: Rule, store: Store, where: Filter) -> int:
    """Documents of *where*, which is a selection of *rule* or a part of one."""
    if not rule.min_engagement:
        return store.count(where)
    return sum(1 for _ in _engaged(rule, store, where, ()))


def histogram(
    rule: Rule, store: Store, where: Filter, by: Interval, *, split: str | None = None
) -> list[Bucket]:
    """The same by hour or day, and by value of the keyword field *split*."""
    if not rule.min_engagement:
        return store.histogram(where, by, split=split)
    counts: Counter[tuple[datetime, str | None]] = Counter()
    names = ("published_at", *((split,) if split else ()))
    for values in _engaged(rule, store, where, names):
        if (at := values["published_at"]) is None:
            continue
        start = moment_of(hour_of(at)) if by is Interval.HOUR else day_start(day_of(at))
        found: list[str | None] = [None]
        if split:
            value = values[split]
            found = list(value or ()) if FIELDS[split].many else [value] if value else []
        counts.update((start, one) for one in found)
    return [Bucket(start, number, one) for (start, one), number in sorted(counts.items(), key=_order)]


def _engaged(rule: Rule, store: Store, where: Filter, names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    wanted = (*names, *ENGAGEMENT)
    for row in store.columns(where, wanted):
        values = dict(zip(wanted, row, strict=True))
        if is_engaged(rule, values):
            yield values


def _order(item: tuple[tuple[datetime, str | None], int]) -> tuple[datetime, str]:
    (start, value), _ = item
    return start, value or ""
