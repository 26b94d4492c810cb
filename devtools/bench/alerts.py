"""Alert rules: a back-test of all hosts over ninety days, a check, and the time from indexed to delivered."""

from __future__ import annotations

import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from devtools.bench import Options, Row
from devtools.bench.commands import spent
from devtools.bench.search import BATCH, posts
from fengping.alerts.replay import replay
from fengping.alerts.rules import make_rule
from fengping.clock import iso
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store, open_store, open_store_url
from fengping.models import Act, Document, Polarity
from fengping.services import alert
from fengping.services.alert_history import explain_rule
from fengping.services.home import make_home

SIZE = 1_000_000
DAYS = 90
START = datetime(2020, 9, 1, 16, tzinfo=UTC)
_STORM = 400
_RULES = ("spike", "frequency", "new_term")


def stream(size: int) -> Iterator[Document]:
    """Invented posts over :data:`DAYS` days: a third of them negatives about 85 hosts, and a storm."""
    chance = random.Random(11)
    storm = range(size * 60 // DAYS, size * 60 // DAYS + _STORM)
    for number, post in enumerate(posts(size)):
        at = START + timedelta(seconds=DAYS * 86_400 * number // size)
        judged, negative = post.judgement, chance.random() < 1 / 3
        hosts = ("主播07",) if number in storm else judged.hosts[:1]
        tone = Polarity.NEG if negative or number in storm else Polarity.NEU
        yield replace(
            post,
            raw=replace(post.raw, published_at=at, fetched_at=at),
            judgement=replace(
                judged, polarity=tone, hosts=hosts, negative_hosts=hosts if tone is Polarity.NEG else (),
                act=Act.COMPLAINT,
            ),
            indexed_at=at,
        )  # fmt: skip


def run(options: Options) -> list[Row]:
    """Seconds by part, at the size put; of an existing home the command alone, which writes nothing."""
    if options.home:
        return _of_home(Home.open(options.home))
    size = options.size or SIZE
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder).absolute())
        make_home(home)
        url = options.store and f"{options.store.rstrip('/')}-bench"
        with closing(open_store_url(url) if url else open_store(Home.open(home.root))) as store:
            made = stream(size)
            while batch := list(islice(made, BATCH)):
                store.put(batch)
            home = Home.open(home.root)
            # Before the checks, which put further documents; an index of one's own is read by others too.
            rows = [] if url else [*_command(home, START, START + timedelta(days=DAYS), size)]
            rows += [*_back_tests(home, store, size), *_checks(home, store, size)]
            if url:
                store.delete(document.id for document in stream(size))
        return rows


def _of_home(home: Home) -> list[Row]:
    with closing(open_store(home)) as store:
        days, size = store.histogram(Filter(), Interval.DAY), store.count(Filter())
    if not days:
        raise UsageError("The home holds no documents.", remedy="fengping --home DIR import …")
    until = days[-1].start + timedelta(days=1)
    return [*_command(home, until - timedelta(days=DAYS), until, size)]


def _command(home: Home, since: datetime, until: datetime, size: int) -> Iterator[Row]:
    """``alerts test`` as a process of its own, from its start to its end."""
    asked = ["alerts", "test", "--from", f"{iso(since)}", "--to", f"{iso(until)}"]
    ran = spent(home, *asked)
    what = f"fengping alerts test, {DAYS} days, all rules of the home"
    yield Row(what, ran.seconds, "s", size)
    yield Row("the same, processor", ran.processor, "s", size)
    yield Row("the same, memory at peak, files of the index within", ran.peak / 1024, "MB", size)
    yield Row("the same, memory of its own at peak", ran.own / 1024, "MB", size)


def _back_tests(home: Home, store: Store, size: int) -> Iterator[Row]:
    for kind in _RULES:
        values = {"num_events": 2_000} if kind == "frequency" else {}
        rule = make_rule({"name": kind, "kind": kind, **values}, "bench")
        begin = time.perf_counter()
        found = list(replay([rule], store, START, START + timedelta(days=DAYS)))
        seconds = time.perf_counter() - begin
        yield Row(f"back-test {kind}, {DAYS} days, all hosts ({len(found)} firings)", seconds, "s", size)
    rule = make_rule({"name": "spike", "kind": "spike"}, "bench")
    begin, busy = time.perf_counter(), time.process_time()
    explain_rule(home, rule, START + timedelta(days=DAYS), DAYS, store, presets=True)
    yield Row("a spike and its presets tried on them", time.perf_counter() - begin, "s", size)
    yield Row("the same, processor", time.process_time() - busy, "s", size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row("memory of the process at most, with the store's writer", peak, "MB", size)


def _checks(home: Home, store: Store, size: int) -> Iterator[Row]:
    now = START + timedelta(days=DAYS)
    for what in ("first check (all history is looked at)", "check", "check, indexed → delivered"):
        begin = time.perf_counter()
        if what.endswith("delivered"):
            store.put([_trouble(number, now) for number in range(_STORM)])
        alert.check(home, now, datetime.now(UTC), store=store)
        yield Row(what, time.perf_counter() - begin, "s", size)


def _trouble(number: int, now: datetime) -> Document:
    post = next(stream(1))
    raw = replace(post.raw, id=f"{number:032x}", published_at=now - timedelta(minutes=1), fetched_at=now)
    judged = replace(
        post.judgement,
        polarity=Polarity.NEG,
        hosts=("主播09",),
        negative_hosts=("主播09",),
        act=Act.COMPLAINT,
    )
    return replace(post, raw=raw, judgement=judged, group=raw.id, indexed_at=now)
