"""Alarms on real streams, beside incidents labelled by reading: caught, delay, false alarms.

``incidents.tsv`` holds a line for each title of an incident: hashes of host and title, its time, and its part
(charge, answer or other). Measured are incidents in which the host is accused as a seller, for sure; false
are alarms that show no title of any labelled incident. Beside the preset stand ElastAlert2's ``spike`` and
a plain threshold over the same documents, and the preset with irrelevant documents.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import orjson

from fengping.alerts import Firing, Rule
from fengping.alerts.backtest import Caught, Incident, caught, false_alarms, wilson
from fengping.alerts.matches import read_matches
from fengping.alerts.replay import replay
from fengping.alerts.rules import make_rule
from fengping.analysis import Judge
from fengping.analysis.figures import Figure
from fengping.analysis.training.labels import name_hash
from fengping.analysis.training.readings import text_hash
from fengping.clock import day_of, local, parse_moment
from fengping.config import AnalysisConfig
from fengping.indexer import Filter
from fengping.indexer.search.backends.memory import MemoryStore
from fengping.lab.evaluation import data_hash
from fengping.models import Channel, Document, RawDocument, document_id

INCIDENTS = Path(__file__).with_name("incidents.tsv")
STREAMS = {
    "first-seen": "streams/weibo-first-seen-2020-2021.csv.gz",
    "topics": "streams/weibo-topics-2024-2025.jsonl.gz",
}
"""The streams with incidents; the days of November 2020 hold none that is sure."""

TEXTS = 2
"""Charges from which on an incident must be caught."""

_DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Stream:
    """A judged stream with its incidents, hosts by their hashes."""

    store: MemoryStore
    days: int
    begin: datetime
    end: datetime
    measured: Sequence[tuple[int, Incident]]
    """Incidents with the number of their distinct charges."""
    every: Sequence[Incident]


def measure(data: Path) -> list[Figure]:
    """Figures over both streams together; those of the preset Balanced are promised."""
    digest = data_hash(*(data / file for file in STREAMS.values()), INCIDENTS)
    streams = [read_stream(data / file, name) for name, file in STREAMS.items()]
    kinds: dict[str, dict[str, object]] = {
        "balanced": {"kind": "spike"},
        "fewer": {"kind": "spike", "preset": "fewer"},
        "more": {"kind": "spike", "preset": "more"},
        "with-irrelevant": {"kind": "spike", "min_relevance": 0},
        "threshold-3": {"kind": "frequency", "num_events": 3},
    }
    ways: dict[str, Callable[[Stream], list[Firing]]] = {
        name: partial(_ours, make_rule({"name": name, **values}, name)) for name, values in kinds.items()
    }
    ways["elastalert2-spike"] = partial(_spike_of_elastalert, make_rule({"name": "beside"}, "beside"))
    return [figure for name, way in ways.items() for figure in _figures(name, way, streams, digest)]


def _figures(
    name: str, way: Callable[[Stream], list[Firing]], streams: Sequence[Stream], digest: str
) -> Iterator[Figure]:
    several: list[Caught] = []
    single: list[Caught] = []
    false: list[Firing] = []
    for stream in streams:
        found = [_hashed(firing) for firing in way(stream)]
        several += caught([one for charges, one in stream.measured if charges >= TEXTS], found)
        single += caught([one for _, one in stream.measured], found)
        false += false_alarms(stream.every, found)
    weeks = sum(stream.days for stream in streams) / 7
    hits = [one for one in several if one.delay is not None]
    asked = (0.85, 1.0, 1, 3.0) if name == "balanced" else (None,) * 4
    low, high = wilson(len(hits), len(several))
    share = len(hits) / len(several)
    yield Figure(f"alarms.{name}.caught", share, len(several), asked[0], data=digest, low=low, high=high)
    any_hits = sum(one.delay is not None for one in single)
    low, high = wilson(any_hits, len(single))
    share = any_hits / len(single)
    yield Figure(f"alarms.{name}.caught-of-all", share, len(single), data=digest, low=low, high=high)
    seconds = [one.delay.total_seconds() for one in hits if one.delay is not None]
    hours = median(seconds) / 3600 if seconds else 999.0
    yield Figure(f"alarms.{name}.delay-hours", hours, len(hits), asked[1], True, digest)
    months = Counter((firing.key, f"{local(firing.fired_at):%Y-%m}") for firing in false)
    worst, rate = max(months.values(), default=0), len(false) / weeks
    yield Figure(f"alarms.{name}.false-worst-host-month", worst, len(months), asked[2], True, digest)
    yield Figure(f"alarms.{name}.false-a-week", rate, len(false), asked[3], True, digest)


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
    return Firing(firing.rule, name_hash(firing.key), firing.fired_at, firing.count, firing.evidence)


def read_stream(file: Path, name: str) -> Stream:
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
    measured, every = _incidents(name, by_title)
    return Stream(store, len(set(days)), times[0], times[-1] + timedelta(hours=1), measured, every)


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


def _incidents(
    stream: str, by_title: dict[tuple[str, datetime | None], str]
) -> tuple[list[tuple[int, Incident]], list[Incident]]:
    lines: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for line in INCIDENTS.read_text(encoding="utf-8").splitlines():
        incident, host, of, sure, part, at, title = line.split("\t") if line[0] != "#" else ("",) * 7
        if of == stream:
            lines[incident, host].append([sure, part, at, title])
    measured, every = [], []
    for (_, host), titles in lines.items():
        charges = [line for line in titles if line[1] == "charge"]
        first = min(parse_moment(line[2]) for line in charges or titles)
        ids = {by_title.get((title, parse_moment(at)), "") for _, _, at, title in titles} - {""}
        one = Incident(host, first, documents=frozenset(ids))
        every.append(one)
        if titles[0][0] == "1" and charges:
            measured.append((len({line[3] for line in charges}), one))
    return measured, every
