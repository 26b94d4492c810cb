"""A report by stage: facts, chapters and each format; beside the facts, orjson reading the same records."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

import orjson

from fengping.clock import parse_moment
from fengping.errors import NotInstalled
from fengping.home import Home
from fengping.indexer import Filter, open_store_url
from fengping.lab.bench import Options, Row
from fengping.lab.bench.search import BATCH, posts
from fengping.models import Document
from fengping.reports import build, find_kind, window_of
from fengping.reports.output import WRITERS
from fengping.services.counting import count_negatives

SIZE = 100_000
NOW = parse_moment("2020-12-01T09:00")


def run(options: Options) -> list[Row]:
    """Seconds a stage over a double11 report; PDF only where Chromium is found."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory() as folder:
        url = f"{options.store.rstrip('/')}-bench" if options.store else f"tantivy:{Path(folder) / 'index'}"
        return _measure(url, size, Path(folder))


def _measure(url: str, size: int, folder: Path) -> list[Row]:
    records: list[bytes] = []
    with closing(open_store_url(url)) as store:
        made = map(_judged, posts(size))
        while batch := list(islice(made, BATCH)):
            store.put(batch)
            records += [orjson.dumps(document.to_record()) for document in batch]
        scanned = _seconds(lambda: [orjson.loads(record) for record in records])
        kind = find_kind("double11")
        window = window_of(kind, "2020-10-20", "2020-11-15", NOW)
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


def _judged(document: Document) -> Document:
    judged = document.judgement
    return document.with_judgement(consumer=True, negative_hosts=judged.hosts if judged.issues else ())


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
