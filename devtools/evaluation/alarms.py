"""Alarms on real streams, beside incidents labelled by reading: caught, delay, false alarms.

Measured are incidents in which the host is accused as a seller, for sure; false are alarms that show no title
of any labelled incident. The promised figures stand on the first reading; beside them stand those on the
incidents that both readers call sure, and on the settled ones. Beside the preset stand ElastAlert2's
``spike`` and a plain threshold over the same documents, and the preset with irrelevant documents.

Intervals are at 95 %: of shares by Wilson, of false alarms a week by the Poisson count over the weeks, of the
median delay by order statistics. The worst host and month is a maximum, of which resampling gives none, for
no sample drawn again exceeds it: beside it stands the share of months of hosts that break the promise.
"""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import orjson

from devtools.evaluation import data_hash, hot_affairs, proportion
from devtools.evaluation.incidents import FIRST, SECOND, Line, Readings, agreement, read_incidents
from devtools.training.labels import name_hash
from devtools.training.readings import text_hash
from fengping import events
from fengping.alerts import Firing, Rule
from fengping.alerts.backtest import Caught, Incident, caught, false_alarms
from fengping.alerts.decide import Cause
from fengping.alerts.gravity import Gravity
from fengping.alerts.match import read_matches
from fengping.alerts.replay import TICK, replay
from fengping.alerts.rules import make_rule
from fengping.analysis import Judge, Reader
from fengping.analysis.figures import Figure, median_between, poisson
from fengping.clock import day_of, local, parse_moment
from fengping.config import AnalysisConfig
from fengping.home import Home
from fengping.indexer import Filter, arrivals
from fengping.indexer.search import MemoryStore
from fengping.models import Channel, Document, RawDocument, document_id
from fengping.state import State

STREAMS = {
    "first-seen": "streams/weibo-first-seen-2020-2021.csv.gz",
    "topics": "streams/weibo-topics-2024-2025.jsonl.gz",
}
"""The streams with incidents; the days of November 2020 hold none that is sure."""

TEXTS = 2
"""Charges from which on an incident must be caught."""

_DAY = timedelta(hours=24)
_WATCH = make_rule({"name": "watch", "kind": "watch"}, "watch")
_EVERY = make_rule({"name": "every", "kind": "any", "min_relevance": 0}, "every")


@dataclass(frozen=True)
class Labelled:
    """The incidents of a stream by one reading, hosts by their hashes."""

    measured: Sequence[tuple[int, Incident]]
    """Incidents with the number of their distinct charges."""
    every: Sequence[Incident]


@dataclass(frozen=True)
class Stream:
    """A judged stream with its incidents."""

    store: MemoryStore
    days: int
    begin: datetime
    end: datetime
    months: frozenset[tuple[str, str]]
    """Hosts, by their hashes, with the months in which a title is negative about them."""
    first: Labelled
    settled: Labelled
    both: Labelled


@dataclass(frozen=True)
class Seen:
    """The time over which false alarms are counted."""

    weeks: float
    months: int
    """Months of hosts with a negative title."""


def measure(data: Path) -> list[Figure]:
    """Figures over both streams together; those of the preset Balanced are promised."""
    files = [data / file for file in STREAMS.values()]
    digest, digest_of_both = data_hash(*files, FIRST), data_hash(*files, FIRST, SECOND)
    readings = read_incidents()
    streams = [read_stream(data / file, name, readings) for name, file in STREAMS.items()]
    kinds: dict[str, dict[str, object]] = {
        "balanced": {"kind": "spike"},
        "fewer": {"kind": "spike", "preset": "fewer"},
        "more": {"kind": "spike", "preset": "more"},
        "with-irrelevant": {"kind": "spike", "min_relevance": 0},
        # As rules of other tools count: every title, also one that the list shows again.
        "threshold-3": {"kind": "frequency", "num_events": 3, "repeats": True},
    }
    ways: dict[str, Callable[[Stream], list[Firing]]] = {
        name: partial(_ours, make_rule({"name": name, **values}, name)) for name, values in kinds.items()
    }
    ways["elastalert2-spike"] = partial(_spike_of_elastalert, make_rule({"name": "beside"}, "beside"))
    figures = agreement(readings)
    months = sum(len(stream.months) for stream in streams)
    seen = Seen(sum(stream.days for stream in streams) / 7, months)
    for name, way in ways.items():
        found = [[_hashed(firing) for firing in way(stream)] for stream in streams]
        asked = (0.85, 1.0, 1, 3.0) if name == "balanced" else (None,) * 4
        first, settled, both = zip(*((s.first, s.settled, s.both) for s in streams), strict=True)
        figures += _caught(f"alarms.{name}", first, found, digest, asked[:2])
        figures += _false(f"alarms.{name}", first, found, digest, seen, asked[2:])
        figures += _caught(f"alarms.{name}.both-sure", both, found, digest_of_both)
        figures += _caught(f"alarms.{name}.settled", settled, found, digest_of_both)
        figures += _false(f"alarms.{name}.settled", settled, found, digest_of_both, seen)
    return [*figures, *_of_watch(streams, digest, seen), *_of_hot_titles(data)]


