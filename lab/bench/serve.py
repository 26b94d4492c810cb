"""Whole pages of the console and answers of its API over invented posts: time to the last byte, and bytes."""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from fastapi.testclient import TestClient

from fengping.home import Home
from fengping.indexer import open_store
from fengping.lab.bench import Options, Row
from fengping.lab.bench.search import BATCH, DAYS, HOSTS, START, posts
from fengping.models import Document, Polarity
from fengping.web import make_app

SIZE = 100_000
REPEATS = 20
PAGES = {
    "overview": "/",
    "search, a word": "/search?q=退货",
    "search, two words near": "/search?q=NEAR/10(假货 赔偿)",
    "search, everything": "/search",
    "hosts": "/hosts",
    "one host, 90 days": "/hosts/主播07",
    "cross table": "/crosstab",
    "correction": "/correct",
    "search, one beside the list": "/search?q=退货&open={document}",
    "words": "/words",
    "a host's names tried": "/registry?name=主播07&aliases=退货",
    "alerts": "/alerts",
    "a rule tried on 90 days": "/alerts/rule?name=x&kind=spike&preset=balanced&timeframe=24h&negative=1",
    "one host's rule on 90 days": "/alerts/rule?name=x&kind=frequency&num_events=5&negative=1&hosts=主播07",
    "events": "/events",
    "sources": "/sources",
    "reports": "/reports",
    "jobs": "/jobs",
    "API search, 20": "/api/v1/search?q=退货",
    "API trend by day, by polarity": "/api/v1/trend?q=退货&by=day&split=polarity",
}
LIMIT = 130_000
"""Bytes that a page and what it loads may have."""


def run(options: Options) -> list[Row]:
    """Each page *REPEATS* times in one process, after one that warms it up."""
    size = options.size or SIZE
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "fengping.toml").write_text("", encoding="utf-8")
        hosts = "".join(f'[[host]]\nname = "{name}"\n' for name in HOSTS)
        Path(folder, "hosts.toml").write_text(f"version = 1\n{hosts}", encoding="utf-8")
        home = Home.open(Path(folder))
        with closing(open_store(home)) as store:
            source = map(_accusing, posts(size))
            while batch := list(islice(source, BATCH)):
                store.put(batch)
        now = START + timedelta(days=DAYS)
        with TestClient(make_app(home, clock=lambda: now), base_url="http://127.0.0.1") as client:
            rows = [row for name, address in PAGES.items() for row in _measured(client, name, address, size)]
    return rows


def _accusing(document: Document) -> Document:
    """A post whose negative is directed at the hosts that it names, as pages and rules count it."""
    judged = document.judgement
    if judged.polarity is not Polarity.NEG:
        return document
    return replace(document, judgement=replace(judged, negative_hosts=judged.hosts))


def _measured(client: TestClient, name: str, address: str, size: int) -> list[Row]:
    if "{document}" in address:
        newest = client.get("/search.json?limit=1").json()["hits"][0]
        address = address.format(document=newest["id"])
    first = client.get(address)
    if first.status_code != 200:
        raise AssertionError(f"{address} answered {first.status_code}.")
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        client.get(address)
        taken.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(taken, n=20)[-1]
    rows = [Row(f"{name}, p95", p95, "ms", size)]
    if not address.startswith("/api/"):
        loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', first.text))
        total = len(first.content) + sum(len(client.get(one).content) for one in loaded)
        rows.append(
            Row(f"{name}, bytes with {len(loaded)} files", total / 1000, "kB", size, total / LIMIT, "130 kB")
        )
    return rows
