"""Limits on questions to the API."""

from __future__ import annotations

from fastapi.testclient import TestClient
from tests.commands import fengping
from tests.trends.conftest import NOW

from fengping.home import Home
from fengping.state import State
from fengping.web import make_app
from fengping.web.accounts import tokens

HOSTS = "/api/v1/hosts"


def limited(home: Home, *, accounts: bool = False) -> TestClient:
    """A client of a console that lets each ask three times a minute, on this machine five times."""
    text = "[serve]\nreads_per_minute = 3\nreads_per_minute_here = 5\n"
    home.config_file.write_text(text, encoding="utf-8")
    made = make_app(Home.open(home.root), accounts=accounts, clock=lambda: NOW)
    return TestClient(made, base_url="http://127.0.0.1")


def test_who_asks_too_often_is_told_when_to_ask_again(home: Home) -> None:
    with limited(home) as api:
        assert [api.get(HOSTS).status_code for _ in range(6)] == [200] * 5 + [429]
        refused = api.get(HOSTS)
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["status"] == 429 and 1 <= int(refused.headers["retry-after"]) <= 13
        # Pages and forms of the console are no questions of programs.
        assert api.get("/hosts").status_code == 200
        assert api.post("/api/v1/documents", json={}).status_code == 401


def test_each_token_has_a_limit_of_its_own(home: Home) -> None:
    known = [
        {"authorization": f"Bearer {tokens.add(State.open(home), name, 'read', NOW)}"} for name in ("a", "b")
    ]
    with limited(home, accounts=True) as api:
        for token in known:
            answers = [api.get(HOSTS, headers=token).status_code for _ in range(4)]
            assert answers == [200] * 3 + [429]
        assert api.get(HOSTS).status_code == 401


def test_a_limit_that_cannot_be_is_told(home: Home) -> None:
    home.config_file.write_text("[serve]\nreads_per_minute = 0\n", encoding="utf-8")
    done = fengping(home, "status")
    assert done.returncode == 2 and "reads_per_minute" in done.stderr
