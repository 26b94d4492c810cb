"""Searches of a plan, as pure values: what is asked of which source, over which time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fengping.clock import local
from fengping.errors import UsageError
from fengping.spiders.sources import Source


class Step(StrEnum):
    """Longest span of a search; cut at the borders of Chinese months, days and hours."""

    MONTH = "month"
    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Search:
    """One keyword, asked of one source over ``[since, until)``."""

    source: str
    keyword: str
    since: datetime
    until: datetime


def spans(since: datetime, until: datetime, step: Step) -> Iterator[tuple[datetime, datetime]]:
    """``[since, until)`` in pieces of *step*, newest first. They meet without gap or overlap."""
    stop = until
    while stop > since:
        start = max(since, _floor(stop, step))
        yield start, stop
        stop = start


def _floor(stop: datetime, step: Step) -> datetime:
    """The border of *step* that lies before *stop*."""
    before = local(stop - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0)
    if step is not Step.HOUR:
        before = before.replace(hour=0)
    if step is Step.MONTH:
        before = before.replace(day=1)
    return before.astimezone(stop.tzinfo)


def finest(source: Source) -> Step | None:
    """The shortest span that the source can be asked for; ``None`` where it names no time."""
    if source.slots & {"since", "until"}:
        return Step.HOUR
    return Step.DAY if "date" in source.slots else None


def split(search: Search, finest: Step | None) -> tuple[Search, ...]:
    """The search in shorter ones, months in days and days in hours; empty where the source cannot."""
    length = search.until - search.since
    if length > timedelta(days=1):
        step = Step.DAY
    elif length > timedelta(hours=1):
        step = Step.HOUR
    else:
        return ()
    if finest is None or (step is Step.HOUR and finest is Step.DAY):
        return ()
    pieces = spans(search.since, search.until, step)
    return tuple(replace(search, since=since, until=until) for since, until in pieces)


def searches(
    sources: Mapping[str, Source], keywords: Sequence[str], since: datetime, until: datetime, step: Step
) -> tuple[Search, ...]:
    """Every keyword over every source and span, source by source, the newest span first.

    A source that names no time is asked once for the whole. Raises :class:`UsageError` for
    a source that searches no keyword.
    """
    made = []
    for name, source in sources.items():
        if "keyword" not in source.slots:
            raise UsageError(
                f"The source {name!r} searches no keyword.",
                remedy="Put {keyword} into an address of it, or into its body.",
            )
        pieces = list(spans(since, until, step)) if finest(source) else [(since, until)]
        made += [Search(name, word, start, stop) for start, stop in pieces for word in keywords]
    return tuple(made)
