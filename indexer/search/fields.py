"""Derived fields of the stores beside a document's record: keyword values, sort keys, the Chinese hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from fengping.clock import day_of, day_start
from fengping.errors import UsageError, did_you_mean
from fengping.indexer.search.protocol import KEYWORD_FIELDS, Bucket, Filter, Interval
from fengping.models import Document

MAX_KEYWORD = 256
"""Characters of a keyword value that are indexed; Lucene and tantivy refuse terms of tens of kilobytes."""

MAX_WINDOW = 10_000
"""``offset + limit`` of a search, Elasticsearch's default ``index.max_result_window``."""

SCHEMA_REMEDY = "Upgrade with: pip install --upgrade fengping"
REBUILD_REMEDY = "Rebuild it with: fengping reindex"

# Monday 1969-12-29 00:00 Chinese time: from there every hour, day and week is a whole multiple.
_EPOCH = datetime(1969, 12, 28, 16, tzinfo=UTC)
HOURS = {Interval.HOUR: 1, Interval.DAY: 24, Interval.WEEK: 168, Interval.MONTH: 24}
"""Hours in a bucket as the store counts it; months are summed up from days."""

_LAST_SECOND = 2**32 - 1


def keyword_values(document: Document) -> dict[str, tuple[str, ...]]:
    """Values of every keyword field, none twice, empty ones left out."""
    raw, judgement = document.raw, document.judgement
    return {
        "source": keywords(raw.source),
        "channel": (raw.channel.value,),
        "kind": (raw.kind.value,),
        "polarity": (judgement.polarity.value,),
        "hosts": keywords(*judgement.hosts),
        "negative_hosts": keywords(*judgement.negative_hosts),
        "platforms": keywords(*judgement.platforms),
        "regulators": keywords(*judgement.regulators),
        "issues": keywords(*judgement.issues),
        "group": keywords(document.group),
        "site": keywords(raw.site),
        "lang": keywords(raw.lang),
        "parent_id": keywords(raw.parent_id),
        "author_id": keywords(raw.author_id),
        "keywords": keywords(*judgement.keywords),
        "relevant": ("true" if judgement.relevant else "false",),
        "first_in_group": ("true" if document.first_in_group else "false",),
    }


def keywords(*values: str) -> tuple[str, ...]:
    """Values as they are indexed, and as a filter must ask for them."""
    if len(values) < 2:  # most fields hold one value or none
        return (values[0][:MAX_KEYWORD],) if values and values[0] else ()
    return tuple(dict.fromkeys(value[:MAX_KEYWORD] for value in values if value))


def second_of(moment: datetime | None) -> int:
    """Seconds since 1970 within 32 bits; a document without a time comes after all others."""
    if moment is None:
        return _LAST_SECOND
    return min(max(int(moment.timestamp()), 0), _LAST_SECOND - 1)


def newest_second(moment: datetime | None) -> int:
    """Sorts ascending from the newest to the oldest, then documents without a time."""
    return _LAST_SECOND if moment is None else _LAST_SECOND - 1 - second_of(moment)


def hour_of(moment: datetime) -> int:
    """The Chinese hour a moment falls in, counted from a Monday."""
    return int((moment - _EPOCH) // timedelta(hours=1))


def moment_of(hour: int) -> datetime:
    """The start of a Chinese hour, UTC."""
    return _EPOCH + timedelta(hours=hour)


def bucket_start(moment: datetime, by: Interval) -> datetime:
    """The start of the bucket that *moment* falls in."""
    if by is Interval.MONTH:
        return day_start(day_of(moment).replace(day=1))
    width = HOURS[by]
    return moment_of(hour_of(moment) // width * width)


def bucket_starts(since: datetime, until: datetime, by: Interval) -> list[datetime]:
    """Starts of all buckets that ``[since, until)`` touches, in order."""
    starts = []
    start = bucket_start(since, by)
    while start < until:
        starts.append(start)
        # Two months' worth of days reach into the next month from any first of a month.
        step = timedelta(days=32) if by is Interval.MONTH else timedelta(hours=HOURS[by])
        start = bucket_start(start + step, by)
    return starts


def to_buckets(counts: Iterable[tuple[int, str | None, int]], by: Interval) -> list[Bucket]:
    """``(hour, split, count)`` of a store as buckets in time order, then by split."""

    def place(row: tuple[int, str | None, int]) -> tuple[datetime, str]:
        return bucket_start(moment_of(row[0]), by), row[1] or ""

    return [
        Bucket(start=key[0], count=sum(row[2] for row in rows), split=key[1] or None)
        for key, rows in groupby(sorted(counts, key=place), key=place)
    ]


def check_filter(where: Filter) -> None:
    """Raises :class:`UsageError` for a filter that contradicts itself or names an unknown field."""
    if where.undated and (where.since or where.until):
        raise UsageError(
            "Documents without a date have no time window.", remedy="Ask for undated ones without one."
        )
    for name in (*where.where, *where.exclude):
        check_field(name)


def check_field(name: str) -> None:
    """Raises :class:`UsageError` where *name* is no keyword field."""
    if name not in KEYWORD_FIELDS:
        raise UsageError(f"Unknown field {name!r}.", remedy=did_you_mean(name, KEYWORD_FIELDS))


def check_page(limit: int, offset: int) -> None:
    """Raises :class:`UsageError` for a page that a search cannot reach."""
    if limit < 0 or offset < 0:
        raise UsageError("A page cannot begin or end before the first hit.")
    if offset + limit > MAX_WINDOW:
        raise UsageError(
            f"A search reaches {MAX_WINDOW:,} hits deep, not {offset + limit:,}.",
            remedy="Narrow the window, or export all of them.",
        )


def latest(documents: Sequence[Document]) -> dict[str, Document]:
    """By id, a later document of the batch in place of an earlier one."""
    return {document.id: document for document in documents}
