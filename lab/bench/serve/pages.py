"""Whole pages of the console: time to the last byte, and bytes."""

from __future__ import annotations

import re
import statistics
import time
from datetime import timedelta

from fastapi.testclient import TestClient

from fengping.home import Home
from fengping.lab.bench import Options, Row
from fengping.lab.bench.search import DAYS, START
from fengping.lab.bench.serve.filled import on_each
from fengping.web import make_app

REPEATS = 20
PAGES = {
    "overview": "/",
    "search, a word": "/search?q=退货",
    "search, two words near": "/search?q=NEAR/10(假货 赔偿)",
    "search, everything": "/search",
    "hosts": "/hosts",
    "hosts, those that rose": "/hosts?sort=rise",
    "one host, 90 days": "/hosts/主播07",
    "cross table": "/crosstab",
    "correction": "/correct",
    "search, one beside the list": "/search?q=退货&open={document}",
    "words": "/words",
    "peaks of 90 days": "/peaks",
    "peaks of 90 days, a word": "/peaks?q=退货",
    "peaks of 7 days by the hour": "/peaks?by=hour",
    "a host's names tried": "/registry?name=主播07&aliases=退货",
    "alerts": "/alerts",
    "a rule tried on 90 days": "/alerts/rule?name=x&kind=spike&preset=balanced&timeframe=24h&negative=1",
    "one host's rule on 90 days": "/alerts/rule?name=x&kind=frequency&num_events=5&negative=1&hosts=主播07",
    "events": "/events",
    "sources": "/sources",
    "reports": "/reports",
    "jobs": "/jobs",
}
LIMIT = 130_000
"""Bytes that a page and what it loads may have."""


def run(options: Options) -> list[Row]:
    """Each page *REPEATS* times in one process, after one that warms it up."""
    return on_each(options, _pages)


def _pages(home: Home, size: int) -> list[Row]:
    now = START + timedelta(days=DAYS)
    with TestClient(make_app(home, clock=lambda: now), base_url="http://127.0.0.1") as client:
        return [row for name, address in PAGES.items() for row in _measured(client, name, address, size)]


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
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', first.text))
    total = len(first.content) + sum(len(client.get(one).content) for one in loaded)
    return [
        Row(f"{name}, p95", p95, "ms", size),
        Row(f"{name}, bytes with {len(loaded)} files", total / 1000, "kB", size, total / LIMIT, "130 kB"),
    ]
