"""Questions to a home's store, as they were typed: found, counted over time, compared, exported."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from fengping import clock
from fengping.clock import iso, parse_window
from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer import Bucket, Filter, Interval, Sort, Store
from fengping.indexer.search import KEYWORD_FIELDS, Since, Until, parquet, parse, render, trends
from fengping.indexer.search import export as exports
from fengping.indexer.search.backends.elasticsearch.files import write_bulk
from fengping.indexer.search.query.tree import bounds_of
from fengping.models import Document
from fengping.progress import Listener, Step, emit
from fengping.services.aside import Aside, aside_of
from fengping.services.lookup import lookup
from fengping.services.stores import the_store
from fengping.services.trends.changes import Change, Days, changes, days_collected
from fengping.services.trends.periods import Against, bounded, check_course, closed, earlier, start_text
from fengping.services.unknown_parties import unknown_parties

_TOLD_EVERY = 500
"""Documents between two records of an export's progress."""

_FILES = {"xlsx": "A workbook", "parquet": "Parquet"}
"""Forms that no stream can take."""


@dataclass(frozen=True)
class Asked:
    """A question in the asker's words."""

    query: str = ""
    since: str | None = None
    until: str | None = None
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Accepted values of keyword fields, any name of each."""
    now: datetime | None = None
    """The moment from which days in the query are counted back."""


@dataclass(frozen=True)
class Found:
    """A page of documents."""

    where: Filter
    """The question as it was understood."""
    total: int
    documents: Sequence[Document]
    undated: int
    """Matches without a publication time, which are in no window; 0 where none was asked for."""
    exact: bool = True
    """False where there are more than *total*."""
    hints: Sequence[str] = ()
    """Sentences on parties that no text names, where nothing was found."""

    def to_record(self) -> dict[str, Any]:
        """The JSON form."""
        found = {"total": self.total, "hits": [one.to_record() for one in self.documents]}
        return found | {"hints": list(self.hints)} if self.hints else found


@dataclass(frozen=True)
class Trend:
    """Counts over time, intervals without a document included."""

    where: Filter
    by: Interval
    buckets: Sequence[Bucket]
    undated: int

    def to_rows(self) -> list[dict[str, Any]]:
        """The JSON form, a row a bucket."""
        return [
            {"start": start_text(one.start, self.by), "count": one.count, "split": one.split}
            for one in self.buckets
        ]


@dataclass(frozen=True)
class Comparison:
    """Two searches, or two windows of one, side by side."""

    wheres: tuple[Filter, Filter]
    sides: tuple[trends.Side, trends.Side]
    both: int | None
    """Documents in both; ``None`` where they ask of different windows."""
    undated: tuple[int, int]
    asides: tuple[Aside, Aside]
    """Documents that counts of negatives leave out, on each side."""
    days: Days
    """Days of each window on which was collected."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Figures of the first side against the second's."""
        return changes(self.sides, self.days)

    def to_rows(self) -> list[dict[str, Any]]:
        """Both sides with the text of their queries; the change stands with the first."""
        change = {one.name: one.to_record() for one in self.changes}
        return [
            {
                "query": describe(where),
                "documents": one.documents,
                "all": one.all,
                "share": one.share,
                "negative": one.negative,
                "negative_share": one.negative_share,
                "days": one.days,
                "daily_mean": one.daily_mean,
                "peak": one.peak
                and {"start": start_text(one.peak.start, Interval.DAY), "count": one.peak.count},
                "hosts": dict(one.hosts),
                "issues": dict(one.issues),
                "in_both": self.both,
                "negative_answers": aside.answers,
                "unjudged": aside.unjudged,
                "days_collected": days,
                "change": changed,
            }
            for where, one, aside, days, changed in zip(
                self.wheres, self.sides, self.asides, self.days, (change, None), strict=True
            )
        ]


@dataclass(frozen=True)
class Exported:
    """Documents written to a file."""

    where: Filter
    written: int
    undated: int


def build_filter(home: Home, store: Store, asked: Asked) -> Filter:
    """*asked* as a filter, its window also that of ``since:`` and ``until:`` in the query.

    Raises :class:`UsageError` for a query, a time or a value that cannot be.
    """
    known = lookup(home, asked.now, store)
    start, stop = parse_window(asked.since, asked.until)
    where = {
        name: tuple(known.value(name, value) for value in values)
        for name, values in asked.where.items()
        if values
    }
    return _windowed(Filter(text=parse(asked.query, known), since=start, until=stop, where=where))


def _windowed(where: Filter) -> Filter:
    """*where* with its query's bounds of time taken into its window, unless that would be empty."""
    text, bounds = bounds_of(where.text)
    since = max((one.moment for one in bounds if isinstance(one, Since)), default=where.since)
    until = min((one.moment for one in bounds if isinstance(one, Until)), default=where.until)
    since = max(since, where.since or since) if since else None
    until = min(until, where.until or until) if until else None
    if not bounds or (since and until and since >= until):
        return where
    return replace(where, text=text, since=since, until=until)


