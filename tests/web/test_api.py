"""The API says what the commands print, and refuses in one form."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import HOST, NOW, client_of

from fengping.cli import main
from fengping.home import Home
from fengping.web import make_app


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["search", "退款", "--limit", "3"], "/api/v1/search?q=退款&limit=3"),
        (["search", "--host", HOST, "--sort", "oldest"], f"/api/v1/search?host={HOST}&sort=oldest"),
        (["trend", "退款", "--by", "week"], "/api/v1/trend?q=退款&by=week"),
        (["trend", "--by", "hour", "--split", "polarity", "--since", "2020-11-12"],
         "/api/v1/trend?by=hour&split=polarity&since=2020-11-12"),
    ],
)  # fmt: skip
def test_the_api_gives_the_bytes_of_the_command(
    client: TestClient,
    stocked: Home,
    capfdbinary: pytest.CaptureFixture[bytes],
    arguments: list[str],
    address: str,
) -> None:
    capfdbinary.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["--home", str(stocked.root), *arguments, "--json"])
    assert end.value.code == 0
    printed = capfdbinary.readouterr().out
    assert len(json.loads(printed)) >= 1
    assert client.get(address).content == printed


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/search?q=(", 400),
        ("/api/v1/search?sort=best", 400),
        ("/api/v1/search?limit=-1", 422),
        ("/api/v1/search?limit=many", 422),
        ("/api/v1/trend?by=fortnight", 400),
        ("/api/v1/search?since=yesterday-ish", 400),
        ("/api/v1/nothing", 404),
    ],
)
def test_a_mistake_is_told_as_a_problem(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status and answer.json()["detail"]


def test_a_foreign_name_is_refused(client: TestClient) -> None:
    for name in ("evil.example", "127.0.0.1.evil.example", "evil.example:80", ""):
        assert client.get("/api/v1/search", headers={"host": name}).status_code == 421
    for name in ("localhost", "127.0.0.1:8300", "[::1]:8300", "LOCALHOST"):
        assert client.get("/api/v1/search", headers={"host": name}).status_code == 200


def test_every_answer_carries_the_policy(client: TestClient) -> None:
    for address in ("/", "/search", "/api/v1/search", "/nothing", "/static/desk.css", "/metrics"):
        policy = client.get(address).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy


def test_the_schema_names_the_routes(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/v1/search", "/api/v1/trend"} <= set(paths)
    assert not any(path.startswith("/correct") for path in paths)


def test_metrics_count_requests_and_documents(stocked: Home) -> None:
    fresh = make_app(stocked, clock=lambda: NOW)  # has counted nothing yet
    with TestClient(fresh, base_url="http://127.0.0.1") as client:
        client.get("/api/v1/trend")
        said = client.get("/metrics").text
    assert 'fengping_requests_total{route="/api/v1/trend",status="200"} 1.0' in said
    assert "fengping_store_up 1.0" in said and "fengping_documents 29.0" in said


def test_a_store_that_is_down_is_told_and_recovers(stocked: Home) -> None:
    index = stocked.var / "index"
    away = stocked.var / "away"
    with client_of(stocked) as client:
        assert client.get("/api/v1/search").json()["total"] == 29
        client.app.state.desk.close()  # type: ignore[attr-defined]
        index.rename(away)
        index.write_bytes(b"no index")
        assert client.get("/api/v1/search").status_code == 503
        page = client.get("/search?q=退款")
        assert page.status_code == 200 and "暂时无法检索" in page.text and 'value="退款"' in page.text
        index.unlink()
        away.rename(index)
        assert client.get("/api/v1/search").json()["total"] == 29
