"""Derived fields of the stores beside a document's record: keyword values, sort keys, the Chinese hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil, floor, isfinite
from operator import attrgetter
from typing import Any

from fengping.clock import day_of, day_start
from fengping.errors import UsageError, did_you_mean
from fengping.fields import Field, FieldKind
from fengping.indexer.search.protocol import (
    KEYWORD_FIELDS,
    NUMBER_FIELDS,
    SCHEMA_VERSION,
    Bucket,
    Changes,
    Filter,
    Hits,
    Interval,
)
from fengping.indexer.search.query.matching import highlights_of
from fengping.indexer.search.query.tree import Range
from fengping.models import FIELDS, Document

MAX_KEYWORD = 256
"""Characters of a keyword value that are indexed; Lucene and tantivy refuse terms of tens of kilobytes."""

MAX_COUNT = 2**62
"""Highest count that is indexed; a range may be bounded higher, and then finds nothing."""
_MAX_BOUND = 2**63 - 1

MAX_WINDOW = 10_000
"""``offset + limit`` of a search, Elasticsearch's default ``index.max_result_window``."""

MAX_NEAR = 400_000
"""Documents in which a NEAR is looked for, about half a second's worth."""

REBUILD_REMEDY = "Rebuild it with: fengping reindex"

# Monday 1969-12-29 00:00 Chinese time: from there every hour, day and week is a whole multiple.
_EPOCH = datetime(1969, 12, 28, 16, tzinfo=UTC)
HOURS = {Interval.HOUR: 1, Interval.DAY: 24, Interval.WEEK: 168, Interval.MONTH: 24}
"""Hours in a bucket as the store counts it; months are summed up from days."""

_LAST_SECOND = 2**32 - 1


def keyword_values(document: Document) -> dict[str, tuple[str, ...]]:
    """Values of the keyword fields that have any, none twice, empty ones left out."""
    found = {}
    for name, kind, value in zip(KEYWORD_FIELDS, _KINDS, _keyword_attributes(document), strict=True):
        if value:
            found[name] = ("true",) if kind is _FLAG else _keywords(value) if kind else (value[:MAX_KEYWORD],)
        elif value is False:
            found[name] = ("false",)
    return found


def keywords_of(name: str, value: Any) -> tuple[str, ...]:
    """The keywords of one value of a field."""
    if not value:
        return ("false",) if value is False else ()
    return ("true",) if value is True else _keywords(value) if FIELDS[name].many else keywords(value)


def _keywords(values: Sequence[str] | Mapping[str, str]) -> tuple[str, ...]:
    if isinstance(values, dict):
        return keywords(*[f"{kind}:{name}" for name, kind in values.items()])
    return keywords(*values)


_FLAG = 2
_KINDS = [_FLAG if FIELDS[name].kind is FieldKind.FLAG else int(FIELDS[name].many) for name in KEYWORD_FIELDS]
_keyword_attributes = attrgetter(*(FIELDS[name].path for name in KEYWORD_FIELDS))
_number_attributes = attrgetter(*(FIELDS[name].path for name in NUMBER_FIELDS))


def number_values(document: Document) -> dict[str, float]:
    """Values of the number fields that have one, counts within 64 bits."""
    values = zip(NUMBER_FIELDS, _number_attributes(document), strict=True)
    return {
        name: min(value, MAX_COUNT) if isinstance(value, int) else value
        for name, value in values
        if value is not None and isfinite(value)
    }


def bounds(asked: Range) -> tuple[float | None, float | None, bool, bool]:
    """Lower and upper bound of a range and whether they belong to it; whole numbers for a count."""
    low, high = asked.low, asked.high
    if FIELDS[asked.field].kind is FieldKind.NUMBER:
        return low, high, low is None or asked.low_included, high is None or asked.high_included
    if low is not None:
        low = _clamped(ceil(low) if asked.low_included else floor(low) + 1)
    if high is not None:
        high = _clamped(floor(high) if asked.high_included else ceil(high) - 1)
    return low, high, True, True


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
    starts: dict[int, datetime] = {}
    found: dict[tuple[datetime, str], int] = {}
    for hour, split, count in counts:
        start = starts.get(hour)
        if start is None:
            start = starts[hour] = bucket_start(moment_of(hour), by)
        place = (start, split or "")
        found[place] = found.get(place, 0) + count
    return [Bucket(start, count, split or None) for (start, split), count in sorted(found.items())]