def _of_watch(streams: Sequence[Stream], digest: str, seen: Seen) -> Iterator[Figure]:
    """Sure incidents told, on their day and within a tick of the first charge, and alarms that show none."""
    told: list[Caught] = []
    false = 0
    for stream in streams:
        at_once = _told_at_once(read_again(stream.store), stream.begin, stream.end)
        told += caught([one for _, one in stream.first.measured], at_once)
        new = [one for one in at_once if one.cause is Cause.FIRST]
        false += len(false_alarms(stream.first.every, new))
    yield from _shares("alarms.watch", told, digest)
    yield _share("alarms.watch.told-within-a-tick", told, TICK, digest)
    low, high = (mean / seen.weeks for mean in poisson(false))
    yield Figure("alarms.watch.false-a-week", false / seen.weeks, false, None, True, digest, low, high)


def _of_hot_titles(data: Path) -> Iterator[Figure]:
    """The same on hot titles, whose affairs are set apart by another reading and known by the day."""
    affairs = hot_affairs.read_affairs()
    store = hot_affairs.judged(data)
    titles = {one.id: one.group for one in store.scan(Filter())}
    begin = parse_moment(hot_affairs.FIRST)
    found = _told_at_once(read_again(store), begin, begin + timedelta(days=1000))
    at_once = [replace(one, evidence=tuple(titles[id] for id in one.evidence)) for one in found]
    digest = data_hash(data / hot_affairs.TITLES, hot_affairs.AFFAIRS)
    yield from _shares("alarms.hot", caught(affairs, at_once), digest)


def _told_at_once(store: MemoryStore, begin: datetime, end: datetime) -> list[Firing]:
    """Alarms of the watch on every host that do not wait for the day's digest."""
    found = replay([_WATCH], store, begin, end)
    return [_hashed(one) for one in found if one.gravity > Gravity.DIGEST]


def _shares(name: str, told: Sequence[Caught], digest: str) -> Iterator[Figure]:
    yield _share(f"{name}.told", told, timedelta(days=366), digest)
    yield _share(f"{name}.told-on-the-day", told, _DAY, digest)


def _share(name: str, told: Sequence[Caught], limit: timedelta, digest: str) -> Figure:
    hits = sum(one.delay is not None and one.delay <= limit for one in told)
    return proportion(name, hits, len(told), digest)


def read_again(judged: MemoryStore) -> MemoryStore:
    """The documents of *judged* in events, those that name a host read by the encoder."""
    documents = list(judged.scan(Filter()))
    named = [one for one in documents if one.judgement.hosts]
    judge = Judge.load(AnalysisConfig(), reader=Reader.load())
    days = [day_of(one.raw.published_at) for one in named if one.raw.published_at]
    read = dict(
        zip((one.id for one in named), judge.judge([d.raw.content for d in named], days), strict=True)
    )
    store = MemoryStore()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "fengping.toml").write_text("", encoding="utf-8")
        home = Home.open(Path(folder))
        with State.open(home).begin() as connection:
            for at in sorted({one.indexed_at for one in documents}):
                arrivals.note(connection, at)
        # Entries of a hot list have a place on it.
        store.put([
            replace(one, raw=replace(one.raw, rank=50), judgement=read.get(one.id, one.judgement))
            for one in documents
        ])  # fmt: skip
        with State.open(home).begin() as connection:
            arrivals.over(connection, empty=False)
        events.update(home, store)
    return store


def _caught(
    name: str, labelled: Sequence[Labelled], found: Sequence[Sequence[Firing]], digest: str,
    asked: Sequence[float | None] = (None, None),
) -> Iterator[Figure]:  # fmt: skip
    several: list[Caught] = []
    single: list[Caught] = []
    for of_stream, firings in zip(labelled, found, strict=True):
        several += caught([one for charges, one in of_stream.measured if charges >= TEXTS], firings)
        single += caught([one for _, one in of_stream.measured], firings)
    hits = [one for one in several if one.delay is not None]
    yield proportion(f"{name}.caught", len(hits), len(several), digest, asked[0])
    any_hits = sum(one.delay is not None for one in single)
    yield proportion(f"{name}.caught-of-all", any_hits, len(single), digest)
    seconds = [one.delay.total_seconds() for one in hits if one.delay is not None]
    hours = median(seconds) / 3600 if seconds else 999.0
    between = median_between(seconds)
    ends = [end / 3600 for end in between] if between else [None, None]
    yield Figure(f"{name}.delay-hours", hours, len(hits), asked[1], True, digest, *ends)


