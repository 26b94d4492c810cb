"""检索: rows are sent before anything is counted of all, and totals that are dear are counted on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html
from starlette.types import Message
from tests.making import document
from tests.web.conftest import NOW

from fengping.errors import StoreError
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.search import Hits, TantivyStore


async def pieces(client: TestClient, path: str, query: str = "") -> list[str]:
    """The parts in which a page is sent."""
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "http_version": "1.1", "path": path,
        "root_path": "",
        "raw_path": path.encode(), "query_string": query.encode(), "headers": [(b"host", b"127.0.0.1")],
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9),
    }  # fmt: skip
    sent: list[str] = []
    asked = asyncio.Event()

    async def receive() -> Message:
        if asked.is_set():
            await asyncio.sleep(60)  # the browser stays
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message.get("body"):
            sent.append(message["body"].decode())

    await client.app(scope, receive, send)
    return sent


@pytest.fixture
def dear(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that counts no further than it is asked."""
    whole = TantivyStore.search

    def search(self: TantivyStore, *where: Any, most: int | None = None, **how: Any) -> Hits:
        hits = whole(self, *where, **how)
        return hits if most is None or hits.total <= most else replace(hits, total=most, exact=False)

    monkeypatch.setattr(TantivyStore, "search", search)


def test_rows_are_sent_before_facets_and_course_are_counted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = "".join(asyncio.run(pieces(client, "/search")))
    assert whole.index("<article") < whole.index('class="facet"') < whole.index('class="sec course"')

    counts = TantivyStore.facets

    def counting(self: TantivyStore, where: Filter, fields: Sequence[str], limit: int = 10) -> Any:
        if len(fields) > 1:
            raise StoreError("The store is gone.")
        return counts(self, where, fields, limit=limit)

    monkeypatch.setattr(TantivyStore, "facets", counting)
    first, rest = asyncio.run(pieces(client, "/search"))
    assert first.count("<article") == 20 and "没有统计完" not in first
    assert "没有统计完" in rest and rest.rstrip().endswith("</html>")


def test_a_total_that_is_dear_is_counted_to_the_end_on_demand(
    client: TestClient, dear: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fengping.web.pages.search.MOST", 20)
    shown = html.fromstring(client.get("/search", params={"q": "假货", "sort": "oldest"}).text)
    assert shown.xpath('string(//span[@class="as"])').split() == [">", "20", "条", "数出全部"]
    [link] = shown.xpath('//span[@class="as"]/a/@href')
    counted = html.fromstring(client.get(link).text)
    assert "28 条" in counted.xpath('string(//span[@class="as"])') and not counted.xpath('//a[.="数出全部"]')
    # What is asked next is another question, and so is what a program asks.
    assert not [to for to in counted.xpath('//aside[@id="facets"]//@href') if "exact" in to]
    assert client.get("/search.json", params={"q": "假货"}).json()["total"] == 28


def ticks(client: TestClient, by: str) -> str:
    page = html.fromstring(client.get("/search", params={"q": "退款", "by": by}).text)
    return " ".join(text for svg in page.iter("svg") for text in svg.itertext())


def test_a_curve_over_more_than_one_year_names_the_years(client: TestClient, stocked: Home) -> None:
    assert "11-" in ticks(client, "day") and "2020-" not in ticks(client, "day")
    with closing(open_store(stocked)) as store:
        store.put([document(9100, NOW - timedelta(days=400), "退款难")])
    assert "2019-" in ticks(client, "week")
