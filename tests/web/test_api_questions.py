"""Routers over the trend services: the bytes of the commands, pages, streams, ETags, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from tests.store_samples import document
from tests.trends.conftest import NOW, filled

from fengping.cli import main
from fengping.home import Home
from fengping.indexer import open_store
from fengping.web import make_app

__all__ = ["filled"]

WINDOW = "since=2020-11-16&until=2020-11-29"
OPTIONS = ["--since", "2020-11-16", "--until", "2020-11-29"]


@pytest.fixture
def api(filled: Home) -> Iterator[TestClient]:
    with TestClient(make_app(filled, clock=lambda: NOW), base_url="http://127.0.0.1") as made:
        yield made


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["compare", "host:林小禾", "host:周小满", *OPTIONS],
         f"compare?q=host:林小禾&other=host:周小满&{WINDOW}"),
        (["compare", "玉镯", *OPTIONS, "--against", "previous", "--by", "day"],
         f"compare?q=玉镯&{WINDOW}&against=previous&by=day"),
        (["crosstab", "", "--layers", "platforms"], "crosstab?layers=platforms"),
        (["words", "", *OPTIONS], f"words?{WINDOW}"),
        (["peaks", "host:林小禾"], "peaks?q=host:林小禾"),
        (["tag"], "tags"),
        (["hosts", "list"], "hosts"),
        (["affairs", "list"], "events"),
    ],
)  # fmt: skip
def test_the_api_gives_the_bytes_of_the_command(
    api: TestClient,
    filled: Home,
    capfdbinary: pytest.CaptureFixture[bytes],
    arguments: list[str],
    address: str,
) -> None:
    capfdbinary.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["--home", str(filled.root), *arguments, "--json"])
    assert end.value.code == 0
    printed = capfdbinary.readouterr().out
    assert api.get(f"/api/v1/{address}").content == printed


@pytest.mark.parametrize("limit", [1, 7, 111, 112, 113, 500])
def test_pages_hold_every_document_once_newest_first(api: TestClient, filled: Home, limit: int) -> None:
    store = open_store(filled)
    store.put([document(f"u{n}", "没有日期的直播间", None) for n in range(3)])
    store.put([document(f"s{n}", "同一秒的直播间", "2020-11-20") for n in range(9)])
    store.close()
    seen: list[dict[str, str]] = []
    cursor = ""
    while True:
        page = api.get("/api/v1/documents", params={"limit": limit, "cursor": cursor}).json()
        assert len(page["documents"]) <= limit
        seen += page["documents"]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert len({one["id"] for one in seen}) == len(seen) == 27 * 3 + 30 + 12
    times = [one["published_at"] or "" for one in seen]
    assert times == sorted(times, reverse=True)


def test_a_stream_is_whole_and_says_so(api: TestClient) -> None:
    lines = [json.loads(line) for line in api.get(f"/api/v1/documents.ndjson?{WINDOW}").text.splitlines()]
    assert lines[-1] == {"complete": True, "documents": 69}
    assert len({line["id"] for line in lines[:-1]}) == 69


def test_an_answer_that_did_not_change_is_not_sent_again(api: TestClient) -> None:
    first = api.get("/api/v1/crosstab")
    again = api.get("/api/v1/crosstab", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get("/api/v1/documents/p00").json()["title"] == "玉镯鉴定为假"
    for address in ("alerts", "sources", "runs", "reports", "corrections"):
        assert api.get(f"/api/v1/{address}").status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("documents?cursor=x", 400), ("documents?limit=0", 422), ("documents/none", 404), ("words", 400),
        ("crosstab?rows=x", 400),
        ("crosstab?columns=", 400), ("peaks?by=year", 400), ("events/none", 404),
        ("events/none/timeline", 404),
        ("search?polrity=neg", 400), ("hosts?name=x", 400), ("events?status=x", 400),
        ("compare?q=(", 400), ("documents?cursor=t9999999999.99999", 400),
    ],
)  # fmt: skip
def test_a_refusal_is_a_problem(api: TestClient, address: str, status: int) -> None:
    answer = api.get(f"/api/v1/{address}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status and answer.json()["detail"]


@pytest.mark.parametrize("window", ["since=2020-11-16", "q=since:2020-11-16"])
def test_a_window_has_no_page_of_undated_documents(api: TestClient, window: str) -> None:
    answer = api.get(f"/api/v1/documents?{window}&cursor=u.3")
    assert answer.status_code == 400 and "cursor" in answer.json()["detail"]
    assert api.get("/api/v1/documents?cursor=u.3").status_code == 200
