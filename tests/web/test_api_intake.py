"""Documents handed in over the API: tokens with scopes, one status each, nothing doubled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.trends.conftest import NOW

from fengping.clock import iso
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import import_lock, open_journal
from fengping.state import State
from fengping.web import make_app
from fengping.web.accounts import book, tokens
from fengping.web.accounts.tokens import Bucket

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLE: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)[0])


@pytest.fixture
def api(home: Home) -> Iterator[TestClient]:
    token = tokens.add(State.open(home), "crm", "correct", NOW)
    with TestClient(make_app(home, clock=lambda: NOW), base_url="http://127.0.0.1") as made:
        made.headers["authorization"] = f"Bearer {token}"
        yield made


def send(api: TestClient, *documents: dict[str, Any]) -> list[tuple[str, str]]:
    answer = api.post("/api/v1/documents", json={"source": "客服", "documents": documents})
    assert answer.status_code == 200, answer.text
    return [(one["status"], one["reason"]) for one in answer.json()["documents"]]


def texts(home: Home) -> list[str]:
    batches = open_journal(home).read({}, 100)
    return [line.document.text for batch in batches for line in batch.lines if line.document]


def test_the_example_is_taken_once(api: TestClient, home: Home) -> None:
    for status in ("new", "again"):
        answer = api.post("/api/v1/documents", json=EXAMPLE).json()
        assert [one["status"] for one in answer["documents"]] == [status]
    assert texts(home) == ["直播间买的玉镯是假货"]
    total, entries = book.written(State.open(home), 10)
    assert total == 2
    assert (entries[1].who, entries[1].act, entries[1].detail) == ("token:crm", "intake", "1 new")
    assert iso(entries[0].at) == iso(NOW)


def test_each_document_ends_in_one_status(api: TestClient, home: Home) -> None:
    first = {"text": "买到假货", "post_id": "1"}
    assert [status for status, _ in send(api, first, {"text": "买到假货了", "post_id": "1"}, first)] == [
        "new", "updated", "again",
    ]  # fmt: skip
    told = send(
        api,
        {"text": "无址"},
        {"url": "https://a.example/"},
        {"text": "x", "post_id": "2", "published_at": "昨天"},
    )
    assert [status for status, _ in told] == ["refused"] * 3
    assert ("neither url nor post_id" in told[0][1] and "no date" in told[2][1]) or "not a date" in told[2][1]
    assert texts(home) == ["买到假货", "买到假货了"]


def test_a_post_dated_far_ahead_is_refused(api: TestClient, home: Home) -> None:
    dated = {n: iso(NOW + timedelta(hours=hours)) for n, hours in (("soon", 47), ("far", 49))}
    rows = [{"text": n, "post_id": n, "published_at": at} for n, at in dated.items()]
    reason = f"published_at {dated['far']!r} lies in the future"
    assert send(api, *rows) == [("new", ""), ("refused", reason)]
    assert texts(home) == ["soon"]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"source": "a", "documents": []}, {"source": "../x", "documents": [{"text": "a"}]},
        {"source": "a", "documents": [{"text": "a", "snownlp": 1}]},
        {"source": "a", "documents": [{"post_id": "1"}] * 501},
    ],
)  # fmt: skip
def test_what_is_no_delivery_is_refused_whole(api: TestClient, home: Home, body: dict[str, Any]) -> None:
    answer = api.post("/api/v1/documents", json=body)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert texts(home) == []


def test_without_the_scope_nothing_is_taken(api: TestClient, home: Home) -> None:
    read = tokens.add(State.open(home), "reader", "read", NOW)
    for given, status in (("", 401), ("Bearer x", 401), (f"Bearer {read}", 403)):
        answer = api.post("/api/v1/documents", json=EXAMPLE, headers={"authorization": given})
        assert answer.status_code == status
    tokens.remove(State.open(home), "crm")
    assert api.post("/api/v1/documents", json=EXAMPLE).status_code == 401
    assert texts(home) == []


def test_beside_an_import_it_is_asked_to_wait(api: TestClient, home: Home) -> None:
    with import_lock(home):
        assert api.post("/api/v1/documents", json=EXAMPLE).status_code == 409
    assert send(api, *EXAMPLE["documents"]) == [("new", "")]


def test_where_accounts_are_needed_a_token_reads_the_api_alone(home: Home) -> None:
    token = tokens.add(State.open(home), "bi", "read", NOW)
    app = make_app(home, clock=lambda: NOW, accounts=True)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/api/v1/search").status_code == 401
        known = {"authorization": f"Bearer {token}"}
        assert client.get("/api/v1/search", headers=known).status_code == 200
        assert client.get("/", headers=known).status_code == 403
        assert client.get("/metrics", headers=known).status_code == 200
        assert client.get("/metrics").status_code == 401
        assert client.get("/api/v1/search", headers={"authorization": "Bearer no"}).status_code == 401


def test_a_token_is_kept_as_a_hash_alone(home: Home) -> None:
    state = State.open(home)
    token = tokens.add(state, "crm", "correct", NOW)
    assert token.encode() not in (home.var / "state.db").read_bytes()
    for name, scope in (("crm", "read"), ("a b", "read"), ("x", "write")):
        with pytest.raises(UsageError):
            tokens.add(state, name, scope, NOW)
    with pytest.raises(UsageError):
        tokens.remove(state, "nobody")


def test_a_bucket_lets_twenty_through_and_then_one_a_second() -> None:
    bucket = Bucket(per_minute=60, at_once=20)
    assert [bucket.wait("a", 0.0) for _ in range(20)] == [0.0] * 20
    assert bucket.wait("a", 0.0) == 1.0
    assert bucket.wait("b", 0.0) == 0.0
    assert bucket.wait("a", 1.0) == 0.0
    assert bucket.wait("a", 1.0) == 1.0


def test_a_body_without_end_is_ended(api: TestClient, home: Home) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"source": "a", "documents": [{"text": "'
        for _ in range(40):
            yield b"x" * 1_000_000

    answer = api.post("/api/v1/documents", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413 and answer.json()["status"] == 413
    assert texts(home) == []