def _clamped(bound: int) -> int:
    return max(-_MAX_BOUND, min(bound, _MAX_BOUND))


def check_filter(where: Filter) -> None:
    """Raises :class:`UsageError` for a filter that contradicts itself or names an unknown field."""
    if where.undated and (where.since or where.until):
        raise UsageError(
            "Documents without a date have no time window.", remedy="Ask for undated ones without one."
        )
    for name in (*where.where, *where.exclude):
        check_field(name)
    for asked in where.ranges:
        check_range(asked)


def check_field(name: str) -> None:
    """Raises :class:`UsageError` where *name* is no keyword field."""
    if name not in KEYWORD_FIELDS:
        raise UsageError(f"Unknown field {name!r}.", remedy=did_you_mean(name, KEYWORD_FIELDS))


def check_range(asked: Range) -> None:
    """Raises :class:`UsageError` where *asked* bounds no number field, or not by a number."""
    if asked.field not in NUMBER_FIELDS:
        raise UsageError(
            f"Unknown number field {asked.field!r}.", remedy=did_you_mean(asked.field, NUMBER_FIELDS)
        )
    ends = [end for end in (asked.low, asked.high) if end is not None]
    if not ends or not all(map(isfinite, ends)):
        raise UsageError(f"The range of {asked.field} has no bound.", remedy="Give one, as in likes:>1000.")


def check_columns(names: Sequence[str]) -> list[Field]:
    """Rows of the field table for *names*; raises :class:`UsageError` for one that it lacks."""
    for name in names:
        if name not in FIELDS:
            raise UsageError(f"There is no field {name!r}.", remedy=did_you_mean(name, FIELDS))
    return [FIELDS[name] for name in names]


def check_changes(changes: Changes) -> None:
    """Raises :class:`UsageError` for a field that there is not, or that names the document."""
    names = {name for change in changes.values() for name in change}
    check_columns([*names])
    if "id" in names:
        raise UsageError("The id of a document cannot be changed.", remedy="Delete it and put another.")


def updated(documents: Iterable[Document], changes: Changes) -> list[Document]:
    """Those of *documents* that *changes* make different, as they are then. Raises as
    :func:`check_changes`."""
    check_changes(changes)
    pairs = ((document, document.changed(changes[document.id])) for document in documents)
    return [after for before, after in pairs if after != before]


def with_events(given: Mapping[str, Document], events: Mapping[str, str]) -> dict[str, Document]:
    """*given* by id, those that are stored in the *events* that they are in, by their ids."""
    return {**given, **{id: replace(given[id], event=event) for id, event in events.items()}}


def found(total: int, documents: Sequence[Document], where: Filter, *, highlight: bool) -> Hits:
    """A page of hits, with the spans that the query's terms match where they were asked for."""
    if not highlight:
        return Hits(total, documents)
    raws = [document.raw for document in documents]
    return Hits(total, documents, [highlights_of(where.text, raw.title, raw.text) for raw in raws])


def check_page(limit: int, offset: int) -> None:
    """Raises :class:`UsageError` for a page that a search cannot reach."""
    if limit < 0 or offset < 0:
        raise UsageError("A page cannot begin or end before the first hit.")
    if offset + limit > MAX_WINDOW:
        raise UsageError(
            f"A search reaches {MAX_WINDOW:,} hits deep, not {offset + limit:,}.",
            remedy="Narrow the window, or export all of them.",
        )


def older_schema(index: str, found: int) -> str:
    """The sentence for an index that lacks fields of this version."""
    return f"The index {index} was written by an older fengping (schema {found}, now {SCHEMA_VERSION})."


def check_near(documents: int, most: int) -> None:
    """Raises :class:`UsageError` for a NEAR whose words stand together in more than *most* documents."""
    if documents > most:
        raise UsageError(
            f"The words of a NEAR stand together in more than {most:,} documents.",
            remedy="Give --since and --until, or take words that are less common.",
        )


def latest(documents: Sequence[Document]) -> dict[str, Document]:
    """By id, a later document of the batch in place of an earlier one."""
    return {document.id: document for document in documents}