def _false(
    name: str, labelled: Sequence[Labelled], found: Sequence[Sequence[Firing]], digest: str, seen: Seen,
    asked: Sequence[float | None] = (None, None),
) -> Iterator[Figure]:  # fmt: skip
    false: list[Firing] = []
    for of_stream, firings in zip(labelled, found, strict=True):
        false += false_alarms(of_stream.every, firings)
    months = Counter((firing.key, f"{local(firing.fired_at):%Y-%m}") for firing in false)
    worst = max(months.values(), default=0)
    yield Figure(f"{name}.false-worst-host-month", worst, len(months), asked[0], True, digest)
    over = sum(count > 1 for count in months.values())
    yield proportion(f"{name}.false-host-months-over-1", over, seen.months, digest, at_most=True)
    low, high = (mean / seen.weeks for mean in poisson(len(false)))
    rate = len(false) / seen.weeks
    yield Figure(f"{name}.false-a-week", rate, len(false), asked[1], True, digest, low, high)


def _ours(rule: Rule, stream: Stream) -> list[Firing]:
    return list(replay([rule], stream.store, stream.begin, stream.end))


def _spike_of_elastalert(rule: Rule, stream: Stream) -> list[Firing]:
    """ElastAlert2's ``spike`` with ``query_key``: a day's count is three times that of the day before."""
    firings: list[Firing] = []
    matches = read_matches(rule, stream.store, stream.begin, stream.end)
    for key, of_key in matches.items():
        cool = stream.begin
        for match in of_key:
            now = [one for one in of_key if match.at - _DAY < one.at <= match.at]
            before = [one for one in of_key if match.at - 2 * _DAY < one.at <= match.at - _DAY]
            if match.at >= cool and 3 * len(before) <= len(now):
                ids = tuple(one.id for one in now)
                firings.append(Firing("elastalert2", key, match.at, len(now), ids))
                cool = match.at + _DAY
    return sorted(firings, key=lambda firing: firing.fired_at)


def _hashed(firing: Firing) -> Firing:
    return replace(firing, key=name_hash(firing.party))


def read_stream(file: Path, name: str, readings: Readings) -> Stream:
    """A stream judged by the shipped judge; titles that are the same are one repost group."""
    rows = list(_rows(file))
    days = [day_of(at) for *_, at in rows]
    judgements = Judge.load(AnalysisConfig()).judge([text for _, text, _ in rows], days)
    documents = {}
    for (title, text, at), judgement in zip(rows, judgements, strict=True):
        id = document_id(name, title, at.isoformat())
        raw = RawDocument(id, name, text, at, title=title, channel=Channel.WEIBO, published_at=at)
        documents[id] = Document(raw, judgement, text_hash(title), True, at)
    store = MemoryStore()
    store.put(list(documents.values()))
    by_title = {(text_hash(d.raw.title), d.raw.published_at): d.id for d in store.scan(Filter())}
    times = sorted(at for *_, at in rows)
    first, settled, both = (
        _labelled([line for line in lines if line.stream == name], by_title)
        for lines in (readings.first, readings.settled, readings.both)
    )
    end = times[-1] + timedelta(hours=1)
    months = frozenset(
        (name_hash(key), f"{local(match.at):%Y-%m}")
        for key, matches in read_matches(_EVERY, store, times[0], end).items()
        for match in matches
    )
    return Stream(store, len(set(days)), times[0], end, months, first, settled, both)


def _rows(file: Path) -> Iterator[tuple[str, str, datetime]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        if file.name.endswith(".jsonl.gz"):
            for line in lines:
                row = orjson.loads(line)
                text = f"{row['title']}\n{row['description']}" if row["description"] else row["title"]
                yield row["title"], text, parse_moment(f"{row['date']} {int(row['hour']):02}:00")
        else:
            for row in csv.DictReader(lines):
                yield row["title"], row["title"], parse_moment(row["first_seen"])


def _labelled(lines: Sequence[Line], by_title: dict[tuple[str, datetime | None], str]) -> Labelled:
    incidents: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        incidents[line.of].append(line)
    measured, every = [], []
    for titles in incidents.values():
        charges = [line for line in titles if line.part == "charge"]
        first = min(parse_moment(line.at) for line in charges or titles)
        ids = {by_title.get((line.title, parse_moment(line.at)), "") for line in titles} - {""}
        one = Incident(titles[0].host, first, documents=frozenset(ids))
        every.append(one)
        if titles[0].sure and charges:
            measured.append((len({line.title for line in charges}), one))
    return Labelled(measured, every)
