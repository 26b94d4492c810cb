"""Whole pages of the console: time to the last byte, bytes and requests with style and script.

The home is one that worked for a while: it has events, a dozen rules with their states and alarms, silences,
and an archive of editions.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Protocol

from fastapi.testclient import TestClient

from devtools.bench import Options, Row
from devtools.bench.search import DAYS, START
from devtools.bench.serve.filled import on_each
from fengping.clock import day_of, day_start
from fengping.errors import UsageError
from fengping.events import Asked
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.reports.archive import Editions
from fengping.services import alert, edition, events
from fengping.services.overview import newest_day
from fengping.services.report import Wanted
from fengping.web import make_app, serving

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
    "an alarm": "/alerts/{alarm}",
    "events": "/events",
    "one event": "/events/{event}",
    "one document": "/documents/{document}",
    "sources": "/sources",
    "reports": "/reports",
    "an edition": "/reports/editions/{edition}",
    "an edition's review": "/reports/editions/{edition}/review",
    "two editions compared": "/reports/editions/{edition}/diff?other={former}",
    "queries": "/queries",
    "settings": "/settings",
    "audit": "/audit",
    "jobs": "/jobs",
}
LIMIT, MOST = 130_000, 5
"""Bytes that a page and what it loads may have, and requests for it."""
RULES = ("spike", "frequency", "new_term", "percentage_match", "flatline", "new_event")
"""Kinds of rules, of each of which the home has one over everybody and one over a host."""
LEAST = {"frequency": "num_events = 5\n", "percentage_match": "max_percentage = 60\n"}
EDITIONS = 3
LOADS = r'<(?:link rel="(?:icon|stylesheet)"|script|img)[^>]* (?:href|src)="([^"]+)"'


def run(options: Options) -> list[Row]:
    """Each page *REPEATS* times in one process, after one that warms it up; of an existing home its own."""
    return _of_home(Home.open(options.home)) if options.home else on_each(options, _made)


def _of_home(home: Home) -> list[Row]:
    with closing(open_store(home)) as store:
        newest, size = newest_day(store, Filter()), store.count(Filter())
    if newest is None:
        raise UsageError("The home holds no documents.", remedy="fengping --home DIR import …")
    editions = [one.number for one in Editions(home).all()]
    return _pages(home, size, day_start(newest) + timedelta(days=1), editions)


def _made(home: Home, size: int) -> list[Row]:
    now = START + timedelta(days=DAYS)
    return _pages(home, size, now, _lived_in(home, now))


def _pages(home: Home, size: int, now: datetime, editions: Sequence[str]) -> list[Row]:
    serving.settle()
    with TestClient(make_app(home, clock=lambda: now), base_url="http://127.0.0.1") as client:
        document = client.get("/search.json?limit=1").json()["hits"][0]["id"]
        known = {"document": document}
        if len(editions) > 1:
            known |= {"edition": editions[-1], "former": editions[0]}
        if found := events.listed(home, Asked(), limit=50):
            known["event"] = max(found, key=lambda one: one.documents).id
        if alert.number(home):
            known["alarm"] = "1"
        return [
            row
            for name, address in PAGES.items()
            if set(re.findall(r"{(\w+)}", address)) <= set(known)  # few posts raise no alarm
            for row in _measured(client, name, address.format(**known), size)
        ]


def _lived_in(home: Home, now: datetime) -> Sequence[str]:
    """Events, rules with states and alarms, silences, and editions, of which the numbers are returned."""
    events.update(home)
    home.alerts.mkdir(exist_ok=True)
    for kind in RULES:
        for name, scope in (("all", ""), ("one", 'hosts = ["主播07"]\n')):
            text = f'name = "{kind}-{name}"\nkind = "{kind}"\nchannels = ["file"]\n'
            text += LEAST.get(kind, "") + scope
            (home.alerts / f"{kind}-{name}.toml").write_text(text, encoding="utf-8")
    for hours in (6, 3, 0):
        alert.check(home, now - timedelta(hours=hours), now - timedelta(hours=hours))
    for number in range(12):
        key = [f"key=主播{number:02}"]
        alert.silence(home, key, now, by="bench", reason="known", lasting=timedelta(days=1))
    wanted = Wanted("custom", first=str(day_of(now) - timedelta(days=7)), last=str(day_of(now)))
    return [edition.draft(home, wanted, now, ("html", "json")).number for _ in range(EDITIONS)]


def _measured(client: TestClient, name: str, address: str, size: int) -> list[Row]:
    first = client.get(address)
    if first.status_code != 200:
        raise AssertionError(f"{address} answered {first.status_code}.")
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        client.get(address)
        taken.append((time.perf_counter() - began) * 1000)
    p95 = statistics.quantiles(taken, n=20)[-1]
    total, requests = weight(client, first)
    return [
        Row(f"{name}, p95", p95, "ms", size),
        Row(f"{name}, bytes in {requests} requests", total / 1000, "kB", size, total / LIMIT, "130 kB"),
    ]


class Answer(Protocol):
    """The answer of a client, of whichever library it is."""

    @property
    def text(self) -> str: ...

    @property
    def content(self) -> bytes: ...


def weight(client: TestClient, page: Answer) -> tuple[int, int]:
    """Bytes as they are sent of a page with style, script and pictures, and the requests for all of it.

    The preview of an edition counts as a request, and its bytes as the report's own.
    """
    loaded = set(re.findall(LOADS, page.text))
    total = len(page.content) + sum(len(client.get(one).content) for one in loaded)
    return total, 1 + len(loaded) + page.text.count("<iframe")