def describe(where: Filter) -> str:
    """A filter in one line, in the words of the query language."""
    parts = [render(where.text) or "everything"]
    if where.since or where.until:
        parts.append(f"{iso(where.since) or '…'} ≤ time < {iso(where.until) or '…'}")
    parts += [f"{name}: {' or '.join(values)}" for name, values in where.where.items()]
    return " · ".join(parts)


def search(
    home: Home,
    asked: Asked,
    *,
    sort: str = Sort.NEWEST,
    limit: int = 20,
    offset: int = 0,
    store: Store | None = None,
    most: int | None = None,
) -> Found:
    """One page of the documents *asked* for; the total is exact, or *most* where counting on were dear."""
    order = Sort(one_of(sort, list(Sort), "--sort"))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        hits = opened.search(where, limit=limit, offset=offset, sort=order, most=most)
        hints = () if hits.total else unknown_parties(opened, where)
        return Found(where, hits.total, hits.documents, undated_in(opened, where), hits.exact, hints)


def trend(
    home: Home, asked: Asked, *, by: str = Interval.DAY, split: str | None = None, store: Store | None = None
) -> Trend:
    """Counts of *asked* by interval, for each value of the field *split*. All without a date are counted."""
    interval = Interval(one_of(by, list(Interval), "--by"))
    if split is not None:
        one_of(split, KEYWORD_FIELDS, "--split")
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        check_course(opened, bounded(opened, where), interval, split)
        buckets = trends.trend(opened, where, interval, split=split)
        return Trend(where, interval, buckets, trends.undated(opened, where))


def compare(
    home: Home,
    one: Asked,
    other: Asked | None,
    *,
    against: str = Against.PREVIOUS,
    store: Store | None = None,
) -> Comparison:
    """*one* beside *other*, or beside itself in the period *against* where there is no other."""
    period = Against(one_of(against, list(Against), "--against"))
    with the_store(home, store) as opened:
        first = build_filter(home, opened, one)
        second = earlier(first, period) if other is None else build_filter(home, opened, other)
        moment = one.now or clock.now()
        sides = trends.sides(opened, first, second, moment)
        days = [
            days_collected(home, opened, where, side.days, moment)
            for where, side in zip(closed(opened, first, second), sides, strict=True)
        ]
        return Comparison(
            (first, second),
            sides,
            trends.overlap(opened, first, second),
            (undated_in(opened, first), undated_in(opened, second)),
            (aside_of(opened, first), aside_of(opened, second)),
            (days[0], days[1]),
        )


def export(
    home: Home,
    asked: Asked,
    form: str,
    to: Path | IO[bytes],
    *,
    show: Listener = emit,
    store: Store | None = None,
) -> Exported:
    """Writes every document *asked* for, in the order of their ids, to a file or a stream.

    A file takes its name when it is whole, so that no half export is left. Raises :class:`UsageError` for a
    form that there is not, a workbook into a stream, and a file that cannot be written.
    """
    one_of(form, (*exports.FORMATS, "bulk"), "--format")
    if form in _FILES and not isinstance(to, Path):
        raise UsageError(f"{_FILES[form]} needs a file.", remedy="Name it with --out.")
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        total = opened.count(where)
        documents = _counted(opened.scan(where), total, show)
        if isinstance(to, Path):
            _write_file(documents, form, to, describe(where))
        else:
            _STREAMS[form](documents, to)
        return Exported(where, total, undated_in(opened, where))


def undated_in(store: Store, where: Filter) -> int:
    """Matches that are in no window for want of a date; 0 where no window was asked for."""
    return trends.undated(store, where) if where.since or where.until else 0


def one_of(value: str, known: Sequence[str], option: str) -> str:
    """*value*, where it is *known*; raises :class:`UsageError` with the nearest."""
    if value not in known:
        raise UsageError(f"Unknown {option} value {value!r}.", remedy=did_you_mean(value, known))
    return value


def _counted(documents: Iterable[Document], total: int, show: Listener) -> Iterator[Document]:
    for number, document in enumerate(documents, 1):
        yield document
        if number % _TOLD_EVERY == 0:
            show(Step("export", number, total))
    show(Step("export", total, total, ended=True))


def _write_file(documents: Iterable[Document], form: str, path: Path, query: str) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        if form == "xlsx":
            exports.write_xlsx(documents, part)
        elif form == "parquet":
            parquet.write_parquet(documents, part, query)
        else:
            with part.open("wb") as file:
                if form == "csv":
                    file.write(b"\xef\xbb\xbf")  # by which Excel knows the encoding
                _STREAMS[form](documents, file)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def _csv(documents: Iterable[Document], file: IO[bytes]) -> None:
    rows = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    try:
        exports.write_csv(documents, rows)
    finally:
        rows.detach()


_STREAMS: dict[str, Callable[[Iterable[Document], IO[bytes]], None]] = {
    "jsonl": exports.write_jsonl,
    "csv": _csv,
    "bulk": write_bulk,
}
