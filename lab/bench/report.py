"""A report by stage: facts, chapters and each format; beside the facts, orjson reading the same records.

Of a home that exists (``--home``): each group of facts by itself, with the processor time it takes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson

from fengping.clock import parse_moment
from fengping.errors import NotInstalled
from fengping.home import Home
from fengping.indexer import Filter, Store, open_store, open_store_url
from fengping.lab.bench import Options, Row
from fengping.lab.bench.search import BATCH, posts
from fengping.models import Document
from fengping.reports import build, find_kind, window_of
from fengping.reports.facts.gather import Facts, Question
from fengping.reports.output import WRITERS
from fengping.services.counting import count_negatives

SIZE = 100_000
NOW = parse_moment("2020-12-01T09:00")
FIRST, LAST = "2020-10-20", "2020-11-15"
LONGEST = 12
"""Groups of facts that are named by themselves."""


def run(options: Options) -> list[Row]:
    """Seconds a stage over a double11 report; PDF only where Chromium is found."""
    if options.home is not None:
        return list(_of_home(options.home))
    size = options.size or SIZE
    with tempfile.TemporaryDirectory() as folder:
        url = f"{options.store.rstrip('/')}-bench" if options.store else f"tantivy:{Path(folder) / 'index'}"
        return _measure(url, size, Path(folder))


def _of_home(root: Path) -> Iterator[Row]:
    """Rows of the facts of a home's double11 report, the groups that take longest first.

    A group is asked with all that it rests on, unless one declared before it has asked for that.
    """
    home = Home.open(root)
    kind = find_kind("double11")
    window = window_of(kind, FIRST, LAST, NOW)
    with closing(open_store(home)) as store:
        size = store.count(Filter())
        question = Question(window, before=tuple(kind.before(window)))
        facts = Facts(store, question, home, estimate=partial(_estimate, home, store))
        spent: dict[str, _Spent] = {}
        for name, value in vars(Facts).items():
            if isinstance(value, cached_property):
                begun = _Spent.so_far()
                getattr(facts, name)
                spent[name.strip("_")] = _Spent.so_far().less(begun)
    longest = sorted(spent, key=lambda name: -spent[name].seconds)[:LONGEST]
    for name in longest:
        yield from _rows(f"facts: {name}", spent[name], size)
    yield from _rows("facts: all others", _Spent.sum(spent[n] for n in spent.keys() - set(longest)), size)
    yield from _rows("facts", _Spent.sum(spent.values()), size)
    begun = _Spent.so_far()
    with closing(open_store(home)) as store:
        build(store, kind, window, home=home, estimate=partial(_estimate, home, store))
    yield from _rows("facts and chapters, the longest beside the others", _Spent.so_far().less(begun), size)


def _estimate(home: Home, store: Store, where: Filter) -> None:
    count_negatives(home, where, store=store)


class _Spent(NamedTuple):
    """Time on the clock and on the processors."""

    seconds: float
    processor: float

    @classmethod
    def so_far(cls) -> _Spent:
        return cls(time.perf_counter(), time.process_time())

    @classmethod
    def sum(cls, parts: Iterable[_Spent]) -> _Spent:
        return cls(*(sum(values) for values in zip(cls(0, 0), *parts, strict=True)))

    def less(self, other: _Spent) -> _Spent:
        return _Spent(self.seconds - other.seconds, self.processor - other.processor)


def _rows(what: str, spent: _Spent, size: int) -> Iterator[Row]:
    yield Row(what, spent.seconds * 1e3, "ms", size)
    yield Row("  processor time", spent.processor * 1e3, "ms", size)


def _measure(url: str, size: int, folder: Path) -> list[Row]:
    records = folder / "records.jsonl"
    with closing(open_store_url(url)) as store:
        made = map(_judged, posts(size))
        with records.open("wb") as file:
            while batch := list(islice(made, BATCH)):
                store.put(batch)
                file.writelines(orjson.dumps(document.to_record()) + b"\n" for document in batch)
        scanned = _seconds(lambda: _scan(records))
        kind = find_kind("double11")
        window = window_of(kind, FIRST, LAST, NOW)
        began = time.perf_counter()
        report = build(store, kind, window)
        seconds = time.perf_counter() - began
        bounds = _seconds(lambda: count_negatives(Home(folder), Filter(), store=store))
        if url.startswith("elasticsearch"):
            store.delete([document.id for document in posts(size)])
    rows = [
        Row("orjson reads the same records", scanned, "s", size),
        Row("facts and chapters", seconds, "s", size, seconds / scanned, "orjson"),
        Row("interval of the negatives", bounds, "s", size, bounds / scanned, "orjson"),
    ]
    for name, write in WRITERS.items():
        try:
            rows.append(Row(name, _seconds(partial(write, report, folder / f"report.{name}")), "s", size))
        except NotInstalled as error:
            rows.append(Row(f"{name}: {error}", 0.0, "s", size))
    return rows


def _scan(records: Path) -> None:
    with records.open("rb") as file:
        for line in file:
            orjson.loads(line)


def _judged(document: Document) -> Document:
    judged = document.judgement
    return document.with_judgement(consumer=True, negative_hosts=judged.hosts if judged.issues else ())


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
